//! Errors of publishing.

use std::path::{Path, PathBuf};

use netto_model::arrow::ArrowBridgeError;

/// Why tables could not be published. What was published before stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// A file or folder that can't be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file whose content isn't what was written.
    #[error("{path} can't be read as Parquet")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Nothing was published yet.
    #[error("there is no run in {path}")]
    NothingPublished {
        /// Where the last run should be.
        path: PathBuf,
    },
    /// A table that could not be turned into a file.
    #[error("table `{table}` could not be written as {format}")]
    Table {
        /// Table of the contract.
        table: &'static str,
        /// Kind of file.
        format: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A name that isn't a member of its dimension.
    #[error("table `{table}`: its {column} refers to {name}, which is not in `{dimension}`")]
    NoMember {
        /// The published table.
        table: &'static str,
        /// The column with the name.
        column: &'static str,
        /// The name.
        name: String,
        /// The dimension.
        dimension: &'static str,
    },
    /// A database that refused the tables, or went away.
    #[error("{place}: {message}")]
    Database {
        /// The server, and the schema.
        place: String,
        /// Why; in the server's own words, if it gave any.
        message: String,
        /// What to do next.
        help: String,
    },
    /// The report could not be made.
    #[error("the report could not be created")]
    Report(#[from] minijinja::Error),
    /// A table without a column that the report needs.
    #[error("the report could not be created")]
    Data(#[from] polars::prelude::PolarsError),
    /// A conversion that failed.
    #[error(transparent)]
    Bridge(#[from] ArrowBridgeError),
    /// JSON that could not be written.
    #[error("the report's figures could not be written")]
    Json(#[from] serde_json::Error),
}

impl PublishError {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::File { source, .. } => Some(netto_model::disk::help(source).into()),
            Self::Database { help, .. } => Some(format!("{help}. The result published before is unchanged")),
            Self::NothingPublished { .. } => Some("`netto run` publishes one".into()),
            Self::Bridge(_) => Some("was it published by an older version? `netto run` writes the tables again".into()),
            Self::NoMember { .. } => Some("this is a defect of netto: please report it with this message".into()),
            Self::Unreadable { .. } => Some("remove the folder out/ and run again".into()),
            _ => None,
        }
    }
}

/// Names the file in an error of the file system.
pub(crate) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> PublishError + '_ {
    move |source| PublishError::File { path: path.to_owned(), source }
}
