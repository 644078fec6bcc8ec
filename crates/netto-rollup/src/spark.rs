//! Computes the rollups on the user's own Spark: Spark runs the same SQL texts over the order lines, and netto continues with the
//! resulting month tables as with its own.
//!
//! ```text
//! netto      job.json: the live files of order lines, the texts          spark/exchange.rs
//! python     rollup.py: the job, through Spark Connect                   spark/rollup.py
//! Spark      orders · customer_month · driver_… → Parquet
//! netto      tables read, held against the lake's files, named           this file
//! ```
//! It uses Spark's own Python client, as a client in Rust would cost more to build than all of netto.
//!
//! Audit queries, with one row per month, show whether a row may have negative minutes or an amount out of range. Such a month is
//! rolled up again locally, which names the row as in any run. Orders with lines in several months are returned in parts and
//! processed locally, as the split needs their quantities in each month. Events stay local, as the analyses need them in memory
//! anyway.

mod config;
mod error;
mod exchange;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use netto_model::arrow::{any_from_batches, columns_from_batches};
use netto_model::contract::{CUSTOMER_MONTH, CUSTOMER_SUPPLIER_MONTH, LAKE_ORDER_LINES, ORDERS};
use netto_model::{Dialect, Frame, Period, Table, column as c};
use polars::prelude::*;

pub use config::SparkConfig;
pub use error::SparkError;
use exchange::{Exchange, Written};

use crate::measured::Rows;
use crate::quantities::{Names, Quantities, added};
use crate::text::{Alike, IN_WAREHOUSE, LINE_AUDIT, ORDER_OVER_MONTHS, parts_over_months, sql_text};
use crate::{Driver, DriverSource, Inputs, RollupError, Rollups, Route, events, kernel, lines, month, spanning};

const LINES: &str = "line_audit";
const PARTS: &str = "part_over_months";
/// Slightly less than [`netto_model::frame::MOST`]: sums of doubles are precise enough, as suspect months are checked again.
const NEARLY_MOST: f64 = 9.9e17;

/// A cluster, and the place where it exchanges files with this machine.
#[derive(Clone, Copy, Debug)]
pub struct Cluster<'a> {
    /// Its configuration.
    pub config: &'a SparkConfig,
    /// The folder of the project.
    pub project: &'a Path,
    /// The default folder for exchanged files, within the project.
    pub scratch: &'a Path,
}

/// Rolls up all months on Spark, like [`crate::rollup`]. The client's messages are passed to `said`, line by line.
///
/// # Errors
/// As [`crate::rollup`]; also if Python, Spark's client, its server or the folder is missing, or a text can't be computed.
pub fn rollup(inputs: &Inputs<'_>, cluster: Cluster<'_>, said: &mut dyn FnMut(&str)) -> Result<Rollups, RollupError> {
    let (activities, there) = numbered(inputs.drivers);
    let pieces_there: Vec<Driver> = there.iter().flat_map(Driver::pieces).collect();
    let alike = Alike::all(&pieces_there);
    let exchange = Exchange::open(cluster)?;
    let written = exchange.run(inputs, &texts(&there, &alike, inputs.suppliers.is_some()), said)?;

    let drivers: Vec<Driver> = inputs.drivers.iter().flat_map(Driver::pieces).collect();
    let inputs = &Inputs { drivers: &drivers, ..*inputs };
    let names = Names::of(inputs)?;
    let customers = by_key(&written, &CUSTOMER_MONTH)?;
    all_lines(inputs, &by_month(&frame(&written, LINES)?, c::LINES)?)?;
    all_lines(inputs, &by_month(&customers, c::LINES)?)?;
    let suspects = suspects(&written, &alike)?;
    for (period, files) in inputs.months.iter().filter(|(period, _)| suspects.contains(period)) {
        month::month(*period, files, inputs, &names, &HashSet::new(), Route::Kernel)?;
    }
    let mut quantities = Vec::new();
    for alike in &alike {
        quantities.extend(measured(inputs, &written, alike, &activities, &names)?);
    }
    quantities.extend(events::quantities(inputs, &names)?);
    let mut parts = kernel::parts_of(&declared(&written, PARTS, &ORDERS)?)?;
    let mut over_months = spanning::Months::new(inputs, &names);
    for (period, files) in inputs.months {
        over_months.month(*period, files, &parts.remove(period).unwrap_or_default())?;
    }
    let of_suppliers = match inputs.suppliers {
        Some(_) => Some(Frame::try_new(names.named(by_key(&written, &CUSTOMER_SUPPLIER_MONTH)?)?.lazy())?),
        None => None,
    };
    exchange.clear()?;
    Ok(Rollups {
        customer_month: Frame::try_new(names.named(customers)?.lazy())?,
        driver_quantity: Quantities::joined(quantities).named(&names)?,
        event_quantity: Frame::try_new(events::by_event(inputs)?)?,
        customer_supplier_month: of_suppliers,
        spanning: over_months.done(),
    })
}

