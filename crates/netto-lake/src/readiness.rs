//! Reports whether the data are ready: which sources were supplied, how complete and fresh they are, which ids they refer to that
//! no source has, and which questions of the method they answer.
//!
//! ```text
//! source       rows  completeness  days behind  orphans  examples
//! order_lines  60003         0.91            0        0
//! activities   14210         0.72           31        2  customers: 009999
//! prospects                                              (not supplied)
//! ```
//! Completeness comes from the null counts in the files' statistics, and orphans of order lines from the key dictionaries, so a
//! large lake is not read completely.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

use netto_model::contract::{ORDER_LINES, SOURCES};
use netto_model::frame::{DataQuestion, DataReadiness, DataSetApart};
use netto_model::table::{Role, Table, Type};
use netto_model::{Frame, Period, column as c};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;
use polars::prelude::*;

use crate::error::LakeError;
use crate::lake::Lake;
use crate::moment;
use crate::orphans::{Known, Orphans};
use crate::read::parquet::batches;
use crate::set_apart::{Memory, SetApart, Sum};
use crate::store::Store;
use crate::typed::Signs;
use crate::{landing, questions};

/// The readiness of the data.
#[derive(Clone, Debug)]
pub struct Readiness {
    /// One row per source.
    pub sources: Frame<DataReadiness>,
    /// One row per question of the method.
    pub questions: Frame<DataQuestion>,
    /// One row per source and reason for missing rows.
    pub set_apart: Frame<DataSetApart>,
}

/// The state of a source in the lake.
pub(crate) struct State {
    supplied: bool,
    rows: i64,
    first: Option<i32>,
    last: Option<i32>,
    /// Number of filled cells and of all cells in the optional columns.
    cells: (i64, i64),
    /// Optional columns without any value.
    empty: Vec<&'static str>,
    orphans: Option<Orphans>,
}

impl State {
    /// Whether the source has rows, and values in the column if one is given.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.rows > 0 && !self.empty.contains(&column)
    }
}

/// Sources of dated events, whose last date shows how fresh they are. The dates of other sources say since when something is
/// valid, and don't age.
const EVENTS: [&str; 7] = ["order_lines", "activities", "cost_pools", "stock", "receivables", "deviations", "fx_rates"];

impl Lake {
    /// Returns which sources were supplied, how complete and fresh they are, and which questions they answer.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn readiness(&self, last_month: Option<Period>) -> Result<Readiness, LakeError> {
        let known = Known::read(self)?;
        let states = SOURCES.iter().map(|source| self.state(source, &known)).collect::<Result<Vec<_>, _>>()?;
        let by_name: BTreeMap<&str, &State> = SOURCES.iter().map(|source| source.name).zip(&states).collect();
        Ok(Readiness {
            sources: sources(&states, last_month)?,
            questions: questions::table(&by_name)?,
            set_apart: set_apart(&self.set_apart()?)?,
        })
    }

    /// The rows of each source that were set apart and are not in the lake; without sources that miss nothing.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn set_apart(&self) -> Result<BTreeMap<&'static str, SetApart>, LakeError> {
        let mut missing = BTreeMap::new();
        for &source in SOURCES {
            let store = self.store(source.name)?;
            let found = Memory::read(&store.folder, store.version())?.summary(source, &store)?;
            if !found.reasons.is_empty() {
                missing.insert(source.name, found);
            }
        }
        Ok(missing)
    }

    fn state(&self, source: &'static Table, known: &Known) -> Result<State, LakeError> {
        let store = self.store(source.name)?;
        let rows = store.live().iter().map(|file| i64::try_from(file.rows).unwrap_or(0)).sum();
        let (first, last) = if source.name == ORDER_LINES.name { self.order_dates()? } else { dates(source, &store)? };
        let (cells, empty) = filled(source, &store, rows)?;
        let orphans = if rows > 0 { known.orphans(self, source, &store)? } else { None };
        Ok(State { supplied: store.exists(), rows, first, last, cells, empty, orphans })
    }

    /// First and last day of the order lines; it reads only the first and the last month.
    fn order_dates(&self) -> Result<(Option<i32>, Option<i32>), LakeError> {
        let months = self.months()?;
        let (mut first, mut last) = (None, None);
        let outer = months.values().take(1).chain(months.values().next_back()).flatten();
        for path in outer {
            for batch in batches(path)?.1 {
                let frame = netto_model::arrow::any_from_batches(&batch.schema(), std::slice::from_ref(&batch))?;
                let days = frame.column(c::ORDER_DATE)?.date()?.physical().clone();
                first = first.into_iter().chain(days.min()).min();
                last = last.into_iter().chain(days.max()).max();
            }
        }
        Ok((first, last))
    }
}

