//! Keeps the tables of a stage or of a month for the next run.
//!
//! ```text
//! .netto/stages/…/profit/pool_balance.parquet     the tables, packed for speed
//!                     about.json                  what is no table
//!                     files.json                  the hash of each file: what is torn or changed is not taken
//! ```
//! A checkpoint is written beside its final place and renamed once complete. It isn't synced to disk: what a power cut tears is recomputed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use netto_model::{Mart, Table};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::content::Content;
use crate::error::{PublishError, at};
use crate::parquet::{fast_bytes, read_at};
use crate::publish::{HASHES, is_as_written};

/// The output of a stage.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// Its tables, in the order in which they were handed in.
    pub tables: Vec<Mart>,
    /// Output that isn't a table.
    pub about: Value,
}

#[derive(Serialize, Deserialize)]
struct About {
    tables: Vec<String>,
    about: Value,
}

const ABOUT: &str = "about.json";

impl Checkpoint {
    /// Writes the checkpoint into a folder that doesn't exist yet.
    ///
    /// # Errors
    /// When a table can't be written, or the file system refuses.
    pub fn write(&self, folder: &Path) -> Result<(), PublishError> {
        let tables = self.tables.iter().map(|mart| mart.table.name.to_owned()).collect();
        let about = serde_json::to_vec(&About { tables, about: self.about.clone() })?;
        let new = folder.with_extension("new");
        fs::create_dir_all(&new).map_err(at(&new))?;
        let write = |name: String, bytes: Vec<u8>| {
            let path = new.join(&name);
            fs::write(&path, &bytes).map_err(at(&path))?;
            Ok::<_, PublishError>((name, Content::of(&bytes).hex()))
        };
        let tables = self.tables.par_iter().map(|mart| write(file_of(mart.table.name), fast_bytes(mart)?));
        let mut hashes: BTreeMap<String, String> = tables.collect::<Result<_, _>>()?;
        hashes.extend([write(ABOUT.to_owned(), about)?]);
        write(HASHES.to_owned(), serde_json::to_vec(&hashes)?)?;
        fs::rename(&new, folder).map_err(at(folder))
    }

    /// Reads a checkpoint; `None` if it is missing, incomplete or describes other content, or has an unknown table.
    pub fn read(
        folder: &Path,
        known: impl Fn(&str) -> Option<&'static Table>,
        wanted: impl FnOnce(&Value) -> bool,
    ) -> Option<Self> {
        let About { tables, about } = serde_json::from_slice(&fs::read(folder.join(ABOUT)).ok()?).ok()?;
        if !wanted(&about) || !is_as_written(folder) {
            return None;
        }
        let read = |name: String| {
            let table = known(&name)?;
            Some(Mart { table, data: read_at(&folder.join(file_of(&name)), table).ok()? })
        };
        Some(Self { tables: tables.into_iter().map(read).collect::<Option<_>>()?, about })
    }
}

fn file_of(table: &str) -> String {
    format!("{table}.parquet")
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::contract::{self, DIM_EMPLOYEE};
    use polars::prelude::*;

    fn checkpoint() -> Checkpoint {
        let data = df!("employee_id" => ["A", "B"], "name" => ["Zoë", ""], "role" => [Some("field"), None], "pair_id" => ["", "x"]);
        Checkpoint { tables: vec![Mart { table: &DIM_EMPLOYEE, data: data.unwrap() }], about: 7.into() }
    }

    #[test]
    fn what_was_written_is_read_and_what_was_changed_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (stage, written) = (folder.path().join("split"), checkpoint());
        assert!(Checkpoint::read(&stage, contract::table, |_| true).is_none());
        written.write(&stage).unwrap();
        let read = Checkpoint::read(&stage, contract::table, |_| true).unwrap();
        assert_eq!((&read.about, read.tables.len()), (&written.about, 1));
        assert!(read.tables[0].data.equals_missing(&written.tables[0].data));
        assert!(Checkpoint::read(&stage, |_| None, |_| true).is_none());
        assert!(Checkpoint::read(&stage, contract::table, |about| *about != 7).is_none());
        // A file that was changed may still be readable.
        let (about, changed) = (fs::read_to_string(stage.join(ABOUT)).unwrap(), "{\"tables\":[],\"about\":7}");
        fs::write(stage.join(ABOUT), changed).unwrap();
        assert!(Checkpoint::read(&stage, contract::table, |_| true).is_none());
        fs::write(stage.join(ABOUT), about).unwrap();
        assert!(Checkpoint::read(&stage, contract::table, |_| true).is_some());
        let file = stage.join("dim_employee.parquet");
        let mut bytes = fs::read(&file).unwrap();
        bytes[20] ^= 1;
        fs::write(&file, bytes).unwrap();
        assert!(Checkpoint::read(&stage, contract::table, |_| true).is_none());
    }
}
