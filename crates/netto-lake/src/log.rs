//! The transaction log of a Delta table: which files are live in which version, and the numbers stored in the table.
//!
//! ```text
//! _delta_log/00000000000000000000.json                 one action a line: protocol, metaData, txn, remove, add
//! _delta_log/00000000000000000032.checkpoint.parquet   every action in force at version 32, so that older entries needn't be read
//! ```
//!
//! It uses the protocol versions that every Delta reader supports (reader 1, writer 2; no deletion vectors, no column mapping).
//! Data files are on disk before the entry that lists them, and an entry is written atomically. Source: the Delta transaction log
//! protocol, <https://github.com/delta-io/delta/blob/master/PROTOCOL.md>.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Fields, Schema};
use arrow::error::ArrowError;
use arrow::json::{LineDelimitedWriter, ReaderBuilder};
use netto_model::table::{Role, Table};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::KeyValue;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::LakeError;
use crate::read::parquet::guarded;

/// The log of a table at its newest version.
#[derive(Debug)]
pub(crate) struct Log {
    folder: PathBuf,
    pub(crate) version: i64,
    protocol: Protocol,
    metadata: Metadata,
    /// Live files by path.
    pub(crate) files: BTreeMap<String, Add>,
    /// Removed files (tombstones), kept as long as a reader of an older version may need them.
    removed: BTreeMap<String, Remove>,
    /// Numbers by name.
    pub(crate) remembered: BTreeMap<String, i64>,
}

