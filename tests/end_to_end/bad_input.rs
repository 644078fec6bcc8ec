//! What the user sees when the input is wrong: the message, the exit code, and that no row is lost on the way.

use std::fs::{self, File};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::harness::{Project, binary};

const ORDERS: &str = "[source.order_lines]\nfiles = \"order_lines.csv\"\n";
const HEADER: &str = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n";
const GOOD: &str = "1,1,2025-03-05,A,p,1,10\n2,1,2025-03-06,B,p,1,20\n";

/// A project of two good order lines, and these.
fn with_lines(config: &str, lines: &str) -> Project {
    Project::new(config).file("order_lines.csv", format!("{HEADER}{GOOD}{lines}"))
}

/// Runs; the message and the exit code, without what differs from run to run.
macro_rules! assert_stops {
    ($project:expr, $code:literal, @$message:literal) => {{
        let project: &Project = &$project;
        let outcome = project.run();
        assert_eq!(outcome.code(), $code, "{}", outcome.stderr());
        assert_eq!(outcome.stdout(), "");
        insta::with_settings!({ filters => vec![(r"[0-9a-f]{12}\.csv", "HASH.csv"), (r"\(process \d+\)", "(process ID)")] }, {
            insta::assert_snapshot!(outcome.message(), @$message);
        });
    }};
}

/// Runs; every row read is either loaded or set apart; gives the rows that are set apart.
fn set_apart(project: &Project) -> String {
    let outcome = project.netto(&["run", "--format", "json"]).ok();
    let result: Value = serde_json::from_str(&outcome.stdout()).unwrap();
    let sources = result["sources"].as_array().unwrap();
    let load = sources.iter().find(|source| source["source"] == "order_lines").unwrap();
    let rows = |name: &str| load[name].as_u64().unwrap();
    assert_eq!(rows("rows_read"), rows("rows_loaded") + rows("rows_quarantined") + rows("rows_superseded"));
    assert_eq!(rows("rows_loaded"), 2);
    assert_eq!(project.mart("fct_customer_month").sum("lines"), 2 * 10_000);
    fs::read_to_string(load["quarantine_file"].as_str().unwrap()).unwrap()
}

