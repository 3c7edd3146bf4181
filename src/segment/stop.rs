//! A place where a sentence may end, and what stands around it.

use super::token::{
    floor_boundary, head, is_closer, is_dash, is_invisible, is_opener, is_word_char, only_letter,
};

/// Bytes looked at before and after a stop; beyond them nothing can change the verdict.
const REACH: usize = 64;

/// What kind of terminator a stop is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// One full stop.
    Period,
    /// Two or more full stops, spaced or not, or an ellipsis character.
    Ellipsis,
    /// A question or exclamation mark, alone or with others.
    Question,
    /// Any other terminator of the language.
    Other,
}

/// How the text after a stop begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// The block ends here.
    Nothing,
    /// A capital letter.
    Capital,
    /// A small letter.
    Small,
    /// A letter of a script without capitals.
    Letter,
    /// A digit.
    Digit,
    /// Punctuation that cannot begin a sentence.
    Continuation,
    /// Any other symbol.
    Symbol,
}

/// The text after a stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Next<'t> {
    /// How it begins, behind any opening marks.
    pub(super) start: Start,
    /// Its first word, without opening marks.
    pub(super) word: &'t str,
    /// Whether opening marks stand before the word.
    pub(super) opened: bool,
    /// Whether a dash stands before the word.
    pub(super) dashed: bool,
    /// Whether an ellipsis stands before the word.
    pub(super) elided: bool,
    /// What stands after the word, as far as it was looked at.
    pub(super) after: &'t str,
}

/// A run of terminators with the closing marks after it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop<'t> {
    pub(super) text: &'t str,
    /// First byte of the sentence that might end here.
    pub(super) sentence: usize,
    /// First byte of the run.
    pub(super) start: usize,
    /// One past the run, before closing marks.
    pub(super) mark_end: usize,
    /// One past the closing marks: where the sentence would end.
    pub(super) end: usize,
    /// First byte of what follows.
    pub(super) next: usize,
    /// One past the block.
    pub(super) block_end: usize,
    pub(super) mark: Mark,
}

impl<'t> Stop<'t> {
    /// Whether white space (or the end of the block) follows.
    pub(super) fn is_spaced(&self) -> bool {
        self.next > self.end || self.end >= self.block_end
    }

    /// Whether closing marks stand between the terminator and what follows.
    pub(super) fn is_closed(&self) -> bool {
        self.text[self.mark_end..self.end].chars().any(|c| !is_invisible(c))
    }

    /// The word right before the stop, with inner stops ("U.S", "e.g", "end"); empty after a bracket.
    pub(super) fn word(&self) -> &'t str {
        word_before(self.text, self.sentence, self.start)
    }

    /// The word before `word` (which stands right before the stop), if only white space parts them.
    pub(super) fn word_before(&self, word: &str) -> &'t str {
        let before = &self.text[self.sentence..self.start];
        let before = &before[..before.rfind(word).unwrap_or(before.len())];
        let trimmed = before.trim_end();
        if trimmed.len() == before.len() {
            return "";
        }
        let end = self.sentence + trimmed.len();
        word_before(self.text, self.sentence, end - usize::from(trimmed.ends_with('.')))
    }

    /// Whether the sentence so far has at most `words` words before the stop's own.
    pub(super) fn is_short(&self, words: usize) -> bool {
        let so_far = &self.text[self.sentence..self.start];
        so_far.len() < REACH && so_far.split_whitespace().count() <= words
    }

    /// What follows the stop.
    pub(super) fn next(&self) -> Next<'t> {
        Next::of(head(&self.text[self.next..self.block_end], REACH))
    }
}

/// The word that ends at `end`, no further back than `from` or [`REACH`] bytes.
fn word_before(text: &str, from: usize, end: usize) -> &str {
    let from = from.max(floor_boundary(text, end.saturating_sub(REACH)));
    let before = &text[from..end];
    let mut start = end;
    for (index, c) in before.char_indices().rev() {
        if is_invisible(c) && start < end {
            break;
        }
        if !is_word_char(c) && !is_invisible(c) {
            break;
        }
        start = from + index;
    }
    text[start..end].trim_matches(|c: char| is_invisible(c) || matches!(c, '\'' | '’' | '_' | '-'))
}