/// A file that is live.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Add {
    /// Relative to the table. netto gives names that need no escaping.
    pub(crate) path: String,
    /// Value by partition column.
    pub(crate) partition_values: BTreeMap<String, Option<String>>,
    /// Bytes.
    pub(crate) size: i64,
    pub(crate) modification_time: i64,
    pub(crate) data_change: bool,
    /// JSON: the rows in it.
    pub(crate) stats: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Remove {
    path: String,
    #[serde(default)]
    deletion_timestamp: i64,
    data_change: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Protocol {
    min_reader_version: i32,
    min_writer_version: i32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    id: String,
    name: Option<String>,
    description: Option<String>,
    format: Format,
    schema_string: String,
    partition_columns: Vec<String>,
    #[serde(default)]
    configuration: BTreeMap<String, Option<String>>,
    created_time: Option<i64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Format {
    provider: String,
    #[serde(default)]
    options: BTreeMap<String, Option<String>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Transaction {
    app_id: String,
    version: i64,
    last_updated: Option<i64>,
}

/// One line of an entry, or one row of a checkpoint: one of these is set.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<Protocol>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta_data: Option<Metadata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    txn: Option<Transaction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remove: Option<Remove>,
    #[serde(skip_serializing_if = "Option::is_none")]
    add: Option<Add>,
}

/// What a commit changes.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub(crate) add: Vec<Add>,
    /// Paths.
    pub(crate) remove: Vec<String>,
    pub(crate) remember: BTreeMap<String, i64>,
}

/// The number of entries after which a checkpoint is written.
const CHECKPOINT_EVERY: i64 = 32;
/// Checkpoints list removed files for a week, as readers of older versions expect.
const TOMBSTONES: i64 = 7 * 24 * 3_600_000;

impl Log {
    /// Reads the log of a table; `None` if the table doesn't exist yet.
    pub(crate) fn open(folder: &Path) -> Result<Option<Self>, LakeError> {
        Self::open_until(folder, i64::MAX)
    }

    /// Reads the log at a version, or at the last version before it.
    pub(crate) fn open_until(folder: &Path, until: i64) -> Result<Option<Self>, LakeError> {
        let log = log_of(folder);
        if !log.is_dir() {
            return Ok(None);
        }
        let (mut entries, mut checkpoints) = versions(&log)?;
        entries.retain(|version| *version <= until);
        checkpoints.retain(|version| *version <= until);
        let checkpoint = checkpoints.last().copied();
        let Some(version) = entries.last().copied().max(checkpoint) else { return Ok(None) };
        let mut state = State::default();
        if checkpoint.is_none() && until < i64::MAX && entries.first() != Some(&0) {
            return Ok(None);
        }
        if let Some(checkpoint) = checkpoint {
            state.read_checkpoint(&checkpoint_file(folder, checkpoint))?;
        }
        for wanted in checkpoint.unwrap_or(-1) + 1..=version {
            if entries.binary_search(&wanted).is_err() {
                return Err(LakeError::log(folder, format!("entry {wanted} of its log is missing")));
            }
            state.read_entry(&entry_file(folder, wanted))?;
        }
        state.into_log(folder, version).map(Some)
    }

    /// A table without a version; the first commit creates it.
    pub(crate) fn new(folder: &Path, declaration: &Table, partition_by: Option<&str>) -> Self {
        let created = now();
        let id = blake3::hash(format!("{}\n{created}\n{}", folder.display(), std::process::id()).as_bytes()).to_hex();
        let part = |from: usize, to: usize| id.get(from..to).unwrap_or_default();
        let metadata = Metadata {
            id: format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)),
            name: Some(declaration.name.to_owned()),
            description: Some(declaration.description.to_owned()),
            format: Format { provider: "parquet".to_owned(), options: BTreeMap::new() },
            schema_string: schema(declaration).to_string(),
            partition_columns: partition_by.map(str::to_owned).into_iter().collect(),
            configuration: BTreeMap::new(),
            created_time: Some(created),
        };
        Self {
            folder: folder.to_owned(),
            version: -1,
            protocol: Protocol { min_reader_version: 1, min_writer_version: 2 },
            metadata,
            files: BTreeMap::new(),
            removed: BTreeMap::new(),
            remembered: BTreeMap::new(),
        }
    }

    /// Writes the next entry. The files that it adds must be on disk.
    pub(crate) fn commit(&mut self, change: Change) -> Result<(), LakeError> {
        let (time, version) = (now(), self.version + 1);
        let mut actions = Vec::new();
        if version == 0 {
            actions.push(Action { protocol: Some(self.protocol.clone()), ..Action::default() });
            actions.push(Action { meta_data: Some(self.metadata.clone()), ..Action::default() });
        }
        actions.extend(change.remember.iter().map(|(name, number)| transaction(name, *number, Some(time))));
        let gone = change.remove.into_iter().map(|path| Remove { path, deletion_timestamp: time, data_change: true });
        actions.extend(gone.map(|remove| Action { remove: Some(remove), ..Action::default() }));
        actions.extend(change.add.into_iter().map(|add| Action { add: Some(add), ..Action::default() }));
        let mut text = String::new();
        for action in &actions {
            text += &serde_json::to_string(action).map_err(|error| LakeError::log(&self.folder, error.to_string()))?;
            text.push('\n');
        }
        let info = json!({ "commitInfo": {
            "timestamp": time, "operation": "WRITE", "operationParameters": {}, "engineInfo": "netto", CONTENT: content(&text),
        }});
        let text = format!("{info}\n{text}");
        let log = log_of(&self.folder);
        fs::create_dir_all(&log).map_err(LakeError::io(&log))?;
        put_new(&entry_file(&self.folder, version), text.as_bytes()).map_err(|error| match error {
            LakeError::Io { source, .. } if source.kind() == ErrorKind::AlreadyExists => {
                LakeError::log(&self.folder, format!("another program has written version {version} of it; run again"))
            }
            error => error,
        })?;
        let mut state = State::of(self);
        for action in actions {
            state.apply(action);
        }
        *self = state.into_log(&self.folder, version)?;
        if version > 0 && version % CHECKPOINT_EVERY == 0 {
            // The version is already committed. A missing checkpoint only slows readers down, and the next commit tries again.
            drop(self.write_checkpoint(time));
        }
        Ok(())
    }

    fn write_checkpoint(&self, time: i64) -> Result<(), LakeError> {
        let mut actions = vec![
            Action { protocol: Some(self.protocol.clone()), ..Action::default() },
            Action { meta_data: Some(self.metadata.clone()), ..Action::default() },
        ];
        actions.extend(self.remembered.iter().map(|(name, number)| transaction(name, *number, None)));
        let wanted = self.removed.values().filter(|remove| remove.deletion_timestamp + TOMBSTONES > time);
        actions.extend(wanted.map(|remove| Action { remove: Some(remove.clone()), ..Action::default() }));
        actions.extend(self.files.values().map(|add| Action { add: Some(add.clone()), ..Action::default() }));
        let failed = |error: arrow::error::ArrowError| LakeError::log(&self.folder, error.to_string());
        let schema = Arc::new(checkpoint_schema());
        let mut decoder =
            ReaderBuilder::new(schema.clone()).with_batch_size(actions.len().max(1)).build_decoder().map_err(failed)?;
        decoder.serialize(&actions).map_err(failed)?;
        let (path, mut bytes) = (checkpoint_file(&self.folder, self.version), Vec::new());
        let mut writer = ArrowWriter::try_new(&mut bytes, schema, None).map_err(LakeError::parquet(&path))?;
        if let Some(batch) = decoder.flush().map_err(failed)? {
            writer.write(&batch).map_err(LakeError::parquet(&path))?;
            let text = lines_of(&[batch]).map_err(failed)?;
            writer.append_key_value_metadata(KeyValue::new(CONTENT.to_owned(), content(&text)));
        }
        writer.close().map_err(LakeError::parquet(&path))?;
        put(&path, &bytes)?;
        let hint = json!({ "version": self.version, "size": actions.len() });
        put(&log_of(&self.folder).join("_last_checkpoint"), hint.to_string().as_bytes())
    }
}

