//! The sales force: what each rep costs and adds, and where the visits go.

use std::collections::BTreeMap;

use netto_model::{column as c, contract};

use super::language::{Text, say, several};
use super::marts::{Row, Rows, largest, sum};
use super::page::Page;
use super::section::As::{Amount, Count, Share, Word};
use super::section::{Cell, Part, Section, Shown, Table};
use super::unknown::Needs;
use crate::PublishError;

const COLUMNS: [Shown; 13] = [
    ("Full cost", c::FULL_COST, Amount),
    ("Adds", c::ADDED_VALUE, Amount),
    ("Customers", c::CUSTOMERS, Count),
    ("Revenue", c::INVOICE_REVENUE, Amount),
    ("Margin", c::GROSS_MARGIN, Amount),
    ("Net profit", c::NET_PROFIT, Amount),
    ("Pay in its cost", c::PAY_IN_COST, Amount),
    ("Visits", c::VISITS, Count),
    ("Cost per visit", c::COST_PER_VISIT, Amount),
    ("Quotes won", c::QUOTE_HIT_RATE, Share),
    ("Visited", c::VISITED_CHANGE, Share),
    ("Not visited", c::UNVISITED_CHANGE, Share),
    ("So visits bring", c::VISIT_FINDING, Word),
];

/// Columns that reveal the pay of an employee; a pair's added profit is shown, because it doesn't say whose pay it contains.
const PAY: [&str; 4] = [c::FULL_COST, c::PAY_IN_COST, c::COST_PER_VISIT, c::ADDED_VALUE];

/// The columns of employees or pairs, without pay where it isn't shown.
fn columns(page: &Page<'_>, of_pairs: bool) -> Vec<Shown> {
    let adds = |column: &str| of_pairs && column == c::ADDED_VALUE;
    COLUMNS.into_iter().filter(|(_, column, _)| page.shows_pay || !PAY.contains(column) || adds(column)).collect()
}

/// The units that add profit: pairs, and employees who are in no pair.
fn adding(rows: &Rows) -> Vec<Row<'_>> {
    let known = rows.iter().filter(|row| row.maybe(c::ADDED_VALUE).is_some());
    largest(known, |row| row.units(c::ADDED_VALUE))
}

/// The employees, those who add most first.
pub(super) fn employees(rows: &Rows) -> Vec<Row<'_>> {
    ranked(rows.of(c::LEVEL, "employee"))
}

fn ranked(rows: Vec<Row<'_>>) -> Vec<Row<'_>> {
    largest(rows, |row| row.maybe(c::ADDED_VALUE).unwrap_or_else(|| row.units(c::NET_BEFORE_COMPENSATION)))
}

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_force(contract::model("sales_force"))?;
    if rows.is_empty() {
        return Ok(None);
    }
    let format = &page.format;
    let people = employees(&rows);
    let pairs = ranked(rows.of(c::LEVEL, "pair"));
    let name = |row: Row<'_>| page.employee(row.text(c::KEY)).small(format.say(row.text(c::ROLE)));
    let mut caption = vec![say!(
        format,
        "Quotes won: share of the decided quotes. Visited and not visited: change of revenue against the same months of the window before, in the months after a visit and in the months of customers without a visit, with the same tier and size and equally recent orders; at least ten on each side."
    )];
    if page.shows_pay && Needs::Profit.are_met(page) {
        caption.insert(0, say!(format, "Pay in its cost: the part of cost-to-serve that comes from the pools of the sales force's pay. Adds: net profit and that pay, less the full cost."));
    }
    let mut parts =
        vec![Part::table(Table::of(format, caption.join(" "), "Employee", &people, name, &columns(page, false)))];
    if !pairs.is_empty() {
        let name = |row: Row<'_>| Cell::new(row.text(c::NAME)).small(row.text(c::KEY));
        parts.push(Part::table(Table::of(
            format,
            "Pairs of field and inside staff, each customer once.",
            "Pair",
            &pairs,
            name,
            &columns(page, true),
        )));
    }
    if page.shows_pay {
        parts.extend(pay_pools(page)?);
    }
    let tiers = page.of_force(contract::model("sales_force_tier"))?;
    if tiers.iter().any(|row| row.maybe(c::VISITS).is_some()) {
        parts.push(Part::table(by_tier(page, &people, &tiers)));
    }
    Ok(Some(Section {
        id: "sales",
        name: "Sales force".into(),
        finding: if page.shows_pay && Needs::Profit.are_met(page) { finding(page, &people, &adding(&rows)) } else { without_pay(page, &people, &pairs) },
        reading: if Needs::Profit.are_met(page) {
            "The added value of a pair, or of a rep without one, is the profit of its customers before the pay of the sales force in their cost, less its own pay: wage, car, representation and bonus. Field and inside staff of a pair share their customers, so their added value can't be separated."
        } else {
            "What a pair adds isn't known without the cost to serve its customers. Field and inside staff of a pair share their customers."
        }
        .into(),
        parts,
    }))
}

