//! Stock by customer group, markets, cross-selling and suppliers: what is said where something isn't known.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::Command;

use crate::harness::{Project, binary, repository, units};

const LINES: &str = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount\n\
    1,1,2025-03-05,A,p,1,10,6\n2,1,2025-03-05,B,p,1,30,16\n";
const ORDERS: &str = "[source.order_lines]\nfiles = \"order_lines.csv\"\n";

fn project(config: &str) -> Project {
    Project::new(&format!("{ORDERS}{config}")).file("order_lines.csv", LINES)
}

fn rows(project: &Project, table: &str) -> usize {
    project.mart(table).column("window_id").len()
}

#[test]
fn what_is_not_supplied_leaves_tables_empty() {
    let lines_only = project("");
    lines_only.run().ok();
    let rows_of = |project: &Project| {
        ["stock_customer_group", "market", "cross_sell", "supplier"].map(|table| rows(project, table))
    };
    // Two windows, main and 2025; all that was sold is of no market and no product group.
    assert_eq!(rows_of(&lines_only), [0, 2, 0, 0]);
    let market = lines_only.mart("market").only("window_id", "main");
    assert_eq!((market.one("market"), market.one("product_group"), market.one("customers")), ("", "", "2"));
    let stock = "product_id,snapshot_date,quantity,value\np,2025-03-31,5,500\n";
    let sources = "[source.products]\nfiles = \"products.csv\"\n[source.stock]\nfiles = \"stock.csv\"\n";
    let without_facts = project(&format!("{sources}[facts]\nenabled = false\n"))
        .file("products.csv", "product_id,product_group,supplier_id\np,Pumps,S\n")
        .file("stock.csv", stock);
    without_facts.run().ok();
    assert_eq!(rows_of(&without_facts), [0; 4]);
}

#[test]
fn what_is_not_configured_leaves_columns_empty() {
    let sources = "[source.products]\nfiles = \"products.csv\"\n[source.stock]\nfiles = \"stock.csv\"\n";
    let stock = "product_id,snapshot_date,quantity,value\np,2025-03-31,5,500\n";
    let project = project(sources)
        .file("products.csv", "product_id,product_group,supplier_id\np,Pumps,S\n")
        .file("stock.csv", stock);
    project.run().ok();
    let supplier = project.mart("supplier").only("window_id", "main");
    assert_eq!((supplier.one("average_stock"), supplier.one("gross_margin")), ("500.0000", "18.0000"));
    for column in [
        "holding_cost",
        "stock_and_order_cost",
        "question_minutes",
        "support_cost",
        "takeover_saving",
        "avoidable_saving",
        "break_even_share",
        "value_added_given_away",
        "takeover_result",
    ] {
        assert_eq!(supplier.one(column), "", "{column}");
    }
    let groups = project.mart("stock_customer_group").only("window_id", "main").only("level", "customer");
    assert_eq!(groups.column("average_stock"), ["136.3636", "363.6364"], "6 : 16 of 500");
    for column in ["holding_cost", "net_of_holding", "earns_its_keep", "verdict"] {
        assert_eq!(groups.column(column), ["", ""], "{column}");
    }
}

