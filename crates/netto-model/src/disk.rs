//! Advice for a file that can't be read or written, by the error of the system.

use std::io::{Error, ErrorKind};

/// What to do next.
#[must_use]
pub fn help(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            "the disk is full or its quota is reached: make room (`netto vacuum` removes what no kept run needs) and run again. The result published before is unchanged"
        }
        ErrorKind::ReadOnlyFilesystem => {
            "the disk is read-only: mount it for writing, or move the project to another disk, and run again. The result published before is unchanged"
        }
        ErrorKind::PermissionDenied => {
            "the account that runs netto has no access to it: grant access, or run as another account"
        }
        ErrorKind::NotFound => "check that the path exists",
        _ => "check that the path exists and can be read and written",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_decides_what_to_do() {
        let said = |kind: ErrorKind| help(&Error::from(kind));
        assert!(said(ErrorKind::StorageFull).starts_with("the disk is full"));
        assert!(said(ErrorKind::ReadOnlyFilesystem).starts_with("the disk is read-only"));
        assert!(said(ErrorKind::PermissionDenied).contains("another account"));
        assert!(said(ErrorKind::InvalidData).contains("can be read and written"));
    }
}
