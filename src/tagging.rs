//! What the tagger is told of a document, and what becomes of what it finds: the bridge between `attribute` and `encode`.

use crate::attribute;
use crate::document::{Sentence, Span};

/// For each sentence its parts in quotation marks, counted from its start; in order and disjoint.
pub fn quoted_parts(text: &str, sentences: &[Sentence]) -> Vec<Vec<Span>> {
    let quotations = attribute::quoted(text);
    let parts = |sentence: &Sentence| {
        let Span { start, end } = sentence.span;
        let first = quotations.partition_point(|quoted| quoted.end <= start);
        let inside = quotations[first..].iter().take_while(|quoted| quoted.start < end);
        inside
            .map(|quoted| Span::new(quoted.start.max(start) - start, quoted.end.min(end) - start))
            .collect()
    };
    sentences.iter().map(parts).collect()
}
