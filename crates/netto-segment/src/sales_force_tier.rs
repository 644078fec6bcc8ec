//! The sales force by tier of the customers: where the portfolio is, and where the visits go.
//!
//! ```text
//! M01   customers  revenue  visits
//! Top   1          60 %     10 %
//! Small 90          8 %     55 %      too many visits where there is little to gain
//! ```
//! The customers and amounts are the portfolio's, the visits all of the employee's, in the portfolio or not: so each adds up to
//! the employee's row in `sales_force`. Who never bought, and visits that name nobody, stand under Rest of market.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::Mart;
use netto_model::column as c;
use netto_model::contract::TIERS;
use netto_model::frame::SalesForceTier;
use polars::prelude::*;

use crate::book::Book;
use crate::columns::{lookup, share};
use crate::customer_window::Customer;
use crate::sales_events::{Event, Events};
use crate::sales_team::{Seller, team};
use crate::{Inputs, SegmentError};

/// A tier of an employee or a pair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Tier {
    customers: i64,
    visits: i64,
    visit_minutes: i64,
    revenue: i64,
    profit: i64,
}

/// A seller's tiers, in the order of the pyramid's.
type Tiers = BTreeMap<usize, Tier>;

/// Who never bought.
const REST: &str = "Rest of market";

/// The table of all windows.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let stages = stages(book.inputs)?;
    book.table::<SalesForceTier>(|named, customers| {
        let events = Events::of(book.inputs, named.window)?;
        let team = team(book.inputs, events.as_ref())?;
        let customers: BTreeMap<&str, &Customer> = customers.iter().map(|row| (row.id.as_str(), row)).collect();
        let rows: Vec<(&Seller, Tiers)> =
            team.iter().map(|seller| (seller, tiers(seller, &customers, events.as_ref(), &stages))).collect();
        Ok(of_window(&named.name, &rows, events.as_ref())?)
    })
}

fn tiers(
    seller: &Seller,
    customers: &BTreeMap<&str, &Customer>,
    events: Option<&Events<'_>>,
    stages: &BTreeMap<String, String>,
) -> Tiers {
    let mut tiers = Tiers::new();
    for id in &seller.portfolio {
        let customer = customers.get(id.as_str());
        let tier = tiers.entry(place(customer.map_or(REST, |customer| customer.tier))).or_default();
        tier.customers += 1;
        tier.revenue += customer.map_or(0, |customer| customer.revenue);
        tier.profit += customer.map_or(0, |customer| customer.profit);
    }
    let mut prospects = BTreeSet::new();
    let visits = events.into_iter().flat_map(Events::visits);
    for visit in visits.filter(|visit| seller.members.contains(visit.employee)) {
        let tier = tiers.entry(place(tier_of(visit, customers, stages))).or_default();
        tier.visits += 1;
        tier.visit_minutes += visit.minutes;
        let new = visit.customer.is_empty() && !visit.prospect.is_empty() && prospects.insert(visit.prospect);
        tier.customers += i64::from(new);
    }
    tiers
}

/// Where a visit went: the tier of the customer, or how far the prospect is.
fn tier_of<'a>(
    visit: &Event<'_>,
    customers: &BTreeMap<&str, &'a Customer>,
    stages: &BTreeMap<String, String>,
) -> &'a str {
    match (visit.customer, visit.prospect) {
        ("", "") => REST,
        ("", prospect) if stages.get(prospect).is_some_and(|stage| stage == "suspect") => "Suspect",
        ("", _) => "Prospect",
        (customer, _) => customers.get(customer).map_or(REST, |customer| customer.tier),
    }
}

/// suspect or prospect, by prospect.
fn stages(inputs: &Inputs<'_>) -> PolarsResult<BTreeMap<String, String>> {
    inputs.prospects.map_or_else(|| Ok(BTreeMap::new()), |all| lookup(all.data(), c::PROSPECT_ID, c::STAGE))
}

