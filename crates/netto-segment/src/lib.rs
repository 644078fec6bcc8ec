//! Analyses customers, one file per analysis: tiers, sales force, orders, and what to do. It doesn't know how cost was allocated.
//!
//! ```text
//! config.rs           [segment]: windows, tiers, ranking measure
//! models.rs           computes the analyses that are texts: crates/netto-model/models/
//! schedule.rs         which of them run side by side
//! functions.rs        half_even, share and ratio, where Polars runs a text
//! settings.rs         what a text asks for as `$name`, and the lists of the configuration as tables
//! columns.rs          columns as plain values, added up; shares
//! windows.rs          main, previous, calendar years
//! customers.rs        the customers of any months, for goals, fixed shares and hysteresis
//! hysteresis.rs       who keeps the tier of the window before
//! order_months.rs     what is kept of the orders, month by month
//! order_products.rs   the products of orders that events and deviations name
//! pay.rs              which pools hold pay of the sales force
//! visits.rs           which activities are visits
//!
//! market_size.rs      the rest of each market
//! groups.rs           tiers by revenue and markets, for fixed shares
//! goal_rules.rs       [goal.ID] and [[bonus]]: goals that a query measures, and the bonus
//! goal_progress.rs    goals: target, actual, expected by now, forecast
//! bonus.rs            the bonus that hangs on goals
//! rules_without_data.rs  goals and bonuses that can come to nothing
//! scenario.rs         remedies, and levers on price, volume and cost, as a file says them
//! simulate.rs         what remedies and levers bring, and the volume that a price may cost
//! scenario_result.rs  scenarios side by side
//! dimensions.rs       customers, products, employees, months, windows
//! ```
//!
//! Of 1,000 active customers 10 are Top, 40 Large, 150 Medium and 800 Small.

mod bonus;
mod columns;
mod config;
mod customers;
mod dimensions;
mod error;
mod functions;
mod goal_progress;
mod goal_rules;
mod groups;
mod hysteresis;
mod market_size;
mod models;
mod order_months;
mod order_products;
mod pay;
mod rules_without_data;
pub mod scenario;
pub mod scenario_result;
mod schedule;
mod settings;
pub mod simulate;
mod visits;
mod windows;

use std::collections::BTreeSet;

use netto_model::contract::HELD_TIER;
use netto_model::frame::{
    Actions, Activities, Budgets, Contract, CostBand, Customers, Deviations, Employees, EventQuantity,
    Goals as AgreedGoals, PoolBalance, Products, Prospects, Receivables, Stock, Waterfall,
};
use netto_model::{Frame, Mart, Model, Period, Warning, Window};

use models::Tables;
use settings::Settings;
use windows::Named;

pub use config::{
    AttentionConfig, ChannelConfig, CrossSellConfig, GradesConfig, LeavingConfig, MarketSize, OrderSizeConfig, RankBy,
    RemedyConfig, SalesForceConfig, SegmentConfig, StockConfig, TakeoverConfig, TierShares,
};
pub use error::SegmentError;
pub use goal_rules::{BonusRule, Bracket, GoalConfig, GoalRules, Recipients};
pub use groups::{markets, revenue_tiers};
pub use models::{Text, lists, texts, tried};
pub use order_months::{OrderMonths, OrderTables};
pub use order_products::OrderProducts;
pub use rules_without_data::rules_without_data;

/// The inputs of the segmentation. An input that was not supplied or made is `None` or empty, and the analyses that need it are empty.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// Customer × month, list revenue to net profit.
    pub waterfall: &'a Frame<Waterfall>,
    /// Pool × month.
    pub pool_balance: &'a Frame<PoolBalance>,
    /// All tables of the previous stage, including those above, for models to read.
    pub of_profit: &'a [Mart],
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
    /// Deviations from what was agreed.
    pub deviations: Option<&'a Frame<Deviations>>,
    /// Stock counts.
    pub stock: Option<&'a Frame<Stock>>,
    /// Invoices, and when they were paid.
    pub receivables: Option<&'a Frame<Receivables>>,
    /// Agreed goals.
    pub goals: Option<&'a Frame<AgreedGoals>>,
    /// Budgets.
    pub budgets: Option<&'a Frame<Budgets>>,
    /// Actions agreed with customers.
    pub actions: Option<&'a Frame<Actions>>,
    /// The facts finer than the ledger, except those that are too large to keep in memory.
    pub facts: &'a [Mart],
    /// The tables derived from the orders.
    pub orders: Option<&'a OrderTables>,
    /// The driver quantities of activities and deviations.
    pub event_quantity: Option<&'a Frame<EventQuantity>>,
    /// The products of the orders that events and deviations name.
    pub order_products: Option<&'a Mart>,
    /// The last closed month.
    pub last_month: Period,
}

