//! Compares two states of the lake: effects of changed prices and costs of goods on lines with the same quantity in both.
//!
//! ```text
//! earlier   order 1, line 1   drill  3 pieces   90.00   cost 60.00
//! later     order 1, line 1   drill  3 pieces   84.00   cost 66.00      price −6.00   goods −6.00
//! ```

use std::collections::BTreeMap;

use netto_model::contract::{LAKE_ORDER_LINES, ORDER_LINES};
use netto_model::{Period, column as c};
use polars::prelude::*;

use crate::error::LakeError;
use crate::keys::KeyKind;
use crate::lake::Lake;
use crate::store::{Live, Store};

/// The columns that identify the same line in both states.
const SAME: [&str; 5] = [c::ORDER_KEY, c::LINE_NO, c::CUSTOMER_KEY, c::PRODUCT_KEY, c::QUANTITY];

impl Lake {
    /// The change per customer (`customer_id`, `price`, `goods`, in ten-thousandths) against an earlier state of this lake, from other
    /// invoiced amounts and from other costs of goods. It compares only months for which `wanted` holds and whose files differ.
    ///
    /// # Errors
    /// When a file of either state was removed or can't be read.
    pub fn repriced(&self, earlier: &Self, wanted: impl Fn(Period) -> bool) -> Result<DataFrame, LakeError> {
        let (before, after) = (earlier.store(ORDER_LINES.name)?, self.store(ORDER_LINES.name)?);
        let (files_before, files_after) = (by_month(&before), by_month(&after));
        let mut changes = vec![none()];
        for (month, files) in files_after.iter().filter(|(month, _)| wanted(**month)) {
            let Some(earlier) = files_before.get(month).filter(|earlier| paths(earlier) != paths(files)) else {
                continue;
            };
            changes.push(compared(lines(&before, earlier)?, lines(&after, files)?)?);
        }
        let sums = [col("price").sum(), col("goods").sum()];
        let all = concat(changes, UnionArgs::default())?.group_by([col(c::CUSTOMER_KEY)]).agg(sums);
        let by = || [col(c::CUSTOMER_KEY)];
        let named = all.join(self.keys(KeyKind::Customer)?.lazy(), by(), by(), JoinArgs::new(JoinType::Inner));
        Ok(named.select([col(c::CUSTOMER_ID), col("price"), col("goods")]).collect()?)
    }
}

fn by_month(store: &Store) -> BTreeMap<Period, Vec<Live>> {
    let mut months: BTreeMap<Period, Vec<Live>> = BTreeMap::new();
    for file in store.live() {
        if let Some(month) = file.month() {
            months.entry(month).or_default().push(file);
        }
    }
    months
}

fn paths(files: &[Live]) -> Vec<&str> {
    files.iter().map(|file| file.path.as_str()).collect()
}

fn lines(store: &Store, files: &[Live]) -> Result<LazyFrame, LakeError> {
    let names: Vec<&str> = SAME.into_iter().chain([c::NET_AMOUNT, c::COGS_AMOUNT]).collect();
    let parts = files.iter().map(|file| Ok(store.columns(&LAKE_ORDER_LINES, file, &names)?.lazy()));
    Ok(concat(parts.collect::<Result<Vec<_>, LakeError>>()?, UnionArgs::default())?)
}

fn compared(before: LazyFrame, after: LazyFrame) -> Result<LazyFrame, LakeError> {
    let cost = |name: &str| col(name).fill_null(lit(0_i64));
    let earlier = before.select(
        SAME.into_iter()
            .map(col)
            .chain([col(c::NET_AMOUNT).alias("net_before"), cost(c::COGS_AMOUNT).alias("cost_before")])
            .collect::<Vec<_>>(),
    );
    let same = || SAME.map(col);
    let changed = after.join(earlier, same(), same(), JoinArgs::new(JoinType::Inner)).select([
        col(c::CUSTOMER_KEY),
        (col(c::NET_AMOUNT) - col("net_before")).alias("price"),
        (col("cost_before") - cost(c::COGS_AMOUNT)).alias("goods"),
    ]);
    // Month by month, so that only one is in memory.
    Ok(changed.filter(col("price").neq(lit(0_i64)).or(col("goods").neq(lit(0_i64)))).collect()?.lazy())
}

fn none() -> LazyFrame {
    let fields = [c::CUSTOMER_KEY, "price", "goods"].map(|name| Field::new(name.into(), DataType::Int64));
    DataFrame::empty_with_schema(&fields.into_iter().collect()).lazy()
}
