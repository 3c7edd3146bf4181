//! Percentile intervals from resampled documents.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::metrics::Counts;
use super::report::Interval;

/// Samples drawn.
const REPLICATES: usize = 1000;
/// The seed of every bootstrap: the same counts give the same interval.
const SEED: u64 = 1979;

/// Values of statistics under resampling of documents.
///
/// `documents` holds for each document its counts for each pole. Whole documents are drawn with
/// replacement, because sentences of one document are alike and would make the intervals too narrow
/// (Efron & Tibshirani 1993, An introduction to the bootstrap, ch. 8 and 13). `statistics` are computed
/// from the sums of a sample.
pub(super) fn intervals<const N: usize>(
    documents: &[Vec<Counts>],
    n_poles: usize,
    statistics: impl Fn(&[Counts]) -> [f64; N],
) -> [Interval; N] {
    let sum = |sample: &mut dyn Iterator<Item = &Vec<Counts>>| {
        sample.fold(vec![Counts::default(); n_poles], |sums, document| {
            sums.into_iter().zip(document).map(|(sum, more)| sum.plus(*more)).collect()
        })
    };
    let point = statistics(&sum(&mut documents.iter()));
    if documents.is_empty() {
        return point.map(|value| Interval { value, low: value, high: value });
    }
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut samples = vec![Vec::with_capacity(REPLICATES); N];
    for _ in 0..REPLICATES {
        let mut drawn =
            (0..documents.len()).map(|_| &documents[rng.random_range(0..documents.len())]);
        for (values, value) in samples.iter_mut().zip(statistics(&sum(&mut drawn))) {
            values.push(value);
        }
    }
    let mut index = 0;
    point.map(|value| {
        let values = &mut samples[index];
        index += 1;
        values.sort_by(f64::total_cmp);
        Interval {
            value,
            low: values[REPLICATES / 40],
            high: values[REPLICATES - 1 - REPLICATES / 40],
        }
    })
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;

    fn document(true_positive: u64, false_positive: u64) -> Vec<Counts> {
        vec![Counts { true_positive, false_positive, false_negative: 0 }]
    }

    #[test]
    fn the_interval_of_a_share_is_about_two_standard_errors() {
        let documents: Vec<_> =
            (0..400).map(|i| document(u64::from(i % 4 != 0), u64::from(i % 4 == 0))).collect();
        let [precision] = intervals(&documents, 1, |sums| [sums[0].precision()]);
        assert_eq!(precision.value, 0.75);
        let half_width = 1.96 * (0.75 * 0.25 / 400.0f64).sqrt();
        assert!((precision.high - precision.value - half_width).abs() < 0.01, "{precision:?}");
        assert!((precision.value - precision.low - half_width).abs() < 0.01, "{precision:?}");
        assert_eq!(intervals(&documents, 1, |sums| [sums[0].precision()]), [precision]);
    }

    #[test]
    fn documents_are_drawn_whole() {
        let few: Vec<_> = (0..8).map(|i| document(50 * (i % 2), 50 * (1 - i % 2))).collect();
        let [precision] = intervals(&few, 1, |sums| [sums[0].precision()]);
        assert!(
            precision.high - precision.low > 0.5,
            "eight documents are eight draws: {precision:?}"
        );
    }

    #[test]
    fn nothing_has_an_interval_of_nothing() {
        let [f1] = intervals(&[], 1, |sums| [sums[0].f1()]);
        assert_eq!((f1.low, f1.high), (0.0, 0.0));
    }
}
