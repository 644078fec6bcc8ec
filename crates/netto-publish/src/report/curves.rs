//! Whale curves of products, product groups, suppliers, reps and branches: what they earn before the cost of customers, best first.

use netto_model::{column as c, contract};

use super::chart::{Chart, Line, Rule};
use super::language::{Written as _, say, several};
use super::marts::{Row, height};
use super::page::Page;
use super::section::As::{Amount, Share};
use super::section::{Cell, Part, Section, Shown, Table};
use super::whale;
use crate::PublishError;

/// The subjects that are ranked, with the titles of their lists.
const LEVELS: [(&str, &str, &str); 5] = [
    ("product", "Product", "Products: the ten that earn most, and the ten that lose most"),
    ("product_group", "Product group", "Product groups: the ten that earn most, and the ten that lose most"),
    ("supplier", "Supplier", "Suppliers: the ten that earn most, and the ten that lose most"),
    ("employee", "Employee", "Who takes the orders: the ten whose orders earn most, and the ten whose earn least"),
    ("warehouse", "Branch", "Branches: the ten that earn most, and the ten that lose most"),
];

const COLUMNS: [Shown; 9] = [
    ("Revenue", c::INVOICE_REVENUE, Amount),
    ("Margin", c::GROSS_MARGIN, Amount),
    ("Cost-to-serve", c::COST_TO_SERVE, Amount),
    ("Before customer cost", c::NET_BEFORE_CUSTOMER_COST, Amount),
    ("Customer cost", c::CUSTOMER_COST, Amount),
    ("Net profit", c::NET_PROFIT, Amount),
    ("Before", c::PREVIOUS_NET_PROFIT, Amount),
    ("Change", "profit_change", Amount),
    ("Cumulative, of the peak", "cumulative_peak_share", Share),
];

/// Number of best and worst rows listed.
const FEW: usize = 10;

/// The column with the horizontal position of a row.
const SHARE: &str = "cumulative_member_share";

/// Maximum number of points in a chart.
const POINTS: usize = 400;

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_window(contract::model("profit_curve"))?;
    let products = page.marts.rows(&contract::DIM_PRODUCT)?;
    let mut parts = Vec::new();
    let mut finding = None;
    for (level, key, title) in LEVELS {
        let mut ranked = rows.of(c::LEVEL, level);
        ranked.sort_by_key(|row| row.units(c::RANK));
        let named = ranked.iter().filter(|row| !row.text(c::KEY).is_empty()).count();
        if named < 2 {
            continue;
        }
        if finding.is_none() {
            parts.push(Part::figure(chart(page, &ranked), "Orange line: the total."));
            finding = Some(found(page, level, &ranked));
        }
        let name = |row: Row<'_>| match (level, row.text(c::KEY)) {
            (_, "") => Cell::new(say!(page.format, "cost without an order, and orders that name none")),
            ("employee", id) => page.employee(id),
            ("product", id) => {
                let name = products.of(c::PRODUCT_ID, id).first().and_then(|row| row.maybe_text(c::NAME)).unwrap_or(id);
                if name == id { Cell::new(id) } else { Cell::new(name).small(id) }
            }
            (_, id) => Cell::new(id),
        };
        let shown: Vec<Row<'_>> = if ranked.len() > 2 * FEW {
            ranked.iter().take(FEW).chain(ranked.iter().skip(ranked.len() - FEW)).copied().collect()
        } else {
            ranked
        };
        parts.push(Part::details(title, Table::of(&page.format, "", key, &shown, name, &COLUMNS)));
    }
    Ok(finding.map(|finding| Section {
        id: "curves",
        name: "What products and suppliers earn".into(),
        finding,
        reading: "Visits, campaigns and contracts belong to the customer, whatever it buys, so profit is shown before that cost. At full cost each entry also has its part of it, and every list adds up to the net profit of all customers. Best first: the curve rises while entries are profitable, and falls where they lose money."
            .into(),
        parts,
    }))
}

