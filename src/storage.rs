//! `[storage]`: mirrors the lake and the current result in object storage, for readers and for other machines to start from. netto
//! itself works on the local folders.
//!
//! ```text
//! lake/order_lines/period=…/part-….parquet      first what nobody reads before it is named: data, the result, the record of its run
//! runs/3f9c2b71a0de/parquet/….parquet
//! records/000041/run.json
//! lake/order_lines/_delta_log/….json            then the logs, version by version, no entry in place of another
//! current.json                                  then the pointer: the current result, and every file that belongs to it all
//!                                               and last goes what retention removed here, of what the pointer says netto put there
//! ```
//! So readers of the storage always see the last complete run, even if a push is interrupted, and the next push continues from there.
//! `netto pull` uses the same order in the other direction.

mod client;
mod config;
mod error;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

use netto_model::money::counted;
use netto_publish::{PublishConfig, Showing};
use serde::{Deserialize, Serialize};

pub(crate) use config::StorageConfig;
pub(crate) use error::StorageError;

use crate::failure::Failure;
use crate::journal::Journal;
use crate::project::{Project, clear};
use crate::verbs::status::megabytes;
use client::{Client, Step, There};

/// The pointer file, which is written last and read first.
const POINTER: &str = "current.json";

/// The complete content of the storage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Mirror {
    /// Folder of the current result: `runs/3f9c2b71a0de`.
    run: String,
    /// The mark of every file, by its name in the storage.
    files: BTreeMap<String, String>,
    /// Unneeded files, in case a push is interrupted before it removes them.
    #[serde(default)]
    gone: Vec<String>,
}

/// A local file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Here {
    path: PathBuf,
    size: u64,
    /// Identifies its version: its size, and its hash if the name doesn't depend on the content.
    mark: String,
}

/// The local files, by their names in the storage.
type Files = BTreeMap<String, Here>;

/// The order in which files are transferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Data,
    Entry(u64),
    Checkpoint(u64),
    /// The file that names the last checkpoint.
    Hint,
}

impl Turn {
    fn of(name: &str) -> Self {
        let of_log = name.strip_prefix("lake/").and_then(|name| name.split_once("/_delta_log/"));
        match of_log.map(|(_, file)| file.split_once('.').unwrap_or((file, ""))) {
            Some(("_last_checkpoint", "")) => Self::Hint,
            Some((version, "json")) => version.parse().map_or(Self::Data, Self::Entry),
            Some((version, "checkpoint.parquet")) => version.parse().map_or(Self::Data, Self::Checkpoint),
            _ => Self::Data,
        }
    }
}

/// The numbers of files sent or fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) run_id: String,
    pub(crate) files: usize,
    pub(crate) bytes: u64,
    /// Files removed from the storage.
    pub(crate) removed: usize,
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { run_id, files, bytes, removed } = self;
        write!(f, "run {run_id}: ")?;
        match files {
            0 => write!(f, "nothing to copy")?,
            _ => write!(f, "{} copied, {}", counted(*files as u64, "file", "files"), megabytes(*bytes))?,
        }
        if *removed > 0 { write!(f, "; {} removed", counted(*removed as u64, "file", "files")) } else { Ok(()) }
    }
}

/// Sends new local files; the caller holds the lock.
///
/// # Errors
/// When the storage fails or something else wrote to it; readers then still see the previous state.
pub(crate) fn push(project: &Project) -> Result<Moved, Failure> {
    send(client(project)?).map_err(at_its_line(project))
}

