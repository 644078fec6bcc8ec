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
use netto_model::expression::{ExpressionError, Measure};
use netto_model::frame::{DimActivity, DimPool};
use netto_model::problem::did_you_mean;
use netto_model::{DriverSource, Expression, Frame, Problem};
use polars::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::ProfitError;

/// How cost reaches customers.
#[derive(Clone, Debug, Default)]
pub struct ProfitConfig {
    /// `[pool.NAME]`, by the name that stands in `cost_pools`.
    pub pools: BTreeMap<String, PoolConfig>,
    /// `[activity.NAME]`.
    pub activities: BTreeMap<String, ActivityConfig>,
}

/// A cost pool: resources whose cost the general ledger knows by month.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolConfig {
    /// Name for reports; the key when left out.
    pub label: Option<String>,
    /// What becomes of practical capacity that nobody used.
    #[serde(default)]
    pub idle: Idle,
    /// Practical capacity in minutes per month, where `cost_pools` gives none.
    pub practical_minutes: Option<u32>,
}

/// What becomes of practical capacity that nobody used.
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
    /// Name for reports; the key when left out.
    pub label: Option<String>,
    /// The pool from which it takes.
    pub pool: String,
    /// How it takes.
    pub method: Method,
    /// What a row of the expression is.
    #[serde(default)]
    pub source: DriverSource,
    /// Method `time`: minutes per row of the source, an SQL expression such as `3 + 1.5*lines`.
    pub minutes: Option<String>,
    /// Method `driver`: quantity per row of the source, an SQL expression such as `1`.
    pub quantity: Option<String>,
    /// Only rows for which this SQL condition holds, such as `kind = 'visit'`.
    #[serde(rename = "where")]
    pub condition: Option<String>,
    /// Method `driver`: the part of the pool that it takes, such as 0.7.
    pub share: Option<f64>,
    /// Where its cost stands in the waterfall.
    #[serde(default)]
    pub step: Step,
    /// Whether its cost is pay of the sales force: added back for the net before compensation.
    #[serde(default)]
    pub compensation: bool,
}

/// How an activity takes from its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Minutes × rate, the rate at practical capacity: time-driven activity-based costing.
    Time,
    /// The whole amount, or its share, spread over a driver quantity.
    Driver,
    /// Bookings that name the customer.
    Direct,
}

/// Where an activity's cost stands in the waterfall.
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
    /// Everything that is wrong with it, each at its key.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let activities = self.activities.iter().flat_map(|(name, activity)| activity.check(name, self));
        activities.chain(self.check_pools()).collect()
    }

    /// The activities of a pool with one method, by name.
    pub(crate) fn of_pool<'a>(
        &'a self,
        pool: &'a str,
        method: Method,
    ) -> impl Iterator<Item = (&'a str, &'a ActivityConfig)> {
        let wanted = move |activity: &ActivityConfig| activity.pool == pool && activity.method == method;
        self.activities.iter().filter(move |(_, activity)| wanted(activity)).map(|(name, a)| (name.as_str(), a))
    }

    fn check_pools(&self) -> Vec<Problem> {
        let pools: BTreeSet<&str> = self.activities.values().map(|activity| activity.pool.as_str()).collect();
        let of_pool = |pool: &str| [self.check_shares_of(pool), self.check_direct_of(pool)];
        pools.into_iter().flat_map(of_pool).flatten().collect()
    }

    /// A booking that names its customer goes to one activity: a second `direct` one would get nothing.
    fn check_direct_of(&self, pool: &str) -> Option<Problem> {
        let mut direct = self.of_pool(pool, Method::Direct).map(|(name, _)| name);
        let (first, second) = (direct.next()?, direct.next()?);
        let message = format!("pool `{pool}` has a `direct` activity already: `{first}`");
        Some(
            Problem::at(["activity", second], message)
                .with_help("keep one of them: it takes every booking of the pool that names a customer"),
        )
    }

    /// A pool's shares must not exceed it; a driver without a share must be alone.
    fn check_shares_of(&self, pool: &str) -> Option<Problem> {
        let drivers: Vec<_> = self.of_pool(pool, Method::Driver).collect();
        let alone = drivers.len() == 1 && self.of_pool(pool, Method::Time).next().is_none();
        let without = drivers.iter().find(|(_, activity)| activity.share.is_none());
        if let (Some((name, _)), false) = (without, alone) {
            let message = format!("which part of pool `{pool}` does `{name}` take? Others take from it too");
            return Some(
                Problem::at(["activity", name], message).with_help("add `share = 0.5`, or whatever the part is"),
            );
        }
        let total: i64 = drivers.iter().filter_map(|(_, activity)| activity.share_millionths()).sum();
        (total > MILLION).then(|| {
            let name = drivers.last().map_or("", |(name, _)| name);
            let message = format!("the shares of pool `{pool}` sum to more than 1");
            Problem::at(["activity", name, "share"], message).with_help("shares are parts of one: 0.7, 0.2, 0.1")
        })
    }
}

