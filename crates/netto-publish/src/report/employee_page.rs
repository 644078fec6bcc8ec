//! What opens on a click on an employee: cost, portfolio, visits and when, best and worst customers, goals and bonus.

use std::collections::BTreeMap;

use netto_model::{column as c, contract};
use polars::prelude::PolarsResult;
use serde_json::{Map, Value, json};

use super::block::{Block, tables};
use super::goals;
use super::marts::{Row, Rows};
use super::page::Page;
use super::section::As::{Amount, Count, Hours, Share, Text};
use super::section::{Cell, Shown};
use super::visits::{by_time, when};
use crate::PublishError;

/// What is said of an employee, where it is known.
const FACTS: [Shown; 24] = [
    ("Adds", c::ADDED_VALUE, Amount),
    ("Full cost", c::FULL_COST, Amount),
    ("Wage", c::WAGE, Amount),
    ("Car", c::CAR, Amount),
    ("Representation", c::REPRESENTATION, Amount),
    ("Bonus", c::BONUS, Amount),
    ("Portfolio", c::CUSTOMERS, Count),
    ("Revenue", c::INVOICE_REVENUE, Amount),
    ("Gross margin", c::GROSS_MARGIN, Amount),
    ("Before pay", c::NET_BEFORE_COMPENSATION, Amount),
    ("Net profit", c::NET_PROFIT, Amount),
    ("Visits", c::VISITS, Count),
    ("Calls", c::CALLS, Count),
    ("Hours of visits", c::VISIT_MINUTES, Hours),
    ("Hours of all events", c::EVENT_MINUTES, Hours),
    ("Cost per visit", c::COST_PER_VISIT, Amount),
    ("Customers visited", c::VISITED_CUSTOMERS, Count),
    ("Orders after visits", c::ORDERS_AFTER_VISIT, Count),
    ("Visited: revenue", c::VISITED_CHANGE, Share),
    ("Not visited", c::UNVISITED_CHANGE, Share),
    ("Visits bring", c::VISIT_UPLIFT, Amount),
    ("Orders taken", c::ORDERS_TAKEN, Count),
    ("Hours on small orders", c::SMALL_ORDER_MINUTES, Hours),
    ("on the others", c::LARGE_ORDER_MINUTES, Hours),
];

const TIERS: [Shown; 8] = [
    ("Tier", c::TIER, Text),
    ("Customers", c::CUSTOMERS, Count),
    ("Visits", c::VISITS, Count),
    ("of all visits", c::VISIT_SHARE, Share),
    ("Hours", c::VISIT_MINUTES, Hours),
    ("Revenue", c::INVOICE_REVENUE, Amount),
    ("of all revenue", c::REVENUE_SHARE, Share),
    ("Net profit", c::NET_PROFIT, Amount),
];

/// The pages of the sales force, and what they share.
pub(super) fn data(page: &Page<'_>) -> Result<Value, PublishError> {
    let force = page.main(&contract::SALES_FORCE)?;
    let mut blocks = blocks(page, &force)?;
    let heads: Vec<Value> = blocks.iter().map(Block::head).collect();
    let mut pages = Map::new();
    for row in force.of(c::LEVEL, "employee") {
        let id = row.text(c::KEY);
        let fact = |(_, column, how): &Shown| json!(how.cell(&page.format, row, column).map(|cell| cell.text));
        let employee = json!({
            "name": row.maybe_text(c::NAME).unwrap_or_else(|| page.employee_name(id)),
            "place": row.text(c::ROLE),
            "facts": FACTS.iter().map(fact).collect::<Vec<_>>(),
            "tables": tables(&mut blocks, id),
        });
        pages.insert(id.to_owned(), employee);
    }
    Ok(json!({ "facts": FACTS.map(|(label, ..)| label).to_vec(), "tables": heads, "pages": pages }))
}

fn blocks(page: &Page<'_>, force: &Rows) -> PolarsResult<Vec<Block>> {
    let people: Vec<&str> = force.of(c::LEVEL, "employee").iter().map(|row| row.text(c::KEY)).collect();
    let goals = page.marts.rows(&contract::GOAL_PROGRESS)?;
    let bonus = page.marts.rows(&contract::BONUS_RESULT)?;
    Ok(vec![
        tiers(page)?,
        timing(page)?,
        customers(page, "top", "The five customers that bring most")?,
        customers(page, "bottom", "The five customers that bring least")?,
        of_goals(page, &people, &goals, &bonus),
        of_bonus(page, &goals, &bonus),
    ])
}

fn cells(page: &Page<'_>, row: Row<'_>, columns: &[Shown]) -> Vec<Cell> {
    columns.iter().map(|(_, column, how)| how.cell(&page.format, row, column).unwrap_or_else(Cell::none)).collect()
}

