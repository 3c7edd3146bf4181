//! The rules: whether a stop ends a sentence, by what stands before and after it.
//!
//! Each rule is a method with a verdict; their order is the order of [`Rules::ends_sentence`].

use super::lexicon::Abbreviation;
use super::rules::{Habits, Rules};
use super::stop::{Mark, Next, Start, Stop};
use super::token::{
    floor_boundary, head, is_dotted, is_invisible, is_number, is_roman, only_letter,
};

/// Bytes before and after a stop in which a quotation or a bracket that holds it is looked for.
const QUOTATION_REACH: usize = 400;

impl Rules {
    /// Whether a stop with white space after it ends a sentence.
    pub(super) fn ends_sentence(&self, stop: &Stop<'_>, habits: &mut Habits) -> bool {
        let next = stop.next();
        if is_aside(stop, &next) {
            return false;
        }
        match (next.start, stop.mark) {
            (Start::Nothing, _) => true,
            (Start::Continuation, _) => false,
            (Start::Small, _) => self.before_small_letter(stop, &next, habits),
            (_, Mark::Period) => self.after_period(stop, &next),
            (_, Mark::Ellipsis) => after_ellipsis(stop, &next) || self.begins_anew(&next),
            (_, Mark::Question | Mark::Other) => !(next.dashed && next.start == Start::Symbol),
        }
    }

    /// A small letter carries the sentence on, but for some languages, some words and careless writers.
    fn before_small_letter(&self, stop: &Stop<'_>, next: &Next<'_>, habits: &mut Habits) -> bool {
        if next.dashed || (stop.is_closed() && !habits.careless) {
            return false;
        }
        let camel = next.word.chars().nth(1).is_some_and(char::is_uppercase);
        let own_way = self.lexicon.informal_starters.contains(next.word) || is_address(next);
        let careless = habits.careless || own_way || starts_small(stop);
        match stop.mark {
            Mark::Period => {
                let word = stop.word();
                let letters = word.chars().filter(|c| c.is_alphabetic()).count();
                let long = self.lexicon.lowercase_start_after.is_some_and(|least| letters >= least);
                let plain = self.lexicon.abbreviation(word).is_none() && !is_dotted(word);
                let full = plain && (letters >= 3 || word.len() >= 5 || (careless && letters == 2));
                habits.small += usize::from(full);
                plain && (camel || long) || full && (next.elided || careless)
            }
            Mark::Question => {
                habits.small += 1;
                let asked = stop.text[stop.start..stop.mark_end].ends_with('?');
                let starter = asked && self.lexicon.is_starter(next.word);
                self.lexicon.lowercase_after_question || camel || careless || starter
            }
            Mark::Other => true,
            Mark::Ellipsis => own_way,
        }
    }

    /// A single full stop before anything but a small letter.
    fn after_period(&self, stop: &Stop<'_>, next: &Next<'_>) -> bool {
        if stop.is_closed() {
            return !(next.dashed && next.start != Start::Capital);
        }
        let word = stop.word();
        if let Some(kind) = self.lexicon.abbreviation(word).or_else(|| self.last_part(word)) {
            return self.after_abbreviation(kind, stop, word, next);
        }
        if let Some(letter) = only_letter(word) {
            return self.after_letter(letter, stop, word, next);
        }
        if is_dotted(word) {
            return self.is_starter(next);
        }
        if is_number(word) || is_roman(word) {
            return self.after_number(word, stop, next);
        }
        true
    }

    /// The abbreviation that a compound ends with: "Vice-Pres", "т.е".
    fn last_part(&self, word: &str) -> Option<Abbreviation> {
        let part = word.rsplit(['-', '\'', '’']).next().filter(|part| part.len() < word.len())?;
        self.lexicon.abbreviation(part)
    }

    fn after_abbreviation(
        &self,
        kind: Abbreviation,
        stop: &Stop<'_>,
        word: &str,
        next: &Next<'_>,
    ) -> bool {
        let starter = self.is_starter(next);
        let pronoun = only_letter(next.word)
            .is_some_and(|letter| self.lexicon.final_letters.contains(&letter))
            && next.after.starts_with(' ');
        let number = next.start == Start::Digit || (is_roman(next.word) && !pronoun);
        match kind {
            Abbreviation::Open => false,
            Abbreviation::Numbered => {
                let letter = only_letter(next.word).is_some() && !pronoun;
                !number && !letter && (starter || self.lexicon.numbered_are_words)
            }
            Abbreviation::Plain => starter && next.start != Start::Digit,
            Abbreviation::Time => !stop.is_short(3) && next.start != Start::Digit,
            Abbreviation::Unit => {
                let counted = is_number(stop.word_before(word)) && !stop.is_short(3);
                (counted && !next.is_before_number() && next.start != Start::Digit)
                    || (starter && !next.is_before_number())
            }
        }
    }

