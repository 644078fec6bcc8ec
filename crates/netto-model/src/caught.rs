//! Turns a panic inside a library into an error: some readers panic on damaged files.
//!
//! ```
//! use netto_model::caught::caught;
//! # std::panic::set_hook(Box::new(|_| {}));
//! let digits = [b'1', b'2'];
//! assert_eq!(caught(|| digits.len()).ok(), Some(2));
//! let error = caught(|| digits.iter().map(|digit| char::from(*digit)).nth(7).expect("a digit")).unwrap_err();
//! assert_eq!(error.to_string(), "a digit");
//! ```

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The message of a panic in a library.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Panicked(String);

/// Runs the work and catches its panic.
///
/// # Errors
/// When it panics. Data that it was changing must not be used any more.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| Panicked(reason(panic.as_ref()).to_owned()))
}

/// A panic is raised with a text, formatted or not.
fn reason(panic: &(dyn Any + Send)) -> &str {
    let formatted = panic.downcast_ref::<String>().map(String::as_str);
    formatted.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given")
}
