//! Keeps track of rows that were set apart and are not in the lake, with their amounts, in a file beside the table.
//!
//! ```text
//! .netto/lake/order_lines/_netto/set_apart-00000000000000000007.json.zst      as of version 7 of the table
//!
//! unknown_customer   2025-03   order A-17, line 3     1,234.50
//! not_a_number                 order A-18, line 1     unknown: `1.234,5O` is no amount
//! ```
//! A row is dropped from the list when a row with its key is loaded, when its month is replaced, or when its file is read again.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use netto_model::contract::{COST_POOLS, DEVIATIONS, ORDER_LINES, RECEIVABLES, STOCK};
use netto_model::money::{count, counted, in_cents};
use netto_model::table::Table;
use netto_model::{Period, column as c};
use polars::prelude::{DataFrame, PolarsResult};
use serde::{Deserialize, Serialize};

use crate::check;
use crate::config::LoadMode;
use crate::error::LakeError;
use crate::findings::Findings;
use crate::landing;
use crate::log;
use crate::quarantine::{Reason, Rejected};
use crate::rates::RatesUsed;
use crate::rows::{FILE, LINE};
use crate::store::Store;

/// The amount column by which rows of a source that are set apart are summed; `None` if the source has none.
#[must_use]
pub fn amount_column(source: &Table) -> Option<&'static str> {
    let columns = [
        (ORDER_LINES.name, c::NET_AMOUNT),
        (COST_POOLS.name, c::AMOUNT),
        (STOCK.name, c::VALUE),
        (RECEIVABLES.name, c::AMOUNT),
        (DEVIATIONS.name, c::AMOUNT),
    ];
    columns.into_iter().find(|(name, _)| *name == source.name).map(|(_, column)| column)
}

/// Rows of a source that were set apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SetApart {
    /// Sums by reason code.
    pub reasons: BTreeMap<String, Sum>,
    /// The absolute amount read, in ten-thousandths; `None` if the source has no amounts.
    whole: Option<u128>,
    /// The average absolute amount of the other rows; `None` if there are none.
    average: Option<u128>,
}

/// The other rows of a source, which aren't set apart.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Others {
    pub(crate) rows: u64,
    /// The sum of their absolute amounts.
    pub(crate) size: u128,
}

/// A number of rows with their amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Rows.
    pub rows: u64,
    /// Their readable amount in ten-thousandths.
    pub amount: i128,
    /// The sum of absolute amounts.
    pub size: u128,
    /// Rows whose amount can't be read.
    pub unknown: u64,
}

impl SetApart {
    /// All reasons together.
    #[must_use]
    pub fn sum(&self) -> Sum {
        let mut all = Sum::default();
        for sum in self.reasons.values() {
            all.rows += sum.rows;
            all.amount += sum.amount;
            all.size += sum.size;
            all.unknown += sum.unknown;
        }
        all
    }

    /// The share of the rows in the amount read, both absolute; `None` if the source has no amounts.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share is a ratio, not money")]
    pub fn share_of(&self, part: &Sum) -> Option<f64> {
        let whole = self.whole?;
        Some(if whole == 0 { 0.0 } else { part.size as f64 / whole as f64 })
    }

