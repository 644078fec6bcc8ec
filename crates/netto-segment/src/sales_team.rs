//! Who is in the sales force, what they are paid, and which customers are theirs.
//!
//! In it is who is account manager or inside representative of a customer, has the role field or inside, or did a visit.
//! The customers of a pair are those of its members, each once.
//!
//! ```text
//! employee  role    pair  customers
//! M01       field   K1    A B          account manager
//! M05       inside  K1    B C          inside representative
//! K1                      A B C
//! ```

use std::collections::{BTreeMap, BTreeSet};

use netto_model::contract::SALES_LEVELS;
use netto_model::money::MoneyError;
use netto_model::{Money, column as c};
use polars::prelude::*;

use crate::Inputs;
use crate::columns::{maybe_units, texts};
use crate::sales_events::Events;

/// An employee of the sales force, or a pair.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seller {
    pub(crate) level: &'static str,
    pub(crate) key: String,
    pub(crate) name: Option<String>,
    pub(crate) role: Option<String>,
    /// The employee, or both.
    pub(crate) members: BTreeSet<String>,
    pub(crate) portfolio: BTreeSet<String>,
    /// Per month.
    pub(crate) pay: Pay,
}

/// What is paid, in ten-thousandths, and the minutes of presence for it; nothing where it wasn't supplied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pay {
    pub(crate) wage: Option<i64>,
    pub(crate) car: Option<i64>,
    pub(crate) representation: Option<i64>,
    pub(crate) bonus: Option<i64>,
    pub(crate) presence: Option<i64>,
}

/// An employee as supplied.
#[derive(Clone, Debug, Default)]
struct Employee {
    name: Option<String>,
    role: Option<String>,
    pair: Option<String>,
    pay: Pay,
}

const EMPLOYEE: &str = SALES_LEVELS[0];
const PAIR: &str = SALES_LEVELS[1];
const FIELD: &str = "field";
const INSIDE: &str = "inside";

impl Seller {
    pub(crate) fn is_employee(&self) -> bool {
        self.level == EMPLOYEE
    }
}

/// The sales force of a window: employees, then pairs, by id.
pub(crate) fn team(inputs: &Inputs<'_>, events: Option<&Events<'_>>) -> PolarsResult<Vec<Seller>> {
    let (employees, portfolios) = (employees(inputs)?, portfolios(inputs)?);
    let sells = |role: &Option<String>| role.as_deref().is_some_and(|role| [FIELD, INSIDE].contains(&role));
    let by_role = employees.iter().filter(|(_, employee)| sells(&employee.role)).map(|(id, _)| id.clone());
    let visitors = events.into_iter().flat_map(Events::visits).map(|visit| visit.employee.to_owned());
    let mut ids: BTreeSet<String> = portfolios.keys().cloned().chain(by_role).chain(visitors).collect();
    ids.remove("");
    let portfolio = |id: &String| portfolios.get(id).cloned().unwrap_or_default();
    let alone = ids.iter().map(|id| {
        let Employee { name, role, pay, .. } = employees.get(id).cloned().unwrap_or_default();
        let members = BTreeSet::from([id.clone()]);
        Seller { level: EMPLOYEE, key: id.clone(), name, role, members, portfolio: portfolio(id), pay }
    });
    let pairs = pairs(&employees).into_iter().map(|(pair, members)| Seller {
        level: PAIR,
        key: pair.to_owned(),
        name: Some(names(&members)),
        role: None,
        portfolio: members.iter().flat_map(|(id, _)| portfolio(id)).collect(),
        pay: members.iter().map(|(_, employee)| employee.pay).reduce(Pay::and).unwrap_or_default(),
        members: members.into_iter().map(|(id, _)| id.clone()).collect(),
    });
    Ok(alone.chain(pairs).collect())
}

/// The members of each pair.
fn pairs(employees: &BTreeMap<String, Employee>) -> BTreeMap<&str, Vec<(&String, &Employee)>> {
    let mut pairs: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for (id, employee) in employees {
        if let Some(pair) = &employee.pair {
            pairs.entry(pair).or_default().push((id, employee));
        }
    }
    pairs
}

/// `Joost van Rijn & Renée Daniëls`: the field first.
fn names(members: &[(&String, &Employee)]) -> String {
    let mut members = members.to_vec();
    members.sort_by_key(|(id, employee)| (employee.role.as_deref() != Some(FIELD), *id));
    let names: Vec<&str> = members.iter().map(|(id, employee)| employee.name.as_ref().unwrap_or(id).as_str()).collect();
    names.join(" & ")
}

