//! The errors of a load, with advice for each.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use netto_model::Period;
use netto_model::arrow::ArrowBridgeError;
use netto_model::column::{LINE_NO, ORDER_ID};
use netto_model::frame::FrameError;
use netto_model::money::count;
use netto_model::problem::did_you_mean;

use crate::quarantine::Reject;
use crate::read::Lines;
use crate::read::found::Found;
use crate::shrunk::Shrunk;

/// Why a source was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// A file or folder could not be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// No file matches.
    #[error("no file matches `{pattern}` in {base}", base = base.display())]
    NoFiles {
        /// The glob.
        pattern: String,
        /// The folder in which it is searched.
        base: PathBuf,
        /// Lock files and hidden files that it matches.
        left_out: Vec<String>,
    },
    /// The configuration is invalid.
    #[error("source `{table}`: {message}")]
    Config {
        /// The source.
        table: String,
        /// What is wrong.
        message: String,
        /// The way out.
        help: Option<String>,
    },
    /// A workbook has no such sheet, or no such row.
    #[error("{file}: {message}")]
    Workbook {
        /// The file.
        file: String,
        /// The invalid setting of `excel`.
        setting: &'static str,
        /// What is wrong.
        message: String,
        /// The way out.
        help: String,
    },
    /// A file's content doesn't match its format.
    #[error("{file}: {message}")]
    Format {
        /// The file.
        file: String,
        /// What is wrong.
        message: String,
        /// The way out.
        help: Option<String>,
    },
    /// A column needed by the mapping or the contract is missing from the extract.
    #[error("{file}: there is no column \"{column}\"{for_what}", for_what = target.as_ref().filter(|t| *t != column).map(|t| format!(" for `{t}`")).unwrap_or_default())]
    MissingColumn {
        /// The source.
        table: &'static str,
        /// The file.
        file: String,
        /// The missing column.
        column: String,
        /// The column of the contract that needs it.
        target: Option<String>,
        /// The columns of the file.
        found: Vec<String>,
        /// The nearest of them.
        suggestion: Option<String>,
        /// The location of its column names.
        header: Header,
    },
    /// Too many rows were rejected.
    #[error("{}", rejected(self))]
    TooManyRejects {
        /// The source.
        table: &'static str,
        /// Rows read.
        rows_read: u64,
        /// Rows rejected.
        rows_rejected: u64,
        /// The most that were allowed.
        limit: u64,
        /// The first of them.
        first: Option<Box<Reject>>,
        /// Reasons with their counts, most frequent first.
        reasons: Vec<(String, u64)>,
        /// The first row of each other reason, in the same order.
        others: Vec<Reject>,
        /// Where all of them are.
        quarantine: Option<PathBuf>,
        /// The way out.
        help: String,
    },
    /// The amount that was set apart is too large.
    #[error("{}", too_much(self))]
    TooMuchSetApart {
        /// The source.
        table: &'static str,
        /// The rows with their amount.
        worth: String,
        /// Its share in the amount read, both absolute.
        share: f64,
        /// Some amounts can't be read and are estimated.
        is_estimated: bool,
        /// The largest share allowed.
        limit: f64,
        /// The first of the rows.
        first: Option<Box<Reject>>,
        /// Where all of them are.
        quarantine: Option<PathBuf>,
    },
    /// A file is incomplete or still being written.
    #[error("{file}: {message}; it is incomplete or still being copied. Nothing of it was loaded")]
    Unfinished {
        /// The file, and perhaps the line.
        file: String,
        /// The evidence.
        message: String,
        /// Whether the evidence is the last record, which may not be a row.
        by_record: bool,
    },
    /// A month would lose too many of its rows.
    #[error("{0}; nothing of it was loaded")]
    Shrunk(Shrunk),
    /// Amounts are in a currency without a rate for their month.
    #[error("{}", missing_rate(self))]
    MissingRate {
        /// The source that needs it.
        table: &'static str,
        /// Currency of the first line that can't be converted.
        currency: String,
        /// Its month.
        month: Period,
        /// The company's currency.
        company: String,
        /// File with the line.
        file: String,
        /// Line, or row if the file has no lines.
        line: u64,
        /// Every currency and month without a rate.
        missing: Vec<(String, Period)>,
        /// Whether a source of rates was supplied at all.
        rates_supplied: bool,
    },
    /// The counts of a load do not add up: a fault of this program.
    #[error(
        "`{table}`: {rows_read} rows were read, but {rows_loaded} loaded, {rows_quarantined} set apart, {rows_superseded} superseded and {rows_left_out} left out"
    )]
    Unbalanced {
        /// The source.
        table: &'static str,
        /// Rows read.
        rows_read: u64,
        /// Rows loaded.
        rows_loaded: u64,
        /// Rows in the quarantine.
        rows_quarantined: u64,
        /// Rows superseded.
        rows_superseded: u64,
        /// Rows left out.
        rows_left_out: u64,
    },
    /// The lines of a file do not add up: a fault of this program.
    #[error(
        "{file}: it has {} lines, but {} of titles and header, {} blank, {} of repeated headers and {} of records were counted",
        lines.total, lines.header, lines.blank, lines.repeated, lines.records
    )]
    UnbalancedLines {
        /// The file.
        file: String,
        /// What was counted.
        lines: Lines,
    },
    /// Another run is active.
    #[error("another run holds the lock {path}{}", holder.as_ref().map(|h| format!(" (process {h})")).unwrap_or_default(), path = path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The process that holds it.
        holder: Option<String>,
    },
    /// The lock file was removed while it was held.
    #[error("the lock {path} was removed during the run, so another run may be active", path = path.display())]
    LockGone {
        /// The lock file.
        path: PathBuf,
    },
    /// The view of a source can't be computed.
    #[error("the view of `{table}`: {message}")]
    View {
        /// The source.
        table: String,
        /// What is wrong, or the engine's message.
        message: String,
        /// The way out.
        help: Option<String>,
    },
    /// The Delta table could not be read or written.
    #[error("Delta table {path}: {message}", path = path.display())]
    Delta {
        /// Folder of the table, or a file of its log.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// An earlier version of a table is no longer readable.
    #[error("version {version} of {path} is no longer there", path = path.display())]
    VersionGone {
        /// Folder of the table.
        path: PathBuf,
        /// The version.
        version: i64,
    },
    /// A file of the lake is missing or damaged.
    #[error("the lake can't read its file {path}: {message}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// A Parquet file could not be read or written.
    #[error("{path}: {source}", path = path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// The error of the Parquet library.
        #[source]
        source: parquet::errors::ParquetError,
    },
    /// A table of the lake doesn't match its declaration.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// Columns could not be converted.
    #[error(transparent)]
    Arrow(#[from] ArrowBridgeError),
    /// The engine refused.
    #[error("the rows could not be sorted: {0}")]
    Engine(#[from] polars::prelude::PolarsError),
}

/// The purpose of a missing column that `where` reads.
pub(crate) const WHERE: &str = "where";
/// The purpose of a missing column of `fill_down`.
pub(crate) const FILL_DOWN: &str = "fill_down";
/// The purpose of a missing column of `ignore`.
pub(crate) const IGNORE: &str = "ignore";

/// The location of the column names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// In a line of a text file.
    Line {
        /// The line that was read as the header.
        number: u64,
        /// Lines to skip, if another line has the columns.
        skip_lines: Option<u64>,
        /// The configured delimiter.
        delimiter: char,
    },
    /// In a row of a sheet.
    OfSheet,
    /// In the schema, for Parquet files and queries.
    OfColumns,
}

