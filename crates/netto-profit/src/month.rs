//! All pools of one month: support pools pass on first, then every pool is assigned and its balance checked.
//!
//! Own + received = assigned + passed on + idle + unassigned, to the last ten-thousandth, or there is no result.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::{Money, Period};
use rayon::prelude::*;

use crate::assign::{Assigned, Pool, assign};
use crate::bookings::{Booked, PoolKey};
use crate::error::ProfitError;
use crate::resolved::{Resolved, WHOLE};
use crate::support::Transfer;
use crate::usage::MonthUsage;
use netto_model::apportion;

/// What became of every pool in a month.
#[derive(Clone, Debug, Default)]
pub(crate) struct Month {
    /// By pool, and warehouse of pools that are kept by warehouse.
    pub(crate) pools: BTreeMap<PoolKey, Assigned>,
    /// What support pools passed on.
    pub(crate) transfers: Vec<Transfer>,
}

/// Every month.
pub(crate) type Months = BTreeMap<Period, Month>;

/// Assigns every pool of every month, months side by side, and checks each balance.
///
/// # Errors
/// The first month and pool that can't be assigned or doesn't balance.
pub(crate) fn assign_all(resolved: &Resolved<'_>) -> Result<Months, ProfitError> {
    let months: Vec<Period> = resolved.bookings.keys().copied().collect();
    // The order of the months, not of the threads, decides which error is shown.
    let results: Vec<Result<_, ProfitError>> =
        months.par_iter().map(|&period| Ok((period, month(period, resolved)?))).collect();
    results.into_iter().collect()
}

fn month(period: Period, resolved: &Resolved<'_>) -> Result<Month, ProfitError> {
    let nothing = BTreeMap::new();
    let booked = resolved.bookings.get(&period).unwrap_or(&nothing);
    let mut own: BTreeMap<&str, i64> = BTreeMap::new();
    for ((pool, _), booked) in booked {
        let sum = own.entry(pool).or_default();
        let total = i128::from(*sum) + i128::from(booked.shared);
        *sum = Money::try_from_wide(total).map_err(|source| ProfitError::money(pool, period, source))?.units();
    }
    let transfers = resolved.support.transfers(&own);
    let transfers =
        transfers.map_err(|source| ProfitError::Money { place: format!("support pools in {period}"), source })?;
    let moved = Moved::new(&transfers, booked);
    let keys: BTreeSet<PoolKey> = booked.keys().cloned().chain(moved.received.keys().cloned()).collect();
    let (no_booking, no_usage) = (Booked::default(), MonthUsage::default());
    let usage = resolved.usage.get(&period).unwrap_or(&no_usage);
    let active = resolved.active.get(&period).map_or(&[][..], Vec::as_slice);
    let mut pools = BTreeMap::new();
    for key in keys {
        let pool = Pool {
            name: &key.0,
            warehouse: &key.1,
            period,
            booked: booked.get(&key).unwrap_or(&no_booking),
            received: moved.received.get(&key).copied().unwrap_or_default(),
            passed_on: moved.passed_on.get(&key).copied().unwrap_or_default(),
            usage,
            active,
        };
        let assigned = assign(&pool, resolved)?;
        check_balance(&key.0, period, &assigned)?;
        pools.insert(key, assigned);
    }
    Ok(Month { pools, transfers })
}

/// What each pool received and passed on. A pool that is kept by warehouse shares both by what its warehouses were booked.
#[derive(Debug, Default)]
struct Moved {
    received: BTreeMap<PoolKey, i64>,
    passed_on: BTreeMap<PoolKey, i64>,
}

impl Moved {
    fn new(transfers: &[Transfer], booked: &BTreeMap<PoolKey, Booked>) -> Self {
        let mut moved = Self::default();
        for transfer in transfers.iter().filter(|transfer| transfer.amount != 0) {
            // A warehouse with more credits than bookings receives nothing, so that none gets more than the whole; what it has
            // below zero is passed on as it is.
            share_out(&mut moved.received, &transfer.to, transfer.amount, booked, |own| own.max(0));
            share_out(&mut moved.passed_on, &transfer.from, transfer.amount, booked, |own| own);
        }
        moved
    }
}

fn share_out(
    sums: &mut BTreeMap<PoolKey, i64>,
    pool: &str,
    amount: i64,
    booked: &BTreeMap<PoolKey, Booked>,
    weight: fn(i64) -> i64,
) {
    let warehouses = booked.iter().filter(|((name, _), _)| name == pool);
    let (keys, own): (Vec<&PoolKey>, Vec<i64>) = warehouses.map(|(key, booked)| (key, weight(booked.shared))).unzip();
    let whole = (pool.to_owned(), WHOLE.to_owned());
    match apportion(amount, &own) {
        Some(parts) => {
            for (key, part) in keys.into_iter().zip(parts) {
                *sums.entry(key.clone()).or_default() += part;
            }
        }
        None => *sums.entry(keys.first().map_or(whole, |&key| key.clone())).or_default() += amount,
    }
}

