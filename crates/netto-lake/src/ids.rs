//! Normalises ids: removes spreadsheet marks and leading zeros, and joins several columns into one id.
//!
//! ```text
//! ="00012"     → 00012       how exports keep leading zeros in a spreadsheet
//! '-100        → -100        the same for what would be taken for a formula; 's-Gravenhage and '70s stay
//! 0000000012   → 12          strip_zeros: SAP fills up with zeros; 000 → 0, 00A1 stays
//! 01, 1001     → 01|1001     join: two columns, one id
//! e and ´      → é           letters whose accent is a sign of its own
//! ```

use std::borrow::Cow;
use std::collections::HashSet;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Separates the parts of a joined id.
pub(crate) const SEPARATOR: char = '|';

/// Removes surrounding blanks and invisible characters: `K1` with a zero-width space is the same customer.
pub(crate) fn trimmed(text: &str) -> &str {
    let unseen = |sign: char| matches!(sign, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    text.trim_matches(|sign: char| sign.is_whitespace() || unseen(sign))
}

/// Composes letters with their accents (Unicode NFC): macOS writes an é as two characters, others as one, and both look the same.
pub(crate) fn composed(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes { text } else { text.nfc().collect() }
}

/// Whether two column names look the same: letters are [`composed`], and any run of blanks equals one blank.
pub(crate) fn is_same_name(one: &str, other: &str) -> bool {
    let words = |name: &str| -> Vec<String> { name.split_whitespace().map(|word| word.nfc().collect()).collect() };
    // A title may have line breaks within its cell.
    let is_other_blank = |byte: u8| byte.is_ascii_whitespace() && byte != b' ';
    let plain = |name: &str| name.is_ascii() && !name.contains("  ") && !name.bytes().any(is_other_blank);
    one == other || !(plain(one) && plain(other)) && words(one) == words(other)
}

/// The error values of spreadsheet formulas.
const FORMULA_ERRORS: [&str; 9] =
    ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#N/V", NEVER_COMPUTED];

/// The value of a formula that was never computed, as the program that wrote the workbook doesn't compute.
pub(crate) const NEVER_COMPUTED: &str = "#NOT-COMPUTED!";

/// Whether a value is a formula error of a spreadsheet, which is never an id, number or day.
pub(crate) fn is_formula_error(value: &str) -> bool {
    value.starts_with('#') && FORMULA_ERRORS.iter().any(|error| error.eq_ignore_ascii_case(value))
}

/// Whether a value may start with a spreadsheet mark; a quick test, as hardly any does.
pub(crate) fn may_be_marked(value: &str) -> bool {
    value.starts_with(['=', '\''])
}

/// The text within `="…"`, or behind the apostrophe of a number; any other value is unchanged. `free` texts, such as names, keep
/// their apostrophe.
pub(crate) fn without_spreadsheet_marks(value: Cow<'_, str>, free: bool) -> Cow<'_, str> {
    if !may_be_marked(&value) {
        return value;
    }
    match value {
        Cow::Borrowed(text) => within_formula(text).or_else(|| behind_apostrophe(text, free)).unwrap_or(value),
        Cow::Owned(text) => {
            let within = within_formula(&text).or_else(|| behind_apostrophe(&text, free)).map(Cow::into_owned);
            Cow::Owned(within.unwrap_or(text))
        }
    }
}

fn within_formula(text: &str) -> Option<Cow<'_, str>> {
    let within = text.strip_prefix("=\"")?.strip_suffix('"')?;
    if !within.contains('"') {
        return Some(Cow::Borrowed(within));
    }
    // Quotes within the text are doubled; a single quote means a formula that is more than a text.
    let text = within.replace("\"\"", "");
    (!text.contains('"')).then(|| Cow::Owned(within.replace("\"\"", "\"")))
}

fn behind_apostrophe(text: &str, free: bool) -> Option<Cow<'_, str>> {
    let rest = text.strip_prefix('\'')?;
    let marked = rest.starts_with(|sign: char| sign.is_ascii_digit() || "-+=@".contains(sign));
    (marked && !free && !rest.contains('\'')).then_some(Cow::Borrowed(rest))
}

