//! What must hold of parts: they sum to the whole, to the last ten-thousandth.

use netto_model::{Money, Table};

use crate::SegmentError;

/// The sum of the parts must be the whole; `what` names the column, and of what it is.
pub(crate) fn same(
    table: &Table,
    window: &str,
    what: impl FnOnce() -> String,
    found: i128,
    expected: i128,
) -> Result<(), SegmentError> {
    if found == expected {
        return Ok(());
    }
    let (found, expected) = (Money::try_from_wide(found)?, Money::try_from_wide(expected)?);
    Err(SegmentError::Parts { table: table.name, window: window.to_owned(), what: what(), found, expected })
}

/// A column added up, beyond 64 bits.
pub(crate) fn total(values: impl IntoIterator<Item = i64>) -> i128 {
    values.into_iter().map(i128::from).sum()
}
