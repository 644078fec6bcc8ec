//! `[storage]` of the configuration: the object storage that mirrors a project.

use std::path::PathBuf;

use netto_model::Problem;
use schemars::JsonSchema;
use serde::Deserialize;

/// Object storage.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StorageConfig {
    /// A location only for this project: `at = "s3://bucket/netto"`, or one that begins with `abfs://` or `gs://`. Keys and endpoints are not part of
    /// it: the library finds them in its usual places, such as the variables `AWS_PROFILE` and `AWS_ENDPOINT_URL`.
    pub(crate) at: String,
    /// A Python with the library for it (`pip install s3fs`; `adlfs` for `abfs://`, `gcsfs` for `gs://`); default `python3`. `.venv/bin/python` is
    /// relative to the project.
    #[serde(default = "python3")]
    pub(crate) python: PathBuf,
}

fn python3() -> PathBuf {
    "python3".into()
}

/// The prefixes of addresses, with the library for each.
const LIBRARIES: [(&str, &str); 4] =
    [("s3://", "s3fs"), ("abfs://", "adlfs"), ("abfss://", "adlfs"), ("gs://", "gcsfs")];

impl StorageConfig {
    /// Invalid settings, by key within `[storage]`.
    pub(crate) fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let place = LIBRARIES.iter().find_map(|(scheme, _)| self.at.strip_prefix(scheme));
        if place.is_none_or(|place| place.is_empty() || place.starts_with('/') || place.contains(['?', '*', '['])) {
            let problem = Problem::at(["at"], format!("`{}` is not a location in object storage", self.at));
            problems.push(problem.with_help(
                "it must begin with s3://, abfs:// or gs:// and name a bucket and a folder, such as s3://bucket/netto",
            ));
        }
        if self.python.as_os_str().is_empty() {
            problems.push(Problem::at(["python"], "`python` is empty").with_help("remove it, or name a Python"));
        }
        problems
    }

    /// The library for the storage.
    pub(super) fn library(&self) -> &'static str {
        LIBRARIES.iter().find(|(scheme, _)| self.at.starts_with(scheme)).map_or("fsspec", |(_, library)| library)
    }
}
