//! Views: one SQL query over named files, its result read like an extract.
//!
//! ```toml
//! [source.cost_pools]
//! sql = "select department as pool, date as period, sum(amount) as amount from finance group by department, date"
//! [source.cost_pools.tables]
//! finance = "FactFinance.parquet"
//! ```

use std::path::Path;

use arrow::datatypes::{DataType as ArrowType, Field, Schema};
use netto_model::arrow::any_from_batches;
use polars::prelude::*;
use polars::sql::SQLContext;

use super::{Extract, Lines, Row, content, csv, find, is_parquet, parquet};
use crate::config::{CsvConfig, OneOrMany};
use crate::error::LakeError;
use crate::moment::{self, Moment};
use crate::typed::{self, Signs};

/// A table of a view: its name and its files.
pub(crate) type Named<'a> = (&'a String, &'a OneOrMany);

/// Runs the query.
pub(crate) fn run<'a>(
    source: &str,
    sql: &str,
    tables: impl Iterator<Item = Named<'a>>,
    csv: &CsvConfig,
    base: &Path,
) -> Result<Extract, LakeError> {
    let failed = |error: PolarsError| LakeError::View { table: source.to_owned(), message: error.to_string() };
    let mut context = SQLContext::new();
    for (name, files) in tables {
        context.register(name, table(files, csv, base)?.lazy());
    }
    let data = context.execute(sql).and_then(LazyFrame::collect).map_err(failed)?;
    as_text(format!("{source} (view)"), &data).map_err(failed)
}

/// All files of a table, one below the other.
fn table(files: &OneOrMany, config: &CsvConfig, base: &Path) -> Result<DataFrame, LakeError> {
    let mut whole: Option<DataFrame> = None;
    for path in find(files, base)? {
        let part = if is_parquet(&path) {
            let (schema, batches) = parquet::batches(&path)?;
            any_from_batches(&schema, &batches)?
        } else {
            from_csv(&csv::CsvFile::open(content(&path, base, config)?, config)?, &Signs::of(config))?
        };
        match &mut whole {
            Some(whole) => {
                whole.vstack_mut(&part)?;
            }
            None => whole = Some(part),
        }
    }
    Ok(whole.unwrap_or_default())
}

/// A CSV file as a frame: a column whose values are all numbers or dates is one, others are text.
fn from_csv(file: &csv::CsvFile, signs: &Signs) -> Result<DataFrame, LakeError> {
    let mut columns: Vec<Vec<Option<String>>> = vec![Vec::new(); file.header.len()];
    let (mut fault, mut lines) = (None, Lines::default());
    for block in 0..file.blocks.len() {
        lines += file.each_row(block, &mut |row: Row<'_, '_>| {
            if let (Some(reason), None) = (row.fault, &fault) {
                fault = Some((row.line, reason));
            }
            for (column, field) in columns.iter_mut().zip(row.fields) {
                let text = field.trim();
                column.push((!signs.is_null(text)).then(|| text.to_owned()));
            }
        });
    }
    file.account(lines)?;
    if let Some((line, reason)) = fault {
        return Err(LakeError::Format {
            file: file.name.clone(),
            message: format!("line {line}: {reason}"),
            help: Some("a file of a view must be whole: a query cannot set a row apart".into()),
        });
    }
    let series = file.header.iter().zip(&columns).map(|(name, values)| guess(name, values, signs));
    Ok(DataFrame::new_infer_height(series.collect::<Result<Vec<_>, _>>()?)?)
}

fn guess(name: &str, values: &[Option<String>], signs: &Signs) -> PolarsResult<Column> {
    let name: PlSmallStr = name.into();
    // A leading zero is a code, not a number.
    let code = |text: &str| text.len() > 1 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    let any = values.iter().any(Option::is_some) && !values.iter().flatten().any(|text| code(text));
    if any && let Some(integers) = all(values, |text| typed::integer(text, signs).ok()) {
        return Ok(Series::new(name, integers).into_column());
    }
    if any && let Some(units) = all(values, |text| typed::decimal(text, signs, false).ok().map(i128::from)) {
        let units = Int128Chunked::from_iter_options(name, units.into_iter());
        return Ok(units.into_decimal(38, 4)?.into_series().into_column());
    }
    if any && let Some(moments) = all(values, |text| moment::moment(text, signs).ok()) {
        return Ok(days_or_moments(name, &moments));
    }
    Ok(Series::new(name, values).into_column())
}

/// Days as they are; with times where there are any, so that a query can ask for them.
fn days_or_moments(name: PlSmallStr, moments: &[Option<Moment>]) -> Column {
    let with_times = moments.iter().flatten().any(|moment| moment.minute.is_some_and(|minute| minute > 0));
    if !with_times {
        let days: Int32Chunked = moments.iter().map(|moment| moment.map(|moment| moment.day)).collect();
        return days.into_date().into_column().with_name(name);
    }
    let minutes = |moment: &Moment| i64::from(moment.day) * moment::DAY + moment.minute.unwrap_or_default();
    let microseconds: Int64Chunked =
        moments.iter().map(|moment| moment.as_ref().map(|moment| minutes(moment) * 60_000_000)).collect();
    microseconds.into_datetime(TimeUnit::Microseconds, None).into_column().with_name(name)
}

fn all<T>(values: &[Option<String>], parse: impl Fn(&str) -> Option<T>) -> Option<Vec<Option<T>>> {
    values.iter().map(|value| value.as_deref().map_or(Some(None), |text| parse(text).map(Some))).collect()
}

/// The result as text, with its floats marked.
fn as_text(name: String, data: &DataFrame) -> PolarsResult<Extract> {
    use ::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
    let (mut fields, mut arrays) = (Vec::new(), Vec::<ArrayRef>::new());
    for column in data.columns() {
        let float = column.dtype().is_float();
        if float {
            let floats = column.cast(&DataType::Float64)?;
            arrays.push(std::sync::Arc::new(floats.f64()?.iter().collect::<Float64Array>()));
        } else {
            let texts = column.cast(&DataType::String)?;
            arrays.push(std::sync::Arc::new(texts.str()?.iter().collect::<StringArray>()));
        }
        fields.push(Field::new(column.name().as_str(), if float { ArrowType::Float64 } else { ArrowType::Utf8 }, true));
    }
    let schema = std::sync::Arc::new(Schema::new(fields));
    let refused = |error: String| PolarsError::ComputeError(error.into());
    let batch = RecordBatch::try_new(schema.clone(), arrays).map_err(|error| refused(error.to_string()))?;
    let table = parquet::TextTable::of(name, &schema, &[batch]).map_err(|error| refused(error.to_string()))?;
    Ok(Extract::Table(table))
}
