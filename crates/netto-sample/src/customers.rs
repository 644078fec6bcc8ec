//! `debiteuren.csv`: eight hundred customers whose size follows a power law, with the habits behind their cost.
//!
//! ```text
//! Debiteur;Naam;Concern;Markt;Plaats;Regio;Land;Vertegenwoordiger;Binnendienst;Klant sinds;Potentieel;Prijslijst
//! 001004;Zuivelfabriek Özdemir V.O.F.;;Industrie;Maastricht;Zuid;NL;M03;M07;01-06-2021;8.000,00;BRUTO
//! 001012;Aannemersbedrijf Özdemir;;Bouw;Sneek;Noord;NL;M03;M07;01-04-1999;71.000,00;B
//! 001013;Apparatenbouw Çelik Groep;;Industrie;Deventer;Oost;NL;M02;M06;01-05-2020;21.000,00;C
//! ```

use netto_model::Period;

use crate::branch::Branch;
use crate::calendar::{FIRST, LAST, MONTHS, day, dutch};
use crate::causes::Cause;
use crate::draw::{Draw, Stream};
use crate::employees::Role;
use crate::extract::{Extract, grouped_amount, root};
use crate::names::{MARKETS, TOWNS, company};

/// Large customers that cost more than they bring, by rank: half of them press on price, the others place many tiny orders.
const DEMANDING: [(i64, Demand); 8] = [
    (2, Demand::Price),
    (7, Demand::Service),
    (12, Demand::Price),
    (18, Demand::Service),
    (25, Demand::Price),
    (33, Demand::Service),
    (41, Demand::Price),
    (52, Demand::Service),
];
const REGIONS: [&str; 5] = ["Midden", "Oost", "Noord", "West", "Zuid"];
const ASSOCIATIONS: [&str; 3] = ["INKOOPCOÖP-NL", "TECHNIEKBUND", "BOUWGILDE"];

/// What a demanding customer presses on. All of them order often, by telephone, are visited and return much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Demand {
    /// A discount far above that of others of its size, and many calls.
    Price,
    /// An order for every piece, at the usual discount.
    Service,
}

/// A customer and its habits.
pub(crate) struct Customer {
    branch: Branch,
    /// Number without leading zeros, as in the order lines.
    pub(crate) number: i64,
    name: String,
    parent: &'static str,
    pub(crate) market: usize,
    town: (&'static str, &'static str),
    pub(crate) pair: usize,
    since: i32,
    potential: i64,
    /// Potential revenue per year, in cents.
    pub(crate) yearly: i64,
    /// Orders per year, in thousandths.
    pub(crate) orders: i64,
    /// Lines per order.
    pub(crate) lines: i64,
    /// Discount, in thousandths of list.
    pub(crate) discount: i64,
    /// Weights of web, edi, phone, counter, rep.
    pub(crate) channels: [i64; 5],
    /// Visits per year, in thousandths.
    pub(crate) visits: i64,
    /// Calls, quotes and questions per order, in thousandths.
    pub(crate) contacts: i64,
    /// Returned sale lines, in thousandths.
    pub(crate) returns: i64,
    /// Days from the due date to their payment.
    pub(crate) pays_late: i64,
    /// Presses on price and service.
    pub(crate) demanding: bool,
    /// The months in which they buy.
    active: [bool; MONTHS],
    /// The causes that also act on them.
    pub(crate) cause: Cause,
}

impl Customer {
    /// Whether they buy in the month, counted from the first.
    pub(crate) fn buys(&self, month: usize) -> bool {
        self.active[month]
    }

    /// The employee who looks after them, in the field or inside.
    pub(crate) fn employee(&self, role: Role) -> String {
        self.branch.employee(role, self.pair)
    }

    /// The number as in the debtors' list.
    pub(crate) fn padded(&self) -> String {
        format!("{:06}", self.number)
    }
}

/// The customers of a branch, by number.
pub(crate) fn customers(seed: u64, branch: Branch) -> Vec<Customer> {
    let mut draw = Draw::new(seed, Stream::Customers);
    let mut ranks: Vec<i64> = (1..=branch.customers).collect();
    draw.shuffle(&mut ranks);
    let mut number = 1_000;
    ranks
        .into_iter()
        .map(|rank| {
            number += draw.between(1, 9);
            customer(&mut draw, branch, number, rank)
        })
        .collect()
}

pub(crate) fn extract(customers: &[Customer]) -> Extract {
    let header = "Debiteur;Naam;Concern;Markt;Plaats;Regio;Land;Vertegenwoordiger;Binnendienst;Klant sinds;Potentieel;Prijslijst";
    let mut extract = Extract::new("debiteuren.csv", header);
    for customer in customers {
        extract.row([
            customer.padded(),
            customer.name.clone(),
            customer.parent.to_owned(),
            MARKETS[customer.market].to_owned(),
            customer.town.0.to_owned(),
            customer.town.1.to_owned(),
            "NL".to_owned(),
            customer.employee(Role::Field),
            customer.employee(Role::Inside),
            dutch(customer.since),
            grouped_amount(customer.potential),
            price_list(customer.discount).to_owned(),
        ]);
    }
    extract
}

