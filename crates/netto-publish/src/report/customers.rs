//! The list of customers, the ten best and worst, and what opens on a click.
//!
//! Amounts for the script are whole cents: `{"id": "C7", "steps": [10000, 1500, …], "months": [[8500, 3700], …]}`.

use std::collections::BTreeMap;

use minijinja::{Value, context};
use netto_model::money::divide_half_even;
use netto_model::{Period, column as c, contract};
use polars::prelude::*;
use serde_json::json;

use super::certainty::Bands;
use super::figures::{Marts, share, text, units};
use super::format::Format;
use super::labels::Labels;
use crate::PublishError;

/// The customers of the main window.
pub(super) struct Listed {
    pub(super) rows: Vec<Value>,
    pub(super) top: Vec<Value>,
    pub(super) bottom: Vec<Value>,
    pub(super) data: serde_json::Value,
}

/// How many of the best and the worst.
const FEW: usize = 10;

/// The waterfall as it is drawn: column, label, how it moves (sum, minus, plus), flag of its input.
const STEPS: [(&str, &str, &str, Option<&str>); 13] = [
    (c::LIST_REVENUE, "List revenue", "sum", Some(c::LIST_SUPPLIED)),
    (c::INVOICE_DISCOUNT, "Invoice discount", "minus", Some(c::LIST_SUPPLIED)),
    (c::INVOICE_REVENUE, "Invoice revenue", "sum", None),
    (c::REBATES_GIVEN, "Rebates given", "minus", Some(c::REBATES_SUPPLIED)),
    (c::PAYMENT_TERMS, "Payment terms", "minus", Some(c::PAYMENT_TERMS_SUPPLIED)),
    (c::FREIGHT_CHARGED, "Freight charged", "plus", Some(c::FREIGHT_CHARGED_SUPPLIED)),
    (c::FREIGHT_COST, "Freight cost", "minus", Some(c::FREIGHT_COST_SUPPLIED)),
    (c::POCKET_REVENUE, "Pocket revenue", "sum", None),
    (c::COGS, "Cost of goods sold", "minus", Some(c::COGS_SUPPLIED)),
    (c::REBATES_RECEIVED, "Rebates received", "plus", Some(c::REBATES_RECEIVED_SUPPLIED)),
    (c::GROSS_MARGIN, "Gross margin", "sum", None),
    (c::COST_TO_SERVE, "Cost-to-serve", "minus", Some(c::COST_TO_SERVE_SUPPLIED)),
    (c::NET_PROFIT, "Net profit", "sum", None),
];

pub(super) fn customers(marts: &Marts<'_>, format: &Format) -> Result<Listed, PublishError> {
    let names = marts.all(&contract::DIM_CUSTOMER);
    let name = [col(c::CUSTOMER_ID), col(c::NAME), col(c::MARKET), col(c::REGION)];
    let data = marts
        .main(&contract::CUSTOMER_WINDOW)?
        .lazy()
        .join(names.lazy().select(name), [col(c::CUSTOMER_ID)], [col(c::CUSTOMER_ID)], JoinArgs::new(JoinType::Left))
        .sort([c::RANK, c::CUSTOMER_ID], SortMultipleOptions::default().with_nulls_last(true))
        .collect()?;
    let bands = Bands::new(marts)?;
    let rows = (0..data.height()).map(|row| shown(&data, row, &bands, format)).collect::<PolarsResult<Vec<_>>>()?;
    let mut by_profit: Vec<(i64, usize)> = Vec::new();
    for row in 0..data.height() {
        by_profit.push((units(&data, c::NET_PROFIT, row)?, row));
    }
    by_profit.sort_by_key(|(profit, row)| (std::cmp::Reverse(*profit), *row));
    let pick =
        |places: &[(i64, usize)]| places.iter().filter_map(|(_, row)| rows.get(*row).cloned()).collect::<Vec<_>>();
    let top = pick(&by_profit.iter().take(FEW).copied().collect::<Vec<_>>());
    let bottom = pick(&by_profit.iter().rev().take(FEW).copied().collect::<Vec<_>>());
    let data = details(marts, &data, &bands, format)?;
    Ok(Listed { rows, top, bottom, data })
}

fn shown(data: &DataFrame, row: usize, bands: &Bands, format: &Format) -> PolarsResult<Value> {
    let id = text(data, c::CUSTOMER_ID, row)?;
    let band = bands.get(&id);
    let money = |name: &str| units(data, name, row).map(|amount| format.whole(amount));
    Ok(context! {
        id => id,
        name => text(data, c::NAME, row)?,
        tier => text(data, c::TIER, row)?,
        place => [text(data, c::MARKET, row)?, text(data, c::REGION, row)?].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
        orders => format.grouped(units(data, c::ORDERS, row)?),
        revenue => money(c::INVOICE_REVENUE)?,
        margin => money(c::GROSS_MARGIN)?,
        margin_share => format.percent(share(data, c::MARGIN_SHARE, row)?),
        cost => money(c::COST_TO_SERVE)?,
        profit => money(c::NET_PROFIT)?,
        negative => units(data, c::NET_PROFIT, row)? < 0,
        ..context! {
            band => band.map(|band| format!("{} to {}", format.whole(band.low), format.whole(band.high))),
            doubtful => band.is_some_and(|band| !band.certain),
        }
    })
}

