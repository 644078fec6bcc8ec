//! Reads Excel workbooks: a sheet becomes rows of texts, each with its row number.
//!
//! ```text
//! omzet.xlsx ── archive   the parts of the file, unpacked up to a limit     archive.rs
//!            ── parts     sheets, shared texts, which formats show days     parts.rs
//!            ── cells     the rows of one sheet                             cells.rs
//! ```
//! A number is the text in the file, so `0.1` is 0.1 and an id of twenty digits keeps them; seventeen digits of a double become the
//! shortest text of that double. A cell with a date format is a day. A column with numbers only, or days only, has a native type, as
//! in Parquet; in a mixed column, all values are converted to the source's notation and parsed as texts.

mod archive;
mod cells;
mod parts;

use std::borrow::Cow;
use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::cell::Written;
use super::{Lines, Row, shown};
use crate::config::{CsvConfig, ExcelConfig, SheetName, Sheets};
use crate::dialect::Size;
use crate::error::LakeError;
use crate::typed::Signs;
use crate::{ids, moment, plausible, serial, titles};
use archive::Archive;
pub(crate) use cells::Cell;

/// Whether the file name is that of a workbook.
pub(crate) fn is_workbook(path: &Path) -> bool {
    path.extension().is_some_and(|end| ["xlsx", "xlsm"].iter().any(|known| end.eq_ignore_ascii_case(known)))
}

/// A sheet of a workbook.
#[derive(Debug)]
pub(crate) struct Sheet {
    /// File and sheet, for messages.
    pub(crate) name: String,
    pub(crate) header: Vec<String>,
    /// Unread sheets with the same columns, if the configuration doesn't select a sheet.
    pub(crate) others: Vec<String>,
    /// The rows of a header that has several.
    titles: Vec<Vec<String>>,
    /// The number of header rows.
    pub(crate) header_rows: u64,
    /// How the values of each column are written.
    pub(crate) written: Vec<Written>,
    /// The nonempty rows, each with its number in the sheet.
    rows: Vec<Numbered>,
}

/// Rows in a block.
const BLOCK: usize = 1 << 13;

impl Sheet {
    fn of(name: &str, grid: Grid, config: &ExcelConfig, csv: &CsvConfig, as_texts: bool) -> Result<Self, Fault> {
        let shape = Shape { signs: Signs::of(csv), since_1904: grid.since_1904 };
        let is_below = |number: u64| config.header_row.is_none_or(|header| number >= header);
        let mut rows = grid.rows.into_iter().filter(|(number, _)| is_below(*number));
        let head = rows.next().filter(|(number, _)| config.header_row.is_none_or(|header| *number == header));
        let Some((first, head)) = head else {
            let help = "set the row with the column names: header_row = N in [source.….excel]";
            return Err(match config.header_row {
                Some(row) => {
                    Fault::of_setting("header_row", format!("row {row} is empty, so it has no column names"), help)
                }
                None => Fault::new("there is no row with column names", help),
            });
        };
        // Header rows are consecutive.
        let behind = first + config.header_rows.unwrap_or(1);
        let (below, rows): (Vec<_>, Vec<_>) = rows.partition(|(number, _)| *number < behind);
        let named = |cells: &Vec<Cell>| cells.iter().map(|cell| shape.title(cell)).collect();
        let mut titles: Vec<Vec<String>> =
            [&head].into_iter().chain(below.iter().map(|(_, cells)| cells)).map(named).collect();
        let head = titles::joined(&titles);
        if let [_] = titles.as_slice() {
            titles.clear();
        }
        let width = rows.iter().map(|(_, cells)| cells.len()).chain([head.len()]).max().unwrap_or(0);
        let of_column = |column| if as_texts { Written::AsSource } else { written(&rows, column) };
        let written: Vec<Written> = (0..width).map(of_column).collect();
        let header = (0..width).map(|column| title(head.get(column), column)).collect();
        for titles in &mut titles {
            titles.resize(width, String::new());
        }
        let text = |(column, cell): (usize, Cell)| shape.text(cell, written.get(column).copied());
        let rows = rows.into_iter().map(|(number, cells)| {
            let mut texts: Vec<String> = cells.into_iter().enumerate().map(text).collect();
            texts.resize(width, String::new());
            if as_texts {
                for text in &mut texts {
                    without_noise(text, shape.signs.decimal);
                }
            }
            (number, texts)
        });
        let rows = rows.collect();
        Ok(Self {
            name: name.to_owned(),
            header,
            titles,
            header_rows: u64::try_from(below.len()).unwrap_or(0) + 1,
            written,
            rows,
            others: grid.others,
        })
    }

