//! CSV: cut into blocks at record ends, decoded strictly, each record with the physical line on which it starts.
//!
//! A quote counts at the start of a field only, so `5" pipe` in a field without quotes is read as it stands.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};
use memchr::{memchr, memchr_iter, memchr2};

use super::{Content, Row};
use crate::config::CsvConfig;
use crate::error::LakeError;
use crate::quarantine::Reason;

/// Bytes in a block, more or less.
const BLOCK: usize = 1 << 20;

/// A CSV file in memory.
#[derive(Debug)]
pub(crate) struct CsvFile {
    pub(crate) name: String,
    pub(crate) header: Vec<String>,
    pub(crate) blocks: Vec<Block>,
    bytes: Vec<u8>,
    encoding: &'static Encoding,
    /// The bytes were decoded as a whole, and some could not be.
    lossy: bool,
    dialect: Dialect,
}

/// A part of the file that starts and ends with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    start: usize,
    end: usize,
    /// Line on which it starts.
    line: u64,
}

#[derive(Clone, Copy, Debug)]
struct Dialect {
    delimiter: u8,
    quote: u8,
}

impl CsvFile {
    /// Reads the header and finds the blocks.
    pub(crate) fn open(content: Content, config: &CsvConfig) -> Result<Self, LakeError> {
        let Content { name, bytes, .. } = content;
        let fault =
            |message: String, help: &str| LakeError::Format { file: name.clone(), message, help: Some(help.into()) };
        let ascii = |sign: char| {
            u8::try_from(sign)
                .map_err(|_| fault(format!("`{sign}` is no ASCII character"), "delimiter and quote are ASCII"))
        };
        let dialect = Dialect { delimiter: ascii(config.delimiter)?, quote: ascii(config.quote)? };
        let named = Encoding::for_label(config.encoding.as_bytes()).ok_or_else(|| {
            fault(
                format!("`{}` is no known encoding", config.encoding),
                "common ones are utf-8, windows-1252, utf-16le",
            )
        })?;
        let (encoding, mark) = Encoding::for_bom(&bytes).unwrap_or((named, 0));
        let (bytes, encoding, lossy, start) = if encoding == UTF_8 || encoding.is_single_byte() {
            (bytes, encoding, false, mark)
        } else {
            let (text, lossy) = encoding.decode_without_bom_handling(&bytes[mark..]);
            (text.into_owned().into_bytes(), UTF_8, lossy, 0)
        };
        let mut file =
            Self { name: name.clone(), header: Vec::new(), blocks: Vec::new(), bytes, encoding, lossy, dialect };
        let (first, lines) = file.header_end(start);
        if file.bytes.len() == start {
            return Err(fault("the file is empty".into(), "an extract starts with a line that names its columns"));
        }
        let (text, lossy) = file.decode(start, first);
        if lossy || file.lossy && text.contains('\u{fffd}') {
            return Err(fault(
                format!("the header is not {}", config.encoding),
                "set the encoding of the file: encoding = \"windows-1252\"",
            ));
        }
        let mut fields = Vec::new();
        record(&text, 0, dialect, &mut fields);
        file.header = fields.iter().map(|field| field.trim().to_owned()).collect();
        file.blocks = split(&file.bytes, first, 1 + lines, dialect);
        Ok(file)
    }

    /// Visits the records of a block.
    pub(crate) fn each_row(&self, block: usize, visit: &mut dyn for<'r, 'a> FnMut(Row<'r, 'a>)) {
        let Some(&Block { start, end, line }) = self.blocks.get(block) else { return };
        let (text, lossy) = self.decode(start, end);
        let lossy = lossy || self.lossy;
        let mut fields = Vec::with_capacity(self.header.len());
        let (mut at, mut line) = (0, line);
        while at < text.len() {
            fields.clear();
            let found = record(&text, at, self.dialect, &mut fields);
            let raw = text[at..found.end].trim_end_matches(['\n', '\r']);
            if !raw.is_empty() {
                let fault = if lossy && raw.contains('\u{fffd}') {
                    Some(Reason::Encoding)
                } else if !found.closed {
                    Some(Reason::UnclosedQuote)
                } else if fields.len() != self.header.len() {
                    Some(Reason::WrongFieldCount)
                } else {
                    None
                };
                visit(Row { line, fields: &fields, raw: Some(raw), fault });
            }
            line += found.lines;
            at = found.end;
        }
    }

    fn header_end(&self, start: usize) -> (usize, u64) {
        let (mut at, mut lines) = (start, 0);
        while at < self.bytes.len() {
            match next_stop(&self.bytes, at, self.dialect) {
                Stop::Line(next) => return (next, lines + 1),
                Stop::Quoted(next, inside) => {
                    at = next;
                    lines += inside;
                }
                Stop::Literal(next) => at = next,
                Stop::End => break,
            }
        }
        (self.bytes.len(), lines)
    }

