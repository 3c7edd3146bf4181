//! The tile instructions in software, bit for bit.
//!
//! After the operation sections of `TILELOADD`, `TDPBF16PS`, `TDPBUSD` and `TILESTORED` in Intel's "64 and IA-32
//! Architectures Software Developer's Manual", volume 2.

use super::super::Operation;
use super::super::matrix::{GROUP, Precision};
use super::{ByTiles, ROWS, TileUnit, extent};

/// A register: 16 rows of 16 words.
type Tile = [[u32; GROUP]; ROWS];

/// Eight tiles that are all configured as 16 rows of 64 bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Emulated([Tile; 8]);

/// Runs an operation with emulated tiles, on plain vectors.
pub(in crate::encode::kernel) fn run(precision: Precision, operation: impl Operation) {
    operation.run(pulp::Scalar, &mut ByTiles::new(Emulated::default(), precision));
}

impl TileUnit for Emulated {
    fn zero<const TILE: usize>(&mut self) {
        self.0[TILE] = Tile::default();
    }

    fn load<const TILE: usize>(&mut self, words: &[u32], stride: usize) {
        assert!(words.len() >= extent(stride), "16 rows of 16 words");
        for (row, words) in self.0[TILE].iter_mut().zip(words.chunks(stride)) {
            row.copy_from_slice(&words[..GROUP]);
        }
    }

    fn add_halves<const TO: usize, const ROWS_OF: usize, const COLUMNS: usize>(&mut self) {
        let (rows, columns) = (self.0[ROWS_OF], self.0[COLUMNS]);
        for (sums, row) in self.0[TO].iter_mut().zip(rows) {
            // Even and odd elements are summed apart, then together, then onto what was there.
            let mut parts = [[0.0_f32; 2]; GROUP];
            for (word, line) in row.into_iter().zip(columns) {
                for (part, other) in parts.iter_mut().zip(line) {
                    part[0] = fused(lower(word), lower(other), part[0]);
                    part[1] = fused(upper(word), upper(other), part[1]);
                }
            }
            for (sum, [even, odd]) in sums.iter_mut().zip(parts) {
                let both = flushed(even + odd);
                *sum = flushed(flushed(f32::from_bits(*sum)) + both).to_bits();
            }
        }
    }

    fn add_bytes<const TO: usize, const ROWS_OF: usize, const COLUMNS: usize>(&mut self) {
        let (rows, columns) = (self.0[ROWS_OF], self.0[COLUMNS]);
        for (sums, row) in self.0[TO].iter_mut().zip(rows) {
            for (word, line) in row.into_iter().zip(columns) {
                for (sum, other) in sums.iter_mut().zip(line) {
                    for (x, y) in word.to_le_bytes().into_iter().zip(other.to_le_bytes()) {
                        let product = i32::from(x) * i32::from(y.cast_signed());
                        *sum = sum.wrapping_add(product.cast_unsigned());
                    }
                }
            }
        }
    }

    fn store<const TILE: usize>(&self, out: &mut [f32], stride: usize) {
        assert!(out.len() >= extent(stride), "room for 16 rows of 16 numbers");
        for (row, out) in self.0[TILE].iter().zip(out.chunks_mut(stride)) {
            out.iter_mut().zip(row).for_each(|(x, word)| *x = f32::from_bits(*word));
        }
    }
}

/// The first of two bf16, as f32.
fn lower(word: u32) -> f32 {
    f32::from_bits(word << 16)
}

/// The second of two bf16, as f32.
fn upper(word: u32) -> f32 {
    f32::from_bits(word & 0xffff_0000)
}

/// `x · y + z`, rounded once, half to even; denormal numbers count as zero on the way in and out.
fn fused(x: f32, y: f32, z: f32) -> f32 {
    flushed(flushed(x).mul_add(flushed(y), flushed(z)))
}

/// Zero of the same sign where `x` is denormal.
fn flushed(x: f32) -> f32 {
    if x.is_subnormal() { 0.0_f32.copysign(x) } else { x }
}
