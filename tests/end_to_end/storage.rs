//! `[storage]`: lake and result in object storage, of a server that speaks S3: others read them there, another machine goes on from them, and nobody
//! sees half of anything.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::duckdb::{environment, python, said};
use crate::harness::{Outcome, Project, repository, unwrapped};

const AT: &str = "s3://bucket/netto";

/// A server with an empty bucket. It serves until its standard input ends, with this process.
struct Storage {
    folder: TempDir,
    _process: Child,
}

impl Storage {
    fn new() -> Self {
        static PYTHON: OnceLock<PathBuf> = OnceLock::new();
        let python = PYTHON.get_or_init(|| environment("storage", &repository("tests/storage/requirements.txt")));
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(python);
        command.arg(repository("tests/storage/server.py")).arg(folder.path());
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        assert!(address.starts_with("http://"), "no server: {address}");
        // A Python that knows where the storage is, and its keys.
        let variables = format!(
            "AWS_ENDPOINT_URL={} AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_DEFAULT_REGION=us-east-1",
            address.trim()
        );
        let program = format!("#!/bin/sh\nexport {variables}\nexec '{}' \"$@\"\n", python.display());
        executable(&folder.path().join("python"), &program);
        let storage = Self { folder, _process: process };
        storage.python(&["-c", "import s3fs; s3fs.S3FileSystem().mkdir('bucket')"]);
        storage.changes();
        storage
    }

    fn python(&self, arguments: &[&str]) -> String {
        let output = Command::new(self.folder.path().join("python")).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        let code = format!("import s3fs; s3fs.S3FileSystem().pipe_file('bucket/netto/{name}', {text:?}.encode())");
        self.python(&["-c", &code]);
        self.changes();
    }

    fn text(&self, name: &str) -> String {
        let code = format!("import s3fs; print(s3fs.S3FileSystem().cat_file('bucket/netto/{name}').decode())");
        self.python(&["-c", &code])
    }

    /// What readers see.
    fn seen(&self) -> Value {
        let program = repository("tests/storage/reader.py");
        serde_json::from_str(&self.python(&[program.to_str().unwrap(), AT])).unwrap()
    }

    /// What was written and removed since the last time that this was asked, as `PUT lake/…`.
    fn changes(&self) -> Vec<String> {
        let path = self.folder.path().join("changes");
        let text = fs::read_to_string(&path).unwrap_or_default();
        drop(fs::remove_file(path));
        text.lines().map(|line| line.replace("bucket/netto/", "")).collect()
    }

    /// From now on what is like this pattern is refused.
    fn refuse(&self, pattern: Option<&str>) {
        let path = self.folder.path().join("refused");
        match pattern {
            Some(pattern) => fs::write(path, pattern).unwrap(),
            None => fs::remove_file(path).unwrap(),
        }
    }

    /// A project without extracts.
    fn machine(&self, settings: &str) -> Project {
        let python = self.folder.path().join("python");
        Project::new(&config(&format!("at = \"{AT}\"\npython = \"{}\"\n{settings}", python.display())))
    }

    /// One with extracts of some months.
    fn shop(&self, months: u32, settings: &str) -> Project {
        with_months(self.machine(settings), months)
    }
}

