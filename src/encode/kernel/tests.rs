//! The kernels against plain arithmetic in double precision, and against each other.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for its instructions"
)]

use ndarray::Array2;
use proptest::prelude::*;
use pulp::{Simd, WithSimd};

use super::function::{activate, coarse_exp, exp};
use super::matrix::{BLOCK, PANEL};
use super::*;

/// Every kernel this machine has, in every precision, and tiles in software.
fn kernels() -> Vec<Kernel> {
    let precisions = [Precision::F32, Precision::Bf16, Precision::Int8].map(Some);
    let choices = Instructions::ALL.into_iter().flat_map(|instructions| {
        precisions.map(|precision| KernelChoice { instructions: Some(instructions), precision })
    });
    let kernels = choices.filter_map(|choice| choice.kernel().ok());
    #[cfg(target_arch = "x86_64")]
    let kernels = kernels.chain([Precision::Bf16, Precision::Int8].map(emulated));
    kernels.collect()
}

/// Tiles in software.
#[cfg(target_arch = "x86_64")]
fn emulated(precision: Precision) -> Kernel {
    Kernel {
        instructions: Instructions::Amx,
        arch: Arch::Scalar,
        products: Engine::Emulated(precision),
        attention: Engine::Emulated(Precision::Bf16),
    }
}

fn portable(precision: Precision) -> Kernel {
    let instructions = Some(Instructions::Portable);
    KernelChoice { instructions, precision: Some(precision) }.kernel().unwrap()
}

/// The largest error of a sum of products of numbers up to 1, as a share of the root of how many there are.
fn tolerance(precision: Precision) -> f64 {
    match precision {
        Precision::F32 => 1e-6,
        Precision::Bf16 => 1e-2,
        Precision::Int8 => 2e-2,
    }
}

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
    let packed = Packed::from_transposed(kernel.precision(), &[weights.to_vec()], columns, depth);
    let bias = numbers(columns, 9);
    let (mut words, mut out) = (Left::default(), vec![f32::NAN; rows * columns]);
    kernel.convert(left, depth, &mut words);
    kernel.product(&words, &packed, &bias, Activation::Identity, Target::Rows(&mut out));
    out
}

fn matrix(data: &[f32], rows: usize) -> Array2<f64> {
    Array2::from_shape_vec((rows, data.len() / rows), data.to_vec()).unwrap().mapv(f64::from)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn products_agree_with_ndarray(rows in 1_usize..70, columns in 1_usize..100, depth in 1_usize..150) {
        let (left, weights) = (numbers(rows * depth, 1), numbers(columns * depth, 2));
        let exact = matrix(&left, rows).dot(&matrix(&weights, columns).t());
        let bias = numbers(columns, 9);
        for kernel in kernels() {
            let ours = product(kernel, &left, &weights, [rows, columns, depth]);
            let bound = 1e-6 + tolerance(kernel.precision()) * (depth as f64).sqrt();
            for ((index, ours), exact) in ours.iter().enumerate().zip(&exact) {
                let exact = exact + f64::from(bias[index % columns]);
                prop_assert!((f64::from(*ours) - exact).abs() < bound, "{:?}: {} {}", kernel, ours, exact);
            }
        }
    }

    #[test]
    fn a_row_of_a_product_depends_on_its_row_only(rows in 1_usize..70, columns in 1_usize..100, depth in 1_usize..90) {
        let (left, weights) = (numbers(rows * depth, 3), numbers(columns * depth, 4));
        for kernel in kernels() {
            let together = product(kernel, &left, &weights, [rows, columns, depth]);
            for (row, together) in left.chunks(depth).zip(together.chunks(columns)) {
                prop_assert_eq!(product(kernel, row, &weights, [1, columns, depth]), together);
            }
        }
    }

    #[test]
    fn all_kernels_give_the_same_bits_in_int8(rows in 1_usize..40, columns in 1_usize..70, depth in 1_usize..150) {
        let (left, weights) = (numbers(rows * depth, 5), numbers(columns * depth, 6));
        let sizes = [rows, columns, depth];
        let expected = product(portable(Precision::Int8), &left, &weights, sizes);
        for kernel in kernels().into_iter().filter(|kernel| kernel.precision() == Precision::Int8) {
            for (ours, expected) in product(kernel, &left, &weights, sizes).iter().zip(&expected) {
                // Integer sums are exact; only the two roundings after them may be fused or not.
                prop_assert!((ours - expected).abs() <= 2e-6 * expected.abs().max(1.0), "{:?}", kernel);
            }
        }
    }

    #[test]
    fn all_kernels_round_to_bf16_alike(bits in prop::collection::vec(any::<u32>(), 1..70)) {
        let row: Vec<f32> = bits.into_iter().map(f32::from_bits).filter(|x| !x.is_nan()).collect();
        prop_assume!(!row.is_empty());
        for kernel in kernels().into_iter().filter(|kernel| kernel.precision() == Precision::Bf16) {
            let mut left = Left::default();
            kernel.convert(&row, row.len(), &mut left);
            for (index, x) in row.iter().enumerate() {
                let word = left.row(0)[index / 32 * 16 + index % 16];
                let half = if index % 32 < 16 { word & 0xffff } else { word >> 16 };
                prop_assert_eq!(half, u32::from(half::bf16::from_f32(*x).to_bits()), "{:e}", x);
            }
        }
    }
}

