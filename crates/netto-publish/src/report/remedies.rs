//! Who loses money, and what to do first.

use netto_model::{column as c, contract};

use super::marts::{Row, Rows, largest, sum};
use super::page::Page;
use super::section::{Cell, Part, Section, Table};
use crate::PublishError;

/// How many customers are listed; the others have it on their page.
const FEW: usize = 15;

/// What a remedy asks, in words.
pub(super) fn name(remedy: &str) -> String {
    match remedy {
        "minimum_annual_revenue" => "Minimum revenue per year".into(),
        "discount_change" => "Less discount".into(),
        "minimum_order_size" => "Minimum order size".into(),
        "order_charge" => "Charge per order".into(),
        "channel_shift" => "Order electronically".into(),
        "visit_frequency" => "Fewer visits".into(),
        "farewell" => "Farewell".into(),
        other => other.replace('_', " "),
    }
}

/// The proposed remedies, those with the largest expected change first.
pub(super) fn proposed(rows: &Rows) -> Vec<Row<'_>> {
    largest(rows.iter().filter(|row| row.flag(c::PROPOSED)), |row| row.units(c::EXPECTED_CHANGE))
}

/// How many customers lose money, and how much together.
pub(super) fn losing(rows: &Rows) -> (i64, i64) {
    let mut customers: Vec<(&str, i64)> =
        rows.iter().map(|row| (row.text(c::CUSTOMER_ID), row.units(c::NET_PROFIT))).collect();
    customers.sort_unstable();
    customers.dedup();
    let lost = customers.iter().map(|(_, profit)| profit).sum();
    (i64::try_from(customers.len()).unwrap_or(i64::MAX), lost)
}

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.main(&contract::REMEDY)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let format = &page.format;
    let proposed = proposed(&rows);
    let (customers, lost) = losing(&rows);
    let expected = sum(proposed.iter().copied(), c::EXPECTED_CHANGE);
    let with = i64::try_from(proposed.len()).unwrap_or(i64::MAX);
    let mut parts = Vec::new();
    if !proposed.is_empty() {
        parts.push(Part::table(by_remedy(page, &proposed)));
        parts.push(Part::table(list(page, &proposed)));
    }
    let rest = with - i64::try_from(FEW).unwrap_or(i64::MAX);
    if rest > 0 {
        parts.push(Part::note(format!(
            "{} more have a proposed remedy, each on its customer's page.",
            format.grouped(rest)
        )));
    }
    if customers > with {
        parts.push(Part::note(format!(
            "For {} no remedy brings more than doing nothing: what they leave pays for cost that would remain without them.",
            format.several(customers - with, "customer", "customers")
        )));
    }
    Ok(Some(Section {
        id: "remedies",
        name: "Remedies",
        finding: format!(
            "{} {}; the proposed remedies bring {} of it back",
            format.several(customers, "customer loses", "customers lose"),
            format.sum(-lost),
            format.sum(expected)
        ),
        reading: "Proposed is the remedy with the highest expected change of the company's result; the chance that the customer leaves is in it, and only cost that is really avoidable counts as saved.".into(),
        parts,
    }))
}

fn by_remedy(page: &Page<'_>, proposed: &[Row<'_>]) -> Table {
    let format = &page.format;
    let of = |remedy: &str| proposed.iter().copied().filter(|row| row.text(c::REMEDY) == remedy).collect::<Vec<_>>();
    let cells = |rows: &[Row<'_>], first: Cell| {
        let amount = |column| Cell::amount(format, sum(rows.iter().copied(), column));
        vec![
            first,
            Cell::count(format, i64::try_from(rows.len()).unwrap_or(i64::MAX)),
            amount(c::EXPECTED_CHANGE),
            amount(c::VOLUME_LOST),
            amount(c::COST_SAVED),
            amount(c::CAPACITY_FREED),
        ]
    };
    let mut lines: Vec<(i64, Vec<Cell>)> = Vec::new();
    for remedy in contract::REMEDIES {
        let rows = of(remedy);
        if !rows.is_empty() {
            lines.push((sum(rows.iter().copied(), c::EXPECTED_CHANGE), cells(&rows, Cell::new(name(remedy)))));
        }
    }
    lines.sort_by_key(|(expected, _)| std::cmp::Reverse(*expected));
    let heads = ["Remedy", "Customers", "Expected change", "Revenue lost", "Cost saved", "Capacity freed"];
    Table::new(
        "What the proposed remedies bring, the chance of leaving included.",
        heads,
        lines.into_iter().map(|(_, line)| line).collect(),
    )
    .foot(cells(proposed, Cell::new("All")))
}

fn list(page: &Page<'_>, proposed: &[Row<'_>]) -> Table {
    let format = &page.format;
    let line = |row: &Row<'_>| {
        vec![
            page.customer(row.text(c::CUSTOMER_ID)),
            Cell::amount(format, row.units(c::NET_PROFIT)),
            Cell::text(name(row.text(c::REMEDY))),
            Cell::amount(format, row.units(c::EXPECTED_CHANGE)),
            Cell::share(format, row.share(c::LEAVING_PROBABILITY)),
            Cell::sentence(format, row.text(c::REASON)),
        ]
    };
    let heads = ["Customer", "Net profit", "First", "Expected change", "May leave", "Why"];
    Table::new("What to do first, and why.", heads, proposed.iter().take(FEW).map(line).collect()).class("reasons")
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{b, cells, f, finding, line, m, section, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn what_brings_most_comes_first_and_who_has_no_remedy_is_counted() {
        let remedy = |id, remedy, proposed, profit, change, reason| {
            vec![
                (c::CUSTOMER_ID, t(id)),
                (c::REMEDY, t(remedy)),
                (c::PROPOSED, b(proposed)),
                (c::APPLICABLE, b(true)),
                (c::NET_PROFIT, m(profit)),
                (c::EXPECTED_CHANGE, m(change)),
                (c::LEAVING_PROBABILITY, f(0.15)),
                (c::REASON, t(reason)),
            ]
        };
        let html = with(vec![(
            &contract::REMEDY,
            vec![
                remedy("A", "order_charge", true, -40, 20, "9 orders lose 1,529.50."),
                remedy("A", "farewell", false, -40, 5, ""),
                remedy("B\"1", "discount_change", true, -800, 300, "<b>"),
                remedy("C", "farewell", false, -60, -10, ""),
            ],
        )]);
        assert_eq!(
            finding(&html, "remedies"),
            "3 customers lose EUR 900; the proposed remedies bring EUR 320 of it back"
        );
        assert_eq!(cells(&html, "remedies", "A"), "−40 | Charge per order | 20 | 15,0 % | 9 orders lose 1.529,50.");
        assert_eq!(cells(&html, "remedies", "All"), "2 | 320 | 0 | 0 | 0");
        let section = section(&html, "remedies");
        assert!(
            section.find("data-customer=\"B&quot;1\"").unwrap() < section.find(">A<").unwrap(),
            "the largest change first"
        );
        assert!(section.contains("&lt;b&gt;") && section.contains("For 1 customer no remedy"));
        assert!(
            line(&html, "comes first?").contains("First: less discount with &lt;&#x2f;script&gt;"),
            "{}",
            line(&html, "comes first?")
        );
        assert!(line(&html, "comes first?").contains("expected to bring 300; all proposals bring 320."));
    }
}
