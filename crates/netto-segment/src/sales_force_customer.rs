//! The five customers of each employee that bring most net profit, and the five that bring least, in the main window.
//!
//! ```text
//! M01  top     1  C12   18,400
//! M01  top     2  C07   11,900
//! M01  bottom  1  C31   −2,300     the first to talk about
//! ```
//! Who neither bought nor cost anything in the window is on neither side; with fewer than ten customers, some are on both.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use netto_model::Mart;
use netto_model::column as c;
use netto_model::frame::SalesForceCustomer;
use polars::prelude::*;

use crate::SegmentError;
use crate::book::Book;
use crate::customer_window::Customer;
use crate::sales_events::Events;
use crate::sales_team::{Seller, team};

/// So many customers on each side.
const SHOWN: usize = 5;

/// A customer's place.
struct Place<'a> {
    employee: &'a str,
    side: &'static str,
    rank: i64,
    customer: &'a Customer,
    visits: Option<i64>,
}

/// The table of the main window.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    book.table_of_main::<SalesForceCustomer>(|named, customers| {
        let events = Events::of(book.inputs, named.window)?;
        let team = team(book.inputs, events.as_ref())?;
        let customers: BTreeMap<&str, &Customer> = customers.iter().map(|row| (row.id.as_str(), row)).collect();
        let visits = events.as_ref().map(visits);
        let mut rows = Vec::new();
        for seller in team.iter().filter(|seller| seller.is_employee()) {
            rows.extend(places(seller, &customers, visits.as_ref()));
        }
        Ok(of_window(&named.name, &rows)?)
    })
}

/// Visits by employee and customer.
fn visits<'a>(events: &Events<'a>) -> BTreeMap<(&'a str, &'a str), i64> {
    let mut visits = BTreeMap::new();
    for visit in events.visits_to_customers() {
        *visits.entry((visit.employee, visit.customer)).or_default() += 1;
    }
    visits
}

fn places<'a>(
    seller: &'a Seller,
    customers: &BTreeMap<&str, &'a Customer>,
    visits: Option<&BTreeMap<(&str, &str), i64>>,
) -> Vec<Place<'a>> {
    let theirs = seller.portfolio.iter().filter_map(|id| customers.get(id.as_str()).copied());
    let mut theirs: Vec<&Customer> = theirs.filter(|row| row.is_active() || row.profit != 0).collect();
    theirs.sort_by_key(|row| (Reverse(row.profit), &row.id));
    let top = theirs.clone().into_iter();
    theirs.sort_by_key(|row| (row.profit, &row.id));
    let sides = [("top", top), ("bottom", theirs.into_iter())];
    let places = sides.into_iter().flat_map(|(side, ranked)| {
        (1..).zip(ranked.take(SHOWN)).map(move |(rank, customer)| Place {
            employee: &seller.key,
            side,
            rank,
            customer,
            visits: visits
                .map(|all| all.get(&(seller.key.as_str(), customer.id.as_str())).copied().unwrap_or_default()),
        })
    });
    places.collect()
}

fn of_window(window: &str, rows: &[Place<'_>]) -> Result<DataFrame, PolarsError> {
    df!(
        c::WINDOW => vec![window; rows.len()],
        c::EMPLOYEE_ID => rows.iter().map(|row| row.employee).collect::<Vec<_>>(),
        c::SIDE => rows.iter().map(|row| row.side).collect::<Vec<_>>(),
        c::RANK => rows.iter().map(|row| row.rank).collect::<Vec<_>>(),
        c::CUSTOMER_ID => rows.iter().map(|row| row.customer.id.as_str()).collect::<Vec<_>>(),
        c::INVOICE_REVENUE => rows.iter().map(|row| row.customer.revenue).collect::<Vec<_>>(),
        c::NET_PROFIT => rows.iter().map(|row| row.customer.profit).collect::<Vec<_>>(),
        c::VISITS => rows.iter().map(|row| row.visits).collect::<Vec<_>>(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;

    #[test]
    fn five_earn_most_and_five_least_ties_by_id_and_who_did_nothing_is_left_out() {
        let mut all: Vec<Customer> = [("A", 5), ("B", 5), ("C", -3), ("D", 1), ("E", 9), ("F", -3), ("G", 0)]
            .map(|(id, profit)| customer(id, 1, 10, profit))
            .into();
        all.push(Customer { rank: None, ..customer("served only", 0, 0, -4) });
        all.push(Customer { rank: None, ..customer("asleep", 0, 0, 0) });
        let customers = all.iter().map(|row| (row.id.as_str(), row)).collect();
        let seller = Seller {
            key: "M01".into(),
            portfolio: all.iter().map(|row| row.id.clone()).collect(),
            ..Seller::default()
        };
        let visits = BTreeMap::from([(("M01", "E"), 3), (("M02", "A"), 7)]);
        let places = places(&seller, &customers, Some(&visits));
        let side = |side: &str| {
            places.iter().filter(|place| place.side == side).map(|place| place.customer.id.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(side("top"), ["E", "A", "B", "D", "G"]);
        assert_eq!(side("bottom"), ["served only", "C", "F", "G", "D"]);
        assert_eq!(
            places[..2].iter().map(|place| (place.rank, place.visits)).collect::<Vec<_>>(),
            [(1, Some(3)), (2, Some(0))]
        );
    }
}
