//! The orders of three years: sales in season, and the returns and price credits that follow some of them.
//!
//! ```text
//! month × customer → sales by demand; a sale → now and then a return (R), or a credit (C) for a wrong price
//! ```

use netto_model::Period;

use crate::branch::Branch;
use crate::calendar::{LAST, demand, month_index, months, working_days, working_days_after};
use crate::customers::Customer;
use crate::draw::{Draw, Stream};
use crate::employees::Role;
use crate::extract::per_mille;
use crate::products::{GROUP_COUNT, Product, range_of};

/// The purchases of a market's customers: weight per product group.
const APPETITE: [[i64; GROUP_COUNT]; 5] = [
    [26, 14, 13, 10, 10, 5, 8, 4, 4, 4, 1, 1],
    [9, 1, 1, 14, 16, 8, 12, 14, 9, 3, 12, 1],
    [14, 9, 6, 9, 7, 7, 20, 11, 2, 6, 8, 1],
    [10, 16, 4, 6, 16, 18, 12, 14, 1, 2, 1, 0],
    [6, 12, 8, 6, 10, 24, 5, 6, 4, 10, 7, 2],
];
/// Freight on small deliveries, in cents, and the order value from which delivery is free.
const FREIGHT: i64 = 995;
const FREE_FROM: i64 = 25_000;

/// An order with its lines.
pub(crate) struct Order {
    pub(crate) number: i64,
    pub(crate) date: i32,
    pub(crate) customer: usize,
    pub(crate) kind: Kind,
    pub(crate) channel: Channel,
    pub(crate) employee: String,
    pub(crate) direct: bool,
    pub(crate) promised: i32,
    pub(crate) delivered: i32,
    pub(crate) freight: i64,
    pub(crate) lines: Vec<Line>,
    /// Index of the sale that a return or credit corrects; its number in the extract.
    pub(crate) origin: Option<i64>,
}

/// A line; amounts in cents.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) product: usize,
    pub(crate) quantity: i64,
    pub(crate) list: i64,
    pub(crate) net: i64,
    /// Cost per piece on the day of the sale.
    pub(crate) cost: i64,
}

/// Sale, return or price credit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sale,
    Return,
    Credit,
}

/// The channel of an order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    Web,
    Edi,
    Phone,
    Counter,
    Rep,
}

const CHANNELS: [Channel; 5] = [Channel::Web, Channel::Edi, Channel::Phone, Channel::Counter, Channel::Rep];

impl Order {
    /// The invoiced amount, in cents.
    pub(crate) fn net(&self) -> i64 {
        self.lines.iter().map(|line| line.net).sum()
    }

    /// Whether the goods came after the promised day.
    pub(crate) fn late(&self) -> bool {
        self.kind == Kind::Sale && self.delivered > self.promised
    }
}

/// All orders of a branch, by date and number; `brought_about` adds orders by customer and day.
pub(crate) fn orders(
    seed: u64,
    branch: Branch,
    customers: &[Customer],
    products: &[Product],
    brought_about: &[(usize, i32)],
) -> Vec<Order> {
    let mut draw = Draw::new(seed, Stream::Orders);
    let mut sales = Vec::new();
    for period in months() {
        let days = working_days(period);
        for (index, customer) in customers.iter().enumerate() {
            for _ in 0..orders_in(&mut draw, customer, period) {
                let date = draw.pick(&days);
                sales.push(sale(&mut draw, (index, customer), products, date));
            }
        }
    }
    let mut of_causes = Draw::new(seed, Stream::Causes);
    for &(index, date) in brought_about {
        sales.push(sale(&mut of_causes, (index, &customers[index]), products, date));
    }
    sales.sort_by_key(|order| order.date);
    number(&mut sales, branch);
    let corrections: Vec<Order> =
        sales.iter().flat_map(|sale| corrections(&mut draw, sale, &customers[sale.customer])).collect();
    sales.extend(corrections);
    sales.sort_by_key(|order| (order.date, order.origin, order.number));
    number_corrections(&mut sales, branch);
    sales
}

fn orders_in(draw: &mut Draw, customer: &Customer, period: Period) -> i64 {
    let month = usize::try_from(month_index(period)).unwrap_or_default();
    let orders = per_mille(per_mille(customer.orders / 12, demand(period)), customer.cause.growth(period));
    if customer.buys(month) { draw.count(orders) } else { 0 }
}

fn sale(draw: &mut Draw, (index, customer): (usize, &Customer), products: &[Product], date: i32) -> Order {
    let channel = CHANNELS[draw.weighted(&customer.channels)];
    let direct = channel != Channel::Counter && draw.chance(if customer.yearly > 5_000_000 { 140 } else { 45 });
    let lines: Vec<Line> =
        (0..draw.between(1, 2 * customer.lines - 1)).map(|_| line(draw, customer, products, date, direct)).collect();
    let net: i64 = lines.iter().map(|line| line.net).sum();
    let promised = if channel == Channel::Counter { date } else { promised(draw, date, direct) };
    let freight = if net < FREE_FROM && !direct && channel != Channel::Counter { FREIGHT } else { 0 };
    Order {
        number: 0,
        date,
        customer: index,
        kind: Kind::Sale,
        channel,
        employee: taken_by(channel, customer),
        direct,
        promised,
        delivered: if channel == Channel::Counter { date } else { delivered(draw, promised, direct) },
        freight,
        lines,
        origin: None,
    }
}

