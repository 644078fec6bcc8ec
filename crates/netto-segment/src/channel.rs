//! Channels: what an order of a channel costs, from which size it earns, and what moving orders to electronic channels saves.
//!
//! Order-level cost comes with each order: order cost, and freight that isn't charged. An order just earns it at
//! cost per order ÷ margin share, the margin taken before freight.
//!
//! ```text
//! order 250, margin 20 %, out-of-pocket cost 77.50   →   −27.50; break-even order 77.50 ÷ 20 % = 387.50
//!
//!          orders below 100   of 100 and more   cost       through the web     saved by moving
//! phone    3 at 30            1 at 50           140        3 × 12 + 45 = 81    59, or 14.75 an order
//! web      2 at 12            4 at 45
//! ```
//! Large orders cost more than small ones, and web orders are larger: so what an order would cost electronically is asked size
//! by size, or the web would seem dear.
//!
//! Of these only orders without returns and credits count: nobody asks what a credit note earns, and returns mostly come in
//! by phone whatever the order came by. Orders whose channel isn't known save nothing: nobody knows that they could move.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use netto_model::contract::TIERS;
use netto_model::frame::{ChannelSummary, ChannelTier, CustomerChannel};
use netto_model::{Mart, column as c};
use polars::prelude::*;

use crate::book::{Book, absent};
use crate::columns::{quotient, share};
use crate::customer_window::Customer;
use crate::order_digest::OrderSums;
use crate::tie::must_tie;
use crate::windows::Named;
use crate::{ChannelConfig, OrderDigest, SegmentError};

/// The orders of a channel in a window.
#[derive(Clone, Debug, Default)]
struct Channel<'a> {
    customers: BTreeSet<&'a str>,
    all: OrderSums,
    /// Without returns and credits.
    sales: OrderSums,
    /// The same by number of the band.
    sales_by_band: BTreeMap<usize, OrderSums>,
}

/// Channels by name.
type Channels<'a> = BTreeMap<&'a str, Channel<'a>>;

/// The table of all windows; empty where no channel is known.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let Some(orders) = known(book) else { return absent::<ChannelSummary>() };
    book.table::<ChannelSummary>(|named, customers| {
        let channels = channels(orders, named);
        let parts = channels.values().map(|channel| channel.all.orders);
        must_tie::<ChannelSummary>(&named.name, c::ORDERS, parts, customers.iter().map(|row| row.orders))?;
        Ok(of_window(&named.name, &channels, &book.config.channel)?)
    })
}

/// The tiers of all windows.
pub(crate) fn by_tier(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let Some(orders) = known(book) else { return absent::<ChannelTier>() };
    book.table::<ChannelTier>(|named, customers| {
        let tiers = tiers(&electronic_parts(orders, named, &book.config.channel), customers);
        let keys = tiers.keys().filter_map(|place| TIERS.get(*place).copied()).collect();
        Ok(electronic_columns(&named.name, c::TIER, keys, &tiers.values().collect::<Vec<_>>())?)
    })
}

/// The customers of the main window that ordered.
pub(crate) fn by_customer(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let Some(orders) = known(book) else { return absent::<CustomerChannel>() };
    book.table_of_main::<CustomerChannel>(|named, _| {
        let parts = electronic_parts(orders, named, &book.config.channel);
        let keys = parts.keys().copied().collect();
        Ok(electronic_columns(&named.name, c::CUSTOMER_ID, keys, &parts.values().collect::<Vec<_>>())?)
    })
}

/// The orders, where any channel is known.
fn known<'a>(book: &Book<'a>) -> Option<&'a OrderDigest> {
    book.inputs.orders.filter(|orders| orders.knows_channels())
}

fn channels<'a>(orders: &'a OrderDigest, named: &Named) -> Channels<'a> {
    let mut channels = Channels::new();
    for (key, sums) in orders.within(named.window) {
        let channel = channels.entry(key.channel.as_str()).or_default();
        channel.customers.insert(&key.customer);
        channel.all += sums;
        if key.sale {
            channel.sales += sums;
            *channel.sales_by_band.entry(key.band).or_default() += sums;
        }
    }
    channels
}

