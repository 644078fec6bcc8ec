//! Errors of the segmentation.

use netto_model::money::MoneyError;
use netto_model::{FrameError, Money, Period, QueryError, contract};
use polars::prelude::PolarsError;

/// Why customers could not be segmented.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// The customers' profit less idle and unassigned cost differs from the general ledger: a defect of the program.
    #[error("window `{window}` doesn't tie to the general ledger: {found} instead of {expected}")]
    Untied {
        /// Window.
        window: String,
        /// Net profit − idle − unassigned.
        found: Money,
        /// Margin before pools − all pools.
        expected: Money,
    },
    /// A model's table breaks a rule that the model declares: a defect of the model.
    #[error("`{table}` breaks a rule of its model in {rows} rows, the first: {row} ({rule})")]
    Audit {
        /// Table of the contract.
        table: &'static str,
        /// The rule.
        rule: String,
        /// The number of rows that break it.
        rows: usize,
        /// The first of them.
        row: String,
    },
    /// A model refers to a setting that doesn't exist.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// More years than anyone compares: a date is wrong.
    #[error("the data range from {first} to {last}, more than {years} years")]
    TooManyYears {
        /// First month.
        first: Period,
        /// Last month.
        last: Period,
        /// The maximum number of years.
        years: i32,
    },
    /// An amount beyond the range of money.
    #[error("a total is outside the range of money")]
    Money(#[from] MoneyError),
    /// A table that isn't what the contract says.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The engine failed.
    #[error("an analysis could not be computed")]
    Engine(#[from] PolarsError),
}

impl SegmentError {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Audit { table, .. } if contract::table(table).is_none() => {
                Some("check the data behind these rows, or change the rule in the model".into())
            }
            Self::Untied { .. } | Self::Audit { .. } => {
                Some("this is a defect of netto: please report it with this message".into())
            }
            Self::TooManyYears { .. } => Some(
                "look for a wrong date; `dates = { from = \"…\", to = \"…\" }` on a source sets apart rows outside this range"
                    .into(),
            ),
            Self::Money(_) => Some("look for an amount with a wrong decimal separator in the extract".into()),
            Self::Frame(error) => error.help(),
            Self::Engine(_) | Self::Query(_) => None,
        }
    }
}
