//! `afwijkingen.csv`: returns, credits, late deliveries and damage, each with the minutes of its after-care.
//!
//! ```text
//! Nr;Datum;Soort;Debiteur;Ordernr;Bedrag;Minuten;Oorzaak
//! D00001;04-07-2022;schade;004243;220021;220,16;61;vervoerder
//! D00002;07-07-2022;te laat;002938;220013;0,00;31;vervoerder
//! D00003;07-07-2022;prijs;003332;220072;12,74;56;prijsafspraak
//! ```

use crate::branch::Branch;
use crate::calendar::{LAST, dutch};
use crate::customers::Customer;
use crate::draw::{Draw, Stream};
use crate::extract::{Extract, amount, per_mille};
use crate::orders::{Channel, Kind, Order};
use netto_model::Period;

const RETURN_CAUSES: [&str; 4] = ["verkeerd besteld", "verkeerd gepakt", "overtollig", "defect"];
const LATE_CAUSES: [&str; 3] = ["leverancier", "vervoerder", "niet op voorraad"];

pub(crate) fn extract(seed: u64, branch: Branch, orders: &[Order], customers: &[Customer]) -> Extract {
    let mut draw = Draw::new(seed, Stream::Deviations);
    let mut extract = Extract::new("afwijkingen.csv", "Nr;Datum;Soort;Debiteur;Ordernr;Bedrag;Minuten;Oorzaak");
    let mut found: Vec<_> = orders.iter().filter_map(|order| deviation(&mut draw, order)).collect();
    found.retain(|deviation| Period::of_day(deviation.date) <= LAST);
    found.sort_by_key(|deviation| (deviation.date, deviation.order.number));
    for (number, deviation) in (1..).zip(found) {
        extract.row([
            format!("D{:05}", branch.number(number)),
            dutch(deviation.date),
            deviation.kind.to_owned(),
            customers[deviation.order.customer].padded(),
            deviation.order.origin.unwrap_or(deviation.order.number).to_string(),
            amount(deviation.amount),
            deviation.minutes.to_string(),
            deviation.cause.to_owned(),
        ]);
    }
    extract
}

struct Deviation<'a> {
    order: &'a Order,
    date: i32,
    kind: &'static str,
    amount: i64,
    minutes: i64,
    cause: &'static str,
}

fn deviation<'a>(draw: &mut Draw, order: &'a Order) -> Option<Deviation<'a>> {
    let found = |date, kind, amount, minutes, cause: &'static str| {
        Some(Deviation { order, date, kind, amount, minutes, cause })
    };
    match order.kind {
        Kind::Return => found(order.date, "retour", -order.net(), draw.between(20, 55), draw.pick(&RETURN_CAUSES)),
        Kind::Credit => found(order.date, "prijs", -order.net(), draw.between(25, 60), "prijsafspraak"),
        Kind::Sale if order.late() => {
            found(order.delivered, "te laat", 0, draw.between(10, 40), draw.pick(&LATE_CAUSES))
        }
        Kind::Sale if order.channel != Channel::Counter && draw.chance(9) => {
            let damage = per_mille(order.net(), draw.between(50, 400));
            found(order.delivered, "schade", damage, draw.between(30, 80), "vervoerder")
        }
        Kind::Sale => None,
    }
}
