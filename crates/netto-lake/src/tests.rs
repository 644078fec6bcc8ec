//! From files to the lake and back.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use netto_model::contract::{COST_POOLS, CUSTOMERS, ORDER_LINES};
use netto_model::table::Table;

use crate::{KeyKind, Lake, LakeError, LoadReport, LoadRequest, SourceConfig};

struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn base(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        fs::write(self.base().join(name), content).unwrap();
        self
    }

    fn lake(&self) -> Lake {
        Lake::open(&self.base().join("lake")).unwrap()
    }

    fn load(&self, source: &'static Table, json: &str) -> Result<LoadReport, LakeError> {
        self.load_knowing(source, json, None)
    }

    fn load_knowing(
        &self,
        source: &'static Table,
        json: &str,
        known: Option<&HashSet<String>>,
    ) -> Result<LoadReport, LakeError> {
        let config = SourceConfig::from_json(json).unwrap();
        let quarantine = self.base().join("quarantine");
        self.lake().load(&LoadRequest {
            source,
            config: &config,
            base: self.base(),
            quarantine: &quarantine,
            known_customers: known,
            currency: Some("EUR"),
        })
    }

    fn month_files(&self) -> Vec<String> {
        let root = self.lake();
        let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        root.months()
            .unwrap()
            .into_iter()
            .flat_map(|(month, files)| files.iter().map(|f| format!("{month} {}", name(f))).collect::<Vec<_>>())
            .collect()
    }
}

const HEADER: &str = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n";
const JANUARY: &[&str] = &["B,1,2025-01-03,K2,P1,1,10.5", "A,2,2025-01-02,K1,P2,2,20", "A,1,2025-01-02,K1,P1,3,30"];
const FEBRUARY: &[&str] = &["C,1,2025-02-01,K1,P1,1,5"];

fn lines(parts: &[&[&str]]) -> String {
    HEADER.to_owned() + &parts.concat().join("\n") + "\n"
}

