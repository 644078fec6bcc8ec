//! Reads the files of a view's tables as frames: CSV columns stay texts, Parquet columns keep their type, which is the same for all
//! files of a glob.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ::arrow::array::RecordBatch;
use ::arrow::datatypes::{Field, Schema as ArrowSchema};
use netto_model::arrow::any_from_batches;
use polars::prelude::*;
use rayon::prelude::*;

use super::words::Words;
use crate::above::Above;
use crate::config::{CsvConfig, ExcelConfig, OneOrMany, SheetName, Sheets};
use crate::error::LakeError;
use crate::ids;
use crate::quarantine::Rejected;
use crate::read::csv::{self, Windows};
use crate::read::workbook::{self, Workbook};
use crate::read::{Extract, Input, Lines, Row, cell, content, find, is_parquet, parquet, shown};
use crate::rows;

/// Reads the tables of one view.
pub(super) struct Tables<'a> {
    pub(super) csv: &'a CsvConfig,
    pub(super) excel: ExcelConfig,
    pub(super) base: &'a Path,
    /// The `fill_down` columns, applied to tables that have all of them.
    pub(super) fill_down: &'a [String],
    /// Rows that took one, by column.
    pub(super) filled_down: BTreeMap<String, u64>,
    /// Columns used by the view; `None` if it reads all.
    pub(super) wanted: Option<BTreeSet<String>>,
    pub(super) words: Words,
    /// Records that were set apart.
    pub(super) rejected: Vec<Rejected>,
    /// Nested columns that aren't used.
    pub(super) skipped: BTreeSet<String>,
    /// All columns of the files.
    pub(super) known: BTreeSet<String>,
}

