//! Discount change: the discount on the list price at which the customer earns nothing and loses nothing.
//!
//! A higher price brings less than it says where rebates are given on it: extra revenue = loss ÷ (1 − rebates ÷ revenue).
//! Break-even = (discount − extra revenue) ÷ list revenue; below zero, the customer would have to pay more than the list price.
//! No discount is cut below nothing, nor by more than the limit.
//!
//! ```text
//! list 12,500, invoiced 10,000: a discount of 20 %. It loses 600: (2,500 − 600) ÷ 12,500 = 15.2 %
//! with rebates of 4 %: 600 ÷ 0.96 = 625 → (2,500 − 625) ÷ 12,500 = 15.0 %
//! ```

use super::case::{Case, Cost, part};
use super::words::{figure, number};
use super::{Effect, Kind, Outcome, RemedyConfig};
use crate::columns::quotient;
use netto_model::money::{MILLION, millionths};

pub(super) const KIND: Kind = Kind { name: "discount_change", measure: "discount in % of the list price", work_out };

fn work_out(case: &Case<'_>, config: &RemedyConfig) -> Outcome {
    let revenue = case.customer.revenue;
    let Some(list) = case.list_revenue else {
        return Outcome::not_applicable("List amounts weren't supplied for every line, so nobody knows its discount.");
    };
    let (discount, kept) = (list.saturating_sub(revenue), revenue.saturating_sub(case.rebates_given));
    if revenue <= 0 || list <= 0 || kept <= 0 {
        return Outcome::not_applicable("It bought nothing to give a discount on.");
    }
    let percent = |amount: i64| quotient(i128::from(amount) * i128::from(MILLION), list.into());
    if discount <= 0 {
        let reason = "It pays the list price already.";
        return Outcome { current: percent(discount), ..Outcome::not_applicable(reason) };
    }
    let needed = quotient(i128::from(case.loss()) * i128::from(revenue), kept.into()).unwrap_or(i64::MAX);
    let most = part(list, millionths(config.max_discount_cut), MILLION).min(discount);
    let extra = needed.min(most);
    let gain = if needed <= most { case.loss() } else { part(extra, kept, revenue) };
    let (break_even, current) = (percent(discount.saturating_sub(needed)), percent(discount));
    let value = percent(discount.saturating_sub(extra));
    let said = |percent: Option<i64>| number(percent.unwrap_or_default());
    let today = format!("{} % discount on {} at list prices", said(current), figure(list));
    let reason = if needed <= most {
        format!("{today}: at {} % it just earns its cost.", said(value))
    } else {
        let needs = if break_even < Some(0) {
            "it would have to pay more than the list price".to_owned()
        } else {
            format!("it would need {} %", said(break_even))
        };
        format!(
            "{today}, and {needs} to earn its cost: {} % is as far as is asked, and brings {} of {}.",
            said(value),
            figure(gain),
            figure(case.loss())
        )
    };
    let effect = Effect { value, gain, cost: Cost::default() };
    Outcome { break_even, current, effect: Some(effect), reason }
}

#[cfg(test)]
mod tests {
    use super::super::case::tests::{case, loses_600};
    use super::*;
    use netto_model::money::SCALE;

    fn outcome(list: i64, rebates: i64, max_discount_cut: f64) -> Outcome {
        let customer = loses_600();
        let case = Case { list_revenue: Some(list * SCALE), rebates_given: rebates * SCALE, ..case(&customer) };
        work_out(&case, &RemedyConfig { max_discount_cut, ..RemedyConfig::default() })
    }

    #[test]
    fn the_discount_is_cut_by_what_the_customer_loses() {
        let outcome = outcome(12_500, 0, 0.05);
        assert_eq!((outcome.current, outcome.break_even), (Some(200_000), Some(152_000)));
        let effect = outcome.effect.unwrap();
        assert_eq!((effect.value, effect.gain), (Some(152_000), 6_000_000));
        assert_eq!(outcome.reason, "20 % discount on 12,500 at list prices: at 15.2 % it just earns its cost.");
    }

    #[test]
    fn rebates_take_their_part_of_a_higher_price() {
        assert_eq!(outcome(12_500, 400, 0.05).break_even, Some(150_000));
    }

    #[test]
    fn the_cut_stops_at_its_limit_and_at_the_list_price() {
        let limited = outcome(12_500, 400, 0.02);
        let effect = limited.effect.unwrap();
        assert_eq!((limited.break_even, effect.value, effect.gain), (Some(150_000), Some(180_000), 2_400_000));
        let at_list = outcome(10_250, 0, 1.0);
        let effect = at_list.effect.unwrap();
        // 250 off 10,250; it would have to pay 350 above the list price.
        assert_eq!((at_list.break_even, effect.value, effect.gain), (Some(-34_146), Some(0), 2_500_000));
    }

    #[test]
    fn without_list_amounts_or_a_discount_it_says_why() {
        let customer = loses_600();
        let unknown = work_out(&case(&customer), &RemedyConfig::default());
        assert_eq!((unknown.effect, unknown.break_even), (None, None));
        let at_list = outcome(10_000, 0, 0.05);
        assert_eq!((at_list.effect, at_list.reason.as_str()), (None, "It pays the list price already."));
    }
}
