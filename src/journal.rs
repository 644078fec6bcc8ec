//! The journal: every run, successful or not, writes a numbered folder with what it read, computed and reported.
//!
//! ```text
//! .netto/runs/000041/run.json         id, times, outcome, data through, versions, rows, what was set apart, balances, peak memory
//!                    log.ndjson       a message a line
//!                    lineage.ndjson   OpenLineage: what each stage read and wrote
//!                    rules/           netto.toml, models and scenarios, as they were
//! ```
//! The tables themselves are in `out/runs/<id>`, where the id is a hash of their content: runs without changes are several entries
//! with the same id. Numbers increase regardless of the clock. Data that differ from run to run are only here, and in no hash.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use netto_model::{Warning, disk};

use crate::failure::Failure;
use crate::months::Counted;
use crate::project::Project;
use crate::{log, openlineage, results, rules};

/// The record of a run. Fields added by a later version are empty in older records.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Entry {
    /// Its number; later runs have greater numbers.
    pub(crate) number: u64,
    /// Hash of the published tables; `None` if nothing was published.
    pub(crate) run_id: Option<String>,
    pub(crate) outcome: Outcome,
    /// Whether the result equals the previous one.
    pub(crate) unchanged: bool,
    /// As `2025-03-31T02:00:00Z`.
    pub(crate) started: String,
    pub(crate) finished: Option<String>,
    pub(crate) exit_code: Option<u8>,
    /// Why it failed.
    pub(crate) error: Option<String>,
    /// Version of netto.
    pub(crate) netto: String,
    /// The identity of the program file, as different builds may have the same version.
    pub(crate) program: String,
    /// Hash of the content of configuration, models and scenarios, independent of their formatting.
    pub(crate) config: String,
    /// Last month of the main window.
    pub(crate) data_through: Option<String>,
    /// Delta version of each table.
    pub(crate) lake: BTreeMap<String, i64>,
    /// Hash of the lake's content and of the rows that were set apart.
    pub(crate) content: String,
    /// The content hash of each file, by source.
    pub(crate) files: BTreeMap<String, BTreeMap<String, String>>,
    /// The warnings of the computation.
    pub(crate) warnings: Vec<Warning>,
    /// Headline figures by window.
    pub(crate) windows: Value,
    /// Rows of each published table.
    pub(crate) rows: Value,
    pub(crate) set_apart: Value,
    /// The balance of each pool over all months: where its cost came from and went.
    pub(crate) balances: Value,
    pub(crate) timings_ms: Value,
    /// Number of months split now, and of months taken from earlier runs.
    pub(crate) months: Counted,
    /// Peak memory in bytes, if the system reports it.
    pub(crate) peak_memory: Option<u64>,
}

impl Entry {
    /// The record of a run before it begins: the program and the rules.
    pub(crate) fn before(project: &Project) -> Self {
        let (netto, program) = (env!("CARGO_PKG_VERSION").to_owned(), results::program());
        Self { netto, program, config: rules::hash(project), ..Self::default() }
    }

    /// Hash of all inputs of a result; `None` if the program can't be identified. It includes the lake's version, which is in the
    /// tables, so the same content under another version is another result.
    pub(crate) fn computes_from(&self) -> Option<String> {
        let Self { netto, program, config, data_through, content, lake, .. } = self;
        let all = serde_json::to_string(&(netto, program, config, data_through, content, lake)).ok()?;
        (!program.is_empty()).then(|| blake3::hash(all.as_bytes()).to_hex().to_string())
    }

    /// The duration; `None` if it is unknown or the clock went back meanwhile.
    pub(crate) fn took(&self) -> Option<Duration> {
        let time = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok();
        (time(self.finished.as_deref()?)? - time(&self.started)?).to_std().ok()
    }
}

/// The outcome of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It is running or was killed.
    #[default]
    Started,
    Done,
    Failed,
}

impl Outcome {
    /// The word for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Started => "broke off",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// The folder of all entries.
#[derive(Debug)]
pub(crate) struct Journal {
    folder: PathBuf,
}

/// A run that is going on.
#[derive(Debug)]
pub(crate) struct Running {
    folder: PathBuf,
    pub(crate) entry: Entry,
}

impl Journal {
    pub(crate) fn of(project: &Project) -> Self {
        Self { folder: project.state().join("runs") }
    }