/// The table state from the entries read so far.
#[derive(Default)]
struct State {
    protocol: Option<Protocol>,
    metadata: Option<Metadata>,
    files: BTreeMap<String, Add>,
    removed: BTreeMap<String, Remove>,
    remembered: BTreeMap<String, i64>,
}

impl State {
    fn of(log: &mut Log) -> Self {
        Self {
            protocol: Some(log.protocol.clone()),
            metadata: Some(log.metadata.clone()),
            files: std::mem::take(&mut log.files),
            removed: std::mem::take(&mut log.removed),
            remembered: std::mem::take(&mut log.remembered),
        }
    }

    fn apply(&mut self, action: Action) {
        self.protocol = action.protocol.or_else(|| self.protocol.take());
        self.metadata = action.meta_data.or_else(|| self.metadata.take());
        if let Some(remove) = action.remove {
            self.files.remove(&remove.path);
            self.removed.insert(remove.path.clone(), remove);
        }
        if let Some(add) = action.add {
            self.removed.remove(&add.path);
            self.files.insert(add.path.clone(), add);
        }
        if let Some(transaction) = action.txn {
            self.remembered.insert(transaction.app_id, transaction.version);
        }
    }

    fn read_entry(&mut self, path: &Path) -> Result<(), LakeError> {
        let text = fs::read_to_string(path).map_err(LakeError::io(path))?;
        let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let info: Info = serde_json::from_str(first).map_err(|error| LakeError::log(path, error.to_string()))?;
        same(path, info.content(), rest)?;
        self.read_lines(&text, path)
    }

    fn read_checkpoint(&mut self, path: &Path) -> Result<(), LakeError> {
        let file = File::open(path).map_err(LakeError::io(path))?;
        let (wanted, batches) = guarded(path, || {
            let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
            let known = builder.metadata().file_metadata().key_value_metadata().into_iter().flatten();
            let wanted = known.filter(|known| known.key == CONTENT).find_map(|known| known.value.clone());
            Ok((wanted, builder.build()?.collect::<Result<Vec<_>, _>>()?))
        })?;
        let text = lines_of(&batches).map_err(|error| LakeError::log(path, error.to_string()))?;
        same(path, wanted.as_deref(), &text)?;
        self.read_lines(&text, path)
    }

