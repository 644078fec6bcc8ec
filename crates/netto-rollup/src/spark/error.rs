//! The errors of rollups on Spark.

use std::io;
use std::path::PathBuf;

use netto_model::Period;

/// The error of a rollup on Spark, with its step.
#[derive(Debug, thiserror::Error)]
pub enum SparkError {
    /// No cluster is configured.
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
    /// No Spark server answers.
    #[error("no Spark Connect server answers{}: {why}", remote.as_ref().map(|remote| format!(" at {remote}")).unwrap_or_default())]
    NoServer {
        /// Its address, if configured.
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
    /// The client exited without an answer.
    #[error("Spark's client ended ({status}) with no other message than: {said}")]
    Broken {
        /// Its exit code, or the signal.
        status: String,
        /// Its last line.
        said: String,
    },
    /// Exchanged files can't be written or read.
    #[error("{path} can't be shared with Spark")]
    Exchange {
        /// File or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Rows that Spark wrote are missing here.
    #[error("Spark wrote {written} rows of `{table}`, but {folder} has {found}")]
    Unseen {
        /// Name of the text.
        table: String,
        /// Rows by Spark's count.
        written: usize,
        /// Rows found.
        found: usize,
        /// Where they should be.
        folder: PathBuf,
    },
    /// Spark read other lines than those in the lake.
    #[error("Spark has {found} order lines of {period}, but the lake has {expected}")]
    OtherLines {
        /// Month.
        period: Period,
        /// Spark's number of lines.
        found: i64,
        /// The number of lines in the lake's files.
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

    /// The key within `[spark]` that caused it.
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
