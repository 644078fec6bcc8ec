//! Budget against actual: how much of the plan was reached, by version, measure and scope.

use netto_model::{column as c, contract};

use super::language::say;
use super::marts::{Row, largest};
use super::page::Page;
use super::section::As::{Amount, Count, Share, Text};
use super::section::{Cell, Part, Section, Shown, Table};
use crate::PublishError;

const AGAINST_ACTUAL: [Shown; 6] = [
    ("Version", c::VERSION, Text),
    ("Months", c::MONTHS, Count),
    ("Budget", c::BUDGET, Amount),
    ("Actual", c::ACTUAL, Amount),
    ("For the profit", c::FAVOURABLE_DIFFERENCE, Amount),
    ("Reached", c::REACHED_SHARE, Share),
];
const REVISED: [Shown; 6] = [
    ("Version", c::VERSION, Text),
    ("Compared with", c::OTHER_VERSION, Text),
    ("Budget", c::BUDGET, Amount),
    ("Other budget", c::OTHER_BUDGET, Amount),
    ("Revision", c::REVISION, Amount),
    ("Actual", c::ACTUAL, Amount),
];

/// Number of rows shown.
const FEW: usize = 20;
/// The measures that the finding may be about: the first one with a budget for the company.
const MEASURES: [&str; 4] = ["net_profit", "gross_margin", "invoice_revenue", "orders"];

/// A measure in the reader's words.
fn measure(row: Row<'_>) -> &'static str {
    match row.text(c::MEASURE) {
        "net_profit" => "Net profit",
        "gross_margin" => "Gross margin",
        "invoice_revenue" => "Invoice revenue",
        "orders" => "Orders",
        "cost_to_serve" => "Cost-to-serve",
        _ => "Cost of pools",
    }
}

/// The label of a scope.
fn of_kind(kind: &str) -> &'static str {
    match kind {
        "customer" => "Customer",
        "market" => "Market",
        "tier" => "Tier",
        "employee" => "Employee",
        "product group" => "Product group",
        _ => "Pool",
    }
}

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let (rows, revisions) =
        (page.of_window(contract::model("budget_window"))?, page.of_window(contract::model("budget_revision"))?);
    if rows.is_empty() {
        return Ok(None);
    }
    let format = &page.format;
    let of_company = |row: &Row<'_>| row.text(c::SCOPE_KIND) == "company";
    let about =
        MEASURES.iter().find(|measure| rows.iter().any(|row| of_company(&row) && row.text(c::MEASURE) == **measure));
    let reached = |row: Row<'_>| {
        say!(
            format,
            "{measure}: {share} of the budget ({version})",
            share = format.percent(row.share(c::REACHED_SHARE)),
            measure = format.say(measure(row)),
            version = row.text(c::VERSION)
        )
    };
    let of_measure =
        rows.iter().filter(|row| of_company(row) && about.is_some_and(|measure| row.text(c::MEASURE) == *measure));
    let reached: Vec<String> = of_measure.filter(|row| row.share(c::REACHED_SHARE).is_some()).map(reached).collect();
    let finding = if reached.is_empty() {
        say!(format, "Parts of the company have a budget, and are held against it")
    } else {
        reached.join(", ")
    };
    let by_size = |row: Row<'_>| row.units(c::FAVOURABLE_DIFFERENCE).saturating_abs();
    let (company, others): (Vec<Row<'_>>, Vec<Row<'_>>) = rows.iter().partition(of_company);
    let others: Vec<Row<'_>> = largest(others, by_size).into_iter().take(FEW).collect();
    let all: Vec<Row<'_>> = company.into_iter().chain(others).collect();
    let named = |row: Row<'_>| {
        let scope = match (row.text(c::SCOPE), row.text(c::SCOPE_KIND)) {
            ("", _) => format.say("Company"),
            (scope, kind) => format!("{} {scope}", format.say(of_kind(kind))),
        };
        Cell::new(format.say(measure(row))).small(scope)
    };
    let caption =
        "The company, then the parts of it that are furthest from their budget, over the closed months that have one.";
    let mut parts = vec![Part::table(Table::of(format, caption, "Measure", &all, named, &AGAINST_ACTUAL))];
    // The table has each pair of versions in both directions.
    let revised: Vec<Row<'_>> =
        revisions.iter().filter(|row| of_company(row) && row.text(c::VERSION) > row.text(c::OTHER_VERSION)).collect();
    if !revised.is_empty() {
        let caption = "Two versions of the company's budget over the closed months that both have.";
        parts.push(Part::table(Table::of(format, caption, "Measure", &revised, named, &REVISED)));
    }
    Ok(Some(Section {
        id: "budget",
        name: "Budget against actual".into(),
        finding,
        reading: "Only closed months with a budget are compared. For the profit, cost above plan counts as negative."
            .into(),
        parts,
    }))
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{f, finding, m, section, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn the_company_comes_first_and_what_is_furthest_from_its_budget_after_it() {
        let row = |kind, scope, measure, budget: i64, actual: i64| {
            vec![
                (c::VERSION, t("original")),
                (c::MEASURE, t(measure)),
                (c::SCOPE_KIND, t(kind)),
                (c::SCOPE, t(scope)),
                (c::BUDGET, m(budget)),
                (c::ACTUAL, m(actual)),
                (c::FAVOURABLE_DIFFERENCE, m(actual - budget)),
                (c::REACHED_SHARE, f(0.87)),
            ]
        };
        let html = with(vec![(
            contract::model("budget_window"),
            vec![
                row("market", "Bouw", "invoice_revenue", 100, 90),
                row("market", "Zorg", "invoice_revenue", 100, 30),
                row("company", "", "invoice_revenue", 300, 260),
            ],
        )]);
        assert_eq!(finding(&html, "budget"), "Invoice revenue: 87,0 % of the budget (original)");
        let shown = section(&html, "budget");
        let place = |text: &str| shown.find(text).unwrap();
        assert!(place("Company") < place("Zorg") && place("Zorg") < place("Bouw"), "{shown}");
        assert_eq!(section(&with(vec![]), "budget"), "");
    }
}
