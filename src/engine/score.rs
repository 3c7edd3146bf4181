//! From statements found to leans: which of them are read, what is encoded, what the heads say.

use std::collections::HashMap;

use ndarray::Array2;

use super::part::{Known, Place};
use super::{Engine, Session};
use crate::analysis::Analysis;
use crate::attribute::StatementDraft;
use crate::classify::{Heads, Lean, StatementFeatures};
use crate::document::{Attribution, Manner, Sentence};
use crate::encode::{self, Encoder, Tokens};
use crate::error::Result;
use crate::observe::Event;

/// A draft with the index of its document.
type Placed<'a> = (usize, &'a Draft);

fn sentence_of((place, draft): Placed<'_>) -> Place {
    (place, draft.found.sentence)
}

impl Engine {
    /// Encodes and classifies drafts: those in the texts' own voice, then those of others in the sentences that are
    /// relevant. `places` says whose drafts they are; a sentence's own voice comes before the others in it, in these
    /// drafts or in earlier ones, whose scores `analyses` have.
    pub(super) fn score(
        &self,
        analyses: &[Analysis],
        known: &Known,
        places: &[usize],
        drafts: &[Draft],
        session: Session<'_>,
    ) -> Result<Vec<Score>> {
        let all = || places.iter().copied().zip(drafts);
        let own: Vec<Placed<'_>> = all().filter(|(_, draft)| draft.holder().is_none()).collect();
        let own_scores = self.read_statements(analyses, known, &own, session)?;
        let here: HashMap<Place, Vec<Lean>> = own
            .iter()
            .zip(&own_scores)
            .map(|(one, score)| (sentence_of(*one), score.sentence_leans.clone()))
            .collect();
        let whole = |one: Placed<'_>| {
            let (place, sentence) = sentence_of(one);
            here.get(&(place, sentence)).unwrap_or(&analyses[place].sentence_leans[sentence])
        };
        let is_read = |one: &Placed<'_>| {
            let asked_for = self.embeddings || self.heads.is_relevant(whole(*one));
            one.1.holder().is_some() && asked_for
        };
        let told: Vec<Placed<'_>> = all().filter(is_read).collect();
        let told_scores = self.read_statements(analyses, known, &told, session)?;
        let (mut own_scores, mut told_scores) = (own_scores.into_iter(), told_scores.into_iter());
        let mut next_told = || told_scores.next().expect("one for each statement that is read");
        let score = |one: Placed<'_>| {
            if one.1.holder().is_none() {
                return own_scores.next().expect("one for each statement of the text's own");
            }
            let whole = whole(one);
            match (self.heads.is_relevant(whole), self.embeddings) {
                (true, _) => next_told(),
                (false, true) => Score { leans: Heads::reported(whole), ..next_told() },
                (false, false) => Score::unread(whole),
            }
        };
        Ok(all().map(score).collect())
    }

    /// Encodes and classifies; equal inputs are encoded once.
    fn read_statements(
        &self,
        analyses: &[Analysis],
        known: &Known,
        drafts: &[Placed<'_>],
        session: Session<'_>,
    ) -> Result<Vec<Score>> {
        let rows: Vec<Option<usize>> =
            drafts.iter().map(|(place, draft)| draft.own_row(*place, known)).collect();
        let new = drafts.iter().zip(&rows).filter(|(_, row)| row.is_none());
        let (unique, indices) = encode::distinct(new.map(|((place, draft), _)| {
            self.heads.input(draft.holder(), draft.sentence_of(&analyses[*place]))
        }));
        let mut indices = indices.into_iter();
        let place = |row: Option<usize>| match row {
            Some(row) => Embedded::Known(row),
            None => Embedded::New(indices.next().expect("one for each that is not known")),
        };
        let inputs: Vec<Embedded> = rows.into_iter().map(place).collect();
        let tokens = session.workers.try_map(unique, |input| self.encoder.tokenize(input))?;
        let embeddings = encode_all(self.encoder.as_ref(), &tokens, self.batch_tokens, session)?;
        let scores = inputs.into_iter().zip(drafts).collect();
        Ok(session.workers.map(scores, |(input, (place, draft)): (Embedded, &Placed<'_>)| {
            let (embedding, truncated) = match input {
                Embedded::New(row) => (embeddings.row(row), tokens[row].truncated),
                Embedded::Known(row) => (known.embeddings.row(row), known.truncated[row]),
            };
            let embedding = embedding.to_slice().expect("rows are contiguous");
            let sentence = draft.sentence_of(&analyses[*place]);
            Score {
                leans: self.heads.predict(sentence, embedding, &draft.features),
                sentence_leans: match draft.holder() {
                    None => self.heads.predict_sentence(sentence, embedding, &draft.features),
                    Some(_) => Vec::new(),
                },
                embedding: if self.embeddings { embedding.to_vec() } else { Vec::new() },
                truncated,
            }
        }))
    }
}

