//! Exchanges files between this machine and a cluster through a shared folder.
//!
//! ```text
//! in the project, where it is seen      .netto/lake/order_lines/period=…/…   .netto/spark/{rollup.py, job.json, tables/…}
//! in a folder for it                    order_lines/…, copied once           {rollup.py, job.json, tables/…}
//! ```
//! Lake files are named after their content, so a file that already exists is the same and is not copied again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
use netto_model::contract::LAKE_ORDER_LINES;
use netto_model::{Type, column as c};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use polars::prelude::{DataFrame, PolarsError};
use serde::Deserialize;
use serde_json::json;

use super::{Cluster, SparkError};
use crate::python::{Python, Said, shortened};
use crate::{Inputs, RollupError};

const PROGRAM: &str = include_str!("rollup.py");
/// Lines belong to the month of their day.
const MONTH: &str = "cast(trunc(order_date, 'MM') as date) as period";

/// Folders of the exchange.
pub(super) struct Exchange<'a> {
    cluster: Cluster<'a>,
    /// The shared folder, and its path on the cluster.
    shared: PathBuf,
    on_cluster: String,
    /// The folder of the job and of the resulting tables.
    folder: PathBuf,
}

/// The final answer of the client.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Done { written: BTreeMap<String, usize> },
    Failed { step: String, why: String },
}

/// Tables that Spark wrote.
pub(super) struct Written {
    folder: PathBuf,
    rows: BTreeMap<String, usize>,
}

impl<'a> Exchange<'a> {
    pub(super) fn open(cluster: Cluster<'a>) -> Result<Self, SparkError> {
        let config = cluster.config;
        if !config.has_remote() {
            return Err(SparkError::NoRemote);
        }
        let (shared, folder) = match &config.folder {
            Some(folder) => (cluster.project.join(folder), cluster.project.join(folder)),
            None => (cluster.project.to_owned(), cluster.scratch.to_owned()),
        };
        fs::create_dir_all(&folder).map_err(refused(&folder))?;
        let called = |path: &Path| format!("file://{}", path.display());
        let on_cluster = config.on_cluster.as_ref().map_or_else(|| called(&shared), Clone::clone);
        let exchange = Self { cluster, shared, on_cluster: on_cluster.trim_end_matches('/').to_owned(), folder };
        exchange.clear()?;
        Ok(exchange)
    }

