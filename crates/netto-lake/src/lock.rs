//! One run at a time: a lock file that the system releases when its process dies.
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

use std::fs::{File, OpenOptions, TryLockError, create_dir_all, read_to_string};
use std::io::Write;
use std::path::Path;

use crate::error::LakeError;

/// The right to change the lake, until it is dropped.
#[derive(Debug)]
pub struct Lock {
    /// Closing the file releases the lock; so does the end of the process, however it comes.
    _file: File,
}

impl Lock {
    /// Takes the lock, or says who has it.
    ///
    /// # Errors
    /// [`LakeError::Locked`] when another run holds it.
    pub fn acquire(path: &Path) -> Result<Self, LakeError> {
        if let Some(folder) = path.parent() {
            create_dir_all(folder).map_err(LakeError::io(folder))?;
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
        Ok(Self { _file: file })
    }

    /// Who has the lock; none where it is free, or never was taken. Nothing is changed.
    #[must_use]
    pub fn holder(path: &Path) -> Option<String> {
        let file = File::open(path).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(read_to_string(path).unwrap_or_default().trim().to_owned()),
            _ => None,
        }
    }
}
