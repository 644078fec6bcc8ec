//! A run becomes visible by one rename: everything is written beside, and the link `out/current` is switched last.
//!
//! ```text
//! out/.new-…          written first; a killed run leaves no more than this, and the next one removes it
//! out/runs/<id>       renamed into place, complete
//! out/current         a link, replaced by rename: a reader sees the old run or the new one, never half of one
//! ```
//! The id is a hash of the content, so the same result is the same run, and nothing is touched.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use netto_model::{Mart, Table};
use serde_json::Value;

use crate::content::Content;
use crate::csv;
use crate::current;
use crate::error::{PublishError, at};
use crate::postgres::{self, Loaded};
use crate::ready::{Ready, in_order};
use crate::sink::{PublishConfig, SINKS, SinkName};
use crate::stream::{LARGE, Streamed, StreamedFile, streamed};

/// What is published.
#[derive(Clone, Debug)]
pub struct Publication<'a> {
    /// The tables.
    pub marts: &'a [Mart],
    /// The tables that were written piece by piece; their files are moved.
    pub streamed: &'a [Streamed],
    /// The report, HTML.
    pub report: &'a str,
    /// What they are published as.
    pub config: &'a PublishConfig,
    /// Where the configuration's files are looked for.
    pub base: &'a Path,
    /// Where files are written before the run has a name, so that a run that changes nothing doesn't touch the folder of runs.
    pub staging: &'a Path,
    /// Folder of all runs.
    pub out: &'a Path,
    /// Runs that are kept, this one included.
    pub keep: usize,
    /// Where the result came from; no timestamps, so that the same result is the same run.
    pub manifest: Value,
}

/// A run that readers can see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Hash of the content, twelve hexadecimal digits.
    pub run_id: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Whether readers saw the same before.
    pub unchanged: bool,
    /// What somebody should know of it.
    pub notes: Vec<String>,
}

/// Runs that are kept where nothing else is said, the current one included.
pub const KEPT: usize = 3;

/// Publishes a run, or leaves everything as it was.
///
/// # Errors
/// When a table can't be written, or the file system refuses.
pub fn publish(publication: &Publication<'_>) -> Result<Published, PublishError> {
    let (runs, how) = (publication.out.join("runs"), publication.config.current);
    fs::create_dir_all(&runs).map_err(at(&runs))?;
    remove_leftovers(publication.out)?;
    let (large, small): (Vec<&Mart>, Vec<&Mart>) =
        publication.marts.iter().partition(|mart| mart.data.height() >= LARGE);
    let large = large
        .into_iter()
        .map(|mart| streamed(mart, publication.staging, &publication.config.sinks))
        .collect::<Result<Vec<_>, _>>()?;
    let files = files(publication, &small)?;
    let pieces: Vec<&Streamed> = publication.streamed.iter().chain(&large).collect();
    let tables = small.iter().copied().map(Ready::Made).chain(pieces.iter().copied().map(Ready::streamed));
    let tables = in_order(tables.collect());
    let sinks = publication.config.sinks.iter().collect::<BTreeSet<_>>().into_iter();
    let whole = sinks.map(|sink| sink.files(publication.staging, &tables, publication.config, publication.out));
    let whole = whole.collect::<Result<Vec<_>, _>>()?.concat();
    let streamed: Vec<&StreamedFile> = pieces.iter().flat_map(|table| &table.files).chain(&whole).collect();
    let run_id = run_id(&files, &streamed);
    let folder = runs.join(&run_id);
    let target = Path::new("runs").join(&run_id);
    let database = publication.config.database();
    let database = database.map(|config| postgres::load(config, publication.base, &run_id, &tables)).transpose()?;
    let mut database = database.flatten();
    let complete = holds(&folder, &files) && streamed.iter().all(|file| file.is_in(&folder));
    if complete && current::shows(publication.out, &target, how) {
        remove_leftovers(publication.out)?;
        return Ok(Published { run_id, folder, unchanged: true, notes: shown(&mut database)? });
    }
    if !complete {
        let new = publication.out.join(format!(".new-{run_id}"));
        write_all(&new, &files)?;
        move_all(&new, &streamed)?;
        set_damaged_aside(&folder, publication.out)?;
        fs::rename(&new, &folder).map_err(at(&folder))?;
        sync_folder(&runs)?;
    }
    let notes = shown(&mut database)?;
    current::switch(publication.out, &target, how)?;
    sync_folder(publication.out)?;
    remove_leftovers(publication.out)?;
    remove_old(publication.out, &run_id, publication.keep)?;
    Ok(Published { run_id, folder, unchanged: false, notes })
}

/// What of the last run is published once more.
#[derive(Clone, Debug)]
pub struct Repeat<'a> {
    /// Every table that a run may publish.
    pub tables: &'a [&'static Table],
    /// As what.
    pub sinks: &'a [SinkName],
    /// How tables are published.
    pub config: &'a PublishConfig,
    /// Where the configuration's files are looked for.
    pub base: &'a Path,
    /// Where files are written before they are part of the run.
    pub staging: &'a Path,
    /// Folder of all runs.
    pub out: &'a Path,
}

