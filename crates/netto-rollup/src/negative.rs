//! Time can't run backwards: a row that would take negative minutes stops the rollup, and is named as its source names it.
//!
//! A customer's sum may hide it: a return of -3 pieces at 2 minutes each, between two sales, only makes the month look shorter.

use std::path::PathBuf;

use netto_model::{Money, Period, column as c};
use polars::prelude::*;

use crate::error::RollupError;
use crate::{Driver, DriverSource, lines};

/// The rows that drivers are measured on, and what it takes to name one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'a> {
    pub(crate) source: DriverSource,
    pub(crate) data: &'a DataFrame,
    /// Of lines and orders, which come month by month.
    pub(crate) month: Option<(Period, &'a [PathBuf])>,
    /// `order_key`, `order_id`.
    pub(crate) orders: &'a DataFrame,
}

/// No row takes negative minutes.
pub(crate) fn refuse_negative_minutes(
    rows: &Rows<'_>,
    drivers: &[&Driver],
    evaluated: &DataFrame,
) -> Result<(), RollupError> {
    for driver in drivers.iter().filter(|driver| driver.minutes) {
        let minutes = evaluated.column(&driver.activity)?.i64()?;
        let below_zero = minutes.iter().position(|minutes| minutes.is_some_and(|minutes| minutes < 0));
        if let Some(row) = below_zero {
            let day = evaluated.column(c::PERIOD)?.date()?.physical().get(row).unwrap_or_default();
            return Err(RollupError::NegativeMinutes {
                activity: driver.activity.clone(),
                row: rows.name(row)?,
                period: Period::of_day(day),
                minutes: Money::from_units(minutes.get(row).unwrap_or_default()),
            });
        }
    }
    Ok(())
}

impl Rows<'_> {
    /// `order `4711`, line 2`
    fn name(&self, row: usize) -> Result<String, RollupError> {
        let text = |column: &str| -> Result<&str, PolarsError> {
            Ok(self.data.column(column)?.str()?.get(row).unwrap_or_default())
        };
        Ok(match self.source {
            DriverSource::Orders => self.order(self.data, row)?,
            DriverSource::OrderLines => {
                let (period, files) = self.month.unwrap_or((Period::of_day(0), &[]));
                let keys = lines::frame(period, files, &[c::ORDER_KEY, c::LINE_NO])?;
                let line = keys.column(c::LINE_NO)?.i64()?.get(row).unwrap_or_default();
                format!("{}, line {line}", self.order(&keys, row)?)
            }
            DriverSource::Activities => format!("event `{}`", text(c::ACTIVITY_ID)?),
            DriverSource::Deviations => format!("deviation `{}`", text(c::DEVIATION_ID)?),
            DriverSource::Receivables => format!("invoice `{}`", text(c::INVOICE_ID)?),
            DriverSource::Stock => {
                let day = self.data.column(c::SNAPSHOT_DATE)?.get(row)?;
                format!("the stock of `{}` on {day}", text(c::PRODUCT_ID)?)
            }
        })
    }

    /// An order is stored by key, and known by id.
    fn order(&self, keys: &DataFrame, row: usize) -> Result<String, RollupError> {
        let key = keys.column(c::ORDER_KEY)?.i64()?.get(row);
        let place = self.orders.column(c::ORDER_KEY)?.i64()?.iter().position(|known| known == key);
        let ids = self.orders.column(c::ORDER_ID)?.str()?;
        Ok(match place.and_then(|place| ids.get(place)) {
            Some(id) => format!("order `{id}`"),
            None => format!("the order with key {}", key.unwrap_or_default()),
        })
    }
}
