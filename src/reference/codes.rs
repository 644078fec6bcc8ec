//! The reference pages of reject reasons, exit codes, and the command line with every verb and flag.

use clap::CommandFactory;
use netto_lake::Reason;

use super::settings::cell;
use crate::cli::Cli;
use crate::failure;

/// The reasons why rows are set apart.
pub(super) fn reasons() -> String {
    let head = "# Why rows are set apart\n\nA row that can't be trusted isn't loaded: it is set apart, with its file, line, column and value, in \
        `.netto/quarantine/SOURCE/….csv`. `netto check` and `netto run` count the rows by these codes and show their amounts. Every run reports rows that are set apart until they are loaded.\n\n| code | meaning | what to do |\n|---|---|---|\n";
    let row =
        |reason: &Reason| format!("| `{}` | {} | {} |\n", reason.code(), cell(reason.meaning()), cell(reason.help()));
    head.to_owned() + &Reason::ALL.iter().map(row).collect::<String>()
}

/// The exit codes of the program.
pub(super) fn exit_codes() -> String {
    let head = "# Exit codes\n\n| code | `kind` in JSON | meaning |\n|---|---|---|\n| 0 | | Done. |\n";
    let row = |(code, meaning): &(u8, &str)| format!("| {code} | `{}` | {meaning} |\n", failure::kind(*code));
    let tail = "\nWith `--format json` an error is the last line of standard error, one JSON object: \
        `{\"error\": {\"code\": 2, \"kind\": \"usage\", \"messages\": [{\"message\": …, \"help\": …, \"place\": {\"file\": …, \"line\": …, \"column\": …}, \"causes\": […]}]}}`.\n";
    head.to_owned() + &failure::CODES.iter().map(row).collect::<String>() + tail
}

/// Every verb, as in its `--help`.
pub(super) fn command_line() -> String {
    let mut text = "# Command line\n\nThe output of `netto --help` and `netto VERB --help`. Results go to standard output, progress and messages to standard error.\n".to_owned();
    let mut command = Cli::command().term_width(100);
    command.build();
    text += &chapter("netto", &mut command);
    let verbs: Vec<String> = command.get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
    for verb in verbs.iter().filter(|verb| *verb != "help") {
        if let Some(found) = command.find_subcommand_mut(verb) {
            text += &chapter(&format!("netto {verb}"), found);
            let inner: Vec<String> = found.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
            for inner in inner.iter().filter(|inner| *inner != "help") {
                if let Some(found) = found.find_subcommand_mut(inner) {
                    text += &chapter(&format!("netto {verb} {inner}"), found);
                }
            }
        }
    }
    text
}

fn chapter(name: &str, command: &mut clap::Command) -> String {
    let help = command.render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    format!("\n## {name}\n\n```text\n{}\n```\n", lines.join("\n").trim_end())
}
