//! Where an actor stands on an axis: the log-odds of its statements.

/// A position on the logit scale: 0 is balanced, negative is towards the axis's first pole, positive
/// towards the second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// The estimate.
    pub position: f64,
    /// Lower end of the 95 % interval.
    pub conf_low: f64,
    /// Upper end of the 95 % interval.
    pub conf_high: f64,
}

/// The 97.5 % quantile of the standard normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;

/// The position of an actor with `n_first` statements for the first and `n_second` for the second pole
/// of an axis; `None` when there are no statements. A statement for both poles counts once on each
/// side.
///
/// ```text
/// position = ln((n_second + ½) / (n_first + ½))
/// variance = 1 / (n_second + ½) + 1 / (n_first + ½)
/// interval = position ± 1.96 · √variance
/// ```
///
/// Lowe, W., Benoit, K., Mikhaylov, S. & Laver, M. (2011): Scaling policy preferences from coded
/// political texts. Legislative Studies Quarterly 36(1), 123–155 (θ with the ½ correction); the
/// variance of the empirical logit is that of Gart, J. J. & Zweifel, J. R. (1967): On the bias of
/// various estimators of the logit and its variance. Biometrika 54, 181–187. The ½ pulls small counts
/// towards the centre, so for actors whose true balance is beyond about 20 : 1 few statements cannot
/// show how extreme they are. In simulation (see the tests) the interval holds the truth in at least 92
/// % of cases, but in as few as 87 % for ten statements or fewer at odds beyond 5 : 1. It covers the
/// sampling of statements only, not the errors of whoever coded them.
pub fn log_odds(n_first: u64, n_second: u64) -> Option<Position> {
    if n_first == 0 && n_second == 0 {
        return None;
    }
    let (first, second) = (n_first as f64 + 0.5, n_second as f64 + 0.5);
    let position = (second / first).ln();
    let half_width = Z_95 * (first.recip() + second.recip()).sqrt();
    Some(Position { position, conf_low: position - half_width, conf_high: position + half_width })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn no_statements_give_no_position() {
        assert_eq!(log_odds(0, 0), None);
    }

    #[test]
    fn the_formula_by_hand() {
        let found = log_odds(2, 7).unwrap();
        assert!((found.position - 3.0f64.ln()).abs() < 1e-12);
        let half_width = 1.959_964 * (1.0 / 2.5 + 1.0 / 7.5f64).sqrt();
        assert!((found.conf_high - found.position - half_width).abs() < 1e-6);
    }

    /// Share of 4,000 simulated actors whose interval holds their true log-odds.
    fn coverage(n: u64, odds: f64, rng: &mut ChaCha8Rng) -> f64 {
        let p = odds / (1.0 + odds);
        let covered = (0..4_000).filter(|_| {
            let second = (0..n).filter(|_| rng.random_bool(p)).count() as u64;
            let found = log_odds(n - second, second).expect("there are statements");
            (found.conf_low..=found.conf_high).contains(&odds.ln())
        });
        covered.count() as f64 / 4_000.0
    }

    #[test]
    fn intervals_cover_the_truth_as_often_as_they_say() {
        let mut rng = ChaCha8Rng::seed_from_u64(2011);
        for n in [5, 10, 30, 100, 300] {
            for odds in [1.0 / 15.0, 1.0 / 4.0, 1.0, 3.0, 9.0] {
                let share = coverage(n, odds, &mut rng);
                let least = if n <= 10 && !(0.2..=5.0).contains(&odds) { 0.86 } else { 0.92 };
                assert!(share >= least, "{n} statements at odds {odds}: only {share} covered");
                assert!(
                    n < 100 || share <= 0.98,
                    "{n} statements at odds {odds}: {share} is too wide"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn swapping_the_poles_mirrors_the_position(a in 0u64..10_000, b in 0u64..10_000) {
            prop_assume!(a + b > 0);
            let (here, there) = (log_odds(a, b).unwrap(), log_odds(b, a).unwrap());
            prop_assert!((here.position + there.position).abs() < 1e-12);
            prop_assert!((here.conf_low + there.conf_high).abs() < 1e-9);
            prop_assert!(here.conf_low < here.position && here.position < here.conf_high);
        }
    }
}
