//! Tests of the module through its public face. All texts are invented.

mod actors;
mod forms;
mod laws;
mod measured;
mod reports;
mod statements;
mod tagged;
mod turns;

use crate::document::{Document, Metadata, Sentence, Span};

/// A document with an actor.
fn document(text: &str, actor: Option<&str>) -> Document {
    let meta = Metadata { actor: actor.map(str::to_owned), ..Metadata::default() };
    Document { doc_id: "d".to_owned(), text: text.to_owned(), meta, ..Document::default() }
}

/// A plain splitter, so that these tests stand alone: after `.!?` and closing marks, and at line ends.
fn sentences(text: &str) -> Vec<Sentence> {
    let mut found = Vec::new();
    let (mut start, mut paragraph) = (0, 0);
    let mut marks = text.char_indices().peekable();
    while let Some((at, c)) = marks.next() {
        let end = at + c.len_utf8();
        let next = marks.peek().map(|(_, next)| *next);
        let stops =
            ".!?。".contains(c) || "”\"»)".contains(c) && text[..at].ends_with(['.', '!', '?']);
        if c == '\n' || next.is_none() || (stops && next.is_some_and(char::is_whitespace)) {
            let span = Span::new(start, end).trimmed(text);
            if !span.is_empty() {
                found.push(Sentence { span, paragraph });
            }
            start = end;
        }
        paragraph += u32::from(c == '\n' && next == Some('\n'));
    }
    found
}
