//! Parquet extracts: what their own types mean.

use std::fs::File;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;

use super::*;

fn parquet(project: &Project, name: &str, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer =
        ArrowWriter::try_new(File::create(project.base().join(name)).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn days(project: &Project, table: &'static Table, column: &str) -> Vec<String> {
    let rows = project.lake().table(table).unwrap().unwrap();
    let days = rows.column(column).unwrap().date().unwrap().physical().clone();
    days.iter().map(|day| day.map(crate::plausible::shown).unwrap_or_default()).collect()
}

/// Invoices whose dates are numbers, as warehouses and pandas write them.
fn invoices(project: &Project, days: ArrayRef, paid: ArrayRef) {
    let ids: Vec<String> = (1..=days.len()).map(|row| format!("F{row}")).collect();
    let amounts: ArrayRef = Arc::new(Int64Array::from(vec![10; days.len()]));
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let columns = vec![
        ("invoice_id", texts(&ids)),
        ("customer_id", texts(&vec!["K"; ids.len()])),
        ("invoice_date", Arc::clone(&days)),
        ("due_date", days),
        ("paid_date", paid),
        ("amount", amounts),
    ];
    parquet(project, "f.parquet", columns);
}

#[test]
fn whole_numbers_are_days_by_the_formats_of_the_source() {
    let project = Project::new();
    let settings =
        |date: &str| format!(r#"{{"files":"f.parquet","max_rejects":9,"csv":{{"date":{date},"null":["0"]}}}}"#);
    let narrow: ArrayRef = Arc::new(Int32Array::from(vec![20_250_303, 20_250_431, 19_000_101, 20_250_304]));
    let wide: ArrayRef = Arc::new(Int64Array::from(vec![Some(20_250_401), None, None, Some(0)]));
    invoices(&project, narrow, wide);
    let report = project.load(&RECEIVABLES, &settings(r#""%Y%m%d""#)).unwrap();
    let rejects: Vec<_> = report.rejects.iter().map(|(reason, rows)| (reason.as_str(), *rows)).collect();
    assert_eq!(rejects, [("implausible_date", 1), ("not_a_date", 1)]);
    assert_eq!(days(&project, &RECEIVABLES, "invoice_date"), ["2025-03-03", "2025-03-04"]);
    assert_eq!(days(&project, &RECEIVABLES, "paid_date"), ["2025-04-01", ""]);
    // With an empty value in the column, pandas makes floats of whole numbers; spreadsheets count days.
    let floats: ArrayRef = Arc::new(Float64Array::from(vec![20_250_303.0, 45_720.0]));
    invoices(&project, Arc::clone(&floats), floats);
    project.load(&RECEIVABLES, &settings(r#"["%Y%m%d","excel"]"#)).unwrap();
    assert_eq!(days(&project, &RECEIVABLES, "paid_date"), ["2025-03-03", "2025-03-04"]);
}

#[test]
fn a_whole_number_is_no_day_where_no_format_says_so() {
    let project = Project::new();
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![20_250_303, 45_720]));
    invoices(&project, Arc::clone(&numbers), numbers);
    let error = project.load(&RECEIVABLES, r#"{"files":"f.parquet"}"#).unwrap_err();
    assert!(error.to_string().contains("`20250303` is not a date"), "{error}");
}

#[test]
fn whole_numbers_are_months_in_columns_for_a_month() {
    let project = Project::new();
    let months: ArrayRef = Arc::new(Int32Array::from(vec![202_503, 202_504]));
    let amounts: ArrayRef = Arc::new(Int64Array::from(vec![10, 20]));
    parquet(&project, "p.parquet", vec![("pool", texts(&["a", "a"])), ("period", months), ("amount", amounts)]);
    project.load(&COST_POOLS, r#"{"files":"p.parquet"}"#).unwrap();
    assert_eq!(days(&project, &COST_POOLS, "period"), ["2025-03-01", "2025-04-01"]);
}

#[test]
fn a_day_that_is_a_number_has_its_time_in_a_column_of_its_own() {
    let project = Project::new();
    let (days, clock): (ArrayRef, ArrayRef) =
        (Arc::new(Int32Array::from(vec![20_250_303])), Arc::new(Int32Array::from(vec![153_000])));
    let columns = |time: Option<(&'static str, ArrayRef)>| {
        let ids = vec![("activity_id", texts(&["1"])), ("kind", texts(&["visit"])), ("occurred_at", Arc::clone(&days))];
        ids.into_iter().chain(time).collect()
    };
    for (time, minute) in [(None, None), (Some(("occurred_time", clock)), Some(930))] {
        parquet(&project, "a.parquet", columns(time));
        let report =
            project.load(&ACTIVITIES, r#"{"files":"a.parquet","csv":{"date":"%Y%m%d"},"load":"replace"}"#).unwrap();
        assert_eq!(report.rows_loaded, 1);
        let rows = project.lake().table(&ACTIVITIES).unwrap().unwrap();
        assert_eq!(rows.column("occurred_time").unwrap().i64().unwrap().get(0), minute);
    }
}
