//! Samples an extract: its format, its header and its first rows.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::Field;
use netto_model::money::decimal;

use super::cut::{DELIMITERS, Record, alike, cut, lines_before, usual_width};
use super::encoding::decoded;
use super::kinds::{Dialect, Kind, Values, no_days, other_format};
use super::orders::OfOrders;
use super::records::{self, Table, kinds_of_records, several_kinds, start_of};
use super::signs::Sides;
use super::terms::fit;
use crate::config::{CsvConfig, RecordsConfig};
use crate::error::LakeError;
use crate::read::encoding::Codec;
use crate::read::parquet::{ParquetFile, TextTable};
use crate::read::record::is_ruled;
use crate::read::workbook::{self, Workbook};
use crate::read::{Input, is_parquet, shown};
use crate::{serial, sides, titles};

/// The beginning of an extract.
#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    /// Path relative to the project.
    pub(super) path: String,
    /// How it is written; `None` for Parquet, which has types of its own.
    pub(super) csv: Option<Written>,
    /// Where its rows are in a workbook.
    pub(super) excel: Option<InWorkbook>,
    /// The format of numbers that are texts in a workbook or a Parquet file.
    pub(super) texts: Option<Dialect>,
    /// The heads and lines from which its rows are combined.
    pub(super) records: Option<RecordsConfig>,
    pub(super) header: Vec<String>,
    /// The names of the columns without the prefix of their table; empty if they have none.
    pub(super) short: Vec<String>,
    pub(super) kinds: Vec<Kind>,
    /// The sampled rows: the first ones, and also the last ones of a long file.
    pub(super) rows: Vec<Vec<String>>,
    /// A value of each column, as it is written.
    pub(super) examples: Vec<String>,
    /// The different values of each column in the sample.
    pub(super) values: Vec<BTreeSet<String>>,
    /// The column of the contract whose ids these values are, found by comparing files ([`super::keys`]), and how well it fits.
    pub(super) keys: Vec<Option<(&'static str, u32)>>,
    /// Words beside amounts that say whether these are debits or credits, by column.
    pub(super) sides: Vec<Option<Sides>>,
    /// Columns whose numbers lie between 0 and 1, as shares do.
    pub(super) shares: Vec<bool>,
    /// Findings from the lines of its orders.
    pub(super) orders: OfOrders,
    /// Columns that other files of the same source lack.
    pub(super) lacking: BTreeSet<usize>,
    /// Formats of days in other files of the same source, or in some rows.
    pub(super) other_days: BTreeSet<&'static str>,
}

/// Where the rows are in a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InWorkbook {
    /// Sheets with the same columns.
    pub(super) sheets: Vec<String>,
    /// The number of these sheets in all workbooks, and the number of all sheets that have rows.
    pub(super) seen: (usize, usize),
    /// The row of its header, if that isn't the first filled row.
    pub(super) header_row: Option<u64>,
    /// The number of header rows.
    pub(super) header_rows: usize,
}

