//! `[keep]`: how long results are kept, with everything needed to read and repeat them. `netto vacuum` removes the rest, and so does
//! the end of each run if `[keep]` is set, so disk usage stays bounded.
//!
//! ```text
//! out/runs/ID                    tables of the kept results, and what readers see now
//! .netto/lake                    the newest version of each table, and those that kept runs have read
//! .netto/runs/NUMBER             of kept runs all of it, of others run.json, for `netto history`
//! .netto/months                  what each month of the lake was split into
//! .netto/quarantine              what kept runs have written, and what is still set apart
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use netto_lake::{Lake, is_before};
use netto_model::Problem;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::failure::Failure;
use crate::journal::{Entry, Journal};
use crate::months;
use crate::project::Project;

/// How long results are kept.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct KeepConfig {
    /// Number of last results that are kept; runs that change nothing count as one. Default 3.
    pub(crate) runs: usize,
    /// Also all results of this number of days.
    pub(crate) days: u32,
}

impl Default for KeepConfig {
    fn default() -> Self {
        Self { runs: netto_publish::KEPT, days: 0 }
    }
}

impl KeepConfig {
    pub(crate) fn check(self) -> Option<Problem> {
        let problem = || Problem::at(["keep", "runs"], "the published result is always kept, so the minimum is 1");
        (self.runs == 0).then(|| problem().with_help("runs = 1 keeps only that one"))
    }
}

/// Number of last records kept for `netto history`: about three years of daily runs.
const RECORDS: usize = 1_000;

/// The unneeded files and folders, each with the kind of data that it belongs to.
///
/// # Errors
/// When the lake can't be read, as the needed files are then unknown.
pub(crate) fn unneeded(project: &Project, lake: &Lake) -> Result<Vec<(&'static str, PathBuf)>, Failure> {
    let journal = Journal::of(project);
    let kept = kept(&journal, project.config.keep.unwrap_or_default());
    // Without a result, nothing is known to be unneeded.
    let Some(oldest) = kept.last() else { return Ok(Vec::new()) };
    let ids: BTreeSet<String> = kept
        .iter()
        .chain(&journal.last_first().next())
        .filter_map(|entry| entry.run_id.clone())
        .chain(project.published_id())
        .collect();
    let versions: Vec<BTreeMap<String, i64>> = kept.iter().map(|entry| entry.lake.clone()).collect();
    let since = time(&oldest.started).unwrap_or(SystemTime::UNIX_EPOCH);
    let checked =
        children(&project.quarantine().join("check")).flat_map(|folder| children(&folder).collect::<Vec<_>>());
    let parts: [(&str, Vec<PathBuf>); 6] = [
        (
            "runs",
            netto_publish::runs(&project.out())
                .into_iter()
                .filter(|(id, _)| !ids.contains(id))
                .map(|(_, path)| path)
                .collect(),
        ),
        ("records", records(&journal, oldest.number)),
        ("quarantine", lake.unneeded_quarantine(&project.quarantine(), since)?),
        ("quarantine", checked.filter(|path| is_before(path, since)).collect()),
        ("months", months::unneeded(project, lake)?),
        ("lake", lake.unneeded(&versions)?),
    ];
    Ok(parts.into_iter().flat_map(|(part, paths)| paths.into_iter().map(move |path| (part, path))).collect())
}

/// Removes files and folders; returns those that couldn't be removed.
pub(crate) fn remove<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Vec<String> {
    let removed = |path: &Path| if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    let stayed = paths.into_iter().filter_map(|path| Some(format!("{}: {}", path.display(), removed(path).err()?)));
    stayed.collect()
}

/// The last results, and those of the last days; newest first.
fn kept(journal: &Journal, keep: KeepConfig) -> Vec<Entry> {
    let young = SystemTime::now().checked_sub(Duration::from_secs(u64::from(keep.days) * 24 * 3600));
    let is_young = |entry: &Entry| keep.days > 0 && time(&entry.started) >= young;
    let (mut ids, mut kept) = (BTreeSet::new(), Vec::new());
    for entry in journal.done() {
        let id = entry.run_id.clone().unwrap_or_default();
        if ids.len() >= keep.runs && !ids.contains(&id) && !is_young(&entry) {
            break;
        }
        ids.insert(id);
        kept.push(entry);
    }
    kept
}

/// The logs and rules of runs before the oldest kept one, and everything of very old runs.
fn records(journal: &Journal, oldest: u64) -> Vec<PathBuf> {
    let numbers = journal.numbers();
    let very_old = numbers.len().saturating_sub(RECORDS);
    let of = |(place, number): (usize, &u64)| {
        let folder = journal.folder_of(*number);
        if place < very_old {
            return vec![folder];
        }
        ["rules", "log.ndjson", "lineage.ndjson"]
            .map(|name| folder.join(name))
            .into_iter()
            .filter(|path| path.exists())
            .collect()
    };
    numbers.iter().enumerate().filter(|(_, number)| **number < oldest).flat_map(of).collect()
}

fn time(text: &str) -> Option<SystemTime> {
    chrono::DateTime::parse_from_rfc3339(text).ok().map(SystemTime::from)
}

fn children(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}
