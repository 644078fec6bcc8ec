//! Everything after the rollup, at the size of a large distributor: 100,000 customers × 36 months × 20 activities.
//!
//! ```text
//! cargo bench --bench after_the_rollup            each customer month uses half of the activities
//! cargo bench --bench after_the_rollup -- 10000   with fewer customers
//! ```
//! The bar: 10 s and 3 GiB on two cores. A fifth of the customers buys every month, the others in one of four, as a
//! distributor's do. Printed: what was made, seconds per stage, peak memory of the process (inputs included).
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark: it may stop where it stands, and prints"
)]

mod made;

use std::time::Instant;

use netto_model::{Frame, Mart, Period};
use netto_profit::Groups;
use netto_segment::SegmentConfig;

const FIRST: Period = Period::new(2022, 7);
const LAST: Period = Period::new(2025, 6);
const ACTIVITIES: usize = 20;

fn main() {
    let asked = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let customers: u32 = asked.unwrap_or(100_000);
    let keys: Vec<(Period, u32)> = FIRST
        .to(LAST)
        .flat_map(|month| (0..customers).map(move |who| (month, who)))
        .filter(|(month, who)| buys(*month, *who))
        .collect();
    let months: Vec<Period> = FIRST.to(LAST).collect();
    let activities: Vec<String> = (0..ACTIVITIES).map(|place| format!("activity_{place:02}")).collect();
    let every_other = |who: u32, place: usize| (place + who as usize).is_multiple_of(2);
    let (bought, used) = (made::bought(&keys), made::used(&keys, &activities, every_other));
    let booked = made::booked(&months, ACTIVITIES / 2, 12_345_678_911);
    println!("{customers} customers, {} customer months, {} driver quantities", bought.height(), used.cells().len());
    println!("{:<10} {:>8.2} GiB in memory before", "inputs", peak_gib());
    let start = Instant::now();
    let config = made::config(&activities, 200_000_000);
    let groups = Groups::default();
    let profit = stage("profit", || {
        let inputs = netto_profit::Inputs {
            customer_month: &bought,
            driver_quantity: &used,
            cost_pools: &booked,
            rebates: None,
            supplier_month: None,
            receivables: None,
            last_month: LAST,
            employees: None,
            groups: &groups,
        };
        netto_profit::profit(&inputs, &config).unwrap()
    });
    let segments = stage("segment", || {
        let inputs = netto_segment::Inputs {
            of_profit: &[
                profit.waterfall.mart(),
                profit.ledger.mart(),
                profit.dim_activity.mart(),
                profit.dim_pool.mart(),
                profit.pool_balance.mart(),
                profit.pool_transfer.mart(),
            ],
            waterfall: &profit.waterfall,
            pool_balance: &profit.pool_balance,
            cost_band: &profit.cost_band,
            customers: &Frame::empty(),
            products: &Frame::empty(),
            employees: None,
            prospects: None,
            events: None,
            deviations: None,
            stock: None,
            receivables: None,
            goals: None,
            budgets: None,
            actions: None,
            facts: &[],
            orders: None,
            order_products: None,
            event_quantity: None,
            last_month: LAST,
        };
        netto_segment::segment(&inputs, &SegmentConfig::default(), &[]).unwrap()
    });
    let mut marts: Vec<Mart> = vec![
        profit.waterfall.mart(),
        profit.ledger.mart(),
        profit.activity_month.mart(),
        profit.pool_balance.mart(),
        profit.ledger_bridge.mart(),
    ];
    marts.extend(segments.marts);
    stage("publish", || {
        let out = tempfile::tempdir().unwrap();
        let manifest = serde_json::json!({});
        let publication = netto_publish::Publication {
            marts: &marts,
            streamed: &[],
            report: "",
            config: &netto_publish::PublishConfig::default(),
            base: out.path(),
            staging: &out.path().join("staging"),
            out: out.path(),
            keep: netto_publish::KEPT,
            manifest,
            about: &netto_publish::About {
                company: String::new(),
                currency: "EUR".into(),
                last_month: LAST,
                netto: String::new(),
                lake: String::new(),
            },
        };
        netto_publish::write(&publication).unwrap();
    });
    println!("{:<10} {:>8.2} s, peak {:.2} GiB", "together", start.elapsed().as_secs_f64(), peak_gib());
}

fn stage<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    println!("{name:<10} {:>8.2} s, peak {:.2} GiB", start.elapsed().as_secs_f64(), peak_gib());
    result
}

/// The most memory that the process has had, from the kernel; 0 where it doesn't say.
fn peak_gib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    peak.unwrap_or_default() / 1_048_576.0
}

/// Every fifth customer each month, the others in one month of four.
fn buys(month: Period, who: u32) -> bool {
    who.is_multiple_of(5) || (who + month.month().unsigned_abs()).is_multiple_of(4)
}
