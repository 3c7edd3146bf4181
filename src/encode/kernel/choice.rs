//! Which instructions to use: the best there are, or those that were asked for.

use std::str::FromStr;

use pulp::Arch;

use super::Kernel;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
use super::amx;
#[cfg(target_arch = "x86_64")]
use super::avx512;
use super::engine::Engine;
use super::matrix::Precision;
use crate::error::{Error, ErrorKind, Result};

/// The variable that asks for instructions by name.
const KERNEL_VARIABLE: &str = "PLENARY_KERNEL";
/// The variable that asks for a precision by name.
const PRECISION_VARIABLE: &str = "PLENARY_PRECISION";

/// Sets of instructions that the engine is written for, the slowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Instructions {
    /// Plain Rust: slow, and the reference for all others.
    Portable,
    /// 128-bit vectors of 64-bit ARM.
    Neon,
    /// 256-bit vectors with fused multiply-add.
    Avx2,
    /// 512-bit vectors.
    Avx512,
    /// 512-bit vectors with dot products of bf16.
    Avx512Bf16,
    /// Intel's tiles, with dot products of bf16 and int8.
    Amx,
}

impl Instructions {
    /// All of them, the slowest first.
    pub const ALL: [Self; 6] =
        [Self::Portable, Self::Neon, Self::Avx2, Self::Avx512, Self::Avx512Bf16, Self::Amx];

    /// The name by which they are asked for.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Neon => "neon",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Avx512Bf16 => "avx512bf16",
            Self::Amx => "amx",
        }
    }

    /// The vectors of these instructions, where this processor has them.
    fn vectors(self) -> Option<Arch> {
        match self {
            Self::Portable => Some(Arch::Scalar),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => pulp::aarch64::Neon::try_new().map(Arch::Neon),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => pulp::x86::V3::try_new().map(Arch::V3),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 | Self::Avx512Bf16 | Self::Amx => pulp::x86::V4::try_new().map(Arch::V4),
            _ => None,
        }
    }

    /// What multiplies in the given precision, where this processor has it.
    fn engine(self, precision: Precision) -> Option<Engine> {
        match (self, precision) {
            (Self::Portable, Precision::Bf16 | Precision::Int8) => Some(Engine::Plain(precision)),
            #[cfg(target_arch = "x86_64")]
            (Self::Avx512Bf16, Precision::Bf16) => avx512::Halves::detect().map(Engine::Halves),
            #[cfg(target_arch = "x86_64")]
            (Self::Avx512 | Self::Avx512Bf16, Precision::Int8) => {
                avx512::Bytes::detect().map(Engine::Bytes)
            }
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            (Self::Amx, Precision::Bf16 | Precision::Int8) => {
                amx::Tiles::detect().map(|tiles| Engine::Tiles(tiles, precision))
            }
            (Self::Portable | Self::Neon | Self::Avx2 | Self::Avx512, Precision::F32) => {
                self.vectors().map(Engine::Floats)
            }
            _ => None,
        }
    }

    /// The precision they are made for.
    const fn precision(self) -> Precision {
        match self {
            Self::Portable | Self::Neon | Self::Avx2 | Self::Avx512 => Precision::F32,
            Self::Avx512Bf16 | Self::Amx => Precision::Bf16,
        }
    }

    /// Whether this processor and system can run them.
    pub fn available(self) -> bool {
        self.engine(self.precision()).is_some()
    }

    /// The kernel in the given precision, where this processor has it.
    fn kernel(self, precision: Precision) -> Option<Kernel> {
        let attention = match precision {
            // Scales for every row of scores would cost more than int8 saves.
            Precision::Int8 => self.precision(),
            precision => precision,
        };
        Some(Kernel {
            instructions: self,
            arch: self.vectors()?,
            products: self.engine(precision)?,
            attention: self.engine(attention)?,
        })
    }
}

impl FromStr for Instructions {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::new(ErrorKind::Config, format!("there are no instructions {name:?}"))
                .hint(format!("the engine has {names}"))
        })
    }
}

impl FromStr for Precision {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let all = [Self::F32, Self::Bf16, Self::Int8];
        all.into_iter().find(|known| known.name() == name).ok_or_else(|| {
            Error::new(ErrorKind::Config, format!("there is no precision {name:?}"))
                .hint("the engine has f32, bf16 and int8")
        })
    }
}

impl Precision {
    /// The name by which it is asked for.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
            Self::Int8 => "int8",
        }
    }
}

