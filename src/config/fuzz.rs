//! Fuzz tests: a randomly changed configuration or scenario is accepted, or rejected with a message, but never causes a panic.

use std::fs;
use std::path::{Path, PathBuf};

use netto_segment::scenario::Scenario;
use proptest::prelude::*;

use super::Config;
use crate::document::Document;
use crate::failure::Failure;

/// A change at a position in the text, in thousandths of its length.
#[derive(Clone, Debug)]
enum Change {
    Insert(usize, String),
    Cut(usize, usize),
    /// Repeats a line in another place.
    Again(usize, usize),
    /// Replaces a number, or the text behind an equals sign.
    Value(usize, String),
}

/// Unexpected values for a configuration.
const ODD: &[&str] = &[
    "[",
    "]",
    "{",
    "}",
    "\"",
    "\"\"\"",
    "'",
    "=",
    "#",
    ".",
    ",",
    "\n",
    "\0",
    "\t",
    "-",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "true",
    "[]",
    "{}",
    "\"\"",
    "0",
    "-1",
    "0.5",
    "-0.0",
    "1e18",
    "99999999999999999999",
    "9223372036854775807",
    "-9223372036854775808",
    "\"9999-12\"",
    "\"0000-00\"",
    "\"2025-13\"",
    "2025-03-01",
    "\"%\"",
    "\"1 / 0\"",
    "\"case when\"",
    "\"lines\"",
    "\"(((((((((\"",
    "\"*\"",
    "\"\\u0000\"",
    "\"/../..\"",
    "[[1]]",
    "{ a = 1 }",
    "é",
    "\u{1f600}",
    "\u{202e}",
    "漢字",
    "[source.order_lines]",
    "[pool.x]",
    "[activity.\"\"]",
    "[segment]",
    "a.b.c = 1",
    "[[bonus]]",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn any_configuration_is_taken_or_refused_with_a_message(text in changed(configurations())) {
        show(Config::of(&Document::new("netto.toml", text)));
    }

    #[test]
    fn any_scenario_is_taken_or_refused_with_a_message(text in changed(files("data/wholesaler/scenarios"))) {
        let document = Document::new("scenario.toml", text);
        show(document.parse::<Scenario>("scenario").and_then(|scenario| document.refuse(scenario.check())));
    }
}

#[test]
fn what_is_nested_deeper_than_anyone_writes_is_refused() {
    let many = 20_000;
    for text in [
        format!("a = {}1{}", "[".repeat(many), "]".repeat(many)),
        format!("a = {}1{}", "{a=".repeat(many), "}".repeat(many)),
        format!("{}a = 1", "a.".repeat(many)),
        format!("[{}a]\na = 1", "a.".repeat(many)),
        "[".repeat(many),
        "[[bonus]]\n".repeat(many),
        format!("[company]\nname = \"{}\"", "x".repeat(1 << 20)),
    ] {
        show(Config::of(&Document::new("netto.toml", text)));
    }
}

/// Renders the message as for a user, which must work too.
fn show<T>(read: Result<T, Failure>) {
    if let Err(failure) = read {
        for message in failure.shown() {
            assert!(!message.is_empty());
        }
    }
}

fn cases() -> u32 {
    std::env::var("NETTO_FUZZ").ok().map_or(500, |cases| cases.parse().expect("NETTO_FUZZ"))
}

fn configurations() -> Vec<String> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let folders = fs::read_dir(fixtures).unwrap().flatten().map(|entry| entry.path().join("netto.toml"));
    let mut paths: Vec<PathBuf> = folders.filter(|path| path.is_file()).collect();
    paths.sort();
    let demo = ["data/wholesaler/netto.toml", "tests/adventureworks/netto.toml"];
    paths.extend(demo.map(|path| Path::new(env!("CARGO_MANIFEST_DIR")).join(path)));
    paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

fn files(folder: &str) -> Vec<String> {
    let mut paths: Vec<PathBuf> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

fn changed(texts: Vec<String>) -> impl Strategy<Value = String> {
    let odd = || prop::sample::select(ODD).prop_map(str::to_owned);
    let change = prop_oneof![
        (0_usize..1000, odd()).prop_map(|(at, odd)| Change::Insert(at, odd)),
        (0_usize..1000, 1_usize..30).prop_map(|(at, many)| Change::Cut(at, many)),
        (0_usize..1000, 0_usize..1000).prop_map(|(from, to)| Change::Again(from, to)),
        (0_usize..1000, odd()).prop_map(|(at, odd)| Change::Value(at, odd)),
    ];
    (prop::sample::select(texts), prop::collection::vec(change, 1..5))
        .prop_map(|(text, changes)| changes.into_iter().fold(text, |text, change| change.made(&text)))
}

impl Change {
    fn made(self, text: &str) -> String {
        let signs: Vec<char> = text.chars().collect();
        let place = |thousandth: usize| signs.len() * thousandth / 1000;
        let whole = |signs: &[char]| signs.iter().collect::<String>();
        match self {
            Self::Insert(at, odd) => whole(&signs[..place(at)]) + &odd + &whole(&signs[place(at)..]),
            Self::Cut(at, many) => whole(&signs[..place(at)]) + &whole(&signs[(place(at) + many).min(signs.len())..]),
            Self::Again(from, to) => {
                let mut lines: Vec<&str> = text.lines().collect();
                let (from, to) = (lines.len() * from / 1000, lines.len() * to / 1000);
                if let Some(line) = lines.get(from).copied() {
                    lines.insert(to, line);
                }
                lines.join("\n")
            }
            Self::Value(at, odd) => {
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                let at = lines.len() * at / 1000;
                if let Some(line) = lines.iter_mut().skip(at).find(|line| line.contains(" = ")) {
                    let key = line.split(" = ").next().unwrap_or_default().to_owned();
                    *line = format!("{key} = {odd}");
                }
                lines.join("\n")
            }
        }
    }
}
