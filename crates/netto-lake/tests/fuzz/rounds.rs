//! Rounds of a fuzz: drawn, tried, and named with their input when they fail.

use std::fmt::Debug;
use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};

use crate::draw::Draw;

/// No round takes longer, even on a machine that is busy with other work.
const LONGEST: Duration = Duration::from_secs(30);
/// No test needs more memory, in MiB.
const MEMORY: u64 = 1024;

/// Draws and tries inputs: as many as the environment asks for, else `rounds`.
pub fn rounds<I: Debug>(rounds: u64, make: impl Fn(&mut Draw) -> I, attempt: impl Fn(&I)) {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect(name));
    let (rounds, seed) = (number("NETTO_FUZZ").unwrap_or(rounds), number("NETTO_FUZZ_SEED").unwrap_or(1));
    let before = memory();
    for round in 0..rounds {
        let input = make(&mut Draw::new(seed.wrapping_mul(0x0001_0000_0000).wrapping_add(round)));
        let start = Instant::now();
        let done = panic::catch_unwind(AssertUnwindSafe(|| attempt(&input)));
        let kept = std::env::temp_dir().join(format!("netto-fuzz-{seed}-{round}.txt"));
        if let Err(fault) = done {
            std::fs::write(&kept, format!("{input:#?}")).unwrap();
            eprintln!("round {round} of seed {seed} failed; its input is in {}", kept.display());
            panic::resume_unwind(fault);
        }
        assert!(start.elapsed() < LONGEST, "round {round} of seed {seed} took {:?}: {input:?}", start.elapsed());
    }
    let grown = memory().saturating_sub(before) >> 10;
    assert!(grown < MEMORY, "memory grew by {grown} MiB");
}

/// The most memory that was in use so far, in KiB; zero where the system doesn't say.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
