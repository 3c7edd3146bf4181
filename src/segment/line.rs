//! One line of a text: where it stands and what its beginning says about the layout.

use memchr::memchr3;

use super::token::is_dash;
use crate::document::Span;

/// A line that is not blank, without the white space at its ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// Where its words stand.
    pub(super) span: Span,
    /// Whether a blank line (or the start of the text) stands before it.
    pub(super) after_blank: bool,
}

/// The lines of a text that are not blank, one at a time.
#[derive(Clone, Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    at: usize,
    after_blank: bool,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0, after_blank: true }
    }
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        while self.at < self.text.len() {
            let rest = &self.text.as_bytes()[self.at..];
            let length = memchr3(b'\n', b'\r', 0x0c, rest).unwrap_or(rest.len());
            let start = self.at;
            let end = start + length;
            let crlf = rest.get(length) == Some(&b'\r') && rest.get(length + 1) == Some(&b'\n');
            self.at = (end + 1 + usize::from(crlf)).min(self.text.len());
            let span = Span::new(start, end).trimmed(self.text);
            if span.is_empty() {
                self.after_blank = true;
            } else {
                let after_blank = std::mem::replace(&mut self.after_blank, false);
                return Some(Line { span, after_blank });
            }
        }
        None
    }
}

/// How a list item is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// A bullet or a dash.
    Bullet,
    /// A number: bullet before it, punctuation after it.
    Number(Option<char>, Ending),
    /// A letter and the punctuation after it.
    Letter(Ending),
    /// A roman numeral of at least two letters and the punctuation after it.
    Roman(Ending),
    /// Markdown's `#`.
    Heading,
}

/// The punctuation after the number or letter of a list item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// `1.`
    Stop,
    /// `1)` or `(1)`
    Bracket,
    /// `1.)`
    StopBracket,
}

/// The mark that opens a list item, a numbered paragraph or a heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    /// Length in bytes, up to the first byte of the item's text.
    pub(super) length: usize,
    /// How it is marked.
    pub(super) style: Style,
    /// Its number, from 1; the place in the alphabet for letters; 0 for bullets.
    pub(super) value: u32,
}

/// The marker at the very start of `text`, if there is one and text follows it.
pub(super) fn marker(text: &str) -> Option<Marker> {
    let first = text.chars().next()?;
    if first == '#' {
        return heading(text);
    }
    let bullet = bullet_length(text, first);
    let rest = &text[bullet..];
    let inner = enumerator(rest, (bullet > 0).then_some(first));
    let found = match inner {
        Some(inner) => Some(Marker { length: bullet + inner.length, ..inner }),
        None if bullet > 0 => Some(Marker { length: bullet, style: Style::Bullet, value: 0 }),
        None => None,
    };
    found.filter(|marker| marker.length < text.len())
}

/// The length of a bullet with the white space after it, or 0.
fn bullet_length(text: &str, first: char) -> usize {
    let rest = &text[first.len_utf8()..];
    let blank = rest.len() - rest.trim_start().len();
    let certain = matches!(
        first,
        '•' | '‣'
            | '⁃'
            | '◦'
            | '▪'
            | '▫'
            | '●'
            | '○'
            | '■'
            | '□'
            | '➢'
            | '➤'
            | '✓'
            | '✔'
            | '\u{f0b7}'
    );
    let likely = is_dash(first) || matches!(first, '*' | '+' | '·' | '>');
    if certain || (likely && blank > 0) { first.len_utf8() + blank } else { 0 }
}

fn heading(text: &str) -> Option<Marker> {
    let marks = text.bytes().take_while(|byte| *byte == b'#').count();
    let rest = &text[marks..];
    let length = text.len() - rest.trim_start().len();
    (marks <= 6 && length > marks && length < text.len()).then_some(Marker {
        length,
        style: Style::Heading,
        value: 0,
    })
}

