//! Checks typed rows before they are written, one part at a time: one row per key, findings, and the content of each month. The
//! results of the parts are added up, and equal those of all rows at once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use netto_model::Period;
use netto_model::contract::ORDER_LINES;
use netto_model::table::Table;
use polars::prelude::*;

use crate::check::{self, Kept};
use crate::config::{Duplicates, LoadMode, SourceConfig};
use crate::error::LakeError;
use crate::findings::Noticed;
use crate::landing;
use crate::mapping;
use crate::numbering;
use crate::once;
use crate::orders::Orders;
use crate::origins::{self, Origin};
use crate::overview::Overview;
use crate::quarantine::Salvage;
use crate::rows::{FILE, LINE};
use crate::set_apart::{self, Place, amount_column};
use crate::settings::Settings;
use crate::sorted::{PartOfLines, SortedLines};
use crate::store::Store;
use crate::valuation::Valuation;

/// The inputs of the checks.
pub(crate) struct Look<'a> {
    pub(crate) root: &'a Path,
    pub(crate) source: &'static Table,
    pub(crate) config: &'a SourceConfig,
    pub(crate) settings: &'a [Arc<Settings>],
    pub(crate) valuation: Option<Valuation<'a>>,
    /// The company's currency.
    pub(crate) currency: Option<&'a str>,
    pub(crate) origins: &'a [Origin],
    pub(crate) store: &'a Store,
    /// Rows of earlier loads that are not in the lake: content hash of the file, and line.
    pub(crate) missing: HashSet<(i64, u64)>,
    /// Keys of rows that were set apart earlier, to report whether they arrive now.
    pub(crate) awaited: HashSet<String>,
}

/// A row that isn't loaded, as another row has its key.
pub(crate) struct NotLoaded {
    /// Number of its file.
    pub(crate) file: u32,
    pub(crate) line: u64,
    pub(crate) salvage: Salvage,
    /// Whether all its values are those of the other row.
    pub(crate) is_same: bool,
}

/// The result of a part.
pub(crate) struct Part {
    lands: Lands,
    sums: Sums,
}

/// Rows that land.
enum Lands {
    Lines(Box<PartOfLines>),
    Small(DataFrame),
}

/// The results of all parts.
#[derive(Default)]
pub(crate) struct Sums {
    /// Rows that land.
    pub(crate) rows: u64,
    /// The sum of their absolute amounts.
    pub(crate) size: u128,
    /// Rows with the key of another one: set apart.
    pub(crate) rejected: Vec<NotLoaded>,
    /// Rows that a later row with the same key replaces.
    pub(crate) superseded: Vec<NotLoaded>,
    /// Rows with the same content as another one.
    pub(crate) same: u64,
    /// The sum of their absolute amounts.
    pub(crate) same_size: u128,
    pub(crate) noticed: Noticed,
    pub(crate) overview: Overview,
    /// Orders with lines in more than one month.
    pub(crate) split_orders: u64,
    pub(crate) without_cost: BTreeMap<&'static str, u64>,
    pub(crate) without_list: BTreeMap<&'static str, u64>,
    /// With `append`: the currencies and months by whose rates rows were converted.
    pub(crate) converted: BTreeSet<(String, Period)>,
    /// Rows that arrived although they, or rows with their key, were set apart earlier.
    pub(crate) came: HashMap<String, Place>,
}

/// The rows of all parts that are written.
pub(crate) enum Landable {
    /// Order lines.
    Lines(Box<SortedLines>),
    /// Any other source.
    Small(DataFrame),
}

