//! What multiplies: the one thing that kernels differ in.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for its instructions"
)]

use std::hint::black_box;

use pulp::Simd;

use super::matrix::{Block, PANEL, Panel};

/// Vectors that a stripe of sums is wide.
const WIDTH: usize = 2;

/// Sums that are added to in turn where only the rate counts.
const CHAINS: usize = 12;

/// Multiplies rows by a panel.
///
/// The law of every unit: a sum depends on its own row and column alone and is taken in one fixed order,
/// whatever the number of rows.
pub(super) trait Unit {
    /// Writes to `out`, at rows `stride` apart, the products of the rows of `left` with the columns of `right`.
    /// `out` has room for [`super::matrix::BLOCK`] rows; beyond those of `left` it holds any numbers then.
    fn multiply(&mut self, left: Block<'_>, right: Panel<'_>, out: &mut [f32], stride: usize);

    /// Multiplies and adds in registers alone, as many at once as hide their latency, `rounds` times; gives how
    /// many multiplications that were. What this does in a second no kernel can exceed.
    fn spin(&mut self, rounds: u64) -> u64;
}

/// An instruction that multiplies vectors of words and adds up.
pub(super) trait Dot: Copy {
    /// A vector of words.
    type Words: Copy;
    /// A vector of sums.
    type Sums: Copy;
    /// Words in a vector.
    const LANES: usize;
    /// Elements in a word.
    const PARTS: usize;
    /// Rows whose sums the registers hold beside what else is needed.
    const HEIGHT: usize;

    /// Sums that start at `corrections`, where the precision has any, else at zero.
    fn start(self, corrections: &[i32]) -> Self::Sums;

    /// The first words of `words`.
    fn load(self, words: &[u32]) -> Self::Words;

    /// The same word in every lane.
    fn splat(self, word: u32) -> Self::Words;

    /// `sums + left · right`, part by part.
    fn add(self, sums: Self::Sums, left: Self::Words, right: Self::Words) -> Self::Sums;

    /// Writes sums to the start of `out`.
    fn store(self, sums: Self::Sums, out: &mut [f32]);
}

/// A unit that keeps its sums in vector registers (Goto & van de Geijn, "Anatomy of high-performance matrix
/// multiplication", ACM TOMS 34, 2008; these models are not deep enough to block the depth).
pub(super) struct Registers<D>(pub(super) D);

impl<D: Dot> Unit for Registers<D> {
    #[inline(always)]
    fn multiply(&mut self, left: Block<'_>, right: Panel<'_>, out: &mut [f32], stride: usize) {
        let mut row = 0;
        while row < left.count {
            // There is room for a whole block, so a stripe may go beyond the last row.
            row += match (left.count - row, D::HEIGHT) {
                (3.., 8) => self.stripe::<8>(left, right, row, out, stride),
                (5.., 6) => self.stripe::<6>(left, right, row, out, stride),
                (3.., 6) => self.stripe::<4>(left, right, row, out, stride),
                _ => self.stripe::<2>(left, right, row, out, stride),
            };
        }
    }

    #[inline(always)]
    fn spin(&mut self, rounds: u64) -> u64 {
        let words = self.0.load(black_box(&[0; PANEL]));
        let mut sums = [self.0.start(black_box(&[0; PANEL])); CHAINS];
        for _ in 0..rounds {
            for sums in &mut sums {
                *sums = self.0.add(*sums, words, words);
            }
        }
        let mut out = [0.0; PANEL];
        for sums in sums {
            self.0.store(sums, &mut out[..D::LANES]);
            black_box(&out);
        }
        rounds * (CHAINS * D::LANES * D::PARTS) as u64
    }
}

impl<D: Dot> Registers<D> {
    /// The products of `HEIGHT` rows; gives `HEIGHT` back.
    #[inline(always)]
    fn stripe<const HEIGHT: usize>(
        &self,
        left: Block<'_>,
        right: Panel<'_>,
        first: usize,
        out: &mut [f32],
        stride: usize,
    ) -> usize {
        let depth = right.lines.len();
        let mut rows: [&[u32]; HEIGHT] = [&[]; HEIGHT];
        for (i, row) in rows.iter_mut().enumerate() {
            *row = left.row(first + i, depth);
        }
        for start in (0..PANEL).step_by(WIDTH * D::LANES) {
            let sums = self.sums(&rows, right, start);
            for (i, sums) in sums.into_iter().enumerate() {
                let out = &mut out[(first + i) * stride..][..PANEL];
                for (v, sums) in sums.into_iter().enumerate() {
                    self.0.store(sums, &mut out[start + v * D::LANES..][..D::LANES]);
                }
            }
        }
        HEIGHT
    }

