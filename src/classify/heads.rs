//! The trained part: a calibrated logistic regression for each pole, and the file it is kept in.

use std::path::Path;

use fs_err as fs;
use serde::{Deserialize, Serialize};

use super::{Decision, Lean, Platt, StatementFeatures, Words, unsure_band};
use crate::digest;
use crate::encode::Input;
use crate::error::{Error, ErrorKind, Result};

mod check;

/// The version of the file format this program writes and reads.
const FORMAT: u32 = 2;

/// One head for each pole of a codebook, with where they come from. Kept as `heads.json`, which is
/// meant to be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heads {
    /// Version of the file format.
    pub format: u32,
    /// The codebook they were trained for.
    pub codebook: CodebookStamp,
    /// The encoder whose embeddings they read.
    pub encoder: EncoderStamp,
    /// What they were trained on.
    pub training: TrainingStamp,
    /// The names of [`Head::feature_weights`].
    pub features: Vec<String>,
    /// Whether a reported statement is encoded as a pair of holder and sentence.
    pub holder_pairs: bool,
    /// The terms of [`Head::word_weights`].
    pub words: Words,
    /// In the order of the codebook.
    pub axes: Vec<AxisHeads>,
    /// Heads that judge a sentence as a whole, whoever in it holds the position: none, or one entry for
    /// each axis. They read what the statement in the text's own voice reads.
    pub sentence_axes: Vec<AxisHeads>,
    /// A sentence that as a whole supports every pole with less probability than this, 0..=1, is not searched for
    /// positions of others. 0: every sentence is.
    #[serde(default)]
    pub relevance: f64,
}

/// Which codebook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodebookStamp {
    /// [`Codebook::id`](super::Codebook::id).
    pub id: String,
    /// [`Codebook::version`](super::Codebook::version).
    pub version: String,
    /// [`Codebook::sha256`](super::Codebook::sha256).
    pub sha256: String,
}

/// Which encoder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncoderStamp {
    /// [`Encoder::name`](crate::encode::Encoder::name).
    pub name: String,
    /// [`Encoder::fingerprint`](crate::encode::Encoder::fingerprint).
    pub fingerprint: String,
    /// [`Encoder::dimension`](crate::encode::Encoder::dimension).
    pub dimension: usize,
}

/// What heads were trained on and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingStamp {
    /// The version of Plenary that trained them.
    pub plenary: String,
    /// Files whose sentences trained, calibrated and set thresholds.
    pub labels: Vec<LabelFile>,
    /// Files whose sentences only trained.
    pub auxiliary: Vec<LabelFile>,
    /// Folds of the document-grouped cross-validation.
    pub n_folds: usize,
    /// Weight of an auxiliary sentence beside a labelled one.
    pub auxiliary_weight: f64,
    /// The probability of being wrong above which a decision counts as unsure.
    pub abstain_error: f64,
}

/// A file of labelled sentences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelFile {
    /// Its name without folders.
    pub file: String,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Sentences in it.
    pub n_sentences: usize,
}

/// The two heads of an axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AxisHeads {
    /// The axis's id.
    pub axis: String,
    /// First and second pole.
    pub poles: [Head; 2],
}

/// A logistic regression for one pole:
///
/// ```text
/// margin = bias + weights · embedding + feature_weights · features + word_weights · words
///               + reported_weights · embedding   (reported statements only)
/// p      = calibration(margin)            the statement supports the pole if p ≥ threshold
/// ```
///
/// The second set of weights lets reported statements, encoded together with their holder, follow a
/// plane of their own that is drawn towards the common one (Daumé III, H. (2007): Frustratingly easy
/// domain adaptation).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The pole's id.
    pub pole: String,
    /// Statements that trained it, auxiliary ones included.
    pub n_statements: usize,
    /// How many of them support the pole.
    pub n_positive: usize,
    /// The L2 penalty that cross-validation chose.
    pub penalty: f64,
    /// From margin to probability.
    pub calibration: Platt,
    /// The least probability that counts as support.
    pub threshold: f64,
    /// The decision is unsure from here …
    pub unsure_from: f64,
    /// … to here (both in 0..=1, around the threshold).
    pub unsure_to: f64,
    /// The intercept.
    pub bias: f64,
    /// One weight for each of [`Heads::features`].
    pub feature_weights: Vec<f64>,
    /// One weight for each dimension of the embedding.
    pub weights: Vec<f64>,
    /// As many again, for reported statements; empty where these have none of their own.
    pub reported_weights: Vec<f64>,
    /// One weight for each of [`Heads::words`].
    pub word_weights: Vec<f64>,
}

