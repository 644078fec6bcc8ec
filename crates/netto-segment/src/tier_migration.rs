//! Movement in the pyramid: from which tier to which, with counts, revenue and profit.
//!
//! ```text
//! previous tier  tier      customers
//! Small          Medium    12           moved up
//! Inactive       Small      7           won back
//! New            Small     31           never seen before
//! Small          Inactive  25           lost
//! ```

use std::collections::BTreeMap;

use netto_model::contract::TIERS;
use netto_model::frame::TierMigration;
use netto_model::{Mart, column as c};
use polars::prelude::*;

use crate::SegmentError;
use crate::book::{Book, stacked};
use crate::customer_window::{Customer, INACTIVE};

/// The previous tier of who was never seen before.
const NEW: &str = "New";

#[derive(Clone, Copy, Debug, Default)]
struct Move {
    customers: i64,
    previous_revenue: i64,
    revenue: i64,
    previous_profit: i64,
    profit: i64,
}

/// The table of all windows that are compared with an earlier one.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let compared = book.each().filter_map(|(named, now)| Some((named, book.before(named)?.1, now)));
    stacked::<TierMigration>(compared.map(|(named, before, now)| Ok(of_window(&named.name, &moves(before, now))?)))
}

fn moves(before: &[Customer], now: &[Customer]) -> BTreeMap<(&'static str, &'static str), Move> {
    let before: BTreeMap<&str, &Customer> = before.iter().map(|row| (row.id.as_str(), row)).collect();
    let mut moves: BTreeMap<_, Move> = BTreeMap::new();
    for row in now.iter().filter(|row| row.is_known()) {
        let earlier = before.get(row.id.as_str());
        let step = moves.entry((earlier.map_or(NEW, |row| row.tier), row.tier)).or_default();
        step.customers += 1;
        step.revenue += row.revenue;
        step.profit += row.profit;
        step.previous_revenue += earlier.map_or(0, |row| row.revenue);
        step.previous_profit += earlier.map_or(0, |row| row.profit);
    }
    moves
}

/// What a move from one tier to another is.
fn movement(from: &str, to: &str) -> &'static str {
    let place = |tier: &str| TIERS.iter().position(|known| *known == tier);
    match (from, to) {
        // Who was served, but never ordered, isn't a new customer.
        (NEW | INACTIVE, INACTIVE) => "inactive",
        (NEW, _) => "new",
        (INACTIVE, _) => "won back",
        (_, INACTIVE) => "lost",
        _ if from == to => "same",
        _ if place(to) < place(from) => "up",
        _ => "down",
    }
}

fn of_window(window: &str, moves: &BTreeMap<(&'static str, &'static str), Move>) -> Result<DataFrame, PolarsError> {
    let each = |of: fn(&Move) -> i64| moves.values().map(of).collect::<Vec<i64>>();
    df!(
        c::WINDOW => vec![window; moves.len()],
        c::PREVIOUS_TIER => moves.keys().map(|(from, _)| *from).collect::<Vec<_>>(),
        c::TIER => moves.keys().map(|(_, to)| *to).collect::<Vec<_>>(),
        c::MOVEMENT => moves.keys().map(|(from, to)| movement(from, to)).collect::<Vec<_>>(),
        c::CUSTOMERS => each(|step| step.customers),
        c::PREVIOUS_REVENUE => each(|step| step.previous_revenue),
        c::INVOICE_REVENUE => each(|step| step.revenue),
        c::PREVIOUS_NET_PROFIT => each(|step| step.previous_profit),
        c::NET_PROFIT => each(|step| step.profit),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;

    #[test]
    fn every_move_between_two_windows_has_a_name() {
        let moves = [
            ("Small", "Medium", "up"),
            ("Top", "Large", "down"),
            ("Large", "Large", "same"),
            (NEW, "Top", "new"),
            ("Small", INACTIVE, "lost"),
            (INACTIVE, "Small", "won back"),
            (INACTIVE, INACTIVE, "inactive"),
            (NEW, INACTIVE, "inactive"),
        ];
        for (from, to, name) in moves {
            assert_eq!(movement(from, to), name, "{from} to {to}");
            assert!(netto_model::contract::MOVEMENTS.contains(&name));
        }
    }

    #[test]
    fn the_moves_add_up_to_both_windows() {
        let before = [customer("A", 1, 100, 1), customer("B", 2, 50, -1)];
        let now = [customer("A", 1, 300, 9), customer("B", 2, 7, 0), customer("C", 3, 20, 1)];
        let moves = moves(&before, &now);
        let sum = |of: fn(&Move) -> i64| moves.values().map(of).sum::<i64>();
        assert_eq!((sum(|step| step.customers), sum(|step| step.revenue), sum(|step| step.profit)), (3, 327, 10));
        assert_eq!((sum(|step| step.previous_revenue), sum(|step| step.previous_profit)), (150, 0));
    }

    #[test]
    fn everyone_who_moves_is_counted_once_with_revenue_before_and_after() {
        let before = [customer("A", 1, 100, 1), customer("B", 2, 50, 1)];
        let now = [Customer { tier: "Top", ..customer("A", 1, 300, 9) }, customer("C", 2, 20, 1)];
        let moves = moves(&before, &now);
        let up = moves[&("Small", "Top")];
        assert_eq!((up.customers, up.previous_revenue, up.revenue, up.profit), (1, 100, 300, 9));
        let new = moves[&("New", "Small")];
        assert_eq!((new.customers, new.previous_revenue, new.revenue), (1, 0, 20));
    }
}
