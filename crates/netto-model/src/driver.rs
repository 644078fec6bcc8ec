//! What a driver is measured on: the tables whose rows an activity's expression reads.
//!
//! ```
//! use netto_model::DriverSource;
//! assert_eq!(DriverSource::Activities.name(), "activities");
//! assert!(DriverSource::Activities.table().column(DriverSource::Activities.day()).is_some());
//! ```

use schemars::JsonSchema;
use serde::Deserialize;

use crate::column as c;
use crate::contract::{ACTIVITIES, DEVIATIONS, LAKE_ORDER_LINES, ORDERS, RECEIVABLES, STOCK};
use crate::table::Table;

/// What a row of an activity's expression is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DriverSource {
    /// Order lines.
    OrderLines,
    /// Orders, or the part of one that falls into a month.
    #[default]
    Orders,
    /// Events of the source `activities`.
    Activities,
    /// Events of the source `deviations`.
    Deviations,
    /// Invoices of the source `receivables`.
    Receivables,
    /// Counts of the source `stock` with a customer: reserved or consigned goods.
    Stock,
}

impl DriverSource {
    /// Its name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OrderLines => "order_lines",
            Self::Orders => "orders",
            Self::Activities => "activities",
            Self::Deviations => "deviations",
            Self::Receivables => "receivables",
            Self::Stock => "stock",
        }
    }

    /// The table whose rows the expression reads.
    #[must_use]
    pub const fn table(self) -> &'static Table {
        match self {
            Self::OrderLines => &LAKE_ORDER_LINES,
            Self::Orders => &ORDERS,
            Self::Activities => &ACTIVITIES,
            Self::Deviations => &DEVIATIONS,
            Self::Receivables => &RECEIVABLES,
            Self::Stock => &STOCK,
        }
    }

    /// The column of the customer: lines and orders know customers by key, events by id.
    #[must_use]
    pub const fn customer(self) -> &'static str {
        match self {
            Self::OrderLines | Self::Orders => c::CUSTOMER_KEY,
            Self::Activities | Self::Deviations | Self::Receivables | Self::Stock => c::CUSTOMER_ID,
        }
    }

    /// The date that determines the month.
    #[must_use]
    pub const fn day(self) -> &'static str {
        match self {
            Self::OrderLines | Self::Orders => c::ORDER_DATE,
            Self::Activities | Self::Deviations => c::OCCURRED_AT,
            Self::Receivables => c::INVOICE_DATE,
            Self::Stock => c::SNAPSHOT_DATE,
        }
    }
}
