//! Scores of binary decisions and probabilities.

use serde::Serialize;

/// Decisions against the truth, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Found and true.
    pub true_positive: u64,
    /// Found but not true.
    pub false_positive: u64,
    /// True but not found.
    pub false_negative: u64,
}

impl Counts {
    /// Counts one decision.
    pub fn add(&mut self, found: bool, truth: bool) {
        self.true_positive += u64::from(found && truth);
        self.false_positive += u64::from(found && !truth);
        self.false_negative += u64::from(!found && truth);
    }

    /// The sum of two counts.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            true_positive: self.true_positive + other.true_positive,
            false_positive: self.false_positive + other.false_positive,
            false_negative: self.false_negative + other.false_negative,
        }
    }

    /// The counts of that many like it.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        let times = u64::from(times);
        Self {
            true_positive: self.true_positive * times,
            false_positive: self.false_positive * times,
            false_negative: self.false_negative * times,
        }
    }

    /// How many are true.
    pub fn support(self) -> u64 {
        self.true_positive + self.false_negative
    }

    /// Share of the found that are true; 0 when nothing is found.
    pub fn precision(self) -> f64 {
        ratio(self.true_positive, self.true_positive + self.false_positive)
    }

    /// Share of the true that are found; 0 when nothing is true.
    pub fn recall(self) -> f64 {
        ratio(self.true_positive, self.support())
    }

    /// `2·tp / (2·tp + fp + fn)`; 0 when nothing is found and nothing true.
    pub fn f1(self) -> f64 {
        let found = 2 * self.true_positive;
        ratio(found, found + self.false_positive + self.false_negative)
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Bins of [`expected_calibration_error`].
pub const CALIBRATION_BINS: usize = 10;

/// The bin of a probability. The cast saturates, so a probability that is no number counts in the first one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10")]
pub(crate) fn calibration_bin(p: f64) -> usize {
    ((p * CALIBRATION_BINS as f64) as usize).min(CALIBRATION_BINS - 1)
}

/// Expected calibration error: the mean distance of stated probability and observed share over ten bins
/// of equal width, weighted by the bins' sizes (Guo, C., Pleiss, G., Sun, Y. & Weinberger, K. Q.
/// (2017): On calibration of modern neural networks). 0 for no data.
pub fn expected_calibration_error(probabilities: &[f64], truth: &[bool]) -> f64 {
    let mut bins = [(0.0, 0.0); CALIBRATION_BINS];
    for (p, truth) in probabilities.iter().zip(truth) {
        let bin = calibration_bin(*p);
        bins[bin].0 += p;
        bins[bin].1 += f64::from(*truth);
    }
    let gaps: f64 = bins.iter().map(|(stated, observed)| (stated - observed).abs()).sum();
    gaps / probabilities.len().max(1) as f64
}

/// Area under the precision-recall curve as average precision, `Σ (Rₙ − Rₙ₋₁)·Pₙ` over the distinct
/// scores from the highest down; equal scores are taken together. 0 when nothing is true.
pub fn average_precision(scores: &[f64], truth: &[bool]) -> f64 {
    let positives = truth.iter().filter(|truth| **truth).count();
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    let (mut found, mut seen, mut area) = (0usize, 0usize, 0.0);
    for tie in order.chunk_by(|a, b| scores[*a].total_cmp(&scores[*b]).is_eq()) {
        let more = tie.iter().filter(|row| truth[**row]).count();
        found += more;
        seen += tie.len();
        area += more as f64 * found as f64 / seen as f64;
    }
    area / positives.max(1) as f64
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;

    #[test]
    fn scores_by_hand() {
        let mut counts = Counts::default();
        for (found, truth) in
            [(true, true), (true, false), (false, true), (true, true), (false, false)]
        {
            counts.add(found, truth);
        }
        assert_eq!(counts, Counts { true_positive: 2, false_positive: 1, false_negative: 1 });
        assert_eq!(
            (counts.precision(), counts.recall(), counts.f1()),
            (2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0)
        );
        assert_eq!(Counts::default().f1(), 0.0);
    }

    #[test]
    fn calibration_error_by_hand() {
        assert_eq!(expected_calibration_error(&[1.0, 0.0], &[true, false]), 0.0);
        let error =
            expected_calibration_error(&[0.9, 0.92, 0.1, 0.12], &[true, false, false, false]);
        assert!((error - (0.82 + 0.22) / 4.0).abs() < 1e-12);
    }

    #[test]
    fn average_precision_by_hand() {
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} is not {b}");
        close(average_precision(&[0.9, 0.8, 0.7], &[true, false, true]), 5.0 / 6.0);
        close(average_precision(&[0.5; 4], &[true, false, false, false]), 0.25);
        close(average_precision(&[0.1, 0.9], &[false, false]), 0.0);
    }
}
