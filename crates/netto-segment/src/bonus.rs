//! Computes the bonus of each employee: a table of rules, in which each row explains its amount.
//!
//! ```text
//! G08   identify 10 suspects, 12 found: attainment 1.2
//! rule  from 1.0: 500, from 1.1: 800; 25 for each unit beyond the target; at most 1,000
//! bonus 800 + 2 × 25 = 850
//! ```
//! A unit is what the goal counts: a customer, or a unit of currency; for shares, a percentage point. Until the goal's period is closed, the bonus is
//! provisional.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::frame::{BonusBooked, BonusResult, Contract};
use netto_model::money::{MILLION, SCALE, millionths};
use netto_model::{Frame, Mart, column as c};
use polars::prelude::*;

use crate::columns::{quotient, texts};
use crate::goal_progress::words::amount;
use crate::goal_progress::{Form, Progress};
use crate::goal_rules::{BonusRule, Recipients, units};
use crate::windows::months;
use crate::{Inputs, SegmentError};

/// The amount that a rule gives for a goal.
#[derive(Clone, Debug, Default, PartialEq)]
struct Bonus {
    /// The attainment at which the bracket starts, and its amount.
    bracket: Option<(f64, i64)>,
    extra: i64,
    total: i64,
    explanation: String,
}

/// An employee, the goal, and the rule.
struct Row<'a> {
    employee: &'a str,
    goal: &'a Progress,
    rule: &'a BonusRule,
    given: Bonus,
}

/// The bonus by goal and rule, and by year compared with the booked one.
pub(crate) fn tables(inputs: &Inputs<'_>, rules: &[BonusRule], goals: &[Progress]) -> Result<[Mart; 2], SegmentError> {
    let people = roles(inputs)?;
    let people = people.as_ref();
    let mut rows: Vec<Row<'_>> = Vec::new();
    for rule in rules {
        for goal in goals.iter().filter(|goal| rule.hangs_on(goal)) {
            for employee in recipients(rule, goal, people) {
                rows.push(Row { employee, goal, rule, given: given(rule, goal) });
            }
        }
    }
    Ok([mart(&rows)?, booked(inputs, &rows)?])
}

/// Compares what each employee earned in a year by the rules with the bonus booked every month:
///
/// ```text
/// 2025   M01   1,500 + 150 by the rules, final   booked 12 × 100 = 1,200   450 more
/// ```
/// A goal belongs to the year in which its period ends. Nothing is compared while the year goes on or one of its goals may still change, nor for who has no
/// rule to be compared with.
fn booked(inputs: &Inputs<'_>, rows: &[Row<'_>]) -> Result<Mart, SegmentError> {
    let Some(employees) = inputs.employees else { return Ok(Mart::empty(BonusBooked::TABLE)) };
    let of_year = rows.iter().filter_map(|row| Some((row, i64::from(row.goal.period.as_ref()?.window.last.year()))));
    let of_year: Vec<_> = of_year.collect();
    let earned = df!(
        c::EMPLOYEE_ID => of_year.iter().map(|(row, _)| row.employee).collect::<Vec<_>>(),
        c::YEAR => of_year.iter().map(|(_, year)| *year).collect::<Vec<_>>(),
        c::BONUS => of_year.iter().map(|(row, _)| row.given.total).collect::<Vec<_>>(),
        c::FINAL => of_year.iter().map(|(row, _)| row.goal.is_over()).collect::<Vec<_>>(),
    )?;
    let closed = months(inputs)?.into_iter().filter(|month| *month <= inputs.last_month);
    let closed = df!(c::YEAR => closed.map(|month| i64::from(month.year())).collect::<Vec<_>>())?.lazy();
    let closed = closed.group_by([col(c::YEAR)]).agg([len().cast(DataType::Int64).alias(c::MONTHS)]);
    let by = || [col(c::EMPLOYEE_ID), col(c::YEAR)];
    let earned = earned.lazy().group_by(by()).agg([col(c::BONUS).sum(), col(c::FINAL).all(true)]);
    let years = earned.clone().select([col(c::YEAR)]).unique(None, UniqueKeepStrategy::Any);
    let years = years.join(closed, [col(c::YEAR)], [col(c::YEAR)], JoinArgs::new(JoinType::Left));
    let monthly = employees.lazy().select([col(c::EMPLOYEE_ID), col(c::BONUS).alias("monthly")]);
    let all = monthly.cross_join(years, None).join(earned, by(), by(), JoinArgs::new(JoinType::Left));
    let is_known = col(c::BONUS).is_not_null().or(col("monthly").is_not_null());
    let has_rule = col(c::BONUS).is_not_null().alias("has_rule");
    let all = all.filter(is_known).with_columns([has_rule]).with_columns([
        col(c::BONUS).fill_null(lit(0_i64)),
        col(c::FINAL).fill_null(lit(true)),
        col(c::MONTHS).fill_null(lit(0_i64)),
    ]);
    let all = all.with_columns([(col("monthly") * col(c::MONTHS)).alias(c::BOOKED_AMOUNT)]);
    let ended = col(c::YEAR).lt(lit(i64::from(inputs.last_month.plus(1).year())));
    let difference = when(col("has_rule").and(col(c::FINAL)).and(ended))
        .then(col(c::BONUS) - col(c::BOOKED_AMOUNT))
        .otherwise(lit(NULL));
    let all = all.with_columns([difference.cast(DataType::Int64).alias(c::BONUS_TO_PAY)]);
    Ok(Frame::<BonusBooked>::try_new(
        all.select(BonusBooked::TABLE.columns.iter().map(|column| col(column.name)).collect::<Vec<_>>()),
    )?
    .mart())
}

