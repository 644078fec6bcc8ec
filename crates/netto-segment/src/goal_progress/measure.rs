//! Counts each kind of goal in the closed months of its period.
//!
//! ```text
//! identify_suspects            prospects known since a day in those months
//! develop_prospects_to_tier    prospects that became customers, stand in the tier or above by their last twelve months, and didn't in the year before the period
//! retain_customers             of the customers that ordered in the year before the period, the part that ordered in the last twelve months
//! upgrade_customers            customers that stand in a higher tier, by their last twelve months, than by the year before the period
//! net_profit                   net profit, where the cost of goods and cost-to-serve are known
//! cost_to_serve                cost-to-serve ÷ invoice revenue; lower is better
//! electronic_share             orders through electronic channels ÷ orders
//! custom                       the number of an SQL query
//! ```
//! Flows add up over months. States don't: retention and tiers are compared with the start of the period, over twelve months on both sides, so that a customer
//! that orders once a year isn't lost before the year is over, and a busy January is no upgrade. Without the year before, they can't be measured. Tiers are cut anew on both sides; the profit, cost and
//! orders of a tier are those of the customers that stand in it by the twelve months that end with the goal's. The tier of a developed
//! prospect follows the same rule: a customer since years ago isn't developed again when it orders in January.

use std::collections::BTreeSet;

use netto_model::contract::CUSTOMER_TIERS;
use netto_model::money::SCALE;
use netto_model::{Money, Period, Window, column as c};
use polars::prelude::*;

use super::scope::{Scope, Scopes};
use crate::columns::{days, quotient, sums, texts};
use crate::customers::{Customer, Customers, INACTIVE, WindowCustomers};
use crate::windows::{inside, no_comparison};
use crate::{Inputs, SegmentConfig, SegmentError};

/// The count, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The number, in ten-thousandths, and its description.
    Counted(i64, String),
    /// The reason.
    Unknown(String),
}

/// How a kind of goal is interpreted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Nature {
    /// Whether months add up to the period; a share doesn't.
    pub(crate) adds_up: bool,
    /// Whether it starts the period at zero, and so is expected pro rata.
    pub(crate) from_zero: bool,
    pub(crate) higher_is_better: bool,
    pub(crate) form: Form,
}

/// The format of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Number,
    Share,
}

/// A kind of goal.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// The goal in words, with `{}` for the target.
    pub(crate) words: &'static str,
    pub(crate) nature: Nature,
    pub(crate) count: fn(&Counter<'_>, &Scope, Window) -> Result<Outcome, SegmentError>,
}

const ADDS_UP: Nature = Nature { adds_up: true, from_zero: true, higher_is_better: true, form: Form::Number };
const MOVED: Nature = Nature { adds_up: false, ..ADDS_UP };
const SHARE: Nature = Nature { adds_up: false, from_zero: false, higher_is_better: true, form: Form::Share };

/// Every kind but `custom`.
pub(crate) const KINDS: &[Kind] = &[
    Kind { name: "identify_suspects", words: "Identify {} suspects", nature: ADDS_UP, count: identified },
    Kind {
        name: "develop_prospects_to_tier",
        words: "Develop {} prospects into customers",
        nature: ADDS_UP,
        count: developed,
    },
    Kind { name: "retain_customers", words: "Retain {} of the customers", nature: SHARE, count: retained },
    Kind { name: "upgrade_customers", words: "Move {} customers up a tier", nature: MOVED, count: upgraded },
    Kind { name: "net_profit", words: "Earn a net profit of {}", nature: ADDS_UP, count: net_profit },
    Kind {
        name: "cost_to_serve",
        words: "Keep cost-to-serve at {} of revenue",
        nature: Nature { higher_is_better: false, ..SHARE },
        count: cost_share,
    },
    Kind {
        name: "electronic_share",
        words: "Take {} of the orders electronically",
        nature: SHARE,
        count: electronic_share,
    },
];

/// The kind that an SQL query of the configuration measures.
pub(crate) const CUSTOM: &str = "custom";

/// The state of a customer is judged over twelve months.
const YEAR: i32 = 12;

