//! What visits bring: the change of revenue of visited customers against comparable customers that nobody visited.
//!
//! Comparable is who stood in the same tier in the window before, and ordered in both: nobody visits a customer that has left, so
//! with those that left every visit would look good. The unvisited of each tier grew by a share; weighted as the
//! visited are over the tiers, by revenue before, that is what the visited would have done without a visit. Only tiers with ten
//! unvisited customers count, on both sides, and nothing is claimed of fewer than ten visited ones. It is difference-in-differences with tiers as
//! strata: it doesn't prove that the visit was the cause, as nobody draws lots whom to visit.
//!
//! ```text
//! tier    visited       unvisited           expected of the visited
//! Medium  100 → 130     400 → 440  + 10 %   110
//! Small    50 →  45     200 → 180  − 10 %    45
//!         150 → 175  + 16.7 %      +  3.3 %  155     uplift 20
//! ```
//! The interval holds the uplift in nine of ten cases: the variance of a ratio estimator within strata (Cochran, *Sampling Techniques*, 1977,
//! chapter 6), of the visited around what was expected of them, and of the growth that was expected. Where it spans zero, no effect can be seen.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::money::divide_half_even;

use crate::customer_window::Customer;

/// So many customers on each side, or nothing is claimed.
const ENOUGH: usize = 10;
/// Half of an interval that holds nine of ten, in standard deviations.
const NINE_OF_TEN: f64 = 1.645;

/// What visits changed; nothing where there is nothing to compare.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct VisitEffect {
    /// Change of revenue of the visited, as a share.
    pub(crate) visited_change: Option<f64>,
    /// The same of those that they are compared with.
    pub(crate) unvisited_change: Option<f64>,
    /// Customers on both sides of the comparison.
    pub(crate) compared: [usize; 2],
    /// Revenue above what the visited would have brought unvisited, in ten-thousandths: its lowest, itself, its highest.
    pub(crate) uplift: Option<[i64; 3]>,
}

impl VisitEffect {
    /// What can be said of it.
    pub(crate) const fn finding(&self) -> &'static str {
        match self.uplift {
            None => "too few to compare",
            Some([lowest, ..]) if lowest > 0 => "more than without a visit",
            Some([.., highest]) if highest < 0 => "less than without a visit",
            Some(_) => "no effect can be seen",
        }
    }
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
    /// Whom nobody visited, by tier, where they are enough.
    unvisited: BTreeMap<&'static str, Group>,
}

/// Customers of a tier.
#[derive(Clone, Debug, Default)]
struct Group {
    each: Vec<Revenue>,
    all: Revenue,
}

impl Group {
    fn add(&mut self, revenue: Revenue) {
        self.each.push(revenue);
        self.all += revenue;
    }

    /// The variance of what these customers bring together, around what their revenue before lets expect at a growth.
    #[expect(clippy::cast_precision_loss, reason = "an uncertainty, not money")]
    fn variance(&self, growth: f64) -> f64 {
        let n = self.each.len() as f64;
        let off = |revenue: &Revenue| revenue.now as f64 - growth * revenue.before as f64;
        let mean = self.each.iter().map(off).sum::<f64>() / n;
        let squares: f64 = self.each.iter().map(|revenue| (off(revenue) - mean).powi(2)).sum();
        if self.each.len() > 1 { n * squares / (n - 1.0) } else { 0.0 }
    }
}

impl<'a> Comparison<'a> {
    /// Of two windows; `visited` by anyone in the later one.
    pub(crate) fn new(before: &'a [Customer], now: &[Customer], visited: &BTreeSet<&str>) -> Self {
        Self::with_at_least(ENOUGH, before, now, visited)
    }

    fn with_at_least(enough: usize, before: &'a [Customer], now: &[Customer], visited: &BTreeSet<&str>) -> Self {
        let active = |customer: &&Customer| customer.is_active();
        let now: BTreeMap<&str, i64> = now.iter().filter(active).map(|row| (row.id.as_str(), row.revenue)).collect();
        let mut comparison = Self { customers: BTreeMap::new(), unvisited: BTreeMap::new() };
        for customer in before.iter().filter(active) {
            let id = customer.id.as_str();
            let Some(now) = now.get(id) else { continue };
            let revenue = Revenue { before: customer.revenue.into(), now: i128::from(*now) };
            comparison.customers.insert(id, (customer.tier, revenue));
            if !visited.contains(id) {
                comparison.unvisited.entry(customer.tier).or_default().add(revenue);
            }
        }
        comparison.unvisited.retain(|_, group| group.all.before > 0 && group.each.len() >= enough);
        comparison
    }

