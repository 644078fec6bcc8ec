//! The largest remainder (Hamilton's method): an amount split by weights so that the parts sum to the whole, to the last unit.
//!
//! 1.0000 over three equal weights is 0.3334, 0.3333, 0.3333: the ten-thousandth that is left goes to the largest remainder,
//! among equals to the first. Callers hand weights in the order of their ids, so the result doesn't depend on the order
//! in which rows arrived.
//!
//! ```
//! use netto_profit::apportion::apportion;
//! assert_eq!(apportion(10_000, &[1, 1, 1]), Some(vec![3_334, 3_333, 3_333]));
//! assert_eq!(apportion(-7, &[1, 3]), Some(vec![-2, -5]));
//! assert_eq!(apportion(270_000, &[0, 0]), None); // nobody used the driver
//! ```

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
    let exact = |weight: i64| i128::from(amount) * i128::from(weight) * total.signum();
    let size = total.abs();
    let mut parts: Vec<i128> = weights.iter().map(|&weight| exact(weight).div_euclid(size)).collect();
    // Each part was rounded down, so what is left is less than one unit per part that has a remainder.
    let mut left = i128::from(amount) - parts.iter().sum::<i128>();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|&part| (std::cmp::Reverse(exact(weights[part]).rem_euclid(size)), part));
    for part in by_remainder {
        if left == 0 {
            break;
        }
        parts[part] += 1;
        left -= 1;
    }
    parts.into_iter().map(|part| i64::try_from(part).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::apportion;
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
    }
}
