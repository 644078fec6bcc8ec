//! The customer pyramid (Curry, *Customer Marketing Method*): tiers with their customers, revenue, cost and profit; of the whole
//! company, and of its markets and regions.
//!
//! ```text
//! Top 3 · Large 10 · Medium 37 · Small 200, of 250 active customers
//! below them Inactive, Prospect, Suspect, and the rest of the market where the configuration says how large that is
//! ```
//! A market's pyramid has the tiers of the whole company, so markets add up; its shares are parts of the market. Share of wallet
//! is revenue per year ÷ potential, of those with a potential: 150 in half a year, of 1,000 a year, is 30 %.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::contract::{CUSTOMER_GROUPS, PYRAMID_GROUP, TIERS};
use netto_model::frame::{Pyramid, PyramidGroup};
use netto_model::{Mart, Window, column as c};
use polars::prelude::*;

use crate::book::{Book, stacked};
use crate::columns::share;
use crate::customer_window::Customer;
use crate::market_size::rest_of_market;
use crate::members::{Member, Members, Sums};
use crate::windows::{Named, per_year};
use crate::{SegmentError, tie};

/// Sums by tier.
type Tiers = BTreeMap<&'static str, Sums>;

/// The table of all windows.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let known = Members::read(book.inputs)?;
    book.table::<Pyramid>(|named, customers| {
        let members = members(book, &known, named, customers)?;
        Ok(of_window(named, &tiers(&members))?)
    })
}

/// The pyramids of markets and regions in all windows.
pub(crate) fn by_group(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let known = Members::read(book.inputs)?;
    let mut parts = Vec::new();
    for (named, customers) in book.each() {
        let members = members(book, &known, named, customers)?;
        for level in CUSTOMER_GROUPS {
            let groups = groups(level, &members);
            check_tie(named, &groups, &tiers(&members))?;
            parts.extend(groups.iter().map(|(key, tiers)| of_group(named, level, key, tiers)));
        }
    }
    stacked::<PyramidGroup>(parts.into_iter().map(|part| part.map_err(SegmentError::from)))
}

/// Everyone in the pyramid of a window.
fn members(
    book: &Book<'_>,
    known: &Members,
    named: &Named,
    customers: &[Customer],
) -> Result<Vec<Member>, SegmentError> {
    let mut members = known.of_window(book.inputs, named.window, customers)?;
    members.extend(rest_of_market(&book.config.market_size, &members));
    Ok(members)
}

fn tiers<'a>(members: impl IntoIterator<Item = &'a Member>) -> Tiers {
    let mut tiers = Tiers::new();
    for member in members {
        *tiers.entry(member.tier).or_default() += &member.sums;
    }
    tiers
}

/// The members by market or region; nothing where nobody has one.
fn groups<'a>(level: &str, members: &'a [Member]) -> BTreeMap<&'a str, Tiers> {
    let key = |member: &'a Member| if level == c::MARKET { member.market.as_str() } else { member.region.as_str() };
    let mut groups: BTreeMap<&str, Tiers> = BTreeMap::new();
    if members.iter().any(|member| !key(member).is_empty()) {
        for member in members {
            *groups.entry(key(member)).or_default().entry(member.tier).or_default() += &member.sums;
        }
    }
    groups
}

/// Groups, where there are any, add up to the company.
fn check_tie(named: &Named, groups: &BTreeMap<&str, Tiers>, whole: &Tiers) -> Result<(), SegmentError> {
    let mut sums = Tiers::new();
    for (tier, part) in groups.values().flatten() {
        *sums.entry(tier).or_default() += part;
    }
    if groups.is_empty() {
        return Ok(());
    }
    let tiers: BTreeSet<&str> = sums.keys().chain(whole.keys()).copied().collect();
    for tier in tiers {
        let [parts, whole] = [&sums, whole].map(|tiers| tiers.get(tier).copied().unwrap_or_default().named());
        for ((name, part), (_, whole)) in parts.into_iter().zip(whole) {
            tie::same(&PYRAMID_GROUP, &named.name, || format!("{name} of {tier}"), part.into(), whole.into())?;
        }
    }
    Ok(())
}

fn of_group(named: &Named, level: &str, key: &str, tiers: &Tiers) -> PolarsResult<DataFrame> {
    let mut data = of_window(named, tiers)?;
    data.with_column(Column::new(c::LEVEL.into(), vec![level; data.height()]))?;
    data.with_column(Column::new(c::KEY.into(), vec![key; data.height()]))?;
    Ok(data)
}

