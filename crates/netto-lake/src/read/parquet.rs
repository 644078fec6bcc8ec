//! Parquet: read with Arrow, every column turned to text, so that one mapping serves all formats.

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Schema, SchemaRef};
use netto_model::caught::caught;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use super::{Row, shown};
use crate::error::LakeError;

/// Rows of a table, every value as text.
#[derive(Debug)]
pub(crate) struct TextTable {
    pub(crate) name: String,
    pub(crate) header: Vec<String>,
    /// Columns of floats.
    pub(crate) floats: Vec<bool>,
    batches: Vec<Vec<StringArray>>,
    /// Row on which each batch starts, the first is 1.
    starts: Vec<u64>,
}

/// The record batches of a file.
pub(crate) fn batches(path: &Path) -> Result<(SchemaRef, Vec<RecordBatch>), LakeError> {
    let file = File::open(path).map_err(LakeError::io(path))?;
    guarded(path, || {
        let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
        let schema = builder.schema().clone();
        let batches = builder.with_batch_size(1 << 16).build()?.collect::<Result<Vec<_>, _>>()?;
        Ok((schema, batches))
    })
}

/// Reads from a file: one that is so damaged that the library panics is an error like any other.
pub(crate) fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, LakeError> {
    let damaged = |error| Err(ParquetError::General(format!("the file is damaged: {error}")));
    caught(read).unwrap_or_else(damaged).map_err(LakeError::parquet(path))
}

impl TextTable {
    /// Reads a file.
    pub(crate) fn open(path: &Path, base: &Path) -> Result<Self, LakeError> {
        let (schema, batches) = batches(path)?;
        Self::of(shown(path, base), &schema, &batches)
    }

    /// Turns record batches to text.
    pub(crate) fn of(name: String, schema: &Schema, batches: &[RecordBatch]) -> Result<Self, LakeError> {
        let floats = schema.fields().iter().map(|field| field.data_type().is_floating()).collect();
        let header = schema.fields().iter().map(|field| field.name().clone()).collect();
        let (mut texts, mut starts, mut start) = (Vec::new(), Vec::new(), 1_u64);
        for batch in batches {
            let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| {
                text(column.as_ref()).map_err(|error| LakeError::Format {
                    file: name.clone(),
                    message: format!("column \"{}\" cannot be read: {error}", field.name()),
                    help: Some("lists and structures have no place in a table; leave the column out".into()),
                })
            });
            texts.push(columns.collect::<Result<Vec<_>, _>>()?);
            starts.push(start);
            start += u64::try_from(batch.num_rows()).unwrap_or(0);
        }
        Ok(Self { name, header, floats, batches: texts, starts })
    }

    pub(crate) fn blocks(&self) -> usize {
        self.batches.len()
    }

    pub(crate) fn each_row(&self, block: usize, visit: &mut dyn for<'r, 'a> FnMut(Row<'r, 'a>)) {
        let (Some(columns), Some(&start)) = (self.batches.get(block), self.starts.get(block)) else { return };
        let rows = columns.first().map_or(0, Array::len);
        let mut fields = Vec::with_capacity(columns.len());
        for (row, line) in (0..rows).zip(start..) {
            fields.clear();
            fields.extend(
                columns.iter().map(|column| Cow::Borrowed(if column.is_null(row) { "" } else { column.value(row) })),
            );
            visit(Row { line, fields: &fields, raw: None, fault: None, why: Cow::Borrowed("") });
        }
    }
}

fn text(column: &dyn Array) -> Result<StringArray, arrow::error::ArrowError> {
    if column.data_type().is_floating() {
        let floats = cast(column, &DataType::Float64)?;
        // The shortest text that reads back as the same number, never with an exponent.
        return Ok(floats.as_primitive::<Float64Type>().iter().map(|value| value.map(|v| v.to_string())).collect());
    }
    let column = match column.data_type() {
        DataType::Timestamp(unit, Some(_)) => cast(column, &DataType::Timestamp(*unit, None))?,
        _ => column.slice(0, column.len()),
    };
    Ok(cast(&column, &DataType::Utf8)?.as_string::<i32>().clone())
}
