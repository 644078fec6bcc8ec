//! Detects dates of which no day is after the twelfth: the format may have swapped day and month, which makes every date wrong.

use std::collections::BTreeSet;

use netto_model::period::civil_from_days;
use polars::prelude::*;

use crate::serial;
use crate::typed::Signs;

/// The days of the month and the months of a date.
#[derive(Clone, Debug, Default)]
pub(crate) struct DaysAndMonths {
    days: BTreeSet<i32>,
    months: BTreeSet<i32>,
}

impl DaysAndMonths {
    pub(crate) fn of(dates: &DateChunked) -> Self {
        let mut found = Self::default();
        let mut last = None;
        for day in dates.physical().iter().flatten() {
            if last != Some(day) {
                let (_, month, day_of_month) = civil_from_days(day);
                found.days.insert(day_of_month);
                found.months.insert(month);
                last = Some(day);
            }
        }
        found
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.days.extend(other.days);
        self.months.extend(other.months);
    }

    /// The warning, if the format can be swapped; months that always end on the twelfth are no coincidence.
    pub(crate) fn in_doubt(&self, signs: &Signs) -> Option<String> {
        let turned = |format: &&String| {
            let (day, month) = (format.find("%d"), format.find("%m"));
            !serial::is(format)
                && day.zip(month).is_some_and(|(day, month)| day.abs_diff(month) == 3 && !format.starts_with("%Y"))
        };
        let format = signs.dates.iter().find(turned)?;
        let last = *self.days.last()?;
        let other = format.replace("%d", "%_").replace("%m", "%d").replace("%_", "%m");
        (last <= 12 && self.days.len() > 5 && self.months.len() > 1).then(|| {
            format!("no date is after the {last}th of its month, so day and month may be swapped: date = \"{format}\" is set; would date = \"{other}\" be right?")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_which_none_is_after_the_twelfth_are_in_doubt_where_the_format_can_be_turned() {
        let found = |days: &[i32]| DaysAndMonths { days: days.iter().copied().collect(), months: [1, 2].into() };
        let by = |format: &str| Signs { dates: vec![format.to_owned()], ..Signs::plain() };
        let many: Vec<i32> = (1..=12).collect();
        assert!(found(&many).in_doubt(&by("%d/%m/%Y")).unwrap().contains("%m/%d/%Y"));
        assert_eq!(found(&many).in_doubt(&by("%Y-%m-%d")), None);
        assert_eq!(found(&[1]).in_doubt(&by("%d/%m/%Y")), None);
        assert_eq!(found(&[1, 3, 5, 7, 9, 11, 13]).in_doubt(&by("%d/%m/%Y")), None);
    }
}
