//! A customer that loses money, with all that a remedy starts from.
//!
//! Avoidable cost is what would really be saved without the customer: Σ amount of an activity × the avoidable share of its
//! pool. Freight and payment terms are activities too, but stand in the gross margin already; so the contribution puts them
//! back first, and then takes off what is avoidable of all activities alike. Nothing is counted twice. Payment terms that are
//! imputed at a yearly rate are avoidable in full: what isn't owed needn't be borrowed.
//!
//! ```text
//! gross margin                        1,850
//! + freight 100 + payment terms 50    2,000      margin before activities
//! − avoidable: freight 60 % =    60
//!              payment terms     50
//!              orders      30 % = 690   800
//! contribution                        1,200      what leaving would cost
//! ```

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::slice::from_ref;

use netto_model::column as c;
use netto_model::money::{MILLION, divide_half_even, millionths};
use polars::prelude::*;

use super::order_cost::OrderCost;
use crate::book::Book;
use crate::columns::{days, lookup, maybe_units, sums, texts};
use crate::customer_window::Customer;
use crate::models::Tables;
use crate::sensitivity;
use crate::windows::{Named, inside};
use crate::{Inputs, OrderDigest, SegmentError};

/// A cost, and the part of it that is avoidable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) all: i64,
    pub(super) avoidable: i64,
}

/// Orders added up; returns and credits aren't among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "the column is called orders")]
pub(super) struct Orders {
    pub(super) orders: i64,
    pub(super) lines: i64,
    pub(super) revenue: i64,
    /// Cost-to-serve that is measured on orders and lines, and doesn't grow with the goods.
    pub(super) cost: i64,
    /// Cost of freight.
    pub(super) freight: i64,
    /// Freight charged.
    pub(super) freight_charged: i64,
}

/// What a channel's orders cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Channel {
    pub(super) order_cost: OrderCost,
    pub(super) freight: OrderCost,
}

/// Channels by name; the name is empty where one isn't known.
pub(super) type Channels = BTreeMap<String, Channel>;

/// A customer's orders, and what those that could be electronic take: a row of `electronic_part`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moving {
    pub(super) orders: i64,
    pub(super) electronic: i64,
    /// Of a channel that is known and not electronic.
    pub(super) movable: i64,
    /// What these take.
    pub(super) now: i64,
    /// What they would take electronically; nothing where nobody orders so.
    pub(super) there: Option<i64>,
}

/// A customer that loses money.
#[derive(Clone, Debug)]
pub(super) struct Case<'a> {
    pub(super) customer: &'a Customer,
    /// Length of the window.
    pub(super) months: i64,
    /// Revenue at list price; nothing where it wasn't supplied for every line.
    pub(super) list_revenue: Option<i64>,
    pub(super) rebates_given: i64,
    /// What it could buy in a year.
    pub(super) potential: Option<i64>,
    /// Freight and payment terms, which stand in the gross margin.
    pub(super) in_margin: Cost,
    /// The part of them that is freight.
    pub(super) freight: Cost,
    /// Cost-to-serve.
    pub(super) served: Cost,
    /// The part of cost-to-serve that is measured on orders and their lines.
    pub(super) by_orders: Cost,
    /// The part of cost-to-serve that is visits.
    pub(super) by_visits: Cost,
    /// How many visits; nothing where none of any customer are known.
    pub(super) visits: Option<i64>,
    /// Its sales by channel; nothing where orders aren't known.
    pub(super) orders: Option<BTreeMap<String, Orders>>,
    /// What moving them would save; nothing where orders aren't known.
    pub(super) moving: Option<Moving>,
    pub(super) channels: &'a Channels,
    /// Revenue in product groups that earn; nothing where groups aren't known.
    pub(super) earning_revenue: Option<i64>,
    /// The band of its net profit, where it isn't certain that it loses.
    pub(super) uncertain: Option<(i64, i64)>,
    /// Whether any pool says which part of it is avoidable.
    pub(super) avoidable_known: bool,
}

