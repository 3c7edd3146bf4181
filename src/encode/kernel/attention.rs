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
use super::convert::{copy_row, round_row};
use super::engine::Engine;
use super::function::{coarse_exp, exp};
use super::matrix::{BLOCK, GROUP, Left, Line, PANEL, Packed, Precision};
use super::product::{Finish, Place, Target};
use super::unit::Unit;
use super::{Activation, Kernel, Operation};

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

/// Queries, keys and values of some sequences.
#[derive(Clone, Copy, Debug)]
pub(in crate::encode) struct Sequences<'a> {
    /// A row for each token: its query, its key and its value, one after the other. The queries are divided by
    /// the root of the size of a head already.
    pub(in crate::encode) fused: &'a Left,
    /// The tokens of each sequence.
    pub(in crate::encode) lengths: &'a [usize],
    pub(in crate::encode) heads: Heads,
}

/// The memory that attention works in.
#[derive(Debug, Default)]
pub(in crate::encode) struct Attention {
    queries: Left,
    keys: Packed,
    values: Packed,
    /// Scores of a block of queries, then what e is raised to by them.
    scores: Aligned<f32>,
    weights: Left,
    /// What brings the sum of the weights of each query to 1.
    factors: [f32; BLOCK],
    gathered: Aligned<f32>,
}

impl Kernel {
    /// The precision in which it wants queries, keys and values.
    pub(in crate::encode) fn attention_precision(self, heads: Heads) -> Precision {
        self.attention_engine(heads).precision()
    }

    /// Words of bf16 hold elements of two heads where a head is not made of whole groups.
    fn attention_engine(self, heads: Heads) -> Engine {
        if heads.size.is_multiple_of(PANEL) { self.attention } else { Engine::Floats(self.arch) }
    }

    /// Writes to `target`, a row of `count · size` numbers for each token, what each gathers from its sequence.
    pub(in crate::encode) fn attend(
        self,
        attention: &mut Attention,
        sequences: Sequences<'_>,
        bias: Option<&PositionBias<'_>>,
        target: Target<'_>,
    ) {
        let engine = self.attention_engine(sequences.heads);
        assert_eq!(sequences.fused.precision(), engine.precision(), "made for another kernel");
        engine.run(Attend { attention, sequences, bias, target });
    }
}

struct Attend<'a> {
    attention: &'a mut Attention,
    sequences: Sequences<'a>,
    bias: Option<&'a PositionBias<'a>>,
    target: Target<'a>,
}

impl Operation for Attend<'_> {
    #[inline(always)]
    fn run<S: Simd, U: Unit>(mut self, simd: S, unit: &mut U) {
        let Sequences { fused, lengths, heads } = self.sequences;
        self.target.reset(fused.rows(), heads.count * heads.size);
        let mut first = 0;
        for &length in lengths {
            for head in 0..heads.count {
                let sequence = Sequence { fused, heads, head, first, length };
                self.attention.pack(simd, &sequence);
                for query in (0..length).step_by(BLOCK) {
                    self.attention.score(simd, unit, &sequence, query, self.bias);
                    self.attention.gather(simd, unit, &sequence, query, &mut self.target);
                }
            }
            first += length;
        }
    }
}

/// One head of one sequence.
struct Sequence<'a> {
    fused: &'a Left,
    heads: Heads,
    head: usize,
    /// The row of the first token.
    first: usize,
    length: usize,
}

impl<'a> Sequence<'a> {
    /// The words of the query (0), the key (1) or the value (2) of a token.
    #[inline(always)]
    fn part(&self, token: usize, part: usize) -> &'a [u32] {
        let words = self.heads.size / self.fused.precision().per_word();
        let first = (part * self.heads.count + self.head) * words;
        &self.fused.row(self.first + token)[first..first + words]
    }

    /// The number of queries of the block that starts at `query`.
    fn block(&self, query: usize) -> usize {
        BLOCK.min(self.length - query)
    }

    /// Numbers from the scores of a query to those of the next.
    fn stride(&self) -> usize {
        self.length.next_multiple_of(PANEL)
    }
}

impl Attention {
    /// Takes keys and values of a head.
    #[inline(always)]
    fn pack<S: Simd>(&mut self, simd: S, sequence: &Sequence<'_>) {
        let (precision, length) = (sequence.fused.precision(), sequence.length);
        let size = sequence.heads.size;
        self.queries.reset(precision, BLOCK, size);
        self.weights.reset(precision, BLOCK, length);
        self.keys.reset(precision, size, length);
        self.values.reset(precision, length, size);
        self.scores.reset(BLOCK * sequence.stride());
        self.gathered.reset(BLOCK * PANEL);
        for token in 0..length {
            self.keys.set_column(token, sequence.part(token, 1));
        }
        for panel in 0..self.values.panels() {
            for (place, line) in self.values.lines_mut(panel).iter_mut().enumerate() {
                match precision {
                    Precision::F32 => copy_value(sequence.part(place, 2), panel, line),
                    Precision::Bf16 | Precision::Int8 => {
                        pair_values(simd, sequence, panel, place, line);
                    }
                }
            }
        }
    }