/// Publishes the last run into other sinks: nothing is computed, its Parquet files are read. Files stand beside those that it has.
///
/// # Errors
/// When there is no run, or a sink refuses: what was published before stays as it is.
pub fn repeat(repeat: &Repeat<'_>) -> Result<Published, PublishError> {
    let nothing = || PublishError::NothingPublished { path: repeat.out.join("current") };
    let folder = current::current(repeat.out).ok_or_else(nothing)?;
    let run_id = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let file = |table: &&'static Table| Ready::Written(table, folder.join(format!("parquet/{}.parquet", table.name)));
    let is_there = |ready: &Ready| matches!(ready, Ready::Written(_, path) if path.is_file());
    let tables = in_order(repeat.tables.iter().map(file).filter(is_there).collect());
    let mut notes = Vec::new();
    for sink in repeat.sinks {
        let files = match sink {
            SinkName::Csv => csv::write(repeat.staging, &tables)?,
            sink => sink.files(repeat.staging, &tables, repeat.config, repeat.out)?,
        };
        move_all(&folder, &files.iter().collect::<Vec<_>>())?;
        if let (SinkName::Postgres, Some(config)) = (sink, &repeat.config.postgres) {
            notes.extend(shown(&mut postgres::load(config, repeat.base, &run_id, &tables)?)?);
        }
    }
    Ok(Published { run_id, folder, unchanged: true, notes })
}

/// Shows the tables of a database to its readers.
fn shown(database: &mut Option<Loaded<'_>>) -> Result<Vec<String>, PublishError> {
    let Some(loaded) = database else { return Ok(Vec::new()) };
    loaded.commit()?;
    Ok(loaded.drop_those_before())
}

/// Every file of the run that is held in memory, in a fixed order.
fn files(publication: &Publication<'_>, marts: &[&Mart]) -> Result<Vec<(String, Vec<u8>)>, PublishError> {
    let mut files = Vec::new();
    for (_, sink) in
        SINKS.iter().filter(|(name, _)| *name == SinkName::Parquet || publication.config.sinks.contains(name))
    {
        for mart in marts {
            let name = sink.name();
            files.push((format!("{name}/{}.{name}", mart.table.name), sink.write(mart)?));
        }
    }
    files.push(("report.html".into(), publication.report.as_bytes().to_vec()));
    files.push(("manifest.json".into(), serde_json::to_vec_pretty(&publication.manifest)?));
    Ok(files)
}

/// Whether the folder has every file of the run, unharmed. The name alone would promise it, but anyone can delete a file.
fn holds(folder: &Path, files: &[(String, Vec<u8>)]) -> bool {
    files.iter().all(|(name, bytes)| fs::read(folder.join(name)).is_ok_and(|found| found == *bytes))
}

/// Makes room where a run of that name lies that is no longer whole.
fn set_damaged_aside(folder: &Path, out: &Path) -> Result<(), PublishError> {
    if folder.exists() { fs::rename(folder, out.join(".new-damaged")).map_err(at(folder)) } else { Ok(()) }
}

/// Names and contents: an address for the run. Of files that were written piece by piece, the hash of the content.
fn run_id(files: &[(String, Vec<u8>)], streamed: &[&StreamedFile]) -> String {
    let mut run = Content::default();
    for (name, bytes) in files {
        run.add(name.as_bytes());
        run.add(bytes);
    }
    for file in streamed {
        run.add(file.name.as_bytes());
        run.add(file.content.bytes());
    }
    run.digest().short()
}

fn write_all(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), PublishError> {
    for (name, bytes) in files {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(at(parent))?;
        let mut file = fs::File::create(&path).map_err(at(&path))?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(at(&path))?;
        sync_folder(parent)?;
    }
    sync_folder(folder)
}

fn move_all(folder: &Path, files: &[&StreamedFile]) -> Result<(), PublishError> {
    for file in files {
        file.move_to(folder)?;
        sync_folder(folder.join(&file.name).parent().unwrap_or(folder))?;
    }
    Ok(())
}

/// A rename outlives a power cut only when its folder was synced, too.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> Result<(), PublishError> {
    fs::File::open(folder).and_then(|opened| opened.sync_all()).map_err(at(folder))
}

/// Windows has no such call, and needs none.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
fn sync_folder(_: &Path) -> Result<(), PublishError> {
    Ok(())
}

/// What a killed run left.
fn remove_leftovers(out: &Path) -> Result<(), PublishError> {
    for entry in fs::read_dir(out).map_err(at(out))?.flatten() {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with(".new-") {
            let removed =
                if path.is_dir() && !path.is_symlink() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(at(&path))?;
        }
    }
    Ok(())
}

