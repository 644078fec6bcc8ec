//! Promised and actual delivery dates: sales lines by customer and way of delivery.
//!
//! ```text
//! ordered  promised  delivered      lines  promised  late  days late  lead days
//! 3rd      5th       5th
//! 3rd      5th       8th
//! 4th      -         6th            3      2         1     3          7
//! ```
//! A line counts if it has both dates. Returns and credits were not delivered to anyone.

use std::collections::BTreeMap;

use netto_model::{Period, column as c, contract};
use polars::prelude::*;

use super::lines::Lines;
use super::tie;
use crate::ProfitError;

/// What adds up of lines of sales.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Delivered {
    lines: i64,
    promised: i64,
    late: i64,
    days_late: i64,
    lead_days: i64,
}

impl Delivered {
    /// A line of a sale, by its days.
    fn count(&mut self, ordered: Option<i32>, promised: Option<i32>, delivered: Option<i32>) {
        self.lines += 1;
        let (Some(ordered), Some(promised), Some(delivered)) = (ordered, promised, delivered) else { return };
        let days_late = i64::from(delivered) - i64::from(promised);
        self.promised += 1;
        self.lead_days += i64::from(delivered) - i64::from(ordered);
        if days_late > 0 {
            self.late += 1;
            self.days_late += days_late;
        }
    }
}

/// The lines of a month's sales; every one of them is counted.
pub(super) fn deliveries(period: Period, lines: &Lines<'_>) -> Result<DataFrame, ProfitError> {
    let (kinds, ways) = (lines.text(c::ORDER_KIND)?, lines.text(c::DELIVERY)?);
    let (ordered, promised) = (lines.days(c::ORDER_DATE)?, lines.days(c::PROMISED_DATE)?);
    let delivered = lines.days(c::DELIVERED_DATE)?;
    let is_sale = |line: &usize| kinds.get(*line) == Some("sale");
    let mut rows: Vec<(&str, &str, Delivered)> = Vec::new();
    for (customer, bought) in lines.customers() {
        let mut by_way: BTreeMap<&str, Delivered> = BTreeMap::new();
        for line in bought.lines.filter(is_sale) {
            let way = by_way.entry(ways.get(line).unwrap_or_default()).or_default();
            way.count(ordered[line], promised[line], delivered[line]);
        }
        rows.extend(by_way.into_iter().map(|(way, counted)| (customer, way, counted)));
    }
    let sales = (0..lines.ids.len()).filter(is_sale).count();
    let counted: i64 = rows.iter().map(|(_, _, counted)| counted.lines).sum();
    tie::same(contract::DELIVERY_MONTH.name, period, c::LINES, None, i128::from(counted) - sales as i128)?;
    let each = |of: fn(&Delivered) -> i64| rows.iter().map(|(_, _, counted)| of(counted)).collect::<Vec<_>>();
    let data = df!(
        c::CUSTOMER_ID => rows.iter().map(|(customer, _, _)| *customer).collect::<Vec<_>>(),
        c::DELIVERY => rows.iter().map(|(_, way, _)| *way).collect::<Vec<_>>(),
        c::LINES => each(|counted| counted.lines),
        c::LINES_PROMISED => each(|counted| counted.promised),
        c::LINES_LATE => each(|counted| counted.late),
        c::DAYS_LATE => each(|counted| counted.days_late),
        c::LEAD_DAYS => each(|counted| counted.lead_days),
    )?;
    let month = lit(period.first_day()).cast(DataType::Date).alias(c::PERIOD);
    Ok(data.lazy().with_column(month).collect()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_counts_as_promised_where_it_has_both_days_and_as_late_after_the_promised_one() {
        let mut counted = Delivered::default();
        for (promised, delivered) in
            [(Some(5), Some(5)), (Some(5), Some(8)), (Some(5), Some(4)), (None, Some(6)), (Some(5), None)]
        {
            counted.count(Some(3), promised, delivered);
        }
        // Late is the second, by three days; from the third day on they took 2, 5 and 1.
        assert_eq!(counted, Delivered { lines: 5, promised: 3, late: 1, days_late: 3, lead_days: 8 });
    }
}
