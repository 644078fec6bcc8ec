//! Evaluates the driver expressions of the configuration on each row.
//!
//! ```text
//! orders  lines  channel       entry = 3 + 1.5*lines      phone = 10 where channel = 'phone'
//! o1      2      web      →    6.0                        0
//! o2      1      phone         4.5                        10.0
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use netto_model::expression::NoValue;
use netto_model::{Period, column as c};
use polars::prelude::*;
use rayon::prelude::*;

use crate::error::RollupError;
use crate::kernel::{APART, Parts};
use crate::negative::refuse_below_zero;
use crate::{Driver, DriverSource, lines};

/// The rows that drivers are measured on, and the data needed to name one in a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'a> {
    pub(crate) source: DriverSource,
    pub(crate) data: &'a DataFrame,
    /// The month and its files, for lines and orders.
    pub(crate) month: Option<(Period, &'a [PathBuf])>,
    /// `order_key`, `order_id`.
    pub(crate) orders: &'a DataFrame,
}

/// The quantity of each row in ten-thousandths, in the order of the drivers; zero if the condition doesn't hold.
///
/// An expression over orders that uses a column separating their parts is evaluated on the parts: nine sale lines and one return
/// are a sale of nine lines and a return of one. The order's quantity is the sum over its parts. In a sum, only such summands are
/// evaluated on the parts, the others on the order: `5 + case when delivery = 'direct' then 2*lines else 7*lines end` counts the 5
/// once. (The drivers are already split into such pieces, those of an activity next to each other.)
///
/// # Errors
/// The first row of the first activity without a number, by name.
pub(crate) fn evaluated(
    rows: &Rows<'_>,
    parts: Option<&Parts>,
    drivers: &[&Driver],
) -> Result<Vec<Int64Chunked>, RollupError> {
    over(rows, parts, drivers, false)
}

/// The same without what the returns and credits among an order's lines add. What an order takes whatever its lines are is of its sale.
pub(crate) fn evaluated_of_sales(
    rows: &Rows<'_>,
    parts: &Parts,
    drivers: &[&Driver],
) -> Result<Vec<Int64Chunked>, RollupError> {
    over(rows, Some(parts), drivers, true)
}

fn over(
    rows: &Rows<'_>,
    parts: Option<&Parts>,
    drivers: &[&Driver],
    only_sales: bool,
) -> Result<Vec<Int64Chunked>, RollupError> {
    let of = |driver: &&Driver| driver.expression.ten_thousandths_of(rows.data, driver.filter.as_ref());
    let mixed = parts.map(|parts| Mixed::of(rows, parts, drivers)).transpose()?.unwrap_or_default();
    let values: Vec<Result<Int64Chunked, RollupError>> = drivers
        .par_iter()
        .map(|driver| match mixed.of_driver(driver) {
            Some(parts) => {
                let whole = drivers.iter().filter(|other| other.activity == driver.activity).count() == 1;
                parts.evaluated(rows, driver, whole, only_sales)
            }
            None => of(driver).map_err(|error| rows.no_number(driver, error)),
        })
        .collect();
    values.into_iter().collect()
}

/// The columns of a driver that separate parts.
pub(crate) fn apart(driver: &Driver) -> Vec<&'static str> {
    let expressions = || driver.filter.iter().chain([&driver.expression]);
    let reads = |name: &&str| expressions().any(|expression| expression.columns().any(|column| column.name == *name));
    if driver.source == DriverSource::Orders { APART.into_iter().filter(reads).collect() } else { Vec::new() }
}