    /// A single letter: an initial, unless it is a word or a name of its own ("Plan B").
    fn after_letter(&self, letter: char, stop: &Stop<'_>, word: &str, next: &Next<'_>) -> bool {
        if !self.is_starter(next) {
            // Scripts without capitals have no initials to tell from words.
            return next.start == Start::Letter && !letter.is_uppercase() && !letter.is_lowercase();
        }
        if self.lexicon.final_letters.contains(&letter) {
            return true;
        }
        let before = stop.word_before(word);
        let initial_before = only_letter(before).is_some() || before.is_empty();
        !initial_before
    }

    /// A number: an ordinal, a list item within the line, or the end of the sentence.
    fn after_number(&self, word: &str, stop: &Stop<'_>, next: &Next<'_>) -> bool {
        if stop.is_short(1) && !next.opened {
            return false; // "12." opens the sentence: it numbers it.
        }
        if !self.lexicon.ordinals {
            return !is_roman(word) || self.is_starter(next) || word.len() > 1;
        }
        let digits = word.chars().filter(|c| c.is_numeric()).count();
        let year = digits >= 4 || word.contains([',', '.']);
        !self.lexicon.is_month(next.word)
            && next.start != Start::Digit
            && (year || self.is_starter(next))
    }

    /// Whether the next word shows by its capital that a sentence begins: a starter, but not "I".
    fn begins_anew(&self, next: &Next<'_>) -> bool {
        let letter = only_letter(next.word);
        self.is_starter(next) && !letter.is_some_and(|c| self.lexicon.final_letters.contains(&c))
    }

    /// Whether the next word often starts a sentence. A capital is needed where the script has them.
    fn is_starter(&self, next: &Next<'_>) -> bool {
        let letters = matches!(next.start, Start::Capital | Start::Letter);
        letters && !next.is_initial() && self.lexicon.is_starter(next.word)
    }

    /// Terminators that need no white space after them: full-width stops, dandas.
    pub(super) fn ends_unspaced(&self, stop: &Stop<'_>) -> bool {
        let last = stop.text[..stop.mark_end].chars().next_back();
        let unspaced = last.is_some_and(|c| self.lexicon.unspaced.contains(&c));
        unspaced && !matches!(stop.next().start, Start::Continuation | Start::Nothing)
    }

    /// "the end.The next": the white space was lost.
    pub(super) fn lacks_space(&self, stop: &Stop<'_>) -> bool {
        let after = head(&stop.text[stop.end..stop.block_end], 48);
        let token = after.split_whitespace().next().unwrap_or_default();
        if stop.is_closed() || token.contains(['@', '/', '=']) {
            return false;
        }
        let next = Next::of(after);
        if next.start != Start::Capital || next.opened || next.dashed {
            return false;
        }
        let word = stop.word();
        if stop.mark == Mark::Ellipsis {
            return word.chars().count() >= 2;
        }
        let second_small = next.word.chars().nth(1).is_some_and(char::is_lowercase);
        let plain = second_small || is_roman(next.word);
        plain && ends_prose(word) && self.lexicon.abbreviation(word).is_none()
    }

    /// Whether the stop is in a quotation that stays together in this language: one that closes within
    /// reach and is followed by the rest of the sentence that quotes it.
    pub(super) fn is_inside_quotation(&self, stop: &Stop<'_>) -> bool {
        self.lexicon.keep_quotations.iter().any(|marks| quotation_holds(stop, *marks))
    }

    /// Whether a colon is an ordinary one: only those that close a headline or a place line end a sentence.
    pub(super) fn is_inner_colon(&self, stop: &Stop<'_>, opens_block: bool) -> bool {
        self.lexicon.headline_colon
            && stop.text[stop.start..].starts_with(':')
            && !(opens_block && stop.is_spaced())
    }
}

/// Whether the sentence so far begins with a small letter: its writer does not use capitals.
fn starts_small(stop: &Stop<'_>) -> bool {
    let so_far = stop.text[stop.sentence..stop.start].trim_start();
    Next::of(head(so_far, 16)).start == Start::Small
}

