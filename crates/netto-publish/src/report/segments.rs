//! Which customers buy services and assemblies besides goods, and which segments would rather deal with the supplier.

use netto_model::{column as c, contract};

use super::language::{say, several};
use super::marts::{Row, Rows, sum};
use super::page::Page;
use super::section::As::{Amount, Count, Points, Share, Word};
use super::section::{Cell, Part, Section, Shown, Table};
use crate::PublishError;

const SERVICES: [Shown; 6] = [
    ("Kind", "kind", Word),
    ("Customers", c::CUSTOMERS, Count),
    ("Revenue", c::INVOICE_REVENUE, Amount),
    ("Margin %", c::MARGIN_SHARE, Share),
    ("Cost-to-serve", c::COST_TO_SERVE, Amount),
    ("Net profit", c::NET_PROFIT, Amount),
];
const DIRECT: [Shown; 7] = [
    ("Customers", c::CUSTOMERS, Count),
    ("Revenue", c::INVOICE_REVENUE, Amount),
    ("Delivered by suppliers", "direct_share", Share),
    ("points on a year before", "direct_share_change", Points),
    ("of the first supplier", "first_supplier_share", Share),
    ("Ready to go", "ready_customers", Count),
    ("Margin at stake", "ready_margin", Amount),
];

pub(super) fn services(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_window(contract::model("kind_buyer"))?;
    let format = &page.format;
    let of = |level: &'static str| {
        rows.of(c::LEVEL, level)
            .into_iter()
            .filter(|row| ["service", "assembly"].contains(&row.text("kind")))
            .collect::<Vec<Row<'_>>>()
    };
    let (tiers, markets) = (in_order_of_tiers(of("tier")), of("market"));
    if tiers.is_empty() {
        return Ok(None);
    }
    let mut finding = say!(
        format,
        "Services and assemblies bring {revenue} of revenue",
        revenue = format.sum(sum(tiers.iter().copied(), c::INVOICE_REVENUE))
    );
    if page.knows_cost && page.knows_margin {
        finding += &say!(
            format,
            " and {profit} of net profit",
            profit = format.sum(sum(tiers.iter().copied(), c::NET_PROFIT))
        );
    }
    let name = |row: Row<'_>| Cell::new(format.say(row.text(c::KEY)));
    Ok(Some(Section {
        id: "services",
        name: "Services".into(),
        finding,
        reading: if page.knows_cost {
            "Customers that buy services and assemblies beside goods. It is better to price services that few use and that lose money separately than to give them to everyone."
        } else {
            "Customers that buy services and assemblies beside goods."
        }
        .into(),
        parts: vec![
            Part::table(Table::of(format, "By tier.", "Tier", &tiers, name, &SERVICES)),
            Part::table(Table::of(format, "By market.", "Market", &markets, name, &SERVICES)),
        ],
    }))
}

/// Top first, as in the pyramid.
fn in_order_of_tiers(mut rows: Vec<Row<'_>>) -> Vec<Row<'_>> {
    rows.sort_by_key(|row| contract::TIERS.iter().position(|tier| *tier == row.text(c::KEY)));
    rows
}

pub(super) fn direct(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows: Rows = page.of_window(contract::model("direct_buyer"))?;
    let (format, markets) = (&page.format, rows.of(c::LEVEL, "market"));
    let tiers = in_order_of_tiers(rows.of(c::LEVEL, "tier"));
    if sum(tiers.iter().copied(), "direct_revenue") == 0 {
        return Ok(None);
    }
    let ready = sum(tiers.iter().copied(), "ready_customers");
    let many = several!(
        format,
        ready,
        "{n} customer is ready to deal with the supplier: {revenue} of revenue",
        "{n} customers are ready to deal with the supplier: {revenue} of revenue",
        revenue = format.sum(sum(tiers.iter().copied(), "ready_revenue"))
    );
    let finding = if ready == 0 { say!(format, "No customer is ready to deal with the supplier") } else { many };
    let name = |row: Row<'_>| Cell::new(format.say(row.text(c::KEY)));
    Ok(Some(Section {
        id: "direct",
        name: "Past us".into(),
        finding,
        reading: "A customer is ready if suppliers deliver half of its revenue and half of it comes from one supplier: only habit keeps it here.".into(),
        parts: vec![
            Part::table(Table::of(format, "By tier.", "Tier", &tiers, name, &DIRECT)),
            Part::table(Table::of(format, "By market.", "Market", &markets, name, &DIRECT)),
        ],
    }))
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{cells, f, finding, m, n, section, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn services_and_who_would_go_to_the_supplier_are_counted_by_tier() {
        let kind = |kind, revenue, profit| {
            vec![
                (c::LEVEL, t("tier")),
                (c::KEY, t("Large")),
                ("kind", t(kind)),
                (c::INVOICE_REVENUE, m(revenue)),
                (c::NET_PROFIT, m(profit)),
            ]
        };
        let direct = vec![
            (c::LEVEL, t("tier")),
            (c::KEY, t("Large")),
            ("direct_revenue", m(9)),
            ("direct_share_change", f(-0.018)),
            ("ready_customers", n(1)),
            ("ready_revenue", m(7)),
        ];
        let top = vec![(c::LEVEL, t("tier")), (c::KEY, t("Top"))];
        let html = with(vec![
            (contract::model("kind_buyer"), vec![kind("goods", 900, 90), kind("service", 30, -4)]),
            (contract::model("direct_buyer"), vec![direct, top]),
        ]);
        let place = |tier: &str| section(&html, "direct").find(&format!(">{tier}<"));
        assert!(place("Top") < place("Large"), "in the order of the pyramid, not of the alphabet");
        assert_eq!(
            finding(&html, "services"),
            "Services and assemblies bring EUR 30 of revenue and EUR −4 of net profit"
        );
        assert!(section(&html, "direct").contains("points on a year before"));
        assert!(cells(&html, "direct", "Large").contains("| −1,8 |"), "a difference of shares is no share");
        assert_eq!(finding(&html, "direct"), "1 customer is ready to deal with the supplier: EUR 7 of revenue");
    }
}
