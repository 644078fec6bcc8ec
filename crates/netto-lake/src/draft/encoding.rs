//! Detects the encoding of a file, by its byte-order mark or else by its bytes.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use super::sample::BEGINNING;
use crate::read::encoding::Codec;

/// The text, and its encoding: by the byte-order mark, or else by the bytes.
pub(super) fn decoded(bytes: &[u8]) -> (String, &'static str) {
    let marked = Encoding::for_bom(bytes).map(|(encoding, mark)| (name_of(encoding), mark));
    let (encoding, mark) = marked.unwrap_or_else(|| (encoding_of(bytes), 0));
    let codec = Codec::named(encoding).unwrap_or(Codec::UTF_8);
    let (text, _) = codec.decode(&bytes[mark..]);
    // The last line may be incomplete.
    let whole =
        if bytes.len() as u64 == BEGINNING { text.rfind('\n').map_or(text.len(), |end| end + 1) } else { text.len() };
    (text[..whole].to_owned(), encoding)
}

fn name_of(encoding: &'static Encoding) -> &'static str {
    if encoding == UTF_16LE {
        "utf-16le"
    } else if encoding == UTF_16BE {
        "utf-16be"
    } else {
        "utf-8"
    }
}

fn encoding_of(bytes: &[u8]) -> &'static str {
    let zeros = |from: usize| bytes.iter().skip(from).step_by(2).filter(|&&byte| byte == 0).count();
    let many = bytes.len() / 8;
    if many > 0 && bytes.contains(&0) {
        if zeros(1) > many {
            return "utf-16le";
        }
        if zeros(0) > many {
            return "utf-16be";
        }
    }
    let cut_at_the_end = |error: &std::str::Utf8Error| error.error_len().is_none();
    match std::str::from_utf8(bytes) {
        Ok(_) => "utf-8",
        Err(error) if cut_at_the_end(&error) => "utf-8",
        Err(_) => by_letters(bytes),
    }
}

/// Encodings with one byte per character, the most common first.
const OF_ONE_BYTE: [&str; 6] = ["windows-1252", "windows-1254", "windows-1250", "cp850", "cp852", "cp857"];
/// Maximum number of lines with other than ASCII letters to examine.
const LETTERED: usize = 1_000;

/// The encoding with the fewest signs in the place of a letter: `Caf‚` and `w³asny` are not words.
fn by_letters(bytes: &[u8]) -> &'static str {
    let lines: Vec<&[u8]> =
        bytes.split(|&byte| byte == b'\n' || byte == b'\r').filter(|line| !line.is_ascii()).take(LETTERED).collect();
    let odd = |name: &&str| {
        let odd_in = |text: &str| odd_signs(text) + if WESTERN.contains(name) { letters_of_others(text) } else { 0 };
        let decoded = |codec: &Codec| lines.iter().map(|line| codec.decode(line).0 + "\n").collect::<String>();
        Codec::named(name).map_or(usize::MAX, |codec| odd_in(&decoded(&codec)))
    };
    // Among equals, the first one is used.
    OF_ONE_BYTE.into_iter().min_by_key(odd).unwrap_or("windows-1252")
}

/// Encodings with letters of western languages in the place of the Hungarian and Croatian ones of Windows-1250. The first also has Icelandic letters
/// in the place of Turkish ones.
const WESTERN: [&str; 2] = ["windows-1252", "windows-1254"];

/// Counts letters that show another language: `ð` and `þ` mean `ğ` and `ş` in a text without the vowels that are frequent in Icelandic; `õ` and `û` mean
/// `ő` and `ű` in a text without the other letters of Portuguese, Estonian and French; `è` and `æ` beside `š` and `ž` mean `č` and `ć`.
fn letters_of_others(text: &str) -> usize {
    let text = text.to_lowercase();
    let count = |letters: &[char], beside: &[char]| {
        if text.contains(beside) { 0 } else { text.chars().filter(|sign| letters.contains(sign)).count() }
    };
    let is_slavic = text.contains(['š', 'ž']);
    count(&['ð', 'þ'], &['á', 'é', 'í', 'ó', 'ú', 'æ'])
        + count(&['õ', 'û'], &['ã', 'ä', 'ç', 'à', 'â', 'è', 'ê', 'î', 'ô', 'œ', 'ñ'])
        + if is_slavic { count(&['è', 'æ'], &['à', 'å', 'ç', 'ê', 'î', 'ô', 'ø']) } else { 0 }
}

