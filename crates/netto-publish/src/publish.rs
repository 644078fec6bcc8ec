//! Publishes a run atomically: all files are written aside, and the link `out/current` is switched last.
//!
//! ```text
//! out/.new-…          written first; a killed run leaves no more than this, and the next one removes it
//! out/runs/<id>       renamed into place, complete; files.json has the hash of each file, so that it is known to be whole
//! out/current         a link, replaced by rename: a reader sees the old run or the new one, never half of one
//! ```
//! If readers can't be switched to a complete run, because a database is unreachable, it stays there and the next run publishes it. The id is a hash of the
//! content, so the same result is the same run and changes no file. The hash covers the tables, the report and the manifest; files that contain the id or are
//! derived from the tables (SQLite, a workbook, Delta) are written once the id is known.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use netto_model::{Mart, Table};
use rayon::prelude::*;
use serde_json::Value;

use crate::about::About;
use crate::content::Content;
use crate::csv;
use crate::current;
use crate::error::{PublishError, at};
use crate::postgres::{self, Loaded};
use crate::ready::{Ready, in_order, lying_in};
use crate::report::UNNAMED;
use crate::sink::{PublishConfig, SINKS, Sink, SinkName};
use crate::stream::{LARGE, Streamed, StreamedFile, streamed};

/// What to publish.
#[derive(Clone, Debug)]
pub struct Publication<'a> {
    /// The tables.
    pub marts: &'a [Mart],
    /// The tables that are already written piece by piece; their files are moved.
    pub streamed: &'a [Streamed],
    /// The report, HTML.
    pub report: &'a str,
    /// The sinks.
    pub config: &'a PublishConfig,
    /// The folder that the configuration's paths are relative to.
    pub base: &'a Path,
    /// Where files are written before the run has an id, so that an unchanged result doesn't touch the folder of runs.
    pub staging: &'a Path,
    /// Folder of all runs.
    pub out: &'a Path,
    /// Number of runs to keep, including this one.
    pub keep: usize,
    /// Where the result came from; no timestamps, so that the same result is the same run.
    pub manifest: Value,
    /// The description of the run.
    pub about: &'a About,
}

/// A complete run, whether readers see it or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complete {
    /// Hash of the content, twelve hexadecimal digits.
    pub run_id: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Whether readers see it already.
    pub is_shown: bool,
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
    /// Warnings about the publication.
    pub notes: Vec<String>,
}

/// Default number of runs to keep, including the current one.
pub const KEPT: usize = 3;

