//! `netto sql QUERY`: one SELECT over the tables of the last run and the sources as they were loaded.
//!
//! ```text
//! netto sql "select tier, sum(net_profit) as net_profit from customer_window where window_id = 'main' group by tier"
//! netto sql            the tables that can be asked
//! ```
//! Amounts are decimals, as in the published files, not whole ten-thousandths as in models. Only the tables in the query are read.

use netto_lake::Lake;
use netto_model::{Query, Table, Type, contract};
use polars::prelude::*;
use polars::sql::SQLContext;
use serde_json::{Value, json};

use crate::cli::Format;
use crate::failure::Failure;
use crate::output;
use crate::pipeline::published_tables;
use crate::project::Project;

/// The answer to a query.
pub(crate) fn answer(query: &str, project: &Project, format: Format) -> Result<(), Failure> {
    let tables = tables(project)?;
    let help = "`netto sql` lists the tables, `netto schema TABLE` their columns";
    let parsed = Query::parse(query, &tables).map_err(|error| Failure::usage(error.to_string(), help))?;
    let lake = project.lake()?;
    let mut context = SQLContext::new();
    for table in parsed.tables() {
        context.register(table.name, read(table, project, &lake)?.lazy());
    }
    let asked = context.execute(&parsed.as_written()).and_then(LazyFrame::collect);
    let rows = asked.map_err(|error| Failure::usage(format!("the query could not be answered: {error}"), help))?;
    shown(&rows, format).map_err(|error| Failure::failed("the answer could not be read", &error))
}

/// Lists the tables that can be queried, with the grain of each.
pub(crate) fn list(project: &Project, format: Format) -> Result<(), Failure> {
    let tables = tables(project)?;
    let place = |table: &Table| {
        if contract::SOURCES.iter().any(|source| source.name == table.name) { "source" } else { "published" }
    };
    match format {
        Format::Json => output::json(
            &tables
                .iter()
                .map(|table| json!({ "table": table.name, "from": place(table), "grain": table.grain }))
                .collect(),
        ),
        Format::Table | Format::Csv => {
            let row = |table: &&Table| vec![table.name.to_owned(), place(table).to_owned(), table.grain.to_owned()];
            output::table(&["Table", "From", "One row is"], &tables.iter().map(row).collect::<Vec<_>>(), 3);
        }
    }
    output::next("netto sql \"select * from customer_window limit 5\"; netto schema TABLE shows what its columns mean");
    Ok(())
}

fn tables(project: &Project) -> Result<Vec<&'static Table>, Failure> {
    Ok(contract::SOURCES.iter().copied().chain(published_tables(project)?).collect())
}

fn read(table: &'static Table, project: &Project, lake: &Lake) -> Result<DataFrame, Failure> {
    let never = || {
        let what = format!("`{}` was never loaded", table.name);
        Failure::usage(what, format!("describe it as [source.{}] in netto.toml, and run `netto run`", table.name))
    };
    let data = if *table == contract::ORDER_LINES {
        lake.order_lines()?.ok_or_else(never)?
    } else if contract::SOURCES.contains(&table) {
        lake.table(table)?.ok_or_else(never)?
    } else {
        netto_publish::read_file(project.current(), table)?
    };
    with_decimals(table, data).map_err(|error| Failure::failed(format!("`{}` could not be read", table.name), &error))
}

/// Converts amounts from ten-thousandths to `DECIMAL`, as published.
fn with_decimals(table: &Table, mut data: DataFrame) -> PolarsResult<DataFrame> {
    for column in table.columns.iter().filter(|column| column.ty == Type::Decimal) {
        if let Ok(units) = data.column(column.name) {
            let units = units.cast(&DataType::Int128)?;
            let amounts = units.i128()?.clone().into_decimal_unchecked(38, 4);
            data.replace(column.name, amounts.into_column())?;
        }
    }
    Ok(data)
}

fn shown(rows: &DataFrame, format: Format) -> PolarsResult<()> {
    let names: Vec<&str> = rows.get_column_names().into_iter().map(PlSmallStr::as_str).collect();
    let cells = |row: usize| rows.columns().iter().map(|column| column.get(row)).collect::<PolarsResult<Vec<_>>>();
    if format == Format::Json {
        let object = |row| {
            let pairs = names.iter().zip(cells(row)?).map(|(name, value)| ((*name).to_owned(), as_json(&value)));
            Ok(Value::Object(pairs.collect()))
        };
        output::json(&(0..rows.height()).map(object).collect::<PolarsResult<Value>>()?);
        return Ok(());
    }
    let texts = |row| Ok(cells(row)?.iter().map(as_text).collect::<Vec<_>>());
    let texts = (0..rows.height()).map(texts).collect::<PolarsResult<Vec<_>>>()?;
    output::wide(&names, &texts, &rows.columns().iter().map(|column| column.dtype().is_numeric()).collect::<Vec<_>>());
    Ok(())
}

/// Amounts are texts, so that no reader rounds them.
fn as_json(value: &AnyValue<'_>) -> Value {
    match value {
        AnyValue::Null => Value::Null,
        AnyValue::Boolean(flag) => (*flag).into(),
        AnyValue::Float64(number) => (*number).into(),
        AnyValue::Decimal(..) | AnyValue::Int128(_) => as_text(value).into(),
        whole if whole.is_integer() => whole.extract::<i64>().into(),
        other => as_text(other).into(),
    }
}

fn as_text(value: &AnyValue<'_>) -> String {
    match value {
        AnyValue::Null => String::new(),
        other => other.get_str().map_or_else(|| other.to_string(), str::to_owned),
    }
}
