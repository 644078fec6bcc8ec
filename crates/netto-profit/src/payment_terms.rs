//! Payment terms: the cost of financing receivables.
//!
//! Amount × days outstanding × yearly rate ÷ 365, in the calendar months in which the days lie. An invoice is outstanding
//! from its date to the day before it is paid; while open, to the end of the last closed month. One that was paid after
//! that month was open when it closed. A credit note is owed to the customer, and counts as negative.
//!
//! ```text
//! 36,500.00 invoiced on 21 January, paid on 11 March, at 6 % a year: 6.00 a day
//! 21 – 31 January   11 days    66.00
//!  1 – 28 February  28 days   168.00
//!  1 – 10 March     10 days    60.00
//! ```
//! Amount × days is added up per customer and month and divided once, half-even: the one place where it is rounded.

use std::collections::{BTreeMap, HashMap};

use netto_model::frame::Receivables;
use netto_model::money::{MILLION, divide_half_even, millionths};
use netto_model::{Frame, Money, Period, Problem, Warning, column as c};
use polars::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::ProfitError;
use crate::config::{ActivityConfig, Step};

/// The cost of financing receivables. It is imputed: it is in the waterfall without being booked on a pool.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentTermsConfig {
    /// Yearly interest rate, such as 0.06 for 6 %. Payment terms are amount × days outstanding × rate ÷ 365, from the
    /// source `receivables`. Leave the section out if the interest is booked on a cost pool, and give that pool an activity with `step = "payment_terms"`.
    pub yearly_rate: f64,
}

impl PaymentTermsConfig {
    /// A rate is a part of one, and payment terms are counted once.
    pub(crate) fn check(self, activities: &BTreeMap<String, ActivityConfig>) -> Vec<Problem> {
        let at = || ["payment_terms", "yearly_rate"];
        let range = (!(0.0..=1.0).contains(&self.yearly_rate))
            .then(|| Problem::at(at(), "a yearly rate is between 0 and 1").with_help("write 0.06 for 6 %"));
        let booked = activities.iter().find(|(_, activity)| activity.step == Step::PaymentTerms);
        let twice = booked.map(|(name, _)| {
            let message =
                format!("payment terms would be counted twice: activity `{name}` has `step = \"payment_terms\"`");
            Problem::at(at(), message).with_help(format!(
                "keep [payment_terms] for an imputed rate, or [activity.{name}] for interest booked on a pool"
            ))
        });
        range.into_iter().chain(twice).collect()
    }
}

/// The cost of receivables by customer and month.
#[derive(Clone, Debug)]
pub struct Financing {
    /// `customer_id`, `period`, `imputed_amount`.
    pub amounts: DataFrame,
    /// Whether receivables and a rate were supplied.
    pub supplied: bool,
    /// What is missing for it.
    pub warning: Option<Warning>,
}

/// Finances receivables at a yearly rate, up to the last closed month.
///
/// # Errors
/// When an amount leaves the range of money.
pub fn financing(
    receivables: Option<&Frame<Receivables>>,
    terms: Option<PaymentTermsConfig>,
    last_month: Period,
) -> Result<Financing, ProfitError> {
    let (owed, rate) = match (receivables, terms) {
        (Some(receivables), Some(terms)) => (owed(receivables, last_month)?, millionths(terms.yearly_rate)),
        _ => (BTreeMap::new(), 0),
    };
    let cells = || owed.iter().flat_map(|(who, months)| months.iter().map(move |(month, sum)| (*who, *month, *sum)));
    let cost = |(customer, period, amount_days): (&str, Period, i128)| {
        let place = || format!("payment terms of customer `{customer}` in {period}");
        let cost = divide_half_even(amount_days * i128::from(rate), DAYS_PER_YEAR * i128::from(MILLION));
        Money::try_from_wide(cost).map(Money::units).map_err(|source| ProfitError::Money { place: place(), source })
    };
    let amounts = df!(
        c::CUSTOMER_ID => cells().map(|(customer, ..)| customer).collect::<Vec<_>>(),
        c::PERIOD => cells().map(|(_, period, _)| period.first_day()).collect::<Vec<_>>(),
        c::IMPUTED_AMOUNT => cells().map(cost).collect::<Result<Vec<i64>, _>>()?,
    )?;
    Ok(Financing {
        amounts: amounts.lazy().with_column(col(c::PERIOD).cast(DataType::Date)).collect()?,
        supplied: receivables.is_some() && terms.is_some(),
        warning: (terms.is_some() && receivables.is_none()).then(|| {
            let said =
                "[payment_terms] has a rate, but there is no [source.receivables]: payment terms are not supplied";
            Warning::disagreement("no_receivables", said).at(["payment_terms", "yearly_rate"])
        }),
    })
}

