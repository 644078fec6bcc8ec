//! Tells which figures of a window are known: without booked cost or supplied cost of goods, a figure that needs it is unknown
//! and must not look like zero.

use std::collections::BTreeMap;

use netto_model::column as c;
use polars::prelude::*;

use crate::failure::Failure;

/// The known data of each window.
pub(crate) struct Base(BTreeMap<String, Known>);

#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// Whether any customer month has its cost of goods.
    goods: bool,
    /// Whether any customer month has its cost-to-serve.
    cost_to_serve: bool,
    /// Whether any cost is booked.
    booked: bool,
}

impl Base {
    /// Reads the flags of the waterfall for the months of each window, and the booked cost.
    ///
    /// # Errors
    /// When a table doesn't match the contract.
    pub(crate) fn of(waterfall: &DataFrame, windows: &DataFrame, summary: &DataFrame) -> Result<Self, Failure> {
        read(waterfall, windows, summary)
            .map(Self)
            .map_err(|error| Failure::failed("the figures could not be read", &error))
    }

    /// Why a figure of a window is unknown; `None` if it is known.
    pub(crate) fn lacks(&self, window: &str, column: &str) -> Option<&'static str> {
        let Known { goods, cost_to_serve, booked } = *self.0.get(window)?;
        match column {
            c::GROSS_MARGIN if !goods => Some("not supplied"),
            c::COST_TO_SERVE if !cost_to_serve => Some("not supplied"),
            c::IDLE_AMOUNT | c::UNASSIGNED_AMOUNT if !booked => Some("not supplied"),
            c::NET_PROFIT if !goods || !cost_to_serve => Some("not known"),
            c::RESULT if !goods || !booked => Some("not known"),
            _ => None,
        }
    }
}

fn read(waterfall: &DataFrame, windows: &DataFrame, summary: &DataFrame) -> PolarsResult<BTreeMap<String, Known>> {
    let day = |data: &DataFrame, name: &str| Ok::<_, PolarsError>(data.column(name)?.date()?.physical().clone());
    let days = day(waterfall, c::PERIOD)?;
    let (goods, costs) =
        (waterfall.column(c::COGS_SUPPLIED)?.bool()?, waterfall.column(c::COST_TO_SERVE_SUPPLIED)?.bool()?);
    let mut months: BTreeMap<i32, Known> = BTreeMap::new();
    for ((day, goods), cost) in days.iter().zip(goods.iter()).zip(costs.iter()) {
        let known = months.entry(day.unwrap_or_default()).or_default();
        known.goods |= goods.unwrap_or_default();
        known.cost_to_serve |= cost.unwrap_or_default();
    }
    let amounts = summary.column(c::WINDOW)?.str()?.iter().zip(summary.column(c::LEDGER_AMOUNT)?.i64()?.iter());
    let booked: BTreeMap<&str, bool> = amounts.filter_map(|(window, amount)| Some((window?, amount? != 0))).collect();
    let (first, last) = (day(windows, c::FIRST_PERIOD)?, day(windows, c::LAST_PERIOD)?);
    let of_window = |((name, first), last): ((Option<&str>, Option<i32>), Option<i32>)| {
        let name = name.unwrap_or_default();
        let inside = months.range(first.unwrap_or_default()..).take_while(|(day, _)| Some(**day) <= last);
        let mut known = Known { booked: booked.get(name).copied().unwrap_or_default(), ..Known::default() };
        for (_, month) in inside {
            known.goods |= month.goods;
            known.cost_to_serve |= month.cost_to_serve;
            known.booked |= month.cost_to_serve;
        }
        (name.to_owned(), known)
    };
    let names = windows.column(c::WINDOW)?.str()?;
    Ok(names.iter().zip(first.iter()).zip(last.iter()).map(of_window).collect())
}
