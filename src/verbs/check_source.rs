//! What `netto check` says of one source: at most a screen.
//!
//! ```text
//! order_lines  2022-07-01 to 2025-06-27
//!   Column      From     In the extract  Loaded
//!   order_date  Datum    03-03-2025      2025-03-03
//!   Month       Rows     Amount
//!   2025-06     1,612    503,122.10
//! ```

use netto_lake::LoadReport;
use netto_model::money::{count, counted, in_cents};
use serde_json::{Value, json};

use crate::output;

/// Months that are shown, the last ones.
const MONTHS: usize = 6;
/// Columns whose values are shown.
const COLUMNS: usize = 20;
/// Signs of a value that are shown.
const SIGNS: usize = 40;

/// How the values of a source are read, where its days begin and end, and what its last months hold.
pub(crate) fn show(load: &LoadReport) {
    let overview = &load.overview;
    let days = overview.days.as_ref().map(|(first, last)| format!(", {first} to {last}")).unwrap_or_default();
    output::text(&format!("\n{}: {} loaded{days}", load.source, counted(load.rows_loaded, "row", "rows")));
    let values = overview.samples.iter().take(COLUMNS);
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
}

/// For programs: everything.
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
