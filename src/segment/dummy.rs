//! The file to copy when a language needs more than a data file.
//!
//! Most languages need none of this: write `data/lexicons/segment/<code>.toml` (its keys are explained in
//! `en.toml`), add a line to the table of its family (`latin.rs`, `cyrillic.rs`, …), and the tests of the
//! engine and the laws run on it by themselves.
//!
//! TIP: name the file and the type by what it segments, not by the library it uses.

use super::Segmenter;
use crate::document::{Sentence, Span};

/// Ends a sentence at each line break and nowhere else: enough for verse, and for tests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Verse;

impl Segmenter for Verse {
    // TIP: state nothing and read no files here. One segmenter serves all documents at once.
    fn segment(&self, text: &str) -> Vec<Sentence> {
        let mut sentences = Vec::new();
        let mut start = 0;
        // TIP: go through the text once. A search from every stop to the end of the text is quadratic, and
        // somebody will feed a hundred megabytes of full stops.
        for line in text.split_inclusive('\n') {
            // TIP: `trimmed` keeps the law that spans have no white space at their ends.
            let span = Span::new(start, start + line.len()).trimmed(text);
            if !span.is_empty() {
                sentences.push(Sentence { span, paragraph: 0 });
            }
            start += line.len();
        }
        sentences
    }
}

// TIP: one line runs the whole law-suite, random text included. When it fails, its message says which law
// was broken and where to look.
#[cfg(test)]
super::laws::law_suite!(verse, super::Verse);