    /// The innermost loop: `HEIGHT × WIDTH` vectors of sums over the whole depth, first to last.
    #[inline(always)]
    fn sums<const HEIGHT: usize>(
        &self,
        rows: &[&[u32]; HEIGHT],
        right: Panel<'_>,
        start: usize,
    ) -> [[D::Sums; WIDTH]; HEIGHT] {
        let (middle, end) = (start + D::LANES, start + WIDTH * D::LANES);
        let corrections = right.corrections;
        let first =
            [self.0.start(&corrections[start..middle]), self.0.start(&corrections[middle..end])];
        let mut sums = [first; HEIGHT];
        for (depth, line) in right.lines.iter().enumerate() {
            let words = [self.0.load(&line[start..middle]), self.0.load(&line[middle..end])];
            for i in 0..HEIGHT {
                let factor = self.0.splat(rows[i][depth]);
                for v in 0..WIDTH {
                    sums[i][v] = self.0.add(sums[i][v], factor, words[v]);
                }
            }
        }
        sums
    }
}

/// f32 by the vectors of [`pulp`].
#[derive(Clone, Copy)]
pub(super) struct Floats<S>(pub(super) S);

impl<S: Simd> Dot for Floats<S> {
    type Words = S::f32s;
    type Sums = S::f32s;
    const LANES: usize = S::F32_LANES;
    const PARTS: usize = 1;
    const HEIGHT: usize = if S::REGISTER_COUNT >= 32 { 8 } else { 6 };

    #[inline(always)]
    fn start(self, _: &[i32]) -> S::f32s {
        self.0.splat_f32s(0.0)
    }

    #[inline(always)]
    fn load(self, words: &[u32]) -> S::f32s {
        self.0.transmute_f32s_u32s(S::as_simd_u32s(words).0[0])
    }

    #[inline(always)]
    fn splat(self, word: u32) -> S::f32s {
        self.0.splat_f32s(f32::from_bits(word))
    }

    #[inline(always)]
    fn add(self, sums: S::f32s, left: S::f32s, right: S::f32s) -> S::f32s {
        self.0.mul_add_e_f32s(left, right, sums)
    }

    #[inline(always)]
    fn store(self, sums: S::f32s, out: &mut [f32]) {
        S::as_mut_simd_f32s(out).0[0] = sums;
    }
}

/// bf16 in plain Rust: the reference for the instructions.
#[derive(Clone, Copy)]
pub(super) struct PlainHalves;

impl Dot for PlainHalves {
    type Words = u32;
    type Sums = f32;
    const LANES: usize = 1;
    const PARTS: usize = 2;
    const HEIGHT: usize = 6;

    #[inline(always)]
    fn start(self, _: &[i32]) -> f32 {
        0.0
    }

    #[inline(always)]
    fn load(self, words: &[u32]) -> u32 {
        words[0]
    }

    #[inline(always)]
    fn splat(self, word: u32) -> u32 {
        word
    }

    #[inline(always)]
    fn add(self, sums: f32, left: u32, right: u32) -> f32 {
        let [upper, lower] = [|word: u32| word & 0xffff_0000, |word: u32| word << 16];
        // The product of two bf16 is exact in f32, so this rounds as a fused operation would.
        let sums = f32::from_bits(upper(left)) * f32::from_bits(upper(right)) + sums;
        f32::from_bits(lower(left)) * f32::from_bits(lower(right)) + sums
    }

    #[inline(always)]
    fn store(self, sums: f32, out: &mut [f32]) {
        out[0] = sums;
    }
}

/// int8 in plain Rust: the reference for the instructions.
#[derive(Clone, Copy)]
pub(super) struct PlainBytes;

impl Dot for PlainBytes {
    type Words = u32;
    type Sums = i32;
    const LANES: usize = 1;
    const PARTS: usize = 4;
    const HEIGHT: usize = 6;

    #[inline(always)]
    fn start(self, corrections: &[i32]) -> i32 {
        corrections[0]
    }

    #[inline(always)]
    fn load(self, words: &[u32]) -> u32 {
        words[0]
    }

    #[inline(always)]
    fn splat(self, word: u32) -> u32 {
        word
    }

    #[inline(always)]
    fn add(self, sums: i32, left: u32, right: u32) -> i32 {
        let products = left.to_le_bytes().into_iter().zip(right.to_le_bytes());
        products.fold(sums, |sums, (x, y)| sums + i32::from(x) * i32::from(y.cast_signed()))
    }

    #[inline(always)]
    fn store(self, sums: i32, out: &mut [f32]) {
        out[0] = sums as f32;
    }
}
