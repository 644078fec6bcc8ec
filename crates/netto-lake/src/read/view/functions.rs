//! The functions that replace a view's expressions: they parse texts in the source's dialect and compute numbers exactly.
//!
//! ```text
//! "Netto" * 1.21          netto_times(netto_number_0("Netto"), cast('1.21' as decimal(38, 19)))
//! max("Datum")            netto_text_of(netto_lowest…): the latest day, as it stands in the file
//! ```
//! A function's last argument may be a condition. Rows for which it doesn't hold are not evaluated, so
//! `case when b <> 0 then a / b end` never divides by zero.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use polars::prelude::*;
use polars::sql::FunctionRegistry;

use super::exact;
use super::texts::Text;
use super::windows::{Computed, Window};
use super::words::{self, Fault, Words};

/// The type of every computed number.
pub(super) const NUMBER: DataType = DataType::Decimal(exact::DIGITS, exact::SCALE);

/// The shared state of a view's functions.
#[derive(Clone)]
pub(super) struct Functions {
    words: Arc<Words>,
    /// The first unreadable value, which the engine's own message wouldn't show.
    fault: Arc<Mutex<Option<Fault>>>,
    known: Arc<Mutex<HashMap<String, UserDefinedFunction>>>,
    labels: Arc<Mutex<Vec<String>>>,
    /// Window functions, each with its name in messages.
    windows: Arc<Mutex<Vec<(Window, String)>>>,
}

impl Functions {
    pub(super) fn new(words: Words) -> Self {
        Self {
            words: Arc::new(words),
            fault: Arc::default(),
            known: Arc::default(),
            labels: Arc::default(),
            windows: Arc::default(),
        }
    }

    /// How texts are written.
    pub(super) fn words(&self) -> &Words {
        &self.words
    }

    /// The name of a function with `label` for its error messages.
    pub(super) fn name(&self, function: &str, label: &str) -> String {
        let Ok(mut labels) = self.labels.lock() else { return format!("netto_{function}") };
        let at = labels.iter().position(|known| known == label).unwrap_or_else(|| {
            labels.push(label.to_owned());
            labels.len() - 1
        });
        format!("netto_{function}_{at}")
    }

    /// The name of a window function.
    pub(super) fn window(&self, window: Window, label: &str) -> String {
        let Ok(mut windows) = self.windows.lock() else { return "netto_window".into() };
        windows.push((window, label.to_owned()));
        format!("netto_window_{}", windows.len() - 1)
    }

