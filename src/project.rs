//! A project: its folder, its configuration, and where its lake and results are.

use std::path::{Path, PathBuf};

use netto_lake::{Lake, Lock};

use crate::config::Config;
use crate::document::Document;
use crate::failure::Failure;

/// The folder of a netto.toml.
#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) folder: PathBuf,
    pub(crate) config: Config,
    /// The text of the configuration, for its lines.
    pub(crate) document: Document,
}

impl Project {
    /// Opens the project in a folder, or of a netto.toml.
    ///
    /// # Errors
    /// When there is no configuration, or it has faults.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let file = if path.is_dir() { path.join("netto.toml") } else { path.to_owned() };
        let (config, document) = Config::read(&file)?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = folder.canonicalize().map_err(|error| Failure::failed("the project's folder is gone", &error))?;
        Ok(Self { folder, config, document })
    }

    /// Nobody else may write meanwhile.
    pub(crate) fn lock(&self) -> Result<Lock, Failure> {
        let state = self.state();
        std::fs::create_dir_all(&state)
            .map_err(|error| Failure::failed(format!("{} can't be made", state.display()), &error))?;
        Ok(Lock::acquire(&state.join("lock"))?)
    }

    pub(crate) fn lake(&self) -> Result<Lake, Failure> {
        Ok(Lake::open(&self.state().join("lake"))?)
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.folder.join(".netto")
    }

    pub(crate) fn quarantine(&self) -> PathBuf {
        self.state().join("quarantine")
    }

    /// Where files lie until they are published.
    pub(crate) fn staging(&self) -> PathBuf {
        self.state().join("staging")
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.folder.join("out")
    }

    /// What BI tools read: the last complete run.
    pub(crate) fn current(&self) -> PathBuf {
        self.out().join("current")
    }
}
