//! Parses numbers in the notation of an extract: the only parser for files, views, Parquet texts and `sql` columns.
//!
//! ```text
//! decimal = ",", thousands = "."
//! 1.234,5    1,5-    - 2    +3    −4    (12,50)    ,5    1,5E+05        are numbers
//! 12,-    12,--                                                         are 12: the dash stands for no cents, and is no sign
//! –5        the dash that a word processor makes of a minus
//! € 5,00    -€5    5,00 €                                               with currency_sign = "€"
//! 12.50    1.2345    0.925    1.234.5    1,2,3    -1-    (-1)    ١٢    5 %        are not
//! ```
//! Thousands separators are accepted only between groups of three digits, so that a point meant as a decimal sign is not ignored.
//! A plus or minus may precede or follow the number, with blanks between; parentheses mean a negative number.

use crate::quarantine::Reason;
use crate::typed::Signs;

/// `digits ÷ 10^decimals`, with its sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    negative: bool,
    digits: u128,
    decimals: i32,
    /// Nonzero decimals were dropped because there are too many digits.
    cut: bool,
}

/// The limit for further digits, so that one more still fits.
const FULL: u128 = 10_u128.pow(37);

impl Number {
    /// Parses a text.
    pub(crate) fn read(text: &str, signs: &Signs) -> Result<Self, Reason> {
        quick(text.as_bytes(), signs.decimal).map_or_else(|| Self::read_any(text, signs), Ok)
    }

    fn read_any(text: &str, signs: &Signs) -> Result<Self, Reason> {
        // The currency may be outside or inside the sign: € -5, 5- €, -€ 5, (€ 5).
        let text = without_dash(text.trim(), signs);
        let outer = without_dash(without_currency(text, signs), signs);
        let (negative, unsigned) = sign(outer);
        let unsigned = if outer.len() == text.len() { without_currency(unsigned, signs) } else { unsigned };
        let (mantissa, exponent) = exponent(unsigned)?;
        let mut number = digits(mantissa, signs)?;
        number.negative = negative;
        if exponent != 0 && number.digits != 0 {
            number.decimals = number.decimals.checked_sub(exponent).ok_or(Reason::OutOfRange)?;
        }
        Ok(number)
    }

    /// The number times ten to the `places`; more decimals are an error, or rounded half-even with `round`.
    pub(crate) fn scaled(self, places: i32, round: bool) -> Result<i128, Reason> {
        // Fast path: few digits, and no more decimals than wanted.
        let shift = places.checked_sub(self.decimals).and_then(|shift| usize::try_from(shift).ok());
        let factor = shift.and_then(|shift| POWERS_OF_TEN.get(shift));
        let quick =
            i64::try_from(self.digits).ok().zip(factor).and_then(|(digits, factor)| digits.checked_mul(*factor));
        if let (Some(size), false) = (quick, self.cut) {
            return Ok(i128::from(if self.negative { -size } else { size }));
        }
        let shift = i64::from(self.decimals) - i64::from(places);
        let size = if shift <= 0 {
            power_of_ten(-shift).and_then(|factor| self.digits.checked_mul(factor)).ok_or(Reason::OutOfRange)?
        } else {
            let (whole, part) = self.split(shift);
            if part != Part::Nothing && !round {
                return Err(Reason::TooPrecise);
            }
            whole + u128::from(part == Part::More || part == Part::Half && whole % 2 == 1)
        };
        let size = i128::try_from(size).map_err(|_| Reason::OutOfRange)?;
        Ok(if self.negative { -size } else { size })
    }

    /// The number without its last `shift` digits, and the size of the removed part.
    fn split(self, shift: i64) -> (u128, Part) {
        let (whole, rest, one) = match power_of_ten(shift) {
            Some(one) => (self.digits / one, self.digits % one, one),
            None => (0, self.digits, u128::MAX),
        };
        let part = match (rest * 2).cmp(&one) {
            _ if rest == 0 && !self.cut => Part::Nothing,
            std::cmp::Ordering::Less => Part::Less,
            std::cmp::Ordering::Equal if !self.cut => Part::Half,
            _ => Part::More,
        };
        (whole, part)
    }

