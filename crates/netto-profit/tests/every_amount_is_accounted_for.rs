//! Random pools, services between them, drivers, shares and bookings: whatever a controller configures, every amount of the
//! general ledger ends with a customer, as idle capacity, or unassigned, to the last ten-thousandth.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test: it may stop where it stands")]

use std::collections::BTreeMap;

use netto_model::frame::{Contract, CostPools, CustomerMonth, DriverQuantity};
use netto_model::{DriverQuantities, DriverSource, Frame, Period, column as c};
use netto_profit::{
    ActivityConfig, Groups, Idle, Inputs, Method, Negative, PoolConfig, Profit, ProfitConfig, ShareBy, Step,
    SupportConfig, SupportMethod, profit,
};
use polars::prelude::*;
use proptest::prelude::*;

const POOLS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const CUSTOMERS: [&str; 5] = ["C1", "C2", "C3", "C4", "C5"];
const MONTHS: [Period; 2] = [Period::new(2025, 1), Period::new(2025, 2)];
/// An activity per pool and method, so that every mixture comes up.
const METHODS: [Method; 4] = [Method::Time, Method::Driver, Method::Share, Method::Direct];

/// What a case is made of; small numbers, so that ties and zeros are frequent.
#[derive(Clone, Debug)]
struct Case {
    method: SupportMethod,
    /// Which of the methods each pool has.
    activities: Vec<[bool; 4]>,
    /// Weights of services between pools.
    services: Vec<Vec<u32>>,
    idle: Vec<bool>,
    fixed: Vec<u32>,
    /// Month × pool: shared, direct, and for which customer.
    amounts: Vec<(i64, i64, usize)>,
    /// Month × customer × pool × method.
    quantities: Vec<i64>,
    top: Vec<bool>,
}

fn cases(amounts: std::ops::Range<i64>, quantities: std::ops::Range<i64>) -> impl Strategy<Value = Case> {
    let method = prop::sample::select(vec![SupportMethod::Direct, SupportMethod::StepDown, SupportMethod::Reciprocal]);
    let pools = POOLS.len();
    let amount = prop_oneof![1 => Just(0), 9 => amounts];
    let quantity = prop_oneof![3 => Just(0), 7 => quantities];
    let services = prop::collection::vec(prop_oneof![1 => Just(0), 1 => 0_u32..9], pools);
    let parts = (
        method,
        prop::collection::vec(any::<[bool; 4]>(), pools),
        prop::collection::vec(services, pools),
        prop::collection::vec(any::<bool>(), pools),
        prop::collection::vec(0_u32..=10, pools),
        prop::collection::vec((amount.clone(), amount, 0..CUSTOMERS.len()), MONTHS.len() * pools),
        prop::collection::vec(quantity, MONTHS.len() * CUSTOMERS.len() * pools * 3),
        prop::collection::vec(any::<bool>(), CUSTOMERS.len()),
    );
    parts.prop_map(|(method, activities, services, idle, fixed, amounts, quantities, top)| Case {
        method,
        activities,
        services,
        idle,
        fixed,
        amounts,
        quantities,
        top,
    })
}

fn name(pool: usize, method: Method) -> String {
    format!("{}_{}", POOLS[pool], method.name())
}

impl Case {
    fn config(&self) -> ProfitConfig {
        let support = SupportConfig { method: self.method, order: vec![] };
        let mut config = ProfitConfig { support, ..ProfitConfig::default() };
        for (pool, &pool_name) in POOLS.iter().enumerate() {
            // The first three pools may pass on, and keep at least a tenth.
            let total: u32 = self.services[pool].iter().sum::<u32>() + 1;
            let to = POOLS.iter().zip(&self.services[pool]).filter(|(to, weight)| **to != pool_name && **weight > 0);
            let to = to.map(|(to, weight)| ((*to).to_owned(), 0.9 * f64::from(*weight) / f64::from(total)));
            let settings = PoolConfig {
                idle: if self.idle[pool] { Idle::Report } else { Idle::Charge },
                practical_minutes: Some(2),
                fixed_share: Some(f64::from(self.fixed[pool]) / 10.0),
                passes_to: to.filter(|_| pool < 3).collect(),
                ..PoolConfig::default()
            };
            config.pools.insert(pool_name.to_owned(), settings);
            for (method, wanted) in METHODS.into_iter().zip(self.activities[pool]) {
                // A pool always has a place for bookings that name a customer.
                if wanted || method == Method::Direct {
                    config.activities.insert(name(pool, method), activity(pool_name, method));
                }
            }
        }
        config
    }

