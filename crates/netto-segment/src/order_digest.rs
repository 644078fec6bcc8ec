//! What the analyses keep of the orders, month by month: orders are too many to hold all of them.
//!
//! ```text
//! by size     customer × channel × band × sale or not     orders, lines, minutes, amounts; how many lose money
//! after visit visit                                        orders within so many days, and their revenue
//! taken by    order of a deviation                         who took it
//! ```
//! Returns and credits are no orders: they stay in every amount, are told apart where it is asked what an order brings or costs,
//! and are counted nowhere. An order with a return among its lines is a sale. An order over the end of a month is counted in the
//! month of its first line, and what lies in a later month adds to the amounts.
//!
//! An order counts after the last visit before it, so no order counts twice.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::frame::{Activities, Deviations};
use netto_model::{Frame, Period, Window, column as c};
use polars::prelude::*;

use crate::columns::{days, share, texts, units};
use crate::{SegmentConfig, SegmentError};

/// What adds up of the orders of a group; amounts in ten-thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrderSums {
    /// Orders.
    pub orders: i64,
    /// Order lines.
    pub lines: i64,
    /// Minutes of time-driven activities.
    pub minutes: i64,
    /// Invoice revenue.
    pub revenue: i64,
    /// Gross margin.
    pub margin: i64,
    /// Freight cost less freight charged.
    pub freight: i64,
    /// Freight charged.
    pub freight_charged: i64,
    /// Cost-to-serve that is measured on orders and lines.
    pub order_cost: i64,
    /// Cost-to-serve.
    pub cost: i64,
    /// Net profit.
    pub profit: i64,
    /// Orders with a net profit below zero.
    pub loss_orders: i64,
    /// What they lose.
    pub loss: i64,
}

impl std::ops::AddAssign<&Self> for OrderSums {
    fn add_assign(&mut self, more: &Self) {
        self.orders += more.orders;
        self.lines += more.lines;
        self.minutes += more.minutes;
        self.revenue += more.revenue;
        self.margin += more.margin;
        self.freight += more.freight;
        self.freight_charged += more.freight_charged;
        self.order_cost += more.order_cost;
        self.cost += more.cost;
        self.profit += more.profit;
        self.loss_orders += more.loss_orders;
        self.loss += more.loss;
    }
}

/// A group of a month's orders.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SizeKey {
    /// Month.
    pub period: Period,
    /// Customer.
    pub customer: String,
    /// Channel; empty where not known.
    pub channel: String,
    /// Number of the band, from 1; see [`crate::OrderSizeConfig`].
    pub band: usize,
    /// Whether they are sales, and not returns or credits.
    pub sale: bool,
}

/// Orders that followed a visit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FollowUp {
    /// How many.
    pub orders: i64,
    /// Their invoice revenue.
    pub revenue: i64,
}

/// What is kept of the orders.
#[derive(Clone, Debug, Default)]
pub struct OrderDigest {
    /// By customer, channel, band and sale or not; cost without an order is not in it.
    pub by_size: BTreeMap<SizeKey, OrderSums>,
    /// By `activity_id` of the visit; visits without an order are not in it.
    pub after_visit: BTreeMap<String, FollowUp>,
    /// Who took the orders that deviations name, by `order_id`.
    pub taken_by: BTreeMap<String, String>,
}

/// Takes in the orders of a month at a time; months may be taken in side by side.
pub struct Digester {
    bands: Vec<i64>,
    within_days: i32,
    /// Days of visits and their `activity_id`, by customer, in their order.
    visits: BTreeMap<String, Vec<(i32, String)>>,
    deviant_orders: BTreeSet<String>,
}

impl Digester {
    /// Knows the visits and deviations that orders are looked up for.
    ///
    /// # Errors
    /// When a column has another type than the contract's.
    pub fn new(
        activities: Option<&Frame<Activities>>,
        deviations: Option<&Frame<Deviations>>,
        config: &SegmentConfig,
    ) -> Result<Self, SegmentError> {
        let deviant_orders = deviations.map(|frame| texts(frame.data(), c::ORDER_ID)).transpose()?;
        Ok(Self {
            bands: config.order_size.limits(),
            within_days: config.sales_force.days_after_visit.into(),
            visits: activities.map(visits).transpose()?.unwrap_or_default(),
            deviant_orders: deviant_orders.unwrap_or_default().into_iter().filter(|id| !id.is_empty()).collect(),
        })
    }

