//! `netto push`: sends new files of the lake, and the current result, to object storage.

use crate::cli::{Format, ProjectArgs};
use crate::failure::Failure;
use crate::project::Project;
use crate::storage;
use crate::verbs::pull::show;

pub(crate) fn run(args: &ProjectArgs, format: Format) -> Result<(), Failure> {
    let project = Project::open(&args.project)?;
    let _lock = project.lock()?;
    show(&storage::push(&project)?, &project, format);
    Ok(())
}
