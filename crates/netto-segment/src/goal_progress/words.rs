//! Formats numbers of goals for readers: `350,000`, `95 %`, `12`.

use netto_model::money::{SCALE, grouped};

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

/// With thousands separators and only the decimals that it has: `1,234.5`.
pub(crate) fn amount(units: i64) -> String {
    let (size, scale) = (units.unsigned_abs(), SCALE.unsigned_abs());
    let (whole, decimals) = (grouped((size / scale).into(), ','), format!(".{:04}", size % scale));
    let sign = if units < 0 { "-" } else { "" };
    format!("{sign}{whole}{}", decimals.trim_end_matches('0').trim_end_matches('.'))
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
