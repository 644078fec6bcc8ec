//! All pools and months: the ledger, what activities cost, and the balance sheet of every pool.
//!
//! Own + received = assigned + passed on + idle + unassigned, to the last ten-thousandth, or there is no result.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::frame::{ActivityMonth, Ledger, PoolBalance};
use netto_model::{Frame, Money, Period, column as c};
use polars::prelude::*;
use rayon::prelude::*;

use crate::assign::{ActivityTotal, Assigned, Cell, assign};
use crate::bookings::Bookings;
use crate::config::{Method, ProfitConfig};
use crate::error::ProfitError;
use crate::usage::Usage;

/// What became of every pool in every month.
pub type AllAssigned = BTreeMap<(Period, String), Assigned>;

/// Assigns every pool of every month, in parallel, and checks each balance.
///
/// # Errors
/// The first pool and month that can't be assigned or doesn't balance.
pub fn assign_all(bookings: &Bookings, usage: &Usage<'_>, config: &ProfitConfig) -> Result<AllAssigned, ProfitError> {
    let one = |((period, pool), booked): (&(Period, String), _)| {
        let assigned = assign(pool, *period, booked, usage, config)?;
        check_balance(pool, *period, &assigned)?;
        Ok(((*period, pool.clone()), assigned))
    };
    // The order of the map, not of the threads, decides which error is shown.
    let results: Vec<Result<_, ProfitError>> = bookings.par_iter().map(one).collect();
    results.into_iter().collect()
}

/// Own + received − assigned − passed on − idle − unassigned.
fn difference(assigned: &Assigned) -> i128 {
    let to_customers: i128 = assigned.cells.iter().map(|cell| i128::from(cell.amount)).sum();
    i128::from(assigned.own) - to_customers - i128::from(assigned.idle) - i128::from(assigned.unassigned)
}

fn check_balance(pool: &str, period: Period, assigned: &Assigned) -> Result<(), ProfitError> {
    let place = || format!("pool `{pool}` in {period}");
    let difference =
        Money::try_from_wide(difference(assigned)).map_err(|source| ProfitError::Money { place: place(), source })?;
    if difference == Money::ZERO {
        return Ok(());
    }
    Err(ProfitError::Unbalanced { pool: pool.to_owned(), period, difference })
}

/// The ledger: customer × month × activity.
///
/// # Errors
/// When the frame is refused by the contract.
pub fn ledger(all: &AllAssigned) -> Result<Frame<Ledger>, ProfitError> {
    let cells: Vec<(Period, &Cell)> =
        all.iter().flat_map(|((period, _), a)| a.cells.iter().map(|cell| (*period, cell))).collect();
    let frame = df!(
        c::CUSTOMER_ID => cells.iter().map(|(_, cell)| cell.customer.as_str()).collect::<Vec<_>>(),
        c::PERIOD => cells.iter().map(|(period, _)| period.first_day()).collect::<Vec<_>>(),
        c::ACTIVITY => cells.iter().map(|(_, cell)| cell.activity.as_str()).collect::<Vec<_>>(),
        c::POOL_PART => vec![""; cells.len()],
        c::QUANTITY => cells.iter().map(|(_, cell)| cell.quantity).collect::<Vec<_>>(),
        c::AMOUNT => cells.iter().map(|(_, cell)| cell.amount).collect::<Vec<_>>(),
    )?;
    Ok(Frame::try_new(with_dates(frame))?)
}

