//! Worked examples of the literature with known answers, through the binary.

use std::fmt::Write;

use crate::harness::{Project, units};

const SOURCES: &str = r#"
[source.order_lines]
files = "order_lines.csv"
[source.cost_pools]
files = "cost_pools.csv"
[source.activities]
files = "activities.csv"
"#;
const ORDERS_ONLY: &str = "[source.order_lines]\nfiles = \"order_lines.csv\"\n";
const WITH_POOLS: &str =
    "[source.order_lines]\nfiles = \"order_lines.csv\"\n[source.cost_pools]\nfiles = \"cost_pools.csv\"\n";
const HEADER: &str = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n";

/// Orders of one line of 1.00 each, spread over ten customers.
fn plain_orders(count: usize) -> String {
    let mut rows = HEADER.to_owned();
    for order in 0..count {
        writeln!(rows, "o{order},1,2025-03-05,c{},p,1,1.00", order % 10).unwrap();
    }
    rows
}

fn events(kinds: &[(&str, usize)]) -> String {
    let mut rows = "activity_id,occurred_at,kind,customer_id\n".to_owned();
    for (kind, count) in kinds {
        for event in 0..*count {
            writeln!(rows, "{kind}{event},2025-03-07,{kind},c{}", event % 7).unwrap();
        }
    }
    rows
}

/// Kaplan & Anderson's customer service department: 560,000 a quarter, 700,000 practical minutes.
fn service_department(orders: usize, inquiries: usize, checks: usize, activities: &str) -> Project {
    let project = Project::new(&format!("{SOURCES}\n[pool.service]\n{activities}"))
        .file("order_lines.csv", plain_orders(orders))
        .file("activities.csv", events(&[("inquiry", inquiries), ("credit_check", checks)]))
        .file("cost_pools.csv", "pool,period,amount,practical_minutes\nservice,2025-03,560000,700000\n");
    project.run().ok();
    project
}

const TIME: &str = r#"
[activity.orders]
pool = "service"
method = "time"
minutes = "8"
[activity.inquiries]
pool = "service"
method = "time"
source = "activities"
where = "kind = 'inquiry'"
minutes = "44"
[activity.credit_checks]
pool = "service"
method = "time"
source = "activities"
where = "kind = 'credit_check'"
minutes = "50"
"#;

#[test]
fn oracle_1_time_driven_rate_is_cost_of_practical_capacity() {
    let project = service_department(49_000, 1_400, 2_500, TIME);
    let pool = project.mart("pool_balance");
    assert_eq!(pool.one("rate"), "0.8");
    assert_eq!((pool.one("used_minutes"), pool.one("assigned_amount")), ("578600.0000", "462880.0000"));
    assert_eq!((pool.one("idle_minutes"), pool.one("idle_amount")), ("121400.0000", "97120.0000"));
    assert_eq!((pool.one("own_amount"), pool.one("difference")), ("560000.0000", "0.0000"));
    for (activity, count, unit_cost) in
        [("orders", 49_000, "6.4"), ("inquiries", 1_400, "35.2"), ("credit_checks", 2_500, "40")]
    {
        let assigned = project.mart("activity_month").only("activity", activity);
        assert_eq!(units(assigned.one("assigned_amount")), units(unit_cost) * count, "{activity}");
    }
    assert_eq!(project.mart("fct_customer_activity_month").sum("amount"), units("462880"));
}

#[test]
fn oracle_1b_survey_shares_charge_everything_and_show_no_idle_capacity() {
    let activities = r#"
[activity.orders]
pool = "service"
method = "driver"
quantity = "1"
share = 0.7
[activity.inquiries]
pool = "service"
method = "driver"
source = "activities"
where = "kind = 'inquiry'"
quantity = "1"
share = 0.1
[activity.credit_checks]
pool = "service"
method = "driver"
source = "activities"
where = "kind = 'credit_check'"
quantity = "1"
share = 0.2
"#;
    let project = service_department(49_000, 1_400, 2_500, activities);
    let rate = |activity: &str| project.mart("activity_month").only("activity", activity).one("rate").to_owned();
    assert_eq!([rate("orders"), rate("inquiries"), rate("credit_checks")], ["8", "40", "44.8"]);
    let pool = project.mart("pool_balance");
    assert_eq!((pool.one("assigned_amount"), pool.one("idle_amount")), ("560000.0000", "0.0000"));
}

