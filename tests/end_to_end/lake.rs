//! The lake as others read it: the `deltalake` package of Python judges the tables that netto writes without a library.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use netto_lake::{Lake, LoadRequest, SourceConfig};
use netto_model::contract;
use netto_model::table::{Role, Table, Type};
use serde_json::Value;

use crate::duckdb::{python, said};
use crate::harness::{Project, repository};

/// What Python reads of each table: version, rows, and its fields with their types.
pub(crate) fn read_by_python(lake: &Path) -> BTreeMap<String, Value> {
    let output = Command::new(python()).arg(repository("tests/duckdb/lake.py")).arg(lake).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn fields(table: &Table) -> Vec<Value> {
    let ty = |ty: Type| match ty {
        Type::Text => "string",
        Type::Integer => "long",
        Type::Decimal => "decimal(18,4)",
        Type::Ratio => "double",
        Type::Date => "date",
        Type::Bool => "boolean",
    };
    let field =
        |column: &netto_model::Column| serde_json::json!([column.name, ty(column.ty), column.role == Role::Optional]);
    table.columns.iter().map(field).collect()
}

#[test]
fn python_reads_every_table_of_the_demo_as_it_was_loaded() {
    let project = Project::copy_of(&repository("data/wholesaler"));
    let loaded: Value = serde_json::from_str(&project.netto(&["ingest", "--format", "json"]).ok().stdout()).unwrap();
    let read = read_by_python(&project.folder().join(".netto/lake"));
    let sources = loaded["sources"].as_array().unwrap();
    assert_eq!(read.len(), sources.len() + 3, "{:?}", read.keys());
    for load in sources {
        let name = load["source"].as_str().unwrap();
        let declared = contract::table(if name == "order_lines" { "lake_order_lines" } else { name }).unwrap();
        let table = &read[name];
        assert_eq!((&table["rows"], &table["version"]), (&load["rows_loaded"], &load["version"]), "{name}");
        let mut of_python = table["fields"].as_array().unwrap().clone();
        let mut declared = fields(declared);
        for fields in [&mut of_python, &mut declared] {
            fields.sort_by_key(ToString::to_string);
        }
        assert_eq!(of_python, declared, "{name}");
    }
    assert_eq!(read["customer_keys"]["fields"][1], serde_json::json!(["customer_id", "string", false]));
}

#[test]
fn a_month_that_is_gone_from_the_lake_is_named_with_what_to_do() {
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n1,1,2025-03-05,A,p,1,10\n";
    let project = Project::new("[source.order_lines]\nfiles = \"order_lines.csv\"\n").file("order_lines.csv", lines);
    project.run().ok();
    let month = project.folder().join(".netto/lake/order_lines/period=2025-03-01");
    fs::remove_dir_all(&month).unwrap();
    let outcome = project.run();
    assert_eq!(outcome.code(), 1);
    let said = outcome.message().replace("\n            ", " ");
    assert!(said.contains("PROJECT/.netto/lake/order_lines/period=2025-03-01/part-"), "{said}");
    assert!(said.contains("restore it from a backup, or remove the whole folder .netto/lake and run again"), "{said}");
}

#[test]
fn python_reads_a_table_of_many_versions_from_its_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path();
    let config = SourceConfig::from_json(r#"{"files":"lines.csv"}"#).unwrap();
    let lake = Lake::open(&base.join("lake")).unwrap();
    let quarantine = base.join("quarantine");
    let request = LoadRequest {
        source: &contract::ORDER_LINES,
        config: &config,
        base,
        quarantine: &quarantine,
        known_customers: None,
        currency: None,
        rates: None,
        products: None,
        accept_shrink: true,
    };
    let header = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n";
    for load in 1..=40 {
        let line = |line: i32| format!("{line},1,2025-{:02}-05,K,p,1,{load}\n", 1 + line % 3);
        let rows: String = (1..=load).map(line).collect();
        fs::write(base.join("lines.csv"), format!("{header}{rows}")).unwrap();
        lake.load(&request).unwrap();
    }
    let log = base.join("lake/order_lines/_delta_log");
    assert!(log.join("00000000000000000032.checkpoint.parquet").is_file());
    // Only the checkpoint can say what these did.
    for version in 0..=32 {
        fs::remove_file(log.join(format!("{version:020}.json"))).unwrap();
    }
    let read = &read_by_python(&base.join("lake"))["order_lines"];
    assert_eq!(
        (read["version"].as_i64(), read["rows"].as_i64(), read["files"].as_i64()),
        (Some(39), Some(40), Some(3))
    );
    assert_eq!(lake.months().unwrap().len(), 3);
    assert!(lake.load(&request).unwrap().unchanged, "what the table remembers is in the checkpoint as well");
}
