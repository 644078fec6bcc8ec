//! The decimal arithmetic of views: nineteen places in 128 bits.
//!
//! ```text
//! 10000.00 × (1 − 2.50 ÷ 100) = 9750.0000      each step exact
//! 2 ÷ 3 = 0.6666666666666666666                cut, so that rounding it once more is as if it had been rounded once
//! 10^19                                        refused: 38 digits hold nineteen before the point
//! ```

/// Decimal places.
pub(super) const SCALE: usize = 19;
/// Digits in all.
pub(super) const DIGITS: usize = 38;
/// One, in units.
pub(super) const ONE: i128 = 10_i128.pow(19);
/// Upper bound of numbers.
const LIMIT: u128 = 10_u128.pow(38);

/// The sum.
pub(super) fn plus(left: i128, right: i128) -> Option<i128> {
    left.checked_add(right).filter(fits)
}

/// The difference.
pub(super) fn minus(left: i128, right: i128) -> Option<i128> {
    left.checked_sub(right).filter(fits)
}

/// The product.
pub(super) fn times(left: i128, right: i128) -> Option<i128> {
    let (high, low) = wide(left.unsigned_abs(), right.unsigned_abs());
    let (quotient, rest) = divide(high, low, ONE.unsigned_abs())?;
    signed(cut(quotient, rest != 0)?, (left < 0) != (right < 0))
}

/// The quotient; `right` is not zero.
pub(super) fn over(left: i128, right: i128) -> Option<i128> {
    let (divisor, zeros) = without_zeros(right.unsigned_abs());
    let (high, low) = wide(left.unsigned_abs(), 10_u128.pow(19 - zeros));
    let (quotient, rest) = divide(high, low, divisor)?;
    signed(cut(quotient, rest != 0)?, (left < 0) != (right < 0))
}

/// The remainder of `left` divided by `right`, which is not zero.
pub(super) fn rest(left: i128, right: i128) -> Option<i128> {
    left.checked_rem(right)
}

/// Removes `places` decimal places, rounding half-even.
pub(super) fn rounded(number: i128, places: u32) -> Option<i128> {
    let unit = 10_i128.pow(19_u32.saturating_sub(places));
    let (whole, rest) = (number.div_euclid(unit), number.rem_euclid(unit));
    let up = match rest.checked_mul(2)?.cmp(&unit) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Equal => whole & 1,
        std::cmp::Ordering::Greater => 1,
    };
    (whole + up).checked_mul(unit).filter(fits)
}

/// The next whole number below.
pub(super) fn floor(number: i128) -> Option<i128> {
    number.div_euclid(ONE).checked_mul(ONE).filter(fits)
}

/// The next whole number above.
pub(super) fn ceil(number: i128) -> Option<i128> {
    floor(number.checked_neg()?)?.checked_neg()
}

/// The number without the places behind the first few.
pub(super) fn truncated(number: i128, places: u32) -> i128 {
    let unit = 10_i128.pow(19_u32.saturating_sub(places));
    number / unit * unit
}

/// A decimal of any number of places.
pub(super) fn of_scale(number: i128, scale: usize) -> Option<i128> {
    let units = if scale <= SCALE {
        number.checked_mul(10_i128.pow(u32::try_from(SCALE - scale).ok()?))?
    } else {
        let unit = 10_i128.checked_pow(u32::try_from(scale - SCALE).ok()?)?;
        (number % unit == 0).then_some(number / unit)?
    };
    Some(units).filter(fits)
}

