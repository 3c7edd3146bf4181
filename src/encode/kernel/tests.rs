//! The kernels against plain arithmetic in double precision, and against each other.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for its instructions"
)]

use ndarray::Array2;
use proptest::prelude::*;
use pulp::{Simd, WithSimd};

use super::function::{activate, exp};
use super::norm::Norm;
use super::*;

/// Numbers without a pattern, between −1 and 1.
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // The upper bits only: the lower ones of such a generator have short periods.
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn product(kernel: Kernel, left: &[f32], weights: &[f32], sizes: [usize; 3]) -> Vec<f32> {
    let [rows, columns, depth] = sizes;
    let packed = Packed::from_transposed(&[weights.to_vec()], columns, depth);
    let bias = numbers(columns, 9);
    let mut out = vec![f32::NAN; rows * columns];
    let left = Rows::new(left, rows, depth, depth);
    let target = RowsMut::new(&mut out, columns);
    kernel.product(left, &packed, Some(&bias), Activation::Identity, target);
    out
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn products_agree_with_ndarray(rows in 1_usize..40, columns in 1_usize..100, depth in 1_usize..90) {
        let (left, weights) = (numbers(rows * depth, 1), numbers(columns * depth, 2));
        let sizes = [rows, columns, depth];
        let array = |data: &[f32], rows| {
            Array2::from_shape_vec((rows, depth), data.to_vec()).unwrap().mapv(f64::from)
        };
        let exact = array(&left, rows).dot(&array(&weights, columns).t());
        let bias = numbers(columns, 9);
        for kernel in [Kernel::detect(), Kernel::portable()] {
            let ours = product(kernel, &left, &weights, sizes);
            for ((index, ours), exact) in ours.iter().enumerate().zip(&exact) {
                let exact = exact + f64::from(bias[index % columns]);
                prop_assert!((f64::from(*ours) - exact).abs() < 1e-5, "{} {} {}", sizes[0], ours, exact);
            }
        }
    }

    #[test]
    fn a_row_of_a_product_depends_on_its_row_only(rows in 1_usize..40, columns in 1_usize..100, depth in 1_usize..90) {
        let (left, weights) = (numbers(rows * depth, 3), numbers(columns * depth, 4));
        for kernel in [Kernel::detect(), Kernel::portable()] {
            let together = product(kernel, &left, &weights, [rows, columns, depth]);
            for (row, together) in left.chunks(depth).zip(together.chunks(columns)) {
                prop_assert_eq!(product(kernel, row, &weights, [1, columns, depth]), together);
            }
        }
    }
}

/// Applies a function to each number, by vectors.
struct Map<'a, F>(&'a mut [f32], F);

trait Function {
    fn call<S: Simd>(&self, simd: S, x: S::f32s) -> S::f32s;
}

#[derive(Clone, Copy)]
struct Exp;

impl Function for Exp {
    #[inline(always)]
    fn call<S: Simd>(&self, simd: S, x: S::f32s) -> S::f32s {
        exp(simd, x)
    }
}

impl Function for Activation {
    #[inline(always)]
    fn call<S: Simd>(&self, simd: S, x: S::f32s) -> S::f32s {
        activate(simd, *self, x)
    }
}

impl<F: Function> WithSimd for Map<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (vectors, rest) = S::as_mut_simd_f32s(self.0);
        assert!(rest.is_empty());
        for x in vectors {
            *x = self.1.call(simd, *x);
        }
    }
}

/// The largest error of `function` on `from ..= to`, as `error` measures it against `exact`.
fn largest_error(
    function: impl Function + Copy,
    (from, to): (f32, f32),
    exact: impl Fn(f64) -> f64,
    error: impl Fn(f64, f64) -> f64,
) -> f64 {
    const COUNT: u16 = 1 << 15;
    let step = (to - from) / f32::from(COUNT - 1);
    let points: Vec<f32> = (0..COUNT).map(|i| from + f32::from(i) * step).collect();
    let mut largest = 0.0_f64;
    for kernel in [Kernel::detect(), Kernel::portable()] {
        let mut values = points.clone();
        kernel.run(Map(&mut values, function));
        for (x, value) in points.iter().zip(&values) {
            largest = largest.max(error(f64::from(*value), exact(f64::from(*x))));
        }
    }
    largest
}

/// erf by its power series, in double precision; good to 1e-8 up to 4, which is all that is asked of it.
fn erf(x: f64) -> f64 {
    if x.abs() > 4.0 {
        return x.signum();
    }
    let (mut term, mut sum) = (x, x);
    for n in 1..120 {
        let n = f64::from(n);
        term *= -x * x / n;
        sum += term / (2.0 * n + 1.0);
    }
    sum * std::f64::consts::FRAC_2_SQRT_PI
}

