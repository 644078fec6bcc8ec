//! Finds inconsistent amounts of order lines: per piece instead of per line, a percentage instead of an amount, cents instead of
//! euros. It changes nothing.
//!
//! ```text
//! list 200   discount 25   net 150       25 is a percentage
//! list 100   net 400       4 pieces      the list price of a piece, not of the line
//! cost 60    for 1 piece, for 4 and for 9 of a product: the cost of a piece
//! cost 6000  net 100       cents
//! ```

use std::collections::HashMap;

use netto_model::column as c;
use netto_model::money::{count, in_cents};
use polars::prelude::*;
use serde::{Deserialize, Serialize};

/// Lines checked per part: enough to show a systematic error of the extract.
const LOOKED_AT: usize = 100_000;
/// Tolerance for rounding: a cent, in ten-thousandths.
const ROUNDING: i64 = 100;

/// Statistics about the amounts of order lines.
#[derive(Debug, Default)]
pub(crate) struct LineAmounts {
    discounted: u64,
    discount_off: u64,
    listed: u64,
    list_below: u64,
    cost: i128,
    revenue: i128,
    /// For each product: whether quantities, costs and list amounts differ.
    products: HashMap<String, Product>,
}

/// The first quantity and amounts of a product, and whether its other lines differ.
#[derive(Debug, Default)]
struct Product {
    first: [i64; 3],
    several: bool,
    /// Whether costs and list amounts differ when quantities do.
    differs: [bool; 2],
}

/// The findings.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default)]
pub struct AmountDoubts {
    /// One sentence each.
    pub sentences: Vec<String>,
}

impl LineAmounts {
    pub(crate) fn of(lines: &DataFrame) -> PolarsResult<Self> {
        let mut found = Self::default();
        let lines = lines.head(Some(LOOKED_AT));
        let numbers = |name: &str| Ok::<_, PolarsError>(lines.column(name)?.i64()?.clone());
        let products = lines.column(c::PRODUCT_ID)?.str()?;
        let (quantities, nets, lists) = (numbers(c::QUANTITY)?, numbers(c::NET_AMOUNT)?, numbers(c::LIST_AMOUNT)?);
        let (discounts, costs) = (numbers(c::DISCOUNT_AMOUNT)?, numbers(c::COGS_AMOUNT)?);
        for row in 0..lines.height() {
            let (Some(quantity), Some(net)) = (quantities.get(row), nets.get(row)) else { continue };
            let (list, discount, cost) = (lists.get(row), discounts.get(row), costs.get(row));
            if let (Some(list), Some(discount)) = (list, discount.filter(|discount| *discount != 0)) {
                found.discounted += 1;
                found.discount_off += u64::from((list - discount - net).abs() > ROUNDING + list.abs() / 100);
            }
            if let Some(list) = list.filter(|_| quantity.abs() > netto_model::money::SCALE && net != 0) {
                found.listed += 1;
                found.list_below += u64::from(list.abs() < net.abs() - ROUNDING);
            }
            if let Some(cost) = cost {
                found.cost += i128::from(cost);
                found.revenue += i128::from(net);
            }
            if let (Some(product), true) = (products.get(row), cost.is_some() || list.is_some()) {
                let now = [quantity, cost.unwrap_or_default(), list.unwrap_or_default()].map(i64::abs);
                if let Some(known) = found.products.get_mut(product) {
                    known.see(now);
                } else {
                    found.products.insert(product.to_owned(), Product { first: now, ..Product::default() });
                }
            }
        }
        Ok(found)
    }

    #[expect(clippy::iter_over_hash_type, reason = "each product is by itself")]
    pub(crate) fn add(&mut self, other: Self) {
        self.discounted += other.discounted;
        self.discount_off += other.discount_off;
        self.listed += other.listed;
        self.list_below += other.list_below;
        self.cost += other.cost;
        self.revenue += other.revenue;
        for (product, found) in other.products {
            if let Some(known) = self.products.get_mut(&product) {
                known.see(found.first);
                known.several |= found.several;
                known.differs = [0, 1].map(|at| known.differs[at] || found.differs[at]);
            } else {
                self.products.insert(product, found);
            }
        }
    }

    /// The systematic errors of the extract, not those of single lines.
    pub(crate) fn doubts(&self) -> AmountDoubts {
        let most = |some: u64, all: u64| all >= FEW && some * 10 > all * 9;
        let mut sentences = Vec::new();
        if most(self.discount_off, self.discounted) {
            sentences.push(format!(
                "on {} of {} lines with a discount, the list amount less discount isn't the revenue: is `discount_amount` a percentage, or per piece?",
                count(self.discount_off),
                count(self.discounted)
            ));
        }
        if most(self.list_below, self.listed) {
            sentences.push(format!(
                "on {} of {} lines with several pieces, the list amount is below the revenue: is `list_amount` the price per piece? sql = '…' multiplies it",
                count(self.list_below),
                count(self.listed)
            ));
        }
        for (at, column) in [(0, c::COGS_AMOUNT), (1, c::LIST_AMOUNT)] {
            let several = self.products.values().filter(|product| product.several && product.first[at + 1] != 0);
            let (same, all) =
                several.fold((0, 0), |(same, all), product| (same + u64::from(!product.differs[at]), all + 1));
            if most(same, all) && !(at == 1 && most(self.list_below, self.listed)) {
                sentences.push(format!(
                    "`{column}` is the same for every quantity of {} of {} products that were sold in different quantities: is it per piece? sql = '…' multiplies it",
                    count(same),
                    count(all)
                ));
            }
        }
        if self.revenue > 0 && self.cost > 3 * self.revenue {
            sentences.push(format!(
                "goods cost {} and are sold for {}: are costs in cents, or per another unit?",
                in_cents(self.cost),
                in_cents(self.revenue)
            ));
        }
        AmountDoubts { sentences }
    }
}

/// Fewer lines are not systematic.
const FEW: u64 = 5;

impl Product {
    fn see(&mut self, now: [i64; 3]) {
        if now[0] != self.first[0] {
            self.several = true;
            self.differs = [0, 1].map(|at| self.differs[at] || now[at + 1] != self.first[at + 1]);
        }
    }
}
