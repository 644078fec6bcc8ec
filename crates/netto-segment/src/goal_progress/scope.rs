//! Resolves the scope of a goal: an employee, a pair, a market, a tier, a customer, or the company. The data decide which one a name is, in that order. Two
//! names joined by `&` mean their intersection: `M01 & Top`.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::contract::{CUSTOMER_TIERS, DIM_PERIOD, DIM_WINDOW, model};
use netto_model::problem::did_you_mean;
use netto_model::{Mart, column as c};
use polars::prelude::*;

use crate::columns::texts;
use crate::customers::Customer;
use crate::models::{Tables, computed_for};
use crate::settings::Settings;
use crate::{Inputs, SegmentConfig, SegmentError};

/// The scope of a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Company,
    /// An employee who has customers, or follows prospects.
    Employee(String),
    /// Field and inside staff who share customers.
    Pair(String),
    Market(String),
    Tier(&'static str),
    Customer(String),
    /// The intersection of scopes.
    All(Vec<Scope>),
}

impl Scope {
    /// The tier that it names.
    pub(crate) fn tier(&self) -> Option<&'static str> {
        match self {
            Self::Tier(tier) => Some(tier),
            Self::All(parts) => parts.iter().find_map(Self::tier),
            _ => None,
        }
    }

    /// The same scope without the tier, for prospects that aren't customers yet.
    pub(crate) fn of_any_tier(&self) -> Self {
        match self {
            Self::Tier(_) => Self::Company,
            Self::All(parts) => Self::All(parts.iter().filter(|part| part.tier().is_none()).cloned().collect()),
            other => other.clone(),
        }
    }
}

/// The sign that joins two scopes.
const AND: char = '&';

/// Whose a customer is (`sales_portfolio`), and its market; empty if unknown.
#[derive(Clone, Debug, Default)]
struct Known {
    employees: Vec<String>,
    pair: String,
    market: String,
}

/// The employees, markets and portfolios in the data.
pub(crate) struct Scopes {
    /// Names by id; the id if no name was supplied.
    employees: BTreeMap<String, String>,
    /// The pair of each employee who is in one.
    pairs: BTreeMap<String, String>,
    markets: BTreeSet<String>,
    customers: BTreeMap<String, Known>,
}

impl Scopes {
    /// `marts` are the windows and months of the run.
    pub(crate) fn new(inputs: &Inputs<'_>, config: &SegmentConfig, marts: &[Mart]) -> Result<Self, SegmentError> {
        let (mut employees, mut markets) = (BTreeMap::new(), BTreeSet::new());
        let mut pairs = BTreeMap::new();
        if let Some(people) = inputs.employees {
            let data = people.data();
            let ids = texts(data, c::EMPLOYEE_ID)?;
            let of_pair = ids.iter().cloned().zip(texts(data, c::PAIR_ID)?);
            pairs.extend(of_pair.filter(|(_, pair)| !pair.is_empty()));
            employees.extend(ids.into_iter().zip(texts(data, c::NAME)?));
        }
        let mut customers = portfolios(inputs, config, marts)?;
        for employee in customers.values().flat_map(|known| &known.employees) {
            employees.entry(employee.clone()).or_default();
        }
        let data = inputs.customers.data();
        for (id, market) in texts(data, c::CUSTOMER_ID)?.into_iter().zip(texts(data, c::MARKET)?) {
            markets.insert(market.clone());
            customers.entry(id).or_default().market = market;
        }
        if let Some(prospects) = inputs.prospects {
            for employee in texts(prospects.data(), c::EMPLOYEE_ID)? {
                employees.entry(employee).or_default();
            }
            markets.extend(texts(prospects.data(), c::MARKET)?);
        }
        employees.remove("");
        markets.remove("");
        Ok(Self { employees, pairs, markets, customers })
    }

