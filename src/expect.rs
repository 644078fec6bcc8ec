//! `[expect]`: expectations for a run. Each one measures one thing, and warns or fails above a limit before anything is published, so
//! readers keep seeing the previous result.
//!
//! ```toml
//! [expect]
//! volume = { fail = 0.5 }                     # the last closed month has half as many lines as those before it, or twice as many
//! freshness = { warn = 3, fail = 7 }          # days since the last order line
//! closed_month = { warn = 0, fail = 0.01 }    # a closed month says something else than yesterday
//! ```

use std::collections::BTreeMap;

use netto_lake::Lake;
use netto_model::frame::{Contract, DataReadiness, DimWindow, PoolBalance, Waterfall};
use netto_model::money::{counted, in_cents};
use netto_model::{Frame, Money, Period, Problem, Warning, column as c};
use polars::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::failure::Failure;
use crate::journal::{Entry, Journal};
use crate::loads;
use crate::output::count;
use crate::pipeline::Computed;
use crate::project::Project;
use crate::scenarios;

/// Expectations for a run; only those that are set are checked.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ExpectConfig {
    /// Order lines of the last closed month, against the mean of up to twelve months before it: `0.3` is 30 % more or less.
    pub(crate) volume: Option<Limits>,
    /// Days from the last order line to today.
    pub(crate) freshness: Option<Limits>,
    /// Part of the amount that is set apart, for the source with the largest part.
    pub(crate) set_apart: Option<Limits>,
    /// Part of the cost of the main window that is unassigned.
    pub(crate) unassigned: Option<Limits>,
    /// Change of the gross margin since the last run, as a part of revenue: from 24 % to 22 % is `0.02`. For the main window.
    pub(crate) margin: Option<Limits>,
    /// Change of the net profit of a closed month since the last run, as a part of its revenue; for the month that changed most.
    pub(crate) closed_month: Option<Limits>,
    /// Change of customers, orders, revenue, margin or net profit of the main window since the last run, as a multiple of the usual change from run
    /// to run: `5` is five times as much. Needs eight changes among the last thirty runs.
    pub(crate) unusual: Option<Limits>,
}

/// The value above which a run warns, and the value above which it fails with exit code 3.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// The run warns above this.
    pub(crate) warn: Option<f64>,
    /// Nothing is published above this.
    pub(crate) fail: Option<f64>,
}

/// A measured value, as a number and in words.
type Measured = Option<(f64, String)>;
type Measure = fn(&Night<'_>) -> Result<Measured, Failure>;
type Rule = (&'static str, fn(&ExpectConfig) -> Option<Limits>, Measure);

const RULES: [Rule; 7] = [
    ("volume", |expect| expect.volume, volume),
    ("freshness", |expect| expect.freshness, freshness),
    ("set_apart", |expect| expect.set_apart, set_apart),
    ("unassigned", |expect| expect.unassigned, unassigned),
    ("margin", |expect| expect.margin, |night| Ok(margin(night))),
    ("closed_month", |expect| expect.closed_month, closed_month),
    ("unusual", |expect| expect.unusual, |night| Ok(unusual(night))),
];

impl ExpectConfig {
    /// Invalid limits.
    pub(crate) fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (name, limits) in RULES.into_iter().filter_map(|(name, of, _)| Some((name, of(self)?))) {
            let Limits { warn, fail } = limits;
            let wrong = match (warn, fail) {
                (None, None) => "neither `warn` nor `fail` is set",
                _ if [warn, fail].into_iter().flatten().any(|limit| limit.is_nan() || limit < 0.0) => {
                    "a limit can't be negative"
                }
                (Some(warn), Some(fail)) if warn > fail => "`fail` is below `warn`, so it would never warn",
                _ => continue,
            };
            let problem = Problem::at(["expect", name], format!("`{name}`: {wrong}"));
            problems.push(
                problem.with_help(format!("write {name} = {{ warn = 0.1, fail = 0.5 }}, or only one of the two")),
            );
        }
        problems
    }
}

/// A run before it is published, with the earlier runs.
pub(crate) struct Night<'a> {
    pub(crate) project: &'a Project,
    pub(crate) lake: &'a Lake,
    pub(crate) computed: &'a Computed,
    /// Its headline figures by window.
    pub(crate) windows: &'a Value,
}

