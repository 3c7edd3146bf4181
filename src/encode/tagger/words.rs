//! A sentence as a tagger reads it: tokens, the words they make up, and what the tokens do not show.

use crate::document::Span;
use crate::encode::Tokens;

/// How a word is written. The tokenizer lowers all letters, so this is the only trace of a name.
///
/// The discriminants are rows of the tagger's table of shapes; row 0 belongs to the special tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Shape {
    /// Small letters first, or a script without case.
    Lower = 1,
    /// A capital first.
    Capital = 2,
    /// Two letters or more, all of them capitals.
    Capitals = 3,
    /// Neither letter nor digit.
    Mark = 4,
    /// A digit first.
    Number = 5,
}

impl Shape {
    /// Rows of a table of shapes.
    pub(super) const COUNT: usize = 6;

    /// The shape of a word; an empty one is a mark.
    pub fn of(word: &str) -> Self {
        let Some(first) = word.chars().next() else { return Self::Mark };
        if !word.contains(char::is_alphanumeric) {
            return Self::Mark;
        }
        let cased = |c: &char| c.is_uppercase() || c.is_lowercase();
        match first {
            _ if first.is_numeric() => Self::Number,
            _ if word.chars().filter(cased).count() > 1
                && word.chars().filter(cased).all(char::is_uppercase) =>
            {
                Self::Capitals
            }
            _ if first.is_uppercase() => Self::Capital,
            _ => Self::Lower,
        }
    }
}

/// A word or a mark of a sentence, as the tokenizer cuts it before it looks into its vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Word {
    /// Index of its first token.
    pub token: usize,
    /// Its bytes in the sentence.
    pub span: Span,
    /// How it is written.
    pub shape: Shape,
    /// Whether it stands in a quotation or is one of its marks.
    pub quoted: bool,
}

/// What a tagger reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Reading {
    /// As the encoder reads the sentence.
    pub tokens: Tokens,
    /// In the order of the text; what was cut off at the end is missing.
    pub words: Vec<Word>,
}

impl AsRef<Tokens> for Reading {
    fn as_ref(&self) -> &Tokens {
        &self.tokens
    }
}

impl Reading {
    /// Joins the pieces of `sentence` to words. A piece is the number of the word that it belongs to and its
    /// bytes, `None` for a special token. `quotations` are spans in the sentence, in order and disjoint.
    pub(in crate::encode) fn new(
        sentence: &str,
        tokens: Tokens,
        pieces: impl Iterator<Item = Option<(u32, Span)>>,
        quotations: &[Span],
    ) -> Self {
        let mut words: Vec<Word> = Vec::new();
        let mut last = None;
        for (token, piece) in pieces.enumerate() {
            let Some((number, span)) = piece else { continue };
            match words.last_mut().filter(|_| last == Some(number)) {
                Some(word) => word.span.end = span.end,
                None => words.push(Word { token, span, shape: Shape::Mark, quoted: false }),
            }
            last = Some(number);
        }
        for word in &mut words {
            word.shape = Shape::of(word.span.of(sentence));
            let after = quotations.partition_point(|quoted| quoted.end <= word.span.start);
            word.quoted = quotations.get(after).is_some_and(|quoted| quoted.overlaps(word.span));
        }
        Self { tokens, words }
    }

    /// For each token the row of the table of shapes and that of quotations that its word has; 0 for the
    /// special tokens.
    pub(super) fn features(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut words = self.words.iter().peekable();
        let mut current = (0, 0);
        let last = self.tokens.len().saturating_sub(1);
        (0..self.tokens.len()).map(move |token| {
            if let Some(word) = words.next_if(|word| word.token == token) {
                current = (word.shape as usize, usize::from(word.quoted));
            }
            if token == last { (0, 0) } else { current }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_tell_how_a_word_is_written() {
        use Shape::{Capital, Capitals, Lower, Mark, Number};
        let words = ["ministry", "Solheim", "UN", "A", "“", "2024", "15th", "iX", "G7", "国家", ""];
        let shapes =
            [Lower, Capital, Capitals, Capital, Mark, Number, Number, Lower, Capital, Lower, Mark];
        assert_eq!(words.map(Shape::of), shapes);
    }

    #[test]
    fn pieces_become_words_and_know_their_quotation() {
        let sentence = "She said “no way”";
        let piece = |number, start, end| Some((number, Span::new(start, end)));
        let pieces = [
            None,
            piece(0, 0, 3),
            piece(1, 4, 6),
            piece(1, 6, 8),
            piece(2, 9, 12),
            piece(3, 12, 14),
            piece(4, 15, 18),
            piece(5, 18, 21),
            None,
        ];
        let ids = vec![0; pieces.len()];
        let tokens = Tokens { type_ids: ids.clone(), ids, truncated: false };
        let reading = Reading::new(sentence, tokens, pieces.into_iter(), &[Span::new(9, 21)]);
        let words: Vec<_> = reading.words.iter().map(|word| word.span.of(sentence)).collect();
        assert_eq!(words, ["She", "said", "“", "no", "way", "”"]);
        let quoted: Vec<_> = reading.words.iter().map(|word| word.quoted).collect();
        assert_eq!(quoted, [false, false, true, true, true, true]);
        let features: Vec<_> = reading.features().collect();
        let expected = [(0, 0), (2, 0), (1, 0), (1, 0), (4, 1), (1, 1), (1, 1), (4, 1), (0, 0)];
        assert_eq!(features, expected);
    }
}
