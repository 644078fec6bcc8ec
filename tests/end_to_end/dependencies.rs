//! Dependencies point one way, each has its reason in ARCHITECTURE.md, and the big ones stand in the tree once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use toml::{Table, Value};

/// A package of the workspace: what it needs to run, and for its tests and build only.
#[derive(Debug, Default, PartialEq)]
struct Package {
    needs: BTreeSet<String>,
    tests_need: BTreeSet<String>,
}

/// The packages that ARCHITECTURE.md names, and whether it says `tests only`.
type Reasons = BTreeMap<String, bool>;

const MODEL: &str = "netto-model";
/// What more than one crate needs that is no word: the model, and the protocol of a database that is read from and written to.
const SHARED: [&str; 2] = [MODEL, "netto-postgres"];
/// The binary, which knows all crates.
const BINARY: &str = "netto";

#[test]
fn crates_know_only_what_all_share_and_the_model_knows_none() {
    assert_eq!(wrong_ways(&workspace()), Vec::<String>::new());
}

#[test]
fn every_package_has_its_reason_and_every_reason_its_package() {
    assert_eq!(without_reason(&workspace(), &reasons(&read("ARCHITECTURE.md"))), Vec::<String>::new());
}

#[test]
fn arrow_parquet_and_polars_stand_in_the_tree_once() {
    let lock = read("Cargo.lock");
    for package in ["arrow-array", "parquet", "polars"] {
        assert_eq!(versions(&lock, package).len(), 1, "{package}: {:?}", versions(&lock, package));
    }
}

/// Features decide what is compiled: the same ones, and `cargo test` after `cargo run` builds no dependency again.
#[test]
fn the_binary_and_the_tests_share_one_build_of_every_dependency() {
    let binary = features(&["--package", BINARY, "--edges", "normal,build"]);
    let tests = features(&["--workspace", "--edges", "normal,build,dev"]);
    assert!(binary.len() > 100, "cargo tree named {} packages", binary.len());
    let built_twice: Vec<&String> = binary.difference(&tests).collect();
    assert_eq!(built_twice, Vec::<&String>::new(), "ask for their features in the root's [dependencies]");
}

#[test]
fn a_dependency_that_goes_the_wrong_way_is_found() {
    let root = "[workspace.dependencies]\nlake = { path = \"crates/netto-lake\", package = \"netto-lake\" }\n";
    let packages = packages(
        root,
        &[
            "[package]\nname = \"netto-model\"\n[dependencies]\nnetto-sample = { path = \"x\" }\n",
            "[package]\nname = \"netto-profit\"\n[dependencies]\nnetto-model.workspace = true\nlake.workspace = true\n",
            "[package]\nname = \"netto-publish\"\n[target.'cfg(unix)'.dev-dependencies]\nnetto = { path = \"..\" }\n",
        ],
    );
    let expected = ["netto-model knows netto-sample", "netto-profit knows netto-lake", "netto-publish knows netto"];
    assert_eq!(wrong_ways(&packages), expected);
}

#[test]
fn a_package_without_a_reason_is_found_and_a_reason_without_a_package() {
    let manifest = "[package]\nname = \"netto-lake\"\n[dependencies]\nnetto-model = \"1\"\nserde = \"1\"\nregex = \"1\"\ninsta = \"1\"\n\
                    [dev-dependencies]\ntempfile = \"3\"\n";
    let reasons = reasons(
        "# A\n| `regex` | of another table |\n## Dependencies\n| package | reason |\n|---|---|\n| `serde`, `zstd` | files |\n\
         | `insta` | snapshots (tests only) |\n| `tempfile` | folders (tests only) |\n## Next\n| `regex` | no |\n",
    );
    let expected = ["regex has no reason", "insta is for tests only, but netto-lake needs it", "zstd is not used"];
    assert_eq!(without_reason(&packages("", &[manifest]), &reasons), expected);
}

#[test]
fn a_second_version_is_found() {
    let lock = "[[package]]\nname = \"parquet\"\nversion = \"58.1.0\"\n[[package]]\nname = \"parquet\"\nversion = \"59.0.0\"\n";
    assert_eq!(versions(lock, "parquet"), ["58.1.0", "59.0.0"]);
}

/// Crates that know another crate than they may.
fn wrong_ways(packages: &BTreeMap<String, Package>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, package) in packages.iter().filter(|(name, _)| *name != BINARY) {
        let known = package.needs.union(&package.tests_need).filter(|other| is_ours(other));
        let may = |other: &str| {
            name != MODEL && (other == MODEL || SHARED.contains(&other) && !SHARED.contains(&name.as_str()))
        };
        let forbidden = known.filter(|other| !may(other));
        wrong.extend(forbidden.map(|other| format!("{name} knows {other}")));
    }
    wrong
}