    /// The first value that could not be read or computed.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault.lock().ok().and_then(|fault| fault.clone())
    }

    fn make(&self, name: &str) -> Option<UserDefinedFunction> {
        let name = name.strip_prefix("netto_")?;
        if let Some(at) = name.strip_prefix("window_") {
            let at: usize = at.parse().ok()?;
            let (window, label) = self.windows.lock().ok()?.get(at)?.clone();
            let call = Call { words: self.words.clone(), fault: self.fault.clone(), label };
            return Some(of_all_rows(window.result(), move |columns| call.window(&window, columns)));
        }
        let (function, label) =
            match name.rsplit_once('_').and_then(|(function, at)| Some((function, at.parse().ok()?))) {
                Some((function, at)) => {
                    let at: usize = at;
                    (function, self.labels.lock().ok()?.get(at)?.clone())
                }
                None => (name, String::new()),
            };
        let call = Call { words: self.words.clone(), fault: self.fault.clone(), label };
        Some(match function {
            "number" => map(NUMBER, move |columns| call.number(columns)),
            "plus" => map(NUMBER, move |columns| call.arithmetic(columns, "+", exact::plus)),
            "minus" => map(NUMBER, move |columns| call.arithmetic(columns, "-", exact::minus)),
            "times" => map(NUMBER, move |columns| call.arithmetic(columns, "*", exact::times)),
            "over" => map(NUMBER, move |columns| call.quotient(columns, "/", exact::over)),
            "rest" => map(NUMBER, move |columns| call.quotient(columns, "%", exact::rest)),
            "mean" => map(NUMBER, move |columns| call.mean(columns)),
            "total" => map(NUMBER, move |columns| call.total(columns)),
            "floor" => map(NUMBER, move |columns| call.single(columns, exact::floor)),
            "ceil" => map(NUMBER, move |columns| call.single(columns, exact::ceil)),
            "abs" => map(NUMBER, move |columns| call.single(columns, i128::checked_abs)),
            "sign" => map(NUMBER, move |columns| call.single(columns, |number| Some(number.signum() * exact::ONE))),
            "whole" => map(DataType::Int64, move |columns| call.whole(columns)),
            "date" => map(DataType::Date, move |columns| call.date(columns)),
            "moment" => map(DataType::Datetime(TimeUnit::Microseconds, None), move |columns| call.moment(columns)),
            "text" => map(DataType::String, move |columns| call.text(columns)),
            "written" => map(DataType::String, move |columns| call.written(columns)),
            "less" => map(DataType::Boolean, move |columns| call.ordered(columns, |order| order == Ordering::Less)),
            "more" => map(DataType::Boolean, move |columns| call.ordered(columns, |order| order == Ordering::Greater)),
            "same" => map(DataType::Boolean, move |columns| call.same(columns)),
            "eq" => map(DataType::Boolean, |columns| Call::compared(columns, |order| order == Ordering::Equal)),
            "ne" => map(DataType::Boolean, |columns| Call::compared(columns, |order| order != Ordering::Equal)),
            "lt" => map(DataType::Boolean, |columns| Call::compared(columns, |order| order == Ordering::Less)),
            "le" => map(DataType::Boolean, |columns| Call::compared(columns, |order| order != Ordering::Greater)),
            "gt" => map(DataType::Boolean, |columns| Call::compared(columns, |order| order == Ordering::Greater)),
            "ge" => map(DataType::Boolean, |columns| Call::compared(columns, |order| order != Ordering::Less)),
            "key" => map(DataType::String, move |columns| call.key(columns)),
            "one" => map(DataType::String, move |columns| call.one_of(columns)),
            "sorted" => of_all_rows(Some(DataType::String), move |columns| call.sorted(columns)),
            "place" => of_all_rows(Some(DataType::String), move |columns| call.place(columns)),
            _ if let Some(text) = Text::named(function) => {
                map(text.result(), move |columns| call.of_texts(text, columns))
            }
            _ => {
                let (function, places) = function.rsplit_once('p')?;
                let places: u32 = places.parse().ok()?;
                match function {
                    "round" => map(NUMBER, move |columns| call.single(columns, |n| exact::rounded(n, places))),
                    "trunc" => map(NUMBER, move |columns| call.single(columns, |n| Some(exact::truncated(n, places)))),
                    _ => return None,
                }
            }
        })
    }
}

impl FunctionRegistry for Functions {
    fn register(&mut self, name: &str, _: UserDefinedFunction) -> PolarsResult<()> {
        polars_bail!(ComputeError: "`{name}` cannot be registered")
    }

    fn get_udf(&self, name: &str) -> PolarsResult<Option<UserDefinedFunction>> {
        let Ok(mut known) = self.known.lock() else { return Ok(None) };
        if let Some(function) = known.get(name) {
            return Ok(Some(function.clone()));
        }
        let made = self.make(name);
        if let Some(function) = &made {
            known.insert(name.to_owned(), function.clone());
        }
        Ok(made)
    }

    fn contains(&self, name: &str) -> bool {
        matches!(self.get_udf(name), Ok(Some(_)))
    }
}

/// A function that works row by row.
fn map(
    result: DataType,
    function: impl Fn(&[Column]) -> PolarsResult<Series> + Send + Sync + 'static,
) -> UserDefinedFunction {
    let mut made = of_columns(Some(result), function);
    made.options = polars::sql::FunctionOptions::elementwise();
    made
}

/// A function that needs all rows at once, and gives a value for each.
fn of_all_rows(
    result: Option<DataType>,
    function: impl Fn(&[Column]) -> PolarsResult<Series> + Send + Sync + 'static,
) -> UserDefinedFunction {
    let mut made = of_columns(result, function);
    made.options = polars::sql::FunctionOptions::length_preserving();
    made
}

