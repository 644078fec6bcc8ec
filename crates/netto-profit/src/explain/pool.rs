//! The proof of a pool: where its cost comes from, where it goes, and which customers take most of it.
//!
//! ```text
//! account 4210  9,000.00 ┐                     ┌ picking    8,500.00    4,250 minutes, 2.00 each
//! from housing  1,000.00 ┴ warehouse 10,000.00 ┴ idle       1,500.00    750 of 5,000 minutes
//! ```

use std::collections::{BTreeMap, BTreeSet};

use netto_model::contract::bridge::ACCOUNT;
use netto_model::frame::inside;
use netto_model::money::MoneyError;
use netto_model::problem::did_you_mean;
use netto_model::{Money, Period, Window, column as c};
use polars::prelude::*;

use super::figures::{Transfer, activity_months, add, figures, transfers};
use super::{Fine, Inputs, PoolFigures, Rows, name_of};
use crate::ProfitError;

/// How many of the customers that take most are shown.
const TAKERS: usize = 10;

/// A pool's balance sheet in a window, with its parts.
#[derive(Clone, Debug)]
pub struct PoolProof {
    /// Cost pool.
    pub pool: String,
    /// Its name in reports.
    pub label: String,
    /// Window.
    pub window: Window,
    /// By month.
    pub months: Vec<PoolMonth>,
    /// By warehouse, of pools that are kept by warehouse; else none.
    pub warehouses: Vec<(String, PoolFigures)>,
    /// The window as a whole.
    pub total: PoolFigures,
    /// Accounts of the general ledger that were booked on it.
    pub accounts: Vec<(String, Money)>,
    /// Which activities took how much.
    pub activities: Vec<ActivitySum>,
    /// How many customers took from it.
    pub customers: usize,
    /// Those that took most, the highest first.
    pub takers: Vec<Taker>,
}

/// A pool in a month, its warehouses together.
#[derive(Clone, Debug)]
pub struct PoolMonth {
    /// Month.
    pub period: Period,
    /// What it had, and what became of it.
    pub figures: PoolFigures,
    /// Accounts of the general ledger.
    pub accounts: Vec<(String, Money)>,
    /// Which activities took how much.
    pub activities: Vec<ActivitySum>,
}

/// The amount of the pool that an activity took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivitySum {
    /// Activity.
    pub activity: String,
    /// Part of the pool: warehouse, or group of a fixed share; else empty.
    pub part: String,
    /// How it takes.
    pub method: String,
    /// Quantity that all customers used.
    pub quantity: Money,
    /// Assigned to customers.
    pub assigned: Money,
    /// Left over because nobody used the driver.
    pub unassigned: Money,
    /// Assigned ÷ quantity: of one month the rate, of several their average.
    pub rate: Option<Fine>,
}

/// A customer that uses the pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taker {
    /// Customer.
    pub customer: String,
    /// Name, where one was supplied.
    pub name: Option<String>,
    /// Amount assigned.
    pub amount: Money,
}

/// Proves a pool's balance in a window.
///
/// # Errors
/// When there is no such pool, with the nearest name.
pub fn pool(pool: &str, window: Window, inputs: &Inputs<'_>) -> Result<PoolProof, ProfitError> {
    let known = inputs.pools.data().column(c::POOL)?.str()?;
    if !known.iter().any(|name| name == Some(pool)) {
        let suggestion = did_you_mean(pool, known.iter().flatten()).map(str::to_owned);
        return Err(ProfitError::UnknownPool { pool: pool.to_owned(), suggestion });
    }
    let wrong = |source| ProfitError::Money { place: format!("pool `{pool}`"), source };
    let all = figures(window, inputs)?;
    let mine: Vec<(&str, Period, &PoolFigures)> =
        all.iter().filter(|((name, ..), _)| name == pool).map(|((_, w, period), f)| (w.as_str(), *period, f)).collect();
    let (accounts, activities) = (accounts(pool, window, inputs)?, activities(pool, window, inputs)?);
    let transfers = transfers(window, inputs)?;
    let figures_where = |holds: &dyn Fn(&str, Period) -> bool, months: &[Period]| {
        let chosen: Vec<&PoolFigures> = mine.iter().filter(|(w, p, _)| holds(w, *p)).map(|(.., f)| *f).collect();
        let mut sum = PoolFigures::sum(&chosen).map_err(wrong)?;
        (sum.received_from, sum.passed_on_to) = by_name(pool, &transfers, months).map_err(wrong)?;
        Ok::<_, ProfitError>(sum)
    };
    let periods: BTreeSet<Period> = mine.iter().map(|(_, period, _)| *period).collect();
    let month = |period: Period| {
        let of_month =
            |(found, name, amount): &(Period, String, Money)| (*found == period).then(|| (name.clone(), *amount));
        Ok(PoolMonth {
            period,
            figures: figures_where(&|_, p| p == period, &[period])?,
            accounts: accounts.iter().filter_map(of_month).collect(),
            activities: activities.iter().filter(|(p, _)| *p == period).map(|(_, activity)| activity.clone()).collect(),
        })
    };
    let names: BTreeSet<&str> = mine.iter().map(|(warehouse, ..)| *warehouse).collect();
    let apart = names.iter().any(|name| !name.is_empty());
    let warehouse = |name: &str| Ok((name.to_owned(), figures_where(&|w, _| w == name, &[])?));
    let (customers, takers) = takers(pool, window, inputs)?;
    let every: Vec<Period> = periods.iter().copied().collect();
    Ok(PoolProof {
        pool: pool.to_owned(),
        label: name_of(inputs.pools.data(), c::POOL, pool, c::LABEL)?.unwrap_or_default(),
        window,
        months: periods.into_iter().map(month).collect::<Result<_, ProfitError>>()?,
        warehouses: names.into_iter().filter(|_| apart).map(warehouse).collect::<Result<_, ProfitError>>()?,
        total: figures_where(&|_, _| true, &every)?,
        accounts: summed_accounts(&accounts).map_err(wrong)?,
        activities: summed_activities(&activities).map_err(wrong)?,
        customers,
        takers,
    })
}

