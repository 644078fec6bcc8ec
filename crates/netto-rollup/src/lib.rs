//! Order lines → orders → customers: the only stage that reads every order line. It adds; it never multiplies money, and
//! doesn't know what a cost pool is.
//!
//! ```text
//! sql/orders.sql          lines → orders                       kernel.rs does the same in one pass over the sorted lines
//! sql/customer_month.sql  orders → customer × month
//! sql/driver.sql          lines, orders or events → driver quantities, with the expressions of the configuration
//! text.rs                 the SQL text, expressions inserted
//! lines.rs                a month's lines from the lake
//! month.rs                one month: lazy plans over its lines and orders
//! events.rs               activities, deviations, receivables → driver quantities
//! ordered.rs              months side by side, as many at once as there are threads
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
mod error;
mod events;
mod kernel;
mod lines;
mod month;
mod ordered;
mod text;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use netto_model::DriverSource;
use netto_model::frame::{CustomerMonth, DriverQuantity};
use netto_model::{Expression, Frame, Period, column as c};
use polars::prelude::*;

pub use error::RollupError;
pub use text::sql_text;

/// How an activity is measured.
#[derive(Clone, Debug)]
pub struct Driver {
    /// Activity of the configuration.
    pub activity: String,
    /// What a row is.
    pub source: DriverSource,
    /// Minutes or quantity per row.
    pub expression: Expression,
    /// Only rows for which this holds.
    pub filter: Option<Expression>,
}

/// What is rolled up.
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
}

/// Which way lines become orders. Both give the same result.
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
    /// What customers bought.
    pub customer_month: Frame<CustomerMonth>,
    /// What they used of each activity's driver.
    pub driver_quantity: Frame<DriverQuantity>,
}

/// Rolls all months up: in parallel, one month per thread in memory, joined in the order of the months.
///
/// # Errors
/// A file that can't be read or isn't sorted, a sum beyond the range of money, an expression that gives no number,
/// or an audit that finds rows.
pub fn rollup(inputs: &Inputs<'_>, route: Route) -> Result<Rollups, RollupError> {
    let months: Vec<(&Period, &Vec<PathBuf>)> = inputs.months.iter().collect();
    let months = ordered::in_order(&months, |(period, files)| month::month(**period, files, inputs.drivers, route))?;
    let (bought, quantities): (Vec<_>, Vec<_>) =
        months.into_iter().map(|month| (month.customers, month.quantities)).unzip();
    let mut quantities = vec![named(stacked(quantities)?, inputs.customers).select(QUANTITY_COLUMNS.map(col))];
    quantities.extend(events::quantities(inputs)?.into_iter().map(IntoLazy::lazy));
    Ok(Rollups {
        customer_month: Frame::try_new(named(stacked(bought)?, inputs.customers))?,
        driver_quantity: Frame::try_new(concat(quantities, UnionArgs::default())?)?,
    })
}

/// The columns of a driver quantity.
const QUANTITY_COLUMNS: [&str; 5] = [c::PERIOD, c::CUSTOMER_ID, c::ACTIVITY, c::WAREHOUSE, c::QUANTITY];

fn stacked(months: Vec<DataFrame>) -> Result<DataFrame, RollupError> {
    let plans: Vec<LazyFrame> = months.into_iter().map(IntoLazy::lazy).collect();
    Ok(concat(plans, UnionArgs::default())?.collect()?)
}

/// Keys become the ids that people know.
fn named(rows: DataFrame, customers: &DataFrame) -> LazyFrame {
    let key = [col(c::CUSTOMER_KEY)];
    rows.lazy().join(customers.clone().lazy(), key.clone(), key, JoinArgs::new(JoinType::Left))
}