/// Shares are taken to the millionth.
pub(crate) const MILLION: i64 = 1_000_000;

impl ActivityConfig {
    /// The expression that measures it, parsed; `None` for method `direct`.
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
        self.condition.as_deref().map(|text| Expression::parse(text, &[self.source.table()]))
    }

    /// The text of the expression that measures it.
    #[must_use]
    pub fn measure(&self) -> Option<&str> {
        match self.method {
            Method::Time => self.minutes.as_deref(),
            Method::Driver => self.quantity.as_deref(),
            Method::Direct => None,
        }
    }

    /// Its part of the pool in millionths: integers, so that shares add up.
    #[expect(clippy::cast_possible_truncation, reason = "a share lies between 0 and 1, or the check refuses it")]
    pub(crate) fn share_millionths(&self) -> Option<i64> {
        self.share.map(|share| (share * 1e6).round() as i64)
    }

    fn check(&self, name: &str, config: &ProfitConfig) -> Vec<Problem> {
        let at = |key: &str| ["activity".to_owned(), name.to_owned(), key.to_owned()];
        let mut problems = Vec::new();
        if !config.pools.contains_key(&self.pool) {
            let near = did_you_mean(&self.pool, config.pools.keys().map(String::as_str));
            let help = near.map_or_else(
                || format!("add [pool.{}]", self.pool),
                |near| format!("did you mean `{near}`? Else add [pool.{}]", self.pool),
            );
            problems.push(Problem::at(at("pool"), format!("there is no [pool.{}]", self.pool)).with_help(help));
        }
        problems.extend(self.check_measure(name));
        for (key, parsed) in [(self.method.key(), self.expression()), ("where", self.filter())] {
            if let Some(Err(error)) = parsed {
                let help = format!("columns of a row of `{}`: {}", self.source.name(), columns_of(self.source));
                problems.push(Problem::at(at(key), error.to_string()).with_help(help));
            }
        }
        problems.extend(self.check_unit(name));
        if self.share.is_some_and(|share| !(share > 0.0 && share <= 1.0)) {
            problems.push(Problem::at(at("share"), "a share lies above 0 and up to 1"));
        }
        problems
    }

    /// What is measured is a number, and minutes are minutes.
    fn check_unit(&self, name: &str) -> Option<Problem> {
        let measure = if self.method == Method::Time { Measure::Minutes } else { Measure::Quantity };
        let error = self.expression()?.ok()?.check(measure).err()?;
        Some(Problem::at(["activity", name, self.method.key()], error.to_string()).with_help(error.help()))
    }

    /// Each method has its own key, and no other.
    fn check_measure(&self, name: &str) -> Option<Problem> {
        let (minutes, quantity) = (self.minutes.is_some(), self.quantity.is_some());
        let (wrong, right) = match self.method {
            Method::Time if !minutes => ("", "minutes"),
            Method::Driver if !quantity => ("", "quantity"),
            Method::Time if quantity => ("quantity", "minutes"),
            Method::Driver if minutes => ("minutes", "quantity"),
            Method::Direct if minutes => ("minutes", ""),
            Method::Direct if quantity => ("quantity", ""),
            _ if self.share.is_some() && self.method != Method::Driver => ("share", ""),
            _ => return None,
        };
        let method = self.method.name();
        Some(match (wrong, right) {
            ("", right) => Problem::at(["activity", name], format!("method `{method}` needs `{right}`"))
                .with_help(format!("add `{right} = \"…\"`, an SQL expression over a row of `{}`", self.source.name())),
            (wrong, _) => Problem::at(["activity", name, wrong], format!("method `{method}` has no `{wrong}`"))
                .with_help("`minutes` goes with method `time`; `quantity` and `share` with method `driver`"),
        })
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
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Time => "minutes",
            Self::Driver | Self::Direct => "quantity",
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

fn columns_of(source: DriverSource) -> String {
    source.table().columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
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
        c::FIXED_SHARE => vec![1.0; rows.len()],
        c::PASSES_ON => vec![false; rows.len()],
        c::DESCRIPTION => vec![None::<&str>; rows.len()],
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
    let source = |a: &ActivityConfig| (a.method != Method::Direct).then(|| a.source.name());
    let frame = df!(
        c::ACTIVITY => each(|(name, _)| name.clone()),
        c::LABEL => each(|(name, a)| a.label.clone().unwrap_or_else(|| name.clone())),
        c::POOL => each(|(_, a)| a.pool.clone()),
        c::METHOD => each(|(_, a)| a.method.name().to_owned()),
        c::STEP => each(|(_, a)| a.step.name().to_owned()),
        c::COMPENSATION => rows().map(|(_, a)| a.compensation).collect::<Vec<bool>>(),
        c::SOURCE => rows().map(|(_, a)| source(a)).collect::<Vec<_>>(),
        c::DESCRIPTION => rows().map(|(_, a)| a.description()).collect::<Vec<_>>(),
    )?;
    Ok(Frame::try_new(frame.lazy())?)
}

impl ActivityConfig {
    /// `3 + 1.5*lines where channel = 'phone'`
    fn description(&self) -> Option<String> {
        let measure = self.measure()?;
        Some(self.condition.as_ref().map_or_else(|| measure.to_owned(), |cond| format!("{measure} where {cond}")))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn activity(method: Method) -> ActivityConfig {
        ActivityConfig {
            label: None,
            pool: "desk".into(),
            method,
            source: DriverSource::Orders,
            minutes: (method == Method::Time).then(|| "2 + lines".into()),
            quantity: (method == Method::Driver).then(|| "1".into()),
            condition: None,
            share: None,
            step: Step::CostToServe,
            compensation: false,
        }
    }

    fn problems(activities: impl IntoIterator<Item = ActivityConfig>) -> String {
        let named = activities.into_iter().enumerate().map(|(n, activity)| (format!("a{n}"), activity)).collect();
        let config = ProfitConfig { pools: [("desk".into(), PoolConfig::default())].into(), activities: named };
        let line = |p: Problem| format!("{}: {} ({})", p.key.join("."), p.message, p.help.unwrap_or_default());
        config.check().into_iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_sound_configuration_has_no_problems() {
        assert_eq!(problems([activity(Method::Time), activity(Method::Direct)]), "");
        assert_eq!(problems([activity(Method::Driver), activity(Method::Direct)]), "");
    }

    #[test]
    fn every_fault_is_named_at_its_key() {
        let wrong_pool = ActivityConfig { pool: "dsk".into(), ..activity(Method::Time) };
        let no_minutes = ActivityConfig { minutes: None, ..activity(Method::Time) };
        let wrong_column = ActivityConfig { minutes: Some("2*lnes".into()), ..activity(Method::Time) };
        let wrong_key = ActivityConfig { minutes: Some("1".into()), ..activity(Method::Direct) };
        let too_much = ActivityConfig { share: Some(1.5), ..activity(Method::Driver) };
        insta::assert_snapshot!(problems([wrong_pool, no_minutes, wrong_column, wrong_key, too_much]), @r#"
        activity.a0.pool: there is no [pool.dsk] (did you mean `desk`? Else add [pool.dsk])
        activity.a1: method `time` needs `minutes` (add `minutes = "…"`, an SQL expression over a row of `orders`)
        activity.a2.minutes: `lnes` is no column of `orders`; did you mean `lines`? (columns of a row of `orders`: period, customer_key, order_key, order_date, lines, quantity, net_amount, list_amount, discount_amount, cogs_amount, freight_charged, lines_below_cost, lines_with_list, lines_with_cogs, lines_with_freight, channel, employee_id, ship_to_id, warehouse, order_kind, delivery)
        activity.a3.minutes: method `direct` has no `minutes` (`minutes` goes with method `time`; `quantity` and `share` with method `driver`)
        activity.a4.share: a share lies above 0 and up to 1 ()
        activity.a4.share: the shares of pool `desk` sum to more than 1 (shares are parts of one: 0.7, 0.2, 0.1)
        "#);
    }

    #[test]
    fn minutes_must_be_minutes_and_a_quantity_a_number() {
        let money = ActivityConfig { minutes: Some("3 + net_amount".into()), ..activity(Method::Time) };
        let text = ActivityConfig { minutes: Some("channel".into()), ..activity(Method::Time) };
        let half = || ActivityConfig { share: Some(0.5), ..activity(Method::Driver) };
        let comparison = ActivityConfig { quantity: Some("lines > 3".into()), ..half() };
        let value = ActivityConfig { quantity: Some("net_amount".into()), ..half() };
        insta::assert_snapshot!(problems([money, text, comparison, value]), @r"
        activity.a0.minutes: `net_amount` is an amount of money, not minutes (say how many minutes per unit, such as `0.01*net_amount`)
        activity.a1.minutes: `channel` is a text, not a number (minutes and quantities are numbers, such as `2` or `case when channel = 'phone' then 2 else 0 end`)
        activity.a2.quantity: `lines > 3` is true or false, not a number (say what it counts for, such as `case when lines > 3 then 1 else 0 end`)
        ");
    }

    #[test]
    fn two_drivers_of_one_pool_must_say_their_shares() {
        insta::assert_snapshot!(problems([activity(Method::Driver), activity(Method::Driver)]), @"activity.a0: which part of pool `desk` does `a0` take? Others take from it too (add `share = 0.5`, or whatever the part is)");
    }

    #[test]
    fn a_pool_has_one_direct_activity() {
        insta::assert_snapshot!(problems([activity(Method::Direct), activity(Method::Direct)]), @"activity.a1: pool `desk` has a `direct` activity already: `a0` (keep one of them: it takes every booking of the pool that names a customer)");
    }
}
