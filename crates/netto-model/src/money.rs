//! Money as an integer number of ten-thousandths, the unit in which every amount is added.
//!
//! Range: ±922,337,203,685,477.5807. Scale: four decimals, as Power BI's fixed decimal number.
//! Sums of many amounts go through `i128`; leaving the range is an error, never a wrap.
//!
//! ```
//! use netto_model::Money;
//! let rate = "0.8".parse::<Money>()?;
//! assert_eq!(rate.units(), 8_000);
//! assert_eq!(rate.scaled(578_600, 1)?.to_string(), "462880.0000");
//! # Ok::<(), netto_model::money::MoneyError>(())
//! ```

use std::fmt;
use std::str::FromStr;

/// Ten-thousandths in one whole unit of currency.
pub const SCALE: i64 = 10_000;

/// An amount of money in ten-thousandths of the currency's unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

/// Why an amount could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The text is no plain decimal number.
    #[error("`{0}` is not a decimal number")]
    NotANumber(String),
    /// More than four decimals that are not zero.
    #[error("`{0}` has more than four decimals")]
    TooPrecise(String),
    /// Outside of ±922,337,203,685,477.5807.
    #[error("the amount {} is outside the range of money (±922,337,203,685,477.5807)", shown(.0))]
    Overflow(i128),
}

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// An amount given in ten-thousandths.
    #[must_use]
    pub const fn from_units(units: i64) -> Self {
        Self(units)
    }

    /// The amount in ten-thousandths.
    #[must_use]
    pub const fn units(self) -> i64 {
        self.0
    }

    /// The amount that 128-bit arithmetic arrived at.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when it does not fit in 64 bits.
    pub fn try_from_wide(units: i128) -> Result<Self, MoneyError> {
        i64::try_from(units).map(Self).map_err(|_| MoneyError::Overflow(units))
    }

    /// The sum, taken through 128 bits.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when the total does not fit.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        Self::try_from_wide(amounts.into_iter().map(|amount| i128::from(amount.0)).sum())
    }

    /// `self × numerator ÷ denominator`, rounded half-even to the ten-thousandth.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when the result does not fit or the denominator is zero.
    pub fn scaled(self, numerator: i64, denominator: i64) -> Result<Self, MoneyError> {
        let product = i128::from(self.0) * i128::from(numerator);
        if denominator == 0 {
            return Err(MoneyError::Overflow(product));
        }
        Self::try_from_wide(divide_half_even(product, i128::from(denominator)))
    }
}

/// One, in the millionths in which shares and rates are counted.
pub const MILLION: i64 = 1_000_000;

/// A share, rate or change in millionths: integers, so that 20 % of 250 is 50 and shares add up. For numbers of a size that a
/// configuration's check lets through.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "a share lies between -1 and 1, or the check refuses it")]
pub fn millionths(share: f64) -> i64 {
    (share * 1e6).round() as i64
}

/// Everything in `plus` less everything in `minus`, taken through 128 bits.
///
/// # Errors
/// [`MoneyError::Overflow`] when the result does not fit.
pub fn difference(plus: &[Money], minus: &[Money]) -> Result<Money, MoneyError> {
    let sum = |amounts: &[Money]| amounts.iter().map(|amount| i128::from(amount.0)).sum::<i128>();
    Money::try_from_wide(sum(plus) - sum(minus))
}

/// Digits with a sign between the thousands: `1,234,567`.
///
/// ```
/// assert_eq!([7, 1_000, 1_234_567].map(|size| netto_model::money::grouped(size, ',')), ["7", "1,000", "1,234,567"]);
/// ```
#[must_use]
pub fn grouped(size: u128, thousands: char) -> String {
    let digits = size.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(thousands);
        }
        text.push(digit);
    }
    text
}

/// A number with its thousands apart, as messages show it.
///
/// ```
/// assert_eq!([0, -1_234_567].map(netto_model::money::count), ["0", "-1,234,567"]);
/// ```
#[must_use]
pub fn count(number: impl Into<i128>) -> String {
    let number: i128 = number.into();
    format!("{}{}", if number < 0 { "-" } else { "" }, grouped(number.unsigned_abs(), ','))
}

/// A number with its noun: `1 row`, `12,000 rows`.
///
/// ```
/// assert_eq!([1, 12_000].map(|rows| netto_model::money::counted(rows, "row", "rows")), ["1 row", "12,000 rows"]);
/// ```
#[must_use]
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Ten-thousandths rounded half-even to cents, the thousands apart: to be read, not to be summed.
///
/// ```
/// assert_eq!([12_345_000, -1, -9_999_999].map(netto_model::money::in_cents), ["1,234.50", "0.00", "-1,000.00"]);
/// ```
#[must_use]
pub fn in_cents(units: i128) -> String {
    const CENT: i128 = SCALE as i128 / 100;
    let cents = divide_half_even(units, CENT);
    let size = cents.unsigned_abs();
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, grouped(size / 100, ','), size % 100)
}

