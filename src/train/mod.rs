//! From labelled sentences to heads, and how good heads are.
//!
//! [`run`] trains; [`evaluate`] judges predictions against labels. Neither prints: both return reports
//! that serialise and render as Markdown or CSV.

pub mod attribution;
mod attribution_names;
pub(crate) mod bootstrap;
mod decide;
mod embed;
mod evaluate;
mod fit;
mod folds;
pub mod labels;
mod logistic;
pub mod metrics;
mod minimise;
mod records;
pub mod report;
pub mod rows;
mod run;
pub mod segmentation;
pub(crate) mod shots;
mod threshold;
pub(crate) mod units;

use std::path::PathBuf;

pub use decide::decisions;
pub use evaluate::{Contender, evaluate};
pub use labels::{Coded, LabelSet, Labelled};
pub use metrics::Counts;
pub use report::{Evaluation, Interval, Level, PoleScore, Slice, Table};
pub use rows::Row;
pub use run::{AxisPrediction, Judgement, Prediction, Trained, judge, run};

/// What to train on and how.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainOptions {
    /// Label files that train, calibrate and set thresholds.
    pub labels: Vec<PathBuf>,
    /// Label files that only train: written examples, other registers, anything whose mix of positions
    /// is not that of the texts to be coded.
    pub auxiliary: Vec<PathBuf>,
    /// Weight of an auxiliary statement beside one of `labels`, above 0. Default 0.3.
    pub auxiliary_weight: f64,
    /// So many sentences of `labels` for each pole, and as many without a position, drawn with a fixed seed; all of
    /// them if `None`. Default `None`.
    pub shots: Option<usize>,
    /// Folds of the document-grouped cross-validation, at least 2; fewer when there are fewer
    /// documents. Default 5.
    pub n_folds: usize,
    /// Penalties to choose from, strongest first. Each is divided by the total weight of the
    /// statements, so that it is the inverse of the `C` of LIBLINEAR and scikit-learn. Default 3 to
    /// 0.1.
    pub penalties: Vec<f64>,
    /// A decision is unsure when its probability of being wrong is above this, 0..=0.5. Default 0.3.
    pub abstain_error: f64,
    /// What the heads read.
    pub scheme: Scheme,
    /// The most tokens of one batch. Default 8192.
    pub batch_tokens: usize,
}

impl Default for TrainOptions {
    fn default() -> Self {
        Self {
            labels: Vec::new(),
            auxiliary: Vec::new(),
            auxiliary_weight: 0.3,
            shots: None,
            n_folds: 5,
            penalties: vec![3.0, 1.0, 0.3, 0.1],
            abstain_error: 0.3,
            scheme: Scheme::default(),
            batch_tokens: 8192,
        }
    }
}

/// Which parts of a statement the heads read. By default the embedding of the sentence, the features
/// and the words: reading holders as well did no better in cross-validation with an encoder that was
/// not trained for it (`data/reports/stance.md`), and costs an embedding for each holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "five independent switches of an ablation")]
pub struct Scheme {
    /// The embedding.
    pub embedding: bool,
    /// Manner and share of reported words ([`crate::classify::StatementFeatures`]).
    pub features: bool,
    /// Reported statements are encoded as a pair of holder and sentence.
    pub holder_pairs: bool,
    /// Reported statements have embedding weights of their own.
    pub reported_plane: bool,
    /// Words and pairs of words ([`crate::classify::Words`]).
    pub words: bool,
}

impl Default for Scheme {
    fn default() -> Self {
        Self {
            embedding: true,
            features: true,
            holder_pairs: false,
            reported_plane: false,
            words: true,
        }
    }
}

#[cfg(test)]
mod tests;