const DAYS_PER_YEAR: i128 = 365;

/// Σ amount × days outstanding, by customer and month.
fn owed(
    receivables: &Frame<Receivables>,
    last_month: Period,
) -> Result<BTreeMap<&str, BTreeMap<Period, i128>>, ProfitError> {
    let data = receivables.data();
    let customers = data.column(c::CUSTOMER_ID)?.str()?.iter();
    let invoiced = data.column(c::INVOICE_DATE)?.date()?.physical().iter();
    let paid = data.column(c::PAID_DATE)?.date()?.physical().iter();
    let amounts = data.column(c::AMOUNT)?.i64()?.iter();
    let closing = last_month.plus(1).first_day();
    // Invoices stand by their number, so a customer is looked up for each: by hash, and sorted at the end.
    let mut owed: HashMap<&str, BTreeMap<Period, i128>> = HashMap::new();
    for (((customer, from), paid), amount) in customers.zip(invoiced).zip(paid).zip(amounts) {
        let (Some(customer), Some(from), Some(amount)) = (customer, from, amount) else { continue };
        let months = owed.entry(customer).or_default();
        for (period, days) in days_by_month(from, paid.unwrap_or(closing).min(closing)) {
            *months.entry(period).or_default() += i128::from(amount) * i128::from(days);
        }
    }
    Ok(owed.into_iter().collect())
}