impl Case<'_> {
    /// What it loses at full cost: above zero.
    pub(super) const fn loss(&self) -> i64 {
        self.customer.profit.saturating_neg()
    }

    /// Gross margin with freight and payment terms put back.
    pub(super) const fn margin_before_activities(&self) -> i64 {
        self.customer.margin.saturating_add(self.in_margin.all)
    }

    /// The cost of all activities, wherever it stands in the waterfall.
    pub(super) const fn activities(&self) -> Cost {
        Cost {
            all: self.in_margin.all.saturating_add(self.served.all),
            avoidable: self.in_margin.avoidable.saturating_add(self.served.avoidable),
        }
    }

    /// What the company would lose if the customer left.
    pub(super) const fn contribution(&self) -> i64 {
        self.margin_before_activities().saturating_sub(self.activities().avoidable)
    }
}

impl Cost {
    /// An amount of it, avoidable as the whole is.
    pub(super) fn of(self, amount: i64) -> Self {
        Self { all: amount, avoidable: part(self.avoidable, amount, self.all) }
    }

    /// The other way round: a cost that comes on top.
    pub(super) const fn more(self) -> Self {
        Self { all: self.all.saturating_neg(), avoidable: self.avoidable.saturating_neg() }
    }

    /// What is only freed.
    pub(super) const fn capacity(self) -> i64 {
        self.all.saturating_sub(self.avoidable)
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, more: Self) {
        self.all = self.all.saturating_add(more.all);
        self.avoidable = self.avoidable.saturating_add(more.avoidable);
    }
}

impl AddAssign<&Self> for Orders {
    fn add_assign(&mut self, more: &Self) {
        self.orders += more.orders;
        self.lines += more.lines;
        self.revenue += more.revenue;
        self.cost += more.cost;
        self.freight += more.freight;
        self.freight_charged += more.freight_charged;
    }
}

/// `amount × numerator ÷ denominator`, half-even: where a remedy rounds. Nothing of nothing is nothing.
pub(super) fn part(amount: i64, numerator: i64, denominator: i64) -> i64 {
    if denominator == 0 {
        return 0;
    }
    let exact = divide_half_even(i128::from(amount) * i128::from(numerator), denominator.into());
    i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX })
}

/// All that a window knows of its orders by channel.
pub(super) fn channels(book: &Book<'_>, named: &Named) -> PolarsResult<Channels> {
    let Some(digest) = book.inputs.orders else { return Ok(Channels::default()) };
    // Channel → orders of a customer and band: what the cost of an order is found from.
    let mut groups: BTreeMap<String, Vec<Orders>> = BTreeMap::new();
    for ([_, channel, _], orders) in sales(digest, named)? {
        groups.entry(channel).or_default().push(orders);
    }
    let channel = |(name, groups): (&String, &Vec<Orders>)| {
        let order_cost = OrderCost::of(groups.iter(), |orders| orders.cost).unwrap_or_default();
        let freight = OrderCost::of(groups.iter(), |orders| orders.freight).unwrap_or_default();
        (name.clone(), Channel { order_cost, freight })
    };
    Ok(groups.iter().map(channel).collect())
}

/// What moving the orders of each customer would save.
fn moving(tables: &Tables, named: &Named) -> PolarsResult<BTreeMap<[String; 1], Moving>> {
    const MEASURES: [&str; 6] =
        [c::ORDERS, c::ELECTRONIC_ORDERS, "movable_orders", "cost_now", "cost_there", HAS_ELECTRONIC];
    const HAS_ELECTRONIC: &str = "has_electronic";
    let Some(parts) = tables.get("electronic_part") else { return Ok(BTreeMap::new()) };
    let known = col(c::CHANNEL_SAVING).is_not_null().cast(DataType::Int64).alias(HAS_ELECTRONIC);
    let rows = parts.clone().lazy().filter(col(c::WINDOW).eq(lit(named.name.as_str()))).with_column(known);
    let moving = |[orders, electronic, movable, now, there, known]: [i64; 6]| Moving {
        orders,
        electronic,
        movable,
        now,
        there: (known > 0).then_some(there),
    };
    Ok(sums(rows, [c::CUSTOMER_ID], MEASURES)?.into_iter().map(|(key, sums)| (key, moving(sums))).collect())
}

