//! The dimensions of the star: customers, products, employees, months. Without a source for them, ids serve as names.

use netto_model::contract::model;
use netto_model::frame::{Contract, DimCustomer, DimEmployee, DimPeriod, DimProduct};
use netto_model::{Frame, Mart, Period, column as c};
use polars::prelude::*;

use crate::models::Tables;
use crate::{Inputs, SegmentError};

/// Every customer that was supplied, bought or incurred cost, with the tier of the main window.
pub(crate) fn dim_customer(inputs: &Inputs<'_>, tables: &Tables) -> Result<Mart, SegmentError> {
    let key = || [col(c::CUSTOMER_ID)];
    let left = || JoinArgs::new(JoinType::Left);
    let ids = [inputs.customers.lazy().select(key()), inputs.waterfall.lazy().select(key())];
    let main = tables.plan(model("customer_window")).filter(col(c::WINDOW).eq(lit("main")));
    let plan = concat(ids, UnionArgs::default())?
        .unique(None, UniqueKeepStrategy::Any)
        .join(inputs.customers.lazy(), key(), key(), left())
        .join(main.select([col(c::CUSTOMER_ID), col(c::TIER)]), key(), key(), left())
        .with_column(coalesce(&[col(c::NAME), col(c::CUSTOMER_ID)]).alias(c::NAME));
    Ok(Frame::<DimCustomer>::try_new(plan)?.mart())
}

/// Products in their latest version.
pub(crate) fn dim_product(inputs: &Inputs<'_>) -> Result<Mart, SegmentError> {
    named::<DimProduct>(inputs.products.latest(), c::PRODUCT_ID)
}

/// Employees as supplied, without their pay.
pub(crate) fn dim_employee(inputs: &Inputs<'_>) -> Result<Mart, SegmentError> {
    let Some(employees) = inputs.employees else { return Ok(Frame::<DimEmployee>::empty().mart()) };
    named::<DimEmployee>(employees.lazy(), c::EMPLOYEE_ID)
}

/// Drops the columns that the contract's dimension doesn't have.
fn named<D: Contract>(source: LazyFrame, id: &str) -> Result<Mart, SegmentError> {
    Ok(Frame::<D>::try_new(source.with_column(coalesce(&[col(c::NAME), col(id)]).alias(c::NAME)))?.mart())
}

/// Consecutive months as a dimension.
pub(crate) fn periods(months: &[Period]) -> Result<Mart, SegmentError> {
    let each = |of: fn(&Period) -> i64| months.iter().map(of).collect::<Vec<i64>>();
    let frame = df!(
        c::PERIOD => months.iter().map(|month| month.first_day()).collect::<Vec<_>>(),
        c::YEAR => each(|month| month.year().into()),
        c::QUARTER => each(|month| month.quarter().into()),
        c::MONTH => each(|month| month.month().into()),
        c::LABEL => months.iter().map(ToString::to_string).collect::<Vec<_>>(),
    )?;
    Ok(Frame::<DimPeriod>::try_new(frame.lazy().with_column(col(c::PERIOD).cast(DataType::Date)))?.mart())
}