impl Sample {
    /// The sample of these rows; `dialects` gives the possible number formats.
    fn of(
        path: String,
        header: Vec<String>,
        rows: Vec<Vec<String>>,
        dialects: impl FnOnce(&[Values<'_>]) -> Vec<Dialect>,
    ) -> Self {
        let mut columns = columns(&rows, header.len());
        let (examples, values) = as_they_stand(&columns);
        let sides = without_sides(&rows, &mut columns);
        let dialects = dialects(&columns);
        let kinds = kinds(&header, &columns, &rows, &sides, &dialects);
        let are_shares = |values: &Values<'_>| dialects.first().is_some_and(|dialect| dialect.all_shares(values));
        Self {
            path,
            short: behind_prefix(&header),
            other_days: other_days(&columns, &kinds),
            kinds,
            examples,
            values,
            shares: columns.iter().map(are_shares).collect(),
            keys: vec![None; header.len()],
            sides,
            header,
            rows,
            ..Self::default()
        }
    }

    /// The sample of rows with the columns of this table and some columns of another one.
    pub(super) fn beside(&self, other: &Self, fields: &[usize], rows: Vec<Vec<String>>) -> Self {
        fn joined<T: Clone>(one: &[T], other: &[T], fields: &[usize]) -> Vec<T> {
            one.iter().chain(fields.iter().filter_map(|field| other.get(*field))).cloned().collect()
        }
        let short = |sample: &Self| if sample.short.is_empty() { sample.header.clone() } else { sample.short.clone() };
        let beside = Self {
            header: joined(&self.header, &other.header, fields),
            short: joined(&short(self), &short(other), fields),
            kinds: joined(&self.kinds, &other.kinds, fields),
            keys: joined(&self.keys, &other.keys, fields),
            sides: joined(&self.sides, &other.sides, fields),
            shares: joined(&self.shares, &other.shares, fields),
            examples: joined(&self.examples, &other.examples, fields),
            rows,
            ..self.clone()
        };
        beside.with_rows(|_| true)
    }

    /// The format of its numbers.
    pub(super) fn dialect(&self) -> Dialect {
        self.csv.as_ref().map(|csv| csv.dialect.clone()).unwrap_or_default()
    }

    /// The same sample with only the rows that fit.
    pub(super) fn with_rows(&self, fits: impl Fn(&[String]) -> bool) -> Self {
        let rows: Vec<Vec<String>> = self.rows.iter().filter(|row| fits(row)).cloned().collect();
        let (mut examples, values) = as_they_stand(&columns(&rows, self.header.len()));
        for (example, other) in examples.iter_mut().zip(&self.examples).filter(|(example, _)| example.is_empty()) {
            example.clone_from(other);
        }
        Self { rows, examples, values, ..self.clone() }
    }

    /// The indices of its columns.
    pub(super) fn fields(&self) -> Range<usize> {
        0..self.header.len()
    }

    /// The columns of numbers.
    pub(super) fn numbers(&self) -> impl Iterator<Item = usize> + use<'_> {
        self.fields().filter(|field| self.kinds[*field] == Kind::Number)
    }

    /// How well the name of a column fits a column of the contract, with or without the prefix of its table.
    pub(super) fn fit(&self, source: &str, column: &str, field: usize) -> u32 {
        let fits = |names: &[String]| names.get(field).map_or(0, |name| fit(source, column, name));
        fits(&self.header).max(fits(&self.short))
    }

    /// The name of a column as expressions write it.
    pub(super) fn in_sql(&self, field: usize) -> String {
        in_sql(&self.header[field])
    }
}

/// Names without their prefix, such as `orderkey` for `l_orderkey`, if all columns of the file have the same prefix. In a file of joined tables the
/// prefixes may differ, with one or two letters each.
fn behind_prefix(header: &[String]) -> Vec<String> {
    let parts = |name: &String| {
        let (prefix, behind) = name.split_once(['_', '.'])?;
        (!prefix.is_empty() && !behind.is_empty()).then(|| (prefix.to_owned(), behind.to_owned()))
    };
    let Some(parts) = header.iter().map(parts).collect::<Option<Vec<_>>>() else { return Vec::new() };
    let are_short = parts.iter().all(|(prefix, _)| prefix.len() <= 2);
    let are_alike = parts.windows(2).all(|two| two[0].0 == two[1].0);
    if are_short || are_alike { parts.into_iter().map(|(_, behind)| behind).collect() } else { Vec::new() }
}

/// A name as expressions write it.
pub(super) fn in_sql(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A value of a row, without the blanks around it.
pub(super) fn value(row: &[String], field: usize) -> &str {
    row.get(field).map_or("", |text| text.trim())
}

pub(super) fn is_filled(row: &[String], field: usize) -> bool {
    !value(row, field).is_empty()
}

/// Whether a number isn't zero, however it is written.
pub(super) fn is_something(text: &str) -> bool {
    text.contains(|sign: char| ('1'..='9').contains(&sign))
}

/// How a CSV file is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Written {
    pub(super) encoding: &'static str,
    /// Whether the sample is ASCII, so that any encoding would read it.
    pub(super) ascii: bool,
    pub(super) delimiter: char,
    /// The number of lines before the header.
    pub(super) skip_lines: usize,
    /// The number of header rows.
    pub(super) header_rows: usize,
    pub(super) dialect: Dialect,
    /// The year in a title or in the file name, with its first month if that isn't January: `2025`, `2024-07`.
    pub(super) year: Option<String>,
    /// Whether the name of each file contains the year.
    pub(super) year_in_name: bool,
    /// Whether files of other years belong to the same source.
    pub(super) several_years: bool,
}

impl Written {
    /// A format of days, completed by the year if it lacks one.
    pub(super) fn with_year(&self, format: &str) -> String {
        if format == serial::WITHOUT_YEAR && self.several_years && self.year_in_name {
            serial::YEAR_OF_FILE.to_owned()
        } else if format == serial::WITHOUT_YEAR {
            let year = self.year.as_deref().filter(|_| !self.several_years);
            format!("{format} {}", year.unwrap_or("YEAR"))
        } else {
            format.to_owned()
        }
    }
}

/// The year in the titles or the name of a file: as the first day of the business year, in the form of DATEV (`20240701`), or as a number.
fn year_of(titles: &str, name: &str) -> Option<String> {
    let numbers = |text: &'_ str| -> Vec<String> {
        text.split(|sign: char| !sign.is_ascii_digit()).filter(|number| !number.is_empty()).map(str::to_owned).collect()
    };
    let first_day = |number: &String| {
        let (year, month) = (number.get(..4)?, number.get(4..6)?);
        let is_first = number.len() == 8 && number.ends_with("01") && ("01"..="12").contains(&month);
        is_first.then(|| if month == "01" { year.to_owned() } else { format!("{year}-{month}") })
    };
    let is_year = |number: &String| number.len() == 4 && ("1990".."2100").contains(&number.as_str());
    let titles = numbers(titles);
    let of_title = titles.iter().find_map(first_day).or_else(|| titles.iter().find(|number| is_year(number)).cloned());
    of_title.or_else(|| numbers(name).into_iter().find(is_year))
}

