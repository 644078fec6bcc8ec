//! `[segment.remedy]`: how likely customers leave, the limits on what they are asked, and the smallest effect worth a conversation.
//!
//! ```toml
//! [segment.remedy]
//! leaving = { order_charge = 1.8, discount_change = 1.8 }     # of a price 5 % higher, 9 in 100 leave
//! leaving_range = [0.5, 2.0]
//! least_effect = 150
//! max_order_charge = 12.5
//! visit_activities = ["visits"]
//! ```

use netto_model::Problem;
use netto_model::money::{MILLION, millionths};
use schemars::JsonSchema;
use serde::Deserialize;

/// Assumptions about remedies for customers that lose money.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RemedyConfig {
    /// How many customers leave because of a remedy, depending on how much it asks.
    pub leaving: LeavingConfig,
    /// The range of these assumptions, as multiples: `[0.5, 2.0]` from half as many to twice as many. Effects are shown at both ends.
    pub leaving_range: [f64; 2],
    /// The smallest effect in a window that is worth a conversation with one customer, such as 150. Default: the cost of one visit.
    pub least_effect: Option<f64>,
    /// Number of customers with small orders from which a rule for all of them is proposed instead of a remedy for each.
    pub policy_customers: u32,
    /// Maximum additional revenue that a customer is asked for, as a part of its revenue, such as 0.25. Its `potential` is a further limit.
    pub max_revenue_growth: f64,
    /// Maximum reduction of a discount, in parts of the list price: 0.05 is from 20 % to 15 %. If the discount of peers is lower by more than that,
    /// it is reduced to theirs.
    pub max_discount_cut: f64,
    /// The highest charge per order, such as 15.0.
    pub max_order_charge: f64,
    /// Maximum part of its orders that a customer can save by ordering more at a time, such as 0.5.
    pub max_fewer_orders: f64,
    /// Maximum part of its other orders that a customer can move to electronic channels, such as 0.8.
    pub max_channel_shift: f64,
    /// Maximum part of the visits that can be dropped, such as 0.5.
    pub max_fewer_visits: f64,
    /// The activities that are visits, such as `["visits"]`; default: all that are measured on the source `activities`.
    pub visit_activities: Vec<String>,
}

/// How many percent of the customers leave per percent that a remedy asks of a customer's revenue, orders or visits. With 2.6 for a price, 13 % leave
/// for a price increase of 5 %.
///
/// For remedies in money this is the price elasticity of demand: 2.62 on average over 1,851 elasticities (Bijmolt, van Heerde & Pieters, *Journal of
/// Marketing Research*, 2005), 1.76 in the older ones (Tellis, same journal, 1988). For changes of habits it is an assumption: replace it by your own
/// experience.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LeavingConfig {
    /// Of revenue: the customer is asked to buy more, and leaves if it doesn't.
    pub minimum_annual_revenue: f64,
    /// Of revenue: its discount is cut.
    pub discount_change: f64,
    /// Of revenue: its prices rise to those of its peers.
    pub price_change: f64,
    /// Of its orders: it is asked for fewer and larger ones.
    pub minimum_order_size: f64,
    /// Of revenue: it pays for each order.
    pub order_charge: f64,
    /// Of its orders: it is asked to place them electronically.
    pub channel_shift: f64,
    /// Of its visits: there are fewer.
    pub visit_frequency: f64,
}

impl Default for RemedyConfig {
    fn default() -> Self {
        Self {
            leaving: LeavingConfig::default(),
            leaving_range: [0.5, 2.0],
            least_effect: None,
            policy_customers: 10,
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
            minimum_annual_revenue: 0.6,
            discount_change: 2.6,
            price_change: 2.6,
            minimum_order_size: 0.1,
            order_charge: 2.6,
            channel_shift: 0.025,
            visit_frequency: 0.06,
        }
    }
}

/// A remedy with its configured assumption.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Assumed {
    pub(crate) remedy: &'static str,
    /// The meaning of its values.
    pub(crate) measure: &'static str,
    /// Parts of the customers that leave per part asked.
    pub(crate) parts: f64,
}