    /// The effect on some visited customers.
    pub(crate) fn of<'b>(&self, visited: impl Iterator<Item = &'b str>) -> VisitEffect {
        self.with_enough(ENOUGH, visited)
    }

    fn with_enough<'b>(&self, enough: usize, visited: impl Iterator<Item = &'b str>) -> VisitEffect {
        let mut tiers: BTreeMap<&str, Group> = BTreeMap::new();
        for (tier, revenue) in visited.filter_map(|id| self.customers.get(id)) {
            tiers.entry(tier).or_default().add(*revenue);
        }
        let comparable: Vec<(&Group, &Group)> =
            tiers.iter().filter_map(|(tier, visited)| Some((visited, self.unvisited.get(tier)?))).collect();
        let compared = comparable.iter().fold([0, 0], |[mine, others], (visited, unvisited)| {
            [mine + visited.each.len(), others + unvisited.each.len()]
        });
        if compared[0] < enough {
            let all = tiers.into_values().fold(Revenue::default(), |all, group| all.plus(group.all));
            return VisitEffect { visited_change: all.change(), compared, ..VisitEffect::default() };
        }
        let all = comparable.iter().fold(Revenue::default(), |all, (visited, _)| all.plus(visited.all));
        let unvisited = comparable
            .iter()
            .filter_map(|(visited, others)| Some(ratio(visited.all.before, all.before)? * others.all.change()?));
        let expected = |(visited, others): &(&Group, &Group)| others.all.grown(visited.all.before);
        let uplift = all.now - comparable.iter().map(expected).sum::<i128>();
        VisitEffect {
            visited_change: all.change(),
            unvisited_change: all.change().map(|_| unvisited.sum()),
            compared,
            uplift: interval(uplift, &comparable).filter(|_| all.before > 0),
        }
    }
}

/// An uplift between its lowest and its highest.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "an uncertainty, not money")]
fn interval(uplift: i128, comparable: &[(&Group, &Group)]) -> Option<[i64; 3]> {
    let variance = |(visited, others): &(&Group, &Group)| {
        let growth = others.all.now as f64 / others.all.before as f64;
        let weight = visited.all.before as f64 / others.all.before as f64;
        visited.variance(growth) + weight.powi(2) * others.variance(growth)
    };
    let off = (NINE_OF_TEN * comparable.iter().map(variance).sum::<f64>().sqrt()).round() as i128;
    let [lowest, middle, highest] = [uplift - off, uplift, uplift + off].map(|units| i64::try_from(units).ok());
    Some([lowest?, middle?, highest?])
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
        let comparison = Comparison::with_at_least(1, &before, &now, &BTreeSet::from(["M", "S", "T"]));
        let effect = comparison.with_enough(1, ["M", "S"].into_iter());
        assert!((effect.visited_change.unwrap() - 25.0 / 150.0).abs() < 1e-12);
        assert!((effect.unvisited_change.unwrap() - 5.0 / 150.0).abs() < 1e-12);
        assert_eq!((effect.uplift.map(|[_, uplift, _]| uplift), effect.compared), (Some(20), [2, 3]));
    }

    #[test]
    fn a_tier_in_which_everyone_was_visited_compares_nobody() {
        let (before, now) = windows();
        let comparison = Comparison::with_at_least(1, &before, &now, &BTreeSet::from(["M", "S", "T"]));
        let of = |ids: &[&'static str]| comparison.with_enough(1, ids.iter().copied());
        assert_eq!(of(&["M", "S", "T"]), of(&["M", "S"]));
        let alone = of(&["T"]);
        assert!((alone.visited_change.unwrap() + 800.0 / 900.0).abs() < 1e-12);
        assert_eq!((alone.unvisited_change, alone.uplift), (None, None));
    }

    #[test]
    fn who_came_or_left_between_the_windows_has_no_change() {
        let (mut before, mut now) = windows();
        before[0].rank = None;
        now[1].rank = None;
        let comparison = Comparison::with_at_least(1, &before, &now, &BTreeSet::from(["M", "S"]));
        assert_eq!(comparison.with_enough(1, ["M", "m1", "new"].into_iter()), VisitEffect::default());
        // Of the unvisited Medium m2 is left, which kept its revenue.
        before[0].rank = Some(1);
        let comparison = Comparison::with_at_least(1, &before, &now, &BTreeSet::from(["M", "S"]));
        let effect = comparison.with_enough(1, ["M"].into_iter());
        assert_eq!(effect.uplift, Some([30, 30, 30]), "a customer on each side says nothing of how sure it is");
        assert_eq!(comparison.of(["M"].into_iter()).uplift, None, "so it isn't said");
    }

    #[test]
    fn an_effect_is_seen_only_where_its_interval_lies_on_one_side_of_zero() {
        let ids: Vec<String> = (0..40).map(|place| format!("{place:02}")).collect();
        let found = |gain: i64, spread: i64| {
            let of = |place: usize| if place.is_multiple_of(2) { spread } else { -spread };
            let before: Vec<Customer> = ids.iter().map(|id| of_tier(id, "Small", 10_000)).collect();
            let now = ids
                .iter()
                .enumerate()
                .map(|(place, id)| of_tier(id, "Small", 10_000 + of(place) + if place < 20 { gain } else { 0 }));
            let now: Vec<Customer> = now.collect();
            let visited: BTreeSet<&str> = ids[..20].iter().map(String::as_str).collect();
            let effect = Comparison::new(&before, &now, &visited).of(visited.iter().copied());
            assert_eq!((effect.compared, effect.uplift.map(|[_, uplift, _]| uplift)), ([20, 20], Some(20 * gain)));
            effect.finding()
        };
        assert_eq!(found(500, 100), "more than without a visit");
        assert_eq!(found(-500, 100), "less than without a visit");
        assert_eq!(found(500, 2_000), "no effect can be seen");
    }
}
