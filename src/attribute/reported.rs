//! Rules for quotations and reported speech: an honest baseline that a learned tagger can replace.
//!
//! Works paragraph by paragraph on tokens in which a whole quotation is one token, so that a sentence stays
//! one however many sentences it quotes.

use std::ops::Range;

use super::lexicon::{CueClass, CueClasses, Lexicon, VerbForm};
use super::phrase::{CueHit, source_before, span_of};
use super::quotation::Quotation;
use super::token::{Kind, Token, class, tokens};
use crate::document::{Manner, Sentence, Span};

/// The source and the cue of a paragraph that ends with a colon.
pub(super) type Announced = (Span, Span);

/// How an attribution that rests on quotation marks is marked.
pub(super) const QUOTATION: &str = "quotation";

/// Sentences are read up to this many tokens, so that work stays linear in hostile text.
pub(super) const LONGEST_SENTENCE: usize = 400;
/// Paragraphs are held in tokens up to about this many bytes at a time.
pub(super) const WINDOW: usize = 1 << 14;

/// An attribution before its holder is resolved.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) manner: Manner,
    pub(super) source: Option<Span>,
    pub(super) cue: Option<Span>,
    pub(super) content: Vec<Span>,
    pub(super) method: &'static str,
    pub(super) confidence: f32,
}

/// Finds attributions by rules. Borrowed parts live for one text.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) lexicon: &'a Lexicon,
    pub(super) quotations: &'a [Quotation],
    pub(super) found: Vec<Found>,
    /// The attribution that a quotation without one of its own continues.
    pub(super) running: Option<usize>,
    /// The source and cue of a paragraph that ended with a colon.
    pub(super) announced: Option<Announced>,
    announcing: Option<Announced>,
    /// A quotation that nobody was named for: the line behind it may be signed.
    pub(super) unsigned: Option<Vec<Span>>,
    /// The last quotation went on into the next paragraph.
    pub(super) reopened: bool,
}

/// One sentence of a paragraph: tokens `from..to`.
#[derive(Clone, Copy)]
pub(super) struct Stretch<'t, 'l> {
    pub(super) tokens: &'t [Token<'l>],
    pub(super) from: usize,
    pub(super) to: usize,
}

