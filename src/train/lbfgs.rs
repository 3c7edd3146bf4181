//! Limited-memory BFGS: minimises a smooth function of many variables from its value and gradient.
//!
//! Nocedal, J. & Wright, S. J. (2006): Numerical optimization, 2nd ed., algorithms 7.4 and 7.5, with a
//! line search that backtracks and widens until the (weak) Wolfe conditions hold. Everything runs in
//! f64 in a fixed order, so the same function gives the same bits.

use std::collections::VecDeque;

/// Corrections remembered.
const MEMORY: usize = 10;
/// Sufficient decrease (Armijo).
const DECREASE: f64 = 1e-4;
/// Sufficient flattening (Wolfe).
const CURVATURE: f64 = 0.9;
/// Trials of one line search.
const MAX_TRIALS: usize = 40;

/// One correction: a step, the change of the gradient along it, and `1 / (step · change)`.
struct Correction {
    step: Vec<f64>,
    change: Vec<f64>,
    rho: f64,
}

/// Minimises `objective`, which writes its gradient into the second argument and returns its value,
/// from `start` until the largest component of the gradient is at most `tolerance` or `max_iterations`
/// have passed. Gives the last point.
pub(super) fn minimise(
    mut objective: impl FnMut(&[f64], &mut [f64]) -> f64,
    start: Vec<f64>,
    tolerance: f64,
    max_iterations: usize,
) -> Vec<f64> {
    let mut point = start;
    let mut gradient = vec![0.0; point.len()];
    let mut value = objective(&point, &mut gradient);
    let mut memory: VecDeque<Correction> = VecDeque::with_capacity(MEMORY);
    for _ in 0..max_iterations {
        if largest(&gradient) <= tolerance {
            break;
        }
        let direction = direction(&gradient, &memory);
        let first = if memory.is_empty() { 1.0 / norm(&gradient).max(1.0) } else { 1.0 };
        let here = Point { at: &point, value, slope: dot(&gradient, &direction) };
        let Some(next) = search(&mut objective, &here, &direction, first) else { break };
        remember(&mut memory, &point, &gradient, &next);
        (point, value, gradient) = (next.at, next.value, next.gradient);
    }
    point
}

struct Point<'a> {
    at: &'a [f64],
    value: f64,
    slope: f64,
}

struct Trial {
    at: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
}

/// A point along `direction` that satisfies the weak Wolfe conditions, by bisection (Lewis & Overton
/// 2013, algorithm 2.6); `None` when none is found, which happens only at the limit of precision.
fn search(
    objective: &mut impl FnMut(&[f64], &mut [f64]) -> f64,
    here: &Point<'_>,
    direction: &[f64],
    first: f64,
) -> Option<Trial> {
    let (mut low, mut high, mut length) = (0.0, f64::INFINITY, first);
    let mut gradient = vec![0.0; direction.len()];
    for _ in 0..MAX_TRIALS {
        let at: Vec<f64> = here.at.iter().zip(direction).map(|(x, d)| x + length * d).collect();
        let value = objective(&at, &mut gradient);
        let enough = here.value + DECREASE * length * here.slope;
        if value.is_nan() || value > enough {
            high = length;
        } else if dot(&gradient, direction) < CURVATURE * here.slope {
            low = length;
        } else {
            return Some(Trial { at, value, gradient });
        }
        length = if high.is_finite() { f64::midpoint(low, high) } else { 2.0 * low };
    }
    None
}

fn remember(memory: &mut VecDeque<Correction>, point: &[f64], gradient: &[f64], next: &Trial) {
    let step: Vec<f64> = next.at.iter().zip(point).map(|(new, old)| new - old).collect();
    let change: Vec<f64> = next.gradient.iter().zip(gradient).map(|(new, old)| new - old).collect();
    let curvature = dot(&step, &change);
    if curvature <= f64::EPSILON * norm(&step) * norm(&change) {
        return;
    }
    if memory.len() == MEMORY {
        memory.pop_front();
    }
    memory.push_back(Correction { step, change, rho: curvature.recip() });
}

/// The two-loop recursion: minus the approximate inverse Hessian times the gradient.
fn direction(gradient: &[f64], memory: &VecDeque<Correction>) -> Vec<f64> {
    let mut q: Vec<f64> = gradient.iter().map(|g| -g).collect();
    let mut alphas = Vec::with_capacity(memory.len());
    for correction in memory.iter().rev() {
        let alpha = correction.rho * dot(&correction.step, &q);
        add(&mut q, -alpha, &correction.change);
        alphas.push(alpha);
    }
    if let Some(last) = memory.back() {
        let scale = (last.rho * dot(&last.change, &last.change)).recip();
        for value in &mut q {
            *value *= scale;
        }
    }
    for (correction, alpha) in memory.iter().zip(alphas.iter().rev()) {
        let beta = correction.rho * dot(&correction.change, &q);
        add(&mut q, alpha - beta, &correction.step);
    }
    q
}

fn add(target: &mut [f64], factor: f64, other: &[f64]) {
    for (value, more) in target.iter_mut().zip(other) {
        *value += factor * more;
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

fn largest(a: &[f64]) -> f64 {
    a.iter().fold(0.0, |most, value| most.max(value.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quadratic_is_solved() {
        let objective = |x: &[f64], g: &mut [f64]| {
            (0..x.len())
                .map(|i| {
                    let (scale, residual) = ((i + 1) as f64, x[i] - i as f64);
                    g[i] = 2.0 * scale * residual;
                    scale * residual * residual
                })
                .sum()
        };
        let found = minimise(objective, vec![5.0; 30], 1e-9, 200);
        assert!(found.iter().enumerate().all(|(i, x)| (x - i as f64).abs() < 1e-8));
    }

    #[test]
    fn the_rosenbrock_valley_is_followed() {
        let objective = |x: &[f64], g: &mut [f64]| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            g[0] = -2.0 * a - 400.0 * x[0] * b;
            g[1] = 200.0 * b;
            a * a + 100.0 * b * b
        };
        let found = minimise(objective, vec![-1.2, 1.0], 1e-8, 200);
        assert!((found[0] - 1.0).abs() < 1e-6 && (found[1] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_function_that_is_never_a_number_ends_the_search() {
        let found = minimise(
            |_, g| {
                g.fill(1.0);
                f64::NAN
            },
            vec![0.0; 3],
            1e-9,
            50,
        );
        assert!(found.iter().all(|x| *x == 0.0));
    }
}
