//! Documents on their way past the tagger, and the embeddings that it brings along.

use std::collections::HashMap;

use ndarray::Array2;

use crate::document::{Claim, Document, Sentence, Span, Turn};
use crate::tagging::Quoted;

/// A document and a sentence of it, as indices.
pub(super) type Place = (usize, usize);

/// A document on its way past the tagger.
pub(super) struct Part {
    pub(super) document: Document,
    pub(super) sentences: Vec<Sentence>,
    pub(super) turns: Vec<Turn>,
    /// For each sentence its parts in quotation marks; `None` for a text that the tagger does not read.
    pub(super) quoted: Option<Vec<Vec<Span>>>,
    /// What the tagger found, for each sentence that it has read so far.
    pub(super) claims: Vec<Vec<Claim>>,
}

impl Part {
    /// The sentences that the tagger reads.
    pub(super) fn places(&self, part: usize) -> impl Iterator<Item = Place> + use<> {
        let count = self.quoted.as_ref().map_or(0, Vec::len);
        (0..count).map(move |sentence| (part, sentence))
    }

    /// The words of a sentence and its parts in quotation marks.
    pub(super) fn sentence(&self, sentence: usize) -> Quoted<'_> {
        let quoted = self.quoted.as_ref().map_or(&[][..], |quoted| &quoted[sentence]);
        (self.sentences[sentence].span.of(&self.document.text), quoted)
    }
}

/// The embeddings that the tagger has brought along, of sentences in the text's own voice.
#[derive(Default)]
pub(super) struct Known {
    pub(super) rows: HashMap<Place, usize>,
    pub(super) embeddings: Array2<f32>,
    /// For each row whether the sentence was longer than the model reads.
    pub(super) truncated: Vec<bool>,
}

impl Known {
    /// Those of the sentences at `places`, which have the given rows.
    pub(super) fn new(
        places: &[Place],
        rows: &[usize],
        embeddings: Array2<f32>,
        truncated: Vec<bool>,
    ) -> Self {
        let rows = places.iter().copied().zip(rows.iter().copied()).collect();
        Self { rows, embeddings, truncated }
    }

    /// The row of a sentence in the text's own voice, where it is known.
    pub(super) fn row(&self, place: Place) -> Option<usize> {
        self.rows.get(&place).copied()
    }
}
