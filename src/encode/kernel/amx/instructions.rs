//! The tile instructions themselves, and what has to be asked before they may be used.
//!
//! Encodings and operation: Intel's "64 and IA-32 Architectures Software Developer's Manual", volume 1, chapter
//! "Programming with Intel AMX", and volume 2. Their intrinsics are not stable in Rust, inline assembly is.
//! Permission: `Documentation/arch/x86/xstate.rst` of Linux.

#![expect(unsafe_code, reason = "inline assembly is the only stable way to these instructions")]
#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for its instructions"
)]

use std::arch::asm;
use std::arch::x86_64::{__cpuid, __cpuid_count};
use std::sync::OnceLock;

use pulp::x86::V4;

use super::super::Operation;
use super::super::matrix::{GROUP, Precision};
use super::{ByTiles, ROWS, TileUnit, extent};

/// Bits of CPUID leaf 7, register EDX: products of bf16, tiles, products of int8.
const CPUID_TILES: u32 = 1 << 22 | 1 << 24 | 1 << 25;
/// The bit of CPUID leaf 1, register ECX, that says that XGETBV may be used.
const CPUID_OSXSAVE: u32 = 1 << 27;
/// Bits of XCR0: the system saves the configuration of tiles, and their data.
const XCR0_TILES: u64 = 1 << 17 | 1 << 18;

/// The number of the system call, what is asked of it, and the state that is asked for.
const ARCH_PRCTL: usize = 158;
const ARCH_REQ_XCOMP_PERM: usize = 0x1023;
const XFEATURE_XTILEDATA: usize = 18;

/// Proof that the processor has tiles and AVX-512, and that the system lets this process use them.
#[derive(Clone, Copy, Debug)]
pub(in crate::encode::kernel) struct Tiles(V4);

impl Tiles {
    /// The proof, where it can be had. The first call asks the system, for all threads.
    pub(in crate::encode::kernel) fn detect() -> Option<Self> {
        static ALLOWED: OnceLock<bool> = OnceLock::new();
        let vectors = V4::try_new()?;
        let allowed =
            *ALLOWED.get_or_init(|| processor_has_tiles() && system_saves_tiles() && permitted());
        allowed.then_some(Self(vectors))
    }

    pub(in crate::encode::kernel) fn run(self, precision: Precision, operation: impl Operation) {
        // SAFETY: `self` proves that the processor has the instructions that the function is compiled for.
        unsafe { run_with_tiles(self, precision, operation) }
    }
}

fn processor_has_tiles() -> bool {
    __cpuid(0).eax >= 7 && __cpuid_count(7, 0).edx & CPUID_TILES == CPUID_TILES
}

fn system_saves_tiles() -> bool {
    if __cpuid(1).ecx & CPUID_OSXSAVE == 0 {
        return false;
    }
    let (lower, upper): (u32, u32);
    // SAFETY: the bit above says that XGETBV is there, and register 0 always exists.
    unsafe {
        asm!("xgetbv", in("ecx") 0, out("eax") lower, out("edx") upper, options(nomem, nostack, preserves_flags));
    }
    (u64::from(upper) << 32 | u64::from(lower)) & XCR0_TILES == XCR0_TILES
}

/// Asks Linux for the right to use tile data. Kernels before 5.16 refuse, as do those that cannot hold the
/// larger state on a signal stack of this process.
fn permitted() -> bool {
    let result: isize;
    // SAFETY: the call reads and writes no memory of this process; it changes which state the system saves.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") ARCH_PRCTL => result,
            in("rdi") ARCH_REQ_XCOMP_PERM,
            in("rsi") XFEATURE_XTILEDATA,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    result == 0
}

// The features are those of `V4`, so that its methods can be inlined.
#[target_feature(
    enable = "sse,sse2,fxsr,sse3,ssse3,sse4.1,sse4.2,popcnt,avx,avx2,bmi1,bmi2,fma,lzcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl"
)]
fn run_with_tiles(tiles: Tiles, precision: Precision, operation: impl Operation) {
    operation.run(tiles.0, &mut ByTiles::new(Configured::new(tiles), precision));
}

