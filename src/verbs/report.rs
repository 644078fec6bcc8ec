//! `netto report`: writes the report of the last run as one HTML file.

use netto_model::{Mart, Table, contract};
use netto_publish::report::{FACTS, render};

use crate::cli::{Format, ReportArgs};
use crate::failure::Failure;
use crate::output;
use crate::pipeline::meta;
use crate::project::Project;

pub(crate) fn run(args: &ReportArgs, format: Format) -> Result<(), Failure> {
    let project = Project::open(&args.project.project)?;
    let read = |table| netto_publish::read(project.current(), table).map(|data| Mart { table, data });
    // Not every project publishes these; without them the report's filter affects fewer parts.
    let there = |table: &&Table| project.current().join(format!("parquet/{}.parquet", table.name)).is_file();
    let tables = contract::marts().chain(FACTS.iter().copied().filter(there));
    let marts = tables.map(read).collect::<Result<Vec<_>, _>>()?;
    let run = project.published_id().unwrap_or_default();
    let html = render(&marts, &project.config.report, &meta(&project.config, &run))?;
    std::fs::write(&args.output, html)
        .map_err(|error| Failure::failed(format!("{} can't be written", args.output.display()), &error))?;
    output::written(&args.output, format);
    output::next("open it in a browser; it needs no network");
    Ok(())
}
