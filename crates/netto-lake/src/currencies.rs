//! Finds suspicious currencies and exchange rates. It changes no figure.
//!
//! ```text
//! EUR  2025-03  1.08     a rate of the company's own currency: are all rates those of another one?
//! SEK  2025-02  11.25    one crown was never worth eleven euros: the rate is written the other way round
//! JPY  2025-02  0.0062 · 2025-03  0.62     no currency moves so far in a month: for one unit, or for a hundred?
//! USD  100.00 · 50.00    a row without a currency beside others that have one: it counts in the company's
//! ```

use netto_model::Period;
use netto_model::column as c;
use netto_model::contract::FX_RATES;
use netto_model::money::{count, counted, in_cents};
use netto_model::table::Table;
use polars::prelude::*;
use serde::{Deserialize, Serialize};

use crate::set_apart::amount_column;

/// Findings about currencies.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default)]
pub struct Currencies {
    /// The company's currency.
    pub own: String,
    /// Rates of the company's currency other than 1.
    pub rates: u64,
    /// The first of them, with its month.
    pub first: String,
    /// Rates that are a multiple or a fraction of an adjacent month's rate, each in words.
    pub jumps: Vec<String>,
    /// Rates that are written the other way round.
    pub inverted: u64,
    /// The first of them, with its currency.
    pub first_inverted: String,
    /// Rows in the company's currency, in others, and without any.
    pub in_own: u64,
    /// Rows in other currencies.
    pub in_others: u64,
    /// Rows without a currency.
    pub without: u64,
    /// The amount of the rows without a currency, in ten-thousandths, if the source has amounts.
    pub amount: Option<i128>,
}

impl Currencies {
    pub(crate) fn of(source: &Table, rows: &DataFrame, own: &str) -> PolarsResult<Self> {
        let mut found = Self { own: own.to_owned(), ..Self::default() };
        let currencies = rows.column(c::CURRENCY)?.str()?;
        let is_own = |currency: &str| currency.eq_ignore_ascii_case(own);
        if source.name == FX_RATES.name {
            let (rates, months) = (rows.column(c::RATE)?.f64()?, rows.column(c::PERIOD)?);
            for (row, (currency, rate)) in currencies.iter().zip(rates.iter()).enumerate() {
                if let (Some(currency), Some(rate)) = (currency, rate)
                    && is_inverted(own, currency, rate) == Some(true)
                {
                    if found.inverted == 0 {
                        found.first_inverted = format!("{currency} {rate}");
                    }
                    found.inverted += 1;
                }
                let Some(rate) =
                    rate.filter(|rate| currency.is_some_and(is_own) && rate.to_bits() != 1.0_f64.to_bits())
                else {
                    continue;
                };
                if found.rates == 0 {
                    let month = months.get(row)?.str_value();
                    found.first = format!("{rate} in {}", month.get(..7).unwrap_or_default());
                }
                found.rates += 1;
            }
            found.jumps = jumps(rows)?;
            return Ok(found);
        }
        let amounts = amount_column(source).map(|amount| rows.column(amount)?.i64().cloned()).transpose()?;
        for (row, currency) in currencies.iter().enumerate() {
            match currency.filter(|currency| !currency.is_empty()) {
                Some(currency) if is_own(currency) => found.in_own += 1,
                Some(_) => found.in_others += 1,
                None => {
                    found.without += 1;
                    let units = amounts.as_ref().map(|amounts| amounts.get(row).unwrap_or_default());
                    found.amount = units.map(|units| found.amount.unwrap_or_default() + i128::from(units));
                }
            }
        }
        Ok(found)
    }

    pub(crate) fn add(&mut self, other: Self) {
        if self.rates == 0 {
            self.first = other.first;
        }
        if self.inverted == 0 {
            self.first_inverted = other.first_inverted;
        }
        self.inverted += other.inverted;
        self.own = other.own;
        self.jumps.extend(other.jumps);
        self.rates += other.rates;
        self.in_own += other.in_own;
        self.in_others += other.in_others;
        self.without += other.without;
        if let Some(amount) = other.amount {
            self.amount = Some(self.amount.unwrap_or_default() + amount);
        }
    }

    /// Rates of the company's own currency, which needs none.
    pub(crate) fn of_rates(&self) -> Option<String> {
        let Self { own, rates, first, .. } = self;
        let have = counted(*rates, "row gives", "rows give");
        (*rates > 0).then(|| format!("{have} a rate other than 1 for {own}, the company's own currency ({first}); these rates are never used. Are they rates of another currency, or inverted? A rate is the value in {own} of one unit of the other currency"))
    }

    /// Rates that are written the other way round.
    pub(crate) fn of_inverted(&self) -> Option<String> {
        let Self { own, inverted, first_inverted, .. } = self;
        let look = counted(*inverted, "rate looks", "rates look");
        (*inverted > 0).then(|| format!("{look} inverted, such as {first_inverted}: a rate is the value in {own} of one unit of the other currency; {{ sql = '1 / …' }} inverts it"))
    }

