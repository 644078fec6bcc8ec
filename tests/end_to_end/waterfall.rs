//! Every step of the waterfall with amounts worked out by hand, through the binary; and what each says of a missing input.

use crate::duckdb::judge;
use crate::harness::{Mart, Project, units};

const ORDERS: &str = "[source.order_lines]\nfiles = \"order_lines.csv\"\n";
const POOLS: &str = "[source.cost_pools]\nfiles = \"cost_pools.csv\"\n";
const RECEIVABLES: &str = "[source.receivables]\nfiles = \"receivables.csv\"\n";
const REBATES: &str = "[source.rebates]\nfiles = \"rebates.csv\"\n";
const SIX_PERCENT: &str = "[payment_terms]\nyearly_rate = 0.06\n";
const CLOSED: &str = "[company]\nname = \"Test\"\nclosed_through = \"2025-03\"\n";
const HEADER: &str = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n";
const INVOICES: &str = "invoice_id,customer_id,invoice_date,due_date,amount,paid_date\n";

/// A sale of 1,000 to A in January and in March; the books are closed through March.
fn sales(config: &str) -> Project {
    let lines = format!("{HEADER}1,1,2025-01-10,A,p,1,1000\n2,1,2025-03-10,A,p,1,1000\n3,1,2025-04-10,A,p,1,1000\n");
    Project::with_config(&format!("{CLOSED}{ORDERS}{config}")).file("order_lines.csv", lines)
}

fn months(project: &Project, customer: &str) -> Mart {
    project.mart("fct_customer_month").only("customer_id", customer)
}

#[test]
fn receivables_cost_their_days_at_the_yearly_rate() {
    let config = format!("{RECEIVABLES}{SIX_PERCENT}{POOLS}[pool.desk]\n");
    // 36,500 at 6 % is 6.00 a day.
    let invoices = format!(
        "{INVOICES}1,A,2025-01-21,2025-02-20,36500,2025-03-11\n2,A,2025-02-27,2025-03-29,36500,\n3,B,2025-03-31,2025-04-30,36500,2025-05-02\n4,B,2025-03-01,2025-03-31,-36500,2025-03-16\n5,C,2025-04-01,2025-05-01,36500,\n"
    );
    let pools = "pool,period,amount\ndesk,2025-02,10\n";
    let project = sales(&config).file("receivables.csv", invoices).file("cost_pools.csv", pools);
    project.run().ok();
    let a = months(&project, "A");
    assert_eq!(a.column("period"), ["2025-01-01", "2025-02-01", "2025-03-01", "2025-04-01"]);
    assert_eq!(a.column("payment_terms"), ["66.0000", "180.0000", "246.0000", "0.0000"]);
    assert_eq!(a.column("orders"), ["1", "0", "1", "1"], "February has receivables and nothing else");
    assert_eq!(a.column("pocket_revenue"), ["934.0000", "-180.0000", "754.0000", "1000.0000"]);
    assert_eq!(a.column("payment_terms_supplied"), ["true", "true", "true", "false"], "April isn't closed");
    assert_eq!(months(&project, "B").one("payment_terms"), "-84.0000");
    assert_eq!(project.mart("fct_customer_month").only("customer_id", "C").column("period").len(), 0);
    // 2,000 − 66 − 180 − 246 + 84 of financing that no pool books − 10 of the desk, unassigned.
    let summary = project.mart("window_summary").only("window_id", "main");
    assert_eq!(
        (summary.one("imputed_amount"), summary.one("ledger_amount"), summary.one("result")),
        ("408.0000", "10.0000", "1582.0000")
    );
    let (_, said) = judge(&project);
    assert!(
        said.contains("waterfall: 5 rows, 0 differ") && said.contains("window summary: 2 rows, 0 differ"),
        "{said}"
    );
}

