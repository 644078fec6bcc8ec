//! Loads extracts into the lake: it reads, maps, types, values and checks rows. Good rows become Delta tables; bad rows go to
//! the quarantine with a reason.
//!
//! ```text
//! extracts/*.csv ── read ── mapping ── typed ── valuation ── check ─┬─ store     one Delta table per source, order_lines by month
//!                                                                   └─ quarantine  file, line, column, value, reason, the raw record
//! ```
//!
//! ```
//! # use std::collections::HashSet;
//! use netto_lake::{Lake, LoadRequest, SourceConfig};
//! use netto_model::contract::CUSTOMERS;
//! # let folder = std::env::temp_dir().join(format!("netto-lake-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! std::fs::write(folder.join("klanten.csv"), "Debiteur;Naam\n000104;Bakker BV\n")?;
//! let config = SourceConfig::from_json(r#"{
//!     "files": "klanten.csv", "csv": { "delimiter": ";" },
//!     "columns": { "customer_id": "Debiteur", "name": "Naam" }
//! }"#)?;
//! let lake = Lake::open(&folder.join("lake"))?;
//! let quarantine = folder.join("quarantine");
//! let request = LoadRequest { source: &CUSTOMERS, config: &config, base: &folder, quarantine: &quarantine, known_customers: None, currency: None, rates: None, products: None, accept_shrink: false };
//! let report = lake.load(&request)?;
//! assert_eq!((report.rows_read, report.rows_loaded, report.rows_quarantined), (1, 1, 0));
//! assert!(lake.load(&request)?.unchanged);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod above;
mod arithmetic;
mod check;
mod config;
mod contradictions;
mod currencies;
mod day_and_month;
mod dialect;
mod draft;
mod error;
mod file_month;
mod filter;
mod findings;
mod fraction;
mod ids;
mod keys;
mod lake;
mod landing;
mod line_amounts;
mod load;
mod lock;
mod log;
mod mapping;
mod moment;
mod month;
mod month_names;
mod number;
mod numbering;
mod odd_ids;
mod once;
mod orders;
mod origins;
mod orphans;
mod overview;
mod part;
mod parts;
mod plausible;
mod quarantine;
mod questions;
mod rates;
mod read;
mod readiness;
mod repriced;
mod returns;
mod rows;
mod seen;
mod serial;
mod set_apart;
mod settings;
mod shrunk;
mod sides;
mod sorted;
mod spill;
mod store;
#[cfg(test)]
mod tests;
mod three_digits;
mod titles;
mod typed;
mod vacuum;
mod valuation;
mod values;
mod versions;
mod weeks_and_months;
mod within_order;
mod words;

pub use config::{
    AmountLimit, ColumnConfig, ColumnSource, CsvConfig, Duplicates, ExcelConfig, LoadMode, MaxRejects, OneOrMany,
    Others, PostgresConfig, RecordsConfig, ReturnsWritten, SheetName, Sheets, SignConfig, SourceConfig, TableFiles,
    UnknownCustomer,
};
pub use contradictions::{Contradicting, Contradiction};
pub use currencies::Currencies;
pub use dialect::{Quote, Size};
pub use draft::{Draft, DraftColumn, DraftSource, Sureness};
pub use error::{LakeError, first_of};
pub use findings::{Findings, MissingColumn, RepeatedFreight, SupersededRows, UnmappedValues};
pub use keys::KeyKind;
pub use lake::Lake;
pub use line_amounts::AmountDoubts;
pub use load::{LoadReport, LoadRequest, Pending, Superseded};
pub use lock::Lock;
pub use overview::{Overview, Sample};
pub use plausible::{DateRange, Placeholders, last_plausible_month};
pub use quarantine::{Reason, Reject};
pub use rates::Rates;
pub use read::found::{OUTPUT, STATE, is_hidden_or_lock};
pub use read::{Lines, files};
pub use readiness::Readiness;
pub use set_apart::{SetApart, Sum, amount_column};
pub use shrunk::Shrunk;
pub use three_digits::InDoubt;
pub use vacuum::is_before;
pub use versions::ProductVersions;
pub use within_order::SeveralValues;
pub use words::NeverFound;