/// Packages that the table doesn't name or that it names for tests, and names that no crate uses.
fn without_reason(packages: &BTreeMap<String, Package>, reasons: &Reasons) -> Vec<String> {
    let mut faults = Vec::new();
    let of = |part: fn(&Package) -> &BTreeSet<String>| -> BTreeSet<&String> {
        packages.values().flat_map(part).filter(|name| !is_ours(name)).collect()
    };
    let (needed, for_tests) = (of(|package| &package.needs), of(|package| &package.tests_need));
    let used: BTreeSet<&String> = needed.union(&for_tests).copied().collect();
    faults.extend(used.iter().filter(|name| !reasons.contains_key(**name)).map(|name| format!("{name} has no reason")));
    for (name, package) in packages {
        let tests_only = package.needs.iter().filter(|other| reasons.get(*other) == Some(&true));
        faults.extend(tests_only.map(|other| format!("{other} is for tests only, but {name} needs it")));
    }
    faults.extend(reasons.keys().filter(|name| !used.contains(name)).map(|name| format!("{name} is not used")));
    faults
}

fn is_ours(name: &str) -> bool {
    name == BINARY || name.starts_with("netto-")
}

/// The table under the heading that starts with "Dependencies": `` | `flate2`, `zstd` | reason | ``.
fn reasons(architecture: &str) -> Reasons {
    let section = architecture.split("\n## ").find(|section| section.starts_with("Dependencies")).unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.flat_map(|row| {
        let (names, reason) = row[2..].split_once('|').unwrap();
        let tests_only = reason.contains("(tests only)");
        names.split('`').skip(1).step_by(2).map(move |name| (name.to_owned(), tests_only)).collect::<Vec<_>>()
    })
    .collect()
}

/// Every package below the selected ones, with its features.
fn features(selection: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--prefix", "none", "--format", "{p} {f}"])
        .args(selection)
        .current_dir(folder())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}

fn versions(lock: &str, package: &str) -> Vec<String> {
    let lock: Table = lock.parse().unwrap();
    let packages = lock["package"].as_array().unwrap().iter();
    packages
        .filter(|entry| entry["name"].as_str() == Some(package))
        .map(|entry| entry["version"].as_str().unwrap().to_owned())
        .collect()
}

/// The binary and every crate.
fn workspace() -> BTreeMap<String, Package> {
    let root = read("Cargo.toml");
    let mut manifests = vec![root.clone()];
    for entry in fs::read_dir(folder().join("crates")).unwrap() {
        manifests.push(fs::read_to_string(entry.unwrap().path().join("Cargo.toml")).unwrap());
    }
    let manifests: Vec<&str> = manifests.iter().map(String::as_str).collect();
    let packages = packages(&root, &manifests);
    assert!(packages.len() > 7 && packages.contains_key(MODEL) && packages[BINARY].needs.contains(MODEL));
    packages
}

fn packages(root: &str, manifests: &[&str]) -> BTreeMap<String, Package> {
    let root: Table = root.parse().unwrap();
    let shared = root.get("workspace").and_then(|workspace| workspace.get("dependencies")?.as_table());
    let package = |manifest: &&str| {
        let manifest: Table = manifest.parse().unwrap();
        let mut package = Package::default();
        let targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
        for part in targets.filter_map(Value::as_table).chain([&manifest]) {
            package.needs.extend(names(part, "dependencies", shared));
            package.needs.extend(names(part, "build-dependencies", shared));
            package.tests_need.extend(names(part, "dev-dependencies", shared));
        }
        (manifest["package"]["name"].as_str().unwrap().to_owned(), package)
    };
    manifests.iter().map(package).collect()
}

/// The packages of a section under their own names, also where the manifest gives them another.
fn names(part: &Table, section: &str, shared: Option<&Table>) -> Vec<String> {
    let own_name = |value: &Value| Some(value.get("package")?.as_str()?.to_owned());
    let dependencies = part.get(section).and_then(Value::as_table).into_iter().flatten();
    dependencies
        .map(|(key, value)| {
            let of_workspace = || shared.and_then(|shared| shared.get(key)).and_then(own_name);
            own_name(value).or_else(of_workspace).unwrap_or_else(|| key.clone())
        })
        .collect()
}

fn read(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
