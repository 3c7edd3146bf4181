//! Reported speech: that-clauses, infinitives, objects of praise and blame, "according to", nouns.

use std::ops::Range;

use super::clause::clause_end;
use super::lexicon::{CueClass, CueClasses, VerbForm};
use super::phrase::{CueHit, cue_at, source_after, source_before, span_of};
use super::reported::{Reader, Stretch, speaks};
use super::token::{Kind, Token, class};
use crate::document::{Manner, Span};

impl Reader<'_> {
    /// Reads what the cue at token `at` reports, if anything.
    pub(super) fn cue(&mut self, s: Stretch<'_, '_>, at: usize, first: usize) {
        let Some(hit) = cue_at(self.text, s.tokens, at, s.from, s.to) else { return };
        if hit.has(CueClass::According) {
            return self.according(s, &hit);
        }
        let noun = self.is_noun_use(s, &hit);
        if noun && s.tokens[at].is(class::CUE_NOUN) && hit.range.end == at + 1 {
            return self.noun(s, at);
        }
        if hit.passive || noun {
            return;
        }
        let gerund = hit.form == VerbForm::Gerund && hit.range.start == hit.verb;
        let gerund = gerund || self.is_coordinated(s, &hit);
        let source =
            if gerund { None } else { source_before(self.text, s.tokens, s.from, hit.range.start) };
        if source.is_none() && !gerund {
            return self.inverted(s, &hit);
        }
        let speaker = source.clone().filter(|_| speaks(&hit));
        if speaker.is_some_and(|source| self.behind_content(s, &source, &hit)) {
            return;
        }
        let source = match source {
            Some(source) => Some(span_of(s.tokens, &source)),
            None => self.subject(s, hit.range.start, first),
        };
        let first_person = source.is_some_and(|span| self.is_first_person(span));
        if source.is_none() || first_person {
            return;
        }
        if let Some((content, confidence)) = self.content(s, &hit) {
            let manner = Manner::Indirect;
            let cue = span_of(s.tokens, &hit.range);
            self.push(manner, source, Some(cue), vec![content], "reported", confidence);
        }
    }

    /// Whether the verb shares the subject of one before it: "Solheim rejected the plan and said …".
    fn is_coordinated(&self, s: Stretch<'_, '_>, hit: &CueHit) -> bool {
        let finite = matches!(hit.form, VerbForm::Past | VerbForm::ThirdPerson);
        let first = s.tokens[hit.range.start].span.of(self.text);
        let before = hit.range.start.checked_sub(1).filter(|at| *at > s.from);
        let before = before.map(|at| s.tokens[at].span.of(self.text));
        finite && (matches!(before, Some("and" | "but" | "then")) || first == "then")
    }

    pub(super) fn is_first_person(&self, span: Span) -> bool {
        let text = span.of(self.text).to_lowercase();
        matches!(text.as_str(), "i" | "we" | "you" | "our" | "my")
    }

    /// Whether a base or third-person form is a noun here: "the claims", "his hopes".
    fn is_noun_use(&self, s: Stretch<'_, '_>, hit: &CueHit) -> bool {
        let simple = hit.range.start == hit.verb
            && matches!(hit.form, VerbForm::Base | VerbForm::ThirdPerson);
        let Some(before) =
            hit.verb.checked_sub(1).filter(|at| *at >= s.from).map(|at| &s.tokens[at])
        else {
            return hit.form != VerbForm::Gerund;
        };
        let word = before.span.of(self.text);
        if hit.infinitive || matches!(word, "’s" | "'s") {
            return true;
        }
        let behind_determiner = before.is(class::DET | class::PREP) && !before.is(class::PRONOUN);
        let plural =
            word.ends_with('s') || before.is(class::PRONOUN) || word == "and" || !before.is_word();
        let several = (s.from.max(hit.verb.saturating_sub(4))..hit.verb)
            .any(|at| matches!(s.tokens[at].span.of(self.text), "and" | "or"));
        let plural = plural || several && before.capital;
        (simple && behind_determiner)
            || (simple && hit.form == VerbForm::Base && !plural && !is_plural_name(word))
            || (hit.form == VerbForm::Gerund
                && before.is(class::PREP | class::DET)
                && hit.range.start == hit.verb)
    }

    /// What a cue in front reports, with how sure the rule is.
    fn content(&self, s: Stretch<'_, '_>, hit: &CueHit) -> Option<(Span, f32)> {
        let start = self.skip_adjunct(s, hit);
        let next = s.tokens.get(start).filter(|_| start < s.to)?;
        let word = next.span.of(self.text);
        let strong = hit.strong;
        let subject =
            next.is(class::PRONOUN) && !next.is(class::OBJECT & !class::PRONOUN) || word == "there";
        let clause = hit.classes.meets(CueClasses::of(&[
            CueClass::Say,
            CueClass::Think,
            CueClass::Show,
            CueClass::Ask,
        ]));
        let linked = matches!(word, "that" | "how" | "why" | "whether" | "what" | "if");
        if clause && linked {
            return self.clause(s, start, false, 0.9);
        }
        if hit.has(CueClass::Tell) {
            return self.told(s, start);
        }
        if hit.has(CueClass::Want) && (word == "to" || word == "not") {
            return self.clause(s, start, true, 0.75);
        }
        if clause && (strong || subject) && opens_clause(next) && self.has_verb(s, start) {
            return self.clause(s, start, false, if strong { 0.8 } else { 0.65 });
        }
        let object = hit.classes.meets(CueClasses::of(&[
            CueClass::Judge,
            CueClass::Call,
            CueClass::Urge,
            CueClass::Want,
        ]));
        let long = hit.has(CueClass::Call) || hit.has(CueClass::Urge);
        if object && opens_object(next) {
            return self.clause(s, start, !long, 0.55);
        }
        None
    }

    /// Skips "on Monday", "Thursday", "in a statement" between a cue and what it reports.
    fn skip_adjunct(&self, s: Stretch<'_, '_>, hit: &CueHit) -> usize {
        let mut at = hit.range.end;
        while at < s.to
            && s.tokens[at].is(class::TIME | class::ADVERB)
            && !s.tokens[at].is(class::PREP)
        {
            at += 1;
        }
        if at < s.to && s.tokens[at].is(class::PREP) && !hit.has(CueClass::Want) {
            let reach = s.to.min(at + 12);
            let that = (at..reach).find(|i| s.tokens[*i].span.of(self.text) == "that");
            if let Some(that) = that {
                return that;
            }
        }
        at
    }

    fn clause(
        &self,
        s: Stretch<'_, '_>,
        start: usize,
        short: bool,
        confidence: f32,
    ) -> Option<(Span, f32)> {
        let end = clause_end(self.text, s.tokens, start, s.to, short);
        (end > start).then(|| (span_of(s.tokens, &(start..end)), confidence))
    }

    /// Whether a finite verb stands behind `start`, as a clause needs.
    fn has_verb(&self, s: Stretch<'_, '_>, start: usize) -> bool {
        s.tokens[start + 1..s.to].iter().take(25).any(|token| {
            let word = token.span.of(self.text);
            token.is(class::AUX | class::VERB)
                || token.word.is_some_and(|word| word.cue.is_some())
                || (!token.capital
                    && token.is_word()
                    && (word.ends_with("ed") || word.ends_with('s')))
                || matches!(word, "'s" | "’s")
        })
    }

    /// "told reporters on Monday that …", "told Solheim he would …".
    fn told(&self, s: Stretch<'_, '_>, start: usize) -> Option<(Span, f32)> {
        let reach = s.to.min(start + 14);
        let that = (start..reach).find(|at| {
            matches!(s.tokens[*at].span.of(self.text), "that" | "how" | "whether" | "why")
        });
        if let Some(at) = that {
            return self.clause(s, at, false, 0.85);
        }
        let subject = (start + 1..reach).find(|at| {
            let token = &s.tokens[*at];
            token.is(class::PRONOUN) && !token.is(class::DET) || token.span.of(self.text) == "to"
        });
        let after_pronoun = s.tokens[start].is(class::OBJECT).then_some(start + 1);
        let begin = subject.or(after_pronoun).filter(|at| *at < s.to && s.tokens[*at].is_word())?;
        self.clause(s, begin, false, 0.7)
    }

    /// "…, X said." and "…, X said, …": what stands before the source is the content.
    fn behind_content(&mut self, s: Stretch<'_, '_>, source: &Range<usize>, hit: &CueHit) -> bool {
        let Some(comma) = source
            .start
            .checked_sub(1)
            .filter(|at| *at > s.from && s.tokens[*at].kind == Kind::Comma)
        else {
            return false;
        };
        let next = s.tokens.get(hit.range.end).filter(|_| hit.range.end < s.to);
        let closes = next.is_none_or(|next| {
            matches!(next.kind, Kind::Stop | Kind::Comma)
                || next.is(class::TIME)
                || next.is(class::PREP) && !next.is(class::SUBORD)
        });
        let middle = next.is_some_and(|next| next.kind == Kind::Comma) && hit.range.end + 2 < s.to;
        let that = s.tokens[hit.range.end.min(s.to)..s.to]
            .iter()
            .take(10)
            .any(|t| t.span.of(self.text) == "that");
        if !closes
            || that
            || !(middle || self.has_verb(s, s.from))
            || !hit.has(CueClass::Say) && !hit.has(CueClass::Think)
        {
            return false;
        }
        let mut content = vec![span_of(s.tokens, &(s.from..comma))];
        if middle {
            let rest = &s.tokens[hit.range.end + 1];
            let gerund = rest
                .word
                .and_then(|word| word.cue.as_ref())
                .is_some_and(|cue| cue.form == VerbForm::Gerund);
            let end = clause_end(self.text, s.tokens, hit.range.end + 1, s.to, false);
            if !gerund && !rest.span.of(self.text).ends_with("ing") && end > hit.range.end + 1 {
                content.push(span_of(s.tokens, &(hit.range.end + 1..end)));
            }
        }
        let (source, cue) = (span_of(s.tokens, source), span_of(s.tokens, &hit.range));
        if !self.is_first_person(source) {
            self.push(Manner::Indirect, Some(source), Some(cue), content, "reported", 0.85);
        }
        true
    }

    /// "…, said X."
    fn inverted(&mut self, s: Stretch<'_, '_>, hit: &CueHit) {
        let comma = hit
            .range
            .start
            .checked_sub(1)
            .filter(|at| *at > s.from + 1 && s.tokens[*at].kind == Kind::Comma);
        let Some(comma) = comma.filter(|_| speaks(hit)) else { return };
        let Some(source) = source_after(self.text, s.tokens, hit.range.end, s.to) else { return };
        let named = s.tokens[source.clone()].iter().any(|token| token.capital)
            || s.tokens[source.start].is(class::DET);
        if !named || !self.has_verb(s, s.from) {
            return;
        }
        let content = vec![span_of(s.tokens, &(s.from..comma))];
        let (source, cue) = (span_of(s.tokens, &source), span_of(s.tokens, &hit.range));
        self.push(Manner::Indirect, Some(source), Some(cue), content, "reported", 0.8);
    }

    /// "According to X, …" and "…, according to X."
    fn according(&mut self, s: Stretch<'_, '_>, hit: &CueHit) {
        let Some(source) = source_after(self.text, s.tokens, hit.range.end, s.to) else { return };
        let source = if hit.range.start == s.from { closed_source(s, source) } else { source };
        let comma_before =
            hit.range.start > s.from && s.tokens[hit.range.start - 1].kind == Kind::Comma;
        let content = if hit.range.start > s.from + 1 {
            s.from..hit.range.start - usize::from(comma_before)
        } else {
            let start = source.end
                + usize::from(s.tokens.get(source.end).is_some_and(|t| t.kind == Kind::Comma));
            start..clause_end(self.text, s.tokens, start.min(s.to), s.to, false)
        };
        if content.start < content.end {
            let (content, cue) = (span_of(s.tokens, &content), span_of(s.tokens, &hit.range));
            self.push(
                Manner::Indirect,
                Some(span_of(s.tokens, &source)),
                Some(cue),
                vec![content],
                "according",
                0.9,
            );
        }
    }

    /// "Ruvania's call for …", "his view that …", "the proposal by Ruvania to …".
    pub(super) fn noun(&mut self, s: Stretch<'_, '_>, at: usize) {
        let Some((source, cue, start)) = self.possessor(s, at).or_else(|| self.originator(s, at))
        else {
            return;
        };
        if self.is_first_person(source) {
            return;
        }
        if let Some((content, _)) = self.clause(s, start.min(s.to - 1), true, 0.5) {
            let cue = span_of(s.tokens, &cue);
            self.push(Manner::Indirect, Some(source), Some(cue), vec![content], "nominal", 0.5);
        }
    }

    /// The source before a noun, the cue, and where the content starts: "Ruvania's call for …", "his view that …".
    fn possessor(&self, s: Stretch<'_, '_>, at: usize) -> Option<(Span, Range<usize>, usize)> {
        let before = at.checked_sub(1).filter(|before| *before >= s.from)?;
        let word = self.word(s, before);
        let pronoun = matches!(word.to_ascii_lowercase().as_str(), "his" | "her" | "their");
        let next = self.word(s, at + 1);
        let clause = matches!(next, "that" | "to");
        if !(clause || matches!(next, "for" | "of" | "on" | "about")) {
            return None;
        }
        let source = match word {
            _ if pronoun => before..at,
            "’s" | "'s" => source_before(self.text, s.tokens, s.from, before)?,
            _ => return None,
        };
        let start = at + 1 + usize::from(!clause);
        Some((span_of(s.tokens, &source), at..start, start))
    }

    /// The same for a source behind a noun: "the proposal by Ruvania to …", "pledges by Solheim of …".
    fn originator(&self, s: Stretch<'_, '_>, at: usize) -> Option<(Span, Range<usize>, usize)> {
        let by = self.word(s, at + 1) == "by";
        let source = source_after(self.text, s.tokens, at + 2, s.to).filter(|_| by)?;
        let reach = s.to.min(source.end + 4);
        let more = matches!(self.word(s, source.end), "and" | ",");
        let link = |at: &usize| matches!(self.word(s, *at), "that" | "to" | "for" | "of");
        let start = if more { (source.end..reach).find(link)? } else { source.end };
        let (source, of) = (span_of(s.tokens, &source), self.word(s, start) == "of");
        link(&start).then(|| (source, at..at + 2, start + usize::from(of)))
    }

    /// The word of token `at`; empty outside the sentence.
    fn word<'s>(&'s self, s: Stretch<'_, '_>, at: usize) -> &'s str {
        s.tokens.get(at).filter(|_| at < s.to).map_or("", |token| token.span.of(self.text))
    }
}

