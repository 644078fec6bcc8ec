//! How pairs divide their work, what winning a customer costs compared with keeping one, and what customers say about a rep.

use netto_model::{column as c, contract};

use super::language::{say, several};
use super::marts::{Row, largest, sum};
use super::page::Page;
use super::section::As::{Amount, Count, Decimal, Hours, Share, Word};
use super::section::{Cell, Part, Section, Shown, Table};
use crate::PublishError;

const WORK: [Shown; 7] = [
    ("Work", "kind", Word),
    ("belongs to", "belongs_to", Word),
    ("Hours of field", "field_minutes", Hours),
    ("of inside", "inside_minutes", Hours),
    ("Done by the other", "swapped_events", Count),
    ("of all", "swapped_share", Share),
    ("Costs more", "swapped_cost", Amount),
];
const WINNING: [Shown; 6] = [
    ("For prospects", "prospect_events", Count),
    ("Won", "customers_won", Count),
    ("Cost of one won", "cost_per_won", Amount),
    ("For customers", "customer_events", Count),
    ("Kept", "customers_kept", Count),
    ("Cost of one kept", "cost_per_kept", Amount),
];
const VOICE: [Shown; 7] = [
    ("Visits", c::VISITS, Count),
    ("of which won", "visits_won", Count),
    ("Quotes won", c::QUOTE_HIT_RATE, Share),
    ("So it wins", "quote_finding", Word),
    ("Complaints", "complaints", Count),
    ("per 100 orders", "complaints_per_100_orders", Decimal),
    ("So its customers complain", "complaint_finding", Word),
];
/// Number of kinds of work listed.
const FEW: usize = 12;

pub(super) fn pairs(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_force(contract::model("pair_work"))?;
    let swapped: Vec<Row<'_>> =
        rows.iter().filter(|row| row.units("swapped_events") > 0 && row.text("kind") != "(order)").collect();
    if swapped.is_empty() {
        return Ok(None);
    }
    let format = &page.format;
    let hours = sum(swapped.iter().copied().filter(|row| row.text("belongs_to") == "inside"), "field_minutes");
    let most: Vec<Row<'_>> = largest(swapped, |row| row.units("swapped_minutes")).into_iter().take(FEW).collect();
    let name = |row: Row<'_>| Cell::new(row.text(c::PAIR_ID));
    let columns: Vec<Shown> =
        WORK.into_iter().filter(|(_, column, _)| page.shows_pay || *column != "swapped_cost").collect();
    Ok(Some(Section {
        id: "pairs",
        name: "Division of work".into(),
        finding: say!(format, "The field does {hours} hours of inside work", hours = format.hours(hours)),
        reading: "Visits are field work; all other work is inside work, which costs less there and leaves the field time for customers.".into(),
        parts: vec![Part::table(Table::of(format, "Most minutes first.", "Pair", &most, name, &columns))],
    }))
}

pub(super) fn winning(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_force(contract::model("winning_and_keeping"))?;
    let Some(first) = rows.first() else { return Ok(None) };
    let format = &page.format;
    let won = rows.sum("customers_won");
    let mut finding =
        several!(format, won, "{n} customer was won from prospects", "{n} customers were won from prospects");
    let pay = ["cost_per_won", "cost_per_kept"];
    let costs = match (page.is_of_rep(), page.shows_pay) {
        (false, _) => ["company_cost_per_won", "company_cost_per_kept"].map(|column| first.maybe(column)),
        (true, true) => pay.map(|column| first.maybe(column)),
        (true, false) => [None, None],
    };
    if let [Some(winning), Some(keeping)] = costs {
        finding += &say!(
            format,
            ", for {winning} each; keeping one costs {keeping}",
            winning = format.sum(winning),
            keeping = format.sum(keeping)
        );
    }
    let people: Vec<Row<'_>> = largest(rows.iter(), |row| row.units("customers_won"));
    let name = |row: Row<'_>| page.employee(row.text(c::EMPLOYEE_ID));
    let columns: Vec<Shown> =
        WINNING.into_iter().filter(|(_, column, _)| page.shows_pay || !pay.contains(column)).collect();
    Ok(Some(Section {
        id: "winning",
        name: "Winning and keeping".into(),
        finding,
        reading: "The time of visits and calls to prospects, for each customer won, against that to customers, for each that stayed.".into(),
        parts: vec![Part::table(Table::of(format, "Most won first.", "Employee", &people, name, &columns))],
    }))
}

