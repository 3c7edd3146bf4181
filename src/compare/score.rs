//! How right each contender is, and whether the difference to the first one is more than chance.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::poles;
use crate::classify::Codebook;
use crate::schedule::Workers;
use crate::train::bootstrap::{self, REPLICATES};
use crate::train::units::{Unit, units};
use crate::train::{Contender, Counts, Interval, LabelSet, Level, Row};
use decisions::{PoleDecisions, PoleScores};

mod decisions;

/// Which units are counted: all, or those with one value of a property.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Slice {
    /// `all`, `corpus`, `actor_type`, `language` or `manner`.
    pub by: &'static str,
    /// The value; empty for all.
    pub value: String,
}

/// How right one contender is on one pole, in one slice of one file.
#[derive(Clone, Debug, Serialize)]
pub struct Score {
    /// The label file's name without folders.
    pub file: String,
    /// What is counted.
    pub level: Level,
    /// Which of it.
    pub slice: Slice,
    /// The pole's id; `micro` for the decisions on all poles together, `macro` for the mean of the poles.
    pub pole: String,
    /// Units counted.
    pub n: usize,
    /// Decisions that are truly positive.
    pub support: u64,
    /// Share of the found that are true; not for `macro`.
    pub precision: Option<Interval>,
    /// Share of the true that are found; not for `macro`.
    pub recall: Option<Interval>,
    /// Harmonic mean of the two.
    pub f1: Interval,
    /// Area under the precision-recall curve; not for `micro`.
    pub average_precision: Option<Interval>,
    /// Expected calibration error over ten bins; not for `micro`.
    pub calibration_error: Option<Interval>,
    /// F1 less that of the first contender; none for that one.
    pub difference: Option<Difference>,
    /// Decisions right here and wrong there; none for the first contender and for `macro`.
    pub mcnemar: Option<McNemar>,
}

/// A difference in F1 under the paired bootstrap: both contenders on the same resampled documents.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The difference with its 95 % interval.
    pub f1: Interval,
    /// Twice the share of samples on the other side of zero, at most 1 (two-sided; Efron & Tibshirani 1993, ch. 15).
    pub p: f64,
}

/// `McNemar`'s test on decisions, by the exact binomial distribution (`McNemar` 1947; Dietterich 1998). It takes
/// decisions for independent, which those of one document are not: the paired bootstrap is the safer one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct McNemar {
    /// Decisions that this contender has right and the first one wrong.
    pub only_this: u64,
    /// Decisions that the first contender has right and this one wrong.
    pub only_first: u64,
    /// Two-sided.
    pub p: f64,
}

/// Scores of each contender on each file, level, slice and pole. `contenders` holds for each contender its
/// predictions, file by file. Intervals and tests resample documents, the same for all, with a fixed seed.
pub(super) fn scores(
    codebook: &Codebook,
    sets: &[LabelSet],
    statements: &[Vec<Row>],
    contenders: &[Vec<Contender>],
    workers: &Workers,
) -> Vec<Vec<Score>> {
    let jobs = sets.iter().enumerate().flat_map(|(file, _)| Level::ALL.map(|level| (file, level)));
    let found = workers.map(jobs.collect(), |(file, level): (usize, Level)| {
        let (set, rows) = (&sets[file], &statements[file]);
        let units: Vec<Vec<Unit>> = contenders
            .iter()
            .map(|files| units(level, &set.records, rows, &files[file], codebook.axes.len()))
            .collect();
        of_level(codebook, set, level, &units)
    });
    let mut all = vec![Vec::new(); contenders.len()];
    for part in found {
        all.iter_mut().zip(part).for_each(|(all, part)| all.extend(part));
    }
    all
}

