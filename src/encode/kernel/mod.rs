//! The arithmetic of the native engine: matrix products, attention, normalisation, in safe Rust.
//!
//! The instructions are chosen at run time through [`pulp`] (AVX-512, AVX2 with FMA, NEON, or plain Rust), so
//! one binary runs everywhere and nothing here is `unsafe`.
//!
//! # What it costs, and what it could cost at best
//! One token of a MiniLM-L6 layer stack (hidden size 384, inner size 1536, 6 layers) takes
//! `2 · 6 · (4 · 384² + 2 · 384 · 1536)` = 21.2 MFLOP in matrix products, and `4 · n · 384 · 6` FLOP more for
//! attention in a sentence of `n` tokens (0.3 MFLOP at 31). A sentence of 31 tokens is 0.67 GFLOP: on a core
//! that does 32 f32 FLOP a cycle (one 512-bit or two 256-bit FMAs) at 3.7 GHz no program can encode more than
//! about 177 such sentences a second and core.
//!
//! The weights of the layers are 42.5 MB in f32 and pass through the caches once for every chunk of tokens.
//! At 512 tokens a chunk that is 4 bytes for 1024 FLOP: 0.5 GB/s a core, far from the memory's limit. The
//! activations of a chunk are `4 · 512 · (3 · 384 + 1152 + 1536)` = 7.9 MB at most and are reread from the
//! caches beyond L2 by each product; each is used for 32 columns at a time, so 1 byte for 16 FLOP.
//!
//! `benches/peers/README.md` has the share of that floor which was measured.
//!
//! # Why rows cannot influence each other
//! Every element of a product is one accumulator to which `a[i][0]·b[0][j]`, `a[i][1]·b[1][j]`, … are added in
//! that order, whatever the number of rows and wherever a row stands; all else works on one row, or on the
//! rows of one sequence. So the law of [`Encoder`](super::Encoder) holds by construction.

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
