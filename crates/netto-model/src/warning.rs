//! What a controller should know before believing the figures: every crate says it in this one form, `check` and `run` show it
//! with its line of `netto.toml`, and `run --strict` publishes nothing while configuration and data don't agree.
//!
//! ```
//! use netto_model::Warning;
//! let warning = Warning::disagreement("pool_never_booked", "pool `warehouse` is configured, but nothing is booked on it")
//!     .at(["pool", "warehouse"])
//!     .with_help("did you mean `magazijn`?");
//! assert!(warning.strict);
//! assert_eq!(warning.to_string(), "pool `warehouse` is configured, but nothing is booked on it; did you mean `magazijn`?");
//! ```

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Something that doesn't stop a run, but that its reader should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// A name for programs, such as `pool_never_booked`.
    pub code: Cow<'static, str>,
    /// Whether configuration and data don't agree, which is probably a mistake: then `run --strict` refuses it.
    pub strict: bool,
    /// The keys of `netto.toml` that it is about; none where it is about the data alone.
    pub key: Vec<String>,
    /// What was found.
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
}

impl Warning {
    /// The configuration and the data don't agree.
    #[must_use]
    pub fn disagreement(code: &'static str, message: impl Into<String>) -> Self {
        Self { code: Cow::Borrowed(code), strict: true, key: Vec::new(), message: message.into(), help: None }
    }

    /// What is so, and may be meant so.
    #[must_use]
    pub fn note(code: &'static str, message: impl Into<String>) -> Self {
        Self { strict: false, ..Self::disagreement(code, message) }
    }

    /// Says which value of the configuration it is about.
    #[must_use]
    pub fn at<K: Into<String>>(mut self, key: impl IntoIterator<Item = K>) -> Self {
        self.key = key.into_iter().map(Into::into).collect();
        self
    }

    /// Adds the way out.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}