    /// The share of all rows that are set apart.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        self.share_of(&self.sum())
    }

    /// The share that limits apply to: each row whose amount can't be read counts as the average of the other rows, as nobody knows
    /// better.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share is a ratio, not money")]
    pub fn estimated_share(&self) -> Option<f64> {
        let (sum, whole) = (self.sum(), self.whole?);
        let Some(average) = self.average else {
            return Some(if sum.rows > 0 { 1.0 } else { 0.0 });
        };
        let unknown = u128::from(sum.unknown) * average;
        let whole = whole + unknown;
        Some(if whole == 0 { 0.0 } else { (sum.size + unknown) as f64 / whole as f64 })
    }

    /// The rows with their amount: `2,000.00 in 5 rows; 3 more, whose amount can't be read, count as 12.50 each, …`.
    #[must_use]
    pub fn in_words(&self, others: &str) -> String {
        let sum = self.sum();
        let known = Sum { rows: sum.rows - sum.unknown, ..sum };
        let known =
            (known.rows > 0).then(|| format!("{} in {}", sum.amount_in_words(), counted(known.rows, "row", "rows")));
        let unknown = (sum.unknown > 0).then(|| {
            let count_as = if sum.unknown == 1 { "counts as" } else { "count as" };
            let average = self.average.map(|average| {
                format!(
                    ", {count_as} {} each, the average of {others}",
                    in_cents(i128::try_from(average).unwrap_or(i128::MAX))
                )
            });
            let rows = if known.is_some() {
                format!("{} more", count(sum.unknown))
            } else {
                counted(sum.unknown, "row", "rows")
            };
            format!("{rows}, whose amount can't be read{}", average.unwrap_or_default())
        });
        known.into_iter().chain(unknown).collect::<Vec<_>>().join("; ")
    }

    /// Sums rows by reason.
    pub(crate) fn of<'a>(rows: impl IntoIterator<Item = &'a Missing>, source: &Table, others: Others) -> Self {
        let mut reasons: BTreeMap<String, Sum> = BTreeMap::new();
        for row in rows {
            reasons.entry(row.reason.clone()).or_default().add(row.amount);
        }
        let mut found = Self { reasons, whole: None, average: others.size.checked_div(others.rows.into()) };
        found.whole = amount_column(source).map(|_| found.sum().size + others.size);
        found
    }
}

impl Sum {
    /// The amount; where amounts of both signs would cancel each other out, their sum without signs.
    #[must_use]
    pub fn amount_in_words(&self) -> String {
        if self.amount.unsigned_abs() == self.size {
            return in_cents(self.amount);
        }
        format!("{} (without signs)", in_cents(i128::try_from(self.size).unwrap_or(i128::MAX)))
    }

    pub(crate) fn add(&mut self, amount: Option<i64>) {
        self.rows += 1;
        match amount {
            Some(units) => {
                self.amount += i128::from(units);
                self.size += u128::from(units.unsigned_abs());
            }
            None => self.unknown += 1,
        }
    }
}

/// A row that isn't in the lake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Missing {
    pub(crate) file: String,
    /// The content hash of its file at that time, as a number.
    content: i64,
    pub(crate) line: u64,
    pub(crate) reason: String,
    /// The key in the form of [`check::key`], if it can be read.
    pub(crate) key: Option<String>,
    /// Month, as `2025-03`.
    pub(crate) month: Option<String>,
    /// Amount in ten-thousandths.
    pub(crate) amount: Option<i64>,
}

impl Missing {
    pub(crate) fn of(rejected: &Rejected, files: &BTreeMap<String, i64>) -> Self {
        let Rejected { reject, salvage, .. } = rejected;
        Self {
            content: files.get(&reject.file).copied().unwrap_or_default(),
            file: reject.file.clone(),
            line: reject.line,
            reason: reject.reason.code().to_owned(),
            key: salvage.key.clone(),
            month: salvage.day.map(|day| Period::of_day(day).to_string()),
            amount: salvage.amount,
        }
    }
}

/// Number of a file, and line in it.
pub(crate) type Place = (Option<usize>, Option<i64>);

/// The rows of a source that are not in the lake.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Memory {
    /// The findings of the last load.
    #[serde(default)]
    pub(crate) findings: Findings,
    /// With `append`: the rates by which rows in the lake were converted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) rates: RatesUsed,
    pub(crate) rows: Vec<Missing>,
}

/// The parts of a load that determine which rows are dropped from the list.
pub(crate) struct Loaded<'a> {
    pub(crate) mode: LoadMode,
    /// The files that were read: content hash as a number, by file name.
    pub(crate) files: &'a BTreeMap<String, i64>,
    /// Months that were replaced completely.
    pub(crate) replaced: &'a BTreeSet<Period>,
    /// Keys of rows that were set apart earlier and arrived with this load, each with its place.
    pub(crate) came: &'a HashMap<String, Place>,
}

