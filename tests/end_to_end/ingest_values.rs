//! What an order line is worth when it is read: other currencies at the month's rate, costs by order date.

use serde_json::Value;

use crate::harness::Project;

const RATED: &str = "[source.order_lines]\nfiles = \"order_lines.csv\"\n[source.fx_rates]\nfiles = \"fx_rates.csv\"\n";
const HEADER: &str = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,list_amount,cogs_amount,freight_charged,currency\n";
const RATES: &str = "currency,period,rate\nUSD,2025-02,0.9612\nUSD,2025-03,0.92545\nGBP,2025-03,1.1923\n";

/// Dollars in two months, pounds, the company's own euros, and no currency.
fn three_currencies() -> Project {
    let lines = "1,1,2025-02-28,A,p,1,1000,1200,700.5,10,USD\n\
                 2,1,2025-03-01,A,p,1,1000,,700.50,10,USD\n\
                 3,1,2025-03-15,B,p,2,33.33,40,20,,GBP\n\
                 3,2,2025-03-15,B,p,1,0.001,0.001,0.003,,USD\n\
                 4,1,2025-03-20,C,p,1,100,110,60,5,EUR\n\
                 5,1,2025-03-21,C,p,-1,-50,-55,-30,,\n";
    Project::new(RATED).file("order_lines.csv", format!("{HEADER}{lines}")).file("fx_rates.csv", RATES)
}

/// A step of the waterfall by customer and month, in the order of the key.
fn waterfall(project: &Project, step: &str) -> Vec<String> {
    project.mart("fct_customer_month").column(step).into_iter().map(str::to_owned).collect()
}

#[test]
fn dollars_and_pounds_become_euros_at_the_rate_of_their_month() {
    let project = three_currencies();
    project.run().ok();
    // A in February and March, B, C.
    // 1000 × 0.9612 · 1000 × 0.92545 · 33.33 × 1.1923 = 39.739359 → 39.7394, 0.001 × 0.92545 = 0.00092545 → 0.0009 · 100 − 50
    assert_eq!(waterfall(&project, "invoice_revenue"), ["961.2000", "925.4500", "39.7403", "50.0000"]);
    // 1200 × 0.9612 · the net amount where there is no list amount · 40 × 1.1923 + 0.0009 · 110 − 55
    assert_eq!(waterfall(&project, "list_revenue"), ["1153.4400", "925.4500", "47.6929", "55.0000"]);
    // 700.5 × 0.9612 = 673.3206 · 700.5 × 0.92545 = 648.277725 → 648.2777 · 20 × 1.1923 + 0.0028 (0.00277635) · 60 − 30
    assert_eq!(waterfall(&project, "cogs"), ["673.3206", "648.2777", "23.8488", "30.0000"]);
    assert_eq!(waterfall(&project, "freight_charged"), ["9.6120", "9.2545", "0.0000", "5.0000"]);
}

#[test]
fn halves_go_to_the_even_ten_thousandth() {
    let lines =
        "1,1,2025-03-01,A,p,1,0.0001,,,,XTS\n2,1,2025-03-01,B,p,1,0.0003,,,,XTS\n3,1,2025-03-01,C,p,1,-0.0003,,,,XTS\n";
    let project = Project::new(RATED)
        .file("order_lines.csv", format!("{HEADER}{lines}"))
        .file("fx_rates.csv", "currency,period,rate\nXTS,2025-03,0.5\n");
    project.run().ok();
    assert_eq!(waterfall(&project, "invoice_revenue"), ["0.0000", "0.0002", "-0.0002"]);
}

