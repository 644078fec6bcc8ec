//! Decodes bytes strictly: an invalid byte makes its row faulty, and is never replaced by a guessed character.
//!
//! ```text
//! windows-1252   43 61 66 E9   Café
//! cp850          43 61 66 82   Café
//! utf-8          43 61 66 E9   fault: encoding
//! ```

use std::borrow::Cow;
use std::collections::BTreeSet;

use encoding_rs::{Encoding, REPLACEMENT, UTF_8};

use super::code_page::code_page;

/// The encoding of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    /// One of the WHATWG standard.
    Standard(&'static Encoding),
    /// A DOS code page: its upper half.
    Dos(Vec<char>),
}

impl Codec {
    pub(crate) const UTF_8: Self = Self::Standard(UTF_8);

    /// The encoding of that name, such as `utf-8`, `windows-1252` or `cp850`.
    pub(crate) fn named(label: &str) -> Option<Self> {
        let standard = Encoding::for_label(label.as_bytes()).filter(|encoding| *encoding != REPLACEMENT);
        standard.map(Self::Standard).or_else(|| code_page(label).map(Self::Dos))
    }

    pub(super) fn is_utf8(&self) -> bool {
        *self == Self::Standard(UTF_8)
    }

    /// Whether the encoding is ASCII-compatible, so that a file can be split before it is decoded.
    pub(super) fn keeps_ascii(&self) -> bool {
        match self {
            Self::Standard(encoding) => *encoding == UTF_8 || encoding.is_single_byte(),
            Self::Dos(_) => true,
        }
    }

    /// The text, and whether something could not be decoded.
    pub(crate) fn decode<'a>(&self, bytes: &'a [u8]) -> (Cow<'a, str>, bool) {
        match self {
            Self::Standard(encoding) if *encoding == UTF_8 => std::str::from_utf8(bytes)
                .map_or_else(|_| (String::from_utf8_lossy(bytes), true), |text| (Cow::Borrowed(text), false)),
            _ if bytes.is_ascii() && self.keeps_ascii() => (String::from_utf8_lossy(bytes), false),
            Self::Standard(encoding) => {
                let (text, lossy) = encoding.decode_without_bom_handling(bytes);
                // The standard maps the five undefined bytes of windows-1252 to control characters, which never occur in text.
                if text.len() > bytes.len() && text.contains(is_control) {
                    return (Cow::Owned(text.replace(is_control, "\u{fffd}")), true);
                }
                (text, lossy)
            }
            Self::Dos(upper) => {
                let text: String = bytes.iter().map(|&byte| character(upper, byte)).collect();
                let lossy = text.contains('\u{fffd}');
                (Cow::Owned(text), lossy)
            }
        }
    }
}

fn character(upper: &[char], byte: u8) -> char {
    match byte.checked_sub(0x80) {
        None => char::from(byte),
        Some(index) => upper.get(usize::from(index)).copied().unwrap_or('\u{fffd}'),
    }
}

fn is_control(sign: char) -> bool {
    ('\u{80}'..='\u{9f}').contains(&sign)
}

/// The encoding given by a byte-order mark, and the length of the mark.
pub(super) fn marked(bytes: &[u8]) -> Option<(Codec, usize)> {
    Encoding::for_bom(bytes).map(|(encoding, length)| (Codec::Standard(encoding), length))
}

/// The error and advice if the zero bytes at the start of a file contradict the configured encoding.
pub(super) fn contradiction(bytes: &[u8], codec: &Codec) -> Option<(String, String)> {
    if bytes.starts_with(&[0xff, 0xfe, 0, 0]) || bytes.starts_with(&[0, 0, 0xfe, 0xff]) {
        return Some(("it is UTF-32, which netto can't read".to_owned(), "export it as UTF-8".to_owned()));
    }
    if marked(bytes).is_some() {
        return None;
    }
    if let Codec::Standard(encoding) = codec
        && encoding.is_single_byte()
        && let Some(letter) = letter_of_utf8(bytes.get(..LOOKED_AT).unwrap_or(bytes), encoding)
    {
        let bytes = letter.to_string();
        let (wrong, _) = codec.decode(bytes.as_bytes());
        return Some((
            format!(
                "{} is set, but it is UTF-8: `{letter}` would be read as `{wrong}`",
                encoding.name().to_lowercase()
            ),
            "encoding = \"utf-8\" reads it".to_owned(),
        ));
    }
    let start = bytes.get(..4096).unwrap_or(bytes);
    let zeros = |from: usize| start.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let wide = matches!(codec, Codec::Standard(encoding) if *encoding == encoding_rs::UTF_16LE || *encoding == encoding_rs::UTF_16BE);
    let none = even == 0 && odd == 0;
    if wide && none && !start.is_empty() {
        let message = "UTF-16 is set, but no byte of its first lines is zero, so it is another encoding";
        return Some((
            message.to_owned(),
            "the most common ones are encoding = \"utf-8\" and \"windows-1252\"".to_owned(),
        ));
    }
    // Text of Western languages in UTF-16 has a zero in nearly every pair of bytes.
    let mostly = |some: usize, other: usize| some > 2 && some > other * 4 && some * 4 > start.len();
    let (found, set) = match codec {
        Codec::Standard(encoding) if *encoding == encoding_rs::UTF_16LE => (mostly(even, odd), "utf-16be"),
        Codec::Standard(encoding) if *encoding == encoding_rs::UTF_16BE => (mostly(odd, even), "utf-16le"),
        _ if mostly(odd, even) => (true, "utf-16le"),
        _ => (mostly(even, odd), "utf-16be"),
    };
    found.then(|| {
        let every = if wide { "" } else { "every second byte is zero: " };
        (format!("{every}it is {}", set.to_uppercase()), format!("encoding = \"{set}\" reads it"))
    })
}

