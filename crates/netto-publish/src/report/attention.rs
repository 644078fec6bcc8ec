//! Attention: who gets more of it than revenue and potential justify, and who less.

use netto_model::{column as c, contract};

use super::marts::{Row, largest, sum};
use super::page::Page;
use super::section::As::{Amount, Decimal, Hours, Share, Text};
use super::section::{Part, Section, Shown, Table};
use crate::PublishError;

const COLUMNS: [Shown; 9] = [
    ("Tier", c::TIER, Text),
    ("Hours", c::MINUTES, Hours),
    ("of all", c::MINUTES_SHARE, Share),
    ("Cost-to-serve", c::COST_TO_SERVE, Amount),
    ("Revenue", c::INVOICE_REVENUE, Amount),
    ("of all", c::REVENUE_SHARE, Share),
    ("Potential", c::POTENTIAL, Amount),
    ("Of wallet", c::SHARE_OF_WALLET, Share),
    ("Index", c::ATTENTION_INDEX, Decimal),
];

/// How many of each kind.
const FEW: usize = 10;

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.main(&contract::ATTENTION)?;
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
    let list = |caption: &str, rows: Vec<Row<'_>>| {
        let few: Vec<Row<'_>> = rows.into_iter().take(FEW).collect();
        let table =
            Table::of(format, caption, "Customer", &few, |row| page.customer(row.text(c::CUSTOMER_ID)), &COLUMNS);
        (!few.is_empty()).then(|| Part::table(table))
    };
    let value = |row: Row<'_>| row.units(c::INVOICE_REVENUE).max(row.units(c::POTENTIAL));
    let lists = [
        list(
            "Over-served, by cost: less attention costs little here.",
            largest(over.iter().copied(), |row| row.units(c::COST_TO_SERVE)),
        ),
        list(
            "Under-served, by revenue or potential: where attention is missing.",
            largest(under.iter().copied(), value),
        ),
    ];
    let mut finding = format!(
        "{} get {} of the attention for {} of revenue",
        format.several(count(&over), "over-served customer", "over-served customers"),
        shares(&over, c::MINUTES_SHARE),
        shares(&over, c::REVENUE_SHARE)
    );
    if !under.is_empty() {
        finding += &format!("; {} get too little", format.several(count(&under), "customer", "customers"));
    }
    Ok(Some(Section {
        id: "attention",
        name: "Attention",
        finding,
        reading: format!(
            "The index is a customer's share of minutes and cost ÷ its share of revenue or potential, whichever is larger: 1 is in balance. The over-served cost {} to serve.",
            format.sum(sum(over.iter().copied(), c::COST_TO_SERVE))
        ),
        parts: lists.into_iter().flatten().collect(),
    }))
}

fn count(rows: &[Row<'_>]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}
