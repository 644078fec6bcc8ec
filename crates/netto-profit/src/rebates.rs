//! Rebates given: a rate on list or invoice revenue, from a threshold of the calendar year on.
//!
//! An agreement holds for a month when the month's first day lies in its validity, and when the customer's basis over the
//! calendar year reaches its threshold; of several thresholds on the same basis, the highest reached holds, for the whole
//! year. 5 % of a list revenue of 100.00 is 5.00.

use std::collections::BTreeMap;

use netto_model::frame::{CustomerMonth, Rebates};
use netto_model::{Frame, Money, Period, column as c};
use polars::prelude::*;

use crate::ProfitError;

/// Basis and rate of an agreement with a customer.
struct Agreement {
    basis: String,
    rate_millionths: i64,
    threshold: i64,
    valid_from: i32,
    valid_to: Option<i32>,
}

/// Per customer and month with a rebate: `customer_id`, `period`, `rebates_given`.
///
/// # Errors
/// When a rebate leaves the range of money.
pub fn rebates_given(
    customer_month: &Frame<CustomerMonth>,
    rebates: Option<&Frame<Rebates>>,
) -> Result<DataFrame, ProfitError> {
    let agreements = rebates.map(agreements).transpose()?.unwrap_or_default();
    let months = revenue(customer_month)?;
    let mut years: BTreeMap<(&str, i32, &str), i64> = BTreeMap::new();
    for month in &months {
        for (basis, amount) in month.bases() {
            *years.entry((month.customer, month.period.year(), basis)).or_default() += amount;
        }
    }
    let (mut customers, mut periods, mut amounts) = (Vec::new(), Vec::new(), Vec::new());
    for month in months.iter().filter(|month| agreements.contains_key(month.customer)) {
        let of_customer = agreements.get(month.customer).map_or(&[][..], Vec::as_slice);
        let year = |basis| years.get(&(month.customer, month.period.year(), basis)).copied().unwrap_or_default();
        let amount = Money::sum(
            month
                .bases()
                .into_iter()
                .filter_map(|(basis, amount)| {
                    let holds =
                        |a: &&Agreement| a.basis == basis && a.holds(month.period) && a.threshold <= year(basis);
                    let agreement = of_customer.iter().filter(holds).max_by_key(|a| a.threshold)?;
                    Some(Money::from_units(amount).scaled(agreement.rate_millionths, crate::config::MILLION))
                })
                .collect::<Result<Vec<_>, _>>()
                .map_err(|source| ProfitError::Money { place: month.place(), source })?,
        )
        .map_err(|source| ProfitError::Money { place: month.place(), source })?;
        customers.push(month.customer);
        periods.push(month.period.first_day());
        amounts.push(amount.units());
    }
    let frame = df!(c::CUSTOMER_ID => customers, c::PERIOD => periods, c::REBATES_GIVEN => amounts)?;
    Ok(frame.lazy().with_column(col(c::PERIOD).cast(DataType::Date)).collect()?)
}

struct Month<'a> {
    customer: &'a str,
    period: Period,
    list: i64,
    net: i64,
}

impl Month<'_> {
    const fn bases(&self) -> [(&'static str, i64); 2] {
        [(c::LIST_REVENUE, self.list), (c::INVOICE_REVENUE, self.net)]
    }

    fn place(&self) -> String {
        format!("rebates of customer `{}` in {}", self.customer, self.period)
    }
}

impl Agreement {
    fn holds(&self, period: Period) -> bool {
        let day = period.first_day();
        // An agreement that starts within a month holds from that month on.
        Period::of_day(self.valid_from) <= period && self.valid_to.is_none_or(|last| day <= last)
    }
}

fn revenue(customer_month: &Frame<CustomerMonth>) -> Result<Vec<Month<'_>>, ProfitError> {
    let data = customer_month.data();
    let customers = data.column(c::CUSTOMER_ID)?.str()?.iter();
    let periods = data.column(c::PERIOD)?.date()?.physical().iter();
    let list = data.column(c::LIST_AMOUNT)?.i64()?.iter();
    let net = data.column(c::NET_AMOUNT)?.i64()?.iter();
    let rows = customers.zip(periods).zip(list.zip(net)).map(|((customer, day), (list, net))| Month {
        customer: customer.unwrap_or_default(),
        period: Period::of_day(day.unwrap_or_default()),
        list: list.unwrap_or_default(),
        net: net.unwrap_or_default(),
    });
    Ok(rows.collect())
}

#[expect(clippy::cast_possible_truncation, reason = "a rate is a small part of one, taken to the millionth")]
fn agreements(rebates: &Frame<Rebates>) -> Result<BTreeMap<String, Vec<Agreement>>, ProfitError> {
    let data = rebates.data();
    let customers = data.column(c::CUSTOMER_ID)?.str()?.iter();
    let bases = data.column(c::BASIS)?.str()?.iter();
    let rates = data.column(c::RATE)?.f64()?.iter();
    let thresholds = data.column(c::THRESHOLD)?.i64()?.iter();
    let from = data.column(c::VALID_FROM)?.date()?.physical().iter();
    let to = data.column(c::VALID_TO)?.date()?.physical().iter();
    let mut agreements: BTreeMap<String, Vec<Agreement>> = BTreeMap::new();
    for ((((customer, basis), rate), threshold), (valid_from, valid_to)) in
        customers.zip(bases).zip(rates).zip(thresholds).zip(from.zip(to))
    {
        agreements.entry(customer.unwrap_or_default().to_owned()).or_default().push(Agreement {
            basis: basis.unwrap_or_default().to_owned(),
            rate_millionths: (rate.unwrap_or_default() * 1e6).round() as i64,
            threshold: threshold.unwrap_or_default(),
            valid_from: valid_from.unwrap_or(i32::MIN / 2),
            valid_to,
        });
    }
    Ok(agreements)
}
