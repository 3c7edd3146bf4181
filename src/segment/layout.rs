//! The layout of plain text: which line breaks end something and which only wrap a line.
//!
//! A [`Block`] is a stretch of text no sentence leaves: a paragraph with its wrapped lines joined, a heading,
//! a list item, a row of a table, a speaker's label, a page number. A line break inside a block is white
//! space. Text is judged by its own habits: one pass learns how wide its lines are and whose labels return
//! ([`Profile`]), a second one cuts. Memory does not grow with the text.

use super::lexicon::WordSet;
use super::line::{self, Ending, Line, Lines, Marker, Style};
use super::profile::{Profile, label_name};
use super::token::is_dash;
use crate::document::Span;

/// A stretch of text that no sentence leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Where it stands, without white space at its ends.
    pub(super) span: Span,
    /// Where its words begin, after the marker of a list item or a numbered paragraph.
    pub(super) body: usize,
    /// Number of its paragraph, from 0.
    pub(super) paragraph: u32,
    /// Whether it is one unit whatever stops it holds: a speaker's label, a page number, a rule.
    pub(super) whole: bool,
}

/// Lines of page numbers and running heads that may stand inside a sentence.
const MOST_FURNITURE: usize = 3;

/// Bytes of a paragraph below which a missing stop means a heading, not a broken paragraph.
const SHORTEST_BROKEN: usize = 60;

/// The blocks of a text, in order.
pub(super) struct Blocks<'t, 'c> {
    text: &'t str,
    continuers: &'c WordSet,
    profile: Profile,
    lines: std::iter::Peekable<Lines<'t>>,
    /// The rest of a line whose label has been given out.
    labelled: Option<Line>,
    /// Starts of the inline list items of the current block still to come, last first.
    items: Vec<(usize, usize)>,
    rest_end: usize,
    next_paragraph: u32,
}

/// Cuts `text` into blocks. A paragraph that breaks off after one of the `continuers` (small words such as
/// "the") or before a small letter goes on in the next one: page breaks leave such wounds.
pub(super) fn blocks<'t, 'c>(text: &'t str, continuers: &'c WordSet) -> Blocks<'t, 'c> {
    Blocks {
        text,
        continuers,
        profile: Profile::of(text),
        lines: Lines::new(text).peekable(),
        labelled: None,
        items: Vec::new(),
        rest_end: 0,
        next_paragraph: 0,
    }
}

impl Iterator for Blocks<'_, '_> {
    type Item = Block;

    fn next(&mut self) -> Option<Block> {
        if let Some((start, body)) = self.items.pop() {
            let end = self.items.last().map_or(self.rest_end, |(next, _)| *next);
            return Some(self.block(Span::new(start, end), body, false));
        }
        let (line, labelled) = match self.labelled.take() {
            Some(rest) => (rest, true),
            None => (self.lines.next()?, false),
        };
        let words = line.span.of(self.text);
        if line::is_furniture(words) {
            return Some(self.block(line.span, line.span.start, true));
        }
        if let Some(length) = self.label(words).filter(|_| !labelled) {
            return Some(self.label_block(line, length));
        }
        if labelled {
            self.next_paragraph -= 1;
        }
        Some(self.prose(line))
    }
}

impl Blocks<'_, '_> {
    fn block(&mut self, span: Span, body: usize, whole: bool) -> Block {
        let paragraph = self.next_paragraph;
        self.next_paragraph = self.next_paragraph.saturating_add(1);
        Block { span: span.trimmed(self.text), body, paragraph, whole }
    }

    /// The length of the speaker's label that opens the line, if this text is a transcript.
    fn label(&self, words: &str) -> Option<usize> {
        let name = label_name(words).filter(|_| !self.profile.speakers.is_empty())?;
        let length = line::label_length(words)?;
        let several_words = words[..length].contains(' ');
        (self.profile.speakers.contains(&name) || several_words).then_some(length)
    }

    fn label_block(&mut self, line: Line, length: usize) -> Block {
        let colon = line.span.start + length;
        let rest = Span::new(colon, line.span.end).trimmed(self.text);
        if !rest.is_empty() {
            self.labelled = Some(Line { span: rest, ..line });
        }
        self.block(Span::new(line.span.start, colon), line.span.start, true)
    }