/// Rows in which orders of several kinds are split into parts, by the columns that separate the parts.
#[derive(Default)]
struct Mixed(BTreeMap<Vec<&'static str>, InParts>);

struct InParts {
    /// First the orders of one kind, then the parts of the others.
    rows: DataFrame,
    /// The index of each row's order.
    places: Vec<usize>,
}

impl Mixed {
    fn of(rows: &Rows<'_>, parts: &Parts, drivers: &[&Driver]) -> Result<Self, RollupError> {
        let Some((period, _)) = rows.month.filter(|_| !parts.is_empty()) else { return Ok(Self::default()) };
        let kinds: BTreeSet<Vec<&str>> = drivers.iter().map(|driver| apart(driver)).collect();
        let mut mixed = BTreeMap::new();
        for kind in kinds.into_iter().filter(|kind| !kind.is_empty()) {
            let (of_parts, places_of_parts) = parts.by(period, &kind, rows.data)?;
            let in_parts: BTreeSet<usize> = places_of_parts.iter().copied().collect();
            let mut places: Vec<usize> = (0..rows.data.height()).filter(|place| !in_parts.contains(place)).collect();
            let whole: IdxCa = places.iter().map(|&place| IdxSize::try_from(place).ok()).collect();
            places.extend(places_of_parts);
            mixed.insert(kind, InParts { rows: rows.data.take(&whole)?.vstack(&of_parts)?, places });
        }
        Ok(Self(mixed))
    }

    fn of_driver(&self, driver: &Driver) -> Option<&InParts> {
        if self.0.is_empty() { None } else { self.0.get(&apart(driver)) }
    }
}

impl InParts {
    /// The quantity of each order: the sum over its parts, or over those of its sale.
    fn evaluated(
        &self,
        rows: &Rows<'_>,
        driver: &Driver,
        whole: bool,
        only_sales: bool,
    ) -> Result<Int64Chunked, RollupError> {
        let own = Rows { data: &self.rows, ..*rows };
        let values = driver.expression.ten_thousandths_of(&self.rows, driver.filter.as_ref());
        let values = values.map_err(|error| own.no_number(driver, error))?;
        // A single piece may be negative and reduce the others.
        if whole {
            refuse_below_zero(&own, driver, &values)?;
        }
        let mut sums: Vec<Option<i64>> = vec![None; rows.data.height()];
        let kinds = self.rows.column(c::ORDER_KIND)?.str()?;
        let of_parts = self.places.iter().zip(values.iter()).zip(kinds.iter());
        for ((&place, value), _) in of_parts.filter(|(_, kind)| !only_sales || *kind == Some("sale")) {
            if let (Some(sum), Some(value)) = (sums.get_mut(place), value) {
                // Each value is below a tenth of the range of 64 bits, and an order has only a few parts.
                *sum = Some(sum.unwrap_or_default().saturating_add(value));
            }
        }
        Ok(sums.into_iter().collect())
    }
}

impl Rows<'_> {
    fn no_number(&self, driver: &Driver, error: NoValue) -> RollupError {
        let (row, reason) = match error {
            NoValue::Row { row, reason } => (row, reason),
            NoValue::Columns(error) => return error.into(),
        };
        match self.name(row) {
            Ok(row) => RollupError::Expression {
                activity: driver.activity.clone(),
                row,
                period: self.month.map(|(period, _)| period),
                reason,
            },
            Err(error) => error,
        }
    }

    /// `order `4711`, line 2`
    pub(crate) fn name(&self, row: usize) -> Result<String, RollupError> {
        let text = |column: &str| -> Result<&str, PolarsError> {
            Ok(self.data.column(column)?.str()?.get(row).unwrap_or_default())
        };
        Ok(match self.source {
            DriverSource::Orders => self.order(self.data, row)?,
            DriverSource::OrderLines => {
                let (period, files) = self.month.unwrap_or((Period::of_day(0), &[]));
                let keys = lines::frame(period, files, &[c::ORDER_KEY, c::LINE_NO])?;
                let line = keys.column(c::LINE_NO)?.i64()?.get(row).unwrap_or_default();
                format!("{}, line {line}", self.order(&keys, row)?)
            }
            DriverSource::Activities => format!("event `{}`", text(c::ACTIVITY_ID)?),
            DriverSource::Deviations => format!("deviation `{}`", text(c::DEVIATION_ID)?),
            DriverSource::Receivables => format!("invoice `{}`", text(c::INVOICE_ID)?),
            DriverSource::Stock => {
                let day = self.data.column(c::SNAPSHOT_DATE)?.get(row)?;
                format!("the stock of `{}` on {day}", text(c::PRODUCT_ID)?)
            }
        })
    }
    /// The name of a row's order.
    fn order(&self, keys: &DataFrame, row: usize) -> Result<String, RollupError> {
        order_name(self.orders, keys.column(c::ORDER_KEY)?.i64()?.get(row))
    }
}

/// The name of an order: users know its id, not its key.
pub(crate) fn order_name(orders: &DataFrame, key: Option<i64>) -> Result<String, RollupError> {
    let place = orders.column(c::ORDER_KEY)?.i64()?.iter().position(|known| known == key);
    let ids = orders.column(c::ORDER_ID)?.str()?;
    Ok(match place.and_then(|place| ids.get(place)) {
        Some(id) => format!("order `{id}`"),
        None => format!("the order with key {}", key.unwrap_or_default()),
    })
}
