//! Runs tasks side by side, each as soon as those that it waits for are done: never more at once than there are threads.
//!
//! ```text
//! a   b   c after a   d after a and c        one thread works on a, c and d, the other one on b meanwhile
//! ```
//! It uses its own threads instead of pool tasks: a pool thread that waits for Polars would start the next task meanwhile, and the first one would wait for
//! that. Of the tasks that can start, the one comes first on which the longest chain of others waits.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use netto_model::query::STACK;

/// Runs `work` for every task; `after` lists for each the tasks that it waits for. Tasks that wait for each other never start.
///
/// # Errors
/// The error of the first task in order that failed, whatever the number of threads; later ones are no longer started.
pub(crate) fn run<E: Send>(after: &[Vec<usize>], work: impl Fn(usize) -> Result<(), E> + Sync) -> Result<(), E> {
    let state = State { progress: vec![Progress::Waits; after.len()], end: after.len(), error: None };
    let board = Board { state: Mutex::new(state), moved: Condvar::new(), after, chains: chains(after) };
    let worker = || {
        while let Some(task) = board.next() {
            match catch_unwind(AssertUnwindSafe(|| work(task))) {
                Ok(result) => board.done(task, result),
                Err(panic) => {
                    board.stop(task);
                    resume_unwind(panic)
                }
            }
        }
    };
    thread::scope(|scope| {
        let workers = rayon::current_num_threads().min(after.len());
        let start = |_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, worker);
        let started: Vec<_> = (0..workers).map_while(|place| start(place).ok()).collect();
        if started.is_empty() {
            worker();
        }
        for thread in started {
            thread.join().unwrap_or_else(|panic| resume_unwind(panic));
        }
    });
    board.state.into_inner().unwrap_or_else(PoisonError::into_inner).error.map_or(Ok(()), Err)
}

/// How many tasks the longest chain has that begins with each task.
fn chains(after: &[Vec<usize>]) -> Vec<usize> {
    let mut chains = vec![1; after.len()];
    // In circles chains would grow for ever.
    for _ in 0..after.len() {
        let before = chains.clone();
        for (task, earlier) in after.iter().enumerate() {
            for &earlier in earlier {
                chains[earlier] = chains[earlier].max(chains[task] + 1);
            }
        }
        if chains == before {
            break;
        }
    }
    chains
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Waits,
    Runs,
    Done,
    Failed,
}

struct State<E> {
    progress: Vec<Progress>,
    /// Tasks from here on no longer start.
    end: usize,
    error: Option<E>,
}

struct Board<'a, E> {
    state: Mutex<State<E>>,
    moved: Condvar,
    after: &'a [Vec<usize>],
    chains: Vec<usize>,
}

impl<E> Board<'_, E> {
    fn lock(&self) -> MutexGuard<'_, State<E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a task; waits until one can start, and is `None` when none will.
    fn next(&self) -> Option<usize> {
        let mut state = self.lock();
        loop {
            let is_done = |earlier: &usize| state.progress[*earlier] == Progress::Done;
            let can_start =
                |task: &usize| state.progress[*task] == Progress::Waits && self.after[*task].iter().all(is_done);
            // Of several the first.
            if let Some(task) = (0..state.end).filter(can_start).rev().max_by_key(|&task| self.chains[task]) {
                state.progress[task] = Progress::Runs;
                return Some(task);
            }
            if !state.progress.contains(&Progress::Runs) {
                return None;
            }
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn done(&self, task: usize, result: Result<(), E>) {
        let mut state = self.lock();
        state.progress[task] = if result.is_ok() { Progress::Done } else { Progress::Failed };
        if let Err(error) = result
            && task < state.end
        {
            (state.end, state.error) = (task, Some(error));
        }
        drop(state);
        self.moved.notify_all();
    }

    /// Starts no more tasks.
    fn stop(&self, task: usize) {
        let mut state = self.lock();
        (state.progress[task], state.end) = (Progress::Failed, 0);
        drop(state);
        self.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Runs the tasks on some threads, and says in which order they were done.
    fn order(threads: usize, after: &[Vec<usize>], failing: &[usize]) -> (Result<(), usize>, Vec<usize>) {
        let done = Mutex::new(Vec::new());
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let result = pool.install(|| {
            run(after, |task| {
                let mut done = done.lock().unwrap();
                assert!(after[task].iter().all(|earlier| done.contains(earlier)), "task {task} after {done:?}");
                if failing.contains(&task) {
                    return Err(task);
                }
                done.push(task);
                Ok(())
            })
        });
        (result, done.into_inner().unwrap())
    }

    #[test]
    fn the_longest_chain_comes_first_and_circles_never_start() {
        let after = [vec![], vec![3], vec![1], vec![], vec![5], vec![4]];
        assert_eq!(order(1, &after, &[]), (Ok(()), vec![3, 1, 0, 2]));
    }

    #[test]
    fn a_panic_stops_the_others_and_is_passed_on() {
        let panicked = std::panic::catch_unwind(|| {
            run::<()>(&[vec![], vec![0], vec![]], |task| {
                assert!(task != 0, "task 0");
                Ok(())
            })
        });
        assert!(panicked.is_err());
    }

    proptest! {
        #[test]
        fn each_task_runs_once_after_those_before_it_and_the_first_error_counts(
            earlier in prop::collection::vec(prop::collection::vec(0_usize..20, 0..3), 0..20),
            failing in prop::collection::vec(0_usize..20, 0..3),
            threads in 1_usize..5,
        ) {
            let after: Vec<Vec<usize>> =
                earlier.iter().enumerate().map(|(task, others)| others.iter().copied().filter(|other| *other < task).collect()).collect();
            let (result, mut done) = order(threads, &after, &failing);
            let first = failing.iter().copied().filter(|task| *task < after.len()).min();
            prop_assert_eq!(result, first.map_or(Ok(()), Err));
            done.sort_unstable();
            done.retain(|task| *task < first.unwrap_or(after.len()));
            prop_assert_eq!(done, (0..first.unwrap_or(after.len())).collect::<Vec<_>>());
        }
    }
}
