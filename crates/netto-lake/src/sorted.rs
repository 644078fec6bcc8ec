//! Collects the order lines that will be written, by month: in memory while they are few, else on disk.
//!
//! A line refers to its order by a sequence number, as ids are long and keys are assigned only after all orders are known.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use netto_model::Period;
use netto_model::column as c;
use netto_model::frame::schema;
use polars::prelude::*;

use crate::error::LakeError;
use crate::keys::{Dictionary, KeyKind};
use crate::landing::STORED;
use crate::orders::Orders;
use crate::spill::Spill;
use crate::store::Store;

/// The lines of one part, before they are sorted into months.
pub(crate) struct PartOfLines {
    /// Columns of [`STORED`], with customer and product ids instead of keys, and the order's index in `orders`.
    frame: DataFrame,
    months: BTreeMap<Period, Vec<IdxSize>>,
    /// The ids of its orders, sorted.
    orders: StringChunked,
    customers: StringChunked,
    products: StringChunked,
}

/// Lines of all parts.
pub(crate) struct SortedLines {
    lake: PathBuf,
    /// The lines, if there is only one part.
    memory: Option<(DataFrame, BTreeMap<Period, Vec<IdxSize>>)>,
    spill: Option<Spill>,
    /// The index of each month in the spill, and its number of rows.
    months: BTreeMap<Period, (usize, u64)>,
    orders: Vec<StringChunked>,
    customers: PlHashSet<String>,
    products: PlHashSet<String>,
}

impl PartOfLines {
    pub(crate) fn of(lines: &DataFrame, orders: &Orders<'_>, months: &[Option<Period>]) -> Result<Self, LakeError> {
        let of_month = by_month(months);
        let (orders, places) = in_order(orders);
        let mut frame = lines.clone();
        frame.with_column(places.into_column())?;
        let names: Vec<&str> = STORED.columns.iter().map(|column| waiting(column.name)).collect();
        let ids = |kind: KeyKind| Ok::<_, PolarsError>(distinct(frame.column(kind.id())?.str()?));
        let (customers, products) = (ids(KeyKind::Customer)?, ids(KeyKind::Product)?);
        Ok(Self { frame: frame.select(names)?, months: of_month, orders, customers, products })
    }
}

