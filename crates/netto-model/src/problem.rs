//! What is wrong with the configuration, and at which key: every crate checks its own part and says so in
//! this one form, and the command line shows the line of `netto.toml`.

/// A fault in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// The keys that lead to the value, such as `["activity", "picking", "minutes"]`.
    pub key: Vec<String>,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
}

impl Problem {
    /// A problem at a key.
    pub fn at<K: Into<String>>(key: impl IntoIterator<Item = K>, message: impl Into<String>) -> Self {
        Self { key: key.into_iter().map(Into::into).collect(), message: message.into(), help: None }
    }

    /// Adds the way out.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A path that leaves the project by `..`: who means a place outside says so in full.
#[must_use]
pub fn leaves_project(path: &str) -> Option<(String, &'static str)> {
    let path = std::path::Path::new(path);
    let up = path.components().any(|part| part == std::path::Component::ParentDir);
    let said = || format!("`{}` points outside the project", path.display());
    (up && !path.is_absolute())
        .then(|| (said(), "use the full path for files outside the project, such as /data/extracts/*.csv"))
}

/// Whether an address holds what nobody else should know, such as a token or the key of an account: the configuration is no place for it, and no message
/// may show its line.
#[must_use]
pub fn holds_secret(address: &str) -> bool {
    let address = address.to_lowercase();
    let account = address.split_once("://").and_then(|(_, rest)| rest.split('/').next()?.rsplit_once('@'));
    account.is_some_and(|(account, _)| account.contains(':'))
        || ["token=", "key=", "secret=", "password=", "sig=", "signature="].iter().any(|named| address.contains(named))
}

/// The known name that `word` was probably meant to be: within a third of its letters.
#[must_use]
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&word.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= name.len().max(word.len()).div_ceil(3))
        .min()
        .map(|(_, name)| name)
}

/// What to do about a word that is none of the known ones: `did you mean `Small`? tiers are Top, Large, Medium, Small`.
#[must_use]
pub fn one_of_these(word: &str, what: &str, known: &[&str]) -> String {
    let near = did_you_mean(word, known.iter().copied()).map(|near| format!("did you mean `{near}`? "));
    format!("{}{what} are {}", near.unwrap_or_default(), known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, holds_secret, leaves_project};

    #[test]
    fn a_path_stays_in_the_project_unless_it_is_given_in_full() {
        assert!(leaves_project("extracts/../../secret/*.csv").unwrap().0.contains("points outside the project"));
        assert_eq!([leaves_project("extracts/*.csv"), leaves_project("/data/../secret.csv")], [None, None]);
        assert_eq!(leaves_project("extracts/lines..csv"), None);
    }

    #[test]
    fn an_address_with_a_token_or_a_key_is_known_and_the_name_of_an_account_is_none() {
        let with = ["sc://host:15002/;Token=abc", "s3://AKIA:abc@bucket/netto", "abfs://box@account/x?sig=abc"];
        assert_eq!(with.map(holds_secret), [true; 3]);
        let without = ["sc://host:15002/;use_ssl=true", "abfs://box@account.dfs.core.windows.net/a:b", "s3://bucket"];
        assert_eq!(without.map(holds_secret), [false; 3]);
    }

    #[test]
    fn a_typing_error_finds_the_name_and_another_word_does_not() {
        let known = ["customer_id", "quantity", "channel"];
        assert_eq!(did_you_mean("quantty", known), Some("quantity"));
        assert_eq!(did_you_mean("Chanel", known), Some("channel"));
        assert_eq!(did_you_mean("warehouse", known), None);
    }
}