    /// Raises e to the scores of a block of queries, from `query` on.
    #[inline(always)]
    fn score<S: Simd, U: Unit>(
        &mut self,
        simd: S,
        unit: &mut U,
        sequence: &Sequence<'_>,
        query: usize,
        bias: Option<&PositionBias<'_>>,
    ) {
        let (count, stride, length) = (sequence.block(query), sequence.stride(), sequence.length);
        for i in 0..count {
            self.queries.row_mut(i).copy_from_slice(sequence.part(query + i, 0));
        }
        for panel in 0..self.keys.panels() {
            let out = &mut self.scores[panel * PANEL..];
            unit.multiply(self.queries.first(count), self.keys.panel(panel), out, stride);
        }
        for (i, row) in self.scores.chunks_exact_mut(stride).take(count).enumerate() {
            if let Some(bias) = bias {
                bias(sequence.head, query + i, &mut row[..length]);
            }
            row[length..].fill(f32::MIN);
            let precision = self.weights.precision();
            self.factors[i] = 1.0 / raise(simd, precision, row);
            match precision {
                Precision::F32 => copy_row(&row[..length], self.weights.row_mut(i)),
                // Whole groups: what is behind the sequence meets values of zero.
                Precision::Bf16 | Precision::Int8 => {
                    round_row(simd, row, self.weights.row_mut(i));
                }
            }
        }
    }

    /// Writes to `target` what a block of queries, from `query` on, gathers.
    #[inline(always)]
    fn gather<S: Simd, U: Unit>(
        &mut self,
        simd: S,
        unit: &mut U,
        sequence: &Sequence<'_>,
        query: usize,
        target: &mut Target<'_>,
    ) {
        let (Heads { count: heads, size }, count) = (sequence.heads, sequence.block(query));
        let finish = Finish {
            bias: [0.0; PANEL],
            columns: Some(&[1.0; PANEL]),
            activation: Activation::Identity,
        };
        for panel in 0..self.values.panels() {
            let weights = self.weights.first(count);
            unit.multiply(weights, self.values.panel(panel), &mut self.gathered, PANEL);
            for (i, row) in self.gathered.as_chunks().0.iter().take(count).enumerate() {
                let place = Place {
                    row: sequence.first + query + i,
                    columns: heads * size,
                    first: sequence.head * size + panel * PANEL,
                    width: PANEL.min(size - panel * PANEL),
                };
                finish.put(simd, row, self.factors[i], target, place);
            }
        }
    }
}

/// The line of a value in f32, padded with zeros.
#[inline(always)]
fn copy_value(value: &[u32], panel: usize, line: &mut Line) {
    let value = &value[panel * PANEL..];
    let width = value.len().min(PANEL);
    line[..width].copy_from_slice(&value[..width]);
    line[width..].fill(0);
}

/// The line of two values in bf16 that stand [`GROUP`] apart, zeros behind the last. A word of a value holds two of
/// its columns; one of the line holds a column of two values.
#[inline(always)]
fn pair_values<S: Simd>(
    simd: S,
    sequence: &Sequence<'_>,
    panel: usize,
    place: usize,
    line: &mut Line,
) {
    let token = place / GROUP * 2 * GROUP + place % GROUP;
    let first = value_group(sequence, panel, token);
    let second = value_group(sequence, panel, token + GROUP);
    let (lower, upper) = line.split_at_mut(GROUP);
    let (lower, upper) = (S::as_mut_simd_u32s(lower).0, S::as_mut_simd_u32s(upper).0);
    let (first, second) = (S::as_simd_u32s(first).0, S::as_simd_u32s(second).0);
    let (sixteen, mask) = (simd.splat_u32s(16), simd.splat_u32s(0xffff));
    for (v, (x, y)) in first.iter().zip(second).enumerate() {
        let (x_lower, y_lower) = (simd.and_u32s(*x, mask), simd.wrapping_dyn_shl_u32s(*y, sixteen));
        let (x_upper, y_upper) =
            (simd.wrapping_dyn_shr_u32s(*x, sixteen), simd.and_u32s(*y, simd.not_u32s(mask)));
        lower[v] = simd.or_u32s(x_lower, y_lower);
        upper[v] = simd.or_u32s(x_upper, y_upper);
    }
}

/// The words of a value in the columns of a panel; zeros behind the last token.
#[inline(always)]
fn value_group<'a>(sequence: &Sequence<'a>, panel: usize, token: usize) -> &'a [u32; GROUP] {
    if token >= sequence.length {
        return &[0; GROUP];
    }
    let words = &sequence.part(token, 2)[panel * GROUP..];
    words.first_chunk().expect("a head is made of whole groups")
}

/// Replaces each score by e to its distance from the largest; gives the sum. The length of a row is a multiple
/// of [`PANEL`]; `f32::MIN` counts as nothing.
#[inline(always)]
fn raise<S: Simd>(simd: S, precision: Precision, row: &mut [f32]) -> f32 {
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
