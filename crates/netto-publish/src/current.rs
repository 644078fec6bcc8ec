//! Points readers to the last complete run: by a link or, where links don't work, by a file that names it.
//!
//! ```text
//! out/current       → runs/3f9c2b71a0de          a symbolic link, replaced by rename
//! out/current.txt   runs/3f9c2b71a0de            the pointer: on Windows without the right to make links, on SMB and FAT
//! ```
//! Only one of the two exists, except while one replaces the other; then the pointer wins.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::error::{PublishError, at};

/// How readers find the last run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Current {
    /// `out/current` is a symbolic link.
    Symlink,
    /// `out/current.txt` holds the name of the folder.
    Pointer,
}

const LINK: &str = "current";
const POINTER: &str = "current.txt";

/// The folder of the run that readers see; `None` if nothing was published. It is the run itself and not the link, so that a reader who opens tables one after
/// another sees one run while others are published.
#[must_use]
pub fn current(out: &Path) -> Option<PathBuf> {
    let named = fs::read_to_string(out.join(POINTER)).ok().map(|name| out.join(name.trim()));
    let folder = fs::canonicalize(named.unwrap_or_else(|| out.join(LINK))).ok()?;
    folder.is_dir().then_some(folder)
}

/// Whether readers find the run by a pointer: because it is configured, or because links can't be made here.
pub(crate) fn is_pointer(out: &Path, how: Option<Current>) -> bool {
    let new = out.join(".new-link");
    how.map_or_else(|| links_fail(&new), |how| how == Current::Pointer)
}

/// Whether links can't be made there.
fn links_fail(new: &Path) -> bool {
    drop(fs::remove_file(new));
    symlink(Path::new("runs"), new).and_then(|()| fs::remove_file(new).or_else(|_| fs::remove_dir(new))).is_err()
}

/// Whether readers see a run, by the configured way.
pub(crate) fn shows(out: &Path, target: &Path, how: Option<Current>) -> bool {
    let by_link = fs::read_link(out.join(LINK)).is_ok_and(|link| link == target);
    let by_pointer = fs::read_to_string(out.join(POINTER)).is_ok_and(|name| Path::new(name.trim()) == target);
    let pointer = out.join(POINTER).exists();
    match how {
        Some(Current::Symlink) => by_link && !pointer,
        Some(Current::Pointer) => by_pointer,
        None => by_pointer || by_link && !pointer,
    }
}

/// Switches readers to another run.
pub(crate) fn switch(out: &Path, target: &Path, how: Option<Current>) -> Result<(), PublishError> {
    switch_with(out, target, how, symlink)
}

fn switch_with(
    out: &Path,
    target: &Path,
    how: Option<Current>,
    symlink: impl Fn(&Path, &Path) -> io::Result<()>,
) -> Result<(), PublishError> {
    let new = out.join(".new-current");
    if how != Some(Current::Pointer) {
        let made = symlink(target, &new).and_then(|()| fs::rename(&new, out.join(LINK)));
        match (made, how) {
            (Ok(()), _) => return remove(&out.join(POINTER)),
            (Err(error), Some(_)) => return Err(at(&out.join(LINK))(error)),
            // The system has no links, or this account may not make any.
            (Err(_), None) => drop(fs::remove_file(&new)),
        }
    }
    let pointer = out.join(POINTER);
    let name = target.display().to_string().replace('\\', "/");
    let written = fs::write(&new, name + "\n").and_then(|()| fs::File::open(&new)?.sync_all());
    written.and_then(|()| fs::rename(&new, &pointer)).map_err(at(&pointer))?;
    remove(&out.join(LINK))
}

fn remove(path: &Path) -> Result<(), PublishError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(path)(error)),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_dir(target, link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_find_the_run_by_a_link_or_where_there_are_none_by_a_pointer() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        let [one, two] = ["runs/one", "runs/two"].map(Path::new);
        for run in [one, two] {
            fs::create_dir_all(out.join(run)).unwrap();
        }
        let seen = || current(out).map(|folder| folder.file_name().unwrap().to_string_lossy().into_owned());
        let none = |_: &Path, _: &Path| Err(io::ErrorKind::Unsupported.into());
        assert_eq!(seen(), None);
        switch(out, one, None).unwrap();
        assert_eq!((seen(), shows(out, one, None), out.join(POINTER).exists()), (Some("one".into()), true, false));
        switch_with(out, two, None, none).unwrap();
        assert_eq!((seen(), shows(out, two, None), out.join(LINK).exists()), (Some("two".into()), true, false));
        assert!(switch_with(out, one, Some(Current::Symlink), none).is_err(), "a link was asked for");
        switch(out, one, Some(Current::Pointer)).unwrap();
        assert_eq!((seen(), shows(out, one, Some(Current::Symlink))), (Some("one".into()), false));
        assert_eq!(
            [None, Some(Current::Symlink), Some(Current::Pointer)].map(|how| is_pointer(out, how)),
            [false, false, true]
        );
        // A change from a link to a pointer was killed halfway: the pointer is newer.
        symlink(two, &out.join(LINK)).unwrap();
        assert_eq!(seen(), Some("one".into()));
        switch(out, two, Some(Current::Symlink)).unwrap();
        assert_eq!((seen(), out.join(POINTER).exists()), (Some("two".into()), false));
    }
}
