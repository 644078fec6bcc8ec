//! Assignment: one amount over 100,000 weights, and a distributor's year.
#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark: it may stop where it stands")]

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use netto_model::frame::{Contract, CostPools, CustomerMonth, DriverQuantity};
use netto_model::{Frame, Period};
use netto_profit::apportion::apportion;
use netto_profit::{ActivityConfig, Groups, Inputs, PoolConfig, ProfitConfig, profit};
use polars::prelude::*;

const CUSTOMERS: i64 = 2_000;
const ACTIVITIES: [&str; 8] = ["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8"];

fn parts_of_an_amount(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("apportion");
    for count in [1_000_u32, 100_000] {
        let weights: Vec<i64> = (0..i64::from(count)).map(|place| place * 7_919 % 10_007).collect();
        group.throughput(Throughput::Elements(count.into()));
        group.bench_with_input(BenchmarkId::from_parameter(count), &weights, |bencher, weights| {
            bencher.iter(|| apportion(black_box(12_345_678_901), weights));
        });
    }
    group.finish();
}

fn a_year_of_a_distributor(criterion: &mut Criterion) {
    let months: Vec<Period> = Period::new(2025, 1).to(Period::new(2025, 12)).collect();
    let (bought, used, booked) = (bought(&months), used(&months), booked(&months));
    let config = config();
    let groups = Groups::default();
    let inputs = Inputs {
        customer_month: &bought,
        driver_quantity: &used,
        cost_pools: &booked,
        rebates: None,
        supplier_month: None,
        receivables: None,
        employees: None,
        groups: &groups,
        last_month: Period::new(2025, 12),
    };
    let mut group = criterion.benchmark_group("profit");
    group.throughput(Throughput::Elements(used.height() as u64)).sample_size(20);
    group.bench_function("2,000 customers × 12 months × 8 activities", |bencher| {
        bencher.iter(|| profit(black_box(&inputs), &config).unwrap());
    });
    group.finish();
}

/// Four pools: two by the clock, two by drivers, two activities each.
fn config() -> ProfitConfig {
    let (mut pools, mut activities) = (BTreeMap::new(), BTreeMap::new());
    for (place, name) in ACTIVITIES.into_iter().enumerate() {
        let pool = format!("p{}", place / 2);
        let how = if place < 4 {
            "method = \"time\"\nminutes = \"1\""
        } else {
            "method = \"driver\"\nquantity = \"1\"\nshare = 0.5"
        };
        let activity: ActivityConfig = toml::from_str(&format!("pool = \"{pool}\"\n{how}")).unwrap();
        activities.insert(name.to_owned(), activity);
        let minutes = PoolConfig { practical_minutes: Some(1_000_000), ..PoolConfig::default() };
        pools.insert(pool, minutes);
    }
    ProfitConfig { pools, activities, ..ProfitConfig::default() }
}

fn bought(months: &[Period]) -> Frame<CustomerMonth> {
    let keys: Vec<(Period, i64)> = months.iter().flat_map(|month| (0..CUSTOMERS).map(|who| (*month, who))).collect();
    let amount = |factor: i64| keys.iter().map(|(_, who)| (who + 1) * factor).collect::<Vec<_>>();
    frame(
        &keys.iter().map(|(month, _)| *month).collect::<Vec<_>>(),
        df!(
            "customer_id" => keys.iter().map(|(_, who)| id(*who)).collect::<Vec<_>>(),
            "orders" => amount(1), "lines" => amount(3), "quantity" => amount(50_000), "net_amount" => amount(900_000),
            "list_amount" => amount(1_000_000), "discount_amount" => amount(100_000), "cogs_amount" => amount(700_000),
            "freight_charged" => amount(10_000), "lines_below_cost" => amount(0), "lines_with_list" => amount(3),
            "lines_with_cogs" => amount(3), "lines_with_freight" => amount(3)
        ),
    )
}

fn used(months: &[Period]) -> Frame<DriverQuantity> {
    let keys: Vec<(Period, i64, &str)> = months
        .iter()
        .flat_map(|month| (0..CUSTOMERS).flat_map(|who| ACTIVITIES.map(|activity| (*month, who, activity))))
        .collect();
    frame(
        &keys.iter().map(|(month, ..)| *month).collect::<Vec<_>>(),
        df!(
            "customer_id" => keys.iter().map(|(_, who, _)| id(*who)).collect::<Vec<_>>(),
            "activity" => keys.iter().map(|(.., activity)| *activity).collect::<Vec<_>>(),
            "warehouse" => vec![""; keys.len()],
            "quantity" => keys.iter().map(|(_, who, _)| 10_000 + who * 7_919 % 500_000).collect::<Vec<_>>()
        ),
    )
}

fn booked(months: &[Period]) -> Frame<CostPools> {
    let keys: Vec<(Period, &str)> =
        months.iter().flat_map(|month| ["p0", "p1", "p2", "p3"].map(|pool| (*month, pool))).collect();
    let nothing = || vec![""; keys.len()];
    frame(
        &keys.iter().map(|(month, _)| *month).collect::<Vec<_>>(),
        df!(
            "pool" => keys.iter().map(|(_, pool)| *pool).collect::<Vec<_>>(), "gl_account" => nothing(),
            "customer_id" => nothing(), "booking_id" => nothing(), "warehouse" => nothing(), "amount" => vec![1_234_567_891_i64; keys.len()],
            "practical_minutes" => vec![None::<i64>; keys.len()]
        ),
    )
}

fn id(customer: i64) -> String {
    format!("{customer:06}")
}

/// The columns with the month before them, as the contract wants them.
fn frame<T: Contract>(months: &[Period], columns: PolarsResult<DataFrame>) -> Frame<T> {
    let days = Series::new("period".into(), months.iter().map(|month| month.first_day()).collect::<Vec<_>>());
    let mut data = columns.unwrap();
    data.with_column(days.cast(&DataType::Date).unwrap().into_column()).unwrap();
    Frame::try_new(data.lazy()).unwrap()
}

criterion_group!(benches, parts_of_an_amount, a_year_of_a_distributor);
criterion_main!(benches);
