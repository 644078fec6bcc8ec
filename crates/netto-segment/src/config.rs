//! `[segment]`: windows, tiers, and the measure that ranks customers.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::Problem;
use netto_model::money::millionths;
use schemars::JsonSchema;
use serde::Deserialize;

mod bands;
mod customers;
mod remedy;

pub(crate) use bands::Band;
pub use customers::{AttentionConfig, GradesConfig, MarketSize};
pub use remedy::{LeavingConfig, RemedyConfig};

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
    /// How far a customer's measure must be beyond the boundary between two tiers, as a share of the boundary, before it leaves the tier that it had
    /// in the window before: 0.1 is a tenth. With 0 only the rank counts.
    pub hysteresis: f64,
    /// `[segment.market_size]`: how large each market is, by its name, for the rest of the market.
    pub market_size: BTreeMap<String, MarketSize>,
    /// The index from which attention is out of balance.
    pub attention: AttentionConfig,
    /// Columns and bounds of grades.
    pub grades: GradesConfig,
    /// The cost of holding stock.
    pub stock: StockConfig,
    /// Bands of order values, and which orders are small.
    pub order_size: OrderSizeConfig,
    /// Which channels are electronic.
    pub channel: ChannelConfig,
    /// The sales force.
    pub sales_force: SalesForceConfig,
    /// Product groups that peers buy and a customer doesn't.
    pub cross_sell: CrossSellConfig,
    /// What a supplier could take over.
    pub takeover: TakeoverConfig,
    /// Assumptions about remedies for customers that lose money.
    pub remedy: RemedyConfig,
}

/// Product groups that peers buy and a customer doesn't.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CrossSellConfig {
    /// The part of a customer's peers that must buy from a product group before it is worth offering.
    pub peer_share: f64,
    /// Maximum number of product groups per customer, those with the highest expected margin: keep the list short.
    pub limit: u16,
}

/// Work that a supplier could take over, by the names of activities. Activities in none of the lists stay; without any there is no scenario.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TakeoverConfig {
    /// Vendor-managed inventory: activities of ordering and keeping stock, such as `["buying", "storage"]`.
    pub stock_and_order: Vec<String>,
    /// Activities of standard questions about products.
    pub questions: Vec<String>,
    /// Activities of support and after-care.
    pub support: Vec<String>,
    /// The part of the gross margin that suppliers ask for doing these tasks, such as 0.05: a functional discount. If it is left out, no result is
    /// computed, only the part of the margin up to which a takeover pays off.
    pub margin_asked: Option<f64>,
}

/// Bands of order values, and which orders are small.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OrderSizeConfig {
    /// Order values at which a band ends and the next begins, ascending, such as `[100, 250, 500]`. Returns and credits, below zero, are a separate band.
    pub bands: Vec<f64>,
    /// Orders below this value are small; one of the `bands`.
    pub small_below: f64,
}

/// Which channels are electronic.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChannelConfig {
    /// Channels in which the customer enters the order, as `channel` of the order lines names them.
    pub electronic: Vec<String>,
}

/// The sales force.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SalesForceConfig {
    /// Orders within this number of days after a visit count as following it.
    pub days_after_visit: u8,
    /// Minimum number of visits at one time of the week before orders after them are analysed, such as `6`: every other month of a year.
    pub enough_visits: u8,
    /// Outcomes of a quote that was won, as `outcome` of the activities has them, such as `["order"]`.
    pub won: Vec<String>,
    /// Outcomes of a quote that was lost, such as `["none"]`. A quote with any other outcome, or without one, isn't decided.
    pub lost: Vec<String>,
    /// Pools that hold pay of the field or of the inside staff, in addition to pools with the name or label `field` or `inside`, such as `["desk"]`.
    pub pay_pools: Vec<String>,
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

/// The cost of holding stock.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StockConfig {
    /// Part of its value that holding stock costs in a year, such as 0.20: interest, space, insurance, obsolescence.
    /// If it is left out, holding cost stays empty.
    pub holding_rate: Option<f64>,
}

impl Default for SegmentConfig {
    fn default() -> Self {
        Self {
            window_months: 12,
            rank_by: RankBy::default(),
            tiers: TierShares::default(),
            hysteresis: 0.0,
            market_size: BTreeMap::new(),
            attention: AttentionConfig::default(),
            grades: GradesConfig::default(),
            stock: StockConfig::default(),
            order_size: OrderSizeConfig::default(),
            channel: ChannelConfig::default(),
            sales_force: SalesForceConfig::default(),
            cross_sell: CrossSellConfig::default(),
            takeover: TakeoverConfig::default(),
            remedy: RemedyConfig::default(),
        }
    }
}

