//! Progress of every rebate agreement in its calendar year, and the basis still needed for the next bracket.
//!
//! ```text
//! basis so far  bracket reached    next bracket        needed  extra                        expected  rate  accrued
//!    12,000     2 % from 10,000    3 % from 20,000      8,000    360 = 3 % of 20,000 − 240     24,000  3 %       360
//! ```
//!
//! Closed months only. The brackets are those of the last closed month of the year in which the agreement holds. What the
//! rebate would grow by is beyond the bracket that is reached, and counts months in which another rate, or none, was agreed
//! at theirs; what has accrued counts each month at the bracket that was expected then.
//!
//! Of a year whose first months aren't in the data the basis so far is only what is known: what it still needs can't be said.

use netto_model::frame::RebateProgress;
use netto_model::{Frame, Money, Period, column as c};
use polars::prelude::*;

use crate::ProfitError;
use crate::rebate_agreements::Bracket;
use crate::rebates::{Accrual, rounded};

/// The table of both directions: agreements with customers, and with suppliers.
///
/// # Errors
/// When an amount leaves the range of money.
pub(crate) fn progress(given: &[Accrual<'_>], received: &[Accrual<'_>]) -> Result<Frame<RebateProgress>, ProfitError> {
    let (customers, suppliers) = (given.iter().filter_map(Standing::of), received.iter().filter_map(Standing::of));
    let rows: Vec<Row<'_>> = customers
        .map(|standing| (standing.year.party, "", standing))
        .chain(suppliers.map(|standing| ("", standing.year.party, standing)))
        .collect();
    let rates = |of: fn(&Standing<'_>) -> Option<f64>| rows.iter().map(|(_, _, row)| of(row)).collect::<Vec<_>>();
    let frame = df!(
        c::CUSTOMER_ID => rows.iter().map(|(customer, _, _)| *customer).collect::<Vec<_>>(),
        c::SUPPLIER_ID => rows.iter().map(|(_, supplier, _)| *supplier).collect::<Vec<_>>(),
        c::BASIS => rows.iter().map(|(_, _, row)| row.year.basis).collect::<Vec<_>>(),
        c::YEAR => rows.iter().map(|(_, _, row)| i64::from(row.year.year)).collect::<Vec<_>>(),
        c::BASIS_AMOUNT => amounts(&rows, |row| Some(row.basis))?,
        c::THRESHOLD => amounts(&rows, |row| row.holding().map(|bracket| bracket.threshold.into()))?,
        c::RATE => rates(|row| row.holding().map(Bracket::rate_as_ratio)),
        c::EXPECTED_AMOUNT => amounts(&rows, |row| Some(row.year.expected_basis()))?,
        c::EXPECTED_RATE => rates(|row| row.expected().map(Bracket::rate_as_ratio)),
        c::ACCRUED_AMOUNT => amounts(&rows, |row| Some(row.year.accrued()))?,
        c::NEXT_THRESHOLD => amounts(&rows, |row| row.next().map(|bracket| bracket.threshold.into()))?,
        c::NEXT_RATE => rates(|row| row.next().map(Bracket::rate_as_ratio)),
        c::NEEDED_AMOUNT => amounts(&rows, Standing::needed)?,
        c::EXTRA_AMOUNT => amounts(&rows, Standing::extra)?,
    )?;
    Ok(Frame::try_new(frame.lazy())?)
}

/// Customer or nobody, supplier or nobody, and how far their agreement has come.
type Row<'a> = (&'a str, &'a str, Standing<'a>);

fn amounts<'a>(rows: &[Row<'a>], of: impl Fn(&Standing<'a>) -> Option<i128>) -> Result<Vec<Option<i64>>, ProfitError> {
    rows.iter().map(|(.., standing)| of(standing).map(|units| standing.money(units)).transpose()).collect()
}

/// A year, seen from its last closed month in which anything is agreed.
struct Standing<'a> {
    year: &'a Accrual<'a>,
    month: Period,
    basis: i128,
}

impl<'a> Standing<'a> {
    fn of(year: &'a Accrual<'a>) -> Option<Self> {
        let closed = Period::new(year.year, 1).to(Period::new(year.year, 12).min(year.last_month));
        let month = closed.rev().find(|month| year.brackets.hold_in(*month))?;
        Some(Self { year, month, basis: year.basis_amount() })
    }

    fn holding(&self) -> Option<&Bracket> {
        self.year.brackets.holding(self.month, self.basis)
    }

    fn expected(&self) -> Option<&Bracket> {
        self.year.brackets.holding(self.month, self.year.expected_basis())
    }

    fn next(&self) -> Option<&Bracket> {
        self.year.brackets.next(self.month, self.basis)
    }

