//! Who a filter of the page may leave, and what they bring: every customer of the window, with a page or not, in whole ten-thousandths, so that what
//! the page adds up for a choice ties to the tables.
//!
//! ```text
//! {"tiers": ["Top", "Small"], "markets": ["Farms"], "reps": ["Ann"], "customers": [["C1", "Acre & Co", "North", 1, 0, 0, "0 3", 12, "4.0 %", 1200000, …, "32"]],
//!  "strata": ["Core: …", …], "quadrants": ["high margin, low cost", …], "remedies": {"C1": ["Less discount", 6200000]}}
//! ```

use std::collections::BTreeMap;

use netto_model::{column as c, contract};
use serde_json::{Value, json};

use super::customers::ranked;
use super::marts::Rows;
use super::page::Page;
use super::remedies;
use super::strata::STRATA;
use super::unknown::Needs;
use crate::PublishError;

/// The customers by rank. Tier, market and rep are places in their lists, and the last cell is the places of stratum and quadrant, `-` where the
/// customer has none; what isn't known of the cost is null. The proposed remedies stand apart: few customers have one.
pub(super) fn everyone(page: &Page<'_>) -> Result<Value, PublishError> {
    let rows = ranked(page)?;
    let mut lists: [Names; 3] = Default::default();
    for tier in contract::CUSTOMER_TIERS {
        lists[0].place(page.format.say(tier));
    }
    let profit = Needs::Profit.are_met(page);
    let rows_of = |model| if profit { page.of_window(contract::model(model)) } else { Ok(Rows::default()) };
    let (strata, quadrants, remedy) = (rows_of("customer_stratum")?, rows_of("quadrant")?, rows_of("remedy")?);
    let mut kinds: BTreeMap<&str, [Option<usize>; 2]> = BTreeMap::new();
    for row in strata.iter() {
        let place = STRATA.iter().position(|(name, _)| *name == row.text("stratum"));
        kinds.entry(row.text(c::CUSTOMER_ID)).or_default()[0] = place;
    }
    for row in quadrants.iter() {
        let place = contract::QUADRANTS.iter().position(|name| *name == row.text(c::QUADRANT));
        kinds.entry(row.text(c::CUSTOMER_ID)).or_default()[1] = place;
    }
    let sign = |place: &Option<usize>| place.map_or_else(|| "-".to_owned(), |place| place.to_string());
    let proposals: BTreeMap<&str, Value> = remedies::proposed(&remedy)
        .into_iter()
        .map(|row| {
            let name = remedies::name(&page.format, row.text(c::REMEDY));
            (row.text(c::CUSTOMER_ID), json!([name, row.units(c::EXPECTED_CHANGE)]))
        })
        .collect();
    let customer = |row: super::marts::Row<'_>| {
        let id = row.text(c::CUSTOMER_ID);
        let named = [
            page.format.say(row.text(c::TIER)),
            row.text(c::MARKET).to_owned(),
            page.employee_name(row.text(c::ACCOUNT_MANAGER)).to_owned(),
        ];
        let mut places = lists.iter_mut().zip(named).map(|(list, name)| list.place(name));
        let mut place = || places.next().unwrap_or_default();
        let amount = |name: &str, known: bool| known.then(|| row.units(name));
        json!([
            id,
            row.maybe_text(c::NAME).unwrap_or(id),
            row.text(c::REGION),
            place(),
            place(),
            place(),
            page.bought_by(id),
            row.units(c::ORDERS),
            page.format.percent(row.share(c::MARGIN_SHARE).filter(|_| page.knows_margin)),
            row.units(c::INVOICE_REVENUE),
            amount(c::GROSS_MARGIN, page.knows_margin),
            amount(c::COST_TO_SERVE, profit),
            amount(c::NET_PROFIT, profit),
            kinds.get(id).map_or_else(String::new, |kinds| kinds.iter().map(sign).collect()),
        ])
    };
    let customers: Vec<Value> = rows.iter().map(customer).collect();
    let [tiers, markets, reps] = lists.map(|list| list.names);
    Ok(json!({
        "tiers": tiers, "markets": markets, "reps": reps, "customers": customers,
        "strata": STRATA.map(|(_, words)| page.format.say(words)),
        "quadrants": contract::QUADRANTS.iter().map(|name| page.format.say(name)).collect::<Vec<_>>(), "remedies": proposals,
    }))
}

/// Names in the order in which they came, each once.
#[derive(Default)]
struct Names {
    names: Vec<String>,
    places: BTreeMap<String, usize>,
}

impl Names {
    fn place(&mut self, name: String) -> usize {
        let next = self.names.len();
        *self.places.entry(name).or_insert_with_key(|name| {
            self.names.push(name.clone());
            next
        })
    }
}