impl Tables<'_> {
    /// All files of a table, one below the other.
    pub(super) fn read(&mut self, table: &str, files: &OneOrMany) -> Result<DataFrame, LakeError> {
        let (mut parts, excel) = (Vec::new(), self.excel.of_table(table));
        for path in find(files, self.base)? {
            let name = shown(&path, self.base);
            let part = if is_parquet(&path) {
                self.parquet(&name, &path)?
            } else if workbook::is_workbook(&path) {
                let book = Workbook::open(&path, self.base, excel.max_unpacked)?;
                if excel.sheet.as_ref().is_some_and(Sheets::are_several) {
                    for sheet in book.sheets(&excel)? {
                        let excel =
                            ExcelConfig { sheet: Some(Sheets::One(SheetName::Name(sheet.clone()))), ..excel.clone() };
                        let read = book.sheet_as_texts(&excel, self.csv)?;
                        parts.push((format!("{name} [{sheet}]"), self.texts(&Extract::Sheet(read))?));
                    }
                    continue;
                }
                self.texts(&Extract::Sheet(book.sheet_as_texts(&excel, self.csv)?))?
            } else if self.fill_down.is_empty() {
                // In windows, so that the file itself needn't be in memory beside its columns.
                for window in Windows::of(Input::open(&path, self.base, self.csv)?, self.csv) {
                    parts.push((name.clone(), self.texts(&Extract::Csv(window?))?));
                }
                continue;
            } else {
                let file = csv::CsvFile::open(content(&path, self.base, self.csv)?, self.csv)?;
                self.texts(&Extract::Csv(file))?
            };
            parts.push((name, part));
        }
        self.below(&parts)
    }

    /// Which columns are read: those used by the view, or all if it uses none, so that rows can be counted.
    fn wants<'h>(&mut self, header: impl Iterator<Item = &'h str> + Clone) -> Vec<bool> {
        self.known.extend(header.clone().map(str::to_owned));
        let named = |column: &str| self.wanted.as_ref().is_none_or(|wanted| wanted.contains(column));
        let any = header.clone().any(named);
        header.map(|column| !any || named(column)).collect()
    }

    /// The columns of a file that the view uses.
    pub(super) fn texts(&mut self, file: &Extract) -> Result<DataFrame, LakeError> {
        let header = file.header();
        let wanted = self.wants(header.iter().map(String::as_str));
        let places: Vec<usize> = (0..wanted.len()).filter(|&at| wanted[at] && !header[at].is_empty()).collect();
        twice(file.name(), places.iter().map(|&at| header[at].as_str()))?;
        let fills = self.fills(header);
        let words = &self.words;
        let blocks: Vec<_> = if let Some(fills) = &fills {
            let mut above = Above::first_row(fills.len());
            let of = |block| texts_of(file, block, &places, words, Some((&mut above, fills)));
            let blocks = (0..file.blocks()).map(of).collect();
            for (name, rows) in self.fill_down.iter().zip(above.filled) {
                *self.filled_down.entry(name.clone()).or_default() += rows;
            }
            blocks
        } else {
            (0..file.blocks()).into_par_iter().map(|block| texts_of(file, block, &places, words, None)).collect()
        };
        let mut columns: Vec<Series> =
            places.iter().map(|&at| Series::new_empty(header[at].as_str().into(), &DataType::String)).collect();
        let mut lines = Lines::default();
        for (block, rejected, of_block) in blocks {
            lines += of_block;
            for (column, part) in columns.iter_mut().zip(block) {
                column.append(&part.into_series())?;
            }
            self.rejected.extend(rejected);
        }
        file.account(lines)?;
        Ok(DataFrame::new_infer_height(columns.into_iter().map(IntoColumn::into_column).collect())?)
    }

    /// The fields that take the value of the row above, where a file has them all.
    fn fills(&self, header: &[String]) -> Option<Vec<usize>> {
        let place = |name: &String| header.iter().position(|column| ids::is_same_name(column, name));
        let places: Vec<usize> = self.fill_down.iter().map(place).collect::<Option<_>>()?;
        (!places.is_empty()).then_some(places)
    }

    fn parquet(&mut self, name: &str, path: &Path) -> Result<DataFrame, LakeError> {
        let file = parquet::ParquetFile::open(path)?;
        let schema = file.schema().clone();
        let wanted = self.wants(schema.fields().iter().map(|field| field.name().as_str()));
        let mut places = Vec::new();
        for (at, field) in schema.fields().iter().enumerate().filter(|(at, _)| wanted.get(*at) == Some(&true)) {
            let single = cell::kind(field.data_type()).is_none() && !cell::is_binary(field.data_type());
            if single || self.wanted.as_ref().is_some_and(|wanted| wanted.contains(field.name())) {
                cell::readable(name, field)?;
                places.push(at);
            } else {
                self.skipped.insert(field.name().clone());
            }
        }
        twice(name, places.iter().map(|&at| schema.field(at).name().as_str()))?;
        let unread = |column: &str, error: ::arrow::error::ArrowError| LakeError::Format {
            file: name.to_owned(),
            message: format!("the column \"{column}\" cannot be read: {error}"),
            help: Some("export it as text, or don't use it in the view".into()),
        };
        let (mut fields, mut batches) = (Vec::new(), Vec::new());
        for &at in &places {
            let empty = ::arrow::array::new_empty_array(schema.field(at).data_type());
            let plain = cell::plain(&empty).map_err(|error| unread(schema.field(at).name(), error))?;
            fields.push(Field::new(schema.field(at).name(), plain.data_type().clone(), true));
        }
        let plain = std::sync::Arc::new(ArrowSchema::new(fields));
        for batch in file.reader(&places)? {
            let batch = batch?;
            let mut arrays = Vec::new();
            for (&at, array) in places.iter().zip(batch.columns()) {
                arrays.push(cell::plain(array).map_err(|error| unread(schema.field(at).name(), error))?);
            }
            let options = ::arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            let batch = RecordBatch::try_new_with_options(plain.clone(), arrays, &options);
            batches.push(batch.map_err(|error| unread("", error))?);
        }
        Ok(whole_where_it_may(any_from_batches(&plain, &batches)?)?)
    }

    /// Concatenates the files, with the same columns converted to the same types.
    pub(super) fn below(&self, parts: &[(String, DataFrame)]) -> Result<DataFrame, LakeError> {
        let Some((first_name, first)) = parts.first() else { return Ok(DataFrame::default()) };
        let mut names: Vec<PlSmallStr> = first.get_column_names_owned();
        for (_, part) in parts {
            names.extend(
                part.get_column_names_owned().into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>(),
            );
        }
        let mut columns = Vec::new();
        for name in names {
            let mut series = Vec::new();
            for (file, part) in parts {
                let column = part.column(&name).map_err(|_| LakeError::Format {
                    file: file.clone(),
                    message: format!("there is no column \"{name}\", which other files of the same table have"),
                    help: Some(format!("{first_name} is the first of them; define separate tables for files with different columns, and a union of the tables")),
                })?;
                series.push(column.as_materialized_series().clone());
            }
            columns.push(self.one_type(series)?.into_column());
        }
        Ok(DataFrame::new_infer_height(columns)?)
    }

    fn one_type(&self, parts: Vec<Series>) -> Result<Series, LakeError> {
        let common = parts.iter().skip(1).fold(parts.first().map(|part| part.dtype().clone()), |common, part| {
            common.map(|common| one_of(&common, part.dtype()))
        });
        let common = common.unwrap_or(DataType::String);
        let mut whole: Option<Series> = None;
        for part in parts {
            let part = match &common {
                ty if part.dtype() == ty => part,
                DataType::String => self.words.as_written(&part)?.with_name(part.name().clone()),
                ty => part.strict_cast(ty)?,
            };
            match &mut whole {
                Some(whole) => {
                    whole.append(&part)?;
                }
                None => whole = Some(part),
            }
        }
        Ok(whole.unwrap_or_default())
    }
}

