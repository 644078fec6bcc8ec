//! Suppliers, and what a takeover of stock, questions and support would bring.

use netto_model::{column as c, contract};

use super::language::{say, several, word};
use super::marts::{Row, largest, ratio, sum};
use super::page::Page;
use super::section::As::{Amount, Count, Decimal, Hours, Share, Text};
use super::section::{Cell, Part, Section, Shown, Table};
use crate::PublishError;

const SUPPLIERS: [Shown; 11] = [
    ("Revenue", c::INVOICE_REVENUE, Amount),
    ("Margin", c::GROSS_MARGIN, Amount),
    ("Margin %", c::MARGIN_SHARE, Share),
    ("Cost-to-serve", c::COST_TO_SERVE, Amount),
    ("Before customer cost", c::NET_BEFORE_CUSTOMER_COST, Amount),
    ("Customer cost", c::CUSTOMER_COST, Amount),
    ("Net profit", c::NET_PROFIT, Amount),
    ("Stock", c::AVERAGE_STOCK, Amount),
    ("Holding it costs", c::HOLDING_COST, Amount),
    ("After-care", c::AFTER_CARE_COST, Amount),
    ("of the margin", c::AFTER_CARE_SHARE, Share),
];

const WENT_WRONG: [Shown; 8] = [
    ("Kind", c::KIND, Text),
    ("Cause", c::CAUSE, Text),
    ("Deviations", c::DEVIATIONS, Count),
    ("Per 100 orders", c::PER_100_ORDERS, Decimal),
    ("Amount", c::AMOUNT, Amount),
    ("Hours", c::MINUTES, Hours),
    ("After-care", c::AFTER_CARE_COST, Amount),
    ("Charged to no customer", c::AFTER_CARE_UNASSIGNED, Amount),
];

const TAKEOVER: [Shown; 10] = [
    ("Stock and orders", c::STOCK_AND_ORDER_COST, Amount),
    ("Questions, hours", c::QUESTION_MINUTES, Hours),
    (word!("cost"), c::QUESTION_COST, Amount),
    ("Support, hours", c::SUPPORT_MINUTES, Hours),
    (word!("cost"), c::SUPPORT_COST, Amount),
    ("Taken over", c::TAKEOVER_SAVING, Amount),
    ("Really saved", c::AVOIDABLE_SAVING, Amount),
    ("Pays below", c::BREAK_EVEN_SHARE, Share),
    ("Margin given away", c::VALUE_ADDED_GIVEN_AWAY, Amount),
    ("Result", c::TAKEOVER_RESULT, Amount),
];

/// Number of suppliers listed.
const FEW: usize = 15;

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_window(contract::model("supplier"))?;
    let named: Vec<Row<'_>> = rows.iter().filter(|row| !row.text(c::SUPPLIER_ID).is_empty()).collect();
    if named.is_empty() {
        return Ok(None);
    }
    let format = &page.format;
    let few = |by: &'static str| {
        largest(named.iter().copied(), move |row| row.units(by)).into_iter().take(FEW).collect::<Vec<_>>()
    };
    let name = |row: Row<'_>| Cell::new(row.text(c::SUPPLIER_ID));
    let mut parts = vec![Part::table(Table::of(
        format,
        "The largest suppliers by revenue.",
        "Supplier",
        &few(c::INVOICE_REVENUE),
        name,
        &SUPPLIERS,
    ))];
    let taken_over = sum(named.iter().copied(), c::TAKEOVER_SAVING) != 0;
    if taken_over {
        let caption = "If suppliers managed the stock, answered standard questions and gave support. The margin given away is what they would ask for it.";
        parts.push(Part::table(Table::of(format, caption, "Supplier", &few(c::TAKEOVER_RESULT), name, &TAKEOVER)));
    }
    let wrong = page.of_window(contract::model("supplier_deviation"))?;
    let costly = largest(wrong.iter(), |row| row.units(c::AFTER_CARE_COST));
    let costly: Vec<Row<'_>> = costly.into_iter().take(FEW).collect();
    if costly.iter().any(|row| !row.text(c::SUPPLIER_ID).is_empty()) {
        let caption = "What went wrong on the side of suppliers, the costliest first. An order counts for a supplier only if all of its products are from that supplier.";
        let whose = |row: Row<'_>| Cell::attributed(format, row, c::SUPPLIER_ID);
        parts.push(Part::table(Table::of(format, caption, "Supplier", &costly, whose, &WENT_WRONG)));
    }
    Ok(Some(Section {
        id: "suppliers",
        name: "Suppliers".into(),
        finding: finding(page, &named, taken_over),
        reading: "Only cost that is really saved counts against the margin given away: the rest of the cost remains, and only frees capacity.".into(),
        parts,
    }))
}

