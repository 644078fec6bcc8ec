//! What an order costs: so much whatever is in it, and so much for each of its lines.
//!
//! Larger orders save the first and not the second: two orders of three lines are one of six. Most time equations are of this
//! form, but the ledger knows only their sums; so both are found by least squares over the orders of all customers, by channel:
//! cost = orders × per order + lines × per line.
//!
//! ```text
//! orders  lines  cost
//! 10      10     300
//! 10      30     500     10.00 a line, 20.00 an order
//! ```
//! Where every order has as many lines as the next, nothing tells them apart, and all of the cost is the order's.

use super::case::Orders;
use crate::columns::quotient;

/// In ten-thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct OrderCost {
    pub(super) per_order: i64,
    pub(super) per_line: i64,
}

impl OrderCost {
    /// The least squares of some groups of orders, for the cost that is asked for; nothing without an order.
    pub(super) fn of<'a>(
        groups: impl Iterator<Item = &'a Orders> + Clone,
        cost: impl Fn(&Orders) -> i64,
    ) -> Option<Self> {
        let sum = |of: &dyn Fn(&Orders) -> i64| groups.clone().map(|group| i128::from(of(group))).sum::<i128>();
        let [orders, lines, all] = [sum(&|group| group.orders), sum(&|group| group.lines), sum(&cost)];
        let whole = Self { per_order: quotient(all, orders).filter(|_| orders > 0)?, per_line: 0 };
        Some(match least_squares(groups, &cost) {
            Some(found) if found.per_line < 0 => whole,
            Some(found) if found.per_order < 0 => {
                Self { per_order: 0, per_line: quotient(all, lines).unwrap_or_default() }
            }
            Some(found) => found,
            None => whole,
        })
    }
}

/// The normal equations, in whole numbers. Nothing where orders and lines go together, or the sums are too large.
fn least_squares<'a>(groups: impl Iterator<Item = &'a Orders>, cost: impl Fn(&Orders) -> i64) -> Option<OrderCost> {
    let [mut oo, mut ol, mut ll, mut oc, mut lc] = [0_i128; 5];
    for group in groups {
        let [orders, lines, cost] = [group.orders, group.lines, cost(group)].map(i128::from);
        oo += orders * orders;
        ol += orders * lines;
        ll += lines * lines;
        oc += orders * cost;
        lc += lines * cost;
    }
    let minor = |a: i128, b: i128, c: i128, d: i128| a.checked_mul(b)?.checked_sub(c.checked_mul(d)?);
    let determinant = minor(oo, ll, ol, ol)?;
    let per_order = quotient(minor(oc, ll, lc, ol)?, determinant)?;
    Some(OrderCost { per_order, per_line: quotient(minor(lc, oo, oc, ol)?, determinant)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn group(orders: i64, lines: i64, cost: i64) -> Orders {
        Orders { orders, lines, cost, ..Orders::default() }
    }

    fn found(groups: &[Orders]) -> Option<OrderCost> {
        OrderCost::of(groups.iter(), |orders| orders.cost)
    }

    #[test]
    fn what_is_in_an_order_is_told_from_the_order_itself() {
        let groups = [group(10, 10, 3_000_000), group(10, 30, 5_000_000)];
        let found = found(&groups).unwrap();
        assert_eq!(found, OrderCost { per_order: 200_000, per_line: 100_000 });
    }

    #[test]
    fn without_a_difference_all_of_it_is_the_orders() {
        let groups = [group(10, 10, 3_000_000), group(20, 20, 6_000_000)];
        assert_eq!(found(&groups), Some(OrderCost { per_order: 300_000, per_line: 0 }));
        assert_eq!(found(&[]), None);
    }

    #[test]
    fn neither_part_is_below_zero() {
        let dearer_when_small = [group(10, 10, 900_000), group(10, 30, 300_000)];
        assert_eq!(found(&dearer_when_small), Some(OrderCost { per_order: 60_000, per_line: 0 }));
        let dearer_when_large = [group(10, 10, 100_000), group(10, 30, 900_000)];
        assert_eq!(found(&dearer_when_large), Some(OrderCost { per_order: 0, per_line: 25_000 }));
    }

    proptest! {
        #[test]
        fn a_time_equation_is_found_again(
            per_order in 0_i64..1_000_000, per_line in 0_i64..1_000_000,
            sizes in prop::collection::vec((1_i64..1_000, 1_i64..9), 2..20),
        ) {
            let groups: Vec<Orders> = sizes
                .iter()
                .map(|(orders, lines)| group(*orders, orders * lines, orders * per_order + orders * lines * per_line))
                .collect();
            let found = found(&groups).unwrap();
            let told_apart = sizes.iter().any(|(_, lines)| *lines != sizes[0].1);
            if told_apart {
                prop_assert_eq!(found, OrderCost { per_order, per_line });
            } else {
                prop_assert_eq!(found, OrderCost { per_order: per_order + sizes[0].1 * per_line, per_line: 0 });
            }
        }
    }
}
