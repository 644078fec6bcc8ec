//! Every table of netto, declared once. Validation, documentation, DDL and semantic models derive from here.
//!
//! ```
//! use netto_model::contract;
//! let ledger = contract::table("fct_customer_activity_month").ok_or("no such table")?;
//! assert_eq!(ledger.grain, "customer × month × activity × part");
//! # Ok::<(), &str>(())
//! ```

#![allow(clippy::wildcard_imports, reason = "the declarations of a subject use the words that all are made of")]

use crate::column as c;
use crate::models;
use crate::table::{Column, Stage, Sum, Table, Type, Unit};
use Type::{Bool, Date, Decimal, Integer, Ratio, Text};

macro_rules! table {
    ($(#[$doc:meta])* $constant:ident = $name:literal, $stage:ident, $grain:literal, $description:literal; $($column:expr,)*) => {
        #[doc = $description]
        pub const $constant: Table = Table::new($name, Stage::$stage, $grain, $description, &[$($column,)*]);
    };
}

const fn money(name: &'static str, description: &'static str) -> Column {
    Column::required(name, Decimal, description).in_unit(Unit::Money)
}
const fn maybe_money(name: &'static str, description: &'static str) -> Column {
    Column::optional(name, Decimal, description).in_unit(Unit::Money)
}
const fn count(name: &'static str, description: &'static str) -> Column {
    Column::required(name, Integer, description).in_unit(Unit::Count)
}
const fn minutes(name: &'static str, description: &'static str) -> Column {
    Column::required(name, Decimal, description).in_unit(Unit::Minutes)
}
const fn maybe_share(name: &'static str, description: &'static str) -> Column {
    Column::optional(name, Ratio, description).in_unit(Unit::Share)
}
const fn maybe_text(name: &'static str, description: &'static str) -> Column {
    Column::optional(name, Text, description)
}
const fn maybe_date(name: &'static str, description: &'static str) -> Column {
    Column::optional(name, Date, description)
}
const PERIOD: Column = Column::key(c::PERIOD, Date, "First day of the calendar month").to("dim_period");
const WINDOW: Column = Column::key(c::WINDOW, Text, "Window of closed months").to("dim_window");
const CUSTOMER: Column = Column::key(c::CUSTOMER_ID, Text, "Customer").to("dim_customer");

const BRANCH: Column =
    Column::key(c::WAREHOUSE, Text, "Warehouse, for pools that are kept by warehouse; otherwise empty").or("");
const PART: Column =
    Column::key(c::POOL_PART, Text, "Part of the pool that the amount came from: the warehouse for pools kept by warehouse, the group for method share; otherwise empty").or("");

/// A table with the steps of the waterfall: what stands before them, and what after.
macro_rules! waterfall {
    ($constant:ident = $name:literal, $grain:literal, $description:literal; $($before:expr,)*; $($after:expr,)*) => {
        table! { $constant = $name, Mart, $grain, $description;
            $($before,)*
            money(c::LIST_REVENUE, "Revenue at list price"),
            money(c::INVOICE_DISCOUNT, "Discount on the invoice"),
            money(c::INVOICE_REVENUE, "List revenue less invoice discount"),
            money(c::REBATES_GIVEN, "Rebates given to the customer"),
            money(c::PAYMENT_TERMS, "Cost of financing what the customer owes"),
            money(c::FREIGHT_CHARGED, "Freight invoiced on top of the invoice revenue"),
            money(c::FREIGHT_COST, "Cost of freight"),
            money(c::POCKET_REVENUE, "Invoice revenue less rebates given and payment terms, plus freight charged, less freight cost"),
            money(c::COGS, "Cost of goods sold"),
            money(c::REBATES_RECEIVED, "Rebates received from suppliers"),
            money(c::GROSS_MARGIN, "Pocket revenue less cost of goods sold, plus rebates received"),
            money(c::COST_TO_SERVE, "Cost of the activities that customers used"),
            money(c::NET_PROFIT, "Gross margin less cost-to-serve"),
            money(c::SALES_COMPENSATION, "Part of cost-to-serve that is pay of the sales force"),
            money(c::NET_BEFORE_COMPENSATION, "Net profit plus sales compensation (NBC)"),
            $($after,)*
        }
    };
}

/// A fact finer than the ledger: its own keys, and then the waterfall, which ties to `fct_customer_month`.
macro_rules! fact {
    ($constant:ident = $name:literal, $grain:literal, $description:literal; $($column:expr,)*) => {
        // An order with lines in several rows counts in each.
        fact! { $constant = $name, $grain, $description, orders: Sum::Never; $($column,)* }
    };
    ($constant:ident = $name:literal, $grain:literal, $description:literal, orders: $sum:expr; $($column:expr,)*) => {
        waterfall! { $constant = $name, $grain, $description;
            $($column,)*
            Column { sum: Some($sum), ..count(c::ORDERS, "Orders with a sales line, without returns and credits; an order over the end of a month counts in the month of its first line") },
            count(c::LINES, "Order lines"),
            Column::required(c::QUANTITY, Decimal, "Pieces").in_unit(Unit::Pieces),
            minutes(c::MINUTES, "Minutes of time-driven activities"),;
            money(c::ORDER_COST, "Part of cost-to-serve that is measured on orders and their lines"),
            money(c::LINE_COST, "Part of order cost that is measured on lines (unit-level cost); the rest is order-level cost"),
            money(c::CUSTOMER_COST, "Part of cost-to-serve that doesn't depend on orders: visits, campaigns, contracts"),
            money(c::NET_BEFORE_CUSTOMER_COST, "Net profit plus customer cost: the measure for products, suppliers and stock (Cooper & Kaplan 1991)"),
        }
    };
}

/// The tiers of the customer pyramid, highest first (Curry, *Customer Marketing Method*).
pub const TIERS: &[&str] =
    &["Top", "Large", "Medium", "Small", "Inactive", "Prospect", "Suspect", "Rest of market", UNKNOWN];
/// The member for unknown customers, and its tier: it is in every total and has no rank.
pub const UNKNOWN: &str = "(unknown)";
/// The tiers that a customer can be in; the other tiers don't buy yet.
pub const CUSTOMER_TIERS: &[&str] = &["Top", "Large", "Medium", "Small", "Inactive"];
/// The groups that also have a pyramid.
pub const CUSTOMER_GROUPS: &[&str] = &["market", "region"];
/// The kinds of movement between tiers.
pub const MOVEMENTS: &[&str] = &["up", "down", "same", "new", "lost", "won back", "inactive"];
/// Gross margin × cost-to-serve.
pub const QUADRANTS: &[&str] =
    &["high margin, low cost", "high margin, high cost", "low margin, low cost", "low margin, high cost"];
/// Attention against value.
pub const ATTENTION_STATUSES: &[&str] = &["over-served", "in balance", "under-served"];
/// Grades, best first.
pub const GRADES: &[&str] = &["A", "B", "C", "D", "E", "F"];
/// Parts of a day: until noon, until six, later.
pub const PARTS_OF_DAY: &[&str] = &["morning", "afternoon", "evening", ""];
/// The status of a goal.
pub const GOAL_STATUSES: &[&str] = &["reached", "on track", "behind", "missed", "not started", "not measurable"];
/// Remedies for customers that lose money.
pub const REMEDIES: &[&str] = &[
    "minimum_annual_revenue",
    "discount_change",
    "price_change",
    "minimum_order_size",
    "order_charge",
    "channel_shift",
    "visit_frequency",
    "farewell",
];
/// The kinds of order lines.
pub const ORDER_KINDS: &[&str] = &["sale", "return", "credit"];
/// The measures of a budget: columns of the waterfall, or the cost booked on pools.
pub const BUDGET_MEASURES: &[&str] =
    &["invoice_revenue", "gross_margin", "cost_to_serve", "net_profit", "orders", "pool_cost"];
/// The methods by which an activity assigns the cost of its pool.
pub const METHODS: &[&str] = &["time", "driver", "direct", "share"];
/// The steps of `ledger_bridge`, by number, and where its amounts end.
pub mod bridge {
    /// Account → pool.
    pub const ACCOUNT: i64 = 1;
    /// Support pool → pool.
    pub const SUPPORT: i64 = 2;
    /// Pool → activity.
    pub const ACTIVITY: i64 = 3;
    /// Activity → customers.
    pub const CUSTOMER: i64 = 4;
    /// Practical capacity that was not used.
    pub const IDLE: &str = "idle capacity";
    /// Cost that no activity took, or that has no customer.
    pub const UNASSIGNED: &str = "unassigned";
    /// Cost assigned to customers, line by line in the ledger.
    pub const CUSTOMERS: &str = "customers";
}
/// The step of the waterfall with an activity's cost.
pub const STEPS: &[&str] = &["cost_to_serve", "freight_cost", "payment_terms"];

mod customers;
mod dimensions;
mod facts;
mod goals;
mod intermediate;
mod readiness;
mod remedies;
mod sources;

pub use customers::*;
pub use dimensions::*;
pub use facts::*;
pub use goals::*;
pub use intermediate::*;
pub use readiness::*;
pub use remedies::*;
pub use sources::*;

/// The key figures of a window: label, and column of `window_summary`. The result ties to the ledger only if no row of `cost_pools` is set apart.
#[must_use]
pub const fn headline(ties: bool) -> [(&'static str, &'static str); 7] {
    let result =
        if ties { "Result, ties to the ledger" } else { "Result, without the part of the ledger that is set apart" };
    [
        ("Invoice revenue", c::INVOICE_REVENUE),
        ("Gross margin", c::GROSS_MARGIN),
        ("Cost-to-serve", c::COST_TO_SERVE),
        ("Net profit of customers", c::NET_PROFIT),
        ("Idle capacity", c::IDLE_AMOUNT),
        ("Unassigned", c::UNASSIGNED_AMOUNT),
        (result, c::RESULT),
    ]
}

/// Every source, in the order of the design.
pub const SOURCES: &[&Table] = &[
    &ORDER_LINES,
    &CUSTOMERS,
    &PRODUCTS,
    &EMPLOYEES,
    &ACTIVITIES,
    &COST_POOLS,
    &STOCK,
    &RECEIVABLES,
    &DEVIATIONS,
    &REBATES,
    &PROSPECTS,
    &GOALS,
    &BUDGETS,
    &ACTIONS,
    &FX_RATES,
];

/// Every rollup.
pub const ROLLUPS: &[&Table] = &[
    &ORDERS,
    &CUSTOMER_MONTH,
    &DRIVER_QUANTITY,
    &EVENT_QUANTITY,
    &CUSTOMER_SUPPLIER_MONTH,
    &SUPPLIER_REBATE,
    &COST_BAND,
    &ORDER_PRODUCT,
];

/// Every mart that isn't a model: dimensions, facts, and analyses that aren't a query.
pub const MARTS: &[&Table] = &[
    &DIM_CUSTOMER,
    &DIM_PRODUCT,
    &DIM_EMPLOYEE,
    &DIM_PERIOD,
    &DIM_WINDOW,
    &DIM_POOL,
    &DIM_ACTIVITY,
    &PAY_POOL,
    &VISIT_WORK,
    &FCT_CUSTOMER_MONTH,
    &FCT_CUSTOMER_ACTIVITY_MONTH,
    &ACTIVITY_MONTH,
    &POOL_BALANCE,
    &POOL_TRANSFER,
    &LEDGER_BRIDGE,
    &REBATE_PROGRESS,
    &GOAL_PROGRESS,
    &BONUS_RESULT,
    &BONUS_BOOKED,
    &SCENARIO_RESULT,
    &DATA_READINESS,
    &DATA_QUESTION,
    &DATA_SET_APART,
];

/// The facts that need a second pass over the lines: published if the configuration asks for them, and too large to keep in memory.
pub const FACTS: &[&Table] = &[
    &FCT_ORDER,
    &FCT_ORDER_LINE,
    &FCT_CUSTOMER_PRODUCT_GROUP_MONTH,
    &FCT_PRODUCT_MONTH,
    &FCT_CUSTOMER_PRODUCT_MONTH,
    &FCT_SUPPLIER_MONTH,
    &FCT_SUPPLIER_ACTIVITY_MONTH,
    &FCT_EMPLOYEE_MONTH,
    &FCT_CUSTOMER_CHANNEL_MONTH,
    &FCT_CUSTOMER_KIND_MONTH,
    &FCT_SHIP_TO_MONTH,
    &FCT_WAREHOUSE_MONTH,
    &DELIVERY_MONTH,
];

/// Facts that are too large to keep in memory: models read them month by month, or not at all.
pub const LARGE: &[&Table] = &[&FCT_ORDER, &FCT_ORDER_LINE];

/// Lists of the configuration that models read.
pub const SETTINGS: &[&Table] = &[
    &MARKET_SIZE,
    &ORDER_BAND,
    &ELECTRONIC_CHANNEL,
    &QUOTE_OUTCOME,
    &TAKEOVER_TASK,
    &REMEDY_LEAVING,
    &GRADE_WEIGHT,
    &GRADE_BOUND,
];

/// Every table that a run publishes in one piece: dimensions, facts, analyses, and those of the built-in models.
pub fn marts() -> impl Iterator<Item = &'static Table> {
    let published = models::models().iter().filter(|model| !model.internal).map(|model| model.table);
    MARTS.iter().copied().chain(published)
}

