//! Views: one SQL query over named files, its result read like an extract.
//!
//! ```toml
//! [source.cost_pools]
//! sql = "select department as pool, date as period, sum(amount) as amount from finance group by department, date"
//! [source.cost_pools.tables]
//! finance = "FactFinance.parquet"
//! ```
//! Columns of CSV files are texts as they stand: `10.200` and `10200` are two products. Where the view computes, compares or
//! casts, texts are read as `[source.….csv]` says, and numbers are computed exactly.
//!
//! ```text
//! query       the text: one SELECT over tables that are configured
//! tables      files and sheets → frames; bad records are set apart, heads that stand above are filled down
//! plan        each SELECT by itself · joins: refused where they would explode
//! rewrite     its expressions, by the types of its columns · functions, exact, words: what they become
//! ```

mod exact;
mod functions;
mod joins;
mod kind;
mod plan;
mod query;
mod rewrite;
mod sql;
mod tables;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use ::arrow::array::StringArray;
use functions::{Functions, NUMBER};
use joins::Limit;
use polars::prelude::*;
pub(crate) use query::parse;
use rewrite::Stop;
use tables::Tables;
use words::{Fault, Words};

use super::cell::Written;
use super::{Extract, parquet};
use crate::config::SourceConfig;
use crate::error::LakeError;
use crate::typed::Signs;

/// Runs the view of a source.
pub(crate) fn run(source: &str, config: &SourceConfig, base: &Path) -> Result<Extract, LakeError> {
    let refused = |refusal: query::Refusal| LakeError::View {
        table: source.to_owned(),
        message: refusal.message,
        help: Some(refusal.help),
    };
    let sql = config.sql.as_deref().unwrap_or_default();
    let query = parse(sql, config.tables.keys().map(String::as_str)).map_err(refused)?;
    let words = || Words::new(Signs::of(&config.csv));
    let mut tables = Tables {
        csv: &config.csv,
        excel: config.excel.clone().unwrap_or_default(),
        base,
        fill_down: &config.fill_down,
        filled_down: BTreeMap::new(),
        wanted: query::names(&query),
        words: words(),
        rejected: Vec::new(),
        skipped: BTreeSet::new(),
        known: BTreeSet::new(),
    };
    let mut frames = BTreeMap::new();
    for (name, files) in &config.tables {
        frames.insert(name.clone(), tables.read(files)?);
    }
    let fills = tables.filled_down.is_empty() && !config.fill_down.is_empty();
    if fills {
        return Err(LakeError::View {
            table: source.to_owned(),
            message: format!("no table has all columns of fill_down: \"{}\"", config.fill_down.join("\", \"")),
            help: Some("they are columns of one CSV file or sheet, as they are called there".into()),
        });
    }
    let functions = Functions::new(words());
    let planned = plan::plan(&query, frames, &functions, Limit(config.max_join_rows()));
    let result = planned.and_then(|plan| Ok(plan.collect()?)).and_then(|data| Ok((texts(&data)?, data)));
    match result {
        Ok((columns, data)) => {
            let header = data.get_column_names().into_iter().map(ToString::to_string).collect();
            let written = data.columns().iter().map(|column| written(column.dtype())).collect();
            let table = parquet::TextTable::of(format!("{source} (view)"), header, written, columns);
            Ok(Extract::Table(Arc::new(table.with(tables.rejected, tables.skipped, tables.filled_down))))
        }
        Err(stop) => match (functions.fault(), stop.refusal(&tables.known)) {
            (Some(fault), _) => Err(failed(source, &fault, config, base)),
            (None, Ok(refusal)) => Err(refused(refusal)),
            (None, Err(error)) => Err(LakeError::View { table: source.to_owned(), message: said(&error), help: None }),
        },
    }
}

/// What the engine said, without the plan that it prints behind it.
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

/// How the values of a column of the result are written.
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
    data.columns().iter().map(text).collect()
}
