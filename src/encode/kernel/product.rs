//! Products of a tall matrix with a packed one, with bias and activation applied on the way out.
//!
//! The right-hand matrix is packed once into panels of [`PANEL`] columns, so that the inner loop reads it in
//! order; the left-hand one is read where it lies. A tile of [`tile`] holds its sums in registers over the whole
//! depth (Goto & van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34, 2008; the
//! depths of these models are small enough to leave out the blocking of depth).

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for its instructions"
)]

use pulp::{Simd, WithSimd};

use super::function::activate;
use super::{Activation, Kernel};

/// Columns of a panel: two AVX-512 registers, four of AVX2, eight of NEON.
pub(super) const PANEL: usize = 32;

/// Vectors a tile is wide.
const WIDTH: usize = 2;

/// A matrix in panels: element `(i, j)` stands at `panel j / 32`, row `i`, column `j % 32`.
#[derive(Clone, Debug, Default)]
pub(in crate::encode) struct Packed {
    panels: Vec<f32>,
    depth: usize,
    columns: usize,
}

impl Packed {
    /// Packs the transposes of one or more matrices side by side. Each has rows of `depth` elements (the layout
    /// of a `PyTorch` linear layer), `columns` in all.
    pub(in crate::encode) fn from_transposed(
        parts: &[Vec<f32>],
        columns: usize,
        depth: usize,
    ) -> Self {
        let mut packed = Self::default();
        packed.resize(depth, columns);
        let mut first = 0;
        for part in parts {
            let count = part.len() / depth;
            packed.fill_transposed(first, Rows::new(part, count, depth, depth));
            first += count;
        }
        packed
    }

    /// Makes room for `depth` rows and `columns` columns; what was in it is lost.
    pub(super) fn resize(&mut self, depth: usize, columns: usize) {
        self.depth = depth;
        self.columns = columns;
        self.panels.resize(columns.div_ceil(PANEL) * PANEL * depth, 0.0);
    }

    /// Sets column `first + j` to row `j` of `source`.
    pub(super) fn fill_transposed(&mut self, first: usize, source: Rows<'_>) {
        let size = (self.depth * PANEL).max(1);
        for (index, panel) in self.panels.chunks_exact_mut(size).enumerate() {
            let (lines, _) = panel.as_chunks_mut::<PANEL>();
            let start = (index * PANEL).max(first);
            let end = (index * PANEL + PANEL).min(first + source.count);
            for column in start..end {
                for (line, value) in lines.iter_mut().zip(source.row(column - first)) {
                    line[column % PANEL] = *value;
                }
            }
        }
    }

    /// Sets row `i` to row `i` of `source`.
    pub(super) fn fill(&mut self, source: Rows<'_>) {
        let size = (self.depth * PANEL).max(1);
        for (index, panel) in self.panels.chunks_exact_mut(size).enumerate() {
            let first = index * PANEL;
            let width = PANEL.min(self.columns - first);
            for (row, line) in panel.chunks_exact_mut(PANEL).enumerate() {
                line[..width].copy_from_slice(&source.row(row)[first..first + width]);
            }
        }
    }
}

/// Rows of equal length at equal distances.
#[derive(Clone, Copy, Debug)]
pub(in crate::encode) struct Rows<'a> {
    data: &'a [f32],
    count: usize,
    length: usize,
    stride: usize,
}

impl<'a> Rows<'a> {
    /// `count` rows of `length` elements, each `stride` elements after the one before.
    pub(in crate::encode) fn new(
        data: &'a [f32],
        count: usize,
        length: usize,
        stride: usize,
    ) -> Self {
        Self { data, count, length, stride }
    }

    #[inline(always)]
    fn row(&self, index: usize) -> &'a [f32] {
        &self.data[index * self.stride..][..self.length]
    }
}

/// Rows to write to, at equal distances.
#[derive(Debug)]
pub(in crate::encode) struct RowsMut<'a> {
    data: &'a mut [f32],
    stride: usize,
}

impl<'a> RowsMut<'a> {
    /// Rows that start `stride` elements after each other.
    pub(in crate::encode) fn new(data: &'a mut [f32], stride: usize) -> Self {
        Self { data, stride }
    }
}

impl Kernel {
    /// `out = activation(left · right + bias)`; a `bias` has as many elements as `right` has columns.
    pub(in crate::encode) fn product(
        self,
        left: Rows<'_>,
        right: &Packed,
        bias: Option<&[f32]>,
        activation: Activation,
        out: RowsMut<'_>,
    ) {
        assert_eq!(left.length, right.depth, "the matrices do not fit each other");
        self.run(Product { left, right, bias, activation, out });
    }
}

