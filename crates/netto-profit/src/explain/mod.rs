//! The proof of figures, from the tables of the last run: a calculation that anyone can redo with a calculator.
//!
//! ```text
//! customer.rs  the waterfall, and for every pool and month: what is spread ÷ what all used × what this one used
//! pool.rs      a pool's balance sheet: where its cost comes from, where it goes, who takes most of it
//! order.rs     an order's part of its customer month
//! script.rs    the same as an SQL script that computes a customer's figures anew in DuckDB; proof.sql its text
//! figures.rs   what a pool had in a month
//! ```
//!
//! ```text
//! 560,000.0000 ÷ 700,000 minutes = 0.80 a minute; × 120 minutes = 96.0000
//! ```

mod customer;
mod figures;
mod order;
mod pool;
mod script;

use netto_model::frame::{
    ActivityMonth, DimActivity, DimCustomer, DimPool, Ledger, LedgerBridge, PoolBalance, PoolTransfer, Waterfall,
};
use netto_model::money::divide_half_even;
use netto_model::{Frame, Money, Period, column as c};
use polars::prelude::*;

pub use customer::{Assignment, Proof, Section, customer};
pub use figures::PoolFigures;
pub use order::{OrderPart, OrderProof, OrderStep, order};
pub use pool::{ActivitySum, PoolMonth, PoolProof, Taker, pool};
pub use script::{Script, script};

/// The tables that a proof quotes.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// List revenue to net profit.
    pub waterfall: &'a Frame<Waterfall>,
    /// Amounts assigned.
    pub ledger: &'a Frame<Ledger>,
    /// Amount, capacity and rate of activities.
    pub activity_month: &'a Frame<ActivityMonth>,
    /// What pools had and what became of it.
    pub pool_balance: &'a Frame<PoolBalance>,
    /// What support pools passed on.
    pub pool_transfer: &'a Frame<PoolTransfer>,
    /// Which accounts are booked on which pool.
    pub ledger_bridge: &'a Frame<LedgerBridge>,
    /// The pools.
    pub pools: &'a Frame<DimPool>,
    /// The activities.
    pub activities: &'a Frame<DimActivity>,
    /// The customers' names.
    pub customers: &'a Frame<DimCustomer>,
}

/// The steps in the order of the waterfall.
pub const STEPS: [&str; 15] = [
    c::LIST_REVENUE,
    c::INVOICE_DISCOUNT,
    c::INVOICE_REVENUE,
    c::REBATES_GIVEN,
    c::PAYMENT_TERMS,
    c::FREIGHT_CHARGED,
    c::FREIGHT_COST,
    c::POCKET_REVENUE,
    c::COGS,
    c::REBATES_RECEIVED,
    c::GROSS_MARGIN,
    c::COST_TO_SERVE,
    c::NET_PROFIT,
    c::SALES_COMPENSATION,
    c::NET_BEFORE_COMPENSATION,
];

/// Eight decimals, as a calculator shows them: what an amount or a rate is before it is rounded.
///
/// ```
/// use netto_model::Money;
/// use netto_profit::explain::Fine;
/// let [hundred, three] = [Money::from_units(1_000_000), Money::from_units(30_000)];
/// assert_eq!(Fine::quotient(hundred, three).map(|rate| rate.to_string()).as_deref(), Some("33.33333333"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fine(i128);

impl Fine {
    const SCALE: i128 = 100_000_000;
    const PER_UNIT: i128 = 10_000;

    /// An amount as it is.
    #[must_use]
    pub fn of(amount: Money) -> Self {
        Self(i128::from(amount.units()) * Self::PER_UNIT)
    }

    /// `amount ÷ quantity`; nothing when the quantity is zero.
    #[must_use]
    pub fn quotient(amount: Money, quantity: Money) -> Option<Self> {
        let numerator = i128::from(amount.units()) * Self::SCALE;
        (quantity != Money::ZERO).then(|| Self(divide_half_even(numerator, quantity.units().into())))
    }

    /// `amount × part ÷ whole`; nothing when the whole is zero.
    #[must_use]
    pub fn share(amount: Money, part: Money, whole: Money) -> Option<Self> {
        let (product, whole) = (i128::from(amount.units()) * i128::from(part.units()), i128::from(whole.units()));
        // In two steps, so that the product of two large amounts has room for the decimals.
        (whole != 0).then(|| {
            let decimals = divide_half_even(product.rem_euclid(whole) * Self::PER_UNIT, whole);
            Self(product.div_euclid(whole) * Self::PER_UNIT + decimals)
        })
    }
}

impl std::fmt::Display for Fine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (size, scale) = (self.0.unsigned_abs(), Self::SCALE.unsigned_abs());
        f.pad(&format!("{sign}{}.{:08}", size / scale, size % scale))
    }
}

/// The cells of a table, row by row.
#[derive(Clone, Copy)]
struct Rows<'a>(&'a DataFrame);

impl<'a> Rows<'a> {
    fn count(self) -> std::ops::Range<usize> {
        0..self.0.height()
    }

    /// The text of a cell; empty where there is none.
    fn text(self, column: &str, row: usize) -> PolarsResult<&'a str> {
        Ok(self.0.column(column)?.str()?.get(row).unwrap_or_default())
    }

    fn money(self, column: &str, row: usize) -> PolarsResult<Money> {
        Ok(Money::from_units(self.0.column(column)?.i64()?.get(row).unwrap_or_default()))
    }

    fn period(self, row: usize) -> PolarsResult<Period> {
        Ok(Period::of_day(self.0.column(c::PERIOD)?.date()?.physical().get(row).unwrap_or_default()))
    }
}

/// The label or name that belongs to a key.
fn name_of(data: &DataFrame, key: &str, wanted: &str, name: &str) -> PolarsResult<Option<String>> {
    let row = data.column(key)?.str()?.iter().position(|found| found == Some(wanted));
    row.map(|row| Rows(data).text(name, row).map(str::to_owned)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_share_with_eight_decimals_is_within_half_of_the_last(amount: i64, part: i64, whole in 1_i64..i64::MAX) {
            let Some(Fine(fine)) = Fine::share(Money::from_units(amount), Money::from_units(part), Money::from_units(whole))
            else { return Ok(()) };
            let product = i128::from(amount) * i128::from(part);
            prop_assert_eq!(divide_half_even(fine, Fine::PER_UNIT).abs_diff(divide_half_even(product, whole.into())) <= 1, true);
        }
    }

    #[test]
    fn below_zero_and_without_a_whole() {
        let money = Money::from_units;
        assert_eq!(Fine::share(money(-10_000), money(1), money(3)).unwrap().to_string(), "-0.33333333");
        assert_eq!(Fine::share(money(1), money(1), Money::ZERO), None);
        assert_eq!(Fine::of(money(-5)).to_string(), "-0.00050000");
    }
}
