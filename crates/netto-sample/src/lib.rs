//! A synthetic distributor, seeded: the extracts of three years of a technical wholesaler in the Netherlands, or of a distributor of any size (`branch.rs`).
//! The same seed gives the same bytes on every machine, because draws and amounts are integers.
//!
//! ```text
//! customers, products, employees        who, what, by whom
//!        │
//!      orders                           sales, returns, credits
//!        │
//!        ├── order_lines                orderregels_2022H2.csv … 2025H1.csv, with ten bad rows
//!        ├── deviations, receivables, stock
//!        └── activities, cost_pools, rebates, prospects, goals, actions
//! ```
//!
//! ```
//! let folder = tempfile::tempdir()?;
//! let written = netto_sample::write_wholesaler(folder.path(), 7)?;
//! assert_eq!(written.files.len(), 18);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod actions;
mod activities;
mod branch;
mod calendar;
mod causes;
mod company;
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

use branch::Branch;
use extract::Extract;
use order_lines::Span;

/// The seed of the extracts in `data/wholesaler`.
pub const WHOLESALER_SEED: u64 = 1973;

/// The files that were written.
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
    /// Number of rows, without the header.
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
        /// The system's error.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A file that netto didn't write is in the way.
    #[error("{} already exists with other contents", path.display())]
    Exists {
        /// The file, or the project.
        path: PathBuf,
    },
    /// A text that the extract's encoding cannot hold.
    #[error("{file} has a character that Windows-1252 doesn't have")]
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
            Self::Folder { .. } | Self::Write { .. } => Some("name a folder that you can write to".to_owned()),
            Self::Exists { .. } => {
                Some("netto doesn't overwrite it: name an empty folder, or remove the file".to_owned())
            }
            Self::Encoding { .. } => Some("this is a defect in the sample's names; please report it".to_owned()),
        }
    }
}

/// Writes the extracts of a technical wholesaler, July 2022 to June 2025, into `folder`.
///
/// # Errors
/// The folder or a file in it cannot be written.
pub fn write_wholesaler(folder: &Path, seed: u64) -> Result<Written, SampleError> {
    written(folder, &wholesaler(seed, false))
}

/// The same with causes of a known size, for analyses to find; `README.md` of this crate lists them.
///
/// # Errors
/// The folder or a file in it cannot be written.
pub fn write_wholesaler_with_causes(folder: &Path, seed: u64) -> Result<Written, SampleError> {
    written(folder, &wholesaler(seed, true))
}

/// Writes a project with about `lines` order lines into `folder`: extracts of a distributor of that size, and a `netto.toml` for them. Customer sizes follow a
/// power law, months follow seasons; memory doesn't grow with the lines.
///
/// # Errors
/// A project exists there already, or something cannot be written.
pub fn write_distributor(folder: &Path, seed: u64, lines: u64) -> Result<Written, SampleError> {
    company::write(folder, seed, &Branch::with_lines(lines), company::PART)
}

fn folder_made(folder: &Path) -> Result<(), SampleError> {
    std::fs::create_dir_all(folder).map_err(|source| SampleError::Folder { folder: folder.to_owned(), source })
}

fn written(folder: &Path, extracts: &[Extract]) -> Result<Written, SampleError> {
    folder_made(folder)?;
    let files = extracts
        .iter()
        .map(|extract| {
            let path = folder.join(extract.name());
            let mut text = Vec::new();
            let bytes = extract.write(&path, &mut text, true)?;
            if std::fs::read(&path).is_ok_and(|found| found != text) {
                return Err(SampleError::Exists { path });
            }
            std::fs::write(&path, &text).map_err(|source| SampleError::Write { path, source })?;
            Ok(WrittenFile { name: extract.name().to_owned(), rows: extract.rows(), bytes })
        })
        .collect::<Result<_, SampleError>>()?;
    Ok(Written { files })
}

fn wholesaler(seed: u64, with_causes: bool) -> Vec<Extract> {
    let branch = Branch::ONLY;
    let products = products::products(seed, 1);
    let mut customers = customers::customers(seed, branch);
    if with_causes {
        causes::put_into(&mut customers);
    }
    let brought_about = if with_causes { causes::orders_after_visits(seed, &customers) } else { Vec::new() };
    let orders = orders::orders(seed, branch, &customers, &products, &brought_about);
    // The sample's visits are in the afternoon if no order follows; with causes, nothing else may influence their time.
    let bought_before = if with_causes { &[] } else { orders.as_slice() };
    let mut of_products = products::extract(&products);
    let mut agreed = actions::extract(seed, &customers);
    if with_causes {
        causes::dead_products(&mut of_products);
        causes::agree(&mut agreed, &customers);
    }
    let mut extracts = order_lines::extracts(Span::HalfYear, &orders, &customers, &products);
    extracts.extend([
        customers::extract(&customers),
        of_products,
        employees::extract(branch),
        activities::extract(seed, branch, &customers, bought_before),
        cost_pools::extract(seed, branch, &customers),
        stock::extract(seed, &stock::sold_by_quarter(&orders), &products, with_causes),
        receivables::extract(seed, branch, &orders, &customers),
        deviations::extract(seed, branch, &orders, &customers),
        rebates::extract(seed, branch, &customers),
        prospects::extract(seed, branch, &customers),
        goals::extract(branch),
        agreed,
    ]);
    extracts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of every file in a folder, by name.
    fn bytes(folder: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
            .collect()
    }

    #[test]
    fn the_same_seed_writes_the_same_bytes_and_another_seed_others() {
        let folders = [7, 7, 8].map(|seed| {
            let folder = tempfile::tempdir().unwrap();
            write_wholesaler(folder.path(), seed).unwrap();
            bytes(folder.path())
        });
        assert!(folders[0] == folders[1]);
        assert!(folders[0] != folders[2]);
    }

    /// `NETTO_BLESS=1` rewrites them.
    #[test]
    fn the_extracts_in_the_repository_are_what_the_generator_writes() {
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/wholesaler/extracts");
        if std::env::var_os("NETTO_BLESS").is_some() {
            std::fs::remove_dir_all(&committed).unwrap();
            write_wholesaler(&committed, WHOLESALER_SEED).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        write_wholesaler(folder.path(), WHOLESALER_SEED).unwrap();
        let (written, committed) = (bytes(folder.path()), bytes(&committed));
        assert_eq!(written.keys().collect::<Vec<_>>(), committed.keys().collect::<Vec<_>>());
        for (name, bytes) in &written {
            assert!(committed[name] == *bytes, "{name} differs; NETTO_BLESS=1 writes it anew");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named_with_a_way_out() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = write_wholesaler(&file.path().join("sub"), 7).unwrap_err();
        assert!(error.to_string().starts_with("cannot make the folder "), "{error}");
        assert_eq!(error.help().unwrap(), "name a folder that you can write to");
    }
}
