//! What a pool had in a month, and what became of it.
//!
//! ```text
//!   own amount, from the general ledger    9,000.00
//! + received from housing                  1,500.00
//! − passed on to transport                   300.00
//! − booked on customers by name              200.00
//! = amount of the pool                    10,000.00
//! − taken by activities with a share       4,000.00
//! − idle capacity                            600.00   10 of 100 minutes
//! = divided by the minutes used            5,400.00   90 minutes
//! ```

use std::collections::BTreeMap;

use netto_model::frame::inside;
use netto_model::money::{MoneyError, difference, millionths};
use netto_model::{Money, Period, Window, column as c};
use polars::prelude::*;

use super::{Inputs, Rows};
use crate::config::Method;
use crate::{Idle, ProfitError};

/// What a pool had, and what became of it: in a month, or summed over several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolFigures {
    /// From the general ledger.
    pub own: Money,
    /// From support pools.
    pub received: Money,
    /// From which ones; empty where the pool is kept by warehouse, for transfers name the whole pool.
    pub received_from: BTreeMap<String, Money>,
    /// To other pools.
    pub passed_on: Money,
    /// To which ones, as above.
    pub passed_on_to: BTreeMap<String, Money>,
    /// Bookings that name their customer.
    pub booked: Money,
    /// Own + received − passed on − booked by name: what activities take from.
    pub amount: Money,
    /// In pools with time-driven activities: what activities of method driver and share take first.
    pub taken: Money,
    /// Practical capacity that nobody used.
    pub idle: Money,
    /// The amount that is divided by the minutes used.
    pub charged: Money,
    /// What customers got.
    pub assigned: Money,
    /// What no activity took.
    pub unassigned: Money,
    /// Own + received − assigned − passed on − idle − unassigned.
    pub difference: Money,
    /// Practical capacity.
    pub practical_minutes: Money,
    /// Minutes used.
    pub used_minutes: Money,
    /// Practical minutes that nobody used.
    pub idle_minutes: Money,
    /// Minutes above practical capacity.
    pub over_capacity_minutes: Money,
    /// The part of the amount that pays for capacity, in millionths: the same in every month.
    pub fixed_millionths: i64,
    /// Whether idle capacity is charged to those who used the pool.
    pub idle_is_charged: bool,
}

/// Pool, warehouse of pools that are kept by warehouse, month.
pub(super) type Key = (String, String, Period);

impl PoolFigures {
    /// Several months, or warehouses, as one.
    ///
    /// # Errors
    /// When a sum leaves the range of money.
    pub fn sum(figures: &[&Self]) -> Result<Self, MoneyError> {
        let of = |amount: fn(&Self) -> Money| Money::sum(figures.iter().copied().map(amount));
        let by_name = |names: fn(&Self) -> &BTreeMap<String, Money>| {
            let mut sums = BTreeMap::new();
            for (name, amount) in figures.iter().copied().flat_map(names) {
                add(&mut sums, name, *amount)?;
            }
            Ok(sums)
        };
        let first = figures.first();
        Ok(Self {
            own: of(|f| f.own)?,
            received: of(|f| f.received)?,
            received_from: by_name(|f| &f.received_from)?,
            passed_on: of(|f| f.passed_on)?,
            passed_on_to: by_name(|f| &f.passed_on_to)?,
            booked: of(|f| f.booked)?,
            amount: of(|f| f.amount)?,
            taken: of(|f| f.taken)?,
            idle: of(|f| f.idle)?,
            charged: of(|f| f.charged)?,
            assigned: of(|f| f.assigned)?,
            unassigned: of(|f| f.unassigned)?,
            difference: of(|f| f.difference)?,
            practical_minutes: of(|f| f.practical_minutes)?,
            used_minutes: of(|f| f.used_minutes)?,
            idle_minutes: of(|f| f.idle_minutes)?,
            over_capacity_minutes: of(|f| f.over_capacity_minutes)?,
            fixed_millionths: first.map_or(0, |f| f.fixed_millionths),
            idle_is_charged: first.is_some_and(|f| f.idle_is_charged),
        })
    }
}

/// The figures of every pool in every month of a window.
///
/// # Errors
/// When a table can't be read or a sum leaves the range of money.
pub(super) fn figures(window: Window, inputs: &Inputs<'_>) -> Result<BTreeMap<Key, PoolFigures>, ProfitError> {
    let mut figures = balances(window, inputs)?;
    add_transfers(&mut figures, window, inputs)?;
    add_activities(&mut figures, window, inputs)?;
    for ((pool, _, period), f) in &mut figures {
        let wide = |plus: &[Money], minus: &[Money]| {
            difference(plus, minus).map_err(|source| ProfitError::money(pool, *period, source))
        };
        f.amount = wide(&[f.own, f.received], &[f.passed_on, f.booked])?;
        f.taken = if f.charged == Money::ZERO { Money::ZERO } else { wide(&[f.amount], &[f.idle, f.charged])? };
    }
    Ok(figures)
}