/// The number of rows that lose, and the amount.
fn found(page: &Page<'_>, level: &str, ranked: &[Row<'_>]) -> String {
    let format = &page.format;
    let named: Vec<Row<'_>> = ranked.iter().copied().filter(|row| !row.text(c::KEY).is_empty()).collect();
    let profit = |row: &Row<'_>| row.units(c::NET_BEFORE_CUSTOMER_COST);
    let losing = named.iter().map(profit).filter(|profit| *profit < 0);
    let (count, amount) = losing.fold((0_i64, 0_i64), |(count, sum), profit| (count + 1, sum.saturating_add(profit)));
    let all = format.grouped(i64::try_from(named.len()).unwrap_or(i64::MAX));
    let amount = format.sum(amount.saturating_abs());
    match (level, count) {
        ("product", 0) => say!(format, "Each of the {all} products earns money before customer cost", all = all),
        ("product", _) => several!(
            format,
            count,
            "{n} of {all} products loses money before customer cost: {amount}",
            "{n} of {all} products lose money before customer cost: {amount}",
            all = all,
            amount = amount
        ),
        (_, 0) => say!(format, "Each of them earns money before customer cost"),
        _ => several!(
            format,
            count,
            "{n} of {all} loses money before customer cost: {amount}",
            "{n} of {all} lose money before customer cost: {amount}",
            all = all,
            amount = amount
        ),
    }
}

fn chart(page: &Page<'_>, ranked: &[Row<'_>]) -> String {
    let format = &page.format;
    let points = whale::points(ranked, SHARE, POINTS);
    let total = ranked.last().map_or(0, |row| row.units(c::CUMULATIVE_PROFIT));
    let low = points.iter().map(|point| point.1).fold(0.0, f64::min);
    let high = points.iter().map(|point| point.1).fold(1.0, f64::max);
    let rules = vec![
        Rule { y: 0.0, label: "0".into(), class: "zero" },
        Rule { y: height(total), label: format.on_axis(total, total), class: "total" },
    ];
    let tips =
        whale::tips(format, ranked, SHARE, |n, amount| say!(format, "First {n}: {amount}", n = n, amount = amount));
    let (across, up) = (say!(format, "Best first"), format.axis(say!(format, "Cumulative net profit"), total));
    let title = say!(format, "Cumulative net profit before customer cost, best first");
    let percent = format.language.percent_sign();
    Chart {
        title,
        percent,
        low,
        high,
        rules,
        lines: vec![Line { class: "profit", points }],
        across,
        up,
        tips,
        area: true,
    }
    .svg()
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{cells, f, finding, m, n, section, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn products_that_lose_are_counted_and_named() {
        let member = |level, key, rank, profit, cumulative| {
            vec![
                (c::LEVEL, t(level)),
                (c::KEY, t(key)),
                (c::RANK, n(rank)),
                (c::NET_BEFORE_CUSTOMER_COST, m(profit)),
                (c::NET_PROFIT, m(profit - 100)),
                (c::CUMULATIVE_PROFIT, m(cumulative)),
                ("cumulative_member_share", f(0.5)),
            ]
        };
        let html = with(vec![
            (&contract::DIM_PRODUCT, vec![vec![(c::PRODUCT_ID, t("p2")), (c::NAME, t("Pump"))]]),
            (
                contract::model("profit_curve"),
                vec![
                    member("product", "p1", 1, 30, 30),
                    member("product", "p2", 2, -5, 25),
                    member("product", "", 3, -9, 16),
                    member("warehouse", "North", 1, 16, 16),
                ],
            ),
        ]);
        assert_eq!(finding(&html, "curves"), "1 of 2 products loses money before customer cost: EUR 5");
        assert!(cells(&html, "curves", "Pump").contains("−5"), "{}", section(&html, "curves"));
        assert!(!section(&html, "curves").contains("North"), "one branch is no ranking");
    }
}
