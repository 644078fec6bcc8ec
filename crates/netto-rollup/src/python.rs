//! Runs a Python program of netto with the user's own Python, for libraries that are better installed there than built in. The
//! program gets a job, and its last line on standard output is the answer.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use serde::de::DeserializeOwned;

/// The configured Python.
#[derive(Clone, Copy, Debug)]
pub struct Python<'a> {
    /// A name, found through `PATH`, or a path relative to the project.
    pub called: &'a Path,
    /// The folder of the project.
    pub project: &'a Path,
}

/// The result of a program.
#[derive(Debug)]
pub struct Said<T> {
    /// Its answer; `None` if the last line is not an answer.
    pub answer: Option<T>,
    /// Its exit code, or the signal.
    pub status: String,
    /// The last line on standard error.
    pub last: String,
}

impl Python<'_> {
    /// Runs a program on a job, and passes its standard error to `said`, line by line.
    ///
    /// # Errors
    /// When Python can't be started.
    pub fn run<T: DeserializeOwned>(
        self,
        program: &Path,
        job: &Path,
        said: &mut dyn FnMut(&str),
    ) -> io::Result<Said<T>> {
        let is_name = self.called.components().count() == 1;
        let python = if is_name { self.called.to_owned() } else { self.project.join(self.called) };
        let mut command = Command::new(python);
        command.arg(program).arg(job).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut client = command.spawn()?;
        let (answer, errors) = (client.stdout.take(), client.stderr.take());
        let answer = thread::spawn(move || {
            let mut text = Vec::new();
            // An unreadable output counts as no answer.
            drop(answer.map(|mut stream| stream.read_to_end(&mut text)));
            String::from_utf8_lossy(&text).into_owned()
        });
        let mut last = String::new();
        for line in errors.into_iter().flat_map(|stream| BufReader::new(stream).split(b'\n')).map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).trim().to_owned();
            if !line.is_empty() {
                said(&line);
                last = line;
            }
        }
        let status = client.wait()?.to_string();
        let answer = answer.join().unwrap_or_default();
        Ok(Said { answer: answer.lines().last().and_then(|line| serde_json::from_str(line).ok()), status, last })
    }
}

/// The first line of a library's message, without the plan or stack behind it.
#[must_use]
pub fn shortened(why: &str) -> String {
    const SHOWN: usize = 400;
    let line = why.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    line.char_indices()
        .nth(SHOWN)
        .and_then(|(end, _)| line.get(..end))
        .map_or_else(|| line.to_owned(), |begin| format!("{begin}…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_a_library_says_the_first_line_is_shown() {
        assert_eq!(
            shortened("\n  [DIVIDE_BY_ZERO] Division by zero.\n== SQL ==\n1/0"),
            "[DIVIDE_BY_ZERO] Division by zero."
        );
        assert_eq!(shortened(&"\u{e9}".repeat(500)).chars().count(), 401);
    }
}
