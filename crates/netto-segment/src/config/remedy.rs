//! `[segment.remedy]`: how likely customers leave, and what is never asked of them.
//!
//! ```toml
//! [segment.remedy]
//! leaving = { order_charge = 0.1, discount_change = 0.15 }
//! max_order_charge = 12.5
//! visit_activities = ["visits"]
//! ```

use netto_model::Problem;
use netto_model::money::{MILLION, millionths};
use schemars::JsonSchema;
use serde::Deserialize;

/// What is assumed of remedies for customers that lose money.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RemedyConfig {
    /// Probabilities that a customer leaves over a remedy. Assumptions: replace them by what you have seen.
    pub leaving: LeavingConfig,
    /// The most that a customer is asked to buy more, as a part of its revenue, such as 0.25. What it could buy
    /// (`potential`) is a limit of its own.
    pub max_revenue_growth: f64,
    /// The most that a discount is cut by, in parts of the list price: 0.05 is from 20 % to 15 %.
    pub max_discount_cut: f64,
    /// The highest charge per order, such as 15.0.
    pub max_order_charge: f64,
    /// The largest part of its orders that a customer may save by ordering more at a time, such as 0.5.
    pub max_fewer_orders: f64,
    /// The largest part of its other orders that a customer may move to electronic channels, such as 0.8.
    pub max_channel_shift: f64,
    /// The largest part of the visits that may be dropped, such as 0.5.
    pub max_fewer_visits: f64,
    /// The activities that are visits, such as `["visits"]`; all that are measured on the source `activities` when left out.
    pub visit_activities: Vec<String>,
}

/// Probabilities that a customer leaves over a remedy; over a farewell it always does.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LeavingConfig {
    /// It is asked for more than it buys today: it leaves, or stays as small as it is and goes.
    pub minimum_annual_revenue: f64,
    /// Its discount is cut.
    pub discount_change: f64,
    /// It is asked for fewer and larger orders.
    pub minimum_order_size: f64,
    /// It pays for each order.
    pub order_charge: f64,
    /// It is asked to order electronically.
    pub channel_shift: f64,
    /// It is visited less often.
    pub visit_frequency: f64,
}

impl Default for RemedyConfig {
    fn default() -> Self {
        Self {
            leaving: LeavingConfig::default(),
            max_revenue_growth: 0.25,
            max_discount_cut: 0.05,
            max_order_charge: 15.0,
            max_fewer_orders: 0.5,
            max_channel_shift: 0.8,
            max_fewer_visits: 0.5,
            visit_activities: Vec::new(),
        }
    }
}

impl Default for LeavingConfig {
    fn default() -> Self {
        Self {
            minimum_annual_revenue: 0.4,
            discount_change: 0.15,
            minimum_order_size: 0.05,
            order_charge: 0.1,
            channel_shift: 0.02,
            visit_frequency: 0.03,
        }
    }
}

impl LeavingConfig {
    /// By the remedy's name, in millionths. Over a farewell the customer leaves for certain.
    pub(super) fn of(&self, remedy: &str) -> i64 {
        self.each().into_iter().find(|(name, _)| *name == remedy).map_or(MILLION, |(_, share)| millionths(share))
    }

    const fn each(&self) -> [(&'static str, f64); 6] {
        [
            ("minimum_annual_revenue", self.minimum_annual_revenue),
            ("discount_change", self.discount_change),
            ("minimum_order_size", self.minimum_order_size),
            ("order_charge", self.order_charge),
            ("channel_shift", self.channel_shift),
            ("visit_frequency", self.visit_frequency),
        ]
    }
}

impl RemedyConfig {
    /// What is wrong with it, each at its key below `[segment]`.
    pub(crate) fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (name, share) in self.leaving.each() {
            problems.extend(outside(&["remedy", "leaving", name], share, 1.0, "a probability lies between 0 and 1"));
        }
        let parts = [
            ("max_discount_cut", self.max_discount_cut),
            ("max_fewer_orders", self.max_fewer_orders),
            ("max_channel_shift", self.max_channel_shift),
            ("max_fewer_visits", self.max_fewer_visits),
        ];
        for (name, share) in parts {
            problems.extend(outside(&["remedy", name], share, 1.0, "a part lies between 0 and 1"));
        }
        let growth = "more revenue is a part of today's, such as 0.25, and 10 at most";
        problems.extend(outside(&["remedy", "max_revenue_growth"], self.max_revenue_growth, 10.0, growth));
        let charge = "a charge per order lies between 0 and 1,000,000";
        problems.extend(outside(&["remedy", "max_order_charge"], self.max_order_charge, 1e6, charge));
        problems
    }

    /// The highest charge per order in ten-thousandths.
    pub(super) fn most_per_order(&self) -> i64 {
        millionths(self.max_order_charge) / 100
    }
}

fn outside(key: &[&str], value: f64, most: f64, message: &str) -> Option<Problem> {
    (!(0.0..=most).contains(&value)).then(|| Problem::at(key.iter().copied(), message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::contract::REMEDIES;

    #[test]
    fn every_remedy_has_its_probability_and_a_farewell_is_certain() {
        let leaving = LeavingConfig::default();
        let certain: Vec<_> = REMEDIES.iter().filter(|name| leaving.of(name) == MILLION).collect();
        assert_eq!(certain, [&"farewell"]);
        assert_eq!(leaving.of("order_charge"), 100_000);
    }

    #[test]
    fn what_is_out_of_range_is_named_at_its_key() {
        let leaving = LeavingConfig { order_charge: 1.1, ..LeavingConfig::default() };
        let config = RemedyConfig {
            leaving,
            max_fewer_visits: -0.1,
            max_order_charge: f64::NAN,
            max_revenue_growth: 25.0,
            ..RemedyConfig::default()
        };
        let keys: Vec<_> = config.check().into_iter().map(|problem| problem.key.join(".")).collect();
        let expected = [
            "remedy.leaving.order_charge",
            "remedy.max_fewer_visits",
            "remedy.max_revenue_growth",
            "remedy.max_order_charge",
        ];
        assert_eq!(keys, expected);
        assert!(RemedyConfig::default().check().is_empty());
    }
}
