//! Reads Parquet with Arrow and converts every wanted column to text, so that one mapping serves all formats.
//!
//! ```text
//! timestamp 2025-03-31T22:00:00Z in Europe/Amsterdam   2025-04-01T00:00:00: the day is that of the zone that the file names
//! float 0.1, decimal 12.00                             0.1, 12: the shortest text that reads back as the same number
//! list, struct, map                                    refused with its name where the mapping wants it, else never read
//! ```

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use arrow::array::{Array, RecordBatch, StringArray};
use arrow::datatypes::SchemaRef;
use netto_model::caught::caught;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use super::cell::{self, Written};
use super::{Row, shown};
use crate::error::LakeError;
use crate::quarantine::Rejected;

/// Rows of a table, every value as text.
#[derive(Debug)]
pub(crate) struct TextTable {
    pub(crate) name: String,
    pub(crate) header: Vec<String>,
    /// How the values of each column are written.
    pub(crate) written: Vec<Written>,
    /// Batches of columns; unwanted columns are `None`.
    batches: Vec<Vec<Option<StringArray>>>,
    /// First row of each batch, counted from 1.
    starts: Vec<u64>,
    /// Records of a view's files that were set apart.
    pub(crate) rejected: Vec<Rejected>,
    /// Nested columns of a view's files that aren't used.
    pub(crate) skipped: BTreeSet<String>,
    /// Rows of a view's files that took a value from above, by column.
    pub(crate) filled_down: BTreeMap<String, u64>,
}

/// A Parquet file whose schema is read, but not its rows.
pub(crate) struct ParquetFile<'a> {
    path: &'a Path,
    builder: ParquetRecordBatchReaderBuilder<File>,
}

impl<'a> ParquetFile<'a> {
    /// Reads the file's footer.
    pub(crate) fn open(path: &'a Path) -> Result<Self, LakeError> {
        let file = File::open(path).map_err(LakeError::io(path))?;
        let builder = guarded(path, || ParquetRecordBatchReaderBuilder::try_new(file))?;
        Ok(Self { path, builder })
    }

    /// Its columns.
    pub(crate) fn schema(&self) -> &SchemaRef {
        self.builder.schema()
    }

    /// The names of its columns.
    pub(crate) fn header(&self) -> Vec<String> {
        self.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    /// The batches of some columns, by index; the others aren't read.
    pub(crate) fn reader(
        self,
        columns: &[usize],
    ) -> Result<impl Iterator<Item = Result<RecordBatch, LakeError>> + use<'a>, LakeError> {
        let path = self.path;
        let mask = ProjectionMask::roots(self.builder.parquet_schema(), columns.iter().copied());
        let mut reader = guarded(path, || self.builder.with_projection(mask).with_batch_size(1 << 16).build())?;
        Ok(std::iter::from_fn(move || {
            guarded(path, || reader.next().transpose().map_err(ParquetError::from)).transpose()
        }))
    }
}

/// All record batches of a file of the lake.
pub(crate) fn batches(path: &Path) -> Result<(SchemaRef, Vec<RecordBatch>), LakeError> {
    let file = ParquetFile::open(path)?;
    let schema = file.schema().clone();
    let all: Vec<usize> = (0..schema.fields().len()).collect();
    Ok((schema, file.reader(&all)?.collect::<Result<Vec<_>, _>>()?))
}

/// Reads from a file, and turns a panic of the library on a damaged file into an error.
pub(crate) fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, LakeError> {
    let damaged = |error| Err(ParquetError::General(format!("the file is damaged: {error}")));
    caught(read).unwrap_or_else(damaged).map_err(LakeError::parquet(path))
}

impl TextTable {
    /// Reads the wanted columns of a file.
    pub(crate) fn open(
        path: &Path,
        base: &Path,
        wanted: impl FnOnce(&str, &[String]) -> Result<Vec<bool>, LakeError>,
    ) -> Result<Self, LakeError> {
        TextBatches::open(path, base, wanted)?.piece(usize::MAX)
    }

