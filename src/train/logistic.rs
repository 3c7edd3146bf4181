//! L2-regularised logistic regression, and Platt's calibration of its margins.

use super::minimise::minimise;
use crate::classify::Platt;

/// Rows of inputs: dense columns first, then sparse ones.
#[derive(Clone, Debug)]
pub(super) struct Design {
    n_dense: usize,
    n_sparse: usize,
    dense: Vec<f32>,
    sparse: Vec<(u32, f32)>,
    /// Where each row's sparse entries begin, and the end of the last.
    offsets: Vec<usize>,
}

/// One row of a [`Design`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    dense: &'a [f32],
    sparse: &'a [(u32, f32)],
}

/// A fitted plane: `margin = bias + weights · row`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plane {
    /// The intercept, not regularised.
    pub(super) bias: f64,
    /// One weight for each column, the dense ones first.
    pub(super) weights: Vec<f64>,
}

impl Design {
    /// An empty table with room for `n_rows`.
    pub(super) fn with_capacity(n_rows: usize, n_dense: usize, n_sparse: usize) -> Self {
        let dense = Vec::with_capacity(n_rows * n_dense);
        Self { n_dense, n_sparse, dense, sparse: Vec::new(), offsets: vec![0] }
    }

    /// Adds a row; `dense` must have as many values as there are dense columns.
    pub(super) fn push(&mut self, dense: impl IntoIterator<Item = f32>, sparse: &[(u32, f32)]) {
        let before = self.dense.len();
        self.dense.extend(dense);
        assert_eq!(self.dense.len() - before, self.n_dense, "a row has one value per column");
        self.sparse.extend_from_slice(sparse);
        self.offsets.push(self.sparse.len());
    }

    /// Row `index`.
    pub(super) fn row(&self, index: usize) -> Row<'_> {
        Row {
            dense: &self.dense[index * self.n_dense..(index + 1) * self.n_dense],
            sparse: &self.sparse[self.offsets[index]..self.offsets[index + 1]],
        }
    }

    fn n_columns(&self) -> usize {
        self.n_dense + self.n_sparse
    }
}

impl Row<'_> {
    /// The product with one weight per column.
    fn dot(self, weights: &[f64]) -> f64 {
        let (dense, sparse) = weights.split_at(self.dense.len());
        let words = self.sparse.iter().map(|(column, x)| sparse[*column as usize] * f64::from(*x));
        dot(self.dense, dense) + words.sum::<f64>()
    }

    /// Adds `factor` times the row to one value per column.
    fn add_to(self, target: &mut [f64], factor: f64) {
        let (dense, sparse) = target.split_at_mut(self.dense.len());
        for (value, x) in dense.iter_mut().zip(self.dense) {
            *value += factor * f64::from(*x);
        }
        for (column, x) in self.sparse {
            sparse[*column as usize] += factor * f64::from(*x);
        }
    }
}

impl Plane {
    /// The log-odds before calibration.
    pub(super) fn margin(&self, row: Row<'_>) -> f64 {
        self.bias + row.dot(&self.weights)
    }
}

/// What a plane is fitted to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample<'a> {
    /// All inputs.
    pub(super) design: &'a Design,
    /// The rows that count.
    pub(super) rows: &'a [usize],
    /// Labels of all rows of the design.
    pub(super) labels: &'a [bool],
    /// Weights of all rows of the design.
    pub(super) row_weights: &'a [f64],
}

/// Minimises over weights `w` and bias `b`
///
/// ```text
/// (1 / Σ sᵢ) · Σ sᵢ · ln(1 + exp(-yᵢ · (b + w·xᵢ)))  +  (penalty / 2) · |w|²        yᵢ = ±1
/// ```
///
/// over the rows of `sample` with label `y` and row weight `s`, starting at `start`. Where all labels
/// agree there is nothing to separate: the plane is flat, at the smoothed log-odds. The search ends
/// where no component of the gradient is above `tolerance`.
pub(super) fn fit(
    sample: Sample<'_>,
    penalty: f64,
    tolerance: f64,
    start: Option<&Plane>,
) -> Plane {
    let n_columns = sample.design.n_columns();
    let n_positive = sample.rows.iter().filter(|row| sample.labels[**row]).count();
    let n_negative = sample.rows.len() - n_positive;
    let log_odds = ((n_positive as f64 + 0.5) / (n_negative as f64 + 0.5)).ln();
    if n_positive == 0 || n_negative == 0 {
        return Plane { bias: log_odds, weights: vec![0.0; n_columns] };
    }
    let start = start.map_or_else(
        || [vec![0.0; n_columns], vec![log_odds]].concat(),
        |plane| [plane.weights.as_slice(), &[plane.bias]].concat(),
    );
    let objective = |point: &[f64], gradient: &mut [f64]| loss(sample, penalty, point, gradient);
    let mut weights = minimise(objective, start, tolerance, 300);
    let bias = weights.pop().expect("the bias comes last");
    Plane { bias, weights }
}

