//! Where a reported clause ends, without a parser.

use super::lexicon::VerbForm;
use super::token::{Kind, Token, class};

/// Where a reported clause that starts at `from` ends, before `to`.
pub(super) fn clause_end(
    text: &str,
    tokens: &[Token<'_>],
    from: usize,
    to: usize,
    short: bool,
) -> usize {
    let mut end = to;
    while end > from && tokens[end - 1].kind == Kind::Stop {
        end -= 1;
    }
    (from + 1..end).find(|at| ends_before(text, tokens, *at, end, short)).unwrap_or(end)
}

/// Whether a reported clause ends before token `at`.
fn ends_before(text: &str, tokens: &[Token<'_>], at: usize, end: usize, short: bool) -> bool {
    let token = &tokens[at];
    let next = tokens.get(at + 1).filter(|_| at + 1 < end);
    match token.kind {
        Kind::Semicolon => true,
        Kind::Dash => short,
        Kind::Comma => next.is_none_or(|next| ends_clause(text, next, short)),
        Kind::Word if joins_verb(text, token, next) => true,
        Kind::Word if behind_quoted_comma(text, tokens, at) => ends_clause(text, token, short),
        Kind::Word if short => is_hinge(text, token),
        _ => false,
    }
}

/// "… and said": the next verb of the same subject.
fn joins_verb(text: &str, token: &Token<'_>, next: Option<&Token<'_>>) -> bool {
    let finite = |next: &Token<'_>| {
        next.word.and_then(|word| word.cue.as_ref()).is_some_and(|cue| {
            cue.strong && matches!(cue.form, VerbForm::Past | VerbForm::ThirdPerson)
        })
    };
    matches!(token.span.of(text), "and" | "but") && next.is_some_and(finite)
}

/// Whether the token before is a quotation that ends with a comma.
fn behind_quoted_comma(text: &str, tokens: &[Token<'_>], at: usize) -> bool {
    let before = &tokens[at - 1];
    let end = before.span.of(text).trim_end_matches(|c| "\"'”’»".contains(c));
    matches!(before.kind, Kind::Quote(_)) && end.ends_with(',')
}

/// Whether a comma before `next` ends a reported clause.
fn ends_clause(text: &str, next: &Token<'_>, short: bool) -> bool {
    let word = next.span.of(text);
    let gerund = next
        .word
        .and_then(|word| word.cue.as_ref())
        .is_some_and(|cue| cue.form == VerbForm::Gerund);
    let turn = matches!(word, "but" | "while" | "although" | "though" | "whereas" | "according");
    let more = short
        && (next.is(class::SUBORD | class::PRONOUN) && !next.is(class::DET)
            || word.ends_with("ing")
            || word == "and");
    gerund || turn || more
}

/// Words that begin a new clause behind a noun phrase.
fn is_hinge(text: &str, token: &Token<'_>) -> bool {
    matches!(
        token.span.of(text),
        "because"
            | "while"
            | "when"
            | "after"
            | "before"
            | "although"
            | "though"
            | "but"
            | "if"
            | "since"
            | "during"
            | "saying"
            | "until"
    )
}
