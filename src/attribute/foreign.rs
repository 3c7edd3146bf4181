//! Quotations in languages other than English: a cue word of the language beside the quotation, and the
//! capitalised words, or in scripts without capitals the words, next to the cue.

use super::mention::capital_runs;
use super::quotation::Quotation;
use super::reported::{Found, QUOTATION};
use crate::document::{Manner, Span};

/// How far from a quotation its cue can stand, in bytes.
const REACH: usize = 160;

/// The quotations with a cue of the language beside them.
pub(super) fn attributed(text: &str, quotations: &[Quotation], cues: &[String]) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, quotation) in quotations.iter().enumerate() {
        let floor = at.checked_sub(1).map_or(0, |before| quotations[before].span.end);
        let ceiling = quotations.get(at + 1).map_or(text.len(), |next| next.span.start);
        let behind = behind(text, quotation.span.end, ceiling);
        let before = before(text, quotation.span.start, floor);
        let hit = attribution(text, behind, cues, true)
            .or_else(|| attribution(text, before, cues, false));
        found.extend(hit.map(|(source, cue)| Found {
            manner: Manner::Direct,
            source: Some(source),
            cue: Some(cue),
            content: vec![quotation.span],
            method: QUOTATION,
            confidence: 0.8,
        }));
    }
    found
}

/// The rest of the sentence behind a quotation.
fn behind(text: &str, from: usize, ceiling: usize) -> Span {
    let limit = boundary(text, ceiling.min(from + REACH));
    let end =
        text[from..limit].find(['.', '!', '?', '。', '\n', ';']).map_or(limit, |at| from + at);
    Span::new(from, end)
}

/// The beginning of the sentence before a quotation.
fn before(text: &str, to: usize, floor: usize) -> Span {
    let start = boundary(text, floor.max(to.saturating_sub(REACH)));
    let stop = text[start..to].rfind(['.', '!', '?', '。', '\n', ';']);
    Span::new(stop.map_or(start, |at| boundary(text, start + at + 1)), to)
}

/// The next character boundary at or behind `at`.
fn boundary(text: &str, at: usize) -> usize {
    (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// The source and the cue in a stretch beside a quotation.
fn attribution(text: &str, near: Span, cues: &[String], behind: bool) -> Option<(Span, Span)> {
    let cue = cues.iter().filter_map(|cue| word_in(text, near, cue)).min()?;
    let after = Span::new(cue.end, near.end);
    let ahead = Span::new(near.start, cue.start);
    let source = if behind {
        first_name(text, after).or_else(|| last_name(text, ahead))
    } else {
        last_name(text, ahead).or_else(|| first_name(text, after))
    };
    source.or_else(|| plain_source(text, ahead)).map(|source| (source, cue))
}

/// Where `word` stands in a stretch: as a word, or anywhere in scripts without spaces.
fn word_in(text: &str, near: Span, word: &str) -> Option<Span> {
    let start = near.start + near.of(text).find(word)?;
    let span = Span::new(start, start + word.len());
    let wide = word.chars().all(|c| c >= '\u{3000}');
    let open = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let alone =
        open(text[..span.start].chars().next_back()) && open(text[span.end..].chars().next());
    (wide || alone).then_some(span)
}

fn first_name(text: &str, span: Span) -> Option<Span> {
    capital_runs(text, span).next().map(|run| hull(&run))
}

fn last_name(text: &str, span: Span) -> Option<Span> {
    capital_runs(text, span).last().map(|run| hull(&run))
}

fn hull(run: &[Span]) -> Span {
    Span::new(run[0].start, run[run.len() - 1].end)
}

/// In scripts without capitals: what stands before the cue, up to the last comma.
fn plain_source(text: &str, span: Span) -> Option<Span> {
    let words = span.of(text);
    let start = words.rfind(['，', '、', ',', '：']).map_or(0, |at| boundary(words, at + 1));
    let source = Span::new(span.start + start, span.end).trimmed(text);
    let caseless = source.of(text).chars().all(|c| !c.is_lowercase() && !c.is_uppercase());
    (!source.is_empty() && caseless && source.len() <= 60).then_some(source)
}
