//! The largest remainder (Hamilton's method): an amount split by weights so that the parts sum to the whole, to the last unit.
//!
//! 1.0000 over three equal weights is 0.3334, 0.3333, 0.3333: the ten-thousandth that is left goes to the largest remainder,
//! among equals to the first. Callers hand weights in the order of their ids, so the result doesn't depend on the order
//! in which rows arrived.
//!
//! ```
//! use netto_model::apportion;
//! assert_eq!(apportion(10_000, &[1, 1, 1]), Some(vec![3_334, 3_333, 3_333]));
//! assert_eq!(apportion(-7, &[1, 3]), Some(vec![-2, -5]));
//! assert_eq!(apportion(270_000, &[0, 0]), None); // nobody used the driver
//! ```

use std::cmp::Reverse;
use std::ops::{Add, Mul, Sub};

/// Splits `amount` over `weights`: part *i* is `amount × weight i ÷ Σ weights`, rounded so that Σ parts = amount.
///
/// A weight of zero gets nothing; a negative weight gets a part of the opposite sign. `None` when the weights sum to zero:
/// there is nothing to go by. Also `None` when a part leaves 64 bits, which takes negative weights.
#[must_use]
pub fn apportion(amount: i64, weights: &[i64]) -> Option<Vec<i64>> {
    let total: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
    if total == 0 {
        return None;
    }
    let largest = weights.iter().map(|weight| weight.unsigned_abs()).max().unwrap_or_default();
    let product = u128::from(amount.unsigned_abs()) * u128::from(largest);
    // A bit is left for a guess that is a unit too high.
    match (i64::try_from(total), i64::try_from(product * 2)) {
        (Ok(total), Ok(_)) => narrow(amount, weights, total),
        _ => wide(amount, weights, total),
    }
}

/// In 64 bits, which hold what a customer's orders or a pool's customers come to: several times as fast.
fn narrow(amount: i64, weights: &[i64], total: i64) -> Option<Vec<i64>> {
    let (size, sign) = (total.checked_abs()?, total.signum());
    let reciprocal = 1.0 / double(size);
    let parts = weights.iter().map(|&weight| divide_floor_narrow(amount * weight * sign, size, reciprocal));
    with_rest(amount, parts.map(|(part, remainder)| (i128::from(part), remainder)), weights.len())
}

fn wide(amount: i64, weights: &[i64], total: i128) -> Option<Vec<i64>> {
    let (size, sign) = (total.abs(), total.signum());
    let parts = weights.iter().map(|&weight| divide_floor(i128::from(amount) * i128::from(weight) * sign, size));
    with_rest(amount, parts, weights.len())
}

/// The parts and what is left of the amount: each part is rounded down, so it is less than one unit per part that has a remainder.
fn with_rest<R: Ord + Copy>(amount: i64, floors: impl Iterator<Item = (i128, R)>, count: usize) -> Option<Vec<i64>> {
    let (mut parts, mut remainders) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let mut left = i128::from(amount);
    for (part, remainder) in floors {
        left -= part;
        parts.push(i64::try_from(part).ok()?);
        remainders.push(remainder);
    }
    let left = usize::try_from(left).ok()?;
    if left > 0 {
        let mut by_remainder: Vec<usize> = (0..parts.len()).collect();
        by_remainder.select_nth_unstable_by_key(left - 1, |&part| (Reverse(remainders[part]), part));
        for &part in &by_remainder[..left] {
            parts[part] = parts[part].checked_add(1)?;
        }
    }
    Some(parts)
}

#[expect(clippy::cast_precision_loss, reason = "only a guess")]
const fn double(number: i64) -> f64 {
    number as f64
}

/// As [`divide_floor`], in 64 bits; the guess is by the reciprocal, as many numerators have one denominator.
#[expect(clippy::cast_possible_truncation, reason = "only the guess is inexact")]
fn divide_floor_narrow(numerator: i64, denominator: i64, reciprocal: f64) -> (i64, i64) {
    let guess = double(numerator) * reciprocal;
    // Beyond 2⁴⁴ the guess may be off by more than it is worth correcting.
    if guess.abs() >= 1.8e13 {
        return (numerator.div_euclid(denominator), numerator.rem_euclid(denominator));
    }
    put_right(numerator, denominator, guess.floor() as i64)
}

