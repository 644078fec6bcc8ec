//! Writes checked rows to lake files: a small source as one file, order lines as one file per month.
//!
//! The lake holds each row once. If a row arrives in another month than before, the copy in the old month is removed:
//!
//! ```text
//! in the lake             extract                      afterwards
//! 2025-02  order 1  100   2025-03  order 1  100        2025-03  order 1  100     moved
//! 2025-03  order 2   50   2025-03  order 2   50                 order 2   50     replaced, with its month
//! 2025-01  order 0   70                                2025-01  order 0   70     not in the extract, nor its month
//! ```

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use netto_model::Period;
use netto_model::arrow::{from_batches, to_batch};
use netto_model::column as c;
use netto_model::contract::{LAKE_ORDER_LINES, ORDER_LINES};
use netto_model::table::{Stage, Table};
use polars::prelude::*;
use rayon::prelude::*;

use crate::check;
use crate::config::LoadMode;
use crate::error::LakeError;
use crate::keys::{Dictionary, KeyKind};
use crate::mapping::date_of;
use crate::part::Landable;
use crate::set_apart::{Others, amount_column};
use crate::sorted::{KeyedLines, SortedLines};
use crate::store::{self, Live, Store, Written};

/// The stored columns of order lines: without the month, which is the partition folder.
pub(crate) const STORED: Table = Table::new(
    LAKE_ORDER_LINES.name,
    Stage::Lake,
    LAKE_ORDER_LINES.grain,
    LAKE_ORDER_LINES.description,
    LAKE_ORDER_LINES.columns.split_at(1).1,
);

/// The last step of a load: merging new rows with stored rows.
pub(crate) struct Landing<'a> {
    pub(crate) root: &'a Path,
    pub(crate) source: &'static Table,
    pub(crate) mode: LoadMode,
    /// The months that are replaced completely, even without rows; if `None`, the months of the rows.
    pub(crate) months: Option<BTreeSet<Period>>,
    pub(crate) remember: BTreeMap<String, i64>,
    /// Bytes that it may take.
    pub(crate) memory: u64,
}

/// What a landing changed in the stored rows.
#[derive(Debug, Default)]
pub(crate) struct Landed {
    pub(crate) version: i64,
    /// Rows that moved from another month.
    pub(crate) moved: u64,
}

/// Order and line → its month in the extract.
type LineMonths = PlHashMap<(i64, i64), Period>;