fn sources(states: &[State], last_month: Option<Period>) -> Result<Frame<DataReadiness>, LakeError> {
    let each = || SOURCES.iter().zip(states);
    let behind = |(source, state): (&&Table, &State)| days_behind(source, state.last?, last_month?);
    let complete = |state: &State| ratio(state.cells);
    let empty = |state: &State| (!state.empty.is_empty()).then(|| state.empty.join(", "));
    let orphans = |state: &State| state.orphans.as_ref().map(|orphans| orphans.rows);
    let examples = |state: &State| state.orphans.as_ref().and_then(Orphans::examples);
    let frame = df!(
        c::SOURCE => SOURCES.iter().map(|source| source.name).collect::<Vec<_>>(),
        "supplied" => states.iter().map(|state| state.supplied).collect::<Vec<_>>(),
        c::ROWS => states.iter().map(|state| state.rows).collect::<Vec<_>>(),
        "first_date" => states.iter().map(|state| state.first).collect::<Vec<_>>(),
        "last_date" => states.iter().map(|state| state.last).collect::<Vec<_>>(),
        "enables" => SOURCES.iter().map(|source| enables(source.name)).collect::<Vec<_>>(),
        c::COMPLETENESS => states.iter().map(complete).collect::<Vec<_>>(),
        c::EMPTY_COLUMNS => states.iter().map(empty).collect::<Vec<_>>(),
        c::DAYS_BEHIND => each().map(behind).collect::<Vec<_>>(),
        c::ORPHANS => states.iter().map(orphans).collect::<Vec<_>>(),
        c::ORPHAN_EXAMPLES => states.iter().map(examples).collect::<Vec<_>>(),
    )?;
    let dates = ["first_date", "last_date"].map(|name| col(name).cast(DataType::Date));
    Ok(Frame::try_new(frame.lazy().with_columns(dates))?)
}

fn set_apart(missing: &BTreeMap<&'static str, SetApart>) -> Result<Frame<DataSetApart>, LakeError> {
    let rows: Vec<_> = missing
        .iter()
        .flat_map(|(source, of)| of.reasons.iter().map(move |(reason, sum)| (*source, of, reason.as_str(), sum)))
        .collect();
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    // An amount beyond the range of money counts as unknown.
    let amount = |sum: &Sum| i64::try_from(sum.amount).ok().filter(|units| units.unsigned_abs() < 10_u64.pow(18));
    let has_amounts = |of: &SetApart| of.share().is_some();
    let unknown = |sum: &Sum| if amount(sum).is_some() { sum.unknown } else { sum.rows };
    let frame = df!(
        c::SOURCE => rows.iter().map(|(source, ..)| *source).collect::<Vec<_>>(),
        c::REASON => rows.iter().map(|(_, _, reason, _)| *reason).collect::<Vec<_>>(),
        c::ROWS => rows.iter().map(|(.., sum)| count(sum.rows)).collect::<Vec<_>>(),
        c::AMOUNT => rows.iter().map(|(_, of, _, sum)| amount(sum).filter(|_| has_amounts(of))).collect::<Vec<_>>(),
        c::UNKNOWN_AMOUNTS => rows.iter().map(|(_, of, _, sum)| has_amounts(of).then(|| count(unknown(sum)))).collect::<Vec<_>>(),
        c::AMOUNT_SHARE => rows.iter().map(|(_, of, _, sum)| of.share_of(sum)).collect::<Vec<_>>(),
    )?;
    Ok(Frame::try_new(frame.lazy())?)
}

/// Days from the last date to the end of the last closed month; a month counts up to its last day.
fn days_behind(source: &Table, last: i32, last_month: Period) -> Option<i64> {
    if !EVENTS.contains(&source.name) {
        return None;
    }
    let is_month = date_column(source).is_some_and(|date| date.name == c::PERIOD);
    let last_day = |month: Period| month.plus(1).first_day() - 1;
    let last = if is_month { last_day(Period::of_day(last)) } else { last };
    Some(i64::from(last_day(last_month) - last).max(0))
}

fn date_column(source: &Table) -> Option<&'static netto_model::Column> {
    source.columns.iter().find(|column| column.ty == Type::Date)
}

