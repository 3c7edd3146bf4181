//! Words whose speaker stands in a line of its own: "And from Chairwoman Solheim:" before them, "— Mira Solheim,
//! envoy of Ruvania, Velt, 3 May" behind them; and words behind a colon that no quotation marks enclose.

use super::phrase::{cue_at, source_before, span_of};
use super::reported::{Announced, QUOTATION, Reader, Stretch, speaks};
use super::token::{Kind, Token, class};
use super::words::{ROLES, holds};
use crate::document::{Manner, Span};

/// Words of the longest signature.
const LONGEST_SIGNATURE: usize = 24;

impl Reader<'_> {
    /// Gives the quotation before a signature to who signed it; returns whether the stretch is one.
    pub(super) fn signature(&mut self, s: Stretch<'_, '_>) -> bool {
        let Some(content) = self.unsigned.take() else { return false };
        let Some(source) = self.signer(s.tokens, s.from, s.to) else { return false };
        self.push(Manner::Direct, Some(source), None, content, "signature", 0.85);
        true
    }

    /// `"…" – Commissioner Mira Solheim` at the end of a sentence, where `at` is the quotation.
    pub(super) fn signed_behind(&mut self, s: Stretch<'_, '_>, at: usize) -> bool {
        let dash = s.tokens.get(at + 1).is_some_and(|token| token.kind == Kind::Dash);
        if !dash || at != s.from {
            return false;
        }
        let Some(source) = self.signer(s.tokens, at + 1, s.to) else { return false };
        let content = vec![s.tokens[at].span];
        self.push(Manner::Direct, Some(source), None, content, "signature", 0.85);
        true
    }

    /// The name and office in tokens that are a signature and nothing else.
    fn signer(&self, tokens: &[Token<'_>], from: usize, to: usize) -> Option<Span> {
        let dashed = tokens.get(from).is_some_and(|token| {
            token.kind == Kind::Dash || matches!(token.span.of(self.text), "~" | "-" | "*")
        });
        let start = from + usize::from(dashed);
        let line = tokens.get(start..to).filter(|line| !line.is_empty())?;
        let name = line.iter().take_while(|token| token.is_word() && token.capital).count();
        let role = |token: &Token<'_>| holds(ROLES, &token.span.of(self.text).to_lowercase());
        let verb = |token: &Token<'_>| {
            let verb = token.is(class::AUX | class::VERB | class::PRONOUN);
            !token.capital && (verb || token.word.is_some_and(|word| word.cue.is_some()))
        };
        let marks = |token: &Token<'_>| {
            token.is_word()
                || matches!(
                    token.kind,
                    Kind::Comma | Kind::Open | Kind::Close | Kind::Stop | Kind::Dash | Kind::Other
                )
        };
        let shouted =
            line[..name].iter().all(|token| !token.span.of(self.text).contains(char::is_lowercase));
        let told =
            line.get(name).is_some_and(|token| token.kind == Kind::Comma) && line.iter().any(role);
        let plain =
            line.len() <= LONGEST_SIGNATURE && line.iter().all(marks) && !line.iter().any(verb);
        let sure = dashed || told || shouted && name > 1 && line.len() > name;
        if !(1..=6).contains(&name) || !plain || !sure || (name == 1 && !dashed) {
            return None;
        }
        let end = self.end_of_office(line, name);
        Some(Span::new(line[0].span.start, line[end - 1].span.end))
    }

    /// Where the office behind a name ends: before the place and the date.
    fn end_of_office(&self, line: &[Token<'_>], name: usize) -> usize {
        let comma = |at: usize| line.get(at).is_some_and(|token| token.kind == Kind::Comma);
        if !comma(name) {
            return name;
        }
        let behind = &line[name + 1..];
        let length = behind.iter().take_while(|token| token.is_word()).count();
        let role = behind[..length]
            .iter()
            .any(|token| holds(ROLES, &token.span.of(self.text).to_lowercase()));
        if role { name + 1 + length } else { name }
    }

    /// "And from Chairwoman Solheim:" and "Solheim went on to say:", alone in their paragraph.
    pub(super) fn announcement(&self, s: Stretch<'_, '_>) -> Option<Announced> {
        let said = || {
            (s.from..s.to - 1).rev().find_map(|verb| {
                let hit = cue_at(self.text, s.tokens, verb, s.from, s.to).filter(speaks)?;
                let source = source_before(self.text, s.tokens, s.from, hit.range.start)?;
                Some((span_of(s.tokens, &source), span_of(s.tokens, &hit.range)))
            })
        };
        said().or_else(|| self.sender(s))
    }

    /// "And from X:", "From X:".
    fn sender(&self, s: Stretch<'_, '_>) -> Option<Announced> {
        let and = usize::from(self.token_is(s, s.from, "and"));
        let from = Some(s.from + and).filter(|at| self.token_is(s, *at, "from"))?;
        let name = from + 1..s.to - 1;
        let proper = !name.is_empty() && name.len() < 14 && s.tokens[name.start].capital;
        let words = || s.tokens[name.clone()].iter();
        let plain = words().all(|token| token.is_word() || token.kind == Kind::Comma)
            && !words().any(|token| token.is(class::AUX | class::VERB) && !token.capital);
        (proper && plain).then(|| (span_of(s.tokens, &name), s.tokens[from].span))
    }

    fn token_is(&self, s: Stretch<'_, '_>, at: usize, word: &str) -> bool {
        s.tokens.get(at).is_some_and(|token| token.span.of(self.text).eq_ignore_ascii_case(word))
    }

    /// `Solheim said: We will act.`: words behind a colon without quotation marks.
    pub(super) fn behind_colon(&mut self, s: Stretch<'_, '_>) {
        let colon =
            (s.from + 1..s.to.saturating_sub(1)).find(|at| s.tokens[*at].kind == Kind::Colon);
        let Some(colon) = colon.filter(|at| s.tokens[at + 1].is_word() && s.tokens[at + 1].capital)
        else {
            return;
        };
        let Some((source, cue)) = self.announcement(Stretch { to: colon + 1, ..s }) else { return };
        // "He told the story of Velt: Okoro left": the cue must stand right before the colon.
        let last = s.tokens[..colon].iter().rev().take_while(|token| token.span.start >= cue.end);
        if last.count() <= 4 && !self.is_first_person(source) {
            let mut end = s.to;
            while end > colon + 2 && s.tokens[end - 1].kind == Kind::Stop {
                end -= 1;
            }
            let content = vec![span_of(s.tokens, &(colon + 1..end))];
            self.push(Manner::Direct, Some(source), Some(cue), content, QUOTATION, 0.7);
        }
    }
}