/// A number, letter or roman numeral with its punctuation, and the white space after it.
fn enumerator(text: &str, bullet: Option<char>) -> Option<Marker> {
    let open = usize::from(text.starts_with('('));
    let body = &text[open..];
    let digits = body.bytes().take(12).take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    let label = if digits > 0 {
        body[..digits].trim_end_matches('.')
    } else {
        let letters = body.bytes().take(6).take_while(u8::is_ascii_alphabetic).count();
        &body[..letters]
    };
    let (ending, ending_length) = ending(&body[label.len()..], open > 0)?;
    let (style, value) = value_of(label, bullet, ending)?;
    let rest = &body[label.len() + ending_length..];
    let blank = rest.len() - rest.trim_start().len();
    let spaced = blank > 0 || rest.is_empty();
    let glued_capital = digits > 0
        && rest.starts_with(char::is_alphabetic)
        && !rest.starts_with(char::is_lowercase);
    let length = open + label.len() + ending_length + blank;
    (spaced || glued_capital).then_some(Marker { length, style, value })
}

fn ending(text: &str, open: bool) -> Option<(Ending, usize)> {
    if text.starts_with(".)") {
        Some((Ending::StopBracket, 2))
    } else if text.starts_with(')') {
        Some((Ending::Bracket, 1))
    } else if text.starts_with('.') && !open {
        Some((Ending::Stop, 1))
    } else {
        None
    }
}

fn value_of(label: &str, bullet: Option<char>, ending: Ending) -> Option<(Style, u32)> {
    let bytes = label.as_bytes();
    match bytes {
        [] => None,
        [b'0'..=b'9', ..] => {
            let last = label.rsplit('.').next()?;
            let value = last.parse().ok().filter(|value| *value < 1000)?;
            Some((Style::Number(bullet, ending), value))
        }
        [letter] if letter.is_ascii_alphabetic() => {
            Some((Style::Letter(ending), u32::from(letter.to_ascii_lowercase() - b'a') + 1))
        }
        _ => roman_value(bytes).map(|value| (Style::Roman(ending), value)),
    }
}

/// The value of a roman numeral in one case ("iv", "XII"), for the small numbers that lists use.
fn roman_value(label: &[u8]) -> Option<u32> {
    let upper = label.iter().all(u8::is_ascii_uppercase);
    if !upper && !label.iter().all(u8::is_ascii_lowercase) {
        return None;
    }
    let digit = |byte: &u8| match byte.to_ascii_uppercase() {
        b'I' => Some(1),
        b'V' => Some(5),
        b'X' => Some(10),
        b'L' => Some(50),
        _ => None,
    };
    let digits: Option<Vec<u32>> = label.iter().map(digit).collect();
    let digits = digits?;
    let signed = digits.iter().enumerate().map(|(index, value)| {
        let before_larger = digits.get(index + 1).is_some_and(|next| next > value);
        if before_larger { -i64::from(*value) } else { i64::from(*value) }
    });
    u32::try_from(signed.sum::<i64>()).ok().filter(|value| *value > 0)
}

/// Whether the line is the number of a page ("17", "- 3 -", "Page 2 of 9") or a rule ("* * *", "-----").
pub(super) fn is_furniture(line: &str) -> bool {
    if line.len() > 40 {
        return false;
    }
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    let digits = line.chars().filter(char::is_ascii_digit).count();
    if letters == 0 {
        let frame = |c: char| {
            is_dash(c) || matches!(c, '/' | '*' | '_' | '=' | '~' | '·' | '•' | '|' | '[' | ']')
        };
        return digits <= 12
            && line.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || frame(c));
    }
    if digits >= 3 && line.split_whitespace().all(is_document_number) {
        return true;
    }
    let words = line.split_whitespace().next().unwrap_or_default().to_lowercase();
    digits > 0
        && matches!(words.as_str(), "page" | "seite" | "página" | "pagina" | "стр." | "strona")
        && letters < 12
}

/// What stands beside a page number in a running head: "26", "06-52737", "30/09/2015", "A/70/PV.19".
fn is_document_number(word: &str) -> bool {
    let parts = |byte: &u8| matches!(byte, b'/' | b'-' | b'.');
    let bytes = word.as_bytes();
    let plain = bytes.iter().all(u8::is_ascii_digit);
    let made = bytes.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase() || parts(b));
    plain || (made && bytes.iter().any(parts) && bytes.iter().any(u8::is_ascii_digit))
}

/// Whether the line is a row of a table: cells between tabs, bars or wide gaps.
pub(super) fn is_table_row(line: &str) -> bool {
    line.contains('\t')
        || line.matches(" | ").count() >= 2
        || line.starts_with('|')
        || line.matches("   ").count() >= 2
}

