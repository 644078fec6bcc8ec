//! Practical capacity: the minutes in which work can be done, which the pool's amount pays for.
//!
//! From the general ledger's extract, month by month; else from the people who work in the pool, presence × practical share;
//! else the minutes of the configuration. Three people at 9,600 minutes a month and 80 % practical: 23,040 minutes.
//! Source: Kaplan & Anderson, *Time-Driven Activity-Based Costing* (HBR, November 2004).

use std::collections::BTreeMap;

use netto_model::contract::EMPLOYEES;
use netto_model::frame::Employees;
use netto_model::money::{MILLION, SCALE, millionths};
use netto_model::{Expression, Frame, Money, column as c};
use polars::prelude::{ChunkFilter, PolarsError};

use crate::config::PoolConfig;
use crate::{ProfitConfig, ProfitError};

/// Minutes per month by pool, in ten-thousandths, where `cost_pools` gives none.
pub(crate) type Capacity = BTreeMap<String, i64>;

/// The capacity of every pool that has one in the configuration.
///
/// # Errors
/// When a pool's people aren't supplied, or none of them has minutes.
pub(crate) fn capacity(config: &ProfitConfig, employees: Option<&Frame<Employees>>) -> Result<Capacity, ProfitError> {
    let mut capacity = Capacity::new();
    for (name, pool) in &config.pools {
        let minutes = match (&pool.employees, pool.practical_minutes) {
            (Some(condition), _) => of_people(name, pool, condition, employees)?,
            (None, Some(minutes)) => i64::from(minutes) * SCALE,
            (None, None) => continue,
        };
        capacity.insert(name.clone(), minutes);
    }
    Ok(capacity)
}

/// Presence × practical share, half-even.
fn of_people(
    name: &str,
    pool: &PoolConfig,
    condition: &str,
    employees: Option<&Frame<Employees>>,
) -> Result<i64, ProfitError> {
    let nobody = || ProfitError::NoPeople { pool: name.to_owned(), condition: condition.to_owned() };
    let people = employees.ok_or_else(nobody)?;
    // The configuration was checked, so this parses.
    // The configuration was checked, so this parses.
    let condition = Expression::condition(condition, &[&EMPLOYEES]).map_err(|_| nobody())?;
    let holds =
        condition.holds(people.data()).map_err(|source| PolarsError::ComputeError(source.to_string().into()))?;
    let minutes = people.data().column(c::MINUTES_PER_MONTH)?.i64()?.filter(&holds)?;
    let presence = Money::sum(minutes.iter().flatten().map(Money::from_units));
    let practical =
        presence.and_then(|presence| presence.scaled(pool.practical_share.map_or(MILLION, millionths), MILLION));
    let practical = practical
        .map(Money::units)
        .map_err(|source| ProfitError::Money { place: format!("capacity of pool `{name}`"), source })?;
    Some(practical).filter(|minutes| *minutes > 0).ok_or_else(nobody)
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::*;

    fn people() -> Frame<Employees> {
        let none = || vec![None::<&str>; 3];
        let money = || vec![None::<i64>; 3];
        let frame = df!("employee_id" => ["a", "b", "c"], "name" => none(), "role" => ["field", "field", "inside"],
            "pair_id" => none(), "wage" => money(), "car" => money(), "representation" => money(), "bonus" => money(),
            "minutes_per_month" => [96_000_000_i64, 96_000_000, 50_000_000]);
        Frame::try_new(frame.unwrap().lazy()).unwrap()
    }

    fn of(pool: PoolConfig, employees: Option<&Frame<Employees>>) -> Result<Capacity, ProfitError> {
        let config = ProfitConfig { pools: [("sales".to_owned(), pool)].into(), ..ProfitConfig::default() };
        capacity(&config, employees)
    }

    #[test]
    fn capacity_is_the_presence_of_the_people_times_the_practical_share() -> Result<(), ProfitError> {
        let pool = PoolConfig {
            employees: Some("role = 'field'".into()),
            practical_share: Some(0.8),
            practical_minutes: Some(1),
            ..PoolConfig::default()
        };
        assert_eq!(of(pool, Some(&people()))?["sales"], 15_360 * SCALE);
        let fixed = PoolConfig { practical_minutes: Some(700), ..PoolConfig::default() };
        assert_eq!(of(fixed, None)?["sales"], 700 * SCALE);
        Ok(())
    }

    #[test]
    fn people_who_are_not_there_are_an_error() {
        let pool = || PoolConfig { employees: Some("role = 'pilot'".into()), ..PoolConfig::default() };
        let error = of(pool(), Some(&people())).unwrap_err();
        assert_eq!(
            error.to_string(),
            "pool `sales` takes its capacity from employees where role = 'pilot', but none of them has minutes"
        );
        assert!(of(pool(), None).is_err());
    }
}
