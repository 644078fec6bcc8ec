//! `[segment]`: windows, tiers, and the measure that ranks customers.

use netto_model::Problem;
use netto_model::money::millionths;
use schemars::JsonSchema;
use serde::Deserialize;

/// How customers are segmented.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SegmentConfig {
    /// Months of the main window, which ends with the last closed month.
    pub window_months: u16,
    /// The measure by which the pyramid ranks customers.
    pub rank_by: RankBy,
    /// The tiers as shares of the active customers; the rest is Small.
    pub tiers: TierShares,
    /// What stock costs to hold.
    pub stock: StockConfig,
}

/// The measure by which the pyramid ranks customers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RankBy {
    /// Invoice revenue.
    #[default]
    InvoiceRevenue,
    /// Net profit.
    NetProfit,
}

/// Shares of the active customers (Curry: 1 %, 4 %, 15 %, the other 80 %).
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TierShares {
    /// The first customers, such as 0.01.
    pub top: f64,
    /// The next, such as 0.04.
    pub large: f64,
    /// The next, such as 0.15.
    pub medium: f64,
}

/// What stock costs to hold.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StockConfig {
    /// Part of its value that holding stock costs in a year, such as 0.20: interest, space, insurance, obsolescence.
    /// Where it is left out, holding cost stays empty: nobody can guess it.
    pub holding_rate: Option<f64>,
}

impl Default for SegmentConfig {
    fn default() -> Self {
        Self {
            window_months: 12,
            rank_by: RankBy::default(),
            tiers: TierShares::default(),
            stock: StockConfig::default(),
        }
    }
}

impl Default for TierShares {
    fn default() -> Self {
        Self { top: 0.01, large: 0.04, medium: 0.15 }
    }
}

impl SegmentConfig {
    /// What is wrong with it, each at its key.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.window_months == 0 {
            problems.push(Problem::at(["window_months"], "a window has at least one month"));
        }
        let TierShares { top, large, medium } = self.tiers;
        if [top, large, medium].iter().any(|share| !(0.0..=1.0).contains(share)) || top + large + medium > 1.0 {
            let problem =
                Problem::at(["tiers"], "the shares of the tiers must lie between 0 and 1, and sum to at most 1");
            problems.push(
                problem.with_help("Curry's pyramid is top = 0.01, large = 0.04, medium = 0.15; the rest is Small"),
            );
        }
        if self.stock.holding_rate.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
            let problem = Problem::at(["stock", "holding_rate"], "the holding rate must lie between 0 and 1");
            problems.push(problem.with_help("20 % of its value a year is holding_rate = 0.20"));
        }
        problems
    }
}

impl StockConfig {
    /// The holding rate in millionths.
    pub(crate) fn holding_millionths(&self) -> Option<i64> {
        self.holding_rate.map(millionths)
    }
}

impl TierShares {
    /// The rank up to which Top, Large and Medium reach, of `active` customers: the ceiling of the cumulative share.
    ///
    /// ```text
    /// 250 active: ⌈2.5⌉ = 3, ⌈12.5⌉ = 13, 50  →  3 / 10 / 37 / 200
    /// ```
    pub(crate) fn last_ranks(&self, active: usize) -> [usize; 3] {
        let mut cumulative = 0;
        [self.top, self.large, self.medium].map(|share| {
            cumulative += usize::try_from(millionths(share)).unwrap_or_default();
            (active * cumulative).div_ceil(1_000_000)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_are_cut_at_the_ceiling_of_the_cumulative_share() {
        let shares = TierShares::default();
        assert_eq!(shares.last_ranks(1_000), [10, 50, 200]);
        assert_eq!(shares.last_ranks(250), [3, 13, 50]);
        assert_eq!(shares.last_ranks(1), [1, 1, 1]);
        assert_eq!(shares.last_ranks(0), [0, 0, 0]);
    }

    #[test]
    fn shares_above_one_are_refused_at_their_key() {
        let tiers = TierShares { top: 0.5, large: 0.5, medium: 0.5 };
        let problems = SegmentConfig { tiers, ..SegmentConfig::default() }.check();
        assert_eq!(problems[0].key, ["tiers"]);
        assert!(SegmentConfig::default().check().is_empty());
    }
}
