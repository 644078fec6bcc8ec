//! What customers contribute to the sections of orders, stock and the assortment, summed over customers that no filter of the page distinguishes, so that the
//! page's sums for a choice reconcile with the tables and take little room.
//!
//! ```text
//! {"apart": 4, "sizes": {"of": ["0–50", "50–100"], "columns": ["orders", …], "rows": [[0, 1, 12, …], …]}}
//! ```
//! Customers are alike if they share tier, market, rep and product groups; the first of them gives the group its number. If there are still too many groups,
//! product groups are ignored, and these sections don't follow a choice of one. A row has its group, its index in `of`, and its sums.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::{Period, Table, column as c, contract};
use polars::prelude::*;
use serde_json::{Map, Value, json};

use super::marts::{Row, Rows};
use super::page::Page;
use super::to_do::LATELY;
use super::unknown::Needs;
use super::{channels, service};
use crate::PublishError;

/// The maximum number of groups.
const MOST: usize = 5_000;

/// The groups, as a table to join with.
const ALIKE: &str = "alike";

/// The filterable properties of a customer: indexes of its tier, market and rep, and its product groups.
pub(super) struct Known<'a> {
    pub(super) id: String,
    pub(super) places: [usize; 3],
    pub(super) groups: &'a str,
}

/// The customers' sums, for the sections whose tables were made.
pub(super) fn sums(page: &Page<'_>, customers: &[Known<'_>]) -> Result<Value, PublishError> {
    let by_groups = numbers(customers, |one| (one.places, one.groups));
    let (apart, numbers) = match by_groups.iter().max() {
        Some(last) if *last >= MOST => (3, numbers(customers, |one| (one.places, ""))),
        _ => (4, by_groups),
    };
    let numbers = numbers.into_iter().map(|number| i64::try_from(number).unwrap_or(i64::MAX));
    let alike = df!(
        c::CUSTOMER_ID => customers.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(),
        ALIKE => numbers.collect::<Vec<_>>(),
    )?;
    let mut made = Map::from_iter([("apart".to_owned(), json!(apart))]);
    let tables = [
        ("sizes", sizes(page)?),
        ("channels", of_channels(page)?),
        ("electronic", electronic(page)?),
        ("stock", stock(page)?),
        ("markets", markets(page)?),
        ("delivery", speed(page, "delivery", c::DELIVERY)?),
        ("months", speed(page, "month", c::PERIOD)?),
        ("kinds", kinds(page)?),
        ("services", services(page)?),
        ("slipping", slipping(page)),
        ("overdue", overdue(page)?),
        ("steps-up", steps_up(page)?),
        ("cross-sell", cross_sell(page)?),
    ];
    for (name, table) in tables {
        if let Some(sums) = table.map(|table| table.added_up(&alike)).transpose()?.flatten() {
            made.insert(name.to_owned(), sums);
        }
    }
    Ok(Value::Object(made))
}

/// By customer, the number of its group, in the order of first occurrence.
fn numbers<'a, K: Ord>(customers: &'a [Known<'a>], key: impl Fn(&'a Known<'a>) -> K) -> Vec<usize> {
    let mut known = BTreeMap::new();
    let number = |one| {
        let next = known.len();
        *known.entry(key(one)).or_insert(next)
    };
    customers.iter().map(number).collect()
}

/// A table by customer, and the keys that it is summed by.
struct Summed {
    data: LazyFrame,
    /// The subjects of the rows: their columns, and by value the index and the label.
    keys: Vec<&'static str>,
    of: Vec<(Vec<String>, Value)>,
    /// The column that counts a customer.
    counts: Expr,
    columns: Vec<&'static str>,
}

impl Summed {
    /// Keeps the customers' rows of a table with several levels.
    fn of_customers(self) -> Self {
        let rows = self.data.filter(col(c::LEVEL).eq(lit("customer")));
        Self { data: rows.with_column(col(c::KEY).alias(c::CUSTOMER_ID)), ..self }
    }

