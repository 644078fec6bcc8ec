//! `prospects.csv`: potential customers, and those that have become customers.
//!
//! ```text
//! Prospect;Fase;Naam;Markt;Potentieel;Vertegenwoordiger;Sinds;Debiteur
//! P001;P;Waterschap De Schakel Amersfoort;Overheid;50.000,00;M04;01-02-2023;001020
//! P002;S;Bouwgroep Noordhoek Groep;Bouw;47.500,00;M02;01-11-2022;
//! P003;S;Elektrotechniek Kok;Installateurs;48.500,00;M01;01-09-2023;
//! ```

use crate::branch::Branch;
use crate::calendar::{MONTHS, dutch, months};
use crate::customers::Customer;
use crate::draw::{Draw, Stream};
use crate::employees::Role;
use crate::extract::{Extract, grouped_amount};
use crate::names::{MARKETS, TOWNS, company};

/// Number of prospects.
pub(crate) const PROSPECTS: usize = 90;
/// One in this many became a customer.
const BECAME: usize = 9;

pub(crate) fn extract(seed: u64, branch: Branch, customers: &[Customer]) -> Extract {
    let mut draw = Draw::new(seed, Stream::Prospects);
    let header = "Prospect;Fase;Naam;Markt;Potentieel;Vertegenwoordiger;Sinds;Debiteur";
    let mut extract = Extract::new("prospects.csv", header);
    let mut newcomers = customers.iter().filter(|customer| !customer.buys(0) && customer.buys(MONTHS - 1));
    let all: Vec<_> = months().collect();
    for index in 0..PROSPECTS {
        let market = draw.weighted(&[40, 22, 20, 10, 8]);
        let known = draw.pick(&all[..24]).first_day();
        let became = if index % BECAME == 0 { newcomers.next() } else { None };
        let name = company(&mut draw, market, draw_town(index));
        extract.row([
            prospect_code(branch, index),
            if became.is_some() || draw.chance(450) { "P" } else { "S" }.to_owned(),
            name,
            MARKETS[market].to_owned(),
            grouped_amount(draw.between(4, 160) * 50_000),
            branch.employee(Role::Field, draw.index(4)),
            dutch(known),
            became.map(Customer::padded).unwrap_or_default(),
        ]);
    }
    extract
}

/// `P017`.
pub(crate) fn prospect_code(branch: Branch, index: usize) -> String {
    format!("P{:03}", branch.number(i64::try_from(index).unwrap_or_default() + 1))
}

fn draw_town(index: usize) -> &'static str {
    TOWNS[index % TOWNS.len()].0
}
