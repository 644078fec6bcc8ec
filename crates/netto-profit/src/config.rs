//! `[pool.…]` and `[activity.…]`: which resources cost money, and how customers take from them.
//!
//! ```toml
//! [pool.warehouse]
//! practical_minutes = 19200
//!
//! [activity.picking]
//! pool = "warehouse"
//! method = "time"
//! minutes = "3 + 1.5*lines"
//! ```

use std::collections::{BTreeMap, BTreeSet};

use netto_model::column as c;
use netto_model::expression::ExpressionError;
use netto_model::frame::{DimActivity, DimPool};
use netto_model::money::{MILLION, millionths};
use netto_model::{DriverSource, Expression, Frame};
use polars::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::ProfitError;
use crate::negative::Negative;
use crate::payment_terms::PaymentTermsConfig;
use crate::support::SupportConfig;

/// How cost reaches customers.
#[derive(Clone, Debug, Default)]
pub struct ProfitConfig {
    /// `[pool.NAME]`, by the name in `cost_pools`.
    pub pools: BTreeMap<String, PoolConfig>,
    /// `[activity.NAME]`.
    pub activities: BTreeMap<String, ActivityConfig>,
    /// `[support]`.
    pub support: SupportConfig,
    /// `[sensitivity]`.
    pub sensitivity: SensitivityConfig,
    /// `[payment_terms]`, if receivables are financed at a rate.
    pub payment_terms: Option<PaymentTermsConfig>,
}

/// A cost pool: resources whose cost is booked in the general ledger by month.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolConfig {
    /// Name for reports; default: the key.
    pub label: Option<String>,
    /// Treatment of unused practical capacity.
    #[serde(default)]
    pub idle: Idle,
    /// Practical capacity in minutes per month, if `cost_pools` has none.
    pub practical_minutes: Option<u32>,
    /// Practical capacity from people: an SQL condition for the employees who work here, such as `role = 'warehouse'`. Their `minutes_per_month` ×
    /// `practical_share` is the capacity, if `cost_pools` has none.
    pub employees: Option<String>,
    /// With `employees`: the part of the minutes of presence that people can really work, such as 0.8.
    pub practical_share: Option<f64>,
    /// The part of the amount that pays for capacity, whether used or not, such as 0.7; the rest varies with use, so idle
    /// capacity costs only the fixed part. Default: all of it is fixed.
    pub fixed_share: Option<f64>,
    /// The part of its cost that is really saved if the work ends, such as 0.3: overtime, hired vans, paper. The rest is capacity that is only freed:
    /// people and buildings that stay. Cost passed on by support pools counts the same. It doesn't change the cost of any customer; it determines
    /// what a remedy saves, and whether a farewell pays off. Default: no cost counts as avoidable.
    pub avoidable: Option<f64>,
    /// Kept apart by warehouse: `cost_pools` books by warehouse, and customers pay the rates of the warehouses that served them.
    pub by: Option<PoolDimension>,
    /// Makes it a support pool: the pools that it serves, each with its share, such as `{ warehouse = 0.7, office = 0.2 }`. The rest of the cost
    /// stays for its own activities.
    #[serde(default)]
    pub passes_to: BTreeMap<String, f64>,
}

/// Dimension by which a pool is kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PoolDimension {
    /// Warehouse or branch.
    Warehouse,
}

/// Treatment of unused practical capacity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Idle {
    /// Reported, not charged: customers pay the rate at practical capacity.
    #[default]
    Report,
    /// Charged to those who used the pool.
    Charge,
}

