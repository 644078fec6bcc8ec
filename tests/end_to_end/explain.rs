//! The proof of figures: on paper, and as a script that DuckDB runs.

use std::fs;
use std::process::Command;

use crate::duckdb::{python, said, value_of};
use crate::harness::{Outcome, Project, repository};

/// Runs a printed script, for the customer that it asks for or for everyone: whether nothing differs, and what was said.
fn run_script(project: &Project, script: &str, everyone: bool) -> (bool, String) {
    let file = project.folder().join("proof.sql");
    fs::write(&file, script).unwrap();
    let mut command = Command::new(python());
    // From another folder: the script names its files in full.
    command.current_dir("/").arg(repository("tests/duckdb/proof.py")).arg(file);
    let output = if everyone { command.arg("--everyone").output() } else { command.output() };
    let output = output.unwrap();
    (output.status.success(), said(&output))
}

fn script(project: &Project, customer: &str, window: &str) -> String {
    project.netto(&["explain", "customer", customer, "--sql", "--window", window]).ok().stdout()
}

/// What the script says of everyone, and how many rows it must have: fifteen steps each, and every row of the ledger.
fn everyone(
    project: &Project,
    customer: &str,
    window: &str,
    months: std::ops::RangeInclusive<&str>,
) -> (String, String) {
    let (agreed, said) = run_script(project, &script(project, customer, window), true);
    assert!(agreed, "{said}");
    let within = |table: &str| {
        let mart = project.mart(table);
        let rows = mart.column("period").into_iter().zip(mart.column("customer_id"));
        let rows = rows.filter(|(period, _)| months.contains(&&period[..7])).map(|(_, customer)| customer.to_owned());
        rows.collect::<Vec<String>>()
    };
    let mut customers = within("fct_customer_month");
    customers.sort_unstable();
    customers.dedup();
    let rows = customers.len() * 15 + within("fct_customer_activity_month").len();
    (said.trim().to_owned(), format!("{rows} rows of {} customers, 0 differ", customers.len()))
}

/// Changes a published table where a condition holds.
fn tamper(project: &Project, table: &str, change: &str) {
    let file = project.folder().join(format!("out/current/parquet/{table}.parquet"));
    let changed = file.with_extension("changed");
    let (from, to) = (file.display(), changed.display());
    value_of(&format!("copy (select * replace ({change}) from '{from}') to '{to}' (format parquet); select 1"));
    fs::rename(&changed, &file).unwrap();
}

#[test]
fn duckdb_comes_to_the_figures_of_every_customer_of_the_wholesaler() {
    let project = Project::copy_of(&repository("data/wholesaler"));
    project.run().ok();
    for (window, months) in [("main", "2024-07"..="2025-06"), ("2022", "2022-01"..="2022-12")] {
        let (said, expected) = everyone(&project, "001012", window, months);
        assert_eq!(said, expected);
    }
    for customer in ["001012", "001756", "004731"] {
        let (agreed, said) = run_script(&project, &script(&project, customer, "main"), false);
        assert!(agreed, "{said}");
        let json = project.netto(&["explain", "customer", customer, "--format", "json"]).ok().stdout();
        for step in ["invoice_revenue", "cost_to_serve", "net_before_compensation"] {
            let start = said.find(&format!("{step} = ")).unwrap();
            let amount = said[start..].lines().next().unwrap().split_once(" = ").unwrap().1;
            assert!(json.contains(&format!("\"{step}\": \"{amount}\"")), "{step} {amount}\n{json}");
        }
    }
    // One customer picks a minute less than was published: the whole pool's parts move.
    tamper(
        &project,
        "fct_customer_activity_month",
        "case when customer_id = '001012' and activity = 'order_picking' and period = date '2025-05-01' \
         then cast(quantity - 1 as decimal(18, 4)) else quantity end as quantity",
    );
    let (agreed, said) = run_script(&project, &script(&project, "001012", "main"), false);
    assert!(!agreed && said.contains("customer 001012, order_picking 2025-05: recomputed"), "{said}");
    let (agreed, _) = run_script(&project, &script(&project, "001756", "previous"), true);
    assert!(agreed, "a month outside of the window is not read");
}