#[test]
fn a_missing_column_is_named_with_the_columns_there_are() {
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity\n1,1,2025-03-05,A,p,1\n";
    let project = Project::new(ORDERS).file("order_lines.csv", lines);
    assert_stops!(project, 2, @r#"
    × order_lines.csv: there is no column "net_amount"
      help: the file has "order_id", "line_no", "order_date", "customer_id", "product_id", "quantity"; name the
            right one: [source.order_lines.columns] net_amount = "…"
    "#);
}

#[test]
fn a_column_that_the_mapping_misspells_gets_the_nearest_name() {
    let config = format!("{ORDERS}[source.order_lines.columns]\nnet_amount = \"Netto bedrag\"\n");
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,Nettobedrag\n1,1,2025-03-05,A,p,1,9\n";
    let project = Project::new(&config).file("order_lines.csv", lines);
    assert_stops!(project, 2, @r#"
    × order_lines.csv: there is no column "Netto bedrag" for `net_amount`
       ╭─[PROJECT/netto.toml:6:14]
     5 │ [source.order_lines.columns]
     6 │ net_amount = "Netto bedrag"
       ·              ──────────────
       ╰────
      help: did you mean "Nettobedrag"? the file has "order_id", "line_no", "order_date", "customer_id",
            "product_id", "quantity", "Nettobedrag"
    "#);
}

#[test]
fn a_column_that_is_there_twice_is_not_guessed() {
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,list_amount,list_amount\n1,1,2025-03-05,A,p,1,9,10,11\n";
    assert_stops!(Project::new(ORDERS).file("order_lines.csv", lines), 1, @r#"
    × order_lines.csv: the column "list_amount" occurs twice
      help: it isn't clear which one is meant; rename one of them in the extract, or set header_rows = 2 if
            group titles are above the names
    "#);
}

#[test]
fn a_packed_file_that_is_damaged_is_named() {
    let project = Project::new("[source.order_lines]\nfiles = \"order_lines.csv.gz\"\n");
    assert_stops!(project.file("order_lines.csv.gz", b"\x1f\x8b\x08\0\0"), 3, @r"
    × order_lines.csv.gz: it can't be decompressed to its end: unexpected end of file; it is incomplete or
      │ still being copied. Nothing of it was loaded
      help: run again when the file is complete: the program that writes it should give it its final name only
            then
    ");
}

#[test]
fn a_value_of_the_wrong_type_is_set_apart() {
    insta::assert_snapshot!(set_apart(&with_lines(ORDERS, "3,1,2025-03-07,A,p,1,\"1.234,5O\"\n")), @r#"
    file,line,column,value,reason,record
    order_lines.csv,4,net_amount,"1.234,5O",not_a_number,"3,1,2025-03-07,A,p,1,""1.234,5O"""
    "#);
}

#[test]
fn every_kind_of_wrong_value_is_set_apart_with_its_reason() {
    let lines = "3,1,07-03-2025,A,p,1,1\n4,1,2025-03-07,A,p,x,1\n5,1,2025-03-07,,p,1,1\n6,1,2025-03-07,A,p,1,1.00001\n7,1,2025-03-07,A,p\n8,eight,2025-03-07,A,p,1,1\n";
    insta::assert_snapshot!(set_apart(&with_lines(&format!("{ORDERS}max_rejects = 6\n"), lines)), @r#"
    file,line,column,value,reason,record
    order_lines.csv,4,order_date,07-03-2025,not_a_date,"3,1,07-03-2025,A,p,1,1"
    order_lines.csv,5,quantity,x,not_a_number,"4,1,2025-03-07,A,p,x,1"
    order_lines.csv,6,customer_id,,missing_value,"5,1,2025-03-07,,p,1,1"
    order_lines.csv,7,net_amount,1.00001,too_precise,"6,1,2025-03-07,A,p,1,1.00001"
    order_lines.csv,8,,"5 fields, the header has 7",wrong_field_count,"7,1,2025-03-07,A,p"
    order_lines.csv,9,line_no,eight,not_an_integer,"8,eight,2025-03-07,A,p,1,1"
    "#);
}

#[test]
fn of_two_rows_with_one_key_one_is_loaded_and_the_other_is_found_where_bad_rows_are() {
    insta::assert_snapshot!(set_apart(&with_lines(ORDERS, "2,1,2025-03-06,B,p,1,21\n")), @r#"
    file,line,column,value,reason,record
    order_lines.csv,3,,"2, 1",superseded,"2,1,2025-03-06,B,p,1,20"
    "#);
    let config = format!("{ORDERS}duplicates = \"reject\"\n");
    insta::assert_snapshot!(set_apart(&with_lines(&config, "2,1,2025-03-06,B,p,1,20\n")), @r#"
    file,line,column,value,reason,record
    order_lines.csv,4,,"2, 1",duplicate_key,"2,1,2025-03-06,B,p,1,20"
    "#);
}

#[test]
fn a_line_of_an_unknown_customer_is_set_apart() {
    let config = format!("{ORDERS}[source.customers]\nfiles = \"customers.csv\"\n");
    let customers = "customer_id,name\nA,Alpha\nB,Beta\n";
    let project = with_lines(&config, "3,1,2025-03-07,C,p,1,30\n").file("customers.csv", customers);
    insta::assert_snapshot!(set_apart(&project), @r#"
    file,line,column,value,reason,record
    order_lines.csv,4,customer_id,C,unknown_customer,"3,1,2025-03-07,C,p,1,30"
    "#);
}

#[test]
fn bytes_that_are_no_text_of_the_encoding_are_set_apart() {
    let mut lines = format!("{HEADER}{GOOD}").into_bytes();
    lines.extend(b"3,1,2025-03-07,Caf\xe9,p,1,30\n");
    insta::assert_snapshot!(set_apart(&Project::new(ORDERS).file("order_lines.csv", lines)), @r#"
    file,line,column,value,reason,record
    order_lines.csv,4,,,encoding,"3,1,2025-03-07,Caf�,p,1,30"
    "#);
}

#[test]
fn a_header_in_another_encoding_asks_for_the_encoding() {
    let header = b"order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,caf\xe9\n";
    assert_stops!(Project::new(ORDERS).file("order_lines.csv", header), 1, @r#"
    × order_lines.csv: line 1 was read as the header, and it is not utf-8
      help: set the encoding of the file; common ones are encoding = "windows-1252" and "cp850"
    "#);
}

#[test]
fn an_empty_file_is_no_extract() {
    assert_stops!(Project::new(ORDERS).file("order_lines.csv", ""), 1, @r"
    × order_lines.csv: the file is empty
      help: an extract must start with a line of column names
    ");
}

#[test]
fn a_file_with_only_a_header_gives_nothing_to_compute() {
    assert_stops!(Project::new(ORDERS).file("order_lines.csv", HEADER), 1, @r"
    × there are no order lines: no row of the extracts of `order_lines` was loaded
      help: run `netto check`: it shows the files, the rows that were read, and why rows are set apart
    ");
}

#[test]
fn files_that_are_not_there_are_named() {
    assert_stops!(Project::new("[source.order_lines]\nfiles = \"extracts/*.csv\"\n"), 2, @r#"
    × no file matches `extracts/*.csv` in PROJECT
       ╭─[PROJECT/netto.toml:4:9]
     3 │ [source.order_lines]
     4 │ files = "extracts/*.csv"
       ·         ────────────────
       ╰────
      help: `files` is relative to netto.toml; `*` stands for any part of a file name
    "#);
}

#[test]
fn a_misspelt_key_is_shown_at_its_line() {
    assert_stops!(with_lines("[source.order_lines]\nfile = \"order_lines.csv\"\n", ""), 2, @r#"
    × unknown field `file`, expected one of `files`, `sql`, `tables`, `postgres`, `load`, `where`, `returns`,
      │ `period_from`, `shrink`, `duplicates`, `fill_down`, `ignore`, `max_rejects`, `max_rejects_share`,
      │ `max_rejects_amount_share`, `on_unknown_customer`, `unknown_customer`, `cost_from_products`,
      │ `list_from_products`, `dates`, `csv`, `records`, `excel`, `columns`, `max_join_rows`
       ╭─[PROJECT/netto.toml:4:1]
     3 │ [source.order_lines]
     4 │ file = "order_lines.csv"
       · ────
       ╰────
      help: did you mean `files`?
    "#);
}

#[test]
fn a_misspelt_setting_of_a_column_is_shown_at_its_line() {
    let config = format!("{ORDERS}[source.order_lines.columns]\nnet_amount = {{ form = \"net_amount\" }}\n");
    assert_stops!(with_lines(&config, ""), 2, @r#"
    × unknown field `form`, expected one of `from`, `constant`, `sql`, `join`, `count_within`, `default`,
      │ `optional`, `map`, `others`, `trim`, `strip_zeros`, `pad`, `negate`, `sign`, `once_per`, `round`
       ╭─[PROJECT/netto.toml:6:16]
     5 │ [source.order_lines.columns]
     6 │ net_amount = { form = "net_amount" }
       ·                ────
       ╰────
      help: did you mean `from`?
    "#);
}

#[test]
fn a_setting_of_the_wrong_type_is_shown_at_its_line() {
    assert_stops!(with_lines("[source.order_lines]\nfiles = 3\n", ""), 2, @r"
    × invalid type: integer `3`, expected a text or a list of texts
       ╭─[PROJECT/netto.toml:4:9]
     3 │ [source.order_lines]
     4 │ files = 3
       ·         ─
       ╰────
      help: `netto schema config` shows every key with its meaning
    ");
}

#[test]
fn a_misspelt_column_of_the_contract_gets_the_nearest_name() {
    let config = format!("{ORDERS}[source.order_lines.columns]\nnett_amount = \"net_amount\"\n");
    assert_stops!(with_lines(&config, ""), 2, @r#"
    × `nett_amount` is not a column of `order_lines`; did you mean `net_amount`?
       ╭─[PROJECT/netto.toml:6:15]
     5 │ [source.order_lines.columns]
     6 │ nett_amount = "net_amount"
       ·               ────────────
       ╰────
      help: the left side is a column of netto, the right side a column of the extract
    "#);
}

#[test]
fn an_unknown_source_gets_the_nearest_name() {
    let config = format!("{ORDERS}[source.customer]\nfiles = \"customers.csv\"\n");
    assert_stops!(with_lines(&config, ""), 2, @r#"
    × `customer` is not a source
       ╭─[PROJECT/netto.toml:5:9]
     4 │ files = "order_lines.csv"
     5 │ [source.customer]
       ·         ────────
     6 │ files = "customers.csv"
       ╰────
      help: did you mean `customers`? sources are order_lines, customers, products, employees, activities,
            cost_pools, stock, receivables, deviations, rebates, prospects, goals, budgets, actions, fx_rates
    "#);
}

/// A pool and an activity that takes from it.
fn activity(pool: &str, minutes: &str) -> String {
    format!(
        "{ORDERS}[source.cost_pools]\nfiles = \"cost_pools.csv\"\n[pool.warehouse]\npractical_minutes = 1000\n\
         [activity.picking]\npool = \"{pool}\"\nmethod = \"time\"\nminutes = \"{minutes}\"\n"
    )
}

#[test]
fn an_unknown_column_in_an_expression_is_shown_at_its_line() {
    assert_stops!(with_lines(&activity("warehouse", "3 + 1.5*line"), ""), 2, @r#"
    × `line` is not a column of `orders`; did you mean `lines`?
        ╭─[PROJECT/netto.toml:12:11]
     11 │ method = "time"
     12 │ minutes = "3 + 1.5*line"
        ·           ──────────────
        ╰────
      help: columns of `orders`: period, customer_key, order_key, order_date, lines, quantity, net_amount,
            list_amount, discount_amount, cogs_amount, freight_charged, lines_below_cost, lines_with_list,
            lines_with_cogs, lines_with_freight, channel, employee_id, ship_to_id, warehouse, order_kind,
            delivery
    "#);
}

#[test]
fn an_expression_that_does_not_parse_is_shown_at_its_line() {
    assert_stops!(with_lines(&activity("warehouse", "3 + * lines"), ""), 2, @r#"
    × `3 + * lines` is not an SQL expression: `*` is not allowed (character 5)
        ╭─[PROJECT/netto.toml:12:11]
     11 │ method = "time"
     12 │ minutes = "3 + * lines"
        ·           ─────────────
        ╰────
      help: columns of `orders`: period, customer_key, order_key, order_date, lines, quantity, net_amount,
            list_amount, discount_amount, cogs_amount, freight_charged, lines_below_cost, lines_with_list,
            lines_with_cogs, lines_with_freight, channel, employee_id, ship_to_id, warehouse, order_kind,
            delivery
    "#);
}

#[test]
fn money_is_not_taken_for_minutes() {
    assert_stops!(with_lines(&activity("warehouse", "3 + net_amount"), ""), 2, @r#"
    × `net_amount` is an amount of money, not minutes
        ╭─[PROJECT/netto.toml:12:11]
     11 │ method = "time"
     12 │ minutes = "3 + net_amount"
        ·           ────────────────
        ╰────
      help: write the minutes per unit, such as `0.01*net_amount`
    "#);
}

#[test]
fn a_row_that_takes_negative_minutes_is_named() {
    // Customer A's minutes of the month are positive all the same.
    let project = with_lines(&activity("warehouse", "2*quantity"), "R7,1,2025-03-08,A,p,-0.5,-5\n")
        .file("cost_pools.csv", "pool,period,amount\nwarehouse,2025-03,100\n");
    assert_stops!(project, 2, @r"
    × activity `picking` takes -1.0000 minutes for order `R7` in 2025-03
      help: check the expression of [activity.picking]: a return has a negative quantity, so use `abs(quantity)`
    ");
}

#[test]
fn an_unknown_pool_is_shown_at_its_line() {
    assert_stops!(with_lines(&activity("warehuose", "3"), ""), 2, @r#"
    × there is no [pool.warehuose]
        ╭─[PROJECT/netto.toml:10:8]
      9 │ [activity.picking]
     10 │ pool = "warehuose"
        ·        ───────────
     11 │ method = "time"
        ╰────
      help: did you mean `warehouse`? If not, add [pool.warehuose]
    "#);
}

#[test]
fn a_folder_without_a_configuration_is_named() {
    let project = Project::new("");
    fs::remove_file(project.folder().join("netto.toml")).unwrap();
    assert_stops!(project, 2, @r"
    × PROJECT/netto.toml can't be read: No such file or directory (os error 2)
      help: name a folder that contains a netto.toml: `netto run data/wholesaler`
    ");
}

#[test]
fn another_run_holds_the_lock() {
    let project = with_lines(ORDERS, "");
    project.run().ok();
    let published = project.published();
    let held = File::options().write(true).open(project.folder().join(".netto/lock")).unwrap();
    held.lock().unwrap();
    assert_stops!(project, 4, @r"
    × another run holds the lock PROJECT/.netto/lock (process ID)
      help: wait until it has finished; a lock of a dead process is taken over
    ");
    assert_eq!(project.published(), published);
    // Who only looks doesn't wait.
    project.netto(&["check"]).ok();
    drop(held);
    project.run().ok();
}

#[test]
fn above_the_limit_of_rejects_nothing_lands_and_the_last_run_stays() {
    let project = with_lines(ORDERS, "");
    project.run().ok();
    let published = project.published();
    let bad = "3,1,2025-03-07,A,p,1,x\n4,1,2025-03-07,A,p,1,y\n5,1,never,A,p,1,1\n";
    let project = project.file("order_lines.csv", format!("{HEADER}1,1,2025-03-05,A,p,1,99\n{bad}"));
    assert_stops!(project, 3, @r#"
    × 3 of 4 rows of `order_lines` are set apart (limit 1)
      │   ┌ order_lines.csv:3, column "net_amount": `x` is not a number
      │   ┌ order_lines.csv:5, column "order_date": `never` is not a date
      │   = reasons: not_a_number 2, not_a_date 1
      │   = all of them: .netto/quarantine/order_lines/HASH.csv
      help: decimal = "." is set; `netto check` shows what was read
    "#);
    assert_eq!(project.published(), published);

    // Nothing landed: with the first extract back, the lake is what it was and there is nothing to do.
    let project = project.file("order_lines.csv", format!("{HEADER}{GOOD}"));
    let again: Value = serde_json::from_str(&project.netto(&["run", "--format", "json"]).ok().stdout()).unwrap();
    assert_eq!((&again["unchanged"], &again["sources"][0]["unchanged"]), (&true.into(), &true.into()));
    assert_eq!(project.published(), published);
}

#[test]
fn a_reader_that_has_had_enough_is_no_fault() {
    let project = with_lines(ORDERS, "");
    let mut netto = Command::new(binary())
        .arg("run")
        .arg(project.folder())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(netto.stdout.take());
    assert_eq!(netto.wait().unwrap().code(), Some(0));
}