    fn cost_pools(&self, reversed: bool) -> Frame<CostPools> {
        let mut rows: Vec<(Period, &str, &str, i64)> = Vec::new();
        let places = MONTHS.iter().flat_map(|month| POOLS.map(|pool| (*month, pool)));
        for ((month, pool), &(shared, direct, customer)) in places.zip(&self.amounts) {
            rows.push((month, pool, "", shared));
            rows.push((month, pool, CUSTOMERS[customer], direct));
        }
        if reversed {
            rows.reverse();
        }
        let n = rows.len();
        frame(
            rows.iter().map(|row| row.0).collect(),
            df!(c::POOL => rows.iter().map(|row| row.1).collect::<Vec<_>>(), c::GL_ACCOUNT => vec!["4000"; n],
                c::CUSTOMER_ID => rows.iter().map(|row| row.2).collect::<Vec<_>>(), c::BOOKING_ID => vec![""; n],
                c::WAREHOUSE => vec![""; n], c::AMOUNT => rows.iter().map(|row| row.3).collect::<Vec<_>>(),
                c::PRACTICAL_MINUTES => vec![None::<i64>; n], c::CURRENCY => vec![None::<&str>; n]),
        )
    }

    fn quantities(&self, reversed: bool) -> DriverQuantities {
        let mut rows: Vec<(Period, &str, String, i64)> = Vec::new();
        let mut quantities = self.quantities.iter();
        for month in MONTHS {
            for customer in CUSTOMERS {
                for (pool, wanted) in self.activities.iter().enumerate() {
                    for (place, method) in METHODS.into_iter().take(3).enumerate() {
                        let quantity = *quantities.next().unwrap();
                        // Minutes can't be negative, and the rollup leaves zeros out.
                        let quantity = if method == Method::Time { quantity.abs() } else { quantity };
                        if wanted[place] && quantity != 0 {
                            rows.push((month, customer, name(pool, method), quantity));
                        }
                    }
                }
            }
        }
        if reversed {
            rows.reverse();
        }
        let rows: Frame<DriverQuantity> = frame(
            rows.iter().map(|row| row.0).collect(),
            df!(c::CUSTOMER_ID => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
                c::ACTIVITY => rows.iter().map(|row| row.2.as_str()).collect::<Vec<_>>(),
                c::WAREHOUSE => vec![""; rows.len()], c::QUANTITY => rows.iter().map(|row| row.3).collect::<Vec<_>>()),
        );
        DriverQuantities::of(&rows).unwrap()
    }

    fn profit(&self, reversed: bool) -> Profit {
        let config = self.config();
        assert!(config.check().is_empty(), "{:?}", config.check());
        let tier = |top: bool| if top { "Top" } else { "Small" };
        let tiers =
            CUSTOMERS.iter().zip(&self.top).map(|(who, top)| ((*who).to_owned(), [(MONTHS[0], tier(*top))].into()));
        let groups = Groups { tiers: tiers.collect(), ..Groups::default() };
        let (pools, used) = (self.cost_pools(reversed), self.quantities(reversed));
        let inputs = Inputs {
            customer_month: &Frame::<CustomerMonth>::empty(),
            driver_quantity: &used,
            cost_pools: &pools,
            rebates: None,
            supplier_month: None,
            receivables: None,
            employees: None,
            groups: &groups,
            last_month: MONTHS[1],
        };
        profit(&inputs, &config).unwrap()
    }
}

fn activity(pool: &str, method: Method) -> ActivityConfig {
    let takes_a_share = matches!(method, Method::Driver | Method::Share);
    let shares = [("Top".to_owned(), 0.55), ("Small".to_owned(), 0.3)];
    ActivityConfig {
        label: None,
        pool: pool.to_owned(),
        method,
        source: DriverSource::Orders,
        minutes: (method == Method::Time).then(|| "1".into()),
        quantity: takes_a_share.then(|| "1".into()),
        condition: None,
        share: takes_a_share.then_some(0.3),
        by: (method == Method::Share).then_some(ShareBy::Tier),
        shares: if method == Method::Share { shares.into() } else { BTreeMap::new() },
        negative: takes_a_share.then_some(Negative::Zero),
        range: None,
        step: Step::CostToServe,
        compensation: false,
        standing: false,
    }
}

