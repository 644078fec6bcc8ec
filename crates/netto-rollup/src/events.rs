//! Measures drivers on activities, deviations, receivables and stock: the quantity per customer, by the month of the event.

use netto_model::contract::EVENT_QUANTITY;
use netto_model::{Period, column as c};
use polars::prelude::*;

use crate::error::RollupError;
use crate::measured::{Rows, evaluated};
use crate::month::measured;
use crate::quantities::{Names, Quantities};
use crate::{Driver, DriverSource, Inputs};

const SOURCES: [DriverSource; 4] =
    [DriverSource::Activities, DriverSource::Deviations, DriverSource::Receivables, DriverSource::Stock];

/// The customer id of events without a customer.
pub(crate) const NOBODY: &str = "";

/// The events over which an activity is measured.
pub(crate) fn measured_on<'a>(inputs: &Inputs<'a>) -> impl Iterator<Item = (DriverSource, &'a DataFrame)> {
    let inputs = *inputs;
    let used = move |source: &DriverSource| inputs.drivers.iter().any(|driver| driver.source == *source);
    SOURCES.into_iter().filter(used).filter_map(move |source| Some((source, inputs.events.get(source.name())?)))
}

/// The quantities per customer of every activity that is measured on events.
///
/// Events of prospects and stock for everyone have no customer and are no customer's cost to serve, so they are left out. A deviation
/// without a customer, such as a supplier's late delivery, still caused work: it is kept under the empty customer.
pub(crate) fn quantities(inputs: &Inputs<'_>, names: &Names<'_>) -> Result<Vec<Quantities>, RollupError> {
    let mut quantities = Vec::new();
    for (source, rows) in measured_on(inputs) {
        let drivers: Vec<&Driver> = inputs.drivers.iter().filter(|driver| driver.source == source).collect();
        let data = counted(source, rows)?;
        let rows = Rows { source, data: &data, month: None, orders: inputs.orders };
        quantities.extend(measured(&rows, None, &drivers, names)?);
    }
    Ok(quantities)
}

/// The quantity of each single activity or deviation: one row per event and activity that it used.
pub(crate) fn by_event(inputs: &Inputs<'_>) -> Result<LazyFrame, RollupError> {
    let mut parts = vec![netto_model::Mart::empty(&EVENT_QUANTITY).data.lazy()];
    for (source, rows) in measured_on(inputs) {
        let id = match source {
            DriverSource::Activities => c::ACTIVITY_ID,
            DriverSource::Deviations => c::DEVIATION_ID,
            _ => continue,
        };
        let drivers: Vec<&Driver> = inputs.drivers.iter().filter(|driver| driver.source == source).collect();
        let data = counted(source, rows)?;
        let quantities = evaluated(&Rows { source, data: &data, month: None, orders: inputs.orders }, None, &drivers)?;
        for (driver, quantities) in drivers.iter().zip(quantities) {
            let ids = data.column(id)?.clone().with_name(c::EVENT_ID.into());
            let quantities = quantities.with_name(c::QUANTITY.into()).into_column();
            let rows = DataFrame::new(data.height(), vec![ids, quantities])?.lazy();
            let named = [lit(source.name()).alias(c::SOURCE), lit(driver.activity.as_str()).alias(c::ACTIVITY)];
            let columns = EVENT_QUANTITY.columns.iter().map(|column| col(column.name)).collect::<Vec<_>>();
            parts.push(rows.filter(col(c::QUANTITY).fill_null(lit(0)).neq(lit(0))).with_columns(named).select(columns));
        }
    }
    Ok(concat(parts, UnionArgs::default())?)
}

/// The rows of a source that count for a customer.
fn counted(source: DriverSource, rows: &DataFrame) -> Result<DataFrame, PolarsError> {
    let rows = rows.clone().lazy();
    let rows = if source == DriverSource::Deviations {
        rows.with_column(col(c::CUSTOMER_ID).fill_null(lit(NOBODY)))
    } else {
        rows.filter(col(c::CUSTOMER_ID).is_not_null().and(col(c::CUSTOMER_ID).neq(lit(NOBODY))))
    };
    with_period(rows.collect()?, source.day())
}

/// The month of the event, from its day.
fn with_period(mut rows: DataFrame, day: &str) -> Result<DataFrame, PolarsError> {
    let days = rows.column(day)?.date()?.physical().clone();
    let months = days.apply_values(|day| Period::of_day(day).first_day()).with_name(c::PERIOD.into());
    rows.with_column(months.into_date().into_column())?;
    Ok(rows)
}
