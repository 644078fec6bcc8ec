//! What visits bring: the change of revenue of visited customers against comparable customers that nobody visited.
//!
//! Comparable is who stood in the same tier in the window before, and ordered in both: nobody visits a customer that has left, so
//! with those that left every visit would look good. The unvisited of each tier grew by a share; weighted as the
//! visited are over the tiers, by revenue before, that is what the visited would have done without a visit. Only tiers with an
//! unvisited customer count, on both sides. It is difference-in-differences with tiers as strata: it doesn't prove that the
//! visit was the cause, as nobody draws lots whom to visit.
//!
//! ```text
//! tier    visited       unvisited           expected of the visited
//! Medium  100 → 130     400 → 440  + 10 %   110
//! Small    50 →  45     200 → 180  − 10 %    45
//!         150 → 175  + 16.7 %      +  3.3 %  155     uplift 20
//! ```

use std::collections::{BTreeMap, BTreeSet};

use netto_model::money::divide_half_even;

use crate::customer_window::Customer;

/// What visits changed; nothing where there is nothing to compare.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct VisitEffect {
    /// Change of revenue of the visited, as a share.
    pub(crate) visited_change: Option<f64>,
    /// The same of those that they are compared with.
    pub(crate) unvisited_change: Option<f64>,
    /// Revenue above what the visited would have brought unvisited, in ten-thousandths.
    pub(crate) uplift: Option<i64>,
}

/// Invoice revenue in the window before and in this one.
#[derive(Clone, Copy, Debug, Default)]
struct Revenue {
    before: i128,
    now: i128,
}

/// Who was active in both windows, by tier in the window before.
pub(crate) struct Comparison<'a> {
    customers: BTreeMap<&'a str, (&'static str, Revenue)>,
    /// Whom nobody visited, by tier.
    unvisited: BTreeMap<&'static str, Revenue>,
}

impl<'a> Comparison<'a> {
    /// Of two windows; `visited` by anyone in the later one.
    pub(crate) fn new(before: &'a [Customer], now: &[Customer], visited: &BTreeSet<&str>) -> Self {
        let active = |customer: &&Customer| customer.is_active();
        let now: BTreeMap<&str, i64> = now.iter().filter(active).map(|row| (row.id.as_str(), row.revenue)).collect();
        let mut comparison = Self { customers: BTreeMap::new(), unvisited: BTreeMap::new() };
        for customer in before.iter().filter(active) {
            let id = customer.id.as_str();
            let Some(now) = now.get(id) else { continue };
            let revenue = Revenue { before: customer.revenue.into(), now: i128::from(*now) };
            comparison.customers.insert(id, (customer.tier, revenue));
            if !visited.contains(id) {
                *comparison.unvisited.entry(customer.tier).or_default() += revenue;
            }
        }
        comparison.unvisited.retain(|_, revenue| revenue.before > 0);
        comparison
    }

    /// The effect on some visited customers.
    pub(crate) fn of<'b>(&self, visited: impl Iterator<Item = &'b str>) -> VisitEffect {
        let mut tiers: BTreeMap<&str, Revenue> = BTreeMap::new();
        for (tier, revenue) in visited.filter_map(|id| self.customers.get(id)) {
            *tiers.entry(tier).or_default() += *revenue;
        }
        let comparable: Vec<(Revenue, Revenue)> =
            tiers.iter().filter_map(|(tier, visited)| Some((*visited, *self.unvisited.get(tier)?))).collect();
        if comparable.is_empty() {
            let all = tiers.into_values().fold(Revenue::default(), Revenue::plus);
            return VisitEffect { visited_change: all.change(), ..VisitEffect::default() };
        }
        let all = comparable.iter().map(|(visited, _)| *visited).fold(Revenue::default(), Revenue::plus);
        let unvisited = comparable
            .iter()
            .filter_map(|(visited, others)| Some(ratio(visited.before, all.before)? * others.change()?));
        let uplift =
            comparable.iter().map(|(visited, others)| visited.now - others.grown(visited.before)).sum::<i128>();
        VisitEffect {
            visited_change: all.change(),
            unvisited_change: all.change().map(|_| unvisited.sum()),
            uplift: i64::try_from(uplift).ok().filter(|_| all.before > 0),
        }
    }
}

impl Revenue {
    fn plus(mut self, more: Self) -> Self {
        self += more;
        self
    }

    /// (Now − before) ÷ before.
    fn change(self) -> Option<f64> {
        ratio(self.now - self.before, self.before)
    }

    /// What an amount would be, had it grown alike: half-even.
    const fn grown(self, amount: i128) -> i128 {
        divide_half_even(amount * self.now, self.before)
    }
}

impl std::ops::AddAssign for Revenue {
    fn add_assign(&mut self, more: Self) {
        self.before += more.before;
        self.now += more.now;
    }
}

#[expect(clippy::cast_precision_loss, reason = "a change is a ratio, not money")]
fn ratio(part: i128, whole: i128) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;

    fn of_tier(id: &str, tier: &'static str, revenue: i64) -> Customer {
        Customer { tier, ..customer(id, 1, revenue, 0) }
    }

    fn windows() -> (Vec<Customer>, Vec<Customer>) {
        let rows = [
            ("M", "Medium", 100, 130),
            ("m1", "Medium", 300, 340),
            ("m2", "Medium", 100, 100),
            ("S", "Small", 50, 45),
            ("s", "Small", 200, 180),
            ("T", "Top", 900, 100),
        ];
        let before = rows.map(|(id, tier, before, _)| of_tier(id, tier, before));
        // Tiers of the later window don't count.
        let now = rows.map(|(id, _, _, now)| of_tier(id, "Large", now));
        (before.into(), now.into())
    }

    #[test]
    fn the_unvisited_are_weighted_as_the_visited_are_over_the_tiers() {
        let (before, now) = windows();
        let comparison = Comparison::new(&before, &now, &BTreeSet::from(["M", "S", "T"]));
        let effect = comparison.of(["M", "S"].into_iter());
        assert!((effect.visited_change.unwrap() - 25.0 / 150.0).abs() < 1e-12);
        assert!((effect.unvisited_change.unwrap() - 5.0 / 150.0).abs() < 1e-12);
        assert_eq!(effect.uplift, Some(20));
    }

    #[test]
    fn a_tier_in_which_everyone_was_visited_compares_nobody() {
        let (before, now) = windows();
        let comparison = Comparison::new(&before, &now, &BTreeSet::from(["M", "S", "T"]));
        assert_eq!(comparison.of(["M", "S", "T"].into_iter()), comparison.of(["M", "S"].into_iter()));
        let alone = comparison.of(["T"].into_iter());
        assert!((alone.visited_change.unwrap() + 800.0 / 900.0).abs() < 1e-12);
        assert_eq!((alone.unvisited_change, alone.uplift), (None, None));
    }

    #[test]
    fn who_came_or_left_between_the_windows_has_no_change() {
        let (mut before, mut now) = windows();
        before[0].rank = None;
        now[1].rank = None;
        let comparison = Comparison::new(&before, &now, &BTreeSet::from(["M", "S"]));
        assert_eq!(comparison.of(["M", "m1", "new"].into_iter()), VisitEffect::default());
        // Of the unvisited Medium m2 is left, which kept its revenue.
        before[0].rank = Some(1);
        let comparison = Comparison::new(&before, &now, &BTreeSet::from(["M", "S"]));
        assert_eq!(comparison.of(["M"].into_iter()).uplift, Some(30));
    }
}
