//! A workbook for spreadsheet users: one sheet per table, formatted as a table with a frozen header, after two sheets that describe them.
//!
//! ```text
//! contents      every table with its rows, its grain and what it means; what a sheet can't hold is said here
//! dictionary    every column with its unit and what it means
//! dim_customer  …
//! ```
//! A sheet holds 1,048,576 rows and a cell 32,767 characters: a larger table is left out, a longer text is cut. A text that a spreadsheet would take for a
//! formula is marked as text, as the file format provides. Numbers are doubles: amounts are exact up to some 99 billion.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use netto_model::label::{of_column, of_table};
use netto_model::money::SCALE;
use netto_model::{Column, Language, Table, Type, Unit, period::civil_from_days};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::cells::Cells;
use crate::error::{PublishError, at};
use crate::ready::Ready;
use crate::schema;
use crate::stream::StreamedFile;
use crate::zip::{Packing, Zip};

/// The file's name in a run.
const NAME: &str = "netto.xlsx";
/// Most rows of a sheet, including the header.
const MOST_ROWS: usize = 1_048_576;
/// Most characters of a cell, in UTF-16 units.
const MOST_SIGNS: usize = 32_767;
/// Most characters of a sheet's name.
const MOST_OF_NAME: usize = 31;
/// Days from the spreadsheet epoch to 1970-01-01; spreadsheets treat 1900 as a leap year, so days before March 1900 are texts.
const DAYS_BEFORE: i32 = 25_569;
const FIRST_DAY: i32 = 61;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATED: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const HEADER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// The formats of cells, by their numbers in `styles.xml`.
const FORMATS: [&str; 7] = ["General", "General", "0", "#,##0", "#,##0.00", "0.0%", "yyyy-mm-dd"];
const TITLE: usize = 1;
/// The style after the formats: a text that would be a formula if somebody typed it.
const MARKED: usize = FORMATS.len();

/// How the workbook is written.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct XlsxConfig {
    /// Column headers: labels in a language, `en`, `nl` or `de`; default: the column names, which formulas and queries find in every language.
    pub labels: Option<Language>,
}

/// A written sheet: its name, its table's name, its columns and rows.
struct Sheet {
    name: String,
    table: String,
    columns: Vec<String>,
    rows: usize,
}

/// Writes the file into a folder that later becomes part of a run.
///
/// # Errors
/// When a table isn't what it declares, or the file system refuses.
pub(crate) fn write(staging: &Path, tables: &[Ready], config: &XlsxConfig) -> Result<StreamedFile, PublishError> {
    std::fs::create_dir_all(staging).map_err(at(staging))?;
    let path = staging.join(NAME);
    fill(&path, tables, config).map_err(at(&path))?;
    StreamedFile::lying_in(staging, NAME.to_owned())
}

fn fill(path: &Path, tables: &[Ready], config: &XlsxConfig) -> io::Result<()> {
    let language = config.labels.unwrap_or_default();
    let mut zip = Zip::create(path)?;
    let (mut written, mut names) = (Vec::new(), BTreeSet::new());
    for (name, columns, rows) in [contents(tables, language)?, dictionary(tables, language)] {
        let columns = columns.into_iter().map(str::to_owned).collect();
        let sheet =
            Sheet { name: sheet_name(name, &mut names), table: format!("netto_{name}"), columns, rows: rows.len() };
        zip.add(&place(written.len()), |to| {
            sheet_of(to, &sheet, |to| rows.iter().try_for_each(|row| row_of_texts(to, row)))
        })?;
        written.push(sheet);
    }
    for ready in tables {
        let (table, rows) = (ready.table(), ready.rows().map_err(io::Error::other)?);
        if rows >= MOST_ROWS {
            continue;
        }
        let header = |column: &Column| {
            config.labels.map_or_else(|| column.name.to_owned(), |language| of_column(column.name, language))
        };
        let columns = table.columns.iter().map(header).collect();
        let sheet = Sheet { name: sheet_name(table.name, &mut names), table: table.name.to_owned(), columns, rows };
        zip.add(&place(written.len()), |to| sheet_of(to, &sheet, |to| rows_of(to, ready)))?;
        written.push(sheet);
    }
    parts(&mut zip, &written)?;
    zip.finish()
}

type Texts = Vec<Vec<String>>;

