//! Net profit against the window before, and what the change comes from (price–volume–mix analysis, as in Marn, Roegner & Zawada,
//! *The Price Advantage*): volume, price, mix, cost of goods, cost-to-serve. The effects add up to the change exactly.
//!
//! ```text
//!          before             now                    effects on a change of 96
//! pumps    10 × (100 − 60)    15 × (98 − 62)         volume      (20 ÷ 20 − 1) × 500 = 0
//! pipes    10 × (30 − 20)      5 × (32 − 20)         price       15 × −2 + 5 × 2 = −20
//! served   50                  54                    mix         15 × 40 + 5 × 10 − 500 = 150
//! profit   450                 546                   COGS        15 × −2 + 5 × 0 = −30     cost-to-serve  −4
//! ```
//! Volume is counted in pieces, or, where list amounts were supplied, in list value at the list prices of the window before
//! (`price_index.rs`): a group holds fittings of 2 and boilers of 2,000, and a piece of each is no price to compare.
//!
//! A price is compared where a product group has a volume above zero in both windows; groups that are new, gone, or only came back
//! have no price to compare, and are mix. A customer that has no volume above zero in one of the windows, because it is new or lost
//! or returned all, has no mix and no price at all: what isn't cost-to-serve is volume.
//!
//! Each product is rounded half-even; mix takes what that leaves, and volume where there is no mix.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;

use netto_model::contract::DELTA;
use netto_model::frame::Delta;
use netto_model::money::MoneyError;
use netto_model::{Mart, Window, column as c};
use polars::prelude::*;

use crate::book::{Book, stacked};
use crate::columns::{sums, texts};
use crate::customer_window::Customer;
use crate::price_index::{PriceIndex, at};
use crate::windows::{Named, inside};
use crate::{Inputs, SegmentError, tie};

/// How much was sold, and what it brought and cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sold {
    /// Pieces, or list value at the list prices of the window before.
    volume: i64,
    revenue: i64,
    cogs: i64,
}

impl AddAssign for Sold {
    fn add_assign(&mut self, more: Self) {
        self.volume += more.volume;
        self.revenue += more.revenue;
        self.cogs += more.cogs;
    }
}

/// What the steps of the waterfall come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Year {
    sold: Sold,
    /// − rebates given − payment terms + freight charged − freight cost.
    terms: i64,
    rebates_received: i64,
    cost_to_serve: i64,
}

impl Year {
    const fn profit(&self) -> i64 {
        self.sold.revenue - self.sold.cogs + self.terms + self.rebates_received - self.cost_to_serve
    }
}

/// Before and now.
type Pair<T> = (T, T);

/// What a change comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Effects {
    volume: i64,
    price: i64,
    mix: i64,
    cogs: i64,
    cost_to_serve: i64,
}

impl Effects {
    const fn sum(&self) -> i64 {
        self.volume + self.price + self.mix + self.cogs + self.cost_to_serve
    }
}

/// A row of the table.
struct Change<'a> {
    customer: &'a str,
    before: Year,
    now: Year,
    effects: Effects,
}

impl Change<'_> {
    const fn amount(&self) -> i64 {
        self.now.profit() - self.before.profit()
    }
}

/// The table of all windows that are compared with an earlier one.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let compared = book.each().filter_map(|(named, now)| Some((named, book.before(named)?, now)));
    stacked::<Delta>(compared.map(|(named, (before, earlier), now)| {
        let rows = changes(book.inputs, before.window, named.window, now)?;
        check_tie(named, &rows, earlier, now)?;
        Ok(of_window(&named.name, &rows, book.inputs.product_group_month.is_some())?)
    }))
}

/// Every customer of a window, by change.
fn changes<'a>(
    inputs: &Inputs<'_>,
    before: Window,
    now: Window,
    customers: &'a [Customer],
) -> Result<Vec<Change<'a>>, SegmentError> {
    let (years, groups) = ((years(inputs, before)?, years(inputs, now)?), groups(inputs, before, now)?);
    let change = |customer: &'a Customer| {
        let of = |years: &BTreeMap<String, Year>| years.get(&customer.id).copied().unwrap_or_default();
        let (before, now) = (of(&years.0), of(&years.1));
        let whole = [(before.sold, now.sold)];
        let effects = effects((&before, &now), groups.get(&customer.id).map_or(&whole[..], Vec::as_slice))?;
        Ok(Change { customer: &customer.id, before, now, effects })
    };
    let mut rows = customers.iter().map(change).collect::<Result<Vec<_>, SegmentError>>()?;
    rows.sort_by(|a, b| b.amount().cmp(&a.amount()).then_with(|| a.customer.cmp(b.customer)));
    Ok(rows)
}

