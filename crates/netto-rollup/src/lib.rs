//! Rolls up order lines to orders and customers; the only stage that reads every order line. It adds but never multiplies money,
//! and knows nothing of cost pools.
//!
//! ```text
//! sql/orders.sql          lines → orders                       kernel.rs does the same in one pass over the sorted lines
//! sql/orders_so_far.sql   lines → orders at the end of each of their months
//! sql/customer_month.sql  orders → customer × month
//! sql/customer_supplier_month.sql  lines of some suppliers → customer × supplier × month
//! sql/driver.sql          lines or events → driver quantities, with the expressions of the configuration
//! sql/driver_of_orders.sql  orders → driver quantities, month by month
//! text.rs                 the SQL text, expressions inserted
//! lines.rs                a month's lines from the lake
//! month.rs                one month: lazy plans over its lines and orders
//! spanning.rs             orders with lines in several months: what they take in each
//! detail.rs               the same lines once more, named, with what each line and order used of a driver
//! events.rs               activities, deviations, receivables, stock → driver quantities
//! quantities.rs           driver quantities as integers
//! measured.rs             what each row takes of the drivers: expressions evaluated
//! negative.rs             rows that would take negative minutes, by name
//! ordered.rs              months side by side, as many at once as there are threads
//! spark.rs                the same by the user's own Spark, from the same texts
//! python.rs               a program that the user's own Python runs: Spark's client, and in the binary that of object storage
//! audit.rs                what must hold after every rollup
//! ```
//!
//! The SQL text is the definition. Two lines of an order, 2 × 10.00 and 1 × 5.00, are one row:
//!
//! ```text
//! period      customer_key  order_key  lines  quantity  net_amount
//! 2025-03-01  7             41         2      3.0000    25.0000
//! ```

mod audit;
pub mod detail;
mod error;
mod events;
mod kernel;
mod lines;
mod measured;
mod month;
mod negative;
mod ordered;
pub mod python;
mod quantities;
mod spanning;
pub mod spark;
mod text;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use netto_model::DriverSource;
use netto_model::frame::{CustomerMonth, CustomerSupplierMonth, EventQuantity};
use netto_model::{DriverQuantities, Expression, Frame, Period};
use polars::prelude::*;

pub use error::RollupError;
use quantities::{Names, Quantities};
pub use spanning::{Spanning, SpanningRow};
pub use text::sql_text;

/// How an activity is measured.
#[derive(Clone, Debug)]
pub struct Driver {
    /// Activity of the configuration.
    pub activity: String,
    /// The rows that it is measured on.
    pub source: DriverSource,
    /// Minutes or quantity per row.
    pub expression: Expression,
    /// The condition on the rows, if any.
    pub filter: Option<Expression>,
    /// Whether it measures minutes of work; then no row may have a negative quantity.
    pub minutes: bool,
    /// Whether its quantities are kept by the row's warehouse, if the source has one.
    pub by_warehouse: bool,
}

impl Driver {
    /// Splits the driver into drivers that add up to it: the summands about the order, and those about parts of the order.
    pub(crate) fn pieces(&self) -> Vec<Self> {
        if self.source != DriverSource::Orders {
            return vec![self.clone()];
        }
        let pieces = self.expression.summands_by(&kernel::APART).into_iter();
        pieces.map(|expression| Self { expression, ..self.clone() }).collect()
    }

    /// Whether an order's minutes of earlier months may not decrease later. This holds for minutes of a single piece; one of several
    /// pieces may reduce the sum of the others.
    pub(crate) fn keeps_what_was_taken(&self, pieces: &[Self]) -> bool {
        self.minutes && pieces.iter().filter(|piece| piece.activity == self.activity).count() == 1
    }
}

/// The inputs of a rollup.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The lake's files of order lines, by month, each sorted by customer, order and line.
    pub months: &'a BTreeMap<Period, Vec<PathBuf>>,
    /// `customer_key`, `customer_id`.
    pub customers: &'a DataFrame,
    /// `order_key`, `order_id`.
    pub orders: &'a DataFrame,
    /// Sources besides order lines, by name, as the contract declares them.
    pub events: &'a BTreeMap<&'static str, DataFrame>,
    /// How activities are measured.
    pub drivers: &'a [Driver],
    /// `product_key`, `supplier_id`, `valid_from`, `valid_to`: one row per product of the suppliers with rebates, or several with the days on
    /// which it was theirs; `None` if there are none.
    pub suppliers: Option<&'a DataFrame>,
}

/// The engine that turns lines into orders. Both give the same result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// One pass over the sorted lines.
    #[default]
    Kernel,
    /// The SQL text, through Polars.
    Sql,
}

/// Additive measures of customers by month.
#[derive(Clone, Debug)]
pub struct Rollups {
    /// The purchases of customers.
    pub customer_month: Frame<CustomerMonth>,
    /// The quantity of each activity's driver per customer.
    pub driver_quantity: DriverQuantities,
    /// The quantity of each activity's driver per activity or deviation event.
    pub event_quantity: Frame<EventQuantity>,
    /// The purchases of customers by supplier, if suppliers were given.
    pub customer_supplier_month: Option<Frame<CustomerSupplierMonth>>,
    /// The quantities per month of orders with lines in several months, for reading the lines again.
    pub spanning: Spanning,
}

/// Rolls up all months in parallel, with one month per thread in memory, and joins them in month order.
///
/// # Errors
/// A file that can't be read or isn't sorted, a sum beyond the range of money, an expression that gives no number or
/// negative minutes, or an audit that finds rows.
pub fn rollup(inputs: &Inputs<'_>, route: Route) -> Result<Rollups, RollupError> {
    let drivers: Vec<Driver> = inputs.drivers.iter().flat_map(Driver::pieces).collect();
    let inputs = &Inputs { drivers: &drivers, ..*inputs };
    let names = Names::of(inputs)?;
    let months: Vec<(&Period, &Vec<PathBuf>)> = inputs.months.iter().collect();
    let keys = spanning::keys(inputs)?;
    let work = |(period, files): &(&Period, &Vec<PathBuf>)| month::month(**period, files, inputs, &names, &keys, route);
    let rolled = ordered::in_order(&months, work)?;
    let (mut bought, mut of_suppliers, mut quantities) = (Vec::new(), Vec::new(), Vec::new());
    let mut spanning = spanning::Months::new(inputs, &names);
    for (month, (period, files)) in rolled.into_iter().zip(months) {
        let corrected = spanning.month(*period, files, &month.spanning)?;
        bought.push(corrected.counted(month.customers)?);
        of_suppliers.extend(month.suppliers);
        quantities.push(month.quantities);
        quantities.extend(corrected.quantities);
    }
    let spanning = spanning.done();
    quantities.extend(events::quantities(inputs, &names)?);
    let of_suppliers = match inputs.suppliers {
        Some(_) => Some(Frame::try_new(stacked(of_suppliers)?)?),
        None => None,
    };
    Ok(Rollups {
        customer_month: Frame::try_new(stacked(bought)?)?,
        driver_quantity: Quantities::joined(quantities).named(&names)?,
        event_quantity: Frame::try_new(events::by_event(inputs)?)?,
        customer_supplier_month: of_suppliers,
        spanning,
    })
}

fn stacked(months: Vec<DataFrame>) -> Result<LazyFrame, PolarsError> {
    concat(months.into_iter().map(IntoLazy::lazy).collect::<Vec<_>>(), UnionArgs::default())
}