/// What the workbook contains, and which tables it leaves out because a sheet can't hold them.
fn contents(tables: &[Ready], language: Language) -> io::Result<(&'static str, Vec<&'static str>, Texts)> {
    let row = |ready: &Ready| {
        let rows = ready.rows().map_err(io::Error::other)?;
        let note = if rows < MOST_ROWS {
            ""
        } else {
            "NOT HERE: a sheet can hold 1,048,575 rows; the CSV and Parquet files have all rows. "
        };
        let table = ready.table();
        let (name, label) = (table.name.to_owned(), of_table(table.name, language));
        let meaning = format!("{note}{}", table.description);
        Ok(vec![name, label, rows.to_string(), table.grain.to_owned(), meaning])
    };
    let columns = vec!["table", "label", "rows", "grain", "meaning"];
    Ok(("contents", columns, tables.iter().map(row).collect::<io::Result<_>>()?))
}

fn dictionary(tables: &[Ready], language: Language) -> (&'static str, Vec<&'static str>, Texts) {
    let row = |table: &Table, column: &Column| {
        let (name, label) = (column.name.to_owned(), of_column(column.name, language));
        let (unit, sum) = (schema::unit(column), schema::sum(table, column));
        vec![table.name.to_owned(), name, label, unit, sum, column.description.to_owned()]
    };
    let rows =
        tables.iter().map(Ready::table).flat_map(|table| table.columns.iter().map(move |column| row(table, column)));
    ("dictionary", vec!["table", "column", "label", "unit", "sum", "meaning"], rows.collect())
}

/// A unique sheet name, no longer than allowed.
fn sheet_name(table: &str, names: &mut BTreeSet<String>) -> String {
    let short = if table.len() > MOST_OF_NAME { table.trim_start_matches("fct_") } else { table };
    let mut name: String = short.chars().take(MOST_OF_NAME).collect();
    let mut number = 1;
    while !names.insert(name.clone()) {
        number += 1;
        name = short.chars().take(MOST_OF_NAME - 4).chain(format!("~{number}").chars()).collect();
    }
    name
}

fn place(number: usize) -> String {
    format!("xl/worksheets/sheet{}.xml", number + 1)
}

