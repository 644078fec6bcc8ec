//! One pool in one month: direct bookings, then drivers, then time; what is left is idle or unassigned.
//!
//! ```text
//! shared amount ── driver activities take their share ── spread over driver quantities ── zero for everyone: unassigned
//!       └───────── the rest pays for practical minutes ── cells (activity, customer) by minutes + one idle cell
//! ```
//! Rate = amount ÷ practical minutes; cost = rate × minutes. Because the idle minutes are one more cell of the same
//! apportionment, cells and idle sum to the amount to the last ten-thousandth.
//! Source: Kaplan & Anderson, *Time-Driven Activity-Based Costing* (HBR, November 2004).

use netto_model::{Money, Period};

use crate::apportion::apportion;
use crate::bookings::Booked;
use crate::config::{ActivityConfig, Idle, MILLION, Method, ProfitConfig};
use crate::error::ProfitError;
use crate::usage::Usage;

/// Ten-thousandths in one: of a minute, of an event.
const ONE: i64 = netto_model::money::SCALE;

/// A pool's balance sheet for a month, with all that was assigned. Amounts and minutes in ten-thousandths.
#[derive(Clone, Debug, Default)]
pub struct Assigned {
    /// Own amount, from the general ledger.
    pub own: i64,
    /// What customers got.
    pub cells: Vec<Cell>,
    /// Per activity: amount, quantity, capacity.
    pub activities: Vec<ActivityTotal>,
    /// Amount for practical capacity that nobody used.
    pub idle: i64,
    /// Amount that no activity took.
    pub unassigned: i64,
    /// Practical capacity.
    pub practical_minutes: i64,
    /// Minutes of time-driven activities.
    pub used_minutes: i64,
}

/// An amount that a customer was assigned through an activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Customer.
    pub customer: String,
    /// Activity.
    pub activity: String,
    /// Quantity of the driver.
    pub quantity: i64,
    /// Amount.
    pub amount: i64,
}

/// What an activity cost in the month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityTotal {
    /// Activity.
    pub activity: String,
    /// Amount of the pool that it draws on.
    pub pool_amount: i64,
    /// Quantity used by all.
    pub quantity: i64,
    /// What the amount is divided by.
    pub capacity: i64,
    /// Assigned to customers.
    pub assigned: i64,
    /// Left over because nobody used the driver.
    pub unassigned: i64,
}

/// Assigns what is booked on a pool in a month.
///
/// # Errors
/// See [`ProfitError`]: no capacity, negative minutes, a direct booking without an activity for it.
pub fn assign(
    pool: &str,
    period: Period,
    booked: &Booked,
    usage: &Usage<'_>,
    config: &ProfitConfig,
) -> Result<Assigned, ProfitError> {
    let mut assigned = Assigned { own: booked.shared, ..Assigned::default() };
    assign_direct(&mut assigned, pool, period, booked, config)?;
    let mut rest = booked.shared;
    for (activity, of_config) in config.of_pool(pool, Method::Driver) {
        let share = driver_share(of_config, booked.shared, period, pool)?;
        rest -= share;
        assign_driver(&mut assigned, activity, share, usage.of(period, activity));
    }
    if config.of_pool(pool, Method::Time).next().is_some() {
        assign_time(&mut assigned, pool, period, rest, booked, usage, config)?;
    } else {
        assigned.unassigned += rest;
    }
    Ok(assigned)
}

/// Bookings that name the customer go there as they are.
fn assign_direct(
    assigned: &mut Assigned,
    pool: &str,
    period: Period,
    booked: &Booked,
    config: &ProfitConfig,
) -> Result<(), ProfitError> {
    let Some((customer, _)) = booked.direct.first_key_value() else { return Ok(()) };
    let Some((activity, _)) = config.of_pool(pool, Method::Direct).next() else {
        return Err(ProfitError::NoDirectActivity { pool: pool.into(), customer: customer.clone(), period });
    };
    let mut total = ActivityTotal {
        activity: activity.into(),
        pool_amount: 0,
        quantity: 0,
        capacity: 0,
        assigned: 0,
        unassigned: 0,
    };
    for (customer, &(amount, bookings)) in &booked.direct {
        let quantity = bookings * ONE;
        assigned.cells.push(Cell { customer: customer.clone(), activity: activity.into(), quantity, amount });
        total.assigned += amount;
        total.quantity += quantity;
    }
    (total.pool_amount, total.capacity) = (total.assigned, total.quantity);
    assigned.own += total.assigned;
    assigned.activities.push(total);
    Ok(())
}