fn is_year_in_name(year: Option<&String>, name: &str) -> bool {
    year.is_some_and(|year| serial::year_in_name(name).is_some_and(|named| named.to_string() == *year))
}

/// Number of bytes that are read from the start of a file.
pub(super) const BEGINNING: u64 = 4 << 20;
/// Number of bytes that are read from the end of a file.
const END: u64 = 64 << 10;
/// Maximum number of records in a sample.
pub(super) const RECORDS: usize = 10_000;

/// Reads the beginning of a file, or of each sheet of a workbook.
pub(super) fn of(path: &Path, base: &Path) -> Result<Vec<Sample>, LakeError> {
    let name = shown(path, base);
    if is_parquet(path) {
        Ok(vec![of_parquet(path, base)?])
    } else if workbook::is_workbook(path) {
        of_workbook(path, base, &name)
    } else {
        Ok(vec![of_csv(path, base, name)?])
    }
}

fn of_parquet(path: &Path, base: &Path) -> Result<Sample, LakeError> {
    let schema = ParquetFile::open(path)?.schema().clone();
    let table = TextTable::beginning(path, base)?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    for block in 0..table.blocks() {
        table.each_row(block, &mut |row| rows.push(row.fields.iter().map(ToString::to_string).collect()));
    }
    rows.truncate(RECORDS);
    let is_empty = rows.is_empty();
    let sample = of_typed(table.name, table.header, rows);
    let by_type = |(field, kind): (&Arc<Field>, &Kind)| match Kind::of_type(field.data_type()) {
        typed @ Kind::Day(..) => typed,
        typed if is_empty => typed,
        _ => kind.clone(),
    };
    let kinds = schema.fields().iter().zip(&sample.kinds).map(by_type).collect();
    Ok(Sample { kinds, ..sample })
}

/// The samples of the sheets that have rows below a header.
fn of_workbook(path: &Path, base: &Path, name: &str) -> Result<Vec<Sample>, LakeError> {
    let sheets = Workbook::open(path, base, None)?.beginnings(RECORDS)?;
    let of = sheets.iter().filter(|(_, rows)| !rows.is_empty()).count();
    let samples: Vec<Sample> =
        sheets.into_iter().filter_map(|(sheet, rows)| of_sheet(name, (sheet, of), rows)).collect();
    if samples.is_empty() {
        return Err(LakeError::Format {
            file: name.to_owned(),
            message: "no sheet has rows".into(),
            help: Some("an extract needs a row with column names, and rows below it".into()),
        });
    }
    Ok(samples)
}