/// The inputs for counting goals.
pub(crate) struct Counter<'a> {
    pub(crate) inputs: &'a Inputs<'a>,
    pub(crate) config: &'a SegmentConfig,
    pub(crate) scopes: &'a Scopes,
    pub(crate) customers: WindowCustomers<'a>,
}

impl Counter<'_> {
    /// The customers of the twelve months before some months, and of the twelve that end with them.
    fn years(&self, months: Window) -> Result<[(Window, Customers); 2], SegmentError> {
        let (before, now) = (Window::ending(months.first.plus(-1), YEAR), Window::ending(months.last, YEAR));
        Ok([(before, self.customers.of(before)?), (now, self.customers.of(now)?)])
    }

    /// Why nothing can be said against the twelve months before some months: the data don't have all of them.
    fn nothing_before(&self, months: Window) -> Option<Outcome> {
        let before = Window::ending(months.first.plus(-1), YEAR);
        let after = Window { first: before.first.plus(YEAR), last: before.last.plus(YEAR) };
        no_comparison(before, after, &self.customers.sold).map(Outcome::Unknown)
    }

    fn held<'b>(&'b self, scope: &'b Scope, customers: &'b Customers) -> impl Iterator<Item = &'b Customer> {
        customers.values().filter(|customer| self.scopes.holds(scope, customer))
    }

    /// The customers of a scope in some months. Their tier is that of the twelve months that end with them.
    fn of_months(&self, scope: &Scope, months: Window) -> Result<Vec<Customer>, SegmentError> {
        let (year, customers) = (self.customers.of(Window::ending(months.last, YEAR))?, self.customers.of(months)?);
        let held = self.held(scope, &year).filter_map(|customer| customers.get(&customer.id));
        Ok(held.cloned().collect())
    }

    /// A note if the data begin within the months.
    fn since_when(&self, months: Window) -> String {
        if self.customers.first_month <= months.first {
            return String::new();
        }
        format!("; the data begin in {}", self.customers.first_month)
    }

    /// Why months can't be measured: the data begin after them, or the scope has no customer.
    fn out_of_reach(&self, scope: &Scope, months: Window) -> Result<Option<Outcome>, SegmentError> {
        if self.customers.first_month > months.last {
            return Ok(Some(Outcome::Unknown(format!("the data begin in {}", self.customers.first_month))));
        }
        let anyone = !self.of_months(scope, months)?.is_empty();
        Ok((!anyone).then(|| Outcome::Unknown(format!("no customer {} in {months}", self.of(scope)))))
    }

    /// `of Joost van Rijn`; `of the company`.
    fn of(&self, scope: &Scope) -> String {
        self.scopes.words(scope).map_or_else(|| "of the company".to_owned(), |name| format!("of {name}"))
    }
}

fn identified(counter: &Counter<'_>, scope: &Scope, months: Window) -> Result<Outcome, SegmentError> {
    let Some(prospects) = counter.inputs.prospects else { return Ok(unknown("prospects were not supplied")) };
    if scope.tier().is_some() {
        return Ok(unknown("a suspect has no customer tier: name an employee or a market"));
    }
    let data = prospects.data();
    let since = days(data, c::SINCE)?;
    if since.iter().all(Option::is_none) {
        return Ok(unknown("prospects were supplied without the date on which they became known"));
    }
    let known = |day: &Option<i32>| day.is_some_and(|day| months.contains(Period::of_day(day)));
    let of_scope = counter.scopes.prospects_in(scope, data)?;
    let found = of_scope.into_iter().zip(&since).filter(|(in_scope, day)| *in_scope && known(day));
    count(found.count(), format!("prospects known since a day in {months}"))
}

