//! `--threads`: sets the size of both thread pools, netto's own and that of Polars.
//!
//! ```text
//! --threads 4                      four
//! POLARS_MAX_THREADS=4             four, as does RAYON_NUM_THREADS=4
//! --threads 1000000000             as many as are any use
//! ```

use netto_model::query::STACK;

use crate::failure::Failure;
use crate::progress::say;

/// The variable that Polars reads when its pool starts.
const POLARS: &str = "POLARS_MAX_THREADS";
/// The variable that other thread pools read.
const RAYON: &str = "RAYON_NUM_THREADS";
/// This many threads are always allowed; more only with as many processors.
const ALLOWED: usize = 64;

/// Limits both pools. Polars reads its size from the environment only, so the program restarts itself with that variable set.
pub(crate) fn limit(threads: Option<usize>) -> Result<(), Failure> {
    let (polars, rayon) = (of_environment(POLARS)?, of_environment(RAYON)?);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let asked = threads.or(polars).or(rayon);
    let number = asked.unwrap_or(processors).min(processors.max(ALLOWED));
    // Polars doesn't accept zero.
    let found = std::env::var_os(POLARS);
    if (asked.is_some() || found.is_some()) && found.is_none_or(|found| found != number.to_string().as_str()) {
        return Err(restart(number));
    }
    if threads.is_some_and(|threads| threads > number) {
        say("threads", &format!("{number}: this machine has {processors} processors, so more threads don't help"));
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(number)
        .stack_size(STACK)
        .build_global()
        .map_err(|error| Failure::failed(format!("{number} threads could not be started"), &error))
}

/// Parses the user's number: any whole number above zero.
pub(crate) fn number(text: &str) -> Result<usize, String> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || text.bytes().all(|byte| byte == b'0') {
        return Err("it must be a whole number above zero".to_owned());
    }
    Ok(text.parse().unwrap_or(usize::MAX))
}

/// The number in a variable; `None` if it is unset or zero.
fn of_environment(name: &str) -> Result<Option<usize>, Failure> {
    let Some(text) = std::env::var_os(name) else { return Ok(None) };
    let text = text.to_string_lossy();
    if text.bytes().all(|byte| byte == b'0') {
        return Ok(None);
    }
    number(&text).map(Some).map_err(|_| {
        let help = format!("unset {name}, or set it to a whole number");
        Failure::usage(format!("the environment has {name}={text}, which is not a number of threads"), help)
    })
}

#[cfg(unix)]
fn restart(threads: usize) -> Failure {
    use std::os::unix::process::CommandExt;
    let help = format!("set {POLARS}={threads} in the environment instead of --threads");
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => {
            return Failure::failed(
                "the program's own file was not found, so it can't be started with that number of threads",
                &error,
            )
            .with_help(help);
        }
    };
    // Returns only on failure.
    let arguments = std::env::args_os().skip(1);
    let error = std::process::Command::new(&program).args(arguments).env(POLARS, threads.to_string()).exec();
    Failure::failed(format!("{} could not be started with {threads} threads", program.display()), &error)
        .with_help(help)
}

#[cfg(not(unix))]
fn restart(threads: usize) -> Failure {
    Failure::usage(
        "--threads needs the same number in the environment",
        format!("set {POLARS}={threads} and run again"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_threads_is_above_zero_and_may_be_any_number() {
        assert_eq!(number("1"), Ok(1));
        assert_eq!(number("1000000000000000000000000000000"), Ok(usize::MAX));
        for text in ["", "0", "00", "-1", "1.5", "two", " 4", "+4"] {
            assert!(number(text).is_err(), "{text}");
        }
    }
}