    /// The number of blocks.
    pub(crate) fn blocks(&self) -> usize {
        self.rows.len().div_ceil(BLOCK)
    }

    /// Visits the rows of a block, without repeated headers.
    pub(crate) fn each_row<'a>(&'a self, block: usize, visit: &mut dyn for<'r> FnMut(Row<'r, 'a>)) -> Lines {
        let mut lines = Lines::default();
        for (line, texts) in self.rows.iter().skip(block * BLOCK).take(BLOCK) {
            if self.header.len() > 1 && (*texts == self.header || self.titles.contains(texts)) {
                lines.repeated += 1;
                continue;
            }
            let fields: Vec<Cow<'_, str>> = texts.iter().map(|text| Cow::Borrowed(text.as_str())).collect();
            lines.records += 1;
            visit(Row { line: *line, fields: &fields, raw: None, fault: None, why: Cow::Borrowed("") });
        }
        lines
    }
}

/// An open workbook, whose sheets are read one by one.
#[derive(Debug)]
pub(crate) struct Workbook {
    path: PathBuf,
    /// For messages.
    name: String,
    archive: Archive,
    book: parts::Book,
}

/// A row of texts with its number in the sheet.
pub(crate) type Numbered = (u64, Vec<String>);

impl Workbook {
    /// Opens the file and reads the parts common to its sheets.
    pub(crate) fn open(path: &Path, base: &Path, max_unpacked: Option<Size>) -> Result<Self, LakeError> {
        let bytes = fs::read(path).map_err(LakeError::io(path))?;
        let name = shown(path, base);
        let opened = Archive::open(bytes, max_unpacked).and_then(|archive| Ok((parts::Book::read(&archive)?, archive)));
        let (book, archive) = opened.map_err(|fault| fault.in_file(&name))?;
        Ok(Self { path: path.to_owned(), name, archive, book })
    }

    /// Reads the configured sheet.
    pub(crate) fn sheet(&self, config: &ExcelConfig, csv: &CsvConfig) -> Result<Sheet, LakeError> {
        self.read(config, csv, false)
    }

    /// Reads the configured sheet with all values as texts in the source's notation.
    pub(crate) fn sheet_as_texts(&self, config: &ExcelConfig, csv: &CsvConfig) -> Result<Sheet, LakeError> {
        self.read(config, csv, true)
    }

    fn read(&self, config: &ExcelConfig, csv: &CsvConfig, as_texts: bool) -> Result<Sheet, LakeError> {
        let (sheet, grid) = self.found(config).map_err(|fault| fault.in_file(&self.name))?;
        let name = format!("{} [{sheet}]", self.name);
        Sheet::of(&name, grid, config, csv, as_texts).map_err(|fault| fault.in_file(&name))
    }

    /// The names of the configured sheets, in the order of the workbook or of the list.
    pub(crate) fn sheets(&self, config: &ExcelConfig) -> Result<Vec<String>, LakeError> {
        self.named_sheets(config).map_err(|fault| fault.in_file(&self.name))
    }

    fn named_sheets(&self, config: &ExcelConfig) -> Result<Vec<String>, Fault> {
        let mut names: Vec<String> = Vec::new();
        let wanted = config.sheet.as_ref().map_or(&[][..], Sheets::as_slice);
        for wanted in wanted {
            let found: Vec<&parts::SheetPart> = match wanted {
                SheetName::Name(name) if name.contains('*') => {
                    let pattern = glob::Pattern::new(&glob::Pattern::escape(name).replace("[*]", "*"));
                    let fits = |sheet: &str| pattern.as_ref().is_ok_and(|pattern| pattern.matches(sheet.trim()));
                    let mut found = Vec::new();
                    for sheet in self.book.shown().filter(|sheet| fits(&sheet.name)) {
                        if !self.grid(sheet, 1)?.rows.is_empty() {
                            found.push(sheet);
                        }
                    }
                    if found.is_empty() {
                        self.book.sheet(Some(wanted))?;
                    }
                    found
                }
                one => vec![self.book.sheet(Some(one))?],
            };
            for sheet in found {
                if !names.contains(&sheet.name) {
                    names.push(sheet.name.clone());
                }
            }
        }
        Ok(names)
    }

