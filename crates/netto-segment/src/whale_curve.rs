//! The whale curve (Kaplan & Narayanan): customers by net profit, descending, with the profit cumulated.
//!
//! Peak = profit of all customers that earn; retention = total ÷ peak.
//!
//! ```text
//! profit      40  30  10  −5  −15
//! cumulative  40  70  80  75   60      peak 80, total 60, peak ÷ total 133.3 %, retention 75 %
//! ```

use std::cmp::Reverse;

use netto_model::frame::WhaleCurve;
use netto_model::{Mart, column as c};
use polars::prelude::*;

use crate::SegmentError;
use crate::book::Book;
use crate::columns::share;
use crate::customer_window::{Customer, running_sum};

/// The customers of the curve: whoever ordered in the window, or cost something in it.
pub(crate) fn by_profit(customers: &[Customer]) -> Vec<&Customer> {
    let of_curve = |row: &&Customer| row.is_known() && (row.is_active() || row.profit != 0);
    let mut rows: Vec<&Customer> = customers.iter().filter(of_curve).collect();
    rows.sort_by(|a, b| (Reverse(a.profit), &a.id).cmp(&(Reverse(b.profit), &b.id)));
    rows
}

/// Profit of all customers that earn, and how many they are.
pub(crate) fn peak(customers: &[Customer]) -> (i64, i64) {
    let earning = || customers.iter().filter(|row| row.is_known() && row.profit > 0);
    (earning().map(|row| row.profit).sum(), earning().map(|_| 1).sum())
}

/// The total where shares of it mean something: above 1 % of what is earned and lost together.
pub(crate) fn total_for_shares(customers: &[Customer]) -> Option<i64> {
    let known = || customers.iter().filter(|row| row.is_known());
    let total: i64 = known().map(|row| row.profit).sum();
    let turned_over: i128 = known().map(|row| i128::from(row.profit).abs()).sum();
    (i128::from(total) * 100 > turned_over).then_some(total)
}

/// The Gini coefficient of invoice revenue: 0 when all buy the same, near 1 when one buys all.
///
/// G = 2 Σ i·xᵢ ÷ (n Σ xᵢ) − (n + 1) ÷ n, with x ascending. Nothing where some revenue is negative.
#[expect(clippy::cast_precision_loss, reason = "a coefficient, not money")]
pub(crate) fn gini(customers: &[Customer]) -> Option<f64> {
    let mut revenues: Vec<i64> = customers.iter().filter(|row| row.is_active()).map(|row| row.revenue).collect();
    revenues.sort_unstable();
    let total: i128 = revenues.iter().map(|&revenue| i128::from(revenue)).sum();
    if total <= 0 || revenues.first().is_some_and(|&least| least < 0) {
        return None;
    }
    let weighted: i128 = (1..).zip(&revenues).map(|(place, &revenue): (i128, _)| place * i128::from(revenue)).sum();
    let n = revenues.len() as f64;
    Some(2.0 * weighted as f64 / (n * total as f64) - (n + 1.0) / n)
}

/// The table of all windows.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    book.table::<WhaleCurve>(|named, customers| Ok(of_window(&named.name, customers)?))
}

fn of_window(window: &str, customers: &[Customer]) -> Result<DataFrame, PolarsError> {
    let rows = by_profit(customers);
    let cumulative = running_sum(rows.iter().map(|row| row.profit));
    let (peak, _) = peak(customers);
    let total = total_for_shares(customers);
    let ranks: Vec<i64> = (1..).take(rows.len()).collect();
    let count = ranks.last().copied().unwrap_or_default();
    df!(
        c::WINDOW => vec![window; rows.len()],
        c::CUSTOMER_ID => rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(),
        c::INVOICE_REVENUE => rows.iter().map(|row| row.revenue).collect::<Vec<_>>(),
        c::NET_PROFIT => rows.iter().map(|row| row.profit).collect::<Vec<_>>(),
        c::CUMULATIVE_CUSTOMER_SHARE => ranks.iter().map(|rank| share(*rank, count)).collect::<Vec<_>>(),
        c::CUMULATIVE_PROFIT_SHARE => cumulative.iter().map(|sum| total.and_then(|total| share(*sum, total))).collect::<Vec<_>>(),
        c::CUMULATIVE_PEAK_SHARE => cumulative.iter().map(|sum| share(*sum, peak)).collect::<Vec<_>>(),
        c::CUMULATIVE_PROFIT => cumulative,
        c::RANK => ranks,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;

    fn five() -> Vec<Customer> {
        let profits = [("E", -15), ("A", 40), ("D", -5), ("B", 30), ("C", 10)];
        (1..).zip(profits).map(|(rank, (id, profit))| customer(id, rank, 100, profit)).collect()
    }

    #[test]
    fn the_curve_climbs_to_its_peak_and_falls_to_the_total() -> Result<(), PolarsError> {
        let curve = of_window("main", &five())?;
        let cumulative: Vec<_> = curve.column(c::CUMULATIVE_PROFIT)?.i64()?.iter().flatten().collect();
        assert_eq!(cumulative, [40, 70, 80, 75, 60]);
        assert_eq!((peak(&five()), total_for_shares(&five())), ((80, 3), Some(60)));
        let shares: Vec<_> = curve.column(c::CUMULATIVE_PEAK_SHARE)?.f64()?.iter().flatten().collect();
        assert_eq!(shares, [0.5, 0.875, 1.0, 0.9375, 0.75]);
        Ok(())
    }

    #[test]
    fn shares_of_a_total_near_zero_are_not_shown() {
        let balanced = [customer("A", 1, 100, 1_000), customer("B", 2, 100, -995)];
        assert_eq!(total_for_shares(&balanced), None);
        assert_eq!(peak(&balanced).0, 1_000);
    }

    #[test]
    fn gini_is_zero_when_all_buy_the_same_and_nothing_with_negative_revenue() {
        let equal = [customer("A", 1, 100, 1), customer("B", 2, 100, 1)];
        assert_eq!(gini(&equal), Some(0.0));
        assert_eq!(gini(&[customer("A", 1, 300, 1), customer("B", 2, 100, 1)]), Some(0.25));
        assert_eq!(gini(&[customer("A", 1, 300, 1), customer("B", 2, -1, 1)]), None);
    }
}
