//! An expression's values for the rows of a frame: IEEE doubles, each operation rounded once, in the order of the text. So
//! DuckDB and Spark come to the same bits.
//!
//! A thousand rows at a time, so that what lies between two operations stays in the cache; and a branch of a case only for
//! the rows that take it: `case when lines > 0 then 10 / lines end` divides by no zero.

use std::borrow::Cow;
use std::cmp::Ordering;

use polars::prelude::*;

use super::node::{Arithmetic, Comparison, Function, Node};
use super::print::Reader;
use super::{Expression, shortened};
use crate::money::SCALE;
use crate::table::{self, Type};

/// Rows at a time.
const ROWS: usize = 1_024;
/// The quantity of a row in ten-thousandths lies below: `DECIMAL(18,4)`.
const LIMIT: f64 = 1e18;

/// The reason why an expression has no value.
#[derive(Debug, thiserror::Error)]
pub enum NoValue {
    /// A row for which it can't be computed.
    #[error("{reason}")]
    Row {
        /// Number of the row in the frame.
        row: usize,
        /// What went wrong.
        reason: Fault,
    },
    /// A column that the frame lacks, or has in another type.
    #[error(transparent)]
    Columns(#[from] PolarsError),
}

/// An operation that can't be computed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// `x / 0`, `x % 0`
    #[error("`{0}` divides by zero")]
    DivisionByZero(String),
    /// `sqrt(-1)`
    #[error("`{0}` takes the root of a negative number")]
    Root(String),
    /// Infinite, or more than an engine counts.
    #[error("the number `{0}` is too large")]
    TooLarge(String),
    /// Beyond `DECIMAL(18,4)`.
    #[error("its result is {0}, but a quantity must be below 100,000,000,000,000")]
    Result(String),
}

impl Fault {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::DivisionByZero(_) => "`x / nullif(y, 0)` gives null instead",
            Self::Root(_) => "`sqrt(greatest(x, 0))` gives 0 instead",
            Self::TooLarge(_) | Self::Result(_) => "check the row and the expression",
        }
    }
}

impl Expression {
    /// The value of each row as an integer number of ten-thousandths, halves rounded up; zero where `condition` doesn't hold,
    /// null where the value is. Decimals of the frame are `Int64` ten-thousandths.
    ///
    /// # Errors
    /// The first row that has no value: a division by zero, or a number that is too large.
    pub fn ten_thousandths_of(&self, rows: &DataFrame, condition: Option<&Self>) -> Result<Int64Chunked, NoValue> {
        let evaluator = Evaluator::over(rows, [Some(self), condition].into_iter().flatten())?;
        let mut values = Vec::with_capacity(rows.height());
        for rows in blocks(rows.height()) {
            let Some(condition) = condition else {
                values.extend(evaluator.ten_thousandths(&self.root, &rows)?);
                continue;
            };
            let holds = evaluator.truths(&condition.root, &rows)?;
            let (places, hit) = chosen(&rows, holds.iter().map(|holds| *holds == Some(true)));
            let mut block = vec![Some(0); rows.len()];
            scatter(&mut block, &places, evaluator.ten_thousandths(&self.root, &hit)?);
            values.extend(block);
        }
        Ok(values.into_iter().collect())
    }

    /// The value of each row of a numeric expression, as the double that every engine computes.
    ///
    /// # Errors
    /// The first row that has no value.
    pub fn doubles_of(&self, rows: &DataFrame) -> Result<Float64Chunked, NoValue> {
        let evaluator = Evaluator::over(rows, [self])?;
        let mut values = Vec::with_capacity(rows.height());
        for rows in blocks(rows.height()) {
            values.extend(evaluator.numbers(&self.root, &rows)?);
        }
        Ok(values.into_iter().collect())
    }

    /// For which rows a condition holds: neither false nor null.
    ///
    /// # Errors
    /// The first row for which it can't be computed.
    pub fn holds(&self, rows: &DataFrame) -> Result<BooleanChunked, NoValue> {
        let evaluator = Evaluator::over(rows, [self])?;
        let mut values = Vec::with_capacity(rows.height());
        for rows in blocks(rows.height()) {
            values.extend(evaluator.truths(&self.root, &rows)?.into_iter().map(|holds| holds == Some(true)));
        }
        Ok(BooleanChunked::from_slice("holds".into(), &values))
    }
}