impl LakeError {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Io { source, .. } => Some(netto_model::disk::help(source).into()),
            Self::NoFiles { pattern, base, left_out } => Some(no_files_help(pattern, base, left_out)),
            Self::Config { help, .. } | Self::Format { help, .. } => help.clone(),
            Self::MissingColumn {
                table, column, target, found, suggestion, header, ..
            } => {
                let (set, header_line, skip_lines) = match *header {
                    Header::Line { number, skip_lines, delimiter } => (Some(delimiter), Some(number), skip_lines),
                    Header::OfSheet | Header::OfColumns => (None, None, None),
                };
                if let Some(delimiter) = other_delimiter(found, set) {
                    if Some(delimiter) == set {
                        return Some(format!(
                            "the header is one column, \"{}\": whole lines are in quotes, so they can't be split; export the file with quotes around each field, or without quotes",
                            shortened(&found.concat())
                        ));
                    }
                    return Some(format!(
                        "the header is one column, \"{}\": set [source.{table}.csv] delimiter = \"{}\" to split it",
                        shortened(&found.concat()),
                        delimiter.escape_default()
                    ));
                }
                let found = found_names(found, header_line);
                if let (Some(skip), Some(line)) = (skip_lines, header_line) {
                    return Some(format!(
                        "line {} has the columns: set [source.{table}.csv] skip_lines = {skip}; line {line} was read as the header, and {found}",
                        skip + 1
                    ));
                }
                let help = missing_column_help(table, column, target.as_deref(), &found, suggestion.as_deref());
                // The sheet may be one with notes between the data sheets.
                let of_sheet = if *header == Header::OfSheet {
                    "; if the sheet has other contents, list the right sheets in [source.….excel]: sheet = [\"…\", \"…\"]"
                } else {
                    ""
                };
                Some(format!("{help}{of_sheet}"))
            }
            Self::Workbook { help, .. } | Self::TooManyRejects { help, .. } => Some(help.clone()),
            Self::Unfinished { by_record, .. } => {
                let footer = "; if its last line isn't a row, set [source.….csv] footer = true to set it apart";
                let help = "run again when the file is complete: the program that writes it should give it its final name only then";
                Some(format!("{help}{}", if *by_record { footer } else { "" }))
            }
            Self::Shrunk(shrunk) => Some(shrunk.help()),
            Self::TooMuchSetApart { .. } => Some(
                "correct the extract or the mapping, or allow a larger part of the amount to be missing: max_rejects_amount_share = 0.15".into(),
            ),
            Self::MissingRate { currency, company, rates_supplied, .. } => {
                if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
                    return Some(format!(
                        "`{currency}` is not a currency code; is it the company's currency? currency = {{ from = \"…\", map = {{ \"{currency}\" = \"{company}\" }} }}"
                    ));
                }
                let what = format!("how many {company} one {currency} was worth");
                Some(if *rates_supplied {
                    format!("add a row to `fx_rates` with currency, period and rate: {what} in the month")
                } else {
                    format!("add [source.fx_rates], a table of currency, period and rate: {what} in each month")
                })
            }
            Self::Frame(error) if error.help().is_some() => error.help(),
            Self::Unbalanced { .. } | Self::UnbalancedLines { .. } | Self::Frame(_) | Self::Arrow(_) | Self::Engine(_) => {
                Some("this is a defect of netto; please report it with the configuration of the source".into())
            }
            Self::Locked { .. } => Some("wait until it has finished; a lock of a dead process is taken over".into()),
            Self::LockGone { .. } => Some("run again when no other run is active; you don't need to remove the lock of a dead process".into()),
            Self::View { help, .. } => help.clone().or_else(|| {
                Some("tables and columns are those of [source.….tables]; put names with capitals in double quotes".into())
            }),
            Self::VersionGone { .. } => {
                Some("[keep] sets for how many runs `netto vacuum` keeps the data: runs = 10 keeps more of them".into())
            }
            Self::Delta { .. } | Self::Damaged { .. } => Some(
                "restore it from a backup, or remove the whole folder .netto/lake and run again: all extracts that still exist are loaded again"
                    .into(),
            ),
            Self::Parquet { .. } => Some("the file is damaged or not a Parquet file; export it again".into()),
        }
    }

    /// A missing column and its purpose.
    pub(crate) fn no_column(table: &'static str, file: &str, column: &str, target: &str, found: &[String]) -> Self {
        Self::MissingColumn {
            table,
            file: file.to_owned(),
            column: column.to_owned(),
            target: Some(target.to_owned()),
            found: found.to_vec(),
            suggestion: did_you_mean(column, found.iter().map(String::as_str)).map(str::to_owned),
            header: Header::OfColumns,
        }
    }

    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn damaged(path: &Path, source: &dyn std::error::Error) -> Self {
        Self::Damaged { path: path.to_owned(), message: source.to_string() }
    }

    pub(crate) fn log(path: &Path, message: String) -> Self {
        Self::Delta { path: path.to_owned(), message }
    }

    pub(crate) fn parquet(path: &Path) -> impl FnOnce(parquet::errors::ParquetError) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Parquet { path, source }
    }
}