fn of_columns(
    result: Option<DataType>,
    function: impl Fn(&[Column]) -> PolarsResult<Series> + Send + Sync + 'static,
) -> UserDefinedFunction {
    let typed = move |_: &Schema, fields: &[Field]| -> PolarsResult<Field> {
        let first = fields.first().ok_or_else(|| polars_err!(ComputeError: "a function without arguments"))?;
        Ok(Field::new(first.name().clone(), result.clone().unwrap_or_else(|| first.dtype().clone())))
    };
    let called = move |columns: &mut [Column]| {
        let name = columns.first().map(|column| column.name().clone()).unwrap_or_default();
        Ok(function(&*columns)?.with_name(name).into_column())
    };
    UserDefinedFunction::new("netto".into(), BaseColumnUdf::new(called, typed))
}

/// A call of a function.
struct Call {
    words: Arc<Words>,
    fault: Arc<Mutex<Option<Fault>>>,
    label: String,
}

/// Rows of a function's arguments: one value stands for all rows.
#[derive(Clone, Copy)]
struct Rows(usize);

impl Rows {
    fn of(columns: &[Column]) -> Self {
        Self(columns.iter().map(Column::len).find(|&len| len != 1).unwrap_or(1))
    }
}

/// The value of a row.
fn at<T: Copy>(values: &[T], row: usize) -> Option<T> {
    values.get(if values.len() == 1 { 0 } else { row }).copied()
}

impl Call {
    /// Records the fault and stops.
    fn stop(&self, fault: Fault) -> PolarsError {
        let message = fault.to_string();
        if let Ok(mut first) = self.fault.lock() {
            first.get_or_insert(fault);
        }
        polars_err!(ComputeError: "{message}")
    }

    fn unread(&self, value: &str, wanted: &'static str) -> PolarsError {
        self.stop(Fault::Unread { column: self.label.clone(), value: value.to_owned(), wanted })
    }

    /// Rows in which the condition, the argument at `place`, holds.
    fn wanted(columns: &[Column], place: usize) -> PolarsResult<Vec<bool>> {
        match columns.get(place) {
            Some(column) => Ok(column.bool()?.iter().map(|holds| holds == Some(true)).collect()),
            None => Ok(vec![true]),
        }
    }

    fn number(&self, columns: &[Column]) -> PolarsResult<Series> {
        let Some(column) = columns.first() else { return Ok(Series::new_empty("".into(), &NUMBER)) };
        let (rows, wanted) = (Rows::of(columns), Self::wanted(columns, 1)?);
        let holds = |row| at(&wanted, row) == Some(true);
        let series = column.as_materialized_series();
        let beyond =
            |value: String| self.unread(&value, "a number of at most nineteen digits before and after the point");
        let units: Vec<Option<i128>> = match series.dtype() {
            DataType::Null => vec![None; series.len()],
            DataType::String => {
                let texts: Vec<Option<&str>> = series.str()?.iter().collect();
                let read = |row| match at(&texts, row).flatten().filter(|text| holds(row) && !self.words.is_empty(text))
                {
                    Some(text) => self.words.number(text).map(Some).map_err(|wanted| self.unread(text, wanted)),
                    None => Ok(None),
                };
                (0..rows.0).map(read).collect::<PolarsResult<_>>()?
            }
            DataType::Decimal(_, scale) => {
                let values: Vec<Option<i128>> = series.decimal()?.physical().iter().collect();
                let read = |row| match at(&values, row).flatten().filter(|_| holds(row)) {
                    Some(value) => {
                        exact::of_scale(value, *scale).map(Some).ok_or_else(|| beyond(words::decimal(value, *scale)))
                    }
                    None => Ok(None),
                };
                (0..rows.0).map(read).collect::<PolarsResult<_>>()?
            }
            ty if ty.is_float() => {
                let floats = series.cast(&DataType::Float64)?;
                let floats: Vec<Option<f64>> = floats.f64()?.iter().collect();
                let read = |row| match at(&floats, row).flatten().filter(|_| holds(row)) {
                    Some(value) => exact::of_float(value).map(Some).ok_or_else(|| beyond(value.to_string())),
                    None => Ok(None),
                };
                (0..rows.0).map(read).collect::<PolarsResult<_>>()?
            }
            ty if ty.is_integer() => {
                let whole = series.strict_cast(&DataType::Int64)?;
                let whole: Vec<Option<i64>> = whole.i64()?.iter().collect();
                (0..rows.0).map(|row| at(&whole, row).flatten().map(|n| i128::from(n) * exact::ONE)).collect()
            }
            other => {
                let message = format!("`{}` is {}, not a number", self.label, words::kind(other));
                return Err(self.stop(Fault::Mixed(message)));
            }
        };
        Ok(numbers(units))
    }