/// A float, by the shortest text that reads back as the same float.
pub(super) fn of_float(number: f64) -> Option<i128> {
    if !number.is_finite() {
        return None;
    }
    let text = format!("{number:e}");
    let (digits, exponent) = text.split_once('e')?;
    let places = digits.split_once('.').map_or(0, |(_, places)| places.len());
    let mantissa: i128 = digits.replace('.', "").parse().ok()?;
    let shift = exponent.parse::<i64>().ok()? - i64::try_from(places).ok()? + 19;
    if let Ok(shift) = u32::try_from(shift) {
        return 10_i128.checked_pow(shift)?.checked_mul(mantissa).filter(fits);
    }
    // A float of this size has no digits beyond the nineteenth place.
    let unit = u32::try_from(-shift).ok().and_then(|shift| 10_i128.checked_pow(shift));
    Some(unit.map_or(0, |unit| mantissa / unit))
}

/// The shortest text: `-1234.5`.
pub(super) fn text(number: i128, point: char) -> String {
    let units = number.unsigned_abs();
    let (whole, places) = (units / ONE.unsigned_abs(), units % ONE.unsigned_abs());
    let sign = if number < 0 { "-" } else { "" };
    if places == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}{point}{}", format!("{places:019}").trim_end_matches('0'))
}

/// Whether a number has digits enough.
pub(super) fn fits(number: &i128) -> bool {
    number.unsigned_abs() < LIMIT
}

fn signed(units: u128, negative: bool) -> Option<i128> {
    let units = i128::try_from(units).ok().filter(fits)?;
    Some(if negative { -units } else { units })
}

/// Truncates an inexact quotient, and avoids 0 and 5 as its last digit, so that rounding it again to fewer places gives the same
/// result as rounding the exact quotient.
fn cut(quotient: u128, inexact: bool) -> Option<u128> {
    if inexact && quotient.is_multiple_of(5) { quotient.checked_add(1) } else { Some(quotient) }
}

/// The number without up to nineteen trailing zeros, and their count.
fn without_zeros(mut number: u128) -> (u128, u32) {
    let mut zeros = 0;
    for step in [16, 8, 4, 2, 1] {
        let unit = 10_u128.pow(step);
        if zeros + step <= 19 && number != 0 && number.is_multiple_of(unit) {
            number /= unit;
            zeros += step;
        }
    }
    (number, zeros)
}

/// The product in 256 bits: high, low.
fn wide(left: u128, right: u128) -> (u128, u128) {
    const HALF: u128 = u64::MAX as u128;
    let ((left_high, left_low), (right_high, right_low)) = ((left >> 64, left & HALF), (right >> 64, right & HALF));
    let (low, high) = (left_low * right_low, left_high * right_high);
    let (one, two) = (left_high * right_low, left_low * right_high);
    let middle = (low >> 64) + (one & HALF) + (two & HALF);
    (high + (one >> 64) + (two >> 64) + (middle >> 64), (middle << 64) | (low & HALF))
}

