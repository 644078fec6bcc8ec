//! Customers by rank: the place of an id among all ids in order. Ranks are small numbers that sort as the ids do, so that a
//! month of millions of amounts is handled without a text.

use std::collections::{BTreeMap, HashMap};

use netto_model::frame::{CustomerMonth, names_at};
use netto_model::{DriverQuantities, Frame, column as c};
use polars::prelude::*;

use crate::ProfitError;
use crate::bookings::Bookings;

/// Place of a customer among all, by id.
pub(crate) type Rank = u32;

/// Every customer that bought, was served, or is named by a booking.
#[derive(Clone, Debug, Default)]
pub(crate) struct Customers<'a> {
    ids: Vec<&'a str>,
    ranks: HashMap<&'a str, Rank>,
}

impl<'a> Customers<'a> {
    /// Gathers the customers.
    ///
    /// # Errors
    /// When a column has another type than the contract's.
    pub(crate) fn gather(
        bought: &'a Frame<CustomerMonth>,
        used: &'a DriverQuantities,
        bookings: &'a Bookings,
        named: impl Iterator<Item = &'a str>,
    ) -> Result<Self, ProfitError> {
        let mut ranks: HashMap<&str, Rank> = HashMap::new();
        let mut last = "";
        for id in bought.data().column(c::CUSTOMER_ID)?.str()?.iter().flatten().filter(|id| !id.is_empty()) {
            // Rows stand in the order of their key: a customer's months may follow each other.
            if id != last {
                ranks.insert(id, 0);
                last = id;
            }
        }
        let mut has_used = vec![false; used.customers().len()];
        for cell in used.cells() {
            if let Some(has_used) = has_used.get_mut(cell.customer as usize) {
                *has_used = true;
            }
        }
        // What was used for no customer is nobody's.
        let users = used.customers().iter().zip(has_used).filter(|(id, has_used)| *has_used && !id.is_empty());
        ranks.extend(users.map(|(id, _)| (id.as_str(), 0)));
        let booked = bookings.values().flat_map(BTreeMap::values).flat_map(|booked| booked.direct.keys());
        ranks.extend(booked.map(String::as_str).chain(named).map(|id| (id, 0)));
        let mut ids: Vec<&str> = ranks.keys().copied().collect();
        ids.sort_unstable();
        for (rank, id) in (0..).zip(&ids) {
            ranks.insert(id, rank);
        }
        Ok(Self { ids, ranks })
    }

    /// The id of a rank.
    #[must_use]
    pub(crate) fn id(&self, rank: Rank) -> &'a str {
        self.ids.get(rank as usize).copied().unwrap_or_default()
    }

    /// The rank of an id.
    #[must_use]
    pub(crate) fn rank(&self, id: &str) -> Option<Rank> {
        self.ranks.get(id).copied()
    }

    /// How many.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Ids of ranks as a column.
    pub(crate) fn column(&self, ranks: impl Iterator<Item = Rank>) -> Result<Column, ProfitError> {
        Ok(names_at(c::CUSTOMER_ID, &self.ids, ranks)?)
    }
}
