//! Parses the period of a goal: a year, a quarter or a month, and how much of it is closed.
//!
//! ```text
//! 2025      closed through 2025-06   6 of 12 months
//! 2025-Q1                            3 of 3
//! 2025-09                            0 of 1: not started
//! (empty)                            2025, the calendar year of the last closed month
//! ```

use netto_model::{Period, Window};

/// The months of a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GoalPeriod {
    /// As it was written: `2025-Q1`.
    pub(crate) label: String,
    pub(crate) window: Window,
    /// How many of its months are closed.
    pub(crate) closed: i32,
}

impl GoalPeriod {
    /// Reads a year, a quarter or a month.
    pub(crate) fn parse(text: &str, last_month: Period) -> Result<Self, String> {
        let label = if text.trim().is_empty() { last_month.year().to_string() } else { text.trim().to_owned() };
        let Some(window) = months(&label) else {
            return Err(format!("`{label}` is not a period: write 2025, 2025-Q1 or 2025-03"));
        };
        let closed = Window { first: window.first, last: window.last.min(last_month) }.months().max(0);
        Ok(Self { label, window, closed })
    }

    /// Its closed months; `None` if it hasn't started.
    pub(crate) fn closed_months(&self) -> Option<Window> {
        (self.closed > 0).then(|| Window { first: self.window.first, last: self.window.first.plus(self.closed - 1) })
    }

    /// Whether all its months are closed.
    pub(crate) fn is_over(&self) -> bool {
        self.closed == self.window.months()
    }
}

fn months(label: &str) -> Option<Window> {
    if let Ok(month) = label.parse::<Period>() {
        return Some(Window { first: month, last: month });
    }
    let (year, quarter) = label.split_once('-').map_or((label, None), |(year, quarter)| (year, Some(quarter)));
    let is_year = year.len() == 4 && year.bytes().all(|digit| digit.is_ascii_digit());
    let year: i32 = year.parse().ok().filter(|_| is_year)?;
    let Some(quarter) = quarter else { return Some(Window::calendar_year(year)) };
    let number = match quarter.strip_prefix(['Q', 'q'])? {
        "1" => 1,
        "2" => 2,
        "3" => 3,
        "4" => 4,
        _ => return None,
    };
    Some(Window::ending(Period::new(year, number * 3), 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_a_year_a_quarter_or_a_month_and_the_year_of_the_last_month_when_empty() {
        let june = Period::new(2025, 6);
        let read = |text: &str| {
            GoalPeriod::parse(text, june).map(|period| format!("{} {} {}", period.label, period.window, period.closed))
        };
        assert_eq!(read("2025").unwrap(), "2025 2025-01..2025-12 6");
        assert_eq!(read("2024").unwrap(), "2024 2024-01..2024-12 12");
        assert_eq!(read("2025-Q1").unwrap(), "2025-Q1 2025-01..2025-03 3");
        assert_eq!(read("2025-q4").unwrap(), "2025-q4 2025-10..2025-12 0");
        assert_eq!(read("2025-06").unwrap(), "2025-06 2025-06..2025-06 1");
        assert_eq!(read(" ").unwrap(), "2025 2025-01..2025-12 6");
        for bad in ["2025-Q5", "2025Q1", "25", "next year", "2025-13", "+025"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_closed_months_count_and_a_period_ahead_has_none() {
        let june = Period::new(2025, 6);
        let closed = |text: &str| GoalPeriod::parse(text, june).unwrap().closed_months().map(|w| w.to_string());
        assert_eq!(closed("2025"), Some("2025-01..2025-06".into()));
        assert_eq!(closed("2025-Q2"), Some("2025-04..2025-06".into()));
        assert_eq!(closed("2025-Q3"), None);
    }
}