fn blocks(height: usize) -> impl Iterator<Item = Vec<usize>> {
    (0..height).step_by(ROWS).map(move |first| (first..height.min(first + ROWS)).collect())
}

/// The rows that are chosen, and their places among all.
fn chosen(rows: &[usize], choice: impl Iterator<Item = bool>) -> (Vec<usize>, Vec<usize>) {
    let pairs = (0..).zip(rows).zip(choice).filter(|(_, chosen)| *chosen);
    pairs.map(|((place, &row), _)| (place, row)).unzip()
}

fn scatter<T>(values: &mut [T], places: &[usize], found: impl IntoIterator<Item = T>) {
    for (&place, value) in places.iter().zip(found) {
        if let Some(slot) = values.get_mut(place) {
            *slot = value;
        }
    }
}

type Cells<T> = Vec<Option<T>>;
type Text<'a> = Cow<'a, str>;

struct Evaluator {
    columns: Vec<(&'static str, Source)>,
}

/// A column of the frame in one piece.
enum Source {
    /// A count, or ten-thousandths.
    Integers(Int64Chunked, bool),
    Ratios(Float64Chunked),
    Texts(StringChunked),
    Days(Int32Chunked),
    Truths(BooleanChunked),
}

impl Source {
    fn of(column: &table::Column, rows: &DataFrame) -> PolarsResult<Self> {
        let found = rows.column(column.name)?.as_materialized_series().rechunk();
        Ok(match column.ty {
            Type::Integer => Self::Integers(found.i64()?.clone(), false),
            Type::Decimal => Self::Integers(found.i64()?.clone(), true),
            Type::Ratio => Self::Ratios(found.f64()?.clone()),
            Type::Text => Self::Texts(found.str()?.clone()),
            Type::Date => Self::Days(found.date()?.physical().clone()),
            Type::Bool => Self::Truths(found.bool()?.clone()),
        })
    }
}

/// What ten-thousandths are as a double, rounded once: beyond 2^53 they aren't one themselves.
#[expect(clippy::cast_precision_loss, reason = "that is what is computed here")]
fn double(units: i64) -> f64 {
    const EXACT: i64 = 1 << 53;
    let scale = SCALE as f64;
    if (-EXACT..=EXACT).contains(&units) {
        units as f64 / scale
    } else {
        (units / SCALE) as f64 + (units % SCALE) as f64 / scale
    }
}

impl Evaluator {
    fn over<'a>(rows: &DataFrame, expressions: impl IntoIterator<Item = &'a Expression>) -> PolarsResult<Self> {
        let mut columns: Vec<(&'static str, Source)> = Vec::new();
        for column in expressions.into_iter().flat_map(Expression::columns) {
            if columns.iter().all(|(name, _)| *name != column.name) {
                columns.push((column.name, Source::of(column, rows)?));
            }
        }
        Ok(Self { columns })
    }

    fn source(&self, column: &table::Column) -> Option<&Source> {
        self.columns.iter().find(|(name, _)| *name == column.name).map(|(_, source)| source)
    }

    #[expect(clippy::cast_possible_truncation, reason = "it lies within the limit")]
    fn ten_thousandths(&self, node: &Node, rows: &[usize]) -> Result<Cells<i64>, NoValue> {
        let values = self.numbers(node, rows)?;
        let units = |(value, &row): (Option<f64>, &usize)| {
            let Some(value) = value else { return Ok(None) };
            let units = (value * 10_000.0 + 0.5).floor();
            if units.abs() < LIMIT {
                Ok(Some(units as i64))
            } else {
                Err(NoValue::Row { row, reason: Fault::Result(value.to_string()) })
            }
        };
        values.into_iter().zip(rows).map(units).collect()
    }

    // ── Numbers ───────────────────────────────────────────────────────────────────────────────────────────────────

    #[expect(clippy::cast_precision_loss, reason = "counts are doubles in every engine")]
    fn numbers(&self, node: &Node, rows: &[usize]) -> Result<Cells<f64>, NoValue> {
        match node {
            Node::Number(value, _) => Ok(vec![Some(*value); rows.len()]),
            Node::Column(column) => match self.source(column) {
                Some(Source::Integers(values, true)) => Ok(gathered(values, rows, double)),
                Some(Source::Integers(values, false)) => Ok(gathered(values, rows, |value| value as f64)),
                Some(Source::Ratios(values)) => finite(node, rows, rows.iter().map(|&row| values.get(row)).collect()),
                _ => Ok(vec![None; rows.len()]),
            },
            Node::Negative(inner) => Ok(mapped(self.numbers(inner, rows)?, |value| -value)),
            Node::Arithmetic(left, operator, right) => self.arithmetic(node, left, *operator, right, rows),
            Node::Round(inner, places) => {
                let size = 10_f64.powi(places.abs());
                let values = self.numbers(inner, rows)?;
                let values = match places {
                    0 => mapped(values, f64::round),
                    1.. => mapped(values, |value| (value * size).round() / size),
                    _ => mapped(values, |value| (value / size).round() * size),
                };
                finite(node, rows, values)
            }
            Node::Call(function, arguments) => self.function(node, *function, arguments, rows),
            Node::Case(branches, otherwise) => self.case(branches, otherwise.as_deref(), rows, Self::numbers),
            _ => Ok(vec![None; rows.len()]),
        }
    }

    fn arithmetic(
        &self,
        whole: &Node,
        left: &Node,
        operator: Arithmetic,
        right: &Node,
        rows: &[usize],
    ) -> Result<Cells<f64>, NoValue> {
        let (left, right) = (self.numbers(left, rows)?, self.numbers(right, rows)?);
        if matches!(operator, Arithmetic::Over | Arithmetic::Modulo) {
            let by_zero = left.iter().zip(&right).position(|(left, right)| left.is_some() && *right == Some(0.0));
            if let Some(place) = by_zero {
                return Err(at(rows, place, Fault::DivisionByZero(written(whole))));
            }
        }
        let values = match operator {
            Arithmetic::Plus => both(left, right, |left, right| left + right),
            Arithmetic::Minus => both(left, right, |left, right| left - right),
            Arithmetic::Times => both(left, right, |left, right| left * right),
            Arithmetic::Over => both(left, right, |left, right| left / right),
            Arithmetic::Modulo => both(left, right, |left, right| left % right),
        };
        finite(whole, rows, values)
    }

    #[expect(clippy::cast_precision_loss, reason = "no text has so many letters")]
    fn function(
        &self,
        whole: &Node,
        function: Function,
        arguments: &[Node],
        rows: &[usize],
    ) -> Result<Cells<f64>, NoValue> {
        let first = || arguments.first().map_or(Ok(Vec::new()), |first| self.numbers(first, rows));
        match function {
            Function::Abs => Ok(mapped(first()?, f64::abs)),
            Function::Floor => whole_number(whole, rows, mapped(first()?, f64::floor)),
            Function::Ceil => whole_number(whole, rows, mapped(first()?, f64::ceil)),
            Function::Sqrt => {
                let values = first()?;
                match values.iter().position(|value| value.is_some_and(|value| value < 0.0)) {
                    Some(place) => Err(at(rows, place, Fault::Root(written(whole)))),
                    None => Ok(mapped(values, f64::sqrt)),
                }
            }
            Function::Length => {
                let texts = arguments.first().map_or(Ok(Vec::new()), |first| self.texts(first, rows))?;
                Ok(mapped(texts, |text| text.chars().count() as f64))
            }
            Function::Coalesce => self.coalesce(arguments, rows, Self::numbers),
            Function::Nullif => self.nullif(arguments, rows, Self::numbers),
            Function::Greatest => self.extreme(arguments, rows, Self::numbers, |new, old| new > old),
            Function::Least => self.extreme(arguments, rows, Self::numbers, |new, old| new < old),
            Function::Lower | Function::Upper => Ok(vec![None; rows.len()]),
        }
    }

    // ── Texts and days ────────────────────────────────────────────────────────────────────────────────────────────

    fn texts<'a>(&'a self, node: &'a Node, rows: &[usize]) -> Result<Cells<Text<'a>>, NoValue> {
        match node {
            Node::Text(text) => Ok(vec![Some(Cow::Borrowed(text.as_str())); rows.len()]),
            Node::Column(column) => match self.source(column) {
                Some(Source::Texts(values)) => Ok(rows.iter().map(|&row| values.get(row).map(Cow::Borrowed)).collect()),
                _ => Ok(vec![None; rows.len()]),
            },
            Node::Concat(left, right) => {
                let (left, right) = (self.texts(left, rows)?, self.texts(right, rows)?);
                Ok(both(left, right, |left, right| Cow::Owned(format!("{left}{right}"))))
            }
            Node::Case(branches, otherwise) => self.case(branches, otherwise.as_deref(), rows, Self::texts),
            Node::Call(function, arguments) => {
                let first = || arguments.first().map_or(Ok(Vec::new()), |first| self.texts(first, rows));
                match function {
                    Function::Lower => Ok(mapped(first()?, |text| Cow::Owned(text.to_lowercase()))),
                    Function::Upper => Ok(mapped(first()?, |text| Cow::Owned(text.to_uppercase()))),
                    Function::Coalesce => self.coalesce(arguments, rows, Self::texts),
                    Function::Nullif => self.nullif(arguments, rows, Self::texts),
                    Function::Greatest => self.extreme(arguments, rows, Self::texts, |new, old| new > old),
                    Function::Least => self.extreme(arguments, rows, Self::texts, |new, old| new < old),
                    _ => Ok(vec![None; rows.len()]),
                }
            }
            _ => Ok(vec![None; rows.len()]),
        }
    }

    fn days(&self, node: &Node, rows: &[usize]) -> Result<Cells<i32>, NoValue> {
        match node {
            Node::Date(day, _) => Ok(vec![Some(*day); rows.len()]),
            Node::Column(column) => match self.source(column) {
                Some(Source::Days(values)) => Ok(rows.iter().map(|&row| values.get(row)).collect()),
                _ => Ok(vec![None; rows.len()]),
            },
            Node::Case(branches, otherwise) => self.case(branches, otherwise.as_deref(), rows, Self::days),
            Node::Call(Function::Coalesce, arguments) => self.coalesce(arguments, rows, Self::days),
            Node::Call(Function::Nullif, arguments) => self.nullif(arguments, rows, Self::days),
            Node::Call(Function::Greatest, arguments) => {
                self.extreme(arguments, rows, Self::days, |new, old| new > old)
            }
            Node::Call(Function::Least, arguments) => self.extreme(arguments, rows, Self::days, |new, old| new < old),
            _ => Ok(vec![None; rows.len()]),
        }
    }

    // ── Conditions: true, false, or neither ───────────────────────────────────────────────────────────────────────

    fn truths(&self, node: &Node, rows: &[usize]) -> Result<Cells<bool>, NoValue> {
        match node {
            Node::Condition(value) => Ok(vec![Some(*value); rows.len()]),
            Node::Column(column) => match self.source(column) {
                Some(Source::Truths(values)) => Ok(rows.iter().map(|&row| values.get(row)).collect()),
                _ => Ok(vec![None; rows.len()]),
            },
            Node::Not(inner) => Ok(mapped(self.truths(inner, rows)?, |value| !value)),
            Node::And(left, right) => self.decided(left, right, rows, false),
            Node::Or(left, right) => self.decided(left, right, rows, true),
            Node::Compare(left, comparison, right) => {
                let orders = self.orders(left, right, rows)?;
                Ok(mapped(orders, |order| comparison.holds(order)))
            }
            Node::IsNull(inner, negated) => {
                Ok(self.nulls(inner, rows)?.into_iter().map(|null| Some(null != *negated)).collect())
            }
            Node::In(value, list, negated) => self.in_list(value, list, *negated, rows),
            Node::Between(parts, negated) => {
                let [value, low, high] = parts.as_ref();
                let low = mapped(self.orders(value, low, rows)?, Ordering::is_ge);
                let high = mapped(self.orders(value, high, rows)?, Ordering::is_le);
                let inside = low.into_iter().zip(high).map(|(low, high)| and(low, high));
                Ok(inside.map(|inside| inside.map(|inside| inside != *negated)).collect())
            }
            Node::Like(value, pattern, negated) => {
                let pattern: Vec<char> = pattern.chars().collect();
                Ok(mapped(self.texts(value, rows)?, |text| is_like(&text, &pattern) != *negated))
            }
            Node::Case(branches, otherwise) => self.case(branches, otherwise.as_deref(), rows, Self::truths),
            Node::Call(Function::Coalesce, arguments) => self.coalesce(arguments, rows, Self::truths),
            Node::Call(Function::Nullif, arguments) => self.nullif(arguments, rows, Self::truths),
            _ => Ok(vec![None; rows.len()]),
        }
    }

    /// `and`, which a false side decides, or `or`, which a true one does: then the other isn't looked at.
    fn decided(&self, left: &Node, right: &Node, rows: &[usize], decides: bool) -> Result<Cells<bool>, NoValue> {
        let mut values = self.truths(left, rows)?;
        let (places, open) = chosen(rows, values.iter().map(|value| *value != Some(decides)));
        let others = self.truths(right, &open)?;
        let joined: Cells<bool> = places
            .iter()
            .zip(others)
            .map(|(&place, other)| match (values.get(place).copied().flatten(), other) {
                (_, Some(other)) if other == decides => Some(decides),
                (Some(_), Some(_)) => Some(!decides),
                _ => None,
            })
            .collect();
        scatter(&mut values, &places, joined);
        Ok(values)
    }

    fn in_list(&self, value: &Node, list: &[Node], negated: bool, rows: &[usize]) -> Result<Cells<bool>, NoValue> {
        let mut found = vec![Some(false); rows.len()];
        for item in list {
            let orders = self.orders(value, item, rows)?;
            for (found, order) in found.iter_mut().zip(orders) {
                *found = match (*found, order.map(Ordering::is_eq)) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                };
            }
        }
        Ok(mapped(found, |found| found != negated))
    }

