//! Hysteresis: a customer that was in another tier in the previous window keeps that tier, unless its measure is clearly beyond the boundary between the two.
//! Two customers that pass each other by a few euros don't swap tiers every month.
//!
//! The boundary is at the edge of the customer's previous tier: for a customer that fell below the cut it is the measure of the last customer above it, for one
//! that rose above the cut that of the first one below it; so of two that pass each other both move or neither. "Clearly" means by more than the configured
//! part of the boundary. Ranks don't change, and a tier may hold a few customers more or less than its share.
//!
//! ```text
//! hysteresis 0.1    before   revenue   by rank   boundary              tier
//! fell by 12 %      Large     44,000   Medium    last Large 50,000     Medium
//! fell by 8 %       Large     46,000   Medium    last Large 50,000     Large
//! rose by 6 %       Medium    53,000   Large     first Medium 50,000   Medium
//! rose by 12 %      Medium    56,000   Large     first Medium 50,000   Large
//! ```

use std::collections::BTreeMap;

use netto_model::money::{MILLION, millionths};

use netto_model::contract::HELD_TIER;
use netto_model::{Mart, Window, column as c};
use polars::prelude::*;

use crate::customers::Customer;
use crate::windows::Named;
use crate::{RankBy, SegmentConfig, SegmentError};

/// The tiers of customers that ordered, highest first.
const ACTIVE: [&str; 4] = ["Top", "Large", "Medium", "Small"];

/// The tier of each customer.
pub(crate) type Tiers = BTreeMap<String, &'static str>;

/// The customers held in a tier, by window: the table `held_tier`.
///
/// # Errors
/// When the table isn't what the contract says.
pub(crate) fn held(windows: &[Named], customers: &[Vec<Customer>]) -> Result<Mart, SegmentError> {
    let each = || windows.iter().zip(customers).flat_map(|(named, rows)| rows.iter().map(move |row| (named, row)));
    let held: Vec<_> = each().filter(|(_, row)| row.tier != row.cut_tier).collect();
    let frame = df!(
        c::WINDOW => held.iter().map(|(named, _)| named.name.as_str()).collect::<Vec<_>>(),
        c::CUSTOMER_ID => held.iter().map(|(_, row)| row.id.as_str()).collect::<Vec<_>>(),
        c::TIER => held.iter().map(|(_, row)| row.tier).collect::<Vec<_>>(),
    )?;
    Ok(Mart::try_new(&HELD_TIER, frame.lazy())?)
}

/// Applies hysteresis to the customers of every window, from the first to the last: months have the same tiers by whatever name they go.
pub(crate) fn hold(windows: &[Named], customers: &mut [Vec<Customer>], config: &SegmentConfig) {
    let mut in_time: Vec<(&Named, &mut Vec<Customer>)> = windows.iter().zip(customers).collect();
    in_time.sort_by_key(|(named, _)| named.window.last);
    let mut known: BTreeMap<Window, Tiers> = BTreeMap::new();
    for (named, customers) in in_time {
        if let Some(before) = named.before.and_then(|before| known.get(&before)) {
            hold_in(customers, before, config);
        }
        known.insert(named.window, customers.iter().map(|row| (row.id.clone(), row.tier)).collect());
    }
}

/// Holds the customers of a window in their tiers of the months before. Expects them in the order of their rank.
pub(crate) fn hold_in(customers: &mut [Customer], before: &Tiers, config: &SegmentConfig) {
    let (by, part) = (config.rank_by, millionths(config.hysteresis));
    if part == 0 {
        return;
    }
    let cuts = cuts(customers, by);
    for row in customers.iter_mut().filter(|row| row.is_active()) {
        if let Some(&tier) = before.get(&row.id).filter(|tier| keeps(tier, row, &cuts, by, part)) {
            row.tier = tier;
        }
    }
}

impl RankBy {
    /// The amount that ranks a customer.
    const fn measure(self, customer: &Customer) -> i64 {
        match self {
            Self::InvoiceRevenue => customer.revenue,
            Self::NetProfit => customer.profit,
        }
    }
}

/// The measures on both sides of a cut.
#[derive(Clone, Copy, Debug, Default)]
struct Cut {
    last_above: Option<i64>,
    first_below: Option<i64>,
}

/// The cuts below Top, Large and Medium, by rank.
fn cuts(customers: &[Customer], by: RankBy) -> [Cut; 3] {
    let mut cuts = [Cut::default(); 3];
    for row in customers.iter().filter(|row| row.is_active()) {
        let tier = place(row.cut_tier).unwrap_or(ACTIVE.len());
        for (above, cut) in cuts.iter_mut().enumerate() {
            if tier <= above {
                cut.last_above = Some(by.measure(row));
            } else {
                cut.first_below.get_or_insert(by.measure(row));
            }
        }
    }
    cuts
}