#[test]
fn a_missing_rate_stops_the_load_and_leaves_the_last_run() {
    let project = three_currencies();
    project.run().ok();
    let published = project.published();
    let project =
        project.file("fx_rates.csv", "currency,period,rate\nUSD,2025-01,0.96\nUSD,2025-02,0.9612\nGBP,2025-02,1.2\n");
    let outcome = project.run();
    assert_eq!(outcome.code(), 3);
    insta::assert_snapshot!(outcome.message(), @r"
    × there is no exchange rate for USD in 2025-03, so amounts of `order_lines` can't be converted
      │   ┌ order_lines.csv:3 is the first line that needs it
      │   = all missing rates: GBP 2025-03, USD 2025-03
      help: add a row to `fx_rates` with currency, period and rate: how many EUR one USD was worth in the month
    ");
    assert_eq!(project.published(), published);
    // Nothing landed: with the rates back, the order lines are what they were.
    let project = project.file("fx_rates.csv", RATES);
    assert!(unchanged(&project));
}

#[test]
fn without_any_rates_the_source_of_rates_is_asked_for() {
    let config = "[source.order_lines]\nfiles = \"order_lines.csv\"\n";
    let project = Project::new(config)
        .file("order_lines.csv", format!("{HEADER}1,1,2025-03-01,A,p,1,10,,,,EUR\n2,1,2025-03-01,A,p,1,10,,,,USD\n"));
    let outcome = project.run();
    assert_eq!(outcome.code(), 3);
    insta::assert_snapshot!(outcome.message(), @r"
    × there is no exchange rate for USD in 2025-03, so amounts of `order_lines` can't be converted
      │   ┌ order_lines.csv:3 is the first line that needs it
      help: add [source.fx_rates], a table of currency, period and rate: how many EUR one USD was worth in each
            month
    ");
}

/// `netto run`: whether the order lines were found unchanged.
fn unchanged(project: &Project) -> bool {
    let result: Value = serde_json::from_str(&project.netto(&["run", "--format", "json"]).ok().stdout()).unwrap();
    let sources = result["sources"].as_array().unwrap();
    let lines = sources.iter().find(|source| source["source"] == "order_lines").unwrap();
    lines["unchanged"].as_bool().unwrap()
}

#[test]
fn a_changed_rate_loads_order_lines_again_and_an_unchanged_one_does_not() {
    let project = three_currencies();
    assert!(!unchanged(&project));
    let published = project.published();
    assert!(unchanged(&project));
    assert_eq!(project.published(), published);
    let project = project.file("fx_rates.csv", RATES.replace("0.92545", "0.9"));
    assert!(!unchanged(&project));
    assert_eq!(waterfall(&project, "invoice_revenue")[..2], ["961.2000", "900.0000"]);
}

const COSTED: &str = "[source.order_lines]\nfiles = \"order_lines.csv\"\ncost_from_products = true\nlist_from_products = true\n\
                      [source.products]\nfiles = \"products.csv\"\n";

/// A drill at 800 until 31 March and at 900 after; its first version begins in 2025.
fn two_versions(lines: &str) -> Project {
    let header = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n";
    let products = "product_id,name,valid_from,unit_cost,list_price\n\
                    drill,Drill 2,2025-04-01,900,1200\ndrill,Drill,2025-01-01,800,1000\n";
    Project::new(COSTED).file("order_lines.csv", format!("{header}{lines}")).file("products.csv", products)
}

#[test]
fn a_line_costs_what_its_product_cost_on_the_order_date() {
    let project = two_versions(
        "1,1,2025-03-31,A,drill,2,1900\n2,1,2025-04-01,A,drill,2,1900\n3,1,2024-12-31,A,drill,2,1900\n4,1,2025-04-02,B,drill,-1,-950\n",
    );
    let outcome = project.run().ok();
    insta::assert_snapshot!(outcome.message(), @r"
    warning  order lines without cost: 1, because no version of their product has one on the order date (before_first_version 1)
     warning  order lines without list amount: 1, because no version of their product has one on the order date (before_first_version 1)
    ");
    // A in December, March and April; B in April gives one back.
    assert_eq!(waterfall(&project, "cogs"), ["0.0000", "1600.0000", "1800.0000", "-900.0000"]);
    assert_eq!(waterfall(&project, "cogs_supplied"), ["false", "true", "true", "true"]);
    assert_eq!(waterfall(&project, "list_revenue"), ["1900.0000", "2000.0000", "2400.0000", "-1200.0000"]);
    assert_eq!(waterfall(&project, "invoice_discount"), ["0.0000", "100.0000", "500.0000", "-250.0000"]);
    assert_eq!(waterfall(&project, "list_supplied"), ["false", "true", "true", "true"]);
    let product = project.mart("dim_product").without("product_key", "0");
    assert_eq!((product.one("name"), product.one("unit_cost")), ("Drill 2", "900.0000"));
}

#[test]
fn a_changed_cost_loads_order_lines_again() {
    let project = two_versions("1,1,2025-04-01,A,drill,2,1900\n");
    assert!(!unchanged(&project));
    assert!(unchanged(&project));
    let project = project.file("products.csv", "product_id,unit_cost\ndrill,850\n");
    assert!(!unchanged(&project));
    assert_eq!(waterfall(&project, "cogs"), ["1700.0000"]);
}

#[test]
fn costs_from_products_need_products() {
    let project = Project::new(&COSTED[..COSTED.find("[source.products]").unwrap()]);
    let outcome = project.run();
    assert_eq!(outcome.code(), 2);
    insta::assert_snapshot!(outcome.message(), @r#"
    × `cost_from_products` is set, but there is no [source.products]
       ╭─[PROJECT/netto.toml:5:22]
     4 │ files = "order_lines.csv"
     5 │ cost_from_products = true
       ·                      ────
     6 │ list_from_products = true
       ╰────
      help: add [source.products]
    "#);
}

#[test]
fn only_order_lines_take_their_cost_from_products() {
    let project = Project::new(&format!("{COSTED}list_from_products = true\n"));
    let outcome = project.run();
    assert_eq!(outcome.code(), 2);
    insta::assert_snapshot!(outcome.message(), @r#"
    × `list_from_products` can't be used in `products`
       ╭─[PROJECT/netto.toml:9:22]
     8 │ files = "products.csv"
     9 │ list_from_products = true
       ·                      ────
       ╰────
      help: it gives order lines the list price of their product on the order date: did you mean
            [source.order_lines] list_from_products = true?
    "#);
}

#[test]
fn two_versions_of_a_product_are_one_product_to_its_supplier() {
    let config = format!("{COSTED}[source.rebates]\nfiles = \"rebates.csv\"\n");
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n\
                 1,1,2025-03-31,A,drill,2,1900\n2,1,2025-04-01,A,drill,2,1900\n";
    let products = "product_id,supplier_id,valid_from,unit_cost,list_price\n\
                    drill,S,2025-04-01,900,1200\ndrill,T,2025-02-01,850,1100\ndrill,S,2025-01-01,800,1000\n";
    let project = Project::new(&config)
        .file("order_lines.csv", lines)
        .file("products.csv", products)
        .file("rebates.csv", "supplier_id,basis,rate\nS,purchases,0.05\nT,purchases,0.05\n");
    project.run().ok();
    assert_eq!(waterfall(&project, "cogs"), ["1700.0000", "1800.0000"]);
}
