//! Five rows in, rows out, on both routes: the kernel and the SQL text.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "a test that can't go on stops")]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

use netto_model::arrow::to_batch;
use netto_model::contract::{ACTIVITIES, LAKE_ORDER_LINES, ORDERS};
use netto_model::{Expression, Period};
use netto_rollup::{Driver, DriverSource, Inputs, RollupError, Rollups, Route, rollup};
use parquet::arrow::ArrowWriter;
use polars::prelude::*;
use tempfile::TempDir;

/// customer, order, line, quantity, net, list, cogs, channel, delivery
type Line = (i64, i64, i64, i64, i64, Option<i64>, Option<i64>, &'static str, &'static str);

const MARCH: Period = Period::new(2025, 3);

const FIVE: [Line; 5] = [
    (1, 1, 1, 20_000, 200_000, Some(250_000), Some(120_000), "web", "stock"),
    (1, 1, 2, 10_000, 50_000, None, Some(60_000), "edi", "direct"),
    // A credit note of a zero-price line: the cost comes back, the revenue is nothing.
    (1, 2, 1, -10_000, 0, Some(0), Some(-100_000), "phone", "stock"),
    (2, 3, 1, 10_000, 80_000, Some(80_000), None, "web", "stock"),
    (2, 4, 1, 10_000, 90_000, Some(90_000), Some(90_000), "web", "stock"),
];

struct Lake {
    _folder: TempDir,
    months: BTreeMap<Period, Vec<PathBuf>>,
}

fn lake(months: &[(Period, &[Line])]) -> Lake {
    let folder = tempfile::tempdir().unwrap();
    let mut files = BTreeMap::new();
    for (month, lines) in months {
        let each = |of: fn(&Line) -> i64| lines.iter().map(of).collect::<Vec<i64>>();
        let n = lines.len();
        let nothing = || vec![None::<i64>; n];
        let no_text = || vec![None::<&str>; n];
        let no_date = || Series::new("".into(), vec![None::<i32>; n]).cast(&DataType::Date).unwrap();
        let days = Series::new("".into(), vec![month.first_day() + 4; n]).cast(&DataType::Date).unwrap();
        let data = df!(
            "period" => days.clone(), "customer_key" => each(|l| l.0), "order_key" => each(|l| l.1), "line_no" => each(|l| l.2),
            "order_date" => days, "product_key" => vec![1_i64; n], "quantity" => each(|l| l.3), "net_amount" => each(|l| l.4),
            "list_amount" => lines.iter().map(|l| l.5).collect::<Vec<_>>(), "discount_amount" => nothing(),
            "cogs_amount" => lines.iter().map(|l| l.6).collect::<Vec<_>>(),
            "channel" => lines.iter().map(|l| l.7).collect::<Vec<_>>(), "employee_id" => no_text(), "ship_to_id" => no_text(),
            "warehouse" => no_text(), "order_kind" => vec!["sale"; n], "promised_date" => no_date(), "delivered_date" => no_date(),
            "delivery" => lines.iter().map(|l| l.8).collect::<Vec<_>>(), "freight_charged" => nothing(), "currency" => no_text()
        )
        .unwrap();
        let batch = to_batch(&LAKE_ORDER_LINES, &data).unwrap();
        let path = folder.path().join(format!("{month}.parquet"));
        let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        files.insert(*month, vec![path]);
    }
    Lake { _folder: folder, months: files }
}

fn driver(activity: &str, source: DriverSource, expression: &str, filter: Option<&str>) -> Driver {
    let table = match source {
        DriverSource::OrderLines => &LAKE_ORDER_LINES,
        DriverSource::Activities => &ACTIVITIES,
        _ => &ORDERS,
    };
    Driver {
        activity: activity.into(),
        source,
        expression: Expression::parse(expression, &[table]).unwrap(),
        filter: filter.map(|text| Expression::parse(text, &[table]).unwrap()),
    }
}

fn rolled(lake: &Lake, drivers: &[Driver], visits: &[(&str, i64)], route: Route) -> Result<Rollups, RollupError> {
    let customers = df!("customer_key" => [1_i64, 2], "customer_id" => ["A", "B"]).unwrap();
    let orders = df!("order_key" => [1_i64, 2, 3, 4], "order_id" => ["o1", "o2", "o3", "o4"]).unwrap();
    let n = visits.len();
    let visits = df!("customer_id" => visits.iter().map(|v| v.0).collect::<Vec<_>>(), "minutes" => visits.iter().map(|v| v.1).collect::<Vec<_>>(),
        "kind" => vec!["visit"; n], "occurred_at" => Series::new("".into(), vec![MARCH.first_day() + 9; n]).cast(&DataType::Date).unwrap());
    let events = BTreeMap::from([("activities", visits.unwrap())]);
    rollup(&Inputs { months: &lake.months, customers: &customers, orders: &orders, events: &events, drivers }, route)
}

