//! Formats numbers as configured.
//!
//! ```text
//! 12345678 ten-thousandths   →   1.235 (whole), 1.234,57 (cents)        with "." and ","
//! ```

use netto_model::money::{divide_half_even, grouped};
use netto_model::period::civil_from_days;
use netto_model::{Language, Period};

use super::ReportConfig;
use super::language::{Written as _, filled, say};

/// Ten-thousandths of a minute in an hour.
const HOUR: i128 = 600_000;

/// Separators and currency.
#[derive(Clone, Debug)]
pub(super) struct Format {
    pub(super) decimal: char,
    pub(super) thousands: char,
    pub(super) currency: String,
    pub(super) language: Language,
    dates: String,
}

/// Market and region of a customer in one line: `Farms · North`.
pub(super) fn in_one_line<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

impl Format {
    pub(super) fn new(config: &ReportConfig, currency: &str) -> Self {
        let language = config.language;
        let (decimal, thousands) = language.separators();
        Self {
            decimal: config.decimal_separator.unwrap_or(decimal),
            thousands: config.thousands_separator.unwrap_or(thousands),
            currency: currency.to_owned(),
            language,
            dates: config.date_format.clone().unwrap_or_else(|| language.dates().to_owned()),
        }
    }

    /// A message without values.
    pub(super) fn say(&self, message: &str) -> String {
        self.language.say(message).to_owned()
    }

    /// A message with its values; see `say!`.
    pub(super) fn message(&self, message: &str, values: &[(&str, String)]) -> String {
        filled(self.language.say(message), values)
    }

    /// An amount in ten-thousandths, to the unit.
    pub(super) fn whole(&self, units: i64) -> String {
        self.grouped(divide_half_even(units.into(), 10_000))
    }

    /// An amount for a chart: in thousands, as the title of the axis says, if the largest one is so large that the rest doesn't matter.
    pub(super) fn on_axis(&self, units: i64, largest: i64) -> String {
        if in_thousands(largest) { self.grouped(divide_half_even(units.into(), 10_000_000)) } else { self.whole(units) }
    }

    /// The title of an axis.
    pub(super) fn axis(&self, title: String, largest: i64) -> String {
        if in_thousands(largest) { say!(self, "{title}, in thousands", title = title) } else { title }
    }

    /// An amount to the unit, with its currency: EUR 1.235.
    pub(super) fn sum(&self, units: i64) -> String {
        self.language.with_currency(&self.currency, &self.whole(units))
    }

    /// An amount to the unit, always with its sign: +1.235.
    pub(super) fn signed(&self, units: i64) -> String {
        if units > 0 { format!("+{}", self.whole(units)) } else { self.whole(units) }
    }

    /// Tenths of a percentage point, with their sign: +1,2.
    pub(super) fn points(&self, tenths: i64) -> String {
        let sign = if tenths < 0 { "−" } else { "+" };
        let size = tenths.unsigned_abs();
        format!("{}{}{}{}", if tenths == 0 { "" } else { sign }, self.grouped(size / 10), self.decimal, size % 10)
    }

    /// Ten-thousandths of minutes as hours; below ten hours with a decimal, so that a small number isn't shown as 0.
    pub(super) fn hours(&self, minutes: i64) -> String {
        if (1..10 * HOUR).contains(&i128::from(minutes)) {
            return self.tenths_of_hours(minutes);
        }
        self.grouped(divide_half_even(minutes.into(), HOUR))
    }

    /// Hours with a decimal.
    pub(super) fn tenths_of_hours(&self, minutes: i64) -> String {
        let tenths = divide_half_even(minutes.into(), HOUR / 10);
        format!("{}{}{}", self.grouped(tenths / 10), self.decimal, tenths.abs() % 10)
    }

    /// A day, in days since 1970-01-01.
    pub(super) fn date(&self, day: i32) -> String {
        written(&self.dates, day)
    }

    /// The month of a day: the form of a date without its day, 03-2025.
    pub(super) fn month(&self, day: i32) -> String {
        let not_a_sign = |character: char| !character.is_alphanumeric();
        let parts = ["%-d", "%d"].iter().find_map(|day| self.dates.split_once(day));
        let form = parts.map_or_else(
            || self.dates.clone(),
            |(before, after)| match after.trim_start_matches(|character| character != '%') {
                "" => before.trim_end_matches(not_a_sign).to_owned(),
                rest => format!("{before}{rest}"),
            },
        );
        if form.contains("%m") || form.contains("%-m") { written(&form, day) } else { Period::of_day(day).to_string() }
    }

