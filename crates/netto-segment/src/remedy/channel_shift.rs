//! Channel shift: orders that come in by phone, at the counter or with the representative are placed electronically.
//!
//! Saving of all = what these orders cost − what they would cost as electronic orders, with as many lines. Break-even: so many
//! electronic orders as pay for the loss; whole orders are moved.
//!
//! ```text
//! 40 of 48 orders by phone cost 1,400, electronically they would cost 600: 20.00 less each
//! loses 600 → 30 more: 38 electronic orders
//! ```

use super::case::{Case, Orders, part};
use super::words::{counted, figure};
use super::{Effect, Kind, Outcome, RemedyConfig, fewer, really_saved};
use crate::columns::quotient;
use netto_model::money::SCALE;

pub(super) const KIND: Kind = Kind { name: "channel_shift", measure: "electronic orders in the window", work_out };

fn work_out(case: &Case<'_>, config: &RemedyConfig) -> Outcome {
    let Some(by_channel) = &case.orders else {
        return Outcome::not_applicable("Orders weren't made: the configuration leaves `fct_order` out.");
    };
    let (mut electronic, mut others) = (Orders::default(), Orders::default());
    for (name, orders) in by_channel.iter().filter(|(name, _)| !name.is_empty()) {
        let is_electronic = case.channels.each.get(name).is_some_and(|channel| channel.electronic);
        if is_electronic { electronic += orders } else { others += orders }
    }
    if by_channel.values().all(|orders| orders.orders == 0) {
        return Outcome::not_applicable("It placed no orders.");
    }
    if electronic.orders + others.orders == 0 {
        return Outcome::not_applicable("It isn't known by which channel its orders come in.");
    }
    let current = Some(electronic.orders.saturating_mul(SCALE));
    if others.orders == 0 {
        return Outcome { current, ..Outcome::not_applicable("All of its orders are electronic already.") };
    }
    let Some(then) = case.channels.electronic.map(|order_cost| order_cost.cost(&others)) else {
        let reason = "Nobody orders electronically, so it isn't known what that would cost.";
        return Outcome { current, ..Outcome::not_applicable(reason) };
    };
    let all = others.cost.saturating_sub(then);
    let each = |cost: i64| figure(part(cost, 1, others.orders));
    if all <= 0 {
        let reason =
            format!("Its other orders cost {} each, electronically {}: no less.", each(others.cost), each(then));
        return Outcome { current, ..Outcome::not_applicable(reason) };
    }
    let exactly = quotient(i128::from(case.loss()) * i128::from(others.orders) * i128::from(SCALE), all.into());
    let break_even = exactly.filter(|_| case.loss() <= all).zip(current).map(|(more, now)| now.saturating_add(more));
    let moved = fewer(case, others.orders, all, config.max_channel_shift);
    if moved <= 0 {
        let reason = format!("{} by other channels: so few that none is moved.", counted(others.orders, "order"));
        return Outcome { break_even, current, ..Outcome::not_applicable(reason) };
    }
    let saved = case.by_orders.of(part(all, moved, others.orders));
    let reason = format!(
        "{} of {} not electronic: they cost {} each, electronically {}: moving {moved} of them would cost {} less, {}.",
        others.orders,
        if electronic.orders + others.orders == 1 {
            "1 order is".into()
        } else {
            format!("{} orders are", electronic.orders + others.orders)
        },
        each(others.cost),
        each(then),
        figure(saved.all),
        really_saved(case, saved)
    );
    let value = electronic.orders.saturating_add(moved).saturating_mul(SCALE);
    let effect = Effect { value: Some(value), gain: saved.avoidable, cost: saved };
    Outcome { break_even, current, effect: Some(effect), reason }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::case::tests::{case, loses_600};
    use super::super::case::{Channel, Channels, Cost};
    use super::super::order_cost::OrderCost;
    use super::*;

    /// 40 orders by phone with two lines each, 8 by web; an electronic order costs 7.00 and 4.00 a line.
    fn outcome(phone_cost: i64, max_channel_shift: f64) -> Outcome {
        let customer = loses_600();
        let web = OrderCost { per_order: 7 * SCALE, per_line: 4 * SCALE };
        let channel =
            |name: &str, electronic| (name.to_owned(), Channel { electronic, order_cost: web, ..Channel::default() });
        let each = BTreeMap::from([channel("phone", false), channel("web", true)]);
        let channels = Channels { each, electronic: Some(web) };
        let orders = |name: &str, orders, cost: i64| {
            (name.to_owned(), Orders { orders, lines: 2 * orders, cost: cost * SCALE, ..Orders::default() })
        };
        let sales = BTreeMap::from([orders("phone", 40, phone_cost), orders("web", 8, 120)]);
        let by_orders = Cost { all: 1_520 * SCALE, avoidable: 304 * SCALE };
        let case = Case { orders: Some(sales), channels: &channels, by_orders, ..case(&customer) };
        work_out(&case, &RemedyConfig { max_channel_shift, ..RemedyConfig::default() })
    }

    #[test]
    fn orders_are_moved_until_they_pay_for_the_loss() {
        let outcome = outcome(1_400, 0.8);
        assert_eq!((outcome.current, outcome.break_even), (Some(8 * SCALE), Some(38 * SCALE)));
        let effect = outcome.effect.unwrap();
        assert_eq!((effect.value, effect.gain), (Some(38 * SCALE), 120 * SCALE));
        let expected = "40 of 48 orders are not electronic: they cost 35.00 each, electronically 15.00: moving 30 of them would cost 600 less, of which 120 is really saved; the rest is capacity for others.";
        assert_eq!(outcome.reason, expected);
    }

    #[test]
    fn some_orders_never_move() {
        let outcome = outcome(1_400, 0.5);
        let effect = outcome.effect.unwrap();
        assert_eq!((effect.value, effect.cost.all, effect.gain), (Some(28 * SCALE), 400 * SCALE, 80 * SCALE));
    }

    #[test]
    fn moving_all_may_not_be_enough_and_may_not_be_cheaper() {
        let enough = outcome(1_000, 0.8);
        assert_eq!((enough.break_even, enough.effect.unwrap().cost.all), (None, 320 * SCALE));
        let dearer = outcome(600, 0.8);
        assert_eq!((dearer.effect, dearer.current), (None, Some(8 * SCALE)));
        assert_eq!(dearer.reason, "Its other orders cost 15.00 each, electronically 15.00: no less.");
    }

    #[test]
    fn without_channels_it_says_why() {
        let customer = loses_600();
        let unknown = BTreeMap::from([(String::new(), Orders { orders: 48, ..Orders::default() })]);
        let unknown = work_out(&Case { orders: Some(unknown), ..case(&customer) }, &RemedyConfig::default());
        assert_eq!(unknown.reason, "It isn't known by which channel its orders come in.");
        assert!(work_out(&case(&customer), &RemedyConfig::default()).reason.contains("fct_order"));
    }
}
