//! Fits heads: penalty by document-grouped cross-validation, calibration and thresholds on its
//! out-of-fold margins.

use super::decide::decision;
use super::embed::Embeddings;
use super::labels::Labelled;
use super::logistic::{self, Design, Plane, Sample};
use super::rows::Row;
use super::{Scheme, TrainOptions, folds};
use crate::classify::{Codebook, Decision, Head, Platt, Pole, Side, StatementFeatures, Words};
use crate::error::{Error, ErrorKind, Result};
use crate::schedule::Workers;

/// The gradient at which the final fit ends.
const TOLERANCE: f64 = 1e-5;
/// The same in cross-validation, which needs to rank penalties only.
const CV_TOLERANCE: f64 = 1e-4;

/// The statements to learn from.
pub(super) struct Corpus<'a> {
    pub(super) records: &'a [Labelled],
    /// Records from here on are auxiliary: they train, but are never validated on.
    pub(super) n_labelled: usize,
    pub(super) rows: &'a [Row],
    pub(super) embeddings: &'a Embeddings,
    pub(super) words: &'a Words,
}

/// A head with the out-of-fold probability of each row that was validated on.
pub(super) struct Fitted {
    pub(super) head: Head,
    pub(super) out_of_fold: Vec<(usize, f64)>,
}

/// What one pole is learned from.
struct Task<'a> {
    pole: &'a Pole,
    labels: Vec<bool>,
    /// Rows with a label for the axis and words of the holder: the others are decided by rule.
    rows: Vec<usize>,
    /// For each row of the corpus its fold; auxiliary rows have none.
    folds: Vec<Option<usize>>,
    n_folds: usize,
}

