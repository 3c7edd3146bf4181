//! The decisions of one contender on one pole, ready to be counted under any resampling of documents.

use crate::train::Counts;
use crate::train::metrics::calibration_bin;
use crate::train::units::{Decision, Unit};

/// One contender's decisions on one pole.
pub(super) struct PoleDecisions {
    decisions: Vec<(usize, Decision)>,
    /// Places of the decisions from the highest probability down.
    order: Vec<usize>,
}

/// What is computed from them. The two curves are missing where decisions of several poles are added up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PoleScores {
    pub(super) counts: Counts,
    pub(super) f1: f64,
    pub(super) average_precision: Option<f64>,
    pub(super) calibration_error: Option<f64>,
}

impl PoleDecisions {
    /// Those of `units` on pole number `pole`; `document` gives the number of a unit's document.
    pub(super) fn of(pole: usize, units: &[Unit], document: impl Fn(&Unit) -> usize) -> Self {
        let decisions: Vec<(usize, Decision)> = units
            .iter()
            .filter_map(|unit| unit.decisions[pole].map(|decision| (document(unit), decision)))
            .collect();
        let mut order: Vec<usize> = (0..decisions.len()).collect();
        order.sort_by(|a, b| decisions[*b].1.p.total_cmp(&decisions[*a].1.p));
        Self { decisions, order }
    }

    /// For each decision whether it is right.
    pub(super) fn right(&self) -> impl Iterator<Item = bool> + '_ {
        self.decisions.iter().map(|(_, decision)| decision.found == decision.truth)
    }

    /// Each document counted as often as `draw` says.
    pub(super) fn scores(&self, draw: &[u32]) -> PoleScores {
        let counts = self.counts(draw);
        PoleScores {
            counts,
            f1: counts.f1(),
            average_precision: Some(self.average_precision(draw)),
            calibration_error: Some(self.calibration_error(draw)),
        }
    }

    fn counts(&self, draw: &[u32]) -> Counts {
        let mut counts = Counts::default();
        for (document, Decision { truth, found, .. }) in &self.decisions {
            let times = u64::from(draw[*document]);
            counts.true_positive += times * u64::from(*found && *truth);
            counts.false_positive += times * u64::from(*found && !*truth);
            counts.false_negative += times * u64::from(!*found && *truth);
        }
        counts
    }

    /// As [`crate::train::metrics::average_precision`], of the resampled decisions.
    fn average_precision(&self, draw: &[u32]) -> f64 {
        let p = |place: &usize| self.decisions[*place].1.p;
        let (mut found, mut seen, mut area) = (0.0, 0.0, 0.0);
        for tie in self.order.chunk_by(|a, b| p(a).total_cmp(&p(b)).is_eq()) {
            let mut more = 0.0;
            for place in tie {
                let (document, decision) = self.decisions[*place];
                let times = f64::from(draw[document]);
                seen += times;
                more += times * f64::from(u8::from(decision.truth));
            }
            found += more;
            if more > 0.0 {
                area += more * found / seen;
            }
        }
        if found > 0.0 { area / found } else { 0.0 }
    }

    /// As [`crate::train::metrics::expected_calibration_error`], of the resampled decisions.
    fn calibration_error(&self, draw: &[u32]) -> f64 {
        let mut gaps = [0.0; crate::train::metrics::CALIBRATION_BINS];
        let mut seen = 0.0;
        for (document, decision) in &self.decisions {
            let times = f64::from(draw[*document]);
            let truth = f64::from(u8::from(decision.truth));
            gaps[calibration_bin(decision.p)] += times * (decision.p - truth);
            seen += times;
        }
        gaps.iter().map(|gap: &f64| gap.abs()).sum::<f64>() / f64::max(seen, 1.0)
    }
}