    /// A paragraph or list item that begins with `first`, joined with the lines that continue it.
    fn prose(&mut self, first: Line) -> Block {
        let marker = line::marker(first.span.of(self.text));
        let body = first.span.start + marker.map_or(0, |marker| marker.length);
        let mut last = first;
        let mut end = first.span.end;
        while let Some((next, skipped)) = self.next_words() {
            let next = Line { after_blank: next.after_blank || skipped > 0, ..next };
            if !self.continues(first.span.start, last, next, marker) {
                break;
            }
            self.lines.nth(skipped);
            last = next;
            end = next.span.end;
        }
        let span = Span::new(first.span.start, end);
        if let Some(marker) = marker {
            self.items = inline_items(self.text, Span::new(body, end), marker);
        }
        self.rest_end = end;
        let end = self.items.last().map_or(end, |(next, _)| *next);
        self.block(Span::new(span.start, end), body, false)
    }

    /// The next line, looking through page numbers and running heads, and how many of them stand before it.
    fn next_words(&mut self) -> Option<(Line, usize)> {
        let next = self.lines.peek().copied()?;
        let is_furniture = |line: &Line| line::is_furniture(line.span.of(self.text));
        if !is_furniture(&next) {
            return Some((next, 0));
        }
        let beyond = self.lines.clone().take(MOST_FURNITURE + 1).enumerate();
        beyond.map(|(skipped, line)| (line, skipped)).find(|(line, _)| !is_furniture(line))
    }

    /// Whether `next` carries on the block that began at `start` and whose latest line is `last`.
    fn continues(&self, start: usize, last: Line, next: Line, marker: Option<Marker>) -> bool {
        let text = self.text;
        let (last_words, next_words) = (last.span.of(text), next.span.of(text));
        let heading = marker.is_some_and(|marker| marker.style == Style::Heading);
        if heading || line::is_furniture(next_words) || self.label(next_words).is_some() {
            return false;
        }
        let broken_off = breaks_off(last_words);
        let small = next_words.starts_with(char::is_lowercase) && !is_address(next_words);
        let is_item = line::marker(next_words).is_some();
        if next.after_blank {
            // Who begins with a small letter may not use capitals at all: ask for more proof.
            let careless = text[start..].starts_with(char::is_lowercase);
            let asks = self.asks_for_more(last_words);
            let enough = match (careless, asks) {
                (true, _) => 4 * SHORTEST_BROKEN,
                (false, false) => SHORTEST_BROKEN,
                (false, true) => SHORTEST_BROKEN / 2,
            };
            let long = last.span.end - start >= enough;
            let torn = broken_off && (small || asks);
            let numbered =
                |marker: Marker| matches!(marker.style, Style::Number(None, Ending::Stop));
            return long && torn && !is_item && marker.is_none_or(numbered);
        }
        if line::is_table_row(last_words) || line::is_table_row(next_words) {
            return false;
        }
        let full = self.profile.is_full(text, last, next);
        if is_item {
            return full && broken_off && marker.is_none();
        }
        full || (small && broken_off) || self.asks_for_more(last_words)
    }

    /// Whether the last word of the line is one that cannot end a sentence.
    fn asks_for_more(&self, words: &str) -> bool {
        let last = words.rsplit(char::is_whitespace).next().unwrap_or_default();
        self.continuers.contains(last)
    }
}

/// Whether the line begins with the address of a page or a mailbox.
fn is_address(words: &str) -> bool {
    let first = super::token::head(words, 64).split_whitespace().next().unwrap_or_default();
    first.starts_with("www.") || first.contains("://") || first.contains('@')
}

/// Whether the line ends inside a sentence as far as its last character tells.
fn breaks_off(words: &str) -> bool {
    words.ends_with(|c: char| c.is_alphanumeric() || is_dash(c) || matches!(c, ',' | '’' | '\''))
}