fn of_level(
    codebook: &Codebook,
    set: &LabelSet,
    level: Level,
    contenders: &[Vec<Unit>],
) -> Vec<Vec<Score>> {
    let mut all = vec![Vec::new(); contenders.len()];
    for slice in slices(set, &contenders[0]) {
        let kept = |units: &Vec<Unit>| -> Vec<Unit> {
            units.iter().filter(|unit| slice.holds(set, unit)).cloned().collect()
        };
        let contenders: Vec<Vec<Unit>> = contenders.iter().map(kept).collect();
        let scores = of_slice(&poles(codebook), set, level, &slice, &contenders);
        all.iter_mut().zip(scores).for_each(|(all, scores)| all.extend(scores));
    }
    all
}

/// All units, and each value of the properties that differ among them.
fn slices(set: &LabelSet, units: &[Unit]) -> Vec<Slice> {
    let mut slices = vec![Slice { by: "all", value: String::new() }];
    for by in ["corpus", "actor_type", "language", "manner"] {
        let values: BTreeSet<&str> =
            units.iter().filter_map(|unit| value_of(by, set, unit)).collect();
        if values.len() > 1 {
            slices.extend(values.into_iter().map(|value| Slice { by, value: value.to_owned() }));
        }
    }
    slices
}

fn value_of<'a>(by: &str, set: &'a LabelSet, unit: &Unit) -> Option<&'a str> {
    let record = &set.records[unit.record];
    let value = match by {
        "corpus" => &record.corpus,
        "actor_type" => &record.actor_type,
        "language" => &record.language,
        _ => return unit.manner.map(crate::document::Manner::as_str),
    };
    Some(value.as_str()).filter(|value| !value.is_empty())
}

impl Slice {
    fn holds(&self, set: &LabelSet, unit: &Unit) -> bool {
        self.by == "all" || value_of(self.by, set, unit) == Some(&self.value)
    }

    /// Such as `manner direct`.
    pub fn name(&self) -> String {
        format!("{} {}", self.by, self.value).trim_end().to_owned()
    }
}

/// The statistics of one contender: in the sample as it is, and in each resampled one.
struct Statistics {
    point: Summary,
    samples: Vec<Summary>,
}

/// Poles in order, then their decisions together, then their mean.
struct Summary(Vec<PoleScores>);

fn of_slice(
    poles: &[String],
    set: &LabelSet,
    level: Level,
    slice: &Slice,
    contenders: &[Vec<Unit>],
) -> Vec<Vec<Score>> {
    let names: BTreeSet<&str> =
        contenders[0].iter().map(|unit| set.records[unit.record].group.as_str()).collect();
    let documents: BTreeMap<&str, usize> = names.into_iter().zip(0..).collect();
    let document = |unit: &Unit| documents[set.records[unit.record].group.as_str()];
    let draws: Vec<Vec<u32>> = bootstrap::draws(documents.len()).collect();
    let decisions: Vec<Vec<PoleDecisions>> = contenders
        .iter()
        .map(|units| {
            (0..poles.len()).map(|pole| PoleDecisions::of(pole, units, document)).collect()
        })
        .collect();
    let once = vec![1; documents.len()];
    let statistics: Vec<Statistics> = decisions
        .iter()
        .map(|poles| Statistics {
            point: Summary::of(poles, &once),
            samples: draws.iter().map(|draw| Summary::of(poles, draw)).collect(),
        })
        .collect();
    let rows = poles.iter().map(String::as_str).chain(["micro", "macro"]);
    let names: Vec<&str> = rows.collect();
    let score = |contender: usize, place: usize| {
        let own = &statistics[contender];
        let first = (contender > 0).then(|| &statistics[0]);
        let point = own.point.0[place];
        let is_mean = place == poles.len() + 1;
        let is_sum = place == poles.len();
        let versus = |poles: &[PoleDecisions]| -> Vec<bool> {
            let chosen = if is_sum { poles } else { &poles[place..=place] };
            chosen.iter().flat_map(PoleDecisions::right).collect()
        };
        Score {
            file: set.file_name(),
            level,
            slice: slice.clone(),
            pole: names[place].to_owned(),
            n: contenders[contender].len(),
            support: own.point.0[if is_mean { place - 1 } else { place }].counts.support(),
            precision: (!is_mean).then(|| own.interval(place, |one| one.counts.precision())),
            recall: (!is_mean).then(|| own.interval(place, |one| one.counts.recall())),
            f1: own.interval(place, |one| one.f1),
            average_precision: point
                .average_precision
                .map(|_| own.interval(place, |one| one.average_precision.unwrap_or_default())),
            calibration_error: point
                .calibration_error
                .map(|_| own.interval(place, |one| one.calibration_error.unwrap_or_default())),
            difference: first.map(|first| own.difference(first, place)),
            mcnemar: first
                .filter(|_| !is_mean)
                .map(|_| mcnemar(&versus(&decisions[contender]), &versus(&decisions[0]))),
        }
    };
    (0..contenders.len())
        .map(|contender| (0..names.len()).map(|place| score(contender, place)).collect())
        .collect()
}

