//! Finds the end and the fields of one CSV record, by a rule that looks ahead at most a few lines.
//!
//! A quote counts only at the start of a field, so `5" pipe` in an unquoted field is read literally. A quoted field is accepted if
//! its quote is closed, the closing quote is before a delimiter or a line end, and the record has the header's number of fields.
//! Otherwise that one line is in doubt, and the next record starts on the next line:
//!
//! ```text
//! 1;"Pipe 15 mm;100        in doubt: its quote closes in the next line but one, with text behind it
//! 2;Bend;200               a record
//! 3;"T-piece" 22 mm;400    in doubt: text behind a closing quote
//! ```

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2, memchr3, memrchr};

use super::csv::Fault;
use crate::config::CsvConfig;

/// The CSV dialect.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) quote: Option<u8>,
    /// The escape character: before a quote, itself, or an unquoted delimiter, it makes that character literal.
    pub(super) escape: Option<u8>,
    /// Maximum lines of a record.
    pub(super) max_lines: u64,
    /// Whether a line may begin with a UTF-8 byte-order mark, as in concatenated files.
    pub(super) marks: bool,
    /// The number of fields; `None` until the header is known.
    pub(super) width: Option<Width>,
}

/// Minimum and maximum number of fields, as a header may end with unnamed columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Width {
    pub(super) fewest: usize,
    pub(super) most: usize,
}

/// The position of a field, without its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    quoted: bool,
    /// Whether it has doubled quotes or escapes.
    escaped: bool,
}

impl Span {
    /// Whether a position is within its quotes.
    pub(super) const fn quotes(&self, at: usize) -> bool {
        self.quoted && self.start <= at && at < self.end
    }
}

/// The end of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Start of the next record.
    pub(super) end: usize,
    /// The number of its lines.
    pub(super) lines: u64,
    /// Why it is in doubt; then it is a single line.
    pub(super) doubt: Option<Doubt>,
}

/// Why the quotes of a line are in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// A quote is never closed.
    Open,
    /// A quote is not closed within the maximum lines of a record.
    Long(u64),
    /// A closing quote is not followed by a delimiter or a line end.
    Behind,
    /// The quote is closed on a later line, and the record would have another number of fields than the header.
    Width,
    /// The quote is closed on a later line, and the lines are records of their own.
    Swallows,
}

impl Doubt {
    pub(super) fn in_words(self) -> Cow<'static, str> {
        match self {
            Self::Open => "a quote is opened but never closed".into(),
            Self::Long(lines) => format!(
                "a quote is opened but not closed within {lines} lines, the maximum for a record (max_record_lines)"
            )
            .into(),
            Self::Behind => "there is text after a closing quote".into(),
            Self::Width => {
                "a quote is closed only on a later line, and the record doesn't have as many fields as the header"
                    .into()
            }
            Self::Swallows => "a quote is closed only on a later line, which is a separate record".into(),
        }
    }
}

impl Width {
    /// Any number of fields.
    pub(super) const fn any() -> Self {
        Self { fewest: 1, most: usize::MAX }
    }

    /// The width of a header; trailing empty names need no field.
    pub(super) fn of(header: &[String]) -> Self {
        let named = header.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
        Self { fewest: named.max(1), most: header.len() }
    }
}

/// Minimum number of fields to recognise records within a quoted field of several lines.
const RECOGNISED: usize = 3;

impl Dialect {
    /// The dialect of the configuration.
    ///
    /// # Errors
    /// A character that isn't ASCII.
    pub(super) fn of(config: &CsvConfig, marks: bool) -> Result<Self, Fault> {
        let byte = |sign: char| {
            let fault = || {
                (format!("`{sign}` is not an ASCII character"), "delimiter, quote and escape must be ASCII".to_owned())
            };
            u8::try_from(sign).ok().filter(u8::is_ascii).ok_or_else(fault)
        };
        Ok(Self {
            delimiter: byte(config.delimiter)?,
            quote: config.quote.sign().map(byte).transpose()?,
            escape: config.escape.map(byte).transpose()?,
            max_lines: config.max_record_lines,
            marks,
            width: None,
        })
    }

    /// The record that starts at `start`, and its fields; no fields if it is in doubt.
    pub(super) fn record(&self, bytes: &[u8], start: usize, fields: &mut impl Fields) -> Record {
        fields.clear();
        self.cut(bytes, start, fields).unwrap_or_else(|doubt| {
            fields.clear();
            Record { end: line_end(bytes, start), lines: 1, doubt: Some(doubt) }
        })
    }

