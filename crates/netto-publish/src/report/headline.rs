//! The headline figures, and the five questions answered in a sentence each.

use minijinja::{Value, context};
use netto_model::{column as c, contract};
use polars::prelude::PolarsResult;

use super::certainty::Bands;
use super::language::{say, several, word};
use super::marts::{Row, ratio, sum};
use super::page::Page;
use super::section::Section;
use super::unknown::Needs;
use super::{goals, remedies, set_apart, stock, to_do};
use crate::PublishError;

/// A question, its answer, and the section with the details.
struct Answer(String, String, &'static str);

pub(super) fn headline(page: &Page<'_>, sections: &[Section]) -> Result<Value, PublishError> {
    let summary = page.of_window(contract::model("window_summary"))?;
    let context = summary.first().map(|row| figures(page, row, sections)).transpose()?;
    page.render("headline", context.unwrap_or_else(|| context! { empty => true }))
}

fn figures(page: &Page<'_>, row: Row<'_>, sections: &[Section]) -> PolarsResult<Value> {
    let format = &page.format;
    let money = |name: &str| format.whole(row.units(name));
    let count = |name: &str| format.grouped(row.units(name));
    let figure = |(label, name): (&str, &str)| {
        let why = lacks(page, row, name);
        let negative = why.is_none() && row.units(name) < 0;
        context! { label => format.say(label), value => why.map_or_else(|| money(name), |why| format.say(why)), negative => negative }
    };
    let answers = answers(page, row, sections)?;
    let missing = set_apart::sentences(page)?;
    let shown = |Answer(question, answer, section): &Answer| context! { question, answer, section => *section };
    Ok(context! {
        figures => contract::headline(set_apart::ledger_is_whole(page)?).map(figure).to_vec(),
        to_do => to_do::sentences(page)?,
        answers => answers.iter().map(shown).collect::<Vec<_>>(),
        ledger => (page.knows_cost || row.units(c::LEDGER_AMOUNT) != 0).then(|| money(c::LEDGER_AMOUNT)),
        imputed => (row.units(c::IMPUTED_AMOUNT) != 0).then(|| money(c::IMPUTED_AMOUNT)),
        note => note(page).map(|note| format.say(note)),
        customers => count(c::CUSTOMERS),
        orders => count(c::ORDERS),
        lines => count(c::LINES),
        missing => missing,
        certainty => if Needs::Profit.are_met(page) { Bands::new(&page.marts)?.counts(format) } else { Value::from(()) },
    })
}

/// Why a figure isn't known; `None` if it is. A missing figure never looks like zero.
fn lacks(page: &Page<'_>, summary: Row<'_>, column: &str) -> Option<&'static str> {
    let (goods, cost) = (page.knows_margin, page.knows_cost);
    let booked = cost || summary.units(c::LEDGER_AMOUNT) != 0;
    match column {
        c::GROSS_MARGIN if !goods => Some(word!("not supplied")),
        c::COST_TO_SERVE if !cost => Some(word!("not supplied")),
        c::IDLE_AMOUNT | c::UNASSIGNED_AMOUNT if !booked => Some(word!("not supplied")),
        c::NET_PROFIT if !goods || !cost => Some(word!("not known")),
        c::RESULT if !goods || !booked => Some(word!("not known")),
        _ => None,
    }
}

