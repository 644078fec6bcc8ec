//! Attention: which customers get more or less of it than revenue and potential justify.

use netto_model::{column as c, contract};

use super::language::{say, several};
use super::marts::{Row, largest, sum};
use super::page::Page;
use super::section::As::{Amount, Decimal, Hours, Share, Word};
use super::section::{LISTED, Part, Section, Shown, Table};
use crate::PublishError;

const COLUMNS: [Shown; 10] = [
    ("Tier", c::TIER, Word),
    ("Hours", c::MINUTES, Hours),
    ("of all", c::MINUTES_SHARE, Share),
    ("Cost-to-serve", c::COST_TO_SERVE, Amount),
    ("Revenue", c::INVOICE_REVENUE, Amount),
    ("of all", c::REVENUE_SHARE, Share),
    ("Potential", c::POTENTIAL, Amount),
    ("Share of wallet", c::SHARE_OF_WALLET, Share),
    ("Index", c::ATTENTION_INDEX, Decimal),
    ("Of its size", c::PEER_ATTENTION_INDEX, Decimal),
];

/// Number of customers listed of each kind.
const FEW: usize = 10;

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_window(contract::model("attention"))?;
    if rows.is_empty() {
        return Ok(None);
    }
    let format = &page.format;
    let over = rows.of(c::ATTENTION_STATUS, "over-served");
    let under = rows.of(c::ATTENTION_STATUS, "under-served");
    let shares = |rows: &[Row<'_>], column| {
        let share: f64 = rows.iter().filter_map(|row| row.share(column)).sum();
        format.percent(Some(share))
    };
    // If nothing is measured by the clock, attention is measured by its cost.
    let timed = rows.iter().any(|row| row.share(c::MINUTES_SHARE).is_some());
    let of_attention = if timed { c::MINUTES_SHARE } else { c::COST_SHARE };
    let list = |caption: &'static str, rows: Vec<Row<'_>>| {
        let few: Vec<Row<'_>> = rows.into_iter().take(LISTED).collect();
        let table =
            Table::of(format, caption, "Customer", &few, |row| page.customer(row.text(c::CUSTOMER_ID)), &COLUMNS);
        (!few.is_empty()).then(|| Part::table(table.first(FEW)))
    };
    let value = |row: Row<'_>| row.units(c::INVOICE_REVENUE).max(row.units(c::POTENTIAL));
    let lists = [
        list(
            "Over-served, those who cost most first.",
            largest(over.iter().copied(), |row| row.units(c::COST_TO_SERVE)),
        ),
        list("Under-served, those with the largest revenue or potential first.", largest(under.iter().copied(), value)),
    ];
    let mut finding = several!(
        format,
        count(&over),
        "{n} over-served customer gets {attention} of the attention for {revenue} of revenue",
        "{n} over-served customers get {attention} of the attention for {revenue} of revenue",
        attention = shares(&over, of_attention),
        revenue = shares(&over, c::REVENUE_SHARE)
    );
    if !under.is_empty() {
        finding += &several!(format, count(&under), "; {n} customer gets too little", "; {n} customers get too little");
    }
    Ok(Some(Section {
        id: "attention",
        name: "Attention".into(),
        finding,
        reading: say!(
            format,
            "The index is a customer's share of minutes and cost ÷ its share of revenue or potential, whichever is larger. Small customers have a higher index, because an order takes the same work whatever its value, so each customer is compared with customers of its size. Serving the over-served customers costs {amount}.",
            amount = format.sum(sum(over.iter().copied(), c::COST_TO_SERVE))
        )
        .into(),
        parts: lists.into_iter().flatten().collect(),
    }))
}

fn count(rows: &[Row<'_>]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{f, finding, m, section, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn the_over_served_are_listed_by_cost_and_the_under_served_by_what_they_could_buy() {
        let customer = |id, status, cost, potential, share| {
            vec![
                (c::CUSTOMER_ID, t(id)),
                (c::ATTENTION_STATUS, t(status)),
                (c::COST_TO_SERVE, m(cost)),
                (c::POTENTIAL, m(potential)),
                (c::MINUTES_SHARE, f(share)),
                (c::REVENUE_SHARE, f(share / 4.0)),
            ]
        };
        let html = with(vec![(
            contract::model("attention"),
            vec![
                customer("A", "over-served", 10, 0, 0.2),
                customer("B", "over-served", 90, 0, 0.2),
                customer("C", "in balance", 1, 1, 0.4),
                customer("D", "under-served", 1, 500, 0.0),
            ],
        )]);
        assert_eq!(
            finding(&html, "attention"),
            "2 over-served customers get 40,0 % of the attention for 10,0 % of revenue; 1 customer gets too little"
        );
        let section = section(&html, "attention");
        assert!(
            section.find(">B<").unwrap() < section.find(">A<").unwrap()
                && !section.contains(">C<")
                && section.contains(">D<")
        );
        assert!(section.contains("Serving the over-served customers costs EUR\u{a0}100."));
    }
}