#[test]
fn oracle_1c_the_rate_stays_when_the_volume_changes() {
    let project = service_department(51_000, 1_150, 2_700, TIME);
    let pool = project.mart("pool_balance");
    assert_eq!((pool.one("used_minutes"), pool.one("assigned_amount")), ("593600.0000", "474880.0000"));
    assert_eq!((pool.one("idle_minutes"), pool.one("idle_amount")), ("106400.0000", "85120.0000"));
    assert_eq!(pool.one("rate"), "0.8");
}

#[test]
fn oracle_2_an_order_that_is_not_stocked_loses_what_a_stocked_one_earns() {
    let config = format!(
        "{WITH_POOLS}\n[pool.orders]\nidle = \"report\"\n[activity.handling]\npool = \"orders\"\nmethod = \"time\"\nsource = \"order_lines\"\nminutes = \"750 + case when delivery = 'direct' then 2250 else 0 end\"\n"
    );
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount,delivery\n\
        1,1,2025-03-05,stocked,p,1,2000,1000,stock\n\
        2,1,2025-03-05,unstocked,p,1,2000,1000,direct\n\
        3,1,2025-03-05,A,p,1,60000,30000,direct\n\
        4,1,2025-03-05,A,p,1,50000,25000,direct\n\
        5,1,2025-03-05,A,p,1,50000,25000,direct\n";
    // 750 + 4 × 3,000 minutes at a rate of 1.00.
    let project = Project::new(&config)
        .file("order_lines.csv", lines)
        .file("cost_pools.csv", "pool,period,amount,practical_minutes\norders,2025-03,20000,20000\n");
    project.run().ok();
    let profit =
        |customer: &str| project.mart("fct_customer_month").only("customer_id", customer).one("net_profit").to_owned();
    assert_eq!([profit("stocked"), profit("unstocked"), profit("A")], ["250.0000", "-2000.0000", "71000.0000"]);
}

#[test]
fn oracle_3_support_pools_that_serve_each_other() {
    let config = format!(
        "{WITH_POOLS}\n[pool.P]\n[pool.Q]\n[pool.Y]\npasses_to = {{ Z = 0.2, P = 0.8 }}\n[pool.Z]\npasses_to = {{ Y = 0.3, Q = 0.7 }}\n\
        [activity.p]\npool = \"P\"\nmethod = \"driver\"\nquantity = \"1\"\n"
    );
    let project = Project::new(&config)
        .file("order_lines.csv", format!("{HEADER}1,1,2025-03-05,A,p,1,1\n"))
        .file("cost_pools.csv", "pool,period,amount\nY,2025-03,7260\nZ,2025-03,4000\n");
    project.run().ok();
    let balance = |pool: &str| project.mart("pool_balance").only("pool", pool);
    let gross = |pool: &str| balance(pool).sum("own_amount") + balance(pool).sum("received_amount");
    assert_eq!((gross("Y"), gross("Z")), (units("9000"), units("5800")));
    // What reaches the other pools is what both were booked: 0.8 × 9,000 + 0.7 × 5,800 = 11,260.
    assert_eq!(
        (balance("P").one("assigned_amount"), balance("Q").one("unassigned_amount")),
        ("7200.0000", "4060.0000")
    );
}

