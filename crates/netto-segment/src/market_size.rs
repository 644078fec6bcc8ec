//! Finds markets that can't be as small as configured: they would have no rest (`pyramid_member.sql`).
//!
//! ```text
//! Bouw: 1,200 companies, of which 1,300 are customers or prospects   →   a warning
//! ```

use std::collections::BTreeMap;

use netto_model::{Money, Warning, column as c};
use polars::prelude::*;

use crate::columns::sums;
use crate::models::Tables;
use crate::{MarketSize, SegmentConfig, SegmentError};

/// The markets whose configured size is below the number of known customers and prospects, in the main window.
pub(crate) fn warnings(tables: &Tables, config: &SegmentConfig) -> Result<Vec<Warning>, SegmentError> {
    let Some(members) = tables.get("pyramid_member").filter(|_| !config.market_size.is_empty()) else {
        return Ok(Vec::new());
    };
    let known = col(c::WINDOW).eq(lit("main")).and(col(c::TIER).neq(lit("Rest of market")));
    let known = sums(members.clone().lazy().filter(known), [c::MARKET], [c::CUSTOMERS, c::POTENTIAL])?;
    let faults = faults(&config.market_size, &known).into_iter();
    Ok(faults.map(|fault| Warning::disagreement("rule_without_data", fault)).collect())
}

fn faults(sizes: &BTreeMap<String, MarketSize>, known: &BTreeMap<[String; 1], [i64; 2]>) -> Vec<String> {
    let mut faults = Vec::new();
    for (market, size) in sizes {
        let Some([customers, potential]) = known.get(std::slice::from_ref(market)) else { continue };
        if i64::from(size.companies) < *customers {
            faults.push(format!(
                "[segment.market_size] `{market}`: `companies` is {}, fewer than the {customers} known customers and prospects, so no companies remain in the market",
                size.companies
            ));
        }
        if let Some(all) = size.potential_units().filter(|all| all < potential) {
            faults.push(format!(
                "[segment.market_size] `{market}`: `potential` is {}, less than the {} of the known customers and prospects, so no potential remains in the market",
                Money::from_units(all),
                Money::from_units(*potential)
            ));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_market_that_is_too_small_is_said_to_be() {
        let known = BTreeMap::from([(["Bouw".to_owned()], [3, 60])]);
        let said = |market: &str, companies, potential| {
            faults(&BTreeMap::from([(market.to_owned(), MarketSize { companies, potential })]), &known).join("\n")
        };
        assert_eq!(said("Bouw", 3, Some(1.0)), "");
        assert!(said("Bouw", 2, None).contains("`companies` is 2, fewer than the 3 known customers and prospects"));
        assert!(said("Bouw", 3, Some(0.001)).contains("`potential` is 0.0010, less than the 0.0060"));
        assert_eq!(said("Bouww", 3, None), "", "that nobody is in it is found before");
    }
}
