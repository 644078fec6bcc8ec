//! Publishes tables as Delta tables, for Spark, Databricks, Fabric and other Delta readers: one folder per table, with one version.
//!
//! ```text
//! delta/pyramid/part-00000.parquet
//! delta/pyramid/_delta_log/00000000000000000000.json    protocol, metaData, add
//! ```
//! The folder of a run never changes, so each table has one version; `out/current` leads to the last run. Times in the log are zero: the same result is the
//! same run. Source: the Delta transaction log protocol, <https://github.com/delta-io/delta/blob/master/PROTOCOL.md>.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use netto_model::Table;
use netto_model::arrow::{schema, to_batch};
use netto_model::table::Role;
use parquet::arrow::ArrowWriter;
use serde_json::json;

use crate::content::{Content, Written};
use crate::error::{PublishError, at};
use crate::parquet::properties;
use crate::ready::Ready;
use crate::stream::{StreamedFile, failed};

/// The file of a table, and the log entry that adds it.
const PART: &str = "part-00000.parquet";
const ENTRY: &str = "_delta_log/00000000000000000000.json";

/// Writes a Delta table per table into a folder that later becomes part of a run.
///
/// # Errors
/// When a table isn't what it declares, or the file system refuses.
pub(crate) fn write(folder: &Path, tables: &[Ready]) -> Result<Vec<StreamedFile>, PublishError> {
    let files = tables.iter().map(|ready| {
        let part = part(folder, ready)?;
        let entry = entry(folder, ready.table(), part.size, ready.rows()?)?;
        Ok([part, entry])
    });
    Ok(files.collect::<Result<Vec<_>, PublishError>>()?.into_iter().flatten().collect())
}

fn part(folder: &Path, ready: &Ready) -> Result<StreamedFile, PublishError> {
    let table = ready.table();
    let name = format!("delta/{}/{PART}", table.name);
    let path = folder.join(&name);
    let parent = folder.join(format!("delta/{}/_delta_log", table.name));
    fs::create_dir_all(&parent).map_err(at(&parent))?;
    let file = Written::create(&path).map_err(at(&path))?;
    let mut writer =
        ArrowWriter::try_new(file, Arc::new(schema(table)), Some(properties(table))).map_err(failed(table))?;
    for piece in ready.pieces()? {
        writer.write(&to_batch(table, &piece?)?).map_err(failed(table))?;
    }
    let (content, size) = writer.into_inner().map_err(failed(table))?.finish().map_err(at(&path))?;
    Ok(StreamedFile { name, path, content, size })
}

fn entry(folder: &Path, table: &'static Table, size: u64, rows: usize) -> Result<StreamedFile, PublishError> {
    let fields = table.columns.iter().map(|column| {
        let nullable = column.role == Role::Optional;
        json!({ "name": column.name, "type": column.ty.delta(), "nullable": nullable, "metadata": { "comment": column.description } })
    });
    let schema = json!({ "type": "struct", "fields": fields.collect::<Vec<_>>() });
    let actions = [
        json!({ "protocol": { "minReaderVersion": 1, "minWriterVersion": 2 } }),
        json!({ "metaData": {
            "id": id(table), "name": table.name, "description": table.description, "format": { "provider": "parquet", "options": {} },
            "schemaString": schema.to_string(), "partitionColumns": [], "configuration": {}, "createdTime": 0,
        } }),
        json!({ "add": {
            "path": PART, "partitionValues": {}, "size": size, "modificationTime": 0, "dataChange": true,
            "stats": json!({ "numRecords": rows }).to_string(),
        } }),
    ];
    let name = format!("delta/{}/{ENTRY}", table.name);
    let path = folder.join(&name);
    let mut file = Written::create(&path).map_err(at(&path))?;
    for action in actions {
        writeln!(file, "{action}").map_err(at(&path))?;
    }
    let (content, size) = file.finish().map_err(at(&path))?;
    Ok(StreamedFile { name, path, content, size })
}

/// The UUID by which Delta identifies a table: the same in every run.
fn id(table: &Table) -> String {
    let mut name = Content::default();
    name.add(table.name.as_bytes());
    let hex = name.digest().hex();
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::contract::marts;

    #[test]
    fn every_table_has_an_id_of_its_own_that_is_a_uuid() {
        let ids: Vec<String> = marts().map(id).collect();
        let unlike = ids.iter().collect::<std::collections::BTreeSet<_>>().len();
        assert_eq!(unlike, ids.len());
        assert_eq!(ids[0].split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    }
}
