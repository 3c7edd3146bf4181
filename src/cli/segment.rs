//! `plenary segment`: the sentences of documents, one a line.

use std::io::Write;

use clap::Args;
use serde::Serialize;

use super::inputs::{InputArgs, each_document};
use super::{Status, messages};
use crate::document::{CharOffsets, Document, Sentence};
use crate::error::Result;
use crate::segment::Segmenters;

/// Arguments of `plenary segment`.
#[derive(Clone, Debug, Args)]
pub(super) struct SegmentArgs {
    #[command(flatten)]
    input: InputArgs,
    /// Language of the text (ISO 639-1) instead of the detected one.
    #[arg(long, value_name = "CODE")]
    lang: Option<String>,
    /// Print JSON Lines with offsets (Unicode code points, half-open).
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    doc_id: &'a str,
    sentence_index: usize,
    paragraph_index: u32,
    start_char: usize,
    end_char: usize,
    text: &'a str,
}

/// Prints the sentences.
pub(super) fn run(args: &SegmentArgs) -> Result<Status> {
    let segmenters = Segmenters::new();
    each_document(&args.input, |document, out| {
        let lang = args.lang.as_deref().or(document.meta.lang.as_deref());
        let sentences = segmenters.get(lang).segment(&document.text);
        if args.json {
            print_json(document, &sentences, out)
        } else {
            print_plain(document, &sentences, out)
        }
    })
}

fn print_json(
    document: &Document,
    sentences: &[Sentence],
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let offsets = CharOffsets::new(&document.text);
    for (sentence_index, sentence) in sentences.iter().enumerate() {
        let line = Line {
            doc_id: &document.doc_id,
            sentence_index,
            paragraph_index: sentence.paragraph,
            start_char: offsets.chars(sentence.span.start),
            end_char: offsets.chars(sentence.span.end),
            text: sentence.span.of(&document.text),
        };
        messages::json_line(out, &line)?;
    }
    Ok(())
}

/// One sentence a line: line breaks inside a sentence become spaces.
fn print_plain(
    document: &Document,
    sentences: &[Sentence],
    out: &mut dyn Write,
) -> std::io::Result<()> {
    for sentence in sentences {
        let words: Vec<&str> = sentence.span.of(&document.text).split_whitespace().collect();
        writeln!(out, "{}", words.join(" "))?;
    }
    Ok(())
}