/// The sample of a sheet. Its header is the first row with more than half as many filled cells as the fullest row.
fn of_sheet(name: &str, (sheet, of): (String, usize), mut rows: Vec<workbook::Numbered>) -> Option<Sample> {
    let filled = |texts: &[String]| texts.iter().filter(|text| !text.trim().is_empty()).count();
    let fullest = rows.iter().map(|(_, texts)| filled(texts)).max().unwrap_or(0);
    let titles = rows.iter().take_while(|(_, texts)| filled(texts) * 2 <= fullest).count();
    let first = rows.first().map(|(number, _)| *number);
    let (at, header_rows) = titles::found(|row| rows.get(row).map(|(_, texts)| texts.as_slice()), titles);
    let mut names = rows.split_off(at);
    let rest = names.split_off(header_rows.min(names.len()));
    let number = names.first()?.0;
    let names: Vec<Vec<String>> = names.into_iter().map(|(_, texts)| texts).collect();
    let header: Vec<String> = titles::joined(&names).iter().map(|name| name.trim().to_owned()).collect();
    let rows = rest.into_iter().map(|(_, texts)| texts);
    let rows: Vec<Vec<String>> = rows.filter(|row| !names.contains(row)).collect();
    let excel = InWorkbook {
        sheets: vec![sheet],
        seen: (1, of),
        header_row: Some(number).filter(|number| Some(*number) != first),
        header_rows,
    };
    let sample = of_typed(name.to_owned(), header, rows);
    let header = (0..sample.header.len()).map(|column| workbook::title(sample.header.get(column), column)).collect();
    Some(Sample { header, excel: Some(excel), ..sample })
}

/// The sample of rows whose values have types, except for those that are texts, which keep the format of their origin.
fn of_typed(path: String, header: Vec<String>, rows: Vec<Vec<String>>) -> Sample {
    let plain = Dialect::default();
    let all = columns(&rows, header.len());
    let is_text: Vec<bool> = all.iter().map(|values| Kind::of(values, &plain) == Kind::Text).collect();
    // In a column of numbers that are texts in some rows only, the texts show their format.
    let texts: Vec<Values<'_>> =
        all.iter().zip(&is_text).filter(|(_, is)| **is).map(|(all, _)| all.without_numbers(&plain)).collect();
    let as_texts = Some(Dialect::of(&texts)).filter(|found| {
        let is_other = !found.unseen && found.decimal != '.' || found.currency.is_some();
        is_other && texts.iter().any(|values| Kind::of(values, found) == Kind::Number)
    });
    let dialects = [Some(plain), as_texts.clone()].into_iter().flatten().collect();
    let mut sample = Sample::of(path, header, rows, |_| dialects);
    if let Some(dialect) = &as_texts {
        let numbers: Vec<usize> = sample.numbers().filter(|field| is_text.get(*field) == Some(&true)).collect();
        // Later steps expect the format of typed values.
        for row in &mut sample.rows {
            for text in row.iter_mut().enumerate().filter(|(field, _)| numbers.contains(field)).map(|(_, text)| text) {
                if let Some(number) = dialect.number(text.trim()) {
                    *text = decimal(i128::from(number));
                }
            }
        }
    }
    Sample { texts: as_texts, ..sample }
}