/// Removes leading zeros if the value has only digits; a value of zeros only becomes `0`.
pub(crate) fn without_leading_zeros(value: Cow<'_, str>) -> Cow<'_, str> {
    if !value.starts_with('0') || value.len() == 1 || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return value;
    }
    let zeros = value.len() - value.trim_start_matches('0').len();
    let from = zeros.min(value.len() - 1);
    match value {
        Cow::Borrowed(text) => Cow::Borrowed(&text[from..]),
        Cow::Owned(mut text) => {
            text.drain(..from);
            Cow::Owned(text)
        }
    }
}

/// A known id that differs only in case, in leading zeros, or in a trailing `.0` as programs write behind whole numbers.
pub(crate) fn near(id: &str, known: &HashSet<String>) -> Option<String> {
    let bare = id.strip_suffix(".0").or_else(|| id.strip_suffix(",0")).unwrap_or(id);
    let others = [
        bare.to_owned(),
        id.to_uppercase(),
        id.to_lowercase(),
        bare.trim_start_matches('0').to_owned(),
        format!("{id}.0"),
    ];
    others.into_iter().find(|other| other != id && known.contains(other))
}

/// Joins parts to one id. Different parts never give the same id, as the separator is escaped within them.
pub(crate) fn joined<'a>(parts: impl Iterator<Item = Cow<'a, str>>) -> String {
    let mut id = String::new();
    for (place, part) in parts.enumerate() {
        if place > 0 {
            id.push(SEPARATOR);
        }
        for sign in part.chars() {
            if sign == SEPARATOR || sign == '\\' {
                id.push('\\');
            }
            id.push(sign);
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(text: &str) -> String {
        let owned = without_spreadsheet_marks(Cow::Owned(text.to_owned()), false);
        let borrowed = without_spreadsheet_marks(Cow::Borrowed(text), false);
        assert_eq!(owned, borrowed);
        owned.into_owned()
    }

    #[test]
    fn a_text_in_a_formula_is_the_text_and_what_only_looks_so_stays() {
        for (written, meant) in [
            ("=\"00012\"", "00012"),
            ("=\"\"", ""),
            ("=\"say \"\"hi\"\"\"", "say \"hi\""),
            ("'-100", "-100"),
            ("'00012", "00012"),
            ("'=A1", "=A1"),
            ("'+31 20", "+31 20"),
        ] {
            assert_eq!(id(written), meant, "{written}");
        }
        for kept in ["=\"a\"&\"b\"", "=00012", "=\"00012", "'s-Gravenhage", "'t Hof", "'12'", "'", "=", "00012", "12'"]
        {
            assert_eq!(id(kept), kept);
        }
        assert_eq!(without_spreadsheet_marks(Cow::Borrowed("'70s Records"), true), "'70s Records");
    }

    #[test]
    fn zeros_are_taken_off_digits_only() {
        for (written, meant) in
            [("0000000012", "12"), ("00012", "12"), ("12", "12"), ("000", "0"), ("0", "0"), ("", ""), ("100", "100")]
        {
            assert_eq!(without_leading_zeros(Cow::Borrowed(written)), meant);
            assert_eq!(without_leading_zeros(Cow::Owned(written.to_owned())), meant);
        }
        for kept in ["00A1", "-0012", "0.5", "0 1", "00-12"] {
            assert_eq!(without_leading_zeros(Cow::Borrowed(kept)), kept);
        }
    }

    proptest! {
        #[test]
        fn other_parts_make_another_id(a in parts(), b in parts()) {
            let id = |parts: &[String]| joined(parts.iter().map(|part| Cow::Borrowed(part.as_str())));
            prop_assert_eq!(id(&a) == id(&b), a == b);
        }
    }

    fn parts() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec(r"[a|\\]{1,3}", 2..4)
    }
}
