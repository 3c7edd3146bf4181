//! Runs of capitalised words: "Mr. Aru Telnik", "Ministry of Justice of Ruvania".

use super::words::{TITLES, holds};
use crate::document::Span;

/// Words of the longest run.
const LONGEST: usize = 10;

/// The spans of the words of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    words: [Span; LONGEST],
    len: usize,
}

impl Run {
    fn starting(word: Span) -> Self {
        Self { words: [word; LONGEST], len: 1 }
    }

    fn push(&mut self, word: Span) {
        self.words[self.len] = word;
        self.len += 1;
    }
}

impl std::ops::Deref for Run {
    type Target = [Span];

    fn deref(&self) -> &[Span] {
        &self.words[..self.len]
    }
}

/// The runs of capitalised words in a stretch of the text.
pub(super) fn capital_runs(text: &str, span: Span) -> impl Iterator<Item = Run> + '_ {
    let mut at = span.start;
    std::iter::from_fn(move || {
        let run = next_run(text, at, span.end)?;
        at = run.last()?.end;
        Some(run)
    })
}

fn next_run(text: &str, from: usize, to: usize) -> Option<Run> {
    let mut word = next_capital(text, from, to)?;
    let mut run = Run::starting(word);
    while run.len() < LONGEST {
        let Some(next) = following(text, word, to) else { break };
        run.push(next);
        word = next;
    }
    while run.last().is_some_and(|last| !is_capital(text, last.start)) {
        run.len -= 1;
    }
    Some(run)
}

/// The next word that begins with a capital.
fn next_capital(text: &str, from: usize, to: usize) -> Option<Span> {
    let bytes = text.as_bytes();
    let mut inside = from > 0 && is_word_byte(bytes[from - 1]);
    let mut at = from;
    while at < to {
        let byte = bytes[at];
        let candidate = !inside && (byte.is_ascii_uppercase() || byte >= 0xC3);
        if candidate && text.is_char_boundary(at) && is_capital(text, at) {
            return Some(word_at(text, at, to));
        }
        inside = is_word_byte(byte);
        at += 1;
    }
    None
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || (byte >= 0x80 && byte != 0xE2 && byte != 0xC2)
}

fn is_capital(text: &str, at: usize) -> bool {
    text[at..].starts_with(char::is_uppercase)
}

/// The word that starts at `at`, with inner hyphens and apostrophes, without a possessive.
fn word_at(text: &str, at: usize, to: usize) -> Span {
    let rest = &text[at..to];
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '-' | '\'' | '’');
    let length = rest.find(|c| !inner(c)).unwrap_or(rest.len());
    let word = rest[..length].trim_end_matches(['-', '\'', '’']);
    let word = word.strip_suffix("’s").or_else(|| word.strip_suffix("'s")).unwrap_or(word);
    Span::new(at, at + word.len())
}

/// The word of the same run that follows `word` after one space.
fn following(text: &str, word: Span, to: usize) -> Option<Span> {
    let mut rest = &text[word.end..to];
    if rest.starts_with('.') && (is_title(word.of(text)) || word.len() == 1) {
        rest = &rest[1..];
    }
    let behind = rest.strip_prefix([' ', '\n', '\u{a0}'])?;
    let at = to - behind.len();
    let next = word_at(text, at, to);
    let joins =
        matches!(next.of(text), "of" | "for" | "the" | "and" | "de" | "van" | "von" | "bin" | "al");
    (!next.is_empty() && (is_capital(text, at) || joins)).then_some(next)
}

/// Whether a word is a form of address, with or without its stop.
pub(super) fn is_title(word: &str) -> bool {
    let word = word.trim_end_matches('.');
    word.len() < 14 && holds(TITLES, &word.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_hold_names_with_their_titles_and_small_words() {
        let text =
            "Yesterday Mr. Aru Telnik’s aides met the Ministry of Justice of Ruvania, and Éva.";
        let runs: Vec<String> = capital_runs(text, Span::new(0, text.len()))
            .map(|run| run.iter().map(|span| span.of(text)).collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(runs, ["Yesterday Mr Aru Telnik", "Ministry of Justice of Ruvania", "Éva"]);
    }
}
