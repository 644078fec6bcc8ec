//! One load: from a request to rows in the lake.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use netto_model::Period;
use netto_model::table::Table;

use crate::config::SourceConfig;
use crate::quarantine::Reject;

/// What is to be loaded.
#[derive(Clone, Copy, Debug)]
pub struct LoadRequest<'a> {
    /// The source, one of [`netto_model::contract::SOURCES`].
    pub source: &'static Table,
    /// Its configuration.
    pub config: &'a SourceConfig,
    /// Folder of `netto.toml`.
    pub base: &'a Path,
    /// Folder of the quarantine.
    pub quarantine: &'a Path,
    /// The customers that are known, where lines of others are to be rejected.
    pub known_customers: Option<&'a HashSet<String>>,
}

/// What a load did.
#[derive(Clone, Debug, Default)]
pub struct LoadReport {
    /// The source.
    pub source: &'static str,
    /// Files read.
    pub files: usize,
    /// Rows read.
    pub rows_read: u64,
    /// Rows now in the lake.
    pub rows_loaded: u64,
    /// Rows in the quarantine.
    pub rows_quarantined: u64,
    /// Rows that a later row of the same extract replaced; always zero in the load modes there are.
    pub rows_superseded: u64,
    /// The same extract, configuration and contract as last time: nothing was done.
    pub unchanged: bool,
    /// Version of the Delta table.
    pub version: i64,
    /// Rejected rows by reason.
    pub rejects: BTreeMap<String, u64>,
    /// The first rejected row.
    pub first_reject: Option<Reject>,
    /// Where the rejected rows are.
    pub quarantine_file: Option<PathBuf>,
    /// Columns of the extract that the mapping does not name.
    pub unmapped_columns: Vec<String>,
    /// Months that the extract holds.
    pub periods: Vec<Period>,
    /// Orders with lines in two months: each month counts a part order.
    pub split_orders: u64,
}
