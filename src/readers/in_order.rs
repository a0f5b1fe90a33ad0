//! Work that several threads share, piece by piece, and whose results are handed on in the order of the pieces.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The pieces, told by their numbers from 0.
pub(super) struct InOrder<T, F> {
    pieces: usize,
    /// Pieces that may be begun before an earlier one is handed on: what is done meanwhile stays in memory.
    ahead: usize,
    progress: Mutex<Progress<T>>,
    went_on: Condvar,
    take: Mutex<F>,
}

struct Progress<T> {
    /// The first piece that nobody has begun.
    free: usize,
    /// The piece whose result is handed on next.
    next: usize,
    /// Results that wait for earlier ones.
    done: BTreeMap<usize, T>,
    /// Whether a thread hands results on right now: it will see what others have done meanwhile.
    handing: bool,
    /// Whether nobody wants more.
    over: bool,
}

impl<T, F: FnMut(T) -> ControlFlow<()>> InOrder<T, F> {
    /// `take` is given one result after the other, until it breaks off.
    pub(super) fn new(pieces: usize, ahead: usize, take: F) -> Self {
        Self {
            pieces,
            ahead,
            progress: Mutex::new(Progress {
                free: 0,
                next: 0,
                done: BTreeMap::new(),
                handing: false,
                over: false,
            }),
            went_on: Condvar::new(),
            take: Mutex::new(take),
        }
    }

    /// What each of the threads does: makes results until no piece is left.
    pub(super) fn work(&self, mut make: impl FnMut(usize) -> T) {
        let watch = Watch(self);
        while let Some(piece) = self.begin() {
            self.finish(piece, make(piece));
        }
        drop(watch);
    }

    /// A piece that nobody has begun.
    fn begin(&self) -> Option<usize> {
        let mut progress = lock(&self.progress);
        while progress.free >= progress.next.saturating_add(self.ahead) && !progress.over {
            let waited = self.went_on.wait(progress);
            progress = waited.unwrap_or_else(PoisonError::into_inner);
        }
        if progress.over || progress.free >= self.pieces {
            return None;
        }
        progress.free += 1;
        Some(progress.free - 1)
    }

    /// Hands on what can be: this result and those that waited for it.
    fn finish(&self, piece: usize, result: T) {
        let mut progress = lock(&self.progress);
        progress.done.insert(piece, result);
        if progress.handing {
            return;
        }
        progress.handing = true;
        while let next = progress.next
            && let Some(result) = progress.done.remove(&next)
            && !progress.over
        {
            drop(progress);
            let wants = (lock(&self.take))(result);
            progress = lock(&self.progress);
            progress.next += 1;
            progress.over |= wants.is_break();
            self.went_on.notify_all();
        }
        progress.handing = false;
    }
}

/// The lock, also where a thread panicked that held it.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the work of all where that of one thread panics: nobody waits for what it would have done.
struct Watch<'w, T, F>(&'w InOrder<T, F>);

impl<T, F> Drop for Watch<'_, T, F> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            lock(&self.0.progress).over = true;
            self.0.went_on.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::*;

    /// What comes out when four threads share this many pieces, the first of which takes longest.
    fn results(pieces: usize, until: usize) -> Vec<usize> {
        let mut results = Vec::new();
        let work = InOrder::new(pieces, 3, |result| {
            results.push(result);
            match result == until {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    work.work(|piece| {
                        thread::sleep(Duration::from_millis(if piece == 0 { 20 } else { 1 }));
                        piece
                    });
                });
            }
        });
        drop(work);
        results
    }

    #[test]
    fn results_come_in_the_order_of_the_pieces_until_nobody_wants_more() {
        assert!(results(0, 9).is_empty());
        assert_eq!(results(1, 9), [0]);
        assert_eq!(results(50, 99), (0..50).collect::<Vec<_>>());
        assert_eq!(results(50, 7), (0..8).collect::<Vec<_>>());
    }

    #[test]
    fn a_panic_ends_the_work_of_all() {
        let work = InOrder::new(50, 2, |_: usize| ControlFlow::Continue(()));
        let ended = thread::scope(|scope| {
            let panics = scope.spawn(|| work.work(|_| panic!("as a test does")));
            scope.spawn(|| work.work(|piece| piece));
            panics.join().is_err()
        });
        assert!(ended || lock(&work.progress).next == 50);
    }
}
