//! Writes the Parquet files of a Delta table, then adds and removes them in one commit.
//!
//! A file is named after the hash of its content, so the same rows give the same file, and a commit without changes adds none.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use netto_model::Period;
use netto_model::arrow::columns_from_batches;
use netto_model::table::Table;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use polars::prelude::DataFrame;
use serde::Deserialize;

use crate::error::LakeError;
use crate::log::{self, Add, Change, Log};

/// A Delta table in a folder.
pub(crate) struct Store {
    pub(crate) folder: PathBuf,
    log: Option<Log>,
    intact: Intact,
}

/// Files whose content matches the hash in their name, shared between readers, so that each file is verified only once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Intact(Arc<Mutex<HashSet<PathBuf>>>);

/// A live file.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    /// Relative to the table.
    pub(crate) path: String,
    /// Value of the partition column.
    pub(crate) partition: Option<String>,
    pub(crate) rows: u64,
}

/// A file that was written and is not yet committed.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    path: String,
    partition: Option<(&'static str, String)>,
    size: usize,
    rows: usize,
}

impl Store {
    /// Opens the table of a folder; it may not exist yet.
    pub(crate) fn open(folder: &Path) -> Result<Self, LakeError> {
        Self::within(folder, Intact::default())
    }

    /// Opens the table with the lake's shared list of verified files.
    pub(crate) fn within(folder: &Path, intact: Intact) -> Result<Self, LakeError> {
        Ok(Self { folder: folder.to_owned(), log: Log::open(folder)?, intact })
    }

    /// Opens the table at a version; `None` means that the table didn't exist then.
    pub(crate) fn at(folder: &Path, version: Option<i64>, intact: Intact) -> Result<Self, LakeError> {
        let log = version.map(|version| Log::open_until(folder, version)).transpose()?.flatten();
        if let Some(version) = version.filter(|version| log.as_ref().is_none_or(|log| log.version != *version)) {
            return Err(LakeError::VersionGone { path: folder.to_owned(), version });
        }
        Ok(Self { folder: folder.to_owned(), log, intact })
    }

    /// Whether it was ever written.
    pub(crate) const fn exists(&self) -> bool {
        self.log.is_some()
    }

    /// Version of the table.
    pub(crate) fn version(&self) -> Option<i64> {
        self.log.as_ref().map(|log| log.version)
    }

    /// The files of this version, sorted.
    pub(crate) fn live(&self) -> Vec<Live> {
        self.log.iter().flat_map(|log| log.files.values()).map(Live::of).collect()
    }

    /// The rows of a file.
    pub(crate) fn batches(&self, file: &Live) -> Result<Vec<RecordBatch>, LakeError> {
        self.read(file, None)
    }

    /// Some columns of a file, as the declaration has them; the others aren't read.
    pub(crate) fn columns(&self, declaration: &Table, file: &Live, names: &[&str]) -> Result<DataFrame, LakeError> {
        let wanted = declaration.columns.iter().filter(|column| names.contains(&column.name));
        Ok(columns_from_batches(declaration.name, wanted, &self.read(file, Some(names))?)?)
    }

    fn read(&self, file: &Live, names: Option<&[&str]>) -> Result<Vec<RecordBatch>, LakeError> {
        let path = self.file(file)?;
        let damaged = |error: parquet::errors::ParquetError| LakeError::damaged(&path, &error);
        let opened = fs::File::open(&path).map_err(|error| LakeError::damaged(&path, &error))?;
        let mut builder = ParquetRecordBatchReaderBuilder::try_new(opened).map_err(damaged)?;
        if let Some(names) = names {
            let mask = ProjectionMask::columns(builder.parquet_schema(), names.iter().copied());
            builder = builder.with_projection(mask);
        }
        let reader = builder.with_batch_size(1 << 16).build().map_err(damaged)?;
        reader.collect::<Result<Vec<_>, _>>().map_err(|error| damaged(error.into()))
    }

    /// The path of a live file, after its content was verified against its name.
    pub(crate) fn file(&self, file: &Live) -> Result<PathBuf, LakeError> {
        let path = self.folder.join(&file.path);
        let known = || self.intact.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !known().contains(&path) {
            intact(&path)?;
            known().insert(path.clone());
        }
        Ok(path)
    }

