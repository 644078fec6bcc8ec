//! `netto generate`: the extracts of the demo, or of a distributor of any size.

use serde_json::json;

use crate::cli::{Format, GenerateArgs};
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(args: &GenerateArgs, format: Format) -> Result<(), Failure> {
    let written = match args.lines {
        Some(lines) => netto_sample::write_distributor(&args.folder, args.seed, lines),
        None if args.causes => netto_sample::write_wholesaler_with_causes(&args.folder, args.seed),
        None => netto_sample::write_wholesaler(&args.folder, args.seed),
    };
    let written =
        written.map_err(|error| Failure::failed(format!("{} could not be written", args.folder.display()), &error))?;
    let row = |file: &netto_sample::WrittenFile| {
        vec![file.name.clone(), output::count(file.rows as u64), output::count(file.bytes as u64)]
    };
    if format == Format::Json {
        let file =
            |file: &netto_sample::WrittenFile| json!({"file": file.name, "rows": file.rows, "bytes": file.bytes});
        output::json(&json!({ "folder": args.folder, "files": written.files.iter().map(file).collect::<Vec<_>>() }));
        return Ok(());
    }
    output::table(&["File", "Rows", "Bytes"], &written.files.iter().map(row).collect::<Vec<_>>(), 1);
    Ok(())
}
