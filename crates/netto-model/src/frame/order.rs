//! Rows in the order of their key. Texts are compared once per name and not once per row: the values of a column become numbers in the same order,
//! and a row's numbers one.
//!
//! ```text
//! window  customer          window  customer    row
//! main    K2                1       1           11
//! 2024    K2           →    0       1      →    01     in order: the second, the third, the first
//! main    K1                1       0           10
//! ```
//! So 1.8 million rows with three texts for a key are in order three times as soon as by comparing them.

use std::cmp::Ordering;
use std::ops::{BitOr, Shl};

use polars::prelude::*;

use crate::table::{Column, Table, Type};

/// The rows in the order of the table's key, and how many of them have the key of the row before. The key's columns hold no nulls.
///
/// # Errors
/// When a column has another type than the contract's.
pub(super) fn in_order(table: &Table, data: DataFrame) -> PolarsResult<(DataFrame, usize)> {
    // Who made the rows in the order of their key doesn't pay for sorting them.
    let order = neighbours(table, &data)?;
    if !order.contains(&Ordering::Greater) {
        return Ok((data, equal(&order)));
    }
    let columns = table.keys().map(|key| Numbers::of(&data, key)).collect::<PolarsResult<Vec<_>>>()?;
    let (rows, duplicates) = match columns.iter().map(|column| column.bits).sum::<u32>() {
        0..64 => sorted(joined::<u64>(&columns, data.height())),
        64..128 => sorted(joined::<u128>(&columns, data.height())),
        _ => {
            let keys: Vec<PlSmallStr> = table.keys().map(|key| key.name.into()).collect();
            let data = data.sort(keys, SortMultipleOptions::default())?;
            let duplicates = equal(&neighbours(table, &data)?);
            return Ok((data, duplicates));
        }
    };
    Ok((data.take(&IdxCa::from_vec("".into(), rows))?, duplicates))
}

/// A column's values as numbers in their order, from zero.
struct Numbers {
    of_row: Vec<u64>,
    /// What the largest takes.
    bits: u32,
}

impl Numbers {
    fn of(data: &DataFrame, key: &Column) -> PolarsResult<Self> {
        let column = data.column(key.name)?.as_materialized_series();
        let of_row = match key.ty {
            Type::Text => of_texts(column.str()?),
            Type::Integer | Type::Decimal => from_the_least(column.i64()?.iter().flatten()),
            Type::Date => from_the_least(column.date()?.physical().iter().flatten().map(i64::from)),
            Type::Bool => column.bool()?.iter().flatten().map(u64::from).collect(),
            Type::Ratio => from_the_least(column.f64()?.iter().flatten().map(in_order_of_ratios)),
        };
        let largest = of_row.iter().max().copied().unwrap_or_default();
        Ok(Self { of_row, bits: u64::BITS - largest.leading_zeros() })
    }
}

/// Each text's place among the texts that there are.
fn of_texts(texts: &StringChunked) -> Vec<u64> {
    let mut known: PlHashMap<&str, usize> = PlHashMap::new();
    let mut names: Vec<&str> = Vec::new();
    let of_row = texts.iter().flatten().map(|text| {
        *known.entry(text).or_insert_with(|| {
            names.push(text);
            names.len() - 1
        })
    });
    let of_row: Vec<usize> = of_row.collect();
    let mut by_name: Vec<usize> = (0..names.len()).collect();
    by_name.sort_unstable_by_key(|&code| names[code]);
    let mut places = vec![0; names.len()];
    for (place, code) in (0..).zip(by_name) {
        places[code] = place;
    }
    of_row.into_iter().map(|code| places[code]).collect()
}

fn from_the_least(values: impl Iterator<Item = i64>) -> Vec<u64> {
    let values: Vec<i64> = values.collect();
    let least = values.iter().min().copied().unwrap_or_default();
    values.into_iter().map(|value| value.wrapping_sub(least).cast_unsigned()).collect()
}