/// A sheet: a frozen header, the rows, and the table over them.
fn sheet_of(
    to: &mut Packing<'_>,
    sheet: &Sheet,
    rows: impl FnOnce(&mut Packing<'_>) -> io::Result<()>,
) -> io::Result<()> {
    write!(
        to,
        "{HEADER}<worksheet xmlns=\"{MAIN}\" xmlns:r=\"{RELATED}\"><sheetViews><sheetView workbookViewId=\"0\">\
         <pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>\
         <cols><col min=\"1\" max=\"{}\" width=\"18\" customWidth=\"1\"/></cols><sheetData><row>",
        sheet.columns.len()
    )?;
    for column in &sheet.columns {
        text(to, column, TITLE)?;
    }
    to.write_all(b"</row>")?;
    rows(to)?;
    to.write_all(b"</sheetData><tableParts count=\"1\"><tablePart r:id=\"rId1\"/></tableParts></worksheet>")
}

fn row_of_texts(to: &mut Packing<'_>, row: &[String]) -> io::Result<()> {
    to.write_all(b"<row>")?;
    for cell in row {
        match cell.parse::<u64>() {
            Ok(number) => write!(to, "<c s=\"3\"><v>{number}</v></c>")?,
            Err(_) => text(to, cell, 0)?,
        }
    }
    to.write_all(b"</row>")
}

fn rows_of(to: &mut Packing<'_>, ready: &Ready) -> io::Result<()> {
    let table = ready.table();
    let formats: Vec<usize> = table.columns.iter().map(format_of).collect();
    for piece in ready.pieces().map_err(io::Error::other)? {
        let piece = piece.map_err(io::Error::other)?;
        let columns = Cells::of_table(table, &piece).map_err(io::Error::other)?;
        for row in 0..piece.height() {
            to.write_all(b"<row>")?;
            for (cells, format) in columns.iter().zip(&formats) {
                cells.cell(to, row, *format)?;
            }
            to.write_all(b"</row>")?;
        }
    }
    Ok(())
}

fn format_of(column: &Column) -> usize {
    match (column.unit, column.ty) {
        (_, Type::Date) => 6,
        (Unit::Share, _) => 5,
        (Unit::None, Type::Integer) => 2,
        (_, Type::Integer) => 3,
        (_, Type::Decimal | Type::Ratio) => 4,
        (_, Type::Text | Type::Bool) => 0,
    }
}

impl Cells {
    fn cell(&self, to: &mut Packing<'_>, row: usize, format: usize) -> io::Result<()> {
        match self {
            Self::Text(texts) => {
                if let Some(found) = texts.get(row) {
                    return text(to, found, format);
                }
            }
            Self::Whole(numbers) => {
                if let Some(number) = numbers.get(row) {
                    return write!(to, "<c s=\"{format}\"><v>{number}</v></c>");
                }
            }
            Self::Amount(amounts) => {
                if let Some(units) = amounts.get(row) {
                    let (sign, size) = (if units < 0 { "-" } else { "" }, units.unsigned_abs());
                    let scale = SCALE.unsigned_abs();
                    return write!(to, "<c s=\"{format}\"><v>{sign}{}.{:04}</v></c>", size / scale, size % scale);
                }
            }
            Self::Ratio(ratios) => {
                if let Some(ratio) = ratios.get(row).filter(|ratio| ratio.is_finite()) {
                    return write!(to, "<c s=\"{format}\"><v>{ratio}</v></c>");
                }
            }
            Self::Day(days) => match days.get(row).map(|day| (day, day + DAYS_BEFORE)) {
                Some((_, serial)) if serial >= FIRST_DAY => return write!(to, "<c s=\"{format}\"><v>{serial}</v></c>"),
                Some((day, _)) => {
                    let (year, month, day) = civil_from_days(day);
                    return text(to, &format!("{year:04}-{month:02}-{day:02}"), 0);
                }
                None => {}
            },
            Self::Bool(bools) => {
                if let Some(bool) = bools.get(row) {
                    return write!(to, "<c t=\"b\"><v>{}</v></c>", u8::from(bool));
                }
            }
        }
        to.write_all(b"<c/>")
    }
}

fn text(to: &mut Packing<'_>, text: &str, format: usize) -> io::Result<()> {
    let format = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { MARKED } else { format };
    write!(to, "<c s=\"{format}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>", escaped(&cut(text)))
}

/// The text, cut to what a cell can hold.
fn cut(text: &str) -> String {
    if text.encode_utf16().count() <= MOST_SIGNS {
        return text.to_owned();
    }
    let mut signs = 0;
    let fits = |sign: &char| {
        signs += sign.len_utf16();
        signs < MOST_SIGNS
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// Escapes XML, and encodes characters that XML can't hold as Excel does: `_x0001_`; a text that already looks like that is escaped too.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (place, sign) in text.char_indices() {
        match sign {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\t' | '\n' => escaped.push(sign),
            '\u{0}'..='\u{1f}' => escaped += &format!("_x{:04X}_", u32::from(sign)),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            '_' if looks_escaped(&text[place..]) => escaped += "_x005F_",
            sign => escaped.push(sign),
        }
    }
    escaped
}

fn looks_escaped(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 7
        && bytes.get(1) == Some(&b'x')
        && bytes.get(6) == Some(&b'_')
        && bytes.iter().skip(2).take(4).all(u8::is_ascii_hexdigit)
}

/// All parts of the workbook other than sheets.
fn parts(zip: &mut Zip, sheets: &[Sheet]) -> io::Result<()> {
    let mut add = |name: &str, body: &str| zip.add(name, |to| write!(to, "{HEADER}{body}"));
    let numbered = || (1..).zip(sheets);
    for (number, sheet) in numbered() {
        add(&format!("xl/tables/table{number}.xml"), &table_of(number, sheet))?;
        let target = format!("../tables/table{number}.xml");
        add(&format!("xl/worksheets/_rels/sheet{number}.xml.rels"), &relations(&[("table", target)]))?;
    }
    let names: Vec<String> = numbered()
        .map(|(number, sheet)| format!("<sheet name=\"{}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>", sheet.name))
        .collect();
    add(
        "xl/workbook.xml",
        &format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATED}\"><sheets>{}</sheets></workbook>", names.concat()),
    )?;
    let targets = numbered().map(|(number, _)| ("worksheet", format!("worksheets/sheet{number}.xml")));
    let targets: Vec<_> = targets.chain([("styles", "styles.xml".to_owned())]).collect();
    add("xl/_rels/workbook.xml.rels", &relations(&targets))?;
    add("xl/styles.xml", &styles())?;
    add("_rels/.rels", &relations(&[("officeDocument", "xl/workbook.xml".to_owned())]))?;
    let kind = |part: &str, kind: &str| {
        format!(
            "<Override PartName=\"/xl/{part}.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml\"/>"
        )
    };
    let of_sheet = |(number, _)| {
        kind(&format!("worksheets/sheet{number}"), "worksheet") + &kind(&format!("tables/table{number}"), "table")
    };
    let kinds: String =
        numbered().map(of_sheet).chain([kind("workbook", "sheet.main"), kind("styles", "styles")]).collect();
    let defaults = "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
                    <Default Extension=\"xml\" ContentType=\"application/xml\"/>";
    add("[Content_Types].xml", &format!("<Types xmlns=\"{PACKAGE}/content-types\">{defaults}{kinds}</Types>"))
}

