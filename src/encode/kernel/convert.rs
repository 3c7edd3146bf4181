//! From rows of f32 to the words of a left-hand matrix.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for its instructions"
)]

use pulp::{Simd, WithSimd};

use super::Kernel;
use super::function::ROUND;
use super::matrix::{GROUP, Left, Precision};

impl Kernel {
    /// Sets `left` to the rows of `rows`, each `width` long.
    pub(in crate::encode) fn convert(self, rows: &[f32], width: usize, left: &mut Left) {
        left.reset(self.precision(), rows.len() / width, width);
        self.arch.dispatch(Convert { rows, width, left });
    }
}

struct Convert<'a> {
    rows: &'a [f32],
    width: usize,
    left: &'a mut Left,
}

impl WithSimd for Convert<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for (index, row) in self.rows.chunks_exact(self.width).enumerate() {
            set_row(simd, self.left, index, row);
        }
    }
}

/// Sets row `index` of `left` to `row`.
#[inline(always)]
pub(super) fn set_row<S: Simd>(simd: S, left: &mut Left, index: usize, row: &[f32]) {
    match left.precision() {
        Precision::F32 => copy_row(row, left.row_mut(index)),
        Precision::Bf16 => round_row(simd, row, left.row_mut(index)),
        Precision::Int8 => {
            let scale = quantise_row(simd, row, left.row_mut(index));
            left.set_scale(index, scale);
        }
    }
}

/// The bits of a row.
#[inline(always)]
pub(super) fn copy_row(row: &[f32], words: &mut [u32]) {
    words.iter_mut().zip(row).for_each(|(word, x)| *word = x.to_bits());
}

/// A row rounded to bf16, half to even; what is missing in the last group counts as zero.
#[inline(always)]
pub(super) fn round_row<S: Simd>(simd: S, row: &[f32], words: &mut [u32]) {
    let (groups, rest) = row.as_chunks::<{ 2 * GROUP }>();
    let (targets, _) = words.as_chunks_mut::<GROUP>();
    for (target, group) in targets.iter_mut().zip(groups) {
        round_group(simd, group, target);
    }
    if !rest.is_empty() {
        let mut group = [0.0; 2 * GROUP];
        group[..rest.len()].copy_from_slice(rest);
        round_group(simd, &group, &mut targets[groups.len()]);
    }
}

#[inline(always)]
fn round_group<S: Simd>(simd: S, group: &[f32; 2 * GROUP], target: &mut [u32; GROUP]) {
    let (lower, upper) = group.split_at(GROUP);
    let (lower, upper) = (S::as_simd_f32s(lower).0, S::as_simd_f32s(upper).0);
    for ((target, lower), upper) in S::as_mut_simd_u32s(target).0.iter_mut().zip(lower).zip(upper) {
        *target = join(simd, *lower, *upper);
    }
}

/// Words of bf16 from two vectors of f32, the first in the lower halves. Rounds half to even, as the
/// instructions do; a NaN may become another number.
#[inline(always)]
pub(super) fn join<S: Simd>(simd: S, lower: S::f32s, upper: S::f32s) -> S::u32s {
    let lower = simd.wrapping_dyn_shr_u32s(round(simd, lower), simd.splat_u32s(16));
    simd.or_u32s(simd.and_u32s(round(simd, upper), simd.splat_u32s(0xffff_0000)), lower)
}

/// The bits of numbers of which the upper half is the nearest bf16, half to even.
#[inline(always)]
fn round<S: Simd>(simd: S, x: S::f32s) -> S::u32s {
    let bits = simd.transmute_u32s_f32s(x);
    let upper = simd.wrapping_dyn_shr_u32s(bits, simd.splat_u32s(16));
    let odd = simd.and_u32s(upper, simd.splat_u32s(1));
    simd.add_u32s(simd.add_u32s(bits, simd.splat_u32s(0x7fff)), odd)
}

/// The row as integers from 1 to 255, 128 for zero; gives what 1 stands for.
#[inline(always)]
fn quantise_row<S: Simd>(simd: S, row: &[f32], words: &mut [u32]) -> f32 {
    let (vectors, rest) = S::as_simd_f32s(row);
    let mut largest = simd.splat_f32s(0.0);
    for x in vectors {
        largest = simd.max_f32s(largest, simd.abs_f32s(*x));
    }
    let largest = rest.iter().fold(simd.reduce_max_f32s(largest), |most, x| most.max(x.abs()));
    let factor = simd.splat_f32s(if largest > 0.0 { 127.0 / largest } else { 0.0 });
    let (groups, rest) = row.as_chunks::<{ 4 * GROUP }>();
    let (targets, _) = words.as_chunks_mut::<GROUP>();
    for (target, group) in targets.iter_mut().zip(groups) {
        quantise_group(simd, group, factor, target);
    }
    if !rest.is_empty() {
        let mut group = [0.0; 4 * GROUP];
        group[..rest.len()].copy_from_slice(rest);
        quantise_group(simd, &group, factor, &mut targets[groups.len()]);
    }
    largest / 127.0
}

#[inline(always)]
fn quantise_group<S: Simd>(
    simd: S,
    group: &[f32; 4 * GROUP],
    factor: S::f32s,
    target: &mut [u32; GROUP],
) {
    // The whole number nearest to `factor · x + 128` stands in the lowest byte then.
    let zero = simd.splat_f32s(ROUND + 128.0);
    let parts = GROUP / S::F32_LANES;
    let vectors = S::as_simd_f32s(group).0;
    for (index, target) in S::as_mut_simd_u32s(target).0.iter_mut().enumerate() {
        let mut word = simd.splat_u32s(0);
        for part in (0..4).rev() {
            let shifted = simd.mul_add_e_f32s(vectors[part * parts + index], factor, zero);
            let byte = simd.and_u32s(simd.transmute_u32s_f32s(shifted), simd.splat_u32s(0xff));
            word = simd.or_u32s(simd.wrapping_dyn_shl_u32s(word, simd.splat_u32s(8)), byte);
        }
        *target = word;
    }
}
