//! Parses the month notations of ledgers, in columns for a month.
//!
//! ```text
//! 2025-03   2025/03   2025.03   202503   03-2025   03/2025   3-2025   2025-03-01      are 2025-03
//! mrt 2025  2025 Mar  März-2025                                                     the same
//! 2025|3    2025|003                     year and month in two columns, which `join` puts together
//! 032025    25-03     2025      2025-13                                               are no months
//! ```

use std::fmt::Write;

use chrono::NaiveDate;
use netto_model::Period;

use crate::ids;
use crate::moment;
use crate::month_names;
use crate::quarantine::Reason;
use crate::serial;
use crate::typed::Signs;

/// Parses a month: by the formats of the source, including those without a day, or by the notations above.
pub(crate) fn month(text: &str, signs: &Signs) -> Result<Period, Reason> {
    let of_day =
        |wanted: fn(&str) -> bool| moment::moment_by(text, signs, wanted).map(|moment| Period::of_day(moment.day));
    // Spreadsheet serials are tried last: 202503 is a month, not a day of the year 2454.
    let found = of_day(|format| !serial::is(format)).or_else(|reason| {
        let by_format = signs.dates.iter().find_map(|format| without_day(text, format));
        by_format.or_else(|| by_itself(text)).ok_or(reason)
    });
    found.or_else(|reason| of_day(serial::is).map_err(|_| reason))
}

/// Parses a month that needs no format: `2025-03`, `mrt 2025`.
pub(crate) fn by_itself(text: &str) -> Option<Period> {
    let by_name = || month_names::with_year(text).map(|(year, month)| Period::new(year, month));
    written(text).or_else(by_name)
}

/// Parses by a format without a day, such as `%b %Y`; the day is the first.
fn without_day(text: &str, format: &str) -> Option<Period> {
    let read = |text: &str| NaiveDate::parse_from_str(&format!("01 {text}"), &format!("%d {format}")).ok();
    let day = read(text).or_else(|| read(&month_names::in_english(text, format)?))?;
    moment::since_1970(day).map(Period::of_day)
}

/// Whether a format has year and month, and is thus usable.
pub(crate) fn is_format(format: &str) -> bool {
    // A formatted day must read back as that day, or as its month.
    let day = NaiveDate::from_ymd_opt(2025, 3, 1).and_then(|day| day.and_hms_opt(15, 30, 0));
    let mut written = String::new();
    let known = day.is_some_and(|day| write!(written, "{}", day.format(format)).is_ok());
    let signs = Signs { dates: vec![format.to_owned()], ..Signs::plain() };
    known && (moment::moment(&written, &signs).is_ok() || without_day(&written, format).is_some())
}

/// A text that two formats read as different days, if any: 03-04-2025 for `%d-%m-%Y` and `%m-%d-%Y`.
pub(crate) fn read_as_two_days(one: &str, other: &str) -> Option<String> {
    let day =
        |text: &str, format: &str| moment::moment(text, &Signs { dates: vec![format.to_owned()], ..Signs::plain() });
    let date = NaiveDate::from_ymd_opt(2010, 11, 12)?;
    [one, other].into_iter().find_map(|format| {
        let mut text = String::new();
        write!(text, "{}", date.and_hms_opt(15, 30, 0)?.format(format)).ok()?;
        let (read, otherwise) = (day(&text, one).ok()?, day(&text, other).ok()?);
        (read.day != otherwise.day).then_some(text)
    })
}

/// Whether a text is a closing period after the twelfth, which ledgers use at year end: `2025-13`, `2025, 013`.
pub(crate) fn of_closing(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    let at = text.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(4);
    let (year, period) = (text.get(..at).unwrap_or_default(), text.get(at..).unwrap_or_default());
    let period = period.trim_start_matches(['-', '/', '.', ',', ' ', ids::SEPARATOR]);
    year.len() == 4
        && digits(period)
        && period.len() <= 3
        && period.parse().is_ok_and(|period: u32| (13..=16).contains(&period))
}

