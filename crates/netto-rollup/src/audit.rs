//! Audits every rollup: nothing may be lost between lines, orders and customers.

use std::collections::HashMap;
use std::path::PathBuf;

use arrow::array::AsArray;
use arrow::datatypes::Decimal128Type;
use netto_model::frame::MOST;
use netto_model::money::grouped_decimal;
use netto_model::{Period, column as c};
use polars::prelude::*;

use crate::error::RollupError;
use crate::kernel::COUNTED;
use crate::{Driver, DriverSource, lines};

/// Checks that the orders have as many lines and as much net amount as the files, counted independently of the rollup.
pub(crate) fn orders_keep_every_line(period: Period, files: &[PathBuf], orders: &DataFrame) -> Result<(), RollupError> {
    let (mut rows, mut net) = (0_i128, 0_i128);
    for file in files {
        for batch in lines::batches(file, &[c::NET_AMOUNT])? {
            let batch = batch.map_err(|error| RollupError::File { file: file.clone(), source: Box::new(error) })?;
            rows += batch.num_rows() as i128;
            let amounts = batch.column(0).as_primitive_opt::<Decimal128Type>();
            net += amounts.map_or(0, |amounts| amounts.iter().flatten().sum::<i128>());
        }
    }
    same("lines of orders", period, sum(orders, c::LINES)?, rows)?;
    same("net amount of orders", period, sum(orders, c::NET_AMOUNT)?, net)
}

/// Checks that the customers have the same orders, lines and amounts as the orders; it also detects sums beyond 64 bits.
pub(crate) fn customers_keep_every_order(
    period: Period,
    orders: &DataFrame,
    customers: &DataFrame,
) -> Result<(), RollupError> {
    same("orders of customers", period, sum(customers, c::ORDERS)?, sum(orders, COUNTED)?)?;
    for (audit, column) in [
        ("lines of customers", c::LINES),
        ("quantity of customers", c::QUANTITY),
        ("net amount of customers", c::NET_AMOUNT),
        ("list amount of customers", c::LIST_AMOUNT),
        ("discount of customers", c::DISCOUNT_AMOUNT),
        ("cost of goods of customers", c::COGS_AMOUNT),
        ("freight of customers", c::FREIGHT_CHARGED),
    ] {
        same(audit, period, sum(customers, column)?, sum(orders, column)?)?;
    }
    Ok(())
}

/// Checks that customers and suppliers have the same amounts as the lines of their products on their days, so that no line is joined twice.
pub(crate) fn suppliers_keep_every_line(
    period: Period,
    lines: &DataFrame,
    suppliers: &DataFrame,
    bought: &DataFrame,
) -> Result<(), RollupError> {
    let day = |name| Ok::<_, PolarsError>(suppliers.column(name)?.date()?.physical().clone());
    let (from, to) = (day(c::VALID_FROM)?, day(c::VALID_TO)?);
    let mut products: HashMap<i64, Vec<(i32, i32)>> = HashMap::new();
    for (product, days) in suppliers.column(c::PRODUCT_KEY)?.i64()?.iter().zip(from.iter().zip(to.iter())) {
        let days = (days.0.unwrap_or(i32::MIN), days.1.unwrap_or(i32::MAX));
        products.entry(product.unwrap_or_default()).or_default().push(days);
    }
    let is_supplied = |product: Option<i64>, day: Option<i32>| {
        let all = product.and_then(|product| products.get(&product)).map(Vec::as_slice).unwrap_or_default();
        all.iter().any(|(from, to)| day.is_some_and(|day| *from <= day && day <= *to))
    };
    let (mut net, mut list, mut cogs) = (0_i128, 0_i128, 0_i128);
    let amounts = |column| Ok::<_, PolarsError>(lines.column(column)?.i64()?.iter());
    let of_line = amounts(c::NET_AMOUNT)?.zip(amounts(c::LIST_AMOUNT)?).zip(amounts(c::COGS_AMOUNT)?);
    let days = lines.column(c::ORDER_DATE)?.date()?.physical();
    for ((product, day), ((of_net, of_list), of_cogs)) in amounts(c::PRODUCT_KEY)?.zip(days.iter()).zip(of_line) {
        if is_supplied(product, day) {
            net += i128::from(of_net.unwrap_or_default());
            list += i128::from(of_list.or(of_net).unwrap_or_default());
            cogs += i128::from(of_cogs.unwrap_or_default());
        }
    }
    same("net amount of suppliers", period, sum(bought, c::NET_AMOUNT)?, net)?;
    same("list amount of suppliers", period, sum(bought, c::LIST_AMOUNT)?, list)?;
    same("cost of goods of suppliers", period, sum(bought, c::COGS_AMOUNT)?, cogs)
}

/// Checks that the absolute quantities of an activity sum up within the range, so that no customer's sum can overflow.
pub(crate) fn quantities_stay_in_range(
    period: Option<Period>,
    source: DriverSource,
    drivers: &[&Driver],
    evaluated: &[Int64Chunked],
) -> Result<(), RollupError> {
    for (driver, quantities) in drivers.iter().zip(evaluated) {
        let total: i128 = quantities.iter().flatten().map(|quantity| i128::from(quantity).abs()).sum();
        if total > MOST {
            let (activity, total) = (driver.activity.clone(), grouped_decimal(total));
            return Err(RollupError::QuantityOverflow { activity, rows: source.name(), period, total });
        }
    }
    Ok(())
}

fn sum(rows: &DataFrame, column: &str) -> Result<i128, PolarsError> {
    Ok(rows.column(column)?.i64()?.iter().flatten().map(i128::from).sum())
}

fn same(audit: &'static str, period: Period, found: i128, expected: i128) -> Result<(), RollupError> {
    if found == expected { Ok(()) } else { Err(RollupError::Audit { audit, period, found, expected }) }
}
