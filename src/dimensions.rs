//! Completes the dimensions with a member for every id in a fact, so that a join loses no rows: an id that no source has gets a
//! row with the id as its name.
//!
//! ```text
//! fct_employee_month names M01, M99, ""       dim_employee of the source has M01
//! → M99 gets a row with the name M99; what has no id has its member in the star
//! ```

use std::collections::{BTreeMap, BTreeSet};

use netto_lake::Lake;
use netto_model::star::{DIMENSIONS, Dimension};
use netto_model::{Mart, Type, contract};
use netto_publish::{Members, Streamed};
use polars::prelude::*;

use crate::failure::Failure;

/// The ids in the sources, read once.
pub(crate) struct Named {
    /// The keys of the members, known before the first fact is written.
    pub(crate) members: Members,
    /// The ids in order lines, by dimension.
    lines: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Named {
    /// Reads the ids of every source.
    ///
    /// # Errors
    /// When a table can't be read.
    pub(crate) fn of(lake: &Lake) -> Result<Self, Failure> {
        let unlisted = |error| Failure::failed("the members of the dimensions could not be listed", &error);
        let mut ids: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let mut lines = BTreeMap::new();
        for source in contract::SOURCES {
            for column in source.columns.iter().filter(|column| column.ty == Type::Text) {
                let Some(dimension) = Dimension::of(column) else { continue };
                let values = lake.values(source, column.name)?;
                ids.entry(dimension.name).or_default().extend(values.iter().cloned());
                if source.name == contract::ORDER_LINES.name {
                    lines.insert(dimension.name, values);
                }
            }
        }
        let mut members = Members::default();
        for dimension in DIMENSIONS {
            members.extend(dimension, ids.remove(dimension.name).unwrap_or_default()).map_err(unlisted)?;
        }
        Ok(Self { members, lines })
    }
}

/// Adds members for ids that facts have and sources lack, and checks that all references between analyses are valid.
///
/// # Errors
/// A dangling reference.
pub(crate) fn complete(marts: &mut [Mart], streamed: &[Streamed], named: Named) -> Result<Members, Failure> {
    let unread = |error: PolarsError| Failure::failed("the dimensions could not be completed", &error);
    let Named { members, mut lines } = named;
    // The ids of streamed tables are those of the order lines.
    let columns = || streamed.iter().flat_map(|written| written.table.columns);
    lines.retain(|dimension, _| columns().any(|column| column.references == Some(dimension)));
    netto_publish::complete(marts, &lines).map_err(unread)?;
    match dangling(marts).map_err(unread)? {
        None => Ok(members),
        Some(what) => Err(Failure::no_data(what, "this is a defect of netto: please report it with this message")),
    }
}

/// The first dangling reference, in words; members of dimensions are checked when their keys are assigned.
fn dangling(marts: &[Mart]) -> PolarsResult<Option<String>> {
    for mart in marts {
        for column in mart.table.columns {
            let Some(to) = column.references.filter(|to| Dimension::named(to).is_none()) else { continue };
            let Some(target) = marts.iter().find(|mart| mart.table.name == to) else { continue };
            let Some(key) = target.table.keys().next() else { continue };
            let values = |mart: &Mart, name| mart.data.column(name)?.as_materialized_series().unique();
            let (known, named) = (values(target, key.name)?, values(mart, column.name)?.drop_nulls());
            let known: PlHashSet<AnyValue<'_>> = known.iter().collect();
            if let Some(stray) = named.iter().find(|value| !known.contains(value)) {
                return Ok(Some(format!(
                    "{} refers to {} {stray}, which {to} doesn't have",
                    mart.table.name, column.name
                )));
            }
        }
    }
    Ok(None)
}
