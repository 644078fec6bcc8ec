//! Calendar months and windows of them.
//!
//! In frames and files a period is the date of its first day; in text it is `2025-03`.
//!
//! ```
//! use netto_model::{Period, Window};
//! let march: Period = "2025-03".parse()?;
//! assert_eq!(march.first_day(), 20_148); // days since 1970-01-01
//! let year = Window::ending(march, 12);
//! assert_eq!(year.to_string(), "2024-04..2025-03");
//! assert_eq!(year.previous().to_string(), "2023-04..2024-03");
//! # Ok::<(), netto_model::period::PeriodError>(())
//! ```

use std::fmt;
use std::str::FromStr;

/// A calendar month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// Months since the year 0, so that months can be added.
    index: i32,
}

/// Not a month.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a month, write it as 2025-03")]
pub struct PeriodError(pub String);

impl Period {
    /// The month `month` (1–12) of `year`.
    #[must_use]
    pub const fn new(year: i32, month: i32) -> Self {
        Self { index: year * 12 + month - 1 }
    }

    /// The month in which a day (days since 1970-01-01) lies.
    #[must_use]
    pub const fn of_day(day: i32) -> Self {
        let (year, month, _) = civil_from_days(day);
        Self::new(year, month)
    }

    /// Year, such as 2025.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.index.div_euclid(12)
    }

    /// Month of the year, 1–12.
    #[must_use]
    pub const fn month(self) -> i32 {
        self.index.rem_euclid(12) + 1
    }

    /// Quarter of the year, 1–4.
    #[must_use]
    pub const fn quarter(self) -> i32 {
        (self.month() + 2) / 3
    }

    /// The first day, in days since 1970-01-01: how a period is stored.
    #[must_use]
    pub const fn first_day(self) -> i32 {
        days_from_civil(self.year(), self.month(), 1)
    }

    /// This month plus `months`.
    #[must_use]
    pub const fn plus(self, months: i32) -> Self {
        Self { index: self.index + months }
    }

    /// The months from this one up to and including `last`.
    #[must_use]
    pub fn to(self, last: Self) -> impl DoubleEndedIterator<Item = Self> {
        (self.index..=last.index).map(|index| Self { index })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:04}-{:02}", self.year(), self.month()))
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let error = || PeriodError(text.to_owned());
        let (year, month) = text.split_once('-').ok_or_else(error)?;
        if year.len() != 4 || month.len() != 2 || !(year.to_owned() + month).bytes().all(|b| b.is_ascii_digit()) {
            return Err(error());
        }
        match (year.parse(), month.parse()) {
            (Ok(year), Ok(month)) if (1..=12).contains(&month) => Ok(Self::new(year, month)),
            _ => Err(error()),
        }
    }
}

/// A range of closed months, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    /// First month.
    pub first: Period,
    /// Last month.
    pub last: Period,
}

impl Window {
    /// The `months` months that end with `last`.
    #[must_use]
    pub const fn ending(last: Period, months: i32) -> Self {
        Self { first: last.plus(1 - months), last }
    }

    /// January to December.
    #[must_use]
    pub const fn calendar_year(year: i32) -> Self {
        Self { first: Period::new(year, 1), last: Period::new(year, 12) }
    }

    /// How many months.
    #[must_use]
    pub const fn months(self) -> i32 {
        self.last.index - self.first.index + 1
    }

    /// The window of the same length just before.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self::ending(self.first.plus(-1), self.months())
    }

    /// Whether a month lies inside.
    #[must_use]
    pub const fn contains(self, period: Period) -> bool {
        self.first.index <= period.index && period.index <= self.last.index
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.first, self.last)
    }
}

/// Days since 1970-01-01 of a date of the Gregorian calendar (Howard Hinnant, *chrono-compatible date algorithms*).
#[must_use]
pub const fn days_from_civil(year: i32, month: i32, day: i32) -> i32 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of days since 1970-01-01: the inverse of [`days_from_civil`].
#[must_use]
pub const fn civil_from_days(days: i32) -> (i32, i32, i32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_window_and_the_one_before_it_share_no_month() {
        let window = Window::calendar_year(2025);
        assert_eq!(window.previous(), Window::calendar_year(2024));
        assert!(!window.contains(window.previous().last));
        assert_eq!(window.first.to(window.last).count(), 12);
    }

    #[test]
    fn only_four_digits_dash_two_digits_is_a_month() {
        for bad in ["2025-13", "2025-00", "25-03", "2025-3", "2025/03", "+025-03", ""] {
            assert!(bad.parse::<Period>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn days_and_dates_are_inverse(day in -1_000_000..1_000_000) {
            let (y, m, d) = civil_from_days(day);
            prop_assert_eq!(days_from_civil(y, m, d), day);
            let period = Period::of_day(day);
            prop_assert!(period.first_day() <= day && day < period.plus(1).first_day());
        }
    }
}