    /// Numerator and denominator, the denominator a power of ten; `None` if there are too many digits.
    pub(crate) fn parts(self) -> Option<(i128, i128)> {
        let (mut digits, mut decimals) = (self.digits, i64::from(self.decimals));
        // Fast path: few digits, none of them dropped.
        if let (Ok(small), Some(denominator), false) =
            (i64::try_from(digits), usize::try_from(decimals).ok().and_then(|at| POWERS_OF_TEN.get(at)), self.cut)
        {
            let numerator = i128::from(if self.negative { -small } else { small });
            return Some((numerator, i128::from(*denominator)));
        }
        while decimals > 0 && digits % 10 == 0 {
            (digits, decimals) = (digits / 10, if digits == 0 { 0 } else { decimals - 1 });
        }
        if decimals < 0 {
            digits = digits.checked_mul(power_of_ten(-decimals)?)?;
        }
        let numerator = i128::try_from(digits).ok().filter(|_| !self.cut)?;
        let denominator = i128::try_from(power_of_ten(decimals.max(0))?).ok()?;
        Some((if self.negative { -numerator } else { numerator }, denominator))
    }

    /// Whether it has a minus or an equivalent.
    pub(crate) const fn is_negative(self) -> bool {
        self.negative
    }

    /// Whether it is zero.
    pub(crate) const fn is_zero(self) -> bool {
        self.digits == 0 && !self.cut
    }

    /// The nearest double.
    pub(crate) fn double(self) -> Option<f64> {
        let text = format!("{}{}e{}", if self.negative { "-" } else { "" }, self.digits, -i64::from(self.decimals));
        text.parse().ok().filter(|number: &f64| number.is_finite())
    }
}

/// The removed part, compared with one half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Nothing,
    Less,
    Half,
    More,
}

/// Fast path: an optional minus, a few digits, at most one decimal sign.
fn quick(text: &[u8], decimal: char) -> Option<Number> {
    let decimal = u8::try_from(decimal).ok().filter(u8::is_ascii)?;
    let (negative, text) = text.strip_prefix(b"-").map_or((false, text), |digits| (true, digits));
    // Eighteen digits fit in 64 bits.
    if !(1..=18).contains(&text.len()) {
        return None;
    }
    let (mut digits, mut point) = (0_u64, None);
    for (at, &byte) in text.iter().enumerate() {
        if byte.is_ascii_digit() {
            digits = digits * 10 + u64::from(byte - b'0');
        } else if byte == decimal && point.is_none() && text.len() > 1 {
            point = Some(at);
        } else {
            return None;
        }
    }
    let decimals = point.map_or(0, |at| text.len() - at - 1);
    Some(Number { negative, digits: digits.into(), decimals: i32::try_from(decimals).ok()?, cut: false })
}

/// The usual scale factors.
const POWERS_OF_TEN: [i64; 7] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

fn power_of_ten(exponent: i64) -> Option<u128> {
    10_u128.checked_pow(u32::try_from(exponent).ok()?)
}

/// Removes the currency that the source writes beside amounts.
fn without_currency<'a>(text: &'a str, signs: &Signs) -> &'a str {
    let Some(currency) = signs.currency.as_deref() else { return text };
    text.strip_prefix(currency).or_else(|| text.strip_suffix(currency)).map_or(text, str::trim)
}

/// Removes dashes behind the decimal sign, which stand for zero cents: `12,-`.
fn without_dash<'a>(text: &'a str, signs: &Signs) -> &'a str {
    let bare = text.trim_end_matches(['-', '\u{2212}', '\u{2013}', '\u{2014}']);
    let dashes = text.get(bare.len()..).map_or(0, |dashes| dashes.chars().count());
    let whole =
        bare.strip_suffix(signs.decimal).is_some_and(|whole| whole.ends_with(|sign: char| sign.is_ascii_digit()));
    if whole && (1..=2).contains(&dashes) { bare } else { text }
}

/// Whether the number is negative, and the text without its sign.
fn sign(text: &str) -> (bool, &str) {
    if let Some(inner) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        return (true, inner.trim());
    }
    // Word processors replace a minus by a dash.
    let minus = ['-', '\u{2212}', '\u{2013}'];
    // Mainframes and SAP write the sign behind the number.
    if let Some(rest) = text.strip_prefix(minus).or_else(|| text.strip_suffix(minus)) {
        return (true, rest.trim());
    }
    (false, text.strip_prefix('+').or_else(|| text.strip_suffix('+')).map_or(text, str::trim))
}

