//! Windows of closed months: `main` (the last twelve), `previous` (the twelve before), the calendar years of the data, and the months to compare a year in
//! progress with.
//!
//! ```text
//! main        2024-07..2025-06  compared with previous
//! previous    2023-07..2024-06
//! 2024        2024-01..2024-12  compared with 2023
//! 2024 to 06  2024-01..2024-06
//! 2025        2025-01..2025-06  compared with 2024 to 06
//! ```

use std::collections::BTreeSet;

use netto_model::frame::DimWindow;
pub(crate) use netto_model::frame::inside;
use netto_model::{Frame, Mart, Period, Window, column as c};
use polars::prelude::*;

use crate::{Inputs, SegmentError};

/// A window with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) window: Window,
    /// The window that it is compared with.
    pub(crate) previous: Option<String>,
    /// The months before it, if the data have all of them. They hold a customer in its tier, whether they are a window of their own or not.
    pub(crate) before: Option<Window>,
}

/// The months with any sale, work or booking, from the first to the last.
pub(crate) fn months(inputs: &Inputs<'_>) -> Result<Vec<Period>, SegmentError> {
    let mut found = vec![inputs.last_month];
    for data in [inputs.waterfall.data(), inputs.pool_balance.data()] {
        let days = data.column(c::PERIOD)?.date()?.physical().clone();
        found.extend([days.min(), days.max()].into_iter().flatten().map(Period::of_day));
    }
    let Some((&first, &last)) = found.iter().min().zip(found.iter().max()) else { return Ok(Vec::new()) };
    // Every year is a window, so a date in the year 9999 would create thousands of them.
    if first.plus(12 * MOST_YEARS) <= last {
        return Err(SegmentError::TooManyYears { first, last, years: MOST_YEARS });
    }
    Ok(first.to(last).collect())
}

/// The maximum number of years.
const MOST_YEARS: i32 = 100;

/// The months with sales.
pub(crate) fn sold(inputs: &Inputs<'_>) -> PolarsResult<BTreeSet<Period>> {
    let sold = inputs.waterfall.lazy().filter(col(c::LINES).gt(lit(0_i64))).select([col(c::PERIOD)]).collect()?;
    Ok(sold.column(c::PERIOD)?.date()?.physical().iter().flatten().map(Period::of_day).collect())
}

/// Why some months can't be compared with those before them, if they can't: the data begin within these, or a month without a sale has a counterpart with sales.
///
/// Sales say from when the data are known: cost pools often reach further back.
pub(crate) fn no_comparison(before: Window, now: Window, sold: &BTreeSet<Period>) -> Option<String> {
    let apart = Window { first: before.first, last: now.first.plus(-1) }.months();
    let counterpart = |month: &Period| sold.contains(&month.plus(apart));
    let missing: Vec<Period> =
        before.first.to(before.last).filter(|month| !sold.contains(month) && counterpart(month)).collect();
    let Some(&first) = sold.first() else { return Some("nothing was sold".to_owned()) };
    if first > before.last || missing.first().is_some_and(|month| *month < first) {
        return Some(format!("the data begin in {first}, and the months to compare with are {before}"));
    }
    missing.first().map(|month| format!("nothing was sold in {month}, and the months to compare with are {before}"))
}

/// Every window that the data can fill at least in part. A year in progress is compared with the same months of the year before.
pub(crate) fn windows(months: &[Period], sold: &BTreeSet<Period>, last: Period, length: u16) -> Vec<Named> {
    let first = months.first().copied().unwrap_or(last);
    let named =
        |name: &str, window, before| Named { before: known(before, window, sold), ..Named::alone(name, window) };
    let against = |of: Named, before: &Named| {
        let compared = of.before == Some(before.window);
        Named { previous: compared.then(|| before.name.clone()), ..of }
    };
    let (main, previous) = (Window::ending(last, i32::from(length)), "previous");
    let previous = named(previous, main.previous(), main.previous().previous());
    let mut windows = vec![against(named("main", main, main.previous()), &previous)];
    windows.extend(windows[0].previous.is_some().then_some(previous));
    for year in first.year()..=last.year() {
        let whole = Window::calendar_year(year);
        // Months that aren't closed yet belong to no window.
        let window = Window { last: whole.last.min(last), ..whole };
        let in_progress = window.last < whole.last;
        let before = a_year_before(window);
        let name = (year - 1).to_string();
        let name = if in_progress { format!("{name} to {:02}", before.last.month()) } else { name };
        let before = named(&name, before, a_year_before(before));
        let of_year = against(named(&year.to_string(), window, before.window), &before);
        windows.extend((in_progress && of_year.previous.is_some()).then_some(before));
        windows.push(of_year);
    }
    windows
}

/// The windows, and all months before them back to the first that the data have: tiers are held from one to the next.
pub(crate) fn with_earlier(windows: &[Named], sold: &BTreeSet<Period>) -> Vec<Named> {
    let mut all = windows.to_vec();
    let mut place = 0;
    while let Some(Named { window, before, .. }) = all.get(place).cloned() {
        if let Some(before) = before.filter(|before| all.iter().all(|named| named.window != *before)) {
            let apart = Window { first: before.first, last: window.first.plus(-1) }.months();
            let earlier = Window { first: before.first.plus(-apart), last: before.last.plus(-apart) };
            all.push(Named { before: known(earlier, before, sold), ..Named::alone(&before.to_string(), before) });
        }
        place += 1;
    }
    all
}

