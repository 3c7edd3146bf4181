//! Several holders in one source: "Ruvania and Tessaly", "Ruvanian and Tessalian officials", but not "the
//! Ministry of Trade and Industry".

use super::reference::is_body_noun;
use super::words::{HEADINGS, ROLES, holds};
use crate::document::Span;

/// Words of the longest source that is taken apart.
const MOST_WORDS: usize = 40;

/// One of the holders that a source names: a stretch of it, with words that it shares with the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Its own words.
    pub(super) span: Span,
    /// "the ministers of" before "Tessaly".
    before: Option<Span>,
    /// "officials" behind "Ruvanian".
    behind: Option<Span>,
}

impl Part {
    fn alone(span: Span) -> Self {
        Self { span, before: None, behind: None }
    }

    /// The words that the part takes from the others, around its own.
    pub(super) fn shared(self, text: &str) -> Option<String> {
        let slices = [self.before, Some(self.span), self.behind];
        let borrowed = self.before.is_some() || self.behind.is_some();
        let words: Vec<&str> = slices.into_iter().flatten().map(|span| span.of(text)).collect();
        borrowed.then(|| words.join(" "))
    }
}

/// The holders that the source `span` names, in its order; one for a source without "and". `known` tells
/// whether an actor bears a name.
pub(super) fn parts(text: &str, span: Span, known: &mut dyn FnMut(&str) -> bool) -> Vec<Part> {
    let words = words(text, span);
    let has_and = words.iter().any(|word| word.is(text, "and"));
    if !has_and || words.len() > MOST_WORDS || known(span.of(text)) {
        return vec![Part::alone(span)];
    }
    let pieces = pieces(text, &words);
    let pieces = merged(text, pieces, known);
    if pieces.len() < 2 {
        return vec![Part::alone(span)];
    }
    let named = pieces.iter().filter(|piece| !is_remainder(text, piece)).collect::<Vec<_>>();
    let hulls = named.iter().map(|piece| Part::alone(hull(piece)));
    distributed(text, &named, hulls.collect(), known)
}

/// A word of a source, without the comma behind it.
#[derive(Clone, Copy, Debug)]
struct Word {
    span: Span,
    comma: bool,
}

impl Word {
    fn is(self, text: &str, word: &str) -> bool {
        self.span.of(text).eq_ignore_ascii_case(word)
    }

    fn is_capital(self, text: &str) -> bool {
        self.span.of(text).starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
    }

    fn is_in(self, text: &str, list: &[&str]) -> bool {
        let word = self.span.of(text).trim_end_matches("’s").trim_end_matches("'s");
        holds(list, &word.to_lowercase())
    }

    /// "a", "the", "his": opens a noun phrase of its own.
    fn is_determiner(self, text: &str) -> bool {
        matches!(
            self.span.of(text).to_ascii_lowercase().as_str(),
            "the" | "a" | "an" | "his" | "her" | "its" | "their" | "some" | "several" | "many"
        )
    }
}

fn words(text: &str, span: Span) -> Vec<Word> {
    let mut words = Vec::new();
    let mut at = span.start;
    for word in span.of(text).split_whitespace() {
        let start = at + text[at..].find(word).expect("words are found in their order");
        at = start + word.len();
        let bare = word.trim_end_matches(',');
        if !bare.is_empty() {
            words.push(Word {
                span: Span::new(start, start + bare.len()),
                comma: bare.len() < word.len(),
            });
        }
    }
    words
}

/// A stretch between commas and "and"s, and whether "and" stands before it.
#[derive(Clone, Debug)]
struct Piece {
    words: Vec<Word>,
    joined_by_and: bool,
}

/// The stretches between the joints. A remark behind a name belongs to it: "Mira Solheim, the envoy of Ruvania,".
fn pieces(text: &str, words: &[Word]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut open = true;
    let mut joined_by_and = false;
    for word in words {
        if word.is(text, "and") || (word.is(text, "both") && pieces.is_empty()) {
            open = true;
            joined_by_and = word.is(text, "and");
            continue;
        }
        let remark = open && !joined_by_and && !pieces.is_empty() && is_remark(text, *word);
        if open && !remark {
            pieces.push(Piece { words: Vec::new(), joined_by_and });
        }
        pieces.last_mut().expect("the first word opens a piece").words.push(*word);
        (open, joined_by_and) = (word.comma, false);
    }
    pieces
}

