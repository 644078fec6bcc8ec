//! Damaged and odd input through the library: no panic, no hang, bounded memory, no row lost, no other figure.
//!
//! ```text
//! NETTO_FUZZ=50000 NETTO_FUZZ_SEED=7 cargo test -p netto-lake --test fuzz      as `just fuzz` does
//! ```
//! Without these variables each test makes as many rounds as take a few seconds, the same on every machine. A round that fails
//! is named with its seed, and its input is kept.
#![allow(missing_docs, unreachable_pub, reason = "tests say the rule in their names")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that can't go on stops, and says why"
)]

mod damaged_lake;
mod draw;
mod odd_csv;
mod odd_parquet;
mod project;
mod rounds;