impl Look<'_> {
    /// Checks the rows of a part.
    pub(crate) fn at(&self, mut rows: DataFrame) -> Result<Part, LakeError> {
        let source = self.source;
        if self.config.counts_lines() {
            numbering::number_lines(&mut rows)?;
        }
        let mut sums = Sums::default();
        let is_lines = *source == ORDER_LINES;
        let orders_of = |rows| is_lines.then(|| Orders::of(rows)).transpose();
        let all = rows.clone();
        let mut orders = orders_of(&all)?;
        let mut rows = self.one_row_per_key(rows, orders.as_ref(), &mut sums)?;
        let different = if is_lines { once::taken(self.config, &mut rows)? } else { BTreeMap::new() };
        if rows.height() < all.height() {
            orders = orders_of(&rows)?;
        }
        let months = landing::months(source, &rows)?;
        let (noticed, lands) = rayon::join(
            || Noticed::of(source, self.config, self.settings, self.currency, &rows, orders.as_ref()),
            || orders.as_ref().map(|orders| PartOfLines::of(&rows, orders, &months)).transpose(),
        );
        sums.noticed = noticed?;
        sums.noticed.different_within_order = different;
        sums.rows = rows.height() as u64;
        sums.size =
            amount_column(source).map(|column| landing::size_of(&rows, column)).transpose()?.unwrap_or_default();
        sums.overview = Overview::of(source, &rows, &months)?;
        sums.split_orders = orders.as_ref().map_or(0, |orders| split_orders(orders, &months));
        if let Some(valuation) = &self.valuation {
            [sums.without_cost, sums.without_list] = valuation.gaps(&rows)?;
            if self.config.load_mode(source) == LoadMode::Append {
                sums.converted = valuation.converted(&rows)?;
            }
        }
        sums.came = set_apart::came(source, &self.awaited, &rows)?;
        let lands = lands?.map(|lines| Lands::Lines(Box::new(lines)));
        drop(orders);
        let lands = lands.unwrap_or(Lands::Small(rows));
        Ok(Part { lands, sums })
    }

    /// Keeps one row per key; with `append`, also drops rows that the lake already has.
    fn one_row_per_key(
        &self,
        rows: DataFrame,
        orders: Option<&Orders<'_>>,
        sums: &mut Sums,
    ) -> Result<DataFrame, LakeError> {
        let Self { source, config, store, .. } = *self;
        let (policy, ordered) = (config.duplicates(source), config.files.is_some());
        let kept = match policy {
            _ if !ordered => Kept::ByContent,
            Duplicates::Last => Kept::Last,
            Duplicates::Reject => Kept::First,
        };
        let repeated = check::repeated(source, &rows, orders, kept)?;
        let rejects_same = config.duplicates == Some(Duplicates::Reject) || policy == Duplicates::Reject && ordered;
        let (mut rejected, mut superseded, mut same) = (Vec::new(), Vec::new(), Vec::new());
        if rejects_same { &mut rejected } else { &mut same }.extend(repeated.same.iter().copied());
        if policy == Duplicates::Reject { &mut rejected } else { &mut superseded }.extend(repeated.other);
        if config.load_mode(source) == LoadMode::Append && store.exists() {
            let gone: HashSet<IdxSize> = [&rejected, &superseded, &same].into_iter().flatten().copied().collect();
            let known = check::known(source, &rows, &landing::neighbours(self.root, source, store, &rows)?)?;
            let (files, lines) = (rows.column(FILE)?.u32()?, rows.column(LINE)?.i64()?);
            // If the file was appended before, its rows are in the lake as they were read then, except those that were set apart.
            let in_lake = |row: &IdxSize| {
                let at = usize::try_from(*row).ok()?;
                let origin = self.origins.get(usize::try_from(files.get(at)?).ok()?).filter(|origin| origin.again)?;
                let place = (origins::number(origin.content), u64::try_from(lines.get(at)?).ok()?);
                Some(!self.missing.contains(&place))
            };
            let (there, other): (Vec<IdxSize>, Vec<IdxSize>) =
                known.other.into_iter().partition(|row| in_lake(row) == Some(true));
            let is_left = |row: &IdxSize| !gone.contains(row);
            same.extend(known.same.into_iter().chain(there).filter(is_left));
            rejected.extend(other.into_iter().filter(is_left));
        }
        let twins: HashSet<IdxSize> = if rejects_same { repeated.same.into_iter().collect() } else { HashSet::new() };
        sums.rejected = self.not_loaded(&rows, &rejected, &twins)?;
        sums.superseded = self.not_loaded(&rows, &superseded, &twins)?;
        sums.same = same.len() as u64;
        if let Some(amount) = amount_column(source) {
            let amounts = rows.column(amount)?.i64()?;
            let size = |row: &IdxSize| amounts.get(usize::try_from(*row).ok()?).map(i64::unsigned_abs);
            sums.same_size = same.iter().filter_map(size).map(u128::from).sum();
        }
        let gone = [rejected, superseded, same].concat();
        if gone.is_empty() {
            return Ok(rows);
        }
        let mut keep = vec![true; rows.height()];
        gone.iter().filter_map(|&row| usize::try_from(row).ok()).for_each(|row| keep[row] = false);
        Ok(rows.filter(&BooleanChunked::from_slice("keep".into(), &keep))?)
    }

    fn not_loaded(
        &self,
        frame: &DataFrame,
        rows: &[IdxSize],
        twins: &HashSet<IdxSize>,
    ) -> PolarsResult<Vec<NotLoaded>> {
        let (files, lines) = (frame.column(FILE)?.u32()?, frame.column(LINE)?.i64()?);
        let not_loaded = |&row: &IdxSize| {
            let at = usize::try_from(row).unwrap_or(usize::MAX);
            let line = lines.get(at).and_then(|line| u64::try_from(line).ok()).unwrap_or_default();
            let (file, salvage) = (files.get(at).unwrap_or_default(), self.salvage(frame, row)?);
            Ok(NotLoaded { file, line, salvage, is_same: twins.contains(&row) })
        };
        rows.iter().map(not_loaded).collect()
    }

    fn salvage(&self, frame: &DataFrame, row: IdxSize) -> PolarsResult<Salvage> {
        let source = self.source;
        let at = usize::try_from(row).unwrap_or(usize::MAX);
        let amount = amount_column(source).map(|amount| Ok::<_, PolarsError>(frame.column(amount)?.i64()?.get(at)));
        let day = mapping::date_of(source)
            .map(|date| Ok::<_, PolarsError>(frame.column(date.name)?.date()?.physical().get(at)));
        Ok(Salvage {
            amount: amount.transpose()?.map(Option::unwrap_or_default),
            day: day.transpose()?.flatten(),
            key: Some(check::key(source, frame, row)?),
        })
    }
}