    fn read_lines(&mut self, text: &str, path: &Path) -> Result<(), LakeError> {
        for line in text.lines() {
            let action = serde_json::from_str(line).map_err(|error| LakeError::log(path, error.to_string()))?;
            self.apply(action);
        }
        Ok(())
    }

    fn into_log(self, folder: &Path, version: i64) -> Result<Log, LakeError> {
        let (Some(protocol), Some(metadata)) = (self.protocol, self.metadata) else {
            return Err(LakeError::log(folder, "its log has no description of the table".to_owned()));
        };
        if protocol.min_reader_version > 1 || protocol.min_writer_version > 2 {
            let message = "another program wrote to it with features that netto doesn't support";
            return Err(LakeError::log(folder, message.to_owned()));
        }
        let Self { files, removed, remembered, .. } = self;
        Ok(Log { folder: folder.to_owned(), version, protocol, metadata, files, removed, remembered })
    }
}

/// The metadata that an entry has about itself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    #[serde(default)]
    commit_info: BTreeMap<String, serde_json::Value>,
}

impl Info {
    fn content(&self) -> Option<&str> {
        self.commit_info.get(CONTENT)?.as_str()
    }
}

/// The key under which an entry or a checkpoint stores the hash of its actions.
const CONTENT: &str = "netto.content";

fn content(actions: &str) -> String {
    blake3::hash(actions.as_bytes()).to_hex().to_string()
}

/// Verifies the hash, as a flipped bit in the log would silently change the table. Entries of other programs have no hash.
fn same(path: &Path, wanted: Option<&str>, actions: &str) -> Result<(), LakeError> {
    if wanted.is_some_and(|wanted| wanted != content(actions)) {
        return Err(LakeError::log(path, "the file is damaged: its content differs from what was written".to_owned()));
    }
    Ok(())
}

/// The rows of a checkpoint in the format of an entry, one action per line.
fn lines_of(batches: &[RecordBatch]) -> Result<String, ArrowError> {
    let mut text = Vec::new();
    let mut writer = LineDelimitedWriter::new(&mut text);
    batches.iter().try_for_each(|batch| writer.write(batch))?;
    writer.finish()?;
    drop(writer);
    String::from_utf8(text).map_err(|error| ArrowError::ExternalError(Box::new(error)))
}

fn transaction(name: &str, number: i64, last_updated: Option<i64>) -> Action {
    let txn = Transaction { app_id: name.to_owned(), version: number, last_updated };
    Action { txn: Some(txn), ..Action::default() }
}

/// The schema as Delta writes it.
fn schema(declaration: &Table) -> serde_json::Value {
    let fields = declaration.columns.iter().map(|column| {
        json!({ "name": column.name, "type": column.ty.delta(), "nullable": column.role == Role::Optional, "metadata": {} })
    });
    json!({ "type": "struct", "fields": fields.collect::<Vec<_>>() })
}

/// The columns of a checkpoint: one structure per kind of action.
fn checkpoint_schema() -> Schema {
    let text = |name: &str, null: bool| Field::new(name, DataType::Utf8, null);
    let number = |name: &str, null: bool| Field::new(name, DataType::Int64, null);
    let small = |name: &str| Field::new(name, DataType::Int32, false);
    let flag = |name: &str| Field::new(name, DataType::Boolean, false);
    let map = |name: &str| Field::new_map(name, "key_value", text("key", false), text("value", true), false, false);
    let structure = |name: &str, fields: Vec<Field>| Field::new(name, DataType::Struct(Fields::from(fields)), true);
    Schema::new(vec![
        structure("protocol", vec![small("minReaderVersion"), small("minWriterVersion")]),
        structure(
            "metaData",
            vec![
                text("id", false),
                text("name", true),
                text("description", true),
                Field::new(
                    "format",
                    DataType::Struct(Fields::from(vec![text("provider", false), map("options")])),
                    false,
                ),
                text("schemaString", false),
                Field::new_list("partitionColumns", Field::new("element", DataType::Utf8, false), false),
                map("configuration"),
                number("createdTime", true),
            ],
        ),
        structure("txn", vec![text("appId", false), number("version", false), number("lastUpdated", true)]),
        structure("remove", vec![text("path", false), number("deletionTimestamp", false), flag("dataChange")]),
        structure(
            "add",
            vec![
                text("path", false),
                map("partitionValues"),
                number("size", false),
                number("modificationTime", false),
                flag("dataChange"),
                text("stats", true),
            ],
        ),
    ])
}

