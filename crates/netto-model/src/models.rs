//! The built-in models, `models/SUBJECT/NAME.sql`, in an order in which each comes after those that it reads.
//!
//! ```
//! let curve = netto_model::contract::table("whale_curve").ok_or("no such table")?;
//! assert_eq!(curve.grain, "window × rank");
//! # Ok::<(), &str>(())
//! ```

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use crate::contract::{self, FACTS, LARGE, MARTS, SETTINGS, SOURCES};
use crate::model::{Model, ModelError, Parse};
use crate::query::{Query, QueryError};
use crate::table::Table;

const TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/models.rs"));

/// Why the texts of models can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {error}")]
pub struct ModelFault {
    /// The file, as it was given.
    pub file: String,
    /// What is wrong in it.
    #[source]
    pub error: ModelError,
}

/// The built-in models, each after those that it reads.
#[must_use]
pub fn models() -> &'static [Model] {
    #[expect(clippy::expect_used, reason = "every text is built in, and read by the tests")]
    static MODELS: LazyLock<Vec<Model>> = LazyLock::new(|| {
        let texts = TEXTS.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
        read_by(Query::parse_known, texts, built_in()).expect("the built-in models are models")
    });
    &MODELS
}

/// The built-in model of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Model> {
    models().iter().find(|model| model.table.name == name)
}

/// The tables that models may read, other models aside: all that is in memory when they are computed.
#[must_use]
pub fn readable() -> Vec<&'static Table> {
    let made_later = [
        "goal_progress",
        "bonus",
        "bonus_booked",
        "scenario_result",
        "data_readiness",
        "data_question",
        "data_set_apart",
    ];
    let analyses = MARTS.iter().chain(FACTS).filter(|table| !made_later.contains(&table.name));
    let analyses = analyses.filter(|table| !LARGE.iter().any(|large| large.name == table.name));
    SOURCES
        .iter()
        .chain(SETTINGS)
        .chain([&&contract::COST_BAND, &&contract::HELD_TIER, &&contract::ORDER_PRODUCT, &&contract::EVENT_QUANTITY])
        .chain(analyses)
        .copied()
        .collect()
}

/// What the built-in models may read: the large facts too, in a model that is made month by month.
fn built_in() -> Vec<&'static Table> {
    readable().into_iter().chain(LARGE.iter().copied()).collect()
}

/// Reads texts, by their files; each comes after those whose table it reads.
///
/// # Errors
/// The first text that is no model, or that reads a table that nobody makes.
pub fn read(texts: Vec<(String, String)>, tables: Vec<&'static Table>) -> Result<Vec<Model>, ModelFault> {
    read_by(Query::parse, texts, tables)
}

fn read_by(
    parse: Parse,
    texts: Vec<(String, String)>,
    mut tables: Vec<&'static Table>,
) -> Result<Vec<Model>, ModelFault> {
    let mut waiting = Waiting::all(texts);
    let mut models: Vec<Model> = Vec::new();
    while !waiting.is_empty() {
        let (before, mut refused) = (models.len(), Vec::new());
        // Parsing is most of the work: a text is tried once what it names is made. Where all wait, a word only looked like a table.
        let made: BTreeSet<&str> = models.iter().map(|model| model.table.name).collect();
        let is_ready = |text: &Waiting| text.names.iter().all(|name| made.contains(name.as_str()));
        let any_ready = waiting.iter().any(is_ready);
        let (ready, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|text| !any_ready || is_ready(text));
        waiting = later;
        for text in ready {
            match Model::parse_by(parse, &text.text, &tables) {
                Ok(mut model) => {
                    let passes = |name: &str| models.iter().any(|other| other.passing && other.table.name == name);
                    model.monthly |= model.query.tables().iter().any(|table| passes(table.name));
                    tables.push(model.table);
                    models.push(model);
                }
                Err(error) => {
                    refused.push(ModelFault { file: text.file.clone(), error });
                    waiting.push(text);
                }
            }
        }
        // What is left reads a table of none, or each of the other. Who only waits for another isn't at fault.
        if models.len() == before {
            let waits = |fault: &ModelFault| refused.iter().any(|other| fault.reads(other));
            let at_fault = refused.iter().position(|fault| !waits(fault)).unwrap_or_default();
            if let Some(fault) = refused.into_iter().nth(at_fault) {
                return Err(fault);
            }
        }
    }
    Ok(models)
}

