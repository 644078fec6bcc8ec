//! Translates the report: the code contains the English messages, each with named values, and `languages/` the translations, keyed by the English message.
//!
//! ```text
//! say!(format, "{share} of the orders lose money", share = format.percent(…))
//! nl.json   "{share} of the orders lose money": "{share} van de orders is verliesgevend"
//! ```
//! A test reads the code: each catalogue must have each message, with the same values, and no message that the code doesn't use.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use netto_model::Language;

/// Translations by the English message.
pub(super) type Catalogue = BTreeMap<String, String>;

static ENGLISH: Catalogue = BTreeMap::new();
static DUTCH: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../../languages/nl.json")));
static GERMAN: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../../languages/de.json")));

/// An unreadable catalogue counts as empty; a test detects it.
fn read(text: &str) -> Catalogue {
    serde_json::from_str(text).unwrap_or_default()
}

/// The conventions of a language.
pub(super) trait Written: Copy {
    /// The decimal sign and the thousands separator.
    fn separators(self) -> (char, char);
    /// Date format.
    fn dates(self) -> &'static str;
    /// The suffix of a percentage.
    fn percent_sign(self) -> &'static str;
    /// An amount with its currency: EUR 1,235; 1.235 EUR.
    fn with_currency(self, currency: &str, amount: &str) -> String;
    fn catalogue(self) -> &'static Catalogue;
    /// A message in this language; in English if the catalogue lacks it.
    fn say(self, message: &str) -> &str;
}

impl Written for Language {
    fn separators(self) -> (char, char) {
        match self {
            Self::En => ('.', ','),
            Self::Nl | Self::De => (',', '.'),
        }
    }

    fn dates(self) -> &'static str {
        match self {
            Self::En => "%Y-%m-%d",
            Self::Nl => "%d-%m-%Y",
            Self::De => "%d.%m.%Y",
        }
    }

    fn percent_sign(self) -> &'static str {
        match self {
            Self::Nl => "%",
            Self::En | Self::De => "\u{a0}%",
        }
    }

    fn with_currency(self, currency: &str, amount: &str) -> String {
        match self {
            Self::En | Self::Nl => format!("{currency}\u{a0}{amount}"),
            Self::De => format!("{amount}\u{a0}{currency}"),
        }
    }

    fn catalogue(self) -> &'static Catalogue {
        match self {
            Self::En => &ENGLISH,
            Self::Nl => &DUTCH,
            Self::De => &GERMAN,
        }
    }

    fn say(self, message: &str) -> &str {
        self.catalogue().get(message).map_or(message, String::as_str)
    }
}

/// A message with its values: `{n} orders` as 12 orders.
pub(super) fn filled(message: &str, values: &[(&str, String)]) -> String {
    let mut said = String::new();
    let mut rest = message;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, tail)| Some((before, tail.split_once('}')?)))
    {
        said += before;
        said += values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        rest = after;
    }
    said + rest
}

/// A message and its named values, in the language of the report.
macro_rules! say {
    ($format:expr, $message:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $format.message($message, &[$((stringify!($name), ToString::to_string(&$value))),*])
    };
}

/// A message for one, and another for any other number `{n}`.
macro_rules! several {
    ($format:expr, $number:expr, $one:literal, $many:literal $(, $name:ident = $value:expr)* $(,)?) => {{
        let number = i128::from($number);
        let message = if number == 1 { $one } else { $many };
        $format.message(message, &[("n", $format.grouped(number)) $(, (stringify!($name), ToString::to_string(&$value)))*])
    }};
}

/// Marks a single word as a message, because it doesn't look like one.
macro_rules! word {
    ($message:literal) => {
        $message
    };
}

pub(super) use {say, several, word};

/// A message to translate later, or a text that needs no translation, such as a name.
#[derive(Clone, Debug)]
pub(super) enum Text {
    Message(&'static str),
    Said(String),
}

impl Text {
    pub(super) fn in_language(&mut self, language: Language) {
        if let Self::Message(message) = self {
            *self = Self::Said(language.say(message).to_owned());
        }
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Message(message) => message,
            Self::Said(text) => text,
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::Message("")
    }
}

impl From<&'static str> for Text {
    fn from(message: &'static str) -> Self {
        Self::Message(message)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Said(text)
    }
}