/// The months before a window, if it can be compared with them.
pub(crate) fn known(before: Window, now: Window, sold: &BTreeSet<Period>) -> Option<Window> {
    no_comparison(before, now, sold).is_none().then_some(before)
}

fn a_year_before(window: Window) -> Window {
    Window { first: window.first.plus(-12), last: window.last.plus(-12) }
}

impl Named {
    /// Without anything before it.
    pub(crate) fn alone(name: &str, window: Window) -> Self {
        Self { name: name.to_owned(), window, previous: None, before: None }
    }

    /// Why the main window, or a calendar year, has no comparison.
    fn no_comparison(&self, sold: &BTreeSet<Period>) -> Option<String> {
        let is_compared = self.name == "main" || self.name.parse::<i32>().is_ok();
        let before = if self.name == "main" { self.window.previous() } else { a_year_before(self.window) };
        no_comparison(before, self.window, sold).filter(|_| is_compared && self.previous.is_none())
    }
}

/// The windows as a dimension.
pub(crate) fn table(windows: &[Named], sold: &BTreeSet<Period>) -> Result<Mart, SegmentError> {
    let day = |of: fn(&Window) -> Period| windows.iter().map(|named| of(&named.window).first_day()).collect::<Vec<_>>();
    let frame = df!(
        c::WINDOW => windows.iter().map(|named| named.name.as_str()).collect::<Vec<_>>(),
        c::LABEL => windows.iter().map(|named| named.window.to_string()).collect::<Vec<_>>(),
        c::FIRST_PERIOD => day(|window| window.first),
        c::LAST_PERIOD => day(|window| window.last),
        c::LAST_DAY => windows.iter().map(|named| named.window.last.plus(1).first_day() - 1).collect::<Vec<_>>(),
        c::MONTHS => windows.iter().map(|named| i64::from(named.window.months())).collect::<Vec<_>>(),
        c::NO_COMPARISON => windows.iter().map(|named| named.no_comparison(sold)).collect::<Vec<_>>(),
        c::PREVIOUS_WINDOW => windows.iter().map(|named| named.previous.as_deref()).collect::<Vec<_>>(),
    )?;
    let dates = [c::FIRST_PERIOD, c::LAST_PERIOD, c::LAST_DAY].map(|name| col(name).cast(DataType::Date));
    Ok(Frame::<DimWindow>::try_new(frame.lazy().with_columns(dates))?.mart())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_windows_are_compared_with_whole_ones_and_a_year_in_progress_with_the_same_months() {
        let named = |first: (i32, i32), last: (i32, i32)| {
            let [first, last] = [first, last].map(|(year, month)| Period::new(year, month));
            let months: Vec<Period> = first.to(last).collect();
            let shown =
                |named: Named| format!("{} {} {}", named.name, named.window, named.previous.unwrap_or_default());
            let sold = months.iter().copied().collect();
            windows(&months, &sold, last, 12).into_iter().map(shown).collect::<Vec<_>>()
        };
        assert_eq!(
            named((2023, 7), (2025, 6)),
            [
                "main 2024-07..2025-06 previous",
                "previous 2023-07..2024-06 ",
                "2023 2023-07..2023-12 ",
                "2024 2024-01..2024-12 ",
                "2024 to 06 2024-01..2024-06 ",
                "2025 2025-01..2025-06 2024 to 06"
            ]
            .map(|line| line.replace("2023 2023-07", "2023 2023-01"))
        );
        let thirteen = named((2024, 12), (2025, 12));
        assert_eq!(thirteen, ["main 2025-01..2025-12 ", "2024 2024-01..2024-12 ", "2025 2025-01..2025-12 "]);
        let december = Period::new(2024, 12);
        let of_thirteen = december.to(Period::new(2025, 12)).collect();
        let why = |months: &[Period], sold: &BTreeSet<Period>| {
            let main = windows(months, sold, Period::new(2025, 12), 12).remove(0);
            (main.previous.is_some(), main.no_comparison(sold).unwrap_or_default())
        };
        let begins = "the data begin in 2024-12, and the months to compare with are 2024-01..2024-12";
        assert_eq!(why(&[december], &of_thirteen), (false, begins.into()));
        // Costs that were booked earlier are no sales to compare with.
        assert_eq!(why(&[Period::new(2023, 1)], &of_thirteen), (false, begins.into()));
        let hole = Period::new(2024, 1).to(Period::new(2025, 12)).filter(|month| month.plus(9) != december).collect();
        let missing = "nothing was sold in 2024-03, and the months to compare with are 2024-01..2024-12";
        assert_eq!(why(&[Period::new(2024, 1)], &hole), (false, missing.into()));
        // A company that sold only in June, this year and last, lacks nothing.
        let once = BTreeSet::from([Period::new(2024, 6), Period::new(2025, 6)]);
        let compared = &windows(&[Period::new(2024, 6)], &once, Period::new(2025, 12), 12)[0];
        assert_eq!(compared.previous.as_deref(), Some("previous"));
    }
}
