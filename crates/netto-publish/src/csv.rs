//! CSV for spreadsheets: UTF-8, a header, amounts as `-1234.5678`.
//!
//! A text cell that a spreadsheet would run as a formula gets a leading apostrophe, one that some program would split in two is quoted, and an empty text
//! differs from null:
//!
//! ```text
//! =HYPERLINK("http://…")   →   "'=HYPERLINK(""http://…"")"
//! Bakker; Jansen           →   "Bakker; Jansen"
//!                          →   ""           and nothing at all for null, as PostgreSQL and DuckDB read it
//! ```

use std::fs;
use std::io::Write as _;
use std::path::Path;

use netto_model::money::SCALE;
use netto_model::{Mart, Table, period::civil_from_days};
use polars::prelude::*;

use crate::cells::Cells;
use crate::content::Written;
use crate::error::{PublishError, at};
use crate::ready::Ready;
use crate::sink::Sink;
use crate::stream::StreamedFile;

/// The CSV sink.
pub(crate) struct Csv;

impl Sink for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn write(&self, mart: &Mart) -> Result<Vec<u8>, PublishError> {
        let mut bytes = header(mart.table);
        bytes.extend(rows(mart.table, &mart.data)?);
        Ok(bytes)
    }
}

/// Writes a file per table into a folder that later becomes part of a run.
///
/// # Errors
/// When a table isn't what it declares, or the file system refuses.
pub(crate) fn write(folder: &Path, tables: &[Ready]) -> Result<Vec<StreamedFile>, PublishError> {
    let parent = folder.join("csv");
    fs::create_dir_all(&parent).map_err(at(&parent))?;
    let file = |ready: &Ready| {
        let name = format!("csv/{}.csv", ready.table().name);
        let path = folder.join(&name);
        let mut file = Written::create(&path).map_err(at(&path))?;
        file.write_all(&header(ready.table())).map_err(at(&path))?;
        for piece in ready.pieces()? {
            file.write_all(&rows(ready.table(), &piece?)?).map_err(at(&path))?;
        }
        let (content, size) = file.finish().map_err(at(&path))?;
        Ok(StreamedFile { name, path, content, size })
    };
    tables.iter().map(file).collect()
}

/// The names of the columns.
pub(crate) fn header(table: &Table) -> Vec<u8> {
    let mut text = Vec::new();
    for (place, column) in table.columns.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        harmless(column.name, &mut text);
    }
    text.push(b'\n');
    text
}

/// Rows without a header.
pub(crate) fn rows(table: &Table, data: &DataFrame) -> PolarsResult<Vec<u8>> {
    let columns = Cells::of_table(table, data)?;
    let mut text = Vec::new();
    for row in 0..data.height() {
        for (place, column) in columns.iter().enumerate() {
            if place > 0 {
                text.push(b',');
            }
            column.write(row, &mut text, harmless);
        }
        text.push(b'\n');
    }
    Ok(text)
}

impl Cells {
    /// Appends the cell, with texts written by `text`; returns false for null.
    pub(crate) fn write(&self, row: usize, cell: &mut Vec<u8>, text: fn(&str, &mut Vec<u8>)) -> bool {
        let written = match self {
            Self::Text(texts) => texts.get(row).map(|found| text(found, cell)),
            Self::Whole(numbers) => numbers.get(row).map(|number| whole(number, cell)),
            Self::Amount(amounts) => amounts.get(row).map(|units| amount(units, cell)),
            Self::Ratio(ratios) => ratios.get(row).map(|ratio| cell.extend(ratio.to_string().bytes())),
            Self::Day(days) => days.get(row).map(|day| iso_date(day, cell)),
            Self::Bool(bools) => bools.get(row).map(|bool| cell.extend(bool.to_string().bytes())),
        };
        written.is_some()
    }
}

/// `-1234`
fn whole(number: i64, cell: &mut Vec<u8>) {
    sign(number, cell);
    digits(number.unsigned_abs(), 1, cell);
}

/// `-1234.5678`, as `Money` shows it.
fn amount(units: i64, cell: &mut Vec<u8>) {
    let (size, scale) = (units.unsigned_abs(), SCALE.unsigned_abs());
    sign(units, cell);
    digits(size / scale, 1, cell);
    cell.push(b'.');
    digits(size % scale, 4, cell);
}

fn sign(number: i64, cell: &mut Vec<u8>) {
    if number < 0 {
        cell.push(b'-');
    }
}

