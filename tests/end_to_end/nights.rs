//! Runs night after night: what each leaves behind, what one would do, and what changed between two.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::harness::{Project, binary, repository};

const HEADER: &str = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount\n";

/// Two customers and a pool that orders are charged for.
fn project() -> Project {
    let config = "[source.order_lines]\nfiles = \"order_lines.csv\"\n[source.cost_pools]\nfiles = \"cost_pools.csv\"\n\
                  [pool.desk]\n[activity.entry]\npool = \"desk\"\nmethod = \"driver\"\nsource = \"orders\"\nquantity = \"1\"\n";
    Project::new(config)
}

fn night(project: Project, march: &str, pool: &str) -> Project {
    let lines = format!("{HEADER}1,1,2025-02-05,A,p,1,100,60\n{march}");
    project
        .file("order_lines.csv", lines)
        .file("cost_pools.csv", format!("pool,period,amount\ndesk,2025-02,100\ndesk,2025-03,{pool}\n"))
}

fn json(project: &Project, arguments: &[&str]) -> Value {
    let outcome = project.netto(arguments);
    serde_json::from_str(&outcome.stdout()).unwrap_or_else(|_| panic!("{}{}", outcome.stdout(), outcome.stderr()))
}

/// The parts of a change that aren't zero.
fn parts(of: &Value) -> Vec<String> {
    let parts = of["parts"].as_object().unwrap().iter();
    parts
        .filter(|(_, money)| *money != "0.0000")
        .map(|(part, money)| format!("{part} {}", money.as_str().unwrap()))
        .collect()
}

fn entry(project: &Project, number: u32) -> Value {
    let file = project.folder().join(format!(".netto/runs/{number:06}/run.json"));
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

#[test]
fn a_file_that_somebody_writes_to_is_refused_and_read_when_it_is_at_rest() {
    let line = |order: u32| format!("{order},1,2025-03-05,A,p,1,100,60\n");
    let project = night(project(), &(2..20_000).map(line).collect::<String>(), "100");
    let path = project.folder().join("order_lines.csv");
    let done = AtomicBool::new(false);
    let refused = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
            for order in 20_000.. {
                file.write_all(line(order).as_bytes()).unwrap();
                thread::sleep(Duration::from_micros(200));
                if done.load(Ordering::Relaxed) {
                    return;
                }
            }
        });
        let refused = project.run();
        done.store(true, Ordering::Relaxed);
        writer.join().unwrap();
        refused
    });
    assert_eq!(refused.code(), 3);
    assert!(refused.message().contains("order_lines.csv: it changed while it was read"), "{}", refused.message());
    assert!(!project.folder().join("out/current").exists());
    project.run().ok();
}