impl Memory {
    /// Reads the list for a version of the table in a folder.
    pub(crate) fn read(folder: &Path, version: Option<i64>) -> Result<Self, LakeError> {
        let Some(version) = version else { return Ok(Self::default()) };
        let written = versions(folder).into_iter().filter(|(of, _)| *of <= version).max();
        let Some((_, path)) = written else { return Ok(Self::default()) };
        let bytes = fs::read(&path).map_err(LakeError::io(&path))?;
        let text = zstd::decode_all(bytes.as_slice()).map_err(|error| LakeError::damaged(&path, &error))?;
        serde_json::from_slice(&text).map_err(|error| LakeError::damaged(&path, &error))
    }

    /// Writes the list for the next version of the table; it takes effect once that version exists.
    pub(crate) fn write(&self, folder: &Path, version: i64) -> Result<(), LakeError> {
        let (path, kept) = (file(folder, version), folder_of(folder));
        fs::create_dir_all(&kept).map_err(LakeError::io(&kept))?;
        let text = serde_json::to_vec(self).map_err(|error| LakeError::damaged(&path, &error))?;
        log::put(&path, &zstd::encode_all(text.as_slice(), 3).map_err(LakeError::io(&path))?)
    }

    /// The places of the rows: content hash of the file as a number, and line.
    pub(crate) fn places(&self) -> HashSet<(i64, u64)> {
        self.rows.iter().map(|row| (row.content, row.line)).collect()
    }

    /// The rows still missing after a load, without those that the load itself set apart.
    pub(crate) fn after(self, load: &Loaded<'_>) -> Vec<Missing> {
        if load.mode == LoadMode::Replace || self.rows.is_empty() {
            return Vec::new();
        }
        let span = load.span();
        let in_span = |month: &str| span.as_ref().is_some_and(|(first, last)| (first.as_str()..=last).contains(&month));
        let replaced: BTreeSet<String> = load.replaced.iter().map(Period::to_string).collect();
        let is_forgotten = |row: &Missing| {
            let (again, by_month) = (load.files.get(&row.file), load.mode == LoadMode::ReplacePeriod);
            if again == Some(&row.content) || row.key.as_ref().is_some_and(|key| load.came.contains_key(key)) {
                return true;
            }
            match &row.month {
                Some(month) if by_month => replaced.contains(month) || again.is_some() && in_span(month),
                // There is no other evidence of its arrival: the file of that name was corrected or replaced.
                _ => again.is_some() && (by_month || row.key.is_none()),
            }
        };
        self.rows.into_iter().filter(|row| !is_forgotten(row)).collect()
    }

    /// The sums by reason, as a share of the amount that the lake would have with them.
    pub(crate) fn summary(&self, source: &'static Table, store: &Store) -> Result<SetApart, LakeError> {
        let in_lake = if self.rows.is_empty() { Others::default() } else { landing::size(source, store)? };
        Ok(SetApart::of(&self.rows, source, in_lake))
    }
}

impl Loaded<'_> {
    /// Rows that the load sets apart, without those that a later file or line corrects; `names` are the files in order.
    pub(crate) fn without_corrected(&self, set_apart: Vec<Missing>, names: &[&str]) -> Vec<Missing> {
        let is_corrected = |row: &Missing| {
            let file = names.iter().position(|name| *name == row.file);
            let place = (file, i64::try_from(row.line).ok());
            // Two rows with the same key may both be intended, so neither corrects the other.
            let twin = row.reason == Reason::DuplicateKey.code();
            !twin && row.key.as_ref().and_then(|key| self.came.get(key)).is_some_and(|later| *later > place)
        };
        set_apart.into_iter().filter(|row| !is_corrected(row)).collect()
    }

    /// First and last month of the rows.
    fn span(&self) -> Option<(String, String)> {
        let (first, last) = (self.replaced.first()?, self.replaced.last()?);
        Some((first.to_string(), last.to_string()))
    }
}

