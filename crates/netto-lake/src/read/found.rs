//! Finds the files of a source. A file that is named is always read; a wildcard leaves out what is no extract.
//!
//! ```text
//! lines_*.csv     lines_9.csv, lines_10.csv: in the order of their numbers
//! *.xlsx          not ~$lines.xlsx and .~lock.lines.xlsx#, which exist while a workbook is open, and no hidden file: ._lines.xlsx
//! **/*.csv        no hidden folder, and neither .netto nor out, in which netto itself writes
//! .old/*.csv      named: this hidden folder is read
//! ```

use std::cmp::Ordering;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use glob::{MatchOptions, Pattern};

use super::shown;
use crate::config::OneOrMany;
use crate::error::LakeError;

/// Folder of a project for the lake and everything else that netto keeps.
pub const STATE: &str = ".netto";
/// Folder of a project for what netto publishes.
pub const OUTPUT: &str = "out";

/// Files that globs match.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The files to read, sorted and without duplicates.
    pub(crate) files: Vec<PathBuf>,
    /// Lock files and hidden files beside them, which aren't read.
    pub(crate) left_out: Vec<PathBuf>,
}

impl Found {
    /// The files of all globs.
    pub(crate) fn of(globs: &OneOrMany, base: &Path) -> Result<Self, LakeError> {
        let mut all = Self::default();
        for pattern in globs.as_slice() {
            let Self { files, left_out } = Self::matching(pattern, base, MatchOptions::new());
            if files.is_empty() {
                let left_out = left_out.iter().map(|path| shown(path, base)).collect();
                return Err(LakeError::NoFiles { pattern: pattern.clone(), base: base.to_owned(), left_out });
            }
            all.files.extend(files);
            all.left_out.extend(left_out);
        }
        // A file that one glob leaves out may be named by another.
        all.left_out.retain(|path| !all.files.contains(path));
        all.sort();
        Ok(all)
    }

    /// The files of one glob, sorted.
    pub(crate) fn matching(pattern: &str, base: &Path, options: MatchOptions) -> Self {
        // Only the configured part is a pattern, as the project folder may be called `[old] 100%*`.
        let within = || format!("{}/{pattern}", Pattern::escape(&base.to_string_lossy()));
        let whole = if Path::new(pattern).is_absolute() { pattern.to_owned() } else { within() };
        let mut found = Self::default();
        for path in glob::glob_with(&whole, options).into_iter().flatten().filter_map(Result::ok) {
            match verdict(&path, pattern, base) {
                Verdict::Read if path.is_file() => found.files.push(path),
                Verdict::LeftOut if path.is_file() => found.left_out.push(path),
                _ => {}
            }
        }
        // A file may be called `lines [1].csv`.
        let literal = base.join(pattern);
        if found.files.is_empty() && literal.is_file() {
            found = Self { files: vec![literal], left_out: Vec::new() };
        }
        found.sort();
        found
    }

    fn sort(&mut self) {
        for paths in [&mut self.files, &mut self.left_out] {
            paths.sort_by(|one, other| in_order(one, other));
            paths.dedup();
        }
    }
}

/// The files matching the globs, sorted and without duplicates.
pub(crate) fn find(globs: &OneOrMany, base: &Path) -> Result<Vec<PathBuf>, LakeError> {
    Ok(Found::of(globs, base)?.files)
}

/// The files matching a glob, sorted; empty if there are none.
#[must_use]
pub fn files(pattern: &str, base: &Path) -> Vec<PathBuf> {
    Found::matching(pattern, base, MatchOptions::new()).files
}

/// Whether a name is that of a hidden file or folder, or of the lock that a spreadsheet program puts beside an open workbook.
#[must_use]
pub fn is_hidden_or_lock(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b".") || name.starts_with(b"~$")
}

/// What becomes of a path that a glob matches.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Read,
    /// Not read, although its folder is.
    LeftOut,
    /// In a folder that isn't read.
    Elsewhere,
}

fn verdict(path: &Path, pattern: &str, base: &Path) -> Verdict {
    let below = if Path::new(pattern).is_absolute() { path } else { path.strip_prefix(base).unwrap_or(path) };
    let is_left_out = |name: &OsStr| is_hidden_or_lock(name) && !is_named(name, pattern);
    let names = |path: &Path| -> Vec<String> {
        let names = path.components().filter(|part| matches!(part, Component::Normal(_)));
        names.map(|name| name.as_os_str().to_string_lossy().into_owned()).collect()
    };
    let names = names(below);
    let Some((file, folders)) = names.split_last() else { return Verdict::Read };
    let is_own = own_folder(path, base).is_some_and(|own| !pattern.split('/').any(|part| part == own));
    if is_own || folders.iter().any(|folder| is_left_out(OsStr::new(folder))) {
        Verdict::Elsewhere
    } else if is_left_out(OsStr::new(file)) {
        Verdict::LeftOut
    } else {
        Verdict::Read
    }
}

