//! The lake: a folder with one Delta table per source, and the dictionaries of surrogate keys.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use netto_model::Period;
use netto_model::contract::{FX_RATES, LAKE_ORDER_LINES, ORDER_LINES, PRODUCTS};
use netto_model::table::Table;
use polars::prelude::*;
use rayon::prelude::*;

use crate::error::LakeError;
use crate::keys::{Dictionary, KeyKind};
use crate::landing;
use crate::load::{Load, LoadReport, LoadRequest, Pending};
use crate::rates::Rates;
use crate::store::{Intact, Live, Store};
use crate::versions::ProductVersions;

/// A folder of Delta tables.
#[derive(Clone, Debug)]
pub struct Lake {
    root: PathBuf,
    /// Each file is checked against the hash in its name once, when it is first read.
    intact: Intact,
    /// Memory limit of a load, in bytes.
    memory: u64,
    /// The version of each table, if the lake is read at an earlier state.
    then: Option<Arc<BTreeMap<String, i64>>>,
}

/// Default memory limit of a load: 1 GiB.
const MEMORY: u64 = 1 << 30;

impl Lake {
    /// Opens the lake and creates its folder. It reads no data files; each file is verified when it is read.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(root: &Path) -> Result<Self, LakeError> {
        fs::create_dir_all(root).map_err(LakeError::io(root))?;
        Ok(Self {
            root: root.canonicalize().map_err(LakeError::io(root))?,
            intact: Intact::default(),
            memory: MEMORY,
            then: None,
        })
    }

    /// Sets the approximate memory limit of loads, in bytes; rows beyond it are spilled to disk.
    #[must_use]
    pub fn with_memory(self, bytes: u64) -> Self {
        Self { memory: bytes, ..self }
    }

    /// Returns a read-only view of the lake at these table versions, for `netto run --as-of` and `netto diff`. Reading a file that
    /// `netto vacuum` removed fails.
    #[must_use]
    pub fn as_of(&self, versions: &BTreeMap<String, i64>) -> Self {
        Self { then: Some(Arc::new(versions.clone())), ..self.clone() }
    }

    /// Like `open`, but does not create a missing folder.
    ///
    /// # Errors
    /// When the folder is there and can't be read.
    pub fn look(root: &Path) -> Result<Self, LakeError> {
        if root.exists() {
            return Self::open(root);
        }
        Ok(Self { root: root.to_owned(), intact: Intact::default(), memory: MEMORY, then: None })
    }

    /// Returns what a load would do, without doing it.
    ///
    /// # Errors
    /// When the files can't be found or read.
    pub fn pending(&self, request: &LoadRequest<'_>) -> Result<Pending, LakeError> {
        Load::new(&self.root, request, self.memory).pending()
    }

    /// Loads a source: reads and checks its rows, sets bad rows apart, and writes the rest in one commit.
    ///
    /// # Errors
    /// See [`LakeError`]; then nothing is written to the lake.
    pub fn load(&self, request: &LoadRequest<'_>) -> Result<LoadReport, LakeError> {
        Load::new(&self.root, request, self.memory).run()
    }

    /// The exchange rates, for loading order lines.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn rates(&self) -> Result<Rates, LakeError> {
        Ok(self.table(&FX_RATES)?.map(|rows| Rates::of(&rows)).transpose()?.unwrap_or_default())
    }

    /// The product costs over time, for loading order lines.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn product_versions(&self) -> Result<ProductVersions, LakeError> {
        Ok(self.table(&PRODUCTS)?.map(|rows| ProductVersions::of(&rows)).transpose()?.unwrap_or_default())
    }

    /// The months that have order lines.
    ///
    /// # Errors
    /// When the log of the table cannot be read.
    pub fn periods(&self) -> Result<BTreeSet<Period>, LakeError> {
        Ok(self.store(ORDER_LINES.name)?.live().iter().filter_map(Live::month).collect())
    }

    /// The live files of `order_lines` by month: sorted absolute paths, each verified against its hash.
    ///
    /// # Errors
    /// When the table cannot be read, or a file of it is damaged.
    pub fn months(&self) -> Result<BTreeMap<Period, Vec<PathBuf>>, LakeError> {
        let store = self.store(ORDER_LINES.name)?;
        let live = store.live();
        let paths = live.par_iter().map(|file| store.file(file)).collect::<Result<Vec<_>, _>>()?;
        let mut months: BTreeMap<Period, Vec<PathBuf>> = BTreeMap::new();
        for (file, path) in live.iter().zip(paths) {
            if let Some(month) = file.month() {
                months.entry(month).or_default().push(path);
            }
        }
        Ok(months)
    }

    /// A small source as a frame in the contract's schema; `None` if it was never loaded.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn table(&self, table: &'static Table) -> Result<Option<DataFrame>, LakeError> {
        let store = self.store(table.name)?;
        if store.exists() { landing::read(table, &store).map(Some) } else { Ok(None) }
    }

    /// All stored order lines, with ids instead of keys; `None` if they were never loaded. This holds all lines in memory.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn order_lines(&self) -> Result<Option<DataFrame>, LakeError> {
        let store = self.store(ORDER_LINES.name)?;
        if !store.exists() {
            return Ok(None);
        }
        let mut lines = landing::read(&landing::STORED, &store)?;
        for kind in KeyKind::ALL {
            let ids = Dictionary::open(self.store(kind.table().name)?, kind)?.ids(lines.column(kind.key())?.i64()?)?;
            lines.replace(kind.key(), ids.into_column())?;
            lines.rename(kind.key(), kind.id().into())?;
        }
        Ok(Some(lines))
    }

    /// A dictionary: `<x>_key` and `<x>_id`, sorted by key.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn keys(&self, kind: KeyKind) -> Result<DataFrame, LakeError> {
        Ok(Dictionary::open(self.store(kind.table().name)?, kind)?.frame)
    }

    /// The live files of a dictionary: absolute paths, sorted.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn key_files(&self, kind: KeyKind) -> Result<Vec<PathBuf>, LakeError> {
        let store = self.store(kind.table().name)?;
        let mut files = store.live().iter().map(|file| store.file(file)).collect::<Result<Vec<_>, _>>()?;
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

    /// A hash of the whole content: lakes with the same files have the same hash, whatever their version numbers.
    ///
    /// # Errors
    /// When a table cannot be read, or a file of it is damaged.
    pub fn content(&self) -> Result<String, LakeError> {
        let mut content = blake3::Hasher::new();
        for name in self.folders()?.into_iter().collect::<BTreeSet<_>>() {
            let store = self.store(&name)?;
            let live = store.live();
            live.par_iter().try_for_each(|file| store.file(file).map(drop))?;
            for file in live {
                content.update(format!("{name}/{}\n", file.path).as_bytes());
            }
        }
        Ok(content.finalize().to_hex().to_string())
    }

    pub(crate) fn folders(&self) -> Result<Vec<String>, LakeError> {
        let failed = || LakeError::io(&self.root);
        let entries = fs::read_dir(&self.root).map_err(failed())?;
        entries.map(|entry| Ok(entry.map_err(failed())?.file_name().to_string_lossy().into_owned())).collect()
    }

    pub(crate) fn store(&self, name: &str) -> Result<Store, LakeError> {
        // The contract's name for stored order lines differs from the folder name.
        let name = if name == LAKE_ORDER_LINES.name { ORDER_LINES.name } else { name };
        let (folder, intact) = (self.root.join(name), self.intact.clone());
        match &self.then {
            None => Store::within(&folder, intact),
            Some(versions) => Store::at(&folder, versions.get(name).copied(), intact),
        }
    }
}
