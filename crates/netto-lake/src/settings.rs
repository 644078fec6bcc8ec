//! The settings of each column for one load, shared by all of its files. It records which configured words the files have.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use netto_model::column::CURRENCY;
use netto_model::table::{Column, Table};

use crate::config::{ColumnConfig, Others, SignConfig, SourceConfig};
use crate::ids;
use crate::quarantine::Reason;
use crate::words::{NeverFound, Word};

/// The settings of one column.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) column: &'static Column,
    pub(crate) config: ColumnConfig,
    /// Whether the column is configured.
    pub(crate) explicit: bool,
    /// Whether a word beside the amount determines its sign.
    pub(crate) has_sides: bool,
    map: BTreeMap<String, Entry>,
    negative: Vec<Word>,
    positive: Vec<Word>,
}

/// An entry of a map.
#[derive(Debug)]
struct Entry {
    to: String,
    word: Word,
}

/// The settings of every column of a source, in column order.
pub(crate) fn of_columns(source: &Table, config: &SourceConfig) -> Vec<Arc<Settings>> {
    source.columns.iter().map(|column| Arc::new(Settings::new(column, config.column(column.name)))).collect()
}

fn composed(text: &str) -> String {
    ids::composed(Cow::Borrowed(text)).into_owned()
}

impl Settings {
    fn new(column: &'static Column, config: Option<ColumnConfig>) -> Self {
        let explicit = config.is_some();
        let mut config = config.unwrap_or_default();
        // The lake stores composed letters, so comparisons use them too.
        for text in [&mut config.constant, &mut config.default].into_iter().flatten() {
            *text = composed(text);
        }
        let entry = |(from, to): (&String, &String)| {
            let entry = Entry { to: composed(to), word: Word::new(&composed(from)) };
            (composed(from), entry)
        };
        let words = |words: &[String]| words.iter().map(|word| Word::new(&composed(word))).collect();
        let map = config.map.iter().map(entry).collect();
        let has_sides = config.sign.as_ref().is_some_and(|sign| sign.from.is_none());
        let sign = config.sign.clone().unwrap_or_default();
        let (negative, positive) = (words(&sign.negative), words(&sign.positive));
        Self { column, config, explicit, has_sides, map, negative, positive }
    }

    /// Applies the map to a value.
    pub(crate) fn mapped<'a>(&'a self, value: Cow<'a, str>) -> Result<Cow<'a, str>, Reason> {
        if self.map.is_empty() {
            return Ok(value);
        }
        if let Some(Entry { to, word }) = self.map.get(value.as_ref()) {
            word.meet();
            return Ok(Cow::Borrowed(to.as_str()));
        }
        let known = self.config.others != Some(Others::Reject) || self.map.values().any(|entry| entry.to == value);
        if known { Ok(value) } else { Err(Reason::UnmappedValue) }
    }

    /// Whether the sign is reversed, by the word in another column.
    pub(crate) fn turns(&self, word: &str) -> Result<bool, Reason> {
        // No short circuit, so that every word can be marked as found.
        let has = |words: &[Word]| words.iter().filter(|known| known.is(word)).count() > 0;
        match (has(&self.negative), self.positive.is_empty() || has(&self.positive)) {
            (true, _) => Ok(!self.config.negate),
            (false, true) => Ok(self.config.negate),
            (false, false) => Err(Reason::UnknownSign),
        }
    }

    /// Whether the sign is reversed, by the word beside the amount; `None` for an unknown word.
    pub(crate) fn side(&self, word: &str) -> Option<bool> {
        let has = |words: &[Word]| words.iter().filter(|known| known.is(word)).count() > 0;
        if word.is_empty() {
            None
        } else if has(&self.negative) {
            Some(!self.config.negate)
        } else {
            has(&self.positive).then_some(self.config.negate)
        }
    }

    /// Whether every nonzero amount must have such a word.
    pub(crate) fn all_have_sides(&self) -> bool {
        !self.positive.is_empty()
    }

    /// The final form of a contract value, such as one from a map.
    pub(crate) fn finished<'a>(&self, value: Cow<'a, str>) -> Cow<'a, str> {
        let value = if self.config.strip_zeros { ids::without_leading_zeros(value) } else { value };
        let value = match self.config.pad {
            Some(width) if value.chars().count() < width => Cow::Owned(format!("{value:0>width$}")),
            _ => value,
        };
        // Currency codes are in capitals.
        let lower = self.column.name == CURRENCY && value.bytes().any(|byte| byte.is_ascii_lowercase());
        if lower { Cow::Owned(value.to_ascii_uppercase()) } else { value }
    }

    /// The possible results of the map, as stored in the lake.
    pub(crate) fn results(&self) -> Vec<String> {
        let defaults = self.config.default.iter().map(String::as_str).chain(self.column.default);
        let results = self.map.values().map(|entry| self.finished(Cow::Borrowed(&entry.to)).into_owned());
        results.chain(defaults.map(str::to_owned)).collect()
    }

    /// Entries of the map that no row has.
    pub(crate) fn map_never_used(&self) -> impl Iterator<Item = NeverFound> {
        self.map.values().filter_map(|entry| entry.word.never_found(self.column.name))
    }

    /// Words of `sign` that no row has.
    pub(crate) fn sign_never_found(&self) -> impl Iterator<Item = NeverFound> {
        let named = |sign: &'_ SignConfig| sign.from.clone();
        let from = self.config.sign.as_ref().and_then(named).or_else(|| self.config.from.clone());
        let from = from.unwrap_or_else(|| self.column.name.to_owned());
        self.negative.iter().chain(&self.positive).filter_map(move |word| word.never_found(&from))
    }
}