    /// The text of a part, and whether something could not be decoded.
    fn decode(&self, start: usize, end: usize) -> (Cow<'_, str>, bool) {
        let bytes = &self.bytes[start..end];
        if self.encoding == UTF_8 {
            return std::str::from_utf8(bytes)
                .map_or_else(|_| (String::from_utf8_lossy(bytes), true), |text| (Cow::Borrowed(text), false));
        }
        let (text, lossy) = self.encoding.decode_without_bom_handling(bytes);
        // The standard maps the five bytes that windows-1252 leaves open to control characters: no text has them.
        if text.len() > bytes.len() && text.contains(is_control) {
            return (Cow::Owned(text.replace(is_control, "\u{fffd}")), true);
        }
        (text, lossy)
    }
}

fn is_control(sign: char) -> bool {
    ('\u{80}'..='\u{9f}').contains(&sign)
}

enum Stop {
    /// A record ends; the next starts here.
    Line(usize),
    /// A quoted field was passed, with so many line ends inside.
    Quoted(usize, u64),
    /// A quote within a field.
    Literal(usize),
    End,
}

fn next_stop(bytes: &[u8], at: usize, dialect: Dialect) -> Stop {
    let Some(found) = memchr2(b'\n', dialect.quote, &bytes[at..]).map(|found| found + at) else { return Stop::End };
    if bytes[found] == b'\n' {
        return Stop::Line(found + 1);
    }
    let opens =
        found == 0 || bytes[found - 1] == dialect.delimiter || bytes[found - 1] == b'\n' || found == at && at < 4;
    if !opens {
        return Stop::Literal(found + 1);
    }
    let close = closing(bytes, found + 1, dialect.quote).unwrap_or(bytes.len());
    Stop::Quoted((close + 1).min(bytes.len()), count(b'\n', &bytes[found..close]))
}

/// The quote that ends a field; a doubled one does not.
fn closing(bytes: &[u8], mut at: usize, quote: u8) -> Option<usize> {
    loop {
        let found = memchr(quote, bytes.get(at..)?)? + at;
        if bytes.get(found + 1) != Some(&quote) {
            return Some(found);
        }
        at = found + 2;
    }
}

fn count(sign: u8, bytes: &[u8]) -> u64 {
    u64::try_from(memchr_iter(sign, bytes).count()).unwrap_or(u64::MAX)
}

/// Cuts a file at record ends.
fn split(bytes: &[u8], start: usize, first_line: u64, dialect: Dialect) -> Vec<Block> {
    let mut blocks = Vec::new();
    let (mut block, mut line) = (start, first_line);
    while block < bytes.len() {
        let (end, lines) = block_end(bytes, block, dialect);
        blocks.push(Block { start: block, end, line });
        block = end;
        line += lines;
    }
    blocks
}

/// The first record end after a block's worth of bytes, and the line ends up to there.
fn block_end(bytes: &[u8], start: usize, dialect: Dialect) -> (usize, u64) {
    let wanted = (start + BLOCK).min(bytes.len());
    let line_end = memchr(b'\n', &bytes[wanted..]).map_or(bytes.len(), |found| wanted + found + 1);
    if memchr(dialect.quote, &bytes[start..line_end]).is_none() {
        return (line_end, count(b'\n', &bytes[start..line_end]));
    }
    let (mut at, mut lines) = (start, 0);
    loop {
        match next_stop(bytes, at, dialect) {
            Stop::Line(next) => {
                lines += 1;
                at = next;
                if at >= wanted {
                    return (at, lines);
                }
            }
            Stop::Quoted(next, inside) => {
                lines += inside;
                at = next;
            }
            Stop::Literal(next) => at = next,
            Stop::End => return (bytes.len(), lines),
        }
    }
}

/// Where a record ends.
struct Found {
    /// Start of the next record.
    end: usize,
    lines: u64,
    closed: bool,
}

