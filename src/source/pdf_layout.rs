//! From the lines of all pages to paragraphs in which every sentence is whole.
//!
//! Drops page numbers, running heads and feet, and notes at the foot of pages; joins hard-wrapped lines, across
//! pages too; takes hyphens at line ends out where the document itself shows that the word has none.

use std::collections::HashMap;

use super::pdf_furniture;
use super::pdf_lines::{Line, Page};

/// Line distance, in parts of the usual one, that starts a paragraph.
const PARAGRAPH_GAP: f64 = 1.3;
/// Indentation, in parts of the font size, that starts a paragraph.
const INDENT: f64 = 0.8;
/// Part of the column's width that a line leaves free when its paragraph ends there.
const SHORT: f64 = 0.15;
/// Distance between the starts of lines, in parts of the font size, that sets columns apart.
const COLUMN_GAP: f64 = 6.0;
/// Difference of font size that sets a heading apart.
const SIZE: f64 = 0.12;

/// The text of `pages`, and what was taken out of it.
pub(crate) fn text(pages: &[Page]) -> (String, Vec<String>) {
    let (pages, notes) = pdf_furniture::without(pages);
    let measures = Measures::of(&pages);
    let words = words(&pages);
    let mut paragraphs: Vec<String> = Vec::new();
    let mut last: Option<&Line> = None;
    for page in &pages {
        let mut first_on_page = true;
        for line in page {
            let starts = last.is_none_or(|last| {
                let moved = first_on_page || line.y < last.y - line.size;
                if moved { measures.breaks_across(last, line) } else { measures.breaks(last, line) }
            });
            match paragraphs.last_mut().filter(|_| !starts) {
                Some(paragraph) => join(paragraph, &line.text, &words),
                None => paragraphs.push(line.text.clone()),
            }
            last = Some(line);
            first_on_page = false;
        }
    }
    (paragraphs.join("\n\n"), notes)
}

/// What is usual in the document.
struct Measures {
    /// Distance of baselines.
    leading: f64,
    /// Size of the type.
    size: f64,
    /// From left to right.
    columns: Vec<Column>,
}

/// Where lines start, and where full ones end.
struct Column {
    left: f64,
    right: f64,
}

impl Measures {
    fn of(pages: &[Page]) -> Self {
        let steps = pages.iter().flat_map(|page| page.windows(2)).map(|pair| pair[1].y - pair[0].y);
        let steps: Vec<f64> = steps.filter(|step| *step > 1.0).collect();
        let lines: Vec<&Line> = pages.iter().flatten().collect();
        let size = quantile(lines.iter().map(|line| line.size).collect(), 0.5);
        let leading = quantile(steps, 0.5).max(1.0);
        Self { leading, size, columns: columns(lines, COLUMN_GAP * size) }
    }

    /// Whether `line`, right below `last`, starts a paragraph.
    fn breaks(&self, last: &Line, line: &Line) -> bool {
        let step = line.y - last.y;
        let other_size = (line.size - last.size).abs() > SIZE * last.size.max(line.size);
        let both_large = last.size.min(line.size) > (1.0 + SIZE) * self.size;
        if both_large && !other_size && (0.3..1.6).contains(&(step / line.size)) {
            return false;
        }
        let beside = step < 0.3 * line.size;
        if beside || other_size || step > PARAGRAPH_GAP * self.leading.max(line.size) {
            return !continues_word(&last.text);
        }
        let indented = line.left - last.left > INDENT * line.size;
        let outdented = last.left - line.left > INDENT * line.size;
        let ended = ends_sentence(&last.text);
        let short = self.is_short(last);
        match () {
            () if is_item(&line.text)
                && (ended || short || indented || outdented || precedes_item(&last.text)) =>
            {
                true
            }
            () if ended => indented || short,
            // Without a full stop only a short line before a capital ends a paragraph: a heading, a list.
            () => short && starts_large(&line.text) && !continues(&last.text),
        }
    }

    /// Whether `line`, on top of a new column or page, starts a paragraph.
    fn breaks_across(&self, last: &Line, line: &Line) -> bool {
        if continues_word(&last.text) || continues(&last.text) {
            return false;
        }
        let other_size = (line.size - last.size).abs() > SIZE * last.size.max(line.size);
        let ended = ends_sentence(&last.text);
        ended
            || is_item(&line.text)
            || starts_large(&line.text) && (other_size || self.is_short(last))
    }

    /// Whether the line ends well before its column does.
    fn is_short(&self, line: &Line) -> bool {
        let column = self.columns.iter().rev().find(|column| column.left <= line.left + 1.0);
        let Some(Column { left, right }) = column.or(self.columns.first()) else { return false };
        right - line.right > SHORT * (right - left)
    }
}

/// Groups lines by where they start; a group of one line in ten is a column.
fn columns(mut lines: Vec<&Line>, gap: f64) -> Vec<Column> {
    lines.sort_by(|a, b| a.left.total_cmp(&b.left));
    let groups = lines.chunk_by(|a, b| b.left - a.left <= gap);
    let columns = groups.filter(|group| 10 * group.len() >= lines.len()).map(|group| Column {
        left: group[0].left,
        right: quantile(group.iter().map(|line| line.right).collect(), 0.9),
    });
    columns.collect()
}

