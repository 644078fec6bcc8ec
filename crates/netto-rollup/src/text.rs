//! Builds the SQL texts of the rollups, with the checked expressions of the configuration inserted.
//!
//! The same texts run in DuckDB and Spark, and also in Polars without the expressions, which netto evaluates itself. In DuckDB,
//! over the lake's files:
//!
//! ```sql
//! create view order_lines as select * from read_parquet('.netto/lake/order_lines/*/*.parquet', hive_partitioning = true);
//! create view orders as (…orders.sql…);
//! …customer_month.sql…
//! create view product_suppliers as select product_key, supplier_id, valid_from, valid_to from (
//!     select product_id, supplier_id, case when lag(valid_from) over versions is not null then valid_from end as valid_from,
//!         lead(valid_from) over versions - 1 as valid_to
//!     from products window versions as (partition by product_id order by valid_from)
//! ) join product_keys using (product_id) where supplier_id in (select supplier_id from rebates where supplier_id <> '');
//! …customer_supplier_month.sql…
//! ```

use std::collections::{BTreeMap, BTreeSet};

use netto_model::{Dialect, column as c};

use crate::kernel::APART;
use crate::measured::apart;
use crate::{Driver, DriverSource};

const ORDERS: &str = include_str!("sql/orders.sql");
/// Lines → state of the orders at the end of each of their months.
const ORDERS_SO_FAR: &str = include_str!("sql/orders_so_far.sql");
/// Orders → customers.
pub(crate) const CUSTOMER_MONTH: &str = include_str!("sql/customer_month.sql");
/// Lines of some suppliers → customers and suppliers.
pub(crate) const CUSTOMER_SUPPLIER_MONTH: &str = include_str!("sql/customer_supplier_month.sql");
const DRIVER: &str = include_str!("sql/driver.sql");
const DRIVER_OF_ORDERS: &str = include_str!("sql/driver_of_orders.sql");
const DRIVER_AUDIT: &str = include_str!("sql/driver_audit.sql");
/// Lines → months.
pub(crate) const LINE_AUDIT: &str = include_str!("sql/line_audit.sql");
/// Orders → orders with lines in several months.
pub(crate) const ORDER_OVER_MONTHS: &str = include_str!("sql/order_over_months.sql");
/// An order counts in the month of its first sale line.
const COUNTED: &str = "cast(case when max(order_kind) = 'sale' and period = min(case when max(order_kind) = 'sale' then period end) \
    over (partition by customer_key, order_key) then 1 else 0 end as bigint)";
/// The same for a month alone; other months are taken into account afterwards.
const COUNTED_IN_MONTH: &str = "cast(max(case when order_kind = 'sale' then 1 else 0 end) as bigint)";

/// Lines → orders of a month alone.
pub(crate) fn orders_of_month() -> String {
    orders(COUNTED_IN_MONTH, "", "")
}

/// Lines → the orders of `order_over_months`, month by month, in their parts.
pub(crate) fn parts_over_months() -> String {
    orders(COUNTED_IN_MONTH, "\njoin order_over_months using (customer_key, order_key)", &listed(&APART))
}

/// Lines → orders: only those that `only` joins, if given, and split into parts by the columns in `apart`.
fn orders(counted: &str, only: &str, apart: &str) -> String {
    ORDERS.replace("{counted}", counted).replace("{only}", only).replace("{, apart}", apart)
}

/// The warehouse column of quantities, with a name that no activity can have.
pub(crate) const IN_WAREHOUSE: &str = "in_warehouse";