    fn units(column: &Column) -> PolarsResult<Vec<Option<i128>>> {
        Ok(column.as_materialized_series().decimal()?.physical().iter().collect())
    }

    fn pairs(
        columns: &[Column],
        mut compute: impl FnMut(i128, i128) -> PolarsResult<Option<i128>>,
    ) -> PolarsResult<Series> {
        let [left, right, ..] = columns else { polars_bail!(ComputeError: "two numbers are required") };
        let (rows, wanted) = (Rows::of(columns), Self::wanted(columns, 2)?);
        let (left, right) = (Self::units(left)?, Self::units(right)?);
        let mut results = Vec::with_capacity(rows.0);
        for row in 0..rows.0 {
            results.push(match (at(&left, row).flatten(), at(&right, row).flatten()) {
                (Some(left), Some(right)) if at(&wanted, row) == Some(true) => compute(left, right)?,
                _ => None,
            });
        }
        Ok(numbers(results))
    }

    /// Two numbers compared.
    fn compared(columns: &[Column], holds: fn(Ordering) -> bool) -> PolarsResult<Series> {
        let [left, right, ..] = columns else { polars_bail!(ComputeError: "two numbers are required") };
        let rows = Rows::of(columns);
        let (left, right) = (Self::units(left)?, Self::units(right)?);
        let of_row = |row| Some(holds(at(&left, row).flatten()?.cmp(&at(&right, row).flatten()?)));
        Ok(BooleanChunked::from_iter_options("".into(), (0..rows.0).map(of_row)).into_series())
    }

    fn beyond(&self, left: i128, sign: &str, right: i128) -> PolarsError {
        let (left, right) = (exact::text(left, '.'), exact::text(right, '.'));
        self.stop(Fault::Beyond(format!("{left} {sign} {right}")))
    }

    fn arithmetic(&self, columns: &[Column], sign: &str, op: fn(i128, i128) -> Option<i128>) -> PolarsResult<Series> {
        Self::pairs(columns, |left, right| op(left, right).map(Some).ok_or_else(|| self.beyond(left, sign, right)))
    }

    fn quotient(&self, columns: &[Column], sign: &str, op: fn(i128, i128) -> Option<i128>) -> PolarsResult<Series> {
        Self::pairs(columns, |left, right| {
            if right == 0 {
                return Err(self.stop(Fault::ByZero { expression: self.label.clone(), number: exact::text(left, '.') }));
            }
            op(left, right).map(Some).ok_or_else(|| self.beyond(left, sign, right))
        })
    }

    /// A sum divided by a count; null if the count is zero.
    fn mean(&self, columns: &[Column]) -> PolarsResult<Series> {
        Self::pairs(columns, |sum, count| match count {
            0 => Ok(None),
            _ => exact::over(sum, count).map(Some).ok_or_else(|| self.beyond(sum, "/", count)),
        })
    }

    /// A sum, checked against the sum in floats: after an overflow both differ widely.
    fn total(&self, columns: &[Column]) -> PolarsResult<Series> {
        let [sums, nearly, ..] = columns else { polars_bail!(ComputeError: "a sum is required") };
        let nearly = nearly.cast(&DataType::Float64)?;
        for near in nearly.f64()?.iter().flatten() {
            if near.is_nan() || near.abs() >= 9.9e18 {
                return Err(self.stop(Fault::Beyond(format!("sum({}) is about {near:e}, which", self.label))));
            }
        }
        Ok(sums.as_materialized_series().clone())
    }

    fn single(&self, columns: &[Column], op: impl Fn(i128) -> Option<i128>) -> PolarsResult<Series> {
        let Some(column) = columns.first() else { polars_bail!(ComputeError: "a number is required") };
        let apply = |number: i128| op(number).ok_or_else(|| self.stop(Fault::Beyond(exact::text(number, '.'))));
        let units = Self::units(column)?.into_iter().map(|number| number.map(apply).transpose());
        Ok(numbers(units.collect::<PolarsResult<_>>()?))
    }

