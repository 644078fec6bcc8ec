//! `netto history`: lists the runs with time, outcome and headline.

use netto_model::column as c;
use serde_json::{Value, json};

use crate::cli::{Format, HistoryArgs};
use crate::failure::Failure;
use crate::journal::{Entry, Journal, Outcome};
use crate::output;
use crate::project::Project;

pub(crate) fn run(args: &HistoryArgs, format: Format) -> Result<(), Failure> {
    let project = Project::open(&args.project.project)?;
    let entries = Journal::of(&project).entries();
    let last = entries.get(entries.len().saturating_sub(args.last)..).unwrap_or_default();
    let goes_on = goes_on(&project, &entries);
    match format {
        Format::Json => output::json(&json!(last.iter().map(|entry| as_json(&project, entry)).collect::<Vec<_>>())),
        Format::Table | Format::Csv if last.is_empty() => output::text("no run yet: `netto run` starts the first one"),
        Format::Table | Format::Csv => {
            let row = |entry: &Entry| {
                let outcome = if goes_on == Some(entry.number) { "runs" } else { outcome(entry) };
                let texts = [
                    format!("#{}", entry.number),
                    minute(&entry.started),
                    outcome.to_owned(),
                    entry.run_id.clone().unwrap_or_default(),
                    if kept(&project, entry) { "kept" } else { "" }.to_owned(),
                    entry.data_through.clone().unwrap_or_default(),
                ];
                let figures = [c::INVOICE_REVENUE, c::NET_PROFIT].map(|name| figure(entry, name).unwrap_or_default());
                texts.into_iter().chain(figures).chain([seconds(entry)]).collect()
            };
            let header = [
                "",
                "Started (UTC)",
                "Outcome",
                "Run",
                "Tables",
                "Data through",
                "Invoice revenue",
                "Net profit",
                "Took",
            ];
            output::table(&header, &last.iter().map(row).collect::<Vec<_>>(), 6);
        }
    }
    Ok(())
}

/// The entry of a run in progress.
pub(crate) fn goes_on(project: &Project, entries: &[Entry]) -> Option<u64> {
    let last = entries.last().filter(|entry| entry.outcome == Outcome::Started)?;
    project.writer().map(|_| last.number)
}

/// The outcome in a word.
pub(crate) const fn outcome(entry: &Entry) -> &'static str {
    match entry.outcome {
        Outcome::Done if entry.unchanged => "unchanged",
        other => other.name(),
    }
}

/// Whether its tables still exist.
pub(crate) fn kept(project: &Project, entry: &Entry) -> bool {
    entry.run_id.as_ref().is_some_and(|id| project.run_folder(id).join("manifest.json").exists())
}

/// A figure of the main window.
pub(crate) fn figure(entry: &Entry, name: &str) -> Option<String> {
    entry.windows.get("main")?.get(name)?.as_str().map(output::of_decimal)
}

/// `2025-03-31 02:00`
pub(crate) fn minute(time: &str) -> String {
    time.get(..16).unwrap_or(time).replace('T', " ")
}

/// The duration; empty if it is unknown or the clock went back meanwhile.
pub(crate) fn seconds(entry: &Entry) -> String {
    entry.took().map(|took| format!("{} s", took.as_secs())).unwrap_or_default()
}

fn as_json(project: &Project, entry: &Entry) -> Value {
    let mut value = serde_json::to_value(entry).unwrap_or_default();
    if let Value::Object(fields) = &mut value {
        fields.insert("kept".to_owned(), kept(project, entry).into());
    }
    value
}
