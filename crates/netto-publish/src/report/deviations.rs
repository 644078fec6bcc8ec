//! Deviations from what was agreed, and the cost of putting them right.

use netto_model::{column as c, contract};

use super::language::{say, several};
use super::marts::{Row, largest, ratio, sum};
use super::page::Page;
use super::section::As::{Amount, Count, Decimal, Hours, Share};
use super::section::{Cell, LISTED, Part, Section, Shown, Table};
use crate::PublishError;

const COLUMNS: [Shown; 8] = [
    ("Deviations", c::DEVIATIONS, Count),
    ("of all", c::DEVIATION_SHARE, Share),
    ("Per 100 orders", c::PER_100_ORDERS, Decimal),
    ("Amount", c::AMOUNT, Amount),
    ("Hours", c::MINUTES, Hours),
    ("After-care", c::AFTER_CARE_COST, Amount),
    ("Customers", c::CUSTOMERS, Count),
    ("Orders", c::ORDERS, Count),
];

/// Number of customers and employees listed.
const FEW: usize = 10;

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_window(contract::model("deviation_cost"))?;
    let kinds = rows.of(c::LEVEL, "kind");
    if kinds.is_empty() {
        return Ok(None);
    }
    let format = &page.format;
    let costly = |level: &str, few: usize| {
        let by_cost = largest(rows.of(c::LEVEL, level_name(level)), |row| row.units(c::AFTER_CARE_COST));
        by_cost.into_iter().take(few).collect::<Vec<Row<'_>>>()
    };
    let plain = |row: Row<'_>| {
        let key = row.text(c::KEY);
        Cell::new(if key.is_empty() { say!(format, "not known") } else { key.to_owned() })
    };
    let table = |caption: &'static str,
                 key: &'static str,
                 rows: &[Row<'_>],
                 name: &dyn Fn(Row<'_>) -> Cell,
                 columns: &[Shown]| {
        (!rows.is_empty()).then(|| Table::of(format, caption, key, rows, name, columns))
    };
    let six = &COLUMNS[..6];
    let lists = [
        table("By kind.", "Kind", &costly("kind", usize::MAX), &plain, six).map(Part::table),
        table("By cause.", "Cause", &costly("cause", usize::MAX), &plain, six).map(Part::table),
        table(
            "The ten customers whose after-care costs most.",
            "Customer",
            &costly("customer", LISTED),
            &|row| if row.text(c::KEY).is_empty() { plain(row) } else { page.customer(row.text(c::KEY)) },
            six,
        )
        .map(|table| Part::table(table.first(FEW))),
        table(
            "By employee who took the order.",
            "Employee",
            &costly("employee", usize::MAX),
            &|row| page.employee(row.text(c::KEY)),
            six,
        )
        .map(|table| Part::details("By employee who took the order", table)),
    ];
    let number = sum(kinds.iter().copied(), c::DEVIATIONS);
    let cost = sum(kinds.iter().copied(), c::AFTER_CARE_COST);
    let most = costly("cause", usize::MAX).into_iter().find(|row| !row.text(c::KEY).is_empty());
    let words = most.filter(|row| row.units(c::AFTER_CARE_COST) > 0).map_or(String::new(), |row| {
        say!(
            format,
            ", {share} of it for “{cause}”",
            share = format.percent(ratio(row.units(c::AFTER_CARE_COST), cost)),
            cause = row.text(c::KEY)
        )
    });
    Ok(Some(Section {
        id: "deviations",
        name: "Deviations".into(),
        finding: if page.knows_cost {
            several!(
                format,
                number,
                "{n} deviation took {amount} of after-care",
                "{n} deviations took {amount} of after-care",
                amount = format.sum(cost)
            ) + &words
        } else {
            several!(
                format,
                number,
                "{n} deviation; the cost of after-care isn't known",
                "{n} deviations; the cost of after-care isn't known"
            )
        },
        reading: "After-care is the cost of the activities that are measured on deviations: the time for correcting them, not the amounts concerned. After-care without a customer is charged to no customer and stays unassigned.".into(),
        parts: lists.into_iter().flatten().collect(),
    }))
}

/// The level's name in the contract.
fn level_name(level: &str) -> &'static str {
    let levels = contract::model("deviation_cost").column(c::LEVEL).map(|column| column.values).unwrap_or_default();
    levels.iter().copied().find(|name| *name == level).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{finding, m, n, section, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn the_costliest_cause_is_named_and_customers_open_their_page() {
        let of = |level, key, deviations, cost| {
            vec![(c::LEVEL, t(level)), (c::KEY, t(key)), (c::DEVIATIONS, n(deviations)), (c::AFTER_CARE_COST, m(cost))]
        };
        let html = with(vec![(
            contract::model("deviation_cost"),
            vec![
                of("kind", "late", 3, 100),
                of("cause", "", 1, 60),
                of("cause", "carrier", 2, 40),
                of("customer", "B\"1", 3, 100),
            ],
        )]);
        assert_eq!(finding(&html, "deviations"), "3 deviations took EUR 100 of after-care, 40,0 % of it for “carrier”");
        assert!(section(&html, "deviations").contains("data-customer=\"B&quot;1\""));
        assert_eq!(section(&with(vec![]), "deviations"), "");
    }
}