    /// Reads about the first ten thousand rows of all scalar columns; the others stay empty.
    pub(crate) fn beginning(path: &Path, base: &Path) -> Result<Self, LakeError> {
        let schema = ParquetFile::open(path)?.schema().clone();
        let readable = schema.fields().iter().map(|field| cell::kind(field.data_type()).is_none()).collect();
        TextBatches::open(path, base, |_, _| Ok(readable))?.piece(1)
    }

    /// A table of texts, in batches with all columns.
    pub(crate) fn in_batches(
        name: String,
        header: Vec<String>,
        written: Vec<Written>,
        batches: Vec<Vec<StringArray>>,
    ) -> Self {
        let (mut starts, mut start) = (Vec::with_capacity(batches.len()), 1_u64);
        for batch in &batches {
            starts.push(start);
            start += batch.first().map_or(0, |column| u64::try_from(column.len()).unwrap_or(0));
        }
        let batches = batches.into_iter().map(|batch| batch.into_iter().map(Some).collect()).collect();
        let (rejected, skipped) = (Vec::new(), BTreeSet::new());
        Self { name, header, written, batches, starts, rejected, skipped, filled_down: BTreeMap::new() }
    }

    /// Sets the number of the first row.
    pub(crate) fn starting_at(mut self, row: u64) -> Self {
        self.starts.iter_mut().for_each(|start| *start += row - 1);
        self
    }

    /// Adds what was left out of its files.
    pub(crate) fn with(
        self,
        rejected: Vec<Rejected>,
        skipped: BTreeSet<String>,
        filled_down: BTreeMap<String, u64>,
    ) -> Self {
        Self { rejected, skipped, filled_down, ..self }
    }

    pub(crate) fn blocks(&self) -> usize {
        self.batches.len()
    }

    /// How many rows.
    pub(crate) fn rows(&self) -> u64 {
        let rows = self.batches.iter().map(|batch| batch.iter().flatten().next().map_or(0, Array::len));
        u64::try_from(rows.sum::<usize>()).unwrap_or(u64::MAX)
    }

    pub(crate) fn each_row<'a>(&'a self, block: usize, visit: &mut dyn for<'r> FnMut(Row<'r, 'a>)) {
        let (Some(columns), Some(&start)) = (self.batches.get(block), self.starts.get(block)) else { return };
        let rows = columns.iter().flatten().next().map_or(0, Array::len);
        let mut fields = Vec::with_capacity(columns.len());
        for (row, line) in (0..rows).zip(start..) {
            fields.clear();
            fields.extend(columns.iter().map(|column| {
                let filled = column.as_ref().filter(|column| !column.is_null(row));
                Cow::Borrowed(filled.map_or("", |column| column.value(row)))
            }));
            visit(Row { line, fields: &fields, raw: None, fault: None, why: Cow::Borrowed("") });
        }
    }
}

/// The wanted columns of a file, some batches at a time.
pub(crate) struct TextBatches<'a> {
    name: String,
    header: Vec<String>,
    schema: SchemaRef,
    places: Vec<usize>,
    reader: Box<dyn Iterator<Item = Result<RecordBatch, LakeError>> + Send + 'a>,
    /// Row on which the next batch starts.
    start: u64,
    /// Whether everything was read or reading failed.
    ended: bool,
}

/// Batches in memory at once: enough for several threads.
const AT_ONCE: usize = 4;

impl<'a> TextBatches<'a> {
    /// Finds the wanted columns, without reading rows.
    pub(crate) fn open(
        path: &'a Path,
        base: &Path,
        wanted: impl FnOnce(&str, &[String]) -> Result<Vec<bool>, LakeError>,
    ) -> Result<Self, LakeError> {
        let file = ParquetFile::open(path)?;
        let (name, header, schema) = (shown(path, base), file.header(), file.schema().clone());
        let wanted = wanted(&name, &header)?;
        let places: Vec<usize> = (0..header.len()).filter(|&at| wanted.get(at) == Some(&true)).collect();
        for &at in &places {
            cell::readable(&name, schema.field(at))?;
        }
        let reader = Box::new(file.reader(&places)?);
        Ok(Self { name, header, schema, places, reader, start: 1, ended: false })
    }

