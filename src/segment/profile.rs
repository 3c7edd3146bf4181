//! The habits of a text's layout: how wide its lines are wrapped, and who speaks in it.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};

use super::line::{self, Line, Lines};

/// What the first pass learns about a text.
#[derive(Debug, Default)]
pub(super) struct Profile {
    /// Width, in characters, at which lines are wrapped; `None` where they are not.
    width: Option<usize>,
    /// Hashes of the names that label at least two lines; empty where the text is no transcript.
    pub(super) speakers: HashSet<u64>,
}

/// Line widths at which a text may be hard-wrapped.
const WIDTHS: std::ops::RangeInclusive<usize> = 36..=140;
/// Pairs of adjoining lines needed to tell a width.
const FEWEST_PAIRS: usize = 3;
/// Labelled lines needed to make a transcript.
const FEWEST_LABELS: usize = 3;
/// Names remembered at most.
const MOST_NAMES: usize = 10_000;
impl Profile {
    pub(super) fn of(text: &str) -> Self {
        let mut widths = [0_usize; 256];
        let mut names: HashMap<u64, usize> = HashMap::new();
        let mut previous: Option<Line> = None;
        for line in Lines::new(text) {
            if let Some(previous) = previous.filter(|_| !line.after_blank) {
                widths[characters(previous.span.of(text)).min(255)] += 1;
            }
            if let Some(name) = label_name(line.span.of(text)).filter(|_| names.len() < MOST_NAMES)
            {
                *names.entry(name).or_default() += 1;
            }
            previous = Some(line);
        }
        Self { width: usual_width(&widths), speakers: speakers(names) }
    }

    /// Whether `line` is so full that the first word of `next` would not have fitted.
    pub(super) fn is_full(&self, text: &str, line: Line, next: Line) -> bool {
        let Some(width) = self.width else { return false };
        let first_word = next.span.of(text).split_whitespace().next().unwrap_or_default();
        let length = characters(line.span.of(text));
        // Proportional type wraps at a width in points: allow an eighth of slack.
        length <= 2 * width && length + 1 + characters(first_word) >= width - width / 8
    }
}

/// The length in characters, counted only as far as it matters.
fn characters(line: &str) -> usize {
    if line.len() > 1024 { 1024 } else { line.chars().count() }
}

/// The width that the fullest twentieth of the adjoining lines reaches.
fn usual_width(widths: &[usize; 256]) -> Option<usize> {
    let pairs: usize = widths.iter().sum();
    let mut above = pairs / 20;
    if pairs < FEWEST_PAIRS {
        return None;
    }
    for (width, count) in widths.iter().enumerate().rev() {
        if *count > above {
            return WIDTHS.contains(&width).then_some(width);
        }
        above -= count;
    }
    None
}

fn speakers(names: HashMap<u64, usize>) -> HashSet<u64> {
    let returning: HashMap<u64, usize> =
        names.into_iter().filter(|(_, count)| *count >= 2).collect();
    let labels: usize = returning.values().sum();
    if labels < FEWEST_LABELS { HashSet::new() } else { returning.into_keys().collect() }
}

/// The hash of the last word of a label's name: "President Anna Lind:" and "Anna Lind:" are the same.
pub(super) fn label_name(line: &str) -> Option<u64> {
    let length = line::label_length(line)?;
    let name = line[..length - 1].split(['(', '[', ',']).next()?;
    let mut hasher = DefaultHasher::new();
    name.split_whitespace().next_back()?.hash(&mut hasher);
    Some(hasher.finish())
}