    /// Every entry, oldest first. Unreadable entries are left out, as a run killed at once leaves no record.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.numbers().into_iter().filter_map(|number| self.read(number)).collect()
    }

    fn read(&self, number: u64) -> Option<Entry> {
        let text = fs::read(self.folder_of(number).join("run.json")).ok()?;
        serde_json::from_slice(&text).ok().map(|entry: Entry| Entry { number, ..entry })
    }

    /// The last run that published, or had nothing new to publish.
    pub(crate) fn last_done(&self) -> Option<Entry> {
        self.done().next()
    }

    /// The runs that published, or had nothing new to publish, newest first.
    pub(crate) fn done(&self) -> impl Iterator<Item = Entry> {
        self.last_first().filter(|entry| entry.outcome == Outcome::Done)
    }

    /// Every entry, newest first, read lazily: after years there are many, and few are needed.
    pub(crate) fn last_first(&self) -> impl Iterator<Item = Entry> {
        self.numbers().into_iter().rev().filter_map(|number| self.read(number))
    }

    /// The folder of an entry.
    pub(crate) fn folder_of(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:06}"))
    }

    /// Finds a run by its id or a prefix of it, by the number of its entry, by `current` or `previous`, or by a time at which it was
    /// the last one.
    ///
    /// # Errors
    /// When no run or several runs match.
    pub(crate) fn named(&self, name: &str) -> Result<Entry, Failure> {
        let done: Vec<Entry> = self.entries().into_iter().filter(|entry| entry.outcome == Outcome::Done).collect();
        let last = |wanted: &dyn Fn(&Entry) -> bool| done.iter().rev().find(|entry| wanted(entry)).cloned();
        let current = last(&|_| true);
        let id_of = |entry: &Entry| entry.run_id.clone().unwrap_or_default();
        let found = match name {
            "current" => current,
            "previous" => current.and_then(|current| last(&|entry| entry.run_id != current.run_id)),
            _ if name.starts_with('#') => last(&|entry| name.get(1..) == Some(entry.number.to_string().as_str())),
            _ if is_time(name) => last(&|entry| is_before(entry, name)),
            _ => {
                let mut ids: Vec<String> = done.iter().map(id_of).filter(|id| id.starts_with(name)).collect();
                ids.sort();
                ids.dedup();
                if ids.len() > 1 {
                    let what = format!("several runs begin with `{name}`: {}", ids.join(", "));
                    return Err(Failure::usage(what, "give more characters of its id"));
                }
                last(&|entry| name.len() > 3 && id_of(entry).starts_with(name))
            }
        };
        found.ok_or_else(|| {
            Failure::usage(
                format!("there is no run `{name}`"),
                "`netto history` lists the runs: give an id, a number such as #41, a time such as 2025-03-31 or 2025-03-31T06:00:00Z, or current or previous",
            )
        })
    }

    /// Opens the entry of a new run; the caller holds the lock.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub(crate) fn begin(&self, project: &Project) -> Result<Running, Failure> {
        let number = self.numbers().last().map_or(1, |last| last + 1);
        let folder = self.folder_of(number);
        let failed = |error: std::io::Error| {
            Failure::failed(format!("{} can't be written", folder.display()), &error)
                .with_help(format!("netto keeps its records there; {}", disk::help(&error)))
        };
        fs::create_dir_all(&folder).map_err(failed)?;
        rules::keep(project, &folder.join("rules")).map_err(failed)?;
        let entry = Entry { number, started: log::time(), ..Entry::before(project) };
        let running = Running { folder: folder.clone(), entry };
        running.write().map_err(failed)?;
        log::to_file(&running.folder.join("log.ndjson")).map_err(failed)?;
        openlineage::to_file(&running.folder.join("lineage.ndjson"), &running.entry).map_err(failed)?;
        Ok(running)
    }

    /// The used numbers, in order.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut numbers: Vec<u64> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
        numbers.sort_unstable();
        numbers
    }
}

