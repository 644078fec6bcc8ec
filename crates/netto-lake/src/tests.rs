//! From files to the lake and back.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use netto_model::contract::{ACTIVITIES, COST_POOLS, CUSTOMERS, FX_RATES, ORDER_LINES, PRODUCTS, RECEIVABLES};
use netto_model::table::Table;

mod loads;
mod parquet_types;
mod streamed;

use crate::{KeyKind, Lake, LakeError, LoadReport, LoadRequest, SourceConfig};

struct Project {
    folder: tempfile::TempDir,
    /// Bytes that a load may take.
    memory: u64,
}

impl Project {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), memory: 1 << 30 }
    }

    fn base(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        fs::write(self.base().join(name), content).unwrap();
        self
    }

    fn lake(&self) -> Lake {
        Lake::open(&self.base().join("lake")).unwrap().with_memory(self.memory)
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
        self.load_as(source, json, known, true)
    }

    fn load_as(
        &self,
        source: &'static Table,
        json: &str,
        known: Option<&HashSet<String>>,
        accept_shrink: bool,
    ) -> Result<LoadReport, LakeError> {
        let config = SourceConfig::from_json(json).unwrap();
        let quarantine = self.base().join("quarantine");
        let rates = self.lake().table(&FX_RATES).unwrap().map(|_| self.lake().rates().unwrap());
        let products = self.lake().product_versions().unwrap();
        let request = LoadRequest {
            source,
            config: &config,
            base: self.base(),
            quarantine: &quarantine,
            known_customers: known,
            currency: Some("EUR"),
            rates: rates.as_ref(),
            products: Some(&products),
            accept_shrink,
        };
        self.lake().load(&request)
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
    let readiness = project.lake().readiness(None).unwrap().sources;
    let row = readiness.data().column("source").unwrap().str().unwrap().iter().position(|s| s == Some("order_lines"));
    let rows = readiness.data().column("rows").unwrap().i64().unwrap().get(row.unwrap());
    assert_eq!(rows, Some(2));
}