/// The note that explains a missing net profit; `None` if net profit is known.
fn note(page: &Page<'_>) -> Option<&'static str> {
    match (page.knows_margin, page.knows_cost) {
        (true, true) => None,
        (true, false) => {
            Some("No cost to serve was supplied: this report goes as far as the gross margin, and shows no net profit.")
        }
        (false, true) => Some(
            "No cost of goods was supplied: this report shows revenue and what serving costs, and no margin or net profit.",
        ),
        (false, false) => Some(
            "Neither cost of goods nor cost to serve was supplied: this report shows revenue, and no margin or net profit.",
        ),
    }
}

/// The questions that the tables answer.
fn answers(page: &Page<'_>, summary: Row<'_>, sections: &[Section]) -> PolarsResult<Vec<Answer>> {
    let finding = |id: &str| sections.iter().find(|section| section.id == id).map(|section| section.finding.clone());
    let sales = finding("sales").map(|text| Answer(asked(page), text + ".", "sales"));
    let mut answers = vec![few_bring_much(page, summary)?, who_loses(page, summary)?];
    answers.extend(sales);
    answers.extend(idle_stock(page)?);
    answers.extend(behind(page)?);
    Ok(answers)
}

/// The question about the cost of each rep is asked only if pay is shown.
fn asked(page: &Page<'_>) -> String {
    if page.shows_pay {
        say!(page.format, "What does each rep cost and add?")
    } else {
        say!(page.format, "What does the sales force bring?")
    }
}

/// Which customers bring 80 % of revenue, and what part of the cost the last 20 % of revenue takes: the figure of the section.
fn few_bring_much(page: &Page<'_>, summary: Row<'_>) -> PolarsResult<Answer> {
    let format = &page.format;
    let question = if page.knows_cost {
        say!(format, "Who brings 80 % of revenue, and what do the others cost?")
    } else {
        say!(format, "Who brings 80 % of revenue?")
    };
    let rows = page.of_window(contract::model("concentration"))?;
    let first = rows
        .iter()
        .filter(|row| row.share(c::REVENUE_SHARE).is_some_and(|share| share >= 0.8))
        .min_by_key(|row| row.units(c::PERCENTILE));
    let known = first.and_then(|row| Some((row, summary.share(c::TAIL_COST_SHARE)?))).filter(|_| page.knows_cost);
    let answer = if let Some((row, cost)) = known {
        say!(
            format,
            "{percent} of the customers, {n}, bring {revenue} of revenue; the last 20 % of revenue takes {cost} of the cost to serve.",
            percent = format.whole_percent(percent_of(row.units(c::CUSTOMERS), summary.units(c::CUSTOMERS))),
            n = format.grouped(row.units(c::CUSTOMERS)),
            revenue = format.percent(row.share(c::REVENUE_SHARE)),
            cost = format.percent(Some(cost))
        )
    } else {
        let share = format.percent(summary.share(c::TOP_REVENUE_SHARE));
        say!(format, "20 % of the customers bring {share} of revenue", share = share) + "."
    };
    Ok(Answer(question, answer, "concentration"))
}

/// Whole percent of customers, at least one: one of two customers is half of them, and not the first percent.
fn percent_of(part: i64, whole: i64) -> i64 {
    if whole <= 0 { 0 } else { (part.saturating_mul(200).saturating_add(whole) / whole.saturating_mul(2)).max(1) }
}

/// Which customers lose money, for certain or not, and what to do first.
fn who_loses(page: &Page<'_>, summary: Row<'_>) -> PolarsResult<Answer> {
    let format = &page.format;
    let question = say!(format, "Who loses money, and what comes first?");
    if !page.knows_margin {
        return Ok(Answer(
            question,
            say!(format, "Not known without the cost of goods and the cost to serve them."),
            "customers",
        ));
    }
    if !page.knows_cost {
        let answer = several!(
            format,
            summary.units(c::LOSS_CUSTOMERS),
            "Not known without the cost to serve them; {n} customer has a margin below zero, {amount} together.",
            "Not known without the cost to serve them; {n} customers have a margin below zero, {amount} together.",
            amount = format.sum(summary.units(c::LOSS_AMOUNT).saturating_abs())
        );
        return Ok(Answer(question, answer, "best"));
    }
    let mut answer = several!(
        format,
        summary.units(c::LOSS_CUSTOMERS),
        "{n} customer loses {amount}",
        "{n} customers lose {amount}",
        amount = format.sum(summary.units(c::LOSS_AMOUNT).saturating_abs())
    );
    if let Some(certain) = Bands::new(&page.marts)?.losing_for_certain() {
        answer += &say!(format, ", {n} of them for certain", n = format.grouped(certain));
    }
    let rows = page.of_window(contract::model("remedy"))?;
    let proposed = remedies::proposed(&rows);
    let Some(first) = proposed.first() else { return Ok(Answer(question, answer + ".", "best")) };
    answer += &say!(
        format,
        ". First: “{remedy}” with {customer}, expected to bring {amount}; all proposals bring {all}.",
        remedy = remedies::name(format, first.text(c::REMEDY)),
        customer = page.customer_name(first.text(c::CUSTOMER_ID)),
        amount = format.whole(first.units(c::EXPECTED_CHANGE)),
        all = format.whole(sum(proposed.iter().copied(), c::EXPECTED_CHANGE))
    );
    Ok(Answer(question, answer, "remedies"))
}

/// The stock that doesn't earn its keep.
fn idle_stock(page: &Page<'_>) -> PolarsResult<Option<Answer>> {
    let format = &page.format;
    let rows = page.of_window(contract::model("stock_customer_group"))?;
    let question = say!(format, "Which stock doesn't pay for itself?");
    if rows.of(c::LEVEL, "tier").iter().all(|row| row.maybe_flag(c::EARNS_ITS_KEEP).is_none()) {
        return Ok(None);
    }
    let failing = stock::failing(&rows);
    let few: Vec<String> = failing
        .iter()
        .take(3)
        .map(|row| format!("{} ({})", stock::whose(format, *row), format.whole(row.units(c::NET_OF_HOLDING))))
        .collect();
    let held = sum(failing.iter().copied(), c::AVERAGE_STOCK);
    let share = ratio(held, sum(rows.of(c::LEVEL, "tier"), c::AVERAGE_STOCK));
    let answer = match few.as_slice() {
        [] => say!(format, "All stock pays for itself."),
        few => several!(
            format,
            i64::try_from(failing.len()).unwrap_or(i64::MAX),
            "{share} of the stock, {amount}, in {n} product group × customer group: most of all {worst}.",
            "{share} of the stock, {amount}, in {n} product groups × customer groups: most of all {worst}.",
            share = format.percent(share),
            amount = format.sum(held),
            worst = few.join(", ")
        ),
    };
    Ok(Some(Answer(question, answer, "stock")))
}

/// Which goals are behind.
fn behind(page: &Page<'_>) -> PolarsResult<Option<Answer>> {
    let format = &page.format;
    let rows = page.marts.rows(&contract::GOAL_PROGRESS)?;
    if rows.is_empty() || !Needs::Now.are_met(page) {
        return Ok(None);
    }
    let count = |status: &str| format.grouped(i64::try_from(rows.of(c::GOAL_STATUS, status).len()).unwrap_or(i64::MAX));
    let mut late = goals::behind(&rows);
    late.sort_by_key(|row| {
        (row.text(c::GOAL_STATUS) != "behind", std::cmp::Reverse(row.day(c::LAST_PERIOD)), row.text(c::GOAL_ID))
    });
    let named = |row: &Row<'_>| {
        say!(
            format,
            "{goal} ({share} attained)",
            goal = goals::label(format, *row),
            share = format.percent(row.share(c::ATTAINMENT))
        )
    };
    let few: Vec<String> = late.iter().take(3).map(named).collect();
    let measured = rows.iter().any(|row| !matches!(row.text(c::GOAL_STATUS), "not measurable" | "not started"));
    let answer = match few.as_slice() {
        [] if !measured => say!(format, "No goal can be measured yet."),
        [] => say!(format, "No goal is behind."),
        few => say!(
            format,
            "{behind} behind, {missed} missed: {goals}.",
            behind = count("behind"),
            missed = count("missed"),
            goals = few.join("; ")
        ),
    };
    Ok(Some(Answer(say!(format, "Which goals are behind?"), answer, "goals")))
}