/// One fitted head for each pole of the codebook, in order.
pub(super) fn heads(
    corpus: &Corpus<'_>,
    codebook: &Codebook,
    options: &TrainOptions,
    workers: &Workers,
) -> Result<Vec<Fitted>> {
    let design = corpus.design(options.scheme);
    let row_weights = corpus.row_weights(options.auxiliary_weight);
    let tasks: Vec<Task<'_>> = corpus.tasks(codebook, options.n_folds)?;
    let fold_jobs: Vec<(&Task<'_>, usize)> =
        tasks.iter().flat_map(|task| (0..task.n_folds).map(move |fold| (task, fold))).collect();
    let paths = workers.map(fold_jobs, |(task, fold)| {
        task.validate(fold, &design, &row_weights, &options.penalties)
    });
    let mut paths = paths.into_iter();
    let jobs: Vec<(&Task<'_>, Vec<FoldMargins>)> =
        tasks.iter().map(|task| (task, paths.by_ref().take(task.n_folds).collect())).collect();
    let layout = Layout { dimension: corpus.embeddings.dimension(), n_words: corpus.words.len() };
    Ok(workers.map(jobs, |(task, folds)| {
        let chosen = task.choose(&folds, &options.penalties);
        let plane = task.plane(&design, &row_weights, chosen.penalty);
        task.finish(plane, &chosen, layout, options)
    }))
}

/// Heads with fixed `weights` of the embedding, calibrated and with thresholds from the labelled
/// statements.
pub(super) fn calibrated(
    corpus: &Corpus<'_>,
    codebook: &Codebook,
    weights: Vec<Vec<f64>>,
    options: &TrainOptions,
) -> Result<Vec<Head>> {
    let scheme = Scheme { features: false, reported_plane: false, ..options.scheme };
    let options = TrainOptions { scheme, ..options.clone() };
    let layout = Layout { dimension: corpus.embeddings.dimension(), n_words: 0 };
    let tasks = corpus.tasks(codebook, options.n_folds)?;
    let finish = |(task, mut weights): (&Task<'_>, Vec<f64>)| {
        weights.resize(2 * layout.dimension + StatementFeatures::NAMES.len(), 0.0);
        let plane = Plane { bias: 0.0, weights };
        let validated = task.rows.iter().filter(|row| task.folds[**row].is_some());
        let rows: Vec<usize> = validated.copied().collect();
        let margin = |row: &usize| {
            let values = corpus.embeddings.row(*row).iter().zip(&plane.weights);
            values.map(|(x, w)| f64::from(*x) * w).sum()
        };
        let margins: Vec<f64> = rows.iter().map(margin).collect();
        let labels: Vec<bool> = rows.iter().map(|row| task.labels[*row]).collect();
        let platt = logistic::calibrate(&margins, &labels);
        let chosen = Chosen { penalty: 0.0, platt, rows, margins };
        task.finish(plane, &chosen, layout, &options).head
    };
    Ok(tasks.iter().zip(weights).map(finish).collect())
}

impl Corpus<'_> {
    fn is_auxiliary(&self, row: &Row) -> bool {
        row.record >= self.n_labelled
    }

    fn row_weights(&self, auxiliary: f64) -> Vec<f64> {
        let weight = |row: &Row| if self.is_auxiliary(row) { auxiliary } else { 1.0 };
        self.rows.iter().map(weight).collect()
    }

    /// Dense columns: embedding, features. Sparse columns: words, then the embedding again for reported
    /// statements.
    fn design(&self, scheme: Scheme) -> Design {
        let (dimension, n_words) = (self.embeddings.dimension(), self.words.len());
        let n_dense = dimension + StatementFeatures::NAMES.len();
        let first_reported = u32::try_from(n_words).expect("there are fewer than 2^32 words");
        let mut design = Design::with_capacity(self.rows.len(), n_dense, n_words + dimension);
        for (index, row) in self.rows.iter().enumerate() {
            let keep = |on: bool| move |value: f32| if on { value } else { 0.0 };
            let embedding = self.embeddings.row(index).iter().copied();
            let features = row.features.values().into_iter().map(keep(scheme.features));
            let mut sparse = self.words.features(&self.records[row.record].sentence);
            if scheme.reported_plane && row.features.is_reported() {
                sparse.extend((first_reported..).zip(embedding.clone()));
            }
            design.push(embedding.map(keep(scheme.embedding)).chain(features), &sparse);
        }
        design
    }

    fn tasks<'a>(&self, codebook: &'a Codebook, n_folds: usize) -> Result<Vec<Task<'a>>> {
        let validated: Vec<usize> =
            (0..self.rows.len()).filter(|row| !self.is_auxiliary(&self.rows[*row])).collect();
        let groups: Vec<&str> = validated.iter().map(|row| self.group(*row)).collect();
        let supports = |row: &usize| -> Vec<bool> {
            let sides = self.rows[*row].sides.iter();
            sides.flat_map(|side| side.unwrap_or_default().poles()).collect()
        };
        let positives: Vec<Vec<bool>> = validated.iter().map(supports).collect();
        let n_groups = groups.iter().collect::<std::collections::BTreeSet<_>>().len();
        let n_folds = n_folds.min(n_groups);
        if n_folds < 2 {
            return Err(Error::new(
                ErrorKind::Labels,
                "all labelled sentences stand in one document",
            )
            .hint("cross-validation sets documents apart: label sentences of at least two"));
        }
        let mut fold_of = vec![None; self.rows.len()];
        for (row, fold) in validated.iter().zip(folds::grouped(&groups, &positives, n_folds)) {
            fold_of[*row] = Some(fold);
        }
        let poles = codebook.axes.iter().enumerate().flat_map(|(axis, entry)| {
            entry.poles.iter().enumerate().map(move |(side, pole)| (axis, side, pole))
        });
        poles
            .map(|(axis, side, pole)| {
                let label =
                    |row: &Row| row.sides[axis].is_some_and(|found: Side| found.poles()[side]);
                let learns = |row: &Row| row.sides[axis].is_some() && row.features.own_words;
                let task = Task {
                    pole,
                    labels: self.rows.iter().map(label).collect(),
                    rows: (0..self.rows.len()).filter(|row| learns(&self.rows[*row])).collect(),
                    folds: fold_of.clone(),
                    n_folds,
                };
                task.check(self).map(|()| task)
            })
            .collect()
    }

    fn group(&self, row: usize) -> &str {
        &self.records[self.rows[row].record].group
    }
}

/// The margins of one fold's validation rows at each penalty.
struct FoldMargins {
    rows: Vec<usize>,
    margins: Vec<Vec<f64>>,
}

/// The penalty that cross-validation chose, and what it predicts.
struct Chosen {
    penalty: f64,
    platt: Platt,
    rows: Vec<usize>,
    margins: Vec<f64>,
}

