//! A cache of parsed values per block, by their text. Most columns have few different values, and the lines of an order share
//! theirs, so most values needn't be trimmed, mapped, parsed and checked again.
//!
//! ```text
//! 03-03-2025   read    2025-03-03
//! 03-03-2025   seen    2025-03-03
//! 04-03-2025   read    2025-03-04
//! ```
//! A slot holds one text; another text with the same slot overwrites it. So the cache stays small, and a hit equals a fresh parse.

use std::borrow::Cow;

use crate::mapping::{Mapped, Origin};
use crate::rows::Cell;

/// Cache slots per column.
const PLACES: usize = 64;

/// The cache of a column.
pub(crate) struct Seen<'a> {
    /// The field that determines the value; `None` if the value depends on anything else.
    field: Option<usize>,
    places: Vec<Option<(&'a str, Cell<'a>)>>,
}

impl<'a> Seen<'a> {
    /// An empty cache for a column.
    pub(crate) fn of(mapped: &Mapped) -> Self {
        let field = match &mapped.origin {
            Origin::Field(field) if !mapped.has_sign_beside() => Some(*field),
            _ => None,
        };
        Self { field, places: vec![None; if field.is_some() { PLACES } else { 0 }] }
    }

    /// The value of a row, from the cache or parsed now. Values that can't be parsed are not cached.
    pub(crate) fn cell<E>(
        &mut self,
        fields: &[Cow<'a, str>],
        read: impl FnOnce() -> Result<Cell<'a>, E>,
    ) -> Result<Cell<'a>, E> {
        let text = self.field.and_then(|field| fields.get(field));
        let Some((Cow::Borrowed(text), place)) = text.and_then(|text| Some((text, self.places.get_mut(place(text))?)))
        else {
            return read();
        };
        if let Some((known, cell)) = place
            && is_same(known, text)
        {
            return Ok(cell.clone());
        }
        let cell = read()?;
        *place = Some((text, cell.clone()));
        Ok(cell)
    }
}

/// The slot of a text, from its length and its last eight bytes, which differ most.
fn place(text: &str) -> usize {
    let bytes = text.as_bytes();
    let end = match bytes.last_chunk() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => short(bytes),
    };
    let mixed = (end ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58;
    usize::try_from(mixed).unwrap_or_default() % PLACES
}

/// Whether texts are equal. Most have at most sixteen bytes, and comparing them as two numbers is faster than a call.
fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let (Some(end), Some(other_end)) = (one.last_chunk::<8>(), other.last_chunk::<8>()) else {
        return short(one) == short(other);
    };
    end == other_end && one.first_chunk::<8>() == other.first_chunk::<8>() && (one.len() <= 16 || one == other)
}

/// Fewer than eight bytes as one number; different texts of the same length give different numbers.
fn short(bytes: &[u8]) -> u64 {
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last)),
        _ => bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places for the first field.
    fn seen<'a>() -> Seen<'a> {
        Seen { field: Some(0), places: vec![None; PLACES] }
    }

    fn integer(cell: &Cell<'_>) -> i64 {
        if let Cell::Integer(number) = cell { *number } else { -1 }
    }

    #[test]
    fn a_text_is_read_once_and_every_row_has_its_own_value() {
        let (mut seen, mut reads) = (seen(), 0);
        // More texts than there are places, each twice in a row and again later.
        let texts: Vec<String> = (0..500_i64).map(|number| (number % 200).to_string()).collect();
        for text in texts.iter().flat_map(|text| [text, text]) {
            let cell = seen.cell::<()>(&[Cow::Borrowed(text)], || {
                reads += 1;
                Ok(Cell::Integer(text.parse().unwrap()))
            });
            assert_eq!(integer(&cell.unwrap()).to_string(), *text);
        }
        assert!((200..=500).contains(&reads), "{reads}");
    }

    proptest::proptest! {
        #[test]
        fn texts_are_the_same_where_all_of_their_bytes_are(text in "[ab]{0,40}", other in "[ab]{0,40}", at in 0_usize..40) {
            let mut one_off = text.clone();
            if let Some(sign) = text.get(at..=at) {
                one_off.replace_range(at..=at, if sign == "a" { "b" } else { "a" });
            }
            for other in [&other, &one_off, &text.clone()] {
                proptest::prop_assert_eq!(is_same(&text, other), text == *other);
            }
        }
    }

    #[test]
    fn a_fault_is_found_on_every_row() {
        let mut seen = seen();
        let fields = [Cow::Borrowed("1O")];
        assert!(seen.cell(&fields, || Err("not a number")).is_err());
        assert!(seen.cell(&fields, || Err("not a number")).is_err());
    }

    #[test]
    fn what_depends_on_more_than_a_field_is_read_on_every_row() {
        let mut none = Seen { field: None, places: Vec::new() };
        let fields = [Cow::Borrowed("7")];
        for number in [1, 2] {
            assert_eq!(integer(&none.cell::<()>(&fields, || Ok(Cell::Integer(number))).unwrap()), number);
        }
    }
}