/// Everything that the panel of a customer needs.
fn details(
    marts: &Marts<'_>,
    listed: &DataFrame,
    bands: &Bands,
    format: &Format,
) -> Result<serde_json::Value, PublishError> {
    let waterfalls = waterfalls(marts)?;
    let mut activities = activities(marts)?;
    let months = months(marts)?;
    let mut trends = trends(marts, &months)?;
    let mut customers = serde_json::Map::new();
    let ids = waterfalls
        .column(c::CUSTOMER_ID)
        .map(|ids| ids.str().map(|ids| ids.iter().flatten().map(str::to_owned).collect::<Vec<_>>()));
    let row_of: BTreeMap<String, usize> = ids??.into_iter().zip(0..).collect();
    for row in 0..listed.height() {
        let id = text(listed, c::CUSTOMER_ID, row)?;
        let steps =
            STEPS.map(|(name, ..)| row_of.get(&id).map_or(Ok(0), |row| units(&waterfalls, name, *row)).map(cents));
        let missing = STEPS.iter().zip(0..).filter_map(|((.., flag), step)| {
            let supplied = waterfalls.column((*flag)?).ok()?.bool().ok()?.get(*row_of.get(&id)?);
            (supplied == Some(false)).then_some(step)
        });
        customers.insert(
            id.clone(),
            json!({
                "name": text(listed, c::NAME, row)?,
                "tier": text(listed, c::TIER, row)?,
                "steps": steps.into_iter().collect::<PolarsResult<Vec<_>>>()?,
                "missing": missing.collect::<Vec<usize>>(),
                "band": bands.get(&id).map(|band| json!([cents(band.low), cents(band.high), band.certain])),
                "activities": activities.remove(&id).unwrap_or_default(),
                "trend": trends.remove(&id).unwrap_or_default(),
            }),
        );
    }
    let known = marts.all(&contract::DIM_ACTIVITY);
    let (labels, pools) = (Labels::activities(marts)?, Labels::pools(marts)?);
    let activity = |row: usize| -> PolarsResult<_> {
        Ok(json!([
            labels.get(&text(&known, c::ACTIVITY, row)?),
            text(&known, c::METHOD, row)?,
            pools.get(&text(&known, c::POOL, row)?)
        ]))
    };
    Ok(json!({
        "decimal": format.decimal, "thousands": format.thousands, "currency": format.currency,
        "steps": STEPS.map(|(name, label, kind, _)| json!([name, label, kind])).to_vec(),
        "activities": (0..known.height()).map(activity).collect::<PolarsResult<Vec<_>>>()?,
        "months": months.iter().map(|month| format.month(month.first_day())).collect::<Vec<_>>(),
        "customers": customers,
    }))
}

fn cents(units: i64) -> i64 {
    i64::try_from(divide_half_even(units.into(), 100)).unwrap_or_default()
}

/// Per customer the steps of the window, and whether each rests on data in every month.
fn waterfalls(marts: &Marts<'_>) -> PolarsResult<DataFrame> {
    let sums = STEPS.map(|(name, ..)| col(name).sum());
    let mut flags: Vec<&str> = STEPS.into_iter().filter_map(|(.., flag)| flag).collect();
    flags.dedup();
    let flags = flags.into_iter().map(|name| col(name).all(true));
    let plan = marts.in_window(&contract::FCT_CUSTOMER_MONTH)?;
    plan.group_by([col(c::CUSTOMER_ID)]).agg(sums.into_iter().chain(flags).collect::<Vec<_>>()).collect()
}

/// Per customer: `[index of the activity, quantity in hundredths, cents]`.
fn activities(marts: &Marts<'_>) -> PolarsResult<BTreeMap<String, Vec<[i64; 3]>>> {
    let names = marts.all(&contract::DIM_ACTIVITY);
    let index: BTreeMap<&str, i64> = names.column(c::ACTIVITY)?.str()?.iter().flatten().zip(0..).collect();
    let plan = marts.in_window(&contract::FCT_CUSTOMER_ACTIVITY_MONTH)?;
    let data = plan
        .group_by([col(c::CUSTOMER_ID), col(c::ACTIVITY)])
        .agg([col(c::QUANTITY).sum(), col(c::AMOUNT).sum()])
        .sort([c::CUSTOMER_ID, c::ACTIVITY], SortMultipleOptions::default())
        .collect()?;
    let mut found: BTreeMap<String, Vec<[i64; 3]>> = BTreeMap::new();
    for row in 0..data.height() {
        let place = index.get(text(&data, c::ACTIVITY, row)?.as_str()).copied().unwrap_or_default();
        let line = [place, cents(units(&data, c::QUANTITY, row)?), cents(units(&data, c::AMOUNT, row)?)];
        found.entry(text(&data, c::CUSTOMER_ID, row)?).or_default().push(line);
    }
    Ok(found)
}

fn months(marts: &Marts<'_>) -> PolarsResult<Vec<Period>> {
    let data = marts.all(&contract::DIM_PERIOD);
    Ok(data.column(c::PERIOD)?.date()?.physical().iter().flatten().map(Period::of_day).collect())
}

/// Per customer: `[index of the month, revenue, net profit]` of the months with either, in cents.
fn trends(marts: &Marts<'_>, months: &[Period]) -> PolarsResult<BTreeMap<String, Vec<[i64; 3]>>> {
    let data = marts.all(&contract::FCT_CUSTOMER_MONTH);
    let index: BTreeMap<i32, i64> = months.iter().map(|month| month.first_day()).zip(0..).collect();
    let days = data.column(c::PERIOD)?.date()?.physical().clone();
    let mut found: BTreeMap<String, Vec<[i64; 3]>> = BTreeMap::new();
    for row in 0..data.height() {
        let month = days.get(row).and_then(|day| index.get(&day)).copied().unwrap_or_default();
        let point = [month, cents(units(&data, c::INVOICE_REVENUE, row)?), cents(units(&data, c::NET_PROFIT, row)?)];
        found.entry(text(&data, c::CUSTOMER_ID, row)?).or_default().push(point);
    }
    Ok(found)
}