/// Writes a run beside those that readers see; on an error everything stays unchanged.
///
/// # Errors
/// When a table can't be written, or the file system refuses.
pub fn write(publication: &Publication<'_>) -> Result<Complete, PublishError> {
    let runs = publication.out.join("runs");
    fs::create_dir_all(&runs).map_err(at(&runs))?;
    remove_leftovers(publication.out)?;
    let (large, small): (Vec<&Mart>, Vec<&Mart>) =
        publication.marts.iter().partition(|mart| mart.data.height() >= LARGE);
    let large = large
        .into_iter()
        .map(|mart| streamed(mart, publication.staging, &publication.config.sinks))
        .collect::<Result<Vec<_>, _>>()?;
    let mut files = files(publication, &small)?;
    let pieces: Vec<&Streamed> = publication.streamed.iter().chain(&large).collect();
    let written = |sinks: &[SinkName], tables: &[Ready]| {
        let each =
            sinks.iter().map(|sink| sink.files(publication.staging, tables, publication.config, publication.out));
        each.collect::<Result<Vec<_>, _>>().map(|files| files.concat())
    };
    let sinks: BTreeSet<SinkName> = publication.config.sinks.iter().copied().collect();
    let (of_rows, others): (Vec<SinkName>, Vec<SinkName>) = sinks.into_iter().partition(|sink| sink.holds_all_rows());
    let unnamed = publication.about.table("")?;
    let meanings = written(&others, &all(&small, &pieces, &unnamed))?;
    let hashed = pieces.iter().flat_map(|table| &table.files).chain(&meanings);
    let run_id = run_id(&files, hashed, &of_rows);
    let about = publication.about.table(&run_id)?;
    name_report(&mut files, &run_id);
    files.extend(tables_as_files(publication.config, &[&about])?);
    let tables = all(&small, &pieces, &about);
    let whole = written(&of_rows, &tables)?;
    let streamed = pieces.iter().flat_map(|table| &table.files).chain(&meanings).chain(&whole);
    let streamed: Vec<&StreamedFile> = streamed.collect();
    let folder = runs.join(&run_id);
    files.push((HASHES.to_owned(), hashes(&files, &streamed)?));
    let was_there = holds(&folder, &files) && streamed.iter().all(|file| file.is_in(&folder));
    if !was_there {
        let new = publication.out.join(format!(".new-{run_id}"));
        write_all(&new, &files)?;
        move_all(&new, &streamed)?;
        set_damaged_aside(&folder, publication.out)?;
        fs::rename(&new, &folder).map_err(at(&folder))?;
        sync_folder(&runs)?;
    }
    remove_leftovers(publication.out)?;
    let seen =
        current::current(publication.out).and_then(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()));
    remove_old(publication.out, &[&run_id, seen.as_deref().unwrap_or_default()], publication.keep)?;
    let is_shown = was_there && shows(publication.out, &run_id, publication.config);
    Ok(Complete { run_id, folder, is_shown })
}

/// The run of that id, if the folder of runs has it complete and unchanged to the byte.
#[must_use]
pub fn whole(out: &Path, run_id: &str, config: &PublishConfig) -> Option<Complete> {
    let folder = out.join("runs").join(run_id);
    is_as_written(&folder).then(|| Complete { run_id: run_id.to_owned(), is_shown: shows(out, run_id, config), folder })
}

/// Whether a folder has every file that it lists, each as it was written.
pub(crate) fn is_as_written(folder: &Path) -> bool {
    let hashes = fs::read(folder.join(HASHES)).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let Some(hashes): Option<BTreeMap<String, String>> = hashes else { return false };
    let is_whole = |(name, hash): (&String, &String)| {
        Content::of_file(&folder.join(name)).is_ok_and(|content| content.hex() == *hash)
    };
    hashes.par_iter().all(is_whole)
}

/// How to publish a complete run.
#[derive(Clone, Copy, Debug)]
pub struct Showing<'a> {
    /// Every table that a run may publish.
    pub tables: &'a [&'static Table],
    /// The sinks.
    pub config: &'a PublishConfig,
    /// The folder that the configuration's paths are relative to.
    pub base: &'a Path,
    /// Folder of all runs.
    pub out: &'a Path,
    /// Number of runs to keep, including this one.
    pub keep: usize,
}

/// Makes a run visible to readers: in the database, if there is one, and by `out/current`.
///
/// # Errors
/// If the database or the file system refuses: readers continue to see the previous run.
pub fn show(run: &Complete, showing: &Showing<'_>) -> Result<Published, PublishError> {
    let Complete { run_id, folder, is_shown } = run.clone();
    let (how, target) = (showing.config.current, Path::new("runs").join(&run_id));
    let database = showing.config.database().map(|config| {
        let tables = lying_in(&folder, showing.tables);
        postgres::load(config, showing.base, &run_id, &tables)
    });
    let notes = shown(&mut database.transpose()?.flatten())?;
    // A killed run may have left files, even if this run wrote none.
    remove_leftovers(showing.out)?;
    if !is_shown {
        current::switch(showing.out, &target, how)?;
        sync_folder(showing.out)?;
        remove_old(showing.out, &[&run_id], showing.keep)?;
    }
    Ok(Published { run_id, folder, unchanged: is_shown, notes })
}