/// The kind of each column, by the first format in which it is more than text. If only rows with few filled cells, such as totals, make a column text,
/// the other rows decide.
fn kinds(
    header: &[String],
    all: &[Values<'_>],
    rows: &[Vec<String>],
    sides: &[Option<Sides>],
    dialects: &[Dialect],
) -> Vec<Kind> {
    let filled = |row: &Vec<String>| row.iter().filter(|text| !text.trim().is_empty()).count();
    let mut counts: Vec<usize> = rows.iter().map(filled).collect();
    counts.sort_unstable();
    let usual = counts.get(counts.len() / 2).copied().unwrap_or(0);
    let full: Vec<Vec<String>> = rows.iter().filter(|row| filled(row) * 2 > usual).cloned().collect();
    let of_full = columns(&full, header.len());
    let kind = |(column, name): (usize, &String)| {
        let mut ways = dialects.iter().map(|dialect| Kind::of_named(name, &all[column], dialect));
        let kind = ways.find(|kind| *kind != Kind::Text).unwrap_or(Kind::Text);
        if kind != Kind::Text || sides[column].is_some() {
            return kind;
        }
        let mut ways = dialects.iter().map(|dialect| Kind::of_named(name, &of_full[column], dialect));
        let of_full = ways.find(|kind| !matches!(kind, Kind::Text | Kind::Empty));
        of_full.or_else(|| Kind::of_most(name, &all[column], dialects)).unwrap_or(Kind::Text)
    };
    header.iter().enumerate().map(kind).collect()
}

/// The formats of days that are written otherwise than most of their column.
fn other_days(columns: &[Values<'_>], kinds: &[Kind]) -> BTreeSet<&'static str> {
    let other = |(values, kind): (&Values<'_>, &Kind)| {
        let Kind::Day(format, _) = kind else { return None };
        other_format(format, &no_days(format, values.counted().map(|(text, _)| text)))
    };
    columns.iter().zip(kinds).filter_map(other).collect()
}

fn columns(rows: &[Vec<String>], width: usize) -> Vec<Values<'_>> {
    let values =
        |column| Values::of(rows.iter().filter_map(move |row: &Vec<String>| row.get(column)).map(String::as_str));
    (0..width).map(values).collect()
}

/// The first value and the different values of each column.
fn as_they_stand(columns: &[Values<'_>]) -> (Vec<String>, Vec<BTreeSet<String>>) {
    columns.iter().map(|values| (values.first.to_owned(), values.different())).unzip()
}

/// Removes the words beside amounts, and returns them.
fn without_sides<'r>(rows: &'r [Vec<String>], columns: &mut [Values<'r>]) -> Vec<Option<Sides>> {
    let take = |(column, values): (usize, &mut Values<'r>)| {
        let found = Sides::of(values)?;
        *values = Values::of(rows.iter().filter_map(|row| row.get(column)).map(|text| sides::parts(text).1));
        Some(found)
    };
    columns.iter_mut().enumerate().map(take).collect()
}

fn of_csv(path: &Path, base: &Path, name: String) -> Result<Sample, LakeError> {
    let bytes = beginning(path, base)?;
    let (text, encoding) = decoded(&bytes);
    let empty = || LakeError::Format {
        file: name.clone(),
        message: "the file is empty".into(),
        help: Some("an extract must start with a line of column names".into()),
    };
    let records_of_kinds = |delimiter: &char| {
        let kinds = kinds_of_records(&cut(start_of(&text), *delimiter))?
            .into_iter()
            .map(|(kind, width)| (kind.to_owned(), width))
            .collect::<BTreeMap<_, _>>();
        Some((*delimiter, kinds))
    };
    if let Some((delimiter, kinds)) = DELIMITERS.iter().find_map(records_of_kinds) {
        let several = several_kinds(name.clone(), &kinds);
        return of_records(name, &text, encoding, delimiter, &kinds).ok_or(several);
    }
    let (delimiter, records) = alike(&text).ok_or_else(empty)?;
    let records: Vec<Record> = records.into_iter().filter(|record| !is_ruled(&record.fields)).collect();
    let width = usual_width(&records);
    if width < 2 {
        return Err(LakeError::Format {
            file: name,
            message: "no delimiter separates fields: neither a semicolon, a comma, a tab nor a |".into(),
            help: Some("files with fixed-width fields can't be read: export it as CSV, or open it in a spreadsheet, which asks where the columns begin, and save it as CSV".into()),
        });
    }
    let is_long = records.len() >= RECORDS || bytes.len() as u64 == BEGINNING;
    let mut records: Vec<Record> = records.into_iter().filter(|record| record.fields.len() == width).collect();
    let titles = titles_before(&records);
    let (at, header_rows) = titles::found(|row| records.get(row).map(|record| record.fields.as_slice()), titles);
    let mut names = records.split_off(at);
    let rest = names.split_off(header_rows.min(names.len()));
    let place = names.first().ok_or_else(empty)?.place;
    let skip_lines = lines_before(&text, place);
    let year = year_of(text.get(..place).unwrap_or_default(), &name);
    let year_in_name = is_year_in_name(year.as_ref(), &name);
    let names: Vec<Vec<String>> = names.into_iter().map(|record| record.fields).collect();
    let header = titles::joined(&names);
    // A header that is repeated on each page is no row.
    let rows = rest.into_iter().map(|record| record.fields);
    let mut rows: Vec<Vec<String>> = rows.filter(|row| !names.contains(row)).collect();
    if is_long {
        rows.extend(last_rows(path, encoding, delimiter)?.into_iter().filter(|row| row.len() == width));
    }
    let written = |dialect| Written {
        encoding,
        ascii: text.is_ascii(),
        delimiter,
        skip_lines,
        header_rows,
        dialect,
        year,
        year_in_name,
        several_years: false,
    };
    Ok(of_rows(name, header, rows, None, written))
}

/// The sample of the rows of a CSV file.
fn of_rows(
    path: String,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    records: Option<RecordsConfig>,
    written: impl FnOnce(Dialect) -> Written,
) -> Sample {
    let mut dialect = Dialect::default();
    let sample = Sample::of(path, header, rows, |columns| {
        dialect = Dialect::of(columns);
        vec![dialect.clone()]
    });
    Sample { records, csv: Some(written(dialect)), ..sample }
}

/// Heads and lines in one file as one table.
fn of_records(
    name: String,
    text: &str,
    encoding: &'static str,
    delimiter: char,
    kinds: &BTreeMap<String, usize>,
) -> Option<Sample> {
    let (places, records): (Vec<usize>, Vec<Vec<String>>) =
        cut(text, delimiter).into_iter().map(|record| (record.place, record.fields)).unzip();
    let Table { config, first, header, rows } = records::table(&records, kinds)?;
    let place = places.get(first).copied().unwrap_or(0);
    let (skip_lines, year) = (lines_before(text, place), year_of(text.get(..place).unwrap_or_default(), &name));
    let year_in_name = is_year_in_name(year.as_ref(), &name);
    let written = |dialect| Written {
        encoding,
        ascii: text.is_ascii(),
        delimiter,
        skip_lines,
        header_rows: 1,
        dialect,
        year,
        year_in_name,
        several_years: false,
    };
    Some(of_rows(name, header, rows, Some(config), written))
}

/// The number of title records. Titles may be as wide as the table (`Invoices 2025;;;;`), so the header is the first record that is more than half as
/// full as the fullest one.
fn titles_before(records: &[Record]) -> usize {
    let filled = |record: &Record| record.fields.iter().filter(|field| !field.trim().is_empty()).count();
    let fullest = records.iter().map(filled).max().unwrap_or(0);
    records.iter().take_while(|record| filled(record) * 2 <= fullest).count()
}

/// The rows at the end of a long file, where totals are; none for a packed file.
fn last_rows(path: &Path, encoding: &str, delimiter: char) -> Result<Vec<Vec<String>>, LakeError> {
    let packed = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz") || end.eq_ignore_ascii_case("zst"));
    if packed {
        return Ok(Vec::new());
    }
    let mut file = File::open(path).map_err(LakeError::io(path))?;
    let length = file.metadata().map_err(LakeError::io(path))?.len();
    // An even position keeps the two bytes of a UTF-16 character together.
    file.seek(SeekFrom::Start(length.saturating_sub(END) & !1)).map_err(LakeError::io(path))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(LakeError::io(path))?;
    let codec = Codec::named(encoding).unwrap_or(Codec::UTF_8);
    let (text, _) = codec.decode(&bytes);
    // The first line is incomplete.
    let whole = text.find('\n').map_or("", |end| &text[end + 1..]);
    Ok(cut(whole, delimiter).into_iter().map(|record| record.fields).collect())
}

/// The first bytes, unpacked if the file is packed.
fn beginning(path: &Path, base: &Path) -> Result<Vec<u8>, LakeError> {
    let mut bytes = Vec::new();
    Input::open(path, base, &CsvConfig::default())?
        .fill(&mut bytes, usize::try_from(BEGINNING).unwrap_or(usize::MAX))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(bytes: &[u8]) -> Sample {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        std::fs::write(&path, bytes).unwrap();
        of(&path, folder.path()).unwrap().remove(0)
    }

    #[test]
    fn delimiter_and_title_lines_are_found() {
        let found = sample(b"Revenue March\n\nOrder;Name\n1;\"Smith; Sons\"\n2;Jones, Ltd\n3;x\n");
        let csv = found.csv.unwrap();
        assert_eq!((csv.delimiter, csv.skip_lines, found.header.join("|").as_str()), (';', 2, "Order|Name"));
    }

    #[test]
    fn a_title_as_wide_as_the_table_is_no_header() {
        let found = sample(b"Revenue;;\nBranch 1;;\n\nOrder;Name;City\n1;Smith;\n2;Jones;\n");
        assert_eq!((found.csv.unwrap().skip_lines, found.header.join("|").as_str()), (3, "Order|Name|City"));
    }

    #[test]
    fn the_end_of_a_long_file_is_looked_at_too() {
        let mut text = "Order;Amount\n".to_owned();
        text.extend((0..RECORDS).map(|order| format!("{order};1,50\n")));
        text += "Total;15000,00\n";
        let found = sample(text.as_bytes());
        assert_eq!(found.rows.last().unwrap(), &["Total", "15000,00"]);
    }
}