    /// The beginnings of the visible sheets, to detect their content: name, and nonempty rows as texts.
    pub(crate) fn beginnings(&self, rows: usize) -> Result<Vec<(String, Vec<Numbered>)>, LakeError> {
        let shape = Shape { signs: Signs::plain(), since_1904: self.book.since_1904 };
        let beginning = |sheet: &parts::SheetPart| {
            let texts = |cells: Vec<Cell>| cells.into_iter().map(|cell| shape.text(cell, None)).collect();
            let rows = self.grid(sheet, rows)?.rows.into_iter();
            Ok((sheet.name.clone(), rows.map(|(number, cells)| (number, texts(cells))).collect()))
        };
        self.book.shown().map(beginning).collect::<Result<_, Fault>>().map_err(|fault| fault.in_file(&self.name))
    }

    fn found(&self, config: &ExcelConfig) -> Result<(String, Grid), Fault> {
        let sheet = self.book.sheet(config.sheet.as_ref().and_then(|sheets| sheets.as_slice().first()))?;
        let mut found = self.grid(sheet, usize::MAX)?;
        if config.sheet.is_none() {
            let others = self.book.shown().filter(|other| other.name != sheet.name);
            let alike =
                |other: &&parts::SheetPart| self.grid(other, usize::MAX).is_ok_and(|other| other.begins_as(&found));
            found.others = others.filter(alike).map(|other| other.name.clone()).collect();
        }
        Ok((sheet.name.clone(), found))
    }

    /// The rows of a sheet, up to a maximum.
    fn grid(&self, sheet: &parts::SheetPart, most: usize) -> Result<Grid, Fault> {
        let xml = self.archive.text(&sheet.path)?;
        let xml = xml.ok_or_else(|| Fault::damaged(format!("it has no part `{}`", sheet.path)))?;
        let since_1904 = self.book.since_1904;
        Ok(Grid { rows: cells::rows(&xml, &self.book, most)?, others: Vec::new(), since_1904 })
    }
}

/// Caches the last open workbook, as its sheets are read one after another.
#[derive(Debug, Default)]
pub(crate) struct Opened(RefCell<Option<Rc<Workbook>>>);

impl Opened {
    /// The workbook at this path.
    pub(crate) fn open(&self, path: &Path, base: &Path, config: &ExcelConfig) -> Result<Rc<Workbook>, LakeError> {
        if let Some(last) = self.0.borrow().as_ref().filter(|last| last.path == path) {
            return Ok(Rc::clone(last));
        }
        let opened = Rc::new(Workbook::open(path, base, config.max_unpacked)?);
        *self.0.borrow_mut() = Some(Rc::clone(&opened));
        Ok(opened)
    }
}

/// The rows of a sheet.
struct Grid {
    rows: Vec<(u64, Vec<Cell>)>,
    /// Other sheets with the same beginning.
    others: Vec<String>,
    since_1904: bool,
}

impl Grid {
    /// Whether both have the same titles in their first row with several cells, and rows below it.
    fn begins_as(&self, other: &Self) -> bool {
        let titles = |grid: &Self| {
            let filled = |cells: &Vec<Cell>| cells.iter().filter(|cell| !cell.is_blank()).count() > 1;
            let mut rows = grid.rows.iter().map(|(_, cells)| cells).filter(|cells| filled(cells));
            let text = |cell: &Cell| match cell {
                Cell::Text(text) => text.trim().to_owned(),
                _ => String::new(),
            };
            let titles: Option<Vec<String>> = rows.next().map(|cells| cells.iter().map(text).collect());
            titles.filter(|_| rows.next().is_some())
        };
        titles(self).is_some_and(|own| titles(other) == Some(own))
    }
}

/// What is wrong with a workbook, and what to do.
#[derive(Debug)]
pub(crate) struct Fault {
    message: String,
    help: String,
    /// The invalid setting.
    setting: Option<&'static str>,
}

impl Fault {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into(), setting: None }
    }

    /// The configured sheet or row doesn't exist.
    fn of_setting(setting: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { setting: Some(setting), ..Self::new(message, help) }
    }

    /// The file is damaged.
    fn damaged(what: impl std::fmt::Display) -> Self {
        Self::new(
            format!("the workbook is damaged: {what}"),
            "open it in a spreadsheet and save it again, or export it again",
        )
    }

    fn in_file(self, file: &str) -> LakeError {
        let Self { message, help, setting } = self;
        let file = file.to_owned();
        match setting {
            Some(setting) => LakeError::Workbook { file, setting, message, help },
            None => LakeError::Format { file, message, help: Some(help) },
        }
    }
}

