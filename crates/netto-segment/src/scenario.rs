//! A scenario: remedies for customers that lose money, and levers applied to the customers of a window.
//!
//! ```toml
//! name = "Five percent on price"
//! variable_share = 0.3       # of the cost of activities, 30 % goes with volume; the rest is capacity that stays
//! [[lever]]
//! kind = "price"
//! change = 0.05
//! volume = -0.02             # what the price costs in volume
//! tier = "Small"             # or market, or customer; all customers when left out
//! [[remedy]]
//! remedy = "order_charge"    # or "proposed": for each customer the one that is
//! tier = "Small"
//! ```

use netto_model::contract::{CUSTOMER_TIERS, REMEDIES};
use netto_model::money::millionths;
use netto_model::problem::{Problem, one_of_these};
use schemars::JsonSchema;
use serde::Deserialize;

/// What if?
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Heading of the result.
    #[serde(default)]
    pub name: Option<String>,
    /// Part of the cost of activities that changes with volume, such as 0.3. The rest is capacity: less volume frees it but doesn't save it, more
    /// volume uses what is available. Default: all cost is capacity.
    #[serde(default)]
    pub variable_share: f64,
    /// `[[lever]]`: applied one after another, each to the result of the one before.
    #[serde(default, rename = "lever")]
    pub levers: Vec<Lever>,
    /// `[[remedy]]`: remedies for customers that lose money, from the table `remedy` for the main window, before any lever is applied. A customer
    /// gets the first remedy that is meant for it and can be applied.
    #[serde(default, rename = "remedy")]
    pub remedies: Vec<Treatment>,
}

/// A remedy and its customers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Treatment {
    /// The remedy, such as `order_charge`, for every customer to which it can be applied; or `proposed`, for the proposed remedy of each customer.
    pub remedy: String,
    /// Only customers of this tier.
    #[serde(default)]
    pub tier: Option<String>,
    /// Only customers of this market.
    #[serde(default)]
    pub market: Option<String>,
    /// Only this customer.
    #[serde(default)]
    pub customer: Option<String>,
}

/// For each customer the remedy that is proposed.
pub(crate) const THE_PROPOSED: &str = "proposed";

/// The customers: those that match all conditions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) tier: Option<&'a str>,
    pub(crate) market: Option<&'a str>,
    pub(crate) customer: Option<&'a str>,
}

/// A change and its customers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lever {
    /// What is changed.
    pub kind: LeverKind,
    /// By how much, such as 0.05 for five percent more.
    pub change: f64,
    /// For a price: the resulting change of volume, such as -0.02; default: volume doesn't change.
    #[serde(default)]
    pub volume: Option<f64>,
    /// Only customers of this tier.
    #[serde(default)]
    pub tier: Option<String>,
    /// Only customers of this market.
    #[serde(default)]
    pub market: Option<String>,
    /// Only this customer.
    #[serde(default)]
    pub customer: Option<String>,
}

/// What a lever changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeverKind {
    /// Prices: invoice revenue, and rebates given with it.
    Price,
    /// Pieces: revenue, rebates, freight charged, cost of goods, and the variable part of the cost of activities.
    Volume,
    /// The cost of goods, and rebates received with it.
    Cogs,
    /// Cost-to-serve: all of it, saved or spent.
    CostToServe,
}

impl LeverKind {
    /// Its name in a scenario file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Volume => "volume",
            Self::Cogs => "cogs",
            Self::CostToServe => "cost_to_serve",
        }
    }
}

impl Scenario {
    /// The problems with it, each at its key.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.levers.is_empty() && self.remedies.is_empty() {
            let problem = Problem::at(["lever"], "the scenario has neither a lever nor a remedy");
            problems.push(problem.with_help("add [[lever]] with kind = \"price\" and change = 0.05"));
        }
        if !(0.0..=1.0).contains(&self.variable_share) {
            let problem = Problem::at(["variable_share"], "the variable share must be between 0 and 1");
            problems.push(problem.with_help("write 0.3 for 30 %"));
        }
        for (index, lever) in self.levers.iter().enumerate() {
            problems.extend(lever.check().into_iter().map(|problem| within("lever", index, problem)));
        }
        for (index, treatment) in self.remedies.iter().enumerate() {
            problems.extend(treatment.check().into_iter().map(|problem| within("remedy", index, problem)));
        }
        problems
    }

    /// The customers that its levers and remedies apply to, each with its key.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = (&'static str, usize, Scope<'_>)> {
        let levers = self.levers.iter().enumerate().map(|(index, lever)| ("lever", index, lever.for_whom()));
        let treatments = self.remedies.iter().enumerate();
        levers.chain(treatments.map(|(index, treatment)| ("remedy", index, treatment.for_whom())))
    }
}

/// A problem with an item, at the item's key.
pub(crate) fn within(list: &str, index: usize, problem: Problem) -> Problem {
    let key = [list.to_owned(), index.to_string()].into_iter().chain(problem.key).collect();
    Problem { key, ..problem }
}

