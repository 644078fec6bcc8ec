//! `netto run --engine spark` comes to the same result, byte for byte: by Sail, which speaks Spark, and with `just spark-check` by Spark itself on
//! a cluster of this machine.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::duckdb::{environment, python};
use crate::harness::{Outcome, Project, repository, unwrapped};

/// A server, and a Python with its client. It serves until its standard input ends, with this process.
struct Server {
    remote: String,
    python: PathBuf,
    _process: Child,
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let master = std::env::var("NETTO_SPARK").ok();
        let (name, made_from) = if master.is_some() { ("spark", "spark.txt") } else { ("engines", "requirements.txt") };
        let python = environment(name, &repository("tests/engines").join(made_from));
        let mut command = Command::new(&python);
        command.arg(repository("tests/engines/server.py")).arg(master.as_deref().unwrap_or("sail"));
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut remote = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut remote).unwrap();
        assert!(remote.starts_with("sc://"), "no server: {remote}");
        Server { remote: remote.trim().to_owned(), python, _process: process }
    })
}

/// `[spark]` with this server, and more settings.
fn cluster(settings: &str) -> String {
    let Server { remote, python, .. } = server();
    format!("\n[spark]\nremote = \"{remote}\"\npython = \"{}\"\n{settings}", python.display())
}

fn by_spark(project: &Project) -> Outcome {
    project.netto(&["run", "--recompute", "--engine", "spark", "--format", "json"])
}

/// By netto, then by Spark in the same project: it finds that nothing changed, as the tables are the same to the last byte.
fn same_by_both(project: &Project) {
    let first = project.netto(&["run", "--format", "json"]).ok().stdout();
    let first: Value = serde_json::from_str(&first).unwrap();
    let again = by_spark(project).ok();
    assert!(again.stderr().contains(", by Spark ("), "{}", again.stderr());
    let again: Value = serde_json::from_str(&again.stdout()).unwrap();
    assert_eq!(
        (&again["run_id"], &again["unchanged"]),
        (&first["run_id"], &true.into()),
        "{}",
        project.folder().display()
    );
}

#[test]
fn spark_comes_to_the_result_of_the_demo() {
    let project = Project::copy_of(&repository("data/wholesaler"));
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    same_by_both(&project.file("netto.toml", config + &cluster("")));
}

/// Orders in parts, over the ends of months, by warehouse; suppliers; activities with names that no column should have.
const EVERYTHING: &str = r#"
[source.order_lines]
files = "order_lines.csv"
[source.products]
files = "products.csv"
[source.rebates]
files = "rebates.csv"
[source.activities]
files = "activities.csv"
[source.cost_pools]
files = "cost_pools.csv"

[pool.storage]
by = "warehouse"
practical_minutes = 90000
[pool.desk]
practical_minutes = 90000
[pool.transport]

[activity.entry]
pool = "desk"
method = "time"
minutes = "5 + case when delivery = 'direct' then 2*lines else 1.5*lines end - case when order_kind = 'return' then 1 else 0 end"
[activity.Entry]
pool = "desk"
method = "time"
minutes = "case when lines > 2 then 3 else 9.1 end"
where = "channel <> 'web'"
[activity."pick, and `pack`"]
pool = "storage"
method = "time"
source = "order_lines"
minutes = "0.7 + abs(quantity) / 3"
where = "delivery = 'stock'"
[activity.shelf]
pool = "storage"
method = "driver"
share = 0.2
quantity = "lines"
[activity.period]
pool = "transport"
method = "driver"
quantity = "net_amount * 0.3"
negative = "signed"
[activity.visit]
pool = "desk"
method = "time"
source = "activities"
minutes = "minutes"

[facts]
order_line = true
"#;

