//! A Power BI project (PBIP) over the published tables: a semantic model in TMDL and a report in PBIR, both as text that fits version control.
//!
//! ```text
//! powerbi/netto.pbip                              what Power BI Desktop opens
//! powerbi/netto.SemanticModel/definition/…tmdl    tables, lines between them, measures
//! powerbi/netto.Report/definition/…json           overview, pyramid, whale curve, waterfall, customer, sales force, stock, remedies
//! ```
//! It is generated from the contract, without reading a table. Power BI reads the Parquet files of `out/current`, or of the run that `out/current.txt` names,
//! or the database if tables are published to one. Tests check JSON against Microsoft's published schemas and TMDL against its grammar; Power BI Desktop itself
//! runs only on Windows and was not run.

mod measures;
mod pbir;
mod relations;
mod tmdl;

use std::path::Path;

use netto_model::Table;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::content::Content;
use crate::current;
use crate::error::PublishError;
use crate::sink::PublishConfig;
use crate::stream::StreamedFile;
use tmdl::Place;

/// How Power BI finds the tables.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PowerBiConfig {
    /// The path of the folder of the Parquet files on the machine with Power BI: `folder = 'Z:\netto\out\current\parquet'`; with `current =
    /// "pointer"` the folder of all runs, `'Z:\netto\out'`. Default: the folder of the project. If tables are published to PostgreSQL, they are read
    /// from there.
    pub folder: Option<String>,
}

const SCHEMAS: &str = "https://developer.microsoft.com/json-schemas/fabric";

/// Writes the project into a folder that later becomes part of a run.
///
/// # Errors
/// When the file system refuses.
pub(crate) fn write(
    staging: &Path,
    tables: &[&'static Table],
    config: &PublishConfig,
    out: &Path,
) -> Result<Vec<StreamedFile>, PublishError> {
    let pointer = current::is_pointer(out, config.current);
    let own = if pointer { out.to_owned() } else { out.join("current/parquet") };
    let folder = config.powerbi.folder.clone().unwrap_or_else(|| own.display().to_string());
    let ends = folder.ends_with(['/', '\\']);
    let folder = if ends { folder } else { format!("{folder}{}", if folder.contains('\\') { '\\' } else { '/' }) };
    let database = config.database().map(|postgres| (format!("{}:{}", postgres.host, postgres.port), postgres));
    let place = match &database {
        Some((server, postgres)) => {
            Place::Database(server, postgres.database.as_ref().unwrap_or(&postgres.user), &postgres.schema)
        }
        None if pointer => Place::Pointer(&folder),
        None => Place::Folder(&folder),
    };
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, value) in outer()
        .into_iter()
        .chain(pbir::files().into_iter().map(|(name, value)| (format!("netto.Report/{name}"), value)))
    {
        files.push((name, serde_json::to_vec_pretty(&value)?));
    }
    let model = tmdl::files(tables, &relations::relations(tables), &place);
    files.extend(
        model.into_iter().map(|(name, text)| (format!("netto.SemanticModel/definition/{name}"), text.into_bytes())),
    );
    files.into_iter().map(|(name, bytes)| StreamedFile::write(staging, format!("powerbi/{name}"), &bytes)).collect()
}

/// The manifest files that tie the parts of the project together.
fn outer() -> Vec<(String, Value)> {
    let platform = |kind: &str| {
        let mut id = Content::default();
        id.add(kind.as_bytes());
        let digits = id.digest().hex();
        let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default().to_owned();
        let guid = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-");
        json!({
            "$schema": format!("{SCHEMAS}/gitIntegration/platformProperties/2.0.0/schema.json"),
            "metadata": {"type": kind, "displayName": "netto"},
            "config": {"version": "2.0", "logicalId": guid},
        })
    };
    let files = [
        (
            "netto.pbip",
            json!({
                "$schema": format!("{SCHEMAS}/pbip/pbipProperties/1.0.0/schema.json"),
                "version": "1.0", "artifacts": [{"report": {"path": "netto.Report"}}], "settings": {"enableAutoRecovery": true},
            }),
        ),
        ("netto.Report/.platform", platform("Report")),
        (
            "netto.Report/definition.pbir",
            json!({
                "$schema": format!("{SCHEMAS}/item/report/definitionProperties/2.0.0/schema.json"),
                "version": "4.0", "datasetReference": {"byPath": {"path": "../netto.SemanticModel"}},
            }),
        ),
        ("netto.SemanticModel/.platform", platform("SemanticModel")),
        (
            "netto.SemanticModel/definition.pbism",
            json!({
                "$schema": format!("{SCHEMAS}/item/semanticModel/definitionProperties/1.0.0/schema.json"),
                "version": "4.2", "settings": {},
            }),
        ),
    ];
    files.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::current::Current;

    #[test]
    fn tables_are_read_from_the_link_or_where_there_are_none_from_the_run_that_the_pointer_names() {
        let folder = tempfile::tempdir().unwrap();
        let expressions = |config: &PublishConfig| {
            write(folder.path(), &[], config, folder.path()).unwrap();
            let file = folder.path().join("powerbi/netto.SemanticModel/definition/expressions.tmdl");
            std::fs::read_to_string(file).unwrap()
        };
        let out = folder.path().display().to_string();
        let of = |current, folder: Option<&str>| PublishConfig {
            current,
            powerbi: PowerBiConfig { folder: folder.map(str::to_owned) },
            ..PublishConfig::default()
        };
        let by_link = expressions(&of(None, None));
        assert!(by_link.contains(&format!("expression Folder = \"{out}/current/parquet/\" meta")), "{by_link}");
        let by_pointer = expressions(&of(Some(Current::Pointer), Some("Z:\\netto\\out")));
        assert!(by_pointer.contains("expression Out = \"Z:\\netto\\out\\\" meta"), "{by_pointer}");
        assert!(
            by_pointer.contains("expression Folder = let sign = ") && by_pointer.contains("current.txt"),
            "{by_pointer}"
        );
    }
}
