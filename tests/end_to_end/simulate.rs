//! What levers would bring: worked examples, and what the user sees when a scenario is wrong.

use std::fs;

use serde_json::Value;

use crate::harness::{Outcome, Project, repository, units};

/// 100,000 pieces at 100 that cost 60 each, sold to two customers; 3 M that nobody causes.
fn company() -> Project {
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount\n\
        1,1,2025-03-05,A,p,60000,6000000,3600000\n2,1,2025-03-06,B,p,40000,4000000,2400000\n";
    let config = "[source.order_lines]\nfiles = \"order_lines.csv\"\n[source.cost_pools]\nfiles = \"cost_pools.csv\"\n[pool.fixed]\n";
    let project = Project::new(config)
        .file("order_lines.csv", lines)
        .file("cost_pools.csv", "pool,period,amount\nfixed,2025-03,3000000\n");
    project.run().ok();
    project
}

fn simulate(project: &Project, scenario: &str, format: &str) -> Outcome {
    let file = project.folder().join("scenario.toml");
    fs::write(&file, scenario).unwrap();
    project.netto(&["simulate", "--format", format, file.to_str().unwrap()])
}

fn simulated(scenario: &str) -> Value {
    serde_json::from_str(&simulate(&company(), scenario, "json").ok().stdout()).unwrap()
}

#[test]
fn oracle_10_five_percent_on_price_beats_five_percent_on_volume() {
    let price = simulated("[[lever]]\nkind = \"price\"\nchange = 0.05\n");
    let result = &price["figures"]["result"];
    assert_eq!(
        (&result["before"], &result["after"], &result["change"]),
        (&"1000000.0000".into(), &"1500000.0000".into(), &"500000.0000".into())
    );
    let loss = price["levers"][0]["break_even_volume_loss"].as_f64().unwrap();
    assert!((loss - 5.0 / 45.0).abs() < 1e-12 && format!("{:.1}", loss * 100.0) == "11.1", "{loss}");
    let volume = simulated("[[lever]]\nkind = \"volume\"\nchange = 0.05\n");
    let figure = |name: &str| volume["figures"][name]["after"].as_str().unwrap().to_owned();
    assert_eq!(
        ["invoice_revenue", "cogs", "unassigned_amount", "result"].map(figure),
        ["10500000.0000", "6300000.0000", "3000000.0000", "1200000.0000"]
    );
    assert_eq!(volume["levers"][0]["break_even_volume_loss"], Value::Null);
}

#[test]
fn a_price_that_costs_its_break_even_volume_earns_nothing() {
    let scenario = "[[lever]]\nkind = \"price\"\nchange = 0.1\nvolume = -0.2\n";
    let both = simulated(scenario);
    assert_eq!(both["levers"][0]["break_even_volume_loss"], 0.2);
    assert_eq!(both["levers"][0]["result_change"], "0.0000");
}

