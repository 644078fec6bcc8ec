//! CSV settings with a type of their own: a quote that may be `"none"`, and a size with its unit.
//!
//! ```toml
//! [source.order_lines.csv]
//! quote = "none"
//! max_unpacked = "4 GiB"
//! ```

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The sign around fields that contain a delimiter or a line end: one character, or `"none"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    /// This character.
    Sign(char),
    /// No character: quotes are ordinary characters.
    None,
}

impl Quote {
    /// The character, if there is one.
    #[must_use]
    pub const fn sign(self) -> Option<char> {
        match self {
            Self::Sign(sign) => Some(sign),
            Self::None => None,
        }
    }

    fn of(text: &str) -> Option<Self> {
        let mut signs = text.chars();
        match (signs.next(), signs.next()) {
            (Some(sign), None) => Some(Self::Sign(sign)),
            _ => (text == "none").then_some(Self::None),
        }
    }
}

impl fmt::Display for Quote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sign(sign) => write!(f, "{sign}"),
            Self::None => f.write_str("none"),
        }
    }
}

/// A size in bytes, written as `500 MB`, `4 GiB` or `1000000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Bytes.
    pub bytes: u64,
}

const UNITS: [(&str, u64); 8] = [
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("b", 1),
    ("", 1),
];

impl Size {
    fn of(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let digits = text.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit.trim())?;
        Some(Self { bytes: number.parse::<u64>().ok()?.checked_mul(*factor)? })
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} B", self.bytes)
    }
}

/// Reads and writes both types as texts in the configuration.
macro_rules! as_text {
    ($type:ty, $name:literal, $expected:literal) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::of(&text)
                    .ok_or_else(|| serde::de::Error::custom(format!(concat!("`{}` is no ", $expected), text)))
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string" })
            }
        }
    };
}

as_text!(Quote, "Quote", "quote: one character, or \"none\" if quotes are ordinary characters");
as_text!(Size, "Size", "size: a number followed by kB, MB, GB, KiB, MiB or GiB, such as \"4 GiB\"");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_one_character_or_none() {
        let quote = |text: &str| serde_json::from_str::<Quote>(&format!("{text:?}"));
        assert_eq!(quote("'").unwrap(), Quote::Sign('\''));
        assert_eq!(quote("none").unwrap(), Quote::None);
        assert_eq!(serde_json::to_string(&Quote::None).unwrap(), "\"none\"");
        insta::assert_snapshot!(quote("").unwrap_err(), @r#"`` is no quote: one character, or "none" if quotes are ordinary characters"#);
    }

    #[test]
    fn a_size_has_its_unit() {
        let size = |text: &str| Size::of(text).map(|size| size.bytes);
        assert_eq!(size("4 GiB"), Some(4 << 30));
        assert_eq!(size("500MB"), Some(500_000_000));
        assert_eq!(size("12"), Some(12));
        assert_eq!((size("much"), size("-1 GB"), size("99999999999 GiB"), size("")), (None, None, None, None));
        assert_eq!(size(&Size { bytes: 77 }.to_string()), Some(77));
    }
}
