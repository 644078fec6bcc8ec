//! Summarises a load, so that users can check whether an extract is read correctly: sample values before and after, the content of
//! each month, and the first and last day.
//!
//! ```text
//! order_date   Datum       03-03-2025   2025-03-03
//! net_amount   Netto       1.234,50     1234.5000
//! 2025-03      1,204 rows  310,221.00
//! ```

use std::collections::BTreeMap;

use netto_model::Period;
use netto_model::table::Table;
use polars::prelude::*;

use crate::mapping::date_of;
use crate::plausible;
use crate::set_apart::amount_column;

/// The summary of a load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// A sample value of each nonempty column, as in the extract and as loaded.
    pub samples: Vec<Sample>,
    /// First and last day of the date that determines the month.
    pub days: Option<(String, String)>,
    /// Rows of each month with their amount in ten-thousandths, if the source has one.
    pub months: BTreeMap<Period, (u64, Option<i128>)>,
}

/// A sample value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Column of the contract.
    pub column: &'static str,
    /// Column of the extract.
    pub from: String,
    /// The text in the extract.
    pub text: String,
    /// The loaded value.
    pub value: String,
}

impl Overview {
    /// Summarises rows with their months, without samples.
    pub(crate) fn of(source: &Table, rows: &DataFrame, of_rows: &[Option<Period>]) -> PolarsResult<Self> {
        let mut months: BTreeMap<Period, (u64, Option<i128>)> = BTreeMap::new();
        let amounts = amount_column(source).map(|amount| rows.column(amount)?.i64().cloned()).transpose()?;
        for (row, month) in of_rows.iter().enumerate() {
            let Some(month) = month else { continue };
            let (count, sum) = months.entry(*month).or_default();
            *count += 1;
            if let Some(amounts) = &amounts {
                *sum = Some(sum.unwrap_or_default() + i128::from(amounts.get(row).unwrap_or_default()));
            }
        }
        let days = date_of(source)
            .map(|date| rows.column(date.name)?.date().map(|days| days.physical().clone()))
            .transpose()?;
        let days = days.and_then(|days| Some((plausible::shown(days.min()?), plausible::shown(days.max()?))));
        Ok(Self { samples: Vec::new(), days, months })
    }

    /// Adds the summary of other rows.
    pub(crate) fn add(&mut self, other: Self) {
        self.days = match (self.days.take(), other.days) {
            (Some((first, last)), Some((other_first, other_last))) => {
                Some((first.min(other_first), last.max(other_last)))
            }
            (one, other) => one.or(other),
        };
        for (month, (rows, amount)) in other.months {
            let (all, sum) = self.months.entry(month).or_default();
            *all += rows;
            *sum = amount.map(|amount| sum.unwrap_or_default() + amount);
        }
    }
}