/// Every way in which cost can go: support pools in a circle, warehouses, mixed pools, fixed shares, charged idle capacity.
fn every_method() -> Project {
    let config = r#"
[source.order_lines]
files = "order_lines.csv"
[source.customers]
files = "customers.csv"
[source.cost_pools]
files = "cost_pools.csv"

[pool.housing]
passes_to = { storage = 0.6, office = 0.3 }
[pool.office]
passes_to = { housing = 0.1, sales = 0.4 }
[pool.storage]
by = "warehouse"
fixed_share = 0.7
[pool.sales]
idle = "charge"
practical_minutes = 900
[pool.marketing]
[pool.transport]

[activity.space]
pool = "housing"
method = "driver"
quantity = "quantity"
[activity.paper]
pool = "office"
method = "driver"
quantity = "1"
[activity.picking]
pool = "storage"
method = "time"
where = "order_kind = 'sale'"
minutes = "3 + 1.5*lines"
[activity.putting_back]
pool = "storage"
method = "time"
where = "order_kind = 'return'"
minutes = "11"
[activity.packing]
pool = "storage"
method = "driver"
share = 0.2
quantity = "lines"
[activity.calls]
pool = "sales"
method = "time"
compensation = true
minutes = "7*lines"
[activity.stands]
pool = "marketing"
method = "direct"
[activity.campaigns]
pool = "marketing"
method = "share"
share = 0.6
by = "market"
shares = { builders = 0.55, makers = 0.25 }
quantity = "net_amount"
[activity.leaflets]
pool = "marketing"
method = "share"
share = 0.4
by = "tier"
shares = { Top = 0.333333, Small = 0.666667 }
[activity.vans]
pool = "transport"
method = "driver"
quantity = "quantity"
step = "freight_cost"
"#;
    let mut lines = String::from(
        "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,list_amount,cogs_amount,warehouse,order_kind\n",
    );
    for order in 0_i32..60 {
        let (month, customer) =
            (1 + order % 2, ["A", "B", "C", "D", "E'F", "Æ", "a"][usize::try_from(order * 3 % 7).unwrap()]);
        let (kind, sign) = if order % 9 == 4 { ("return", -1) } else { ("sale", 1) };
        for line in 1..=1 + order % 3 {
            let amount = sign * (order * 17 % 23 + line) * 10;
            let place = if order % 4 == 0 { "south" } else { "north" };
            lines += &format!(
                "{order},{line},2025-0{month}-1{},{customer},p{line},{},{amount},{},{},{place},{kind}\n",
                order % 10,
                sign * (1 + order * 5 % 4),
                amount + sign * line,
                amount / 2
            );
        }
    }
    let mut pools = String::from("pool,period,gl_account,customer_id,warehouse,amount,practical_minutes\n");
    for month in ["2025-01", "2025-02"] {
        pools += &format!(
            "housing,{month},4200,,,1000.01,\noffice,{month},4300,,,777.77,\nstorage,{month},4210,,north,500.03,190\n\
             storage,{month},4211,,south,300.0001,60\nsales,{month},4000,,,1234.5678,\n\
             marketing,{month},4400,,,333.3333,\nmarketing,{month},4400,B,,50.05,\nmarketing,{month},4401,E'F,,-7.5,\n\
             transport,{month},4500,,,601.0007,\n"
        );
    }
    let customers = "customer_id,name,market\nA,Alfa,builders\nB,Beta,makers\nC,Gamma,builders\nD,Delta,shops\n\
        E'F,\"O'Neill, sons\",makers\nÆ,Ærø,builders\na,alfa,\n";
    Project::new(config).file("order_lines.csv", lines).file("customers.csv", customers).file("cost_pools.csv", pools)
}

#[test]
fn duckdb_comes_to_the_figures_of_every_method() {
    let project = every_method();
    project.run().ok();
    for window in ["main", "2025"] {
        let (said, expected) = everyone(&project, "E'F", window, "2025-01"..="2025-12");
        assert_eq!(said, expected);
    }
    // What netto assigned is compared, not believed.
    tamper(
        &project,
        "fct_customer_activity_month",
        "case when activity = 'campaigns' and customer_id = 'A' then cast(amount + 0.0001 as decimal(18, 4)) else amount end as amount",
    );
    let (agreed, said) = run_script(&project, &script(&project, "A", "main"), true);
    assert!(!agreed && said.contains("2 differ"), "{said}");
    // A rule of the configuration that was not yet run shows as a difference, too.
    let changed =
        fs::read_to_string(project.folder().join("netto.toml")).unwrap().replace("share = 0.2", "share = 0.3");
    fs::write(project.folder().join("netto.toml"), changed).unwrap();
    let (agreed, said) = run_script(&project, &script(&project, "B", "main"), false);
    assert!(!agreed && said.contains("customer B, packing 2025-01 north: recomputed"), "{said}");
}