/// An activity: what the resources of a pool do for customers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivityConfig {
    /// Name for reports; default: the key.
    pub label: Option<String>,
    /// The pool that its cost comes from.
    pub pool: String,
    /// Method of assignment.
    pub method: Method,
    /// What a row of the expression is.
    #[serde(default)]
    pub source: DriverSource,
    /// Method `time`: minutes per row of the source, an SQL expression such as `3 + 1.5*lines`. Over orders, terms that use `order_kind` or
    /// `delivery` are computed for each part of an order with its own lines, and all other terms once: `5 + case when delivery = 'direct' then
    /// 2*lines else 7*lines end` is 5 + 2 × 1 + 7 × 9 for nine lines from stock and one direct. An order over the end of a month takes the minutes of
    /// the whole order, with the fixed part in the month of its first line.
    pub minutes: Option<String>,
    /// Method `driver`: quantity per row of the source, an SQL expression such as `1`.
    pub quantity: Option<String>,
    /// Only rows that meet this SQL condition count, such as `kind = 'visit'`.
    #[serde(rename = "where")]
    pub condition: Option<String>,
    /// Methods `driver` and `share`: the part of the pool that it takes, such as 0.7; default: all of it.
    pub share: Option<f64>,
    /// Method `share`: the groups that have shares.
    pub by: Option<ShareBy>,
    /// Method `share`: the fixed part of each tier, market or customer, such as `{ Top = 0.5, Large = 0.3 }`. Within a tier or market it is assigned
    /// by `quantity`, or equally to the customers that ordered in the month. If the shares add up to less than 1, the rest is unassigned.
    #[serde(default)]
    pub shares: BTreeMap<String, f64>,
    /// Method `driver`, and `share` with `quantity`: what happens to a customer whose quantity in a month is negative, such as revenue after a large
    /// return. By default the run stops and names the customers; `"zero"`: nothing is assigned to the customer; `"signed"`: the customer is credited
    /// its part, as long as no part exceeds the whole.
    pub negative: Option<Negative>,
    /// How far the minutes or quantities may be off, such as 0.2 for ± 20 %; default: `range` of `[sensitivity]`.
    pub range: Option<f64>,
    /// Step of the waterfall for its cost.
    #[serde(default)]
    pub step: Step,
    /// Whether its cost is pay of the sales force: added back for the net before compensation.
    #[serde(default)]
    pub compensation: bool,
    /// Over orders or their lines: whether its cost stays the same with more or fewer orders, such as the subscription of a web shop. It is assigned
    /// by the orders all the same, but counts as cost of the customer, and not of an order: no order less saves it, and no order more adds to it.
    #[serde(default)]
    pub standing: bool,
}

/// How an activity assigns the cost of its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Minutes × rate, the rate at practical capacity: time-driven activity-based costing.
    Time,
    /// The whole amount, or a share of it, assigned by a driver quantity.
    Driver,
    /// Bookings with a customer.
    Direct,
    /// Fixed shares per tier, market or customer.
    Share,
}

/// The groups that have fixed shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShareBy {
    /// Tier by invoice revenue, of the window that ends with the month.
    Tier,
    /// Market of the customer.
    Market,
    /// The customer itself, by id.
    Customer,
}

/// `[sensitivity]`: how certain the minutes and driver quantities are.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SensitivityConfig {
    /// How far minutes and quantities of activities without a `range` of their own may be off, such as 0.1 for ± 10 %.
    pub range: f64,
}

impl Default for SensitivityConfig {
    fn default() -> Self {
        Self { range: 0.1 }
    }
}

/// Step of the waterfall for an activity's cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// After the gross margin.
    #[default]
    CostToServe,
    /// Between invoice and pocket revenue, against the freight charged.
    FreightCost,
    /// Between invoice and pocket revenue: financing of receivables.
    PaymentTerms,
}

impl ProfitConfig {
    /// The activities of a pool with one method, by name.
    pub(crate) fn of_pool<'a>(
        &'a self,
        pool: &'a str,
        method: Method,
    ) -> impl Iterator<Item = (&'a str, &'a ActivityConfig)> {
        let wanted = move |activity: &ActivityConfig| activity.pool == pool && activity.method == method;
        self.activities.iter().filter(move |(_, activity)| wanted(activity)).map(|(name, a)| (name.as_str(), a))
    }

    /// Whether the parts of the activity's pool are warehouses; those that are shared out are groups of customers.
    pub(crate) fn is_by_warehouse(&self, activity: &str) -> bool {
        let activity = self.activities.get(activity).filter(|activity| activity.method != Method::Share);
        activity.is_some_and(|activity| self.pools.get(&activity.pool).is_some_and(|pool| pool.by.is_some()))
    }
}

