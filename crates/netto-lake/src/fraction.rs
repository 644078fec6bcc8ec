//! Exact fractions, for arithmetic over columns of an extract.
//!
//! ```text
//! 1 / 162.35 × 162.35 is 1: nothing is rounded on the way, only at the end
//! ```
//! A result that doesn't fit in 128 bits exactly is an error, never an approximation.

use std::cmp::Ordering;

use netto_model::money::divide_half_even;

use crate::number::Number;
use crate::quarantine::Reason;

/// `numerator ÷ denominator`; the denominator is above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fraction {
    numerator: i128,
    denominator: i128,
}

impl Fraction {
    /// Converts a parsed number.
    pub(crate) fn of(number: Number) -> Result<Self, Reason> {
        let (numerator, denominator) = number.parts().ok_or(Reason::TooManyDigits)?;
        Ok(Self { numerator, denominator })
    }

    pub(crate) fn negative(self) -> Self {
        Self { numerator: -self.numerator, ..self }
    }

    /// Compares the number with another one.
    pub(crate) fn compared(self, with: Self) -> Result<Ordering, Reason> {
        Ok(self.plus(with.negative())?.numerator.cmp(&0))
    }

    pub(crate) fn plus(self, other: Self) -> Result<Self, Reason> {
        exactly(self, other, |a, b| {
            if a.denominator == b.denominator {
                return Some((a.numerator.checked_add(b.numerator)?, a.denominator));
            }
            let left = a.numerator.checked_mul(b.denominator)?;
            let right = b.numerator.checked_mul(a.denominator)?;
            Some((left.checked_add(right)?, a.denominator.checked_mul(b.denominator)?))
        })
    }

    pub(crate) fn times(self, other: Self) -> Result<Self, Reason> {
        exactly(self, other, |a, b| {
            Some((a.numerator.checked_mul(b.numerator)?, a.denominator.checked_mul(b.denominator)?))
        })
    }

    pub(crate) fn over(self, other: Self) -> Result<Self, Reason> {
        if other.numerator == 0 {
            return Err(Reason::DivisionByZero);
        }
        exactly(self, other, |a, b| {
            let numerator = a.numerator.checked_mul(b.denominator)?.checked_mul(b.numerator.signum())?;
            Some((numerator, a.denominator.checked_mul(b.numerator.checked_abs()?)?))
        })
    }

    /// The number times ten to the `places`, rounded half-even; `None` beyond 128 bits. `places` is above zero, so the scaled whole
    /// part is even, and the remainder alone decides how a half is rounded.
    pub(crate) fn scaled(self, places: u32) -> Option<i128> {
        let one = 10_i128.checked_pow(places)?;
        let quotient = |Self { numerator, denominator }: Self| {
            // Fast path: an amount of common size still fits after scaling, so one division is enough.
            if let Some(parts) = numerator.checked_mul(one).filter(|parts| i64::try_from(*parts).is_ok()) {
                return Some(divide_half_even(parts, denominator));
            }
            let (whole, rest) = (numerator.div_euclid(denominator), numerator.rem_euclid(denominator));
            whole.checked_mul(one)?.checked_add(divide_half_even(rest.checked_mul(one)?, denominator))
        };
        quotient(self).or_else(|| quotient(self.reduced()))
    }

    /// The number rounded half-even to four decimals, or with as many decimals as fit if `kept`.
    pub(crate) fn text(self, kept: bool) -> Result<String, Reason> {
        let places = if kept { MOST_DECIMALS } else { 4 };
        let (units, places) =
            (4..=places).rev().find_map(|places| Some((self.scaled(places)?, places))).ok_or(Reason::TooManyDigits)?;
        let one = 10_u128.pow(places);
        let (sign, size) = (if units < 0 { "-" } else { "" }, units.unsigned_abs());
        Ok(format!("{sign}{}.{:0>width$}", size / one, size % one, width = places as usize))
    }

    fn reduced(self) -> Self {
        let common = common_divisor(self.numerator.unsigned_abs(), self.denominator.unsigned_abs());
        match i128::try_from(common) {
            Ok(common) if common > 1 => {
                Self { numerator: self.numerator / common, denominator: self.denominator / common }
            }
            _ => self,
        }
    }
}

/// Decimals of a result that isn't rounded to four.
const MOST_DECIMALS: u32 = 24;

/// Tries the operation directly, then with both fractions in lowest terms.
fn exactly(
    left: Fraction,
    right: Fraction,
    by: impl Fn(Fraction, Fraction) -> Option<(i128, i128)>,
) -> Result<Fraction, Reason> {
    let result = by(left, right).or_else(|| by(left.reduced(), right.reduced()));
    let (numerator, denominator) = result.ok_or(Reason::TooManyDigits)?;
    Ok(Fraction { numerator, denominator })
}

fn common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
