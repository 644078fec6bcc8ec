//! Converts text to typed values, in the notation of the extract.
//!
//! Numbers become integer ten-thousandths without passing through a float: `1.234,5` with a decimal comma is `12_345_000`.
//! Every value of every source is converted here, whether from a CSV file, a text column of Parquet, a view or a `sql` column, so
//! it means the same everywhere. [`crate::number`] defines the notations of numbers.

use crate::config::CsvConfig;
use crate::fraction::Fraction;
use crate::number::Number;
use crate::quarantine::Reason;
use crate::serial;

/// How numbers and dates are written.
#[derive(Clone, Debug)]
pub(crate) struct Signs {
    pub(crate) decimal: char,
    pub(crate) thousands: Option<char>,
    pub(crate) currency: Option<String>,
    pub(crate) dates: Vec<String>,
    pub(crate) nulls: Vec<String>,
}

impl Signs {
    /// The notation of an extract.
    pub(crate) fn of(csv: &CsvConfig) -> Self {
        Self {
            decimal: csv.decimal,
            thousands: csv.thousands,
            currency: csv.currency_sign.clone(),
            dates: csv.date.as_slice().to_vec(),
            nulls: csv.null.clone(),
        }
    }

    /// The notation for a file, whose name may give the year of its days.
    pub(crate) fn of_file(mut self, file: &str) -> Self {
        for format in &mut self.dates {
            *format = serial::of_file(format, file);
        }
        self
    }

    /// The notation of contract constants and natively typed columns.
    pub(crate) fn plain() -> Self {
        Self { decimal: '.', thousands: None, currency: None, dates: vec!["%Y-%m-%d".to_owned()], nulls: Vec::new() }
    }

    /// The notation of days in natively typed columns: dates directly; whole numbers, such as 20250303 or 45719, by the source's
    /// formats and null words.
    pub(crate) fn of_days(&self) -> Self {
        let Self { dates, nulls, .. } = self.clone();
        let plain = Self::plain();
        Self { dates: [plain.dates.clone(), dates].concat(), nulls, ..plain }
    }

    /// Whether a value counts as empty; the empty text always does.
    pub(crate) fn is_null(&self, text: &str) -> bool {
        text.is_empty() || self.nulls.iter().any(|null| null == text)
    }

    /// Whether a character is the thousands separator. Exports mix kinds of blanks and of apostrophes, so all kinds are equal.
    pub(crate) fn groups_by(&self, sign: char) -> bool {
        self.thousands.is_some_and(|thousands| kind(thousands) == kind(sign))
    }
}

/// The representative of a kind of character: `' '` for every blank, `'\''` for both apostrophes.
pub(crate) const fn kind(sign: char) -> char {
    match sign {
        '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{2007}' => ' ',
        '\u{2019}' => '\'',
        _ => sign,
    }
}

/// A number in ten-thousandths; with `round`, more decimals are rounded half-even.
pub(crate) fn decimal(text: &str, signs: &Signs, round: bool) -> Result<i64, Reason> {
    within_decimal(Number::read(text, signs)?.scaled(4, round)?).ok_or(Reason::OutOfRange)
}

/// Ten-thousandths, if they fit in DECIMAL(18,4).
pub(crate) fn within_decimal(units: i128) -> Option<i64> {
    i64::try_from(units).ok().filter(|units| units.unsigned_abs() < 1_000_000_000_000_000_000)
}

/// A whole number; zero decimals may follow it.
pub(crate) fn integer(text: &str, signs: &Signs) -> Result<i64, Reason> {
    let number =
        Number::read(text, signs).and_then(|number| number.scaled(0, false)).map_err(|reason| match reason {
            Reason::OutOfRange => reason,
            _ => Reason::NotAnInteger,
        })?;
    i64::try_from(number).map_err(|_| Reason::OutOfRange)
}

/// A number with all its decimals, for arithmetic.
pub(crate) fn fraction(text: &str, signs: &Signs) -> Result<Fraction, Reason> {
    Fraction::of(Number::read(text, signs)?)
}

/// A share or factor; the only type that is a float.
pub(crate) fn ratio(text: &str, signs: &Signs) -> Result<f64, Reason> {
    Number::read(text, signs)?.double().ok_or(Reason::OutOfRange)
}