/// Every customer that loses money in the window.
pub(super) fn cases<'a>(
    book: &Book<'a>,
    tables: &Tables,
    named: &Named,
    customers: &'a [Customer],
    channels: &'a Channels,
) -> Result<Vec<Case<'a>>, SegmentError> {
    let losing: Vec<&Customer> = customers.iter().filter(|row| row.is_known() && row.profit < 0).collect();
    let ids: Vec<&str> = losing.iter().map(|customer| customer.id.as_str()).collect();
    let losers = df!(c::CUSTOMER_ID => ids)?.lazy();
    let of_losers = |plan: LazyFrame| {
        let key = || [col(c::CUSTOMER_ID)];
        plan.filter(inside(named.window)).join(losers.clone(), key(), key(), JoinArgs::new(JoinType::Semi))
    };
    let waterfall = waterfall(of_losers(book.inputs.waterfall.lazy()))?;
    let (costs, avoidable_known) = costs(book, of_losers(book.inputs.ledger.lazy()))?;
    let visits = visits(book, named)?;
    let orders = book.inputs.orders.map(|digest| orders(digest, named)).transpose()?;
    let moving = moving(tables, named)?;
    let groups = book.inputs.product_group_month;
    let earning = groups.map(|groups| earning_revenue(of_losers(groups.lazy()))).transpose()?;
    let off = sensitivity::off(book.inputs, named)?;
    let potentials = potentials(book.inputs)?;
    let case = |customer: &'a Customer| {
        let id = &customer.id;
        let steps = waterfall.get(id).copied().unwrap_or_default();
        let costs = costs.get(id).copied().unwrap_or_default();
        let imputed = steps.payment_terms - costs.payment_terms.all;
        let mut in_margin = Cost { all: imputed, avoidable: imputed };
        in_margin += costs.payment_terms;
        in_margin += costs.freight;
        let (less, more) = off.get(id).copied().unwrap_or_default();
        let (low, high) = (customer.profit.saturating_sub(more), customer.profit.saturating_add(less));
        Case {
            customer,
            months: named.window.months().into(),
            list_revenue: (steps.months_without_list == 0).then_some(steps.list_revenue),
            rebates_given: steps.rebates_given,
            potential: potentials.get(id).copied(),
            in_margin,
            freight: costs.freight,
            served: costs.served,
            by_orders: costs.by_orders,
            by_visits: costs.by_visits,
            visits: visits.as_ref().map(|visits| visits.get(id).copied().unwrap_or_default()),
            orders: orders.as_ref().map(|orders| orders.get(id).cloned().unwrap_or_default()),
            moving: book.inputs.orders.map(|_| moving.get(from_ref(id)).copied().unwrap_or_default()),
            channels,
            earning_revenue: earning.as_ref().map(|earning| earning.get(id).copied().unwrap_or_default()),
            uncertain: (high >= 0).then_some((low, high)),
            avoidable_known,
        }
    };
    Ok(losing.into_iter().map(case).collect())
}

/// Steps of the waterfall that a remedy starts from.
#[derive(Clone, Copy, Default)]
struct Steps {
    list_revenue: i64,
    rebates_given: i64,
    payment_terms: i64,
    /// Months in which a line has no list amount.
    months_without_list: i64,
}

fn waterfall(rows: LazyFrame) -> PolarsResult<BTreeMap<String, Steps>> {
    const WITHOUT_LIST: &str = "months_without_list";
    let without_list = col(c::LIST_SUPPLIED).not().and(col(c::LINES).gt(lit(0_i64)));
    let rows = rows.with_column(without_list.cast(DataType::Int64).alias(WITHOUT_LIST));
    let sums =
        sums(rows, [c::CUSTOMER_ID], [c::LIST_REVENUE, c::REBATES_GIVEN, c::PAYMENT_TERMS, WITHOUT_LIST])?.into_iter();
    let steps = |[list_revenue, rebates_given, payment_terms, months_without_list]: [i64; 4]| Steps {
        list_revenue,
        rebates_given,
        payment_terms,
        months_without_list,
    };
    Ok(sums.map(|([customer], sums)| (customer, steps(sums))).collect())
}

/// The ledger of a customer, by what a remedy asks for.
#[derive(Clone, Copy, Default)]
struct Costs {
    freight: Cost,
    payment_terms: Cost,
    served: Cost,
    by_orders: Cost,
    by_visits: Cost,
}

