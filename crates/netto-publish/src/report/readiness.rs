//! Which sources were supplied, and which questions they answer.

use netto_model::{column as c, contract};

use super::format::Format;
use super::language::say;
use super::marts::{Row, Rows};
use super::page::Page;
use super::section::{Cell, Part, Section, Table};
use super::set_apart;
use crate::PublishError;

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let questions = page.marts.rows(&contract::DATA_QUESTION)?;
    let sources = page.marts.rows(&contract::DATA_READINESS)?;
    let set_apart = set_apart::table(page)?;
    if questions.is_empty() && sources.is_empty() && set_apart.is_none() {
        return Ok(None);
    }
    let format = &page.format;
    let number = |count: usize| format.grouped(i64::try_from(count).unwrap_or(i64::MAX));
    let answered = |answer: &str| questions.of(c::ANSWERED, answer).len();
    let supplied = sources.iter().filter(|row| row.flag("supplied")).count();
    let all = questions.iter().count();
    let finding = match (answered("yes"), all) {
        (_, 0) => {
            let all = number(sources.iter().count());
            say!(format, "{n} of {all} sources were supplied", n = number(supplied), all = all)
        }
        (yes, all) if yes == all => say!(format, "All {n} questions are answered", n = number(all)),
        (yes, all) => say!(
            format,
            "{n} of {all} questions are answered, {partly} in part; {open} open",
            n = number(yes),
            all = number(all),
            partly = number(answered("partly")),
            open = number(answered("no"))
        ),
    };
    let mut parts: Vec<Part> = set_apart.into_iter().map(Part::table).collect();
    if answered("yes") < all {
        parts.push(Part::table(open(format, &questions)));
    }
    if answered("yes") > 0 {
        parts.push(Part::details("The questions that are answered", closed(format, &questions)));
    }
    if !sources.is_empty() {
        parts.push(Part::details("What was supplied", table(page, &sources)));
    }
    Ok(Some(Section {
        id: "readiness",
        name: "Data".into(),
        finding,
        reading: "What is missing for a question, and how that limits the answer; sections without their source are left out of this report.".into(),
        parts,
    }))
}

/// The questions that are unanswered or partly answered, unanswered ones first.
fn open(format: &Format, questions: &Rows) -> Table {
    let line = |row: &Row<'_>| {
        let answered = row.text(c::ANSWERED);
        vec![
            Cell::new(format.say(row.text(c::QUESTION))),
            Cell::text(format.say(answered)).class(if answered == "no" { "left status late" } else { "left status" }),
            Cell::text(row.text(c::MISSING)).class("left reason"),
            Cell::text(clauses(format, row.text(c::CONSEQUENCE))).class("left reason"),
        ]
    };
    let rows = ["no", "partly"].into_iter().flat_map(|answer| questions.of(c::ANSWERED, answer)).collect::<Vec<_>>();
    let heads = ["Question", "Answered", "What is missing", "Consequence"];
    Table::new("", heads, rows.iter().map(line).collect()).class("reasons")
}

/// Consecutive sentences, each in the language of the report.
fn clauses(format: &Format, text: &str) -> String {
    text.split("; ").map(|clause| format.say(clause)).collect::<Vec<_>>().join("; ")
}

/// The answered questions, and the tables that answer them.
fn closed(format: &Format, questions: &Rows) -> Table {
    let line = |row: &Row<'_>| {
        vec![Cell::new(format.say(row.text(c::QUESTION))), Cell::text(row.text(c::TABLES)).class("left reason")]
    };
    let lines = questions.of(c::ANSWERED, "yes").iter().map(line).collect();
    Table::new("", ["Question", "Tables that answer it"], lines).class("reasons")
}

fn table(page: &Page<'_>, sources: &Rows) -> Table {
    let format = &page.format;
    let line = |row: Row<'_>| {
        let supplied = row.flag("supplied");
        let day = |column| row.day(column).map(|day| format.date(day));
        let dates = match (day("first_date"), day("last_date")) {
            (Some(first), Some(last)) => format!("{first} – {last}"),
            _ => String::new(),
        };
        let orphans = row
            .maybe(c::ORPHANS)
            .map_or_else(Cell::none, |orphans| Cell::count(format, orphans).small(row.text(c::ORPHAN_EXAMPLES)));
        vec![
            Cell::new(format.say(row.text(c::SOURCE)).replace('_', " ")),
            Cell::text(if supplied { say!(format, "yes") } else { say!(format, "no") }).class(if supplied {
                "left status good"
            } else {
                "left status"
            }),
            Cell::count(format, row.units(c::ROWS)),
            Cell::text(dates),
            Cell::share(format, row.share(c::COMPLETENESS)),
            orphans,
            Cell::text(format.say(row.text("enables"))).class("left reason"),
        ]
    };
    let heads = ["Source", "Supplied", "Rows", "Dates", "Filled", "Without a partner", "What it answers"];
    Table::new("Filled: part of the optional cells that have a value. Without a partner: rows that name a customer, product or employee that isn't in its source.", heads, sources.iter().map(line).collect())
        .class("reasons")
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{b, cells, finding, n, section, t, with};
    use netto_model::{column as c, contract};
    use polars::prelude::AnyValue;

    #[test]
    fn open_questions_come_first_with_what_is_missing() {
        let question = |number, question, answered, missing| {
            vec![
                (c::QUESTION_NO, n(number)),
                (c::QUESTION, t(question)),
                (c::ANSWERED, t(answered)),
                (c::MISSING, missing),
            ]
        };
        let source = vec![
            (c::SOURCE, t("order_lines")),
            ("supplied", b(true)),
            (c::ROWS, n(1_200)),
            (c::ORPHANS, AnyValue::Null),
        ];
        let html = with(vec![
            (
                &contract::DATA_QUESTION,
                vec![
                    question(1, "Who earns?", "yes", AnyValue::Null),
                    question(2, "Who is visited?", "no", t("activities")),
                    question(3, "What is late?", "partly", t("promised_date")),
                ],
            ),
            (&contract::DATA_READINESS, vec![source]),
        ]);
        assert_eq!(finding(&html, "readiness"), "1 of 3 questions are answered, 1 in part; 1 open");
        assert_eq!(cells(&html, "readiness", "Who is visited?"), "no | activities | ");
        assert_eq!(cells(&html, "readiness", "order lines"), "yes | 1.200 |  | – | – | ");
        let section = section(&html, "readiness");
        let place = |question| section.find(question).unwrap();
        assert!(place("Who is visited?") < place("What is late?") && place("What is late?") < place("Who earns?"));
        let html = with(vec![(&contract::DATA_QUESTION, vec![question(1, "Who earns?", "yes", AnyValue::Null)])]);
        assert_eq!(finding(&html, "readiness"), "All 1 questions are answered");
    }
}
