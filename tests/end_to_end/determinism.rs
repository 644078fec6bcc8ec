//! Same input, same bytes: for any number of threads, any order of the input rows, and as often as it is run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::Value;

use crate::harness::Project;

/// The demo, in a folder of its own.
fn wholesaler() -> Project {
    let project = Project::copy_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data/wholesaler"));
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    project.file("netto.toml", format!("{config}\n[facts]\norder_line = true\n"))
}

fn published_with(project: &Project, threads: &str) -> BTreeMap<String, Vec<u8>> {
    project.netto(&["run", "--threads", threads]).ok();
    project.published()
}

#[test]
fn one_thread_sixteen_and_shuffled_rows_give_the_same_bytes() {
    let one = published_with(&wholesaler(), "1");
    assert!(one.contains_key("csv/fct_order_line.csv"));
    assert!(one.contains_key("csv/pyramid.csv") && one.contains_key("/report.html") && one.len() > 30);
    assert_same(&one, &published_with(&wholesaler(), "16"), "sixteen threads");
    let shuffled = wholesaler();
    shuffle_extracts(&shuffled);
    assert_same(&one, &published_with(&shuffled, "16"), "shuffled rows");
}

#[test]
fn a_second_run_finds_nothing_to_do_and_touches_nothing() {
    let project = small();
    let first = run_as_json(&project);
    assert_eq!(first["unchanged"], false);
    let (published, before) = (project.published(), times(&project));
    let second =
        serde_json::from_str::<Value>(&project.netto(&["run", "--recompute", "--format", "json"]).ok().stdout())
            .unwrap();
    assert_eq!((&second["unchanged"], &second["run_id"]), (&true.into(), &first["run_id"]));
    assert_eq!(second["windows"], first["windows"]);
    assert_same(&published, &project.published(), "a second run");
    assert_eq!(times(&project), before);
}

#[test]
fn a_run_that_fails_leaves_the_last_result_as_it_was() {
    let project = small();
    project.run().ok();
    let (published, before) = (project.published(), times(&project));
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let lines = fs::read_to_string(project.folder().join("order_lines.csv")).unwrap();
    let more = format!("{lines}9,1,2025-03-09,C,p,1,90\n");
    for (stage, code, file, broken) in [
        ("configuration", 2, "netto.toml", config.replace("minutes", "minuten")),
        ("reading", 3, "order_lines.csv", lines.replace(",p,1,", ",p,one,")),
        // The new line lands in the lake; the cost of its customer can't be computed.
        ("profit", 2, "netto.toml", config.replace("practical_minutes = 1000\n", "")),
    ] {
        let broken = if stage == "profit" {
            fs::write(project.folder().join("order_lines.csv"), &more).unwrap();
            broken
        } else {
            broken
        };
        fs::write(project.folder().join(file), broken).unwrap();
        let outcome = project.run();
        assert_eq!(outcome.code(), code, "{stage}: {}", outcome.stderr());
        assert_same(&published, &project.published(), stage);
        assert_eq!(times(&project), before, "{stage}");
        fs::write(project.folder().join("netto.toml"), &config).unwrap();
        fs::write(project.folder().join("order_lines.csv"), &lines).unwrap();
    }
    fs::write(project.folder().join("order_lines.csv"), &more).unwrap();
    project.run().ok();
    assert_eq!(project.mart("window_summary").only("window_id", "main").one("customers"), "3");
}

/// Two customers and a pool with capacity.
fn small() -> Project {
    let config = "[source.order_lines]\nfiles = \"order_lines.csv\"\n[source.cost_pools]\nfiles = \"cost_pools.csv\"\n\
                  [pool.warehouse]\npractical_minutes = 1000\n\
                  [activity.picking]\npool = \"warehouse\"\nmethod = \"time\"\nminutes = \"3 + 1.5*lines\"\n";
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n\
                 1,1,2025-03-05,A,p,1,10\n1,2,2025-03-05,A,q,1,5\n2,1,2025-03-06,B,p,1,20\n3,1,2025-02-06,B,p,1,20\n";
    Project::new(config)
        .file("order_lines.csv", lines)
        .file("cost_pools.csv", "pool,period,amount\nwarehouse,2025-02,100\nwarehouse,2025-03,100\n")
}

fn run_as_json(project: &Project) -> Value {
    serde_json::from_str(&project.netto(&["run", "--format", "json"]).ok().stdout()).unwrap()
}

/// Names the file that differs, instead of printing all bytes of it.
fn assert_same(left: &BTreeMap<String, Vec<u8>>, right: &BTreeMap<String, Vec<u8>>, what: &str) {
    assert_eq!(left.keys().collect::<Vec<_>>(), right.keys().collect::<Vec<_>>(), "{what}");
    let different: Vec<&String> =
        left.iter().filter(|(name, bytes)| right[*name] != **bytes).map(|(name, _)| name).collect();
    assert_eq!(different, Vec::<&String>::new(), "{what}");
}

/// Everything under `out`, links as links, with the time of its last change.
fn times(project: &Project) -> BTreeMap<PathBuf, SystemTime> {
    let mut times = BTreeMap::new();
    let mut open = vec![project.folder().join("out")];
    while let Some(path) = open.pop() {
        let about = path.symlink_metadata().unwrap();
        if about.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        times.insert(path, about.modified().unwrap());
    }
    times
}

/// Puts the rows of every extract in another order; the header stays.
fn shuffle_extracts(project: &Project) {
    let mut draw = Draw(0x9e37_79b9_7f4a_7c15);
    for entry in fs::read_dir(project.folder().join("extracts")).unwrap() {
        let path = entry.unwrap().path();
        let before = fs::read(&path).unwrap();
        let mut lines: Vec<&[u8]> = before.split_inclusive(|&byte| byte == b'\n').collect();
        assert!(lines.iter().all(|line| is_whole(line)), "{}", path.display());
        draw.shuffle(&mut lines[1..]);
        let after = lines.concat();
        assert!(after != before && after.len() == before.len(), "{}", path.display());
        fs::write(path, after).unwrap();
    }
}

/// A line that no quoted field continues on the next.
fn is_whole(line: &[u8]) -> bool {
    line.ends_with(b"\n") && line.iter().filter(|&&byte| byte == b'"').count() % 2 == 0
}

/// Xorshift: the same numbers in every run.
struct Draw(u64);

impl Draw {
    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            items.swap(last, usize::try_from(self.0 % (last as u64 + 1)).unwrap());
        }
    }
}