fn of_window(named: &Named, tiers: &Tiers) -> PolarsResult<DataFrame> {
    let rows: Vec<(i64, &str, &Sums)> =
        (1..).zip(TIERS).filter_map(|(order, name)| tiers.get(name).map(|sums| (order, *name, sums))).collect();
    let each = |of: fn(&Sums) -> i64| rows.iter().map(|(_, _, sums)| of(sums)).collect::<Vec<i64>>();
    let shares = |of: fn(&Sums) -> i64| {
        let total = rows.iter().map(|(_, _, sums)| of(sums)).sum();
        rows.iter().map(|(_, _, sums)| share(of(sums), total)).collect::<Vec<_>>()
    };
    let active: i64 = rows.iter().filter(|(_, name, _)| buys(name)).map(|(_, _, sums)| sums.customers).sum();
    let customer_share = |(_, name, sums): &(i64, &str, &Sums)| share(sums.customers, active).filter(|_| buys(name));
    df!(
        c::WINDOW => vec![named.name.as_str(); rows.len()],
        c::TIER => rows.iter().map(|(_, name, _)| *name).collect::<Vec<_>>(),
        c::TIER_ORDER => rows.iter().map(|(order, _, _)| *order).collect::<Vec<_>>(),
        c::CUSTOMERS => each(|sums| sums.customers),
        c::CUSTOMER_SHARE => rows.iter().map(customer_share).collect::<Vec<_>>(),
        c::INVOICE_REVENUE => each(|sums| sums.revenue),
        c::REVENUE_SHARE => shares(|sums| sums.revenue),
        c::GROSS_MARGIN => each(|sums| sums.margin),
        c::MARGIN_SHARE => shares(|sums| sums.margin),
        c::COST_TO_SERVE => each(|sums| sums.cost),
        c::COST_SHARE => shares(|sums| sums.cost),
        c::NET_PROFIT => each(|sums| sums.profit),
        c::PROFIT_SHARE => shares(|sums| sums.profit),
        c::POTENTIAL => rows.iter().map(|(_, _, sums)| sums.potential).collect::<Vec<_>>(),
        c::SHARE_OF_WALLET => rows.iter().map(|(_, _, sums)| share_of_wallet(sums, named.window)).collect::<Vec<_>>(),
        c::MINUTES => each(|sums| sums.minutes),
        c::MINUTES_SHARE => shares(|sums| sums.minutes),
        c::LOSS_CUSTOMERS => each(|sums| sums.losing),
    )
}

/// Whether a tier is one of who ordered in the window.
fn buys(tier: &str) -> bool {
    matches!(tier, "Top" | "Large" | "Medium" | "Small")
}

/// Revenue per year ÷ potential, of those with a potential.
fn share_of_wallet(sums: &Sums, window: Window) -> Option<f64> {
    share(per_year(sums.revenue_with_potential, window)?, sums.potential?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::Period;

    fn member(tier: &'static str, market: &str, region: &str, revenue: i64) -> Member {
        let sums = Sums { customers: 1, revenue, profit: -revenue, losing: 1, ..Sums::default() };
        Member { tier, market: market.into(), region: region.into(), sums }
    }

    fn half_a_year() -> Named {
        Named { name: "main".into(), window: Window::ending(Period::new(2025, 6), 6), previous: None }
    }

    #[test]
    fn half_a_year_of_revenue_counts_twice_against_the_potential_of_a_year() {
        let sums = Sums { revenue: 999, revenue_with_potential: 150, potential: Some(1_000), ..Sums::default() };
        let window = |months| Window::ending(Period::new(2025, 6), months);
        assert_eq!((share_of_wallet(&sums, window(6)), share_of_wallet(&sums, window(12))), (Some(0.3), Some(0.15)));
        assert_eq!(share_of_wallet(&Sums { potential: None, ..sums }, window(12)), None);
        assert_eq!(share_of_wallet(&Sums { potential: Some(0), ..sums }, window(12)), None);
    }

    #[test]
    fn shares_of_customers_are_of_those_who_bought() {
        let found = ["Top", "Small", "Small", "Inactive", "Prospect", "Rest of market"];
        let tiers = tiers(&found.map(|tier| member(tier, "", "", 10)));
        let data = of_window(&half_a_year(), &tiers).unwrap();
        let shares: Vec<_> = data.column(c::CUSTOMER_SHARE).unwrap().f64().unwrap().iter().collect();
        assert_eq!(shares, [Some(1.0 / 3.0), Some(2.0 / 3.0), None, None, None]);
        let order: Vec<_> = data.column(c::TIER_ORDER).unwrap().i64().unwrap().iter().flatten().collect();
        assert_eq!(order, [1, 4, 5, 6, 8]);
    }

    #[test]
    fn markets_and_regions_add_up_to_the_company_and_nobody_is_left_out() {
        let members = [
            member("Top", "Bouw", "Noord", 10),
            member("Small", "Bouw", "", 5),
            member("Small", "", "Noord", 3),
            member("Prospect", "Zorg", "", 0),
        ];
        for (level, keys) in [("market", vec!["", "Bouw", "Zorg"]), ("region", vec!["", "Noord"])] {
            let groups = groups(level, &members);
            assert_eq!(groups.keys().copied().collect::<Vec<_>>(), keys);
            check_tie(&half_a_year(), &groups, &tiers(&members)).unwrap();
            assert!(check_tie(&half_a_year(), &groups, &tiers(&members[1..])).is_err());
        }
        assert!(groups("region", &members[3..]).is_empty(), "nobody has a region");
    }
}
