//! The plausible days of a source: `dates = { from = "2015-01-01", to = "2026-12-31" }`.
//!
//! ```text
//! order_date      2052-03-03   a typing error: the row is set apart, or it would be the last month of all analyses
//! order_date      1900-01-01   what a program writes for no date: set apart too
//! delivered_date  9999-12-31   not delivered yet: read as empty, and counted
//! paid_date       00-00-0000   not paid yet: the same, as a database or SAP writes it
//! valid_to        9999-12-31   an open end: kept
//! ```
//! The range applies to the date that determines the month of a row. Optional event dates (promised, delivered, paid) are far
//! outside only if a program writes a placeholder for "none". Any day is allowed for the start of a customer, a due date and the
//! end of an agreement.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use netto_model::period::{civil_from_days, days_from_civil};
use netto_model::table::{Column, Role, Table, Type};
use netto_model::{Period, Problem};
use schemars::JsonSchema;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::mapping;
use crate::moment;
use crate::typed::Signs;

/// Whether a number alone is a plausible year.
pub(crate) fn is_year(number: impl Into<i64>) -> bool {
    (1990..2100).contains(&number.into())
}

/// The first and the last possible date.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DateRange {
    /// First day, such as `2015-01-01`; default 1990-01-01.
    #[serde(deserialize_with = "text_or_date")]
    pub from: Option<String>,
    /// Last day, such as `2026-12-31`; default: the end of next year.
    #[serde(deserialize_with = "text_or_date")]
    pub to: Option<String>,
}

/// Custom deserialisation, as an unquoted TOML date arrives as a table with one entry.
fn text_or_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct Day;
    impl<'de> Visitor<'de> for Day {
        type Value = Option<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a date such as \"2026-12-31\"")
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Some(text.to_owned()))
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut date: A) -> Result<Self::Value, A::Error> {
            Ok(date.next_entry::<String, String>()?.map(|(_, text)| text))
        }
    }
    deserializer.deserialize_any(Day)
}

/// The classification of a day in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Fine,
    /// The row is set apart.
    Implausible,
    /// The day means "none".
    Placeholder,
}

/// Placeholders in an optional date, such as 1900-01-01, that were read as empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholders {
    /// Rows that have one.
    pub rows: u64,
    /// The first of them, as in the extract.
    pub example: String,
}

/// By column of the extract.
pub(crate) type PlaceholdersByColumn = BTreeMap<String, Placeholders>;

/// Adds one.
pub(crate) fn count(found: &mut PlaceholdersByColumn, column: &str, rows: u64, example: &str) {
    let new = || Placeholders { rows: 0, example: example.to_owned() };
    found.entry(column.to_owned()).or_insert_with(new).rows += rows;
}

/// The range of a source, resolved against the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plausible {
    deciding: Option<&'static str>,
    pub(crate) from: i32,
    pub(crate) to: i32,
    /// The last day that an optional date may have; later ones are placeholders.
    last: i32,
}

impl DateRange {
    /// What is wrong with it; keys are relative to `[source.<name>]`.
    pub(crate) fn check(&self, source: &'static Table) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (key, text) in [("from", &self.from), ("to", &self.to)] {
            if let Some(text) = text
                && day(text).is_none()
            {
                let problem = Problem::at(["dates", key], format!("`{text}` is not a date"));
                problems.push(problem.with_help(format!("write year, month and day: {key} = \"2026-12-31\"")));
            }
        }
        let set = self.from.is_some() || self.to.is_some();
        if set && mapping::date_of(source).is_none() {
            let problem =
                Problem::at(["dates"], format!("`{}` has no date that determines the month of a row", source.name));
            problems.push(problem.with_help("remove it: other dates have no limits"));
        }
        let Plausible { from, to, .. } = self.of(source, today());
        if set && problems.is_empty() && from > to {
            let problem =
                Problem::at(["dates"], format!("there are no days between {} and {}", shown(from), shown(to)));
            problems.push(problem.with_help("`from` is the first possible date, `to` the last"));
        }
        problems
    }

    /// The range for a source, on a day.
    pub(crate) fn of(&self, source: &Table, today: i32) -> Plausible {
        let end = days_from_civil(civil_from_days(today).0 + 1, 12, 31);
        let or = |text: &Option<String>, default: i32| text.as_deref().and_then(day).unwrap_or(default);
        let (from, to) = (or(&self.from, FIRST), or(&self.to, end));
        Plausible { deciding: mapping::date_of(source).map(|column| column.name), from, to, last: to.max(end) + YEARS }
    }
}

impl Plausible {
    /// Whether a text in a column stands for no day: all zeros, or the first day of the calendar.
    pub(crate) fn means_none(column: &Column, text: &str) -> bool {
        column.ty == Type::Date && column.role == Role::Optional && is_no_day(text)
    }

