//! Dot products of AVX-512: bf16 by `VDPBF16PS`, int8 by `VPDPBUSD`.
//!
//! [`pulp`] knows the features but has no vectors for them, so the instructions are called here. A value of
//! [`Halves`] or [`Bytes`] exists only where the processor has them.

#![expect(unsafe_code, reason = "the instructions are not in pulp")]
#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for its instructions"
)]

use std::arch::x86_64::{
    __m512, __m512bh, __m512i, _mm512_cvtepi32_ps, _mm512_dpbf16_ps, _mm512_dpbusd_epi32,
    _mm512_set1_epi32, _mm512_setzero_ps,
};
use std::mem::transmute;

use pulp::x86::V4;

use super::Operation;
use super::unit::{Dot, Registers};

/// Words of a register.
const LANES: usize = 16;

/// Proof that the processor has AVX-512 with products of bf16.
#[derive(Clone, Copy, Debug)]
pub(super) struct Halves(V4);

impl Halves {
    /// The proof, where it can be had.
    pub(super) fn detect() -> Option<Self> {
        if is_x86_feature_detected!("avx512bf16") { V4::try_new().map(Self) } else { None }
    }

    pub(super) fn run(self, operation: impl Operation) {
        // SAFETY: `self` proves that the processor has the instructions that the function is compiled for.
        unsafe { run_with_halves(self, operation) }
    }
}

/// Proof that the processor has AVX-512 with products of int8.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes(V4);

impl Bytes {
    /// The proof, where it can be had.
    pub(super) fn detect() -> Option<Self> {
        if is_x86_feature_detected!("avx512vnni") { V4::try_new().map(Self) } else { None }
    }

    pub(super) fn run(self, operation: impl Operation) {
        // SAFETY: `self` proves that the processor has the instructions that the function is compiled for.
        unsafe { run_with_bytes(self, operation) }
    }
}

// The features are those of `V4`, so that its methods can be inlined, and one more.
#[target_feature(
    enable = "sse,sse2,fxsr,sse3,ssse3,sse4.1,sse4.2,popcnt,avx,avx2,bmi1,bmi2,fma,lzcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512bf16"
)]
fn run_with_halves(halves: Halves, operation: impl Operation) {
    operation.run(halves.0, &mut Registers(halves));
}

#[target_feature(
    enable = "sse,sse2,fxsr,sse3,ssse3,sse4.1,sse4.2,popcnt,avx,avx2,bmi1,bmi2,fma,lzcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vnni"
)]
fn run_with_bytes(bytes: Bytes, operation: impl Operation) {
    operation.run(bytes.0, &mut Registers(bytes));
}

/// The first 16 words.
#[inline(always)]
fn vector<T: Copy>(words: &[T]) -> [T; LANES] {
    *words.first_chunk().expect("a line is made of whole vectors")
}

impl Dot for Halves {
    type Words = __m512bh;
    type Sums = __m512;
    const LANES: usize = LANES;
    const PARTS: usize = 2;
    const HEIGHT: usize = 8;

    #[inline(always)]
    fn start(self, _: &[i32]) -> __m512 {
        // SAFETY: `self` proves that the processor has AVX-512.
        unsafe { _mm512_setzero_ps() }
    }

    #[inline(always)]
    fn load(self, words: &[u32]) -> __m512bh {
        // SAFETY: both are 64 bytes of which every pattern is a value.
        unsafe { transmute::<[u32; LANES], __m512bh>(vector(words)) }
    }

    #[inline(always)]
    fn splat(self, word: u32) -> __m512bh {
        // SAFETY: `self` proves that the processor has AVX-512; both types are 64 bytes of which every pattern is
        // a value.
        unsafe { transmute::<__m512i, __m512bh>(_mm512_set1_epi32(word.cast_signed())) }
    }

    #[inline(always)]
    fn add(self, sums: __m512, left: __m512bh, right: __m512bh) -> __m512 {
        // SAFETY: `self` proves that the processor has products of bf16.
        unsafe { _mm512_dpbf16_ps(sums, left, right) }
    }

    #[inline(always)]
    fn store(self, sums: __m512, out: &mut [f32]) {
        let out = out.first_chunk_mut().expect("a line is made of whole vectors");
        // SAFETY: both are 64 bytes of which every pattern is a value.
        *out = unsafe { transmute::<__m512, [f32; LANES]>(sums) };
    }
}

impl Dot for Bytes {
    type Words = __m512i;
    type Sums = __m512i;
    const LANES: usize = LANES;
    const PARTS: usize = 4;
    const HEIGHT: usize = 8;

    #[inline(always)]
    fn start(self, corrections: &[i32]) -> __m512i {
        // SAFETY: both are 64 bytes of which every pattern is a value.
        unsafe { transmute::<[i32; LANES], __m512i>(vector(corrections)) }
    }

    #[inline(always)]
    fn load(self, words: &[u32]) -> __m512i {
        // SAFETY: both are 64 bytes of which every pattern is a value.
        unsafe { transmute::<[u32; LANES], __m512i>(vector(words)) }
    }

    #[inline(always)]
    fn splat(self, word: u32) -> __m512i {
        // SAFETY: `self` proves that the processor has AVX-512.
        unsafe { _mm512_set1_epi32(word.cast_signed()) }
    }

    #[inline(always)]
    fn add(self, sums: __m512i, left: __m512i, right: __m512i) -> __m512i {
        // SAFETY: `self` proves that the processor has products of int8.
        unsafe { _mm512_dpbusd_epi32(sums, left, right) }
    }

    #[inline(always)]
    fn store(self, sums: __m512i, out: &mut [f32]) {
        let out = out.first_chunk_mut().expect("a line is made of whole vectors");
        // SAFETY: `self` proves that the processor has AVX-512; both types are 64 bytes of which every pattern is
        // a value.
        *out = unsafe { transmute::<__m512, [f32; LANES]>(_mm512_cvtepi32_ps(sums)) };
    }
}
