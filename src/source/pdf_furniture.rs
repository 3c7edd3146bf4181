//! What stands on pages beside the text: page numbers, running heads and feet, notes at the foot.

use std::collections::{HashMap, HashSet};

use super::pdf_lines::{Line, Page};

/// Lines at each edge of a page that are looked at.
const EDGE: usize = 3;
/// Notes are set in type smaller than this part of the usual size.
const SMALL: f64 = 0.9;

/// `pages` without their furniture, and notes on what went.
pub(crate) fn without(pages: &[Page]) -> (Vec<Page>, Vec<String>) {
    let repeated = repeated_lines(pages);
    let usual = usual_size(pages);
    let (mut heads, mut numbers, mut footnotes) = (0, 0, 0);
    let cleaned = pages.iter().map(|page| {
        let mut gone = HashSet::new();
        for edge in edges(page) {
            // What stands further in than a line of text is text, too.
            for (index, line) in edge {
                let number = is_page_number(&line.text);
                if !number && !repeated.contains(&Position::of(line)) {
                    break;
                }
                if gone.insert(index) {
                    numbers += usize::from(number);
                    heads += usize::from(!number);
                }
            }
        }
        let kept = page.iter().enumerate().filter(|(index, _)| !gone.contains(index));
        let mut kept: Page = kept.map(|(_, line)| line.clone()).collect();
        footnotes += drop_footnotes(&mut kept, usual);
        kept
    });
    let cleaned = cleaned.collect();
    let removed = [
        (heads, "running heads and feet"),
        (numbers, "page numbers"),
        (footnotes, "lines of footnotes"),
    ];
    let removed = removed.iter().filter(|(count, _)| *count > 0);
    (cleaned, removed.map(|(count, what)| format!("removed {count} {what}")).collect())
}

/// A line's words, digits made alike, and its height in steps of a line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Position {
    words: String,
    row: i64,
}

impl Position {
    fn of(line: &Line) -> Self {
        let alike = |c: char| if c.is_numeric() { '#' } else { c };
        let mut words = line.text.to_lowercase().chars().map(alike).collect::<String>();
        while words.contains("##") {
            words = words.replace("##", "#");
        }
        #[expect(clippy::cast_possible_truncation, reason = "pages are a few hundred lines high")]
        let row = (line.y / 12.0).round() as i64;
        Self { words, row }
    }
}

/// Lines that stand at one place of several pages: at least two, and one page in five.
fn repeated_lines(pages: &[Page]) -> HashSet<Position> {
    let mut counts: HashMap<Position, usize> = HashMap::new();
    for page in pages {
        let edges: HashMap<usize, &Line> = edges(page).into_iter().flatten().collect();
        for line in edges.into_values() {
            let position = Position::of(line);
            // A line on the border of two rows counts for both.
            for row in [position.row - 1, position.row, position.row + 1] {
                *counts.entry(Position { words: position.words.clone(), row }).or_insert(0) += 1;
            }
        }
    }
    let needed = (pages.len() / 5).max(2);
    counts.into_iter().filter(|(_, count)| *count >= needed).map(|(position, _)| position).collect()
}

/// The highest and the lowest lines of a page from the edge inwards, with their place in reading order.
fn edges(page: &Page) -> [Vec<(usize, &Line)>; 2] {
    let mut by_height: Vec<(usize, &Line)> = page.iter().enumerate().collect();
    by_height.sort_by(|(_, a), (_, b)| a.y.total_cmp(&b.y));
    let top = by_height.iter().take(EDGE).copied().collect();
    let bottom = by_height.iter().rev().take(EDGE).copied().collect();
    [top, bottom]
}

