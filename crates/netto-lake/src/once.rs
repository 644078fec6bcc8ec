//! Handles order amounts that an extract repeats on every line, because it joins heads to lines.
//!
//! ```text
//! order 7   line 1  freight 9.95        once_per = "order_id"  →  9.95
//!           line 2  freight 9.95                                  0
//!           line 3  freight 9.95                                  0
//! ```

use std::collections::BTreeMap;

use netto_model::column::{LINE_NO, ORDER_ID};
use netto_model::contract::ORDER_LINES;
use netto_model::table::Column;
use polars::prelude::*;

use crate::config::SourceConfig;
use crate::findings::RepeatedFreight;
use crate::orders::Orders;

/// Counts of orders with several lines, and of those with the same nonzero amount on every line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Repeated {
    /// Orders of several lines.
    pub(crate) orders: u64,
    /// Those with the same amount on every line.
    pub(crate) same: u64,
    /// The amount that they repeat, in ten-thousandths.
    pub(crate) surplus: i128,
}

impl Repeated {
    /// Adds the counts of other orders.
    pub(crate) fn add(&mut self, other: Self) {
        self.orders += other.orders;
        self.same += other.same;
        self.surplus += other.surplus;
    }

    /// The finding, if at least half of the orders repeat their amount. A few do so by chance, with two lines of the same price.
    pub(crate) fn as_the_rule(self) -> Option<RepeatedFreight> {
        let Self { orders, same, surplus } = self;
        (same > 0 && same * 2 >= orders).then_some(RepeatedFreight {
            orders: same,
            of: orders,
            amount: i64::try_from(surplus).unwrap_or(i64::MAX),
        })
    }
}

/// An amount of an order.
#[derive(Debug)]
struct Seen {
    units: i64,
    /// The number and the row of the first line with the amount.
    first: (i64, usize),
}

/// Applies `once_per`; returns, by column, the number of orders whose lines have different amounts.
pub(crate) fn taken(config: &SourceConfig, lines: &mut DataFrame) -> PolarsResult<BTreeMap<String, u64>> {
    let once = |column: &&Column| config.column(column.name).is_some_and(|config| config.once_per.is_some());
    let mut different = BTreeMap::new();
    for column in ORDER_LINES.columns.iter().filter(once) {
        let orders = once_per_order(lines, column.name)?;
        if orders > 0 {
            different.insert(column.name.to_owned(), orders);
        }
    }
    Ok(different)
}

/// Keeps each amount on the first line of its order that has it, with zero elsewhere. Returns the number of orders with different
/// amounts; each of those amounts is kept once.
fn once_per_order(lines: &mut DataFrame, amount: &'static str) -> PolarsResult<u64> {
    let mut units: Vec<Option<i64>> = lines.column(amount)?.i64()?.iter().collect();
    let orders = amounts(lines, amount)?;
    for value in units.iter_mut().flatten() {
        *value = 0;
    }
    for seen in orders.values().flatten() {
        if let Some(place) = units.get_mut(seen.first.1) {
            *place = Some(seen.units);
        }
    }
    let different = orders.values().filter(|order| order.len() > 1).count();
    drop(orders);
    lines.with_column(Int64Chunked::from_slice_options(amount.into(), &units).into_column())?;
    Ok(u64::try_from(different).unwrap_or(u64::MAX))
}

/// Counts the orders with one amount on every line.
pub(crate) fn repeated(orders: &Orders<'_>, lines: &DataFrame, amount: &'static str) -> PolarsResult<Repeated> {
    let mut repeated = Repeated::default();
    let units = lines.column(amount)?.i64()?;
    if units.null_count() == lines.height() {
        return Ok(repeated);
    }
    // Per order: the number of lines, and their amount if all have the same.
    let mut of_order: Vec<(u32, Option<i64>)> = vec![(0, None); orders.len()];
    for (&number, units) in orders.of_line.iter().zip(units.iter()) {
        let units = units.filter(|&units| units != 0);
        let (lines, same) = &mut of_order[number];
        *same = if *lines == 0 { units } else { same.filter(|&same| Some(same) == units) };
        *lines += 1;
    }
    for (lines, same) in of_order.into_iter().filter(|(lines, _)| *lines > 1) {
        repeated.orders += 1;
        if let Some(units) = same {
            repeated.same += 1;
            repeated.surplus += i128::from(units) * i128::from(lines - 1);
        }
    }
    Ok(repeated)
}

/// The different nonzero amounts of each order.
fn amounts<'l>(lines: &'l DataFrame, amount: &str) -> PolarsResult<PlHashMap<&'l str, Vec<Seen>>> {
    let mut orders: PlHashMap<&str, Vec<Seen>> = PlHashMap::new();
    let (ids, numbers) = (lines.column(ORDER_ID)?.str()?, lines.column(LINE_NO)?.i64()?);
    let units = lines.column(amount)?.i64()?;
    for (row, ((id, number), units)) in ids.iter().zip(numbers.iter()).zip(units.iter()).enumerate() {
        let order = orders.entry(id.unwrap_or_default()).or_default();
        let (Some(units), Some(number)) = (units.filter(|&units| units != 0), number) else { continue };
        match order.iter_mut().find(|seen| seen.units == units) {
            Some(seen) => seen.first = seen.first.min((number, row)),
            None => order.push(Seen { units, first: (number, row) }),
        }
    }
    Ok(orders)
}

#[cfg(test)]
mod tests {
    use netto_model::column::FREIGHT_CHARGED;

    use super::*;

    fn lines() -> DataFrame {
        df!(
            ORDER_ID => ["A", "B", "A", "A", "C", "C", "D", "D"],
            LINE_NO => [3_i64, 1, 1, 2, 1, 2, 1, 2],
            FREIGHT_CHARGED => [Some(99_i64), Some(50), Some(99), Some(99), Some(10), Some(20), None, Some(7)],
        )
        .unwrap()
    }

    #[test]
    fn an_amount_stays_on_the_first_line_of_its_order() {
        let mut lines = lines();
        assert_eq!(once_per_order(&mut lines, FREIGHT_CHARGED).unwrap(), 1);
        let freight: Vec<_> = lines.column(FREIGHT_CHARGED).unwrap().i64().unwrap().iter().collect();
        assert_eq!(freight, [Some(0), Some(50), Some(99), Some(0), Some(10), Some(20), None, Some(7)]);
    }

    #[test]
    fn orders_with_one_amount_on_every_line_are_counted() {
        let lines = lines();
        let found = repeated(&Orders::of(&lines).unwrap(), &lines, FREIGHT_CHARGED).unwrap();
        assert_eq!(found, Repeated { orders: 3, same: 1, surplus: 198 });
    }
}
