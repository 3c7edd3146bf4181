//! Elementary functions on vectors, with stated errors.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for its instructions"
)]

use pulp::Simd;

use super::Activation;

/// Adding 1.5 · 2²³ rounds to a whole number, which then stands in the lowest bits.
pub(super) const ROUND: f32 = 12_582_912.0;

/// Beyond this, erf(x/√2) is ±1 to within 1.6e-7.
const ERF_BOUND: f32 = 5.25;

/// erf(x/√2)/x as a polynomial in `2x²/5.25² − 1`, lowest power first; fitted by `models/parity/fit_gelu.py`.
const ERF: [f32; 15] = [
    2.693_187e-1,
    -1.342_536_2e-1,
    9.929_144_4e-2,
    -7.952_721e-2,
    6.406_505e-2,
    -5.008_061e-2,
    3.706_333_4e-2,
    -2.556_241e-2,
    1.687_820_6e-2,
    -1.087_611_9e-2,
    5.719_037e-3,
    -2.096_530_5e-3,
    1.379_447_9e-3,
    -1.307_612_8e-3,
    4.650_631e-4,
];

/// Beyond this, Φ(x) is 0 or 1 to within 3.2e-5.
const COARSE_BOUND: f32 = 4.0;

/// (Φ(x) − ½)/x as a polynomial in x², lowest power first; the minimax fit of `models/parity/fit_gelu.py`.
const COARSE_PHI: [f32; 7] = [
    3.978_703e-1,
    -6.455_443e-2,
    8.763_699e-3,
    -8.121_89e-4,
    4.776_403e-5,
    -1.588_834_1e-6,
    2.258_834_1e-8,
];

/// 2ˣ for |x| ≤ ½ to within 7.5e-5 of itself, lowest power first; the minimax fit of `models/parity/fit_gelu.py`.
const COARSE_POWER: [f32; 4] = [9.999_28e-1, 6.932_61e-1, 2.426_113_7e-1, 5.517_177_5e-2];

/// Taylor coefficients of eˣ, lowest power first: for |x| ≤ ln 2 / 2 what is left out is below 6e-9.
const EXP: [f32; 8] =
    [1.0, 1.0, 1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0];

/// Applies `activation` to each lane.
#[inline(always)]
pub(super) fn activate<S: Simd>(simd: S, activation: Activation, x: S::f32s) -> S::f32s {
    let one = simd.splat_f32s(1.0);
    match activation {
        Activation::Identity => x,
        Activation::Gelu => gelu(simd, x),
        Activation::CoarseGelu => coarse_gelu(simd, x),
        Activation::Relu => simd.max_f32s(x, simd.splat_f32s(0.0)),
        Activation::Silu => simd.div_f32s(x, simd.add_f32s(one, exp(simd, simd.neg_f32s(x)))),
        Activation::Tanh => tanh(simd, x),
        Activation::GeluTanh => {
            // √(2/π) · (x + 0.044715 x³), after Hendrycks & Gimpel, arXiv:1606.08415.
            let cube = simd.mul_f32s(simd.mul_f32s(x, x), x);
            let inner = simd.mul_add_e_f32s(simd.splat_f32s(0.044_715), cube, x);
            let bell = tanh(simd, simd.mul_f32s(simd.splat_f32s(0.797_884_6), inner));
            simd.mul_f32s(simd.mul_f32s(simd.splat_f32s(0.5), x), simd.add_f32s(one, bell))
        }
    }
}

/// `x · (1 + erf(x/√2)) / 2` with an absolute error below 1e-6 (7e-7 measured against double precision).
#[inline(always)]
pub(super) fn gelu<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let half = simd.mul_f32s(simd.splat_f32s(0.5), x);
    simd.mul_add_e_f32s(half, erf(simd, x), half)
}

/// `x · Φ(x)` with an absolute error below 2.1e-4 for |x| ≤ 4 and below 3.3e-5 · |x| beyond: less than the
/// rounding to bf16 that follows it makes at 0.11 and more.
#[inline(always)]
fn coarse_gelu<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let bound = simd.splat_f32s(COARSE_BOUND);
    let near = simd.max_f32s(simd.neg_f32s(bound), simd.min_f32s(bound, x));
    let slope = polynomial(simd, &COARSE_PHI, simd.mul_f32s(near, near));
    simd.mul_f32s(x, simd.mul_add_e_f32s(near, slope, simd.splat_f32s(0.5)))
}

