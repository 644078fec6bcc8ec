//! The three years of the sample, its working days and its seasons.
//!
//! ```text
//! 2022-07 … 2025-06; in August building sites rest, in March and November they hurry
//! ```

use netto_model::Period;
use netto_model::period::{civil_from_days, days_from_civil};

/// First month.
pub(crate) const FIRST: Period = Period::new(2022, 7);
/// Last month, closed.
pub(crate) const LAST: Period = Period::new(2025, 6);
/// Number of months.
pub(crate) const MONTHS: usize = 36;

/// January to December: demand in thousandths of an average month.
const SEASON: [i64; 12] = [960, 980, 1_100, 1_050, 1_020, 1_060, 860, 800, 1_080, 1_110, 1_120, 860];
/// Easter Monday, Ascension Day and Whit Monday of the three years; the other holidays have a fixed date.
const MOVING_HOLIDAYS: [(i32, i32, i32); 9] = [
    (2023, 4, 10),
    (2023, 5, 18),
    (2023, 5, 29),
    (2024, 4, 1),
    (2024, 5, 9),
    (2024, 5, 20),
    (2025, 4, 21),
    (2025, 5, 29),
    (2025, 6, 9),
];
const FIXED_HOLIDAYS: [(i32, i32); 4] = [(1, 1), (4, 27), (12, 25), (12, 26)];

/// The months, first to last.
pub(crate) fn months() -> impl DoubleEndedIterator<Item = Period> {
    FIRST.to(LAST)
}

/// The index of a month, from 0 for the first.
pub(crate) fn month_index(period: Period) -> i64 {
    i64::from((period.year() - FIRST.year()) * 12 + period.month() - FIRST.month())
}

/// Demand in the month, season and growth combined, in thousandths.
pub(crate) fn demand(period: Period) -> i64 {
    season(period) * (920 + month_index(period) * 3) / 1_000
}

/// Demand by season alone, in thousandths.
pub(crate) fn season(period: Period) -> i64 {
    SEASON[usize::try_from(period.month() - 1).unwrap_or_default()]
}

/// The working days of the month.
pub(crate) fn working_days(period: Period) -> Vec<i32> {
    (period.first_day()..period.plus(1).first_day()).filter(|&day| is_working_day(day)).collect()
}

/// The `count`-th working day after a day.
pub(crate) fn working_days_after(day: i32, count: i64) -> i32 {
    let mut day = day;
    for _ in 0..count {
        day += 1;
        while !is_working_day(day) {
            day += 1;
        }
    }
    day
}

/// The day in the format of a Dutch extract: `31-03-2025`.
pub(crate) fn dutch(day: i32) -> String {
    let (year, month, day) = civil_from_days(day);
    format!("{day:02}-{month:02}-{year:04}")
}

/// Days since 1970-01-01.
pub(crate) const fn day(year: i32, month: i32, day: i32) -> i32 {
    days_from_civil(year, month, day)
}

/// Monday 0 … Sunday 6; 1970-01-01 was a Thursday.
pub(crate) const fn weekday(day: i32) -> i32 {
    (day + 3).rem_euclid(7)
}

fn is_working_day(day: i32) -> bool {
    let date @ (_, month, of_month) = civil_from_days(day);
    weekday(day) < 5 && !FIXED_HOLIDAYS.contains(&(month, of_month)) && !MOVING_HOLIDAYS.contains(&date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_works_at_christmas_and_whitsun() {
        assert_eq!(working_days(Period::new(2024, 12)).len(), 20);
        assert!(!working_days(Period::new(2024, 5)).contains(&day(2024, 5, 20)));
        assert_eq!(working_days_after(day(2025, 6, 6), 1), day(2025, 6, 10));
        assert_eq!(months().count(), MONTHS);
    }

    #[test]
    fn a_date_is_written_day_first() {
        assert_eq!(dutch(day(2025, 3, 1)), "01-03-2025");
        assert_eq!(weekday(day(2025, 6, 30)), 0);
    }
}