    fn whole(&self, columns: &[Column]) -> PolarsResult<Series> {
        let Some(column) = columns.first() else { polars_bail!(ComputeError: "a number is required") };
        let whole = |number: i128| {
            let whole = (number % exact::ONE == 0).then(|| i64::try_from(number / exact::ONE).ok()).flatten();
            whole.ok_or_else(|| self.unread(&exact::text(number, '.'), "a whole number; use floor(…) or round(…)"))
        };
        let wholes = Self::units(column)?.into_iter().map(|number| number.map(whole).transpose());
        Ok(Series::new("".into(), wholes.collect::<PolarsResult<Vec<_>>>()?))
    }

    fn days(&self, columns: &[Column]) -> PolarsResult<Vec<Option<i64>>> {
        let Some(column) = columns.first() else { polars_bail!(ComputeError: "a date is required") };
        let (rows, wanted) = (Rows::of(columns), Self::wanted(columns, 1)?);
        let series = column.as_materialized_series();
        match series.dtype() {
            DataType::Null => Ok(vec![None; rows.0]),
            DataType::String => {
                let texts: Vec<Option<&str>> = series.str()?.iter().collect();
                let read = |row| {
                    let text = at(&texts, row).flatten().filter(|text| !self.words.is_empty(text));
                    match text.filter(|_| at(&wanted, row) == Some(true)) {
                        Some(text) => {
                            self.words.microseconds(text).map(Some).map_err(|wanted| self.unread(text, wanted))
                        }
                        None => Ok(None),
                    }
                };
                (0..rows.0).map(read).collect()
            }
            DataType::Date => {
                let days: Vec<Option<i32>> = series.date()?.physical().iter().collect();
                Ok((0..rows.0).map(|row| at(&days, row).flatten().map(|day| i64::from(day) * words::DAY)).collect())
            }
            DataType::Datetime(_, _) => {
                let moments = series.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?;
                let moments: Vec<Option<i64>> = moments.datetime()?.physical().iter().collect();
                Ok((0..rows.0).map(|row| at(&moments, row).flatten()).collect())
            }
            other => {
                let message = format!("`{}` is {}, not a date", self.label, words::kind(other));
                Err(self.stop(Fault::Mixed(message)))
            }
        }
    }

    fn date(&self, columns: &[Column]) -> PolarsResult<Series> {
        let day = |moment: i64| i32::try_from(moment.div_euclid(words::DAY)).ok();
        let days: Int32Chunked = self.days(columns)?.into_iter().map(|moment| moment.and_then(day)).collect();
        Ok(days.into_date().into_series())
    }

    fn moment(&self, columns: &[Column]) -> PolarsResult<Series> {
        let moments: Int64Chunked = self.days(columns)?.into_iter().collect();
        Ok(moments.into_datetime(TimeUnit::Microseconds, None).into_series())
    }

    fn text(&self, columns: &[Column]) -> PolarsResult<Series> {
        let Some(column) = columns.first() else { polars_bail!(ComputeError: "a value is required") };
        self.words.texts(column.as_materialized_series())
    }

    fn written(&self, columns: &[Column]) -> PolarsResult<Series> {
        let Some(column) = columns.first() else { polars_bail!(ComputeError: "a value is required") };
        self.words.as_written(column.as_materialized_series())
    }

    /// Two texts in order: both numbers, both days, or both neither.
    fn ordered(&self, columns: &[Column], holds: fn(Ordering) -> bool) -> PolarsResult<Series> {
        let [left, right, ..] = columns else { polars_bail!(ComputeError: "two texts are required") };
        let (rows, wanted) = (Rows::of(columns), Self::wanted(columns, 2)?);
        let (left, right): (Vec<_>, Vec<_>) = (left.str()?.iter().collect(), right.str()?.iter().collect());
        let mut results = Vec::with_capacity(rows.0);
        for row in 0..rows.0 {
            let pair = (at(&left, row).flatten(), at(&right, row).flatten());
            results.push(match pair {
                (Some(left), Some(right)) if at(&wanted, row) == Some(true) => {
                    let order = self.words.order(left, right);
                    let message =
                        || Fault::Unordered { column: self.label.clone(), left: left.into(), right: right.into() };
                    Some(holds(order.ok_or_else(|| self.stop(message()))?))
                }
                _ => None,
            });
        }
        Ok(BooleanChunked::from_iter_options("".into(), results.into_iter()).into_series())
    }