/// The attributions of an English text; sentences must be in order.
pub(super) fn read(
    text: &str,
    sentences: &[Sentence],
    quotations: &[Quotation],
    lexicon: &Lexicon,
) -> Vec<Found> {
    let mut reader = Reader::new(text, lexicon, quotations);
    reader.read(sentences);
    reader.found
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, lexicon: &'a Lexicon, quotations: &'a [Quotation]) -> Self {
        Self {
            text,
            lexicon,
            quotations,
            found: Vec::new(),
            running: None,
            announced: None,
            announcing: None,
            unsigned: None,
            reopened: false,
        }
    }

    /// Reads all paragraphs; sentences must be in order.
    fn read(&mut self, sentences: &[Sentence]) {
        let mut row = Vec::new();
        let (mut next, mut reached) = (0, 0);
        for paragraph in sentences.chunk_by(|one, other| one.paragraph == other.paragraph) {
            let end = paragraph[paragraph.len() - 1].span.end;
            reached = reached.max(paragraph[0].span.start);
            self.begin_paragraph();
            self.block(paragraph);
            while reached < end {
                let window = Span::new(reached, window_end(self.text, paragraph, reached));
                tokens(self.text, window, self.quotations, &mut next, self.lexicon, &mut row);
                reached = row.last().map_or(window.end, |token| token.span.end.max(window.end));
                self.window(&row, paragraph);
            }
        }
    }

    fn begin_paragraph(&mut self) {
        self.announced = self.announcing.take();
        if !self.reopened {
            self.running = None;
        }
    }

    /// Gives a paragraph without quotation marks to whom the one before announced: "Solheim went on to say:".
    fn block(&mut self, paragraph: &[Sentence]) {
        let span = Span::new(paragraph[0].span.start, paragraph[paragraph.len() - 1].span.end);
        let next = self.quotations.partition_point(|quotation| quotation.span.end <= span.start);
        let quoted = self.quotations.get(next).is_some_and(|q| q.span.start <= span.start);
        let prose = span.of(self.text).ends_with(['.', '!', '?', '…']);
        if let Some((source, cue)) = self.announced.filter(|_| !quoted && prose) {
            self.announced = None;
            self.push(Manner::Direct, Some(source), Some(cue), vec![span], QUOTATION, 0.7);
        }
    }

    /// Reads a paragraph, or as much of it as is held in tokens at a time.
    fn window(&mut self, row: &[Token<'_>], sentences: &[Sentence]) {
        let mut from = 0;
        while from < row.len() {
            let to = self.sentence_end(row, from, sentences);
            self.sentence(Stretch { tokens: row, from, to });
            self.announced = None;
            from = to;
        }
    }

    /// The end of the sentence that starts at token `from`.
    fn sentence_end(&self, row: &[Token<'_>], from: usize, sentences: &[Sentence]) -> usize {
        let reach = row.len().min(from + LONGEST_SENTENCE);
        for at in from..reach.saturating_sub(1) {
            let next = &row[at + 1];
            let starts =
                || sentences.binary_search_by_key(&next.span.start, |s| s.span.start).is_ok();
            let ends = match row[at].kind {
                Kind::Stop => {
                    (starts() || matches!(next.kind, Kind::Quote(_)))
                        && !matches!(next.kind, Kind::Stop)
                }
                Kind::Quote(n) => {
                    self.is_closed_sentence(n as usize)
                        && (next.capital || matches!(next.kind, Kind::Quote(_)))
                }
                _ => false,
            };
            if ends {
                return at + 1;
            }
        }
        reach
    }

    /// Whether quotation `n` ends with a full stop inside.
    pub(super) fn is_closed_sentence(&self, n: usize) -> bool {
        self.quotations[n].inner(self.text).ends_with(['.', '…', '。', '！', '？'])
    }

    fn sentence(&mut self, s: Stretch<'_, '_>) {
        let first = self.found.len();
        if !matches!(s.tokens[s.from].kind, Kind::Quote(_)) && self.signature(s) {
            return;
        }
        let mut used = Vec::new();
        for at in s.from..s.to {
            if let Kind::Quote(n) = s.tokens[at].kind {
                let n = n as usize;
                used.extend(self.quotation(s, at, n, first));
                self.reopened = self.quotations[n].goes_on;
                self.announced = None;
            }
        }
        for at in s.from..s.to {
            let token = &s.tokens[at];
            let Some(word) = token.word else { continue };
            if word.cue.is_some() || !word.phrases.is_empty() {
                if !used.iter().any(|cue: &Range<usize>| cue.contains(&at)) {
                    self.cue(s, at, first);
                }
            } else if token.is(class::CUE_NOUN) {
                self.noun(s, at);
            }
        }
        self.behind_colon(s);
        if s.tokens[s.to - 1].kind == Kind::Colon {
            self.announcing = self.announcement(s);
        }
    }

    /// Keeps a quotation that nobody was named for; the pieces of one that goes on are kept together.
    pub(super) fn leave_unsigned(&mut self, quotation: Span) {
        match &mut self.unsigned {
            Some(pieces) if self.reopened => pieces.push(quotation),
            unsigned => *unsigned = Some(vec![quotation]),
        }
    }

    pub(super) fn push(
        &mut self,
        manner: Manner,
        source: Option<Span>,
        cue: Option<Span>,
        content: Vec<Span>,
        method: &'static str,
        confidence: f32,
    ) {
        self.found.push(Found { manner, source, cue, content, method, confidence });
    }

    /// The source of a participle: that of the attribution before it in the sentence, else the subject.
    pub(super) fn subject(&self, s: Stretch<'_, '_>, before: usize, first: usize) -> Option<Span> {
        if let Some(found) = self.found[first.min(self.found.len())..].last() {
            return found.source;
        }
        let verb = (s.from..before).find(|at| {
            s.tokens[*at].is(class::AUX | class::VERB)
                || s.tokens[*at].word.is_some_and(|word| {
                    word.cue.as_ref().is_some_and(|cue| cue.form != VerbForm::Gerund)
                })
        });
        source_before(self.text, s.tokens, s.from, verb?).map(|range| span_of(s.tokens, &range))
    }
}

/// Whether a cue can stand beside a quotation.
pub(super) fn speaks(hit: &CueHit) -> bool {
    let classes = CueClasses::of(&[CueClass::Say, CueClass::Tell, CueClass::Ask, CueClass::Think]);
    !hit.passive && !hit.infinitive && hit.form != VerbForm::Gerund && hit.classes.meets(classes)
}

/// Where the window that starts at `start` ends: behind a sentence of the paragraph, unless that one is huge.
fn window_end(text: &str, paragraph: &[Sentence], start: usize) -> usize {
    let limit = start + WINDOW;
    let last = paragraph[paragraph.len() - 1].span.end;
    if last <= limit {
        return last;
    }
    let fits = paragraph.partition_point(|sentence| sentence.span.end <= limit);
    match fits.checked_sub(1).map(|at| paragraph[at].span.end).filter(|end| *end > start) {
        Some(end) => end,
        None => (limit..=last).find(|at| text.is_char_boundary(*at)).unwrap_or(last),
    }
}