/// The customers of each account manager and inside representative.
fn portfolios(inputs: &Inputs<'_>) -> PolarsResult<BTreeMap<String, BTreeSet<String>>> {
    let data = inputs.customers.data();
    let customers = texts(data, c::CUSTOMER_ID)?;
    let mut portfolios: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for role in [c::ACCOUNT_MANAGER, c::INSIDE_REP] {
        for (customer, employee) in customers.iter().zip(texts(data, role)?) {
            portfolios.entry(employee).or_default().insert(customer.clone());
        }
    }
    portfolios.remove("");
    Ok(portfolios)
}

fn employees(inputs: &Inputs<'_>) -> PolarsResult<BTreeMap<String, Employee>> {
    let Some(source) = inputs.employees else { return Ok(BTreeMap::new()) };
    let data = source.data();
    let some =
        |name| Ok::<_, PolarsError>(texts(data, name)?.into_iter().map(|text| Some(text).filter(|t| !t.is_empty())));
    let amounts =
        [c::WAGE, c::CAR, c::REPRESENTATION, c::BONUS, c::MINUTES_PER_MONTH].map(|name| maybe_units(data, name));
    let [wage, car, representation, bonus, presence] = amounts;
    let pay =
        wage?.into_iter().zip(car?).zip(representation?).zip(bonus?).zip(presence?).map(
            |((((wage, car), representation), bonus), presence)| Pay { wage, car, representation, bonus, presence },
        );
    let rows = some(c::NAME)?.zip(some(c::ROLE)?).zip(some(c::PAIR_ID)?).zip(pay);
    let ids = texts(data, c::EMPLOYEE_ID)?.into_iter();
    Ok(ids.zip(rows.map(|(((name, role), pair), pay)| Employee { name, role, pair, pay })).collect())
}

impl Pay {
    /// What so many months come to.
    pub(crate) fn of_months(self, months: i64) -> Result<Self, MoneyError> {
        let times = |amount: Option<i64>| {
            amount.map(|units| Money::from_units(units).scaled(months, 1).map(Money::units)).transpose()
        };
        Ok(Self {
            wage: times(self.wage)?,
            car: times(self.car)?,
            representation: times(self.representation)?,
            bonus: times(self.bonus)?,
            presence: times(self.presence)?,
        })
    }

    /// Wage, car, representation and bonus. Without the wage it isn't full.
    pub(crate) fn full_cost(self) -> Result<Option<i64>, MoneyError> {
        let Some(wage) = self.wage else { return Ok(None) };
        let rest = [self.car, self.representation, self.bonus].into_iter().flatten();
        Ok(Some(Money::sum([wage].into_iter().chain(rest).map(Money::from_units))?.units()))
    }

    /// Of two together. Everyone has a wage and is present, so both must be known; not everyone has a car.
    fn and(self, other: Self) -> Self {
        let both = |a: Option<i64>, b: Option<i64>| a.zip(b).map(|(a, b)| a.saturating_add(b));
        let either = |a: Option<i64>, b: Option<i64>| both(a, b).or(a).or(b);
        Self {
            wage: both(self.wage, other.wage),
            car: either(self.car, other.car),
            representation: either(self.representation, other.representation),
            bonus: either(self.bonus, other.bonus),
            presence: both(self.presence, other.presence),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELD_PAY: Pay =
        Pay { wage: Some(50), car: Some(9), representation: None, bonus: Some(4), presence: Some(96) };

    #[test]
    fn full_cost_is_wage_car_representation_and_bonus_of_all_months() {
        let year = FIELD_PAY.of_months(12).unwrap();
        assert_eq!(
            (year.wage, year.car, year.representation, year.presence),
            (Some(600), Some(108), None, Some(1_152))
        );
        assert_eq!(year.full_cost(), Ok(Some(756)));
        assert_eq!(Pay { wage: None, ..FIELD_PAY }.full_cost(), Ok(None));
        assert!(Pay { wage: Some(i64::MAX), ..FIELD_PAY }.full_cost().is_err());
    }

    #[test]
    fn a_pair_costs_what_both_cost_and_nothing_is_said_while_one_wage_is_missing() {
        let inside = Pay { wage: Some(40), presence: Some(90), ..Pay::default() };
        let both = FIELD_PAY.and(inside);
        assert_eq!((both.full_cost(), both.presence, both.representation), (Ok(Some(103)), Some(186), None));
        assert_eq!(FIELD_PAY.and(Pay { wage: None, ..inside }).full_cost(), Ok(None));
    }

    #[test]
    fn a_pair_is_named_after_its_members_the_field_first() {
        let employee = |name: &str, role: &str| Employee {
            name: Some(name.into()),
            role: Some(role.into()),
            ..Employee::default()
        };
        let (inside, field) = (employee("Renée", "inside"), employee("Joost", "field"));
        let (first, second) = ("M01".to_owned(), "M05".to_owned());
        assert_eq!(names(&[(&first, &inside), (&second, &field)]), "Joost & Renée");
        assert_eq!(names(&[(&first, &Employee::default())]), "M01");
    }
}
