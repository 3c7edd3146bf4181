//! Training and judging from files: labels in, heads and reports out.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use super::embed::{Embedder, Embeddings};
use super::evaluate::{Contender, evaluate};
use super::fit::{self, Corpus, Fitted};
use super::labels::{self, LabelSet, Labelled};
use super::report::Evaluation;
use super::rows::{self, Row};
use super::{Scheme, TrainOptions, shots};
use crate::classify::{
    Axis, AxisHeads, Codebook, CodebookStamp, Dictionary, EncoderStamp, Head, Heads, LabelFile,
    Lean, Side, StatementFeatures, TrainingStamp, Words, prototype,
};
use crate::document::SPEAKER;
use crate::encode::Encoder;
use crate::error::{Error, ErrorKind, Result};
use crate::schedule::Workers;
use crate::tagging::Finder;

/// What training gives.
#[derive(Clone, Debug)]
pub struct Trained {
    /// The heads, trained on everything.
    pub heads: Heads,
    /// The zero-shot prototypes of the codebook, calibrated on the same labels: a baseline to judge
    /// beside them.
    pub prototypes: Heads,
    /// How heads trained on the other documents do on each label file. Penalties, calibration and
    /// thresholds were chosen on these very predictions, so this is a little better than on new
    /// documents.
    pub cross_validation: Vec<Evaluation>,
}

/// Trains heads for `codebook` on embeddings of `encoder`.
///
/// # Errors
/// Where options make no sense, labels cannot be read or cannot train (a pole without statements, or in
/// one document only), or the encoder fails.
pub fn run(
    codebook: &Codebook,
    encoder: &dyn Encoder,
    workers: &Workers,
    options: &TrainOptions,
) -> Result<Trained> {
    check(options)?;
    let paths: Vec<PathBuf> = options.labels.iter().chain(&options.auxiliary).cloned().collect();
    let mut sets = labels::load(&paths, codebook)?;
    if let Some(shots) = options.shots {
        shots::draw(&mut sets[..options.labels.len()], codebook, shots);
    }
    let (labelled, auxiliary) = sets.split_at(options.labels.len());
    let stamp = Stamp { codebook, encoder, training: training_stamp(labelled, auxiliary, options) };
    let records: Vec<Labelled> = sets.iter().flat_map(|set| set.records.iter().cloned()).collect();
    let n_labelled = labelled.iter().map(|set| set.records.len()).sum();
    let finder = Finder::new(encoder, workers, options.batch_tokens)?;
    let rows = rows::statements(&records, &finder)?;
    let words = learn_words(&records, options.scheme);
    let embedder = Embedder { encoder, workers, batch_tokens: options.batch_tokens };
    let pairs = options.scheme.holder_pairs;
    let embeddings = embedder.embed(&records, &rows, pairs)?;
    let corpus = Corpus {
        records: &records,
        n_labelled,
        rows: &rows,
        embeddings: &embeddings,
        words: &words,
    };
    let fitted = fit::heads(&corpus, codebook, options, workers)?;
    let cross_validation = cross_validation(codebook, labelled, &rows, &fitted);
    let plain = embeddings.of_sentences(&rows);
    let corpus = Corpus { embeddings: &plain, words: &Words::default(), ..corpus };
    let weights = prototype::weights(codebook, encoder)?;
    let prototypes = fit::calibrated(&corpus, codebook, weights, options)?;
    let prototypes = stamp.heads(false, Words::default(), prototypes.into_iter());
    let heads = stamp.heads(pairs, words, fitted.into_iter().map(|fitted| fitted.head));
    Ok(Trained { heads, prototypes, cross_validation })
}

/// What judging gives.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// One for each label file and contender.
    pub evaluations: Vec<Evaluation>,
    /// What the contenders said about each statement, for error analysis and measures of one's own.
    pub predictions: Vec<Prediction>,
}

/// What a contender said about a statement, and what was coded.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prediction {
    /// Heads or a baseline.
    pub contender: String,
    /// The label file's name without folders.
    pub file: String,
    /// The sentence's id.
    pub id: String,
    /// `SPEAKER` for the text's own voice.
    pub holder: String,
    /// Whether the statement stands in the labels.
    pub coded: bool,
    /// Whether the program finds the holder by itself.
    pub found: bool,
    /// By axis.
    pub axes: BTreeMap<String, AxisPrediction>,
}

/// A [`Prediction`] on one axis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AxisPrediction {
    /// The pole coded, `both` or `none`; nothing where the axis was not labelled.
    pub coded: Option<String>,
    /// The pole predicted, `both` or `none`.
    pub lean: String,
    /// The probability of each pole.
    pub p: BTreeMap<String, f64>,
}

