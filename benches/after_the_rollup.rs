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

use std::time::Instant;

use netto_model::frame::{Contract, CostPools, CustomerMonth, DriverQuantity};
use netto_model::{Frame, Mart, Period, column as c};
use netto_profit::{ActivityConfig, Groups, PoolConfig, ProfitConfig};
use netto_segment::SegmentConfig;
use polars::prelude::*;

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
    let (bought, used, booked) = (bought(&keys), used(&keys), booked());
    println!("{customers} customers, {} customer months, {} driver quantities", bought.height(), used.height());
    println!("{:<10} {:>8.2} GiB in memory before", "inputs", peak_gib());
    let start = Instant::now();
    let config = config();
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
            waterfall: &profit.waterfall,
            ledger: &profit.ledger,
            activities: &profit.dim_activity,
            pool_balance: &profit.pool_balance,
            cost_band: &profit.cost_band,
            customers: &Frame::empty(),
            products: &Frame::empty(),
            employees: &Frame::empty(),
            prospects: &Frame::empty(),
            product_month: None,
            stock: None,
            last_month: LAST,
        };
        netto_segment::segment(&inputs, &SegmentConfig::default()).unwrap()
    });
    let marts: Vec<Mart> = vec![
        profit.waterfall.mart(),
        profit.ledger.mart(),
        profit.activity_month.mart(),
        profit.pool_balance.mart(),
        profit.ledger_bridge.mart(),
        segments.customer_window.mart(),
        segments.pyramid.mart(),
        segments.whale_curve.mart(),
        segments.sensitivity.mart(),
        segments.window_summary.mart(),
    ];
    stage("publish", || {
        let out = tempfile::tempdir().unwrap();
        let manifest = serde_json::json!({});
        let publication =
            netto_publish::Publication { marts: &marts, streamed: &[], report: "", out: out.path(), manifest };
        netto_publish::publish(&publication).unwrap();
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

/// Ten pools with two activities each: half of the pools by the clock, half by drivers.
fn config() -> ProfitConfig {
    let mut config = ProfitConfig::default();
    for place in 0..ACTIVITIES {
        let pool = format!("p{}", place / 2);
        let how = if place < ACTIVITIES / 2 {
            "method = \"time\"\nminutes = \"1\""
        } else {
            "method = \"driver\"\nquantity = \"1\"\nshare = 0.5"
        };
        let activity: ActivityConfig = toml::from_str(&format!("pool = \"{pool}\"\n{how}")).unwrap();
        config.activities.insert(activity_name(place), activity);
        let minutes = PoolConfig { practical_minutes: Some(200_000_000), ..PoolConfig::default() };
        config.pools.insert(pool, minutes);
    }
    config
}

fn activity_name(place: usize) -> String {
    format!("activity_{place:02}")
}

fn id(who: u32) -> String {
    format!("{who:06}")
}

fn bought(keys: &[(Period, u32)]) -> Frame<CustomerMonth> {
    let amount = |factor: i64| keys.iter().map(|(_, who)| (i64::from(*who) % 997 + 1) * factor).collect::<Vec<_>>();
    frame(
        keys.iter().map(|(month, _)| *month),
        df!(c::CUSTOMER_ID => keys.iter().map(|(_, who)| id(*who)).collect::<Vec<_>>(),
            c::ORDERS => amount(1), c::LINES => amount(3), c::QUANTITY => amount(50_000), c::NET_AMOUNT => amount(900_000),
            c::LIST_AMOUNT => amount(1_000_000), c::DISCOUNT_AMOUNT => amount(100_000), c::COGS_AMOUNT => amount(700_000),
            c::FREIGHT_CHARGED => amount(10_000), c::LINES_BELOW_COST => amount(0), c::LINES_WITH_LIST => amount(3),
            c::LINES_WITH_COGS => amount(3), c::LINES_WITH_FREIGHT => amount(3)),
    )
}

/// Each customer month uses every other activity.
fn used(keys: &[(Period, u32)]) -> Frame<DriverQuantity> {
    let names: Vec<String> = (0..ACTIVITIES).map(activity_name).collect();
    let of_key = |(month, who): &(Period, u32)| {
        let (month, who) = (*month, *who);
        (0..ACTIVITIES)
            .filter(move |place| (place + who as usize).is_multiple_of(2))
            .map(move |place| (month, who, place))
    };
    let rows = || keys.iter().flat_map(of_key);
    frame(
        rows().map(|(month, ..)| month),
        df!(c::CUSTOMER_ID => rows().map(|(_, who, _)| id(who)).collect::<Vec<_>>(),
            c::ACTIVITY => rows().map(|(.., place)| names[place].as_str()).collect::<Vec<_>>(),
            c::WAREHOUSE => vec![""; rows().count()],
            c::QUANTITY => rows().map(|(_, who, _)| 10_000 + i64::from(who) * 7_919 % 500_000).collect::<Vec<_>>()),
    )
}

fn booked() -> Frame<CostPools> {
    let keys: Vec<(Period, usize)> =
        FIRST.to(LAST).flat_map(|month| (0..ACTIVITIES / 2).map(move |pool| (month, pool))).collect();
    let nothing = || vec![""; keys.len()];
    frame(
        keys.iter().map(|(month, _)| *month),
        df!(c::POOL => keys.iter().map(|(_, pool)| format!("p{pool}")).collect::<Vec<_>>(),
            c::GL_ACCOUNT => nothing(), c::CUSTOMER_ID => nothing(), c::BOOKING_ID => nothing(), c::WAREHOUSE => nothing(),
            c::AMOUNT => vec![12_345_678_911_i64; keys.len()], c::PRACTICAL_MINUTES => vec![None::<i64>; keys.len()]),
    )
}

/// The columns with the month before them, as the contract wants them.
fn frame<T: Contract>(months: impl Iterator<Item = Period>, columns: PolarsResult<DataFrame>) -> Frame<T> {
    let days = Series::new(c::PERIOD.into(), months.map(Period::first_day).collect::<Vec<_>>());
    let mut data = columns.unwrap();
    data.with_column(days.cast(&DataType::Date).unwrap().into_column()).unwrap();
    Frame::try_new(data.lazy()).unwrap()
}
