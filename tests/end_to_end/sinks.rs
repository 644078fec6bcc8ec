//! What is published is the same wherever it is read: cells that would break a format or run in a spreadsheet, and every sum.

use std::process::Command;

use serde_json::{Value, json};

use crate::duckdb::environment;
use crate::harness::{Project, repository};

/// A cell of a workbook holds no more.
const MOST_SIGNS: usize = 32_767;

#[test]
fn every_reader_finds_the_same_sums_and_no_cell_breaks_a_sink() {
    let long = "x".repeat(40_000);
    let names = ["=cmd()", "x;=1+1", "say \"so\", \\N", "two\nlines\r\nor three", "🚚 \u{301}é", &long, ""];
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    // What DECIMAL(18,4) holds at most, and its smallest part: together they are its largest sum.
    let potential = |place: usize| match place {
        0 => "99999999999999.9998",
        1 => "0.0001",
        _ => "",
    };
    let row = |(place, name): (usize, &&str)| format!("K{place},{},{}\n", quoted(name), potential(place));
    let customers: String = names.iter().enumerate().map(row).collect();
    let line = |place: usize| {
        format!("{place},1,2025-03-05,K{place},p,1,{}.0001,{place}0\n", 100 - 17 * i64::try_from(place).unwrap())
    };
    let lines: String = (0..names.len()).map(line).collect();
    let project = Project::new(
        "[source.order_lines]\nfiles = \"order_lines.csv\"\n[source.customers]\nfiles = \"customers.csv\"\n\
         [source.cost_pools]\nfiles = \"cost_pools.csv\"\n[pool.desk]\n[activity.entry]\npool = \"desk\"\nmethod = \"driver\"\n\
         source = \"orders\"\nquantity = \"1\"\n[publish]\nsinks = [\"csv\", \"sqlite\", \"xlsx\", \"delta\"]\n",
    )
    .file("order_lines.csv", format!("order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount\n{lines}"))
    .file("customers.csv", format!("customer_id,name,potential\n{customers}"))
    .file("cost_pools.csv", "pool,period,amount\ndesk,2025-03,99.9999\n");
    project.run().ok();
    let output = Command::new(environment("readers", &repository("tests/readers/requirements.txt")))
        .arg(repository("tests/readers/sinks.py"))
        .arg(project.folder().join("out/current"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    for (reader, read) in found.as_object().unwrap() {
        assert!(read["sums"].as_u64().unwrap() > 100, "{reader}: {}", read["sums"]);
        for (place, name) in names.iter().enumerate() {
            let id = format!("K{place}");
            let expected = match (reader.as_str(), place) {
                // A spreadsheet would run it.
                ("csv", 0) => json!(format!("'{name}")),
                ("csv", 1) => json!("x;=1+1"),
                // Without a name it is known by its number.
                (_, 6) => json!(id),
                // As workbooks write a carriage return, which openpyxl leaves so.
                ("openpyxl", 3) => json!(name.replace('\r', "_x000D_")),
                ("openpyxl", 5) => json!(format!("{}…", &long[1..MOST_SIGNS])),
                _ => json!(name),
            };
            let shown = |value: &Value| value.to_string().chars().take(60).collect::<String>();
            assert!(
                read["names"][&id] == expected,
                "{reader}, {id}: {}, not {}",
                shown(&read["names"][&id]),
                shown(&expected)
            );
        }
        let potentials =
            ["K0", "K1", "K2"].map(|id| read["potentials"][id].as_str().map(|text| text.parse::<f64>().unwrap()));
        assert_eq!(potentials, [Some(99_999_999_999_999.999_8), Some(0.000_1), None], "{reader}");
        if !["sqlite", "openpyxl"].contains(&reader.as_str()) {
            assert_eq!(read["potentials"]["K0"], "99999999999999.9998", "{reader}");
        }
    }
    assert_eq!(found.as_object().unwrap().len(), 6);
}