/// The expectations that are missed with a warning only.
///
/// # Errors
/// Every expectation that fails, each with its line.
pub(crate) fn check(night: &Night<'_>) -> Result<Vec<Warning>, Failure> {
    let (mut warnings, mut problems) = (Vec::new(), Vec::new());
    for (name, limits, measure) in RULES {
        let Some(limits) = limits(&night.project.config.expect) else { continue };
        let Some((value, said)) = measure(night)? else { continue };
        let above = |limit: Option<f64>| limit.filter(|limit| value > *limit);
        let not_as_expected = |limit: f64| format!("not as expected, {name}: {said} (limit {limit})");
        if let Some(limit) = above(limits.fail) {
            let problem = Problem::at(["expect", name], not_as_expected(limit));
            problems.push(
                problem
                    .with_help("nothing was published; if the value is right, raise `fail` for this run or remove it"),
            );
        } else if let Some(limit) = above(limits.warn) {
            warnings.push(Warning::note("not_as_expected", not_as_expected(limit)).at(["expect", name]));
        }
    }
    if problems.is_empty() { Ok(warnings) } else { Err(Failure::disagreement(night.project.document.faults(problems))) }
}

fn volume(night: &Night<'_>) -> Result<Measured, Failure> {
    let lines = by_month(night.computed.table::<Waterfall>()?, c::LINES)?;
    let last = night.computed.last_month;
    let before: Vec<i128> = lines.range(last.plus(-12)..last).map(|(_, lines)| *lines).collect();
    let now = lines.get(&last).copied().unwrap_or_default();
    let months = i128::try_from(before.len()).unwrap_or_default();
    // One or two months don't show what is usual.
    let sum: i128 = before.iter().sum();
    let Some(change) = share(now * months - sum, sum).filter(|_| months > 2) else { return Ok(None) };
    let said = format!(
        "{last} has {} order lines; the {months} months before it usually had {}",
        count(now),
        count(sum / months)
    );
    Ok(Some((change.abs(), said)))
}

fn freshness(night: &Night<'_>) -> Result<Measured, Failure> {
    let readiness = night.computed.table::<DataReadiness>()?;
    let last = || {
        let sources = readiness.column(c::SOURCE)?.str()?;
        let row = sources.iter().position(|source| source == Some("order_lines"));
        Ok::<_, PolarsError>(row.and_then(|row| readiness.column("last_date").ok()?.date().ok()?.physical().get(row)))
    };
    let Some(last) = last().map_err(|error| unread(&error))? else { return Ok(None) };
    let day = chrono::NaiveDate::default() + chrono::Duration::days(last.into());
    let days = (chrono::Utc::now().date_naive() - day).num_days().max(0);
    Ok(i32::try_from(days)
        .ok()
        .map(|days| (f64::from(days), format!("the last order line is from {day}, {days} days ago"))))
}

fn set_apart(night: &Night<'_>) -> Result<Measured, Failure> {
    let all = night.lake.set_apart()?;
    let shares = all
        .iter()
        .filter_map(|(source, of)| Some((of.estimated_share()?, format!("{source}: {}", loads::missing(of)?))));
    Ok(shares.max_by(|(one, _), (other, _)| one.total_cmp(other)))
}

fn unassigned(night: &Night<'_>) -> Result<Measured, Failure> {
    let windows = Frame::<DimWindow>::try_new(night.computed.table::<DimWindow>()?.clone().lazy())?;
    let window = scenarios::window(&windows, "main")?;
    let pools = night.computed.table::<PoolBalance>()?;
    let sum = |column| {
        Ok::<i128, Failure>(by_month(pools, column)?.range(window.first..=window.last).map(|(_, sum)| sum).sum())
    };
    let (unassigned, own) = (sum(c::UNASSIGNED_AMOUNT)?, sum(c::OWN_AMOUNT)?);
    let said = format!("{} of {} of cost is unassigned", in_cents(unassigned), in_cents(own));
    Ok(share(unassigned, own).map(|share| (share.abs(), said)))
}

fn margin(night: &Night<'_>) -> Measured {
    let before = Journal::of(night.project).last_done()?;
    let of = |windows: &Value| share(figure(windows, c::GROSS_MARGIN)?, figure(windows, c::INVOICE_REVENUE)?);
    let (Some(before), Some(now)) = (of(&before.windows), of(night.windows)) else { return None };
    let said =
        format!("gross margin is {:.1} % of revenue; in the last run it was {:.1} %", now * 100.0, before * 100.0);
    Some(((now - before).abs(), said))
}

