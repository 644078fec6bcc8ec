//! Time can't run backwards: a row that would take negative minutes stops the rollup, and is named as its source names it.
//!
//! A customer's sum may hide it: a return of -3 pieces at 2 minutes each, between two sales, only makes the month look shorter.

use netto_model::{Money, Period, column as c};
use polars::prelude::*;

use crate::Driver;
use crate::error::RollupError;
use crate::measured::Rows;

/// No row takes negative minutes.
pub(crate) fn refuse_negative_minutes(
    rows: &Rows<'_>,
    drivers: &[&Driver],
    evaluated: &[Int64Chunked],
) -> Result<(), RollupError> {
    drivers.iter().zip(evaluated).try_for_each(|(driver, minutes)| refuse_below_zero(rows, driver, minutes))
}

/// No row takes negative minutes of an activity that measures minutes.
pub(crate) fn refuse_below_zero(rows: &Rows<'_>, driver: &Driver, minutes: &Int64Chunked) -> Result<(), RollupError> {
    let below_zero = |minutes: Option<i64>| minutes.is_some_and(|minutes| minutes < 0);
    let Some(row) = minutes.iter().position(below_zero).filter(|_| driver.minutes) else { return Ok(()) };
    let day = rows.data.column(c::PERIOD)?.date()?.physical().get(row).unwrap_or_default();
    Err(RollupError::NegativeMinutes {
        activity: driver.activity.clone(),
        row: rows.name(row)?,
        period: Period::of_day(day),
        minutes: Money::from_units(minutes.get(row).unwrap_or_default()),
    })
}
