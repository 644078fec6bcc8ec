//! The data behind the page's filter: every customer of the window, with a page or not, in whole ten-thousandths, so that the page's sums for a choice
//! reconcile with the tables. JavaScript numbers hold them exactly up to 900 billion.
//!
//! ```text
//! {"tiers": ["Top", …], "markets": ["Farms"], "reps": ["Ann"], "months": 12, "measures": ["few lines per order", …], "strata": ["Core: …", …], "sums": {…}, "sales": {"Ann": {"visits": "<section …>"}},
//!  "lists": {"slipping": [[0, 20, [["C1", {"t": "Acre & Co", "s": "C1"}, "5", …], …]]]},
//!  "movements": ["up", …], "remedies": {"names": ["Less discount", …], "of": {"C1": [1, 6200000, …]}},
//!  "customers": [["C1", "Acre & Co", "North", 1, 0, 0, "0 3", 12, 1200000, …, "32", …]]}
//! ```

use std::collections::{BTreeMap, BTreeSet};

use netto_model::{column as c, contract};
use serde_json::{Value, json};

use super::customers::ranked;
use super::marts::{Row, Rows};
use super::page::Page;
use super::quadrants::Gap;
use super::section::Section;
use super::strata::{MEASURES, STRATA};
use super::sums::Known;
use super::unknown::Needs;
use super::{remedies, sections, strata, sums};
use crate::PublishError;

/// The customers by rank. Tier, market and rep are indexes into their lists, or null if unknown. Proposed remedies are stored separately, because few customers
/// have one.
pub(super) fn everyone(page: &mut Page<'_>, sections: &[Section]) -> Result<Value, PublishError> {
    let sales = sections::by_rep(page, &reps(page)?)?;
    let page = &*page;
    let rows = ranked(page)?;
    let mut lists: [Names; 3] = Default::default();
    for tier in contract::CUSTOMER_TIERS {
        lists[0].place(page.format.say(tier));
    }
    let profit = Needs::Profit.are_met(page);
    let (kinds, gaps, before) = (kinds(page)?, gaps(page)?, before(page)?);
    let mut known = Vec::new();
    let customer = |row: Row<'_>| {
        let id = row.text(c::CUSTOMER_ID);
        let named = [
            page.format.say(row.text(c::TIER)),
            row.text(c::MARKET).to_owned(),
            page.employee_name(row.text(c::ACCOUNT_MANAGER)).to_owned(),
        ];
        let mut found = lists.iter_mut().zip(named).map(|(list, name)| list.place(name));
        let places = [(); 3].map(|()| found.next().unwrap_or_default());
        known.push(Known { id: id.to_owned(), places, groups: page.bought_by(id) });
        let amount = |name: &str, known: bool| known.then(|| row.units(name));
        json!([
            id,
            row.maybe_text(c::NAME).unwrap_or(id),
            row.text(c::REGION),
            places[0],
            places[1],
            places[2],
            page.bought_by(id),
            row.units(c::ORDERS),
            row.units(c::INVOICE_REVENUE),
            amount(c::GROSS_MARGIN, page.knows_margin),
            amount(c::COST_TO_SERVE, profit),
            amount(c::NET_PROFIT, profit),
            row.units(c::MINUTES),
            row.maybe(c::POTENTIAL),
            kinds.get(id).map_or("", String::as_str),
            gaps.get(id),
            before.get(id),
        ])
    };
    let customers: Vec<Value> = rows.iter().map(customer).collect();
    let [tiers, markets, reps] = lists.map(|list| list.names);
    let words = |words: &[&str]| words.iter().map(|word| page.format.say(word)).collect::<Vec<_>>();
    let windows = page.of_window(&contract::DIM_WINDOW)?;
    Ok(json!({
        "tiers": tiers, "markets": markets, "reps": reps, "customers": customers,
        "months": windows.sum(c::MONTHS), "movements": words(contract::MOVEMENTS), "quadrants": words(contract::QUADRANTS),
        "strata": words(&STRATA.map(|(_, words)| words)), "measures": words(&MEASURES.map(|(_, words)| words)),
        "remedies": proposals(page)?, "sums": sums::sums(page, &known)?, "sales": sales, "lists": listed(sections),
    }))
}

/// By section, its lists of customers that have more lines than are shown.
fn listed(sections: &[Section]) -> Value {
    let lists = sections.iter().map(|section| (section.id, section.lists())).filter(|(_, lists)| !lists.is_empty());
    json!(lists.collect::<BTreeMap<_, _>>())
}

