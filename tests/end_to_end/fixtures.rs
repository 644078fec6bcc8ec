//! Small projects in data files, `tests/fixtures/NAME/`, and what was worked out by hand for them:
//!
//! ```text
//! netto.toml, *.csv             a project of a few rows
//! README.md                     how the figures were worked out
//! expected/TABLE.csv            every row of the table, in the order of its key; only the columns that are named
//! expected/TABLE@WINDOW.csv     only the rows of a window
//! ```
//! Amounts must be the same to the last ten-thousandth; a ratio to as many decimals as were worked out.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use netto_model::contract;
use netto_model::table::{Column, Type};

use crate::harness::{Mart, Project, repository};

#[test]
fn every_fixture_gives_what_was_worked_out_by_hand() {
    let folders = sorted(&repository("tests/fixtures"));
    // Two at a time: a fixture of a few rows keeps one core busy.
    let halves = folders.split_at(folders.len() / 2);
    let wrong: Vec<String> = thread::scope(|scope| {
        let others = scope.spawn(|| halves.1.iter().flat_map(|folder| of_fixture(folder)).collect::<Vec<_>>());
        let mut wrong: Vec<String> = halves.0.iter().flat_map(|folder| of_fixture(folder)).collect();
        wrong.extend(others.join().unwrap());
        wrong
    });
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Where the tables of a fixture aren't what was expected.
fn of_fixture(folder: &Path) -> Vec<String> {
    let project = Project::copy_of(folder);
    project.run().ok();
    let expected = sorted(&folder.join("expected"));
    assert!(!expected.is_empty(), "{} expects nothing", folder.display());
    expected.iter().flat_map(|file| differences(&project, folder, file)).collect()
}

/// Where a published table isn't what was expected.
fn differences(project: &Project, folder: &Path, file: &Path) -> Vec<String> {
    let name = file.file_stem().unwrap().to_str().unwrap();
    let (table, window) = name.split_once('@').map_or((name, None), |(table, window)| (table, Some(window)));
    let declared = contract::table(table).unwrap_or_else(|| panic!("{}: no such table", file.display()));
    let (expected, mut found) = (Mart::read(file), project.mart(table));
    if let Some(window) = window {
        found = found.only("window_id", window);
    }
    let place = format!("{}: {name}", folder.file_name().unwrap().display());
    let mut wrong = Vec::new();
    for column in expected.header() {
        let declared = declared.column(column).unwrap_or_else(|| panic!("{place} has no column {column}"));
        let (expected, found) = (expected.column(column), found.column(column));
        if expected.len() != found.len() {
            return vec![format!("{place}: {} rows instead of {}; {column}: {found:?}", found.len(), expected.len())];
        }
        for (row, (expected, found)) in (1..).zip(expected.into_iter().zip(found)) {
            if !same(declared, expected, found) {
                wrong.push(format!("{place}, row {row}, {column}: {found} instead of {expected}"));
            }
        }
    }
    wrong
}

/// Whether a cell is the one that was worked out.
fn same(column: &Column, expected: &str, found: &str) -> bool {
    if expected.is_empty() || found.is_empty() {
        return expected == found;
    }
    let decimals = |text: &str| text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    match column.ty {
        Type::Decimal => {
            format!("{expected}{}", if decimals(expected) == 0 { ".0000" } else { &"0000"[decimals(expected)..] })
                == found
        }
        Type::Ratio => {
            format!("{:.*}", decimals(expected), found.parse::<f64>().unwrap()).parse::<f64>()
                == expected.parse::<f64>()
        }
        _ => expected == found,
    }
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
}
