//! The sales force: what each rep costs and adds, and where the visits go.

use std::collections::BTreeMap;

use netto_model::{column as c, contract};

use super::marts::{Row, Rows, largest, sum};
use super::page::Page;
use super::section::As::{Amount, Count, Share};
use super::section::{Cell, Part, Section, Shown, Table};
use crate::PublishError;

const COLUMNS: [Shown; 12] = [
    ("Full cost", c::FULL_COST, Amount),
    ("Adds", c::ADDED_VALUE, Amount),
    ("Customers", c::CUSTOMERS, Count),
    ("Revenue", c::INVOICE_REVENUE, Amount),
    ("Margin", c::GROSS_MARGIN, Amount),
    ("Before pay", c::NET_BEFORE_COMPENSATION, Amount),
    ("Net profit", c::NET_PROFIT, Amount),
    ("Visits", c::VISITS, Count),
    ("Cost per visit", c::COST_PER_VISIT, Amount),
    ("Visited", c::VISITED_CHANGE, Share),
    ("Not visited", c::UNVISITED_CHANGE, Share),
    ("Visits bring", c::VISIT_UPLIFT, Amount),
];

/// The employees, those who add most first.
pub(super) fn employees(rows: &Rows) -> Vec<Row<'_>> {
    ranked(rows.of(c::LEVEL, "employee"))
}

fn ranked(rows: Vec<Row<'_>>) -> Vec<Row<'_>> {
    largest(rows, |row| row.maybe(c::ADDED_VALUE).unwrap_or_else(|| row.units(c::NET_BEFORE_COMPENSATION)))
}

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.main(&contract::SALES_FORCE)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let format = &page.format;
    let people = employees(&rows);
    let pairs = ranked(rows.of(c::LEVEL, "pair"));
    let name = |row: Row<'_>| page.employee(row.text(c::KEY)).small(row.text(c::ROLE));
    let caption = "Before pay: net profit of the portfolio plus the pay of the sales force in it (NBC). Adds: that, less the full cost. Visited and not visited: change of revenue against the window before.";
    let mut parts = vec![Part::table(Table::of(format, caption, "Employee", &people, name, &COLUMNS))];
    if !pairs.is_empty() {
        let name = |row: Row<'_>| Cell::new(row.text(c::NAME)).small(row.text(c::KEY));
        parts.push(Part::table(Table::of(
            format,
            "Pairs of field and inside staff, each customer once.",
            "Pair",
            &pairs,
            name,
            &COLUMNS,
        )));
    }
    let tiers = page.main(&contract::SALES_FORCE_TIER)?;
    if tiers.iter().any(|row| row.maybe(c::VISITS).is_some()) {
        parts.push(Part::table(by_tier(page, &people, &tiers)));
    }
    Ok(Some(Section {
        id: "sales",
        name: "Sales force",
        finding: finding(page, &people),
        reading: "A rep adds what the portfolio earns before the pay of the sales force, less what the rep costs in wage, car, representation and bonus.".into(),
        parts,
    }))
}

/// What all cost and add, and who adds least.
pub(super) fn finding(page: &Page<'_>, people: &[Row<'_>]) -> String {
    let format = &page.format;
    let known: Vec<Row<'_>> = people.iter().copied().filter(|row| row.maybe(c::ADDED_VALUE).is_some()).collect();
    let number = |rows: &[Row<'_>]| i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let Some(least) = known.last() else {
        return format!(
            "{} bring {} before their pay; what they cost was not supplied",
            format.several(number(people), "employee", "employees"),
            format.sum(sum(people.iter().copied(), c::NET_BEFORE_COMPENSATION))
        );
    };
    format!(
        "{} cost {}; most adds {} ({}), least {} ({})",
        format.several(number(&known), "employee", "employees"),
        format.sum(sum(known.iter().copied(), c::FULL_COST)),
        page.employee_name(known.first().unwrap_or(least).text(c::KEY)),
        format.whole(known.first().unwrap_or(least).units(c::ADDED_VALUE)),
        page.employee_name(least.text(c::KEY)),
        format.whole(least.units(c::ADDED_VALUE)),
    )
}

/// Employees down, tiers across: the share of the visits, and beneath it that of the revenue.
fn by_tier(page: &Page<'_>, people: &[Row<'_>], tiers: &Rows) -> Table {
    let format = &page.format;
    let found: BTreeMap<(&str, &str), Row<'_>> =
        tiers.of(c::LEVEL, "employee").into_iter().map(|row| ((row.text(c::KEY), row.text(c::TIER)), row)).collect();
    let shown: Vec<&str> =
        contract::TIERS.iter().copied().filter(|tier| found.keys().any(|(_, name)| name == tier)).collect();
    let cell = |person: &str, tier: &str| {
        let Some(row) = found.get(&(person, tier)) else { return Cell::none() };
        let visits = row.share(c::VISIT_SHARE);
        let revenue = row.share(c::REVENUE_SHARE).map(|share| format!("{} of revenue", format.percent(Some(share))));
        Cell::share(format, visits).small(revenue.unwrap_or_default()).bar(visits)
    };
    let line = |row: &Row<'_>| {
        let person = row.text(c::KEY);
        std::iter::once(page.employee(person)).chain(shown.iter().map(|tier| cell(person, tier))).collect()
    };
    let visiting = people.iter().filter(|row| row.units(c::VISITS) > 0);
    let heads: Vec<&str> = std::iter::once("Employee").chain(shown.iter().copied()).collect();
    Table::new("Where the visits go, and beneath it where the revenue is.", heads, visiting.map(line).collect())
}
