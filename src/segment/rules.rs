//! The engine of rules: it runs to the next character that may end a sentence, looks around, decides.
//!
//! What it knows of a language comes from the language's [`Lexicon`]; the rules themselves are in
//! `verdicts.rs`. Every look around a stop is bounded, so the time is linear in the text whatever it holds.

use super::Segmenter;
use super::bare;
use super::layout::{Block, blocks};
use super::lexicon::{Lexicon, lowercase};
use super::stop::{self, Mark, Stop};
use super::token::head;
use super::verdicts::{is_omission, note_number, split_ellipsis};
use crate::document::{Sentence, Span};

/// Bytes a stage direction in brackets may have.
const DIRECTION_REACH: usize = 80;

/// The rule segmenter of one language.
#[derive(Debug)]
pub struct Rules {
    pub(super) lexicon: Lexicon,
}

impl Segmenter for Rules {
    fn segment(&self, text: &str) -> Vec<Sentence> {
        let mut habits = Habits::default();
        let sentences = self.pass(text, &mut habits);
        if !habits.turns_careless() {
            return sentences;
        }
        self.pass(text, &mut habits)
    }
}

/// What a writer does after a stop, counted over a text.
#[derive(Debug, Default)]
pub(super) struct Habits {
    /// Sentences ended.
    pub(super) ends: usize,
    /// Stops before a small letter that would have ended a sentence before a capital.
    pub(super) small: usize,
    /// Whether the writer does without capitals, so that a small letter may begin a sentence.
    pub(super) careless: bool,
}

impl Habits {
    /// Whether the counts show a careless writer not recognised before.
    fn turns_careless(&mut self) -> bool {
        let turns = !self.careless && self.small >= 2 && self.small * 6 >= self.ends + self.small;
        self.careless |= turns;
        turns
    }
}

impl Rules {
    /// The segmenter for a data file that is part of the program.
    pub(super) fn embedded(data: &str) -> Self {
        let lexicon =
            Lexicon::parse(data).expect("embedded lexicons parse: segment::tests reads them all");
        Self { lexicon }
    }

    fn pass(&self, text: &str, habits: &mut Habits) -> Vec<Sentence> {
        // Sentences of speeches are some 130 bytes long.
        let mut sentences = Vec::with_capacity(text.len() / 128 + 1);
        for block in blocks(text, &self.lexicon.continuers) {
            self.cut(text, block, habits, &mut sentences);
        }
        sentences
    }

    /// Cuts one block into sentences.
    fn cut(&self, text: &str, block: Block, habits: &mut Habits, sentences: &mut Vec<Sentence>) {
        let end = block.span.end;
        let mut start = block.span.start;
        let mut at = block.body;
        while let Some(candidate) = self.next_candidate(text, at, end).filter(|_| !block.whole) {
            let stop = stop::read(text, start, candidate, end, &self.lexicon.terminators);
            at = stop.end.max(stop.mark_end);
            if let Some(cut) = self.boundary(&stop, start == block.span.start, habits) {
                habits.ends += 1;
                self.push(text, block, Span::new(start, cut), sentences);
                start = cut;
                at = at.max(cut);
                if let Some(direction) = self.stage_direction(text, start, end) {
                    self.push(text, block, Span::new(start, direction), sentences);
                    start = direction;
                    at = direction;
                }
            }
        }
        self.push(text, block, Span::new(start, end), sentences);
    }

    /// Adds what stands between two stops, cut further where sentences end without one.
    fn push(&self, text: &str, block: Block, span: Span, sentences: &mut Vec<Sentence>) {
        let span = span.trimmed(text);
        let mut rest = span.start;
        bare::ends(&self.lexicon, span.of(text), |offset| {
            let piece = Span::new(rest, span.start + offset).trimmed(text);
            sentences.push(Sentence { span: piece, paragraph: block.paragraph });
            rest = piece.end;
        });
        let span = Span::new(rest, span.end).trimmed(text);
        if !span.is_empty() {
            sentences.push(Sentence { span, paragraph: block.paragraph });
        }
    }

    /// The next terminator at or after `at`.
    fn next_candidate(&self, text: &str, mut at: usize, end: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        loop {
            let found = bytes[at..end]
                .iter()
                .position(|byte| self.lexicon.candidates[usize::from(*byte)])?;
            at += found;
            if bytes[at].is_ascii() {
                return Some(at);
            }
            let c = text[at..].chars().next()?;
            if self.lexicon.terminators.contains(&c) {
                return Some(at);
            }
            at += c.len_utf8();
        }
    }

    /// Where the sentence ends if it ends at this stop.
    fn boundary(&self, stop: &Stop<'_>, opens_block: bool, habits: &mut Habits) -> Option<usize> {
        if is_omission(stop) || (stop.mark == Mark::Other && self.is_inner_colon(stop, opens_block))
        {
            return None;
        }
        if stop.is_spaced() {
            if let Some(cut) = split_ellipsis(stop) {
                return Some(cut);
            }
            let ends = self.ends_sentence(stop, habits) && !self.is_inside_quotation(stop);
            return ends.then_some(stop.end);
        }
        if self.ends_unspaced(stop) {
            let rest = &stop.text[stop.end..stop.block_end];
            let followers = &self.lexicon.quotation_followers;
            let goes_on = stop.is_closed() && followers.iter().any(|f| rest.starts_with(f));
            return (!goes_on && !self.is_inside_quotation(stop)).then_some(stop.end);
        }
        if let Some(note) = note_number(stop) {
            return Some(note);
        }
        self.lacks_space(stop).then_some(stop.end)
    }

    /// The end of a stage direction in brackets that stands between two sentences: "[Applause]".
    fn stage_direction(&self, text: &str, start: usize, end: usize) -> Option<usize> {
        let start = start + (text[start..end].len() - text[start..end].trim_start().len());
        let close = match text[start..end].chars().next()? {
            '(' => ')',
            '[' => ']',
            _ => return None,
        };
        let inner = head(&text[start + 1..end], DIRECTION_REACH);
        let inner = &inner[..inner.find(close)?];
        let first = inner.split(|c: char| !c.is_alphabetic()).find(|word| !word.is_empty())?;
        let known = self.lexicon.stage_directions.contains(lowercase(first).as_ref());
        let after = start + 1 + inner.len() + 1;
        let rest = text[after..end].trim_start();
        let carries_on =
            rest.starts_with(['.', ',', ';', ':']) || rest.starts_with(char::is_lowercase);
        (known && !carries_on).then_some(after)
    }
}