/// Where the further items of a list run on in one line begin ("1. roads 2. bridges"), last first: the start
/// of each with the start of its words. Each must carry the next number in the same style.
fn inline_items(text: &str, body: Span, first: Marker) -> Vec<(usize, usize)> {
    let mut items = Vec::new();
    let (mut at, mut expected) = (body.start, first.value + 1);
    let mut item_start = body.start;
    if first.value == 0 {
        return items;
    }
    while let Some(gap) = text[at..body.end].find([' ', '\n', '\u{a0}']) {
        at += gap;
        let blank = text[at..body.end].len() - text[at..body.end].trim_start().len();
        let ended = ends_item(&text[item_start..at]);
        at += blank.max(1);
        let found = starts_marker(text.as_bytes(), at, expected, first.style)
            .then(|| line::marker(&text[at..body.end]))
            .flatten();
        let fits = |marker: &Marker| marker.style == first.style && marker.value == expected;
        if let Some(marker) = found.filter(fits).filter(|_| ended) {
            let words = at + marker.length;
            if !text[words..].starts_with(char::is_lowercase) {
                items.push((at, words));
                (expected, item_start) = (expected + 1, words);
            }
            at = words;
        }
    }
    items.reverse();
    items
}

/// Whether an item may end here: after a stop, or after a few words.
fn ends_item(item: &str) -> bool {
    item.len() <= SHORTEST_BROKEN || item.ends_with(['.', '!', '?', ';', ','])
}

/// A cheap test before the marker is parsed: every word of a list item passes here.
fn starts_marker(bytes: &[u8], at: usize, expected: u32, style: Style) -> bool {
    let Some(byte) = bytes.get(at) else { return false };
    match style {
        Style::Number(None, _) => byte.is_ascii_digit() || *byte == b'(',
        Style::Letter(_) => {
            let letter = u32::from(byte.to_ascii_lowercase().wrapping_sub(b'a'));
            letter + 1 == expected || *byte == b'('
        }
        _ => !byte.is_ascii_alphanumeric() || matches!(style, Style::Roman(_)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let none = WordSet::from_iter(["the".to_owned()]);
        let found: Vec<&str> = blocks(text, &none).map(|block| block.span.of(text)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn blank_lines_part_paragraphs_and_short_lines_part_headings() {
        check(
            "A heading\n\nOne paragraph.\nAnother.\n",
            &["A heading", "One paragraph.", "Another."],
        );
    }

    #[test]
    fn hard_wrapped_lines_are_joined() {
        let text = "We have come to this city in order to speak\nabout the sea and about the Harbour of New\nHaven that feeds us and that we love, all of\nus.\nThe next thing is the road.";
        check(text, &[&text[..text.len() - 28], "The next thing is the road."]);
    }

    #[test]
    fn list_items_and_numbered_paragraphs_stand_alone() {
        check(
            "We need:\n- roads\n- bridges\n1. One\n2. Two",
            &["We need:", "- roads", "- bridges", "1. One", "2. Two"],
        );
        check("1. One thing 2. Another 3. A third", &["1. One thing", "2. Another", "3. A third"]);
        check(
            "1. In chapter 2 nothing moves, and nothing in chapter three or four does, see 2. The end",
            &[
                "1. In chapter 2 nothing moves, and nothing in chapter three or four does, see 2. The end",
            ],
        );
    }

    #[test]
    fn a_paragraph_torn_by_a_page_break_is_joined() {
        let text = "This sentence was torn by a page break when the file was made from\n\npaper, which is common.";
        check(text, &[text]);
        let text = "This sentence was torn by a page break and goes on after it in the\n\nUnited Harbours.";
        check(text, &[text]);
    }

    #[test]
    fn a_page_number_inside_a_torn_sentence_does_not_part_it() {
        let text = "This sentence was torn by the end of a page, and the number of the\n\n06-52737 26\n\npage stands in it.";
        check(text, &[text]);
        let text = "This sentence was whole, and the number of the page follows after it.\n\n17\n\nthe end.";
        check(text, &[&text[..69], "17", "the end."]);
    }

    #[test]
    fn labels_of_a_transcript_are_blocks_of_their_own() {
        let text = "ANNA LIND: Good day.\nQ: Why?\nANNA LIND: Because.\nQ: I see.";
        check(
            text,
            &["ANNA LIND:", "Good day.", "Q:", "Why?", "ANNA LIND:", "Because.", "Q:", "I see."],
        );
        check("Note: this is no transcript.", &["Note: this is no transcript."]);
    }

    #[test]
    fn a_label_shares_the_paragraph_of_its_words() {
        let text = "Q: Why?\nA: So.\nQ: Who?\nA: I.";
        let numbers: Vec<u32> =
            blocks(text, &WordSet::default()).map(|block| block.paragraph).collect();
        assert_eq!(numbers, [0, 0, 1, 1, 2, 2, 3, 3]);
    }
}
