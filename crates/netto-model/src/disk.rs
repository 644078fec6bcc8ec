//! What to do when a file can't be read or written, by what the system says.

use std::io::{Error, ErrorKind};

/// What to do next.
#[must_use]
pub fn help(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            "the disk is full, or its limit is reached: make room (`netto vacuum` removes what no kept run needs), and run again. \
             What was published before stands there unchanged"
        }
        ErrorKind::ReadOnlyFilesystem => {
            "the disk can only be read: mount it for writing, or let the project lie on another, and run again. \
             What was published before stands there unchanged"
        }
        ErrorKind::PermissionDenied => {
            "the account that runs netto has no right to it: give it the right, or run as another account"
        }
        ErrorKind::NotFound => "check that the path exists",
        _ => "check that the path exists and may be read and written",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_decides_what_to_do() {
        let said = |kind: ErrorKind| help(&Error::from(kind));
        assert!(said(ErrorKind::StorageFull).starts_with("the disk is full"));
        assert!(said(ErrorKind::ReadOnlyFilesystem).starts_with("the disk can only be read"));
        assert!(said(ErrorKind::PermissionDenied).contains("another account"));
        assert!(said(ErrorKind::InvalidData).contains("may be read and written"));
    }
}
