//! Zero-shot by entailment: a statement leans to a pole where its sentence entails the pole's hypothesis.
//!
//! The premise is the sentence, the hypothesis says that the holder supports the pole ([`Hypotheses`]), and a model
//! for entailment ([`Entailment`]) gives the margin: the log-odds that the one follows from the other. Nothing is
//! trained. By default a pole is supported from a probability of ½ on; labelled sentences can calibrate the margins
//! and set better thresholds ([`crate::train::decisions`]).

use super::{Codebook, Decision, Hypotheses, Lean, Platt};
use crate::encode::{self, Entailment, Input, Tokens};
use crate::error::Result;
use crate::schedule::Workers;

/// Pairs whose tokens are held at once, so that memory does not grow with the number of statements.
const WINDOW: usize = 8192;

/// What is asked about: somebody's words in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Premise<'a> {
    /// The sentence.
    pub sentence: &'a str,
    /// The holder as the text names it; `None` is the text's own voice.
    pub holder: Option<&'a str>,
    /// As [`StatementFeatures::own_words`](super::StatementFeatures::own_words): where it is false, the statement has
    /// no lean by rule, and the model is not asked.
    pub own_words: bool,
}

/// What a model says about statements.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Margins {
    /// For each statement one margin for each pole, in the order of [`Codebook::poles`]; `None` where the model was
    /// not asked.
    pub rows: Vec<Option<Vec<f64>>>,
    /// Pairs of sentence and hypothesis that the model has read; equal ones count once.
    pub n_pairs: usize,
    /// How many of them were longer than the model reads.
    pub n_truncated: usize,
}

impl Margins {
    /// Asks `model` about each pole for each of `statements`, in batches of at most `batch_tokens` tokens on all
    /// `workers`. Each pair is read once, however often it occurs, and its margin depends on nothing else. `step` is
    /// called before each batch, with the number of its pairs.
    ///
    /// # Errors
    /// The first error of the model or of `step`.
    pub fn ask(
        model: &Entailment,
        hypotheses: &Hypotheses,
        statements: &[Premise<'_>],
        batch_tokens: usize,
        workers: &Workers,
        step: impl Fn(usize) -> Result<()> + Sync,
    ) -> Result<Self> {
        let asked: Vec<&Premise<'_>> = statements.iter().filter(|one| one.own_words).collect();
        let (holders, holder_of) = encode::distinct(asked.iter().map(|one| one.holder));
        let about: Vec<Vec<String>> =
            holders.into_iter().map(|one| hypotheses.about(one)).collect();
        let pairs = asked.iter().zip(holder_of).flat_map(|(one, holder)| {
            about[holder].iter().map(|hypothesis| Input::pair(one.sentence, hypothesis))
        });
        let (pairs, places) = encode::distinct(pairs);
        let (mut margins, mut n_truncated) = (Vec::with_capacity(pairs.len()), 0);
        for window in pairs.chunks(WINDOW) {
            let tokens = workers.try_map(window.to_vec(), |pair| {
                model.tokenize(pair.text, pair.pair.unwrap_or_default())
            })?;
            n_truncated += tokens.iter().filter(|tokens| tokens.truncated).count();
            margins.extend(read(model, &tokens, batch_tokens, workers, &step)?);
        }
        let mut places = places.chunks(hypotheses.templates().len());
        let rows = statements.iter().map(|one| {
            let places = if one.own_words { places.next() } else { None };
            places.map(|places| places.iter().map(|place| margins[*place]).collect())
        });
        Ok(Self { rows: rows.collect(), n_pairs: pairs.len(), n_truncated })
    }
}

/// One margin for each member of `tokens`.
fn read(
    model: &Entailment,
    tokens: &[Tokens],
    batch_tokens: usize,
    workers: &Workers,
    step: &(impl Fn(usize) -> Result<()> + Sync),
) -> Result<Vec<f64>> {
    let lengths: Vec<usize> = tokens.iter().map(Tokens::len).collect();
    let batches = encode::batches(&lengths, batch_tokens);
    let found = workers.try_map(batches.iter().collect(), |batch: &Vec<usize>| {
        step(batch.len())?;
        let members: Vec<Tokens> = batch.iter().map(|index| tokens[*index].clone()).collect();
        model.margins(&members)
    })?;
    let mut margins = vec![0.0; tokens.len()];
    for (index, margin) in batches.iter().flatten().zip(found.into_iter().flatten()) {
        margins[*index] = margin;
    }
    Ok(margins)
}

/// One decision for each pole of a codebook.
#[derive(Clone, Debug, PartialEq)]
pub struct Decisions {
    /// In the order of the codebook's axes.
    axes: Vec<[Decision; 2]>,
}

impl Decisions {
    /// The given decisions, in the order of the codebook's axes.
    pub fn new(axes: Vec<[Decision; 2]>) -> Self {
        Self { axes }
    }

    /// What a model's own probabilities say: support from ½ on.
    pub fn uncalibrated(codebook: &Codebook, abstain_error: f64) -> Self {
        let decision = Decision::new(Platt::IDENTITY, 0.5, abstain_error);
        Self::new(vec![[decision; 2]; codebook.axes.len()])
    }

    /// In the order of the codebook's axes.
    pub fn axes(&self) -> &[[Decision; 2]] {
        &self.axes
    }

    /// The lean on each axis of a statement with these margins, a member of [`Margins::rows`]; no position, for
    /// sure, where the model was not asked.
    ///
    /// # Panics
    /// If there are not as many margins as poles.
    pub fn leans(&self, margins: Option<&[f64]>) -> Vec<Lean> {
        let Some(margins) = margins else { return vec![Lean::default(); self.axes.len()] };
        let (pairs, rest) = margins.as_chunks::<2>();
        assert!(
            pairs.len() == self.axes.len() && rest.is_empty(),
            "there is a margin for each pole"
        );
        let lean = |(margins, axis): (&[f64; 2], &[Decision; 2])| {
            let p = [0, 1].map(|pole| axis[pole].calibration.probability(margins[pole]));
            Lean::decided(p, *axis)
        };
        pairs.iter().zip(&self.axes).map(lean).collect()
    }
}

#[cfg(test)]
mod tests;
