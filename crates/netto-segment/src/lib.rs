//! One file per analysis: who is who among the customers. It doesn't know how cost was allocated.
//!
//! ```text
//! config.rs           [segment]: windows, tiers, ranking measure
//! windows.rs          main, previous, calendar years
//! customer_window.rs  totals, rank and tier of every customer in a window
//! pyramid.rs          the customer pyramid
//! concentration.rs    20/80: who holds what of revenue, margin, cost and profit
//! whale_curve.rs      customers by net profit, cumulated; the Gini coefficient
//! tier_migration.rs   movement between the tiers
//! sensitivity.rs      the band of net profit, and whether its sign is certain
//! groups.rs           tiers by revenue and markets, for fixed shares
//! window_summary.rs   the headline figures; they tie to the general ledger
//! stock_turnover.rs   what stock earns: turns, GMROI, holding cost
//! scenario.rs         levers on price, volume and cost, as a file says them
//! simulate.rs         what the levers bring, and the volume that a price may cost
//! dimensions.rs       customers, products, employees, months, windows
//! ```
//!
//! Of 1,000 active customers 10 are Top, 40 Large, 150 Medium and 800 Small.

mod concentration;
mod config;
mod customer_window;
mod dimensions;
mod error;
mod groups;
mod pyramid;
pub mod scenario;
mod sensitivity;
pub mod simulate;
mod stock_turnover;
mod tier_migration;
mod whale_curve;
mod window_summary;
mod windows;

use netto_model::frame::{
    Concentration, CostBand, CustomerWindow, Customers, DimActivity, DimCustomer, DimEmployee, DimPeriod, DimProduct,
    DimWindow, Employees, FctProductMonth, PoolBalance, Products, Prospects, Pyramid, Sensitivity, Stock,
    StockTurnover, TierMigration, Waterfall, WhaleCurve, WindowSummary,
};
use netto_model::{Frame, Period};

pub use config::{RankBy, SegmentConfig, StockConfig, TierShares};
pub use error::SegmentError;
pub use groups::{markets, revenue_tiers};

/// What customers are segmented by.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// Customer × month, list revenue to net profit.
    pub waterfall: &'a Frame<Waterfall>,
    /// The activities.
    pub activities: &'a Frame<DimActivity>,
    /// Pool × month.
    pub pool_balance: &'a Frame<PoolBalance>,
    /// How far customers' cost may be off.
    pub cost_band: &'a Frame<CostBand>,
    /// Customers as supplied.
    pub customers: &'a Frame<Customers>,
    /// Products as supplied.
    pub products: &'a Frame<Products>,
    /// Employees as supplied.
    pub employees: &'a Frame<Employees>,
    /// Prospects as supplied.
    pub prospects: &'a Frame<Prospects>,
    /// Stock counts, where they were supplied.
    pub stock: Option<&'a Frame<Stock>>,
    /// What was sold of each product, month by month.
    pub product_month: Option<&'a Frame<FctProductMonth>>,
    /// The last closed month.
    pub last_month: Period,
}

/// The analyses and dimensions.
#[derive(Clone, Debug)]
pub struct Segments {
    /// Window × customer.
    pub customer_window: Frame<CustomerWindow>,
    /// Window × tier.
    pub pyramid: Frame<Pyramid>,
    /// Window × percentile.
    pub concentration: Frame<Concentration>,
    /// Window × rank.
    pub whale_curve: Frame<WhaleCurve>,
    /// Window × previous tier × tier.
    pub tier_migration: Frame<TierMigration>,
    /// Window × customer: how certain net profit is.
    pub sensitivity: Frame<Sensitivity>,
    /// Window.
    pub window_summary: Frame<WindowSummary>,
    /// Window × level × key; empty where stock wasn't supplied.
    pub stock_turnover: Frame<StockTurnover>,
    /// Customers, with their tier in the main window.
    pub dim_customer: Frame<DimCustomer>,
    /// Products.
    pub dim_product: Frame<DimProduct>,
    /// Employees.
    pub dim_employee: Frame<DimEmployee>,
    /// Months.
    pub dim_period: Frame<DimPeriod>,
    /// Windows.
    pub dim_window: Frame<DimWindow>,
}

/// Segments the customers in every window.
///
/// # Errors
/// When a window's result doesn't tie to the general ledger, or a table isn't what the contract says.
pub fn segment(inputs: &Inputs<'_>, config: &SegmentConfig) -> Result<Segments, SegmentError> {
    let months = windows::months(inputs)?;
    let windows = windows::windows(&months, inputs.last_month, config.window_months);
    let customers = windows
        .iter()
        .map(|window| customer_window::customers(inputs, window, config))
        .collect::<Result<Vec<_>, _>>()?;
    let main = customers.first().map_or(&[][..], Vec::as_slice);
    Ok(Segments {
        customer_window: customer_window::table(&windows, &customers)?,
        pyramid: pyramid::table(inputs, &windows, &customers)?,
        concentration: concentration::table(&windows, &customers)?,
        whale_curve: whale_curve::table(&windows, &customers)?,
        tier_migration: tier_migration::table(&windows, &customers)?,
        sensitivity: sensitivity::table(inputs, &windows, &customers, config)?,
        window_summary: window_summary::table(inputs, &windows, &customers)?,
        stock_turnover: stock_turnover::table(inputs, &windows, &config.stock)?,
        dim_customer: dimensions::dim_customer(inputs, main)?,
        dim_product: dimensions::dim_product(inputs.products)?,
        dim_employee: dimensions::dim_employee(inputs.employees)?,
        dim_period: dimensions::dim_period(&months)?,
        dim_window: windows::table(&windows)?,
    })
}
