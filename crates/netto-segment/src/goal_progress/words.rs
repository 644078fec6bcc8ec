//! Numbers of goals as people write them: `350,000`, `95 %`, `12`.

use netto_model::Money;

use super::measure::Form;

impl Form {
    /// A number in ten-thousandths.
    pub(crate) fn words(self, units: i64) -> String {
        match self {
            Self::Number => amount(units),
            Self::Share => format!("{} %", amount(units.saturating_mul(100))),
        }
    }
}

/// Thousands apart, and only the decimals that it has: `1,234.5`.
pub(crate) fn amount(units: i64) -> String {
    let text = Money::from_units(units).to_string();
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let point = if decimals.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{decimals}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_do() {
        let written = [0, 120_000, -3_500_000_000, 12_345_600].map(amount);
        assert_eq!(written, ["0", "12", "-350,000", "1,234.56"]);
        assert_eq!((Form::Share.words(9_500), Form::Share.words(1_525)), ("95 %".into(), "15.25 %".into()));
    }
}
