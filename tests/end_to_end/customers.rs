//! What is said of customers where a source, or a part of the configuration, is missing or wrong.

use std::fmt::Write;

use crate::harness::Project;

const LINES: &str = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n\
    1,1,2025-03-05,A,p,1,10\n2,1,2025-03-05,B,p,2,30\n";

fn lines_alone(config: &str) -> Project {
    Project::new(&format!("[source.order_lines]\nfiles = \"order_lines.csv\"\n{config}")).file("order_lines.csv", LINES)
}

#[test]
fn without_a_source_a_table_is_empty_and_a_column_says_nothing() {
    let project = lines_alone("");
    project.run().ok();
    let rows = |table: &str| project.mart(table).column("window_id").len();
    // No market or region; no window before; no minutes and no cost; no weights; no margins to compare.
    assert_eq!(["pyramid_group", "delta", "attention", "grade", "quadrant"].map(rows), [0; 5]);
    let peer = project.mart("peer");
    assert_eq!(peer.column("peer_group"), ["", ""], "two customers are nobody's peers");
    for measure in ["discount", "margin", "cost"] {
        for column in [format!("{measure}_share"), format!("peer_{measure}_share"), format!("{measure}_gain")] {
            assert_eq!(peer.column(&column), ["", ""], "{column}");
        }
    }
    let pyramid = project.mart("pyramid").only("window_id", "main");
    assert_eq!(pyramid.column("tier"), ["Small", "Top"], "no prospects, and no size of any market");
    assert_eq!((pyramid.column("potential"), pyramid.column("share_of_wallet")), (vec!["", ""], vec!["", ""]));
    assert_eq!((pyramid.column("minutes"), pyramid.column("minutes_share")), (vec!["0.0000"; 2], vec!["", ""]));
    let upgrade = project.mart("tier_upgrade").only("window_id", "main").only("tier", "Medium");
    assert_eq!((upgrade.one("customers"), upgrade.one("upgrade_value"), upgrade.one("threshold")), ("0", "", ""));
}

#[test]
fn a_column_that_grades_dont_know_is_refused_at_its_line() {
    let project = lines_alone("[segment.grades]\nweights = { net_proft = 1.0 }\n");
    let outcome = project.run();
    assert_eq!(outcome.code(), 2);
    insta::assert_snapshot!(outcome.message(), @r#"
    × customers have no column `net_proft` to grade them by
       ╭─[PROJECT/netto.toml:6:25]
     5 │ [segment.grades]
     6 │ weights = { net_proft = 1.0 }
       ·                         ───
       ╰────
      help: did you mean `net_profit`? columns are rank, orders, lines, invoice_revenue, gross_margin,
            cost_to_serve, net_profit, minutes, cumulative_revenue, cumulative_revenue_share, margin_share,
            cost_share
    "#);
}

#[test]
fn a_hysteresis_of_ten_percent_is_a_tenth() {
    let project = lines_alone("[segment]\nhysteresis = 10\n");
    let outcome = project.run();
    assert_eq!(outcome.code(), 2);
    insta::assert_snapshot!(outcome.message(), @r#"
    × hysteresis must be between 0 and 1
       ╭─[PROJECT/netto.toml:6:14]
     5 │ [segment]
     6 │ hysteresis = 10
       ·              ──
       ╰────
      help: for a tenth of the boundary between two tiers, write hysteresis = 0.1
    "#);
}

#[test]
fn a_market_that_is_smaller_than_its_customers_has_no_rest_and_is_said_to_be_too_small() {
    let sizes = "[segment.market_size]\nBouw = { companies = 1, potential = 5 }\nZrog = { companies = 4 }\n";
    let project = lines_alone(&format!("[source.customers]\nfiles = \"customers.csv\"\n{sizes}"))
        .file("customers.csv", "customer_id,market,potential\nA,Bouw,10\nB,Bouw,20\n");
    let outcome = project.run().ok();
    insta::assert_snapshot!(outcome.message(), @r"
    warning  netto.toml:9: [segment.market_size] `Zrog`: no customer or prospect has that market; the values are Bouw
     warning  [segment.market_size] `Bouw`: `companies` is 1, fewer than the 2 known customers and prospects, so no companies remain in the market
     warning  [segment.market_size] `Bouw`: `potential` is 5.0000, less than the 30.0000 of the known customers and prospects, so no potential remains in the market
    ");
    let rest = project.mart("pyramid_group").only("window_id", "main").only("tier", "Rest of market");
    assert_eq!(rest.column("key"), ["Bouw", "Zrog"]);
    assert_eq!(rest.column("customers"), ["0", "4"]);
    assert_eq!(rest.column("potential"), ["0.0000", ""]);
}

/// A third of the customers ordered once, a third only sent something back, a third ordered and sent back; nobody says what anything costs.
#[test]
fn of_an_online_shop_without_costs_nothing_is_claimed_that_needs_them() {
    let mut lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,order_kind\n".to_owned();
    for customer in 0..60 {
        let month = customer % 12 + 1;
        match customer % 3 {
            0 => writeln!(lines, "o{customer},1,2025-{month:02}-05,c{customer},p,1,20,sale").unwrap(),
            1 => writeln!(lines, "o{customer},1,2025-{month:02}-05,c{customer},p,-1,-20,credit").unwrap(),
            _ => {
                for quarter in 1..=4 {
                    let of_quarter = quarter * 3;
                    writeln!(lines, "o{customer}-{quarter},1,2025-{of_quarter:02}-05,c{customer},p,1,25,sale").unwrap();
                }
                writeln!(lines, "r{customer},1,2025-{month:02}-25,c{customer},p,-1,-25,return").unwrap();
            }
        }
    }
    let project = Project::new("[source.order_lines]\nfiles = \"order_lines.csv\"\n").file("order_lines.csv", lines);
    project.run().ok();
    for table in ["remedy", "customer_stratum", "minimum_order"] {
        assert_eq!(project.mart(table).column("window_id").len(), 0, "{table}");
    }
    let sizes = project.mart("order_size").only("window_id", "main");
    let sum = |column: &str| sizes.column(column).into_iter().map(|cell| cell.parse::<i64>().unwrap()).sum::<i64>();
    assert_eq!((sum("orders"), sum("credits")), (100, 40));
    assert!(sizes.column("loss_orders").into_iter().all(str::is_empty), "nobody knows which orders lose");
    let active = project.mart("customer_window").only("window_id", "main").without("rank", "");
    assert_eq!(active.column("customer_id").len(), 40, "a credit note makes nobody active");
    let steps = project.mart("customer_step_up");
    assert!(steps.column("extra_margin").into_iter().chain(steps.column("extra_profit")).all(str::is_empty));
}
