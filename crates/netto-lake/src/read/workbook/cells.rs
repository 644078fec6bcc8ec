//! Parses the rows of a sheet: `<row r="2"><c r="B2" s="1"><v>45719</v></c></row>`.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::Fault;
use super::parts::{Book, attribute, text_of, unescaped};
use crate::ids;
use crate::read::cell::shortest;

/// The content of a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Cell {
    #[default]
    Empty,
    Text(String),
    /// A number with a decimal point.
    Number(String),
    /// A number with a date format.
    Day(String),
    Bool(bool),
    /// A formula error.
    Error(String),
}

impl Cell {
    /// Whether it looks empty.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => ids::trimmed(text).is_empty(),
            _ => false,
        }
    }
}

/// Maximum columns of a sheet.
const COLUMNS: usize = 16_384;

/// A cell while it is read.
#[derive(Default)]
struct Open {
    column: usize,
    kind: String,
    style: usize,
    text: String,
    /// Whether the text is within `<v>` or `<t>`.
    within: bool,
    has_value: bool,
    has_formula: bool,
}

/// The nonempty rows, up to a maximum, each with its number.
pub(super) fn rows(xml: &str, book: &Book, most: usize) -> Result<Vec<(u64, Vec<Cell>)>, Fault> {
    let mut reader = Reader::from_str(xml);
    let (mut rows, mut row, mut number) = (Vec::new(), Vec::new(), 0_u64);
    let mut open = Open::default();
    let mut spoken = false;
    loop {
        let event = reader.read_event().map_err(Fault::damaged)?;
        match &event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "row" => number = row_number(tag, number)?,
                "c" => open = Open::of(tag, row.len())?,
                "f" => open.has_formula = true,
                "rPh" => spoken = true,
                "v" | "t" => open.within = !spoken,
                _ => {}
            },
            Event::Empty(tag) => match tag.local_name().as_ref() {
                "row" => number = row_number(tag, number)?,
                "f" => open.has_formula = true,
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "row" => {
                    let cells: Vec<Cell> = std::mem::take(&mut row);
                    if !cells.iter().all(Cell::is_blank) {
                        rows.push((number, cells));
                    }
                    if rows.len() == most {
                        return Ok(rows);
                    }
                }
                "c" => {
                    let column = open.column;
                    let cell = std::mem::take(&mut open).cell(book)?;
                    if column >= row.len() {
                        row.resize(column, Cell::Empty);
                        row.push(cell);
                    }
                }
                "rPh" => spoken = false,
                "v" | "t" => (open.within, open.has_value) = (false, open.has_value || !spoken),
                _ => {}
            },
            Event::Eof => return Ok(rows),
            event if open.within => text_of(event, &mut open.text)?,
            _ => {}
        }
    }
}

/// The number of a row; without one, the next number.
fn row_number(tag: &BytesStart<'_>, last: u64) -> Result<u64, Fault> {
    Ok(attribute(tag, "r")?.and_then(|number| number.parse().ok()).unwrap_or(last + 1))
}

impl Open {
    fn of(tag: &BytesStart<'_>, next: usize) -> Result<Self, Fault> {
        let column = attribute(tag, "r")?.and_then(|place| column(&place)).unwrap_or(next);
        if column >= COLUMNS {
            return Err(Fault::damaged("a row has more columns than a sheet can have"));
        }
        let style = attribute(tag, "s")?.and_then(|style| style.parse().ok()).unwrap_or(0);
        Ok(Self { column, style, kind: attribute(tag, "t")?.unwrap_or_default(), ..Self::default() })
    }

    fn cell(self, book: &Book) -> Result<Cell, Fault> {
        let text = matches!(self.kind.as_str(), "str" | "inlineStr");
        if !self.has_value || !text && self.text.trim().is_empty() {
            // The program that wrote the formula never computed it.
            return Ok(if self.has_formula { Cell::Error(ids::NEVER_COMPUTED.to_owned()) } else { Cell::Empty });
        }
        Ok(match self.kind.as_str() {
            "s" => {
                let text = self.text.trim().parse::<usize>().ok().and_then(|number| book.texts.get(number));
                Cell::Text(text.ok_or_else(|| Fault::damaged("a cell refers to a text that doesn't exist"))?.clone())
            }
            "str" | "inlineStr" => Cell::Text(unescaped(&self.text)),
            "b" => Cell::Bool(self.text.trim() == "1" || self.text.trim() == "true"),
            "e" => Cell::Error(self.text),
            "d" => Cell::Text(self.text),
            _ if book.shows_days.get(self.style).copied().unwrap_or(false) => Cell::Day(number(self.text.trim())),
            _ => Cell::Number(number(self.text.trim())),
        })
    }
}

/// The column index of `AB12`, from 0.
fn column(place: &str) -> Option<usize> {
    let mut column = 0_usize;
    for letter in place.bytes().take_while(u8::is_ascii_alphabetic) {
        column = column.checked_mul(26)?.checked_add(usize::from(letter.to_ascii_uppercase() - b'A') + 1)?;
    }
    column.checked_sub(1)
}

/// A number as in the file, without zeros behind its decimals (some programs write 12 as `12.0`); with seventeen digits or an exponent,
/// the shortest text of the same double.
pub(super) fn number(text: &str) -> String {
    let digits = text.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    let plain = !text.contains(['e', 'E']);
    let exact = plain && (digits <= 15 || !text.contains('.'));
    let double = || text.parse::<f64>().ok().filter(|double| double.is_finite());
    if exact {
        shortest(text).to_owned()
    } else {
        double().map_or_else(|| text.to_owned(), |double| double.to_string())
    }
}