/// The pools that are searched for pay, and why.
fn pay_pools(page: &Page<'_>) -> Result<Option<Part>, PublishError> {
    let format = &page.format;
    let found = page.marts.rows(&contract::PAY_POOL)?;
    let named = |row: Row<'_>| {
        let why = match row.text(c::SAID_BY) {
            "configuration" => say!(format, "by the configuration"),
            "capacity" => say!(format, "by who works there"),
            "name" => say!(format, "by its name"),
            _ => say!(format, "by its compensation"),
        };
        format!("{} ({}, {why})", page.pools.get(row.text(c::POOL)), format.say(row.text(c::ROLE)))
    };
    let pools: Vec<String> = found.iter().map(named).collect();
    let text = || say!(format, "Pools in which pay is looked for: {pools}.", pools = pools.join("; "));
    Ok((!pools.is_empty()).then(|| Part::note(text())))
}

/// The added value of pairs; without pairs, the employee who brings most.
fn without_pay(page: &Page<'_>, people: &[Row<'_>], pairs: &[Row<'_>]) -> String {
    let format = &page.format;
    let number = |rows: &[Row<'_>]| i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let adds = |row: &Row<'_>| format!("{} ({})", row.text(c::NAME), format.whole(row.units(c::ADDED_VALUE)));
    let known = |row: &Row<'_>| Needs::Profit.are_met(page) && row.maybe(c::ADDED_VALUE).is_some();
    let known: Vec<Row<'_>> = pairs.iter().copied().filter(known).collect();
    if let (Some(best), Some(worst)) = (known.first(), known.last()) {
        let said = several!(
            format,
            number(&known),
            "{pair} add {amount} together",
            "Of {n} pairs, {best} adds most",
            best = adds(best),
            pair = best.text(c::NAME),
            amount = format.sum(best.units(c::ADDED_VALUE))
        );
        return if known.len() > 1 { said + &say!(format, ", {worst} least", worst = adds(worst)) } else { said };
    }
    let most = largest(people.iter().copied(), |row| row.units(c::GROSS_MARGIN));
    let best = most.first().map(|row| (page.employee_name(row.text(c::KEY)), row.units(c::INVOICE_REVENUE)));
    let (name, revenue) = best.unwrap_or_default();
    several!(
        format,
        number(people),
        "{n} employee; {best} brings {amount} of revenue",
        "Of {n} employees {best} brings the largest margin, on {amount} of revenue",
        best = name,
        amount = format.sum(revenue)
    )
}

/// The cost of the units that add profit, and which add most and least.
fn finding(page: &Page<'_>, people: &[Row<'_>], adding: &[Row<'_>]) -> String {
    let format = &page.format;
    let number = |rows: &[Row<'_>]| i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let Some((best, least)) = adding.first().zip(adding.last()) else {
        let said_by = people.first().map_or("", |row| row.text(c::PORTFOLIO_SAID_BY));
        let n = format.grouped(number(people));
        return if said_by == "nothing" {
            say!(
                format,
                "The added value of {n} employees isn't known: customers have no account manager, and orders have no employee",
                n = n
            )
        } else {
            say!(format, "The added value of {n} employees isn't known: their cost was not supplied", n = n)
        };
    };
    let name = |row: &Row<'_>| match row.text(c::LEVEL) {
        "pair" => row.text(c::NAME).to_owned(),
        _ => page.employee_name(row.text(c::KEY)).to_owned(),
    };
    let adds = |row: &Row<'_>| format!("{} ({})", name(row), format.whole(row.units(c::ADDED_VALUE)));
    let pairs = adding.iter().filter(|row| row.text(c::LEVEL) == "pair").copied().collect::<Vec<_>>();
    let cost = format.sum(sum(adding.iter().copied(), c::FULL_COST));
    let said = if pairs.is_empty() {
        several!(
            format,
            number(adding),
            "{n} employee costs {amount}: {best}",
            "{n} employees cost {amount}; {best} adds most",
            amount = cost,
            best = adds(best)
        )
    } else {
        several!(
            format,
            number(adding),
            "{n} pair or single rep costs {amount}: {best}",
            "{n} pairs and single reps cost {amount}; {best} adds most",
            amount = cost,
            best = adds(best)
        )
    };
    if adding.len() > 1 { said + &say!(format, ", {worst} least", worst = adds(least)) } else { said }
}

