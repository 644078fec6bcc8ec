//! Visits by weekday and part of the day, and the orders that followed: is the Friday afternoon worth the drive?
//!
//! Expected are the orders that as many comparable customers without a visit placed in as many days: of the same tier, and
//! visited by nobody in the window. Where a tier has none of those, all its customers stand for them.
//!
//! ```text
//! Small, unvisited: 1,200 orders of 400 customers in 365 days, so 0.0082 a day, and 0.066 in the 8 days from a visit on
//! Friday afternoon  30 visits, 1 order after them; expected 30 × 0.066 = 2.0
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::slice::from_ref;

use netto_model::frame::VisitTiming;
use netto_model::{Mart, Window, column as c};
use polars::prelude::*;

use crate::SegmentError;
use crate::book::Book;
use crate::columns::sums;
use crate::customer_window::Customer;
use crate::order_digest::OrderDigest;
use crate::sales_events::Events;
use crate::sales_force::costs_per_visit;
use crate::windows::covered;

/// Visits of an employee at a time of the week.
#[derive(Clone, Debug, Default, PartialEq)]
struct Slot {
    visits: i64,
    minutes: i64,
    with_order: i64,
    orders: i64,
    revenue: i64,
    expected: f64,
}

/// Employee, weekday, part of the day.
type Slots<'a> = BTreeMap<(&'a str, i64, &'static str), Slot>;

/// The table of all windows.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    book.table::<VisitTiming>(|named, customers| {
        let Some(events) = Events::of(book.inputs, named.window)? else { return Ok(DataFrame::empty()) };
        let days_after = i64::from(book.config.sales_force.days_after_visit) + 1;
        let usual = match (book.inputs.orders, covered(book.inputs, named.window)?) {
            (Some(orders), Some(window)) => usual_orders(customers, &events, orders, window)?,
            _ => BTreeMap::new(),
        };
        let slots = slots(&events, book.inputs.orders, &usual, days_after);
        let costs = costs_per_visit(book, named.window, &events)?;
        Ok(of_window(&named.name, &slots, &costs, &events, book.inputs.orders.is_some())?)
    })
}

/// Sales per day of a customer's like: of its tier, and visited by nobody.
fn usual_orders<'a>(
    customers: &'a [Customer],
    events: &Events<'_>,
    orders: &OrderDigest,
    window: Window,
) -> PolarsResult<BTreeMap<&'a str, f64>> {
    let visited: BTreeSet<&str> = events.visits_to_customers().map(|visit| visit.customer).collect();
    let sales = sums(orders.sales(window), [c::CUSTOMER_ID], [c::ORDERS])?;
    let days = window.last.plus(1).first_day() - window.first.first_day();
    let mut tiers: BTreeMap<&str, [Usual; 2]> = BTreeMap::new();
    for customer in customers {
        let [all, unvisited] = tiers.entry(customer.tier).or_default();
        let [sales] = sales.get(from_ref(&customer.id)).copied().unwrap_or_default();
        all.add(sales);
        if !visited.contains(customer.id.as_str()) {
            unvisited.add(sales);
        }
    }
    let per_day = |tier: &str| {
        let [all, unvisited] = tiers.get(tier)?;
        unvisited.per_day(days).or_else(|| all.per_day(days))
    };
    Ok(customers.iter().filter_map(|row| Some((row.id.as_str(), per_day(row.tier)?))).collect())
}

/// Sales of so many customers.
#[derive(Clone, Copy, Debug, Default)]
struct Usual {
    customers: i64,
    sales: i64,
}

impl Usual {
    const fn add(&mut self, sales: i64) {
        self.customers += 1;
        self.sales += sales;
    }

    #[expect(clippy::cast_precision_loss, reason = "orders per day are a ratio")]
    fn per_day(self, days: i32) -> Option<f64> {
        (self.customers > 0).then(|| self.sales as f64 / self.customers as f64 / f64::from(days))
    }
}

#[expect(clippy::cast_precision_loss, reason = "an expectation is a ratio")]
fn slots<'a>(
    events: &Events<'a>,
    orders: Option<&OrderDigest>,
    usual: &BTreeMap<&str, f64>,
    days_after: i64,
) -> Slots<'a> {
    let mut slots = Slots::new();
    // In the order of their ids, so that the expectation adds up alike whatever the order of the rows.
    let mut visits: Vec<_> = events.visits_to_customers().collect();
    visits.sort_by_key(|visit| visit.id);
    for visit in visits {
        let slot = slots.entry((visit.employee, visit.weekday(), visit.part_of_day())).or_default();
        slot.visits += 1;
        slot.minutes += visit.minutes;
        // Who never bought isn't expected to.
        slot.expected += usual.get(visit.customer).copied().unwrap_or_default() * days_after as f64;
        if let Some(after) = orders.and_then(|orders| orders.after_visit.get(visit.id)) {
            slot.with_order += i64::from(after.orders > 0);
            slot.orders += after.orders;
            slot.revenue += after.revenue;
        }
    }
    slots
}

