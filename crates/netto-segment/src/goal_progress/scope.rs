//! For whom a goal is: an employee, a market, a tier, or the company. The data say which it is, in that order.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::column as c;
use netto_model::contract::CUSTOMER_TIERS;
use netto_model::problem::did_you_mean;
use polars::prelude::*;

use crate::columns::texts;
use crate::customers::Customer;
use crate::{Inputs, SegmentError};

/// For whom a goal is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Company,
    /// Who manages customers, in the field or inside, or follows prospects.
    Employee(String),
    Market(String),
    Tier(&'static str),
}

/// The employees, markets and portfolios that the data know.
pub(crate) struct Scopes {
    /// Names by id; the id where no name was supplied.
    employees: BTreeMap<String, String>,
    markets: BTreeSet<String>,
    /// Field representative, inside representative and market of each customer; empty where not known.
    customers: BTreeMap<String, [String; 3]>,
}

impl Scopes {
    pub(crate) fn new(inputs: &Inputs<'_>) -> Result<Self, SegmentError> {
        let (mut employees, mut markets, mut customers) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        if let Some(people) = inputs.employees {
            let data = people.data();
            employees.extend(texts(data, c::EMPLOYEE_ID)?.into_iter().zip(texts(data, c::NAME)?));
        }
        let data = inputs.customers.data();
        let columns = [c::ACCOUNT_MANAGER, c::INSIDE_REP, c::MARKET].map(|name| texts(data, name));
        let [managers, inside, of_market] = columns;
        let (managers, inside, of_market) = (managers?, inside?, of_market?);
        for (id, ((manager, rep), market)) in
            texts(data, c::CUSTOMER_ID)?.into_iter().zip(managers.into_iter().zip(inside).zip(of_market))
        {
            for employee in [&manager, &rep] {
                employees.entry(employee.clone()).or_default();
            }
            markets.insert(market.clone());
            customers.insert(id, [manager, rep, market]);
        }
        if let Some(prospects) = inputs.prospects {
            for employee in texts(prospects.data(), c::EMPLOYEE_ID)? {
                employees.entry(employee).or_default();
            }
            markets.extend(texts(prospects.data(), c::MARKET)?);
        }
        employees.remove("");
        markets.remove("");
        Ok(Self { employees, markets, customers })
    }

    /// What a goal names; why not, where the data don't know it.
    pub(crate) fn find(&self, name: &str) -> Result<Scope, String> {
        if name.is_empty() {
            return Ok(Scope::Company);
        }
        if self.employees.contains_key(name) {
            return Ok(Scope::Employee(name.to_owned()));
        }
        if self.markets.contains(name) {
            return Ok(Scope::Market(name.to_owned()));
        }
        if let Some(tier) = CUSTOMER_TIERS.iter().find(|tier| **tier == name) {
            return Ok(Scope::Tier(tier));
        }
        let known =
            self.employees.keys().chain(&self.markets).map(String::as_str).chain(CUSTOMER_TIERS.iter().copied());
        let near = did_you_mean(name, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        Err(format!("`{name}` is no employee, market or tier of the data{near}"))
    }

    /// Whether a customer is in the scope; of a tier, by the tier that it stands in.
    pub(crate) fn holds(&self, scope: &Scope, customer: &Customer) -> bool {
        let known = self.customers.get(&customer.id);
        match scope {
            Scope::Company => true,
            Scope::Tier(tier) => customer.tier == *tier,
            Scope::Employee(id) => known.is_some_and(|[manager, inside, _]| manager == id || inside == id),
            Scope::Market(name) => known.is_some_and(|[_, _, market]| market == name),
        }
    }

    /// How a scope is called; nothing for the company.
    pub(crate) fn words(&self, scope: &Scope) -> Option<String> {
        match scope {
            Scope::Company => None,
            Scope::Employee(id) => {
                let name = self.employees.get(id).filter(|name| !name.is_empty());
                Some(name.unwrap_or(id).clone())
            }
            Scope::Market(name) => Some(name.clone()),
            Scope::Tier(tier) => Some((*tier).to_owned()),
        }
    }
}

/// The rows of prospects that are in a scope.
pub(crate) fn prospects_in(scope: &Scope, prospects: &DataFrame) -> PolarsResult<Vec<bool>> {
    let rows = prospects.height();
    Ok(match scope {
        Scope::Company | Scope::Tier(_) => vec![true; rows],
        Scope::Employee(id) => texts(prospects, c::EMPLOYEE_ID)?.iter().map(|employee| employee == id).collect(),
        Scope::Market(name) => texts(prospects, c::MARKET)?.iter().map(|market| market == name).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customers::tests::customer;

    fn scopes() -> Scopes {
        let pair = |text: &str, other: &str| (text.to_owned(), other.to_owned());
        Scopes {
            employees: [pair("M01", "Joost"), pair("Large", "")].into(),
            markets: ["Bouw".to_owned(), "Medium".to_owned()].into(),
            customers: [
                ("A".to_owned(), ["M01", "Large", "Bouw"].map(str::to_owned)),
                ("B".to_owned(), ["", "M01", "Zorg"].map(str::to_owned)),
            ]
            .into(),
        }
    }

    #[test]
    fn a_scope_is_an_employee_before_a_market_before_a_tier() {
        let scopes = scopes();
        assert_eq!(scopes.find(""), Ok(Scope::Company));
        assert_eq!(scopes.find("Large"), Ok(Scope::Employee("Large".into())));
        assert_eq!(scopes.find("Medium"), Ok(Scope::Market("Medium".into())));
        assert_eq!(scopes.find("Small"), Ok(Scope::Tier("Small")));
        let refusal = scopes.find("Buow").unwrap_err();
        assert_eq!(refusal, "`Buow` is no employee, market or tier of the data; did you mean `Bouw`?");
    }

    #[test]
    fn the_portfolio_of_an_employee_is_what_it_manages_in_the_field_or_inside() {
        let scopes = scopes();
        let held = |scope: &Scope| ["A", "B", "C"].map(|id| scopes.holds(scope, &customer(id, 1, 1, 1)));
        assert_eq!(held(&Scope::Employee("M01".into())), [true, true, false]);
        assert_eq!(held(&Scope::Market("Bouw".into())), [true, false, false]);
        assert_eq!(held(&Scope::Tier("Small")), [true; 3]);
        assert_eq!(
            (scopes.words(&Scope::Employee("M01".into())), scopes.words(&Scope::Company)),
            (Some("Joost".into()), None)
        );
    }
}
