//! Reads a CSV file window by window, with the same result for each record as when reading the whole file.
//!
//! Parsing a record looks ahead up to its maximum number of lines, and a lone carriage return looks back as many. So a window is
//! processed once that many lines after it are read, and that many lines before it are kept:
//!
//! ```text
//! …3;Bend;200⏎ | 4;"Pipe⏎ 15 mm";100⏎ … 9;T;400⏎ | 10;"Elbow⏎ … | …
//!   lines before   records of this window           lines ahead
//! ```
//! Files in UTF-16, which must be decoded as a whole, and files with lone carriage returns as line ends are one window.

use memchr::{memchr, memchr2, memrchr, memrchr_iter};

use super::super::{Content, Input};
use super::{BLOCK, CsvFile, Start, count_lines, decoded, encoding, in_file, line_ends, split, without_end_sign};
use crate::config::CsvConfig;
use crate::error::LakeError;
use crate::read::encoding::Codec;
use crate::read::head::Head;

/// Approximate bytes per window.
const WINDOW: usize = 32 << 20;

/// Number of bytes searched for the header.
const HEADS: usize = 64 << 20;

/// The windows of a file, in order.
pub(crate) struct Windows {
    input: Input,
    config: CsvConfig,
    /// Bytes in a window and in a block.
    sizes: (usize, usize),
    /// The properties common to all windows, known after the first.
    form: Option<(Start, Codec)>,
    /// The next bytes, with the kept lines before them.
    bytes: Vec<u8>,
    /// The position of the next record in them.
    start: usize,
    /// Line on which it starts.
    line: u64,
    /// Whether the file was read completely.
    read: bool,
    /// Whether nothing is left or reading failed.
    ended: bool,
}

impl Windows {
    /// Of a file that was opened.
    pub(crate) fn of(input: Input, config: &CsvConfig) -> Self {
        Self::in_sizes(input, config, (WINDOW, BLOCK))
    }

    pub(super) fn in_sizes(input: Input, config: &CsvConfig, sizes: (usize, usize)) -> Self {
        let config = config.clone();
        Self { input, config, sizes, form: None, bytes: Vec::new(), start: 0, line: 1, read: false, ended: false }
    }

    fn window(&mut self) -> Result<CsvFile, LakeError> {
        self.more()?;
        match self.form.clone() {
            None => self.first(),
            Some((start, codec)) => {
                let head = Head { line: 0, lines: 0, blank: 0, end: 0 };
                self.cut(Start { head, ..start }, codec, 0)
            }
        }
    }

    fn first(&mut self) -> Result<CsvFile, LakeError> {
        while !self.read && memchr2(b'\r', b'\n', &self.bytes).is_none_or(|at| at + 1 == self.bytes.len()) {
            self.more()?;
        }
        let has_mark = encoding::marked(&self.bytes).map(|(codec, _)| codec);
        let codec = has_mark.or_else(|| Codec::named(&self.config.encoding));
        if self.read || !codec.is_some_and(|codec| codec.keeps_ascii()) || line_ends::are_returns(&self.bytes) {
            return self.whole();
        }
        let name = self.input.name.clone();
        let fault = |fault| in_file(&name, fault);
        let (bytes, codec, _) = decoded(std::mem::take(&mut self.bytes), &self.config).map_err(fault)?;
        self.bytes = bytes;
        let start = loop {
            let found = Start::find(&self.bytes, &codec, &self.config);
            match found {
                Err(found) if self.read || self.bytes.len() > HEADS => return Err(fault(found)),
                Err(_) => {}
                Ok(found) => {
                    self.start = found.head.end;
                    // Finding the header looks ahead too.
                    if self.read || self.certain().1 > self.start {
                        break found;
                    }
                }
            }
            self.more()?;
            if self.read {
                without_end_sign(&mut self.bytes);
            }
        };
        self.form = Some((start.clone(), codec.clone()));
        self.line = start.head.next_line();
        let before = start.head.end;
        self.cut(start, codec, before)
    }

    fn whole(&mut self) -> Result<CsvFile, LakeError> {
        self.fill(usize::MAX)?;
        self.ended = true;
        let (name, bytes) = (self.input.name.clone(), std::mem::take(&mut self.bytes));
        CsvFile::in_blocks(Content { name, bytes }, &self.config, self.sizes.1)
    }

    /// Takes the records that are certain from the bytes read so far, and reads more if a single record is longer. Bytes before `floor`
    /// don't belong to rows.
    fn cut(&mut self, form: Start, codec: Codec, floor: usize) -> Result<CsvFile, LakeError> {
        let Start { dialect, head, header, titles, width } = form;
        loop {
            let (fed, end) = self.certain();
            if end <= self.start && !self.read {
                self.more()?;
                continue;
            }
            let mut bytes = std::mem::take(&mut self.bytes);
            // The next window looks back at the original bytes, not at the normalised ones.
            let untouched = line_ends::has_lone(&bytes).then(|| bytes.clone());
            line_ends::feed_where_records_end(&mut bytes, floor, self.start..fed, &dialect, width);
            let (blocks, line) = split(&bytes, self.start..end, self.line, &dialect, self.sizes.1);
            let end = blocks.last().map_or(self.start, |block| block.end);
            let first = if head.lines > 0 { 0 } else { self.start };
            let (lines, zeros) = (count_lines(&bytes[first..end]), memchr(0, &bytes[first..end]).is_some());
            let next = untouched.as_deref().unwrap_or(&bytes);
            let before = self.lines_before(next, floor, end);
            (self.start, self.line) = (end - before, line);
            self.bytes = next[before..].to_vec();
            self.ended = self.read && self.start == self.bytes.len();
            let name = self.input.name.clone();
            return Ok(CsvFile {
                name,
                header,
                titles,
                blocks,
                bytes,
                codec,
                lossy: false,
                zeros,
                footer: self.config.footer,
                dialect,
                width,
                head,
                lines,
            });
        }
    }

    /// The limit up to which carriage returns can be judged, and the limit for starts of records whose end is certain.
    fn certain(&self) -> (usize, usize) {
        if self.read {
            return (self.bytes.len(), self.bytes.len());
        }
        let back = |end: usize| {
            let mut ends = memrchr_iter(b'\n', &self.bytes[self.start..end]);
            let lines = usize::try_from(self.config.max_record_lines).unwrap_or(usize::MAX).saturating_add(2);
            ends.nth(lines).map_or(self.start, |found| self.start + found + 1)
        };
        let fed = back(self.bytes.len());
        (fed, back(fed))
    }

    /// The start of the lines before a position that must be kept.
    fn lines_before(&self, bytes: &[u8], floor: usize, at: usize) -> usize {
        let mut from = at;
        for _ in 0..=self.config.max_record_lines {
            if from <= floor {
                return floor;
            }
            from = memrchr(b'\n', &bytes[floor..from - 1]).map_or(floor, |found| floor + found + 1);
        }
        from
    }

    /// Reads another window of bytes.
    fn more(&mut self) -> Result<(), LakeError> {
        self.fill(self.bytes.len().saturating_add(self.sizes.0))
    }

    fn fill(&mut self, wanted: usize) -> Result<(), LakeError> {
        if !self.read && self.input.fill(&mut self.bytes, wanted)? {
            self.read = true;
            // A file that is one window is freed of it there.
            if self.form.is_some() {
                without_end_sign(&mut self.bytes);
            }
        }
        Ok(())
    }
}

impl Iterator for Windows {
    type Item = Result<CsvFile, LakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let window = self.window();
        self.ended |= window.is_err();
        Some(window)
    }
}