/// A delimiter that splits a header read as one column; the configured one, if the header contains it.
fn other_delimiter(found: &[String], set: Option<char>) -> Option<char> {
    let [one] = found else { return None };
    set.into_iter().chain(['\t', ';', '|', ',']).find(|sign| one.contains(*sign))
}

/// Advice for a pattern that matches no file.
fn no_files_help(pattern: &str, base: &Path, left_out: &[String]) -> String {
    let usual = "`files` is relative to netto.toml; `*` stands for any part of a file name";
    if pattern.contains('\\') {
        return format!("write / between folders in netto.toml: \"{}\"", pattern.replace('\\', "/"));
    }
    let path = base.join(pattern);
    if path.is_dir() {
        let folder = pattern.trim_end_matches('/');
        return format!("it is a folder; for its files write \"{folder}/*.csv\"");
    }
    if !left_out.is_empty() {
        return format!(
            "a wildcard matches neither lock files nor hidden files, and there are no others: {}; a file is read if `files` names it",
            first_of(left_out, MISSING_SHOWN)
        );
    }
    let any_case = glob::MatchOptions { case_sensitive: false, ..glob::MatchOptions::new() };
    let other = Found::matching(pattern, base, any_case).files.into_iter().next();
    match other {
        Some(file) => {
            format!("names are case-sensitive: there is \"{}\"", file.strip_prefix(base).unwrap_or(&file).display())
        }
        None => usual.to_owned(),
    }
}