/// Ten-thousandths as an amount, its thousands apart: for amounts so large that they can't be read otherwise.
///
/// ```
/// assert_eq!(netto_model::money::grouped_decimal(-12_345_000), "-1,234.5000");
/// ```
#[must_use]
pub fn grouped_decimal(units: i128) -> String {
    let (size, scale) = (units.unsigned_abs(), u128::from(SCALE.unsigned_abs()));
    format!("{}{}.{:04}", if units < 0 { "-" } else { "" }, grouped(size / scale, ','), size % scale)
}

/// `numerator ÷ denominator` rounded to the nearest integer, halves to the even one.
///
/// ```
/// use netto_model::money::divide_half_even;
/// assert_eq!([1, 3, 5, -1, -3].map(|n| divide_half_even(n, 2)), [0, 2, 2, 0, -2]);
/// ```
///
/// # Panics
/// When the denominator is zero, as integer division does.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "what was cut off shows, and is divided in 128 bits")]
pub const fn divide_half_even(numerator: i128, denominator: i128) -> i128 {
    // Nearly all amounts: a division of 64 bits takes a fraction of the time.
    let (small, by) = (numerator as i64, denominator as i64);
    if small as i128 == numerator && by as i128 == denominator && small != i64::MIN {
        let (quotient, rest) = (small.div_euclid(by), small.rem_euclid(by));
        let (size, double) = (by.unsigned_abs(), rest.unsigned_abs() * 2);
        let up = double > size || (double == size && quotient % 2 != 0);
        return if up { quotient as i128 + by.signum() as i128 } else { quotient as i128 };
    }
    let quotient = numerator.div_euclid(denominator);
    let twice = numerator.rem_euclid(denominator).unsigned_abs() * 2;
    let size = denominator.unsigned_abs();
    let up = twice > size || (twice == size && quotient % 2 != 0);
    // Euclid's remainder is never negative, so the next integer lies in the denominator's direction.
    if up { quotient + denominator.signum() } else { quotient }
}

fn shown(units: &i128) -> String {
    decimal(*units)
}

/// Ten-thousandths as an amount, also beyond the range of money.
///
/// ```
/// assert_eq!(netto_model::money::decimal(-123_456), "-12.3456");
/// ```
#[must_use]
pub fn decimal(units: i128) -> String {
    let (sign, size, scale) =
        (if units < 0 { "-" } else { "" }, units.unsigned_abs(), u128::from(SCALE.unsigned_abs()));
    format!("{sign}{}.{:04}", size / scale, size % scale)
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&decimal(self.0.into()))
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    /// Reads `-1234.5678`: digits, at most one point, no grouping, no exponent.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let not_a_number = || MoneyError::NotANumber(text.to_owned());
        let (negative, digits) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return Err(not_a_number());
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > 4 {
            return Err(MoneyError::TooPrecise(text.to_owned()));
        }
        if whole.trim_start_matches('0').len() > 18 {
            return Err(MoneyError::Overflow(i128::MAX));
        }
        let size: i128 = format!("{whole}{fraction:0<4}").parse().map_err(|_| not_a_number())?;
        Self::try_from_wide(if negative { -size } else { size })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn four_decimals_are_kept_and_a_fifth_is_refused() {
        assert_eq!("80450596.9823".parse(), Ok(Money::from_units(804_505_969_823)));
        assert_eq!("-.5".parse(), Ok(Money::from_units(-5_000)));
        assert_eq!("1.00000".parse(), Ok(Money::from_units(10_000)));
        assert_eq!("0.12345".parse::<Money>(), Err(MoneyError::TooPrecise("0.12345".into())));
        for bad in ["", "-", ".", "1,5", "1e3", "--1", "1.2.3", "NaN"] {
            assert!(bad.parse::<Money>().is_err(), "{bad}");
        }
    }

    #[test]
    fn leaving_the_range_is_an_error() {
        let most = Money::from_units(i64::MAX);
        assert!(matches!(Money::sum([most, Money::from_units(1)]), Err(MoneyError::Overflow(_))));
        assert!(matches!(most.scaled(2, 1), Err(MoneyError::Overflow(_))));
        assert!(Money::from_units(1).scaled(1, 0).is_err());
    }

    proptest! {
        #[test]
        fn text_and_back_is_the_same_amount(units: i64) {
            let amount = Money::from_units(units);
            prop_assert_eq!(amount.to_string().parse(), Ok(amount));
        }

        #[test]
        fn half_even_is_never_further_than_half_away(n in -10_000_i128..10_000, d in 1_i128..500) {
            for d in [d, -d] {
                let q = divide_half_even(n, d);
                prop_assert!((2 * (n - q * d)).abs() <= d.abs());
                prop_assert_eq!(divide_half_even(-n, d), -q);
            }
        }
    }
}
