//! What a sink is: it turns tables into files. Adding one is a file, and a name here.
//!
//! ```toml
//! [publish]
//! sinks = ["parquet", "sqlite"]     # without CSV
//! ```

use netto_model::Mart;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::PublishError;

/// What tables are published as.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PublishConfig {
    /// Kinds of files. Parquet is always among them: `netto explain` and `netto report` read it.
    pub sinks: Vec<SinkName>,
}

impl Default for PublishConfig {
    fn default() -> Self {
        Self { sinks: SinkName::ALL.to_vec() }
    }
}

/// A kind of file that is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SinkName {
    /// A file per table, with conservative types: for Power BI, DuckDB, Polars.
    Parquet,
    /// A file per table: for spreadsheets and databases.
    Csv,
    /// One file with all tables, keys and references: for Metabase.
    Sqlite,
}

impl SinkName {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Parquet, Self::Csv, Self::Sqlite];
}

/// A kind of file that holds one table.
pub(crate) trait Sink: Sync {
    /// Name of the folder, and of the files' ending.
    fn name(&self) -> &'static str;
    /// The table as a file. The same table gives the same bytes.
    fn write(&self, mart: &Mart) -> Result<Vec<u8>, PublishError>;
}

/// Every sink that writes a file per table, in the order in which they are written.
pub(crate) const SINKS: &[(SinkName, &dyn Sink)] =
    &[(SinkName::Parquet, &crate::parquet::Parquet), (SinkName::Csv, &crate::csv::Csv)];