/// The effects between two windows, by the product groups of either.
fn effects((before, now): Pair<&Year>, groups: &[Pair<Sold>]) -> Result<Effects, MoneyError> {
    let change = now.profit() - before.profit();
    let cost_to_serve = before.cost_to_serve - now.cost_to_serve;
    let (whole_before, whole) = together(groups);
    if whole_before.volume <= 0 || whole.volume <= 0 {
        return Ok(Effects { volume: change - cost_to_serve, cost_to_serve, ..Effects::default() });
    }
    let mut price = now.terms - before.terms;
    let mut cogs = now.rebates_received - before.rebates_received;
    for (before, now) in groups.iter().filter(|(before, now)| before.volume > 0 && now.volume > 0) {
        price += now.revenue - at(now.volume.into(), before.revenue, before.volume)?;
        cogs += at(now.volume.into(), before.cogs, before.volume)? - now.cogs;
    }
    let left = change - cost_to_serve - price - cogs;
    if groups.len() == 1 {
        return Ok(Effects { volume: left, price, mix: 0, cogs, cost_to_serve });
    }
    let more = i128::from(whole.volume) - i128::from(whole_before.volume);
    let volume = at(more, whole_before.revenue - whole_before.cogs, whole_before.volume)?;
    Ok(Effects { volume, price, mix: left - volume, cogs, cost_to_serve })
}

/// All groups of a customer.
fn together(groups: &[Pair<Sold>]) -> Pair<Sold> {
    let mut whole = Pair::<Sold>::default();
    for (before, now) in groups {
        whole.0 += *before;
        whole.1 += *now;
    }
    whole
}

/// The waterfall of a window, by customer.
fn years(inputs: &Inputs<'_>, window: Window) -> PolarsResult<BTreeMap<String, Year>> {
    let columns = [
        c::QUANTITY,
        c::INVOICE_REVENUE,
        c::COGS,
        c::REBATES_GIVEN,
        c::PAYMENT_TERMS,
        c::FREIGHT_CHARGED,
        c::FREIGHT_COST,
        c::REBATES_RECEIVED,
        c::COST_TO_SERVE,
    ];
    let year =
        |[quantity, revenue, cogs, rebates, payment, charged, freight, rebates_received, cost_to_serve]: [i64; 9]| {
            Year {
                sold: Sold { volume: quantity, revenue, cogs },
                terms: charged - freight - rebates - payment,
                rebates_received,
                cost_to_serve,
            }
        };
    let sums = sums(inputs.waterfall.lazy().filter(inside(window)), [c::CUSTOMER_ID], columns)?;
    Ok(sums.into_iter().map(|([customer], values)| (customer, year(values))).collect())
}

/// What customers bought by product group in two windows, groups of nothing left out; nobody where it isn't made.
fn groups(inputs: &Inputs<'_>, before: Window, now: Window) -> Result<BTreeMap<String, Vec<Pair<Sold>>>, SegmentError> {
    let Some(facts) = inputs.product_group_month else { return Ok(BTreeMap::new()) };
    let of = |window| {
        let columns = [c::QUANTITY, c::LIST_REVENUE, c::INVOICE_REVENUE, c::COGS];
        sums(facts.lazy().filter(inside(window)), [c::CUSTOMER_ID, c::PRODUCT_GROUP], columns)
    };
    let (index, without_list) = (PriceIndex::between(inputs, before, now)?, without_list(inputs, before, now)?);
    let index_of = |customer: &str| index.as_ref().filter(|_| !without_list.contains(customer));
    let mut pairs: BTreeMap<[String; 2], Pair<Sold>> = BTreeMap::new();
    for (key, [pieces, list, revenue, cogs]) in of(before)? {
        let volume = index_of(&key[0]).map_or(pieces, |_| list);
        pairs.entry(key).or_default().0 = Sold { volume, revenue, cogs };
    }
    for (key, [pieces, list, revenue, cogs]) in of(now)? {
        let volume = index_of(&key[0]).map_or(Ok(pieces), |index| index.at_old_prices(&key[1], list))?;
        pairs.entry(key).or_default().1 = Sold { volume, revenue, cogs };
    }
    let mut groups: BTreeMap<String, Vec<Pair<Sold>>> = BTreeMap::new();
    for ([customer, _], pair) in pairs.into_iter().filter(|(_, pair)| *pair != Pair::default()) {
        groups.entry(customer).or_default().push(pair);
    }
    Ok(groups)
}

