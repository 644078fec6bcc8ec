//! Months side by side, their results in order: as many at once as there are threads, never more.
//!
//! Threads of their own, not tasks of a pool: a pool's thread that waits for Polars takes up the next month meanwhile, and
//! the next, until all months are in memory at once.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// Does `work` for every item and hands the results back in the order of the items.
///
/// # Errors
/// The error of the first item that failed, whatever the number of threads; items after it are no longer begun.
pub(crate) fn in_order<I: Sync, O: Send, E: Send>(
    items: &[I],
    work: impl Fn(&I) -> Result<O, E> + Sync,
) -> Result<Vec<O>, E> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let worker = || {
        let mut done = Vec::new();
        while !failed.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { break };
            let result = work(item);
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            done.push((index, result));
        }
        done
    };
    let mut results: Vec<(usize, Result<O, E>)> = thread::scope(|scope| {
        let workers = rayon::current_num_threads().min(items.len());
        let started: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        started.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::*;

    /// Runs `test` in a pool that says there are `threads`.
    fn with_threads<R: Send>(threads: usize, test: impl FnOnce() -> R + Send) -> R {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(test)
    }

    #[test]
    fn no_more_months_are_in_memory_than_there_are_threads() {
        let (active, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let month = |_: &i32| {
            most.fetch_max(active.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let rows = df!("a" => (0..50_000).map(|n| n % 9).collect::<Vec<i32>>())?.lazy();
            let groups = rows.group_by([col("a")]).agg([len()]).collect()?.height();
            active.fetch_sub(1, Ordering::SeqCst);
            Ok::<_, PolarsError>(groups)
        };
        let groups = with_threads(2, || in_order(&[0; 40], month)).unwrap();
        assert_eq!(groups, [9; 40]);
        assert!(most.load(Ordering::SeqCst) <= 2, "{most:?} at once");
    }

    #[test]
    fn results_stand_in_the_order_of_the_months_for_any_number_of_threads() {
        let items: Vec<u64> = (0..50).collect();
        // The first take longest, so that they are ready last.
        let slow_first = |item: &u64| {
            thread::sleep(std::time::Duration::from_micros((50 - item) * 20));
            if *item % 20 == 19 { Err(*item) } else { Ok(*item) }
        };
        for threads in [1, 2, 16] {
            assert_eq!(with_threads(threads, || in_order(&items[..19], slow_first)), Ok(items[..19].to_vec()));
            assert_eq!(with_threads(threads, || in_order(&items, slow_first)), Err(19));
        }
    }
}
