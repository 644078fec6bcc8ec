//! Why Spark gave no rollups.

use std::io;
use std::path::PathBuf;

use netto_model::Period;

/// Why Spark gave no rollups, at which step.
#[derive(Debug, thiserror::Error)]
pub enum SparkError {
    /// Nobody said where it is.
    #[error("no Spark cluster is configured to compute the rollups")]
    NoRemote,
    /// Python can't be started.
    #[error("Python can't be started as `{python}`: {source}")]
    NoPython {
        /// As it was called.
        python: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A Python without Spark's client, or with one that doesn't work.
    #[error("the Python `{python}` has no working Spark client: {why}")]
    NoClient {
        /// As it was called.
        python: PathBuf,
        /// What it said.
        why: String,
    },
    /// Nobody answers there, or not as Spark.
    #[error("no Spark Connect server answers{}: {why}", remote.as_ref().map(|remote| format!(" at {remote}")).unwrap_or_default())]
    NoServer {
        /// Its address, where the configuration names it.
        remote: Option<String>,
        /// What the client said.
        why: String,
    },
    /// A text that Spark can't compute.
    #[error("Spark could not compute `{step}`: {why}")]
    Query {
        /// Name of the text.
        step: String,
        /// What Spark said.
        why: String,
        /// Where the texts are.
        job: PathBuf,
    },
    /// The client ended without an answer.
    #[error("Spark's client ended ({status}) with no other message than: {said}")]
    Broken {
        /// Its exit code, or the signal.
        status: String,
        /// Its last line.
        said: String,
    },
    /// What is exchanged can't be written or read.
    #[error("{path} can't be shared with Spark")]
    Exchange {
        /// File or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What Spark wrote isn't here.
    #[error("Spark wrote {written} rows of `{table}`, but {folder} has {found}")]
    Unseen {
        /// Name of the text.
        table: String,
        /// Rows, as Spark counts them.
        written: usize,
        /// Rows that are here.
        found: usize,
        /// Where they should be.
        folder: PathBuf,
    },
    /// Spark read other lines than the lake holds.
    #[error("Spark has {found} order lines of {period}, but the lake has {expected}")]
    OtherLines {
        /// Month.
        period: Period,
        /// What Spark has.
        found: i64,
        /// What the files of the lake have.
        expected: i64,
    },
}

impl SparkError {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::NoRemote => "set [spark] remote = \"sc://host:15002\" in netto.toml, or the variable SPARK_REMOTE".into(),
            Self::NoPython { .. } => {
                "name a Python that has Spark's client: [spark] python = \"/opt/spark/bin/python\"; or run without --engine spark".into()
            }
            Self::NoClient { python, .. } => {
                format!("install it: {} -m pip install pyspark-client, of the version of the cluster", python.display())
            }
            Self::NoServer { .. } => {
                "start the cluster's Spark Connect server, or correct [spark] remote; without --engine spark netto doesn't need Spark".into()
            }
            Self::Query { job, .. } => format!(
                "the SQL is in {}, and rollup.py beside it runs it again; if a row has no number, a run without --engine spark names the row",
                job.display()
            ),
            Self::Broken { .. } => "the log of the run has its full output: `netto status` shows where".into(),
            Self::Exchange { .. } => "check the rights of the folder and the free disk space".into(),
            Self::Unseen { .. } | Self::OtherLines { .. } => {
                "this machine and the cluster must share a folder: set [spark] folder to it, and on_cluster to its path on the cluster".into()
            }
        }
    }

    /// The key within `[spark]` that it is about.
    #[must_use]
    pub const fn setting(&self) -> Option<&'static str> {
        match self {
            Self::NoPython { .. } | Self::NoClient { .. } => Some("python"),
            Self::NoRemote => Some("remote"),
            Self::Unseen { .. } | Self::OtherLines { .. } => Some("folder"),
            _ => None,
        }
    }
}
