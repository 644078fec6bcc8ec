//! `[goal.ID]` and `[[bonus]]`: goals that a query measures, and the bonus that depends on goals.
//!
//! ```toml
//! [goal.G09]
//! label = "At most 150 customers that lose money"
//! sql = "select count(*) from customer_window where \"window\" = 'main' and net_profit < 0"
//! higher_is_better = false
//! adds_up = false
//!
//! [[bonus]]
//! name = "Retention"
//! kind = "retain_customers"
//! employees = "scope"
//! brackets = [{ from = 1.0, amount = 500 }, { from = 1.1, amount = 800 }]
//! per_unit = 25
//! ceiling = 2000
//! ```

use std::collections::{BTreeMap, BTreeSet};

use netto_model::Problem;
use netto_model::money::millionths;
use netto_model::problem::one_of_these;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::goal_progress::{custom, kind_names};

/// Goals that a query measures, and the bonus on goals.
#[derive(Clone, Debug, Default)]
pub struct GoalRules {
    /// `[goal.ID]`, by the id of the goal.
    pub goals: BTreeMap<String, GoalConfig>,
    /// `[[bonus]]`, in the order of the file.
    pub bonuses: Vec<BonusRule>,
}

/// How a goal of kind `custom` is measured.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GoalConfig {
    /// One SELECT over the published tables that returns one number. Amounts are decimals, in the company's currency.
    pub sql: String,
    /// The goal in words; default: `custom` and the target.
    pub label: Option<String>,
    /// Whether more is better; otherwise the actual must stay at or below the target.
    #[serde(default = "yes")]
    pub higher_is_better: bool,
    /// Whether the months of the period add up to it, like revenue; otherwise the number stands by itself, like a share, and the target applies at
    /// any time.
    #[serde(default = "yes")]
    pub adds_up: bool,
}

/// A rule by which employees earn a bonus on goals.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BonusRule {
    /// Name of the rule.
    pub name: String,
    /// The goal that it depends on; or set a `kind`.
    pub goal: Option<String>,
    /// Every goal of this kind.
    pub kind: Option<String>,
    /// The employees who earn it, by id, or "scope" for the employee of the goal; or set a `role`.
    pub employees: Option<Recipients>,
    /// Everyone with this role.
    pub role: Option<String>,
    /// Amounts by attainment, ascending; the highest bracket that is reached counts.
    #[serde(default)]
    pub brackets: Vec<Bracket>,
    /// Amount for each unit beyond the target: a customer, a unit of currency, or, for shares, a percentage point.
    pub per_unit: Option<f64>,
    /// Maximum amount of the rule for a goal.
    pub ceiling: Option<f64>,
}

/// Who earns a bonus.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Recipients {
    /// Employees by id.
    These(Vec<String>),
    /// "scope": the employee of the goal.
    Word(String),
}

/// Amount from an attainment on.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bracket {
    /// Attainment of the goal, such as 1.0 for the whole target.
    pub from: f64,
    /// Amount.
    pub amount: f64,
}

/// The word for the employee whose goal it is.
pub(crate) const SCOPE: &str = "scope";

const fn yes() -> bool {
    true
}

/// A configured amount in ten-thousandths.
pub(crate) fn units(amount: f64) -> i64 {
    millionths(amount) / 100
}

impl GoalRules {
    /// The problems with the rules, each at its key.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let goals = self.goals.iter().filter_map(|(id, goal)| {
            let problem = custom::check(&goal.sql).err()?;
            let help = "`netto schema` shows the tables and their columns";
            Some(
                Problem::at(["goal", id.as_str(), "sql"], format!("the query of goal `{id}`: {problem}"))
                    .with_help(help),
            )
        });
        let mut problems: Vec<Problem> = goals.collect();
        let mut names = BTreeSet::new();
        for (place, rule) in self.bonuses.iter().enumerate() {
            let again = !names.insert(&rule.name);
            let faults = rule.faults(again).into_iter();
            problems.extend(faults.map(|(key, message, help)| {
                Problem::at(["bonus".to_owned(), place.to_string(), key.to_owned()], message).with_help(help)
            }));
        }
        problems
    }
}