#[test]
fn interest_that_a_pool_books_is_not_imputed() {
    let activity = "[pool.bank]\n[activity.credit]\npool = \"bank\"\nmethod = \"driver\"\nsource = \"receivables\"\nquantity = \"amount\"\nstep = \"payment_terms\"\n";
    let invoices = format!("{INVOICES}1,A,2025-01-21,2025-02-20,36500,2025-03-11\n");
    let pools = "pool,period,amount\nbank,2025-01,30\n";
    let files = |config: &str| {
        let project = sales(&format!("{RECEIVABLES}{POOLS}{activity}{config}"));
        project.file("receivables.csv", &invoices).file("cost_pools.csv", pools)
    };
    let project = files("");
    project.run().ok();
    let a = months(&project, "A");
    assert_eq!(a.column("payment_terms"), ["30.0000", "0.0000", "0.0000"]);
    assert_eq!(a.column("payment_terms_supplied"), ["true", "false", "false"], "booked in January only");
    let summary = project.mart("window_summary").only("window_id", "main");
    assert_eq!((summary.one("imputed_amount"), summary.one("ledger_amount")), ("0.0000", "30.0000"));
    let twice = files(SIX_PERCENT);
    let outcome = twice.run();
    assert_eq!(outcome.code(), 2);
    insta::assert_snapshot!(outcome.message(), @r#"
    × payment terms would be counted twice: activity `credit` has `step = "payment_terms"`
        ╭─[PROJECT/netto.toml:18:15]
     17 │ [payment_terms]
     18 │ yearly_rate = 0.06
        ·               ────
        ╰────
      help: keep [payment_terms] for an imputed rate, or [activity.credit] for interest booked on a pool
    "#);
}

#[test]
fn every_step_says_whether_it_was_supplied() {
    let flags = [
        "list_supplied",
        "rebates_supplied",
        "payment_terms_supplied",
        "freight_charged_supplied",
        "freight_cost_supplied",
        "cogs_supplied",
        "rebates_received_supplied",
        "cost_to_serve_supplied",
    ];
    let project = sales("");
    assert_eq!(project.run().ok().message(), "");
    for flag in flags {
        assert_eq!(months(&project, "A").column(flag), ["false"; 3], "{flag}");
    }
    // The desk is booked in January only, and works for one customer.
    let config = format!(
        "{POOLS}[pool.desk]\n[activity.orders]\npool = \"desk\"\nmethod = \"driver\"\nquantity = \"1\"\n{RECEIVABLES}{SIX_PERCENT}{REBATES}"
    );
    let project = sales(&config)
        .file("cost_pools.csv", "pool,period,amount\ndesk,2025-01,10\n")
        .file("receivables.csv", INVOICES)
        .file("rebates.csv", "customer_id,basis,rate\nB,invoice_revenue,0.05\n");
    project.run().ok();
    let supplied = |flag: &str| months(&project, "A").column(flag).join(" ");
    assert_eq!(supplied("cost_to_serve_supplied"), "true false false");
    assert_eq!(supplied("freight_cost_supplied"), "false false false");
    assert_eq!(supplied("payment_terms_supplied"), "true true false");
    assert_eq!(supplied("rebates_supplied"), "true true true");
    assert_eq!(supplied("rebates_received_supplied"), "false false false");
}

#[test]
fn freight_that_is_charged_without_its_cost_is_warned_of() {
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,freight_charged\n1,1,2025-03-10,A,p,1,100,7.50\n2,1,2025-03-11,B,p,1,100,\n";
    let project = Project::new(ORDERS).file("order_lines.csv", lines);
    let outcome = project.run().ok();
    insta::assert_snapshot!(outcome.message(), @r#"warning  freight of 7.5000 is charged, but no activity has `step = "freight_cost"`, so the freight counts as margin"#);
    let months = project.mart("fct_customer_month");
    assert_eq!(months.column("pocket_revenue"), ["107.5000", "100.0000"]);
    assert_eq!(months.column("freight_charged_supplied"), ["true", "false"]);
    let activity = "[pool.van]\n[activity.freight]\npool = \"van\"\nmethod = \"driver\"\nquantity = \"1\"\nstep = \"freight_cost\"\n";
    let project = Project::new(&format!("{ORDERS}{POOLS}{activity}"))
        .file("order_lines.csv", lines)
        .file("cost_pools.csv", "pool,period,amount\nvan,2025-03,12\n");
    assert_eq!(project.run().ok().message(), "");
    let months = project.mart("fct_customer_month");
    assert_eq!(months.column("pocket_revenue"), ["101.5000", "94.0000"]);
    assert_eq!(months.column("freight_cost_supplied"), ["true", "true"]);
}

#[test]
fn a_cost_with_the_wrong_sign_is_warned_of() {
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount\n1,1,2025-03-10,A,p,1,100,-60\n2,1,2025-03-11,B,p,1,100,60\n";
    let project = Project::new(ORDERS).file("order_lines.csv", lines);
    insta::assert_snapshot!(project.run().ok().message(), @r"
    warning  order_lines: 1 line of kind sale has a negative cost (-60.0000 in all)
     warning  customer `A`: the cost of goods is negative, so the margin is above 100 %; check the sign of the cost
    ");
}

#[test]
fn a_rebate_accrues_over_the_year_and_says_what_the_next_bracket_needs() {
    let rebates = "customer_id,basis,rate,threshold,valid_from,valid_to\n\
        A,invoice_revenue,0.01,0,,\nA,invoice_revenue,0.02,2000,,\nA,invoice_revenue,0.03,2500,,\n";
    let project = sales(REBATES).file("rebates.csv", rebates);
    project.run().ok();
    // January and March reach 2,000, which is 8,000 a year: the third bracket is expected. April isn't closed, and adds nothing to it.
    assert_eq!(months(&project, "A").column("rebates_given"), ["30.0000"; 3]);
    let progress = project.mart("rebate_progress");
    let row = [
        "basis_amount",
        "threshold",
        "rate",
        "expected_amount",
        "expected_rate",
        "accrued_amount",
        "next_threshold",
        "next_rate",
        "needed_amount",
        "extra_amount",
    ];
    assert_eq!(
        row.map(|name| progress.one(name).to_owned()),
        ["2000.0000", "2000.0000", "0.02", "8000.0000", "0.03", "60.0000", "2500.0000", "0.03", "500.0000", "35.0000"]
    );
    assert_eq!((progress.one("customer_id"), progress.one("supplier_id"), progress.one("year")), ("A", "", "2025"));
}

#[test]
fn what_a_supplier_gives_goes_to_who_bought_its_products() {
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount\n\
        1,1,2025-03-05,A,p,1,60,33.3345\n2,1,2025-03-06,B,p,1,70,33.3345\n3,1,2025-03-07,C,p,1,80,33.3345\n4,1,2025-03-07,C,q,1,500,300\n";
    let products = "[source.products]\nfiles = \"products.csv\"\n";
    let run = |config: &str| {
        let project = Project::new(&format!("{ORDERS}{REBATES}{config}"))
            .file("order_lines.csv", lines)
            .file("products.csv", "product_id,supplier_id\np,S\nq,T\n")
            .file(
                "rebates.csv",
                "supplier_id,basis,rate,threshold\nS,purchases,0.03,100\nT,invoice_revenue,0.1,6001\n",
            );
        project.run().ok();
        project
    };
    // 3 % of 100.0035 is 3.000105, 1.000035 for each: one ten-thousandth is left. T sold for 500 in one month of twelve: 6,000 a year, one less than agreed.
    let project = run(products);
    let months = project.mart("fct_customer_month");
    assert_eq!(months.column("rebates_received"), ["1.0001", "1.0000", "1.0000"]);
    assert_eq!(months.column("rebates_received_supplied"), ["true"; 3]);
    assert_eq!(months.column("gross_margin"), ["27.6656", "37.6655", "247.6655"]);
    let progress = project.mart("rebate_progress");
    assert_eq!(progress.column("supplier_id"), ["S", "T"]);
    assert_eq!(progress.column("accrued_amount"), ["3.0001", "0.0000"]);
    // What was bought before March is unknown, and so is what the year needs.
    assert_eq!(progress.column("expected_amount"), ["1200.0420", "6000.0000"]);
    assert_eq!(progress.column("next_threshold"), ["", "6001.0000"]);
    assert_eq!([progress.column("needed_amount"), progress.column("extra_amount")], [["", ""]; 2]);
    // Nobody knows whose products were sold: nothing is guessed.
    let project = run("");
    let months = project.mart("fct_customer_month");
    assert_eq!(months.column("rebates_received"), ["0.0000"; 3]);
    assert_eq!(months.column("rebates_received_supplied"), ["false"; 3]);
}

#[test]
fn every_step_sums_to_the_next() {
    let config = format!(
        "{POOLS}{RECEIVABLES}{REBATES}{SIX_PERCENT}[pool.desk]\n[pool.van]\n[activity.orders]\npool = \"desk\"\nmethod = \"driver\"\nquantity = \"1\"\n[activity.freight]\npool = \"van\"\nmethod = \"driver\"\nquantity = \"1\"\nstep = \"freight_cost\"\n"
    );
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,list_amount,discount_amount,cogs_amount,freight_charged\n1,1,2025-03-05,A,p,1,8500,10000,1500,4000,50\n";
    let project = Project::with_config(&format!("{CLOSED}{ORDERS}{config}"))
        .file("order_lines.csv", lines)
        .file("cost_pools.csv", "pool,period,amount\ndesk,2025-03,120\nvan,2025-03,80\n")
        .file("receivables.csv", format!("{INVOICES}1,A,2025-03-12,2025-04-11,7300,\n")) // 20 days of 1.20
        .file("rebates.csv", "customer_id,basis,rate\nA,list_revenue,0.05\n");
    project.run().ok();
    let month = months(&project, "A");
    let steps = [
        ("list_revenue", "10000"),
        ("invoice_discount", "1500"),
        ("invoice_revenue", "8500"),
        ("rebates_given", "500"),
        ("payment_terms", "24"),
        ("freight_charged", "50"),
        ("freight_cost", "80"),
        ("pocket_revenue", "7946"),
        ("cogs", "4000"),
        ("rebates_received", "0"),
        ("gross_margin", "3946"),
        ("cost_to_serve", "120"),
        ("net_profit", "3826"),
    ];
    for (step, amount) in steps {
        assert_eq!(units(month.one(step)), units(amount), "{step}");
    }
    let summary = project.mart("window_summary").only("window_id", "main");
    assert_eq!((summary.one("result"), summary.one("imputed_amount")), ("3826.0000", "24.0000"));
}

#[test]
fn without_cost_of_goods_and_cost_to_serve_no_report_speaks_of_a_margin_or_a_loss() {
    let lines = format!("{HEADER}1,1,2025-01-10,A,p,1,1000\n2,1,2025-03-10,A,p,1,800\n3,1,2025-02-10,B,p,-1,-50\n");
    let project = Project::with_config(&format!("{CLOSED}{ORDERS}")).file("order_lines.csv", lines);
    let outcome = project.run().ok();
    assert!(
        !outcome.stdout().contains("Customers that lose") && !outcome.stdout().contains("below zero"),
        "{}",
        outcome.stdout()
    );
    assert_eq!(project.mart("remedy").column("customer_id"), Vec::<&str>::new());
    let report = std::fs::read_to_string(project.folder().join("out/current/report.html")).unwrap();
    for section in ["whale", "best", "quadrants", "change", "remedies", "pools"] {
        assert!(!report.contains(&format!("<section id=\"{section}\"")), "{section}");
    }
    for head in ["Margin", "Gross margin", "Net profit", "Cost-to-serve", "Lose money"] {
        assert!(!report.contains(&format!(">{head}</th>")), "{head}");
    }
    assert!(report.contains("Neither cost of goods nor cost to serve was supplied"));
}