    /// The next batches, up to a maximum.
    fn piece(&mut self, batches: usize) -> Result<TextTable, LakeError> {
        let (mut texts, mut starts) = (Vec::new(), Vec::new());
        while texts.len() < batches {
            let Some(batch) = self.reader.next().transpose()? else {
                self.ended = true;
                break;
            };
            let mut columns = vec![None; self.header.len()];
            for (&at, array) in self.places.iter().zip(batch.columns()) {
                columns[at] = Some(cell::text(&self.name, self.schema.field(at).name(), array)?);
            }
            texts.push(columns);
            starts.push(self.start);
            self.start += u64::try_from(batch.num_rows()).unwrap_or(0);
        }
        Ok(TextTable {
            name: self.name.clone(),
            header: self.header.clone(),
            written: self.schema.fields().iter().map(|field| Written::of(field.data_type())).collect(),
            batches: texts,
            starts,
            rejected: Vec::new(),
            skipped: BTreeSet::new(),
            filled_down: BTreeMap::new(),
        })
    }
}

impl Iterator for TextBatches<'_> {
    type Item = Result<TextTable, LakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let first = self.start == 1;
        let piece = self.piece(AT_ONCE);
        self.ended |= piece.is_err();
        // A file without rows still gives its columns.
        let is_there = |piece: &Result<TextTable, LakeError>| piece.as_ref().map_or(true, |piece| piece.blocks() > 0);
        (first || is_there(&piece)).then_some(piece)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::*;
    use arrow::datatypes::{DataType, Field, Float16Type, Int32Type, i256};
    use parquet::arrow::ArrowWriter;

    use super::*;

    fn write(columns: Vec<(&str, ArrayRef)>) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        (folder, path)
    }

    /// The columns as text, or the error.
    fn texts(columns: Vec<(&str, ArrayRef)>) -> Result<Vec<String>, String> {
        let (folder, path) = write(columns);
        let all = |_: &str, header: &[String]| Ok(vec![true; header.len()]);
        let table = TextTable::open(&path, folder.path(), all).map_err(|error| error.to_string())?;
        let mut rows = Vec::new();
        (0..table.blocks()).for_each(|block| table.each_row(block, &mut |row| rows.push(row.fields.join("|"))));
        Ok(rows)
    }

    #[test]
    fn numbers_of_every_type_are_read_exactly() {
        let half =
            |text: &str| <Float16Type as arrow::datatypes::ArrowPrimitiveType>::Native::from_f32(text.parse().unwrap());
        let rows = texts(vec![
            ("bool", Arc::new(BooleanArray::from(vec![true, false]))),
            ("u8", Arc::new(UInt8Array::from(vec![255, 0]))),
            ("u64", Arc::new(UInt64Array::from(vec![u64::MAX, 1]))),
            ("i64", Arc::new(Int64Array::from(vec![Some(i64::MIN), None]))),
            ("half", Arc::new(Float16Array::from(vec![half("0.1"), half("65504")]))),
            ("single", Arc::new(Float32Array::from(vec![0.1, 16_777_216.0]))),
            ("double", Arc::new(Float64Array::from(vec![0.1, 1e15]))),
            ("small", Arc::new(Decimal128Array::from(vec![123_456, -1]).with_precision_and_scale(18, 4).unwrap())),
            ("whole", Arc::new(Decimal128Array::from(vec![12, -3]).with_precision_and_scale(38, 0).unwrap())),
            (
                "id",
                Arc::new(
                    Decimal128Array::from(vec![120_000_000_000, 5_000_000_000])
                        .with_precision_and_scale(38, 10)
                        .unwrap(),
                ),
            ),
            (
                "large",
                Arc::new(
                    Decimal256Array::from(vec![i256::from_i128(i128::MAX), i256::from_i128(-7)])
                        .with_precision_and_scale(76, 2)
                        .unwrap(),
                ),
            ),
        ]);
        assert_eq!(
            rows.unwrap(),
            [
                "true|255|18446744073709551615|-9223372036854775808|0.1|0.1|0.1|12.3456|12|12|1701411834604692317316873037158841057.27",
                "false|0|1||65504|16777216|1000000000000000|-0.0001|-3|0.5|-0.07"
            ]
        );
    }

    #[test]
    fn texts_of_every_type_are_read() {
        let words: DictionaryArray<Int32Type> = vec![Some("ja"), None].into_iter().collect();
        let rows = texts(vec![
            ("large", Arc::new(LargeStringArray::from(vec!["é", "b"]))),
            ("view", Arc::new(StringViewArray::from(vec!["a text that is longer than twelve bytes", ""]))),
            ("dictionary", Arc::new(words)),
            ("binary", Arc::new(BinaryArray::from(vec!["Café".as_bytes(), b"x"]))),
            ("nothing", new_null_array(&DataType::Null, 2)),
        ]);
        assert_eq!(rows.unwrap(), ["é|a text that is longer than twelve bytes|ja|Café|", "b|||x|"]);
        let latin = texts(vec![("photo", Arc::new(BinaryArray::from(vec![b"Caf\xe9".as_slice()])))]).unwrap_err();
        assert!(latin.contains("the column \"photo\" cannot be read"), "{latin}");
    }

    #[test]
    fn days_and_moments_are_those_of_the_zone_of_the_file() {
        // 2025-03-31T22:00:00Z is midnight of 1 April in Amsterdam.
        let seconds = 1_743_458_400_i64;
        let rows = texts(vec![
            ("day", Arc::new(Date32Array::from(vec![20_179]))),
            ("day64", Arc::new(Date64Array::from(vec![20_179 * 86_400_000]))),
            ("naive", Arc::new(TimestampSecondArray::from(vec![seconds]))),
            ("utc", Arc::new(TimestampMillisecondArray::from(vec![seconds * 1000]).with_timezone("UTC"))),
            (
                "here",
                Arc::new(TimestampMicrosecondArray::from(vec![seconds * 1_000_000]).with_timezone("Europe/Amsterdam")),
            ),
            ("nanos", Arc::new(TimestampNanosecondArray::from(vec![seconds * 1_000_000_000]).with_timezone("+02:00"))),
            ("clock", Arc::new(Time32MillisecondArray::from(vec![55_800_000]))),
        ]);
        assert_eq!(
            rows.unwrap(),
            [
                "2025-04-01|2025-04-01|2025-03-31T22:00:00|2025-03-31T22:00:00|2025-04-01T00:00:00|2025-04-01T00:00:00|15:30:00"
            ]
        );
    }

    #[test]
    fn only_wanted_columns_are_read_and_those_that_are_no_values_are_named() {
        let mut lists = ListBuilder::new(Int64Builder::new());
        lists.append_value([Some(1), Some(2)]);
        let (folder, path) = write(vec![
            ("id", Arc::new(Int64Array::from(vec![7])) as ArrayRef),
            ("tags", Arc::new(lists.finish())),
            ("photo", Arc::new(BinaryArray::from(vec![b"\xff\xfe".as_slice()]))),
        ]);
        let first = |_: &str, _: &[String]| Ok(vec![true, false, false]);
        let table = TextTable::open(&path, folder.path(), first).unwrap();
        assert_eq!(table.header, ["id", "tags", "photo"]);
        table.each_row(0, &mut |row| assert_eq!(row.fields, ["7", "", ""]));
        let error = TextTable::open(&path, folder.path(), |_, _| Ok(vec![true, true, false])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a.parquet: the column \"tags\" contains lists, but one value per row is required"
        );
        let (_folder, path) = write(vec![(
            "spans",
            Arc::new(StructArray::from(vec![(
                Arc::new(Field::new("x", DataType::Int64, false)),
                Arc::new(Int64Array::from(vec![1])) as ArrayRef,
            )])),
        )]);
        let error = TextTable::open(&path, folder.path(), |_, _| Ok(vec![true])).unwrap_err();
        assert!(error.to_string().contains("contains structures"), "{error}");
    }
}