    #[inline]
    fn cut(&self, bytes: &[u8], start: usize, fields: &mut impl Fields) -> Result<Record, Doubt> {
        let most = self.width.map_or(usize::MAX, |width| width.most);
        let (mut at, mut lines, mut count, mut surplus) = (self.behind_mark(bytes, start), 1, 0, false);
        loop {
            let (span, stop) = if self.opens(bytes, at) {
                let (close, escaped) = self.closing(bytes, at + 1, &mut lines)?;
                let span = Span { start: at + 1, end: close, quoted: true, escaped };
                (span, self.behind(bytes, close + 1).ok_or(Doubt::Behind)?)
            } else {
                let (stop, escaped) = self.plain_stop(bytes, at);
                (Span { start: at, end: self.plain_end(bytes, at, stop), quoted: false, escaped }, stop)
            };
            fields.add(span);
            count += 1;
            surplus |= count > most && !is_blank(&bytes[span.start..span.end]);
            if bytes.get(stop) == Some(&self.delimiter) {
                at = stop + 1;
                continue;
            }
            let end = (stop + 1).min(bytes.len());
            let doubt = if lines > 1 { self.doubt(bytes, start, stop, count, surplus) } else { None };
            return doubt.map_or(Ok(Record { end, lines, doubt: None }), Err);
        }
    }

    fn opens(&self, bytes: &[u8], at: usize) -> bool {
        self.quote.is_some_and(|quote| bytes.get(at) == Some(&quote))
    }

    fn behind_mark(&self, bytes: &[u8], start: usize) -> usize {
        let marked = self.marks && bytes.get(start) == Some(&0xef) && bytes[start..].starts_with(MARK);
        if marked { start + MARK.len() } else { start }
    }

    /// The end of an unquoted field, and whether it has escapes.
    #[inline]
    fn plain_stop(&self, bytes: &[u8], at: usize) -> (usize, bool) {
        match self.escape {
            None => (first_of(self.delimiter, b'\n', bytes, at).unwrap_or(bytes.len()), false),
            Some(escape) => self.plain_with(escape, bytes, at),
        }
    }

    /// The end of the field before a delimiter or line end, without the carriage return.
    #[inline]
    fn plain_end(&self, bytes: &[u8], at: usize, stop: usize) -> usize {
        let last = bytes.get(stop) != Some(&self.delimiter);
        if last && stop > at && bytes[stop - 1] == b'\r' { stop - 1 } else { stop }
    }

    fn plain_with(&self, escape: u8, bytes: &[u8], at: usize) -> (usize, bool) {
        let (mut from, mut escaped) = (at, false);
        while let Some(found) = memchr3(self.delimiter, b'\n', escape, bytes.get(from..).unwrap_or_default()) {
            let found = from + found;
            if bytes[found] != escape {
                return (found, escaped);
            }
            let takes = bytes.get(found + 1).is_some_and(|next| self.is_escaped(*next, false));
            escaped |= takes;
            from = found + 1 + usize::from(takes);
        }
        (bytes.len(), escaped)
    }

    /// Whether an escape character before it means the character itself.
    fn is_escaped(&self, next: u8, quoted: bool) -> bool {
        Some(next) == self.quote || Some(next) == self.escape || !quoted && next == self.delimiter
    }