/// Judges heads, the baselines given and, for the built-in codebook, the dictionary on label files.
///
/// # Errors
/// Where labels cannot be read, heads do not fit, or the encoder fails.
pub fn judge(
    contenders: &[(&str, &Heads)],
    codebook: &Codebook,
    encoder: &dyn Encoder,
    workers: &Workers,
    paths: &[PathBuf],
    batch_tokens: usize,
) -> Result<Judgement> {
    let sets = labels::load(paths, codebook)?;
    let embedder = Embedder { encoder, workers, batch_tokens };
    let finder = Finder::new(encoder, workers, batch_tokens)?;
    let mut judgement = Judgement::default();
    for set in &sets {
        let rows = rows::statements(&set.records, &finder)?;
        let any_pairs = contenders.iter().any(|(_, heads)| heads.holder_pairs);
        let pairs = embedder.embed(&set.records, &rows, any_pairs)?;
        let plain = pairs.of_sentences(&rows);
        let mut judged = Vec::new();
        for (name, heads) in contenders {
            heads.check_fits(codebook, encoder)?;
            let embeddings = if heads.holder_pairs { &pairs } else { &plain };
            let sentence_leans = sentence_predictions(heads, &set.records, &rows, &plain);
            let leans =
                predictions(heads, &set.records, &rows, embeddings, sentence_leans.as_deref());
            judged.push(Contender { name: (*name).to_owned(), leans, sentence_leans });
        }
        if codebook.id == Codebook::built_in().id {
            judged.push(dictionary_contender(&set.records, &rows));
        }
        let name = set.file_name();
        for contender in &judged {
            let evaluation = evaluate(codebook, &name, &set.records, &rows, contender);
            judgement.evaluations.push(evaluation);
            let said = predictions_of(codebook, &name, &set.records, &rows, contender);
            judgement.predictions.extend(said);
        }
    }
    Ok(judgement)
}

fn predictions_of(
    codebook: &Codebook,
    file: &str,
    records: &[Labelled],
    rows: &[Row],
    contender: &Contender,
) -> Vec<Prediction> {
    let axis = |(axis, (side, lean)): (&Axis, (&Option<Side>, &Lean))| {
        let poles = axis.poles.iter().map(|pole| pole.id.clone());
        let prediction = AxisPrediction {
            coded: side.map(|side| side.name(axis).to_owned()),
            lean: lean.lean.name(axis).to_owned(),
            p: poles.zip(lean.p).collect(),
        };
        (axis.id.clone(), prediction)
    };
    let prediction = |(row, leans): (&Row, &Vec<Lean>)| Prediction {
        contender: contender.name.clone(),
        file: file.to_owned(),
        id: records[row.record].id.clone(),
        holder: row.holder.clone().unwrap_or_else(|| SPEAKER.to_owned()),
        coded: row.coded,
        found: row.found,
        axes: codebook.axes.iter().zip(row.sides.iter().zip(leans)).map(axis).collect(),
    };
    rows.iter().zip(&contender.leans).map(prediction).collect()
}

/// One prediction for each statement, given those for the sentences as wholes, as a run makes them.
fn predictions(
    heads: &Heads,
    records: &[Labelled],
    rows: &[Row],
    embeddings: &Embeddings,
    wholes: Option<&[Vec<Lean>]>,
) -> Vec<Vec<Lean>> {
    let lean = |(index, row): (usize, &Row)| match wholes.map(|wholes| &wholes[row.record]) {
        Some(whole) if row.holder.is_some() && !heads.is_relevant(whole) => Heads::reported(whole),
        _ => heads.predict(&records[row.record].sentence, embeddings.row(index), &row.features),
    };
    rows.iter().enumerate().map(lean).collect()
}

/// One prediction for each sentence, from its row in the voice of the text; nothing where `heads` know of
/// statements only.
fn sentence_predictions(
    heads: &Heads,
    records: &[Labelled],
    rows: &[Row],
    embeddings: &Embeddings,
) -> Option<Vec<Vec<Lean>>> {
    let lean = |(index, row): (usize, &Row)| {
        let sentence = &records[row.record].sentence;
        heads.predict_sentence(sentence, embeddings.row(index), &row.features)
    };
    let own = rows.iter().enumerate().filter(|(_, row)| row.holder.is_none());
    (!heads.sentence_axes.is_empty()).then(|| own.map(lean).collect())
}

fn dictionary_contender(records: &[Labelled], rows: &[Row]) -> Contender {
    let dictionary = Dictionary::built_in();
    let leans = rows.iter().map(|row| dictionary.predict(&records[row.record].sentence)).collect();
    Contender { name: "dictionary".into(), leans, sentence_leans: None }
}

