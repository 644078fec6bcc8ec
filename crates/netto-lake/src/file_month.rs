//! Reads the month from a file name: `lines_2025-03.csv`.
//!
//! ```text
//! file name       lines_2025-03.csv, 202503_lines.csv, lines_03-2025.csv   2025-03
//!                 lines_2025-03-31.csv                                     none: that is a day, and no month
//! lines_%m%Y      lines_032025.csv                                         2025-03
//! ```

use netto_model::Period;

use crate::plausible;

/// The position of the month in a file name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileMonth {
    /// The patterns, tried in order.
    patterns: Vec<String>,
}

/// The forms that are tried without a configured pattern.
const FORMS: [&str; 4] = ["%Y-%m", "%Y_%m", "%Y%m", "%m-%Y"];

impl FileMonth {
    /// Parses `file name`, or a pattern with `%Y` and `%m`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text == "file name" {
            return Ok(Self { patterns: FORMS.map(str::to_owned).to_vec() });
        }
        let once = |sign: &str| text.matches(sign).count() == 1;
        if once("%Y") && once("%m") && text.matches('%').count() == 2 {
            Ok(Self { patterns: vec![text.to_owned()] })
        } else {
            Err(format!("`{text}` doesn't show where the month is"))
        }
    }

    /// The month of a file; `None` if its name has no month or several.
    pub(crate) fn of(&self, name: &str) -> Option<Period> {
        let starts = || name.char_indices().map(|(at, _)| at);
        let found =
            |pattern: &String| -> Vec<Period> { starts().filter_map(|at| month_at(name, at, pattern)).collect() };
        let mut months: Vec<Period> = self.patterns.iter().flat_map(found).collect();
        months.sort_unstable();
        months.dedup();
        if let [month] = months.as_slice() { Some(*month) } else { None }
    }
}

/// The month if the pattern matches the name at `start` without adjacent digits.
fn month_at(name: &str, start: usize, pattern: &str) -> Option<Period> {
    let (mut rest, mut year, mut month) = (name.get(start..)?, None, None);
    let mut signs = pattern.chars();
    while let Some(sign) = signs.next() {
        if sign == '%' {
            let (into, digits) = if signs.next()? == 'Y' { (&mut year, 4) } else { (&mut month, 2) };
            let number = rest.get(..digits).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
            *into = number.parse::<i32>().ok();
            rest = rest.get(digits..)?;
        } else {
            rest = rest.strip_prefix(sign)?;
        }
    }
    let before = name.get(..start)?;
    let is_digit = |sign: char| sign.is_ascii_digit();
    let joins = |sign: char| matches!(sign, '-' | '_');
    // A day before or behind the month, as in 2025-03-31: then the name gives a day, not a month.
    let day_behind = rest.strip_prefix(joins).is_some_and(starts_with_a_day);
    let day_before = before.strip_suffix(joins).is_some_and(ends_with_a_day);
    if before.ends_with(is_digit) || rest.starts_with(is_digit) || day_behind || day_before {
        return None;
    }
    let (year, month) = (year?, month?);
    (plausible::is_year(year) && (1..=12).contains(&month)).then(|| Period::new(year, month))
}

fn starts_with_a_day(text: &str) -> bool {
    text.bytes().take_while(u8::is_ascii_digit).count() == 2
}

fn ends_with_a_day(text: &str) -> bool {
    text.bytes().rev().take_while(u8::is_ascii_digit).count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_found_in_the_name_and_a_day_is_no_month() {
        let any = FileMonth::parse("file name").unwrap();
        for name in ["lines_2025-03.csv", "202503.csv.gz", "2025_03 lines.csv", "lines 03-2025.csv", "l2025-03_v2.csv"]
        {
            assert_eq!(any.of(name), Some(Period::new(2025, 3)), "{name}");
        }
        for name in [
            "lines.csv",
            "lines_2025-13.csv",
            "lines_2025-03-31.csv",
            "20250331.csv",
            "31-03-2025.csv",
            "2025-03 2025-04.csv",
            "12025-03.csv",
        ] {
            assert_eq!(any.of(name), None, "{name}");
        }
    }

    #[test]
    fn a_pattern_says_where_the_month_stands() {
        let pattern = FileMonth::parse("lines_%m%Y").unwrap();
        assert_eq!(pattern.of("lines_032025 made 2025-04.csv"), Some(Period::new(2025, 3)));
        assert_eq!(pattern.of("lines_2025-04.csv"), None);
        for wrong in ["", "%Y", "lines_%Y_%Y_%m", "%Y-%m-%d"] {
            assert!(FileMonth::parse(wrong).is_err(), "{wrong}");
        }
    }
}
