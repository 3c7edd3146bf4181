//! `plenary segment`: the sentences of documents, one a line.

use std::io::Write;

use clap::Args;
use serde::Serialize;

use super::inputs::{InputArgs, each_document};
use super::{Status, messages};
use crate::document::{CharOffsets, Document, Sentence, Span};
use crate::encode::tagger::Reading;
use crate::encode::{self, NativeEncoder};
use crate::error::Result;
use crate::segment::Segmenters;
use crate::tagging;

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
    /// Add tokens and words as the tagger reads them (what `models/training` learns from).
    #[arg(long, requires = "json")]
    words: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    doc_id: &'a str,
    sentence_index: usize,
    paragraph_index: u32,
    start_char: usize,
    end_char: usize,
    text: &'a str,
    #[serde(flatten)]
    words: Option<Words>,
}

/// The tokens of a sentence, and for each word its first token, place, shape and whether it is quoted.
#[derive(Serialize)]
struct Words {
    ids: Vec<u32>,
    first_tokens: Vec<usize>,
    #[serde(rename = "words")]
    places: Vec<[usize; 2]>,
    shapes: Vec<u8>,
    quoted: Vec<bool>,
}

impl Words {
    fn new(reading: Reading, start: usize, offsets: &CharOffsets<'_>) -> Self {
        let chars = |span: Span| [span.start, span.end].map(|at| offsets.chars(start + at));
        let words = &reading.words;
        Self {
            first_tokens: words.iter().map(|word| word.token).collect(),
            places: words.iter().map(|word| chars(word.span)).collect(),
            shapes: words.iter().map(|word| word.shape as u8).collect(),
            quoted: words.iter().map(|word| word.quoted).collect(),
            ids: reading.tokens.ids,
        }
    }
}

/// Prints the sentences.
pub(super) fn run(args: &SegmentArgs) -> Result<Status> {
    let segmenters = Segmenters::new();
    let encoder = if args.words { Some(encode::default_model()?) } else { None };
    each_document(&args.input, |document, out| {
        let lang = args.lang.as_deref().or(document.meta.lang.as_deref());
        let sentences = segmenters.get(lang).segment(&document.text);
        if args.json {
            print_json(document, &sentences, encoder.as_ref(), out)
        } else {
            print_plain(document, &sentences, out)
        }
    })
}

fn print_json(
    document: &Document,
    sentences: &[Sentence],
    encoder: Option<&NativeEncoder>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let offsets = CharOffsets::new(&document.text);
    let readings = encoder.map(|encoder| tagging::readings(encoder, &document.text, sentences));
    let readings = readings.transpose().map_err(std::io::Error::other)?.unwrap_or_default();
    let mut readings = readings.into_iter();
    for (sentence_index, sentence) in sentences.iter().enumerate() {
        let start = sentence.span.start;
        let line = Line {
            doc_id: &document.doc_id,
            sentence_index,
            paragraph_index: sentence.paragraph,
            start_char: offsets.chars(start),
            end_char: offsets.chars(sentence.span.end),
            text: sentence.span.of(&document.text),
            words: readings.next().map(|reading| Words::new(reading, start, &offsets)),
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
