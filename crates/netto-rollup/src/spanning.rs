//! Orders with lines in several months: in each month such an order gets its quantity up to the month's end minus its quantity
//! before, so that a fixed quantity per order counts once, in the month of its first line.
//!
//! ```text
//! minutes = 16 + 4*lines       lines until then    taken until then    in the month
//! o1     2025-01    1 line     1                   20                  20
//!        2025-02    1 line     2                   24                   4
//! ```
//! Each month is first processed alone, as if its orders were complete. Only the few orders with lines in other months come here,
//! split into parts, and the differences are added to the months' results. If an expression decreases with more lines, minutes
//! already counted stay (except those of one summand among several), while other quantities may decrease. An order counts in the
//! month of its first sale line. `sql/orders_so_far.sql` gives the same result.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::{DataType as ArrowType, Int64Type};
use netto_model::{Period, column as c};
use polars::prelude::*;

use crate::error::RollupError;
use crate::kernel::{self, Order, Parts};
use crate::measured::{Rows, evaluated};
use crate::negative::refuse_negative_minutes;
use crate::quantities::{Names, Quantities, added};
use crate::text::in_warehouses;
use crate::{Driver, DriverSource, Inputs, audit, lines};

/// The quantities per month of orders with lines in several months.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spanning {
    /// The activities that are measured on orders, piece by piece.
    activities: Vec<String>,
    of_months: HashMap<(Period, i64, i64), InMonth>,
    /// The number of months of each order.
    months: HashMap<(i64, i64), usize>,
}

/// The quantities of an order in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
struct InMonth {
    /// 1 if it counts as an order.
    counted: i64,
    /// By activity.
    quantities: Vec<i64>,
}

/// The quantities of an order in a month, as plain numbers: first day of the month, customer, order, whether it counts, and the
/// quantity of each activity.
pub type SpanningRow = (i32, i64, i64, i64, Vec<i64>);

impl Spanning {
    /// The activities, piece by piece, and all sorted rows, for storage.
    #[must_use]
    pub fn rows(&self) -> (Vec<String>, Vec<SpanningRow>) {
        let row = |(&(period, customer, order), month): (&(Period, i64, i64), &InMonth)| {
            (period.first_day(), customer, order, month.counted, month.quantities.clone())
        };
        let mut rows: Vec<SpanningRow> = self.of_months.iter().map(row).collect();
        rows.sort_unstable();
        (self.activities.clone(), rows)
    }

    /// Restores the result of [`Self::rows`].
    #[must_use]
    pub fn of_rows((activities, rows): (Vec<String>, Vec<SpanningRow>)) -> Self {
        let mut spanning = Self { activities, ..Self::default() };
        for (day, customer, order, counted, quantities) in rows {
            *spanning.months.entry((customer, order)).or_default() += 1;
            let month = InMonth { counted, quantities };
            spanning.of_months.insert((Period::of_day(day), customer, order), month);
        }
        spanning
    }

    /// Whether no order has lines in several months.
    pub(crate) fn is_empty(&self) -> bool {
        self.of_months.is_empty()
    }

    /// Whether the order counts in the month, 1 or 0; `None` if it has lines in one month only.
    pub(crate) fn counted(&self, period: Period, customer: i64, order: i64) -> Option<i64> {
        self.of_months.get(&(period, customer, order)).map(|month| month.counted)
    }

    /// Whether the order has lines in several months. An order id used by several customers is a separate order for each.
    #[must_use]
    pub fn spans_months(&self, customer: i64, order: i64) -> bool {
        self.months.get(&(customer, order)).is_some_and(|months| *months > 1)
    }

    /// The order's quantity of an activity in the month; `None` if it has lines in one month only.
    pub(crate) fn quantity(&self, activity: &str, period: Period, customer: i64, order: i64) -> Option<i64> {
        let month = self.of_months.get(&(period, customer, order))?;
        let pieces = self.activities.iter().zip(&month.quantities).filter(|(known, _)| *known == activity);
        Some(pieces.map(|(_, quantity)| quantity).sum())
    }
}

