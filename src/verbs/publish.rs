//! `netto publish`: publishes the last run again, as other files or into a database, without computing it.

use netto_publish::{Repeat, SinkName, repeat};
use serde_json::json;

use crate::cli::{Format, PublishArgs};
use crate::failure::Failure;
use crate::output;
use crate::pipeline::published_tables;
use crate::progress::say;
use crate::project::{Project, clear};

pub(crate) fn run(args: &PublishArgs, format: Format) -> Result<(), Failure> {
    let project = Project::open(&args.project.project)?;
    let _lock = project.lock()?;
    let config = &project.config.publish;
    let named = args.sink.iter().map(|name| sink(name)).collect::<Result<Vec<_>, _>>()?;
    let sinks = if named.is_empty() { &config.sinks } else { &named };
    if sinks.contains(&SinkName::Postgres) && config.postgres.is_none() {
        let help = "add it: [publish.postgres] host = \"…\" database = \"…\" user = \"…\"";
        return Err(Failure::usage("there is no [publish.postgres] in netto.toml", help));
    }
    let (out, staging) = (project.out(), project.staging());
    let done = repeat(&Repeat {
        tables: &published_tables(&project)?,
        sinks,
        config,
        base: &project.folder,
        staging: &staging,
        out: &out,
    })?;
    clear(&project.staging())?;
    for note in &done.notes {
        say("", note);
    }
    match format {
        Format::Json => output::json(&json!({"run_id": done.run_id, "folder": done.folder, "notes": done.notes})),
        Format::Table | Format::Csv => output::text(&format!("run {} in {}", done.run_id, project.shown().display())),
    }
    Ok(())
}

fn sink(name: &str) -> Result<SinkName, Failure> {
    match SinkName::named(name) {
        Some(SinkName::Parquet) => {
            Err(Failure::usage("the other sinks are made from the Parquet files", "`netto run` writes it"))
        }
        Some(sink) => Ok(sink),
        None => Err(Failure::usage(
            format!("`{name}` is not a sink"),
            "use csv, sqlite, xlsx, delta, postgres, powerbi or metabase",
        )),
    }
}
