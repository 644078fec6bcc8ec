//! A project: its folder, its configuration, and where its lake and results are.

use std::error::Error;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use netto_lake::{Lake, Lock};
use netto_model::Problem;

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
    /// The folder of models and scenarios: the project's folder, or the one in which a run kept them.
    rules: PathBuf,
    current: OnceLock<PathBuf>,
}

impl Project {
    /// Opens a project by its folder or its netto.toml.
    ///
    /// # Errors
    /// When the configuration is missing or has faults.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let file = if path.is_dir() { path.join("netto.toml") } else { path.to_owned() };
        let (config, document) = Config::read(&file)?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = folder.canonicalize().map_err(|error| Failure::failed("the project's folder is gone", &error))?;
        Ok(Self { rules: folder.clone(), folder, config, document, current: OnceLock::new() })
    }

    /// The same project with the rules that a run kept in a folder.
    ///
    /// # Errors
    /// When the rules are missing, or this version of netto doesn't accept them.
    pub(crate) fn with_rules(&self, rules: &Path) -> Result<Self, Failure> {
        let (config, document) = Config::read(&rules.join("netto.toml"))?;
        Ok(Self { folder: self.folder.clone(), config, document, rules: rules.to_owned(), current: OnceLock::new() })
    }

    /// The folder to which the paths of models and scenarios are relative.
    pub(crate) fn rules(&self) -> &Path {
        &self.rules
    }

    /// Locks the project, so that no other process writes to it.
    pub(crate) fn lock(&self) -> Result<Lock, Failure> {
        Ok(Lock::acquire(&self.lock_file())?)
    }

    /// Locks out other checks, because there is only one scratch lake; runs aren't affected.
    pub(crate) fn lock_of_check(&self) -> Result<Lock, Failure> {
        Ok(Lock::acquire(&self.state().join("check.lock"))?)
    }

    /// The process that is writing now, if any.
    pub(crate) fn writer(&self) -> Option<String> {
        Lock::holder(&self.lock_file())
    }

    fn lock_file(&self) -> PathBuf {
        self.state().join("lock")
    }

    pub(crate) fn lake(&self) -> Result<Lake, Failure> {
        self.lake_in(&self.state())
    }

    /// The lake in a folder, with the memory that the project allows.
    pub(crate) fn lake_in(&self, folder: &Path) -> Result<Lake, Failure> {
        let lake = Lake::open(&folder.join("lake"))?;
        Ok(match self.config.lake.memory {
            Some(memory) => lake.with_memory(memory.bytes),
            None => lake,
        })
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.folder.join(netto_lake::STATE)
    }

    pub(crate) fn quarantine(&self) -> PathBuf {
        self.state().join("quarantine")
    }

    /// The folder of files that aren't published yet.
    pub(crate) fn staging(&self) -> PathBuf {
        self.state().join("staging")
    }

    /// The folder for the large tables of the split before publication.
    pub(crate) fn split(&self) -> PathBuf {
        self.staging().join("split")
    }

    /// The folder for the files of the sinks before publication.
    pub(crate) fn sinks(&self) -> PathBuf {
        self.staging().join("sinks")
    }

    /// Results of the stages of a run that aren't written as tables yet.
    pub(crate) fn stages(&self) -> PathBuf {
        self.state().join("stages")
    }

    /// The split of each month.
    pub(crate) fn months(&self) -> PathBuf {
        self.state().join("months")
    }

    /// Files exchanged with a cluster, if the configuration names no other folder.
    pub(crate) fn exchange(&self) -> PathBuf {
        self.state().join("spark")
    }

    /// Files on their way to or from object storage.
    pub(crate) fn mirror(&self) -> PathBuf {
        self.state().join("storage")
    }

    /// An error caused by a setting, at its line; `None` if no setting caused it, or if the file doesn't have the table.
    pub(crate) fn at_setting(
        &self,
        table: &str,
        setting: Option<&str>,
        error: &dyn Error,
        help: String,
    ) -> Option<Failure> {
        let key = setting.map(|setting| [table, setting]).filter(|_| self.document.has(&[table]))?;
        let problem = Problem::at(key, error.to_string()).with_help(help);
        Some(Failure::config(self.document.faults(vec![problem])))
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.folder.join(netto_lake::OUTPUT)
    }

    /// The id of the run that readers see; `None` if nothing was published.
    pub(crate) fn published_id(&self) -> Option<String> {
        let folder = netto_publish::current(&self.out())?;
        folder.file_name().map(|name| name.to_string_lossy().into_owned())
    }

    /// The folder of a run, by its id.
    pub(crate) fn run_folder(&self, id: &str) -> PathBuf {
        self.out().join("runs").join(id)
    }

    /// The last complete run. It is looked up only once, so that tables opened one after another belong to the same run even if another one is
    /// published meanwhile.
    pub(crate) fn current(&self) -> &Path {
        self.current.get_or_init(|| netto_publish::current(&self.out()).unwrap_or_else(|| self.shown()))
    }

    /// The path under which readers find it.
    pub(crate) fn shown(&self) -> PathBuf {
        let link = self.out().join("current");
        if link.exists() { link } else { netto_publish::current(&self.out()).unwrap_or(link) }
    }
}

/// Removes a folder if it exists, such as one left by a killed run.
pub(crate) fn clear(folder: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Failure::failed(format!("{} can't be removed", folder.display()), &error))
        }
        _ => Ok(()),
    }
}
