//! Writes Parquet with conservative types: int64, utf8, date32, decimal(18,4), float64, bool. Metadata carries the meanings:
//!
//! ```text
//! description           Activities of cost-to-serve.
//! grain                 activity
//! column.description    The expression that measures it     (so a column may be called `description` too)
//! ```

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use netto_model::arrow::{from_batches, to_batch};
use netto_model::caught::caught;
use netto_model::{Mart, Table, Type};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;
use polars::prelude::DataFrame;

use crate::error::{PublishError, at};
use crate::sink::Sink;
use crate::star;
use crate::stream::failed;

/// The Parquet sink.
pub(crate) struct Parquet;

impl Sink for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn write(&self, mart: &Mart) -> Result<Vec<u8>, PublishError> {
        bytes(mart, properties(mart.table))
    }
}

/// A table as a file for netto's own use, larger but faster to write and read.
pub(crate) fn fast_bytes(mart: &Mart) -> Result<Vec<u8>, PublishError> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_dictionary_enabled(false);
    let texts = mart.table.columns.iter().filter(|column| column.ty == Type::Text);
    let named = |properties: WriterPropertiesBuilder, column: &netto_model::Column| {
        properties.set_column_dictionary_enabled(ColumnPath::from(column.name), true)
    };
    bytes(mart, texts.fold(properties, named).build())
}

fn bytes(mart: &Mart, properties: WriterProperties) -> Result<Vec<u8>, PublishError> {
    let batch = to_batch(mart.table, &mart.data)?;
    let mut bytes = Vec::new();
    let writer = ArrowWriter::try_new(&mut bytes, Arc::clone(batch.schema_ref()), Some(properties));
    let mut writer = writer.map_err(failed(mart.table))?;
    writer.write(&batch).map_err(failed(mart.table))?;
    writer.close().map_err(failed(mart.table))?;
    Ok(bytes)
}

/// Writer settings of a table's file, with the meanings of table and columns as metadata.
pub(crate) fn properties(table: &Table) -> WriterProperties {
    let mut meaning = vec![
        KeyValue::new("description".into(), table.description.to_owned()),
        KeyValue::new("grain".into(), table.grain.to_owned()),
    ];
    let of_column =
        |column: &netto_model::Column| KeyValue::new(format!("column.{}", column.name), column.description.to_owned());
    meaning.extend(table.columns.iter().map(of_column));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by("netto".into())
        .set_key_value_metadata(Some(meaning));
    // Few amounts occur twice, so a dictionary would not pay off.
    let amounts = table.columns.iter().filter(|column| matches!(column.ty, Type::Decimal | Type::Ratio));
    let plain = |properties: WriterPropertiesBuilder, column: &netto_model::Column| {
        properties.set_column_dictionary_enabled(ColumnPath::from(column.name), false)
    };
    amounts.fold(properties, plain).build()
}

/// Reads a published table from the folder of a run in its internal form: without keys, and with all of its levels together.
///
/// # Errors
/// When nothing was published there, or the file isn't readable.
pub fn read(run: &Path, table: &'static Table) -> Result<DataFrame, PublishError> {
    star::unkeyed(table, |published| read_file(run, published))
}

/// Reads a published table in its published form, with its keys.
///
/// # Errors
/// When nothing was published there, or the file isn't readable.
pub fn read_file(run: &Path, table: &'static Table) -> Result<DataFrame, PublishError> {
    let path = run.join("parquet").join(format!("{}.parquet", table.name));
    let file = File::open(&path).map_err(|_| PublishError::NothingPublished { path: run.to_owned() })?;
    read_open(&path, file, table)
}

/// Reads a table from its file.
pub(crate) fn read_at(path: &Path, table: &'static Table) -> Result<DataFrame, PublishError> {
    read_open(path, File::open(path).map_err(at(path))?, table)
}

fn read_open(path: &Path, file: File, table: &'static Table) -> Result<DataFrame, PublishError> {
    let failed =
        |source: Box<dyn std::error::Error + Send + Sync>| PublishError::Unreadable { path: path.to_owned(), source };
    let read = || -> Result<Vec<_>, ParquetError> {
        Ok(ParquetRecordBatchReaderBuilder::try_new(file)?.build()?.collect::<Result<Vec<_>, _>>()?)
    };
    // On a badly damaged file the library panics; this makes it an ordinary error.
    let batches = caught(read).map_err(|error| failed(Box::new(error)))?.map_err(|error| failed(Box::new(error)))?;
    Ok(from_batches(table, &batches)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::contract::{DIM_ACTIVITY, FACTS, marts};
    use parquet::file::reader::{FileReader, SerializedFileReader};

    fn empty(table: &'static Table) -> Mart {
        Mart { table, data: DataFrame::empty_with_schema(&netto_model::frame::schema(table)) }
    }

    #[test]
    fn every_table_and_column_carries_its_meaning_under_its_own_key() {
        for table in marts().chain(FACTS.iter().copied()) {
            let path = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(path.path(), Parquet.write(&empty(table)).unwrap()).unwrap();
            let reader = SerializedFileReader::new(path.reopen().unwrap()).unwrap();
            let pairs = reader.metadata().file_metadata().key_value_metadata().unwrap();
            let meaning = |key: &str| {
                let mut found = pairs.iter().filter(|pair| pair.key == key).map(|pair| pair.value.clone().unwrap());
                (found.next().unwrap_or_default(), found.next())
            };
            assert_eq!(meaning("description"), (table.description.to_owned(), None));
            for column in table.columns {
                assert_eq!(meaning(&format!("column.{}", column.name)), (column.description.to_owned(), None));
            }
        }
    }

    #[test]
    fn the_same_table_gives_the_same_bytes() {
        assert_eq!(Parquet.write(&empty(&DIM_ACTIVITY)).unwrap(), Parquet.write(&empty(&DIM_ACTIVITY)).unwrap());
    }
}
