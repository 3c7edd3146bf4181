//! From the glyphs of a page to its lines.

use pdf_extract::{MediaBox, OutputDev, OutputError, Transform};

/// Words drawn side by side, in the page's own units (points, 1/72 inch), y growing downwards.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) left: f64,
    pub(crate) right: f64,
    /// Height of the baseline.
    pub(crate) y: f64,
    /// Size of the font.
    pub(crate) size: f64,
}

/// The lines of a page in drawing order, which in nearly all PDFs is reading order.
pub(crate) type Page = Vec<Line>;

/// A gap between glyphs, in parts of the font size, that is a space though none was drawn.
const SPACE: f64 = 0.15;
/// A gap that separates columns or cells.
const COLUMN: f64 = 4.0;
/// A change of height, in parts of the font size, that ends the line; superscripts stay below it.
const LEADING: f64 = 0.5;

/// Raised glyphs below this part of the line's font size are superscripts.
const SUPERSCRIPT: f64 = 0.8;

/// Receives glyphs and puts them into lines.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    /// Lines by direction of writing, in quarter turns: pages that are stored sideways, marginal stamps.
    directions: [Page; 4],
    /// Bytes of text that may still come.
    budget: usize,
}

impl Collector {
    /// A collector of at most `budget` bytes of text.
    pub(crate) fn new(budget: usize) -> Self {
        Self { budget, ..Self::default() }
    }

    /// The lines in the direction that most of the text is written in.
    pub(crate) fn into_page(self) -> Page {
        let weight = |page: &Page| page.iter().map(|line| line.text.len()).sum::<usize>();
        let page = self.directions.into_iter().rev().max_by_key(weight).unwrap_or_default();
        page.iter().filter_map(tidied).collect()
    }

    fn glyph(&mut self, transform: &Transform, width: f64, size: f64, text: &str) {
        let scale = |a: f64, b: f64| a.hypot(b) * size;
        let (advance, size) =
            (width * scale(transform.m11, transform.m12), scale(transform.m21, transform.m22));
        let (x, y) = (transform.m31, transform.m32);
        if ![x, y, advance, size].iter().all(|number| number.is_finite()) {
            return;
        }
        let (direction, x, y) = match (transform.m11, transform.m12) {
            (along, across) if along.abs() >= across.abs() && along >= 0.0 => (0, x, -y),
            (along, across) if along.abs() >= across.abs() => (2, -x, y),
            (_, across) if across > 0.0 => (1, y, x),
            _ => (3, -y, -x),
        };
        let page = &mut self.directions[direction];
        let fits = |line: &Line| {
            let gap = x - line.right;
            (y - line.y).abs() < LEADING * line.size.max(size)
                && gap > -line.size.max(size)
                && gap < COLUMN * line.size.max(size)
        };
        if !page.last().is_some_and(fits) {
            page.push(Line { text: String::new(), left: x, right: x, y, size });
        }
        let Some(line) = page.last_mut() else { return };
        if is_note_mark(line, y, size, text) {
            line.right = line.right.max(x + advance);
            return;
        }
        if x - line.right > SPACE * size && !line.text.ends_with(' ') {
            line.text.push(' ');
        }
        push_plain(&mut line.text, text);
        line.right = line.right.max(x + advance);
        line.size = line.size.max(size);
    }
}

impl OutputDev for Collector {
    fn begin_page(
        &mut self,
        _: u32,
        _: &MediaBox,
        _: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn output_character(
        &mut self,
        transform: &Transform,
        width: f64,
        _spacing: f64,
        font_size: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        self.budget = self.budget.checked_sub(text.len()).ok_or(std::fmt::Error)?;
        self.glyph(transform, width, font_size, text);
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}

/// Whether a glyph is a small raised digit behind a word: the mark of a note, not an exponent.
fn is_note_mark(line: &Line, y: f64, size: f64, text: &str) -> bool {
    let raised = size < SUPERSCRIPT * line.size && line.y - y > 0.1 * line.size;
    let behind_word =
        line.text.ends_with(|c: char| c.is_alphabetic() || ".,;:!?)”’\"'".contains(c));
    raised && behind_word && text.chars().all(|c| c.is_ascii_digit())
}

/// Adds text with its ligatures taken apart and without control characters.
fn push_plain(line: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            'ﬀ' => line.push_str("ff"),
            'ﬁ' => line.push_str("fi"),
            'ﬂ' => line.push_str("fl"),
            'ﬃ' => line.push_str("ffi"),
            'ﬄ' => line.push_str("ffl"),
            'ﬅ' | 'ﬆ' => line.push_str("st"),
            // Symbol fonts put their bullets into the private use area.
            '\u{f000}'..='\u{f0ff}' => line.push('•'),
            '\u{a0}' | '\t' | '\n' | '\r' => line.push(' '),
            c if c.is_control() => {}
            c => line.push(c),
        }
    }
}

/// The line with single spaces; `None` where nothing is left of it.
fn tidied(line: &Line) -> Option<Line> {
    let text = line.text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then(|| Line { text, ..line.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(glyphs: &[(f64, f64, &str)]) -> Vec<String> {
        let mut collector = Collector::new(1000);
        for (x, y, text) in glyphs {
            let transform = Transform::row_major(1.0, 0.0, 0.0, 1.0, *x, *y);
            collector.output_character(&transform, 0.5, 0.0, 10.0, text).unwrap();
        }
        collector.into_page().into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn gaps_become_spaces_and_new_heights_lines() {
        let glyphs =
            [(0., 100., "a"), (5., 100., "b"), (12., 100., "c"), (17., 103., "²"), (0., 88., "ﬁ")];
        assert_eq!(page(&glyphs), ["ab c²", "fi"]);
    }

    #[test]
    fn marks_of_notes_are_left_out() {
        let mut collector = Collector::new(1000);
        for (x, y, size, text) in [(0., 0., 10., "net"), (20., 3., 6., "12"), (30., 0., 10., " is")]
        {
            let transform = Transform::row_major(1.0, 0.0, 0.0, 1.0, x, y);
            collector.output_character(&transform, 0.5, 0.0, size, text).unwrap();
        }
        assert_eq!(collector.into_page()[0].text, "net is");
    }

    #[test]
    fn columns_of_a_table_stay_apart() {
        assert_eq!(page(&[(0., 0., "a"), (100., 0., "b")]), ["a", "b"]);
    }

    #[test]
    fn sideways_text_is_dropped_unless_all_is_sideways() {
        let mut collector = Collector::new(1000);
        let upright = Transform::row_major(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
        let sideways = Transform::row_major(0.0, 1.0, -1.0, 0.0, 50.0, 50.0);
        collector.output_character(&sideways, 0.5, 0.0, 10.0, "stamp").unwrap();
        assert_eq!(Collector { ..Collector::new(9) }.into_page(), []);
        collector.output_character(&upright, 0.5, 0.0, 10.0, "longer text").unwrap();
        let page = collector.into_page();
        assert_eq!(page[0].text, "longer text");
    }

    #[test]
    fn more_text_than_allowed_is_an_error() {
        let mut collector = Collector::new(3);
        let transform = Transform::row_major(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
        assert!(collector.output_character(&transform, 1.0, 0.0, 1.0, "abc").is_ok());
        assert!(collector.output_character(&transform, 1.0, 0.0, 1.0, "d").is_err());
    }
}
