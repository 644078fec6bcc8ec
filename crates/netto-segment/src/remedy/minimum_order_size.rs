//! Minimum order size: the same goods in fewer, larger orders.
//!
//! An order saved saves what an order costs whatever is in it ([`OrderCost::per_order`]); its lines are in another order then.
//! Freight isn't counted: a van may stop as often. Break-even: so many orders fewer as pay for the loss, and what an order is
//! worth on average then.
//!
//! ```text
//! 48 orders of 10,000 together, 208.33 on average; an order costs 25.00 whatever is in it: 1,200 in all
//! loses 600 → 24 orders fewer → 10,000 ÷ 24 = 416.67
//! ```

use super::case::{Case, Orders, part};
use super::words::{figure, number};
use super::{Effect, Kind, Outcome, RemedyConfig, really_saved, saving};
use crate::columns::quotient;
use netto_model::money::{MILLION, SCALE, millionths};

pub(super) const KIND: Kind = Kind { name: "minimum_order_size", measure: "average order value", work_out };

fn work_out(case: &Case<'_>, config: &RemedyConfig) -> Outcome {
    let Some(by_channel) = &case.orders else {
        return Outcome::not_applicable("Orders weren't made: the configuration leaves `fct_order` out.");
    };
    let mut all = Orders::default();
    by_channel.values().for_each(|orders| all += orders);
    if all.orders < 2 || all.revenue <= 0 {
        return Outcome::not_applicable("It places too few orders to make one of several.");
    }
    // What all of its orders cost whatever is in them; never more than they cost altogether.
    let per_order = |channel: &String| case.channels.each.get(channel).map_or(0, |channel| channel.order_cost.per_order);
    let whatever: i64 = by_channel.iter().map(|(channel, orders)| orders.orders.saturating_mul(per_order(channel))).sum();
    let whatever = whatever.min(all.cost);
    let current = quotient(all.revenue.into(), all.orders.into());
    if whatever <= 0 {
        let reason = "Its orders cost by their lines only: fewer of them save nothing.";
        return Outcome { current, ..Outcome::not_applicable(reason) };
    }
    let size = |saved: i64| {
        let left = i128::from(whatever) - i128::from(saved);
        quotient(i128::from(all.revenue) * i128::from(whatever), i128::from(all.orders) * left)
    };
    let left = |saved: i64| part(all.orders.saturating_mul(SCALE), whatever.saturating_sub(saved), whatever);
    // One order is always left.
    let but_one = whatever.saturating_sub(part(whatever, 1, all.orders));
    let break_even = if case.loss() <= but_one { size(case.loss()) } else { None };
    let most = part(whatever, millionths(config.max_fewer_orders), MILLION).min(but_one);
    let (saved, gain) = saving(case, case.by_orders.of(whatever), most);
    let value = size(saved.all);
    let reason = format!(
        "{} orders of {} on average cost {} each whatever is in them: {} orders of {} cost {} less, {}.",
        all.orders,
        figure(current.unwrap_or_default()),
        figure(part(whatever, 1, all.orders)),
        number(left(saved.all)),
        figure(value.unwrap_or_default()),
        figure(saved.all),
        really_saved(case, saved)
    );
    Outcome { break_even, current, effect: Some(Effect { value, gain, cost: saved }), reason }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::case::tests::{case, loses_600};
    use super::super::case::{Channel, Channels, Cost};
    use super::super::order_cost::OrderCost;
    use super::*;

    fn channels() -> Channels {
        let order_cost = OrderCost { per_order: 25 * SCALE, per_line: 5 * SCALE };
        let each = BTreeMap::from([("phone".to_owned(), Channel { electronic: false, order_cost })]);
        Channels { each, electronic: None }
    }

    fn orders(orders: i64, cost: i64) -> Option<BTreeMap<String, Orders>> {
        let orders = Orders { orders, lines: 96, revenue: 10_000 * SCALE, cost: cost * SCALE };
        Some(BTreeMap::from([("phone".to_owned(), orders)]))
    }

    fn outcome(count: i64, cost: i64, max_fewer_orders: f64) -> Outcome {
        let (customer, channels) = (loses_600(), channels());
        let by_orders = Cost { all: 1_680 * SCALE, avoidable: 504 * SCALE };
        let case = Case { orders: orders(count, cost), channels: &channels, by_orders, ..case(&customer) };
        work_out(&case, &RemedyConfig { max_fewer_orders, ..RemedyConfig::default() })
    }

    #[test]
    fn half_of_the_orders_saves_half_of_what_an_order_costs_whatever_is_in_it() {
        let outcome = outcome(48, 1_680, 0.6);
        assert_eq!((outcome.current, outcome.break_even), (Some(2_083_333), Some(4_166_667)));
        let effect = outcome.effect.unwrap();
        assert_eq!((effect.value, effect.gain), (Some(4_166_667), 180 * SCALE));
        assert_eq!(effect.cost, Cost { all: 600 * SCALE, avoidable: 180 * SCALE });
        let expected = "48 orders of 208 on average cost 25.00 each whatever is in them: 24 orders of 417 cost 600 less, of which 180 is really saved; the rest is capacity for others.";
        assert_eq!(outcome.reason, expected);
    }

    #[test]
    fn no_more_orders_are_saved_than_the_limit() {
        let outcome = outcome(48, 1_680, 0.25);
        let effect = outcome.effect.unwrap();
        // 36 orders are left: 277.78 each.
        assert_eq!((outcome.break_even, effect.value, effect.cost.all), (Some(4_166_667), Some(2_777_778), 300 * SCALE));
    }

    #[test]
    fn there_is_no_break_even_where_one_order_would_still_lose() {
        let outcome = outcome(24, 900, 0.5);
        assert_eq!(outcome.break_even, None, "24 orders cost 600 whatever is in them");
        assert_eq!(outcome.effect.unwrap().cost.all, 300 * SCALE);
    }

    #[test]
    fn an_order_never_costs_more_than_it_does() {
        let outcome = outcome(48, 1_000, 1.0);
        assert_eq!(outcome.break_even, Some(5_208_333), "10,000 ÷ (48 × 400 ÷ 1,000)");
    }

    #[test]
    fn without_orders_it_says_why() {
        let customer = loses_600();
        assert!(work_out(&case(&customer), &RemedyConfig::default()).reason.contains("fct_order"));
        assert_eq!(outcome(1, 40, 0.5).effect, None);
    }
}