    /// The orders of a month: rows of `fct_order`.
    ///
    /// # Errors
    /// When a column has another type than the contract's.
    pub fn month(&self, orders: &DataFrame) -> Result<OrderDigest, SegmentError> {
        let (ids, customers, channels) =
            (texts(orders, c::ORDER_ID)?, texts(orders, c::CUSTOMER_ID)?, texts(orders, c::CHANNEL)?);
        let (periods, dates) = (days(orders, c::PERIOD)?, days(orders, c::ORDER_DATE)?);
        let (kinds, employees) = (texts(orders, c::ORDER_KIND)?, texts(orders, c::EMPLOYEE_ID)?);
        let names = [c::LINES, c::MINUTES, c::INVOICE_REVENUE, c::GROSS_MARGIN, c::FREIGHT_COST, c::FREIGHT_CHARGED];
        let [lines, minutes, revenue, margin, freight, charged] = names.map(|name| units(orders, name));
        let (lines, minutes, revenue, margin) = (lines?, minutes?, revenue?, margin?);
        let (freight, charged) = (freight?, charged?);
        let [order_cost, cost, profit] =
            [c::ORDER_COST, c::COST_TO_SERVE, c::NET_PROFIT].map(|name| units(orders, name));
        let (order_cost, cost, profit) = (order_cost?, cost?, profit?);
        let counted = units(orders, c::ORDERS)?;
        let mut digest = OrderDigest::default();
        for row in (0..ids.len()).filter(|&row| !ids[row].is_empty()) {
            let key = SizeKey {
                period: Period::of_day(periods[row].unwrap_or_default()),
                customer: customers[row].clone(),
                channel: channels[row].clone(),
                band: self.band(revenue[row]),
                sale: is_sale(&kinds[row], revenue[row]),
            };
            let loses = counted[row] > 0 && profit[row] < 0;
            *digest.by_size.entry(key).or_default() += &OrderSums {
                orders: counted[row],
                lines: lines[row],
                minutes: minutes[row],
                revenue: revenue[row],
                margin: margin[row],
                freight: freight[row] - charged[row],
                freight_charged: charged[row],
                order_cost: order_cost[row],
                cost: cost[row],
                profit: profit[row],
                loss_orders: i64::from(loses),
                loss: if loses { profit[row] } else { 0 },
            };
            if is_sale(&kinds[row], revenue[row])
                && let Some(visit) = dates[row].and_then(|day| self.visit_before(&customers[row], day))
            {
                let after = digest.after_visit.entry(visit.to_owned()).or_default();
                after.orders += counted[row];
                after.revenue += revenue[row];
            }
            if !employees[row].is_empty() && self.deviant_orders.contains(&ids[row]) {
                digest.taken_by.insert(ids[row].clone(), employees[row].clone());
            }
        }
        Ok(digest)
    }

    /// The band of an order value, from 1: below zero, below the first limit, …
    fn band(&self, value: i64) -> usize {
        self.bands.partition_point(|&limit| limit <= value) + 1
    }

    /// The last visit to a customer on a day or in the days before it.
    fn visit_before(&self, customer: &str, day: i32) -> Option<&str> {
        let visits = self.visits.get(customer)?;
        let place = visits.partition_point(|(visited, _)| *visited <= day).checked_sub(1)?;
        visits.get(place).filter(|(visited, _)| day - visited <= self.within_days).map(|(_, id)| id.as_str())
    }
}

/// Whether an order is one of sales: of several kinds the first by alphabet stands for it, so a sale with a return among its
/// lines says `return`, and is known by its value.
fn is_sale(kind: &str, value: i64) -> bool {
    kind == "sale" || value > 0
}

impl OrderSums {
    /// Cost that comes with each order: order cost, and freight that isn't charged.
    pub(crate) const fn order_level_cost(&self) -> i64 {
        self.order_cost + self.freight
    }

    /// Gross margin before freight, which then is a cost of the order.
    pub(crate) const fn margin_before_freight(&self) -> i64 {
        self.margin + self.freight
    }

    /// The columns of groups of orders, as tables of orders have them.
    pub(crate) fn columns(rows: &[&Self]) -> Vec<Column> {
        let each = |name: &str, of: fn(&Self) -> i64| {
            Column::new(name.into(), rows.iter().map(|sums| of(sums)).collect::<Vec<_>>())
        };
        let loses = rows.iter().map(|sums| share(sums.loss_orders, sums.orders)).collect::<Vec<_>>();
        vec![
            each(c::ORDERS, |sums| sums.orders),
            each(c::LINES, |sums| sums.lines),
            each(c::MINUTES, |sums| sums.minutes),
            each(c::INVOICE_REVENUE, |sums| sums.revenue),
            each(c::GROSS_MARGIN, |sums| sums.margin),
            each(c::ORDER_COST, |sums| sums.order_cost),
            each(c::COST_TO_SERVE, |sums| sums.cost),
            each(c::NET_PROFIT, |sums| sums.profit),
            each(c::LOSS_ORDERS, |sums| sums.loss_orders),
            Column::new(c::LOSS_ORDER_SHARE.into(), loses),
            each(c::LOSS_AMOUNT, |sums| sums.loss),
        ]
    }
}