    /// The number that the table stores under a name.
    pub(crate) fn remembered(&self, name: &str) -> Option<i64> {
        self.log.as_ref()?.remembered.get(name).copied()
    }

    /// Replaces the `replaced` files by `files` in one commit, and stores numbers under names.
    pub(crate) fn commit(
        &mut self,
        declaration: &Table,
        partition_by: Option<&'static str>,
        files: &[Written],
        replaced: impl Fn(&Live) -> bool,
        remember: &BTreeMap<String, i64>,
    ) -> Result<i64, LakeError> {
        let log = self.log.get_or_insert_with(|| Log::new(&self.folder, declaration, partition_by));
        let again = |path: &str| files.iter().any(|written| written.path == path);
        let gone = log.files.values().map(Live::of).filter(|file| replaced(file) && !again(&file.path));
        let change = Change {
            remove: gone.map(|file| file.path).collect(),
            add: files.iter().filter(|file| !log.files.contains_key(&file.path)).map(Written::add).collect(),
            remember: remember.clone(),
        };
        log.commit(change)?;
        Ok(log.version)
    }
}

/// The statistics of a file that netto writes and reads.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stats {
    num_records: u64,
}

impl Live {
    /// The month of its partition, if any.
    pub(crate) fn month(&self) -> Option<Period> {
        self.partition.as_deref()?.get(..7)?.parse().ok()
    }

    fn of(file: &Add) -> Self {
        let stats = file.stats.as_deref().and_then(|stats| serde_json::from_str::<Stats>(stats).ok());
        Self {
            path: file.path.clone(),
            partition: file.partition_values.values().next().cloned().flatten(),
            rows: stats.map_or(0, |stats| stats.num_records),
        }
    }
}

impl Written {
    fn add(&self) -> Add {
        let partition = self.partition.iter().map(|(column, value)| ((*column).to_owned(), Some(value.clone())));
        Add {
            path: self.path.clone(),
            partition_values: partition.collect(),
            size: i64::try_from(self.size).unwrap_or(i64::MAX),
            modification_time: log::now(),
            data_change: true,
            stats: Some(format!("{{\"numRecords\":{}}}", self.rows)),
        }
    }
}

/// Rows in a row group.
const ROW_GROUP: usize = 1 << 20;

/// Writes a Parquet file named after its content; it takes effect only when it is committed.
pub(crate) fn write(
    folder: &Path,
    batch: &RecordBatch,
    partition: Option<(&'static str, String)>,
) -> Result<Written, LakeError> {
    let failed = |error| LakeError::parquet(folder)(error);
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).map_err(failed)?))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_created_by("netto".to_owned())
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).map_err(failed)?;
    writer.write(batch).map_err(failed)?;
    writer.close().map_err(failed)?;
    let name = file_name(blake3::hash(&bytes));
    let path = match &partition {
        Some((column, value)) => format!("{column}={value}/{name}"),
        None => name,
    };
    let file = folder.join(&path);
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent).map_err(LakeError::io(parent))?;
        log::sync_folder(folder)?;
    }
    // A file of this name should have this content already, but it may be damaged.
    if !fs::read(&file).is_ok_and(|found| found == bytes) {
        log::put(&file, &bytes)?;
    }
    Ok(Written { path, partition, size: bytes.len(), rows: batch.num_rows() })
}

/// The name of a file with this content.
fn file_name(content: blake3::Hash) -> String {
    format!("part-{}.parquet", content.to_hex().get(..16).unwrap_or_default())
}

/// Fails if the content doesn't match the hash in the name. Files of other programs have other names and pass.
fn intact(path: &Path) -> Result<(), LakeError> {
    let mut hasher = blake3::Hasher::new();
    File::open(path)
        .and_then(|file| hasher.update_reader(file).map(|_| ()))
        .map_err(|error| LakeError::damaged(path, &error))?;
    let (name, wanted) = (path.file_name().unwrap_or_default().to_string_lossy(), file_name(hasher.finalize()));
    if name.len() != wanted.len() || !name.starts_with("part-") || name == wanted {
        return Ok(());
    }
    Err(LakeError::damaged(path, &std::io::Error::other("its content differs from what was written")))
}
