//! The fallback for languages without rules of their own: Unicode UAX #29 sentence boundaries.

use unicode_segmentation::UnicodeSegmentation;

use super::Segmenter;
use super::layout::blocks;
use super::lexicon::WordSet;
use crate::document::{Sentence, Span};

/// Sentences as [UAX #29](https://www.unicode.org/reports/tr29/#Sentence_Boundaries) defines them, within the
/// blocks of the layout.
#[derive(Clone, Copy, Debug, Default)]
pub struct Uax29;

impl Segmenter for Uax29 {
    fn segment(&self, text: &str) -> Vec<Sentence> {
        let continuers = WordSet::default();
        let mut sentences = Vec::new();
        for block in blocks(text, &continuers) {
            // UAX #29 ends a sentence at every line break; inside a block it is white space.
            let words = block.span.of(text).replace(['\n', '\r', '\u{c}'], " ");
            let pieces = if block.whole {
                vec![(0, words.as_str())]
            } else {
                words.split_sentence_bound_indices().collect()
            };
            for (start, piece) in pieces {
                let start = block.span.start + start;
                let span = Span::new(start, start + piece.len()).trimmed(text);
                if !span.is_empty() {
                    sentences.push(Sentence { span, paragraph: block.paragraph });
                }
            }
        }
        sentences
    }
}