/// Whether a customer that its rank puts into another tier keeps its previous one.
fn keeps(tier: &str, row: &Customer, cuts: &[Cut; 3], by: RankBy, part: i64) -> bool {
    let boundary = match (place(tier), place(row.cut_tier)) {
        (Some(was), Some(is)) if was < is => cuts.get(was).and_then(|cut| cut.last_above),
        (Some(was), Some(is)) if was > is => cuts.get(was - 1).and_then(|cut| cut.first_below),
        _ => None,
    };
    boundary.is_some_and(|boundary| {
        let beyond = (i128::from(by.measure(row)) - i128::from(boundary)).abs();
        beyond * i128::from(MILLION) <= i128::from(part) * i128::from(boundary).abs()
    })
}

fn place(tier: &str) -> Option<usize> {
    ACTIVE.iter().position(|known| *known == tier)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customers::tests::in_quarters;

    fn years(number: i32) -> Vec<Named> {
        let year = |year: i32| {
            let before = (year > 2020).then(|| Window::calendar_year(year - 1));
            Named { before, ..Named::alone(&year.to_string(), Window::calendar_year(year)) }
        };
        (2020..2020 + number).map(year).collect()
    }

    /// The tiers of a customer in each window, by its first letter.
    fn tiers_of(id: &str, revenues: &[&[(&str, i64)]], hysteresis: f64) -> String {
        let windows = years(i32::try_from(revenues.len()).unwrap());
        let mut customers: Vec<Vec<Customer>> = revenues.iter().map(|revenues| in_quarters(revenues)).collect();
        let config = SegmentConfig { hysteresis, ..SegmentConfig::default() };
        hold(&windows, &mut customers, &config);
        let found = customers.iter().flatten().filter(|row| row.id == id);
        found.map(|row| row.tier.split_at(1).0).collect()
    }

    #[test]
    fn two_customers_that_pass_each_other_by_little_dont_swap_tiers_every_window() {
        let (ahead, behind) =
            ([("A", 100), ("B", 52), ("C", 50), ("D", 1)], [("A", 100), ("B", 48), ("C", 50), ("D", 1)]);
        let flapping: [&[(&str, i64)]; 6] = [&ahead, &behind, &ahead, &behind, &ahead, &behind];
        assert_eq!((tiers_of("B", &flapping, 0.0), tiers_of("C", &flapping, 0.0)), ("LMLMLM".into(), "MLMLML".into()));
        assert_eq!((tiers_of("B", &flapping, 0.1), tiers_of("C", &flapping, 0.1)), ("LLLLLL".into(), "MMMMMM".into()));
    }

    #[test]
    fn who_lies_beyond_the_boundary_by_more_than_the_part_moves() {
        let before = [("A", 100), ("B", 52), ("C", 50), ("D", 1)];
        let now = |b| [("A", 100), ("B", b), ("C", 50), ("D", 1)];
        // The last Large is C with 50, so B falls when it is more than 5 below; and C rises when it is a tenth above B.
        assert_eq!(tiers_of("B", &[&before, &now(45)], 0.1), "LL");
        assert_eq!(tiers_of("B", &[&before, &now(44)], 0.1), "LM");
        assert_eq!(tiers_of("C", &[&before, &now(46)], 0.1), "MM");
        assert_eq!(tiers_of("C", &[&before, &now(44)], 0.1), "ML");
        // D rises over both: the edge is that of its previous tier, and the first below it is C.
        assert_eq!(tiers_of("D", &[&before, &[("A", 100), ("B", 59), ("C", 50), ("D", 60)]], 0.1), "SL");
        // A falls to Medium: the last Top is B with 52.
        assert_eq!(tiers_of("A", &[&before, &[("A", 46), ("B", 52), ("C", 50), ("D", 1)]], 0.1), "TM");
        assert_eq!(tiers_of("A", &[&before, &[("A", 47), ("B", 52), ("C", 50), ("D", 1)]], 0.1), "TT");
        // B becomes ten times as large as the former Top: it isn't held back by being the only one above the cut.
        assert_eq!(tiers_of("B", &[&before, &now(1_000)], 0.1), "LT");
    }

    #[test]
    fn who_stopped_ordering_is_lost_and_who_starts_again_is_cut_by_rank() {
        let (all, without) =
            ([("A", 100), ("B", 52), ("C", 50), ("D", 1)], [("A", 100), ("B", 52), ("C", 0), ("D", 1)]);
        assert_eq!(tiers_of("C", &[&all, &without, &all], 0.5), "MIM");
    }

    #[test]
    fn without_hysteresis_tiers_are_those_of_the_rank() {
        let equal = [("A", 50), ("B", 50), ("C", 50), ("D", 50)];
        let first = [("A", 1), ("B", 50), ("C", 60), ("D", 70)];
        assert_eq!(tiers_of("A", &[&first, &equal], 0.0), "ST");
        assert_eq!(tiers_of("A", &[&first, &equal], 1e-6), "SS", "nobody lies beyond");
    }
}
