//! Detects invalid ids in otherwise complete rows: labels of totals, and long numbers as a spreadsheet displays them.
//!
//! ```text
//! Total    Subtotaal K1    Grand total    Gesamtergebnis     a row that counts all others once more
//! 1.23457E+12                                                several customers that nobody can tell apart any more
//! ```

use std::collections::BTreeMap;

use memchr::memchr2;
use netto_model::money::counted;

/// Words for totals in reports, in lower case.
const TOTALS: [&str; 25] = [
    "total",
    "totals",
    "totaal",
    "totalen",
    "totale",
    "totali",
    "totales",
    "totaux",
    "totalt",
    "subtotal",
    "subtotaal",
    "subtotale",
    "eindtotaal",
    "summe",
    "gesamtsumme",
    "zwischensumme",
    "endsumme",
    "gesamtergebnis",
    "gesamt",
    "suma",
    "razem",
    "summa",
    "somme",
    "grand total",
    "sous-total",
];
/// The lengths of such ids.
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=60;

/// Whether an id is one of these.
pub(crate) fn is_odd(id: &str) -> bool {
    // Fast path for nearly all ids.
    match id.as_bytes().first() {
        Some(b'0'..=b'9') => is_cut_number(id),
        Some(b'T' | b't' | b'S' | b's' | b'E' | b'e' | b'G' | b'g' | b'Z' | b'z' | b'R' | b'r') => is_total(id),
        _ => matches!(id.as_bytes().last(), Some(b'E' | b'e' | b'L' | b'l')) && is_total(id),
    }
}

/// A word for a total, or one that ends in one: `subtotaal`, `ordertotaal`, `belegsumme`.
pub(crate) fn is_word_for_total(word: &str) -> bool {
    const ENDS: [&str; 3] = ["summe", "totaal", "total"];
    TOTALS.contains(&word) || ENDS.iter().any(|end| word.ends_with(end) && word.chars().all(char::is_alphabetic))
}

/// A word for a total alone, or before the id that it sums: `Subtotal K1`, but not the name `Total Energies`.
fn is_total(id: &str) -> bool {
    if !LENGTHS.contains(&id.len()) {
        return false;
    }
    let lower = id.to_lowercase();
    let is_word = |word: &str| is_word_for_total(word.trim_end_matches([':', ' ', '.']));
    let before_number = lower
        .split_once([' ', ':'])
        .is_some_and(|(word, rest)| is_word(word) && rest.contains(|sign: char| sign.is_ascii_digit()));
    is_word(&lower) || before_number
}

/// Whether the id is a rounded long number, such as `1.23457E+12`.
fn is_cut_number(id: &str) -> bool {
    // Fast path for nearly all numbers.
    let Some(at) = memchr2(b'E', b'e', id.as_bytes()) else { return false };
    let (number, exponent) = id.split_at(at);
    let Some(exponent) = exponent.get(1..).and_then(|exponent| exponent.strip_prefix('+')) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    let mantissa =
        number.split_once(['.', ',']).map_or_else(|| digits(number), |(one, rest)| digits(one) && digits(rest));
    mantissa && digits(exponent)
}

/// The findings in words.
pub(crate) fn sentences(column: &str, words: &BTreeMap<String, u64>) -> Vec<String> {
    let sentence = |(word, rows): (&String, &u64)| {
        let rows = counted(*rows, "row has", "rows have");
        if word.starts_with(|sign: char| sign.is_ascii_digit()) {
            format!(
                "{rows} `{word}` in `{column}`, a long number as a spreadsheet shows it: its last digits are lost, and different ids may look the same; export the file again, and don't save it in a spreadsheet"
            )
        } else {
            let word = word.replace('\'', "''");
            format!(
                "{rows} `{word}` in `{column}`, as reports write for totals, which would count rows twice: where = \"… <> '{word}'\" leaves such rows out"
            )
        }
    };
    words.iter().map(sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_and_numbers_that_a_spreadsheet_cut_are_no_ids() {
        for id in [
            "Total",
            "TOTAAL",
            "Grand total",
            "Subtotal K1",
            "Totaal: 1001",
            "Gesamtergebnis",
            "ORDERTOTAAL",
            "Belegsumme",
            "1.23457E+12",
            "1,2E+10",
            "4E+11",
        ] {
            assert!(is_odd(id), "{id}");
        }
        for id in ["Total Energies", "Sum", "TOTALFINA", "1E5", "12E+", "E+12", "K1", "1001", "Gesamtschule", ""] {
            assert!(!is_odd(id), "{id}");
        }
    }
}