    /// Near miss: what the year's basis still lacks, where all of it is known.
    fn needed(&self) -> Option<i128> {
        self.next().filter(|_| self.year.is_whole()).map(|next| i128::from(next.threshold) - self.basis)
    }

    /// The rebate at exactly the next threshold, less the rebate at the bracket that is reached.
    fn extra(&self) -> Option<i128> {
        let (next, needed) = (self.next()?, self.needed()?);
        let there = self.year.exact(next.threshold.into()) + needed * i128::from(next.rate);
        Some(rounded(there) - rounded(self.year.exact(self.basis)))
    }

    fn money(&self, units: i128) -> Result<i64, ProfitError> {
        let place = || format!("the rebate agreement of `{}` in {}", self.year.party, self.year.year);
        Money::try_from_wide(units).map(Money::units).map_err(|source| ProfitError::Money { place: place(), source })
    }
}

#[cfg(test)]
mod tests {
    use netto_model::Period;
    use netto_model::money::SCALE as ONE;

    use crate::rebates::tests::{JANUARY, accrue, units};

    const OPEN: i32 = -25_567;

    #[test]
    fn a_near_miss_says_what_is_needed_and_what_it_would_bring() {
        let rows = [
            ("A", "", "invoice_revenue", 0.02, 10_000 * ONE, OPEN, None),
            ("A", "", "invoice_revenue", 0.03, 20_000 * ONE, OPEN, None),
            ("", "S", "purchases", 0.01, 100 * ONE, OPEN, None),
        ];
        let bought = [JANUARY, (2, "A", 0, 12_000 * ONE), (7, "A", 0, 50_000 * ONE)];
        let progress = accrue(&rows, &bought, &[(2, "A", "S", 60 * ONE)], 6).progress;
        let data = progress.data();
        assert_eq!(units(data, "basis_amount"), [60 * ONE, 12_000 * ONE], "July isn't closed");
        assert_eq!(units(data, "expected_amount"), [120 * ONE, 24_000 * ONE]);
        assert_eq!(units(data, "accrued_amount"), [6000, 360 * ONE]);
        assert_eq!(units(data, "threshold"), [10_000 * ONE], "the supplier's isn't reached");
        assert_eq!(units(data, "next_threshold"), [100 * ONE, 20_000 * ONE]);
        assert_eq!(units(data, "needed_amount"), [40 * ONE, 8_000 * ONE]);
        assert_eq!(units(data, "extra_amount"), [ONE, 360 * ONE]);
        let rates: Vec<_> = data.column("rate").unwrap().f64().unwrap().iter().collect();
        assert_eq!(rates, [None, Some(0.02)]);
    }

    #[test]
    fn what_a_year_still_needs_is_not_said_where_its_first_months_are_unknown() {
        let rows = [("A", "", "invoice_revenue", 0.05, 100_000 * ONE, OPEN, None)];
        let bought: Vec<_> = (7..=12).map(|month| (month, "A", 0, 10_000 * ONE)).collect();
        let progress = accrue(&rows, &bought, &[], 12).progress;
        let data = progress.data();
        assert_eq!(
            (units(data, "basis_amount"), units(data, "expected_amount")),
            (vec![60_000 * ONE], vec![120_000 * ONE])
        );
        assert_eq!(units(data, "accrued_amount"), [3_000 * ONE]);
        assert_eq!(units(data, "next_threshold"), [100_000 * ONE], "above what is known");
        assert_eq!((units(data, "needed_amount"), units(data, "extra_amount")), (vec![], vec![]));
    }

    #[test]
    fn in_the_highest_bracket_nothing_is_missed() {
        let rows = [("A", "", "list_revenue", 0.02, 0, OPEN, None)];
        let progress = accrue(&rows, &[(2, "A", 100 * ONE, 0)], &[], 12).progress;
        assert_eq!(units(progress.data(), "accrued_amount"), [2 * ONE]);
        assert_eq!(units(progress.data(), "next_threshold"), [0_i64; 0]);
    }

    #[test]
    fn months_before_an_agreement_reach_its_threshold_but_earn_nothing() {
        let july = Period::new(2025, 7).first_day();
        let rows = [("A", "", "invoice_revenue", 0.10, 100 * ONE, july, None)];
        let bought = [(6, "A", 0, 60 * ONE), (7, "A", 0, 30 * ONE)];
        let progress = accrue(&rows, &bought, &[], 12).progress;
        assert_eq!(units(progress.data(), "accrued_amount"), [0]);
        assert_eq!(units(progress.data(), "expected_amount"), [90 * ONE]);
        assert_eq!(units(progress.data(), "needed_amount"), [10 * ONE]);
        assert_eq!(units(progress.data(), "extra_amount"), [4 * ONE], "10 % of July's 30 and of the 10 still needed");
    }
}