    /// The closing quote of a field, and whether the field has doubled quotes or escapes.
    fn closing(&self, bytes: &[u8], mut at: usize, lines: &mut u64) -> Result<(usize, bool), Doubt> {
        let quote = self.quote.unwrap_or_default();
        let mut escaped = false;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let found = match self.escape {
                None => memchr2(quote, b'\n', rest),
                Some(escape) => memchr3(quote, b'\n', escape, rest),
            };
            let found = at + found.ok_or(Doubt::Open)?;
            at = found + 1;
            let next = bytes.get(at).copied();
            if bytes[found] == b'\n' {
                *lines += 1;
                if *lines > self.max_lines {
                    return Err(Doubt::Long(self.max_lines));
                }
            } else if bytes[found] == quote {
                if next != Some(quote) {
                    return Ok((found, escaped));
                }
                escaped = true;
                at += 1;
            } else if next.is_some_and(|next| self.is_escaped(next, true)) {
                escaped = true;
                at += 1;
            }
        }
    }

    /// The delimiter or line end after a closing quote and optional blanks.
    fn behind(&self, bytes: &[u8], mut at: usize) -> Option<usize> {
        loop {
            match bytes.get(at) {
                Some(&byte) if byte == self.delimiter || byte == b'\n' => return Some(at),
                None => return Some(at),
                Some(b' ' | b'\t') => at += 1,
                Some(b'\r') if matches!(bytes.get(at + 1), None | Some(b'\n')) => at += 1,
                Some(_) => return None,
            }
        }
    }

    /// The doubt about a record of several lines, if any.
    fn doubt(&self, bytes: &[u8], start: usize, stop: usize, count: usize, surplus: bool) -> Option<Doubt> {
        let width = self.width?;
        if count < width.fewest || surplus {
            return Some(Doubt::Width);
        }
        if width.fewest < RECOGNISED {
            return None;
        }
        let mut lines = bytes[start..stop].split(|byte| *byte == b'\n');
        let first = lines.next().unwrap_or_default();
        let mut alone = Vec::new();
        // Ids have digits, so a line whose first field has none is part of a text, not the next record.
        let digits = |line: &[u8], span: Option<&Span>| {
            span.is_some_and(|span| line[span.start..span.end].iter().any(u8::is_ascii_digit))
        };
        if !self.is_record(first, width, &mut alone) {
            return None;
        }
        let with_digits = digits(first, alone.first());
        lines
            .any(|line| {
                self.opens(line, 0) == self.opens(first, 0)
                    && self.is_record(line, width, &mut alone)
                    && (!with_digits || digits(line, alone.first()))
            })
            .then_some(Doubt::Swallows)
    }

    /// Whether a line alone is a record, if an unclosed quote is an ordinary character.
    pub(super) fn is_record(&self, line: &[u8], width: Width, spans: &mut Vec<Span>) -> bool {
        if memchr_iter(self.delimiter, line).count() + 1 < width.fewest {
            return false;
        }
        spans.clear();
        let mut at = self.behind_mark(line, 0);
        loop {
            let quoted = self.opens(line, at).then(|| self.closing(line, at + 1, &mut 1).ok()).flatten();
            let quoted = quoted.and_then(|(close, escaped)| {
                Some((Span { start: at + 1, end: close, quoted: true, escaped }, self.behind(line, close + 1)?))
            });
            let (span, stop) = quoted.unwrap_or_else(|| {
                let (stop, escaped) = self.plain_stop(line, at);
                (Span { start: at, end: self.plain_end(line, at, stop), quoted: false, escaped }, stop)
            });
            spans.push(span);
            if stop >= line.len() {
                let surplus = spans.get(width.most..).unwrap_or_default();
                return spans.len() >= width.fewest && surplus.iter().all(|span| is_blank(&line[span.start..span.end]));
            }
            at = stop + 1;
        }
    }

    /// The start of the first record from `wanted` on, and the lines up to there; `start` is the start of a record.
    pub(super) fn block_end(&self, bytes: &[u8], start: usize, wanted: usize, spans: &mut Vec<Span>) -> (usize, u64) {
        let wanted = wanted.clamp(start + 1, bytes.len());
        let plain_end = line_end(bytes, wanted - 1);
        let (mut at, mut lines) = (start, 0);
        while at < wanted {
            let quote = self.quote.and_then(|quote| memchr(quote, &bytes[at..plain_end.max(at)]));
            let Some(quote) = quote else { return (plain_end, lines + count_lines(&bytes[at..plain_end])) };
            // Lines without a quote are records.
            let line = memrchr(b'\n', &bytes[at..at + quote]).map_or(at, |found| at + found + 1);
            lines += count_lines(&bytes[at..line]);
            let end = self.line_of_quotes(bytes, line, line + quote - (line - at));
            let record =
                end.map_or_else(|| self.record(bytes, line, spans), |end| Record { end, lines: 1, doubt: None });
            lines += record.lines;
            at = record.end;
        }
        (at, lines)
    }

    /// The end of the line in which the quote stands, where it is a record of its own as far as quotes go; `quote` is the first one.
    fn line_of_quotes(&self, bytes: &[u8], line: usize, mut quote: usize) -> Option<usize> {
        if self.escape.is_some() || self.behind_mark(bytes, line) > line {
            return None;
        }
        let sign = self.quote?;
        loop {
            let mut at = quote + 1;
            if quote == line || bytes[quote - 1] == self.delimiter {
                let (close, _) = self.closing(bytes, at, &mut self.max_lines.clone()).ok()?;
                at = self.behind(bytes, close + 1)?;
            }
            let found = at + memchr2(sign, b'\n', &bytes[at..])?;
            if bytes[found] == b'\n' {
                return Some(found + 1);
            }
            quote = found;
        }
    }

    /// The text of a field without doubled quotes and escapes.
    #[inline]
    pub(super) fn unescaped<'a>(&self, span: &Span, text: Cow<'a, str>) -> Cow<'a, str> {
        if span.escaped { Cow::Owned(self.without_escapes(span.quoted, &text)) } else { text }
    }

    fn without_escapes(&self, quoted: bool, text: &str) -> String {
        let mut plain = String::with_capacity(text.len());
        let mut signs = text.chars().peekable();
        while let Some(sign) = signs.next() {
            let is = |byte: Option<u8>| byte.is_some_and(|byte| char::from(byte) == sign);
            let next = signs.peek().and_then(|next| u8::try_from(*next).ok());
            let pair = quoted && is(self.quote) && next == self.quote
                || is(self.escape) && next.is_some_and(|next| self.is_escaped(next, quoted));
            plain.push(if pair { signs.next().unwrap_or(sign) } else { sign });
        }
        plain
    }
}

