//! What to do first: in the main window, up to five sentences, each with the section that proves it.
//!
//! ```text
//! Talk to Bakker first: “Less discount” is expected to bring EUR 16,290, from 12,480 to 18,190.     #remedies
//! ```
//! Each rests on a definition with its range or its count; a table without a finding gives no sentence.

use minijinja::{Value, context};
use netto_model::{column as c, contract};
use polars::prelude::PolarsResult;

use super::language::{say, several};
use super::marts::largest;
use super::page::Page;
use super::unknown::Needs;
use super::{remedies, stock};

/// Maximum number of sentences.
const FEW: usize = 5;
/// A customer that has been silent for longer has left.
pub(super) const LATELY: i64 = 12;

type Sentence = Option<(String, &'static str)>;

/// The sentences, each with its section.
pub(super) fn sentences(page: &Page<'_>) -> PolarsResult<Vec<Value>> {
    if !Needs::Now.are_met(page) {
        return Ok(Vec::new());
    }
    let all = [talk(page)?, rule(page)?, call(page)?, develop(page)?, clear(page)?];
    let shown = |(text, section): (String, &'static str)| context! { text, section };
    Ok(all.into_iter().flatten().take(FEW).map(shown).collect())
}

/// The customer to talk to first, and the expected effect.
fn talk(page: &Page<'_>) -> PolarsResult<Sentence> {
    let (format, rows) = (&page.format, page.of_window(contract::model("remedy"))?);
    let first = remedies::proposed(&rows).first().copied().filter(|_| Needs::Profit.are_met(page));
    let said = first.map(|row| {
        say!(
            format,
            "Talk to {customer} first: “{remedy}” is expected to bring {amount}, from {low} to {high}.",
            customer = page.customer_name(row.text(c::CUSTOMER_ID)),
            remedy = remedies::name(format, row.text(c::REMEDY)),
            amount = format.sum(row.units(c::EXPECTED_CHANGE)),
            low = format.whole(row.units(c::EXPECTED_LOW)),
            high = format.whole(row.units(c::EXPECTED_HIGH))
        )
    });
    Ok(said.map(|said| (said, "remedies")))
}

/// The rule for all customers that is worth most.
fn rule(page: &Page<'_>) -> PolarsResult<Sentence> {
    let (format, rows) = (&page.format, page.marts.rows(contract::model("remedy_policy"))?);
    let said = rows.iter().find(|row| row.flag("proposed")).map(|row| {
        say!(
            format,
            "Decide on a rule for all. {rule} is expected to bring {amount}, from {low} to {high}.",
            rule = remedies::rule(row, format),
            amount = format.sum(row.units(c::EXPECTED_CHANGE)),
            low = format.whole(row.units(c::EXPECTED_LOW)),
            high = format.whole(row.units(c::EXPECTED_HIGH))
        )
    });
    Ok(said.map(|said| (said, "remedies")))
}

/// The slipping customer with the most at stake that can still be reached.
fn call(page: &Page<'_>) -> PolarsResult<Sentence> {
    let (format, rows) = (&page.format, page.marts.rows(contract::model("slipping_customer"))?);
    let lately: Vec<_> = rows.iter().filter(|row| row.units(c::SILENT_MONTHS) <= LATELY).collect();
    let stake = if page.knows_margin { c::MARGIN_AT_STAKE } else { c::REVENUE_AT_STAKE };
    let Some(most) = largest(lately.iter().copied(), |row| row.units(stake)).first().copied() else { return Ok(None) };
    let (customer, amount) = (page.customer_name(most.text(c::CUSTOMER_ID)), format.sum(most.units(stake)));
    let months = most.units(c::SILENT_MONTHS);
    let said = if page.knows_margin {
        several!(
            format,
            months,
            "Call {customer}: no order for {n} month, longer than ever before; {amount} of margin a year is at stake.",
            "Call {customer}: no order for {n} months, longer than ever before; {amount} of margin a year is at stake.",
            customer = customer,
            amount = amount
        )
    } else {
        several!(
            format,
            months,
            "Call {customer}: no order for {n} month, longer than ever before; {amount} of revenue a year is at stake.",
            "Call {customer}: no order for {n} months, longer than ever before; {amount} of revenue a year is at stake.",
            customer = customer,
            amount = amount
        )
    };
    Ok(Some((said, "slipping")))
}

/// The customer that can move up and would bring most.
fn develop(page: &Page<'_>) -> PolarsResult<Sentence> {
    let (format, rows) = (&page.format, page.of_window(contract::model("customer_step_up"))?);
    let most = largest(rows.iter(), |row| row.units("extra_profit")).first().copied();
    let said = most.filter(|row| Needs::Profit.are_met(page) && row.units("extra_profit") > 0).map(|row| {
        say!(
            format,
            "Develop {customer}: {lacks} of revenue more makes it {tier}, and brings {low} to {high} a year.",
            customer = page.customer_name(row.text(c::CUSTOMER_ID)),
            lacks = format.sum(row.units("needed_revenue")),
            tier = format.say(row.text("next_tier")),
            low = format.whole(row.units("extra_profit")),
            high = format.whole(row.units("extra_margin"))
        )
    });
    Ok(said.map(|said| (said, "steps-up")))
}

/// The stock whose cost exceeds its earnings most.
fn clear(page: &Page<'_>) -> PolarsResult<Sentence> {
    let (format, rows) = (&page.format, page.of_window(contract::model("stock_customer_group"))?);
    let said = stock::failing(&rows).first().map(|row| {
        say!(
            format,
            "Hold less stock of {whose}: {held} of it costs {amount} a year more than it earns.",
            whose = stock::whose(format, *row),
            held = format.sum(row.units(c::AVERAGE_STOCK)),
            amount = format.sum(-row.units(c::NET_OF_HOLDING))
        )
    });
    Ok(said.map(|said| (said, "stock")))
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{m, n, t, with};
    use netto_model::{column as c, contract};
    use polars::prelude::AnyValue;

    #[test]
    fn what_to_do_stands_first_with_its_range_and_its_proof() {
        let remedy = vec![
            (c::CUSTOMER_ID, t("A")),
            (c::REMEDY, t("discount_change")),
            (c::PROPOSED, AnyValue::Boolean(true)),
            (c::EXPECTED_CHANGE, m(90)),
            (c::EXPECTED_LOW, m(40)),
            (c::EXPECTED_HIGH, m(120)),
        ];
        let silent = |id, months, margin| {
            vec![(c::CUSTOMER_ID, t(id)), (c::SILENT_MONTHS, n(months)), (c::MARGIN_AT_STAKE, m(margin))]
        };
        let html = with(vec![
            (contract::model("remedy"), vec![remedy]),
            (contract::model("slipping_customer"), vec![silent("GONE", 28, 900), silent("B", 4, 70)]),
        ]);
        let list =
            html.split("<ol class=\"todo\">").nth(1).unwrap().split("</ol>").next().unwrap().replace('\u{a0}', " ");
        assert!(
            list.contains("“Less discount” is expected to bring EUR 90, from 40 to 120.")
                && list.contains("href=\"#remedies\""),
            "{list}"
        );
        assert!(
            list.contains("Call B: no order for 4 months") && !list.contains("GONE"),
            "who left long ago isn't called: {list}"
        );
        assert_eq!(list.matches("<li>").count(), 2, "{list}");
    }
}
