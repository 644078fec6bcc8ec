//! The marts by name, and their rows as plain values.

use std::collections::BTreeMap;

use netto_model::frame::schema;
use netto_model::{Mart, Table, column as c, contract};
use polars::prelude::*;

/// The window that a report opens with.
pub(super) const MAIN: &str = "main";

/// The marts by name, restricted to a window.
pub(super) struct Marts<'a> {
    tables: BTreeMap<&'static str, &'a DataFrame>,
    window: &'a str,
}

impl<'a> Marts<'a> {
    pub(super) fn new(marts: &'a [Mart], window: &'a str) -> Self {
        Self { tables: marts.iter().map(|mart| (mart.table.name, &mart.data)).collect(), window }
    }

    /// Whether it is the main window: figures about the present appear in no other.
    pub(super) fn is_main(&self) -> bool {
        self.window == MAIN
    }

    /// All rows of a table; none if it wasn't made.
    pub(super) fn all(&self, table: &Table) -> DataFrame {
        self.tables.get(table.name).map_or_else(|| DataFrame::empty_with_schema(&schema(table)), |&data| data.clone())
    }

    /// The rows of the window.
    pub(super) fn of_window(&self, table: &Table) -> PolarsResult<DataFrame> {
        let all = self.all(table);
        let is_of_window: Vec<bool> =
            all.column(c::WINDOW)?.str()?.iter().map(|name| name == Some(self.window)).collect();
        kept(&all, &is_of_window).map(in_one_piece)
    }

    /// First and last day of the window's months.
    pub(super) fn window(&self) -> PolarsResult<(i32, i32)> {
        let window = self.of_window(&contract::DIM_WINDOW)?;
        let day = |name| Ok::<_, PolarsError>(window.column(name)?.date()?.physical().iter().next().flatten());
        Ok((day(c::FIRST_PERIOD)?.unwrap_or(i32::MAX), day(c::LAST_PERIOD)?.unwrap_or(i32::MIN)))
    }

    /// The rows of a monthly table in the months of the window; columns that aren't requested aren't read.
    pub(super) fn in_window(&self, table: &Table) -> PolarsResult<LazyFrame> {
        let (first, last) = self.window()?;
        let day = |day: i32| lit(day).cast(DataType::Date);
        Ok(self.all(table).lazy().filter(col(c::PERIOD).gt_eq(day(first)).and(col(c::PERIOD).lt_eq(day(last)))))
    }

    /// The rows of a table.
    pub(super) fn rows(&self, table: &Table) -> PolarsResult<Rows> {
        Rows::new(self.all(table), table)
    }

    /// The rows of a table in the window.
    pub(super) fn rows_of_window(&self, table: &Table) -> PolarsResult<Rows> {
        Rows::new(self.of_window(table)?, table)
    }
}

/// Some rows of a table. If they are contiguous, as rows of a window or of some months are in key order, nothing is copied.
fn kept(all: &DataFrame, keep: &[bool]) -> PolarsResult<DataFrame> {
    let first = keep.iter().position(|keep| *keep).unwrap_or_default();
    let rows = keep.iter().filter(|keep| **keep).count();
    if keep.iter().skip(first).take(rows).all(|keep| *keep) {
        return Ok(all.slice(i64::try_from(first).unwrap_or_default(), rows));
    }
    all.filter(&BooleanChunked::from_slice("kept".into(), keep))
}

/// The rows of a table that has all columns of its declaration.
#[derive(Default)]
pub(super) struct Rows(DataFrame);

impl From<DataFrame> for Rows {
    fn from(data: DataFrame) -> Self {
        Self(in_one_piece(data))
    }
}

impl Rows {
    pub(super) fn new(data: DataFrame, table: &Table) -> PolarsResult<Self> {
        for column in table.columns {
            let _exists = data.column(column.name)?;
        }
        Ok(data.into())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Row<'_>> + Clone {
        (0..self.0.height()).map(|index| Row { data: &self.0, index })
    }

    /// The rows that have a value in a column.
    pub(super) fn of<'a>(&'a self, column: &'static str, value: &'a str) -> Vec<Row<'a>> {
        let Some(texts) = self.0.column(column).ok().and_then(|column| column.str().ok()) else { return Vec::new() };
        let places = texts.iter().zip(0..).filter(|(text, _)| *text == Some(value));
        places.map(|(_, index)| Row { data: &self.0, index }).collect()
    }

    pub(super) fn at(&self, index: usize) -> Option<Row<'_>> {
        (index < self.0.height()).then_some(Row { data: &self.0, index })
    }

    pub(super) fn first(&self) -> Option<Row<'_>> {
        self.at(0)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.height() == 0
    }

    /// The sum of a column.
    pub(super) fn sum(&self, column: &str) -> i64 {
        sum(self.iter(), column)
    }
}

/// Joins the chunks of a table, because reading rows by number is slow over many chunks.
pub(super) fn in_one_piece(mut data: DataFrame) -> DataFrame {
    data.rechunk_mut();
    data
}

/// The sum of a column over some rows.
pub(super) fn sum<'a>(rows: impl IntoIterator<Item = Row<'a>>, column: &str) -> i64 {
    rows.into_iter().map(|row| row.units(column)).sum()
}

/// The rows sorted by a measure, the largest first; ties in the order of the table.
pub(super) fn largest<'a>(rows: impl IntoIterator<Item = Row<'a>>, by: impl Fn(Row<'a>) -> i64) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = rows.into_iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(by(*row)));
    rows
}

/// A row of a table.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    data: &'a DataFrame,
    index: usize,
}

impl<'a> Row<'a> {
    /// A whole number, minutes or an amount; `None` for null.
    pub(super) fn maybe(self, column: &str) -> Option<i64> {
        self.data.column(column).ok()?.i64().ok()?.get(self.index)
    }

    /// The same, with zero for null.
    pub(super) fn units(self, column: &str) -> i64 {
        self.maybe(column).unwrap_or_default()
    }

    pub(super) fn share(self, column: &str) -> Option<f64> {
        self.data.column(column).ok()?.f64().ok()?.get(self.index)
    }

    pub(super) fn text(self, column: &str) -> &'a str {
        self.maybe_text(column).unwrap_or_default()
    }

    pub(super) fn maybe_text(self, column: &str) -> Option<&'a str> {
        self.data.column(column).ok()?.str().ok()?.get(self.index)
    }

    /// A boolean; `None` for null.
    pub(super) fn maybe_flag(self, column: &str) -> Option<bool> {
        self.data.column(column).ok()?.bool().ok()?.get(self.index)
    }

    pub(super) fn flag(self, column: &str) -> bool {
        self.maybe_flag(column).unwrap_or_default()
    }

    /// A day, in days since 1970-01-01.
    pub(super) fn day(self, column: &str) -> Option<i32> {
        self.data.column(column).ok()?.date().ok()?.physical().get(self.index)
    }
}

/// A whole number or amount of a row.
pub(super) fn units(data: &DataFrame, column: &str, row: usize) -> PolarsResult<i64> {
    Ok(data.column(column)?.i64()?.get(row).unwrap_or_default())
}

/// A text of a row.
pub(super) fn text(data: &DataFrame, column: &str, row: usize) -> PolarsResult<String> {
    Ok(data.column(column)?.str()?.get(row).unwrap_or_default().to_owned())
}

/// Money or minutes as a height in a chart.
#[expect(clippy::cast_precision_loss, reason = "a place in a picture")]
pub(super) const fn height(units: i64) -> f64 {
    units as f64
}

/// A part of a whole, for display; `None` if the whole isn't positive.
pub(super) fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| height(part) / height(whole))
}
