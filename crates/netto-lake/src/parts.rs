//! Buffers typed rows until all are read: in memory while they are few, then on disk in parts. All lines of an order are in one
//! part, in the order in which they were read, so that checks of keys and orders need only that part.
//!
//! ```text
//! memory = "1 GiB"     up to 128 MiB of rows       one part, in memory
//!                      more                        256 parts on disk, by a hash of the order; read back together up to 16 MiB
//! ```

use std::ops::Range;
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
    /// The folder beside which rows are spilled.
    lake: PathBuf,
    /// Maximum bytes of rows in memory; unlimited if rows can't be partitioned.
    most: usize,
    /// Those that are in memory, as they came, and their bytes.
    rows: Vec<DataFrame>,
    size: usize,
    /// Bytes of those that are on disk.
    on_disk: usize,
    /// Their schema.
    none: DataFrame,
    spill: Option<Spill>,
}

/// Parts on disk.
const PARTS: usize = 256;

impl Parts {
    /// No rows yet, of this schema; `memory` is what the whole load may take.
    pub(crate) fn none(source: &Table, schema: &Schema, lake: &Path, memory: u64) -> Self {
        // The rest is for the extract, its texts, and a second copy of some rows while they are moved.
        let eighth = usize::try_from(memory / 8).unwrap_or(usize::MAX);
        let most = if source.name == ORDER_LINES.name { eighth } else { usize::MAX };
        let none = DataFrame::empty_with_schema(schema);
        Self { lake: lake.to_owned(), most, rows: Vec::new(), size: 0, on_disk: 0, none, spill: None }
    }

    /// Appends rows.
    pub(crate) fn add(&mut self, rows: DataFrame) -> Result<(), LakeError> {
        self.size += rows.estimated_size();
        self.rows.push(rows);
        // After the first spill, the memory buffer is smaller.
        let most = if self.spill.is_some() { self.at_once() } else { self.most };
        if self.size > most { self.move_to_disk() } else { Ok(()) }
    }

    /// Bytes of rows that are moved at once; a limit is needed because moving copies them.
    const fn at_once(&self) -> usize {
        self.most / 2
    }

    fn move_to_disk(&mut self) -> Result<(), LakeError> {
        self.size = 0;
        let mut some = self.none.clone();
        for rows in std::mem::take(&mut self.rows) {
            some.vstack_mut_owned(rows)?;
            if some.estimated_size() > self.at_once() {
                self.part(std::mem::replace(&mut some, self.none.clone()))?;
            }
        }
        self.part(some)
    }

    /// Writes rows to their parts on disk.
    fn part(&mut self, mut rows: DataFrame) -> Result<(), LakeError> {
        rows.rechunk_mut_par();
        self.on_disk += rows.estimated_size();
        let mut parts = vec![Vec::new(); PARTS];
        for (order, row) in rows.column(ORDER_ID)?.str()?.iter().zip(0..) {
            parts[part_of(order.unwrap_or_default())].push(row);
        }
        if self.spill.is_none() {
            self.spill = Some(Spill::new(&self.lake, rows.schema().clone())?);
        }
        self.spill.as_mut().map_or(Ok(()), |spill| spill.add(&rows, &parts))
    }

    /// Whether there are several parts, on disk.
    pub(crate) const fn are_several(&self) -> bool {
        self.spill.is_some()
    }

    /// Runs `work` on every part, several at a time, and collects the results in the order of the parts.
    pub(crate) fn each<T: Send>(
        mut self,
        work: impl Fn(DataFrame) -> Result<T, LakeError> + Sync,
        mut gather: impl FnMut(T) -> Result<(), LakeError>,
    ) -> Result<(), LakeError> {
        if self.spill.is_some() {
            self.move_to_disk()?;
        }
        let Some(spill) = self.spill else {
            let mut all = self.none;
            for rows in self.rows {
                all.vstack_mut_owned(rows)?;
            }
            all.rechunk_mut_par();
            return gather(work(all)?);
        };
        for some in together(&spill, self.on_disk, self.most / 8).chunks(rayon::current_num_threads()) {
            let done = some.par_iter().map(|parts| work(spill.read(parts.clone())?));
            done.collect::<Result<Vec<_>, LakeError>>()?.into_iter().try_for_each(&mut gather)?;
        }
        Ok(())
    }
}

/// Groups parts up to a number of bytes, as the overhead per part exceeds the work on a few rows.
fn together(spill: &Spill, bytes: usize, most: usize) -> Vec<Range<usize>> {
    let rows: usize = (0..PARTS).map(|part| spill.rows(part)).sum();
    let most = most / (bytes / rows.max(1)).max(1);
    let (mut groups, mut rows): (Vec<Range<usize>>, usize) = (Vec::new(), 0);
    for part in 0..PARTS {
        rows += spill.rows(part);
        if let Some(group) = groups.last_mut().filter(|_| rows <= most) {
            group.end = part + 1;
        } else {
            groups.push(part..part + 1);
            rows = spill.rows(part);
        }
    }
    groups
}

/// The part of an order: FNV-1a of its id.
fn part_of(order: &str) -> usize {
    let hash = order
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    // The low bits alone are too similar for similar ids.
    usize::try_from((hash ^ (hash >> 32)) % 256).unwrap_or(0) % PARTS
}