/// Splits off an exponent: the text before `E+05`, and the 5.
fn exponent(text: &str) -> Result<(&str, i32), Reason> {
    let Some(at) = memchr::memchr2(b'e', b'E', text.as_bytes()) else { return Ok((text, 0)) };
    let (mantissa, exponent) = (&text[..at], &text[at + 1..]);
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Reason::NotANumber);
    }
    exponent.parse().map(|exponent| (mantissa, exponent)).map_err(|_| Reason::OutOfRange)
}

/// Parses digits with at most one decimal sign, and thousands separators only between groups of three.
fn digits(text: &str, signs: &Signs) -> Result<Number, Reason> {
    let mut number = Number { negative: false, digits: 0, decimals: 0, cut: false };
    let (mut any, mut too_large, mut behind) = (false, false, false);
    let mut groups = Groups::default();
    for sign in text.chars() {
        if let Some(digit) = sign.to_digit(10) {
            any = true;
            if !behind {
                groups.digit(digit);
            }
            if number.digits < FULL {
                number.digits = number.digits * 10 + u128::from(digit);
                number.decimals += i32::from(behind);
            } else if behind {
                number.cut |= digit != 0;
            } else {
                too_large = true;
            }
        } else if sign == signs.decimal && !behind {
            behind = true;
        } else if behind || !signs.groups_by(sign) || !groups.next() {
            return Err(Reason::NotANumber);
        }
    }
    if !any || !groups.end() {
        return Err(Reason::NotANumber);
    }
    if too_large { Err(Reason::OutOfRange) } else { Ok(number) }
}

/// Checks digit groups: the first has one to three digits and no leading zero, every other has three.
#[derive(Default)]
struct Groups {
    /// Whether a thousands separator was seen.
    any: bool,
    /// Digits of the current group.
    count: usize,
    zero: bool,
}

impl Groups {
    fn digit(&mut self, digit: u32) {
        self.zero |= !self.any && self.count == 0 && digit == 0;
        self.count += 1;
    }

    /// Handles a thousands separator; returns whether it is allowed here.
    fn next(&mut self) -> bool {
        let fits = if self.any { self.count == 3 } else { (1..=3).contains(&self.count) && !self.zero };
        (self.any, self.count) = (true, 0);
        fits
    }

    fn end(&self) -> bool {
        !self.any || self.count == 3
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_currency_beside_an_amount_is_read_over_once_and_where_it_is_set() {
        let signs = Signs { decimal: ',', currency: Some("€".into()), ..Signs::plain() };
        let units = |text: &str, signs: &Signs| Number::read(text, signs).and_then(|number| number.scaled(2, false));
        for text in ["€ -5,10", "-€5,10", "(€ 5,10)", "5,10- €", "5,10 €-"] {
            assert_eq!(units(text, &signs), Ok(-510), "{text}");
        }
        assert_eq!(units("€ 5,10", &signs), Ok(510));
        assert_eq!(units("-€ -5,10", &signs), Err(Reason::NotANumber));
        assert_eq!(units("€€ 5,10", &signs), Err(Reason::NotANumber));
        assert_eq!(units("€ 5,10", &Signs { decimal: ',', ..Signs::plain() }), Err(Reason::NotANumber));
    }

    #[test]
    fn a_dash_behind_the_decimal_sign_stands_for_no_cents_and_is_no_sign() {
        let signs = Signs { decimal: ',', thousands: Some('.'), currency: Some("€".into()), ..Signs::plain() };
        let units = |text: &str| Number::read(text, &signs).and_then(|number| number.scaled(0, false));
        for (text, wanted) in [
            ("12,-", 12),
            ("12,--", 12),
            ("1.200,–", 1_200),
            ("€ 12,-", 12),
            ("12,- €", 12),
            ("-12,-", -12),
            ("12-", -12),
            ("12,00-", -12),
        ] {
            assert_eq!(units(text), Ok(wanted), "{text}");
        }
        assert_eq!(["12,---", ",-", "12.-"].map(units), [Err(Reason::NotANumber); 3]);
    }

    proptest! {
        #[test]
        fn the_quick_road_leads_where_the_other_does(text in "-?[0-9]{0,9}[.,]?[0-9]{0,9}", decimal in prop::sample::select(vec!['.', ','])) {
            let signs = Signs { decimal, thousands: None, ..Signs::plain() };
            if let Some(number) = quick(text.as_bytes(), decimal) {
                prop_assert_eq!(Number::read_any(&text, &signs), Ok(number), "{}", text);
            }
        }
    }
}
