//! How well text is cut into sentences: F1 of sentence ends, and the share of texts cut exactly as expected.
//!
//! Three readings of the same sets. **As given**: each document with its own line breaks; a sentence end counts
//! by the number of characters that are not white space before it, and the end of the document, which no
//! segmenter can miss, is left out. **Joined**: what wtpsplit's `evaluate_sentences` measures
//! (<https://github.com/segment-any-text/wtpsplit>, `wtpsplit/evaluation/__init__.py`): all sentences of a
//! language, NFKC-normalised, leading hyphens and runs of white space removed, joined with one space (nothing
//! in scripts without spaces) into a single text; the end of that text counts. Published F1 are of this kind.
//! **Punctuated**: as given, but ends of sentences that do not end in sentence punctuation are neither
//! expected nor held against the segmenter, as in the protocol of Ersatz (Wicks & Post 2021); sets say
//! which sentences those are in `meta.ends_with_punctuation`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::records;
use crate::document::byte_offset;
use crate::error::{Error, ErrorKind, Result};
use crate::segment::Segmenters;

/// Languages written without spaces between sentences.
const WITHOUT_SPACES: [&str; 6] = ["ja", "km", "lo", "my", "th", "zh"];
/// Resamples of the bootstrap.
const RESAMPLES: usize = 1000;

/// A text with the sentences people cut it into.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    /// Name of the text within its set.
    pub id: String,
    /// ISO 639-1 code.
    pub lang: String,
    /// The text.
    pub text: String,
    /// Start and end of each sentence in code points, half-open, in order.
    pub sentences: Vec<(usize, usize)>,
    /// What else the set says about the text.
    #[serde(default)]
    pub meta: Meta,
}

/// What a set may say about a text beside its sentences.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Meta {
    /// For each sentence whether it ends in sentence punctuation; empty where the set does not say.
    #[serde(default)]
    pub ends_with_punctuation: Vec<bool>,
}

/// Reads a JSON Lines file of [`Record`]s.
///
/// # Errors
/// When the file cannot be read, is not JSON Lines of that form, or a span lies outside its text; the error
/// names the line.
pub fn read(path: &Path) -> Result<Vec<Record>> {
    records::read(path, "segmented text", parse)
}

fn parse(line: &str) -> Result<Record> {
    let record: Record = serde_json::from_str(line).map_err(|source| {
        Error::new(ErrorKind::Input, "is not a segmented text")
            .hint(r#"each line is {"id": …, "lang": …, "text": …, "sentences": [[start, end], …]}"#)
            .caused_by(source)
    })?;
    let mut last = 0;
    for (start, end) in &record.sentences {
        if *start < last || end < start || byte_offset(&record.text, *end).is_none() {
            let message = format!("sentence {start}..{end} overlaps another or leaves its text");
            return Err(
                Error::new(ErrorKind::Input, message).hint("offsets are code points, half-open")
            );
        }
        last = *end;
    }
    Ok(record)
}

/// Sentence ends found, missed and invented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    hits: usize,
    found: usize,
    expected: usize,
}

impl Counts {
    fn between(found: &BTreeSet<usize>, expected: &BTreeSet<usize>) -> Self {
        let hits = found.intersection(expected).count();
        Self { hits, found: found.len(), expected: expected.len() }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            hits: self.hits + other.hits,
            found: self.found + other.found,
            expected: self.expected + other.expected,
        }
    }

    fn precision(self) -> f64 {
        ratio(self.hits, self.found)
    }

    fn recall(self) -> f64 {
        ratio(self.hits, self.expected)
    }

    fn f1(self) -> f64 {
        ratio(2 * self.hits, self.found + self.expected)
    }
}

/// A ratio of counts; 1 for nothing out of nothing.
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// The scores of one language.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// ISO 639-1 code.
    pub lang: String,
    /// Texts.
    pub n_documents: usize,
    /// Sentences expected.
    pub n_sentences: usize,
    /// Texts cut exactly as expected.
    pub n_exact: usize,
    /// Share of the sentence ends found that are right, as given.
    pub precision: f64,
    /// Share of the sentence ends expected that were found, as given.
    pub recall: f64,
    /// F1 of sentence ends, as given.
    pub f1: f64,
    /// 95 % bootstrap interval of `f1`, resampling documents.
    pub f1_interval: (f64, f64),
    /// F1 of sentence ends by wtpsplit's definition.
    pub f1_joined: f64,
    /// F1 of the ends of punctuated sentences, where the set says which they are.
    pub f1_punctuated: Option<f64>,
}

/// The scores of a set, by language.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// One row for each language, sorted by code.
    pub rows: Vec<Row>,
}

/// Scores the segmenters of this program on `records`.
pub fn evaluate(records: &[Record], segmenters: &Segmenters) -> Report {
    let mut by_language: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in records {
        by_language.entry(&record.lang).or_default().push(record);
    }
    Report {
        rows: by_language.into_iter().map(|(lang, group)| row(lang, &group, segmenters)).collect(),
    }
}

