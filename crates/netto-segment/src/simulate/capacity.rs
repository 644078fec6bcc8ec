//! Compares the minutes that a scenario demands of each pool with its practical capacity: whether the present staff can do the work.
//!
//! ```text
//! warehouse, practical 1,000 minutes   orders 700   visits 200   together 900, idle 100
//! volume + 20 %                        orders 840   visits 200   together 1,040, 40 too many
//! ```
//! Work on orders and their lines moves with volume; visits, calls and other work don't. A customer that leaves takes all its work with it. For customers that
//! stay, a remedy reduces work in the same proportion as cost: of visits if it is about visits, else of orders, in every pool alike. A change of price, cost of
//! goods or cost-to-serve changes rates, not work.
//!
//! Source: Kaplan & Anderson, *Time-Driven Activity-Based Costing* (2007), chapter 5, on what-if analysis of capacity.

use std::collections::BTreeMap;

use netto_model::frame::{DimActivity, Ledger, PoolBalance};
use netto_model::money::{MILLION, MoneyError, difference};
use netto_model::{DriverSource, Frame, Money, Window, column as c};
use polars::prelude::*;

use super::treatment::Expected;
use super::{Account, Customer, grown};
use crate::columns::sums;
use crate::windows::inside;

/// The published tables with the minutes that customers take from pools.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'a> {
    /// Customer × month × activity.
    pub ledger: &'a Frame<Ledger>,
    /// The drivers of each activity.
    pub dim_activity: &'a Frame<DimActivity>,
    /// Pool × month.
    pub pool_balance: &'a Frame<PoolBalance>,
    /// Which activities are visits.
    pub visit_work: &'a DataFrame,
}

/// The demand of a scenario on a pool in the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolDemand {
    /// The pool.
    pub pool: String,
    /// Its practical capacity, in minutes.
    pub practical: Money,
    /// The present demand, in minutes.
    pub before: Money,
    /// The demand after the scenario, in minutes.
    pub after: Money,
}

impl PoolDemand {
    /// Idle practical capacity, and the minutes beyond it: one of them is zero.
    #[must_use]
    pub fn idle_and_over(&self) -> (Money, Money) {
        let left = self.practical.units().saturating_sub(self.after.units());
        (Money::from_units(left.max(0)), Money::from_units(left.saturating_neg().max(0)))
    }
}

/// Pools with a practical capacity, and the present demand on them.
#[derive(Clone, Debug, Default)]
pub(super) struct Capacity {
    pools: Vec<PoolDemand>,
}

/// The work for a customer: minutes of each pool, and the cost of its orders and visits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Work {
    /// By pool, if it takes any.
    minutes: BTreeMap<String, Minutes>,
    orders_cost: Money,
    visits_cost: Money,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Minutes {
    orders: Money,
    visits: Money,
    others: Money,
}

impl Capacity {
    /// The pools of a window, by name.
    pub(super) fn of(tables: &Tables<'_>, window: Window) -> PolarsResult<Self> {
        let plan = tables.pool_balance.lazy().filter(inside(window));
        let pools = sums(plan, [c::POOL], [c::PRACTICAL_MINUTES, c::USED_MINUTES])?;
        let demand = |([pool], [practical, used]): ([String; 1], [i64; 2])| {
            let used = Money::from_units(used);
            PoolDemand { pool, practical: Money::from_units(practical), before: used, after: used }
        };
        Ok(Self { pools: pools.into_iter().map(demand).filter(|pool| pool.practical > Money::ZERO).collect() })
    }

    /// The demand on each pool after customers' minutes have changed.
    pub(super) fn demanded(&self, before: &[Customer], after: &[Customer]) -> Result<Vec<PoolDemand>, MoneyError> {
        let of = |customers: &[Customer], pool: &str| {
            let taken = customers.iter().filter_map(|customer| customer.work.minutes.get(pool)).copied();
            Money::sum(taken.flat_map(|minutes| [minutes.orders, minutes.visits, minutes.others]))
        };
        let demand = |pool: &PoolDemand| {
            let more = difference(&[of(after, &pool.pool)?], &[of(before, &pool.pool)?])?;
            Ok(PoolDemand { after: Money::sum([pool.before, more])?, ..pool.clone() })
        };
        self.pools.iter().map(demand).collect()
    }
}

