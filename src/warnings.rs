//! Shows warnings with their line of `netto.toml`: at once, as a list in `check`, or as errors with `--strict`.

use std::collections::BTreeMap;

use netto_lake::{LoadReport, Placeholders};
use netto_model::money::counted;
use netto_model::{Problem, Warning};
use serde_json::{Value, json};

use crate::document::Document;
use crate::failure::Failure;
use crate::loads;
use crate::output::{self, count};
use crate::progress::say;
use crate::project::Project;

/// Prints each on standard error: `warning  netto.toml:12: pool …`.
pub(crate) fn said(project: &Project, warnings: &[Warning]) {
    for warning in warnings {
        say("warning", &line(&project.document, warning));
    }
}

fn line(document: &Document, warning: &Warning) -> String {
    match document.line(&warning.key) {
        Some(line) => format!("netto.toml:{line}: {warning}"),
        None => warning.to_string(),
    }
}

/// Maximum warnings listed per kind: one screen.
const LISTED: usize = 30;

/// Prints a table on standard output, disagreements first.
pub(crate) fn listed(project: &Project, warnings: &[Warning]) {
    let row = |warning: &Warning| {
        let place = project.document.line(&warning.key).map_or(String::new(), |line| format!("netto.toml:{line}"));
        vec![place, warning.to_string()]
    };
    for (strict, head) in [(true, "Configuration and data don't agree:"), (false, "Notes:")] {
        let of_kind = || warnings.iter().filter(|warning| warning.strict == strict);
        let rows: Vec<Vec<String>> = of_kind().take(LISTED).map(row).collect();
        if !rows.is_empty() {
            output::text(&format!("\n{head}"));
            output::sentences(&["Where", "What"], &rows);
        }
        if let Some(more) = of_kind().count().checked_sub(LISTED).filter(|more| *more > 0) {
            output::text(&format!(" and {}: --format json has all of them", counted(more as u64, "more", "more")));
        }
    }
}

/// The warnings as JSON.
pub(crate) fn as_json(project: &Project, warnings: &[Warning]) -> Value {
    let one = |warning: &Warning| {
        json!({
            "code": warning.code,
            "strict": warning.strict,
            "message": warning.message,
            "help": warning.help,
            "line": project.document.line(&warning.key),
        })
    };
    warnings.iter().map(one).collect()
}

/// With `strict`, fails unless configuration and data agree.
///
/// # Errors
/// Every disagreement, each with its line.
pub(crate) fn refuse(project: &Project, warnings: &[Warning], strict: bool) -> Result<(), Failure> {
    let refused = warnings.iter().filter(|warning| strict && warning.strict).cloned();
    let problem = |Warning { key, message, help, .. }: Warning| Problem { key, message, help };
    let problems: Vec<Problem> = refused.map(problem).collect();
    if problems.is_empty() { Ok(()) } else { Err(Failure::disagreement(project.document.faults(problems))) }
}

/// The warnings of a load.
pub(crate) fn of_load(project: &Project, report: &LoadReport) -> Vec<Warning> {
    let config = project.config.source.get(report.source);
    let loaded = config.map(|config| loads::warnings(report, config)).unwrap_or_default().into_iter();
    let gaps = [("cost", &report.without_cost), ("list amount", &report.without_list)];
    let gaps = gaps.into_iter().filter(|(_, gaps)| !gaps.is_empty());
    let gaps = gaps.map(|(what, gaps)| Warning::note("lines_without_value", what_is_missing(what, gaps)));
    let days = report.placeholders.iter();
    let days = days.map(|(column, found)| Warning::note("dates_read_as_empty", no_days(report.source, column, found)));
    let said = |finding: String| format!("{}: {finding}", report.source);
    let disagreements = report.findings.disagreements().into_iter();
    let disagreements = disagreements
        .map(|found| Warning::disagreement("extract_not_as_configured", said(found)).at(["source", report.source]));
    let doubts = report.findings.doubts().into_iter().map(|found| Warning::note("doubtful_rows", said(found)));
    loaded.chain(gaps).chain(days).chain(disagreements).chain(doubts).collect()
}

/// Findings without effect on figures, such as configured values that no row has.
pub(crate) fn without_effect(report: &LoadReport) -> Vec<Warning> {
    let remark = |remark: String| Warning::note("never_used", format!("{}: {remark}", report.source));
    report.findings.remarks().into_iter().map(remark).collect()
}

/// `order lines without cost: 3, as no version of their product gives one on the order date (unknown_product 3)`
fn what_is_missing(what: &str, gaps: &BTreeMap<&'static str, u64>) -> String {
    let reasons: Vec<String> = gaps.iter().map(|(reason, lines)| format!("{reason} {}", count(*lines))).collect();
    let (lines, reasons) = (count(gaps.values().sum::<u64>()), reasons.join(", "));
    format!(
        "order lines without {what}: {lines}, because no version of their product has one on the order date ({reasons})"
    )
}

/// `order_lines: 12 rows have no day in `Leverdatum`: 1900-01-01 and the like were read as empty`
fn no_days(source: &str, column: &str, found: &Placeholders) -> String {
    let rows = if found.rows == 1 { "1 row has".to_owned() } else { format!("{} rows have", count(found.rows)) };
    format!("{source}: {rows} an impossible date in `{column}`, such as {}; it was read as empty", found.example)
}
