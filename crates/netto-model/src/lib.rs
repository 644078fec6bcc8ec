//! The words that every part of netto shares: money, periods, the table contract, checked frames and
//! checked expressions. It knows no files, no engines and no formulas.
//!
//! ```text
//! money.rs       integer ten-thousandths: 12.5000 is Money::from_units(125_000)
//! apportion.rs   the largest remainder: parts sum to the whole
//! period.rs      calendar months and windows of them: 2025-03, 2025-01..2025-12
//! table.rs       how a table is declared: columns, types, units, grain, keys
//! contract.rs    every table of netto, declared once; contract/ has them by subject
//! column.rs      the names of the columns, as constants
//! label.rs       what people call them, in three languages
//! frame.rs       a Polars frame that was checked against its declaration
//! arrow.rs       record batches to frames and back
//! driver.rs      what an activity is measured on: order lines, orders, events
//! expression.rs  an SQL expression of the configuration, parsed and checked
//! compared.rs    which texts an expression compares its columns with
//! query.rs       a query of the configuration over published tables, parsed and checked
//! model.rs       an analysis as one SQL text, which is its own contract
//! models.rs      the built-in ones: models/SUBJECT/NAME.sql
//! quantity.rs    what customers used of each activity's driver, in whole numbers
//! star.rs        the star schema that marts are published in: keys, and one grain per table
//! disk.rs        what to do when a file can't be read or written
//! problem.rs     what is wrong with the configuration, and at which key
//! warning.rs     what a controller should know before believing the figures
//! ```

mod apportion;
pub mod arrow;
pub mod caught;
pub mod column;
pub mod compared;
pub mod contract;
pub mod disk;
pub mod driver;
pub mod expression;
pub mod frame;
pub mod label;
pub mod model;
pub mod models;
pub mod money;
pub mod period;
pub mod problem;
pub mod quantity;
pub mod query;
pub mod star;
pub mod table;
mod warning;

pub use apportion::apportion;
pub use driver::DriverSource;
pub use expression::{Dialect, Expression};
pub use frame::{Contract, Frame, FrameError, Mart};
pub use label::Language;
pub use model::{Model, ModelError};
pub use money::Money;
pub use period::{Period, Window};
pub use problem::Problem;
pub use quantity::{DriverCell, DriverQuantities};
pub use query::{Query, QueryError, Step};
pub use table::{Column, Role, Stage, Sum, Table, Type, Unit};
pub use warning::Warning;