/// Every rollup by name: `orders`, `customer_month`, `customer_supplier_month` if suppliers give rebates, and `driver_…` for
/// each source that an activity is measured on; `driver_…_by_warehouse` for activities that are kept by warehouse, and
/// `driver_…_by_order_kind`, `…_by_delivery` for activities that use columns separating the parts of an order. Those on orders
/// read `orders_so_far`, or `orders_so_far_by_…` with orders in parts. An activity with summands about the order and summands about
/// its parts is in several of them, whose results add up.
#[must_use]
pub fn sql_text(drivers: &[Driver], with_suppliers: bool, dialect: Dialect) -> Vec<(String, String)> {
    let drivers: Vec<Driver> = drivers.iter().flat_map(Driver::pieces).collect();
    let mut texts =
        vec![("orders".to_owned(), orders(COUNTED, "", "")), ("customer_month".to_owned(), CUSTOMER_MONTH.to_owned())];
    if with_suppliers {
        texts.push(("customer_supplier_month".to_owned(), CUSTOMER_SUPPLIER_MONTH.to_owned()));
    }
    let alike = Alike::all(&drivers);
    let of_orders = alike.iter().filter(|alike| alike.source == DriverSource::Orders);
    let apart: BTreeSet<&Vec<&str>> = of_orders.map(|alike| &alike.apart).collect();
    texts.extend(apart.into_iter().map(|apart| (so_far(apart), orders_so_far(apart))));
    texts.extend(alike.iter().map(|alike| (alike.name(), alike.text(&drivers, dialect))));
    texts
}

/// Activities measured by one text, on the same rows.
pub(crate) struct Alike<'a> {
    pub(crate) source: DriverSource,
    pub(crate) by_warehouse: bool,
    apart: Vec<&'static str>,
    pub(crate) drivers: Vec<&'a Driver>,
}

impl<'a> Alike<'a> {
    /// Groups pieces of drivers by the text that measures them.
    pub(crate) fn all(pieces: &'a [Driver]) -> Vec<Self> {
        let mut all: BTreeMap<(DriverSource, bool, Vec<&str>), Vec<&Driver>> = BTreeMap::new();
        for driver in pieces {
            all.entry((driver.source, in_warehouses(driver), apart(driver))).or_default().push(driver);
        }
        let alike = |((source, by_warehouse, apart), drivers)| Self { source, by_warehouse, apart, drivers };
        all.into_iter().map(alike).collect()
    }

    pub(crate) fn name(&self) -> String {
        let by_warehouse = if self.by_warehouse { "_by_warehouse" } else { "" };
        format!("driver_{}{}{by_warehouse}", self.source.name(), suffix(&self.apart))
    }

    /// The name of the rows that it reads.
    pub(crate) fn rows(&self) -> String {
        if self.source == DriverSource::Orders { so_far(&self.apart) } else { self.source.name().to_owned() }
    }

    /// An audit query for rows that netto doesn't read itself: one row per month.
    pub(crate) fn audit(&self, dialect: Dialect) -> String {
        let sum =
            |all: String, driver: &&Driver| all + &format!(",\n        sum(abs({}) * 10000)", number(driver, dialect));
        let minutes = self.drivers.iter().filter(|driver| driver.minutes);
        DRIVER_AUDIT
            .replace("{source}", &self.rows())
            .replace("{, minutes}", &minutes.fold(String::new(), |all, driver| all + ", " + &quantity(driver, dialect)))
            .replace("{, sums}", &self.drivers.iter().fold(String::new(), sum))
    }

    fn text(&self, all: &[Driver], dialect: Dialect) -> String {
        match self.source {
            DriverSource::Orders => driver_of_orders(&self.apart, &self.drivers, all, dialect),
            source => driver_sql(source, &self.drivers, dialect),
        }
    }
}

fn suffix(apart: &[&str]) -> String {
    apart.iter().fold(String::new(), |suffix, column| suffix + "_by_" + column)
}

fn so_far(apart: &[&str]) -> String {
    format!("orders_so_far{}", suffix(apart))
}

/// The columns with leading commas, to follow others in a list.
fn listed(apart: &[&str]) -> String {
    apart.iter().fold(String::new(), |list, column| list + ", " + column)
}

/// Orders month by month, split into parts by these columns. A part's channel, day and so on come from its lines; but all
/// quantities of an order in a month belong to one warehouse.
fn orders_so_far(apart: &[&str]) -> String {
    let parts = if apart.is_empty() { "" } else { " × part" };
    ORDERS_SO_FAR.replace("{parts}", parts).replace("{, apart}", &listed(apart))
}

