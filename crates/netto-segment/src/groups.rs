//! Groups of customers that fixed shares of a cost pool are given for: tiers and markets. They are known before profit is, so
//! these tiers rank by invoice revenue, whatever the pyramid ranks by.

use std::collections::HashMap;

use netto_model::frame::{CustomerMonth, Customers};
use netto_model::{Frame, Period, Window, column as c};
use polars::prelude::*;

use crate::customer_window::{Customer, INACTIVE, ranked};
use crate::windows::{inside, up_to};
use crate::{RankBy, SegmentConfig, SegmentError};

/// The tier of every customer that bought, by invoice revenue in the main window.
///
/// # Errors
/// When a column has another type than the contract's.
pub fn revenue_tiers(
    customer_month: &Frame<CustomerMonth>,
    last_month: Period,
    config: &SegmentConfig,
) -> Result<HashMap<String, String>, SegmentError> {
    let window = Window::ending(last_month, i32::from(config.window_months));
    let in_window = |name: &str| when(inside(window)).then(col(name)).otherwise(lit(0_i64)).sum().alias(name);
    let sums = customer_month.lazy().filter(up_to(window)).group_by([col(c::CUSTOMER_ID)]);
    let data = sums.agg([in_window(c::ORDERS), in_window(c::NET_AMOUNT)]).collect()?;
    let ids = data.column(c::CUSTOMER_ID)?.str()?.iter();
    let orders = data.column(c::ORDERS)?.i64()?.iter();
    let revenue = data.column(c::NET_AMOUNT)?.i64()?.iter();
    let customers = ids.zip(orders).zip(revenue).map(|((id, orders), revenue)| Customer {
        id: id.unwrap_or_default().to_owned(),
        tier: INACTIVE,
        cut_tier: INACTIVE,
        orders: orders.unwrap_or_default(),
        revenue: revenue.unwrap_or_default(),
        ..Customer::default()
    });
    let ranked = ranked(customers.collect(), RankBy::InvoiceRevenue, config.tiers);
    Ok(ranked.into_iter().map(|customer| (customer.id, customer.tier.to_owned())).collect())
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
