//! A distributor of any size, as `netto generate --lines` writes it: it runs at once, and nothing that was there is overwritten.

use crate::harness::Project;

#[test]
fn a_generated_distributor_runs_at_once_and_is_written_once() {
    let nothing = tempfile::tempdir().unwrap();
    let project = Project::copy_of(nothing.path());
    let written = project.netto(&["generate", "--lines", "3000", "--format", "json"]).ok().stdout();
    assert!(written.contains("orderregels_2025-06_deel1.csv"), "{written}");
    let loaded = project.netto(&["ingest", "--format", "json"]).ok().stdout();
    let loads: serde_json::Value = serde_json::from_str(&loaded).unwrap();
    let loads = loads["sources"].as_array().unwrap();
    assert_eq!(loads.len(), 13, "{loaded}");
    assert!(
        loads.iter().all(|load| load["rows_quarantined"] == 0 && load["rows_loaded"].as_u64() > Some(0)),
        "{loaded}"
    );
    project.run().ok();
    assert!(project.mart("fct_customer_month").sum("net_profit") != 0);
    let again = project.netto(&["generate", "--lines", "3000"]);
    assert_eq!(again.code(), 1);
    assert!(again.message().contains("already exists with other contents"), "{}", again.message());
}
