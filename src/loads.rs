//! Describes a load in words: its progress line, its warnings, and the rows missing from all figures since.
//!
//! ```text
//!   ingest  order_lines: 60,012 rows, 3 set apart (unknown_customer 3), 1,234.50 or 0.02 % of the amount, 1 the same as another row
//!  warning  order_lines: 1 line replaces 30 in 2025-03; …
//! ```

use std::collections::BTreeMap;

use netto_lake::{LoadReport, SetApart, SourceConfig, Sum, SupersededRows};
use netto_model::money::{count, counted, decimal};
use netto_model::{Warning, contract};
use serde_json::{Value, json};

/// `order_lines: 60,012 rows, 3 set apart (unknown_customer 3), 1,234.50 or 0.02 % of the amount`
pub(crate) fn line(report: &LoadReport) -> String {
    let source = report.source;
    if report.unchanged {
        let missing =
            missing(&report.missing).map(|missing| format!("; {missing}, not loaded yet")).unwrap_or_default();
        return format!("{source}: unchanged since the last load{missing}");
    }
    let mut text = format!("{source}: {} rows", count(report.rows_read));
    if let Some(set_apart) = missing(&report.set_apart) {
        text += &format!(", {set_apart}");
    }
    let parts = [
        (report.superseded.same, "the same as another row"),
        (report.superseded.other.rows, "superseded by a later row with the same key"),
        (report.rows_moved, "moved here from another month"),
        (report.rows_left_out, "left out by `where`"),
    ];
    for (rows, what) in parts.into_iter().filter(|(rows, _)| *rows > 0) {
        text += &format!(", {} {what}", count(rows));
    }
    if report.lines.repeated > 0 {
        text += &format!(", repeated headers left out: {}", count(report.lines.repeated));
    }
    let (now, all) = (report.set_apart.sum().rows, report.missing.sum().rows);
    if all > now {
        text += &format!("; {} set apart by earlier loads and not loaded yet", count(all - now));
    }
    text
}

/// Maximum number of names in a sentence.
const NAMED: usize = 5;

/// The warnings of a load. Those about incomplete figures or outdated settings stop a run with `--strict`; those about data that
/// were read correctly are only notes.
pub(crate) fn warnings(report: &LoadReport, config: &SourceConfig) -> Vec<Warning> {
    let source = report.source;
    let mut warnings = Vec::new();
    if !report.shrunk.is_empty() {
        // The user accepted the loss explicitly.
        warnings.push(Warning::note("month_shrinks", format!("{}; accepted", report.shrunk)).at(["source", source]));
    }
    warnings.extend(report.findings.superseded.as_ref().map(|superseded| later_rows(source, superseded, config)));
    if !report.left_out.is_empty() {
        let said = format!(
            "{source}: files left out: {}; a wildcard matches neither hidden files nor the lock files of open workbooks, and a file is read if `files` names it",
            netto_lake::first_of(&report.left_out, NAMED)
        );
        warnings.push(Warning::note("files_left_out", said).at(["source", source, "files"]));
    }
    if report.rows_outside > 0 {
        let outside = counted(report.rows_outside, "row lies", "rows lie");
        let said = format!(
            "{source}: {outside} outside the month in the file name; such rows are loaded by key, without replacing their month"
        );
        warnings.push(Warning::note("rows_outside_their_month", said));
    }
    if report.settings_changed {
        let said = format!(
            "{source}: its settings were changed, but rows that were appended before keep the old ones; to read them again, remove .netto/lake/{source} while their files are still there"
        );
        warnings.push(Warning::disagreement("appended_with_other_settings", said).at(["source", source]));
    }
    if !report.rates_changed.is_empty() {
        let said = format!(
            "{source}: exchange rates were changed ({}), but rows that were appended before keep the old ones; to read them again, remove .netto/lake/{source} while their files are still there",
            netto_lake::first_of(&report.rates_changed, NAMED)
        );
        warnings.push(Warning::disagreement("appended_with_other_rates", said).at(["source", source]));
    }
    warnings.extend(incomplete(report, config));
    warnings
}

/// With `duplicates` set, corrections are expected; otherwise duplicates may come from a wrongly mapped key.
fn later_rows(source: &str, superseded: &SupersededRows, config: &SourceConfig) -> Warning {
    let SupersededRows { rows, amount, first } = superseded;
    let worth = amount.as_ref().map(|amount| format!(" worth {amount}")).unwrap_or_default();
    let said = format!(
        "{source}: rows with the same key have different values, and the last one is loaded; {}{worth}: {first}",
        counted(*rows, "row is superseded", "rows are superseded"),
    );
    if config.duplicates.is_some() {
        return Warning::note("rows_superseded", said);
    }
    let warning = Warning::disagreement("rows_superseded", said).at(["source", source]);
    warning.with_help(if source == contract::FX_RATES.name {
        "a currency has one rate per month: supply the average of the month, or set duplicates = \"last\" to take the last rate of each month"
    } else {
        "if later rows are corrections, set duplicates = \"last\""
    })
}

