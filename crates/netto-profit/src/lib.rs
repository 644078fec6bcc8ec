//! Cost pools → activities → customers: exact assignment, the waterfall, the ledger, and the proof of each figure.
//! It doesn't know how order lines were read, nor what is done with a customer's profit.
//!
//! ```text
//! config.rs      [pool.…] and [activity.…] of the configuration
//! apportion.rs   the largest remainder: parts sum to the whole
//! bookings.rs    cost pools by month: own amount, direct bookings, practical capacity
//! usage.rs       driver quantities by month, activity and customer
//! assign.rs      one pool in one month: direct, driver, time, idle, unassigned
//! ledger.rs      all pools and months: ledger, activity_month, pool_balance
//! rebates.rs     rebates given, by agreement
//! waterfall.rs   from list revenue to net profit
//! explain.rs     the proof of a customer's figures
//! ```
//!
//! A pool of 100.00 with 100 practical minutes of which three customers use 30 each: 30.00 for each of them, 10.00 idle.
//!
//! ```
//! # use netto_profit::apportion::apportion;
//! assert_eq!(apportion(1_000_000, &[30, 30, 30, 10]), Some(vec![300_000, 300_000, 300_000, 100_000]));
//! ```

pub mod apportion;
pub mod assign;
pub mod bookings;
pub mod config;
mod error;
pub mod explain;
pub mod ledger;
pub mod rebates;
pub mod usage;
pub mod waterfall;

use netto_model::Frame;
use netto_model::frame::{
    ActivityMonth, CostPools, CustomerMonth, DimActivity, DimPool, DriverQuantity, Ledger, LedgerBridge, PoolBalance,
    PoolTransfer, Rebates, Waterfall,
};

pub use config::{ActivityConfig, Idle, Method, PoolConfig, ProfitConfig, Step};
pub use error::ProfitError;

/// What profit is computed from.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// What customers bought, by month.
    pub customer_month: &'a Frame<CustomerMonth>,
    /// What they used of each activity's driver, by month.
    pub driver_quantity: &'a Frame<DriverQuantity>,
    /// The general ledger's cost by pool and month.
    pub cost_pools: &'a Frame<CostPools>,
    /// Rebate agreements, where supplied.
    pub rebates: Option<&'a Frame<Rebates>>,
}

/// What every customer earns, and where the cost went.
#[derive(Clone, Debug)]
pub struct Profit {
    /// Customer × month: list revenue to net profit.
    pub waterfall: Frame<Waterfall>,
    /// Customer × month × activity: what was assigned.
    pub ledger: Frame<Ledger>,
    /// Activity × month: amount, capacity, rate.
    pub activity_month: Frame<ActivityMonth>,
    /// Pool × month: the balance sheet, zero difference.
    pub pool_balance: Frame<PoolBalance>,
    /// What support pools passed on.
    pub pool_transfer: Frame<PoolTransfer>,
    /// Account → pool → activity → customers.
    pub ledger_bridge: Frame<LedgerBridge>,
    /// The pools.
    pub dim_pool: Frame<DimPool>,
    /// The activities of the configuration.
    pub dim_activity: Frame<DimActivity>,
    /// What a controller should know before believing the figures.
    pub warnings: Vec<String>,
}

/// Assigns all cost, and draws up the waterfall.
///
/// # Errors
/// A pool without practical capacity, negative minutes, a direct booking without an activity for it, an amount beyond
/// the range of money, or a balance that isn't zero.
pub fn profit(inputs: &Inputs<'_>, config: &ProfitConfig) -> Result<Profit, ProfitError> {
    let bookings = bookings::bookings(inputs.cost_pools)?;
    let usage = usage::usage(inputs.driver_quantity)?;
    let assigned = ledger::assign_all(&bookings, &usage, config)?;
    let ledger = ledger::ledger(&assigned)?;
    let pool_balance = ledger::pool_balance(&assigned)?;
    let activity_month = ledger::activity_month(&assigned)?;
    let dim_pool = config::dim_pool(config, bookings.keys().map(|(_, pool)| pool.as_str()))?;
    let dim_activity = config::dim_activity(config)?;
    let rebates_given = rebates::rebates_given(inputs.customer_month, inputs.rebates)?;
    let waterfall = waterfall::waterfall(&waterfall::Inputs {
        customer_month: inputs.customer_month,
        ledger: &ledger,
        activities: &dim_activity,
        rebates_given: &rebates_given,
        rebates_supplied: inputs.rebates.is_some(),
    })?;
    let warnings = ledger::warnings(&assigned, &bookings, &usage, config);
    Ok(Profit {
        waterfall,
        ledger,
        activity_month,
        pool_balance,
        pool_transfer: Frame::empty(),
        ledger_bridge: Frame::empty(),
        dim_pool,
        dim_activity,
        warnings,
    })
}