impl BonusRule {
    fn hangs_on(&self, goal: &Progress) -> bool {
        self.goal.as_ref().is_some_and(|id| *id == goal.id) || self.kind.as_ref().is_some_and(|kind| *kind == goal.kind)
    }

    /// The highest bracket that an attainment reaches.
    fn bracket(&self, (part, whole): (i64, i64)) -> Option<(f64, i64)> {
        let reached =
            |from: f64| i128::from(part) * i128::from(MILLION) >= i128::from(whole) * i128::from(millionths(from));
        let highest = self.brackets.iter().rev().find(|bracket| reached(bracket.from))?;
        Some((highest.from, units(highest.amount)))
    }
}

/// Employees with their roles, where they were supplied.
fn roles(inputs: &Inputs<'_>) -> Result<Option<BTreeMap<String, String>>, SegmentError> {
    let Some(employees) = inputs.employees else { return Ok(None) };
    let data = employees.data();
    Ok(Some(texts(data, c::EMPLOYEE_ID)?.into_iter().zip(texts(data, c::ROLE)?).collect()))
}

/// The employees who earn a bonus on a goal; if employees were supplied, only those.
fn recipients<'a>(
    rule: &'a BonusRule,
    goal: &'a Progress,
    people: Option<&'a BTreeMap<String, String>>,
) -> BTreeSet<&'a str> {
    let known = |id: &&str| people.is_none_or(|people| people.contains_key(*id));
    if let Some(role) = &rule.role {
        let of_role = people.into_iter().flatten().filter(|(_, known)| *known == role);
        return of_role.map(|(id, _)| id.as_str()).collect();
    }
    let named = match &rule.employees {
        Some(Recipients::These(ids)) => ids,
        Some(Recipients::Word(_)) => &goal.people,
        None => return BTreeSet::new(),
    };
    named.iter().map(String::as_str).filter(known).collect()
}

/// The amount that a rule gives for a goal, with its explanation.
fn given(rule: &BonusRule, goal: &Progress) -> Bonus {
    let (Some(actual), Some(beyond)) = (goal.actual, goal.beyond_target()) else {
        let why = if goal.status() == "not started" { "its period has no closed month yet" } else { &goal.reason };
        return Bonus { explanation: format!("No bonus: the goal is {}: {why}.", goal.status()), ..Bonus::default() };
    };
    let bracket = goal.attained().and_then(|attained| rule.bracket(attained));
    let (number, unit) = beyond_in_units(goal, beyond.max(0));
    let per_unit = rule.per_unit.map_or(0, units);
    let extra = to_cents(i128::from(number) * i128::from(per_unit), SCALE);
    let whole = bracket.map_or(0, |(_, amount)| amount).saturating_add(extra);
    let ceiling = rule.ceiling.map(units).filter(|ceiling| *ceiling < whole);
    let total = ceiling.unwrap_or(whole);
    let form = goal.nature.form;
    let mut words = vec![format!("{} against a target of {}", form.words(actual), form.words(goal.target))];
    words.push(match (bracket, goal.attainment()) {
        (Some((from, earned)), _) => format!("the bracket from {} gives {}", percent(from), amount(earned)),
        (None, Some(attainment)) => format!("at {} no bracket is reached", percent(attainment)),
        (None, None) => "no bracket is reached".to_owned(),
    });
    if per_unit > 0 && number > 0 {
        words.push(format!("{} {unit} beyond the target × {} = {}", amount(number), amount(per_unit), amount(extra)));
    }
    if let Some(ceiling) = ceiling {
        words.push(format!("{} is cut off at the ceiling of {}", amount(whole), amount(ceiling)));
    }
    let state = if goal.is_over() { "" } else { ", provisional until the period is closed" };
    let explanation = format!("{}; bonus {}{state}.", words.join("; "), amount(total));
    Bonus { bracket, extra, total, explanation }
}

