//! The output of `netto check` about one source, at most one screen.
//!
//! ```text
//! order_lines  2022-07-01 to 2025-06-27
//!   Column      From     In the extract  Loaded
//!   order_date  Datum    03-03-2025      2025-03-03
//!   Month       Rows     Amount
//!   2025-06     1,612    503,122.10
//!   no rows in 2024-08
//!   2025-01 comes to 1,469,411.31, where months usually come to 71,080.20
//! ```

use std::collections::BTreeMap;

use netto_lake::{LoadReport, Sample};
use netto_model::Period;
use netto_model::money::{count, counted, in_cents};
use serde_json::{Value, json};

use crate::output;

/// Number of last months shown.
const MONTHS: usize = 6;
/// Number of columns shown.
const COLUMNS: usize = 20;
/// Number of characters of a value shown.
const SIGNS: usize = 40;
/// Minimum number of months to tell what is usual.
const FEW: usize = 6;
/// A month is reported if its amount is this many times the usual one, or this fraction of it.
const TIMES: i128 = 4;
/// Number of months reported.
const NAMED: usize = 6;

/// Shows how the values of a source are read, its first and last day, and the content of its last months.
pub(crate) fn show(load: &LoadReport) {
    let overview = &load.overview;
    let days = overview.days.as_ref().map(|(first, last)| format!(", {first} to {last}")).unwrap_or_default();
    output::text(&format!("\n{}: {} loaded{days}", load.source, counted(load.rows_loaded, "row", "rows")));
    // A column without extract column and contract default is not shown.
    let is_said =
        |sample: &&Sample| sample.from != sample.column || !sample.text.is_empty() || !sample.value.is_empty();
    let values = overview.samples.iter().filter(is_said).take(COLUMNS);
    let values: Vec<Vec<String>> = values
        .map(|sample| {
            vec![sample.column.to_owned(), sample.from.clone(), shortened(&sample.text), shortened(&sample.value)]
        })
        .collect();
    if !values.is_empty() {
        output::table(&["Column", "From", "In the extract", "Loaded"], &values, 4);
    }
    let skipped = overview.months.len().saturating_sub(MONTHS);
    let months: Vec<Vec<String>> = overview
        .months
        .iter()
        .skip(skipped)
        .map(|(month, (rows, amount))| vec![month.to_string(), count(*rows), amount.map(in_cents).unwrap_or_default()])
        .collect();
    if !months.is_empty() {
        output::text("");
        output::table(&["Month", "Rows", "Amount"], &months, 1);
    }
    if skipped > 0 {
        output::text(&format!(" and {} before", counted(skipped as u64, "month", "months")));
    }
    let missing = without_rows(&overview.months);
    if !missing.is_empty() {
        output::text(&format!(" no rows in {}", named(&missing)));
    }
    for sentence in out_of_line(&overview.months).into_iter().take(NAMED) {
        output::text(&format!(" {sentence}"));
    }
}

type Months = BTreeMap<Period, (u64, Option<i128>)>;

/// Months without rows between the first and the last, if most have rows; stock, for example, may be counted twice a year.
fn without_rows(months: &Months) -> Vec<String> {
    let (Some((first, _)), Some((last, _))) = (months.first_key_value(), months.last_key_value()) else {
        return Vec::new();
    };
    let all = std::iter::successors(Some(*first), |month| Some(month.plus(1))).take_while(|month| month <= last);
    let missing: Vec<String> = all.filter(|month| !months.contains_key(month)).map(|month| month.to_string()).collect();
    if missing.len() < months.len() { missing } else { Vec::new() }
}

fn named(months: &[String]) -> String {
    let more = months.len().saturating_sub(NAMED);
    let shown = months.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// Months with a much larger or smaller amount than the others, except the first and the last, which may be incomplete.
fn out_of_line(months: &Months) -> Vec<String> {
    let mut amounts: Vec<i128> = months.values().filter_map(|(_, amount)| *amount).collect();
    amounts.sort_unstable();
    let Some(usual) = amounts.get(amounts.len() / 2).copied().filter(|usual| amounts.len() >= FEW && *usual > 0) else {
        return Vec::new();
    };
    let inner = |month: &Period| months.keys().next() != Some(month) && months.keys().next_back() != Some(month);
    let odd = |(month, (_, amount)): (&Period, &(u64, Option<i128>))| {
        let amount = (*amount)?;
        let is_odd = amount > usual * TIMES || amount * TIMES < usual && inner(month);
        is_odd.then(|| format!("{month} has {}, while months usually have {}", in_cents(amount), in_cents(usual)))
    };
    months.iter().filter_map(odd).collect()
}

/// All of it as JSON.
pub(crate) fn as_json(load: &LoadReport) -> Value {
    let overview = &load.overview;
    json!({
        "source": load.source,
        "first_day": overview.days.as_ref().map(|(first, _)| first),
        "last_day": overview.days.as_ref().map(|(_, last)| last),
        "samples": overview.samples.iter().map(|sample| json!({
            "column": sample.column, "from": sample.from, "text": sample.text, "value": sample.value,
        })).collect::<Vec<_>>(),
        "months": overview.months.iter().map(|(month, (rows, amount))| json!({
            "period": month.to_string(), "rows": rows, "amount": amount.map(netto_model::money::decimal),
        })).collect::<Vec<_>>(),
    })
}

fn shortened(text: &str) -> String {
    let line: String = text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    if line.chars().count() <= SIGNS { line } else { line.chars().take(SIGNS - 1).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn months(amounts: &[(i32, i128)]) -> Months {
        amounts.iter().map(|(month, amount)| (Period::new(2025, *month), (1, Some(*amount * 10_000)))).collect()
    }

    #[test]
    fn months_without_rows_are_named_where_most_have_some() {
        assert_eq!(without_rows(&months(&[(1, 5), (2, 5), (5, 5), (6, 5)])), ["2025-03", "2025-04"]);
        assert!(without_rows(&months(&[(1, 5), (6, 5)])).is_empty(), "stock is counted twice a year");
        assert!(without_rows(&Months::new()).is_empty());
    }

    #[test]
    fn months_that_come_to_much_more_or_less_than_usual_are_named_the_first_and_the_last_may_be_cut() {
        let found = out_of_line(&months(&[(1, 10), (2, 100), (3, 110), (4, 1000), (5, 90), (6, 20), (7, 100), (8, 5)]));
        let usual = "while months usually have 100.00";
        assert_eq!(found, [format!("2025-04 has 1,000.00, {usual}"), format!("2025-06 has 20.00, {usual}")]);
        assert!(out_of_line(&months(&[(1, 1), (2, 100), (3, 1)])).is_empty(), "of few nothing is usual");
    }
}
