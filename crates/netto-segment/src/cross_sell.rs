//! Cross-selling: product groups that at least half of a customer's peers buy and it doesn't, and the margin that it would bring
//! if it bought as they do.
//!
//! ```text
//! peers of Z, Bouw · Small:   A 100 of which 20 pumps   B 200 of which 20 pumps   C 300, D 400, none
//! half of the four buy pumps; of their revenue 20 % and 10 %, the median 15 %; with a margin of 12 on 40, 30 %
//! Z buys for 1,000: expected revenue 150, expected margin 45
//! ```
//! For the rep who visits: a short list for each customer, the highest expected margin first. What would bring no margin isn't on
//! it, nor what has no product group. Who buys has invoice revenue above zero in the group, what came back taken off.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use netto_model::frame::CrossSell;
use netto_model::money::{MILLION, millionths};
use netto_model::{Mart, Money, column as c};
use polars::prelude::*;

use crate::book::{Book, absent};
use crate::columns::{lookup, median_amount, quotient};
use crate::customer_window::Customer;
use crate::group_sales::{Bought, GroupSales, Rows};
use crate::peer_groups::PeerGroups;
use crate::{CrossSellConfig, SegmentError};

/// The table of the main window; empty where what customers bought of product groups isn't known.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let Some(sold) = book.inputs.product_group_month else { return absent::<CrossSell>() };
    let sold = GroupSales::new(sold)?;
    let markets = lookup(book.inputs.customers.data(), c::CUSTOMER_ID, c::MARKET)?;
    book.table_of_main::<CrossSell>(|named, customers| {
        let purchases = Purchases::of(&sold.of(named.window, Rows::All)?, &sold);
        let peers = PeerGroups::new(customers, &markets);
        let offers = offers(customers, &peers, &purchases, book.config.cross_sell)?;
        Ok(of_window(&named.name, &offers, &sold.groups)?)
    })
}

/// What everyone buys of product groups that have a name.
struct Purchases<'a> {
    groups: usize,
    of_customer: BTreeMap<&'a str, Vec<Purchase>>,
}

/// What a customer buys of a product group, by its place.
#[derive(Clone, Copy, Debug)]
struct Purchase {
    group: usize,
    revenue: i64,
    margin: i64,
}

impl<'a> Purchases<'a> {
    fn of(bought: &[Bought], sold: &'a GroupSales) -> Self {
        let mut of_customer: BTreeMap<&str, Vec<Purchase>> = BTreeMap::new();
        for &Bought { customer, group, sales } in bought {
            if sales.buys() && !sold.groups[group].is_empty() {
                let purchase = Purchase { group, revenue: sales.revenue, margin: sales.margin };
                of_customer.entry(sold.customers[customer].as_str()).or_default().push(purchase);
            }
        }
        Self { groups: sold.groups.len(), of_customer }
    }

    /// What a customer buys, by product group.
    fn by(&self, customer: &str) -> &[Purchase] {
        self.of_customer.get(customer).map_or(&[], Vec::as_slice)
    }
}

/// What the customers of a peer group buy of a product group.
#[derive(Clone, Debug, Default)]
struct Buying {
    buyers: usize,
    /// The group's part in the revenue of each buyer, in millionths; who sent back more than it bought has none.
    parts: Vec<i64>,
    revenue: i128,
    margin: i128,
}

/// What buyers buy, in the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Usual {
    buyers: usize,
    /// Median part in revenue, in millionths.
    part: i64,
    revenue: i128,
    margin: i128,
}

impl Buying {
    fn usual(self) -> Option<Usual> {
        Some(Usual {
            buyers: self.buyers,
            part: median_amount(self.parts)?,
            revenue: self.revenue,
            margin: self.margin,
        })
    }
}

/// By product group, what is usual among peers; nothing where none of them buys.
fn usual(peers: &[&Customer], purchases: &Purchases<'_>) -> Vec<Option<Usual>> {
    let mut groups = vec![Buying::default(); purchases.groups];
    for peer in peers {
        for purchase in purchases.by(&peer.id) {
            let part = quotient(i128::from(purchase.revenue) * i128::from(MILLION), peer.revenue.into());
            let buying = &mut groups[purchase.group];
            buying.buyers += 1;
            buying.parts.extend(part.filter(|_| peer.revenue > 0));
            buying.revenue += i128::from(purchase.revenue);
            buying.margin += i128::from(purchase.margin);
        }
    }
    groups.into_iter().map(Buying::usual).collect()
}

