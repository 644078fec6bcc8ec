//! Customers that have been silent for longer than ever before, compared with their own rhythm of ordering.

use netto_model::{column as c, contract};

use super::language::{say, several};
use super::marts::{Row, largest};
use super::page::Page;
use super::section::As::{Amount, Count};
use super::section::{LISTED, Part, Section, Shown, Table};
use super::to_do::LATELY;
use crate::PublishError;

const COLUMNS: [Shown; 5] = [
    ("Months without orders", c::SILENT_MONTHS, Count),
    ("Longest pause before", c::LONGEST_GAP_MONTHS, Count),
    ("Months with orders", c::ORDERING_MONTHS, Count),
    ("Revenue a year", c::REVENUE_AT_STAKE, Amount),
    ("Margin a year", c::MARGIN_AT_STAKE, Amount),
];

/// Number of customers listed: those with the most margin at stake.
const FEW: usize = 20;

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.marts.rows(contract::model("slipping_customer"))?;
    if rows.is_empty() {
        return Ok(None);
    }
    let format = &page.format;
    // Without the cost of goods, the margin would equal the revenue.
    let stake = if page.knows_margin { c::MARGIN_AT_STAKE } else { c::REVENUE_AT_STAKE };
    let (number, amount) = (i64::try_from(rows.iter().count()).unwrap_or(i64::MAX), format.sum(rows.sum(stake)));
    let mut finding = if page.knows_margin {
        several!(
            format,
            number,
            "{n} customer hasn't ordered for longer than ever before: {amount} of margin a year is at stake",
            "{n} customers haven't ordered for longer than ever before: {amount} of margin a year is at stake",
            amount = amount
        )
    } else {
        several!(
            format,
            number,
            "{n} customer hasn't ordered for longer than ever before: {amount} of revenue a year is at stake",
            "{n} customers haven't ordered for longer than ever before: {amount} of revenue a year is at stake",
            amount = amount
        )
    };
    // A customer that has been silent for longer has probably left.
    let gone = rows.iter().filter(|row| row.units(c::SILENT_MONTHS) > LATELY).count();
    if gone > 0 {
        finding += &say!(format, "; {n} of them for more than a year", n = gone);
    }
    let most: Vec<Row<'_>> = largest(rows.iter(), |row| row.units(stake)).into_iter().take(LISTED).collect();
    let name = |row: Row<'_>| page.customer(row.text(c::CUSTOMER_ID));
    let columns = if page.knows_margin { &COLUMNS[..] } else { &COLUMNS[..4] };
    let table = Table::of(format, "Most at stake first.", "Customer", &most, name, columns).first(FEW);
    Ok(Some(Section {
        id: "slipping",
        name: "Slipping away".into(),
        finding,
        reading: "Each customer is compared with its own rhythm: it had at least four months with orders, and its pause is now longer than any between them. At stake is what it bought in the twelve months up to its last order."
            .into(),
        parts: vec![Part::table(table)],
    }))
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{finding, m, n, section, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn the_customer_with_most_at_stake_comes_first() {
        let customer = |id, margin| {
            vec![(c::CUSTOMER_ID, t(id)), (c::SILENT_MONTHS, n(4 + margin)), (c::MARGIN_AT_STAKE, m(margin))]
        };
        let html = with(vec![(contract::model("slipping_customer"), vec![customer("A", 5), customer("B\"1", 9)])]);
        let found = "2 customers haven't ordered for longer than ever before: EUR 14 of margin a year is at stake; 1 of them for more than a year";
        assert_eq!(finding(&html, "slipping"), found);
        let section = section(&html, "slipping");
        assert!(section.find("B&quot;1").unwrap() < section.find(">A<").unwrap());
    }
}
