//! Everything known before the first month is assigned: customers, activities, parts of pools, capacity, and services between pools. Names become ranks, in the order of the names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use netto_model::frame::{CustomerMonth, names_at};
use netto_model::{Frame, Period, column as c};
use polars::prelude::*;

use crate::bookings::Bookings;
use crate::capacity::{Capacity, capacity};
use crate::config::{ActivityConfig, Method, PoolConfig, ProfitConfig, ShareBy};
use crate::customers::{Customers, Rank};
use crate::negative::Negative;
use crate::support::Support;
use crate::usage::{Usage, usage};
use crate::{Inputs, ProfitError};

/// The rank of the whole of a pool: the empty name comes first.
pub(crate) const WHOLE: &str = "";

/// The groups that fixed shares are given for.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// Tiers by customer: the first month of each, which holds until the next one. Before the first there is none.
    pub tiers: HashMap<String, BTreeMap<Period, &'static str>>,
    /// Market by customer.
    pub markets: HashMap<String, String>,
}

impl Groups {
    /// The group of a customer in a month.
    pub(crate) fn of<'a>(&'a self, by: ShareBy, customer: &'a str, period: Period) -> Option<&'a str> {
        match by {
            ShareBy::Tier => self.tiers.get(customer)?.range(..=period).next_back().map(|(_, tier)| *tier),
            ShareBy::Market => self.markets.get(customer).map(String::as_str),
            ShareBy::Customer => Some(customer),
        }
    }
}

/// Everything that is known before the first month.
#[derive(Debug)]
pub(crate) struct Resolved<'a> {
    pub(crate) config: &'a ProfitConfig,
    pub(crate) groups: &'a Groups,
    pub(crate) customers: Customers<'a>,
    pub(crate) usage: Usage<'a>,
    pub(crate) bookings: &'a Bookings,
    pub(crate) capacity: Capacity,
    pub(crate) support: Support,
    /// Who ordered in a month.
    pub(crate) active: BTreeMap<Period, Vec<Rank>>,
    activities: Vec<&'a str>,
    methods: Vec<(Method, i64)>,
    parts: Vec<&'a str>,
    default: PoolConfig,
}

impl<'a> Resolved<'a> {
    pub(crate) fn new(
        inputs: &Inputs<'a>,
        bookings: &'a Bookings,
        config: &'a ProfitConfig,
    ) -> Result<Self, ProfitError> {
        let named = config.activities.values().filter(|a| a.by == Some(ShareBy::Customer));
        let named = named.flat_map(|activity| activity.shares.keys().map(String::as_str));
        let customers = Customers::gather(inputs.customer_month, inputs.driver_quantity, bookings, named)?;
        let warehouses = bookings.values().flat_map(BTreeMap::keys).map(|(_, warehouse)| warehouse.as_str());
        let groups = config.activities.values().flat_map(|activity| activity.shares.keys().map(String::as_str));
        let usage = usage(inputs.driver_quantity, &customers);
        let used = usage.values().flat_map(|month| config.activities.keys().flat_map(|name| month.warehouses(name)));
        let parts: BTreeSet<&str> = [WHOLE].into_iter().chain(warehouses).chain(groups).chain(used).collect();
        let support = Support::solve(&config.pools, &config.support).map_err(|problems| ProfitError::Support {
            reason: problems.first().map(ToString::to_string).unwrap_or_default(),
        })?;
        let equally = config.activities.values().any(|a| a.by.is_some() && a.quantity.is_none());
        let active = if equally { active(inputs.customer_month, &customers)? } else { BTreeMap::new() };
        Ok(Self {
            config,
            groups: inputs.groups,
            usage,
            bookings,
            capacity: capacity(config, inputs.employees)?,
            support,
            active,
            activities: config.activities.keys().map(String::as_str).collect(),
            methods: config
                .activities
                .values()
                .map(|activity| (activity.method, activity.range_millionths(config.sensitivity)))
                .collect(),
            parts: parts.into_iter().collect(),
            default: PoolConfig::default(),
            customers,
        })
    }

    /// The activities of a pool, by rank.
    pub(crate) fn of_pool(&self, pool: &str) -> impl Iterator<Item = (u16, &'a ActivityConfig)> {
        (0..).zip(self.config.activities.values()).filter(move |(_, activity)| activity.pool == pool)
    }

    pub(crate) fn pool(&self, name: &str) -> &PoolConfig {
        self.config.pools.get(name).unwrap_or(&self.default)
    }

    /// The name of an activity.
    pub(crate) fn activity(&self, rank: u16) -> &'a str {
        self.activities.get(usize::from(rank)).copied().unwrap_or_default()
    }

    /// How an activity takes from its pool.
    pub(crate) fn method(&self, rank: u16) -> Method {
        self.methods.get(usize::from(rank)).map_or(Method::Direct, |(method, _)| *method)
    }

    /// What is done with an activity's quantities below zero.
    pub(crate) fn negative(&self, rank: u16) -> Negative {
        self.config.activities.values().nth(rank.into()).map_or(Negative::Refuse, ActivityConfig::negative)
    }

    /// How far an activity's quantities may be off, in millionths.
    pub(crate) fn range(&self, rank: u16) -> i64 {
        self.methods.get(usize::from(rank)).map_or(0, |(_, range)| *range)
    }

    /// The rank of a part of a pool.
    pub(crate) fn part(&self, name: &str) -> u16 {
        self.parts.binary_search(&name).ok().and_then(|place| u16::try_from(place).ok()).unwrap_or_default()
    }

    /// The name of a part of a pool.
    pub(crate) fn part_name(&self, rank: u16) -> &'a str {
        self.parts.get(usize::from(rank)).copied().unwrap_or_default()
    }

    /// Names of activities as a column.
    pub(crate) fn activity_column(&self, ranks: impl Iterator<Item = u16>) -> Result<Column, ProfitError> {
        Ok(names_at(c::ACTIVITY, &self.activities, ranks.map(u32::from))?)
    }

    /// Names of parts as a column.
    pub(crate) fn part_column(&self, ranks: impl Iterator<Item = u16>) -> Result<Column, ProfitError> {
        Ok(names_at(c::POOL_PART, &self.parts, ranks.map(u32::from))?)
    }
}

fn active(
    bought: &Frame<CustomerMonth>,
    customers: &Customers<'_>,
) -> Result<BTreeMap<Period, Vec<Rank>>, ProfitError> {
    let data = bought.data();
    let days = data.column(c::PERIOD)?.date()?.physical().iter();
    let ids = data.column(c::CUSTOMER_ID)?.str()?.iter();
    let orders = data.column(c::ORDERS)?.i64()?.iter();
    let mut active: BTreeMap<Period, Vec<Rank>> = BTreeMap::new();
    // Whose goods only came back, or were credited, ordered nothing.
    for ((day, id), _) in days.zip(ids).zip(orders).filter(|(_, orders)| *orders > Some(0)) {
        let rank = customers.rank(id.unwrap_or_default());
        active.entry(Period::of_day(day.unwrap_or_default())).or_default().extend(rank);
    }
    Ok(active)
}