#[test]
fn append_leaves_out_rows_that_are_there_and_sets_apart_what_contradicts_them() {
    let project = Project::new();
    project.file("a.csv", lines(&[JANUARY])).load(&ORDER_LINES, r#"{"files":"*.csv","load":"append"}"#).unwrap();
    project.file("b.csv", lines(&[&JANUARY[..1], &["A,2,2025-01-02,K1,P2,2,21"], FEBRUARY]));
    let report = project.load(&ORDER_LINES, r#"{"files":"*.csv","load":"append"}"#).unwrap();
    assert_eq!((report.rows_read, report.rows_loaded, report.rejects["duplicate_key"]), (3, 1, 1));
    assert_eq!((report.rows_superseded, report.superseded.same), (1, 1));
    assert_eq!(report.set_apart.sum().amount, 210_000);
}

#[test]
fn a_dutch_extract_is_read_and_too_many_rejects_land_nothing() {
    let project = Project::new();
    project.file("klanten.csv", b"Nr;Naam;Omzet;X\n7;Caf\xe9 \"De Zon\";1.234,5;\n8;\"Twee\nregels\";1,5O;\n9;c;x;\n");
    let json = r#"{"files":"klanten.csv","csv":{"delimiter":";","decimal":",","thousands":".","encoding":"windows-1252"},
        "columns":{"customer_id":{"from":"Nr","pad":4},"name":"Naam","potential":"Omzet"}}"#;
    let error = project.load(&CUSTOMERS, json).unwrap_err();
    let text = format!("{error}\n  help: {}", error.help().unwrap());
    assert!(text.starts_with("2 of 3 rows of `customers` are set apart (limit 1)\n  ┌ klanten.csv:3, column \"Omzet\": `1,5O` is not a number\n"), "{text}");
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

#[test]
fn of_what_was_taken_for_a_header_a_message_shows_the_beginning() {
    let project = Project::new();
    project.file("k.csv", format!("{}\n1\n", vec!["x".repeat(5_000); 1_000].join(",")));
    let error = project.load(&CUSTOMERS, r#"{"files":"k.csv","columns":{"customer_id":"Debtor"}}"#).unwrap_err();
    let help = error.help().unwrap();
    assert!(help.len() < 20_000 && help.contains("x…\"") && help.contains("and 900 more"), "{}", help.len());
}

#[test]
fn real_parquet_is_read_as_files_and_in_views() {
    let shared = std::env::var_os("NETTO_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let Ok(real) = shared.join("data/adventureworks").canonicalize() else {
        eprintln!("skipped: no data in {}; NETTO_SHARED names the folder above data/", shared.display());
        return;
    };
    let real = real.display();
    let project = Project::new();
    let files = format!(
        r#"{{"files":"{real}/FactResellerSales.parquet","columns":{{"order_id":"SalesOrderNumber","line_no":"SalesOrderLineNumber",
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
        "tables":{{"finance":"{real}/FactFinance.parquet","department":"{real}/DimDepartmentGroup.parquet"}}}}"#
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

const FOREIGN: &str = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,list_amount,discount_amount,cogs_amount,freight_charged,currency\n";
const RATES: &str = "currency,period,rate\nUSD,2025-01,0.5\nUSD,2025-02,0.9174\nJPY,2025-01,0.0061\n";

/// Amounts of the order lines in the lake, in ten-thousandths, by line.
fn amounts(project: &Project, column: &str) -> Vec<Option<i64>> {
    let mut lines = Vec::new();
    for path in project.lake().months().unwrap().values().flatten() {
        let batches = crate::read::parquet::batches(path).unwrap().1;
        let frame = netto_model::arrow::from_batches(&crate::landing::STORED, &batches).unwrap();
        let (numbers, amounts) = (frame.column("line_no").unwrap(), frame.column(column).unwrap());
        lines.extend(numbers.i64().unwrap().iter().zip(amounts.i64().unwrap().iter()));
    }
    lines.sort_unstable();
    lines.into_iter().map(|(_, amount)| amount).collect()
}

#[test]
fn amounts_of_another_currency_are_converted_at_the_rate_of_the_month_half_even() {
    let project = Project::new();
    let rows = "1,1,2025-01-05,K,p,1,10,11,1,8,2,EUR\n\
                1,2,2025-01-05,K,p,1,10,,,,,\n\
                1,3,2025-01-31,K,p,1,0.0001,0.0003,0.0005,-0.0003,100.01,USD\n\
                1,4,2025-02-01,K,p,-1,-100,,,1,,USD\n\
                1,5,2025-01-01,K,p,1,123456,,,,,JPY\n";
    project.file("rates.csv", RATES).file("a.csv", format!("{FOREIGN}{rows}"));
    project.load(&FX_RATES, r#"{"files":"rates.csv"}"#).unwrap();
    let report = project.load(&ORDER_LINES, r#"{"files":"a.csv"}"#).unwrap();
    assert_eq!((report.rows_loaded, report.rows_quarantined), (5, 0));
    // 0.00005 and 0.00025 lie halfway and go to the even neighbour; 123,456 × 0.0061 = 753.0816.
    assert_eq!(amounts(&project, "net_amount"), [100_000, 100_000, 0, -917_400, 7_530_816].map(Some));
    assert_eq!(amounts(&project, "list_amount"), [Some(110_000), None, Some(2), None, None]);
    assert_eq!(amounts(&project, "discount_amount"), [Some(10_000), None, Some(2), None, None]);
    assert_eq!(amounts(&project, "cogs_amount"), [Some(80_000), None, Some(-2), Some(9_174), None]);
    assert_eq!(amounts(&project, "freight_charged"), [Some(20_000), None, Some(500_050), None, None]);
}

#[test]
fn without_the_rate_of_the_month_nothing_lands() {
    let project = Project::new();
    let rows = "1,1,2025-01-05,K,p,1,10,,,,,USD\n1,2,2025-03-05,K,p,1,10,,,,,USD\n1,3,2025-02-05,K,p,1,10,,,,,JPY\n1,4,2025-03-06,K,p,1,10,,,,,USD\n";
    project.file("rates.csv", RATES).file("a.csv", format!("{FOREIGN}{rows}"));
    let error = project.load(&ORDER_LINES, r#"{"files":"a.csv"}"#).unwrap_err();
    insta::assert_snapshot!(error.help().unwrap(), @"add [source.fx_rates], a table of currency, period and rate: how many EUR one USD was worth in each month");
    project.load(&FX_RATES, r#"{"files":"rates.csv"}"#).unwrap();
    let error = project.load(&ORDER_LINES, r#"{"files":"a.csv"}"#).unwrap_err();
    insta::assert_snapshot!(error, @r"
    there is no exchange rate for USD in 2025-03, so amounts of `order_lines` can't be converted
      ┌ a.csv:3 is the first line that needs it
      = all missing rates: JPY 2025-02, USD 2025-03
    ");
    insta::assert_snapshot!(error.help().unwrap(), @"add a row to `fx_rates` with currency, period and rate: how many EUR one USD was worth in the month");
    assert!(project.lake().months().unwrap().is_empty());
}

#[test]
fn a_converted_amount_that_leaves_the_range_of_money_is_set_apart() {
    let project = Project::new();
    let rows = "1,1,2025-01-05,K,p,1,10,,,,,USD\n1,2,2025-01-05,K,p,1,99999999999999,,,,,USD\n";
    project.file("rates.csv", "currency,period,rate\nUSD,2025-01,1.25\n").file("a.csv", format!("{FOREIGN}{rows}"));
    project.load(&FX_RATES, r#"{"files":"rates.csv"}"#).unwrap();
    let report = project.load(&ORDER_LINES, r#"{"files":"a.csv"}"#).unwrap();
    assert_eq!((report.rows_loaded, report.rejects["out_of_range"]), (1, 1));
    insta::assert_snapshot!(report.first_reject.unwrap(), @r#"a.csv:3, column "net_amount": `99999999999999.0000 × 1.25 = 124999999999998.7500` is outside the range of DECIMAL(18,4)"#);
    assert!(fs::read_to_string(report.quarantine_file.unwrap()).unwrap().contains("99999999999999,,"));
}

#[test]
fn a_rate_that_is_not_above_zero_is_set_apart() {
    let project = Project::new();
    project.file("rates.csv", "currency,period,rate\nUSD,2025-01,0\nUSD,2025-02,-1.1\nUSD,2025-03,1.1\n");
    let report = project.load(&FX_RATES, r#"{"files":"rates.csv","max_rejects":2}"#).unwrap();
    assert_eq!((report.rows_loaded, report.rejects["not_a_rate"]), (1, 2));
}

#[test]
fn another_rate_loads_order_lines_again_and_the_same_rates_do_not() {
    let project = Project::new();
    project.file("rates.csv", RATES).file("a.csv", format!("{FOREIGN}1,1,2025-01-05,K,p,1,10,,,,,USD\n"));
    let load = || {
        project.load(&FX_RATES, r#"{"files":"rates.csv"}"#).unwrap();
        project.load(&ORDER_LINES, r#"{"files":"a.csv"}"#).unwrap().unchanged
    };
    assert!(!load());
    assert!(load());
    // Rows in another order, and a rate written otherwise, are the same rates.
    project.file("rates.csv", "currency,period,rate\nJPY,2025-01,0.0061\nUSD,2025-02,0.91740\nUSD,2025-01,.5\n");
    assert!(load());
    project.file("rates.csv", RATES.replace("0.5", "0.6"));
    assert!(!load());
    assert_eq!(amounts(&project, "net_amount"), [Some(60_000)]);
}

const HISTORY: &str =
    "product_id,valid_from,unit_cost,list_price\np,2025-01-10,800,1000.0001\np,2025-04-01,900,\nq,,1.5,2\n";

#[test]
fn an_empty_cost_is_that_of_the_version_valid_on_the_order_date() {
    let project = Project::new();
    let rows = "1,1,2025-03-31,K,p,2.5,9,,,,,\n\
                1,2,2025-04-01,K,p,-1,-9,,,,,\n\
                1,3,2025-01-09,K,p,1,9,,,,,\n\
                1,4,2025-01-10,K,p,1,9,7,,5,,\n\
                1,5,2025-01-01,K,q,3,9,,,,,\n\
                1,6,2025-01-01,K,x,3,9,,,,,\n";
    project.file("products.csv", HISTORY).file("a.csv", format!("{FOREIGN}{rows}"));
    project.load(&PRODUCTS, r#"{"files":"products.csv"}"#).unwrap();
    let both = r#"{"files":"a.csv","cost_from_products":true,"list_from_products":true}"#;
    let report = project.load(&ORDER_LINES, both).unwrap();
    assert_eq!(
        amounts(&project, "cogs_amount"),
        [Some(20_000_000), Some(-9_000_000), None, Some(50_000), Some(45_000), None]
    );
    // 2.5 × 1000.0001 = 2500.00025, halfway: to the even ten-thousandth.
    assert_eq!(amounts(&project, "list_amount"), [Some(25_000_002), None, None, Some(70_000), Some(60_000), None]);
    assert_eq!(amounts(&project, "discount_amount"), [None; 6]);
    let gaps = |gaps: std::collections::BTreeMap<&'static str, u64>| gaps.into_iter().collect::<Vec<_>>();
    assert_eq!(gaps(report.without_cost), [("before_first_version", 1), ("unknown_product", 1)]);
    assert_eq!(
        gaps(report.without_list),
        [("before_first_version", 1), ("empty_in_version", 1), ("unknown_product", 1)]
    );
}

#[test]
fn only_a_cost_that_order_lines_take_loads_them_again() {
    let project = Project::new();
    project.file("a.csv", format!("{FOREIGN}1,1,2025-05-05,K,p,1,10,,,,,\n"));
    let load = |history: &str, order_lines: &str| {
        project.file("products.csv", history).load(&PRODUCTS, r#"{"files":"products.csv"}"#).unwrap();
        project.load(&ORDER_LINES, order_lines).unwrap().unchanged
    };
    let (with_cost, plain) = (r#"{"files":"a.csv","cost_from_products":true}"#, r#"{"files":"a.csv"}"#);
    assert!(!load(HISTORY, with_cost));
    assert!(load(&HISTORY.replace("1000.0001", "1000"), with_cost));
    assert!(!load(&HISTORY.replace("900", "901"), with_cost));
    assert_eq!(amounts(&project, "cogs_amount"), [Some(9_010_000)]);
    assert!(!load(HISTORY, plain));
    assert!(load(&HISTORY.replace("900", "901"), plain));
    assert_eq!(amounts(&project, "cogs_amount"), [None]);
}

#[test]
fn a_cost_from_products_is_in_the_currency_of_the_company_already() {
    let project = Project::new();
    project.file("rates.csv", RATES).file("products.csv", HISTORY);
    project.file("a.csv", format!("{FOREIGN}1,1,2025-01-15,K,p,1,10,,,,,USD\n1,2,2025-01-15,K,p,1,10,,,10,,USD\n"));
    project.load(&FX_RATES, r#"{"files":"rates.csv"}"#).unwrap();
    project.load(&PRODUCTS, r#"{"files":"products.csv"}"#).unwrap();
    project.load(&ORDER_LINES, r#"{"files":"a.csv","cost_from_products":true}"#).unwrap();
    assert_eq!(amounts(&project, "cogs_amount"), [Some(8_000_000), Some(50_000)]);
}

#[test]
fn what_was_appended_keeps_its_value_when_a_rate_is_added() {
    let project = Project::new();
    project.file("rates.csv", RATES).file("a.csv", format!("{FOREIGN}1,1,2025-01-05,K,p,1,10,,,,,USD\n"));
    let load = || {
        project.load(&FX_RATES, r#"{"files":"rates.csv"}"#).unwrap();
        project.load(&ORDER_LINES, r#"{"files":"a.csv","load":"append"}"#).unwrap().unchanged
    };
    assert!(!load());
    project.file("rates.csv", format!("{RATES}USD,2025-03,0.93\n"));
    assert!(load());
    assert_eq!(amounts(&project, "net_amount"), [Some(50_000)]);
}

#[test]
fn a_first_day_that_nobody_supplied_is_no_date_of_the_source() {
    let project = Project::new();
    project.file("products.csv", HISTORY).load(&PRODUCTS, r#"{"files":"products.csv"}"#).unwrap();
    let readiness = project.lake().readiness(None).unwrap().sources;
    let row = readiness.data().column("source").unwrap().str().unwrap().iter().position(|s| s == Some("products"));
    let first = readiness.data().column("first_date").unwrap().date().unwrap().physical().get(row.unwrap());
    assert_eq!(first, Some(netto_model::period::days_from_civil(2025, 1, 10)));
}

/// Days and minutes of the day of the activities in the lake, by their ids.
fn moments(project: &Project) -> Vec<(i32, Option<i64>)> {
    let rows = project.lake().table(&ACTIVITIES).unwrap().unwrap();
    let days = rows.column("occurred_at").unwrap().date().unwrap().physical().clone();
    let minutes = rows.column("occurred_time").unwrap().i64().unwrap().clone();
    days.iter().flatten().zip(minutes.iter()).collect()
}

const FRIDAY: i32 = netto_model::period::days_from_civil(2025, 3, 7);

#[test]
fn a_time_behind_the_day_is_loaded_and_one_that_is_no_time_set_apart() {
    let project = Project::new();
    let rows =
        ["1;07-03-2025 15:30", "2;07-03-2025", "3;07-03-2025 25:30", "4;07-03-2025T09:05:59", "5;07-03-2025 00:00:00"];
    project.file("a.csv", format!("Nr;Moment\n{}\n", rows.join("\n")));
    let csv = r#""csv":{"delimiter":";","date":"%d-%m-%Y"}"#;
    let columns = r#""columns":{"activity_id":"Nr","occurred_at":"Moment","kind":{"constant":"visit"}}"#;
    let json = format!(r#"{{"files":"a.csv","max_rejects":1,{csv},{columns}}}"#);
    let report = project.load(&ACTIVITIES, &json).unwrap();
    assert_eq!(moments(&project), [(FRIDAY, Some(930)), (FRIDAY, None), (FRIDAY, Some(545)), (FRIDAY, None)]);
    assert_eq!((report.rows_read, report.rows_loaded, report.rejects["not_a_time"]), (5, 4, 1));
    let reject = report.first_reject.unwrap();
    assert_eq!(reject.to_string(), "a.csv:4, column \"Moment\": `07-03-2025 25:30` has no time of day");
    assert!(report.unmapped_columns.is_empty());
}

#[test]
fn a_column_of_its_own_is_the_time_whatever_stands_behind_the_day() {
    let project = Project::new();
    project.file("a.csv", "activity_id,occurred_at,Tijd,kind\n1,2025-03-07 09:00,15:30,visit\n2,2025-03-07 09:00,,visit\n3,2025-03-07,half vier,visit\n");
    let json = r#"{"files":"a.csv","max_rejects":1,"columns":{"occurred_time":"Tijd"}}"#;
    let report = project.load(&ACTIVITIES, json).unwrap();
    assert_eq!(moments(&project), [(FRIDAY, Some(930)), (FRIDAY, None)]);
    assert_eq!(report.first_reject.unwrap().to_string(), "a.csv:4, column \"Tijd\": `half vier` has no time of day");
}

#[test]
fn the_time_may_be_computed_and_is_kept_through_a_query() {
    let project = Project::new();
    project.file("a.csv", "activity_id,occurred_at,kind,Uur,Minuut\n1,2025-03-07,visit,15,30\n");
    let json = r#"{"files":"a.csv","columns":{"occurred_time":{"sql":"Uur * 60 + Minuut"}}}"#;
    project.load(&ACTIVITIES, json).unwrap();
    assert_eq!(moments(&project), [(FRIDAY, Some(930))]);
    project.file("b.csv", "activity_id,occurred_at,kind\n1,2025-03-07 15:30,visit\n2,2025-03-01 09:00,visit\n");
    let json = r#"{"sql":"select * from b where occurred_at >= date '2025-03-05'","tables":{"b":"b.csv"}}"#;
    project.load(&ACTIVITIES, json).unwrap();
    assert_eq!(moments(&project), [(FRIDAY, Some(930))]);
}

#[test]
fn the_day_of_an_order_may_have_a_time_behind_it_in_any_format() {
    let project = Project::new();
    project.file("lines.csv", format!("{HEADER}A,1,07-03-2025 15:30:00,K1,P1,1,5\n"));
    project.load(&ORDER_LINES, r#"{"files":"lines.csv","csv":{"date":"%d-%m-%Y"}}"#).unwrap();
    assert!(project.month_files()[0].starts_with("2025-03 "));
}
