//! The scenarios of the project, side by side.

use netto_model::{column as c, contract};

use super::format::Format;
use super::language::{Text, say};
use super::marts::{Row, Rows};
use super::page::Page;
use super::section::{Cell, Part, Section, Table};
use crate::PublishError;

/// The figures of the waterfall and of the ledger, with their labels.
const FIGURES: [(&str, &str); 16] = [
    ("list_revenue", "List revenue"),
    ("invoice_discount", "Invoice discount"),
    ("invoice_revenue", "Invoice revenue"),
    ("rebates_given", "Rebates given"),
    ("payment_terms", "Payment terms"),
    ("freight_charged", "Freight charged"),
    ("freight_cost", "Freight cost"),
    ("pocket_revenue", "Pocket revenue"),
    ("cogs", "Cost of goods sold"),
    ("rebates_received", "Rebates received"),
    ("gross_margin", "Gross margin"),
    ("cost_to_serve", "Cost-to-serve"),
    ("net_profit", "Net profit"),
    ("idle_amount", "Idle capacity"),
    ("unassigned_amount", "Unassigned"),
    ("result", "Result"),
];

/// The figure by which scenarios are judged, if available.
const JUDGED_BY: [&str; 2] = ["result", "net_profit"];

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.marts.rows(&contract::SCENARIO_RESULT)?;
    if rows.is_empty() {
        return Ok(None);
    }
    Ok(Some(Section {
        id: "scenarios",
        name: "Scenarios".into(),
        finding: finding(page, &rows),
        reading: "Each column is a scenario of the project: the figure after the scenario, and below it the change."
            .into(),
        parts: vec![Part::table(table(page, &rows))],
    }))
}

fn finding(page: &Page<'_>, rows: &Rows) -> String {
    let format = &page.format;
    let judged = JUDGED_BY.iter().map(|figure| rows.of(c::FIGURE, figure)).find(|found| !found.is_empty());
    let best = judged.unwrap_or_default().into_iter().max_by_key(|row| row.units(c::CHANGE));
    match best {
        Some(row) if row.units(c::CHANGE) > 0 => {
            say!(
                format,
                "“{scenario}” would bring most: {amount} more",
                scenario = row.text(c::LABEL),
                amount = format.sum(row.units(c::CHANGE))
            )
        }
        Some(row) => {
            let scenario = row.text(c::LABEL);
            say!(format, "No scenario brings more than doing nothing; “{scenario}” costs least", scenario = scenario)
        }
        None => say!(format, "What the scenarios would change"),
    }
}

fn table(page: &Page<'_>, rows: &Rows) -> Table {
    let format = &page.format;
    let names = |column: &'static str| {
        let mut found: Vec<&str> = rows.iter().map(|row| row.text(column)).collect();
        found.sort_unstable();
        found.dedup();
        found
    };
    let scenarios = names(c::SCENARIO);
    let mut figures = names(c::FIGURE);
    let order = |figure: &str| rows.of(c::FIGURE, figure).first().map_or(0, |row| row.units(c::FIGURE_ORDER));
    figures.sort_by_key(|figure| (order(figure), *figure));
    let cell = |figure: &str, scenario: &str| {
        let found: Option<Row<'_>> =
            rows.of(c::FIGURE, figure).into_iter().find(|row| row.text(c::SCENARIO) == scenario);
        found.map_or_else(Cell::none, |row| {
            Cell::amount(format, row.units(c::AFTER)).small(format.signed(row.units(c::CHANGE)))
        })
    };
    let line = |figure: &&str| {
        let before = rows
            .of(c::FIGURE, figure)
            .first()
            .map_or_else(Cell::none, |row| Cell::amount(format, row.units(c::BEFORE)));
        [Cell::new(named(format, figure)), before]
            .into_iter()
            .chain(scenarios.iter().map(|scenario| cell(figure, scenario)))
            .collect()
    };
    let label = |scenario: &&str| {
        rows.of(c::SCENARIO, scenario).first().map_or(String::new(), |row| row.text(c::LABEL).to_owned())
    };
    let heads = ["Figure", "Today"].map(Text::from).into_iter();
    let heads: Vec<Text> = heads.chain(scenarios.iter().map(label).map(Text::from)).collect();
    Table::new("", heads, figures.iter().map(line).collect())
}

/// A figure as words: `net_profit` as Net profit.
fn named(format: &Format, key: &str) -> String {
    let figure = FIGURES.iter().find(|(figure, _)| *figure == key);
    figure.map_or_else(|| key.replace('_', " "), |(_, name)| format.say(name))
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{cells, finding, m, n, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn scenarios_stand_side_by_side_and_the_best_is_named() {
        let figure = |scenario, label, figure, order, before: i64, change: i64| {
            vec![
                (c::SCENARIO, t(scenario)),
                (c::LABEL, t(label)),
                (c::FIGURE, t(figure)),
                (c::FIGURE_ORDER, n(order)),
                (c::BEFORE, m(before)),
                (c::AFTER, m(before + change)),
                (c::CHANGE, m(change)),
            ]
        };
        let html = with(vec![(
            &contract::SCENARIO_RESULT,
            vec![
                figure("a", "Charge", "cogs", 1, 70, 0),
                figure("a", "Charge", "result", 2, 30, 5),
                figure("b", "Price", "result", 2, 30, 9),
            ],
        )]);
        assert_eq!(finding(&html, "scenarios"), "“Price” would bring most: EUR 9 more");
        assert_eq!(cells(&html, "scenarios", "Result"), "30 | 35 (+5) | 39 (+9)");
        assert_eq!(cells(&html, "scenarios", "Cost of goods sold"), "70 | 70 (0) | –");
    }
}