type Fault = (&'static str, String, String);

impl BonusRule {
    /// The key, the problem, and how to fix it.
    fn faults(&self, named_again: bool) -> Vec<Fault> {
        let mut faults: Vec<Fault> = Vec::new();
        let mut fault = |key, message: &str, help: &str| faults.push((key, message.to_owned(), help.to_owned()));
        if self.name.trim().is_empty() || named_again {
            fault("name", "every bonus rule needs a unique name", "for example name = \"Retention\"");
        }
        if self.goal.is_some() == self.kind.is_some() {
            fault("name", "a bonus depends on a goal or on a kind of goals", "set one of `goal` and `kind`");
        }
        if let Some(kind) = self.kind.as_ref().filter(|kind| !kind_names().any(|known| known == kind.as_str())) {
            let known: Vec<&str> = kind_names().collect();
            fault("kind", &format!("`{kind}` is not a kind of goal"), &one_of_these(kind, "kinds", &known));
        }
        if self.employees.is_some() == self.role.is_some() {
            fault("name", "the bonus needs somebody who earns it", "set one of `employees` and `role`");
        }
        match &self.employees {
            Some(Recipients::Word(word)) if word != SCOPE => {
                let help = "write a list of employees, such as [\"M01\"], or \"scope\" for the goal's own employee";
                fault("employees", &format!("`{word}` is not a list of employees"), help);
            }
            Some(Recipients::These(ids)) if ids.is_empty() => {
                fault("employees", "the list is empty", "list employees, such as [\"M01\", \"M02\"]");
            }
            _ => {}
        }
        let ascending = self.brackets.is_sorted_by(|a, b| a.from < b.from && a.amount <= b.amount);
        let within = |amount: f64| (0.0..=1e9).contains(&amount);
        if !ascending || self.brackets.iter().any(|step| step.from <= 0.0 || step.from > 1e6 || !within(step.amount)) {
            let help = "for example brackets = [{ from = 1.0, amount = 500 }, { from = 1.1, amount = 800 }]";
            fault(
                "brackets",
                "brackets must ascend: each `from` must be above the one before, and amounts must not decrease",
                help,
            );
        }
        if self.brackets.is_empty() && self.per_unit.is_none() {
            fault("name", "the rule gives no bonus", "set `brackets`, `per_unit`, or both");
        }
        for (key, amount) in [("per_unit", self.per_unit), ("ceiling", self.ceiling)] {
            if amount.is_some_and(|amount| !within(amount)) {
                fault(key, "the amount must not be negative", "remove the key if there is no amount");
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> BonusRule {
        BonusRule {
            name: "Retention".into(),
            kind: Some("retain_customers".into()),
            role: Some("field".into()),
            brackets: vec![Bracket { from: 1.0, amount: 500.0 }],
            ..BonusRule::default()
        }
    }

    fn faults(rules: Vec<BonusRule>) -> Vec<String> {
        let rules = GoalRules { bonuses: rules, ..GoalRules::default() };
        rules.check().into_iter().map(|problem| format!("{}: {}", problem.key.join("."), problem.message)).collect()
    }

    #[test]
    fn a_rule_hangs_on_a_goal_is_for_somebody_and_climbs() {
        assert_eq!(faults(vec![rule()]), Vec::<String>::new());
        let fault = |rule| faults(vec![rule]).join("; ");
        assert_eq!(
            fault(BonusRule { goal: Some("G1".into()), ..rule() }),
            "bonus.0.name: a bonus depends on a goal or on a kind of goals"
        );
        assert_eq!(
            fault(BonusRule { kind: Some("retain_custmers".into()), ..rule() }),
            "bonus.0.kind: `retain_custmers` is not a kind of goal"
        );
        assert_eq!(fault(BonusRule { role: None, ..rule() }), "bonus.0.name: the bonus needs somebody who earns it");
        let word = Some(Recipients::Word("all".into()));
        assert_eq!(
            fault(BonusRule { role: None, employees: word, ..rule() }),
            "bonus.0.employees: `all` is not a list of employees"
        );
        let falling = [(1.1, 500.0), (1.0, 800.0)].map(|(from, amount)| Bracket { from, amount });
        let climb = "bonus.0.brackets: brackets must ascend: each `from` must be above the one before, and amounts must not decrease";
        assert_eq!(fault(BonusRule { brackets: falling.into(), ..rule() }), climb);
        assert_eq!(fault(BonusRule { brackets: Vec::new(), ..rule() }), "bonus.0.name: the rule gives no bonus");
        assert_eq!(
            fault(BonusRule { ceiling: Some(-1.0), ..rule() }),
            "bonus.0.ceiling: the amount must not be negative"
        );
        assert_eq!(faults(vec![rule(), rule()]), ["bonus.1.name: every bonus rule needs a unique name"]);
    }

    #[test]
    fn a_query_that_cannot_run_is_refused_at_its_goal() {
        let goal = GoalConfig {
            sql: "select count(*) from pyramids".into(),
            label: None,
            higher_is_better: true,
            adds_up: true,
        };
        let problems = GoalRules { goals: [("G09".to_owned(), goal)].into(), ..GoalRules::default() }.check();
        assert_eq!(problems[0].key, ["goal", "G09", "sql"]);
        assert_eq!(
            problems[0].message,
            "the query of goal `G09`: `pyramids` is not a table that can be queried; did you mean `pyramid`?"
        );
    }
}