#[test]
fn shuffled_rows_give_the_same_files_and_a_rerun_does_nothing() {
    let (one, two) = (Project::new(), Project::new());
    one.file("lines.csv", lines(&[JANUARY, FEBRUARY]));
    let mut shuffled = [FEBRUARY, JANUARY].concat();
    shuffled.reverse();
    two.file("lines.csv", lines(&[&shuffled]));
    for project in [&one, &two] {
        let report = project.load(&ORDER_LINES, r#"{"files":"lines.csv"}"#).unwrap();
        assert_eq!((report.rows_read, report.rows_loaded, report.unchanged), (4, 4, false));
        assert!(project.load(&ORDER_LINES, r#"{"files":"lines.csv"}"#).unwrap().unchanged);
    }
    assert_eq!(one.month_files(), two.month_files());
    assert_eq!(one.lake().keys(KeyKind::Order).unwrap().height(), 3);
}

#[test]
fn replace_period_replaces_the_months_of_the_extract_whole() {
    let project = Project::new();
    project.file("lines.csv", lines(&[JANUARY, FEBRUARY])).load(&ORDER_LINES, r#"{"files":"lines.csv"}"#).unwrap();
    let before = project.month_files();
    project.file("lines.csv", lines(&[&JANUARY[..1]])).load(&ORDER_LINES, r#"{"files":"lines.csv"}"#).unwrap();
    let after = project.month_files();
    assert_eq!((after.len(), &after[1]), (2, &before[1]));
    assert_ne!(after[0], before[0]);
    let readiness = project.lake().readiness().unwrap();
    let row = readiness.data().column("source").unwrap().str().unwrap().iter().position(|s| s == Some("order_lines"));
    let rows = readiness.data().column("rows").unwrap().i64().unwrap().get(row.unwrap());
    assert_eq!(rows, Some(2));
}

#[test]
fn append_refuses_keys_that_are_there() {
    let project = Project::new();
    project.file("a.csv", lines(&[JANUARY])).load(&ORDER_LINES, r#"{"files":"*.csv","load":"append"}"#).unwrap();
    project.file("b.csv", lines(&[&JANUARY[..1], FEBRUARY]));
    let report = project.load(&ORDER_LINES, r#"{"files":"*.csv","load":"append"}"#).unwrap();
    assert_eq!((report.rows_read, report.rows_loaded, report.rejects["duplicate_key"]), (2, 1, 1));
}

#[test]
fn a_dutch_extract_is_read_and_too_many_rejects_land_nothing() {
    let project = Project::new();
    project.file("klanten.csv", b"Nr;Naam;Omzet;X\n7;Caf\xe9 \"De Zon\";1.234,5;\n8;\"Twee\nregels\";1,5O;\n9;c;x;\n");
    let json = r#"{"files":"klanten.csv","csv":{"delimiter":";","decimal":",","thousands":".","encoding":"windows-1252"},
        "columns":{"customer_id":{"from":"Nr","pad":4},"name":"Naam","potential":"Omzet"}}"#;
    let error = project.load(&CUSTOMERS, json).unwrap_err();
    let text = format!("{error}\n  help: {}", error.help().unwrap());
    assert!(text.starts_with("2 of 3 rows of `customers` were rejected (limit 1)\n  ┌ klanten.csv:3, column \"Omzet\": `1,5O` is not a number\n"), "{text}");
    assert!(project.lake().table(&CUSTOMERS).unwrap().is_none());
    let report = project.load(&CUSTOMERS, &json.replacen('{', "{\"max_rejects\":2,", 1)).unwrap();
    assert_eq!(report.unmapped_columns, ["X"]);
    assert!(fs::read_to_string(report.quarantine_file.unwrap()).unwrap().contains("not_a_number"));
    let customers = project.lake().table(&CUSTOMERS).unwrap().unwrap();
    assert_eq!(customers.column("customer_id").unwrap().str().unwrap().get(0), Some("0007"));
    assert_eq!(customers.column("potential").unwrap().i64().unwrap().get(0), Some(12_345_000));
}

#[test]
fn a_view_is_mapped_like_an_extract() {
    let project = Project::new();
    project
        .file("gl.csv", "dep,day,amount\n1,2025-03-04,10.25\n1,2025-03-09,1\n2,2025-04-01,7\n")
        .file("dep.csv", "id,name\n1,Sales\n2,IT\n");
    let json = r#"{"sql":"select d.name as pool, g.day as period, sum(g.amount) as amount from gl g join dep d on g.dep = d.id where g.amount > 0 group by d.name, g.day",
        "tables":{"gl":"gl.csv","dep":"dep.csv"},"max_rejects":1}"#;
    let report = project.load(&COST_POOLS, json).unwrap();
    assert_eq!((report.rows_read, report.rows_loaded, report.rows_quarantined), (3, 2, 1));
}

#[test]
fn a_missing_column_names_what_the_file_has() {
    let project = Project::new();
    project.file("k.csv", "Debitor\n1\n");
    let error = project.load(&CUSTOMERS, r#"{"files":"k.csv","columns":{"customer_id":"Debiteur"}}"#).unwrap_err();
    insta::assert_snapshot!(error, @r#"k.csv: there is no column "Debiteur" for `customer_id`"#);
    insta::assert_snapshot!(error.help().unwrap(), @r#"did you mean "Debitor"? the file has "Debitor""#);
}

const REAL: &str = "/work/shared/data/adventureworks";

#[test]
fn real_parquet_is_read_as_files_and_in_views() {
    if !Path::new(REAL).is_dir() {
        eprintln!("skipped: {REAL} is not here");
        return;
    }
    let project = Project::new();
    let files = format!(
        r#"{{"files":"{REAL}/FactResellerSales.parquet","columns":{{"order_id":"SalesOrderNumber","line_no":"SalesOrderLineNumber",
        "order_date":"OrderDate","customer_id":"ResellerKey","product_id":"ProductKey","quantity":"OrderQuantity",
        "net_amount":"SalesAmount","list_amount":{{"from":"ExtendedAmount","round":true}},"cogs_amount":"TotalProductCost"}}}}"#
    );
    let report = project.load(&ORDER_LINES, &files).unwrap();
    assert_eq!((report.rows_read, report.rows_quarantined), (60_855, 0));
    let view = format!(
        r#"{{"sql":"select d.DepartmentGroupName as pool, cast(f.Date as date) as period, cast(f.AccountKey as varchar) as gl_account, cast(cast(f.Date as date) as varchar) as booking_id,
        sum(case when f.Amount > 0 then f.Amount else 0 end) as amount from finance f
        join department d on f.DepartmentGroupKey = d.DepartmentGroupKey where f.ScenarioKey = 1
        group by d.DepartmentGroupName, cast(f.Date as date), f.AccountKey",
        "tables":{{"finance":"{REAL}/FactFinance.parquet","department":"{REAL}/DimDepartmentGroup.parquet"}}}}"#
    );
    let report = project.load(&COST_POOLS, &view.replace('\n', " ")).unwrap();
    assert!(report.rows_loaded > 100 && report.rows_quarantined == 0, "{report:?}");
}

#[test]
fn packed_files_are_read_and_unknown_customers_set_apart() {
    let project = Project::new();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gz, lines(&[JANUARY]).as_bytes()).unwrap();
    project.file("a.csv.gz", gz.finish().unwrap());
    project.file("b.csv.zst", zstd::encode_all(lines(&[FEBRUARY]).as_bytes(), 1).unwrap());
    let known = HashSet::from(["K1".to_owned()]);
    let report = project.load_knowing(&ORDER_LINES, r#"{"files":"*.csv.*"}"#, Some(&known)).unwrap();
    assert_eq!((report.files, report.rows_loaded, report.rejects["unknown_customer"]), (2, 3, 1));
}

#[test]
fn amounts_in_another_currency_are_set_apart_not_added() {
    let project = Project::new();
    project.file("a.csv", "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,currency\n1,1,2025-01-05,K,p,1,10,EUR\n2,1,2025-01-05,K,p,1,10,\n3,1,2025-01-05,K,p,1,10,USD\n");
    let report = project.load(&ORDER_LINES, r#"{"files":"a.csv"}"#).unwrap();
    assert_eq!((report.rows_loaded, report.rejects["other_currency"]), (2, 1));
    assert_eq!(report.first_reject.unwrap().value, "USD");
}

#[test]
fn inspecting_appended_files_again_finds_no_duplicates_and_writes_nothing() {
    let project = Project::new();
    let json = r#"{"files":"a.csv","load":"append"}"#;
    let config = SourceConfig::from_json(json).unwrap();
    project.file("a.csv", lines(&[JANUARY]));
    let quarantine = project.base().join("quarantine");
    let request = LoadRequest {
        source: &ORDER_LINES,
        config: &config,
        base: project.base(),
        quarantine: &quarantine,
        known_customers: None,
        currency: Some("EUR"),
    };
    assert_eq!(project.lake().inspect(&request).unwrap().rows_loaded, 3);
    assert!(project.lake().versions().unwrap().is_empty());
    project.load(&ORDER_LINES, json).unwrap();
    assert!(project.lake().inspect(&request).unwrap().unchanged);
}
