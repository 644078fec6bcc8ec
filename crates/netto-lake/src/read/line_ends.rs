//! Normalises line ends: lone carriage returns that end lines become line feeds before a file is split.
//!
//! ```text
//! Order;Netto\r1;10\r2;20\r        the first line ends so: every carriage return alone is a line end
//! Order;Netto\n1;10\r2;20\n        `1;10\r2;20` is no record, `1;10` is one: so is this one
//! Name;City\nA\rB;Utrecht\n        `A\rB;Utrecht` is a record: the carriage return belongs to the name
//! Name;City\n"A\rB\nC";Utrecht\n    within quotes every line end belongs to the name
//! ```

use std::ops::Range;

use memchr::{memchr_iter, memchr2, memrchr};

use super::record::{Dialect, Span, Width, line_end};

/// Whether lines end with a lone carriage return, judged by the first line.
pub(super) fn are_returns(bytes: &[u8]) -> bool {
    memchr2(b'\r', b'\n', bytes).is_some_and(|at| is_lone(bytes, at))
}

/// Replaces every lone carriage return by a line feed.
pub(super) fn feed(bytes: &mut [u8]) {
    let lone: Vec<usize> = memchr_iter(b'\r', bytes).filter(|at| is_lone(bytes, *at)).collect();
    for at in lone {
        bytes[at] = b'\n';
    }
}

/// Whether there is a lone carriage return.
pub(super) fn has_lone(bytes: &[u8]) -> bool {
    memchr_iter(b'\r', bytes).any(|at| is_lone(bytes, at))
}

/// Replaces lone carriage returns only in lines of a part that are records only when split there; an open quote between `start` and
/// the part may prevent it.
pub(super) fn feed_where_records_end(
    bytes: &mut [u8],
    start: usize,
    part: Range<usize>,
    dialect: &Dialect,
    width: Width,
) {
    let (mut lines, mut spans, mut at) = (Vec::new(), Vec::new(), start);
    for found in memchr_iter(b'\r', &bytes[..part.end]).filter(|found| is_lone(bytes, *found)) {
        // Each line is checked once, whatever the number of its carriage returns.
        if found < at.max(part.start) {
            continue;
        }
        let line = memrchr(b'\n', &bytes[at..found]).map_or(at, |feed| at + feed + 1);
        let end = line_end(bytes, found);
        let text = bytes[line..end].strip_suffix(b"\n").unwrap_or(&bytes[line..end]);
        let mut pieces = text.split(|byte| *byte == b'\r').filter(|piece| !piece.is_empty());
        if !dialect.is_record(text, width, &mut spans)
            && pieces.any(|piece| dialect.is_record(piece, width, &mut spans))
            && !is_quoted(bytes, start, line, found, dialect, &mut spans)
        {
            lines.push(line..end);
        }
        at = end;
    }
    for line in lines {
        feed(&mut bytes[line]);
    }
}

/// Whether a carriage return is within a quoted field, of a record that starts on its line or an earlier one.
fn is_quoted(bytes: &[u8], start: usize, line: usize, found: usize, dialect: &Dialect, spans: &mut Vec<Span>) -> bool {
    let mut from = line;
    for _ in 0..dialect.max_lines {
        let record = dialect.record(bytes, from, spans);
        let spans_lines = record.end > line_end(bytes, from);
        if record.doubt.is_none() && spans_lines && spans.iter().any(|span| span.quotes(found)) {
            return true;
        }
        if from <= start {
            return false;
        }
        from = memrchr(b'\n', &bytes[start..from - 1]).map_or(start, |feed| start + feed + 1);
    }
    false
}

/// Whether a carriage return has no line feed after it; at the end of a file it makes no difference.
fn is_lone(bytes: &[u8], at: usize) -> bool {
    bytes[at] == b'\r' && bytes.get(at + 1).is_some_and(|next| *next != b'\n')
}
