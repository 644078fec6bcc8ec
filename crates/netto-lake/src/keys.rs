//! Surrogate keys: short integers that replace ids. An id keeps its key for ever; new ids get the next numbers, in id order.
//!
//! ```text
//! customer_keys           customer_key 1, customer_id "A"
//!                         customer_key 2, customer_id "C"
//! then "B" and "D" come   customer_key 3, customer_id "B" · customer_key 4, customer_id "D"
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use netto_model::arrow::{from_batches, to_batch};
use netto_model::column as c;
use netto_model::table::{Column, Stage, Table, Type};
use polars::prelude::*;
use rayon::prelude::*;

use crate::error::LakeError;
use crate::landing;
use crate::store::{self, Store};

/// A dictionary of surrogate keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// `customer_keys`
    Customer,
    /// `order_keys`
    Order,
    /// `product_keys`
    Product,
}

const CUSTOMER_KEYS: Table = Table::new(
    "customer_keys",
    Stage::Lake,
    "customer",
    "Keys of the customers",
    &[Column::key(c::CUSTOMER_KEY, Type::Integer, "Key"), Column::required(c::CUSTOMER_ID, Type::Text, "Customer")],
);
const ORDER_KEYS: Table = Table::new(
    "order_keys",
    Stage::Lake,
    "order",
    "Keys of the orders",
    &[Column::key(c::ORDER_KEY, Type::Integer, "Key"), Column::required(c::ORDER_ID, Type::Text, "Order")],
);
const PRODUCT_KEYS: Table = Table::new(
    "product_keys",
    Stage::Lake,
    "product",
    "Keys of the products",
    &[Column::key(c::PRODUCT_KEY, Type::Integer, "Key"), Column::required(c::PRODUCT_ID, Type::Text, "Product")],
);

impl KeyKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Customer, Self::Order, Self::Product];

    pub(crate) const fn table(self) -> &'static Table {
        match self {
            Self::Customer => &CUSTOMER_KEYS,
            Self::Order => &ORDER_KEYS,
            Self::Product => &PRODUCT_KEYS,
        }
    }

    pub(crate) const fn key(self) -> &'static str {
        self.table().columns[0].name
    }

    pub(crate) const fn id(self) -> &'static str {
        self.table().columns[1].name
    }
}

/// A dictionary as it is in the lake.
pub(crate) struct Dictionary {
    kind: KeyKind,
    store: Store,
    pub(crate) frame: DataFrame,
}

impl Dictionary {
    pub(crate) fn open(store: Store, kind: KeyKind) -> Result<Self, LakeError> {
        let frame = landing::read(kind.table(), &store)?.sort([kind.key()], SortMultipleOptions::default())?;
        Ok(Self { kind, store, frame })
    }

    /// Opens a dictionary. It must exist if there are order lines, as their keys have no meaning without it.
    pub(crate) fn of(root: &Path, kind: KeyKind, lines: &Store) -> Result<Self, LakeError> {
        let dictionary = Self::open(Store::open(&root.join(kind.table().name))?, kind)?;
        if lines.exists() && !lines.live().is_empty() && !dictionary.store.exists() {
            return Err(LakeError::log(
                &dictionary.store.folder,
                "it is missing, but order lines refer to it".to_owned(),
            ));
        }
        Ok(dictionary)
    }

    /// The keys of the ids that have one.
    pub(crate) fn known(&self, ids: &StringChunked) -> Result<PlHashSet<i64>, LakeError> {
        let wanted: PlHashSet<&str> = ids.iter().flatten().collect();
        let pairs =
            self.frame.column(self.kind.key())?.i64()?.iter().zip(self.frame.column(self.kind.id())?.str()?.iter());
        Ok(pairs.filter_map(|(key, id)| key.filter(|_| id.is_some_and(|id| wanted.contains(id)))).collect())
    }

    /// The id of every key.
    pub(crate) fn ids(&self, keys: &Int64Chunked) -> Result<StringChunked, LakeError> {
        let pairs =
            self.frame.column(self.kind.key())?.i64()?.iter().zip(self.frame.column(self.kind.id())?.str()?.iter());
        let ids: PlHashMap<i64, &str> = pairs.filter_map(|(key, id)| Some((key?, id?))).collect();
        let ids = keys.iter().map(|key| key.and_then(|key| ids.get(&key).copied()));
        Ok(StringChunked::from_iter_options(self.kind.id().into(), ids))
    }

    /// The keys of all ids of some lists, list after list. New ids get the next numbers, in id order, and are stored in the lake.
    pub(crate) fn give(&mut self, lists: &[StringChunked]) -> Result<Vec<i64>, LakeError> {
        let (known, known_ids) =
            (self.frame.column(self.kind.key())?.clone(), self.frame.column(self.kind.id())?.clone());
        let (known, known_ids) = (known.i64()?, known_ids.str()?);
        let pairs = known_ids.iter().zip(known.iter());
        let known_keys: PlHashMap<&str, i64> = pairs.filter_map(|(id, key)| Some((id?, key?))).collect();
        let (mut keys, mut fresh) = (Vec::new(), Vec::new());
        for id in lists.iter().flat_map(StringChunked::iter) {
            let id = id.unwrap_or_default();
            let key = known_keys.get(id).copied();
            if key.is_none() {
                fresh.push((id, keys.len()));
            }
            keys.push(key.unwrap_or_default());
        }
        drop(known_keys);
        fresh.par_sort_unstable();
        let next = known.max().unwrap_or(0) + 1;
        let mut ids: Vec<&str> = Vec::new();
        let mut key = next - 1;
        for (id, place) in fresh {
            if ids.last() != Some(&id) {
                ids.push(id);
                key += 1;
            }
            keys[place] = key;
        }
        self.keep(&ids, next)?;
        Ok(keys)
    }

    fn keep(&mut self, ids: &[&str], next: i64) -> Result<(), LakeError> {
        if ids.is_empty() && self.store.exists() {
            return Ok(());
        }
        let keys: Vec<i64> = (next..).take(ids.len()).collect();
        let table = self.kind.table();
        let added = DataFrame::new_infer_height(vec![
            Series::new(self.kind.key().into(), keys).into_column(),
            Series::new(self.kind.id().into(), ids).into_column(),
        ])?;
        let (merged, gone) = self.merged(&added)?;
        let file = store::write(&self.store.folder, &to_batch(table, &merged)?, None)?;
        self.store.commit(table, None, &[file], |file| gone.contains(&file.path), &BTreeMap::new())?;
        self.frame.vstack_mut(&added)?;
        Ok(())
    }

    /// Merges new keys with files that are no larger, so that file sizes double and a thousand nights leave about ten files. Also
    /// returns the merged files, which are no longer needed.
    fn merged(&self, added: &DataFrame) -> Result<(DataFrame, BTreeSet<String>), LakeError> {
        let (mut merged, mut gone) = (added.clone(), BTreeSet::new());
        let mut files = self.store.live();
        files.sort_by_key(|file| file.rows);
        for file in files {
            if file.rows > u64::try_from(merged.height()).unwrap_or(u64::MAX) {
                break;
            }
            merged.vstack_mut(&from_batches(self.kind.table(), &self.store.batches(&file)?)?)?;
            gone.insert(file.path);
        }
        Ok((merged.sort([self.kind.key()], SortMultipleOptions::default())?, gone))
    }
}