/// A project of some hundred lines, drawn anew from a seed.
fn everything(seed: u64) -> Project {
    let mut state = seed;
    let mut drawn = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,list_amount,cogs_amount,channel,warehouse,\
                     order_kind,delivery,freight_charged\n"
        .to_owned();
    for order in 1..=150 {
        let (month, customer, channel) = (1 + drawn(5), drawn(9), ["web", "phone", "\u{fc}", ""][drawn(4)]);
        for line in 1..=1 + drawn(5) {
            // A third of the lines follow in the next month, and a fifth are returns.
            let (month, back) = (month + usize::from(drawn(3) == 0), drawn(5) == 0);
            let (sign, kind) = if back { ("-", "return") } else { ("", "sale") };
            let (day, pieces, cents) = (1 + drawn(28), 1 + drawn(40), drawn(100_000));
            let warehouse = ["north", "south", ""][drawn(3)];
            let delivery = ["stock", "direct"][drawn(2)];
            let list = if drawn(2) == 0 { String::new() } else { format!("{sign}{}.5", cents / 90) };
            let cost = if drawn(3) == 0 { String::new() } else { format!("{sign}{}", cents / 130) };
            let freight = if line == 1 { "4.95" } else { "" };
            lines += &format!(
                "o{order},{line},2025-{month:02}-{day:02},c{customer},p{},{sign}{}.25,{sign}{}.{:02},{list},{cost},{channel},{warehouse},{kind},{delivery},{freight}\n",
                drawn(6),
                pieces,
                cents / 100,
                cents % 100,
            );
        }
    }
    let mut costs = "pool,period,amount,warehouse\n".to_owned();
    for month in 1..=6 {
        costs += &format!(
            "storage,2025-{month:02},900.01,north\nstorage,2025-{month:02},700,south\nstorage,2025-{month:02},50,\n"
        );
        costs += &format!("desk,2025-{month:02},1234.5,\ntransport,2025-{month:02},300.33,\n");
    }
    let visits =
        "activity_id,occurred_at,kind,customer_id,minutes\nv1,2025-02-03,visit,c1,45\nv2,2025-03-03,visit,c2,30\n";
    Project::new(&(EVERYTHING.to_owned() + &cluster("")))
        .file("order_lines.csv", lines)
        .file("cost_pools.csv", costs)
        .file("products.csv", "product_id,supplier_id\np0,s\np1,s\np2,t\np3,\np4,t\np5,u\n")
        .file("rebates.csv", "supplier_id,basis,rate\ns,purchases,0.02\nt,purchases,0.031\n")
        .file("activities.csv", visits)
}

#[test]
fn spark_comes_to_the_result_of_orders_in_parts_over_months_and_by_warehouse() {
    let project = everything(1);
    same_by_both(&project);
    let received = project.mart("fct_customer_month").sum("rebates_received");
    assert!(received > 0, "no supplier gave a rebate");
}

#[test]
fn lines_are_copied_to_a_folder_of_the_cluster_and_no_setting_of_it_is_another_rule() {
    let project = everything(2);
    let shared = tempfile::tempdir().unwrap();
    let here = shared.path().canonicalize().unwrap();
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let settings = format!("folder = \"{0}\"\non_cluster = \"file://{0}/\"\n", here.display());
    let project = project.file("netto.toml", format!("{config}{settings}"));
    let copies = || {
        let entries = fs::read_dir(here.join("order_lines")).unwrap().flatten();
        let mut copies: Vec<_> =
            entries.map(|entry| (entry.file_name(), entry.metadata().unwrap().modified().unwrap())).collect();
        copies.sort();
        copies
    };
    same_by_both(&project);
    let first = copies();
    assert_eq!(first.len(), 6, "a file a month");
    assert!(!here.join("tables").exists(), "what was read is gone");
    fs::write(here.join("order_lines/old.parquet"), "of a version that is live no more").unwrap();
    by_spark(&project).ok();
    assert_eq!(copies(), first, "what is there isn't copied again, and what is old goes");
}

// ── What is refused ───────────────────────────────────────────────────────────────────────────────────────────────────

/// A small project whose one activity has these minutes.
fn small(minutes: &str, spark: &str) -> Project {
    let config = format!(
        "[source.order_lines]\nfiles = \"lines.csv\"\n[source.cost_pools]\nfiles = \"costs.csv\"\n[pool.desk]\npractical_minutes = 1000\n\
         [activity.entry]\npool = \"desk\"\nmethod = \"time\"\nminutes = \"{minutes}\"\n{spark}"
    );
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n1,1,2025-03-03,A,p,1,10\n2,1,2025-03-04,A,p,-1,-10\n";
    Project::new(&config).file("lines.csv", lines).file("costs.csv", "pool,period,amount\ndesk,2025-03,5\n")
}

/// What a run by Spark says, in one line.
fn refusal(project: &Project) -> (i32, String) {
    let outcome = project.netto(&["run", "--engine", "spark"]);
    (outcome.code(), unwrapped(&outcome.message()))
}

#[test]
fn a_row_that_is_refused_is_named_as_without_spark() {
    let project = small("2 * quantity", &cluster(""));
    let alone = project.run();
    assert_eq!(alone.code(), 2);
    let (code, said) = refusal(&project);
    assert!(
        code == 2 && said.contains("activity `entry` takes -2.0000 minutes for order `2` in 2025-03"),
        "{code}: {said}"
    );
    assert!(alone.message().contains("takes -2.0000 minutes for order `2`"), "{}", alone.message());
    for (minutes, words) in [
        ("sqrt(quantity) + 1", "takes the root of a negative number"),
        (
            "90000000000000 * abs(quantity)",
            "the sum of activity `entry` over the rows of `orders` in 2025-03 is 180,000,000,000,000.0000",
        ),
    ] {
        let (code, said) = refusal(&small(minutes, &cluster("")));
        assert!(code != 0 && said.contains(words), "{minutes}: {code}: {said}");
    }
}

