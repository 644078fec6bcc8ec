//! Groups and buying associations: what their members bring together.

use netto_model::{column as c, contract};

use super::language::{say, several};
use super::marts::{Row, largest, ratio};
use super::page::Page;
use super::section::As::{Amount, Count, Share};
use super::section::{Cell, Part, Section, Shown, Table};
use super::unknown::Needs;
use crate::PublishError;

const COLUMNS: [Shown; 10] = [
    ("Members", c::CUSTOMERS, Count),
    ("of which ordered", "active_customers", Count),
    ("Revenue", c::INVOICE_REVENUE, Amount),
    ("of all", c::REVENUE_SHARE, Share),
    ("Margin", c::GROSS_MARGIN, Amount),
    ("Margin %", c::MARGIN_SHARE, Share),
    ("Cost-to-serve", c::COST_TO_SERVE, Amount),
    ("Net profit", c::NET_PROFIT, Amount),
    ("Lose money", c::LOSS_CUSTOMERS, Count),
    ("They lose", c::LOSS_AMOUNT, Amount),
];

/// Number of groups listed: the largest by revenue.
const FEW: usize = 30;

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_window(contract::model("buying_group"))?;
    if rows.is_empty() {
        return Ok(None);
    }
    let format = &page.format;
    let all = page.of_window(contract::model("window_summary"))?.sum(c::INVOICE_REVENUE);
    let share = format.percent(ratio(rows.sum(c::INVOICE_REVENUE), all));
    let number = i64::try_from(rows.iter().count()).unwrap_or(i64::MAX);
    let mut finding = several!(
        format,
        number,
        "{n} group or association brings {share} of revenue",
        "{n} groups and associations bring {share} of revenue",
        share = share
    );
    let losing = rows.sum(c::LOSS_CUSTOMERS);
    if Needs::Profit.are_met(page) && losing > 0 {
        finding += &several!(
            format,
            losing,
            "; {n} of the members loses {amount}",
            "; {n} of the members lose {amount}",
            amount = format.sum(-rows.sum(c::LOSS_AMOUNT))
        );
    } else if Needs::Profit.are_met(page) {
        finding += &say!(format, "; none of the members loses money");
    }
    let shown: Vec<Row<'_>> = largest(rows.iter(), |row| row.units(c::INVOICE_REVENUE)).into_iter().take(FEW).collect();
    let name = |row: Row<'_>| Cell::new(row.text(c::PARENT_ID));
    Ok(Some(Section {
        id: "groups",
        name: "Groups".into(),
        finding,
        reading: "Conditions are agreed with a group, so discounts should be judged by the result of the whole group. Customers without a group are not listed."
            .into(),
        parts: vec![Part::table(Table::of(format, "The largest by revenue.", "Group", &shown, name, &COLUMNS))],
    }))
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{cells, finding, m, n, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn members_that_lose_are_counted_with_what_they_lose() {
        let group = |id, members, revenue, losing, loss| {
            vec![
                (c::PARENT_ID, t(id)),
                (c::CUSTOMERS, n(members)),
                ("active_customers", n(members)),
                (c::INVOICE_REVENUE, m(revenue)),
                (c::LOSS_CUSTOMERS, n(losing)),
                (c::LOSS_AMOUNT, m(loss)),
            ]
        };
        let html = with(vec![
            (contract::model("window_summary"), vec![vec![(c::INVOICE_REVENUE, m(4_000))]]),
            (contract::model("buying_group"), vec![group("G", 2, 900, 1, -30), group("H", 3, 1_100, 0, 0)]),
        ]);
        assert_eq!(
            finding(&html, "groups"),
            "2 groups and associations bring 50,0 % of revenue; 1 of the members loses EUR 30"
        );
        assert!(cells(&html, "groups", "G").starts_with("2 | 2 | 900"), "{}", cells(&html, "groups", "G"));
        let html = with(vec![(contract::model("buying_group"), vec![group("H", 3, 1_100, 0, 0)])]);
        assert!(finding(&html, "groups").ends_with("; none of the members loses money"));
    }
}
