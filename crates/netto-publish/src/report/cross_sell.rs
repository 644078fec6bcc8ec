//! Product groups that a customer's peers buy and the customer doesn't.

use netto_model::{column as c, contract};

use super::language::several;
use super::marts::{Row, largest};
use super::page::Page;
use super::section::As::{Amount, Peers, Share, Text};
use super::section::{LISTED, Part, Section, Shown, Table};
use crate::PublishError;

const COLUMNS: [Shown; 6] = [
    ("Could buy", c::PRODUCT_GROUP, Text),
    ("Peers", c::PEER_GROUP, Peers),
    ("of whom buy it", c::PEER_SHARE, Share),
    ("Revenue", c::EXPECTED_REVENUE, Amount),
    ("Margin", c::EXPECTED_MARGIN, Amount),
    ("Net profit", c::EXPECTED_PROFIT, Amount),
];

/// Number of opportunities listed; a customer's own are on its page.
const FEW: usize = 20;

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_window(contract::model("cross_sell"))?;
    if rows.is_empty() {
        return Ok(None);
    }
    let format = &page.format;
    let mut customers: Vec<&str> = rows.iter().map(|row| row.text(c::CUSTOMER_ID)).collect();
    customers.sort_unstable();
    customers.dedup();
    let best: Vec<Row<'_>> = largest(rows.iter(), |row| -row.units(c::PLACE)).into_iter().take(LISTED).collect();
    let table = Table::of(
        format,
        "The best chances.",
        "Customer",
        &best,
        |row| page.customer(row.text(c::CUSTOMER_ID)),
        &COLUMNS,
    )
    .first(FEW);
    Ok(Some(Section {
        id: "cross-sell",
        name: "Cross-sell".into(),
        finding: several!(
            format,
            i64::try_from(customers.len()).unwrap_or(i64::MAX),
            "{n} customer lacks a product group that most of its peers buy: {amount} of net profit",
            "{n} customers lack a product group that most of their peers buy: {amount} of net profit",
            amount = format.sum(rows.sum(c::EXPECTED_PROFIT))
        ),
        reading: "Peers are customers of about the same size. Expected is what the median buyer among them brings at this customer's size, times the share of them that buys, at full cost. Customers that lose money come last.".into(),
        parts: vec![Part::table(table)],
    }))
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{finding, m, n, section, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn the_best_chance_comes_first_and_a_customer_counts_once() {
        let chance = |id, group, margin| {
            vec![
                (c::CUSTOMER_ID, t(id)),
                (c::PRODUCT_GROUP, t(group)),
                (c::PEER_GROUP, t("Farms, 8,000 to 16,000")),
                (c::EXPECTED_PROFIT, m(margin)),
                (c::PLACE, n(10 - margin)),
            ]
        };
        let html = with(vec![(
            contract::model("cross_sell"),
            vec![chance("A", "Pumps", 5), chance("A", "Pipes", 9), chance("B\"1", "Pumps", 7)],
        )]);
        assert_eq!(
            finding(&html, "cross-sell"),
            "2 customers lack a product group that most of their peers buy: EUR 21 of net profit"
        );
        let section = section(&html, "cross-sell");
        assert!(section.find("Pipes").unwrap() < section.find("B&quot;1").unwrap());
    }
}