/// The names of the account managers, each once.
fn reps(page: &Page<'_>) -> Result<Vec<String>, PublishError> {
    let rows = ranked(page)?;
    let names: BTreeSet<&str> = rows.iter().map(|row| page.employee_name(row.text(c::ACCOUNT_MANAGER))).collect();
    Ok(names.into_iter().filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

/// Rows of the window if net profit is known, else none.
fn of_profit(page: &Page<'_>, model: &str) -> Result<Rows, PublishError> {
    if Needs::Profit.are_met(page) { Ok(page.of_window(contract::model(model))?) } else { Ok(Rows::default()) }
}

/// By customer, its indexes into the lists of strata and quadrants, or `-`; for a drain also those of the causes of its cost-to-serve: `3205`.
fn kinds(page: &Page<'_>) -> Result<BTreeMap<String, String>, PublishError> {
    let (strata, quadrants) = (of_profit(page, "customer_stratum")?, of_profit(page, "quadrant")?);
    let mut kinds: BTreeMap<&str, [Option<usize>; 2]> = BTreeMap::new();
    for row in strata.iter() {
        let place = STRATA.iter().position(|(name, _)| *name == row.text("stratum"));
        kinds.entry(row.text(c::CUSTOMER_ID)).or_default()[0] = place;
    }
    for row in quadrants.iter() {
        let place = contract::QUADRANTS.iter().position(|name| *name == row.text(c::QUADRANT));
        kinds.entry(row.text(c::CUSTOMER_ID)).or_default()[1] = place;
    }
    let reasons = if strata.is_empty() { BTreeMap::new() } else { strata::reasons(page)? };
    let sign = |place: &Option<usize>| place.map_or_else(|| "-".to_owned(), |place| place.to_string());
    let of = |(id, places): (&str, [Option<usize>; 2])| {
        let drains = places[0].and_then(|place| STRATA.get(place)).is_some_and(|(name, _)| *name == strata::DRAIN);
        let why = reasons.get(id).filter(|_| drains).into_iter().flatten().map(ToString::to_string);
        (id.to_owned(), places.iter().map(sign).chain(why).collect())
    };
    Ok(kinds.into_iter().map(of).collect())
}

/// By customer, how far its margin and its cost are from those of its peers.
fn gaps(page: &Page<'_>) -> Result<BTreeMap<String, [i64; 2]>, PublishError> {
    let rows = of_profit(page, "quadrant")?;
    let gap = |row| Gap::new(row).map(|gap| (row.text(c::CUSTOMER_ID).to_owned(), [gap.cost, gap.margin]));
    Ok(rows.iter().filter_map(gap).collect())
}

/// By customer, the previous window: index of the tier, or -1 for a new customer, revenue, net profit; then the causes of the change of net profit without
/// cost-to-serve, which is the remainder, and the revenue whose prices could be compared. Empty if the window has no comparison.
fn before(page: &Page<'_>) -> Result<BTreeMap<String, [i64; 8]>, PublishError> {
    let windows = page.of_window(&contract::DIM_WINDOW)?;
    let previous = windows.first().map_or("", |window| window.text(c::PREVIOUS_WINDOW)).to_owned();
    let place = |tier: &str| contract::CUSTOMER_TIERS.iter().position(|known| *known == tier);
    let all = page.marts.rows(contract::model("customer_window"))?;
    let earlier: BTreeMap<&str, Row<'_>> =
        all.of(c::WINDOW, &previous).into_iter().map(|row| (row.text(c::CUSTOMER_ID), row)).collect();
    let changed = page.of_window(contract::model("delta"))?;
    let of = |row: Row<'_>| {
        let id = row.text(c::CUSTOMER_ID);
        let earlier = earlier.get(id);
        let tier = earlier.and_then(|row| place(row.text(c::TIER))).and_then(|place| i64::try_from(place).ok());
        let amount = |column| earlier.map_or(0, |row| row.units(column));
        let [volume, price, mix, goods, compared] =
            [c::VOLUME_EFFECT, c::PRICE_EFFECT, c::MIX_EFFECT, c::COGS_EFFECT, c::COMPARED_REVENUE]
                .map(|of| row.units(of));
        let amounts = [amount(c::INVOICE_REVENUE), amount(c::NET_PROFIT)];
        (id.to_owned(), [tier.unwrap_or(-1), amounts[0], amounts[1], volume, price, mix, goods, compared])
    };
    Ok(changed.iter().map(of).collect())
}

/// The proposed remedies as their table shows them, with the amounts to add up by remedy.
fn proposals(page: &Page<'_>) -> Result<Value, PublishError> {
    let (rows, format) = (of_profit(page, "remedy")?, &page.format);
    let proposal = |row: Row<'_>| {
        let place = contract::REMEDIES.iter().position(|remedy| *remedy == row.text(c::REMEDY));
        let amounts =
            [c::EXPECTED_CHANGE, c::EXPECTED_LOW, c::EXPECTED_HIGH, c::VOLUME_LOST, c::COST_SAVED, c::CAPACITY_FREED];
        let [change, low, high, lost, saved, freed] = amounts.map(|column| row.units(column));
        let (leaving, why) = (format.percent(row.share(c::LEAVING_PROBABILITY)), remedies::why(row, format));
        (row.text(c::CUSTOMER_ID).to_owned(), json!([place, change, low, high, lost, saved, freed, leaving, why]))
    };
    let names: Vec<String> = contract::REMEDIES.iter().map(|remedy| remedies::name(format, remedy)).collect();
    let of: BTreeMap<String, Value> = remedies::proposed(&rows).into_iter().map(proposal).collect();
    Ok(json!({ "names": names, "of": of }))
}

/// Distinct names, in the order of their first occurrence.
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
