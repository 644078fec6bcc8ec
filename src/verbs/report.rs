//! `netto report`: the report of the last run as one HTML file.

use netto_model::{Mart, contract};
use netto_publish::report::render;

use crate::cli::{Format, ReportArgs};
use crate::failure::Failure;
use crate::output;
use crate::pipeline::meta;
use crate::project::Project;

pub(crate) fn run(args: &ReportArgs, format: Format) -> Result<(), Failure> {
    let project = Project::open(&args.project.project)?;
    let read = |table| netto_publish::read(project.current(), table).map(|data| Mart { table, data });
    // Not every project publishes it; without it lists can't be filtered by product group.
    let groups = &contract::FCT_CUSTOMER_PRODUCT_GROUP_MONTH;
    let there = project.current().join(format!("parquet/{}.parquet", groups.name)).is_file();
    let tables = contract::marts().chain(there.then_some(groups));
    let marts = tables.map(read).collect::<Result<Vec<_>, _>>()?;
    let run = project.published_id().unwrap_or_default();
    let html = render(&marts, &project.config.report, &meta(&project.config, &run))?;
    std::fs::write(&args.output, html)
        .map_err(|error| Failure::failed(format!("{} can't be written", args.output.display()), &error))?;
    output::written(&args.output, format);
    output::next("open it in a browser; it needs no network");
    Ok(())
}