fn missing_column_help(
    table: &str,
    column: &str,
    target: Option<&str>,
    found: &str,
    suggestion: Option<&str>,
) -> String {
    if target == Some(LINE_NO) {
        let hint = format!("if the export has no line numbers: line_no = {{ count_within = \"{ORDER_ID}\" }}");
        let near = suggestion.map(|near| format!("did you mean \"{near}\"? ")).unwrap_or_default();
        return format!("{near}{found}; {hint} in [source.{table}.columns] numbers them in the order of the file");
    }
    match (suggestion, target) {
        (_, Some(IGNORE)) => {
            let near = suggestion.map(|near| format!("did you mean \"{near}\"? ")).unwrap_or_default();
            format!("{near}{found}; remove it from `ignore`, which is for columns that exist and aren't wanted")
        }
        (Some(near), _) => format!("did you mean \"{near}\"? {found}"),
        (None, Some(target)) if target == column => {
            format!("{found}; name the right one: [source.{table}.columns] {target} = \"…\"")
        }
        (None, Some(target @ (WHERE | FILL_DOWN))) => {
            format!("{found}; is the delimiter right? `{target}` needs its columns in every file")
        }
        _ => format!(
            "{found}; is the delimiter right? If only older files lack it, set {{ …, optional = true }} on the column"
        ),
    }
}

/// Maximum number of columns in a message, and maximum length of a name, as a wrong header may be any text.
const NAMED: usize = 100;