/// Terms in at least ten sentences of a large set, two of a small one.
fn learn_words(records: &[Labelled], scheme: Scheme) -> Words {
    if !scheme.words {
        return Words::default();
    }
    let min_sentences = (records.len() / 500).clamp(2, 10);
    Words::learn(records.iter().map(|record| record.sentence.as_str()), min_sentences)
}

/// Out-of-fold leans, judged file by file.
fn cross_validation(
    codebook: &Codebook,
    labelled: &[LabelSet],
    rows: &[Row],
    fitted: &[Fitted],
) -> Vec<Evaluation> {
    let mut p = vec![vec![0.0; fitted.len()]; rows.len()];
    for (pole, fitted) in fitted.iter().enumerate() {
        for (row, probability) in &fitted.out_of_fold {
            p[*row][pole] = *probability;
        }
    }
    let lean = |p: &[f64], poles: &[Fitted]| {
        Lean::decided([p[0], p[1]], [0, 1].map(|pole| poles[pole].head.decision()))
    };
    let mut first = 0;
    let judge = |set: &LabelSet| {
        let own = first..first + set.records.len();
        first = own.end;
        let (rows, leans) = rows
            .iter()
            .zip(&p)
            .filter(|(row, _)| own.contains(&row.record))
            .map(|(row, p)| {
                let axes = p.chunks(2).zip(fitted.chunks(2));
                let row = Row { record: row.record - own.start, ..row.clone() };
                (row, axes.map(|(p, poles)| lean(p, poles)).collect())
            })
            .unzip::<_, _, Vec<Row>, Vec<Vec<Lean>>>();
        let name = "cross-validation".to_owned();
        let contender = Contender { name, leans, sentence_leans: None };
        evaluate(codebook, &set.file_name(), &set.records, &rows, &contender)
    };
    labelled.iter().map(judge).collect()
}

/// What all heads of one training have in common.
struct Stamp<'a> {
    codebook: &'a Codebook,
    encoder: &'a dyn Encoder,
    training: TrainingStamp,
}

impl Stamp<'_> {
    fn heads(&self, pairs: bool, words: Words, mut heads: impl Iterator<Item = Head>) -> Heads {
        let mut next = || heads.next().expect("there is a head for each pole");
        let axis = |axis: &Axis| AxisHeads { axis: axis.id.clone(), poles: [next(), next()] };
        Heads {
            format: Heads::FORMAT,
            codebook: CodebookStamp {
                id: self.codebook.id.clone(),
                version: self.codebook.version.clone(),
                sha256: self.codebook.sha256(),
            },
            encoder: EncoderStamp {
                name: self.encoder.name().to_owned(),
                fingerprint: self.encoder.fingerprint().to_owned(),
                dimension: self.encoder.dimension(),
            },
            training: self.training.clone(),
            features: StatementFeatures::NAMES.map(String::from).to_vec(),
            holder_pairs: pairs,
            words,
            axes: self.codebook.axes.iter().map(axis).collect(),
            sentence_axes: Vec::new(),
            relevance: 0.0,
        }
    }
}

fn training_stamp(
    labelled: &[LabelSet],
    auxiliary: &[LabelSet],
    options: &TrainOptions,
) -> TrainingStamp {
    let file = |set: &LabelSet| LabelFile {
        file: set.file_name(),
        sha256: set.sha256.clone(),
        n_sentences: set.records.len(),
    };
    TrainingStamp {
        plenary: env!("CARGO_PKG_VERSION").to_owned(),
        labels: labelled.iter().map(file).collect(),
        auxiliary: auxiliary.iter().map(file).collect(),
        n_folds: options.n_folds,
        auxiliary_weight: options.auxiliary_weight,
        abstain_error: options.abstain_error,
    }
}

fn check(options: &TrainOptions) -> Result<()> {
    let fail = |message: &str| Err(Error::new(ErrorKind::Config, message));
    if options.labels.is_empty() {
        return fail("there are no labels to train on");
    }
    if options.n_folds < 2 {
        return fail("cross-validation needs at least two folds");
    }
    if options.shots == Some(0) {
        return fail("there must be a sentence for each pole to learn from");
    }
    if options.penalties.is_empty() || !options.penalties.iter().all(|p| p.is_finite() && *p > 0.0)
    {
        return fail("penalties must be positive numbers, one at least");
    }
    if !(options.auxiliary_weight.is_finite() && options.auxiliary_weight > 0.0) {
        return fail("the weight of auxiliary labels must be a positive number");
    }
    if !(0.0..=0.5).contains(&options.abstain_error) {
        return fail("the error level of abstention must be between 0 and 0.5");
    }
    Ok(())
}
