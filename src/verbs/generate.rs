//! `netto generate`: the extracts of the demo.

use crate::cli::GenerateArgs;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(args: &GenerateArgs) -> Result<(), Failure> {
    let written = netto_sample::write_wholesaler(&args.folder, args.seed)
        .map_err(|error| Failure::failed(format!("{} could not be written", args.folder.display()), &error))?;
    output::text(&written.to_string());
    Ok(())
}