impl Heads {
    /// Reads heads from JSON; `path` is named in errors.
    ///
    /// # Errors
    /// Where it is no such file, of another version, or holds numbers that cannot be: lengths that do
    /// not match, values that are not finite, probabilities outside 0..=1.
    pub fn parse(json: &str, path: impl AsRef<Path>) -> Result<Self> {
        let parsed = serde_json::from_str::<Self>(json).map_err(|error| {
            Error::new(ErrorKind::Model, "is not a file of heads")
                .at_line(error.line() as u64)
                .hint("train it again with `plenary train`")
                .caused_by(error)
        });
        let checked = parsed.and_then(|heads| heads.check().map(|()| heads));
        checked.map_err(|error| error.in_file(path.as_ref()))
    }

    /// Reads heads from the file at `path`.
    ///
    /// # Errors
    /// As [`Heads::parse`], and where the file cannot be read.
    pub fn load(path: &Path) -> Result<Self> {
        let json =
            fs::read_to_string(path).map_err(|error| Error::io("read heads", path, error))?;
        Self::parse(&json, path)
    }

    /// The heads as JSON with one line for each entry and one for each list of weights.
    ///
    /// # Panics
    /// Never: heads are plain data.
    pub fn to_json(&self) -> String {
        let pretty = serde_json::to_string_pretty(self).expect("heads are plain data");
        one_line_lists(&pretty)
    }

    /// SHA-256 (hex) of [`Heads::to_json`].
    pub fn sha256(&self) -> String {
        digest::sha256(self.to_json())
    }

    /// The same heads, unsure of other decisions: those that are wrong with a probability above `error`,
    /// 0..=0.5.
    #[must_use]
    pub fn with_abstain_error(mut self, error: f64) -> Self {
        self.training.abstain_error = error;
        let axes = self.axes.iter_mut().chain(&mut self.sentence_axes);
        for head in axes.flat_map(|axis| &mut axis.poles) {
            (head.unsure_from, head.unsure_to) = unsure_band(head.threshold, error);
        }
        self
    }

    /// What the encoder is to read for a statement: the sentence alone for the own voice (`holder` is
    /// `None`), holder and sentence as a pair for somebody else's where these heads were trained so.
    pub fn input<'a>(&self, holder: Option<&'a str>, sentence: &'a str) -> Input<'a> {
        statement_input(self.holder_pairs, holder, sentence)
    }

    /// The lean on each axis, in the order of the codebook, of a statement in `sentence` whose
    /// [`Heads::input`] has this embedding; none, for sure, where [`StatementFeatures::own_words`] is
    /// false. The same input gives the same bits.
    ///
    /// # Panics
    /// If the embedding has another length than the encoder's, which [`Heads::check_fits`] rules out.
    pub fn predict(
        &self,
        sentence: &str,
        embedding: &[f32],
        features: &StatementFeatures,
    ) -> Vec<Lean> {
        if !features.own_words {
            return vec![Lean::default(); self.axes.len()];
        }
        self.leans(&self.axes, sentence, embedding, *features)
    }

    /// The lean on each axis of `sentence` as a whole, whoever in it holds the position, from the
    /// embedding and the features of its statement in the text's own voice. Empty where these heads have
    /// none for sentences: then a sentence leans where a statement in it does.
    ///
    /// # Panics
    /// As [`Heads::predict`].
    pub fn predict_sentence(
        &self,
        sentence: &str,
        embedding: &[f32],
        features: &StatementFeatures,
    ) -> Vec<Lean> {
        self.leans(&self.sentence_axes, sentence, embedding, *features)
    }

