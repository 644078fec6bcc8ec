//! Events as plain values: visits, calls, and whatever else took time.
//!
//! ```text
//! employee  customer  day         time   minutes
//! M01       C7        2025-03-07  15:30  40       a visit on a Friday (5) afternoon
//! ```

use netto_model::{Window, column as c};
use polars::prelude::*;

use crate::Inputs;
use crate::columns::{days, maybe_units, texts, units};

/// Something that was done for a customer or a prospect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) id: String,
    /// Empty where the event names none; so are customer and prospect.
    pub(crate) employee: String,
    pub(crate) customer: String,
    pub(crate) prospect: String,
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
pub(crate) struct Events {
    pub(crate) all: Vec<Event>,
    /// Whether the source says how long anything took.
    pub(crate) has_minutes: bool,
}

impl Events {
    /// Nothing where they weren't supplied.
    pub(crate) fn of(inputs: &Inputs<'_>, window: Window) -> PolarsResult<Option<Self>> {
        let Some(source) = inputs.events else { return Ok(None) };
        let has_minutes = source.data().column(c::MINUTES)?.null_count() < source.height();
        let day = || col(c::OCCURRED_AT).cast(DataType::Int32);
        let (first, end) = (window.first.first_day(), window.last.plus(1).first_day());
        let data = source.lazy().filter(day().gt_eq(lit(first)).and(day().lt(lit(end)))).collect()?;
        let [ids, employees, customers, prospects, kinds] =
            [c::ACTIVITY_ID, c::EMPLOYEE_ID, c::CUSTOMER_ID, c::PROSPECT_ID, c::KIND].map(|name| texts(&data, name));
        let (days, times, minutes) =
            (days(&data, c::OCCURRED_AT)?, maybe_units(&data, c::OCCURRED_TIME)?, units(&data, c::MINUTES)?);
        let who = employees?.into_iter().zip(customers?).zip(prospects?);
        let what = kinds?.into_iter().zip(days).zip(times).zip(minutes);
        let all = ids?.into_iter().zip(who).zip(what).map(
            |((id, ((employee, customer), prospect)), (((kind, day), time), minutes))| Event {
                id,
                employee,
                customer,
                prospect,
                kind: Kind::named(&kind),
                day: day.unwrap_or_default(),
                time,
                minutes,
            },
        );
        Ok(Some(Self { all: all.collect(), has_minutes }))
    }

    pub(crate) fn visits(&self) -> impl Iterator<Item = &Event> {
        self.all.iter().filter(|event| event.kind == Kind::Visit)
    }

    /// Visits that name a customer.
    pub(crate) fn visits_to_customers(&self) -> impl Iterator<Item = &Event> {
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

impl Event {
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