/// Customers with a month in one of the windows in which not every line had a list amount.
fn without_list(inputs: &Inputs<'_>, before: Window, now: Window) -> PolarsResult<BTreeSet<String>> {
    let months = inputs.waterfall.lazy().filter(inside(before).or(inside(now))).filter(col(c::LIST_SUPPLIED).not());
    Ok(texts(&months.select([col(c::CUSTOMER_ID)]).collect()?, c::CUSTOMER_ID)?.into_iter().collect())
}

/// The effects of all customers are what their profit changed by.
fn check_tie(named: &Named, rows: &[Change<'_>], before: &[Customer], now: &[Customer]) -> Result<(), SegmentError> {
    let profit = |rows: &[Customer]| tie::total(rows.iter().map(|row| row.profit));
    let effects = tie::total(rows.iter().map(|row| row.effects.sum()));
    tie::same(&DELTA, &named.name, || c::CHANGE.to_owned(), effects, profit(now) - profit(before))
}

fn of_window<'a>(window: &str, rows: &[Change<'a>], by_group: bool) -> PolarsResult<DataFrame> {
    let each = |of: fn(&Change<'a>) -> i64| rows.iter().map(of).collect::<Vec<i64>>();
    df!(
        c::WINDOW => vec![window; rows.len()],
        c::CUSTOMER_ID => rows.iter().map(|row| row.customer).collect::<Vec<_>>(),
        c::RANK => (1..).take(rows.len()).collect::<Vec<i64>>(),
        c::PREVIOUS_REVENUE => each(|row| row.before.sold.revenue),
        c::INVOICE_REVENUE => each(|row| row.now.sold.revenue),
        c::PREVIOUS_NET_PROFIT => each(|row| row.before.profit()),
        c::NET_PROFIT => each(|row| row.now.profit()),
        c::CHANGE => each(Change::amount),
        c::VOLUME_EFFECT => each(|row| row.effects.volume),
        c::PRICE_EFFECT => each(|row| row.effects.price),
        c::MIX_EFFECT => each(|row| row.effects.mix),
        c::COGS_EFFECT => each(|row| row.effects.cogs),
        c::COST_TO_SERVE_EFFECT => each(|row| row.effects.cost_to_serve),
        c::BY_PRODUCT_GROUP => vec![by_group; rows.len()],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn sold(volume: i64, revenue: i64, cogs: i64) -> Sold {
        Sold { volume, revenue, cogs }
    }

    fn year(groups: impl IntoIterator<Item = Sold>, [terms, rebates_received, cost_to_serve]: [i64; 3]) -> Year {
        let mut sold = Sold::default();
        groups.into_iter().for_each(|group| sold += group);
        Year { sold, terms, rebates_received, cost_to_serve }
    }

    fn found(groups: &[Pair<Sold>], before: [i64; 3], now: [i64; 3]) -> Effects {
        let before = year(groups.iter().map(|group| group.0), before);
        let now = year(groups.iter().map(|group| group.1), now);
        effects((&before, &now), groups).unwrap()
    }

    const PUMPS: Pair<Sold> = (sold(10, 1_000, 600), sold(15, 1_470, 930));
    const PIPES: Pair<Sold> = (sold(10, 300, 200), sold(5, 160, 100));

    #[test]
    fn more_pumps_and_fewer_pipes_at_new_prices_and_costs() {
        let effects = found(&[PUMPS, PIPES], [0, 0, 50], [0, 0, 54]);
        assert_eq!(effects, Effects { volume: 0, price: -20, mix: 150, cogs: -30, cost_to_serve: -4 });
        assert_eq!(effects.sum(), 546 - 450);
    }

    #[test]
    fn terms_are_price_and_rebates_received_are_cost_of_goods() {
        let effects = found(&[(PUMPS.0, PUMPS.0)], [-7, 20, 0], [-10, 25, 0]);
        assert_eq!(effects, Effects { price: -3, cogs: 5, ..Effects::default() });
    }

    #[test]
    fn over_all_products_there_is_no_mix() {
        // 20 pieces of 65 − 40 became 20 of 81.50 − 51.50.
        let whole = (sold(20, 1_300, 800), sold(20, 1_630, 1_030));
        let effects = found(&[whole], [0; 3], [0; 3]);
        assert_eq!(effects, Effects { price: 330, cogs: -230, ..Effects::default() });
        let half = (sold(20, 1_300, 800), sold(10, 650, 400));
        assert_eq!(found(&[half], [0; 3], [0; 3]), Effects { volume: -250, ..Effects::default() });
        // Thirds that are rounded leave nothing for a mix.
        let third = (sold(3, 100, 50), sold(1, 33, 17));
        assert_eq!(found(&[third], [0; 3], [0; 3]), Effects { volume: -34, ..Effects::default() });
    }

    #[test]
    fn a_group_that_is_new_or_gone_has_no_price_to_compare_and_is_mix() {
        let (new, gone) = ((Sold::default(), sold(10, 500, 100)), (sold(10, 300, 200), Sold::default()));
        // 20 pieces in both windows, so no volume; pumps as they were; 400 of the new group less 100 of the one that is gone.
        let effects = found(&[(PUMPS.0, PUMPS.0), new, gone], [0; 3], [0; 3]);
        assert_eq!(effects, Effects { mix: 300, ..Effects::default() });
    }

    #[test]
    fn a_group_of_returns_alone_has_no_price_either() {
        // 18 of 20 pieces: a tenth less of the margin of 500; the rest of the change of 270 is mix, though 35 each was given back.
        let returned = (PIPES.0, sold(-2, -70, -40));
        let effects = found(&[(PUMPS.0, sold(20, 2_000, 1_200)), returned], [0; 3], [0; 3]);
        assert_eq!(effects, Effects { volume: -50, mix: 320, ..Effects::default() });
    }

    #[test]
    fn of_a_customer_that_is_new_or_lost_all_is_volume_but_cost_to_serve() {
        let new = found(&[(Sold::default(), PUMPS.0)], [0; 3], [-5, 3, 40]);
        assert_eq!(new, Effects { volume: 398, cost_to_serve: -40, ..Effects::default() });
        let lost = found(&[(PUMPS.0, Sold::default())], [-5, 3, 40], [0, 0, 2]);
        assert_eq!(lost, Effects { volume: -398, cost_to_serve: 38, ..Effects::default() });
        let returned_all = found(&[(PUMPS.0, sold(-1, -100, -60))], [0; 3], [0; 3]);
        assert_eq!(returned_all, Effects { volume: -440, ..Effects::default() });
    }

    fn any_sold() -> impl Strategy<Value = Sold> {
        let amount = -1_000_000_000_000_i64..1_000_000_000_000;
        (-1_000_000_i64..10_000_000, amount.clone(), amount).prop_map(|(q, r, c)| sold(q, r, c))
    }

    proptest! {
        #[test]
        fn the_effects_add_up_to_the_change_whatever_was_sold_and_returned(
            groups in prop::collection::vec((any_sold(), any_sold()), 0..6),
            before: [i32; 3],
            now: [i32; 3],
        ) {
            let (before, now) = (before.map(i64::from), now.map(i64::from));
            let effects = found(&groups, before, now);
            let profit = |of: fn(&Pair<Sold>) -> Sold, rest| year(groups.iter().map(of), rest).profit();
            prop_assert_eq!(effects.sum(), profit(|group| group.1, now) - profit(|group| group.0, before));
            prop_assert_eq!(effects.cost_to_serve, before[2] - now[2]);
        }

        #[test]
        fn a_multiple_of_everything_is_volume_alone(
            groups in prop::collection::vec((1_i64..1_000, 0_i64..1_000_000, 0_i64..1_000_000), 1..6),
            times in 1_i64..9,
        ) {
            let pair = |(q, r, c): &(i64, i64, i64)| (sold(*q, *r, *c), sold(q * times, r * times, c * times));
            let groups: Vec<_> = groups.iter().map(pair).collect();
            let effects = found(&groups, [0; 3], [0; 3]);
            prop_assert_eq!(effects, Effects { volume: effects.sum(), ..Effects::default() });
        }

        #[test]
        fn the_same_pieces_at_another_price_and_cost_are_neither_volume_nor_mix(
            groups in prop::collection::vec((1_i64..1_000, any_sold(), any_sold()), 1..6),
        ) {
            let with = |volume, of: Sold| Sold { volume, ..of };
            let groups: Vec<_> = groups.iter().map(|(q, a, b)| (with(*q, *a), with(*q, *b))).collect();
            let effects = found(&groups, [0; 3], [0; 3]);
            prop_assert_eq!((effects.volume, effects.mix), (0, 0));
        }
    }
}
