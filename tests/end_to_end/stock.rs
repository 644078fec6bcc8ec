//! What stock earns, and what is said where it isn't known.

use std::fmt::Write;

use crate::harness::Project;

const LINES: &str = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n1,1,2025-03-05,A,p,1,10\n";

#[test]
fn without_stock_there_is_no_turnover_and_the_readiness_says_why() {
    let project = Project::new("[source.order_lines]\nfiles = \"order_lines.csv\"\n").file("order_lines.csv", LINES);
    project.run().ok();
    assert_eq!(project.mart("stock_turnover").column("key"), Vec::<&str>::new());
    let readiness = project.mart("data_readiness").only("source", "stock");
    assert_eq!((readiness.one("supplied"), readiness.one("enables")), ("false", "Turnover and holding cost of stock"));
}

#[test]
fn a_holding_rate_of_twenty_is_refused_at_its_line() {
    let config = "[source.order_lines]\nfiles = \"order_lines.csv\"\n[segment.stock]\nholding_rate = 20\n";
    let project = Project::new(config).file("order_lines.csv", LINES);
    let outcome = project.run();
    assert_eq!(outcome.code(), 2);
    insta::assert_snapshot!(outcome.message(), @r#"
    × the holding rate must be between 0 and 1
       ╭─[PROJECT/netto.toml:6:16]
     5 │ [segment.stock]
     6 │ holding_rate = 20
       ·                ──
       ╰────
      help: for 20 % of the stock value a year, write holding_rate = 0.20
    "#);
}

/// Revenue, COGS, and the value of two stock counts, by product.
const PRODUCTS: [(&str, i64, i64, [i64; 2]); 4] = [
    ("four-turns", 100_000, 70_000, [17_500, 17_500]),
    ("two-turns", 100_000, 40_000, [20_000, 20_000]),
    ("six-turns", 150_000, 120_000, [20_000, 20_000]),
    ("gmroi-two", 50_000, 30_000, [10_000, 10_000]),
];

/// A year in which every product was sold in two months and counted twice, in two warehouses.
fn year(config: &str) -> Project {
    let mut lines = format!("{},cogs_amount\n", LINES.lines().next().unwrap());
    let mut stock = "product_id,snapshot_date,warehouse,quantity,value\n".to_owned();
    let mut products = "product_id,product_group\n".to_owned();
    for (product, revenue, cogs, counts) in PRODUCTS {
        for (order, month) in [("a", "2024-08-15"), ("b", "2025-06-20")] {
            writeln!(lines, "{product}-{order},1,{month},A,{product},1,{},{}", revenue / 2, cogs / 2).unwrap();
        }
        for (day, value) in ["2024-12-31", "2025-06-30"].into_iter().zip(counts).filter(|(_, value)| *value > 0) {
            writeln!(stock, "{product},{day},north,1,{}\n{product},{day},south,1,{}", value - 1_000, 1_000).unwrap();
        }
        writeln!(products, "{product},{}", if product == "gmroi-two" { "Pipes" } else { "Pumps" }).unwrap();
    }
    let sources = ["order_lines", "stock", "products"].map(|name| format!("[source.{name}]\nfiles = \"{name}.csv\"\n"));
    let project = Project::new(&format!("{}{config}", sources.concat()))
        .file("order_lines.csv", lines)
        .file("stock.csv", stock)
        .file("products.csv", products);
    project.run().ok();
    project
}

#[test]
fn oracle_9_gmroi_is_not_turn_earn() {
    let project = year("");
    let of = |key: &str, column: &str| {
        project.mart("stock_turnover").only("window_id", "main").only("key", key).one(column).to_owned()
    };
    let turns = ["four-turns", "two-turns", "six-turns"];
    assert_eq!(turns.map(|key| of(key, "turns")), ["4", "2", "6"]);
    assert_eq!(turns.map(|key| of(key, "margin_share")), ["0.3", "0.6", "0.2"]);
    assert_eq!(turns.map(|key| of(key, "turn_earn")), ["120"; 3]);
    assert_eq!(turns.map(|key| of(key, "days")), ["91.25", "182.5", "60.833333333333336"]);
    assert_eq!(
        (of("gmroi-two", "gross_margin"), of("gmroi-two", "average_stock")),
        ("20000.0000".into(), "10000.0000".into())
    );
    assert_eq!((of("gmroi-two", "gmroi"), of("two-turns", "gmroi")), ("2".into(), "3".into()));
    // 17,500 + 20,000 + 20,000 of stock, and nobody said what holding it costs.
    assert_eq!((of("Pumps", "average_stock"), of("Pumps", "cogs")), ("57500.0000".into(), "230000.0000".into()));
    assert_eq!((of("Pumps", "holding_cost"), of("Pumps", "net_of_holding")), (String::new(), String::new()));
}

#[test]
fn half_a_year_is_scaled_to_a_year_and_holds_stock_for_half_of_it() {
    let project = year("[segment.stock]\nholding_rate = 0.2\n");
    let half = project.mart("stock_turnover").only("window_id", "2025").only("key", "gmroi-two");
    assert_eq!((half.one("snapshots"), half.one("cogs"), half.one("turns")), ("2", "15000.0000", "3"));
    assert_eq!((half.one("gmroi"), half.one("turn_earn")), ("2", "120"));
    assert_eq!((half.one("holding_cost"), half.one("net_of_holding")), ("1000.0000", "9000.0000"));
    let main = project.mart("stock_turnover").only("window_id", "main").only("key", "gmroi-two");
    assert_eq!((main.one("holding_cost"), main.one("net_of_holding")), ("2000.0000", "18000.0000"));
}