fn balances(window: Window, inputs: &Inputs<'_>) -> Result<BTreeMap<Key, PoolFigures>, ProfitError> {
    let rules = rules(inputs)?;
    let data = inputs.pool_balance.lazy().filter(inside(window)).collect()?;
    let rows = Rows(&data);
    let figures = rows.count().map(|row| {
        let money = |column: &str| rows.money(column, row);
        let pool = rows.text(c::POOL, row)?;
        let (fixed_millionths, idle_is_charged) = rules.get(pool).copied().unwrap_or_default();
        let key = (pool.to_owned(), rows.text(c::WAREHOUSE, row)?.to_owned(), rows.period(row)?);
        let figures = PoolFigures {
            own: money(c::OWN_AMOUNT)?,
            received: money(c::RECEIVED_AMOUNT)?,
            passed_on: money(c::PASSED_ON_AMOUNT)?,
            idle: money(c::IDLE_AMOUNT)?,
            assigned: money(c::ASSIGNED_AMOUNT)?,
            unassigned: money(c::UNASSIGNED_AMOUNT)?,
            difference: money(c::DIFFERENCE)?,
            practical_minutes: money(c::PRACTICAL_MINUTES)?,
            used_minutes: money(c::USED_MINUTES)?,
            idle_minutes: money(c::IDLE_MINUTES)?,
            over_capacity_minutes: money(c::OVER_CAPACITY_MINUTES)?,
            fixed_millionths,
            idle_is_charged,
            ..PoolFigures::default()
        };
        Ok((key, figures))
    });
    figures.collect()
}

/// By pool: the fixed part of its amount, and whether idle capacity is charged.
fn rules(inputs: &Inputs<'_>) -> PolarsResult<BTreeMap<String, (i64, bool)>> {
    let data = inputs.pools.data();
    let fixed = data.column(c::FIXED_SHARE)?.f64()?.iter().map(|share| millionths(share.unwrap_or(1.0)));
    let charged = data.column(c::IDLE)?.str()?.iter().map(|idle| idle == Some(Idle::Charge.name()));
    let pools = data.column(c::POOL)?.str()?.iter().map(|pool| pool.unwrap_or_default().to_owned());
    Ok(pools.zip(fixed.zip(charged)).collect())
}

/// Which support pools an amount came from. A pool that is kept by warehouse shares out what it receives: no names there.
fn add_transfers(
    figures: &mut BTreeMap<Key, PoolFigures>,
    window: Window,
    inputs: &Inputs<'_>,
) -> Result<(), ProfitError> {
    for Transfer { period, from, to, amount } in transfers(window, inputs)? {
        let whole = |pool: &str| (pool.to_owned(), String::new(), period);
        if let Some(receiver) = figures.get_mut(&whole(&to)) {
            receiver.received_from.insert(from.clone(), amount);
        }
        if let Some(giver) = figures.get_mut(&whole(&from)) {
            giver.passed_on_to.insert(to, amount);
        }
    }
    for f in figures.values_mut() {
        let all = |names: &BTreeMap<String, Money>| Money::sum(names.values().copied());
        if all(&f.received_from) != Ok(f.received) {
            f.received_from.clear();
        }
        if all(&f.passed_on_to) != Ok(f.passed_on) {
            f.passed_on_to.clear();
        }
    }
    Ok(())
}

/// What was booked by name, and what the minutes pay for.
fn add_activities(
    figures: &mut BTreeMap<Key, PoolFigures>,
    window: Window,
    inputs: &Inputs<'_>,
) -> Result<(), ProfitError> {
    let data = activity_months(window, inputs).collect()?;
    let rows = Rows(&data);
    for row in rows.count() {
        let part = rows.text(c::POOL_PART, row)?;
        let place = (rows.text(c::POOL, row)?.to_owned(), part.to_owned(), rows.period(row)?);
        let (method, amount) = (rows.text(c::METHOD, row)?, rows.money(c::POOL_AMOUNT, row)?);
        let Some(f) = figures.get_mut(&place) else { continue };
        if method == Method::Direct.name() {
            f.booked = amount;
        } else if method == Method::Time.name() {
            f.charged = amount;
        }
    }
    Ok(())
}

/// An amount that a support pool passed on in a month.
pub(super) struct Transfer {
    pub(super) period: Period,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) amount: Money,
}

/// What support pools passed on in a window.
pub(super) fn transfers(window: Window, inputs: &Inputs<'_>) -> Result<Vec<Transfer>, ProfitError> {
    let data = inputs.pool_transfer.lazy().filter(inside(window).and(col(c::AMOUNT).neq(lit(0_i64)))).collect()?;
    let rows = Rows(&data);
    let transfer = |row| {
        let (from, to) = (rows.text(c::POOL, row)?.to_owned(), rows.text(c::TO_POOL, row)?.to_owned());
        Ok(Transfer { period: rows.period(row)?, from, to, amount: rows.money(c::AMOUNT, row)? })
    };
    rows.count().map(transfer).collect()
}

/// What activities cost in a window, with how they take.
pub(super) fn activity_months(window: Window, inputs: &Inputs<'_>) -> LazyFrame {
    let methods = inputs.activities.lazy().select([col(c::ACTIVITY), col(c::METHOD)]);
    let key = [col(c::ACTIVITY)];
    let months = inputs.activity_month.lazy().filter(inside(window));
    months.join(methods, key.clone(), key, JoinArgs::new(JoinType::Left))
}

/// Adds an amount to what stands under a name.
pub(super) fn add(sums: &mut BTreeMap<String, Money>, name: &str, amount: Money) -> Result<(), MoneyError> {
    let sum = sums.entry(name.to_owned()).or_default();
    *sum = Money::sum([*sum, amount])?;
    Ok(())
}
