//! Minimum order size: the same goods in fewer, larger orders.
//!
//! An order saved saves what an order costs whatever is in it ([`OrderCost::per_order`](super::order_cost::OrderCost)): its lines
//! are in another order then. So with cost-to-serve that is measured on orders, and with freight; the freight that was charged
//! on it is lost. Break-even: so many orders fewer as pay for the loss, and what an order is worth on average then.
//!
//! ```text
//! 48 orders of 10,000 together, 208.33 on average; an order costs 25.00 whatever is in it, 1,200 in all
//! loses 600 → 24 orders fewer → 10,000 ÷ 24 = 416.67
//! ```
//! Whole orders are saved, and one is always left.

use super::case::{Case, Cost, Orders, part};
use super::words::{counted, figure};
use super::{Effect, Kind, Outcome, RemedyConfig, fewer, really_saved};
use crate::columns::quotient;

pub(super) const KIND: Kind = Kind { name: "minimum_order_size", measure: "average order value", work_out };

fn work_out(case: &Case<'_>, config: &RemedyConfig) -> Outcome {
    let Some(by_channel) = &case.orders else {
        return Outcome::not_applicable("Orders weren't made: the configuration leaves `fct_order` out.");
    };
    let mut all = Orders::default();
    for orders in by_channel.values() {
        all += orders;
    }
    if all.orders < 2 || all.revenue <= 0 {
        return Outcome::not_applicable("It places too few orders to make one of several.");
    }
    let current = quotient(all.revenue.into(), all.orders.into());
    let whatever = whatever_is_in_them(case, &all);
    if whatever.all <= 0 {
        let reason = "Fewer orders save nothing: they cost by their lines, or freight is charged on them.";
        return Outcome { current, ..Outcome::not_applicable(reason) };
    }
    let break_even = break_even(case, &all, whatever.all);
    let saved_orders = fewer(case, all.orders, whatever.all, config.max_fewer_orders).min(all.orders - 1);
    if saved_orders <= 0 {
        let reason = format!("{} are so few that none is saved.", counted(all.orders, "order"));
        return Outcome { break_even, current, ..Outcome::not_applicable(reason) };
    }
    let left = all.orders - saved_orders;
    let value = quotient(all.revenue.into(), left.into());
    let saved = Cost {
        all: part(whatever.all, saved_orders, all.orders),
        avoidable: part(whatever.avoidable, saved_orders, all.orders),
    };
    let reason = format!(
        "{} of {} on average cost {} each whatever is in them: {} of {} would cost {} less, {}.",
        counted(all.orders, "order"),
        figure(current.unwrap_or_default()),
        figure(part(whatever.all, 1, all.orders)),
        counted(left, "order"),
        figure(value.unwrap_or_default()),
        figure(saved.all),
        really_saved(case, saved)
    );
    Outcome { break_even, current, effect: Some(Effect { value, gain: saved.avoidable, cost: saved }), reason }
}

/// What all orders cost whatever is in them: never more than they cost altogether, and less the freight charged.
fn whatever_is_in_them(case: &Case<'_>, all: &Orders) -> Cost {
    let (mut order_cost, mut freight) = (0_i64, 0_i64);
    for (name, orders) in case.orders.iter().flatten() {
        let Some(channel) = case.channels.get(name) else { continue };
        order_cost = order_cost.saturating_add(orders.orders.saturating_mul(channel.order_cost.per_order));
        freight = freight.saturating_add(orders.orders.saturating_mul(channel.freight.per_order));
    }
    let mut whatever = case.by_orders.of(order_cost.min(all.cost));
    whatever += case.freight.of(freight.min(all.freight));
    whatever += Cost { all: all.freight_charged, avoidable: all.freight_charged }.more();
    whatever
}

