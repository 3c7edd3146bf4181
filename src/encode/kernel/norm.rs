//! Layer normalisation (Ba, Kiros & Hinton, arXiv:1607.06450).

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for its instructions"
)]

use pulp::{Simd, WithSimd};

use super::Kernel;
use super::convert::set_row;
use super::matrix::Left;

/// The learned parts of a layer normalisation.
#[derive(Clone, Debug)]
pub(in crate::encode) struct Norm {
    /// Factor of each coordinate.
    pub(in crate::encode) weight: Vec<f32>,
    /// What is added to each coordinate.
    pub(in crate::encode) bias: Vec<f32>,
    /// Keeps the division apart from zero.
    pub(in crate::encode) epsilon: f32,
}

impl Kernel {
    /// Replaces each row of `x` by its normal form, and sets `left` to the rows.
    pub(in crate::encode) fn normalise(self, x: &mut [f32], norm: &Norm, left: &mut Left) {
        let width = norm.weight.len();
        left.reset(self.precision(), x.len() / width, width);
        self.arch.dispatch(Normalise { x, norm, left });
    }
}

struct Normalise<'a> {
    x: &'a mut [f32],
    norm: &'a Norm,
    left: &'a mut Left,
}

impl WithSimd for Normalise<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let width = self.norm.weight.len();
        for (index, row) in self.x.chunks_exact_mut(width).enumerate() {
            normalise(simd, row, self.norm);
            set_row(simd, self.left, index, row);
        }
    }
}

#[inline(always)]
fn normalise<S: Simd>(simd: S, row: &mut [f32], norm: &Norm) {
    let count = row.len() as f32;
    let mean = sum(simd, row) / count;
    let scale = 1.0 / (squares(simd, row, mean) / count + norm.epsilon).sqrt();
    let (centre, factor) = (simd.splat_f32s(mean), simd.splat_f32s(scale));
    let (head, tail) = S::as_mut_simd_f32s(row);
    let (weight_head, weight_tail) = S::as_simd_f32s(&norm.weight);
    let (bias_head, bias_tail) = S::as_simd_f32s(&norm.bias);
    for ((x, weight), bias) in head.iter_mut().zip(weight_head).zip(bias_head) {
        let normal = simd.mul_f32s(simd.sub_f32s(*x, centre), factor);
        *x = simd.mul_add_e_f32s(normal, *weight, *bias);
    }
    for ((x, weight), bias) in tail.iter_mut().zip(weight_tail).zip(bias_tail) {
        *x = (*x - mean) * scale * weight + bias;
    }
}

/// The sum of a row.
#[inline(always)]
fn sum<S: Simd>(simd: S, row: &[f32]) -> f32 {
    let (head, tail) = S::as_simd_f32s(row);
    let mut sums = simd.splat_f32s(0.0);
    for x in head {
        sums = simd.add_f32s(sums, *x);
    }
    simd.reduce_sum_f32s(sums) + tail.iter().sum::<f32>()
}

/// The sum of the squared distances of a row from `mean`.
#[inline(always)]
fn squares<S: Simd>(simd: S, row: &[f32], mean: f32) -> f32 {
    let (head, tail) = S::as_simd_f32s(row);
    let (centre, mut sums) = (simd.splat_f32s(mean), simd.splat_f32s(0.0));
    for x in head {
        let distance = simd.sub_f32s(*x, centre);
        sums = simd.mul_add_e_f32s(distance, distance, sums);
    }
    simd.reduce_sum_f32s(sums) + tail.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>()
}
