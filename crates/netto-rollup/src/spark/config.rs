//! `[spark]` of the configuration: the cluster that computes rollups with `netto run --engine spark`.

use std::path::{Path, PathBuf};

use netto_model::Problem;
use schemars::JsonSchema;
use serde::Deserialize;

/// A Spark cluster, for `netto run --engine spark`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SparkConfig {
    /// Its Spark Connect server: `remote = "sc://spark.example.com:15002"`, with options such as `;use_ssl=true` after a slash. If it needs a token,
    /// leave this out and put the address into the variable `SPARK_REMOTE`.
    pub remote: Option<String>,
    /// A Python with Spark's client (`pip install pyspark-client`); default `python3`. `.venv/bin/python` is relative to the project.
    pub python: PathBuf,
    /// A folder that this machine and the cluster share, only for this project: `folder = "/mnt/share/netto"`. New files of order lines are copied to
    /// it, and the month tables come back through it. Default: the folder of the project.
    pub folder: Option<PathBuf>,
    /// The path of `folder`, or of the project if `folder` isn't set, on the cluster: `on_cluster = "s3a://bucket/netto"`. Default: the same path.
    pub on_cluster: Option<String>,
}

impl Default for SparkConfig {
    fn default() -> Self {
        Self { remote: None, python: "python3".into(), folder: None, on_cluster: None }
    }
}

/// Prefix of a server's address.
const SCHEME: &str = "sc://";

impl SparkConfig {
    /// Invalid settings, by key within `[spark]`.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(remote) = &self.remote {
            let host = remote.strip_prefix(SCHEME).map(|rest| rest.split(['/', ';']).next().unwrap_or_default());
            if host.is_none_or(|host| host.is_empty() || host.starts_with(':')) {
                let problem =
                    Problem::at(["remote"], format!("`{remote}` is not the address of a Spark Connect server"));
                problems.push(
                    problem.with_help("it must begin with sc:// and name a host, such as sc://spark.example.com:15002"),
                );
            }
        }
        let empty = [("python", Some(self.python.as_path())), ("folder", self.folder.as_deref())];
        let empty = empty.into_iter().chain([("on_cluster", self.on_cluster.as_ref().map(Path::new))]);
        problems.extend(empty.filter(|(_, path)| path.is_some_and(|path| path.as_os_str().is_empty())).map(
            |(key, _)| Problem::at([key], format!("`{key}` is empty")).with_help("remove it, or give it a value"),
        ));
        problems
    }

    /// Whether a server is given, by the configuration or by Spark's own variable.
    pub(crate) fn has_remote(&self) -> bool {
        self.remote.is_some() || std::env::var_os("SPARK_REMOTE").is_some_and(|remote| !remote.is_empty())
    }
}