fn shows(out: &Path, run_id: &str, config: &PublishConfig) -> bool {
    current::shows(out, &Path::new("runs").join(run_id), config.current)
}

/// What to publish again from the last run.
#[derive(Clone, Debug)]
pub struct Repeat<'a> {
    /// Every table that a run may publish.
    pub tables: &'a [&'static Table],
    /// The sinks to write.
    pub sinks: &'a [SinkName],
    /// How tables are published.
    pub config: &'a PublishConfig,
    /// The folder that the configuration's paths are relative to.
    pub base: &'a Path,
    /// Where files are written before they become part of the run.
    pub staging: &'a Path,
    /// Folder of all runs.
    pub out: &'a Path,
}

/// Publishes the last run into other sinks: it computes nothing, and reads the run's Parquet files. New files are added beside the existing ones.
///
/// # Errors
/// If there is no run, or a sink refuses: everything published before stays unchanged.
pub fn repeat(repeat: &Repeat<'_>) -> Result<Published, PublishError> {
    let nothing = || PublishError::NothingPublished { path: repeat.out.join("current") };
    let folder = current::current(repeat.out).ok_or_else(nothing)?;
    let run_id = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let tables = lying_in(&folder, repeat.tables);
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

/// Every table, in memory or in files, and the one that describes the run.
fn all<'a>(small: &[&'a Mart], pieces: &[&Streamed], about: &'a Mart) -> Vec<Ready<'a>> {
    let made = small.iter().copied().chain([about]).map(Ready::Made);
    in_order(made.chain(pieces.iter().copied().map(Ready::streamed)).collect())
}

/// Puts the run id into the report.
fn name_report(files: &mut [(String, Vec<u8>)], run: &str) {
    for (_, bytes) in files.iter_mut().filter(|(name, _)| name == REPORT) {
        *bytes = String::from_utf8_lossy(bytes).replace(UNNAMED, run).into_bytes();
    }
}

const REPORT: &str = "report.html";
/// Every other file of the run, by the hash of its content.
pub(crate) const HASHES: &str = "files.json";

fn hashes(files: &[(String, Vec<u8>)], streamed: &[&StreamedFile]) -> Result<Vec<u8>, PublishError> {
    let held = files.iter().map(|(name, bytes)| (name.as_str(), Content::of(bytes)));
    let written = streamed.iter().map(|file| (file.name.as_str(), file.content));
    let all: BTreeMap<&str, String> = held.chain(written).map(|(name, content)| (name, content.hex())).collect();
    Ok(serde_json::to_vec_pretty(&all)?)
}

/// Makes the tables of a database visible to its readers.
fn shown(database: &mut Option<Loaded<'_>>) -> Result<Vec<String>, PublishError> {
    let Some(loaded) = database else { return Ok(Vec::new()) };
    loaded.commit()?;
    Ok(loaded.drop_those_before())
}

/// Every file of the run that is in memory, in a fixed order.
fn files(publication: &Publication<'_>, marts: &[&Mart]) -> Result<Vec<(String, Vec<u8>)>, PublishError> {
    let mut files = tables_as_files(publication.config, marts)?;
    files.push((REPORT.into(), publication.report.as_bytes().to_vec()));
    files.push(("manifest.json".into(), serde_json::to_vec_pretty(&publication.manifest)?));
    Ok(files)
}

/// A file per table and kind of file.
fn tables_as_files(config: &PublishConfig, marts: &[&Mart]) -> Result<Vec<(String, Vec<u8>)>, PublishError> {
    let wanted = SINKS.iter().filter(|(name, _)| *name == SinkName::Parquet || config.sinks.contains(name));
    let files: Vec<_> = wanted.flat_map(|(_, sink)| marts.iter().map(move |mart| (sink, mart))).collect();
    let written = |(sink, mart): (&&dyn Sink, &&Mart)| {
        Ok((format!("{0}/{1}.{0}", sink.name(), mart.table.name), sink.write(mart)?))
    };
    files.into_par_iter().map(written).collect()
}

