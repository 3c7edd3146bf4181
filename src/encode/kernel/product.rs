//! Linear layers: the product of activations with packed weights, with what is done to each element on its way
//! to where it is needed.
//!
//! A panel of weights is read once for all rows and stays in the cache nearest to the core while they pass; its
//! products with a block of rows go to a scratch block there, are finished and stored.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for its instructions"
)]

use pulp::Simd;

use super::convert::join;
use super::function::activate;
use super::matrix::{BLOCK, GROUP, Left, PANEL, Packed, Precision};
use super::unit::Unit;
use super::{Activation, Kernel, Operation};

// Closures cannot be told to be inlined, and one that is not is compiled without the instructions: hot code here
// has functions only.

/// Where the result of a product goes.
#[derive(Debug)]
pub(in crate::encode) enum Target<'a> {
    /// To rows as long as there are columns, one after the other.
    Rows(&'a mut [f32]),
    /// Is added to such rows.
    Sum(&'a mut [f32]),
    /// To the left matrix of another product, in f32 or bf16; int8 must see a whole row before it rounds it.
    Left(&'a mut Left, Precision),
}

impl Target<'_> {
    /// Makes room for so many rows of so many results.
    pub(super) fn reset(&mut self, rows: usize, columns: usize) {
        match self {
            Self::Rows(out) | Self::Sum(out) => {
                assert_eq!(out.len(), rows * columns, "room for all results");
            }
            Self::Left(next, precision) => {
                assert_ne!(*precision, Precision::Int8, "rounded row by row");
                next.reset(*precision, rows, columns);
            }
        }
    }
}

impl Kernel {
    /// `target = activation(left · right + bias)`; `bias` has as many elements as `right` has columns.
    pub(in crate::encode) fn product(
        self,
        left: &Left,
        right: &Packed,
        bias: &[f32],
        activation: Activation,
        target: Target<'_>,
    ) {
        assert_eq!(left.length(), right.depth(), "the matrices do not fit each other");
        assert_eq!(left.precision(), right.precision(), "the matrices were made for other kernels");
        assert_eq!(bias.len(), right.columns(), "one bias for each column");
        let activation = match (activation, right.precision()) {
            (Activation::Gelu, Precision::Bf16 | Precision::Int8) => Activation::CoarseGelu,
            (activation, _) => activation,
        };
        self.products.run(Product { left, right, bias, activation, target });
    }
}

struct Product<'a> {
    left: &'a Left,
    right: &'a Packed,
    bias: &'a [f32],
    activation: Activation,
    target: Target<'a>,
}

/// The products of a block of rows with a panel.
#[repr(align(64))]
struct Scratch([f32; BLOCK * PANEL]);

/// What makes results of sums.
pub(super) struct Finish<'a> {
    pub(super) bias: [f32; PANEL],
    /// Factors of the columns; without them rows have no factors either.
    pub(super) columns: Option<&'a [f32; PANEL]>,
    pub(super) activation: Activation,
}

/// Where in the result a row of a block stands.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) row: usize,
    /// Columns of the whole result.
    pub(super) columns: usize,
    /// The first column of the panel; in bf16 a multiple of [`PANEL`].
    pub(super) first: usize,
    /// Columns of the panel.
    pub(super) width: usize,
}

impl Operation for Product<'_> {
    #[inline(always)]
    fn run<S: Simd, U: Unit>(mut self, simd: S, unit: &mut U) {
        let columns = self.right.columns();
        self.target.reset(self.left.rows(), columns);
        let mut scratch = Scratch([0.0; BLOCK * PANEL]);
        for index in 0..self.right.panels() {
            let panel = self.right.panel(index);
            let first = index * PANEL;
            let width = PANEL.min(columns - first);
            let mut bias = [0.0; PANEL];
            bias[..width].copy_from_slice(&self.bias[first..first + width]);
            let finish = Finish { bias, columns: panel.scales, activation: self.activation };
            for start in (0..self.left.rows()).step_by(BLOCK) {
                let block = self.left.block(start);
                unit.multiply(block, panel, &mut scratch.0, PANEL);
                for (i, sums) in scratch.0.as_chunks().0.iter().take(block.count).enumerate() {
                    let place = Place { row: start + i, columns, first, width };
                    let scale = self.left.scale(place.row);
                    finish.put(simd, sums, scale, &mut self.target, place);
                }
            }
        }
    }
}

impl Finish<'_> {
    /// Finishes a row of sums, `scale` being the factor of the row, and stores it.
    #[inline(always)]
    pub(super) fn put<S: Simd>(
        &self,
        simd: S,
        sums: &[f32; PANEL],
        scale: f32,
        target: &mut Target<'_>,
        place: Place,
    ) {
        let Place { row, columns, first, width } = place;
        match target {
            Target::Left(next, Precision::Bf16) => {
                // Padding gives zeros, so a whole group can be written.
                let words = &mut next.row_mut(row)[first / 2..][..GROUP];
                for (v, word) in S::as_mut_simd_u32s(words).0.iter_mut().enumerate() {
                    let lower = self.value(simd, sums, scale, v);
                    let upper = self.value(simd, sums, scale, v + GROUP / S::F32_LANES);
                    *word = join(simd, lower, upper);
                }
            }
            Target::Left(next, _) => {
                let whole = self.whole(simd, sums, scale);
                let words = &mut next.row_mut(row)[first..first + width];
                words.iter_mut().zip(whole).for_each(|(word, x)| *word = x.to_bits());
            }
            Target::Rows(out) => {
                let out = &mut out[row * columns + first..][..width];
                if width < PANEL {
                    out.copy_from_slice(&self.whole(simd, sums, scale)[..width]);
                    return;
                }
                for (v, x) in S::as_mut_simd_f32s(out).0.iter_mut().enumerate() {
                    *x = self.value(simd, sums, scale, v);
                }
            }
            Target::Sum(out) => {
                let out = &mut out[row * columns + first..][..width];
                if width < PANEL {
                    let whole = self.whole(simd, sums, scale);
                    out.iter_mut().zip(whole).for_each(|(x, y)| *x += y);
                    return;
                }
                for (v, x) in S::as_mut_simd_f32s(out).0.iter_mut().enumerate() {
                    *x = simd.add_f32s(*x, self.value(simd, sums, scale, v));
                }
            }
        }
    }

    /// All results of a row.
    #[inline(always)]
    fn whole<S: Simd>(&self, simd: S, sums: &[f32; PANEL], scale: f32) -> [f32; PANEL] {
        let mut whole = [0.0; PANEL];
        for (v, x) in S::as_mut_simd_f32s(&mut whole).0.iter_mut().enumerate() {
            *x = self.value(simd, sums, scale, v);
        }
        whole
    }

    /// The results in vector `v` of a row.
    #[inline(always)]
    fn value<S: Simd>(&self, simd: S, sums: &[f32; PANEL], scale: f32, v: usize) -> S::f32s {
        let (mut x, bias) = (S::as_simd_f32s(sums).0[v], S::as_simd_f32s(&self.bias).0[v]);
        if let Some(columns) = self.columns {
            let column = S::as_simd_f32s(columns).0[v];
            x = simd.mul_f32s(x, simd.mul_f32s(column, simd.splat_f32s(scale)));
        }
        activate(simd, self.activation, simd.add_f32s(x, bias))
    }
}