fn send(client: Client<'_>) -> Result<Moved, StorageError> {
    let Client { project, config } = client;
    let (run_id, here) = result(project)?;
    let there = client.look()?;
    let before = mirror(&there, config)?.unwrap_or_default();
    let is_kept = |name: &str| name.starts_with("runs/") && project.out().join(name).is_file();
    let planned = plan(&run_id, &here, &there, &before, is_kept);
    let Plan { mut steps, mirror, moved } =
        planned.map_err(|entry| StorageError::AnotherWriter { at: config.at.clone(), entry })?;
    if (&mirror.run, &mirror.files) != (&before.run, &before.files) {
        let pointer = project.mirror().join(POINTER);
        let text = serde_json::to_vec_pretty(&mirror).map_err(io::Error::from);
        let written =
            text.and_then(|text| fs::create_dir_all(project.mirror()).and_then(|()| fs::write(&pointer, text)));
        written.map_err(file_error(&pointer))?;
        steps.push(Step::Put(vec![(pointer, POINTER.to_owned())]));
    }
    if !mirror.gone.is_empty() {
        steps.push(Step::Remove(mirror.gone));
    }
    if !steps.is_empty() {
        client.run(&steps)?;
    }
    Ok(moved)
}

/// The work of a push before it writes the pointer, and the pointer's content.
struct Plan {
    steps: Vec<Step>,
    mirror: Mirror,
    moved: Moved,
}

/// The files to send and remove, or a log entry in the storage that doesn't belong to the local lake. `is_kept` tells whether an
/// older result is still kept locally.
fn plan(
    run_id: &str,
    here: &Files,
    there: &There,
    before: &Mirror,
    is_kept: impl Fn(&str) -> bool,
) -> Result<Plan, String> {
    let is_here = |name: &str| {
        let same_size = |file: &Here| there.files.get(name).is_none_or(|size| *size == file.size);
        let same_mark = |file: &Here| before.files.get(name).is_none_or(|mark| *mark == file.mark);
        here.get(name).is_some_and(|file| same_size(file) && same_mark(file))
    };
    if let Some(entry) = newest(there.files.keys().chain(before.files.keys())).find(|entry| !is_here(entry)) {
        return Err(entry.to_owned());
    }
    let is_new = |(name, file): &(&String, &Here)| {
        let is_known = is_named_by_content(name) || before.files.get(*name) == Some(&file.mark);
        there.files.get(*name) != Some(&file.size) || !is_known
    };
    let new: Vec<(&String, &Here)> = here.iter().filter(is_new).collect();
    let step = |(turn, files)| match turn {
        Turn::Data | Turn::Hint => Step::Put(files),
        Turn::Entry(_) | Turn::Checkpoint(_) => Step::Create(files),
    };
    let steps = by_turn(new.iter().map(|(name, file)| (file.path.clone(), (*name).clone()))).into_iter().map(step);
    let kept = before.files.iter().filter(|(name, _)| is_kept(name));
    let files = here.iter().map(|(name, file)| (name, &file.mark)).chain(kept);
    let files: BTreeMap<String, String> = files.map(|(name, mark)| (name.clone(), mark.clone())).collect();
    let is_gone = |name: &&String| !files.contains_key(*name) && there.files.contains_key(*name);
    let gone: Vec<String> = before.files.keys().chain(&before.gone).filter(is_gone).cloned().collect();
    let moved = Moved {
        run_id: run_id.to_owned(),
        files: new.len(),
        bytes: new.iter().map(|(_, file)| file.size).sum(),
        removed: gone.len(),
    };
    Ok(Plan { steps: steps.collect(), mirror: Mirror { run: format!("runs/{run_id}"), files, gone }, moved })
}

