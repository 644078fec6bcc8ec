//! Goals: which are behind, and the bonus that depends on them.

use std::collections::BTreeMap;

use netto_model::{column as c, contract};

use super::format::Format;
use super::language::{say, several};
use super::marts::{Row, Rows, height, sum};
use super::page::Page;
use super::section::{Cell, Part, Section, Table};
use crate::PublishError;

/// The goals that are behind now, or were missed.
pub(super) fn behind(rows: &Rows) -> Vec<Row<'_>> {
    rows.iter().filter(|row| matches!(row.text(c::GOAL_STATUS), "behind" | "missed")).collect()
}

/// A value of a goal in the unit of its kind: a share, an amount or a number.
fn value(format: &Format, goal: Row<'_>, units: i64) -> String {
    let part_of_one = (1..10_000).contains(&goal.units(c::TARGET));
    match goal.text(c::KIND) {
        "retain_customers" | "cost_to_serve" | "electronic_share" => format.percent(Some(height(units) / 10_000.0)),
        "custom" if part_of_one => format.percent(Some(height(units) / 10_000.0)),
        "net_profit" => format.whole(units),
        _ if units % 10_000 == 0 => format.whole(units),
        _ => format.decimals(height(units) / 10_000.0, 1),
    }
}

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.marts.rows(&contract::GOAL_PROGRESS)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let format = &page.format;
    let of = |status: &str| i64::try_from(rows.of(c::GOAL_STATUS, status).len()).unwrap_or(i64::MAX);
    let all = i64::try_from(rows.iter().count()).unwrap_or(i64::MAX);
    let mut parts = vec![Part::table(table(page, &rows))];
    let bonus = page.marts.rows(&contract::BONUS_RESULT)?;
    if page.shows_pay && !bonus.is_empty() {
        parts.push(Part::table(totals(page, &bonus)));
        parts.push(Part::details("How each bonus is calculated", bonuses(page, &bonus, &rows)));
    }
    let mut counted = vec![
        say!(format, "{n} behind", n = of("behind")),
        say!(format, "{n} missed", n = of("missed")),
        say!(format, "{n} reached", n = of("reached")),
    ];
    if of("on track") > 0 {
        counted.push(say!(format, "{n} on track", n = of("on track")));
    }
    Ok(Some(Section {
        id: "goals",
        name: "Goals".into(),
        finding: several!(format, all, "Of {n} goal: {states}", "Of {n} goals: {states}", states = counted.join(", ")),
        reading: "Expected is the part of the target that should be reached by now; goals with less are behind. The forecast is the value at the end of the period at this pace.".into(),
        parts,
    }))
}

fn table(page: &Page<'_>, rows: &Rows) -> Table {
    let place = |status: &str| {
        ["behind", "missed", "on track", "reached", "not started"].iter().position(|name| *name == status)
    };
    let mut goals: Vec<Row<'_>> = rows.iter().collect();
    goals.sort_by_key(|row| {
        (std::cmp::Reverse(row.day(c::LAST_PERIOD)), place(row.text(c::GOAL_STATUS)), row.text(c::GOAL_ID))
    });
    Table::new("Goals, the latest period first.", HEADS, goals.into_iter().map(|row| line(&page.format, row)).collect())
        .class("goals")
}

/// A goal: target, actual, expected, forecast, attainment, and its state.
pub(super) fn line(format: &Format, row: Row<'_>) -> Vec<Cell> {
    let measured = |column| row.maybe(column).map_or_else(Cell::none, |units| Cell::new(value(format, row, units)));
    let status = row.text(c::GOAL_STATUS);
    let class = match status {
        "behind" | "missed" => "left status late",
        "reached" | "on track" => "left status good",
        _ => "left status",
    };
    vec![
        Cell::new(label(format, row)).small(row.text(c::GOAL_ID)),
        measured(c::TARGET),
        measured(c::ACTUAL),
        measured(c::EXPECTED),
        measured(c::FORECAST),
        Cell::share(format, row.share(c::ATTAINMENT)).bar(row.share(c::ATTAINMENT)),
        Cell::text(format.say(status)).class(class).small(if status == "not measurable" {
            format.phrase(row.text(c::REASON))
        } else {
            String::new()
        }),
    ]
}