impl Summary {
    /// Each document counted as often as `draw` says.
    fn of(poles: &[PoleDecisions], draw: &[u32]) -> Self {
        let mut scores: Vec<PoleScores> = poles.iter().map(|pole| pole.scores(draw)).collect();
        let counts = scores.iter().fold(Counts::default(), |all, one| all.plus(one.counts));
        let mean = |value: fn(&PoleScores) -> f64| {
            scores.iter().map(value).sum::<f64>() / scores.len().max(1) as f64
        };
        let average = PoleScores {
            counts: Counts::default(),
            f1: mean(|one| one.f1),
            average_precision: Some(mean(|one| one.average_precision.unwrap_or_default())),
            calibration_error: Some(mean(|one| one.calibration_error.unwrap_or_default())),
        };
        scores.push(PoleScores {
            counts,
            f1: counts.f1(),
            average_precision: None,
            calibration_error: None,
        });
        scores.push(average);
        Self(scores)
    }
}

impl Statistics {
    fn interval(&self, place: usize, value: impl Fn(&PoleScores) -> f64) -> Interval {
        let samples = self.samples.iter().map(|sample| value(&sample.0[place])).collect();
        bootstrap::percentiles(value(&self.point.0[place]), samples)
    }

    fn difference(&self, first: &Self, place: usize) -> Difference {
        let less = |own: &Summary, other: &Summary| own.0[place].f1 - other.0[place].f1;
        let samples: Vec<f64> =
            self.samples.iter().zip(&first.samples).map(|(own, other)| less(own, other)).collect();
        let (below, above) = (
            samples.iter().filter(|value| **value <= 0.0).count(),
            samples.iter().filter(|value| **value >= 0.0).count(),
        );
        // One more on each side: no bootstrap shows that a probability is zero.
        let p = 2.0 * (below.min(above) + 1) as f64 / (REPLICATES + 1) as f64;
        Difference {
            f1: bootstrap::percentiles(less(&self.point, &first.point), samples),
            p: p.min(1.0),
        }
    }
}

/// Whether two contenders are right equally often, decision by decision.
fn mcnemar(this: &[bool], first: &[bool]) -> McNemar {
    let pairs = || this.iter().zip(first);
    let only_this = pairs().filter(|(this, first)| **this && !**first).count() as u64;
    let only_first = pairs().filter(|(this, first)| !**this && **first).count() as u64;
    McNemar {
        only_this,
        only_first,
        p: two_sided(only_this.min(only_first), only_this + only_first),
    }
}

/// Twice the probability of at most `k` heads in `n` throws of a fair coin, at most 1.
fn two_sided(k: u64, n: u64) -> f64 {
    // Terms from C(n, k)/2^n downwards, by their logarithms: 2^-n is no f64 from n = 1075 on.
    let log_term = |i: u64| {
        let choose: f64 = (1..=i).map(|j| ((n - i + j) as f64 / j as f64).ln()).sum();
        choose - n as f64 * std::f64::consts::LN_2
    };
    let mut term = log_term(k).exp();
    let mut sum = 0.0;
    for i in (0..=k).rev() {
        sum += term;
        term *= i as f64 / (n - i + 1) as f64;
    }
    (2.0 * sum).min(1.0)
}

#[cfg(test)]
mod tests;
