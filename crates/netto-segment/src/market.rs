//! Product group × market (PMC): what is sold where, to how many of the market's customers, and what it earns.
//!
//! ```text
//! market  product group  customers  of  penetration  revenue  net profit
//! Bouw    Pumps          30         40  75 %         90,000   12,000
//! Bouw    Filters         4         40  10 %          3,000     -200
//! Zorg    Pumps           2         20  10 %          5,000      900      room to grow
//! ```
//! Who buys has invoice revenue above zero in the group. Cost without an order stands under the empty product group, so the
//! amounts of a window are those of the waterfall.
//!
//! Source: product-market combinations, Ansoff, *Corporate Strategy* (1965).

use std::collections::BTreeMap;

use netto_model::contract::MARKET_SUMMARY;
use netto_model::frame::{FctCustomerProductGroupMonth, MarketSummary};
use netto_model::{Frame, Mart, column as c};
use polars::prelude::*;

use crate::book::{Book, absent};
use crate::columns::{lookup, share, texts, units};
use crate::customer_window::Customer;
use crate::windows::{Named, inside};
use crate::{SegmentError, tie};

/// What adds up of a product group in a market.
const AMOUNTS: [&str; 4] = [c::INVOICE_REVENUE, c::GROSS_MARGIN, c::COST_TO_SERVE, c::NET_PROFIT];

/// The table of all windows; empty where what customers bought of product groups isn't known.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let Some(sold) = book.inputs.product_group_month else { return absent::<MarketSummary>() };
    let of_customers = book.inputs.customers.lazy().select([col(c::CUSTOMER_ID), col(c::MARKET)]);
    let markets = lookup(book.inputs.customers.data(), c::CUSTOMER_ID, c::MARKET)?;
    book.table::<MarketSummary>(|named, customers| {
        let rows = by_market(sold, &of_customers, named)?;
        audit(&named.name, &rows, customers)?;
        Ok(of_window(&named.name, rows, &active(customers, &markets))?)
    })
}

/// Customers that buy, and amounts, by market and product group.
fn by_market(
    sold: &Frame<FctCustomerProductGroupMonth>,
    of_customers: &LazyFrame,
    named: &Named,
) -> PolarsResult<DataFrame> {
    let customer = || [col(c::CUSTOMER_ID)];
    sold.lazy()
        .filter(inside(named.window))
        .group_by([col(c::CUSTOMER_ID), col(c::PRODUCT_GROUP)])
        .agg(AMOUNTS.map(|name| col(name).sum()))
        .join(of_customers.clone(), customer(), customer(), JoinArgs::new(JoinType::Left))
        .with_columns([col(c::MARKET).fill_null(lit("")), buys().cast(DataType::Int64).alias(c::CUSTOMERS)])
        .group_by([col(c::MARKET), col(c::PRODUCT_GROUP)])
        .agg([c::CUSTOMERS].into_iter().chain(AMOUNTS).map(|name| col(name).sum()).collect::<Vec<_>>())
        .collect()
}

/// Whether a customer buys from a product group: what it returns is taken off.
pub(crate) fn buys() -> Expr {
    col(c::INVOICE_REVENUE).gt(lit(0))
}

/// Active customers by market; those without one under the empty market.
fn active(customers: &[Customer], markets: &BTreeMap<String, String>) -> BTreeMap<String, i64> {
    let mut active = BTreeMap::new();
    for customer in customers.iter().filter(|customer| customer.is_active()) {
        *active.entry(markets.get(&customer.id).cloned().unwrap_or_default()).or_default() += 1;
    }
    active
}

/// The amounts are those of all customers.
fn audit(window: &str, rows: &DataFrame, customers: &[Customer]) -> Result<(), SegmentError> {
    let of: [fn(&Customer) -> i64; 4] = [|row| row.revenue, |row| row.margin, |row| row.cost, |row| row.profit];
    for (name, of) in AMOUNTS.into_iter().zip(of) {
        let (found, expected) = (tie::total(units(rows, name)?), tie::total(customers.iter().map(of)));
        tie::same(&MARKET_SUMMARY, window, || name.to_owned(), found, expected)?;
    }
    Ok(())
}

