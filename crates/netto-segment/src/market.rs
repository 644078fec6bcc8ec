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
use netto_model::frame::MarketSummary;
use netto_model::{Mart, column as c};
use polars::prelude::*;

use crate::book::{Book, absent};
use crate::columns::{lookup, share};
use crate::customer_window::Customer;
use crate::group_sales::{Bought, GroupSales, Rows, Sales};
use crate::{SegmentError, tie};

/// A product group in a market.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cell {
    /// Who buys.
    customers: i64,
    sales: Sales,
}

/// By market and product group.
type Cells<'a> = BTreeMap<(&'a str, &'a str), Cell>;

/// The table of all windows; empty where what customers bought of product groups isn't known.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let Some(sold) = book.inputs.product_group_month else { return absent::<MarketSummary>() };
    let sold = GroupSales::new(sold)?;
    let markets = lookup(book.inputs.customers.data(), c::CUSTOMER_ID, c::MARKET)?;
    book.table::<MarketSummary>(|named, customers| {
        let bought = sold.of(named.window, Rows::All)?;
        let cells = cells(&bought, &sold, &markets);
        audit(&named.name, &cells, customers)?;
        Ok(of_window(&named.name, &cells, &active(customers, &markets))?)
    })
}

fn cells<'a>(bought: &[Bought], sold: &'a GroupSales, markets: &'a BTreeMap<String, String>) -> Cells<'a> {
    let markets: Vec<&str> = sold.customers.iter().map(|customer| market(markets, customer)).collect();
    let mut cells = Cells::new();
    for Bought { customer, group, sales } in bought {
        let cell = cells.entry((markets[*customer], sold.groups[*group].as_str())).or_default();
        cell.customers += i64::from(sales.buys());
        cell.sales += sales;
    }
    cells
}

/// Empty where it isn't known.
fn market<'a>(markets: &'a BTreeMap<String, String>, customer: &str) -> &'a str {
    markets.get(customer).map_or("", String::as_str)
}

/// Active customers by market.
fn active<'a>(customers: &[Customer], markets: &'a BTreeMap<String, String>) -> BTreeMap<&'a str, i64> {
    let mut active = BTreeMap::new();
    for customer in customers.iter().filter(|customer| customer.is_active()) {
        *active.entry(market(markets, &customer.id)).or_default() += 1;
    }
    active
}

/// The amounts are those of all customers.
fn audit(window: &str, cells: &Cells<'_>, customers: &[Customer]) -> Result<(), SegmentError> {
    type Of<T> = fn(&T) -> i64;
    let columns: [(&str, Of<Sales>, Of<Customer>); 4] = [
        (c::INVOICE_REVENUE, |sales| sales.revenue, |row| row.revenue),
        (c::GROSS_MARGIN, |sales| sales.margin, |row| row.margin),
        (c::COST_TO_SERVE, |sales| sales.cost, |row| row.cost),
        (c::NET_PROFIT, |sales| sales.profit, |row| row.profit),
    ];
    for (name, of_sales, of_customer) in columns {
        let found = tie::total(cells.values().map(|cell| of_sales(&cell.sales)));
        let expected = tie::total(customers.iter().map(of_customer));
        tie::same(&MARKET_SUMMARY, window, || name.to_owned(), found, expected)?;
    }
    Ok(())
}

