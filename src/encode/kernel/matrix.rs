//! Matrices in the form that products read them in: words of four bytes.
//!
//! A word holds one f32, two bf16 or four int8, and every kernel multiplies words by words: it takes a word of a
//! row of the left matrix, a line of words of the right one, and adds the products of their parts to a line of
//! sums. So packing, blocking and the treatment of edges are the same for all.
//!
//! The parts of a word are elements that stand [`GROUP`] apart: word `i` of a group holds the elements `i`,
//! `i + 16`, …. Then a vector of words is made of vectors of elements by shifts alone, without shuffles; the
//! order in which a sum is taken changes with it, but is the same in both matrices.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for its instructions"
)]

use serde::{Deserialize, Serialize};

use super::aligned::Aligned;
use super::function::ROUND;

/// Columns of a panel, words of a line: two AVX-512 registers or tiles, four registers of AVX2.
pub(super) const PANEL: usize = 32;

/// Words of a group: a row of a tile.
pub(super) const GROUP: usize = 16;

/// Rows of the left matrix that are multiplied at once.
pub(super) const BLOCK: usize = 32;

/// A row of a panel: one word for each of its columns.
pub(super) type Line = [u32; PANEL];

/// What the elements of a product are rounded to before they are multiplied. Sums are f32, of int8 exact i32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// IEEE 754 single precision.
    #[default]
    F32,
    /// The upper half of an f32: 8 bits of mantissa.
    Bf16,
    /// Integers from −127 to 127, with a scale for each column of weights and each row of activations.
    Int8,
}

impl Precision {
    /// Elements in a word.
    pub(super) const fn per_word(self) -> usize {
        match self {
            Self::F32 => 1,
            Self::Bf16 => 2,
            Self::Int8 => 4,
        }
    }

    /// Words of a row of so many elements: whole groups, but for f32.
    pub(super) const fn words(self, elements: usize) -> usize {
        match self {
            Self::F32 => elements,
            Self::Bf16 | Self::Int8 => elements.div_ceil(GROUP * self.per_word()) * GROUP,
        }
    }
}

/// The right-hand matrix of a product, in panels: the words of [`PANEL`] columns side by side, line after line.
#[derive(Clone, Debug, Default)]
pub(in crate::encode) struct Packed {
    precision: Precision,
    words: Aligned<u32>,
    depth: usize,
    columns: usize,
    scales: Vec<f32>,
    corrections: Vec<i32>,
}

/// One panel of a right-hand matrix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panel<'a> {
    /// The words, one line for each word of a row of the left matrix.
    pub(super) lines: &'a [Line],
    /// int8: what to add to each sum, since the left matrix holds its elements 128 too large.
    pub(super) corrections: &'a [i32; PANEL],
    /// int8: the scale of each column.
    pub(super) scales: Option<&'a [f32; PANEL]>,
}

impl Packed {
    /// Packs the transposes of one or more matrices side by side. Each has rows of `depth` elements (the layout
    /// of a `PyTorch` linear layer), `columns` in all.
    pub(in crate::encode) fn from_transposed(
        precision: Precision,
        parts: &[Vec<f32>],
        columns: usize,
        depth: usize,
    ) -> Self {
        let mut packed = Self::default();
        packed.reset(precision, depth, columns);
        packed.words.fill(0);
        let mut words = vec![0; precision.words(depth)];
        for (column, row) in parts.iter().flat_map(|part| part.chunks_exact(depth)).enumerate() {
            if precision == Precision::Int8 {
                let (scale, sum) = quantise_weights(row, &mut words);
                packed.scales[column] = scale;
                packed.corrections[column] = -128 * sum;
            } else {
                round_weights(precision, row, &mut words);
            }
            packed.set_column(column, &words);
        }
        packed
    }

