//! `netto pull`: fetches the lake and the current result from object storage.

use serde_json::json;

use crate::cli::{Format, ProjectArgs};
use crate::failure::Failure;
use crate::output;
use crate::project::Project;
use crate::storage::{self, Moved};

pub(crate) fn run(args: &ProjectArgs, format: Format) -> Result<(), Failure> {
    let project = Project::open(&args.project)?;
    let _lock = project.lock()?;
    show(&storage::pull(&project)?, &project, format);
    Ok(())
}

/// Shows what was sent or fetched.
pub(super) fn show(moved: &Moved, project: &Project, format: Format) {
    let at = project.config.storage.as_ref().map(|storage| &storage.at);
    match format {
        Format::Json => output::json(&json!({
            "at": at, "run_id": moved.run_id, "files": moved.files, "bytes": moved.bytes, "removed": moved.removed,
        })),
        Format::Table | Format::Csv => output::text(&moved.to_string()),
    }
}
