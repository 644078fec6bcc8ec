//! Tracks whether configured words, such as `Cancelled` in `where`, occur in the extract.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use serde::{Deserialize, Serialize};

/// A configured word. Threads share it, and it is written only once, on its first occurrence.
#[derive(Debug)]
pub(crate) struct Word {
    text: String,
    met: AtomicBool,
    /// A value of the extract that differs only in case.
    near: OnceLock<String>,
}

/// A configured word that no row has.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct NeverFound {
    /// Column of the extract, or of the contract for an entry of a `map`.
    pub column: String,
    /// The word.
    pub value: String,
    /// A value of the extract that differs only in case, if any.
    pub near: Option<String>,
}

impl Word {
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), met: AtomicBool::new(false), near: OnceLock::new() }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether a value is the word.
    pub(crate) fn is(&self, value: &str) -> bool {
        if self.text == value {
            self.meet();
            return true;
        }
        if !self.met.load(Relaxed) && self.near.get().is_none() && same_but_for_capitals(&self.text, value) {
            self.near.get_or_init(|| value.to_owned());
        }
        false
    }

    /// Marks the word as found.
    pub(crate) fn meet(&self) {
        if !self.met.load(Relaxed) {
            self.met.store(true, Relaxed);
        }
    }

    /// The word, if no row had it.
    pub(crate) fn never_found(&self, column: &str) -> Option<NeverFound> {
        let unmet = !self.met.load(Relaxed) && !self.text.is_empty();
        unmet.then(|| NeverFound {
            column: column.to_owned(),
            value: self.text.clone(),
            near: self.near.get().cloned(),
        })
    }
}

fn same_but_for_capitals(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.chars().flat_map(char::to_lowercase).eq(b.chars().flat_map(char::to_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_no_row_has_is_named_with_what_differs_in_capitals() {
        let (met, unmet, near) = (Word::new("C"), Word::new("S"), Word::new("Annulé"));
        for value in ["C", "c", "ANNULÉ", "x"] {
            for word in [&met, &unmet, &near] {
                assert_eq!(word.is(value), word.text == value);
            }
        }
        assert_eq!(met.never_found("dc"), None);
        assert_eq!(unmet.never_found("dc").unwrap().near, None);
        assert_eq!(near.never_found("dc").unwrap().near.as_deref(), Some("ANNULÉ"));
    }
}
