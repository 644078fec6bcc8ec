//! Rolls up one month: lines to orders, orders to customers, and sums the driver expressions.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;

use netto_model::contract::LAKE_ORDER_LINES;
use netto_model::{Period, column as c};
use polars::prelude::*;
use polars::sql::SQLContext;

use crate::error::RollupError;
use crate::kernel::{Order, Parts};
use crate::measured::{Rows, evaluated};
use crate::negative::refuse_negative_minutes;
use crate::quantities::{Names, Quantities, added};
use crate::text::{CUSTOMER_MONTH, CUSTOMER_SUPPLIER_MONTH, in_warehouses, orders_of_month};
use crate::{Driver, DriverSource, Inputs, Route, audit, kernel, lines};

/// The rollup of a month.
#[derive(Debug)]
pub(crate) struct Month {
    /// `customer_month`, by customer.
    pub(crate) customers: DataFrame,
    /// The quantity of each activity's driver per customer.
    pub(crate) quantities: Quantities,
    /// `customer_supplier_month`, if suppliers are given.
    pub(crate) suppliers: Option<DataFrame>,
    /// Orders with lines in other months too, in their parts.
    pub(crate) spanning: Vec<Vec<Order>>,
}

/// Rolls a month up.
pub(crate) fn month(
    period: Period,
    files: &[PathBuf],
    inputs: &Inputs<'_>,
    names: &Names<'_>,
    spanning: &HashSet<i64>,
    route: Route,
) -> Result<Month, RollupError> {
    let of = |source| inputs.drivers.iter().filter(move |driver| driver.source == source).collect::<Vec<&Driver>>();
    let (of_orders, of_lines) = (of(DriverSource::Orders), of(DriverSource::OrderLines));
    let folded = kernel::orders(period, files, &columns_of(&of_orders), inputs.orders, spanning)?;
    let parts = folded.parts;
    let orders = match route {
        Route::Kernel => folded.orders,
        Route::Sql => {
            let orders = sql(&orders_of_month(), &[("order_lines", &lines::frame(period, files, &all_columns())?)])?;
            // Groups come in any order; sorting makes the first faulty row the same as in the kernel.
            orders.sort([c::CUSTOMER_KEY, c::ORDER_KEY], SortMultipleOptions::default())?
        }
    };
    let customers = sql(CUSTOMER_MONTH, &[("orders", &orders)])?;
    audit::orders_keep_every_line(period, files, &orders)?;
    audit::customers_keep_every_order(period, &orders, &customers)?;
    let rows = |source, data| Rows { source, data, month: Some((period, files)), orders: inputs.orders };
    let mut quantities = measured(&rows(DriverSource::Orders, &orders), Some(&parts), &of_orders, names)?;
    let wanted = columns_of_lines(&of_lines, inputs.suppliers.is_some());
    let lines = if wanted.is_empty() { DataFrame::empty() } else { lines::frame(period, files, &wanted)? };
    quantities.extend(measured(&rows(DriverSource::OrderLines, &lines), None, &of_lines, names)?);
    let suppliers = inputs.suppliers.map(|suppliers| of_suppliers(period, &lines, suppliers, names)).transpose()?;
    let (customers, quantities) = (names.named(customers)?, Quantities::joined(quantities));
    Ok(Month { customers, quantities, suppliers, spanning: folded.spanning })
}

/// Runs the SQL text of a rollup over some tables.
pub(crate) fn sql(text: &str, tables: &[(&str, &DataFrame)]) -> Result<DataFrame, PolarsError> {
    let mut context = SQLContext::new();
    for (name, rows) in tables {
        context.register(name, (*rows).clone().lazy());
    }
    context.execute(text)?.collect()
}

/// The purchases of customers from some suppliers.
fn of_suppliers(
    period: Period,
    lines: &DataFrame,
    suppliers: &DataFrame,
    names: &Names<'_>,
) -> Result<DataFrame, RollupError> {
    let tables = [("order_lines", lines), ("product_suppliers", suppliers)];
    let bought = sql(CUSTOMER_SUPPLIER_MONTH, &tables)?;
    audit::suppliers_keep_every_line(period, lines, suppliers, &bought)?;
    names.named(bought)
}

/// Sums the expressions of a source, by warehouse for the drivers that are kept by warehouse.
pub(crate) fn measured(
    rows: &Rows<'_>,
    parts: Option<&Parts>,
    drivers: &[&Driver],
    names: &Names<'_>,
) -> Result<Vec<Quantities>, RollupError> {
    let (apart, together): (Vec<&Driver>, Vec<&Driver>) = drivers.iter().partition(|driver| in_warehouses(driver));
    let all = [(together, false), (apart, true)].into_iter().filter(|(drivers, _)| !drivers.is_empty());
    all.map(|(drivers, apart)| {
        let evaluated = evaluated(rows, parts, &drivers)?;
        audit::quantities_stay_in_range(rows.month.map(|(period, _)| period), rows.source, &drivers, &evaluated)?;
        refuse_negative_minutes(rows, &drivers, &evaluated)?;
        added(rows, apart, &drivers, &evaluated, names)
    })
    .collect()
}

fn all_columns() -> Vec<&'static str> {
    LAKE_ORDER_LINES.columns.iter().map(|column| column.name).filter(|name| *name != c::PERIOD).collect()
}

/// The columns used by expressions and conditions, and the warehouse if quantities are kept by it.
pub(crate) fn columns_of(drivers: &[&Driver]) -> BTreeSet<&'static str> {
    let expressions = drivers.iter().flat_map(|driver| driver.filter.iter().chain([&driver.expression]));
    let read = expressions.flat_map(|expression| expression.columns().map(|column| column.name));
    read.chain(drivers.iter().filter(|driver| in_warehouses(driver)).map(|_| c::WAREHOUSE)).collect()
}

/// The columns needed of the lines; none if the orders are enough.
fn columns_of_lines(drivers: &[&Driver], by_supplier: bool) -> Vec<&'static str> {
    let mut columns = columns_of(drivers);
    if !drivers.is_empty() || by_supplier {
        columns.insert(c::CUSTOMER_KEY);
    }
    if by_supplier {
        columns.extend([c::ORDER_DATE, c::PRODUCT_KEY, c::NET_AMOUNT, c::LIST_AMOUNT, c::COGS_AMOUNT]);
    }
    columns.remove(c::PERIOD);
    columns.into_iter().collect()
}
