//! Minimises a smooth function of many variables from its value and gradient: limited-memory BFGS of the crate `argmin`
//! (Nocedal, J. & Wright, S. J. (2006): Numerical optimization, 2nd ed., algorithms 7.4 and 7.5) with the line search of
//! Moré & Thuente (1994). Everything runs in f64 in a fixed order, so the same function gives the same bits.

use std::cell::RefCell;

use argmin::core::{CostFunction, Error, Executor, Gradient};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;

/// Corrections remembered.
const MEMORY: usize = 10;

/// Minimises `objective`, which writes its gradient into the second argument and returns its value, from `start` until
/// the gradient is no longer than `tolerance`, nothing is gained any more or `max_iterations` have passed. Gives the best
/// point seen; `start` where the function has no number there.
pub(super) fn minimise(
    objective: impl FnMut(&[f64], &mut [f64]) -> f64,
    start: Vec<f64>,
    tolerance: f64,
    max_iterations: u64,
) -> Vec<f64> {
    let problem = Problem(RefCell::new(Search { objective, last: None, best: None }));
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), MEMORY)
        .with_tolerance_grad(tolerance)
        .and_then(|solver| solver.with_tolerance_cost(0.0))
        .expect("tolerances are not negative");
    let run = Executor::new(&problem, solver)
        .configure(|state| state.param(start.clone()).max_iters(max_iterations))
        .timer(false)
        .run();
    // A search that fails has reached the limit of precision, or a point without a number: the best one stands.
    drop(run);
    problem.0.into_inner().best.map_or(start, |best| best.at)
}

/// What `argmin` asks for as two functions, computed in one go.
struct Problem<F>(RefCell<Search<F>>);

struct Search<F> {
    objective: F,
    last: Option<Point>,
    best: Option<Point>,
}

#[derive(Clone)]
struct Point {
    at: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
}

impl<F: FnMut(&[f64], &mut [f64]) -> f64> Search<F> {
    /// # Errors
    /// Where the function has no number: the line search would not come back from there.
    fn look(&mut self, at: &[f64]) -> Result<&Point, Error> {
        if self.last.as_ref().is_none_or(|last| last.at != at) {
            let mut gradient = vec![0.0; at.len()];
            let value = (self.objective)(at, &mut gradient);
            if !value.is_finite() {
                return Err(Error::msg("the function has no number here"));
            }
            let point = Point { at: at.to_vec(), value, gradient };
            if self.best.as_ref().is_none_or(|best| value < best.value) {
                self.best = Some(point.clone());
            }
            self.last = Some(point);
        }
        Ok(self.last.as_ref().expect("it was just set"))
    }
}

impl<F: FnMut(&[f64], &mut [f64]) -> f64> CostFunction for &Problem<F> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, at: &Self::Param) -> Result<f64, Error> {
        self.0.borrow_mut().look(at).map(|point| point.value)
    }
}

impl<F: FnMut(&[f64], &mut [f64]) -> f64> Gradient for &Problem<F> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, at: &Self::Param) -> Result<Self::Gradient, Error> {
        self.0.borrow_mut().look(at).map(|point| point.gradient.clone())
    }
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
    fn where_the_function_has_no_number_the_search_ends() {
        let nowhere = |_: &[f64], g: &mut [f64]| {
            g.fill(1.0);
            f64::NAN
        };
        assert_eq!(minimise(nowhere, vec![0.5; 3], 1e-9, 50), [0.5; 3]);
        // Downhill leads to where the square root ends.
        let edge = |x: &[f64], g: &mut [f64]| {
            g[0] = 0.5 / x[0].sqrt();
            x[0].sqrt()
        };
        let found = minimise(edge, vec![4.0], 1e-9, 50);
        assert!(found[0] <= 4.0 && found[0] >= 0.0, "{found:?}");
    }
}
