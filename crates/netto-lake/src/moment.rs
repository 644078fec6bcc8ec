//! Parses days, with an optional time of day, by the formats of the extract.
//!
//! ```text
//! 07-03-2025                 a day
//! 07-03-2025 15:30           the same day, minute 930
//! 2025-03-07T15:30:00+01:00  the same: the clock as it is written, whatever the zone
//! 45723.645833               the same, as spreadsheets count days (`date = "excel"`)
//! ```
//! Month names are read in any supported language: `3 mrt 2025`. A format needs to describe the day only: a time may follow it after
//! a blank or a `T`. Years have four digits, unless the format has `%y`, which reads 70 to 99 as 1970 to 1999 and 00 to 69 as 2000 to
//! 2069.

use std::fmt::Write;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use netto_model::period::{civil_from_days, days_from_civil};

use crate::month;
use crate::month_names;
use crate::quarantine::Reason;
use crate::serial;
use crate::typed::{self, Signs};

/// A day, with its time if one is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Days since 1970-01-01.
    pub(crate) day: i32,
    /// Minute of the day.
    pub(crate) minute: Option<i64>,
}

/// A day, in days since 1970-01-01; with `month`, the first day of a month, which may be written as `202503`.
pub(crate) fn date(text: &str, signs: &Signs, month: bool) -> Result<i32, Reason> {
    if month { Ok(month::month(text, signs)?.first_day()) } else { Ok(moment(text, signs)?.day) }
}

/// The minute of the day in a column for times: `15:30`, `3:30 PM`, `153000`, a day with its time, or the minute itself, `930`.
pub(crate) fn time(text: &str, signs: &Signs) -> Result<Option<i64>, Reason> {
    if let Some(minute) = clock(text).or_else(|| serial::time(text, signs)) {
        return Ok(Some(minute));
    }
    if let Ok(Moment { minute: Some(_), .. }) = moment(text, signs) {
        return time_behind_day(text, signs);
    }
    // `0930` is a time without a colon, not minute 930.
    let padded = text.len() > 1 && text.starts_with('0') && !text.contains(signs.decimal);
    let minute = typed::integer(text, signs).ok().filter(|minute| (0..DAY).contains(minute) && !padded);
    minute.map(Some).ok_or(Reason::NotATime)
}

/// The time behind a day. Midnight counts as no time, as databases write it behind days without a time.
pub(crate) fn time_behind_day(text: &str, signs: &Signs) -> Result<Option<i64>, Reason> {
    Ok(moment(text, signs)?.minute.filter(|minute| *minute > 0))
}

/// A day as text, by the first format that reads back as the same day; `None` if there is no such format.
pub(crate) fn written_by(day: i32, signs: &Signs) -> Option<String> {
    let (year, month, day_of_month) = civil_from_days(day);
    let (month, day_of_month) = (u32::try_from(month).ok()?, u32::try_from(day_of_month).ok()?);
    let midnight = NaiveDate::from_ymd_opt(year, month, day_of_month)?.and_hms_opt(0, 0, 0)?;
    signs.dates.iter().filter(|format| !serial::is(format)).find_map(|format| {
        let mut text = String::new();
        write!(text, "{}", midnight.format(format)).ok()?;
        moment(&text, signs).is_ok_and(|read| read.day == day).then_some(text)
    })
}

/// Minutes in a day.
pub(crate) const DAY: i64 = 24 * 60;

/// Parses a day by one of the formats, and the time behind it.
pub(crate) fn moment(text: &str, signs: &Signs) -> Result<Moment, Reason> {
    moment_by(text, signs, |_| true)
}

/// Like `moment`, with only the wanted formats.
pub(crate) fn moment_by(text: &str, signs: &Signs, wanted: fn(&str) -> bool) -> Result<Moment, Reason> {
    let formats = || signs.dates.iter().map(String::as_str).filter(|format| wanted(format));
    let quickly = |text: &str| formats().find_map(|format| quick(text, format));
    let otherwise = |text: &str| {
        formats().find_map(|format| {
            let in_english = || by_chrono(&month_names::in_english(text, format)?, format);
            by_chrono(text, format).or_else(|| serial::moment(text, format, signs)).or_else(in_english)
        })
    };
    with_time(text, &quickly).or_else(|_| with_time(text, &otherwise))
}