/// Whether a word behind a comma goes on about the name before it.
fn is_remark(text: &str, word: Word) -> bool {
    !word.is_capital(text) || word.is_determiner(text) || word.is_in(text, ROLES)
}

/// Joins the pieces that are one name.
fn merged(text: &str, pieces: Vec<Piece>, known: &mut dyn FnMut(&str) -> bool) -> Vec<Vec<Word>> {
    let listed = pieces.iter().any(|piece| piece.joined_by_and);
    let mut merged: Vec<Vec<Word>> = Vec::new();
    for piece in pieces {
        let one =
            merged.last().is_some_and(|before| !listed || is_one(text, before, &piece, known));
        match merged.last_mut() {
            Some(before) if one => before.extend(piece.words),
            _ => merged.push(piece.words),
        }
    }
    merged
}

/// Whether two pieces around a joint are one name.
fn is_one(text: &str, left: &[Word], right: &Piece, known: &mut dyn FnMut(&str) -> bool) -> bool {
    let (Some(last), Some(first)) = (left.last(), right.words.first()) else { return true };
    let capital = |words: &[Word]| words.iter().any(|word| word.is_capital(text));
    let twin = last.span.of(text) == first.span.of(text);
    let no_names = !capital(left) && (!capital(&right.words) || !first.is_capital(text));
    let two_offices = last.is_in(text, ROLES) && first.is_in(text, ROLES);
    twin || no_names
        || two_offices
        || is_suffix(text, *first)
        || bridges(text, left, &right.words, known)
        || is_portfolio(text, left, right, known)
}

/// "Sons", "Co.": the end of the name of a firm.
fn is_suffix(text: &str, word: Word) -> bool {
    matches!(
        word.span.of(text).trim_end_matches('.'),
        "Sons" | "Co" | "Company" | "Associates" | "Partners" | "Brothers"
    )
}

/// Whether a known name stands across the joint: "the envoy of Antigua and Barbuda".
fn bridges(text: &str, left: &[Word], right: &[Word], known: &mut dyn FnMut(&str) -> bool) -> bool {
    let ahead = left.iter().rev().take_while(|word| word.is_capital(text)).take(3).count();
    let behind = right.iter().take_while(|word| word.is_capital(text)).take(2).count();
    (1..=ahead).any(|from| {
        let start = left[left.len() - from].span.start;
        (1..=behind).any(|to| known(&text[start..right[to - 1].span.end]))
    })
}

/// Whether the joint stands within the field of a body: "the Ministry of Trade and Industry".
fn is_portfolio(
    text: &str,
    left: &[Word],
    right: &Piece,
    known: &mut dyn FnMut(&str) -> bool,
) -> bool {
    let joins = |word: &Word| ["of", "for", "on"].into_iter().any(|joiner| word.is(text, joiner));
    let field = left
        .windows(2)
        .any(|pair| pair[0].is_capital(text) && pair[0].is_in(text, HEADINGS) && joins(&pair[1]));
    let own_head = right.words.iter().any(|word| {
        let noun = word.span.of(text).to_lowercase();
        word.is_capital(text) && (is_body_noun(&noun) || word.is_in(text, ROLES))
    });
    let commas = left.iter().any(|word| word.comma);
    let article = right.words.first().is_some_and(|word| word.is_determiner(text));
    field && !own_head && (commas || !article) && !known(hull_of(text, &right.words))
}

/// "its allies", "others", "other countries": whoever else there is.
fn is_remainder(text: &str, piece: &[Word]) -> bool {
    piece.first().is_none_or(|word| {
        matches!(
            word.span.of(text).to_ascii_lowercase().as_str(),
            "its" | "his" | "her" | "their" | "our" | "my" | "other" | "others" | "more" | "so"
        )
    })
}

/// Gives each part the words that it shares: "Ruvanian and Tessalian *officials*", "*the ministers of* Ruvania
/// and Tessaly".
fn distributed(
    text: &str,
    pieces: &[&Vec<Word>],
    mut parts: Vec<Part>,
    known: &mut dyn FnMut(&str) -> bool,
) -> Vec<Part> {
    let Some((last, rest)) = pieces.split_last().filter(|(_, rest)| !rest.is_empty()) else {
        return parts;
    };
    if let Some(tail) = common_tail(text, last) {
        for (piece, part) in rest.iter().zip(&mut parts) {
            let lone = piece.len() == 1 && piece[0].is_capital(text);
            if lone && is_adjective(text, piece[0]) {
                part.behind = Some(tail);
            }
        }
    }
    if let Some(head) = common_head(text, pieces[0]) {
        for (piece, part) in pieces.iter().zip(&mut parts).skip(1) {
            let bare = piece.iter().all(|word| word.is_capital(text) && !word.is_in(text, ROLES));
            if bare || known(part.span.of(text)) {
                part.before = Some(head);
            }
        }
    }
    parts
}