/// Fetches new files and publishes the result; the caller holds the lock.
///
/// # Errors
/// When the storage fails, or the local lake has entries that the storage lacks; local files then stay unchanged.
pub(crate) fn pull(project: &Project) -> Result<Moved, Failure> {
    let client = client(project)?;
    let Fetched { run_id, folder, names, bytes } = fetch(client).map_err(at_its_line(project))?;
    let files = names.len();
    let of_lake = names.into_iter().filter(|name| name.starts_with("lake/"));
    for (path, name) in by_turn(of_lake.map(|name| (folder.join(&name), name))).into_values().flatten() {
        rename(&path, &project.state().join(name))?;
    }
    let (out, result) = (project.out(), folder.join("runs").join(&run_id));
    if result.is_dir() {
        clear(&project.run_folder(&run_id))?;
        rename(&result, &project.run_folder(&run_id))?;
    }
    let config = without_database(project);
    let run = netto_publish::whole(&out, &run_id, &config).ok_or_else(|| {
        let what = format!("`runs/{run_id}` differs from what was published");
        StorageError::Damaged { at: client.config.at.clone(), what }
    })?;
    let keep = usize::MAX;
    netto_publish::show(&run, &Showing { tables: &[], config: &config, base: &project.folder, out: &out, keep })?;
    let journal = Journal::of(project);
    for record in fs::read_dir(folder.join("records")).into_iter().flatten().flatten() {
        let number = record.file_name().to_str().and_then(|name| name.parse().ok()).unwrap_or_default();
        let next = journal.numbers().last().map_or(1, |last| last + 1);
        rename(&record.path(), &journal.folder_of(next.max(number)))?;
    }
    clear(&folder)?;
    Ok(Moved { run_id, files, bytes, removed: 0 })
}

/// Fetched files that are not in their place yet.
struct Fetched {
    run_id: String,
    /// Their temporary folder, with their names in the storage.
    folder: PathBuf,
    names: Vec<String>,
    bytes: u64,
}

fn fetch(client: Client<'_>) -> Result<Fetched, StorageError> {
    let Client { project, config } = client;
    let at = || config.at.clone();
    let damaged = |what: String| StorageError::Damaged { at: at(), what };
    let mirror = mirror(&client.look()?, config)?.ok_or_else(|| StorageError::Nothing { at: at() })?;
    let here = lake(project)?;
    let is_here = |name: &str| here.get(name).is_some_and(|file| mirror.files.get(name) == Some(&file.mark));
    if let Some(entry) = newest(here.keys()).find(|entry| !is_here(entry)) {
        return Err(StorageError::Ahead { at: at(), entry: entry.to_owned() });
    }
    // netto gives no names that lead outside the folder.
    let is_plain = |name: &str| Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    let run_id = mirror.run.strip_prefix("runs/").filter(|id| is_plain(id) && !id.is_empty() && !id.contains('/'));
    let run_id = run_id.ok_or_else(|| damaged(format!("`{}` is not the name of a result", mirror.run)))?;
    let has_run = netto_publish::whole(&project.out(), run_id, &without_database(project)).is_some();
    let last = Journal::of(project).last_done().and_then(|entry| entry.run_id);
    let is_wanted = |name: &str| match name.split_once('/') {
        Some(("lake", _)) => !is_here(name),
        Some(("runs", of)) => !has_run && of.split('/').next() == Some(run_id),
        Some(("records", _)) => last.as_deref() != Some(run_id),
        _ => false,
    };
    let wanted: Vec<(&String, &String)> = mirror.files.iter().filter(|(name, _)| is_wanted(name)).collect();
    if let Some((name, _)) = wanted.iter().find(|(name, _)| !is_plain(name)) {
        return Err(damaged(format!("`{name}` is not a file name")));
    }
    let folder = project.mirror().join("new");
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(file_error(&folder)(error)),
        _ => {}
    }
    if !wanted.is_empty() {
        client.run(&[Step::Get(wanted.iter().map(|(name, _)| (folder.join(name), (*name).clone())).collect())])?;
    }
    let mut bytes = 0;
    for (name, mark) in &wanted {
        let path = folder.join(name);
        let size =
            File::options().write(true).open(&path).and_then(|file| file.sync_all().and_then(|()| file.metadata()));
        let size = size.map_err(file_error(&path))?.len();
        if mark.split(' ').next() != Some(size.to_string().as_str()) {
            return Err(damaged(format!("`{name}` has {size} bytes, and should have {mark}")));
        }
        bytes += size;
    }
    Ok(Fetched {
        run_id: run_id.to_owned(),
        folder,
        names: wanted.into_iter().map(|(name, _)| name.clone()).collect(),
        bytes,
    })
}

