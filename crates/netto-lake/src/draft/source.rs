//! The drafted configuration of a source and its columns, with the certainty of each choice.

use super::kinds::Dialect;
use super::sample::{InWorkbook, Written};
use crate::config::RecordsConfig;
use crate::serial;

/// A source as it would be configured.
#[derive(Clone, Debug, Default)]
pub struct DraftSource {
    /// Its name in the contract.
    pub source: &'static str,
    /// The files, relative to the project; for a view the lines first, then the heads.
    pub files: Vec<String>,
    /// The query, if lines, their heads and credit notes are in several files.
    pub sql: Option<String>,
    /// The tables that the query reads, and the files of each.
    pub tables: Vec<(String, Vec<String>)>,
    /// The sheets of the tables, if they are in workbooks.
    pub(super) sheets: Vec<(String, Vec<String>)>,
    /// Columns that are filled on the first line of a document only, with a remark on how many lines lack them.
    pub fill_down: Option<(Vec<String>, String)>,
    /// The condition for rows that are order lines, if others were seen, with a description of the others.
    pub filter: Option<(String, String)>,
    /// Whether credit notes and returns are positive.
    pub returns_positive: bool,
    /// Whether order lines take their cost from the list of products, because they have no cost of their own.
    pub cost_from_products: bool,
    /// The columns that were recognised, in the order of the contract.
    pub columns: Vec<DraftColumn>,
    /// Columns of the files that aren't used.
    pub unused: Vec<String>,
    pub(super) csv: Option<Written>,
    pub(super) excel: Option<InWorkbook>,
    pub(super) texts: Option<Dialect>,
    pub(super) records: Option<RecordsConfig>,
    pub(super) dates: Vec<&'static str>,
    /// Words in optional dates that mean none.
    pub(super) null: Vec<String>,
}

impl DraftSource {
    /// Whether its numbers could be read in two ways.
    #[must_use]
    pub fn has_numbers_in_doubt(&self) -> bool {
        self.csv.as_ref().is_some_and(|csv| csv.dialect.in_doubt.is_some())
    }
}

impl DraftSource {
    /// Settings other than columns that the owner of the data has to confirm.
    #[must_use]
    pub fn others_to_look_at(&self) -> Vec<&'static str> {
        let is_several = self.excel.as_ref().is_some_and(|excel| excel.sheets.len() > 1);
        let is_doubted = self.filter.as_ref().is_some_and(|(_, remark)| remark.contains("have a look"));
        let without_year = self.dates.contains(&serial::WITHOUT_YEAR);
        let found =
            [(is_several, "sheet"), (is_doubted, "where"), (without_year, "date"), (self.returns_positive, "returns")];
        found.into_iter().filter_map(|(is, name)| is.then_some(name)).collect()
    }
}

/// A column as it would be configured.
#[derive(Clone, Debug)]
pub struct DraftColumn {
    /// Its name in the contract.
    pub column: &'static str,
    /// The value in netto.toml.
    pub value: String,
    /// How sure the choice is.
    pub sureness: Sureness,
    /// The reason, or a value of the column.
    pub remark: String,
}

impl DraftColumn {
    /// A choice that the owner should check.
    pub(super) fn look(column: &'static str, value: String, remark: impl Into<String>) -> Self {
        Self { column, value, sureness: Sureness::Look, remark: remark.into() }
    }

    /// Replaces the choice by another one that the owner should check.
    pub(super) fn change(&mut self, value: String, remark: impl Into<String>) {
        *self = Self::look(self.column, value, remark);
    }
}

/// How sure a choice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sureness {
    /// Only the owner of the data knows; the choice is written as a comment.
    Unknown,
    /// The owner should check it, as it could be something else.
    Look,
    /// The name contains what ERPs call it.
    Likely,
    /// The name is what ERPs call it, and the values are of the right kind.
    Sure,
}
