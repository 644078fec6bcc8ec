//! Catches panics, including those in libraries, in one place and reports them as errors of this program.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic;
use std::sync::{Mutex, PoisonError};

use netto_model::caught::{self, Panicked};

use crate::failure::Failure;

/// The current stage and its subject.
static STAGE: Mutex<Option<(&'static str, String)>> = Mutex::new(None);

/// Where the last panic was.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// Makes panics record their place for the error and print nothing. It also silences the engine's developer notes, which would
/// panic if standard error can't be written.
pub(crate) fn be_silent() {
    polars::error::set_warning_function(|_, _| ());
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        // Captured only if RUST_BACKTRACE asks for it.
        let trace = Backtrace::capture();
        let trace = if trace.status() == BacktraceStatus::Captured { format!("\n{trace}") } else { String::new() };
        *PLACE.lock().unwrap_or_else(PoisonError::into_inner) = Some(format!("{place}{trace}"));
    }));
}

/// Sets the current stage.
pub(crate) fn in_stage(stage: &'static str, what: &str) {
    *STAGE.lock().unwrap_or_else(PoisonError::into_inner) = Some((stage, what.to_owned()));
}

/// Runs the work, and turns a panic into an error.
pub(crate) fn caught<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    caught::caught(work).unwrap_or_else(|panic| Err(failure(&panic)))
}

fn failure(panic: &Panicked) -> Failure {
    let take = |from: &Mutex<Option<String>>| from.lock().unwrap_or_else(PoisonError::into_inner).take();
    let place = take(&PLACE).map(|place| format!(" ({place})")).unwrap_or_default();
    let stage = STAGE.lock().unwrap_or_else(PoisonError::into_inner).take();
    let stage = stage.map(|(stage, what)| format!(" in stage `{stage}`, {what}")).unwrap_or_default();
    Failure::fault(
        format!("netto crashed{stage}: {panic}{place}"),
        "this is a defect of netto; please report it with these lines, the command and netto.toml. The result of the last complete run is still published",
    )
}

#[cfg(test)]
mod tests {
    use rayon::prelude::*;

    use super::*;

    #[test]
    fn a_panic_in_any_thread_is_an_error_with_its_stage_and_exit_code_1() {
        in_stage("ingest", "order_lines");
        let work = || -> Result<(), Failure> {
            (0..100).into_par_iter().for_each(|row| assert!(row < 50, "row {row}"));
            Ok(())
        };
        let failure = caught(work).unwrap_err();
        let text = format!("{failure:?}");
        assert!(text.contains("netto crashed in stage `ingest`, order_lines: row "), "{text}");
        assert!(text.contains("code: 1"), "{text}");
    }

    /// Set for the child process in which the engine prints a note.
    const NOTE: &str = "NETTO_TEST_OF_A_NOTE";

    #[test]
    fn the_engine_keeps_its_notes_to_itself() {
        if std::env::var_os(NOTE).is_some() {
            be_silent();
            polars::error::polars_warn!("a note to programmers");
            return;
        }
        let here = "panics::tests::the_engine_keeps_its_notes_to_itself";
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        let output = child.args(["--exact", here, "--nocapture"]).env(NOTE, "1").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed") && !said.contains("a note"), "{said}");
    }
}