impl Landing<'_> {
    /// Writes and commits.
    pub(crate) fn land(&self, store: &mut Store, rows: Landable) -> Result<Landed, LakeError> {
        match rows {
            Landable::Lines(lines) => self.order_lines(store, *lines),
            Landable::Small(rows) => self.small(store, &rows),
        }
    }

    /// Row counts before and after, for the replaced months or the replaced table. `rows` is the number of new rows, `after` their
    /// number per month.
    pub(crate) fn replaces(
        &self,
        store: &Store,
        rows: u64,
        after: &BTreeMap<Period, u64>,
    ) -> Result<BTreeMap<Option<Period>, (u64, u64)>, LakeError> {
        match self.mode {
            _ if !store.exists() => Ok(BTreeMap::new()),
            LoadMode::Append | LoadMode::Upsert => Ok(BTreeMap::new()),
            LoadMode::Replace => {
                let before = store.live().iter().map(|file| file.rows).sum();
                Ok(BTreeMap::from([(None, (before, rows))]))
            }
            // An empty extract would change no month, and the figures would silently stay those of the last extract with rows.
            LoadMode::ReplacePeriod if rows == 0 && self.months.is_none() => {
                Ok(BTreeMap::from([(None, (store.live().iter().map(|file| file.rows).sum(), 0))]))
            }
            LoadMode::ReplacePeriod => {
                let before = self.rows_by_month(store)?;
                let rows = |of: &BTreeMap<Period, u64>, month: Period| of.get(&month).copied().unwrap_or_default();
                let months = self.replaced(after.keys().copied()).into_iter();
                Ok(months.map(|month| (Some(month), (rows(&before, month), rows(after, month)))).collect())
            }
        }
    }

    /// For order lines, the file statistics have the counts.
    fn rows_by_month(&self, store: &Store) -> Result<BTreeMap<Period, u64>, LakeError> {
        if self.source.name != ORDER_LINES.name {
            return Ok(counted(months(self.source, &read(self.source, store)?)?));
        }
        let mut rows = BTreeMap::new();
        for file in store.live() {
            if let Some(month) = file.month() {
                *rows.entry(month).or_default() += file.rows;
            }
        }
        Ok(rows)
    }

    /// The months that are replaced completely.
    fn replaced(&self, of_rows: impl Iterator<Item = Period>) -> BTreeSet<Period> {
        match (&self.months, self.mode) {
            (_, LoadMode::Append | LoadMode::Upsert | LoadMode::Replace) => BTreeSet::new(),
            (Some(named), LoadMode::ReplacePeriod) => named.clone(),
            (None, LoadMode::ReplacePeriod) => of_rows.collect(),
        }
    }

    fn small(&self, store: &mut Store, frame: &DataFrame) -> Result<Landed, LakeError> {
        let names: Vec<&str> = self.source.columns.iter().map(|column| column.name).collect();
        let mut whole = frame.select(names)?;
        let mut landed = Landed::default();
        if store.exists() && self.mode != LoadMode::Replace {
            let old = read(self.source, store)?;
            let kept = self.kept(&old, &whole, &mut landed)?;
            whole.vstack_mut(&kept)?;
        }
        let keys: Vec<PlSmallStr> = self.source.keys().map(|key| key.name.into()).collect();
        let whole = whole.sort(keys, SortMultipleOptions::default())?;
        let file = store::write(&store.folder, &to_batch(self.source, &whole)?, None)?;
        landed.version = store.commit(self.source, None, &[file], |_| true, &self.remember)?;
        Ok(landed)
    }

    /// The stored rows that are kept: those outside the replaced months whose key is not in the extract.
    fn kept(&self, old: &DataFrame, new: &DataFrame, landed: &mut Landed) -> Result<DataFrame, LakeError> {
        if self.mode == LoadMode::Append {
            return Ok(old.clone());
        }
        let (old_months, new_months) = (months(self.source, old)?, months(self.source, new)?);
        let replaced = self.replaced(new_months.iter().copied().flatten());
        let outside = |month: &Option<Period>| month.is_none_or(|month| !replaced.contains(&month));
        if !old_months.iter().any(outside) {
            return Ok(old.clear());
        }
        let new: HashMap<String, Option<Period>> = check::rows(new)
            .zip(new_months)
            .map(|(row, month)| Ok((check::key(self.source, new, row)?, month)))
            .collect::<PolarsResult<_>>()?;
        let mut keep = Vec::with_capacity(old.height());
        for (row, month) in check::rows(old).zip(&old_months) {
            let came = if outside(month) { new.get(&check::key(self.source, old, row)?) } else { None };
            landed.moved += u64::from(came.is_some_and(|came| came != month));
            keep.push(outside(month) && came.is_none());
        }
        Ok(old.filter(&BooleanChunked::from_slice("keep".into(), &keep))?)
    }

    fn order_lines(&self, store: &mut Store, lines: SortedLines) -> Result<Landed, LakeError> {
        let lines = lines.keyed(self.root, store)?;
        let new = lines.months();
        let mut old: BTreeMap<Period, Vec<Live>> = BTreeMap::new();
        for file in store.live() {
            let month = file
                .month()
                .ok_or_else(|| LakeError::log(&store.folder, format!("its file {} belongs to no month", file.path)))?;
            old.entry(month).or_default().push(file);
        }
        let replaced = self.replaced(new.keys().copied());
        let whole = self.mode == LoadMode::Replace;
        let is_replaced = |month: &Period| whole || replaced.contains(month);
        let by_key = self.mode != LoadMode::Append && old.keys().any(|month| !is_replaced(month));
        let keys = if by_key { line_months(&lines)? } else { LineMonths::default() };
        let files =
            |month: &Period| old.get(month).filter(|_| !is_replaced(month)).map(Vec::as_slice).unwrap_or_default();
        let all: BTreeSet<Period> = new.keys().chain(old.keys()).copied().collect();
        let months = all.iter().map(|month| {
            let stay: u64 = files(month).iter().map(|file| file.rows).sum();
            (*month, stay + new.get(month).copied().unwrap_or_default())
        });
        let mut written = Vec::new();
        for some in at_once(months, self.memory) {
            let some = some.into_par_iter().map(|month| {
                let part = Part { month, store, files: files(&month), keys: &keys };
                part.write(&lines, is_replaced(&month))
            });
            written.extend(some.collect::<Result<Vec<_>, LakeError>>()?);
        }
        let moved = written.iter().map(|month| month.moved).sum();
        let changed: BTreeSet<Period> = written.iter().filter(|month| month.changed).map(|month| month.month).collect();
        let files: Vec<Written> = written.into_iter().filter_map(|month| month.file).collect();
        let replaced = |file: &Live| file.month().is_some_and(|month| changed.contains(&month));
        let version = store.commit(&LAKE_ORDER_LINES, Some(c::PERIOD), &files, replaced, &self.remember)?;
        Ok(Landed { version, moved })
    }
}

