//! The lake: a folder of Delta tables, one per source, and the dictionaries of keys.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use netto_model::Period;
use netto_model::contract::{FX_RATES, LAKE_ORDER_LINES, ORDER_LINES, PRODUCTS};
use netto_model::table::Table;
use polars::prelude::*;

use crate::error::LakeError;
use crate::keys::{Dictionary, KeyKind};
use crate::landing;
use crate::load::{Load, LoadReport, LoadRequest};
use crate::rates::Rates;
use crate::store::Store;
use crate::versions::ProductVersions;

/// A folder of Delta tables.
#[derive(Clone, Debug)]
pub struct Lake {
    root: PathBuf,
}

impl Lake {
    /// Opens the lake; creates its folder. Every live file is read once, to see whether it is still what was written.
    ///
    /// # Errors
    /// When the folder cannot be made, or a file of it is damaged.
    pub fn open(root: &Path) -> Result<Self, LakeError> {
        fs::create_dir_all(root).map_err(LakeError::io(root))?;
        let lake = Self { root: root.canonicalize().map_err(LakeError::io(root))? };
        for name in lake.folders()? {
            lake.store(&name)?.verify()?;
        }
        Ok(lake)
    }

    /// Loads a source: reads, checks, sets bad rows apart, writes the rest in one commit.
    ///
    /// # Errors
    /// See [`LakeError`]; nothing lands then.
    pub fn load(&self, request: &LoadRequest<'_>) -> Result<LoadReport, LakeError> {
        Load { root: &self.root, request }.run()
    }

    /// The rates of exchange, for the load of order lines.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn rates(&self) -> Result<Rates, LakeError> {
        Ok(self.table(&FX_RATES)?.map(|rows| Rates::of(&rows)).transpose()?.unwrap_or_default())
    }

    /// What products cost when, for the load of order lines.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn product_versions(&self) -> Result<ProductVersions, LakeError> {
        Ok(self.table(&PRODUCTS)?.map(|rows| ProductVersions::of(&rows)).transpose()?.unwrap_or_default())
    }

    /// The live files of `order_lines` by month: absolute paths, sorted.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn months(&self) -> Result<BTreeMap<Period, Vec<PathBuf>>, LakeError> {
        let store = self.store(ORDER_LINES.name)?;
        let mut months: BTreeMap<Period, Vec<PathBuf>> = BTreeMap::new();
        for file in store.live() {
            let month = file.partition.as_deref().and_then(|day| day.get(..7)?.parse().ok());
            let Some(month) = month else { continue };
            months.entry(month).or_default().push(store.folder.join(file.path));
        }
        Ok(months)
    }

    /// A small source as a frame in the contract's schema; none when it was never loaded.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn table(&self, table: &'static Table) -> Result<Option<DataFrame>, LakeError> {
        let store = self.store(table.name)?;
        if store.exists() { landing::read(table, &store).map(Some) } else { Ok(None) }
    }

    /// A dictionary: `<x>_key` and `<x>_id`, sorted by key.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn keys(&self, kind: KeyKind) -> Result<DataFrame, LakeError> {
        Ok(Dictionary::open(&self.root, kind)?.frame)
    }

    /// The live files of a dictionary: absolute paths, sorted.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn key_files(&self, kind: KeyKind) -> Result<Vec<PathBuf>, LakeError> {
        let store = self.store(kind.table().name)?;
        let mut files: Vec<PathBuf> = store.live().into_iter().map(|file| store.folder.join(file.path)).collect();
        files.sort();
        Ok(files)
    }

    /// The Delta version of each table.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn versions(&self) -> Result<BTreeMap<String, i64>, LakeError> {
        let mut versions = BTreeMap::new();
        for name in self.folders()? {
            if let Some(version) = self.store(&name)?.version() {
                versions.insert(name, version);
            }
        }
        Ok(versions)
    }

    fn folders(&self) -> Result<Vec<String>, LakeError> {
        let failed = || LakeError::io(&self.root);
        let entries = fs::read_dir(&self.root).map_err(failed())?;
        entries.map(|entry| Ok(entry.map_err(failed())?.file_name().to_string_lossy().into_owned())).collect()
    }

    pub(crate) fn store(&self, name: &str) -> Result<Store, LakeError> {
        // The contract's name for stored order lines is of the table, not of the folder.
        let name = if name == LAKE_ORDER_LINES.name { ORDER_LINES.name } else { name };
        Store::open(&self.root.join(name))
    }
}
