//! A folder with extracts and a lake, in memory where the system has such a folder: a lake waits for the disk at each commit.

use std::fs;
use std::path::Path;

use netto_lake::{Lake, LakeError, LoadReport, LoadRequest, SourceConfig};
use netto_model::Table;
use tempfile::TempDir;

pub struct Project(TempDir);

impl Project {
    pub fn new() -> Self {
        let memory = Path::new("/dev/shm");
        Self(if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap())
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    pub fn file(&self, name: &str, bytes: &[u8]) {
        fs::write(self.folder().join(name), bytes).unwrap();
    }

    pub fn lake(&self) -> Result<Lake, LakeError> {
        Lake::open(&self.folder().join("lake"))
    }

    pub fn load(&self, source: &'static Table, config: &SourceConfig) -> Result<LoadReport, LakeError> {
        let lake = self.lake()?;
        let (quarantine, versions, rates) = (self.folder().join("apart"), lake.product_versions()?, lake.rates()?);
        lake.load(&LoadRequest {
            source,
            config,
            base: self.folder(),
            quarantine: &quarantine,
            known_customers: None,
            currency: Some("EUR"),
            rates: Some(&rates),
            products: Some(&versions),
            accept_shrink: true,
        })
    }

    /// Loads, and looks at what is said: every row is somewhere, and no error is netto's own.
    pub fn load_soundly(&self, source: &'static Table, config: &SourceConfig) -> Option<LoadReport> {
        match self.load(source, config) {
            Ok(report) => {
                let somewhere = report.rows_loaded + report.rows_quarantined + report.rows_superseded;
                assert_eq!(report.rows_read, somewhere, "{report:?}");
                Some(report)
            }
            Err(error) => {
                let help = error.help().unwrap_or_default();
                assert!(!help.contains("defect of netto"), "{error}\n{help}\n{error:?}");
                None
            }
        }
    }
}
