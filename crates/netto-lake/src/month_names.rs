//! Reads short and long month names in the supported languages: `3 mrt 2025`, `03. März 2025`, `1 août 2025`.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// The abbreviations of each month; a word of more than three letters may begin with one.
const MONTHS: [&[&str]; 12] = [
    &["jan", "janv", "ene", "gen", "sty"],
    &["feb", "fev", "febr", "fevr", "lut"],
    &["mar", "mrt", "maart", "marz", "maerz", "mrz", "mars", "maa"],
    &["apr", "avr", "abr", "kwi"],
    &["may", "mei", "mai", "maj", "mag"],
    &["jun", "juin", "giu", "cze"],
    &["jul", "juil", "lug", "lip"],
    &["aug", "aout", "ago", "sie"],
    &["sep", "sept", "set", "wrz"],
    &["oct", "okt", "ott", "out", "paz"],
    &["nov", "lis"],
    &["dec", "dez", "dic", "des", "gru"],
];
const ENGLISH: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The number of a month, from 1 on, by its name in lower case without accents.
pub(crate) fn number(word: &str) -> Option<u32> {
    let is_of =
        |names: &&[&str]| names.contains(&word) || word.len() > 3 && names.iter().any(|known| word.starts_with(known));
    let place = MONTHS.iter().position(is_of)?;
    u32::try_from(place + 1).ok()
}

/// The month name in a text, with its position.
fn named(text: &str) -> Option<(usize, usize, u32)> {
    let start = text.find(char::is_alphabetic)?;
    let word = text.get(start..)?;
    let end = start + word.find(|sign: char| !sign.is_alphabetic()).unwrap_or(word.len());
    let plain: String = text.get(start..end)?.nfd().filter(char::is_ascii_alphabetic).collect();
    Some((start, end, number(&plain.to_lowercase())?))
}

/// The text with the English month name, for formats with `%b` and `%B`.
pub(crate) fn in_english<'t>(text: &'t str, format: &str) -> Option<Cow<'t, str>> {
    if !["%b", "%B", "%h"].iter().any(|name| format.contains(name)) {
        return None;
    }
    let (start, end, month) = named(text)?;
    let name = ENGLISH.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
    // Drops the point behind an abbreviation, unless the format has one there.
    let with_point = ["%b.", "%B.", "%h."].iter().any(|name| format.contains(name));
    let behind = text.get(end..)?;
    let behind = if with_point { behind } else { behind.strip_prefix('.').unwrap_or(behind) };
    Some(format!("{}{name}{behind}", text.get(..start)?).into())
}

/// A month by its name and a year of four digits: `mrt 2025`, `März-2025`, `2025 août`.
pub(crate) fn with_year(text: &str) -> Option<(i32, i32)> {
    let month_of = |month: u32| i32::try_from(month).ok();
    let (start, end, month) = named(text)?;
    let between = |sign: char| sign.is_whitespace() || "-./'".contains(sign);
    let beside = (text.get(..start)?.trim_matches(between), text.get(end..)?.trim_matches(between));
    let (("", year) | (year, "")) = beside else { return None };
    let is_year = year.len() == 4 && year.bytes().all(|digit| digit.is_ascii_digit());
    year.parse().ok().filter(|year| is_year && (1000..=9999).contains(year)).zip(month_of(month))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_known_in_several_languages() {
        let english = |text| in_english(text, "%d %b %Y").map(Cow::into_owned);
        assert_eq!(english("3 mrt 2025").as_deref(), Some("3 Mar 2025"));
        assert_eq!(english("03 März 2025").as_deref(), Some("03 Mar 2025"));
        assert_eq!(english("1 janv. 2025").as_deref(), Some("1 Jan 2025"));
        assert_eq!(english("12 października 2025").as_deref(), Some("12 Oct 2025"));
        assert_eq!(english("3 Monat 2025"), None);
        assert_eq!(in_english("3 mrt 2025", "%d-%m-%Y"), None);
        assert_eq!(
            ["mei 2025", "Août-2025", "2025 dec", "dec 25", "3 mei 2025"].map(with_year),
            [Some((2025, 5)), Some((2025, 8)), Some((2025, 12)), None, None]
        );
    }
}