/// Converts decimals of scale 0, as which databases export whole numbers, to integers if they fit.
fn whole_where_it_may(mut data: DataFrame) -> PolarsResult<DataFrame> {
    let whole = |column: &Column| {
        let is_whole = matches!(column.dtype(), DataType::Decimal(_, 0));
        is_whole.then(|| column.strict_cast(&DataType::Int64).ok()).flatten()
    };
    let found: Vec<Column> = data.columns().iter().filter_map(whole).collect();
    for column in found {
        data.with_column(column)?;
    }
    Ok(data)
}

/// The type that holds the values of both exactly; text if there is none.
fn one_of(one: &DataType, two: &DataType) -> DataType {
    match (one, two) {
        (one, two) if one == two => one.clone(),
        (DataType::Null, other) | (other, DataType::Null) => other.clone(),
        (DataType::Decimal(_, one), DataType::Decimal(_, two)) => DataType::Decimal(38, *one.max(two)),
        (DataType::Decimal(_, scale), other) | (other, DataType::Decimal(_, scale)) if other.is_integer() => {
            DataType::Decimal(38, *scale)
        }
        (DataType::Date, DataType::Datetime(unit, None)) | (DataType::Datetime(unit, None), DataType::Date) => {
            DataType::Datetime(*unit, None)
        }
        (one, two) if one.is_integer() && two.is_integer() => DataType::Int64,
        _ => DataType::String,
    }
}

fn texts_of(
    file: &Extract,
    block: usize,
    places: &[usize],
    words: &Words,
    mut above: Option<(&mut Above, &Vec<usize>)>,
) -> (Vec<StringChunked>, Vec<Rejected>, Lines) {
    let named = |&at: &usize| StringChunkedBuilder::new(file.header()[at].as_str().into(), 1 << 12);
    let mut columns: Vec<StringChunkedBuilder> = places.iter().map(named).collect();
    let mut rejected = Vec::new();
    let lines = file.each_row(block, &mut |row: Row<'_, '_>| {
        if let Some(reason) = row.fault {
            rejected.push(rows::broken(file.name(), &row, reason));
            if let Some((above, _)) = &mut above {
                above.end();
            }
            return;
        }
        let filled = above.as_mut().map(|(above, fills)| above.fill(fills, row.fields, words.signs()).0);
        let fields = filled.as_deref().unwrap_or(row.fields);
        for (column, &at) in columns.iter_mut().zip(places) {
            let text = ids::composed(fields.get(at).map_or("", |field| field.trim()).into());
            if words.is_empty(&text) { column.append_null() } else { column.append_value(text) }
        }
    });
    (columns.into_iter().map(StringChunkedBuilder::finish).collect(), rejected, lines)
}

fn twice<'n>(file: &str, names: impl Iterator<Item = &'n str>) -> Result<(), LakeError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(LakeError::Format {
                file: file.to_owned(),
                message: format!("the column \"{name}\" occurs twice"),
                help: Some("it isn't clear which one is meant; rename one of them in the extract".into()),
            });
        }
    }
    Ok(())
}

/// The location of a value: the first file and line in which a column has it.
pub(super) fn place_of(
    column: &str,
    value: &str,
    tables: &BTreeMap<String, OneOrMany>,
    config: &CsvConfig,
    base: &Path,
) -> Option<String> {
    for files in tables.values() {
        for path in find(files, base).ok()? {
            let found = if is_parquet(&path) {
                let only = |_: &str, header: &[String]| Ok(header.iter().map(|name| name == column).collect());
                let Ok(table) = parquet::TextTable::open(&path, base, only) else { continue };
                let at = table.header.iter().position(|name| name == column);
                at.and_then(|at| {
                    (0..table.blocks()).find_map(|block| line_of(at, value, |visit| table.each_row(block, visit)))
                })
            } else if workbook::is_workbook(&path) {
                continue;
            } else {
                let Ok(file) = csv::CsvFile::open(content(&path, base, config).ok()?, config) else { continue };
                let at = file.header.iter().position(|name| name == column);
                at.and_then(|at| {
                    (0..file.blocks.len()).find_map(|block| {
                        line_of(at, value, |visit| {
                            file.each_row(block, visit);
                        })
                    })
                })
            };
            if let Some(line) = found {
                return Some(format!("{}:{line}", shown(&path, base)));
            }
        }
    }
    None
}

fn line_of<'a>(at: usize, value: &str, each_row: impl FnOnce(&mut dyn for<'r> FnMut(Row<'r, 'a>))) -> Option<u64> {
    let mut line = None;
    each_row(&mut |row| {
        if line.is_none()
            && row.fault.is_none()
            && row.fields.get(at).is_some_and(|field| ids::composed(field.trim().into()) == value)
        {
            line = Some(row.line);
        }
    });
    line
}
