//! Caches the split of each month under a fingerprint of all its inputs: a run splits only months whose lines, cost or rules changed,
//! and reads the others.
//!
//! ```text
//! .netto/months/2025-03/fct_order.parquet …   the facts of the month
//!                       about.json            the fingerprint: files of lines, names of their keys, ledger and waterfall, rules, program
//!                       files.json            the hash of each file: what is torn or changed is not taken
//! ```
//! Lines refer to customers, orders and products by key. New ids get later keys, which existing files can't have: so an entry stores
//! how many keys existed when it was made, and its fingerprint includes the ids of those keys only. Of products it includes what they are in that month, so a
//! product that moves to another supplier leaves the months before alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use blake3::Hasher;
use netto_lake::Lake;
use netto_model::money::counted;
use netto_model::{Mart, Period, column as c, contract};
use netto_profit::split::{MonthFacts, Splitter};
use netto_publish::Checkpoint;
use netto_rollup::SpanningRow;
use netto_rollup::detail::Inputs;
use polars::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::failure::Failure;
use crate::progress::say;
use crate::project::{Project, clear};
use crate::results;

/// Splitting a month with fewer lines is faster than reading the cache.
const WORTH_KEEPING: usize = 1_000;

/// Number of months computed, and taken from the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counted {
    pub(crate) computed: usize,
    pub(crate) kept: usize,
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let months = counted((self.computed + self.kept) as u64, "month", "months");
        if self.kept == 0 {
            f.write_str(&months)
        } else {
            write!(f, "{} of {months}, the others are unchanged", self.computed)
        }
    }
}

/// The cached months of earlier runs.
pub(crate) struct Months<'a> {
    /// `None` if the program can't be identified.
    folder: Option<PathBuf>,
    /// Whether to ignore the cache.
    anew: bool,
    splitter: &'a Splitter,
    lines: &'a BTreeMap<Period, Vec<PathBuf>>,
    /// The inputs common to all months: the program, and how activities are measured.
    rules: String,
    /// The quantities per month of orders with lines in several months, and whether an order is one.
    spanning: BTreeMap<Period, Vec<(SpanningRow, bool)>>,
    names: [Names; 3],
    /// The products of which something else is said from some day on, and where they stand among the keys.
    changing: Vec<(usize, String)>,
    computed: AtomicUsize,
    kept: AtomicUsize,
    /// Why a month couldn't be kept.
    refused: OnceLock<String>,
}

impl<'a> Months<'a> {
    /// # Errors
    /// When the engine fails.
    pub(crate) fn of(
        project: &Project,
        splitter: &'a Splitter,
        lines: &Inputs<'a>,
        anew: bool,
    ) -> Result<Self, Failure> {
        let program = results::program();
        let (pieces, rows) = lines.spanning.rows();
        let mut spanning: BTreeMap<Period, Vec<_>> = BTreeMap::new();
        for row in rows {
            let spans = lines.spanning.spans_months(row.1, row.2);
            spanning.entry(Period::of_day(row.0)).or_default().push((row, spans));
        }
        let said = |products: &DataFrame| {
            let said: StringChunked =
                products.column(c::PRODUCT_ID)?.str()?.iter().flatten().map(|id| splitter.product(id)).collect();
            products.hstack(&[said.with_name(c::KIND.into()).into_column()])
        };
        let ids = lines.products.column(c::PRODUCT_ID).and_then(|ids| Ok(ids.str()?.clone()));
        let ids = ids.map_err(|error| unread(&error))?;
        let changing = ids.iter().enumerate().filter_map(|(place, id)| Some((place, id?)));
        let changing = changing.filter(|(_, id)| splitter.changes(id)).map(|(place, id)| (place, id.to_owned()));
        let names = |keys: PolarsResult<DataFrame>| keys.and_then(Names::of).map_err(|error| unread(&error));
        Ok(Self {
            folder: (!program.is_empty()).then(|| project.months()),
            anew,
            splitter,
            lines: lines.months,
            rules: format!("{program} {:?} {pieces:?}", lines.drivers),
            spanning,
            names: [
                names(Ok(lines.customers.clone()))?,
                names(Ok(lines.orders.clone()))?,
                names(said(lines.products))?,
            ],
            changing: changing.collect(),
            computed: AtomicUsize::new(0),
            kept: AtomicUsize::new(0),
            refused: OnceLock::new(),
        })
    }

