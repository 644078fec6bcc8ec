//! The page that opens on a click on an employee: the month, cost, portfolio, visits by time, best and worst customers, goals and bonus.

use std::collections::BTreeMap;

use netto_model::{column as c, contract};
use polars::prelude::PolarsResult;
use serde_json::{Map, Value, json};

use super::block::{Block, tables};
use super::goals;
use super::language::{Text as Message, say, word};
use super::marts::{Row, Rows, largest};
use super::page::Page;
use super::section::As::{Amount, Count, Hours, Share, Word};
use super::section::{Cell, Shown};
use super::unknown::Needs;
use super::visits::{Timing, by_time, when};
use crate::PublishError;

/// The facts shown about an employee, if known.
const FACTS: [Shown; 30] = [
    ("Adds", c::ADDED_VALUE, Amount),
    ("Full cost", c::FULL_COST, Amount),
    ("Wage", c::WAGE, Amount),
    ("Car", c::CAR, Amount),
    ("Representation", c::REPRESENTATION, Amount),
    ("Bonus", c::BONUS, Amount),
    ("Portfolio", c::CUSTOMERS, Count),
    ("Revenue", c::INVOICE_REVENUE, Amount),
    ("Gross margin", c::GROSS_MARGIN, Amount),
    ("Net profit", c::NET_PROFIT, Amount),
    ("Pay in its cost", c::PAY_IN_COST, Amount),
    ("Visits", c::VISITS, Count),
    ("Calls", c::CALLS, Count),
    ("Hours of visits", c::VISIT_MINUTES, Hours),
    ("Hours of all events", c::EVENT_MINUTES, Hours),
    ("Cost per visit", c::COST_PER_VISIT, Amount),
    ("Customers visited", c::VISITED_CUSTOMERS, Count),
    ("Orders after visits", c::ORDERS_AFTER_VISIT, Count),
    ("Revenue of visited", c::VISITED_CHANGE, Share),
    ("Revenue of not visited", c::UNVISITED_CHANGE, Share),
    ("Visited customers bring", c::VISIT_FINDING, Word),
    ("Visits bring at least", c::VISIT_UPLIFT_LOW, Amount),
    ("Visits bring at most", c::VISIT_UPLIFT_HIGH, Amount),
    ("Visited, compared", c::VISITED_COMPARED, Count),
    ("Not visited, compared", c::UNVISITED_COMPARED, Count),
    ("Quotes decided", c::QUOTES_DECIDED, Count),
    ("Quotes won", c::QUOTE_HIT_RATE, Share),
    ("Orders taken", c::ORDERS_TAKEN, Count),
    ("Hours on small orders", c::SMALL_ORDER_MINUTES, Hours),
    ("Hours on other orders", c::LARGE_ORDER_MINUTES, Hours),
];

/// Columns that reveal the pay of an employee, alone or together with others.
const PAY: [&str; 8] =
    [c::ADDED_VALUE, c::FULL_COST, c::WAGE, c::CAR, c::REPRESENTATION, c::BONUS, c::PAY_IN_COST, c::COST_PER_VISIT];

/// Number of customers listed for a month.
const FEW: usize = 20;

const MONTH: [Shown; 12] = [
    ("Next", c::NEXT_STEP, Word),
    ("Visits", c::VISITS, Count),
    ("Calls", c::CALLS, Count),
    ("Quotes", c::QUOTES, Count),
    (word!("won"), c::QUOTES_WON, Count),
    ("Questions", c::QUESTIONS, Count),
    ("Complaints", c::COMPLAINTS, Count),
    ("Revenue", c::INVOICE_REVENUE, Amount),
    ("against a year before", c::REVENUE_AGAINST_YEAR_BEFORE, Amount),
    ("against three months", c::REVENUE_AGAINST_THREE_MONTHS, Amount),
    ("Margin against three months", c::MARGIN_AGAINST_THREE_MONTHS, Amount),
    ("Overdue", c::OVERDUE_AMOUNT, Amount),
];

