//! `netto check --marts`: verifies the published files.

use netto_publish::proof;
use serde_json::json;

use crate::cli::Format;
use crate::failure::Failure;
use crate::output;
use crate::pipeline::published_tables;
use crate::project::Project;

pub(crate) fn run(project: &Project, format: Format) -> Result<(), Failure> {
    let proof = proof(project.current(), &published_tables(project)?)?;
    match format {
        Format::Json => output::json(&json!({
            "tables": proof.tables, "references": proof.references, "ties": proof.ties, "faults": proof.faults,
        })),
        Format::Table | Format::Csv => output::text(&format!(
            "{} tables: keys, {} references and {} sums checked, {} wrong",
            proof.tables,
            proof.references,
            output::count(proof.ties as u64),
            proof.faults.len()
        )),
    }
    if proof.faults.is_empty() {
        return Ok(());
    }
    let what = format!("the published tables in {} are wrong: {}", project.shown().display(), proof.faults.join("; "));
    Err(Failure::no_data(
        what,
        "was a file copied, restored or changed by hand? `netto run` publishes the tables again",
    ))
}
