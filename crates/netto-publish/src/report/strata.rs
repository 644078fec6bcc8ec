//! Core customers and drains, by what they buy and earn; and customers that can move up a tier.

use std::collections::BTreeMap;

use netto_model::{column as c, contract};

use super::language::{say, several, word};
use super::marts::{Row, largest, sum};
use super::page::Page;
use super::section::As::{Amount, Share, Word};
use super::section::{Cell, LISTED, Part, Section, Shown, Table};
use crate::PublishError;

/// The causes of a high cost-to-serve: their names in the tables and for readers.
pub(super) const MEASURES: [(&str, &str); 6] = [
    ("lines_per_order", word!("few lines per order")),
    ("value_per_line", word!("small lines")),
    ("return_lines_share", word!("many returns")),
    ("days_outstanding", word!("pays late")),
    ("rebate_share", word!("high rebates")),
    ("orders_per_1000", word!("many small orders")),
];
/// The name for a customer that buys much and regularly, and loses.
pub(super) const DRAIN: &str = "service drain";
/// Kinds of customers by what they buy and earn: their names in the tables and for readers.
pub(super) const STRATA: [(&str, &str); 4] = [
    ("core", word!("Core: buys much and regularly, and is profitable")),
    ("opportunistic", word!("Opportunistic: buys little or seldom, and is profitable")),
    ("marginal", word!("Marginal: buys little or seldom, and loses money")),
    (DRAIN, word!("Service drain: buys much and regularly, and loses money")),
];
const STEPS: [Shown; 7] = [
    ("Tier", c::TIER, Word),
    ("Can reach", "next_tier", Word),
    ("Lacks", "lacks", Amount),
    ("of its revenue", "growth_share", Share),
    ("Could also buy", "potential_left", Amount),
    ("Brings at most", "extra_margin", Amount),
    ("One step up brings", "extra_profit", Amount),
];
/// Number of customers listed.
const FEW: usize = 15;

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_window(contract::model("customer_stratum"))?;
    if rows.is_empty() {
        return Ok(None);
    }
    let (format, of) = (&page.format, |stratum: &'static str| rows.of("stratum", stratum));
    let drains = of(DRAIN);
    let finding = several!(
        format,
        i64::try_from(drains.len()).unwrap_or(i64::MAX),
        "{n} customer buys much and regularly, and loses {loss}; the core earns {core}",
        "{n} customers buy much and regularly, and lose {loss}; the core earns {core}",
        loss = format.sum(-sum(drains.iter().copied(), c::NET_PROFIT)),
        core = format.sum(sum(of("core").into_iter(), c::NET_PROFIT))
    );
    let line = |(stratum, words): (&'static str, &'static str)| {
        let rows = of(stratum);
        let total = |column| Cell::amount(format, sum(rows.iter().copied(), column));
        let count = Cell::count(format, i64::try_from(rows.len()).unwrap_or(i64::MAX));
        vec![
            Cell::text(format.say(words)),
            count,
            total(c::INVOICE_REVENUE),
            total(c::GROSS_MARGIN),
            total(c::COST_TO_SERVE),
            total(c::NET_PROFIT),
        ]
    };
    let heads = ["Kind", "Customers", "Revenue", "Gross margin", "Cost-to-serve", "Net profit"];
    let kinds = Table::new(
        "Much: at least as much as half of the customers. Regularly: in at least half of the months.",
        heads,
        STRATA.map(line).to_vec(),
    );
    let reasons = reasons(page)?;
    let worst: Vec<Row<'_>> = largest(drains, |row| -row.units(c::NET_PROFIT)).into_iter().take(FEW).collect();
    let line = |row: &Row<'_>| {
        let id = row.text(c::CUSTOMER_ID);
        let words = |place: &usize| MEASURES.get(*place).map(|(_, words)| format.say(words));
        let why = reasons.get(id).map(|places| places.iter().filter_map(words).collect::<Vec<_>>().join(", "));
        let amount = |column| Cell::amount(format, row.units(column));
        vec![
            page.customer(id),
            Cell::text(format.say(row.text(c::TIER))),
            amount(c::INVOICE_REVENUE),
            amount(c::NET_PROFIT),
            Cell::text(why.unwrap_or_else(|| "–".to_owned())),
        ]
    };
    let table = Table::new(
        "Service drains that lose most, with what makes them expensive to serve: where they are in the costliest quarter of their peers.",
        ["Customer", "Tier", "Revenue", "Net profit", "Expensive because of"],
        worst.iter().map(line).collect(),
    );
    Ok(Some(Section {
        id: "strata",
        name: "Core and drain".into(),
        finding,
        reading: "What a customer buys shows how important it is; its profit shows whether it is served in the right way. Talk to service drains first: they are large enough for an improvement to pay off.".into(),
        parts: std::iter::once(kinds).chain((!worst.is_empty()).then_some(table)).map(Part::table).collect(),
    }))
}

