//! The client of object storage: sends jobs to `storage.py`, which the user's Python runs.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use netto_rollup::python::{Python, Said, shortened};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{POINTER, StorageConfig, StorageError, file_error};
use crate::project::Project;

const PROGRAM: &str = include_str!("storage.py");

/// A step of a job, on local files with their names in the storage.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// Lists the storage and reads the pointer.
    Look(&'static str),
    /// Uploads files in parallel.
    Put(Vec<(PathBuf, String)>),
    /// Uploads files without overwriting existing ones.
    Create(Vec<(PathBuf, String)>),
    Get(Vec<(PathBuf, String)>),
    Remove(Vec<String>),
}

#[derive(Serialize)]
struct Job<'a> {
    at: &'a str,
    steps: &'a [Step],
}

/// The content of the storage.
#[derive(Debug, Default, Deserialize)]
pub(super) struct There {
    /// Every file with its size.
    pub(super) files: BTreeMap<String, u64>,
    pub(super) pointer: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Done { found: Vec<Value> },
    Failed { step: String, why: String },
}

/// The storage of a project.
#[derive(Clone, Copy)]
pub(super) struct Client<'a> {
    pub(super) project: &'a Project,
    pub(super) config: &'a StorageConfig,
}

impl Client<'_> {
    pub(super) fn look(self) -> Result<There, StorageError> {
        let found = self.run(&[Step::Look(POINTER)])?.pop().unwrap_or_default();
        serde_json::from_value(found).map_err(|error| self.failed("look", &error.to_string()))
    }

    /// Runs the steps in order and returns the result of each.
    pub(super) fn run(self, steps: &[Step]) -> Result<Vec<Value>, StorageError> {
        let (at, called, folder) = (self.config.at.trim_end_matches('/'), &self.config.python, self.project.mirror());
        let [program, place] = ["storage.py", "job.json"].map(|name| folder.join(name));
        fs::create_dir_all(&folder).map_err(file_error(&folder))?;
        fs::write(&program, PROGRAM).map_err(file_error(&program))?;
        let job = serde_json::to_vec(&Job { at, steps }).map_err(io::Error::from);
        job.and_then(|job| fs::write(&place, job)).map_err(file_error(&place))?;
        let python = Python { called, project: &self.project.folder };
        let said = python.run(&program, &place, &mut |_| ());
        let no_python = |source| StorageError::NoPython { python: called.clone(), source };
        let Said { answer, status, last } = said.map_err(no_python)?;
        let at = at.to_owned();
        match answer {
            Some(Answer::Done { found }) => Ok(found),
            Some(Answer::Failed { step, why }) => Err(match (step.as_str(), shortened(&why)) {
                ("library", why) => {
                    StorageError::NoLibrary { python: called.clone(), at, library: self.config.library(), why }
                }
                ("rights", why) => StorageError::NoRight { at, why },
                ("another", entry) => StorageError::AnotherWriter { at, entry },
                (step, why) => self.failed(step, &why),
            }),
            None => Err(StorageError::Broken { at, status, said: last }),
        }
    }

    fn failed(self, step: &str, why: &str) -> StorageError {
        StorageError::Failed { at: self.config.at.clone(), step: step.to_owned(), why: why.to_owned() }
    }
}