/// Employees in rows, tiers in columns: the share of the visits, and beneath it that of the revenue.
fn by_tier(page: &Page<'_>, people: &[Row<'_>], tiers: &Rows) -> Table {
    let format = &page.format;
    let found: BTreeMap<(&str, &str), Row<'_>> =
        tiers.of(c::LEVEL, "employee").into_iter().map(|row| ((row.text(c::KEY), row.text(c::TIER)), row)).collect();
    let shown: Vec<&str> =
        contract::TIERS.iter().copied().filter(|tier| found.keys().any(|(_, name)| name == tier)).collect();
    let cell = |person: &str, tier: &str| {
        let Some(row) = found.get(&(person, tier)) else { return Cell::none() };
        let visits = row.share(c::VISIT_SHARE);
        let revenue = row
            .share(c::REVENUE_SHARE)
            .filter(|share| *share > 0.0)
            .map(|share| say!(format, "{share} of revenue", share = format.percent(Some(share))));
        Cell::share(format, visits).small(revenue.unwrap_or_default()).bar(visits)
    };
    let line = |row: &Row<'_>| {
        let person = row.text(c::KEY);
        std::iter::once(page.employee(person)).chain(shown.iter().map(|tier| cell(person, tier))).collect()
    };
    let visiting = people.iter().filter(|row| row.units(c::VISITS) > 0);
    let heads: Vec<Text> =
        std::iter::once("Employee".into()).chain(shown.iter().map(|tier| format.say(tier).into())).collect();
    Table::new("Where the visits go, and beneath it where the revenue is.", heads, visiting.map(line).collect())
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{cells, f, finding, line, m, n, one_customer, replace, rows, section, t, with};
    use crate::report::{Meta, ReportConfig, render};
    use netto_model::{column as c, contract};
    use polars::prelude::AnyValue;

    #[test]
    fn who_adds_most_comes_first_and_visits_stand_beside_revenue() {
        let employee = |id, cost, added: i64, visits| {
            vec![
                (c::LEVEL, t("employee")),
                (c::KEY, t(id)),
                (c::ROLE, t("field")),
                (c::FULL_COST, m(cost)),
                (c::ADDED_VALUE, m(added)),
                (c::VISITS, visits),
                (c::COST_PER_VISIT, AnyValue::Null),
                (c::VISIT_UPLIFT, AnyValue::Null),
            ]
        };
        let of_tier = |id, tier, visits, revenue| {
            vec![
                (c::LEVEL, t("employee")),
                (c::KEY, t(id)),
                (c::TIER, t(tier)),
                (c::VISITS, n(1)),
                (c::VISIT_SHARE, f(visits)),
                (c::REVENUE_SHARE, f(revenue)),
            ]
        };
        let html = with(vec![
            (&contract::DIM_EMPLOYEE, vec![vec![(c::EMPLOYEE_ID, t("E1")), (c::NAME, t("Ann <b>"))]]),
            (contract::model("sales_force"), vec![employee("E2", 70, -5, n(0)), employee("E1", 60, 90, n(4))]),
            (
                contract::model("sales_force_tier"),
                vec![of_tier("E1", "Small", 0.75, 0.25), of_tier("E1", "Prospect", 0.25, 0.0)],
            ),
        ]);
        assert_eq!(finding(&html, "sales"), "2 employees cost EUR 130; Ann &lt;b&gt; (90) adds most, E2 (−5) least");
        let section = section(&html, "sales");
        assert!(
            section.contains("data-employee=\"E1\"")
                && section.find("Ann &lt;b&gt;").unwrap() < section.find(">E2<").unwrap()
        );
        assert!(!section.contains("Cost per visit") && !section.contains("Visits bring"), "nothing is known of it");
        assert!(cells(&html, "sales", "Ann &lt;b&gt;</button").is_empty());
        assert!(
            section.contains("75,0\u{a0}%<small>25,0\u{a0}% of revenue</small>")
                && section.contains("25,0\u{a0}%<span")
        );
        assert!(line(&html, "each rep cost").contains("2 employees cost"));
    }

    #[test]
    fn pay_of_named_employees_is_shown_only_where_it_is_asked_for() {
        let person = |level, key, name| {
            vec![
                (c::LEVEL, t(level)),
                (c::KEY, t(key)),
                (c::NAME, t(name)),
                (c::FULL_COST, m(77_001)),
                (c::WAGE, m(66_001)),
                (c::ADDED_VALUE, m(55_001)),
                (c::COST_PER_VISIT, m(44_001)),
                (c::PAY_IN_COST, m(33_001)),
                (c::INVOICE_REVENUE, m(500)),
            ]
        };
        let mut marts = one_customer();
        let rows_of = |table, cells| rows(table, cells);
        let force = contract::model("sales_force");
        replace(
            &mut marts,
            force,
            rows_of(force, vec![person("employee", "E1", "Ann"), person("pair", "P1", "Ann & Bo")]),
        );
        let bonus = vec![(c::EMPLOYEE_ID, t("E1")), (c::GOAL_ID, t("G")), (c::BONUS, m(22_001))];
        replace(&mut marts, &contract::BONUS_RESULT, rows_of(&contract::BONUS_RESULT, vec![bonus]));
        let meta = Meta { company: "Co".into(), currency: "EUR".into(), version: "0".into(), run: "1".into() };
        let shown = |pay| render(&marts, &ReportConfig { pay, ..ReportConfig::default() }, &meta).unwrap();
        let amounts = ["77,001", "66,001", "44,001", "33,001", "22,001"];
        let html = shown(false);
        assert!(!amounts.iter().any(|amount| html.contains(amount)), "{}", section(&html, "sales"));
        assert_eq!(
            html.matches("55,001").count(),
            4,
            "what the pair adds: in its row, the finding, the contents and the answer"
        );
        let html = shown(true);
        assert!(amounts.iter().take(2).all(|amount| html.contains(amount)));
    }
}