/// Whether the address of a page follows.
fn is_address(next: &Next<'_>) -> bool {
    next.word.starts_with("http") && next.after.starts_with(':') || next.word == "www"
}

/// Three dots part of a thought: a sentence ends there only before a capital, and not when they stand apart
/// from the word before them.
fn after_ellipsis(stop: &Stop<'_>, next: &Next<'_>) -> bool {
    let dots = stop.text[stop.start..stop.mark_end].matches('.').count();
    let spaced =
        stop.text[..stop.start].ends_with(char::is_whitespace) && stop.start > stop.sentence;
    dots != 3 || !spaced || stop.is_closed() || next.opened
}

/// Whether a dash after the stop carries on inside brackets or guillemets that were opened before it:
/// `(… here. – Ed.)`, `«Why? – he asked. – Tomorrow»`.
fn is_aside(stop: &Stop<'_>, next: &Next<'_>) -> bool {
    let from =
        floor_boundary(stop.text, stop.end.saturating_sub(QUOTATION_REACH)).max(stop.sentence);
    let so_far = &stop.text[from..stop.end];
    let open = |opening, closing| so_far.rfind(opening) > so_far.rfind(closing);
    next.dashed && (open('(', ')') || open('«', '»'))
}

/// `[...]`: dots in brackets stand for words left out.
pub(super) fn is_omission(stop: &Stop<'_>) -> bool {
    stop.mark == Mark::Ellipsis
        && stop.text[..stop.start].ends_with(['[', '('])
        && stop.text[stop.mark_end..].starts_with([']', ')'])
}

/// "compounds. . . . The": the first of four spaced dots is the full stop, the others open the next sentence.
pub(super) fn split_ellipsis(stop: &Stop<'_>) -> Option<usize> {
    let run = &stop.text[stop.start..stop.mark_end];
    let attached = stop.text[..stop.start].ends_with(char::is_alphanumeric);
    let splits =
        attached && run == ". . . ." && !stop.is_closed() && stop.next().start == Start::Capital;
    splits.then_some(stop.start + 1)
}

/// "rights.12 The": the end of the number of a note behind a full stop.
pub(super) fn note_number(stop: &Stop<'_>) -> Option<usize> {
    let rest = &stop.text[stop.end..stop.block_end];
    let digits = rest.bytes().take(4).take_while(u8::is_ascii_digit).count();
    let after = &rest[digits..];
    let capital = Next::of(head(after.trim_start(), 32));
    let spaced = after.starts_with(char::is_whitespace);
    let fits = (1..=3).contains(&digits) && spaced && capital.start == Start::Capital;
    let word = stop.word();
    let prose = ends_prose(word) && !is_number(word);
    (fits && (stop.is_closed() || prose)).then_some(stop.end + digits)
}

/// Whether a word before a stop is so plainly one that the stop can only be a full stop: three small
/// letters or more and no inner stop, or a number of three digits or more.
fn ends_prose(word: &str) -> bool {
    let small = word.chars().rev().take(3).filter(|c| c.is_lowercase()).count();
    let digits = word.chars().filter(char::is_ascii_digit).count();
    !word.contains(['.', '@', '_', '/']) && (small == 3 || (digits >= 3 && digits == word.len()))
}

/// Whether the stop is in a quotation between `marks` that is part of a larger sentence.
fn quotation_holds(stop: &Stop<'_>, [open, close]: [char; 2]) -> bool {
    let from = floor_boundary(stop.text, stop.end.saturating_sub(QUOTATION_REACH));
    let so_far = &stop.text[from.max(stop.sentence)..stop.end];
    let inside = if open == close {
        so_far.matches(open).count() % 2 == 1
    } else {
        so_far.rfind(open) > so_far.rfind(close) && so_far.contains(open)
    };
    let ahead = head(&stop.text[stop.end..stop.block_end], QUOTATION_REACH);
    let Some(end) = ahead.find(close).filter(|_| inside) else { return false };
    let after = &stop.text[stop.end + end + close.len_utf8()..stop.block_end];
    let next = Next::of(head(after.trim_start(), 32));
    let rest = after.trim_start_matches(is_invisible).trim_start();
    let run_on = next.start == Start::Letter && rest.len() == after.len();
    rest.starts_with([',', '(', '，', '、']) || next.start == Start::Small || run_on
}
