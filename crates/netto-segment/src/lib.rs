//! One file per analysis: who is who among the customers, and what to do. It doesn't know how cost was allocated.
//!
//! ```text
//! config.rs           [segment]: windows, tiers, ranking measure
//! book.rs             what every analysis reads: inputs, windows, and the customers of each
//! columns.rs          columns as plain values, added up; shares, medians
//! windows.rs          main, previous, calendar years
//! customer_window.rs  totals, rank and tier of every customer in a window
//! hysteresis.rs       who keeps the tier of the window before
//! peer_groups.rs      who is compared with whom
//! order_digest.rs     what is kept of the orders, month by month
//!
//! pyramid.rs          the customer pyramid, also by market and region
//! members.rs          who stands in the pyramid
//! prospects.rs        who doesn't buy yet, and the minutes spent on them
//! market_size.rs      the rest of each market
//! concentration.rs    20/80: who holds what of revenue, margin, cost and profit
//! whale_curve.rs      customers by net profit, cumulated; the Gini coefficient
//! tier_migration.rs   movement between the tiers
//! tier_upgrade.rs     what it is worth to push a customer one tier up
//! delta.rs            what a change of net profit comes from: volume, price, mix, cost
//! quadrant.rs         gross margin against cost-to-serve
//! attention.rs        minutes and cost against revenue and potential
//! peer.rs             every customer against the median of its peers
//! ratio.rs            parts of a whole, kept exact, and their median
//! grade.rs            grades A to F, from weighted columns
//! sensitivity.rs      the band of net profit, and whether its sign is certain
//! groups.rs           tiers by revenue and markets, for fixed shares
//! window_summary.rs   the headline figures; they tie to the general ledger
//! order_size.rs       orders by size, of all customers and of each
//! channel.rs          what an order of a channel costs, and from which size it earns; the electronic share
//! delivery_speed.rs   promised against delivered
//! product_kind.rs     goods, services and assemblies, from stock and direct
//! deviation_cost.rs   what went otherwise than agreed, and the after-care
//! stock_turnover.rs   what stock earns: turns, GMROI, holding cost
//! stock_customer_group.rs  whose stock earns its keep: product groups × tiers, markets, customers
//! market.rs           product groups × markets: penetration and profit
//! cross_sell.rs       what peers buy and a customer doesn't
//! supplier.rs         what suppliers' products earn; what it would bring if a supplier took work over
//! scenario.rs         levers on price, volume and cost, as a file says them
//! simulate.rs         what the levers bring, and the volume that a price may cost
//! dimensions.rs       customers, products, employees, months, windows
//! ```
//!
//! Of 1,000 active customers 10 are Top, 40 Large, 150 Medium and 800 Small.

mod action_effect;
mod attention;
mod bonus;
mod book;
mod channel;
mod columns;
mod concentration;
mod config;
mod cross_sell;
mod customer_window;
mod delivery_speed;
mod delta;
mod deviation_cost;
mod dimensions;
mod error;
mod goal_progress;
mod grade;
mod groups;
mod hysteresis;
mod market;
mod market_size;
mod members;
mod order_digest;
mod order_size;
mod peer;
mod peer_groups;
mod product_kind;
mod prospects;
mod pyramid;
mod quadrant;
mod ratio;
mod remedy;
mod sales_force;
mod sales_force_customer;
mod sales_force_tier;
pub mod scenario;
mod scenario_result;
mod sensitivity;
pub mod simulate;
mod stock_customer_group;
mod stock_turnover;
mod supplier;
mod tie;
mod tier_migration;
mod tier_upgrade;
mod visit_timing;
mod whale_curve;
mod window_summary;
mod windows;

use netto_model::frame::{
    Actions, Activities, Contract, CostBand, Customers, DeliveryMonth, Deviations, DimActivity, DimPool, Employees,
    FctCustomerChannelMonth, FctCustomerKindMonth, FctCustomerProductGroupMonth, FctEmployeeMonth, FctProductMonth,
    FctSupplierActivityMonth, FctSupplierMonth, Goals, Ledger, PoolBalance, Products, Prospects, Stock, Waterfall,
};
use netto_model::{Frame, Mart, Period};
use rayon::prelude::*;

use book::Book;

pub use config::{
    AttentionConfig, ChannelConfig, CrossSellConfig, GradesConfig, MarketSize, OrderSizeConfig, RankBy,
    SalesForceConfig, SegmentConfig, StockConfig, TakeoverConfig, TierShares,
};
pub use error::SegmentError;
pub use groups::{markets, revenue_tiers};
pub use order_digest::{Digester, FollowUp, OrderDigest, OrderSums, SizeKey};

