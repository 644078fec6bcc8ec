//! Remedies where sources are missing, where nobody says what is avoidable, and where the loss isn't certain.

use std::fs;

use crate::harness::{Mart, Project, repository, units};

/// The fixture, its configuration changed.
fn changed(change: impl Fn(&str) -> String) -> Project {
    let project = Project::copy_of(&repository("tests/fixtures/remedies"));
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let project = project.file("netto.toml", change(&config));
    project.run().ok();
    project
}

/// A remedy for customer A.
fn of_a(project: &Project, remedy: &str) -> Mart {
    project.mart("remedy").only("customer_id", "A").only("remedy", remedy)
}

#[test]
fn without_a_word_on_what_is_avoidable_only_what_customers_pay_counts() {
    let silent = |config: &str| {
        let lines: Vec<&str> = config.lines().filter(|line| !line.starts_with("avoidable")).collect();
        lines.join("\n")
    };
    let project = changed(silent);
    assert!(project.mart("dim_pool").column("avoidable_share").iter().all(|share| share.is_empty()));
    let remedies = project.mart("remedy");
    assert_eq!(remedies.column("remedy").len(), 24);
    assert!(remedies.only("remedy", "farewell").column("applicable").iter().all(|applicable| *applicable == "false"));
    let visits = of_a(&project, "visit_frequency");
    assert_eq!((visits.one("gain_if_stays"), visits.one("proposed")), ("0.0000", "false"));
    let obstacle = of_a(&project, "farewell");
    assert_eq!(obstacle.one("obstacle"), "It isn't known which cost would be saved: no pool has `avoidable`.");
    // Leaving costs the whole margin before activities: 0.941667 × 70 − 0.058333 × 240.
    assert_eq!(of_a(&project, "order_charge").one("expected_change"), "51.9168");
}

#[test]
fn without_orders_and_product_groups_columns_are_empty_and_the_reason_says_why() {
    let project = changed(|config| format!("{config}[facts]\nenabled = false\n"));
    assert!(project.mart("remedy").column("revenue_lost_elsewhere").iter().all(|revenue| revenue.is_empty()));
    for remedy in ["minimum_order_size", "channel_shift"] {
        let row = of_a(&project, remedy);
        assert_eq!((row.one("applicable"), row.one("break_even"), row.one("volume_lost")), ("false", "", ""));
        assert!(row.one("obstacle").contains("fct_order"), "{}", row.one("obstacle"));
    }
    assert_eq!(of_a(&project, "order_charge").one("proposed"), "true");
}

#[test]
fn imputed_payment_terms_are_avoidable_in_full() {
    let project = Project::copy_of(&repository("tests/fixtures/remedies"));
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let terms = "[source.receivables]\nfiles = \"receivables.csv\"\n[payment_terms]\nyearly_rate = 0.05\n";
    // 7,300 for ten days at 5 % a year: 10.00.
    let invoice =
        "invoice_id,customer_id,invoice_date,due_date,amount,paid_date\n1,A,2025-03-01,2025-03-31,7300,2025-03-11\n";
    let project = project.file("netto.toml", format!("{config}{terms}")).file("receivables.csv", invoice);
    project.run().ok();
    let farewell = of_a(&project, "farewell");
    // A loses ten more at full cost, and they are gone when it is: 240 − 82 − 10.
    assert_eq!((farewell.one("net_profit"), farewell.one("contribution")), ("-80.0000", "148.0000"));
}

#[test]
fn a_loss_that_is_not_certain_is_said_to_be_so() {
    let project = changed(|config| format!("{config}[sensitivity]\nrange = 0.9\n"));
    let band = project.mart("sensitivity").only("window_id", "main").only("customer_id", "A");
    assert_eq!(band.one("sign_certain"), "false");
    assert!(units(band.one("net_profit_high")) >= 0);
    assert_eq!(of_a(&project, "farewell").one("loss_certain"), "false");
    let certain = Project::copy_of(&repository("tests/fixtures/remedies"));
    certain.run().ok();
    assert_eq!(of_a(&certain, "farewell").one("loss_certain"), "true");
}

#[test]
fn whoever_earns_has_no_remedy_and_only_the_main_window_has_any() {
    let remedies = changed(str::to_owned).mart("remedy");
    assert!(!remedies.column("customer_id").contains(&"C"));
    assert!(remedies.column("window_id").iter().all(|window| *window == "main"));
}

#[test]
fn an_assumption_that_means_nothing_is_shown_at_its_line() {
    let project = Project::copy_of(&repository("tests/fixtures/remedies"));
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let project = project.file("netto.toml", config.replace("order_charge = 1.0,", "order_charge = 101,"));
    let outcome = project.run();
    assert_eq!(outcome.code(), 2);
    insta::assert_snapshot!(outcome.message(), @r#"
    × write the percent of customers that leave per percent asked (0 to 100): with 2.6, 13 % leave for 5 %
        ╭─[PROJECT/netto.toml:39:127]
     38 │ [segment.remedy]
     39 │ leaving = { minimum_annual_revenue = 1.6, discount_change = 2.0, price_change = 2.0, minimum_order_size = 0.1, order_charge = 101, channel_shift = 0.03, visit_frequency = 0.06 }
        ·                                                                                                                               ───
     40 │ leaving_range = [0.5, 2.0]
        ╰────
    "#);
}
