//! The parts of `[segment]` about customers: the size of markets, when attention is out of balance, how grades are made.

use std::collections::BTreeMap;

use netto_model::contract::{GRADES, model};
use netto_model::money::millionths;
use netto_model::problem::one_of_these;
use netto_model::table::Type;
use netto_model::{Problem, column as c};
use schemars::JsonSchema;
use serde::Deserialize;

/// How large a market is, customers and prospects included.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketSize {
    /// Companies in the market.
    pub companies: u32,
    /// Purchases of all of them in a year. If it is left out, the potential of the rest of the market stays empty.
    pub potential: Option<f64>,
}

/// The index from which attention is out of balance.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AttentionConfig {
    /// Factor of attention, compared with customers of the same size for their revenue and potential, from which a customer is over-served, such as 2.
    pub over: f64,
    /// Factor below which a customer is under-served, such as 0.5.
    pub under: f64,
}

/// Columns and bounds of grades; without weights there are no grades.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GradesConfig {
    /// Columns of `customer_window`, and `cost_share` (cost-to-serve ÷ invoice revenue), with their weights. A negative weight means that lower is better.
    pub weights: BTreeMap<String, f64>,
    /// Scores from which the grades A, B, C, D and E are given, descending; scores below the last one are F.
    pub bounds: Vec<f64>,
}

impl Default for AttentionConfig {
    fn default() -> Self {
        Self { over: 2.0, under: 0.5 }
    }
}

impl Default for GradesConfig {
    fn default() -> Self {
        Self { weights: BTreeMap::new(), bounds: vec![0.8, 0.65, 0.5, 0.35, 0.2] }
    }
}

impl MarketSize {
    /// The potential in ten-thousandths.
    pub(crate) fn potential_units(self) -> Option<i64> {
        self.potential.map(|potential| millionths(potential) / 100)
    }

    pub(super) fn check(self, market: &str) -> Option<Problem> {
        let sensible = self.potential.is_none_or(|potential| (0.0..1e12).contains(&potential));
        (!sensible).then(|| {
            let message = "the yearly purchases of a market must be between 0 and 1,000,000,000,000";
            Problem::at(["market_size", market, "potential"], message)
        })
    }
}

impl AttentionConfig {
    pub(super) fn check(self) -> Option<Problem> {
        let sensible = self.under >= 0.0 && self.under < self.over && self.over.is_finite();
        (!sensible).then(|| {
            Problem::at(["attention"], "`under` must be at least 0, and less than `over`").with_help(
                "for twice and half the attention that a customer's value justifies, write over = 2.0, under = 0.5",
            )
        })
    }
}

impl GradesConfig {
    /// The columns that may have weights: the numbers of `customer_window`, and the share of cost.
    pub(crate) fn columns() -> Vec<&'static str> {
        let numbers = model("customer_window").columns.iter().filter(|column| column.ty != Type::Text);
        numbers.map(|column| column.name).chain([c::COST_SHARE]).collect()
    }

    /// The weights in millionths, by column.
    pub(crate) fn weights(&self) -> impl Iterator<Item = (&str, i64)> {
        self.weights.iter().map(|(column, weight)| (column.as_str(), millionths(*weight)))
    }

    pub(super) fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (column, weight) in &self.weights {
            let key = ["grades", "weights", column];
            if !Self::columns().contains(&column.as_str()) {
                let problem = Problem::at(key, format!("customers have no column `{column}` to grade them by"));
                problems.push(problem.with_help(one_of_these(column, "columns", &Self::columns())));
            } else if !(1e-6..=1e6).contains(&weight.abs()) {
                let problem = Problem::at(key, "a weight must be a number other than 0, at most a million");
                problems.push(
                    problem.with_help("write a positive weight if higher is better, a negative one if lower is better"),
                );
            }
        }
        let descending = self.bounds.is_sorted_by(|a, b| a > b);
        let within = self.bounds.iter().all(|bound| (0.0..=1.0).contains(bound));
        if self.bounds.len() != GRADES.len() - 1 || !descending || !within {
            let message = "the bounds of A, B, C, D and E must be five descending scores between 0 and 1";
            let problem = Problem::at(["grades", "bounds"], message);
            problems.push(
                problem.with_help("for example bounds = [0.8, 0.65, 0.5, 0.35, 0.2]; scores below the last one are F"),
            );
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_customers_dont_have_is_refused_with_the_one_that_was_meant() {
        let weights = |column: &str, weight| BTreeMap::from([(column.to_owned(), weight)]);
        let check =
            |column, weight| GradesConfig { weights: weights(column, weight), ..GradesConfig::default() }.check();
        let problems = check("net_proft", 0.5);
        assert_eq!(problems[0].key, ["grades", "weights", "net_proft"]);
        assert!(problems[0].help.as_ref().unwrap().starts_with("did you mean `net_profit`?"), "{problems:?}");
        assert!(check("cost_share", -0.1).is_empty());
        assert!(check("tier", 1.0)[0].message.contains("no column `tier`"), "a text has no rank");
        assert_eq!(check("orders", 0.0).len(), 1);
    }

    #[test]
    fn bounds_are_five_scores_that_descend() {
        let check = |bounds: &[f64]| GradesConfig { bounds: bounds.to_vec(), ..GradesConfig::default() }.check().len();
        assert_eq!(check(&[0.9, 0.7, 0.5, 0.3, 0.1]), 0);
        for bad in [&[0.9, 0.7, 0.5][..], &[0.1, 0.3, 0.5, 0.7, 0.9], &[80.0, 60.0, 40.0, 20.0, 0.0]] {
            assert_eq!(check(bad), 1, "{bad:?}");
        }
    }

    #[test]
    fn far_more_attention_is_more_than_far_less() {
        assert!(AttentionConfig::default().check().is_none());
        assert!(AttentionConfig { over: 0.5, under: 2.0 }.check().is_some());
        let market = |potential| MarketSize { companies: 1, potential }.check("Bouw").is_some();
        assert_eq!([market(None), market(Some(5e7)), market(Some(-1.0))], [false, false, true]);
    }
}
