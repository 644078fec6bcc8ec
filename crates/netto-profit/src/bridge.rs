//! The general ledger's bridge: from the accounts to the customers, and at every step what came in and what left.
//!
//! ```text
//! step  from           to             amount
//! 1     account 4210   warehouse      900.00     what was booked
//! 2     housing        warehouse      100.00     what support pools passed on
//! 3     warehouse      picking        850.00     what activities took
//! 3     warehouse      idle capacity  150.00
//! 4     picking        customers      850.00     what customers got, line by line in the ledger
//! ```
//! What came into an account, pool or activity and left it nowhere is the remainder: zero, or there is no result.

use std::collections::BTreeMap;

use netto_model::contract::bridge::{ACCOUNT, ACTIVITY, CUSTOMER, CUSTOMERS, IDLE, SUPPORT, UNASSIGNED};
use netto_model::frame::LedgerBridge;
use netto_model::{Frame, Money, Period, column as c};
use polars::prelude::*;
use rayon::prelude::*;

use crate::bookings::Bookings;
use crate::customers::Rank;
use crate::error::ProfitError;
use crate::ledger::with_dates;
use crate::month::{Month, Months};
use crate::resolved::Resolved;

/// A row: an amount that went from one place to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    step: i64,
    from: String,
    to: String,
    amount: i64,
    customers: Option<i64>,
}

/// The bridge of all months.
///
/// # Errors
/// When a pool or activity got more or less than left it: its name and month.
pub(crate) fn bridge(months: &Months, resolved: &Resolved<'_>) -> Result<Frame<LedgerBridge>, ProfitError> {
    let of_month = |(period, month): (&Period, &Month)| {
        let rows = tied(*period, of_month(*period, month, resolved.bookings, resolved))?;
        Ok(rows.into_iter().map(|row| (*period, row)).collect())
    };
    let tied: Vec<Result<Vec<_>, ProfitError>> = months.par_iter().map(of_month).collect();
    let rows: Vec<(Period, Row)> = tied.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
    let frame = df!(
        c::PERIOD => rows.iter().map(|(period, _)| period.first_day()).collect::<Vec<_>>(),
        c::STEP_NO => rows.iter().map(|(_, row)| row.step).collect::<Vec<_>>(),
        c::FROM_NAME => rows.iter().map(|(_, row)| row.from.as_str()).collect::<Vec<_>>(),
        c::TO_NAME => rows.iter().map(|(_, row)| row.to.as_str()).collect::<Vec<_>>(),
        c::AMOUNT => rows.iter().map(|(_, row)| row.amount).collect::<Vec<_>>(),
        c::CUSTOMERS => rows.iter().map(|(_, row)| row.customers).collect::<Vec<_>>(),
        // `tied` let them through: what came in has left.
        c::REMAINDER => vec![0_i64; rows.len()],
    )?;
    Ok(Frame::try_new(with_dates(frame))?)
}

fn of_month(period: Period, month: &Month, bookings: &Bookings, resolved: &Resolved<'_>) -> Vec<Row> {
    let mut amounts: BTreeMap<(i64, &str, &str), i64> = BTreeMap::new();
    let mut served: BTreeMap<u16, Vec<Rank>> = BTreeMap::new();
    let mut add = |step: i64, from, to, amount: i64| *amounts.entry((step, from, to)).or_default() += amount;
    for ((pool, _), booked) in bookings.get(&period).into_iter().flatten() {
        for (account, amount) in &booked.accounts {
            add(ACCOUNT, account, pool, *amount);
        }
    }
    for transfer in &month.transfers {
        add(SUPPORT, &transfer.from, &transfer.to, transfer.amount);
    }
    for ((pool, _), assigned) in &month.pools {
        let mut to_activities = 0;
        for total in &assigned.activities {
            let activity = resolved.activity(total.activity);
            add(ACTIVITY, pool, activity, total.assigned + total.unassigned);
            add(CUSTOMER, activity, CUSTOMERS, total.assigned);
            add(CUSTOMER, activity, UNASSIGNED, total.unassigned);
            to_activities += total.unassigned;
        }
        add(ACTIVITY, pool, IDLE, assigned.idle);
        add(ACTIVITY, pool, UNASSIGNED, assigned.unassigned - to_activities);
        for cell in assigned.cells.iter().filter(|cell| cell.amount != 0) {
            served.entry(cell.key.1).or_default().push(cell.key.0);
        }
    }
    let count = |(activity, mut customers): (u16, Vec<Rank>)| {
        customers.sort_unstable();
        customers.dedup();
        (resolved.activity(activity), i64::try_from(customers.len()).unwrap_or(i64::MAX))
    };
    let served: BTreeMap<&str, i64> = served.into_iter().map(count).collect();
    let row = |((step, from, to), amount): ((i64, &str, &str), i64)| Row {
        step,
        from: from.to_owned(),
        to: to.to_owned(),
        amount,
        customers: if to == CUSTOMERS { served.get(from).copied() } else { None },
    };
    amounts.into_iter().filter(|(_, amount)| *amount != 0).map(row).collect()
}

/// The rows, when every remainder is zero. A pool's amounts come in by steps 1 and 2 and leave it by 2 and 3;
/// an activity's come in by 3 and leave it by 4.
fn tied(period: Period, rows: Vec<Row>) -> Result<Vec<Row>, ProfitError> {
    let mut pools: BTreeMap<&str, i128> = BTreeMap::new();
    let mut activities: BTreeMap<&str, i128> = BTreeMap::new();
    for row in &rows {
        let amount = i128::from(row.amount);
        if row.step <= SUPPORT {
            *pools.entry(&row.to).or_default() += amount;
        }
        if row.step == SUPPORT || row.step == ACTIVITY {
            *pools.entry(&row.from).or_default() -= amount;
        }
        if row.step == ACTIVITY && row.to != IDLE && row.to != UNASSIGNED {
            *activities.entry(&row.to).or_default() += amount;
        }
        if row.step == CUSTOMER {
            *activities.entry(&row.from).or_default() -= amount;
        }
    }
    if let Some((name, left)) = pools.iter().chain(&activities).find(|(_, left)| **left != 0) {
        let remainder = Money::try_from_wide(*left).map_err(|source| ProfitError::money(name, period, source))?;
        return Err(ProfitError::Bridge { name: (*name).to_owned(), period, remainder });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(step: i64, from: &str, to: &str, amount: i64) -> Row {
        Row { step, from: from.into(), to: to.into(), amount, customers: None }
    }

    #[test]
    fn a_bridge_that_does_not_tie_is_refused_with_pool_and_month() {
        let march = Period::new(2025, 3);
        let rows = |idle: i64, served: i64| {
            vec![
                row(ACCOUNT, "4210", "warehouse", 9_000_000),
                row(SUPPORT, "housing", "warehouse", 1_000_000),
                row(ACCOUNT, "4200", "housing", 1_000_000),
                row(ACTIVITY, "warehouse", "picking", 8_500_000),
                row(ACTIVITY, "warehouse", IDLE, idle),
                row(CUSTOMER, "picking", CUSTOMERS, served),
            ]
        };
        assert!(tied(march, rows(1_500_000, 8_500_000)).is_ok());
        let say = |rows| tied(march, rows).unwrap_err().to_string();
        assert_eq!(
            say(rows(1_499_999, 8_500_000)),
            "the ledger bridge doesn't tie in 2025-03: 0.0001 entered `warehouse` but didn't leave it"
        );
        assert_eq!(
            say(rows(1_500_000, 8_500_001)),
            "the ledger bridge doesn't tie in 2025-03: -0.0001 entered `picking` but didn't leave it"
        );
    }
}
