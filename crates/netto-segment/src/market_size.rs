//! The rest of the market: companies that are neither customers nor prospects nor suspects, where the configuration says how
//! many companies a market has. The tiers of a market then add up to its companies.
//!
//! ```text
//! Bouw: 1,200 companies of 50 M − 144 customers of 3.4 M − 16 prospects and suspects of 0.8 M  →  1,040 of 45.8 M
//! ```
//! A market that is smaller than what is known of it has no rest, and is said to be so.

use std::collections::BTreeMap;

use netto_model::Money;

use crate::book::Book;
use crate::members::{Member, Members, Sums};
use crate::{MarketSize, SegmentError};

/// The tier of who isn't known.
const REST: &str = "Rest of market";

/// The rest of every market that has a size.
pub(crate) fn rest_of_market(sizes: &BTreeMap<String, MarketSize>, members: &[Member]) -> Vec<Member> {
    let known = known(members);
    let rest = |(market, size): (&String, &MarketSize)| {
        let (companies, potential) = left(*size, known.get(market.as_str()));
        let (customers, potential) = (companies.max(0), potential.map(|potential| potential.max(0)));
        let sums = Sums { customers, potential, ..Sums::default() };
        Member { tier: REST, market: market.clone(), region: String::new(), sums }
    };
    sizes.iter().map(rest).collect()
}

/// The markets of the configuration that can't be as they are said to be, in the main window.
pub(crate) fn warnings(book: &Book<'_>) -> Result<Vec<String>, SegmentError> {
    let Some((named, customers)) = book.main() else { return Ok(Vec::new()) };
    if book.config.market_size.is_empty() {
        return Ok(Vec::new());
    }
    let members = Members::read(book.inputs)?.of_window(book.inputs, named.window, customers)?;
    Ok(faults(&book.config.market_size, &members))
}

fn faults(sizes: &BTreeMap<String, MarketSize>, members: &[Member]) -> Vec<String> {
    let known = known(members);
    let mut faults = Vec::new();
    for (market, size) in sizes {
        let Some(found) = known.get(market.as_str()) else { continue };
        let (companies, potential) = left(*size, Some(found));
        if companies < 0 {
            faults.push(format!(
                "[segment.market_size] `{market}`: `companies`, {}, is fewer than the {} customers and prospects that are known, so \
                 the market has no rest",
                size.companies, found.customers
            ));
        }
        if potential.is_some_and(|potential| potential < 0) {
            let units = |units: Option<i64>| Money::from_units(units.unwrap_or_default());
            faults.push(format!(
                "[segment.market_size] `{market}`: `potential`, {}, is less than the {} of the customers and prospects that are \
                 known, so the rest of the market has none",
                units(size.potential_units()),
                units(found.potential)
            ));
        }
    }
    faults
}

/// Companies and potential less those that are known; below zero where the market is said to be too small.
fn left(size: MarketSize, known: Option<&Sums>) -> (i64, Option<i64>) {
    let known = known.copied().unwrap_or_default();
    let potential = size.potential_units().map(|all| all - known.potential.unwrap_or_default());
    (i64::from(size.companies) - known.customers, potential)
}

/// Customers and prospects by market.
fn known(members: &[Member]) -> BTreeMap<&str, Sums> {
    let mut known: BTreeMap<&str, Sums> = BTreeMap::new();
    for member in members {
        *known.entry(&member.market).or_default() += &member.sums;
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members() -> Vec<Member> {
        let member = |market: &str, tier, potential| Member {
            tier,
            market: market.into(),
            region: String::new(),
            sums: Sums { customers: 1, potential, ..Sums::default() },
        };
        vec![member("Bouw", "Top", Some(40)), member("Bouw", "Prospect", Some(20)), member("Bouw", "Small", None)]
    }

    fn sizes(market: &str, companies: u32, potential: Option<f64>) -> BTreeMap<String, MarketSize> {
        BTreeMap::from([(market.to_owned(), MarketSize { companies, potential })])
    }

    #[test]
    fn the_rest_is_what_customers_and_prospects_leave_of_the_market() {
        let rest = |companies, potential| {
            let rest = rest_of_market(&sizes("Bouw", companies, potential), &members());
            (rest[0].sums.customers, rest[0].sums.potential)
        };
        assert_eq!(rest(10, Some(0.01)), (7, Some(40)), "0.0100 less 0.0060");
        assert_eq!(rest(10, None), (7, None));
        assert_eq!(rest(2, Some(0.001)), (0, Some(0)), "never below zero");
        assert!(rest_of_market(&BTreeMap::new(), &members()).is_empty());
    }

    #[test]
    fn a_market_that_is_too_small_is_said_to_be() {
        let said = |market, companies, potential| faults(&sizes(market, companies, potential), &members()).join("\n");
        assert_eq!(said("Bouw", 3, Some(1.0)), "");
        assert!(said("Bouw", 2, None).contains("`companies`, 2, is fewer than the 3 customers and prospects"));
        assert!(said("Bouw", 3, Some(0.001)).contains("`potential`, 0.0010, is less than the 0.0060"));
        assert_eq!(said("Bouww", 3, None), "", "that nobody is in it is found before");
    }
}
