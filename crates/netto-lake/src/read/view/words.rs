//! The notation of a source within views: parses texts as numbers and days with the common parser, and formats values back.

use std::cmp::Ordering;
use std::fmt;

use polars::prelude::*;

use super::exact;
use crate::moment;
use crate::number::Number;
use crate::quarantine::Reason;
use crate::typed::Signs;

/// Microseconds in a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// The notation of a source.
pub(super) struct Words(Signs);

/// A value that a view can't compute with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A value of the wrong kind.
    Unread {
        /// The column, or the expression.
        column: String,
        /// The value.
        value: String,
        /// The expected kind.
        wanted: &'static str,
    },
    /// Texts of different kinds that can't be ordered.
    Unordered {
        /// The column, or the expression.
        column: String,
        /// One of them.
        left: String,
        /// Another.
        right: String,
    },
    /// A division by zero.
    ByZero {
        /// What is divided.
        expression: String,
        /// The number that is divided.
        number: String,
    },
    /// A result with too many digits.
    Beyond(String),
    /// Incompatible types.
    Mixed(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread { column, value, wanted } => write!(f, "column \"{column}\": `{value}` is not {wanted}"),
            Self::Unordered { column, left, right } => {
                write!(
                    f,
                    "column \"{column}\": `{left}` and `{right}` are texts of different kinds and can't be sorted"
                )
            }
            Self::ByZero { expression, number } => write!(f, "`{expression}` divides {number} by zero"),
            Self::Beyond(what) => {
                write!(f, "{what} has more digits than a number can have (38, nineteen of them decimals)")
            }
            Self::Mixed(message) => f.write_str(message),
        }
    }
}

impl Fault {
    /// What to do next.
    pub(super) fn help(&self) -> &'static str {
        match self {
            Self::Unread { .. } => {
                "texts are read by the settings decimal, thousands and date of [source.….csv]; put a condition around the value to skip other rows: case when … then … end"
            }
            Self::Unordered { .. } => "give them a type: cast(… as decimal) or cast(… as date)",
            Self::ByZero { .. } => "nullif(…, 0) gives null for such rows; case when … then … end gives another value",
            Self::Beyond(_) => "is a column read with the wrong decimal sign?",
            Self::Mixed(_) => "set the type of a column with cast(… as decimal), cast(… as date) or cast(… as varchar)",
        }
    }
}

impl Words {
    pub(super) fn new(signs: Signs) -> Self {
        Self(signs)
    }

    /// The signs that they are read by.
    pub(super) const fn signs(&self) -> &Signs {
        &self.0
    }

    /// Whether a text counts as empty.
    pub(super) fn is_empty(&self, text: &str) -> bool {
        self.0.is_null(text)
    }

