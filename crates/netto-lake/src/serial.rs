//! Parses days that are written as numbers: `date = "excel"`, or `"excel-1904"` for old Mac files; `"cyyddd"` of JD Edwards,
//! `"cyymmdd"` of AS/400; and days without a year, as DATEV writes them.
//!
//! ```text
//! excel       1 is 1900-01-01, 59 is 1900-02-28, 61 is 1900-03-01, 45719 is 2025-03-03
//! cyyddd      125032 is the 32nd day of 2025: the centuries since 1900, the year, the day of the year
//! cyymmdd     1250201 is 2025-02-01: the centuries since 1900, the year, the month, the day
//! ddmm file name   0503 is the 5th of March of the year in the name of the file: `bookings_2025.csv`
//! ddmm 2024-07   0503 is the 5th of March in the twelve months from July 2024 on, that is of 2025; `ddmm 2025` begins in January
//! excel-1904  0 is 1904-01-01, 44257 is 2025-03-03
//! 45719.645833333 is half past three on that day
//! ```
//! 60 is a day that never existed: the first spreadsheets treated 1900 as a leap year.

use crate::moment::Moment;
use crate::number::Number;
use crate::plausible;
use crate::typed::Signs;
use crate::weeks_and_months;

/// Format for days counted from 1900.
pub(crate) const EXCEL: &str = "excel";
/// Format for days counted from 1904.
pub(crate) const EXCEL_1904: &str = "excel-1904";

/// Format for century, year and day of the year.
pub(crate) const CENTURY: &str = "cyyddd";

/// Format for century, year, month and day.
pub(crate) const CENTURY_DAY: &str = "cyymmdd";

/// Prefix of the formats without a year; the year follows it.
pub(crate) const WITHOUT_YEAR: &str = "ddmm";

/// Format of days whose year is in the file name.
pub(crate) const YEAR_OF_FILE: &str = "ddmm file name";

/// The format for a file's rows: with the year from the file name, if the format asks for it and the name has one.
pub(crate) fn of_file(format: &str, file: &str) -> String {
    match year_in_name(file).filter(|_| format == YEAR_OF_FILE) {
        Some(year) => format!("{WITHOUT_YEAR} {year}"),
        None => format.to_owned(),
    }
}

/// The year in a file or sheet name: the last number that is a year, or that begins with year and month, as `202503`, `20250331`.
pub(crate) fn year_in_name(file: &str) -> Option<u32> {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let year = |number: &str| {
        let month = number.get(4..6).map_or(Some(1), digits)?;
        let year = digits(number.get(..4)?).filter(|year| plausible::is_year(*year))?;
        ([4, 6, 8].contains(&number.len()) && (1..=12).contains(&month)).then_some(year)
    };
    name.split(|sign: char| !sign.is_ascii_digit()).filter_map(year).next_back()
}

/// The day of a number, with a time if the number has decimals; `None` for any other format.
pub(crate) fn moment(text: &str, format: &str, signs: &Signs) -> Option<Moment> {
    if let Some(moment) = weeks_and_months::moment(text, format) {
        return Some(moment);
    }
    if format == CENTURY {
        return by_century(text);
    }
    if format == CENTURY_DAY {
        return by_century_and_day(text);
    }
    if let Some(begin) = year_begin(format) {
        return in_year(text, begin);
    }
    let (day_zero, first) = match format {
        EXCEL => (DAY_ZERO, 1),
        EXCEL_1904 => (-24_107, 0),
        _ => return None,
    };
    let (whole, second, has_time) = days_and_seconds(text, signs)?;
    let leap_day = format == EXCEL && whole == 60;
    // Before the day that never existed, the count is one lower.
    let day = day_zero + whole + i32::from(format == EXCEL && whole < 60);
    let minute = has_time.then_some(second / 60);
    (whole >= first && !leap_day && day <= LAST_DAY).then_some(Moment { day, minute })
}

/// Parses `125032`, or `99365` without the leading zero of the century.
fn by_century(text: &str) -> Option<Moment> {
    let number =
        text.parse::<u32>().ok().filter(|_| text.len() <= 6 && text.bytes().all(|digit| digit.is_ascii_digit()))?;
    let (year, day) = (1900 + i32::try_from(number / 1000).ok()?, number % 1000);
    let day = crate::moment::since_1970(chrono::NaiveDate::from_yo_opt(year, day)?)?;
    (number > 0).then_some(Moment { day, minute: None })
}

