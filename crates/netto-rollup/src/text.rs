//! The SQL text of the rollups, with the configuration's checked expressions inserted.
//!
//! The same text runs in DuckDB and Spark; without the expressions, which netto evaluates itself, in Polars too. In DuckDB,
//! over the lake's files:
//!
//! ```sql
//! create view order_lines as select * from read_parquet('.netto/lake/order_lines/*/*.parquet', hive_partitioning = true);
//! create view orders as (…orders.sql…);
//! …customer_month.sql…
//! create view product_suppliers as select product_key, supplier_id from product_keys join products using (product_id)
//!     where supplier_id in (select supplier_id from rebates where supplier_id <> '');
//! …customer_supplier_month.sql…
//! ```

use std::collections::BTreeSet;

use netto_model::{Dialect, column as c};

use crate::measured::apart;
use crate::{Driver, DriverSource};

/// Lines → orders.
pub(crate) const ORDERS: &str = include_str!("sql/orders.sql");
/// Orders → customers.
pub(crate) const CUSTOMER_MONTH: &str = include_str!("sql/customer_month.sql");
/// Lines of some suppliers → customers and suppliers.
pub(crate) const CUSTOMER_SUPPLIER_MONTH: &str = include_str!("sql/customer_supplier_month.sql");
const DRIVER: &str = include_str!("sql/driver.sql");
/// The column by which quantities are kept apart: named otherwise than any activity might be.
const IN_WAREHOUSE: &str = "in_warehouse";

/// Every rollup by name: `orders`, `customer_month`, `customer_supplier_month` where suppliers give rebates, and `driver_…`
/// per source that an activity is measured on; `driver_…_by_warehouse` for those that are kept by warehouse, and
/// `driver_…_by_order_kind`, `…_by_delivery` for those that look at what tells the parts of an order apart: these read
/// `orders_by_…`, orders in their parts.
#[must_use]
pub fn sql_text(drivers: &[Driver], with_suppliers: bool, dialect: Dialect) -> Vec<(String, String)> {
    let mut texts =
        vec![("orders".to_owned(), ORDERS.to_owned()), ("customer_month".to_owned(), CUSTOMER_MONTH.to_owned())];
    if with_suppliers {
        texts.push(("customer_supplier_month".to_owned(), CUSTOMER_SUPPLIER_MONTH.to_owned()));
    }
    let of = |driver: &Driver| (driver.source, in_warehouses(driver), apart(driver));
    let kinds: BTreeSet<(DriverSource, bool, Vec<&str>)> = drivers.iter().map(of).collect();
    let apart: BTreeSet<&Vec<&str>> =
        kinds.iter().map(|(_, _, apart)| apart).filter(|apart| !apart.is_empty()).collect();
    texts.extend(apart.into_iter().map(|apart| (format!("orders{}", suffix(apart)), orders_apart(apart))));
    texts.extend(kinds.iter().map(|kind| {
        let alike: Vec<&Driver> = drivers.iter().filter(|driver| of(driver) == *kind).collect();
        let (source, by_warehouse, apart) = kind;
        let by_warehouse = if *by_warehouse { "_by_warehouse" } else { "" };
        let parts = suffix(apart);
        (format!("driver_{}{parts}{by_warehouse}", source.name()), driver_sql(*source, &parts, &alike, dialect))
    }));
    texts
}

fn suffix(apart: &[&str]) -> String {
    apart.iter().fold(String::new(), |suffix, column| suffix + "_by_" + column)
}

/// Orders in their parts: the text of the orders, grouped by what tells them apart too. A part's channel, day, … are those
/// of its lines; but all that an order takes is taken in one warehouse.
fn orders_apart(apart: &[&str]) -> String {
    let group = apart.iter().fold(String::new(), |group, column| group + ", " + column);
    let warehouse = "min(min(warehouse)) over (partition by period, customer_key, order_key) as warehouse";
    ORDERS.trim_end().replace("min(warehouse) as warehouse", warehouse) + &group + "\n"
}

/// Whether a driver's quantities are kept by warehouse: where its rows name one.
pub(crate) fn in_warehouses(driver: &Driver) -> bool {
    driver.by_warehouse && driver.source.table().column(c::WAREHOUSE).is_some()
}

/// One statement that measures activities of a source, all by warehouse or none; a column per activity, named after it.
fn driver_sql(source: DriverSource, parts: &str, drivers: &[&Driver], dialect: Dialect) -> String {
    let sum =
        |driver: &&Driver| format!("    sum({}) as {}", quantity(driver, dialect), dialect.quoted(&driver.activity));
    let sums: Vec<String> = drivers.iter().map(sum).collect();
    let apart = drivers.iter().any(|driver| in_warehouses(driver));
    let (grain, column, group) = if apart {
        let column = format!("    {OF_WAREHOUSE} as {IN_WAREHOUSE},                    -- the warehouse\n");
        ("month × customer × warehouse", column, format!(", {OF_WAREHOUSE}"))
    } else {
        ("month × customer", String::new(), String::new())
    };
    DRIVER
        .replace("{grain}", grain)
        .replace("{source}", &format!("{}{parts}", source.name()))
        .replace("{customer}", source.customer())
        .replace("{warehouse}\n", &column)
        .replace("{, warehouse}", &group)
        .replace("{quantities}", &sums.join(",\n"))
}

/// A row without a warehouse is of the one without a name.
const OF_WAREHOUSE: &str = "coalesce(warehouse, '')";

/// The quantity of a row in ten-thousandths; zero where the condition doesn't hold.
fn quantity(driver: &Driver, dialect: Dialect) -> String {
    match &driver.filter {
        Some(condition) => driver.expression.ten_thousandths_where(condition, dialect),
        None => driver.expression.ten_thousandths(dialect),
    }
}
