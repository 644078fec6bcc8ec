//! `tests/README.md`, the catalogue of these tests: the part behind its mark is what the files say of themselves.
//!
//! `NETTO_CATALOGUE=write cargo test --test end_to_end catalogue` writes that part anew.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::repository;

/// What stands before it is written by hand.
const MARK: &str = "<!-- From here on the files speak for themselves: NETTO_CATALOGUE=write cargo test --test end_to_end catalogue -->\n";

#[test]
fn the_catalogue_has_every_test_fixture_and_case() {
    let path = repository("tests/README.md");
    let text = fs::read_to_string(&path).unwrap();
    let (by_hand, found) = text.split_once(MARK).expect("tests/README.md has its mark");
    let wanted = catalogue();
    if std::env::var("NETTO_CATALOGUE").is_ok_and(|what| what == "write") {
        fs::write(&path, format!("{by_hand}{MARK}{wanted}")).unwrap();
        return;
    }
    let missing: Vec<&str> = wanted.lines().filter(|line| !found.contains(line)).collect();
    assert!(
        found == wanted,
        "tests/README.md is behind, NETTO_CATALOGUE=write cargo test --test end_to_end catalogue mends it; missing:\n{}",
        missing.join("\n")
    );
}

fn catalogue() -> String {
    let sections = [
        ("Files of `end_to_end/`", "File", "What it tests", rows("tests/end_to_end", head_of_module)),
        (
            "Projects worked out by hand: `fixtures/`",
            "Fixture",
            "What it shows",
            rows("tests/fixtures", head_of_readme),
        ),
        ("Extracts as people have them: `cases/`", "Case", "What it says", rows("tests/cases", says)),
    ];
    let section = |(title, what, means, rows): (&str, &str, &str, Vec<(String, String)>)| {
        let rows: Vec<String> = rows.iter().map(|(name, text)| format!("| `{name}` | {text} |\n")).collect();
        format!("\n## {title}\n\n| {what} | {means} |\n|---|---|\n{}", rows.concat())
    };
    sections.map(section).concat()
}

/// Everything in a folder, with what it says of itself.
fn rows(folder: &str, says: fn(&Path) -> String) -> Vec<(String, String)> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(repository(folder)).unwrap().flatten().map(|entry| entry.path()).collect();
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    // Tools leave hidden files.
    paths.retain(|path| !name(path).starts_with('.'));
    paths.sort();
    paths.iter().map(|path| (name(path), says(path).replace('|', "\\|").replace('\n', " "))).collect()
}

/// The first paragraph of the documentation.
fn head_of_module(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map_while(|line| line.strip_prefix("//! "));
    let head = lines.take_while(|line| !line.starts_with("```")).collect::<Vec<_>>().join(" ");
    assert!(!head.is_empty(), "{} does not say what it tests", path.display());
    head.trim_end_matches(':').to_owned()
}

/// The first line of a fixture's README.
fn head_of_readme(path: &Path) -> String {
    let text = fs::read_to_string(path.join("README.md")).unwrap();
    text.lines().find(|line| !line.is_empty()).unwrap_or_default().trim_start_matches("# ").to_owned()
}

/// What the case is there for.
fn says(path: &Path) -> String {
    let text = fs::read_to_string(path.join("expect.toml")).unwrap();
    let case: toml::Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    case["says"].as_str().unwrap().to_owned()
}
