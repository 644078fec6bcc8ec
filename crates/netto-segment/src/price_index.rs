//! What list prices became from one window to another, by product group: what was sold now, at the list prices of now and of before
//! (Paasche). It takes the rise of prices out of list revenue, so that what is left is volume.
//!
//! ```text
//! pumps          now           list value now   at the prices before
//! small          5 × 11        55               5 × 10 = 50
//! large          2 × 110       220              2 × 100 = 200          index 275 ÷ 250 = 1.1
//! ```
//! A piece of a large pump and one of a small one are both a piece, so pieces don't say how much was sold of a group; list value does.

use std::collections::BTreeMap;

use netto_model::money::{MoneyError, divide_half_even};
use netto_model::{Money, Window, column as c};

use crate::columns::{lookup, sums};
use crate::windows::inside;
use crate::{Inputs, SegmentError};

/// List value now, and of the same pieces at the prices of before, by product group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PriceIndex(BTreeMap<String, (i64, i64)>);

/// Pieces and list value by product.
type Products = BTreeMap<[String; 1], [i64; 2]>;

impl PriceIndex {
    /// The index between two windows; nothing where it isn't known what was sold of each product.
    pub(crate) fn between(inputs: &Inputs<'_>, before: Window, now: Window) -> Result<Option<Self>, SegmentError> {
        let Some(sold) = inputs.product_month else { return Ok(None) };
        let of = |window| sums(sold.lazy().filter(inside(window)), [c::PRODUCT_ID], [c::QUANTITY, c::LIST_REVENUE]);
        let groups = lookup(inputs.products.data(), c::PRODUCT_ID, c::PRODUCT_GROUP)?;
        Ok(Some(Self::of(&of(before)?, &of(now)?, &groups)?))
    }

    /// Over the products that were sold in both windows.
    fn of(before: &Products, now: &Products, groups: &BTreeMap<String, String>) -> Result<Self, MoneyError> {
        let mut index: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for (product, &[pieces, value]) in now {
            let Some(&[old_pieces, old_value]) = before.get(product) else { continue };
            if [pieces, value, old_pieces, old_value].iter().all(|amount| *amount > 0) {
                let group = groups.get(&product[0]).cloned().unwrap_or_default();
                let (now, before) = index.entry(group).or_default();
                *now += value;
                *before += at(pieces.into(), old_value, old_pieces)?;
            }
        }
        Ok(Self(index))
    }

    /// A list value of now at the prices of before; as it is, where no product of the group was sold in both windows.
    pub(crate) fn at_old_prices(&self, group: &str, value: i64) -> Result<i64, MoneyError> {
        self.0.get(group).map_or(Ok(value), |&(now, before)| at(value.into(), before, now))
    }
}

/// So much of what `of` came to: `quantity × amount ÷ of`, half-even.
pub(crate) fn at(quantity: i128, amount: i64, of: i64) -> Result<i64, MoneyError> {
    let product = quantity.checked_mul(amount.into()).ok_or(MoneyError::Overflow(quantity))?;
    Ok(Money::try_from_wide(divide_half_even(product, of.into()))?.units())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_is_over_products_that_were_sold_in_both_windows() {
        let products = |rows: &[(&str, i64, i64)]| -> Products {
            rows.iter().map(|&(id, pieces, value)| ([id.to_owned()], [pieces, value])).collect()
        };
        let before = products(&[("small", 10, 100), ("large", 1, 100), ("gone", 1, 7), ("returned", -1, -5)]);
        let now =
            products(&[("small", 5, 55), ("large", 2, 220), ("new", 9, 900), ("returned", 1, 500), ("bolt", 1, 1)]);
        let groups = ["small", "large", "gone", "new", "returned"].map(|id| (id.to_owned(), "Pumps".to_owned())).into();
        let index = PriceIndex::of(&before, &now, &groups).unwrap();
        assert_eq!(index, PriceIndex(BTreeMap::from([("Pumps".to_owned(), (275, 250))])));
        assert_eq!(index.at_old_prices("Pumps", 1_100), Ok(1_000));
        assert_eq!(index.at_old_prices("", 1_100), Ok(1_100), "no product to compare");
    }
}
