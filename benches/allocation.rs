//! Assignment: one amount over 100,000 weights, and a distributor's year.
#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark: it may stop where it stands")]

mod made;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use netto_model::Period;
use netto_model::apportion;
use netto_profit::{Groups, Inputs, profit};

const CUSTOMERS: u32 = 2_000;
const ACTIVITIES: usize = 8;

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
    let keys: Vec<(Period, u32)> =
        months.iter().flat_map(|month| (0..CUSTOMERS).map(move |who| (*month, who))).collect();
    let activities: Vec<String> = (1..=ACTIVITIES).map(|place| format!("a{place}")).collect();
    let (bought, used) = (made::bought(&keys), made::used(&keys, &activities, |_, _| true));
    let booked = made::booked(&months, ACTIVITIES / 2, 1_234_567_891);
    let config = made::config(&activities, 1_000_000);
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
    group.throughput(Throughput::Elements(used.cells().len() as u64)).sample_size(20);
    group.bench_function("2,000 customers × 12 months × 8 activities", |bencher| {
        bencher.iter(|| profit(black_box(&inputs), &config).unwrap());
    });
    group.finish();
}

criterion_group!(benches, parts_of_an_amount, a_year_of_a_distributor);
criterion_main!(benches);
