//! Describes a run in `dim_run`, a table of one row.
//!
//! ```text
//! run_key  run_id        data_through  company           currency  netto_version  lake_versions
//! 1        3f9c2b71a0de  2025-06-30    Van Delden B.V.   EUR       0.1.0          order_lines 3, customers 0
//! ```
//! The run id is a hash of the content, so it can't be part of that content: tables get it afterwards. No column holds a time, because a time would turn the
//! same result into another run every night.

use netto_model::{Mart, Period, column as c, contract::DIM_RUN};
use polars::prelude::*;

/// The description of a run.
#[derive(Clone, Debug)]
pub struct About {
    /// Name of the company.
    pub company: String,
    /// Currency of every amount.
    pub currency: String,
    /// Last closed month.
    pub last_month: Period,
    /// Version of netto.
    pub netto: String,
    /// The versions of the lake's tables, as text.
    pub lake: String,
}

impl About {
    /// The table for the run with that id.
    pub(crate) fn table(&self, run: &str) -> PolarsResult<Mart> {
        let data = df!(
            c::RUN_KEY => [1_i64],
            c::RUN_ID => [run],
            c::DATA_THROUGH => [self.last_month.plus(1).first_day() - 1],
            c::COMPANY => [self.company.as_str()],
            c::CURRENCY => [self.currency.as_str()],
            c::NETTO_VERSION => [self.netto.as_str()],
            c::LAKE_VERSIONS => [self.lake.as_str()],
        )?;
        let data = data.lazy().with_column(col(c::DATA_THROUGH).cast(DataType::Date)).collect()?;
        Ok(Mart { table: &DIM_RUN, data })
    }
}
