//! Events as plain values: visits, calls, and whatever else took time.
//!
//! ```text
//! employee  customer  day         time   minutes
//! M01       C7        2025-03-07  15:30  40       a visit on a Friday (5) afternoon
//! ```

use netto_model::{Window, column as c};
use polars::prelude::*;

use crate::Inputs;

/// Something that was done for a customer or a prospect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event<'a> {
    pub(crate) id: &'a str,
    /// Empty where the event names none; so are customer and prospect.
    pub(crate) employee: &'a str,
    pub(crate) customer: &'a str,
    pub(crate) prospect: &'a str,
    pub(crate) kind: Kind,
    pub(crate) day: i32,
    /// Minute of the day.
    pub(crate) time: Option<i64>,
    /// Ten-thousandths of a minute.
    pub(crate) minutes: i64,
}

/// What it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    Visit,
    Call,
    #[default]
    Other,
}

/// The events of a window.
#[derive(Clone, Debug, Default)]
pub(crate) struct Events<'a> {
    pub(crate) all: Vec<Event<'a>>,
    /// Whether the source says how long anything took.
    pub(crate) has_minutes: bool,
}

impl<'a> Events<'a> {
    /// Nothing where they weren't supplied.
    pub(crate) fn of(inputs: &Inputs<'a>, window: Window) -> PolarsResult<Option<Self>> {
        let Some(source) = inputs.events else { return Ok(None) };
        let data = source.data();
        let text = |name: &str| Ok::<_, PolarsError>(data.column(name)?.str()?.iter().map(Option::unwrap_or_default));
        let who = text(c::EMPLOYEE_ID)?.zip(text(c::CUSTOMER_ID)?).zip(text(c::PROSPECT_ID)?);
        let times = data.column(c::OCCURRED_TIME)?.i64()?.iter();
        let minutes = data.column(c::MINUTES)?;
        let what = text(c::KIND)?.zip(times).zip(minutes.i64()?.iter().map(Option::unwrap_or_default));
        let days = data.column(c::OCCURRED_AT)?.date()?.physical().iter().map(Option::unwrap_or_default);
        let (first, end) = (window.first.first_day(), window.last.plus(1).first_day());
        let rows =
            text(c::ACTIVITY_ID)?.zip(days).zip(who.zip(what)).filter(|((_, day), _)| (first..end).contains(day));
        let all = rows.map(|((id, day), (((employee, customer), prospect), ((kind, time), minutes)))| {
            let kind = Kind::named(kind);
            Event { id, employee, customer, prospect, kind, day, time, minutes }
        });
        Ok(Some(Self { all: all.collect(), has_minutes: minutes.null_count() < data.height() }))
    }

    pub(crate) fn visits(&self) -> impl Iterator<Item = &Event<'a>> {
        self.all.iter().filter(|event| event.kind == Kind::Visit)
    }

    /// Visits that name a customer.
    pub(crate) fn visits_to_customers(&self) -> impl Iterator<Item = &Event<'a>> {
        self.visits().filter(|visit| !visit.customer.is_empty())
    }
}

impl Kind {
    fn named(name: &str) -> Self {
        match name {
            "visit" => Self::Visit,
            "call" => Self::Call,
            _ => Self::Other,
        }
    }
}

impl Event<'_> {
    /// 1 Monday to 7 Sunday; 1970-01-01 was a Thursday.
    pub(crate) const fn weekday(&self) -> i64 {
        (self.day + 3).rem_euclid(7) as i64 + 1
    }

    /// Until noon, until six, later; empty where nobody said when.
    pub(crate) fn part_of_day(&self) -> &'static str {
        match self.time {
            None => "",
            Some(..720) => "morning",
            Some(720..1080) => "afternoon",
            Some(_) => "evening",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::period::days_from_civil;

    #[test]
    fn the_seventh_of_march_2025_is_a_friday_and_noon_begins_the_afternoon() {
        let at = |day, time| Event { day: days_from_civil(2025, 3, day), time, ..Event::default() };
        assert_eq!([3, 7, 9].map(|day| at(day, None).weekday()), [1, 5, 7]);
        let parts =
            [None, Some(0), Some(719), Some(720), Some(1_079), Some(1_080)].map(|time| at(7, time).part_of_day());
        assert_eq!(parts, ["", "morning", "morning", "afternoon", "afternoon", "evening"]);
    }
}
