//! Parquet with conservative types: int64, utf8, date32, decimal(18,4), float64, bool. Meanings go along as metadata.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use netto_model::arrow::{from_batches, to_batch};
use netto_model::{Mart, Table};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use polars::prelude::DataFrame;

use crate::error::PublishError;
use crate::sink::Sink;

/// The Parquet sink.
pub(crate) struct Parquet;

impl Sink for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn write(&self, mart: &Mart) -> Result<Vec<u8>, PublishError> {
        let batch = to_batch(mart.table, &mart.data)?;
        let failed = |source: parquet::errors::ParquetError| PublishError::Table {
            table: mart.table.name,
            format: "Parquet",
            source: Box::new(source),
        };
        let mut meaning = vec![
            KeyValue::new("description".into(), mart.table.description.to_owned()),
            KeyValue::new("grain".into(), mart.table.grain.to_owned()),
        ];
        let of_column = |column: &netto_model::Column| KeyValue::new(column.name.into(), column.description.to_owned());
        meaning.extend(mart.table.columns.iter().map(of_column));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by("netto".into())
            .set_key_value_metadata(Some(meaning))
            .build();
        let mut bytes = Vec::new();
        let mut writer =
            ArrowWriter::try_new(&mut bytes, Arc::clone(batch.schema_ref()), Some(properties)).map_err(failed)?;
        writer.write(&batch).map_err(failed)?;
        writer.close().map_err(failed)?;
        Ok(bytes)
    }
}

/// Reads a published table back, from the folder of a run.
///
/// # Errors
/// When nothing was published there, or the file isn't readable.
pub fn read(run: &Path, table: &'static Table) -> Result<DataFrame, PublishError> {
    let path = run.join("parquet").join(format!("{}.parquet", table.name));
    let file = File::open(&path).map_err(|_| PublishError::NothingPublished { path: run.to_owned() })?;
    let failed =
        |source: Box<dyn std::error::Error + Send + Sync>| PublishError::Unreadable { path: path.clone(), source };
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(ParquetRecordBatchReaderBuilder::build);
    let batches = reader.map_err(|error| failed(Box::new(error)))?.collect::<Result<Vec<_>, _>>();
    Ok(from_batches(table, &batches.map_err(|error| failed(Box::new(error)))?)?)
}