/// Number of bytes searched for a non-ASCII letter.
const LOOKED_AT: usize = 1 << 20;

/// The first letter that shows the bytes to be UTF-8 instead of the configured encoding; a character truncated at the end
/// doesn't count.
///
/// The letter must exist in the configured encoding (`é`, read as `Ã©`), as that is why someone chose it. A single letter of
/// another script is a coincidence: `Maß` before a hard space gives the N'Ko letter `ߠ`. A text in that script has more.
fn letter_of_utf8(bytes: &[u8], set: &'static Encoding) -> Option<char> {
    if bytes.is_ascii() {
        return None;
    }
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()?,
        Err(_) => return None,
    };
    let mut foreign = BTreeSet::new();
    valid.chars().filter(|sign| !sign.is_ascii() && sign.is_alphabetic()).find(|letter| {
        let (_, _, lacks) = set.encode(letter.encode_utf8(&mut [0; 4]));
        if lacks {
            foreign.insert(*letter);
        }
        !lacks || foreign.len() == LETTERS_OF_A_SCRIPT
    })
}

/// This many different letters are no coincidence.
const LETTERS_OF_A_SCRIPT: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_without_a_mark_is_recognised_by_its_zeros() {
        let utf8 = Codec::named("utf-8").unwrap();
        let little: Vec<u8> = "Order;Netto\r\n1;10\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "Order;Netto\r\n1;10\r\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let said = |bytes: &[u8], codec: &Codec| contradiction(bytes, codec).map(|(_, help)| help);
        assert_eq!(said(&little, &utf8).unwrap(), "encoding = \"utf-16le\" reads it");
        assert_eq!(said(&big, &utf8).unwrap(), "encoding = \"utf-16be\" reads it");
        assert_eq!(said(&little, &Codec::named("utf-16le").unwrap()), None);
        assert_eq!(said(&big, &Codec::named("utf-16le").unwrap()).unwrap(), "encoding = \"utf-16be\" reads it");
        assert!(said(b"Order;Netto\n1;10\n", &Codec::named("utf-16le").unwrap()).unwrap().contains("windows-1252"));
        assert_eq!(said(b"Order;Netto\n1;\x00\x0010\n", &utf8), None);
        assert!(said(&[0xff, 0xfe, 0, 0, b'O', 0, 0, 0], &utf8).unwrap().contains("UTF-8"));
    }

    #[test]
    fn utf_8_in_an_encoding_of_single_bytes_is_no_text() {
        let said =
            |bytes: &[u8], label: &str| contradiction(bytes, &Codec::named(label).unwrap()).map(|(said, _)| said);
        let utf8 = "Klant\nCafé\n".as_bytes();
        assert_eq!(
            said(utf8, "windows-1252").unwrap(),
            "windows-1252 is set, but it is UTF-8: `é` would be read as `Ã©`"
        );
        assert_eq!(said(utf8, "utf-8"), None);
        assert_eq!(said(b"Klant\nCaf\xe9\n", "windows-1252"), None);
        assert_eq!(said(b"Klant\nCafe\n", "windows-1252"), None);
        assert_eq!(
            said("Клиент\nСыр\n".as_bytes(), "windows-1252").unwrap(),
            "windows-1252 is set, but it is UTF-8: `е` would be read as `Ðµ`"
        );
    }

    #[test]
    fn a_letter_of_a_foreign_script_alone_is_chance() {
        let maß = |label: &str, bytes: &[u8]| contradiction(bytes, &Codec::named(label).unwrap());
        assert_eq!(maß("windows-1252", b"Kunde\nMa\xdf\xa0GmbH\nMa\xdf\xa0KG\nMa\xdf\x9c\n"), None);
        assert_eq!(maß("windows-1250", b"Kunde\nMa\xdf\xa0GmbH\n"), None);
    }

    #[test]
    fn bytes_that_an_encoding_leaves_open_are_faults() {
        let lossy = |label: &str, bytes: &[u8]| {
            let (text, lossy) = Codec::named(label).unwrap().decode(bytes);
            (text.into_owned(), lossy)
        };
        assert_eq!(lossy("windows-1252", b"caf\xe9"), ("café".to_owned(), false));
        assert!(lossy("windows-1252", b"\x81").1 && lossy("cp857", b"\xd5").1 && lossy("utf-8", b"caf\xe9").1);
        assert_eq!(lossy("cp437", b"Caf\x82 Zo\x89"), ("Café Zoë".to_owned(), false));
        assert!(Codec::named("hz-gb-2312").is_none() && Codec::named("utf-9").is_none());
    }
}
