//! Sinks: tables become files and a report, all at once or not at all. It knows the contract, and no formula.
//!
//! ```text
//! publish.rs   a run becomes visible by one rename
//! stream.rs    tables too large for memory, written piece by piece
//! about.rs     what a run says of itself
//! checkpoint.rs  the tables of a stage, for a run that goes on
//! content.rs   the content of files as a number
//! cells.rs     the values of a column, for sinks that write one by one
//! sink.rs      what a sink is
//! star.rs      keys before names, a table per grain
//! parquet.rs   Parquet, conservative types
//! csv.rs       CSV that a spreadsheet doesn't run
//! sqlite.rs    one file with every table
//! postgres.rs  a database with every table, which readers see change at once
//! powerbi/     a project for Power BI over the tables
//! metabase/    a script that sets Metabase up over them
//! delta.rs     a Delta table per table
//! xlsx.rs      a workbook with a sheet per table, zip.rs its file
//! proof.rs     what a published folder must hold, proven on its files
//! ready.rs     a table, at hand or in its file
//! schema.rs    the contract as Markdown, SQL and JSON
//! report/      one self-contained HTML file
//! ```
//!
//! A reader looks at `out/current`, which is a link to the last complete run:
//!
//! ```text
//! out/current → runs/3f9c2b71a0de/{parquet/*.parquet, csv/*.csv, netto.sqlite, report.html, manifest.json, files.json}
//! ```

mod about;
mod cells;
mod checkpoint;
mod content;
mod csv;
mod current;
mod delta;
mod error;
mod metabase;
mod parquet;
mod postgres;
mod powerbi;
mod proof;
mod publish;
mod ready;
pub mod report;
pub mod schema;
mod sink;
mod sqlite;
mod star;
mod stream;
mod xlsx;
mod zip;

pub use about::About;
pub use checkpoint::Checkpoint;
pub use csv::csv_cell;
pub use current::{Current, current};
pub use error::PublishError;
pub use parquet::{read, read_file};
pub use postgres::PostgresSinkConfig;
pub use powerbi::PowerBiConfig;
pub use proof::{Proof, proof};
pub use publish::{Complete, KEPT, Publication, Published, Repeat, Showing, repeat, runs, show, whole, write};
pub use report::ReportConfig;
pub use sink::{PublishConfig, SinkName};
pub use star::{Members, complete, star};
pub use stream::{Encoder, Piece, Stream, Streamed};
pub use xlsx::XlsxConfig;
