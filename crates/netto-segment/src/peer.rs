//! Every active customer of the main window against the median of its peers, and what a move to the median would bring.
//!
//! ```text
//! of 5 peers     revenue  margin  median   gain
//! A              1,000    20 %    25 %     5 % of 1,000 = 50
//! B              2,000    30 %    25 %     0: it is better
//! ```
//! Gains say what is worth a look; they don't add up, as a smaller discount is a larger margin.

use std::collections::BTreeMap;

use netto_model::frame::{Peer, Waterfall};
use netto_model::{Frame, Mart, Window, column as c};
use polars::prelude::*;

use crate::SegmentError;
use crate::book::Book;
use crate::columns::{emptied, lookup, median_amount, quotient, share, sums};
use crate::customer_window::Customer;
use crate::peer_groups::PeerGroups;
use crate::ratio::{Median, Ratio};
use crate::windows::inside;

/// The medians of a group.
#[derive(Clone, Copy, Debug, Default)]
struct Medians {
    margin: Option<Median>,
    discount: Option<Median>,
    cost: Option<Median>,
    average_order: Option<i64>,
}

/// List revenue and invoice discount of the months in which list amounts were supplied.
type Discounts = BTreeMap<String, (i64, i64)>;

/// A customer beside its peers.
struct Compared<'a> {
    customer: &'a Customer,
    group: &'a str,
    peers: i64,
    list: i64,
    discount: i64,
    medians: Medians,
}

impl Compared<'_> {
    /// (Median margin − margin) × invoice revenue.
    fn margin_gain(&self) -> Option<i64> {
        let revenue = self.customer.revenue;
        gain(self.medians.margin.filter(|_| revenue > 0)?.times(revenue)?, self.customer.margin)
    }

    /// (Discount − median discount) × list revenue.
    fn discount_gain(&self) -> Option<i64> {
        gain(self.discount, self.medians.discount.filter(|_| self.list > 0)?.times(self.list)?)
    }

    /// (Cost − median cost) × invoice revenue.
    fn cost_gain(&self) -> Option<i64> {
        let revenue = self.customer.revenue;
        gain(self.customer.cost, self.medians.cost.filter(|_| revenue > 0)?.times(revenue)?)
    }
}

/// What more there would be; zero for who is better already.
fn gain(more: i64, less: i64) -> Option<i64> {
    more.checked_sub(less).map(|gain| gain.max(0))
}

/// The active customers of the main window. Margins are empty where no cost of goods was supplied, cost where nothing was booked.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let markets = lookup(book.inputs.customers.data(), c::CUSTOMER_ID, c::MARKET)?;
    book.table_of_main::<Peer>(|named, customers| {
        let discounts = discounts(book.inputs.waterfall, named.window)?;
        let groups = PeerGroups::new(customers, &markets);
        let mut data = of_window(&named.name, &compared(customers, &groups, &discounts))?;
        for (flag, columns) in UNKNOWN_WITHOUT {
            if !book.has(named, flag)? {
                data = emptied(data, &columns)?;
            }
        }
        Ok(data)
    })
}

/// What isn't known without a source.
const UNKNOWN_WITHOUT: [(&str, [&str; 3]); 2] = [
    (c::COGS_SUPPLIED, [c::MARGIN_SHARE, c::PEER_MARGIN_SHARE, c::MARGIN_GAIN]),
    (c::COST_TO_SERVE_SUPPLIED, [c::COST_SHARE, c::PEER_COST_SHARE, c::COST_GAIN]),
];

fn compared<'a>(customers: &'a [Customer], groups: &'a PeerGroups<'a>, discounts: &Discounts) -> Vec<Compared<'a>> {
    let mut known: BTreeMap<&str, Medians> = BTreeMap::new();
    let mut rows = Vec::new();
    for customer in customers {
        let Some((group, peers)) = groups.of(&customer.id) else { continue };
        let medians = *known.entry(group).or_insert_with(|| medians(peers, discounts));
        let (list, discount) = discounts.get(&customer.id).copied().unwrap_or_default();
        let peers = i64::try_from(peers.len()).unwrap_or(i64::MAX);
        rows.push(Compared { customer, group, peers, list, discount, medians });
    }
    rows
}

fn medians(peers: &[&Customer], discounts: &Discounts) -> Medians {
    let median = |of: &dyn Fn(&Customer) -> Option<Ratio>| Median::of(peers.iter().filter_map(|row| of(row)));
    Medians {
        margin: median(&|row| Ratio::of(row.margin, row.revenue)),
        discount: median(&|row| discounts.get(&row.id).and_then(|&(list, discount)| Ratio::of(discount, list))),
        cost: median(&|row| Ratio::of(row.cost, row.revenue)),
        average_order: median_amount(peers.iter().filter_map(|row| average_order(row)).collect()),
    }
}

