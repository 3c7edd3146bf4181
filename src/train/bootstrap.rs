//! Percentile intervals from resampled documents.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::metrics::Counts;
use super::report::Interval;

/// Samples drawn.
pub(crate) const REPLICATES: usize = 1000;
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
    let sums = |draw: &[u32]| {
        let counted = documents.iter().zip(draw).filter(|(_, times)| **times > 0);
        let sums = counted.fold(vec![Counts::default(); n_poles], |sums, (document, times)| {
            sums.into_iter().zip(document).map(|(sum, more)| sum.plus(more.times(*times))).collect()
        });
        statistics(&sums)
    };
    let point = sums(&vec![1; documents.len()]);
    let samples: Vec<[f64; N]> = draws(documents.len()).map(|draw| sums(&draw)).collect();
    let mut index = 0;
    point.map(|value| {
        let values = samples.iter().map(|sample| sample[index]).collect();
        index += 1;
        percentiles(value, values)
    })
}

/// For each of [`REPLICATES`] samples how often it holds each of `n` documents, drawn with replacement; no sample of
/// no documents. The same for the same `n`, so that whatever is counted in two ways is counted on the same samples.
pub(crate) fn draws(n: usize) -> impl Iterator<Item = Vec<u32>> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let replicates = if n == 0 { 0 } else { REPLICATES };
    (0..replicates).map(move |_| {
        let mut times = vec![0; n];
        (0..n).for_each(|_| times[rng.random_range(0..n)] += 1);
        times
    })
}

/// `value` with the 2.5 % and 97.5 % points of its samples; itself where there are none.
pub(crate) fn percentiles(value: f64, mut samples: Vec<f64>) -> Interval {
    samples.sort_by(f64::total_cmp);
    let tail = samples.len() / 40;
    let low = samples.get(tail).copied().unwrap_or(value);
    let high = samples.iter().rev().nth(tail).copied().unwrap_or(value);
    Interval { value, low, high }
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