/// The keys of orders with lines in several months. It may include other orders whose id several customers use.
///
/// # Errors
/// A file that can't be read.
pub(crate) fn keys(inputs: &Inputs<'_>) -> Result<HashSet<i64>, RollupError> {
    let highest = inputs.orders.column(c::ORDER_KEY)?.i64()?.max().unwrap_or_default();
    let mut seen = vec![0_u64; usize::try_from(highest / 64 + 1).unwrap_or_default()];
    let mut keys = HashSet::new();
    for files in inputs.months.values() {
        let mut last = None;
        for file in files {
            for batch in lines::batches(file, &[c::ORDER_KEY])? {
                let failed = |source| RollupError::File { file: file.clone(), source: Box::new(source) };
                let column = cast(batch.map_err(failed)?.column(0), &ArrowType::Int64).map_err(failed)?;
                for &key in column.as_primitive::<Int64Type>().values() {
                    if last.replace(key) == Some(key) {
                        continue;
                    }
                    let Ok(place) = usize::try_from(key) else { continue };
                    let Some(word) = seen.get_mut(place / 64) else { continue };
                    if (*word >> (place % 64)) & 1 == 1 {
                        keys.insert(key);
                    }
                    *word |= 1 << (place % 64);
                }
            }
        }
    }
    Ok(keys)
}

/// Processes the months in sequence, with the earlier state of their orders.
pub(crate) struct Months<'a> {
    inputs: Inputs<'a>,
    names: &'a Names<'a>,
    drivers: Vec<&'a Driver>,
    before: HashMap<(i64, i64), Before>,
    done: Spanning,
}

/// The state of an order before a month.
struct Before {
    parts: Vec<Order>,
    /// Its quantities so far, by activity; `None` before its first month.
    taken: Vec<Option<i64>>,
}

/// The corrections to a month that was processed alone.
#[derive(Debug, Default)]
pub(crate) struct Corrected {
    pub(crate) quantities: Vec<Quantities>,
    /// The correction to the number of orders, by customer.
    orders: HashMap<i64, i64>,
}

impl Corrected {
    /// The customers of the month with the corrected number of orders.
    pub(crate) fn counted(&self, mut customers: DataFrame) -> Result<DataFrame, RollupError> {
        if !self.orders.is_empty() {
            let keys = customers.column(c::CUSTOMER_KEY)?.i64()?.iter();
            let more = |key: Option<i64>| key.and_then(|key| self.orders.get(&key)).copied().unwrap_or_default();
            let orders = customers.column(c::ORDERS)?.i64()?.iter().zip(keys);
            let orders: Int64Chunked =
                orders.map(|(orders, key)| Some(orders.unwrap_or_default() + more(key))).collect();
            customers.with_column(orders.with_name(c::ORDERS.into()).into_column())?;
        }
        Ok(customers)
    }
}

impl<'a> Months<'a> {
    pub(crate) fn new(inputs: &Inputs<'a>, names: &'a Names<'a>) -> Self {
        let drivers: Vec<&Driver> =
            inputs.drivers.iter().filter(|driver| driver.source == DriverSource::Orders).collect();
        let activities = drivers.iter().map(|driver| driver.activity.clone()).collect();
        let done = Spanning { activities, ..Spanning::default() };
        Self { inputs: *inputs, names, drivers, before: HashMap::new(), done }
    }

    pub(crate) fn done(self) -> Spanning {
        self.done
    }

    /// The orders of the next month, each in its parts.
    ///
    /// # Errors
    /// The same as for the rollup of a month.
    pub(crate) fn month(
        &mut self,
        period: Period,
        files: &[PathBuf],
        orders: &[Vec<Order>],
    ) -> Result<Corrected, RollupError> {
        if orders.is_empty() {
            return Ok(Corrected::default());
        }
        let so_far: Vec<Vec<Order>> = orders.iter().map(|parts| self.with_before(parts)).collect();
        let alone = self.measured(period, files, orders)?;
        let standing = self.measured(period, files, &so_far)?;
        let mut more: Vec<Vec<i64>> = vec![Vec::with_capacity(orders.len()); self.drivers.len()];
        let mut corrected = Corrected::default();
        for (place, (parts, so_far)) in orders.iter().zip(so_far).enumerate() {
            let Some(keys) = parts.first().map(Order::keys) else { continue };
            let before = self.before.remove(&keys);
            let was_sale = before.iter().flat_map(|before| &before.parts).any(Order::is_sale);
            let is_sale = parts.iter().any(Order::is_sale);
            let mut taken = before.map_or_else(|| vec![None; self.drivers.len()], |before| before.taken);
            let mut in_month = InMonth { counted: i64::from(is_sale && !was_sale), quantities: Vec::new() };
            let values = standing.of_order(place).zip(alone.of_order(place));
            let columns = self.drivers.iter().zip(taken.iter_mut()).zip(more.iter_mut());
            for (((driver, taken), more), (by_now, alone)) in columns.zip(values) {
                let kept = taken.filter(|taken| *taken > by_now && driver.keeps_what_was_taken(self.inputs.drivers));
                let by_now = kept.unwrap_or(by_now);
                let quantity = by_now.saturating_sub(taken.unwrap_or_default());
                *taken = Some(by_now);
                in_month.quantities.push(quantity);
                more.push(quantity.saturating_sub(alone));
            }
            *corrected.orders.entry(keys.0).or_default() += in_month.counted - i64::from(is_sale);
            self.done.of_months.insert((period, keys.0, keys.1), in_month);
            *self.done.months.entry(keys).or_default() += 1;
            self.before.insert(keys, Before { parts: so_far, taken });
        }
        corrected.quantities = self.added(period, files, &alone.orders, more)?;
        Ok(corrected)
    }

