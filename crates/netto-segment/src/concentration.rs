//! 20/80: what the first 1, 2, … 100 % of the customers, by revenue, hold of revenue, margin, cost and profit.
//!
//! ```text
//! percentile  customers  revenue  cost
//! 20          1          0.80     0.50      the first fifth of five customers brings 80 % of revenue
//! ```

use netto_model::frame::Concentration;
use netto_model::{Mart, column as c};
use polars::prelude::*;

use crate::SegmentError;
use crate::book::Book;
use crate::columns::share;
use crate::customer_window::{Customer, by_revenue, running_sum};

/// What the first customers hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Held {
    pub(crate) customers: usize,
    pub(crate) revenue: Option<f64>,
    pub(crate) margin: Option<f64>,
    pub(crate) cost: Option<f64>,
    pub(crate) profit: Option<f64>,
}

/// What the first `percent` of the active customers hold: their number is the ceiling.
pub(crate) fn held(customers: &[&Customer], percent: usize) -> Held {
    Cumulated::of(customers).held(percent)
}

/// Sums of the first customers: of none, of one, …, of all.
struct Cumulated([Vec<i64>; 4]);

impl Cumulated {
    fn of(customers: &[&Customer]) -> Self {
        let sums = |of: fn(&Customer) -> i64| {
            [0].into_iter().chain(running_sum(customers.iter().map(|customer| of(customer)))).collect()
        };
        Self([sums(|row| row.revenue), sums(|row| row.margin), sums(|row| row.cost), sums(|row| row.profit)])
    }

    fn held(&self, percent: usize) -> Held {
        let first = (self.0[0].len().saturating_sub(1) * percent).div_ceil(100);
        let [revenue, margin, cost, profit] = self.0.each_ref().map(|sums| {
            let (part, total) = sums.get(first).zip(sums.last())?;
            share(*part, *total)
        });
        Held { customers: first, revenue, margin, cost, profit }
    }
}

/// The customers that bring the last 20 % of revenue: those above them bring 80 % already.
pub(crate) fn tail<'a>(customers: &[&'a Customer]) -> Vec<&'a Customer> {
    let total: i128 = customers.iter().map(|row| i128::from(row.revenue)).sum();
    let mut above = 0_i128;
    let mut tail = Vec::new();
    for row in customers {
        if above * 100 >= total * 80 {
            tail.push(*row);
        }
        above += i128::from(row.revenue);
    }
    tail
}

/// The table of all windows.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    book.table::<Concentration>(|named, customers| Ok(of_window(&named.name, customers)?))
}

fn of_window(window: &str, customers: &[Customer]) -> Result<DataFrame, PolarsError> {
    let active = by_revenue(customers);
    let percentiles: Vec<usize> = if active.is_empty() { Vec::new() } else { (1..=100).collect() };
    let cumulated = Cumulated::of(&active);
    let held: Vec<Held> = percentiles.iter().map(|percent| cumulated.held(*percent)).collect();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let each = |of: fn(&Held) -> Option<f64>| held.iter().map(of).collect::<Vec<_>>();
    df!(
        c::WINDOW => vec![window; held.len()],
        c::PERCENTILE => percentiles.into_iter().map(count).collect::<Vec<_>>(),
        c::CUSTOMERS => held.iter().map(|held| count(held.customers)).collect::<Vec<_>>(),
        c::REVENUE_SHARE => each(|held| held.revenue),
        c::MARGIN_SHARE => each(|held| held.margin),
        c::COST_SHARE => each(|held| held.cost),
        c::PROFIT_SHARE => each(|held| held.profit),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;

    #[test]
    fn a_fifth_of_the_customers_holds_four_fifths_and_the_rest_is_the_tail() {
        let rows = [
            customer("A", 1, 800, 100),
            customer("B", 2, 100, -10),
            customer("C", 3, 60, -20),
            customer("D", 4, 40, 1),
        ];
        let rows: Vec<&Customer> = rows.iter().collect();
        let first = held(&rows, 20);
        assert_eq!((first.customers, first.revenue), (1, Some(0.8)));
        assert_eq!(held(&rows, 100).cost, Some(1.0));
        assert_eq!(tail(&rows).iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["B", "C", "D"]);
    }
}
