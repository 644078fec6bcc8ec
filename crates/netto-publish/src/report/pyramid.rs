//! The customer pyramid, in total and by market and region.

use netto_model::{column as c, contract};

use super::chart::{Layer, pyramid as chart};
use super::language::{Text, say, several};
use super::marts::{Row, Rows, ratio, sum};
use super::page::Page;
use super::section::As::{Amount, AmountAnd, Count, HoursAnd, Share};
use super::section::{Cell, Part, Section, Shown, Table};
use super::unknown::Needs;
use crate::PublishError;

const COLUMNS: [Shown; 9] = [
    ("Customers", c::CUSTOMERS, Count),
    ("Revenue", c::INVOICE_REVENUE, AmountAnd(c::REVENUE_SHARE)),
    ("Gross margin", c::GROSS_MARGIN, AmountAnd(c::MARGIN_SHARE)),
    ("Cost-to-serve", c::COST_TO_SERVE, AmountAnd(c::COST_SHARE)),
    ("Net profit", c::NET_PROFIT, AmountAnd(c::PROFIT_SHARE)),
    ("Lose money", c::LOSS_CUSTOMERS, Count),
    ("Hours", c::MINUTES, HoursAnd(c::MINUTES_SHARE)),
    ("Potential", c::POTENTIAL, Amount),
    ("Share of wallet", c::SHARE_OF_WALLET, Share),
];

/// The columns about prospects and the rest of the market.
const OTHERS: [Shown; 3] = [
    ("Number", c::CUSTOMERS, Count),
    ("Potential", c::POTENTIAL, Amount),
    ("Hours", c::MINUTES, HoursAnd(c::MINUTES_SHARE)),
];

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_window(contract::model("pyramid"))?;
    if rows.is_empty() {
        return Ok(None);
    }
    let (unknown, mut tiers): (Vec<Row<'_>>, Vec<Row<'_>>) =
        rows.iter().partition(|row| row.text(c::TIER) == contract::UNKNOWN);
    tiers.sort_by_key(|row| row.units(c::TIER_ORDER));
    let (buying, others): (Vec<Row<'_>>, Vec<Row<'_>>) =
        tiers.iter().partition(|row| contract::CUSTOMER_TIERS.contains(&row.text(c::TIER)));
    let list = |caption: &'static str, rows: &[Row<'_>], columns: &[Shown]| {
        let table = Table::of(
            &page.format,
            caption,
            "Tier",
            rows,
            |row| Cell::new(page.format.say(row.text(c::TIER))),
            columns,
        );
        (!rows.is_empty()).then(|| Part::table(table))
    };
    let losing = tiers.iter().any(|row| loses(page, row));
    let legend = if losing { "Orange: tiers that lose money." } else { "" };
    let mut parts = vec![Part::figure(layers(page, &tiers), legend)];
    parts.extend(list(
        "Tiers by rank, with the share below each amount. Wallet: revenue as a share of what they could buy.",
        &buying,
        &COLUMNS,
    ));
    parts.extend(list("Who doesn't buy yet.", &others, &OTHERS));
    parts.extend(list("Lines with an unknown customer: included in every total, but in no tier.", &unknown, &COLUMNS));
    let groups = page.of_window(contract::model("pyramid_group"))?;
    for level in contract::CUSTOMER_GROUPS {
        let of_level = groups.of(c::LEVEL, level);
        if of_level.iter().any(|row| !row.text(c::KEY).is_empty()) {
            parts.push(Part::details(title(page, level), by_group(page, level, &of_level)));
        }
    }
    Ok(Some(Section {
        id: "pyramid",
        name: "Pyramid".into(),
        finding: finding(page, &rows),
        reading: if Needs::Profit.are_met(page) {
            "Customers by rank: the first are at the tip. A tier is worth its effort if its share of profit is at least its share of the work.".into()
        } else {
            "Customers by rank: the first are at the tip.".into()
        },
        parts,
    }))
}

/// What the first two tiers bring, and what remains of the last one.
fn finding(page: &Page<'_>, rows: &Rows) -> String {
    let format = &page.format;
    let of = |names: &[&str], column: &str| sum(rows.iter().filter(|row| names.contains(&row.text(c::TIER))), column);
    let first = ["Top", "Large"];
    let share = ratio(of(&first, c::INVOICE_REVENUE), rows.sum(c::INVOICE_REVENUE));
    let (small, left) = (of(&["Small"], c::CUSTOMERS), of(&["Small"], c::NET_PROFIT));
    let start = several!(
        format,
        of(&first, c::CUSTOMERS),
        "The first customer, Top and Large, brings {share} of revenue",
        "The first {n} customers, Top and Large, bring {share} of revenue",
        share = format.percent(share)
    );
    match (small, left) {
        _ if !Needs::Profit.are_met(page) => start,
        (0, _) => start,
        (_, ..0) => {
            let (n, amount) = (format.grouped(small), format.sum(-left));
            start + &say!(format, "; {n} small ones together lose {amount}", n = n, amount = amount)
        }
        _ => {
            let (n, amount) = (format.grouped(small), format.sum(left));
            start + &say!(format, "; {n} small ones leave {amount}", n = n, amount = amount)
        }
    }
}