/// A warning if rows that were set apart are part of the ledger or a large share of the amount.
fn incomplete(report: &LoadReport, config: &SourceConfig) -> Option<Warning> {
    let source = report.source;
    let (sum, limit) = (report.missing.sum(), config.amount_limit().share);
    if source == contract::COST_POOLS.name && sum.rows > 0 {
        let missing = missing(&report.missing)?;
        let said = format!("{source}: {missing}; the result doesn't tie to the ledger until they are loaded");
        return Some(Warning::disagreement("ledger_incomplete", said).at(["source", source]));
    }
    // A single row of unknown worth, such as a footer, is never too much.
    let is_one = sum.rows == 1 && sum.unknown == 1;
    let share = report.missing.estimated_share().filter(|share| *share > limit && !is_one)?;
    let said = format!(
        "{source}: {}{:.1} % of the amount is set apart and not in any figure, {}",
        if sum.unknown > 0 { "about " } else { "" },
        share * 100.0,
        report.missing.in_words("the rows in the lake")
    );
    Some(Warning::disagreement("much_is_set_apart", said).at(["source", source]))
}

/// `3 set apart (unknown_customer 3), 1,234.50 or 0.02 % of the amount`; `None` if no rows are set apart.
pub(crate) fn missing(set_apart: &SetApart) -> Option<String> {
    let sum = set_apart.sum();
    if sum.rows == 0 {
        return None;
    }
    let reasons: Vec<String> =
        set_apart.reasons.iter().map(|(reason, of)| format!("{reason} {}", count(of.rows))).collect();
    let worth = worth(set_apart, &sum).map(|worth| format!(", {worth}")).unwrap_or_default();
    Some(format!("{} set apart ({}){worth}", count(sum.rows), reasons.join(", ")))
}

/// `1,234.50 or 0.02 % of the amount, unknown of 1 row`; `None` if the source has no amounts.
pub(crate) fn worth(set_apart: &SetApart, sum: &Sum) -> Option<String> {
    let share = set_apart.share_of(sum)?;
    let unknown =
        if sum.unknown > 0 { format!(", unknown of {}", counted(sum.unknown, "row", "rows")) } else { String::new() };
    Some(if sum.unknown == sum.rows {
        "amount unknown".to_owned()
    } else {
        format!("{} or {} of the amount{unknown}", sum.amount_in_words(), percent(share))
    })
}

/// What is in no figure of a run, a line for each source; nothing where all is.
pub(crate) fn headline(all: &BTreeMap<&'static str, SetApart>) -> Vec<String> {
    let line = |(source, of): (&&str, &SetApart)| Some(format!("{source}: {}", missing(of)?));
    let lines: Vec<String> = all.iter().filter_map(line).collect();
    if lines.is_empty() {
        lines
    } else {
        [vec!["\nNot in these figures until it is loaded:".to_owned()], lines].concat()
    }
}

/// The rows missing from the figures, by source.
pub(crate) fn set_apart_as_json(missing: &BTreeMap<&'static str, SetApart>) -> Value {
    missing.iter().map(|(source, of)| ((*source).to_owned(), as_json(of))).collect::<serde_json::Map<_, _>>().into()
}

pub(crate) fn as_json(set_apart: &SetApart) -> Value {
    let sum = set_apart.sum();
    let reasons: BTreeMap<&String, u64> = set_apart.reasons.iter().map(|(reason, of)| (reason, of.rows)).collect();
    let amounts = set_apart.share();
    json!({
        "rows": sum.rows,
        "reasons": reasons,
        "amount": amounts.map(|_| decimal(sum.amount)),
        "unknown_amounts": amounts.map(|_| sum.unknown),
        "amount_share": amounts,
    })
}

/// `0.02 %`; a share that would round to zero is `less than 0.01 %`.
fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.0001 { "less than 0.01 %".to_owned() } else { format!("{:.2} %", share * 100.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_that_rounds_to_nothing_is_below_it() {
        assert_eq!([0.0, 0.000_01, 0.136].map(percent), ["0.00 %", "less than 0.01 %", "13.60 %"]);
    }
}