/// The goal in words: what, for whom, and when.
pub(super) fn label(format: &Format, goal: Row<'_>) -> String {
    let given = goal.text(c::LABEL);
    let units = goal.units(c::TARGET);
    let is_share = matches!(goal.text(c::KIND), "retain_customers" | "cost_to_serve" | "electronic_share");
    let target =
        if is_share && units % 100 == 0 { format.whole_percent(units / 100) } else { value(format, goal, units) };
    let what = match goal.text(c::KIND) {
        "identify_suspects" => say!(format, "Identify {n} suspects", n = target),
        "develop_prospects_to_tier" => say!(format, "Develop {n} prospects into customers", n = target),
        "retain_customers" => say!(format, "Retain {share} of the customers", share = target),
        "upgrade_customers" => say!(format, "Move {n} customers up a tier", n = target),
        "net_profit" => say!(format, "Earn a net profit of {amount}", amount = target),
        "cost_to_serve" => say!(format, "Keep cost-to-serve at {share} of revenue", share = target),
        "electronic_share" => say!(format, "Take {share} of the orders electronically", share = target),
        _ => return format.sentence(given),
    };
    let rest = given.split(" · ").skip(1).map(|part| format.say(part));
    std::iter::once(what).chain(rest).collect::<Vec<_>>().join(" · ")
}

/// The headings of `line`.
pub(super) const HEADS: [&str; 7] = ["Goal", "Target", "Actual", "Expected by now", "Forecast", "Attained", "Status"];

/// The bonus of each employee, added up.
fn totals(page: &Page<'_>, bonus: &Rows) -> Table {
    let format = &page.format;
    let mut employees: Vec<&str> = bonus.iter().map(|row| row.text(c::EMPLOYEE_ID)).collect();
    employees.sort_unstable();
    employees.dedup();
    let cells = |first: Cell, rows: &[Row<'_>]| {
        let of = |closed: bool| sum(rows.iter().copied().filter(|row| row.flag(c::FINAL) == closed), c::BONUS);
        vec![
            first,
            Cell::amount(format, of(true)),
            Cell::amount(format, of(false)),
            Cell::amount(format, of(true) + of(false)),
        ]
    };
    let line = |employee: &&str| cells(page.employee(employee), &bonus.of(c::EMPLOYEE_ID, employee));
    let all: Vec<Row<'_>> = bonus.iter().collect();
    Table::new(
        "Bonus by the rules of the configuration.",
        ["Employee", "Final", "So far", "Bonus"],
        employees.iter().map(line).collect(),
    )
    .foot(cells(Cell::new(say!(format, "All")), &all))
}

/// Goals in words, by id.
pub(super) fn labels<'a>(format: &Format, goals: &'a Rows) -> BTreeMap<&'a str, String> {
    goals.iter().map(|row| (row.text(c::GOAL_ID), label(format, row))).collect()
}

/// Each bonus with its explanation.
fn bonuses(page: &Page<'_>, bonus: &Rows, goals: &Rows) -> Table {
    let labels = labels(&page.format, goals);
    let line = |row: Row<'_>| {
        let mut cells = vec![page.employee(row.text(c::EMPLOYEE_ID))];
        cells.extend(bonus_line(&page.format, row, labels.get(row.text(c::GOAL_ID)).map(String::as_str)));
        cells
    };
    let heads = std::iter::once("Employee").chain(BONUS_HEADS).collect::<Vec<_>>();
    Table::new("", heads, bonus.iter().map(line).collect()).class("reasons")
}

