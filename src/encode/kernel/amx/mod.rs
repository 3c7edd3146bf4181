//! Products by Intel's Advanced Matrix Extensions: eight registers of 16 rows of 64 bytes, and instructions that
//! multiply two of them and add to a third.
//!
//! What is done is written once over [`TileUnit`], which the instructions ([`instructions`]) and a software of
//! the same bits ([`emulated`]) stand behind; tests on machines without AMX run the latter.
//!
//! A block of 32 rows and a panel of 32 columns are two tiles each; the four products of a step of 16 words
//! need the four tiles of sums, two of rows and two of columns, so every tile that is loaded is used twice. A
//! product takes 16 cycles and a load at best 8: four loads are hidden behind four products.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for its instructions"
)]

#[cfg(test)]
pub(super) mod emulated;
#[cfg(target_os = "linux")]
mod instructions;
#[cfg(test)]
mod tests;

#[cfg(target_os = "linux")]
pub(super) use instructions::Tiles;

use super::matrix::{Block, GROUP, PANEL, Panel, Precision};
use super::unit::Unit;

/// Rows of a tile.
const ROWS: usize = 16;

/// Sums: a block of rows by a panel of columns.
const SUMS: [usize; 4] = [0, 1, 2, 3];
/// The upper and the lower rows of a block.
const UPPER: usize = 4;
const LOWER: usize = 5;
/// The left and the right columns of a panel.
const LEFT: usize = 6;
const RIGHT: usize = 7;

/// Eight tiles of 16 rows and 64 bytes, and what is done with them.
pub(super) trait TileUnit {
    /// Sets a tile to zero.
    fn zero<const TILE: usize>(&mut self);

    /// Loads 16 rows of 16 words that stand `stride` words apart.
    ///
    /// # Panics
    /// Where `words` ends before the last row does.
    fn load<const TILE: usize>(&mut self, words: &[u32], stride: usize);

    /// Adds to tile `TO` of f32 the product of tile `ROWS` with tile `COLUMNS`, words of bf16.
    fn add_halves<const TO: usize, const ROWS: usize, const COLUMNS: usize>(&mut self);

    /// Adds to tile `TO` of i32 the product of tile `ROWS`, words of unsigned bytes, with tile `COLUMNS`, words
    /// of signed ones.
    fn add_bytes<const TO: usize, const ROWS: usize, const COLUMNS: usize>(&mut self);

    /// Writes a tile to 16 rows of 16 numbers that stand `stride` numbers apart.
    ///
    /// # Panics
    /// Where `out` ends before the last row does.
    fn store<const TILE: usize>(&self, out: &mut [f32], stride: usize);
}

/// The numbers from the first of 16 rows to the last one's end.
const fn extent(stride: usize) -> usize {
    (ROWS - 1) * stride + GROUP
}

/// A unit that keeps its sums in tiles.
pub(super) struct ByTiles<T> {
    tiles: T,
    precision: Precision,
}

impl<T: TileUnit> ByTiles<T> {
    /// With `tiles` that are configured; `precision` is bf16 or int8.
    pub(super) fn new(tiles: T, precision: Precision) -> Self {
        debug_assert_ne!(precision, Precision::F32, "tiles have no products of f32");
        Self { tiles, precision }
    }

    #[inline(always)]
    fn add<const TO: usize, const ROWS: usize, const COLUMNS: usize>(&mut self) {
        match self.precision {
            Precision::Int8 => self.tiles.add_bytes::<TO, ROWS, COLUMNS>(),
            Precision::F32 | Precision::Bf16 => self.tiles.add_halves::<TO, ROWS, COLUMNS>(),
        }
    }

    /// All steps of a block of more than 16 rows.
    #[inline(always)]
    fn add_two(&mut self, left: Block<'_>, words: &[u32]) {
        for (step, columns) in words.chunks_exact(ROWS * PANEL).enumerate() {
            let rows = &left.words[step * GROUP..];
            self.tiles.load::<UPPER>(rows, left.stride);
            self.tiles.load::<LEFT>(columns, PANEL);
            self.add::<{ SUMS[0] }, UPPER, LEFT>();
            self.tiles.load::<RIGHT>(&columns[GROUP..], PANEL);
            self.add::<{ SUMS[1] }, UPPER, RIGHT>();
            self.tiles.load::<LOWER>(&rows[ROWS * left.stride..], left.stride);
            self.add::<{ SUMS[2] }, LOWER, LEFT>();
            self.add::<{ SUMS[3] }, LOWER, RIGHT>();
        }
    }

    /// All steps of a block of up to 16 rows.
    #[inline(always)]
    fn add_one(&mut self, left: Block<'_>, words: &[u32]) {
        for (step, columns) in words.chunks_exact(ROWS * PANEL).enumerate() {
            self.tiles.load::<UPPER>(&left.words[step * GROUP..], left.stride);
            self.tiles.load::<LEFT>(columns, PANEL);
            self.add::<{ SUMS[0] }, UPPER, LEFT>();
            self.tiles.load::<RIGHT>(&columns[GROUP..], PANEL);
            self.add::<{ SUMS[1] }, UPPER, RIGHT>();
        }
    }
}

impl<T: TileUnit> Unit for ByTiles<T> {
    #[inline(always)]
    fn multiply(&mut self, left: Block<'_>, right: Panel<'_>, out: &mut [f32], stride: usize) {
        let words = right.lines.as_flattened();
        debug_assert_eq!(right.lines.len() % ROWS, 0, "words stand in whole groups");
        self.tiles.zero::<{ SUMS[0] }>();
        self.tiles.zero::<{ SUMS[1] }>();
        if left.count > ROWS {
            self.tiles.zero::<{ SUMS[2] }>();
            self.tiles.zero::<{ SUMS[3] }>();
            self.add_two(left, words);
            let lower = &mut out[ROWS * stride..];
            self.tiles.store::<{ SUMS[2] }>(lower, stride);
            self.tiles.store::<{ SUMS[3] }>(&mut lower[GROUP..], stride);
        } else {
            self.add_one(left, words);
        }
        self.tiles.store::<{ SUMS[0] }>(out, stride);
        self.tiles.store::<{ SUMS[1] }>(&mut out[GROUP..], stride);
        if self.precision == Precision::Int8 {
            for row in out.chunks_mut(stride).take(left.count) {
                for (sum, correction) in row.iter_mut().zip(right.corrections) {
                    *sum = (sum.to_bits().cast_signed() + correction) as f32;
                }
            }
        }
    }

    #[inline(always)]
    fn spin(&mut self, rounds: u64) -> u64 {
        let zeros = [0; ROWS * GROUP];
        self.tiles.load::<UPPER>(&zeros, GROUP);
        self.tiles.load::<LEFT>(&zeros, GROUP);
        self.tiles.zero::<{ SUMS[0] }>();
        self.tiles.zero::<{ SUMS[1] }>();
        self.tiles.zero::<{ SUMS[2] }>();
        self.tiles.zero::<{ SUMS[3] }>();
        for _ in 0..rounds {
            self.add::<{ SUMS[0] }, UPPER, LEFT>();
            self.add::<{ SUMS[1] }, UPPER, LEFT>();
            self.add::<{ SUMS[2] }, UPPER, LEFT>();
            self.add::<{ SUMS[3] }, UPPER, LEFT>();
        }
        rounds * (SUMS.len() * ROWS * GROUP * GROUP * self.precision.per_word()) as u64
    }
}
