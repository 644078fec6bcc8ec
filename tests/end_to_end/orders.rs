//! Orders by size, channel, kind and delivery, and deviations: what is missing stays empty.

use std::fs;

use crate::harness::{Mart, Project};

const TABLES: [&str; 9] = [
    "order_size",
    "customer_order_size",
    "channel",
    "channel_tier",
    "customer_channel",
    "customer_order_channel",
    "delivery_speed",
    "product_kind",
    "deviation_cost",
];

/// Two orders, with what else is known of their lines.
fn project(columns: &str, values: &str, config: &str) -> Project {
    let lines = format!(
        "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount{columns}\n\
         1,1,2025-03-05,A,p,1,10{values}\n2,1,2025-04-05,A,p,1,120{values}\n"
    );
    let project = Project::new(&format!("[source.order_lines]\nfiles = \"order_lines.csv\"\n{config}"));
    project.file("order_lines.csv", lines)
}

fn made(project: &Project) -> Vec<&'static str> {
    project.run().ok();
    TABLES.into_iter().filter(|table| !rows(&project.mart(table)).is_empty()).collect()
}

fn rows(table: &Mart) -> Vec<String> {
    table.column("window_id").into_iter().map(str::to_owned).collect()
}

#[test]
fn what_was_not_supplied_makes_no_table() {
    assert_eq!(made(&project("", "", "")), ["order_size", "customer_order_size"]);
    let channels =
        ["order_size", "customer_order_size", "channel", "channel_tier", "customer_channel", "customer_order_channel"];
    assert_eq!(made(&project(",channel", ",web", "")), channels);
    assert_eq!(made(&project(",delivery", ",stock", "")), ["order_size", "customer_order_size", "product_kind"]);
    let one_day = project(",promised_date", ",2025-03-06", "");
    assert_eq!(made(&one_day), ["order_size", "customer_order_size"]);
    let both_days = project(",promised_date,delivered_date", ",2025-03-06,2025-03-07", "");
    assert_eq!(made(&both_days), ["order_size", "customer_order_size", "delivery_speed"]);
}

#[test]
fn a_fact_that_is_not_made_leaves_the_tables_from_it_empty() {
    let columns = ",channel,delivery,promised_date,delivered_date";
    let values = ",web,stock,2025-03-06,2025-03-07";
    assert_eq!(made(&project(columns, values, "[facts]\norder = false\n")), ["delivery_speed", "product_kind"]);
    let few = "[facts]\ndelivery_month = false\ncustomer_kind_month = false\n";
    assert_eq!(made(&project(columns, values, few)), TABLES[..6]);
    assert!(made(&project(columns, values, "[facts]\nenabled = false\n")).is_empty());
}

#[test]
fn deviations_without_amounts_minutes_or_cost_say_only_how_many_they_are() {
    let config = "[source.deviations]\nfiles = \"deviations.csv\"\n";
    let project = project("", "", config)
        .file("deviations.csv", "deviation_id,occurred_at,kind,customer_id\nD1,2025-03-06,late,A\n");
    project.run().ok();
    let main = project.mart("deviation_cost").only("window_id", "main");
    assert_eq!(main.column("level"), ["cause", "customer", "employee", "kind"]);
    assert_eq!(main.column("deviations"), ["1"; 4]);
    for column in ["amount", "minutes", "after_care_cost"] {
        assert_eq!(main.column(column), [""; 4], "{column}");
    }
    assert_eq!(main.column("orders"), ["2", "2", "", "2"]);
}

#[test]
fn without_electronic_channels_shares_are_zero_and_savings_empty() {
    let project = project(",channel", ",web", "[segment.channel]\nelectronic = []\n");
    project.run().ok();
    let customer = project.mart("customer_channel");
    assert_eq!((customer.one("electronic_share"), customer.one("channel_saving")), ("0", ""));
    assert_eq!(project.mart("channel").only("window_id", "main").one("electronic"), "false");
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    fs::write(project.folder().join("netto.toml"), config.replace("[]", "[\"\"]")).unwrap();
    let refused = project.run();
    assert_eq!(refused.code(), 2);
    assert!(refused.message().contains("an electronic channel must have a name"), "{}", refused.message());
}