/// The days from `from` to the day before `until`, by month.
fn days_by_month(from: i32, until: i32) -> impl Iterator<Item = (Period, i32)> {
    let days = move |period: Period| until.min(period.plus(1).first_day()) - from.max(period.first_day());
    let months = Period::of_day(from).to(Period::of_day(until));
    months.map(move |period| (period, days(period))).filter(|(_, days)| *days > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::tests::activity;
    use crate::config::Method;
    use netto_model::money::SCALE as ONE;
    use netto_model::period::days_from_civil;
    use proptest::prelude::*;

    const SIX_PERCENT: PaymentTermsConfig = PaymentTermsConfig { yearly_rate: 0.06 };

    /// Customer, day invoiced, day paid, amount.
    type Invoice<'a> = (&'a str, i32, Option<i32>, i64);

    fn receivables(invoices: &[Invoice<'_>]) -> Frame<Receivables> {
        let frame = df!(
            "invoice_id" => (0..invoices.len()).map(|number| format!("{number:04}")).collect::<Vec<_>>(),
            "customer_id" => invoices.iter().map(|invoice| invoice.0).collect::<Vec<_>>(),
            "invoice_date" => invoices.iter().map(|invoice| invoice.1).collect::<Vec<_>>(),
            "due_date" => invoices.iter().map(|invoice| invoice.1).collect::<Vec<_>>(),
            "amount" => invoices.iter().map(|invoice| invoice.3).collect::<Vec<_>>(),
            "paid_date" => invoices.iter().map(|invoice| invoice.2).collect::<Vec<_>>(),
            "currency" => vec![None::<&str>; invoices.len()]
        );
        let dates = ["invoice_date", "due_date", "paid_date"].map(|day| col(day).cast(DataType::Date));
        Frame::try_new(frame.unwrap().lazy().with_columns(dates)).unwrap()
    }

    /// `A 2025-01 660000`, by customer and month.
    fn financed(invoices: &[Invoice<'_>], last_month: Period) -> Vec<String> {
        let financing = financing(Some(&receivables(invoices)), Some(SIX_PERCENT), last_month).unwrap();
        assert!(financing.supplied);
        let data = &financing.amounts;
        let customers = data.column("customer_id").unwrap().str().unwrap().iter().flatten();
        let days = data.column("period").unwrap().date().unwrap().physical().iter().flatten();
        let amounts = data.column("imputed_amount").unwrap().i64().unwrap().iter().flatten();
        let row = |((who, day), amount)| format!("{who} {} {amount}", Period::of_day(day));
        customers.zip(days).zip(amounts).map(row).collect()
    }

    fn day(month: i32, day: i32) -> i32 {
        days_from_civil(2025, month, day)
    }

    #[test]
    fn every_invoice_costs_its_days_in_their_months() {
        let amount = 36_500 * ONE; // 6.00 a day at 6 %
        let invoices = [
            ("A", day(1, 21), Some(day(3, 11)), amount), // 11, 28 and 10 days
            ("A", day(2, 27), None, amount),             // open: 2 days, and all of March
            ("B", day(3, 31), Some(day(5, 2)), amount),  // paid after the closing: 1 day
            ("B", day(3, 1), Some(day(3, 16)), -amount), // a credit note: 15 days for the customer
            ("C", day(3, 9), Some(day(3, 9)), amount),   // paid at once
            ("D", day(4, 1), None, amount),              // not closed yet
            ("E", day(3, 9), Some(day(2, 1)), amount),   // paid in advance
        ];
        assert_eq!(
            financed(&invoices, Period::new(2025, 3)),
            ["A 2025-01 660000", "A 2025-02 1800000", "A 2025-03 2460000", "B 2025-03 -840000"]
        );
    }

    #[test]
    fn a_customer_month_is_rounded_once() {
        // 1.0139 for a day at 6 % is 0.00016667: alone 0.0002, three of them 0.0005.
        let invoices = [("A", day(1, 1), Some(day(1, 2)), 10_139); 3];
        assert_eq!(financed(&invoices, Period::new(2025, 1)), ["A 2025-01 5"]);
        assert_eq!(financed(&invoices[..1], Period::new(2025, 1)), ["A 2025-01 2"]);
    }

    #[test]
    fn a_rate_without_receivables_supplies_nothing() {
        let financing = financing(None, Some(SIX_PERCENT), Period::new(2025, 3)).unwrap();
        assert_eq!((financing.supplied, financing.amounts.height()), (false, 0));
        assert!(financing.warning.is_some());
    }

    #[test]
    fn payment_terms_are_counted_once() {
        let interest = ActivityConfig { step: Step::PaymentTerms, ..activity(Method::Driver) };
        let said = |rate, activities: &BTreeMap<String, ActivityConfig>| {
            let problems = PaymentTermsConfig { yearly_rate: rate }.check(activities);
            let line = |p: Problem| format!("{}: {} ({})", p.key.join("."), p.message, p.help.unwrap_or_default());
            problems.into_iter().map(line).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(said(0.06, &[("calls".to_owned(), activity(Method::Driver))].into()), "");
        insta::assert_snapshot!(said(6.0, &[("credit".to_owned(), interest)].into()), @r#"
        payment_terms.yearly_rate: a yearly rate is between 0 and 1 (write 0.06 for 6 %)
        payment_terms.yearly_rate: payment terms would be counted twice: activity `credit` has `step = "payment_terms"` (keep [payment_terms] for an imputed rate, or [activity.credit] for interest booked on a pool)
        "#);
    }

    proptest! {
        #[test]
        fn days_of_the_months_sum_to_the_days_outstanding(from in 19_000_i32..21_000, length in -100_i32..2_000) {
            let days: i32 = days_by_month(from, from + length).map(|(_, days)| days).sum();
            prop_assert_eq!(days, length.max(0));
        }

        #[test]
        fn a_month_is_the_exact_cost_to_half_a_ten_thousandth(
            amounts in prop::collection::vec(-1_000_000_000_i64..1_000_000_000, 1..20), length in 1_i32..31,
        ) {
            let invoices: Vec<Invoice<'_>> =
                amounts.iter().map(|amount| ("A", day(1, 1), Some(day(1, 1) + length), *amount)).collect();
            let data = financing(Some(&receivables(&invoices)), Some(SIX_PERCENT), Period::new(2025, 1)).unwrap().amounts;
            let found = data.column("imputed_amount").unwrap().i64().unwrap().get(0).unwrap();
            let sum: i128 = amounts.iter().map(|amount| i128::from(*amount)).sum();
            let off = i128::from(found) * 365 * 100 - sum * i128::from(length) * 6;
            prop_assert!(off.abs() * 2 <= 365 * 100, "{off}");
        }
    }
}
