//! Detects the kind of a column's values, and the number format of a file.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::DataType;
use netto_model::contract::SOURCES;
use netto_model::table::Type;

use super::terms::fit;
use crate::config::{CsvConfig, OneOrMany};
use crate::ids::is_formula_error;
use crate::moment;
use crate::plausible;
use crate::serial;
use crate::three_digits::ThreeDigits;
use crate::typed::{self, Signs};

/// The kind of a column's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// No values.
    Empty,
    /// Days in this format; and whether swapping day and month would fit as well.
    Day(&'static str, bool),
    Number,
    Text,
}

/// The number format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) decimal: char,
    pub(super) thousands: Option<char>,
    /// The currency beside amounts.
    pub(super) currency: Option<&'static str>,
    /// Whether no value has a separator that shows the format.
    pub(super) unseen: bool,
    /// An ambiguous number, if no other number decides.
    pub(super) in_doubt: Option<String>,
}

/// The distinct values of a column with their row counts, so that a frequent value is parsed only once.
#[derive(Clone, Debug, Default)]
pub(super) struct Values<'a> {
    /// The first value of the column.
    pub(super) first: &'a str,
    counts: BTreeMap<&'a str, usize>,
    rows: usize,
}

impl<'a> Values<'a> {
    /// Collects values, ignoring surrounding blanks, empty values and formula errors.
    pub(super) fn of(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut values = Self::default();
        for text in texts.into_iter().map(str::trim).filter(|text| !text.is_empty() && !is_formula_error(text)) {
            if values.rows == 0 {
                values.first = text;
            }
            values.rows += 1;
            *values.counts.entry(text).or_default() += 1;
        }
        values
    }

    /// Each different value with the number of its rows.
    pub(super) fn counted(&self) -> impl Iterator<Item = (&'a str, usize)> {
        self.counts.iter().map(|(text, rows)| (*text, *rows))
    }

    /// The values that aren't numbers in this format.
    pub(super) fn without_numbers(&self, dialect: &Dialect) -> Self {
        let mut others = self.clone();
        others.counts.retain(|text, _| dialect.number(text).is_none());
        others.rows = others.counts.values().sum();
        others
    }

    pub(super) fn different(&self) -> BTreeSet<String> {
        self.counts.keys().map(|text| (*text).to_owned()).collect()
    }

    /// Whether most fit.
    fn mostly(&self, fits: impl Fn(&str) -> bool) -> bool {
        2 * self.counts.iter().filter(|(text, _)| fits(text)).map(|(_, rows)| rows).sum::<usize>() >= self.rows
    }

    /// Whether all but one in fifty fit, as extracts have typing errors. It stops once too many don't fit.
    pub(super) fn nearly_all(&self, fits: impl Fn(&str) -> bool) -> bool {
        let mut others = 0;
        self.counts.iter().all(|(text, count)| {
            if !fits(text) {
                others += count;
            }
            others * 50 <= self.rows || others == 1 && self.rows >= FEW_ROWS
        })
    }
}

/// From this number of rows on, one misfit is allowed, such as a line of units below the header.
const FEW_ROWS: usize = 20;

/// Formats of days: unambiguous ones first, and days before months if both are possible.
const FORMATS: [&str; 22] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y.%m.%d.",
    "%Y%m%d",
    "%d-%m-%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%d.%m.%Y.",
    "%m/%d/%Y",
    "%m-%d-%Y",
    "%d-%m-%y",
    "%d/%m/%y",
    "%d.%m.%y",
    "%m/%d/%y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%d. %b %Y",
    "%b %d, %Y",
    "%d-%b-%y",
    "%d %b %y",
    "%A, %B %d, %Y",
];

/// Formats of days as numbers, and the range of days that such a column has: 1982 to 2064.
const COUNTED: [&str; 6] = [serial::EXCEL, serial::CENTURY, serial::CENTURY_DAY, "%d%m%Y", "%d%m%y", "%y%m%d"];
const RECENT: std::ops::Range<i32> = 4_431..34_431;

