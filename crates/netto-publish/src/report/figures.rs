//! The marts as values for the template: the main window's figures, formatted.

use std::collections::BTreeMap;

use minijinja::{Value, context};
use netto_model::frame::schema;
use netto_model::{Mart, Period, Table, column as c, contract};
use polars::prelude::*;

use super::bridge::bridge;
use super::capacity::capacity;
use super::certainty::Bands;
use super::chart::{Chart, Layer, Line, Rule, pyramid};
use super::format::Format;
use super::rebates::near_misses;

/// The window that the report is about.
const MAIN: &str = "main";

/// The marts by name.
pub(super) struct Marts<'a>(BTreeMap<&'static str, &'a DataFrame>);

impl<'a> Marts<'a> {
    pub(super) fn new(marts: &'a [Mart]) -> Self {
        Self(marts.iter().map(|mart| (mart.table.name, &mart.data)).collect())
    }

    /// All rows of a table; none when it wasn't made.
    pub(super) fn all(&self, table: &Table) -> DataFrame {
        self.0.get(table.name).map_or_else(|| DataFrame::empty_with_schema(&schema(table)), |&data| data.clone())
    }

    /// The rows of the main window.
    pub(super) fn main(&self, table: &Table) -> PolarsResult<DataFrame> {
        self.all(table).lazy().filter(col(c::WINDOW).eq(lit(MAIN))).collect()
    }

    /// First and last day of the main window's months.
    pub(super) fn window(&self) -> PolarsResult<(i32, i32)> {
        let window = self.main(&contract::DIM_WINDOW)?;
        let day = |name| Ok::<_, PolarsError>(window.column(name)?.date()?.physical().iter().next().flatten());
        Ok((day(c::FIRST_PERIOD)?.unwrap_or(i32::MAX), day(c::LAST_PERIOD)?.unwrap_or(i32::MIN)))
    }

    /// The rows of a monthly table in the months of the main window.
    pub(super) fn in_window(&self, table: &Table) -> PolarsResult<LazyFrame> {
        let (first, last) = self.window()?;
        let day = || col(c::PERIOD).cast(DataType::Int32);
        Ok(self.all(table).lazy().filter(day().gt_eq(lit(first)).and(day().lt_eq(lit(last)))))
    }
}

/// A whole number or amount of a row.
pub(super) fn units(data: &DataFrame, column: &str, row: usize) -> PolarsResult<i64> {
    Ok(data.column(column)?.i64()?.get(row).unwrap_or_default())
}

/// A share of a row.
pub(super) fn share(data: &DataFrame, column: &str, row: usize) -> PolarsResult<Option<f64>> {
    Ok(data.column(column)?.f64()?.get(row))
}

/// A text of a row.
pub(super) fn text(data: &DataFrame, column: &str, row: usize) -> PolarsResult<String> {
    Ok(data.column(column)?.str()?.get(row).unwrap_or_default().to_owned())
}

/// Everything above the list of customers.
pub(super) fn figures(marts: &Marts<'_>, format: &Format) -> PolarsResult<Value> {
    let summary = marts.main(&contract::WINDOW_SUMMARY)?;
    Ok(context! {
        window => window(marts, format)?,
        empty => summary.height() == 0,
        headline => if summary.height() > 0 { headline(&summary, marts, format)? } else { Value::from(()) },
        ..context! {
            pyramid => tiers(marts, format)?,
            pyramid_chart => Value::from_safe_string(tier_chart(marts, format)?),
            concentration_chart => Value::from_safe_string(concentration(marts)?),
            whale_chart => Value::from_safe_string(whale(marts, &summary, format)?),
            whale_note => whale_note(&summary, format)?,
            migration => migration(marts, format)?,
            bridge => bridge(marts, format)?,
            capacity => capacity(marts, format)?,
            rebates => near_misses(marts, format)?,
        }
    })
}

/// The first and the last day, as the configuration writes dates.
fn window(marts: &Marts<'_>, format: &Format) -> PolarsResult<String> {
    let (first, last) = marts.window()?;
    if first > last {
        return Ok("no closed months".into());
    }
    let last_day = Period::of_day(last).plus(1).first_day() - 1;
    Ok(format!("{} – {}", format.date(first), format.date(last_day)))
}

