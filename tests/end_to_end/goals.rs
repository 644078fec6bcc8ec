//! Goals, bonuses, actions: what isn't there is said, and faults of the configuration stand at their line. `netto check` says
//! which questions the data leave open.

use crate::harness::{Project, repository};

const LINES: &str = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n1,1,2025-03-05,A,p,1,10\n";
const SOURCE: &str = "[source.order_lines]\nfiles = \"order_lines.csv\"\n";

fn with_goals(goals: &str, config: &str) -> Project {
    Project::new(&format!("{SOURCE}[source.goals]\nfiles = \"goals.csv\"\n{config}"))
        .file("order_lines.csv", LINES)
        .file("goals.csv", format!("goal_id,kind,target,scope,period\n{goals}"))
}

#[test]
fn without_goals_and_actions_their_tables_are_empty() {
    let project = Project::new(SOURCE).file("order_lines.csv", LINES);
    project.run().ok();
    for table in ["goal_progress", "bonus", "action_effect"] {
        let key = if table == "action_effect" { "customer_id" } else { "goal_id" };
        assert_eq!(project.mart(table).column(key), Vec::<&str>::new(), "{table}");
    }
}

#[test]
fn a_goal_whose_source_is_missing_says_which_and_is_never_zero() {
    let goals = "G1,identify_suspects,5,,2025\nG2,develop_prospects_to_tier,5,,2025\nG3,cost_to_serve,0.1,,2025\n\
        G4,electronic_share,0.5,,2025\nG5,custom,1,,2025\nG6,retain_custmers,1,,2025\nG7,custom,1,,2025\nG8,net_profit,20,,2025-03\n";
    let config = "[goal.G7]\nsql = \"select count(*) from stock_turnover\"\n";
    let project = with_goals(goals, config);
    project.run().ok();
    let table = project.mart("goal_progress");
    assert_eq!(table.column("goal_status"), ["not measurable"; 8]);
    assert_eq!(table.column("actual"), [""; 8]);
    assert_eq!(
        table.column("reason"),
        [
            "prospects were not supplied",
            "prospects were not supplied",
            "no cost-to-serve was booked in 2025-01..2025-03",
            "no order has a channel",
            "the configuration has no [goal.G5] with `sql`",
            "`retain_custmers` is not a kind of goal: did you mean `retain_customers`? kinds are identify_suspects, \
             develop_prospects_to_tier, retain_customers, upgrade_customers, net_profit, cost_to_serve, electronic_share, custom",
            "the table `stock_turnover` has no rows in this run",
            "no cost of goods was supplied in 2025-03..2025-03",
        ]
    );
}

#[test]
fn a_query_with_a_fault_is_refused_at_its_line() {
    let project =
        with_goals("G1,custom,1,,2025\n", "[goal.G1]\nsql = \"select sum(net_proft) from customer_window\"\n");
    let outcome = project.run();
    assert_eq!(outcome.code(), 2);
    let message = outcome.message();
    assert!(message.contains("netto.toml:8:7") && message.contains("net_proft"), "{message}");
    let project =
        with_goals("G1,custom,1,,2025\n", "[goal.G1]\nsql = \"select count(*) from read_csv('/etc/passwd')\"\n");
    let message = project.run().message();
    assert!(message.contains("is not allowed in a query"), "{message}");
}

#[test]
fn a_bonus_that_nobody_can_earn_is_told() {
    let config = "[goal.G9]\nsql = \"select count(*) from pyramid\"\n[[bonus]]\nname = \"B\"\ngoal = \"G2\"\nrole = \"field\"\nper_unit = 1\n";
    let project = with_goals("G1,net_profit,1,,2025\n", config);
    let outcome = project.run().ok();
    let warnings = outcome.stderr();
    for expected in ["bonus `B`: there is no goal `G2`", "[goal.G9]: there is no goal `G9` of kind `custom`"] {
        assert!(warnings.contains(expected), "{warnings}");
    }
}

#[test]
fn check_shows_the_open_questions_and_what_is_missing() {
    let project = Project::copy_of(&repository("tests/fixtures/readiness"));
    let shown = project.netto(&["check"]).ok().stdout();
    let part = shown.split("Gaps in the supplied data:").nth(1).unwrap();
    insta::assert_snapshot!(part.lines().take(24).collect::<Vec<_>>().join("\n"), @r"

     Source        Gap
    ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────
     activities    1 of 3 rows refer to an id that is in no source (customers: Y; employees: M8)
     activities    no values in occurred_time, prospect_id, order_id, outcome, product_id
     cost_pools    no values in practical_minutes
     customers     1 of 3 rows refer to an id that is in no source (employees: M7)
     customers     no values in parent_id, market, region, country, inside_rep, since, potential, maintained_products,
                   price_list
     employees     no values in role, pair_id, wage, car, representation, bonus, minutes_per_month
     order_lines   2 of 4 rows refer to an id that is in no source (customers: X; employees: M9)
     order_lines   no values in list_amount, discount_amount, cogs_amount, ship_to_id, warehouse, promised_date,
                   delivered_date, delivery, freight_charged, currency
     stock         1 of 2 rows refer to an id that is in no source (customers: W)

    Questions that the data answer partly or not at all:
          Question                           Answered   Missing                            Consequence
    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
     6    Why did a customer's profit        no         order_lines.cogs_amount            margin equals revenue, so the
          change against the year before?                                                  profit isn't known
     7    Where is the list price lost on    no         order_lines.list_amount            without list amounts no discount
          the way to pocket revenue?                                                       is known
     12   How much do customers buy          no         customers.potential or             neither potential nor product
          elsewhere, and what could they                products.product_group             groups are known
    ");
}
