//! Channel shift: orders that come in by phone, at the counter or with the representative are placed electronically.
//!
//! What moving saves says the model `electronic_part`, as `customer_channel` shows it: what orders of the channel and size take, less
//! what electronic ones of that size take. Break-even: so many electronic orders as pay for the loss; whole orders are moved.
//!
//! ```text
//! 40 of 48 orders by phone take 1,400, electronically they would take 600: 20.00 less each
//! loses 600 → 30 more: 38 electronic orders
//! ```

use super::case::{Case, part};
use super::words::{counted, figure};
use super::{Effect, Kind, Outcome, RemedyConfig, fewer, really_saved};
use crate::columns::quotient;
use netto_model::money::SCALE;

pub(super) const KIND: Kind = Kind { name: "channel_shift", measure: "electronic orders in the window", work_out };

fn work_out(case: &Case<'_>, config: &RemedyConfig) -> Outcome {
    let Some(orders) = case.moving else {
        return Outcome::not_applicable("Orders weren't made: the configuration leaves `fct_order` out.");
    };
    if orders.orders == 0 {
        return Outcome::not_applicable("It placed no orders.");
    }
    let known = orders.electronic + orders.movable;
    if known == 0 {
        return Outcome::not_applicable("It isn't known by which channel its orders come in.");
    }
    let current = Some(orders.electronic.saturating_mul(SCALE));
    if orders.movable == 0 {
        return Outcome { current, ..Outcome::not_applicable("All of its orders are electronic already.") };
    }
    let Some(there) = orders.there else {
        let reason = "Nobody orders electronically, so it isn't known what that would cost.";
        return Outcome { current, ..Outcome::not_applicable(reason) };
    };
    let all = orders.now.saturating_sub(there);
    let each = |cost: i64| figure(part(cost, 1, orders.movable));
    if all <= 0 {
        let reason =
            format!("Its other orders cost {} each, electronically {}: no less.", each(orders.now), each(there));
        return Outcome { current, ..Outcome::not_applicable(reason) };
    }
    let exactly = quotient(i128::from(case.loss()) * i128::from(orders.movable) * i128::from(SCALE), all.into());
    let break_even = exactly.filter(|_| case.loss() <= all).zip(current).map(|(more, now)| now.saturating_add(more));
    let moved = fewer(case, orders.movable, all, config.max_channel_shift);
    if moved <= 0 {
        let reason = format!("{} by other channels: so few that none is moved.", counted(orders.movable, "order"));
        return Outcome { break_even, current, ..Outcome::not_applicable(reason) };
    }
    let saved = case.by_orders.of(part(all, moved, orders.movable));
    let reason = format!(
        "{} of {} not electronic: they cost {} each, electronically {}: moving {moved} of them would cost {} less, {}.",
        orders.movable,
        if known == 1 { "1 order is".into() } else { format!("{known} orders are") },
        each(orders.now),
        each(there),
        figure(saved.all),
        really_saved(case, saved)
    );
    let value = orders.electronic.saturating_add(moved).saturating_mul(SCALE);
    let effect = Effect { value: Some(value), gain: saved.avoidable, cost: saved };
    Outcome { break_even, current, effect: Some(effect), reason }
}

#[cfg(test)]
mod tests {
    use super::super::case::tests::{case, loses_600};
    use super::super::case::{Cost, Moving};
    use super::*;

    /// 40 orders by phone, 8 by web; electronically the 40 would cost 600.
    fn outcome(phone_cost: i64, max_channel_shift: f64) -> Outcome {
        let customer = loses_600();
        let (now, there) = (phone_cost * SCALE, Some(600 * SCALE));
        let moving = Some(Moving { orders: 48, electronic: 8, movable: 40, now, there });
        let by_orders = Cost { all: 1_520 * SCALE, avoidable: 304 * SCALE };
        let case = Case { by_orders, moving, ..case(&customer) };
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
        let reason = |moving| work_out(&Case { moving, ..case(&customer) }, &RemedyConfig::default()).reason;
        assert_eq!(
            reason(Some(Moving { orders: 48, ..Moving::default() })),
            "It isn't known by which channel its orders come in."
        );
        assert!(reason(None).contains("fct_order"));
        let nobody = Moving { orders: 48, movable: 40, now: 9, ..Moving::default() };
        assert!(reason(Some(nobody)).contains("Nobody orders electronically"));
    }
}
