//! Progress on standard error: a spinner on a terminal, a line per step elsewhere.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

pub(crate) use crate::log::say;
use crate::{lineage, log, panics};

/// The steps of a verb, with the time that each took.
#[derive(Debug)]
pub(crate) struct Progress {
    start: Instant,
    timings: Vec<(&'static str, Duration)>,
}

impl Default for Progress {
    fn default() -> Self {
        Self { start: Instant::now(), timings: Vec::new() }
    }
}

impl Progress {
    /// Says how long everything took.
    pub(crate) fn done(&self) {
        say("done", &format!("in {}", seconds(self.start.elapsed())));
    }

    /// Runs a step: shows what is being done, then what came of it.
    pub(crate) fn step<T, E>(
        &mut self,
        stage: &'static str,
        doing: &str,
        work: impl FnOnce() -> Result<T, E>,
        done: impl FnOnce(&T) -> String,
    ) -> Result<T, E> {
        panics::in_stage(stage, doing);
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix:8} {msg} {elapsed:.dim}") {
            bar.set_style(style);
        }
        bar.set_prefix(stage);
        bar.set_message(doing.to_owned());
        if !log::is_json() {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        lineage::stage("START", stage, doing);
        let start = Instant::now();
        let result = work();
        let took = start.elapsed();
        bar.finish_and_clear();
        self.timings.push((stage, took));
        lineage::stage(if result.is_ok() { "COMPLETE" } else { "FAIL" }, stage, doing);
        if let Ok(value) = &result {
            say(stage, &format!("{} ({})", done(value), seconds(took)));
        }
        result
    }

    /// Milliseconds per stage, stages in their order.
    pub(crate) fn timings_ms(&self) -> serde_json::Value {
        let mut sums = serde_json::Map::new();
        for (stage, took) in &self.timings {
            let before = sums.get(*stage).and_then(serde_json::Value::as_f64).unwrap_or_default();
            sums.insert((*stage).to_owned(), (before + took.as_secs_f64() * 1e3).into());
        }
        sums.into()
    }
}

fn seconds(took: Duration) -> String {
    if took.as_secs() >= 10 { format!("{} s", took.as_secs()) } else { format!("{:.2} s", took.as_secs_f64()) }
}
