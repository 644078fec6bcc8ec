//! What a run says of itself: `dim_run`, one row beside all tables.
//!
//! ```text
//! run_key  run_id        data_through  company           currency  netto_version  lake_versions
//! 1        3f9c2b71a0de  2025-06-30    Van Delden B.V.   EUR       0.1.0          order_lines 3, customers 0
//! ```
//! A run is called by the hash of its content, so its name can't be in what is hashed: tables get it when the run has it. A time stands
//! nowhere in it, or the same result would be another run every night.

use netto_model::{Mart, Period, column as c, contract::DIM_RUN};
use polars::prelude::*;

/// What a run is of.
#[derive(Clone, Debug)]
pub struct About {
    /// Whose figures they are.
    pub company: String,
    /// Currency of every amount.
    pub currency: String,
    /// Last closed month.
    pub last_month: Period,
    /// Version of netto.
    pub netto: String,
    /// The versions of the lake's tables, in words.
    pub lake: String,
}

impl About {
    /// The table of a run with that name.
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