impl Work {
    /// The work of every customer of a window.
    pub(super) fn of(tables: &Tables<'_>, window: Window) -> PolarsResult<BTreeMap<String, Self>> {
        let sources = [DriverSource::Orders, DriverSource::OrderLines].map(|source| lit(source.name()));
        let on_orders = sources.into_iter().fold(lit(false), |any, source| any.or(col(c::SOURCE).eq(source)));
        let visits = tables.visit_work.clone().lazy().select([col(c::ACTIVITY), lit(true).alias("is_visit")]);
        let by = || [col(c::ACTIVITY)];
        let left = || JoinArgs::new(JoinType::Left);
        let activities = tables.dim_activity.lazy().join(visits, by(), by(), left()).select([
            col(c::ACTIVITY),
            col(c::POOL),
            col(c::METHOD).eq(lit("time")).alias("is_time"),
            when(on_orders.fill_null(lit(false)))
                .then(lit("orders"))
                .when(col("is_visit").fill_null(lit(false)))
                .then(lit("visits"))
                .otherwise(lit(""))
                .alias(c::KIND),
        ]);
        let timed = when(col("is_time")).then(col(c::QUANTITY)).otherwise(lit(0_i64)).alias(c::MINUTES);
        let plan = tables.ledger.lazy().filter(inside(window)).join(activities, by(), by(), left()).with_column(timed);
        let mut work: BTreeMap<String, Self> = BTreeMap::new();
        for ([customer, pool, kind], [minutes, amount]) in
            sums(plan, [c::CUSTOMER_ID, c::POOL, c::KIND], [c::MINUTES, c::AMOUNT])?
        {
            let (minutes, amount) = (Money::from_units(minutes), Money::from_units(amount));
            let of_customer = work.entry(customer).or_default();
            let of_pool = of_customer.minutes.entry(pool).or_default();
            let (place, cost) = match kind.as_str() {
                "orders" => (&mut of_pool.orders, Some(&mut of_customer.orders_cost)),
                "visits" => (&mut of_pool.visits, Some(&mut of_customer.visits_cost)),
                _ => (&mut of_pool.others, None),
            };
            *place = minutes;
            if let Some(cost) = cost {
                *cost = Money::from_units(cost.units().saturating_add(amount.units()));
            }
        }
        Ok(work)
    }

    /// The work after a change of volume, in millionths.
    pub(super) fn grown(mut self, volume: i64) -> Result<Self, MoneyError> {
        for minutes in self.minutes.values_mut() {
            minutes.orders = grown(minutes.orders, volume, MILLION)?;
        }
        Ok(self)
    }

    /// The expected work after a remedy; `account` is the customer's before it.
    pub(super) fn treated(mut self, account: &Account, expected: &Expected) -> Result<Self, MoneyError> {
        let stays = MILLION - expected.probability;
        let gone = Money::sum([expected.cost_saved, expected.capacity_freed])?;
        // For customers that stay: the figures also include the work of those that leave, which is subtracted.
        let of_remedy = difference(&[gone], &[account.activities()?.scaled(expected.probability, MILLION)?])?;
        let base = if expected.about_visits { self.visits_cost } else { self.orders_cost };
        let taken = |minutes: Money| match base {
            base if base > Money::ZERO && expected.growth.is_none() => minutes.scaled(of_remedy.units(), base.units()),
            _ => Ok(Money::ZERO),
        };
        for minutes in self.minutes.values_mut() {
            let [orders, visits, others] =
                [minutes.orders, minutes.visits, minutes.others].map(|minutes| minutes.scaled(stays, MILLION));
            let of_orders = if expected.about_visits { Money::ZERO } else { taken(minutes.orders)? };
            let of_visits = if expected.about_visits { taken(minutes.visits)? } else { Money::ZERO };
            let orders = difference(&[orders?], &[of_orders])?;
            minutes.orders = expected.growth.map_or(Ok(orders), |(after, before)| orders.scaled(after, before))?;
            minutes.visits = difference(&[visits?], &[of_visits])?;
            minutes.others = others?;
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::money;
    use super::*;

    /// 700 minutes of orders for 350, 200 of visits for 100.
    fn work() -> Work {
        let minutes = Minutes { orders: money(700), visits: money(200), others: Money::ZERO };
        let minutes = BTreeMap::from([("desk".to_owned(), minutes)]);
        Work { minutes, orders_cost: money(350), visits_cost: money(100) }
    }

    fn account() -> Account {
        Account { cost_to_serve: money(450), ..Account::default() }
    }

    fn after(work: &Work) -> (i64, i64) {
        let minutes = work.minutes["desk"];
        (minutes.orders.units() / 10_000, minutes.visits.units() / 10_000)
    }

    #[test]
    fn work_on_orders_goes_with_volume_and_visits_stay() {
        assert_eq!(after(&work().grown(200_000).unwrap()), (840, 200));
        assert_eq!(after(&work().grown(-MILLION).unwrap()), (0, 200));
    }

    #[test]
    fn with_who_leaves_goes_all_work_and_a_remedy_takes_the_part_of_its_cost() {
        // Half of the visits are dropped, 50 of 100; no customer leaves.
        let fewer =
            Expected { about_visits: true, cost_saved: money(20), capacity_freed: money(30), ..Expected::default() };
        assert_eq!(after(&work().treated(&account(), &fewer).unwrap()), (700, 100));
        // One in ten leaves because of it: 45 of all cost, and 0.9 × 50 of the visits: 0.9 × 200 − 0.9 × 100.
        let risked = Expected { probability: 100_000, cost_saved: Money::ZERO, capacity_freed: money(90), ..fewer };
        assert_eq!(after(&work().treated(&account(), &risked).unwrap()), (630, 90));
        // Orders in fewer, larger ones: 70 of 350 is a fifth.
        let larger = Expected { capacity_freed: money(70), ..Expected::default() };
        assert_eq!(after(&work().treated(&account(), &larger).unwrap()), (560, 200));
        // A farewell takes everything.
        let farewell = Expected { probability: MILLION, capacity_freed: money(450), ..Expected::default() };
        assert_eq!(after(&work().treated(&account(), &farewell).unwrap()), (0, 0));
        // A quarter more of the same.
        let more = Expected { growth: Some((125, 100)), capacity_freed: money(-87), ..Expected::default() };
        assert_eq!(after(&work().treated(&account(), &more).unwrap()), (875, 200));
    }
}