#[test]
fn work_that_is_no_activity_can_not_be_taken_over() {
    let pools = "[source.cost_pools]\nfiles = \"cost_pools.csv\"\n[pool.purchasing]\n[activity.buying]\npool = \"purchasing\"\n\
        method = \"driver\"\nquantity = \"1\"\n[pool.vans]\n[activity.freight]\npool = \"vans\"\nmethod = \"driver\"\nquantity = \"1\"\n\
        step = \"freight_cost\"\n[segment.takeover]\nstock_and_order = [\"buying\", \"freight\"]\nquestions = [\"buyng\"]\n";
    let project = project(pools).file("cost_pools.csv", "pool,period,amount\npurchasing,2025-03,5\n");
    let outcome = project.run();
    assert_eq!(outcome.code(), 2);
    insta::assert_snapshot!(outcome.message(), @r#"
    × `freight` is freight_cost in the waterfall, not cost-to-serve
        ╭─[PROJECT/netto.toml:19:30]
     18 │ [segment.takeover]
     19 │ stock_and_order = ["buying", "freight"]
        ·                              ─────────
     20 │ questions = ["buyng"]
        ╰────
      help: remove it: its cost is deducted before the gross margin, from which a supplier is paid

      × `buyng` is not an activity
        ╭─[PROJECT/netto.toml:20:14]
     19 │ stock_and_order = ["buying", "freight"]
     20 │ questions = ["buyng"]
        ·              ───────
        ╰────
      help: did you mean `buying`? activities are buying, freight
    "#);
}

#[test]
fn what_activities_did_for_suppliers_is_the_ledger_month_by_month() {
    let project = Project::copy_of(&repository("data/wholesaler"));
    project.run().ok();
    let sums = |table: &str, column: &str, only: Option<&[&str]>| {
        let table = only.map_or_else(|| project.mart(table), |only| project.mart(table).where_in("activity", only));
        let mut sums: BTreeMap<(String, String), i128> = BTreeMap::new();
        let keys = table.column("period").into_iter().zip(table.column("activity"));
        for ((period, activity), cell) in keys.zip(table.column(column)) {
            *sums.entry((period.to_owned(), activity.to_owned())).or_default() += units(cell);
        }
        sums.retain(|_, sum| *sum != 0);
        sums
    };
    let (facts, ledger) = ("fct_supplier_activity_month", "fct_customer_activity_month");
    assert_eq!(sums(facts, "amount", None), sums(ledger, "amount", None));
    let activities = project.mart("dim_activity").only("method", "time");
    assert_eq!(sums(facts, "minutes", None), sums(ledger, "quantity", Some(&activities.column("activity"))));
    assert!(!sums(facts, "minutes", None).is_empty());
    // Supplier by supplier, the activities of cost-to-serve are its cost-to-serve.
    let served = project.mart("dim_activity").only("step", "cost_to_serve");
    let activities = project.mart(facts).where_in("activity", &served.column("activity"));
    assert_eq!(activities.sum("amount"), project.mart("fct_supplier_month").sum("cost_to_serve"));
}

/// 20,000 product groups, 2,000 markets of five customers, 40,000 lines: a table for every group in every market would have 40 million rows, and
/// no machine the memory for it. With 6 GiB of address space the run is through.
#[cfg(target_os = "linux")]
#[test]
fn no_table_grows_with_the_product_of_product_groups_and_markets() {
    let heads = [
        LINES.lines().next().unwrap(),
        "product_id,product_group",
        "product_id,snapshot_date,quantity,value",
        "customer_id,market",
    ];
    let [mut lines, mut products, mut stock, mut customers] = heads.map(|head| format!("{head}\n"));
    for product in 0..20_000 {
        writeln!(products, "p{product},group {product}").unwrap();
        writeln!(stock, "p{product},2025-03-31,5,{}", 100 + product % 50).unwrap();
    }
    for customer in 0..10_000 {
        writeln!(customers, "c{customer},market {}", customer / 5).unwrap();
    }
    for line in 0..40_000 {
        let (customer, product) = (line % 10_000, (line * 7) % 20_000);
        writeln!(lines, "{line},1,2025-03-05,c{customer},p{product},1,{},{}", 100 + line % 13, 60 + line % 11).unwrap();
    }
    let sources = ["order_lines", "products", "stock", "customers"];
    let config = sources.map(|name| format!("[source.{name}]\nfiles = \"{name}.csv\"\n")).concat();
    let project = Project::new(&format!("{config}[segment.stock]\nholding_rate = 0.2\n"))
        .file("order_lines.csv", lines)
        .file("products.csv", products)
        .file("stock.csv", stock)
        .file("customers.csv", customers);
    let run = format!("ulimit -v 6291456; exec {} run {}", binary().display(), project.folder().display());
    let done = Command::new("sh").args(["-c", &run]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    // Two windows; what occurs is a line's customer, product and market.
    for table in ["market", "stock_turnover", "stock_customer_group", "cross_sell"] {
        assert!(rows(&project, table) < 400_000, "{table}: {}", rows(&project, table));
    }
    assert!(rows(&project, "market") >= 40_000);
}
