//! Identifies the files of a source by content hash, and stores in the table which of them are loaded.
//!
//! ```text
//! netto.fingerprint        the extract, and everything its rows depend on: the same again is not loaded again
//! netto.file.<content>     a file that was appended: 1, or the fingerprint it was read with where rows of it were set apart
//! netto.settings           the settings that values depend on, as they were when something was appended
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use blake3::{Hash, Hasher};
use serde_json::Value;

use crate::config::{LoadMode, SourceConfig};
use crate::error::LakeError;
use crate::read;
use crate::read::parquet::TextTable;
use crate::store::Store;

/// Name under which a table stores the fingerprint of its last load.
const FINGERPRINT: &str = "netto.fingerprint";
/// Name under which it stores the settings of appended data.
const SETTINGS: &str = "netto.settings";
/// Marks a file whose rows are all in the lake.
const COMPLETE: i64 = 1;

/// A file, or the files of a view.
#[derive(Debug)]
pub(crate) struct Origin {
    /// None for a query.
    pub(crate) path: Option<PathBuf>,
    /// The sheet, if several sheets of a workbook are read.
    pub(crate) sheet: Option<String>,
    /// The name in messages.
    pub(crate) name: String,
    /// Hash of the content, independent of the settings.
    pub(crate) content: Hash,
    /// Hash of the content and of everything else that its rows depend on.
    pub(crate) hash: Hash,
    /// The rows, if they had to be fetched to compute the hash.
    pub(crate) fetched: Option<Arc<TextTable>>,
    /// The file was appended before with some rows set apart; its rows in the lake stay unchanged.
    pub(crate) again: bool,
    /// The state of its files before reading.
    pub(crate) stood: Vec<Stood>,
}

/// The state of a file before reading.
#[derive(Debug)]
pub(crate) struct Stood {
    path: PathBuf,
    name: String,
    /// Size and modification time.
    as_it_was: (u64, Option<SystemTime>),
}

impl Stood {
    pub(crate) fn of(path: &Path, base: &Path) -> Result<Self, LakeError> {
        Ok(Self { path: path.to_owned(), name: read::shown(path, base), as_it_was: look(path)? })
    }
}

fn look(path: &Path) -> Result<(u64, Option<SystemTime>), LakeError> {
    let about = std::fs::metadata(path).map_err(LakeError::io(path))?;
    Ok((about.len(), about.modified().ok()))
}

impl Origin {
    pub(crate) fn new(path: Option<PathBuf>, name: String, content: Hash, depends_on: &Hasher) -> Self {
        let hash = depends_on.clone().update(content.as_bytes()).finalize();
        Self { path, sheet: None, name, content, hash, fetched: None, again: false, stood: Vec::new() }
    }

    /// Checks that its files didn't change while they were read.
    ///
    /// # Errors
    /// When one of them changed.
    pub(crate) fn is_at_rest(&self) -> Result<(), LakeError> {
        for Stood { path, name, as_it_was } in &self.stood {
            if look(path)? != *as_it_was {
                let message = "it changed while it was read".to_owned();
                return Err(LakeError::Unfinished { file: name.clone(), message, by_record: false });
            }
        }
        Ok(())
    }
}

/// The hash of a file's bytes.
pub(crate) fn file_hash(path: &Path) -> Result<Hash, LakeError> {
    let file = std::fs::File::open(path).map_err(LakeError::io(path))?;
    Ok(Hasher::new().update_reader(file).map_err(LakeError::io(path))?.finalize())
}

/// The shortened content hash of each file, by file name; enough to detect a change.
pub(crate) fn contents(origins: &[Origin]) -> BTreeMap<String, String> {
    let content = |origin: &Origin| origin.content.to_hex().get(..16).unwrap_or_default().to_owned();
    origins.iter().map(|origin| (origin.name.clone(), content(origin))).collect()
}

/// The hash of an extract as a whole.
pub(crate) fn fingerprint(origins: &[Origin]) -> Hash {
    let mut hasher = Hasher::new();
    for origin in origins {
        hasher.update(origin.hash.as_bytes());
    }
    hasher.finalize()
}

/// The first 63 bits of a hash, which fit in a number stored in the table.
pub(crate) fn number(hash: Hash) -> i64 {
    let bytes = hash.as_bytes().first_chunk().copied().unwrap_or_default();
    i64::from_be_bytes(bytes) & i64::MAX
}

/// The origins still to be loaded: with `append`, files are tracked one by one; otherwise the extract as a whole.
pub(crate) fn fresh(store: &Store, mode: LoadMode, origins: Vec<Origin>) -> Vec<Origin> {
    if mode != LoadMode::Append {
        let same = store.remembered(FINGERPRINT) == Some(number(fingerprint(&origins)));
        return if same { Vec::new() } else { origins };
    }
    let mut fresh = Vec::new();
    for mut origin in origins {
        match store.remembered(&appended(&origin)) {
            Some(COMPLETE) => continue,
            Some(read_with) if read_with == number(origin.hash) => continue,
            before => origin.again = before.is_some(),
        }
        fresh.push(origin);
    }
    fresh
}

/// The numbers that the table stores about a load; `incomplete` lists the files with rows that were set apart.
pub(crate) fn remember(
    config: &SourceConfig,
    mode: LoadMode,
    origins: &[Origin],
    fingerprint: Hash,
    incomplete: &BTreeSet<&str>,
) -> BTreeMap<String, i64> {
    let mut remember = BTreeMap::from([(FINGERPRINT.to_owned(), number(fingerprint))]);
    if mode == LoadMode::Append {
        remember.insert(SETTINGS.to_owned(), number(settings(config)));
        for origin in origins {
            let complete = !incomplete.contains(origin.name.as_str());
            remember.insert(appended(origin), if complete { COMPLETE } else { number(origin.hash) });
        }
    }
    remember
}

/// Whether the settings that affect values changed since the last append.
pub(crate) fn settings_changed(store: &Store, config: &SourceConfig, mode: LoadMode) -> bool {
    let before = store.remembered(SETTINGS).filter(|_| mode == LoadMode::Append);
    before.is_some_and(|before| before != number(settings(config)))
}

fn appended(origin: &Origin) -> String {
    format!("netto.file.{}", origin.content.to_hex())
}

/// Settings that don't affect values.
const WITHOUT_VALUE: [&str; 10] = [
    "files",
    "load",
    "ignore",
    "max_rejects",
    "max_rejects_share",
    "max_rejects_amount_share",
    "on_unknown_customer",
    "duplicates",
    "period_from",
    "shrink",
];

fn settings(config: &SourceConfig) -> Hash {
    let mut settings = serde_json::to_value(config).unwrap_or_default();
    if let Value::Object(settings) = &mut settings {
        for name in WITHOUT_VALUE {
            settings.remove(name);
        }
        // A setting of a later version that isn't set must not change the hash.
        settings.retain(|_, value| !value.is_null());
    }
    blake3::hash(settings.to_string().as_bytes())
}
