//! Progress on standard error: a spinner on a terminal, a line per step elsewhere.
//!
//! ```text
//!   ingest  order_lines: 3,000,000 rows (17 s, 176,470 rows/s)
//! ⠙ segment who is who · 41 s, about 20 s left                      on a terminal, if the time of an earlier run is known
//! ```

use std::fmt::Write;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

pub(crate) use crate::log::say;
use crate::output::count;
use crate::{log, openlineage, panics};

/// The steps of a verb, with the duration of each.
#[derive(Debug)]
pub(crate) struct Progress {
    start: Instant,
    timings: Vec<(&'static str, Duration)>,
    /// The duration of the whole verb in an earlier run.
    before: Option<Duration>,
}

impl Default for Progress {
    fn default() -> Self {
        Self { start: Instant::now(), timings: Vec::new(), before: None }
    }
}

impl Progress {
    /// Progress of a repeated verb, whose earlier duration gives the remaining time.
    pub(crate) fn after(before: Option<Duration>) -> Self {
        Self { before, ..Self::default() }
    }

    /// Prints the total duration.
    pub(crate) fn done(&self) {
        say("done", &format!("in {}", seconds(self.start.elapsed())));
    }

    /// Runs a step, showing first what is being done and then its result.
    pub(crate) fn step<T, E>(
        &mut self,
        stage: &'static str,
        doing: &str,
        work: impl FnOnce() -> Result<T, E>,
        done: impl FnOnce(&T) -> String,
    ) -> Result<T, E> {
        self.step_over(stage, doing, work, done, |_| 0)
    }

    /// Runs a step over rows, whose number per second is shown for a long step.
    pub(crate) fn step_over<T, E>(
        &mut self,
        stage: &'static str,
        doing: &str,
        work: impl FnOnce() -> Result<T, E>,
        done: impl FnOnce(&T) -> String,
        rows: impl FnOnce(&T) -> u64,
    ) -> Result<T, E> {
        panics::in_stage(stage, doing);
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix:8} {msg} · {elapsed:.dim}{left}") {
            let (before, began) = (self.before, self.start);
            // Evaluated whenever the line is drawn, so that the remaining time counts down during a long step.
            bar.set_style(style.with_key("left", move |_: &ProgressState, line: &mut dyn Write| {
                line.write_str(&left(before, began.elapsed())).unwrap_or_default();
            }));
        }
        bar.set_prefix(stage);
        bar.set_message(doing.to_owned());
        if !log::is_json() {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        openlineage::stage("START", stage, doing);
        let start = Instant::now();
        let result = work();
        let took = start.elapsed();
        bar.finish_and_clear();
        self.timings.push((stage, took));
        openlineage::stage(if result.is_ok() { "COMPLETE" } else { "FAIL" }, stage, doing);
        if let Ok(value) = &result {
            say(stage, &format!("{} ({}{})", done(value), seconds(took), rate(rows(value), took)));
        }
        result
    }

    /// Milliseconds per stage, in the order of the stages.
    pub(crate) fn timings_ms(&self) -> serde_json::Value {
        let mut sums = serde_json::Map::new();
        for (stage, took) in &self.timings {
            let before = sums.get(*stage).and_then(serde_json::Value::as_f64).unwrap_or_default();
            sums.insert((*stage).to_owned(), (before + took.as_secs_f64() * 1e3).into());
        }
        sums.into()
    }
}

/// `, about 20 s left`; empty if no earlier duration is known, or if it has passed.
fn left(before: Option<Duration>, elapsed: Duration) -> String {
    let left = before.and_then(|before| before.checked_sub(elapsed)).map(|left| left.as_secs());
    left.filter(|left| *left > 0).map(|left| format!(", about {left} s left")).unwrap_or_default()
}

/// `, 176,470 rows/s`; empty for less than a second.
fn rate(rows: u64, took: Duration) -> String {
    let per_second = i128::from(rows) * 1000 / i128::try_from(took.as_millis()).unwrap_or(i128::MAX).max(1);
    if rows == 0 || took.as_secs() == 0 { String::new() } else { format!(", {} rows/s", count(per_second)) }
}

fn seconds(took: Duration) -> String {
    if took.as_secs() >= 10 { format!("{} s", took.as_secs()) } else { format!("{:.2} s", took.as_secs_f64()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_per_second_are_said_where_it_takes_long() {
        assert_eq!(rate(3_000_000, Duration::from_secs(17)), ", 176,470 rows/s");
        assert_eq!([rate(100, Duration::from_millis(900)), rate(0, Duration::from_secs(9))], ["", ""]);
    }

    #[test]
    fn what_is_left_is_said_where_an_earlier_time_is_known() {
        let whole = Some(Duration::from_secs(100));
        assert_eq!(left(whole, Duration::ZERO), ", about 100 s left");
        assert_eq!(left(whole, Duration::from_secs(70)), ", about 30 s left", "it counts down");
        assert_eq!([left(None, Duration::ZERO), left(whole, Duration::from_secs(101))], ["", ""]);
    }
}