fn with_time(text: &str, read: &dyn Fn(&str) -> Option<Moment>) -> Result<Moment, Reason> {
    if let Some(moment) = read(text) {
        return Ok(moment);
    }
    let mut reason = Reason::NotADate;
    for (at, _) in text.match_indices([' ', 'T']) {
        let (before, behind) = (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
        let Some(moment) = read(before) else { continue };
        if let Some(minute) = clock(behind) {
            return Ok(Moment { minute: Some(minute), ..moment });
        }
        reason = Reason::NotATime;
    }
    Err(reason)
}

/// Fast path for the usual date formats.
fn quick(text: &str, format: &str) -> Option<Moment> {
    let day = match format {
        "%Y-%m-%d" => fixed(text, 0, 5, 8, b'-'),
        "%d-%m-%Y" => fixed(text, 6, 3, 0, b'-'),
        "%d/%m/%Y" => fixed(text, 6, 3, 0, b'/'),
        "%d.%m.%Y" => fixed(text, 6, 3, 0, b'.'),
        "%m/%d/%Y" => fixed(text, 6, 0, 3, b'/'),
        _ => None,
    };
    day.map(|day| Moment { day, minute: None })
}

/// Parses ten characters with year, month and day at known positions.
fn fixed(text: &str, year: usize, month: usize, day: usize, between: u8) -> Option<i32> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes.iter().filter(|&&byte| byte == between).count() != 2 {
        return None;
    }
    let number = |from: usize, len: usize| {
        bytes[from..from + len]
            .iter()
            .try_fold(0_i32, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i32::from(byte - b'0')))
    };
    let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
    since_1970(NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?)
}

/// Parses any other format, including those with a time.
fn by_chrono(text: &str, format: &str) -> Option<Moment> {
    let day = since_1970(NaiveDate::parse_from_str(text, format).ok()?)?;
    let time = NaiveDateTime::parse_from_str(text, format).ok();
    Some(Moment { day, minute: time.map(|time| i64::from(time.hour() * 60 + time.minute())) })
}

/// Accepts only years that the lake and BI tools support and that are not a typing error.
pub(crate) fn since_1970(date: NaiveDate) -> Option<i32> {
    let (month, day) = (i32::try_from(date.month()).ok()?, i32::try_from(date.day()).ok()?);
    (1000..=9999).contains(&date.year()).then(|| days_from_civil(date.year(), month, day))
}

/// The minute of the day of `15:30`, `15:30:00.000`, `3:30 PM`, `15:30Z`, or `153000` (SAP).
fn clock(text: &str) -> Option<i64> {
    let (text, noon) = half_of_day(without_zone(text.trim()));
    let (hour, minute, second) = if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        (text.get(..2)?, text.get(2..4)?, text.get(4..)?)
    } else {
        let (hour, rest) = text.split_once(':')?;
        let (minute, second) = rest.split_once(':').unwrap_or((rest, "00"));
        (hour, minute, second)
    };
    let (second, fraction) = second.split_once(['.', ',']).unwrap_or((second, "0"));
    let (hour, minute) = (below(hour, 24)?, below(minute, 60).filter(|_| minute.len() == 2)?);
    below(second, 60).filter(|_| second.len() == 2 && fraction.bytes().all(|byte| byte.is_ascii_digit()))?;
    let hour = match noon {
        None => hour,
        Some(noon) if (1..=12).contains(&hour) => hour % 12 + noon,
        Some(_) => return None,
    };
    Some(hour * 60 + minute)
}

/// Parses one or two digits of a number below `end`.
fn below(text: &str, end: i64) -> Option<i64> {
    let digits = matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number < end)
}

/// The time without AM or PM, and the hours to add.
fn half_of_day(text: &str) -> (&str, Option<i64>) {
    let strip = |half: &str| {
        let at = text.len().checked_sub(half.len())?;
        text.get(at..).filter(|end| end.eq_ignore_ascii_case(half)).and_then(|_| text.get(..at)).map(str::trim_end)
    };
    match (strip("am"), strip("pm")) {
        (Some(clock), _) => (clock, Some(0)),
        (_, Some(clock)) => (clock, Some(12)),
        _ => (text, None),
    }
}

