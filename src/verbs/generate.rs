//! `netto generate`: the extracts of the demo.

use crate::cli::GenerateArgs;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(args: &GenerateArgs) -> Result<(), Failure> {
    let written = netto_sample::write_wholesaler(&args.folder, args.seed)
        .map_err(|error| Failure::failed(format!("{} could not be written", args.folder.display()), &error))?;
    let row = |file: &netto_sample::WrittenFile| {
        vec![file.name.clone(), output::count(file.rows as u64), output::count(file.bytes as u64)]
    };
    output::table(&["File", "Rows", "Bytes"], &written.files.iter().map(row).collect::<Vec<_>>(), 1);
    Ok(())
}
