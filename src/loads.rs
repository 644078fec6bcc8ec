//! What a load did, in words: its line of progress, what to look at, and what is missing from all figures since.
//!
//! ```text
//!   ingest  order_lines: 60,012 rows, 3 set apart (unknown_customer 3), 1,234.50 or 0.02 % of the amount, 1 the same as another row
//!  warning  order_lines: 1 line replaces 30 in 2025-03; …
//! ```

use std::collections::BTreeMap;

use netto_lake::{LoadReport, SetApart, SourceConfig, Sum};
use netto_model::money::{SCALE, divide_half_even};
use netto_model::{Period, contract};
use serde_json::{Value, json};

use crate::output::count;

/// Months that a warning names.
const SHOWN: usize = 6;

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

/// What to look at after a load.
pub(crate) fn warnings(report: &LoadReport, config: &SourceConfig) -> Vec<String> {
    let source = report.source;
    let mut warnings = Vec::new();
    warnings.extend(shrunk(report));
    warnings.extend(report.superseded.first.as_ref().map(|first| {
        let other = report.superseded.other;
        format!(
            "{source}: of rows with the same key that say different things the last one is loaded; {} worth {}: {first}",
            rows(other.rows, "is superseded", "are superseded"),
            amount(other.amount)
        )
    }));
    if report.rows_outside > 0 {
        let outside = rows(report.rows_outside, "lies", "lie");
        warnings.push(format!("{source}: {outside} outside the month that its file names; loaded by its key, the other month isn't replaced"));
    }
    if report.settings_changed {
        warnings.push(format!(
            "{source}: its settings were changed, but what was appended stays as it was read; to read it anew, remove .netto/lake/{source} while its files are still there"
        ));
    }
    let (sum, limit) = (report.missing.sum(), config.amount_limit().share);
    let ledger = source == contract::COST_POOLS.name && sum.rows > 0;
    if let Some(missing) = missing(&report.missing).filter(|_| ledger) {
        warnings.push(format!("{source}: {missing}; the result doesn't tie to the ledger until they are loaded"));
    } else if let Some(share) = report.missing.share().filter(|share| *share > limit) {
        warnings.push(format!(
            "{source}: {:.1} % of the amount is set apart and in no figure, {} in {}",
            share * 100.0,
            amount(sum.amount),
            rows(sum.rows, "", "").trim_end()
        ));
    }
    warnings
}

/// `1 line replaces 30 in 2025-03, 0 lines replace 12 in 2025-02`
fn shrunk(report: &LoadReport) -> Option<String> {
    if report.shrunk.is_empty() {
        return None;
    }
    let one = |(month, (before, after)): (&Option<Period>, &(u64, u64))| {
        let month = month.map(|month| format!(" in {month}")).unwrap_or_default();
        let noun = if report.source == contract::ORDER_LINES.name { "line" } else { "row" };
        let verb = if *after == 1 { format!("{noun} replaces") } else { format!("{noun}s replace") };
        format!("{} {verb} {}{month}", count(*after), count(*before))
    };
    let shown: Vec<String> = report.shrunk.iter().take(SHOWN).map(one).collect();
    let more = report.shrunk.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(", and {more} months more") } else { String::new() };
    let help = if report.shrunk.contains_key(&None) {
        "is the extract whole?"
    } else {
        "is the extract whole? load = \"upsert\" or \"append\" takes one that holds a part of its months"
    };
    Some(format!("{}: {}{more}; {help}", report.source, shown.join(", ")))
}

/// `3 set apart (unknown_customer 3), 1,234.50 or 0.02 % of the amount`; none where nothing is.
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

/// `1,234.50 or 0.02 % of the amount, unknown of 1 row`; none where the source has no amounts.
pub(crate) fn worth(set_apart: &SetApart, sum: &Sum) -> Option<String> {
    let share = set_apart.share_of(sum)?;
    let unknown =
        if sum.unknown > 0 { format!(", unknown of {}", rows(sum.unknown, "", "").trim_end()) } else { String::new() };
    Some(if sum.unknown == sum.rows {
        "amount unknown".to_owned()
    } else {
        format!("{} or {} of the amount{unknown}", amount(sum.amount), percent(share))
    })
}

/// What is in no figure of a run, a line for each source; nothing where all is.
pub(crate) fn headline(all: &BTreeMap<&'static str, SetApart>) -> Vec<String> {
    let line = |(source, of): (&&str, &SetApart)| Some(format!("{source}: {}", missing(of)?));
    let lines: Vec<String> = all.iter().filter_map(line).collect();
    if lines.is_empty() {
        lines
    } else {
        [vec!["\nIn none of these figures, until it is loaded:".to_owned()], lines].concat()
    }
}

/// What is missing from the figures, by source.
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
        "amount": amounts.map(|_| in_full(sum.amount)),
        "unknown_amounts": amounts.map(|_| sum.unknown),
        "amount_share": amounts,
    })
}

/// `1 row is`, `2 rows are`
fn rows(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 row {one}") } else { format!("{} rows {many}", count(number)) }
}

/// Ten-thousandths as `-1,234.50`: to be read, not to be summed.
fn amount(units: i128) -> String {
    let cents = divide_half_even(units, i128::from(SCALE) / 100);
    let sign = if cents < 0 { "-" } else { "" };
    format!(
        "{sign}{}.{:02}",
        count(i128::try_from(cents.unsigned_abs() / 100).unwrap_or(i128::MAX)),
        cents.unsigned_abs() % 100
    )
}

/// Ten-thousandths in full, whatever their size: `-1234.5000`.
fn in_full(units: i128) -> String {
    let (scale, sign) = (u128::from(SCALE.unsigned_abs()), if units < 0 { "-" } else { "" });
    format!("{sign}{}.{:04}", units.unsigned_abs() / scale, units.unsigned_abs() % scale)
}

/// `0.02 %`; a share that rounds to nothing is below it.
fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.0001 { "less than 0.01 %".to_owned() } else { format!("{:.2} %", share * 100.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_in_cents_and_written_in_full() {
        assert_eq!(
            [12_345_000, -1, -9_999_999, 9_000_000_000].map(amount),
            ["1,234.50", "0.00", "-1,000.00", "900,000.00"]
        );
        assert_eq!([12_345_000, -1, 0].map(in_full), ["1234.5000", "-0.0001", "0.0000"]);
        assert_eq!([0.0, 0.000_01, 0.136].map(percent), ["0.00 %", "less than 0.01 %", "13.60 %"]);
    }

    #[test]
    fn months_that_shrink_are_named_with_their_lines() {
        let month = |month, before, after| (Some(Period::new(2025, month)), (before, after));
        let report = |source, shrunk: &[_]| LoadReport {
            source,
            shrunk: shrunk.iter().copied().collect(),
            ..LoadReport::default()
        };
        let of = |source, months: &[_]| shrunk(&report(source, months)).unwrap();
        assert!(
            of("order_lines", &[month(3, 30, 1), month(4, 12, 0)])
                .starts_with("order_lines: 1 line replaces 30 in 2025-03, 0 lines replace 12 in 2025-04; ")
        );
        assert_eq!(of("customers", &[(None, (800, 3))]), "customers: 3 rows replace 800; is the extract whole?");
        let many: Vec<_> = (1..=9).map(|of| month(of, 10, 1)).collect();
        assert!(of("stock", &many).contains("1 row replaces 10 in 2025-06, and 3 months more; "));
    }
}