fn average_order(row: &Customer) -> Option<i64> {
    quotient(row.revenue.into(), row.orders.into())
}

fn discounts(waterfall: &Frame<Waterfall>, window: Window) -> PolarsResult<Discounts> {
    let supplied = waterfall.lazy().filter(inside(window)).filter(col(c::LIST_SUPPLIED));
    let sums = sums(supplied, [c::CUSTOMER_ID], [c::LIST_REVENUE, c::INVOICE_DISCOUNT])?;
    Ok(sums.into_iter().map(|([id], [list, discount])| (id, (list, discount))).collect())
}

fn of_window<'a>(window: &str, rows: &[Compared<'a>]) -> PolarsResult<DataFrame> {
    let ratio = |of: fn(&Compared<'a>) -> Option<f64>| rows.iter().map(of).collect::<Vec<_>>();
    let amount = |of: fn(&Compared<'a>) -> Option<i64>| rows.iter().map(of).collect::<Vec<_>>();
    df!(
        c::WINDOW => vec![window; rows.len()],
        c::CUSTOMER_ID => rows.iter().map(|row| row.customer.id.as_str()).collect::<Vec<_>>(),
        c::PEER_GROUP => rows.iter().map(|row| row.group).collect::<Vec<_>>(),
        c::PEERS => rows.iter().map(|row| row.peers).collect::<Vec<_>>(),
        c::MARGIN_SHARE => ratio(|row| share(row.customer.margin, row.customer.revenue)),
        c::PEER_MARGIN_SHARE => ratio(|row| row.medians.margin?.share()),
        c::DISCOUNT_SHARE => ratio(|row| share(row.discount, row.list)),
        c::PEER_DISCOUNT_SHARE => ratio(|row| row.medians.discount?.share()),
        c::COST_SHARE => ratio(|row| share(row.customer.cost, row.customer.revenue)),
        c::PEER_COST_SHARE => ratio(|row| row.medians.cost?.share()),
        c::AVERAGE_ORDER => amount(|row| average_order(row.customer)),
        c::PEER_AVERAGE_ORDER => amount(|row| row.medians.average_order),
        c::MARGIN_GAIN => amount(Compared::margin_gain),
        c::DISCOUNT_GAIN => amount(Compared::discount_gain),
        c::COST_GAIN => amount(Compared::cost_gain),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;

    /// Five customers with margins of 10, 20, 25, 30 and 40 %, and costs of 5, 4, 3, 2 and 1 %.
    fn five() -> Vec<Customer> {
        let row = |(id, margin, cost): (&str, i64, i64)| {
            let orders = 5 - cost + 1;
            Customer { orders, margin: 10 * margin, cost: 10 * cost, ..customer(id, 1, 1_000, 0) }
        };
        [("A", 10, 5), ("B", 20, 4), ("C", 25, 3), ("D", 30, 2), ("E", 40, 1)].map(row).into()
    }

    /// The gains in margin, discount and cost of each.
    fn gains(customers: &[Customer], discounts: &Discounts) -> [Vec<Option<i64>>; 3] {
        let groups = PeerGroups::new(customers, &BTreeMap::new());
        let rows = compared(customers, &groups, discounts);
        let gains = |row: &Compared<'_>| [row.margin_gain(), row.discount_gain(), row.cost_gain()];
        std::array::from_fn(|kind| rows.iter().map(|row| gains(row)[kind]).collect())
    }

    #[test]
    fn a_gain_is_what_a_move_to_the_median_brings_and_zero_for_who_is_better() {
        let [margin, _, cost] = gains(&five(), &Discounts::new());
        assert_eq!(margin, [Some(150), Some(50), Some(0), Some(0), Some(0)]);
        assert_eq!(cost, [Some(20), Some(10), Some(0), Some(0), Some(0)]);
        let rows = five();
        let medians = medians(&rows.iter().collect::<Vec<_>>(), &Discounts::new());
        assert_eq!(medians.average_order, Some(333), "1,000 ÷ 1, 2, 3, 4, 5");
    }

    #[test]
    fn without_list_amounts_there_is_no_discount_to_compare() {
        assert_eq!(gains(&five(), &Discounts::new())[1], [None; 5]);
        let some = [("A", 30), ("B", 10), ("C", 20)].map(|(id, discount)| (id.to_owned(), (100, discount))).into();
        assert_eq!(gains(&five(), &some)[1], [Some(10), Some(0), Some(0), None, None]);
    }

    #[test]
    fn who_returned_what_it_bought_has_no_share_and_no_gain_and_doesnt_move_the_median() {
        let mut rows = five();
        rows.push(Customer { revenue: 0, margin: -10, cost: 5, ..customer("F", 1, 0, -15) });
        let [margin, _, cost] = gains(&rows, &Discounts::new());
        assert_eq!((margin[5], cost[5], margin[0], cost[0]), (None, None, Some(150), Some(20)));
    }
}
