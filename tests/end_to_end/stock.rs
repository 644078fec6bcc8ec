//! What stock earns, and what is said where it isn't known.

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
    × the holding rate must lie between 0 and 1
       ╭─[PROJECT/netto.toml:6:16]
     5 │ [segment.stock]
     6 │ holding_rate = 20
       ·                ──
       ╰────
      help: 20 % of its value a year is holding_rate = 0.20
    "#);
}
