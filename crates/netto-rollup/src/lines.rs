//! Reads a month's order lines from the lake, as record batches of the requested columns.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use netto_model::contract::LAKE_ORDER_LINES;
use netto_model::{Period, column as c};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use polars::prelude::*;

use crate::RollupError;

/// Rows decoded at a time: few enough for the cache, enough to make the overhead negligible.
const BATCH: usize = 16_384;

/// Reads some columns of a file, batch by batch.
pub(crate) fn batches(file: &Path, columns: &[&str]) -> Result<ParquetRecordBatchReader, RollupError> {
    let builder = opened(file)?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    builder.with_projection(mask).with_batch_size(BATCH).build().map_err(failed(file))
}

/// The number of lines of a file, from its metadata.
pub(crate) fn count(file: &Path) -> Result<i64, RollupError> {
    Ok(opened(file)?.metadata().file_metadata().num_rows())
}

fn opened(file: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, RollupError> {
    ParquetRecordBatchReaderBuilder::try_new(File::open(file).map_err(failed(file))?).map_err(failed(file))
}

fn failed<E: std::error::Error + Send + Sync + 'static>(file: &Path) -> impl FnOnce(E) -> RollupError + '_ {
    move |source| RollupError::File { file: file.to_owned(), source: Box::new(source) }
}

/// All lines of a month as a frame with the requested columns of the contract.
pub(crate) fn frame(period: Period, files: &[PathBuf], columns: &[&'static str]) -> Result<DataFrame, RollupError> {
    let mut read: Vec<RecordBatch> = Vec::new();
    for file in files {
        for batch in batches(file, columns)? {
            read.push(batch.map_err(failed(file))?);
        }
    }
    let wanted = LAKE_ORDER_LINES.columns.iter().filter(|column| columns.contains(&column.name));
    let lines = netto_model::arrow::columns_from_batches(LAKE_ORDER_LINES.name, wanted, &read)?;
    let month = lit(period.first_day()).cast(DataType::Date).alias(c::PERIOD);
    Ok(lines.lazy().with_column(month).collect()?)
}
