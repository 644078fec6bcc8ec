//! Bad rows: set apart with file, line, column, value and reason, never lost.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::LakeError;

/// Why a row was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// No number.
    NotANumber,
    /// More than four decimals that are not zero.
    TooPrecise,
    /// A number beyond its range.
    OutOfRange,
    /// Arithmetic over numbers with more digits than can be counted exactly.
    TooManyDigits,
    /// No whole number.
    NotAnInteger,
    /// No date of the formats that are set.
    NotADate,
    /// A date outside of the days that can be right.
    ImplausibleDate,
    /// No time of day.
    NotATime,
    /// Neither true nor false.
    NotABool,
    /// What a spreadsheet writes where a formula failed.
    SpreadsheetError,
    /// Empty where a value is needed.
    MissingValue,
    /// None of the values that the contract allows.
    NotAllowed,
    /// None of the values that the map of the column knows.
    UnmappedValue,
    /// Neither a value that makes an amount negative, nor one that leaves it positive.
    UnknownSign,
    /// Another row has the same key, and says something else.
    DuplicateKey,
    /// The same, but the other row is loaded in its stead: this one isn't set apart.
    Superseded,
    /// A customer that the customer list lacks.
    UnknownCustomer,
    /// A rate of exchange that is not above zero, or too great to be counted.
    NotARate,
    /// More or fewer fields than the header.
    WrongFieldCount,
    /// A quote that is never closed.
    UnclosedQuote,
    /// Bytes that the encoding does not know.
    Encoding,
    /// A division by zero.
    DivisionByZero,
}

impl Reason {
    /// The code, snake case.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotANumber => "not_a_number",
            Self::TooPrecise => "too_precise",
            Self::OutOfRange => "out_of_range",
            Self::TooManyDigits => "too_many_digits",
            Self::NotAnInteger => "not_an_integer",
            Self::NotADate => "not_a_date",
            Self::ImplausibleDate => "implausible_date",
            Self::NotATime => "not_a_time",
            Self::NotABool => "not_a_bool",
            Self::SpreadsheetError => "spreadsheet_error",
            Self::MissingValue => "missing_value",
            Self::NotAllowed => "not_allowed",
            Self::UnmappedValue => "unmapped_value",
            Self::UnknownSign => "unknown_sign",
            Self::DuplicateKey => "duplicate_key",
            Self::Superseded => "superseded",
            Self::UnknownCustomer => "unknown_customer",
            Self::NotARate => "not_a_rate",
            Self::WrongFieldCount => "wrong_field_count",
            Self::UnclosedQuote => "unclosed_quote",
            Self::Encoding => "encoding",
            Self::DivisionByZero => "division_by_zero",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// A row that was rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// File that it stands in.
    pub file: String,
    /// Line on which the record starts, the header is 1; in Parquet and views the number of the row.
    pub line: u64,
    /// Column of the extract; empty when the whole record is meant.
    pub column: String,
    /// Value that stands there.
    pub value: String,
    /// Why.
    pub reason: Reason,
    /// The same in words.
    pub detail: String,
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        if !self.column.is_empty() {
            write!(f, ", column \"{}\"", self.column)?;
        }
        write!(f, ": {}", self.detail)
    }
}

/// A reject with the record as it stands in the file, and what can be read of it.
#[derive(Clone, Debug)]
pub(crate) struct Rejected {
    pub(crate) reject: Reject,
    pub(crate) raw: String,
    pub(crate) salvage: Salvage,
}

/// What can be read of a row that is set apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Salvage {
    /// Its amount in ten-thousandths, of the company's currency; 0 where it may be empty, and is.
    pub(crate) amount: Option<i64>,
    /// The day that decides its month.
    pub(crate) day: Option<i32>,
    /// As messages write it.
    pub(crate) key: Option<String>,
}

/// Most characters of a record that are kept: who looks for it has its line.
pub(crate) const RECORD_CHARACTERS: usize = 10_000;
/// The same of a message, which shows a value.
pub(crate) const DETAIL_CHARACTERS: usize = 500;

/// A text of at most so many characters; what is cut off is said.
///
/// `shortened("abcdef".into(), 4)` is `abcd… (cut: 6 characters)`.
pub(crate) fn shortened(text: String, characters: usize) -> String {
    if text.len() <= characters {
        return text;
    }
    match text.char_indices().nth(characters) {
        None => text,
        Some((end, _)) => format!("{}… (cut: {} characters)", &text[..end], text.chars().count()),
    }
}

/// Writes the rows of a load that aren't loaded: `<folder>/<source>/<fingerprint>.csv`.
pub(crate) fn write(
    folder: &Path,
    source: &str,
    fingerprint: &str,
    rejected: &[&Rejected],
) -> Result<PathBuf, LakeError> {
    let folder = folder.join(source);
    fs::create_dir_all(&folder).map_err(LakeError::io(&folder))?;
    let path = folder.join(format!("{}.csv", fingerprint.get(..12).unwrap_or(fingerprint)));
    let failed = |error: csv::Error| LakeError::io(&path)(std::io::Error::other(error));
    let mut writer = csv::Writer::from_path(&path).map_err(failed)?;
    writer.write_record(["file", "line", "column", "value", "reason", "record"]).map_err(failed)?;
    for Rejected { reject, raw, .. } in rejected {
        let line = reject.line.to_string();
        let record = [reject.file.as_str(), &line, &reject.column, &reject.value, reject.reason.code(), raw];
        writer.write_record(record).map_err(failed)?;
    }
    writer.flush().map_err(LakeError::io(&path))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        assert_eq!(shortened("abcdef".into(), 4), "abcd… (cut: 6 characters)");
        assert_eq!(shortened("éééé".into(), 4), "éééé");
        assert_eq!(shortened("ééééé".into(), 4), "éééé… (cut: 5 characters)");
    }
}