/// The awaited keys that the rows have, each with its file and line.
pub(crate) fn came(
    source: &Table,
    awaited: &HashSet<String>,
    rows: &DataFrame,
) -> PolarsResult<HashMap<String, Place>> {
    let mut came = HashMap::new();
    let first: HashSet<&str> = awaited.iter().map(|key| key.split(", ").next().unwrap_or_default()).collect();
    let Some(column) = source.keys().next().filter(|_| !awaited.is_empty()) else { return Ok(came) };
    let values = rows.column(column.name)?.clone();
    let (files, lines) = (rows.column(FILE)?.u32()?, rows.column(LINE)?.i64()?);
    for row in check::rows(rows) {
        let at = usize::try_from(row).unwrap_or(usize::MAX);
        let value = values.get(at)?;
        let value = value.str_value();
        if first.contains(value.split(", ").next().unwrap_or_default()) {
            let key = check::key(source, rows, row)?;
            if awaited.contains(&key) {
                let file = files.get(at).and_then(|file| usize::try_from(file).ok());
                came.insert(key, (file, lines.get(at)));
            }
        }
    }
    Ok(came)
}

/// The lists of versions before this one, except the last, which applies to this version if it has no list of its own.
pub(crate) fn before(folder: &Path, version: i64) -> Vec<PathBuf> {
    let mut earlier: Vec<(i64, PathBuf)> = versions(folder).into_iter().filter(|(of, _)| *of <= version).collect();
    earlier.sort();
    earlier.pop();
    earlier.into_iter().map(|(_, path)| path).collect()
}

/// Number of versions whose lists are kept by default, so that runs that far back can be repeated.
const REMEMBERED: i64 = 30;

/// Removes the lists of much older versions.
pub(crate) fn tidy(folder: &Path, version: i64) {
    for path in before(folder, version - REMEMBERED) {
        // If this fails, the next load removes the file.
        drop(fs::remove_file(path));
    }
}

fn folder_of(folder: &Path) -> PathBuf {
    // Delta readers ignore names that begin with an underscore.
    folder.join("_netto")
}

fn file(folder: &Path, version: i64) -> PathBuf {
    folder_of(folder).join(format!("set_apart-{version:020}.json.zst"))
}