fn of_window(window: &str, rows: DataFrame, active: &BTreeMap<String, i64>) -> PolarsResult<DataFrame> {
    let (customers, revenue, margin) =
        (units(&rows, c::CUSTOMERS)?, units(&rows, c::INVOICE_REVENUE)?, units(&rows, c::GROSS_MARGIN)?);
    let all: Vec<i64> =
        texts(&rows, c::MARKET)?.iter().map(|market| active.get(market).copied().unwrap_or_default()).collect();
    let named = texts(&rows, c::PRODUCT_GROUP)?.into_iter().map(|group| !group.is_empty());
    let penetration = customers.iter().zip(&all).zip(named);
    let penetration: Vec<Option<f64>> =
        penetration.map(|((&buying, &all), named)| share(buying, all).filter(|_| named)).collect();
    let total = revenue.iter().sum();
    let margins: Vec<Option<f64>> = margin.iter().zip(&revenue).map(|(&part, &whole)| share(part, whole)).collect();
    let mut data = rows;
    for column in [
        Column::new(c::WINDOW.into(), vec![window; all.len()]),
        Column::new(c::PENETRATION.into(), penetration),
        Column::new(c::REVENUE_SHARE.into(), revenue.iter().map(|&part| share(part, total)).collect::<Vec<_>>()),
        Column::new(c::MARGIN_SHARE.into(), margins),
        Column::new(c::MARKET_CUSTOMERS.into(), all),
    ] {
        data.with_column(column)?;
    }
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;
    use crate::stock_turnover::tests::{day, frame};
    use netto_model::Window;

    fn rows() -> DataFrame {
        // A buys pumps in two months and sends filters back; B buys pumps; C was only visited.
        let sold = df!(c::CUSTOMER_ID => ["A", "A", "A", "B", "C"], c::PRODUCT_GROUP => ["Pumps", "Pumps", "Filters", "Pumps", ""],
            c::PERIOD => [day(2025, 1), day(2025, 2), day(2025, 2), day(2025, 2), day(2025, 2)],
            c::INVOICE_REVENUE => [60_i64, 40, -10, 50, 0], c::GROSS_MARGIN => [20_i64, 10, -4, 15, 0],
            c::COST_TO_SERVE => [5_i64, 5, 1, 10, 7], c::NET_PROFIT => [15_i64, 5, -5, 5, -7]);
        let sold = frame::<FctCustomerProductGroupMonth>(c::PERIOD, sold.unwrap());
        let markets = df!(c::CUSTOMER_ID => ["A", "B"], c::MARKET => [Some("Bouw"), None]).unwrap().lazy();
        let named = Named { name: "2025".into(), window: Window::calendar_year(2025), previous: None };
        by_market(&sold, &markets, &named).unwrap()
    }

    #[test]
    fn penetration_counts_who_buys_and_what_came_back_is_no_purchase() {
        let active = BTreeMap::from([("Bouw".to_owned(), 2), (String::new(), 1)]);
        let data = Frame::<MarketSummary>::try_new(of_window("2025", rows(), &active).unwrap().lazy()).unwrap();
        let data = data.data();
        let keys: Vec<_> =
            texts(data, c::MARKET).unwrap().into_iter().zip(texts(data, c::PRODUCT_GROUP).unwrap()).collect();
        let key = |market: &str, group: &str| (market.to_owned(), group.to_owned());
        assert_eq!(keys, [key("", ""), key("", "Pumps"), key("Bouw", "Filters"), key("Bouw", "Pumps")]);
        assert_eq!(units(data, c::CUSTOMERS).unwrap(), [0, 1, 0, 1]);
        assert_eq!(units(data, c::MARKET_CUSTOMERS).unwrap(), [1, 1, 2, 2]);
        let shares = |name: &str| data.column(name).unwrap().f64().unwrap().iter().collect::<Vec<_>>();
        assert_eq!(shares(c::PENETRATION), [None, Some(1.0), Some(0.0), Some(0.5)]);
        assert_eq!(shares(c::REVENUE_SHARE), [0, 50, -10, 100].map(|part| Some(f64::from(part) / 140.0)));
        assert_eq!(shares(c::MARGIN_SHARE), [None, Some(0.3), None, Some(0.3)]);
    }

    #[test]
    fn amounts_that_are_not_those_of_the_customers_are_found() {
        // In the helper, margin is profit and half of the revenue, cost half of the revenue.
        let customers = [Customer { margin: 41, cost: 28, ..customer("A", 1, 140, 13) }];
        assert!(audit("2025", &rows(), &customers).is_ok());
        let customers = [Customer { margin: 42, cost: 28, ..customer("A", 1, 140, 13) }];
        let refused = audit("2025", &rows(), &customers).unwrap_err().to_string();
        assert_eq!(refused, "`market` of window `2025` doesn't tie: gross_margin is 0.0041 instead of 0.0042");
    }
}