/// eˣ for `-87 ≤ x ≤ 0` with a relative error below 8.5e-5; e⁻⁸⁷ below that range.
#[inline(always)]
pub(super) fn coarse_exp<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let x = simd.max_f32s(simd.splat_f32s(-87.0), x);
    let scaled = simd.mul_f32s(x, simd.splat_f32s(std::f32::consts::LOG2_E));
    let shifted = simd.add_f32s(scaled, simd.splat_f32s(ROUND));
    let rest = simd.sub_f32s(scaled, simd.sub_f32s(shifted, simd.splat_f32s(ROUND)));
    simd.mul_f32s(polynomial(simd, &COARSE_POWER, rest), power_of_two(simd, shifted))
}

/// erf(x/√2) with an absolute error below 3e-7.
#[inline(always)]
fn erf<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let bound = simd.splat_f32s(ERF_BOUND);
    let near = simd.max_f32s(simd.neg_f32s(bound), simd.min_f32s(bound, x));
    let scale = simd.splat_f32s(2.0 / (ERF_BOUND * ERF_BOUND));
    let t = simd.mul_add_e_f32s(simd.mul_f32s(near, near), scale, simd.splat_f32s(-1.0));
    let value = simd.mul_f32s(near, polynomial(simd, &ERF, t));
    // Outside the bound the value must be ±1 exactly, or its error would grow with x in GELU.
    let sign = simd.select_f32s(
        simd.less_than_f32s(x, simd.splat_f32s(0.0)),
        simd.splat_f32s(-1.0),
        simd.splat_f32s(1.0),
    );
    simd.select_f32s(simd.less_than_f32s(simd.abs_f32s(x), bound), value, sign)
}

/// eˣ with a relative error below 3e-7; e⁻⁸⁷ and e⁸⁸ outside of that range.
#[inline(always)]
pub(super) fn exp<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let x = simd.max_f32s(simd.splat_f32s(-87.0), simd.min_f32s(simd.splat_f32s(88.0), x));
    let shifted =
        simd.mul_add_e_f32s(x, simd.splat_f32s(std::f32::consts::LOG2_E), simd.splat_f32s(ROUND));
    let whole = simd.sub_f32s(shifted, simd.splat_f32s(ROUND));
    // ln 2 in two parts (Cody & Waite, 1980), the first with zeros at its end so that the product is exact.
    let rest = simd.mul_add_e_f32s(whole, simd.splat_f32s(-0.693_359_4), x);
    let rest = simd.mul_add_e_f32s(whole, simd.splat_f32s(2.121_944_4e-4), rest);
    simd.mul_f32s(polynomial(simd, &EXP, rest), power_of_two(simd, shifted))
}

/// 2ⁿ, where [`ROUND`] has been added to n.
#[inline(always)]
fn power_of_two<S: Simd>(simd: S, shifted: S::f32s) -> S::f32s {
    let exponent =
        simd.wrapping_dyn_shl_u32s(simd.transmute_u32s_f32s(shifted), simd.splat_u32s(23));
    simd.transmute_f32s_u32s(simd.add_u32s(exponent, simd.splat_u32s(127 << 23)))
}

/// Hyperbolic tangent with an absolute error below 5e-7.
#[inline(always)]
fn tanh<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let one = simd.splat_f32s(1.0);
    let e = exp(simd, simd.add_f32s(x, x));
    let share = simd.div_f32s(simd.splat_f32s(2.0), simd.add_f32s(e, one));
    simd.sub_f32s(one, share)
}

/// Horner's rule.
#[inline(always)]
fn polynomial<S: Simd, const N: usize>(simd: S, coefficients: &[f32; N], x: S::f32s) -> S::f32s {
    let mut value = simd.splat_f32s(coefficients[N - 1]);
    for &coefficient in coefficients[..N - 1].iter().rev() {
        value = simd.mul_add_e_f32s(value, x, simd.splat_f32s(coefficient));
    }
    value
}