/// Parses `1250201`, or `990201` without the leading zero of the century.
fn by_century_and_day(text: &str) -> Option<Moment> {
    let number = digits(text).filter(|_| text.len() == 6 || text.len() == 7)?;
    on(1900 + i32::try_from(number / 10_000).ok()?, number / 100 % 100, number % 100)
}

/// The first year and month of the twelve months of `ddmm 2024-07`.
fn year_begin(format: &str) -> Option<(i32, u32)> {
    let begin = format.strip_prefix(WITHOUT_YEAR)?.strip_prefix(' ')?;
    let (year, month) = begin.split_once('-').unwrap_or((begin, "01"));
    let is_shaped = year.len() == 4 && month.len() == 2;
    let (year, month) = (digits(year)?, digits(month)?);
    let is_known = is_shaped && (1000..=9998).contains(&year) && (1..=12).contains(&month);
    Some((i32::try_from(year).ok()?, month)).filter(|_| is_known)
}

/// Parses `0503`, or `503` without the leading zero.
fn in_year(text: &str, (year, first): (i32, u32)) -> Option<Moment> {
    let number = digits(text).filter(|_| text.len() == 3 || text.len() == 4)?;
    let month = number % 100;
    on(year + i32::from(month < first), month, number / 100)
}

fn digits(text: &str) -> Option<u32> {
    text.parse().ok().filter(|_| text.bytes().all(|digit| digit.is_ascii_digit()))
}

fn on(year: i32, month: u32, day: u32) -> Option<Moment> {
    let day = crate::moment::since_1970(chrono::NaiveDate::from_ymd_opt(year, month, day)?)?;
    Some(Moment { day, minute: None })
}

/// Whether a format is one of these.
pub(crate) fn is(format: &str) -> bool {
    let known =
        [EXCEL, EXCEL_1904, CENTURY, CENTURY_DAY, YEAR_OF_FILE, weeks_and_months::WEEK, weeks_and_months::MONTH];
    known.contains(&format) || year_begin(format).is_some()
}

/// The minute of the day of a number below one, if one of the formats is a spreadsheet's: `0.645833333` is 930.
pub(crate) fn time(text: &str, signs: &Signs) -> Option<i64> {
    let spreadsheet = signs.dates.iter().any(|format| is(format));
    let (whole, second, has_time) = days_and_seconds(text, signs).filter(|_| spreadsheet)?;
    (whole == 0 && has_time).then_some(second / 60)
}

/// The day of a text that is only a serial number of a day between 1982 and 2064.
pub(crate) fn recent(text: &str) -> Option<i32> {
    let number = text.parse::<i32>().ok().filter(|number| (30_000..60_000).contains(number) && text.len() == 5)?;
    Some(DAY_ZERO + number)
}

/// 9999-12-31, in days since 1970-01-01.
const LAST_DAY: i32 = 2_932_896;

/// 1899-12-30, in days since 1970-01-01.
const DAY_ZERO: i32 = -25_569;

const SECONDS: i128 = 24 * 60 * 60;
/// One day, in units of the last counted decimal.
const ONE: i128 = 10_i128.pow(12);

/// A millisecond, in the same units. A double holds a moment more closely than that, so what is nearer to midnight is midnight.
const MILLISECOND: i128 = ONE / (SECONDS * 1_000);

