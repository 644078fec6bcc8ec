//! Checked rows to files of the lake: small sources as one file, order lines as one file per month.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use netto_model::Period;
use netto_model::arrow::{from_batches, to_batch};
use netto_model::column as c;
use netto_model::contract::{LAKE_ORDER_LINES, ORDER_LINES};
use netto_model::table::{Stage, Table};
use polars::prelude::*;
use rayon::prelude::*;

use crate::config::LoadMode;
use crate::error::LakeError;
use crate::keys::{Dictionary, KeyKind};
use crate::mapping::date_of;
use crate::read::parquet::batches;
use crate::store::{self, Live, Store};

/// Order lines as their files hold them: without the month, which is the folder.
pub(crate) const STORED: Table = Table::new(
    LAKE_ORDER_LINES.name,
    Stage::Lake,
    LAKE_ORDER_LINES.grain,
    LAKE_ORDER_LINES.description,
    LAKE_ORDER_LINES.columns.split_at(1).1,
);

/// Rows on their last step.
pub(crate) struct Landing<'a> {
    pub(crate) root: &'a Path,
    pub(crate) source: &'static Table,
    pub(crate) mode: LoadMode,
    pub(crate) remember: BTreeMap<String, i64>,
}

impl Landing<'_> {
    /// Writes and commits; gives the new version.
    pub(crate) fn land(&self, store: &mut Store, frame: DataFrame) -> Result<i64, LakeError> {
        if self.source.name == ORDER_LINES.name { self.order_lines(store, frame) } else { self.small(store, &frame) }
    }

    fn small(&self, store: &mut Store, frame: &DataFrame) -> Result<i64, LakeError> {
        let names: Vec<&str> = self.source.columns.iter().map(|column| column.name).collect();
        let mut whole = frame.select(names)?;
        if store.exists() && self.mode != LoadMode::Replace {
            whole.vstack_mut(&self.kept(&read(self.source, store)?, &whole)?)?;
        }
        let keys: Vec<PlSmallStr> = self.source.keys().map(|key| key.name.into()).collect();
        let whole = whole.sort(keys, SortMultipleOptions::default())?;
        let file = store::write(&store.folder, &to_batch(self.source, &whole)?, None)?;
        store.commit(self.source, None, &[file], |_| true, &self.remember)
    }

    /// What stays of the rows in the lake.
    fn kept(&self, old: &DataFrame, new: &DataFrame) -> Result<DataFrame, LakeError> {
        let (LoadMode::ReplacePeriod, Some(date)) = (self.mode, date_of(self.source)) else { return Ok(old.clone()) };
        let month = |frame: &DataFrame| -> PolarsResult<Vec<Option<Period>>> {
            Ok(frame.column(date.name)?.date()?.physical().iter().map(|day| day.map(Period::of_day)).collect())
        };
        let replaced: std::collections::BTreeSet<_> = month(new)?.into_iter().collect();
        let keep: Vec<bool> = month(old)?.iter().map(|month| !replaced.contains(month)).collect();
        Ok(old.filter(&BooleanChunked::from_slice("keep".into(), &keep))?)
    }

    fn order_lines(&self, store: &mut Store, mut frame: DataFrame) -> Result<i64, LakeError> {
        for kind in KeyKind::ALL {
            let ids = frame.column(kind.id())?.str()?.clone();
            let keys = Dictionary::open(self.root, kind)?.give(&ids)?;
            frame.with_column(keys.into_column())?;
        }
        let stored: Vec<&str> = STORED.columns.iter().map(|column| column.name).collect();
        let frame = frame.select(stored)?;
        let mut old: HashMap<String, Vec<Live>> = HashMap::new();
        if self.mode == LoadMode::Append {
            for file in store.live() {
                old.entry(file.partition.clone().unwrap_or_default()).or_default().push(file);
            }
        }
        let folder = store.folder.clone();
        let months = by_month(&frame)?;
        let files = months
            .into_par_iter()
            .map(|(month, rows)| {
                let partition = format!("{month}-01");
                let mut lines = frame.take(&IdxCa::from_vec("rows".into(), rows))?;
                for file in old.get(&partition).into_iter().flatten() {
                    lines.vstack_mut(&from_batches(&STORED, &batches(&folder.join(&file.path))?.1)?)?;
                }
                let lines = lines.sort([c::CUSTOMER_KEY, c::ORDER_KEY, c::LINE_NO], SortMultipleOptions::default())?;
                Ok((
                    partition.clone(),
                    store::write(&folder, &to_batch(&STORED, &lines)?, Some((c::PERIOD, partition)))?,
                ))
            })
            .collect::<Result<BTreeMap<_, _>, LakeError>>()?;
        let whole = self.mode == LoadMode::Replace;
        let replaced = |file: &Live| whole || file.partition.as_ref().is_some_and(|month| files.contains_key(month));
        let written: Vec<_> = files.values().cloned().collect();
        store.commit(&LAKE_ORDER_LINES, Some(c::PERIOD), &written, replaced, &self.remember)
    }
}

fn by_month(frame: &DataFrame) -> Result<BTreeMap<Period, Vec<IdxSize>>, LakeError> {
    let mut months: BTreeMap<Period, Vec<IdxSize>> = BTreeMap::new();
    for (day, row) in frame.column(c::ORDER_DATE)?.date()?.physical().iter().zip(0..) {
        if let Some(day) = day {
            months.entry(Period::of_day(day)).or_default().push(row);
        }
    }
    Ok(months)
}

/// A small source as it is in the lake.
pub(crate) fn read(source: &'static Table, store: &Store) -> Result<DataFrame, LakeError> {
    let mut parts = Vec::new();
    for file in store.live() {
        parts.extend(batches(&store.folder.join(&file.path))?.1);
    }
    Ok(from_batches(source, &parts)?)
}

/// Order lines by their ids: `order_id` and `line_no` of every line in the lake.
pub(crate) fn order_line_keys(root: &Path, store: &Store) -> Result<DataFrame, LakeError> {
    let mut lines = DataFrame::empty_with_schema(&netto_model::frame::schema(&STORED));
    for file in store.live() {
        lines.vstack_mut(&from_batches(&STORED, &batches(&store.folder.join(&file.path))?.1)?)?;
    }
    let orders = Dictionary::open(root, KeyKind::Order)?.frame;
    let ids: PlHashMap<i64, &str> = orders
        .column(c::ORDER_KEY)?
        .i64()?
        .iter()
        .zip(orders.column(c::ORDER_ID)?.str()?.iter())
        .filter_map(|(key, id)| Some((key?, id?)))
        .collect();
    let ids = lines.column(c::ORDER_KEY)?.i64()?.iter().map(|key| key.and_then(|key| ids.get(&key).copied()));
    let ids = StringChunked::from_iter_options(c::ORDER_ID.into(), ids).into_column();
    Ok(DataFrame::new_infer_height(vec![ids, lines.column(c::LINE_NO)?.clone()])?)
}