/// A line of a customer's list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Offer<'a> {
    customer: &'a str,
    /// Place of the product group.
    group: usize,
    rank: usize,
    peer_group: &'a str,
    peers: usize,
    usual: Usual,
    revenue: i64,
    margin: i64,
}

/// Every customer's list, customers in their order.
fn offers<'a>(
    customers: &'a [Customer],
    groups: &'a PeerGroups<'a>,
    purchases: &Purchases<'_>,
    config: CrossSellConfig,
) -> Result<Vec<Offer<'a>>, SegmentError> {
    let mut known: BTreeMap<&str, Vec<Option<Usual>>> = BTreeMap::new();
    let mut offers = Vec::new();
    for customer in customers {
        let Some((peer_group, members)) = groups.of(&customer.id) else { continue };
        let usual = known.entry(peer_group).or_insert_with(|| usual(members, purchases));
        // The customer is a member too, but buys none of what it is offered.
        let peers = members.len() - 1;
        let mut list = Vec::new();
        for (group, usual) in usual.iter().enumerate().filter_map(|(group, usual)| Some((group, (*usual)?))) {
            let buys = purchases.by(&customer.id).binary_search_by_key(&group, |purchase| purchase.group).is_ok();
            if buys || !enough(usual.buyers, peers, config.peer_share) {
                continue;
            }
            let revenue = Money::from_units(customer.revenue).scaled(usual.part, MILLION)?.units();
            let margin = quotient(i128::from(revenue) * usual.margin, usual.revenue).unwrap_or_default();
            if margin > 0 {
                list.push(Offer { customer: &customer.id, group, rank: 0, peer_group, peers, usual, revenue, margin });
            }
        }
        list.sort_by_key(|offer| (Reverse(offer.margin), offer.group));
        list.truncate(config.limit.into());
        offers.extend(list.into_iter().zip(1..).map(|(offer, rank)| Offer { rank, ..offer }));
    }
    Ok(offers)
}

/// Whether so many of the peers are the share that is asked for.
fn enough(buyers: usize, peers: usize, share: f64) -> bool {
    let wide = |number: usize| i128::try_from(number).unwrap_or(i128::MAX);
    wide(buyers) * i128::from(MILLION) >= wide(peers) * i128::from(millionths(share))
}

