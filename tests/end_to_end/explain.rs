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
const EVERY_METHOD: &str = r#"
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
negative = "signed"
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
negative = "zero"
[activity.leaflets]
pool = "marketing"
method = "share"
share = 0.4
by = "tier"
shares = { Top = 0.35, Small = 0.35 }
[activity.vans]
pool = "transport"
method = "driver"
quantity = "quantity"
negative = "signed"
step = "freight_cost"
"#;

fn every_method() -> Project {
    let mut lines = String::from(
        "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,list_amount,cogs_amount,warehouse,order_kind\n",
    );
    // One customer only brings back: its quantities are below zero.
    let customers = ["A", "D", "a", "B", "E'F", "C", "Æ"];
    for (order, customer) in (0_i32..60).zip(customers.into_iter().cycle()) {
        let month = 1 + order % 2;
        let (kind, sign) = if order % 9 == 4 || customer == "a" { ("return", -1) } else { ("sale", 1) };
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
        E'F,\"O'Neill, sons\",makers\nÆ,Ærø,builders\na,alfa,makers\n";
    Project::new(EVERY_METHOD)
        .file("order_lines.csv", lines)
        .file("customers.csv", customers)
        .file("cost_pools.csv", pools)
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
    insta::assert_snapshot!(of_january.join("\n"), @r"
    2025-01 · housing
        own amount, from the general ledger          1,000.0100
      + received from office                           111.1107
      − passed on to office                            333.3362
      − passed on to storage                           666.6724
      = amount of the pool                             111.1121
      → space takes                                    111.1121
      ÷ used by all customers                           54.0000
      = rate                                             2.05763148
      × 18 used                                         37.0374      exactly 37.03736667

    2025-01 · marketing
        own amount, from the general ledger            375.8833
      − bookings that name a customer                   42.5500
      = amount of the pool                             333.3333
      → campaigns (makers) takes                        50.0000      15.0 % of the pool
      ÷ used by all customers                          890.0000
      = rate                                             0.05617978
      × 740 used                                        41.5730      exactly 41.57303371
      → leaflets (Small) takes                          46.6667      14.0 % of the pool
      ÷ used by all customers                            4.0000
      = rate                                            11.66667500
      × 1 used                                          11.6667      exactly 11.66667500
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
      = divided by the minutes used                  1,679.0103
      ÷ minutes used by all customers                  420.0000
      = rate per minute                                  3.99764357
      × 56 minutes of calls                            223.8680      exactly 223.86804000

    2025-01 · storage (north)
        own amount, from the general ledger            500.0300
      + received from support pools                    416.6796
      = amount of the pool                             916.7096
      → packing (north) takes                          183.3419      20.0 % of the pool
      ÷ used by all customers                           30.0000
      = rate                                             6.11139667
      × 5 used                                          30.5570      exactly 30.55698333
      − used by the pool's other activities            183.3419
      − idle capacity                                  216.1505      80 ÷ 190 minutes × 70 %
      = divided by the minutes used                    517.2172
      ÷ minutes used by all customers                  110.0000
      = rate per minute                                  4.70197455
      × 13.5 minutes of picking                         63.4767      exactly 63.47665636

    2025-01 · storage (south)
        own amount, from the general ledger            300.0001
      + received from support pools                    249.9928
      = amount of the pool                             549.9929
      → packing (south) takes                          109.9986      20.0 % of the pool
      ÷ used by all customers                           30.0000
      = rate                                             3.66662000
      × 3 used                                          10.9999      exactly 10.99986000
      − used by the pool's other activities            109.9986
      = divided by the minutes used                    439.9943
      ÷ minutes used by all customers                  108.5000      48.5 above practical capacity
      = rate per minute                                  4.05524700
      × 10.5 minutes of picking                         42.5801      exactly 42.58009355

    2025-01 · transport
        own amount, from the general ledger            601.0007
      → vans takes                                     601.0007
      ÷ used by all customers                           54.0000
      = rate                                            11.12964259
      × 18 used                                        200.3336      exactly 200.33356667
    ");
    let json = project.netto(&["explain", "customer", "B", "--format", "json"]).ok().stdout();
    for told in [r#""office": "444.4425""#, r#""exact": "223.86804000""#, r#""part": "makers""#] {
        assert!(json.contains(told), "{told}\n{json}");
    }
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
    insta::assert_snapshot!(storage.join("\n"), @r"
    2 months · storage (north)
        own amount, from the general ledger          1,000.0600
      + received from support pools                    833.3592
      = amount of the pool                           1,833.4192
      → packing (north) takes                          366.6838      20.0 % of the pool
        of which this customer                          61.1139      15 of 90
      − used by the pool's other activities            366.6838
      − idle capacity                                  216.1505      80 min, 2 months, see --months
      = divided by the minutes used                  1,250.5849
      ÷ minutes used by all customers                  326.5000      26.5 above practical capacity
      → picking                                        144.7738      37.5 min, 2 months, see --months
      → putting_back                                    37.2612      11 min, 2 months, see --months
    ");
}

#[test]
fn a_pool_shows_where_its_cost_comes_from_and_where_it_goes() {
    let project = every_method();
    project.run().ok();
    insta::assert_snapshot!(project.netto(&["explain", "pool", "storage"]).ok().stdout(), @r"
    Pool storage · 2024-03..2025-02

     Month            Own   + Received   − Assigned     − Idle   − Unassigned   = Rest
    ───────────────────────────────────────────────────────────────────────────────────
     2025-01     800.0301     666.6724   1,250.5520   216.1505         0.0000   0.0000
     2025-02     800.0301     666.6724     916.7096   307.9960       241.9969   0.0000
     north     1,000.0600     833.3592   1,617.2687   216.1505         0.0000   0.0000
     south       600.0002     499.9856     549.9929   307.9960       241.9969   0.0000
     total     1,600.0602   1,333.3448   2,167.2616   524.1465       241.9969   0.0000

         From and to                 Amount
    ────────────────────────────────────────
     +   account 4210            1,000.0600
     +   account 4211              600.0002
     +   received from housing   1,333.3448
     −   packing (north)           366.6838
     −   packing (south)           109.9986
     −   picking (north)           782.8697
     −   picking (south)           261.5635
     −   putting_back (north)      467.7152
     −   putting_back (south)      178.4308
     −   idle capacity             524.1465
     −   unassigned                241.9969
     =   rest                        0.0000

    Capacity: 435 of 500 practical minutes used (87.0 %)
              140 minutes idle; 75 above capacity, in months over capacity

     Activity               Method   Quantity   Average rate   Assigned   Unassigned
    ─────────────────────────────────────────────────────────────────────────────────
     packing (north)        driver    90.0000     4.07426444   366.6838       0.0000
     packing (south)        driver    30.0000     3.66662000   109.9986     109.9986
     picking (north)        time     205.5000     3.80958491   782.8697       0.0000
     picking (south)        time      64.5000     4.05524806   261.5635       0.0000
     putting_back (north)   time     121.0000     3.86541488   467.7152       0.0000
     putting_back (south)   time      44.0000     4.05524545   178.4308       0.0000

    The customers that use most of it, of 7
         Customer   Name              Amount    Share
    ──────────────────────────────────────────────────
     1   a          alfa            469.8166   21.7 %
     2   D          Delta           304.9146   14.1 %
     3   A          Alfa            298.5430   13.8 %
     4   B          Beta            296.7289   13.7 %
     5   E'F        O'Neill, sons   274.9396   12.7 %
     6   C          Gamma           268.6049   12.4 %
     7   Æ          Ærø             253.7140   11.7 %
    ");
    insta::assert_snapshot!(project.netto(&["explain", "pool", "office"]).ok().stdout(), @r"
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

    The customers that use most of it, of 7
         Customer   Name              Amount    Share
    ──────────────────────────────────────────────────
     1   A          Alfa            166.6660   15.0 %
     2   B          Beta            166.6660   15.0 %
     3   D          Delta           166.6659   15.0 %
     4   a          alfa            166.6659   15.0 %
     5   C          Gamma           148.1474   13.3 %
     6   E'F        O'Neill, sons   148.1474   13.3 %
     7   Æ          Ærø             148.1474   13.3 %
    ");
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
      help: the windows are main, previous, and the calendar years of the data
    ");
}

#[test]
fn an_order_is_shown_beside_its_customer_month() {
    let project = every_method();
    project.run().ok();
    insta::assert_snapshot!(project.netto(&["explain", "order", "13"]).ok().stdout(), @r"
    Order 13 · 2025-02 · customer Æ · 2 lines

         Waterfall                 This order   Customer month     Share
    ─────────────────────────────────────────────────────────────────────
         list revenue               -313.0000         527.0000   -59.4 %
     −   invoice discount             -3.0000           7.0000   -42.9 %
     =   invoice revenue            -310.0000         520.0000   -59.6 %
     −   rebates given                 0.0000           0.0000
     −   payment terms                 0.0000           0.0000
     +   freight charged               0.0000           0.0000
     −   freight cost                -23.1154          80.9039   -28.6 %
     =   pocket revenue             -286.8846         439.0961   -65.3 %
     −   cogs                       -155.0000         260.0000   -59.6 %
     +   rebates received              0.0000           0.0000
     =   gross margin               -131.8846         179.0961   -73.6 %
     −   cost to serve               116.5014         469.6767    24.8 %
     =   net profit                 -248.3860        -290.5806    85.5 %
     +   sales compensation           55.9670         223.8680    25.0 %
     =   net before compensation    -192.4190         -66.7126   288.4 %

    The order took 25 of 85 minutes of its customer's month, which has 3 orders. The amount of each activity is
    split over these orders by their use of its driver.
    ");
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap() + "[facts]\norder = false\n";
    fs::write(project.folder().join("netto.toml"), config).unwrap();
    project.run().ok();
    let outcome = project.netto(&["explain", "order", "13"]);
    assert_eq!(outcome.code(), 2);
    insta::assert_snapshot!(outcome.message(), @r"
    × the last run has no table of orders
      help: set `enabled` and `order` to true in [facts] to get `fct_order`, then run `netto run` again
    ");
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