/// Orders without returns and credits of all electronic channels, by band.
fn electronic_by_band(channels: &Channels<'_>, config: &ChannelConfig) -> BTreeMap<usize, OrderSums> {
    let mut by_band: BTreeMap<usize, OrderSums> = BTreeMap::new();
    for (_, channel) in channels.iter().filter(|(name, _)| config.is_electronic(name)) {
        for (band, sums) in &channel.sales_by_band {
            *by_band.entry(*band).or_default() += sums;
        }
    }
    // What is left of orders that began in the month before is no order.
    by_band.retain(|_, sums| sums.orders > 0);
    by_band
}

impl Channel<'_> {
    /// What as many orders of the same sizes cost electronically: per band orders × cost per order, half-even; of the
    /// nearest band where there are none of that size, of two the larger. Nothing without any electronic order.
    fn cost_if_electronic(&self, electronic: &BTreeMap<usize, OrderSums>) -> Option<i64> {
        let of_band = |(band, own): (&usize, &OrderSums)| {
            let nearest = electronic.iter().min_by_key(|(other, _)| (other.abs_diff(*band), Reverse(**other)));
            let (_, there) = nearest?;
            quotient(i128::from(own.orders) * i128::from(there.order_level_cost()), there.orders.into())
        };
        (!electronic.is_empty()).then_some(())?;
        self.sales_by_band.iter().map(of_band).sum()
    }

    /// What so many of its orders cost more than they would electronically, where that is above zero; half-even.
    fn saving(&self, orders: i64, electronic: &BTreeMap<usize, OrderSums>) -> Option<i64> {
        let more = self.sales.order_level_cost() - self.cost_if_electronic(electronic)?;
        quotient(i128::from(orders) * i128::from(more.max(0)), self.sales.orders.into())
    }
}

/// Order-level cost ÷ orders.
fn cost_per_order(orders: &OrderSums) -> Option<i64> {
    quotient(orders.order_level_cost().into(), orders.orders.into())
}

/// The order size at which an order just earns its order-level cost: cost per order ÷ margin share. An order that costs
/// nothing earns at any size; without a margin none does.
fn break_even_order(orders: &OrderSums) -> Option<i64> {
    let margin = orders.margin_before_freight();
    if margin <= 0 || orders.revenue <= 0 {
        return None;
    }
    let cost = i128::from(orders.order_level_cost().max(0));
    quotient(cost * i128::from(orders.revenue), i128::from(orders.orders) * i128::from(margin))
}

fn of_window(window: &str, channels: &Channels<'_>, config: &ChannelConfig) -> PolarsResult<DataFrame> {
    let all: Vec<&OrderSums> = channels.values().map(|channel| &channel.all).collect();
    let sales: Vec<&OrderSums> = channels.values().map(|channel| &channel.sales).collect();
    let amounts = |of: fn(&OrderSums) -> i64| sales.iter().map(|sums| of(sums)).collect::<Vec<_>>();
    let maybe = |of: fn(&OrderSums) -> Option<i64>| sales.iter().map(|sums| of(sums)).collect::<Vec<_>>();
    let shares = |of: fn(&OrderSums) -> Option<f64>| sales.iter().map(|sums| of(sums)).collect::<Vec<_>>();
    let total: i64 = sales.iter().map(|sums| sums.orders).sum();
    let electronic = electronic_by_band(channels, config);
    let moved = |(name, channel): (&&str, &Channel<'_>)| {
        Some(channel).filter(|_| could_move(name, config))?.cost_if_electronic(&electronic)
    };
    let customers = |channel: &Channel<'_>| i64::try_from(channel.customers.len()).ok();
    let mut data = DataFrame::new_infer_height(OrderSums::columns(&all))?;
    // What is said of an order is said of sales.
    for column in df!(
        c::WINDOW => vec![window; channels.len()],
        c::CHANNEL => channels.keys().copied().collect::<Vec<_>>(),
        c::ELECTRONIC => channels.keys().map(|name| config.is_electronic(name)).collect::<Vec<_>>(),
        c::CUSTOMERS => channels.values().map(customers).collect::<Vec<_>>(),
        c::SALE_ORDERS => amounts(|sums| sums.orders),
        c::ORDER_SHARE => sales.iter().map(|sums| share(sums.orders, total)).collect::<Vec<_>>(),
        c::SALE_REVENUE => amounts(|sums| sums.revenue),
        c::SALE_MARGIN => amounts(OrderSums::margin_before_freight),
        c::ORDER_LEVEL_COST => amounts(OrderSums::order_level_cost),
        c::COST_IF_ELECTRONIC => channels.iter().map(moved).collect::<Vec<_>>(),
        c::AVERAGE_ORDER => maybe(|sums| quotient(sums.revenue.into(), sums.orders.into())),
        c::COST_PER_ORDER => maybe(cost_per_order),
        c::MARGIN_SHARE => shares(|sums| share(sums.margin_before_freight(), sums.revenue)),
        c::BREAK_EVEN_ORDER => maybe(break_even_order),
        c::LOSS_ORDERS => amounts(|sums| sums.loss_orders),
        c::LOSS_ORDER_SHARE => shares(|sums| share(sums.loss_orders, sums.orders)),
    )?
    .into_columns()
    {
        data.with_column(column)?;
    }
    Ok(data)
}

