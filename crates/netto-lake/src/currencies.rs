//! What rows say of currencies that changes no figure, and may be meant otherwise.
//!
//! ```text
//! EUR  2025-03  1.08     a rate of the company's own currency: are all rates those of another one?
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

/// What rows say of currencies.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default)]
pub struct Currencies {
    /// The company's.
    pub own: String,
    /// Rates of it that aren't one.
    pub rates: u64,
    /// The first of them, with its month.
    pub first: String,
    /// Rates that are many times the one of the month before or behind, each in words.
    pub jumps: Vec<String>,
    /// Rows in the company's currency, in others, and without any.
    pub in_own: u64,
    /// Rows in other currencies.
    pub in_others: u64,
    /// Rows without a currency.
    pub without: u64,
    /// What those amount to, in ten-thousandths, where the source has amounts.
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

    /// The rates of a currency that needs none.
    pub(crate) fn of_rates(&self) -> Option<String> {
        let Self { own, rates, first, .. } = self;
        let have = counted(*rates, "row gives", "rows give");
        (*rates > 0).then(|| format!("{have} {own}, the company's own currency, a rate other than 1 ({first}), which is never used: are these rates of another currency, or the other way round? A rate says how many {own} one unit of the other was worth"))
    }

    /// Rates that no month brings.
    pub(crate) fn of_jumps(&self) -> Option<String> {
        let first = self.jumps.first()?;
        let more = match self.jumps.len() - 1 {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        Some(format!(
            "a rate is many times that of the month beside it: {first}{more}; is one of them for a hundred units, or its decimal sign elsewhere? A rate says how many {} one unit of the other was worth",
            self.own
        ))
    }

    /// Rows without a currency, beside some that have one.
    pub(crate) fn of_rows(&self) -> Option<String> {
        let Self { own, in_own, in_others, without, amount, .. } = self;
        let all = without + in_own + in_others;
        let worth = amount.map(|amount| format!(", {} in all", in_cents(amount))).unwrap_or_default();
        (*without > 0 && *without < all).then(|| {
            format!("{} of {} rows have no currency, and count in {own}, the company's{worth}; default = \"…\" on `currency` says which one is meant", count(*without), count(all))
        })
    }
}

/// No currency becomes so many times as much within a month.
const JUMP: f64 = 4.0;

/// Rates of a currency that are many times, or a small part, of its next rate.
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