/// The memory operand of `LDTILECFG`: the shapes of the tiles.
#[repr(C, align(64))]
struct Shapes {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    /// Bytes of a row of each tile.
    bytes: [u16; 16],
    /// Rows of each tile.
    rows: [u8; 16],
}

/// All tiles with 16 rows of 64 bytes.
static SHAPES: Shapes = Shapes {
    palette: 1,
    start_row: 0,
    reserved: [0; 14],
    bytes: [64, 64, 64, 64, 64, 64, 64, 64, 0, 0, 0, 0, 0, 0, 0, 0],
    rows: [16, 16, 16, 16, 16, 16, 16, 16, 0, 0, 0, 0, 0, 0, 0, 0],
};

/// The tiles of this thread while they are configured.
///
/// The compiler knows nothing of tiles as long as no function is compiled for them, and none is: it keeps no
/// value in one and has no call save one. So what an instruction leaves in a tile is there for the next.
pub(super) struct Configured {
    /// Tiles belong to a thread.
    _no_send: std::marker::PhantomData<*const ()>,
}

impl Configured {
    #[inline(always)]
    fn new(_: Tiles) -> Self {
        // SAFETY: the argument proves that the processor has tiles and that the system permits them. The operand
        // is 64 bytes of a valid configuration.
        unsafe {
            asm!("ldtilecfg [{}]", in(reg) &raw const SHAPES, options(nostack, preserves_flags, readonly));
        }
        Self { _no_send: std::marker::PhantomData }
    }
}

#[cfg(test)]
impl Configured {
    /// The tiles of this thread, where there are any.
    pub(super) fn detect() -> Option<Self> {
        Tiles::detect().map(Self::new)
    }
}

impl Drop for Configured {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: there was a proof when `self` was made. Without this, every switch of threads saves 8 kB.
        unsafe { asm!("tilerelease", options(nomem, nostack, preserves_flags)) }
    }
}

impl TileUnit for Configured {
    #[inline(always)]
    fn zero<const TILE: usize>(&mut self) {
        // SAFETY: tiles are configured as long as `self` lives.
        unsafe { asm!("tilezero tmm{}", const TILE, options(nomem, nostack, preserves_flags)) }
    }

    #[inline(always)]
    fn load<const TILE: usize>(&mut self, words: &[u32], stride: usize) {
        assert!(words.len() >= extent(stride), "16 rows of 16 words");
        // SAFETY: tiles are configured as long as `self` lives; the line above says that all 16 rows of 64 bytes
        // lie within `words`.
        unsafe {
            asm!(
                "tileloadd tmm{}, [{} + {}]",
                const TILE,
                in(reg) words.as_ptr(),
                in(reg) stride * size_of::<u32>(),
                options(readonly, nostack, preserves_flags),
            );
        }
    }

    #[inline(always)]
    fn add_halves<const TO: usize, const ROWS_OF: usize, const COLUMNS: usize>(&mut self) {
        // SAFETY: tiles are configured as long as `self` lives.
        unsafe {
            asm!(
                "tdpbf16ps tmm{}, tmm{}, tmm{}",
                const TO, const ROWS_OF, const COLUMNS,
                options(nomem, nostack, preserves_flags),
            );
        }
    }

    #[inline(always)]
    fn add_bytes<const TO: usize, const ROWS_OF: usize, const COLUMNS: usize>(&mut self) {
        // SAFETY: tiles are configured as long as `self` lives.
        unsafe {
            asm!(
                "tdpbusd tmm{}, tmm{}, tmm{}",
                const TO, const ROWS_OF, const COLUMNS,
                options(nomem, nostack, preserves_flags),
            );
        }
    }

    #[inline(always)]
    fn store<const TILE: usize>(&self, out: &mut [f32], stride: usize) {
        assert!(out.len() >= extent(stride), "room for 16 rows of 16 numbers");
        // SAFETY: tiles are configured as long as `self` lives; the line above says that all 16 rows of 64 bytes
        // lie within `out`, which may hold any bits.
        unsafe {
            asm!(
                "tilestored [{} + {}], tmm{}",
                in(reg) out.as_mut_ptr(),
                in(reg) stride * size_of::<f32>(),
                const TILE,
                options(nostack, preserves_flags),
            );
        }
    }
}

const _: () = assert!(ROWS == 16 && GROUP == 16, "the shapes above");
