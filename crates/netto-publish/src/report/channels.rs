//! How orders come in, and what moving them to electronic channels would save.

use netto_model::{column as c, contract};

use super::format::Format;
use super::language::say;
use super::marts::{Row, ratio, sum};
use super::page::Page;
use super::section::As::{Amount, Count, Share};
use super::section::{Cell, Part, Section, Shown, Table};
use super::unknown::Needs;
use crate::PublishError;

const CHANNELS: [Shown; 7] = [
    ("Customers", c::CUSTOMERS, Count),
    ("Orders", c::ORDERS, Count),
    ("of all", c::ORDER_SHARE, Share),
    ("Lines", c::LINES, Count),
    ("Revenue", c::INVOICE_REVENUE, Amount),
    ("Cost-to-serve", c::COST_TO_SERVE, Amount),
    ("Net profit", c::NET_PROFIT, Amount),
];

const TIERS: [Shown; 5] = [
    ("Customers", c::CUSTOMERS, Count),
    ("Orders", c::ORDERS, Count),
    ("Electronic orders", c::ELECTRONIC_SHARE, Share),
    ("Electronic lines", c::ELECTRONIC_LINE_SHARE, Share),
    ("Moving the rest saves", c::CHANNEL_SAVING, Amount),
];

/// A channel by name, and whether it is electronic.
pub(super) fn channel(format: &Format, row: Row<'_>) -> Cell {
    let name = row.text(c::CHANNEL);
    let cell = Cell::new(if name.is_empty() { say!(format, "not known") } else { name.to_owned() });
    if row.flag(c::ELECTRONIC) { cell.small(say!(format, "electronic")) } else { cell }
}

/// The amounts that no row of an orders table has, so that the figures reconcile with the customers' net profit.
pub(super) fn rest(page: &Page<'_>, of_rows: i64) -> Result<Option<Part>, PublishError> {
    let profit = page.of_window(contract::model("window_summary"))?.sum(c::NET_PROFIT);
    let cost = of_rows.saturating_sub(profit);
    Ok((Needs::Profit.are_met(page) && cost > 0).then(|| {
        Part::note(say!(
            page.format,
            "The cost of customers without an order, {cost}, is in no row: with it the rows add up to the net profit of customers, {profit}.",
            cost = page.format.sum(cost),
            profit = page.format.sum(profit)
        ))
    }))
}

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let channels = page.of_window(contract::model("channel"))?;
    if channels.iter().all(|row| row.text(c::CHANNEL).is_empty()) {
        return Ok(None);
    }
    let format = &page.format;
    let rows: Vec<Row<'_>> = channels.iter().collect();
    let tiers = page.of_window(contract::model("channel_tier"))?;
    let of_tiers: Vec<Row<'_>> = contract::TIERS.iter().flat_map(|tier| tiers.of(c::TIER, tier)).collect();
    let electronic = sum(rows.iter().copied().filter(|row| row.flag(c::ELECTRONIC)), c::ORDERS);
    let mut finding = say!(
        format,
        "{share} of the orders come in electronically",
        share = format.percent(ratio(electronic, channels.sum(c::ORDERS)))
    );
    if page.knows_cost && of_tiers.iter().any(|row| row.maybe(c::CHANNEL_SAVING).is_some()) {
        finding +=
            &say!(format, "; moving the others would save {amount}", amount = format.sum(tiers.sum(c::CHANNEL_SAVING)));
    }
    let mut parts = vec![Part::table(Table::of(
        format,
        "What each channel brings.",
        "Channel",
        &rows,
        |row| channel(format, row),
        &CHANNELS,
    ))];
    parts.extend(rest(page, channels.sum(c::NET_PROFIT))?);
    if !of_tiers.is_empty() {
        let caption = "The electronic share by tier. The saving compares the cost per order of each channel with that of electronic ones.";
        parts.push(Part::table(Table::of(
            format,
            caption,
            "Tier",
            &of_tiers,
            |row| Cell::new(format.say(row.text(c::TIER))),
            &TIERS,
        )));
    }
    Ok(Some(Section {
        id: "channels",
        name: "Channels".into(),
        finding,
        reading: "An order that the customer enters only needs a check; the saving is how much less the minutes of the other orders would have cost.".into(),
        parts,
    }))
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{b, finding, m, n, section, t, with};
    use netto_model::{column as c, contract};
    use polars::prelude::AnyValue;

    #[test]
    fn the_electronic_share_and_the_saving_are_those_of_all_tiers() {
        let channel = |name, electronic, orders| {
            vec![(c::CHANNEL, t(name)), (c::ELECTRONIC, b(electronic)), (c::ORDERS, n(orders))]
        };
        let tier = |tier, saving| vec![(c::TIER, t(tier)), (c::CHANNEL_SAVING, saving)];
        let channels = || vec![channel("edi", true, 30), channel("phone", false, 70)];
        let html = with(vec![
            (contract::model("channel"), channels()),
            (contract::model("channel_tier"), vec![tier("Small", m(40)), tier("Top", m(2))]),
        ]);
        assert_eq!(
            finding(&html, "channels"),
            "30,0 % of the orders come in electronically; moving the others would save EUR 42"
        );
        assert!(
            section(&html, "channels").find(">Top<").unwrap() < section(&html, "channels").find(">Small<").unwrap()
        );
        let html = with(vec![
            (contract::model("channel"), channels()),
            (contract::model("channel_tier"), vec![tier("Top", AnyValue::Null)]),
        ]);
        assert_eq!(finding(&html, "channels"), "30,0 % of the orders come in electronically");
        let html = with(vec![(contract::model("channel"), vec![channel("", false, 70)])]);
        assert_eq!(section(&html, "channels"), "", "no channel was supplied");
    }

    #[test]
    fn what_customers_cost_without_an_order_is_named_beside_the_channels_and_the_sizes() {
        let html = |profit| {
            with(vec![
                (contract::model("window_summary"), vec![vec![(c::NET_PROFIT, m(profit))]]),
                (contract::model("channel"), vec![vec![(c::CHANNEL, t("edi")), (c::NET_PROFIT, m(100))]]),
                (contract::model("order_size"), vec![vec![(c::BAND, n(1)), (c::NET_PROFIT, m(100))]]),
            ])
        };
        let rest = "The cost of customers without an order, EUR\u{a0}30, is in no row: with it the rows add up to the net profit of customers, EUR\u{a0}70.";
        for (id, told) in [("channels", html(70)), ("order-size", html(70))] {
            assert!(section(&told, id).contains(rest), "{id}");
        }
        assert!(!section(&html(100), "channels").contains("without an order"), "nothing is left");
    }
}
