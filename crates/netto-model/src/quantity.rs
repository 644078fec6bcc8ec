//! What customers used of each activity's driver, month by month, in whole numbers: a customer, an activity and a warehouse are their places in
//! the order of their names, so that millions of quantities are added, put in order and shared out without a text.
//!
//! ```
//! use netto_model::quantity::{DriverCell, DriverQuantities};
//! let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
//! let cell = |customer, quantity| DriverCell { period: 20_148, customer, activity: 0, warehouse: 0, quantity };
//! let used = DriverQuantities::try_new(names(&["A", "B"]), names(&["picking"]), names(&[""]), vec![cell(0, 20_000), cell(1, 5_000)])?;
//! assert_eq!(used.frame()?.data().column("customer_id")?.str()?.get(1), Some("B")); // named where somebody reads it
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use polars::prelude::*;

use crate::column as c;
use crate::contract::DRIVER_QUANTITY;
use crate::frame::{Contract, DriverQuantity, Frame, FrameError, column_stays_in_range, names_at};

/// What a customer used of an activity's driver in a month and a warehouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DriverCell {
    /// First day of the month.
    pub period: i32,
    /// Place of the customer.
    pub customer: u32,
    /// Place of the activity.
    pub activity: u32,
    /// Place of the warehouse.
    pub warehouse: u32,
    /// In ten-thousandths.
    pub quantity: i64,
}

impl DriverCell {
    /// What there is one cell of.
    #[must_use]
    pub const fn key(&self) -> (i32, u32, u32, u32) {
        (self.period, self.customer, self.activity, self.warehouse)
    }
}

/// All of them, in the order of month, customer, activity and warehouse, and the names by place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DriverQuantities {
    customers: Vec<String>,
    activities: Vec<String>,
    warehouses: Vec<String>,
    cells: Vec<DriverCell>,
}

impl DriverQuantities {
    /// Puts the cells in order, and checks them: names stand in their order, every place has one, there is one cell per key, and quantities stay
    /// within what can be added.
    ///
    /// # Errors
    /// The first of these that doesn't hold.
    pub fn try_new(
        customers: Vec<String>,
        activities: Vec<String>,
        warehouses: Vec<String>,
        mut cells: Vec<DriverCell>,
    ) -> Result<Self, FrameError> {
        let table = DRIVER_QUANTITY.name;
        for (column, names) in [(c::CUSTOMER_ID, &customers), (c::ACTIVITY, &activities), (c::WAREHOUSE, &warehouses)] {
            if !names.is_sorted_by(|one, next| one < next) {
                return Err(FrameError::Unordered { table, column });
            }
        }
        let known = |place: u32, names: &[String]| (place as usize) < names.len();
        let named = |cell: &DriverCell| {
            known(cell.customer, &customers) && known(cell.activity, &activities) && known(cell.warehouse, &warehouses)
        };
        let nameless = cells.iter().filter(|cell| !named(cell)).count();
        if nameless > 0 {
            return Err(FrameError::Null { table, column: c::CUSTOMER_ID, nulls: nameless });
        }
        if !cells.is_sorted_by_key(DriverCell::key) {
            cells.sort_unstable();
        }
        let duplicates = cells.windows(2).filter(|pair| matches!(pair, [one, next] if one.key() == next.key())).count();
        if duplicates > 0 {
            return Err(FrameError::DuplicateKey { table, grain: DRIVER_QUANTITY.grain, duplicates });
        }
        let all = Self { customers, activities, warehouses, cells };
        for column in DRIVER_QUANTITY.columns.iter().filter(|column| column.name == c::QUANTITY) {
            let quantities = all.cells.iter().map(|cell| cell.quantity);
            column_stays_in_range(&DRIVER_QUANTITY, column, quantities, |row| Ok(all.row(row)))?;
        }
        Ok(all)
    }

    /// From rows with names.
    ///
    /// # Errors
    /// When a column has another type than the contract's.
    pub fn of(frame: &Frame<DriverQuantity>) -> PolarsResult<Self> {
        let data = frame.data();
        let (customers, of_customers) = places(data.column(c::CUSTOMER_ID)?.str()?);
        let (activities, of_activities) = places(data.column(c::ACTIVITY)?.str()?);
        let (warehouses, of_warehouses) = places(data.column(c::WAREHOUSE)?.str()?);
        let days = data.column(c::PERIOD)?.date()?.physical().iter().map(Option::unwrap_or_default);
        let quantities = data.column(c::QUANTITY)?.i64()?.iter().map(Option::unwrap_or_default);
        let places = of_customers.into_iter().zip(of_activities).zip(of_warehouses);
        let cells = days.zip(places).zip(quantities).map(|((period, ((customer, activity), warehouse)), quantity)| {
            DriverCell { period, customer, activity, warehouse, quantity }
        });
        // Rows of a checked frame stand in the order of their key, and places in that of their names.
        Ok(Self { cells: cells.collect(), customers, activities, warehouses })
    }

