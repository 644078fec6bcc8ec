//! From an export to the report without a line of configuration written by hand: `netto init`, `netto check`, `netto run`.
//!
//! `tests/init/` holds exports as other programs write them: other languages, other dialects, heads and lines in two files.

use std::fs;

use crate::harness::{Project, repository};

/// The export in a project without a netto.toml, which `init` writes.
fn begun(export: &str) -> (Project, String) {
    let project = Project::copy_of(&repository(&format!("tests/init/{export}")));
    let folder = project.folder().to_str().unwrap().to_owned();
    project.netto(&["init", "--project", &folder]).ok();
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    (project, config)
}

fn revenue(project: &Project) -> i128 {
    project.netto(&["check"]).ok();
    project.run().ok();
    project.mart("fct_customer_month").sum("invoice_revenue")
}

#[test]
fn a_german_export_with_title_lines_and_the_sign_behind_is_read() {
    let (project, config) = begun("german");
    for line in [
        "encoding = \"windows-1252\"",
        "skip_lines = 2",
        "decimal = \",\"",
        "date = \"%d.%m.%Y\"",
        "[source.cost_pools]",
    ] {
        assert!(config.contains(line), "{line} is not in\n{config}");
    }
    assert_eq!(revenue(&project), 12_625_000);
}

#[test]
fn a_french_export_without_line_numbers_is_read_and_doubts_are_said() {
    let (project, config) = begun("french");
    assert!(config.contains("line_no = { count_within = \"order_id\" }"), "{config}");
    assert!(config.contains("have a look: 03/04/2025: day or month first?"), "{config}");
    assert_eq!(revenue(&project), 24_720_000);
}

#[test]
fn lines_and_their_heads_in_two_files_are_put_together() {
    let (project, config) = begun("english_heads_and_lines");
    assert!(config.contains("from lines left join heads"), "{config}");
    // 12 × 14.00 + 10 × 9.80 × 0.95 + 9 × 18.60
    assert_eq!(revenue(&project), 4_285_000);
}

#[test]
fn a_workbook_with_a_title_is_read() {
    let (project, config) = begun("dutch_workbook");
    for line in ["[source.order_lines.excel]", "sheet = \"Factuurregels\"", "header_row = 3"] {
        assert!(config.contains(line), "{line} is not in\n{config}");
    }
    assert_eq!(revenue(&project), 28_140_000);
}

#[test]
fn a_configuration_that_is_there_is_not_replaced() {
    let (project, config) = begun("german");
    let again = project.netto(&["init", "--project", project.folder().to_str().unwrap()]);
    assert_eq!(again.code(), 2);
    assert!(again.message().contains("is there already, and is not replaced"), "{}", again.message());
    assert_eq!(fs::read_to_string(project.folder().join("netto.toml")).unwrap(), config);
}

#[test]
fn files_without_order_lines_are_refused_with_what_each_lacks() {
    let project = Project::with_config("").file("notes.csv", "a;b\n1;2\n");
    fs::remove_file(project.folder().join("netto.toml")).unwrap();
    let refused = project.netto(&["init", "--project", project.folder().to_str().unwrap()]);
    assert_eq!(refused.code(), 2);
    assert!(refused.message().contains("notes.csv: its columns are not those of a source"), "{}", refused.message());
}

#[test]
fn the_demo_is_recognised_but_for_what_only_its_owner_knows() {
    let project = Project::copy_of(&repository("data/wholesaler"));
    fs::remove_file(project.folder().join("netto.toml")).unwrap();
    let extracts = project.folder().join("extracts");
    let folder = project.folder().to_str().unwrap().to_owned();
    let outcome = project.netto(&["init", extracts.to_str().unwrap(), "--project", &folder, "--format", "json"]).ok();
    let said: serde_json::Value = serde_json::from_str(&outcome.stdout()).unwrap();
    let sources: Vec<&str> =
        said["sources"].as_array().unwrap().iter().map(|source| source["source"].as_str().unwrap()).collect();
    for source in ["order_lines", "customers", "products", "employees", "cost_pools", "stock", "receivables"] {
        assert!(sources.contains(&source), "{source} is not among {sources:?}");
    }
}
