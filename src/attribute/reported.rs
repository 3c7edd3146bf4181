//! Rules for quotations and reported speech: an honest baseline that a learned tagger can replace.
//!
//! Works paragraph by paragraph on tokens in which a whole quotation is one token, so that a sentence stays
//! one however many sentences it quotes.

use std::ops::Range;

use super::lexicon::{CueClass, Lexicon, VerbForm};
use super::phrase::{CueHit, clause_end, cue_at, source_after, source_before, span_of};
use super::quotation::Quotation;
use super::token::{Kind, Token, class, tokens};
use crate::document::{Manner, Sentence, Span};

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
    running: Option<usize>,
    /// The source and cue of a paragraph that ended with a colon.
    announced: Option<(Option<Span>, Option<Span>)>,
    /// The last quotation went on into the next paragraph.
    reopened: bool,
}

/// One sentence of a paragraph: tokens `from..to`.
#[derive(Clone, Copy)]
struct Stretch<'t, 'l> {
    tokens: &'t [Token<'l>],
    from: usize,
    to: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, lexicon: &'a Lexicon, quotations: &'a [Quotation]) -> Self {
        Self {
            text,
            lexicon,
            quotations,
            found: Vec::new(),
            running: None,
            announced: None,
            reopened: false,
        }
    }

    /// Reads all paragraphs; sentences must be in order.
    pub(super) fn read(&mut self, sentences: &[Sentence]) {
        let mut row = Vec::new();
        let (mut next, mut reached) = (0, 0);
        for paragraph in sentences.chunk_by(|one, other| one.paragraph == other.paragraph) {
            let start = paragraph[0].span.start.max(reached);
            let end = paragraph[paragraph.len() - 1].span.end;
            if start >= end {
                continue;
            }
            tokens(
                self.text,
                Span::new(start, end),
                self.quotations,
                &mut next,
                self.lexicon,
                &mut row,
            );
            reached = row.last().map_or(end, |token| token.span.end.max(end));
            self.paragraph(&row, paragraph);
        }
    }

    fn paragraph(&mut self, row: &[Token<'_>], sentences: &[Sentence]) {
        let announced = self.announced.take();
        if !self.reopened {
            self.running = None;
        }
        let mut from = 0;
        while from < row.len() {
            let to = self.sentence_end(row, from, sentences);
            self.sentence(Stretch { tokens: row, from, to }, announced.filter(|_| from == 0));
            from = to;
        }
    }

    /// The end of the sentence that starts at token `from`.
    fn sentence_end(&self, row: &[Token<'_>], from: usize, sentences: &[Sentence]) -> usize {
        for at in from..row.len().saturating_sub(1) {
            let next = &row[at + 1];
            let starts =
                || sentences.binary_search_by_key(&next.span.start, |s| s.span.start).is_ok();
            let ends = match row[at].kind {
                Kind::Stop => {
                    (starts() || matches!(next.kind, Kind::Quote(_)))
                        && !matches!(next.kind, Kind::Stop)
                }
                Kind::Quote(n) => {
                    self.is_closed_sentence(n)
                        && (next.capital || matches!(next.kind, Kind::Quote(_)))
                }
                _ => false,
            };
            if ends {
                return at + 1;
            }
        }
        row.len()
    }

    /// Whether quotation `n` ends with a full stop inside.
    fn is_closed_sentence(&self, n: usize) -> bool {
        self.quotations[n].inner(self.text).ends_with(['.', '…', '。'])
    }

    fn sentence(&mut self, s: Stretch<'_, '_>, announced: Option<(Option<Span>, Option<Span>)>) {
        let first = self.found.len();
        let mut used = Vec::new();
        for at in s.from..s.to {
            if let Kind::Quote(n) = s.tokens[at].kind {
                self.quotation(s, at, n, announced.filter(|_| at == s.from), first, &mut used);
                self.reopened = self.quotations[n].goes_on;
            }
        }
        for at in s.from..s.to {
            if s.tokens[at].word.is_some_and(|word| word.cue.is_some() || !word.phrases.is_empty())
                && !used.contains(&at)
            {
                self.cue(s, at, first);
            } else if s.tokens[at].is(class::CUE_NOUN) {
                self.noun(s, at);
            }
        }
        if s.tokens[s.to - 1].kind == Kind::Colon {
            self.announced = self.announcement(s);
        }
    }

    fn push(
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

    // Quotations ------------------------------------------------------------------------------------------

    fn quotation(
        &mut self,
        s: Stretch<'_, '_>,
        at: usize,
        n: usize,
        announced: Option<(Option<Span>, Option<Span>)>,
        first: usize,
        used: &mut Vec<usize>,
    ) {
        let span = self.quotations[n].span;
        let outer = s.tokens[at].span;
        let words = span.of(self.text).split_whitespace().take(4).count();
        if let Some((source, cue)) = announced {
            self.running = Some(self.found.len());
            return self.push(Manner::Direct, source, cue, vec![outer], "quotation", 0.85);
        }
        if self.reopened && at == s.from {
            if let Some(running) = self.running {
                self.found[running].content.push(outer);
                return;
            }
        }
        if self.found.len() > first
            && self.running.is_some_and(|r| r >= first)
            && s.tokens[at - 1].kind == Kind::Comma
        {
            let running = self.running.expect("checked above");
            self.found[running].content.push(outer);
            return;
        }
        let hit = self.cue_behind(s, at).or_else(|| self.cue_before(s, at));
        if let Some((source, cue)) = hit {
            used.extend(cue.range.clone());
            self.running = Some(self.found.len());
            let whole = self.with_tail(s, at, &cue);
            let confidence = if words > 2 { 0.92 } else { 0.8 };
            let source = source.or_else(|| self.subject(s, cue.range.start, first));
            let cue = span_of(s.tokens, &cue.range);
            return self.push(
                Manner::Direct,
                source,
                Some(cue),
                vec![whole],
                "quotation",
                confidence,
            );
        }
        if at == s.from && words > 3 {
            if let Some(running) = self.running {
                self.found[running].content.push(outer);
            }
        }
    }

    /// `"…," said X` and `"…," X said`.
    fn cue_behind(&self, s: Stretch<'_, '_>, at: usize) -> Option<(Option<Span>, CueHit)> {
        let Kind::Quote(n) = s.tokens[at].kind else { return None };
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
            let Some(hit) =
                cue_at(self.text, s.tokens, verb, start, s.to).filter(|hit| speaks(hit))
            else {
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
        self.colon_label(s, at)
    }

    /// `Mira Solheim: "…"` at the start of a sentence.
    fn colon_label(&self, s: Stretch<'_, '_>, at: usize) -> Option<(Option<Span>, CueHit)> {
        let colon = at
            .checked_sub(1)
            .filter(|colon| *colon > s.from && s.tokens[*colon].kind == Kind::Colon)?;
        let name = &s.tokens[s.from..colon];
        let proper = name.len() <= 6 && name.iter().all(|token| token.capital);
        let hit = CueHit {
            range: colon..colon + 1,
            verb: colon,
            form: VerbForm::Past,
            classes: vec![CueClass::Say],
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

    /// The source and cue of a sentence that ends with a colon: "Solheim went on to say:".
    fn announcement(&self, s: Stretch<'_, '_>) -> Option<(Option<Span>, Option<Span>)> {
        let colon = s.to - 1;
        for verb in (s.from..colon).rev() {
            let Some(hit) = cue_at(self.text, s.tokens, verb, s.from, s.to).filter(speaks) else {
                continue;
            };
            let Some(source) = source_before(self.text, s.tokens, s.from, hit.range.start) else {
                continue;
            };
            return Some((Some(span_of(s.tokens, &source)), Some(span_of(s.tokens, &hit.range))));
        }
        None
    }

    // Reported speech -------------------------------------------------------------------------------------

    fn cue(&mut self, s: Stretch<'_, '_>, at: usize, first: usize) {
        let Some(hit) = cue_at(self.text, s.tokens, at, s.from, s.to) else { return };
        if hit.has(CueClass::According) {
            return self.according(s, &hit);
        }
        if hit.passive || self.is_noun_use(s, &hit) {
            return;
        }
        let gerund = hit.form == VerbForm::Gerund && hit.range.start == hit.verb;
        let source =
            if gerund { None } else { source_before(self.text, s.tokens, s.from, hit.range.start) };
        if source.is_none() && !gerund {
            return self.inverted(s, &hit);
        }
        if let Some(source) = source.clone().filter(|_| speaks(&hit)) {
            if self.behind_content(s, &source, &hit) {
                return;
            }
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

    fn is_first_person(&self, span: Span) -> bool {
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
        let strong =
            STRONG.contains(&s.tokens[hit.verb].span.of(self.text).to_ascii_lowercase().as_str());
        let subject =
            next.is(class::PRONOUN) && !next.is(class::OBJECT & !class::PRONOUN) || word == "there";
        let clause = hit
            .classes
            .iter()
            .any(|c| matches!(c, CueClass::Say | CueClass::Think | CueClass::Show | CueClass::Ask));
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
        let object = hit.classes.iter().any(|c| {
            matches!(c, CueClass::Judge | CueClass::Call | CueClass::Urge | CueClass::Want)
        });
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
            .filter(|at| *at > s.from + 1 && s.tokens[*at].kind == Kind::Comma)
        else {
            return false;
        };
        let next = s.tokens.get(hit.range.end).filter(|_| hit.range.end < s.to);
        let closes = next.is_none_or(|next| {
            matches!(next.kind, Kind::Stop | Kind::Comma)
                || next.is(class::TIME)
                || next.is(class::PREP) && !next.is(class::SUBORD)
        });
        let that = s.tokens[hit.range.end.min(s.to)..s.to]
            .iter()
            .take(10)
            .any(|t| t.span.of(self.text) == "that");
        if !closes
            || that
            || !self.has_verb(s, s.from)
            || !hit.has(CueClass::Say) && !hit.has(CueClass::Think)
        {
            return false;
        }
        let mut content = vec![span_of(s.tokens, &(s.from..comma))];
        let middle = next.is_some_and(|next| next.kind == Kind::Comma) && hit.range.end + 2 < s.to;
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
    fn noun(&mut self, s: Stretch<'_, '_>, at: usize) {
        let word = |i: usize| {
            s.tokens.get(i).filter(|_| i < s.to).map_or("", |token| token.span.of(self.text))
        };
        let Some(before) = at.checked_sub(1).filter(|before| *before >= s.from) else { return };
        let linked = matches!(word(at + 1), "that" | "to" | "for" | "of" | "on" | "about");
        let possessive = matches!(word(before), "’s" | "'s");
        let pronoun = matches!(word(before).to_ascii_lowercase().as_str(), "his" | "her" | "their");
        if linked && (possessive || pronoun) {
            let source = if pronoun {
                Some(before..at)
            } else {
                source_before(self.text, s.tokens, s.from, before)
            };
            let Some(source) = source else { return };
            let that = matches!(word(at + 1), "that" | "to");
            let start = at + 1 + usize::from(!that);
            let cue = span_of(s.tokens, &(at..start));
            if let Some((content, _)) = self.clause(s, start.min(s.to - 1), true, 0.5) {
                self.push(
                    Manner::Indirect,
                    Some(span_of(s.tokens, &source)),
                    Some(cue),
                    vec![content],
                    "nominal",
                    0.5,
                );
            }
        } else if word(at + 1) == "by" {
            let Some(source) = source_after(self.text, s.tokens, at + 2, s.to) else { return };
            let linked = matches!(word(source.end), "that" | "to" | "for");
            if let Some((content, _)) = self.clause(s, source.end, true, 0.5).filter(|_| linked) {
                let cue = span_of(s.tokens, &(at..at + 2));
                self.push(
                    Manner::Indirect,
                    Some(span_of(s.tokens, &source)),
                    Some(cue),
                    vec![content],
                    "nominal",
                    0.5,
                );
            }
        }
    }

    /// The source of a participle: that of the attribution before it in the sentence, else the subject.
    fn subject(&self, s: Stretch<'_, '_>, before: usize, first: usize) -> Option<Span> {
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

/// Verbs that report a clause without "that".
const STRONG: [&str; 34] = [
    "said",
    "says",
    "say",
    "saying",
    "believe",
    "believes",
    "believed",
    "think",
    "thinks",
    "thought",
    "claim",
    "claims",
    "claimed",
    "argue",
    "argues",
    "argued",
    "insists",
    "insisted",
    "hope",
    "hopes",
    "hoped",
    "suggests",
    "suggested",
    "predicted",
    "contends",
    "warned",
    "acknowledged",
    "announced",
    "fear",
    "fears",
    "noted",
    "arguing",
    "claiming",
    "showed",
];

/// Whether a cue can stand beside a quotation.
fn speaks(hit: &CueHit) -> bool {
    let classes = [CueClass::Say, CueClass::Tell, CueClass::Ask, CueClass::Think];
    !hit.passive
        && !hit.infinitive
        && hit.form != VerbForm::Gerund
        && hit.classes.iter().any(|class| classes.contains(class))
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