impl OrderDigest {
    /// What is kept by size of the months of a window.
    pub(crate) fn within(&self, window: Window) -> impl Iterator<Item = (&SizeKey, &OrderSums)> {
        let before = |period| SizeKey { period, customer: String::new(), channel: String::new(), band: 0, sale: false };
        self.by_size.range(before(window.first)..before(window.last.plus(1)))
    }

    /// Whether the channel of any order is known.
    pub(crate) fn knows_channels(&self) -> bool {
        self.by_size.keys().any(|key| !key.channel.is_empty())
    }

    /// All months together.
    #[must_use]
    pub fn of_months(months: Vec<Self>) -> Self {
        let mut all = Self::default();
        for month in months {
            all.by_size.extend(month.by_size);
            for (visit, follow_up) in month.after_visit {
                let after = all.after_visit.entry(visit).or_default();
                after.orders += follow_up.orders;
                after.revenue += follow_up.revenue;
            }
            all.taken_by.extend(month.taken_by);
        }
        all
    }
}

/// Days and ids of the visits to each customer.
fn visits(activities: &Frame<Activities>) -> PolarsResult<BTreeMap<String, Vec<(i32, String)>>> {
    let data = activities.data();
    let (ids, kinds, customers) = (texts(data, c::ACTIVITY_ID)?, texts(data, c::KIND)?, texts(data, c::CUSTOMER_ID)?);
    let mut visits: BTreeMap<String, Vec<(i32, String)>> = BTreeMap::new();
    for (((id, kind), customer), day) in ids.into_iter().zip(kinds).zip(customers).zip(days(data, c::OCCURRED_AT)?) {
        if kind == "visit" && !customer.is_empty() {
            visits.entry(customer).or_default().push((day.unwrap_or_default(), id));
        }
    }
    for of_customer in visits.values_mut() {
        of_customer.sort();
    }
    Ok(visits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OrderSizeConfig, SalesForceConfig};

    fn digester() -> Digester {
        Digester {
            bands: OrderSizeConfig { bands: vec![100.0, 250.0], ..OrderSizeConfig::default() }.limits(),
            within_days: SalesForceConfig { days_after_visit: 7 }.days_after_visit.into(),
            visits: BTreeMap::from([("A".to_owned(), vec![(10, "v1".to_owned()), (14, "v2".to_owned())])]),
            deviant_orders: BTreeSet::new(),
        }
    }

    #[test]
    fn a_band_reaches_from_its_limit_to_below_the_next() {
        let bands = [-1, 0, 999_999, 1_000_000, 2_499_999, 2_500_000].map(|value| digester().band(value));
        assert_eq!(bands, [1, 2, 2, 3, 3, 4]);
    }

    #[test]
    fn a_return_or_credit_is_no_sale_unless_more_was_sold_than_taken_back() {
        let sales = [("sale", 1), ("sale", 0), ("sale", -1), ("return", -1), ("credit", 0), ("return", 1)];
        assert_eq!(sales.map(|(kind, value)| is_sale(kind, value)), [true, true, true, false, false, true]);
    }

    #[test]
    fn a_window_has_the_orders_of_its_months() {
        let sums = OrderSums { orders: 1, ..OrderSums::default() };
        let key = |month| SizeKey {
            period: Period::new(2025, month),
            customer: "A".into(),
            channel: "web".into(),
            band: 2,
            sale: true,
        };
        let digest =
            OrderDigest { by_size: (1..=6).map(|month| (key(month), sums)).collect(), ..OrderDigest::default() };
        let months: Vec<i32> =
            digest.within(Window::ending(Period::new(2025, 4), 3)).map(|(key, _)| key.period.month()).collect();
        assert_eq!((months, digest.knows_channels()), (vec![2, 3, 4], true));
    }

    #[test]
    fn an_order_follows_the_last_visit_within_the_days() {
        let digester = digester();
        let after = [9, 10, 13, 14, 21, 22].map(|day| digester.visit_before("A", day));
        assert_eq!(after, [None, Some("v1"), Some("v1"), Some("v2"), Some("v2"), None]);
        assert_eq!(digester.visit_before("B", 10), None);
    }
}