/// The notation of a column: numbers only, days only, or texts.
fn written(rows: &[(u64, Vec<Cell>)], column: usize) -> Written {
    let (mut numbers, mut days, mut others) = (false, false, false);
    for cell in rows.iter().filter_map(|(_, cells)| cells.get(column)) {
        match cell {
            Cell::Number(_) => numbers = true,
            Cell::Day(_) => days = true,
            Cell::Text(text) if text.trim().is_empty() => {}
            Cell::Empty | Cell::Error(_) => {}
            Cell::Text(_) | Cell::Bool(_) => others = true,
        }
    }
    match (numbers, days, others) {
        (true, false, false) => Written::Rounded,
        (false, true, false) => Written::Plainly,
        _ => Written::AsSource,
    }
}

/// The name of a column; an unnamed column gets its letters, so that its values aren't silently lost.
pub(crate) fn title(name: Option<&String>, column: usize) -> String {
    name.filter(|name| !name.is_empty()).map_or_else(|| format!("column {}", letters(column)), Clone::clone)
}

/// Rounds to the digits that a spreadsheet shows, as computed values have noise beyond fifteen digits.
fn without_noise(text: &mut String, decimal: char) {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_number = |text: &str| text.chars().all(|sign| sign.is_ascii_digit() || sign == decimal || sign == '-');
    if digits <= SHOWN || !text.contains(decimal) || !is_number(text) {
        return;
    }
    let Ok(number) = text.replace(decimal, ".").parse::<f64>() else { return };
    let scientific = format!("{number:.*e}", SHOWN - 1);
    let exponent = scientific.rsplit_once('e').and_then(|(_, exponent)| exponent.parse::<isize>().ok()).unwrap_or(0);
    let places = (SHOWN - 1).saturating_add_signed(-exponent);
    let shown = format!("{number:.places$}");
    let shown = if shown.contains('.') { shown.trim_end_matches('0').trim_end_matches('.') } else { &shown };
    *text = shown.replace('.', &decimal.to_string());
}

/// Significant digits that a spreadsheet shows.
const SHOWN: usize = 15;

/// `0` as A, `25` as Z, `26` as AA.
fn letters(column: usize) -> String {
    let (mut rest, mut letters) = (column + 1, Vec::new());
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or(0)));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// Converts values to texts.
struct Shape {
    signs: Signs,
    since_1904: bool,
}

impl Shape {
    fn text(&self, cell: Cell, written: Option<Written>) -> String {
        let as_source = written == Some(Written::AsSource);
        match cell {
            Cell::Empty => String::new(),
            Cell::Text(text) | Cell::Error(text) => text,
            Cell::Bool(value) => value.to_string(),
            Cell::Number(number) if as_source && self.signs.decimal != '.' => {
                number.replace('.', &self.signs.decimal.to_string())
            }
            Cell::Number(number) => number,
            Cell::Day(number) => self.day(&number, as_source),
        }
    }

    /// A cell as a column name; for a month stored as a day, the day.
    fn title(&self, cell: &Cell) -> String {
        match cell {
            Cell::Day(number) => self.day(number, false),
            Cell::Text(text) | Cell::Number(text) | Cell::Error(text) => ids::trimmed(text).to_owned(),
            Cell::Bool(value) => value.to_string(),
            Cell::Empty => String::new(),
        }
    }

    /// The day of a number, with its time; or a time alone, if it has no day.
    fn day(&self, number: &str, as_source: bool) -> String {
        let plain = Signs::plain();
        let system = if self.since_1904 { serial::EXCEL_1904 } else { serial::EXCEL };
        let Some(moment) = serial::moment(number, system, &plain) else {
            let of_day = Signs { dates: vec![serial::EXCEL.to_owned()], ..plain };
            return serial::time(number, &of_day).map_or_else(|| number.to_owned(), clock);
        };
        let day = plausible::shown(moment.day);
        let day = if as_source { moment::written_by(moment.day, &self.signs).unwrap_or(day) } else { day };
        moment.minute.map_or(day.clone(), |minute| format!("{day}T{}", clock(minute)))
    }
}

fn clock(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The sheet as messages name it.
impl std::fmt::Display for SheetName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => write!(f, "\"{name}\""),
            Self::Number(number) => write!(f, "number {number}"),
        }
    }
}

#[cfg(test)]
mod tests;
