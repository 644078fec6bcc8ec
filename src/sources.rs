//! The lake's tables for the stages, besides order lines and events: each is read once and checked against the contract.

use netto_lake::Lake;
use netto_model::Frame;
use netto_model::frame::{
    Actions, Activities, Budgets, Contract, CostPools, Customers, Deviations, Employees, Goals, Products, Prospects,
    Rebates, Receivables, Stock,
};
use polars::prelude::IntoLazy;

use crate::failure::Failure;

/// The sources. Those not supplied are empty, or `None` where the difference matters.
pub(crate) struct Sources {
    pub(crate) customers: Frame<Customers>,
    pub(crate) products: Frame<Products>,
    pub(crate) employees: Option<Frame<Employees>>,
    pub(crate) prospects: Option<Frame<Prospects>>,
    pub(crate) cost_pools: Frame<CostPools>,
    pub(crate) rebates: Option<Frame<Rebates>>,
    pub(crate) receivables: Option<Frame<Receivables>>,
    pub(crate) stock: Option<Frame<Stock>>,
    pub(crate) activities: Option<Frame<Activities>>,
    pub(crate) deviations: Option<Frame<Deviations>>,
    pub(crate) goals: Option<Frame<Goals>>,
    pub(crate) budgets: Option<Frame<Budgets>>,
    pub(crate) actions: Option<Frame<Actions>>,
}

impl Sources {
    pub(crate) fn read(lake: &Lake) -> Result<Self, Failure> {
        Ok(Self {
            customers: source(lake)?.unwrap_or_else(Frame::empty),
            products: source(lake)?.unwrap_or_else(Frame::empty),
            employees: source(lake)?,
            prospects: source(lake)?,
            cost_pools: source(lake)?.unwrap_or_else(Frame::empty),
            rebates: source(lake)?,
            receivables: source(lake)?,
            stock: source(lake)?,
            activities: source(lake)?,
            deviations: source(lake)?,
            goals: source(lake)?,
            budgets: source(lake)?,
            actions: source(lake)?,
        })
    }
}

/// Reads a source; `None` if it was never loaded.
pub(crate) fn source<T: Contract>(lake: &Lake) -> Result<Option<Frame<T>>, Failure> {
    let rows = lake.table(T::TABLE)?;
    Ok(rows.map(|rows| Frame::try_new(rows.lazy())).transpose()?)
}