fn check_balance(pool: &str, period: Period, assigned: &Assigned) -> Result<(), ProfitError> {
    let difference = Money::try_from_wide(assigned.difference());
    let difference = difference.map_err(|source| ProfitError::money(pool, period, source))?;
    if difference == Money::ZERO {
        return Ok(());
    }
    Err(ProfitError::Unbalanced { pool: pool.to_owned(), period, difference })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Inputs;
    use crate::check::tests::activity;
    use crate::config::{Idle, Method, PoolConfig, ProfitConfig, ShareBy};
    use crate::ledger::with_dates;
    use crate::resolved::Groups;
    use netto_model::frame::{CostPools, DriverQuantity};
    use netto_model::{DriverQuantities, Frame};
    use polars::prelude::*;
    use proptest::prelude::*;

    fn config(idle: Idle, practical: Option<u32>, activities: &[(&str, Method)]) -> ProfitConfig {
        let pool = PoolConfig { idle, practical_minutes: practical, ..PoolConfig::default() };
        ProfitConfig { pools: [("desk".to_owned(), pool)].into(), ..ProfitConfig::default() }.with(activities)
    }

    impl ProfitConfig {
        fn with(mut self, activities: &[(&str, Method)]) -> Self {
            self.activities = activities.iter().map(|(name, method)| ((*name).to_owned(), activity(*method))).collect();
            self
        }
    }

    fn booked(amount: i64, direct: &[(&str, i64)]) -> Frame<CostPools> {
        let n = direct.len() + 1;
        let customers: Vec<&str> = [""].into_iter().chain(direct.iter().map(|(who, _)| *who)).collect();
        let amounts: Vec<i64> = [amount].into_iter().chain(direct.iter().map(|(_, amount)| *amount)).collect();
        let frame = df!("pool" => vec!["desk"; n], "period" => vec![0; n], "gl_account" => vec![""; n],
            "customer_id" => customers, "booking_id" => vec![""; n], "warehouse" => vec![""; n], "amount" => amounts,
            "practical_minutes" => vec![None::<i64>; n], "currency" => vec![None::<&str>; n]);
        Frame::try_new(with_dates(frame.unwrap())).unwrap()
    }

    fn used(cells: &[(&str, &str, i64)]) -> DriverQuantities {
        let frame = df!("period" => vec![0; cells.len()],
            "customer_id" => cells.iter().map(|cell| cell.0).collect::<Vec<_>>(),
            "activity" => cells.iter().map(|cell| cell.1).collect::<Vec<_>>(),
            "warehouse" => vec![""; cells.len()],
            "quantity" => cells.iter().map(|cell| cell.2).collect::<Vec<_>>());
        let frame = Frame::<DriverQuantity>::try_new(with_dates(frame.unwrap())).unwrap();
        DriverQuantities::of(&frame).unwrap()
    }

    /// The one pool and month of a test.
    fn desk(
        pools: &Frame<CostPools>,
        quantities: &DriverQuantities,
        config: &ProfitConfig,
    ) -> Result<Assigned, ProfitError> {
        let mut month = first_month(pools, quantities, config, &Groups::default())?;
        Ok(month.pools.pop_first().map(|(_, assigned)| assigned).unwrap_or_default())
    }

    /// The one month of a test.
    fn first_month(
        pools: &Frame<CostPools>,
        quantities: &DriverQuantities,
        config: &ProfitConfig,
        groups: &Groups,
    ) -> Result<Month, ProfitError> {
        let bookings = crate::bookings::bookings(pools, config)?;
        let inputs = Inputs {
            customer_month: &Frame::empty(),
            driver_quantity: quantities,
            cost_pools: pools,
            rebates: None,
            supplier_month: None,
            receivables: None,
            employees: None,
            groups,
            last_month: Period::new(1970, 1),
        };
        let resolved = Resolved::new(&inputs, &bookings, config)?;
        let months = assign_all(&resolved)?;
        crate::bridge::bridge(&months, &resolved)?;
        Ok(months.into_values().next().unwrap_or_default())
    }

    fn amounts(assigned: &Assigned) -> Vec<i64> {
        assigned.cells.iter().map(|cell| cell.amount).collect()
    }

    const MINUTE: i64 = 10_000;
    const THIRTY_EACH: [(&str, &str, i64); 3] =
        [("A", "calls", 30 * MINUTE), ("B", "calls", 30 * MINUTE), ("C", "calls", 30 * MINUTE)];

    #[test]
    fn idle_capacity_is_reported_not_charged() -> Result<(), ProfitError> {
        let config = config(Idle::Report, Some(100), &[("calls", Method::Time)]);
        let assigned = desk(&booked(1_000_000, &[]), &used(&THIRTY_EACH), &config)?;
        assert_eq!((amounts(&assigned), assigned.idle, assigned.unassigned), (vec![300_000; 3], 100_000, 0));
        Ok(())
    }

    #[test]
    fn idle_capacity_is_charged_where_the_configuration_says_so() -> Result<(), ProfitError> {
        let config = config(Idle::Charge, Some(100), &[("calls", Method::Time)]);
        let assigned = desk(&booked(1_000_000, &[]), &used(&THIRTY_EACH), &config)?;
        assert_eq!((amounts(&assigned), assigned.idle), (vec![333_334, 333_333, 333_333], 0));
        Ok(())
    }

    #[test]
    fn a_pool_over_capacity_spreads_its_amount_and_no_more() -> Result<(), ProfitError> {
        let config = config(Idle::Report, Some(45), &[("calls", Method::Time)]);
        let assigned = desk(&booked(900_000, &[]), &used(&THIRTY_EACH), &config)?;
        assert_eq!((amounts(&assigned), assigned.idle), (vec![300_000; 3], 0));
        assert_eq!(assigned.used_minutes - assigned.practical_minutes, 45 * MINUTE);
        Ok(())
    }

    #[test]
    fn a_driver_that_is_zero_for_everyone_leaves_the_amount_unassigned() -> Result<(), ProfitError> {
        let config = config(Idle::Report, None, &[("orders", Method::Driver)]);
        for quantities in [used(&[]), used(&[("A", "orders", 0)])] {
            let assigned = desk(&booked(270_000, &[]), &quantities, &config)?;
            assert_eq!((amounts(&assigned), assigned.unassigned), (vec![], 270_000));
        }
        Ok(())
    }

    #[test]
    fn bookings_that_name_a_customer_stay_with_that_customer() -> Result<(), ProfitError> {
        let config = config(Idle::Report, None, &[("named", Method::Direct), ("orders", Method::Driver)]);
        let assigned = desk(&booked(100, &[("B", 77)]), &used(&[("A", "orders", 1), ("B", "orders", 1)]), &config)?;
        // Customers A and B, activities named and orders, by rank.
        let cells: Vec<_> = assigned.cells.iter().map(|cell| (cell.key, cell.amount)).collect();
        assert_eq!(cells, [((1, 0, 0), 77), ((0, 1, 0), 50), ((1, 1, 0), 50)]);
        assert_eq!(assigned.own, 177);
        Ok(())
    }

    #[test]
    fn what_cannot_be_assigned_is_refused_by_name() {
        let time = config(Idle::Report, None, &[("calls", Method::Time)]);
        let say = |result: Result<Assigned, ProfitError>| {
            let error = result.unwrap_err();
            format!("{error}\n  help: {}", error.help().unwrap_or_default())
        };
        let messages = [
            say(desk(&booked(1, &[]), &used(&THIRTY_EACH), &time)),
            say(desk(&booked(1, &[("B", 1)]), &used(&[]), &time)),
            say(desk(&booked(1, &[]), &used(&[("A", "calls", -MINUTE)]), &time)),
        ];
        insta::assert_snapshot!(messages.join("\n"), @r#"
        pool `desk` has time-driven activities, but no practical capacity in 1970-01
          help: give `practical_minutes` in `cost_pools`, or for all months as `practical_minutes` in [pool.desk]
        pool `desk` has a booking for customer `B` in 1970-01, but no activity of method `direct`
          help: add an activity with `pool = "desk"` and `method = "direct"`
        activity `calls` takes -1.0000 minutes for customer `A` in 1970-01
          help: check the expression of [activity.calls]: a return has a negative quantity, so use `abs(quantity)`
        "#);
    }

    #[test]
    fn what_varies_with_use_costs_nothing_while_idle() -> Result<(), ProfitError> {
        let mut config = config(Idle::Report, Some(100), &[("calls", Method::Time)]);
        config.pools.get_mut("desk").unwrap().fixed_share = Some(0.6);
        let assigned = desk(&booked(1_000_000, &[]), &used(&THIRTY_EACH), &config)?;
        // 60.00 fixed × 10 of 100 minutes; the other 94.00 over 90 minutes.
        assert_eq!((assigned.idle, amounts(&assigned)), (60_000, vec![313_334, 313_333, 313_333]));
        Ok(())
    }

    #[test]
    fn fixed_shares_go_to_the_groups_and_the_rest_is_unassigned() -> Result<(), ProfitError> {
        let mut config = config(Idle::Report, None, &[("campaigns", Method::Share)]);
        let campaigns = config.activities.get_mut("campaigns").unwrap();
        campaigns.by = Some(ShareBy::Market);
        campaigns.shares = [("installers".to_owned(), 0.5), ("makers".to_owned(), 0.3)].into();
        campaigns.quantity = Some("1".into());
        let markets = [("A", "installers"), ("B", "installers"), ("C", "shops")];
        let groups = Groups {
            markets: markets.into_iter().map(|(who, market)| (who.to_owned(), market.to_owned())).collect(),
            ..Groups::default()
        };
        let orders = used(&[("A", "campaigns", 3), ("B", "campaigns", 1), ("C", "campaigns", 9)]);
        let month = first_month(&booked(1_000, &[]), &orders, &config, &groups)?;
        let assigned = month.pools.first_key_value().unwrap().1;
        // 500 over A and B by 3 : 1; 300 find nobody, 200 were given to nobody.
        assert_eq!((amounts(assigned), assigned.unassigned), (vec![375, 125], 500));
        assert_eq!(assigned.activities.len(), 2);
        Ok(())
    }

    #[test]
    fn warehouses_have_rates_of_their_own() -> Result<(), ProfitError> {
        let mut config = config(Idle::Report, Some(100), &[("calls", Method::Time)]);
        config.pools.get_mut("desk").unwrap().by = Some(crate::config::PoolDimension::Warehouse);
        let mut pools = booked(1_000_000, &[("B", 0)]).data().clone();
        pools.with_column(Column::new("warehouse".into(), ["north", "south"])).unwrap();
        pools.with_column(Column::new("customer_id".into(), ["", ""])).unwrap();
        pools.with_column(Column::new("amount".into(), [1_000_000_i64, 500_000])).unwrap();
        let minutes = used(&[("A", "calls", 50 * MINUTE), ("B", "calls", 50 * MINUTE)]);
        let mut minutes = minutes.frame().unwrap().data().clone();
        minutes.with_column(Column::new("warehouse".into(), ["north", "south"])).unwrap();
        let (pools, minutes) = (Frame::try_new(pools.lazy()).unwrap(), Frame::try_new(minutes.lazy()).unwrap());
        let minutes = DriverQuantities::of(&minutes).unwrap();
        let month = first_month(&pools, &minutes, &config, &Groups::default())?;
        let found: Vec<_> = month.pools.iter().map(|((_, where_), a)| (where_.as_str(), amounts(a), a.idle)).collect();
        assert_eq!(found, [("north", vec![500_000], 500_000), ("south", vec![250_000], 250_000)]);
        Ok(())
    }

    proptest! {
        #[test]
        fn every_balance_is_zero_for_any_amounts_and_quantities(
            amount in -1_000_000_000_000_i64..1_000_000_000_000,
            direct in prop::collection::btree_map("[A-F]", -1_000_000_i64..1_000_000, 0..4),
            minutes in prop::collection::btree_map("[A-F]", 0_i64..2_000_000, 0..6),
            orders in prop::collection::btree_map("[A-F]", -50_i64..50, 0..6),
            practical in 1_u32..500,
        ) {
            let mut config = config(Idle::Report, Some(practical),
                &[("calls", Method::Time), ("named", Method::Direct), ("orders", Method::Driver)]);
            config.activities.get_mut("orders").unwrap().share = Some(0.3);
            let direct: Vec<(&str, i64)> = direct.iter().map(|(who, amount)| (who.as_str(), *amount)).collect();
            let mut cells: Vec<(&str, &str, i64)> = minutes.iter().map(|(who, m)| (who.as_str(), "calls", *m)).collect();
            cells.extend(orders.iter().map(|(who, n)| (who.as_str(), "orders", *n)));
            let assigned = desk(&booked(amount, &direct), &used(&cells), &config).unwrap();
            let booked: i64 = amount + direct.iter().map(|(_, amount)| amount).sum::<i64>();
            prop_assert_eq!(assigned.own, booked);
            prop_assert_eq!(assigned.difference(), 0);
            cells.reverse();
            let reversed = desk(&super::tests::booked(amount, &direct), &used(&cells), &config).unwrap();
            prop_assert_eq!(amounts(&assigned), amounts(&reversed));
        }
    }
}