/// Approximate bytes per line while its month is sorted and written.
const BYTES: u64 = 1000;

/// Groups months that are written at the same time: as many as fit in memory, at least one.
fn at_once(months: impl Iterator<Item = (Period, u64)>, memory: u64) -> Vec<Vec<Period>> {
    let (mut groups, mut lines): (Vec<Vec<Period>>, u64) = (Vec::new(), 0);
    for (month, more) in months {
        lines += more;
        if let Some(group) = groups.last_mut().filter(|_| lines <= memory / BYTES) {
            group.push(month);
        } else {
            groups.push(vec![month]);
            lines = more;
        }
    }
    groups
}

/// A month of order lines that is being written.
struct Part<'a> {
    month: Period,
    store: &'a Store,
    /// Its current files, whose lines may be kept.
    files: &'a [Live],
    /// The lines in the extract, whose stored copies are removed.
    keys: &'a LineMonths,
}

/// The result of writing a month.
struct WrittenMonth {
    month: Period,
    changed: bool,
    /// `None` if the month became empty or didn't change.
    file: Option<Written>,
    moved: u64,
}

impl Part<'_> {
    /// Writes the month with new rows; skips it if no line is added or removed.
    fn write(&self, new: &KeyedLines, replaced: bool) -> Result<WrittenMonth, LakeError> {
        let month = self.month;
        let goes = self.goes()?;
        let none_goes = goes.iter().all(|(goes, _)| !goes.iter().any(|&goes| goes));
        let mut lines = new.month(month)?;
        if lines.height() == 0 && none_goes && !replaced {
            return Ok(WrittenMonth { month, changed: false, file: None, moved: 0 });
        }
        for (file, (goes, _)) in self.files.iter().zip(&goes) {
            let old = from_batches(&STORED, &self.store.batches(file)?)?;
            let stays: Vec<bool> = goes.iter().map(|goes| !goes).collect();
            lines.vstack_mut(&old.filter(&BooleanChunked::from_slice("stays".into(), &stays))?)?;
        }
        let moved = goes.iter().map(|(_, moved)| moved).sum();
        if lines.height() == 0 {
            return Ok(WrittenMonth { month, changed: true, file: None, moved });
        }
        let lines = lines.sort([c::CUSTOMER_KEY, c::ORDER_KEY, c::LINE_NO], SortMultipleOptions::default())?;
        let partition = format!("{month}-01");
        let file = store::write(&self.store.folder, &to_batch(&STORED, &lines)?, Some((c::PERIOD, partition)))?;
        Ok(WrittenMonth { month, changed: true, file: Some(file), moved })
    }

    /// For each file: which of its lines are in the extract, and how many of those are in another month there.
    fn goes(&self) -> Result<Vec<(Vec<bool>, u64)>, LakeError> {
        let of_file = |file: &Live| {
            let mut moved = 0;
            let keys = line_keys(&self.store.columns(&STORED, file, &[c::ORDER_KEY, c::LINE_NO])?)?;
            let goes = keys.into_iter().map(|key| {
                let to = self.keys.get(&key);
                moved += u64::from(to.is_some_and(|to| *to != self.month));
                to.is_some()
            });
            Ok((goes.collect(), moved))
        };
        self.files.iter().map(of_file).collect()
    }
}

/// The number of rows per month.
fn counted(months: Vec<Option<Period>>) -> BTreeMap<Period, u64> {
    let mut rows = BTreeMap::new();
    for month in months.into_iter().flatten() {
        *rows.entry(month).or_default() += 1;
    }
    rows
}

