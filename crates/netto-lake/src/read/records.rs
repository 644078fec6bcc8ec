//! Records of several kinds in one CSV file: lines with the fields of the heads above them.
//!
//! ```text
//! H;1001;2025-03-03;K1                Order  Date        Customer  Line  Article  Amount
//! L;1;P1;100.00                 →     1001   2025-03-03  K1        1     P1       100.00
//! L;2;P2;50.00                        1001   2025-03-03  K1        2     P2       50.00
//! X;7                                 set apart: nobody says what X is, and what follows has no head
//! ```

use std::borrow::Cow;

use super::csv::{CsvFile, Windows};
use super::{Lines, Raw, Row};
use crate::config::RecordsConfig;
use crate::error::LakeError;
use crate::ids;
use crate::quarantine::Reason;

/// Rows in a block.
const BLOCK: usize = 1 << 13;

/// The lines of a part of a file.
#[derive(Debug)]
pub(crate) struct Records {
    pub(crate) header: Vec<String>,
    pub(crate) file: CsvFile,
    rows: Vec<Line>,
    lines: Lines,
}

#[derive(Debug)]
struct Line {
    number: u64,
    /// Where it stands in the file.
    place: (usize, usize),
    fields: Vec<String>,
    fault: Option<Reason>,
    why: Cow<'static, str>,
}

impl Records {
    /// How many blocks; one at least, with the lines of the file.
    pub(crate) fn blocks(&self) -> usize {
        self.rows.len().div_ceil(BLOCK).max(1)
    }

    /// Visits the rows of a block.
    pub(crate) fn each_row<'a>(&'a self, block: usize, visit: &mut dyn for<'r> FnMut(Row<'r, 'a>)) -> Lines {
        for row in self.rows.iter().skip(block * BLOCK).take(BLOCK) {
            let fields: Vec<Cow<'_, str>> = row.fields.iter().map(|text| Cow::Borrowed(text.as_str())).collect();
            let raw = Some(Raw { file: &self.file, start: row.place.0, end: row.place.1 });
            visit(Row { line: row.number, fields: &fields, raw, fault: row.fault, why: row.why.clone() });
        }
        if block == 0 { self.lines } else { Lines::default() }
    }
}

/// The parts of a file, in their order: what a head says holds over their ends.
pub(crate) struct RecordPieces {
    windows: Windows,
    kinds: Kinds,
    /// The heads that hold, in the order of their kinds.
    held: Vec<Option<Vec<String>>>,
}

impl RecordPieces {
    pub(crate) fn of(windows: Windows, config: &RecordsConfig) -> Self {
        let kinds = Kinds::of(config);
        Self { windows, held: vec![None; config.heads.len()], kinds }
    }

    fn piece(&mut self, file: CsvFile) -> Records {
        let (mut rows, mut lines) = (Vec::new(), Lines::default());
        for block in 0..file.blocks.len() {
            let mut read = Read { file: &file, kinds: &self.kinds, held: &mut self.held, rows: &mut rows, heads: 0 };
            let mut of_block = file.each_row(block, &mut |row| read.record(&row));
            let heads = read.heads;
            of_block.records -= heads;
            of_block.header += heads;
            lines += of_block;
        }
        Records { header: self.kinds.header.clone(), file, rows, lines }
    }
}

impl Iterator for RecordPieces {
    type Item = Result<Records, LakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let file = self.windows.next()?;
        Some(file.map(|file| self.piece(file)))
    }
}

/// What the kinds of records mean.
struct Kinds {
    field: usize,
    header: Vec<String>,
    /// Kind, the place among the heads where it is one, and the column of each field.
    known: Vec<Kind>,
    ignored: Vec<String>,
}

struct Kind {
    word: String,
    head: Option<usize>,
    columns: Vec<Option<usize>>,
    /// What its fields are called: a header of its own may stand in the file.
    names: Vec<String>,
}

impl Kinds {
    fn of(config: &RecordsConfig) -> Self {
        let header = config.header();
        let columns =
            |names: &Vec<String>| names.iter().map(|name| header.iter().position(|column| column == name)).collect();
        let kind = |(word, head): (&String, Option<usize>)| {
            let names = config.fields.get(word).cloned().unwrap_or_default();
            Kind { word: word.clone(), head, columns: columns(&names), names }
        };
        let heads = config.heads.iter().zip(0..).map(|(word, place)| (word, Some(place)));
        let lines = config.lines.iter().map(|word| (word, None));
        let known = heads.chain(lines).map(kind).collect();
        let field = config.kind_field.unwrap_or(1).saturating_sub(1);
        Self { field, known, ignored: config.ignore.clone(), header }
    }
}