#[expect(clippy::cast_precision_loss, reason = "shares, not money")]
fn of_window(window: &str, offers: &[Offer<'_>], groups: &[String]) -> PolarsResult<DataFrame> {
    let counts = |of: fn(&Offer<'_>) -> usize| {
        offers.iter().map(|offer| i64::try_from(of(offer)).unwrap_or(i64::MAX)).collect::<Vec<_>>()
    };
    let shares = |of: fn(&Offer<'_>) -> f64| offers.iter().map(of).collect::<Vec<_>>();
    df!(
        c::WINDOW => vec![window; offers.len()],
        c::CUSTOMER_ID => offers.iter().map(|offer| offer.customer).collect::<Vec<_>>(),
        c::PRODUCT_GROUP => offers.iter().map(|offer| groups[offer.group].as_str()).collect::<Vec<_>>(),
        c::RANK => counts(|offer| offer.rank),
        c::PEER_GROUP => offers.iter().map(|offer| offer.peer_group).collect::<Vec<_>>(),
        c::PEERS => counts(|offer| offer.peers),
        c::BUYING_PEERS => counts(|offer| offer.usual.buyers),
        c::PEER_SHARE => shares(|offer| offer.usual.buyers as f64 / offer.peers as f64),
        c::REVENUE_PART => shares(|offer| offer.usual.part as f64 / MILLION as f64),
        c::EXPECTED_REVENUE => offers.iter().map(|offer| offer.revenue).collect::<Vec<_>>(),
        c::EXPECTED_MARGIN => offers.iter().map(|offer| offer.margin).collect::<Vec<_>>(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;
    use crate::group_sales::tests::sold;
    use netto_model::Window;

    /// A and B buy pumps, A and C filters at a loss, and everyone pipes but D, who sent some back; Z buys nothing else.
    fn sales() -> GroupSales {
        let rows = [
            ("A", "Filters", 1, 1, 10, 0, -1, 0),
            ("A", "Pipes", 1, 1, 70, 0, 20, 0),
            ("A", "Pumps", 1, 1, 20, 0, 4, 0),
            ("B", "Pipes", 1, 1, 180, 0, 50, 0),
            ("B", "Pumps", 1, 1, 20, 0, 8, 0),
            ("C", "Filters", 1, 1, 30, 0, -2, 0),
            ("C", "Pipes", 1, 1, 270, 0, 60, 0),
            ("D", "", 1, 1, 440, 0, 9, 0),
            ("D", "Pipes", 1, 1, -40, 0, -9, 0),
            ("Z", "Pipes", 1, 1, 1_000, 0, 200, 0),
        ];
        GroupSales::new(&sold(&rows)).unwrap()
    }

    fn purchases(sales: &GroupSales) -> Purchases<'_> {
        Purchases::of(&sales.of(Window::calendar_year(2025), Rows::All).unwrap(), sales)
    }

    fn customers() -> Vec<Customer> {
        let revenues = [("A", 100), ("B", 200), ("C", 300), ("D", 400), ("Z", 1_000)];
        revenues.into_iter().zip(1..).map(|((id, revenue), rank)| customer(id, rank, revenue, 0)).collect()
    }

    fn listed(config: CrossSellConfig) -> Vec<(String, String, usize, usize, i64, i64)> {
        let (sales, customers) = (sales(), customers());
        let purchases = purchases(&sales);
        let peers = PeerGroups::new(&customers, &BTreeMap::new());
        let offers = offers(&customers, &peers, &purchases, config).unwrap();
        let told = |offer: &Offer<'_>| {
            let group = sales.groups[offer.group].clone();
            (offer.customer.to_owned(), group, offer.rank, offer.usual.buyers, offer.revenue, offer.margin)
        };
        offers.iter().map(told).collect()
    }

    fn line(
        customer: &str,
        group: &str,
        rank: usize,
        buyers: usize,
        revenue: i64,
        margin: i64,
    ) -> (String, String, usize, usize, i64, i64) {
        (customer.into(), group.into(), rank, buyers, revenue, margin)
    }

    #[test]
    fn what_half_of_the_peers_buy_is_offered_with_the_margin_of_the_median_buyer() {
        // Pumps: 20 % and 10 % of A's and B's revenue, 12 on 40: C 300 × 15 % = 45, × 30 % = 13.5, half-even 14; Z 150 and 45.
        // Pipes: 70, 90, 90 and 100 % of A, B, C and Z, 330 on 1,520: D 400 × 90 % = 360, × 330 ÷ 1,520 = 78.
        // Filters bring no margin, and stand on no list.
        assert_eq!(
            listed(CrossSellConfig::default()),
            [
                line("C", "Pumps", 1, 2, 45, 14),
                line("D", "Pipes", 1, 4, 360, 78),
                line("D", "Pumps", 2, 2, 60, 18),
                line("Z", "Pumps", 1, 2, 150, 45)
            ]
        );
    }

    #[test]
    fn the_list_is_short_and_the_share_is_that_of_the_configuration() {
        let short = listed(CrossSellConfig { limit: 1, ..CrossSellConfig::default() });
        assert_eq!(short.iter().map(|line| line.1.as_str()).collect::<Vec<_>>(), ["Pumps", "Pipes", "Pumps"]);
        let strict = listed(CrossSellConfig { peer_share: 0.51, ..CrossSellConfig::default() });
        assert_eq!(strict, [line("D", "Pipes", 1, 4, 360, 78)]);
        assert!(enough(2, 4, 0.5) && !enough(1, 4, 0.5) && !enough(2, 4, 0.51));
    }

    #[test]
    fn nothing_is_offered_to_a_customer_without_peers() {
        let (sales, customers) = (sales(), [customer("D", 1, 400, 0)]);
        let purchases = purchases(&sales);
        let peers = PeerGroups::new(&customers, &BTreeMap::new());
        assert_eq!(offers(&customers, &peers, &purchases, CrossSellConfig::default()).unwrap(), []);
    }
}