    fn added_up(self, alike: &DataFrame) -> Result<Option<Value>, PublishError> {
        let sums = |columns: &[&str]| columns.iter().map(|column| col(*column).sum()).collect::<Vec<_>>();
        let by =
            |first: &'static str| std::iter::once(first).chain(self.keys.iter().copied()).map(col).collect::<Vec<_>>();
        let columns: Vec<&str> = std::iter::once(c::CUSTOMERS).chain(self.columns.iter().copied()).collect();
        let data = self
            .data
            .group_by(by(c::CUSTOMER_ID))
            .agg(sums(&self.columns))
            .with_column(self.counts.cast(DataType::Int64).alias(c::CUSTOMERS))
            .join(alike.clone().lazy(), [col(c::CUSTOMER_ID)], [col(c::CUSTOMER_ID)], JoinArgs::new(JoinType::Inner))
            .group_by(by(ALIKE))
            .agg(sums(&columns))
            .sort(
                std::iter::once(ALIKE).chain(self.keys.iter().copied()).collect::<Vec<_>>(),
                SortMultipleOptions::default(),
            )
            .collect()?;
        let places: BTreeMap<&[String], usize> = self.of.iter().map(|(key, _)| key.as_slice()).zip(0..).collect();
        let key = |row: Row<'_>| self.keys.iter().map(|key| written(row, key)).collect::<Vec<_>>();
        let line = |row: Row<'_>| {
            let place = places.get(key(row).as_slice())?;
            let first = [row.units(ALIKE), i64::try_from(*place).unwrap_or(i64::MAX)];
            Some(first.into_iter().chain(columns.iter().map(|column| row.units(column))).collect::<Vec<_>>())
        };
        let rows: Vec<Vec<i64>> = Rows::from(data).iter().filter_map(line).collect();
        let of = self.of.iter().map(|(_, shown)| shown);
        Ok((!rows.is_empty()).then(|| json!({ "of": of.collect::<Vec<_>>(), "columns": columns, "rows": rows })))
    }
}

/// The value of a key: a month, a number or a text.
fn written(row: Row<'_>, key: &str) -> String {
    let month = row.day(key).map(|day| Period::of_day(day).to_string());
    month.or_else(|| Some(row.maybe(key)?.to_string())).unwrap_or_else(|| row.text(key).to_owned())
}

