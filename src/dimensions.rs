//! Dimensions have a member for every id that a fact names, so that a join loses nothing: whoever isn't in a source has a row
//! with the id for a name.
//!
//! ```text
//! fct_employee_month names M01, M99, ""       dim_employee of the source has M01
//! → M99 gets a row with the name M99; what has no id has its member in the star
//! ```

use std::collections::{BTreeMap, BTreeSet};

use netto_lake::Lake;
use netto_model::star::{DIMENSIONS, Dimension};
use netto_model::{Mart, Table, Type, column as c, contract};
use netto_publish::{Members, Streamed};
use polars::prelude::*;

use crate::failure::Failure;

/// Dimensions whose members come from a source that may lack some.
const FROM_SOURCES: [&Table; 3] = [&contract::DIM_CUSTOMER, &contract::DIM_PRODUCT, &contract::DIM_EMPLOYEE];

/// Adds the members that facts name and sources lack, and looks that every reference of the contract holds.
///
/// # Errors
/// A reference that can't be mended.
pub(crate) fn complete(marts: &mut [Mart], streamed: &[Streamed], lake: &Lake) -> Result<(), Failure> {
    let unread = |error: PolarsError| Failure::failed("the dimensions could not be completed", &error);
    // A placeholder may itself be named first by a dimension: customers name employees.
    for dimension in FROM_SOURCES {
        let mut named = named(marts, dimension.name).map_err(unread)?;
        named.extend(named_by_lines(dimension, streamed, lake)?);
        named.remove("");
        if let Some(mart) = marts.iter_mut().find(|mart| mart.table.name == dimension.name) {
            mart.data = with_members(&mart.data, dimension, &named).map_err(unread)?;
        }
    }
    match dangling(marts).map_err(unread)? {
        None => Ok(()),
        Some(what) => Err(Failure::no_data(what, "this is a defect of netto: please report it with this message")),
    }
}

/// The members of dimensions that any source names, so that their keys are known before the first fact is written.
///
/// # Errors
/// When a table can't be read.
pub(crate) fn members(lake: &Lake) -> Result<Members, Failure> {
    let mut ids: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for source in contract::SOURCES {
        for column in source.columns.iter().filter(|column| column.ty == Type::Text) {
            if let Some(dimension) = Dimension::of(column) {
                ids.entry(dimension.name).or_default().extend(lake.values(source, column.name)?);
            }
        }
    }
    let mut members = Members::default();
    for dimension in DIMENSIONS {
        let ids = ids.remove(dimension.name).unwrap_or_default();
        members
            .extend(dimension, ids)
            .map_err(|error| Failure::failed("the members of dimensions could not be listed", &error))?;
    }
    Ok(members)
}

/// What the marts name of a dimension.
fn named(marts: &[Mart], dimension: &str) -> PolarsResult<BTreeSet<String>> {
    let mut named = BTreeSet::new();
    for mart in marts {
        for column in mart.table.columns.iter().filter(|column| column.references == Some(dimension)) {
            named.extend(mart.data.column(column.name)?.str()?.unique()?.iter().flatten().map(str::to_owned));
        }
    }
    Ok(named)
}

/// What orders and lines name that were written already: the lake knows.
fn named_by_lines(dimension: &Table, streamed: &[Streamed], lake: &Lake) -> Result<BTreeSet<String>, Failure> {
    if streamed.is_empty() {
        return Ok(BTreeSet::new());
    }
    let id = dimension.keys().next().map_or("", |column| column.name);
    let names = streamed.iter().flat_map(|written| written.table.columns);
    if !names.into_iter().any(|column| column.name == id) {
        return Ok(BTreeSet::new());
    }
    // Customers of the lines are in the waterfall.
    if id == c::CUSTOMER_ID { Ok(BTreeSet::new()) } else { Ok(lake.values(&contract::ORDER_LINES, id)?) }
}

/// The dimension with a row for each that it lacks, in the order of its key.
fn with_members(data: &DataFrame, table: &Table, named: &BTreeSet<String>) -> PolarsResult<DataFrame> {
    let key = table.keys().next().map_or("", |column| column.name);
    let known: BTreeSet<&str> = data.column(key)?.str()?.iter().flatten().collect();
    let lacking: Vec<&str> = named.iter().map(String::as_str).filter(|id| !known.contains(id)).collect();
    if lacking.is_empty() {
        return Ok(data.clone());
    }
    let columns = data.columns().iter().map(|column| {
        let name = column.name().as_str();
        if name == key || name == c::NAME {
            Column::new(name.into(), &lacking)
        } else {
            Column::full_null(name.into(), lacking.len(), column.dtype())
        }
    });
    let placeholders = DataFrame::new_infer_height(columns.collect())?;
    let mut whole = data.vstack(&placeholders)?.sort([key], SortMultipleOptions::default())?;
    whole.rechunk_mut();
    Ok(whole)
}

/// The first reference that leads nowhere, in words; those that were completed lead somewhere.
fn dangling(marts: &[Mart]) -> PolarsResult<Option<String>> {
    let completed = |name: &str| FROM_SOURCES.iter().any(|dimension| dimension.name == name);
    let mut keys: BTreeMap<&str, Series> = BTreeMap::new();
    for mart in marts.iter().filter(|mart| !completed(mart.table.name)) {
        let Some(key) = mart.table.keys().next() else { continue };
        keys.insert(mart.table.name, mart.data.column(key.name)?.as_materialized_series().unique()?);
    }
    let known: BTreeMap<&str, PlHashSet<AnyValue<'_>>> =
        keys.iter().map(|(name, keys)| (*name, keys.iter().collect())).collect();
    for mart in marts {
        for column in mart.table.columns {
            let Some(to) = column.references else { continue };
            let Some(known) = known.get(to) else { continue };
            let named = mart.data.column(column.name)?.as_materialized_series().drop_nulls().unique()?;
            if let Some(stray) = named.iter().find(|value| !known.contains(value)) {
                return Ok(Some(format!("{} names {} {stray}, which {to} doesn't have", mart.table.name, column.name)));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_named_and_not_known_gets_a_row() {
        let table = &contract::DIM_EMPLOYEE;
        let data = df!(c::EMPLOYEE_ID => ["M01"], c::NAME => ["Jan"], c::ROLE => [Some("field")], c::PAIR_ID => [None::<&str>]).unwrap();
        let named = BTreeSet::from(["M01", "M99"].map(str::to_owned));
        let whole = with_members(&data, table, &named).unwrap();
        let texts = |name: &str| {
            whole
                .column(name)
                .unwrap()
                .str()
                .unwrap()
                .iter()
                .map(|text| text.unwrap_or("–").to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(c::EMPLOYEE_ID), ["M01", "M99"]);
        assert_eq!(texts(c::NAME), ["Jan", "M99"]);
        assert_eq!(texts(c::ROLE), ["field", "–"]);
    }
}