/// An activity as remedies see it.
struct Activity {
    /// Of its pool, in millionths.
    avoidable: i64,
    step: String,
    by_orders: bool,
    by_visits: bool,
}

/// What activities cost each customer, and whether any pool says which part of it is avoidable.
fn costs(book: &Book<'_>, ledger: LazyFrame) -> PolarsResult<(BTreeMap<String, Costs>, bool)> {
    let pools = book.inputs.pools.data();
    let shares = texts(pools, c::POOL)?.into_iter().zip(pools.column(c::AVOIDABLE_SHARE)?.f64()?.iter());
    let shares: BTreeMap<String, i64> = shares.filter_map(|(pool, share)| Some((pool, millionths(share?)))).collect();
    let activities = activities(book, &shares)?;
    let mut costs: BTreeMap<String, Costs> = BTreeMap::new();
    for ([customer, name], [amount]) in sums(ledger, [c::CUSTOMER_ID, c::ACTIVITY], [c::AMOUNT])? {
        let Some(activity) = activities.get(&name) else { continue };
        let cost = Cost { all: amount, avoidable: part(amount, activity.avoidable, MILLION) };
        let costs = costs.entry(customer).or_default();
        match activity.step.as_str() {
            c::FREIGHT_COST => costs.freight += cost,
            c::PAYMENT_TERMS => costs.payment_terms += cost,
            _ => {
                costs.served += cost;
                costs.by_orders += if activity.by_orders { cost } else { Cost::default() };
                costs.by_visits += if activity.by_visits { cost } else { Cost::default() };
            }
        }
    }
    Ok((costs, !shares.is_empty()))
}

fn activities(book: &Book<'_>, shares: &BTreeMap<String, i64>) -> PolarsResult<BTreeMap<String, Activity>> {
    let data = book.inputs.activities.data();
    let (names, pools, steps) = (texts(data, c::ACTIVITY)?, texts(data, c::POOL)?, texts(data, c::STEP)?);
    let sources = lookup(data, c::ACTIVITY, c::SOURCE)?;
    let visits = &book.config.remedy.visit_activities;
    let rows = names.into_iter().zip(pools).zip(steps);
    let activity = |((name, pool), step): ((String, String), String)| {
        let source = sources.get(&name).map(String::as_str);
        let by_visits = if visits.is_empty() { source == Some("activities") } else { visits.contains(&name) };
        let by_orders = matches!(source, Some("orders" | "order_lines"));
        (name, Activity { avoidable: shares.get(&pool).copied().unwrap_or_default(), step, by_orders, by_visits })
    };
    Ok(rows.map(activity).collect())
}

/// How many visits each customer had in the window; nothing where no events are known.
fn visits(book: &Book<'_>, named: &Named) -> PolarsResult<Option<BTreeMap<String, i64>>> {
    let Some(events) = book.inputs.events else { return Ok(None) };
    let data = events.data();
    let (first, after) = (named.window.first.first_day(), named.window.last.plus(1).first_day());
    let mut visits = BTreeMap::new();
    let rows = texts(data, c::KIND)?.into_iter().zip(texts(data, c::CUSTOMER_ID)?).zip(days(data, c::OCCURRED_AT)?);
    for ((kind, customer), day) in rows {
        if kind == "visit" && !customer.is_empty() && day.is_some_and(|day| first <= day && day < after) {
            *visits.entry(customer).or_default() += 1;
        }
    }
    Ok(Some(visits))
}

/// The sales of each customer, by channel.
fn orders(digest: &OrderDigest, named: &Named) -> PolarsResult<BTreeMap<String, BTreeMap<String, Orders>>> {
    let mut found: BTreeMap<String, BTreeMap<String, Orders>> = BTreeMap::new();
    for ([customer, channel, _], orders) in sales(digest, named)? {
        *found.entry(customer).or_default().entry(channel).or_default() += &orders;
    }
    Ok(found)
}

