//! The settings that models refer to as `$name`, as SQL literals.
//!
//! ```text
//! select … where net_profit < amount($least)      $least → 250
//! ```

use std::collections::BTreeSet;

use netto_model::contract::{
    ELECTRONIC_CHANNEL, GRADE_BOUND, GRADE_WEIGHT, GRADES, MARKET_SIZE, ORDER_BAND, QUOTE_OUTCOME, REMEDY_LEAVING,
    TAKEOVER_TASK,
};
use netto_model::money::millionths;
use netto_model::{Mart, Money, column as c};
use polars::prelude::*;

use crate::config::Band;
use crate::{RankBy, SegmentConfig, SegmentError};

/// The settings of `[segment]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings<'a> {
    config: &'a SegmentConfig,
}

impl<'a> Settings<'a> {
    pub(crate) const fn of(config: &'a SegmentConfig) -> Self {
        Self { config }
    }

    /// The lists of the configuration as tables.
    pub(crate) fn tables(self) -> Result<Vec<Mart>, SegmentError> {
        let sizes = &self.config.market_size;
        let market_size = df!(
            c::MARKET => sizes.keys().map(String::as_str).collect::<Vec<_>>(),
            c::COMPANIES => sizes.values().map(|size| i64::from(size.companies)).collect::<Vec<_>>(),
            c::POTENTIAL => sizes.values().map(|size| size.potential_units()).collect::<Vec<_>>(),
        )?;
        let bands = self.config.order_size.named_bands();
        let order_band = df!(
            c::BAND => (1..).take(bands.len()).collect::<Vec<i64>>(),
            c::LABEL => bands.iter().map(Band::label).collect::<Vec<_>>(),
            c::BAND_FROM => bands.iter().map(|band| band.from).collect::<Vec<_>>(),
            c::BAND_TO => bands.iter().map(|band| band.to).collect::<Vec<_>>(),
        )?;
        let channels: BTreeSet<&str> = self.config.channel.electronic.iter().map(String::as_str).collect();
        let electronic_channel = df!(c::CHANNEL => channels.into_iter().collect::<Vec<_>>())?;
        let tasks = self.config.takeover.lists();
        let named: Vec<(&str, &str)> =
            tasks.iter().flat_map(|(task, names)| names.iter().map(move |name| (name.as_str(), *task))).collect();
        let takeover_task = df!(
            c::ACTIVITY => named.iter().map(|(activity, _)| *activity).collect::<Vec<_>>(),
            c::TASK => named.iter().map(|(_, task)| *task).collect::<Vec<_>>(),
        )?;
        let decided = self.config.sales_force.decided();
        let quote_outcome = df!(
            c::OUTCOME => decided.keys().copied().collect::<Vec<_>>(),
            c::RESULT => decided.values().copied().collect::<Vec<_>>(),
        )?;
        let remedy = &self.config.remedy;
        let assumed = remedy.leaving.each();
        let leaving = assumed.map(|assumed| remedy.leaving_millionths(&assumed));
        let of = |end: usize| leaving.iter().map(|millionths| millionths[end]).collect::<Vec<i64>>();
        let remedy_leaving = df!(
            c::REMEDY => assumed.map(|assumed| assumed.remedy).as_slice(),
            "place" => (1..).take(assumed.len()).collect::<Vec<i64>>(),
            c::MEASURE => assumed.map(|assumed| assumed.measure).as_slice(),
            "parts_millionths" => of(0),
            "low_millionths" => of(1),
            "high_millionths" => of(2),
        )?;
        let weights: Vec<(&str, i64)> = self.config.grades.weights().collect();
        let grade_weight = df!(
            c::MEASURE => weights.iter().map(|(column, _)| *column).collect::<Vec<_>>(),
            "weight_millionths" => weights.iter().map(|(_, weight)| *weight).collect::<Vec<_>>(),
        )?;
        let bounds = &self.config.grades.bounds;
        let grade_bound = df!(
            c::GRADE => GRADES.iter().copied().take(bounds.len()).collect::<Vec<_>>(),
            "bound_millionths" => bounds.iter().map(|bound| millionths(*bound)).collect::<Vec<_>>(),
        )?;
        Ok(vec![
            Mart::try_new(&GRADE_WEIGHT, grade_weight.lazy())?,
            Mart::try_new(&GRADE_BOUND, grade_bound.lazy())?,
            Mart::try_new(&MARKET_SIZE, market_size.lazy())?,
            Mart::try_new(&ORDER_BAND, order_band.lazy())?,
            Mart::try_new(&ELECTRONIC_CHANNEL, electronic_channel.lazy())?,
            Mart::try_new(&QUOTE_OUTCOME, quote_outcome.lazy())?,
            Mart::try_new(&TAKEOVER_TASK, takeover_task.lazy())?,
            Mart::try_new(&REMEDY_LEAVING, remedy_leaving.lazy())?,
        ])
    }

    /// The value of a setting as an SQL literal; `None` if no setting has that name.
    pub(crate) fn literal(self, name: &str) -> Option<String> {
        let config = self.config;
        Some(match name {
            "attention_over" => format!("{:?}", config.attention.over),
            "attention_under" => format!("{:?}", config.attention.under),
            "cross_sell_share_millionths" => millionths(config.cross_sell.peer_share).to_string(),
            "cross_sell_limit" => config.cross_sell.limit.to_string(),
            "holding_millionths" => maybe(config.stock.holding_rate.map(millionths)),
            "margin_asked_millionths" => maybe(config.takeover.margin_asked.map(millionths)),
            "least_effect_units" => maybe(config.remedy.least_units()),
            "max_channel_shift_millionths" => millionths(config.remedy.max_channel_shift).to_string(),
            "max_discount_cut_millionths" => millionths(config.remedy.max_discount_cut).to_string(),
            "max_fewer_orders_millionths" => millionths(config.remedy.max_fewer_orders).to_string(),
            "max_fewer_visits_millionths" => millionths(config.remedy.max_fewer_visits).to_string(),
            "max_order_charge" => Money::from_units(config.remedy.most_per_order()).to_string(),
            "max_revenue_growth_millionths" => millionths(config.remedy.max_revenue_growth).to_string(),
            "policy_customers" => config.remedy.policy_customers.to_string(),
            "days_after_visit" => config.sales_force.days_after_visit.to_string(),
            "enough_visits" => config.sales_force.enough_visits.to_string(),
            "top_millionths" => self.config.tiers.up_to()[0].to_string(),
            "large_millionths" => self.config.tiers.up_to()[1].to_string(),
            "medium_millionths" => self.config.tiers.up_to()[2].to_string(),
            "window_months" => config.window_months.to_string(),
            "last_small_band" => config.order_size.last_small().to_string(),
            "rank_by" => text(match config.rank_by {
                RankBy::InvoiceRevenue => c::INVOICE_REVENUE,
                RankBy::NetProfit => c::NET_PROFIT,
            }),
            _ => return None,
        })
    }
}

/// A whole number, or null if it isn't known.
fn maybe(value: Option<i64>) -> String {
    value.map_or_else(|| "cast(null as bigint)".into(), |value| value.to_string())
}

fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}