fn headline(summary: &DataFrame, marts: &Marts<'_>, format: &Format) -> PolarsResult<Value> {
    let money = |name: &str| units(summary, name, 0).map(|amount| format.whole(amount));
    let count = |name: &str| units(summary, name, 0).map(|number| format.grouped(number));
    let percent = |name: &str| share(summary, name, 0).map(|part| format.percent(part));
    let figure = |label: &str, name: &str| -> PolarsResult<Value> {
        Ok(context! { label => label, value => money(name)?, negative => units(summary, name, 0)? < 0 })
    };
    Ok(context! {
        figures => vec![
            figure("Invoice revenue", c::INVOICE_REVENUE)?,
            figure("Gross margin", c::GROSS_MARGIN)?,
            figure("Cost-to-serve", c::COST_TO_SERVE)?,
            figure("Net profit of customers", c::NET_PROFIT)?,
            figure("Idle capacity", c::IDLE_AMOUNT)?,
            figure("Unassigned", c::UNASSIGNED_AMOUNT)?,
            figure("Result, ties to the ledger", c::RESULT)?,
        ],
        ledger => money(c::LEDGER_AMOUNT)?,
        imputed => (units(summary, c::IMPUTED_AMOUNT, 0)? != 0).then(|| money(c::IMPUTED_AMOUNT)).transpose()?,
        customers => count(c::CUSTOMERS)?,
        orders => count(c::ORDERS)?,
        lines => count(c::LINES)?,
        losing => count(c::LOSS_CUSTOMERS)?,
        certainty => Bands::new(marts)?.counts(format),
        loss => money(c::LOSS_AMOUNT)?.replace('−', ""),
        top_revenue => percent(c::TOP_REVENUE_SHARE)?,
        top_cost => percent(c::TOP_COST_SHARE)?,
        top_margin => percent(c::TOP_MARGIN_SHARE)?,
        tail_customers => count(c::TAIL_CUSTOMERS)?,
        tail_cost => percent(c::TAIL_COST_SHARE)?,
        gini => share(summary, c::GINI, 0)?.map_or_else(|| "–".into(), |gini| format.decimals(gini, 2)),
    })
}

fn tiers(marts: &Marts<'_>, format: &Format) -> PolarsResult<Vec<Value>> {
    let data = marts.main(&contract::PYRAMID)?.sort([c::TIER_ORDER], SortMultipleOptions::default())?;
    let row = |row: usize| -> PolarsResult<Value> {
        let money = |name: &str| units(&data, name, row).map(|amount| format.whole(amount));
        let percent = |name: &str| share(&data, name, row).map(|part| format.percent(part));
        Ok(context! {
            tier => text(&data, c::TIER, row)?,
            customers => format.grouped(units(&data, c::CUSTOMERS, row)?),
            revenue => money(c::INVOICE_REVENUE)?,
            revenue_share => percent(c::REVENUE_SHARE)?,
            margin => money(c::GROSS_MARGIN)?,
            cost => money(c::COST_TO_SERVE)?,
            cost_share => percent(c::COST_SHARE)?,
            profit => money(c::NET_PROFIT)?,
            profit_share => percent(c::PROFIT_SHARE)?,
            negative => units(&data, c::NET_PROFIT, row)? < 0,
            hours => format.grouped(units(&data, c::MINUTES, row)? / 600_000),
            losing => format.grouped(units(&data, c::LOSS_CUSTOMERS, row)?),
            wallet => percent(c::SHARE_OF_WALLET)?,
        })
    };
    (0..data.height()).map(row).collect()
}

fn tier_chart(marts: &Marts<'_>, format: &Format) -> PolarsResult<String> {
    let data = marts.main(&contract::PYRAMID)?.sort([c::TIER_ORDER], SortMultipleOptions::default())?;
    let layer = |row: usize| -> PolarsResult<Layer> {
        let customers = format.grouped(units(&data, c::CUSTOMERS, row)?);
        let label = match share(&data, c::REVENUE_SHARE, row)? {
            Some(part) if part > 0.0 => format!("{customers} · {} of revenue", format.percent(Some(part))),
            _ => customers,
        };
        Ok(Layer { name: text(&data, c::TIER, row)?, label, losing: units(&data, c::NET_PROFIT, row)? < 0 })
    };
    Ok(pyramid(&(0..data.height()).map(layer).collect::<PolarsResult<Vec<_>>>()?))
}

fn concentration(marts: &Marts<'_>) -> PolarsResult<String> {
    let data = marts.main(&contract::CONCENTRATION)?;
    let curve = |class: &'static str, name: &str| -> PolarsResult<Line> {
        let shares = data.column(name)?.f64()?.iter();
        let points = shares.zip(1_i32..).filter_map(|(part, percent)| Some((f64::from(percent) / 100.0, part?)));
        Ok(Line { class, points: std::iter::once((0.0, 0.0)).chain(points).collect() })
    };
    let lines =
        vec![curve("revenue", c::REVENUE_SHARE)?, curve("margin", c::MARGIN_SHARE)?, curve("cost", c::COST_SHARE)?];
    let (low, high) = bounds(&lines);
    let heights = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0];
    let rules =
        heights.map(|y| Rule { y, label: format!("{:.0} %", y * 100.0), class: if y == 0.0 { "zero" } else { "" } });
    let title = "Cumulative share of revenue, gross margin and cost-to-serve, customers by revenue".to_owned();
    Ok(Chart { title, low, high, rules: rules.into(), lines, area: false }.svg())
}