/// The month of each row; none where the source has no date.
pub(crate) fn months(source: &Table, frame: &DataFrame) -> PolarsResult<Vec<Option<Period>>> {
    let Some(date) = date_of(source) else { return Ok(vec![None; frame.height()]) };
    Ok(frame.column(date.name)?.date()?.physical().iter().map(|day| day.map(Period::of_day)).collect())
}

fn line_months(lines: &KeyedLines) -> Result<LineMonths, LakeError> {
    let mut of =
        LineMonths::with_capacity(lines.months().values().map(|rows| usize::try_from(*rows).unwrap_or(0)).sum());
    for month in lines.months().into_keys() {
        of.extend(line_keys(&lines.month(month)?)?.into_iter().map(|key| (key, month)));
    }
    Ok(of)
}

/// Order and line of each row.
fn line_keys(frame: &DataFrame) -> PolarsResult<Vec<(i64, i64)>> {
    let (orders, lines) = (frame.column(c::ORDER_KEY)?.i64()?, frame.column(c::LINE_NO)?.i64()?);
    Ok(orders.iter().zip(lines.iter()).map(|(order, line)| (order.unwrap_or(0), line.unwrap_or(0))).collect())
}

/// A small source as it is in the lake.
pub(crate) fn read(source: &'static Table, store: &Store) -> Result<DataFrame, LakeError> {
    let mut parts = Vec::new();
    for file in store.live() {
        parts.extend(store.batches(&file)?);
    }
    Ok(from_batches(source, &parts)?)
}

/// The sum of absolute amounts of a source in the lake; 0 if the source has no amount.
pub(crate) fn size(source: &'static Table, store: &Store) -> Result<Others, LakeError> {
    let Some(column) = amount_column(source) else { return Ok(Others::default()) };
    let declaration = if source.name == ORDER_LINES.name { &STORED } else { source };
    let sizes = store.live().into_par_iter().map(|file| {
        let amounts = store.columns(declaration, &file, &[column])?;
        size_of(&amounts, column)
    });
    Ok(Others { rows: store.live().iter().map(|file| file.rows).sum(), size: sizes.sum::<Result<_, LakeError>>()? })
}

/// The sum of absolute amounts of a frame.
pub(crate) fn size_of(frame: &DataFrame, column: &str) -> Result<u128, LakeError> {
    Ok(frame.column(column)?.i64()?.iter().flatten().map(|units| u128::from(units.unsigned_abs())).sum())
}

/// The stored rows that may share a key with the frame, in the contract's schema: all rows of a small source, or the order
/// lines of the same orders.
pub(crate) fn neighbours(
    root: &Path,
    source: &'static Table,
    store: &Store,
    frame: &DataFrame,
) -> Result<DataFrame, LakeError> {
    if source.name != ORDER_LINES.name {
        return read(source, store);
    }
    let orders = Dictionary::of(root, KeyKind::Order, store)?.known(frame.column(c::ORDER_ID)?.str()?)?;
    let found = store.live().into_par_iter().map(|file| {
        let of_order = |frame: &DataFrame| -> PolarsResult<Vec<bool>> {
            let keys = frame.column(c::ORDER_KEY)?.i64()?.iter();
            Ok(keys.map(|key| key.is_some_and(|key| orders.contains(&key))).collect())
        };
        let wanted = of_order(&store.columns(&STORED, &file, &[c::ORDER_KEY])?)?;
        if !wanted.contains(&true) {
            return Ok(None);
        }
        let lines = from_batches(&STORED, &store.batches(&file)?)?;
        Ok(Some(lines.filter(&BooleanChunked::from_slice("wanted".into(), &wanted))?))
    });
    let mut lines = DataFrame::empty_with_schema(&netto_model::frame::schema(&STORED));
    for part in found.collect::<Result<Vec<_>, LakeError>>()?.into_iter().flatten() {
        lines.vstack_mut(&part)?;
    }
    for kind in KeyKind::ALL {
        let ids = Dictionary::of(root, kind, store)?.ids(lines.column(kind.key())?.i64()?)?;
        lines.with_column(ids.into_column())?;
    }
    Ok(lines.select(ORDER_LINES.columns.iter().map(|column| column.name))?)
}