/// Whether the folder has every file of the run undamaged. The id alone would promise it, but anyone can delete a file.
fn holds(folder: &Path, files: &[(String, Vec<u8>)]) -> bool {
    files.iter().all(|(name, bytes)| fs::read(folder.join(name)).is_ok_and(|found| found == *bytes))
}

/// Makes room if a damaged run of that id exists.
fn set_damaged_aside(folder: &Path, out: &Path) -> Result<(), PublishError> {
    if folder.exists() { fs::rename(folder, out.join(".new-damaged")).map_err(at(folder)) } else { Ok(()) }
}

/// The run id: a hash of names and contents. Files that were written piece by piece count by the hash of their content, files derived from the tables by their
/// presence.
fn run_id<'a>(
    files: &[(String, Vec<u8>)],
    streamed: impl Iterator<Item = &'a StreamedFile>,
    of_rows: &[SinkName],
) -> String {
    let mut run = Content::default();
    for (name, bytes) in files {
        run.add(name.as_bytes());
        run.add(bytes);
    }
    for file in streamed {
        run.add(file.name.as_bytes());
        run.add(file.content.bytes());
    }
    for sink in of_rows {
        run.add(format!("{sink:?}").as_bytes());
    }
    run.digest().short()
}

fn write_all(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), PublishError> {
    for (name, bytes) in files {
        write_file(folder, name, bytes)?;
    }
    sync_folder(folder)
}

