//! Orders by size: what small and large ones bring and cost, of all customers by channel, and of each customer.
//!
//! A band reaches from its lower limit to below its upper one; returns and credits have a value below zero, and a band of
//! their own. Orders cost much the same whatever they are worth, so the small ones lose money (Kaplan & Cooper, *Cost &
//! Effect*, on order-related cost; Curry's minimum order).
//!
//! ```text
//! order   margin   cost    net profit   band              orders  losing  net profit
//! 40      10       25      −15          0–50              1       1       −15
//! 60      15       25      −10          50–100            2       1        +5
//! 99      40       25      +15          below 0: returns  1       1       −30
//! −20     −5       25      −30
//! ```

use std::collections::BTreeMap;

use netto_model::frame::{Contract, CustomerOrderSize, OrderSize};
use netto_model::money::SCALE;
use netto_model::{Mart, column as c};
use polars::prelude::*;

use crate::book::{Book, absent};
use crate::customer_window::Customer;
use crate::order_digest::{OrderSums, SizeKey};
use crate::tie::must_tie;
use crate::windows::Named;
use crate::{OrderDigest, OrderSizeConfig, SegmentError};

/// A band of order values, in ten-thousandths.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Band {
    from: Option<i64>,
    to: Option<i64>,
}

/// The table of all windows, by channel.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let Some(orders) = book.inputs.orders else { return absent::<OrderSize>() };
    let bands = bands(&book.config.order_size);
    book.table::<OrderSize>(|named, customers| {
        let rows = by_band(orders, named, |key| key.channel.as_str());
        must_add_up::<OrderSize>(&named.name, &rows, customers)?;
        Ok(of_window(&named.name, c::CHANNEL, &rows, &bands)?)
    })
}

/// The main window, by customer.
pub(crate) fn by_customer(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let Some(orders) = book.inputs.orders else { return absent::<CustomerOrderSize>() };
    let bands = bands(&book.config.order_size);
    book.table_of_main::<CustomerOrderSize>(|named, customers| {
        let rows = by_band(orders, named, |key| key.customer.as_str());
        must_add_up::<CustomerOrderSize>(&named.name, &rows, customers)?;
        Ok(of_window(&named.name, c::CUSTOMER_ID, &rows, &bands)?)
    })
}

/// Orders by channel, or by customer, and number of the band.
type Rows<'a> = BTreeMap<(&'a str, usize), OrderSums>;

fn by_band<'a>(orders: &'a OrderDigest, named: &Named, by: impl Fn(&'a SizeKey) -> &'a str) -> Rows<'a> {
    let mut rows = Rows::new();
    for (key, sums) in orders.within(named.window) {
        *rows.entry((by(key), key.band)).or_default() += sums;
    }
    rows
}

/// Every order of the window stands in a band. Not all cost does: some arose without an order.
fn must_add_up<T: Contract>(window: &str, rows: &Rows<'_>, customers: &[Customer]) -> Result<(), SegmentError> {
    let of = |part: fn(&OrderSums) -> i64| rows.values().map(part);
    must_tie::<T>(window, c::ORDERS, of(|sums| sums.orders), customers.iter().map(|row| row.orders))?;
    must_tie::<T>(window, c::LINES, of(|sums| sums.lines), customers.iter().map(|row| row.lines))?;
    must_tie::<T>(window, c::INVOICE_REVENUE, of(|sums| sums.revenue), customers.iter().map(|row| row.revenue))
}

/// The bands of the configuration, lowest first.
fn bands(config: &OrderSizeConfig) -> Vec<Band> {
    let limits: Vec<Option<i64>> = config.limits().into_iter().map(Some).collect();
    let ends = limits.iter().copied().chain([None]);
    [None].into_iter().chain(limits.iter().copied()).zip(ends).map(|(from, to)| Band { from, to }).collect()
}

impl Band {
    /// Such as 100–250.
    fn label(&self) -> String {
        match (self.from, self.to) {
            (Some(from), Some(to)) => format!("{}–{}", plain(from), plain(to)),
            (Some(from), None) => format!("{} and more", plain(from)),
            (None, Some(to)) => format!("below {}: returns and credits", plain(to)),
            (None, None) => "all".to_owned(),
        }
    }
}

/// An amount above zero for a label: `2,500`, and `99.95` where it isn't whole.
fn plain(units: i64) -> String {
    let digits = (units / SCALE).to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    let fraction = format!("{:04}", units % SCALE);
    match fraction.trim_end_matches('0') {
        "" => text,
        rest => format!("{text}.{rest:0<2}"),
    }
}

