//! Runs an operation with the instructions that were chosen.

use pulp::{Arch, Simd, WithSimd};

use super::Operation;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
use super::amx;
#[cfg(target_arch = "x86_64")]
use super::avx512;
use super::matrix::Precision;
use super::unit::{Floats, PlainBytes, PlainHalves, Registers};

/// What multiplies, and the vectors that go with it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Engine {
    /// f32, by the vectors of [`pulp`].
    Floats(Arch),
    /// bf16 or int8 in plain Rust.
    Plain(Precision),
    /// bf16 by AVX-512.
    #[cfg(target_arch = "x86_64")]
    Halves(avx512::Halves),
    /// int8 by AVX-512.
    #[cfg(target_arch = "x86_64")]
    Bytes(avx512::Bytes),
    /// bf16 or int8 by tiles.
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    Tiles(amx::Tiles, Precision),
    /// The same with the instructions in software.
    #[cfg(all(test, target_arch = "x86_64"))]
    Emulated(Precision),
}

impl Engine {
    /// What it rounds elements to.
    pub(super) fn precision(self) -> Precision {
        match self {
            Self::Floats(_) => Precision::F32,
            Self::Plain(precision) => precision,
            #[cfg(target_arch = "x86_64")]
            Self::Halves(_) => Precision::Bf16,
            #[cfg(target_arch = "x86_64")]
            Self::Bytes(_) => Precision::Int8,
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Self::Tiles(_, precision) => precision,
            #[cfg(all(test, target_arch = "x86_64"))]
            Self::Emulated(precision) => precision,
        }
    }

    pub(super) fn run(self, operation: impl Operation) {
        match self {
            Self::Floats(arch) => arch.dispatch(WithFloats(operation)),
            Self::Plain(Precision::Int8) => {
                operation.run(pulp::Scalar, &mut Registers(PlainBytes));
            }
            Self::Plain(_) => operation.run(pulp::Scalar, &mut Registers(PlainHalves)),
            #[cfg(target_arch = "x86_64")]
            Self::Halves(halves) => halves.run(operation),
            #[cfg(target_arch = "x86_64")]
            Self::Bytes(bytes) => bytes.run(operation),
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Self::Tiles(tiles, precision) => tiles.run(precision, operation),
            #[cfg(all(test, target_arch = "x86_64"))]
            Self::Emulated(precision) => super::amx::emulated::run(precision, operation),
        }
    }
}

struct WithFloats<O>(O);

impl<O: Operation> WithSimd for WithFloats<O> {
    type Output = ();

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "only what is inlined into the dispatched function is compiled for its instructions"
    )]
    fn with_simd<S: Simd>(self, simd: S) {
        self.0.run(simd, &mut Registers(Floats(simd)));
    }
}
