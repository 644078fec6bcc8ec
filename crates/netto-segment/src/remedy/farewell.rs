//! Farewell: the customer leaves, and the company is better off.
//!
//! Only where the avoidable cost of all activities exceeds the margin before them, so that the contribution is below zero. A
//! loss at full cost is no ground: most of that cost is people and buildings that stay, and the customer's margin pays for them.
//!
//! ```text
//! margin  cost    avoidable   at full cost   leaving
//! 2,000   3,200   1,200       −1,200         costs 800       no farewell
//! 2,000   3,200   2,300       −1,200         brings 300      farewell
//! ```

use super::case::Case;
use super::words::figure;
use super::{Effect, Kind, Outcome, RemedyConfig};

pub(super) const KIND: Kind =
    Kind { name: "farewell", measure: "nothing is asked for: avoidable cost decides", work_out };

fn work_out(case: &Case<'_>, _config: &RemedyConfig) -> Outcome {
    let (margin, avoidable) = (case.margin_before_activities(), case.activities().avoidable);
    let loss = format!("It loses {} at full cost", figure(case.loss()));
    let contribution = case.contribution();
    if contribution >= 0 {
        let stays = if case.avoidable_known {
            format!("its margin of {} exceeds the {} that really goes away", figure(margin), figure(avoidable))
        } else {
            format!("it brings a margin of {}, and no pool says what is `avoidable`", figure(margin))
        };
        return Outcome::not_applicable(format!("{loss}, but leaving would cost {}: {stays}.", figure(contribution)));
    }
    let saved = figure(contribution.saturating_neg());
    let reason = format!(
        "{loss}, and leaving would bring {saved}: the {} that really goes away exceeds its margin of {}.",
        figure(avoidable),
        figure(margin)
    );
    // It doesn't stay: all that comes of it is in what comes of leaving.
    Outcome { effect: Some(Effect::default()), reason, ..Outcome::default() }
}

#[cfg(test)]
mod tests {
    use super::super::case::Cost;
    use super::super::case::tests::{case, loses_600};
    use super::*;
    use crate::customer_window::Customer;
    use netto_model::money::SCALE;

    fn loses_1200(avoidable: i64) -> Outcome {
        let customer = Customer { cost: 3_200 * SCALE, profit: -1_200 * SCALE, ..loses_600() };
        let served = Cost { all: 3_200 * SCALE, avoidable: avoidable * SCALE };
        work_out(&Case { served, ..case(&customer) }, &RemedyConfig::default())
    }

    #[test]
    fn nobody_is_sent_away_for_a_loss_at_full_cost_alone() {
        let outcome = loses_1200(1_200);
        assert_eq!(outcome.effect, None);
        let expected = "It loses 1,200 at full cost, but leaving would cost 800: its margin of 2,000 exceeds the 1,200 that really goes away.";
        assert_eq!(outcome.reason, expected);
        assert_eq!(loses_1200(2_000).effect, None);
    }

    #[test]
    fn who_costs_more_than_it_brings_may_go() {
        let outcome = loses_1200(2_300);
        assert_eq!(outcome.effect, Some(Effect::default()));
        let expected = "It loses 1,200 at full cost, and leaving would bring 300: the 2,300 that really goes away exceeds its margin of 2,000.";
        assert_eq!(outcome.reason, expected);
    }

    #[test]
    fn without_a_word_on_what_is_avoidable_nothing_is() {
        let customer = loses_600();
        let served = Cost { all: 2_600 * SCALE, avoidable: 0 };
        let case = Case { served, avoidable_known: false, ..case(&customer) };
        let expected = "It loses 600 at full cost, but leaving would cost 2,000: it brings a margin of 2,000, and no pool says what is `avoidable`.";
        assert_eq!(work_out(&case, &RemedyConfig::default()).reason, expected);
    }
}