#[test]
fn nights_are_planned_recorded_and_compared() {
    let project = night(project(), "2,1,2025-03-05,A,p,1,100,60\n3,1,2025-03-06,B,p,1,60,15\n", "100");
    let plan = project.netto(&["plan"]);
    assert_eq!((plan.code(), plan.stderr()), (2, String::new()));
    assert!(plan.stdout().contains("never loaded: 1 file"), "{}", plan.stdout());
    assert!(!project.folder().join(".netto").exists(), "a plan writes nothing");
    assert!(project.netto(&["history"]).ok().stdout().contains("no run yet"));
    assert!(project.netto(&["status"]).ok().stdout().contains("no run has published"));
    project.run().ok();
    assert_eq!(
        project.netto(&["plan"]).ok().stdout(),
        "nothing to do: the result is up to date with extracts and configuration\n"
    );

    // A line has another price and cost, an order came, and the pool costs more.
    let march = "2,1,2025-03-05,A,p,1,130,65\n3,1,2025-03-06,B,p,1,60,15\n4,1,2025-03-07,B,p,1,60,15\n";
    let project = night(project, march, "120");
    let planned = project.netto(&["plan"]);
    assert_eq!(planned.code(), 2);
    let planned = planned.stdout();
    for said in ["changed: order_lines.csv", "changed: cost_pools.csv", "2 months, 2025-02 to 2025-03", "segment"] {
        assert!(planned.contains(said), "{planned}");
    }
    let logged = project.netto(&["run", "--log", "json"]).ok().stderr();
    let lines: Vec<Value> = logged.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["stage"] == "profit" && line["level"] == "info" && line["time"].is_string()));
    let diff = json(&project, &["diff", "previous", "current", "--format", "json"]);
    assert_eq!((&diff["net_profit_before"], &diff["net_profit_after"]), (&"-75.0000".into(), &"-25.0000".into()));
    assert_eq!(parts(&diff), ["lines 45.0000", "price 30.0000", "goods -5.0000", "usage -50.0000", "rates 30.0000"]);
    let moved = &diff["moved"][0];
    assert_eq!(
        (&moved["customer_id"], &moved["net_profit_before"], &moved["net_profit_after"]),
        (&"B".into(), &"-5.0000".into(), &"10.0000".into())
    );
    assert_eq!(parts(moved), ["lines 45.0000", "usage -50.0000", "rates 20.0000"]);
    assert_eq!(diff["notes"], Value::Array(Vec::new()));

    // The order is gone again, and orders are charged by their amount.
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let project = night(project, "2,1,2025-03-05,A,p,1,130,65\n3,1,2025-03-06,B,p,1,60,15\n", "120");
    let project = project.file("netto.toml", config.replace("quantity = \"1\"", "quantity = \"net_amount\""));
    assert!(
        project
            .netto(&["plan", "--format", "json"])
            .stdout()
            .contains("the configuration, a model or a scenario changed")
    );
    project.run().ok();
    let diff = json(&project, &["diff", "#2", "#3", "--format", "json"]);
    assert_eq!((&diff["net_profit_before"], &diff["net_profit_after"]), (&"-25.0000".into(), &"-70.0000".into()));
    assert_eq!(parts(&diff), ["lines -45.0000", "usage 40.0000", "rates -40.0000"]);
    let said = project.netto(&["diff", "previous", "current"]).ok().stdout();
    assert!(said.contains("the later configuration instead of the earlier one, on the later data"), "{said}");

    // A remark is no rule; and the same result again is the same run, with an entry of its own.
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let project = project.file("netto.toml", format!("# said\n{config}"));
    project.netto(&["plan"]).ok();
    project.run().ok();
    // What fails is recorded as well, and said; readers see what they saw.
    let project = project.file("order_lines.csv", "order_id\n1\n");
    assert_eq!(project.run().code(), 2);
    let status = project.netto(&["status"]).ok().stdout();
    for said in
        ["data through 2025-03, net profit -70.0000", "last run     #5 failed", "exit code 2: ", "nobody writes"]
    {
        assert!(status.contains(said), "{status}");
    }
    let history = json(&project, &["history", "--format", "json"]);
    let outcomes: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["outcome"].as_str().unwrap(), entry["unchanged"] == true, entry["kept"] == true))
        .collect();
    assert_eq!(
        outcomes,
        [
            ("done", false, true),
            ("done", false, true),
            ("done", false, true),
            ("done", true, true),
            ("failed", false, false)
        ]
    );
    assert_eq!(history[2]["run_id"], history[3]["run_id"]);
    the_second_and_the_fifth_are_recorded(&project);
}