impl Scope<'_> {
    fn check(self) -> Option<Problem> {
        let tier = self.tier.filter(|tier| !CUSTOMER_TIERS.contains(tier))?;
        let help = one_of_these(tier, "tiers", CUSTOMER_TIERS);
        Some(Problem::at(["tier"], format!("there is no tier `{tier}`")).with_help(help))
    }

    /// In words.
    pub(crate) fn words(self) -> String {
        let parts = [("tier", self.tier), ("market", self.market), ("customer", self.customer)];
        let parts: Vec<String> =
            parts.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name} {value}"))).collect();
        if parts.is_empty() { "all customers".to_owned() } else { parts.join(", ") }
    }
}

impl Treatment {
    fn check(&self) -> Vec<Problem> {
        let known: Vec<&str> = REMEDIES.iter().copied().chain([THE_PROPOSED]).collect();
        let unknown = (!known.contains(&self.remedy.as_str())).then(|| {
            let help = one_of_these(&self.remedy, "remedies", &known);
            Problem::at(["remedy"], format!("there is no remedy `{}`", self.remedy)).with_help(help)
        });
        unknown.into_iter().chain(self.for_whom().check()).collect()
    }

    pub(crate) fn for_whom(&self) -> Scope<'_> {
        Scope { tier: self.tier.as_deref(), market: self.market.as_deref(), customer: self.customer.as_deref() }
    }

    /// Its customers, in words.
    #[must_use]
    pub fn scope(&self) -> String {
        self.for_whom().words()
    }
}

impl Lever {
    fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        problems.extend(out_of_range("change", self.change));
        problems.extend(self.volume.and_then(|volume| out_of_range("volume", volume)));
        if self.volume.is_some() && self.kind != LeverKind::Price {
            let message = format!("`volume` can only be used with a price, not with {}", self.kind.name());
            problems.push(Problem::at(["volume"], message).with_help("a lever of kind \"volume\" uses `change`"));
        }
        problems.extend(self.for_whom().check());
        problems
    }

    /// Its customers, in words.
    #[must_use]
    pub fn scope(&self) -> String {
        self.for_whom().words()
    }

    pub(crate) fn for_whom(&self) -> Scope<'_> {
        Scope { tier: self.tier.as_deref(), market: self.market.as_deref(), customer: self.customer.as_deref() }
    }

    /// The relative changes of price, volume, cost of goods and cost-to-serve, in millionths.
    pub(crate) fn change_of(&self, kind: LeverKind) -> i64 {
        match kind {
            _ if kind == self.kind => millionths(self.change),
            LeverKind::Volume => self.volume.map_or(0, millionths),
            _ => 0,
        }
    }
}

fn out_of_range(key: &str, change: f64) -> Option<Problem> {
    let within = (-1.0..=1.0).contains(&change);
    let exact = (change * 1e6 - (change * 1e6).round()).abs() < 1e-3;
    let message = match (within, exact) {
        (true, true) => return None,
        (true, false) => "a change has at most six decimals",
        _ => "a change must be between -1 and 1",
    };
    Some(Problem::at([key], message).with_help("write 0.05 for five percent more, -0.05 for five percent less"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lever(kind: LeverKind, change: f64) -> Lever {
        Lever { kind, change, volume: None, tier: None, market: None, customer: None }
    }

    #[test]
    fn five_is_not_five_percent_and_a_volume_goes_with_a_price_only() {
        let levers = vec![
            lever(LeverKind::Price, 5.0),
            Lever { volume: Some(0.1), ..lever(LeverKind::Cogs, 0.1) },
            Lever { tier: Some("Smal".into()), ..lever(LeverKind::Volume, f64::NAN) },
            lever(LeverKind::Volume, 0.123_456_7),
            lever(LeverKind::Volume, -0.123_456),
        ];
        let problems = Scenario { name: None, variable_share: 1.5, levers, remedies: Vec::new() }.check();
        let keys: Vec<String> = problems.iter().map(|problem| problem.key.join(".")).collect();
        let expected =
            ["variable_share", "lever.0.change", "lever.1.volume", "lever.2.change", "lever.2.tier", "lever.3.change"];
        assert_eq!(keys, expected);
        assert!(problems[4].help.as_ref().unwrap().starts_with("did you mean `Small`?"));
    }
    #[test]
    fn a_remedy_is_one_of_the_contract_or_the_one_that_is_proposed() {
        let treatment = |remedy: &str, tier: Option<&str>| Treatment {
            remedy: remedy.into(),
            tier: tier.map(str::to_owned),
            market: None,
            customer: None,
        };
        let remedies =
            vec![treatment("proposed", None), treatment("order_charge", Some("Tpo")), treatment("order_charges", None)];
        let problems = Scenario { name: None, variable_share: 0.0, levers: Vec::new(), remedies }.check();
        let keys: Vec<String> = problems.iter().map(|problem| problem.key.join(".")).collect();
        assert_eq!(keys, ["remedy.1.tier", "remedy.2.remedy"]);
        assert!(problems[1].help.as_ref().unwrap().starts_with("did you mean `order_charge`?"));
    }
}