/// The rows as text, a line each.
fn rows(data: &DataFrame, columns: &[&str]) -> String {
    let cell = |column: &str, row: usize| match data.column(column).unwrap().get(row).unwrap() {
        AnyValue::String(text) => text.to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        value => value.to_string(),
    };
    let line = |row| columns.iter().map(|column| cell(column, row)).collect::<Vec<_>>().join(" ");
    (0..data.height()).map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn lines_add_up_to_customers_on_both_routes() {
    let lake = lake(&[(MARCH, &FIVE)]);
    for route in [Route::Kernel, Route::Sql] {
        let rollups = rolled(&lake, &[], &[], route).unwrap();
        let columns = [
            "customer_id",
            "orders",
            "lines",
            "quantity",
            "net_amount",
            "list_amount",
            "cogs_amount",
            "lines_below_cost",
            "lines_with_list",
            "lines_with_cogs",
        ];
        insta::allow_duplicates! {
            insta::assert_snapshot!(rows(rollups.customer_month.data(), &columns), @r"
            A 2 3 20000 250000 300000 80000 1 2 3
            B 2 2 20000 170000 170000 90000 0 2 1
            ");
        }
    }
}

#[test]
fn drivers_are_measured_on_lines_orders_and_events() {
    let lake = lake(&[(MARCH, &FIVE)]);
    let drivers = [
        driver("entry", DriverSource::Orders, "3 + 1.5*lines", None),
        driver("phone", DriverSource::Orders, "10", Some("channel = 'phone'")),
        // A constant counts once per row, not once per customer.
        driver("posting", DriverSource::Orders, "2", None),
        driver("direct", DriverSource::OrderLines, "750 + case when delivery = 'direct' then 2250 else 0 end", None),
        driver("visits", DriverSource::Activities, "minutes + 20", Some("kind = 'visit'")),
    ];
    for route in [Route::Kernel, Route::Sql] {
        let rollups = rolled(&lake, &drivers, &[("B", 450_000), ("B", 150_000)], route).unwrap();
        insta::allow_duplicates! {
            insta::assert_snapshot!(rows(rollups.driver_quantity.data(), &["customer_id", "activity", "quantity"]), @r"
            A direct 45000000
            A entry 105000
            A phone 100000
            A posting 40000
            B direct 15000000
            B entry 90000
            B posting 40000
            B visits 1000000
            ");
        }
    }
}

#[test]
fn an_order_with_lines_in_two_months_counts_as_a_part_order_in_each() {
    let april = MARCH.plus(1);
    let lake = lake(&[(MARCH, &FIVE[..1]), (april, &FIVE[1..2])]);
    let rollups = rolled(&lake, &[], &[], Route::Kernel).unwrap();
    assert_eq!(rows(rollups.customer_month.data(), &["customer_id", "orders", "net_amount"]), "A 1 200000\nA 1 50000");
}

#[test]
fn lines_out_of_order_are_refused_not_miscounted() {
    let lake = lake(&[(MARCH, &[FIVE[3], FIVE[0]])]);
    let error = rolled(&lake, &[], &[], Route::Kernel).unwrap_err();
    assert!(matches!(error, RollupError::Unsorted { customer: 1, order: 1, .. }), "{error}");
}

#[test]
fn a_sum_beyond_the_range_of_money_names_the_order() {
    let half = i64::pow(10, 18) - 1;
    let line = |line_no| (1, 7, line_no, 10_000, half, None, None, "web", "stock");
    let lines: Vec<Line> = (1..=10).map(line).collect();
    let error = rolled(&lake(&[(MARCH, &lines)]), &[], &[], Route::Kernel).unwrap_err();
    assert_eq!(error.to_string(), "the net_amount of the order with key 7 adds up beyond the range of money");
}

#[test]
fn an_expression_without_a_number_names_its_activity_and_month() {
    let lake = lake(&[(MARCH, &FIVE)]);
    let drivers = ["lines", "1 / (lines - 1)", "2 * lines"];
    let drivers: Vec<Driver> =
        drivers.iter().map(|text| driver(&format!("x {text}"), DriverSource::Orders, text, None)).collect();
    for route in [Route::Kernel, Route::Sql] {
        let error = rolled(&lake, &drivers, &[], route).unwrap_err();
        assert_eq!(error.to_string(), "`x 1 / (lines - 1)` gave no number for a row of `orders` in 2025-03");
    }
}

#[test]
fn a_condition_keeps_an_expression_from_rows_where_it_has_no_number() {
    let lake = lake(&[(MARCH, &FIVE)]);
    let driver = driver("picking", DriverSource::Orders, "10 / (lines - 1)", Some("lines > 1"));
    for route in [Route::Kernel, Route::Sql] {
        let rollups = rolled(&lake, std::slice::from_ref(&driver), &[], route).unwrap();
        assert_eq!(rows(rollups.driver_quantity.data(), &["customer_id", "quantity"]), "A 100000");
    }
}

#[test]
fn a_constant_counts_once_per_row_under_a_condition_that_always_holds() {
    let lake = lake(&[(MARCH, &FIVE)]);
    let driver = driver("posting", DriverSource::Orders, "2", Some("1 = 1"));
    let rollups = rolled(&lake, &[driver], &[], Route::Kernel).unwrap();
    assert_eq!(rows(rollups.driver_quantity.data(), &["customer_id", "quantity"]), "A 40000\nB 40000");
}

#[test]
fn quantities_beyond_64_bits_are_refused_not_wrapped() {
    let lake = lake(&[(MARCH, &FIVE)]);
    let driver = driver("handling", DriverSource::Orders, "400000000000000 * lines", None);
    let error = rolled(&lake, &[driver], &[], Route::Kernel).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`handling` adds up beyond the range of a quantity over the rows of `orders` in 2025-03"
    );
}