fn executable(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn config(storage: &str) -> String {
    format!(
        "[source.order_lines]\nfiles = \"lines.csv\"\n[source.cost_pools]\nfiles = \"costs.csv\"\n[pool.desk]\npractical_minutes = 1000\n\
         [activity.entry]\npool = \"desk\"\nmethod = \"time\"\nminutes = \"20\"\n[storage]\n{storage}"
    )
}

/// A customer with an order a month, and what that costs.
fn with_months(project: Project, months: u32) -> Project {
    let mut lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount\n".to_owned();
    let mut costs = "pool,period,amount\n".to_owned();
    for month in 1..=months {
        lines += &format!("o{month},1,2025-{month:02}-03,A,p,1,100,60\n");
        costs += &format!("desk,2025-{month:02},500\n");
    }
    project.file("lines.csv", lines).file("costs.csv", costs)
}

/// The id of the run.
fn id(outcome: Outcome) -> String {
    let said: Value = serde_json::from_str(&outcome.ok().stdout()).unwrap();
    said["run_id"].as_str().unwrap().to_owned()
}

fn run(project: &Project) -> String {
    id(project.netto(&["run", "--recompute", "--format", "json"]))
}

/// What is said, in one line.
fn words(outcome: &Outcome) -> String {
    unwrapped(&outcome.stderr())
}

/// Files that were written and are named after their content: others are small, and sent again where nobody knows that they are there.
fn data(changes: &[String]) -> Vec<&str> {
    let written = changes.iter().filter_map(|change| change.strip_prefix("PUT "));
    written.filter(|name| name.starts_with("runs/") || name.contains("/part-") || name.contains("_delta_log")).collect()
}

#[test]
fn a_run_is_read_in_object_storage_and_another_machine_goes_on_from_it() {
    let storage = Storage::new();
    let first = storage.shop(2, "");
    let run_id = run(&first);
    let changes = storage.changes();
    let places = |what: &str| -> Vec<usize> {
        changes.iter().enumerate().filter(|(_, change)| change.contains(what)).map(|(place, _)| place).collect()
    };
    let (data, logs) = (places("/part-").into_iter().chain(places("PUT runs/")), places("/_delta_log/"));
    assert!(data.max() < logs.first().copied() && logs.len() == 5, "{changes:?}");
    assert_eq!(changes.last().map(String::as_str), Some("PUT current.json"));
    let seen = storage.seen();
    assert_eq!(seen["run"], format!("runs/{run_id}"));
    assert_eq!((&seen["lake"]["order_lines"], &seen["lake"]["cost_pools"]), (&[0, 2].into(), &[0, 2].into()));
    assert_eq!(seen["net_profit"], "60.0000", "two orders earn 40, and take 10 each");
    assert_eq!(id(first.netto(&["push", "--format", "json"])), run_id);
    assert!(first.netto(&["run"]).ok().stderr().contains("nothing to copy"));
    assert_eq!(storage.changes(), Vec::<String>::new(), "nothing is sent twice");

    // Another machine: without extracts, and with them.
    let second = storage.machine("");
    assert_eq!(id(second.netto(&["pull", "--format", "json"])), run_id);
    assert_eq!(second.mart("fct_customer_month").sum("net_profit"), 600_000);
    assert_eq!(id(second.netto(&["run", "--as-of", "current", "--recompute", "--format", "json"])), run_id);
    let second = with_months(second, 2);
    assert_eq!(run(&second), run_id, "keys and versions are those of the first machine");
    assert!(second.netto(&["pull"]).ok().stdout().contains("nothing to copy"));
    assert_eq!(storage.changes(), Vec::<String>::new(), "what is there came from there");

    // It goes on, and the first machine fetches what it did.
    let second = with_months(second, 3);
    let later = run(&second);
    let changes = storage.changes();
    assert!(changes.iter().all(|change| !change.contains(&run_id)), "former results stay while they are kept");
    assert_eq!(changes.iter().filter(|change| change.contains("lake/order_lines/period=")).count(), 1, "{changes:?}");
    assert_eq!(storage.seen()["lake"]["order_lines"], Value::from([1, 3]));
    assert_eq!(id(first.netto(&["pull", "--format", "json"])), later);
    assert_eq!(run(&with_months(first, 3)), later);
}

#[test]
fn a_push_that_breaks_off_leaves_readers_with_the_former_result_and_is_gone_on_with() {
    let storage = Storage::new();
    let project = storage.shop(1, "");
    run(&project);
    storage.changes();
    let (before, mut sent) = (storage.seen(), Vec::new());
    let project = with_months(project, 2);
    for (verb, refused) in
        [("run", "PUT */report.html"), ("push", "PUT */order_lines/_delta_log/*"), ("push", "PUT */current.json")]
    {
        storage.refuse(Some(refused));
        let outcome = project.netto(&[verb]);
        let said = words(&outcome);
        assert!(outcome.code() == 1 && said.contains("s3://bucket/netto denies access"), "{refused}: {said}");
        let seen = storage.seen();
        assert_eq!((&seen["run"], &seen["net_profit"]), (&before["run"], &before["net_profit"]), "{refused}");
        let is_of_lines = !refused.contains("current.json");
        assert!(!is_of_lines || seen["lake"]["order_lines"] == before["lake"]["order_lines"], "{refused}: {seen}");
        sent.extend(storage.changes());
    }
    storage.refuse(None);
    project.netto(&["push"]).ok();
    sent.extend(storage.changes());
    let seen = storage.seen();
    assert_eq!((&seen["lake"]["order_lines"], &seen["net_profit"]), (&[1, 2].into(), &"60.0000".into()));
    let names = data(&sent);
    let mut twice = names.clone();
    twice.sort_unstable();
    twice.dedup();
    assert_eq!(twice.len(), names.len(), "what was there is not sent again");

    // Nor does a machine that fetches it have half of it.
    let second = storage.machine("");
    storage.refuse(Some("GET */report.html"));
    assert_eq!(second.netto(&["pull"]).code(), 1);
    let is_there = |place: &str| second.folder().join(place).exists();
    assert!(!is_there(".netto/lake/order_lines") && !is_there("out/current"));
    storage.refuse(None);
    second.netto(&["pull"]).ok();
    assert!(is_there(".netto/lake/order_lines") && is_there("out/current/report.html"));
}

#[test]
fn an_entry_of_a_log_that_somebody_else_wrote_is_refused_before_anything_is_sent() {
    let storage = Storage::new();
    let (project, other) = (storage.shop(1, ""), storage.shop(2, ""));
    run(&project);
    let entry = "lake/order_lines/_delta_log/00000000000000000001.json";
    storage.write(entry, "{\"commitInfo\": {}}");
    let project = with_months(project, 2);
    let outcome = project.run();
    let said = words(&outcome);
    assert!(
        outcome.code() == 1 && said.contains(&format!("another machine or program wrote to {AT}: `{entry}`")),
        "{said}"
    );
    assert!(said.contains("`netto pull` in a new folder"), "{said}");
    assert_eq!(storage.changes(), Vec::<String>::new());
    // Another lake is none of this one's versions either, and the other way round.
    let said = words(&other.run());
    assert!(said.contains("another machine or program wrote to"), "{said}");
    let outcome = other.netto(&["pull"]);
    let said = words(&outcome);
    assert!(
        outcome.code() == 1 && said.contains("the local lake has an entry that s3://bucket/netto doesn't have"),
        "{said}"
    );
    assert_eq!(storage.changes(), Vec::<String>::new());
}

#[test]
fn what_retention_removed_goes_after_the_pointer_moved_and_nothing_that_netto_did_not_put_there() {
    let storage = Storage::new();
    let project = storage.shop(1, "[keep]\nruns = 1\n");
    let first = run(&project);
    let foreign = [format!("runs/{first}/note.txt"), "lake/cost_pools/part-0123456789abcdef.parquet".to_owned()];
    for name in &foreign {
        storage.write(name, "mine");
    }
    // Removing breaks off, and the next push goes on with it.
    storage.refuse(Some(&format!("DELETE */{first}/*")));
    let project = with_months(project, 2);
    let outcome = project.run();
    assert!(outcome.code() == 1 && !project.folder().join("out/runs").join(&first).exists(), "{}", outcome.stderr());
    let (seen, changes) = (storage.seen(), storage.changes());
    assert!(seen["run"] != format!("runs/{first}") && seen["net_profit"] == "60.0000", "{seen}");
    let pointer = changes.iter().position(|change| change == "PUT current.json");
    let removed = changes.iter().position(|change| change.starts_with("DELETE "));
    assert!(pointer.is_some() && removed.is_none_or(|removed| Some(removed) > pointer), "{changes:?}");
    storage.refuse(None);
    let said = project.netto(&["push"]).ok().stdout();
    let changes = storage.changes();
    assert!(said.contains("nothing to copy; ") && said.contains(" files removed"), "{said}");
    let former = format!("DELETE runs/{first}/");
    assert!(changes.len() > 50 && changes.iter().all(|change| change.starts_with("DELETE ")), "{changes:?}");
    assert!(changes.iter().any(|change| change.starts_with(&former)), "{changes:?}");
    assert!(foreign.iter().all(|name| storage.text(name).trim() == "mine"));
    project.netto(&["push"]).ok();
    assert_eq!(storage.changes(), Vec::<String>::new());
}

#[test]
fn what_is_missing_on_the_way_to_storage_is_named_with_the_way_out() {
    let storage = Storage::new();
    let fault = |project: &Project, verb: &str| {
        let outcome = project.netto(&[verb]);
        (outcome.code(), words(&outcome))
    };
    let (code, said) = fault(&storage.machine(""), "pull");
    assert!(code == 1 && said.contains("there are no netto data at s3://bucket/netto"), "{said}");
    let (code, said) = fault(&storage.machine(""), "push");
    assert!(code == 1 && said.contains("nothing was published here yet"), "{said}");
    for (run, file, words_said) in [
        ("runs/0123456789ab", "runs/0123456789ab/../../../x", "`runs/0123456789ab/../../../x` is not a file name"),
        ("runs/..", "lake/x", "`runs/..` is not the name of a result"),
        ("runs/", "lake/x", "`runs/` is not the name of a result"),
    ] {
        storage.write("current.json", &format!("{{\"run\": \"{run}\", \"files\": {{\"{file}\": \"1\"}}}}"));
        let (code, said) = fault(&storage.machine(""), "pull");
        assert!(code == 1 && said.contains(words_said), "{said}");
    }

    let none = Project::new(config("").split("[storage]").next().unwrap());
    let (code, said) = fault(&none, "push");
    assert!(code == 2 && said.contains("there is no [storage] in netto.toml"), "{said}");
    let with = |python: &str| Project::new(&config(&format!("at = \"{AT}\"\npython = \"{python}\"\n")));
    let (code, said) = fault(&with("no-such-python"), "pull");
    assert!(code == 2 && said.contains("Python can't be started as `no-such-python`"), "{said}");
    let (code, said) = fault(&with(python().to_str().unwrap()), "pull");
    assert!(code == 2 && said.contains("has no working library for s3://bucket/netto: ModuleNotFoundError"), "{said}");
    assert!(said.contains("-m pip install s3fs") && said.contains("netto.toml:"), "{said}");
}

#[test]
fn settings_of_storage_that_mean_nothing_are_refused_at_their_line() {
    for (settings, words_said) in [
        ("at = \"http://bucket\"", "is not a location in object storage"),
        ("at = \"s3://\"", "is not a location in object storage"),
        ("at = \"s3://AKIA:abc@bucket/netto\"", "a token or key doesn't belong in a configuration"),
        ("at = \"s3://bucket\"\npython = \"../python\"", "points outside the project"),
        ("at = \"s3://bucket\"\npython = \"\"", "`python` is empty"),
        ("at = \"s3://bucket\"\nsecret = \"abc\"", "unknown field `secret`"),
    ] {
        let project = Project::new(&config(&format!("{settings}\n")));
        let outcome = project.netto(&["check"]);
        let said = words(&outcome);
        assert!(outcome.code() == 2 && said.contains(words_said), "{settings}: {said}");
        let hides = settings.contains("AKIA");
        assert!(said.contains("netto.toml:") != hides && !(hides && said.contains("abc")), "{settings}: {said}");
    }
}
