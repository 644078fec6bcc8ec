//! Whether it is known which pools hold the pay of the sales force: else nobody can tell what a pair adds, and the run says so.

use netto_model::{Warning, column as c};
use polars::prelude::*;

use crate::SegmentError;
use crate::models::Tables;

/// The employees and pairs of the main window whose pay is known, and not in which pool it stands.
pub(crate) fn unknown(tables: &Tables) -> Result<Option<Warning>, SegmentError> {
    let Some(force) = tables.get("sales_force") else { return Ok(None) };
    let is_unknown = col(c::WINDOW).eq(lit("main")).and(col("pay_found").not()).and(col(c::FULL_COST).is_not_null());
    let found = force.clone().lazy().filter(is_unknown).collect()?.height();
    let message = "no pool is known to hold the pay of the field, or of the inside staff: what they add is left empty, as their pay can't be told \
                   from other cost";
    let help = "call such a pool `field` or `inside`, by its name or its label, or name it in `pay_pools` of [segment.sales_force]";
    Ok((found > 0).then(|| Warning::note("pay_in_no_pool", message).with_help(help)))
}
