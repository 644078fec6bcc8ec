//! Delta tables: Parquet files written here, then added and removed in one commit.
//!
//! A file is named after its content, so the same rows give the same file, and a commit that changes nothing adds none.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use deltalake_core::kernel::transaction::{CommitBuilder, TableReference};
use deltalake_core::kernel::{Action, Add, DataType, Remove, StructField, Transaction};
use deltalake_core::operations::create::CreateBuilder;
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::{DeltaTable, DeltaTableError};
use netto_model::table::{Role, Table, Type};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use url::Url;

use crate::error::LakeError;

/// A Delta table in a folder.
pub(crate) struct Store {
    pub(crate) folder: PathBuf,
    table: Option<DeltaTable>,
    runtime: tokio::runtime::Runtime,
}

/// A live file.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    /// Relative to the table.
    pub(crate) path: String,
    /// Value of the partition column.
    pub(crate) partition: Option<String>,
    pub(crate) rows: u64,
    remove: Remove,
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
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(LakeError::io(folder))?;
        let mut store = Self { folder: folder.to_owned(), table: None, runtime };
        if folder.join("_delta_log").is_dir() {
            let url = store.url()?;
            let table = store.runtime.block_on(deltalake_core::open_table(url)).map_err(LakeError::delta(folder))?;
            store.table = Some(table);
        }
        Ok(store)
    }

    fn url(&self) -> Result<Url, LakeError> {
        Url::from_directory_path(&self.folder)
            .map_err(|()| LakeError::io(&self.folder)(std::io::Error::other("the path is not absolute")))
    }

    /// Whether it was ever written.
    pub(crate) const fn exists(&self) -> bool {
        self.table.is_some()
    }

    /// Version of the table.
    pub(crate) fn version(&self) -> Option<i64> {
        self.table.as_ref().and_then(DeltaTable::version).and_then(|version| i64::try_from(version).ok())
    }

    /// The files of this version, sorted.
    pub(crate) fn live(&self) -> Result<Vec<Live>, LakeError> {
        let Some(table) = &self.table else { return Ok(Vec::new()) };
        let state = table.snapshot().map_err(LakeError::delta(&self.folder))?;
        let mut files: Vec<Live> = state
            .log_data()
            .iter()
            .map(|file| Live {
                path: file.path().into_owned(),
                partition: file.partition_values_map().into_values().next().flatten(),
                rows: file.num_records().and_then(|rows| u64::try_from(rows).ok()).unwrap_or(0),
                remove: file.remove_action(true),
            })
            .collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// The number that was remembered under a name, in the table itself.
    pub(crate) fn remembered(&self, name: &str) -> Result<Option<i64>, LakeError> {
        let Some(table) = &self.table else { return Ok(None) };
        let state = table.snapshot().map_err(LakeError::delta(&self.folder))?;
        let log = table.log_store();
        self.runtime.block_on(state.transaction_version(log.as_ref(), name)).map_err(LakeError::delta(&self.folder))
    }

    /// Makes `files` live in place of those that `replaced` names, in one commit, and remembers numbers under names.
    pub(crate) fn commit(
        &mut self,
        declaration: &Table,
        partition_by: Option<&'static str>,
        files: &[Written],
        replaced: impl Fn(&Live) -> bool,
        remember: &BTreeMap<String, i64>,
    ) -> Result<i64, LakeError> {
        self.create(declaration, partition_by)?;
        let live = self.live()?;
        let kept = |path: &str| live.iter().any(|file| file.path == path);
        let adds = files.iter().filter(|file| !kept(&file.path)).map(|file| Action::Add(file.add()));
        let again = |file: &&Live| files.iter().any(|written| written.path == file.path);
        let removes =
            live.iter().filter(|file| replaced(file) && !again(file)).map(|file| Action::Remove(file.remove.clone()));
        let remember = remember.iter().map(|(name, number)| Action::Txn(Transaction::new(name, *number)));
        let actions = remember.chain(removes).chain(adds).collect();
        self.run(actions)
    }

    fn run(&mut self, actions: Vec<Action>) -> Result<i64, LakeError> {
        let failed = LakeError::delta(&self.folder);
        let Some(table) = &mut self.table else { return Ok(-1) };
        let runtime = &self.runtime;
        let operation = DeltaOperation::Write { mode: SaveMode::Overwrite, partition_by: None, predicate: None };
        let done = runtime.block_on(async {
            let log = table.log_store();
            let state = table.snapshot()?;
            let reference: &dyn TableReference = state;
            CommitBuilder::default().with_actions(actions).build(Some(reference), log, operation).await?;
            table.update_state().await?;
            Ok::<_, DeltaTableError>(())
        });
        done.map_err(failed)?;
        Ok(self.version().unwrap_or(-1))
    }

    fn create(&mut self, declaration: &Table, partition_by: Option<&'static str>) -> Result<(), LakeError> {
        if self.table.is_some() {
            return Ok(());
        }
        fs::create_dir_all(&self.folder).map_err(LakeError::io(&self.folder))?;
        let failed = LakeError::delta(&self.folder);
        let url = self.url()?;
        let created = fields(declaration).and_then(|fields| {
            self.runtime.block_on(async {
                CreateBuilder::new()
                    .with_location(url.as_str())
                    .with_table_name(declaration.name)
                    .with_comment(declaration.description)
                    .with_columns(fields)
                    .with_partition_columns(partition_by)
                    .await
            })
        });
        self.table = Some(created.map_err(failed)?);
        Ok(())
    }
}

