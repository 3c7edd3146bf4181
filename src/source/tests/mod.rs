//! Tests of the readers together, on files; and helpers of the readers' own tests.

use super::pdf_lines::{Line, Page};

/// A page with one line below the other, in type of 12 points.
pub(super) fn page_of_lines(texts: &[&str], top: f64) -> Page {
    let line = |(index, text): (usize, &&str)| Line {
        text: (*text).to_owned(),
        left: 50.0,
        right: 50.0 + 6.0 * text.chars().count() as f64,
        y: top + 14.0 * index as f64,
        size: 12.0,
    };
    texts.iter().enumerate().map(line).collect()
}