/// Records of one block.
struct Read<'f, 'r> {
    file: &'f CsvFile,
    kinds: &'f Kinds,
    held: &'r mut Vec<Option<Vec<String>>>,
    rows: &'r mut Vec<Line>,
    /// Lines of the file that became no row: heads, and kinds that aren't wanted.
    heads: u64,
}

impl Read<'_, '_> {
    fn record(&mut self, row: &Row<'_, '_>) {
        if let Some(fault) = row.fault {
            return self.set_apart(row, fault, row.why.clone(), 0);
        }
        let word = row.fields.get(self.kinds.field).map_or("", |field| ids::trimmed(field));
        let Some(kind) = self.kinds.known.iter().find(|kind| kind.word == word) else {
            if self.kinds.ignored.iter().any(|ignored| ignored == word) {
                self.heads += self.lines_of(row);
                return;
            }
            let why = format!("`{word}`");
            return self.set_apart(row, Reason::UnknownRecord, why.into(), 0);
        };
        let surplus = row.fields.iter().skip(kind.columns.len()).any(|field| !field.trim().is_empty());
        if surplus || row.fields.len() < kind.columns.len() {
            let why = format!("{} fields, {} has {}", row.fields.len(), kind.word, kind.columns.len());
            let is_cut = self.is_cut(row);
            let (reason, why) = if is_cut {
                (Reason::CutOff, "the last record ends in the middle, without a line end".to_owned())
            } else {
                (Reason::WrongFieldCount, why)
            };
            return self.set_apart(row, reason, why.into(), kind.head.unwrap_or(usize::MAX));
        }
        let mut fields = vec![String::new(); self.kinds.header.len()];
        if kind.head.is_none() {
            for held in self.held.iter().flatten() {
                fill(&mut fields, held);
            }
        }
        for (column, text) in kind.columns.iter().zip(row.fields) {
            if let Some(field) = column.and_then(|column| fields.get_mut(column))
                && !ids::trimmed(text).is_empty()
            {
                text.as_ref().clone_into(field);
            }
        }
        match kind.head {
            Some(place) => {
                self.heads += self.lines_of(row);
                if !is_named(row.fields, &kind.names, self.kinds.field) {
                    self.end(place);
                    self.held[place] = Some(fields);
                }
            }
            None if is_named(row.fields, &kind.names, self.kinds.field) => self.heads += self.lines_of(row),
            None => self.add(row, fields, None, "".into()),
        }
    }

    /// A record that can't be read may be the head of those below it.
    fn set_apart(&mut self, row: &Row<'_, '_>, fault: Reason, why: Cow<'static, str>, head: usize) {
        self.end(head);
        self.add(row, Vec::new(), Some(fault), why);
    }

    fn end(&mut self, head: usize) {
        self.held.iter_mut().skip(head).for_each(|held| *held = None);
    }

    fn add(&mut self, row: &Row<'_, '_>, fields: Vec<String>, fault: Option<Reason>, why: Cow<'static, str>) {
        let place = row.raw.map_or((0, 0), |raw| (raw.start, raw.end));
        self.rows.push(Line { number: row.line, place, fields, fault, why });
    }

    fn lines_of(&self, row: &Row<'_, '_>) -> u64 {
        row.raw.map_or(1, |raw| self.file.lines_between(raw.start, raw.end))
    }

    fn is_cut(&self, row: &Row<'_, '_>) -> bool {
        row.raw.is_some_and(|raw| self.file.is_cut(raw.end))
    }
}

fn fill(fields: &mut [String], held: &[String]) {
    for (field, value) in fields.iter_mut().zip(held).filter(|(_, value)| !value.is_empty()) {
        value.clone_into(field);
    }
}

/// Whether a record names its fields: the header of its kind.
fn is_named(fields: &[Cow<'_, str>], names: &[String], kind: usize) -> bool {
    let others = names.iter().zip(fields).enumerate().filter(|(place, (name, _))| *place != kind && !name.is_empty());
    let mut others = others.peekable();
    others.peek().is_some() && others.all(|(_, (name, field))| ids::trimmed(field) == name)
}