/// The penalised mean loss at `point` (weights, then bias); its gradient is left in `gradient`.
fn loss(sample: Sample<'_>, penalty: f64, point: &[f64], gradient: &mut [f64]) -> f64 {
    let (weights, bias) = point.split_at(point.len() - 1);
    gradient.fill(0.0);
    let (slopes, intercept) = gradient.split_at_mut(weights.len());
    let (mut total, mut mass) = (0.0, 0.0);
    for &index in sample.rows {
        let (row, row_weight) = (sample.design.row(index), sample.row_weights[index]);
        let margin = bias[0] + row.dot(weights);
        let (value, slope) = log_loss(margin, f64::from(sample.labels[index]));
        total += row_weight * value;
        mass += row_weight;
        row.add_to(slopes, row_weight * slope);
        intercept[0] += row_weight * slope;
    }
    for value in gradient.iter_mut() {
        *value /= mass;
    }
    for (slope, weight) in gradient.iter_mut().zip(weights) {
        *slope += penalty * weight;
    }
    total / mass + penalty / 2.0 * weights.iter().map(|w| w * w).sum::<f64>()
}

/// Logistic loss for a `target` in 0..=1 and its derivative by the margin.
fn log_loss(margin: f64, target: f64) -> (f64, f64) {
    let value = margin.max(0.0) - target * margin + (-margin.abs()).exp().ln_1p();
    (value, crate::classify::logistic(margin) - target)
}

/// Mean logistic loss of margins after calibration.
pub(super) fn mean_log_loss(margins: &[f64], labels: &[bool], platt: Platt) -> f64 {
    let losses = margins.iter().zip(labels).map(|(margin, label)| {
        log_loss(platt.slope.mul_add(*margin, platt.intercept), f64::from(*label)).0
    });
    losses.sum::<f64>() / margins.len() as f64
}

/// Platt's calibration by maximum likelihood with his softened targets, `(n₊ + 1) / (n₊ + 2)` and `1 /
/// (n₋ + 2)`, which keep separable data from infinite slopes (Platt 1999; Lin, Lin & Weng 2007, Machine
/// Learning 68, 267–276). A negative slope would say that the margins mislead; it is set to zero.
pub(super) fn calibrate(margins: &[f64], labels: &[bool]) -> Platt {
    let n_positive = labels.iter().filter(|label| **label).count() as f64;
    let n_negative = labels.len() as f64 - n_positive;
    let targets = [1.0 / (n_negative + 2.0), (n_positive + 1.0) / (n_positive + 2.0)];
    let n = labels.len().max(1) as f64;
    let fit = |free_slope: bool| {
        let objective = |point: &[f64], gradient: &mut [f64]| {
            gradient.fill(0.0);
            let mut total = 0.0;
            for (margin, label) in margins.iter().zip(labels) {
                let scaled = point[0].mul_add(*margin, point[1]);
                let (value, slope) = log_loss(scaled, targets[usize::from(*label)]);
                total += value;
                gradient[0] += if free_slope { slope * margin } else { 0.0 };
                gradient[1] += slope;
            }
            for value in gradient.iter_mut() {
                *value /= n;
            }
            total / n
        };
        let start = vec![f64::from(free_slope), 0.0];
        let point = minimise(objective, start, 1e-9, 500);
        Platt { slope: point[0], intercept: point[1] }
    };
    let platt = fit(true);
    if platt.slope >= 0.0 { platt } else { fit(false) }
}