fn the_second_and_the_fifth_are_recorded(project: &Project) {
    let second = entry(project, 2);
    assert_eq!(
        (&second["data_through"], &second["windows"]["main"]["net_profit"]),
        (&"2025-03".into(), &"-25.0000".into())
    );
    assert_eq!(
        (&second["balances"]["own_amount"], &second["balances"]["difference"]),
        (&"220.0000".into(), &"0.0000".into())
    );
    assert!(second["peak_memory"].as_u64().unwrap() > 1 << 20 && second["timings_ms"]["profit"].is_number());
    assert_eq!(second["files"]["order_lines"].as_object().unwrap().len(), 1);
    let kept = fs::read_to_string(project.folder().join(".netto/runs/000002/rules/netto.toml")).unwrap();
    assert!(kept.contains("quantity = \"1\""));
    let lineage = fs::read_to_string(project.folder().join(".netto/runs/000002/lineage.ndjson")).unwrap();
    let events: Vec<Value> = lineage.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |job: &str| {
        events
            .iter()
            .filter(|event| event["job"]["name"] == job)
            .map(|event| event["eventType"].as_str().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!([of("run"), of("ingest.order_lines"), of("publish")], [["START", "COMPLETE"]; 3]);
    let failed = fs::read_to_string(project.folder().join(".netto/runs/000005/lineage.ndjson")).unwrap();
    assert!(failed.contains("\"FAIL\"") && failed.lines().count() > 3, "{failed}");
}

/// Orders of a month, each of 100 at a cost of 60.
fn orders(month: u32, from: u32, many: u32) -> String {
    let line = |order: u32| format!("{order},1,2025-{month:02}-05,A,p,1,100,60\n");
    (from..from + many).map(line).collect()
}

#[test]
fn what_is_not_as_expected_is_said_or_stops_the_night_before_it_is_published() {
    let expect = "[expect]\nvolume = { warn = 0.2, fail = 0.5 }\nmargin = { fail = 0.1 }\nclosed_month = { warn = 0, fail = 0.4 }\n";
    let config = |project: &Project| {
        let text = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
        text.split("[expect]").next().unwrap().to_owned()
    };
    let four = [orders(1, 100, 10), orders(2, 200, 10), orders(3, 300, 10), orders(4, 400, 10)];
    let project = night(project(), &four.concat(), "100");
    let plain = config(&project);
    let project = project.file("netto.toml", format!("{plain}{expect}"));
    let said = |project: &Project, code: i32| {
        let outcome = project.run();
        assert_eq!(outcome.code(), code, "{}", outcome.stderr());
        outcome.message().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(!said(&project, 0).contains("not as expected"));
    // Fewer orders in the last month than in those before it.
    let project = night(project, &[&four[..3], &[orders(4, 400, 7)]].concat().concat(), "100");
    let warned = said(&project, 0);
    assert!(
        warned.contains("volume: 2025-04 has 7 order lines; the 3 months before it usually had 10 (limit 0.2)"),
        "{warned}"
    );
    // A closed month is another: said at first, refused where it is much.
    let dearer = four[1].replace(",100,60", ",101,60");
    let project = night(project, &[&four[0], &dearer, &four[2], &four[3]].map(String::as_str).concat(), "100");
    let warned = said(&project, 0);
    assert!(
        warned.contains(
            "1 closed month has a different net profit than in the last run, 2025-02 by 10.00 or 0.9 % of its revenue"
        ),
        "{warned}"
    );
    let published = fs::read_link(project.folder().join("out/current")).unwrap();
    let dearer = four[1].replace(",100,60", ",100,10");
    let project = night(project, &[&four[0], &dearer, &four[2], &four[3]].map(String::as_str).concat(), "100");
    let refused = said(&project, 3);
    for said in [
        "margin: gross margin is 52.",
        "closed_month: 1 closed month has a different net profit",
        "netto.toml:",
        "nothing was published",
    ] {
        assert!(refused.contains(said), "{said}: {refused}");
    }
    assert_eq!(fs::read_link(project.folder().join("out/current")).unwrap(), published);
    // The last order is long ago.
    let project = project.file("netto.toml", format!("{plain}[expect]\nfreshness = {{ fail = 30 }}\n"));
    assert!(said(&project, 3).contains("freshness: the last order line is from 2025-04-05"));
    let project = project.file("netto.toml", format!("{plain}[expect]\nfreshness = {{ warn = 3, fail = 2 }}\n"));
    assert!(said(&project, 2).contains("`freshness`: `fail` is below `warn`, so it would never warn"));
}

#[test]
fn what_was_computed_once_is_not_computed_again_and_a_run_that_failed_goes_on_from_there() {
    let computed = |said: &str| said.lines().any(|line| line.trim_start().starts_with("segment"));
    let project = night(project(), &orders(3, 300, 10), "100");
    let plain = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let project = project.file("netto.toml", format!("{plain}[expect]\nfreshness = {{ fail = 30 }}\n"));
    let refused = project.run();
    assert!(refused.code() == 3 && computed(&refused.stderr()), "{}", refused.stderr());
    assert!(!project.folder().join("out/current").exists());
    // What is expected is another, no figure is.
    let project = project.file("netto.toml", &plain);
    let steps = json(&project, &["plan", "--format", "json"]);
    assert_eq!(
        (steps["steps"].as_array().unwrap().len(), &steps["steps"][0]["stage"]),
        (1, &"publish".into()),
        "{steps}"
    );
    let shown = project.run().ok();
    assert!(!computed(&shown.stderr()), "{}", shown.stderr());
    assert_eq!(entry(&project, 2)["run_id"], entry(&project, 1)["run_id"]);
    assert_eq!(project.mart("fct_customer_month").sum("invoice_revenue"), 11_000_000);
    project.netto(&["check", "--marts"]).ok();
    // A night that brings nothing says the same, and computes nothing; what a run that was killed left goes.
    let left = ["out/.new-dead", ".netto/staging/parquet"].map(|folder| project.folder().join(folder));
    for folder in &left {
        fs::create_dir_all(folder).unwrap();
    }
    let again = project.run().ok();
    assert!(!left.iter().any(|folder| folder.exists()));
    assert!(!computed(&again.stderr()) && again.stderr().contains("nothing changed since run"), "{}", again.stderr());
    assert_eq!(
        (again.stdout(), entry(&project, 3)["windows"].clone()),
        (shown.stdout(), entry(&project, 2)["windows"].clone())
    );
    assert_eq!(entry(&project, 3)["rows"], entry(&project, 2)["rows"]);
    // Whoever wants it has it computed, to the same result.
    let anew = project.netto(&["run", "--recompute"]).ok();
    assert!(computed(&anew.stderr()) && anew.stderr().contains("nothing changed since run"), "{}", anew.stderr());
    // A file that isn't as it was written is no result.
    let table = project.folder().join("out/current/csv/dim_customer.csv");
    fs::write(&table, "gone").unwrap();
    assert!(computed(&project.run().ok().stderr()));
    assert_ne!(fs::read(&table).unwrap(), b"gone");
    // Neither is one of other rules, or other data.
    let project = project.file("netto.toml", plain.replace("\"1\"", "\"2\""));
    assert!(computed(&project.run().ok().stderr()));
    let project = night(project, &orders(3, 300, 11), "100");
    assert!(computed(&project.run().ok().stderr()));
}

#[test]
fn a_run_that_is_killed_goes_on_from_the_last_stage_that_was_done() {
    let project = Project::copy_of(&repository("data/wholesaler"));
    let stages = project.folder().join(".netto/stages");
    let done = || {
        let of_run = fs::read_dir(&stages).into_iter().flatten().flatten().next();
        let done = of_run.and_then(|of_run| fs::read_dir(of_run.path()).ok()).into_iter().flatten().flatten();
        done.map(|stage| stage.file_name().display().to_string()).filter(|stage| !stage.contains('.')).collect()
    };
    let mut killed = Command::new(binary()).arg("run").arg(project.folder()).stderr(Stdio::null()).spawn().unwrap();
    while !BTreeSet::contains(&done(), "segment") {
        assert!(killed.try_wait().unwrap().is_none(), "it ended before it was killed");
        thread::sleep(Duration::from_millis(5));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    let mut left: BTreeSet<String> = done();
    let planned = json(&project, &["plan", "--format", "json"])["steps"].clone();
    let planned: Vec<&str> = planned.as_array().unwrap().iter().map(|step| step["stage"].as_str().unwrap()).collect();
    assert!(planned.contains(&"publish") && !planned.iter().any(|stage| left.contains(*stage)), "{planned:?}");
    // What isn't as it was left is computed again.
    if left.remove("rollup") {
        let of_run = fs::read_dir(&stages).unwrap().flatten().next().unwrap();
        fs::write(of_run.path().join("rollup/about.json"), "{}").unwrap();
    }
    let again = project.run().ok().stderr();
    let said = |stage| again.lines().find(|line| line.trim_start().starts_with(stage)).unwrap();
    for stage in ["rollup", "profit", "segment"] {
        let said = said(stage);
        assert_eq!(said.contains("from the run that was interrupted"), left.contains(stage), "{said}");
    }
    // The split keeps each of its months.
    assert!(said("split").contains("; 0 of 36 months"), "{again}");
    assert!(!stages.exists() && !project.folder().join(".netto/staging").exists());
    // The result is that of a run that did everything.
    let anew = project.netto(&["run", "--recompute"]).ok().stderr();
    assert!(anew.contains("nothing changed since run") && !anew.contains("interrupted"), "{anew}");
}

#[test]
fn a_change_that_is_much_larger_than_changes_from_run_to_run_is_unusual() {
    let mut project = project();
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    project = project.file("netto.toml", format!("{config}[expect]\nunusual = {{ fail = 5 }}\n"));
    for more in 0..10 {
        project = night(project, &orders(3, 300, 10 + more), "100");
        project.run().ok();
    }
    let project = night(project, &orders(3, 300, 30), "100");
    let refused = project.run();
    assert_eq!(refused.code(), 3);
    assert!(refused.message().contains("of the main window changed by 11.0 times as much"), "{}", refused.message());
}

/// Every file below a folder.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(files(&path));
        } else {
            found.insert(path);
        }
    }
    found
}

#[test]
fn yesterdays_answer_comes_again_by_its_data_and_rules_until_it_is_no_longer_kept() {
    let mut project = project();
    let mut ids = Vec::new();
    for more in 0..6 {
        // A row of the second night can't be read, and of the third a rule is another.
        let bad = if more == 1 { "999,1,2025-03-06,A,p,x,1,1\n" } else { "" };
        project = night(project, &(orders(3, 300, 200 + more) + bad), "100");
        let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
        if more == 2 {
            project = project.file("netto.toml", config.replace("\"1\"", "\"2 + lines\""));
        }
        project.run().ok();
        ids.push(entry(&project, more + 1)["run_id"].as_str().unwrap().to_owned());
    }
    let current = || fs::read_link(project.folder().join("out/current")).unwrap();
    let shown = |id: &str| assert_eq!(current(), Path::new("runs").join(id));
    shown(&ids[5]);
    // The tables of the second run are gone, and are computed again: the same, to the last byte of what was set apart.
    assert!(!project.folder().join("out/runs").join(&ids[1]).exists());
    project.netto(&["run", "--as-of", "#2"]).ok();
    shown(&ids[1]);
    assert_eq!(entry(&project, 7)["lake"], entry(&project, 2)["lake"]);
    assert_eq!(project.netto(&["plan"]).code(), 2, "the lake is newer than what readers see");
    project.run().ok();
    shown(&ids[5]);
    // What is kept can still be read and repeated, all else goes.
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let project = project.file("netto.toml", format!("{config}[keep]\nruns = 2\n"));
    let planned = json(&project, &["vacuum", "--dry-run", "--format", "json"]);
    let all = files(project.folder());
    assert!(planned["files"].as_array().unwrap().len() > 5, "{planned}");
    project.netto(&["vacuum"]).ok();
    let left = files(project.folder());
    for gone in planned["files"].as_array().unwrap() {
        assert!(!Path::new(gone.as_str().unwrap()).exists(), "{gone}");
    }
    assert!(left.len() < all.len());
    assert_eq!(json(&project, &["vacuum", "--format", "json"])["files"], Value::Array(Vec::new()));
    let shown =
        |id: &str| assert_eq!(fs::read_link(project.folder().join("out/current")).unwrap(), Path::new("runs").join(id));
    project.netto(&["run", "--as-of", &ids[1]]).ok();
    shown(&ids[1]);
    project.run().ok();
    shown(&ids[5]);
    let gone = project.netto(&["run", "--as-of", "#4"]);
    assert_eq!(gone.code(), 2, "{}", gone.stderr());
    assert!(gone.message().contains("no longer"), "{}", gone.message());
    assert_eq!(project.netto(&["history"]).ok().stdout().lines().filter(|line| line.contains('#')).count(), 10);
    project.netto(&["explain", "customer", "A"]).ok();
    project.netto(&["check", "--marts"]).ok();
}

#[test]
fn where_links_do_not_work_a_file_names_the_last_run_and_every_verb_follows_it() {
    let project = night(project(), &orders(3, 300, 5), "100");
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let project = project.file("netto.toml", format!("{config}[publish]\ncurrent = \"pointer\"\n"));
    project.run().ok();
    let out = project.folder().join("out");
    let pointer = fs::read_to_string(out.join("current.txt")).unwrap();
    assert!(pointer.starts_with("runs/") && !out.join("current").exists(), "{pointer}");
    assert!(out.join(pointer.trim()).join("parquet/dim_customer.parquet").is_file());
    for verb in [
        &["explain", "customer", "A"][..],
        &["sql", "select * from dim_customer"],
        &["check", "--marts"],
        &["publish", "--sink", "csv"],
        &["diff", "current", "current"],
        &["plan"],
    ] {
        project.netto(verb).ok();
    }
    assert!(project.netto(&["status"]).ok().stdout().contains("data through 2025-03"));
    assert!(project.run().ok().stderr().contains("nothing changed since run"));
    // Links again: the file goes.
    let project = project.file("netto.toml", &config);
    let project = project.file("netto.toml", format!("{config}[publish]\ncurrent = \"symlink\"\n"));
    project.run().ok();
    assert!(out.join("current").is_symlink() && !out.join("current.txt").exists());
}

#[test]
fn a_scenario_for_a_market_that_is_gone_is_left_out_and_the_night_goes_on() {
    let project = night(project(), &orders(3, 300, 5), "100")
        .file("scenarios/gone.toml", "[[lever]]\nkind = \"price\"\nchange = 0.05\nmarket = \"Gone\"\n")
        .file("scenarios/all.toml", "[[lever]]\nkind = \"price\"\nchange = 0.05\n");
    let outcome = project.run().ok();
    let said = outcome.stderr();
    assert!(said.contains("the scenario `gone` is skipped: "), "{said}");
    assert_eq!(project.mart("scenario_result").column("scenario").iter().filter(|name| **name == "gone").count(), 0);
    assert_eq!(project.netto(&["run", "--strict"]).code(), 3);
}