fn dates(source: &'static Table, store: &Store) -> Result<(Option<i32>, Option<i32>), LakeError> {
    let Some(date) = date_column(source).filter(|_| store.exists()) else { return Ok((None, None)) };
    let days = landing::read(source, store)?.column(date.name)?.date()?.physical().clone();
    // A default that ingest filled in is not a supplied date.
    let filled_in = date.default.and_then(|day| moment::date(day, &Signs::plain(), false).ok());
    let supplied = || days.iter().flatten().filter(|day| Some(*day) != filled_in);
    Ok((supplied().min(), supplied().max()))
}

/// For the optional columns: filled cells, all cells, and the columns without any value.
fn filled(source: &'static Table, store: &Store, rows: i64) -> Result<((i64, i64), Vec<&'static str>), LakeError> {
    let nulls = nulls(store)?;
    let empty_cells = |name: &&'static str| nulls.get(*name).copied().unwrap_or(rows).min(rows);
    let optional = source.columns.iter().filter(|column| column.role == Role::Optional).map(|column| column.name);
    // Invoices, bookings and stock are usually in the company's currency, so a missing currency is no gap.
    let missing =
        |name: &&'static str| *name != c::CURRENCY || source.name == ORDER_LINES.name || empty_cells(name) < rows;
    let optional: Vec<&'static str> = optional.filter(missing).collect();
    let all = rows * i64::try_from(optional.len()).unwrap_or(0);
    let empty: i64 = optional.iter().map(empty_cells).sum();
    let without = optional.iter().filter(|name| empty_cells(name) == rows).copied().collect();
    Ok(((all - empty, all), if rows > 0 { without } else { Vec::new() }))
}

/// The number of empty cells per column, from the files' statistics.
fn nulls(store: &Store) -> Result<BTreeMap<String, i64>, LakeError> {
    let mut nulls: BTreeMap<String, i64> = BTreeMap::new();
    for live in store.live() {
        let path = store.file(&live)?;
        let file = File::open(&path).map_err(|error| LakeError::damaged(&path, &error))?;
        let reader =
            ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| LakeError::damaged(&path, &error))?;
        for column in reader.metadata().row_groups().iter().flat_map(RowGroupMetaData::columns) {
            // A file without statistics counts as filled.
            let empty = column.statistics().and_then(Statistics::null_count_opt).unwrap_or(0);
            *nulls.entry(column.column_path().string()).or_default() += i64::try_from(empty).unwrap_or(i64::MAX);
        }
    }
    Ok(nulls)
}

#[expect(clippy::cast_precision_loss, reason = "a share is a ratio, not money")]
fn ratio((part, whole): (i64, i64)) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The analyses that a source enables.
fn enables(source: &str) -> &'static str {
    match source {
        "order_lines" => "Revenue and margin per customer, the pyramid, 20/80, migration",
        "customers" => "Names, markets, regions and tiers by representative; share of wallet",
        "products" => "Product groups and suppliers; cost and list price by order date",
        "employees" => "The sales force and what it costs",
        "activities" => "Cost of visits, calls and questions per customer",
        "cost_pools" => "Cost-to-serve, idle capacity and net profit per customer",
        "stock" => "Turnover and holding cost of stock",
        "receivables" => "The cost of payment terms",
        "deviations" => "The cost of returns, complaints and other after-care",
        "rebates" => "Rebates given and received in the waterfall",
        "prospects" => "Prospects and suspects below the pyramid",
        "goals" => "Targets against results",
        "budgets" => "Budget against actual",
        "actions" => "Before and after of actions agreed with customers",
        "fx_rates" => "Amounts in other currencies",
        _ => "",
    }
}

/// Names in order, for a set.
pub(crate) type Names = BTreeSet<String>;

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::contract::{COST_POOLS, CUSTOMERS, PRODUCTS};
    use netto_model::period::days_from_civil;

    #[test]
    fn a_source_is_behind_by_the_days_to_the_end_of_the_last_closed_month() {
        let june = Period::new(2025, 6);
        let behind = |source, (year, month, day)| days_behind(source, days_from_civil(year, month, day), june);
        assert_eq!(behind(&ORDER_LINES, (2025, 6, 27)), Some(3));
        assert_eq!(behind(&ORDER_LINES, (2025, 7, 2)), Some(0), "it reaches beyond it");
        assert_eq!(behind(&COST_POOLS, (2025, 6, 1)), Some(0), "a booking is of a whole month");
        assert_eq!(behind(&COST_POOLS, (2025, 5, 1)), Some(30));
        assert_eq!((behind(&CUSTOMERS, (2020, 1, 1)), behind(&PRODUCTS, (2020, 1, 1))), (None, None));
    }
}
