//! `netto status`: shows the published result, the outcome of the last run, and the rows missing from its figures.

use std::fs;
use std::path::Path;

use netto_lake::Lake;
use netto_model::column as c;
use serde_json::json;

use crate::cli::{Format, ProjectArgs};
use crate::failure::Failure;
use crate::journal::{Entry, Journal, Outcome};
use crate::loads;
use crate::output;
use crate::project::Project;
use crate::verbs::history::{figure, goes_on, minute, outcome, seconds};

pub(crate) fn run(args: &ProjectArgs, format: Format) -> Result<(), Failure> {
    let project = Project::open(&args.project)?;
    let entries = Journal::of(&project).entries();
    let current = project.published_id();
    let shown = entries.iter().rev().find(|entry| current.is_some() && entry.run_id == current);
    let last = entries.last();
    let running = project.writer();
    let lake = Lake::look(&project.state().join("lake"))?;
    let set_apart = lake.set_apart()?;
    let sizes = [
        ("lake", project.state().join("lake")),
        ("runs", project.out().join("runs")),
        ("records", project.state().join("runs")),
        ("quarantine", project.quarantine()),
    ]
    .map(|(name, folder)| (name, size(&folder)));
    match format {
        Format::Json => output::json(&json!({
            "current": shown,
            "last": last,
            "running": running,
            "set_apart": loads::set_apart_as_json(&set_apart),
            "bytes": sizes.iter().map(|(name, bytes)| ((*name).to_owned(), (*bytes).into())).collect::<serde_json::Map<_, _>>(),
        })),
        Format::Table | Format::Csv => {
            output::text(&project.config.company.name);
            let reader =
                current.as_deref().map_or("nothing yet: no run has published".to_owned(), |id| seen(id, shown));
            output::text(&format!("\nreaders see  {reader}"));
            for line in
                last.into_iter().flat_map(|entry| went(entry, goes_on(&project, &entries) == Some(entry.number)))
            {
                output::text(&line);
            }
            let now = running.map_or("nobody writes".to_owned(), |process| format!("process {process} holds the lock"));
            output::text(&format!("now          {now}"));
            let disk: Vec<String> = sizes.iter().map(|(name, bytes)| format!("{name} {}", megabytes(*bytes))).collect();
            output::text(&format!("disk         {}", disk.join(", ")));
            for line in loads::headline(&set_apart) {
                output::text(&line);
            }
        }
    }
    Ok(())
}

fn seen(id: &str, entry: Option<&Entry>) -> String {
    let Some(entry) = entry else { return format!("run {id}") };
    let through = entry.data_through.as_deref().unwrap_or("?");
    let profit = figure(entry, c::NET_PROFIT).map(|profit| format!(", net profit {profit}")).unwrap_or_default();
    format!("run {id}, data through {through}{profit}; confirmed {} UTC", minute(&entry.started))
}

fn went(entry: &Entry, goes_on: bool) -> Vec<String> {
    let how = if goes_on { "runs" } else { outcome(entry) };
    let mut line = format!("last run     #{} {how}, started {} UTC", entry.number, minute(&entry.started));
    let took = seconds(entry);
    if !took.is_empty() {
        line += &format!(", took {took}");
    }
    if let Some(bytes) = entry.peak_memory {
        line += &format!(", at most {} of memory", megabytes(bytes));
    }
    let mut lines = vec![line];
    if let (Outcome::Failed, Some(code)) = (entry.outcome, entry.exit_code) {
        lines.push(format!("             exit code {code}: {}", entry.error.as_deref().unwrap_or_default()));
    }
    if entry.outcome == Outcome::Started && !goes_on {
        lines.push(
            "             it was killed, or the machine stopped; the next run continues from the data that were loaded"
                .to_owned(),
        );
    }
    lines
}

/// The size of a file, or of all files in a folder, in bytes, without following links.
pub(crate) fn size(path: &Path) -> u64 {
    match path.symlink_metadata() {
        Ok(about) if about.is_dir() => {
            fs::read_dir(path).into_iter().flatten().flatten().map(|entry| size(&entry.path())).sum()
        }
        Ok(about) => about.len(),
        Err(_) => 0,
    }
}

/// `12.3 MB`
pub(crate) fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{}.{} MB", output::count(tenths / 10), tenths % 10)
}