impl LeavingConfig {
    /// Every remedy, in display order. With a farewell every customer leaves.
    pub(crate) const fn each(&self) -> [Assumed; 8] {
        const fn assumed(remedy: &'static str, measure: &'static str, parts: f64) -> Assumed {
            Assumed { remedy, measure, parts }
        }
        [
            assumed("minimum_annual_revenue", "invoice revenue in the window", self.minimum_annual_revenue),
            assumed("discount_change", "discount in % of the list price", self.discount_change),
            assumed("price_change", "net prices in % of what peers pay", self.price_change),
            assumed("minimum_order_size", "average order value", self.minimum_order_size),
            assumed("order_charge", "charge per order", self.order_charge),
            assumed("channel_shift", "electronic orders in the window", self.channel_shift),
            assumed("visit_frequency", "visits in the window", self.visit_frequency),
            assumed("farewell", "nothing is asked for: avoidable cost decides", 1.0),
        ]
    }
}

impl RemedyConfig {
    /// The problems with it, each at its key below `[segment]`.
    pub(crate) fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for assumed in self.leaving.each() {
            let words =
                "write the percent of customers that leave per percent asked (0 to 100): with 2.6, 13 % leave for 5 %";
            problems.extend(outside(&["remedy", "leaving", assumed.remedy], assumed.parts, 100.0, words));
        }
        let [low, high] = self.leaving_range;
        if !(low > 0.0 && low <= 1.0 && (1.0..=100.0).contains(&high)) {
            let words = "the range of leaving needs one factor up to 1 and one of at least 1, such as [0.5, 2.0]";
            problems.push(Problem::at(["remedy", "leaving_range"], words));
        }
        let parts = [
            ("max_discount_cut", self.max_discount_cut),
            ("max_fewer_orders", self.max_fewer_orders),
            ("max_channel_shift", self.max_channel_shift),
            ("max_fewer_visits", self.max_fewer_visits),
        ];
        for (name, share) in parts {
            problems.extend(outside(&["remedy", name], share, 1.0, "a part is between 0 and 1"));
        }
        let growth = "more revenue is a part of today's revenue, such as 0.25, and at most 10";
        problems.extend(outside(&["remedy", "max_revenue_growth"], self.max_revenue_growth, 10.0, growth));
        let charge = "a charge per order is between 0 and 1,000,000";
        problems.extend(outside(&["remedy", "max_order_charge"], self.max_order_charge, 1e6, charge));
        let least = "an effect that is worth a conversation is between 0 and 1,000,000,000";
        problems.extend(outside(&["remedy", "least_effect"], self.least_effect.unwrap_or_default(), 1e9, least));
        problems
    }

    /// The highest charge per order, in ten-thousandths.
    pub(crate) fn most_per_order(&self) -> i64 {
        millionths(self.max_order_charge) / 100
    }

    /// The least effect that is worth a conversation, in ten-thousandths.
    pub(crate) fn least_units(&self) -> Option<i64> {
        self.least_effect.map(|least| millionths(least) / 100)
    }

    /// Parts of the customers that leave per part asked, in millionths: as assumed, and at the ends of the range.
    pub(crate) fn leaving_millionths(&self, assumed: &Assumed) -> [i64; 3] {
        let [low, high] = self.leaving_range;
        if assumed.remedy == "farewell" {
            return [MILLION; 3];
        }
        [assumed.parts, assumed.parts * low, assumed.parts * high].map(millionths)
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
    fn every_remedy_has_its_assumption_and_a_farewell_is_certain() {
        let config = RemedyConfig::default();
        assert_eq!(config.leaving.each().map(|assumed| assumed.remedy).as_slice(), REMEDIES);
        let certain: Vec<_> = config.leaving.each().iter().map(|assumed| config.leaving_millionths(assumed)).collect();
        assert_eq!(certain.last(), Some(&[MILLION; 3]));
        assert_eq!(certain[4], [2_600_000, 1_300_000, 5_200_000], "a charge");
    }

    #[test]
    fn what_is_out_of_range_is_named_at_its_key() {
        let leaving = LeavingConfig { order_charge: 100.1, ..LeavingConfig::default() };
        let config = RemedyConfig {
            leaving,
            leaving_range: [1.5, 2.0],
            least_effect: Some(-1.0),
            max_fewer_visits: -0.1,
            max_order_charge: f64::NAN,
            max_revenue_growth: 25.0,
            ..RemedyConfig::default()
        };
        let keys: Vec<_> = config.check().into_iter().map(|problem| problem.key.join(".")).collect();
        let expected = [
            "remedy.leaving.order_charge",
            "remedy.leaving_range",
            "remedy.max_fewer_visits",
            "remedy.max_revenue_growth",
            "remedy.max_order_charge",
            "remedy.least_effect",
        ];
        assert_eq!(keys, expected);
        assert!(RemedyConfig::default().check().is_empty());
    }
}
