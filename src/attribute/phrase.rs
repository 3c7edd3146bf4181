//! Finding noun phrases, cues and clause ends in a row of tokens, without a parser.

use std::ops::Range;

use super::lexicon::{CueClass, CueClasses, VerbForm};
use super::token::{Kind, Token, class};
use crate::document::Span;

/// A cue with the auxiliaries and adverbs around its verb.
#[derive(Clone, Debug)]
pub(super) struct CueHit {
    /// The tokens of the cue.
    pub(super) range: Range<usize>,
    /// The token of the verb.
    pub(super) verb: usize,
    pub(super) form: VerbForm,
    pub(super) classes: CueClasses,
    /// Whether the verb reports a clause without "that".
    pub(super) strong: bool,
    /// Whether a form of "be" makes it passive.
    pub(super) passive: bool,
    /// Whether "to" or a modal stands before the verb.
    pub(super) infinitive: bool,
}

impl CueHit {
    pub(super) fn has(&self, class: CueClass) -> bool {
        self.classes.meets(CueClasses::of(&[class]))
    }
}

/// Longest noun phrase taken as a source, in tokens.
const LONGEST_SOURCE: usize = 30;

/// The cue whose verb is token `at`, looking no further left than `from` and no further right than `to`.
pub(super) fn cue_at(
    text: &str,
    tokens: &[Token<'_>],
    at: usize,
    from: usize,
    to: usize,
) -> Option<CueHit> {
    let word = tokens[at].word?;
    let phrase = word.phrases.iter().find(|phrase| {
        let end = at + 1 + phrase.rest.len();
        end <= to
            && phrase.rest.iter().zip(&tokens[at + 1..end]).all(|(word, token)| {
                token.is_word() && token.span.of(text).eq_ignore_ascii_case(word)
            })
    });
    let (end, form, classes, strong) = match (phrase, &word.cue) {
        (Some(phrase), _) => {
            (at + 1 + phrase.rest.len(), phrase.form, CueClasses::of(&[phrase.class]), false)
        }
        (None, Some(cue)) => (at + 1, cue.form, cue.classes, cue.strong),
        (None, None) => return None,
    };
    let mut start = at;
    while start > from
        && tokens[start - 1].is(class::AUX | class::ADVERB)
        && !tokens[start - 1].is(class::TIME)
        && !is_surname(&tokens[start - 1], form)
    {
        start -= 1;
    }
    while start < at && tokens[start].is(class::ADVERB) && start == from {
        start += 1;
    }
    let before = &tokens[start..at];
    let participle = !matches!(form, VerbForm::Base | VerbForm::ThirdPerson | VerbForm::Gerund);
    let passive = participle
        && before
            .iter()
            .rev()
            .find(|t| t.is(class::AUX))
            .is_some_and(|t| t.is(class::BE) || is_clitic_be(text, t));
    let infinitive = start > from && tokens[start - 1].span.of(text).eq_ignore_ascii_case("to");
    Some(CueHit { range: start..end, verb: at, form, classes, strong, passive, infinitive })
}

/// Whether an auxiliary in capitals is somebody's name: no auxiliary stands before "said" and "says" but forms of
/// "have" and "be".
fn is_surname(token: &Token<'_>, form: VerbForm) -> bool {
    let finite = matches!(form, VerbForm::Past | VerbForm::ThirdPerson);
    token.capital && finite && token.is(class::AUX) && token.is(class::NAME)
}

/// "’s" before a participle is "is" or "has"; in reported speech it is almost always "has".
fn is_clitic_be(text: &str, token: &Token<'_>) -> bool {
    matches!(token.span.of(text), "’re" | "'re" | "’m" | "'m")
}

/// The noun phrase that ends right before token `end`, looking no further left than `from`.
pub(super) fn source_before(
    text: &str,
    tokens: &[Token<'_>],
    from: usize,
    end: usize,
) -> Option<Range<usize>> {
    let last = end.checked_sub(1).filter(|last| *last >= from)?;
    if tokens[last].kind == Kind::Comma {
        return appositive_before(text, tokens, from, end);
    }
    simple_before(text, tokens, from, end)
}

/// "Mira Solheim, the envoy of Ruvania," before a cue.
fn appositive_before(
    text: &str,
    tokens: &[Token<'_>],
    from: usize,
    end: usize,
) -> Option<Range<usize>> {
    let floor = from.max(end.saturating_sub(LONGEST_SOURCE));
    for comma in (floor..end - 1).rev().filter(|at| tokens[*at].kind == Kind::Comma) {
        let inner = &tokens[comma + 1..end - 1];
        let head = simple_before(text, tokens, from, comma);
        let named =
            head.clone().is_some_and(|range| tokens[range].iter().any(|token| token.capital));
        let aside = inner.first().is_some_and(|token| {
            token.is(class::DET | class::RELATIVE)
                || token.is_word() && !token.is(class::CONJ | class::PREP | class::SUBORD)
        });
        if named && aside && !inner.is_empty() {
            let remark = inner.len() == 1 && inner[0].is(class::ADVERB);
            return head.map(|range| range.start..if remark { range.end } else { end });
        }
    }
    None
}

/// A noun phrase without commas that ends before `end`.
fn simple_before(
    text: &str,
    tokens: &[Token<'_>],
    from: usize,
    end: usize,
) -> Option<Range<usize>> {
    let end = without_time(text, tokens, from, end);
    let last = end.checked_sub(1).filter(|last| *last >= from)?;
    let token = &tokens[last];
    if token.is(class::RELATIVE)
        || (token.is(class::PRONOUN) && !follows_noun_phrase(tokens, from, last))
    {
        return Some(last..end);
    }
    let floor = from.max(end.saturating_sub(LONGEST_SOURCE));
    let mut start = end;
    while start > floor && continues_left(text, tokens, start - 1, start < end) {
        start -= 1;
    }
    let start = skip_lead(text, tokens, start, end);
    let start = name_before_apposition(tokens, from, start);
    let start = list_before(text, tokens, from, start, end);
    is_noun_phrase(tokens, start, end).then_some(start..end)
}

/// Where the name starts that an apposition without a closing comma explains: "Ada Okoro, a member of the council
/// said".
fn name_before_apposition(tokens: &[Token<'_>], from: usize, start: usize) -> usize {
    let Some(comma) = start.checked_sub(1).filter(|at| *at > from + 1) else { return start };
    let opens = tokens.get(start).is_some_and(|first| first.is_word() && !first.capital);
    if tokens[comma].kind != Kind::Comma || !opens || tokens[start].is(class::PRONOUN & !class::DET)
    {
        return start;
    }
    let name =
        tokens[from..comma].iter().rev().take_while(|token| token.is_word() && token.capital);
    let name = name.count();
    let first = comma - name;
    let alone = first == from || tokens[first - 1].kind == Kind::Comma;
    if (2..=4).contains(&name) && alone { first } else { start }
}

/// Where a list of names starts that ends with "and" within the phrase: "Ruvania, Tessaly and Dovia".
fn list_before(text: &str, tokens: &[Token<'_>], from: usize, start: usize, end: usize) -> usize {
    let closes = tokens[start..end].iter().any(|token| token.span.of(text) == "and");
    let mut first = start;
    while closes && first > from + 1 && tokens[first - 1].kind == Kind::Comma {
        let before = tokens[from..first - 1].iter().rev();
        let name = before.take_while(|token| token.is_word() && token.capital).count();
        if !(1..=4).contains(&name) || end - (first - 1 - name) > LONGEST_SOURCE {
            break;
        }
        first -= name + 1;
    }
    first
}

/// Leaves out "on Monday", "last week", "then" behind a noun phrase.
fn without_time(text: &str, tokens: &[Token<'_>], from: usize, mut end: usize) -> usize {
    while end > from + 1 {
        let (last, before) = (&tokens[end - 1], &tokens[end - 2]);
        let unit = matches!(last.span.of(text), "week" | "month" | "year" | "night");
        let adverb = last.is(class::ADVERB | class::TIME) && !last.is(class::DET | class::PRONOUN);
        if unit && before.span.of(text) == "last" {
            end -= 2;
        } else if adverb || last.span.of(text) == "on" {
            end -= 1;
        } else {
            break;
        }
    }
    end
}

/// Whether "some", "many", "both" at `at` belong to a phrase that goes on to the left.
fn follows_noun_phrase(tokens: &[Token<'_>], from: usize, at: usize) -> bool {
    at > from && tokens[at].is(class::DET) && tokens[at - 1].is(class::DET)
}

/// Whether the token at `at` can belong to a noun phrase that goes on behind it.
fn continues_left(text: &str, tokens: &[Token<'_>], at: usize, inside: bool) -> bool {
    let token = &tokens[at];
    match token.kind {
        Kind::Word => {}
        Kind::Open | Kind::Close => return inside || token.kind == Kind::Close,
        _ => return false,
    }
    if token.is(class::CUE_NOUN) && !token.is(class::AUX) {
        return true;
    }
    let word = token.span.of(text);
    if token.is(class::CONJ) {
        return word == "and"
            && inside
            && tokens[at + 1].capital
            && at > 0
            && tokens[at - 1].capital;
    }
    let prep = token.is(class::PREP);
    if prep {
        return inside
            && matches!(
                word,
                "of" | "for" | "in" | "from" | "at" | "with" | "on" | "to" | "about"
            );
    }
    if token.capital && token.is(class::NAME) {
        return true;
    }
    let verb = token.word.and_then(|word| word.cue.as_ref());
    let finite = verb.is_some_and(|cue| cue.form != VerbForm::Base && !token.capital)
        && !token.is(class::CUE_NOUN);
    !finite
        && !token.is(class::SUBORD & !class::PREP | class::AUX | class::VERB)
        && !(token.is(class::RELATIVE))
}

/// Leaves out adverbs, conjunctions, times and prepositional phrases at the start: "On Monday the ministry".
fn skip_lead(text: &str, tokens: &[Token<'_>], mut start: usize, end: usize) -> usize {
    let is_lead = |token: &Token<'_>| {
        token.is(class::ADVERB | class::CONJ | class::TIME | class::SUBORD) && !token.is(class::DET)
            || !token.is_word()
    };
    while start < end && is_lead(&tokens[start]) {
        start += 1;
    }
    if start < end && tokens[start].is(class::PREP) && !tokens[start].is(class::DET) {
        let restart = (start + 1..end)
            .rev()
            .find(|at| tokens[*at].is(class::DET | class::PRONOUN))
            .or_else(|| (start + 1..end).rev().take_while(|at| tokens[*at].capital).last());
        let of = restart.filter(|at| *at > start + 1 && tokens[*at - 1].span.of(text) == "of");
        return if of.is_some() { start + 1 } else { restart.unwrap_or(end) };
    }
    start
}

/// Whether the tokens can be somebody: not only small words, no lone preposition.
fn is_noun_phrase(tokens: &[Token<'_>], start: usize, end: usize) -> bool {
    let words = &tokens[start..end];
    let content = |token: &&Token<'_>| {
        token.is_word()
            && (token.capital
                || !token.is(class::PREP | class::AUX | class::ADVERB | class::CONJ | class::DET))
    };
    let pronoun = words.len() == 1 && words[0].is(class::PRONOUN);
    !words.is_empty()
        && words.len() <= LONGEST_SOURCE
        && (pronoun || words.iter().any(|t| content(&t)))
        && !words[words.len() - 1].is(class::PREP)
}

/// The noun phrase that starts at token `start`, ending before `to`.
pub(super) fn source_after(
    text: &str,
    tokens: &[Token<'_>],
    start: usize,
    to: usize,
) -> Option<Range<usize>> {
    let first = tokens.get(start).filter(|token| start < to && token.is_word())?;
    if first.is(class::PRONOUN) && !first.is(class::DET) {
        return Some(start..start + 1);
    }
    let mut end = start;
    while end < to && continues_right(text, tokens, end, start) {
        end += 1;
    }
    while end > start && tokens[end - 1].is(class::PREP | class::CONJ) {
        end -= 1;
    }
    if !is_noun_phrase(tokens, start, end)
        || tokens[start].is(class::PREP | class::CONJ | class::SUBORD)
            && !tokens[start].is(class::DET)
    {
        return None;
    }
    Some(start..with_appositive(tokens, start, end, to))
}

fn continues_right(text: &str, tokens: &[Token<'_>], at: usize, start: usize) -> bool {
    let token = &tokens[at];
    match token.kind {
        Kind::Word => {}
        Kind::Open | Kind::Close => return at > start,
        _ => return false,
    }
    let word = token.span.of(text);
    if token.is(class::TIME) || at - start > 14 {
        return false;
    }
    if token.is(class::CONJ) {
        return word == "and"
            && tokens.get(at + 1).is_some_and(|next| next.capital)
            && at > start
            && tokens[at - 1].capital;
    }
    if token.is(class::PREP) {
        let wanted = if tokens[start].is(class::DET) || !tokens[start].capital {
            &["of", "for", "in", "from", "at", "with", "to"][..]
        } else {
            &["of", "from", "at", "for"][..]
        };
        return at > start && wanted.contains(&word);
    }
    let lower_behind_name = !token.capital
        && at > start
        && tokens[at - 1].capital
        && !token.is(class::DET)
        && !is_possessive(text, token);
    let ends = token.is(class::SUBORD | class::AUX | class::ADVERB) && !token.is(class::DET);
    !ends && (!lower_behind_name || looks_like_office(word))
}

fn is_possessive(text: &str, token: &Token<'_>) -> bool {
    matches!(token.span.of(text), "’s" | "'s")
}

fn looks_like_office(word: &str) -> bool {
    super::resolve::is_common(&word.to_lowercase())
        || word.ends_with("er")
        || word.ends_with("or")
        || word.ends_with("man")
}

/// Takes along ", the envoy of Ruvania" and ", 49, who leads the group" behind a name.
fn with_appositive(tokens: &[Token<'_>], start: usize, end: usize, to: usize) -> usize {
    let named = tokens[start..end].iter().any(|token| token.capital);
    let opens = |at: usize| {
        tokens.get(at).is_some_and(|t| t.kind == Kind::Comma)
            && tokens.get(at + 1).is_some_and(|next| {
                let gerund = next
                    .word
                    .and_then(|w| w.cue.as_ref())
                    .is_some_and(|cue| cue.form == VerbForm::Gerund);
                next.is_word()
                    && !gerund
                    && (next.is(class::DET | class::RELATIVE)
                        || (!next.is(class::PREP
                            | class::CONJ
                            | class::SUBORD
                            | class::ADVERB
                            | class::PRONOUN
                            | class::TIME
                            | class::AUX)))
            })
    };
    if !named || end >= to || !opens(end) {
        return end;
    }
    let mut reach = end + 1;
    while reach < to
        && matches!(
            tokens[reach].kind,
            Kind::Word | Kind::Open | Kind::Close | Kind::Quote(_) | Kind::Other
        )
    {
        reach += 1;
    }
    reach
}

/// The bytes from token `range.start` to the end of the range.
pub(super) fn span_of(tokens: &[Token<'_>], range: &Range<usize>) -> Span {
    Span::new(tokens[range.start].span.start, tokens[range.end - 1].span.end)
}
