//! What must hold of parts: they sum to the whole, to the last ten-thousandth.

use netto_model::{Money, Table, Type};

use crate::SegmentError;

/// The sum of the parts must be the whole; `what` names the column, and of what it is: `net_profit of Top`.
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
    let what = what();
    let [found, expected] = [shown(table, &what, found)?, shown(table, &what, expected)?];
    Err(SegmentError::Parts { table: table.name, window: window.to_owned(), what, found, expected })
}

/// A column added up, beyond 64 bits.
pub(crate) fn total(values: impl IntoIterator<Item = i64>) -> i128 {
    values.into_iter().map(i128::from).sum()
}

/// What is counted in whole numbers, the rest as amounts.
fn shown(table: &Table, what: &str, units: i128) -> Result<String, SegmentError> {
    let column = what.split(' ').next().and_then(|name| table.column(name));
    let counted = column.is_some_and(|column| column.ty == Type::Integer);
    Ok(if counted { units.to_string() } else { Money::try_from_wide(units)?.to_string() })
}
