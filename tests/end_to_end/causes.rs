//! Causes of a known size in the data (`crates/netto-sample/README.md`): the analyses find what was put in, and nothing where nothing was.

use std::process::Command;

use crate::harness::{Mart, Project, binary, repository, units};

/// A ratio; nothing where it isn't known.
fn ratio(cell: &str) -> Option<f64> {
    cell.parse().ok()
}

/// The row whose column has that value.
fn row(table: &Mart, column: &str, value: &str) -> Mart {
    let place = table.column(column).iter().position(|cell| *cell == value).unwrap_or_else(|| panic!("no {value}"));
    table.row(place)
}

#[test]
fn what_was_put_into_the_data_is_found_and_nothing_where_nothing_was() {
    let project = Project::copy_of(&repository("data/wholesaler"));
    let extracts = project.folder().join("extracts");
    // Nothing is overwritten: the demo's own go first.
    std::fs::remove_dir_all(&extracts).unwrap();
    assert!(Command::new(binary()).args(["generate", "--causes"]).arg(extracts).output().unwrap().status.success());
    project.run().ok();
    visits_of_three_reps_bring_half_as_much_again_and_those_of_the_fourth_nothing(&project);
    orders_follow_the_visits_of_one_rep_and_not_the_friday_afternoons_of_another(&project);
    what_was_agreed_and_done_has_an_effect_and_what_was_only_agreed_has_none(&project);
    prices_rose_in_one_market(&project);
    one_supplier_is_worth_handing_tasks_to(&project);
    stock_that_nobody_buys_stands_by_itself(&project);
    one_half_of_a_pair_does_the_work_of_the_other(&project);
    pairs_add_no_more_than_there_is(&project);
}

/// Visits fall in months in which a customer buys: whoever left early wasn't visited, and must be no comparison.
fn visits_of_three_reps_bring_half_as_much_again_and_those_of_the_fourth_nothing(project: &Project) {
    let reps = project.mart("sales_force").only("window_id", "main").only("level", "employee");
    for rep in ["M01", "M02", "M03"] {
        let of_rep = row(&reps, "key", rep);
        assert_eq!(of_rep.one("visit_finding"), "more than without a visit", "{rep}");
        let [visited, unvisited] =
            ["visited_change", "unvisited_change"].map(|column| ratio(of_rep.one(column)).unwrap());
        // Half of what the visited would have bought by themselves: the uplift is visited − unvisited of what they bought before.
        let [uplift, low, high] =
            ["visit_uplift", "visit_uplift_low", "visit_uplift_high"].map(|column| ratio(of_rep.one(column)).unwrap());
        let put_in = 0.5 * (1.0 + unvisited) * uplift / (visited - unvisited);
        assert!(low < put_in && put_in < high, "{rep}: {put_in} was put in, {low} to {high} was found");
    }
    assert_eq!(row(&reps, "key", "M04").one("visit_finding"), "no effect can be seen");
}

#[test]
fn nothing_is_claimed_of_visits_in_the_demo_where_nothing_was_put_in() {
    let project = Project::copy_of(&repository("data/wholesaler"));
    let config = std::fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let project = project.file("netto.toml", format!("{config}\n[facts]\nenabled = false\n"));
    project.run().ok();
    let reps = project.mart("sales_force").only("window_id", "main").only("role", "field");
    assert_eq!(reps.column("visit_finding"), ["no effect can be seen"; 4]);
}

fn orders_follow_the_visits_of_one_rep_and_not_the_friday_afternoons_of_another(project: &Project) {
    let habits = project.mart("visit_habit").without("visit_finding", "too few to compare");
    let managers = project.mart("dim_customer");
    let of_rep = |rep: &str| {
        let customers = managers.column("customer_id").into_iter().zip(managers.column("account_manager"));
        let of_rep: Vec<&str> =
            customers.filter(|(_, manager)| *manager == rep).map(|(customer, _)| customer).collect();
        project.mart("visit_habit").without("visit_finding", "too few to compare").where_in("customer_id", &of_rep)
    };
    assert!(habits.column("customer_id").len() > 20);
    let share = |habits: &Mart, finding: &str| {
        let findings = habits.column("visit_finding");
        let found = findings.iter().filter(|found| **found == finding).count();
        (findings.len(), found)
    };
    let (customers, found) = share(&of_rep("M01"), "more than without a visit");
    assert!(customers >= 5 && found * 2 > customers, "an order follows most visits of M01: {found} of {customers}");
    let friday = of_rep("M04").only("weekday", "5").only("part_of_day", "afternoon");
    let (customers, found) = share(&friday, "no effect can be seen");
    // One of ten intervals may miss nothing by chance.
    assert!(customers >= 20 && found * 10 >= customers * 8, "Friday afternoons of M04: {found} of {customers}");
}

