//! What people call columns and tables, in the languages that netto speaks: `labels.txt`, a line per name.
//!
//! ```
//! use netto_model::Language;
//! use netto_model::label::{of_column, of_table};
//! assert_eq!(Language::ALL.map(|language| of_column("net_profit", language)), ["Net profit", "Nettowinst", "Nettogewinn"]);
//! assert_eq!(of_column("account_manager_key", Language::De), "Kundenbetreuer (Schlüssel)");
//! assert_eq!(of_table("sales_force_pair", Language::Nl), "Verkoopteam: duo");
//! ```
//! A name means the same wherever it stands, so it has one line. What a project's own models name is made of the name itself.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::Deserialize;

/// Language of words, numbers and dates.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English: 1,234.5 and 2025-03-31.
    #[default]
    En,
    /// Dutch: 1.234,5 and 31-03-2025.
    Nl,
    /// German: 1.234,5 and 31.03.2025.
    De,
}

impl Language {
    /// Every language, English first.
    pub const ALL: [Self; 3] = [Self::En, Self::Nl, Self::De];

    /// As web pages and settings name it: en, nl, de.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Nl => "nl",
            Self::De => "de",
        }
    }

    /// The language of that tag.
    #[must_use]
    pub fn tagged(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }
}

const TEXT: &str = include_str!("../labels.txt");

/// A name in every language; in English none where it is the name itself.
struct Label {
    nl: &'static str,
    de: &'static str,
    en: Option<&'static str>,
}

static LABELS: LazyLock<BTreeMap<&str, Label>> = LazyLock::new(|| {
    let label = |line: &'static str| {
        let mut parts = line.split(" | ");
        let (name, nl, de) = (parts.next()?, parts.next()?, parts.next()?);
        Some((name, Label { nl, de, en: parts.next() }))
    };
    TEXT.lines().filter(|line| !line.starts_with('#')).filter_map(label).collect()
});

/// What a column is called.
#[must_use]
pub fn of_column(name: &str, language: Language) -> String {
    if let Some(label) = known(name, name, language) {
        return label;
    }
    let Some(member) = name.strip_suffix("_key") else { return words(name) };
    let key = match language {
        Language::En => "key",
        Language::Nl => "sleutel",
        Language::De => "Schlüssel",
    };
    format!("{} ({key})", of_column(member, language))
}

/// What a published table is called: of one of several levels, that of the whole and of the level.
#[must_use]
pub fn of_table(name: &str, language: Language) -> String {
    let table = |name: &str| known(&format!("table {name}"), name, language);
    if let Some(label) = table(name) {
        return label;
    }
    let parts = name.match_indices('_').map(|(place, _)| name.split_at(place));
    let of_level = |(whole, level): (&str, &str)| {
        let level = of_column(level.trim_start_matches('_'), language);
        Some(format!("{}: {}", table(whole)?, if language == Language::De { level } else { small(&level) }))
    };
    parts.rev().find_map(of_level).unwrap_or_else(|| words(name))
}

fn known(entry: &str, name: &str, language: Language) -> Option<String> {
    let label = LABELS.get(entry)?;
    Some(match language {
        Language::En => label.en.map_or_else(|| words(name), str::to_owned),
        Language::Nl => label.nl.to_owned(),
        Language::De => label.de.to_owned(),
    })
}

/// `net_profit` as Net profit.
fn words(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut signs = words.chars();
    signs.next().map(|first| first.to_uppercase().chain(signs).collect()).unwrap_or_default()
}

/// The first letter as within a sentence.
fn small(label: &str) -> String {
    let mut signs = label.chars();
    signs.next().map(|first| first.to_lowercase().chain(signs).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Table;
    use crate::{contract, star};
    use std::collections::BTreeSet;

    fn published() -> Vec<&'static Table> {
        star::tables(contract::marts().chain(contract::FACTS.iter().copied()))
    }

    #[test]
    fn every_column_and_table_has_a_label_in_every_language_and_no_other_has() {
        let readable = || published().into_iter().chain(contract::SOURCES.iter().copied());
        let names: BTreeSet<&str> = readable().flat_map(|table| table.columns).map(|column| column.name).collect();
        let unlabelled = |name: &&&str| !LABELS.contains_key(name.strip_suffix("_key").unwrap_or(name));
        let columns: Vec<_> = names.iter().filter(unlabelled).collect();
        let of_whole = |name: &str| name.match_indices('_').any(|(at, _)| has_table(&name[..at]));
        let tables: Vec<_> = published().into_iter().map(|table| table.name).collect();
        let tables: Vec<_> = tables.iter().filter(|name| !has_table(name) && !of_whole(name)).collect();
        assert!(columns.is_empty() && tables.is_empty(), "without a label: {columns:?} {tables:?}");
        let levels = contract::marts().flat_map(|table| table.levels).map(|level| level.name);
        let said: BTreeSet<&str> = names.iter().map(|name| name.strip_suffix("_key").unwrap_or(name)).collect();
        let said: BTreeSet<&str> = said.into_iter().chain(names.iter().copied()).chain(levels).collect();
        let is_table =
            |name: &str| contract::marts().chain(contract::FACTS.iter().copied()).any(|one| one.name == name);
        let made = |name: &str| star::MADE.iter().any(|one| one.name == name) || name == contract::DIM_RUN.name;
        let unused: Vec<_> = LABELS
            .keys()
            .filter(|entry| match entry.strip_prefix("table ") {
                Some(table) => !is_table(table) && !made(table),
                None => !said.contains(*entry),
            })
            .collect();
        assert!(unused.is_empty(), "of no column or table: {unused:?}");
    }

    fn has_table(name: &str) -> bool {
        LABELS.contains_key(format!("table {name}").as_str())
    }

    #[test]
    fn labels_tell_columns_of_a_table_apart_and_tables_from_each_other() {
        for language in Language::ALL {
            let twice = |labels: Vec<(String, &'static str)>| {
                let mut seen: BTreeMap<String, &str> = BTreeMap::new();
                let mut found = Vec::new();
                for (label, name) in labels {
                    if let Some(other) = seen.insert(label.to_lowercase(), name) {
                        found.push(format!("{label}: {other}, {name}"));
                    }
                }
                found
            };
            let tables: Vec<_> = published().iter().map(|table| (of_table(table.name, language), table.name)).collect();
            let mut alike = twice(tables);
            for table in published() {
                let columns = table.columns.iter().map(|column| (of_column(column.name, language), column.name));
                alike.extend(twice(columns.collect()).into_iter().map(|alike| format!("{}: {alike}", table.name)));
            }
            assert!(alike.is_empty(), "{language:?}: {alike:#?}");
        }
    }

    #[test]
    fn every_line_is_a_name_with_two_or_three_labels_once() {
        let lines: Vec<&str> = TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        for line in &lines {
            let parts: Vec<&str> = line.split(" | ").collect();
            assert!(matches!(parts.len(), 3 | 4) && parts.iter().all(|part| *part == part.trim()), "{line}");
        }
        assert_eq!(lines.len(), LABELS.len(), "a name stands there twice");
    }

    #[test]
    fn a_name_that_nobody_declared_is_its_own_label() {
        assert_eq!(of_column("my_own_figure", Language::Nl), "My own figure");
        assert_eq!(of_table("my_own_table", Language::De), "My own table");
    }
}