/// Units beyond the target in ten-thousandths, and the name of a unit; for shares, a percentage point.
fn beyond_in_units(goal: &Progress, beyond: i64) -> (i64, &'static str) {
    match goal.nature.form {
        Form::Number if beyond == SCALE => (beyond, "unit"),
        Form::Number => (beyond, "units"),
        Form::Share => (beyond.saturating_mul(100), "percentage points"),
    }
}

/// A bonus is paid out, so the amount on top of a bracket is rounded to whole cents, half-even.
fn to_cents(product: i128, scale: i64) -> i64 {
    const CENT: i64 = SCALE / 100;
    quotient(product, i128::from(scale) * i128::from(CENT)).map_or(i64::MAX, |cents| cents.saturating_mul(CENT))
}

fn percent(ratio: f64) -> String {
    Form::Share.words(millionths(ratio) / 100)
}

fn mart(rows: &[Row<'_>]) -> Result<Mart, SegmentError> {
    let amounts = |of: fn(&Bonus) -> i64| rows.iter().map(|row| of(&row.given)).collect::<Vec<_>>();
    let frame = df!(
        c::EMPLOYEE_ID => rows.iter().map(|row| row.employee).collect::<Vec<_>>(),
        c::GOAL_ID => rows.iter().map(|row| row.goal.id.as_str()).collect::<Vec<_>>(),
        c::RULE => rows.iter().map(|row| row.rule.name.as_str()).collect::<Vec<_>>(),
        c::ATTAINMENT => rows.iter().map(|row| row.goal.attainment()).collect::<Vec<_>>(),
        c::FROM_ATTAINMENT => rows.iter().map(|row| row.given.bracket.map(|(from, _)| from)).collect::<Vec<_>>(),
        c::BRACKET_AMOUNT => amounts(|given| given.bracket.map_or(0, |(_, amount)| amount)),
        c::EXTRA_AMOUNT => amounts(|given| given.extra),
        c::BONUS => amounts(|given| given.total),
        c::FINAL => rows.iter().map(|row| row.goal.is_over()).collect::<Vec<_>>(),
        c::EXPLANATION => rows.iter().map(|row| row.given.explanation.as_str()).collect::<Vec<_>>(),
    )?;
    Ok(Frame::<BonusResult>::try_new(frame.lazy())?.mart())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goal_progress::tests::goal;
    use crate::goal_rules::Bracket;

    fn rule() -> BonusRule {
        let brackets = [(1.0, 500.0), (1.1, 800.0)].map(|(from, amount)| Bracket { from, amount });
        BonusRule { brackets: brackets.into(), per_unit: Some(25.0), ..BonusRule::default() }
    }

    #[test]
    fn the_highest_bracket_counts_and_every_unit_beyond_the_target() {
        let found = given(&rule(), &goal("identify_suspects", 100_000, 120_000, 12));
        assert_eq!((found.bracket, found.extra, found.total), (Some((1.1, 8_000_000)), 500_000, 8_500_000));
        assert_eq!(
            found.explanation,
            "12 against a target of 10; the bracket from 110 % gives 800; 2 units beyond the target × 25 = 50; bonus 850."
        );
        // 11 of 10 is exactly 110 %, and the second bracket holds from there.
        assert_eq!(given(&rule(), &goal("identify_suspects", 100_000, 110_000, 12)).total, 8_250_000);
        assert_eq!(given(&rule(), &goal("identify_suspects", 100_000, 100_000, 12)).total, 5_000_000);
    }

    #[test]
    fn below_the_first_bracket_nothing_is_earned_and_it_says_so() {
        let found = given(&rule(), &goal("identify_suspects", 100_000, 90_000, 6));
        assert_eq!((found.bracket, found.extra, found.total), (None, 0, 0));
        assert_eq!(
            found.explanation,
            "9 against a target of 10; at 90 % no bracket is reached; bonus 0, provisional until the period is closed."
        );
    }

    #[test]
    fn what_is_paid_is_whole_cents() {
        // 3,599.0303 × 0.02 = 71.980606; 0.25 × 0.02 = 0.005, to the even cent.
        assert_eq!([35_990_303, 2_500, 7_500].map(|units| to_cents(units * 200, SCALE)), [719_800, 0, 200]);
    }

    #[test]
    fn the_ceiling_cuts_off() {
        let found =
            given(&BonusRule { ceiling: Some(820.0), ..rule() }, &goal("identify_suspects", 100_000, 120_000, 12));
        assert_eq!(found.total, 8_200_000);
        assert!(found.explanation.contains("850 is cut off at the ceiling of 820"), "{}", found.explanation);
    }

    #[test]
    fn a_unit_of_a_share_is_a_percentage_point_and_of_cost_one_below_the_target() {
        // 96.5 % of 95 %: one and a half points × 25.
        let retained = given(&rule(), &goal("retain_customers", 9_500, 9_650, 12));
        assert_eq!((retained.extra, retained.total), (375_000, 5_375_000));
        let cost = given(&rule(), &goal("cost_to_serve", 1_500, 1_300, 12));
        assert_eq!((cost.bracket, cost.extra), (Some((1.1, 8_000_000)), 500_000), "15 ÷ 13 = 1.15");
    }

    #[test]
    fn a_loss_that_was_agreed_is_reached_or_it_is_not() {
        let of = |target, actual| given(&rule(), &goal("net_profit", target, actual, 12));
        // A loss of at most 10 was agreed: 8 is less of a loss, and 2 units beyond; 12 is more of it.
        let (less, more) = (of(-100_000, -80_000), of(-100_000, -120_000));
        assert_eq!((less.bracket, less.total), (Some((1.0, 5_000_000)), 5_500_000));
        assert_eq!((more.bracket, more.total), (None, 0));
    }

    #[test]
    fn a_goal_that_is_not_measurable_gives_nothing_and_says_why() {
        let unknown = Progress {
            actual: None,
            reason: "prospects were not supplied".into(),
            ..goal("identify_suspects", 1, 0, 12)
        };
        let found = given(&rule(), &unknown);
        assert_eq!(
            (found.total, found.explanation.as_str()),
            (0, "No bonus: the goal is not measurable: prospects were not supplied.")
        );
    }

    #[test]
    fn the_bonus_goes_to_the_named_to_a_role_or_to_whom_the_goal_is_for() {
        let roles = Some(
            [("M01", "field"), ("M02", "field"), ("M05", "inside")].map(|(a, b)| (a.to_owned(), b.to_owned())).into(),
        );
        let own = Progress { people: vec!["M02".into()], ..goal("net_profit", 1, 1, 12) };
        let of_pair = Progress { people: vec!["M01".into(), "M05".into()], ..goal("net_profit", 1, 1, 12) };
        let who = |rule: &BonusRule, goal: &Progress| {
            recipients(rule, goal, roles.as_ref()).into_iter().collect::<Vec<_>>().join(" ")
        };
        let these = |ids: &[&str]| Some(Recipients::These(ids.iter().map(|id| (*id).to_owned()).collect()));
        assert_eq!(who(&BonusRule { role: Some("field".into()), ..rule() }, &own), "M01 M02");
        assert_eq!(who(&BonusRule { employees: these(&["M05", "M05", "M99"]), ..rule() }, &own), "M05");
        let scope = BonusRule { employees: Some(Recipients::Word("scope".into())), ..rule() };
        assert_eq!((who(&scope, &own), who(&scope, &goal("net_profit", 1, 1, 12))), ("M02".into(), String::new()));
        assert_eq!(who(&scope, &of_pair), "M01 M05", "both of a pair");
    }
}
