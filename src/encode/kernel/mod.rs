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

mod attention;
mod function;
mod norm;
mod product;

pub(super) use attention::{Attention, Heads, PositionBias};
pub(super) use norm::Norm;
pub(super) use product::{Packed, Rows, RowsMut};

use pulp::{Arch, WithSimd};

/// What is applied to each element of a product as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activation {
    /// Nothing.
    Identity,
    /// `x · Φ(x)`, exact but for rounding.
    Gelu,
    /// The approximation of GELU by tanh.
    GeluTanh,
    /// `max(x, 0)`.
    Relu,
    /// `x / (1 + e⁻ˣ)`.
    Silu,
    /// Hyperbolic tangent.
    Tanh,
}

/// The instruction set in use; every operation of the engine is a method of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kernel(Arch);

impl Kernel {
    /// The best instruction set of this machine.
    pub(super) fn detect() -> Self {
        Self(Arch::new())
    }

    /// Plain Rust: slow, and the reference the others are tested against.
    #[cfg(test)]
    pub(super) fn portable() -> Self {
        Self(Arch::Scalar)
    }

    /// The name of the instruction set.
    pub(super) fn name(self) -> &'static str {
        match self.0 {
            Arch::Scalar => "portable",
            #[cfg(target_arch = "x86_64")]
            Arch::V3(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Arch::V4(_) => "avx512",
            #[cfg(target_arch = "aarch64")]
            Arch::Neon(_) => "neon",
            _ => "vector",
        }
    }

    fn run<Op: WithSimd>(self, operation: Op) -> Op::Output {
        self.0.dispatch(operation)
    }
}

#[cfg(test)]
mod tests;
