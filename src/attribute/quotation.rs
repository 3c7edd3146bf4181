//! Quotations: pairs of quotation marks of all styles, found in one pass.
//!
//! A mark inside an open quotation of another style belongs to its words. A quotation that runs over
//! paragraphs either repeats its opening mark at each ("reopened") or simply stays open; one that is never
//! closed is dropped, so that a stray mark cannot swallow the rest of a text.

use crate::document::Span;

/// Words between quotation marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quotation {
    /// With its marks; without a closing one where the next paragraph reopens the quotation.
    pub(super) span: Span,
    /// Whether the next paragraph goes on with the same quotation.
    pub(super) goes_on: bool,
}

impl Quotation {
    /// The words without the marks.
    pub(super) fn inner(self, text: &str) -> &str {
        self.span.of(text).trim_matches(|c| "\"'“”„‘’‚«»‹›「」『』`".contains(c)).trim()
    }
}

/// The quotations of `text`, in order and disjoint.
pub(super) fn quotations(text: &str) -> Vec<Quotation> {
    let mut scan = Scan { text, open: None, paragraph: 0, clean: true, found: Vec::new() };
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !may_begin_mark(bytes[at]) {
            at += 1;
            continue;
        }
        let width = mark_width(&text[at..]);
        if bytes[at] == b'\n' {
            scan.line_end(at);
        } else if width > 0 {
            scan.mark(at, width);
        }
        at += width.max(1);
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
    if let Some(open) = scan.open.take() {
        scan.unclosed(open, text.len());
    }
    scan.found
}

/// A fast sieve: the first bytes of all quotation marks and the line feed.
fn may_begin_mark(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'\n' | b'`' | 0xC2 | 0xE2 | 0xE3)
}

/// Bytes of the quotation mark that `rest` begins with, 0 if it begins with none.
fn mark_width(rest: &str) -> usize {
    if rest.starts_with("''") || rest.starts_with("``") {
        return 2;
    }
    let first = rest.chars().next().filter(|c| "\"'“”„‘’‚«»‹›「」『』".contains(*c));
    first.map_or(0, char::len_utf8)
}

#[derive(Clone, Copy)]
struct Open {
    start: usize,
    mark: char,
    /// Whether a paragraph has ended since, with the mark left open.
    over_paragraphs: bool,
}

struct Scan<'a> {
    text: &'a str,
    open: Option<Open>,
    /// Where the paragraph begins.
    paragraph: usize,
    /// Whether no mark was met in the paragraph.
    clean: bool,
    found: Vec<Quotation>,
}

impl Scan<'_> {
    fn mark(&mut self, at: usize, width: usize) {
        let mark =
            if width == 2 && self.text.is_char_boundary(at + 1) && self.text.as_bytes()[at] < 128 {
                '"'
            } else {
                char_at(self.text, at)
            };
        let before = self.text[..at].chars().next_back();
        let after = self.text[at + width..].chars().next();
        let clean = std::mem::replace(&mut self.clean, false);
        match self.open {
            Some(open) if closes(open.mark, mark) && can_close(open.mark, mark, before, after) => {
                self.found
                    .push(Quotation { span: Span::new(open.start, at + width), goes_on: false });
                self.open = None;
            }
            Some(open) if open.mark == mark && can_open(mark, before, after) => {
                self.begin(at, mark);
            }
            None if can_open(mark, before, after) => self.begin(at, mark),
            None if clean && closes_speech(mark, before, after) => {
                // What opened it stood in an earlier paragraph, or is lost.
                let span = Span::new(self.paragraph, at + width).trimmed(self.text);
                self.found.push(Quotation { span, goes_on: false });
            }
            _ => {}
        }
    }

    fn begin(&mut self, at: usize, mark: char) {
        self.open = Some(Open { start: at, mark, over_paragraphs: false });
    }

    /// At a blank line an open quotation goes on if the next paragraph reopens it.
    fn line_end(&mut self, at: usize) {
        let next = next_paragraph(self.text, at);
        if let Some(next) = next {
            (self.paragraph, self.clean) = (next, true);
        }
        let (Some(open), Some(next)) = (self.open, next) else { return };
        if self.text[next..].starts_with(open.mark)
            || (open.mark == '"' && self.text[next..].starts_with("''"))
        {
            let span = Span::new(open.start, at).trimmed(self.text);
            if !open.over_paragraphs {
                self.found.push(Quotation { span, goes_on: true });
            }
            self.open = None;
        } else if matches!(open.mark, '"' | '\'' | '‘') {
            self.unclosed(open, at);
            self.open = None;
        } else {
            self.open = Some(Open { over_paragraphs: true, ..open });
        }
    }
}

impl Scan<'_> {
    /// A quotation behind a comma or a colon that its paragraph never closes reaches to the end of it.
    fn unclosed(&mut self, open: Open, end: usize) {
        let ahead = self.text[..open.start].trim_end();
        let announced = ahead.len() < open.start && ahead.ends_with([',', ':']);
        if announced && !open.over_paragraphs {
            let span = Span::new(open.start, end).trimmed(self.text);
            self.found.push(Quotation { span, goes_on: false });
        }
    }
}

