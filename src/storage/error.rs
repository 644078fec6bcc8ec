//! The errors of sending to and fetching from object storage.

use std::io;
use std::path::PathBuf;

/// An error of sending or fetching.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StorageError {
    /// No storage is configured.
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
    #[error("the Python `{python}` has no working library for {at}: {why}")]
    NoLibrary { python: PathBuf, at: String, library: &'static str, why: String },
    /// The account has no permission.
    #[error("{at} denies access: {why}")]
    NoRight { at: String, why: String },
    /// Any other error of the library.
    #[error("working with {at} failed (step `{step}`): {why}")]
    Failed { at: String, step: String, why: String },
    /// The program exited without an answer.
    #[error("the program for {at} ended ({status}) with no other message than: {said}")]
    Broken { at: String, status: String, said: String },
    /// A log entry differs from the local one, as something else writes to the storage.
    #[error("another machine or program wrote to {at}: `{entry}` doesn't belong to this lake")]
    AnotherWriter { at: String, entry: String },
    /// A local log entry is missing from the storage.
    #[error("the local lake has an entry that {at} doesn't have: `{entry}`")]
    Ahead { at: String, entry: String },
    /// No run has published anything here.
    #[error("nothing was published here yet")]
    NoResult,
    /// Nothing was sent there yet.
    #[error("there are no netto data at {at}")]
    Nothing { at: String },
    /// The content of the storage isn't what netto wrote.
    #[error("{at} is damaged: {what}")]
    Damaged { at: String, what: String },
    /// A local file can't be read or written.
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
                "the account needs the right to list, read, write and remove files there; readers still see the earlier result".into()
            }
            Self::Failed { .. } | Self::Broken { .. } => {
                "check [storage] at, the variables with endpoint and keys, and the network; readers still see the earlier result, and `netto push` continues from what is there".into()
            }
            Self::AnotherWriter { .. } => {
                "only one machine at a time may write to a location: continue from it with `netto pull` in a new folder, or name another location in [storage] at".into()
            }
            Self::NoResult => "`netto run` publishes a result and copies it there".into(),
            Self::Ahead { .. } => "`netto push` copies it there; or pull into a new folder".into(),
            Self::Nothing { .. } => "run `netto push` on the machine that has the data, or correct [storage] at".into(),
            Self::Damaged { .. } => "run `netto push` on the machine that the data came from to repair it".into(),
            Self::File { source, .. } => netto_model::disk::help(source).into(),
        }
    }

    /// The key within `[storage]` that caused it.
    pub(crate) const fn setting(&self) -> Option<&'static str> {
        match self {
            Self::NoPython { .. } | Self::NoLibrary { .. } => Some("python"),
            Self::NotSet => Some("at"),
            _ => None,
        }
    }
}