impl Running {
    /// Closes the entry. An error while writing it doesn't change the run's result.
    pub(crate) fn finish(mut self, result: &Result<(), Failure>) {
        self.entry.finished = Some(log::time());
        self.entry.peak_memory = peak_memory();
        (self.entry.outcome, self.entry.exit_code, self.entry.error) = match result {
            Ok(()) => (Outcome::Done, Some(0), None),
            Err(failure) => (Outcome::Failed, Some(failure.code()), failure.first().map(str::to_owned)),
        };
        openlineage::finish(&self.entry);
        if let Err(error) = self.write() {
            log::say("warning", &format!("{} could not be written: {error}", self.folder.join("run.json").display()));
        }
        log::close();
    }

    /// Writes the entry atomically. The unfinished file is beside the entries, with the same name for all runs, so that the next run
    /// overwrites what a killed run left.
    fn write(&self) -> std::io::Result<()> {
        use std::io::Write as _;
        let unfinished = self.folder.with_file_name("run.tmp");
        let mut file = fs::File::create(&unfinished)?;
        file.write_all(&serde_json::to_vec_pretty(&self.entry)?)?;
        file.sync_all()?;
        fs::rename(&unfinished, self.folder.join("run.json"))
    }
}

/// Whether a text is a day, such as `2025-03-31`, or a day with a time.
fn is_time(name: &str) -> bool {
    name.len() >= 10 && chrono::NaiveDate::parse_from_str(name.get(..10).unwrap_or_default(), "%Y-%m-%d").is_ok()
}

/// Whether the run had ended by a time, or by the end of a day without a time. Times compare as texts, as all are UTC.
fn is_before(entry: &Entry, time: &str) -> bool {
    let until = if time.len() == 10 { format!("{time}T23:59:59Z") } else { time.replace(' ', "T") };
    entry.finished.as_deref().is_some_and(|finished| finished <= until.as_str())
}

/// The peak memory of the process in bytes, if the system reports it.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(folder: &std::path::Path, entries: &[(&str, &str, Outcome)]) -> Journal {
        let journal = Journal { folder: folder.to_owned() };
        for (number, (id, finished, outcome)) in (1..).zip(entries) {
            let (run_id, finished) = (Some((*id).to_owned()), Some((*finished).to_owned()));
            let entry = Entry { number, run_id, finished, outcome: *outcome, ..Entry::default() };
            fs::create_dir_all(journal.folder_of(number)).unwrap();
            Running { folder: journal.folder_of(number), entry }.write().unwrap();
        }
        journal
    }

    #[test]
    fn a_run_is_named_by_id_number_time_or_place_and_only_where_it_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let nights = [
            ("abcd00000000", "2025-03-01T02:00:00Z", Outcome::Done),
            ("abce00000000", "2025-03-02T02:00:00Z", Outcome::Done),
            ("abce00000000", "2025-03-03T02:00:00Z", Outcome::Done),
            ("", "2025-03-04T02:00:00Z", Outcome::Failed),
        ];
        let journal = journal(folder.path(), &nights);
        // A clock that goes back doesn't change the order, and a run killed at once is no entry.
        fs::create_dir_all(journal.folder_of(9)).unwrap();
        let number = |name| journal.named(name).map(|entry| entry.number).ok();
        let names = ["current", "previous", "abce", "abcd0", "#2", "2025-03-01", "2025-03-02T01:59:59Z", "2025-12-31"];
        assert_eq!(names.map(number), [3, 1, 3, 1, 2, 1, 1, 3].map(Some));
        assert_eq!(["abc", "abcf", "#4", "2025-02-28", ""].map(number), [None; 5]);
        assert_eq!(journal.numbers().last(), Some(&9));
    }

    #[test]
    fn what_a_later_version_adds_is_no_fault_of_an_earlier_entry() {
        let entry: Entry = serde_json::from_str(r#"{"run_id":"abcd00000000","outcome":"done","more":1}"#).unwrap();
        assert_eq!((entry.run_id.as_deref(), entry.outcome), (Some("abcd00000000"), Outcome::Done));
    }
}
