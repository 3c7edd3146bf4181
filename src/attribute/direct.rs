//! Quotations and who said them: `"…," said X`, `X told reporters: "…"`, quotations that go on.

use std::ops::Range;

use super::clause::clause_end;
use super::lexicon::{CueClass, CueClasses, VerbForm};
use super::phrase::{CueHit, cue_at, source_after, source_before, span_of};
use super::reported::{QUOTATION, Reader, Stretch, speaks};
use super::token::Kind;
use crate::document::{Manner, Span};

impl Reader<'_> {
    /// Attributes quotation `n`, which is token `at`; returns the tokens of its cue.
    pub(super) fn quotation(
        &mut self,
        s: Stretch<'_, '_>,
        at: usize,
        n: usize,
        first: usize,
    ) -> Option<Range<usize>> {
        let (quoted, outer) = (self.quotations[n].span, s.tokens[at].span);
        if let Some((source, cue)) = self.announced.filter(|_| at == s.from) {
            self.running = Some(self.found.len());
            self.push(Manner::Direct, Some(source), Some(cue), vec![outer], QUOTATION, 0.85);
            return None;
        }
        let running = self.running.filter(|running| *running < self.found.len());
        let split = running.filter(|at| *at >= first && self.found.len() > first);
        let split = split.filter(|_| s.tokens[at.max(1) - 1].kind == Kind::Comma);
        if let Some(running) = split.or(running.filter(|_| self.reopened && at == s.from)) {
            self.found[running].content.push(outer);
            return None;
        }
        let words = quoted.of(self.text).split_whitespace().take(4).count();
        let Some((source, cue)) = self.cue_behind(s, at).or_else(|| self.cue_before(s, at)) else {
            let whole = words > 3 || self.is_closed_sentence(n);
            if self.signed_behind(s, at) {
                return None;
            }
            if let Some(running) = running.filter(|_| at == s.from && whole) {
                self.found[running].content.push(outer);
            } else if at == s.from && whole {
                self.leave_unsigned(outer);
            }
            return None;
        };
        if source.is_some_and(|source| self.is_first_person(source)) {
            return None;
        }
        self.running = Some(self.found.len());
        let whole = self.with_tail(s, at, &cue);
        let confidence = if words > 2 { 0.92 } else { 0.8 };
        let source = source.or_else(|| self.subject(s, cue.range.start, first));
        let span = span_of(s.tokens, &cue.range);
        self.push(Manner::Direct, source, Some(span), vec![whole], QUOTATION, confidence);
        Some(cue.range)
    }

    /// `"…," said X` and `"…," X said`.
    fn cue_behind(&self, s: Stretch<'_, '_>, at: usize) -> Option<(Option<Span>, CueHit)> {
        let Kind::Quote(n) = s.tokens[at].kind else { return None };
        let n = n as usize;
        let comma_outside = s.tokens.get(at + 1).is_some_and(|t| t.kind == Kind::Comma);
        let inner = self.quotations[n].inner(self.text);
        if !inner.ends_with([',', '?', '!', '-', '—', '，']) && !comma_outside {
            return None;
        }
        let start = at + 1 + usize::from(comma_outside);
        let reach = s.to.min(start + 36);
        for verb in start..reach {
            let token = &s.tokens[verb];
            if matches!(token.kind, Kind::Stop | Kind::Semicolon | Kind::Quote(_)) {
                return None;
            }
            let Some(hit) = cue_at(self.text, s.tokens, verb, start, s.to).filter(speaks) else {
                continue;
            };
            if hit.range.start == start {
                let source = source_after(self.text, s.tokens, hit.range.end, s.to);
                return source.map(|source| (Some(span_of(s.tokens, &source)), hit));
            }
            let source = source_before(self.text, s.tokens, start, hit.range.start)?;
            return (source.start == start).then(|| (Some(span_of(s.tokens, &source)), hit));
        }
        None
    }

    /// `X said, "…"`, `X told reporters: "…"`, `X: "…"`, and a verb right before the quotation.
    fn cue_before(&self, s: Stretch<'_, '_>, at: usize) -> Option<(Option<Span>, CueHit)> {
        let last = at.checked_sub(1).filter(|last| *last >= s.from)?;
        let reach = match s.tokens[last].kind {
            Kind::Colon => 22,
            Kind::Comma => 12,
            _ => 1,
        };
        let floor = s.from.max(at.saturating_sub(reach));
        for verb in (floor..at).rev() {
            if matches!(s.tokens[verb].kind, Kind::Quote(_) | Kind::Stop | Kind::Semicolon) {
                break;
            }
            let Some(hit) = cue_at(self.text, s.tokens, verb, s.from, s.to)
                .filter(|hit| speaks(hit) || hit.form == VerbForm::Gerund)
            else {
                continue;
            };
            let source = source_before(self.text, s.tokens, s.from, hit.range.start);
            if source.is_none() && hit.form != VerbForm::Gerund {
                continue;
            }
            return Some((
                source
                    .filter(|_| hit.form != VerbForm::Gerund)
                    .map(|source| span_of(s.tokens, &source)),
                hit,
            ));
        }
        Self::colon_label(s, at)
    }

    /// `Mira Solheim: "…"` at the start of a sentence.
    fn colon_label(s: Stretch<'_, '_>, at: usize) -> Option<(Option<Span>, CueHit)> {
        let colon = at
            .checked_sub(1)
            .filter(|colon| *colon > s.from && s.tokens[*colon].kind == Kind::Colon)?;
        let name = &s.tokens[s.from..colon];
        let proper = name.len() <= 6 && name.iter().all(|token| token.capital);
        let hit = CueHit {
            range: colon..colon + 1,
            verb: colon,
            form: VerbForm::Past,
            classes: CueClasses::of(&[CueClass::Say]),
            strong: true,
            passive: false,
            infinitive: false,
        };
        proper.then(|| (Some(span_of(s.tokens, &(s.from..colon))), hit))
    }

    /// The quotation, and what follows it in the clause when it stands in the middle of one.
    fn with_tail(&self, s: Stretch<'_, '_>, at: usize, cue: &CueHit) -> Span {
        let span = s.tokens[at].span;
        let closed = span
            .of(self.text)
            .trim_end_matches(|c| "\"'”’»」』".contains(c))
            .ends_with(['.', ',', '!', '?', '…', '。']);
        let next = s.tokens.get(at + 1).filter(|_| at + 1 < s.to);
        if cue.range.start > at || closed || next.is_none_or(|next| !next.is_word() || next.capital)
        {
            return span;
        }
        let end = clause_end(self.text, s.tokens, at, s.to, true);
        Span::new(span.start, s.tokens[end.max(at + 1) - 1].span.end)
    }
}