impl Default for OrderSizeConfig {
    fn default() -> Self {
        Self { bands: vec![50.0, 100.0, 250.0, 500.0, 1_000.0, 2_500.0], small_below: 100.0 }
    }
}

impl Default for ChannelConfig {
    fn default() -> Self {
        Self { electronic: ["web", "edi"].map(str::to_owned).into() }
    }
}

impl Default for SalesForceConfig {
    fn default() -> Self {
        Self {
            days_after_visit: 7,
            enough_visits: 6,
            won: ["order", "won"].map(str::to_owned).into(),
            lost: ["lost", "none"].map(str::to_owned).into(),
            pay_pools: Vec::new(),
        }
    }
}

impl Default for CrossSellConfig {
    fn default() -> Self {
        Self { peer_share: 0.5, limit: 5 }
    }
}

impl CrossSellConfig {
    fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if !(self.peer_share > 0.0 && self.peer_share <= 1.0) {
            let problem = Problem::at(["cross_sell", "peer_share"], "the share of peers must be above 0 and at most 1");
            problems.push(problem.with_help("for at least half of the peers, write peer_share = 0.5"));
        }
        if self.limit == 0 {
            problems.push(Problem::at(["cross_sell", "limit"], "a list needs at least one product group"));
        }
        problems
    }
}

impl TakeoverConfig {
    /// The lists of activities, by their keys.
    #[must_use]
    pub fn lists(&self) -> [(&'static str, &[String]); 3] {
        [("stock_and_order", &self.stock_and_order), ("questions", &self.questions), ("support", &self.support)]
    }

    /// Checks that no activity is listed twice, because it would be taken over twice.
    fn check(&self) -> Vec<Problem> {
        let mut seen = BTreeSet::new();
        let mut problems = Vec::new();
        if self.margin_asked.is_some_and(|part| !(0.0..=1.0).contains(&part)) {
            let problem = Problem::at(["takeover", "margin_asked"], "the part of the margin must be between 0 and 1");
            problems.push(problem.with_help("for 5 % of the gross margin, write margin_asked = 0.05"));
        }
        for (list, names) in self.lists() {
            for (place, name) in names.iter().enumerate().filter(|(_, name)| !seen.insert(name.as_str())) {
                let key = ["takeover".to_owned(), list.to_owned(), place.to_string()];
                let problem = Problem::at(key, format!("`{name}` is listed twice"));
                problems.push(problem.with_help("an activity can be taken over once: list it only once"));
            }
        }
        problems
    }
}

impl SalesForceConfig {
    /// Outcomes of quotes, and whether they count as won or lost.
    pub(crate) fn decided(&self) -> BTreeMap<&str, &'static str> {
        let lost = self.lost.iter().map(|name| (name.as_str(), "lost"));
        lost.chain(self.won.iter().map(|name| (name.as_str(), "won"))).collect()
    }

    fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.enough_visits == 0 {
            let problem =
                Problem::at(["sales_force", "enough_visits"], "nothing can be said about customers without a visit");
            problems.push(problem.with_help("for a visit every other month, write enough_visits = 6"));
        }
        for (place, name) in self.lost.iter().enumerate().filter(|(_, name)| self.won.contains(name)) {
            let key = ["sales_force".to_owned(), "lost".to_owned(), place.to_string()];
            let problem = Problem::at(key, format!("a quote can't be won and lost: `{name}` is in both lists"));
            problems.push(problem.with_help("keep it in one of them; open quotes are in neither list"));
        }
        problems
    }
}

impl OrderSizeConfig {
    /// The limits of the bands, in ten-thousandths: zero, followed by the configured ones.
    pub(crate) fn limits(&self) -> Vec<i64> {
        [0].into_iter().chain(self.bands.iter().map(|&limit| millionths(limit) / 100)).collect()
    }

    /// The last band of small orders.
    pub(crate) fn last_small(&self) -> i64 {
        let before = self.limits().partition_point(|&limit| limit < millionths(self.small_below) / 100);
        i64::try_from(before).unwrap_or(i64::MAX).saturating_add(1)
    }

    fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let ascending = self.bands.iter().all(|limit| *limit > 0.0) && self.bands.is_sorted_by(|a, b| a < b);
        if self.bands.is_empty() || !ascending {
            let problem = Problem::at(["order_size", "bands"], "the bands must be above zero and ascending");
            problems.push(problem.with_help("for example bands = [100, 250, 500, 1000]"));
        }
        if !self.bands.contains(&self.small_below) {
            let problem =
                Problem::at(["order_size", "small_below"], "the limit of small orders must be the end of a band");
            problems.push(problem.with_help(format!("bands are {:?}", self.bands)));
        }
        problems
    }
}