const TIERS: [Shown; 8] = [
    ("Tier", c::TIER, Word),
    ("Customers", c::CUSTOMERS, Count),
    ("Visits", c::VISITS, Count),
    ("of all visits", c::VISIT_SHARE, Share),
    ("Hours", c::VISIT_MINUTES, Hours),
    ("Revenue", c::INVOICE_REVENUE, Amount),
    ("of all revenue", c::REVENUE_SHARE, Share),
    ("Net profit", c::NET_PROFIT, Amount),
];

/// The pages of the sales force, and the data that they share.
pub(super) fn data(page: &Page<'_>) -> Result<Value, PublishError> {
    let force = page.of_window(contract::model("sales_force"))?;
    let facts: Vec<Shown> = FACTS
        .into_iter()
        .filter(|(_, column, _)| page.shows_pay || !PAY.contains(column))
        .filter(|(head, ..)| Needs::of_column(head).are_met(page))
        .collect();
    let of_known = |block: Block| block.of_known(|head| Needs::of_column(head).are_met(page));
    let mut blocks: Vec<Block> = blocks(page, &force)?.into_iter().map(of_known).collect();
    let heads: Vec<Value> = blocks.iter().map(|block| block.head(&page.format)).collect();
    let mut pages = Map::new();
    for row in force.of(c::LEVEL, "employee") {
        let id = row.text(c::KEY);
        let fact = |(_, column, how): &Shown| json!(how.cell(&page.format, row, column).map(|cell| cell.text));
        let employee = json!({
            "name": row.maybe_text(c::NAME).unwrap_or_else(|| page.employee_name(id)),
            "place": page.format.say(row.text(c::ROLE)),
            "facts": facts.iter().map(fact).collect::<Vec<_>>(),
            "tables": tables(&mut blocks, id),
        });
        pages.insert(id.to_owned(), employee);
    }
    Ok(
        json!({ "facts": facts.iter().map(|(label, ..)| page.format.say(label)).collect::<Vec<_>>(), "tables": heads, "pages": pages }),
    )
}

fn blocks(page: &Page<'_>, force: &Rows) -> PolarsResult<Vec<Block>> {
    let people: Vec<&str> = force.of(c::LEVEL, "employee").iter().map(|row| row.text(c::KEY)).collect();
    let mut blocks = vec![
        tiers(page)?,
        timing(page)?,
        customers(page, "top", "The five customers that bring most", "", None)?,
        customers(page, "bottom", "The five customers that bring least", "", None)?,
        customers(
            page,
            "opportunity",
            "The five with most left to win",
            LEFT,
            Some(("Left to win", c::OPPORTUNITY, Amount)),
        )?,
        customers(page, "growing", "The five that grow most", "", CHANGE)?,
        customers(page, "declining", "The five that decline most", "", CHANGE)?,
    ];
    if Needs::Now.are_met(page) {
        let goals = page.marts.rows(&contract::GOAL_PROGRESS)?;
        let bonus = page.marts.rows(&contract::BONUS_RESULT)?;
        blocks.insert(0, month(page)?);
        blocks.push(of_goals(page, &people, &goals, &bonus));
        blocks.extend(page.shows_pay.then(|| of_bonus(page, &goals, &bonus)));
    }
    Ok(blocks)
}

fn cells(page: &Page<'_>, row: Row<'_>, columns: &[Shown]) -> Vec<Cell> {
    columns.iter().map(|(_, column, how)| how.cell(&page.format, row, column).unwrap_or_else(Cell::none)).collect()
}

/// The monthly sheet: first customers that need action, then those whose revenue changed most.
fn month(page: &Page<'_>) -> PolarsResult<Block> {
    let rows = page.marts.rows(contract::model("rep_month"))?;
    let reading = "What happened at the customers in the last closed month, whoever did it, and what to do next. Changes are against the same month of the \
                   year before, and against the average of the three months before.";
    let heads = std::iter::once("Customer").chain(MONTH.iter().map(|(head, ..)| *head));
    let mut block = Block::new("month", "The month", reading, heads);
    let changed = |row: Row<'_>| row.maybe(c::REVENUE_AGAINST_THREE_MONTHS).unwrap_or_default().saturating_abs();
    let mut ranked = largest(rows.iter(), changed);
    ranked.sort_by_key(|row| row.text(c::NEXT_STEP).is_empty());
    let mut listed: BTreeMap<&str, usize> = BTreeMap::new();
    for row in ranked {
        let person = row.text(c::EMPLOYEE_ID);
        let number = listed.entry(person).or_default();
        *number += 1;
        if let (1, Some(day)) = (*number, row.day(c::PERIOD)) {
            block.note(person, page.format.month(day));
        }
        if *number <= FEW {
            let customer = std::iter::once(page.customer(row.text(c::CUSTOMER_ID)));
            block.push(person, &customer.chain(cells(page, row, &MONTH)).collect::<Vec<_>>());
        }
    }
    Ok(block)
}

