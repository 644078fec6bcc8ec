//! End to end: real files, the real binary, the published tables.
#![allow(missing_docs, unreachable_pub, reason = "tests say the rule in their names")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that can't go on stops, and says why"
)]

mod adventureworks;
mod assortment;
mod bad_input;
mod cases;
mod catalogue;
mod causes;
mod chromium;
mod customers;
mod dependencies;
mod determinism;
mod docs;
mod duckdb;
mod explain;
mod expressions;
mod facts;
mod fixtures;
mod generate;
mod goals;
mod harness;
mod ingest_values;
mod init;
mod lake;
mod months;
mod nights;
mod oracles;
mod orders;
mod own_models;
mod pools;
mod postgres;
mod publish;
mod remedies;
mod sales_force;
mod security;
mod shop;
mod simulate;
mod sinks;
mod soak;
mod spark;
mod stock;
mod storage;
mod streams;
mod torture;
mod views;
mod waterfall;
mod wheel;
