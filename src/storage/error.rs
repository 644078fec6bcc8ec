//! Why nothing was sent to object storage, or fetched from it.

use std::io;
use std::path::PathBuf;

/// Why nothing was sent or fetched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StorageError {
    /// Nobody said where it is.
    #[error("there is no [storage] in netto.toml")]
    NotSet,
    /// Python can't be started.
    #[error("Python can't be started as `{python}`: {source}")]
    NoPython {
        python: PathBuf,
        #[source]
        source: io::Error,
    },
    /// A Python without the library.
    #[error("the Python `{python}` has no library for {at} that works: {why}")]
    NoLibrary { python: PathBuf, at: String, library: &'static str, why: String },
    /// The account may not.
    #[error("{at} doesn't allow it: {why}")]
    NoRight { at: String, why: String },
    /// Whatever else the library says.
    #[error("{at} could not be worked on (step `{step}`): {why}")]
    Failed { at: String, step: String, why: String },
    /// The program ended without an answer.
    #[error("the program for {at} ended ({status}) and said nothing but: {said}")]
    Broken { at: String, status: String, said: String },
    /// An entry of a log that isn't what is here: somebody else writes there.
    #[error("somebody else wrote to {at}: `{entry}` is not of this lake")]
    AnotherWriter { at: String, entry: String },
    /// An entry of a log here that isn't there.
    #[error("the lake here has what {at} doesn't have: `{entry}`")]
    Ahead { at: String, entry: String },
    /// No run has published anything here.
    #[error("nothing was published here yet")]
    NoResult,
    /// Nothing was sent there yet.
    #[error("nothing of netto is at {at}")]
    Nothing { at: String },
    /// What is there isn't what netto put there.
    #[error("{at} is damaged: {what}")]
    Damaged { at: String, what: String },
    /// A file here can't be read or written.
    #[error("{path} can't be read or written")]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl StorageError {
    /// What to do next.
    pub(crate) fn help(&self) -> String {
        match self {
            Self::NotSet => "add it: [storage] at = \"s3://bucket/netto\"".into(),
            Self::NoPython { .. } => {
                "name a Python that has the library for the storage: [storage] python = \"/opt/netto/bin/python\"".into()
            }
            Self::NoLibrary { python, library, .. } => format!("install it: {} -m pip install {library}", python.display()),
            Self::NoRight { .. } => {
                "the account needs the right to list, read, write and remove below that place; readers there see what they saw before".into()
            }
            Self::Failed { .. } | Self::Broken { .. } => {
                "look at [storage] at, at the variables with endpoint and keys, and at the network; readers there see what they saw before, and `netto push` goes on from what is there".into()
            }
            Self::AnotherWriter { .. } => {
                "one machine at a time writes to a place: go on from what is there with `netto pull` in a new folder, or name another place in [storage] at".into()
            }
            Self::NoResult => "`netto run` publishes a result, and sends it".into(),
            Self::Ahead { .. } => "`netto push` sends it; or pull into a new folder".into(),
            Self::Nothing { .. } => "`netto push` sends it, on the machine that has it; or correct [storage] at".into(),
            Self::Damaged { .. } => "`netto push` mends it, on the machine that it came from".into(),
            Self::File { source, .. } => netto_model::disk::help(source).into(),
        }
    }

    /// The key within `[storage]` that it is about.
    pub(crate) const fn setting(&self) -> Option<&'static str> {
        match self {
            Self::NoPython { .. } | Self::NoLibrary { .. } => Some("python"),
            Self::NotSet => Some("at"),
            _ => None,
        }
    }
}
