//! Reads columns of checked tables as plain values and sums them: the inputs of the analyses in Rust.
//!
//! ```text
//! sums(waterfall of the window, [market, tier], [revenue, cost])   →   [Bouw, Top] → [1200, 300]
//! ```

use std::collections::BTreeMap;

use netto_model::money::divide_half_even;
use netto_model::{Expression, Table};
use polars::prelude::*;

/// Whole numbers and amounts; null counts as zero.
pub(crate) fn units(data: &DataFrame, name: &str) -> PolarsResult<Vec<i64>> {
    Ok(data.column(name)?.i64()?.iter().map(Option::unwrap_or_default).collect())
}

/// Whole numbers and amounts that may be missing.
pub(crate) fn maybe_units(data: &DataFrame, name: &str) -> PolarsResult<Vec<Option<i64>>> {
    Ok(data.column(name)?.i64()?.iter().collect())
}

/// Texts; null counts as empty.
pub(crate) fn texts(data: &DataFrame, name: &str) -> PolarsResult<Vec<String>> {
    Ok(data.column(name)?.str()?.iter().map(|text| text.unwrap_or_default().to_owned()).collect())
}

/// Days that may be missing, counted from 1970-01-01.
pub(crate) fn days(data: &DataFrame, name: &str) -> PolarsResult<Vec<Option<i32>>> {
    Ok(data.column(name)?.date()?.physical().iter().collect())
}

/// The rows of a source that meet a condition of the configuration. The condition was checked, so it parses; one that doesn't holds for no row.
pub(crate) fn rows_where(condition: &str, source: &'static Table, data: &DataFrame) -> PolarsResult<DataFrame> {
    let Ok(condition) = Expression::condition(condition, &[source]) else { return Ok(data.clear()) };
    let holds = condition.holds(data).map_err(|error| PolarsError::ComputeError(error.to_string().into()))?;
    data.filter(&holds)
}

/// Columns summed by keys.
pub(crate) fn sums<const K: usize, const N: usize>(
    plan: LazyFrame,
    keys: [&str; K],
    columns: [&str; N],
) -> PolarsResult<BTreeMap<[String; K], [i64; N]>> {
    let data = plan.group_by(keys.map(col)).agg(columns.map(|name| col(name).sum())).collect()?;
    let keys = keys.into_iter().map(|name| texts(&data, name)).collect::<PolarsResult<Vec<_>>>()?;
    let values = columns.into_iter().map(|name| units(&data, name)).collect::<PolarsResult<Vec<_>>>()?;
    let row = |row: usize| {
        let key = std::array::from_fn(|place| keys[place][row].clone());
        (key, std::array::from_fn(|place| values[place][row]))
    };
    Ok((0..data.height()).map(row).collect())
}

/// A part of a total, if the total is positive.
#[expect(clippy::cast_precision_loss, reason = "a share is a ratio, not money")]
pub(crate) fn share(part: i64, total: i64) -> Option<f64> {
    (total > 0).then(|| part as f64 / total as f64)
}

/// Half-even; `None` for a zero divisor.
pub(crate) fn quotient(amount: i128, by: i128) -> Option<i64> {
    (by != 0).then(|| divide_half_even(amount, by)).and_then(|units| i64::try_from(units).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_added_up_by_their_keys() {
        let frame = df!("a" => ["x", "x", "y"], "b" => ["1", "1", "2"], "n" => [1_i64, 2, 4]).unwrap();
        let found = sums(frame.lazy(), ["a", "b"], ["n"]).unwrap();
        let key = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
        assert_eq!(found, BTreeMap::from([(key("x", "1"), [3]), (key("y", "2"), [4])]));
    }
}
