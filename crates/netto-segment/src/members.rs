//! Who stands in the pyramid: customers, prospects, suspects, and the rest of the market; each in a tier, a market and a region.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use netto_model::{Window, column as c};
use polars::prelude::*;

use crate::Inputs;
use crate::columns::{lookup, maybe_units, texts};
use crate::customer_window::Customer;
use crate::prospects::{self, Prospect};

/// What adds up over the members of a tier; amounts in ten-thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) customers: i64,
    pub(crate) revenue: i64,
    pub(crate) margin: i64,
    pub(crate) cost: i64,
    pub(crate) profit: i64,
    pub(crate) losing: i64,
    pub(crate) minutes: i64,
    /// What they could buy in a year; nothing where it was supplied for none of them.
    pub(crate) potential: Option<i64>,
    /// Invoice revenue of those with a potential.
    pub(crate) revenue_with_potential: i64,
}

impl Sums {
    /// Its amounts by their columns.
    pub(crate) fn named(&self) -> [(&'static str, i64); 7] {
        [
            (c::INVOICE_REVENUE, self.revenue),
            (c::GROSS_MARGIN, self.margin),
            (c::COST_TO_SERVE, self.cost),
            (c::NET_PROFIT, self.profit),
            (c::MINUTES, self.minutes),
            (c::POTENTIAL, self.potential.unwrap_or_default()),
            (c::CUSTOMERS, self.customers),
        ]
    }
}

impl AddAssign<&Self> for Sums {
    fn add_assign(&mut self, more: &Self) {
        self.customers += more.customers;
        self.revenue += more.revenue;
        self.margin += more.margin;
        self.cost += more.cost;
        self.profit += more.profit;
        self.losing += more.losing;
        self.minutes += more.minutes;
        if let Some(potential) = more.potential {
            *self.potential.get_or_insert(0) += potential;
        }
        self.revenue_with_potential += more.revenue_with_potential;
    }
}

/// A customer, a prospect, or the rest of a market.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) tier: &'static str,
    /// Empty where not known.
    pub(crate) market: String,
    /// Empty where not known, and for who isn't a customer.
    pub(crate) region: String,
    pub(crate) sums: Sums,
}

/// What is known of customers and prospects, whatever the window.
pub(crate) struct Members {
    markets: BTreeMap<String, String>,
    regions: BTreeMap<String, String>,
    potentials: BTreeMap<String, i64>,
    prospects: Vec<Prospect>,
}

impl Members {
    pub(crate) fn read(inputs: &Inputs<'_>) -> PolarsResult<Self> {
        let customers = inputs.customers.data();
        Ok(Self {
            markets: lookup(customers, c::CUSTOMER_ID, c::MARKET)?,
            regions: lookup(customers, c::CUSTOMER_ID, c::REGION)?,
            potentials: potentials(inputs)?,
            prospects: prospects::prospects(inputs)?,
        })
    }

    /// Customers and prospects of a window.
    pub(crate) fn of_window(
        &self,
        inputs: &Inputs<'_>,
        window: Window,
        customers: &[Customer],
    ) -> PolarsResult<Vec<Member>> {
        let minutes = prospects::minutes(inputs, window)?;
        let known = self.prospects.iter().filter(|prospect| prospect.known_in(window));
        let prospects = known.map(|prospect| doesnt_buy(prospect, minutes.get(&prospect.id).copied()));
        Ok(customers.iter().map(|customer| self.buys(customer)).chain(prospects).collect())
    }

    fn buys(&self, row: &Customer) -> Member {
        let potential = self.potentials.get(&row.id).copied();
        let sums = Sums {
            customers: 1,
            revenue: row.revenue,
            margin: row.margin,
            cost: row.cost,
            profit: row.profit,
            losing: i64::from(row.is_known() && row.profit < 0),
            minutes: row.minutes,
            potential,
            revenue_with_potential: if potential.is_some() { row.revenue } else { 0 },
        };
        let of = |known: &BTreeMap<String, String>| known.get(&row.id).cloned().unwrap_or_default();
        Member { tier: row.tier, market: of(&self.markets), region: of(&self.regions), sums }
    }
}

fn doesnt_buy(prospect: &Prospect, minutes: Option<i64>) -> Member {
    let minutes = minutes.unwrap_or_default();
    let sums = Sums { customers: 1, potential: prospect.potential, minutes, ..Sums::default() };
    Member { tier: prospect.tier, market: prospect.market.clone(), region: String::new(), sums }
}

/// What each customer could buy in a year, where it was supplied.
pub(crate) fn potentials(inputs: &Inputs<'_>) -> PolarsResult<BTreeMap<String, i64>> {
    let data = inputs.customers.data();
    let rows = texts(data, c::CUSTOMER_ID)?.into_iter().zip(maybe_units(data, c::POTENTIAL)?);
    Ok(rows.filter_map(|(id, potential)| Some((id, potential?))).collect())
}