/// Reads one record from `at` on.
fn record<'a>(text: &'a str, mut at: usize, dialect: Dialect, fields: &mut Vec<Cow<'a, str>>) -> Found {
    let bytes = text.as_bytes();
    let (mut lines, mut closed) = (0, true);
    loop {
        let mut quoted = None;
        if bytes.get(at) == Some(&dialect.quote) {
            let close = closing(bytes, at + 1, dialect.quote);
            closed = closed && close.is_some();
            let close = close.unwrap_or(bytes.len());
            lines += count(b'\n', &bytes[at..close]);
            quoted = Some(&text[at + 1..close]);
            at = (close + 1).min(bytes.len());
        }
        let stop = memchr2(dialect.delimiter, b'\n', &bytes[at..]).map(|found| found + at);
        let ends_here = stop.unwrap_or(bytes.len());
        let last = stop.is_none_or(|stop| bytes[stop] == b'\n');
        let tail = &text[at..ends_here];
        fields.push(field(quoted, if last { tail.strip_suffix('\r').unwrap_or(tail) } else { tail }, dialect.quote));
        match stop {
            Some(stop) if last => return Found { end: stop + 1, lines: lines + 1, closed },
            Some(stop) => at = stop + 1,
            None => return Found { end: bytes.len(), lines, closed },
        }
    }
}

fn field<'a>(quoted: Option<&'a str>, tail: &'a str, quote: u8) -> Cow<'a, str> {
    let Some(quoted) = quoted else { return Cow::Borrowed(tail) };
    if memchr(quote, quoted.as_bytes()).is_none() && tail.is_empty() {
        return Cow::Borrowed(quoted);
    }
    let quote = char::from(quote);
    Cow::Owned(quoted.replace(&format!("{quote}{quote}"), &quote.to_string()) + tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(bytes: &[u8], json: &str) -> Result<CsvFile, LakeError> {
        let config: CsvConfig = serde_json::from_str(json).unwrap();
        CsvFile::open(Content { name: "x.csv".into(), bytes: bytes.to_vec() }, &config)
    }

    fn rows(bytes: &[u8], json: &str) -> Vec<String> {
        let file = open(bytes, json).unwrap();
        let mut rows = Vec::new();
        for block in 0..file.blocks.len() {
            file.each_row(block, &mut |row| {
                rows.push(format!(
                    "{} {}{}",
                    row.line,
                    row.fields.join("|"),
                    row.fault.map(|f| format!(" {f}")).unwrap_or_default()
                ));
            });
        }
        rows
    }

    #[test]
    fn quotes_hold_line_ends_and_lines_are_physical() {
        let text = b"a,b\n1,\"x\ny\"\n\n2,\"say \"\"hi\"\"\"\r\n3,5\" pipe\n";
        assert_eq!(rows(text, "{}"), ["2 1|x\ny", "5 2|say \"hi\"", "6 3|5\" pipe"]);
    }

    #[test]
    fn records_that_are_cut_or_open_are_faults_not_losses() {
        assert_eq!(rows(b"a,b\n1\n1,2,3\n1,2", "{}"), ["2 1 wrong_field_count", "3 1|2|3 wrong_field_count", "4 1|2"]);
        assert_eq!(rows(b"a,b\n1,\"x\n2,y\n", "{}"), ["2 1|x\n2,y\n unclosed_quote"]);
    }

    #[test]
    fn encodings_are_strict_and_a_mark_wins() {
        assert_eq!(
            rows(b"a,b\n1,caf\xe9\n2,\x81\n3,\x80\n", r#"{"encoding":"windows-1252"}"#),
            ["2 1|café", "3 2|\u{fffd} encoding", "4 3|€"]
        );
        assert_eq!(rows(b"a,b\n1,caf\xe9\n2,ok\n", "{}"), ["2 1|caf\u{fffd} encoding", "3 2|ok"]);
        assert_eq!(rows(b"\xef\xbb\xbfa,b\n1,\xc3\xa9\n", r#"{"encoding":"windows-1252"}"#), ["2 1|é"]);
        let utf16: Vec<u8> = "a,b\n1,é\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(rows(&utf16, r#"{"encoding":"utf-16le"}"#), ["2 1|é"]);
        assert!(open(b"a,caf\xe9\n1,2\n", "{}").is_err());
    }

    #[test]
    fn blocks_meet_at_record_ends_whatever_stands_in_quotes() {
        let mut text = String::from("a,b\n");
        for row in 0..60_000 {
            text += &if row % 7 == 0 {
                format!("{row},\"x\n{row} \"\"q\"\" and more text\"\n")
            } else {
                format!("{row},plain text of a row\n")
            };
        }
        let file = open(text.as_bytes(), "{}").unwrap();
        assert!(file.blocks.len() > 1);
        let (mut expected, mut line) = (0, 2);
        for block in 0..file.blocks.len() {
            file.each_row(block, &mut |row| {
                assert_eq!((row.fields[0].as_ref(), row.line, row.fault), (expected.to_string().as_str(), line, None));
                line += if expected % 7 == 0 { 2 } else { 1 };
                expected += 1;
            });
        }
        assert_eq!(expected, 60_000);
    }
}