/// Keeps the current run and the latest before it; whatever else lies there (`.DS_Store`, a user's note) is left alone.
fn remove_old(out: &Path, current: &str, keep: usize) -> Result<(), PublishError> {
    let others = runs(out).into_iter().filter(|(id, _)| id != current);
    let written = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    let mut others: Vec<_> = others.map(|(_, path)| (written(&path), path)).collect();
    others.sort_by(|a, b| b.cmp(a));
    for (_, path) in others.into_iter().skip(keep.saturating_sub(1)) {
        fs::remove_dir_all(&path).map_err(at(&path))?;
    }
    Ok(())
}

/// The runs that lie in a folder of results, by id.
#[must_use]
pub fn runs(out: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(out.join("runs")).into_iter().flatten().flatten();
    let named = entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()));
    named.filter(|(name, _)| is_run(name)).collect()
}

fn is_run(name: &str) -> bool {
    name.len() == 12 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::contract::DIM_EMPLOYEE;
    use polars::prelude::*;

    fn publish_names(out: &Path, names: &[&str]) -> Result<Published, PublishError> {
        let n = names.len();
        let data = df!("employee_id" => names, "name" => names, "role" => vec![None::<&str>; n], "pair_id" => vec![None::<&str>; n])?;
        let marts = [Mart { table: &DIM_EMPLOYEE, data }];
        publish(&Publication {
            marts: &marts,
            streamed: &[],
            report: "<html>",
            config: &PublishConfig::default(),
            base: out,
            staging: &out.join("staging"),
            out,
            keep: KEPT,
            manifest: serde_json::json!({"netto": "1"}),
        })
    }

    fn seen(out: &Path) -> String {
        fs::read_to_string(out.join("current/csv/dim_employee.csv")).unwrap()
    }

    #[test]
    fn the_same_result_is_the_same_run_and_touches_nothing() {
        let out = tempfile::tempdir().unwrap();
        let first = publish_names(out.path(), &["A"]).unwrap();
        let again = publish_names(out.path(), &["A"]).unwrap();
        assert!(!first.unchanged && again.unchanged);
        assert_eq!(first.folder, again.folder);
        assert_eq!(read_back(out.path()), "A");
    }

    fn read_back(out: &Path) -> String {
        let data = crate::parquet::read_file(&out.join("current"), &DIM_EMPLOYEE).unwrap();
        data.column("name").unwrap().str().unwrap().get(0).unwrap().to_owned()
    }

    #[test]
    fn what_a_killed_run_left_is_removed_and_old_runs_go() {
        let out = tempfile::tempdir().unwrap();
        for name in ["A", "B", "C", "D", "E"] {
            fs::create_dir_all(out.path().join(".new-dead/csv")).unwrap();
            publish_names(out.path(), &[name]).unwrap();
            assert!(seen(out.path()).contains(name));
        }
        assert!(!out.path().join(".new-dead").exists());
        assert_eq!(fs::read_dir(out.path().join("runs")).unwrap().count(), KEPT);
    }

    #[test]
    fn a_run_that_lost_a_file_is_made_whole_again() {
        let out = tempfile::tempdir().unwrap();
        let first = publish_names(out.path(), &["A"]).unwrap();
        fs::remove_file(first.folder.join("csv/dim_employee.csv")).unwrap();
        let again = publish_names(out.path(), &["A"]).unwrap();
        assert_eq!((again.unchanged, again.run_id), (false, first.run_id));
        assert!(seen(out.path()).contains('A'));
        let left: Vec<_> = fs::read_dir(out.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 3, "current, runs, and what is staged here: {left:?}");
    }

    #[test]
    fn what_is_no_run_is_not_removed() {
        let out = tempfile::tempdir().unwrap();
        fs::create_dir_all(out.path().join("runs/kept by me")).unwrap();
        fs::write(out.path().join("runs/.DS_Store"), "").unwrap();
        for name in ["A", "B", "C", "D"] {
            publish_names(out.path(), &[name]).unwrap();
        }
        assert!(out.path().join("runs/.DS_Store").exists() && out.path().join("runs/kept by me").exists());
        assert_eq!(fs::read_dir(out.path().join("runs")).unwrap().count(), KEPT + 2);
    }

    #[test]
    fn a_run_that_fails_leaves_the_last_one_in_place() {
        let out = tempfile::tempdir().unwrap();
        publish_names(out.path(), &["A"]).unwrap();
        let broken = Mart { table: &DIM_EMPLOYEE, data: DataFrame::empty() };
        let manifest = serde_json::json!({});
        let publication = Publication {
            marts: &[broken],
            streamed: &[],
            report: "",
            config: &PublishConfig::default(),
            base: out.path(),
            staging: &out.path().join("staging"),
            out: out.path(),
            keep: KEPT,
            manifest,
        };
        assert!(publish(&publication).is_err());
        assert!(seen(out.path()).contains('A'));
    }
}
