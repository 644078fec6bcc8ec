//! Reads debit and credit words beside an amount, as accounting packages write them: `1.234,50 CR`, `H 12,00`, `12.00Dr`.
//!
//! ```text
//! net_amount = { from = "Betrag", sign = { negative = ["H"], positive = ["S"] } }
//! 1.234,50 S     1234.5
//! H 12,00        -12
//! 0,00           0: nothing has no side
//! 12,00          set apart: it says neither S nor H
//! -12,00 H       set apart: it has two signs, and nobody can tell whether they add up
//! ```

use crate::number::Number;
use crate::quarantine::Reason;
use crate::typed::Signs;

/// The words of ledgers for debit and credit.
pub(crate) const SIDES: [(&str, &str); 16] = [
    ("d", "c"),
    ("d", "k"),
    ("dr", "cr"),
    ("s", "h"),
    ("soll", "haben"),
    ("debit", "credit"),
    ("débit", "crédit"),
    ("debet", "credit"),
    ("debet", "kredit"),
    ("debe", "haber"),
    ("dare", "avere"),
    ("wn", "ma"),
    ("md", "d"),
    ("borç", "alacak"),
    ("deb", "cred"),
    ("+", "-"),
];

/// Splits a text into the amount and the words before and behind it, which may be empty. A text without digits is all amount.
pub(crate) fn parts(text: &str) -> (&str, &str, &str) {
    let of_word = |sign: char| sign.is_alphabetic() || sign == '.' || sign.is_whitespace();
    let is_dot = |sign: char| sign == '.' || sign.is_whitespace();
    if !text.contains(|sign: char| sign.is_ascii_digit()) {
        return ("", text, "");
    }
    // A point beside the digits belongs to them: `.5 CR`, `12. CR`.
    let rest = text.trim_start_matches(of_word);
    let front = text[..text.len() - rest.len()].trim_start();
    let front = if front.contains(char::is_alphabetic) { front.trim_end() } else { "" };
    let rest = if front.is_empty() { text } else { rest };
    let bare = rest.trim_end_matches(of_word);
    let behind = rest[bare.len()..].trim_start_matches(is_dot);
    let bare = if behind.is_empty() { rest } else { &rest[..rest.len() - behind.len()] };
    (front, bare.trim(), behind.trim_end())
}

/// The amount without its word, and the result of `turns` for the word; `None` if there is no word.
pub(crate) fn read<'t>(
    text: &'t str,
    signs: &Signs,
    turns: impl Fn(&str) -> Option<bool>,
) -> Result<Option<(&'t str, bool)>, Reason> {
    let (front, bare, behind) = parts(text);
    let side = |word: &str| {
        let word = without_currency(word, signs);
        turns(word).or_else(|| word.strip_suffix('.').and_then(&turns))
    };
    match (side(front), side(behind)) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(Reason::SignTwice),
        (Some(turned), None) | (None, Some(turned)) => {
            let other = if side(front).is_some() { behind } else { front };
            if !without_currency(other, signs).is_empty() {
                return Err(Reason::NotANumber);
            }
            if Number::read(bare, signs)?.is_negative() { Err(Reason::SignTwice) } else { Ok(Some((bare, turned))) }
        }
    }
}

/// The pairs of words (debit first) that contain a word, ignoring case and points.
pub(crate) fn pair(word: &str) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
    let word = word.trim_end_matches('.').to_lowercase();
    SIDES.into_iter().filter(move |(one, other)| *one == word || *other == word)
}

/// The debit or credit word beside an amount, to detect a missing `sign` setting.
pub(crate) fn word_beside(text: &str) -> Option<&str> {
    let (front, bare, behind) = parts(text);
    let is_side = |word: &str| pair(word).next().is_some();
    let numeric = |sign: char| sign.is_ascii_digit() || sign.is_whitespace() || ".,'’-".contains(sign);
    if !bare.chars().all(numeric) {
        return None;
    }
    match (front, behind) {
        ("", word) | (word, "") if is_side(word) => Some(word),
        _ => None,
    }
}

/// Removes a currency between the word and the digits.
fn without_currency<'w>(word: &'w str, signs: &Signs) -> &'w str {
    let Some(currency) = signs.currency.as_deref() else { return word };
    word.strip_prefix(currency).or_else(|| word.strip_suffix(currency)).map_or(word, str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_told_from_the_word_before_or_behind_it() {
        for (text, wanted) in [
            ("1.234,50 CR", ("", "1.234,50", "CR")),
            ("12.00Dr.", ("", "12.00", "Dr.")),
            ("H 12,00", ("H", "12,00", "")),
            ("Cr. 12", ("Cr.", "12", "")),
            (".5 C", ("", ".5", "C")),
            ("12. C", ("", "12.", "C")),
            ("12,- CR", ("", "12,-", "CR")),
            ("-12", ("", "-12", "")),
            ("CR € 12", ("CR", "€ 12", "")),
            ("CR", ("", "CR", "")),
        ] {
            assert_eq!(parts(text), wanted, "{text}");
        }
        assert_eq!(["12,00 CR", "P 12", "12 kg", "H 12,00"].map(word_beside), [Some("CR"), None, None, Some("H")]);
    }

    #[test]
    fn a_word_turns_the_sign_and_two_signs_are_none() {
        let signs = Signs { decimal: ',', thousands: Some('.'), currency: Some("EUR".into()), ..Signs::plain() };
        let turns = |word: &str| match word {
            "CR" => Some(true),
            "DR" => Some(false),
            _ => None,
        };
        let read = |text| read(text, &signs, turns);
        assert_eq!(read("1.234,50 CR"), Ok(Some(("1.234,50", true))));
        assert_eq!(read("EUR 12,00 DR."), Ok(Some(("12,00", false))));
        assert_eq!(read("12,00"), Ok(None));
        assert_eq!(read("12,- CR"), Ok(Some(("12,-", true))));
        assert_eq!(["-12,00 CR", "DR 12,00 CR", "(12,00) DR"].map(read), [Err(Reason::SignTwice); 3]);
        // Unknown words are left in the text, so parsing the number fails.
        assert_eq!(["12,0O CR", "kg 12 CR"].map(read), [Ok(None), Err(Reason::NotANumber)]);
    }
}
