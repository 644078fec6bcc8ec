//! The lake: a folder of Delta tables.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use netto_model::frame::DataReadiness;
use netto_model::table::Table;
use netto_model::{Frame, Period};
use polars::prelude::DataFrame;

use crate::error::LakeError;
use crate::load::{LoadReport, LoadRequest};

/// A dictionary of surrogate keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// `customer_keys`
    Customer,
    /// `order_keys`
    Order,
    /// `product_keys`
    Product,
}

/// A folder of Delta tables.
#[derive(Clone, Debug)]
pub struct Lake {
    root: PathBuf,
}

impl Lake {
    /// Opens the lake; creates its folder.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(root: &Path) -> Result<Self, LakeError> {
        std::fs::create_dir_all(root).map_err(LakeError::io(root))?;
        Ok(Self { root: root.to_owned() })
    }

    fn todo<T>(&self) -> Result<T, LakeError> {
        Err(LakeError::Config { table: self.root.display().to_string(), message: "not built yet".into(), help: None })
    }

    /// Loads a source.
    ///
    /// # Errors
    /// See [`LakeError`]; nothing lands then.
    pub fn load(&self, _request: &LoadRequest<'_>) -> Result<LoadReport, LakeError> {
        self.todo()
    }

    /// The same reading and checks as [`Lake::load`], without writing to the lake.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn inspect(&self, _request: &LoadRequest<'_>) -> Result<LoadReport, LakeError> {
        self.todo()
    }

    /// The live files of `order_lines` by month: absolute paths, sorted.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn months(&self) -> Result<BTreeMap<Period, Vec<PathBuf>>, LakeError> {
        self.todo()
    }

    /// A small source as a frame in the contract's schema; none when it was never loaded.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn table(&self, _table: &'static Table) -> Result<Option<DataFrame>, LakeError> {
        self.todo()
    }

    /// A dictionary: `<x>_key` and `<x>_id`, sorted by key.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn keys(&self, _kind: KeyKind) -> Result<DataFrame, LakeError> {
        self.todo()
    }

    /// The Delta version of each table.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn versions(&self) -> Result<BTreeMap<String, i64>, LakeError> {
        self.todo()
    }

    /// Which sources were supplied, and what they enable.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn readiness(&self) -> Result<Frame<DataReadiness>, LakeError> {
        self.todo()
    }
}
