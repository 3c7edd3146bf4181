//! What a head knows about a statement beside the embedding.

use serde::{Deserialize, Serialize};

use crate::document::{Attribution, Manner, Span};

/// How a statement stands in its sentence.
///
/// Most sentences carry one statement, in the text's own voice. Where a sentence also tells somebody
/// else's words, its own voice often holds nothing: these numbers let the heads learn that from
/// labelled sentences.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatementFeatures {
    /// Own voice, quotation or report.
    pub manner: Manner,
    /// Whether words of the holder stand in the sentence. Where they do not, as for the own voice of a
    /// sentence that is wholly somebody else's quotation, the statement has no lean, whatever the heads
    /// say.
    pub own_words: bool,
    /// For the own voice: the share of the sentence's bytes, 0..=1, that are words or views attributed
    /// to others. 0 for reported statements.
    pub reported_share: f32,
}

impl StatementFeatures {
    /// The names of [`StatementFeatures::values`], as `heads.json` records them.
    pub const NAMES: [&'static str; 4] =
        ["direct", "indirect", "own_beside_reported", "own_reported_share"];

    /// The own voice of a sentence that reports nobody.
    pub const PLAIN: Self = Self { manner: Manner::Own, own_words: true, reported_share: 0.0 };

    /// The own voice of `sentence`, given attributions of its document: those that touch the sentence
    /// or more.
    pub fn own<'a>(
        sentence: Span,
        attributions: impl IntoIterator<Item = &'a Attribution>,
        own_words: bool,
    ) -> Self {
        let others = |attribution: &&Attribution| attribution.manner != Manner::Own;
        let mut told: Vec<Span> = attributions
            .into_iter()
            .filter(others)
            .flat_map(|attribution| &attribution.content)
            .filter(|content| content.overlaps(sentence))
            .copied()
            .collect();
        told.sort_unstable();
        let (mut covered, mut from) = (0, sentence.start);
        for content in told {
            let end = content.end.min(sentence.end);
            covered += end.saturating_sub(content.start.max(from));
            from = from.max(end);
        }
        let reported_share = covered as f32 / sentence.len().max(1) as f32;
        Self { manner: Manner::Own, own_words, reported_share }
    }

    /// A statement of somebody else; `manner` is direct or indirect.
    pub fn reported(manner: Manner) -> Self {
        Self { manner, ..Self::PLAIN }
    }

    /// Whether the statement is somebody else's.
    pub fn is_reported(self) -> bool {
        self.manner != Manner::Own
    }

    /// The inputs of the heads, in the order of [`StatementFeatures::NAMES`], each in 0..=1.
    pub fn values(self) -> [f32; 4] {
        let flag = |on: bool| f32::from(u8::from(on));
        let share = if self.is_reported() { 0.0 } else { self.reported_share };
        [
            flag(self.manner == Manner::Direct),
            flag(self.manner == Manner::Indirect),
            flag(share > 0.0),
            share,
        ]
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;
    use crate::document::HolderNotes;

    #[test]
    fn overlapping_contents_count_once() {
        let attribution = |content: &[(usize, usize)]| Attribution {
            manner: Manner::Direct,
            source: None,
            cue: None,
            content: content.iter().map(|(start, end)| Span::new(*start, *end)).collect(),
            holder: None,
            holder_notes: HolderNotes::default(),
            method: String::new(),
            confidence: 1.0,
        };
        let found = [attribution(&[(0, 12), (20, 30)]), attribution(&[(25, 28), (90, 200)])];
        let share =
            |start, end| StatementFeatures::own(Span::new(start, end), &found, true).reported_share;
        assert_eq!(share(10, 110), 0.32);
        assert_eq!(share(20, 30), 1.0);
        assert_eq!(share(40, 50), 0.0);
    }

    #[test]
    fn features_tell_the_manners_apart() {
        assert_eq!(StatementFeatures::PLAIN.values(), [0.0; 4]);
        let half = StatementFeatures { reported_share: 0.5, ..StatementFeatures::PLAIN };
        assert_eq!(half.values(), [0.0, 0.0, 1.0, 0.5]);
        assert_eq!(StatementFeatures::reported(Manner::Direct).values(), [1.0, 0.0, 0.0, 0.0]);
        assert_eq!(StatementFeatures::reported(Manner::Indirect).values(), [0.0, 1.0, 0.0, 0.0]);
    }
}
