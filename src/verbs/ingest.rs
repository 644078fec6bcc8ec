//! `netto ingest`: loads extracts into the lake.

use std::collections::BTreeMap;

use netto_lake::LoadReport;
use serde_json::{Value, json};

use crate::cli::{Format, IngestArgs};
use crate::failure::Failure;
use crate::loads;
use crate::output::{self, count};
use crate::pipeline;
use crate::progress::Progress;
use crate::project::Project;

pub(crate) fn run(args: &IngestArgs, format: Format) -> Result<(), Failure> {
    let project = Project::open(&args.project.project)?;
    let _lock = project.lock()?;
    let lake = project.lake()?;
    let mut progress = Progress::default();
    let loaded = pipeline::ingest(&project, &lake, &project.quarantine(), args.accept.accept_shrink, &mut progress)?;
    match format {
        Format::Json => output::json(&json!({
            "sources": loaded.iter().map(load_as_json).collect::<Vec<_>>(),
            "timings_ms": progress.timings_ms(),
        })),
        Format::Table | Format::Csv => table(&loaded),
    }
    progress.done();
    output::next("`netto run` computes and publishes; `netto check` shows which rows are set apart and why");
    Ok(())
}

/// One row per source: rows read = loaded + set apart + superseded + left out.
pub(crate) fn table(loads: &[LoadReport]) {
    let row = |load: &LoadReport| {
        let reasons: Vec<String> = load.rejects.iter().map(|(reason, rows)| format!("{reason} {rows}")).collect();
        let state = if load.unchanged { "unchanged".to_owned() } else { reasons.join(", ") };
        let LoadReport { rows_read, rows_loaded, rows_quarantined, rows_superseded, rows_left_out, .. } = *load;
        let counts = [load.files as u64, rows_read, rows_loaded, rows_quarantined, rows_superseded, rows_left_out];
        let sum = load.missing.sum();
        let worth = if sum.rows > 0 { loads::worth(&load.missing, &sum) } else { None };
        let texts = [load.source.to_owned(), state, worth.unwrap_or_default()];
        texts.into_iter().chain(counts.map(count)).collect()
    };
    let header =
        ["Source", "Set apart because", "Missing", "Files", "Read", "Loaded", "Set apart", "Superseded", "Left out"];
    output::table(&header, &loads.iter().map(row).collect::<Vec<_>>(), 3);
}

pub(crate) fn load_as_json(load: &LoadReport) -> Value {
    json!({
        "source": load.source,
        "files": load.files,
        "files_left_out": load.left_out,
        "rows_read": load.rows_read,
        "rows_loaded": load.rows_loaded,
        "rows_quarantined": load.rows_quarantined,
        "rows_superseded": load.rows_superseded,
        "rows_left_out": load.rows_left_out,
        "lines": {
            "total": load.lines.total,
            "header": load.lines.header,
            "blank": load.lines.blank,
            "repeated_headers": load.lines.repeated,
            "records": load.lines.records,
        },
        "superseded": { "same": load.superseded.same, "other": load.superseded.other.rows },
        "set_apart": loads::as_json(&load.set_apart),
        "missing": loads::as_json(&load.missing),
        "rows_moved": load.rows_moved,
        "rows_outside": load.rows_outside,
        "shrunk": load.shrunk.months.iter().map(|(month, (before, after))| json!({
            "period": month.map(|month| month.to_string()), "rows_before": before, "rows_after": after,
        })).collect::<Vec<_>>(),
        "settings_changed": load.settings_changed,
        "rates_changed": load.rates_changed,
        "unchanged": load.unchanged,
        "version": load.version,
        "rejects": load.rejects,
        "quarantine_file": load.quarantine_file,
        "unmapped_columns": load.unmapped_columns,
        "periods": load.periods.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "split_orders": load.split_orders,
        "without_cost": load.without_cost,
        "without_list": load.without_list,
        "dates_read_as_empty": load.placeholders.iter().map(|(column, found)| (column, found.rows)).collect::<BTreeMap<_, _>>(),
        "findings": load.findings,
        "warnings": load.findings.warnings(),
    })
}
