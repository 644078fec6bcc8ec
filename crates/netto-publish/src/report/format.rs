//! Numbers as the configuration wants them.
//!
//! ```text
//! 12345678 ten-thousandths   →   1.235 (whole), 1.234,57 (cents)        with "." and ","
//! ```

use netto_model::money::divide_half_even;

use super::ReportConfig;

/// Separators and currency.
#[derive(Clone, Debug)]
pub(super) struct Format {
    pub(super) decimal: char,
    pub(super) thousands: char,
    pub(super) currency: String,
}

impl Format {
    pub(super) fn new(config: &ReportConfig, currency: &str) -> Self {
        Self { decimal: config.decimal_separator, thousands: config.thousands_separator, currency: currency.to_owned() }
    }

    /// An amount in ten-thousandths, to the unit.
    pub(super) fn whole(&self, units: i64) -> String {
        self.grouped(divide_half_even(units.into(), 10_000))
    }

    /// An amount in ten-thousandths, to the cent.
    pub(super) fn cents(&self, units: i64) -> String {
        let cents = divide_half_even(units.into(), 100);
        let sign = if cents < 0 { "−" } else { "" };
        let size = cents.abs();
        format!("{sign}{}{}{:02}", self.grouped(size / 100), self.decimal, size % 100)
    }

    /// A number with its thousands apart.
    pub(super) fn grouped(&self, number: impl Into<i128>) -> String {
        let number: i128 = number.into();
        let digits = number.unsigned_abs().to_string();
        let mut text = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(self.thousands);
            }
            text.push(digit);
        }
        if number < 0 { format!("−{text}") } else { text }
    }

    /// A share as a percentage; a dash where there is none.
    pub(super) fn percent(&self, share: Option<f64>) -> String {
        share.map_or_else(|| "–".into(), |share| self.decimals(share * 100.0, 1) + " %")
    }

    /// A ratio with some decimals.
    pub(super) fn decimals(&self, value: f64, digits: usize) -> String {
        let text = format!("{:.digits$}", value.abs());
        let sign = if value < 0.0 && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) { "−" } else { "" };
        format!("{sign}{}", text.replace('.', &self.decimal.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_follow_the_configuration() {
        let dutch = ReportConfig { decimal_separator: ',', thousands_separator: '.', ..ReportConfig::default() };
        let format = Format::new(&dutch, "EUR");
        assert_eq!(format.cents(12_345_678), "1.234,57");
        assert_eq!(format.whole(-12_345_678_900), "−1.234.568");
        assert_eq!((format.percent(Some(0.8125)), format.percent(None)), ("81,2 %".into(), "–".into()));
        assert_eq!(format.decimals(-0.01, 1), "0,0");
    }
}