/// How well a name fits a column of this type.
fn fit_of(ty: Type, name: &str) -> u32 {
    let columns = SOURCES.iter().flat_map(|source| source.columns.iter().map(move |column| (source.name, column)));
    let of_type = columns.filter(|(_, column)| column.ty == ty);
    of_type.map(|(source, column)| fit(source, column.name, name)).max().unwrap_or(0)
}

/// Whether a column of days has this name.
fn is_of_days(name: &str) -> bool {
    fit_of(Type::Date, name) > 0
}

/// What programs write beside amounts.
pub(super) const CURRENCIES: [&str; 19] = [
    "€", "R$", "$", "£", "₺", "EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "kr", "zł",
    "Kč",
];

/// 1 in ten-thousandths.
pub(super) const ONE: i64 = 10_000;
/// A cent.
pub(super) const CENT: i64 = 100;

/// The number formats: the decimal sign and the thousands separator.
const WAYS: [(char, char); 7] =
    [(',', '.'), ('.', ','), (',', '\u{a0}'), (',', '\u{202f}'), (',', ' '), ('.', '’'), ('.', '\'')];

/// The default if it can't be detected: the contract's notation.
impl Default for Dialect {
    fn default() -> Self {
        Self { decimal: '.', thousands: None, currency: None, unseen: true, in_doubt: None }
    }
}

