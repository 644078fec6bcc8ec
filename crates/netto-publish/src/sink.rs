//! The sinks, which turn tables into files. A new sink is one file, and its name here.
//!
//! ```toml
//! [publish]
//! sinks = ["sqlite", "postgres"]     # Parquet is always there, CSV isn't asked for
//! [publish.postgres]
//! database = "bi"
//! user = "netto"
//! readers = ["metabase"]
//! ```

use std::path::Path;

use netto_model::{Mart, Problem, Table};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::PublishError;
use crate::current::Current;
use crate::delta;
use crate::metabase;
use crate::postgres::PostgresSinkConfig;
use crate::powerbi::{self, PowerBiConfig};
use crate::ready::Ready;
use crate::sqlite;
use crate::stream::StreamedFile;
use crate::xlsx::{self, XlsxConfig};

/// Formats and places of published tables.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PublishConfig {
    /// Formats and databases; default `["parquet", "csv", "sqlite"]`. Parquet is always included, because `netto explain` and `netto report` read it.
    pub sinks: Vec<SinkName>,
    /// How readers find the last run: `symlink`, the link `out/current`; `pointer`, the file `out/current.txt` with the name of its folder, for
    /// systems where links don't work. Default: a link if one can be made.
    pub current: Option<Current>,
    /// `[publish.postgres]`: the database of the sink `postgres`.
    pub postgres: Option<PostgresSinkConfig>,
    /// `[publish.powerbi]`: how Power BI finds the tables.
    pub powerbi: PowerBiConfig,
    /// `[publish.xlsx]`: how the workbook is written.
    pub xlsx: XlsxConfig,
}

impl PublishConfig {
    /// The problems with it, each at its key.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let place = self.sinks.iter().position(|sink| *sink == SinkName::Postgres);
        if let (Some(place), None) = (place, &self.postgres) {
            let problem = Problem::at(
                ["sinks".to_owned(), place.to_string()],
                "`postgres` is a sink, but there is no [publish.postgres]",
            );
            problems.push(problem.with_help("add it: [publish.postgres] host = \"…\" database = \"…\" user = \"…\""));
        }
        for mut problem in self.postgres.iter().flat_map(PostgresSinkConfig::check) {
            problem.key.insert(0, "postgres".to_owned());
            problems.push(problem);
        }
        problems
    }

    /// The database to publish tables to, if configured.
    pub(crate) fn database(&self) -> Option<&PostgresSinkConfig> {
        self.postgres.as_ref().filter(|_| self.sinks.contains(&SinkName::Postgres))
    }
}

impl Default for PublishConfig {
    fn default() -> Self {
        Self {
            sinks: SinkName::DEFAULT.to_vec(),
            current: None,
            postgres: None,
            powerbi: PowerBiConfig::default(),
            xlsx: XlsxConfig::default(),
        }
    }
}

/// A kind of file that is published, or a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SinkName {
    /// A file per table, with conservative types: for Power BI, DuckDB, Polars.
    Parquet,
    /// A file per table: for spreadsheets and databases.
    Csv,
    /// One file with all tables, keys and references: for Metabase.
    Sqlite,
    /// A PostgreSQL database, set in `[publish.postgres]`.
    Postgres,
    /// A project for Power BI Desktop: a semantic model with measures, and a report.
    PowerBi,
    /// A script that sets up Metabase: descriptions, models, dashboards.
    Metabase,
    /// A workbook with a sheet per table.
    Xlsx,
    /// A Delta table per table: for Spark, Databricks and Fabric.
    Delta,
}

impl SinkName {
    /// The default sinks.
    pub const DEFAULT: &[Self] = &[Self::Parquet, Self::Csv, Self::Sqlite];
}

impl SinkName {
    /// The sink of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(name)).ok()
    }

    /// Whether its files are made from the rows of all tables, and so contain the run id.
    pub(crate) const fn holds_all_rows(self) -> bool {
        matches!(self, Self::Sqlite | Self::Xlsx | Self::Delta)
    }

    /// The files of a sink that is made from all tables, in a folder that later becomes part of a run; none for a sink that writes table by table.
    pub(crate) fn files(
        self,
        staging: &Path,
        tables: &[Ready],
        config: &PublishConfig,
        out: &Path,
    ) -> Result<Vec<StreamedFile>, PublishError> {
        let declared = || tables.iter().map(Ready::table).collect::<Vec<&'static Table>>();
        match self {
            Self::Sqlite => Ok(vec![sqlite::write(staging, tables)?]),
            Self::Xlsx => Ok(vec![xlsx::write(staging, tables, &config.xlsx)?]),
            Self::Delta => delta::write(staging, tables),
            Self::PowerBi => powerbi::write(staging, &declared(), config, out),
            Self::Metabase => metabase::write(staging, &declared()),
            Self::Parquet | Self::Csv | Self::Postgres => Ok(Vec::new()),
        }
    }
}

/// A kind of file that holds one table.
pub(crate) trait Sink: Sync {
    /// Name of the folder, and the file extension.
    fn name(&self) -> &'static str;
    /// The table as a file. The same table gives the same bytes.
    fn write(&self, mart: &Mart) -> Result<Vec<u8>, PublishError>;
}

/// Every sink that writes a file per table, in the order in which they are written.
pub(crate) const SINKS: &[(SinkName, &dyn Sink)] =
    &[(SinkName::Parquet, &crate::parquet::Parquet), (SinkName::Csv, &crate::csv::Csv)];
