//! Platt scaling: from the margin of a linear model to a probability; and when a probability is too unsure to
//! decide.

use serde::{Deserialize, Serialize};

/// `p = 1 / (1 + exp(-(slope · margin + intercept)))`.
///
/// Platt, J. (1999): Probabilistic outputs for support vector machines and comparisons to regularized
/// likelihood methods. In: Advances in large margin classifiers, 61–74. The signs are those of logistic
/// regression.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platt {
    /// Never negative, so that a higher margin never lowers the probability.
    pub slope: f64,
    /// The log-odds at margin zero.
    pub intercept: f64,
}

impl Platt {
    /// Leaves margins as they are: the logistic function alone.
    pub const IDENTITY: Self = Self { slope: 1.0, intercept: 0.0 };

    /// The probability for `margin`, in 0..=1; not a number where the margin is none.
    pub fn probability(self, margin: f64) -> f64 {
        logistic(self.slope.mul_add(margin, self.intercept))
    }
}

/// The logistic function, without overflow at either end.
pub(crate) fn logistic(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}

/// The probabilities, first and last, at which a decision by `threshold` is wrong with a probability
/// above `error` (at most ½): finding nothing is, from `error` on, and finding something is, up to `1 −
/// error`.
///
/// Chow, C. K. (1970): On optimum recognition error and reject tradeoff. IEEE Transactions on
/// Information Theory 16, 41–46.
pub(crate) fn unsure_band(threshold: f64, error: f64) -> (f64, f64) {
    (threshold.min(error), threshold.max(1.0 - error))
}

/// How the margin of a pole becomes a probability and a decision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    /// From margin to probability.
    pub calibration: Platt,
    /// The least probability that counts as support.
    pub threshold: f64,
    /// The decision is unsure between these two, both included.
    pub unsure: (f64, f64),
}

impl Decision {
    /// A decision that is unsure where it is wrong with a probability above `abstain_error`, 0..=0.5.
    pub fn new(calibration: Platt, threshold: f64, abstain_error: f64) -> Self {
        Self { calibration, threshold, unsure: unsure_band(threshold, abstain_error) }
    }

    /// Also true of a probability that is no number.
    pub fn is_unsure(self, p: f64) -> bool {
        !(p < self.unsure.0 || p > self.unsure.1)
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn extreme_margins_stay_probabilities() {
        assert_eq!(Platt::IDENTITY.probability(0.0), 0.5);
        assert_eq!(Platt::IDENTITY.probability(1e300), 1.0);
        assert_eq!(Platt::IDENTITY.probability(-1e300), 0.0);
        assert!(Platt::IDENTITY.probability(f64::NAN).is_nan());
    }

    #[test]
    fn the_band_holds_the_threshold() {
        assert_eq!(unsure_band(0.4, 0.3), (0.3, 0.7));
        assert_eq!(unsure_band(0.2, 0.3), (0.2, 0.7));
        assert_eq!(unsure_band(0.9, 0.25), (0.25, 0.9));
    }

    proptest! {
        #[test]
        fn calibration_is_monotone_and_bounded(
            slope in 0.0..50.0f64, intercept in -20.0..20.0f64, a in -100.0..100.0f64, b in -100.0..100.0f64,
        ) {
            let platt = Platt { slope, intercept };
            let (low, high) = (platt.probability(a.min(b)), platt.probability(a.max(b)));
            prop_assert!((0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high));
            prop_assert!(low <= high);
        }
    }
}