/// The part of the pool that a driver activity takes; all of it where no share is given.
fn driver_share(activity: &ActivityConfig, shared: i64, period: Period, pool: &str) -> Result<i64, ProfitError> {
    let share = activity.share_millionths().unwrap_or(MILLION);
    Money::from_units(shared)
        .scaled(share, MILLION)
        .map(Money::units)
        .map_err(|source| ProfitError::Money { place: format!("pool `{pool}` in {period}"), source })
}

/// The whole share is spread over the driver quantity; where it is zero for everyone, it stays visible as unassigned.
fn assign_driver(assigned: &mut Assigned, activity: &str, share: i64, usage: &[(&str, i64)]) {
    let quantities: Vec<i64> = usage.iter().map(|(_, quantity)| *quantity).collect();
    let quantity = quantities.iter().sum();
    let parts = apportion(share, &quantities);
    let to_customers = if parts.is_some() { share } else { 0 };
    for (index, (customer, quantity)) in usage.iter().enumerate() {
        let amount = parts.as_ref().and_then(|parts| parts.get(index)).copied().unwrap_or_default();
        push_cell(&mut assigned.cells, customer, activity, *quantity, amount);
    }
    assigned.unassigned += share - to_customers;
    assigned.activities.push(ActivityTotal {
        activity: activity.to_owned(),
        pool_amount: share,
        quantity,
        capacity: quantity,
        assigned: to_customers,
        unassigned: share - to_customers,
    });
}

/// Minutes × rate at practical capacity. Overdriven pools spread the whole amount over the minutes used.
fn assign_time(
    assigned: &mut Assigned,
    pool: &str,
    period: Period,
    amount: i64,
    booked: &Booked,
    usage: &Usage<'_>,
    config: &ProfitConfig,
) -> Result<(), ProfitError> {
    let cells: Vec<(&str, &str, i64)> = config
        .of_pool(pool, Method::Time)
        .flat_map(|(activity, _)| usage.of(period, activity).iter().map(move |(who, used)| (*who, activity, *used)))
        .collect();
    refuse_negative_minutes(&cells, period)?;
    let pool_config = config.pools.get(pool);
    let by_config = pool_config.and_then(|pool| pool.practical_minutes).map(|minutes| i64::from(minutes) * ONE);
    let practical = booked.practical.or(by_config).filter(|&minutes| minutes > 0);
    let practical = practical.ok_or_else(|| ProfitError::NoCapacity { pool: pool.into(), period })?;
    let used: i64 = cells.iter().map(|(_, _, minutes)| minutes).sum();
    let idle_minutes = match pool_config.map(|pool| pool.idle).unwrap_or_default() {
        Idle::Report => (practical - used).max(0),
        Idle::Charge => 0,
    };
    let mut minutes: Vec<i64> = cells.iter().map(|(_, _, minutes)| *minutes).collect();
    minutes.push(idle_minutes);
    (assigned.practical_minutes, assigned.used_minutes) = (practical, used);
    let capacity = used + idle_minutes;
    let Some(mut parts) = apportion(amount, &minutes) else {
        // Idle is charged, and nobody is there to be charged.
        assigned.unassigned += amount;
        return Ok(());
    };
    assigned.idle += parts.pop().unwrap_or_default();
    for ((customer, activity, minutes), part) in cells.iter().zip(&parts) {
        push_cell(&mut assigned.cells, customer, activity, *minutes, *part);
    }
    for (activity, _) in config.of_pool(pool, Method::Time) {
        let of_activity = || cells.iter().zip(&parts).filter(|((_, name, _), _)| *name == activity);
        assigned.activities.push(ActivityTotal {
            activity: activity.to_owned(),
            pool_amount: amount,
            quantity: of_activity().map(|((_, _, minutes), _)| minutes).sum(),
            capacity,
            assigned: of_activity().map(|(_, part)| part).sum(),
            unassigned: 0,
        });
    }
    Ok(())
}

fn refuse_negative_minutes(cells: &[(&str, &str, i64)], period: Period) -> Result<(), ProfitError> {
    match cells.iter().find(|(_, _, minutes)| *minutes < 0) {
        Some((customer, activity, minutes)) => Err(ProfitError::NegativeMinutes {
            activity: (*activity).to_owned(),
            customer: (*customer).to_owned(),
            period,
            minutes: Money::from_units(*minutes),
        }),
        None => Ok(()),
    }
}

/// Cells without quantity and amount say nothing.
fn push_cell(cells: &mut Vec<Cell>, customer: &str, activity: &str, quantity: i64, amount: i64) {
    if quantity != 0 || amount != 0 {
        cells.push(Cell { customer: customer.to_owned(), activity: activity.to_owned(), quantity, amount });
    }
}
