//! Parts of a whole, kept as the two amounts that they are made of: so they are compared, and applied to another whole, exactly.
//!
//! ```text
//! margins 30 of 100, 45 of 200, 10 of 50    median 45 of 200 = 22.5 %; of 80 that is 18
//! ```

use std::cmp::Ordering;

use crate::columns::{middle, quotient, share};

/// A part of something above zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ratio {
    part: i64,
    whole: i64,
}

impl Ratio {
    /// Nothing where the whole isn't above zero.
    pub(crate) fn of(part: i64, whole: i64) -> Option<Self> {
        (whole > 0).then_some(Self { part, whole })
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let product = |a: i64, b: i64| i128::from(a) * i128::from(b);
        product(self.part, other.whole).cmp(&product(other.part, self.whole))
    }
}

/// The middle of the ratios: one of them, or two where they are even in number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Median {
    low: Ratio,
    high: Ratio,
}

impl Median {
    /// Nothing of nothing.
    pub(crate) fn of(ratios: impl IntoIterator<Item = Ratio>) -> Option<Self> {
        let mut ratios: Vec<Ratio> = ratios.into_iter().collect();
        ratios.sort_by(Ratio::cmp);
        let (low, high) = middle(&ratios)?;
        Some(Self { low, high })
    }

    /// As a number: the mean of the two.
    pub(crate) fn share(&self) -> Option<f64> {
        let share = |ratio: Ratio| share(ratio.part, ratio.whole);
        Some(f64::midpoint(share(self.low)?, share(self.high)?))
    }

    /// So much of another whole, half-even.
    pub(crate) fn times(&self, whole: i64) -> Option<i64> {
        let times = |ratio: Ratio| {
            let amount = quotient(i128::from(ratio.part) * i128::from(whole), ratio.whole.into())?;
            Some(i128::from(amount))
        };
        quotient(times(self.low)? + times(self.high)?, 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn median(ratios: &[(i64, i64)]) -> Median {
        Median::of(ratios.iter().filter_map(|&(part, whole)| Ratio::of(part, whole))).unwrap()
    }

    #[test]
    fn the_median_is_applied_to_another_whole_without_a_detour_through_decimals() {
        let third = median(&[(1, 3), (1, 2), (1, 4)]);
        assert_eq!((third.times(900_000), third.share()), (Some(300_000), Some(1.0 / 3.0)));
        let even = median(&[(30, 100), (45, 200), (10, 50), (9, 10)]);
        assert_eq!((even.times(80), even.share()), (Some(21), Some(0.2625)), "the middle of 22.5 and 30 %");
    }

    #[test]
    fn only_wholes_above_zero_have_a_ratio() {
        assert!(Ratio::of(1, 0).is_none() && Ratio::of(1, -5).is_none());
        assert!(Median::of([]).is_none());
        assert_eq!(median(&[(-3, 10), (1, 10), (0, 7)]).share(), Some(0.0));
    }
}
