//! The customer pyramid (Curry, *Customer Marketing Method*): tiers with their customers, revenue, cost and profit.
//!
//! ```text
//! Top 3 · Large 10 · Medium 37 · Small 200, of 250 active customers; below them Inactive, Prospect, Suspect
//! ```

use std::collections::BTreeMap;

use netto_model::contract::TIERS;
use netto_model::frame::{Pyramid, PyramidGroup};
use netto_model::{Mart, column as c};
use polars::prelude::*;

use crate::book::{Book, absent};
use crate::columns::share;
use crate::customer_window::Customer;
use crate::{Inputs, SegmentError};

/// A tier added up.
#[derive(Clone, Debug, Default)]
struct Tier {
    customers: i64,
    revenue: i64,
    margin: i64,
    cost: i64,
    profit: i64,
    losing: i64,
    minutes: i64,
    potential: Option<i64>,
    revenue_with_potential: i64,
}

/// The table of all windows.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let potentials = potentials(book.inputs)?;
    let prospects = prospects(book.inputs)?;
    book.table::<Pyramid>(|named, customers| {
        let mut tiers = tiers(customers, &potentials);
        tiers.extend(prospects.clone());
        Ok(of_window(&named.name, &tiers)?)
    })
}

/// To be written.
pub(crate) fn by_group(_book: &Book<'_>) -> Result<Mart, SegmentError> {
    absent::<PyramidGroup>()
}

fn tiers(rows: &[Customer], potentials: &BTreeMap<String, i64>) -> BTreeMap<&'static str, Tier> {
    let mut tiers: BTreeMap<&'static str, Tier> = BTreeMap::new();
    for row in rows {
        let tier = tiers.entry(row.tier).or_default();
        tier.customers += 1;
        tier.revenue += row.revenue;
        tier.margin += row.margin;
        tier.cost += row.cost;
        tier.profit += row.profit;
        tier.losing += i64::from(row.profit < 0);
        tier.minutes += row.minutes;
        if let Some(potential) = potentials.get(&row.id) {
            *tier.potential.get_or_insert(0) += potential;
            tier.revenue_with_potential += row.revenue;
        }
    }
    tiers
}

fn of_window(window: &str, tiers: &BTreeMap<&'static str, Tier>) -> Result<DataFrame, PolarsError> {
    let rows: Vec<(i64, &str, &Tier)> =
        (1..).zip(TIERS).filter_map(|(order, name)| tiers.get(name).map(|tier| (order, *name, tier))).collect();
    let buys = |name: &str| !matches!(name, "Inactive" | "Prospect" | "Suspect");
    let each = |of: fn(&Tier) -> i64| rows.iter().map(|(_, _, tier)| of(tier)).collect::<Vec<i64>>();
    let shares = |of: fn(&Tier) -> i64| {
        let total = rows.iter().map(|(_, _, tier)| of(tier)).sum();
        rows.iter().map(|(_, _, tier)| share(of(tier), total)).collect::<Vec<_>>()
    };
    let active: i64 = rows.iter().filter(|(_, name, _)| buys(name)).map(|(_, _, tier)| tier.customers).sum();
    let customer_share = |(_, name, tier): &(i64, &str, &Tier)| share(tier.customers, active).filter(|_| buys(name));
    let wallet =
        |(_, _, tier): &(i64, &str, &Tier)| tier.potential.and_then(|all| share(tier.revenue_with_potential, all));
    df!(
        c::WINDOW => vec![window; rows.len()],
        c::TIER => rows.iter().map(|(_, name, _)| *name).collect::<Vec<_>>(),
        c::TIER_ORDER => rows.iter().map(|(order, _, _)| *order).collect::<Vec<_>>(),
        c::CUSTOMERS => each(|tier| tier.customers),
        c::CUSTOMER_SHARE => rows.iter().map(customer_share).collect::<Vec<_>>(),
        c::INVOICE_REVENUE => each(|tier| tier.revenue),
        c::REVENUE_SHARE => shares(|tier| tier.revenue),
        c::GROSS_MARGIN => each(|tier| tier.margin),
        c::MARGIN_SHARE => shares(|tier| tier.margin),
        c::COST_TO_SERVE => each(|tier| tier.cost),
        c::COST_SHARE => shares(|tier| tier.cost),
        c::NET_PROFIT => each(|tier| tier.profit),
        c::PROFIT_SHARE => shares(|tier| tier.profit),
        c::POTENTIAL => rows.iter().map(|(_, _, tier)| tier.potential).collect::<Vec<_>>(),
        c::SHARE_OF_WALLET => rows.iter().map(wallet).collect::<Vec<_>>(),
        c::MINUTES => each(|tier| tier.minutes),
        c::MINUTES_SHARE => shares(|tier| tier.minutes),
        c::LOSS_CUSTOMERS => each(|tier| tier.losing),
    )
}

/// What each customer could buy in a year, where it was supplied.
fn potentials(inputs: &Inputs<'_>) -> Result<BTreeMap<String, i64>, PolarsError> {
    let data = inputs.customers.data();
    let ids = data.column(c::CUSTOMER_ID)?.str()?.iter();
    let potentials = data.column(c::POTENTIAL)?.i64()?.iter();
    Ok(ids.zip(potentials).filter_map(|(id, potential)| Some((id?.to_owned(), potential?))).collect())
}

/// Prospects and suspects that haven't become customers. Where none were supplied there is no such tier.
fn prospects(inputs: &Inputs<'_>) -> Result<BTreeMap<&'static str, Tier>, PolarsError> {
    let Some(prospects) = inputs.prospects else { return Ok(BTreeMap::new()) };
    let data = prospects.data();
    let stages = data.column(c::STAGE)?.str()?.iter();
    let customers = data.column(c::BECAME_CUSTOMER_ID)?.str()?.iter();
    let potentials = data.column(c::POTENTIAL)?.i64()?.iter();
    let mut tiers: BTreeMap<&'static str, Tier> = BTreeMap::new();
    for ((stage, _), potential) in stages.zip(customers).zip(potentials).filter(|((_, became), _)| became.is_none()) {
        let tier = tiers.entry(if stage == Some("prospect") { "Prospect" } else { "Suspect" }).or_default();
        tier.customers += 1;
        if let Some(potential) = potential {
            *tier.potential.get_or_insert(0) += potential;
        }
    }
    Ok(tiers)
}