fn place(tier: &str) -> usize {
    let of = |tier: &str| TIERS.iter().position(|name| *name == tier);
    of(tier).or_else(|| of(REST)).unwrap_or_default()
}

fn of_window(
    window: &str,
    sellers: &[(&Seller, Tiers)],
    events: Option<&Events<'_>>,
) -> Result<DataFrame, PolarsError> {
    let rows: Vec<(&Seller, &Tiers, &str, &Tier)> = sellers
        .iter()
        .flat_map(|(seller, tiers)| {
            tiers.iter().filter_map(move |(place, tier)| Some((*seller, tiers, *TIERS.get(*place)?, tier)))
        })
        .collect();
    let text = |of: fn(&Seller) -> &str| rows.iter().map(|(seller, ..)| of(seller)).collect::<Vec<_>>();
    let each = |of: fn(&Tier) -> i64| rows.iter().map(|(.., tier)| of(tier)).collect::<Vec<_>>();
    let supplied =
        |known: bool, of: fn(&Tier) -> i64| rows.iter().map(|(.., tier)| known.then(|| of(tier))).collect::<Vec<_>>();
    let shares = |of: fn(&Tier) -> i64| {
        rows.iter().map(|(_, tiers, _, tier)| share(of(tier), tiers.values().map(of).sum())).collect::<Vec<_>>()
    };
    let has_minutes = events.is_some_and(|events| events.has_minutes);
    df!(
        c::WINDOW => vec![window; rows.len()],
        c::LEVEL => text(|seller| seller.level),
        c::KEY => text(|seller| &seller.key),
        c::TIER => rows.iter().map(|(_, _, tier, _)| *tier).collect::<Vec<_>>(),
        c::CUSTOMERS => each(|tier| tier.customers),
        c::VISITS => supplied(events.is_some(), |tier| tier.visits),
        c::VISIT_SHARE => shares(|tier| tier.visits),
        c::VISIT_MINUTES => supplied(has_minutes, |tier| tier.visit_minutes),
        c::INVOICE_REVENUE => each(|tier| tier.revenue),
        c::REVENUE_SHARE => shares(|tier| tier.revenue),
        c::NET_PROFIT => each(|tier| tier.profit),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;
    use crate::sales_events::Kind;

    fn visit<'a>(employee: &'a str, customer: &'a str, prospect: &'a str) -> Event<'a> {
        Event { employee, customer, prospect, kind: Kind::Visit, minutes: 10, ..Event::default() }
    }

    #[test]
    fn every_visit_and_every_customer_stands_in_one_tier() {
        let customers =
            [Customer { tier: "Top", ..customer("A", 1, 70, 9) }, customer("B", 2, 30, -1), customer("C", 3, 5, 1)];
        let customers = customers.iter().map(|row| (row.id.as_str(), row)).collect();
        let all = [("A", ""), ("A", ""), ("C", ""), ("", "p"), ("", "p"), ("", "s"), ("", ""), ("never", "")];
        let mut all: Vec<Event<'_>> = all.iter().map(|(customer, prospect)| visit("M01", customer, prospect)).collect();
        all.push(visit("M02", "B", ""));
        let stages = [("p", "prospect"), ("s", "suspect")].map(|(id, stage)| (id.to_owned(), stage.to_owned())).into();
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let seller = Seller { members: ids(&["M01"]), portfolio: ids(&["A", "B", "new"]), ..Seller::default() };
        let found = tiers(&seller, &customers, Some(&Events { all, has_minutes: true }), &stages);
        let row =
            |name: &str| found.get(&place(name)).map(|tier| (tier.customers, tier.visits, tier.revenue, tier.profit));
        assert_eq!((row("Top"), row("Small")), (Some((1, 2, 70, 9)), Some((1, 1, 30, -1))));
        assert_eq!((row("Prospect"), row("Suspect")), (Some((1, 2, 0, 0)), Some((1, 1, 0, 0))));
        assert_eq!((row(REST), row("Inactive")), (Some((1, 2, 0, 0)), None));
    }
}
