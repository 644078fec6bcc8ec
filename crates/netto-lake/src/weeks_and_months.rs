//! Converts a week or a month to a day: `date = "week"`, `date = "month"`.
//!
//! ```text
//! week    2024-W07  2024W07  202407  2024-7  W07-2024  7/2024     the Thursday of the week, 2024-02-15
//! month   2024-07   202407   07-2024  jul 2024                    its first day, 2024-07-01
//! week    2024|7                      year and number in two columns, which `join` puts together; a month likewise
//! ```
//! A week belongs to the month with most of its days, which is the month of its Thursday; ISO 8601 defines its year in the same way.

use chrono::{NaiveDate, Weekday};
use netto_model::Period;

use crate::ids;
use crate::moment::{Moment, since_1970};
use crate::month;

/// Format for weeks.
pub(crate) const WEEK: &str = "week";
/// Format for months.
pub(crate) const MONTH: &str = "month";

/// The day that represents a week or a month; `None` for any other format.
pub(crate) fn moment(text: &str, format: &str) -> Option<Moment> {
    let day = match format {
        WEEK => week(text),
        MONTH => month::by_itself(text).map(Period::first_day),
        _ => None,
    };
    day.map(|day| Moment { day, minute: None })
}

fn week(text: &str) -> Option<i32> {
    let between = ['-', '/', '.', ' ', ids::SEPARATOR];
    let of_week = |text: &str| text.trim_start_matches(['W', 'w']).trim().parse::<u32>().ok();
    let is_year = |text: &str| text.len() == 4 && text.bytes().all(|digit| digit.is_ascii_digit());
    let (year, number) = match text.split_once(between) {
        Some((year, week)) if is_year(year) => (year, week),
        Some((week, year)) => (year, week),
        None => (text.get(..4)?, text.get(4..).filter(|week| week.trim_start_matches(['W', 'w']).len() == 2)?),
    };
    let year = Some(year).filter(|year| is_year(year))?.parse().ok()?;
    since_1970(NaiveDate::from_isoywd_opt(year, of_week(number)?, Weekday::Thu)?)
}

#[cfg(test)]
mod tests {
    use netto_model::period::days_from_civil;

    use super::*;

    #[test]
    fn a_week_is_its_thursday_and_a_month_its_first_day() {
        let day = |text: &str, format: &str| moment(text, format).map(|moment| moment.day);
        for text in ["2024-W07", "2024W07", "202407", "2024-7", "W07-2024", "7/2024", "2024 W7", "2024|7"] {
            assert_eq!(day(text, WEEK), Some(days_from_civil(2024, 2, 15)), "{text}");
        }
        // The first week of 2025 begins on 30 December.
        assert_eq!(day("2025-W01", WEEK), Some(days_from_civil(2025, 1, 2)));
        assert_eq!(day("2020-W53", WEEK), Some(days_from_civil(2020, 12, 31)));
        for text in ["2024-W53", "2024-00", "24-W07", "2024-02-15", "2024", "W07", "", "20240715"] {
            assert_eq!(day(text, WEEK), None, "{text}");
        }
        for text in ["2024-07", "202407", "07/2024", "jul 2024", "2024|7"] {
            assert_eq!(day(text, MONTH), Some(days_from_civil(2024, 7, 1)), "{text}");
        }
        assert_eq!(day("2024-W07", MONTH), None);
        assert_eq!(day("2024-07", "%Y-%m-%d"), None);
    }
}
