//! From calibrated probabilities to decisions: the threshold.

use super::metrics::Counts;

/// The threshold with the highest F1 on out-of-fold probabilities: half-way between two neighbouring
/// ones. Among equals the highest, which finds least. Rare poles need it: at one half, probabilities
/// that are honest find almost nothing.
pub(super) fn best_f1(probabilities: &[f64], labels: &[bool]) -> f64 {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|a, b| probabilities[*b].total_cmp(&probabilities[*a]));
    let support = labels.iter().filter(|label| **label).count() as u64;
    let mut counts = Counts { false_negative: support, ..Counts::default() };
    let (mut best, mut threshold) = (0.0, 1.0);
    for (place, row) in order.iter().enumerate() {
        counts.true_positive += u64::from(labels[*row]);
        counts.false_positive += u64::from(!labels[*row]);
        counts.false_negative -= u64::from(labels[*row]);
        let here = probabilities[*row];
        let next = order.get(place + 1).map_or(0.0, |next| probabilities[*next]);
        if next < here && counts.f1() > best {
            best = counts.f1();
            threshold = f64::midpoint(here, next);
        }
    }
    threshold
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;

    #[test]
    fn the_best_threshold_parts_what_can_be_parted() {
        let probabilities = [0.125, 0.25, 0.375, 0.625, 0.875];
        assert_eq!(best_f1(&probabilities, &[false, false, true, true, true]), 0.3125);
        assert_eq!(best_f1(&probabilities, &[true, false, false, false, true]), 0.75);
    }

    #[test]
    fn equal_probabilities_are_not_parted() {
        assert_eq!(best_f1(&[0.5, 0.5, 0.5, 0.25], &[true, false, true, false]), 0.375);
        assert_eq!(best_f1(&[0.5; 3], &[false; 3]), 1.0);
    }
}
