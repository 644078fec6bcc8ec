//! A month's rows: every line with all of its measures, and a row without a line for cost of a customer who bought nothing.
//!
//! ```text
//! ledger      A · entry · 10.00            lines        A o1 1 · A o1 2 · A o2 1
//! waterfall   A · rebates given 5.00                    by what each order used of `entry`, by net amount
//! ```

use std::borrow::Cow;
use std::collections::BTreeMap;

use netto_model::contract::FCT_ORDER_LINE;
use netto_model::money::MILLION;
use netto_model::{Money, Period, column as c};
use polars::prelude::*;

use super::lines::{Bought, Lines, text};
use super::measures::Measures;
use super::received::{OfCustomer, Received};
use super::rule::{By, split};
use super::supplier_activity::SupplierActivities;
use super::tie;
use crate::ProfitError;
use crate::config::Step;
use crate::negative::{self, Negative};

/// What is to know of an activity to split its cost.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub(super) struct Activity {
    /// Its number, in the order of the names.
    pub(super) place: usize,
    pub(super) step: Step,
    pub(super) compensation: bool,
    /// Whether its quantity is minutes.
    pub(super) time: bool,
    /// Whether it is measured on orders or their lines, and goes with their number.
    pub(super) of_orders: bool,
    /// Whether it is measured on lines, and goes with their number.
    pub(super) of_lines: bool,
    /// What is done with quantities below zero.
    pub(super) negative: Negative,
    /// Whether its quantity grows with the goods alone.
    pub(super) of_goods: bool,
    /// Its pool.
    pub(super) pool: String,
    /// Millionths of its pool that are really saved if the work ends.
    pub(super) avoidable: i64,
    /// Whether its cost is the same with more orders of the same goods, through any channel.
    pub(super) standing: bool,
    /// Whether its pool is kept by warehouse: then the part of the pool is one.
    pub(super) by_warehouse: bool,
}

impl Activity {
    /// Whether its cost comes with each order or line: cost-to-serve that is measured on them.
    const fn is_order_cost(&self) -> bool {
        self.of_orders && matches!(self.step, Step::CostToServe)
    }

    /// Whether it comes with each line.
    const fn is_line_cost(&self) -> bool {
        self.of_lines && matches!(self.step, Step::CostToServe)
    }

    /// Whether it is order cost that grows with the goods.
    const fn is_value_cost(&self) -> bool {
        self.is_order_cost() && self.of_goods
    }

    /// Whether it is freight that grows with the goods.
    const fn is_freight_value_cost(&self) -> bool {
        self.of_orders && self.of_goods && matches!(self.step, Step::FreightCost)
    }

    /// What of its cost more orders of the same goods don't add to: all where nothing of the pool is avoidable, or it goes with the goods, and idle capacity that
    /// is charged. `None` beyond 64 bits.
    fn standing_cost(&self, part: &str, amount: i64, idle: &IdleParts) -> Option<i64> {
        if !self.is_order_cost() {
            return Some(0);
        }
        if self.standing {
            return Some(amount);
        }
        let idle = idle.get(&self.pool).filter(|_| self.time).and_then(|of_pool| of_pool.get(part));
        let Some((part, whole)) = idle else { return Some(0) };
        Money::from_units(amount).scaled(*part, *whole).ok().map(Money::units)
    }

    /// What of an amount that doesn't stand is really saved with an order less. `None` beyond 64 bits.
    fn avoidable_cost(&self, amount: i64) -> Option<i64> {
        if !self.is_order_cost() || self.avoidable == 0 {
            return Some(0);
        }
        if self.avoidable == MILLION {
            return Some(amount);
        }
        Money::from_units(amount).scaled(self.avoidable, MILLION).ok().map(Money::units)
    }
}

/// Of what pools charge in a month, each by its warehouses, the part that is idle capacity, as two numbers whose quotient it is.
pub(super) type IdleParts = BTreeMap<String, BTreeMap<String, (i64, i64)>>;

/// The rows of a month, in the order of customer, order and line.
#[derive(Default)]
pub(super) struct Rows {
    /// Ids of the customers.
    pub(super) customers: Vec<String>,
    /// What the rows of each customer must sum to, and how many orders they are: by waterfall and ledger.
    pub(super) expected: Vec<(i64, Measures)>,
    /// Place of the customer of each row.
    pub(super) customer: Vec<u32>,
    /// Number of the order of each row; a row without a line has a number of its own.
    pub(super) order: Vec<u32>,
    /// Whether the order of each row counts by it.
    pub(super) counts: Vec<bool>,
    /// Place of the line of each row.
    pub(super) line: Vec<Option<usize>>,
    /// Measures of each row.
    pub(super) measures: Vec<Measures>,
}

