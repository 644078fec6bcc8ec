//! `acties.csv`: actions agreed with customers that cost more than they bring: demanding large ones, and small ones that are visited all the same. Some have
//! two actions.
//!
//! ```text
//! Debiteur;Maatregel;Vanaf;Opmerking
//! 001107;kleine orders bundelen;01-04-2024;in overleg met inkoop
//! 001107;korting omlaag;01-01-2025;volgt op kleine orders bundelen
//! 001684;minder bezoek;15-02-2024;
//! ```

use netto_model::Period;

use crate::calendar::{LAST, MONTHS, dutch};
use crate::customers::Customer;
use crate::draw::{Draw, Stream};
use crate::extract::Extract;

/// The number of such small customers that also get an action.
const SMALL: usize = 8;
/// Below this yearly revenue, in cents, a visit costs more than it brings.
const TOO_SMALL_TO_VISIT: i64 = 600_000;
const FOR_DEMANDING: [&str; 4] = ["kleine orders bundelen", "korting omlaag", "orderkosten", "minder bezoek"];
const FOR_SMALL: [&str; 3] = ["minder bezoek", "naar webshop", "minimale jaaromzet"];
const REMARKS: [&str; 4] = ["", "", "in overleg met inkoop", "besproken bij jaargesprek"];
/// Actions start from January 2024 on.
const FIRST_START: Period = Period::new(2024, 1);

pub(crate) fn extract(seed: u64, customers: &[Customer]) -> Extract {
    let mut draw = Draw::new(seed, Stream::Actions);
    let mut extract = Extract::new("acties.csv", "Debiteur;Maatregel;Vanaf;Opmerking");
    let buys_still = |customer: &&Customer| (18..MONTHS).all(|month| customer.buys(month));
    for (place, customer) in customers.iter().filter(buys_still).filter(|customer| customer.demanding).enumerate() {
        let first = FOR_DEMANDING[place % FOR_DEMANDING.len()];
        let start = start(&mut draw, FIRST_START, 12);
        extract.row(row(&mut draw, customer, first, start));
        // If one measure wasn't enough, another followed.
        if place % 3 == 0 {
            let next = FOR_DEMANDING[(place + 1) % FOR_DEMANDING.len()];
            let start = self::start(&mut draw, Period::of_day(start).plus(6), 4);
            extract.row([customer.padded(), next.to_owned(), dutch(start), format!("volgt op {first}")]);
        }
    }
    let mut small: Vec<&Customer> =
        customers.iter().filter(buys_still).filter(|customer| customer.yearly < TOO_SMALL_TO_VISIT).collect();
    draw.shuffle(&mut small);
    small.truncate(SMALL);
    small.sort_by_key(|customer| customer.number);
    for (place, customer) in small.into_iter().enumerate() {
        let start = start(&mut draw, FIRST_START, 17);
        extract.row(row(&mut draw, customer, FOR_SMALL[place % FOR_SMALL.len()], start));
    }
    extract
}

fn row(draw: &mut Draw, customer: &Customer, remedy: &str, start: i32) -> [String; 4] {
    [customer.padded(), remedy.to_owned(), dutch(start), draw.pick(&REMARKS).to_owned()]
}

/// A day within that many months: mostly the first of a month, as in real agreements.
fn start(draw: &mut Draw, from: Period, months: i64) -> i32 {
    let ahead = i32::try_from(draw.below(months)).unwrap_or_default();
    let first = from.plus(ahead).min(LAST).first_day();
    if draw.chance(250) { first + 14 } else { first }
}