/// Quotient and remainder, the quotient rounded down. A guess in floating point, corrected in integers: five times as fast
/// as dividing 128 bits, and exact for any guess.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "only the guess is inexact")]
fn divide_floor(numerator: i128, denominator: i128) -> (i128, i128) {
    let guess = numerator as f64 / denominator as f64;
    // Beyond 2⁴⁴ the guess may be off by more than it is worth correcting.
    if guess.abs() >= 1.8e13 {
        return (numerator.div_euclid(denominator), numerator.rem_euclid(denominator));
    }
    put_right(numerator, denominator, i128::from(guess.floor() as i64))
}

/// Quotient and remainder, of a guessed quotient.
fn put_right<N>(numerator: N, denominator: N, mut quotient: N) -> (N, N)
where
    N: Copy + PartialOrd + From<bool> + Add<Output = N> + Sub<Output = N> + Mul<Output = N>,
{
    let (zero, one) = (N::from(false), N::from(true));
    let mut remainder = numerator - quotient * denominator;
    while remainder < zero {
        (quotient, remainder) = (quotient - one, remainder + denominator);
    }
    while remainder >= denominator {
        (quotient, remainder) = (quotient + one, remainder - denominator);
    }
    (quotient, remainder)
}

#[cfg(test)]
mod tests {
    use super::{apportion, divide_floor, divide_floor_narrow, double, narrow, wide};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_sum_to_the_whole(amount: i64, weights in prop::collection::vec(0_i64..1_000_000, 1..50)) {
            match apportion(amount, &weights) {
                Some(parts) => {
                    prop_assert_eq!(parts.iter().map(|&part| i128::from(part)).sum::<i128>(), i128::from(amount));
                    let total: i64 = weights.iter().sum();
                    for (part, weight) in parts.iter().zip(&weights) {
                        let off = i128::from(*part) * i128::from(total) - i128::from(amount) * i128::from(*weight);
                        prop_assert!(off.abs() < i128::from(total), "a part is less than one unit off");
                        prop_assert!(*weight != 0 || *part == 0, "who used nothing pays nothing");
                    }
                }
                None => prop_assert!(weights.iter().all(|&weight| weight == 0)),
            }
        }

        #[test]
        fn credits_mirror_charges_of_driver_quantities_with_any_sign(
            amount in -1_000_000_000_i64..1_000_000_000,
            weights in prop::collection::vec(-1_000_i64..1_000, 1..20),
        ) {
            if let Some(parts) = apportion(amount, &weights) {
                prop_assert_eq!(parts.iter().sum::<i64>(), amount);
            }
        }

        #[test]
        fn a_guess_that_rounds_up_to_the_multiple_is_put_right(
            multiple in -10_000_000_000_000_i128..10_000_000_000_000, denominator in 1_i128..1_000_000_000_000, off in -2_i128..=2,
        ) {
            let numerator = multiple * denominator + off;
            let exact = (numerator.div_euclid(denominator), numerator.rem_euclid(denominator));
            prop_assert_eq!(divide_floor(numerator, denominator), exact);
        }

        #[test]
        fn sixty_four_bits_give_what_more_of_them_give(
            amount in -1_000_000_000_000_i64..1_000_000_000_000, weights in prop::collection::vec(-3_000_i64..9_000, 1..9),
        ) {
            let total: i64 = weights.iter().sum();
            prop_assume!(total != 0);
            prop_assert_eq!(narrow(amount, &weights, total), wide(amount, &weights, i128::from(total)));
        }

        #[test]
        fn a_guess_by_the_reciprocal_is_put_right(
            multiple in -10_000_000_000_000_i64..10_000_000_000_000, denominator in 1_i64..900_000, off in -2_i64..=2, any: i64,
        ) {
            for numerator in [multiple * denominator + off, any / 2] {
                let exact = (numerator.div_euclid(denominator), numerator.rem_euclid(denominator));
                prop_assert_eq!(divide_floor_narrow(numerator, denominator, 1.0 / double(denominator)), exact);
            }
        }

        #[test]
        fn the_guessed_quotient_is_the_exact_one(numerator: i64, factor in 1_i64..i64::MAX, denominator in 1_i64..i64::MAX) {
            for numerator in [i128::from(numerator), i128::from(numerator) * i128::from(factor)] {
                let denominator = i128::from(denominator);
                let exact = (numerator.div_euclid(denominator), numerator.rem_euclid(denominator));
                prop_assert_eq!(divide_floor(numerator, denominator), exact);
            }
        }
    }
}