impl Dialect {
    /// The format that reads most of the values with a separator; `unseen` if there are none.
    pub(super) fn of(columns: &[Values<'_>]) -> Self {
        let amount = |text: &str, sign: &str| {
            let bare = text.trim_matches(['-', '+', '(', ')', ' ']);
            let bare = bare.strip_prefix(sign).or_else(|| bare.strip_suffix(sign));
            bare.is_some_and(|bare| {
                !bare.contains(char::is_alphabetic) && bare.contains(|sign: char| sign.is_ascii_digit())
            })
        };
        // A column of amounts has the currency in many values and nothing else in the others, while a text may merely begin with it.
        let is_beside = |sign: &str| {
            columns.iter().any(|values| {
                let with_sign = values.counts.iter().filter(|(text, _)| amount(text, sign)).map(|(_, rows)| rows);
                with_sign.sum::<usize>() * 10 > values.rows
                    && values.nearly_all(|text| amount(text, sign) || amount(text, ""))
            })
        };
        let currency = CURRENCIES.into_iter().find(|sign| is_beside(sign));
        let with_sign = |text: &str| {
            text.bytes().any(|byte| byte.is_ascii_digit())
                && text.contains(|sign: char| WAYS.iter().any(|way| sign == way.0 || sign == way.1))
                && (!text.contains(char::is_alphabetic) || currency.is_some_and(|sign| amount(text, sign)))
        };
        let counts = columns.iter().flat_map(|values| &values.counts);
        let telling: Vec<(&str, usize)> =
            counts.map(|(text, count)| (*text, *count)).filter(|(text, _)| with_sign(text)).collect();
        let way = |(decimal, thousands)| Self {
            decimal,
            thousands: Some(thousands),
            currency,
            unseen: false,
            in_doubt: None,
        };
        let read = |way: &Self| {
            let signs = way.signs();
            let reads = telling.iter().filter(|(text, _)| typed::decimal(text, &signs, true).is_ok());
            reads.map(|(_, count)| count).sum::<usize>()
        };
        let mut best = (0, Self { currency, ..Self::default() });
        for way in WAYS.map(way) {
            let many = read(&way);
            if many > best.0 {
                best = (many, way);
            }
        }
        // Values that fit both formats, such as 1.234, decide nothing.
        let [comma, point] = [WAYS[0], WAYS[1]].map(|signs| read(&way(signs)));
        if best.0 == comma && comma == point { Self::in_doubt(columns, currency) } else { best.1 }
    }

    /// The format if every number has three digits after its separator: beside whole numbers it separates thousands, otherwise decimals.
    fn in_doubt(columns: &[Values<'_>], currency: Option<&'static str>) -> Self {
        let seen = columns.iter().filter_map(|values| {
            let mut seen = ThreeDigits::default();
            let is_number =
                |text: &str| text.contains(|sign: char| sign.is_ascii_digit()) && !text.contains(char::is_alphabetic);
            values.counts.keys().filter(|text| is_number(text)).for_each(|text| seen.see(text));
            let (sign, is_group) = seen.unsettled()?;
            Some((is_group, sign, seen.example().to_owned()))
        });
        let Some((is_group, sign, example)) = seen.max() else { return Self { currency, ..Self::default() } };
        let other = if sign == '.' { ',' } else { '.' };
        let (decimal, thousands) = if is_group { (other, Some(sign)) } else { (sign, None) };
        Self { decimal, thousands, currency, unseen: false, in_doubt: Some(example) }
    }

    /// Whether the numbers show their format.
    pub(super) fn is_clear(&self) -> bool {
        !self.unseen && self.in_doubt.is_none()
    }

    /// Whether all are numbers from 0 to 1, and not only 0 and 1.
    pub(super) fn all_shares(&self, values: &Values<'_>) -> bool {
        let signs = self.signs();
        let mut any_part = false;
        let all = values.counts.keys().all(|text| {
            let unit = typed::decimal(text, &signs, true).ok().filter(|unit| (0..=ONE).contains(unit));
            any_part |= unit.is_some_and(|unit| unit % ONE != 0);
            unit.is_some()
        });
        all && any_part
    }

    /// The number in ten-thousandths.
    pub(super) fn number(&self, text: &str) -> Option<i64> {
        typed::decimal(text, &self.signs(), true).ok()
    }

    fn signs(&self) -> Signs {
        Signs::of(&CsvConfig {
            decimal: self.decimal,
            thousands: self.thousands,
            currency_sign: self.currency.map(str::to_owned),
            ..CsvConfig::default()
        })
    }
}

impl Kind {
    /// Detects the kind from all values of the column.
    pub(super) fn of(values: &Values<'_>, dialect: &Dialect) -> Self {
        if values.rows == 0 {
            return Self::Empty;
        }
        let reads = |format: &str| {
            let signs = signs_of(format);
            let is_day = |text: &str| is_day(text, format, &signs);
            values.nearly_all(|text| is_day(text) || plausible::is_no_day(text))
                && values.counts.keys().any(|text| is_day(text))
        };
        if let Some(format) = FORMATS.into_iter().find(|format| reads(format)) {
            return Self::Day(format, !format.starts_with("%Y") && reads(&swapped(format)));
        }
        let signs = dialect.signs();
        if values.nearly_all(|text| typed::decimal(text, &signs, true).is_ok()) { Self::Number } else { Self::Text }
    }

    /// Detects the kind with the column name: in a column of days, numbers may be serial days.
    pub(super) fn of_named(name: &str, values: &Values<'_>, dialect: &Dialect) -> Self {
        let kind = Self::of(values, dialect);
        if kind != Self::Number || !is_of_days(name) {
            return kind;
        }
        let reads = |format: &str| {
            let signs = signs_of(format);
            values.nearly_all(|text| moment::moment(text, &signs).is_ok_and(|moment| RECENT.contains(&moment.day)))
        };
        if let Some(format) = COUNTED.into_iter().find(|format| reads(format)) {
            return Self::Day(format, format == "%d%m%y" && reads("%y%m%d"));
        }
        // A leap year accepts every day; the actual year is elsewhere.
        if reads("ddmm 2024") { Self::Day(serial::WITHOUT_YEAR, false) } else { kind }
    }

    /// Detects the kind of a column that is named as an amount or a day, and of which most values are one in some of the formats.
    pub(super) fn of_most(name: &str, values: &Values<'_>, dialects: &[Dialect]) -> Option<Self> {
        if fit_of(Type::Date, name) == 100 {
            let reads = |format: &str| {
                let signs = signs_of(format);
                values.mostly(|text| is_day(text, format, &signs))
            };
            let found = FORMATS.into_iter().find(|format| reads(format))?;
            return Some(Self::Day(found, !found.starts_with("%Y") && reads(&swapped(found))));
        }
        let is_number = |text: &str| dialects.iter().any(|dialect| dialect.number(text).is_some());
        (fit_of(Type::Decimal, name) == 100 && values.mostly(is_number)).then_some(Self::Number)
    }

    /// The kind for the type that Parquet gives the column.
    pub(super) fn of_type(ty: &DataType) -> Self {
        match ty {
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => Self::Day(FORMATS[0], false),
            ty if ty.is_numeric() => Self::Number,
            _ => Self::Text,
        }
    }
}

/// The signs of a file whose days have this format.
pub(super) fn signs_of(format: &str) -> Signs {
    Signs::of(&CsvConfig { date: OneOrMany::One(format.to_owned()), ..CsvConfig::default() })
}

/// Whether a text is a day in a format. Only eight digits fit a format of digits, so that article numbers aren't taken for days.
fn is_day(text: &str, format: &str, signs: &Signs) -> bool {
    (format != "%Y%m%d" || text.len() == 8) && moment::moment(text, signs).is_ok()
}

/// The other format in which all these texts are days, if one is; not one with day and month swapped, which would be read in the first.
pub(super) fn other_format(format: &str, texts: &[&str]) -> Option<&'static str> {
    let reads = |other: &str| {
        let signs = signs_of(other);
        other != format && swapped(format) != other && texts.iter().all(|text| is_day(text, other, &signs))
    };
    FORMATS.into_iter().find(|other| reads(other)).filter(|_| !texts.is_empty())
}

/// The texts that are no day in this format and don't stand for none.
pub(super) fn no_days<'a>(format: &str, texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let signs = signs_of(format);
    texts.filter(|text| !is_day(text, format, &signs) && !plausible::is_no_day(text)).collect()
}