    /// A number, with all its decimals.
    pub(super) fn number(&self, text: &str) -> Result<i128, &'static str> {
        let places = i32::try_from(exact::SCALE).unwrap_or(0);
        let units = Number::read(text, &self.0).and_then(|number| number.scaled(places, false));
        match units {
            Ok(units) => Some(units).filter(exact::fits).ok_or("a number of at most nineteen digits before the point"),
            Err(Reason::TooPrecise) => Err("a number of at most nineteen decimals"),
            Err(Reason::OutOfRange) => Err("a number of at most nineteen digits before the point"),
            Err(_) => Err("a number"),
        }
    }

    /// A moment, in microseconds since 1970.
    pub(super) fn microseconds(&self, text: &str) -> Result<i64, &'static str> {
        let moment = moment::moment(text.trim(), &self.0).map_err(|_| "a date")?;
        Ok(i64::from(moment.day) * DAY + moment.minute.unwrap_or(0) * 60_000_000)
    }

    /// The order of two texts; `None` if they are of different kinds.
    pub(super) fn order(&self, left: &str, right: &str) -> Option<Ordering> {
        if let (Ok(left), Ok(right)) = (self.number(left), self.number(right)) {
            return Some(left.cmp(&right));
        }
        let day = |text| self.microseconds(text).ok().or_else(|| iso(text));
        match (day(left), day(right)) {
            (Some(left), Some(right)) => return Some(left.cmp(&right)),
            (Some(_), None) | (None, Some(_)) => return None,
            (None, None) => {}
        }
        match (self.number(left), self.number(right)) {
            (Err(_), Err(_)) => Some(left.cmp(right)),
            _ => None,
        }
    }

    /// A sort key for a text as number, day or text, followed by the text itself.
    pub(super) fn key(&self, text: &str) -> String {
        if let Ok(number) = self.number(text) {
            // Negative numbers sort in reverse, so the number is shifted.
            let shifted = 10_u128.pow(38).wrapping_add_signed(number);
            return format!("n{shifted:039}{SEPARATOR}{text}");
        }
        match self.microseconds(text) {
            Ok(moment) => format!("d{:020}{SEPARATOR}{text}", i128::from(moment) + i128::from(i64::MAX)),
            Err(_) => format!("t{text}{SEPARATOR}{text}"),
        }
    }

    /// Formats values of any type in the source's notation, for a column that also has such texts.
    pub(super) fn as_written(&self, series: &Series) -> PolarsResult<Series> {
        let day = |day: i64| i32::try_from(day).ok().and_then(|day| moment::written_by(day, &self.0));
        let texts: StringChunked = match series.dtype() {
            DataType::Date => {
                let days = series.date()?.physical().iter();
                days.map(|at| at.map(|at| day(i64::from(at)).unwrap_or_else(|| iso_of(i64::from(at) * DAY)))).collect()
            }
            DataType::Datetime(_, None) => {
                let moments = series.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?;
                let written = |at: i64| {
                    let iso = iso_of(at);
                    let clock = iso.get(10..).unwrap_or_default();
                    day(at.div_euclid(DAY)).map_or_else(|| iso.clone(), |day| format!("{day}{clock}"))
                };
                moments.datetime()?.physical().iter().map(|at| at.map(written)).collect()
            }
            _ => return self.texts(series),
        };
        Ok(texts.into_series())
    }

    /// Formats values of any type as texts that parse to the same values, with ISO days.
    pub(super) fn texts(&self, series: &Series) -> PolarsResult<Series> {
        let point = self.0.decimal;
        let texts: StringChunked = match series.dtype() {
            DataType::String => return Ok(series.clone()),
            DataType::Decimal(_, scale) => {
                let units = series.decimal()?.physical().iter();
                units.map(|units| units.map(|units| decimal(units, *scale).replace('.', &point.to_string()))).collect()
            }
            ty if ty.is_float() => {
                let floats = series.cast(&DataType::Float64)?;
                let floats = floats.f64()?.iter();
                floats.map(|float| float.map(|float| float.to_string().replace('.', &point.to_string()))).collect()
            }
            _ => return series.cast(&DataType::String),
        };
        Ok(texts.into_series())
    }
}

/// Separates a key from its text.
const SEPARATOR: char = '\u{0}';

/// The text behind a key.
pub(super) fn of_key(key: &str) -> &str {
    key.rsplit_once(SEPARATOR).map_or("", |(_, text)| text)
}

/// A key without its text.
pub(super) fn place_of_key(key: &str) -> &str {
    key.rsplit_once(SEPARATOR).map_or(key, |(place, _)| place)
}

/// Parses an ISO day, in microseconds since 1970.
pub(super) fn iso(text: &str) -> Option<i64> {
    moment::moment(text, &Signs::plain())
        .ok()
        .map(|moment| i64::from(moment.day) * DAY + moment.minute.unwrap_or(0) * 60_000_000)
}

/// Formats microseconds since 1970 as an ISO day, with the time if there is one.
fn iso_of(moment: i64) -> String {
    let format = if moment % DAY == 0 { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M:%S" };
    chrono::DateTime::from_timestamp_micros(moment).map(|moment| moment.format(format).to_string()).unwrap_or_default()
}

/// A decimal as the shortest text: `-1234.5`.
pub(super) fn decimal(units: i128, scale: usize) -> String {
    let digits = format!("{:0width$}", units.unsigned_abs(), width = scale + 1);
    let (whole, places) = digits.split_at(digits.len() - scale);
    let places = places.trim_end_matches('0');
    let sign = if units < 0 { "-" } else { "" };
    if places.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{places}") }
}

/// A type in words.
pub(super) fn kind(ty: &DataType) -> &'static str {
    match ty {
        DataType::String => "a text",
        DataType::Boolean => "true or false",
        DataType::Date => "a date",
        DataType::Datetime(_, _) => "a date with a time",
        ty if ty.is_numeric() || ty.is_decimal() => "a number",
        _ => "no single value",
    }
}
