//! The dimensions of the star: customers, products, employees, months. Where a source is missing, ids stand for names.

use netto_model::frame::{Contract, DimCustomer, DimEmployee, DimPeriod, DimProduct, Employees, Products};
use netto_model::{Frame, Period, column as c};
use polars::prelude::*;

use crate::customer_window::Customer;
use crate::{Inputs, SegmentError};

/// Every customer that was supplied, bought or cost anything, with the tier of the main window.
pub(crate) fn dim_customer(inputs: &Inputs<'_>, main: &[Customer]) -> Result<Frame<DimCustomer>, SegmentError> {
    let key = || [col(c::CUSTOMER_ID)];
    let left = || JoinArgs::new(JoinType::Left);
    let ids = [inputs.customers.lazy().select(key()), inputs.waterfall.lazy().select(key())];
    let tiers = df!(
        c::CUSTOMER_ID => main.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(),
        c::TIER => main.iter().map(|row| row.tier).collect::<Vec<_>>(),
    )?;
    let plan = concat(ids, UnionArgs::default())?
        .unique(None, UniqueKeepStrategy::Any)
        .join(inputs.customers.lazy(), key(), key(), left())
        .join(tiers.lazy(), key(), key(), left())
        .with_column(coalesce(&[col(c::NAME), col(c::CUSTOMER_ID)]).alias(c::NAME));
    Ok(Frame::try_new(plan)?)
}

/// Products as their latest version has them.
pub(crate) fn dim_product(products: &Frame<Products>) -> Result<Frame<DimProduct>, SegmentError> {
    named(products.latest(), c::PRODUCT_ID)
}

/// Employees as supplied, without their pay.
pub(crate) fn dim_employee(employees: &Frame<Employees>) -> Result<Frame<DimEmployee>, SegmentError> {
    named(employees.lazy(), c::EMPLOYEE_ID)
}

/// The contract takes only the columns of the dimension.
fn named<D: Contract>(source: LazyFrame, id: &str) -> Result<Frame<D>, SegmentError> {
    Ok(Frame::try_new(source.with_column(coalesce(&[col(c::NAME), col(id)]).alias(c::NAME)))?)
}

/// All months from the first to the last.
pub(crate) fn dim_period(months: &[Period]) -> Result<Frame<DimPeriod>, SegmentError> {
    let each = |of: fn(&Period) -> i64| months.iter().map(of).collect::<Vec<i64>>();
    let frame = df!(
        c::PERIOD => months.iter().map(|month| month.first_day()).collect::<Vec<_>>(),
        c::YEAR => each(|month| month.year().into()),
        c::QUARTER => each(|month| ((month.month() + 2) / 3).into()),
        c::MONTH => each(|month| month.month().into()),
        c::LABEL => months.iter().map(ToString::to_string).collect::<Vec<_>>(),
    )?;
    Ok(Frame::try_new(frame.lazy().with_column(col(c::PERIOD).cast(DataType::Date)))?)
}