fn relations(targets: &[(&str, String)]) -> String {
    let one = |(number, (kind, target)): (usize, &(&str, String))| {
        format!("<Relationship Id=\"rId{number}\" Type=\"{RELATED}/{kind}\" Target=\"{target}\"/>")
    };
    let all: String = (1..).zip(targets).map(one).collect();
    format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{all}</Relationships>")
}

/// A table over a sheet; it covers at least one row even if the sheet is empty.
fn table_of(number: usize, sheet: &Sheet) -> String {
    let area = format!("A1:{}{}", letters(sheet.columns.len()), sheet.rows.max(1) + 1);
    let columns: Vec<String> =
        (1..).zip(&sheet.columns).map(|(id, name)| format!("<tableColumn id=\"{id}\" name=\"{name}\"/>")).collect();
    format!(
        "<table xmlns=\"{MAIN}\" id=\"{number}\" name=\"{0}\" displayName=\"{0}\" ref=\"{area}\" totalsRowShown=\"0\"><autoFilter ref=\"{area}\"/>\
         <tableColumns count=\"{1}\">{2}</tableColumns><tableStyleInfo name=\"TableStyleLight1\" showRowStripes=\"1\"/></table>",
        sheet.table,
        sheet.columns.len(),
        columns.concat()
    )
}

/// The name of a column of a sheet, counted from one: A, B, …, Z, AA, …
fn letters(mut number: usize) -> String {
    let mut letters = Vec::new();
    while number > 0 {
        number -= 1;
        letters.push(char::from(b'A' + u8::try_from(number % 26).unwrap_or_default()));
        number /= 26;
    }
    letters.iter().rev().collect()
}

fn styles() -> String {
    let formats: Vec<String> =
        (200..).zip(FORMATS).map(|(id, code)| format!("<numFmt numFmtId=\"{id}\" formatCode=\"{code}\"/>")).collect();
    let style = |(id, place): (usize, usize)| {
        let font = usize::from(place == TITLE);
        format!(
            "<xf numFmtId=\"{id}\" fontId=\"{font}\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" applyFont=\"1\"/>"
        )
    };
    let styles: String = (200..).zip(0..FORMATS.len()).map(style).collect();
    let marked = "<xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" quotePrefix=\"1\" applyNumberFormat=\"1\"/>";
    format!(
        "<styleSheet xmlns=\"{MAIN}\"><numFmts count=\"{0}\">{2}</numFmts><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font>\
         <font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts><fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill>\
         <fill><patternFill patternType=\"gray125\"/></fill></fills><borders count=\"1\"><border/></borders><cellStyleXfs count=\"1\"><xf/></cellStyleXfs>\
         <cellXfs count=\"{1}\">{styles}{marked}</cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>",
        FORMATS.len(),
        FORMATS.len() + 1,
        formats.concat()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_that_a_cell_has_no_place_for_are_written_as_excel_does() {
        assert_eq!(escaped("a<\"&\u{1}\r\n_x0041_ _x_"), "a&lt;&quot;&amp;_x0001__x000D_\n_x005F_x0041_ _x_");
        let long = "🚚".repeat(MOST_SIGNS);
        assert_eq!(cut(&long).encode_utf16().count(), MOST_SIGNS);
        assert_eq!(cut("short"), "short");
    }

    #[test]
    fn names_of_sheets_are_short_and_differ() {
        let mut names = BTreeSet::new();
        let long = "fct_customer_product_group_month";
        assert_eq!(sheet_name(long, &mut names), "customer_product_group_month");
        assert_eq!(sheet_name("x".repeat(40).as_str(), &mut names).len(), MOST_OF_NAME);
        assert_eq!(sheet_name("x".repeat(41).as_str(), &mut names), format!("{}~2", "x".repeat(27)));
        assert_eq!([1, 26, 27, 702, 703].map(letters), ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