/// What is split; all of it stands by customer.
pub(super) struct Amounts<'a> {
    pub(super) ledger: &'a DataFrame,
    pub(super) waterfall: &'a DataFrame,
    /// The waterfall's rebates received, by supplier.
    pub(super) received: Received<'a>,
}

/// Splits what the ledger and the waterfall say of each customer over its lines, and adds the parts up by supplier where that is
/// asked for.
pub(super) fn rows(
    period: Period,
    lines: &Lines<'_>,
    amounts: Amounts<'_>,
    activities: &BTreeMap<String, Activity>,
    idle: &IdleParts,
    mut suppliers: Option<&mut SupplierActivities<'_>>,
) -> Result<Rows, ProfitError> {
    let Amounts { ledger, waterfall, mut received } = amounts;
    let texts = Texts::of(ledger)?;
    let costs = costs(lines, ledger, &texts, activities, idle, period)?;
    let mut costs = &costs[..];
    let bought = lines.customers();
    let mut bought = bought.iter().peekable();
    let mut rows = Rows::default();
    for (id, expected) in steps(waterfall)? {
        let of_customer = costs.partition_point(|(other, _)| *other <= id.as_str());
        let (own, others) = costs.split_at(of_customer);
        costs = others;
        let bought = bought.next_if(|(other, _)| *other == id).map(|(_, bought)| bought);
        let own: Vec<&Cost<'_>> = own.iter().map(|(_, cost)| cost).collect();
        let customer = Customer { lines, bought, costs: &own, received: received.of(&id) };
        let measures = customer.split(&expected.1, suppliers.as_deref_mut()).ok_or_else(|| beyond(&id, period))?;
        rows.push(id, expected, &customer, measures);
    }
    // Lines of a customer that the waterfall doesn't know.
    if let Some((id, bought)) = bought.next() {
        tie::same(FCT_ORDER_LINE.name, period, c::LINES, Some(&(*id).to_owned()), bought.lines.len() as i128)?;
    }
    Ok(rows)
}

/// An amount beyond 64 bits.
fn beyond(customer: &str, period: Period) -> ProfitError {
    ProfitError::Money {
        place: format!("lines of customer `{customer}` in {period}"),
        source: netto_model::money::MoneyError::Overflow(i128::MAX),
    }
}

impl Rows {
    fn push(&mut self, id: String, mut expected: (i64, Measures), customer: &Customer<'_>, measures: Vec<Measures>) {
        let place = u32::try_from(self.customers.len()).unwrap_or(u32::MAX);
        let minutes = customer.costs.iter().map(|cost| cost.minutes()).sum();
        expected.1.minutes = minutes;
        let sum = |is_counted: fn(&Activity) -> bool| {
            customer.costs.iter().filter(|cost| is_counted(cost.activity)).map(|cost| cost.amount).sum()
        };
        expected.1.order_cost = sum(Activity::is_order_cost);
        expected.1.line_cost = sum(Activity::is_line_cost);
        expected.1.value_cost = sum(Activity::is_value_cost);
        expected.1.freight_value_cost = sum(Activity::is_freight_value_cost);
        expected.1.standing_cost = customer.costs.iter().map(|cost| cost.standing).sum();
        expected.1.avoidable_order_cost = customer.costs.iter().map(|cost| cost.avoidable).sum();
        self.customers.push(id);
        self.expected.push(expected);
        let next = self.order.last().map_or(0, |last| last + 1);
        match customer.bought {
            Some(bought) => {
                for (order, lines) in (next..).zip(&customer.lines.orders[bought.orders.clone()]) {
                    self.order.extend(lines.clone().map(|_| order));
                    self.counts.extend(lines.clone().map(|line| customer.lines.counts[line]));
                    self.line.extend(lines.clone().map(Some));
                }
                self.customer.extend(measures.iter().map(|_| place));
                self.measures.extend(measures);
            }
            // Who bought nothing and cost nothing needs no row.
            None => {
                for measures in measures.into_iter().filter(|measures| *measures != Measures::default()) {
                    self.customer.push(place);
                    self.order.push(next);
                    self.counts.push(false);
                    self.line.push(None);
                    self.measures.push(measures);
                }
            }
        }
    }
}

/// An amount of the ledger.
struct Cost<'a> {
    activity: &'a Activity,
    /// Over the whole month.
    by: By<'a>,
    warehouse: Option<&'a str>,
    quantity: i64,
    amount: i64,
    /// What of it more orders don't add to.
    standing: i64,
    /// What of the rest an order less really saves.
    avoidable: i64,
}

