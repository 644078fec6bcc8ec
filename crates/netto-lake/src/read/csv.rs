//! Reads CSV: splits a file into blocks at record ends, decodes it strictly, and gives each record its physical line number.
//!
//! [`super::record`] determines where a record ends. Every line is a title, header, blank, repeated header or part of a record, and
//! the reader verifies this: `total = header + blank + repeated + records`.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memmem};

use super::encoding::{self, Codec};
use super::head::{self, Head};
use super::record::{Dialect, Doubt, Record, Span, Texts, Width, count_lines, fit, is_blank, is_ruled, line_end};
use super::{Content, Lines, Raw, Row, line_ends};
use crate::config::CsvConfig;
use crate::error::LakeError;
use crate::quarantine::Reason;
use crate::titles;

/// Approximate bytes per block.
const BLOCK: usize = 1 << 20;

/// A CSV file in memory.
#[derive(Debug)]
pub(crate) struct CsvFile {
    pub(crate) name: String,
    pub(crate) header: Vec<String>,
    /// The rows of a header that has several.
    titles: Vec<Vec<String>>,
    pub(crate) blocks: Vec<Block>,
    bytes: Vec<u8>,
    codec: Codec,
    /// Whether the file was decoded as a whole with errors.
    lossy: bool,
    /// Whether it has zero bytes, which are not text.
    zeros: bool,
    /// Whether the last record may be a footer instead of a row.
    footer: bool,
    dialect: Dialect,
    width: Width,
    head: Head,
    /// Number of lines, counted independently of records.
    lines: u64,
}

/// A part of the file that starts and ends with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    start: usize,
    end: usize,
    /// Line on which it starts.
    line: u64,
}

impl CsvFile {
    /// Reads the header and finds the blocks.
    pub(crate) fn open(content: Content, config: &CsvConfig) -> Result<Self, LakeError> {
        Self::in_blocks(content, config, BLOCK)
    }

    fn in_blocks(content: Content, config: &CsvConfig, size: usize) -> Result<Self, LakeError> {
        let Content { name, bytes } = content;
        let fault = |fault| in_file(&name, fault);
        let (mut bytes, codec, lossy) = decoded(bytes, config).map_err(fault)?;
        without_end_sign(&mut bytes);
        if line_ends::are_returns(&bytes) {
            line_ends::feed(&mut bytes);
        }
        let Start { dialect, head, header, titles, width } = Start::find(&bytes, &codec, config).map_err(fault)?;
        let rows = head.end..bytes.len();
        line_ends::feed_where_records_end(&mut bytes, head.end, rows, &dialect, width);
        let blocks = split(&bytes, head.end..bytes.len(), head.next_line(), &dialect, size).0;
        let (lines, zeros) = (count_lines(&bytes), memchr(0, &bytes).is_some());
        Ok(Self {
            name,
            header,
            titles,
            blocks,
            bytes,
            codec,
            lossy,
            zeros,
            footer: config.footer,
            dialect,
            width,
            head,
            lines,
        })
    }