/// A year of four digits, and a month before or behind it.
fn written(text: &str) -> Option<Period> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (year, month) = match text.split_once(['-', '/', '.', ids::SEPARATOR]) {
        // SAP numbers its months 001 to 012, and closing periods up to 016.
        Some((year, month)) if text.contains(ids::SEPARATOR) => (year, month.strip_prefix('0').unwrap_or(month)),
        Some((year, month)) if year.len() == 4 => (year, month),
        Some((month, year)) => (year, month),
        None => (text.get(..4)?, text.get(4..).filter(|month| month.len() == 2)?),
    };
    let shaped = year.len() == 4 && matches!(month.len(), 1 | 2) && digits(year) && digits(month);
    let (year, month) = (year.parse().ok()?, month.parse().ok()?);
    (shaped && (1000..=9999).contains(&year) && (1..=12).contains(&month)).then(|| Period::new(year, month))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(formats: &[&str]) -> Signs {
        Signs { dates: formats.iter().map(|&format| format.to_owned()).collect(), ..Signs::plain() }
    }

    #[test]
    fn months_are_read_whatever_the_format_of_days_is() {
        let usual = ["2025-03", "2025/03", "2025.03", "202503", "03-2025", "03/2025", "03.2025", "3-2025", "2025-3"];
        for formats in [vec!["%Y-%m-%d"], vec!["%d-%m-%Y"], vec!["%d.%m.%y", "%Y%m%d"], vec!["%Y%m"], vec!["excel"]] {
            for text in usual {
                assert_eq!(month(text, &by(&formats)), Ok(Period::new(2025, 3)), "{text} {formats:?}");
            }
        }
    }

    #[test]
    fn a_format_says_the_year_and_the_month() {
        for format in
            ["%Y-%m-%d", "%d.%m.%y", "%Y%m", "%b %Y", "%e/%m/%Y", "%Y-%j", "%d-%m-%Y %H:%M", "%F", "%A %d %B %Y"]
        {
            assert!(is_format(format), "{format}");
        }
        for format in ["dd-mm-yyyy", "", "%d-%m", "%Y", "%H:%M", "%Q", "%", "2025-03-01"] {
            assert!(!is_format(format), "{format}");
        }
    }

    #[test]
    fn formats_that_read_one_text_as_two_days_are_found() {
        assert_eq!(read_as_two_days("%d/%m/%Y", "%m/%d/%Y").as_deref(), Some("12/11/2010"));
        assert_eq!(read_as_two_days("%y%m%d", "%d%m%y").as_deref(), Some("101112"));
        for other in ["%Y-%m-%d", "%d/%m/%y", "%Y%m%d", "%d/%m/%Y %H:%M", "%e/%m/%Y", "%Y%m"] {
            assert_eq!(read_as_two_days("%d/%m/%Y", other), None, "{other}");
        }
    }

    #[test]
    fn what_could_be_another_month_or_none_is_none() {
        for text in [
            "032025", "25-03", "03-25", "2025", "2025-13", "2025-00", "20253", "2025-003", "+025-03", "", "2025-03-",
            "45719",
        ] {
            assert_eq!(month(text, &Signs::plain()), Err(Reason::NotADate), "{text}");
        }
    }

    #[test]
    fn a_day_of_the_month_stands_for_it_and_so_does_a_format_without_a_day() {
        let march = Ok(Period::new(2025, 3));
        assert_eq!(month("17-03-2025", &by(&["%d-%m-%Y"])), march);
        assert_eq!(month("Mar 2025", &by(&["%b %Y"])), march);
        assert_eq!(month("032025", &by(&["%m%Y"])), march);
        assert_eq!(month("45719", &by(&["excel"])), march);
        assert_eq!(
            month("201203", &by(&["%y%m%d"])),
            Ok(Period::new(2020, 12)),
            "the format of the source comes first"
        );
    }
}
