//! `activiteiten.csv`: visits by the field staff; calls, quotes and questions of the inside staff.
//!
//! ```text
//! Nr;Datum;Tijd;Soort;Medewerker;Debiteur;Prospect;Minuten;Resultaat
//! A10001;01-07-2022;11:00;vraag;M05;001219;;21;
//! A10002;01-07-2022;14:55;telefoon;M05;001219;;7;
//! A10003;01-07-2022;13:25;telefoon;M05;001371;;13;
//! ```
//!
//! Friday afternoon visits are calls near home: a short drive, to a customer that won't order anyway.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::Period;

use crate::branch::Branch;
use crate::calendar::{demand, dutch, month_index, months, weekday, working_days};
use crate::cost_pools::presence;
use crate::customers::Customer;
use crate::draw::{Draw, Stream};
use crate::employees::Role;
use crate::extract::{Extract, per_mille};
use crate::orders::{Kind, Order};
use crate::prospects::{PROSPECTS, prospect_code};

const INSIDE_KINDS: [(&str, (i64, i64)); 4] =
    [("telefoon", (4, 14)), ("offerte", (25, 75)), ("vraag", (6, 22)), ("klacht", (15, 45))];
const OUTCOMES: [&str; 4] = ["", "order", "vervolg", "geen"];

const FRIDAY: i32 = 4;

struct Event {
    date: i32,
    kind: &'static str,
    employee: String,
    customer: String,
    prospect: String,
    minutes: i64,
}

/// Days of the sales to each customer, by number.
type Sales = BTreeMap<String, BTreeSet<i32>>;

pub(crate) fn extract(seed: u64, branch: Branch, customers: &[Customer], orders: &[Order]) -> Extract {
    let (mut draw, events) = events(seed, branch, customers);
    // Times come from a separate stream, so that all other draws stay as they were before times were added.
    let mut times = Draw::new(seed, Stream::Times);
    let sales = sales(customers, orders);
    let times: Vec<String> = events.iter().map(|event| time(&mut times, event, &sales)).collect();
    write(&mut draw, branch, &events, &times)
}

/// Visits to customers: to which, and when.
pub(crate) fn visits(seed: u64, customers: &[Customer]) -> Vec<(String, i32)> {
    let visits = events(seed, Branch::ONLY, customers)
        .1
        .into_iter()
        .filter(|event| event.kind == "bezoek" && !event.customer.is_empty());
    visits.map(|event| (event.customer, event.date)).collect()
}

/// The activities so far, by day, and the stream for further draws.
fn events(seed: u64, branch: Branch, customers: &[Customer]) -> (Draw, Vec<Event>) {
    let mut draw = Draw::new(seed, Stream::Activities);
    let mut events = Vec::new();
    for period in months() {
        let month = usize::try_from(month_index(period)).unwrap_or_default();
        let days = working_days(period);
        for customer in customers.iter().filter(|customer| customer.buys(month)) {
            for _ in 0..draw.count(per_mille(customer.visits / 12, visiting_season(period, days.len()))) {
                events.push(visit(&mut draw, customer, &days));
            }
            let orders = per_mille(customer.orders / 12, demand(period));
            for _ in 0..draw.count(per_mille(orders, customer.contacts)) {
                events.push(contact(&mut draw, customer, &days));
            }
        }
        for _ in 0..draw.between(4, 9) {
            events.push(prospect_visit(&mut draw, branch, &days));
        }
    }
    events.sort_by_key(|event| event.date);
    (draw, events)
}

fn sales(customers: &[Customer], orders: &[Order]) -> Sales {
    let mut sales = Sales::new();
    for order in orders.iter().filter(|order| order.kind == Kind::Sale) {
        sales.entry(customers[order.customer].padded()).or_default().insert(order.date);
    }
    sales
}

