//! Plants causes of a known size that analyses must find, and similar ones without any effect; `README.md` beside this crate lists them.
//!
//! ```text
//! small customers in turn   visited | never       with M01 to M03 the visited buy half as much again from July 2024 on, with M04 nothing changes
//! larger customers          M01's order after most visits; M04's are visited on Fridays, and order as they would anyway
//! ```
//! Without the causes the sample is unchanged, to the byte.

use std::collections::BTreeMap;

use netto_model::Period;

use crate::activities;
use crate::calendar::{LAST, dutch, month_index, working_days_after};
use crate::customers::Customer;
use crate::draw::{Draw, Stream};
use crate::extract::{Extract, amount};

/// July 2024, when the last twelve months begin.
const LAST_YEAR: i64 = 24;
/// October 2024.
const AGREED: Period = Period::new(2024, 10);
/// Yearly revenue up to which a customer is Small, in cents: customers above it are never compared with those below.
const SMALL: i64 = 950_000;
/// The market whose discounts were cut.
const DEARER_MARKET: usize = 1;
/// L05, the supplier with far too much stock in the warehouse.
const OVERSTOCKED: usize = 4;
/// Number of products that no customer buys, each with 100 pieces at 10.00.
const DEAD_PRODUCTS: i64 = 25;

/// The causes that act on a customer in addition to its habits.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cause {
    /// The month from which its orders change, and to how many thousandths.
    growth: Option<(i64, i64)>,
    /// The reduction of its discount from July 2024 on, in thousandths of list.
    discount_cut: i64,
    /// The only weekday on which it is visited: Monday 0, Friday 4.
    pub(crate) visited_on: Option<i32>,
    /// How many of a thousand visits are followed by an order.
    order_after_visit: i64,
    /// Whether the field staff write its quotes.
    pub(crate) quotes_by_field: bool,
    /// The action agreed with it in October 2024.
    agreed: Option<&'static str>,
}

impl Cause {
    /// Orders in a month, in thousandths of what they would be.
    pub(crate) fn growth(&self, period: Period) -> i64 {
        self.growth.filter(|(from, _)| month_index(period) >= *from).map_or(1_000, |(_, growth)| growth)
    }

    /// The reduction of its discount, in thousandths of list.
    pub(crate) fn discount_cut(&self, period: Period) -> i64 {
        if month_index(period) >= LAST_YEAR { self.discount_cut } else { 0 }
    }
}

/// Assigns the causes to the customers.
pub(crate) fn put_into(customers: &mut [Customer]) {
    for customer in customers {
        let in_turn = customer.number % 2 == 0;
        let cause = &mut customer.cause;
        cause.quotes_by_field = customer.pair == 1;
        cause.discount_cut = if customer.market == DEARER_MARKET { 40 } else { 0 };
        match customer.yearly {
            ..SMALL => {
                customer.visits = if in_turn { 3_000 } else { 0 };
                cause.growth = (in_turn && customer.pair < 3).then_some((LAST_YEAR, 1_500));
            }
            SMALL..3_000_000 if customer.pair == 1 || customer.pair == 2 => {
                cause.agreed = Some(if in_turn { "minimale jaaromzet" } else { "minder bezoek" });
                cause.growth = in_turn.then_some((month_index(AGREED), 1_600));
            }
            _ if customer.pair == 0 => {
                cause.order_after_visit = 700;
                cause.visited_on = Some(0);
                customer.visits = 20_000;
            }
            _ if customer.pair == 3 => {
                cause.visited_on = Some(4);
                customer.visits = customer.visits.max(10_000);
            }
            _ => {}
        }
    }
}

/// Orders that exist only because of the preceding visit: customer and day.
pub(crate) fn orders_after_visits(seed: u64, customers: &[Customer]) -> Vec<(usize, i32)> {
    let places: BTreeMap<String, usize> = customers.iter().map(Customer::padded).zip(0..).collect();
    let mut draw = Draw::new(seed, Stream::Causes);
    activities::visits(seed, customers)
        .into_iter()
        .filter_map(|(customer, day)| {
            let place = *places.get(&customer)?;
            let ordered = working_days_after(day, draw.between(1, 3));
            let follows = draw.chance(customers[place].cause.order_after_visit);
            (follows && Period::of_day(ordered) <= LAST).then_some((place, ordered))
        })
        .collect()
}

/// Rows of `acties.csv`.
pub(crate) fn agree(extract: &mut Extract, customers: &[Customer]) {
    for customer in customers {
        if let Some(agreed) = customer.cause.agreed {
            extract.row([customer.padded(), agreed.to_owned(), dutch(AGREED.first_day()), "campagne".to_owned()]);
        }
    }
}

/// The factor by which a supplier's stock in the warehouse is increased.
pub(crate) const fn stock_of(supplier: usize) -> i64 {
    if supplier == OVERSTOCKED { 15 } else { 1 }
}

/// Rows of `artikelen.csv` for products without a buyer.
pub(crate) fn dead_products(extract: &mut Extract) {
    for number in 1..=DEAD_PRODUCTS {
        extract.row(
            [&dead(number), "Restpartij", "Veiligheid", "L25", "10,00", "20,00", "G", "0,500", "01-01-2025"]
                .map(str::to_owned),
        );
    }
}

/// Rows of `voorraad.csv` for the same, on a counting day.
pub(crate) fn dead_stock(extract: &mut Extract, day: i32) {
    for number in 1..=DEAD_PRODUCTS {
        extract.row([dead(number), dutch(day), "AMF".to_owned(), "100".to_owned(), amount(100_000)]);
    }
}

fn dead(number: i64) -> String {
    format!("99{number:04}")
}