/// The product of a row and weights: eight running sums, added up in a fixed order.
fn dot(row: &[f32], weights: &[f64]) -> f64 {
    let (row_chunks, row_rest) = row.as_chunks::<8>();
    let (weight_chunks, weight_rest) = weights.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (xs, ws) in row_chunks.iter().zip(weight_chunks) {
        for lane in 0..8 {
            sums[lane] += f64::from(xs[lane]) * ws[lane];
        }
    }
    let rest = row_rest.iter().zip(weight_rest).map(|(x, w)| f64::from(*x) * w);
    sums.into_iter().chain(rest).sum()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::classify::logistic;

    /// Rows of three inputs whose labels follow a known plane.
    fn sample(n: usize, plane: &Plane) -> (Design, Vec<bool>) {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mut design = Design::with_capacity(n, 2, 1);
        let mut labels = Vec::new();
        for row in 0..n {
            let mut draw = || rng.random_range(-2.0f32..2.0);
            design.push([draw(), draw()], &[(0, draw())]);
            labels.push(rng.random_bool(logistic(plane.margin(design.row(row)))));
        }
        (design, labels)
    }

    #[test]
    fn a_known_plane_is_found_again() {
        let truth = Plane { bias: -1.0, weights: vec![2.0, -1.0, 0.0] };
        let (design, labels) = sample(20_000, &truth);
        let rows: Vec<usize> = (0..20_000).collect();
        let row_weights = vec![1.0; rows.len()];
        let sample =
            Sample { design: &design, rows: &rows, labels: &labels, row_weights: &row_weights };
        let found = fit(sample, 1e-8, 1e-6, None);
        assert!((found.bias - truth.bias).abs() < 0.1, "{found:?}");
        for (found, truth) in found.weights.iter().zip(&truth.weights) {
            assert!((found - truth).abs() < 0.1);
        }
    }

    #[test]
    fn the_gradient_is_that_of_the_loss() {
        let (design, labels) = sample(50, &Plane { bias: 0.3, weights: vec![1.0, -1.0, 0.5] });
        let rows: Vec<usize> = (0..50).collect();
        let row_weights: Vec<f64> = (0..50).map(|row| 1.0 + f64::from(row) / 10.0).collect();
        let sample =
            Sample { design: &design, rows: &rows, labels: &labels, row_weights: &row_weights };
        let at = [0.2, -0.4, 0.1, 0.7];
        let value = |point: &[f64]| loss(sample, 0.3, point, &mut [0.0; 4]);
        let mut gradient = [0.0; 4];
        loss(sample, 0.3, &at, &mut gradient);
        for column in 0..4 {
            let (mut up, mut down) = (at, at);
            (up[column], down[column]) = (at[column] + 1e-6, at[column] - 1e-6);
            let slope = (value(&up) - value(&down)) / 2e-6;
            assert!((slope - gradient[column]).abs() < 1e-7, "column {column}");
        }
    }

    #[test]
    fn one_class_gives_a_flat_plane() {
        let (design, _) = sample(9, &Plane { bias: 0.0, weights: vec![0.0; 3] });
        let sample = Sample {
            design: &design,
            rows: &[0, 1, 2, 3],
            labels: &[false; 9],
            row_weights: &[1.0; 9],
        };
        let plane = fit(sample, 0.1, 1e-6, None);
        assert_eq!(plane.weights, [0.0; 3]);
        assert!((plane.bias - (0.5f64 / 4.5).ln()).abs() < 1e-12);
    }

    #[test]
    fn calibration_mends_margins_that_are_too_bold() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let margins: Vec<f64> = (0..20_000).map(|_| rng.random_range(-6.0..6.0)).collect();
        let labels: Vec<bool> =
            margins.iter().map(|m| rng.random_bool(logistic(0.5 * m - 1.0))).collect();
        let platt = calibrate(&margins, &labels);
        assert!(
            (platt.slope - 0.5).abs() < 0.03 && (platt.intercept + 1.0).abs() < 0.08,
            "{platt:?}"
        );
    }

    #[test]
    fn calibration_survives_separable_misleading_and_one_sided_labels() {
        let margins = [-2.0, -1.0, 1.0, 2.0];
        let check = |labels: [bool; 4]| {
            let platt = calibrate(&margins, &labels);
            assert!(platt.slope.is_finite() && platt.slope >= 0.0 && platt.intercept.is_finite());
            platt
        };
        assert!(check([false, false, true, true]).slope > 0.5);
        assert_eq!(check([true, true, false, false]).slope, 0.0);
        assert!(check([false; 4]).probability(0.0) < 0.2);
    }
}
