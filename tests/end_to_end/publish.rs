//! `netto publish`: the last run once more as other files, and the project for Power BI: by Microsoft's schemas, its measures by DuckDB.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::duckdb::{environment, python, said, value_of};
use crate::harness::{Project, repository};
use crate::lake::read_by_python;

#[test]
fn the_last_run_is_published_once_more_without_being_computed() {
    let project = Project::copy_of(&repository("tests/fixtures/sales_force"));
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let employees = fs::read_to_string(project.folder().join("employees.csv")).unwrap();
    let project = project.file("employees.csv", employees.replace("Joost", "\"=1+1 <\u{1f69a}>\nx\""));
    let nothing = project.netto(&["publish"]);
    assert!(nothing.message().contains("there is no run in PROJECT/out/current"), "{}", nothing.message());
    project.run().ok();
    let published = project.published();
    let sqlite = project.folder().join("out/current/netto.sqlite");
    // Only Parquet is left, and the extracts are gone: everything comes back in the same bytes.
    fs::remove_file(&sqlite).unwrap();
    fs::remove_dir_all(project.folder().join("out/current/csv")).unwrap();
    fs::remove_file(project.folder().join("order_lines.csv")).unwrap();
    project.netto(&["publish"]).ok();
    let differ: Vec<String> = project
        .published()
        .into_iter()
        .filter(|(name, bytes)| published.get(name) != Some(bytes))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(differ, [""; 0]);
    let outcome = |sink: &str| project.netto(&["publish", "--sink", sink]);
    assert!(outcome("excel").message().contains("`excel` is not a sink"));
    assert!(outcome("parquet").message().contains("the other sinks are made from"));
    assert!(outcome("postgres").message().contains("there is no [publish.postgres]"));
    outcome("powerbi").ok();
    for sink in ["metabase", "xlsx", "delta"] {
        outcome(sink).ok();
    }
    what_is_published_holds(&project);
    power_bi_would_open(&project);
    metabase_would_be_set_up(&project);
    a_workbook_opens(&project);
    delta_tables_are_the_published_ones(&project);
    measures_are_the_figures_of_the_run(&project);
    let project = project.file("netto.toml", format!("{config}[publish]\nsinks = [\"postgres\"]\n"));
    let message = project.netto(&["publish"]).message();
    assert!(message.contains("`postgres` is a sink, but there is no [publish.postgres]"), "{message}");
}

/// And doesn't any more when a ten-thousandth, a key or a member was touched.
fn what_is_published_holds(project: &Project) {
    let proven = project.netto(&["check", "--marts"]).ok().stdout();
    assert!(proven.contains(" sums checked, 0 wrong"), "{proven}");
    for (table, change, says) in [
        (
            "fct_customer_product_group_month",
            "* replace (cast(net_profit + 0.0001 as decimal(18, 4)) as net_profit)",
            "net_profit in",
        ),
        ("pyramid", "* replace (1::bigint as tier_key, 1::bigint as window_key)", "keys (window_key, tier_key)"),
        (
            "whale_curve",
            "* replace (99::bigint as customer_key)",
            "whale_curve.customer_key refers to 99, which is not in dim_customer",
        ),
    ] {
        let file = project.folder().join(format!("out/current/parquet/{table}.parquet"));
        let (kept, changed) = (fs::read(&file).unwrap(), file.with_extension("changed"));
        value_of(&format!(
            "copy (select {change} from '{}') to '{}' (format parquet); select 1",
            file.display(),
            changed.display()
        ));
        fs::rename(&changed, &file).unwrap();
        let outcome = project.netto(&["check", "--marts"]);
        let message = outcome.message().replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(outcome.code() == 1 && message.contains(says), "{table}: {message}");
        fs::write(&file, kept).unwrap();
    }
}

/// As far as schemas and grammar can tell: Power BI Desktop runs on Windows alone.
fn power_bi_would_open(project: &Project) {
    let shared = std::env::var_os("NETTO_SHARED").map_or_else(|| repository("../shared"), Into::into);
    let schemas = shared.join("data/powerbi-schemas");
    let folder = project.folder().join("out/current/powerbi");
    let mut check = if schemas.is_dir() {
        Command::new(environment("readers", &repository("tests/readers/requirements.txt")))
    } else {
        eprintln!(
            "SKIPPED: Microsoft's schemas are not in {}; NETTO_SHARED names the folder above data/",
            schemas.display()
        );
        Command::new("python3")
    };
    check.arg(repository("tests/readers/powerbi.py")).arg(&folder);
    let output = check.args(schemas.is_dir().then_some(schemas)).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let model = folder.join("netto.SemanticModel/definition");
    let read = |name: &str| fs::read_to_string(model.join(name)).unwrap();
    assert!(
        read("tables/dim_date.tmdl").contains("dataCategory: Time")
            && read("expressions.tmdl").contains("out/current/parquet/")
    );
}

