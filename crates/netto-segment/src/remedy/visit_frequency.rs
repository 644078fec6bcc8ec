//! Visit frequency: fewer visits.
//!
//! Cost per visit = cost of the visit activities ÷ visits. Break-even = visits − loss ÷ cost per visit; whole visits are dropped.
//!
//! ```text
//! 12 visits cost 900, 75.00 each; loses 600 → 8 visits fewer, 4 are left
//! ```
//! The ledger knows no visits, only the cost of activities: which of them are visits is said by `visit_activities`. A customer
//! that buys because it is visited buys less without: that is in the probability of leaving.

use super::case::{Case, part};
use super::words::{counted, figure};
use super::{Effect, Kind, Outcome, RemedyConfig, fewer, really_saved};
use netto_model::money::SCALE;

pub(super) const KIND: Kind = Kind { name: "visit_frequency", measure: "visits in the window", work_out };

fn work_out(case: &Case<'_>, config: &RemedyConfig) -> Outcome {
    let Some(visits) = case.visits else {
        return Outcome::not_applicable("Visits weren't supplied.");
    };
    let current = Some(visits.saturating_mul(SCALE));
    let cost = case.by_visits;
    if visits <= 0 {
        return Outcome { current, ..Outcome::not_applicable("It isn't visited.") };
    }
    if cost.all <= 0 {
        return Outcome {
            current,
            ..Outcome::not_applicable("Its visits cost nothing: no activity is measured on them.")
        };
    }
    let dropped = fewer(case, visits, cost.all, config.max_fewer_visits);
    let break_even = (case.loss() <= cost.all)
        .then(|| part(visits.saturating_mul(SCALE), cost.all.saturating_sub(case.loss()), cost.all));
    if dropped <= 0 {
        let reason = format!("{} in the window: so few that none is dropped.", counted(visits, "visit"));
        return Outcome { break_even, current, ..Outcome::not_applicable(reason) };
    }
    let left = visits.saturating_sub(dropped);
    let saved = cost.of(part(cost.all, dropped, visits));
    let reason = format!(
        "{} cost {}, {} each: with {left} it is {} less, {}.",
        counted(visits, "visit"),
        figure(cost.all),
        figure(part(cost.all, 1, visits)),
        figure(saved.all),
        really_saved(case, saved)
    );
    let effect = Effect { value: Some(left.saturating_mul(SCALE)), gain: saved.avoidable, cost: saved };
    Outcome { break_even, current, effect: Some(effect), reason }
}

#[cfg(test)]
mod tests {
    use super::super::case::Cost;
    use super::super::case::tests::{case, loses_600};
    use super::*;

    fn outcome(visits: Option<i64>, cost: i64, max_fewer_visits: f64) -> Outcome {
        let customer = loses_600();
        let by_visits = Cost { all: cost * SCALE, avoidable: cost * SCALE / 10 };
        let case = Case { by_visits, visits, ..case(&customer) };
        work_out(&case, &RemedyConfig { max_fewer_visits, ..RemedyConfig::default() })
    }

    #[test]
    fn visits_are_dropped_until_they_pay_for_the_loss() {
        let outcome = outcome(Some(12), 900, 0.8);
        assert_eq!((outcome.current, outcome.break_even), (Some(12 * SCALE), Some(4 * SCALE)));
        let effect = outcome.effect.unwrap();
        assert_eq!((effect.value, effect.gain, effect.cost.all), (Some(4 * SCALE), 60 * SCALE, 600 * SCALE));
        let expected = "12 visits cost 900, 75.00 each: with 4 it is 600 less, of which 60.00 is really saved; the rest is capacity for others.";
        assert_eq!(outcome.reason, expected);
    }

    #[test]
    fn half_of_the_visits_stay_and_all_may_not_be_enough() {
        let half = outcome(Some(12), 900, 0.5);
        assert_eq!((half.break_even, half.effect.unwrap().value), (Some(4 * SCALE), Some(6 * SCALE)));
        let cheap = outcome(Some(12), 500, 0.5);
        assert_eq!((cheap.break_even, cheap.effect.unwrap().value), (None, Some(6 * SCALE)));
        let odd = outcome(Some(12), 840, 0.8);
        assert_eq!((odd.break_even, odd.effect.unwrap().value), (Some(34_286), Some(3 * SCALE)), "3.43 visits are 3");
    }

    #[test]
    fn without_visits_it_says_why() {
        assert_eq!(outcome(None, 900, 0.5).reason, "Visits weren't supplied.");
        assert_eq!(outcome(Some(0), 900, 0.5).reason, "It isn't visited.");
        assert_eq!(outcome(Some(1), 900, 0.5).effect, None);
        assert_eq!(outcome(Some(12), 0, 0.5).effect, None);
    }
}