    /// An amount in ten-thousandths, to the cent.
    pub(super) fn cents(&self, units: i64) -> String {
        let cents = divide_half_even(units.into(), 100);
        let sign = if cents < 0 { "−" } else { "" };
        let size = cents.abs();
        format!("{sign}{}{}{:02}", self.grouped(size / 100), self.decimal, size % 100)
    }

    /// A number with thousands separators.
    pub(super) fn grouped(&self, number: impl Into<i128>) -> String {
        let number: i128 = number.into();
        let text = grouped(number.unsigned_abs(), self.thousands);
        if number < 0 { format!("−{text}") } else { text }
    }

    /// A share as a percentage; a dash if there is none.
    pub(super) fn percent(&self, share: Option<f64>) -> String {
        share.map_or_else(|| "–".into(), |share| self.decimals(share * 100.0, 1) + self.language.percent_sign())
    }

    /// A positive share, never shown as 0.0 %.
    pub(super) fn part(&self, share: f64) -> String {
        const LEAST: f64 = 0.001;
        if share > 0.0 && share < LEAST / 2.0 {
            return say!(self, "less than {share}", share = self.percent(Some(LEAST)));
        }
        self.percent(Some(share))
    }

    /// Whole percent: 20 %.
    pub(super) fn whole_percent(&self, percent: impl Into<i128>) -> String {
        self.grouped(percent) + self.language.percent_sign()
    }

    /// A text of the tables that contains numbers, translated by its message, in which they are `{1}`, `{2}`; without a message, formatted as a sentence.
    pub(super) fn phrase(&self, text: &str) -> String {
        let (message, numbers) = without_numbers(text);
        let Some(found) = self.language.catalogue().get(&message) else { return self.sentence(text) };
        let place = |place: usize| (place + 1).to_string();
        let names: Vec<String> = (0..numbers.len()).map(place).collect();
        let values = names.iter().zip(&numbers).map(|(name, number)| (name.as_str(), self.written_number(number)));
        filled(found, &values.collect::<Vec<_>>())
    }

    /// Peers by market and yearly revenue: `Farms, 8,000 to 16,000`, in which the market is a name.
    pub(super) fn peers(&self, text: &str) -> String {
        let starts = |(_, range): &(&str, &str)| range.starts_with(|first: char| first.is_ascii_digit());
        match text.split_once(", ").filter(starts) {
            Some((market, range)) => format!("{market}, {}", self.phrase(range)),
            None => self.phrase(text),
        }
    }

    /// A number or a month of a text in the configured format.
    pub(super) fn written_number(&self, number: &str) -> String {
        match number.parse::<Period>() {
            Ok(month) => self.month(month.first_day()),
            Err(_) => self.sentence(number),
        }
    }

    /// A sentence of the tables, in which numbers look like 1,234.50, with its numbers in the configured format.
    pub(super) fn sentence(&self, text: &str) -> String {
        let characters: Vec<char> = text.chars().collect();
        let digit =
            |place: Option<usize>| place.and_then(|place| characters.get(place)).is_some_and(char::is_ascii_digit);
        let written = |(place, character): (usize, &char)| {
            let (before, after) = (digit(place.checked_sub(1)), digit(Some(place + 1)));
            match character {
                '.' if before && after => self.decimal,
                ',' if before && after => self.thousands,
                '-' if !before && after => '−',
                ' ' if before && characters.get(place + 1) == Some(&'%') => '\u{a0}',
                other => *other,
            }
        };
        characters.iter().enumerate().map(written).collect()
    }

    /// A ratio with some decimals.
    pub(super) fn decimals(&self, value: f64, digits: usize) -> String {
        let text = format!("{:.digits$}", value.abs());
        let sign = if value < 0.0 && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) { "−" } else { "" };
        format!("{sign}{}", text.replace('.', &self.decimal.to_string()))
    }
}

const fn in_thousands(largest: i64) -> bool {
    largest.unsigned_abs() >= 100_000_000
}

