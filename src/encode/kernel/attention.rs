//! Scaled dot-product attention over one sequence (Vaswani et al., arXiv:1706.03762).
//!
//! Keys and values of a head are packed as the right-hand sides of two products; queries go through in blocks,
//! so that the memory for scores grows with the length of a sequence and not with its square.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for its instructions"
)]

use pulp::{Simd, WithSimd};

use super::function::exp;
use super::product::PANEL;
use super::{Activation, Kernel, Packed, Rows, RowsMut};

/// Queries whose scores are held at once.
const BLOCK: usize = 64;

/// How the columns of queries, keys and values are divided.
#[derive(Clone, Copy, Debug)]
pub(in crate::encode) struct Heads {
    /// The number of heads.
    pub(in crate::encode) count: usize,
    /// The columns of one head.
    pub(in crate::encode) size: usize,
}

/// Adds what a model knows of positions to the scores of one query: `bias(head, query, scores)`.
pub(in crate::encode) type PositionBias<'a> = dyn Fn(usize, usize, &mut [f32]) + 'a;

/// Attention with the memory it works in.
#[derive(Debug, Default)]
pub(in crate::encode) struct Attention {
    keys: Packed,
    values: Packed,
    scores: Vec<f32>,
}

impl Attention {
    /// Writes to `out` (a row of `count · size` numbers for each token) what each token gathers from the
    /// sequence. A row of `fused` holds the query, the key and the value of a token, one after the other.
    pub(in crate::encode) fn run(
        &mut self,
        kernel: Kernel,
        fused: &[f32],
        heads: Heads,
        bias: Option<&PositionBias<'_>>,
        out: &mut [f32],
    ) {
        let hidden = heads.count * heads.size;
        let (stride, length) = (3 * hidden, fused.len() / (3 * hidden));
        let padded = length.next_multiple_of(PANEL);
        self.keys.resize(heads.size, length);
        self.values.resize(length, heads.size);
        self.scores.resize(BLOCK.min(length) * padded, 0.0);
        for head in 0..heads.count {
            let column = head * heads.size;
            let part = |first, count| Rows::new(&fused[first..], count, heads.size, stride);
            self.keys.fill_transposed(0, part(hidden + column, length));
            self.values.fill(part(2 * hidden + column, length));
            for first in (0..length).step_by(BLOCK) {
                let count = BLOCK.min(length - first);
                let queries = part(first * stride + column, count);
                self.score(kernel, queries, count, padded);
                for (i, row) in self.scores.chunks_exact_mut(padded).take(count).enumerate() {
                    kernel.scale(&mut row[..length], 1.0 / (heads.size as f32).sqrt());
                    if let Some(bias) = bias {
                        bias(head, first + i, &mut row[..length]);
                    }
                    row[length..].fill(f32::MIN);
                    kernel.softmax(row);
                }
                let weights = Rows::new(&self.scores, count, length, padded);
                let target = RowsMut::new(&mut out[first * hidden + column..], hidden);
                kernel.product(weights, &self.values, None, Activation::Identity, target);
            }
        }
    }

    fn score(&mut self, kernel: Kernel, queries: Rows<'_>, count: usize, padded: usize) {
        let target = RowsMut::new(&mut self.scores[..count * padded], padded);
        kernel.product(queries, &self.keys, None, Activation::Identity, target);
    }
}

impl Kernel {
    /// Multiplies each element by `factor`.
    fn scale(self, row: &mut [f32], factor: f32) {
        self.0.dispatch(|| row.iter_mut().for_each(|x| *x *= factor));
    }

    /// Makes a row positive with sum 1. Its length is a multiple of [`PANEL`]; `f32::MIN` counts as nothing.
    pub(super) fn softmax(self, row: &mut [f32]) {
        debug_assert_eq!(row.len() % PANEL, 0);
        self.run(Softmax(row));
    }
}

struct Softmax<'a>(&'a mut [f32]);

impl WithSimd for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (row, _) = S::as_mut_simd_f32s(self.0);
        let mut largest = simd.splat_f32s(f32::MIN);
        for x in row.iter() {
            largest = simd.max_f32s(largest, *x);
        }
        let largest = simd.splat_f32s(simd.reduce_max_f32s(largest));
        let mut sums = simd.splat_f32s(0.0);
        for x in row.iter_mut() {
            *x = exp(simd, simd.sub_f32s(*x, largest));
            sums = simd.add_f32s(sums, *x);
        }
        let factor = simd.splat_f32s(1.0 / simd.reduce_sum_f32s(sums));
        for x in row {
            *x = simd.mul_f32s(*x, factor);
        }
    }
}