impl<'t> Next<'t> {
    /// Reads the beginning of `text`.
    pub(super) fn of(text: &'t str) -> Self {
        let (mut opened, mut dashed, mut elided) = (false, false, false);
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if c == '(' && is_list_mark(rest) {
                break;
            } else if is_dash(c) {
                dashed = true;
            } else if matches!(c, '.' | '…') {
                elided = true;
            } else if is_opener(c) {
                opened = true;
            } else if !(c.is_whitespace() && (opened || dashed || elided)) {
                break;
            }
            rest = &rest[c.len_utf8()..];
        }
        let word_end = rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '’' | '-')))
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(word_end);
        Self { start: start_of(rest, text.is_empty()), word, opened, dashed, elided, after }
    }

    /// Whether the word is followed by a number ("В 1854").
    pub(super) fn is_before_number(&self) -> bool {
        self.after.trim_start().starts_with(|c: char| c.is_ascii_digit())
    }

    /// Whether the word is a single letter with a full stop ("J.").
    pub(super) fn is_initial(&self) -> bool {
        self.after.starts_with('.') && only_letter(self.word).is_some()
    }
}

/// Whether `rest` begins with the mark of a list item in brackets: "(b)", "(12)", "(iv)".
fn is_list_mark(rest: &str) -> bool {
    let inner = rest.bytes().skip(1).take(4).take_while(u8::is_ascii_alphanumeric).count();
    (1..=3).contains(&inner) && rest[1 + inner..].starts_with(") ")
}

fn start_of(rest: &str, nothing: bool) -> Start {
    match rest.chars().next() {
        None if nothing => Start::Nothing,
        Some(c) if c.is_uppercase() => Start::Capital,
        Some(c) if c.is_lowercase() => Start::Small,
        Some(c) if c.is_alphabetic() => Start::Letter,
        Some(c) if c.is_numeric() => Start::Digit,
        Some(
            ',' | ';' | ':' | '/' | '%' | '=' | ')' | ']' | '}' | '!' | '?' | '،' | '؛' | '，'
            | '、' | '；' | '：' | '。' | '》' | '」' | '』' | '）' | '·' | '”',
        ) => Start::Continuation,
        _ => Start::Symbol,
    }
}

/// Finds the extent of the stop whose first terminator is at `start`.
pub(super) fn read<'t>(
    text: &'t str,
    sentence: usize,
    start: usize,
    block_end: usize,
    terminators: &[char],
) -> Stop<'t> {
    let (mark_end, mark) = run(text, start, block_end, terminators);
    let mut end = closers(text, mark_end, block_end);
    // `?".` and `!).`: more terminators behind the closing marks.
    if end > mark_end && text[end..block_end].starts_with(terminators) {
        let (second_end, _) = run(text, end, block_end, terminators);
        end = closers(text, second_end, block_end);
    }
    if end > mark_end {
        end += source(&text[end..block_end]);
    }
    let rest = &text[end..block_end];
    let next = end + (rest.len() - rest.trim_start().len());
    Stop { text, sentence, start, mark_end, end, next, block_end, mark }
}

/// The end of a run of terminators, with its kind. Full stops may have single spaces between them.
fn run(text: &str, start: usize, block_end: usize, terminators: &[char]) -> (usize, Mark) {
    let (mut end, mut stops, mut questions, mut others) = (start, 0, 0, 0);
    let mut rest = text[start..block_end].chars();
    while let Some(c) = rest.next() {
        match c {
            '.' => stops += 1,
            '…' => stops += 3,
            '?' | '!' | '؟' | '？' | '！' => questions += 1,
            ' ' if stops > 0 && rest.as_str().starts_with('.') && spaced_dot(rest.as_str()) => {
                continue;
            }
            c if terminators.contains(&c) => others += 1,
            _ => break,
        }
        end = block_end - rest.as_str().len();
    }
    let mark = match (stops, questions, others) {
        (1, 0, 0) => Mark::Period,
        (_, 0, 0) => Mark::Ellipsis,
        (_, 1.., _) => Mark::Question,
        _ => Mark::Other,
    };
    (end, mark)
}

/// Whether the stop that `rest` begins with stands alone (`. . .`), not before a word (`. .NET`, `. ...and`).
fn spaced_dot(rest: &str) -> bool {
    !rest[1..].starts_with(|c: char| c.is_alphanumeric() || c == '.')
}

/// The end of the closing marks from `at`: quotation marks, brackets, and marks of notes.
fn closers(text: &str, at: usize, block_end: usize) -> usize {
    let mut end = at;
    loop {
        let rest = &text[end..block_end];
        match rest.chars().next() {
            Some(c) if is_closer(c) && closes(rest, c) => end += c.len_utf8(),
            Some('[') => match note(rest) {
                Some(length) => end += length,
                None => return end,
            },
            // "! »" and ". )": a closing mark that a space has come before.
            Some(' ' | '\u{a0}' | '\u{202f}') if only_closes(rest) => {
                end += rest.chars().next().map_or(0, char::len_utf8);
            }
            _ => return end,
        }
    }
}

