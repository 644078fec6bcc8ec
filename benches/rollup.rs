//! The rollup of one month from Parquet: the kernel's single pass against the SQL text in Polars. Both give the same rows.
#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark: it may stop where it stands")]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use netto_model::arrow::to_batch;
use netto_model::contract::{LAKE_ORDER_LINES, ORDERS};
use netto_model::{Expression, Period};
use netto_rollup::{Driver, DriverSource, Inputs, Route, rollup};
use parquet::arrow::ArrowWriter;
use polars::prelude::*;

const MONTH: Period = Period::new(2025, 3);
const ORDERS_OF_A_CUSTOMER: i64 = 5;
const LINES_OF_AN_ORDER: i64 = 10;

fn one_month(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let mut group = criterion.benchmark_group("rollup");
    group.sample_size(10);
    for customers in [200_i64, 4_000] {
        let file = folder.path().join(format!("{customers}.parquet"));
        write_month(&file, customers);
        let months = BTreeMap::from([(MONTH, vec![file])]);
        let (names, orders) = (keys("customer", customers), keys("order", customers * ORDERS_OF_A_CUSTOMER));
        let events = BTreeMap::new();
        let drivers = [driver("entry", "3 + 1.5*lines"), driver("storage", "cogs_amount")];
        let inputs = Inputs {
            months: &months,
            customers: &names,
            orders: &orders,
            events: &events,
            drivers: &drivers,
            suppliers: None,
        };
        let lines = customers * ORDERS_OF_A_CUSTOMER * LINES_OF_AN_ORDER;
        group.throughput(Throughput::Elements(lines.unsigned_abs()));
        for (name, route) in [("kernel", Route::Kernel), ("sql", Route::Sql)] {
            group.bench_with_input(BenchmarkId::new(name, lines), &inputs, |bencher, inputs| {
                bencher.iter(|| rollup(inputs, route).unwrap());
            });
        }
    }
    group.finish();
}

fn driver(activity: &str, expression: &str) -> Driver {
    let expression = Expression::parse(expression, &[&ORDERS]).unwrap();
    Driver {
        activity: activity.into(),
        source: DriverSource::Orders,
        expression,
        filter: None,
        minutes: false,
        by_warehouse: false,
    }
}

fn keys(of: &str, count: i64) -> DataFrame {
    let ids: Vec<String> = (1..=count).map(|key| format!("{of}{key}")).collect();
    df!(format!("{of}_key") => (1..=count).collect::<Vec<_>>(), format!("{of}_id") => ids).unwrap()
}

/// A month as the lake holds it: sorted by customer, order and line.
fn write_month(file: &Path, customers: i64) {
    let lines: i64 = customers * ORDERS_OF_A_CUSTOMER * LINES_OF_AN_ORDER;
    let each = |of: fn(i64) -> i64| (0..lines).map(of).collect::<Vec<i64>>();
    let text = |of: fn(i64) -> &'static str| (0..lines).map(of).collect::<Vec<_>>();
    let count = usize::try_from(lines).unwrap();
    let no_text = || vec![None::<&str>; count];
    let dates = |days: Vec<Option<i32>>| Series::new("".into(), days).cast(&DataType::Date).unwrap();
    let no_date = || dates(vec![None; count]);
    let day = || dates((0..31).cycle().take(count).map(|day| Some(MONTH.first_day() + day)).collect());
    let data = df!(
        "period" => dates(vec![Some(MONTH.first_day()); count]),
        "customer_key" => each(|line| line / (LINES_OF_AN_ORDER * ORDERS_OF_A_CUSTOMER) + 1),
        "order_key" => each(|line| line / LINES_OF_AN_ORDER + 1),
        "line_no" => each(|line| line % LINES_OF_AN_ORDER + 1),
        "order_date" => day(),
        "product_key" => each(|line| line * 7_919 % 5_003),
        "quantity" => each(|line| 10_000 * (line % 9 + 1)),
        "net_amount" => each(|line| line * 7_919 % 5_000_000),
        "list_amount" => each(|line| line * 7_919 % 5_000_000 + 10_000),
        "discount_amount" => each(|_| 10_000),
        "cogs_amount" => each(|line| line * 6_007 % 5_000_000),
        "channel" => text(|line| if line % 3 == 0 { "phone" } else { "web" }),
        "employee_id" => no_text(), "ship_to_id" => no_text(), "warehouse" => no_text(),
        "order_kind" => text(|_| "sale"), "promised_date" => no_date(), "delivered_date" => no_date(),
        "delivery" => text(|_| "stock"), "freight_charged" => each(|line| line % 100_000), "currency" => no_text()
    )
    .unwrap();
    let batch = to_batch(&LAKE_ORDER_LINES, &data).unwrap();
    let mut writer = ArrowWriter::try_new(File::create(file).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

criterion_group!(benches, one_month);
criterion_main!(benches);