    /// Implausible jumps between months.
    pub(crate) fn of_jumps(&self) -> Option<String> {
        let first = self.jumps.first()?;
        let more = match self.jumps.len() - 1 {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        Some(format!(
            "a rate is many times the rate of the month before or after it: {first}{more}; is one of them for a hundred units, or is a decimal sign misplaced? A rate is the value in {} of one unit of the other currency",
            self.own
        ))
    }

    /// Rows without a currency in a source where others have one.
    pub(crate) fn of_rows(&self) -> Option<String> {
        let Self { own, in_own, in_others, without, amount, .. } = self;
        let all = without + in_own + in_others;
        let worth = amount.map(|amount| format!(", {} in all", in_cents(amount))).unwrap_or_default();
        (*without > 0 && *without < all).then(|| {
            format!("{} of {} rows have no currency and are read as {own}, the company's currency{worth}; set another one with default = \"…\" on `currency`", count(*without), count(all))
        })
    }
}

/// The approximate value of a euro in each currency. If two currencies differ by a large factor, it shows in any year whether a rate
/// is inverted.
const PER_EURO: [(&str, f64); 29] = [
    ("AUD", 1.7),
    ("BGN", 1.96),
    ("BRL", 6.0),
    ("CAD", 1.5),
    ("CHF", 1.0),
    ("CNY", 7.8),
    ("CZK", 25.0),
    ("DKK", 7.46),
    ("EUR", 1.0),
    ("GBP", 0.86),
    ("HKD", 8.7),
    ("HUF", 390.0),
    ("IDR", 17_500.0),
    ("ILS", 4.0),
    ("INR", 92.0),
    ("ISK", 145.0),
    ("JPY", 155.0),
    ("KRW", 1_500.0),
    ("MXN", 20.0),
    ("NOK", 11.5),
    ("NZD", 1.8),
    ("PLN", 4.3),
    ("RON", 5.0),
    ("RSD", 117.0),
    ("SEK", 11.2),
    ("TRY", 35.0),
    ("UAH", 45.0),
    ("USD", 1.1),
    ("ZAR", 20.0),
];

/// Rates between a half and two are ambiguous.
const CLEAR: f64 = 2.0;

/// Whether a rate is inverted, giving units of the other currency per unit of the company's; `None` if it is ambiguous.
pub(crate) fn is_inverted(own: &str, other: &str, rate: f64) -> Option<bool> {
    let per_euro =
        |code: &str| PER_EURO.iter().find(|(known, _)| known.eq_ignore_ascii_case(code)).map(|(_, rate)| *rate);
    let expected = per_euro(own)? / per_euro(other)?;
    let is_clear = |rate: f64| rate > CLEAR || rate > 0.0 && rate < 1.0 / CLEAR;
    (is_clear(expected) && is_clear(rate)).then_some((expected > 1.0) != (rate > 1.0))
}

/// A change by more than this factor within a month is implausible.
const JUMP: f64 = 4.0;

/// Rates of a currency that are a multiple or a fraction of its next rate.
fn jumps(rows: &DataFrame) -> PolarsResult<Vec<String>> {
    let (currencies, months, rates) =
        (rows.column(c::CURRENCY)?.str()?, rows.column(c::PERIOD)?.date()?.physical(), rows.column(c::RATE)?.f64()?);
    let mut known: Vec<(&str, i32, f64)> = Vec::new();
    for ((currency, day), rate) in currencies.iter().zip(months.iter()).zip(rates.iter()) {
        let (Some(currency), Some(day), Some(rate)) = (currency, day, rate) else { continue };
        known.push((currency, day, rate));
    }
    known.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    let jump = |pair: &[(&str, i32, f64)]| {
        let [(currency, day, rate), (next, next_day, next_rate)] = pair else { return None };
        let far = rate.max(*next_rate) > JUMP * rate.min(*next_rate);
        let [month, next_month] = [day, next_day].map(|day| Period::of_day(*day));
        (currency == next && far).then(|| format!("{currency} {rate} in {month} and {next_rate} in {next_month}"))
    };
    Ok(known.windows(2).filter_map(jump).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_of_a_rate_is_told_where_currencies_are_far_apart() {
        assert_eq!(is_inverted("EUR", "SEK", 11.25), Some(true));
        assert_eq!(is_inverted("EUR", "SEK", 0.089), Some(false));
        assert_eq!(is_inverted("SEK", "eur", 11.25), Some(false));
        // A rate for a hundred yen is ambiguous.
        assert_eq!(is_inverted("EUR", "JPY", 0.62), None);
        assert_eq!(is_inverted("EUR", "USD", 1.08), None);
        assert_eq!(is_inverted("EUR", "XXX", 11.25), None);
        assert_eq!(is_inverted("EUR", "SEK", 0.0), None);
    }
}
