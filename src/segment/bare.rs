//! Sentences that end without a stop, inside what the stops make one sentence.
//!
//! Headlines run into their text, mail headers into the letter, addresses and rules into what follows. Only
//! marks that hardly deceive are used: a rule (`* * *`, `____`), the date and time of a mail header, an
//! address before a capital, and, in languages where the capital of a small word betrays the start of a
//! sentence ("Die", "В"), such a word.

use super::lexicon::{Lexicon, lowercase};
use super::token::is_dash;

/// Calls `cut` with the place after which each further sentence begins, in bytes from the start of `sentence`.
pub(super) fn ends(lexicon: &Lexicon, sentence: &str, cut: impl FnMut(usize)) {
    if has_marks(sentence.as_bytes()) {
        ends_at_marks(lexicon, sentence, cut);
    } else if !lexicon.bare_starters.is_empty() || !lexicon.closings.is_empty() {
        ends_at_capitals(lexicon, sentence, cut);
    }
}

/// Whether the sentence has a character that addresses, rules, dates or faces are made of.
fn has_marks(sentence: &[u8]) -> bool {
    memchr::memchr3(b'@', b'_', b'=', sentence).is_some()
        || memchr::memchr3(b'*', b'~', b':', sentence).is_some()
        || memchr::memmem::find(sentence, b"-----").is_some()
}

/// Ends that need no such character: looks at capitals only.
fn ends_at_capitals(lexicon: &Lexicon, sentence: &str, mut cut: impl FnMut(usize)) {
    let bytes = sentence.as_bytes();
    let (mut at, mut opening) = (0, 0);
    while let Some(space) = memchr::memchr2(b' ', b'\n', &bytes[at..]) {
        let end = at + space;
        at = end + 1;
        let capital = bytes.get(at).is_some_and(|byte| byte.is_ascii_uppercase() || *byte >= 0xc3);
        let ends = end > 0 && !matches!(bytes[end - 1], b'.' | b';' | b' ' | b'\n');
        if capital && ends {
            let word = sentence[at..].split(char::is_whitespace).next().unwrap_or_default();
            let last = sentence[..end].rsplit(char::is_whitespace).next().unwrap_or_default();
            let opens = end - last.len() == opening;
            if word.starts_with(char::is_uppercase) && parts_at_capital(lexicon, last, word, opens)
            {
                cut(end);
                opening = at;
            }
        }
    }
}

/// Ends at rules, addresses, dates, faces and all that [`ends_at_capitals`] finds.
fn ends_at_marks(lexicon: &Lexicon, sentence: &str, mut cut: impl FnMut(usize)) {
    let mut words = Words::new(sentence).peekable();
    let mut before = Token::default();
    let Some(mut last) = words.next() else { return };
    let mut opens = true;
    while let Some(word) = words.next() {
        let after = words.peek().copied().unwrap_or_default();
        opens = parts(lexicon, before, last, word, after, opens);
        if opens {
            cut(last.end);
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
    let header_ends = (is_half_day(last) && is_time(before)) || (is_date(before) && is_time(last));
    if header_ends && !is_half_day(word) && before.len() >= 5 {
        return !word.starts_with(char::is_lowercase) && is_date_time(before, last);
    }
    capital && parts_at_capital(lexicon, last, word, opens)
}

/// Whether a sentence ends between `last` and the capital of `word`; `opens` says that `last` began one.
fn parts_at_capital(lexicon: &Lexicon, last: &str, word: &str, opens: bool) -> bool {
    if last.ends_with(',') {
        return lexicon.closings.contains(lowercase(last).as_ref()) && (opens || last.len() >= 7);
    }
    if is_plain(last) {
        return lexicon.bare_starters.contains(word);
    }
    is_face(last) || (opens && is_source(last))
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
