//! Stores driver quantities as plain integers: customers, activities and warehouses are indices into their sorted ids, so that
//! millions of rows are added and sorted as numbers.
//!
//! ```text
//! customers A B     row of an order           cell
//! activities        customer_key  entry  →    period   customer  activity  quantity
//!   entry           1             4.5         2025-03  0         0         10.5
//!                   1             6.0
//! ```

use std::collections::{BTreeMap, BTreeSet, HashMap};

use netto_model::frame::{FrameError, names_at};
use netto_model::{DriverCell, DriverQuantities, column as c};
use polars::prelude::*;
use rayon::slice::ParallelSliceMut;

use crate::error::RollupError;
use crate::measured::Rows;
use crate::{Driver, Inputs, events};

/// The sorted ids of customers and activities, which indices refer to.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    customers: Vec<&'a str>,
    of_key: HashMap<i64, u32>,
    of_id: HashMap<&'a str, u32>,
    activities: Vec<&'a str>,
}

/// Quantities sorted by key, with warehouses as indices.
#[derive(Debug, Default)]
pub(crate) struct Quantities {
    cells: Vec<DriverCell>,
    warehouses: Vec<String>,
}

impl<'a> Names<'a> {
    /// The customers of the lines, and those that only events have.
    pub(crate) fn of(inputs: &Inputs<'a>) -> Result<Self, RollupError> {
        let keys = inputs.customers.column(c::CUSTOMER_KEY)?.i64()?;
        let ids = inputs.customers.column(c::CUSTOMER_ID)?.str()?;
        let mut customers: Vec<&str> = ids.iter().flatten().collect();
        for rows in events::measured_on(inputs).map(|(_, rows)| rows) {
            customers.extend(rows.column(c::CUSTOMER_ID)?.str()?.iter().flatten());
        }
        customers.push(events::NOBODY);
        customers.par_sort_unstable();
        customers.dedup();
        let of_id: HashMap<&str, u32> = customers.iter().copied().zip(0..).collect();
        let keys = keys.iter().zip(ids.iter());
        let of_key = keys.filter_map(|(key, id)| Some((key?, *of_id.get(id?)?))).collect();
        let activities: BTreeSet<&str> = inputs.drivers.iter().map(|driver| driver.activity.as_str()).collect();
        Ok(Self { customers, of_key, of_id, activities: activities.into_iter().collect() })
    }

    /// Adds customer ids to rows with customer keys, and sorts by id.
    pub(crate) fn named(&self, mut rows: DataFrame) -> Result<DataFrame, RollupError> {
        let places = self.customers(rows.column(c::CUSTOMER_KEY)?)?;
        rows.with_column(names_at(c::CUSTOMER_ID, &self.customers, places.iter().copied())?)?;
        let mut order: Vec<(u32, IdxSize)> = places.into_iter().zip(0..).collect();
        order.sort_unstable();
        let order: IdxCa = order.into_iter().map(|(_, row)| Some(row)).collect();
        Ok(rows.take(&order)?)
    }

    /// The indices of a column of customer keys or ids.
    fn customers(&self, column: &Column) -> Result<Vec<u32>, RollupError> {
        let unknown = |customer: String| RollupError::UnknownCustomer { customer };
        if let Ok(ids) = column.str() {
            let place = |id: &str| self.of_id.get(id).copied().ok_or_else(|| unknown(id.to_owned()));
            return ids.iter().map(|id| place(id.unwrap_or_default())).collect();
        }
        let place = |key: i64| self.of_key.get(&key).copied().ok_or_else(|| unknown(key.to_string()));
        column.i64()?.iter().map(|key| place(key.unwrap_or_default())).collect()
    }

    fn activity(&self, driver: &Driver) -> Option<u32> {
        self.activities.binary_search(&driver.activity.as_str()).ok().and_then(|place| u32::try_from(place).ok())
    }
}

