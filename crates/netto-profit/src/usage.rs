//! Driver quantities by month, activity and warehouse: who used how much.

use std::collections::BTreeMap;
use std::ops::Range;

use netto_model::frame::DriverQuantity;
use netto_model::{Frame, Period, column as c};
use polars::prelude::*;
use rayon::prelude::*;

use crate::ProfitError;
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

    fn add(&mut self, key: Key<'a>, next: &mut usize, cell: (Rank, i64)) {
        // Customers follow each other with much the same activities: the one after the last is mostly the one.
        let place = (*next..self.cells.len()).chain(0..*next).find(|&place| self.cells[place].0 == key);
        let place = place.unwrap_or_else(|| {
            self.cells.push((key, Vec::new()));
            self.cells.len() - 1
        });
        self.cells[place].1.push(cell);
        *next = (place + 1).min(self.cells.len());
    }
}

/// Sorts the rollup's quantities out, months side by side.
///
/// # Errors
/// When a column has another type than the contract's.
pub(crate) fn usage<'a>(
    quantities: &'a Frame<DriverQuantity>,
    customers: &Customers<'a>,
) -> Result<Usage<'a>, ProfitError> {
    let data = quantities.data();
    let days = data.column(c::PERIOD)?.date()?.physical();
    // A checked frame stands in the order of its key: month, customer, activity, warehouse.
    let mut months: Vec<(i32, Range<usize>)> = Vec::new();
    for (row, day) in days.iter().map(Option::unwrap_or_default).enumerate() {
        match months.last_mut() {
            Some((month, rows)) if *month == day => rows.end = row + 1,
            _ => months.push((day, row..row + 1)),
        }
    }
    let of_month =
        |(day, rows): &(i32, Range<usize>)| Ok((Period::of_day(*day), month(data, rows.clone(), customers)?));
    months.par_iter().map(of_month).collect()
}

fn month<'a>(
    data: &'a DataFrame,
    rows: Range<usize>,
    customers: &Customers<'a>,
) -> Result<MonthUsage<'a>, ProfitError> {
    let (ids, activities) = (data.column(c::CUSTOMER_ID)?.str()?, data.column(c::ACTIVITY)?.str()?);
    let (warehouses, quantities) = (data.column(c::WAREHOUSE)?.str()?, data.column(c::QUANTITY)?.i64()?);
    let mut month = MonthUsage::default();
    let (mut last, mut next) = (None, 0);
    for row in rows {
        let text = |column: &'a StringChunked| column.get(row).unwrap_or_default();
        let id = text(ids);
        if id.is_empty() {
            let key = (text(activities), text(warehouses));
            month.unnamed.push((key, quantities.get(row).unwrap_or_default()));
            continue;
        }
        // A customer's activities follow each other: its rank is looked up once.
        let rank = match last {
            Some((known, rank)) if known == id => rank,
            _ => customers.rank(id).unwrap_or_default(),
        };
        last = Some((id, rank));
        month.add((text(activities), text(warehouses)), &mut next, (rank, quantities.get(row).unwrap_or_default()));
    }
    Ok(month)
}