    /// Removes the tables, which were read or belong to a killed run.
    pub(super) fn clear(&self) -> Result<(), SparkError> {
        let tables = self.tables();
        match fs::remove_dir_all(&tables) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(refused(&tables)(error)),
            _ => Ok(()),
        }
    }

    fn tables(&self) -> PathBuf {
        self.folder.join("tables")
    }

    /// Runs the texts on the cluster.
    pub(super) fn run(
        &self,
        inputs: &Inputs<'_>,
        texts: &[(String, String)],
        said: &mut dyn FnMut(&str),
    ) -> Result<Written, RollupError> {
        let files = inputs.months.values().flatten().cloned().collect();
        let files = if self.cluster.config.folder.is_some() { self.copied(files)? } else { files };
        let columns = LAKE_ORDER_LINES.columns.iter().filter(|column| column.name != c::PERIOD);
        let columns: Vec<String> = columns.map(|column| format!("{} {}", column.name, spark_type(column.ty))).collect();
        let files: Vec<String> = files.iter().map(|file| self.seen(file)).collect();
        let mut read = vec![
            json!({ "name": "order_lines", "columns": columns.join(", "), "files": files, "select": ["*", MONTH] }),
        ];
        if let Some(suppliers) = inputs.suppliers {
            let file = self.folder.join("product_suppliers.parquet");
            write(suppliers, &file)?;
            let columns = "product_key bigint, supplier_id string, valid_from date, valid_to date";
            let files = [self.seen(&file)];
            read.push(json!({ "name": "product_suppliers", "columns": columns, "files": files, "select": ["*"] }));
        }
        let compute: Vec<_> = texts.iter().map(|(name, sql)| json!({ "name": name, "sql": sql })).collect();
        let (remote, tables) = (&self.cluster.config.remote, self.seen(&self.tables()));
        let job = json!({ "remote": remote, "tables": tables, "read": read, "compute": compute });
        let (program, place) = (self.folder.join("rollup.py"), self.folder.join("job.json"));
        fs::write(&program, PROGRAM).map_err(refused(&program))?;
        fs::write(&place, format!("{job:#}\n")).map_err(refused(&place))?;
        Ok(Written { folder: self.tables(), rows: self.answer(&program, &place, said)? })
    }

    /// The path of a file on the cluster.
    fn seen(&self, path: &Path) -> String {
        let within = path.strip_prefix(&self.shared).unwrap_or(path);
        let parts = within.components().map(|part| part.as_os_str().to_string_lossy());
        parts.fold(self.on_cluster.clone(), |name, part| name + "/" + &part)
    }

    /// Copies missing files to the shared folder, and removes those that are no longer live.
    fn copied(&self, files: Vec<PathBuf>) -> Result<Vec<PathBuf>, SparkError> {
        let folder = self.folder.join("order_lines");
        fs::create_dir_all(&folder).map_err(refused(&folder))?;
        let mut copies = Vec::with_capacity(files.len());
        for file in files {
            let copy = folder.join(file.file_name().unwrap_or_default());
            let size = |path: &Path| fs::metadata(path).map(|about| about.len()).ok();
            if size(&copy) != size(&file) {
                let half = copy.with_extension("half");
                fs::copy(&file, &half).and_then(|_| fs::rename(&half, &copy)).map_err(refused(&copy))?;
            }
            copies.push(copy);
        }
        let live: BTreeSet<&PathBuf> = copies.iter().collect();
        for entry in fs::read_dir(&folder).map_err(refused(&folder))?.flatten() {
            if !live.contains(&entry.path()) {
                fs::remove_file(entry.path()).map_err(refused(&entry.path()))?;
            }
        }
        Ok(copies)
    }

    /// Starts the client and waits for its answer: the number of rows of each table.
    fn answer(
        &self,
        program: &Path,
        job: &Path,
        said: &mut dyn FnMut(&str),
    ) -> Result<BTreeMap<String, usize>, SparkError> {
        let (config, called) = (self.cluster.config, self.cluster.config.python.as_path());
        let python = Python { called, project: self.cluster.project };
        let no_python = |source| SparkError::NoPython { python: called.to_owned(), source };
        let Said { answer, status, last } = python.run(program, job, said).map_err(no_python)?;
        match answer {
            Some(Answer::Done { written }) => Ok(written),
            Some(Answer::Failed { step, why }) => {
                said(&why);
                let (python, why) = (called.to_owned(), shortened(&why));
                Err(match step.as_str() {
                    "client" => SparkError::NoClient { python, why },
                    "server" => SparkError::NoServer { remote: config.remote.clone(), why },
                    _ => SparkError::Query { step, why, job: job.to_owned() },
                })
            }
            None => Err(SparkError::Broken { status, said: last }),
        }
    }
}

impl Written {
    /// All rows of a table; their number must match Spark's.
    pub(super) fn batches(&self, table: &str) -> Result<Vec<RecordBatch>, SparkError> {
        let folder = self.folder.join(table);
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let is_rows = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.ends_with(".parquet") && !name.starts_with(['_', '.'])
        };
        let mut files: Vec<PathBuf> = entries.filter(is_rows).collect();
        files.sort();
        let mut batches = Vec::new();
        for file in files {
            let open = File::open(&file).map_err(refused(&file))?;
            let builder = ParquetRecordBatchReaderBuilder::try_new(open).map_err(refused(&file))?;
            for batch in builder.build().map_err(refused(&file))? {
                batches.push(batch.map_err(refused(&file))?);
            }
        }
        let (written, found) = (self.rows.get(table).copied(), batches.iter().map(RecordBatch::num_rows).sum());
        match written.filter(|written| *written == found) {
            Some(_) => Ok(batches),
            None => {
                Err(SparkError::Unseen { table: table.to_owned(), written: written.unwrap_or_default(), found, folder })
            }
        }
    }
}

/// Products with their suppliers and the days on which they were theirs, for Spark to read.
pub(super) fn write(suppliers: &DataFrame, file: &Path) -> Result<(), RollupError> {
    let keys: Int64Array = suppliers.column(c::PRODUCT_KEY)?.i64()?.iter().collect();
    let ids: StringArray = suppliers.column(c::SUPPLIER_ID)?.str()?.iter().collect();
    let day = |name| Ok::<Date32Array, PolarsError>(suppliers.column(name)?.date()?.physical().iter().collect());
    let (from, to) = (day(c::VALID_FROM)?, day(c::VALID_TO)?);
    let columns: [(&str, ArrayRef); 4] = [
        (c::PRODUCT_KEY, Arc::new(keys)),
        (c::SUPPLIER_ID, Arc::new(ids)),
        (c::VALID_FROM, Arc::new(from)),
        (c::VALID_TO, Arc::new(to)),
    ];
    let rows = RecordBatch::try_from_iter(columns).map_err(refused(file))?;
    let open = File::create(file).map_err(refused(file))?;
    let mut writer = ArrowWriter::try_new(open, rows.schema(), None).map_err(refused(file))?;
    writer.write(&rows).map_err(refused(file))?;
    writer.close().map_err(refused(file))?;
    Ok(())
}