impl Sums {
    /// Adds a part, and its rows to those that are written.
    pub(crate) fn add(&mut self, part: Part, lands: &mut Landable, several: bool) -> Result<(), LakeError> {
        let Part { lands: rows, sums } = part;
        self.rows += sums.rows;
        self.size += sums.size;
        self.rejected.extend(sums.rejected);
        self.superseded.extend(sums.superseded);
        self.same += sums.same;
        self.same_size += sums.same_size;
        self.noticed.add(sums.noticed);
        self.overview.add(sums.overview);
        self.split_orders += sums.split_orders;
        add(&mut self.without_cost, sums.without_cost);
        add(&mut self.without_list, sums.without_list);
        self.converted.extend(sums.converted);
        self.came.extend(sums.came);
        match (rows, lands) {
            (Lands::Lines(part), Landable::Lines(lines)) => lines.add(*part, several)?,
            (Lands::Small(part), Landable::Small(rows)) => *rows = part,
            // A source is one or the other.
            (Lands::Lines(_), Landable::Small(_)) | (Lands::Small(_), Landable::Lines(_)) => {}
        }
        Ok(())
    }
}

fn add(sums: &mut BTreeMap<&'static str, u64>, part: BTreeMap<&'static str, u64>) {
    for (name, rows) in part {
        *sums.entry(name).or_default() += rows;
    }
}

/// Orders with lines in more than one month.
fn split_orders(orders: &Orders<'_>, of_lines: &[Option<Period>]) -> u64 {
    // The month of each order, if it has one; the inner `None` marks an order with two months.
    let mut months: Vec<Option<Option<Period>>> = vec![None; orders.len()];
    let mut split = 0;
    for (&number, month) in orders.of_line.iter().zip(of_lines) {
        let Some(month) = *month else { continue };
        let first = months[number].get_or_insert(Some(month));
        if first.is_some_and(|first| first != month) {
            *first = None;
            split += 1;
        }
    }
    split
}