pub(super) fn voice(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_force(contract::model("rep_voice"))?;
    let people: Vec<Row<'_>> =
        largest(rows.iter().filter(|row| row.units(c::CUSTOMERS) > 0), |row| row.units("complaints"));
    if people.is_empty() {
        return Ok(None);
    }
    let (format, apart) = (&page.format, |column: &'static str, found: &'static str| {
        let names = people
            .iter()
            .filter(move |row| row.text(column) == found)
            .map(|row| page.employee_name(row.text(c::EMPLOYEE_ID)));
        names.collect::<Vec<_>>().join(", ")
    });
    let (more, fewer) =
        (apart("complaint_finding", "more than the others"), apart("quote_finding", "less than the others"));
    let mut findings = Vec::new();
    if !more.is_empty() {
        findings.push(say!(format, "More complaints than elsewhere: {names}", names = more));
    }
    if !fewer.is_empty() {
        findings.push(say!(format, "Fewer quotes won: {names}", names = fewer));
    }
    let finding =
        if findings.is_empty() { say!(format, "No rep stands out in what customers say") } else { findings.join(". ") };
    let name = |row: Row<'_>| page.employee(row.text(c::EMPLOYEE_ID));
    Ok(Some(Section {
        id: "voice",
        name: "What customers say".into(),
        finding,
        reading: "Outcomes of visits, quotes won and complaints of each rep's customers against those of the others; a difference is claimed only where chance doesn't explain it in nine of ten cases.".into(),
        parts: vec![Part::table(Table::of(format, "Most complaints first.", "Employee", &people, name, &VOICE))],
    }))
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{cells, finding, n, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn inside_work_of_the_field_is_added_up_and_what_it_costs_is_shown_with_pay_alone() {
        let work = |kind, belongs, swapped, minutes: i64| {
            vec![
                (c::PAIR_ID, t("K1")),
                ("kind", t(kind)),
                ("belongs_to", t(belongs)),
                ("swapped_events", n(swapped)),
                ("field_minutes", n(minutes * 10_000)),
                ("swapped_minutes", n(minutes * 10_000)),
            ]
        };
        let html = with(vec![(
            contract::model("pair_work"),
            vec![work("quote", "inside", 4, 120), work("call", "inside", 0, 600)],
        )]);
        assert_eq!(finding(&html, "pairs"), "The field does 2,0 hours of inside work");
        assert!(cells(&html, "pairs", "K1").starts_with("quote | inside | 2"), "{}", cells(&html, "pairs", "K1"));
    }

    #[test]
    fn a_rep_is_named_only_where_chance_does_not_explain_it() {
        let rep = |id, found| {
            vec![
                (c::EMPLOYEE_ID, t(id)),
                (c::CUSTOMERS, n(9)),
                ("complaint_finding", t(found)),
                ("quote_finding", t("too few to compare")),
            ]
        };
        let html = with(vec![(
            contract::model("rep_voice"),
            vec![rep("M1", "no difference can be seen"), rep("M2", "more than the others")],
        )]);
        assert_eq!(finding(&html, "voice"), "More complaints than elsewhere: M2");
        let html = with(vec![(contract::model("rep_voice"), vec![rep("M1", "no difference can be seen")])]);
        assert_eq!(finding(&html, "voice"), "No rep stands out in what customers say");
    }
}