fn absolute(value: f64, exact: f64) -> f64 {
    (value - exact).abs()
}

fn relative(value: f64, exact: f64) -> f64 {
    (value / exact - 1.0).abs()
}

#[test]
fn functions_keep_their_stated_errors() {
    let gelu = |x: f64| x * (1.0 + erf(x / std::f64::consts::SQRT_2)) / 2.0;
    let gelu_tanh = |x: f64| {
        0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x)).tanh())
    };
    let near = (-8.0, 8.0);
    assert!(largest_error(Exp, (-86.0, 87.0), f64::exp, relative) < 3e-7);
    assert!(largest_error(Activation::Gelu, near, gelu, absolute) < 1e-6);
    assert!(largest_error(Activation::GeluTanh, near, gelu_tanh, absolute) < 2e-6);
    assert!(largest_error(Activation::Tanh, (-40.0, 40.0), f64::tanh, absolute) < 5e-7);
    assert!(largest_error(Activation::Silu, near, |x| x / (1.0 + (-x).exp()), absolute) < 2e-6);
    assert!(largest_error(Activation::Relu, near, |x| x.max(0.0), absolute) == 0.0);
    // Far out GELU is exact: the rounding of erf must not grow with x.
    assert!(largest_error(Activation::Gelu, (6.0, 1e6), |x| x, absolute) == 0.0);
    assert!(largest_error(Activation::Gelu, (-1e6, -6.0), |_| 0.0, absolute) == 0.0);
}

#[test]
fn softmax_sums_to_one_and_keeps_the_order() {
    for kernel in [Kernel::detect(), Kernel::portable()] {
        let mut row = numbers(64, 5).iter().map(|x| x * 90.0).collect::<Vec<f32>>();
        row[40..].fill(f32::MIN);
        let scores = row.clone();
        kernel.softmax(&mut row);
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(row[40..].iter().all(|x| *x < 1e-37));
        let place = |row: &[f32]| (0..row.len()).max_by(|i, j| row[*i].total_cmp(&row[*j]));
        assert_eq!(place(&row), place(&scores));
    }
}

#[test]
fn normal_rows_have_mean_zero_and_variance_one() {
    for width in [1, 7, 16, 48, 100] {
        let norm = Norm { weight: vec![1.0; width], bias: vec![0.0; width], epsilon: 1e-12 };
        for kernel in [Kernel::detect(), Kernel::portable()] {
            let (mut x, y) = (numbers(3 * width, 6), numbers(3 * width, 7));
            kernel.add_and_normalise(&mut x, Some(&y), &norm);
            for row in x.chunks(width) {
                let mean = row.iter().sum::<f32>() / width as f32;
                let variance = row.iter().map(|x| x * x).sum::<f32>() / width as f32;
                assert!(mean.abs() < 1e-5, "{width}: {mean}");
                assert!(width == 1 || (variance - 1.0).abs() < 1e-4, "{width}: {variance}");
            }
        }
    }
}

#[test]
fn attention_agrees_with_its_definition() {
    let heads = Heads { count: 2, size: 5 };
    for length in [1, 2, 31, 33, 70, 140] {
        let fused = numbers(length * 30, 8).iter().map(|x| x * 3.0).collect::<Vec<_>>();
        for kernel in [Kernel::detect(), Kernel::portable()] {
            let mut out = vec![f32::NAN; length * 10];
            Attention::default().run(kernel, &fused, heads, None, &mut out);
            for (place, value) in out.iter().enumerate() {
                let (query, column) = (place / 10, place % 10);
                let exact = attention(&fused, query, column / 5, column % 5);
                assert!((f64::from(*value) - exact).abs() < 1e-5, "{length}: {value} {exact}");
            }
        }
    }
}

/// One number of the result of attention with 2 heads of 5 columns, by the formula.
fn attention(fused: &[f32], query: usize, head: usize, column: usize) -> f64 {
    let at = |token: usize, part: usize, i: usize| {
        f64::from(fused[token * 30 + part * 10 + head * 5 + i])
    };
    let length = fused.len() / 30;
    let score = |key| (0..5).map(|i| at(query, 0, i) * at(key, 1, i)).sum::<f64>() / 5.0_f64.sqrt();
    let weights: Vec<f64> = (0..length).map(|key| score(key).exp()).collect();
    let gathered = weights.iter().enumerate().map(|(key, weight)| weight * at(key, 2, column));
    gathered.sum::<f64>() / weights.iter().sum::<f64>()
}