    /// Makes room for `depth` rows and `columns` columns, which hold any numbers then.
    pub(super) fn reset(&mut self, precision: Precision, depth: usize, columns: usize) {
        let padded = columns.next_multiple_of(PANEL);
        self.precision = precision;
        self.depth = precision.words(depth);
        self.columns = columns;
        self.words.reset(padded * self.depth);
        self.corrections.resize(padded, 0);
        let scales = if precision == Precision::Int8 { padded } else { 0 };
        self.scales.resize(scales, 0.0);
    }

    /// Sets the words of a column.
    // Not inlined, so that it is not compiled for AVX-512: the compiler would scatter, which is slower than to
    // store one by one.
    #[inline(never)]
    pub(super) fn set_column(&mut self, column: usize, words: &[u32]) {
        let (panel, place) = (column / PANEL, column % PANEL);
        let lines = &mut self.words[panel * self.depth * PANEL..][..self.depth * PANEL];
        for (line, word) in lines.as_chunks_mut::<PANEL>().0.iter_mut().zip(words) {
            line[place] = *word;
        }
    }

    /// The lines of panel `index`, to write to.
    #[inline(always)]
    pub(super) fn lines_mut(&mut self, index: usize) -> &mut [Line] {
        let size = self.depth * PANEL;
        self.words[index * size..(index + 1) * size].as_chunks_mut().0
    }

    /// Panel `index`.
    #[inline(always)]
    pub(super) fn panel(&self, index: usize) -> Panel<'_> {
        let (size, first) = (self.depth * PANEL, index * PANEL);
        let whole = "all columns are padded to whole panels";
        Panel {
            lines: self.words[index * size..(index + 1) * size].as_chunks().0,
            corrections: self.corrections[first..].first_chunk().expect(whole),
            scales: self.scales.get(first..).and_then(|scales| scales.first_chunk()),
        }
    }

    /// The number of panels.
    #[inline(always)]
    pub(super) fn panels(&self) -> usize {
        self.columns.div_ceil(PANEL)
    }

    /// The number of columns, without padding.
    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// Words of a column.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    pub(super) fn precision(&self) -> Precision {
        self.precision
    }
}

/// Word and part of element `index`, in a precision with `parts` elements to the word.
fn place(index: usize, parts: usize) -> (usize, usize) {
    let (group, rest) = (index / (GROUP * parts), index % (GROUP * parts));
    (group * GROUP + rest % GROUP, rest / GROUP)
}

/// The words of a row in f32 or bf16.
fn round_weights(precision: Precision, row: &[f32], words: &mut [u32]) {
    if precision == Precision::F32 {
        words.iter_mut().zip(row).for_each(|(word, x)| *word = x.to_bits());
        return;
    }
    words.fill(0);
    for (index, x) in row.iter().enumerate() {
        let (word, part) = place(index, 2);
        words[word] |= u32::from(half::bf16::from_f32(*x).to_bits()) << (16 * part);
    }
}

/// The words of a row in int8; gives its scale and the sum of its elements.
fn quantise_weights(row: &[f32], words: &mut [u32]) -> (f32, i32) {
    let largest = row.iter().fold(0.0_f32, |largest, x| largest.max(x.abs()));
    let factor = if largest > 0.0 { 127.0 / largest } else { 0.0 };
    words.fill(0);
    let mut sum = 0;
    for (index, x) in row.iter().enumerate() {
        // Adding and subtracting a large number rounds; without SSE 4.1 the function for it is a call.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "within ±127 by the choice of the factor"
        )]
        let value = (x * factor + ROUND - ROUND) as i8;
        sum += i32::from(value);
        let (word, part) = place(index, 4);
        words[word] |= u32::from(value.cast_unsigned()) << (8 * part);
    }
    (largest / 127.0, sum)
}

/// The left-hand matrix of a product: rows of words at equal distances.
#[derive(Clone, Debug, Default)]
pub(in crate::encode) struct Left {
    precision: Precision,
    words: Aligned<u32>,
    /// Words of a row.
    length: usize,
    /// Words from one row to the next.
    stride: usize,
    rows: usize,
    /// int8: the scale of each row.
    scales: Vec<f32>,
}