    /// Visits the records of a block, and counts its lines.
    pub(crate) fn each_row<'a>(&'a self, block: usize, visit: &mut dyn for<'r> FnMut(Row<'r, 'a>)) -> Lines {
        let mut lines = Lines::default();
        let Some(&Block { start, end, mut line }) = self.blocks.get(block) else { return lines };
        let text = self.text(start, end);
        let (mut spans, mut fields, mut at) = (Vec::new(), Vec::with_capacity(self.header.len()), start);
        while at < end {
            let (record, lossy) = match text.map(|text| (text, start)).or_else(|| self.plain_line(at)) {
                Some((text, start)) => {
                    let mut texts = Texts { dialect: &self.dialect, text, start, fields: &mut fields };
                    (self.dialect.record(&self.bytes, at, &mut texts), false)
                }
                None => self.decoded_record(at, &mut spans, &mut fields),
            };
            let sound = record.doubt.is_none();
            if sound && (fields.iter().all(|field| is_blank(field.as_bytes())) || is_ruled(&fields)) {
                lines.blank += record.lines;
            } else if sound && self.repeats_header(&fields) {
                lines.repeated += record.lines;
            } else {
                lines.records += record.lines;
                let raw = Raw { file: self, start: at, end: record.end };
                let (fault, why) = self.fault(record.doubt, lossy, raw, &fields);
                let is_split = fault.is_none() || fault == Some(Reason::Encoding) && fit(&fields, self.width);
                if is_split && fields.len() != self.header.len() && !self.header.is_empty() {
                    // Surplus fields are empty and missing ones unnamed, so adjusting the length loses nothing.
                    fields.resize(self.header.len(), Cow::Borrowed(""));
                }
                visit(Row { line, fields: &fields, raw: Some(raw), fault, why });
            }
            line += record.lines;
            at = record.end;
        }
        lines
    }

    /// The line counts of the file, given those of its blocks.
    ///
    /// # Errors
    /// When they don't add up to the lines of the file.
    pub(crate) fn account(&self, blocks: Lines) -> Result<Lines, LakeError> {
        let lines = Lines {
            total: self.lines,
            header: self.head.lines + blocks.header,
            blank: self.head.blank + blocks.blank,
            ..blocks
        };
        if lines.add_up() { Ok(lines) } else { Err(LakeError::UnbalancedLines { file: self.name.clone(), lines }) }
    }

    /// Whether the last line has a line end.
    pub(crate) fn ends_with_line_end(&self) -> bool {
        self.bytes.is_empty() || self.bytes.ends_with(b"\n")
    }

    /// Whether a record that ends there is the last one and lacks a line end.
    pub(super) fn is_cut(&self, end: usize) -> bool {
        !self.footer && end == self.bytes.len() && !self.ends_with_line_end()
    }

    /// The number of lines between two positions.
    pub(super) fn lines_between(&self, start: usize, end: usize) -> u64 {
        count_lines(self.bytes.get(start..end).unwrap_or_default())
    }

    /// The line read as the header, and the number of lines to skip if another line has these names.
    pub(crate) fn header_place(&self, missing: &str, wanted: &[String]) -> (u64, Option<u64>) {
        let skip = head::line_with(&self.bytes, &self.dialect, &self.codec, missing, wanted);
        (self.head.line, skip.filter(|skip| skip + 1 != self.head.line))
    }

    /// A raw part of the file, without surrounding line ends.
    pub(super) fn raw(&self, start: usize, end: usize) -> Cow<'_, str> {
        let bytes = self.bytes.get(start..end).unwrap_or_default();
        let end = bytes.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
        self.codec.decode(&bytes[..end]).0
    }

    /// The text of a block, if its bytes need no decoding.
    fn text(&self, start: usize, end: usize) -> Option<&str> {
        let bytes = &self.bytes[start..end];
        if self.codec.is_utf8() || bytes.is_ascii() { std::str::from_utf8(bytes).ok() } else { None }
    }

    /// Fast path: a line that is a complete record without decoding.
    fn plain_line(&self, at: usize) -> Option<(&str, usize)> {
        let bytes = &self.bytes[at..line_end(&self.bytes, at)];
        let plain = bytes.is_ascii() && self.dialect.quote.is_none_or(|quote| memchr(quote, bytes).is_none());
        plain.then(|| std::str::from_utf8(bytes).ok()).flatten().map(|text| (text, at))
    }

    /// Decodes the fields of a record one by one; returns whether some bytes were invalid.
    fn decoded_record<'a>(
        &'a self,
        at: usize,
        spans: &mut Vec<Span>,
        fields: &mut Vec<Cow<'a, str>>,
    ) -> (Record, bool) {
        let record = self.dialect.record(&self.bytes, at, spans);
        let mut lossy = false;
        fields.clear();
        fields.extend(spans.iter().map(|span| {
            let (field, bad) = self.codec.decode(&self.bytes[span.start..span.end]);
            lossy |= bad;
            self.dialect.unescaped(span, field)
        }));
        (record, lossy)
    }

    fn fault(
        &self,
        doubt: Option<Doubt>,
        lossy: bool,
        raw: Raw<'_>,
        fields: &[Cow<'_, str>],
    ) -> (Option<Reason>, Cow<'static, str>) {
        let bytes = &self.bytes[raw.start..raw.end];
        // An unclosed quote in a line with all its fields is an error of that line only.
        let has_all = || memchr_iter(self.dialect.delimiter, bytes).count() + 1 >= self.width.fewest;
        let short = doubt == Some(Doubt::Open) && !has_all() || doubt.is_none() && fields.len() < self.width.fewest;
        if short && !self.footer && raw.end == self.bytes.len() && !bytes.ends_with(b"\n") {
            return (Some(Reason::CutOff), "the last record ends in the middle, without a line end".into());
        }
        if let Some(doubt) = doubt {
            return (Some(Reason::UnclosedQuote), doubt.in_words());
        }
        if lossy || self.lossy && memmem::find(bytes, "\u{fffd}".as_bytes()).is_some() {
            return (Some(Reason::Encoding), "".into());
        }
        if self.zeros && memchr(0, bytes).is_some() {
            return (Some(Reason::Encoding), "the record has a zero byte, which text can't have".into());
        }
        let count = || format!("{} fields, the header has {}", fields.len(), self.header.len()).into();
        if fit(fields, self.width) { (None, "".into()) } else { (Some(Reason::WrongFieldCount), count()) }
    }

    /// Whether a record repeats the header. With a single column it may be a value instead.
    fn repeats_header(&self, fields: &[Cow<'_, str>]) -> bool {
        let same = |(field, name): (&Cow<'_, str>, &String)| field.len() >= name.len() && field.trim() == name;
        let is_header = self.width.fewest > 1 && fields.iter().zip(&self.header).all(same) && fit(fields, self.width);
        is_header || self.titles.iter().any(|titles| repeats(fields, titles))
    }
}

/// Whether a record repeats one of several header rows.
fn repeats(fields: &[Cow<'_, str>], titles: &[String]) -> bool {
    let text = |place: usize| fields.get(place).map_or("", |field| field.trim());
    let same =
        (0..fields.len().max(titles.len())).all(|place| titles.get(place).map_or("", String::as_str) == text(place));
    same && titles.iter().filter(|title| !title.is_empty()).count() > 1
}

/// An error and its advice.
pub(super) type Fault = (String, String);

fn in_file(name: &str, (message, help): Fault) -> LakeError {
    LakeError::Format { file: name.to_owned(), message, help: Some(help) }
}

/// The properties of all records, read from the start of a file.
#[derive(Clone)]
struct Start {
    dialect: Dialect,
    head: Head,
    header: Vec<String>,
    titles: Vec<Vec<String>>,
    width: Width,
}

impl Start {
    fn find(bytes: &[u8], codec: &Codec, config: &CsvConfig) -> Result<Self, Fault> {
        let mut dialect = Dialect::of(config, codec.is_utf8())?;
        let header_rows = if config.headless { 0 } else { config.header_rows };
        let (head, rows) = head::find(bytes, &mut dialect, config.skip_lines, header_rows)?;
        let names = |spans: &Vec<Span>| head::names(bytes, &head, spans, &dialect, codec, &config.encoding);
        let mut titles = rows.iter().map(names).collect::<Result<Vec<_>, _>>()?;
        let header = titles::joined(&titles);
        if let [_] = titles.as_slice() {
            titles.clear();
        }
        let width = if config.headless { Width::any() } else { Width::of(&header) };
        dialect.width = Some(width);
        Ok(Self { dialect, head, header, titles, width })
    }
}

/// The bytes without byte-order mark, in an ASCII-compatible encoding; and whether some were invalid.
fn decoded(mut bytes: Vec<u8>, config: &CsvConfig) -> Result<(Vec<u8>, Codec, bool), Fault> {
    let named = Codec::named(&config.encoding).ok_or_else(|| {
        (
            format!("`{}` is not a known encoding", config.encoding),
            "common ones are utf-8, windows-1252, utf-16le, cp850".to_owned(),
        )
    })?;
    if let Some(fault) = encoding::contradiction(&bytes, &named) {
        return Err(fault);
    }
    let (codec, mark) = encoding::marked(&bytes).unwrap_or((named, 0));
    if codec.keeps_ascii() {
        bytes.drain(..mark);
        return Ok((bytes, codec, false));
    }
    let (text, lossy) = codec.decode(&bytes[mark..]);
    Ok((text.into_owned().into_bytes(), Codec::UTF_8, lossy))
}

/// Removes the Ctrl-Z with which DOS ends a text.
fn without_end_sign(bytes: &mut Vec<u8>) {
    if bytes.last() == Some(&0x1a) {
        bytes.pop();
    }
}

/// Splits bytes at record ends; the last record starts within the part but may end after it. Also returns the next line number.
fn split(bytes: &[u8], part: Range<usize>, mut line: u64, dialect: &Dialect, size: usize) -> (Vec<Block>, u64) {
    let (mut blocks, mut spans, mut start) = (Vec::new(), Vec::new(), part.start);
    while start < part.end {
        let (end, lines) = dialect.block_end(bytes, start, start.saturating_add(size).min(part.end), &mut spans);
        blocks.push(Block { start, end, line });
        start = end;
        line += lines;
    }
    (blocks, line)
}

#[path = "windows.rs"]
mod windows;
pub(crate) use windows::Windows;

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