struct Product<'a> {
    left: Rows<'a>,
    right: &'a Packed,
    bias: Option<&'a [f32]>,
    activation: Activation,
    out: RowsMut<'a>,
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let size = (self.right.depth * PANEL).max(1);
        for (index, panel) in self.right.panels.chunks_exact(size).enumerate() {
            let (lines, _) = panel.as_chunks::<PANEL>();
            let first = index * PANEL;
            let mut bias = [0.0; PANEL];
            if let Some(all) = self.bias {
                let width = PANEL.min(all.len() - first);
                bias[..width].copy_from_slice(&all[first..first + width]);
            }
            self.panel(simd, lines, &bias, first);
        }
    }
}

impl Product<'_> {
    /// All rows of the result in the columns of one panel.
    #[inline(always)]
    fn panel<S: Simd>(
        &mut self,
        simd: S,
        lines: &[[f32; PANEL]],
        bias: &[f32; PANEL],
        first: usize,
    ) {
        let count = self.left.count;
        let mut row = 0;
        while row < count {
            // As many sums as there are registers for, with room for one row of the panel.
            row += match count - row {
                8.. if S::REGISTER_COUNT >= 32 => self.tile::<S, 8>(simd, lines, bias, row, first),
                6.. if S::REGISTER_COUNT < 32 => self.tile::<S, 6>(simd, lines, bias, row, first),
                4.. => self.tile::<S, 4>(simd, lines, bias, row, first),
                2.. => self.tile::<S, 2>(simd, lines, bias, row, first),
                _ => self.tile::<S, 1>(simd, lines, bias, row, first),
            };
        }
    }

    /// `HEIGHT` rows of the result in the columns of one panel; gives `HEIGHT` back.
    #[inline(always)]
    fn tile<S: Simd, const HEIGHT: usize>(
        &mut self,
        simd: S,
        lines: &[[f32; PANEL]],
        bias: &[f32; PANEL],
        row: usize,
        first: usize,
    ) -> usize {
        let rows: [&[f32]; HEIGHT] =
            std::array::from_fn(|i| &self.left.row(row + i)[..lines.len()]);
        let width = PANEL.min(self.right.columns - first);
        let step = WIDTH * S::F32_LANES;
        for start in (0..PANEL).step_by(step) {
            let sums = sums::<S, HEIGHT>(simd, &rows, lines, start);
            let bias = S::as_simd_f32s(&bias[start..start + step]).0;
            for (i, mut sums) in sums.into_iter().enumerate() {
                for v in 0..WIDTH {
                    sums[v] = activate(simd, self.activation, simd.add_f32s(sums[v], bias[v]));
                }
                let place = (row + i) * self.out.stride + first;
                store(simd, sums, &mut self.out.data[place..place + width], start);
            }
        }
        HEIGHT
    }
}

/// The innermost loop: `HEIGHT × WIDTH` vectors of sums over the whole depth, first to last.
#[inline(always)]
fn sums<S: Simd, const HEIGHT: usize>(
    simd: S,
    rows: &[&[f32]; HEIGHT],
    lines: &[[f32; PANEL]],
    start: usize,
) -> [[S::f32s; WIDTH]; HEIGHT] {
    let mut sums = [[simd.splat_f32s(0.0); WIDTH]; HEIGHT];
    for (depth, line) in lines.iter().enumerate() {
        let line = S::as_simd_f32s(&line[start..start + WIDTH * S::F32_LANES]).0;
        for i in 0..HEIGHT {
            let factor = simd.splat_f32s(rows[i][depth]);
            for v in 0..WIDTH {
                sums[i][v] = simd.mul_add_e_f32s(factor, line[v], sums[i][v]);
            }
        }
    }
    sums
}

/// Writes vectors to columns `start..` of a row of up to [`PANEL`] columns, as far as it goes.
#[inline(always)]
fn store<S: Simd>(simd: S, results: [S::f32s; WIDTH], out: &mut [f32], start: usize) {
    if let Some(whole) = out.get_mut(start..start + WIDTH * S::F32_LANES) {
        S::as_mut_simd_f32s(whole).0.copy_from_slice(&results);
        return;
    }
    for (v, result) in results.into_iter().enumerate() {
        let from = (start + v * S::F32_LANES).min(out.len());
        let part = &mut out[from..];
        let length = part.len().min(S::F32_LANES);
        simd.partial_store_f32s(&mut part[..length], result);
    }
}
