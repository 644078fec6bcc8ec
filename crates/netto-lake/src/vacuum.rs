//! Finds unneeded files: files of versions that are no longer kept, and quarantine files whose rows have been loaded since.
//!
//! ```text
//! kept                                     removed
//! files of the newest version              data files of no version that is kept
//! files of versions that kept runs read    entries of the log before the checkpoint from which the oldest of those is read
//! ```

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use netto_model::contract::SOURCES;

use crate::error::LakeError;
use crate::lake::Lake;
use crate::log;
use crate::set_apart::{self, Memory};
use crate::store::{Intact, Store};

impl Lake {
    /// Files of the lake that neither the newest version nor the `kept` versions (by table, as read by kept runs) need.
    ///
    /// # Errors
    /// When a table cannot be read, as the needed files are then unknown.
    pub fn unneeded(&self, kept: &[BTreeMap<String, i64>]) -> Result<Vec<PathBuf>, LakeError> {
        let mut unneeded = Vec::new();
        for name in self.folders()? {
            let newest = self.store(&name)?;
            let Some(version) = newest.version() else { continue };
            let versions: BTreeSet<i64> =
                kept.iter().filter_map(|of| of.get(&name)).copied().chain([version]).collect();
            let mut needed: HashSet<PathBuf> = HashSet::new();
            let mut oldest = version;
            for version in versions {
                // A version that was removed before can't be kept.
                let Ok(store) = Store::at(&newest.folder, Some(version), Intact::default()) else { continue };
                needed.extend(store.live().iter().map(|file| newest.folder.join(&file.path)));
                oldest = oldest.min(version);
            }
            data_files(&newest.folder, &mut |path| {
                if !needed.contains(path) {
                    unneeded.push(path.to_owned());
                }
            });
            unneeded.extend(log::before(&newest.folder, oldest)?);
            unneeded.extend(set_apart::before(&newest.folder, oldest));
        }
        unneeded.sort();
        Ok(unneeded)
    }

    /// Checks that every file of the selected versions exists.
    ///
    /// # Errors
    /// When one was removed.
    pub fn is_there(&self) -> Result<(), LakeError> {
        for name in self.folders()? {
            let store = self.store(&name)?;
            if let Some(version) = store.version()
                && store.live().iter().any(|file| !store.folder.join(&file.path).is_file())
            {
                return Err(LakeError::VersionGone { path: store.folder, version });
            }
        }
        Ok(())
    }

    /// Quarantine files older than a time whose rows have all been loaded or dropped.
    ///
    /// # Errors
    /// When the list of rows that are set apart can't be read.
    pub fn unneeded_quarantine(&self, folder: &Path, before: SystemTime) -> Result<Vec<PathBuf>, LakeError> {
        let mut unneeded = Vec::new();
        for source in SOURCES {
            let store = self.store(source.name)?;
            let memory = Memory::read(&store.folder, store.version())?;
            let missing: HashSet<(&str, u64)> = memory.rows.iter().map(|row| (row.file.as_str(), row.line)).collect();
            let is_missing = |row: csv::StringRecord| {
                let line = row.get(1).and_then(|line| line.parse().ok()).unwrap_or_default();
                missing.contains(&(row.get(0).unwrap_or_default(), line))
            };
            for path in files_of(&folder.join(source.name)).filter(|path| is_before(path, before)) {
                let rows = csv::Reader::from_path(&path).map(csv::Reader::into_records);
                if !rows.is_ok_and(|mut rows| rows.any(|row| row.is_ok_and(&is_missing))) {
                    unneeded.push(path);
                }
            }
        }
        Ok(unneeded)
    }
}

/// Whether a file was written before a time; false if its time is unknown, so that it is kept.
#[must_use]
pub fn is_before(path: &Path, time: SystemTime) -> bool {
    fs::metadata(path).and_then(|about| about.modified()).is_ok_and(|written| written < time)
}

/// Visits the data files of a table that netto wrote, including those in partition folders.
fn data_files(folder: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if name.starts_with('_') {
            continue;
        }
        if path.is_dir() {
            data_files(&path, visit);
        } else if name.starts_with("part-") {
            visit(&path);
        }
    }
}

fn files_of(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|end| end == "csv"))
}