    /// How two parts stand to each other, row by row; nothing where one is null.
    fn orders(&self, left: &Node, right: &Node, rows: &[usize]) -> Result<Cells<Ordering>, NoValue> {
        use super::node::Kind;
        match left.kind().or(right.kind()) {
            Some(Kind::Number) => {
                let orders = self.numbers(left, rows)?.into_iter().zip(self.numbers(right, rows)?);
                Ok(orders.map(|(left, right)| left?.partial_cmp(&right?)).collect())
            }
            Some(Kind::Text) => {
                let orders = self.texts(left, rows)?.into_iter().zip(self.texts(right, rows)?);
                Ok(orders.map(|(left, right)| Some(left?.cmp(&right?))).collect())
            }
            Some(Kind::Date) => {
                Ok(both(self.days(left, rows)?, self.days(right, rows)?, |left, right| left.cmp(&right)))
            }
            Some(Kind::Condition) => {
                Ok(both(self.truths(left, rows)?, self.truths(right, rows)?, |left, right| left.cmp(&right)))
            }
            None => Ok(vec![None; rows.len()]),
        }
    }

    fn nulls(&self, node: &Node, rows: &[usize]) -> Result<Vec<bool>, NoValue> {
        use super::node::Kind;
        Ok(match node.kind() {
            Some(Kind::Number) => self.numbers(node, rows)?.iter().map(Option::is_none).collect(),
            Some(Kind::Text) => self.texts(node, rows)?.iter().map(Option::is_none).collect(),
            Some(Kind::Date) => self.days(node, rows)?.iter().map(Option::is_none).collect(),
            Some(Kind::Condition) => self.truths(node, rows)?.iter().map(Option::is_none).collect(),
            None => vec![true; rows.len()],
        })
    }