fn line(draw: &mut Draw, customer: &Customer, products: &[Product], date: i32, direct: bool) -> Line {
    let period = Period::of_day(date);
    // Yearly revenue divided by yearly lines gives the value of a line, at list.
    let target = customer.yearly * 1_000_000 / (customer.orders * customer.lines) / (1_000 - customer.discount);
    let target = target * draw.between(35, 165) / 100;
    let product = product(draw, customer.market, products, period, target, direct);
    let price = products[product].price(period);
    let quantity = rounded_quantity((target + price / 2) / price);
    let list = price * quantity;
    let discount = (customer.discount - customer.cause.discount_cut(period) + draw.between(-20, 20)).max(0);
    Line { product, quantity, list, net: list - per_mille(list, discount), cost: products[product].cost(period) }
}

/// A product of the market's groups that fits the amount to spend.
fn product(draw: &mut Draw, market: usize, products: &[Product], period: Period, target: i64, direct: bool) -> usize {
    let mut choice = 0;
    for _ in 0..12 {
        let range = range_of(draw.weighted(&APPETITE[market]), products.len());
        choice = range.start + draw.skewed_index(range.len());
        let fits = products[choice].price(period) <= target * 3 / 2;
        if fits && (direct || !products[choice].direct) {
            break;
        }
    }
    choice
}

/// Larger quantities come in packs of ten, fifty or a hundred.
const fn rounded_quantity(quantity: i64) -> i64 {
    match quantity {
        500.. => quantity / 100 * 100,
        100.. => quantity / 50 * 50,
        20.. => quantity / 10 * 10,
        1.. => quantity,
        _ => 1,
    }
}

fn promised(draw: &mut Draw, date: i32, direct: bool) -> i32 {
    let days = if direct { draw.between(5, 12) } else { draw.between(1, 2) };
    working_days_after(date, days)
}

/// On time, or some days late: suppliers more often than the company's warehouse.
fn delivered(draw: &mut Draw, promised: i32, direct: bool) -> i32 {
    let late = draw.chance(if direct { 180 } else { 55 });
    let days = if late { draw.between(1, 6) } else { 0 };
    working_days_after(promised, days)
}

/// Reps enter their own orders; the inside half of the pair takes the others; web and EDI orders need no employee.
fn taken_by(channel: Channel, customer: &Customer) -> String {
    match channel {
        Channel::Web | Channel::Edi => String::new(),
        Channel::Rep => customer.employee(Role::Field),
        Channel::Phone | Channel::Counter => customer.employee(Role::Inside),
    }
}

/// The returns of a sale, and credits for what was invoiced too high.
fn corrections(draw: &mut Draw, sale: &Order, customer: &Customer) -> Vec<Order> {
    let mut corrections = Vec::new();
    for line in &sale.lines {
        if draw.chance(customer.returns) {
            let quantity = draw.between(1, line.quantity);
            corrections.push(correction(draw, sale, Kind::Return, returned(line, quantity)));
        }
    }
    if draw.chance(if customer.demanding { 40 } else { 9 }) {
        let line = sale.lines[draw.index(sale.lines.len())].clone();
        let credit = per_mille(line.net, draw.between(20, 120));
        let credited = Line { quantity: 0, list: 0, net: -credit, ..line };
        corrections.push(correction(draw, sale, Kind::Credit, credited));
    }
    corrections.retain(|order| Period::of_day(order.date) <= LAST && order.net() != 0);
    corrections
}

fn returned(line: &Line, quantity: i64) -> Line {
    let part = |amount: i64| -(amount * quantity + line.quantity / 2) / line.quantity;
    Line { quantity: -quantity, list: part(line.list), net: part(line.net), ..line.clone() }
}

fn correction(draw: &mut Draw, sale: &Order, kind: Kind, line: Line) -> Order {
    let date = working_days_after(sale.delivered, draw.between(2, 25));
    Order {
        number: 0,
        date,
        customer: sale.customer,
        kind,
        channel: Channel::Phone,
        employee: sale.employee.clone(),
        direct: false,
        promised: date,
        delivered: date,
        freight: 0,
        lines: vec![line],
        origin: Some(sale.number),
    }
}

/// Sales are numbered from 220001 in order of arrival.
fn number(sales: &mut [Order], branch: Branch) {
    for (number, order) in (220_001..).zip(sales) {
        order.number = branch.number(number);
    }
}

/// Returns and credits have a separate number series.
fn number_corrections(orders: &mut [Order], branch: Branch) {
    for (number, order) in (880_001..).zip(orders.iter_mut().filter(|order| order.kind != Kind::Sale)) {
        order.number = branch.number(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{customers::customers, products::products};

    #[test]
    fn a_return_gives_back_what_was_invoiced() {
        let line = Line { product: 0, quantity: 3, list: 3_000, net: 2_401, cost: 600 };
        let all = returned(&line, 3);
        assert_eq!((all.quantity, all.list, all.net, all.cost), (-3, -3_000, -2_401, 600));
    }

    #[test]
    fn every_correction_follows_its_sale() {
        let (customers, products) = (customers(1, Branch::ONLY), products(1, 1));
        let orders = orders(1, Branch::ONLY, &customers, &products, &[]);
        let sales: std::collections::BTreeMap<i64, i32> =
            orders.iter().filter(|o| o.kind == Kind::Sale).map(|o| (o.number, o.date)).collect();
        for order in orders.iter().filter(|o| o.kind != Kind::Sale) {
            assert!(order.net() < 0);
            assert!(order.origin.and_then(|number| sales.get(&number)).is_some_and(|&date| date < order.date));
        }
    }
}
