//! The sales force end to end: times of day as extracts have them, and what is said where sources are missing.

use std::fs;

use crate::harness::{Project, repository};

const LINES: &str = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n\
    1,1,2025-03-10,A,p,1,10\n2,1,2025-03-12,B,p,1,20\n";
const CONFIG: &str =
    "[source.order_lines]\nfiles = \"order_lines.csv\"\n[source.activities]\nfiles = \"activities.csv\"\n";

fn timing(project: &Project) -> Vec<(String, String, String)> {
    let timing = project.mart("visit_timing").only("window_id", "main");
    let columns = ["weekday", "part_of_day", "visits"].map(|name| timing.column(name));
    let row = |row: usize| (columns[0][row].into(), columns[1][row].into(), columns[2][row].into());
    (0..columns[0].len()).map(row).collect()
}

fn slot(weekday: i32, part: &str, visits: i32) -> (String, String, String) {
    (weekday.to_string(), part.to_owned(), visits.to_string())
}

#[test]
fn the_friday_afternoon_is_read_from_days_with_a_time_and_what_is_no_time_is_set_apart() {
    let config = format!("{CONFIG}max_rejects = 1\n[source.activities.csv]\ndelimiter = \";\"\ndate = \"%d-%m-%Y\"\n");
    let project = Project::new(&config).file("order_lines.csv", LINES).file(
        "activities.csv",
        "activity_id;occurred_at;kind;employee_id;customer_id\n1;07-03-2025 15:30;visit;M;A\n2;07-03-2025 16:45:00;visit;M;B\n\
         3;07-03-2025T09:05;visit;M;A\n4;08-03-2025 18:00;visit;M;A\n5;10-03-2025;visit;M;A\n6;07-03-2025 15:75;visit;M;A\n",
    );
    project.run().ok();
    let expected = [slot(1, "", 1), slot(5, "afternoon", 2), slot(5, "morning", 1), slot(6, "evening", 1)];
    assert_eq!(timing(&project), expected);
    let folder = project.folder().join(".netto/quarantine/activities");
    let file = fs::read_dir(folder).unwrap().flatten().next().unwrap().path();
    insta::assert_snapshot!(fs::read_to_string(file).unwrap(), @r"
    file,line,column,value,reason,record
    activities.csv,7,occurred_at,07-03-2025 15:75,not_a_time,6;07-03-2025 15:75;visit;M;A
    ");
}

#[test]
fn the_time_may_stand_in_a_column_of_its_own() {
    let config = format!("{CONFIG}[source.activities.columns]\noccurred_time = \"Tijd\"\n");
    let project = Project::new(&config).file("order_lines.csv", LINES).file(
        "activities.csv",
        "activity_id,occurred_at,Tijd,kind,employee_id,customer_id\n1,2025-03-07,15:30,visit,M,A\n2,2025-03-07,9:05,visit,M,A\n3,2025-03-07,,visit,M,A\n",
    );
    project.run().ok();
    assert_eq!(timing(&project), [slot(5, "", 1), slot(5, "afternoon", 1), slot(5, "morning", 1)]);
}

#[test]
fn what_was_not_supplied_is_empty_and_not_zero() {
    let project = Project::new(&format!("{CONFIG}[facts]\norder = false\n"))
        .file("order_lines.csv", LINES)
        .file("activities.csv", "activity_id,occurred_at,kind,employee_id,customer_id\n1,2025-03-07,visit,M,A\n");
    project.run().ok();
    let rep = project.mart("sales_force").only("window_id", "main");
    assert_eq!((rep.one("key"), rep.one("visits"), rep.one("visited_customers")), ("M", "1", "0"));
    // No minutes, no pay, no orders, and no order says who took it.
    for column in [
        "visit_minutes",
        "event_minutes",
        "presence_minutes",
        "full_cost",
        "cost_per_visit",
        "orders_after_visit",
        "revenue_after_visit",
        "orders_taken",
        "small_order_minutes",
        "added_value",
        // And nothing says whose customers they are.
        "customers",
        "invoice_revenue",
        "net_profit",
    ] {
        assert_eq!(rep.one(column), "", "{column}");
    }
    assert_eq!(rep.one("portfolio_said_by"), "nothing");
    let timing = project.mart("visit_timing").only("window_id", "main");
    for column in ["visit_minutes", "visit_cost", "visits_with_order", "orders_after_visit", "expected_orders"] {
        assert_eq!(timing.one(column), "", "{column}");
    }
}

#[test]
fn a_window_that_the_data_fill_in_part_counts_as_many_months_of_pay() {
    let project = Project::new(&format!("{CONFIG}[source.employees]\nfiles = \"employees.csv\"\n"))
        .file("order_lines.csv", LINES.replace("1,1,2025-03-10", "1,1,2025-01-10"))
        .file("activities.csv", "activity_id,occurred_at,kind\n")
        .file("employees.csv", "employee_id,role,wage\nM,field,1000\n");
    project.run().ok();
    assert_eq!(project.mart("sales_force").only("window_id", "main").one("full_cost"), "3000.0000");
}

#[test]
fn without_account_managers_a_customer_is_theirs_who_took_most_of_its_orders() {
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,employee_id\n\
        1,1,2025-03-10,A,p,1,10,M\n2,1,2025-03-11,A,p,1,10,M\n3,1,2025-03-12,A,p,1,90,N\n4,1,2025-03-12,B,p,1,20,N\n";
    let project = Project::new("[source.order_lines]\nfiles = \"order_lines.csv\"\n").file("order_lines.csv", lines);
    project.run().ok();
    let force = project.mart("sales_force").only("window_id", "main");
    assert_eq!((force.column("key"), force.column("invoice_revenue")), (vec!["M", "N"], vec!["110.0000", "20.0000"]));
    assert_eq!(force.column("portfolio_said_by"), ["orders", "orders"]);
}

/// In each table, the rows from last to first.
#[test]
fn the_order_of_rows_changes_nothing() {
    let fixture = repository("tests/fixtures/sales_force");
    let (project, turned) = (Project::copy_of(&fixture), Project::copy_of(&fixture));
    for entry in fs::read_dir(turned.folder()).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        let text = fs::read_to_string(entry.path()).unwrap();
        if let Some((header, rows)) =
            text.split_once('\n').filter(|_| entry.path().extension().is_some_and(|e| e == "csv"))
        {
            let rows: Vec<&str> = rows.lines().rev().collect();
            fs::write(entry.path(), format!("{header}\n{}\n", rows.join("\n"))).unwrap();
        }
    }
    project.run().ok();
    turned.run().ok();
    let (one, other) = (project.published(), turned.published());
    for table in [
        "sales_force_employee",
        "sales_force_pair",
        "sales_force_tier_employee",
        "visit_timing",
        "sales_force_customer",
    ] {
        let file = format!("csv/{table}.csv");
        assert!(one[&file] == other[&file], "{table}");
    }
}