fn of_window(
    window: &str,
    slots: &Slots<'_>,
    costs: &BTreeMap<String, i64>,
    events: &Events<'_>,
    has_orders: bool,
) -> Result<DataFrame, PolarsError> {
    let each =
        |known: bool, of: fn(&Slot) -> i64| slots.values().map(|slot| known.then(|| of(slot))).collect::<Vec<_>>();
    let cost = slots.iter().map(|((employee, ..), slot)| costs.get(*employee)?.checked_mul(slot.visits));
    df!(
        c::WINDOW => vec![window; slots.len()],
        c::EMPLOYEE_ID => slots.keys().map(|(employee, ..)| *employee).collect::<Vec<_>>(),
        c::WEEKDAY => slots.keys().map(|(_, weekday, _)| *weekday).collect::<Vec<_>>(),
        c::PART_OF_DAY => slots.keys().map(|(.., part)| *part).collect::<Vec<_>>(),
        c::VISITS => each(true, |slot| slot.visits),
        c::VISIT_MINUTES => each(events.has_minutes, |slot| slot.minutes),
        c::VISIT_COST => cost.collect::<Vec<_>>(),
        c::VISITS_WITH_ORDER => each(has_orders, |slot| slot.with_order),
        c::ORDERS_AFTER_VISIT => each(has_orders, |slot| slot.orders),
        c::REVENUE_AFTER_VISIT => each(has_orders, |slot| slot.revenue),
        c::EXPECTED_ORDERS => slots.values().map(|slot| has_orders.then_some(slot.expected)).collect::<Vec<_>>(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;
    use crate::order_digest::FollowUp;
    use crate::order_digest::tests::digest;
    use crate::sales_events::{Event, Kind};
    use netto_model::Period;
    use netto_model::period::days_from_civil;

    fn visit<'a>(id: &'a str, customer: &'a str, day: i32, time: i64) -> Event<'a> {
        Event {
            id,
            employee: "M01",
            customer,
            kind: Kind::Visit,
            day: days_from_civil(2025, 3, day),
            time: Some(time),
            minutes: 30,
            ..Event::default()
        }
    }

    fn sold(rows: &[(&'static str, i32, i64)]) -> OrderDigest {
        let of = |&(customer, month, sales): &(&'static str, i32, i64)| {
            [(true, sales), (false, 5)]
                .map(|(sale, orders)| (customer, "", Period::new(2025, month), 2, sale, orders, 0))
        };
        digest(&rows.iter().flat_map(of).collect::<Vec<_>>())
    }

    const MARCH: Window = Window { first: Period::new(2025, 3), last: Period::new(2025, 3) };

    #[test]
    fn expected_is_what_the_unvisited_of_the_tier_ordered_per_day() {
        let customers: Vec<Customer> = ["A", "B", "C"].map(|id| customer(id, 1, 1, 1)).into();
        let events = Events { all: vec![visit("1", "A", 7, 930)], has_minutes: true };
        let orders = sold(&[("A", 3, 99), ("B", 3, 31), ("C", 3, 62), ("B", 4, 99)]);
        let usual = usual_orders(&customers, &events, &orders, MARCH).unwrap();
        // 93 sales of two customers in 31 days; returns aren't orders.
        assert!((usual["A"] - 1.5).abs() < 1e-12);
        let all =
            Events { all: vec![visit("1", "A", 7, 930), visit("2", "B", 7, 930), visit("3", "C", 7, 930)], ..events };
        let of_all = usual_orders(&customers, &all, &orders, MARCH).unwrap()["A"];
        assert!((of_all - 192.0 / 3.0 / 31.0).abs() < 1e-12, "all were visited");
    }

    #[test]
    fn a_friday_afternoon_is_a_slot_with_the_orders_that_followed() {
        let all =
            vec![visit("1", "A", 7, 930), visit("2", "A", 14, 960), visit("3", "new", 7, 600), visit("4", "", 7, 930)];
        let after = [("1", FollowUp { orders: 2, revenue: 50 })].map(|(id, after)| (id.to_owned(), after));
        let orders = OrderDigest { after_visit: after.into(), ..OrderDigest::default() };
        let events = Events { all, has_minutes: true };
        let slots = slots(&events, Some(&orders), &BTreeMap::from([("A", 0.25)]), 8);
        let friday = &slots[&("M01", 5, "afternoon")];
        assert_eq!(*friday, Slot { visits: 2, minutes: 60, with_order: 1, orders: 2, revenue: 50, expected: 4.0 });
        assert_eq!((slots.len(), slots[&("M01", 5, "morning")].expected), (2, 0.0));
    }
}
