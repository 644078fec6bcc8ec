//! One file per verb: its arguments, what it calls, what it prints.

mod base;
pub(crate) mod check;
mod check_source;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod generate;
pub(crate) mod history;
pub(crate) mod ingest;
pub(crate) mod init;
pub(crate) mod marts;
pub(crate) mod new;
pub(crate) mod plan;
pub(crate) mod publish;
pub(crate) mod pull;
pub(crate) mod push;
mod query;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod shell;
pub(crate) mod simulate;
pub(crate) mod sql;
pub(crate) mod status;
pub(crate) mod vacuum;
