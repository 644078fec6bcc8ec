//! `netto check`: reads and checks everything as a run would, into a lake that is thrown away.

use std::path::{Path, PathBuf};

use netto_lake::Lake;
use netto_model::column as c;
use polars::prelude::*;
use serde_json::json;

use crate::cli::{Format, ProjectArgs};
use crate::failure::Failure;
use crate::output;
use crate::pipeline;
use crate::progress::Progress;
use crate::project::Project;
use crate::scenarios;
use crate::verbs::ingest;

pub(crate) fn run(args: &ProjectArgs, format: Format) -> Result<(), Failure> {
    let project = Project::open(&args.project)?;
    let _lock = project.lock()?;
    scenarios::of_project(&project)?;
    let scratch = Scratch::new(&project.state().join("check"))?;
    let lake = Lake::open(&scratch.folder.join("lake"))?;
    let quarantine = project.quarantine().join("check");
    let loads = pipeline::ingest(&project, &lake, &quarantine, &mut Progress::default())?;
    let missing = missing(lake.readiness()?.data())
        .map_err(|error| Failure::failed("the readiness of the data could not be read", &error))?;
    match format {
        Format::Json => output::json(&json!({
            "sources": loads.iter().map(ingest::load_as_json).collect::<Vec<_>>(),
            "missing": missing.iter().map(|(source, enables)| json!({"source": source, "enables": enables})).collect::<Vec<_>>(),
        })),
        Format::Table => {
            ingest::table(&loads);
            let split: u64 = loads.iter().map(|load| load.split_orders).sum();
            if split > 0 {
                output::text(&format!(
                    "\n{} orders have lines in two months: a part order in each",
                    output::count(split)
                ));
            }
            for load in loads.iter().filter(|load| load.rows_quarantined > 0) {
                if let Some(file) = &load.quarantine_file {
                    output::text(&format!("rows of {} set apart: {}", load.source, file.display()));
                }
            }
            if !missing.is_empty() {
                output::text("\nNot supplied, and what it would add:");
                let rows: Vec<Vec<String>> =
                    missing.into_iter().map(|(source, enables)| vec![source, enables]).collect();
                output::table(&["Source", "Adds"], &rows, 2);
            }
        }
    }
    Ok(())
}

/// The sources that aren't supplied, each with the analyses that it would switch on.
fn missing(readiness: &DataFrame) -> PolarsResult<Vec<(String, String)>> {
    let sources = readiness.column(c::SOURCE)?.str()?;
    let supplied = readiness.column("supplied")?.bool()?;
    let enables = readiness.column("enables")?.str()?;
    let rows = sources.iter().zip(supplied.iter()).zip(enables.iter());
    let absent = rows.filter(|((_, supplied), _)| *supplied == Some(false));
    Ok(absent.map(|((source, _), enables)| (text(source), text(enables))).collect())
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

/// A folder that is gone when the check is over.
struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    fn new(folder: &Path) -> Result<Self, Failure> {
        let scratch = Self { folder: folder.to_owned() };
        scratch.remove();
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::failed(format!("{} can't be made", folder.display()), &error))?;
        Ok(scratch)
    }

    fn remove(&self) {
        // Whatever is left is removed by the next check.
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.remove();
    }
}
