//! Memory that starts at a cache line.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for its instructions"
)]

use std::ops::{Deref, DerefMut};

/// Bytes of a cache line, which is also a row of a tile and an AVX-512 register.
const LINE: usize = 64;

/// Numbers of which the first stands at the start of a cache line: a vector load that crosses two lines costs
/// twice. Grows and never shrinks, so that a workspace asks for memory once.
#[derive(Clone, Debug, Default)]
pub(in crate::encode) struct Aligned<T> {
    data: Vec<T>,
    start: usize,
    length: usize,
}

impl<T: Copy + Default> Aligned<T> {
    /// Makes room for `length` numbers. What was in it is lost, what is in it then is any number.
    pub(in crate::encode) fn reset(&mut self, length: usize) {
        let spare = LINE / size_of::<T>();
        if self.data.len() < length + spare {
            self.data = vec![T::default(); length + spare];
            // Where the platform cannot tell, nothing is aligned and all is still right.
            self.start = self.data.as_ptr().align_offset(LINE).min(spare);
        }
        self.length = length;
    }
}

impl<T> Deref for Aligned<T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        &self.data[self.start..self.start + self.length]
    }
}

impl<T> DerefMut for Aligned<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.data[self.start..self.start + self.length]
    }
}
