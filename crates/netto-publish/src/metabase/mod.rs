//! Sets Metabase up over the published tables: a script for its documented REST API, the cards that it creates, and the meaning of each column.
//!
//! ```text
//! metabase/setup.py      python3 setup.py --url http://localhost:3000 --database netto
//! metabase/cards.json    questions in SQL, models, dashboards with filters and drill-through
//! metabase/tables.json   of the contract: each column's labels, meaning, semantic type, and where it leads
//! ```
//! Each SQL query runs on both SQLite and PostgreSQL. Metabase itself, a Java program, was not run: a test stands in for it.

use std::path::Path;

use netto_model::label::{of_column, of_table};
use netto_model::star::Dimension;
use netto_model::{Column, Role, Table, Type, Unit, column as c};
use serde_json::{Value, json};

use crate::error::PublishError;
use crate::schema::{labels, warning};
use crate::stream::StreamedFile;

const SETUP: &str = include_str!("setup.py");
const CARDS: &str = include_str!("cards.json");

/// Writes the files into a folder that later becomes part of a run.
///
/// # Errors
/// When the file system refuses.
pub(crate) fn write(staging: &Path, tables: &[&'static Table]) -> Result<Vec<StreamedFile>, PublishError> {
    let meanings = serde_json::to_vec_pretty(&tables.iter().map(|table| meaning(table)).collect::<Vec<_>>())?;
    let files: [(&str, &[u8]); 3] =
        [("setup.py", SETUP.as_bytes()), ("cards.json", CARDS.as_bytes()), ("tables.json", &meanings)];
    files.into_iter().map(|(name, bytes)| StreamedFile::write(staging, format!("metabase/{name}"), bytes)).collect()
}

fn meaning(table: &Table) -> Value {
    let column = |column: &Column| {
        let target = column.references.filter(|to| Dimension::named(to).is_some());
        let target = target.map(|to| json!([to, format!("{}_key", to.trim_start_matches("dim_"))]));
        json!({
            "name": column.name, "labels": labels(of_column, column.name),
            "description": format!("{}{}.", column.description.trim_end_matches('.'), warning(table, column)), "semantic_type": semantic_type(table, column),
            "target": target, "hidden": column.name.ends_with("_key"),
        })
    };
    json!({
        "name": table.name,
        "labels": labels(of_table, table.name),
        "description": format!("{} Grain: {}.", table.description, table.grain),
        "columns": table.columns.iter().map(column).collect::<Vec<_>>(),
    })
}

/// The semantic type, by which Metabase formats and groups.
fn semantic_type(table: &Table, column: &Column) -> Option<&'static str> {
    let leads = column.references.is_some_and(|to| Dimension::named(to).is_some());
    let is_key = column.role == Role::Key && table.keys().count() == 1;
    match (column.unit, column.ty) {
        _ if leads => Some("type/FK"),
        _ if is_key => Some("type/PK"),
        _ if column.name == c::NAME => Some("type/Name"),
        (Unit::Money, _) => Some("type/Currency"),
        (Unit::Share, _) => Some("type/Percentage"),
        (Unit::Count | Unit::Pieces, _) => Some("type/Quantity"),
        (_, Type::Text) => Some("type/Category"),
        _ => None,
    }
}
