//! Finds duplicate keys. Of the rows with one key, one is kept; the others have the same content, or different content.
//!
//! ```text
//! order 1, line 1   100   lines_1.csv:2                says something else than the last one: superseded, or set apart
//! order 1, line 1    90   lines_2_corrected.csv:2      kept, as the last one
//! order 2, line 1    50   lines_1.csv:3                says the same: one of them is enough
//! order 2, line 1    50   lines_2_corrected.csv:3
//! ```

use std::collections::HashMap;

use netto_model::column::LINE_NO;
use netto_model::table::Table;
use polars::prelude::*;
use rayon::prelude::*;

use crate::orders::Orders;

/// Rows whose key another row has, except the kept one; sorted.
#[derive(Debug, Default)]
pub(crate) struct Repeated {
    /// Rows with the same content as the kept row.
    pub(crate) same: Vec<IdxSize>,
    /// Rows with different content.
    pub(crate) other: Vec<IdxSize>,
}

/// Which of several rows with one key is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    First,
    Last,
    /// The one whose content sorts first, for rows without an order: so the same rows always give the same lake.
    ByContent,
}

/// The rows of a frame whose key another row of the frame has; `orders` is given for order lines.
pub(crate) fn repeated(
    source: &Table,
    frame: &DataFrame,
    orders: Option<&Orders<'_>>,
    kept: Kept,
) -> PolarsResult<Repeated> {
    let mut order = match orders {
        Some(orders) => lines_in_doubt(orders, frame)?,
        None => coded(source, frame)?,
    };
    order.par_sort_unstable();
    let mut repeated = Repeated::default();
    for group in order.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).filter(|group| group.len() > 1) {
        let mut rows: Vec<(String, IdxSize)> = group
            .iter()
            .map(|&(_, _, row)| Ok((content(source, frame, row, |_| true)?, row)))
            .collect::<PolarsResult<_>>()?;
        match kept {
            Kept::First => {}
            Kept::Last => rows.reverse(),
            Kept::ByContent => rows.sort(),
        }
        let Some(((said, _), others)) = rows.split_first() else { continue };
        for (content, row) in others {
            if content == said { &mut repeated.same } else { &mut repeated.other }.push(*row);
        }
    }
    repeated.same.sort_unstable();
    repeated.other.sort_unstable();
    Ok(repeated)
}

/// The rows of a frame whose key is in `old`, by same and different content.
pub(crate) fn known(source: &Table, frame: &DataFrame, old: &DataFrame) -> PolarsResult<Repeated> {
    let all = |_: &str| true;
    let old: HashMap<String, String> = rows(old)
        .map(|row| Ok((key(source, old, row)?, content(source, old, row, all)?)))
        .collect::<PolarsResult<_>>()?;
    let mut known = Repeated::default();
    for row in rows(frame) {
        match old.get(&key(source, frame, row)?) {
            None => {}
            Some(said) if *said == content(source, frame, row, all)? => known.same.push(row),
            Some(_) => known.other.push(row),
        }
    }
    Ok(known)
}

/// Every row of a frame.
pub(crate) fn rows(frame: &DataFrame) -> std::ops::Range<IdxSize> {
    0..IdxSize::try_from(frame.height()).unwrap_or(IdxSize::MAX)
}

/// The key of a row in the form used by messages: `A-17, 3`.
pub(crate) fn key(source: &Table, frame: &DataFrame, row: IdxSize) -> PolarsResult<String> {
    let parts = source.keys().map(|key| value(frame, key.name, row)).collect::<PolarsResult<Vec<_>>>()?;
    Ok(parts.join(", "))
}

/// The content of a row in the wanted columns; a null differs from every text.
pub(crate) fn content(
    source: &Table,
    frame: &DataFrame,
    row: IdxSize,
    wanted: impl Fn(&str) -> bool,
) -> PolarsResult<String> {
    let at = usize::try_from(row).unwrap_or(usize::MAX);
    let mut text = String::new();
    for column in source.columns.iter().filter(|column| wanted(column.name)) {
        let value = frame.column(column.name)?.get(at)?;
        text += if value.is_null() { "\u{1e}" } else { "\u{1f}" };
        text += &value.str_value();
    }
    Ok(text)
}

fn value(frame: &DataFrame, column: &str, row: IdxSize) -> PolarsResult<String> {
    let value = frame.column(column)?.get(usize::try_from(row).unwrap_or(usize::MAX))?;
    Ok(value.str_value().into_owned())
}

/// Codes of the line keys, only for orders whose line numbers don't increase: other orders can't have duplicates.
fn lines_in_doubt(orders: &Orders<'_>, lines: &DataFrame) -> PolarsResult<Vec<(i64, i64, IdxSize)>> {
    let numbers = lines.column(LINE_NO)?.i64()?;
    let (mut last, mut in_doubt) = (vec![i64::MIN; orders.len()], vec![false; orders.len()]);
    for (&order, number) in orders.of_line.iter().zip(numbers.iter()) {
        let number = number.unwrap_or(i64::MIN);
        in_doubt[order] |= number <= last[order];
        last[order] = number;
    }
    let coded = orders.of_line.iter().zip(numbers.iter()).zip(0..).filter(|((order, _), _)| in_doubt[**order]);
    let coded = coded
        .map(|((&order, number), row)| (i64::try_from(order).unwrap_or(i64::MAX), number.unwrap_or(i64::MIN), row));
    Ok(coded.collect())
}

/// Codes of each row's key; equal keys have equal codes.
fn coded(source: &Table, frame: &DataFrame) -> PolarsResult<Vec<(i64, i64, IdxSize)>> {
    Ok(match key_codes(source, frame)?.as_slice() {
        [] => Vec::new(),
        [one] => one.iter().zip(0..).map(|(&code, row)| (code, 0, row)).collect(),
        [first, second, ..] => first.iter().zip(second).zip(0..).map(|((&a, &b), row)| (a, b, row)).collect(),
    })
}

/// At most two columns of codes; equal keys have equal codes.
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

#[cfg(test)]
mod tests {
    use netto_model::column::ORDER_ID;
    use netto_model::contract::ORDER_LINES;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn lines_out_of_their_numbers_hold_every_key_that_is_there_twice(
            lines in prop::collection::vec((0_i64..6, 0_i64..5), 0..40),
        ) {
            let (orders, numbers): (Vec<i64>, Vec<i64>) = lines.into_iter().unzip();
            let ids: Vec<String> = orders.iter().map(ToString::to_string).collect();
            let lines = df!(ORDER_ID => ids, LINE_NO => numbers).unwrap();
            let twice = |mut codes: Vec<(i64, i64, IdxSize)>| {
                codes.sort_unstable();
                let groups = codes.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).filter(|group| group.len() > 1);
                let mut groups: Vec<Vec<IdxSize>> = groups.map(|group| group.iter().map(|row| row.2).collect()).collect();
                groups.sort_unstable();
                groups
            };
            let in_doubt = lines_in_doubt(&Orders::of(&lines).unwrap(), &lines).unwrap();
            prop_assert_eq!(twice(in_doubt), twice(coded(&ORDER_LINES, &lines).unwrap()));
        }
    }
}