/// Adds a line to its paragraph, with a space or without, and without the hyphen that the line end made.
fn join(paragraph: &mut String, line: &str, words: &HashMap<String, usize>) {
    let Some(last) = paragraph.chars().next_back() else { return paragraph.push_str(line) };
    if is_hyphen(last) && continues_word(paragraph) {
        if last == '\u{ad}' || !keeps_hyphen(paragraph, line, words) {
            paragraph.pop();
        }
    } else if !(is_cjk(last) && line.chars().next().is_some_and(is_cjk)) {
        paragraph.push(' ');
    }
    paragraph.push_str(line);
}

/// Whether the hyphen at the end of `head` belongs to the word that goes on with `tail`.
fn keeps_hyphen(head: &str, tail: &str, words: &HashMap<String, usize>) -> bool {
    let letters = |c: char| c.is_alphabetic() || c == '\'' || c == '’';
    if !tail.starts_with(char::is_lowercase) {
        return true;
    }
    let stem = head.trim_end_matches(is_hyphen);
    let first = stem.rsplit(|c| !letters(c)).next().unwrap_or_default().to_lowercase();
    let second = tail.split(|c| !letters(c)).next().unwrap_or_default().to_lowercase();
    let count = |word: &str| words.get(word).copied().unwrap_or(0);
    let joined = count(&format!("{first}{second}"));
    let hyphenated = count(&format!("{first}-{second}"));
    if joined > 0 || hyphenated > 0 {
        return hyphenated > joined;
    }
    // Neither form stands elsewhere: a compound with an adverb, or of two words that do stand elsewhere.
    first.len() > 4 && first.ends_with("ly")
        || first.len() > 2 && second.len() > 3 && count(&first) > 0 && count(&second) > 0
}

/// The words that stand whole inside lines, with and without their hyphens, in lower case.
fn words(pages: &[Page]) -> HashMap<String, usize> {
    let mut words = HashMap::new();
    for line in pages.iter().flatten() {
        let inner = line
            .text
            .strip_suffix(is_hyphen)
            .map_or(&*line.text, |text| text.rfind(' ').map_or("", |space| &text[..space]));
        let word = |c: char| c.is_alphabetic() || matches!(c, '\'' | '’' | '-');
        for word in inner.split(|c| !word(c)).filter(|word| !word.is_empty()) {
            *words.entry(word.to_lowercase()).or_insert(0) += 1;
        }
    }
    words
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{ad}' | '\u{2010}')
}

/// Whether the text ends inside a word.
fn continues_word(text: &str) -> bool {
    let mut back = text.chars().rev();
    back.next().is_some_and(is_hyphen) && back.next().is_some_and(char::is_alphabetic)
}

/// Whether the text ends with a word or sign that cannot end a heading.
fn continues(text: &str) -> bool {
    const LINKS: [&str; 24] = [
        "a", "an", "and", "as", "at", "but", "by", "de", "der", "die", "et", "for", "from", "in",
        "la", "le", "of", "on", "or", "that", "the", "to", "und", "with",
    ];
    let last = text.rsplit(' ').next().unwrap_or_default().to_lowercase();
    text.ends_with([',', ';', '(', '–', '—']) || LINKS.contains(&last.as_str())
}

fn ends_sentence(text: &str) -> bool {
    let text = text.trim_end_matches(['"', '”', '’', '\'', ')', ']', '»']);
    // A number behind the full stop is the mark of a note.
    let text = text.trim_end_matches(|c: char| c.is_ascii_digit() || "¹²³⁴⁵⁶⁷⁸⁹⁰".contains(c));
    text.ends_with(['.', '!', '?', ':', '…', '。', '！', '？', '।', '؟'])
}

/// Whether the text ends as what comes before an item of a list does.
fn precedes_item(text: &str) -> bool {
    let last = text.rsplit(' ').next().unwrap_or_default();
    text.ends_with([';', ',']) || ["and", "or", "und", "oder", "et", "ou"].contains(&last)
}

fn starts_large(text: &str) -> bool {
    let first = text.chars().find(|c| c.is_alphanumeric());
    first.is_none_or(|c| !c.is_lowercase())
}

/// Whether the line starts an item of a list: `•`, `(a)`, `3.`, `IV.`
fn is_item(text: &str) -> bool {
    let first = text.split(' ').next().unwrap_or_default();
    if ["•", "–", "—", "-", "*", "▪", "◦", "", "·"].contains(&first) {
        return true;
    }
    let inner = first.trim_start_matches('(').trim_end_matches([')', '.']);
    let marked = inner.len() < first.len() && first.len() <= 6 && text.len() > first.len();
    let number = inner.chars().all(|c| c.is_ascii_digit() || c == '.');
    let roman = inner.chars().all(|c| "ivxlcIVXLC".contains(c));
    let letter = first.starts_with('(') && inner.chars().count() == 1;
    marked && !inner.is_empty() && (number || letter || (roman && first.ends_with(['.', ')'])))
}

fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}')
}

fn quantile(mut values: Vec<f64>, at: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let index = (at * values.len().saturating_sub(1) as f64) as usize;
    values.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
#[path = "tests/pdf_layout.rs"]
mod tests;