/// How much of what somebody ordered came in electronically, and what moving the rest would save.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Ordered {
    customers: i64,
    orders: i64,
    electronic_orders: i64,
    lines: i64,
    electronic_lines: i64,
    /// Nothing without electronic orders to compare with.
    saving: Option<i64>,
}

/// Of every customer with an order in the window that is no return or credit.
fn electronic_parts<'a>(orders: &'a OrderDigest, named: &Named, config: &ChannelConfig) -> BTreeMap<&'a str, Ordered> {
    let channels = channels(orders, named);
    let electronic = electronic_by_band(&channels, config);
    let mut ordered: BTreeMap<(&str, &str), OrderSums> = BTreeMap::new();
    for (key, sums) in orders.within(named.window).filter(|(key, _)| key.sale) {
        *ordered.entry((&key.customer, &key.channel)).or_default() += sums;
    }
    let mut parts: BTreeMap<&str, Ordered> = BTreeMap::new();
    for ((customer, name), own) in ordered {
        let part = parts.entry(customer).or_insert(Ordered {
            customers: 1,
            saving: (!electronic.is_empty()).then_some(0),
            ..Ordered::default()
        });
        part.orders += own.orders;
        part.lines += own.lines;
        if config.is_electronic(name) {
            part.electronic_orders += own.orders;
            part.electronic_lines += own.lines;
        }
        if let Some(channel) = channels.get(name).filter(|_| could_move(name, config)) {
            let saved = channel.saving(own.orders, &electronic);
            part.saving = part.saving.zip(saved).map(|(sum, more)| sum + more);
        }
    }
    parts
}

/// Whether orders of a channel could come in electronically.
fn could_move(name: &str, config: &ChannelConfig) -> bool {
    !name.is_empty() && !config.is_electronic(name)
}

/// Customers added up by tier, in the order of the tiers.
fn tiers(parts: &BTreeMap<&str, Ordered>, customers: &[Customer]) -> BTreeMap<usize, Ordered> {
    let mut tiers: BTreeMap<usize, Ordered> = BTreeMap::new();
    for customer in customers {
        let Some(part) = parts.get(customer.id.as_str()) else { continue };
        let Some(place) = TIERS.iter().position(|tier| *tier == customer.tier) else { continue };
        let tier = tiers.entry(place).or_insert(Ordered { saving: part.saving.map(|_| 0), ..Ordered::default() });
        tier.customers += part.customers;
        tier.orders += part.orders;
        tier.electronic_orders += part.electronic_orders;
        tier.lines += part.lines;
        tier.electronic_lines += part.electronic_lines;
        tier.saving = tier.saving.zip(part.saving).map(|(sum, more)| sum + more);
    }
    tiers
}