/// A table of the window; `None` if it has no rows. Columns without any value are left out.
fn of_window(
    page: &Page<'_>,
    table: &Table,
    keys: &[&'static str],
    of: Vec<(Vec<String>, Value)>,
    counts: Expr,
    columns: &[&'static str],
) -> Result<Option<Summed>, PublishError> {
    let data = page.marts.of_window(table)?;
    let known = |column: &&&str| data.column(column).is_ok_and(|column| column.null_count() < data.height());
    let columns = columns.iter().filter(known).copied().collect();
    Ok((data.height() > 0).then(|| Summed { data: data.lazy(), keys: keys.to_vec(), of, counts, columns }))
}

/// The distinct subjects of a table's rows, in their order.
fn named<'a>(
    rows: impl IntoIterator<Item = Row<'a>>,
    keys: &[&str],
    shown: impl Fn(Row<'a>) -> Value,
) -> Vec<(Vec<String>, Value)> {
    let (mut named, mut known) = (Vec::new(), BTreeSet::new());
    for row in rows {
        let key: Vec<String> = keys.iter().map(|key| written(row, key)).collect();
        if known.insert(key.clone()) {
            named.push((key, shown(row)));
        }
    }
    named
}

fn sizes(page: &Page<'_>) -> Result<Option<Summed>, PublishError> {
    let rows = page.of_window(contract::model("order_size"))?;
    let mut bands: Vec<Row<'_>> = rows.iter().collect();
    bands.sort_by_key(|row| (row.units(c::BAND) == 0, row.units(c::BAND)));
    let of = named(bands, &[c::BAND], |row| page.format.phrase(row.text(c::LABEL)).into());
    let columns = [
        c::ORDERS,
        c::LINES,
        c::INVOICE_REVENUE,
        c::GROSS_MARGIN,
        c::COST_TO_SERVE,
        c::NET_PROFIT,
        c::LOSS_ORDERS,
        c::LOSS_AMOUNT,
    ];
    of_window(page, contract::model("customer_order_size"), &[c::BAND], of, col(c::ORDERS).gt(lit(0)), &columns)
}

fn of_channels(page: &Page<'_>) -> Result<Option<Summed>, PublishError> {
    let rows = page.of_window(contract::model("channel"))?;
    let of = named(rows.iter(), &[c::CHANNEL], |row| channels::channel(&page.format, row).json());
    let columns = [c::ORDERS, c::LINES, c::INVOICE_REVENUE, c::COST_TO_SERVE, c::NET_PROFIT];
    of_window(page, contract::model("customer_order_channel"), &[c::CHANNEL], of, col(c::ORDERS).gt(lit(0)), &columns)
}

/// Over all channels: which customers order electronically.
fn electronic(page: &Page<'_>) -> Result<Option<Summed>, PublishError> {
    let columns = [c::ORDERS, "electronic_orders", c::LINES, "electronic_lines", c::CHANNEL_SAVING];
    of_window(page, contract::model("customer_channel"), &[], whole(), lit(1), &columns)
}

fn stock(page: &Page<'_>) -> Result<Option<Summed>, PublishError> {
    let table = contract::model("stock_customer_group");
    let rows = page.of_window(table)?;
    let of = named(rows.of(c::LEVEL, "customer"), &[c::PRODUCT_GROUP], |row| row.text(c::PRODUCT_GROUP).into());
    let columns = [c::AVERAGE_STOCK, c::RESERVED_STOCK, c::COGS, c::GROSS_MARGIN, c::ORDER_LEVEL_COST, c::HOLDING_COST];
    let summed = of_window(page, table, &[c::PRODUCT_GROUP], of, lit(1), &columns)?;
    Ok(summed.map(Summed::of_customers))
}

fn markets(page: &Page<'_>) -> Result<Option<Summed>, PublishError> {
    let rows = page.of_window(contract::model("market"))?;
    Ok(Some(Summed {
        data: page.marts.in_window(&contract::FCT_CUSTOMER_PRODUCT_GROUP_MONTH)?,
        keys: vec![c::PRODUCT_GROUP],
        of: named(rows.iter(), &[c::PRODUCT_GROUP], |row| row.text(c::PRODUCT_GROUP).into()),
        counts: col(c::INVOICE_REVENUE).gt(lit(0)),
        columns: vec![c::INVOICE_REVENUE, c::NET_BEFORE_CUSTOMER_COST],
    }))
}

/// The columns by which delivery is judged.
const SPEED: [&str; 5] = [c::LINES, c::LINES_PROMISED, c::LINES_LATE, c::DAYS_LATE, c::LEAD_DAYS];

/// Deliveries by a level of `delivery_speed`, which is the column `key` of the fact.
fn speed(page: &Page<'_>, level: &str, key: &'static str) -> Result<Option<Summed>, PublishError> {
    let rows = page.of_window(contract::model("delivery_speed"))?;
    let shown = |row: Row<'_>| service::of_level(&page.format, level, row.text(c::KEY)).json();
    Ok(Some(Summed {
        data: page.marts.in_window(&contract::DELIVERY_MONTH)?,
        keys: vec![key],
        of: named(rows.of(c::LEVEL, level), &[c::KEY], shown),
        counts: col(c::LINES).gt(lit(0)),
        columns: SPEED.to_vec(),
    }))
}

/// Sums by kind of product; the page adds up services by their names in the tables.
const BRINGS: [&str; 7] = [
    c::LINES,
    c::INVOICE_REVENUE,
    c::GROSS_MARGIN,
    c::COST_TO_SERVE,
    c::NET_BEFORE_CUSTOMER_COST,
    c::CUSTOMER_COST,
    c::NET_PROFIT,
];

fn kinds(page: &Page<'_>) -> Result<Option<Summed>, PublishError> {
    let rows = page.of_window(contract::model("product_kind"))?;
    let keys = [c::KIND, c::DELIVERY];
    Ok(Some(Summed {
        data: page.marts.in_window(&contract::FCT_CUSTOMER_KIND_MONTH)?,
        keys: keys.to_vec(),
        of: named(rows.iter(), &keys, |row| json!([service::kind(&page.format, row).json(), row.text(c::KIND)])),
        counts: col(c::LINES).gt(lit(0)),
        columns: BRINGS.to_vec(),
    }))
}

fn services(page: &Page<'_>) -> Result<Option<Summed>, PublishError> {
    let table = contract::model("kind_buyer");
    let words = ["assembly", "service"].map(|kind| (vec![kind.to_owned()], page.format.say(kind).into()));
    let columns = [c::LINES, c::INVOICE_REVENUE, c::GROSS_MARGIN, c::COST_TO_SERVE, c::NET_PROFIT];
    let summed = of_window(page, table, &[c::KIND], words.to_vec(), col(c::LINES).gt(lit(0)), &columns)?;
    Ok(summed.map(Summed::of_customers))
}

fn slipping(page: &Page<'_>) -> Option<Summed> {
    let gone = col(c::SILENT_MONTHS).gt(lit(LATELY)).cast(DataType::Int64).alias("gone");
    let data = page.marts.all(contract::model("slipping_customer")).lazy().with_column(gone);
    let columns = vec![c::REVENUE_AT_STAKE, c::MARGIN_AT_STAKE, "gone"];
    Needs::Now.are_met(page).then(|| Summed { data, keys: vec![], of: whole(), counts: lit(1), columns })
}

fn overdue(page: &Page<'_>) -> Result<Option<Summed>, PublishError> {
    let late = col(c::OVERDUE_AMOUNT).gt(lit(0));
    of_window(page, contract::model("days_sales_outstanding"), &[], whole(), late, &["open_amount", c::OVERDUE_AMOUNT])
}

fn steps_up(page: &Page<'_>) -> Result<Option<Summed>, PublishError> {
    of_window(page, contract::model("customer_step_up"), &[], whole(), lit(1), &["extra_profit", "extra_margin"])
}

fn cross_sell(page: &Page<'_>) -> Result<Option<Summed>, PublishError> {
    of_window(page, contract::model("cross_sell"), &[], whole(), lit(1), &[c::EXPECTED_PROFIT])
}

/// Rows with no subject other than their customers.
fn whole() -> Vec<(Vec<String>, Value)> {
    vec![(vec![], Value::Null)]
}
