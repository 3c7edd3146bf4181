//! Threads: the only file that starts any.
//!
//! Work is split so that no result depends on how many threads there are: each item is computed on its own,
//! and results come back in the order of the items.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use crate::error::{Error, ErrorKind, Result};

/// A flag that asks the work to stop at the next safe point.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks for the stop.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether a stop was asked for.
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// An error of kind [`ErrorKind::Interrupted`] once a stop was asked for.
    ///
    /// # Errors
    /// Exactly then.
    pub fn check(&self) -> Result<()> {
        if self.requested() {
            Err(Error::new(ErrorKind::Interrupted, "stopped on request")
                .hint("run the same command again to go on where it stopped"))
        } else {
            Ok(())
        }
    }
}

/// The flag that Ctrl-C, SIGTERM and SIGHUP set. The first call installs the handler.
///
/// A second signal ends the process at once: what was finished is safe on disk.
///
/// # Errors
/// When the operating system refuses the handler.
pub fn stop_on_signals() -> Result<Stop> {
    static STOP: OnceLock<Stop> = OnceLock::new();
    if let Some(stop) = STOP.get() {
        return Ok(stop.clone());
    }
    let stop = Stop::default();
    let handler_stop = stop.clone();
    ctrlc::set_handler(move || {
        if handler_stop.requested() {
            #[expect(
                clippy::exit,
                reason = "the user asked twice; nothing unfinished can be saved"
            )]
            std::process::exit(130);
        }
        handler_stop.request();
    })
    .map_err(|error| Error::new(ErrorKind::Io, "cannot watch for Ctrl-C").caused_by(error))?;
    Ok(STOP.get_or_init(|| stop).clone())
}

/// A fixed number of worker threads.
#[derive(Debug)]
pub struct Workers(rayon::ThreadPool);

impl Workers {
    /// Starts `threads` workers; 0 means one per available core.
    ///
    /// # Errors
    /// When the operating system cannot start them.
    pub fn start(threads: usize) -> Result<Self> {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|number| format!("plenary-{number}"))
            .build()
            .map(Self)
            .map_err(|error| {
                Error::new(ErrorKind::Config, "cannot start the threads").caused_by(error)
            })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.current_num_threads()
    }

    /// Computes `work` for every item, in parallel, results in the order of the items.
    pub fn map<T: Send, R: Send>(&self, items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
        self.0.install(|| items.into_par_iter().with_max_len(1).map(&work).collect())
    }

    /// As [`Workers::map`], ending at the first error in the order of the items.
    ///
    /// # Errors
    /// The first error of `work`.
    pub fn try_map<T: Send, R: Send>(
        &self,
        items: Vec<T>,
        work: impl Fn(T) -> Result<R> + Sync,
    ) -> Result<Vec<R>> {
        self.map(items, work).into_iter().collect()
    }
}

/// Runs `produce` on a thread of its own while `consume` takes what it sends, at most `ahead` items ahead.
///
/// When `consume` returns, the producer's next send fails and it ends.
pub fn read_ahead<T: Send, R>(
    ahead: usize,
    produce: impl FnOnce(&dyn Fn(T) -> bool) + Send,
    consume: impl FnOnce(Receiver<T>) -> R,
) -> R {
    #[expect(clippy::disallowed_methods, reason = "this is the file that starts threads")]
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(ahead);
        scope.spawn(move || produce(&|item| sender.send(item).is_ok()));
        consume(receiver)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_of_the_items() {
        let items: Vec<u64> = (0..500).collect();
        let doubled = Workers::start(3).unwrap().map(items.clone(), |item| item * 2);
        assert_eq!(doubled, items.iter().map(|item| item * 2).collect::<Vec<_>>());
    }

    #[test]
    fn the_first_error_in_order_wins() {
        let fail = |item: u64| match item {
            3 | 7 => Err(Error::new(ErrorKind::Input, format!("item {item}"))),
            _ => Ok(item),
        };
        let error = Workers::start(2).unwrap().try_map((0..10).collect(), fail).unwrap_err();
        assert_eq!(error.to_string(), "item 3");
    }

    #[test]
    fn a_producer_ends_when_nobody_listens() {
        let taken = read_ahead(
            1,
            |send| {
                let mut number = 0_u64;
                while send(number) {
                    number += 1;
                }
            },
            |receiver| receiver.iter().take(3).collect::<Vec<_>>(),
        );
        assert_eq!(taken, [0, 1, 2]);
    }

    #[test]
    fn a_stop_is_an_interruption() {
        let stop = Stop::default();
        assert!(stop.check().is_ok());
        stop.request();
        assert_eq!(stop.check().unwrap_err().kind(), ErrorKind::Interrupted);
    }
}