/// Where the fields of a record are put.
pub(super) trait Fields {
    fn clear(&mut self);
    fn add(&mut self, span: Span);
}

impl Fields for Vec<Span> {
    fn clear(&mut self) {
        self.clear();
    }

    fn add(&mut self, span: Span) {
        self.push(span);
    }
}

/// Fields as text, where the bytes from `start` on are one.
pub(super) struct Texts<'f, 'a> {
    pub(super) dialect: &'f Dialect,
    pub(super) text: &'a str,
    pub(super) start: usize,
    pub(super) fields: &'f mut Vec<Cow<'a, str>>,
}

impl Fields for Texts<'_, '_> {
    fn clear(&mut self) {
        self.fields.clear();
    }

    #[inline]
    fn add(&mut self, span: Span) {
        // What stands behind the text belongs to a record in doubt, which is taken back.
        let text = self.text.get(span.start - self.start..span.end - self.start).unwrap_or_default();
        self.fields.push(self.dialect.unescaped(&span, Cow::Borrowed(text)));
    }
}

/// Whether a record has the number of fields that the header has.
pub(super) fn fit(fields: &[Cow<'_, str>], width: Width) -> bool {
    let surplus = fields.get(width.most..).unwrap_or_default();
    fields.len() >= width.fewest && surplus.iter().all(|field| is_blank(field.as_bytes()))
}

/// A line that is drawn in a list, as SAP and others print it below the header and between pages: nothing but dashes, in every field that has
/// something, and many of them.
pub(crate) fn is_ruled(fields: &[impl AsRef<str>]) -> bool {
    // Nearly every record ends here.
    let starts =
        fields.iter().map(|field| field.as_ref().trim_start().as_bytes().first()).find(Option::is_some).flatten();
    if !matches!(starts, Some(b'-' | b'=' | b'+' | b'_')) {
        return false;
    }
    let mut drawn = 0;
    let is_drawn = fields.iter().all(|field| {
        let field = field.as_ref().trim();
        drawn += field.len();
        (field.is_empty() || field.len() > 2)
            && field.bytes().all(|sign| matches!(sign, b'-' | b'=' | b'+' | b'_' | b' ' | b'|'))
    });
    is_drawn && drawn > 5
}

/// Nothing but blanks.
pub(super) fn is_blank(field: &[u8]) -> bool {
    field.iter().all(|byte| matches!(byte, b' ' | b'\t'))
}

/// The first place from `at` on of one byte or another. Fields are short: most end within the first or second eight bytes, which are
/// looked at at once, without the cost of a call.
#[inline]
fn first_of(one: u8, other: u8, bytes: &[u8], at: usize) -> Option<usize> {
    const LOW: u64 = u64::MAX / 0xff;
    // The high bit of every byte that is zero, and perhaps of some behind the first one.
    let zero = |word: u64| word.wrapping_sub(LOW) & !word & (LOW << 7);
    let (one_each, other_each) = (LOW * u64::from(one), LOW * u64::from(other));
    for from in [at, at + 8, at + 16] {
        let Some(eight) = bytes.get(from..).and_then(|rest| rest.first_chunk()) else { break };
        let word = u64::from_le_bytes(*eight);
        let found = zero(word ^ one_each) | zero(word ^ other_each);
        if found != 0 {
            return Some(from + (found.trailing_zeros() / 8) as usize);
        }
    }
    memchr2(one, other, &bytes[at..]).map(|found| at + found)
}

/// The byte-order mark of UTF-8.
pub(super) const MARK: &[u8] = b"\xef\xbb\xbf";

/// The start of the line behind the one in which `at` stands.
pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found + 1)
}

/// Lines: every line end, and what stands behind the last one.
pub(super) fn count_lines(bytes: &[u8]) -> u64 {
    let open = bytes.last().is_some_and(|last| *last != b'\n');
    u64::try_from(memchr_iter(b'\n', bytes).count()).unwrap_or(u64::MAX) + u64::from(open)
}