    /// Classifies a day in a column.
    pub(crate) fn verdict(&self, column: &Column, day: i32) -> Verdict {
        let Some(deciding) = self.deciding else { return Verdict::Fine };
        if column.name == deciding {
            return if (self.from..=self.to).contains(&day) { Verdict::Fine } else { Verdict::Implausible };
        }
        let optional = column.ty == Type::Date && column.role == Role::Optional;
        let within = (self.from.min(FIRST)..=self.last).contains(&day);
        if optional && !within { Verdict::Placeholder } else { Verdict::Fine }
    }
}

/// Whether a text is what databases and programs write for no day: `00000000`, `0000-00-00 00:00:00`, `0`, `0001-01-01T00:00:00`.
pub(crate) fn is_no_day(text: &str) -> bool {
    const FIRST_DAYS: [&str; 4] = ["0001-01-01", "01-01-0001", "01/01/0001", "01.01.0001"];
    let between = |sign: char| matches!(sign, '-' | '/' | '.' | ':' | ' ' | 'T');
    text.starts_with('0')
        && (FIRST_DAYS.iter().any(|day| text.starts_with(day)) || text.chars().all(|sign| sign == '0' || between(sign)))
}

/// `2025-03-03`, from days since 1970-01-01.
pub(crate) fn shown(day: i32) -> String {
    let (year, month, day) = civil_from_days(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Today by the clock, in days since 1970-01-01.
pub(crate) fn today() -> i32 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / (24 * 60 * 60));
    i32::try_from(since).unwrap_or(0)
}

/// The last plausible month by default: December of next year, by the clock.
#[must_use]
pub fn last_plausible_month() -> Period {
    Period::new(civil_from_days(today()).0 + 1, 12)
}

/// 1990-01-01: hardly any program has older order lines, and many write 1900-01-01 for no date.
const FIRST: i32 = days_from_civil(1990, 1, 1);

/// Ten years: a promised date may be that far beyond the last order.
const YEARS: i32 = 3_653;

fn day(text: &str) -> Option<i32> {
    moment::date(text, &Signs::plain(), false).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::contract::{CUSTOMERS, ORDER_LINES, REBATES, RECEIVABLES};

    const TODAY: i32 = days_from_civil(2026, 11, 28);

    fn verdicts(source: &'static Table, column: &str, days: [(i32, i32, i32); 4]) -> [Verdict; 4] {
        let plausible = DateRange::default().of(source, TODAY);
        days.map(|(y, m, d)| plausible.verdict(source.column(column).unwrap(), days_from_civil(y, m, d)))
    }

    #[test]
    fn the_date_of_a_row_lies_between_1990_and_the_end_of_next_year() {
        use Verdict::{Fine, Implausible};
        let edges = [(1989, 12, 31), (1990, 1, 1), (2027, 12, 31), (2028, 1, 1)];
        assert_eq!(verdicts(&ORDER_LINES, "order_date", edges), [Implausible, Fine, Fine, Implausible]);
        assert_eq!(verdicts(&RECEIVABLES, "invoice_date", edges), [Implausible, Fine, Fine, Implausible]);
    }

    #[test]
    fn a_placeholder_in_an_optional_date_of_an_event_is_none_and_other_dates_lie_anywhere() {
        use Verdict::{Fine, Placeholder};
        let days = [(1900, 1, 1), (2025, 3, 3), (2037, 12, 31), (9999, 12, 31)];
        assert_eq!(verdicts(&ORDER_LINES, "delivered_date", days), [Placeholder, Fine, Fine, Placeholder]);
        assert_eq!(verdicts(&RECEIVABLES, "paid_date", days), [Placeholder, Fine, Fine, Placeholder]);
        for (source, column) in
            [(&RECEIVABLES, "due_date"), (&CUSTOMERS, "since"), (&REBATES, "valid_from"), (&REBATES, "valid_to")]
        {
            assert_eq!(verdicts(source, column, days), [Fine; 4], "{column}");
        }
    }

    #[test]
    fn zeros_and_the_first_day_of_the_calendar_are_no_day() {
        for text in ["0", "00000000", "00-00-0000", "0000-00-00 00:00:00", "0001-01-01T00:00:00", "01/01/0001"] {
            assert!(is_no_day(text), "{text}");
        }
        for text in ["", "-", "2000-01-01", "01-01-2001", "000100", "0x"] {
            assert!(!is_no_day(text), "{text}");
        }
    }

    #[test]
    fn a_range_that_means_nothing_is_refused() {
        let found = |from: &str, to: &str, source| {
            let range = DateRange { from: Some(from.into()), to: Some(to.into()) };
            range.check(source).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(found("2015-01-01", "2026-12-31", &ORDER_LINES), [""; 0]);
        assert_eq!(found("1-1-2015", "2026", &ORDER_LINES), ["`1-1-2015` is not a date", "`2026` is not a date"]);
        assert_eq!(
            found("2026-01-01", "2025-12-31", &ORDER_LINES),
            ["there are no days between 2026-01-01 and 2025-12-31"]
        );
        assert_eq!(
            found("2015-01-01", "2026-12-31", &CUSTOMERS),
            ["`customers` has no date that determines the month of a row"]
        );
    }
}