fn of_window(window: &str, by: &str, rows: &Rows<'_>, bands: &[Band]) -> PolarsResult<DataFrame> {
    let band = |number: usize| number.checked_sub(1).and_then(|place| bands.get(place));
    let of_band =
        |of: fn(&Band) -> Option<i64>| rows.keys().map(|(_, number)| band(*number).and_then(of)).collect::<Vec<_>>();
    let mut data = df!(
        c::WINDOW => vec![window; rows.len()],
        by => rows.keys().map(|(name, _)| *name).collect::<Vec<_>>(),
        c::BAND => rows.keys().map(|(_, number)| i64::try_from(*number).ok()).collect::<Vec<_>>(),
        c::LABEL => rows.keys().map(|(_, number)| band(*number).map(Band::label)).collect::<Vec<_>>(),
        c::BAND_FROM => of_band(|band| band.from),
        c::BAND_TO => of_band(|band| band.to),
    )?;
    data.hstack_mut(&OrderSums::columns(&rows.values().collect::<Vec<_>>()))?;
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::{Period, Window};

    #[test]
    fn bands_are_named_by_their_limits() {
        let config = OrderSizeConfig { bands: vec![50.0, 99.95, 2_500.0, 1_000_000.0], small_below: 50.0 };
        let labels: Vec<String> = bands(&config).iter().map(Band::label).collect();
        let expected = [
            "below 0: returns and credits",
            "0–50",
            "50–99.95",
            "99.95–2,500",
            "2,500–1,000,000",
            "1,000,000 and more",
        ];
        assert_eq!(labels, expected);
        assert_eq!(bands(&config).last().unwrap(), &Band { from: Some(10_000_000_000), to: None });
        assert_eq!(
            (plain(125_000), plain(1_234_567_800), plain(500)),
            ("12.50".into(), "123,456.78".into(), "0.05".into())
        );
    }

    fn key(month: i32, customer: &str, channel: &str, band: usize) -> SizeKey {
        let (customer, channel) = (customer.to_owned(), channel.to_owned());
        SizeKey { period: Period::new(2025, month), customer, channel, band, sale: band > 1 }
    }

    fn sums(orders: i64, loss_orders: i64) -> OrderSums {
        OrderSums {
            orders,
            lines: 2 * orders,
            revenue: 100 * orders,
            loss_orders,
            loss: -7 * loss_orders,
            ..OrderSums::default()
        }
    }

    fn orders() -> OrderDigest {
        let by_size = [
            (key(1, "A", "web", 2), sums(9, 9)),
            (key(2, "A", "web", 2), sums(3, 2)),
            (key(3, "B", "web", 2), sums(1, 1)),
            (key(3, "B", "web", 1), sums(1, 1)),
            (key(3, "B", "", 3), sums(2, 0)),
        ];
        OrderDigest { by_size: by_size.into(), ..OrderDigest::default() }
    }

    fn main() -> Named {
        Named { name: "main".into(), window: Window::ending(Period::new(2025, 3), 2), previous: None }
    }

    #[test]
    fn orders_are_added_up_over_the_window_by_channel_or_customer() {
        let orders = orders();
        let rows = by_band(&orders, &main(), |key| key.channel.as_str());
        assert_eq!(rows.keys().copied().collect::<Vec<_>>(), [("", 3), ("web", 1), ("web", 2)]);
        let data = of_window("main", c::CHANNEL, &rows, &bands(&OrderSizeConfig::default())).unwrap();
        let units = |name: &str| data.column(name).unwrap().i64().unwrap().iter().collect::<Vec<_>>();
        assert_eq!(units(c::ORDERS), [Some(2), Some(1), Some(4)]);
        assert_eq!(
            (units(c::LOSS_AMOUNT), units(c::BAND_TO)),
            (vec![Some(0), Some(-7), Some(-21)], vec![Some(1_000_000), Some(0), Some(500_000)])
        );
        let share: Vec<_> = data.column(c::LOSS_ORDER_SHARE).unwrap().f64().unwrap().iter().collect();
        assert_eq!(share, [Some(0.0), Some(1.0), Some(0.75)]);
        assert_eq!(by_band(&orders, &main(), |key| key.customer.as_str()).keys().count(), 4);
    }

    #[test]
    fn an_order_that_stands_in_no_band_is_refused() {
        let orders = orders();
        let rows = by_band(&orders, &main(), |key| key.channel.as_str());
        let customer = |orders| Customer { orders, lines: 14, revenue: 700, ..Customer::default() };
        must_add_up::<OrderSize>("main", &rows, &[customer(7)]).unwrap();
        let refused = must_add_up::<OrderSize>("main", &rows, &[customer(8)]).unwrap_err().to_string();
        assert_eq!(refused, "`order_size` of window `main` doesn't tie: orders is 7 instead of 8");
    }
}
