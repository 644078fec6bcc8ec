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

use crate::{ProfitConfig, ProfitError};

/// Everything booked, by month and pool; pools that are kept by warehouse, by warehouse, too.
pub(crate) type Bookings = BTreeMap<Period, BTreeMap<PoolKey, Booked>>;

/// A pool, and the warehouse of pools that are kept by warehouse; else empty.
pub(crate) type PoolKey = (String, String);

/// What is booked on a pool in a month; amounts in ten-thousandths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Booked {
    /// Bookings that name no customer.
    pub(crate) shared: i64,
    /// Per customer named: amount and number of bookings.
    pub(crate) direct: BTreeMap<String, (i64, i64)>,
    /// Both, by account of the general ledger.
    pub(crate) accounts: BTreeMap<String, i64>,
    /// Practical capacity in ten-thousandths of a minute, where the extract gives it.
    pub(crate) practical: Option<i64>,
}

/// Adds the ledger's rows up by month and pool.
///
/// # Errors
/// An amount beyond the range of money, or two different capacities for one pool and month.
pub(crate) fn bookings(cost_pools: &Frame<CostPools>, config: &ProfitConfig) -> Result<Bookings, ProfitError> {
    let data = cost_pools.data();
    let text = |name: &str| Ok::<_, ProfitError>(data.column(name)?.str()?.iter().map(Option::unwrap_or_default));
    let names = text(c::POOL)?.zip(text(c::WAREHOUSE)?).zip(text(c::CUSTOMER_ID)?).zip(text(c::GL_ACCOUNT)?);
    let periods = data.column(c::PERIOD)?.date()?.physical().iter();
    let amounts = data.column(c::AMOUNT)?.i64()?.iter();
    let practical = data.column(c::PRACTICAL_MINUTES)?.i64()?.iter();
    let mut bookings = Bookings::new();
    for (((((pool, warehouse), customer), account), day), (amount, practical)) in
        names.zip(periods).zip(amounts.zip(practical))
    {
        let period = Period::of_day(day.unwrap_or_default());
        let apart = config.pools.get(pool).is_some_and(|pool| pool.by.is_some());
        let key = (pool.to_owned(), if apart { warehouse.to_owned() } else { String::new() });
        let booked = bookings.entry(period).or_default().entry(key).or_default();
        let add = |sum: &mut i64| {
            let total = Money::sum([Money::from_units(*sum), Money::from_units(amount.unwrap_or_default())]);
            *sum = total.map_err(|source| ProfitError::money(pool, period, source))?.units();
            Ok::<_, ProfitError>(())
        };
        add(booked.accounts.entry(account.to_owned()).or_default())?;
        if customer.is_empty() {
            add(&mut booked.shared)?;
        } else {
            let (amount, bookings) = booked.direct.entry(customer.to_owned()).or_default();
            add(amount)?;
            *bookings += 1;
        }
        if let Some(practical) = practical {
            booked.practical = Some(one_capacity(booked.practical, practical, pool, period)?);
        }
    }
    Ok(bookings)
}

/// The capacity may stand on one row of the pool and month or on each, but not differ. A program writes 0 on a row that has no
/// minutes of its own.
fn one_capacity(first: Option<i64>, second: i64, pool: &str, period: Period) -> Result<i64, ProfitError> {
    match first {
        Some(first) if second == 0 => Ok(first),
        Some(first) if first != 0 && first != second => Err(ProfitError::TwoCapacities {
            pool: pool.to_owned(),
            period,
            first: Money::from_units(first),
            second: Money::from_units(second),
        }),
        _ => Ok(second),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_with_zero_minutes_has_none_of_its_own_and_other_differences_are_named() {
        let of = |minutes: &[i64]| {
            let add =
                |first, minutes: &i64| one_capacity(first, minutes * 10_000, "desk", Period::new(2025, 3)).map(Some);
            minutes.iter().try_fold(None, add).map(|capacity| capacity.map(|units| units / 10_000))
        };
        assert_eq!(of(&[1000, 0]).unwrap(), Some(1000));
        assert_eq!(of(&[0, 0, 1000, 1000]).unwrap(), Some(1000));
        assert_eq!(of(&[0, 0]).unwrap(), Some(0));
        insta::assert_snapshot!(of(&[1000, 0, 900]).unwrap_err(), @"pool `desk` has practical capacities of 1000.0000 and 900.0000 minutes in 2025-03");
    }
}