fn bounds(lines: &[Line]) -> (f64, f64) {
    let values = || lines.iter().flat_map(|line| line.points.iter().map(|point| point.1));
    (values().fold(0.0, f64::min), values().fold(1.0, f64::max))
}

/// Money or minutes as a height in a chart.
#[expect(clippy::cast_precision_loss, reason = "a place in a picture")]
pub(super) const fn height(units: i64) -> f64 {
    units as f64
}

/// A part of a whole, for display; nothing of nothing.
pub(super) fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| height(part) / height(whole))
}

fn whale(marts: &Marts<'_>, summary: &DataFrame, format: &Format) -> PolarsResult<String> {
    let data = marts.main(&contract::WHALE_CURVE)?;
    let across = data.column(c::CUMULATIVE_CUSTOMER_SHARE)?.f64()?.iter();
    let up = data.column(c::CUMULATIVE_PROFIT)?.i64()?.iter();
    let curve = across.zip(up).filter_map(|(across, up)| Some((across?, height(up?))));
    let points: Vec<_> = std::iter::once((0.0, 0.0)).chain(curve).collect();
    let low = points.iter().map(|point| point.1).fold(0.0, f64::min);
    let high = points.iter().map(|point| point.1).fold(0.0, f64::max);
    let mut rules = vec![Rule { y: 0.0, label: "0".into(), class: "zero" }];
    if summary.height() > 0 {
        let (peak, total) = (units(summary, c::PEAK_PROFIT, 0)?, units(summary, c::NET_PROFIT, 0)?);
        let largest = peak.max(total.saturating_abs());
        rules.push(Rule { y: height(peak), label: format.short(peak, largest), class: "peak" });
        let far_enough =
            (height(peak - total)).abs() > (high - low) * 0.06 && height(total).abs() > (high - low) * 0.06;
        let label = if far_enough { format.short(total, largest) } else { String::new() };
        rules.push(Rule { y: height(total), label, class: "total" });
    }
    let title = "Whale curve: cumulative net profit, customers by net profit".to_owned();
    Ok(Chart { title, low, high, rules, lines: vec![Line { class: "profit", points }], area: true }.svg())
}

/// What the curve says, in words.
fn whale_note(summary: &DataFrame, format: &Format) -> PolarsResult<String> {
    if summary.height() == 0 {
        return Ok(String::new());
    }
    let (peak, total) = (units(summary, c::PEAK_PROFIT, 0)?, units(summary, c::NET_PROFIT, 0)?);
    let earning = format.grouped(units(summary, c::PEAK_CUSTOMERS, 0)?);
    let (peak, total, currency) = (format.whole(peak), format.whole(total), &format.currency);
    let start = format!(
        "{earning} customers earn {currency} {peak} together, the peak. All customers leave {currency} {total}"
    );
    Ok(match share(summary, c::PEAK_TO_TOTAL, 0)? {
        Some(ratio) => format!(
            "{start}: the peak is {} of the total, and {} of it is kept.",
            format.percent(Some(ratio)),
            format.percent(share(summary, c::RETENTION, 0)?)
        ),
        None => {
            format!("{start}. The total is near or below zero, so only amounts are shown: shares of it would mislead.")
        }
    })
}

/// The matrix: previous tiers down, tiers across.
fn migration(marts: &Marts<'_>, format: &Format) -> PolarsResult<Value> {
    let data = marts.main(&contract::TIER_MIGRATION)?;
    let mut moves = BTreeMap::new();
    for row in 0..data.height() {
        let place = (text(&data, c::PREVIOUS_TIER, row)?, text(&data, c::TIER, row)?);
        moves.insert(
            place,
            (
                units(&data, c::CUSTOMERS, row)?,
                units(&data, c::INVOICE_REVENUE, row)? - units(&data, c::PREVIOUS_REVENUE, row)?,
            ),
        );
    }
    let place = |name: &str| contract::TIERS.iter().position(|tier| *tier == name).unwrap_or(usize::MAX);
    let in_order = |names: Vec<&String>| {
        let mut names: Vec<String> = names.into_iter().cloned().collect();
        names.sort_by_key(|name| place(name));
        names.dedup();
        names
    };
    let to = in_order(moves.keys().map(|(_, to)| to).collect());
    let from = in_order(moves.keys().map(|(from, _)| from).collect());
    let cell = |before: &String, after: &String| {
        let kind = match place(before).cmp(&place(after)) {
            std::cmp::Ordering::Greater => "up",
            std::cmp::Ordering::Less => "down",
            std::cmp::Ordering::Equal => "same",
        };
        moves.get(&(before.clone(), after.clone())).map(|(customers, gain)| {
            context! { customers => format.grouped(*customers), gain => format.whole(*gain), kind }
        })
    };
    let row = |before: &String| context! { tier => before.clone(), cells => to.iter().map(|after| cell(before, after)).collect::<Vec<_>>() };
    let rows: Vec<Value> = from.iter().map(row).collect();
    Ok(context! { to, rows })
}