/// The dimensions and analyses.
#[derive(Clone, Debug)]
pub struct Segments {
    /// Every table, in the order of the registration.
    pub marts: Vec<Mart>,
    /// Warnings about the configuration or the data that no table holds.
    pub warnings: Vec<Warning>,
}

impl Segments {
    /// A table, by its type.
    #[must_use]
    pub fn table<T: Contract>(&self) -> Option<&Mart> {
        self.named(T::TABLE.name)
    }

    /// A table, by its name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Mart> {
        self.marts.iter().find(|mart| mart.table.name == name)
    }
}

/// Segments the customers in every window; `own` are the models of the project.
///
/// # Errors
/// When a window's result doesn't reconcile with the general ledger, or a table isn't what the contract says.
pub fn segment(inputs: &Inputs<'_>, config: &SegmentConfig, own: &[Model]) -> Result<Segments, SegmentError> {
    let months = windows::months(inputs)?;
    let sold = windows::sold(inputs)?;
    let windows = windows::windows(&months, &sold, inputs.last_month, config.window_months);
    let settings = Settings::of(config);
    let mut marts = vec![
        dimensions::dim_product(inputs)?,
        dimensions::dim_employee(inputs)?,
        dimensions::periods(&months)?,
        windows::table(&windows, &sold)?,
    ];
    let mut tables = Tables::of(inputs, settings.tables()?);
    tables.extend(&marts);
    let read_off = [pay::pools(&tables, config)?, visits::work(&tables, config)?];
    tables.extend(&read_off);
    marts.extend(read_off);
    marts.extend(models::computed_for("customer_total", &mut tables, settings)?);
    tables.extend(&[held_tiers(inputs, config, &windows, (&months, &sold))?]);
    marts.extend(models::computed_for("customer_window", &mut tables, settings)?);
    let dim_customer = dimensions::dim_customer(inputs, &tables)?;
    tables.extend(std::slice::from_ref(&dim_customer));
    marts.push(dim_customer);
    marts.extend(models::computed(&models::missing(&tables), &mut tables, settings)?);
    marts.extend(models::computed(&own.iter().collect::<Vec<_>>(), &mut tables, settings)?);
    let mut warnings = market_size::warnings(&tables, config)?;
    warnings.extend(pay::unknown(&tables)?);
    Ok(Segments { marts, warnings })
}

/// The customers held in the tier of the months before: none without hysteresis.
fn held_tiers(
    inputs: &Inputs<'_>,
    config: &SegmentConfig,
    windows: &[Named],
    (months, sold): (&[Period], &BTreeSet<Period>),
) -> Result<Mart, SegmentError> {
    if config.hysteresis <= 0.0 {
        return Ok(Mart::empty(&HELD_TIER));
    }
    let in_chain = windows::with_earlier(windows, sold);
    let spans: Vec<Window> = in_chain.iter().map(|named| named.window).collect();
    let mut of_windows = customers::of_windows(&spans, inputs.waterfall.data(), months, Settings::of(config))?;
    hysteresis::hold(&in_chain, &mut of_windows, config);
    hysteresis::held(windows, &of_windows)
}

/// The goals, the bonus that depends on them, and the booked bonus: `goal_progress`, `bonus` and `bonus_booked`. They may read every other table.
///
/// # Errors
/// When a total leaves the range of money, or a table isn't what the contract says.
pub fn goals(
    inputs: &Inputs<'_>,
    config: &SegmentConfig,
    rules: &GoalRules,
    marts: &[Mart],
) -> Result<Vec<Mart>, SegmentError> {
    let progress = goal_progress::progress(inputs, config, rules, marts)?;
    let [bonus, booked] = bonus::tables(inputs, &rules.bonuses, &progress)?;
    Ok(vec![goal_progress::table(&progress)?, bonus, booked])
}
