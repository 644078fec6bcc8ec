//! Facts finer than the ledger: each ties to the waterfall, to the ledger and to every other, to the last ten-thousandth.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use crate::harness::{Mart, Project, adventureworks, repository, units};

/// What every fact measures and adds up.
const MEASURES: [&str; 19] = [
    "lines",
    "quantity",
    "list_revenue",
    "invoice_discount",
    "invoice_revenue",
    "rebates_given",
    "payment_terms",
    "freight_charged",
    "freight_cost",
    "pocket_revenue",
    "cogs",
    "rebates_received",
    "gross_margin",
    "cost_to_serve",
    "net_profit",
    "sales_compensation",
    "net_before_compensation",
    "minutes",
    "orders",
];
const FACTS: [&str; 10] = [
    "fct_order",
    "fct_order_line",
    "fct_customer_product_group_month",
    "fct_product_month",
    "fct_supplier_month",
    "fct_employee_month",
    "fct_customer_channel_month",
    "fct_customer_kind_month",
    "fct_ship_to_month",
    "fct_warehouse_month",
];

/// A measure by month, and by customer where the table has customers.
type Sums = BTreeMap<(String, String), i128>;

fn sums(table: &Mart, measure: &str, by_customer: bool) -> Sums {
    let months = table.column("period");
    let customers = if by_customer { table.column("customer_id") } else { vec![""; months.len()] };
    let mut sums = Sums::new();
    for ((month, customer), cell) in months.into_iter().zip(customers).zip(table.column(measure)) {
        *sums.entry((month.to_owned(), customer.to_owned())).or_default() += units(cell);
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

/// Minutes stand in the ledger, not in the waterfall.
fn minutes(project: &Project, by_customer: bool) -> Sums {
    let activities = project.mart("dim_activity").only("method", "time");
    let of_time = activities.column("activity");
    let ledger = project.mart("fct_customer_activity_month").where_in("activity", &of_time);
    sums(&ledger, "quantity", by_customer)
}

fn ties(project: &Project, fact: &str) {
    let (table, waterfall) = (project.mart(fact), project.mart("fct_customer_month"));
    let by_customer = table.has("customer_id");
    for measure in MEASURES {
        let expected = match measure {
            "minutes" => minutes(project, by_customer),
            // An order with lines in several groups is an order of each.
            "orders" if fact != "fct_order" => continue,
            _ => sums(&waterfall, measure, by_customer),
        };
        assert_eq!(sums(&table, measure, by_customer), expected, "{fact}.{measure}");
    }
}

#[test]
fn every_fact_of_the_wholesaler_ties_to_waterfall_and_ledger() {
    let project = Project::copy_of(&repository("data/wholesaler"));
    with(&project, "[facts]\norder_line = true\n");
    project.run().ok();
    for fact in FACTS {
        ties(&project, fact);
    }
    // There is something of everything to split.
    for measure in ["minutes", "rebates_given", "payment_terms", "freight_cost", "sales_compensation", "cogs"] {
        assert_ne!(project.mart("fct_order").sum(measure), 0, "{measure}");
    }
    assert!(project.mart("fct_supplier_month").column("supplier_id").iter().any(|supplier| !supplier.is_empty()));
    // An order is its lines.
    let by_order = |fact: &str, measure: &str| {
        let table = project.mart(fact);
        let mut sums = BTreeMap::new();
        let keys = table.column("period").into_iter().zip(table.column("customer_id")).zip(table.column("order_id"));
        for (((month, customer), order), cell) in keys.zip(table.column(measure)) {
            *sums.entry([month, customer, order].map(str::to_owned)).or_insert(0) += units(cell);
        }
        sums
    };
    for measure in ["net_profit", "cost_to_serve", "minutes", "lines", "invoice_revenue"] {
        assert_eq!(by_order("fct_order", measure), by_order("fct_order_line", measure), "{measure}");
    }
}

#[test]
fn every_fact_of_adventure_works_ties_to_waterfall_and_ledger() {
    let Some(project) = adventureworks() else { return };
    with(&project, "[facts]\norder_line = true\n");
    project.run().ok();
    for fact in FACTS {
        ties(&project, fact);
    }
}

/// Two orders, of two lines and of one, and whatever else a customer may cost.
#[test]
fn cost_comes_down_to_lines_by_what_it_was_measured_by() {
    let config = "[source.order_lines]\nfiles = \"order_lines.csv\"\n[source.cost_pools]\nfiles = \"cost_pools.csv\"\n\
        [source.activities]\nfiles = \"activities.csv\"\n[source.products]\nfiles = \"products.csv\"\n\
        [source.rebates]\nfiles = \"rebates.csv\"\n[facts]\norder_line = true\n\
        [pool.desk]\n[activity.entry]\npool = \"desk\"\nmethod = \"driver\"\nquantity = \"case when channel = 'phone' then 3 else 1 end\"\n\
        [pool.floor]\n[activity.handling]\npool = \"floor\"\nmethod = \"driver\"\nsource = \"order_lines\"\nquantity = \"quantity\"\n\
        [pool.field]\npractical_minutes = 30\n[activity.visits]\npool = \"field\"\nmethod = \"time\"\nsource = \"activities\"\nminutes = \"minutes\"\n";
    let project = Project::new(config)
        .file(
            "order_lines.csv",
            "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount,channel\n\
             o1,1,2025-03-05,A,p,1,60,40,phone\no1,2,2025-03-05,A,q,4,20,10,phone\no2,1,2025-03-06,A,p,5,20,10,web\n",
        )
        .file("products.csv", "product_id,product_group,supplier_id\np,pipes,S\n")
        .file("rebates.csv", "customer_id,basis,rate\nA,invoice_revenue,0.1\n")
        .file(
            "activities.csv",
            "activity_id,occurred_at,kind,customer_id,minutes\n1,2025-03-07,visit,A,20\n2,2025-04-07,visit,B,10\n",
        )
        .file(
            "cost_pools.csv",
            "pool,period,amount\ndesk,2025-03,10\nfloor,2025-03,20\nfield,2025-03,30\nfield,2025-04,30\n",
        );
    project.run().ok();
    // Entry 7.50 and 2.50, within the first order 3.75 each; handling 2, 8, 10; a visit of 20.00 over three lines alike.
    let lines = project.mart("fct_order_line");
    assert_eq!(lines.column("order_id"), ["o1", "o1", "o2", ""]);
    assert_eq!(lines.column("line_no"), ["1", "2", "1", "0"]);
    assert_eq!(lines.column("cost_to_serve"), ["12.4167", "18.4167", "19.1666", "10.0000"]);
    assert_eq!(lines.column("minutes"), ["6.6667", "6.6667", "6.6666", "10.0000"]);
    assert_eq!(lines.column("rebates_given"), ["6.0000", "2.0000", "2.0000", "0.0000"]);
    assert_eq!(lines.column("net_profit"), ["1.5833", "-10.4167", "-11.1666", "-10.0000"]);
    assert_eq!(lines.column("orders"), ["1", "1", "1", "0"]);
    // B bought nothing: the visit stands under no order, and under no product, supplier or channel.
    let orders = project.mart("fct_order");
    assert_eq!(orders.column("customer_id"), ["A", "A", "B"]);
    assert_eq!(orders.column("cost_to_serve"), ["30.8334", "19.1666", "10.0000"]);
    assert_eq!(
        (orders.column("order_date"), orders.column("channel")),
        (vec!["2025-03-05", "2025-03-06", ""], vec!["phone", "web", ""])
    );
    let groups = project.mart("fct_customer_product_group_month");
    assert_eq!((groups.column("product_group"), groups.column("orders")), (vec!["", "pipes", ""], vec!["1", "2", "0"]));
    assert_eq!(groups.column("net_profit"), ["-10.4167", "-9.5833", "-10.0000"]);
    assert_eq!(project.mart("fct_supplier_month").column("supplier_id"), ["", "S", ""]);
}

#[test]
fn a_table_that_is_switched_off_is_not_published_and_no_old_one_stays() {
    let project = Project::new("[source.order_lines]\nfiles = \"order_lines.csv\"\n[facts]\norder_line = true\n").file(
        "order_lines.csv",
        "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n1,1,2025-03-05,A,p,1,10\n",
    );
    let published = || {
        let files = project.published();
        FACTS.into_iter().filter(|fact| files.contains_key(&format!("csv/{fact}.csv"))).count()
    };
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    for (switch, tables) in [("order_line = true", 10), ("", 9), ("order = false", 8), ("enabled = false", 0)] {
        let config = config.replace("order_line = true", switch);
        fs::write(project.folder().join("netto.toml"), config).unwrap();
        project.run().ok();
        assert_eq!(published(), tables, "{switch}");
        project.netto(&["report", "--output", project.folder().join("report.html").to_str().unwrap()]).ok();
        assert!(!project.folder().join(".netto/staging").exists());
    }
}

#[test]
fn a_written_table_that_was_damaged_is_made_whole_again() {
    let project = Project::new("[source.order_lines]\nfiles = \"order_lines.csv\"\n").file(
        "order_lines.csv",
        "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n1,1,2025-03-05,A,p,1,10\n",
    );
    project.run().ok();
    let before = project.published();
    let file = project.folder().join("out/current/csv/fct_order.csv");
    fs::write(&file, fs::read_to_string(&file).unwrap().replace("10.0000", "11.0000")).unwrap();
    project.run().ok();
    assert!(project.published() == before);
}

fn with(project: &Project, config: &str) {
    let path = project.folder().join("netto.toml");
    let before = fs::read_to_string(&path).unwrap();
    fs::write(path, format!("{before}\n{config}")).unwrap();
}

/// What Python's own SQLite says of the published file: how many rows each table has, what leads nowhere, and the sum of a column.
const ASKED: &str = "import sqlite3, sys
file = sqlite3.connect(sys.argv[1])
tables = [name for (name,) in file.execute(\"select name from sqlite_master where type = 'table' order by name\") if name != 'data_dictionary']
print(*(f'{name} {file.execute(f\"select count(*) from {name}\").fetchone()[0]}' for name in tables), sep='\\n')
print(len(file.execute('pragma foreign_key_check').fetchall()), 'lost')
print(file.execute('select sum(cast(round(net_profit * 10000) as integer)) from fct_order join dim_customer using (customer_key)').fetchone()[0], 'net profit')
print(file.execute(\"select meaning from data_dictionary where table_name = 'fct_order' and column_name = 'net_profit'\").fetchone()[0])
";

#[test]
fn one_file_of_sqlite_holds_every_table_with_its_keys() {
    let project = Project::copy_of(&repository("tests/fixtures/mixed"));
    project.run().ok();
    let output = Command::new("python3")
        .args(["-c", ASKED])
        .arg(project.folder().join("out/current/netto.sqlite"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let mut files: Vec<String> = fs::read_dir(project.folder().join("out/current/csv"))
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    let mut wanted: Vec<String> = files
        .iter()
        .map(|name| {
            let table = Mart::read(&project.folder().join(format!("out/current/csv/{name}.csv")));
            format!("{name} {}", table.column(&table.header()[0]).len())
        })
        .collect();
    let net_profit = project.mart("fct_order").sum("net_profit");
    assert!(net_profit != 0);
    wanted.extend([
        "0 lost".to_owned(),
        format!("{net_profit} net profit"),
        "Gross margin less cost-to-serve".to_owned(),
    ]);
    assert_eq!(said.lines().collect::<Vec<_>>(), wanted);

    // Without it, and without CSV, there is Parquet alone.
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let project = project.file("netto.toml", format!("{config}\n[publish]\nsinks = [\"parquet\"]\n"));
    project.run().ok();
    let current = project.folder().join("out/current");
    assert!(
        current.join("parquet/fct_order.parquet").is_file()
            && !current.join("csv").exists()
            && !current.join("netto.sqlite").exists()
    );
}
