//! An online shop: many customers with one order, some with a credit note alone, and no cost of serving, nor even of goods. It reads revenue, or
//! margin, and never a profit that nobody knows; nobody is sent away who bought nothing.

use crate::harness::Project;

/// Two years: 40 customers with one order each, ten that order every quarter, and ten with a credit note alone, in the second one.
fn lines(cogs: bool) -> String {
    let mut lines = String::from("order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,order_kind");
    lines.push_str(if cogs { ",cogs_amount\n" } else { "\n" });
    let mut order = 0;
    let mut sold = |day: String, customer: String, amount: i32, kind: &str| {
        order += 1;
        let cogs = if cogs { format!(",{}", amount * 7 / 10) } else { String::new() };
        lines.push_str(&format!("o{order},1,{day},{customer},p,{},{amount},{kind}{cogs}\n", amount.signum()));
    };
    for once in 0..40 {
        sold(format!("{}-0{}-05", 2023 + once % 2, 1 + once % 9), format!("O{once}"), 20 + 10 * (once % 4), "sale");
    }
    for regular in 0..10 {
        for quarter in 0..8 {
            let month = 2 + quarter % 4 * 3;
            sold(format!("{}-{month:02}-10", 2023 + quarter / 4), format!("R{regular}"), 50 + 10 * regular, "sale");
        }
    }
    for returned in 0..10 {
        sold(format!("2024-0{}-20", 1 + returned % 9), format!("C{returned}"), -30, "credit");
    }
    lines
}

const CONFIG: &str = "closed_through = \"2024-12\"\n[source.order_lines]\nfiles = \"order_lines.csv\"\n";
const POOLS: &str = "[source.cost_pools]\nfiles = \"cost_pools.csv\"\n[pool.desk]\navoidable = 1.0\n[activity.orders]\npool = \"desk\"\nmethod = \"driver\"\n\
    quantity = \"1\"\n[segment.remedy]\nleast_effect = 0\n";

fn shop(cogs: bool, pools: bool) -> Project {
    let project =
        Project::new(&format!("{CONFIG}{}", if pools { POOLS } else { "" })).file("order_lines.csv", lines(cogs));
    let pool: Vec<String> = (1..=12).map(|month| format!("desk,2024-{month:02},4000\n")).collect();
    let project =
        if pools { project.file("cost_pools.csv", format!("pool,period,amount\n{}", pool.concat())) } else { project };
    project.run().ok();
    project
}

/// How many rows a table has.
fn rows(project: &Project, table: &str) -> usize {
    let mart = project.mart(table);
    mart.column(&mart.header()[0]).len()
}

#[test]
fn without_cost_pools_the_report_speaks_of_margin() {
    let project = shop(true, false);
    // Revenue and margin are known: 800 of the customers with one order in 2024, 3,800 of the regular ones, −300.
    let main = project.mart("window_summary").only("window_id", "main");
    assert_eq!((main.one("invoice_revenue"), main.one("gross_margin")), ("4300.0000", "1290.0000"));
    // Of orders nothing is known but what they bring: none of them costs anything to earn.
    let sizes = project.mart("order_size");
    for column in ["order_cost", "cost_to_serve"] {
        assert!(sizes.column(column).iter().all(|cell| cell.is_empty()), "{column}");
    }
    for table in ["remedy_policy", "customer_stratum", "quadrant", "minimum_order"] {
        assert_eq!(rows(&project, table), 0, "{table}");
    }
    let report = std::fs::read_to_string(project.folder().join("out/current/report.html")).unwrap();
    assert!(report.contains("The ten with the highest gross margin") && !report.contains("highest net profit"));
    assert!(!report.contains(">Cumulative net profit<"), "no curve of it is drawn");
    let bare = shop(false, false);
    let main = bare.mart("window_summary").only("window_id", "main");
    for column in [
        "result",
        "peak_profit",
        "peak_customers",
        "peak_to_total",
        "retention",
        "loss_customers",
        "loss_amount",
        "top_profit_share",
    ] {
        assert_eq!(main.one(column), "", "{column}");
    }
    let pyramid = bare.mart("pyramid");
    for column in ["cost_to_serve", "net_profit", "profit_share", "loss_customers"] {
        assert!(pyramid.column(column).iter().all(|cell| cell.is_empty()), "{column}");
    }
    let sizes = bare.mart("order_size");
    for column in ["order_cost", "net_profit", "loss_orders", "loss_order_share", "loss_amount"] {
        assert!(sizes.column(column).iter().all(|cell| cell.is_empty()), "{column}");
    }
    for table in ["whale_curve", "remedy", "remedy_policy"] {
        assert_eq!(rows(&bare, table), 0, "{table}");
    }
    let said = bare.netto(&["run", "--format", "json"]).ok().stdout();
    assert!(said.contains("\"net_profit\": null") && said.contains("\"gross_margin\": null"), "{said}");
}

#[test]
fn nobody_is_sent_away_without_a_sale_and_a_credit_note_is_no_losing_order() {
    let project = shop(true, true);
    let remedies = project.mart("remedy");
    assert!(!remedies.column("customer_id").is_empty());
    assert!(remedies.column("customer_id").iter().all(|customer| !customer.starts_with('C')), "they bought nothing");
    let once = remedies.only("remedy", "farewell");
    let once = once.column("customer_id").into_iter().zip(once.column("applicable"));
    assert!(once.filter(|(customer, _)| customer.starts_with('O')).all(|(_, applicable)| applicable == "false"));
    // Each of the 60 orders of 2024 costs more than its margin: all lose, and the ten credit notes are none of them.
    let sizes = project.mart("order_size").only("window_id", "main").only("channel", "");
    assert_eq!((sizes.sum("orders"), sizes.sum("loss_orders")), (600_000, 600_000));
}