#[test]
fn oracle_4_idle_capacity_at_a_standard_rate() {
    let config = format!(
        "{WITH_POOLS}\n[pool.desk]\npractical_minutes = 100\n[activity.work]\npool = \"desk\"\nmethod = \"time\"\nminutes = \"30\"\n"
    );
    let lines = format!("{HEADER}1,1,2025-03-05,A,p,1,1\n2,1,2025-03-05,B,p,1,1\n3,1,2025-03-05,C,p,1,1\n");
    let project = Project::new(&config)
        .file("order_lines.csv", lines)
        .file("cost_pools.csv", "pool,period,amount\ndesk,2025-03,100\n");
    project.run().ok();
    let pool = project.mart("pool_balance");
    assert_eq!(pool.one("assigned_amount"), "90.0000");
    assert_eq!((pool.one("idle_amount"), pool.one("unassigned_amount")), ("10.0000", "0.0000"));
    assert_eq!(project.mart("fct_customer_activity_month").column("amount"), ["30.0000"; 3]);
}

#[test]
fn oracle_5_the_pocket_price_waterfall() {
    let config = format!(
        "{WITH_POOLS}\n[source.rebates]\nfiles = \"rebates.csv\"\n[pool.transport]\n[activity.freight]\npool = \"transport\"\nmethod = \"driver\"\nquantity = \"1\"\nstep = \"freight_cost\"\n"
    );
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,list_amount,discount_amount,cogs_amount\n1,1,2025-03-05,A,p,1,85,100,15,40\n";
    let project = Project::new(&config)
        .file("order_lines.csv", lines)
        .file("cost_pools.csv", "pool,period,amount\ntransport,2025-03,3\n")
        .file("rebates.csv", "customer_id,basis,rate\nA,list_revenue,0.05\n");
    project.run().ok();
    let month = project.mart("fct_customer_month");
    let step = |name: &str| month.one(name).to_owned();
    assert_eq!(
        [
            "list_revenue",
            "invoice_discount",
            "invoice_revenue",
            "rebates_given",
            "freight_cost",
            "pocket_revenue",
            "cogs",
            "gross_margin"
        ]
        .map(step),
        ["100.0000", "15.0000", "85.0000", "5.0000", "3.0000", "77.0000", "40.0000", "37.0000"]
    );
    assert_eq!((month.one("payment_terms"), month.one("payment_terms_supplied")), ("0.0000", "false"));
}

#[test]
fn oracle_6_a_credit_note_takes_back_the_cost_of_a_zero_price_line() {
    let header = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount,order_kind\n";
    let sold = "1,1,2025-03-05,A,p,1,15,10,sale\n1,2,2025-03-05,A,p,1,0,10,sale\n1,3,2025-03-05,A,p,1,30,10,sale\n";
    let credited = "2,1,2025-04-05,A,p,-1,-15,-10,credit\n2,2,2025-04-05,A,p,-1,0,-10,credit\n2,3,2025-04-05,A,p,-1,-30,-10,credit\n";
    let project = Project::new(ORDERS_ONLY).file("order_lines.csv", format!("{header}{sold}{credited}"));
    project.run().ok();
    assert_eq!(project.mart("fct_customer_month").column("gross_margin"), ["15.0000", "-15.0000"]);
}

#[test]
fn oracle_7_a_return_keeps_the_cost_at_which_it_was_sold() {
    let header = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount,order_kind\n";
    let lines = format!("{header}1,1,2025-03-05,A,p,15,15000,12000,sale\n2,1,2025-03-20,A,p,-1,-1000,-800,return\n");
    let project = Project::new(ORDERS_ONLY).file("order_lines.csv", lines);
    project.run().ok();
    assert_eq!(project.mart("fct_customer_month").one("gross_margin"), "2800.0000");
}

#[test]
fn oracle_8_a_price_per_piece_is_multiplied_once() {
    let config = "[source.order_lines]\nfiles = \"order_lines.csv\"\n[source.order_lines.columns]\nnet_amount = { sql = \"quantity * price\" }\n";
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,price\n1,1,2025-03-05,A,p,8000,1.95\n1,2,2025-03-05,A,q,800,6.95\n";
    let project = Project::new(config).file("order_lines.csv", lines);
    project.run().ok();
    assert_eq!(project.mart("fct_customer_month").one("invoice_revenue"), "21160.0000");
}

