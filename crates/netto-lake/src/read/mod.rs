//! Reads extracts: finds and unpacks files, and splits them into blocks of records that can be processed in parallel.
//!
//! CSV, Parquet, workbook sheets and results of views all become rows of text fields with their line number.

pub(crate) mod cell;
mod code_page;
pub(crate) mod csv;
pub(crate) mod encoding;
pub(crate) mod found;
mod head;
mod line_ends;
mod packing;
pub(crate) mod parquet;
mod pieces;
pub(crate) mod postgres;
pub(crate) mod record;
pub(crate) mod records;
pub(crate) mod view;
pub(crate) mod workbook;

use std::borrow::Cow;
use std::ops::AddAssign;
use std::path::Path;
use std::sync::Arc;

use cell::Written;
pub use found::files;
pub(crate) use found::find;
pub(crate) use packing::{Input, content};
pub(crate) use pieces::Pieces;

use crate::error::LakeError;
use crate::quarantine::{self, Reason, Rejected};

/// One extract in memory.
#[derive(Debug)]
pub(crate) enum Extract {
    Csv(csv::CsvFile),
    Table(Arc<parquet::TextTable>),
    Sheet(workbook::Sheet),
    Records(records::Records),
}

/// One record.
#[derive(Debug)]
pub(crate) struct Row<'r, 'a> {
    /// Line on which it starts.
    pub(crate) line: u64,
    pub(crate) fields: &'r [Cow<'a, str>],
    /// The raw record; `None` if the format has no such text.
    pub(crate) raw: Option<Raw<'r>>,
    /// Why it cannot be read.
    pub(crate) fault: Option<Reason>,
    /// An explanation, if the reason alone is not enough.
    pub(crate) why: Cow<'static, str>,
}

/// A part of a CSV file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw<'r> {
    file: &'r csv::CsvFile,
    start: usize,
    end: usize,
}

impl Row<'_, '_> {
    /// The record as text, truncated if it is very long.
    pub(crate) fn raw(&self) -> String {
        let raw = self.raw.map_or_else(|| self.fields.join(","), |raw| raw.file.raw(raw.start, raw.end).into_owned());
        quarantine::shortened(raw, quarantine::RECORD_CHARACTERS)
    }
}

/// Line counts of CSV files by kind: `total = header + blank + repeated + records`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// All lines.
    pub total: u64,
    /// Lines of titles and headers; with records of several kinds, also lines of heads and of ignored kinds.
    pub header: u64,
    /// Lines with only delimiters and blanks, or with dashes as a rule.
    pub blank: u64,
    /// Lines of repeated headers among the rows, which are skipped.
    pub repeated: u64,
    /// Lines of records, including those that were set apart.
    pub records: u64,
}

impl Lines {
    fn add_up(&self) -> bool {
        self.total == self.header + self.blank + self.repeated + self.records
    }
}

impl AddAssign for Lines {
    fn add_assign(&mut self, other: Self) {
        self.total += other.total;
        self.header += other.header;
        self.blank += other.blank;
        self.repeated += other.repeated;
        self.records += other.records;
    }
}

impl Extract {
    /// Name for messages: the path relative to the configuration.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Csv(file) => &file.name,
            Self::Table(table) => &table.name,
            Self::Sheet(sheet) => &sheet.name,
            Self::Records(records) => &records.file.name,
        }
    }

    /// The columns.
    pub(crate) fn header(&self) -> &[String] {
        match self {
            Self::Csv(file) => &file.header,
            Self::Table(table) => &table.header,
            Self::Sheet(sheet) => &sheet.header,
            Self::Records(records) => &records.header,
        }
    }

    /// How the values of a column are written.
    pub(crate) fn written(&self, column: usize) -> Written {
        match self {
            Self::Csv(_) | Self::Records(_) => Written::AsSource,
            Self::Table(table) => table.written.get(column).copied().unwrap_or(Written::AsSource),
            Self::Sheet(sheet) => sheet.written.get(column).copied().unwrap_or(Written::AsSource),
        }
    }

    /// Records of a view's files that were set apart before they became rows.
    pub(crate) fn set_apart(&self) -> &[Rejected] {
        match self {
            Self::Csv(_) | Self::Sheet(_) | Self::Records(_) => &[],
            Self::Table(table) => &table.rejected,
        }
    }

    /// Unreadable columns that the configuration doesn't use.
    pub(crate) fn skipped(&self) -> impl Iterator<Item = &String> {
        match self {
            Self::Csv(_) | Self::Sheet(_) | Self::Records(_) => None,
            Self::Table(table) => Some(&table.skipped),
        }
        .into_iter()
        .flatten()
    }

    /// The number of blocks.
    pub(crate) fn blocks(&self) -> usize {
        match self {
            Self::Csv(file) => file.blocks.len(),
            Self::Table(table) => table.blocks(),
            Self::Sheet(sheet) => sheet.blocks(),
            Self::Records(records) => records.blocks(),
        }
    }

    /// Visits the rows of a block in order; returns its line counts, if the format has lines.
    pub(crate) fn each_row<'a>(&'a self, block: usize, visit: &mut dyn for<'r> FnMut(Row<'r, 'a>)) -> Lines {
        match self {
            Self::Csv(file) => file.each_row(block, visit),
            Self::Sheet(sheet) => sheet.each_row(block, visit),
            Self::Records(records) => records.each_row(block, visit),
            Self::Table(table) => {
                table.each_row(block, visit);
                Lines::default()
            }
        }
    }

    /// The line counts of the extract, given those of its blocks.
    ///
    /// # Errors
    /// When they don't add up to the lines of the file.
    pub(crate) fn account(&self, blocks: Lines) -> Result<Lines, LakeError> {
        match self {
            Self::Csv(file) => file.account(blocks),
            Self::Records(records) => records.file.account(blocks),
            Self::Table(_) => Ok(Lines::default()),
            Self::Sheet(sheet) => {
                let header = sheet.header_rows;
                Ok(Lines { header, total: header + blocks.repeated + blocks.records, ..blocks })
            }
        }
    }
}

/// A file with its content unpacked.
#[derive(Debug)]
pub(crate) struct Content {
    /// Relative to the configuration, for messages.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// The path in messages.
pub(crate) fn shown(path: &Path, base: &Path) -> String {
    path.strip_prefix(base).unwrap_or(path).display().to_string()
}

/// Whether the file name is that of a Parquet file.
pub(crate) fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("parquet"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_nowhere_or_twice_is_noticed() {
        let lines = Lines { total: 9, header: 2, blank: 1, repeated: 1, records: 5 };
        assert!(lines.add_up());
        assert!(!Lines { total: 10, ..lines }.add_up());
        assert!(!Lines { total: 8, ..lines }.add_up());
    }
}