/// The table of a built-in model.
///
/// # Panics
/// If there is no model of that name. Only names in the code are used, and tests read them all.
#[must_use]
#[expect(clippy::panic, reason = "a name in the code that is no model is a defect that every test shows")]
pub fn model(name: &str) -> &'static Table {
    models::named(name).map_or_else(|| panic!("`{name}` is no model"), |model| model.table)
}

/// Every table of the contract, in the order of the flow.
pub fn tables() -> impl Iterator<Item = &'static Table> {
    SOURCES.iter().chain([&&LAKE_ORDER_LINES]).chain(ROLLUPS).copied().chain(marts()).chain(FACTS.iter().copied())
}

/// The table of that name.
#[must_use]
pub fn table(name: &str) -> Option<&'static Table> {
    tables().find(|table| table.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_every_table_has_a_key() {
        let names: BTreeSet<_> = tables().map(|table| table.name).collect();
        assert_eq!(names.len(), tables().count());
        for table in tables() {
            assert!(table.keys().next().is_some(), "{} has no key", table.name);
            let columns: BTreeSet<_> = table.columns.iter().map(|column| column.name).collect();
            assert_eq!(columns.len(), table.columns.len(), "{} names a column twice", table.name);
        }
    }

    #[test]
    fn references_lead_to_tables_whose_key_they_are() {
        for column in tables().flat_map(|table| table.columns) {
            if let Some(name) = column.references {
                let target = table(name).unwrap_or_else(|| panic!("{} refers to no table {name}", column.name));
                assert_eq!(target.keys().next().map(|key| key.ty), Some(column.ty), "{}", column.name);
            }
        }
    }
}
