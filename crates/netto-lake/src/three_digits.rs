//! Detects ambiguous numbers with three digits behind a point or comma: `1.234` is either below two or above a thousand. The rest
//! of the column may decide:
//!
//! ```text
//! 1.234   12.5    3.00       decimals: there are other numbers of them
//! 1.234   0.950   1234.500   decimals: no group of thousands begins with a zero or stands behind four digits
//! 1.234   5.000   950        thousands: a column of three decimals would write 950.000
//! 1.234   5.000   12.500     nobody can tell
//! ```

use serde::{Deserialize, Serialize};

use crate::typed::Signs;

/// Statistics of such numbers in a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ThreeDigits {
    /// Whether some number is unambiguous.
    settled: bool,
    /// Ambiguous numbers, and the first of them.
    rows: u64,
    example: String,
    /// Whole numbers below a thousand.
    whole: u64,
}

/// The ambiguous numbers of a column.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct InDoubt {
    /// How many.
    pub rows: u64,
    /// One of them.
    pub example: String,
    /// Whole numbers below a thousand beside them.
    pub whole: u64,
    /// Whether the separator is read as the decimal sign instead of the thousands separator.
    pub as_decimals: bool,
}

impl ThreeDigits {
    /// Adds a number.
    pub(crate) fn see(&mut self, text: &str) {
        if self.settled {
            return;
        }
        let bare = text.trim_matches(|sign: char| !sign.is_ascii_digit() && sign != '.' && sign != ',');
        let Some(at) = bare.rfind(|sign: char| !sign.is_ascii_digit()) else {
            self.whole += u64::from(!bare.is_empty());
            self.settled = bare.len() > 3;
            return;
        };
        let (before, behind) = (&bare[..at], &bare[at..]);
        let of_group = (1..=3).contains(&before.len()) && before.bytes().all(|digit| digit.is_ascii_digit());
        if of_group && !before.starts_with('0') && behind.len() == 4 && behind.starts_with(['.', ',']) {
            if self.rows == 0 {
                bare.clone_into(&mut self.example);
            }
            self.rows += 1;
        } else {
            self.settled = true;
        }
    }

    /// Adds the statistics of other rows.
    pub(crate) fn add(&mut self, other: Self) {
        if self.rows == 0 {
            self.example = other.example;
        }
        self.settled |= other.settled;
        self.rows += other.rows;
        self.whole += other.whole;
    }

    /// One of the numbers.
    pub(crate) fn example(&self) -> &str {
        &self.example
    }

    /// The separator, if nothing in the column decides, and whether whole numbers suggest that it separates thousands.
    pub(crate) fn unsettled(&self) -> Option<(char, bool)> {
        let sign = self.example.chars().find(|sign| !sign.is_ascii_digit())?;
        (!self.settled).then_some((sign, self.whole > 0))
    }

    /// The doubt that remains with the configured signs. A configured thousands separator settles the decimal sign too.
    pub(crate) fn in_doubt(self, signs: &Signs) -> Option<InDoubt> {
        let (sign, is_group) = self.unsettled()?;
        let as_decimals = sign == signs.decimal;
        let said = if as_decimals { signs.thousands.is_some() } else { is_group };
        let Self { rows, example, whole, .. } = self;
        (!said).then_some(InDoubt { rows, example, whole, as_decimals })
    }
}

impl InDoubt {
    pub(crate) fn sentence(&self, column: &str) -> String {
        let Self { rows, example, whole, as_decimals } = self;
        let sign = example.chars().find(|sign| !sign.is_ascii_digit()).unwrap_or('.');
        let other = if sign == '.' { ',' } else { '.' };
        let numbers = netto_model::money::counted(*rows, "number has", "numbers have");
        let (one, thousand) = (example.replace(sign, "."), example.replace(sign, ""));
        if !as_decimals {
            return format!(
                "{numbers} three digits after the `{sign}` in \"{column}\", and there are no other numbers; `{example}` is read as {thousand} and not as {one}. If the sign is a decimal sign there, use sql = '\"{column}\" / 1000'"
            );
        }
        let beside = match whole {
            0 => "and no number has more or fewer".to_owned(),
            whole => format!(
                "while {} below a thousand, which suggests a thousands sign",
                netto_model::money::counted(*whole, "whole number is", "whole numbers are")
            ),
        };
        format!(
            "{numbers} three digits after the `{sign}` in \"{column}\", {beside}; `{example}` is read as {one} and not as {thousand}: decimal = \"{other}\" with thousands = \"{sign}\" reads thousands, thousands = \"{other}\" confirms that these are decimals"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(texts: &[&str]) -> ThreeDigits {
        let mut seen = ThreeDigits::default();
        for text in texts {
            seen.see(text);
        }
        seen
    }

    #[test]
    fn the_rest_of_the_column_says_whether_a_sign_parts_thousands() {
        for texts in [
            &["1.234", "12.5"][..],
            &["1.234", "0.950"],
            &["1.234", "1234.500"],
            &["1.234", "1234"],
            &["1.234.567"],
            &["5"],
            &[],
        ] {
            assert_eq!(seen(texts).unsettled(), None, "{texts:?}");
        }
        assert_eq!(seen(&["1.234", "5.000-", "950"]).unsettled(), Some(('.', true)));
        assert_eq!(seen(&["€ 1,234", "(12,500)"]).unsettled(), Some((',', false)));
    }

    #[test]
    fn what_is_set_for_both_signs_is_no_doubt() {
        let signs = |decimal, thousands| Signs { decimal, thousands, ..Signs::plain() };
        let mixed = || seen(&["1.234", "950"]);
        assert!(mixed().in_doubt(&signs('.', None)).unwrap().as_decimals);
        assert_eq!(mixed().in_doubt(&signs('.', Some(','))), None);
        assert_eq!(mixed().in_doubt(&signs(',', Some('.'))), None);
        assert!(!seen(&["1.234", "5.250"]).in_doubt(&signs(',', Some('.'))).unwrap().as_decimals);
    }
}
