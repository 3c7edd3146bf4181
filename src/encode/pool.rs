//! What only one thread can use at a time, such as memory to work in, once for each thread that needs it.

use std::sync::{Mutex, PoisonError};

use crate::error::Result;

/// Things of one kind that wait for a thread to use them: as many as ever were in use at once.
#[derive(Debug, Default)]
pub(super) struct Pool<T>(Mutex<Vec<T>>);

impl<T> Pool<T> {
    #[cfg(any(test, feature = "libtorch", feature = "onnx"))]
    pub(super) fn new(first: T) -> Self {
        Self(Mutex::new(vec![first]))
    }

    /// Uses one that waits, or else one that `make` gives. It is kept only if `work` was done: what has failed may
    /// be broken.
    pub(super) fn with<R>(
        &self,
        make: impl FnOnce() -> Result<T>,
        work: impl FnOnce(&mut T) -> Result<R>,
    ) -> Result<R> {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut item = waiting.map_or_else(make, Ok)?;
        let result = work(&mut item)?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(item);
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, ErrorKind};

    #[test]
    fn what_waits_is_used_again_and_what_failed_is_not() {
        let pool = Pool::new(1);
        let use_one = |made| pool.with(|| Ok(made), |item| Ok(*item)).unwrap();
        assert_eq!([use_one(2), use_one(3)], [1, 1]);
        let both = pool.with(|| Ok(4), |first| Ok((*first, use_one(5)))).unwrap();
        assert_eq!(both, (1, 5));
        let broken = || Error::new(ErrorKind::Model, "broke");
        for _ in 0..2 {
            assert!(pool.with(|| Ok(6), |_| Err::<(), _>(broken())).is_err());
        }
        assert_eq!(use_one(7), 7);
    }
}
