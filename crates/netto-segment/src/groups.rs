//! Groups of customers for fixed shares of a cost pool: tiers and markets. Shares are needed before profit is known, so these tiers rank by invoice revenue,
//! whatever the pyramid ranks by.
//!
//! A month's share uses the tiers of the window that ends with the month, so that later purchases don't change a closed month:
//!
//! ```text
//!     2024, each month    2025, each month    tier in 2024-01 … 2024-12    in 2025-12
//! A   100                 1                   Top                          Small
//! B   1                   100                 Small                        Top
//! ```

use std::collections::{BTreeMap, HashMap};

use netto_model::frame::{CustomerMonth, Customers};
use netto_model::{Frame, Period, Window, column as c};
use polars::prelude::*;

use crate::customers::of_windows;
use crate::settings::Settings;
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
    let days = customer_month.data().column(c::PERIOD)?.date()?.physical().clone();
    let Some((first, last)) = days.min().zip(days.max()) else { return Ok(HashMap::new()) };
    let months: Vec<Period> = Period::of_day(first).to(Period::of_day(last).max(last_month)).collect();
    let windows: Vec<Window> = months.iter().map(|month| Window::ending(*month, config.window_months.into())).collect();
    let unknown_yet = [c::GROSS_MARGIN, c::COST_TO_SERVE, c::NET_PROFIT, c::MINUTES].map(|name| lit(0_i64).alias(name));
    let bought =
        customer_month.lazy().with_columns(unknown_yet).with_column(col(c::NET_AMOUNT).alias(c::INVOICE_REVENUE));
    let by_revenue = SegmentConfig { rank_by: RankBy::InvoiceRevenue, ..config.clone() };
    let customers = of_windows(&windows, &bought.collect()?, &months, Settings::of(&by_revenue))?;
    let mut tiers: HashMap<String, BTreeMap<Period, &'static str>> = HashMap::new();
    for (period, customers) in months.into_iter().zip(customers) {
        for customer in customers {
            let of_customer = tiers.entry(customer.id).or_default();
            if of_customer.values().next_back() != Some(&customer.tier) {
                of_customer.insert(period, customer.tier);
            }
        }
    }
    Ok(tiers)
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
    use crate::customers::INACTIVE;

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
        // January's 10 counts until February; in April only B bought within two months, in May only A.
        assert_eq!(months("A", 4), [(1, "Top"), (3, INACTIVE), (5, "Top")]);
        assert_eq!(months("B", 4), [(1, "Small"), (3, "Top"), (5, INACTIVE)]);
        assert_eq!(months("A", 6), months("A", 4), "a month more changes none of those before");
        assert_eq!(months("A", 7), [(1, "Top"), (3, INACTIVE), (5, "Top"), (7, INACTIVE)]);
    }
}