/// The columns with the month before them, as the contract wants them.
fn frame<T: Contract>(months: Vec<Period>, columns: PolarsResult<DataFrame>) -> Frame<T> {
    let days: Vec<i32> = months.into_iter().map(Period::first_day).collect();
    let mut data = columns.unwrap();
    data.with_column(Series::new(c::PERIOD.into(), days).cast(&DataType::Date).unwrap().into_column()).unwrap();
    Frame::try_new(data.lazy()).unwrap()
}

fn sum(data: &DataFrame, column: &str) -> i128 {
    data.column(column).unwrap().i64().unwrap().iter().flatten().map(i128::from).sum()
}

fn smallest(data: &DataFrame, column: &str) -> i64 {
    data.column(column).unwrap().i64().unwrap().min().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_amount_is_assigned_idle_or_unassigned(case in cases(-900_000_000..9_000_000_000, -30_000..60_000)) {
        let result = case.profit(false);
        let booked = sum(case.cost_pools(false).data(), c::AMOUNT);
        let balance = result.pool_balance.data();
        prop_assert!(balance.column(c::DIFFERENCE).unwrap().i64().unwrap().iter().all(|left| left == Some(0)));
        prop_assert_eq!(sum(balance, c::OWN_AMOUNT), booked);
        prop_assert_eq!(sum(balance, c::RECEIVED_AMOUNT), sum(balance, c::PASSED_ON_AMOUNT));
        let assigned = sum(result.ledger.data(), c::AMOUNT);
        prop_assert_eq!(assigned, sum(balance, c::ASSIGNED_AMOUNT));
        prop_assert_eq!(assigned + sum(balance, c::IDLE_AMOUNT) + sum(balance, c::UNASSIGNED_AMOUNT), booked);
        prop_assert_eq!(sum(result.waterfall.data(), c::COST_TO_SERVE), assigned);
        prop_assert_eq!(sum(result.pool_transfer.data(), c::AMOUNT), sum(balance, c::PASSED_ON_AMOUNT));
        let bridge = result.ledger_bridge.lazy();
        let to_customers = bridge.filter(col(c::STEP_NO).eq(lit(4)).and(col(c::TO_NAME).eq(lit("customers"))));
        prop_assert_eq!(sum(&to_customers.collect().unwrap(), c::AMOUNT), assigned);
        prop_assert_eq!(sum(result.activity_month.data(), c::ASSIGNED_AMOUNT), assigned);
    }

    #[test]
    fn nothing_is_negative_where_no_amount_and_no_driver_is(case in cases(0..9_000_000_000, 0..60_000)) {
        let result = case.profit(false);
        prop_assert!(smallest(result.ledger.data(), c::AMOUNT) >= 0);
        prop_assert!(smallest(result.pool_transfer.data(), c::AMOUNT) >= 0);
        for column in [c::IDLE_AMOUNT, c::UNASSIGNED_AMOUNT, c::ASSIGNED_AMOUNT, c::RECEIVED_AMOUNT] {
            prop_assert!(smallest(result.pool_balance.data(), column) >= 0, "{column}");
        }
        prop_assert!(smallest(result.cost_band.data(), c::LESS_AMOUNT) >= 0);
        prop_assert!(smallest(result.cost_band.data(), c::MORE_AMOUNT) >= 0);
    }

    #[test]
    fn the_order_of_the_rows_changes_nothing(case in cases(-900_000_000..9_000_000_000, -30_000..60_000)) {
        let (forward, backward) = (case.profit(false), case.profit(true));
        prop_assert_eq!(forward.ledger.data(), backward.ledger.data());
        prop_assert_eq!(forward.pool_balance.data(), backward.pool_balance.data());
        prop_assert_eq!(forward.waterfall.data(), backward.waterfall.data());
        prop_assert_eq!(forward.cost_band.data(), backward.cost_band.data());
    }
}