/// Whether a driver's quantities are kept by warehouse, which its rows must have.
pub(crate) fn in_warehouses(driver: &Driver) -> bool {
    driver.by_warehouse && driver.source.table().column(c::WAREHOUSE).is_some()
}

/// One statement that measures activities of a source, either all by warehouse or none; one column per activity, with its name.
fn driver_sql(source: DriverSource, drivers: &[&Driver], dialect: Dialect) -> String {
    let sum =
        |driver: &&Driver| format!("    sum({}) as {}", quantity(driver, dialect), dialect.quoted(&driver.activity));
    by_warehouse(DRIVER, drivers, "warehouse")
        .replace("{source}", source.name())
        .replace("{customer}", source.customer())
        .replace("{quantities}", &lines(drivers, sum))
}

/// One statement that measures activities on orders in their parts.
fn driver_of_orders(apart: &[&str], drivers: &[&Driver], all: &[Driver], dialect: Dialect) -> String {
    let name = |driver: &Driver| dialect.quoted(&driver.activity);
    let of_part = |driver: &&Driver| {
        let quantity = quantity(driver, dialect);
        format!("                {quantity} - coalesce(lag({quantity}) over part, 0) as {}", name(driver))
    };
    let so_far = |driver: &&Driver| {
        let name = name(driver);
        format!("            sum(sum({name})) over (partition by customer_key, order_key order by period) as {name}")
    };
    let in_month = |driver: &&Driver| {
        let name = name(driver);
        let most = format!("max({name}) over earlier");
        if driver.keeps_what_was_taken(all) {
            format!("        greatest({name}, coalesce({most}, {name})) - coalesce({most}, 0) as {name}")
        } else {
            format!("        {name} - coalesce(last_value({name}) over earlier, 0) as {name}")
        }
    };
    by_warehouse(DRIVER_OF_ORDERS, drivers, "in_warehouse")
        .replace("{source}", &self::so_far(apart))
        .replace("{, apart}", &listed(apart))
        .replace("{sums}", &lines(drivers, |driver| format!("    sum({0}) as {0}", name(driver))))
        .replace("{in_month}", &lines(drivers, in_month))
        .replace("{so_far}", &lines(drivers, so_far))
        .replace("{of_parts}", &lines(drivers, of_part))
}

fn lines(drivers: &[&Driver], of: impl Fn(&&Driver) -> String) -> String {
    drivers.iter().map(of).collect::<Vec<_>>().join(",\n")
}

/// Inserts the grain into a text, with the warehouse column if a driver is kept by warehouse. Rows without a warehouse belong to an
/// unnamed one.
fn by_warehouse(text: &str, drivers: &[&Driver], column: &str) -> String {
    let (grain, selected, group) = if drivers.iter().any(|driver| in_warehouses(driver)) {
        let named = format!("coalesce({column}, '')");
        let selected = format!("    {named} as {IN_WAREHOUSE},                    -- the warehouse\n");
        ("month × customer × warehouse", selected, format!(", {named}"))
    } else {
        ("month × customer", String::new(), String::new())
    };
    text.replace("{grain}", grain).replace("{warehouse}\n", &selected).replace("{, warehouse}", &group)
}

/// The number of a row as a double; zero if the condition doesn't hold.
fn number(driver: &Driver, dialect: Dialect) -> String {
    let number = driver.expression.sql(dialect);
    match &driver.filter {
        Some(condition) => format!("case when ({}) then {number} else cast(0 as double) end", condition.sql(dialect)),
        None => number,
    }
}

/// The quantity of a row in ten-thousandths; zero if the condition doesn't hold.
fn quantity(driver: &Driver, dialect: Dialect) -> String {
    match &driver.filter {
        Some(condition) => driver.expression.ten_thousandths_where(condition, dialect),
        None => driver.expression.ten_thousandths(dialect),
    }
}
