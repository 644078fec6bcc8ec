//! Allows one run at a time, with a lock file that the system releases when the process dies.
//!
//! ```
//! use netto_lake::{LakeError, Lock};
//! let path = std::env::temp_dir().join(format!("netto-lock-doc-{}", std::process::id()));
//! let held = Lock::acquire(&path)?;
//! assert!(matches!(Lock::acquire(&path), Err(LakeError::Locked { .. })));
//! drop(held);
//! assert!(Lock::acquire(&path).is_ok());
//! # std::fs::remove_file(&path).ok();
//! # Ok::<(), LakeError>(())
//! ```

use std::fs::{File, Metadata, OpenOptions, TryLockError, create_dir_all, read_to_string};
use std::io::{Error, Write};
use std::path::{Path, PathBuf};

use crate::error::LakeError;

/// The right to change the lake, until it is dropped.
#[derive(Debug)]
pub struct Lock {
    /// Closing the file releases the lock, and so does any end of the process.
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock, or returns its holder as an error.
    ///
    /// # Errors
    /// [`LakeError::Locked`] when another run holds it.
    pub fn acquire(path: &Path) -> Result<Self, LakeError> {
        if let Some(folder) = path.parent() {
            create_dir_all(folder).map_err(LakeError::io(folder))?;
        }
        // Opening the lock through a symlink would truncate the link's target.
        if path.is_symlink() {
            let error = Error::other("the lock is a symbolic link, which isn't followed; remove it and run again");
            return Err(LakeError::io(path)(error));
        }
        let mut options = OpenOptions::new();
        let mut file =
            options.read(true).write(true).create(true).truncate(false).open(path).map_err(LakeError::io(path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = read_to_string(path).ok().map(|text| text.trim().to_owned()).filter(|t| !t.is_empty());
                return Err(LakeError::Locked { path: path.to_owned(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(LakeError::io(path)(source)),
        }
        file.set_len(0).map_err(LakeError::io(path))?;
        writeln!(file, "{}", std::process::id()).map_err(LakeError::io(path))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Checks that the lock still excludes others, as its file may have been removed.
    ///
    /// # Errors
    /// [`LakeError::LockGone`] when the file is gone or was replaced.
    pub fn check(&self) -> Result<(), LakeError> {
        let is_same = std::fs::metadata(&self.path).and_then(|found| Ok(same(&found, &self.file.metadata()?)));
        if is_same.unwrap_or(false) { Ok(()) } else { Err(LakeError::LockGone { path: self.path.clone() }) }
    }

    /// The holder of the lock; `None` if it is free or was never taken. This changes nothing.
    #[must_use]
    pub fn holder(path: &Path) -> Option<String> {
        let file = File::open(path).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(read_to_string(path).unwrap_or_default().trim().to_owned()),
            _ => None,
        }
    }
}

#[cfg(unix)]
fn same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// An open file can't be removed on these systems, so there is nothing to compare.
#[cfg(not(unix))]
fn same(_: &Metadata, _: &Metadata) -> bool {
    true
}