const fn spark_type(ty: Type) -> &'static str {
    match ty {
        Type::Text => "string",
        Type::Integer => "bigint",
        Type::Decimal => "decimal(18,4)",
        Type::Ratio => "double",
        Type::Date => "date",
        Type::Bool => "boolean",
    }
}

fn refused<E: Into<Box<dyn std::error::Error + Send + Sync>>>(path: &Path) -> impl FnOnce(E) -> SparkError + '_ {
    move |source| SparkError::Exchange { path: path.to_owned(), source: source.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spark::SparkConfig;
    use polars::prelude::{DataType, Series, df};

    #[test]
    fn a_file_is_copied_once_and_anew_where_the_copy_is_cut_and_goes_with_its_version() {
        let (project, shared) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let config = SparkConfig {
            remote: Some("sc://localhost".into()),
            folder: Some(shared.path().to_owned()),
            on_cluster: Some("s3a://bucket/netto/".into()),
            ..SparkConfig::default()
        };
        let scratch = project.path().join("spark");
        let exchange = Exchange::open(Cluster { config: &config, project: project.path(), scratch: &scratch }).unwrap();
        let [one, two] = ["part-1.parquet", "part-2.parquet"].map(|name| project.path().join(name));
        fs::write(&one, "one").unwrap();
        fs::write(&two, "two").unwrap();
        let copies = exchange.copied(vec![one.clone(), two]).unwrap();
        let seen: Vec<String> = copies.iter().map(|copy| exchange.seen(copy)).collect();
        assert_eq!(
            seen,
            ["s3a://bucket/netto/order_lines/part-1.parquet", "s3a://bucket/netto/order_lines/part-2.parquet"]
        );
        assert_eq!(exchange.seen(&exchange.tables()), "s3a://bucket/netto/tables");
        fs::write(&copies[0], "ONE").unwrap();
        exchange.copied(vec![one.clone()]).unwrap();
        assert_eq!(fs::read_to_string(&copies[0]).unwrap(), "ONE", "what is there is the same");
        assert!(!copies[1].exists(), "what is live no more goes");
        fs::write(&copies[0], "on").unwrap();
        exchange.copied(vec![one]).unwrap();
        assert_eq!(fs::read_to_string(&copies[0]).unwrap(), "one");
    }

    #[test]
    fn where_no_folder_is_named_files_are_those_of_the_project() {
        let project = tempfile::tempdir().unwrap();
        let config = SparkConfig { remote: Some("sc://localhost".into()), ..SparkConfig::default() };
        let scratch = project.path().join(".netto/spark");
        let exchange = Exchange::open(Cluster { config: &config, project: project.path(), scratch: &scratch }).unwrap();
        let here = project.path().display();
        assert_eq!(
            exchange.seen(&project.path().join(".netto/lake/a.parquet")),
            format!("file://{here}/.netto/lake/a.parquet")
        );
        assert_eq!(exchange.seen(&exchange.tables()), format!("file://{here}/.netto/spark/tables"));
    }

    #[test]
    fn rows_that_are_not_here_are_missed() {
        let folder = tempfile::tempdir().unwrap();
        let always = Series::full_null("".into(), 2, &DataType::Date);
        let rows = df!("product_key" => [1_i64, 2], "supplier_id" => ["s", "t"], "valid_from" => always.clone(), "valid_to" => always);
        let rows = rows.unwrap();
        fs::create_dir(folder.path().join("t")).unwrap();
        write(&rows, &folder.path().join("t/part-0.parquet")).unwrap();
        fs::write(folder.path().join("t/_SUCCESS"), "").unwrap();
        let written =
            |rows| Written { folder: folder.path().to_owned(), rows: BTreeMap::from([("t".to_owned(), rows)]) };
        assert_eq!(written(2).batches("t").unwrap().len(), 1);
        let said = written(3).batches("t").unwrap_err().to_string();
        assert!(said.starts_with("Spark wrote 3 rows of `t`, but "), "{said}");
    }
}