fn tiers(page: &Page<'_>) -> PolarsResult<Block> {
    let reading = "Where the customers are, and where the visits go.";
    let mut block = Block::new("tiers", "Portfolio and visits by tier", reading, TIERS.map(|(head, ..)| head));
    let rows = page.main(&contract::SALES_FORCE_TIER)?;
    for tier in contract::TIERS {
        for row in rows.of(c::TIER, tier).into_iter().filter(|row| row.text(c::LEVEL) == "employee") {
            block.push(row.text(c::KEY), &cells(page, row, &TIERS));
        }
    }
    Ok(block)
}

/// Visits by weekday and part of the day, as a heat map.
fn timing(page: &Page<'_>) -> PolarsResult<Block> {
    let format = &page.format;
    let rows = page.main(&contract::VISIT_TIMING)?;
    let last = if rows.iter().any(|row| row.units(c::WEEKDAY) > 5) { 7 } else { 5 };
    let days: Vec<i64> = (1..=last).collect();
    let heads = std::iter::once(String::new()).chain(days.iter().map(|day| when(*day, "")));
    let reading = "Visits, and beneath each number the part of them that an order followed.";
    let mut block = Block::new("timing", "When the visits are", reading, heads);
    let mut by_employee: BTreeMap<&str, Vec<Row<'_>>> = BTreeMap::new();
    for row in rows.iter() {
        by_employee.entry(row.text(c::EMPLOYEE_ID)).or_default().push(row);
    }
    for (id, rows) in by_employee {
        let times = by_time(rows.into_iter());
        let most = times.values().map(|time| time.visits).max().unwrap_or_default();
        for part in contract::PARTS_OF_DAY.iter().filter(|part| times.keys().any(|(_, name)| name == *part)) {
            let cell = |day: &i64| match times.get(&(*day, *part)) {
                Some(time) if time.visits > 0 => {
                    Cell::count(format, time.visits).small(format.percent(time.success())).heat(time.visits, most)
                }
                _ => Cell::none(),
            };
            let name = Cell::text(if part.is_empty() { "time not known" } else { part });
            let line: Vec<Cell> = std::iter::once(name).chain(days.iter().map(cell)).collect();
            block.push(id, &line);
        }
    }
    Ok(block)
}

fn customers(page: &Page<'_>, side: &'static str, title: &'static str) -> PolarsResult<Block> {
    let mut block = Block::new(side, title, "", ["Customer", "Revenue", "Net profit", "Visits"]);
    let rows = page.main(&contract::SALES_FORCE_CUSTOMER)?;
    let mut of_side = rows.of(c::SIDE, side);
    of_side.sort_by_key(|row| row.units(c::RANK));
    let columns =
        [("Revenue", c::INVOICE_REVENUE, Amount), ("Net profit", c::NET_PROFIT, Amount), ("Visits", c::VISITS, Count)];
    for row in of_side {
        let line: Vec<Cell> =
            std::iter::once(page.customer(row.text(c::CUSTOMER_ID))).chain(cells(page, row, &columns)).collect();
        block.push(row.text(c::EMPLOYEE_ID), &line);
    }
    Ok(block)
}

/// The goals that are the employee's own, or that a bonus of theirs hangs on.
fn of_goals(page: &Page<'_>, people: &[&str], goals: &Rows, bonus: &Rows) -> Block {
    let heads = ["Goal", "Period", "Target", "Actual", "Expected by now", "Forecast", "Attained", "Status"];
    let mut block = Block::new("goals", "Goals", "", heads);
    for person in people {
        let own = |row: &Row<'_>| {
            let hangs_on =
                |paid: Row<'_>| paid.text(c::EMPLOYEE_ID) == *person && paid.text(c::GOAL_ID) == row.text(c::GOAL_ID);
            row.text(c::SCOPE) == *person || bonus.iter().any(hangs_on)
        };
        for row in goals.iter().filter(own) {
            block.push(person, &goals::line(&page.format, row));
        }
    }
    block
}

fn of_bonus(page: &Page<'_>, goals: &Rows, bonus: &Rows) -> Block {
    let format = &page.format;
    let labels: BTreeMap<&str, &str> = goals.iter().map(|row| (row.text(c::GOAL_ID), row.text(c::LABEL))).collect();
    let mut block = Block::new("bonus", "Bonus", "", ["Goal", "Attained", "Bonus", "", "How it comes about"]);
    for row in bonus.iter() {
        let goal = row.text(c::GOAL_ID);
        let cells = [
            Cell::text(labels.get(goal).copied().unwrap_or(goal)).small(goal),
            Cell::share(format, row.share(c::ATTAINMENT)),
            Cell::amount(format, row.units(c::BONUS)),
            Cell::text(if row.flag(c::FINAL) { "final" } else { "so far" }),
            Cell::text(row.text(c::EXPLANATION)),
        ];
        block.push(row.text(c::EMPLOYEE_ID), &cells);
    }
    block
}