/// Entries and checkpoints that readers of this version and later ones don't need.
pub(crate) fn before(folder: &Path, version: i64) -> Result<Vec<PathBuf>, LakeError> {
    let (entries, checkpoints) = versions(&log_of(folder))?;
    let Some(from) = checkpoints.iter().copied().filter(|of| *of <= version).max() else { return Ok(Vec::new()) };
    let older = checkpoints.into_iter().filter(|of| *of < from).map(|of| checkpoint_file(folder, of));
    // The entry of the checkpoint itself stays: other readers look for it.
    let entries = entries.into_iter().filter(|of| *of < from).map(|of| entry_file(folder, of));
    Ok(entries.chain(older).collect())
}

/// The versions that have an entry, and those that have a checkpoint, in their order.
fn versions(log: &Path) -> Result<(Vec<i64>, Vec<i64>), LakeError> {
    let (mut entries, mut checkpoints) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(log).map_err(LakeError::io(log))? {
        let name = entry.map_err(LakeError::io(log))?.file_name().to_string_lossy().into_owned();
        let Some((version, kind)) = name.split_once('.') else { continue };
        let Some(version) = version.parse::<i64>().ok().filter(|_| version.len() == 20) else { continue };
        match kind {
            "json" => entries.push(version),
            "checkpoint.parquet" => checkpoints.push(version),
            _ => {}
        }
    }
    entries.sort_unstable();
    checkpoints.sort_unstable();
    Ok((entries, checkpoints))
}

/// Milliseconds since 1970, as the log counts.
pub(crate) fn now() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

fn log_of(folder: &Path) -> PathBuf {
    folder.join("_delta_log")
}

fn entry_file(folder: &Path, version: i64) -> PathBuf {
    log_of(folder).join(format!("{version:020}.json"))
}

fn checkpoint_file(folder: &Path, version: i64) -> PathBuf {
    log_of(folder).join(format!("{version:020}.checkpoint.parquet"))
}

/// Writes a file atomically and durably.
pub(crate) fn put(path: &Path, bytes: &[u8]) -> Result<(), LakeError> {
    let unfinished = written(path, bytes)?;
    fs::rename(&unfinished, path).map_err(LakeError::io(path))?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Like `put`, but fails if the file exists: if two programs write the next entry, one wins and the other gets an error.
fn put_new(path: &Path, bytes: &[u8]) -> Result<(), LakeError> {
    let unfinished = written(path, bytes)?;
    let linked = match fs::hard_link(&unfinished, path) {
        // Some file systems have no links.
        Err(error) if error.kind() != ErrorKind::AlreadyExists && !path.exists() => fs::rename(&unfinished, path),
        linked => fs::remove_file(&unfinished).and(linked),
    };
    linked.map_err(LakeError::io(path))?;
    path.parent().map_or(Ok(()), sync_folder)
}

fn written(path: &Path, bytes: &[u8]) -> Result<PathBuf, LakeError> {
    let unfinished = path.with_extension("tmp");
    let written = File::create(&unfinished).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(LakeError::io(&unfinished))?;
    Ok(unfinished)
}

/// Makes the names in a folder survive a power cut; systems without this call rely on their own write order.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> Result<(), LakeError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(LakeError::io(folder))
}

