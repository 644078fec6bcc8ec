//! The SQL text of the rollups, with the configuration's checked expressions inserted.
//!
//! The same text runs in Polars, DuckDB and Spark. In DuckDB, over the lake's files:
//!
//! ```sql
//! create view order_lines as select * from read_parquet('.netto/lake/order_lines/*/*.parquet', hive_partitioning = true);
//! create view orders as (…orders.sql…);
//! …customer_month.sql…
//! ```

use netto_model::{Dialect, Expression};

use crate::{Driver, DriverSource};

/// Lines → orders.
pub(crate) const ORDERS: &str = include_str!("sql/orders.sql");
/// Orders → customers.
pub(crate) const CUSTOMER_MONTH: &str = include_str!("sql/customer_month.sql");
const DRIVER: &str = include_str!("sql/driver.sql");

/// Every rollup by name: `orders`, `customer_month`, and `driver_…` per source that an activity is measured on.
#[must_use]
pub fn sql_text(drivers: &[Driver], dialect: Dialect) -> Vec<(String, String)> {
    let mut texts =
        vec![("orders".to_owned(), ORDERS.to_owned()), ("customer_month".to_owned(), CUSTOMER_MONTH.to_owned())];
    let mut sources: Vec<DriverSource> = drivers.iter().map(|driver| driver.source).collect();
    sources.sort_unstable();
    sources.dedup();
    texts.extend(sources.into_iter().map(|source| {
        let of_source: Vec<&Driver> = drivers.iter().filter(|driver| driver.source == source).collect();
        (format!("driver_{}", source.name()), driver_sql(source, &of_source, dialect))
    }));
    texts
}

/// One statement that measures all activities of a source; a column per activity, named after it.
pub(crate) fn driver_sql(source: DriverSource, drivers: &[&Driver], dialect: Dialect) -> String {
    let mut quantities = String::new();
    for (index, driver) in drivers.iter().enumerate() {
        let comma = if index + 1 < drivers.len() { "," } else { "" };
        quantities += &format!("    sum({}) as \"{}\"{comma}\n", quantity(driver, dialect), driver.activity);
    }
    DRIVER
        .replace("{source}", source.name())
        .replace("{customer}", source.customer())
        .replace("{quantities}\n", &quantities)
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