/// The balance sheet: pool × month.
///
/// # Errors
/// When the frame is refused by the contract.
pub fn pool_balance(all: &AllAssigned) -> Result<Frame<PoolBalance>, ProfitError> {
    let each = |of: fn(&Assigned) -> i64| all.values().map(of).collect::<Vec<i64>>();
    let to_customers = |a: &Assigned| a.cells.iter().map(|cell| cell.amount).sum();
    let rates: Vec<Option<f64>> = all.values().map(minute_rate).collect();
    let frame = df!(
        c::POOL => all.keys().map(|(_, pool)| pool.as_str()).collect::<Vec<_>>(),
        c::PERIOD => all.keys().map(|(period, _)| period.first_day()).collect::<Vec<_>>(),
        c::WAREHOUSE => vec![""; all.len()],
        c::UTILIZATION => vec![None::<f64>; all.len()],
        c::OWN_AMOUNT => each(|a| a.own),
        c::RECEIVED_AMOUNT => each(|_| 0),
        c::ASSIGNED_AMOUNT => each(to_customers),
        c::PASSED_ON_AMOUNT => each(|_| 0),
        c::IDLE_AMOUNT => each(|a| a.idle),
        c::UNASSIGNED_AMOUNT => each(|a| a.unassigned),
        c::PRACTICAL_MINUTES => each(|a| a.practical_minutes),
        c::USED_MINUTES => each(|a| a.used_minutes),
        c::IDLE_MINUTES => each(|a| (a.practical_minutes - a.used_minutes).max(0)),
        c::OVERDRIVEN_MINUTES => each(|a| (a.used_minutes - a.practical_minutes).max(0)),
        c::RATE => rates,
    )?;
    let difference = col(c::OWN_AMOUNT) + col(c::RECEIVED_AMOUNT)
        - col(c::ASSIGNED_AMOUNT)
        - col(c::PASSED_ON_AMOUNT)
        - col(c::IDLE_AMOUNT)
        - col(c::UNASSIGNED_AMOUNT);
    Ok(Frame::try_new(with_dates(frame).with_column(difference.alias(c::DIFFERENCE)))?)
}

fn minute_rate(assigned: &Assigned) -> Option<f64> {
    assigned.activities.iter().find(|total| total.capacity >= assigned.practical_minutes.max(1)).and_then(rate)
}

/// What activities cost: activity × month.
///
/// # Errors
/// When the frame is refused by the contract.
pub fn activity_month(all: &AllAssigned) -> Result<Frame<ActivityMonth>, ProfitError> {
    let rows: Vec<(Period, &str, &ActivityTotal)> = all
        .iter()
        .flat_map(|((period, pool), a)| a.activities.iter().map(|total| (*period, pool.as_str(), total)))
        .collect();
    let each = |of: fn(&ActivityTotal) -> i64| rows.iter().map(|(_, _, total)| of(total)).collect::<Vec<i64>>();
    let frame = df!(
        c::ACTIVITY => rows.iter().map(|(_, _, total)| total.activity.as_str()).collect::<Vec<_>>(),
        c::PERIOD => rows.iter().map(|(period, _, _)| period.first_day()).collect::<Vec<_>>(),
        c::POOL => rows.iter().map(|(_, pool, _)| *pool).collect::<Vec<_>>(),
        c::POOL_PART => vec![""; rows.len()],
        c::POOL_AMOUNT => each(|total| total.pool_amount),
        c::QUANTITY => each(|total| total.quantity),
        c::CAPACITY => each(|total| total.capacity),
        c::RATE => rows.iter().map(|(_, _, total)| rate(total)).collect::<Vec<_>>(),
        c::ASSIGNED_AMOUNT => each(|total| total.assigned),
        c::UNASSIGNED_AMOUNT => each(|total| total.unassigned),
    )?;
    Ok(Frame::try_new(with_dates(frame))?)
}

/// Rate = amount ÷ capacity, for display: money is never computed from it.
#[expect(clippy::cast_precision_loss, reason = "a rate is shown, not added")]
fn rate(total: &ActivityTotal) -> Option<f64> {
    (total.capacity != 0).then(|| total.pool_amount as f64 / total.capacity as f64)
}

fn with_dates(frame: DataFrame) -> LazyFrame {
    frame.lazy().with_column(col(c::PERIOD).cast(DataType::Date))
}