#[test]
fn targets_hold_the_same_results() {
    let (rows, columns, depth) = (37, 80, 50);
    let (input, weights, bias) =
        (numbers(rows * depth, 1), numbers(columns * depth, 2), numbers(columns, 3));
    for kernel in kernels() {
        let packed = Packed::from_transposed(
            kernel.precision(),
            std::slice::from_ref(&weights),
            columns,
            depth,
        );
        let mut left = Left::default();
        kernel.convert(&input, depth, &mut left);
        let run =
            |target: Target<'_>| kernel.product(&left, &packed, &bias, Activation::Relu, target);
        let (mut plain, mut sum) = (vec![f32::NAN; rows * columns], numbers(rows * columns, 4));
        let before = sum.clone();
        run(Target::Rows(&mut plain));
        run(Target::Sum(&mut sum));
        for ((sum, before), plain) in sum.iter().zip(&before).zip(&plain) {
            assert_eq!(sum.to_bits(), (before + plain).to_bits(), "{kernel:?}");
        }
        for precision in [Precision::F32, Precision::Bf16] {
            let (mut next, mut expected) = (Left::default(), Left::default());
            run(Target::Left(&mut next, precision));
            portable(precision).convert(&plain, columns, &mut expected);
            for row in 0..rows {
                assert_eq!(next.row(row), expected.row(row), "{kernel:?}");
            }
        }
    }
}

