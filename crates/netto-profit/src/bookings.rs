//! Cost pools by month: what the general ledger books on a pool, and which customers the bookings name.
//!
//! ```text
//! pool       period   customer  amount   practical_minutes        own 900.00, of which direct 100.00 for C7;
//! warehouse  2025-03            800.00   9600                →    practical capacity 9600 minutes
//! warehouse  2025-03  C7        100.00
//! ```

use std::collections::BTreeMap;

use netto_model::frame::CostPools;
use netto_model::{Frame, Money, Period, column as c};

use crate::ProfitError;

/// Everything booked, by month and pool.
pub type Bookings = BTreeMap<(Period, String), Booked>;

/// What is booked on a pool in a month; amounts in ten-thousandths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Booked {
    /// Bookings that name no customer.
    pub shared: i64,
    /// Per customer named: amount and number of bookings.
    pub direct: BTreeMap<String, (i64, i64)>,
    /// Practical capacity in ten-thousandths of a minute, where the extract gives it.
    pub practical: Option<i64>,
}

/// Adds the ledger's rows up by month and pool.
///
/// # Errors
/// An amount beyond the range of money, or two different capacities for one pool and month.
pub fn bookings(cost_pools: &Frame<CostPools>) -> Result<Bookings, ProfitError> {
    let data = cost_pools.data();
    let pools = data.column(c::POOL)?.str()?.iter();
    let periods = data.column(c::PERIOD)?.date()?.physical().iter();
    let customers = data.column(c::CUSTOMER_ID)?.str()?.iter();
    let amounts = data.column(c::AMOUNT)?.i64()?.iter();
    let practical = data.column(c::PRACTICAL_MINUTES)?.i64()?.iter();
    let mut bookings = Bookings::new();
    for ((((pool, day), customer), amount), practical) in pools.zip(periods).zip(customers).zip(amounts).zip(practical)
    {
        let (pool, period) = (pool.unwrap_or_default(), Period::of_day(day.unwrap_or_default()));
        let booked = bookings.entry((period, pool.to_owned())).or_default();
        let add = |sum: i64| {
            Money::sum([Money::from_units(sum), Money::from_units(amount.unwrap_or_default())])
                .map(Money::units)
                .map_err(|source| ProfitError::Money { place: format!("pool `{pool}` in {period}"), source })
        };
        match customer.unwrap_or_default() {
            "" => booked.shared = add(booked.shared)?,
            customer => {
                let direct = booked.direct.entry(customer.to_owned()).or_default();
                *direct = (add(direct.0)?, direct.1 + 1);
            }
        }
        if let Some(second) = practical {
            booked.practical = Some(one_capacity(booked.practical, second, pool, period)?);
        }
    }
    Ok(bookings)
}

/// The capacity may stand on one row of the pool and month or on each, but not differ.
fn one_capacity(first: Option<i64>, second: i64, pool: &str, period: Period) -> Result<i64, ProfitError> {
    match first {
        Some(first) if first != second => Err(ProfitError::TwoCapacities {
            pool: pool.to_owned(),
            period,
            first: Money::from_units(first),
            second: Money::from_units(second),
        }),
        _ => Ok(second),
    }
}
