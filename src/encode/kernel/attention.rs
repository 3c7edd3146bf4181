//! Scaled dot-product attention over one sequence (Vaswani et al., arXiv:1706.03762).
//!
//! Keys and values of a head are packed as the right-hand sides of two products; queries go through in blocks,
//! so that the memory for scores grows with the length of a sequence and not with its square. Sequences stand
//! one behind the other without padding.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for its instructions"
)]

use pulp::Simd;

use super::aligned::Aligned;
use super::convert::{join, round_row, scale_row};
use super::function::{coarse_exp, exp};
use super::matrix::{BLOCK, GROUP, Left, PANEL, Packed, Precision};
use super::unit::Unit;
use super::{Kernel, Operation};

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

/// The memory that attention works in.
#[derive(Debug, Default)]
pub(in crate::encode) struct Attention {
    queries: Left,
    keys: Packed,
    values: Packed,
    /// Scores of a block of queries, then what they are raised to.
    scores: Aligned<f32>,
    weights: Left,
    /// The words of one key.
    key: Vec<u32>,
    gathered: Aligned<f32>,
}

impl Kernel {
    /// Writes to `out` (a row of `count · size` numbers for each token) what each token gathers from its
    /// sequence. A row of `fused` holds the query, the key and the value of a token, one after the other;
    /// `lengths` are the tokens of each sequence.
    pub(in crate::encode) fn attend(
        self,
        attention: &mut Attention,
        fused: &[f32],
        lengths: &[usize],
        heads: Heads,
        bias: Option<&PositionBias<'_>>,
        out: &mut [f32],
    ) {
        let precision = self.attention.precision();
        self.attention.run(Attend { attention, fused, lengths, heads, bias, out, precision });
    }
}

struct Attend<'a> {
    attention: &'a mut Attention,
    fused: &'a [f32],
    lengths: &'a [usize],
    heads: Heads,
    bias: Option<&'a PositionBias<'a>>,
    out: &'a mut [f32],
    precision: Precision,
}

impl Operation for Attend<'_> {
    #[inline(always)]
    fn run<S: Simd, U: Unit>(self, simd: S, unit: &mut U) {
        let hidden = self.heads.count * self.heads.size;
        let (mut fused, mut out) = (self.fused, self.out);
        for &length in self.lengths {
            let (part, rest) = fused.split_at(length * 3 * hidden);
            let (target, later) = out.split_at_mut(length * hidden);
            for head in 0..self.heads.count {
                let sequence = Sequence { fused: part, heads: self.heads, head, length };
                let attention = &mut *self.attention;
                attention.pack(simd, &sequence, self.precision);
                for first in (0..length).step_by(BLOCK) {
                    attention.gather(simd, unit, &sequence, first, self.bias, target);
                }
            }
            (fused, out) = (rest, later);
        }
    }
}

/// One head of one sequence.
struct Sequence<'a> {
    fused: &'a [f32],
    heads: Heads,
    head: usize,
    length: usize,
}

impl Sequence<'_> {
    /// Query (0), key (1) or value (2) of a token.
    #[inline(always)]
    fn part(&self, token: usize, part: usize) -> &[f32] {
        let hidden = self.heads.count * self.heads.size;
        let first = (token * 3 + part) * hidden + self.head * self.heads.size;
        &self.fused[first..first + self.heads.size]
    }
}

impl Attention {
    /// Takes keys and values of a head.
    #[inline(always)]
    fn pack<S: Simd>(&mut self, simd: S, sequence: &Sequence<'_>, precision: Precision) {
        let Sequence { heads: Heads { size, .. }, length, .. } = *sequence;
        self.queries.reset(precision, BLOCK, size);
        self.weights.reset(precision, BLOCK, length);
        self.keys.reset(precision, size, length);
        self.values.reset(precision, length, size);
        self.scores.reset(BLOCK * length.next_multiple_of(PANEL));
        self.gathered.reset(BLOCK * PANEL);
        self.key.resize(self.queries.length(), 0);
        for token in 0..length {
            set_words(simd, precision, sequence.part(token, 1), 1.0, &mut self.key);
            self.keys.set_column(token, &self.key);
        }
        for panel in 0..size.div_ceil(PANEL) {
            let lines = self.values.lines_mut(panel);
            let value = |token: usize| value_columns(sequence, token, panel);
            match precision {
                Precision::F32 => {
                    for (token, line) in lines.iter_mut().enumerate() {
                        *line = value(token).map(f32::to_bits);
                    }
                }
                Precision::Bf16 | Precision::Int8 => {
                    for (place, line) in lines.iter_mut().enumerate() {
                        let token = place / GROUP * 2 * GROUP + place % GROUP;
                        join_lines(simd, &value(token), &value(token + GROUP), line);
                    }
                }
            }
        }
    }