/// The longest speaker label that is looked for, in bytes.
const LABEL_LIMIT: usize = 120;

/// The length of a speaker label with its colon ("MR. OKORO (Ruvania):", "Q:", "Anna Lind:"), if the line
/// opens with something of that form. Whether it is one, the whole document decides.
pub(super) fn label_length(line: &str) -> Option<usize> {
    let limit = super::token::floor_boundary(line, LABEL_LIMIT);
    let colon = memchr::memchr(b':', &line.as_bytes()[..limit])?;
    let label = &line[..colon];
    let after = &line[colon + 1..];
    let spaced = after.is_empty() || after.starts_with(char::is_whitespace);
    let name = label.split(['(', '[']).next().unwrap_or_default();
    (spaced && is_name(name) && !label.contains(['?', '!', ';'])).then_some(colon + 1)
}

/// Whether a label could name somebody: words that are mostly capitalised, the first and last of them and the
/// first after each comma surely, and no full stop but those of titles and initials.
fn is_name(name: &str) -> bool {
    let capital =
        |word: &str| word.starts_with(|c: char| c.is_uppercase() || matches!(c, '"' | '“'));
    let words: Vec<&str> = name.split_whitespace().collect();
    let capitals = words.iter().filter(|word| capital(word)).count();
    let parts_are_named = name.split(',').all(|part| capital(part.trim_start()));
    let stops_are_titles = words.iter().all(|word| !word.ends_with('.') || word.len() <= 5);
    (1..=14).contains(&words.len())
        && words.last().is_some_and(|word| capital(word))
        && capitals * 2 >= words.len()
        && parts_are_named
        && stops_are_titles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(text: &str) -> Option<(Style, u32)> {
        marker(text).map(|marker| (marker.style, marker.value))
    }

    #[test]
    fn markers_of_lists_and_numbered_paragraphs() {
        assert_eq!(style("12. We agree"), Some((Style::Number(None, Ending::Stop), 12)));
        assert_eq!(style("(b) roads"), Some((Style::Letter(Ending::Bracket), 2)));
        assert_eq!(style("iv) roads"), Some((Style::Roman(Ending::Bracket), 4)));
        assert_eq!(style("• 3. Roads"), Some((Style::Number(Some('•'), Ending::Stop), 3)));
        assert_eq!(style("- roads"), Some((Style::Bullet, 0)));
        assert_eq!(style("## Roads"), Some((Style::Heading, 0)));
        assert_eq!(style("3.2. Roads"), Some((Style::Number(None, Ending::Stop), 2)));
    }

    #[test]
    fn prose_has_no_marker() {
        for text in
            ["3.5 million", "We agree", "-5 degrees", "1990. The", "12.", "etc. and", "a car"]
        {
            assert_eq!(style(text), None, "{text}");
        }
    }

    #[test]
    fn labels_look_like_names() {
        for text in [
            "MR. OKORO (Ruvania): Thank you",
            "Q: Why?",
            "President Anna Lind:",
            "THE MODERATOR: Yes",
        ] {
            assert!(label_length(text).is_some(), "{text}");
        }
        for text in [
            "we ask this: why?",
            "At 10:30 we met",
            "He said to all of us here: go",
            "No! Never: no",
        ] {
            assert_eq!(label_length(text), None, "{text}");
        }
    }

    #[test]
    fn page_numbers_and_rules_are_furniture() {
        for text in [
            "17",
            "- 3 -",
            "Page 2 of 9",
            "* * *",
            "________",
            "3/12",
            "06-52737 26",
            "A/70/PV.19 30/09/2015",
        ] {
            assert!(is_furniture(text), "{text}");
        }
        for text in ["17 May", "Page through it", "We agree", "1,000,000 (one million)"] {
            assert!(!is_furniture(text), "{text}");
        }
    }

    #[test]
    fn lines_are_trimmed_and_know_of_blanks_before_them() {
        let text = " one \r\ntwo\n\n \nthree\u{c}four";
        let lines: Vec<(&str, bool)> =
            Lines::new(text).map(|l| (l.span.of(text), l.after_blank)).collect();
        assert_eq!(lines, [("one", true), ("two", false), ("three", true), ("four", false)]);
    }
}