#[cfg(not(unix))]
pub(crate) fn sync_folder(_folder: &Path) -> Result<(), LakeError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use netto_model::contract::CUSTOMERS;

    use super::*;

    fn add(path: &str) -> Add {
        Add {
            path: path.to_owned(),
            partition_values: BTreeMap::from([("period".to_owned(), Some("2025-03-01".to_owned()))]),
            size: 1,
            modification_time: 0,
            data_change: true,
            stats: Some(r#"{"numRecords":1}"#.to_owned()),
        }
    }

    fn commits(folder: &Path, many: i64) -> Log {
        let mut log = Log::new(folder, &CUSTOMERS, Some("period"));
        for number in 0..many {
            let change = Change {
                add: vec![add(&format!("part-{number}.parquet"))],
                remove: (number > 0).then(|| format!("part-{}.parquet", number - 1)).into_iter().collect(),
                remember: BTreeMap::from([("loads".to_owned(), number)]),
            };
            log.commit(change).unwrap();
        }
        log
    }

    #[test]
    fn what_was_committed_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let written = commits(folder.path(), 3);
        let read = Log::open(folder.path()).unwrap().unwrap();
        assert_eq!(format!("{written:?}"), format!("{read:?}"));
        assert_eq!(read.files.keys().collect::<Vec<_>>(), ["part-2.parquet"]);
        assert_eq!((read.version, read.remembered.get("loads")), (2, Some(&2)));
        assert_eq!(read.removed.len(), 2);
    }

    #[test]
    fn a_checkpoint_stands_for_the_entries_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let written = commits(folder.path(), CHECKPOINT_EVERY + 3);
        for version in 0..=CHECKPOINT_EVERY {
            fs::remove_file(entry_file(folder.path(), version)).unwrap();
        }
        let read = Log::open(folder.path()).unwrap().unwrap();
        assert_eq!(format!("{written:?}"), format!("{read:?}"));
    }

    #[test]
    fn a_table_is_read_as_it_was_at_any_version() {
        let folder = tempfile::tempdir().unwrap();
        commits(folder.path(), CHECKPOINT_EVERY + 3);
        for version in [0, 5, CHECKPOINT_EVERY - 1, CHECKPOINT_EVERY, CHECKPOINT_EVERY + 1] {
            let read = Log::open_until(folder.path(), version).unwrap().unwrap();
            assert_eq!(read.files.keys().collect::<Vec<_>>(), [&format!("part-{version}.parquet")]);
            assert_eq!((read.version, read.remembered.get("loads")), (version, Some(&version)));
        }
    }

    #[test]
    fn a_missing_entry_is_named_and_not_skipped() {
        let folder = tempfile::tempdir().unwrap();
        commits(folder.path(), 3);
        fs::remove_file(entry_file(folder.path(), 1)).unwrap();
        let error = Log::open(folder.path()).unwrap_err().to_string();
        assert!(error.ends_with("entry 1 of its log is missing"), "{error}");
    }

    #[test]
    fn of_two_programs_that_write_the_next_entry_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        commits(folder.path(), 1);
        let (mut one, mut other) =
            (Log::open(folder.path()).unwrap().unwrap(), Log::open(folder.path()).unwrap().unwrap());
        one.commit(Change { add: vec![add("one.parquet")], ..Change::default() }).unwrap();
        let error =
            other.commit(Change { add: vec![add("other.parquet")], ..Change::default() }).unwrap_err().to_string();
        assert!(error.ends_with("another program has written version 1 of it; run again"), "{error}");
        let read = Log::open(folder.path()).unwrap().unwrap();
        assert_eq!(read.files.keys().collect::<Vec<_>>(), ["one.parquet", "part-0.parquet"]);
    }

    #[test]
    fn a_checkpoint_that_cannot_be_written_is_no_fault_of_the_load() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(checkpoint_file(folder.path(), CHECKPOINT_EVERY)).unwrap();
        assert_eq!(commits(folder.path(), CHECKPOINT_EVERY + 1).version, CHECKPOINT_EVERY);
    }

    #[test]
    fn a_table_with_features_that_are_unknown_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Log::new(folder.path(), &CUSTOMERS, None);
        log.protocol.min_reader_version = 3;
        assert!(log.commit(Change::default()).is_err());
    }
}