impl serde::Serialize for Text {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::report::tests::{finding, m, n, one_customer, replace, rows, t};
    use crate::report::visits::DAYS;
    use crate::report::words::WORDS;
    use crate::report::{Meta, ReportConfig, render};
    use netto_model::{column as c, contract};

    /// Literals that look like messages but aren't.
    const NONE: [&str; 5] = ["service drain", "{counted} {read}", "{first} – {last}", "(not sold)", "\u{a0}%"];
    /// Prefixes of the style sheet's classes.
    const CLASSES: [&str; 4] = ["left", "layer", "heat", "status"];

    /// The string literals of a Rust file up to its tests, each with whether it is marked as a message.
    fn literals(code: &str) -> Vec<(String, bool)> {
        let code = code.split("#[cfg(test)]\nmod tests").next().unwrap();
        let (mut found, mut rest, mut marked) = (Vec::new(), code, 0);
        while let Some(place) = rest.find(['"', '/']) {
            let (before, tail) = rest.split_at(place);
            for (mark, literals) in [("word!(", 1), ("say!(", 1), ("several!(", 2)] {
                marked = if before.contains(mark) { literals } else { marked };
            }
            if tail.starts_with("//") {
                rest = tail.split_once('\n').map_or("", |(_, after)| after);
            } else if tail.starts_with('/') || before.ends_with('\'') {
                rest = &tail[1..];
            } else if before.ends_with("r#") {
                rest = tail.split_once("\"#").map_or("", |(_, after)| after);
            } else {
                let mut end = 1;
                while !tail[end..].starts_with('"') {
                    end +=
                        if tail[end..].starts_with('\\') { 2 } else { tail[end..].chars().next().unwrap().len_utf8() };
                }
                if !before.ends_with("reason = ") {
                    found.push((unescaped(&tail[1..end]), marked > 0));
                }
                marked -= i32::from(marked > 0);
                rest = &tail[end + 1..];
            }
        }
        found
    }

    fn unescaped(literal: &str) -> String {
        let mut lines = literal.split("\\\n");
        let first = lines.next().unwrap_or_default().to_owned();
        let joined = lines.fold(first, |text, line| text + line.trim_start());
        joined.replace("\\\"", "\"").replace("\\u{a0}", "\u{a0}")
    }

    /// Whether a text is for readers: several words, or one that begins with a capital.
    fn is_prose(text: &str) -> bool {
        let words =
            text.trim().contains(' ') && text.as_bytes().windows(2).any(|two| two.iter().all(u8::is_ascii_lowercase));
        let code = ["{}", "{:", "<", ".html"].iter().any(|part| text.contains(part));
        let class = CLASSES.iter().any(|class| text.starts_with(class));
        (words || text.starts_with(|first: char| first.is_ascii_uppercase())) && !code && !class
    }