fn developed(counter: &Counter<'_>, scope: &Scope, months: Window) -> Result<Outcome, SegmentError> {
    let Some(prospects) = counter.inputs.prospects else { return Ok(unknown("prospects were not supplied")) };
    if counter.customers.first_month > months.last {
        return Ok(Outcome::Unknown(format!("the data begin in {}", counter.customers.first_month)));
    }
    let lowest = match scope.tier() {
        Some(INACTIVE) => return Ok(unknown("inactive customers don't buy: name a tier above Inactive")),
        tier => tier.unwrap_or("Small"),
    };
    if let Some(reason) = counter.nothing_before(months) {
        return Ok(reason);
    }
    let [(earlier, before), (year, now)] = counter.years(months)?;
    let stands = |customers: &Customers, id: &str| {
        customers.get(id).is_some_and(|customer| place(customer.tier) <= place(lowest))
    };
    // A former customer that comes back isn't developed from a prospect.
    let long_ago = Window { first: counter.customers.first_month, last: earlier.first.plus(-1) };
    let long_ago = (long_ago.months() > 0).then(|| counter.customers.of(long_ago)).transpose()?;
    let active = |customers: &Customers, id: &str| customers.get(id).is_some_and(Customer::is_active);
    let is_back = |id: &str| long_ago.as_ref().is_some_and(|known| active(known, id)) && !active(&before, id);
    let data = prospects.data();
    let became = texts(data, c::BECAME_CUSTOMER_ID)?;
    let of_scope = counter.scopes.prospects_in(&scope.of_any_tier(), data)?.into_iter().zip(&became);
    let customers: BTreeSet<&String> =
        of_scope.filter(|(in_scope, id)| *in_scope && !id.is_empty()).map(|(_, id)| id).collect();
    let found = customers.into_iter().filter(|id| stands(&now, id) && !stands(&before, id) && !is_back(id));
    let note = counter.since_when(earlier);
    count(
        found.count(),
        format!(
            "prospects that became customers, are in tier {lowest} or above in {year}, and were not in {earlier}{note}"
        ),
    )
}

fn retained(counter: &Counter<'_>, scope: &Scope, months: Window) -> Result<Outcome, SegmentError> {
    if let Some(reason) = counter.nothing_before(months) {
        return Ok(reason);
    }
    let [(earlier, before), (year, now)] = counter.years(months)?;
    let active = |customer: &&Customer| customer.is_active();
    let of_before: Vec<&Customer> = counter.held(scope, &before).filter(active).collect();
    let stayed = of_before.iter().filter(|customer| now.get(&customer.id).is_some_and(Customer::is_active)).count();
    let Some(part) = quotient(wide(stayed) * i128::from(SCALE), wide(of_before.len())) else {
        return Ok(Outcome::Unknown(format!("no customer {} ordered in {earlier}", counter.of(scope))));
    };
    let note = counter.since_when(earlier);
    let words =
        format!("{stayed} of {} customers that ordered in {earlier} ordered in {year} too{note}", of_before.len());
    Ok(Outcome::Counted(part, words))
}

fn upgraded(counter: &Counter<'_>, scope: &Scope, months: Window) -> Result<Outcome, SegmentError> {
    if scope.tier() == Some("Top") {
        return Ok(unknown("there is no tier above Top"));
    }
    if let Some(reason) = counter.nothing_before(months) {
        return Ok(reason);
    }
    let [(earlier, before), (year, now)] = counter.years(months)?;
    let of_before: Vec<&Customer> = counter.held(scope, &before).filter(|customer| customer.is_active()).collect();
    if of_before.is_empty() {
        return Ok(Outcome::Unknown(format!("no customer {} ordered in {earlier}", counter.of(scope))));
    }
    let higher = |earlier: &&&Customer| now.get(&earlier.id).is_some_and(|row| place(row.tier) < place(earlier.tier));
    let moved = of_before.iter().filter(higher).count();
    let note = counter.since_when(earlier);
    count(
        moved,
        format!("{moved} of {} customers are in a higher tier in {year} than in {earlier}{note}", of_before.len()),
    )
}

fn net_profit(counter: &Counter<'_>, scope: &Scope, months: Window) -> Result<Outcome, SegmentError> {
    if let Some(reason) = counter.out_of_reach(scope, months)? {
        return Ok(reason);
    }
    if !supplied(counter.inputs, months, &[c::COGS_SUPPLIED])? {
        return Ok(Outcome::Unknown(format!("no cost of goods was supplied in {months}")));
    }
    if !supplied(counter.inputs, months, &[c::COST_TO_SERVE_SUPPLIED, c::FREIGHT_COST_SUPPLIED])? {
        return Ok(Outcome::Unknown(format!("no cost-to-serve was booked in {months}")));
    }
    let profit = total(counter.of_months(scope, months)?.iter().map(|customer| customer.profit))?;
    let words = format!("net profit {} in {months}{}", of_customers(counter, scope), counter.since_when(months));
    Ok(Outcome::Counted(profit, words))
}

