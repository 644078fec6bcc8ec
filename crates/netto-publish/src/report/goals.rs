//! Goals: which are behind; and the bonus that hangs on them.

use std::collections::BTreeMap;

use netto_model::{column as c, contract};

use super::format::Format;
use super::marts::{Row, Rows, sum};
use super::page::Page;
use super::section::{Cell, Part, Section, Table};
use crate::PublishError;

/// The goals that are behind now, or were missed.
pub(super) fn behind(rows: &Rows) -> Vec<Row<'_>> {
    rows.iter().filter(|row| matches!(row.text(c::GOAL_STATUS), "behind" | "missed")).collect()
}

/// The value of a goal in the unit of its kind.
pub(super) fn value(format: &Format, kind: &str, value: i64) -> String {
    match kind {
        "net_profit" | "cost_to_serve" => format.whole(value),
        "electronic_share" | "retain_customers" if value.abs() <= 20_000 => {
            format.percent(Some(super::marts::height(value) / 10_000.0))
        }
        _ if value % 10_000 == 0 => format.whole(value),
        _ => format.cents(value),
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
    if !bonus.is_empty() {
        parts.push(Part::table(bonuses(page, &bonus, &rows)));
    }
    let mut counted = vec![
        format!("{} behind", of("behind")),
        format!("{} missed", of("missed")),
        format!("{} reached", of("reached")),
    ];
    if of("on track") > 0 {
        counted.push(format!("{} on track", of("on track")));
    }
    Ok(Some(Section {
        id: "goals",
        name: "Goals",
        finding: format!("Of {}: {}", format.several(all, "goal", "goals"), counted.join(", ")),
        reading: "Expected is the part of the target that should be reached by now; behind is who has less, and the forecast says where the period ends at this pace.".into(),
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
    let heads = ["Goal", "Period", "Target", "Actual", "Expected by now", "Forecast", "Attained", "Status"];
    Table::new("Goals, the latest period first.", heads, goals.into_iter().map(|row| line(&page.format, row)).collect())
        .class("goals")
}

/// A goal: target, actual, expected, forecast, how much of it, and where it stands.
pub(super) fn line(format: &Format, row: Row<'_>) -> Vec<Cell> {
    let kind = row.text(c::KIND);
    let measured = |column| row.maybe(column).map_or_else(Cell::none, |units| Cell::new(value(format, kind, units)));
    let status = row.text(c::GOAL_STATUS);
    let class = match status {
        "behind" | "missed" => "left status late",
        "reached" | "on track" => "left status good",
        _ => "left status",
    };
    vec![
        Cell::new(row.text(c::LABEL)).small(row.text(c::GOAL_ID)),
        Cell::text(row.text(c::PERIOD_LABEL)),
        measured(c::TARGET),
        measured(c::ACTUAL),
        measured(c::EXPECTED),
        measured(c::FORECAST),
        Cell::share(format, row.share(c::ATTAINMENT)).bar(row.share(c::ATTAINMENT)),
        Cell::text(status).class(class).small(if status == "not measurable" { row.text(c::REASON) } else { "" }),
    ]
}

fn bonuses(page: &Page<'_>, bonus: &Rows, goals: &Rows) -> Table {
    let format = &page.format;
    let labels: BTreeMap<&str, &str> = goals.iter().map(|row| (row.text(c::GOAL_ID), row.text(c::LABEL))).collect();
    let line = |row: Row<'_>| {
        let goal = row.text(c::GOAL_ID);
        vec![
            page.employee(row.text(c::EMPLOYEE_ID)),
            Cell::text(labels.get(goal).copied().unwrap_or(goal)).small(goal),
            Cell::share(format, row.share(c::ATTAINMENT)),
            Cell::amount(format, row.units(c::BONUS)),
            Cell::text(if row.flag(c::FINAL) { "final" } else { "so far" }),
            Cell::text(row.text(c::EXPLANATION)).class("left reason"),
        ]
    };
    let heads = ["Employee", "Goal", "Attained", "Bonus", "", "How it comes about"];
    Table::new("Bonus by the rules of the configuration.", heads, bonus.iter().map(line).collect())
        .class("reasons")
        .foot(vec![
            Cell::new("All"),
            Cell::default(),
            Cell::default(),
            Cell::amount(format, sum(bonus.iter(), c::BONUS)),
        ])
}
