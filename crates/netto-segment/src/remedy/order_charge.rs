//! Order charge: an amount on every order.
//!
//! Break-even = loss ÷ orders. Returns and credits aren't charged.
//!
//! ```text
//! loses 600 on 48 orders: 12.50 an order. At most 10.00 is asked: 480 of it.
//! ```

use super::case::{Case, Cost};
use super::words::{counted, figure};
use super::{Effect, Kind, Outcome, RemedyConfig};
use crate::columns::quotient;

pub(super) const KIND: Kind = Kind { name: "order_charge", measure: "charge per order", work_out };

fn work_out(case: &Case<'_>, config: &RemedyConfig) -> Outcome {
    let known = case.orders.as_ref().map(|orders| orders.values().map(|orders| orders.orders).sum());
    let orders: i64 = known.unwrap_or(case.customer.orders);
    let Some(break_even) = quotient(case.loss().into(), orders.into()) else {
        return Outcome::not_applicable("It places no orders to charge.");
    };
    let most = config.most_per_order();
    let (loss, each) = (figure(case.loss()), figure(break_even));
    let (value, gain, reason) = if break_even <= most {
        (
            break_even,
            case.loss(),
            format!("{} and a loss of {loss}: {each} an order covers it.", counted(orders, "order")),
        )
    } else {
        let gain = most.saturating_mul(orders);
        let reason = format!(
            "{} and a loss of {loss}, {each} each: {} is the most that is asked, and brings {}.",
            counted(orders, "order"),
            figure(most),
            figure(gain)
        );
        (most, gain, reason)
    };
    let effect = Effect { value: Some(value), gain, cost: Cost::default() };
    Outcome { break_even: Some(break_even), current: Some(0), effect: Some(effect), reason }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::case::Orders;
    use super::super::case::tests::{case, loses_600};
    use super::*;

    #[test]
    fn the_charge_spreads_the_loss_over_the_orders() {
        let customer = loses_600();
        let outcome = work_out(&case(&customer), &RemedyConfig::default());
        assert_eq!(outcome.break_even, Some(125_000));
        let effect = outcome.effect.unwrap();
        assert_eq!((effect.value, effect.gain, effect.cost), (Some(125_000), 6_000_000, Cost::default()));
        assert_eq!(outcome.reason, "48 orders and a loss of 600: 12.50 an order covers it.");
    }

    #[test]
    fn no_more_is_asked_than_the_limit() {
        let customer = loses_600();
        let config = RemedyConfig { max_order_charge: 10.0, ..RemedyConfig::default() };
        let outcome = work_out(&case(&customer), &config);
        let effect = outcome.effect.unwrap();
        assert_eq!((outcome.break_even, effect.value, effect.gain), (Some(125_000), Some(100_000), 4_800_000));
        let expected = "48 orders and a loss of 600, 12.50 each: 10.00 is the most that is asked, and brings 480.";
        assert_eq!(outcome.reason, expected);
    }

    #[test]
    fn returns_are_not_charged_and_without_orders_there_is_nothing_to_charge() {
        let customer = loses_600();
        let sales = BTreeMap::from([("web".to_owned(), Orders { orders: 40, ..Orders::default() })]);
        let outcome = work_out(&Case { orders: Some(sales), ..case(&customer) }, &RemedyConfig::default());
        assert_eq!(outcome.break_even, Some(150_000));
        let none = work_out(&Case { orders: Some(BTreeMap::new()), ..case(&customer) }, &RemedyConfig::default());
        assert_eq!((none.break_even, none.effect), (None, None));
    }
}
