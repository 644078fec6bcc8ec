//! The lineage of tables, back to the sources.
//!
//! ```text
//! pyramid          ← customer_window, dim_tier, dim_window          its text says so
//! fct_customer_month ← order_lines, rebates, fct_customer_activity_month   no text does: it stands here
//! … ← order_lines, cost_pools, activities, …                       the sources behind it
//! ```

use std::collections::BTreeSet;

pub(super) use netto_model::models::named as model;
use netto_model::{Model, contract, star};

/// The inputs of tables that are not computed by SQL.
const MADE: &[(&str, &[&str])] = &[
    ("dim_customer", &["customers", "order_lines", "customer_window"]),
    ("dim_product", &["products", "order_lines", "stock"]),
    ("dim_employee", &["employees"]),
    ("dim_period", &["order_lines", "cost_pools"]),
    ("dim_window", &["order_lines"]),
    ("dim_pool", &["cost_pools"]),
    ("dim_activity", &["cost_pools"]),
    ("pay_pool", &["dim_pool", "dim_activity", "employees"]),
    ("visit_work", &["dim_activity", "activities"]),
    (
        "fct_customer_activity_month",
        &["cost_pools", "order_lines", "activities", "deviations", "receivables", "stock", "customers"],
    ),
    ("fct_customer_month", &["order_lines", "rebates", "fct_customer_activity_month"]),
    ("activity_month", &["fct_customer_activity_month", "pool_balance"]),
    ("pool_balance", &["cost_pools", "fct_customer_activity_month"]),
    ("pool_transfer", &["cost_pools"]),
    ("ledger_bridge", &["cost_pools", "pool_transfer", "fct_customer_activity_month"]),
    ("rebate_progress", &["rebates", "order_lines"]),
    ("goal_progress", &["goals", "customer_window", "fct_customer_month", "prospects", "activities"]),
    ("bonus", &["goal_progress", "employees"]),
    ("bonus_booked", &["bonus", "employees"]),
    ("scenario_result", &["fct_customer_month", "customer_window", "window_summary", "remedy"]),
    ("data_readiness", SOURCES),
    ("data_question", SOURCES),
    ("data_set_apart", SOURCES),
    ("fct_order", LINES),
    ("fct_order_line", LINES),
    ("fct_customer_product_group_month", LINES_AND_PRODUCTS),
    ("fct_product_month", LINES_AND_PRODUCTS),
    ("fct_customer_product_month", LINES_AND_PRODUCTS),
    ("fct_supplier_month", LINES_AND_PRODUCTS),
    ("fct_supplier_activity_month", LINES_AND_PRODUCTS),
    ("fct_employee_month", LINES),
    ("fct_customer_channel_month", LINES),
    ("fct_customer_kind_month", LINES_AND_PRODUCTS),
    ("fct_ship_to_month", LINES),
    ("fct_warehouse_month", LINES),
    ("delivery_month", &["order_lines"]),
];

const LINES: &[&str] = &["order_lines", "fct_customer_month", "fct_customer_activity_month"];
const LINES_AND_PRODUCTS: &[&str] = &["order_lines", "products", "fct_customer_month", "fct_customer_activity_month"];
const SOURCES: &[&str] = &[
    "order_lines",
    "customers",
    "products",
    "employees",
    "activities",
    "cost_pools",
    "rebates",
    "receivables",
    "stock",
    "deviations",
    "prospects",
    "goals",
    "budgets",
    "actions",
    "fx_rates",
];

/// The inputs of a table, by their public names; internal tables are replaced by their own inputs.
pub(super) fn inputs(table: &str) -> BTreeSet<&'static str> {
    let Some(model) = model(table) else {
        return MADE
            .iter()
            .find(|(name, _)| *name == table)
            .map(|(_, of)| of.iter().copied().collect())
            .unwrap_or_default();
    };
    let read = model.query.tables().iter().flat_map(|table| {
        let hidden = self::model(table.name).is_some_and(|model| model.internal);
        if hidden { inputs(table.name) } else { BTreeSet::from([table.name]) }
    });
    read.filter(|name| is_known(name)).collect()
}

/// The sources behind a table.
pub(super) fn sources_of(table: &str) -> BTreeSet<&'static str> {
    let (mut found, mut seen, mut waiting) =
        (BTreeSet::new(), BTreeSet::new(), inputs(table).into_iter().collect::<Vec<_>>());
    while let Some(name) = waiting.pop() {
        if contract::SOURCES.iter().any(|source| source.name == name) {
            found.insert(name);
        } else if seen.insert(name) {
            waiting.extend(inputs(name));
        }
    }
    found
}

/// The columns of published tables and sources that a column of a model is computed from.
pub(super) fn columns(model: &Model, column: &str) -> BTreeSet<(&'static str, &'static str)> {
    let lineage = model.query.lineage();
    let origins = lineage.into_iter().find(|(name, _)| name == column).map(|(_, origins)| origins).unwrap_or_default();
    let followed =
        origins.into_iter().flat_map(|(table, name)| match self::model(table).filter(|model| model.internal) {
            Some(hidden) => columns(hidden, name),
            None => BTreeSet::from([(table, name)]),
        });
    followed.filter(|(table, _)| is_known(table)).collect()
}

/// Whether a table has a page; lists of the configuration and intermediate tables have none.
fn is_known(table: &str) -> bool {
    let published = || contract::table(table).is_some_and(|table| !star::published(table).is_empty());
    contract::SOURCES.iter().any(|source| source.name == table) || published()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_says_what_it_is_made_of_and_only_what_there_is() {
        for table in contract::marts().chain(contract::FACTS.iter().copied()) {
            let sources = sources_of(table.name);
            assert!(!sources.is_empty() || table.name == "dim_tier", "{} leads to no source", table.name);
        }
        for (name, of) in MADE {
            assert!(is_known(name) && model(name).is_none(), "{name}");
            assert!(of.iter().all(|name| is_known(name)), "{name}: {of:?}");
        }
        assert_eq!(sources_of("delivery_month"), BTreeSet::from(["order_lines"]));
    }

    #[test]
    fn columns_are_followed_through_tables_that_are_not_published() {
        let curve = model("whale_curve").unwrap();
        assert_eq!(columns(curve, "net_profit"), BTreeSet::from([("customer_window", "net_profit")]));
    }
}