/// The column that replaces a stored one until keys are assigned.
fn waiting(stored: &'static str) -> &'static str {
    match stored {
        c::CUSTOMER_KEY => c::CUSTOMER_ID,
        c::PRODUCT_KEY => c::PRODUCT_ID,
        other => other,
    }
}

fn distinct(ids: &StringChunked) -> StringChunked {
    let seen: PlHashSet<&str> = ids.iter().flatten().collect();
    StringChunked::from_iter_values(ids.name().clone(), seen.into_iter())
}

fn learn(known: &mut PlHashSet<String>, ids: &StringChunked) {
    for id in ids.iter().flatten() {
        if !known.contains(id) {
            known.insert(id.to_owned());
        }
    }
}

/// The sorted ids, and the index of each line's id among them.
fn in_order(orders: &Orders<'_>) -> (StringChunked, Int64Chunked) {
    let mut sorted: Vec<(&str, usize)> = orders.ids.iter().copied().zip(0..).collect();
    sorted.sort_unstable();
    let mut places = vec![0_i64; sorted.len()];
    for (place, (_, number)) in (0..).zip(&sorted) {
        places[*number] = place;
    }
    let of_lines: Vec<i64> = orders.of_line.iter().map(|number| places[*number]).collect();
    let ids = StringChunked::from_iter_values(c::ORDER_ID.into(), sorted.iter().map(|(id, _)| *id));
    (ids, Int64Chunked::from_vec(c::ORDER_KEY.into(), of_lines))
}

fn by_month(months: &[Option<Period>]) -> BTreeMap<Period, Vec<IdxSize>> {
    let mut rows: BTreeMap<Period, Vec<IdxSize>> = BTreeMap::new();
    for (month, row) in months.iter().zip(0..) {
        if let Some(month) = month {
            rows.entry(*month).or_default().push(row);
        }
    }
    rows
}

impl SortedLines {
    /// None yet.
    pub(crate) fn none(lake: &Path) -> Self {
        Self {
            lake: lake.to_owned(),
            memory: None,
            spill: None,
            months: BTreeMap::new(),
            orders: Vec::new(),
            customers: PlHashSet::new(),
            products: PlHashSet::new(),
        }
    }

    /// Adds the lines of a part; if there are several parts, it spills them to disk.
    pub(crate) fn add(&mut self, part: PartOfLines, several: bool) -> Result<(), LakeError> {
        let PartOfLines { mut frame, months, orders, customers, products } = part;
        let before: usize = self.orders.iter().map(StringChunked::len).sum();
        if before > 0 {
            let places = frame.column(c::ORDER_KEY)?.i64()? + i64::try_from(before).unwrap_or(i64::MAX);
            frame.with_column(places.into_column())?;
        }
        for (month, rows) in &months {
            let place = self.months.len();
            self.months.entry(*month).or_insert((place, 0)).1 += rows.len() as u64;
        }
        self.orders.push(orders);
        learn(&mut self.customers, &customers);
        learn(&mut self.products, &products);
        if !several {
            self.memory = Some((frame, months));
            return Ok(());
        }
        if self.spill.is_none() {
            self.spill = Some(Spill::new(&self.lake, frame.schema().clone())?);
        }
        let mut by_place = vec![Vec::new(); self.months.len()];
        for (month, rows) in months {
            if let Some((place, _)) = self.months.get(&month) {
                by_place[*place] = rows;
            }
        }
        self.spill.as_mut().map_or(Ok(()), |spill| spill.add(&frame, &by_place))
    }

    /// Assigns keys, and adds new ids to the dictionaries in the lake.
    pub(crate) fn keyed(self, root: &Path, store: &Store) -> Result<KeyedLines, LakeError> {
        let of = |kind: KeyKind, ids: PlHashSet<String>| -> Result<PlHashMap<String, i64>, LakeError> {
            let ids: Vec<String> = ids.into_iter().collect();
            let list = StringChunked::from_iter_values(kind.id().into(), ids.iter().map(String::as_str));
            let keys = Dictionary::of(root, kind, store)?.give(&[list])?;
            Ok(ids.into_iter().zip(keys).collect())
        };
        let Self { memory, spill, months, orders, customers, products, .. } = self;
        let customers = of(KeyKind::Customer, customers)?;
        let orders = Dictionary::of(root, KeyKind::Order, store)?.give(&orders)?;
        let products = of(KeyKind::Product, products)?;
        Ok(KeyedLines { memory, spill, months, customers, orders, products })
    }
}

/// Lines whose customers, orders and products have keys.
pub(crate) struct KeyedLines {
    memory: Option<(DataFrame, BTreeMap<Period, Vec<IdxSize>>)>,
    spill: Option<Spill>,
    months: BTreeMap<Period, (usize, u64)>,
    customers: PlHashMap<String, i64>,
    /// By the number of the order.
    orders: Vec<i64>,
    products: PlHashMap<String, i64>,
}

impl KeyedLines {
    /// The number of lines per month.
    pub(crate) fn months(&self) -> BTreeMap<Period, u64> {
        self.months.iter().map(|(month, (_, rows))| (*month, *rows)).collect()
    }

    /// The lines of a month, as they are stored.
    pub(crate) fn month(&self, month: Period) -> Result<DataFrame, LakeError> {
        let waiting = match (&self.spill, &self.memory, self.months.get(&month)) {
            (Some(spill), _, Some((place, _))) => Some(spill.read(*place..*place + 1)?),
            (None, Some((frame, months)), Some(_)) => {
                let rows = months.get(&month).map(Vec::as_slice).unwrap_or_default();
                Some(frame.take(&IdxCa::from_slice("rows".into(), rows))?)
            }
            _ => None,
        };
        let Some(mut lines) = waiting else { return Ok(DataFrame::empty_with_schema(&schema(&STORED))) };
        let ids = |frame: &DataFrame, kind: KeyKind, keys: &PlHashMap<String, i64>| -> PolarsResult<Column> {
            let of = frame.column(kind.id())?.str()?.iter().map(|id| id.and_then(|id| keys.get(id).copied()));
            Ok(Int64Chunked::from_iter_options(kind.key().into(), of).into_column())
        };
        let customers = ids(&lines, KeyKind::Customer, &self.customers)?;
        let products = ids(&lines, KeyKind::Product, &self.products)?;
        let order = |place: i64| usize::try_from(place).ok().and_then(|place| self.orders.get(place).copied());
        let orders = lines.column(c::ORDER_KEY)?.i64()?.iter().map(|place| place.and_then(order));
        let orders = Int64Chunked::from_iter_options(c::ORDER_KEY.into(), orders).into_column();
        for keys in [customers, products, orders] {
            lines.with_column(keys)?;
        }
        Ok(lines.select(STORED.columns.iter().map(|column| column.name))?)
    }
}
