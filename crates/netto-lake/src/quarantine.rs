//! Sets bad rows apart with file, line, column, value and reason, so that none is lost.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::LakeError;

macro_rules! reasons {
    ($($name:ident = $code:literal, $meaning:literal, $help:literal;)*) => {
        /// Why a row was rejected.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $(#[doc = $meaning] $name,)*
        }

        impl Reason {
            /// All reasons.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code, snake case.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What it means, in a sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }

            /// What to do about it.
            #[must_use]
            pub const fn help(self) -> &'static str {
                match self { $(Self::$name => $help,)* }
            }
        }
    };
}

reasons! {
    NotANumber = "not_a_number", "No number.", "Set `decimal` and `thousands` of the source as the file writes them. List texts that mean an empty value in `null`, and set the sign beside amounts in `currency_sign`.";
    TooPrecise = "too_precise", "More than four decimals that are not zero.", "Set `round = true` for the column, or export fewer decimals.";
    OutOfRange = "out_of_range", "A number outside the supported range.", "Amounts have up to 14 digits before the decimal point: are `thousands` and `decimal` swapped?";
    TooManyDigits = "too_many_digits", "Arithmetic with more digits than can be computed exactly.", "Round one of the numbers before it is multiplied or divided.";
    NotAnInteger = "not_an_integer", "Not a whole number.", "Map a column with whole numbers, or leave it out if it is optional.";
    NotADate = "not_a_date", "Not a date in the formats that are set.", "Set `date` of the source, such as `%d-%m-%Y`.";
    ImplausibleDate = "implausible_date", "A date outside the possible range.", "Correct the typing error; if the date is right, widen `dates` of the source.";
    NotATime = "not_a_time", "Not a time of day.", "Times are written 14:05 or 14:05:00; leave the column out if it has other contents.";
    NotABool = "not_a_bool", "Neither true nor false.", "`map` the values of the column to true and false.";
    SpreadsheetError = "spreadsheet_error", "The error value of a spreadsheet formula.", "Correct the formula, or export the values from the source system.";
    MissingValue = "missing_value", "Empty, but a value is required.", "Fill it in at the source, or give the column a `default`.";
    NotAllowed = "not_allowed", "Not one of the allowed values.", "`map` the values of the extract to those of `netto schema`.";
    UnmappedValue = "unmapped_value", "Not one of the values in the map of the column.", "Add the value to `map`, or set `others`.";
    UnknownSign = "unknown_sign", "The value marks the amount neither as negative nor as positive.", "Add it to `negative` or `positive` of `sign`.";
    SignTwice = "sign_twice", "An amount that has a minus sign and also a word that gives its side.", "Find out which of the two is right and correct the extract: `-12,00 CR` is ambiguous.";
    DuplicateKey = "duplicate_key", "Another row has the same key.", "Find out which one is right. `duplicates` sets which one is loaded. A wrongly mapped key column also shows up here.";
    Superseded = "superseded", "The same, but the other row was loaded instead: this one isn't set apart.", "Nothing, if later rows are corrections: set `duplicates = \"last\"`.";
    UnknownCustomer = "unknown_customer", "A customer that is not in the customer list.", "Supply a newer customer list, or set `on_unknown_customer`.";
    NotARate = "not_a_rate", "An exchange rate that is zero, negative or too large.", "Correct the rate: it is the value of one unit of the currency in the company's currency.";
    WrongFieldCount = "wrong_field_count", "More or fewer fields than the header.", "A delimiter within a text must be quoted: correct the export, or set `delimiter` and `quote`.";
    UnknownRecord = "unknown_record", "A record of a kind that is not in `records`.", "Add its kind to `heads`, `lines` or `ignore` of `[source.….records]`.";
    UnclosedQuote = "unclosed_quote", "A quote that is never closed.", "Set `quote` to the quote character of the file, or `quote = \"none\"` if quotes are inch signs and the like.";
    CutOff = "cut_off", "The last record of the file has too few fields and no line end: the file is incomplete.", "Wait until the file is complete; set `footer = true` if its last line isn't a row.";
    Encoding = "encoding", "Bytes that are invalid in the encoding.", "Set `encoding` of the source, such as `windows-1252`.";
    DivisionByZero = "division_by_zero", "A division by zero.", "Handle zero in the division: `case when … = 0 then … else … end`.";
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// A row that was rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// File with the row.
    pub file: String,
    /// Line on which the record starts, where the header is line 1; in Parquet files and views, the row number.
    pub line: u64,
    /// Column of the extract; empty if the whole record is bad.
    pub column: String,
    /// Value in that column.
    pub value: String,
    /// The reason.
    pub reason: Reason,
    /// The reason in words.
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

/// A reject with its original record, and what can be read of it.
#[derive(Clone, Debug)]
pub(crate) struct Rejected {
    pub(crate) reject: Reject,
    pub(crate) raw: String,
    pub(crate) salvage: Salvage,
}

/// What can be read of a row that is set apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Salvage {
    /// Its amount in ten-thousandths of the company's currency; 0 if it is empty and optional.
    pub(crate) amount: Option<i64>,
    /// The day that determines its month.
    pub(crate) day: Option<i32>,
    /// Its key in the form used by messages.
    pub(crate) key: Option<String>,
}

/// Maximum characters kept of a record; its line number leads to the rest.
pub(crate) const RECORD_CHARACTERS: usize = 2_000;
/// Maximum characters of a message that shows a value.
pub(crate) const DETAIL_CHARACTERS: usize = 500;

/// Shortens a text to a number of characters, and says that it was cut.
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

/// Writes the rejected rows of a load to `<folder>/<source>/<fingerprint>.csv`.
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
