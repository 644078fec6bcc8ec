//! `netto vacuum`: removes files that no kept run needs.

use std::collections::BTreeMap;

use netto_model::money::counted;
use serde_json::json;

use crate::cli::{Format, VacuumArgs};
use crate::failure::Failure;
use crate::output::{self, count};
use crate::project::Project;
use crate::retention;
use crate::verbs::status::{megabytes, size};

pub(crate) fn run(args: &VacuumArgs, format: Format) -> Result<(), Failure> {
    let project = Project::open(&args.project.project)?;
    let _lock = project.lock()?;
    let unneeded = retention::unneeded(&project, &project.lake()?)?;
    let mut parts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (part, path) in &unneeded {
        let (files, bytes) = parts.entry(part).or_default();
        *files += 1;
        *bytes += size(path);
    }
    let stayed =
        if args.dry_run { Vec::new() } else { retention::remove(unneeded.iter().map(|(_, path)| path.as_path())) };
    match format {
        Format::Json => output::json(&json!({
            "removed": !args.dry_run,
            "parts": parts.iter().map(|(part, (files, bytes))| json!({ "part": part, "files": files, "bytes": bytes })).collect::<Vec<_>>(),
            "files": unneeded.iter().map(|(_, path)| path).collect::<Vec<_>>(),
            "stayed": stayed,
        })),
        Format::Table | Format::Csv if parts.is_empty() => {
            output::text("nothing to remove: the runs that are kept need all of it");
        }
        Format::Table | Format::Csv => {
            let row = |(part, (files, bytes)): (&&str, &(u64, u64))| {
                vec![(*part).to_owned(), count(*files), megabytes(*bytes)]
            };
            let head = if args.dry_run { "Would be removed" } else { "Removed" };
            output::table(&[head, "Files", "Size"], &parts.iter().map(row).collect::<Vec<_>>(), 1);
        }
    }
    match stayed.first() {
        None => Ok(()),
        Some(first) => {
            let what = format!("{} could not be removed: {first}", counted(stayed.len() as u64, "file", "files"));
            Err(Failure::fault(what, "does a program hold them open? `netto vacuum` tries again"))
        }
    }
}