/// The start time, in steps of five minutes; one in forty is missing.
fn time(draw: &mut Draw, event: &Event, sales: &Sales) -> String {
    let afternoon = if event.kind == "bezoek" { visited_in_the_afternoon(event, sales) } else { 450 };
    let minute = if draw.chance(afternoon) { draw.between(156, 201) } else { draw.between(102, 141) } * 5;
    if draw.chance(25) { String::new() } else { format!("{:02}:{:02}", minute / 60, minute % 60) }
}

/// How many of a thousand such visits are in the afternoon.
fn visited_in_the_afternoon(event: &Event, sales: &Sales) -> i64 {
    let orders =
        sales.get(&event.customer).is_some_and(|days| days.range(event.date..=event.date + 7).next().is_some());
    match (weekday(event.date) == FRIDAY, orders) {
        (false, _) => 420,
        (true, true) => 300,
        (true, false) if event.minutes < 105 => 900,
        (true, false) => 700,
    }
}

/// Visits follow the days on which the field staff work: nineteen in an average month.
fn visiting_season(period: Period, days: usize) -> i64 {
    i64::try_from(days).unwrap_or_default() * presence(period) / 19
}

/// Door to door: the drive, the wait, the talk. On Friday afternoon the nearest customer is visited.
fn visit(draw: &mut Draw, customer: &Customer, days: &[i32]) -> Event {
    let date = match customer.cause.visited_on {
        Some(weekday) => on_weekday(draw, days, weekday),
        None => draw.pick(days),
    };
    let minutes = if weekday(date) == FRIDAY { draw.between(70, 130) } else { draw.between(85, 170) };
    Event {
        date,
        kind: "bezoek",
        employee: customer.employee(Role::Field),
        customer: customer.padded(),
        prospect: String::new(),
        minutes: minutes / 5 * 5,
    }
}

/// A day of the month on that weekday, or any working day if there is none.
fn on_weekday(draw: &mut Draw, days: &[i32], wanted: i32) -> i32 {
    let wanted: Vec<i32> = days.iter().copied().filter(|&day| weekday(day) == wanted).collect();
    draw.pick(if wanted.is_empty() { days } else { &wanted })
}

fn contact(draw: &mut Draw, customer: &Customer, days: &[i32]) -> Event {
    let weights = if customer.demanding { [30, 30, 20, 20] } else { [45, 20, 31, 4] };
    let (kind, (least, most)) = INSIDE_KINDS[draw.weighted(&weights)];
    let by_field = customer.cause.quotes_by_field && kind == "offerte";
    Event {
        date: draw.pick(days),
        kind,
        employee: customer.employee(if by_field { Role::Field } else { Role::Inside }),
        customer: customer.padded(),
        prospect: String::new(),
        minutes: draw.between(least, most),
    }
}

fn prospect_visit(draw: &mut Draw, branch: Branch, days: &[i32]) -> Event {
    let pair = draw.index(4);
    Event {
        date: draw.pick(days),
        kind: "bezoek",
        employee: branch.employee(Role::Field, pair),
        customer: String::new(),
        prospect: prospect_code(branch, draw.index(PROSPECTS)),
        minutes: draw.between(14, 28) * 5,
    }
}

fn write(draw: &mut Draw, branch: Branch, events: &[Event], times: &[String]) -> Extract {
    let header = "Nr;Datum;Tijd;Soort;Medewerker;Debiteur;Prospect;Minuten;Resultaat";
    let mut extract = Extract::new("activiteiten.csv", header);
    for (number, (event, time)) in (10_001..).zip(events.iter().zip(times)) {
        extract.row([
            format!("A{}", branch.number(number)),
            dutch(event.date),
            time.clone(),
            event.kind.to_owned(),
            event.employee.clone(),
            event.customer.clone(),
            event.prospect.clone(),
            event.minutes.to_string(),
            OUTCOMES[draw.weighted(&[50, 22, 18, 10])].to_owned(),
        ]);
    }
    extract
}
