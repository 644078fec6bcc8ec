//! Finds orders whose lines differ in an order-level column. It changes nothing: the order counts with one of the values.
//!
//! ```text
//! order 7   line 1  web
//!           line 2  phone     counts as an order by phone, the first by alphabet
//! order 8   line 1  web
//!           line 2            fine: a line may leave it out
//! ```

use std::collections::BTreeMap;

use netto_model::column as c;
use netto_model::money::counted;
use polars::prelude::*;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::orders::Orders;

/// Order-level columns of order lines.
const OF_ORDER: [&str; 4] = [c::CUSTOMER_ID, c::CHANNEL, c::EMPLOYEE_ID, c::SHIP_TO_ID];

/// Orders whose lines have several values in a column.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
pub struct SeveralValues {
    /// How many.
    pub orders: u64,
    /// The first of them, by its id.
    pub order: String,
    /// Two of its values.
    pub values: [String; 2],
}

/// The findings by column, without columns in which no order differs.
pub(crate) fn several_values(orders: &Orders<'_>, lines: &DataFrame) -> PolarsResult<BTreeMap<String, SeveralValues>> {
    let of =
        |column: &&str| Ok(several(orders, lines.column(column)?.str()?).map(|found| ((*column).to_owned(), found)));
    let found = OF_ORDER.par_iter().map(of).collect::<PolarsResult<Vec<_>>>()?;
    Ok(found.into_iter().flatten().collect())
}

fn several(orders: &Orders<'_>, values: &StringChunked) -> Option<SeveralValues> {
    // The value of each order, if it has one; the inner `None` marks an order with two values.
    let mut one: Vec<Option<Option<&str>>> = vec![None; orders.len()];
    let mut found = SeveralValues::default();
    for (&number, value) in orders.of_line.iter().zip(values.iter()) {
        let Some(value) = value.filter(|value| !value.is_empty()) else { continue };
        let known = one[number].get_or_insert(Some(value));
        if let Some(other) = known.filter(|known| *known != value) {
            *known = None;
            found.orders += 1;
            let order = orders.ids[number];
            if found.orders == 1 || order < found.order.as_str() {
                order.clone_into(&mut found.order);
                found.values = [other.min(value), other.max(value)].map(str::to_owned);
            }
        }
    }
    (found.orders > 0).then_some(found)
}

impl SeveralValues {
    /// Adds the findings of other orders.
    pub(crate) fn add(&mut self, other: Self) {
        self.orders += other.orders;
        if self.order > other.order {
            (self.order, self.values) = (other.order, other.values);
        }
    }

    pub(crate) fn sentence(&self, column: &str) -> String {
        let Self { orders, order, values: [one, other] } = self;
        let example = format!("order {order}: {one}, {other}");
        if column == c::CUSTOMER_ID {
            let name = counted(*orders, "order names", "orders name");
            return format!(
                "{name} more than one customer ({example}): they count as one order per customer; do several orders have the same number?"
            );
        }
        let have = counted(*orders, "order has", "orders have");
        format!(
            "{have} more than one `{column}` ({example}): the first in alphabetical order is used for the whole order"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(rows: &[(&str, Option<&str>)]) -> DataFrame {
        let orders: Vec<&str> = rows.iter().map(|row| row.0).collect();
        let channels: Vec<Option<&str>> = rows.iter().map(|row| row.1).collect();
        let none = vec![None::<&str>; rows.len()];
        df!(c::ORDER_ID => orders, c::CHANNEL => channels, c::EMPLOYEE_ID => none.clone(), c::SHIP_TO_ID => none.clone(), c::CUSTOMER_ID => none)
            .unwrap()
    }

    fn found(lines: &DataFrame) -> BTreeMap<String, SeveralValues> {
        several_values(&Orders::of(lines).unwrap(), lines).unwrap()
    }

    #[test]
    fn an_order_with_several_channels_is_counted_once_and_the_first_by_id_is_named() {
        let rows = [
            ("B", Some("web")),
            ("C", Some("web")),
            ("C", None),
            ("C", Some("")),
            ("B", Some("phone")),
            ("B", Some("edi")),
            ("A", Some("web")),
            ("C", Some("web")),
            ("A", Some("edi")),
        ];
        let found = found(&lines(&rows));
        let channel = SeveralValues { orders: 2, order: "A".into(), values: ["edi".into(), "web".into()] };
        assert_eq!(found, BTreeMap::from([(c::CHANNEL.to_owned(), channel)]));
        insta::assert_snapshot!(found[c::CHANNEL].sentence(c::CHANNEL), @"2 orders have more than one `channel` (order A: edi, web): the first in alphabetical order is used for the whole order");
    }

    #[test]
    fn lines_that_agree_or_say_nothing_are_fine() {
        let rows = [("A", Some("web")), ("B", Some("edi")), ("A", Some("web")), ("A", None)];
        assert_eq!(found(&lines(&rows)), BTreeMap::new());
    }
}