impl PoolConfig {
    /// The part of its amount that pays for capacity, in millionths.
    pub(crate) fn fixed_millionths(&self) -> i64 {
        self.fixed_share.map_or(MILLION, millionths)
    }

    /// What of its cost is really saved if the work ends.
    pub(crate) fn avoidable_millionths(&self) -> i64 {
        self.avoidable.map_or(0, millionths)
    }

    /// `housing → warehouse 0.7, office 0.3; capacity from employees where role = 'field' × 0.8`
    fn description(&self) -> Option<String> {
        let to: Vec<String> = self.passes_to.iter().map(|(pool, share)| format!("{pool} {share}")).collect();
        let passes = (!to.is_empty()).then(|| format!("passes on to {}", to.join(", ")));
        let people = self.employees.as_ref().map(|condition| {
            format!("capacity of employees where {condition}, × {}", self.practical_share.unwrap_or(1.0))
        });
        let by = self.by.map(|_| "kept by warehouse".to_owned());
        let parts: Vec<String> = [passes, people, by].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

impl ActivityConfig {
    /// Whether it takes a part of its pool rather than minutes.
    pub(crate) fn takes_a_share(&self) -> bool {
        matches!(self.method, Method::Driver | Method::Share)
    }

    /// The expression that measures it, parsed; `None` for method `direct`, and for shares that are spread equally.
    ///
    /// # Errors
    /// When it is no expression over the columns of its source.
    #[must_use]
    pub fn expression(&self) -> Option<Result<Expression, ExpressionError>> {
        self.measure().map(|text| Expression::parse(text, &[self.source.table()]))
    }

    /// The condition on its rows, parsed.
    ///
    /// # Errors
    /// When it is no expression over the columns of its source.
    #[must_use]
    pub fn filter(&self) -> Option<Result<Expression, ExpressionError>> {
        self.condition.as_deref().map(|text| Expression::condition(text, &[self.source.table()]))
    }

    /// The text of the expression that measures it.
    #[must_use]
    pub fn measure(&self) -> Option<&str> {
        match self.method {
            Method::Time => self.minutes.as_deref(),
            Method::Driver | Method::Share => self.quantity.as_deref(),
            Method::Direct => None,
        }
    }

    /// What is done with quantities below zero.
    pub(crate) fn negative(&self) -> Negative {
        self.negative.unwrap_or_default()
    }

    /// Its part of the pool in millionths.
    pub(crate) fn share_millionths(&self) -> Option<i64> {
        self.share.map(millionths)
    }

    /// How far its quantities may be off, in millionths.
    pub(crate) fn range_millionths(&self, config: SensitivityConfig) -> i64 {
        millionths(self.range.unwrap_or(config.range))
    }
}

impl Method {
    /// As it stands in the contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Driver => "driver",
            Self::Direct => "direct",
            Self::Share => "share",
        }
    }

    /// The key of the expression that measures it.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Time => "minutes",
            Self::Driver | Self::Direct | Self::Share => "quantity",
        }
    }
}

impl Step {
    /// The column of the waterfall.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CostToServe => c::COST_TO_SERVE,
            Self::FreightCost => c::FREIGHT_COST,
            Self::PaymentTerms => c::PAYMENT_TERMS,
        }
    }
}

