//! netto: from gross to net. The command line: arguments → a project → a verb → an exit code.

mod agreement;
mod checkpoints;
mod cli;
mod config;
mod dimensions;
mod document;
mod expect;
mod facts;
mod failure;
mod journal;
mod loads;
mod log;
mod months;
mod openlineage;
mod output;
mod own_models;
mod panics;
mod pipeline;
mod progress;
mod project;
mod reference;
mod results;
mod retention;
mod rules;
mod scenarios;
mod sources;
mod storage;
mod threads;
mod verbs;
mod warnings;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Format, LogFormat, Verb};
use crate::failure::Failure;

fn main() -> ExitCode {
    panics::be_silent();
    failure::set_up_messages();
    output::messages_as_json(cli::ask_for_json());
    match panics::caught(netto).and_then(|()| output::complete()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn netto() -> Result<(), Failure> {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(said) => return output::usage(said),
    };
    if cli.log == LogFormat::Json {
        log::as_json();
    }
    threads::limit(cli.threads)?;
    output::tables_as_csv(cli.format == Format::Csv);
    match &cli.verb {
        Verb::Init(args) => verbs::init::run(args, cli.format),
        Verb::Run(args) => verbs::run::run(args, cli.format),
        Verb::Ingest(args) => verbs::ingest::run(args, cli.format),
        Verb::Check(args) => verbs::check::run(args, cli.format),
        Verb::Plan(args) => verbs::plan::run(args, cli.format),
        Verb::Status(args) => verbs::status::run(args, cli.format),
        Verb::History(args) => verbs::history::run(args, cli.format),
        Verb::Diff(args) => verbs::diff::run(args, cli.format),
        Verb::Vacuum(args) => verbs::vacuum::run(args, cli.format),
        Verb::Explain(args) => verbs::explain::run(args, cli.format),
        Verb::Publish(args) => verbs::publish::run(args, cli.format),
        Verb::Push(args) => verbs::push::run(args, cli.format),
        Verb::Pull(args) => verbs::pull::run(args, cli.format),
        Verb::Report(args) => verbs::report::run(args, cli.format),
        Verb::Schema(args) => verbs::schema::run(args, cli.format),
        Verb::Sql(args) => verbs::sql::run(args, cli.format),
        Verb::Simulate(args) => verbs::simulate::run(args, cli.format),
        Verb::New(args) => verbs::new::run(args, cli.format),
        Verb::Generate(args) => verbs::generate::run(args, cli.format),
        Verb::Completions(args) => verbs::shell::completions(args),
        Verb::Man => verbs::shell::man(),
    }
}