/// The columns found, with their line if it isn't the first.
fn found_names(found: &[String], header_line: Option<u64>) -> String {
    let mut names: Vec<String> = found.iter().take(NAMED).map(|name| format!("\"{}\"", shortened(name))).collect();
    if found.len() > NAMED {
        names.push(format!("and {} more", found.len() - NAMED));
    }
    let place =
        header_line.filter(|line| *line > 1).map_or_else(|| "the file".to_owned(), |line| format!("line {line}"));
    format!("{place} has {}", names.join(", "))
}

/// The first names of a list, and how many more there are: `a, b and 3 more`.
#[must_use]
pub fn first_of(names: &[String], most: usize) -> String {
    let shown = names.get(..most).unwrap_or(names).join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {} more", count(more as u64)),
    }
}

fn shortened(name: &str) -> Cow<'_, str> {
    match name.char_indices().nth(NAMED) {
        Some((at, _)) => format!("{}…", name.get(..at).unwrap_or_default()).into(),
        None => name.into(),
    }
}

fn rejected(error: &LakeError) -> String {
    let LakeError::TooManyRejects {
        table, rows_read, rows_rejected, limit, first, reasons, others, quarantine, ..
    } = error
    else {
        return String::new();
    };
    let mut text = format!(
        "{} of {} rows of `{table}` are set apart (limit {})",
        count(*rows_rejected),
        count(*rows_read),
        count(*limit)
    );
    if let Some(first) = first {
        text += &format!("\n  ┌ {first}");
    }
    text.extend(others.iter().take(NAMED).map(|other| format!("\n  ┌ {other}")));
    let reasons: Vec<String> = reasons.iter().map(|(reason, n)| format!("{reason} {}", count(*n))).collect();
    text += &format!("\n  = reasons: {}", reasons.join(", "));
    if let Some(path) = quarantine {
        // On a line of its own, as a wrapped path can't be copied.
        text += &format!("\n  = all of them: {}", path.display());
    }
    text
}

fn too_much(error: &LakeError) -> String {
    let LakeError::TooMuchSetApart { table, worth, share, is_estimated, limit, first, quarantine } = error else {
        return String::new();
    };
    let mut text = format!(
        "rows of `{table}` that are set apart have {}{:.1} % of the amount (limit {} %): {worth}",
        if *is_estimated { "about " } else { "" },
        share * 100.0,
        limit * 100.0,
    );
    if let Some(first) = first {
        text += &format!("\n  ┌ {first}");
    }
    if let Some(path) = quarantine {
        text += &format!("\n  = all of them: {}", path.display());
    }
    text
}

fn missing_rate(error: &LakeError) -> String {
    let LakeError::MissingRate { table, currency, month, file, line, missing, .. } = error else {
        return String::new();
    };
    let mut text =
        format!("there is no exchange rate for {currency} in {month}, so amounts of `{table}` can't be converted");
    text += &format!("\n  ┌ {file}:{line} is the first line that needs it");
    if missing.len() > 1 {
        let shown: Vec<String> =
            missing.iter().take(MISSING_SHOWN).map(|(currency, month)| format!("{currency} {month}")).collect();
        let more = missing.len().saturating_sub(MISSING_SHOWN);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        text += &format!("\n  = all missing rates: {}{more}", shown.join(", "));
    }
    text
}

/// Maximum number of missing rates in a message.
const MISSING_SHOWN: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_are_spoken_of_where_there_are_some_whatever_a_file_is_called() {
        let help = |place: Header| {
            let found = ["Bedrag", "Klant"].map(str::to_owned);
            let mut error = LakeError::no_column("order_lines", "lines [1]", "Netto", "net_amount", &found);
            if let LakeError::MissingColumn { header, .. } = &mut error {
                *header = place;
            }
            error.help().unwrap_or_default()
        };
        assert!(help(Header::OfSheet).contains("if the sheet has other contents"));
        assert!(!help(Header::Line { number: 1, skip_lines: None, delimiter: ';' }).contains("sheet"));
        assert!(!help(Header::OfColumns).contains("sheet"));
    }
}