/// The local publishing settings without the database, which is filled only by an own run.
fn without_database(project: &Project) -> PublishConfig {
    PublishConfig { postgres: None, ..project.config.publish.clone() }
}

fn client(project: &Project) -> Result<Client<'_>, Failure> {
    let config = project.config.storage.as_ref().ok_or(StorageError::NotSet)?;
    Ok(Client { project, config })
}

/// Adds the line of the setting that caused an error.
fn at_its_line(project: &Project) -> impl Fn(StorageError) -> Failure + '_ {
    |error| project.at_setting("storage", error.setting(), &error, error.help()).unwrap_or_else(|| error.into())
}

/// The pointer's content; `None` if there is no pointer.
fn mirror(there: &There, config: &StorageConfig) -> Result<Option<Mirror>, StorageError> {
    let read = there.pointer.as_deref().map(serde_json::from_str).transpose();
    read.map_err(|error| StorageError::Damaged { at: config.at.clone(), what: format!("{POINTER}: {error}") })
}

/// The newest entry of each table's log.
fn newest<'a>(names: impl Iterator<Item = &'a String>) -> impl Iterator<Item = &'a str> {
    let mut newest: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
    for name in names {
        if let (Turn::Entry(version), Some((table, _))) = (Turn::of(name), name.rsplit_once('/')) {
            let known = newest.entry(table).or_insert((version, name));
            *known = (*known).max((version, name));
        }
    }
    newest.into_values().map(|(_, name)| name)
}

/// Files by transfer order.
fn by_turn(files: impl Iterator<Item = (PathBuf, String)>) -> BTreeMap<Turn, Vec<(PathBuf, String)>> {
    let mut turns: BTreeMap<Turn, Vec<_>> = BTreeMap::new();
    for (path, name) in files {
        turns.entry(Turn::of(&name)).or_default().push((path, name));
    }
    turns
}

/// The files of the lake, the current result, and the record of its run.
fn result(project: &Project) -> Result<(String, Files), StorageError> {
    let run_id = project.published_id().ok_or(StorageError::NoResult)?;
    let mut files = lake(project)?;
    gather(&project.run_folder(&run_id), &format!("runs/{run_id}"), &mut files)?;
    let journal = Journal::of(project);
    let of_result = journal.done().take_while(|entry| entry.run_id.as_deref() == Some(&run_id));
    let with_rules = of_result.filter(|entry| journal.folder_of(entry.number).join("rules").is_dir());
    if let Some(first) = with_rules.last() {
        for part in ["run.json", "rules"] {
            let (folder, name) = (journal.folder_of(first.number), format!("records/{:06}/{part}", first.number));
            gather(&folder.join(part), &name, &mut files)?;
        }
    }
    Ok((run_id, files))
}

fn lake(project: &Project) -> Result<Files, StorageError> {
    let mut files = Files::new();
    gather(&project.state().join("lake"), "lake", &mut files)?;
    Ok(files)
}

/// Collects a file or all files in a folder, except hidden and unfinished ones.
fn gather(path: &Path, name: &str, files: &mut Files) -> Result<(), StorageError> {
    if path.is_dir() {
        for entry in fs::read_dir(path).map_err(file_error(path))? {
            let entry = entry.map_err(file_error(path))?;
            let file = entry.file_name().to_string_lossy().into_owned();
            let is_unfinished = entry.path().extension().is_some_and(|end| end == "tmp");
            if !file.starts_with('.') && !is_unfinished {
                gather(&entry.path(), &format!("{name}/{file}"), files)?;
            }
        }
    } else if path.is_file() {
        let about = || {
            let size = path.metadata()?.len();
            let hash = || Ok::<_, io::Error>(blake3::Hasher::new().update_reader(File::open(path)?)?.finalize());
            let mark =
                if is_named_by_content(name) { size.to_string() } else { format!("{size} {}", hash()?.to_hex()) };
            Ok(Here { path: path.to_owned(), size, mark })
        };
        files.insert(name.to_owned(), about().map_err(file_error(path))?);
    }
    Ok(())
}