#[test]
fn oracle_11_a_small_order_loses_and_387_50_breaks_even() {
    let config = format!(
        "{WITH_POOLS}\n[pool.orders]\n[activity.order]\npool = \"orders\"\nmethod = \"driver\"\nquantity = \"1\"\n"
    );
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount,channel\n1,1,2025-03-05,A,p,1,250,200,phone\n";
    let project = Project::new(&config)
        .file("order_lines.csv", lines)
        .file("cost_pools.csv", "pool,period,amount\norders,2025-03,77.50\n");
    project.run().ok();
    let channel = project.mart("channel").only("window_id", "main");
    assert_eq!((channel.one("net_profit"), channel.one("break_even_order")), ("-27.5000", "387.5000"));
    assert_eq!((channel.one("cost_per_order"), channel.one("margin_share")), ("77.5000", "0.2"));
    assert_eq!(project.mart("customer_window").only("window_id", "main").one("net_profit"), "-27.5000");
    let minimum = project.mart("minimum_order");
    assert_eq!((minimum.one("break_even_order"), minimum.one("minimum_order")), ("387.5000", "387.5000"));
}

#[test]
fn oracle_12_a_driver_that_is_zero_for_everyone_loses_nothing() {
    let config = format!(
        "{WITH_POOLS}\n[pool.returns]\n[activity.returns]\npool = \"returns\"\nmethod = \"driver\"\nwhere = \"order_kind = 'return'\"\nquantity = \"1\"\n"
    );
    let project = Project::new(&config)
        .file("order_lines.csv", format!("{},cogs_amount\n1,1,2025-03-05,A,p,1,1,0\n", HEADER.trim_end()))
        .file("cost_pools.csv", "pool,period,amount\nreturns,2025-03,27.00\n");
    project.run().ok();
    let pool = project.mart("pool_balance");
    assert_eq!(
        (pool.one("unassigned_amount"), pool.one("assigned_amount"), pool.one("difference")),
        ("27.0000", "0.0000", "0.0000")
    );
    assert_eq!(project.mart("window_summary").only("window_id", "main").one("result"), "-26.0000");
}

#[test]
fn oracle_13_the_pyramid_cuts_at_the_ceiling_of_the_cumulative_share() {
    for (active, tiers) in [(1_000, ["10", "40", "150", "800"]), (250, ["3", "10", "37", "200"])] {
        let mut lines = HEADER.to_owned();
        for customer in 0..active {
            writeln!(lines, "o{customer},1,2025-03-05,c{customer:04},p,1,{}.00", active - customer).unwrap();
        }
        let project = Project::new(ORDERS_ONLY).file("order_lines.csv", lines);
        project.run().ok();
        let pyramid = project.mart("pyramid").only("window_id", "main");
        let count = |tier: &str| {
            pyramid
                .column("tier")
                .iter()
                .position(|name| *name == tier)
                .map(|row| pyramid.column("customers")[row].to_owned())
        };
        assert_eq!(["Top", "Large", "Medium", "Small"].map(count), tiers.map(|count| Some(count.to_owned())));
    }
}

#[test]
fn oracle_14_the_whale_curve_peaks_before_it_ends() {
    let mut lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount\n".to_owned();
    for (customer, cost) in [("A", 60), ("B", 70), ("C", 90), ("D", 105), ("E", 115)] {
        writeln!(lines, "{customer},1,2025-03-05,{customer},p,1,100,{cost}").unwrap();
    }
    let project = Project::new(ORDERS_ONLY).file("order_lines.csv", lines);
    project.run().ok();
    let whale = project.mart("whale_curve").only("window_id", "main");
    assert_eq!(whale.column("cumulative_profit"), ["40.0000", "70.0000", "80.0000", "75.0000", "60.0000"]);
    let summary = project.mart("window_summary").only("window_id", "main");
    assert_eq!((summary.one("peak_profit"), summary.one("net_profit")), ("80.0000", "60.0000"));
    assert_eq!((&summary.one("peak_to_total")[..5], summary.one("retention")), ("1.333", "0.75"));
}
