//! What it is worth to push a customer one tier up (Curry, *Customer Marketing Method*): the difference between the averages of
//! two neighbouring tiers, and how many customers stand just below.
//!
//! ```text
//! tier    customers  average profit  of the tier above  upgrade  threshold  near
//! Medium        150           1,200              6,800    5,600     48,000     4      so many lack at most 4,800
//! ```
//! Inactive customers would move up to Small: what it is worth to win one back. The threshold is the lowest measure that rank
//! alone puts into the tier above, so customers that hysteresis holds there don't lower it.

use netto_model::frame::TierUpgrade;
use netto_model::{Mart, column as c};
use polars::prelude::*;

use crate::book::Book;
use crate::columns::quotient;
use crate::customer_window::{Customer, INACTIVE};
use crate::{RankBy, SegmentError};

/// Every tier that customers can leave upwards, with the one above it.
const STEPS: [(&str, &str); 4] = [("Large", "Top"), ("Medium", "Large"), ("Small", "Medium"), (INACTIVE, "Small")];

/// A tier on average.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Average {
    customers: i64,
    revenue: Option<i64>,
    profit: Option<i64>,
}

/// One step up.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Upgrade {
    tier: &'static str,
    next: &'static str,
    of_tier: Average,
    of_next: Average,
    threshold: Option<i64>,
    near: i64,
}

impl Upgrade {
    /// Average of the tier above less that of the tier.
    fn gain(&self, of: fn(&Average) -> Option<i64>) -> Option<i64> {
        Some(of(&self.of_next)? - of(&self.of_tier)?)
    }
}

/// The table of all windows.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    book.table::<TierUpgrade>(|named, customers| Ok(of_window(&named.name, &upgrades(customers, book.config.rank_by))?))
}

fn upgrades(customers: &[Customer], by: RankBy) -> Vec<Upgrade> {
    let step = |(tier, next)| {
        let threshold = threshold(customers, next, by);
        let near = threshold.map_or(0, |threshold| near(customers, tier, threshold, by));
        Upgrade { tier, next, of_tier: average(customers, tier), of_next: average(customers, next), threshold, near }
    };
    if customers.is_empty() { Vec::new() } else { STEPS.map(step).into() }
}

fn average(customers: &[Customer], tier: &str) -> Average {
    let rows = || customers.iter().filter(|row| row.tier == tier);
    let count = rows().map(|_| 1).sum::<i64>();
    let mean = |of: fn(&Customer) -> i64| quotient(rows().map(|row| i128::from(of(row))).sum(), count.into());
    Average { customers: count, revenue: mean(|row| row.revenue), profit: mean(|row| row.profit) }
}

/// The lowest measure that rank alone puts into a tier.
fn threshold(customers: &[Customer], tier: &str, by: RankBy) -> Option<i64> {
    customers.iter().filter(|row| row.is_active() && row.cut_tier == tier).map(|row| by.measure(row)).min()
}

/// Customers of a tier that lack at most a tenth of the threshold.
fn near(customers: &[Customer], tier: &str, threshold: i64, by: RankBy) -> i64 {
    let lacks = |row: &Customer| i128::from(threshold) - i128::from(by.measure(row));
    let near = |row: &&Customer| row.is_active() && row.tier == tier && lacks(row) * 10 <= i128::from(threshold).abs();
    customers.iter().filter(near).map(|_| 1).sum()
}

fn of_window(window: &str, rows: &[Upgrade]) -> PolarsResult<DataFrame> {
    let each = |of: fn(&Upgrade) -> Option<i64>| rows.iter().map(of).collect::<Vec<_>>();
    df!(
        c::WINDOW => vec![window; rows.len()],
        c::TIER => rows.iter().map(|row| row.tier).collect::<Vec<_>>(),
        c::NEXT_TIER => rows.iter().map(|row| row.next).collect::<Vec<_>>(),
        c::CUSTOMERS => rows.iter().map(|row| row.of_tier.customers).collect::<Vec<_>>(),
        c::AVERAGE_REVENUE => each(|row| row.of_tier.revenue),
        c::AVERAGE_NET_PROFIT => each(|row| row.of_tier.profit),
        c::UPGRADE_REVENUE => each(|row| row.gain(|average| average.revenue)),
        c::UPGRADE_VALUE => each(|row| row.gain(|average| average.profit)),
        c::THRESHOLD => each(|row| row.threshold),
        c::NEAR_CUSTOMERS => rows.iter().map(|row| row.near).collect::<Vec<_>>(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;

    fn row(tier: &'static str, rank: usize, revenue: i64, profit: i64) -> Customer {
        Customer { tier, cut_tier: tier, ..customer(&rank.to_string(), rank, revenue, profit) }
    }

    fn upgrade(customers: &[Customer], tier: &str) -> Upgrade {
        upgrades(customers, RankBy::InvoiceRevenue).into_iter().find(|step| step.tier == tier).unwrap()
    }

    #[test]
    fn an_upgrade_is_worth_the_difference_between_the_averages_of_two_tiers() {
        let rows =
            [row("Medium", 1, 100, 30), row("Medium", 2, 101, 10), row("Small", 3, 50, 5), row("Small", 4, 20, -8)];
        let step = upgrade(&rows, "Small");
        assert_eq!((step.of_tier.revenue, step.of_tier.profit), (Some(35), Some(-2)), "-1.5, half-even");
        assert_eq!((step.gain(|a| a.revenue), step.gain(|a| a.profit)), (Some(100 - 35), Some(20 + 2)), "100.5 is 100");
        let top = upgrade(&rows, "Medium");
        assert_eq!((top.gain(|a| a.profit), top.threshold, top.near), (None, None, 0), "nobody is Large");
    }

    #[test]
    fn near_is_who_lacks_at_most_a_tenth_of_the_threshold() {
        let rows =
            [row("Medium", 1, 1_000, 1), row("Small", 2, 1_000, 1), row("Small", 3, 900, 1), row("Small", 4, 899, 1)];
        let step = upgrade(&rows, "Small");
        assert_eq!((step.threshold, step.near), (Some(1_000), 2), "also who has the same, and stands lower by id");
    }

    #[test]
    fn who_is_held_in_a_tier_doesnt_lower_its_threshold() {
        let held = Customer { tier: "Medium", cut_tier: "Small", ..row("Small", 2, 95, 1) };
        let rows = [row("Medium", 1, 100, 1), held, row("Small", 3, 92, 1)];
        let step = upgrade(&rows, "Small");
        assert_eq!((step.threshold, step.near, step.of_next.customers), (Some(100), 1, 2));
    }

    #[test]
    fn winning_back_an_inactive_customer_is_worth_what_a_small_one_earns() {
        let lost = Customer {
            tier: INACTIVE,
            cut_tier: INACTIVE,
            rank: None,
            orders: 0,
            revenue: 0,
            profit: -4,
            ..row("", 9, 0, 0)
        };
        let step = upgrade(&[row("Small", 1, 50, 6), lost], INACTIVE);
        assert_eq!((step.gain(|a| a.profit), step.near), (Some(10), 0));
    }
}
