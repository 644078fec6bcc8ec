//! What a controller can say of pools, through the binary: kept by warehouse, capacity from people, fixed shares, and a loop
//! between support pools that never ends.

use crate::harness::Project;

const SOURCES: &str =
    "[source.order_lines]\nfiles = \"order_lines.csv\"\n[source.cost_pools]\nfiles = \"cost_pools.csv\"\n";

#[test]
fn customers_pay_the_rate_of_the_warehouse_that_served_them() {
    let config = format!(
        "{SOURCES}[pool.picking]\nby = \"warehouse\"\n[activity.pick]\npool = \"picking\"\nmethod = \"time\"\nminutes = \"10*lines\"\n"
    );
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,warehouse\n\
        1,1,2025-03-05,A,p,1,100,north\n2,1,2025-03-06,A,p,1,100,south\n3,1,2025-03-07,B,p,1,100,south\n";
    let project = Project::new(&config).file("order_lines.csv", lines).file(
        "cost_pools.csv",
        "pool,period,warehouse,amount,practical_minutes\npicking,2025-03,north,100,20\npicking,2025-03,south,60,20\n",
    );
    project.run().ok();
    // North: 100 ÷ 20 minutes = 5.00; south: 60 ÷ 20 = 3.00. A used ten of each, B ten of south.
    let ledger = project.mart("fct_customer_activity_month");
    assert_eq!(ledger.column("customer_id"), ["A", "A", "B"]);
    assert_eq!(ledger.column("pool_part"), ["north", "south", "south"]);
    assert_eq!(ledger.column("amount"), ["50.0000", "30.0000", "30.0000"]);
    let pools = project.mart("pool_balance");
    assert_eq!(
        (pools.column("warehouse"), pools.column("idle_amount")),
        (vec!["north", "south"], vec!["50.0000", "0.0000"])
    );
    assert_eq!(project.mart("fct_warehouse_month").column("cost_to_serve"), ["50.0000", "60.0000"]);
}

#[test]
fn capacity_comes_from_the_people_and_over_capacity_minutes_are_flagged() {
    let config = format!(
        "{SOURCES}[source.employees]\nfiles = \"employees.csv\"\n[pool.desk]\nemployees = \"role = 'inside'\"\npractical_share = 0.8\n\
        [activity.entry]\npool = \"desk\"\nmethod = \"time\"\nminutes = \"60*lines\"\n"
    );
    let header = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n";
    let lines = format!("{header}1,1,2025-03-05,A,p,1,100\n2,1,2025-04-05,A,p,1,100\n2,2,2025-04-05,A,p,1,100\n");
    let project = Project::new(&config)
        .file("order_lines.csv", lines)
        .file("cost_pools.csv", "pool,period,amount\ndesk,2025-03,240\ndesk,2025-04,240\n")
        .file("employees.csv", "employee_id,role,minutes_per_month\nx,inside,60\ny,inside,40\nz,field,900\n");
    let said = project.run().ok().stderr();
    assert!(
        said.contains("pool `desk` is over capacity (more minutes used than its practical capacity) in 2025-04"),
        "{said}"
    );
    // 80 % of 100 minutes: March uses 60 of them, April needs 120.
    let pool = project.mart("pool_balance");
    assert_eq!(pool.column("practical_minutes"), ["80.0000", "80.0000"]);
    assert_eq!(pool.column("assigned_amount"), ["180.0000", "240.0000"]);
    assert_eq!(pool.column("idle_amount"), ["60.0000", "0.0000"]);
    assert_eq!(pool.column("over_capacity_minutes"), ["0.0000", "40.0000"]);
    assert_eq!(pool.column("utilization"), ["0.75", "1.5"]);
}

#[test]
fn fixed_shares_reach_the_tiers_they_are_for() {
    let config = format!(
        "{SOURCES}[segment]\ntiers = {{ top = 0.25, large = 0.25, medium = 0.25 }}\n[pool.marketing]\n\
        [activity.campaigns]\npool = \"marketing\"\nmethod = \"share\"\nby = \"tier\"\nshares = {{ Top = 0.5, Small = 0.3 }}\n"
    );
    let header = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n";
    let lines: String = [("A", 400), ("B", 300), ("C", 200), ("D", 100)]
        .map(|(who, net)| format!("{who},1,2025-03-05,{who},p,1,{net}\n"))
        .concat();
    let project = Project::new(&config)
        .file("order_lines.csv", format!("{header}{lines}"))
        .file("cost_pools.csv", "pool,period,amount\nmarketing,2025-03,1000\n");
    project.run().ok();
    let ledger = project.mart("fct_customer_activity_month");
    assert_eq!((ledger.column("customer_id"), ledger.column("amount")), (vec!["A", "D"], vec!["500.0000", "300.0000"]));
    assert_eq!(project.mart("pool_balance").one("unassigned_amount"), "200.0000");
}

#[test]
fn a_band_says_whether_the_sign_of_a_profit_is_certain() {
    let config = format!(
        "{SOURCES}[sensitivity]\nrange = 0.1\n[pool.orders]\n[activity.lines]\npool = \"orders\"\nmethod = \"driver\"\nquantity = \"quantity\"\n\
        [pool.desk]\npractical_minutes = 200\n[activity.talk]\npool = \"desk\"\nmethod = \"time\"\nminutes = \"1*quantity\"\nrange = 0.2\n"
    );
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount\n\
        1,1,2025-03-05,A,p,30,63,0\n2,1,2025-03-05,B,p,70,250,0\n";
    let project = Project::new(&config)
        .file("order_lines.csv", lines)
        .file("cost_pools.csv", "pool,period,amount\norders,2025-03,100\ndesk,2025-03,200\n");
    project.run().ok();
    // Lines, ± 10 %: A's 30 of 100 cost 27 ÷ (27 + 77) × 100 = 25.9615 to 33 ÷ (33 + 63) × 100 = 34.3750, B's 65.6250 to 74.0385.
    // Talk, ± 20 %: a minute costs 1.00, as capacity suffices whatever the others use: A's 24 to 36, B's 56 to 84.
    let bands = project.mart("sensitivity").only("window_id", "main");
    assert_eq!(bands.column("net_profit"), ["3.0000", "110.0000"]);
    assert_eq!(bands.column("net_profit_low"), ["-7.3750", "91.9615"]);
    assert_eq!(bands.column("net_profit_high"), ["13.0385", "128.3750"]);
    assert_eq!((bands.column("sign_certain"), bands.column("tier_certain")), (vec!["false", "true"], vec!["true"; 2]));
}

#[test]
fn a_loop_between_support_pools_that_never_ends_is_shown_at_its_line() {
    let config =
        format!("{SOURCES}[pool.it]\npasses_to = {{ housing = 1.0 }}\n[pool.housing]\npasses_to = {{ it = 1.0 }}\n");
    let project = Project::new(&config)
        .file(
            "order_lines.csv",
            "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n1,1,2025-03-05,A,p,1,1\n",
        )
        .file("cost_pools.csv", "pool,period,amount\nit,2025-03,1\n");
    let outcome = project.run();
    assert_eq!(outcome.code(), 2);
    let said = outcome.stderr();
    assert!(said.contains("support pools pass on cost to each other in an endless loop"), "{said}");
    assert!(said.contains("housing → it → housing"), "{said}");
    assert!(said.contains("netto.toml:"), "{said}");
}
