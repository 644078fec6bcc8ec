//! Assigns line numbers if an extract has none: `line_no = { count_within = "order_id" }`.
//!
//! ```text
//! order  A  B  A  A  B      in the order of the files, and of the rows in them
//! line   1  1  2  3  2
//! ```

use netto_model::column::{LINE_NO, ORDER_ID};
use netto_model::table::Table;
use polars::prelude::*;

use crate::check;
use crate::rows::FILE;

/// Numbers the lines of each order.
pub(crate) fn number_lines(lines: &mut DataFrame) -> PolarsResult<()> {
    let mut last: PlHashMap<&str, i64> = PlHashMap::new();
    let numbers = lines.column(ORDER_ID)?.str()?.iter().map(|order| {
        let number = last.entry(order.unwrap_or_default()).or_insert(0);
        *number += 1;
        *number
    });
    let numbers: Int64Chunked = numbers.collect_ca(LINE_NO.into());
    drop(last);
    lines.with_column(numbers.into_column())?;
    Ok(())
}

/// Identical lines in two files: without line numbers they may be duplicates or different lines.
pub(crate) fn lines_in_two_files(source: &Table, lines: &DataFrame) -> PolarsResult<u64> {
    let (orders, files) = (lines.column(ORDER_ID)?.str()?, lines.column(FILE)?.u32()?);
    let mut first: PlHashMap<&str, Option<u32>> = PlHashMap::new();
    for (order, file) in orders.iter().zip(files.iter()) {
        let seen = first.entry(order.unwrap_or_default()).or_insert(file);
        if *seen != file {
            *seen = None;
        }
    }
    let mut same: PlHashMap<String, u32> = PlHashMap::new();
    let mut count = 0;
    for (row, (order, file)) in (0..).zip(orders.iter().zip(files.iter())) {
        if first.get(order.unwrap_or_default()) != Some(&None) {
            continue;
        }
        let (content, file) = (check::content(source, lines, row, |name| name != LINE_NO)?, file.unwrap_or_default());
        let seen = same.entry(content).or_insert(file);
        count += u64::from(*seen != file);
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_within_their_order_as_they_stand() {
        let mut lines = df!(ORDER_ID => ["A", "B", "A", "A", "B"], LINE_NO => [None::<i64>; 5]).unwrap();
        number_lines(&mut lines).unwrap();
        let numbers: Vec<_> = lines.column(LINE_NO).unwrap().i64().unwrap().iter().flatten().collect();
        assert_eq!(numbers, [1, 1, 2, 3, 2]);
    }
}