    /// A month with all its inputs.
    ///
    /// # Errors
    /// When the engine fails.
    pub(crate) fn month(&self, period: Period) -> Result<Month<'_>, Failure> {
        let foundation = self.splitter.foundation(period)?;
        let files = self.lines.get(&period).into_iter().flatten();
        let files: Vec<_> = files.map(|path| path.file_name().unwrap_or_default()).collect();
        let spanning = self.spanning.get(&period);
        let mut follows_from = Hasher::new();
        follows_from.update(format!("{period} {files:?} {spanning:?} {} {}", self.rules, foundation.rules).as_bytes());
        for table in &foundation.tables {
            add(&mut follows_from, table).map_err(|error| unread(&error))?;
        }
        let folder = self.folder.as_ref().map(|folder| folder.join(period.to_string()));
        Ok(Month { months: self, period, folder, follows_from })
    }

    /// Reports errors, and returns the number of computed months.
    pub(crate) fn done(self) -> Counted {
        if let Some(why) = self.refused.get() {
            say("warning", &format!("the split of the months isn't kept for the next run: {why}"));
        }
        Counted { computed: self.computed.into_inner(), kept: self.kept.into_inner() }
    }
}

fn unread(error: &PolarsError) -> Failure {
    Failure::failed("the inputs of the months could not be read", error)
}

/// A month and its inputs.
pub(crate) struct Month<'a> {
    months: &'a Months<'a>,
    period: Period,
    folder: Option<PathBuf>,
    follows_from: Hasher,
}

/// The metadata of an entry.
#[derive(Serialize, Deserialize)]
struct About {
    /// The number of customer, order and product keys.
    keys: [usize; 3],
    fingerprint: String,
}

impl Month<'_> {
    /// The cached result for the same inputs; `None` if it has to be computed.
    pub(crate) fn found(&self) -> Option<MonthFacts> {
        let folder = self.folder.as_ref().filter(|_| !self.months.anew)?;
        let is_same = |about: &serde_json::Value| {
            let about = About::deserialize(about).ok();
            about.is_some_and(|about| self.fingerprint(about.keys) == Some(about.fingerprint))
        };
        let Checkpoint { tables, .. } = Checkpoint::read(folder, contract::table, is_same)?;
        let (large, small) = tables.into_iter().partition(|mart: &Mart| contract::LARGE.contains(&mart.table));
        self.months.kept.fetch_add(1, Ordering::Relaxed);
        Some(MonthFacts { large, small })
    }

    /// Caches the result of a month with this number of lines. Errors don't fail the run, as the cache only saves time.
    pub(crate) fn keep(&self, facts: &MonthFacts, lines: usize) {
        self.months.computed.fetch_add(1, Ordering::Relaxed);
        let Some(folder) = &self.folder else { return };
        let written = || -> Result<(), Failure> {
            clear(folder)?;
            if lines < WORTH_KEEPING {
                return Ok(());
            }
            let keys = self.months.names.each_ref().map(|names| names.rows.height());
            let fingerprint = self.fingerprint(keys).unwrap_or_default();
            let tables = facts.large.iter().chain(&facts.small).cloned().collect();
            Ok(Checkpoint { tables, about: json!(About { keys, fingerprint }) }.write(folder)?)
        };
        if let Err(failure) = written() {
            self.months.refused.get_or_init(|| failure.first().unwrap_or_default().to_owned());
        }
    }

    /// The hash of all inputs, with the ids of the first `keys`; `None` if there are fewer.
    fn fingerprint(&self, keys: [usize; 3]) -> Option<String> {
        let mut all = self.follows_from.clone();
        for (names, keys) in self.months.names.iter().zip(keys) {
            all.update(names.first(keys)?.as_bytes());
        }
        // What is said of products in the month, where that isn't what was said at first.
        let [.., products] = keys;
        for (place, id) in self.months.changing.iter().take_while(|(place, _)| *place < products) {
            if let Some(said) = self.months.splitter.product_in(id, self.period) {
                all.update(format!("{place} {said}\n").as_bytes());
            }
        }
        Some(all.finalize().to_hex().to_string())
    }
}

/// The ids in key order; new ones are appended.
struct Names {
    rows: DataFrame,
    /// The hash of all rows before each block of them.
    blocks: Vec<Hasher>,
}

/// Rows in a block.
const BLOCK: usize = 1 << 16;

impl Names {
    fn of(rows: DataFrame) -> PolarsResult<Self> {
        let (mut hasher, mut blocks) = (Hasher::new(), Vec::new());
        for start in (0..=rows.height()).step_by(BLOCK) {
            blocks.push(hasher.clone());
            add(&mut hasher, &slice(&rows, start, BLOCK))?;
        }
        Ok(Self { rows, blocks })
    }

    /// The hash of the first rows; `None` if there are fewer.
    fn first(&self, rows: usize) -> Option<String> {
        let mut hasher = self.blocks.get(rows / BLOCK).filter(|_| rows <= self.rows.height())?.clone();
        add(&mut hasher, &slice(&self.rows, rows - rows % BLOCK, rows % BLOCK)).ok()?;
        Some(hasher.finalize().to_hex().to_string())
    }
}