/// Whether a part of the pattern begins as the name does, without a wildcard, and matches it.
fn is_named(name: &OsStr, pattern: &str) -> bool {
    let name = name.to_string_lossy();
    let begins_alike = |part: &&str| part.chars().next() == name.chars().next();
    pattern
        .split('/')
        .filter(begins_alike)
        .any(|part| part == name || Pattern::new(part).is_ok_and(|part| part.matches(&name)))
}

/// The folder of netto itself in which a path lies, if it does.
fn own_folder(path: &Path, base: &Path) -> Option<&'static str> {
    let mut straight = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(straight.pop()),
            part => straight.push(part),
        }
    }
    let first = straight.strip_prefix(base).ok()?.components().next()?;
    [STATE, OUTPUT].into_iter().find(|own| first.as_os_str() == OsStr::new(own))
}

/// Compares names with numbers by value: `lines_10` comes after `lines_9`, as later rows are corrections.
fn in_order(one: &Path, other: &Path) -> Ordering {
    let names = [one, other].map(|path| path.to_string_lossy().into_owned());
    let [mut a, mut b] = [&names[0], &names[1]].map(|name| name.chars().peekable());
    loop {
        let ordering = match (a.peek(), b.peek()) {
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let [x, y] = [&mut a, &mut b].map(digits);
                x.len().cmp(&y.len()).then_with(|| x.cmp(&y))
            }
            (Some(_), Some(_)) => a.next().cmp(&b.next()),
            (None, None) => return one.cmp(other),
            (x, y) => x.is_some().cmp(&y.is_some()),
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
}

/// The next digits, without leading zeros.
fn digits(name: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut digits = String::new();
    while let Some(digit) = name.next_if(char::is_ascii_digit) {
        digits.push(digit);
    }
    digits.trim_start_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stand_in_the_order_of_their_numbers() {
        let mut files =
            ["b", "a_10.csv", "a_9.csv", "a_2025-03.csv", "a_09.csv", "a", "x/1", "a_2024-12.csv"].map(PathBuf::from);
        files.sort_by(|one, other| in_order(one, other));
        let sorted = ["a", "a_09.csv", "a_9.csv", "a_10.csv", "a_2024-12.csv", "a_2025-03.csv", "b", "x/1"];
        assert_eq!(files, sorted.map(PathBuf::from));
    }

    #[test]
    fn a_wildcard_leaves_out_locks_and_what_is_hidden_unless_it_is_named() {
        use Verdict::{Elsewhere, LeftOut, Read};
        let base = Path::new("/home/.work/project");
        for (pattern, path, wanted) in [
            ("*.xlsx", "a.xlsx", Read),
            ("*.xlsx", "~$a.xlsx", LeftOut),
            ("~$*.xlsx", "~$a.xlsx", Read),
            ("~$a.xlsx", "~$a.xlsx", Read),
            ("in/*", "in/.~lock.a.ods#", LeftOut),
            ("in/*", "in/.DS_Store", LeftOut),
            ("in/.*", "in/.DS_Store", Read),
            ("*/*.csv", ".old/a.csv", Elsewhere),
            (".old/*.csv", ".old/a.csv", Read),
            (".old/*.csv", ".old/._a.csv", LeftOut),
            ("**/*.csv", "x/.git/a.csv", Elsewhere),
            ("**/*.parquet", ".netto/lake/a.parquet", Elsewhere),
            ("**/*.csv", "out/current/csv/a.csv", Elsewhere),
            ("*/*.csv", "out/a.csv", Elsewhere),
            ("out/*.csv", "out/a.csv", Read),
            ("**/*.csv", "in/out/a.csv", Read),
            ("../*/**/*.csv", "../project/out/a.csv", Elsewhere),
            ("../*.csv", "../a.csv", Read),
        ] {
            assert_eq!(verdict(&base.join(path), pattern, base), wanted, "{pattern} {path}");
        }
        let absolute = |pattern, path| verdict(Path::new(path), pattern, base);
        assert_eq!(absolute("/home/.work/project/**/*.csv", "/home/.work/project/in/a.csv"), Read);
        assert_eq!(absolute("/home/.work/project/**/*.csv", "/home/.work/project/out/a.csv"), Elsewhere);
        assert_eq!(absolute("/data/.erp/*.csv", "/data/.erp/a.csv"), Read);
        assert_eq!(absolute("/data/*.csv", "/data/.a.csv"), LeftOut);
    }

    #[test]
    fn what_one_glob_leaves_out_another_may_name() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.csv", ".b.csv", "~$c.csv"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let globs = OneOrMany::Many(vec!["*.csv".into(), ".b.csv".into()]);
        let Found { files, left_out } = Found::of(&globs, folder.path()).unwrap();
        let names = |paths: &[PathBuf]| paths.iter().map(|path| shown(path, folder.path())).collect::<Vec<_>>();
        assert_eq!((names(&files), names(&left_out)), (vec![".b.csv".into(), "a.csv".into()], vec!["~$c.csv".into()]));
    }
}