    /// The texts between a start mark and an end mark, in a template or script.
    fn between<'a>(text: &'a str, mark: &str, end: char) -> Vec<&'a str> {
        text.split(mark).skip(1).filter_map(|rest| rest.split(end).next()).collect()
    }

    /// The first two literals of a script's text: the two messages of `several`.
    fn two_literals(text: &str) -> impl Iterator<Item = String> {
        let text = text.replace("\\'", "’");
        let literals: Vec<String> =
            text.split('\'').skip(1).step_by(2).take(2).map(|text| text.replace('’', "'")).collect();
        literals.into_iter()
    }

    /// All messages of the code, of templates and scripts, and the words of the marts.
    fn messages() -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report");
        let mut found: BTreeSet<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
        let files =
            |folder: &Path| std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect::<Vec<_>>();
        for path in files(&folder).into_iter().chain(files(&folder.join("templates"))).filter(|path| path.is_file()) {
            let text = std::fs::read_to_string(&path).unwrap();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("rs") if path.ends_with("words.rs") => {}
                Some("rs") => {
                    let said = literals(&text).into_iter().filter(|(text, marked)| *marked || is_prose(text));
                    found.extend(said.map(|(text, _)| text));
                }
                _ => {
                    found.extend(between(&text, "say(\"", '"').into_iter().map(str::to_owned));
                    let plain = text.replace("\\'", "’");
                    found.extend(between(&plain, "say('", '\'').into_iter().map(|text| text.replace('’', "'")));
                    found.extend(text.split("several(").skip(1).flat_map(two_literals));
                }
            }
        }
        found.retain(|text| !NONE.contains(&text.as_str()));
        found
    }

    fn values(message: &str) -> BTreeSet<&str> {
        between(message, "{", '}').into_iter().collect()
    }

    #[test]
    fn every_message_of_the_code_is_in_every_catalogue_with_its_values_and_no_other() {
        let messages = messages();
        assert!(messages.len() > 600, "{messages:?}");
        for language in [Language::Nl, Language::De] {
            let known: BTreeSet<String> = language.catalogue().keys().cloned().collect();
            let missing: Vec<_> = messages.difference(&known).collect();
            let unused: Vec<_> = known.difference(&messages).collect();
            assert!(
                missing.is_empty() && unused.is_empty(),
                "{language:?} lacks {missing:#?} and nobody says {unused:#?}"
            );
            for (message, said) in language.catalogue() {
                assert_eq!(values(message), values(said), "{language:?}: {message}");
                assert!(!said.trim().is_empty(), "{language:?}: {message}");
            }
        }
    }

    #[test]
    fn the_words_of_the_contract_are_messages() {
        let lists = [
            contract::TIERS,
            contract::MOVEMENTS,
            contract::QUADRANTS,
            contract::ATTENTION_STATUSES,
            contract::PARTS_OF_DAY,
            contract::GOAL_STATUSES,
            &DAYS,
        ];
        let headline = [true, false].into_iter().flat_map(contract::headline).map(|(label, _)| label);
        let sources = contract::SOURCES.iter().map(|source| source.name);
        let all = lists.into_iter().flatten().copied().chain(headline).chain(sources).filter(|word| !word.is_empty());
        for word in all {
            assert!(DUTCH.contains_key(word), "{word}");
        }
    }

    #[test]
    fn sentences_of_the_remedies_are_messages() {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../netto-model/models/remedies/remedy_option.sql");
        let text = std::fs::read_to_string(models).unwrap().replace("''", "’");
        for sentence in between(&text, "then '", '\'').into_iter().filter(|text| text.ends_with('.')) {
            assert!(DUTCH.contains_key(&sentence.replace('’', "'")), "{sentence}");
        }
    }

    #[test]
    fn a_report_in_german_has_german_words_numbers_and_dates() {
        let mut marts = one_customer();
        let tier = vec![(c::TIER, t("Small")), (c::CUSTOMERS, n(1_234)), (c::NET_PROFIT, m(-56_789))];
        replace(&mut marts, contract::model("pyramid"), rows(contract::model("pyramid"), vec![tier]));
        let meta = Meta { company: "Co".into(), currency: "EUR".into(), version: "0".into(), run: "1".into() };
        let config = ReportConfig { language: Language::De, ..ReportConfig::default() };
        let html = render(&marts, &config, &meta).unwrap();
        assert!(
            html.contains("<html lang=\"de\">") && html.contains("01.03.2025 – 31.03.2025 · Beträge in EUR"),
            "{html}"
        );
        assert!(
            finding(&html, "pyramid").ends_with("; 1.234 kleine bringen zusammen 56.789 EUR Verlust"),
            "{}",
            finding(&html, "pyramid")
        );
        let html = html.split("id=\"data\"").next().unwrap();
        assert!(html.contains(">Klein<") && html.contains("<dt>Rechnungsumsatz</dt>") && !html.contains("Net profit"));
    }

    #[test]
    fn a_value_is_never_read_as_a_place_for_another() {
        let said = filled("{customer} lost {n}", &[("customer", "A {n} B".into()), ("n", "3".into())]);
        assert_eq!(said, "A {n} B lost 3");
    }
}
