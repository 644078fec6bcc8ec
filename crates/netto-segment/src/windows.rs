//! Windows of closed months: `main` (the last twelve), `previous` (the twelve before), and the calendar years of the data.
//!
//! ```text
//! main      2024-07..2025-06  compared with previous
//! previous  2023-07..2024-06
//! 2024      2024-01..2024-12  compared with 2023
//! ```

use netto_model::frame::DimWindow;
pub(crate) use netto_model::frame::inside;
use netto_model::{Frame, Mart, Period, Window, column as c};
use polars::prelude::*;

use crate::book::Book;
use crate::{Inputs, SegmentError};

/// A window with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) window: Window,
    pub(crate) previous: Option<String>,
}

/// The months in which anything was sold, done or booked, from the first to the last.
pub(crate) fn months(inputs: &Inputs<'_>) -> Result<Vec<Period>, SegmentError> {
    let mut found = vec![inputs.last_month];
    for data in [inputs.waterfall.data(), inputs.pool_balance.data()] {
        let days = data.column(c::PERIOD)?.date()?.physical().clone();
        found.extend([days.min(), days.max()].into_iter().flatten().map(Period::of_day));
    }
    let Some((&first, &last)) = found.iter().min().zip(found.iter().max()) else { return Ok(Vec::new()) };
    // Every year is a window: a date of the year 9999 would make thousands of them.
    if first.plus(12 * MOST_YEARS) <= last {
        return Err(SegmentError::TooManyYears { first, last, years: MOST_YEARS });
    }
    Ok(first.to(last).collect())
}

/// The most years that are compared.
const MOST_YEARS: i32 = 100;

/// Every window that the data can fill at least in part.
pub(crate) fn windows(months: &[Period], last: Period, length: u16) -> Vec<Named> {
    let first = months.first().copied().unwrap_or(last);
    let main = Window::ending(last, i32::from(length));
    let mut windows = vec![Named { name: "main".into(), window: main, previous: None }];
    if first <= main.previous().last {
        windows[0].previous = Some("previous".into());
        windows.push(Named { name: "previous".into(), window: main.previous(), previous: None });
    }
    for year in first.year()..=last.year() {
        let previous = (year > first.year()).then(|| (year - 1).to_string());
        // Months that aren't closed yet belong to no window.
        let whole = Window::calendar_year(year);
        windows.push(Named {
            name: year.to_string(),
            window: Window { last: whole.last.min(last), ..whole },
            previous,
        });
    }
    windows
}

/// The months of a window that the data reach; nothing where they reach none.
pub(crate) fn covered(inputs: &Inputs<'_>, window: Window) -> Result<Option<Window>, SegmentError> {
    Ok(months(inputs)?.first().map(|first| part_from(window, *first)).filter(|part| part.months() > 0))
}

fn part_from(window: Window, first: Period) -> Window {
    Window { first: window.first.max(first), ..window }
}

/// The windows as a dimension.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let windows = book.windows;
    let day = |of: fn(&Window) -> Period| windows.iter().map(|named| of(&named.window).first_day()).collect::<Vec<_>>();
    let frame = df!(
        c::WINDOW => windows.iter().map(|named| named.name.as_str()).collect::<Vec<_>>(),
        c::LABEL => windows.iter().map(|named| named.window.to_string()).collect::<Vec<_>>(),
        c::FIRST_PERIOD => day(|window| window.first),
        c::LAST_PERIOD => day(|window| window.last),
        c::LAST_DAY => windows.iter().map(|named| named.window.last.plus(1).first_day() - 1).collect::<Vec<_>>(),
        c::MONTHS => windows.iter().map(|named| i64::from(named.window.months())).collect::<Vec<_>>(),
        c::PREVIOUS_WINDOW => windows.iter().map(|named| named.previous.as_deref()).collect::<Vec<_>>(),
    )?;
    let dates = [c::FIRST_PERIOD, c::LAST_PERIOD, c::LAST_DAY].map(|name| col(name).cast(DataType::Date));
    Ok(Frame::<DimWindow>::try_new(frame.lazy().with_columns(dates))?.mart())
}

/// Whether a row's month lies in a window or before it.
pub(crate) fn up_to(window: Window) -> Expr {
    col(c::PERIOD).cast(DataType::Int32).lt_eq(lit(window.last.first_day()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_begins_where_the_data_begin() {
        let months = |first| part_from(Window::calendar_year(2025), first).months();
        assert_eq!([Period::new(2024, 3), Period::new(2025, 7), Period::new(2026, 1)].map(months), [12, 6, 0]);
    }

    #[test]
    fn a_window_is_compared_only_where_the_data_reach_back() {
        let month = |year, month| Period::new(year, month);
        let months: Vec<Period> = month(2024, 3).to(month(2025, 6)).collect();
        let names: Vec<_> = windows(&months, month(2025, 6), 12)
            .into_iter()
            .map(|named| format!("{} {} {}", named.name, named.window, named.previous.unwrap_or_default()))
            .collect();
        assert_eq!(
            names,
            [
                "main 2024-07..2025-06 previous",
                "previous 2023-07..2024-06 ",
                "2024 2024-01..2024-12 ",
                "2025 2025-01..2025-06 2024"
            ]
        );
        assert_eq!(windows(&[month(2025, 6)], month(2025, 6), 12).len(), 2);
        let within: Vec<Period> = month(2024, 7).to(month(2025, 6)).collect();
        assert_eq!(windows(&within, month(2025, 6), 12)[0].previous, None);
    }
}