/// The format with day and month swapped.
pub(super) fn swapped(format: &str) -> String {
    format.replace("%d", "%_").replace("%m", "%d").replace("%_", "%m")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decimal_sign_is_that_which_reads_what_the_other_cannot() {
        let of = |values: &[&str]| {
            let dialect = Dialect::of(&[Values::of(values.iter().copied())]);
            (dialect.decimal, dialect.thousands)
        };
        assert_eq!(of(&["1.234", "12,50", "K1"]), (',', Some('.')));
        assert_eq!(of(&["1,234", "12.50"]), ('.', Some(',')));
        assert_eq!(of(&["1,234.50", "1.234"]), ('.', Some(',')));
        assert_eq!(of(&["1\u{a0}234,50", "3,00"]), (',', Some('\u{a0}')));
        assert_eq!(of(&["12", "x"]), ('.', None));
        assert_eq!(of(&["1.234", "31.12.2025"]), ('.', None));
        assert_eq!(of(&["1.234", "950"]), (',', Some('.')));
        assert_eq!(of(&["1,234", "2,500"]), (',', None));
        assert_eq!(Dialect::of(&[Values::of(["1.234", "950"])]).in_doubt.as_deref(), Some("1.234"));
        assert_eq!(of(&["€ 1.234,50", "€ -3,00", "-€ 2,00"]), (',', Some('.')));
        assert_eq!(Dialect::of(&[Values::of(["€ 1.234,50", "3,00 €"])]).currency, Some("€"));
        assert_eq!(Dialect::of(&[Values::of(["€ 1.234,50", "for € 3"])]).currency, None);
    }

    #[test]
    fn days_numbers_and_texts_are_told_apart() {
        let kind = |values: &[&str]| {
            Kind::of(
                &Values::of(values.iter().copied()),
                &Dialect { decimal: ',', thousands: Some('.'), currency: None, unseen: false, in_doubt: None },
            )
        };
        assert_eq!(kind(&["31-01-2025", "01-02-2025"]), Kind::Day("%d-%m-%Y", false));
        assert_eq!(kind(&["01/02/2025"]), Kind::Day("%d/%m/%Y", true));
        assert_eq!(kind(&["20250131"]), Kind::Day("%Y%m%d", false));
        assert_eq!(kind(&["1.250,00", "-3"]), Kind::Number);
        assert_eq!(kind(&["1.250,00", "K3"]), Kind::Text);
        assert_eq!(kind(&[]), Kind::Empty);
    }
}