/// `12`, `xii`, `- 12 -`, `Page 12 of 40`, `12/40`, `S. 12`.
fn is_page_number(text: &str) -> bool {
    let text = text.trim_matches(|c: char| "-–—|•[]() ".contains(c)).to_lowercase();
    let mut words = text.split([' ', '/']).filter(|word| !word.is_empty()).peekable();
    let is_number = |word: &str| word.len() <= 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_roman = |word: &str| word.len() <= 6 && word.bytes().all(|byte| b"ivxl".contains(&byte));
    let named = ["page", "seite", "p.", "s.", "pagina", "página", "стр."];
    let named = words.next_if(|word| named.contains(word)).is_some();
    let first = words.next().is_some_and(|word| is_number(word) || is_roman(word));
    let of = words.next_if(|word| ["of", "von", "de", "sur", "из"].contains(word)).is_some();
    let rest: Vec<&str> = words.collect();
    match rest.as_slice() {
        [] => first && !of,
        [total] => first && is_number(total) && (of || named || text.contains('/')),
        _ => false,
    }
}

/// Drops the small lines below the last line of usual size, if they start like a note. Returns how many.
fn drop_footnotes(page: &mut Page, usual: f64) -> usize {
    let small = |line: &Line| line.size < SMALL * usual;
    let body = page.iter().filter(|line| !small(line)).map(|line| line.y).max_by(f64::total_cmp);
    let Some(body) = body else { return 0 };
    let is_note = |line: &Line| small(line) && line.y > body;
    let starts_like_one =
        |line: &Line| line.text.starts_with(|c: char| c.is_numeric() || "*†‡§".contains(c));
    if !page.iter().find(|line| is_note(line)).is_some_and(starts_like_one) {
        return 0;
    }
    let before = page.len();
    page.retain(|line| !is_note(line));
    before - page.len()
}

/// The size most of the text is set in.
fn usual_size(pages: &[Page]) -> f64 {
    let mut weights: HashMap<i64, usize> = HashMap::new();
    for line in pages.iter().flatten() {
        #[expect(clippy::cast_possible_truncation, reason = "type sizes are small")]
        let size = (line.size * 4.0).round() as i64;
        *weights.entry(size).or_insert(0) += line.text.len();
    }
    let usual = weights.into_iter().max_by_key(|(size, weight)| (*weight, *size));
    usual.map_or(0.0, |(size, _)| size as f64 / 4.0)
}

#[cfg(test)]
mod tests {
    use super::super::tests::page_of_lines;
    use super::*;

    fn texts(pages: &[Page]) -> Vec<Vec<&str>> {
        pages.iter().map(|page| page.iter().map(|line| line.text.as_str()).collect()).collect()
    }

    #[test]
    fn heads_and_numbers_go_and_text_stays() {
        let pages: Vec<Page> = (1..=3)
            .map(|n| {
                let body = ["one", "two", "three"][n - 1];
                page_of_lines(&["Report of Ruvania", body, "the same", &n.to_string()], 50.0)
            })
            .collect();
        let (cleaned, notes) = without(&pages);
        assert_eq!(texts(&cleaned)[1], ["two"]);
        assert_eq!(notes[0], "removed 6 running heads and feet");
        assert_eq!(notes[1], "removed 3 page numbers");
    }

    #[test]
    fn page_numbers_are_told_from_text() {
        for number in ["12", "- 12 -", "xii", "Page 3 of 12", "3/12", "Page 3", "S. 4", "[7]"] {
            assert!(is_page_number(number), "{number}");
        }
        for text in
            ["12 states", "Page of history", "12345678", "mild", "In 1998", "3 4", "", "2 of"]
        {
            assert!(!is_page_number(text), "{text}");
        }
    }

    #[test]
    fn small_print_at_the_foot_goes_if_it_looks_like_a_note() {
        let small =
            |text: &str, y: f64| Line { text: text.into(), y, size: 8.0, ..Line::default() };
        let mut page = page_of_lines(&["Body text of the page.", "More of it."], 50.0);
        page.push(small("1 See the annex,", 700.0));
        page.push(small("page four.", 710.0));
        let (cleaned, notes) = without(&[page.clone()]);
        assert_eq!(cleaned[0].len(), 2);
        assert_eq!(notes, ["removed 2 lines of footnotes"]);
        page[2].text = "Printed in Ruvania".into();
        assert_eq!(without(&[page]).0[0].len(), 4);
    }
}
