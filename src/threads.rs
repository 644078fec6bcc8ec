//! `--threads`: one number for both thread pools, netto's own and that of Polars.

use crate::failure::Failure;

/// The variable that Polars reads when its pool starts.
const POLARS: &str = "POLARS_MAX_THREADS";

/// Limits both pools. Polars takes its number from the environment only, so the program starts itself anew with it.
pub(crate) fn limit(threads: Option<u16>) -> Result<(), Failure> {
    let Some(threads) = threads else { return Ok(()) };
    let wanted = threads.to_string();
    if std::env::var(POLARS).ok().as_deref() != Some(wanted.as_str()) {
        return Err(restart(&wanted));
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(usize::from(threads))
        .build_global()
        .map_err(|error| Failure::failed("the threads could not be started", &error))
}

#[cfg(unix)]
fn restart(threads: &str) -> Failure {
    use std::os::unix::process::CommandExt;
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return Failure::failed("the program does not find itself", &error),
    };
    // Returns only when it fails.
    let error = std::process::Command::new(program).args(std::env::args_os().skip(1)).env(POLARS, threads).exec();
    Failure::failed("the program could not be started anew", &error)
}

#[cfg(not(unix))]
fn restart(threads: &str) -> Failure {
    Failure::usage("--threads needs the environment to agree", format!("set {POLARS}={threads} and run again"))
}