/// Replaces the numbers of a text by `{1}`, `{2}` and returns them: numbers, months, quarters.
fn without_numbers(text: &str) -> (String, Vec<String>) {
    let characters: Vec<char> = text.chars().collect();
    let (mut message, mut numbers, mut place) = (String::new(), Vec::new(), 0);
    while let Some(character) = characters.get(place) {
        if !character.is_ascii_digit() {
            message.push(*character);
            place += 1;
            continue;
        }
        let part = |at: usize| characters.get(at).is_some_and(char::is_ascii_alphanumeric);
        let mut end = place + 1;
        while part(end) || (matches!(characters.get(end), Some(',' | '.' | '-')) && part(end + 1)) {
            end += 1;
        }
        numbers.push(characters.get(place..end).unwrap_or_default().iter().collect());
        message += &format!("{{{}}}", numbers.len());
        place = end;
    }
    (message, numbers)
}

fn written(form: &str, day: i32) -> String {
    let (year, month, day) = civil_from_days(day);
    let short_year = year.rem_euclid(100);
    let parts =
        [("%Y", year, 4), ("%y", short_year, 2), ("%m", month, 2), ("%d", day, 2), ("%-m", month, 1), ("%-d", day, 1)];
    parts.iter().fold(form.to_owned(), |text, (form, value, width)| text.replace(form, &format!("{value:0width$}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_follow_the_configuration() {
        let dutch = ReportConfig { language: Language::Nl, ..ReportConfig::default() };
        let format = Format::new(&dutch, "EUR");
        assert_eq!(format.cents(12_345_678), "1.234,57");
        assert_eq!(format.whole(-12_345_678_900), "−1.234.568");
        assert_eq!((format.percent(Some(0.8125)), format.percent(None)), ("81,2%".into(), "–".into()));
        assert_eq!(format.decimals(-0.01, 1), "0,0");
    }

    #[test]
    fn few_hours_keep_a_decimal() {
        let format = Format::new(&ReportConfig::default(), "EUR");
        let shown = |minutes: i64| format.hours(minutes * 10_000);
        assert_eq!([0, 20, 570, 600, 89_970].map(shown), ["0", "0.3", "9.5", "10", "1,500"].map(str::to_owned));
    }

    #[test]
    fn a_sentence_of_the_tables_gets_the_numbers_of_the_configuration() {
        let dutch = ReportConfig { language: Language::Nl, ..ReportConfig::default() };
        let format = Format::new(&dutch, "EUR");
        assert_eq!(
            format.sentence("9 orders lose 1,529.50, at -12.5 % in 2025-Q1, 2024-07."),
            "9 orders lose 1.529,50, at −12,5\u{a0}% in 2025-Q1, 2024-07."
        );
    }

    #[test]
    fn dates_follow_the_configuration() {
        let written = |date_format: &str| {
            let config = ReportConfig { date_format: Some(date_format.into()), ..ReportConfig::default() };
            Format::new(&config, "EUR").date(20_148)
        };
        assert_eq!(["%Y-%m-%d", "%d-%m-%Y", "%-d/%-m/%y"].map(written), ["2025-03-01", "01-03-2025", "1/3/25"]);
    }

    #[test]
    fn a_month_is_a_date_without_its_day() {
        let written = |date_format: &str| {
            let config = ReportConfig { date_format: Some(date_format.into()), ..ReportConfig::default() };
            Format::new(&config, "EUR").month(20_148)
        };
        assert_eq!(
            ["%Y-%m-%d", "%d-%m-%Y", "%m/%d/%Y", "%-d.%-m.%y", "%d", ""].map(written),
            ["2025-03", "03-2025", "03/2025", "3.25", "2025-03", "2025-03"]
        );
    }

    #[test]
    fn an_axis_counts_thousands_only_where_there_are_many() {
        let format = Format::new(&ReportConfig::default(), "EUR");
        assert_eq!(
            format.on_axis(4_799_330_000, 6_413_510_000) + &format.axis(" Profit".into(), 1 << 40),
            "480 Profit, in thousands"
        );
        assert_eq!(format.on_axis(-8_000_000, 9_000_000) + &format.axis(" Profit".into(), 9_000_000), "−800 Profit");
    }
}