fn finding(page: &Page<'_>, named: &[Row<'_>], taken_over: bool) -> String {
    let format = &page.format;
    let number = |count: usize| format.grouped(i64::try_from(count).unwrap_or(i64::MAX));
    let losing = named.iter().filter(|row| row.units(c::NET_BEFORE_CUSTOMER_COST) < 0).count();
    let paying: Vec<Row<'_>> = named.iter().copied().filter(|row| row.units(c::TAKEOVER_RESULT) > 0).collect();
    if !page.knows_cost {
        let margin = sum(named.iter().copied(), c::GROSS_MARGIN);
        return several!(
            format,
            i64::try_from(named.len()).unwrap_or(i64::MAX),
            "The products of the only supplier leave a margin of {amount}",
            "The products of {n} suppliers leave a margin of {amount}",
            amount = format.sum(margin)
        );
    }
    let start = if losing == 0 {
        several!(
            format,
            i64::try_from(named.len()).unwrap_or(i64::MAX),
            "The products of the only supplier earn money",
            "The products of all {n} suppliers earn money"
        )
    } else {
        let (n, all) = (number(losing), number(named.len()));
        say!(format, "The products of {n} of {all} suppliers lose money", n = n, all = all)
    };
    let claimed = named.iter().any(|row| row.maybe(c::TAKEOVER_RESULT).is_some());
    if taken_over && !claimed {
        let saved = sum(named.iter().copied(), c::AVOIDABLE_SAVING);
        let margin: i64 = named.iter().map(|row| row.units(c::GROSS_MARGIN).max(0)).sum();
        return start
            + &say!(
                format,
                "; handing tasks over would save {amount}, and pays as long as suppliers ask for less than {share} of the margin",
                amount = format.sum(saved),
                share = format.percent(ratio(saved, margin))
            );
    }
    match (taken_over, paying.len()) {
        (false, _) => start,
        (true, 0) => start + &say!(format, "; handing tasks over to suppliers pays nowhere"),
        (true, count) => {
            let (n, amount) = (number(count), format.sum(sum(paying, c::TAKEOVER_RESULT)));
            start + &say!(format, "; handing tasks over pays with {n}: {amount}", n = n, amount = amount)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{finding, m, section, t, with};
    use netto_model::{column as c, contract};
    use polars::prelude::AnyValue;

    #[test]
    fn what_may_be_the_fault_of_several_is_nobodys_in_particular() {
        let wrong = |id, attribution, cost| {
            let cost = [(c::AFTER_CARE_COST, m(cost)), (c::AFTER_CARE_UNASSIGNED, m(0))];
            [(c::SUPPLIER_ID, t(id)), (c::ATTRIBUTION, t(attribution)), (c::KIND, t("late"))]
                .into_iter()
                .chain(cost)
                .collect()
        };
        let html = with(vec![
            (contract::model("supplier"), vec![vec![(c::SUPPLIER_ID, t("S1"))]]),
            (contract::model("supplier_deviation"), vec![wrong("S1", "known", 30), wrong("", "several", 90)]),
        ]);
        let shown = section(&html, "suppliers");
        let (several, known) = (shown.find("several may be meant"), shown.rfind("S1"));
        assert!(several.is_some() && several < known, "{shown}");
    }

    #[test]
    fn a_takeover_is_shown_where_there_is_something_to_take_over() {
        let supplier = |id, profit, saving, result| {
            vec![
                (c::SUPPLIER_ID, t(id)),
                (c::NET_BEFORE_CUSTOMER_COST, m(profit)),
                (c::TAKEOVER_SAVING, m(saving)),
                (c::TAKEOVER_RESULT, m(result)),
                (c::AVERAGE_STOCK, AnyValue::Null),
            ]
        };
        let html = with(vec![(
            contract::model("supplier"),
            vec![supplier("", -9, 0, 0), supplier("S1", -3, 50, 8), supplier("S<2", 4, 50, -8)],
        )]);
        assert_eq!(
            finding(&html, "suppliers"),
            "The products of 1 of 2 suppliers lose money; handing tasks over pays with 1: EUR 8"
        );
        assert!(
            section(&html, "suppliers").contains("S&lt;2") && section(&html, "suppliers").contains("Margin given away")
        );
        assert!(!section(&html, "suppliers").contains(">Stock<"), "stock was not supplied");
        let unasked = vec![
            (c::SUPPLIER_ID, t("S1")),
            (c::NET_PROFIT, m(3)),
            (c::GROSS_MARGIN, m(500)),
            (c::TAKEOVER_SAVING, m(100)),
            (c::AVOIDABLE_SAVING, m(100)),
            (c::TAKEOVER_RESULT, AnyValue::Null),
        ];
        assert_eq!(
            finding(&with(vec![(contract::model("supplier"), vec![unasked])]), "suppliers"),
            "The products of the only supplier earn money; handing tasks over would save EUR 100, and pays as long as suppliers ask for less than 20,0 % of the margin"
        );
        let html = with(vec![(contract::model("supplier"), vec![supplier("S1", 3, 0, 0)])]);
        assert!(!section(&html, "suppliers").contains("What went wrong"));
        assert_eq!(finding(&html, "suppliers"), "The products of the only supplier earn money");
        assert!(!section(&html, "suppliers").contains("Margin given away"));
    }
}