fn slice(rows: &DataFrame, start: usize, length: usize) -> DataFrame {
    rows.slice(i64::try_from(start).unwrap_or(i64::MAX), length)
}

/// Adds all values of a table to the hash.
fn add(hasher: &mut Hasher, table: &DataFrame) -> PolarsResult<()> {
    let mut bytes = Vec::new();
    for column in table.columns() {
        bytes.extend(format!("{} {} {}\n", column.name(), column.dtype(), column.len()).as_bytes());
        match column.dtype() {
            DataType::String => values(&mut bytes, column.str()?.iter(), |bytes, text| {
                bytes.extend(text.len().to_le_bytes());
                bytes.extend(text.as_bytes());
            }),
            DataType::Int64 => {
                values(&mut bytes, column.i64()?.iter(), |bytes, value| bytes.extend(value.to_le_bytes()));
            }
            DataType::Float64 => {
                values(&mut bytes, column.f64()?.iter(), |bytes, value| bytes.extend(value.to_le_bytes()));
            }
            DataType::Date => {
                let days = column.date()?.physical();
                values(&mut bytes, days.iter(), |bytes, value| bytes.extend(value.to_le_bytes()));
            }
            DataType::Boolean => values(&mut bytes, column.bool()?.iter(), |bytes, value| bytes.push(value.into())),
            other => polars_bail!(InvalidOperation: "values of `{}` are {other}", column.name()),
        }
        hasher.update(&bytes);
        bytes.clear();
    }
    Ok(())
}

fn values<T>(bytes: &mut Vec<u8>, values: impl Iterator<Item = Option<T>>, add: impl Fn(&mut Vec<u8>, T)) {
    for value in values {
        bytes.push(value.is_some().into());
        if let Some(value) = value {
            add(bytes, value);
        }
    }
}

/// Cached months without lines in the lake, and remains of killed runs.
///
/// # Errors
/// When the lake can't be read.
pub(crate) fn unneeded(project: &Project, lake: &Lake) -> Result<Vec<PathBuf>, Failure> {
    let mut wanted = BTreeSet::new();
    if project.config.facts.wants_any() {
        wanted.extend(lake.months()?.keys().map(ToString::to_string));
    }
    let lying = fs::read_dir(project.months()).into_iter().flatten().flatten();
    let others = lying.filter(|entry| !wanted.contains(&*entry.file_name().to_string_lossy()));
    Ok(others.map(|entry| entry.path()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(ids: &[&str]) -> Names {
        let keys: Vec<i64> = (1..).take(ids.len()).collect();
        Names::of(df!("key" => keys, "id" => ids).unwrap()).unwrap()
    }

    #[test]
    fn names_that_come_later_change_nothing_of_the_first_ones() {
        let before = names(&["A", "B"]);
        let after = names(&["A", "B", "C"]);
        assert_eq!(after.first(2), before.first(2));
        assert_ne!(after.first(3), before.first(2));
        assert_eq!(before.first(3), None);
        for others in [["A", "X", "C"], ["AB", "", "C"], ["B", "A", "C"]] {
            assert_ne!(names(&others).first(2), before.first(2));
        }
    }

    #[test]
    fn blocks_are_a_matter_of_speed_alone() {
        let ids: Vec<String> = (0..2 * BLOCK + 3).map(|n| n.to_string()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let all = names(&ids);
        for rows in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 3] {
            assert_eq!(all.first(rows), names(&ids[..rows]).first(rows), "{rows}");
        }
    }

    #[test]
    fn every_value_of_a_table_counts_and_where_it_stands() {
        let of = |table: PolarsResult<DataFrame>| {
            let mut hasher = Hasher::new();
            add(&mut hasher, &table.unwrap()).unwrap();
            hasher.finalize()
        };
        let table = || of(df!("a" => [Some("x"), None], "b" => [1_i64, 2], "c" => [true, false], "d" => [0.5, 1.0]));
        assert_eq!(table(), table());
        for other in [
            df!("a" => [Some("x"), Some("")], "b" => [1_i64, 2], "c" => [true, false], "d" => [0.5, 1.0]),
            df!("a" => [Some("x"), None], "b" => [1_i64, 3], "c" => [true, false], "d" => [0.5, 1.0]),
            df!("a" => [Some("x"), None], "b" => [1_i64, 2], "c" => [true, true], "d" => [0.5, 1.0]),
            df!("a" => [Some("x"), None], "b" => [1_i64, 2], "c" => [true, false], "d" => [0.5, 1.5]),
            df!("a" => [None, Some("x")], "b" => [1_i64, 2], "c" => [true, false], "d" => [0.5, 1.0]),
        ] {
            assert_ne!(of(other), table());
        }
    }
}