#[test]
fn the_result_is_a_table_that_adds_up_and_says_what_stays() {
    let scenario =
        "name = \"Dearer for B\"\n[[lever]]\nkind = \"price\"\nchange = 0.05\nvolume = -0.02\ncustomer = \"B\"\n";
    let outcome = simulate(&company(), scenario, "table").ok();
    insta::assert_snapshot!(outcome.stdout(), @r#"
    Dearer for B · 2024-04..2025-03

                                  Before             After         Change
    ──────────────────────────────────────────────────────────────────────
     invoice revenue     10,000,000.0000   10,116,000.0000   116,000.0000
     rebates given                0.0000            0.0000         0.0000
     payment terms                0.0000            0.0000         0.0000
     freight charged              0.0000            0.0000         0.0000
     freight cost                 0.0000            0.0000         0.0000
     cogs                 6,000,000.0000    5,952,000.0000   -48,000.0000
     rebates received             0.0000            0.0000         0.0000
     gross margin         4,000,000.0000    4,164,000.0000   164,000.0000
     cost to serve                0.0000            0.0000         0.0000
     net profit           4,000,000.0000    4,164,000.0000   164,000.0000
     idle amount                  0.0000            0.0000         0.0000
     unassigned amount    3,000,000.0000    3,000,000.0000         0.0000
     result               1,000,000.0000    1,164,000.0000   164,000.0000

     Lever                         For          Break-even volume   Customers   Change of result
    ─────────────────────────────────────────────────────────────────────────────────────────────
     price +5.0 %, volume -2.0 %   customer B   -11.1 %                     1       164,000.0000

    variable_share: 0.0 % of the cost of activities changes with volume; the rest is capacity and doesn't change.
    Idle and unassigned cost doesn't change.
    "#);
}

#[test]
fn the_scenario_of_the_demo_runs() {
    let project = Project::copy_of(&repository("data/wholesaler"));
    project.run().ok();
    let file = project.folder().join("scenarios/price.toml");
    let outcome = project.netto(&["simulate", "--format", "json", file.to_str().unwrap()]).ok();
    let simulation: Value = serde_json::from_str(&outcome.stdout()).unwrap();
    let results = project.mart("scenario_result").only("figure", "result");
    assert_eq!(results.column("scenario"), ["price", "remedies", "small_orders"]);
    assert_eq!(simulation["figures"]["result"]["after"], results.column("after")[0]);
    let proposed = project.mart("remedy").only("proposed", "true").sum("expected_change");
    assert_eq!(results.only("scenario", "remedies").sum("change"), proposed);
    let main = project.mart("window_summary").only("window_id", "main");
    for name in ["invoice_revenue", "gross_margin", "cost_to_serve", "net_profit", "result"] {
        assert_eq!(simulation["figures"][name]["before"], main.one(name), "{name}");
    }
    assert!(simulation["levers"].as_array().unwrap().iter().all(|lever| lever["customers"].as_u64() > Some(0)));
}

#[test]
fn a_scenario_that_is_wrong_is_shown_at_its_line() {
    let wrong = "[[lever]]\nkind = \"price\"\nchange = 5\n\n[[lever]]\nkind = \"cogs\"\nchange = 0.1\nvolume = 0.1\ntier = \"Smal\"\n";
    let project = company();
    let outcome = simulate(&project, wrong, "table");
    assert_eq!((outcome.code(), outcome.stdout()), (2, String::new()));
    insta::assert_snapshot!(outcome.message(), @r#"
    × a change must be between -1 and 1
       ╭─[PROJECT/scenario.toml:3:10]
     2 │ kind = "price"
     3 │ change = 5
       ·          ─
     4 │
       ╰────
      help: write 0.05 for five percent more, -0.05 for five percent less

      × `volume` can only be used with a price, not with cogs
       ╭─[PROJECT/scenario.toml:8:10]
     7 │ change = 0.1
     8 │ volume = 0.1
       ·          ───
     9 │ tier = "Smal"
       ╰────
      help: a lever of kind "volume" uses `change`

      × there is no tier `Smal`
       ╭─[PROJECT/scenario.toml:9:8]
     8 │ volume = 0.1
     9 │ tier = "Smal"
       ·        ──────
       ╰────
      help: did you mean `Small`? tiers are Top, Large, Medium, Small, Inactive
    "#);
}

#[test]
fn a_customer_that_is_not_there_and_a_word_that_is_not_known_are_shown_at_their_line() {
    let project = company();
    let lever = |rest: &str| simulate(&project, &format!("[[lever]]\nchange = 0.1\n{rest}\n"), "table");
    let outcome = lever("kind = \"volume\"\ncustomer = \"Baker\"");
    assert_eq!(outcome.code(), 2);
    insta::assert_snapshot!(outcome.message(), @r#"
    × there is no customer `Baker` in the window
       ╭─[PROJECT/scenario.toml:4:12]
     3 │ kind = "volume"
     4 │ customer = "Baker"
       ·            ───────
       ╰────
      help: the table `dim_customer` lists every customer
    "#);
    let outcome = lever("kind = \"prise\"");
    assert_eq!(outcome.code(), 2);
    insta::assert_snapshot!(outcome.message(), @r#"
    × unknown variant `prise`, expected one of `price`, `volume`, `cogs`, `cost_to_serve`
       ╭─[PROJECT/scenario.toml:3:8]
     2 │ change = 0.1
     3 │ kind = "prise"
       ·        ───────
       ╰────
      help: did you mean `price`?
    "#);
}

/// Three customers that lose money, worked out by hand in the fixture.
fn losing() -> Project {
    let project = Project::copy_of(&repository("tests/fixtures/remedies"));
    project.run().ok();
    project
}

#[test]
fn several_scenarios_stand_side_by_side_against_doing_nothing() {
    let project =
        losing().file("cheaper.toml", "name = \"Cheaper goods\"\n[[lever]]\nkind = \"cogs\"\nchange = -0.01\n");
    let files =
        ["scenarios/proposed.toml", "cheaper.toml"].map(|file| project.folder().join(file).display().to_string());
    let compared = |format: &str| project.netto(&["simulate", "--format", format, &files[0], &files[1]]).ok().stdout();
    insta::assert_snapshot!(compared("table"), @r#"
    2 scenarios against doing nothing · 2024-05..2025-04

                         Doing nothing   As proposed   Cheaper goods
    ─────────────────────────────────────────────────────────────────
     invoice revenue        6,640.0000    6,586.9171      6,640.0000
     rebates given              0.0000        0.0000          0.0000
     payment terms              0.0000        0.0000          0.0000
     freight charged            0.0000        0.0000          0.0000
     freight cost             110.0000      110.0000        110.0000
     cogs                   4,816.0000    4,676.0003      4,767.8400
     rebates received           0.0000        0.0000          0.0000
     gross margin           1,714.0000    1,800.9168      1,762.1600
     cost to serve            720.0000      670.0667        720.0000
     net profit               994.0000    1,130.8501      1,042.1600
     idle amount                0.0000        0.0000          0.0000
     unassigned amount          0.0000        0.0000          0.0000
     result                   994.0000    1,130.8501      1,042.1600
     change of result                       136.8501         48.1600
     capacity freed                         210.6499          0.0000

    Remedies are expected values: the gain if customers stay, less the loss from those that leave.
    Freed capacity doesn't save cost by itself; a negative number is capacity that is needed and must be available. Idle and unassigned cost doesn't change.
    "#);
    let json: Value = serde_json::from_str(&compared("json")).unwrap();
    assert_eq!(json["doing_nothing"]["result"], "994.0000");
    let results: Vec<_> =
        json["scenarios"].as_array().unwrap().iter().map(|one| &one["figures"]["result"]["after"]).collect();
    assert_eq!(results, ["1130.8501", "1042.1600"]);
    assert_eq!(json["scenarios"][0]["remedies"][0]["customers"], 3);
}

#[test]
fn a_scenario_shows_what_its_remedies_bring_and_what_is_only_freed() {
    let scenario = "[[remedy]]\nremedy = \"farewell\"\n[[remedy]]\nremedy = \"order_charge\"\ncustomer = \"A\"\n[[remedy]]\nremedy = \"proposed\"\n";
    let outcome = simulate(&losing(), scenario, "table").ok();
    insta::assert_snapshot!(outcome.stdout(), @r#"
    Simulation · 2024-05..2025-04

                             Before        After      Change
    ─────────────────────────────────────────────────────────
     invoice revenue     6,640.0000   6,586.9171    -53.0829
     rebates given           0.0000       0.0000      0.0000
     payment terms           0.0000       0.0000      0.0000
     freight charged         0.0000       0.0000      0.0000
     freight cost          110.0000     110.0000      0.0000
     cogs                4,816.0000   4,676.0003   -139.9997
     rebates received        0.0000       0.0000      0.0000
     gross margin        1,714.0000   1,800.9168     86.9168
     cost to serve         720.0000     670.0667    -49.9333
     net profit            994.0000   1,130.8501    136.8501
     idle amount             0.0000       0.0000      0.0000
     unassigned amount       0.0000       0.0000      0.0000
     result                994.0000   1,130.8501    136.8501

     Remedy         For             Customers   Volume lost   Cost saved   Expected change of result
    ─────────────────────────────────────────────────────────────────────────────────────────────────
     farewell       all customers           1       40.0000      39.0000                     35.0000
     order charge   customer A              1       69.9996       4.7833                     56.7001
     proposed       all customers           1       60.0000       6.1500                     45.1500

    Remedies are expected values: the gain if customers stay, less the loss from those that leave.
    Less volume and work free capacity of 210.6499, but don't save it.
    Idle and unassigned cost doesn't change.
    "#);
}

#[test]
fn a_remedy_that_is_not_known_or_not_of_the_window_is_shown_at_its_line() {
    let project = losing();
    let outcome = simulate(&project, "[[remedy]]\nremedy = \"order_charg\"\n", "table");
    assert_eq!(outcome.code(), 2);
    insta::assert_snapshot!(outcome.message(), @r#"
    × there is no remedy `order_charg`
       ╭─[PROJECT/scenario.toml:2:10]
     1 │ [[remedy]]
     2 │ remedy = "order_charg"
       ·          ─────────────
       ╰────
      help: did you mean `order_charge`? remedies are minimum_annual_revenue, discount_change, price_change,
            minimum_order_size, order_charge, channel_shift, visit_frequency, farewell, proposed
    "#);
    let file = project.folder().join("scenario.toml");
    fs::write(&file, "[[remedy]]\nremedy = \"proposed\"\n").unwrap();
    let outcome = project.netto(&["simulate", "--window", "2025", file.to_str().unwrap()]);
    assert_eq!(outcome.code(), 2);
    insta::assert_snapshot!(outcome.message(), @r#"
    × remedies are only available for the main window
       ╭─[PROJECT/scenario.toml:1:1]
     1 │ [[remedy]]
       · ──────────
     2 │ remedy = "proposed"
       ╰────
      help: leave out `--window` or the remedies
    "#);
}

#[test]
fn a_scenario_of_the_project_that_is_wrong_stops_the_run_at_its_line() {
    let project = losing().file("scenarios/wrong.toml", "[[lever]]\nkind = \"price\"\nchange = 5\n");
    let outcome = project.run();
    assert_eq!(outcome.code(), 2);
    insta::assert_snapshot!(outcome.message(), @r#"
    × a change must be between -1 and 1
       ╭─[PROJECT/scenarios/wrong.toml:3:10]
     2 │ kind = "price"
     3 │ change = 5
       ·          ─
       ╰────
      help: write 0.05 for five percent more, -0.05 for five percent less
    "#);
    assert_eq!(project.netto(&["check"]).code(), 2);
}

#[test]
fn without_scenarios_the_table_is_empty_and_others_are_found_where_the_project_says() {
    let project = company();
    assert_eq!(project.mart("scenario_result").column("figure"), Vec::<&str>::new());
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let project = project
        .file("netto.toml", format!("{config}[scenarios]\nfiles = \"what_if/*.toml\"\n"))
        .file("what_if/volume.toml", "[[lever]]\nkind = \"volume\"\nchange = 0.05\n");
    project.run().ok();
    let result = project.mart("scenario_result").only("figure", "result");
    assert_eq!(
        (result.one("scenario"), result.one("label"), result.one("after")),
        ("volume", "volume", "1200000.0000")
    );
}

#[test]
fn a_folder_alone_is_no_scenario() {
    let project = company();
    let outcome = project.netto(&["simulate"]);
    assert_eq!(outcome.code(), 2);
    assert!(outcome.message().starts_with("× there is no scenario to simulate"), "{}", outcome.message());
}

#[test]
fn a_scenario_says_which_minutes_it_demands_of_each_pool_and_where_they_are_too_many() {
    // Two orders of 350 minutes and two visits of 100 are 900 of 1,000 minutes; a fifth more orders are 840, and 40 too many with the visits.
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount\n\
        1,1,2025-03-05,A,p,1,5000,3000\n2,1,2025-03-06,B,p,1,5000,3000\n";
    let events = "activity_id,occurred_at,kind,customer_id,employee_id,minutes\nv1,2025-03-05,visit,A,M1,100\nv2,2025-03-05,visit,B,M1,100\n";
    let config = "[source.order_lines]\nfiles = \"order_lines.csv\"\n[source.cost_pools]\nfiles = \"cost_pools.csv\"\n\
        [source.activities]\nfiles = \"activities.csv\"\n[pool.desk]\npractical_minutes = 1000\n[pool.rent]\n\
        [activity.entry]\npool = \"desk\"\nmethod = \"time\"\nsource = \"orders\"\nminutes = \"350\"\n\
        [activity.visits]\npool = \"desk\"\nmethod = \"time\"\nsource = \"activities\"\nminutes = \"minutes\"\nwhere = \"kind = 'visit'\"\n";
    let project = Project::new(config)
        .file("order_lines.csv", lines)
        .file("activities.csv", events)
        .file("cost_pools.csv", "pool,period,amount\ndesk,2025-03,500\nrent,2025-03,100\n");
    project.run().ok();
    let capacity = |scenario: &str| {
        let outcome = simulate(&project, scenario, "json").ok();
        let found: Value = serde_json::from_str(&outcome.stdout()).unwrap();
        let pools = found["capacity"].as_array().unwrap().clone();
        assert_eq!(pools.len(), 1, "the rent has no capacity");
        ["practical_minutes", "used_minutes", "demanded_minutes", "idle_minutes", "over_capacity_minutes"]
            .map(|name| units(pools[0][name].as_str().unwrap()) / 10_000)
    };
    assert_eq!(capacity("[[lever]]\nkind = \"volume\"\nchange = 0.2\n"), [1_000, 900, 1_040, 0, 40]);
    assert_eq!(
        capacity("[[lever]]\nkind = \"price\"\nchange = 0.1\nvolume = -0.5\ncustomer = \"A\"\n"),
        [1_000, 900, 725, 275, 0]
    );
    assert_eq!(capacity("[[lever]]\nkind = \"cost_to_serve\"\nchange = -0.1\n"), [1_000, 900, 900, 100, 0]);
    let said = simulate(&project, "[[lever]]\nkind = \"volume\"\nchange = 0.2\n", "table").ok().stdout();
    assert!(said.contains("1,040 (104.0 %, too much)"), "{said}");
}
