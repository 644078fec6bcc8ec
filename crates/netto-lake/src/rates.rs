//! Exchange rates by month: the value of one unit of a currency in the company's currency, exact, in integers.
//!
//! A rate has twelve decimals, as written in `fx_rates`: the float in the lake is converted to its shortest text, so that binary
//! rounding errors don't affect money. A converted amount is rounded half-even to the ten-thousandth.
//!
//! ```text
//! 100.00 USD × 0.9174 = 91.7400 EUR       0.0003 USD × 0.5 = 0.00015 → 0.0002       0.0001 USD × 0.5 = 0.00005 → 0.0000
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use blake3::Hasher;
use netto_model::Period;
use netto_model::column as c;
use netto_model::money::divide_half_even;
use polars::prelude::*;

use crate::number::Number;
use crate::typed::Signs;

/// Decimals of a rate.
const DECIMALS: i32 = 12;
/// One, in units of a rate.
const ONE: i128 = 10_i128.pow(DECIMALS.unsigned_abs());

/// The rates of `fx_rates`, by currency and month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates(BTreeMap<String, BTreeMap<Period, Rate>>);

/// The rates by which rows in the lake were converted: `USD 2025-03` → `0.8`, or several if a rate was changed between two loads.
pub(crate) type RatesUsed = BTreeMap<String, BTreeSet<String>>;

/// Units of the company's currency per unit of another, in units of the twelfth decimal; above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate(i128);

impl Rates {
    /// Reads the rates from the rows of `fx_rates`.
    pub(crate) fn of(rows: &DataFrame) -> PolarsResult<Self> {
        let currencies = rows.column(c::CURRENCY)?.str()?;
        let months = rows.column(c::PERIOD)?.date()?.physical();
        let values = rows.column(c::RATE)?.f64()?;
        let mut rates = Self::default();
        for ((currency, day), rate) in currencies.iter().zip(months.iter()).zip(values.iter()) {
            if let (Some(currency), Some(day), Some(rate)) = (currency, day, rate.and_then(Rate::of)) {
                rates.0.entry(currency.to_owned()).or_default().insert(Period::of_day(day), rate);
            }
        }
        Ok(rates)
    }

    /// The rate of a currency in a month.
    pub(crate) fn rate(&self, currency: &str, month: Period) -> Option<Rate> {
        self.0.get(currency)?.get(&month).copied()
    }

    /// Adds the rates of these currencies and months to those that were used.
    pub(crate) fn remember(&self, converted: &BTreeSet<(String, Period)>, used: &mut RatesUsed) {
        for (currency, month) in converted {
            if let Some(rate) = self.rate(currency, *month) {
                used.entry(format!("{currency} {month}")).or_default().insert(rate.to_string());
            }
        }
    }

    /// The rates that were used and have another value now, in words: `USD 2025-03 from 0.8 to 0.9`. A rate that isn't supplied any
    /// more wasn't changed.
    pub(crate) fn changed(&self, used: &RatesUsed) -> Vec<String> {
        let mut changed = Vec::new();
        for (currency, months) in &self.0 {
            for (month, rate) in months {
                let (place, now) = (format!("{currency} {month}"), rate.to_string());
                let before = used.get(&place).into_iter().flatten().filter(|before| **before != now);
                changed.extend(before.map(|before| format!("{place} from {before} to {now}")));
            }
        }
        changed
    }

    /// Adds all inputs of a conversion to the hash.
    pub(crate) fn fingerprint(&self, hasher: &mut Hasher) {
        for (currency, months) in &self.0 {
            for (month, rate) in months {
                hasher.update(format!("{currency} {month} {rate}\n").as_bytes());
            }
        }
    }
}

impl Rate {
    /// The rate of a number; `None` if it is not above zero or too large.
    pub(crate) fn of(rate: f64) -> Option<Self> {
        let written = Number::read(&rate.to_string(), &Signs::plain()).ok()?;
        written.scaled(DECIMALS, true).ok().filter(|counted| *counted > 0).map(Self)
    }

    /// An amount in the company's currency, in ten-thousandths; `None` if it exceeds 128 bits.
    pub(crate) fn convert(self, units: i64) -> Option<i128> {
        Some(divide_half_even(i128::from(units).checked_mul(self.0)?, ONE))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = format!("{:012}", self.0 % ONE);
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{}", self.0 / ONE),
            decimals => write!(f, "{}.{decimals}", self.0 / ONE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(rate: f64, units: i64) -> Option<i128> {
        Rate::of(rate).and_then(|rate| rate.convert(units))
    }

    #[test]
    fn amounts_are_converted_half_even_to_the_ten_thousandth() {
        assert_eq!(converted(0.9174, 1_000_000), Some(917_400));
        assert_eq!([1, 3, 5, -1, -3, -5].map(|units| converted(0.5, units)), [0, 2, 2, 0, -2, -2].map(Some));
        // A half plus the smallest decimal rounds up.
        assert_eq!(converted(0.500_000_000_001, 1), Some(1));
    }

    #[test]
    fn a_rate_counts_as_it_was_written_not_as_the_float_holds_it() {
        // The floats of 1.0005 and 0.10005 are slightly off, so computing with floats would round their halves the wrong way.
        assert_eq!(converted(1.0005, 1_000), Some(1_000));
        assert_eq!(converted(0.100_05, 10_000), Some(1_000));
        assert_eq!(converted(0.100_15, 10_000), Some(1_002));
        for (rate, text) in [(0.1 + 0.2, "0.3"), (16_250.5, "16250.5"), (0.000_057_341_2, "0.0000573412"), (7.0, "7")] {
            assert_eq!(Rate::of(rate).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_rate_that_was_used_and_has_changed_is_named() {
        let march = Period::new(2025, 3);
        let rates = |usd: f64| {
            let month = |rate| BTreeMap::from([(march, Rate::of(rate).unwrap())]);
            Rates(BTreeMap::from([("SEK".to_owned(), month(usd / 10.0)), ("USD".to_owned(), month(usd))]))
        };
        let mut used = RatesUsed::new();
        let converted = BTreeSet::from([("USD".to_owned(), march), ("USD".to_owned(), march.plus(1))]);
        rates(0.8).remember(&converted, &mut used);
        assert_eq!(rates(0.8).changed(&used), Vec::<String>::new());
        assert_eq!(rates(0.9).changed(&used), ["USD 2025-03 from 0.8 to 0.9"]);
        rates(0.9).remember(&converted, &mut used);
        assert_eq!(rates(0.8).changed(&used), ["USD 2025-03 from 0.9 to 0.8"]);
        assert_eq!(Rates::default().changed(&used), Vec::<String>::new());
    }

    #[test]
    fn what_is_not_above_zero_or_beyond_counting_is_no_rate() {
        for no_rate in [0.0, -0.92, 1e-13, f64::MIN_POSITIVE, 1e30, f64::INFINITY, f64::NAN] {
            assert_eq!(Rate::of(no_rate), None, "{no_rate}");
        }
        assert_eq!(converted(7.9e15, i64::MAX), None);
    }
}
