//! What a processor can do at best, measured.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for its instructions"
)]

use std::time::{Duration, Instant};

use pulp::Simd;

use super::unit::Unit;
use super::{Kernel, Operation};

/// Rounds between two looks at the clock.
const ROUNDS: u64 = 20_000;

impl Kernel {
    /// Multiplications and additions a second of the instructions that linear layers use, in registers alone, on
    /// the calling thread for as long as `time`: the floor under what encoding takes.
    pub(in crate::encode) fn peak(self, time: Duration) -> f64 {
        let start = Instant::now();
        let mut products = 0;
        while start.elapsed() < time {
            self.products.run(Spin(&mut products));
        }
        2.0 * products as f64 / start.elapsed().as_secs_f64()
    }
}

struct Spin<'a>(&'a mut u64);

impl Operation for Spin<'_> {
    #[inline(always)]
    fn run<S: Simd, U: Unit>(self, _: S, unit: &mut U) {
        *self.0 += unit.spin(ROUNDS);
    }
}
