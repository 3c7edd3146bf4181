//! Keeps a panic of a foreign parser from ending the run, or from talking on standard error.
//!
//! Parsers of old binary formats index first and check later; a hostile file makes them panic. Here such a
//! panic becomes an [`Error`] about the file.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::error::{Error, ErrorKind, Result};

thread_local! {
    /// Whether this thread is inside [`contain`], where panics stay silent.
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `parse`; its panic is the error that the file is broken.
pub(crate) fn contain<T>(parse: impl FnOnce() -> Result<T>) -> Result<T> {
    silence_contained_panics();
    let before = CONTAINED.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(parse));
    CONTAINED.set(before);
    outcome.unwrap_or_else(|cause| {
        let cause = cause
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| cause.downcast_ref::<&str>().copied())
            .unwrap_or("no reason given");
        Err(Error::new(ErrorKind::Input, "is broken or uses features that cannot be read")
            .hint("open it in another program and save it again, or convert it to text")
            .caused_by(cause.lines().next().unwrap_or_default().to_owned()))
    })
}

/// Puts a hook before the present one that is silent on threads inside [`contain`] only.
fn silence_contained_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let present = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !CONTAINED.get() {
                present(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_and_leaves_no_trace() {
        let error = contain::<()>(|| panic!("index {} out of range", 7)).unwrap_err();
        assert!(error.cause().ends_with("index 7 out of range"), "{}", error.cause());
        assert_eq!(contain(|| Ok(5)).unwrap(), 5);
        assert!(!CONTAINED.get());
    }
}