impl Cost<'_> {
    const fn minutes(&self) -> i64 {
        if self.activity.time { self.quantity } else { 0 }
    }
}

/// The texts of the ledger.
struct Texts {
    customers: StringChunked,
    activities: StringChunked,
    parts: StringChunked,
}

impl Texts {
    fn of(ledger: &DataFrame) -> PolarsResult<Self> {
        let [customers, activities, parts] = [c::CUSTOMER_ID, c::ACTIVITY, c::POOL_PART].map(|name| text(ledger, name));
        Ok(Self { customers: customers?, activities: activities?, parts: parts? })
    }
}

/// The ledger of the month, by customer.
fn costs<'a>(
    lines: &'a Lines<'_>,
    ledger: &DataFrame,
    texts: &'a Texts,
    activities: &'a BTreeMap<String, Activity>,
    idle: &IdleParts,
    period: Period,
) -> Result<Vec<(&'a str, Cost<'a>)>, ProfitError> {
    let names = texts.customers.iter().zip(texts.activities.iter()).zip(texts.parts.iter());
    let amounts = ledger.column(c::QUANTITY)?.i64()?.iter().zip(ledger.column(c::AMOUNT)?.i64()?.iter());
    let mut costs = Vec::with_capacity(ledger.height());
    for (((customer, name), part), (quantity, amount)) in names.zip(amounts) {
        let (Some(customer), Some(name)) = (customer, name) else { continue };
        let Some(activity) = activities.get(name) else { continue };
        let by = lines.by(name);
        // Without a name it is the lines without a warehouse, where the rollup keeps quantities by it; else all lines.
        let measured = !matches!(by, By::Equally);
        let warehouse = part.filter(|part| activity.by_warehouse && (measured || !part.is_empty()));
        let (quantity, amount) = (quantity.unwrap_or_default(), amount.unwrap_or_default());
        let standing = activity.standing_cost(part.unwrap_or_default(), amount, idle);
        let avoidable = standing.and_then(|standing| activity.avoidable_cost(amount.checked_sub(standing)?));
        let (standing, avoidable) = standing.zip(avoidable).ok_or_else(|| beyond(customer, period))?;
        costs.push((customer, Cost { activity, by, warehouse, quantity, amount, standing, avoidable }));
    }
    Ok(costs)
}

/// What the waterfall says of each customer: orders, and measures without minutes.
fn steps(waterfall: &DataFrame) -> PolarsResult<Vec<(String, (i64, Measures))>> {
    let ids = text(waterfall, c::CUSTOMER_ID)?;
    let column = |name: &str| -> PolarsResult<Vec<i64>> {
        Ok(waterfall.column(name)?.i64()?.iter().map(Option::unwrap_or_default).collect())
    };
    let orders = column(c::ORDERS)?;
    let [lines, quantity, list, net] = [c::LINES, c::QUANTITY, c::LIST_REVENUE, c::INVOICE_REVENUE].map(column);
    let [given, terms, charged] = [c::REBATES_GIVEN, c::PAYMENT_TERMS, c::FREIGHT_CHARGED].map(column);
    let [freight, cogs, received] = [c::FREIGHT_COST, c::COGS, c::REBATES_RECEIVED].map(column);
    let [served, pay] = [c::COST_TO_SERVE, c::SALES_COMPENSATION].map(column);
    let (lines, quantity, list, net, given) = (lines?, quantity?, list?, net?, given?);
    let (terms, charged, freight, cogs, received) = (terms?, charged?, freight?, cogs?, received?);
    let (served, pay) = (served?, pay?);
    let row = |(row, id): (usize, Option<&str>)| {
        let measures = Measures {
            lines: lines[row],
            quantity: quantity[row],
            minutes: 0, // Of the ledger, as the order cost is.
            list: list[row],
            net: net[row],
            rebates_given: given[row],
            payment_terms: terms[row],
            freight_charged: charged[row],
            freight_cost: freight[row],
            cogs: cogs[row],
            rebates_received: received[row],
            cost_to_serve: served[row],
            compensation: pay[row],
            order_cost: 0,
            line_cost: 0,
            value_cost: 0,
            freight_value_cost: 0,
            standing_cost: 0,
            avoidable_order_cost: 0,
        };
        (id.unwrap_or_default().to_owned(), (orders[row], measures))
    };
    Ok(ids.iter().enumerate().map(row).collect())
}

/// A customer month: its lines, and what is to be split over them.
struct Customer<'a> {
    lines: &'a Lines<'a>,
    /// Nothing where the customer was served but bought nothing: then there is one row, without a line.
    bought: Option<&'a Bought>,
    costs: &'a [&'a Cost<'a>],
    received: OfCustomer<'a>,
}

