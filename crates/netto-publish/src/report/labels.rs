//! Labels of pools and activities, shown instead of their keys.

use std::collections::BTreeMap;

use netto_model::{Table, column as c, contract};
use polars::prelude::*;

use super::marts::{Marts, text};

/// Labels by key.
pub(super) struct Labels(BTreeMap<String, String>);

impl Labels {
    pub(super) fn pools(marts: &Marts<'_>) -> PolarsResult<Self> {
        Self::of(marts, &contract::DIM_POOL, c::POOL)
    }

    pub(super) fn activities(marts: &Marts<'_>) -> PolarsResult<Self> {
        Self::of(marts, &contract::DIM_ACTIVITY, c::ACTIVITY)
    }

    fn of(marts: &Marts<'_>, table: &Table, key: &str) -> PolarsResult<Self> {
        let data = marts.all(table);
        let row = |row| Ok((text(&data, key, row)?, text(&data, c::LABEL, row)?));
        Ok(Self((0..data.height()).map(row).collect::<PolarsResult<_>>()?))
    }

    /// The label; without one, the key in words: `sales_field` as sales field.
    pub(super) fn get(&self, key: &str) -> String {
        match self.0.get(key) {
            Some(label) if label != key => label.clone(),
            _ => key.replace('_', " "),
        }
    }
}