fn versions(folder: &Path) -> Vec<(i64, PathBuf)> {
    let entries = fs::read_dir(folder_of(folder)).into_iter().flatten().flatten();
    let of = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.strip_prefix("set_apart-")?.strip_suffix(".json.zst")?;
        Some((name.parse().ok()?, path))
    };
    entries.filter_map(|entry| of(entry.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use LoadMode::{Append, Replace, ReplacePeriod, Upsert};
    use polars::prelude::*;

    const MARCH: Period = Period::new(2025, 3);
    const APRIL: Period = Period::new(2025, 4);
    const MAY: Period = Period::new(2025, 5);

    /// Order lines that arrived: order, file number, line in the file.
    fn lines(rows: &[(&str, u32, i64)]) -> DataFrame {
        df!(
            c::ORDER_ID => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            c::LINE_NO => vec![1_i64; rows.len()],
            FILE => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
            LINE => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
        )
        .unwrap()
    }

    /// The rows that are in the frame.
    fn came_of(rows: &[Missing], frame: &DataFrame) -> HashMap<String, Place> {
        came(&ORDER_LINES, &rows.iter().filter_map(|row| row.key.clone()).collect(), frame).unwrap()
    }

    fn missing(file: &str, line: u64, key: Option<&str>, month: Option<Period>) -> Missing {
        let key = key.map(|order| check::key(&ORDER_LINES, &lines(&[(order, 0, 0)]), 0).unwrap());
        let (reason, month) = (Reason::NotANumber.code().to_owned(), month.map(|month| month.to_string()));
        Missing { file: file.into(), content: 1, line, reason, key, month, amount: None }
    }

    /// The lines of `old.csv` that are still missing after a load of these files, which replaced these months.
    fn left(
        rows: &[Missing],
        mode: LoadMode,
        files: &[(&str, i64)],
        replaced: &[Period],
        frame: &DataFrame,
    ) -> Vec<u64> {
        let files = files.iter().map(|(name, content)| ((*name).to_owned(), *content)).collect();
        let replaced = replaced.iter().copied().collect();
        let came = came_of(rows, frame);
        let load = Loaded { mode, files: &files, replaced: &replaced, came: &came };
        let memory = Memory { rows: rows.to_vec(), ..Memory::default() };
        memory.after(&load).iter().map(|row| row.line).collect()
    }

    #[test]
    fn a_row_is_forgotten_when_its_month_is_replaced_or_its_file_was_mended() {
        let rows = [
            missing("old.csv", 2, Some("A"), Some(MARCH)),
            missing("old.csv", 3, Some("B"), Some(APRIL)),
            missing("old.csv", 4, Some("C"), None),
            missing("old.csv", 5, None, None),
        ];
        let none = lines(&[]);
        let other = [("new.csv", 2)];
        assert_eq!(left(&rows, ReplacePeriod, &other, &[MARCH], &none), [3, 4, 5]);
        assert_eq!(left(&rows, Upsert, &other, &[MARCH], &none), [2, 3, 4, 5], "no month is replaced");
        // The file has new content, so rows of its months that it no longer has are dropped.
        let mended = [("old.csv", 2)];
        assert_eq!(left(&rows, ReplacePeriod, &mended, &[MARCH, MAY], &none), Vec::<u64>::new());
        assert_eq!(left(&rows, ReplacePeriod, &mended, &[MAY], &none), [2, 3]);
        assert_eq!(left(&rows, Upsert, &mended, &[], &none), [2, 3, 4], "a row with a key may still come");
        // A file that is read again unchanged reports its bad rows again.
        assert_eq!(left(&rows, Append, &[("old.csv", 1)], &[], &none), Vec::<u64>::new());
        assert_eq!(left(&rows, Upsert, &other, &[], &lines(&[("C", 0, 2)])), [2, 3, 5]);
        assert_eq!(left(&rows, Replace, &other, &[], &none), Vec::<u64>::new());
    }

    #[test]
    fn rows_whose_amount_is_unknown_count_as_the_average_of_the_others() {
        let row = |amount| Missing { amount, ..missing("a.csv", 2, None, None) };
        let others = Others { rows: 20, size: 200 * 10_000 };
        let of = |amounts: &[Option<i64>], others| {
            SetApart::of(&amounts.iter().map(|amount| row(*amount)).collect::<Vec<_>>(), &ORDER_LINES, others)
        };
        let three = of(&[None, None, Some(-300_000)], others);
        assert_eq!((three.share(), three.estimated_share()), (Some(30.0 / 230.0), Some(50.0 / 250.0)));
        let said = |of: SetApart| of.in_words("the loaded rows");
        assert_eq!(
            said(three),
            "-30.00 in 1 row; 2 more, whose amount can't be read, count as 10.00 each, the average of the loaded rows"
        );
        let cancelled = of(&[Some(10_000_000), Some(-10_000_000)], others);
        assert_eq!(said(cancelled), "2,000.00 (without signs) in 2 rows");
        let alone = of(&[None], Others::default());
        assert_eq!((alone.share(), alone.estimated_share()), (Some(0.0), Some(1.0)), "there is nothing else");
        assert_eq!(said(alone), "1 row, whose amount can't be read");
        assert_eq!(of(&[], Others::default()).estimated_share(), Some(0.0));
    }

    #[test]
    fn a_later_row_corrects_an_earlier_one_but_no_twin() {
        let twin = Missing { reason: Reason::DuplicateKey.code().to_owned(), ..missing("a.csv", 5, Some("D"), None) };
        let set_apart = vec![missing("a.csv", 3, Some("A"), None), missing("a.csv", 4, Some("B"), None), twin];
        let came = came_of(&set_apart, &lines(&[("A", 1, 2), ("B", 0, 2), ("D", 1, 9)]));
        let files = BTreeMap::from([("a.csv".to_owned(), 1), ("b.csv".to_owned(), 1)]);
        let load = Loaded { mode: LoadMode::Upsert, files: &files, replaced: &BTreeSet::new(), came: &came };
        let left = load.without_corrected(set_apart, &["a.csv", "b.csv"]);
        assert_eq!(left.iter().map(|row| row.line).collect::<Vec<_>>(), [4, 5], "B stands before, D may both be meant");
    }
}
