//! Product group × market: what is sold in each, and what it earns.

use std::collections::BTreeMap;

use netto_model::{column as c, contract};

use super::format::Format;
use super::language::{Text, say};
use super::marts::{Row, Rows, largest, sum};
use super::page::Page;
use super::section::{Cell, Part, Section, Table};
use crate::PublishError;

/// The maximum number of product groups and markets shown: a table of all pairs would be too large.
const SHOWN: (usize, usize) = (60, 30);

/// The figure by which a product group is judged: it leaves out visits, which depend on the customer and not on the goods.
const PROFIT: &str = c::NET_BEFORE_CUSTOMER_COST;

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_window(contract::model("market"))?;
    if rows.iter().all(|row| row.text(c::MARKET).is_empty() && row.text(c::PRODUCT_GROUP).is_empty()) {
        return Ok(None);
    }
    Ok(Some(Section {
        id: "markets",
        name: "Markets".into(),
        finding: finding(page, &rows),
        reading: if page.knows_cost { "Each cell shows the profit of a product group in a market before customer cost that doesn't depend on purchases, such as visits, and below it the share of the market's customers that buy from it. Orange loses money; a pale cell with few buyers has room to grow." } else { "Each cell shows the gross margin of a product group in a market, and below it the share of the market's customers that buy from it. A pale cell with few buyers has room to grow." }.into(),
        parts: vec![Part::table(heat_map(page, &rows))],
    }))
}

fn name(format: &Format, market: &str) -> String {
    if market.is_empty() { say!(format, "no market") } else { market.to_owned() }
}

fn group(format: &Format, row: Row<'_>) -> String {
    let group = row.text(c::PRODUCT_GROUP);
    if group.is_empty() { say!(format, "no product group") } else { group.to_owned() }
}

fn finding(page: &Page<'_>, rows: &Rows) -> String {
    let format = &page.format;
    let sold: Vec<Row<'_>> = rows.iter().filter(|row| !row.text(c::PRODUCT_GROUP).is_empty()).collect();
    let ranked = largest(sold.iter().copied(), |row| row.units(PROFIT));
    let losing: Vec<Row<'_>> = sold.iter().copied().filter(|row| row.units(PROFIT) < 0).collect();
    let best = ranked.first().map_or(String::new(), |row| {
        let (group, market) = (group(format, *row), name(format, row.text(c::MARKET)));
        let amount = format.sum(row.units(PROFIT));
        if page.knows_cost {
            say!(format, "{group} in {market} earns most, {amount}", group = group, market = market, amount = amount)
        } else {
            say!(
                format,
                "{group} in {market} leaves the largest margin, {amount}",
                group = group,
                market = market,
                amount = amount
            )
        }
    });
    let number = |rows: &[Row<'_>]| format.grouped(i64::try_from(rows.len()).unwrap_or(i64::MAX));
    let lost = format.sum(-sum(losing.iter().copied(), PROFIT));
    if losing.is_empty() {
        return best;
    }
    let (n, all) = (number(&losing), number(&sold));
    best + &say!(format, "; {n} of {all} combinations lose {amount}", n = n, all = all, amount = lost)
}

fn heat_map(page: &Page<'_>, rows: &Rows) -> Table {
    let format = &page.format;
    let found: BTreeMap<(&str, &str), Row<'_>> =
        rows.iter().map(|row| ((row.text(c::PRODUCT_GROUP), row.text(c::MARKET)), row)).collect();
    let by_revenue = |column: &'static str| {
        let mut totals: BTreeMap<&str, i64> = BTreeMap::new();
        for row in rows.iter() {
            *totals.entry(row.text(column)).or_default() += row.units(c::INVOICE_REVENUE);
        }
        let mut names: Vec<(&str, i64)> = totals.into_iter().collect();
        names.sort_by_key(|(name, revenue)| (name.is_empty(), std::cmp::Reverse(*revenue), *name));
        names.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    let (mut groups, mut markets) = (by_revenue(c::PRODUCT_GROUP), by_revenue(c::MARKET));
    let caption = if groups.len() > SHOWN.0 || markets.len() > SHOWN.1 {
        "The largest product groups and markets; `All` is of all of them."
    } else {
        ""
    };
    groups.truncate(SHOWN.0);
    markets.truncate(SHOWN.1);
    let most = rows.iter().map(|row| row.units(PROFIT).saturating_abs()).max().unwrap_or_default();
    let cell = |group: &str, market: &str| {
        found.get(&(group, market)).map_or_else(Cell::none, |row| {
            let profit = row.units(PROFIT);
            let buyers = row
                .share(c::PENETRATION)
                .filter(|share| *share > 0.0)
                .map(|share| say!(format, "{share} buy", share = format.percent(Some(share))));
            Cell::new(format.whole(profit)).small(buyers.unwrap_or_default()).heat(profit, most)
        })
    };
    let total = |rows: Vec<Row<'_>>| Cell::amount(format, sum(rows, PROFIT));
    let line = |group: &&str| {
        let shown = if group.is_empty() { say!(format, "no product group, or no order") } else { (*group).to_owned() };
        std::iter::once(Cell::new(shown))
            .chain(markets.iter().map(|market| cell(group, market)))
            .chain([total(rows.of(c::PRODUCT_GROUP, group))])
            .collect()
    };
    let foot: Vec<Cell> = std::iter::once(Cell::new(say!(format, "All")))
        .chain(markets.iter().map(|market| total(rows.of(c::MARKET, market))))
        .chain([total(rows.iter().collect())])
        .collect();
    let heads: Vec<Text> = std::iter::once("Product group".into())
        .chain(markets.iter().map(|market| name(format, market).into()))
        .chain(["All".into()])
        .collect();
    Table::new(caption, heads, groups.iter().map(line).collect()).class("heatmap").foot(foot)
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{cells, f, finding, m, section, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn markets_add_up_to_the_last_line_and_column() {
        let cell = |market, group, revenue, profit, part| {
            vec![
                (c::MARKET, t(market)),
                (c::PRODUCT_GROUP, t(group)),
                (c::INVOICE_REVENUE, m(revenue)),
                (c::NET_BEFORE_CUSTOMER_COST, m(profit)),
                (c::PENETRATION, f(part)),
            ]
        };
        let html = with(vec![(
            contract::model("market"),
            vec![
                cell("Farms", "Pumps", 10, -4, 0.5),
                cell("Building", "Pumps", 90, 30, 0.25),
                cell("Building", "", 0, -6, 0.0),
            ],
        )]);
        assert_eq!(finding(&html, "markets"), "Pumps in Building earns most, EUR 30; 1 of 2 combinations lose EUR 4");
        assert_eq!(cells(&html, "markets", "Pumps"), "30 (25,0 % buy) | −4 (50,0 % buy) | 26");
        assert_eq!(cells(&html, "markets", "All"), "24 | −4 | 20");
        assert!(section(&html, "markets").contains("class=\"heat below\""));
    }
}