impl Customer<'_> {
    /// Measures of each line; `None` beyond 64 bits.
    fn split(&self, steps: &Measures, mut suppliers: Option<&mut SupplierActivities<'_>>) -> Option<Vec<Measures>> {
        let mut rows = self.measured();
        let orders = self.orders();
        for cost in self.costs.iter().filter(|cost| cost.amount != 0 || cost.minutes() != 0) {
            let over = self.over(cost, &orders);
            let parts = |amount: i64| over.parts(amount, rows_of(&orders), cost.activity.negative);
            let (amounts, minutes) = (parts(cost.amount), parts(cost.minutes()));
            // Mostly all of it stands, or nothing.
            let standing =
                if cost.standing == cost.amount { Cow::Borrowed(&amounts) } else { Cow::Owned(parts(cost.standing)) };
            let of_rows = amounts.iter().zip(&minutes).zip(standing.iter());
            let mut avoided = Avoided::default();
            for (row, ((amount, minutes), standing)) in rows.iter_mut().zip(of_rows) {
                row.charge(cost.activity, *amount)?;
                row.minutes = row.minutes.checked_add(*minutes)?;
                row.standing_cost = row.standing_cost.checked_add(*standing)?;
                if cost.avoidable != 0 {
                    let part = avoided.part(cost.activity, amount.checked_sub(*standing)?)?;
                    row.avoidable_order_cost = row.avoidable_order_cost.checked_add(part)?;
                }
            }
            if let Some(suppliers) = suppliers.as_deref_mut() {
                suppliers.add(cost.activity, self.bought.map(|bought| bought.lines.start), &amounts, &minutes);
            }
        }
        // What isn't an activity's was taken from the net amount, or, what suppliers gave, from the cost of their goods.
        let terms = self.costs.iter().filter(|cost| cost.activity.step == Step::PaymentTerms).map(|cost| cost.amount);
        let imputed = i64::try_from(i128::from(steps.payment_terms) - terms.map(i128::from).sum::<i128>()).ok()?;
        let financed = bounded(imputed, &orders, self.by(&self.lines.net), Negative::Zero);
        for (row, part) in rows.iter_mut().zip(financed) {
            row.payment_terms = row.payment_terms.checked_add(part)?;
        }
        for (row, part) in rows.iter_mut().zip(split(steps.rebates_given, &orders, self.by(&self.lines.net))) {
            row.rebates_given = part;
        }
        for (row, part) in rows.iter_mut().zip(self.received(steps.rebates_received)?) {
            row.rebates_received = part;
        }
        Some(rows)
    }

    /// What the lines themselves say.
    fn measured(&self) -> Vec<Measures> {
        let Some(bought) = self.bought else { return vec![Measures::default()] };
        let line = |line: usize| Measures {
            lines: 1,
            quantity: self.lines.quantity[line],
            list: self.lines.list[line],
            net: self.lines.net[line],
            cogs: self.lines.cogs[line],
            freight_charged: self.lines.freight_charged[line],
            ..Measures::default()
        };
        bought.lines.clone().map(line).collect()
    }

    /// Lines of each order.
    fn orders(&self) -> Vec<usize> {
        self.bought.map_or_else(
            || vec![1],
            |bought| self.lines.orders[bought.orders.clone()].iter().map(ExactSizeIterator::len).collect(),
        )
    }

    /// What each line received; all of it has one row where nothing was bought.
    fn received(&self, amount: i64) -> Option<Vec<i64>> {
        let Some(bought) = self.bought else { return Some(vec![amount]) };
        self.received.parts(amount, bought.lines.clone(), &self.lines.cogs[bought.lines.clone()])
    }

    /// Amounts of the lines.
    fn by<'s>(&self, amounts: &'s [i64]) -> By<'s> {
        self.bought.map_or(By::Equally, |bought| By::Lines(&amounts[bought.lines.clone()]))
    }

    /// What a cost is split over: all lines, or those of the warehouse where it arose.
    fn over<'s>(&self, cost: &Cost<'s>, orders: &'s [usize]) -> Over<'s> {
        let Some(bought) = self.bought else { return Over::All { orders, by: By::Equally } };
        let chosen = cost.warehouse.map(|warehouse| self.chosen(cost.by, bought, warehouse));
        if let Some(chosen) = chosen.filter(|chosen| !chosen.lines.is_empty()) {
            return Over::Some(chosen);
        }
        let by = match cost.by {
            By::Orders(quantities) => By::Orders(&quantities[bought.orders.clone()]),
            By::Lines(quantities) => By::Lines(&quantities[bought.lines.clone()]),
            By::Equally => By::Equally,
        };
        Over::All { orders, by }
    }

    /// The lines of a warehouse. An order counts where the rollup counts it: at the first of its warehouses by alphabet.
    fn chosen(&self, by: By<'_>, bought: &Bought, warehouse: &str) -> Chosen {
        let mut chosen = Chosen { of_orders: matches!(by, By::Orders(_)), ..Chosen::default() };
        let named = |line: usize| self.lines.warehouses.get(line);
        for order in bought.orders.clone() {
            let all = self.lines.orders[order].clone();
            let of_warehouse: Vec<usize> =
                all.clone().filter(|&line| named(line).unwrap_or_default() == warehouse).collect();
            if of_warehouse.is_empty() {
                continue;
            }
            let is_here = all.filter_map(named).min().unwrap_or_default() == warehouse;
            match by {
                By::Orders(quantities) => chosen.quantities.push(if is_here { quantities[order] } else { 0 }),
                By::Lines(quantities) => chosen.quantities.extend(of_warehouse.iter().map(|&line| quantities[line])),
                By::Equally => chosen.quantities.extend(of_warehouse.iter().map(|_| 1)),
            }
            chosen.orders.push(of_warehouse.len());
            chosen.lines.extend(of_warehouse.into_iter().map(|line| line - bought.lines.start));
        }
        chosen
    }
}

