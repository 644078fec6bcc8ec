//! Text to typed values, by the signs of the extract.
//!
//! Numbers become integer ten-thousandths without ever being a float: `1.234,5` with a decimal comma is `12_345_000`.

use crate::config::CsvConfig;
use crate::quarantine::Reason;

/// How numbers and dates are written.
#[derive(Clone, Debug)]
pub(crate) struct Signs {
    pub(crate) decimal: u8,
    pub(crate) thousands: Option<u8>,
    pub(crate) dates: Vec<String>,
    pub(crate) nulls: Vec<String>,
}

impl Signs {
    /// As an extract writes them.
    pub(crate) fn of(csv: &CsvConfig) -> Self {
        Self {
            decimal: u8::try_from(csv.decimal).unwrap_or(b'.'),
            thousands: csv.thousands.and_then(|sign| u8::try_from(sign).ok()),
            dates: csv.date.as_slice().to_vec(),
            nulls: csv.null.clone(),
        }
    }

    /// As Parquet, views and constants of the contract write them.
    pub(crate) fn plain() -> Self {
        Self { decimal: b'.', thousands: None, dates: vec!["%Y-%m-%d".to_owned()], nulls: vec![String::new()] }
    }

    /// Whether a value stands for an empty one.
    pub(crate) fn is_null(&self, text: &str) -> bool {
        self.nulls.iter().any(|null| null == text)
    }
}

/// A number in ten-thousandths; with `round`, more decimals are rounded half-even.
pub(crate) fn decimal(text: &str, signs: &Signs, round: bool) -> Result<i64, Reason> {
    let (negative, digits) = sign(text.as_bytes());
    let (whole, fraction) = match memchr::memchr(signs.decimal, digits) {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, &[][..]),
    };
    if whole.is_empty() && fraction.is_empty() || !fraction.iter().all(u8::is_ascii_digit) {
        return Err(Reason::NotANumber);
    }
    let mut units = whole_number(whole, signs)?;
    for place in 0..4 {
        let digit = fraction.get(place).map_or(0, |digit| i128::from(digit - b'0'));
        units = units * 10 + digit;
    }
    if let Some(rest) = fraction.get(4..)
        && rest.iter().any(|&digit| digit != b'0')
    {
        if !round {
            return Err(Reason::TooPrecise);
        }
        units += i128::from(rounds_up(rest, units % 2 != 0));
    }
    within_decimal(if negative { -units } else { units }).ok_or(Reason::OutOfRange)
}

/// Ten-thousandths, where DECIMAL(18,4) has digits enough for them.
pub(crate) fn within_decimal(units: i128) -> Option<i64> {
    i64::try_from(units).ok().filter(|units| units.unsigned_abs() < 1_000_000_000_000_000_000)
}

fn rounds_up(rest: &[u8], odd: bool) -> bool {
    let more = rest[1..].iter().any(|&digit| digit != b'0');
    rest[0] > b'5' || rest[0] == b'5' && (more || odd)
}

fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        // ERPs such as SAP write the sign behind the number.
        [b'-', digits @ ..] | [digits @ .., b'-'] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        _ => (false, text),
    }
}

/// Digits, in groups of three where a grouping sign stands between them.
fn whole_number(digits: &[u8], signs: &Signs) -> Result<i128, Reason> {
    let mut number: i128 = 0;
    let mut since_group: Option<usize> = None;
    for (index, &byte) in digits.iter().enumerate() {
        if byte.is_ascii_digit() {
            number = number * 10 + i128::from(byte - b'0');
            since_group = since_group.map(|count| count + 1);
            if number > i128::from(i64::MAX) {
                return if digits.iter().all(u8::is_ascii_digit) {
                    Err(Reason::OutOfRange)
                } else {
                    Err(Reason::NotANumber)
                };
            }
        } else if Some(byte) == signs.thousands && index > 0 && since_group.is_none_or(|count| count == 3) {
            if since_group.is_none() && index > 3 {
                return Err(Reason::NotANumber);
            }
            since_group = Some(0);
        } else {
            return Err(Reason::NotANumber);
        }
    }
    if since_group.is_some_and(|count| count != 3) { Err(Reason::NotANumber) } else { Ok(number) }
}

/// A whole number.
pub(crate) fn integer(text: &str, signs: &Signs) -> Result<i64, Reason> {
    let (negative, digits) = sign(text.as_bytes());
    let whole = match memchr::memchr(signs.decimal, digits) {
        Some(at) if digits[at + 1..].iter().all(|&digit| digit == b'0') => &digits[..at],
        Some(at) if digits[at + 1..].iter().all(u8::is_ascii_digit) => return Err(Reason::NotAnInteger),
        _ => digits,
    };
    if whole.is_empty() {
        return Err(Reason::NotAnInteger);
    }
    let number = whole_number(whole, signs).map_err(|reason| match reason {
        Reason::OutOfRange => reason,
        _ => Reason::NotAnInteger,
    })?;
    i64::try_from(if negative { -number } else { number }).map_err(|_| Reason::OutOfRange)
}

/// A share or factor; the only floats there are.
pub(crate) fn ratio(text: &str, signs: &Signs) -> Result<f64, Reason> {
    let plain: String = text
        .bytes()
        .filter(|&byte| Some(byte) != signs.thousands)
        .map(|byte| if byte == signs.decimal { '.' } else { char::from(byte) })
        .collect();
    match plain.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(Reason::NotANumber),
    }
}

/// True or false.
pub(crate) fn boolean(text: &str) -> Result<bool, Reason> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "y" => Ok(true),
        "false" | "0" | "no" | "n" => Ok(false),
        _ => Err(Reason::NotABool),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dutch() -> Signs {
        Signs { decimal: b',', thousands: Some(b'.'), dates: vec!["%d-%m-%Y".into()], nulls: vec![] }
    }

    #[test]
    fn a_decimal_comma_and_groups_of_three_are_read() {
        for (text, units) in
            [("1.234,5", 12_345_000), ("-1.234.567,8901", -12_345_678_901), ("0,01", 100), ("12-", -120_000)]
        {
            assert_eq!(decimal(text, &dutch(), false), Ok(units), "{text}");
        }
        for bad in ["1.234,5O", "12.34,5", "1234.567,8", ".123", "1,2,3", "", "-", "1.2", "1e3"] {
            assert_eq!(decimal(bad, &dutch(), false), Err(Reason::NotANumber), "{bad}");
        }
    }

    #[test]
    fn a_fifth_decimal_is_refused_or_rounded_half_even() {
        let plain = Signs::plain();
        assert_eq!(decimal("0.00005", &plain, false), Err(Reason::TooPrecise));
        for (text, units) in [("0.00005", 0), ("0.00015", 2), ("0.000050001", 1), ("-0.00015", -2), ("1.99999", 20_000)]
        {
            assert_eq!(decimal(text, &plain, true), Ok(units), "{text}");
        }
        assert_eq!(decimal("100000000000000", &plain, false), Err(Reason::OutOfRange));
        assert_eq!(decimal("99999999999999.9999", &plain, false), Ok(999_999_999_999_999_999));
    }

    #[test]
    fn whole_numbers_may_carry_empty_decimals_only() {
        let plain = Signs::plain();
        assert_eq!(integer("7.0000", &plain), Ok(7));
        assert_eq!(integer("7.5", &plain), Err(Reason::NotAnInteger));
        assert_eq!(integer("x", &plain), Err(Reason::NotAnInteger));
        assert_eq!(integer("99999999999999999999", &plain), Err(Reason::OutOfRange));
    }
}