fn electronic_columns(window: &str, by: &str, keys: Vec<&str>, rows: &[&Ordered]) -> PolarsResult<DataFrame> {
    let counts = |of: fn(&Ordered) -> i64| rows.iter().map(|row| of(row)).collect::<Vec<_>>();
    df!(
        c::WINDOW => vec![window; rows.len()],
        by => keys,
        c::CUSTOMERS => counts(|row| row.customers),
        c::ORDERS => counts(|row| row.orders),
        c::ELECTRONIC_ORDERS => counts(|row| row.electronic_orders),
        c::ELECTRONIC_SHARE => rows.iter().map(|row| share(row.electronic_orders, row.orders)).collect::<Vec<_>>(),
        c::LINES => counts(|row| row.lines),
        c::ELECTRONIC_LINES => counts(|row| row.electronic_lines),
        c::ELECTRONIC_LINE_SHARE => rows.iter().map(|row| share(row.electronic_lines, row.lines)).collect::<Vec<_>>(),
        c::CHANNEL_SAVING => rows.iter().map(|row| row.saving).collect::<Vec<_>>(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;
    use crate::order_digest::SizeKey;
    use netto_model::{Period, Window};

    const JUNE: Period = Period::new(2025, 6);

    fn main() -> Named {
        Named { name: "main".into(), window: Window::ending(JUNE, 12), previous: None }
    }

    /// Customer, channel, whether a sale, orders, revenue, order cost; with a line more than orders.
    type Row<'a> = (&'a str, &'a str, bool, i64, i64, i64);

    /// Orders of one size.
    fn digest(rows: &[Row<'_>]) -> OrderDigest {
        of_band(2, rows)
    }

    fn of_band(band: usize, rows: &[Row<'_>]) -> OrderDigest {
        let row = |&(customer, channel, sale, orders, revenue, order_cost): &Row<'_>| {
            let (customer, channel) = (customer.to_owned(), channel.to_owned());
            let band = if sale { band } else { 1 };
            let (lines, margin) = (orders + 1, revenue / 5);
            let sums = OrderSums { orders, lines, revenue, margin, order_cost, ..OrderSums::default() };
            (SizeKey { period: JUNE, customer, channel, band, sale }, sums)
        };
        OrderDigest { by_size: rows.iter().map(row).collect(), ..OrderDigest::default() }
    }

    #[test]
    fn an_order_of_250_at_a_fifth_breaks_even_at_387_50_whether_its_cost_is_order_cost_or_freight() {
        let order =
            OrderSums { orders: 1, revenue: 2_500_000, margin: 500_000, order_cost: 775_000, ..OrderSums::default() };
        assert_eq!((cost_per_order(&order), break_even_order(&order)), (Some(775_000), Some(3_875_000)));
        let by_van = OrderSums { order_cost: 0, freight: 775_000, margin: 500_000 - 775_000, ..order };
        assert_eq!((cost_per_order(&by_van), break_even_order(&by_van)), (Some(775_000), Some(3_875_000)));
        // Freight charged above cost: any order earns. Sold at cost: none does.
        assert_eq!(break_even_order(&OrderSums { freight: -10, ..OrderSums { order_cost: 0, ..order } }), Some(0));
        assert_eq!(
            (break_even_order(&OrderSums { margin: 0, ..order }), break_even_order(&OrderSums::default())),
            (None, None)
        );
    }

    #[test]
    fn a_credit_note_is_in_the_totals_and_is_no_order() {
        let orders = digest(&[
            ("A", "phone", true, 2, 200, 60),
            ("A", "phone", false, 1, -50, 30),
            ("B", "web", true, 2, 400, 20),
        ]);
        let data = of_window("main", &channels(&orders, &main()), &ChannelConfig::default()).unwrap();
        let units = |name: &str| data.column(name).unwrap().i64().unwrap().iter().flatten().collect::<Vec<_>>();
        assert_eq!((units(c::ORDERS), units(c::SALE_ORDERS)), (vec![3, 2], vec![2, 2]));
        assert_eq!((units(c::INVOICE_REVENUE), units(c::AVERAGE_ORDER)), (vec![150, 400], vec![100, 200]));
        assert_eq!((units(c::ORDER_COST), units(c::COST_PER_ORDER)), (vec![90, 20], vec![30, 10]));
        let shares: Vec<_> = data.column(c::ORDER_SHARE).unwrap().f64().unwrap().iter().flatten().collect();
        assert_eq!((shares, units(c::CUSTOMERS)), (vec![0.5, 0.5], vec![1, 1]));
    }

    #[test]
    fn moving_saves_the_difference_of_cost_per_order_where_there_is_one() {
        // Phone 30 an order, web and edi together 12, counter 10; what came in nobody knows how costs 99.
        let orders = digest(&[
            ("A", "counter", true, 5, 0, 50),
            ("A", "phone", true, 2, 0, 40),
            ("A", "phone", false, 7, 0, 900),
            ("A", "web", true, 1, 0, 8),
            ("B", "edi", true, 1, 0, 16),
            ("C", "phone", true, 1, 0, 50),
            ("D", "", true, 1, 0, 99),
        ]);
        let parts = electronic_parts(&orders, &main(), &ChannelConfig::default());
        let found: Vec<_> = parts
            .values()
            .map(|part| (part.orders, part.electronic_orders, part.electronic_lines, part.saving))
            .collect();
        assert_eq!(found, [(8, 1, 2, Some(36)), (1, 1, 2, Some(0)), (1, 0, 0, Some(18)), (1, 0, 0, Some(0))]);
        let medium = Customer { tier: "Medium", ..customer("A", 1, 1, 1) };
        let tiers = tiers(&parts, &[medium, customer("B", 2, 1, 1), customer("C", 3, 1, 1), customer("Z", 4, 1, 1)]);
        let found: Vec<_> = tiers.iter().map(|(place, tier)| (TIERS[*place], tier.customers, tier.saving)).collect();
        assert_eq!(found, [("Medium", 1, Some(36)), ("Small", 2, Some(18))]);
    }

    #[test]
    fn without_electronic_orders_there_is_no_saving() {
        let orders = digest(&[("A", "phone", true, 2, 0, 40), ("A", "web", false, 1, 0, 8)]);
        let parts = electronic_parts(&orders, &main(), &ChannelConfig::default());
        assert_eq!(parts["A"], Ordered { customers: 1, orders: 2, lines: 3, ..Ordered::default() });
        let none = electronic_parts(&orders, &main(), &ChannelConfig { electronic: vec!["phone".into()] });
        assert_eq!((none["A"].electronic_orders, none["A"].saving), (2, Some(0)));
    }

    #[test]
    fn an_order_is_compared_with_electronic_ones_of_its_size_or_the_nearest() {
        let mut orders = of_band(2, &[("A", "phone", true, 3, 0, 90), ("B", "web", true, 2, 0, 24)]);
        orders.by_size.extend(of_band(3, &[("A", "phone", true, 1, 0, 50), ("B", "edi", true, 4, 0, 180)]).by_size);
        let config = ChannelConfig::default();
        let saved = |orders: &OrderDigest| {
            let channels = channels(orders, &main());
            let cost = channels["phone"].cost_if_electronic(&electronic_by_band(&channels, &config));
            (cost, electronic_parts(orders, &main(), &config)["A"].saving)
        };
        // 3 × 12 + 1 × 45 = 81 instead of 140.
        assert_eq!(saved(&orders), (Some(81), Some(59)));
        // Of band 7 there are none: band 9 is as near as band 5, and the larger; 2 × 70 of 150.
        let mut far = of_band(7, &[("A", "phone", true, 2, 0, 150)]);
        far.by_size.extend(of_band(5, &[("B", "web", true, 1, 0, 60)]).by_size);
        far.by_size.extend(of_band(9, &[("B", "web", true, 1, 0, 70)]).by_size);
        assert_eq!(saved(&far), (Some(140), Some(10)));
        // Where the web costs more, nothing is saved.
        far.by_size.extend(of_band(7, &[("B", "web", true, 1, 0, 80)]).by_size);
        assert_eq!(saved(&far), (Some(160), Some(0)));
    }

    #[test]
    fn half_a_ten_thousandth_is_rounded_to_the_even_one() {
        // Phone 3 for two orders, the web 1 for one: an order saves 0.5, three save 1.5.
        let orders = digest(&[("A", "phone", true, 2, 0, 3), ("A", "web", true, 1, 0, 1)]);
        let channels = channels(&orders, &main());
        let electronic = electronic_by_band(&channels, &ChannelConfig::default());
        assert_eq!([1, 3].map(|orders| channels["phone"].saving(orders, &electronic)), [Some(0), Some(2)]);
    }
}
