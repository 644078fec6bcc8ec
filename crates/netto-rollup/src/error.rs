//! The errors of a rollup.

use std::path::PathBuf;

use netto_model::arrow::ArrowBridgeError;
use netto_model::expression::Fault;
use netto_model::frame::MOST;
use netto_model::money::grouped_decimal;
use netto_model::{FrameError, Money, Period};
use polars::prelude::PolarsError;

use crate::spark::SparkError;

/// Why a rollup failed, with the month.
#[derive(Debug, thiserror::Error)]
pub enum RollupError {
    /// A file of the lake can't be read.
    #[error("{file} can't be read")]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file of the lake is not sorted as the kernel needs it.
    #[error("{file} is not sorted by customer and order: customer {customer}, order {order} comes too late")]
    Unsorted {
        /// The file.
        file: PathBuf,
        /// Key of the customer.
        customer: i64,
        /// Key of the order.
        order: i64,
    },
    /// A sum beyond the range of money.
    #[error(
        "the sum of {column} over the {orders} orders of {period} is {total}, outside ±{}; the largest is {amount}, of {order}",
        grouped_decimal(MOST)
    )]
    Overflow {
        /// Column that is summed.
        column: &'static str,
        /// Month.
        period: Period,
        /// How many orders.
        orders: usize,
        /// The sum of absolute amounts.
        total: String,
        /// The order with the largest amount.
        order: String,
        /// That amount.
        amount: String,
    },
    /// An expression that gives no number for a row.
    #[error("activity `{activity}` has no number for {row}{}: {reason}", period.map(|period| format!(" in {period}")).unwrap_or_default())]
    Expression {
        /// The activity.
        activity: String,
        /// The row, as its source names it.
        row: String,
        /// Month.
        period: Option<Period>,
        /// The reason.
        reason: Fault,
    },
    /// Quantities of an activity that add up beyond the range of a quantity.
    #[error("the sum of activity `{activity}` over the rows of `{rows}`{} is {total}, outside ±{}", period.map(|period| format!(" in {period}")).unwrap_or_default(), grouped_decimal(MOST))]
    QuantityOverflow {
        /// The activity.
        activity: String,
        /// The kind of row.
        rows: &'static str,
        /// Month.
        period: Option<Period>,
        /// The sum of absolute quantities.
        total: String,
    },
    /// A row has negative minutes.
    #[error("activity `{activity}` takes {minutes} minutes for {row} in {period}")]
    NegativeMinutes {
        /// The activity.
        activity: String,
        /// The row, as its source names it.
        row: String,
        /// Month.
        period: Period,
        /// The negative minutes.
        minutes: Money,
    },
    /// Lines of a customer whose key is not in the dictionary.
    #[error("customer {customer} of the lake has no id")]
    UnknownCustomer {
        /// Its key.
        customer: String,
    },
    /// An audit failed.
    #[error("audit `{audit}` of {period} failed: {found} instead of {expected}")]
    Audit {
        /// Name of the audit.
        audit: &'static str,
        /// Month.
        period: Period,
        /// The value of the rollup.
        found: i128,
        /// The value of the lines.
        expected: i128,
    },
    /// Columns that could not be converted.
    #[error("order lines could not be read")]
    Bridge(#[from] ArrowBridgeError),
    /// A table doesn't match the contract.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// Spark failed.
    #[error(transparent)]
    Spark(#[from] SparkError),
    /// The engine failed.
    #[error("a rollup could not be computed")]
    Engine(#[from] PolarsError),
}

impl RollupError {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::File { .. } | Self::Unsorted { .. } | Self::UnknownCustomer { .. } => {
                "restore it from a backup, or remove the whole folder .netto/lake and run again: all extracts that still exist are loaded again".into()
            }
            Self::Overflow { .. } => "look for an amount with a wrong decimal separator in the extract".into(),
            Self::Expression { reason, .. } => reason.help().into(),
            Self::QuantityOverflow { .. } => {
                "check its expression: all minutes and quantities of a month together must stay below 100 trillion".into()
            }
            Self::NegativeMinutes { activity, .. } => format!(
                "check the expression of [activity.{activity}]: a return has a negative quantity, so use `abs(quantity)`"
            ),
            Self::Audit { .. } => "this is a defect of netto: please report it with this message".into(),
            Self::Frame(error) => return error.help(),
            Self::Spark(error) => error.help(),
            Self::Bridge(_) | Self::Engine(_) => return None,
        })
    }
}