fn cost_share(counter: &Counter<'_>, scope: &Scope, months: Window) -> Result<Outcome, SegmentError> {
    if let Some(reason) = counter.out_of_reach(scope, months)? {
        return Ok(reason);
    }
    if !supplied(counter.inputs, months, &[c::COST_TO_SERVE_SUPPLIED])? {
        return Ok(Outcome::Unknown(format!("no cost-to-serve was booked in {months}")));
    }
    let customers = counter.of_months(scope, months)?;
    let cost = total(customers.iter().map(|customer| customer.cost))?;
    let revenue = total(customers.iter().map(|customer| customer.revenue))?;
    let share = quotient(i128::from(cost) * i128::from(SCALE), i128::from(revenue)).filter(|_| revenue > 0);
    let Some(share) = share else { return Ok(Outcome::Unknown(format!("no revenue in {months}"))) };
    let (cost, revenue) = (super::words::amount(cost), super::words::amount(revenue));
    Ok(Outcome::Counted(share, format!("{cost} of cost-to-serve ÷ {revenue} of invoice revenue in {months}")))
}

fn electronic_share(counter: &Counter<'_>, scope: &Scope, months: Window) -> Result<Outcome, SegmentError> {
    let Some(digest) = counter.inputs.orders else { return Ok(unknown("orders are not available: see [facts]")) };
    if let Some(reason) = counter.out_of_reach(scope, months)? {
        return Ok(reason);
    }
    let customers = counter.of_months(scope, months)?;
    let ids: BTreeSet<&str> = customers.iter().map(|customer| customer.id.as_str()).collect();
    let (mut all, mut electronic, mut named) = (0_i64, 0_i64, false);
    let of_channels = sums(digest.sales(months), [c::CUSTOMER_ID, c::CHANNEL], [c::ORDERS])?;
    for ([_, channel], [orders]) in of_channels.into_iter().filter(|([customer, _], _)| ids.contains(customer.as_str()))
    {
        named |= !channel.is_empty();
        all += orders;
        electronic += if counter.config.channel.is_electronic(&channel) { orders } else { 0 };
    }
    if !named {
        return Ok(unknown("no order has a channel"));
    }
    let share = quotient(i128::from(electronic) * i128::from(SCALE), i128::from(all)).unwrap_or_default();
    Ok(Outcome::Counted(share, format!("{electronic} of {all} orders in {months}")))
}

fn unknown(reason: &str) -> Outcome {
    Outcome::Unknown(reason.to_owned())
}

/// A count and its description.
fn count(number: usize, what: String) -> Result<Outcome, SegmentError> {
    let units = Money::try_from_wide(wide(number) * i128::from(SCALE))?;
    Ok(Outcome::Counted(units.units(), what))
}

fn wide(number: usize) -> i128 {
    i128::try_from(number).unwrap_or(i128::MAX)
}

fn total(amounts: impl Iterator<Item = i64>) -> Result<i64, SegmentError> {
    Ok(Money::sum(amounts.map(Money::from_units))?.units())
}

/// 0 is Top; a non-customer ranks below all tiers.
fn place(tier: &str) -> usize {
    CUSTOMER_TIERS.iter().position(|known| *known == tier).unwrap_or(usize::MAX)
}

fn of_customers(counter: &Counter<'_>, scope: &Scope) -> String {
    counter
        .scopes
        .words(scope)
        .map_or_else(|| "of all customers".to_owned(), |name| format!("of the customers of {name}"))
}

/// Whether one of some steps of the waterfall was supplied in any of the months.
fn supplied(inputs: &Inputs<'_>, months: Window, columns: &[&str]) -> PolarsResult<bool> {
    let columns: Vec<Expr> = columns.iter().map(|column| col(*column)).collect();
    let rows = inputs.waterfall.lazy().filter(inside(months)).select(columns).collect()?;
    let any = |column: &Column| PolarsResult::Ok(column.bool()?.iter().flatten().any(|supplied| supplied));
    rows.columns().iter().map(any).try_fold(false, |found, any| Ok(found || any?))
}
