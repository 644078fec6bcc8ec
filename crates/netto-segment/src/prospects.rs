//! Prospects and suspects: who doesn't buy yet, and the minutes that are spent on them.
//!
//! Who became a customer is one; and nobody is a prospect of a window before it was known.

use std::collections::BTreeMap;

use netto_model::{Window, column as c};
use polars::prelude::*;

use crate::Inputs;
use crate::columns::{days, maybe_units, sums};
use crate::windows::within;

/// Who might buy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prospect {
    pub(crate) id: String,
    pub(crate) tier: &'static str,
    pub(crate) market: String,
    /// What it could buy in a year, where it was supplied.
    pub(crate) potential: Option<i64>,
    /// The day since when it is known, where it was supplied.
    pub(crate) since: Option<i32>,
}

impl Prospect {
    /// Whether it was known by the end of a window.
    pub(crate) fn known_in(&self, window: Window) -> bool {
        self.since.is_none_or(|day| day < window.last.plus(1).first_day())
    }
}

/// Prospects and suspects that haven't become customers; nobody where none were supplied.
pub(crate) fn prospects(inputs: &Inputs<'_>) -> PolarsResult<Vec<Prospect>> {
    let Some(prospects) = inputs.prospects else { return Ok(Vec::new()) };
    let data = prospects.lazy().filter(col(c::BECAME_CUSTOMER_ID).is_null()).collect()?;
    let text = |name: &str| Ok::<_, PolarsError>(data.column(name)?.str()?.iter());
    let known = text(c::PROSPECT_ID)?.zip(text(c::STAGE)?).zip(text(c::MARKET)?);
    let figures = maybe_units(&data, c::POTENTIAL)?.into_iter().zip(days(&data, c::SINCE)?);
    let prospect = |(((id, stage), market), (potential, since)): (((Option<&str>, _), Option<&str>), _)| Prospect {
        id: id.unwrap_or_default().to_owned(),
        tier: if stage == Some("prospect") { "Prospect" } else { "Suspect" },
        market: market.unwrap_or_default().to_owned(),
        potential,
        since,
    };
    Ok(known.zip(figures).map(prospect).collect())
}

/// The minutes of the events of a window that name a prospect.
pub(crate) fn minutes(inputs: &Inputs<'_>, window: Window) -> PolarsResult<BTreeMap<String, i64>> {
    let Some(events) = inputs.events else { return Ok(BTreeMap::new()) };
    let plan = events.lazy().filter(within(window, c::OCCURRED_AT)).filter(col(c::PROSPECT_ID).is_not_null());
    Ok(sums(plan, [c::PROSPECT_ID], [c::MINUTES])?.into_iter().map(|([id], [minutes])| (id, minutes)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prospect_stands_in_the_pyramid_from_the_window_on_in_which_it_was_known() {
        let year = Window::calendar_year(2025);
        let since = |day| Prospect { since: day, ..Prospect::default() }.known_in(year);
        let last_day = year.last.plus(1).first_day() - 1;
        assert_eq!([since(None), since(Some(last_day)), since(Some(last_day + 1))], [true, true, false]);
    }
}