/// Counts signs within words, and capitals after small letters.
fn odd_signs(text: &str) -> usize {
    const WITHIN_WORDS: [char; 5] = ['’', '‘', '·', '\u{ad}', '\u{a0}'];
    const NEVER_BEHIND_LETTERS: [char; 20] =
        ['ƒ', 'ˇ', '˘', '˙', '˝', '˛', '‚', '„', '‰', '‡', '†', '¢', '£', '¥', '¤', '¿', '¡', '¬', 'ˆ', '˜'];
    let signs: Vec<char> = text.chars().collect();
    let at = |place: Option<usize>| place.and_then(|place| signs.get(place)).copied().unwrap_or(' ');
    let is_odd = |(place, sign): (usize, &char)| {
        let (before, behind) = (at(place.checked_sub(1)), at(Some(place + 1)));
        let is_no_text = sign.is_control() || matches!(sign, '\u{fffd}' | '\u{2500}'..='\u{259f}');
        let is_letter = sign.is_alphabetic();
        let misplaced = NEVER_BEHIND_LETTERS.contains(sign) && before.is_alphabetic()
            || is_letter && sign.is_uppercase() && (before.is_lowercase() || before.is_uppercase() && behind.is_lowercase())
            // Italian and French words end with these letters: più, où. `Odbìratel` is not a word.
            || matches!(sign, 'ì' | 'ù') && behind.is_alphabetic()
            || matches!(sign, 'ª' | 'º') && before.is_alphabetic() && behind.is_alphabetic()
            // m³ and 5° are correct, ³ódź is not.
            || !is_letter && behind.is_alphabetic() && (before.is_alphabetic() || sign.is_numeric());
        !sign.is_ascii() && !WITHIN_WORDS.contains(sign) && (is_no_text || misplaced)
    };
    signs.iter().enumerate().filter(|sign| is_odd(*sign)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_told_by_the_bytes() {
        let encoding = encoding_of;
        assert_eq!(encoding("a;b\n1;é\n".as_bytes()), "utf-8");
        assert_eq!(encoding(b"a;b\n1;caf\xe9\n"), "windows-1252");
        assert_eq!(encoding(b"a;b\n1;5 m\xb3 caf\xe9 l\x92eau\n"), "windows-1252");
        assert_eq!(encoding(b"a;b\n1;caf\x82 Zo\x89\n"), "cp850");
        assert_eq!(encoding(b"a;b\n1;koszt w\xb3asny\n"), "windows-1250");
        assert_eq!(encoding(b"a;b\n1;Odb\xecratel\n"), "windows-1250");
        assert_eq!(encoding(b"a;b\n1;pi\xf9 caff\xe8 luned\xec\n"), "windows-1252");
        assert_eq!(encoding(b"a;b\n1;sprzeda\xbe \xa5 koszt w\x88asny zap\x88ata za m\xa5k\xa9\n"), "cp852");
        assert_eq!(encoding(b"a;b\n1;\xd6zt\xfcrk Kar\xfee\xfeehir da\xf0\xfdt\xfdm\n"), "windows-1254");
        assert_eq!(encoding(b"a;b\n1;Sigur\xf0ur \xdeorl\xe1ksson\n"), "windows-1252");
        assert_eq!(encoding(b"a;b\n1;\x99zt\x81rk Kar\x9fe\x9fehir da\xa7\x8dt\x8dm\n"), "cp857");
        assert_eq!(encoding(b"a;b\n1;V\xedzvezet\xe9k-szerel\xf5 \xe9s f\xfbt\xe9s\n"), "windows-1250");
        assert_eq!(encoding(b"a;b\n1;Cam\xf5es e Magalh\xe3es\n"), "windows-1252");
        assert_eq!(encoding(b"a;b\n1;l'ao\xfbt \xe0 c\xf4t\xe9\n"), "windows-1252");
        assert_eq!(encoding(b"a;b\nBroj ra\xe8una;\x8aifra kupca;Koli\xe8ina\n"), "windows-1250");
        assert_eq!(encoding(b"N\xa3mero;Art\xa1culo\n"), "cp850");
        let wide: Vec<u8> = "a;b\n1;é\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(encoding(&wide), "utf-16le");
    }
}