    /// Whether a sentence may hold a position of somebody's at all, given what [`Heads::predict_sentence`] says of
    /// it: then it is searched for holders, and their statements are judged.
    pub fn is_relevant(&self, whole: &[Lean]) -> bool {
        whole.is_empty() || whole.iter().flat_map(|lean| lean.p).any(|p| p >= self.relevance)
    }

    /// The same, before anything but the embedding of the sentence is known.
    pub fn may_be_relevant(&self, embedding: &[f32]) -> bool {
        // Words would have their say, but nothing that trains heads for sentences gives them words.
        self.relevance == 0.0
            || !self.words.is_empty()
            || self.is_relevant(&self.predict_sentence("", embedding, &StatementFeatures::PLAIN))
    }

    /// The leans of a reported statement, given those of its sentence as a whole: none where that is not relevant,
    /// with the sentence's probabilities, which are about everybody in it.
    pub fn reported(whole: &[Lean]) -> Vec<Lean> {
        whole.iter().map(|lean| Lean { p: lean.p, ..Lean::default() }).collect()
    }

    fn leans(
        &self,
        axes: &[AxisHeads],
        sentence: &str,
        embedding: &[f32],
        features: StatementFeatures,
    ) -> Vec<Lean> {
        assert_eq!(embedding.len(), self.encoder.dimension, "heads and encoder fit together");
        if axes.is_empty() {
            return Vec::new();
        }
        let words = self.words.features(sentence);
        let evidence = Evidence { embedding, features, words: &words };
        axes.iter().map(|axis| axis.lean(&evidence)).collect()
    }
}

impl AxisHeads {
    fn lean(&self, evidence: &Evidence<'_>) -> Lean {
        let heads = self.poles.each_ref();
        Lean::decided(heads.map(|head| head.probability(evidence)), heads.map(Head::decision))
    }
}

/// [`Heads::input`] for heads that do or do not read holders.
pub(crate) fn statement_input<'a>(
    holder_pairs: bool,
    holder: Option<&'a str>,
    sentence: &'a str,
) -> Input<'a> {
    match holder {
        Some(holder) if holder_pairs => Input::pair(holder, sentence),
        _ => Input::single(sentence),
    }
}

/// All that a head reads about one statement.
struct Evidence<'a> {
    embedding: &'a [f32],
    features: StatementFeatures,
    words: &'a [(u32, f32)],
}

impl Head {
    /// The log-odds before calibration.
    fn margin(&self, evidence: &Evidence<'_>) -> f64 {
        let words = evidence
            .words
            .iter()
            .map(|(term, value)| self.word_weights[*term as usize] * f64::from(*value));
        let common = self.bias
            + dot(&self.weights, evidence.embedding)
            + dot(&self.feature_weights, &evidence.features.values())
            + words.sum::<f64>();
        if evidence.features.is_reported() && !self.reported_weights.is_empty() {
            common + dot(&self.reported_weights, evidence.embedding)
        } else {
            common
        }
    }

    fn probability(&self, evidence: &Evidence<'_>) -> f64 {
        self.calibration.probability(self.margin(evidence))
    }

    /// What it does with a margin.
    pub(crate) fn decision(&self) -> Decision {
        let unsure = (self.unsure_from, self.unsure_to);
        Decision { calibration: self.calibration, threshold: self.threshold, unsure }
    }
}

/// Summed in a fixed order, in double precision.
fn dot(weights: &[f64], values: &[f32]) -> f64 {
    weights.iter().zip(values).map(|(weight, value)| weight * f64::from(*value)).sum()
}

/// Joins the lines of each list of numbers or strings of a pretty-printed JSON text, so that 384
/// weights take one line.
fn one_line_lists(pretty: &str) -> String {
    let mut json = String::with_capacity(pretty.len());
    let mut in_list = false;
    for line in pretty.lines() {
        let word = line.trim_start();
        let item = word.starts_with(|first: char| first == '-' || first.is_ascii_digit())
            || (word.starts_with('"') && !word.contains("\": "));
        let joined = item || (in_list && word.starts_with(']'));
        if !joined && !json.is_empty() {
            json.push('\n');
        } else if item && in_list {
            json.push(' ');
        }
        json.push_str(if joined { word } else { line });
        in_list = item;
    }
    json.push('\n');
    json
}

#[cfg(test)]
mod tests;