/// The pools as a dimension: those of the configuration, and those that only the ledger knows.
///
/// # Errors
/// When the frame is refused by the contract.
pub fn dim_pool<'a>(
    config: &'a ProfitConfig,
    booked: impl Iterator<Item = &'a str>,
) -> Result<Frame<DimPool>, ProfitError> {
    let names: BTreeSet<&str> = config.pools.keys().map(String::as_str).chain(booked).collect();
    let default = PoolConfig::default();
    let rows: Vec<(&str, &PoolConfig)> =
        names.into_iter().map(|name| (name, config.pools.get(name).unwrap_or(&default))).collect();
    let frame = df!(
        c::POOL => rows.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        c::LABEL => rows.iter().map(|(name, pool)| pool.label.as_deref().unwrap_or(name)).collect::<Vec<_>>(),
        c::IDLE => rows.iter().map(|(_, pool)| pool.idle.name()).collect::<Vec<_>>(),
        c::FIXED_SHARE => rows.iter().map(|(_, pool)| pool.fixed_share.unwrap_or(1.0)).collect::<Vec<_>>(),
        c::AVOIDABLE_SHARE => rows.iter().map(|(_, pool)| pool.avoidable).collect::<Vec<_>>(),
        c::PASSES_ON => rows.iter().map(|(_, pool)| !pool.passes_to.is_empty()).collect::<Vec<_>>(),
        c::EMPLOYEES_WHERE => rows.iter().map(|(_, pool)| pool.employees.as_deref()).collect::<Vec<_>>(),
        c::DESCRIPTION => rows.iter().map(|(_, pool)| pool.description()).collect::<Vec<_>>(),
    )?;
    Ok(Frame::try_new(frame.lazy())?)
}

impl Idle {
    /// As it stands in the contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Charge => "charge",
        }
    }
}

/// The activities as a dimension.
///
/// # Errors
/// When the frame is refused by the contract.
pub fn dim_activity(config: &ProfitConfig) -> Result<Frame<DimActivity>, ProfitError> {
    let rows = || config.activities.iter();
    let each = |text: fn((&String, &ActivityConfig)) -> String| rows().map(text).collect::<Vec<String>>();
    let source = |a: &ActivityConfig| a.measure().map(|_| a.source.name());
    let frame = df!(
        c::ACTIVITY => each(|(name, _)| name.clone()),
        c::LABEL => each(|(name, a)| a.label.clone().unwrap_or_else(|| name.clone())),
        c::POOL => each(|(_, a)| a.pool.clone()),
        c::METHOD => each(|(_, a)| a.method.name().to_owned()),
        c::STEP => each(|(_, a)| a.step.name().to_owned()),
        c::COMPENSATION => rows().map(|(_, a)| a.compensation).collect::<Vec<bool>>(),
        c::STANDING => rows().map(|(_, a)| a.standing).collect::<Vec<bool>>(),
        c::SOURCE => rows().map(|(_, a)| source(a)).collect::<Vec<_>>(),
        c::ROWS_WHERE => rows().map(|(_, a)| a.condition.as_deref()).collect::<Vec<_>>(),
        c::DESCRIPTION => rows().map(|(_, a)| a.description()).collect::<Vec<_>>(),
    )?;
    Ok(Frame::try_new(frame.lazy())?)
}

impl ActivityConfig {
    /// `3 + 1.5*lines where channel = 'phone'`; for shares also `Top 0.5, Large 0.3 by tier`
    fn description(&self) -> Option<String> {
        let shares: Vec<String> = self.shares.iter().map(|(name, share)| format!("{name} {share}")).collect();
        let by = self.by.map(|by| format!("{} by {}", shares.join(", "), by.name()));
        let measure = self.measure().map(|measure| {
            self.condition.as_ref().map_or_else(|| measure.to_owned(), |cond| format!("{measure} where {cond}"))
        });
        let parts: Vec<String> = by.into_iter().chain(measure).collect();
        (!parts.is_empty()).then(|| parts.join(": "))
    }
}

impl ShareBy {
    /// As it stands in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tier => "tier",
            Self::Market => "market",
            Self::Customer => "customer",
        }
    }
}
