//! Driver quantities of customers by month, activity and warehouse.

use std::collections::BTreeMap;

use netto_model::{DriverCell, DriverQuantities, Period};
use rayon::prelude::*;

use crate::customers::{Customers, Rank};

/// Quantities in ten-thousandths, by month.
pub(crate) type Usage<'a> = BTreeMap<Period, MonthUsage<'a>>;

/// A month's quantities, by activity and warehouse, customers in the order of their ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct MonthUsage<'a> {
    cells: Vec<(Key<'a>, Vec<(Rank, i64)>)>,
    /// Of events that name no customer.
    unnamed: Vec<(Key<'a>, i64)>,
}

/// Activity and warehouse.
type Key<'a> = (&'a str, &'a str);

impl<'a> MonthUsage<'a> {
    /// What customers used of an activity, where pools are kept by warehouse in that one.
    #[must_use]
    pub(crate) fn of(&self, activity: &str, warehouse: &str) -> &[(Rank, i64)] {
        let found = self.cells.iter().find(|(key, _)| *key == (activity, warehouse));
        found.map_or(&[], |(_, cells)| cells)
    }

    /// What events took of an activity that name no customer, such as after-care of what a supplier delivered. Below zero it takes nothing.
    #[must_use]
    pub(crate) fn unnamed(&self, activity: &str, warehouse: &str) -> i64 {
        let found = self.unnamed.iter().find(|(key, _)| *key == (activity, warehouse));
        found.map_or(0, |(_, quantity)| (*quantity).max(0))
    }

    /// The warehouses in which customers used an activity.
    pub(crate) fn warehouses<'s>(&'s self, activity: &'s str) -> impl Iterator<Item = &'a str> + 's {
        self.cells.iter().filter(move |((name, _), _)| *name == activity).map(|((_, warehouse), _)| *warehouse)
    }

    /// Whether an activity was used at all.
    #[must_use]
    pub(crate) fn has(&self, activity: &str) -> bool {
        self.warehouses(activity).next().is_some() || self.unnamed.iter().any(|((name, _), _)| *name == activity)
    }
}

/// Sorts the rollup's quantities out, months side by side.
pub(crate) fn usage<'a>(used: &'a DriverQuantities, customers: &Customers<'a>) -> Usage<'a> {
    let ranks: Vec<Rank> = used.customers().iter().map(|id| customers.rank(id).unwrap_or_default()).collect();
    let months: Vec<&[DriverCell]> = used.cells().chunk_by(|one, next| one.period == next.period).collect();
    let of_month = |cells: &&[DriverCell]| {
        let period = cells.first().map_or(0, |cell| cell.period);
        (Period::of_day(period), month(used, cells, &ranks))
    };
    months.par_iter().map(of_month).collect()
}

fn month<'a>(used: &'a DriverQuantities, cells: &[DriverCell], ranks: &[Rank]) -> MonthUsage<'a> {
    let warehouses = used.warehouses().len();
    let keys =
        || used.activities().iter().flat_map(|name| used.warehouses().iter().map(move |warehouse| (name, warehouse)));
    let mut of_keys: Vec<Vec<(Rank, i64)>> = keys().map(|_| Vec::new()).collect();
    let mut of_nobody = vec![0_i64; of_keys.len()];
    // The empty name comes first.
    let has_nobody = used.customers().first().is_some_and(String::is_empty);
    for cell in cells {
        let place = cell.activity as usize * warehouses + cell.warehouse as usize;
        if has_nobody && cell.customer == 0 {
            of_nobody[place] += cell.quantity;
        } else if let (Some(of_key), Some(rank)) = (of_keys.get_mut(place), ranks.get(cell.customer as usize)) {
            of_key.push((*rank, cell.quantity));
        }
    }
    let named = |(name, warehouse): (&'a String, &'a String)| (name.as_str(), warehouse.as_str());
    let cells = keys().map(named).zip(of_keys).filter(|(_, cells)| !cells.is_empty()).collect();
    let unnamed = keys().map(named).zip(of_nobody).filter(|(_, quantity)| *quantity != 0).collect();
    MonthUsage { cells, unnamed }
}
