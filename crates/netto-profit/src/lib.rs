//! Cost pools → activities → customers: exact assignment, the waterfall, the ledger, and the proof of each figure.
//! It doesn't know how order lines were read, nor what is done with a customer's profit.
//!
//! ```text
//! config.rs         [pool.…], [activity.…], [sensitivity] of the configuration; check.rs what is wrong with them
//! agreement.rs      names that occur only in the configuration or only in the data
//! bookings.rs       cost pools by month: own amount, direct bookings, practical capacity
//! capacity.rs       practical capacity from people or the configuration
//! support.rs        what support pools pass on: direct, step-down, reciprocal
//! customers.rs      customers by rank; usage.rs their driver quantities; resolved.rs what is known before the first month
//! assign.rs         one pool in one month: direct, driver, share, time, idle, unassigned
//! negative.rs       driver quantities below zero
//! month.rs          all pools of a month, support first; each balance checked
//! ledger.rs         the ledger, and what it sums to: activity_month, pool_balance, pool_transfer
//! bridge.rs         account → pool → activity → customers
//! cost_band.rs      how far a customer's cost may be off
//! rebates.rs        rebates given and received; rebate_agreements.rs their brackets; rebate_progress.rs how far each has come
//! payment_terms.rs  what it costs to finance receivables
//! waterfall.rs      from list revenue to net profit
//! change.rs         what changed net profit between two results, part by part
//! split/            finer facts: orders, products, suppliers, … split from the ledger
//! explain/          the proof of a customer's figures, a pool's and an order's; the same as SQL
//! ```
//!
//! A pool of 100.00 with 100 practical minutes of which three customers use 30 each: 30.00 for each of them, 10.00 idle.
//!
//! ```
//! # use netto_model::apportion;
//! assert_eq!(apportion(1_000_000, &[30, 30, 30, 10]), Some(vec![300_000, 300_000, 300_000, 100_000]));
//! ```

mod agreement;
mod assign;
mod bookings;
mod bridge;
mod capacity;
pub mod change;
mod check;
pub mod config;
mod cost_band;
mod customers;
mod error;
pub mod explain;
mod ledger;
mod month;
mod negative;
pub mod payment_terms;
mod rebate_agreements;
mod rebate_progress;
pub mod rebates;
mod resolved;
pub mod split;
mod support;
mod usage;
pub mod waterfall;

use netto_model::frame::{
    ActivityMonth, CostBand, CostPools, CustomerMonth, CustomerSupplierMonth, DimActivity, DimPool, Employees, Ledger,
    LedgerBridge, PoolBalance, PoolTransfer, RebateProgress, Rebates, Receivables, SupplierRebate, Waterfall,
};
use netto_model::{DriverQuantities, Frame, Period, Warning};

pub use config::{ActivityConfig, Idle, Method, PoolConfig, ProfitConfig, SensitivityConfig, ShareBy, Step};
pub use error::ProfitError;
pub use negative::Negative;
pub use payment_terms::PaymentTermsConfig;
pub use resolved::Groups;
pub use split::FactsConfig;
pub use support::{SupportConfig, SupportMethod};

use resolved::Resolved;

/// What profit is computed from.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// What customers bought, by month.
    pub customer_month: &'a Frame<CustomerMonth>,
    /// What they used of each activity's driver, by month.
    pub driver_quantity: &'a DriverQuantities,
    /// The general ledger's cost by pool and month.
    pub cost_pools: &'a Frame<CostPools>,
    /// Rebate agreements, where supplied.
    pub rebates: Option<&'a Frame<Rebates>>,
    /// What they bought of each supplier's products, where products name their supplier.
    pub supplier_month: Option<&'a Frame<CustomerSupplierMonth>>,
    /// What was invoiced and when it was paid, where supplied.
    pub receivables: Option<&'a Frame<Receivables>>,
    /// Who works here, where supplied: practical capacity may come from them.
    pub employees: Option<&'a Frame<Employees>>,
    /// Tiers and markets, for fixed shares.
    pub groups: &'a Groups,
    /// The last closed month.
    pub last_month: Period,
}

/// The profit of every customer, and the assignment of cost.
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
    /// How far rebate agreements have come.
    pub rebate_progress: Frame<RebateProgress>,
    /// What each supplier gives on what customers bought.
    pub supplier_rebates: Frame<SupplierRebate>,
    /// How far customers' cost may be off.
    pub cost_band: Frame<CostBand>,
    /// The pools.
    pub dim_pool: Frame<DimPool>,
    /// The activities of the configuration.
    pub dim_activity: Frame<DimActivity>,
    /// What a controller should know before believing the figures.
    pub warnings: Vec<Warning>,
}

/// Assigns all cost, and draws up the waterfall.
///
/// # Errors
/// A pool without practical capacity, negative minutes, a driver below zero, a direct booking without an activity for it, an amount beyond
/// the range of money, or a balance that isn't zero.
pub fn profit(inputs: &Inputs<'_>, config: &ProfitConfig) -> Result<Profit, ProfitError> {
    let bookings = bookings::bookings(inputs.cost_pools, config)?;
    let resolved = Resolved::new(inputs, &bookings, config)?;
    let months = month::assign_all(&resolved)?;
    negative::refuse(&months, &resolved)?;
    let activity_month = ledger::activity_month(&months, &resolved)?;
    let pool_balance = ledger::pool_balance(&months)?;
    let pool_transfer = ledger::pool_transfer(&months)?;
    let ledger_bridge = bridge::bridge(&months, &resolved)?;
    let cost_band = cost_band::cost_band(&months, &resolved)?;
    let pools = months.values().flat_map(|month| month.pools.keys()).map(|(pool, _)| pool.as_str());
    let dim_pool = config::dim_pool(config, pools)?;
    let dim_activity = config::dim_activity(config)?;
    let mut warnings = agreement::warnings(inputs, &resolved)?;
    warnings.extend(ledger::warnings(&months, &resolved));
    warnings.extend(negative::warnings(&months, &resolved));
    let cells = ledger::Cells::gather(months, resolved.customers.len());
    let (ledger, cost_by_step) = rayon::join(|| cells.ledger(&resolved), || cells.cost_by_step(&resolved));
    drop(cells);
    let rebates = rebates::rebates(&rebates::Inputs {
        customer_month: inputs.customer_month,
        supplier_month: inputs.supplier_month,
        agreements: inputs.rebates,
        last_month: inputs.last_month,
    })?;
    let financing = payment_terms::financing(inputs.receivables, config.payment_terms, inputs.last_month)?;
    let waterfall = waterfall::waterfall(&waterfall::Inputs {
        customer_month: inputs.customer_month,
        cost_by_step: &cost_by_step?,
        activities: &dim_activity,
        pool_balance: &pool_balance,
        rebates: &rebates,
        financing: &financing,
        last_month: inputs.last_month,
    })?;
    warnings.extend(waterfall::warnings(&waterfall, &dim_activity)?);
    warnings.extend(financing.warning);
    warnings.extend(rebates.warnings.into_iter().map(|said| Warning::note("rebates", said)));
    Ok(Profit {
        waterfall,
        ledger: ledger?,
        activity_month,
        pool_balance,
        pool_transfer,
        ledger_bridge,
        rebate_progress: rebates.progress,
        supplier_rebates: rebates.of_suppliers,
        cost_band,
        dim_pool,
        dim_activity,
        warnings,
    })
}