fn tiers(page: &Page<'_>) -> PolarsResult<Block> {
    let reading = "Where the customers are, and where the visits go.";
    let mut block = Block::new("tiers", "Portfolio and visits by tier", reading, TIERS.map(|(head, ..)| head));
    let rows = page.of_window(contract::model("sales_force_tier"))?;
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
    let rows = page.of_window(contract::model("visit_timing"))?;
    let last = if rows.iter().any(|row| row.units(c::WEEKDAY) > 5) { 7 } else { 5 };
    let days: Vec<i64> = (1..=last).collect();
    let heads = std::iter::once(String::new()).chain(days.iter().map(|day| when(format, *day, ""))).map(Message::from);
    let reading = "Visits, and below each number the share that was followed by an order: the deeper the blue, the larger the share.";
    let mut block = Block::new("timing", "When the visits are", reading, heads);
    let mut by_employee: BTreeMap<&str, Vec<Row<'_>>> = BTreeMap::new();
    for row in rows.iter() {
        by_employee.entry(row.text(c::EMPLOYEE_ID)).or_default().push(row);
    }
    for (id, rows) in by_employee {
        let times = by_time(rows.into_iter());
        let best = times.values().map(Timing::per_mille).max().unwrap_or_default();
        for part in contract::PARTS_OF_DAY.iter().filter(|part| times.keys().any(|(_, name)| name == *part)) {
            let cell = |day: &i64| match times.get(&(*day, *part)) {
                Some(time) if time.visits > 0 => {
                    Cell::count(format, time.visits).small(format.percent(time.success())).heat(time.per_mille(), best)
                }
                _ => Cell::none(),
            };
            let name = Cell::text(if part.is_empty() { say!(format, "time not known") } else { format.say(part) });
            let line: Vec<Cell> = std::iter::once(name).chain(days.iter().map(cell)).collect();
            block.push(id, &line);
        }
    }
    Ok(block)
}

/// The remaining potential.
const LEFT: &str = "What they buy elsewhere, at the rate that their revenue leaves here; only if the potential is known and the customer is profitable.";
const CHANGE: Option<Shown> = Some(("Change of revenue", c::REVENUE_CHANGE, Amount));

/// A list of customers; `about` is the column that the list is about, if that isn't net profit.
fn customers(
    page: &Page<'_>,
    side: &'static str,
    title: &'static str,
    reading: &'static str,
    about: Option<Shown>,
) -> PolarsResult<Block> {
    let columns: Vec<Shown> = about
        .into_iter()
        .chain([
            ("Revenue", c::INVOICE_REVENUE, Amount),
            ("Net profit", c::NET_PROFIT, Amount),
            ("Visits", c::VISITS, Count),
        ])
        .collect();
    let heads: Vec<&'static str> = std::iter::once("Customer").chain(columns.iter().map(|(head, ..)| *head)).collect();
    let mut block = Block::new(side, title, reading, heads);
    let rows = page.of_window(contract::model("sales_force_customer"))?;
    let mut of_side = rows.of(c::SIDE, side);
    of_side.sort_by_key(|row| row.units(c::RANK));
    for row in of_side {
        let line: Vec<Cell> =
            std::iter::once(page.customer(row.text(c::CUSTOMER_ID))).chain(cells(page, row, &columns)).collect();
        block.push(row.text(c::EMPLOYEE_ID), &line);
    }
    Ok(block)
}