/// Sums the rows' quantities of each driver by month, customer and, with `apart`, warehouse. Sums stay within 64 bits, as an audit
/// has checked.
pub(crate) fn added(
    rows: &Rows<'_>,
    apart: bool,
    drivers: &[&Driver],
    evaluated: &[Int64Chunked],
    names: &Names<'_>,
) -> Result<Quantities, RollupError> {
    let (warehouse_of_row, warehouses) = warehouses(rows.data, apart)?;
    let days = rows.data.column(c::PERIOD)?.date()?.physical().iter().map(Option::unwrap_or_default);
    let customers = names.customers(rows.data.column(rows.source.customer())?)?;
    let group_of_row: Vec<(i32, u32, u32)> = days
        .zip(customers)
        .zip(warehouse_of_row)
        .map(|((day, customer), warehouse)| (day, customer, warehouse))
        .collect();
    let mut groups = group_of_row.clone();
    groups.dedup(); // rows of a customer mostly lie together
    groups.sort_unstable();
    groups.dedup();
    let place_of_row: Vec<usize> =
        group_of_row.iter().map(|group| groups.binary_search(group).unwrap_or_default()).collect();
    let mut cells = Vec::new();
    for (driver, quantities) in drivers.iter().zip(evaluated) {
        let Some(activity) = names.activity(driver) else { continue };
        let mut sums = vec![0_i64; groups.len()];
        for (place, quantity) in place_of_row.iter().zip(quantities.iter()) {
            if let Some(sum) = sums.get_mut(*place) {
                *sum += quantity.unwrap_or_default();
            }
        }
        let used = groups.iter().zip(sums).filter(|(_, quantity)| *quantity != 0);
        cells.extend(used.map(|(&(period, customer, warehouse), quantity)| DriverCell {
            period,
            customer,
            activity,
            warehouse,
            quantity,
        }));
    }
    Ok(Quantities { cells, warehouses })
}

/// The index of each row's warehouse, and the sorted warehouses. An unnamed one is used for rows without a warehouse, and if rows
/// are not kept by warehouse.
fn warehouses(rows: &DataFrame, apart: bool) -> Result<(Vec<u32>, Vec<String>), RollupError> {
    if !apart {
        return Ok((vec![0; rows.height()], vec![String::new()]));
    }
    let column = rows.column(c::WAREHOUSE)?.str()?;
    let of_rows = || column.iter().map(Option::unwrap_or_default);
    let names: BTreeSet<&str> = of_rows().collect();
    let places: BTreeMap<&str, u32> = names.iter().copied().zip(0..).collect();
    let place = |name| places.get(name).copied().unwrap_or_default();
    Ok((of_rows().map(place).collect(), names.into_iter().map(str::to_owned).collect()))
}

impl Quantities {
    /// Merges all parts, sorted by key; quantities with the same key are added.
    pub(crate) fn joined(parts: Vec<Self>) -> Self {
        let warehouses: BTreeSet<String> = parts.iter().flat_map(|part| part.warehouses.iter().cloned()).collect();
        let places: BTreeMap<&str, u32> = warehouses.iter().map(String::as_str).zip(0..).collect();
        let mut cells = Vec::with_capacity(parts.iter().map(|part| part.cells.len()).sum());
        for part in parts {
            let place_of: Vec<u32> =
                part.warehouses.iter().filter_map(|name| places.get(name.as_str()).copied()).collect();
            let place = |warehouse: u32| place_of.get(warehouse as usize).copied().unwrap_or_default();
            cells.extend(part.cells.into_iter().map(|cell| DriverCell { warehouse: place(cell.warehouse), ..cell }));
        }
        cells.sort(); // stable, because it makes use of months that are in order already
        // The corrections for orders with lines in several months are added to the months' own quantities.
        cells.dedup_by(|more, cell| {
            let same = more.key() == cell.key();
            cell.quantity += if same { more.quantity } else { 0 };
            same
        });
        cells.retain(|cell| cell.quantity != 0);
        Self { cells, warehouses: warehouses.into_iter().collect() }
    }

    /// Replaces indices by ids.
    pub(crate) fn named(self, names: &Names<'_>) -> Result<DriverQuantities, FrameError> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        DriverQuantities::try_new(owned(&names.customers), owned(&names.activities), self.warehouses, self.cells)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(period: i32, customer: u32, activity: u32, warehouse: u32, quantity: i64) -> DriverCell {
        DriverCell { period, customer, activity, warehouse, quantity }
    }

    #[test]
    fn warehouses_of_two_parts_get_common_places() {
        let south = Quantities { cells: vec![cell(1, 0, 0, 0, 7)], warehouses: vec!["south".into()] };
        let both = Quantities {
            cells: vec![cell(0, 0, 0, 0, 5), cell(1, 0, 0, 1, 6), cell(0, 1, 0, 1, 4)],
            warehouses: vec![String::new(), "north".into()],
        };
        let joined = Quantities::joined(vec![south, both]);
        assert_eq!(joined.warehouses, ["", "north", "south"]);
        let sorted = [cell(0, 0, 0, 0, 5), cell(0, 1, 0, 1, 4), cell(1, 0, 0, 1, 6), cell(1, 0, 0, 2, 7)];
        assert_eq!(joined.cells, sorted);
    }
}