    /// The scope that a goal names; or why the data don't have it.
    pub(crate) fn find(&self, name: &str) -> Result<Scope, String> {
        match (self.one(name), name.contains(AND)) {
            (Err(_), true) => {
                let parts = name.split(AND).map(|part| self.one(part.trim()));
                Ok(Scope::All(parts.collect::<Result<_, _>>()?))
            }
            (found, _) => found,
        }
    }

    fn one(&self, name: &str) -> Result<Scope, String> {
        if name.is_empty() {
            return Ok(Scope::Company);
        }
        if self.employees.contains_key(name) {
            return Ok(Scope::Employee(name.to_owned()));
        }
        if self.pairs.values().any(|pair| pair == name) {
            return Ok(Scope::Pair(name.to_owned()));
        }
        if self.markets.contains(name) {
            return Ok(Scope::Market(name.to_owned()));
        }
        if let Some(tier) = CUSTOMER_TIERS.iter().find(|tier| **tier == name) {
            return Ok(Scope::Tier(tier));
        }
        if self.customers.contains_key(name) {
            return Ok(Scope::Customer(name.to_owned()));
        }
        let known = self.employees.keys().chain(self.pairs.values()).chain(&self.markets).chain(self.customers.keys());
        let known = known.map(String::as_str).chain(CUSTOMER_TIERS.iter().copied());
        let near = did_you_mean(name, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        Err(format!("`{name}` is not an employee, pair, market, tier or customer of the data{near}"))
    }

    /// The employees whose goal it is: one, or the members of a pair.
    pub(crate) fn people(&self, scope: &Scope) -> Vec<String> {
        match scope {
            Scope::Employee(id) => vec![id.clone()],
            Scope::Pair(name) => {
                self.pairs.iter().filter(|(_, pair)| *pair == name).map(|(employee, _)| employee.clone()).collect()
            }
            Scope::All(parts) => parts.iter().flat_map(|part| self.people(part)).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether a customer is in the scope; for a tier, by its current tier.
    pub(crate) fn holds(&self, scope: &Scope, customer: &Customer) -> bool {
        let known = self.customers.get(&customer.id);
        match scope {
            Scope::Company => true,
            Scope::Tier(tier) => customer.tier == *tier,
            Scope::Customer(id) => customer.id == *id,
            Scope::Employee(id) => known.is_some_and(|known| known.employees.contains(id)),
            Scope::Pair(name) => known.is_some_and(|known| known.pair == *name),
            Scope::Market(name) => known.is_some_and(|known| known.market == *name),
            Scope::All(parts) => parts.iter().all(|part| self.holds(part, customer)),
        }
    }

    /// The name of a scope; empty for the company.
    pub(crate) fn words(&self, scope: &Scope) -> Option<String> {
        match scope {
            Scope::Company => None,
            Scope::Employee(id) => {
                let name = self.employees.get(id).filter(|name| !name.is_empty());
                Some(name.unwrap_or(id).clone())
            }
            Scope::Pair(name) | Scope::Market(name) | Scope::Customer(name) => Some(name.clone()),
            Scope::Tier(tier) => Some((*tier).to_owned()),
            Scope::All(parts) => {
                let words: Vec<String> = parts.iter().filter_map(|part| self.words(part)).collect();
                Some(words.join(" & "))
            }
        }
    }

    /// The rows of prospects in a scope; prospects have no tier.
    pub(crate) fn prospects_in(&self, scope: &Scope, prospects: &DataFrame) -> PolarsResult<Vec<bool>> {
        let rows = prospects.height();
        Ok(match scope {
            Scope::Company | Scope::Tier(_) => vec![true; rows],
            Scope::Employee(id) => texts(prospects, c::EMPLOYEE_ID)?.iter().map(|employee| employee == id).collect(),
            Scope::Pair(name) => {
                let is_in = |employee: &String| self.pairs.get(employee).is_some_and(|pair| pair == name);
                texts(prospects, c::EMPLOYEE_ID)?.iter().map(is_in).collect()
            }
            Scope::Market(name) => texts(prospects, c::MARKET)?.iter().map(|market| market == name).collect(),
            Scope::Customer(id) => texts(prospects, c::BECAME_CUSTOMER_ID)?.iter().map(|became| became == id).collect(),
            Scope::All(parts) => {
                let parts = parts.iter().map(|part| self.prospects_in(part, prospects));
                let parts = parts.collect::<PolarsResult<Vec<_>>>()?;
                (0..rows).map(|row| parts.iter().all(|part| part[row])).collect()
            }
        })
    }
}

/// Whose customers are whose, from the model that the sales force reads too; their markets are still empty.
fn portfolios(
    inputs: &Inputs<'_>,
    config: &SegmentConfig,
    marts: &[Mart],
) -> Result<BTreeMap<String, Known>, SegmentError> {
    let settings = Settings::of(config);
    let mut tables = Tables::of(inputs, settings.tables()?);
    let known = [&DIM_WINDOW, &DIM_PERIOD].map(|table| marts.iter().find(|mart| mart.table.name == table.name));
    tables.extend(&known.into_iter().flatten().cloned().collect::<Vec<_>>());
    let portfolio = model("sales_portfolio");
    computed_for(portfolio.name, &mut tables, settings)?;
    let rows = tables.plan(portfolio).sort([c::LEVEL, c::KEY], SortMultipleOptions::default()).collect()?;
    let (levels, keys) = (texts(&rows, c::LEVEL)?, texts(&rows, c::KEY)?);
    let mut customers: BTreeMap<String, Known> = BTreeMap::new();
    for ((customer, level), key) in texts(&rows, c::CUSTOMER_ID)?.into_iter().zip(levels).zip(keys) {
        let known = customers.entry(customer).or_default();
        if level == "pair" {
            known.pair = key;
        } else {
            known.employees.push(key);
        }
    }
    Ok(customers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customers::tests::customer;

    fn known(names: [&str; 4]) -> Known {
        let [manager, inside, pair, market] = names.map(str::to_owned);
        Known { employees: vec![manager, inside], pair, market }
    }

    fn scopes() -> Scopes {
        let pair = |text: &str, other: &str| (text.to_owned(), other.to_owned());
        Scopes {
            employees: [pair("M01", "Joost"), pair("Large", "")].into(),
            pairs: [pair("M01", "K1"), pair("M02", "K1")].into(),
            markets: ["Bouw".to_owned(), "Medium".to_owned()].into(),
            customers: [
                ("A".to_owned(), known(["M01", "Large", "K1", "Bouw"])),
                ("B".to_owned(), known(["", "M01", "K1", "Zorg"])),
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
        assert_eq!(
            refusal,
            "`Buow` is not an employee, pair, market, tier or customer of the data; did you mean `Bouw`?"
        );
    }

    #[test]
    fn two_scopes_are_both_and_a_pair_has_the_customers_of_its_members() {
        let scopes = scopes();
        let both = scopes.find("M01 & Top").unwrap();
        assert_eq!(both, Scope::All(vec![Scope::Employee("M01".into()), Scope::Tier("Top")]));
        assert_eq!((both.tier(), both.of_any_tier()), (Some("Top"), Scope::All(vec![Scope::Employee("M01".into())])));
        assert_eq!(scopes.words(&both).as_deref(), Some("Joost & Top"));
        assert_eq!(
            (scopes.find("K1"), scopes.find("A")),
            (Ok(Scope::Pair("K1".into())), Ok(Scope::Customer("A".into())))
        );
        let held = |name: &str| {
            let scope = scopes.find(name).unwrap();
            ["A", "B"].map(|id| scopes.holds(&scope, &customer(id, 1, 1, 1)))
        };
        assert_eq!(
            [held("K1"), held("A"), held("K1 & Bouw"), held("M01 & Top")],
            [[true; 2], [true, false], [true, false], [false; 2]]
        );
        assert!(scopes.find("M01 & Topp").unwrap_err().contains("did you mean `Top`?"));
        assert_eq!(scopes.people(&scopes.find("K1 & Top").unwrap()), ["M01", "M02"]);
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
