//! What a sink is: it turns a table into the bytes of one file. Adding one is a file, and a line in [`SINKS`].

use netto_model::Mart;

use crate::PublishError;

/// A kind of file.
pub(crate) trait Sink: Sync {
    /// Name of the folder, and of the files' ending.
    fn name(&self) -> &'static str;
    /// The table as a file. The same table gives the same bytes.
    fn write(&self, mart: &Mart) -> Result<Vec<u8>, PublishError>;
}

/// Every sink, in the order in which they are written.
pub(crate) const SINKS: &[&dyn Sink] = &[&crate::parquet::Parquet, &crate::csv::Csv];