/// Whether a tier is known to lose money.
fn loses(page: &Page<'_>, row: &Row<'_>) -> bool {
    Needs::Profit.are_met(page) && row.units(c::NET_PROFIT) < 0
}

fn layers(page: &Page<'_>, tiers: &[Row<'_>]) -> String {
    let layer = |row: &Row<'_>| {
        let customers = page.format.grouped(row.units(c::CUSTOMERS));
        let label = match row.share(c::REVENUE_SHARE) {
            Some(part) if part > 0.0 => {
                say!(page.format, "{n} · {share} of revenue", n = customers, share = page.format.percent(Some(part)))
            }
            _ => customers,
        };
        Layer { name: page.format.say(row.text(c::TIER)), label, losing: loses(page, row) }
    };
    chart(&say!(page.format, "The customer pyramid"), &tiers.iter().map(layer).collect::<Vec<_>>())
}

fn title(page: &Page<'_>, level: &str) -> String {
    if level == "market" {
        say!(page.format, "The pyramid by market")
    } else {
        say!(page.format, "The pyramid by region")
    }
}

fn without(page: &Page<'_>, level: &str) -> String {
    if level == "market" { say!(page.format, "no market") } else { say!(page.format, "no region") }
}

/// A line per market or region: how many customers it has in each tier, and what they bring.
fn by_group(page: &Page<'_>, level: &str, rows: &[Row<'_>]) -> Table {
    let mut keys: Vec<&str> = rows.iter().map(|row| row.text(c::KEY)).collect();
    keys.sort_unstable();
    keys.dedup();
    let in_group = |key: &str| rows.iter().copied().filter(|row| row.text(c::KEY) == key).collect::<Vec<_>>();
    keys.sort_by_key(|key| std::cmp::Reverse(sum(in_group(key), c::INVOICE_REVENUE)));
    let tiers: Vec<&str> =
        contract::TIERS.iter().copied().filter(|tier| rows.iter().any(|row| row.text(c::TIER) == *tier)).collect();
    let line = |key: &&str| {
        let group = in_group(key);
        let customers = |tier: &&str| {
            let found = sum(group.iter().copied().filter(|row| row.text(c::TIER) == *tier), c::CUSTOMERS);
            if found == 0 { Cell::none() } else { Cell::count(&page.format, found) }
        };
        let money = |column| Cell::amount(&page.format, sum(group.iter().copied(), column));
        let name = if key.is_empty() { without(page, level) } else { (*key).to_owned() };
        std::iter::once(Cell::new(name))
            .chain(tiers.iter().map(customers))
            .chain([c::INVOICE_REVENUE, c::COST_TO_SERVE, c::NET_PROFIT].map(money))
            .collect()
    };
    let first = if level == "market" { "Market" } else { "Region" };
    let heads: Vec<Text> = std::iter::once(first.into())
        .chain(tiers.iter().map(|tier| page.format.say(tier).into()))
        .chain(["Revenue", "Cost-to-serve", "Net profit"].map(Text::from))
        .collect();
    Table::new(
        "Customers by tier; tiers are those of the whole company, so the lines add up to the pyramid.",
        heads,
        keys.iter().map(line).collect(),
    )
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{cells, f, finding, m, n, section, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn tiers_stand_in_their_order_and_who_does_not_buy_yet_apart() {
        let tier = |tier, order, customers, revenue, profit| {
            vec![
                (c::TIER, t(tier)),
                (c::TIER_ORDER, n(order)),
                (c::CUSTOMERS, n(customers)),
                (c::INVOICE_REVENUE, m(revenue)),
                (c::NET_PROFIT, m(profit)),
                (c::REVENUE_SHARE, f(0.5)),
            ]
        };
        let in_market = |market, tier: &'static str, customers| {
            vec![
                (c::LEVEL, t("market")),
                (c::KEY, t(market)),
                (c::TIER, t(tier)),
                (c::CUSTOMERS, n(customers)),
                (c::INVOICE_REVENUE, m(10)),
            ]
        };
        let html = with(vec![
            (
                contract::model("pyramid"),
                vec![tier("Prospect", 6, 7, 0, 0), tier("Small", 4, 80, 1_000, -30), tier("Top", 1, 1, 3_000, 100)],
            ),
            (
                contract::model("pyramid_group"),
                vec![in_market("Building", "Top", 1), in_market("Building", "Small", 50), in_market("", "Small", 30)],
            ),
        ]);
        assert_eq!(
            finding(&html, "pyramid"),
            "The first customer, Top and Large, brings 75,0 % of revenue; 80 small ones together lose EUR 30"
        );
        assert_eq!(cells(&html, "pyramid", "Top"), "1 | 3.000 (50,0 %) | 0 | 0 | 100 | 0 | 0 | 0");
        assert_eq!(cells(&html, "pyramid", "Prospect"), "7 | 0 | 0");
        assert_eq!(cells(&html, "pyramid", "Building"), "1 | 50 | 20 | 0 | 0");
        assert_eq!(cells(&html, "pyramid", "no market"), "– | 30 | 10 | 0 | 0");
        let legend = "Orange: tiers that lose money.";
        assert!(section(&html, "pyramid").contains(legend));
        let html = with(vec![(contract::model("pyramid"), vec![tier("Top", 1, 1, 3_000, 100)])]);
        assert!(!section(&html, "pyramid").contains(legend), "a legend stands where there is something orange");
    }
}