/// Quotient and remainder of 256 bits by 128; none where the quotient is beyond 128 bits.
fn divide(high: u128, low: u128, divisor: u128) -> Option<(u128, u128)> {
    if high == 0 {
        return Some((low / divisor, low % divisor));
    }
    if high >= divisor {
        return None;
    }
    if divisor <= u128::from(u64::MAX) {
        let first = (high << 64) | (low >> 64);
        let second = ((first % divisor) << 64) | (low & u128::from(u64::MAX));
        return Some((((first / divisor) << 64) | (second / divisor), second % divisor));
    }
    let (mut quotient, mut rest) = (0_u128, high);
    for bit in (0..128).rev() {
        let carry = rest >> 127;
        rest = (rest << 1) | ((low >> bit) & 1);
        quotient <<= 1;
        if carry == 1 || rest >= divisor {
            rest = rest.wrapping_sub(divisor);
            quotient |= 1;
        }
    }
    Some((quotient, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use super::*;

    fn units(text: &str) -> i128 {
        let number: Decimal = text.parse().unwrap();
        of_scale(number.mantissa(), usize::try_from(number.scale()).unwrap()).unwrap()
    }

    #[test]
    fn products_and_quotients_are_exact() {
        let one = units("1");
        let share = minus(one, over(units("2.50"), units("100")).unwrap()).unwrap();
        assert_eq!(text(times(units("10000.00"), share).unwrap(), '.'), "9750");
        assert_eq!(text(over(units("2"), units("3")).unwrap(), '.'), "0.6666666666666666666");
        assert_eq!(text(over(units("-1"), units("9")).unwrap(), ','), "-0,1111111111111111111");
        assert_eq!(text(times(units("99999999999999.9999"), units("99999")).unwrap(), '.'), "9999899999999999990.0001");
        assert_eq!(times(units("99999999999999.9999"), units("1000000")), None);
        assert_eq!(over(units("99999999999999.9999"), units("0.0000001")), None);
    }

    #[test]
    fn rounding_once_more_is_as_if_it_had_been_rounded_once() {
        // A hair above a tie: half-even of the cut value must still go up.
        let above = over(units("0.000150000000001"), units("3")).unwrap();
        assert_eq!(text(rounded(above, 4).unwrap(), '.'), "0.0001");
        let beyond_the_last_digit = over(units("0.0001500000000000001"), units("3")).unwrap();
        assert_eq!(text(rounded(beyond_the_last_digit, 4).unwrap(), '.'), "0.0001");
        let tie = over(units("0.00015"), units("3")).unwrap();
        assert_eq!(rounded(tie, 4), Some(0));
        for (number, places, wanted) in
            [("2.5", 0, "2"), ("3.5", 0, "4"), ("-2.5", 0, "-2"), ("-0.00005", 4, "0"), ("1.005", 2, "1")]
        {
            assert_eq!(text(rounded(units(number), places).unwrap(), '.'), wanted, "{number}");
        }
        assert_eq!((floor(units("-1.5")), ceil(units("-1.5"))), (Some(units("-2")), Some(units("-1"))));
        assert_eq!(truncated(units("-1.59"), 1), units("-1.5"));
    }

    #[test]
    fn floats_are_their_shortest_text() {
        for (float, wanted) in
            [(0.1, "0.1"), (0.1 + 0.2, "0.30000000000000004"), (-1e15, "-1000000000000000"), (1e-30, "0")]
        {
            assert_eq!(of_float(float).map(|number| text(number, '.')).as_deref(), Some(wanted));
        }
        assert_eq!((of_float(f64::NAN), of_float(1e20), of_float(f64::INFINITY)), (None, None, None));
    }

    proptest! {
        #[test]
        fn arithmetic_agrees_with_exact_decimals(
            (left, left_scale) in (-99_999_999_999_999_i64..99_999_999_999_999, 0_u32..7),
            (right, right_scale) in (-99_999_999_i64..99_999_999, 0_u32..7),
        ) {
            let (a, b) = (Decimal::new(left, left_scale), Decimal::new(right, right_scale));
            let of = |number: Decimal| of_scale(number.mantissa(), usize::try_from(number.scale()).unwrap());
            let (x, y) = (of(a).unwrap(), of(b).unwrap());
            prop_assert_eq!(plus(x, y), of(a + b));
            prop_assert_eq!(minus(x, y), of(a - b));
            // Beyond nineteen digits before the point both refuse.
            prop_assert_eq!(times(x, y), of(a * b));
            if right != 0 && over(x, y).is_some() {
                // a / b lies between the quotient and the next unit: |a·10^19 − q·b| < |b|, in integers of any size.
                let quotient = over(x, y).unwrap();
                let back = quotient.unsigned_abs();
                let (whole, part) = wide(x.unsigned_abs(), ONE.unsigned_abs());
                let (product, low) = wide(back, y.unsigned_abs());
                let difference = if (product, low) > (whole, part) {
                    (product.wrapping_sub(whole).wrapping_sub(u128::from(low < part)), low.wrapping_sub(part))
                } else {
                    (whole.wrapping_sub(product).wrapping_sub(u128::from(part < low)), part.wrapping_sub(low))
                };
                prop_assert!(difference < (0, y.unsigned_abs()), "{} / {}", a, b);
            }
        }
    }
}
