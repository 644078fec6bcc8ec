//! A table that is ready to be written into a sink: in memory, or in its Parquet file, which is read a piece at a time.

use std::fs::File;
use std::path::{Path, PathBuf};

use netto_model::arrow::from_batches;
use netto_model::star::is_dimension;
use netto_model::{Mart, Table};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use polars::prelude::DataFrame;

use crate::error::{PublishError, at};
use crate::stream::Streamed;

/// Number of rows per piece.
const PIECE: usize = 65_536;

/// A published table, in memory or in a file.
#[derive(Clone, Debug)]
pub(crate) enum Ready<'a> {
    /// In memory.
    Made(&'a Mart),
    /// In a Parquet file.
    Written(&'static Table, PathBuf),
}

/// The tables in the folder of a run.
pub(crate) fn lying_in(folder: &Path, tables: &[&'static Table]) -> Vec<Ready<'static>> {
    let file = |table: &&'static Table| Ready::Written(table, folder.join(format!("parquet/{}.parquet", table.name)));
    let is_there = |ready: &Ready<'_>| matches!(ready, Ready::Written(_, path) if path.is_file());
    in_order(tables.iter().map(file).filter(is_there).collect())
}

/// Dimensions first, each part by name, so that a sink doesn't depend on where the tables came from.
pub(crate) fn in_order(mut tables: Vec<Ready<'_>>) -> Vec<Ready<'_>> {
    tables.sort_by_key(|ready| (!is_dimension(ready.table()), ready.table().name));
    tables
}

/// The rows of a table, in pieces.
pub(crate) type Pieces<'a> = Box<dyn Iterator<Item = Result<DataFrame, PublishError>> + 'a>;

impl Ready<'_> {
    pub(crate) fn streamed(streamed: &Streamed) -> Self {
        Self::Written(streamed.table, streamed.parquet().to_owned())
    }

    pub(crate) fn table(&self) -> &'static Table {
        match self {
            Self::Made(mart) => mart.table,
            Self::Written(table, _) => table,
        }
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> Result<usize, PublishError> {
        match self {
            Self::Made(mart) => Ok(mart.data.height()),
            Self::Written(_, path) => {
                let file = File::open(path).map_err(at(path))?;
                let reader = ParquetRecordBatchReaderBuilder::try_new(file);
                let reader =
                    reader.map_err(|error| PublishError::Unreadable { path: path.clone(), source: Box::new(error) })?;
                Ok(usize::try_from(reader.metadata().file_metadata().num_rows()).unwrap_or_default())
            }
        }
    }

    pub(crate) fn pieces(&self) -> Result<Pieces<'_>, PublishError> {
        let (table, path) = match self {
            Self::Made(mart) => {
                let starts = (0..mart.data.height()).step_by(PIECE);
                return Ok(Box::new(
                    starts.map(|start| Ok(mart.data.slice(i64::try_from(start).unwrap_or(i64::MAX), PIECE))),
                ));
            }
            Self::Written(table, path) => (table, path),
        };
        let unreadable =
            |source: Box<dyn std::error::Error + Send + Sync>| PublishError::Unreadable { path: path.clone(), source };
        let file = File::open(path).map_err(at(path))?;
        let reader =
            ParquetRecordBatchReaderBuilder::try_new(file).and_then(|reader| reader.with_batch_size(PIECE).build());
        let reader = reader.map_err(|error| unreadable(Box::new(error)))?;
        Ok(Box::new(
            reader.map(move |batch| Ok(from_batches(table, &[batch.map_err(|error| unreadable(Box::new(error)))?])?)),
        ))
    }
}
