//! How certain a customer's net profit is: its band, when minutes and driver quantities are as uncertain as the configuration
//! says, whether the sign is the same all through it, and whether the tier is.
//!
//! ```text
//! net profit  low     high    sign certain
//! 120.00      80.00   155.00  true           earns in any case
//! -12.00     -40.00    11.00  false          may earn or lose: no ground for a farewell
//! ```
//! The tier is uncertain only where the pyramid ranks by net profit: then a customer may pass whoever's band overlaps with its own.

use std::collections::BTreeMap;

use netto_model::Mart;
use netto_model::column as c;
use netto_model::contract::CUSTOMER_TIERS;
use netto_model::frame::Sensitivity;
use polars::prelude::*;

use crate::book::Book;
use crate::customer_window::Customer;
use crate::windows::{Named, inside};
use crate::{Inputs, RankBy, SegmentConfig, SegmentError};

/// The bands of all windows.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    book.table::<Sensitivity>(|named, customers| of_window(book.inputs, named, customers, book.config))
}

/// A customer's net profit at the low and high ends.
struct Band<'a> {
    customer: &'a Customer,
    low: i64,
    high: i64,
}

fn of_window(
    inputs: &Inputs<'_>,
    named: &Named,
    rows: &[Customer],
    config: &SegmentConfig,
) -> Result<DataFrame, SegmentError> {
    let off = off(inputs, named)?;
    let bands: Vec<Band<'_>> = rows
        .iter()
        .map(|customer| {
            let (less, more) = off.get(&customer.id).copied().unwrap_or_default();
            Band { customer, low: customer.profit.saturating_sub(more), high: customer.profit.saturating_add(less) }
        })
        .collect();
    let tiers = tiers(&bands, config);
    let each = |of: fn(&Band<'_>) -> i64| bands.iter().map(of).collect::<Vec<i64>>();
    Ok(df!(
        c::WINDOW => vec![named.name.as_str(); bands.len()],
        c::CUSTOMER_ID => rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(),
        c::NET_PROFIT => each(|band| band.customer.profit),
        c::NET_PROFIT_LOW => each(|band| band.low),
        c::NET_PROFIT_HIGH => each(|band| band.high),
        c::SIGN_CERTAIN => bands.iter().map(|band| band.low >= 0 || band.high < 0).collect::<Vec<_>>(),
        c::TIER => rows.iter().map(|row| row.tier).collect::<Vec<_>>(),
        c::TIER_LOW => tiers.iter().map(|(low, _)| *low).collect::<Vec<_>>(),
        c::TIER_HIGH => tiers.iter().map(|(_, high)| *high).collect::<Vec<_>>(),
        c::TIER_CERTAIN => tiers.iter().map(|(low, high)| low == high).collect::<Vec<_>>(),
    )?)
}

/// By how much each customer's cost may be lower and higher in the window.
pub(crate) fn off(inputs: &Inputs<'_>, named: &Named) -> Result<BTreeMap<String, (i64, i64)>, SegmentError> {
    let in_window = inputs.cost_band.lazy().filter(inside(named.window)).group_by([col(c::CUSTOMER_ID)]);
    let data = in_window.agg([col(c::LESS_AMOUNT).sum(), col(c::MORE_AMOUNT).sum()]).collect()?;
    let ids = data.column(c::CUSTOMER_ID)?.str()?.iter();
    let amounts = data.column(c::LESS_AMOUNT)?.i64()?.iter().zip(data.column(c::MORE_AMOUNT)?.i64()?.iter());
    let row = |(id, (less, more)): (Option<&str>, (Option<i64>, Option<i64>))| {
        Some((id?.to_owned(), (less.unwrap_or_default(), more.unwrap_or_default())))
    };
    Ok(ids.zip(amounts).filter_map(row).collect())
}

/// The lowest and highest tier of each customer.
fn tiers(bands: &[Band<'_>], config: &SegmentConfig) -> Vec<(&'static str, &'static str)> {
    let active = || bands.iter().filter(|band| band.customer.is_active());
    let count = active().count();
    let mut lows: Vec<i64> = active().map(|band| band.low).collect();
    let mut highs: Vec<i64> = active().map(|band| band.high).collect();
    lows.sort_unstable();
    highs.sort_unstable();
    let tiers = |band: &Band<'_>| {
        if !band.customer.is_active() || config.rank_by == RankBy::InvoiceRevenue {
            return (band.customer.tier, band.customer.tier);
        }
        // Surely above: whose low end is above this high end. Possibly above: whose high end reaches this low end; not itself.
        let surely = count - lows.partition_point(|low| *low <= band.high);
        let possibly = count - highs.partition_point(|high| *high < band.low);
        // Hysteresis may hold a customer in a tier that none of these ranks has.
        let with_own =
            [band.customer.tier, config.tiers.tier(possibly.max(1), count), config.tiers.tier(surely + 1, count)];
        let place = |tier: &&&str| CUSTOMER_TIERS.iter().position(|known| known == *tier);
        let (low, high) = (with_own.iter().max_by_key(place), with_own.iter().min_by_key(place));
        (low.copied().unwrap_or_default(), high.copied().unwrap_or_default())
    };
    bands.iter().map(tiers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;

    #[test]
    fn a_tier_is_certain_where_no_other_band_overlaps() {
        let customers: Vec<Customer> = [("A", 90), ("B", 50), ("C", 48), ("D", 10)]
            .into_iter()
            .zip(1..)
            .zip(["Top", "Large", "Medium", "Small"])
            .map(|(((id, profit), rank), tier)| Customer { tier, ..customer(id, rank, 100, profit) })
            .collect();
        let bands: Vec<Band<'_>> = customers
            .iter()
            .map(|customer| Band { customer, low: customer.profit - 5, high: customer.profit + 5 })
            .collect();
        let tiers_config = crate::TierShares { top: 0.25, large: 0.25, medium: 0.25 };
        let by_profit = SegmentConfig { rank_by: RankBy::NetProfit, tiers: tiers_config, ..SegmentConfig::default() };
        let found = tiers(&bands, &by_profit);
        assert_eq!(found, [("Top", "Top"), ("Medium", "Large"), ("Medium", "Large"), ("Small", "Small")]);
        let held = Customer { tier: "Top", ..customers[3].clone() };
        let band = Band { customer: &held, low: 5, high: 15 };
        assert_eq!(tiers(&[band], &by_profit), [("Top", "Top")], "the only one is Top");
        let band = [Band { customer: &held, low: 5, high: 15 }, Band { customer: &customers[0], low: 85, high: 95 }];
        assert_eq!(tiers(&band, &by_profit)[0], ("Medium", "Top"), "rank says Medium");
        let by_revenue = SegmentConfig { rank_by: RankBy::InvoiceRevenue, ..by_profit };
        assert!(tiers(&bands, &by_revenue).iter().all(|(low, high)| low == high));
    }
}