fn customer(draw: &mut Draw, branch: Branch, number: i64, rank: i64) -> Customer {
    let yearly = yearly_revenue(branch.place(rank)) * draw.between(85, 115) / 100;
    let rank = branch.rank_in_demo(rank);
    let demand = DEMANDING.iter().find(|(of, _)| *of == rank).map(|(_, demand)| *demand);
    let demanding = demand.is_some();
    let market = draw.weighted(&[46, 19, 18, 11, 6]);
    let town = draw.pick(&TOWNS);
    let active = months_of_buying(draw, rank);
    let first = active.iter().position(|&buys| buys).unwrap_or_default();
    let electronic = draw.chance(if yearly > 2_000_000 { 650 } else { 220 });
    Customer {
        branch,
        number: branch.number(number),
        name: company(draw, market, town.0),
        parent: if yearly > 800_000 && draw.chance(250) { draw.pick(&ASSOCIATIONS) } else { "" },
        market,
        town,
        pair: pair_of(draw, town.1),
        since: since(draw, first),
        potential: (yearly * draw.between(110, 320) / 100 + 50_000) / 50_000 * 50_000,
        yearly,
        orders: orders_per_year(yearly, demand) * draw.between(80, 120) / 100,
        lines: lines_per_order(yearly, demand),
        discount: discount(draw, yearly, demand),
        channels: channels(electronic, demanding),
        visits: visits(yearly, demand) * draw.between(60, 140) / 100,
        contacts: contacts(draw, demand),
        returns: if demanding { 85 } else { draw.between(8, 30) },
        pays_late: if demanding { draw.between(15, 40) } else { draw.between(-4, 18) },
        demanding,
        active,
        cause: Cause::default(),
    }
}

/// A power law of exponent one and a half: the first brings some 250,000 a year, the six-hundredth a thousand.
fn yearly_revenue(place: i64) -> i64 {
    160_000_000_000 * 10_000 / (place * root(place))
}

/// Yearly lines of a customer at that position, in thousandths.
pub(crate) fn lines_per_year(place: i64) -> i64 {
    let yearly = yearly_revenue(place);
    orders_per_year(yearly, None) * lines_per_order(yearly, None)
}

/// Orders grow with the root of revenue: a customer that buys ten times as much orders three times as often.
fn orders_per_year(yearly: i64, demand: Option<Demand>) -> i64 {
    let orders = root(yearly / 100) * 1_000 / 6;
    match demand {
        Some(Demand::Service) => orders * 6,
        Some(Demand::Price) => orders * 21 / 10,
        None => orders,
    }
}

fn lines_per_order(yearly: i64, demand: Option<Demand>) -> i64 {
    match yearly {
        _ if demand == Some(Demand::Service) => 1,
        _ if demand.is_some() => 2,
        5_000_000.. => 4,
        1_500_000.. => 3,
        _ => 2,
    }
}

fn discount(draw: &mut Draw, yearly: i64, demand: Option<Demand>) -> i64 {
    match yearly {
        _ if demand == Some(Demand::Price) => draw.between(340, 375),
        6_000_000.. => draw.between(230, 285),
        2_000_000.. => draw.between(185, 245),
        600_000.. => draw.between(120, 185),
        _ => draw.between(30, 110),
    }
}

/// Weights of web, edi, phone, counter, rep.
const fn channels(electronic: bool, demanding: bool) -> [i64; 5] {
    match (electronic, demanding) {
        (_, true) => [8, 0, 70, 7, 15],
        (true, _) => [45, 30, 15, 4, 6],
        (false, _) => [16, 0, 56, 20, 8],
    }
}

/// Small orders need no calls of their own.
fn contacts(draw: &mut Draw, demand: Option<Demand>) -> i64 {
    match demand {
        Some(Demand::Price) => 900,
        Some(Demand::Service) => 300,
        None => draw.between(300, 700),
    }
}

/// Field staff like to visit the customers that they have always visited.
fn visits(yearly: i64, demand: Option<Demand>) -> i64 {
    match yearly {
        _ if demand.is_some() => 26_000,
        5_000_000.. => 12_000,
        1_000_000.. => 7_500,
        300_000.. => 3_900,
        _ => 1_800,
    }
}

/// Most customers bought all along; some joined, some left, some left and were won back.
fn months_of_buying(draw: &mut Draw, rank: i64) -> [bool; MONTHS] {
    let mut active = [true; MONTHS];
    let fate = draw.below(if rank <= 60 { 2_400 } else { 1_000 });
    let at = draw.index(30) + 3;
    match fate {
        0..170 => active[..at].fill(false),
        170..330 => active[at..].fill(false),
        330..400 => active[at.min(20)..(at + 7 + draw.index(8)).min(30)].fill(false),
        _ => {}
    }
    active
}

fn pair_of(draw: &mut Draw, region: &str) -> usize {
    match REGIONS.iter().position(|&name| name == region) {
        Some(index) if index < 4 => index,
        _ => draw.index(4),
    }
}

fn since(draw: &mut Draw, first: usize) -> i32 {
    if first > 0 {
        return FIRST.plus(i32::try_from(first).unwrap_or_default()).first_day();
    }
    let years = i32::try_from(draw.below(24)).unwrap_or_default();
    let month = i32::try_from(draw.between(1, 6)).unwrap_or(1);
    day(2022 - years, month, 1).min(Period::first_day(LAST))
}

const fn price_list(discount: i64) -> &'static str {
    match discount {
        340.. => "PROJECT",
        230.. => "A",
        185.. => "B",
        120.. => "C",
        _ => "BRUTO",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_follows_a_power_law() {
        let yearly_revenue = |rank| yearly_revenue(Branch::ONLY.place(rank));
        assert_eq!(yearly_revenue(1) / 100, 250_000);
        assert!((900..1_200).contains(&(yearly_revenue(600) / 100)), "{}", yearly_revenue(600));
    }

    #[test]
    fn some_come_some_leave_some_return() {
        let all = customers(1, Branch::ONLY);
        let last_year = |customer: &&Customer| (24..36).any(|month| customer.buys(month));
        assert!((600..760).contains(&all.iter().filter(last_year).count()));
        let gap =
            |customer: &&Customer| customer.active.windows(2).any(|pair| pair[0] && !pair[1]) && customer.buys(35);
        assert!(all.iter().filter(gap).count() > 20);
    }
}