fn fields(declaration: &Table) -> Result<Vec<StructField>, DeltaTableError> {
    let ty = |ty: Type| {
        Ok::<_, DeltaTableError>(match ty {
            Type::Text => DataType::STRING,
            Type::Integer => DataType::LONG,
            Type::Decimal => DataType::decimal(18, 4).map_err(|error| DeltaTableError::Generic(error.to_string()))?,
            Type::Ratio => DataType::DOUBLE,
            Type::Date => DataType::DATE,
            Type::Bool => DataType::BOOLEAN,
        })
    };
    let field =
        |column: &netto_model::Column| Ok(StructField::new(column.name, ty(column.ty)?, column.role == Role::Optional));
    declaration.columns.iter().map(field).collect()
}

impl Written {
    fn add(&self) -> Add {
        Add {
            path: self.path.clone(),
            partition_values: self
                .partition
                .iter()
                .map(|(column, value)| ((*column).to_owned(), Some(value.clone())))
                .collect::<HashMap<_, _>>(),
            size: i64::try_from(self.size).unwrap_or(i64::MAX),
            modification_time: chrono::Utc::now().timestamp_millis(),
            data_change: true,
            stats: Some(format!("{{\"numRecords\":{}}}", self.rows)),
            tags: None,
            deletion_vector: None,
            base_row_id: None,
            default_row_commit_version: None,
            clustering_provider: None,
        }
    }
}

/// Rows in a row group.
const ROW_GROUP: usize = 1 << 20;

/// Writes a Parquet file that is named after its content; it counts only once it is committed.
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
    let name = format!("part-{}.parquet", blake3::hash(&bytes).to_hex().get(..16).unwrap_or_default());
    let path = match &partition {
        Some((column, value)) => format!("{column}={value}/{name}"),
        None => name,
    };
    let file = folder.join(&path);
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent).map_err(LakeError::io(parent))?;
    }
    if !file.exists() {
        let unfinished = file.with_extension("tmp");
        fs::write(&unfinished, &bytes).map_err(LakeError::io(&unfinished))?;
        fs::rename(&unfinished, &file).map_err(LakeError::io(&file))?;
    }
    Ok(Written { path, partition, size: bytes.len(), rows: batch.num_rows() })
}
