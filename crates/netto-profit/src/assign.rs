//! One pool in one month: direct bookings, then drivers and shares, then time; what is left is idle or unassigned.
//!
//! ```text
//! own + received − passed on ── driver and share activities take their part ── spread over quantities ── zero for everyone: unassigned
//!             └──────────────── the rest pays for practical minutes ── idle minutes: idle ── the others over the minutes used
//!
//! after-care 100.00 by minutes     A 30   B 30   a supplier's late delivery, no customer 40
//!                               30.00  30.00   40.00 unassigned
//! ```
//! What an event took that names no customer costs its part, and no customer caused it: it stays unassigned, neither lost nor spread.
//! Rate = amount ÷ practical minutes; cost = rate × minutes. Idle capacity is rounded half-even, what it leaves is spread over
//! the minutes used by largest remainder: so customers and idle sum to the amount to the last ten-thousandth.
//! Source: Kaplan & Anderson, *Time-Driven Activity-Based Costing* (HBR, November 2004).

use std::iter;

use netto_model::money::{MILLION, SCALE, millionths};
use netto_model::{Money, Period};

use crate::bookings::Booked;
use crate::config::{ActivityConfig, Idle, Method, ShareBy};
use crate::customers::Rank;
use crate::error::ProfitError;
use crate::negative::{self, BelowZero, Negative};
use crate::resolved::Resolved;
use crate::usage::MonthUsage;
use netto_model::apportion;

/// A pool's balance sheet for a month, with all that was assigned. Amounts and minutes in ten-thousandths.
#[derive(Clone, Debug, Default)]
pub(crate) struct Assigned {
    /// Own amount, from the general ledger.
    pub(crate) own: i64,
    /// From support pools.
    pub(crate) received: i64,
    /// To other pools.
    pub(crate) passed_on: i64,
    /// What customers got.
    pub(crate) cells: Vec<Cell>,
    /// Per activity and part: amount, quantity, capacity.
    pub(crate) activities: Vec<ActivityTotal>,
    /// Amount that pays for time: for the minutes used and for idle ones.
    pub(crate) time_amount: i64,
    /// Amount for practical capacity that nobody used.
    pub(crate) idle: i64,
    /// Amount that no activity took.
    pub(crate) unassigned: i64,
    /// Practical capacity.
    pub(crate) practical_minutes: i64,
    /// Minutes of time-driven activities.
    pub(crate) used_minutes: i64,
    /// Driver quantities below zero.
    pub(crate) below_zero: Vec<BelowZero>,
}

/// An amount that a customer was assigned through an activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    /// Customer, activity and part of the pool, by rank: cells sort as the ledger does.
    pub(crate) key: (Rank, u16, u16),
    /// Quantity of the driver.
    pub(crate) quantity: i64,
    /// Amount.
    pub(crate) amount: i64,
}

/// What an activity cost in the month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ActivityTotal {
    /// Activity, by rank.
    pub(crate) activity: u16,
    /// Part of the pool, by rank.
    pub(crate) part: u16,
    /// Amount that is spread over the capacity.
    pub(crate) pool_amount: i64,
    /// Quantity used by customers.
    pub(crate) quantity: i64,
    /// Quantity of events that name no customer.
    pub(crate) unnamed: i64,
    /// What the amount is divided by.
    pub(crate) capacity: i64,
    /// Assigned to customers.
    pub(crate) assigned: i64,
    /// Left over because nobody used the driver, or only events that name no customer.
    pub(crate) unassigned: i64,
}

/// A pool in a month, about to be assigned.
pub(crate) struct Pool<'a> {
    pub(crate) name: &'a str,
    /// Of pools that are kept by warehouse.
    pub(crate) warehouse: &'a str,
    pub(crate) period: Period,
    pub(crate) booked: &'a Booked,
    /// What it received less what it passed on.
    pub(crate) received: i64,
    pub(crate) passed_on: i64,
    pub(crate) usage: &'a MonthUsage<'a>,
    /// Customers that bought in the month.
    pub(crate) active: &'a [Rank],
}

/// Assigns what a pool has in a month.
///
/// # Errors
/// See [`ProfitError`]: no capacity, negative minutes, a direct booking without an activity for it.
pub(crate) fn assign(pool: &Pool<'_>, resolved: &Resolved<'_>) -> Result<Assigned, ProfitError> {
    let mut assigned =
        Assigned { own: pool.booked.shared, received: pool.received, passed_on: pool.passed_on, ..Assigned::default() };
    assign_direct(&mut assigned, pool, resolved)?;
    let amount = pool.amount()?;
    let mut rest = amount;
    for (activity, config) in resolved.of_pool(pool.name).filter(|(_, config)| config.takes_a_share()) {
        let share = pool.scaled(amount, config.share_millionths().unwrap_or(MILLION))?;
        rest -= share;
        if config.method == Method::Share {
            assign_shares(&mut assigned, activity, config, share, pool, resolved);
        } else {
            let name = resolved.activity(activity);
            let used =
                Used { named: pool.usage.of(name, pool.warehouse), unnamed: pool.usage.unnamed(name, pool.warehouse) };
            assigned.spread(activity, resolved.part(pool.warehouse), share, used, config.negative());
        }
    }
    if resolved.of_pool(pool.name).any(|(_, config)| config.method == Method::Time) {
        assign_time(&mut assigned, rest, pool, resolved)?;
    } else {
        assigned.unassigned += rest;
    }
    Ok(assigned)
}