#[test]
fn a_month_reads_as_a_calculation() {
    let project = every_method();
    project.run().ok();
    let told = project.netto(&["explain", "customer", "B", "--months"]).ok().stdout();
    let of_january: Vec<&str> = told
        .lines()
        .skip_while(|line| !line.starts_with("2025-01"))
        .take_while(|line| !line.starts_with("2025-02"))
        .collect();
    insta::assert_snapshot!(of_january.join("\n"), @r#"
    2025-01 · housing
        own amount, from the general ledger          1,000.0100
      + received from office                           111.1107
      − passed on to office                            333.3362
      − passed on to storage                           666.6724
      = amount of the pool                             111.1121
      → space takes                                    111.1121
      ÷ used by all customers                           88.0000
      = rate                                             1.26263750
      × 11 used                                         13.8890      exactly 13.88901250

    2025-01 · marketing
        own amount, from the general ledger            375.8833
      − bookings that name a customer                   42.5500
      = amount of the pool                             333.3333
      → campaigns (makers) takes                        50.0000      15.0 % of the pool
      ÷ used by all customers                        1,270.0000
      = rate                                             0.03937008
      × 350 used                                        13.7795      exactly 13.77952756
      → leaflets (Small) takes                          88.8889      26.7 % of the pool
      ÷ used by all customers                            5.0000
      = rate                                            17.77778000
      × 1 used                                          17.7778      exactly 17.77778000
      → stands: booked                                  50.0500      1 booking by name

    2025-01 · office
        own amount, from the general ledger            777.7700
      + received from housing                          333.3362
      − passed on to housing                           111.1107
      − passed on to sales                             444.4425
      = amount of the pool                             555.5530
      → paper takes                                    555.5530
      ÷ used by all customers                           30.0000
      = rate                                            18.51843333
      × 4 used                                          74.0738      exactly 74.07373333

    2025-01 · sales
        own amount, from the general ledger          1,234.5678
      + received from office                           444.4425
      = amount of the pool                           1,679.0103
      = spread over the minutes used                 1,679.0103
      ÷ minutes used by all customers                  420.0000
      = rate of a minute                                 3.99764357
      × 49 minutes of calls                            195.8845      exactly 195.88453500

    2025-01 · storage (north)
        own amount, from the general ledger            500.0300
      + received from support pools                    416.6796
      = amount of the pool                             916.7096
      → packing (north) takes                          183.3419      20.0 % of the pool
      ÷ used by all customers                           30.0000
      = rate                                             6.11139667
      × 4 used                                          24.4456      exactly 24.44558667
      − taken by the pool's other activities           183.3419
      − idle capacity                                  243.1693      90 ÷ 190 minutes × 70 %
      = spread over the minutes used                   490.1984
      ÷ minutes used by all customers                  100.0000
      = rate of a minute                                 4.90198400
      × 12 minutes of picking                           58.8238      exactly 58.82380800

    2025-01 · storage (south)
        own amount, from the general ledger            300.0001
      + received from support pools                    249.9928
      = amount of the pool                             549.9929
      → packing (south) takes                          109.9986      20.0 % of the pool
      ÷ used by all customers                           30.0000
      = rate                                             3.66662000
      × 3 used                                          10.9999      exactly 10.99986000
      − taken by the pool's other activities           109.9986
      = spread over the minutes used                   439.9943
      ÷ minutes used by all customers                  100.0000      40 above practical capacity
      = rate of a minute                                 4.39994300
      × 4.5 minutes of picking                          19.7997      exactly 19.79974350
      × 11 minutes of putting_back                      48.3994      exactly 48.39937300

    2025-01 · transport
        own amount, from the general ledger            601.0007
      → vans takes                                     601.0007
      ÷ used by all customers                           88.0000
      = rate                                             6.82955341
      × 11 used                                         75.1251      exactly 75.12508750
    "#);
}

#[test]
fn a_window_reads_as_the_sum_of_its_months() {
    let project = every_method();
    project.run().ok();
    let summed = project.netto(&["explain", "customer", "B"]).ok().stdout();
    let storage: Vec<&str> = summed
        .lines()
        .skip_while(|line| !line.contains("storage (north)"))
        .take_while(|line| !line.is_empty())
        .collect();
    insta::assert_snapshot!(storage.join("\n"), @r#"
    2 months · storage (north)
        own amount, from the general ledger          1,000.0600
      + received from support pools                    833.3592
      = amount of the pool                           1,833.4192
      → packing (north) takes                          366.6838      20.0 % of the pool
        of which this customer                          51.9469      13 of 90
      − taken by the pool's other activities           366.6838
      − idle capacity                                  243.1693      90 ÷ 380 minutes × 70 %
      = spread over the minutes used                 1,223.5661
      ÷ minutes used by all customers                  295.0000      5 above practical capacity
      → picking                                        154.7257      37.5 minutes
    "#);
}

#[test]
fn a_pool_shows_where_its_cost_comes_from_and_where_it_goes() {
    let project = every_method();
    project.run().ok();
    insta::assert_snapshot!(project.netto(&["explain", "pool", "storage"]).ok().stdout(), @r#"
    Pool storage · 2024-03..2025-02

     Month            Own   + Received   − Assigned     − Idle   − Unassigned   = Rest
    ───────────────────────────────────────────────────────────────────────────────────
     2025-01     800.0301     666.6724   1,223.5332   243.1693         0.0000   0.0000
     2025-02     800.0301     666.6724     916.7096   307.9960       241.9969   0.0000
     north     1,000.0600     833.3592   1,590.2499   243.1693         0.0000   0.0000
     south       600.0002     499.9856     549.9929   307.9960       241.9969   0.0000
     total     1,600.0602   1,333.3448   2,140.2428   551.1653       241.9969   0.0000

         From and to                 Amount
    ────────────────────────────────────────
     +   account 4210            1,000.0600
     +   account 4211              600.0002
     +   received from housing   1,333.3448
     −   packing (north)           366.6838
     −   packing (south)           109.9986
     −   picking (north)           991.6140
     −   picking (south)           343.1955
     −   putting_back (north)      231.9521
     −   putting_back (south)       96.7988
     −   idle capacity             551.1653
     −   unassigned                241.9969
     =   rest                        0.0000

    Capacity: 395 of 500 practical minutes used (79.0 %)
              150 minutes idle; 45 above capacity, in months that are overdriven

     Activity               Method   Quantity   Average rate   Assigned   Unassigned
    ─────────────────────────────────────────────────────────────────────────────────
     packing (north)        driver    90.0000     4.07426444   366.6838       0.0000
     packing (south)        driver    30.0000     3.66662000   109.9986     109.9986
     picking (north)        time     240.0000     4.13172500   991.6140       0.0000
     picking (south)        time      78.0000     4.39994231   343.1955       0.0000
     putting_back (north)   time      55.0000     4.21731091   231.9521       0.0000
     putting_back (south)   time      22.0000     4.39994545    96.7988       0.0000

    The customers that take most of it, of 7
         Customer   Name              Amount    Share
    ──────────────────────────────────────────────────
     1   a          alfa            333.1554   15.6 %
     2   D          Delta           323.3953   15.1 %
     3   A          Alfa            317.9787   14.9 %
     4   C          Gamma           316.1200   14.8 %
     5   Æ          Ærø             292.9403   13.7 %
     6   B          Beta            285.8716   13.4 %
     7   E'F        O'Neill, sons   270.7815   12.7 %
    "#);
    insta::assert_snapshot!(project.netto(&["explain", "pool", "office"]).ok().stdout(), @r#"
    Pool office · 2024-03..2025-02

     Month            Own   + Received   − Assigned   − Passed on   = Rest
    ───────────────────────────────────────────────────────────────────────
     2025-01     777.7700     333.3362     555.5530      555.5532   0.0000
     2025-02     777.7700     333.3362     555.5530      555.5532   0.0000
     total     1,555.5400     666.6724   1,111.1060    1,111.1064   0.0000

         From and to                 Amount
    ────────────────────────────────────────
     +   account 4300            1,555.5400
     +   received from housing     666.6724
     −   passed on to housing      222.2214
     −   passed on to sales        888.8850
     −   paper                   1,111.1060
     =   rest                        0.0000

     Activity   Method   Quantity   Average rate     Assigned   Unassigned
    ───────────────────────────────────────────────────────────────────────
     paper      driver    60.0000    18.51843333   1,111.1060       0.0000

    The customers that take most of it, of 7
         Customer   Name              Amount    Share
    ──────────────────────────────────────────────────
     1   A          Alfa            166.6660   15.0 %
     2   C          Gamma           166.6659   15.0 %
     3   D          Delta           166.6659   15.0 %
     4   a          alfa            166.6659   15.0 %
     5   B          Beta            148.1475   13.3 %
     6   E'F        O'Neill, sons   148.1474   13.3 %
     7   Æ          Ærø             148.1474   13.3 %
    "#);
}

#[test]
fn what_is_not_known_is_answered_with_the_nearest() {
    let project = every_method();
    project.run().ok();
    let refused = |arguments: &[&str]| {
        let outcome: Outcome = project.netto(&[&["explain"], arguments].concat());
        assert_eq!(outcome.code(), 2, "{}", outcome.stderr());
        outcome.message()
    };
    let messages = [
        refused(&["pool", "storrage"]),
        refused(&["customer", "E'G"]),
        refused(&["order", "77"]),
        refused(&["pool", "storage", "--window", "2019"]),
    ];
    let told = messages.join("\n");
    insta::assert_snapshot!(told, @r"
    × pool `storrage` is not known; did you mean `storage`?
      help: `netto run` lists the pools in dim_pool
    × customer `E'G` is not known; did you mean `E'F`?
      help: `netto run` lists the customers in dim_customer
    × order `77` is not known; did you mean `17`?
      help: the last run lists the orders in fct_order
    × there is no window `2019`
      help: windows are main, previous, and the calendar years of the data
    ");
}

#[test]
fn an_order_is_shown_beside_its_customer_month() {
    let project = every_method();
    project.run().ok();
    insta::assert_snapshot!(project.netto(&["explain", "order", "13"]).ok().stdout(), @r#"
    Order 13 · 2025-02 · customer E'F · 2 lines

         Waterfall                 This order   Customer month     Share
    ─────────────────────────────────────────────────────────────────────
         list revenue               -313.0000         527.0000   -59.4 %
     −   invoice discount             -3.0000           7.0000   -42.9 %
     =   invoice revenue            -310.0000         520.0000   -59.6 %
     −   rebates given                 0.0000           0.0000
     −   payment terms                 0.0000           0.0000
     +   freight charged               0.0000           0.0000
     −   freight cost                -16.2433          56.8514   -28.6 %
     =   pocket revenue             -293.7567         463.1486   -63.4 %
     −   cogs                       -155.0000         260.0000   -59.6 %
     +   rebates received              0.0000           0.0000
     =   gross margin               -138.7567         203.1486   -68.3 %
     −   cost to serve               112.8252         466.8474    24.2 %
     =   net profit                 -251.5819        -263.6988    95.4 %
     +   sales compensation           55.9670         223.8680    25.0 %
     =   net before compensation    -195.6149         -39.8308   491.1 %

    It took 25 of 85 minutes of the customer month, which has 4 orders. Each activity's amount is
    split over them by what they used of its driver.
    "#);
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap() + "[facts]\norder = false\n";
    fs::write(project.folder().join("netto.toml"), config).unwrap();
    project.run().ok();
    let outcome = project.netto(&["explain", "order", "13"]);
    assert_eq!(outcome.code(), 2);
    insta::assert_snapshot!(outcome.message(), @r#"
    × the last run made no table of orders
      help: `fct_order` is made when `enabled` and `order` are true in [facts]; then `netto run` again
    "#);
}

#[test]
fn lines_fit_a_terminal_of_a_hundred_columns() {
    let project = Project::copy_of(&repository("data/wholesaler"));
    project.run().ok();
    for arguments in [&["customer", "001756"][..], &["customer", "001756", "--months"], &["pool", "warehouse"]] {
        let told = project.netto(&[&["explain"], arguments].concat()).ok().stdout();
        let long: Vec<&str> = told.lines().filter(|line| line.chars().count() > 100).collect();
        assert!(long.is_empty(), "{}", long.join("\n"));
    }
}