/// Whether a mark that nothing opened ends somebody's words: behind a stop or comma, before a space or the end.
fn closes_speech(mark: char, before: Option<char>, after: Option<char>) -> bool {
    matches!(mark, '"' | '”' | '»')
        && before.is_some_and(|c| ",.?!…".contains(c))
        && after.is_none_or(char::is_whitespace)
}

fn char_at(text: &str, at: usize) -> char {
    text[at..].chars().next().expect("a mark stands here")
}

/// Where the next paragraph begins, if a blank line stands at `at`.
fn next_paragraph(text: &str, at: usize) -> Option<usize> {
    let rest = &text.as_bytes()[at..];
    let mut breaks = 0;
    for (offset, byte) in rest.iter().enumerate().take(64) {
        match byte {
            b'\n' => breaks += 1,
            b' ' | b'\t' | b'\r' => {}
            _ => return (breaks > 1).then_some(at + offset),
        }
    }
    None
}

/// Whether `mark` closes what `open` opened.
fn closes(open: char, mark: char) -> bool {
    match open {
        '"' => matches!(mark, '"' | '”'),
        '\'' => mark == '\'',
        '“' => matches!(mark, '”' | '"'),
        '„' => matches!(mark, '“' | '”'),
        '”' => mark == '”',
        '‘' => mark == '’',
        '‚' => matches!(mark, '‘' | '’'),
        '«' => mark == '»',
        '»' => mark == '«',
        '‹' => mark == '›',
        '「' => mark == '」',
        '『' => mark == '』',
        _ => false,
    }
}

/// Whether `mark` can open a quotation between these neighbours.
fn can_open(mark: char, before: Option<char>, after: Option<char>) -> bool {
    let outside =
        before.is_none_or(|c| c.is_whitespace() || "([{—–-:,;¿¡「『“\"".contains(c) || is_wide(c));
    let inside = after.is_some_and(|c| !c.is_whitespace());
    let word = after.is_some_and(char::is_alphanumeric);
    match mark {
        '“' | '„' | '«' | '‹' | '「' | '『' => inside || mark == '«',
        '"' => outside && inside && !after.is_some_and(|c| ",;:)".contains(c)),
        '‘' | '‚' => outside && word && !after.is_some_and(|c| c.is_ascii_digit()),
        '\'' => outside && after.is_some_and(char::is_uppercase),
        '”' | '»' => before.is_none_or(char::is_whitespace) && word,
        _ => false,
    }
}

/// Whether `mark` can close a quotation between these neighbours; an apostrophe cannot.
fn can_close(open: char, mark: char, before: Option<char>, after: Option<char>) -> bool {
    let words_end = after.is_none_or(|c| !c.is_alphanumeric());
    match mark {
        '’' | '‘' => words_end && before.is_some_and(|c| !c.is_whitespace()),
        '\'' => words_end && before.is_some_and(|c| ",.?!".contains(c)),
        '"' | '”' if open != mark && open != '„' && (open, mark) != ('“', '”') => {
            words_end && before.is_some_and(|c| ",.?!".contains(c))
        }
        '"' => before.is_some_and(|c| !c.is_whitespace()) || words_end,
        _ => true,
    }
}

/// Ideographs and kana stand without spaces around quotation marks.
fn is_wide(c: char) -> bool {
    ('\u{3000}'..='\u{9fff}').contains(&c) || ('\u{ff00}'..='\u{ffef}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> =
            quotations(text).into_iter().map(|quotation| quotation.span.of(text)).collect();
        assert_eq!(found, expected, "in {text}");
    }

    #[test]
    fn marks_of_all_styles_pair_up() {
        check("He said “yes” and \"no\".", &["“yes”", "\"no\""]);
        check("Er sagte: „Das Netz bleibt offen.“", &["„Das Netz bleibt offen.“"]);
        check("Elle dit : « Le réseau reste ouvert. »", &["« Le réseau reste ouvert. »"]);
        check("Er meinte »ja«.", &["»ja«"]);
        check("她说：「网络应当开放。」", &["「网络应当开放。」"]);
        check("Hän sanoi ”kyllä”.", &["”kyllä”"]);
        check("she said, ''We stay,'' twice", &["''We stay,''"]);
        check("'We stay,' she said of the '90s and the players' union.", &["'We stay,'"]);
    }

    #[test]
    fn inner_marks_belong_to_the_outer_quotation() {
        check("“They call it ‘the wall’,” she said.", &["“They call it ‘the wall’,”"]);
        check("\"I said “no” then,\" he said.", &["\"I said “no” then,\""]);
    }

    #[test]
    fn a_reopened_quotation_goes_on() {
        let text = "“One.\n\n“Two.” End.";
        let found = quotations(text);
        assert_eq!(found.len(), 2);
        assert!(found[0].goes_on && !found[1].goes_on);
        assert_eq!(found[0].span.of(text), "“One.");
    }

    #[test]
    fn a_stray_mark_swallows_nothing() {
        check("A \"stray mark.\n\nThen \"a quotation\" here.", &["\"a quotation\""]);
        check("An “open one.\n\nThen “a quotation” here.", &["“a quotation”"]);
        check("5\" pipes and 6\" pipes", &[]);
    }
}