    /// As rows with names.
    ///
    /// # Errors
    /// When the contract refuses them.
    pub fn frame(&self) -> Result<Frame<DriverQuantity>, FrameError> {
        let engine = |source| FrameError::Engine { table: DriverQuantity::TABLE.name, source };
        let cells = || self.cells.iter();
        let named = |column: &str, names: &[String], places: fn(&DriverCell) -> u32| {
            names_at(column, &names.iter().map(String::as_str).collect::<Vec<_>>(), cells().map(places))
        };
        let columns = || -> PolarsResult<Vec<polars::prelude::Column>> {
            let periods: Int32Chunked = cells().map(|cell| Some(cell.period)).collect();
            let quantities: Int64Chunked = cells().map(|cell| Some(cell.quantity)).collect();
            Ok(vec![
                periods.with_name(c::PERIOD.into()).into_date().into_column(),
                named(c::CUSTOMER_ID, &self.customers, |cell| cell.customer)?,
                named(c::ACTIVITY, &self.activities, |cell| cell.activity)?,
                named(c::WAREHOUSE, &self.warehouses, |cell| cell.warehouse)?,
                quantities.with_name(c::QUANTITY.into()).into_column(),
            ])
        };
        Frame::try_new(columns().and_then(DataFrame::new_infer_height).map_err(engine)?.lazy())
    }

    /// The cells, in their order.
    #[must_use]
    pub fn cells(&self) -> &[DriverCell] {
        &self.cells
    }

    /// The ids of customers, by place; some may have used nothing.
    #[must_use]
    pub fn customers(&self) -> &[String] {
        &self.customers
    }

    /// The activities of the configuration, by place.
    #[must_use]
    pub fn activities(&self) -> &[String] {
        &self.activities
    }

    /// The warehouses, by place; one without a name where quantities aren't kept by warehouse.
    #[must_use]
    pub fn warehouses(&self) -> &[String] {
        &self.warehouses
    }

    /// A row by its key, for messages.
    fn row(&self, row: usize) -> String {
        let Some(cell) = self.cells.get(row) else { return String::new() };
        let name = |names: &[String], place: u32| names.get(place as usize).cloned().unwrap_or_default();
        let parts = [
            (c::PERIOD, crate::Period::of_day(cell.period).to_string()),
            (c::CUSTOMER_ID, name(&self.customers, cell.customer)),
            (c::ACTIVITY, name(&self.activities, cell.activity)),
            (c::WAREHOUSE, name(&self.warehouses, cell.warehouse)),
        ];
        let said =
            parts.into_iter().filter(|(_, name)| !name.is_empty()).map(|(column, name)| format!("{column} {name}"));
        said.collect::<Vec<_>>().join(", ")
    }
}

/// The texts of a column in their order, and the place of each row's.
fn places(column: &StringChunked) -> (Vec<String>, Vec<u32>) {
    let texts = || column.iter().map(Option::unwrap_or_default);
    let mut names: Vec<&str> = texts().collect();
    names.sort_unstable();
    names.dedup();
    let place: PlHashMap<&str, u32> = names.iter().copied().zip(0..).collect();
    let of_rows = texts().map(|text| place.get(text).copied().unwrap_or_default()).collect();
    (names.into_iter().map(str::to_owned).collect(), of_rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARCH: i32 = 20_148;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn cell(period: i32, customer: u32, activity: u32, quantity: i64) -> DriverCell {
        DriverCell { period, customer, activity, warehouse: 0, quantity }
    }

    fn made(customers: &[&str], cells: Vec<DriverCell>) -> Result<DriverQuantities, FrameError> {
        DriverQuantities::try_new(names(customers), names(&["entry", "picking"]), names(&[""]), cells)
    }

    #[test]
    fn cells_stand_in_order_and_are_the_same_with_their_names() {
        let cells = vec![cell(MARCH, 1, 0, 7), cell(MARCH, 0, 1, 5), cell(MARCH - 31, 1, 1, -3)];
        let made = made(&["A", "B"], cells).unwrap();
        assert_eq!(made.cells(), [cell(MARCH - 31, 1, 1, -3), cell(MARCH, 0, 1, 5), cell(MARCH, 1, 0, 7)]);
        assert_eq!(DriverQuantities::of(&made.frame().unwrap()).unwrap(), made);
    }

    #[test]
    fn what_no_frame_may_hold_is_refused_in_the_same_words() {
        let said = |customers: &[&str], cells| made(customers, cells).unwrap_err().to_string();
        let most = i64::try_from(crate::frame::MOST).unwrap();
        let many = (0..10).map(|month| cell(MARCH + month, 0, 0, most)).collect();
        let messages = [
            said(&["B", "A"], vec![]),
            said(&["A"], vec![cell(MARCH, 1, 0, 1)]),
            said(&["A"], vec![cell(MARCH, 0, 0, 1), cell(MARCH, 0, 0, 2)]),
            said(&["A"], vec![cell(MARCH, 0, 0, most + 1)]),
            said(&["A"], many),
        ];
        insta::assert_snapshot!(messages.join("\n"), @r"
        the categories of `customer_id` in table `driver_quantity` are not in order
        column `customer_id` of table `driver_quantity` has 1 empty values, but none are allowed
        table `driver_quantity` has 1 rows with the key of another row; only one row per month × customer × activity × warehouse is allowed
        table `driver_quantity`: the quantity of period 2025-03, customer_id A, activity entry is 100,000,000,000,000.0000, outside ±99,999,999,999,999.9999
        table `driver_quantity`: the sum of quantity over its 10 rows is 999,999,999,999,999.9990, outside ±922,337,203,685,477.5807; the largest is 99,999,999,999,999.9999, of period 2025-03, customer_id A, activity entry
        ");
    }
}