/// Whether the name identifies the content, so that files with the same name and size are the same.
fn is_named_by_content(name: &str) -> bool {
    name.starts_with("runs/") || name.rsplit('/').next().is_some_and(|file| file.starts_with("part-"))
}

fn rename(from: &Path, to: &Path) -> Result<(), StorageError> {
    let made = to.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::rename(from, to)).map_err(file_error(to))
}

fn file_error(path: &Path) -> impl Fn(io::Error) -> StorageError + '_ {
    |source| StorageError::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> Files {
        let file = |name: &str| Here {
            path: name.into(),
            size: 3,
            mark: if is_named_by_content(name) { "3".into() } else { format!("3 {name}") },
        };
        names.iter().map(|name| ((*name).to_owned(), file(name))).collect()
    }

    const ENTRIES: [&str; 3] = [
        "lake/t/_delta_log/00000000000000000031.json",
        "lake/t/_delta_log/00000000000000000032.json",
        "lake/u/_delta_log/00000000000000000000.json",
    ];

    #[test]
    fn logs_come_after_data_by_version_and_what_names_a_checkpoint_after_it() {
        let [first, second, of_u] = ENTRIES;
        let (checkpoint, hint) =
            ("lake/t/_delta_log/00000000000000000032.checkpoint.parquet", "lake/t/_delta_log/_last_checkpoint");
        let in_result = "runs/0123456789ab/delta/t/_delta_log/00000000000000000000.json";
        let here = files(&[hint, checkpoint, second, first, of_u, "lake/t/part-1.parquet", in_result]);
        let plan = plan("0123456789ab", &here, &There::default(), &Mirror::default(), |_| false).unwrap();
        let step =
            |names: &[&str]| names.iter().map(|name| (PathBuf::from(name), (*name).to_owned())).collect::<Vec<_>>();
        let expected = [
            Step::Put(step(&["lake/t/part-1.parquet", in_result])),
            Step::Create(step(&[of_u])),
            Step::Create(step(&[first])),
            Step::Create(step(&[second])),
            Step::Create(step(&[checkpoint])),
            Step::Put(step(&[hint])),
        ];
        assert_eq!(plan.steps, expected);
        assert_eq!((plan.moved.files, plan.moved.bytes, plan.mirror.files.len()), (7, 21, 7));
        assert_eq!(newest(here.keys()).collect::<Vec<_>>(), [second, of_u]);
    }

    #[test]
    fn the_newest_entry_there_must_be_of_this_lake() {
        let [first, second, _] = ENTRIES;
        let here = files(&[first, second]);
        let there = |entry: &str, size| There { files: BTreeMap::from([(entry.to_owned(), size)]), pointer: None };
        let put = |entry: &str, mark: &str| Mirror {
            files: BTreeMap::from([(entry.to_owned(), mark.to_owned())]),
            ..Mirror::default()
        };
        let refused = |there: &There, before: &Mirror| plan("r", &here, there, before, |_| false).err();
        assert_eq!(refused(&there(first, 3), &put(first, &format!("3 {first}"))), None);
        assert_eq!(refused(&there(first, 3), &Mirror::default()), None, "as a push left it that broke off");
        assert_eq!(refused(&there(first, 4), &Mirror::default()).as_deref(), Some(first));
        assert_eq!(refused(&there(first, 3), &put(first, "3 a different")).as_deref(), Some(first));
        let later = "lake/t/_delta_log/00000000000000000033.json";
        assert_eq!(refused(&there(later, 3), &Mirror::default()).as_deref(), Some(later));
    }
}