/// Writes a file below a folder and syncs it, so that it survives a power cut.
pub(crate) fn write_file(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), PublishError> {
    let path = folder.join(name);
    let parent = path.parent().unwrap_or(folder);
    fs::create_dir_all(parent).map_err(at(parent))?;
    let mut file = fs::File::create(&path).map_err(at(&path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(at(&path))?;
    sync_folder(parent)
}

fn move_all(folder: &Path, files: &[&StreamedFile]) -> Result<(), PublishError> {
    for file in files {
        file.move_to(folder)?;
        sync_folder(folder.join(&file.name).parent().unwrap_or(folder))?;
    }
    Ok(())
}

/// A rename survives a power cut only if its folder is synced too.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> Result<(), PublishError> {
    fs::File::open(folder).and_then(|opened| opened.sync_all()).map_err(at(folder))
}

/// Windows has no such call and needs none.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
fn sync_folder(_: &Path) -> Result<(), PublishError> {
    Ok(())
}

/// The leftovers of a killed run.
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

/// Keeps the named runs and the latest ones up to the given number; other files (`.DS_Store`, a user's note) are left alone.
fn remove_old(out: &Path, named: &[&str], keep: usize) -> Result<(), PublishError> {
    let others = runs(out).into_iter().filter(|(id, _)| !named.contains(&id.as_str()));
    let written = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    let mut others: Vec<_> = others.map(|(_, path)| (written(&path), path)).collect();
    others.sort_by(|a, b| b.cmp(a));
    for (_, path) in others.into_iter().skip(keep.saturating_sub(1)) {
        fs::remove_dir_all(&path).map_err(at(&path))?;
    }
    Ok(())
}

/// The runs in a folder of results, by id.
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
    use netto_model::Period;
    use netto_model::contract::DIM_EMPLOYEE;
    use polars::prelude::*;

    fn publish(publication: &Publication<'_>) -> Result<Published, PublishError> {
        let Publication { config, base, out, keep, .. } = *publication;
        show(&write(publication)?, &Showing { tables: &[&DIM_EMPLOYEE], config, base, out, keep })
    }

    fn publish_names(out: &Path, names: &[&str]) -> Result<Published, PublishError> {
        with_names(out, names, publish)
    }

    fn write_names(out: &Path, names: &[&str]) -> Result<Complete, PublishError> {
        with_names(out, names, write)
    }

    fn with_names<T>(out: &Path, names: &[&str], work: impl Fn(&Publication<'_>) -> T) -> T {
        let n = names.len();
        let data = df!("employee_id" => names, "name" => names, "role" => vec![None::<&str>; n], "pair_id" => vec![None::<&str>; n]);
        let data = data.unwrap();
        let marts = [Mart { table: &DIM_EMPLOYEE, data }];
        work(&Publication {
            marts: &marts,
            streamed: &[],
            report: &format!("<html>{UNNAMED}"),
            config: &PublishConfig::default(),
            base: out,
            staging: &out.join("staging"),
            out,
            keep: KEPT,
            manifest: serde_json::json!({"netto": "1"}),
            about: &about(),
        })
    }

    fn about() -> About {
        let text = |text: &str| text.to_owned();
        let last_month = Period::new(2025, 3);
        About { company: text("A"), currency: text("EUR"), last_month, netto: text("1"), lake: text("order_lines 0") }
    }

    #[test]
    fn the_run_says_its_own_name_in_tables_and_report_and_the_name_is_still_that_of_the_content() {
        let out = tempfile::tempdir().unwrap();
        let published = publish_names(out.path(), &["A"]).unwrap();
        let read = |name: &str| fs::read_to_string(published.folder.join(name)).unwrap();
        let of_run = format!("1,{},2025-03-31,A,EUR,1,order_lines 0", published.run_id);
        assert_eq!(read("csv/dim_run.csv").lines().last(), Some(of_run.as_str()));
        assert_eq!(read(REPORT), format!("<html>{}", published.run_id));
        assert_ne!(publish_names(out.path(), &["B"]).unwrap().run_id, published.run_id);
        assert_eq!(publish_names(out.path(), &["A"]).unwrap().run_id, published.run_id);
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
    fn a_run_that_is_written_is_seen_when_it_is_shown_and_known_to_be_whole_or_not() {
        let (out, config) = (tempfile::tempdir().unwrap(), PublishConfig::default());
        publish_names(out.path(), &["A"]).unwrap();
        let written = write_names(out.path(), &["B"]).unwrap();
        assert!(seen(out.path()).contains('A') && !written.is_shown);
        let found = whole(out.path(), &written.run_id, &config);
        assert_eq!(found.as_ref(), Some(&written));
        let showing = Showing { tables: &[], config: &config, base: out.path(), out: out.path(), keep: KEPT };
        assert!(!show(&found.unwrap(), &showing).unwrap().unchanged);
        assert!(seen(out.path()).contains('B'));
        assert!(whole(out.path(), &written.run_id, &config).unwrap().is_shown);
        for file in ["csv/dim_employee.csv", "parquet/dim_run.parquet", REPORT, HASHES] {
            let path = written.folder.join(file);
            let mut bytes = fs::read(&path).unwrap();
            bytes[0] ^= 1;
            fs::write(&path, &bytes).unwrap();
            assert_eq!(whole(out.path(), &written.run_id, &config), None, "{file}");
            bytes[0] ^= 1;
            fs::write(&path, &bytes).unwrap();
        }
        fs::remove_file(written.folder.join("csv/dim_employee.csv")).unwrap();
        assert_eq!(whole(out.path(), &written.run_id, &config), None);
        assert_eq!(whole(out.path(), "0123456789ab", &config), None);
    }

    #[test]
    fn runs_that_are_never_shown_do_not_pile_up() {
        let out = tempfile::tempdir().unwrap();
        publish_names(out.path(), &["A"]).unwrap();
        for name in ["B", "C", "D", "E", "F"] {
            write_names(out.path(), &[name]).unwrap();
        }
        assert!(seen(out.path()).contains('A'), "what readers see stays");
        assert_eq!(runs(out.path()).len(), KEPT + 1);
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
            about: &about(),
        };
        assert!(publish(&publication).is_err());
        assert!(seen(out.path()).contains('A'));
    }
}
