//! The arithmetic of the native engine: matrix products, attention, normalisation.
//!
//! [`Instructions`] are chosen at run time. All operations are written once, over the vectors of [`pulp`] and over
//! a [`Unit`](unit::Unit) that multiplies a block of rows by a panel of columns; units are what kernels differ in:
//!
//! | kernel | precision | unit |
//! |---|---|---|
//! | `portable`, `neon`, `avx2`, `avx512` | f32 | vectors of [`pulp`], safe Rust |
//! | `avx512bf16` | bf16 | `VDPBF16PS`, `avx512.rs` |
//! | `avx512`, `avx512bf16` | int8 | `VPDPBUSD`, `avx512.rs` |
//! | `amx` | bf16, int8 | tiles, `amx/` |
//! | `portable` | bf16, int8 | plain Rust, the reference in tests |
//!
//! `unsafe` stands in `avx512.rs` and `amx/instructions.rs` only.
//!
//! # What it costs, and what it could cost at best
//! One token of a MiniLM-L6 layer stack (hidden size 384, inner size 1536, 6 layers) takes
//! `2 · 6 · (4 · 384² + 2 · 384 · 1536)` = 21.2 MFLOP in matrix products, and `4 · n · 384 · 6` FLOP more for
//! attention in a sentence of `n` tokens (0.3 MFLOP at 31). A sentence of 31 tokens is 0.67 GFLOP. Multiplications
//! and additions a cycle, and the sentences a second that follow for one core at 3.3 GHz:
//!
//! | | f32 | bf16 | int8 |
//! |---|---|---|---|
//! | AVX-512, one multiply-add of 512 bits a cycle (Zen 4) | 32: 158 | 64: 315 | 128: 630 |
//! | AMX, a product of tiles in 16 cycles (Sapphire Rapids) | – | 1024: 5,040 | 2048: 10,090 |
//!
//! The weights of the layers are 42.5 MB in f32, 21.2 MB in bf16, 10.6 MB in int8, and pass through the caches
//! once for every chunk of tokens. At 256 tokens a chunk of bf16 that is 21.2 MB for 5.5 GFLOP: 0.8 GB/s with
//! AVX-512, 13 GB/s at the peak of AMX, which is near what one core draws from beyond L2; so a chunk should not be
//! smaller. The activations of a chunk in bf16 are `256 · (4 · 384 + 2 · (384 + 1152 + 1536))` = 2.0 MB, of which a
//! product touches 1.0 MB. Each block of 32 rows is read from L2 once for a panel of 32 columns: 2 bytes for 64 FLOP.
//!
//! What is not a product, in vectors of 16 numbers a token: GELU 576, bias and rounding of the results 1,300,
//! normalisation 340, scores `12 · 6 · n / 16`. At AVX-512 rates that is 5 % of bf16 products; at AMX rates it
//! is as much as the products, hence [`Activation::CoarseGelu`] and results that are written as the next
//! product reads them.
//!
//! `benches/peers/README.md` has the share of that floor which was measured.
//!
//! # Why rows cannot influence each other
//! Every element of a product is one sum over its own row and column, taken in an order that the kernel fixes,
//! whatever the number of rows and wherever a row stands; all else works on one row, or on the rows of one
//! sequence. So the law of [`Encoder`](super::Encoder) holds by construction.

mod aligned;
#[cfg(all(target_arch = "x86_64", any(target_os = "linux", test)))]
mod amx;
mod attention;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod choice;
mod convert;
mod engine;
mod function;
mod matrix;
mod norm;
mod peak;
mod product;
mod unit;

pub(super) use aligned::Aligned;
pub(super) use attention::{Attention, Heads, PositionBias, Sequences};
pub use choice::{Instructions, KernelChoice};
pub use matrix::Precision;
pub(super) use matrix::{Left, Packed};
pub(super) use norm::Norm;
pub(super) use product::Target;

use pulp::{Arch, Simd};

use engine::Engine;
use unit::Unit;

/// What is applied to each element of a product as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activation {
    /// Nothing.
    Identity,
    /// `x · Φ(x)`, exact but for rounding.
    Gelu,
    /// The same as exact as a result in bf16 or int8 needs it.
    CoarseGelu,
    /// The approximation of GELU by tanh.
    GeluTanh,
    /// `max(x, 0)`.
    Relu,
    /// `x / (1 + e⁻ˣ)`.
    Silu,
    /// Hyperbolic tangent.
    Tanh,
}

/// The instructions in use; every operation of the engine is a method of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kernel {
    instructions: Instructions,
    /// For what works on elements or rows.
    arch: Arch,
    /// For linear layers.
    products: Engine,
    /// For attention, which is never in int8.
    attention: Engine,
}

impl Kernel {
    /// The instructions.
    pub(super) fn instructions(self) -> Instructions {
        self.instructions
    }

    /// What the elements of linear layers are rounded to.
    pub(super) fn precision(self) -> Precision {
        self.products.precision()
    }
}

/// Work that multiplies matrices, written once for all kernels.
trait Operation {
    /// Does it, with vectors of `simd` and products of `unit`.
    fn run<S: Simd, U: Unit>(self, simd: S, unit: &mut U);
}

#[cfg(test)]
mod tests;