/// Whether a token can open a clause without a conjunction.
fn opens_clause(token: &Token<'_>) -> bool {
    token.is_word() && !token.is(class::PREP | class::CONJ | class::AUX)
        || matches!(token.kind, Kind::Quote(_))
}

/// Whether a token can open a noun phrase.
fn opens_object(token: &Token<'_>) -> bool {
    matches!(token.kind, Kind::Quote(_))
        || token.is_word()
            && (token.is(class::DET | class::OBJECT)
                || !token.is(class::PREP
                    | class::CONJ
                    | class::AUX
                    | class::SUBORD
                    | class::ADVERB
                    | class::TIME))
}

fn is_plural_name(word: &str) -> bool {
    matches!(word, "people" | "men" | "women" | "police" | "media")
}

/// A source at the start of a sentence, with its apposition only if a comma closes it: "According to Solheim,
/// the envoy, the talks failed" but not "According to Tessaly, the talks failed".
fn closed_source(s: Stretch<'_, '_>, source: Range<usize>) -> Range<usize> {
    let closed = source.end < s.to && s.tokens[source.end].kind == Kind::Comma;
    let comma = source.clone().find(|at| s.tokens[*at].kind == Kind::Comma);
    comma.filter(|_| !closed).map_or(source.clone(), |comma| source.start..comma)
}