/// The time without `Z`, `+01:00`, `+0100`, `+01`, ` UTC` and a zone name as Java writes it, `[Europe/Amsterdam]`.
fn without_zone(text: &str) -> &str {
    let text = text.strip_suffix(']').and_then(|text| text.rsplit_once('[')).map_or(text, |(clock, _)| clock);
    if let Some(clock) = text.strip_suffix(['Z', 'z']).or_else(|| text.strip_suffix(" UTC")) {
        return clock;
    }
    let Some((clock, zone)) = text.find(['+', '-']).and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?))) else {
        return text;
    };
    let digits = zone.bytes().filter(u8::is_ascii_digit).count();
    let is_zone = matches!(digits, 2 | 4) && zone.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    if is_zone { clock.trim_end() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dutch() -> Signs {
        Signs { decimal: ',', thousands: Some('.'), dates: vec!["%d-%m-%Y".into()], ..Signs::plain() }
    }

    fn by(format: &str) -> Signs {
        Signs { dates: vec![format.into()], ..dutch() }
    }

    #[test]
    fn days_that_no_calendar_has_are_no_dates() {
        assert_eq!(date("01-03-2025", &dutch(), false), Ok(20_148));
        assert_eq!(date("1-3-2025", &dutch(), false), Ok(20_148));
        for bad in ["30-02-2025", "2025-03-01", "01-03-25", "00-00-0000", "01-03-20255", "", "T", " 15:30"] {
            assert_eq!(date(bad, &dutch(), false), Err(Reason::NotADate), "{bad}");
        }
        assert_eq!(date("2025-03-01T00:00:00", &Signs::plain(), false), Ok(20_148));
        assert_eq!(date("2025-03-17", &Signs::plain(), true), Ok(20_148));
        assert_eq!(date("2025-03", &Signs::plain(), true), Ok(20_148));
    }

    #[test]
    fn a_time_may_stand_behind_the_day_in_any_format() {
        let found = |text: &str, signs: &Signs| (date(text, signs, false), time_behind_day(text, signs));
        let half_past_three = (Ok(20_154), Ok(Some(930)));
        for text in ["07-03-2025 15:30", "07-03-2025 15:30:00", "7-3-2025 15:30", "07-03-2025  3:30 PM"] {
            assert_eq!(found(text, &dutch()), half_past_three, "{text}");
        }
        for text in [
            "2025-03-07T15:30",
            "2025-03-07 15:30:59.999",
            "2025-03-07T15:30:00Z",
            "2025-03-07T15:30:00+01:00",
            "2025-03-07T15:30+01:00[Europe/Amsterdam]",
            "2025-03-07 15:30:00 UTC",
            "2025-03-07 15:30:00 +0100",
        ] {
            assert_eq!(found(text, &Signs::plain()), half_past_three, "{text}");
        }
        assert_eq!(found("7 Mar 2025 15:30", &by("%d %b %Y")), half_past_three);
        assert_eq!(found("07/03/2025 15h30", &by("%d/%m/%Y %Hh%M")), half_past_three);
        assert_eq!(found("07-03-2025", &dutch()), (Ok(20_154), Ok(None)));
    }

    #[test]
    fn a_moment_with_a_zone_keeps_its_local_day() {
        for text in ["2025-03-31T23:30:00-05:00", "2025-03-31T00:30:00+02:00", "2025-03-31 23:59:59Z"] {
            assert_eq!(date(text, &Signs::plain(), false), Ok(days_from_civil(2025, 3, 31)), "{text}");
        }
    }

    #[test]
    fn two_digits_are_a_year_only_where_the_format_says_so() {
        let read = |text: &str| date(text, &by("%d-%m-%y"), false);
        assert_eq!(read("01-03-25"), Ok(days_from_civil(2025, 3, 1)));
        assert_eq!(read("01-03-69"), Ok(days_from_civil(2069, 3, 1)));
        assert_eq!(read("01-03-70"), Ok(days_from_civil(1970, 3, 1)));
        assert_eq!(date("01-03-25", &by("%d-%m-%Y"), false), Err(Reason::NotADate));
    }

    #[test]
    fn a_serial_number_is_a_day_beside_other_formats() {
        let signs = Signs { dates: vec!["%d-%m-%Y".into(), "excel".into()], ..dutch() };
        let third_of_march = days_from_civil(2025, 3, 3);
        assert_eq!(date("45719", &signs, false), Ok(third_of_march));
        assert_eq!(date("03-03-2025", &signs, false), Ok(third_of_march));
        assert_eq!(moment("45719,645833333", &signs), Ok(Moment { day: third_of_march, minute: Some(930) }));
        assert_eq!(date("45719", &dutch(), false), Err(Reason::NotADate));
        assert_eq!(time("0,645833333", &signs), Ok(Some(930)));
    }

    proptest! {
        #[test]
        fn moments_of_any_dialect_are_read_back(
            day in days_from_civil(1000, 1, 1)..=days_from_civil(9999, 12, 31),
            minute in 1_i64..DAY,
            format in prop::sample::select(vec!["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%e %b %Y", "%A %d %B %Y", "%Y-%j"]),
            clock in prop::sample::select(vec![" %H:%M", "T%H:%M:%S", " %H:%M:%S%.3f", " %I:%M %p", "T%H:%M:%SZ", "T%H:%M:%S+02:00", " %H%M%S"]),
        ) {
            let at = chrono::DateTime::from_timestamp((i64::from(day) * DAY + minute) * 60, 0).unwrap();
            let signs = by(format);
            prop_assert_eq!(date(&at.format(format).to_string(), &signs, false), Ok(day));
            prop_assert_eq!(date(&at.format(format).to_string(), &signs, true), Ok(netto_model::Period::of_day(day).first_day()));
            let text = at.format(&format!("{format}{clock}")).to_string();
            prop_assert_eq!(moment(&text, &signs), Ok(Moment { day, minute: Some(minute) }), "{}", text);
        }

        #[test]
        fn serial_numbers_count_days(day in days_from_civil(1904, 1, 1)..=days_from_civil(9999, 12, 31), minute in 0_i32..1_440) {
            for (format, zero) in [("excel", days_from_civil(1899, 12, 30)), ("excel-1904", days_from_civil(1904, 1, 1))] {
                let time = format!("{:.9}", f64::from(minute) / 1440.0);
                let text = format!("{}{}", day - zero, time.trim_start_matches('0').replace('.', ","));
                let found = moment(&text, &by(format)).unwrap();
                prop_assert_eq!((found.day, found.minute.unwrap_or_default()), (day, minute.into()), "{}", text);
            }
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,24}", format in prop::sample::select(vec!["%d-%m-%Y", "excel", "%Y%m"])) {
            let signs = by(format);
            for read in [date(&text, &signs, false), date(&text, &signs, true), time(&text, &signs).map(|_| 0)] {
                prop_assert!(read.is_ok() || read.is_err());
            }
        }
    }

    #[test]
    fn midnight_behind_a_day_is_no_time_and_in_a_column_of_its_own_it_is() {
        assert_eq!(time_behind_day("07-03-2025 00:00:00", &dutch()), Ok(None));
        assert_eq!(time("07-03-2025 00:00:00", &dutch()), Ok(None));
        assert_eq!(time("00:00", &dutch()), Ok(Some(0)));
    }

    #[test]
    fn a_time_that_no_clock_shows_is_no_time() {
        for bad in
            ["25:00", "15:60", "15:5", "15:30:60", "24:00", "13:00 PM", "0:30 am", "1530", "x", "15:30+1", "-1:30"]
        {
            let behind = format!("07-03-2025 {bad}");
            assert_eq!(date(&behind, &dutch(), false), Err(Reason::NotATime), "{bad}");
        }
    }

    #[test]
    fn a_column_for_the_time_holds_a_clock_or_the_minute_of_the_day() {
        for (text, minute) in [
            ("15:30", 930),
            ("9:05", 545),
            ("12:15 AM", 15),
            ("12:15 pm", 735),
            ("153000", 930),
            ("930", 930),
            ("0", 0),
        ] {
            assert_eq!(time(text, &dutch()), Ok(Some(minute)), "{text}");
        }
        assert_eq!(time("930.0000", &Signs::plain()), Ok(Some(930)));
        assert_eq!(time("07-03-2025 15:30", &dutch()), Ok(Some(930)));
        for bad in ["1440", "0930", "-5", "noon", "07-03-2025", "256000"] {
            assert_eq!(time(bad, &dutch()), Err(Reason::NotATime), "{bad}");
        }
    }
}
