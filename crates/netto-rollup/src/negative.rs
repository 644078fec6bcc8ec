//! Stops the rollup at a row with negative minutes, and names the row by its ids in the source.
//!
//! A customer's sum could hide it: a return of -3 pieces at 2 minutes each, between two sales, only reduces the month's minutes.

use netto_model::{Money, Period, column as c};
use polars::prelude::*;

use crate::Driver;
use crate::error::RollupError;
use crate::measured::Rows;

/// Fails if a row has negative minutes.
pub(crate) fn refuse_negative_minutes(
    rows: &Rows<'_>,
    drivers: &[&Driver],
    evaluated: &[Int64Chunked],
) -> Result<(), RollupError> {
    added_up(drivers, evaluated).into_iter().try_for_each(|(driver, minutes)| refuse_below_zero(rows, driver, &minutes))
}

/// The rows' quantities of each activity; its pieces are next to each other and are summed.
pub(crate) fn added_up<'a>(drivers: &[&'a Driver], evaluated: &[Int64Chunked]) -> Vec<(&'a Driver, Int64Chunked)> {
    let mut sums: Vec<(&Driver, Int64Chunked)> = Vec::new();
    for (driver, values) in drivers.iter().zip(evaluated) {
        match sums.last_mut().filter(|(last, _)| last.activity == driver.activity) {
            Some((_, sum)) => {
                let pairs = sum.iter().zip(values.iter());
                let more = |(sum, more): (Option<i64>, Option<i64>)| {
                    Some(sum.unwrap_or_default().saturating_add(more.unwrap_or_default()))
                };
                *sum = pairs.map(more).collect();
            }
            None => sums.push((driver, values.clone())),
        }
    }
    sums
}

/// Fails if a row has negative minutes of an activity that measures minutes.
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
