//! A TOML file of the user, `netto.toml` or a scenario, with its text, so that an error is shown with its line.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use netto_model::Problem;
use netto_model::problem::did_you_mean;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::failure::{Failure, Message};

/// Size limit; nobody writes a larger file by hand.
const LONGEST: u64 = 16 << 20;

/// The file and its text.
#[derive(Debug)]
pub(crate) struct Document {
    file: String,
    text: String,
}

impl Document {
    /// Reads the text.
    ///
    /// # Errors
    /// When there is no such file; `help` is the advice.
    pub(crate) fn read(path: &Path, help: &str) -> Result<Self, Failure> {
        let mut text = String::new();
        let read = File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text));
        let read = read.map_err(|error| Failure::usage(format!("{} can't be read: {error}", path.display()), help))?;
        if u64::try_from(read).is_ok_and(|read| read > LONGEST) {
            let what = format!("{} is not a configuration: it is larger than {} MiB", path.display(), LONGEST >> 20);
            return Err(Failure::usage(what, help));
        }
        Ok(Self::new(&path.display().to_string(), text))
    }

    /// A document from a text.
    pub(crate) fn new(file: &str, text: String) -> Self {
        Self { file: file.to_owned(), text }
    }

    /// Parses the values; `subject` is the name of this kind of file in `netto schema`.
    ///
    /// # Errors
    /// When the text isn't TOML, or has an unknown key.
    pub(crate) fn parse<T: DeserializeOwned>(&self, subject: &str) -> Result<T, Failure> {
        toml::from_str(&self.text).map_err(|error| self.syntax_fault(subject, &error))
    }

    /// Fails if there are problems.
    ///
    /// # Errors
    /// Every problem, each with its line.
    pub(crate) fn refuse(&self, problems: Vec<Problem>) -> Result<(), Failure> {
        if problems.is_empty() { Ok(()) } else { Err(Failure::config(self.faults(problems))) }
    }

    /// Each problem with its line.
    pub(crate) fn faults(&self, problems: Vec<Problem>) -> Vec<Message> {
        let document = DeTable::parse(&self.text).ok();
        let place = |problem: &Problem| document.as_ref().and_then(|root| find(root.get_ref(), &problem.key));
        let fault = |problem: Problem| {
            let span = place(&problem).unwrap_or(0..0);
            Message::at(&self.file, &self.text, span, problem.message, problem.help)
        };
        problems.into_iter().map(fault).collect()
    }

    /// The line of a key, counted from one; if the key is missing, that of the nearest enclosing table.
    pub(crate) fn line(&self, key: &[String]) -> Option<usize> {
        let document = DeTable::parse(&self.text).ok()?;
        let place = find(document.get_ref(), key)?;
        Some(self.text.get(..place.start)?.matches('\n').count() + 1)
    }

    /// The text as it was read.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The whole file.
    pub(crate) fn whole(&self) -> toml::Table {
        toml::from_str(&self.text).unwrap_or_default()
    }

    /// Whether the file itself has the key.
    pub(crate) fn has(&self, key: &[&str]) -> bool {
        self.value(key).is_some()
    }

    /// A table of the file, without defaults.
    pub(crate) fn table(&self, key: &[&str]) -> Option<toml::Table> {
        if let toml::Value::Table(table) = self.value(key)? { Some(table) } else { None }
    }

    /// The index of a text in a list, as a key.
    pub(crate) fn item(&self, key: &[&str], text: &str) -> Option<String> {
        let toml::Value::Array(items) = self.value(key)? else { return None };
        Some(items.iter().position(|item| item.as_str() == Some(text))?.to_string())
    }

    fn value(&self, key: &[&str]) -> Option<toml::Value> {
        let root = toml::from_str::<toml::Value>(&self.text).ok()?;
        key.iter().try_fold(&root, |value, part| value.get(part)).cloned()
    }

    /// The parser's error, with the nearest name if a name is unknown.
    fn syntax_fault(&self, subject: &str, error: &toml::de::Error) -> Failure {
        let message = error.message().trim_end().to_owned();
        if message.starts_with("unknown field `password`") {
            // The line has the secret, so it isn't shown.
            let help = "use password_env = \"NAME\" for an environment variable that holds it, or password_file = \"…\" for a file";
            return Failure::usage(format!("{}: a password doesn't belong in a configuration", self.file), help);
        }
        let unknown = message.starts_with("unknown field") || message.starts_with("unknown variant");
        let mut quoted = message.split('`').skip(1).step_by(2);
        let help = match (unknown, quoted.next()) {
            (true, Some(word)) => did_you_mean(word, quoted).map(|near| format!("did you mean `{near}`?")),
            _ => None,
        };
        let help = help.or_else(|| Some(format!("`netto schema {subject}` shows every key with its meaning")));
        Failure::config(vec![Message::at(&self.file, &self.text, error.span().unwrap_or(0..0), message, help)])
    }
}

/// The position of a key; if it is missing, that of the nearest enclosing table.
fn find(table: &DeTable<'_>, key: &[String]) -> Option<Range<usize>> {
    let (first, rest) = key.split_first()?;
    let (name, value): (&Spanned<_>, &Spanned<DeValue<'_>>) =
        table.iter().find(|(name, _)| name.get_ref().as_ref() == first.as_str())?;
    let here =
        if rest.is_empty() && !matches!(value.get_ref(), DeValue::Table(_)) { value.span() } else { name.span() };
    Some(within(value, rest).unwrap_or(here))
}

/// In an array the key is the index of the item, from zero.
fn within(value: &Spanned<DeValue<'_>>, key: &[String]) -> Option<Range<usize>> {
    match value.get_ref() {
        DeValue::Table(table) => find(table, key),
        DeValue::Array(items) => {
            let (index, rest) = key.split_first()?;
            let item = items.get(index.parse::<usize>().ok()?)?;
            Some(within(item, rest).unwrap_or_else(|| item.span()))
        }
        _ => None,
    }
}
