//! Which stock earns its keep: product group × customer group.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use netto_model::{column as c, contract};

use super::format::Format;
use super::language::{Text, say, several};
use super::marts::{Row, Rows, largest, sum};
use super::page::Page;
use super::section::As::{Amount, Decimal};
use super::section::{Cell, Part, Section, Shown, Table};
use crate::PublishError;

const COLUMNS: [Shown; 8] = [
    ("Stock", c::AVERAGE_STOCK, Amount),
    ("Reserved", c::RESERVED_STOCK, Amount),
    ("Turns", c::TURNS, Decimal),
    ("Days", c::DAYS, Decimal),
    ("Product margin", c::GROSS_MARGIN, Amount),
    ("Orders take", c::ORDER_LEVEL_COST, Amount),
    ("Holding it costs", c::HOLDING_COST, Amount),
    ("Left", c::NET_OF_HOLDING, Amount),
];

const TURNOVER: [Shown; 7] = [
    ("Stock", c::AVERAGE_STOCK, Amount),
    ("Turns", c::TURNS, Decimal),
    ("Days", c::DAYS, Decimal),
    ("Product margin", c::GROSS_MARGIN, Amount),
    ("GMROI", c::GMROI, Decimal),
    ("Holding it costs", c::HOLDING_COST, Amount),
    ("Left", c::NET_OF_HOLDING, Amount),
];

/// The maximum number of product groups and customer groups shown: a table of all pairs would be too large.
const SHOWN: (usize, usize) = (60, 30);

/// Number of worst ones listed.
const FEW: usize = 10;

/// Stock without any customer.
const NOT_SOLD: &str = "(not sold)";

/// The product group × tier whose margin doesn't pay for holding the stock, the worst first. If handling the orders uses up the margin, or goods are sold below
/// cost, the stock isn't to blame.
pub(super) fn failing(rows: &Rows) -> Vec<Row<'_>> {
    let of_tiers = rows.of(c::LEVEL, "tier").into_iter();
    let failing = of_tiers.filter(|row| ["stock", "not sold"].contains(&row.text(c::VERDICT)));
    largest(failing, |row| -row.units(c::NET_OF_HOLDING))
}

/// Tools with Small customers.
pub(super) fn whose(format: &Format, row: Row<'_>) -> String {
    let group = group(format, row.text(c::PRODUCT_GROUP));
    match row.text(c::KEY) {
        NOT_SOLD => say!(format, "{group}, not sold", group = group),
        key => say!(format, "{group} for {customers}", group = group, customers = format.say(key)),
    }
}

fn group(format: &Format, name: &str) -> String {
    if name.is_empty() { say!(format, "no product group") } else { name.to_owned() }
}

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_window(contract::model("stock_customer_group"))?;
    let of_groups = page.of_window(contract::model("stock_turnover"))?;
    let groups = largest(of_groups.of(c::LEVEL, "product_group"), |row| row.units(c::AVERAGE_STOCK));
    let tiers = rows.of(c::LEVEL, "tier");
    if tiers.is_empty() && groups.is_empty() {
        return Ok(None);
    }
    let format = &page.format;
    let mut parts = Vec::new();
    if !tiers.is_empty() {
        parts.push(Part::table(heat_map(page, &tiers, "tier")));
        let worst: Vec<Row<'_>> = failing(&rows).into_iter().take(FEW).collect();
        if !worst.is_empty() {
            let caption = "The stock that is farthest from paying for itself.";
            parts.push(Part::table(Table::of(
                format,
                caption,
                "Product group",
                &worst,
                |row| Cell::new(whose(format, row)),
                &COLUMNS,
            )));
        }
        let markets = rows.of(c::LEVEL, "market");
        if markets.iter().any(|row| !row.text(c::KEY).is_empty()) {
            parts.push(Part::details("By market", heat_map(page, &markets, "market")));
        }
    }
    if !groups.is_empty() {
        let name = |row: Row<'_>| Cell::new(group(format, row.text(c::KEY)));
        let table = Table::of(
            format,
            "Stock by product group; turns, days and GMROI per year.",
            "Product group",
            &groups,
            name,
            &TURNOVER,
        );
        parts.push(Part::details("Turnover by product group", table));
    }
    Ok(Some(Section {
        id: "stock",
        name: "Stock".into(),
        finding: finding(page, &rows, &groups),
        reading: "The stock of each product is divided over the customers that bought it from stock. What is left is product margin less the cost of the orders and of holding the stock. Where the orders use up the margin, less stock would not help.".into(),
        parts,
    }))
}

fn finding(page: &Page<'_>, rows: &Rows, groups: &[Row<'_>]) -> String {
    let format = &page.format;
    let failing = failing(rows);
    let judged = rows
        .of(c::LEVEL, "tier")
        .iter()
        .filter(|row| row.maybe_flag(c::EARNS_ITS_KEEP).is_some() && row.units(c::AVERAGE_STOCK) > 0)
        .count();
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    if judged == 0 {
        let stock = if groups.is_empty() {
            sum(rows.of(c::LEVEL, "tier"), c::AVERAGE_STOCK)
        } else {
            sum(groups.iter().copied(), c::AVERAGE_STOCK)
        };
        return say!(format, "{amount} of stock; its holding cost is not configured", amount = format.sum(stock));
    }
    match failing.first() {
        None => several!(
            format,
            number(judged),
            "The stock of the only product group × tier pays for itself",
            "The stock of all {n} product group × tier pays for itself"
        ),
        Some(worst) => say!(
            format,
            "{n} of {all} stocks don't pay for themselves: {amount} of goods; the worst is {worst}",
            n = format.grouped(number(failing.len())),
            all = format.grouped(number(judged)),
            amount = format.sum(sum(failing.iter().copied(), c::AVERAGE_STOCK)),
            worst = whose(format, *worst)
        ),
    }
}

