//! A synthetic distributor, seeded: the extracts of a technical wholesaler in the Netherlands, three years of them.
//! The same seed gives the same bytes, on every machine: draws are integers, and so are amounts.
//!
//! ```text
//! customers, products, employees        who, what, by whom
//!        │
//!      orders                           sales, returns, credits
//!        │
//!        ├── order_lines                orderregels_2022H2.csv … 2025H1.csv, with ten bad rows
//!        ├── deviations, receivables, stock
//!        └── activities, cost_pools, rebates, prospects, goals
//! ```
//!
//! ```
//! let folder = tempfile::tempdir()?;
//! let written = netto_sample::write_wholesaler(folder.path(), 7)?;
//! assert_eq!(written.files.len(), 16);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod activities;
mod calendar;
mod cost_pools;
mod customers;
mod deviations;
mod draw;
mod employees;
mod extract;
mod goals;
mod names;
mod order_lines;
mod orders;
mod products;
mod prospects;
mod rebates;
mod receivables;
mod stock;

use std::path::{Path, PathBuf};

use extract::Extract;

/// The seed of the extracts in `data/wholesaler`.
pub const WHOLESALER_SEED: u64 = 1973;

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The files, in the order in which they were written.
    pub files: Vec<WrittenFile>,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenFile {
    /// Name in the folder.
    pub name: String,
    /// Rows, the header aside.
    pub rows: usize,
    /// Size in bytes.
    pub bytes: usize,
}

/// Why the sample could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The folder cannot be made.
    #[error("cannot make the folder {}: {source}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A text that the extract's encoding cannot hold.
    #[error("{file} holds a character that Windows-1252 lacks")]
    Encoding {
        /// The file.
        file: String,
    },
}

impl SampleError {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Folder { .. } | Self::Write { .. } => Some("name a folder in which you may write".to_owned()),
            Self::Encoding { .. } => Some("this is a mistake in the sample's names; please report it".to_owned()),
        }
    }
}

/// Writes the extracts of a technical wholesaler, July 2022 to June 2025, into `folder`.
///
/// # Errors
/// The folder or a file in it cannot be written.
pub fn write_wholesaler(folder: &Path, seed: u64) -> Result<Written, SampleError> {
    std::fs::create_dir_all(folder).map_err(|source| SampleError::Folder { folder: folder.to_owned(), source })?;
    let files = wholesaler(seed)
        .iter()
        .map(|extract| {
            let bytes = extract.write(folder)?;
            Ok(WrittenFile { name: extract.name().to_owned(), rows: extract.rows(), bytes })
        })
        .collect::<Result<_, SampleError>>()?;
    Ok(Written { files })
}

fn wholesaler(seed: u64) -> Vec<Extract> {
    let products = products::products(seed);
    let customers = customers::customers(seed);
    let orders = orders::orders(seed, &customers, &products);
    let mut extracts = order_lines::extracts(&orders, &customers, &products);
    extracts.extend([
        customers::extract(&customers),
        products::extract(&products),
        employees::extract(),
        activities::extract(seed, &customers),
        cost_pools::extract(seed, &customers),
        stock::extract(seed, &orders, &products),
        receivables::extract(seed, &orders, &customers),
        deviations::extract(seed, &orders, &customers),
        rebates::extract(seed, &customers),
        prospects::extract(seed, &customers),
        goals::extract(),
    ]);
    extracts
}
