//! Whatever is behind standard output and standard error: no panic, and an exit code that says whether everything was said.
//!
//! ```text
//! netto run … | head -1      a reader that has had enough: 0, the work is done
//! netto run … > /dev/full    the disk is full: 1, and a message where there still can be one
//! netto run … >&-            closed by whoever started it: as if nobody looked
//! ```
#![cfg(unix)]

use std::fs::File;
use std::io::Read;
use std::process::{Command, Output, Stdio};

use crate::harness::{Project, binary};

/// Every verb, `P` for the project; and the exit code it has where everything can be said.
const VERBS: [(&str, i32); 25] = [
    ("run P", 0),
    ("run P --format json", 0),
    ("check P", 0),
    ("ingest P", 0),
    ("explain customer A P", 0),
    ("explain customer A P --sql", 0),
    ("explain pool fixed P", 0),
    ("explain order 1 P", 0),
    ("simulate P/price.toml P", 0),
    ("report P --output P/report.html", 0),
    ("schema", 0),
    ("schema config", 0),
    ("schema --ddl", 0),
    ("sql --print P", 0),
    ("sql P", 0),
    ("sql 'select * from dim_window' P", 0),
    ("sql 'select' P", 2),
    ("completions bash", 0),
    ("man", 0),
    ("generate P/generated", 0),
    ("--help", 0),
    ("run --help", 0),
    ("--version", 0),
    ("bogus", 2),
    ("run P/nowhere", 2),
];

fn project() -> Project {
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount\n\
        1,1,2025-03-05,A,p,6,600,360\n2,1,2025-03-06,B,p,4,400,240\n";
    let config = "[source.order_lines]\nfiles = \"order_lines.csv\"\n[source.cost_pools]\nfiles = \"cost_pools.csv\"\n[pool.fixed]\n";
    let project = Project::new(config)
        .file("order_lines.csv", lines)
        .file("cost_pools.csv", "pool,period,amount\nfixed,2025-03,300\n")
        .file("price.toml", "[[lever]]\nkind = \"price\"\nchange = 0.05\n");
    project.run().ok();
    project
}

fn command(project: &Project, verb: &str, redirected: &str) -> Command {
    let verb = verb.replace('P', &project.folder().display().to_string());
    let mut command = Command::new("sh");
    command.args(["-c", &format!("exec {} {verb} {redirected}", binary().display())]);
    command.env_remove("POLARS_MAX_THREADS").env_remove("RAYON_NUM_THREADS").env("NO_COLOR", "1");
    command
}

/// Does something with every verb, one after the other, as each wants the lock of the project.
fn with_every_verb(check: impl Fn(&Project, &str, i32)) {
    let project = project();
    for (verb, code) in VERBS {
        check(&project, verb, code);
    }
}

fn text(output: &Output) -> String {
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains("panicked"), "{text}");
    text
}

#[test]
fn a_full_disk_behind_the_result_is_an_error() {
    with_every_verb(|project, verb, code| {
        let output = command(project, verb, "> /dev/full").output().unwrap();
        let said = text(&output);
        if code == 0 {
            assert!(said.contains("the result on standard output could not be written"), "{verb}: {said}");
            assert!(said.contains("No space left on device"), "{verb}: {said}");
        }
        assert_eq!(output.status.code(), Some(code.max(1)), "{verb}: {said}");
    });
}

#[test]
fn messages_that_were_lost_are_an_error_and_the_result_is_there() {
    with_every_verb(|project, verb, code| {
        let whole = command(project, verb, "").output().unwrap();
        let output = command(project, verb, "2> /dev/full").output().unwrap();
        let lost = !whole.stderr.is_empty();
        assert_eq!(output.stdout.is_empty(), whole.stdout.is_empty(), "{verb}");
        assert_eq!(output.status.code(), Some(if lost { code.max(1) } else { code }), "{verb}: {}", text(&output));
    });
}

#[test]
fn streams_that_are_closed_are_no_fault() {
    with_every_verb(|project, verb, code| {
        for closed in [">&-", "<&- >&- 2>&-"] {
            let output = command(project, verb, closed).output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{verb} {closed}: {}", text(&output));
        }
    });
}

#[test]
fn readers_that_have_had_enough_are_no_fault() {
    with_every_verb(|project, verb, code| {
        for (both, redirected) in [(false, ""), (true, "2>&1")] {
            let mut netto =
                command(project, verb, redirected).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            drop(netto.stdout.take());
            let mut said = String::new();
            netto.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            assert_eq!(netto.wait().unwrap().code(), Some(code), "{verb} {redirected}: {said}");
            assert!(!said.contains("panicked") && (!both || said.is_empty()), "{verb}: {said}");
        }
    });
}

#[test]
fn a_result_that_is_lost_does_not_undo_the_work() {
    let project = project();
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n1,1,2025-03-05,A,p,6,700\n";
    let project = project.file("order_lines.csv", lines);
    let output = command(&project, "run P", "> /dev/full").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert_eq!(project.mart("fct_customer_month").sum("invoice_revenue"), 7_000_000);
}

#[test]
fn a_report_that_does_not_fit_on_the_disk_is_an_error() {
    let output = command(&project(), "report P --output /dev/full", "").output().unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("/dev/full can't be written") && said.contains("No space left on device"), "{said}");
}

#[test]
fn a_configuration_without_an_end_is_refused() {
    let output = command(&project(), "run /dev/zero", "").output().unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("/dev/zero is not a configuration: it is larger than 16 MiB"), "{said}");
}

#[test]
fn any_number_of_threads_is_taken_or_refused() {
    let project = project();
    for (threads, code) in [
        ("1", 0),
        ("3", 0),
        ("64", 0),
        ("1000000000", 0),
        ("99999999999999999999999", 0),
        ("0", 2),
        ("two", 2),
        ("-1", 2),
    ] {
        let output = command(&project, &format!("ingest P --threads {threads}"), "").output().unwrap();
        let said = text(&output);
        assert_eq!(output.status.code(), Some(code), "{threads}: {said}");
        assert_eq!(said.contains("more threads don't help"), threads.len() > 3, "{threads}: {said}");
    }
}

#[test]
fn numbers_of_threads_in_the_environment_are_taken_or_refused() {
    let project = project();
    for name in ["POLARS_MAX_THREADS", "RAYON_NUM_THREADS"] {
        for (value, code) in
            [("1", 0), ("0", 0), ("", 0), ("1000000000", 0), ("99999999999999999999999", 0), ("two", 2), ("-1", 2)]
        {
            let output = command(&project, "run P", "").env(name, value).output().unwrap();
            let said = text(&output);
            assert_eq!(output.status.code(), Some(code), "{name}={value}: {said}");
            assert_eq!(code == 2, said.contains(&format!("the environment has {name}={value}")), "{said}");
        }
    }
}

/// Without this a change of the first test to a system without the device would pass for the wrong reason.
#[test]
fn the_full_disk_is_full() {
    use std::io::Write;
    assert!(File::options().write(true).open("/dev/full").unwrap().write_all(b"x").is_err());
}