/// True or false.
pub(crate) fn boolean(text: &str) -> Result<bool, Reason> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "y" | "t" => Ok(true),
        "false" | "0" | "no" | "n" | "f" => Ok(false),
        _ => Err(Reason::NotABool),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn signs(decimal: char, thousands: Option<char>) -> Signs {
        Signs { decimal, thousands, ..Signs::plain() }
    }

    fn dutch() -> Signs {
        signs(',', Some('.'))
    }

    #[test]
    fn a_decimal_comma_and_groups_of_three_are_read() {
        for (text, units) in [
            ("1.234,5", 12_345_000),
            ("-1.234.567,8901", -12_345_678_901),
            ("0,01", 100),
            (",5", 5_000),
            ("12,", 120_000),
        ] {
            assert_eq!(decimal(text, &dutch(), false), Ok(units), "{text}");
        }
    }

    #[test]
    fn what_no_number_looks_like_is_none_in_every_type() {
        let misplaced = [
            "12.50",
            "1.2345",
            "1.2345.678",
            "0.925",
            "00.123",
            "1.234.5",
            "12.34,5",
            "1234.567,8",
            ".123",
            "1,234.567",
            "1.2",
        ];
        let garbled =
            ["1.234,5O", "1,2,3", "", "-", ",", "()", "--1", "-1-", "+-1", "(-1)", "-(1)", "(1", "1)", "1 234", "5 %"];
        let foreign = ["١٢", "1٫5", "１２", "€ 1", "NaN", "inf", "0x1f", "1e", "e5", "1e5e5", "1e1,5", "1 e5", "."];
        for bad in misplaced.iter().chain(&garbled).chain(&foreign) {
            assert_eq!(decimal(bad, &dutch(), true), Err(Reason::NotANumber), "{bad}");
            assert_eq!(integer(bad, &dutch()), Err(Reason::NotAnInteger), "{bad}");
            assert_eq!(ratio(bad, &dutch()), Err(Reason::NotANumber), "{bad}");
            assert_eq!(fraction(bad, &dutch()), Err(Reason::NotANumber), "{bad}");
        }
    }

    #[test]
    fn a_sign_stands_before_or_behind_and_parentheses_are_less_than_zero() {
        for text in
            ["-12,5", "12,5-", "- 12,5", "12,5 -", "\u{2212}12,5", "12,5\u{2212}", "(12,5)", "( 12,5 )", " -12,5 "]
        {
            assert_eq!(decimal(text, &dutch(), false), Ok(-125_000), "{text}");
            assert_eq!(ratio(text, &dutch()), Ok(-12.5), "{text}");
        }
        for text in ["+12,5", "12,5+", "+ 12,5", "\u{a0}12,5"] {
            assert_eq!(decimal(text, &dutch(), false), Ok(125_000), "{text}");
        }
    }

    #[test]
    fn exponents_are_read_exactly() {
        for (text, units) in
            [("1,5E+05", 1_500_000_000), ("1,5e5", 1_500_000_000), ("15E-1", 15_000), ("-1e0", -10_000), ("0e99", 0)]
        {
            assert_eq!(decimal(text, &dutch(), false), Ok(units), "{text}");
        }
        assert_eq!(decimal("1e400", &dutch(), false), Err(Reason::OutOfRange));
        assert_eq!(decimal("1e-400", &dutch(), false), Err(Reason::TooPrecise));
        assert_eq!(decimal("1e-400", &dutch(), true), Ok(0));
        assert_eq!(decimal("1e99999999999", &dutch(), true), Err(Reason::OutOfRange));
        assert_eq!((ratio("5.6e-05", &Signs::plain()), integer("1e3", &Signs::plain())), (Ok(0.000_056), Ok(1_000)));
    }

    #[test]
    fn all_blanks_and_both_apostrophes_group() {
        for thousands in [' ', '\u{a0}', '\u{202f}', '\u{2009}'] {
            for text in ["1 234,5", "1\u{a0}234,5", "1\u{202f}234,5", "1\u{2009}234,5"] {
                assert_eq!(decimal(text, &signs(',', Some(thousands)), false), Ok(12_345_000), "{text}");
            }
        }
        for text in ["1'234.5", "1\u{2019}234.5"] {
            assert_eq!(decimal(text, &signs('.', Some('\'')), false), Ok(12_345_000), "{text}");
            assert_eq!(decimal(text, &signs('.', Some('\u{2019}')), false), Ok(12_345_000), "{text}");
        }
        assert_eq!(decimal("1\u{66c}234\u{66b}5", &signs('\u{66b}', Some('\u{66c}')), false), Ok(12_345_000));
        assert_eq!(decimal("1 23,5", &signs(',', Some(' ')), false), Err(Reason::NotANumber));
    }

    #[test]
    fn a_fifth_decimal_is_refused_or_rounded_half_even() {
        let plain = Signs::plain();
        assert_eq!(decimal("0.00005", &plain, false), Err(Reason::TooPrecise));
        assert_eq!(decimal("1.23000000000000000000000000000000000000000000", &plain, false), Ok(12_300));
        for (text, units) in [
            ("0.00005", 0),
            ("0.00015", 2),
            ("0.000050001", 1),
            ("-0.00015", -2),
            ("1.99999", 20_000),
            ("0.0000500000000000000000000000000000000000000000000001", 1),
            ("1000.0000500000000000000000000000000000000000000000000001", 10_000_001),
        ] {
            assert_eq!(decimal(text, &plain, true), Ok(units), "{text}");
        }
        assert_eq!(decimal("100000000000000", &plain, false), Err(Reason::OutOfRange));
        assert_eq!(decimal("99999999999999.9999", &plain, false), Ok(999_999_999_999_999_999));
        assert_eq!(decimal(&"9".repeat(60), &plain, false), Err(Reason::OutOfRange));
    }

    #[test]
    fn whole_numbers_may_carry_empty_decimals_only() {
        let plain = Signs::plain();
        assert_eq!(integer("7.0000", &plain), Ok(7));
        assert_eq!(integer("7.5", &plain), Err(Reason::NotAnInteger));
        assert_eq!(integer("x", &plain), Err(Reason::NotAnInteger));
        assert_eq!(integer("99999999999999999999", &plain), Err(Reason::OutOfRange));
        assert_eq!(integer("-9223372036854775808", &plain), Ok(i64::MIN));
    }

    #[test]
    fn the_empty_text_is_empty_whatever_the_null_words_are() {
        let words = Signs { nulls: vec!["NULL".into()], ..Signs::plain() };
        assert_eq!(["", "NULL", "null", " "].map(|text| words.is_null(text)), [true, true, false, false]);
    }

    /// A number as somebody's program writes it.
    fn written(units: i64, dialect: &Signs, grouped: bool, sign: u8) -> String {
        let size = units.unsigned_abs();
        let digits = (size / 10_000).to_string();
        let mut whole = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if grouped && place > 0 && (digits.len() - place).is_multiple_of(3) {
                whole.extend(dialect.thousands);
            }
            whole.push(digit);
        }
        let unsigned = format!("{whole}{}{:04}", dialect.decimal, size % 10_000);
        match (units < 0, sign % 5) {
            (false, 0) => format!("+{unsigned}"),
            (false, 1) => format!(" {unsigned}"),
            (false, _) => unsigned,
            (true, 0) => format!("({unsigned})"),
            (true, 1) => format!("{unsigned}-"),
            (true, 2) => format!("\u{2212}{unsigned}"),
            (true, 3) => format!("- {unsigned}"),
            (true, _) => format!("-{unsigned}"),
        }
    }

    fn dialects() -> impl Strategy<Value = Signs> {
        let thousands =
            [None, Some(' '), Some('\u{a0}'), Some('\u{202f}'), Some('\''), Some('’'), Some('\u{66c}'), Some('_')];
        (prop::sample::select(vec!['.', ',', '\u{66b}', '·', ';']), prop::sample::select(thousands.to_vec()))
            .prop_map(|(decimal, thousands)| signs(decimal, thousands))
    }

    proptest! {
        #[test]
        fn numbers_of_any_dialect_are_read_back_by_every_reader(
            great in -999_999_999_999_999_999_i64..=999_999_999_999_999_999,
            small in -99_999_999_i64..=99_999_999,
            dialect in dialects(),
            grouped: bool,
            sign: u8,
        ) {
            for units in [great, small] {
                let text = written(units, &dialect, grouped, sign);
                prop_assert_eq!(decimal(&text, &dialect, false), Ok(units), "{}", text);
                let exact = fraction(&text, &dialect).and_then(|number| number.text(false));
                let shown = netto_model::Money::from_units(units).to_string();
                prop_assert_eq!(exact, Ok(shown.clone()), "{}", text);
                prop_assert_eq!(ratio(&text, &dialect), Ok(shown.parse::<f64>().unwrap()), "{}", text);
            }
        }

        #[test]
        fn a_grouping_sign_out_of_place_is_no_number(units in 10_000_000_i64..999_999_999_999, at in 0_usize..12) {
            let text = written(units, &dutch(), false, 4);
            let whole = text.find(',').unwrap();
            let at = 1 + at % (whole - 1);
            let with = format!("{}.{}", &text[..at], &text[at..]);
            prop_assert_eq!(decimal(&with, &dutch(), false).is_ok(), whole - at == 3 && at <= 3, "{}", with);
        }

        #[test]
        fn no_text_is_a_number_for_one_reader_and_none_for_another(text in "[-+(]?[ 0-9.,'eE]{0,12}[-)]?") {
            let dialect = dutch();
            let read = [decimal(&text, &dialect, true).err(), ratio(&text, &dialect).err(), fraction(&text, &dialect).err()];
            let no_number = read.map(|reason| reason == Some(Reason::NotANumber));
            prop_assert!(no_number == [true; 3] || no_number == [false; 3], "{} {:?}", text, read);
        }
    }
}
