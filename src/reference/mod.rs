//! Writes the reference as Markdown pages, `netto schema --pages FOLDER`, generated from the program's own definitions.
//!
//! ```text
//! settings.md, scenarios.md        the JSON Schemas of netto.toml and of a scenario
//! dimensions.md, facts.md, …       the contract, with what each column is computed from
//! reasons.md, exit-codes.md        codes
//! command-line.md                  the arguments
//! ```

mod codes;
mod dictionary;
mod lineage;
mod settings;

use std::fs;
use std::path::Path;

use netto_segment::scenario::Scenario;

use crate::config::Config;
use crate::failure::Failure;
use crate::output;

/// Writes the pages.
///
/// # Errors
/// When the folder can't be written.
pub(crate) fn write(folder: &Path) -> Result<(), Failure> {
    let failed = |error| Failure::failed(format!("{} can't be written", folder.display()), &error);
    fs::create_dir_all(folder).map_err(failed)?;
    for (name, text) in pages() {
        fs::write(folder.join(format!("{name}.md")), text).map_err(failed)?;
        output::text(&folder.join(format!("{name}.md")).display().to_string());
    }
    Ok(())
}

/// Every page, by file name.
fn pages() -> Vec<(&'static str, String)> {
    let settings = settings::page(&schemars::schema_for!(Config).to_value(), "Settings of netto.toml", SETTINGS);
    let scenarios = settings::page(&schemars::schema_for!(Scenario).to_value(), "Settings of a scenario", SCENARIOS);
    let mut pages = vec![("settings", settings), ("scenarios", scenarios)];
    pages.extend(dictionary::pages());
    pages.extend([
        ("reasons", codes::reasons()),
        ("exit-codes", codes::exit_codes()),
        ("command-line", codes::command_line()),
    ]);
    pages
}

const SETTINGS: &str = "Every table and key of `netto.toml`; `netto schema config` gives the same as JSON Schema. A word in capitals stands for a name that you choose. `netto check` refuses an unknown key and shows its line.";
const SCENARIOS: &str = "Every key of a scenario file, for `netto simulate` and `[scenarios]`.";
