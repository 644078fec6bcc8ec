//! The rule by which an amount of a customer month comes down to its lines.
//!
//! A customer with two orders, of two lines and of one, and 10.00 by quantities of 3 and 1 per order: 7.50 and 2.50, and
//! within the first order 3.75 for each line.
//!
//! ```
//! use netto_profit::split::{By, split};
//! assert_eq!(split(100_000, &[2, 1], By::Orders(&[30_000, 10_000])), [37_500, 37_500, 25_000]);
//! assert_eq!(split(100_000, &[2, 1], By::Equally), [33_334, 33_333, 33_333]);
//! ```

use netto_model::apportion;

/// The measure of the parts.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// A quantity per order; within an order, every line alike.
    Orders(&'a [i64]),
    /// A quantity per line.
    Lines(&'a [i64]),
    /// Every line alike.
    Equally,
}

/// A part of the amount per line, by largest remainder; the parts sum to the amount.
///
/// `lines` has the number of lines of each order, orders and lines in the order of their ids: so the ten-thousandth that is
/// left goes to the same line in every run. Where the quantities sum to zero there is nothing to go by, and every line gets
/// alike. Without a line there is no part.
#[must_use]
pub fn split(amount: i64, lines: &[usize], by: By<'_>) -> Vec<i64> {
    let all = lines.iter().sum();
    let parts = match by {
        _ if amount == 0 => return vec![0; all],
        By::Orders(quantities) => apportion(amount, quantities).map(|orders| within_orders(&orders, lines, all)),
        By::Lines(quantities) => apportion(amount, quantities),
        By::Equally => None,
    };
    parts.unwrap_or_else(|| alike(amount, all).collect())
}

fn within_orders(amounts: &[i64], lines: &[usize], all: usize) -> Vec<i64> {
    let mut parts = Vec::with_capacity(all);
    for (&amount, &lines) in amounts.iter().zip(lines) {
        parts.extend(alike(amount, lines));
    }
    parts
}

/// The largest remainder of equal weights: the first ones get a unit more.
fn alike(amount: i64, lines: usize) -> impl Iterator<Item = i64> {
    let count = i64::try_from(lines).unwrap_or(i64::MAX).max(1);
    let (each, more) = (amount.div_euclid(count), amount.rem_euclid(count));
    (0..count).take(lines).map(move |line| each + i64::from(line < more))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Two orders, of two lines and of one.
    const TWO_ORDERS: [usize; 2] = [2, 1];

    #[test]
    fn an_order_gets_by_its_quantity_and_its_lines_alike() {
        assert_eq!(split(100_000, &TWO_ORDERS, By::Orders(&[30_000, 10_000])), [37_500, 37_500, 25_000]);
        // 10.0000 by 1 : 2 is 3.3333 and 6.6667; 3.3333 over two lines is 1.6667 and 1.6666.
        assert_eq!(split(100_000, &TWO_ORDERS, By::Orders(&[10_000, 20_000])), [16_667, 16_666, 66_667]);
        assert_eq!(split(100_000, &TWO_ORDERS, By::Orders(&[0, 20_000])), [0, 0, 100_000]);
    }

    #[test]
    fn a_line_gets_by_its_quantity() {
        assert_eq!(split(100_000, &TWO_ORDERS, By::Lines(&[0, 10_000, 30_000])), [0, 25_000, 75_000]);
        assert_eq!(split(10, &TWO_ORDERS, By::Lines(&[3, 3, -1])), [6, 6, -2]);
    }

    #[test]
    fn without_quantities_every_line_gets_alike() {
        for by in [By::Equally, By::Orders(&[0, 0]), By::Orders(&[5, -5]), By::Lines(&[0, 0, 0])] {
            assert_eq!(split(100_000, &TWO_ORDERS, by), [33_334, 33_333, 33_333]);
            assert_eq!(split(-4, &TWO_ORDERS, by), [-1, -1, -2]);
        }
        assert_eq!(split(5, &[], By::Equally), Vec::<i64>::new());
    }

    #[test]
    fn alike_is_the_largest_remainder_of_equal_weights() {
        for amount in -20..20 {
            assert_eq!(Some(alike(amount, 7).collect()), apportion(amount, &[1; 7]));
        }
    }

    /// Lines per order, a quantity per order, a quantity per line.
    fn orders() -> impl Strategy<Value = (Vec<usize>, Vec<i64>, Vec<i64>)> {
        prop::collection::vec((1_usize..5, -3_i64..50, prop::array::uniform4(-3_i64..50)), 1..8).prop_map(|orders| {
            let lines = orders.iter().flat_map(|(lines, _, of_lines)| of_lines[..*lines].to_vec()).collect();
            (orders.iter().map(|o| o.0).collect(), orders.iter().map(|o| o.1).collect(), lines)
        })
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_amount_and_have_no_sign_of_their_own(
            amount in -1_000_000_i64..1_000_000, (lines, of_orders, of_lines) in orders()
        ) {
            for (by, quantities) in [
                (By::Orders(&of_orders), &of_orders[..]), (By::Lines(&of_lines), &of_lines[..]), (By::Equally, &[]),
            ] {
                let parts = split(amount, &lines, by);
                prop_assert_eq!(parts.len(), of_lines.len());
                prop_assert_eq!(parts.iter().sum::<i64>(), amount);
                if amount >= 0 && quantities.iter().all(|&quantity| quantity >= 0) {
                    prop_assert!(parts.iter().all(|&part| part >= 0), "{:?} {:?}", by, parts);
                }
            }
        }

        #[test]
        fn orders_get_what_they_get_without_lines(amount in -1_000_000_i64..1_000_000, (lines, of_orders, _) in orders()) {
            if let Some(expected) = apportion(amount, &of_orders) {
                let parts = split(amount, &lines, By::Orders(&of_orders));
                let mut rest = &parts[..];
                for (lines, expected) in lines.into_iter().zip(expected) {
                    let (of_order, others) = rest.split_at(lines);
                    prop_assert_eq!(of_order.iter().sum::<i64>(), expected);
                    prop_assert!(of_order.iter().all(|part| (part - of_order[lines - 1]) / 2 == 0), "alike but for a unit");
                    rest = others;
                }
            }
        }
    }
}
