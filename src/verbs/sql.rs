//! `netto sql`: queries published and loaded tables; with `--print` it shows the texts of rollups and models, and their input files.

use std::path::Path;

use netto_lake::KeyKind;
use netto_model::contract::{self, FACTS, LARGE};
use netto_model::{Dialect, Mart, Table, models, star};
use netto_rollup::sql_text;
use netto_segment::{SegmentConfig, Text, lists, texts};
use polars::prelude::{AnyValue, PolarsResult};
use serde_json::{Map, Value, json};

use crate::cli::{Format, SqlArgs, SqlDialect};
use crate::failure::Failure;
use crate::output;
use crate::pipeline;
use crate::project::Project;
use crate::sources::Sources;
use crate::verbs::query;

pub(crate) fn run(args: &SqlArgs, format: Format) -> Result<(), Failure> {
    let (asked, folder) = query_and_project(&args.words);
    let project = Project::open(folder)?;
    match asked {
        Some(asked) if args.print => {
            let what = format!("--print takes no query, but there is one: {asked}");
            Err(Failure::usage(what, "leave out --print to run the query"))
        }
        Some(asked) => query::answer(asked, &project, format),
        None if args.print => print(&project, args.dialect),
        None => query::list(&project, format),
    }
}

/// Splits off the project: an argument that is a folder or a netto.toml can't be a query.
fn query_and_project(words: &[String]) -> (Option<&str>, &Path) {
    let here = Path::new(".");
    match words {
        [] => (None, here),
        [word] if Path::new(word).exists() => (None, Path::new(word)),
        [query] => (Some(query), here),
        [query, project, ..] => (Some(query), Path::new(project)),
    }
}

fn print(project: &Project, dialect: SqlDialect) -> Result<(), Failure> {
    let lake = project.lake()?;
    let dialect = match dialect {
        SqlDialect::Duckdb => Dialect::Standard,
        SqlDialect::Spark => Dialect::Spark,
    };
    let mut files = Map::new();
    for (month, paths) in lake.months()? {
        files.insert(format!("{month}-01"), json!(paths));
    }
    let with_suppliers = pipeline::suppliers_with_rebates(&lake, &Sources::read(&lake)?)?.is_some();
    let rollups: Map<String, Value> = sql_text(&pipeline::drivers(&project.config)?, with_suppliers, dialect)
        .into_iter()
        .map(|(name, sql)| (name, sql.into()))
        .collect();
    let keys = |kind| lake.key_files(kind);
    output::json(&json!({
        "files": files,
        "customer_keys": keys(KeyKind::Customer)?,
        "order_keys": keys(KeyKind::Order)?,
        "product_keys": keys(KeyKind::Product)?,
        "rollups": rollups,
        "models": models(&project.config.segment)?,
        "tables": models::readable().iter().chain(LARGE).copied().map(declared).collect::<Map<_, _>>(),
        "as_made": contract::marts().chain(FACTS.iter().copied()).map(as_made).collect::<Map<_, _>>(),
        "lists": lists(&project.config.segment)?.iter().map(rows).collect::<Result<Map<_, _>, _>>()?,
    }));
    Ok(())
}

/// The models, each after those that it reads; amounts are whole ten-thousandths in their inputs and outputs.
fn models(config: &SegmentConfig) -> Result<Vec<Value>, Failure> {
    let model = |text: &Text| {
        let table = text.model.table;
        json!({
            "name": table.name,
            "key": table.keys().map(|column| column.name).collect::<Vec<_>>(),
            "published": !text.model.internal,
            "needs": text.model.needs,
            "columns": columns(table),
            "sql": text.sql,
            "audits": text.audits.iter().map(|(rule, sql)| json!({"rule": rule, "sql": sql})).collect::<Vec<_>>(),
        })
    };
    Ok(texts(config)?.iter().map(model).collect())
}

/// How a table is assembled from the published ones.
fn as_made(table: &'static Table) -> (String, Value) {
    (table.name.to_owned(), star::as_made(table).into())
}

fn declared(table: &Table) -> (String, Value) {
    (table.name.to_owned(), columns(table))
}

/// Name and SQL type of each column.
fn columns(table: &Table) -> Value {
    table.columns.iter().map(|column| json!([column.name, column.ty.sql()])).collect()
}

/// A small table, row by row.
fn rows(mart: &Mart) -> Result<(String, Value), Failure> {
    let failed = |error| Failure::failed(format!("`{}` could not be read", mart.table.name), &error);
    let cell = |value: AnyValue<'_>| match value {
        AnyValue::Null => Value::Null,
        AnyValue::Int64(number) => number.into(),
        AnyValue::Boolean(flag) => flag.into(),
        other => other.get_str().map_or_else(|| other.to_string(), str::to_owned).into(),
    };
    let row = |row: usize| {
        mart.data.columns().iter().map(|column| Ok(cell(column.get(row)?))).collect::<PolarsResult<Value>>()
    };
    let rows = (0..mart.data.height()).map(row).collect::<PolarsResult<Value>>().map_err(failed)?;
    Ok((mart.table.name.to_owned(), json!({"columns": columns(mart.table), "rows": rows})))
}
