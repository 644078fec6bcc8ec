//! Agreed actions, before against after, and against peers without one.

use netto_model::{column as c, contract};

use super::marts::{Row, largest};
use super::page::Page;
use super::remedies;
use super::section::{Cell, Part, Section, Table};
use crate::PublishError;

/// How many are listed.
const FEW: usize = 25;

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.marts.rows(&contract::ACTION_EFFECT)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let format = &page.format;
    let measured: Vec<Row<'_>> = rows.iter().filter(|row| row.maybe(c::EFFECT).is_some()).collect();
    let helped = measured.iter().filter(|row| row.units(c::EFFECT) > 0).count();
    let total: i64 = measured.iter().map(|row| row.units(c::EFFECT)).sum();
    let of = |count: usize| format.grouped(i64::try_from(count).unwrap_or(i64::MAX));
    let finding = if measured.is_empty() {
        format!(
            "{} agreed; no month has closed since to compare",
            format.several(i64::try_from(rows.iter().count()).unwrap_or(i64::MAX), "action is", "actions are")
        )
    } else {
        format!(
            "{} of {} agreed actions did better than peers without one: {} a month together",
            of(helped),
            of(measured.len()),
            format.signed(total)
        )
    };
    let shown = largest(rows.iter(), |row| row.maybe(c::EFFECT).unwrap_or(i64::MIN));
    Ok(Some(Section {
        id: "actions",
        name: "Actions",
        finding,
        reading: "Amounts per month: as many closed months before the start as after it; the effect is the customer's change less that of its peers.".into(),
        parts: vec![Part::table(table(page, shown.into_iter().take(FEW)))],
    }))
}

fn table<'a>(page: &Page<'_>, rows: impl Iterator<Item = Row<'a>>) -> Table {
    let format = &page.format;
    let line = |row: Row<'a>| {
        let amount = |column| row.maybe(column).map_or_else(Cell::none, |amount| Cell::amount(format, amount));
        let start = row.day(c::STARTED_AT).map(|day| format.date(day)).unwrap_or_default();
        vec![
            page.customer(row.text(c::CUSTOMER_ID)),
            Cell::text(remedies::name(row.text(c::REMEDY))).small(row.text(c::NOTE)),
            Cell::text(start),
            Cell::count(format, row.units(c::MONTHS)),
            amount(c::PROFIT_BEFORE),
            amount(c::PROFIT_AFTER),
            amount(c::CHANGE),
            amount(c::PEER_CHANGE),
            amount(c::EFFECT),
        ]
    };
    let heads = ["Customer", "Agreed", "From", "Months", "Net profit before", "After", "Change", "Peers", "Effect"];
    Table::new("", heads, rows.map(line).collect())
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{cells, finding, m, t, with};
    use netto_model::{column as c, contract};
    use polars::prelude::AnyValue;

    #[test]
    fn an_action_without_a_closed_month_has_no_effect_yet() {
        let action = |id, effect| {
            vec![
                (c::CUSTOMER_ID, t(id)),
                (c::REMEDY, t("visit_frequency")),
                (c::STARTED_AT, AnyValue::Date(20_148)),
                (c::CHANGE, m(3)),
                (c::PEER_CHANGE, AnyValue::Null),
                (c::EFFECT, effect),
            ]
        };
        let html = with(vec![(
            &contract::ACTION_EFFECT,
            vec![action("A", AnyValue::Null), action("B", m(-2)), action("C", m(7))],
        )]);
        assert_eq!(
            finding(&html, "actions"),
            "1 of 2 agreed actions did better than peers without one: +5 a month together"
        );
        assert_eq!(cells(&html, "actions", "A"), "Fewer visits | 01-03-2025 | 0 | 0 | 0 | 3 | – | –");
        let html = with(vec![(&contract::ACTION_EFFECT, vec![action("A", AnyValue::Null)])]);
        assert_eq!(finding(&html, "actions"), "1 action is agreed; no month has closed since to compare");
    }
}
