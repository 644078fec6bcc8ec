//! Orders by size: what small and large orders bring and cost.

use std::collections::BTreeMap;

use netto_model::{column as c, contract};

use super::language::{say, several};
use super::marts::{Row, Rows, ratio, sum};
use super::page::Page;
use super::section::As::{Amount, Count, Share};
use super::section::{Cell, Part, Section, Shown, Table};
use super::unknown::Needs;
use crate::PublishError;

/// The columns that are summed over the channels.
const SUMS: [&str; 7] =
    [c::ORDERS, c::LINES, c::INVOICE_REVENUE, c::GROSS_MARGIN, c::COST_TO_SERVE, c::NET_PROFIT, c::LOSS_ORDERS];

/// The figures of a band.
const BANDS: [(&str, &str); 9] = [
    ("Orders", c::ORDERS),
    ("of all", c::ORDER_SHARE),
    ("Lines", c::LINES),
    ("Revenue", c::INVOICE_REVENUE),
    ("Margin", c::GROSS_MARGIN),
    ("Cost-to-serve", c::COST_TO_SERVE),
    ("Net profit", c::NET_PROFIT),
    ("Lose", c::LOSS_ORDER_SHARE),
    ("They lose", c::LOSS_AMOUNT),
];

const CHANNELS: [Shown; 7] = [
    ("Orders", c::ORDERS, Count),
    ("Average order", c::AVERAGE_ORDER, Amount),
    ("Cost per order", c::COST_PER_ORDER, Amount),
    ("Margin %", c::MARGIN_SHARE, Share),
    ("Breaks even from", c::BREAK_EVEN_ORDER, Amount),
    ("Lose", c::LOSS_ORDER_SHARE, Share),
    ("Net profit", c::NET_PROFIT, Amount),
];

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_window(contract::model("order_size"))?;
    if rows.is_empty() {
        return Ok(None);
    }
    let format = &page.format;
    let (orders, losing) = (rows.sum(c::ORDERS), rows.sum(c::LOSS_ORDERS));
    let mut parts = vec![Part::table(bands(page, &rows))];
    parts.extend(super::channels::rest(page, rows.sum(c::NET_PROFIT))?);
    let channels = page.of_window(contract::model("channel"))?;
    if !channels.is_empty() && Needs::Profit.are_met(page) {
        let rows: Vec<Row<'_>> = channels.iter().collect();
        let caption = "The size from which an order covers its own cost, by channel.";
        parts.push(Part::table(Table::of(
            format,
            caption,
            "Channel",
            &rows,
            |row| super::channels::channel(format, row),
            &CHANNELS,
        )));
    }
    Ok(Some(Section {
        id: "order-size",
        name: "Order size".into(),
        finding: if Needs::Profit.are_met(page) {
            say!(
                format,
                "{share} of the orders lose money: {amount} together",
                share = format.percent(ratio(losing, orders)),
                amount = format.sum(rows.sum(c::LOSS_AMOUNT).saturating_abs())
            )
        } else {
            several!(
                format,
                orders,
                "{n} order brings {amount}",
                "{n} orders bring {amount}",
                amount = format.sum(rows.sum(c::INVOICE_REVENUE))
            )
        },
        reading: if Needs::Profit.are_met(page) {
            "Orders by their value; small ones cost nearly as much work as large ones, so the bar of net profit turns orange where an order is too small.".into()
        } else {
            "Orders by their value. Which of them lose money isn't known without cost of goods and cost to serve."
                .into()
        },
        parts,
    }))
}

/// The bands, summed over channels.
fn bands(page: &Page<'_>, rows: &Rows) -> Table {
    let format = &page.format;
    // Amounts that belong to orders of other windows come last.
    let mut bands: BTreeMap<(bool, i64), Vec<Row<'_>>> = BTreeMap::new();
    for row in rows.iter() {
        let band = row.units(c::BAND);
        bands.entry((band == 0, band)).or_default().push(row);
    }
    let orders = rows.sum(c::ORDERS);
    let largest =
        bands.values().map(|band| sum(band.iter().copied(), c::NET_PROFIT).saturating_abs()).max().unwrap_or_default();
    let line = |band: &Vec<Row<'_>>| {
        let [count, lines, revenue, margin, cost, profit, losing] =
            SUMS.map(|column| sum(band.iter().copied(), column));
        vec![
            Cell::new(band.first().map_or_else(String::new, |row| format.phrase(row.text(c::LABEL)))),
            Cell::count(format, count),
            Cell::share(format, ratio(count, orders)),
            Cell::count(format, lines),
            Cell::amount(format, revenue),
            Cell::amount(format, margin),
            Cell::amount(format, cost),
            Cell::amount(format, profit).bar(ratio(profit.saturating_abs(), largest)),
            Cell::share(format, ratio(losing, count)),
            Cell::amount(format, sum(band.iter().copied(), c::LOSS_AMOUNT)),
        ]
    };
    let heads = std::iter::once("Order value").chain(BANDS.map(|(head, _)| head));
    Table::new("What orders of each size bring.", heads, bands.values().map(line).collect())
        .columns(BANDS.map(|(_, column)| column))
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{b, cells, finding, m, n, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn channels_are_added_up_within_a_band() {
        let band = |channel, band, label, orders, losing, profit| {
            vec![
                (c::CHANNEL, t(channel)),
                (c::BAND, n(band)),
                (c::LABEL, t(label)),
                (c::ORDERS, n(orders)),
                (c::LOSS_ORDERS, n(losing)),
                (c::NET_PROFIT, m(profit)),
                (c::LOSS_AMOUNT, m(-losing)),
            ]
        };
        let channel = vec![(c::CHANNEL, t("web")), (c::ELECTRONIC, b(true)), (c::BREAK_EVEN_ORDER, m(284))];
        let html = with(vec![
            (
                contract::model("order_size"),
                vec![
                    band("web", 2, "1,000–2,500", 10, 0, 90),
                    band("web", 1, "0–1,000", 20, 10, -5),
                    band("phone", 1, "0–1,000", 10, 10, -25),
                ],
            ),
            (contract::model("channel"), vec![channel]),
        ]);
        assert_eq!(finding(&html, "order-size"), "50,0 % of the orders lose money: EUR 20 together");
        assert_eq!(cells(&html, "order-size", "0–1.000"), "30 | 75,0 % | 0 | 0 | 0 | 0 | −30 | 66,7 % | −20");
        assert_eq!(cells(&html, "order-size", "web"), "0 | 0 | 0 | 284 | 0");
    }
}
