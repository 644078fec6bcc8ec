//! One row per key: of rows with the same key one is kept, chosen by content, so that shuffled extracts give the same lake.

use std::collections::HashSet;

use netto_model::table::Table;
use polars::prelude::*;
use rayon::prelude::*;

/// Rows whose key another row has, except the one that is kept.
pub(crate) fn duplicates(source: &Table, frame: &DataFrame) -> PolarsResult<Vec<IdxSize>> {
    let codes = key_codes(source, frame)?;
    let mut order: Vec<(i64, i64, IdxSize)> = match codes.as_slice() {
        [] => return Ok(Vec::new()),
        [one] => one.iter().zip(0..).map(|(&code, row)| (code, 0, row)).collect(),
        [first, second, ..] => first.iter().zip(second).zip(0..).map(|((&a, &b), row)| (a, b, row)).collect(),
    };
    order.par_sort_unstable();
    let mut losers = Vec::new();
    for group in order.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).filter(|group| group.len() > 1) {
        let mut rows: Vec<(String, IdxSize)> = group
            .iter()
            .map(|&(_, _, row)| Ok((content(source, frame, row, |_| true)?, row)))
            .collect::<PolarsResult<_>>()?;
        rows.sort();
        losers.extend(rows.into_iter().skip(1).map(|(_, row)| row));
    }
    losers.sort_unstable();
    Ok(losers)
}

/// Rows whose key stands in `keys` already.
pub(crate) fn known(source: &Table, frame: &DataFrame, keys: &HashSet<String>) -> PolarsResult<Vec<IdxSize>> {
    let rows = IdxSize::try_from(frame.height()).unwrap_or(IdxSize::MAX);
    let mut found = Vec::new();
    for row in 0..rows {
        if keys.contains(&key(source, frame, row)?) {
            found.push(row);
        }
    }
    Ok(found)
}

/// The key of a row as messages show it: `A-17, 3`.
pub(crate) fn key(source: &Table, frame: &DataFrame, row: IdxSize) -> PolarsResult<String> {
    let parts = source.keys().map(|key| value(frame, key.name, row)).collect::<PolarsResult<Vec<_>>>()?;
    Ok(parts.join(", "))
}

/// A row as text, of the columns that are wanted.
pub(crate) fn content(
    source: &Table,
    frame: &DataFrame,
    row: IdxSize,
    wanted: impl Fn(&str) -> bool,
) -> PolarsResult<String> {
    let columns = source.columns.iter().filter(|column| wanted(column.name));
    let parts = columns.map(|column| value(frame, column.name, row)).collect::<PolarsResult<Vec<_>>>()?;
    Ok(parts.join("\u{1f}"))
}

fn value(frame: &DataFrame, column: &str, row: IdxSize) -> PolarsResult<String> {
    let value = frame.column(column)?.get(usize::try_from(row).unwrap_or(usize::MAX))?;
    Ok(value.str_value().into_owned())
}

/// At most two columns of codes that are equal where the key is.
fn key_codes(source: &Table, frame: &DataFrame) -> PolarsResult<Vec<Vec<i64>>> {
    let mut codes = source.keys().map(|key| column_codes(frame.column(key.name)?)).collect::<PolarsResult<Vec<_>>>()?;
    while codes.len() > 2 {
        let (Some(b), Some(a)) = (codes.pop(), codes.pop()) else { break };
        let mut numbers = PlHashMap::new();
        let pairs = a.into_iter().zip(b).map(|pair| number(&mut numbers, pair)).collect();
        codes.push(pairs);
    }
    Ok(codes)
}

fn column_codes(column: &Column) -> PolarsResult<Vec<i64>> {
    if column.dtype() == &DataType::String {
        let mut numbers = PlHashMap::new();
        let (mut last, mut code) = (None, 0);
        let codes = column.str()?.iter().map(|text| {
            if last != Some(text) {
                last = Some(text);
                code = number(&mut numbers, text);
            }
            code
        });
        return Ok(codes.collect());
    }
    let integers = column.cast(&DataType::Int64)?;
    Ok(integers.i64()?.iter().map(|value| value.unwrap_or(i64::MIN)).collect())
}

fn number<K: std::hash::Hash + Eq>(numbers: &mut PlHashMap<K, i64>, value: K) -> i64 {
    let next = i64::try_from(numbers.len()).unwrap_or(i64::MAX);
    *numbers.entry(value).or_insert(next)
}
