//! The lake: a folder of Delta tables, one per source, and the dictionaries of keys.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use netto_model::column as c;
use netto_model::contract::{FX_RATES, LAKE_ORDER_LINES, ORDER_LINES, PRODUCTS, SOURCES};
use netto_model::frame::DataReadiness;
use netto_model::table::{Table, Type};
use netto_model::{Frame, Period};
use polars::prelude::*;

use crate::error::LakeError;
use crate::keys::{Dictionary, KeyKind};
use crate::landing;
use crate::load::{Load, LoadReport, LoadRequest};
use crate::moment;
use crate::rates::Rates;
use crate::read::parquet::batches;
use crate::store::Store;
use crate::typed::Signs;
use crate::versions::ProductVersions;

/// A folder of Delta tables.
#[derive(Clone, Debug)]
pub struct Lake {
    root: PathBuf,
}

impl Lake {
    /// Opens the lake; creates its folder.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(root: &Path) -> Result<Self, LakeError> {
        fs::create_dir_all(root).map_err(LakeError::io(root))?;
        Ok(Self { root: root.canonicalize().map_err(LakeError::io(root))? })
    }

    /// Loads a source: reads, checks, sets bad rows apart, writes the rest in one commit.
    ///
    /// # Errors
    /// See [`LakeError`]; nothing lands then.
    pub fn load(&self, request: &LoadRequest<'_>) -> Result<LoadReport, LakeError> {
        Load { root: &self.root, request }.run()
    }

    /// The rates of exchange, for the load of order lines.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn rates(&self) -> Result<Rates, LakeError> {
        Ok(self.table(&FX_RATES)?.map(|rows| Rates::of(&rows)).transpose()?.unwrap_or_default())
    }

    /// What products cost when, for the load of order lines.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn product_versions(&self) -> Result<ProductVersions, LakeError> {
        Ok(self.table(&PRODUCTS)?.map(|rows| ProductVersions::of(&rows)).transpose()?.unwrap_or_default())
    }

    /// The live files of `order_lines` by month: absolute paths, sorted.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn months(&self) -> Result<BTreeMap<Period, Vec<PathBuf>>, LakeError> {
        let store = self.store(ORDER_LINES.name)?;
        let mut months: BTreeMap<Period, Vec<PathBuf>> = BTreeMap::new();
        for file in store.live()? {
            let month = file.partition.as_deref().and_then(|day| day.get(..7)?.parse().ok());
            let Some(month) = month else { continue };
            months.entry(month).or_default().push(store.folder.join(file.path));
        }
        Ok(months)
    }

    /// A small source as a frame in the contract's schema; none when it was never loaded.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn table(&self, table: &'static Table) -> Result<Option<DataFrame>, LakeError> {
        let store = self.store(table.name)?;
        if store.exists() { landing::read(table, &store).map(Some) } else { Ok(None) }
    }

    /// A dictionary: `<x>_key` and `<x>_id`, sorted by key.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn keys(&self, kind: KeyKind) -> Result<DataFrame, LakeError> {
        Ok(Dictionary::open(&self.root, kind)?.frame)
    }

    /// The live files of a dictionary: absolute paths, sorted.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn key_files(&self, kind: KeyKind) -> Result<Vec<PathBuf>, LakeError> {
        let store = self.store(kind.table().name)?;
        let mut files: Vec<PathBuf> = store.live()?.into_iter().map(|file| store.folder.join(file.path)).collect();
        files.sort();
        Ok(files)
    }

    /// The Delta version of each table.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn versions(&self) -> Result<BTreeMap<String, i64>, LakeError> {
        let mut versions = BTreeMap::new();
        for entry in fs::read_dir(&self.root).map_err(LakeError::io(&self.root))? {
            let entry = entry.map_err(LakeError::io(&self.root))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(version) = self.store(&name)?.version() {
                versions.insert(name, version);
            }
        }
        Ok(versions)
    }

    /// Which sources were supplied, and what they enable.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn readiness(&self) -> Result<Frame<DataReadiness>, LakeError> {
        let states = SOURCES.iter().map(|source| self.state(source)).collect::<Result<Vec<_>, _>>()?;
        let days = |name: &str, pick: fn(&State) -> Option<i32>| -> PolarsResult<Column> {
            let days: Vec<Option<i32>> = states.iter().map(pick).collect();
            Ok(Series::new(name.into(), days).cast(&DataType::Date)?.into_column())
        };
        let frame = DataFrame::new_infer_height(vec![
            Series::new(c::SOURCE.into(), SOURCES.iter().map(|source| source.name).collect::<Vec<_>>()).into_column(),
            Series::new("supplied".into(), states.iter().map(|state| state.supplied).collect::<Vec<_>>()).into_column(),
            Series::new(c::ROWS.into(), states.iter().map(|state| state.rows).collect::<Vec<_>>()).into_column(),
            days("first_date", |state| state.first)?,
            days("last_date", |state| state.last)?,
            Series::new("enables".into(), SOURCES.iter().map(|source| enables(source.name)).collect::<Vec<_>>())
                .into_column(),
        ])?;
        let nothing = |name: &str, ty: DataType| lit(NULL).cast(ty).alias(name);
        let frame = frame.lazy().with_columns([
            nothing(c::COMPLETENESS, DataType::Float64),
            nothing(c::EMPTY_COLUMNS, DataType::String),
            nothing(c::DAYS_BEHIND, DataType::Int64),
            nothing(c::ORPHANS, DataType::Int64),
            nothing(c::ORPHAN_EXAMPLES, DataType::String),
        ]);
        Ok(Frame::try_new(frame)?)
    }

    fn state(&self, source: &'static Table) -> Result<State, LakeError> {
        let store = self.store(source.name)?;
        let rows = store.live()?.iter().map(|file| i64::try_from(file.rows).unwrap_or(0)).sum();
        let (first, last) = if source.name == ORDER_LINES.name { self.order_dates()? } else { dates(source, &store)? };
        Ok(State { supplied: store.exists(), rows, first, last })
    }

    /// First and last day of the order lines: only the outer months are read.
    fn order_dates(&self) -> Result<(Option<i32>, Option<i32>), LakeError> {
        let months = self.months()?;
        let (mut first, mut last) = (None, None);
        let outer = months.values().take(1).chain(months.values().next_back()).flatten();
        for path in outer {
            for batch in batches(path)?.1 {
                let frame = netto_model::arrow::any_from_batches(&batch.schema(), std::slice::from_ref(&batch))?;
                let (low, high) = span(frame.column(c::ORDER_DATE)?)?;
                first = first.into_iter().chain(low).min();
                last = last.into_iter().chain(high).max();
            }
        }
        Ok((first, last))
    }

    fn store(&self, name: &str) -> Result<Store, LakeError> {
        // The contract's name for stored order lines is of the table, not of the folder.
        let name = if name == LAKE_ORDER_LINES.name { ORDER_LINES.name } else { name };
        Store::open(&self.root.join(name))
    }
}

struct State {
    supplied: bool,
    rows: i64,
    first: Option<i32>,
    last: Option<i32>,
}

fn dates(source: &'static Table, store: &Store) -> Result<(Option<i32>, Option<i32>), LakeError> {
    let date = source.columns.iter().find(|column| column.ty == Type::Date);
    let Some(date) = date.filter(|_| store.exists()) else { return Ok((None, None)) };
    let days = landing::read(source, store)?.column(date.name)?.date()?.physical().clone();
    // What ingest filled in is no date that was supplied.
    let filled_in = date.default.and_then(|day| moment::date(day, &Signs::plain(), false).ok());
    let supplied = || days.iter().flatten().filter(|day| Some(*day) != filled_in);
    Ok((supplied().min(), supplied().max()))
}

fn span(days: &Column) -> Result<(Option<i32>, Option<i32>), LakeError> {
    let days = days.date()?.physical();
    Ok((days.min(), days.max()))
}

/// The analyses that a source switches on.
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
        "goals" => "Targets against what was reached",
        "actions" => "Before and after of what was agreed with customers",
        "fx_rates" => "Amounts in other currencies",
        _ => "",
    }
}