/// Pads to at least that many digits.
fn digits(mut number: u64, least: usize, cell: &mut Vec<u8>) {
    let start = cell.len();
    while number > 0 || cell.len() - start < least {
        let digit = u8::try_from(number % 10).unwrap_or_default();
        cell.push(b'0' + digit);
        number /= 10;
    }
    cell[start..].reverse();
}

/// `2025-03-01`
fn iso_date(day: i32, cell: &mut Vec<u8>) {
    let (year, month, day) = civil_from_days(day);
    sign(year.into(), cell);
    digits(year.unsigned_abs().into(), 4, cell);
    for part in [month, day] {
        cell.push(b'-');
        digits(part.unsigned_abs().into(), 2, cell);
    }
}

/// A text as a CSV cell: a cell that a spreadsheet would run gets a leading apostrophe, one that some program would split in two is quoted.
#[must_use]
pub fn csv_cell(text: &str) -> String {
    let mut cell = Vec::new();
    harmless(text, &mut cell);
    String::from_utf8_lossy(&cell).into_owned()
}

/// A spreadsheet runs cells that start with one of these after any blanks, and also text behind a character that it takes for a delimiter.
fn harmless(text: &str, cell: &mut Vec<u8>) {
    let quoted = text.is_empty() || text.contains([',', ';', '\t', '|', '"', '\n', '\r']) || text.trim() != text;
    if quoted {
        cell.push(b'"');
    }
    if text.starts_with(['\t', '\r']) || text.trim_start().starts_with(['=', '+', '-', '@']) {
        cell.push(b'\'');
    }
    for byte in text.bytes() {
        if byte == b'"' {
            cell.push(b'"');
        }
        cell.push(byte);
    }
    if quoted {
        cell.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::Money;
    use netto_model::Type;
    use netto_model::contract::DIM_EMPLOYEE;

    #[test]
    fn formulas_are_texts_and_nothing_stays_nothing() {
        let data = df!("employee_id" => ["1", ""], "name" => ["=1+1", "Anaïs; \"de\""], "role" => [None::<&str>, Some("field")],
            "pair_id" => [Some("-x"), None]);
        let mart = Mart { table: &DIM_EMPLOYEE, data: data.unwrap() };
        let text = String::from_utf8(Csv.write(&mart).unwrap()).unwrap();
        insta::assert_snapshot!(text, @r#"
        employee_id,name,role,pair_id
        1,'=1+1,,'-x
        "","Anaïs; ""de""",field,
        "#);
    }

    #[test]
    fn amounts_and_dates_are_plain() {
        let day = Series::new("day".into(), [Some(20_148), None]).cast(&DataType::Date).unwrap();
        assert_eq!(cells(Type::Date, day), ["2025-03-01", ""]);
        assert_eq!(
            cells(Type::Decimal, Series::new("amount".into(), [Some(-12_345_678_i64), None])),
            ["-1234.5678", ""]
        );
        assert_eq!(cells(Type::Ratio, Series::new("share".into(), [0.25, 1.0])), ["0.25", "1"]);
        for number in [0, 1, -1, 9, 10, -10_000, 99_999, 10_000, i64::MIN, i64::MAX] {
            let shown = [
                cells(Type::Integer, Series::new("n".into(), [number])),
                cells(Type::Decimal, Series::new("n".into(), [number])),
            ];
            assert_eq!(shown.concat(), [number.to_string(), Money::from_units(number).to_string()]);
        }
    }

    fn cells(ty: Type, series: Series) -> Vec<String> {
        let rows = 0..series.len();
        let column = Cells::of(ty, &series.into_column()).unwrap();
        let text = |row| {
            let mut cell = Vec::new();
            column.write(row, &mut cell, harmless);
            String::from_utf8(cell).unwrap()
        };
        rows.map(text).collect()
    }

    #[test]
    fn a_text_that_some_program_would_cut_in_two_is_quoted() {
        let texts = Series::new("name".into(), ["a;b", "a\tb", "a|b", "a,b", "a\nb", " a", "x;=1+1", " @x", "a b", ""]);
        assert_eq!(
            cells(Type::Text, texts),
            [
                "\"a;b\"",
                "\"a\tb\"",
                "\"a|b\"",
                "\"a,b\"",
                "\"a\nb\"",
                "\" a\"",
                "\"x;=1+1\"",
                "\"' @x\"",
                "a b",
                "\"\""
            ]
        );
    }
}
