//! End to end: real files, the real binary, the published tables.
#![allow(missing_docs, reason = "tests say the rule in their names")]

mod adventureworks;
mod bad_input;
mod chromium;
mod dependencies;
mod determinism;
mod duckdb;
mod harness;
mod oracles;
