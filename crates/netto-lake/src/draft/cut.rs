//! Splits a text into records, by the delimiter that gives most of them the same number of fields.

use std::collections::BTreeMap;

use super::sample::RECORDS;

pub(super) const DELIMITERS: [char; 4] = [';', ',', '\t', '|'];

/// A record and the byte at which it starts.
pub(super) struct Record {
    pub(super) place: usize,
    pub(super) fields: Vec<String>,
}

/// The records by the delimiter that splits most of them into the same number of fields, at least two.
pub(super) fn alike(text: &str) -> Option<(char, Vec<Record>)> {
    let cut = DELIMITERS.map(|delimiter| (delimiter, cut(text, delimiter)));
    let agreeing = |records: &Vec<Record>| {
        let width = usual_width(records);
        if width < 2 {
            0
        } else {
            records.iter().filter(|record| record.fields.len() == width).count() * 100 + width.min(99)
        }
    };
    let (delimiter, records) = cut.into_iter().max_by_key(|(_, records)| agreeing(records))?;
    (!records.is_empty()).then_some((delimiter, records))
}

/// The records; if a quote would swallow lines of the usual width, quotes are treated as ordinary characters.
pub(super) fn cut(text: &str, delimiter: char) -> Vec<Record> {
    let (quoted, plain) = (cut_by(text, delimiter, true), cut_by(text, delimiter, false));
    let agreeing = |records: &Vec<Record>| {
        let width = usual_width(records);
        (width > 2, records.iter().filter(|record| record.fields.len() == width).count())
    };
    if agreeing(&plain) > agreeing(&quoted) { plain } else { quoted }
}

fn cut_by(text: &str, delimiter: char, quoting: bool) -> Vec<Record> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .quoting(quoting)
        .delimiter(u8::try_from(delimiter).unwrap_or(b','))
        .from_reader(text.as_bytes());
    let records = reader.records().take(RECORDS).flatten();
    records
        .map(|record| Record {
            place: record.position().and_then(|place| usize::try_from(place.byte()).ok()).unwrap_or(0),
            fields: record.iter().map(|field| without_quotes(field, quoting).to_owned()).collect(),
        })
        .collect()
}

/// A field without the quotes around it, if they are ordinary characters.
fn without_quotes(field: &str, quoting: bool) -> &str {
    let within = field.trim().strip_prefix('"').and_then(|field| field.strip_suffix('"'));
    within.filter(|_| !quoting).unwrap_or(field)
}

/// The number of lines before a record; the reader counts blank lines as part of the record after them.
pub(super) fn lines_before(text: &str, place: usize) -> usize {
    let blank = text.bytes().skip(place).take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
    text.bytes().take(place + blank).filter(|&byte| byte == b'\n').count()
}

/// The number of fields that most records have; among equals the larger.
pub(super) fn usual_width(records: &[Record]) -> usize {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for record in records {
        *counts.entry(record.fields.len()).or_default() += 1;
    }
    counts.into_iter().max_by_key(|&(width, count)| (count, width)).map_or(0, |(width, _)| width)
}
