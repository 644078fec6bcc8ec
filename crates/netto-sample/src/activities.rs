//! `activiteiten.csv`: visits of the field; calls, quotes and questions of the inside staff.
//!
//! ```text
//! Nr;Datum;Soort;Medewerker;Debiteur;Prospect;Minuten;Resultaat
//! A10001;01-07-2022;vraag;M05;001219;;21;
//! A10002;01-07-2022;telefoon;M05;001219;;7;
//! A10003;01-07-2022;telefoon;M05;001371;;13;
//! ```

use netto_model::Period;

use crate::calendar::{demand, dutch, month_index, months, weekday, working_days};
use crate::cost_pools::presence;
use crate::customers::{Customer, employee};
use crate::draw::{Draw, Stream};
use crate::employees::Role;
use crate::extract::{Extract, per_mille};
use crate::prospects::{PROSPECTS, prospect_code};

const INSIDE_KINDS: [(&str, (i64, i64)); 4] =
    [("telefoon", (4, 14)), ("offerte", (25, 75)), ("vraag", (6, 22)), ("klacht", (15, 45))];
const OUTCOMES: [&str; 4] = ["", "order", "vervolg", "geen"];

struct Event {
    date: i32,
    kind: &'static str,
    employee: String,
    customer: String,
    prospect: String,
    minutes: i64,
}

pub(crate) fn extract(seed: u64, customers: &[Customer]) -> Extract {
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
            events.push(prospect_visit(&mut draw, &days));
        }
    }
    events.sort_by_key(|event| event.date);
    write(&mut draw, &events)
}

/// Visits follow the days on which the field is there: nineteen in an average month.
fn visiting_season(period: Period, days: usize) -> i64 {
    i64::try_from(days).unwrap_or_default() * presence(period) / 19
}

/// Door to door: the drive, the wait, the talk. On Friday afternoon the nearest customer is visited.
fn visit(draw: &mut Draw, customer: &Customer, days: &[i32]) -> Event {
    let date = draw.pick(days);
    let minutes = if weekday(date) == 4 { draw.between(70, 130) } else { draw.between(85, 170) };
    Event {
        date,
        kind: "bezoek",
        employee: employee(Role::Field, customer.pair),
        customer: customer.padded(),
        prospect: String::new(),
        minutes: minutes / 5 * 5,
    }
}

fn contact(draw: &mut Draw, customer: &Customer, days: &[i32]) -> Event {
    let weights = if customer.demanding { [30, 30, 20, 20] } else { [45, 20, 31, 4] };
    let (kind, (least, most)) = INSIDE_KINDS[draw.weighted(&weights)];
    Event {
        date: draw.pick(days),
        kind,
        employee: employee(Role::Inside, customer.pair),
        customer: customer.padded(),
        prospect: String::new(),
        minutes: draw.between(least, most),
    }
}

fn prospect_visit(draw: &mut Draw, days: &[i32]) -> Event {
    let pair = draw.index(4);
    Event {
        date: draw.pick(days),
        kind: "bezoek",
        employee: employee(Role::Field, pair),
        customer: String::new(),
        prospect: prospect_code(draw.index(PROSPECTS)),
        minutes: draw.between(14, 28) * 5,
    }
}

fn write(draw: &mut Draw, events: &[Event]) -> Extract {
    let mut extract = Extract::new("activiteiten.csv", "Nr;Datum;Soort;Medewerker;Debiteur;Prospect;Minuten;Resultaat");
    for (number, event) in (10_001..).zip(events) {
        extract.row([
            format!("A{number}"),
            dutch(event.date),
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