/// A whole number that stands to others as the ratio does: the bits of a double are in order, of negative ones the other way round.
fn in_order_of_ratios(ratio: f64) -> i64 {
    let bits = (ratio + 0.0).to_bits().cast_signed(); // -0 is 0
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

/// The columns of a row as one number.
fn joined<N: Copy + From<u64> + Shl<u32, Output = N> + BitOr<Output = N>>(columns: &[Numbers], rows: usize) -> Vec<N> {
    let mut joined = vec![N::from(0); rows];
    for column in columns {
        joined.iter_mut().zip(&column.of_row).for_each(|(all, own)| *all = *all << column.bits | N::from(*own));
    }
    joined
}

/// The rows in the order of their numbers, and how many have the number of the one before.
fn sorted<N: Copy + Ord>(numbers: Vec<N>) -> (Vec<IdxSize>, usize) {
    let mut rows: Vec<(N, IdxSize)> = numbers.into_iter().zip(0..).collect();
    rows.sort_unstable();
    let duplicates = rows.windows(2).filter(|pair| matches!(pair, [one, next] if one.0 == next.0)).count();
    (rows.into_iter().map(|(_, row)| row).collect(), duplicates)
}

fn equal(order: &[Ordering]) -> usize {
    order.iter().filter(|order| **order == Ordering::Equal).count()
}

/// How the key of each row stands to that of the row after it.
fn neighbours(table: &Table, data: &DataFrame) -> PolarsResult<Vec<Ordering>> {
    let mut order = vec![Ordering::Equal; data.height().saturating_sub(1)];
    for key in table.keys() {
        let column = data.column(key.name)?.as_materialized_series();
        match key.ty {
            Type::Text => refine_texts(&mut order, column.str()?),
            Type::Integer | Type::Decimal => {
                let values = column.i64()?;
                refine(&mut order, values.iter(), values.iter(), Ord::cmp);
            }
            Type::Date => {
                let values = column.date()?.physical();
                refine(&mut order, values.iter(), values.iter(), Ord::cmp);
            }
            Type::Bool => {
                let values = column.bool()?;
                refine(&mut order, values.iter(), values.iter(), Ord::cmp);
            }
            Type::Ratio => {
                let values = column.f64()?;
                let compare = |a: &Option<f64>, b: &Option<f64>| a.partial_cmp(b).unwrap_or(Ordering::Equal);
                refine(&mut order, values.iter(), values.iter(), compare);
            }
        }
    }
    Ok(order)
}

/// Where the columns before leave two rows equal, this one decides.
fn refine<V>(
    order: &mut [Ordering],
    values: impl Iterator<Item = V>,
    again: impl Iterator<Item = V>,
    compare: impl Fn(&V, &V) -> Ordering,
) {
    let pairs = values.zip(again.skip(1));
    for (order, (value, next)) in order.iter_mut().zip(pairs) {
        if *order == Ordering::Equal {
            *order = compare(&value, &next);
        }
    }
}

/// The same of texts. Most rows have the text of the row before, and show it without being read: a short text lies in the column itself, and of a
/// long one its place does.
fn refine_texts(order: &mut [Ordering], values: &StringChunked) {
    let mut chunks = values.downcast_iter();
    let (Some(chunk), None) = (chunks.next(), chunks.next()) else {
        return refine(order, values.iter(), values.iter(), Ord::cmp);
    };
    let views = chunk.views();
    for (row, (order, pair)) in order.iter_mut().zip(views.windows(2)).enumerate() {
        let [view, next] = pair else { continue };
        let same = (view.length, view.prefix, view.buffer_idx, view.offset)
            == (next.length, next.prefix, next.buffer_idx, next.offset);
        if *order == Ordering::Equal && !same {
            *order = chunk.value(row).cmp(chunk.value(row + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::DRIVER_QUANTITY;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn the_order_is_the_engines_whatever_the_values(
            rows in prop::collection::vec((-3..3_i32, "[AaéB]{0,2}|more than twelve letters [AB]", "[xy]?", prop::sample::select(vec![i64::MIN, -1, 0, 7, i64::MAX])), 0..40),
        ) {
            let days: Vec<i32> = rows.iter().map(|row| row.0).collect();
            let texts = |of: fn(&(i32, String, String, i64)) -> &String| rows.iter().map(|row| of(row).clone()).collect::<Vec<_>>();
            let data = df!("period" => days, "customer_id" => texts(|row| &row.1), "activity" => texts(|row| &row.2),
                "warehouse" => vec![""; rows.len()], "quantity" => rows.iter().map(|row| row.3).collect::<Vec<_>>()).unwrap();
            let data = data.lazy().with_column(col("period").cast(DataType::Date)).collect().unwrap();
            let keys: Vec<&str> = DRIVER_QUANTITY.keys().map(|key| key.name).collect();
            let stable = SortMultipleOptions::default().with_maintain_order(true);
            let (found, duplicates) = in_order(&DRIVER_QUANTITY, data.clone()).unwrap();
            prop_assert!(found.equals(&data.sort(keys.clone(), stable).unwrap()));
            let distinct: BTreeSet<_> = rows.iter().map(|row| (row.0, &row.1, &row.2)).collect();
            prop_assert_eq!(duplicates, rows.len() - distinct.len());
        }

        #[test]
        fn ratios_keep_their_order(one in any::<f64>(), other in any::<f64>()) {
            prop_assume!(!one.is_nan() && !other.is_nan());
            prop_assert_eq!(Some(in_order_of_ratios(one).cmp(&in_order_of_ratios(other))), one.partial_cmp(&other));
        }
    }

    #[test]
    fn numbers_from_end_to_end_and_many_columns_are_in_order_too() {
        let extremes = [i64::MAX, i64::MIN, 0];
        assert_eq!(from_the_least(extremes.into_iter()), [u64::MAX, 0, 1 << 63]);
        assert_eq!(in_order_of_ratios(-0.0), in_order_of_ratios(0.0));
        let two = |bits| [Numbers { of_row: vec![1, 0], bits }, Numbers { of_row: vec![u64::MAX, 5], bits: 64 }];
        assert_eq!(joined::<u128>(&two(1), 2), [(1 << 64) + u128::from(u64::MAX), 5]);
    }
}
