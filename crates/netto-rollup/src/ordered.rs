//! Processes months in parallel and returns their results in order, with never more months at once than there are threads.
//!
//! It uses its own threads instead of pool tasks: a pool thread that waits for Polars would start the next month meanwhile, and so
//! on, until all months are in memory.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Runs `work` for every item and returns the results in the order of the items.
///
/// # Errors
/// The error of the first item that failed, whatever the number of threads; later items are no longer started.
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

/// Runs `work` for every item and passes each result on in the order of the items. It keeps no results, so memory is limited to
/// as many items as there are threads.
///
/// # Errors
/// The error of the first item that failed; later items are neither started nor passed on.
pub(crate) fn handed_over<I: Sync, O, E: Send>(
    items: &[I],
    work: impl Fn(&I) -> Result<O, E> + Sync,
    hand_over: impl FnMut(O) -> Result<(), E> + Send,
) -> Result<(), E> {
    let next = AtomicUsize::new(0);
    let line =
        Line { turn: Mutex::new(Turn { next: 0, stopped: false, error: None, hand_over }), moved: Condvar::new() };
    let worker = || {
        let _leave = Leave(&line);
        while !line.lock().stopped {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { break };
            let result = work(item);
            let Some(mut turn) = line.wait_for(index) else { break };
            match result.and_then(&mut turn.hand_over) {
                Ok(()) => turn.next += 1,
                Err(error) => (turn.stopped, turn.error) = (true, Some(error)),
            }
            drop(turn);
            line.moved.notify_all();
        }
    };
    thread::scope(|scope| {
        let workers = rayon::current_num_threads().min(items.len());
        let started: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        for thread in started {
            thread.join().unwrap_or_else(|panic| resume_unwind(panic));
        }
    });
    let turn = line.turn.into_inner().unwrap_or_else(PoisonError::into_inner);
    turn.error.map_or(Ok(()), Err)
}

/// The queue in which workers wait for their turn.
struct Line<H, E> {
    turn: Mutex<Turn<H, E>>,
    moved: Condvar,
}

/// The item whose turn it is; stopped by an error or a panic.
struct Turn<H, E> {
    next: usize,
    stopped: bool,
    error: Option<E>,
    hand_over: H,
}

impl<H, E> Line<H, E> {
    fn lock(&self) -> MutexGuard<'_, Turn<H, E>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the item's turn; `None` when all stop.
    fn wait_for(&self, index: usize) -> Option<MutexGuard<'_, Turn<H, E>>> {
        let others = |turn: &mut Turn<H, E>| !turn.stopped && turn.next != index;
        let turn = self.moved.wait_while(self.lock(), others).unwrap_or_else(PoisonError::into_inner);
        (!turn.stopped).then_some(turn)
    }
}

/// Stops the other workers when a worker panics, as they would wait for its turn for ever.
struct Leave<'a, H, E>(&'a Line<H, E>);

impl<H, E> Drop for Leave<'_, H, E> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.lock().stopped = true;
            self.0.moved.notify_all();
        }
    }
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
        // The first items take longest, so they finish last.
        let slow_first = |item: &u64| {
            thread::sleep(std::time::Duration::from_micros((50 - item) * 20));
            if *item % 20 == 19 { Err(*item) } else { Ok(*item) }
        };
        for threads in [1, 2, 16] {
            assert_eq!(with_threads(threads, || in_order(&items[..19], slow_first)), Ok(items[..19].to_vec()));
            assert_eq!(with_threads(threads, || in_order(&items, slow_first)), Err(19));
        }
    }

    #[test]
    fn results_are_handed_over_one_by_one_in_the_order_of_the_months() {
        let items: Vec<u64> = (0..50).collect();
        let (active, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let slow_first = |item: &u64| {
            most.fetch_max(active.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            thread::sleep(std::time::Duration::from_micros((50 - item) * 20));
            if *item % 20 == 19 { Err(*item) } else { Ok(*item) }
        };
        for threads in [1, 2, 16] {
            for (items, result) in [(&items[..19], Ok(())), (&items[..], Err(19))] {
                let mut handed = Vec::new();
                let hand_over = |item| {
                    active.fetch_sub(1, Ordering::SeqCst);
                    handed.push(item);
                    Ok(())
                };
                most.store(0, Ordering::SeqCst);
                active.store(0, Ordering::SeqCst);
                assert_eq!(with_threads(threads, || handed_over(items, slow_first, hand_over)), result);
                assert_eq!(handed, (0..19).collect::<Vec<u64>>(), "{threads} threads");
                // A result that waits for its turn counts, as it is still in memory.
                assert!(most.load(Ordering::SeqCst) <= threads, "{most:?} at once");
            }
        }
    }

    #[test]
    fn a_panic_stops_those_who_wait() {
        let work = |item: &u64| -> Result<u64, ()> {
            assert_ne!(*item, 0, "the first month is never handed over");
            Ok(*item)
        };
        let all = || with_threads(4, || handed_over(&[0, 1, 2, 3, 4, 5], work, |_| Ok(())));
        assert!(std::panic::catch_unwind(all).is_err());
    }
}
