//! How far a customer's cost may be off, when minutes and driver quantities are as uncertain as the configuration says.
//!
//! A cost is quantity ÷ (quantity + the others') × amount. It is highest when the customer's own quantity is as high, and the
//! others' are as low, as their ranges allow; lowest the other way round. So the ends of the band are two closed formulas, and
//! no draws are needed. With ± 10 %, 100.00 over 30 of 100 minutes lie between 27 ÷ (27 + 77) = 25.96 and 33 ÷ (33 + 63) = 34.38.
//!
//! For time, only the minutes used compete: cost = minutes ÷ practical capacity × fixed part, as long as capacity suffices,
//! so the others' minutes don't matter, plus minutes ÷ minutes used × the part that varies.

use std::collections::BTreeMap;

use netto_model::frame::CostBand;
use netto_model::money::{MILLION, divide_half_even};
use netto_model::{Frame, Period, column as c};
use polars::prelude::*;
use rayon::prelude::*;

use crate::assign::{Assigned, Cell};
use crate::config::{Idle, Method, PoolConfig};
use crate::customers::Rank;
use crate::error::ProfitError;
use crate::ledger::with_dates;
use crate::month::{Month, Months};
use crate::resolved::Resolved;

/// The band of every customer and month that was assigned anything.
pub(crate) fn cost_band(months: &Months, resolved: &Resolved<'_>) -> Result<Frame<CostBand>, ProfitError> {
    let of_months: Vec<(Period, Vec<(Rank, Band)>)> =
        months.par_iter().map(|(period, month)| (*period, of_month(month, resolved))).collect();
    let rows =
        || of_months.iter().flat_map(|(period, bands)| bands.iter().map(move |(rank, band)| (period, *rank, band)));
    let frame = DataFrame::new_infer_height(vec![
        Column::new(c::PERIOD.into(), rows().map(|(period, ..)| period.first_day()).collect::<Vec<_>>()),
        resolved.customers.column(rows().map(|(_, rank, _)| rank))?,
        Column::new(c::LESS_AMOUNT.into(), rows().map(|(.., band)| band.less).collect::<Vec<_>>()),
        Column::new(c::MORE_AMOUNT.into(), rows().map(|(.., band)| band.more).collect::<Vec<_>>()),
    ])?;
    Ok(Frame::try_new(with_dates(frame))?)
}

/// By how much an amount may be lower or higher.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Band {
    less: i64,
    more: i64,
}

fn of_month(month: &Month, resolved: &Resolved<'_>) -> Vec<(Rank, Band)> {
    let mut bands: Vec<(Rank, Band)> = Vec::new();
    for ((name, _), assigned) in &month.pools {
        let totals = Totals::of(assigned, resolved.pool(name), resolved);
        bands.extend(assigned.cells.iter().map(|cell| (cell.key.0, totals.band(cell, resolved))));
    }
    bands.sort_unstable_by_key(|(rank, _)| *rank);
    let sum = |of_customer: &[(Rank, Band)]| {
        let (less, more) = of_customer.iter().fold((0, 0), |sum, (_, band)| (sum.0 + band.less, sum.1 + band.more));
        (of_customer.first().map_or(0, |(rank, _)| *rank), Band { less, more })
    };
    bands.chunk_by(|a, b| a.0 == b.0).map(sum).collect()
}

/// What the customers of a pool share: amounts, and what all used together at the low and high ends of the ranges, quantities
/// in millionths of a ten-thousandth.
struct Totals {
    /// Of driver and share activities, by activity and part: amount, quantities.
    by_driver: BTreeMap<(u16, u16), (i128, Ends)>,
    /// Of all time-driven activities of the pool.
    minutes: Ends,
    /// Minutes that the fixed part pays for, used or not; none where idle capacity is charged.
    practical: i128,
    /// The part of the amount for time that pays for capacity, and the part that varies with use.
    fixed: i128,
    varies: i128,
}

/// The low and the high end of a range.
type Ends = (i128, i128);

impl Totals {
    fn of(assigned: &Assigned, pool: &PoolConfig, resolved: &Resolved<'_>) -> Self {
        let (amount, million) = (i128::from(assigned.time_amount), i128::from(MILLION));
        let fixed = divide_half_even(amount * i128::from(pool.fixed_millionths()), million);
        let practical = match pool.idle {
            Idle::Report => i128::from(assigned.practical_minutes) * million,
            Idle::Charge => 0,
        };
        let mut totals = Self { by_driver: BTreeMap::new(), minutes: (0, 0), practical, fixed, varies: amount - fixed };
        for total in &assigned.activities {
            let (low, high) = ends(total.quantity + total.unnamed, resolved.range(total.activity));
            if resolved.method(total.activity) == Method::Time {
                totals.minutes.0 += low;
                totals.minutes.1 += high;
            } else {
                totals.by_driver.insert((total.activity, total.part), (total.pool_amount.into(), (low, high)));
            }
        }
        totals
    }

    fn band(&self, cell: &Cell, resolved: &Resolved<'_>) -> Band {
        let (_, activity, part) = cell.key;
        let (low, high) = ends(cell.quantity, resolved.range(activity));
        // The customer's own quantity at one end, the others' at the other.
        let at_ends = |(all_low, all_high): Ends, cost: &dyn Fn(i128, i128) -> i128| {
            [cost(low, low + all_high - high), cost(high, high + all_low - low)]
        };
        let costs = match resolved.method(activity) {
            Method::Direct => return Band::default(),
            Method::Time => at_ends(self.minutes, &|own, all| {
                part_of(self.fixed, own, all.max(self.practical)) + part_of(self.varies, own, all)
            }),
            Method::Driver | Method::Share => {
                let (amount, all) = self.by_driver.get(&(activity, part)).copied().unwrap_or_default();
                at_ends(all, &|own, all| part_of(amount, own, all))
            }
        };
        let amount = i128::from(cell.amount);
        let off = |by: i128| i64::try_from(by.max(0)).unwrap_or(i64::MAX);
        let [one, other] = costs;
        Band { less: off(amount - one.min(other)), more: off(one.max(other) - amount) }
    }
}

/// `amount × own ÷ total`, half-even; nothing where nobody used anything.
const fn part_of(amount: i128, own: i128, total: i128) -> i128 {
    if total == 0 { 0 } else { divide_half_even(amount * own, total) }
}

/// A quantity at the low and the high end of its range, in millionths.
fn ends(quantity: i64, range: i64) -> Ends {
    let (quantity, range) = (i128::from(quantity), i128::from(range));
    let million = i128::from(MILLION);
    (quantity * (million - range), quantity * (million + range))
}