impl Pool<'_> {
    /// Own + received − passed on: what activities can take, bookings that name a customer aside.
    fn amount(&self) -> Result<i64, ProfitError> {
        let amount = i128::from(self.booked.shared) + i128::from(self.received) - i128::from(self.passed_on);
        Money::try_from_wide(amount).map(Money::units).map_err(|source| self.error(source))
    }

    fn scaled(&self, amount: i64, share: i64) -> Result<i64, ProfitError> {
        Money::from_units(amount).scaled(share, MILLION).map(Money::units).map_err(|source| self.error(source))
    }

    fn error(&self, source: netto_model::money::MoneyError) -> ProfitError {
        ProfitError::money(self.name, self.period, source)
    }
}

/// Bookings that name the customer go there as they are.
fn assign_direct(assigned: &mut Assigned, pool: &Pool<'_>, resolved: &Resolved<'_>) -> Result<(), ProfitError> {
    let Some((customer, _)) = pool.booked.direct.first_key_value() else { return Ok(()) };
    let direct = resolved.of_pool(pool.name).find(|(_, config)| config.method == Method::Direct);
    let Some((activity, _)) = direct else {
        let (pool, customer, period) = (pool.name.to_owned(), customer.clone(), pool.period);
        return Err(ProfitError::NoDirectActivity { pool, customer, period });
    };
    let part = resolved.part(pool.warehouse);
    let (mut amounts, mut quantities) = (0, 0);
    for (customer, &(amount, bookings)) in &pool.booked.direct {
        let rank = resolved.customers.rank(customer).unwrap_or_default();
        assigned.push(Cell { key: (rank, activity, part), quantity: bookings * SCALE, amount });
        amounts += amount;
        quantities += bookings * SCALE;
    }
    assigned.own += amounts;
    assigned.activities.push(ActivityTotal {
        activity,
        part,
        pool_amount: amounts,
        quantity: quantities,
        unnamed: 0,
        capacity: quantities,
        assigned: amounts,
        unassigned: 0,
    });
    Ok(())
}

/// Each tier, market or customer gets its fixed part; within it, who used the driver, or who bought in the month.
fn assign_shares(
    assigned: &mut Assigned,
    activity: u16,
    config: &ActivityConfig,
    amount: i64,
    pool: &Pool<'_>,
    resolved: &Resolved<'_>,
) {
    let Some(by) = config.by else { return };
    let mut shares: Vec<i64> = config.shares.values().map(|share| millionths(*share)).collect();
    shares.push(MILLION - shares.iter().sum::<i64>());
    let mut parts = apportion(amount, &shares).unwrap_or_default();
    assigned.unassigned += parts.pop().unwrap_or_default();
    for (group, part) in config.shares.keys().zip(parts) {
        let within = |rank: Rank| resolved.groups.of(by, resolved.customers.id(rank), pool.period) == Some(group);
        let members: Vec<(Rank, i64)> = if config.quantity.is_some() {
            let used = pool.usage.of(resolved.activity(activity), "");
            used.iter().copied().filter(|(rank, _)| within(*rank)).collect()
        } else if by == ShareBy::Customer {
            resolved.customers.rank(group).into_iter().map(|rank| (rank, SCALE)).collect()
        } else {
            pool.active.iter().filter(|rank| within(**rank)).map(|&rank| (rank, SCALE)).collect()
        };
        assigned.spread(activity, resolved.part(group), part, Used { named: &members, unnamed: 0 }, config.negative());
    }
}

