//! Writes OpenLineage events about what a run read and wrote, one per line, for data catalogues.
//!
//! ```text
//! {"eventType":"START","eventTime":…,"run":{"runId":…},"job":{"namespace":"netto","name":"Test.ingest.order_lines"},"inputs":[…],"outputs":[…],…}
//! ```
//! Source: OpenLineage, object model 2, <https://openlineage.io/spec/2-0-2/OpenLineage.json>.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::journal::{Entry, Outcome};
use crate::log;

/// The producer of the events.
const PRODUCER: &str = "https://github.com/netto/netto";
const SCHEMA: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
const PARENT: &str = "https://openlineage.io/spec/facets/1-0-1/ParentRunFacet.json#/$defs/ParentRunFacet";

static LINEAGE: Mutex<Option<Lineage>> = Mutex::new(None);

#[derive(Debug)]
struct Lineage {
    file: File,
    /// The seed of all identifiers of the run.
    seed: String,
}

/// Starts writing events to a file.
///
/// # Errors
/// When it can't be made.
pub(crate) fn to_file(path: &Path, entry: &Entry) -> io::Result<()> {
    let seed = format!("{}\n{}\n{}", path.display(), entry.started, std::process::id());
    let file = File::create(path)?;
    *LINEAGE.lock().unwrap_or_else(PoisonError::into_inner) = Some(Lineage { file, seed });
    event("START", None, [].iter(), [].iter());
    Ok(())
}

/// Writes that a stage begins, ends, or fails; `what` is the source, if the stage is about one.
pub(crate) fn stage(event_type: &str, stage: &str, what: &str) {
    let (inputs, outputs) = datasets(stage, what);
    let job = if stage == "ingest" { format!("{stage}.{what}") } else { stage.to_owned() };
    event(event_type, Some(&job), inputs.iter(), outputs.iter());
}

/// The run is over.
pub(crate) fn finish(entry: &Entry) {
    let event_type = if entry.outcome == Outcome::Done { "COMPLETE" } else { "FAIL" };
    let inputs: Vec<String> = entry
        .files
        .iter()
        .flat_map(|(source, files)| files.keys().map(move |file| format!("extract/{source}/{file}")))
        .collect();
    let outputs: Vec<String> = entry
        .rows
        .as_object()
        .into_iter()
        .flat_map(|rows| rows.keys().map(|table| format!("out/current/{table}")))
        .collect();
    event(event_type, None, inputs.iter(), outputs.iter());
    *LINEAGE.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

/// The inputs and outputs of a stage.
fn datasets(stage: &str, what: &str) -> (Vec<String>, Vec<String>) {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    match stage {
        "ingest" => (vec![format!("extract/{what}")], vec![format!("lake/{what}")]),
        "rollup" => (names(&["lake/order_lines"]), names(&["rollup/customer_month", "rollup/driver_quantity"])),
        "profit" => {
            (names(&["rollup/customer_month", "rollup/driver_quantity", "lake/cost_pools"]), names(&["ledger"]))
        }
        "split" => (names(&["ledger", "lake/order_lines"]), names(&["facts"])),
        "segment" => (names(&["ledger", "facts"]), names(&["marts"])),
        "publish" => (names(&["marts", "ledger", "facts"]), names(&["out/current"])),
        _ => Default::default(),
    }
}

fn event<'a>(
    event_type: &str,
    job: Option<&str>,
    inputs: impl Iterator<Item = &'a String>,
    outputs: impl Iterator<Item = &'a String>,
) {
    let mut lineage = LINEAGE.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(Lineage { file, seed }) = lineage.as_mut() else { return };
    let dataset = |name: &String| json!({ "namespace": "netto", "name": name });
    let (whole, own) = (identifier(seed, "run"), identifier(seed, job.unwrap_or("run")));
    let parent = json!({ "parent": {
        "_producer": PRODUCER, "_schemaURL": PARENT,
        "run": { "runId": whole }, "job": { "namespace": "netto", "name": "run" },
    }});
    let facets = if job.is_some() { parent } else { json!({}) };
    let event = json!({
        "eventType": event_type,
        "eventTime": log::time(),
        "run": { "runId": own, "facets": facets },
        "job": { "namespace": "netto", "name": job.unwrap_or("run") },
        "inputs": inputs.map(dataset).collect::<Vec<Value>>(),
        "outputs": outputs.map(dataset).collect::<Vec<Value>>(),
        "producer": PRODUCER,
        "schemaURL": SCHEMA,
    });
    // An error while writing lineage doesn't stop a run.
    drop(writeln!(file, "{event}"));
}

/// A UUID of version 8, derived from its subject.
fn identifier(seed: &str, of: &str) -> String {
    let hash = blake3::hash(format!("{seed}\n{of}").as_bytes()).to_hex();
    let part = |from: usize, to: usize| hash.get(from..to).unwrap_or_default();
    format!("{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_the_form_of_a_uuid_and_differ_by_run_and_stage() {
        let one = identifier("a", "run");
        let lengths: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(one.as_bytes()[14], b'8');
        assert_ne!(one, identifier("b", "run"));
        assert_ne!(one, identifier("a", "profit"));
    }
}
