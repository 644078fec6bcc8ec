//! Typed rows until all are read: in memory while they are few, then on disk in parts. An order is in one part, with all its lines in
//! the order in which they were read, so that what is asked of keys and of orders is asked of a part alone.
//!
//! ```text
//! memory = "1 GiB"     up to 256 MiB of rows       one part, in memory
//!                      more                        256 parts on disk, by a hash of the order
//! ```

use std::path::{Path, PathBuf};

use netto_model::column::ORDER_ID;
use netto_model::contract::ORDER_LINES;
use netto_model::table::Table;
use polars::prelude::*;
use rayon::prelude::*;

use crate::error::LakeError;
use crate::spill::Spill;

/// Typed rows.
pub(crate) struct Parts {
    /// Beside it rows wait.
    lake: PathBuf,
    /// Bytes of rows that are kept in memory; without end where rows can't be parted.
    most: usize,
    frame: DataFrame,
    spill: Option<Spill>,
}

/// Parts on disk.
const PARTS: usize = 256;

impl Parts {
    /// No rows yet, of this schema; `memory` is what the whole load may take.
    pub(crate) fn none(source: &Table, schema: &Schema, lake: &Path, memory: u64) -> Self {
        let quarter = usize::try_from(memory / 4).unwrap_or(usize::MAX);
        let most = if source.name == ORDER_LINES.name { quarter } else { usize::MAX };
        Self { lake: lake.to_owned(), most, frame: DataFrame::empty_with_schema(schema), spill: None }
    }

    /// Adds rows behind those that are there.
    pub(crate) fn add(&mut self, rows: DataFrame) -> Result<(), LakeError> {
        self.frame.vstack_mut_owned(rows)?;
        // Once rows are on disk, few wait in memory.
        let most = if self.spill.is_some() { self.most / 4 } else { self.most };
        if self.most < usize::MAX && self.frame.estimated_size() > most { self.move_to_disk() } else { Ok(()) }
    }

    fn move_to_disk(&mut self) -> Result<(), LakeError> {
        let none = self.frame.clear();
        let mut rows = std::mem::replace(&mut self.frame, none);
        if self.spill.is_none() {
            self.spill = Some(Spill::new(&self.lake, rows.schema().clone())?);
        }
        rows.rechunk_mut_par();
        let mut parts = vec![Vec::new(); PARTS];
        for (order, row) in rows.column(ORDER_ID)?.str()?.iter().zip(0..) {
            parts[part_of(order.unwrap_or_default())].push(row);
        }
        self.spill.as_mut().map_or(Ok(()), |spill| spill.add(&rows, &parts))
    }

    /// Whether there are several parts, so that rows wait on disk.
    pub(crate) const fn are_several(&self) -> bool {
        self.spill.is_some()
    }

    /// Works on every part, some at a time, and gathers what comes out in the order of the parts.
    pub(crate) fn each<T: Send>(
        mut self,
        work: impl Fn(DataFrame) -> Result<T, LakeError> + Sync,
        mut gather: impl FnMut(T) -> Result<(), LakeError>,
    ) -> Result<(), LakeError> {
        if self.spill.is_some() {
            self.move_to_disk()?;
        }
        let Some(spill) = self.spill else {
            self.frame.rechunk_mut_par();
            return gather(work(self.frame)?);
        };
        let parts: Vec<usize> = (0..PARTS).collect();
        for some in parts.chunks(rayon::current_num_threads()) {
            let done = some.par_iter().map(|&part| work(spill.part(part)?)).collect::<Result<Vec<_>, LakeError>>()?;
            done.into_iter().try_for_each(&mut gather)?;
        }
        Ok(())
    }
}

/// The part of an order: FNV-1a of its id.
fn part_of(order: &str) -> usize {
    let hash = order
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    // The low bits alone differ little between ids that do.
    usize::try_from((hash ^ (hash >> 32)) % 256).unwrap_or(0) % PARTS
}
