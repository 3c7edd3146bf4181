//! What a tagger found sentence by sentence, joined with what the rules know of quotations.
//!
//! The tagger decides who says what. The rules give structure that no single sentence shows: a quotation that runs
//! over sentences is one content, and a quotation that goes on belongs to whom the one before did.

use std::collections::BTreeMap;

use super::quotation::Quotation;
use super::reported::{Found, QUOTATION};
use crate::document::{Claim, Manner, Sentence, Span};

/// How an attribution of the tagger is marked.
const METHOD: &str = "tagger";

/// Bytes that may lie between the ends of a content and of the quotation that it is: a mark and a space.
const SLACK: usize = 4;

/// The attributions of the tagger, completed by those that `rules` find in quotations it left alone.
///
/// `claims` are the tagger's, in the order of their cues; `sentences` and `quotations` are those of `text`, in order.
pub(super) fn joined(
    text: &str,
    sentences: &[Sentence],
    quotations: &[Quotation],
    claims: &[Claim],
    rules: Vec<Found>,
) -> Vec<Found> {
    let mut found: Vec<Found> = claims
        .iter()
        .map(|claim| {
            let content = whole_quotations(sentences, quotations, claim);
            Found {
                manner: manner(text, quotations, claim, &content),
                source: claim.source,
                cue: Some(claim.cue),
                content,
                method: METHOD,
                confidence: claim.confidence,
            }
        })
        .collect();
    let told = Covered::new(found.iter().flat_map(|one| &one.content));
    let by_cue: BTreeMap<usize, usize> =
        claims.iter().enumerate().map(|(at, claim)| (claim.cue.start, at)).collect();
    let claim_at = |cue: Span| {
        let (_, at) = by_cue.range(..cue.end).next_back()?;
        claims[*at].cue.overlaps(cue).then_some(*at)
    };
    for mut rule in rules.into_iter().filter(|rule| rule.method == QUOTATION) {
        rule.content.retain(|piece| !told.touches(*piece));
        if rule.content.is_empty() {
            continue;
        }
        match rule.cue.and_then(claim_at) {
            Some(at) => found[at].content.append(&mut rule.content),
            None => found.push(rule),
        }
    }
    for one in &mut found {
        one.content = disjoint(std::mem::take(&mut one.content));
    }
    found.retain(|one| !one.content.is_empty());
    found
}

/// The pieces of a content; one that fills what its sentence holds of a quotation becomes the whole quotation.
fn whole_quotations(sentences: &[Sentence], quotations: &[Quotation], claim: &Claim) -> Vec<Span> {
    let at = sentences.partition_point(|sentence| sentence.span.end <= claim.cue.start);
    let Some(sentence) = sentences.get(at).map(|sentence| sentence.span) else {
        return claim.content.clone();
    };
    let whole = |piece: &Span| {
        let first = quotations.partition_point(|quotation| quotation.span.end <= piece.start);
        let near = quotations[first..].iter().map(|quotation| quotation.span);
        let fills = |quoted: &Span| {
            let (start, end) = (quoted.start.max(sentence.start), quoted.end.min(sentence.end));
            let goes_on = quoted.start < sentence.start || quoted.end > sentence.end;
            goes_on && piece.start <= start + SLACK && piece.end + SLACK >= end
        };
        let quoted = near.take_while(|quoted| quoted.start < piece.end).filter(fills);
        quoted.filter(|quoted| !quoted.contains(claim.cue)).fold(*piece, Span::join)
    };
    claim.content.iter().map(whole).collect()
}

/// Direct where the content begins as a quotation and is mostly one; own where the text speaks of itself.
fn manner(text: &str, quotations: &[Quotation], claim: &Claim, content: &[Span]) -> Manner {
    let Some(first) = content.first() else { return Manner::Indirect };
    let from = quotations.partition_point(|quotation| quotation.span.end <= first.start);
    let begins = quotations.get(from).map(|quotation| quotation.span);
    let quoted = |span: Span| begins.is_some_and(|quoted| quoted.overlaps(span));
    if claim.source.is_some_and(|source| !quoted(source) && is_first_person(source.of(text))) {
        return Manner::Own;
    }
    let direct = begins.is_some_and(|quoted| {
        quoted.start <= first.start + SLACK
            && 2 * quoted.end.min(first.end) >= first.start + first.end
    });
    if direct { Manner::Direct } else { Manner::Indirect }
}

/// Whether a source is the voice of the text itself.
fn is_first_person(source: &str) -> bool {
    matches!(source.to_lowercase().as_str(), "i" | "we" | "me" | "us" | "my" | "our")
}

/// Pieces in order; of two that overlap one.
fn disjoint(mut pieces: Vec<Span>) -> Vec<Span> {
    pieces.sort_unstable();
    let mut apart: Vec<Span> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match apart.last_mut().filter(|last| last.overlaps(piece)) {
            Some(last) => *last = last.join(piece),
            None => apart.push(piece),
        }
    }
    apart
}

/// The stretches that some content covers.
struct Covered(Vec<Span>);

impl Covered {
    fn new<'a>(contents: impl Iterator<Item = &'a Span>) -> Self {
        Self(disjoint(contents.copied().collect()))
    }

    fn touches(&self, span: Span) -> bool {
        let at = self.0.partition_point(|covered| covered.end <= span.start);
        self.0.get(at).is_some_and(|covered| covered.overlaps(span))
    }
}
