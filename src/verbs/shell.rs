//! `netto completions SHELL` and `netto man`, both generated from the declared arguments, so that they include every flag.

use clap::CommandFactory;

use crate::cli::{Cli, CompletionsArgs};
use crate::failure::Failure;
use crate::output;

/// The completion script of a shell.
#[expect(clippy::unnecessary_wraps, reason = "every verb can fail")]
pub(crate) fn completions(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "netto", &mut script);
    output::document(String::from_utf8_lossy(&script).trim_end());
    Ok(())
}

/// The manual page, with a section for each verb.
pub(crate) fn man() -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::failed("the manual page could not be written", &error);
    let (mut page, command) = (Vec::new(), Cli::command());
    clap_mangen::Man::new(command.clone()).render(&mut page).map_err(failed)?;
    for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
        let name = format!("netto {}", verb.get_name());
        let verb = clap_mangen::Man::new(verb.clone().bin_name(name));
        for part in [clap_mangen::Man::render_synopsis_section, clap_mangen::Man::render_description_section] {
            part(&verb, &mut page).map_err(failed)?;
        }
        verb.render_options_section(&mut page).map_err(failed)?;
        verb.render_extra_section(&mut page).map_err(failed)?;
    }
    output::document(String::from_utf8_lossy(&page).trim_end());
    Ok(())
}
