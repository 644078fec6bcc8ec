//! Activities, deviations and receivables: how much of a driver each customer used, by the month of the event.

use netto_model::{Period, column as c};
use polars::prelude::*;

use crate::error::RollupError;
use crate::month::measured;
use crate::{Driver, DriverSource, Inputs};

const SOURCES: [DriverSource; 3] = [DriverSource::Activities, DriverSource::Deviations, DriverSource::Receivables];

/// `period`, `customer_id`, `activity`, `quantity` of every activity that is measured on events.
///
/// Events of prospects name no customer, and are nobody's cost to serve: they are left out.
pub(crate) fn quantities(inputs: &Inputs<'_>) -> Result<Vec<DataFrame>, RollupError> {
    let mut quantities = Vec::new();
    for source in SOURCES {
        let drivers: Vec<&Driver> = inputs.drivers.iter().filter(|driver| driver.source == source).collect();
        let Some(rows) = inputs.events.get(source.name()).filter(|_| !drivers.is_empty()) else { continue };
        let of_customers = rows.clone().lazy().filter(col(c::CUSTOMER_ID).is_not_null()).collect()?;
        let with_period = with_period(of_customers, source.day())?;
        for frame in measured(None, source, &drivers, &with_period)? {
            quantities.push(frame.select(crate::QUANTITY_COLUMNS)?);
        }
    }
    Ok(quantities)
}

/// The month of the event, from its day.
fn with_period(mut rows: DataFrame, day: &str) -> Result<DataFrame, PolarsError> {
    let days = rows.column(day)?.date()?.physical().clone();
    let months = days.apply_values(|day| Period::of_day(day).first_day()).with_name(c::PERIOD.into());
    rows.with_column(months.into_date().into_column())?;
    Ok(rows)
}