impl Task<'_> {
    /// Both classes must occur, the pole in two documents at least.
    fn check(&self, corpus: &Corpus<'_>) -> Result<()> {
        let pole = &self.pole.id;
        let validated = || self.rows.iter().filter(|row| self.folds[**row].is_some());
        let positive: Vec<usize> = validated().filter(|row| self.labels[**row]).copied().collect();
        let fail =
            |message: String, hint: &str| Err(Error::new(ErrorKind::Labels, message).hint(hint));
        if positive.is_empty() {
            return fail(
                format!("no labelled statement supports `{pole}`"),
                "label some, or take the axis out of the codebook",
            );
        }
        if positive.len() == validated().count() {
            return fail(
                format!("every labelled statement supports `{pole}`"),
                "label sentences without a position too",
            );
        }
        if positive.iter().all(|row| corpus.group(*row) == corpus.group(positive[0])) {
            return fail(
                format!("all statements that support `{pole}` stand in one document"),
                "cross-validation sets documents apart: label some in other documents",
            );
        }
        Ok(())
    }

    /// Fits without `fold` at each penalty, strongest first so that each fit starts from the last, and
    /// predicts the fold.
    fn validate(
        &self,
        fold: usize,
        design: &Design,
        row_weights: &[f64],
        penalties: &[f64],
    ) -> FoldMargins {
        let (held_out, rows): (Vec<usize>, Vec<usize>) =
            self.rows.iter().partition(|row| self.folds[**row] == Some(fold));
        let sample = Sample { design, rows: &rows, labels: &self.labels, row_weights };
        let mut plane: Option<Plane> = None;
        let mut margins = Vec::with_capacity(penalties.len());
        for strength in penalties {
            let fitted = {
                let penalty = strength / mass(&rows, row_weights);
                logistic::fit(sample, penalty, CV_TOLERANCE, plane.as_ref())
            };
            margins.push(held_out.iter().map(|row| fitted.margin(design.row(*row))).collect());
            plane = Some(fitted);
        }
        FoldMargins { rows: held_out, margins }
    }

    /// The penalty with the least out-of-fold log-loss after calibration; the strongest among equals.
    fn choose(&self, folds: &[FoldMargins], penalties: &[f64]) -> Chosen {
        let rows: Vec<usize> = folds.iter().flat_map(|fold| fold.rows.iter().copied()).collect();
        let labels: Vec<bool> = rows.iter().map(|row| self.labels[*row]).collect();
        let candidate = |(index, penalty): (usize, &f64)| {
            let margins: Vec<f64> =
                folds.iter().flat_map(|fold| fold.margins[index].iter().copied()).collect();
            let platt = logistic::calibrate(&margins, &labels);
            let loss = logistic::mean_log_loss(&margins, &labels, platt);
            (loss, Chosen { penalty: *penalty, platt, rows: rows.clone(), margins })
        };
        let candidates = penalties.iter().enumerate().map(candidate);
        let best = candidates.min_by(|a, b| a.0.total_cmp(&b.0));
        best.expect("there is a penalty to choose").1
    }

    /// The plane fitted to all rows.
    fn plane(&self, design: &Design, row_weights: &[f64], penalty: f64) -> Plane {
        let sample = Sample { design, rows: &self.rows, labels: &self.labels, row_weights };
        logistic::fit(sample, penalty / mass(&self.rows, row_weights), TOLERANCE, None)
    }

    fn finish(
        &self,
        plane: Plane,
        chosen: &Chosen,
        layout: Layout,
        options: &TrainOptions,
    ) -> Fitted {
        let labels: Vec<bool> = chosen.rows.iter().map(|row| self.labels[*row]).collect();
        let Decision { calibration, threshold, unsure: (unsure_from, unsure_to) } =
            decision(chosen.platt, &chosen.margins, &labels, options.abstain_error);
        let p = chosen.margins.iter().map(|margin| calibration.probability(*margin));
        let [weights, feature_weights, word_weights, reported_weights] =
            layout.split(plane.weights);
        let head = Head {
            pole: self.pole.id.clone(),
            n_statements: self.rows.len(),
            n_positive: self.rows.iter().filter(|row| self.labels[**row]).count(),
            penalty: chosen.penalty,
            calibration,
            threshold,
            unsure_from,
            unsure_to,
            bias: round(plane.bias),
            feature_weights,
            weights,
            reported_weights: if options.scheme.reported_plane {
                reported_weights
            } else {
                Vec::new()
            },
            word_weights,
        };
        let out_of_fold = chosen.rows.iter().copied().zip(p).collect();
        Fitted { head, out_of_fold }
    }
}

/// The sum of the weights of `rows`.
fn mass(rows: &[usize], row_weights: &[f64]) -> f64 {
    rows.iter().map(|row| row_weights[*row]).sum()
}

/// How the columns of a design are shared out.
#[derive(Clone, Copy)]
struct Layout {
    dimension: usize,
    n_words: usize,
}

impl Layout {
    /// Weights of the embedding, the features, the words and the embedding of reported statements, rounded.
    fn split(self, weights: Vec<f64>) -> [Vec<f64>; 4] {
        let mut rest = weights.into_iter().map(round);
        let mut take = |n: usize| rest.by_ref().take(n).collect();
        [
            take(self.dimension),
            take(StatementFeatures::NAMES.len()),
            take(self.n_words),
            take(self.dimension),
        ]
    }
}

/// Rounded to six significant digits: short in the file, and read back to the same bits by any JSON reader.
pub(super) fn round(value: f64) -> f64 {
    format!("{value:.5e}").parse().expect("a formatted number is a number")
}