/// What the pool was booked, by month and account.
fn accounts(pool: &str, window: Window, inputs: &Inputs<'_>) -> Result<Vec<(Period, String, Money)>, ProfitError> {
    let booked = col(c::STEP_NO).eq(lit(ACCOUNT)).and(col(c::TO_NAME).eq(lit(pool)));
    let data = inputs.ledger_bridge.lazy().filter(inside(window).and(booked)).collect()?;
    let rows = Rows(&data);
    let account = |row| Ok((rows.period(row)?, rows.text(c::FROM_NAME, row)?.to_owned(), rows.money(c::AMOUNT, row)?));
    rows.count().map(account).collect()
}

fn summed_accounts(accounts: &[(Period, String, Money)]) -> Result<Vec<(String, Money)>, MoneyError> {
    let mut sums = BTreeMap::new();
    for (_, account, amount) in accounts {
        add(&mut sums, account, *amount)?;
    }
    Ok(sums.into_iter().collect())
}

type ByName = BTreeMap<String, Money>;

/// What the pool received in some months from which pools, and what it passed on to which.
fn by_name(pool: &str, transfers: &[Transfer], months: &[Period]) -> Result<(ByName, ByName), MoneyError> {
    let (mut received, mut passed_on) = (ByName::new(), ByName::new());
    for transfer in transfers.iter().filter(|transfer| months.contains(&transfer.period)) {
        if transfer.to == pool {
            add(&mut received, &transfer.from, transfer.amount)?;
        }
        if transfer.from == pool {
            add(&mut passed_on, &transfer.to, transfer.amount)?;
        }
    }
    Ok((received, passed_on))
}

fn activities(pool: &str, window: Window, inputs: &Inputs<'_>) -> Result<Vec<(Period, ActivitySum)>, ProfitError> {
    let data = activity_months(window, inputs).filter(col(c::POOL).eq(lit(pool))).collect()?;
    let rows = Rows(&data);
    let activity = |row| {
        let (quantity, assigned) = (rows.money(c::QUANTITY, row)?, rows.money(c::ASSIGNED_AMOUNT, row)?);
        let sum = ActivitySum {
            activity: rows.text(c::ACTIVITY, row)?.to_owned(),
            part: rows.text(c::POOL_PART, row)?.to_owned(),
            method: rows.text(c::METHOD, row)?.to_owned(),
            quantity,
            assigned,
            unassigned: rows.money(c::UNASSIGNED_AMOUNT, row)?,
            rate: Fine::quotient(assigned, quantity),
        };
        Ok((rows.period(row)?, sum))
    };
    rows.count().map(activity).collect()
}

fn summed_activities(activities: &[(Period, ActivitySum)]) -> Result<Vec<ActivitySum>, MoneyError> {
    let mut sums: BTreeMap<(&str, &str), ActivitySum> = BTreeMap::new();
    for (_, month) in activities {
        let sum = sums.entry((&month.activity, &month.part)).or_insert_with(|| ActivitySum {
            quantity: Money::ZERO,
            assigned: Money::ZERO,
            unassigned: Money::ZERO,
            ..month.clone()
        });
        sum.quantity = Money::sum([sum.quantity, month.quantity])?;
        sum.assigned = Money::sum([sum.assigned, month.assigned])?;
        sum.unassigned = Money::sum([sum.unassigned, month.unassigned])?;
        sum.rate = Fine::quotient(sum.assigned, sum.quantity);
    }
    Ok(sums.into_values().collect())
}

/// How many customers take from the pool, and those that take most; ties by id.
fn takers(pool: &str, window: Window, inputs: &Inputs<'_>) -> Result<(usize, Vec<Taker>), ProfitError> {
    let activities = inputs.activities.lazy().filter(col(c::POOL).eq(lit(pool))).select([col(c::ACTIVITY)]);
    let key = [col(c::ACTIVITY)];
    let amounts = inputs.ledger.lazy().filter(inside(window));
    let amounts = amounts.join(activities, key.clone(), key, JoinArgs::new(JoinType::Inner));
    let by_amount = SortMultipleOptions::default().with_order_descending_multi([true, false]);
    let data = amounts
        .group_by([col(c::CUSTOMER_ID)])
        .agg([col(c::AMOUNT).sum()])
        .filter(col(c::AMOUNT).neq(lit(0_i64)))
        .sort([c::AMOUNT, c::CUSTOMER_ID], by_amount)
        .collect()?;
    let rows = Rows(&data);
    let taker = |row| {
        let customer = rows.text(c::CUSTOMER_ID, row)?.to_owned();
        let name = name_of(inputs.customers.data(), c::CUSTOMER_ID, &customer, c::NAME)?;
        Ok(Taker { name, customer, amount: rows.money(c::AMOUNT, row)? })
    };
    let takers = rows.count().take(TAKERS).map(taker).collect::<PolarsResult<_>>()?;
    Ok((data.height(), takers))
}
