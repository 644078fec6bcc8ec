//! Minimum annual revenue: so much must be bought that the margin covers the cost.
//!
//! More revenue means more orders of the present size: what is measured on orders and lines grows with it, as do freight and
//! payment terms, which stand in the margin. Visits, calls, campaigns and the like stay as they are.
//! Break-even = revenue × (cost-to-serve − order cost) ÷ (margin − order cost).
//!
//! ```text
//! revenue 10,000, margin 2,000, cost-to-serve 2,600 of which 1,000 grows with orders:
//! each further 100 leaves 20 − 10 = 10, and 1,600 must be covered: 16,000
//! ```
//! What the company gains is more than that: work for which people and buildings are there costs only its avoidable part.
//! The limit is what may be asked, and what the customer could buy (`potential`). Over a window of other length than a year
//! the potential counts by its months.

use super::case::{Case, Cost, part};
use super::words::figure;
use super::{Effect, Kind, Outcome, RemedyConfig};
use crate::columns::quotient;
use netto_model::money::{MILLION, SCALE, millionths};

pub(super) const KIND: Kind =
    Kind { name: "minimum_annual_revenue", measure: "invoice revenue in the window", work_out };

fn work_out(case: &Case<'_>, config: &RemedyConfig) -> Outcome {
    let (revenue, margin) = (case.customer.revenue, case.customer.margin);
    let leaves = margin.saturating_sub(case.by_orders.all);
    if revenue <= 0 {
        return Outcome::not_applicable("It bought nothing, so nobody knows what more of it would bring.");
    }
    let current = Some(revenue);
    if leaves <= 0 {
        let reason = format!(
            "More of the same loses more: its margin of {} doesn't cover the {} that its orders cost.",
            figure(margin),
            figure(case.by_orders.all)
        );
        return Outcome { current, ..Outcome::not_applicable(reason) };
    }
    let stays = case.served.all.saturating_sub(case.by_orders.all);
    let break_even = quotient(i128::from(revenue) * i128::from(stays), leaves.into());
    let (most, limit) = most(case, config);
    if most <= revenue {
        let reason = format!("It buys {} already, all that it could.", figure(revenue));
        return Outcome { break_even, current, ..Outcome::not_applicable(reason) };
    }
    let value = break_even.map_or(most, |needed| needed.min(most));
    let growth = value.saturating_sub(revenue);
    let effect = Effect { value: Some(value), gain: gain(case, growth), cost: cost(case, growth) };
    let each = part(leaves, 100 * SCALE, revenue);
    let rate = format!("each further 100 leaves {} after the orders that come with it", figure(each));
    let reason = match break_even {
        Some(needed) if needed <= most => {
            format!("It buys {}; {rate}, so {} just earns its cost.", figure(revenue), figure(needed))
        }
        _ => format!(
            "It buys {}; {rate}. It would need {}: {} {limit}.",
            figure(revenue),
            break_even.map_or_else(|| "more than can be counted".into(), figure),
            figure(value)
        ),
    };
    Outcome { break_even, current, effect: Some(effect), reason }
}

/// The most that may be asked for, and why.
fn most(case: &Case<'_>, config: &RemedyConfig) -> (i64, &'static str) {
    let revenue = case.customer.revenue;
    let asked = part(revenue, MILLION + millionths(config.max_revenue_growth), MILLION);
    let potential = case.potential.map(|yearly| part(yearly, case.months, 12));
    match potential.filter(|potential| *potential < asked) {
        Some(potential) => (potential, "is all that it could buy"),
        None => (asked, "is the most that is asked"),
    }
}

/// What grows with revenue: order cost, freight, payment terms.
fn growing(case: &Case<'_>) -> Cost {
    let mut growing = case.by_orders;
    growing += case.in_margin;
    growing
}

/// What further revenue brings the company: its margin before activities, less what the growing ones really cost more.
fn gain(case: &Case<'_>, growth: i64) -> i64 {
    part(case.margin_before_activities().saturating_sub(growing(case).avoidable), growth, case.customer.revenue)
}

/// What further revenue costs more.
fn cost(case: &Case<'_>, growth: i64) -> Cost {
    let Cost { all, avoidable } = growing(case);
    let more = |amount| part(amount, growth, case.customer.revenue);
    Cost { all: more(all), avoidable: more(avoidable) }.more()
}

#[cfg(test)]
mod tests {
    use super::super::case::tests::{case, loses_600};
    use super::*;
    use crate::customer_window::Customer;

    fn growth(max_revenue_growth: f64) -> RemedyConfig {
        RemedyConfig { max_revenue_growth, ..RemedyConfig::default() }
    }

    #[test]
    fn the_margin_of_more_orders_covers_what_does_not_grow() {
        let customer = loses_600();
        let outcome = work_out(&case(&customer), &growth(1.0));
        assert_eq!((outcome.current, outcome.break_even), (Some(10_000 * SCALE), Some(16_000 * SCALE)));
        let effect = outcome.effect.unwrap();
        // 6,000 more: 1,200 of margin, 600 of order cost of which 180 is really spent.
        assert_eq!((effect.value, effect.gain), (Some(16_000 * SCALE), 1_020 * SCALE));
        assert_eq!((effect.cost.avoidable, effect.cost.capacity()), (-180 * SCALE, -420 * SCALE));
        let expected = "It buys 10,000; each further 100 leaves 10.00 after the orders that come with it, so 16,000 just earns its cost.";
        assert_eq!(outcome.reason, expected);
    }

    #[test]
    fn nobody_is_asked_for_more_than_the_limit_or_than_it_could_buy() {
        let customer = loses_600();
        let outcome = work_out(&case(&customer), &growth(0.25));
        assert_eq!(outcome.effect.unwrap().value, Some(12_500 * SCALE));
        assert!(
            outcome.reason.ends_with("It would need 16,000: 12,500 is the most that is asked."),
            "{}",
            outcome.reason
        );
        let small = Case { potential: Some(11_000 * SCALE), ..case(&customer) };
        let outcome = work_out(&small, &growth(0.25));
        assert_eq!(outcome.effect.unwrap().value, Some(11_000 * SCALE));
        // Half a year: half of the potential, and it buys more than that.
        assert_eq!(work_out(&Case { months: 6, ..small }, &growth(0.25)).effect, None);
    }

    #[test]
    fn who_loses_on_every_order_is_not_asked_for_more() {
        let customer = Customer { margin: 1_000 * SCALE, ..loses_600() };
        let outcome = work_out(&case(&customer), &growth(1.0));
        assert_eq!((outcome.break_even, outcome.effect), (None, None));
        let expected = "More of the same loses more: its margin of 1,000 doesn't cover the 1,000 that its orders cost.";
        assert_eq!(outcome.reason, expected);
    }
}