#[test]
fn amounts_beyond_the_range_are_refused_also_where_a_customer_s_cancel_out() {
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n1,1,2025-03-03,A,p,1,60000000000000\n\
                 2,1,2025-03-04,A,p,-1,-60000000000000\n3,1,2025-03-05,A,p,1,5\n";
    // The split would find it as well.
    let project = small("1", &(cluster("") + "[facts]\nenabled = false\n")).file("lines.csv", lines);
    let (alone, by_spark) = (project.run(), refusal(&project));
    assert_eq!((alone.code(), by_spark.0), (1, 1));
    assert!(
        by_spark.1.contains("the sum of net_amount over the 3 orders of 2025-03 is 120,000,000,000,005.0000"),
        "{}",
        by_spark.1
    );
}

#[test]
fn a_text_that_spark_cannot_compute_is_named_with_what_spark_says() {
    let project = small("1 / (quantity + 1)", &cluster(""));
    let (code, said) = refusal(&project);
    assert!(code == 1 && said.contains("Spark could not compute `driver_orders`"), "{code}: {said}");
    assert!(said.to_lowercase().contains("zero") && said.contains("job.json"), "{said}");
    assert!(!project.folder().join("out/current").exists());
    let records = fs::read_dir(project.folder().join(".netto/runs")).unwrap().flatten();
    let logs: String = records.map(|run| fs::read_to_string(run.path().join("log.ndjson")).unwrap()).collect();
    assert!(logs.contains("\"stage\":\"rollup\"") && logs.to_lowercase().contains("zero"), "{logs}");
}

/// A Python that says this at last, whatever it is asked.
fn saying(answer: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("python");
    fs::write(&program, format!("#!/bin/sh\necho gone >&2\necho '{answer}'\nexit 3\n")).unwrap();
    let executable = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    fs::set_permissions(&program, executable).unwrap();
    let spark = format!("[spark]\nremote = \"sc://localhost\"\npython = \"{}\"\n", program.display());
    (folder, spark)
}

#[test]
fn what_is_missing_on_the_way_to_spark_is_named_with_the_way_out() {
    let with =
        |python: &Path, remote: &str| format!("[spark]\nremote = \"{remote}\"\npython = \"{}\"\n", python.display());
    let nowhere = with(&server().python, "sc://127.0.0.1:9");
    let (_kept, silent) = saying("Traceback");
    let (_kept_too, elsewhere) = saying(r#"{"written": {"line_audit": 1, "customer_month": 1}}"#);
    for (spark, code, words) in [
        ("", 2, "no Spark cluster is configured"),
        (
            "[spark]\nremote = \"sc://localhost\"\npython = \"no-such-python\"\n",
            2,
            "Python can't be started as `no-such-python`",
        ),
        (&with(python(), "sc://localhost"), 2, "has no working Spark client: ModuleNotFoundError"),
        (&nowhere, 1, "no Spark Connect server answers at sc://127.0.0.1:9"),
        (&silent, 1, "Spark's client ended (exit status: 3) with no other message than: gone"),
        (&elsewhere, 2, "Spark wrote 1 rows of `customer_month`, but PROJECT/.netto/spark/tables/customer_month has 0"),
    ] {
        let (found, said) = refusal(&small("1", spark));
        assert!(found == code && said.contains(words), "{words}: exit {found}, {said}");
        assert!(spark.is_empty() || code == 1 || said.contains("netto.toml:"), "no line: {said}");
    }
}

#[test]
fn settings_of_spark_that_mean_nothing_are_refused_at_their_line() {
    for (settings, words) in [
        ("remote = \"http://spark\"", "is not the address of a Spark Connect server"),
        ("remote = \"sc://:15002\"", "is not the address of a Spark Connect server"),
        ("remote = \"sc://host:15002/;token=abc\"", "a token or key doesn't belong in a configuration"),
        ("folder = \"../share\"", "points outside the project"),
        ("on_cluster = \"\"", "`on_cluster` is empty"),
        ("server = \"sc://host\"", "unknown field `server`"),
    ] {
        let project = small("1", &format!("[spark]\n{settings}\n"));
        let outcome = project.netto(&["check"]);
        let said = outcome.message();
        assert!(outcome.code() == 2 && said.contains(words), "{settings}: {said}");
        let hides = settings.contains("token=");
        assert!(said.contains("netto.toml:") != hides && !said.contains("abc"), "{settings}: {said}");
    }
}
