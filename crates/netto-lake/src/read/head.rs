//! Finds the lines before the rows: skipped title lines, a spreadsheet's delimiter hint, blank lines and the header.
//!
//! ```text
//! sep=;                    a spreadsheet's hint: the delimiter, whatever the configuration says
//! Revenue of March;;       skip_lines = 2: the hint and the title
//!                          blank
//! Order;Customer;Net       the header: the first line that isn't blank
//! ```

use std::borrow::Cow;

use super::csv::Fault;
use super::encoding::Codec;
use super::record::{Dialect, Span, is_blank, line_end};
use crate::ids;

/// The lines before the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Line on which the header starts.
    pub(super) line: u64,
    /// Lines of the titles, the hint and the header.
    pub(super) lines: u64,
    /// Blank lines between them.
    pub(super) blank: u64,
    /// Start of the rows.
    pub(super) end: usize,
}

impl Head {
    /// The line after the header.
    pub(super) fn next_line(&self) -> u64 {
        1 + self.lines + self.blank
    }
}

/// Finds the rows of the header and their fields; a hint sets the delimiter.
pub(super) fn find(
    bytes: &[u8],
    dialect: &mut Dialect,
    skip: u64,
    header_rows: u64,
) -> Result<(Head, Vec<Vec<Span>>), Fault> {
    if bytes.is_empty() {
        let help = "an extract must start with a line of column names";
        return Err(("the file is empty".to_owned(), help.to_owned()));
    }
    let (mut at, mut lines, mut blank, mut spans) = (0, 0, 0, Vec::new());
    let mut hinted = false;
    loop {
        // The hint is on the first line, or on the first line that isn't skipped.
        let hint = if lines == 0 || lines == skip && !hinted { hint(bytes, at, dialect) } else { None };
        if let Some(delimiter) = hint {
            dialect.delimiter = delimiter;
            hinted = true;
        }
        if hint.is_none() && lines >= skip || at >= bytes.len() {
            break;
        }
        at = line_end(bytes, at);
        lines += 1;
    }
    if header_rows == 0 {
        return Ok((Head { line: 0, lines, blank: 0, end: at }, Vec::new()));
    }
    let (mut first, mut rows) = (0, Vec::new());
    while at < bytes.len() {
        let record = dialect.record(bytes, at, &mut spans);
        let line = 1 + lines + blank;
        if let Some(doubt) = record.doubt {
            let help = "correct the line, or set quote = \"none\" if quotes are ordinary characters; skip_lines = N skips titles";
            return Err((format!("line {line} was read as the header, and {}", doubt.in_words()), help.to_owned()));
        }
        at = record.end;
        if !spans.iter().all(|span| is_blank(&bytes[span.start..span.end])) {
            lines += record.lines;
            first = if rows.is_empty() { line } else { first };
            rows.push(std::mem::take(&mut spans));
            if rows.len() as u64 == header_rows {
                return Ok((Head { line: first, lines, blank, end: at }, rows));
            }
            continue;
        }
        blank += record.lines;
    }
    let help = match skip {
        _ if header_rows > 1 => format!("header_rows = {header_rows} is set"),
        0 => "an extract must start with a line of column names".to_owned(),
        _ => format!("skip_lines = {skip} is set"),
    };
    Err((format!("there is no header in its {} lines", lines + blank), help))
}

/// The names in one row of the header.
pub(super) fn names(
    bytes: &[u8],
    head: &Head,
    spans: &[Span],
    dialect: &Dialect,
    codec: &Codec,
    encoding: &str,
) -> Result<Vec<String>, Fault> {
    let at = |what: String| format!("line {} was read as the header, and {what}", head.line);
    let mut names = Vec::with_capacity(spans.len());
    for span in spans {
        let (name, lossy) = codec.decode(&bytes[span.start..span.end]);
        if lossy || name.contains('\u{fffd}') {
            let help = "set the encoding of the file; common ones are encoding = \"windows-1252\" and \"cp850\"";
            return Err((at(format!("it is not {encoding}")), help.to_owned()));
        }
        if name.contains('\0') {
            return Err((at("it has a zero byte".to_owned()), "the file is damaged; export it again".to_owned()));
        }
        names.push(ids::composed(ids::trimmed(&dialect.unescaped(span, name)).into()).into_owned());
    }
    Ok(names)
}

/// The number of lines before the best header among the next twenty lines: it has the column and most other wanted columns.
pub(super) fn line_with(
    bytes: &[u8],
    dialect: &Dialect,
    codec: &Codec,
    missing: &str,
    wanted: &[String],
) -> Option<u64> {
    let dialect = Dialect { width: None, ..*dialect };
    let (mut at, mut spans) = (0, Vec::new());
    for before in 0..LOOKED_AT {
        if at >= bytes.len() {
            return None;
        }
        dialect.record(bytes, at, &mut spans);
        let names: Vec<Cow<'_, str>> = spans.iter().map(|span| codec.decode(&bytes[span.start..span.end]).0).collect();
        let has = |wanted: &str| names.iter().any(|name| ids::is_same_name(ids::trimmed(name), wanted));
        if has(missing) && wanted.iter().filter(|name| has(name)).count() * 2 > wanted.len() {
            return Some(before);
        }
        at = line_end(bytes, at);
    }
    None
}

/// Number of lines searched for the header, for a hint.
const LOOKED_AT: u64 = 20;

/// The delimiter of a spreadsheet's first line, `sep=;`.
fn hint(bytes: &[u8], at: usize, dialect: &Dialect) -> Option<u8> {
    let line = bytes.get(at..line_end(bytes, at))?;
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let [s, e, p, b'=', delimiter] = line else { return None };
    let is_hint = [s, e, p].map(u8::to_ascii_lowercase) == *b"sep";
    let can_be = delimiter.is_ascii() && !delimiter.is_ascii_alphanumeric() && Some(*delimiter) != dialect.quote;
    (is_hint && can_be).then_some(*delimiter)
}
