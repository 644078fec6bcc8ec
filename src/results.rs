//! Reuses the result of an earlier run. A result depends on the lake, the rules, the last closed month and the program. If an earlier
//! run had the same inputs and its tables are complete, they are the result, and nothing is computed again.
//!
//! ```text
//! #41   ingest · rollup · profit · split · segment · publish: out/runs/3f9c… is written, and PostgreSQL is gone      exit 1
//! #42   ingest: nothing new · publish: out/runs/3f9c… is whole → PostgreSQL, out/current                            exit 0
//! #43   ingest: nothing new · publish: nothing changed since run 3f9c…                                              exit 0
//! ```
//! `netto run --recompute` computes anyway.

use std::fs;
use std::time::UNIX_EPOCH;

use netto_lake::Lake;
use netto_model::frame::{Contract, DataReadiness, DimWindow, PoolBalance, Waterfall};
use netto_model::{Mart, Period, contract};
use netto_publish::{Complete, Members};
use serde_json::Value;

use crate::agreement;
use crate::failure::Failure;
use crate::journal::{Entry, Journal};
use crate::loads;
use crate::months::Counted;
use crate::pipeline::Computed;
use crate::project::Project;

/// Number of last runs that are searched for the same result.
const LOOKED_AT: usize = 100;

/// A result of an earlier run.
pub(crate) struct Found {
    pub(crate) run: Complete,
    /// The run that wrote or reused it.
    entry: Entry,
}

/// The existing result for a run's inputs; `None` if it has to be computed.
pub(crate) fn same(project: &Project, now: &Entry) -> Option<Found> {
    let journal = Journal::of(project);
    let before = journal.last_first().filter(|entry| entry.number != now.number).take(LOOKED_AT);
    let wanted = now.computes_from()?;
    let same = |entry: &Entry| entry.computes_from().is_some_and(|from| from == wanted);
    let entry = before.filter(|entry| entry.run_id.is_some()).find(same)?;
    let run = netto_publish::whole(&project.out(), entry.run_id.as_deref()?, &project.config.publish)?;
    Some(Found { run, entry })
}

/// The result that a run would reuse now, if it read nothing new.
///
/// # Errors
/// When the lake can't be read.
pub(crate) fn ready(project: &Project, lake: &Lake) -> Result<Option<Found>, Failure> {
    Ok(same(project, &now(project, lake)?))
}

/// The inputs of a run now, if it read nothing new.
///
/// # Errors
/// When the lake can't be read.
pub(crate) fn now(project: &Project, lake: &Lake) -> Result<Entry, Failure> {
    Ok(Entry {
        data_through: Some(agreement::last_month(project, &lake.periods()?)?.to_string()),
        lake: lake.versions()?,
        content: content(lake)?,
        ..Entry::before(project)
    })
}

/// Hash of the data: the lake's content, and the rows that were set apart.
///
/// # Errors
/// When the lake can't be read.
pub(crate) fn content(lake: &Lake) -> Result<String, Failure> {
    let set_apart = loads::set_apart_as_json(&lake.set_apart()?).to_string();
    Ok(blake3::hash((lake.content()? + &set_apart).as_bytes()).to_hex().to_string())
}

/// Identifies the program by the size and time of its file, as another build of the same version may compute differently. Empty if
/// unknown.
pub(crate) fn program() -> String {
    let about = std::env::current_exe().and_then(fs::metadata);
    let written = |about: &fs::Metadata| about.modified().ok()?.duration_since(UNIX_EPOCH).ok();
    let name = |about: fs::Metadata| Some(format!("{} {}", about.len(), written(&about)?.as_millis()));
    about.ok().and_then(name).unwrap_or_default()
}

impl Found {
    /// The tables that a run checks before publishing, and their warnings.
    ///
    /// # Errors
    /// When one of them can't be read.
    pub(crate) fn computed(&self, last_month: Period) -> Result<Computed, Failure> {
        let tables = [
            contract::model("window_summary"),
            DimWindow::TABLE,
            Waterfall::TABLE,
            DataReadiness::TABLE,
            PoolBalance::TABLE,
        ];
        let read = |table| Ok(Mart { table, data: netto_publish::read(&self.run.folder, table)? });
        Ok(Computed {
            marts: tables.into_iter().map(read).collect::<Result<_, Failure>>()?,
            streamed: Vec::new(),
            members: Members::default(),
            months: Counted::default(),
            warnings: self.entry.warnings.clone(),
            last_month,
        })
    }

    /// Its manifest.
    pub(crate) fn manifest(&self) -> Value {
        fs::read(self.run.folder.join("manifest.json"))
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default()
    }
}
