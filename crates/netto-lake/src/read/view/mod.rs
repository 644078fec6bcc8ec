//! Views: one SQL query over named files, whose result is read like an extract.
//!
//! ```toml
//! [source.cost_pools]
//! sql = "select department as pool, date as period, sum(amount) as amount from finance group by department, date"
//! [source.cost_pools.tables]
//! finance = "FactFinance.parquet"
//! ```
//! Columns of CSV files stay texts: `10.200` and `10200` are two products. Where the view computes, compares or casts, texts are
//! parsed by `[source.….csv]`, and numbers are computed exactly.
//!
//! ```text
//! query       the text: one SELECT over tables that are configured
//! tables      files and sheets → frames; bad records are set apart, heads that stand above are filled down
//! plan        each SELECT by itself · joins: refused where they would explode · groups: a grouped one with windows is two
//! rewrite     its expressions, by the types of its columns · functions, texts, windows, exact, words: what they become
//! pieces      the rows a piece at a time, where each follows from one row of the first table
//! ```

mod exact;
mod functions;
mod groups;
mod joins;
mod kind;
mod pieces;
mod plan;
mod query;
mod rewrite;
mod sql;
mod tables;
#[cfg(test)]
mod tests;
mod texts;
mod windows;
mod words;
pub(crate) use pieces::ViewPieces;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::arrow::array::{Array, StringArray};
use functions::{Functions, NUMBER};
use joins::Limit;
use polars::prelude::*;
pub(crate) use query::parse;
use rayon::prelude::*;
use rewrite::Stop;
use sqlparser::ast::Query;
use tables::Tables;
use words::{Fault, Words};

use super::cell::Written;
use super::parquet::TextTable;
use super::{Extract, Pieces};
use crate::config::SourceConfig;
use crate::error::LakeError;
use crate::typed::Signs;

/// The rows of a source's view: in pieces if possible, else all at once.
pub(crate) fn open(source: &str, config: &SourceConfig, base: &Path) -> Result<Pieces<'static>, LakeError> {
    let view = View::of(source, config, base)?;
    match pieces::ViewPieces::of(view)? {
        Ok(pieces) => Ok(Pieces::View(Box::new(pieces))),
        Err(view) => Ok(Pieces::Whole(Some(Box::new(Extract::Table(Arc::new(view.whole()?)))))),
    }
}

/// A view that was read.
struct View {
    source: String,
    config: SourceConfig,
    base: PathBuf,
    query: Query,
}

impl View {
    fn of(source: &str, config: &SourceConfig, base: &Path) -> Result<Self, LakeError> {
        let sql = config.sql.as_deref().unwrap_or_default();
        let query = parse(sql, config.tables.keys().map(String::as_str)).map_err(|refusal| refused(source, refusal))?;
        Ok(Self { source: source.to_owned(), config: config.clone(), base: base.to_owned(), query })
    }

    /// Its tables, not read yet.
    fn tables(&self) -> Tables<'_> {
        Tables {
            csv: &self.config.csv,
            excel: self.config.excel.clone().unwrap_or_default(),
            base: &self.base,
            fill_down: &self.config.fill_down,
            filled_down: BTreeMap::new(),
            wanted: query::names(&self.query),
            words: self.words(),
            rejected: Vec::new(),
            skipped: BTreeSet::new(),
            known: BTreeSet::new(),
        }
    }

    fn words(&self) -> Words {
        Words::new(Signs::of(&self.config.csv))
    }

    /// All of its rows.
    fn whole(&self) -> Result<TextTable, LakeError> {
        let (mut tables, mut frames) = (self.tables(), BTreeMap::new());
        for (name, files) in &self.config.tables {
            frames.insert(name.clone(), tables.read(name, files)?);
        }
        let fills = tables.filled_down.is_empty() && !self.config.fill_down.is_empty();
        if fills {
            return Err(LakeError::View {
                table: self.source.clone(),
                message: format!("no table has all columns of fill_down: \"{}\"", self.config.fill_down.join("\", \"")),
                help: Some("they are columns of one CSV file or sheet, as they are called there".into()),
            });
        }
        self.over(frames, tables, 1)
    }

    /// Its result over these rows of its tables; the first row has the number `start`.
    fn over(
        &self,
        frames: BTreeMap<String, DataFrame>,
        tables: Tables<'_>,
        start: u64,
    ) -> Result<TextTable, LakeError> {
        let (source, config) = (self.source.as_str(), &self.config);
        let functions = Functions::new(self.words());
        let planned = plan::plan(&self.query, frames, &functions, Limit(config.max_join_rows()));
        let result = planned.and_then(|plan| Ok(plan.collect()?)).and_then(|data| Ok((texts(&data)?, data)));
        match result {
            Ok((columns, data)) => {
                let header = data.get_column_names().into_iter().map(ToString::to_string).collect();
                let written = data.columns().iter().map(|column| written(column.dtype())).collect();
                let table = TextTable::in_batches(format!("{source} (view)"), header, written, in_blocks(&columns));
                Ok(table.starting_at(start).with(tables.rejected, tables.skipped, tables.filled_down))
            }
            Err(stop) => match (functions.fault(), stop.refusal(&tables.known)) {
                (Some(fault), _) => Err(failed(source, &fault, config, &self.base)),
                (None, Ok(refusal)) => Err(refused(source, refusal)),
                (None, Err(error)) => {
                    Err(LakeError::View { table: source.to_owned(), message: said(&error), help: None })
                }
            },
        }
    }
}

fn refused(source: &str, refusal: query::Refusal) -> LakeError {
    LakeError::View { table: source.to_owned(), message: refusal.message, help: Some(refusal.help) }
}

/// Rows per block.
const BLOCK: usize = 1 << 16;

/// The same columns in blocks; one at least.
fn in_blocks(columns: &[StringArray]) -> Vec<Vec<StringArray>> {
    let rows = columns.first().map_or(0, StringArray::len);
    let block = |start: usize| columns.iter().map(|column| column.slice(start, BLOCK.min(rows - start))).collect();
    (0..rows.max(1)).step_by(BLOCK).map(block).collect()
}

/// The engine's message without its query plan.
fn said(error: &PolarsError) -> String {
    let text = error.to_string();
    let text = text.split("\n\nResolved plan").next().unwrap_or_default();
    text.split("\n\nThis error occurred").next().unwrap_or_default().to_owned()
}

fn failed(source: &str, fault: &Fault, config: &SourceConfig, base: &Path) -> LakeError {
    let place = match fault {
        Fault::Unread { column, value, .. } | Fault::Unordered { column, left: value, .. } => {
            tables::place_of(column, value, &config.tables, &config.csv, base)
        }
        _ => None,
    };
    let place = place.map(|place| format!("{place}, ")).unwrap_or_default();
    LakeError::View { table: source.to_owned(), message: format!("{place}{fault}"), help: Some(fault.help().into()) }
}

/// The notation of a result column.
fn written(ty: &DataType) -> Written {
    match ty {
        ty if *ty == NUMBER || ty.is_float() => Written::Rounded,
        DataType::String | DataType::Null => Written::AsSource,
        _ => Written::Plainly,
    }
}

/// The result as text.
fn texts(data: &DataFrame) -> Result<Vec<StringArray>, Stop> {
    let plain = Words::new(Signs::plain());
    let text = |column: &Column| Ok(plain.texts(column.as_materialized_series())?.str()?.iter().collect());
    data.columns().par_iter().map(text).collect()
}