/// revenue ÷ (orders × (1 − loss ÷ cost)); nothing where not even one order would be left.
fn break_even(case: &Case<'_>, all: &Orders, cost: i64) -> Option<i64> {
    let [orders, cost, left] = [all.orders, cost, cost.saturating_sub(case.loss())].map(i128::from);
    (orders * left >= cost).then(|| quotient(i128::from(all.revenue) * cost, orders * left))?
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::case::tests::{case, loses_600};
    use super::super::case::{Channel, Channels};
    use super::super::order_cost::OrderCost;
    use super::*;
    use netto_model::money::SCALE;

    fn channels() -> Channels {
        let order_cost = OrderCost { per_order: 25 * SCALE, per_line: 5 * SCALE };
        let freight = OrderCost { per_order: 5 * SCALE, per_line: 0 };
        BTreeMap::from([("phone".to_owned(), Channel { order_cost, freight })])
    }

    fn outcome(orders: Orders, max_fewer_orders: f64) -> Outcome {
        let (customer, channels) = (loses_600(), channels());
        let by_orders = Cost { all: 1_680 * SCALE, avoidable: 504 * SCALE };
        let freight = Cost { all: 240 * SCALE, avoidable: 144 * SCALE };
        let orders = Some(BTreeMap::from([("phone".to_owned(), orders)]));
        let case = Case { orders, channels: &channels, by_orders, freight, ..case(&customer) };
        work_out(&case, &RemedyConfig { max_fewer_orders, ..RemedyConfig::default() })
    }

    fn orders(orders: i64, cost: i64) -> Orders {
        Orders { orders, lines: 96, revenue: 10_000 * SCALE, cost: cost * SCALE, ..Orders::default() }
    }

    #[test]
    fn half_of_the_orders_saves_half_of_what_an_order_costs_whatever_is_in_it() {
        let outcome = outcome(orders(48, 1_680), 0.6);
        assert_eq!((outcome.current, outcome.break_even), (Some(2_083_333), Some(4_166_667)));
        let effect = outcome.effect.unwrap();
        assert_eq!((effect.value, effect.gain), (Some(4_166_667), 180 * SCALE));
        assert_eq!(effect.cost, Cost { all: 600 * SCALE, avoidable: 180 * SCALE });
        let expected = "48 orders of 208 on average cost 25.00 each whatever is in them: 24 orders of 417 would cost 600 less, of which 180 is really saved; the rest is capacity for others.";
        assert_eq!(outcome.reason, expected);
    }

    #[test]
    fn freight_is_saved_with_the_order_and_what_was_charged_is_lost() {
        let freight = Orders { freight: 240 * SCALE, ..orders(48, 1_680) };
        let effect = outcome(freight, 0.25).effect.unwrap();
        // Twelve orders at 25.00, 30 % avoidable, and 5.00 of freight, 60 %.
        assert_eq!(effect.cost, Cost { all: 360 * SCALE, avoidable: 126 * SCALE });
        let charged = Orders { freight_charged: 96 * SCALE, ..freight };
        assert_eq!(outcome(charged, 0.25).effect.unwrap().cost, Cost { all: 336 * SCALE, avoidable: 102 * SCALE });
    }

    #[test]
    fn no_more_orders_are_saved_than_the_limit() {
        let outcome = outcome(orders(48, 1_680), 0.25);
        let effect = outcome.effect.unwrap();
        // 36 orders are left: 277.78 each.
        assert_eq!(
            (outcome.break_even, effect.value, effect.cost.all),
            (Some(4_166_667), Some(2_777_778), 300 * SCALE)
        );
    }

    #[test]
    fn one_order_is_always_left() {
        let outcome = outcome(orders(24, 900), 1.0);
        assert_eq!(outcome.break_even, None, "24 orders cost 600 whatever is in them: all would have to go");
        assert_eq!(outcome.effect.unwrap().value, Some(10_000 * SCALE));
    }

    #[test]
    fn orders_never_cost_more_whatever_is_in_them_than_altogether() {
        let outcome = outcome(orders(48, 1_000), 1.0);
        assert_eq!(outcome.break_even, Some(5_208_333), "10,000 ÷ (48 × 400 ÷ 1,000)");
    }

    #[test]
    fn without_orders_it_says_why() {
        let customer = loses_600();
        assert!(work_out(&case(&customer), &RemedyConfig::default()).reason.contains("fct_order"));
        assert_eq!(outcome(orders(1, 40), 0.5).effect, None);
    }
}