/// Product groups in rows, customer groups in columns: the net profit left after holding the stock.
fn heat_map(page: &Page<'_>, rows: &[Row<'_>], level: &str) -> Table {
    let format = &page.format;
    let found: BTreeMap<(&str, &str), Row<'_>> =
        rows.iter().map(|row| ((row.text(c::PRODUCT_GROUP), row.text(c::KEY)), *row)).collect();
    let left = |row: &Row<'_>| {
        row.maybe(c::NET_OF_HOLDING).unwrap_or_else(|| row.units(c::GROSS_MARGIN) - row.units(c::ORDER_LEVEL_COST))
    };
    let most = rows.iter().map(|row| left(row).saturating_abs()).max().unwrap_or_default();
    let most_stock = |column: &'static str| {
        let mut totals: BTreeMap<&str, i64> = BTreeMap::new();
        for row in rows {
            *totals.entry(row.text(column)).or_default() += row.units(c::AVERAGE_STOCK);
        }
        let mut names: Vec<(&str, i64)> = totals.into_iter().collect();
        names.sort_by_key(|(name, stock)| (Reverse(*stock), *name));
        names
    };
    let place = |key: &str| contract::TIERS.iter().position(|tier| *tier == key).unwrap_or(usize::MAX);
    let mut keys: Vec<&str> = most_stock(c::KEY).into_iter().map(|(key, _)| key).take(SHOWN.1).collect();
    keys.sort_by_key(|key| (*key == NOT_SOLD, key.is_empty(), if level == "tier" { place(key) } else { 0 }, *key));
    let held: Vec<(&str, i64)> = most_stock(c::PRODUCT_GROUP).into_iter().filter(|(_, stock)| *stock > 0).collect();
    let mut groups: Vec<&str> = held.into_iter().map(|(group, _)| group).take(SHOWN.0).collect();
    groups.sort_unstable();
    let cell = |group: &str, key: &str| {
        found.get(&(group, key)).map_or_else(Cell::none, |row| {
            Cell::new(format.whole(left(row)))
                .small(say!(format, "stock {amount}", amount = format.whole(row.units(c::AVERAGE_STOCK))))
                .heat(left(row), most)
        })
    };
    let line = |name: &&str| {
        std::iter::once(Cell::new(group(format, name))).chain(keys.iter().map(|key| cell(name, key))).collect()
    };
    let named = |key: &&str| match *key {
        NOT_SOLD => say!(format, "not sold"),
        "" => say!(format, "not known"),
        tier if level == "tier" => format.say(tier),
        market => market.to_owned(),
    };
    let heads: Vec<Text> =
        std::iter::once("Product group".into()).chain(keys.iter().map(named).map(Text::from)).collect();
    Table::new(
        "The amount left after the cost of holding the stock, and below it the stock.",
        heads,
        groups.iter().map(line).collect(),
    )
    .class("heatmap")
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{b, cells, finding, line, m, t, with};
    use netto_model::{column as c, contract};
    use polars::prelude::AnyValue;

    #[test]
    fn stock_that_does_not_cover_its_holding_cost_is_counted_and_the_worst_named() {
        let stock = |group, tier, stock, left: i64, verdict: &'static str| {
            vec![
                (c::PRODUCT_GROUP, t(group)),
                (c::LEVEL, t("tier")),
                (c::KEY, t(tier)),
                (c::AVERAGE_STOCK, m(stock)),
                (c::NET_OF_HOLDING, m(left)),
                (c::EARNS_ITS_KEEP, if verdict.is_empty() { AnyValue::Null } else { b(verdict == "earns") }),
                (c::VERDICT, if verdict.is_empty() { AnyValue::Null } else { t(verdict) }),
            ]
        };
        let all = vec![
            stock("Pumps", "Top", 300, 50, "earns"),
            stock("Pumps", "Small", 100, -20, "stock"),
            stock("Pumps", "(not sold)", 40, -60, "not sold"),
            stock("Pumps", "Medium", 60, -90, "order handling"),
            stock("Services", "Small", 0, -5, ""),
        ];
        let html = with(vec![(contract::model("stock_customer_group"), all)]);
        assert_eq!(
            finding(&html, "stock"),
            "2 of 4 stocks don't pay for themselves: EUR 140 of goods; the worst is Pumps, not sold"
        );
        assert!(line(&html, "pay for itself?").contains("28,0 % of the stock, EUR 140, in 2 product groups × customer groups: most of all Pumps, not sold (−60), Pumps for Small (−20)."));
        assert!(
            cells(&html, "stock", "Pumps")
                .starts_with("50 (stock 300) | −90 (stock 60) | −20 (stock 100) | −60 (stock 40)")
        );
        assert!(cells(&html, "stock", "Services").is_empty(), "there is nothing in stock");
        let html = with(vec![(contract::model("stock_customer_group"), vec![stock("Pumps", "Top", 300, 50, "")])]);
        assert_eq!(finding(&html, "stock"), "EUR 300 of stock; its holding cost is not configured");
        assert!(!html.contains("pay for itself?"));
    }
}