/// What a controller should know: pools that nobody takes from, capacity overdriven, months without bookings.
#[must_use]
pub fn warnings(all: &AllAssigned, bookings: &Bookings, usage: &Usage<'_>, config: &ProfitConfig) -> Vec<String> {
    let pools: BTreeSet<&str> = bookings.keys().map(|(_, pool)| pool.as_str()).collect();
    let unknown = pools
        .iter()
        .filter(|pool| !config.pools.contains_key(**pool))
        .map(|pool| format!("pool `{pool}` has bookings, but there is no [pool.{pool}]: its amount is unassigned"));
    let overdriven = pools.iter().filter_map(|pool| {
        let months: Vec<String> = all
            .iter()
            .filter(|((_, name), a)| name == pool && a.practical_minutes > 0 && a.used_minutes > a.practical_minutes)
            .map(|((period, _), _)| period.to_string())
            .collect();
        (!months.is_empty()).then(|| {
            format!("pool `{pool}` is overdriven, more minutes used than practical capacity, in {}", listed(&months))
        })
    });
    let unbooked =
        config.activities.iter().filter(|(_, a)| a.method != Method::Direct).filter_map(|(name, activity)| {
            let missing: Vec<String> = usage
                .months(name)
                .filter(|period| !bookings.contains_key(&(*period, activity.pool.clone())))
                .map(|period| period.to_string())
                .collect();
            (!missing.is_empty()).then(|| {
                format!(
                    "activity `{name}` is used, but pool `{}` has no bookings, in {}",
                    activity.pool,
                    listed(&missing)
                )
            })
        });
    unknown.chain(overdriven).chain(unbooked).collect()
}

/// `2025-01, 2025-02, 2025-03 and 9 more`
fn listed(months: &[String]) -> String {
    let shown = months.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    if months.len() > 3 { format!("{shown} and {} more months", months.len() - 3) } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::activity;
    use crate::config::{Idle, PoolConfig};
    use netto_model::frame::{CostPools, DriverQuantity};
    use proptest::prelude::*;

    fn config(idle: Idle, practical: Option<u32>, activities: &[(&str, Method)]) -> ProfitConfig {
        ProfitConfig {
            pools: [("desk".to_owned(), PoolConfig { label: None, idle, practical_minutes: practical })].into(),
            activities: activities.iter().map(|(name, method)| ((*name).to_owned(), activity(*method))).collect(),
        }
    }

    fn booked(amount: i64, direct: &[(&str, i64)]) -> Frame<CostPools> {
        let n = direct.len() + 1;
        let customers: Vec<&str> = [""].into_iter().chain(direct.iter().map(|(who, _)| *who)).collect();
        let amounts: Vec<i64> = [amount].into_iter().chain(direct.iter().map(|(_, amount)| *amount)).collect();
        let frame = df!("pool" => vec!["desk"; n], "period" => vec![0; n], "gl_account" => vec![""; n],
            "customer_id" => customers, "booking_id" => vec![""; n], "warehouse" => vec![""; n], "amount" => amounts,
            "practical_minutes" => vec![None::<i64>; n]);
        Frame::try_new(with_dates(frame.unwrap())).unwrap()
    }

    fn used(cells: &[(&str, &str, i64)]) -> Frame<DriverQuantity> {
        let frame = df!("period" => vec![0; cells.len()],
            "customer_id" => cells.iter().map(|cell| cell.0).collect::<Vec<_>>(),
            "activity" => cells.iter().map(|cell| cell.1).collect::<Vec<_>>(),
            "warehouse" => vec![""; cells.len()],
            "quantity" => cells.iter().map(|cell| cell.2).collect::<Vec<_>>());
        Frame::try_new(with_dates(frame.unwrap())).unwrap()
    }

    /// The one pool and month of a test.
    fn desk(
        pools: &Frame<CostPools>,
        quantities: &Frame<DriverQuantity>,
        config: &ProfitConfig,
    ) -> Result<Assigned, ProfitError> {
        let bookings = crate::bookings::bookings(pools)?;
        let usage = crate::usage::usage(quantities)?;
        Ok(assign_all(&bookings, &usage, config)?.into_values().next().unwrap_or_default())
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
    fn an_overdriven_pool_spreads_its_amount_and_no_more() -> Result<(), ProfitError> {
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
        let cells: Vec<_> =
            assigned.cells.iter().map(|c| (c.customer.as_str(), c.activity.as_str(), c.amount)).collect();
        assert_eq!(cells, [("B", "named", 77), ("A", "orders", 50), ("B", "orders", 50)]);
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
          help: look at the expression of [activity.calls]: a return has a negative quantity, use `abs(quantity)`
        "#);
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
            prop_assert_eq!(difference(&assigned), 0);
            cells.reverse();
            let reversed = desk(&super::tests::booked(amount, &direct), &used(&cells), &config).unwrap();
            prop_assert_eq!(amounts(&assigned), amounts(&reversed));
        }
    }
}
