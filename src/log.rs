//! Writes messages to standard error, as text or with `--log json` as one object per line; those of a run also go to its journal.
//!
//! ```text
//!   ingest  order_lines: 60,012 rows (1.20 s)
//! {"time":"2025-03-31T02:00:01.204Z","level":"info","stage":"ingest","message":"order_lines: 60,012 rows (1.20 s)"}
//! ```

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use crate::output;

static AS_JSON: AtomicBool = AtomicBool::new(false);
static FILE: Mutex<Option<File>> = Mutex::new(None);

/// Switches messages to JSON.
pub(crate) fn as_json() {
    AS_JSON.store(true, Ordering::Relaxed);
}

/// Whether messages are JSON.
pub(crate) fn is_json() -> bool {
    AS_JSON.load(Ordering::Relaxed)
}

/// Starts appending messages to a file.
///
/// # Errors
/// When it can't be made.
pub(crate) fn to_file(path: &Path) -> io::Result<()> {
    let file = File::create(path)?;
    *FILE.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
    Ok(())
}

/// Stops appending messages to the file.
pub(crate) fn close() {
    *FILE.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

/// Writes one line to standard error.
pub(crate) fn say(stage: &str, what: &str) {
    let object = object(if stage == "warning" { "warning" } else { "info" }, stage, what);
    output::message(&if is_json() { object.clone() } else { format!("{stage:>8}  {what}") });
    keep(&object);
}

/// Writes a message of another program to the journal only.
pub(crate) fn note(stage: &str, what: &str) {
    keep(&object("info", stage, what));
}

/// Writes the error of a verb: `shown` with formatting, `what` as plain words.
pub(crate) fn error(shown: &str, what: &str) {
    let object = object("error", "", what);
    output::message(if is_json() { &object } else { shown });
    keep(&object);
}

/// Now, as `2025-03-31T02:00:01.204Z`.
pub(crate) fn time() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

fn object(level: &str, stage: &str, message: &str) -> String {
    let message = message.trim();
    let object = match stage {
        "" | "warning" => json!({ "time": time(), "level": level, "message": message }),
        stage => json!({ "time": time(), "level": level, "stage": stage, "message": message }),
    };
    object.to_string()
}

/// Appends to the log; errors are ignored, so that a full disk doesn't stop a run.
fn keep(object: &str) {
    if let Some(file) = FILE.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
        drop(writeln!(file, "{object}"));
    }
}