/// Orders of the window without returns and credits, by customer, channel and band.
fn sales(digest: &OrderDigest, named: &Named) -> PolarsResult<impl Iterator<Item = ([String; 3], Orders)> + use<>> {
    let fixed = (col(c::ORDER_COST) - col(c::VALUE_COST)).alias(c::ORDER_COST);
    let plan = digest.sales(named.window).with_columns([col(c::BAND).cast(DataType::String), fixed]);
    let columns = [c::ORDERS, c::LINES, c::INVOICE_REVENUE, c::ORDER_COST, c::FREIGHT_COST, c::FREIGHT_CHARGED];
    let sums = sums(plan, [c::CUSTOMER_ID, c::CHANNEL, c::BAND], columns)?;
    let orders = |[orders, lines, revenue, cost, freight, freight_charged]: [i64; 6]| Orders {
        orders,
        lines,
        revenue,
        cost,
        freight,
        freight_charged,
    };
    Ok(sums.into_iter().map(move |(key, sums)| (key, orders(sums))))
}

/// Revenue in product groups whose net profit with the customer is above zero.
fn earning_revenue(rows: LazyFrame) -> PolarsResult<BTreeMap<String, i64>> {
    let groups = sums(rows, [c::CUSTOMER_ID, c::PRODUCT_GROUP], [c::INVOICE_REVENUE, c::NET_PROFIT])?;
    let mut earning: BTreeMap<String, i64> = BTreeMap::new();
    for ([customer, _], [revenue, _]) in groups.into_iter().filter(|(_, [_, profit])| *profit > 0) {
        *earning.entry(customer).or_default() += revenue;
    }
    Ok(earning)
}

/// What each customer could buy in a year, where it was supplied.
fn potentials(inputs: &Inputs<'_>) -> PolarsResult<BTreeMap<String, i64>> {
    let data = inputs.customers.data();
    let rows = texts(data, c::CUSTOMER_ID)?.into_iter().zip(maybe_units(data, c::POTENTIAL)?);
    Ok(rows.filter_map(|(id, potential)| Some((id, potential?))).collect())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::customer_window::tests::customer;
    use netto_model::money::SCALE;

    static NO_CHANNELS: Channels = BTreeMap::new();

    /// A customer that loses 600: 48 orders of 10,000 together, a margin of 2,000, and 2,600 to serve it, of which 1,000 goes
    /// with its orders. Of all cost 30 % is avoidable, so leaving would cost 2,000 − 780 = 1,220.
    pub(in crate::remedy) fn case(customer: &Customer) -> Case<'_> {
        let cost = |whole: i64| Cost { all: whole * SCALE, avoidable: whole * SCALE * 3 / 10 };
        Case {
            customer,
            months: 12,
            list_revenue: None,
            rebates_given: 0,
            potential: None,
            in_margin: Cost::default(),
            freight: Cost::default(),
            served: cost(2_600),
            by_orders: cost(1_000),
            by_visits: cost(900),
            visits: None,
            orders: None,
            moving: None,
            channels: &NO_CHANNELS,
            earning_revenue: None,
            uncertain: None,
            avoidable_known: true,
        }
    }

    pub(in crate::remedy) fn loses_600() -> Customer {
        let [revenue, margin, cost, profit] = [10_000, 2_000, 2_600, -600].map(|whole| whole * SCALE);
        Customer { orders: 48, revenue, margin, cost, profit, ..customer("A", 1, 0, 0) }
    }

    #[test]
    fn freight_and_payment_terms_are_put_back_before_avoidable_cost_is_taken_off() {
        let customer = Customer { margin: 18_500_000, ..loses_600() };
        // Freight 100, 60 % of it avoidable, and 50 of payment terms.
        let in_margin = Cost { all: 1_500_000, avoidable: 1_100_000 };
        let served = Cost { all: 23_000_000, avoidable: 6_900_000 };
        let case = Case { in_margin, served, ..case(&customer) };
        assert_eq!(case.margin_before_activities(), 20_000_000);
        assert_eq!(case.contribution(), 12_000_000);
        assert_eq!(case.activities(), Cost { all: 24_500_000, avoidable: 8_000_000 });
    }

    #[test]
    fn an_amount_of_a_cost_is_as_avoidable_as_the_whole() {
        let cost = Cost { all: 1_000, avoidable: 300 };
        assert_eq!((cost.of(200), cost.of(200).capacity()), (Cost { all: 200, avoidable: 60 }, 140));
        assert_eq!(Cost::default().of(200), Cost { all: 200, avoidable: 0 });
    }
}
