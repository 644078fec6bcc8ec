//! Gross margin against cost-to-serve (Kaplan & Narayanan, *Measuring and managing customer profitability*): on which side of the
//! median of the active customers each of them stands.
//!
//! ```text
//!                    cost at most the median          cost above it
//! margin at least    high margin, low cost: protect   high margin, high cost: serve for less
//! margin below       low margin, low cost: price      low margin, high cost: change it, or let go
//! ```
//! Margin and cost are parts of the invoice revenue. Who returned as much as it bought has neither, and no margin to bear any
//! cost: low margin, high cost.

use netto_model::frame::Quadrant;
use netto_model::{Mart, column as c};
use polars::prelude::*;

use crate::SegmentError;
use crate::book::Book;
use crate::columns::{median, share};
use crate::customer_window::Customer;

/// Margin and cost as parts of revenue: of a customer, or in the median.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Rates {
    margin: Option<f64>,
    cost: Option<f64>,
}

/// The active customers of the main window; nobody where margins, or the cost to serve, aren't known.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    book.table_of_main::<Quadrant>(|named, customers| {
        if !book.has(named, c::COGS_SUPPLIED)? || !book.has(named, c::COST_TO_SERVE_SUPPLIED)? {
            return Ok(DataFrame::empty());
        }
        Ok(of_window(&named.name, customers)?)
    })
}

fn rates(row: &Customer) -> Rates {
    Rates { margin: share(row.margin, row.revenue), cost: share(row.cost, row.revenue) }
}

/// The medians of the active customers.
fn medians(rows: &[&Customer]) -> Rates {
    let median = |of: fn(Rates) -> Option<f64>| median(rows.iter().filter_map(|row| of(rates(row))).collect());
    Rates { margin: median(|rates| rates.margin), cost: median(|rates| rates.cost) }
}

/// Margin at least, and cost at most, the median is high margin, low cost.
fn quadrant(of: Rates, median: Rates) -> &'static str {
    let holds = |value: Option<f64>, middle: Option<f64>, test: fn(&f64, &f64) -> bool| {
        value.zip(middle).is_some_and(|(value, middle)| test(&value, &middle))
    };
    match (holds(of.margin, median.margin, f64::ge), holds(of.cost, median.cost, f64::le)) {
        (true, true) => "high margin, low cost",
        (true, false) => "high margin, high cost",
        (false, true) => "low margin, low cost",
        (false, false) => "low margin, high cost",
    }
}

fn of_window(window: &str, customers: &[Customer]) -> PolarsResult<DataFrame> {
    let rows: Vec<&Customer> = customers.iter().filter(|row| row.is_active()).collect();
    let medians = medians(&rows);
    let each = |of: fn(&Customer) -> i64| rows.iter().map(|row| of(row)).collect::<Vec<_>>();
    df!(
        c::WINDOW => vec![window; rows.len()],
        c::CUSTOMER_ID => rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(),
        c::TIER => rows.iter().map(|row| row.tier).collect::<Vec<_>>(),
        c::INVOICE_REVENUE => each(|row| row.revenue),
        c::GROSS_MARGIN => each(|row| row.margin),
        c::COST_TO_SERVE => each(|row| row.cost),
        c::NET_PROFIT => each(|row| row.profit),
        c::MARGIN_SHARE => rows.iter().map(|row| rates(row).margin).collect::<Vec<_>>(),
        c::COST_SHARE => rows.iter().map(|row| rates(row).cost).collect::<Vec<_>>(),
        c::MEDIAN_MARGIN_SHARE => vec![medians.margin; rows.len()],
        c::MEDIAN_COST_SHARE => vec![medians.cost; rows.len()],
        c::QUADRANT => rows.iter().map(|row| quadrant(rates(row), medians)).collect::<Vec<_>>(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;
    use netto_model::contract::QUADRANTS;

    /// A customer of 100 with a margin and a cost.
    fn row(id: &str, margin: i64, cost: i64) -> Customer {
        Customer { margin, cost, ..customer(id, 1, 100, margin - cost) }
    }

    fn quadrants(customers: &[Customer]) -> Vec<String> {
        let data = of_window("main", customers).unwrap();
        data.column(c::QUADRANT).unwrap().str().unwrap().iter().flatten().map(str::to_owned).collect()
    }

    #[test]
    fn a_margin_of_at_least_and_a_cost_of_at_most_the_median_is_the_best_quadrant() {
        let rows = [row("A", 40, 10), row("B", 40, 30), row("C", 30, 20), row("D", 20, 10), row("E", 10, 30)];
        let expected = [0, 1, 0, 2, 3].map(|place| QUADRANTS[place]);
        assert_eq!(quadrants(&rows), expected, "C is the median of both");
    }

    #[test]
    fn who_returned_what_it_bought_has_no_margin_to_bear_cost() {
        let returned = Customer { revenue: 0, margin: 0, cost: 5, ..row("R", 0, 5) };
        let found = quadrants(&[row("A", 40, 10), returned, Customer { rank: None, ..row("I", 1, 1) }]);
        assert_eq!(found, ["high margin, low cost", "low margin, high cost"], "and who ordered nothing isn't shown");
    }
}