    /// Writes to `out` what a block of queries, from `first` on, gathers.
    #[inline(always)]
    fn gather<S: Simd, U: Unit>(
        &mut self,
        simd: S,
        unit: &mut U,
        sequence: &Sequence<'_>,
        first: usize,
        bias: Option<&PositionBias<'_>>,
        out: &mut [f32],
    ) {
        let Sequence { heads: Heads { count: heads, size }, head, length, .. } = *sequence;
        let (precision, padded) = (self.queries.precision(), length.next_multiple_of(PANEL));
        let count = BLOCK.min(length - first);
        let factor = 1.0 / (size as f32).sqrt();
        for i in 0..count {
            let query = sequence.part(first + i, 0);
            set_words(simd, precision, query, factor, self.queries.row_mut(i));
        }
        let queries = self.queries.first(count);
        for panel in 0..self.keys.panels() {
            let out = &mut self.scores[panel * PANEL..];
            unit.multiply(queries, self.keys.panel(panel), out, padded);
        }
        let mut factors = [0.0; BLOCK];
        for (i, row) in self.scores.chunks_exact_mut(padded).take(count).enumerate() {
            if let Some(bias) = bias {
                bias(head, first + i, &mut row[..length]);
            }
            row[length..].fill(f32::MIN);
            factors[i] = 1.0 / raise(simd, precision, row);
            // Whole groups are quicker to round; what is behind the sequence meets values of zero.
            let end = if precision == Precision::F32 { length } else { padded };
            set_words(simd, precision, &row[..end], 1.0, self.weights.row_mut(i));
        }
        let weights = self.weights.first(count);
        for panel in 0..self.values.panels() {
            unit.multiply(weights, self.values.panel(panel), &mut self.gathered, PANEL);
            let column = head * size + panel * PANEL;
            let width = PANEL.min(size - panel * PANEL);
            for (i, row) in self.gathered.chunks_exact(PANEL).take(count).enumerate() {
                let out = &mut out[(first + i) * heads * size + column..][..width];
                scale(simd, &row[..width], factors[i], out);
            }
        }
    }
}

/// The value of a token in the columns of a panel, padded with zeros; zeros beyond the last token.
#[inline(always)]
fn value_columns(sequence: &Sequence<'_>, token: usize, panel: usize) -> [f32; PANEL] {
    let mut columns = [0.0; PANEL];
    if token < sequence.length {
        let value = &sequence.part(token, 2)[panel * PANEL..];
        match value.first_chunk::<PANEL>() {
            Some(whole) => columns = *whole,
            None => columns[..value.len()].copy_from_slice(value),
        }
    }
    columns
}

/// The words of `factor · row` in the precision of attention, which is never int8.
#[inline(always)]
fn set_words<S: Simd>(
    simd: S,
    precision: Precision,
    row: &[f32],
    factor: f32,
    words: &mut [u32],
) {
    match precision {
        Precision::F32 => scale_row(simd, row, factor, words),
        Precision::Bf16 | Precision::Int8 => round_row(simd, row, factor, words),
    }
}

#[inline(always)]
fn join_lines<S: Simd>(
    simd: S,
    lower: &[f32; PANEL],
    upper: &[f32; PANEL],
    line: &mut [u32; PANEL],
) {
    let (lower, upper) = (S::as_simd_f32s(lower).0, S::as_simd_f32s(upper).0);
    for ((words, lower), upper) in S::as_mut_simd_u32s(line).0.iter_mut().zip(lower).zip(upper) {
        *words = join(simd, *lower, *upper);
    }
}

/// Replaces each score by e to its distance from the largest; gives the sum. The length of a row is a multiple
/// of [`PANEL`]; `f32::MIN` counts as nothing.
#[inline(always)]
pub(super) fn raise<S: Simd>(simd: S, precision: Precision, row: &mut [f32]) -> f32 {
    let (row, _) = S::as_mut_simd_f32s(row);
    let mut largest = simd.splat_f32s(f32::MIN);
    for x in row.iter() {
        largest = simd.max_f32s(largest, *x);
    }
    let largest = simd.splat_f32s(simd.reduce_max_f32s(largest));
    let mut sums = simd.splat_f32s(0.0);
    for x in row.iter_mut() {
        let distance = simd.sub_f32s(*x, largest);
        *x = match precision {
            Precision::F32 => exp(simd, distance),
            Precision::Bf16 | Precision::Int8 => coarse_exp(simd, distance),
        };
        sums = simd.add_f32s(sums, *x);
    }
    simd.reduce_sum_f32s(sums)
}

#[inline(always)]
fn scale<S: Simd>(simd: S, row: &[f32], factor: f32, out: &mut [f32]) {
    let (vectors, rest) = S::as_simd_f32s(row);
    let (targets, target_rest) = S::as_mut_simd_f32s(out);
    let by = simd.splat_f32s(factor);
    for (target, x) in targets.iter_mut().zip(vectors) {
        *target = simd.mul_f32s(*x, by);
    }
    for (target, x) in target_rest.iter_mut().zip(rest) {
        *target = x * factor;
    }
}