/// What was asked for; nothing means the fastest that keeps the model's accuracy, which is bf16 where the
/// processor multiplies it and f32 elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KernelChoice {
    /// The instructions.
    pub instructions: Option<Instructions>,
    /// What elements are rounded to before they are multiplied.
    pub precision: Option<Precision>,
}

impl KernelChoice {
    /// What the variables `PLENARY_KERNEL` and `PLENARY_PRECISION` ask for.
    ///
    /// # Errors
    /// Where one holds a name that there is not.
    pub fn from_environment() -> Result<Self> {
        Ok(Self {
            instructions: variable(KERNEL_VARIABLE)?,
            precision: variable(PRECISION_VARIABLE)?,
        })
    }

    /// The kernel that fits.
    ///
    /// # Errors
    /// Where this processor has none that does.
    pub(in crate::encode) fn kernel(self) -> Result<Kernel> {
        let fitting = |instructions: &Instructions| {
            instructions.kernel(self.precision.unwrap_or(instructions.precision()))
        };
        let kernel = match (self.instructions, self.precision) {
            (Some(instructions), _) => fitting(&instructions),
            // Plain Rust rounds to bf16 and int8 for comparison only: it is slower at it than at f32.
            (None, Some(Precision::Bf16 | Precision::Int8)) => {
                Instructions::ALL[1..].iter().rev().find_map(fitting)
            }
            (None, _) => Instructions::ALL.iter().rev().find_map(fitting),
        };
        kernel.ok_or_else(|| self.refusal())
    }

    fn refusal(self) -> Error {
        let what = match (self.instructions, self.precision) {
            (Some(instructions), Some(precision)) => {
                format!("{} in {}", instructions.name(), precision.name())
            }
            (Some(instructions), None) => instructions.name().to_owned(),
            (None, precision) => precision.unwrap_or_default().name().to_owned(),
        };
        let known = Instructions::ALL.into_iter().filter(|known| known.available());
        let names = known.map(Instructions::name).collect::<Vec<_>>().join(", ");
        Error::new(ErrorKind::Config, format!("this machine cannot compute with {what}"))
            .hint(format!("it has {names}; without {KERNEL_VARIABLE} and {PRECISION_VARIABLE} the best is taken"))
    }
}

/// The value of a variable; empty counts as unset.
fn variable<T: FromStr<Err = Error>>(name: &str) -> Result<Option<T>> {
    let Some(value) = std::env::var_os(name).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let parsed = value.to_string_lossy().parse();
    parsed.map(Some).map_err(|error: Error| {
        Error::new(ErrorKind::Config, format!("{name}: {}", error.cause()))
            .hint(error.remedy().unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for instructions in Instructions::ALL {
            assert_eq!(instructions.name().parse::<Instructions>().unwrap(), instructions);
        }
        for precision in [Precision::F32, Precision::Bf16, Precision::Int8] {
            assert_eq!(precision.name().parse::<Precision>().unwrap(), precision);
        }
        let error = "sse9".parse::<Instructions>().unwrap_err();
        assert!(error.to_string().contains("sse9"), "{error}");
        assert!("f64".parse::<Precision>().is_err());
    }

    #[test]
    fn what_is_asked_for_is_what_one_gets() {
        let choice = |instructions, precision| KernelChoice { instructions, precision }.kernel();
        for instructions in Instructions::ALL {
            match choice(Some(instructions), None) {
                Ok(kernel) => {
                    assert!(instructions.available());
                    assert_eq!(kernel.instructions(), instructions);
                }
                Err(error) => {
                    assert!(!instructions.available());
                    assert!(error.to_string().contains(instructions.name()), "{error}");
                }
            }
        }
        let portable = Some(Instructions::Portable);
        for precision in [Precision::F32, Precision::Bf16, Precision::Int8] {
            assert_eq!(choice(portable, Some(precision)).unwrap().precision(), precision);
        }
        let floats = choice(None, Some(Precision::F32)).unwrap();
        assert_eq!(floats.precision(), Precision::F32);
        assert!(choice(Some(Instructions::Avx2), Some(Precision::Bf16)).is_err());
    }

    #[test]
    fn the_best_is_the_last_that_is_there() {
        let best = KernelChoice::default().kernel().unwrap();
        let expected = Instructions::ALL.into_iter().rfind(|known| known.available()).unwrap();
        assert_eq!(best.instructions(), expected);
    }
}