fn of_window(window: &str, cells: &Cells<'_>, active: &BTreeMap<&str, i64>) -> PolarsResult<DataFrame> {
    let amounts = |of: fn(&Sales) -> i64| cells.values().map(|cell| of(&cell.sales)).collect::<Vec<_>>();
    let total = cells.values().map(|cell| cell.sales.revenue).sum();
    let market_customers = |market: &str| active.get(market).copied().unwrap_or_default();
    // There is nothing to buy from the empty product group.
    let penetration = |((market, group), cell): (&(&str, &str), &Cell)| {
        share(cell.customers, market_customers(market)).filter(|_| !group.is_empty())
    };
    let of_total = |cell: &Cell| share(cell.sales.revenue, total);
    let margin_share = |cell: &Cell| share(cell.sales.margin, cell.sales.revenue);
    df!(
        c::WINDOW => vec![window; cells.len()],
        c::MARKET => cells.keys().map(|(market, _)| *market).collect::<Vec<_>>(),
        c::PRODUCT_GROUP => cells.keys().map(|(_, group)| *group).collect::<Vec<_>>(),
        c::CUSTOMERS => cells.values().map(|cell| cell.customers).collect::<Vec<_>>(),
        c::MARKET_CUSTOMERS => cells.keys().map(|(market, _)| market_customers(market)).collect::<Vec<_>>(),
        c::PENETRATION => cells.iter().map(penetration).collect::<Vec<_>>(),
        c::INVOICE_REVENUE => amounts(|sales| sales.revenue),
        c::REVENUE_SHARE => cells.values().map(of_total).collect::<Vec<_>>(),
        c::GROSS_MARGIN => amounts(|sales| sales.margin),
        c::MARGIN_SHARE => cells.values().map(margin_share).collect::<Vec<_>>(),
        c::COST_TO_SERVE => amounts(|sales| sales.cost),
        c::NET_PROFIT => amounts(|sales| sales.profit),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{texts, units};
    use crate::customer_window::tests::customer;
    use crate::group_sales::tests::sold;
    use netto_model::{Frame, Window};

    fn markets() -> BTreeMap<String, String> {
        BTreeMap::from([("A".to_owned(), "Bouw".to_owned())])
    }

    /// A buys pumps in two months and sends filters back; B buys pumps; C was only visited.
    fn with_cells<T>(look: impl FnOnce(&Cells<'_>) -> T) -> T {
        let rows = [
            ("A", "Pumps", 1, 1, 60, 0, 20, 5),
            ("A", "Filters", 2, 1, -10, 0, -4, 1),
            ("A", "Pumps", 2, 1, 40, 0, 10, 5),
            ("B", "Pumps", 2, 1, 50, 0, 15, 10),
            ("C", "", 2, 0, 0, 0, 0, 7),
        ];
        let sold = GroupSales::new(&sold(&rows)).unwrap();
        let bought = sold.of(Window::calendar_year(2025), Rows::All).unwrap();
        look(&cells(&bought, &sold, &markets()))
    }

    #[test]
    fn penetration_counts_who_buys_and_what_came_back_is_no_purchase() {
        let active = BTreeMap::from([("Bouw", 2), ("", 1)]);
        let data = with_cells(|cells| of_window("2025", cells, &active).unwrap());
        let data = Frame::<MarketSummary>::try_new(data.lazy()).unwrap().data().clone();
        let keys: Vec<_> =
            texts(&data, c::MARKET).unwrap().into_iter().zip(texts(&data, c::PRODUCT_GROUP).unwrap()).collect();
        let key = |market: &str, group: &str| (market.to_owned(), group.to_owned());
        assert_eq!(keys, [key("", ""), key("", "Pumps"), key("Bouw", "Filters"), key("Bouw", "Pumps")]);
        assert_eq!(units(&data, c::CUSTOMERS).unwrap(), [0, 1, 0, 1]);
        assert_eq!(units(&data, c::MARKET_CUSTOMERS).unwrap(), [1, 1, 2, 2]);
        let shares = |name: &str| data.column(name).unwrap().f64().unwrap().iter().collect::<Vec<_>>();
        assert_eq!(shares(c::PENETRATION), [None, Some(1.0), Some(0.0), Some(0.5)]);
        assert_eq!(shares(c::REVENUE_SHARE), [0, 50, -10, 100].map(|part| Some(f64::from(part) / 140.0)));
        assert_eq!(shares(c::MARGIN_SHARE), [None, Some(0.3), None, Some(0.3)]);
    }

    #[test]
    fn active_customers_are_counted_in_their_market() {
        let customers =
            [customer("A", 1, 1, 1), customer("B", 2, 1, 1), Customer { rank: None, ..customer("C", 3, 0, 0) }];
        assert_eq!(active(&customers, &markets()), BTreeMap::from([("", 1), ("Bouw", 1)]));
    }

    #[test]
    fn amounts_that_are_not_those_of_the_customers_are_found() {
        let all = Customer { margin: 41, cost: 28, ..customer("A", 1, 140, 13) };
        assert!(with_cells(|cells| audit("2025", cells, std::slice::from_ref(&all))).is_ok());
        let other = Customer { margin: 42, ..all };
        let refused = with_cells(|cells| audit("2025", cells, &[other])).unwrap_err().to_string();
        assert_eq!(refused, "`market` of window `2025` doesn't tie: gross_margin is 0.0041 instead of 0.0042");
    }
}