    // ── What works alike for all kinds; `of` evaluates a part of the kind ─────────────────────────────────────────

    fn case<'a, T: Clone>(
        &'a self,
        branches: &'a [(Node, Node)],
        otherwise: Option<&'a Node>,
        rows: &[usize],
        of: impl Fn(&'a Self, &'a Node, &[usize]) -> Result<Cells<T>, NoValue>,
    ) -> Result<Cells<T>, NoValue> {
        let mut values = vec![None; rows.len()];
        let (mut places, mut open): (Vec<usize>, Vec<usize>) = (0..).zip(rows.iter().copied()).unzip();
        for (condition, result) in branches {
            if open.is_empty() {
                break;
            }
            let holds = self.truths(condition, &open)?;
            let holds = || holds.iter().map(|holds| *holds == Some(true));
            let (hit, rows) = chosen(&open, holds());
            let hit: Vec<usize> = hit.iter().filter_map(|&place| places.get(place).copied()).collect();
            scatter(&mut values, &hit, of(self, result, &rows)?);
            (_, open) = chosen(&open, holds().map(|holds| !holds));
            (_, places) = chosen(&places, holds().map(|holds| !holds));
        }
        if let Some(otherwise) = otherwise {
            scatter(&mut values, &places, of(self, otherwise, &open)?);
        }
        Ok(values)
    }

    fn coalesce<'a, T: Clone>(
        &'a self,
        arguments: &'a [Node],
        rows: &[usize],
        of: impl Fn(&'a Self, &'a Node, &[usize]) -> Result<Cells<T>, NoValue>,
    ) -> Result<Cells<T>, NoValue> {
        let mut values: Cells<T> = vec![None; rows.len()];
        for argument in arguments {
            let (places, open) = chosen(rows, values.iter().map(Option::is_none));
            if open.is_empty() {
                break;
            }
            scatter(&mut values, &places, of(self, argument, &open)?);
        }
        Ok(values)
    }

    fn nullif<'a, T>(
        &'a self,
        arguments: &'a [Node],
        rows: &[usize],
        of: impl Fn(&'a Self, &'a Node, &[usize]) -> Result<Cells<T>, NoValue>,
    ) -> Result<Cells<T>, NoValue> {
        let [value, other] = arguments else { return Ok(Vec::new()) };
        let equal = self.orders(value, other, rows)?;
        let values = of(self, value, rows)?.into_iter().zip(equal);
        Ok(values.map(|(value, order)| value.filter(|_| order != Some(Ordering::Equal))).collect())
    }

    /// The argument that wins over all others; nulls take no part.
    fn extreme<'a, T>(
        &'a self,
        arguments: &'a [Node],
        rows: &[usize],
        of: impl Fn(&'a Self, &'a Node, &[usize]) -> Result<Cells<T>, NoValue>,
        wins: impl Fn(&T, &T) -> bool,
    ) -> Result<Cells<T>, NoValue> {
        let mut values: Cells<T> = rows.iter().map(|_| None).collect();
        for argument in arguments {
            for (best, new) in values.iter_mut().zip(of(self, argument, rows)?) {
                let better = match (&new, &*best) {
                    (Some(new), Some(best)) => wins(new, best),
                    (new, None) => new.is_some(),
                    (None, _) => false,
                };
                if better {
                    *best = new;
                }
            }
        }
        Ok(values)
    }
}