/// Rows of a left-hand matrix that are multiplied at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block<'a> {
    /// The rows, and room behind the last for as many more as make [`BLOCK`].
    pub(super) words: &'a [u32],
    /// Words from one row to the next.
    pub(super) stride: usize,
    /// How many rows there are, at most [`BLOCK`].
    pub(super) count: usize,
}

impl<'a> Block<'a> {
    /// The first `length` words of a row.
    #[inline(always)]
    pub(super) fn row(&self, index: usize, length: usize) -> &'a [u32] {
        &self.words[index * self.stride..][..length]
    }
}

impl Left {
    /// Makes room for so many rows of so many elements, which are any numbers then.
    pub(super) fn reset(&mut self, precision: Precision, rows: usize, elements: usize) {
        self.precision = precision;
        self.rows = rows;
        self.length = precision.words(elements);
        // An odd number of cache lines from row to row: at a power of two the rows of a tile would compete for the
        // same few places of the cache.
        self.stride = (self.length.div_ceil(GROUP) | 1) * GROUP;
        self.words.reset(rows.next_multiple_of(BLOCK) * self.stride);
        self.scales.resize(if precision == Precision::Int8 { rows } else { 0 }, 0.0);
    }

    pub(super) fn precision(&self) -> Precision {
        self.precision
    }

    /// Words of a row.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// The number of rows.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Up to [`BLOCK`] rows from row `first` on.
    #[inline(always)]
    pub(super) fn block(&self, first: usize) -> Block<'_> {
        Block {
            words: &self.words[first * self.stride..][..BLOCK * self.stride],
            stride: self.stride,
            count: BLOCK.min(self.rows - first),
        }
    }

    /// The first `count` rows, at most [`BLOCK`].
    #[inline(always)]
    pub(super) fn first(&self, count: usize) -> Block<'_> {
        Block { count, ..self.block(0) }
    }

    /// The words of row `index`.
    #[inline(always)]
    pub(super) fn row(&self, index: usize) -> &[u32] {
        &self.words[index * self.stride..][..self.length]
    }

    /// The words of row `index`, to write to.
    #[inline(always)]
    pub(super) fn row_mut(&mut self, index: usize) -> &mut [u32] {
        &mut self.words[index * self.stride..][..self.length]
    }

    /// What one step of row `index` stands for; 1 where no row is scaled.
    #[inline(always)]
    pub(super) fn scale(&self, index: usize) -> f32 {
        self.scales.get(index).copied().unwrap_or(1.0)
    }

    pub(super) fn set_scale(&mut self, index: usize, scale: f32) {
        self.scales[index] = scale;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_has_a_place_of_its_own() {
        for precision in [Precision::F32, Precision::Bf16, Precision::Int8] {
            let parts = precision.per_word();
            let mut places: Vec<_> = (0..192).map(|index| place(index, parts)).collect();
            assert!(places.iter().all(|(word, part)| *part < parts && *word < 192 / parts));
            places.sort_unstable();
            places.dedup();
            assert_eq!(places.len(), 192);
        }
    }

    #[test]
    fn weights_in_int8_are_within_half_a_step() {
        let row: Vec<f32> = (0..40_u16).map(|i| (f32::from(i) * 0.7).sin()).collect();
        let mut words = vec![u32::MAX; Precision::Int8.words(row.len())];
        let (scale, sum) = quantise_weights(&row, &mut words);
        let byte = |index| {
            let (word, part) = place(index, 4);
            words[word].to_le_bytes()[part].cast_signed()
        };
        for (index, x) in row.iter().enumerate() {
            assert!((f32::from(byte(index)) * scale - x).abs() <= scale * 0.500_01);
        }
        assert_eq!((0..row.len()).map(|index| i32::from(byte(index))).sum::<i32>(), sum);
        assert!((row.len()..64).all(|index| byte(index) == 0));
    }
}