    /// The parts of an order until the end of the month.
    fn with_before(&self, parts: &[Order]) -> Vec<Order> {
        let before = parts.first().and_then(|part| self.before.get(&part.keys()));
        let mut so_far = before.map(|before| before.parts.clone()).unwrap_or_default();
        for part in parts {
            match so_far.iter_mut().find(|known| known.is_like(part)) {
                Some(known) => known.merge(part),
                None => so_far.push(part.clone()),
            }
        }
        so_far
    }

    /// The quantities of orders in this state: by activity, then by order.
    fn measured(&self, period: Period, files: &[PathBuf], orders: &[Vec<Order>]) -> Result<Measured, RollupError> {
        let whole = |parts: &Vec<Order>| {
            let mut parts = parts.iter();
            let first = parts.next().cloned();
            first.map(|first| {
                parts.fold(first, |mut whole, part| {
                    whole.merge(part);
                    whole
                })
            })
        };
        let whole: Vec<Order> = orders.iter().filter_map(whole).collect();
        let data = kernel::frame(period, &whole)?;
        let parts = Parts(orders.iter().filter(|parts| parts.len() > 1).flatten().cloned().collect());
        let rows = self.rows(period, files, &data);
        let values = evaluated(&rows, Some(&parts), &self.drivers)?;
        refuse_negative_minutes(&rows, &self.drivers, &values)?;
        let values = values.iter().map(|of_orders| of_orders.iter().map(Option::unwrap_or_default).collect()).collect();
        Ok(Measured { orders: data, values })
    }

    fn rows<'r>(&self, period: Period, files: &'r [PathBuf], data: &'r DataFrame) -> Rows<'r>
    where
        'a: 'r,
    {
        Rows { source: DriverSource::Orders, data, month: Some((period, files)), orders: self.inputs.orders }
    }

    /// The corrections to the month's quantities, by warehouse if they are kept by warehouse.
    fn added(
        &self,
        period: Period,
        files: &[PathBuf],
        orders: &DataFrame,
        more: Vec<Vec<i64>>,
    ) -> Result<Vec<Quantities>, RollupError> {
        let rows = self.rows(period, files, orders);
        let more = self.drivers.iter().copied().zip(more);
        let (apart, together): (Vec<_>, Vec<_>) = more.partition(|(driver, _)| in_warehouses(driver));
        let all = [(together, false), (apart, true)].into_iter().filter(|(of_drivers, _)| !of_drivers.is_empty());
        all.map(|(of_drivers, apart)| {
            let (drivers, values): (Vec<&Driver>, Vec<Vec<i64>>) = of_drivers.into_iter().unzip();
            let values: Vec<Int64Chunked> =
                values.into_iter().map(|values| Int64Chunked::from_vec("".into(), values)).collect();
            audit::quantities_stay_in_range(Some(period), rows.source, &drivers, &values)?;
            added(&rows, apart, &drivers, &values, self.names)
        })
        .collect()
    }
}

/// Orders as rows, with their quantity of each activity.
struct Measured {
    orders: DataFrame,
    /// By activity, then by order.
    values: Vec<Vec<i64>>,
}

impl Measured {
    /// The quantities of an order, by activity.
    fn of_order(&self, place: usize) -> impl Iterator<Item = i64> + '_ {
        self.values.iter().map(move |of_orders| of_orders.get(place).map_or(0, |value| *value))
    }
}