impl Comparison {
    const fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

fn gathered(values: &Int64Chunked, rows: &[usize], of: impl Fn(i64) -> f64) -> Cells<f64> {
    match values.cont_slice() {
        Ok(slice) => rows.iter().map(|&row| slice.get(row).copied().map(&of)).collect(),
        Err(_) => rows.iter().map(|&row| values.get(row).map(&of)).collect(),
    }
}

fn mapped<T, U>(values: Cells<T>, of: impl Fn(T) -> U) -> Cells<U> {
    values.into_iter().map(|value| value.map(&of)).collect()
}

fn both<T, U>(left: Cells<T>, right: Cells<T>, of: impl Fn(T, T) -> U) -> Cells<U> {
    left.into_iter().zip(right).map(|(left, right)| Some(of(left?, right?))).collect()
}

const fn and(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// Every value is a number.
fn finite(whole: &Node, rows: &[usize], values: Cells<f64>) -> Result<Cells<f64>, NoValue> {
    limited(whole, rows, values, f64::is_finite)
}

/// Spark's whole numbers have 64 bits.
fn whole_number(whole: &Node, rows: &[usize], values: Cells<f64>) -> Result<Cells<f64>, NoValue> {
    limited(whole, rows, values, |value| value.abs() < 9e18)
}

fn limited(
    whole: &Node,
    rows: &[usize],
    values: Cells<f64>,
    fits: impl Fn(f64) -> bool,
) -> Result<Cells<f64>, NoValue> {
    match values.iter().position(|value| value.is_some_and(|value| !fits(value))) {
        Some(place) => Err(at(rows, place, Fault::TooLarge(written(whole)))),
        None => Ok(values),
    }
}

fn at(rows: &[usize], place: usize, reason: Fault) -> NoValue {
    NoValue::Row { row: rows.get(place).copied().unwrap_or_default(), reason }
}

fn written(node: &Node) -> String {
    shortened(&node.print(Reader::Person))
}

/// `%` stands for any letters, `_` for one.
fn is_like(text: &str, pattern: &[char]) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut of_pattern) = (0, 0);
    // Where the last `%` stands, and from which letter what follows it is tried.
    let mut last: Option<(usize, usize)> = None;
    while let Some(letter) = text.get(at) {
        match pattern.get(of_pattern) {
            Some('%') => {
                last = Some((of_pattern, at));
                of_pattern += 1;
            }
            Some(wanted) if *wanted == '_' || wanted == letter => {
                at += 1;
                of_pattern += 1;
            }
            _ => {
                let Some((percent, from)) = last else { return false };
                last = Some((percent, from + 1));
                (at, of_pattern) = (from + 1, percent + 1);
            }
        }
    }
    pattern.iter().skip(of_pattern).all(|rest| *rest == '%')
}
