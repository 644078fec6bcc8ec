//! Warns before anything is computed about goals and bonuses that can't have a result: for `check` as well as `run`.
//!
//! ```text
//! [[bonus]] goal = "G2"        goals.csv has G1 only          there is no goal `G2`
//! [[bonus]] role = "feild"     employees are field, inside    no employee has the role `feild`
//! [goal.G9] sql = "…"          G9 isn't in goals.csv          there is no goal `G9` of kind `custom`
//! ```

use std::collections::BTreeMap;

use netto_model::frame::{Employees, Goals};
use netto_model::problem::did_you_mean;
use netto_model::{Frame, Warning, column as c};
use polars::prelude::PolarsResult;

use crate::SegmentError;
use crate::columns::texts;
use crate::goal_progress::{CUSTOM, unmeasured};
use crate::goal_rules::{BonusRule, GoalRules, Recipients};

/// The warnings, each with its configuration key.
///
/// # Errors
/// When a table isn't what the contract says.
pub fn rules_without_data(
    rules: &GoalRules,
    goals: Option<&Frame<Goals>>,
    employees: Option<&Frame<Employees>>,
) -> Result<Vec<Warning>, SegmentError> {
    let kinds = goals.map(|goals| pairs(goals.data(), c::GOAL_ID, c::KIND)).transpose()?.unwrap_or_default();
    let people = employees.map(|employees| pairs(employees.data(), c::EMPLOYEE_ID, c::ROLE)).transpose()?;
    let bonuses = rules.bonuses.iter().enumerate();
    let mut warnings: Vec<Warning> =
        bonuses.flat_map(|(place, rule)| of_bonus(place, rule, &kinds, people.as_ref())).collect();
    let unused = rules.goals.keys().filter(|id| kinds.get(*id).is_none_or(|kind| kind != CUSTOM));
    warnings.extend(
        unused.map(|id| said(format!("[goal.{id}]: there is no goal `{id}` of kind `{CUSTOM}`")).at(["goal", id])),
    );
    // A wrongly mapped column makes every goal wrong in the same way, so one warning is enough.
    let mut by_reason: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (id, kind) in &kinds {
        if let Some(reason) = unmeasured(id, kind, rules) {
            by_reason.entry(reason).or_default().push(id);
        }
    }
    let of =
        |(reason, ids): (String, Vec<&str>)| said(format!("{}: {reason}", goals_named(&ids))).at(["source", "goals"]);
    warnings.extend(by_reason.into_iter().map(of));
    Ok(warnings)
}

/// Such as: 163 goals, `1`, `10` and `100` among them.
fn goals_named(ids: &[&str]) -> String {
    match ids {
        [id] => format!("goal `{id}`"),
        [first, second] => format!("goals `{first}` and `{second}`"),
        [first, second, third] => format!("goals `{first}`, `{second}` and `{third}`"),
        [first, second, third, ..] => format!("{} goals, `{first}`, `{second}` and `{third}` among them", ids.len()),
        [] => String::new(),
    }
}

fn said(message: String) -> Warning {
    Warning::disagreement("rule_without_data", message)
}

/// Two text columns, the second keyed by the first.
fn pairs(data: &polars::prelude::DataFrame, key: &str, value: &str) -> PolarsResult<BTreeMap<String, String>> {
    let values = texts(data, value)?.into_iter().map(|value| value.trim().to_owned());
    Ok(texts(data, key)?.into_iter().zip(values).collect())
}

fn of_bonus(
    place: usize,
    rule: &BonusRule,
    kinds: &BTreeMap<String, String>,
    roles: Option<&BTreeMap<String, String>>,
) -> Vec<Warning> {
    let warning = |key: &str, what: String| {
        said(format!("bonus `{}`: {what}", rule.name)).at(["bonus".to_owned(), place.to_string(), key.to_owned()])
    };
    let mut warnings = Vec::new();
    if let Some(goal) = rule.goal.as_ref().filter(|goal| !kinds.contains_key(*goal)) {
        warnings.push(nearest(warning("goal", format!("there is no goal `{goal}`")), goal, kinds.keys()));
    }
    if let Some(kind) = rule.kind.as_ref().filter(|kind| !kinds.values().any(|known| known == *kind)) {
        warnings.push(nearest(warning("kind", format!("there is no goal `{kind}`")), kind, kinds.values()));
    }
    let Some(roles) = roles else {
        warnings.extend(rule.role.iter().map(|wanted| {
            warning("role", format!("employees were not supplied, so no employee has the role `{wanted}`"))
        }));
        return warnings;
    };
    if let Some(wanted) = rule.role.as_ref().filter(|wanted| !roles.values().any(|known| known == *wanted)) {
        warnings.push(nearest(warning("role", format!("no employee has the role `{wanted}`")), wanted, roles.values()));
    }
    if let Some(Recipients::These(ids)) = &rule.employees {
        let unknown = ids.iter().filter(|id| !roles.contains_key(*id));
        warnings.extend(unknown.map(|id| warning("employees", format!("there is no employee `{id}`"))));
    }
    warnings
}

fn nearest<'a>(warning: Warning, word: &str, known: impl Iterator<Item = &'a String>) -> Warning {
    match did_you_mean(word, known.map(String::as_str)) {
        Some(near) => warning.with_help(format!("did you mean `{near}`?")),
        None => warning,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn of(rule: BonusRule) -> Vec<String> {
        let (kinds, roles) = (map(&[("G1", "net_profit")]), map(&[("M01", "field"), ("M02", "inside")]));
        let rule = BonusRule { name: "B".into(), ..rule };
        of_bonus(0, &rule, &kinds, Some(&roles)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_bonus_that_nobody_can_earn_says_why() {
        let goal = |goal: &str| Some(goal.to_owned());
        assert_eq!(of(BonusRule { goal: goal("G1"), role: Some("field".into()), ..BonusRule::default() }), [""; 0]);
        let wrong = BonusRule { goal: goal("G11"), role: Some("feild".into()), ..BonusRule::default() };
        assert_eq!(
            of(wrong),
            [
                "bonus `B`: there is no goal `G11`; did you mean `G1`?",
                "bonus `B`: no employee has the role `feild`; did you mean `field`?"
            ]
        );
        let these = Some(Recipients::These(vec!["M01".into(), "M99".into()]));
        let wrong = BonusRule { kind: Some("cost_to_serve".into()), employees: these, ..BonusRule::default() };
        assert_eq!(of(wrong), ["bonus `B`: there is no goal `cost_to_serve`", "bonus `B`: there is no employee `M99`"]);
    }

    #[test]
    fn without_employees_a_role_is_nobodys() {
        let rule = BonusRule { goal: Some("G1".into()), role: Some("field".into()), ..BonusRule::default() };
        let found = of_bonus(3, &rule, &map(&[("G1", "net_profit")]), None);
        assert_eq!((found.len(), found[0].key.join(".")), (1, "bonus.3.role".to_owned()));
    }
}
