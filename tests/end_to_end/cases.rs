//! Extracts as people have them, `tests/cases/NAME/`, each with what must hold for it:
//!
//! ```text
//! netto.toml, *.csv, *.parquet, …   the project
//! expect.toml                       what it shows, and what must come out
//! ```
//!
//! ```toml
//! says = "forty rows of nothing but delimiters are empty rows"
//!
//! [[step]]                          # one after the other, in the same project; most cases have one
//! files = "second"                  # first the files of this folder are copied over those of the project
//! remove = ["lines.csv"]            # and these are taken away
//! run = ["run"]                     # the verb with its arguments; the project comes last. `run` when left out
//! exit = 0                          # 0 when left out
//! stderr = ["1 set apart"]          # each must stand there; `stdout`, `without` (in neither of them) likewise
//! report = ["D least"]              # each must stand in the published report
//!
//! [[step.table]]                    # a published table
//! name = "customer_window"
//! where = { window = "main", customer_id = "K1" }
//! sum = { invoice_revenue = "800.00" }   # of the rows that match, to the last ten-thousandth
//! value = { name = "Café Zoë" }          # of every row that matches
//! rows = 1
//! ```
//! `NETTO_CASES=quote,view cargo test --test end_to_end cases` tries those alone whose name has one of the words.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Deserialize;

use crate::harness::{Mart, Outcome, Project, repository, units, unwrapped};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    says: String,
    step: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    files: Option<String>,
    #[serde(default)]
    remove: Vec<String>,
    #[serde(default = "the_main_job")]
    run: Vec<String>,
    #[serde(default)]
    exit: i32,
    #[serde(default)]
    stderr: Vec<String>,
    #[serde(default)]
    stdout: Vec<String>,
    #[serde(default)]
    without: Vec<String>,
    #[serde(default)]
    report: Vec<String>,
    #[serde(default)]
    table: Vec<Expected>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    name: String,
    #[serde(default, rename = "where")]
    only: BTreeMap<String, String>,
    #[serde(default)]
    sum: BTreeMap<String, String>,
    #[serde(default)]
    value: BTreeMap<String, String>,
    rows: Option<usize>,
}

fn the_main_job() -> Vec<String> {
    vec!["run".to_owned()]
}

#[test]
fn every_case_comes_out_as_it_must() {
    let wrong: Vec<String> = folders()
        .par_iter()
        .flat_map_iter(|folder| faults(folder).into_iter().map(|fault| named(folder, &fault)))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(repository("tests/cases"))
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir() && is_asked_for(path))
        .collect();
    folders.sort();
    folders
}

fn is_asked_for(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    std::env::var("NETTO_CASES").map_or(true, |words| words.split(',').any(|word| name.contains(word)))
}

fn named(folder: &Path, fault: &str) -> String {
    format!("{}: {fault}", folder.file_name().unwrap().display())
}

/// What isn't as it must be.
fn faults(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("expect.toml"))
        .unwrap_or_else(|_| panic!("{}: no expect.toml", folder.display()));
    // One that can't be read hides no other.
    let case: Case = match toml::from_str(&text) {
        Ok(case) => case,
        Err(error) => return vec![error.to_string()],
    };
    assert!(!case.says.is_empty() && !case.step.is_empty(), "{} expects nothing", folder.display());
    let project = Project::copy_of(folder);
    let mut faults = Vec::new();
    for (number, step) in (1..).zip(&case.step) {
        prepare(&project, folder, step);
        let outcome = project.netto(&step.run.iter().map(String::as_str).collect::<Vec<_>>());
        let found = step_faults(&project, step, &outcome);
        if !found.is_empty() {
            let said = format!("\n{}\n{}", outcome.stdout(), outcome.stderr()).replace('\n', "\n      ");
            faults.push(format!("step {number}: {}{said}", found.join("\n  ")));
        }
    }
    faults
}

fn prepare(project: &Project, folder: &Path, step: &Step) {
    for name in &step.remove {
        fs::remove_file(project.folder().join(name)).unwrap();
    }
    let Some(files) = &step.files else { return };
    for entry in fs::read_dir(folder.join(files)).unwrap().flatten() {
        fs::copy(entry.path(), project.folder().join(entry.file_name())).unwrap();
    }
}

fn step_faults(project: &Project, step: &Step, outcome: &Outcome) -> Vec<String> {
    let (stdout, stderr) = (outcome.stdout(), outcome.stderr());
    let mut faults = Vec::new();
    if outcome.code() != step.exit {
        faults.push(format!("exit code {} instead of {}", outcome.code(), step.exit));
    }
    let unsaid = |stream: &str, text: &str, wanted: &[String]| -> Vec<String> {
        wanted
            .iter()
            .filter(|part| !text.contains(*part) && !unwrapped(text).contains(*part))
            .map(|part| format!("{stream} does not say: {part}"))
            .collect()
    };
    faults.extend(unsaid("stderr", &stderr, &step.stderr));
    faults.extend(unsaid("stdout", &stdout, &step.stdout));
    let unwanted = step.without.iter().filter(|part| stdout.contains(*part) || stderr.contains(*part));
    faults.extend(unwanted.map(|part| format!("it says: {part}")));
    for text in ["panicked at", "defect of netto"] {
        if stderr.contains(text) {
            faults.push(format!("it says: {text}"));
        }
    }
    if !step.report.is_empty() {
        let report = fs::read_to_string(project.folder().join("out/current/report.html")).unwrap_or_default();
        faults.extend(unsaid("the report", &report.replace('\u{a0}', " "), &step.report));
    }
    if faults.is_empty() {
        faults.extend(step.table.iter().flat_map(|expected| table_faults(project, expected)));
    }
    faults
}

fn table_faults(project: &Project, expected: &Expected) -> Vec<String> {
    if !project.folder().join(format!("out/current/csv/{}.csv", expected.name)).is_file() {
        return vec![format!("there is no table {}", expected.name)];
    }
    let mart =
        expected.only.iter().fold(project.mart(&expected.name), |mart, (column, value)| mart.only(column, value));
    let mut faults = Vec::new();
    let rows = rows(&mart);
    if let Some(wanted) = expected.rows.filter(|wanted| *wanted != rows) {
        faults.push(format!("{} has {rows} rows instead of {wanted}", expected.name));
    }
    for (column, wanted) in &expected.sum {
        let found = mart.sum(column);
        if found != units(wanted) {
            faults.push(format!("{}: {column} adds up to {found} ten-thousandths instead of {wanted}", expected.name));
        }
    }
    for (column, wanted) in &expected.value {
        let found = mart.column(column);
        if found.is_empty() || found.iter().any(|found| found != wanted) {
            faults.push(format!("{}: {column} is {found:?} instead of {wanted}", expected.name));
        }
    }
    faults
}

fn rows(mart: &Mart) -> usize {
    mart.header().first().map_or(0, |column| mart.column(column).len())
}