/// The row of an embedding.
#[derive(Clone, Copy)]
enum Embedded {
    New(usize),
    Known(usize),
}

/// What scoring finds out about a draft.
pub(super) struct Score {
    pub(super) leans: Vec<Lean>,
    /// Of the whole sentence, with its statement in the text's own voice; empty where the heads know of
    /// statements only.
    pub(super) sentence_leans: Vec<Lean>,
    pub(super) embedding: Vec<f32>,
    pub(super) truncated: bool,
}

impl Score {
    /// That of a reported statement in a sentence that is not relevant.
    fn unread(whole: &[Lean]) -> Self {
        Self {
            leans: Heads::reported(whole),
            sentence_leans: Vec::new(),
            embedding: Vec::new(),
            truncated: false,
        }
    }
}

/// A statement found, with what the heads are told beside its words.
pub(super) struct Draft {
    pub(super) found: StatementDraft,
    features: StatementFeatures,
}

impl Draft {
    /// The holder, unless it is the voice of the text itself.
    pub(super) fn holder(&self) -> Option<&str> {
        (self.found.manner != Manner::Own).then_some(self.found.holder.as_str())
    }

    /// The row of its embedding, where the tagger has brought it along: only for the text's own voice.
    fn own_row(&self, document: usize, known: &Known) -> Option<usize> {
        let own = self.holder().is_none();
        known.row((document, self.found.sentence)).filter(|_| own)
    }

    fn sentence_of<'a>(&self, analysis: &'a Analysis) -> &'a str {
        analysis.sentences[self.found.sentence].span.of(&analysis.document.text)
    }
}

/// The drafts of one document with what the heads are told beside.
pub(super) fn with_features(
    drafts: Vec<StatementDraft>,
    sentences: &[Sentence],
    attributions: &[Attribution],
) -> Vec<Draft> {
    let told = told_in(sentences, attributions);
    let features = |found: &StatementDraft| match found.manner {
        Manner::Own => {
            let told = told[found.sentence].iter().map(|index| &attributions[*index]);
            StatementFeatures::own(sentences[found.sentence].span, told, found.own_words)
        }
        manner => StatementFeatures::reported(manner),
    };
    drafts.into_iter().map(|found| Draft { features: features(&found), found }).collect()
}

/// For each sentence the attributions whose content touches it.
fn told_in(sentences: &[Sentence], attributions: &[Attribution]) -> Vec<Vec<usize>> {
    let mut told = vec![Vec::new(); sentences.len()];
    for (index, attribution) in attributions.iter().enumerate() {
        for content in &attribution.content {
            let first = sentences.partition_point(|sentence| sentence.span.end <= content.start);
            let touched = sentences[first..].iter().take_while(|s| s.span.start < content.end);
            let touched = touched.count();
            for told in &mut told[first..first + touched] {
                if told.last() != Some(&index) {
                    told.push(index);
                }
            }
        }
    }
    told
}

/// One row per member of `tokens`, encoded in batches of at most `batch_tokens` tokens on all workers.
///
/// # Errors
/// The first error of the encoder, or when a stop was asked for.
pub fn encode_all(
    encoder: &dyn Encoder,
    tokens: &[Tokens],
    batch_tokens: usize,
    session: Session<'_>,
) -> Result<Array2<f32>> {
    let lengths: Vec<usize> = tokens.iter().map(Tokens::len).collect();
    let batches = encode::batches(&lengths, batch_tokens);
    let vectors = session.workers.try_map(batches.iter().collect(), |batch: &Vec<usize>| {
        session.stop.check()?;
        let members: Vec<Tokens> = batch.iter().map(|index| tokens[*index].clone()).collect();
        let rows = encoder.encode(&members)?;
        session.observer.event(&Event::Encoded { sentences: batch.len() });
        Ok(rows)
    })?;
    let mut embeddings = Array2::zeros((tokens.len(), encoder.dimension()));
    for (batch, rows) in batches.iter().zip(vectors) {
        for (index, row) in batch.iter().zip(rows.rows()) {
            embeddings.row_mut(*index).assign(&row);
        }
    }
    Ok(embeddings)
}