#[test]
fn blocks_are_whole_panels() {
    assert_eq!(BLOCK % 16, 0, "a block is made of tiles and of stripes");
    assert_eq!(PANEL % 16, 0, "a line is made of registers");
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

#[derive(Clone, Copy)]
struct CoarseExp;

impl Function for CoarseExp {
    #[inline(always)]
    fn call<S: Simd>(&self, simd: S, x: S::f32s) -> S::f32s {
        coarse_exp(simd, x)
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
    for kernel in kernels() {
        let mut values = points.clone();
        kernel.arch.dispatch(Map(&mut values, function));
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
    assert!(largest_error(CoarseExp, (-87.0, 0.0), f64::exp, relative) < 8.5e-5);
    assert!(largest_error(Activation::CoarseGelu, (-4.0, 4.0), gelu, absolute) < 2.1e-4);
    let far = |value, exact: f64| absolute(value, exact) / exact.abs().max(4.0);
    assert!(largest_error(Activation::CoarseGelu, (4.0, 1e6), |x| x, far) < 3.3e-5);
    assert!(largest_error(Activation::GeluTanh, near, gelu_tanh, absolute) < 2e-6);
    assert!(largest_error(Activation::Tanh, (-40.0, 40.0), f64::tanh, absolute) < 5e-7);
    assert!(largest_error(Activation::Silu, near, |x| x / (1.0 + (-x).exp()), absolute) < 2e-6);
    assert!(largest_error(Activation::Relu, near, |x| x.max(0.0), absolute) == 0.0);
    // Far out GELU is exact: the rounding of erf must not grow with x.
    assert!(largest_error(Activation::Gelu, (6.0, 1e6), |x| x, absolute) == 0.0);
    assert!(largest_error(Activation::Gelu, (-1e6, -6.0), |_| 0.0, absolute) == 0.0);
}

#[test]
fn normal_rows_have_mean_zero_and_variance_one() {
    for width in [1, 7, 16, 48, 100] {
        let norm = Norm { weight: vec![1.0; width], bias: vec![0.0; width], epsilon: 1e-12 };
        for kernel in kernels() {
            let (mut x, mut left) = (numbers(3 * width, 6), Left::default());
            kernel.normalise(&mut x, &norm, &mut left);
            assert_eq!(left.rows(), 3);
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
    for size in [5, 32, 40] {
        let heads = Heads { count: 2, size };
        let lengths = [1, 2, 31, 33, 70];
        let tokens: usize = lengths.iter().sum();
        let fused: Vec<f32> = numbers(tokens * 6 * size, 8).iter().map(|x| x * 2.0).collect();
        for kernel in kernels() {
            let out = attend(kernel, &fused, &lengths, heads);
            let exact = kernel.attention_precision(heads) == Precision::F32;
            let bound = if exact { 1e-5 } else { 3e-2 };
            let mut first = 0;
            for length in lengths {
                let fused = &fused[first * 6 * size..(first + length) * 6 * size];
                let out = &out[first * 2 * size..(first + length) * 2 * size];
                for (place, value) in out.iter().enumerate() {
                    let (query, column) = (place / (2 * size), place % (2 * size));
                    let exact = attention(fused, heads, query, column);
                    let error = (f64::from(*value) - exact).abs();
                    assert!(error < bound, "{kernel:?}, {length}: {value} {exact}");
                }
                first += length;
            }
        }
    }
}

#[test]
fn large_scores_do_not_overflow() {
    let heads = Heads { count: 1, size: 32 };
    let fused: Vec<f32> = numbers(40 * 96, 8).iter().map(|x| x * 1e3).collect();
    for kernel in kernels() {
        let out = attend(kernel, &fused, &[40], heads);
        assert!(out.iter().all(|x| x.abs() <= 1.01e3), "{kernel:?}");
    }
}

/// Attention over queries, keys and values as they come from the model, the queries not yet divided.
fn attend(kernel: Kernel, fused: &[f32], lengths: &[usize], heads: Heads) -> Vec<f32> {
    let hidden = heads.count * heads.size;
    let factor = 1.0 / (heads.size as f32).sqrt();
    let rows: Vec<f32> = fused
        .chunks(hidden)
        .enumerate()
        .flat_map(|(part, row)| {
            row.iter().map(move |x| if part % 3 == 0 { x * factor } else { *x })
        })
        .collect();
    let choice = KernelChoice {
        instructions: Some(Instructions::Portable),
        precision: Some(kernel.attention_precision(heads)),
    };
    let mut left = Left::default();
    choice.kernel().unwrap().convert(&rows, 3 * hidden, &mut left);
    let mut out = vec![f32::NAN; fused.len() / 3];
    let sequences = Sequences { fused: &left, lengths, heads };
    kernel.attend(&mut Attention::default(), sequences, None, Target::Rows(&mut out));
    out
}

/// One number of the result of attention, by the formula.
fn attention(fused: &[f32], heads: Heads, query: usize, column: usize) -> f64 {
    let Heads { count, size } = heads;
    let head = column / size;
    let at = |token: usize, part: usize, i: usize| {
        f64::from(fused[(token * 3 + part) * count * size + head * size + i])
    };
    let length = fused.len() / (3 * count * size);
    let score = |key| {
        (0..size).map(|i| at(query, 0, i) * at(key, 1, i)).sum::<f64>() / (size as f64).sqrt()
    };
    let weights: Vec<f64> = (0..length).map(|key| score(key).exp()).collect();
    let gathered =
        weights.iter().enumerate().map(|(key, weight)| weight * at(key, 2, column % size));
    gathered.sum::<f64>() / weights.iter().sum::<f64>()
}