/// What is really saved of a cost's parts, cut where running sums are rounded: so the parts add up to what is saved of all of it.
#[derive(Default)]
struct Avoided {
    upto: i64,
    avoided: i64,
}

impl Avoided {
    /// Of the next part; `None` beyond 64 bits.
    fn part(&mut self, activity: &Activity, amount: i64) -> Option<i64> {
        self.upto = self.upto.checked_add(amount)?;
        let avoided = activity.avoidable_cost(self.upto)?;
        let part = avoided.checked_sub(self.avoided)?;
        self.avoided = avoided;
        Some(part)
    }
}

/// The lines that share an amount.
enum Over<'a> {
    All { orders: &'a [usize], by: By<'a> },
    Some(Chosen),
}

/// Some lines of a customer, by their place among all of them.
#[derive(Default)]
struct Chosen {
    lines: Vec<usize>,
    orders: Vec<usize>,
    of_orders: bool,
    quantities: Vec<i64>,
}

impl Over<'_> {
    /// A part for each of `rows` rows.
    fn parts(&self, amount: i64, rows: usize, negative: Negative) -> Vec<i64> {
        match self {
            Over::All { orders, by } => bounded(amount, orders, *by, negative),
            Over::Some(chosen) => {
                let by = if chosen.of_orders { By::Orders(&chosen.quantities) } else { By::Lines(&chosen.quantities) };
                let mut parts = vec![0; rows];
                for (&line, part) in chosen.lines.iter().zip(bounded(amount, &chosen.orders, by, negative)) {
                    parts[line] = part;
                }
                parts
            }
        }
    }
}

/// Parts of which none is more than the whole: quantities below zero don't turn a small sum into large parts.
fn bounded(amount: i64, orders: &[usize], by: By<'_>, negative: Negative) -> Vec<i64> {
    match by {
        By::Orders(quantities) => split(amount, orders, By::Orders(&negative::of_parts(quantities, negative))),
        By::Lines(quantities) => split(amount, orders, By::Lines(&negative::of_parts(quantities, negative))),
        By::Equally => split(amount, orders, by),
    }
}

fn rows_of(orders: &[usize]) -> usize {
    orders.iter().sum()
}

impl Measures {
    fn charge(&mut self, activity: &Activity, amount: i64) -> Option<()> {
        let step = match activity.step {
            Step::CostToServe => &mut self.cost_to_serve,
            Step::FreightCost => &mut self.freight_cost,
            Step::PaymentTerms => &mut self.payment_terms,
        };
        *step = step.checked_add(amount)?;
        if activity.is_order_cost() {
            self.order_cost = self.order_cost.checked_add(amount)?;
        }
        if activity.is_line_cost() {
            self.line_cost = self.line_cost.checked_add(amount)?;
        }
        if activity.is_value_cost() {
            self.value_cost = self.value_cost.checked_add(amount)?;
        }
        if activity.is_freight_value_cost() {
            self.freight_value_cost = self.freight_value_cost.checked_add(amount)?;
        }
        if activity.compensation {
            self.compensation = self.compensation.checked_add(amount)?;
        }
        Some(())
    }
}