impl ChannelConfig {
    /// Whether a channel is electronic.
    pub(crate) fn is_electronic(&self, channel: &str) -> bool {
        self.electronic.iter().any(|name| name == channel)
    }

    fn check(&self) -> Option<Problem> {
        let problem = || Problem::at(["channel", "electronic"], "an electronic channel must have a name");
        let nameless = self.electronic.iter().any(|name| name.trim().is_empty());
        nameless.then(|| {
            problem().with_help(r#"for example electronic = ["web", "edi"]; write electronic = [] if there are none"#)
        })
    }
}

impl Default for TierShares {
    fn default() -> Self {
        Self { top: 0.01, large: 0.04, medium: 0.15 }
    }
}

impl SegmentConfig {
    /// The problems with it, each at its key.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.window_months == 0 {
            problems.push(Problem::at(["window_months"], "a window has at least one month"));
        }
        let TierShares { top, large, medium } = self.tiers;
        if [top, large, medium].iter().any(|share| !(0.0..=1.0).contains(share)) || top + large + medium > 1.0 {
            let problem =
                Problem::at(["tiers"], "the shares of the tiers must be between 0 and 1 and add up to at most 1");
            problems.push(
                problem.with_help("Curry's pyramid is top = 0.01, large = 0.04, medium = 0.15; the rest is Small"),
            );
        }
        if !(0.0..1.0).contains(&self.hysteresis) {
            let problem = Problem::at(["hysteresis"], "hysteresis must be between 0 and 1");
            problems.push(problem.with_help("for a tenth of the boundary between two tiers, write hysteresis = 0.1"));
        }
        problems.extend(self.market_size.iter().filter_map(|(market, size)| size.check(market)));
        problems.extend(self.attention.check());
        problems.extend(self.grades.check());
        if self.stock.holding_rate.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
            let problem = Problem::at(["stock", "holding_rate"], "the holding rate must be between 0 and 1");
            problems.push(problem.with_help("for 20 % of the stock value a year, write holding_rate = 0.20"));
        }
        problems.extend(self.order_size.check());
        problems.extend(self.cross_sell.check());
        problems.extend(self.takeover.check());
        problems.extend(self.sales_force.check());
        problems.extend(self.channel.check());
        problems.extend(self.remedy.check());
        problems
    }
}

impl TierShares {
    /// The cumulative shares of Top, Large and Medium, in millionths: `customer_total.sql` rounds up.
    pub(crate) fn up_to(self) -> [i64; 3] {
        let mut cumulative = 0;
        [self.top, self.large, self.medium].map(|share| {
            cumulative += millionths(share);
            cumulative
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_nothing_and_names_that_stand_in_two_of_them_are_refused_at_their_keys() {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let config = SegmentConfig {
            cross_sell: CrossSellConfig { peer_share: 0.0, limit: 0 },
            takeover: TakeoverConfig {
                stock_and_order: names(&["buying", "storage"]),
                support: names(&["storage"]),
                ..TakeoverConfig::default()
            },
            sales_force: SalesForceConfig {
                enough_visits: 0,
                lost: names(&["none", "order"]),
                ..SalesForceConfig::default()
            },
            ..SegmentConfig::default()
        };
        let keys: Vec<_> = config.check().iter().map(|problem| problem.key.join(".")).collect();
        assert_eq!(
            keys,
            [
                "cross_sell.peer_share",
                "cross_sell.limit",
                "takeover.support.0",
                "sales_force.enough_visits",
                "sales_force.lost.1"
            ]
        );
    }

    #[test]
    fn web_and_edi_are_electronic_and_what_has_no_name_is_refused() {
        let channel = ChannelConfig::default();
        assert_eq!(["web", "edi", "phone", ""].map(|name| channel.is_electronic(name)), [true, true, false, false]);
        let nameless = ChannelConfig { electronic: vec![" ".into()] };
        let problems = SegmentConfig { channel: nameless, ..SegmentConfig::default() }.check();
        assert_eq!(problems[0].key, ["channel", "electronic"]);
    }

    #[test]
    fn shares_above_one_are_refused_at_their_key() {
        let tiers = TierShares { top: 0.5, large: 0.5, medium: 0.5 };
        let problems = SegmentConfig { tiers, ..SegmentConfig::default() }.check();
        assert_eq!(problems[0].key, ["tiers"]);
        assert!(SegmentConfig::default().check().is_empty());
    }
}