fn metabase_would_be_set_up(project: &Project) {
    let output =
        Command::new("python3").arg(repository("tests/readers/metabase.py")).arg(project.folder()).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

/// As the `deltalake` package reads them: every table, with its rows and one version.
fn delta_tables_are_the_published_ones(project: &Project) {
    let run = project.folder().join("out/current");
    let read = read_by_python(&run.join("delta"));
    let rows = |(name, table): (&String, &serde_json::Value)| format!("{name}={}", table["rows"]);
    let found: Vec<String> = read.iter().map(rows).collect();
    let published = value_of(&format!(
        "select string_agg(parse_filename(file_name, true) || '=' || num_rows, ',' order by parse_filename(file_name, true)) \
         from parquet_file_metadata('{}/parquet/*.parquet')",
        run.display()
    ));
    assert_eq!(found.join(","), published);
    assert!(read.values().all(|table| table["version"] == 0));
    let month = read["fct_customer_month"]["fields"].as_array().unwrap();
    for field in
        [serde_json::json!(["customer_key", "long", false]), serde_json::json!(["net_profit", "decimal(18,4)", false])]
    {
        assert!(month.contains(&field), "{field} is not among {month:?}");
    }
}

/// As openpyxl reads it: the same rows and sums, real tables, and a text that looks like a formula is a text.
fn a_workbook_opens(project: &Project) {
    let python = environment("readers", &repository("tests/readers/requirements.txt"));
    let file = project.folder().join("out/current/netto.xlsx");
    let output = Command::new(python).arg(repository("tests/readers/xlsx.py")).arg(file).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let sheets: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let sheet = |name: &str| sheets.iter().find(|sheet| sheet["table"] == name).unwrap();
    let month = project.mart("fct_customer_month");
    let found = sheet("fct_customer_month");
    assert_eq!(found["rows"], month.column("period").len());
    for column in ["net_profit", "invoice_revenue", "cost_to_serve"] {
        let sum: f64 = found["sums"][column].as_str().unwrap().parse().unwrap();
        assert!((sum * 10_000.0).round().to_string() == month.sum(column).to_string(), "{column} {sum}");
    }
    let formats = &found["formats"];
    assert_eq!(
        [&formats["net_profit"], &formats["period"], &formats["orders"], &formats["customer_key"]],
        ["#,##0.00", "yyyy-mm-dd", "#,##0", "0"]
    );
    let names = sheet("dim_employee")["texts"].as_array().unwrap();
    assert!(
        names.iter().any(|name| name == "=1+1 <\u{1f69a}>\nx")
            && sheet("dim_employee")["quoted"] == serde_json::json!(["=1+1 <\u{1f69a}>\nx"]),
        "{names:?}"
    );
    assert_eq!(sheets.len(), 2 + fs::read_dir(project.folder().join("out/current/parquet")).unwrap().count());
}

/// The SQL beside each measure gives what the ledger gives.
fn measures_are_the_figures_of_the_run(project: &Project) {
    let output =
        Command::new(python()).arg(repository("tests/duckdb/measures.py")).arg(project.folder()).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let values: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.split_once(" = ")).collect();
    let summary = project.mart("window_summary");
    let of = |window: &str, column: &str| -> String { figure(project.folder(), window, column) };
    assert_eq!(summary.column("window_id").len(), summary.column("net_profit").len());
    for (measure, column) in [
        ("Invoice revenue", "invoice_revenue"),
        ("Gross margin", "gross_margin"),
        ("Cost-to-serve", "cost_to_serve"),
        ("Net profit", "net_profit"),
        ("All invoice revenue", "invoice_revenue"),
        ("Idle capacity", "idle_amount"),
        ("Result of the company", "result"),
        ("Losses", "loss_amount"),
    ] {
        assert_eq!(values[measure], of("main", column), "{measure}");
    }
    assert_eq!(values["Net profit before"], of("previous", "net_profit"));
    assert_eq!(values["Customers that lose money"], of("main", "loss_customers"));
    assert_eq!(values["Share of revenue"], "1.0");
    assert_eq!(
        [values["List revenue"], values["Discount %"]],
        ["None"; 2],
        "what wasn't supplied is nothing, and not zero"
    );
    assert!(values.len() > 50, "{text}");
}

fn figure(project: &Path, window: &str, column: &str) -> String {
    let file = project.join("out/current/parquet/window_summary.parquet");
    value_of(&format!("select {column} from '{}' where window_id = '{window}'", file.display()))
}