/// The headings of `bonus_line`.
pub(super) const BONUS_HEADS: [&str; 5] = ["Goal", "Attained", "Bonus", "Period", "How it is calculated"];

/// A bonus: its goal, attainment, amount, and explanation.
pub(super) fn bonus_line(format: &Format, row: Row<'_>, label: Option<&str>) -> Vec<Cell> {
    let goal = row.text(c::GOAL_ID);
    vec![
        Cell::new(label.unwrap_or(goal)).class("left reason").small(goal),
        Cell::share(format, row.share(c::ATTAINMENT)),
        Cell::amount(format, row.units(c::BONUS)),
        Cell::text(if row.flag(c::FINAL) { say!(format, "closed") } else { say!(format, "open") }),
        Cell::new(explained(format, row.text(c::EXPLANATION))).class("left reason"),
    ]
}

/// The explanation of a bonus, clause by clause.
fn explained(format: &Format, explanation: &str) -> String {
    explanation.split("; ").map(|clause| format.phrase(clause)).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{b, cells, f, finding, line, m, n, section, t, with};
    use netto_model::{column as c, contract};
    use polars::prelude::AnyValue;

    #[test]
    fn goals_are_written_in_their_unit_and_those_behind_come_first() {
        let goal = |id, kind, label, status, target: i64, actual: AnyValue<'static>| {
            vec![
                (c::GOAL_ID, t(id)),
                (c::KIND, t(kind)),
                (c::LABEL, t(label)),
                (c::GOAL_STATUS, t(status)),
                (c::TARGET, n(target)),
                (c::ACTUAL, actual),
                (c::EXPECTED, n(target / 2)),
                (c::ATTAINMENT, f(0.5)),
                (c::REASON, t("no prospects")),
            ]
        };
        let bonus = |goal, amount, closed| {
            vec![
                (c::EMPLOYEE_ID, t("E<1")),
                (c::GOAL_ID, t(goal)),
                (c::BONUS, m(amount)),
                (c::FINAL, b(closed)),
                (c::EXPLANATION, t("1,000.50 reached")),
            ]
        };
        let html = with(vec![
            (
                &contract::GOAL_PROGRESS,
                vec![
                    goal("G1", "upgrade_customers", "Move 15 customers up a tier · Top", "reached", 150_000, m(15)),
                    goal(
                        "G2",
                        "electronic_share",
                        "Take 45 % of the orders electronically · 2025-Q1",
                        "behind",
                        4_500,
                        n(3_125),
                    ),
                    goal("G3", "identify_suspects", "Identify 3 suspects", "not measurable", 30_000, AnyValue::Null),
                ],
            ),
            (&contract::BONUS_RESULT, vec![bonus("G1", 150, true), bonus("G2", 20, false)]),
        ]);
        assert_eq!(finding(&html, "goals"), "Of 3 goals: 1 behind, 0 missed, 1 reached");
        assert_eq!(
            cells(&html, "goals", "Take 45\u{a0}% of the orders electronically · 2025-Q1"),
            "45,0 % | 31,2 % | 22,5 % | 0,0 % | 50,0 % | behind"
        );
        assert_eq!(cells(&html, "goals", "Move 15 customers up a tier · Top"), "15 | 15 | 7,5 | 0 | 50,0 % | reached");
        assert_eq!(
            cells(&html, "goals", "Identify 3 suspects"),
            "3 | – | 1,5 | 0 | 50,0 % | not measurable (no prospects)"
        );
        assert_eq!(cells(&html, "goals", "All"), "150 | 20 | 170");
        let section = section(&html, "goals");
        assert!(section.find("Take 45").unwrap() < section.find("Move 15").unwrap());
        assert!(section.contains("E&lt;1") && section.contains("1.000,50 reached"));
        assert!(
            line(&html, "Which goals are behind?")
                .contains("1 behind, 0 missed: Take 45 % of the orders electronically · 2025-Q1 (50,0 % attained).")
        );
    }
}
