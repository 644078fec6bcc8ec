//! Models of a project: written by `netto new model`, checked with their file and line, run, published and described.

use std::fs;

use crate::harness::Project;

const LINES: &str = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n\
    1,1,2025-01-05,A,p,1,600\n2,1,2025-02-05,B,p,1,300\n3,1,2025-03-05,C,p,1,100.0005\n";

fn project() -> Project {
    Project::new("[source.order_lines]\nfiles = \"order_lines.csv\"\n[segment]\ntiers = { top = 0.3, large = 0.0, medium = 0.0 }\n")
        .file("order_lines.csv", LINES)
}

const SPENT: &str = "-- tier_revenue: What customers of a tier buy.\n-- grain: tier\n-- key: tier\n\
    select tier, -- text → dim_tier: Tier\n\
    sum(invoice_revenue) as revenue, -- money: Invoice revenue\n\
    half_even(sum(invoice_revenue), count(*)) as each -- money?: Of a customer, half-even\n\
    from customer_window where window_id = 'main' and invoice_revenue > amount(100) group by tier\n";

#[test]
fn a_new_model_works_as_it_is_written_and_is_never_written_over() {
    let project = project();
    let folder = project.folder().to_owned();
    project.netto(&["new", "model", "first_model"]).ok();
    let file = folder.join("models/first_model.sql");
    let text = fs::read_to_string(&file).unwrap();
    project.run().ok();
    assert_eq!(project.mart("first_model").column("customers"), ["2", "1"]);
    let again = project.netto(&["new", "model", "first_model"]);
    assert!(again.code() == 2 && again.stderr().contains("already exists"), "{}", again.stderr());
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    let named = project.netto(&["new", "model", "First-model"]);
    assert!(named.code() == 2 && named.stderr().contains("not a valid table"), "{}", named.stderr());
}

#[test]
fn a_model_may_read_another_and_is_published_and_described_with_it() {
    let doubled = SPENT
        .replace("tier_revenue: What", "doubled: Twice what")
        .replace("sum(invoice_revenue) as revenue", "2 * sum(revenue) as revenue")
        .replace("half_even(sum(invoice_revenue), count(*)) as each", "max(each) as each")
        .replace(
            "from customer_window where window_id = 'main' and invoice_revenue > amount(100)",
            "from tier_revenue",
        );
    let project = project().file("models/a_doubled.sql", doubled).file("models/b.sql", SPENT);
    project.run().ok();
    assert_eq!(project.mart("tier_revenue").column("revenue"), ["400.0005", "600.0000"]);
    assert_eq!(project.mart("tier_revenue").column("each"), ["200.0002", "600.0000"], "200.00025, half-even");
    assert_eq!(project.mart("doubled").column("revenue"), ["800.0010", "1200.0000"]);
    let described = project.netto(&["schema", "tier_revenue", "--project"]).stdout();
    assert!(
        described.contains("What customers of a tier buy.") && described.contains("Of a customer, half-even"),
        "{described}"
    );
    assert!(project.netto(&["schema", "--ddl", "--project"]).stdout().contains("doubled"));
}

#[test]
fn what_is_wrong_with_a_model_is_said_before_anything_runs() {
    let refused = |from: &str, to: &str| {
        assert!(SPENT.contains(from), "{from}");
        let project = project().file("models/tier_revenue.sql", SPENT.replace(from, to));
        let checked = project.netto(&["check"]);
        assert_eq!(checked.code(), 2, "{}", checked.stderr());
        assert_eq!(project.run().code(), 2);
        unwrapped(&checked.stderr())
    };
    insta::assert_snapshot!(
        [
            refused("-- grain: tier\n", ""),
            refused("-- money: Invoice revenue", "-- amount: Invoice revenue"),
            refused("from customer_window", "from customer_windows"),
            refused("sum(invoice_revenue) as revenue", "sum(invoice_revenu) as revenue"),
            refused("amount(100)", "100"),
            refused("sum(invoice_revenue) as revenue", "avg(invoice_revenue) as revenue"),
            refused("-- tier_revenue:", "-- whale_curve:"),
            refused("sum(invoice_revenue) as revenue", "read_csv('/etc/passwd') as revenue"),
            refused("amount(100)", "amount($least)"),
        ]
        .join("\n"),
        @r#"
        × PROJECT/models/tier_revenue.sql: line 1: the head has no line `-- grain: window × customer` (what one row is)
          help: `netto new model NAME` writes a template; `netto schema` lists the tables that a model may read
        × PROJECT/models/tier_revenue.sql: line 5: column `revenue`: `amount` is not a type; the types are text, date, bool, integer, count, whole days, money, minutes, pieces, kilograms, driver, share, ratio, days
          help: `netto new model NAME` writes a template; `netto schema` lists the tables that a model may read
        × PROJECT/models/tier_revenue.sql: `customer_windows` is not a table that can be queried; did you mean `customer_window`?
          help: `netto new model NAME` writes a template; `netto schema` lists the tables that a model may read
        × the model `tier_revenue` doesn't match its declaration: table `tier_revenue` could not be computed: not found: unable to find column "invoice_revenu"; valid columns: ["window_id", "customer_id", "tier", "cut_tier", "rank", "orders", "lines", "invoice_revenue", "gross_margin", "cost_to_serve", "net_profit", "minutes", "cumulative_revenue", "cumulative_revenue_share", "margin_share"]  Did you mean "invoice_revenue"?
          help: `netto new model NAME` writes a template; `netto schema` lists the tables that a model may read
        × PROJECT/models/tier_revenue.sql: `invoice_revenue > 100`: amounts are whole ten-thousandths here; write `amount(100)` for 100
          help: `netto new model NAME` writes a template; `netto schema` lists the tables that a model may read
        × the model `tier_revenue` doesn't match its declaration: column `revenue` of table `tier_revenue` is f64, not i64
          help: `netto new model NAME` writes a template; `netto schema` lists the tables that a model may read
        × two tables are called `whale_curve`: the name of a model must be unique
          help: rename the model, in its first line
        × PROJECT/models/tier_revenue.sql: function `read_csv` is not allowed; allowed are avg, count, max, median, min, sum, dense_rank, first_value, lag, lead, rank, row_number, abs, ceil, coalesce, floor, greatest, least, length, lower, nullif, round, sqrt, upper, replace, amount, day_number, half_even, ratio, share, size_of, without_idle
          help: `netto new model NAME` writes a template; `netto schema` lists the tables that a model may read
        × the model `tier_revenue` doesn't match its declaration: `$least` is not a setting of the configuration
          help: `netto new model NAME` writes a template; `netto schema` lists the tables that a model may read
        "#
    );
}

#[test]
fn a_row_that_breaks_a_rule_of_a_model_stops_the_run() {
    let rule = "\n-- audit: No tier buys for more than 500.\nselect tier, revenue from tier_revenue where revenue > amount(500)\n";
    let project = project().file("models/tier_revenue.sql", format!("{SPENT}{rule}"));
    let outcome = project.run();
    assert_eq!(outcome.code(), 1);
    let said = unwrapped(&outcome.stderr());
    assert!(said.contains("tier Top, revenue 600.0000 (No tier buys for more than 500.)"), "{said}");
    assert!(said.contains("change the rule in the model"), "{said}");
    assert!(!project.folder().join("out/current").exists());
}

/// A message without the breaks that make its lines fit.
fn unwrapped(message: &str) -> String {
    message.replace("\n  │ ", " ").replace("\n        ", " ").trim().to_owned()
}
