//! Handles lines with a week or a month but no day: a day of that period is used.

use netto_model::column as c;
use netto_model::contract::{COST_POOLS, ORDER_LINES};

use super::groups::Group;
use super::keys::BY_VALUES;
use super::kinds::Kind;
use super::matches::{field_of, matches};
use super::sample::Sample;
use crate::plausible;
use crate::weeks_and_months::{self, MONTH, WEEK};

/// Uses the column of a week, or else that of a month, as the day of lines without one.
pub(super) fn take_for_days(groups: &mut [Group]) {
    for (sample, _) in groups {
        let has_days = sample.kinds.iter().any(|kind| matches!(kind, Kind::Day(..)));
        let found = matches(&ORDER_LINES, sample);
        let are_lines =
            [c::CUSTOMER_ID, c::PRODUCT_ID, c::QUANTITY].iter().all(|name| field_of(&found, name).is_some());
        if has_days || !are_lines {
            continue;
        }
        if let Some((field, format)) = [WEEK, MONTH].into_iter().find_map(|format| Some((of(sample, format)?, format)))
        {
            sample.kinds[field] = Kind::Day(format, false);
            sample.keys[field] = Some((c::ORDER_DATE, BY_VALUES));
        }
    }
}

/// The name of the period, if the kind is weeks or months.
pub(super) fn name_of(kind: &Kind) -> Option<&'static str> {
    match kind {
        Kind::Day(format, _) if [WEEK, MONTH].contains(format) => Some(format),
        _ => None,
    }
}

/// The column with the number of the period beside a column of the year, or with both in one.
fn of(sample: &Sample, format: &'static str) -> Option<usize> {
    let is_called = |field: &usize| match format {
        WEEK => sample.fit("span", WEEK, *field) > 0,
        _ => sample.fit(COST_POOLS.name, c::PERIOD, *field) == 100,
    };
    let all = |field: usize, fits: &dyn Fn(&str) -> bool| {
        !sample.values[field].is_empty() && sample.values[field].iter().all(|text| fits(text))
    };
    let most = if format == WEEK { 53 } else { 12 };
    let is_number = |text: &str| text.parse().is_ok_and(|number: u32| (1..=most).contains(&number));
    let is_year = |text: &str| text.parse::<u32>().is_ok_and(plausible::is_year);
    let has_year = || sample.numbers().any(|other| sample.fit("month", "year", other) > 0 && all(other, &is_year));
    let reads = |field: usize| all(field, &|text| weeks_and_months::moment(text, format).is_some());
    // 2025-02 may be a month; only a week with its letter, such as 2025-W02, is unambiguous.
    let is_told = |text: &String| format == MONTH || text.contains(['W', 'w']);
    let is_plain =
        |field: usize| sample.kinds[field] == Kind::Text && reads(field) && sample.values[field].iter().all(is_told);
    sample
        .fields()
        .find(|field| is_called(field) && (reads(*field) || all(*field, &is_number) && has_year()) || is_plain(*field))
}
