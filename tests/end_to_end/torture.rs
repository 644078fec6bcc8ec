//! Killed, out of disk and out of luck at any operation on a file: readers see the last complete result, and the next run just works.
//!
//! `strace` stops the program at the Nth operation of a kind, or lets it fail. A sample of places is tried, and all of them by `just torture`
//! (`NETTO_TORTURE=all`); nothing where the system has no strace.

#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::harness::{Project, binary};

/// Operations by which files change.
const CHANGES: &str = "write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat";

const CONFIG: &str = "[source.order_lines]\nfiles = \"order_lines.csv\"\n[source.cost_pools]\nfiles = \"cost_pools.csv\"\n\
    [pool.desk]\n[activity.entry]\npool = \"desk\"\nmethod = \"driver\"\nsource = \"orders\"\nquantity = \"1\"\n\
    [publish]\nsinks = [\"csv\"]\n[keep]\nruns = 2\n";

fn night(project: Project, amount: u32) -> Project {
    let lines = format!(
        "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount\n\
         1,1,2025-02-05,A,p,1,100,60\n2,1,2025-03-05,B{amount},p,1,{amount},60\n"
    );
    let pools = format!("pool,period,amount\ndesk,2025-02,100\ndesk,2025-03,{amount}\n");
    project.file("order_lines.csv", lines).file("cost_pools.csv", pools)
}

/// The result that readers see, by its revenue; everything in it has to be there.
fn seen(project: &Project) -> i128 {
    project.netto(&["check", "--marts"]).ok();
    project.mart("fct_customer_month").sum("invoice_revenue") / 10_000
}

/// A run to whose Nth change of a file something happens; whether there was one.
fn disturbed(project: &Project, what: &str, number: usize) -> (bool, String) {
    let log = project.folder().join("strace.log");
    let project_files = project.folder().canonicalize().unwrap();
    let output = Command::new("strace")
        .args(["-f", "-qq", "-o"])
        .arg(&log)
        .args(["-e", &format!("trace={CHANGES}"), "-e", &format!("inject={CHANGES}:{what}:when={number}")])
        .arg(binary())
        // One thread writes, so that the Nth operation is the same each time.
        .args(["run", "--threads", "1"])
        .arg(&project_files)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let text = fs::read_to_string(&log).unwrap();
    fs::remove_file(log).unwrap();
    let happened = text.contains("(INJECTED)") || text.contains("killed by SIGKILL");
    (happened, format!("{:?}\n{}", output.status.code(), String::from_utf8_lossy(&output.stderr)))
}

/// The places that are tried: all, or some that are spread over a run.
fn places() -> Box<dyn Iterator<Item = usize>> {
    if env::var("NETTO_TORTURE").is_ok_and(|all| all == "all") {
        Box::new(1..)
    } else {
        Box::new([1, 2, 3, 5, 8, 13, 30, 70, 150, 300].into_iter())
    }
}

fn strace() -> bool {
    let there =
        Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status().is_ok_and(|status| status.success());
    if !there {
        let mut stream = std::io::stderr();
        writeln!(stream, "SKIPPED: there is no strace, or it may not trace").unwrap();
    }
    there
}

fn torture(what: &str) {
    if !strace() {
        return;
    }
    let mut project = night(Project::new(CONFIG), 100);
    project.run().ok();
    let mut amount = 100;
    for place in places() {
        let before = amount;
        amount += 1;
        project = night(project, amount);
        let (happened, said) = disturbed(&project, what, place);
        assert!(!said.contains("panicked") && !said.contains("Some(101)"), "{place}: {said}");
        let now = seen(&project);
        assert!(now == i128::from(before) + 100 || now == i128::from(amount) + 100, "{place}: {now} after {said}");
        project.run().ok();
        assert_eq!(seen(&project), i128::from(amount) + 100, "{place}: {said}");
        let left: Vec<PathBuf> = leftovers(project.folder());
        assert!(left.is_empty(), "{place}: {left:?} after {said}");
        if !happened {
            break;
        }
    }
}

/// Temporary files that a run should have taken away.
fn leftovers(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if name.starts_with(".new-") || path.extension().is_some_and(|end| end == "tmp") {
            found.push(path);
        } else if path.is_dir() && !path.is_symlink() {
            found.extend(leftovers(&path));
        }
    }
    found
}

#[test]
fn a_run_that_is_killed_anywhere_leaves_the_last_result_and_the_next_one_works() {
    torture("signal=SIGKILL");
}

#[test]
fn a_disk_that_is_full_anywhere_leaves_the_last_result_and_the_next_run_works() {
    torture("error=ENOSPC");
}

#[test]
fn a_disk_that_fails_anywhere_leaves_the_last_result_and_the_next_run_works() {
    torture("error=EIO");
}