/// The words in small letters that end a piece behind capitalised ones: "Tessalian *officials*".
fn common_tail(text: &str, piece: &[Word]) -> Option<Span> {
    let start = piece.iter().position(|word| !word.is_capital(text)).filter(|start| *start > 0)?;
    let tail = &piece[start..];
    let plain = tail.iter().all(|word| !word.is_capital(text) && !word.comma);
    let plural = tail.last()?.span.of(text).ends_with('s');
    (plain && plural).then(|| hull(tail))
}

/// "the ministers of" at the start of "the ministers of Ruvania".
fn common_head(text: &str, piece: &[Word]) -> Option<Span> {
    let of = piece.iter().rposition(|word| word.is(text, "of") || word.is(text, "from"))?;
    let head = &piece[..=of];
    let noun = piece[of.checked_sub(1)?].span.of(text);
    let plural = noun.ends_with('s') && !noun.ends_with("ss");
    let named = piece.get(of + 1).is_some_and(|word| word.is_capital(text));
    (plural && named).then(|| hull(head))
}

/// Whether a capitalised word has the ending of an adjective of origin.
fn is_adjective(text: &str, word: Word) -> bool {
    const ENDINGS: [&str; 8] = ["an", "ese", "ish", "ic", "i", "ch", "EU", "US"];
    let word = word.span.of(text);
    ENDINGS.into_iter().any(|ending| word.ends_with(ending)) || word.contains('.')
}

fn hull(words: &[Word]) -> Span {
    Span::new(words[0].span.start, words[words.len() - 1].span.end)
}

fn hull_of<'t>(text: &'t str, words: &[Word]) -> &'t str {
    if words.is_empty() { "" } else { hull(words).of(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &[&str]) {
        let states = ["Ruvania", "Tessaly", "Dovia", "Antigua and Barbuda"];
        let mut known = |name: &str| states.contains(&name);
        let found: Vec<String> = parts(source, Span::new(0, source.len()), &mut known)
            .into_iter()
            .map(|part| part.shared(source).unwrap_or_else(|| part.span.of(source).to_owned()))
            .collect();
        assert_eq!(found, expected, "in {source}");
    }

    #[test]
    fn lists_of_names_are_taken_apart() {
        check("Ruvania and Tessaly", &["Ruvania", "Tessaly"]);
        check("Ruvania, Tessaly and Dovia", &["Ruvania", "Tessaly", "Dovia"]);
        check("Ruvania, Tessaly, and Dovia", &["Ruvania", "Tessaly", "Dovia"]);
        check("both Ruvania and Tessaly", &["Ruvania", "Tessaly"]);
        check("Mira Solheim and Aru Telnik", &["Mira Solheim", "Aru Telnik"]);
        check(
            "Mira Solheim, the envoy of Ruvania, and Aru Telnik",
            &["Mira Solheim, the envoy of Ruvania", "Aru Telnik"],
        );
        check(
            "the Ministry of Justice and the Lake Council",
            &["the Ministry of Justice", "the Lake Council"],
        );
        check("Ruvania and its allies", &["Ruvania"]);
        check("Ruvania and civil society groups", &["Ruvania", "civil society groups"]);
    }

    #[test]
    fn shared_words_go_to_each() {
        check("Ruvanian and Tessalian officials", &["Ruvanian officials", "Tessalian officials"]);
        check(
            "the foreign ministers of Ruvania and Tessaly",
            &["the foreign ministers of Ruvania", "the foreign ministers of Tessaly"],
        );
    }

    #[test]
    fn one_name_with_and_stays_one() {
        for name in [
            "the Ministry of Trade and Industry",
            "the Ministry of Trade and Industry of Ruvania",
            "the Department of Roads, Lakes and the Digital Economy",
            "Johnson and Johnson",
            "Solheim and Sons",
            "Antigua and Barbuda",
            "the envoy of Antigua and Barbuda",
            "Co-founder and CEO Aru Telnik",
            "activists and business bodies in Ruvania",
            "Mira Solheim, envoy of Ruvania",
        ] {
            check(name, &[name]);
        }
    }
}