/// Whole days, the nearest second of that day, and whether there are decimals.
fn days_and_seconds(text: &str, signs: &Signs) -> Option<(i32, i64, bool)> {
    let parts = Number::read(text, signs).ok()?.scaled(12, true).ok().filter(|parts| *parts >= 0)?;
    let (days, part) = (parts / ONE, parts % ONE);
    let (days, seconds) = if ONE - part < MILLISECOND {
        (days + 1, 0)
    } else {
        // The last half second of a day is on that day.
        (days, netto_model::money::divide_half_even(part * SECONDS, ONE).min(SECONDS - 1))
    };
    Some((i32::try_from(days).ok()?, i64::try_from(seconds).ok()?, part != 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::period::days_from_civil;

    fn day(text: &str, format: &str) -> Option<i32> {
        moment(text, format, &Signs::plain()).map(|moment| moment.day)
    }

    #[test]
    fn a_serial_is_counted_past_the_day_that_never_was() {
        for (text, (y, m, d)) in [
            ("1", (1900, 1, 1)),
            ("59", (1900, 2, 28)),
            ("61", (1900, 3, 1)),
            ("45719", (2025, 3, 3)),
            ("2958465", (9999, 12, 31)),
        ] {
            assert_eq!(day(text, EXCEL), Some(days_from_civil(y, m, d)), "{text}");
        }
        for no_day in ["60", "0", "-1", "2958466", "x", "", "03-03-2025", "1e30"] {
            assert_eq!(day(no_day, EXCEL), None, "{no_day}");
        }
        assert_eq!(day("45719", "%Y-%m-%d"), None);
        assert_eq!(recent("45719"), day("45719", EXCEL));
        assert_eq!(["45719,5", "4571", "60000", "x", "+4571"].map(recent), [None; 5]);
    }

    #[test]
    fn the_day_of_the_year_is_counted_within_its_century() {
        for (text, (y, m, d)) in
            [("125032", (2025, 2, 1)), ("99365", (1999, 12, 31)), ("100060", (2000, 2, 29)), ("124366", (2024, 12, 31))]
        {
            assert_eq!(day(text, CENTURY), Some(days_from_civil(y, m, d)), "{text}");
        }
        for no_day in ["125366", "125000", "0", "", "1250321", "-125032", "125032.5"] {
            assert_eq!(day(no_day, CENTURY), None, "{no_day}");
        }
    }

    #[test]
    fn the_other_system_begins_in_1904() {
        assert_eq!(day("0", EXCEL_1904), Some(days_from_civil(1904, 1, 1)));
        assert_eq!(day("44257", EXCEL_1904), Some(days_from_civil(2025, 3, 3)));
        assert_eq!(day("60", EXCEL_1904), Some(days_from_civil(1904, 3, 1)));
    }

    #[test]
    fn decimals_are_the_time_of_day_and_never_another_day() {
        let comma = Signs { decimal: ',', ..Signs::plain() };
        let minute = |text| moment(text, EXCEL, &comma).map(|moment| (moment.day, moment.minute));
        let third_of_march = days_from_civil(2025, 3, 3);
        assert_eq!(minute("45719,645833333"), Some((third_of_march, Some(930))));
        assert_eq!(minute("45719,0000000001"), Some((third_of_march, Some(0))));
        assert_eq!(minute("45718,99999999"), Some((third_of_march, Some(0))), "0.9 milliseconds before midnight");
        for last in ["45718,99999998", "45718,999999965", "45718,999995"] {
            assert_eq!(minute(last), Some((third_of_march - 1, Some(1439))), "{last}");
        }
        assert_eq!(minute("45719,0"), Some((third_of_march, None)));
        assert_eq!(time("0,5", &comma), None);
        assert_eq!(time("0,5", &Signs { dates: vec![EXCEL.into()], ..comma.clone() }), Some(720));
    }

    #[test]
    fn days_without_a_year_are_in_the_twelve_months_that_are_named() {
        let of = |y, m, d| Some(days_from_civil(y, m, d));
        assert_eq!(day("0503", "ddmm 2025"), of(2025, 3, 5));
        assert_eq!(day("503", "ddmm 2024-07"), of(2025, 3, 5));
        assert_eq!(day("0107", "ddmm 2024-07"), of(2024, 7, 1));
        assert_eq!(day("2902", "ddmm 2024"), of(2024, 2, 29));
        for (text, format) in [("2902", "ddmm 2025"), ("0513", "ddmm 2025"), ("05032", "ddmm 2025"), ("0503", "ddmm")] {
            assert_eq!(day(text, format), None, "{text} by {format}");
        }
        for (format, known) in
            [("ddmm 2025", true), ("ddmm 2025-12", true), ("ddmm 25", false), ("ddmm 2025-13", false)]
        {
            assert_eq!(is(format), known, "{format}");
        }
        assert_eq!(of_file("ddmm file name", "2019/bookings_2025.csv"), "ddmm 2025");
        assert_eq!(of_file("ddmm file name", "2019/bookings.csv"), "ddmm file name");
        assert_eq!(of_file("ddmm 2024", "bookings_2025.csv"), "ddmm 2024");
        let years = ["Plan 2024 for 2025", "bookings_202503.csv", "20250331.csv", "article 201334", "12025"];
        assert_eq!(years.map(year_in_name), [Some(2025), Some(2025), Some(2025), None, None]);
        assert_eq!(day("1250201", "cyymmdd"), of(2025, 2, 1));
        assert_eq!(day("990201", "cyymmdd"), of(1999, 2, 1));
        assert_eq!(day("1251301", "cyymmdd"), None);
    }
}