/// Minutes × rate at practical capacity. Pools over capacity spread the whole amount over the minutes used.
fn assign_time(
    assigned: &mut Assigned,
    amount: i64,
    pool: &Pool<'_>,
    resolved: &Resolved<'_>,
) -> Result<(), ProfitError> {
    let activities: Vec<u16> = resolved
        .of_pool(pool.name)
        .filter(|(_, config)| config.method == Method::Time)
        .map(|(activity, _)| activity)
        .collect();
    let used_of = |activity: u16| pool.usage.of(resolved.activity(activity), pool.warehouse);
    let unnamed_of = |activity: u16| pool.usage.unnamed(resolved.activity(activity), pool.warehouse);
    // Of each activity what no customer is named for comes first.
    let minutes_of =
        |&activity: &u16| iter::once(unnamed_of(activity)).chain(used_of(activity).iter().map(|used| used.1));
    let minutes: Vec<i64> = activities.iter().flat_map(minutes_of).collect();
    for &activity in &activities {
        refuse_negative_minutes(used_of(activity), resolved.activity(activity), pool.period, resolved)?;
    }
    let used: i64 = minutes.iter().sum();
    let config = resolved.pool(pool.name);
    let by_config = resolved.capacity.get(pool.name).copied();
    let practical = pool.booked.practical.or(by_config).filter(|&minutes| minutes > 0);
    let practical = practical.ok_or_else(|| ProfitError::NoCapacity { pool: pool.name.into(), period: pool.period })?;
    (assigned.time_amount, assigned.practical_minutes, assigned.used_minutes) = (amount, practical, used);
    if config.idle == Idle::Report {
        let fixed = pool.scaled(amount, config.fixed_millionths())?;
        let idle = Money::from_units(fixed).scaled((practical - used).max(0), practical);
        assigned.idle = idle.map_err(|source| pool.error(source))?.units();
    }
    let charged = amount - assigned.idle;
    let Some(parts) = apportion(charged, &minutes) else {
        // Nobody is there to be charged.
        assigned.unassigned += charged;
        return Ok(());
    };
    let part = resolved.part(pool.warehouse);
    let mut parts = parts.into_iter();
    for activity in activities {
        let (mut quantity, mut to_customers) = (0, 0);
        let of_nobody = parts.next().unwrap_or_default();
        assigned.unassigned += of_nobody;
        for (&(rank, minutes), amount) in used_of(activity).iter().zip(parts.by_ref()) {
            assigned.push(Cell { key: (rank, activity, part), quantity: minutes, amount });
            quantity += minutes;
            to_customers += amount;
        }
        assigned.activities.push(ActivityTotal {
            activity,
            part,
            pool_amount: charged,
            quantity,
            unnamed: unnamed_of(activity),
            capacity: used,
            assigned: to_customers,
            unassigned: of_nobody,
        });
    }
    Ok(())
}

/// What an activity was used for.
#[derive(Clone, Copy, Debug)]
struct Used<'a> {
    /// By customer.
    named: &'a [(Rank, i64)],
    /// By events that name no customer.
    unnamed: i64,
}

/// The rollup names the row; this is the guard behind it.
fn refuse_negative_minutes(
    used: &[(Rank, i64)],
    activity: &str,
    period: Period,
    resolved: &Resolved<'_>,
) -> Result<(), ProfitError> {
    match used.iter().find(|(_, minutes)| *minutes < 0) {
        Some(&(rank, minutes)) => Err(ProfitError::NegativeMinutes {
            activity: activity.to_owned(),
            customer: resolved.customers.id(rank).to_owned(),
            period,
            minutes: Money::from_units(minutes),
        }),
        None => Ok(()),
    }
}

impl Assigned {
    /// An amount over a driver quantity; where that is zero for everyone, it stays visible as unassigned, as does the part of what no
    /// customer is named for.
    fn spread(&mut self, activity: u16, part: u16, amount: i64, used: Used<'_>, negative: Negative) {
        let unnamed = used.unnamed;
        let (used, below_zero) = negative::counted(activity, used.named, negative);
        self.below_zero.extend(below_zero.filter(|_| amount != 0));
        let quantities: Vec<i64> = iter::once(unnamed).chain(used.iter().map(|(_, quantity)| *quantity)).collect();
        let parts = apportion(amount, &quantities);
        let to_customers = parts.as_ref().and_then(|parts| parts.first()).map_or(0, |of_nobody| amount - of_nobody);
        let parts = parts.unwrap_or_else(|| vec![0; quantities.len()]);
        for (&(rank, quantity), amount) in used.iter().zip(parts.into_iter().skip(1)) {
            self.push(Cell { key: (rank, activity, part), quantity, amount });
        }
        let capacity: i64 = quantities.iter().sum();
        self.unassigned += amount - to_customers;
        self.activities.push(ActivityTotal {
            activity,
            part,
            pool_amount: amount,
            quantity: capacity - unnamed,
            unnamed,
            capacity,
            assigned: to_customers,
            unassigned: amount - to_customers,
        });
    }

    /// Cells without quantity and amount say nothing.
    fn push(&mut self, cell: Cell) {
        if cell.quantity != 0 || cell.amount != 0 {
            self.cells.push(cell);
        }
    }

    /// Own + received − assigned − passed on − idle − unassigned.
    pub(crate) fn difference(&self) -> i128 {
        let to_customers: i128 = self.cells.iter().map(|cell| i128::from(cell.amount)).sum();
        i128::from(self.own) + i128::from(self.received)
            - to_customers
            - i128::from(self.passed_on)
            - i128::from(self.idle)
            - i128::from(self.unassigned)
    }

    /// What customers got of it.
    pub(crate) fn to_customers(&self) -> i64 {
        self.activities.iter().map(|total| total.assigned).sum()
    }
}