fn what_was_agreed_and_done_has_an_effect_and_what_was_only_agreed_has_none(project: &Project) {
    let effects = project.mart("action_result");
    let campaign = row(&effects, "remedy", "minimum_annual_revenue");
    assert_eq!(campaign.one("finding"), "more than without it");
    assert_eq!(row(&effects, "remedy", "visit_frequency").one("finding"), "no effect can be seen");
    // Six tenths more orders bring six tenths of what they earned before, if all cost grows along; where visits don't, up to twice that.
    let agreed = project.mart("action_effect").only("remedy", "minimum_annual_revenue").only("note", "campagne");
    let put_in = agreed.sum("profit_before") * 6 / 10;
    let [low, high] = ["effect_low", "effect_high"].map(|column| campaign.sum(column));
    assert!(low < 2 * put_in && put_in < high, "{put_in} was put in, {low} to {high} was found");
}

#[expect(clippy::cast_precision_loss, reason = "a share to a few digits")]
fn ratio_of(part: i128, whole: i128) -> f64 {
    part as f64 / whole as f64
}

fn prices_rose_in_one_market(project: &Project) {
    let (deltas, customers) = (project.mart("delta").only("window_id", "main"), project.mart("dim_customer"));
    let rise = |market: &str| {
        let of_market = customers.column("customer_id").into_iter().zip(customers.column("market"));
        let of_market: Vec<&str> =
            of_market.filter(|(_, name)| *name == market).map(|(customer, _)| customer).collect();
        let deltas = project.mart("delta").only("window_id", "main").where_in("customer_id", &of_market);
        let priced = deltas.column("compared_revenue").into_iter().zip(deltas.column("price_effect"));
        let (revenue, effect) =
            priced.fold((0, 0), |sum, (revenue, effect)| (sum.0 + units(revenue), sum.1 + units(effect)));
        ratio_of(effect, revenue)
    };
    assert!(!deltas.column("customer_id").is_empty());
    let [others, dearer] =
        [["Installateurs", "Bouw"], ["Industrie", "Industrie"]].map(|pair| (rise(pair[0]), rise(pair[1])));
    assert!((others.0 - others.1).abs() < 0.015, "nothing tells {others:?} apart");
    // 4 % of list is 0.04 ÷ (1 − discount): 0.042 to 0.058 of what is invoiced.
    let more = dearer.0 - f64::midpoint(others.0, others.1);
    assert!(
        (0.035..0.06).contains(&more),
        "4 % of list was put in, {more} of revenue was found; {dearer:?} {others:?}"
    );
}

fn one_supplier_is_worth_handing_tasks_to(project: &Project) {
    let suppliers = project.mart("supplier").only("window_id", "main").without("supplier_id", "");
    let shares = suppliers.column("supplier_id").into_iter().zip(suppliers.column("break_even_share"));
    let mut shares: Vec<(f64, &str)> = shares.filter_map(|(id, share)| Some((ratio(share)?, id))).collect();
    shares.sort_by(|a, b| b.0.total_cmp(&a.0));
    assert_eq!(shares[0].1, "L05", "{shares:?}");
    assert!(shares[0].0 > 2.0 * shares[2].0, "{shares:?}");
}

fn stock_that_nobody_buys_stands_by_itself(project: &Project) {
    let products = project.mart("stock_turnover").only("window_id", "main").only("level", "product");
    let dead = products.column("key").into_iter().zip(products.column("average_stock"));
    let dead: Vec<&str> = dead.filter(|(product, _)| product.starts_with("99")).map(|(_, stock)| stock).collect();
    assert_eq!(dead, ["1000.0000"; 25]);
    let unsold = project.mart("stock_customer_group").only("window_id", "main").only("level", "tier");
    let unsold = unsold.only("key", "(not sold)").only("product_group", "Veiligheid");
    assert!(unsold.sum("average_stock") >= 250_000_000, "{}", unsold.sum("average_stock"));
}

fn one_half_of_a_pair_does_the_work_of_the_other(project: &Project) {
    let quotes = project.mart("pair_work").only("window_id", "main").only("kind", "quote");
    let swapped = quotes.column("swapped_share").into_iter().map(|share| ratio(share).unwrap());
    let swapped: Vec<(&str, bool)> =
        quotes.column("pair_id").into_iter().zip(swapped.map(|share| share > 0.5)).collect();
    assert_eq!(swapped, [("K1", false), ("K2", true), ("K3", false), ("K4", false)]);
}

fn pairs_add_no_more_than_there_is(project: &Project) {
    let pairs = project.mart("sales_force").only("window_id", "main").only("level", "pair");
    let profit = project.mart("customer_window").only("window_id", "main").sum("net_profit");
    assert_eq!(pairs.sum("net_profit"), profit, "every customer is of one pair");
    let before_pay = profit + pairs.sum("pay_in_cost");
    assert!(pairs.sum("added_value") > 0 && pairs.sum("added_value") <= before_pay);
}
