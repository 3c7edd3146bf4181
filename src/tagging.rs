//! The tagger at work: the bridge between `encode`, which reads sentences word by word, and `attribute`, which
//! makes attributions of what it finds.

use std::collections::HashMap;
use std::sync::Arc;

use ndarray::Array2;

use crate::attribute::{self, Attributor, RuleAttributor};
use crate::document::{Attribution, Claim, Sentence, Span, Turn};
use crate::encode::tagger::Reading;
use crate::encode::{self, Encoder, NativeEncoder};
use crate::engine::Session;
use crate::error::Result;
use crate::observe::Event;

/// Whether the tagger reads texts of this language; it was trained on English. A text without a language counts
/// as English, as it does for the rules.
pub fn is_read(lang: Option<&str>) -> bool {
    lang.is_none_or(|lang| lang == "en")
}

/// The sentences of a text as the tagger reads them.
///
/// # Errors
/// Where the tokenizer cannot handle a sentence.
pub fn readings(
    encoder: &NativeEncoder,
    text: &str,
    sentences: &[Sentence],
) -> Result<Vec<Reading>> {
    let quoted = quoted_parts(text, sentences);
    let reading = |(sentence, quoted): (&Sentence, &Vec<Span>)| {
        encoder.read_words(sentence.span.of(text), quoted)
    };
    sentences.iter().zip(&quoted).map(reading).collect()
}

/// For each sentence its parts in quotation marks, counted from its start; in order and disjoint.
pub fn quoted_parts(text: &str, sentences: &[Sentence]) -> Vec<Vec<Span>> {
    let quotations = attribute::quoted(text);
    let parts = |sentence: &Sentence| {
        let Span { start, end } = sentence.span;
        let first = quotations.partition_point(|quoted| quoted.end <= start);
        let inside = quotations[first..].iter().take_while(|quoted| quoted.start < end);
        let part =
            |quoted: &Span| Span::new(quoted.start.max(start) - start, quoted.end.min(end) - start);
        inside.map(part).collect()
    };
    sentences.iter().map(parts).collect()
}

/// What the encoder and its tagger give for sentences.
pub struct Tagged {
    /// For each sentence what others say in it, bytes counted from its start.
    pub claims: Vec<Vec<Claim>>,
    /// For each sentence the row of its embedding.
    pub rows: Vec<usize>,
    /// The embeddings of the distinct sentences.
    pub embeddings: Array2<f32>,
}

/// Encodes and tags sentences on all workers, in batches of at most `batch_tokens` tokens; equal sentences once.
///
/// # Errors
/// The first error of the encoder, or when a stop was asked for.
pub fn tag_all(
    encoder: &NativeEncoder,
    readings: &[Reading],
    batch_tokens: usize,
    session: Session<'_>,
) -> Result<Tagged> {
    let mut distinct: Vec<&Reading> = Vec::new();
    let mut index_of: HashMap<&Reading, usize> = HashMap::new();
    let rows = readings.iter().map(|reading| {
        *index_of.entry(reading).or_insert_with(|| {
            distinct.push(reading);
            distinct.len() - 1
        })
    });
    let rows: Vec<usize> = rows.collect();
    let lengths: Vec<usize> = distinct.iter().map(|reading| reading.tokens.len()).collect();
    let batches = encode::batches(&lengths, batch_tokens);
    let found = session.workers.try_map(batches.iter().collect(), |batch: &Vec<usize>| {
        session.stop.check()?;
        let members: Vec<&Reading> = batch.iter().map(|index| distinct[*index]).collect();
        let found = encoder.encode_tagged(&members)?;
        session.observer.event(&Event::Encoded { sentences: batch.len() });
        Ok(found)
    })?;
    let mut embeddings = Array2::zeros((distinct.len(), encoder.dimension()));
    let mut claims = vec![Vec::new(); distinct.len()];
    for (batch, (vectors, found)) in batches.iter().zip(found) {
        for ((index, vector), found) in batch.iter().zip(vectors.rows()).zip(found) {
            embeddings.row_mut(*index).assign(&vector);
            claims[*index] = found;
        }
    }
    let claims = rows.iter().map(|row| claims[*row].clone()).collect();
    Ok(Tagged { claims, rows, embeddings })
}

/// Claims of sentences as claims of their text.
pub fn in_text(sentences: &[Sentence], claims: Vec<Vec<Claim>>) -> Vec<Claim> {
    let shifted = |(sentence, claims): (&Sentence, Vec<Claim>)| {
        let start = sentence.span.start;
        claims.into_iter().map(move |claim| claim.shifted(start))
    };
    sentences.iter().zip(claims).flat_map(shifted).collect()
}

/// Attributions by the built-in tagger, one text at a time on the calling thread; by rules alone in languages that
/// the tagger does not read.
pub struct TaggingAttributor {
    encoder: Arc<NativeEncoder>,
    rules: RuleAttributor,
}

impl TaggingAttributor {
    /// The tagger inside the program, completed by `rules`.
    ///
    /// # Errors
    /// As [`encode::default_model`].
    pub fn built_in(rules: RuleAttributor) -> Result<Self> {
        Ok(Self { encoder: Arc::new(encode::default_model()?), rules })
    }
}

impl Attributor for TaggingAttributor {
    fn attributions(
        &self,
        text: &str,
        sentences: &[Sentence],
        turns: &[Turn],
        lang: Option<&str>,
    ) -> Vec<Attribution> {
        if !is_read(lang) {
            return self.rules.attributions(text, sentences, turns, lang);
        }
        let whole = "the built-in model reads every text";
        let readings = readings(&self.encoder, text, sentences).expect(whole);
        let members: Vec<&Reading> = readings.iter().collect();
        let (_, claims) = self.encoder.encode_tagged(&members).expect(whole);
        self.rules.complete(text, sentences, turns, &in_text(sentences, claims))
    }
}