    /// Whether a text is another, which is a day as ISO writes it: the same text, or the same day.
    fn same(&self, columns: &[Column]) -> PolarsResult<Series> {
        let [left, right, ..] = columns else { polars_bail!(ComputeError: "two texts are required") };
        let rows = Rows::of(columns);
        let (left, right): (Vec<_>, Vec<_>) = (left.str()?.iter().collect(), right.str()?.iter().collect());
        let same = |row| {
            let (left, right) = (at(&left, row).flatten()?, at(&right, row).flatten()?);
            Some(left == right || words::iso(right).is_some_and(|day| self.words.microseconds(left) == Ok(day)))
        };
        Ok(BooleanChunked::from_iter_options("".into(), (0..rows.0).map(same)).into_series())
    }

    /// A text that sorts as the number, the day or the text that it is, with the text itself behind it.
    fn key(&self, columns: &[Column]) -> PolarsResult<Series> {
        let Some(column) = columns.first() else { polars_bail!(ComputeError: "a text is required") };
        let texts = column.str()?.iter();
        let keys = texts.map(|text| text.filter(|text| !self.words.is_empty(text)).map(|text| self.words.key(text)));
        Ok(StringChunked::from_iter_options("".into(), keys).into_series())
    }

    /// The least or the greatest of texts, from the keys of both: they must be of one kind.
    fn one_of(&self, columns: &[Column]) -> PolarsResult<Series> {
        let [wanted, other, ..] = columns else { polars_bail!(ComputeError: "two keys are required") };
        let (wanted, other): (Vec<_>, Vec<_>) = (wanted.str()?.iter().collect(), other.str()?.iter().collect());
        let mut results = Vec::with_capacity(wanted.len());
        for (wanted, other) in wanted.into_iter().zip(other) {
            results.push(match (wanted, other) {
                (Some(wanted), Some(other)) => Some(self.of_one_kind(wanted, other)?.to_owned()),
                _ => None,
            });
        }
        Ok(StringChunked::from_iter_options("".into(), results.into_iter()).into_series())
    }

    fn of_one_kind<'k>(&self, wanted: &'k str, other: &str) -> PolarsResult<&'k str> {
        let (text, other_text) = (words::of_key(wanted), words::of_key(other));
        if wanted.as_bytes().first() == other.as_bytes().first() {
            return Ok(text);
        }
        Err(self.stop(Fault::Unordered { column: self.label.clone(), left: text.into(), right: other_text.into() }))
    }

    /// The keys of all rows, which must be of one kind.
    fn sorted(&self, columns: &[Column]) -> PolarsResult<Series> {
        let keys = self.key(columns)?;
        let keys = keys.str()?;
        let (least, greatest) =
            keys.iter().flatten().fold((None, None), |(least, greatest): (Option<&str>, Option<&str>), key| {
                (
                    Some(least.map_or(key, |least| least.min(key))),
                    Some(greatest.map_or(key, |greatest| greatest.max(key))),
                )
            });
        if let (Some(least), Some(greatest)) = (least, greatest) {
            self.of_one_kind(least, greatest)?;
        }
        Ok(keys.clone().into_series())
    }

    /// The same without the texts, so that two texts of one number or one day are equal.
    fn place(&self, columns: &[Column]) -> PolarsResult<Series> {
        let keys = self.sorted(columns)?;
        let places = keys.str()?.iter().map(|key| key.map(words::place_of_key));
        Ok(StringChunked::from_iter_options("".into(), places).into_series())
    }

    fn of_texts(&self, text: &Text, columns: &[Column]) -> PolarsResult<Series> {
        let values = text.compute(columns, Rows::of(columns).0)?;
        values.map_err(|why| self.stop(Fault::Mixed(format!("`{}`: {why}", self.label))))
    }

    fn window(&self, window: &Window, columns: &[Column]) -> PolarsResult<Series> {
        match window.compute(columns)? {
            Computed::Values(values) => Ok(values),
            Computed::Beyond => Err(self.stop(Fault::Beyond(format!("`{}`", self.label)))),
        }
    }
}

pub(super) fn numbers(units: Vec<Option<i128>>) -> Series {
    let units = Int128Chunked::from_iter_options("".into(), units.into_iter());
    units.into_decimal_unchecked(exact::DIGITS, exact::SCALE).into_series()
}