/// What customers are segmented by. What was not supplied, or is not made, is nothing: then the analyses that need it are empty.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// Customer × month, list revenue to net profit.
    pub waterfall: &'a Frame<Waterfall>,
    /// Customer × month × activity.
    pub ledger: &'a Frame<Ledger>,
    /// The activities.
    pub activities: &'a Frame<DimActivity>,
    /// The pools.
    pub pools: &'a Frame<DimPool>,
    /// Pool × month.
    pub pool_balance: &'a Frame<PoolBalance>,
    /// How far customers' cost may be off.
    pub cost_band: &'a Frame<CostBand>,
    /// Customers as supplied.
    pub customers: &'a Frame<Customers>,
    /// Products as supplied.
    pub products: &'a Frame<Products>,
    /// Employees as supplied.
    pub employees: Option<&'a Frame<Employees>>,
    /// Prospects as supplied.
    pub prospects: Option<&'a Frame<Prospects>>,
    /// Visits, calls, questions.
    pub events: Option<&'a Frame<Activities>>,
    /// What went otherwise than agreed.
    pub deviations: Option<&'a Frame<Deviations>>,
    /// Stock counts.
    pub stock: Option<&'a Frame<Stock>>,
    /// What was agreed to reach.
    pub goals: Option<&'a Frame<Goals>>,
    /// What was agreed with customers.
    pub actions: Option<&'a Frame<Actions>>,
    /// Customers by product group.
    pub product_group_month: Option<&'a Frame<FctCustomerProductGroupMonth>>,
    /// What was sold of each product.
    pub product_month: Option<&'a Frame<FctProductMonth>>,
    /// What was sold of each supplier's products.
    pub supplier_month: Option<&'a Frame<FctSupplierMonth>>,
    /// What each activity did for each supplier's products.
    pub supplier_activity_month: Option<&'a Frame<FctSupplierActivityMonth>>,
    /// What each employee took.
    pub employee_month: Option<&'a Frame<FctEmployeeMonth>>,
    /// Customers by channel.
    pub channel_month: Option<&'a Frame<FctCustomerChannelMonth>>,
    /// Customers by kind of product and way of delivery.
    pub kind_month: Option<&'a Frame<FctCustomerKindMonth>>,
    /// Promised against delivered.
    pub delivery_month: Option<&'a Frame<DeliveryMonth>>,
    /// What is kept of the orders.
    pub orders: Option<&'a OrderDigest>,
    /// The last closed month.
    pub last_month: Period,
}

/// The dimensions and analyses.
#[derive(Clone, Debug)]
pub struct Segments {
    /// Every table, in the order of the registration.
    pub marts: Vec<Mart>,
    /// What a reader should know of the configuration or the data, and that no table says.
    pub warnings: Vec<String>,
}

impl Segments {
    /// A table, by its type.
    #[must_use]
    pub fn table<T: Contract>(&self) -> Option<&Mart> {
        self.marts.iter().find(|mart| mart.table.name == T::TABLE.name)
    }
}

/// An analysis: a table from the book. Its sources missing, it is empty.
type Analysis = fn(&Book<'_>) -> Result<Mart, SegmentError>;

/// Every analysis, a line each.
const ANALYSES: &[Analysis] = &[
    dimensions::dim_customer,
    dimensions::dim_product,
    dimensions::dim_employee,
    dimensions::dim_period,
    windows::table,
    customer_window::table,
    pyramid::table,
    pyramid::by_group,
    concentration::table,
    whale_curve::table,
    tier_migration::table,
    tier_upgrade::table,
    delta::table,
    quadrant::table,
    attention::table,
    peer::table,
    grade::table,
    sensitivity::table,
    window_summary::table,
    sales_force::table,
    sales_force_tier::table,
    visit_timing::table,
    sales_force_customer::table,
    order_size::table,
    order_size::by_customer,
    channel::table,
    channel::by_tier,
    channel::by_customer,
    delivery_speed::table,
    product_kind::table,
    deviation_cost::table,
    stock_turnover::table,
    stock_customer_group::table,
    market::table,
    cross_sell::table,
    supplier::table,
    goal_progress::table,
    bonus::table,
    action_effect::table,
    remedy::table,
    scenario_result::table,
];

/// Segments the customers in every window.
///
/// # Errors
/// When a window's result doesn't tie to the general ledger, or a table isn't what the contract says.
pub fn segment(inputs: &Inputs<'_>, config: &SegmentConfig) -> Result<Segments, SegmentError> {
    let windows = windows::windows(&windows::months(inputs)?, inputs.last_month, config.window_months);
    let customers: Vec<_> =
        windows.par_iter().map(|window| customer_window::customers(inputs, window, config)).collect();
    let mut customers = customers.into_iter().collect::<Result<Vec<_>, _>>()?;
    hysteresis::hold(&windows, &mut customers, config);
    let book = Book { inputs, config, windows: &windows, customers: &customers };
    // The order of the registration, not of the threads, decides which error is shown.
    let marts: Vec<_> = ANALYSES.par_iter().map(|analysis| analysis(&book)).collect();
    let marts = marts.into_iter().collect::<Result<_, _>>()?;
    Ok(Segments { marts, warnings: market_size::warnings(&book)? })
}
