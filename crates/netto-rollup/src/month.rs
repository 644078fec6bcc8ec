//! One month: its lines become orders, its orders customers, and expressions are summed along the way.

use std::collections::BTreeSet;
use std::path::PathBuf;

use netto_model::contract::LAKE_ORDER_LINES;
use netto_model::{Dialect, Period, column as c};
use polars::prelude::*;
use polars::sql::SQLContext;

use crate::error::RollupError;
use crate::text::{CUSTOMER_MONTH, ORDERS, driver_sql, quantity};
use crate::{Driver, DriverSource, Route, audit, kernel, lines};

/// What a month adds up to, customers by key.
#[derive(Debug)]
pub(crate) struct Month {
    /// `customer_month`, by customer key.
    pub(crate) customers: DataFrame,
    /// `period`, `customer_key`, `activity`, `quantity`.
    pub(crate) quantities: DataFrame,
}

/// Rolls a month up.
pub(crate) fn month(period: Period, files: &[PathBuf], drivers: &[Driver], route: Route) -> Result<Month, RollupError> {
    let of = |source| drivers.iter().filter(move |driver| driver.source == source).collect::<Vec<&Driver>>();
    let (of_orders, of_lines) = (of(DriverSource::Orders), of(DriverSource::OrderLines));
    let orders = match route {
        Route::Kernel => kernel::orders(period, files, &names(&of_orders))?,
        Route::Sql => sql(ORDERS, "order_lines", lines::frame(period, files, &all_columns())?)?,
    };
    let customers = sql(CUSTOMER_MONTH, "orders", orders.clone())?;
    audit::orders_keep_every_line(period, files, &orders)?;
    audit::customers_keep_every_order(period, &orders, &customers)?;
    let mut quantities = measured(Some(period), DriverSource::Orders, &of_orders, &orders)?;
    if !of_lines.is_empty() {
        let lines = lines::frame(period, files, &columns_of(&of_lines))?;
        quantities.extend(measured(Some(period), DriverSource::OrderLines, &of_lines, &lines)?);
    }
    Ok(Month { customers, quantities: stacked(quantities)? })
}

/// Runs a rollup's text over one table.
fn sql(text: &str, table: &str, rows: DataFrame) -> Result<DataFrame, PolarsError> {
    let mut context = SQLContext::new();
    context.register(table, rows.lazy());
    context.execute(text)?.collect()
}

/// Sums the expressions of a source, a frame per activity.
pub(crate) fn measured(
    period: Option<Period>,
    source: DriverSource,
    drivers: &[&Driver],
    rows: &DataFrame,
) -> Result<Vec<DataFrame>, RollupError> {
    if drivers.is_empty() {
        return Ok(Vec::new());
    }
    let failed = |error| no_number(period, source, drivers, rows, error);
    audit::quantities_stay_in_range(period, source, drivers, &totals(source, drivers, rows).map_err(failed)?)?;
    let sums = sql(&driver_sql(source, drivers, Dialect::Polars), source.name(), rows.clone()).map_err(failed)?;
    let customer = if sums.column(c::CUSTOMER_KEY).is_ok() { c::CUSTOMER_KEY } else { c::CUSTOMER_ID };
    let of_activity = |driver: &&Driver| {
        let quantity = col(driver.activity.as_str()).cast(DataType::Int64).alias(c::QUANTITY);
        let activity = lit(driver.activity.as_str()).alias(c::ACTIVITY);
        let plan = sums.clone().lazy().select([
            col(c::PERIOD),
            col(customer),
            activity,
            lit("").alias(c::WAREHOUSE),
            quantity,
        ]);
        Ok(plan.filter(col(c::QUANTITY).neq(lit(0_i64))).collect()?)
    };
    drivers.iter().map(of_activity).collect()
}

/// What the rows of a source add up to in size, per activity, as doubles: they don't wrap as integers do.
fn totals(source: DriverSource, drivers: &[&Driver], rows: &DataFrame) -> Result<DataFrame, PolarsError> {
    let total = |driver: &&Driver| {
        format!("sum(abs(cast({} as double))) as \"{}\"", quantity(driver, Dialect::Polars), driver.activity)
    };
    let totals: Vec<String> = drivers.iter().map(total).collect();
    sql(&format!("select {} from {}", totals.join(", "), source.name()), source.name(), rows.clone())
}

/// The failure, at the first activity that fails by itself.
fn no_number(
    period: Option<Period>,
    source: DriverSource,
    drivers: &[&Driver],
    rows: &DataFrame,
    error: PolarsError,
) -> RollupError {
    let alone = |driver: &&Driver| Some((driver.activity.clone(), totals(source, &[*driver], rows).err()?));
    match drivers.iter().find_map(alone) {
        Some((activity, error)) => RollupError::Expression { activity, rows: source.name(), period, source: error },
        None => RollupError::Engine(error),
    }
}

fn stacked(frames: Vec<DataFrame>) -> Result<DataFrame, PolarsError> {
    if frames.is_empty() {
        return df!(c::PERIOD => Vec::<i32>::new(), c::CUSTOMER_KEY => Vec::<i64>::new(),
            c::ACTIVITY => Vec::<&str>::new(), c::WAREHOUSE => Vec::<&str>::new(), c::QUANTITY => Vec::<i64>::new())?
        .lazy()
        .with_column(col(c::PERIOD).cast(DataType::Date))
        .collect();
    }
    concat(frames.into_iter().map(IntoLazy::lazy).collect::<Vec<_>>(), UnionArgs::default())?.collect()
}

fn all_columns() -> Vec<&'static str> {
    LAKE_ORDER_LINES.columns.iter().map(|column| column.name).filter(|name| *name != c::PERIOD).collect()
}

/// The columns that expressions and conditions read.
fn names(drivers: &[&Driver]) -> BTreeSet<&'static str> {
    let expressions = drivers.iter().flat_map(|driver| driver.filter.iter().chain([&driver.expression]));
    expressions.flat_map(|expression| expression.columns().map(|column| column.name)).collect()
}

/// Only what the expressions read, and the customer.
fn columns_of(drivers: &[&Driver]) -> Vec<&'static str> {
    let mut names = names(drivers);
    names.insert(c::CUSTOMER_KEY);
    names.remove(c::PERIOD);
    names.into_iter().collect()
}
