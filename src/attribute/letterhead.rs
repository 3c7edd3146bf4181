//! Letters and notes whose head names the writer: "From the desk of Mira Solheim, envoy of Ruvania".

use super::label::{self, Reading};
use crate::document::{Span, Turn};

/// Openings of such a head.
const OPENINGS: [&str; 4] =
    ["from the desk of ", "from the office of ", "a message from ", "a letter from "];

/// Lines at the start of a text that are looked at.
const HEAD: usize = 8;

/// The turn of the writer: from the head to the end of the text.
pub(super) fn turn(text: &str) -> Option<Turn> {
    let mut start = 0;
    for line in text.split_inclusive('\n').take(HEAD) {
        let words = line.trim_matches(|c: char| c.is_whitespace() || "*_#:.".contains(c));
        if let Some(writer) = named(words) {
            let rest = start + line.len();
            let label = Span::new(start, rest).trimmed(text);
            let spoken = text[rest..].contains(char::is_alphabetic);
            let Reading { name, role, affiliation, .. } = writer;
            return spoken.then(|| Turn {
                span: Span::new(label.start, text.len()).trimmed(text),
                label: Some(label),
                speaker: name,
                role,
                affiliation,
                method: "label".to_owned(),
                confidence: 0.9,
            });
        }
        start += line.len();
    }
    None
}

/// Who a line names as the writer, if it does nothing else.
fn named(line: &str) -> Option<Reading> {
    let opening = OPENINGS.iter().find(|opening| {
        line.get(..opening.len()).is_some_and(|head| head.eq_ignore_ascii_case(opening))
    })?;
    let reading = label::read(&line[opening.len()..])?;
    let reading = Reading {
        affiliation: reading.affiliation.clone().or_else(|| reading.role.clone()),
        ..reading
    };
    reading.name.is_some().then_some(reading)
}
