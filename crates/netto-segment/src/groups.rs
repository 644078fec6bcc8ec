//! Groups of customers that fixed shares of a cost pool are given for: tiers and markets. They are known before profit is, so
//! these tiers rank by invoice revenue, whatever the pyramid ranks by.
//!
//! A month's share goes by the tiers of the window that ends with the month, so that a month that is closed stays as it is,
//! whatever is bought later:
//!
//! ```text
//!     2024, each month    2025, each month    tier in 2024-01 … 2024-12    in 2025-12
//! A   100                 1                   Top                          Small
//! B   1                   100                 Small                        Top
//! ```

use std::collections::{BTreeMap, HashMap};

use netto_model::frame::{CustomerMonth, Customers};
use netto_model::{Frame, Period, column as c};

use crate::customer_window::{Customer, INACTIVE, ranked};
use crate::{RankBy, SegmentConfig, SegmentError};

/// The tier of every customer that bought, by invoice revenue in the window that ends with the month: by customer, the first
/// month of each tier, which holds until the next one.
///
/// # Errors
/// When a column has another type than the contract's.
pub fn revenue_tiers(
    customer_month: &Frame<CustomerMonth>,
    last_month: Period,
    config: &SegmentConfig,
) -> Result<HashMap<String, BTreeMap<Period, &'static str>>, SegmentError> {
    let bought = by_month(customer_month)?;
    let Some((&first, &last)) = bought.keys().next().zip(bought.keys().next_back()) else { return Ok(HashMap::new()) };
    let mut sums: BTreeMap<&str, Bought> = BTreeMap::new();
    let mut tiers: HashMap<String, BTreeMap<Period, &'static str>> = HashMap::new();
    for period in first.to(last.max(last_month)) {
        let leaves = bought.get(&period.plus(-i32::from(config.window_months)));
        for (rows, sign) in [(bought.get(&period), 1), (leaves, -1)] {
            for (customer, of_month) in rows.into_iter().flatten() {
                let sum = sums.entry(customer).or_default();
                sum.orders += sign * of_month.orders;
                sum.revenue += sign * of_month.revenue;
            }
        }
        for customer in ranked(sums.iter().map(customer).collect(), RankBy::InvoiceRevenue, config.tiers) {
            let of_customer = tiers.entry(customer.id).or_default();
            if of_customer.values().next_back() != Some(&customer.tier) {
                of_customer.insert(period, customer.tier);
            }
        }
    }
    Ok(tiers)
}

/// What a customer bought in a month or a window.
#[derive(Clone, Copy, Debug, Default)]
struct Bought {
    orders: i64,
    revenue: i64,
}

type Months<'a> = BTreeMap<Period, Vec<(&'a str, Bought)>>;

fn by_month(customer_month: &Frame<CustomerMonth>) -> Result<Months<'_>, SegmentError> {
    let data = customer_month.data();
    let ids = data.column(c::CUSTOMER_ID)?.str()?.iter();
    let days = data.column(c::PERIOD)?.date()?.physical().iter();
    let orders = data.column(c::ORDERS)?.i64()?.iter();
    let revenue = data.column(c::NET_AMOUNT)?.i64()?.iter();
    let mut months = Months::new();
    for ((id, day), (orders, revenue)) in ids.zip(days).zip(orders.zip(revenue)) {
        let bought = Bought { orders: orders.unwrap_or_default(), revenue: revenue.unwrap_or_default() };
        months.entry(Period::of_day(day.unwrap_or_default())).or_default().push((id.unwrap_or_default(), bought));
    }
    Ok(months)
}

fn customer((id, bought): (&&str, &Bought)) -> Customer {
    Customer {
        id: (*id).to_owned(),
        tier: INACTIVE,
        cut_tier: INACTIVE,
        orders: bought.orders,
        revenue: bought.revenue,
        ..Customer::default()
    }
}

/// The market of every customer that has one.
///
/// # Errors
/// When a column has another type than the contract's.
pub fn markets(customers: &Frame<Customers>) -> Result<HashMap<String, String>, SegmentError> {
    let data = customers.data();
    let rows = data.column(c::CUSTOMER_ID)?.str()?.iter().zip(data.column(c::MARKET)?.str()?.iter());
    Ok(rows.filter_map(|(id, market)| Some((id?.to_owned(), market?.to_owned()))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::*;

    /// Month of 2025, customer, orders, revenue.
    fn tiers(rows: &[(i32, &str, i64, i64)], last: i32) -> HashMap<String, BTreeMap<Period, &'static str>> {
        let (nothing, n) = (vec![0_i64; rows.len()], rows.len());
        let days: Vec<i32> = rows.iter().map(|row| Period::new(2025, row.0).first_day()).collect();
        let frame = df!(
            c::PERIOD => days, c::CUSTOMER_ID => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
            c::ORDERS => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
            c::NET_AMOUNT => rows.iter().map(|row| row.3).collect::<Vec<_>>(),
            c::LIST_AMOUNT => rows.iter().map(|row| row.3).collect::<Vec<_>>(),
            c::LINES => vec![1_i64; n], c::QUANTITY => &nothing, c::DISCOUNT_AMOUNT => &nothing, c::COGS_AMOUNT => &nothing,
            c::FREIGHT_CHARGED => &nothing, c::LINES_BELOW_COST => &nothing, c::LINES_WITH_LIST => &nothing,
            c::LINES_WITH_COGS => &nothing, c::LINES_WITH_FREIGHT => &nothing
        );
        let rows = frame.unwrap().lazy().with_column(col(c::PERIOD).cast(DataType::Date));
        let config = SegmentConfig { window_months: 2, ..SegmentConfig::default() };
        revenue_tiers(&Frame::try_new(rows).unwrap(), Period::new(2025, last), &config).unwrap()
    }

    #[test]
    fn a_tier_is_that_of_the_window_which_ends_with_the_month() {
        // One of two customers is Top: 1 % of them, rounded up.
        let rows = [(1, "A", 1, 10), (1, "B", 1, 1), (2, "B", 1, 2), (3, "B", 1, 3), (5, "A", 1, 1)];
        let months = |who: &str, last| {
            let tiers = tiers(&rows, last);
            tiers[who].iter().map(|(month, tier)| (month.month(), *tier)).collect::<Vec<_>>()
        };
        // January's 10 count until February; in April only B bought within two months, in May nobody but A.
        assert_eq!(months("A", 4), [(1, "Top"), (3, INACTIVE), (5, "Top")]);
        assert_eq!(months("B", 4), [(1, "Small"), (3, "Top"), (5, INACTIVE)]);
        assert_eq!(months("A", 6), months("A", 4), "a month more changes none of those before");
        assert_eq!(months("A", 7), [(1, "Top"), (3, INACTIVE), (5, "Top"), (7, INACTIVE)]);
    }
}