/// The activities, and the drivers that Spark measures. Drivers are named by the index of their activity, as not every activity
/// name is a valid column name in every file format.
fn numbered(drivers: &[Driver]) -> (Vec<&str>, Vec<Driver>) {
    let activities: BTreeSet<&str> = drivers.iter().map(|driver| driver.activity.as_str()).collect();
    let activities: Vec<&str> = activities.into_iter().collect();
    let on_lines = |driver: &&Driver| matches!(driver.source, DriverSource::OrderLines | DriverSource::Orders);
    let numbered = |driver: &Driver| {
        let place = activities.binary_search(&driver.activity.as_str()).unwrap_or_default();
        Driver { activity: format!("{ACTIVITY}{place}"), ..driver.clone() }
    };
    let there = drivers.iter().filter(on_lines).map(numbered).collect();
    (activities, there)
}

/// Prefix of activity columns.
const ACTIVITY: &str = "activity_";

/// The SQL texts for Spark, each after those that it reads.
fn texts(drivers: &[Driver], alike: &[Alike<'_>], with_suppliers: bool) -> Vec<(String, String)> {
    let mut texts = sql_text(drivers, with_suppliers, Dialect::Spark);
    let more = [
        (LINES, LINE_AUDIT.to_owned()),
        ("order_over_months", ORDER_OVER_MONTHS.to_owned()),
        (PARTS, parts_over_months()),
    ];
    texts.extend(more.map(|(name, text)| (name.to_owned(), text)));
    texts.extend(alike.iter().map(|alike| (audit(alike), alike.audit(Dialect::Spark))));
    texts
}

fn audit(alike: &Alike<'_>) -> String {
    format!("{}_audit", alike.name())
}

/// Checks that Spark read as many lines as the lake's files have, month by month.
fn all_lines(inputs: &Inputs<'_>, found: &BTreeMap<Period, i64>) -> Result<(), RollupError> {
    for (period, files) in inputs.months {
        let expected = files.iter().map(|file| lines::count(file)).sum::<Result<i64, _>>()?;
        let found = found.get(period).copied().unwrap_or_default();
        if found != expected {
            return Err(SparkError::OtherLines { period: *period, found, expected }.into());
        }
    }
    Ok(())
}

/// The months that may have an invalid row.
fn suspects(written: &Written, alike: &[Alike<'_>]) -> Result<BTreeSet<Period>, RollupError> {
    let mut suspects = BTreeSet::new();
    for name in [LINES.to_owned()].into_iter().chain(alike.iter().map(audit)) {
        let audit = frame(written, &name)?;
        let most = audit.column("most")?.f64()?;
        let lowest = audit.column("lowest").ok().map(|lowest| lowest.i64()).transpose()?;
        for (row, period) in periods(&audit)?.enumerate() {
            let below_zero = lowest.is_some_and(|lowest| lowest.get(row).is_none_or(|lowest| lowest < 0));
            // A missing value or NaN also counts as suspect.
            if below_zero || !most.get(row).is_some_and(|most| most < NEARLY_MOST) {
                suspects.insert(period);
            }
        }
    }
    Ok(suspects)
}

/// The customers' quantities of the activities that one text measures.
fn measured(
    inputs: &Inputs<'_>,
    written: &Written,
    alike: &Alike<'_>,
    activities: &[&str],
    names: &Names<'_>,
) -> Result<Option<Quantities>, RollupError> {
    let mut data = frame(written, &alike.name())?;
    if data.height() == 0 {
        return Ok(None);
    }
    if alike.by_warehouse {
        data.rename(IN_WAREHOUSE, c::WAREHOUSE.into())?;
    }
    let called = |driver: &&Driver| {
        let place = driver.activity.strip_prefix(ACTIVITY).and_then(|place| place.parse::<usize>().ok());
        let activity = place.and_then(|place| activities.get(place)).copied().unwrap_or_default();
        Driver { activity: activity.to_owned(), ..(*driver).clone() }
    };
    let drivers: Vec<Driver> = alike.drivers.iter().map(called).collect();
    let values = alike.drivers.iter().map(|driver| Ok(data.column(&driver.activity)?.i64()?.clone()));
    let values = values.collect::<Result<Vec<_>, PolarsError>>()?;
    let rows = Rows { source: alike.source, data: &data, month: None, orders: inputs.orders };
    Ok(Some(added(&rows, alike.by_warehouse, &drivers.iter().collect::<Vec<_>>(), &values, names)?))
}

/// The rows of a text, with its own columns.
fn frame(written: &Written, name: &str) -> Result<DataFrame, RollupError> {
    let batches = written.batches(name)?;
    let Some(first) = batches.first() else { return Ok(DataFrame::empty()) };
    Ok(any_from_batches(&first.schema(), &batches)?)
}

/// The rows of a text whose result is a table of the contract.
fn declared(written: &Written, name: &str, table: &Table) -> Result<DataFrame, RollupError> {
    Ok(columns_from_batches(table.name, table.columns, &written.batches(name)?)?)
}

/// The rows of a table of the contract, with customer keys.
fn by_key(written: &Written, table: &Table) -> Result<DataFrame, RollupError> {
    let key = LAKE_ORDER_LINES.columns.iter().filter(|column| column.name == c::CUSTOMER_KEY);
    let columns = table.columns.iter().filter(|column| column.name != c::CUSTOMER_ID).chain(key);
    Ok(columns_from_batches(table.name, columns, &written.batches(table.name)?)?)
}

fn periods(rows: &DataFrame) -> Result<impl Iterator<Item = Period>, PolarsError> {
    let days: Vec<i32> = rows.column(c::PERIOD)?.date()?.physical().iter().map(Option::unwrap_or_default).collect();
    Ok(days.into_iter().map(Period::of_day))
}

/// A count, added up by month.
fn by_month(rows: &DataFrame, column: &str) -> Result<BTreeMap<Period, i64>, PolarsError> {
    let mut months = BTreeMap::new();
    if rows.height() > 0 {
        for (period, count) in periods(rows)?.zip(rows.column(column)?.i64()?.iter()) {
            *months.entry(period).or_default() += count.unwrap_or_default();
        }
    }
    Ok(months)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_lines_than_those_of_the_lake_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("part-1.parquet");
        let always = Series::full_null("".into(), 2, &DataType::Date);
        let lines = df!("product_key" => [1_i64, 2], "supplier_id" => ["s", "t"], "valid_from" => always.clone(), "valid_to" => always);
        let lines = lines.unwrap();
        exchange::write(&lines, &file).unwrap();
        let (march, april) = (Period::new(2025, 3), Period::new(2025, 4));
        let months = BTreeMap::from([(march, vec![file.clone(), file])]);
        let none = DataFrame::empty();
        let inputs = Inputs {
            months: &months,
            customers: &none,
            orders: &none,
            events: &BTreeMap::new(),
            drivers: &[],
            suppliers: None,
        };
        assert!(all_lines(&inputs, &BTreeMap::from([(march, 4)])).is_ok());
        let said = all_lines(&inputs, &BTreeMap::from([(march, 2)])).unwrap_err().to_string();
        assert_eq!(said, "Spark has 2 order lines of 2025-03, but the lake has 4");
        assert!(all_lines(&inputs, &BTreeMap::from([(april, 4)])).is_err());
    }

    #[test]
    fn spark_is_asked_for_every_text_after_those_that_it_reads() {
        let driver = |activity: &str, source: DriverSource, text: &str| Driver {
            activity: activity.into(),
            source,
            expression: netto_model::Expression::parse(text, &[source.table()]).unwrap(),
            filter: None,
            minutes: true,
            by_warehouse: source == DriverSource::OrderLines,
        };
        let drivers = [
            driver("pick `it`", DriverSource::OrderLines, "0.7"),
            driver("entry", DriverSource::Orders, "5 + case when delivery = 'direct' then 2 else lines end"),
            driver("visit", DriverSource::Activities, "minutes"),
        ];
        let (activities, there) = numbered(&drivers);
        assert_eq!(activities, ["entry", "pick `it`", "visit"]);
        let pieces: Vec<Driver> = there.iter().flat_map(Driver::pieces).collect();
        let texts = texts(&there, &Alike::all(&pieces), true);
        let mut known = vec!["order_lines".to_owned(), "product_suppliers".to_owned()];
        for (name, text) in &texts {
            let read = text.lines().find_map(|line| line.strip_prefix("-- reads:")).unwrap();
            let unknown: Vec<&str> =
                read.split(',').map(str::trim).filter(|read| !known.iter().any(|k| k == read)).collect();
            assert_eq!(unknown, Vec::<&str>::new(), "{name}");
            assert!(!text.contains("pick") && !text.contains('{'), "{text}");
            known.push(name.clone());
        }
        let asked: Vec<&str> = known.iter().map(String::as_str).collect();
        insta::assert_snapshot!(asked.join("\n"), @r"
        order_lines
        product_suppliers
        orders
        customer_month
        customer_supplier_month
        orders_so_far
        orders_so_far_by_delivery
        driver_order_lines_by_warehouse
        driver_orders
        driver_orders_by_delivery
        line_audit
        order_over_months
        part_over_months
        driver_order_lines_by_warehouse_audit
        driver_orders_audit
        driver_orders_by_delivery_audit
        ");
    }
}
