//! The SQL text of the rollups, with the configuration's checked expressions inserted.
//!
//! The same text runs in Polars, DuckDB and Spark. In DuckDB, over the lake's files:
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

use netto_model::{Dialect, Expression, column as c};

use crate::{Driver, DriverSource};

/// Lines → orders.
pub(crate) const ORDERS: &str = include_str!("sql/orders.sql");
/// Orders → customers.
pub(crate) const CUSTOMER_MONTH: &str = include_str!("sql/customer_month.sql");
/// Lines of some suppliers → customers and suppliers.
pub(crate) const CUSTOMER_SUPPLIER_MONTH: &str = include_str!("sql/customer_supplier_month.sql");
const DRIVER: &str = include_str!("sql/driver.sql");
/// The column by which quantities are kept apart: named otherwise than any activity might be.
pub(crate) const IN_WAREHOUSE: &str = "in_warehouse";

/// Every rollup by name: `orders`, `customer_month`, `customer_supplier_month` where suppliers give rebates, and `driver_…`
/// per source that an activity is measured on; `driver_…_by_warehouse` for those that are kept by warehouse.
#[must_use]
pub fn sql_text(drivers: &[Driver], with_suppliers: bool, dialect: Dialect) -> Vec<(String, String)> {
    let mut texts =
        vec![("orders".to_owned(), ORDERS.to_owned()), ("customer_month".to_owned(), CUSTOMER_MONTH.to_owned())];
    if with_suppliers {
        texts.push(("customer_supplier_month".to_owned(), CUSTOMER_SUPPLIER_MONTH.to_owned()));
    }
    let kinds: BTreeSet<(DriverSource, bool)> =
        drivers.iter().map(|driver| (driver.source, in_warehouses(driver))).collect();
    texts.extend(kinds.into_iter().map(|(source, apart)| {
        let alike = |driver: &&Driver| driver.source == source && in_warehouses(driver) == apart;
        let alike: Vec<&Driver> = drivers.iter().filter(alike).collect();
        let suffix = if apart { "_by_warehouse" } else { "" };
        (format!("driver_{}{suffix}", source.name()), driver_sql(source, &alike, dialect))
    }));
    texts
}

/// Whether a driver's quantities are kept by warehouse: where its rows name one.
pub(crate) fn in_warehouses(driver: &Driver) -> bool {
    driver.by_warehouse && driver.source.table().column(c::WAREHOUSE).is_some()
}

/// One statement that measures activities of a source, all by warehouse or none; a column per activity, named after it.
pub(crate) fn driver_sql(source: DriverSource, drivers: &[&Driver], dialect: Dialect) -> String {
    let sum = |driver: &&Driver| format!("    sum({}) as \"{}\"", quantity(driver, dialect), driver.activity);
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
        .replace("{source}", source.name())
        .replace("{customer}", source.customer())
        .replace("{warehouse}\n", &column)
        .replace("{, warehouse}", &group)
        .replace("{quantities}", &sums.join(",\n"))
}

/// A row without a warehouse is of the one without a name.
const OF_WAREHOUSE: &str = "coalesce(warehouse, '')";

/// The same before it is added up: the quantities of every row, in the order of the rows.
pub(crate) fn row_sql(source: DriverSource, drivers: &[&Driver], dialect: Dialect) -> String {
    let quantity = |driver: &&Driver| format!("{} as \"{}\"", quantity(driver, dialect), driver.activity);
    let quantities: Vec<String> = drivers.iter().map(quantity).collect();
    let apart = drivers.iter().any(|driver| in_warehouses(driver));
    let warehouse = if apart { format!("{OF_WAREHOUSE} as {IN_WAREHOUSE}, ") } else { String::new() };
    format!("select period, {}, {warehouse}{} from {}", source.customer(), quantities.join(", "), source.name())
}

/// The quantity of a row in ten-thousandths; zero where the condition doesn't hold.
pub(crate) fn quantity(driver: &Driver, dialect: Dialect) -> String {
    let reads_nothing = |expression: &Expression| expression.columns().next().is_none();
    // Polars sums a constant once per group, not once per row: tie it to a column that every row has.
    let constant = reads_nothing(&driver.expression) && driver.filter.as_ref().is_none_or(reads_nothing);
    let every_row = format!("{} is not null", driver.source.customer());
    let condition = driver.filter.as_ref().map(|condition| condition.sql(dialect));
    match condition {
        Some(condition) if constant => {
            driver.expression.ten_thousandths_where(&format!("({condition}) and {every_row}"), dialect)
        }
        Some(condition) => driver.expression.ten_thousandths_where(&condition, dialect),
        None if constant => driver.expression.ten_thousandths_where(&every_row, dialect),
        None => driver.expression.ten_thousandths(dialect),
    }
}
