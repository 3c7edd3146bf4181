//! Sentences that end without a stop, inside what the stops make one sentence.
//!
//! Headlines run into their text, mail headers into the letter, addresses and rules into what follows. Only
//! marks that hardly deceive are used: a rule (`* * *`, `____`), the date and time of a mail header, an
//! address before a capital, and, in languages where the capital of a small word betrays the start of a
//! sentence ("Die", "В"), such a word.

use super::lexicon::{Lexicon, lowercase};
use super::token::is_dash;

/// Calls `cut` with the place after which each further sentence begins, in bytes from the start of `sentence`.
pub(super) fn ends(lexicon: &Lexicon, sentence: &str, mut cut: impl FnMut(usize)) {
    let marks = |byte: u8| matches!(byte, b'@' | b':' | b'_' | b'=' | b'*' | b'~' | b'-');
    if lexicon.bare_starters.is_empty() && !sentence.bytes().any(marks) {
        return;
    }
    let mut words = Words::new(sentence).peekable();
    let mut before = Token::default();
    let Some(mut last) = words.next() else { return };
    let mut opens = true;
    while let Some(word) = words.next() {
        let after = words.peek().copied().unwrap_or_default();
        if parts(lexicon, before, last, word, after, opens) {
            cut(last.end);
            opens = true;
        } else {
            opens = false;
        }
        (before, last) = (last, word);
    }
}

/// A word between white space.
#[derive(Clone, Copy, Debug, Default)]
struct Token<'t> {
    text: &'t str,
    end: usize,
}

/// The words of a text.
struct Words<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Words<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }
}

impl<'t> Iterator for Words<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        let rest = &self.text[self.at..];
        let start = self.at + (rest.len() - rest.trim_start().len());
        let rest = &self.text[start..];
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        self.at = start + length;
        (length > 0).then(|| Token { text: &rest[..length], end: self.at })
    }
}

/// Whether a sentence ends between `last` and `word`.
fn parts(
    lexicon: &Lexicon,
    before: Token<'_>,
    last: Token<'_>,
    word: Token<'_>,
    after: Token<'_>,
    opens: bool,
) -> bool {
    let (before, last, word, after) = (before.text, last.text, word.text, after.text);
    if is_rule(last) || is_rule(word) {
        return true;
    }
    let capital = word.starts_with(char::is_uppercase);
    if is_date(word) && is_time(after) {
        return !last.starts_with(char::is_lowercase);
    }
    if is_address(last) && (capital || is_address(word)) {
        return is_address(word) || second_is_small(word);
    }
    if capital && lexicon.closings.contains(lowercase(last).as_ref()) {
        return opens || last.len() >= 7;
    }
    if capital && (is_face(last) || (opens && is_source(last))) {
        return true;
    }
    let header_ends = (is_half_day(last) && is_time(before)) || (is_date(before) && is_time(last));
    if header_ends && !is_half_day(word) && before.len() >= 5 {
        return !word.starts_with(char::is_lowercase) && is_date_time(before, last);
    }
    !opens && lexicon.bare_starters.contains(word) && is_plain(last)
}

/// A rule: three stars or equals signs, or five dashes or underscores, and nothing else.
fn is_rule(word: &str) -> bool {
    let strong = |c: char| matches!(c, '*' | '=' | '~' | '#');
    let least = if word.starts_with(strong) { 3 } else { 5 };
    word.len() >= least
        && word.chars().all(|c| strong(c) || c == '_' || is_dash(c))
        && word.chars().count() >= least
}

/// A word in brackets that opens a sentence: the source or a stage direction, not a number or letter of a list.
fn is_source(word: &str) -> bool {
    let inner = word.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    inner.is_some_and(|inner| {
        inner.len() >= 3 && inner.chars().all(char::is_alphabetic) && !is_list_mark(inner)
    })
}

/// A small roman numeral of a list.
fn is_list_mark(inner: &str) -> bool {
    inner.bytes().all(|byte| b"ivxlIVXL".contains(&byte))
}

/// "08/16/2000"
fn is_date(word: &str) -> bool {
    (6..=10).contains(&word.len())
        && word.bytes().filter(|byte| *byte == b'/').count() == 2
        && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'/')
}

/// "03:48" or "03:48:12"
fn is_time(word: &str) -> bool {
    (4..=8).contains(&word.len())
        && word.contains(':')
        && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b':')
}

fn is_half_day(word: &str) -> bool {
    matches!(word, "AM" | "PM")
}

/// Whether the two words before a place are the end of a date with its time.
fn is_date_time(before: &str, last: &str) -> bool {
    is_date(before) || is_half_day(last)
}

/// The address of a page or a mailbox, without punctuation after it.
fn is_address(word: &str) -> bool {
    let page = word.contains("://") || word.starts_with("www.");
    let mailbox = word.contains('@') && word.contains('.');
    (page || mailbox) && word.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '>'))
}

fn second_is_small(word: &str) -> bool {
    word.chars().nth(1).is_none_or(|c| c.is_lowercase() || c == '\'')
}

/// A face of punctuation: `:-)`.
fn is_face(word: &str) -> bool {
    matches!(word, ":)" | ":-)" | ";)" | ";-)" | ":(" | ":-(" | ":D" | ":-D" | ":P" | ":-P" | ":p")
}

/// Whether the word can end a headline: a word or a number, no punctuation after it.
fn is_plain(word: &str) -> bool {
    word.ends_with(char::is_alphanumeric) && word.chars().count() >= 2
}