/// By customer, the indexes of the measures in which it is in the costliest quarter of its peers.
pub(super) fn reasons(page: &Page<'_>) -> Result<BTreeMap<String, Vec<usize>>, PublishError> {
    let mut reasons: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for row in page.of_window(contract::model("serve_benchmark"))?.iter().filter(|row| row.units("quarter") == 4) {
        let place = MEASURES.iter().position(|(measure, _)| *measure == row.text("measure"));
        reasons.entry(row.text(c::CUSTOMER_ID).to_owned()).or_default().extend(place);
    }
    Ok(reasons)
}

pub(super) fn steps_up(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_window(contract::model("customer_step_up"))?;
    if rows.is_empty() {
        return Ok(None);
    }
    let format = &page.format;
    let number = i64::try_from(rows.iter().count()).unwrap_or(i64::MAX);
    let mut finding = several!(format, number, "{n} customer can move up a tier", "{n} customers can move up a tier");
    if page.knows_cost && page.knows_margin {
        finding += &say!(
            format,
            ": {low} to {high} a year, if all did",
            low = format.sum(rows.sum("extra_profit")),
            high = format.sum(rows.sum("extra_margin"))
        );
    }
    let most: Vec<Row<'_>> = largest(rows.iter(), |row| row.units("extra_profit")).into_iter().take(LISTED).collect();
    let name = |row: Row<'_>| page.customer(row.text(c::CUSTOMER_ID));
    Ok(Some(Section {
        id: "steps-up",
        name: "Who can move up".into(),
        finding,
        reading: if page.knows_cost && page.knows_margin {
            "Each customer has a goal: the revenue that it lacks for the next tier. The list has customers that could buy that much, or lack a tenth at most, and don't lose money. The effect is between their net profit, if all cost grows along, and their margin."
        } else {
            "Each customer has a goal: the revenue that it lacks for the next tier. The list has customers that could buy that much, or lack a tenth at most."
        }.into(),
        parts: vec![Part::table(Table::of(format, "Largest effect first.", "Customer", &most, name, &STEPS).first(FEW))],
    }))
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{cells, finding, m, n, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn drains_are_named_with_what_makes_them_dear() {
        let customer = |id, stratum, profit| {
            vec![(c::CUSTOMER_ID, t(id)), (c::TIER, t("Large")), ("stratum", t(stratum)), (c::NET_PROFIT, m(profit))]
        };
        let measure = |name, quarter| vec![(c::CUSTOMER_ID, t("A")), ("measure", t(name)), ("quarter", n(quarter))];
        let html = with(vec![
            (contract::model("customer_stratum"), vec![customer("A", "service drain", -30), customer("B", "core", 90)]),
            (contract::model("serve_benchmark"), vec![measure("days_outstanding", 4), measure("value_per_line", 3)]),
        ]);
        assert_eq!(
            finding(&html, "strata"),
            "1 customer buys much and regularly, and loses EUR 30; the core earns EUR 90"
        );
        assert!(cells(&html, "strata", "A").ends_with("−30 | pays late"), "{}", cells(&html, "strata", "A"));
    }

    #[test]
    fn who_can_move_up_stands_with_its_goal() {
        let step = vec![
            (c::CUSTOMER_ID, t("A")),
            (c::TIER, t("Small")),
            ("next_tier", t("Medium")),
            ("lacks", m(80)),
            ("extra_margin", m(20)),
            ("extra_profit", m(8)),
        ];
        let html = with(vec![(contract::model("customer_step_up"), vec![step])]);
        assert_eq!(finding(&html, "steps-up"), "1 customer can move up a tier: EUR 8 to EUR 20 a year, if all did");
        assert!(cells(&html, "steps-up", "A").starts_with("Small | Medium | 80"), "{}", cells(&html, "steps-up", "A"));
    }
}
