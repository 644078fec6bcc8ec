//! Driver quantities by month and activity: who used how much.

use std::collections::BTreeMap;

use netto_model::frame::DriverQuantity;
use netto_model::{Frame, Period, column as c};

use crate::ProfitError;

/// Quantities in ten-thousandths, by month and activity, customers in the order of their ids.
#[derive(Clone, Debug, Default)]
pub struct Usage<'a> {
    cells: BTreeMap<Period, ByActivity<'a>>,
}

/// What each customer used, by activity.
type ByActivity<'a> = BTreeMap<&'a str, Vec<(&'a str, i64)>>;

impl<'a> Usage<'a> {
    /// What customers used of an activity in a month.
    #[must_use]
    pub fn of(&self, period: Period, activity: &str) -> &[(&'a str, i64)] {
        self.cells.get(&period).and_then(|month| month.get(activity)).map_or(&[], Vec::as_slice)
    }

    /// The months in which an activity was used at all.
    pub fn months<'s>(&'s self, activity: &'s str) -> impl Iterator<Item = Period> + 's {
        self.cells.iter().filter(move |(_, month)| month.contains_key(activity)).map(|(period, _)| *period)
    }
}

/// Sorts the rollup's quantities out by month and activity.
///
/// # Errors
/// When a column has another type than the contract's.
pub fn usage(quantities: &Frame<DriverQuantity>) -> Result<Usage<'_>, ProfitError> {
    let data = quantities.data();
    let periods = data.column(c::PERIOD)?.date()?.physical().iter();
    let customers = data.column(c::CUSTOMER_ID)?.str()?.iter();
    let activities = data.column(c::ACTIVITY)?.str()?.iter();
    let amounts = data.column(c::QUANTITY)?.i64()?.iter();
    let mut usage = Usage::default();
    // A checked frame stands in the order of its key: month, customer, activity. So each list comes out by customer.
    for (((day, customer), activity), quantity) in periods.zip(customers).zip(activities).zip(amounts) {
        if let (Some(day), Some(customer), Some(activity), Some(quantity)) = (day, customer, activity, quantity) {
            let month = usage.cells.entry(Period::of_day(day)).or_default();
            month.entry(activity).or_default().push((customer, quantity));
        }
    }
    Ok(usage)
}