/// Measures changes in closed months, which readers expect to stay the same.
fn closed_month(night: &Night<'_>) -> Result<Measured, Failure> {
    let Some(entry) = Journal::of(night.project).last_done() else { return Ok(None) };
    let Some(through) = entry.data_through.as_ref().and_then(|month| month.parse::<Period>().ok()) else {
        return Ok(None);
    };
    // Unless configured otherwise, the last month of the data is still open.
    let closed = if night.project.config.closed_through().is_some() { through } else { through.plus(-1) };
    let folder = night.project.run_folder(entry.run_id.as_deref().unwrap_or_default());
    let Ok(published) = netto_publish::read(&folder, Waterfall::TABLE) else { return Ok(None) };
    let published = Frame::<Waterfall>::try_new(published.lazy())?;
    let published = published.data();
    let now = by_month(night.computed.table::<Waterfall>()?, c::NET_PROFIT)?;
    let (before, revenue) = (by_month(published, c::NET_PROFIT)?, by_month(published, c::INVOICE_REVENUE)?);
    let mut changed: Vec<(f64, Period, i128)> = Vec::new();
    for (month, before) in before.range(..=closed) {
        let change = now.get(month).copied().unwrap_or_default() - before;
        if let Some(share) = share(change, revenue.get(month).copied().unwrap_or_default()).filter(|_| change != 0) {
            changed.push((share.abs(), *month, change));
        }
    }
    changed.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    let first = changed.first();
    Ok(first.map(|(share, month, change)| {
        let many = counted(changed.len() as u64, "closed month has", "closed months have");
        let said = format!(
            "{many} a different net profit than in the last run, {month} by {} or {:.1} % of its revenue; `netto diff` shows why once it is published",
            in_cents(*change),
            share * 100.0
        );
        (*share, said)
    }))
}

/// Number of runs examined, and the minimum number of changes that show what is usual.
const LOOKED_AT: usize = 30;
const USUAL: usize = 8;

fn unusual(night: &Night<'_>) -> Measured {
    let runs: Vec<Entry> = Journal::of(night.project).done().take(LOOKED_AT).collect();
    let figures = [c::CUSTOMERS, c::ORDERS, c::INVOICE_REVENUE, c::GROSS_MARGIN, c::NET_PROFIT];
    let found = figures.into_iter().filter_map(|name| {
        // Newest first.
        let before: Vec<i128> = runs.iter().filter_map(|run| figure(&run.windows, name)).collect();
        let (now, last) = (figure(night.windows, name)?, *before.first()?);
        let mut changes: Vec<i128> =
            before.windows(2).map(|two| (two[0] - two[1]).abs()).filter(|change| *change > 0).collect();
        changes.sort_unstable();
        let usual = *changes.get(changes.len() / 2).filter(|_| changes.len() >= USUAL)?;
        let times = share((now - last).abs(), usual)?;
        let said = format!("{name} of the main window changed by {times:.1} times as much as it usually does");
        Some((times, said))
    });
    found.max_by(|(one, _), (other, _)| one.total_cmp(other))
}

/// A figure of the main window: amounts in ten-thousandths, counts as they are.
fn figure(windows: &Value, name: &str) -> Option<i128> {
    let value = windows.get("main")?.get(name)?;
    let amount = || value.as_str()?.parse::<Money>().ok().map(|money| i128::from(money.units()));
    value.as_i64().map(i128::from).or_else(amount)
}

fn by_month(rows: &DataFrame, column: &str) -> Result<BTreeMap<Period, i128>, Failure> {
    let mut sums: BTreeMap<Period, i128> = BTreeMap::new();
    let mut add = || {
        let days = rows.column(c::PERIOD)?.date()?.physical().clone();
        for (day, units) in days.iter().zip(rows.column(column)?.i64()?.iter()) {
            if let (Some(day), Some(units)) = (day, units) {
                *sums.entry(Period::of_day(day)).or_default() += i128::from(units);
            }
        }
        Ok::<_, PolarsError>(())
    };
    add().map_err(|error| unread(&error))?;
    Ok(sums)
}

fn unread(error: &PolarsError) -> Failure {
    Failure::failed("the figures could not be read", error)
}

/// A part of a whole; `None` if the whole is zero.
#[expect(clippy::cast_precision_loss, reason = "compared with a limit that somebody wrote, and shown")]
fn share(part: i128, whole: i128) -> Option<f64> {
    (whole != 0).then(|| part as f64 / whole as f64)
}