/// A text that isn't read yet.
struct Waiting {
    file: String,
    text: String,
    /// Words of its SQL that other texts are called by.
    names: BTreeSet<String>,
}

impl Waiting {
    fn all(texts: Vec<(String, String)>) -> Vec<Self> {
        let stems: BTreeSet<String> = texts.iter().filter_map(|(file, _)| stem(file).map(str::to_owned)).collect();
        let waiting = |(file, text): (String, String)| {
            let sql = text.lines().map(|line| line.split_once("--").map_or(line, |(sql, _)| sql));
            let words =
                sql.flat_map(|line| line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_'));
            let others = words.filter(|word| stems.contains(*word) && stem(&file) != Some(*word));
            let names = others.map(str::to_owned).collect();
            Self { file, text, names }
        };
        texts.into_iter().map(waiting).collect()
    }
}

/// The name of a file without folders and ending: that of its table.
fn stem(file: &str) -> Option<&str> {
    Path::new(file).file_stem()?.to_str()
}

impl ModelFault {
    /// Whether it fails for want of the other's table.
    fn reads(&self, other: &Self) -> bool {
        let ModelError::Query(QueryError::UnknownTable { name, .. }) = &self.error else { return false };
        stem(&other.file) == Some(name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_text_is_a_model() {
        let texts = TEXTS.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
        let found = read(texts, built_in()).map(|models| models.len()).map_err(|fault| fault.to_string());
        assert_eq!(found, Ok(TEXTS.len()));
    }

    #[test]
    fn a_model_that_is_made_month_by_month_reads_the_month_sources_and_lists_and_is_not_published() {
        let passing = models().iter().filter(|model| model.passing).map(|model| model.table);
        let readable: Vec<&Table> = [LARGE, SETTINGS, SOURCES].concat().into_iter().chain(passing).collect();
        for model in models().iter().filter(|model| model.monthly) {
            let known = |table: &&'static Table| readable.iter().any(|one| one.name == table.name);
            assert!(model.internal && model.query.tables().iter().all(known), "{}", model.table.name);
        }
    }

    #[test]
    fn the_file_of_a_model_has_the_name_of_its_table() {
        for (file, text) in TEXTS {
            let stem = file.rsplit('/').next().unwrap_or_default().trim_end_matches(".sql");
            assert!(text.starts_with(&format!("-- {stem}: ")), "{file}");
        }
    }

    #[test]
    fn a_model_comes_after_those_that_it_reads_and_circles_are_refused() {
        let text = |name: &str, from: &str| {
            let head = format!("-- {name}: A table.\n-- grain: tier\n-- key: tier\n");
            (format!("{name}.sql"), format!("{head}select tier -- text: Tier\nfrom {from}\n"))
        };
        let order = |texts| {
            let models = read(texts, readable()).map_err(|fault| fault.to_string())?;
            Ok::<_, String>(models.iter().map(|model| model.table.name).collect::<Vec<_>>())
        };
        assert_eq!(order(vec![text("a", "b"), text("b", "held_tier")]), Ok(vec!["b", "a"]));
        assert!(order(vec![text("a", "b"), text("b", "a")]).unwrap_err().contains("`b` is not a table"));
        let broken = ("b.sql".to_owned(), text("b", "held_tier").1.replace("Tier\n", "\n"));
        assert!(order(vec![text("a", "b"), broken]).unwrap_err().starts_with("b.sql"), "a only waits for b");
    }
}