/// The employee's own goals, and those that their bonus depends on.
fn of_goals(page: &Page<'_>, people: &[&str], goals: &Rows, bonus: &Rows) -> Block {
    let mut block = Block::new("goals", "Goals", "", goals::HEADS);
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
    let labels = goals::labels(&page.format, goals);
    let mut block = Block::new("bonus", "Bonus", "", goals::BONUS_HEADS);
    for row in bonus.iter() {
        let label = labels.get(row.text(c::GOAL_ID)).map(String::as_str);
        block.push(row.text(c::EMPLOYEE_ID), &goals::bonus_line(&page.format, row, label));
    }
    block
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{data, m, n, t, with};
    use netto_model::{column as c, contract};
    use polars::prelude::AnyValue;
    use serde_json::json;

    #[test]
    fn a_page_holds_portfolio_visits_goals_and_bonus_of_its_employee() {
        let e = || (c::EMPLOYEE_ID, t("E1"));
        let goal = |id, scope| {
            vec![(c::GOAL_ID, t(id)), (c::SCOPE, t(scope)), (c::LABEL, t(id)), (c::GOAL_STATUS, t("behind"))]
        };
        let html = with(vec![
            (
                contract::model("sales_force"),
                vec![vec![
                    (c::LEVEL, t("employee")),
                    (c::KEY, t("E1")),
                    (c::NAME, t("</script>")),
                    (c::FULL_COST, m(60)),
                    (c::ADDED_VALUE, m(90)),
                    (c::VISIT_UPLIFT, AnyValue::Null),
                ]],
            ),
            (
                contract::model("sales_force_tier"),
                vec![vec![(c::LEVEL, t("employee")), (c::KEY, t("E1")), (c::TIER, t("Small")), (c::VISITS, n(4))]],
            ),
            (
                contract::model("visit_timing"),
                vec![vec![
                    e(),
                    (c::WEEKDAY, n(5)),
                    (c::PART_OF_DAY, t("afternoon")),
                    (c::VISITS, n(4)),
                    (c::VISITS_WITH_ORDER, n(1)),
                ]],
            ),
            (
                contract::model("sales_force_customer"),
                vec![vec![e(), (c::SIDE, t("bottom")), (c::RANK, n(1)), (c::CUSTOMER_ID, t("B\"1"))]],
            ),
            (
                contract::model("rep_month"),
                vec![
                    vec![
                        e(),
                        (c::CUSTOMER_ID, t("quiet")),
                        (c::NEXT_STEP, t("")),
                        (c::REVENUE_AGAINST_THREE_MONTHS, m(-90)),
                    ],
                    vec![e(), (c::CUSTOMER_ID, t("urgent")), (c::NEXT_STEP, t("win back")), (c::VISITS, n(2))],
                ],
            ),
            (&contract::GOAL_PROGRESS, vec![goal("own", "E1"), goal("paid", "Large"), goal("other", "E2")]),
            (&contract::BONUS_RESULT, vec![vec![e(), (c::GOAL_ID, t("paid")), (c::BONUS, m(600))]]),
        ]);
        let data = data(&html);
        let page = &data["employees"]["pages"]["E1"];
        assert_eq!(
            (&page["name"], &page["facts"][0], &page["facts"][1]),
            (&json!("</script>"), &json!("90"), &json!("60"))
        );
        assert_eq!(
            page["tables"]["timing"][0],
            json!([["afternoon", "–", "–", "–", "–", {"t": "4", "s": "25,0\u{a0}%", "h": "1.00"}]])
        );
        let month = &page["tables"]["month"][0];
        assert_eq!((&month[0][0], &month[1][0]), (&json!("urgent"), &json!("quiet")));
        assert_eq!((&month[0][1], &month[0][2], &month[1][10]), (&json!("win back"), &json!("2"), &json!("−90")));
        assert_eq!(page["tables"]["bottom"][0][0][0]["c"], "B\"1");
        let goals: Vec<_> =
            page["tables"]["goals"][0].as_array().unwrap().iter().map(|goal| goal[0]["t"].clone()).collect();
        assert_eq!(goals, ["own", "paid"]);
        assert_eq!(page["tables"]["bonus"][0][0][2], "600");
        assert!(page["tables"].get("top").is_none());
    }
}