fn row(lang: &str, records: &[&Record], segmenters: &Segmenters) -> Row {
    let mut n_exact = 0;
    let mut counts = Vec::with_capacity(records.len());
    let mut punctuated = Counts::default();
    for record in records {
        let found = cut(&record.text, lang, segmenters);
        let expected = expected(record);
        n_exact += usize::from(found == expected);
        let found = inner_ends(&record.text, &found);
        let expected = inner_ends(&record.text, &expected);
        counts.push(Counts::between(&found, &expected));
        punctuated = punctuated.plus(among_punctuated(record, &found, &expected));
    }
    let total = counts.iter().copied().fold(Counts::default(), Counts::plus);
    Row {
        lang: lang.to_owned(),
        n_documents: records.len(),
        n_sentences: records.iter().map(|record| record.sentences.len()).sum(),
        n_exact,
        precision: total.precision(),
        recall: total.recall(),
        f1: total.f1(),
        f1_interval: bootstrap(&counts),
        f1_joined: joined(lang, records, segmenters).f1(),
        f1_punctuated: (punctuated.expected > 0).then(|| punctuated.f1()),
    }
}

/// Counts among the ends of sentences in sentence punctuation; nothing where the set does not tell them.
fn among_punctuated(
    record: &Record,
    found: &BTreeSet<usize>,
    expected: &BTreeSet<usize>,
) -> Counts {
    let flags = &record.meta.ends_with_punctuation;
    if flags.len() != expected.len() + 1 {
        return Counts::default();
    }
    let bare = expected.iter().zip(flags).filter(|(_, flag)| !**flag).map(|(end, _)| *end);
    let bare: BTreeSet<usize> = bare.collect();
    Counts::between(&(found - &bare), &(expected - &bare))
}

/// The sentences found, in bytes.
fn cut(text: &str, lang: &str, segmenters: &Segmenters) -> Vec<(usize, usize)> {
    let sentences = segmenters.get(Some(lang)).segment(text);
    sentences.iter().map(|sentence| (sentence.span.start, sentence.span.end)).collect()
}

/// The sentences expected, in bytes, without white space at their ends.
fn expected(record: &Record) -> Vec<(usize, usize)> {
    let bytes: Vec<usize> =
        record.text.char_indices().map(|(byte, _)| byte).chain([record.text.len()]).collect();
    let trim = |&(start, end): &(usize, usize)| {
        let span = crate::document::Span::new(bytes[start], bytes[end]).trimmed(&record.text);
        (span.start, span.end)
    };
    record.sentences.iter().map(trim).filter(|(start, end)| start < end).collect()
}

/// Characters that are not white space before each end but the last.
fn inner_ends(text: &str, sentences: &[(usize, usize)]) -> BTreeSet<usize> {
    let inner = sentences.len().saturating_sub(1);
    let mut seen = 0;
    let mut at = 0;
    let solid = |piece: &str| piece.chars().filter(|c| !c.is_whitespace()).count();
    let ends = sentences[..inner].iter().map(|(_, end)| {
        seen += solid(&text[at..*end]);
        at = *end;
        seen
    });
    ends.collect()
}

/// Counts by wtpsplit's definition.
fn joined(lang: &str, records: &[&Record], segmenters: &Segmenters) -> Counts {
    let separator = if WITHOUT_SPACES.contains(&lang) { "" } else { " " };
    let mut text = String::new();
    let mut expected = Vec::new();
    for record in records {
        for (start, end) in self::expected(record) {
            let sentence = preprocess(&record.text[start..end]);
            if !text.is_empty() {
                text.push_str(separator);
            }
            expected.push((text.len(), text.len() + sentence.len()));
            text.push_str(&sentence);
        }
    }
    let found = cut(&text, lang, segmenters);
    let end_of_text = Counts { hits: 1, found: 1, expected: 1 };
    Counts::between(&inner_ends(&text, &found), &inner_ends(&text, &expected)).plus(end_of_text)
}

/// wtpsplit's `preprocess_sentence`: no right-to-left marks or leading hyphens, NFKC, single spaces.
fn preprocess(sentence: &str) -> String {
    let without_marks: String = sentence.chars().filter(|c| *c != '\u{200f}').collect();
    let normal: String = without_marks.trim_start_matches('-').trim().nfkc().collect();
    normal.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The 95 % percentile interval of F1 over resampled documents, always with the same seed.
fn bootstrap(counts: &[Counts]) -> (f64, f64) {
    let mut random = ChaCha8Rng::seed_from_u64(0);
    let mut scores: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let picks = (0..counts.len()).map(|_| counts[random.random_range(0..counts.len())]);
            picks.fold(Counts::default(), Counts::plus).f1()
        })
        .collect();
    scores.sort_by(f64::total_cmp);
    (scores[RESAMPLES * 25 / 1000], scores[RESAMPLES * 975 / 1000 - 1])
}

impl fmt::Display for Report {
    /// A Markdown table, shares in per cent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| lang | texts | sentences | exact | precision | recall | F1 | 95 % interval | F1 joined | F1 punctuated |"
        )?;
        writeln!(f, "|---|--:|--:|--:|--:|--:|--:|---|--:|--:|")?;
        for row in &self.rows {
            let percent = |share: f64| format!("{:.2}", 100.0 * share);
            let (low, high) = row.f1_interval;
            writeln!(
                f,
                "| {} | {} | {} | {} | {} | {} | {} | {}–{} | {} | {} |",
                row.lang,
                row.n_documents,
                row.n_sentences,
                row.n_exact,
                percent(row.precision),
                percent(row.recall),
                percent(row.f1),
                percent(low),
                percent(high),
                percent(row.f1_joined),
                row.f1_punctuated.map_or_else(|| "–".to_owned(), percent),
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "segmentation_tests.rs"]
mod tests;
