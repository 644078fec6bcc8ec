//! Products with missing information, and when it is missing: questions, complaints and support by product group and phase of the order.

use netto_model::{column as c, contract};

use super::language::{say, several};
use super::marts::{Row, largest, sum};
use super::page::Page;
use super::section::As::{Amount, Count, Decimal, Hours, Word};
use super::section::{Cell, Part, Section, Shown, Table};
use crate::PublishError;

const QUESTIONS: [Shown; 8] = [
    ("Kind", c::KIND, Word),
    ("When", c::PHASE, Word),
    ("Number", c::EVENTS, Count),
    ("Per 100 orders", c::PER_100_ORDERS, Decimal),
    ("Customers", c::CUSTOMERS, Count),
    ("Hours", c::MINUTES, Hours),
    ("Cost", c::COST, Amount),
    ("Orders", c::ORDERS, Count),
];

/// Number of rows shown.
const FEW: usize = 20;

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_window(contract::model("product_question"))?;
    let format = &page.format;
    let by_number: Vec<Row<'_>> = largest(rows.iter(), |row| row.units(c::EVENTS)).into_iter().collect();
    let Some(most) = by_number.iter().find(|row| !row.text(c::PRODUCT_GROUP).is_empty()) else { return Ok(None) };
    let few: Vec<Row<'_>> = by_number.iter().copied().take(FEW).collect();
    let group = |row: Row<'_>| Cell::attributed(format, row, c::PRODUCT_GROUP);
    let caption = "What was asked most, by product group and by when it was asked.";
    let finding =
        several!(format, sum(rows.iter(), c::EVENTS), "{n} question or complaint", "{n} questions and complaints")
            + &say!(
                format,
                ", most of them about {group}, {phase}",
                group = most.text(c::PRODUCT_GROUP),
                phase = format.say(most.text(c::PHASE))
            );
    Ok(Some(Section {
        id: "product-questions",
        name: "Questions about products".into(),
        finding,
        reading: "Questions before the order show what the catalogue lacks, questions before delivery that the delivery date isn't known, and questions after delivery how products are used. Compare groups by questions per hundred orders.".into(),
        parts: vec![Part::table(Table::of(format, caption, "Product group", &few, group, &QUESTIONS))],
    }))
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{finding, n, section, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn what_is_asked_most_of_a_known_group_is_the_finding() {
        let asked = |group, attribution, phase, events| {
            vec![
                (c::PRODUCT_GROUP, t(group)),
                (c::ATTRIBUTION, t(attribution)),
                (c::KIND, t("question")),
                (c::PHASE, t(phase)),
                (c::EVENTS, n(events)),
            ]
        };
        let html = with(vec![(
            contract::model("product_question"),
            vec![
                asked("", "several", "after delivery", 9),
                asked("Pipes", "known", "before the order", 3),
                asked("Pumps", "known", "after delivery", 5),
            ],
        )]);
        assert_eq!(
            finding(&html, "product-questions"),
            "17 questions and complaints, most of them about Pumps, after delivery"
        );
        assert!(section(&html, "product-questions").contains("several may be meant"));
        let unknown = with(vec![(contract::model("product_question"), vec![asked("", "unknown", "no order", 2)])]);
        assert_eq!(section(&unknown, "product-questions"), "");
    }
}
