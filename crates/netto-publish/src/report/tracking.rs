//! Agreed actions: before against after, and against peers without an action.

use netto_model::{column as c, contract};

use super::language::{say, several};
use super::marts::{Row, largest};
use super::page::Page;
use super::remedies;
use super::section::{Cell, Part, Section, Table};
use crate::PublishError;

/// Number of actions listed.
const FEW: usize = 25;

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.marts.rows(contract::model("action_effect"))?;
    if rows.is_empty() || !page.knows_margin {
        return Ok(None);
    }
    let format = &page.format;
    let results = page.marts.rows(contract::model("action_result"))?;
    let seen = |finding: &str| results.iter().filter(|row| row.text("finding") == finding).collect::<Vec<_>>();
    let named = |rows: &[Row<'_>]| {
        let said = |row: &Row<'_>| {
            say!(
                format,
                "{remedy}: {amount} a month together",
                remedy = remedies::name(format, row.text(c::REMEDY)),
                amount = format.signed(row.units(c::EFFECT))
            )
        };
        rows.iter().map(said).collect::<Vec<_>>().join("; ")
    };
    let (more, less) = (seen("more than without it"), seen("less than without it"));
    let agreed = several!(
        format,
        i64::try_from(rows.iter().count()).unwrap_or(i64::MAX),
        "{n} action is agreed",
        "{n} actions are agreed"
    );
    let found = match (more.as_slice(), less.as_slice()) {
        ([], []) if !seen("no effect can be seen").is_empty() => say!(format, "; no effect can be seen"),
        ([], []) => say!(format, "; too few of a kind to compare, so no effect is claimed"),
        ([], less) => say!(format, "; less than without it: {kinds}", kinds = named(less)),
        (more, []) => say!(format, "; more than without it: {kinds}", kinds = named(more)),
        (more, less) => {
            say!(format, "; more than without it: {more}; less: {less}", more = named(more), less = named(less))
        }
    };
    let finding = agreed + &found;
    let shown = largest(rows.iter(), |row| row.maybe(c::CHANGE).unwrap_or(i64::MIN));
    Ok(Some(Section {
        id: "actions",
        name: "Actions".into(),
        finding,
        reading: "Amounts per month, for the same number of closed months before and after the start. Peers had the same tier and size and no action in those months. If ten customers of a kind have ten peers each, the effect is their change less the change of their peers, and its range holds in nine of ten cases. One customer proves nothing.".into(),
        parts: vec![
            Part::table(by_kind(page, results.iter())),
            Part::table(table(page, shown.into_iter().take(FEW))),
        ],
    }))
}

/// A row per kind of action.
fn by_kind<'a>(page: &Page<'_>, rows: impl Iterator<Item = Row<'a>>) -> Table {
    let format = &page.format;
    let line = |row: Row<'a>| {
        let amount = |column| row.maybe(column).map_or_else(Cell::none, |amount| Cell::amount(format, amount));
        vec![
            Cell::text(remedies::name(format, row.text(c::REMEDY))).small(format.say(row.text("finding"))),
            Cell::count(format, row.units("actions")),
            Cell::count(format, row.units("compared")),
            Cell::count(format, row.units(c::PEERS)),
            amount(c::EFFECT),
            amount("effect_low"),
            amount("effect_high"),
        ]
    };
    let heads = ["Agreed", "Actions", "Customers compared", "Their peers", "Effect a month", "At least", "At most"];
    Table::new("By kind of action.", heads, rows.map(line).collect())
}

fn table<'a>(page: &Page<'_>, rows: impl Iterator<Item = Row<'a>>) -> Table {
    let format = &page.format;
    let line = |row: Row<'a>| {
        let amount = |column| row.maybe(column).map_or_else(Cell::none, |amount| Cell::amount(format, amount));
        let start = row.day(c::STARTED_AT).map(|day| format.date(day)).unwrap_or_default();
        vec![
            page.customer(row.text(c::CUSTOMER_ID)),
            Cell::text(remedies::name(format, row.text(c::REMEDY))).small(row.text(c::NOTE)),
            Cell::text(start).class("left day"),
            Cell::count(format, row.units(c::MONTHS)),
            amount(c::PROFIT_BEFORE),
            amount(c::PROFIT_AFTER),
            amount(c::CHANGE),
            amount(c::PEER_CHANGE),
        ]
    };
    let before = if page.knows_cost { "Net profit before" } else { "Gross margin before" };
    let heads = ["Customer", "Agreed", "From", "Months", before, "After", "Change", "Change of peers"];
    Table::new("Each of them.", heads, rows.map(line).collect())
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{cells, finding, m, t, with};
    use netto_model::{column as c, contract};
    use polars::prelude::AnyValue;

    #[test]
    fn an_effect_is_only_said_of_a_kind_of_which_enough_were_compared() {
        let action = |id| {
            vec![
                (c::CUSTOMER_ID, t(id)),
                (c::REMEDY, t("visit_frequency")),
                (c::STARTED_AT, AnyValue::Date(20_148)),
                (c::CHANGE, m(3)),
                (c::PEER_CHANGE, AnyValue::Null),
            ]
        };
        let said = |what, effect| {
            let result = vec![(c::REMEDY, t("visit_frequency")), ("finding", t(what)), (c::EFFECT, effect)];
            with(vec![
                (contract::model("action_effect"), vec![action("A"), action("B")]),
                (contract::model("action_result"), vec![result]),
            ])
        };
        let html = said("more than without it", m(5));
        assert_eq!(
            finding(&html, "actions"),
            "2 actions are agreed; more than without it: Fewer visits: +5 a month together"
        );
        assert_eq!(cells(&html, "actions", "A"), "Fewer visits | 01-03-2025 | 0 | 0 | 0 | 3 | –");
        let few = said("too few to compare", AnyValue::Null);
        assert_eq!(
            finding(&few, "actions"),
            "2 actions are agreed; too few of a kind to compare, so no effect is claimed"
        );
        let none = said("no effect can be seen", m(5));
        assert_eq!(finding(&none, "actions"), "2 actions are agreed; no effect can be seen");
    }
}
