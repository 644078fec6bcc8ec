//! The headline figures of a window. Net profit of all customers − idle − unassigned is what the general ledger leaves of
//! the margin, or there is no result.
//!
//! ```text
//! invoiced 100 − rebates given 5 + freight charged 0 − COGS 40 + rebates received 0 − all pools 30 − imputed 1 = result 24
//! ```
//! Imputed is the financing of receivables at a yearly rate: customers pay it, but no pool of the general ledger books it.

use netto_model::frame::WindowSummary;
use netto_model::{Mart, Money, column as c};
use polars::prelude::*;

use crate::book::Book;
use crate::columns::share;
use crate::concentration::{held, tail};
use crate::customer_window::{Customer, by_revenue};
use crate::whale_curve::{gini, peak, total_for_shares};
use crate::windows::{Named, inside};
use crate::{Inputs, SegmentError};

/// The table of all windows.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    book.table::<WindowSummary>(|named, customers| of_window(book.inputs, named, customers))
}

fn of_window(inputs: &Inputs<'_>, named: &Named, rows: &[Customer]) -> Result<DataFrame, SegmentError> {
    let sum = |of: fn(&Customer) -> i64| rows.iter().map(of).sum::<i64>();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let pools = sums(inputs.pool_balance.lazy(), named, [c::OWN_AMOUNT, c::IDLE_AMOUNT, c::UNASSIGNED_AMOUNT])?;
    let [own, idle, unassigned] = pools;
    let profit = sum(|row| row.profit);
    let result = profit - idle - unassigned;
    let imputed = imputed(inputs, named)?;
    check_tie(inputs, named, result, own + imputed)?;
    let active = by_revenue(rows);
    let (top, tail) = (held(&active, 20), tail(&active));
    let cost = |rows: &[&Customer]| rows.iter().map(|row| row.cost).sum::<i64>();
    let (peak, earning) = peak(rows);
    let total = total_for_shares(rows);
    let losing = || rows.iter().filter(|row| row.is_known() && row.profit < 0);
    let of_known = rows.iter().filter(|row| row.is_known()).map(|row| row.profit).sum();
    Ok(df!(
        c::WINDOW => [named.name.as_str()],
        c::CUSTOMERS => [count(active.len())],
        c::ORDERS => [sum(|row| row.orders)],
        c::LINES => [sum(|row| row.lines)],
        c::INVOICE_REVENUE => [sum(|row| row.revenue)],
        c::GROSS_MARGIN => [sum(|row| row.margin)],
        c::COST_TO_SERVE => [sum(|row| row.cost)],
        c::NET_PROFIT => [profit],
        c::IDLE_AMOUNT => [idle],
        c::UNASSIGNED_AMOUNT => [unassigned],
        c::RESULT => [result],
        c::IMPUTED_AMOUNT => [imputed],
        c::LEDGER_AMOUNT => [own],
        c::TOP_REVENUE_SHARE => [top.revenue],
        c::TOP_MARGIN_SHARE => [top.margin],
        c::TOP_COST_SHARE => [top.cost],
        c::TOP_PROFIT_SHARE => [top.profit],
        c::TAIL_CUSTOMERS => [count(tail.len())],
        c::TAIL_COST_SHARE => [share(cost(&tail), cost(&active))],
        c::PEAK_PROFIT => [peak],
        c::PEAK_CUSTOMERS => [earning],
        c::PEAK_TO_TOTAL => [total.and_then(|total| share(peak, total))],
        c::RETENTION => [share(of_known, peak)],
        c::LOSS_CUSTOMERS => [count(losing().count())],
        c::LOSS_AMOUNT => [losing().map(|row| row.profit).sum::<i64>()],
        c::GINI => [gini(rows)],
    )?)
}

/// Payment terms at a yearly rate. Where an activity carries them they come out of a pool, and none are imputed: the
/// configuration may have only one of the two.
fn imputed(inputs: &Inputs<'_>, named: &Named) -> Result<i64, SegmentError> {
    let steps = inputs.activities.data().column(c::STEP)?.str()?;
    if steps.iter().flatten().any(|step| step == c::PAYMENT_TERMS) {
        return Ok(0);
    }
    let [terms] = sums(inputs.waterfall.lazy(), named, [c::PAYMENT_TERMS])?;
    Ok(terms)
}

/// Result = what customers pay less what goods cost, less every pool of the general ledger and what is imputed.
fn check_tie(inputs: &Inputs<'_>, named: &Named, result: i64, cost: i64) -> Result<(), SegmentError> {
    let columns = [c::INVOICE_REVENUE, c::REBATES_GIVEN, c::FREIGHT_CHARGED, c::COGS, c::REBATES_RECEIVED];
    let [invoiced, rebates, freight, cogs, received] = sums(inputs.waterfall.lazy(), named, columns)?;
    let expected = invoiced - rebates + freight - cogs + received - cost;
    if result == expected {
        return Ok(());
    }
    let (found, expected) = (Money::from_units(result), Money::from_units(expected));
    Err(SegmentError::Untied { window: named.name.clone(), found, expected })
}

fn sums<const N: usize>(plan: LazyFrame, named: &Named, columns: [&'static str; N]) -> Result<[i64; N], PolarsError> {
    let sums = plan.filter(inside(named.window)).select(columns.map(|name| col(name).sum())).collect()?;
    let mut found = [0; N];
    for (place, name) in found.iter_mut().zip(columns) {
        *place = sums.column(name)?.i64()?.get(0).unwrap_or_default();
    }
    Ok(found)
}