/// Whether the mark `c` at the start of `rest` closes something, seen from what follows it.
fn closes(rest: &str, c: char) -> bool {
    let after = rest[c.len_utf8()..].chars().next();
    let before_word = after.is_some_and(char::is_alphanumeric);
    match c {
        '“' | '‘' | '"' | '\'' | '*' | '_' | '`' | '~' => !before_word,
        _ => true,
    }
}

/// Whether a mark that can only close follows the space that `rest` begins with.
fn only_closes(rest: &str) -> bool {
    let mut chars = rest.chars().skip(1);
    let closing = matches!(chars.next(), Some('»' | ')' | ']' | '”'));
    closing && !chars.next().is_some_and(char::is_alphanumeric)
}

/// Bytes the source of a quotation may have.
const SOURCE_REACH: usize = 80;

/// The length of a source in brackets behind a quotation, with the space before it: ` [A/PV.12, p. 3]`.
fn source(rest: &str) -> usize {
    let Some(inner) = rest.strip_prefix(" [").or_else(|| rest.strip_prefix(" (")) else { return 0 };
    let inner = head(inner, SOURCE_REACH);
    let Some(length) = inner.find([']', ')']) else { return 0 };
    let ibid = inner.starts_with("Ibid") || inner.starts_with("ibid");
    let names_a_place = ibid || inner[..length].contains(|c: char| c.is_ascii_digit());
    let ended = rest[length + 3..].starts_with(char::is_whitespace) || rest.len() == length + 3;
    if names_a_place && ended && !is_list_mark(&rest[1..]) { length + 3 } else { 0 }
}

/// The length of the mark of a note that opens `rest`: `[12]`.
fn note(rest: &str) -> Option<usize> {
    let digits = rest.bytes().skip(1).take(4).take_while(u8::is_ascii_digit).count();
    (digits > 0 && rest.as_bytes().get(digits + 1) == Some(&b']')).then_some(digits + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stop(text: &str) -> Stop<'_> {
        let start = text.find(['.', '!', '?', '…']).unwrap();
        read(text, 0, start, text.len(), &['.', '!', '?', '…'])
    }

    #[test]
    fn a_stop_takes_its_closing_marks_with_it() {
        for (text, sentence) in [
            ("He left.” Then", "He left.”"),
            ("(He left.) Then", "(He left.)"),
            ("Left! » Then", "Left! »"),
            ("Who?\". Then", "Who?\"."),
            ("Rights.[12] Then", "Rights.[12]"),
            ("“He left.” [A/12, p. 3] Then", "“He left.” [A/12, p. 3]"),
            ("“He left.” (2) Then", "“He left.”"),
            ("**Left.** Then", "**Left.**"),
            ("Left . . . Then", "Left . . ."),
            ("Left. \"Then", "Left."),
        ] {
            assert_eq!(&text[..stop(text).end], sentence);
        }
    }

    #[test]
    fn the_kind_of_a_stop() {
        let kinds = ["a.", "a...", "a . . .", "a…", "a?!", "a!"].map(|text| stop(text).mark);
        assert_eq!(
            kinds,
            [
                Mark::Period,
                Mark::Ellipsis,
                Mark::Ellipsis,
                Mark::Ellipsis,
                Mark::Question,
                Mark::Question
            ]
        );
    }

    #[test]
    fn the_word_before_and_the_word_before_that() {
        let stop = stop("in the year (1905). Then");
        assert_eq!(stop.word(), "");
        let text = "under Mr. Okoro";
        let stop = read(text, 0, 8, text.len(), &['.']);
        assert_eq!(stop.word(), "Mr");
        assert_eq!(stop.word_before("Mr"), "under");
        let text = "in ca’. Then";
        let stop = read(text, 0, text.find('.').unwrap(), text.len(), &['.']);
        assert_eq!((stop.word(), stop.word_before("ca")), ("ca", "in"));
    }

    #[test]
    fn what_follows() {
        let next = Next::of("“(The harbour");
        assert_eq!((next.start, next.word, next.opened), (Start::Capital, "The", true));
        assert_eq!(Next::of("– the").start, Start::Small);
        assert_eq!(Next::of(", the").start, Start::Continuation);
        assert_eq!(Next::of("").start, Start::Nothing);
        assert!(Next::of("In 1854").is_before_number());
    }
}
