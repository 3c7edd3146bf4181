//! How well attributions are found: F1 of source, cue and content spans against annotated texts.
//!
//! The unit is a span: a source, a cue, one piece of a content; a span that several attributions of a text
//! share counts once. *Exact* asks for the same start and end. *Overlap* asks for one shared character: precision
//! is the share of the spans found that touch an annotated one, recall the share of the annotated ones that are
//! touched. Computed so, the annotators of `PolNeAR` agree pairwise with exact F1 0.782, 0.712, 0.685 and
//! overlap F1 0.846, 0.820, 0.885 for source, cue and content.
//!
//! Where a text also says who holds what (`holders`, `actor_ids`), the names found for contents that touch are held
//! against them.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::attribution_names::{self as names, NameRow};
use super::records;
use crate::attribute::{self, ActorRegistry, Attributor};
use crate::document::{Attribution, CharOffsets, Sentence, Span};
use crate::error::{Error, ErrorKind, Result};

/// Resamples of the bootstrap.
const RESAMPLES: usize = 1000;

/// A half-open range of code points.
type CharSpan = (usize, usize);

/// A text with the attributions that people marked in it.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    /// Name of the text within its set.
    pub id: String,
    /// ISO 639-1 code.
    pub lang: Option<String>,
    /// The text.
    pub text: String,
    /// What was marked.
    pub attributions: Vec<Marked>,
}

/// An attribution as people marked it; offsets are code points, half-open.
#[derive(Clone, Debug, Deserialize)]
pub struct Marked {
    /// Who is named.
    pub source: Option<CharSpan>,
    /// The words that attribute.
    pub cue: Option<CharSpan>,
    /// What is attributed.
    #[serde(default)]
    pub content: Vec<CharSpan>,
    /// Who that is, as self-contained names; several where words are attributed to several. Scored where given.
    #[serde(default)]
    pub holders: Vec<String>,
    /// The same as identifiers of actors. Scored where given.
    #[serde(default)]
    pub actor_ids: Vec<String>,
}

/// Reads a JSON Lines file of [`Record`]s.
///
/// # Errors
///
/// When the file cannot be read, is not JSON Lines of that form, or a span lies outside its text; the error
/// names the line.
pub fn read(path: &Path) -> Result<Vec<Record>> {
    records::read(path, "annotated text", parse)
}

fn parse(line: &str) -> Result<Record> {
    let record: Record = serde_json::from_str(line).map_err(|source| {
        Error::new(ErrorKind::Input, "is not a text with attributions")
            .hint(r#"each line is {"id": …, "text": …, "attributions": [{"source": [start, end], "cue": …, "content": [[start, end], …], "holders": [name, …], "actor_ids": [id, …]}, …]}; the last two may be missing"#)
            .caused_by(source)
    })?;
    let length = record.text.chars().count();
    let outside = spans_of(&record.attributions)
        .into_iter()
        .flatten()
        .find(|(start, end)| start > end || *end > length);
    match outside {
        Some((start, end)) => {
            Err(Error::new(ErrorKind::Input, format!("span {start}..{end} leaves its text"))
                .hint("offsets are code points, half-open"))
        }
        None => Ok(record),
    }
}

/// The spans of each role: source, cue, content.
fn spans_of(marked: &[Marked]) -> [BTreeSet<CharSpan>; 3] {
    let mut spans: [BTreeSet<CharSpan>; 3] = std::array::from_fn(|_| BTreeSet::new());
    for one in marked {
        spans[0].extend(one.source);
        spans[1].extend(one.cue);
        spans[2].extend(&one.content);
    }
    spans
}

/// Spans found and expected, and how many of each fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    found: usize,
    expected: usize,
    exact: usize,
    found_touching: usize,
    expected_touched: usize,
}

impl Counts {
    fn between(found: &BTreeSet<CharSpan>, expected: &BTreeSet<CharSpan>) -> Self {
        Self {
            found: found.len(),
            expected: expected.len(),
            exact: found.intersection(expected).count(),
            found_touching: touching(found, expected),
            expected_touched: touching(expected, found),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            found: self.found + other.found,
            expected: self.expected + other.expected,
            exact: self.exact + other.exact,
            found_touching: self.found_touching + other.found_touching,
            expected_touched: self.expected_touched + other.expected_touched,
        }
    }

    fn exact(self) -> Agreement {
        Agreement::new(ratio(self.exact, self.found), ratio(self.exact, self.expected))
    }

    fn overlap(self) -> Agreement {
        Agreement::new(
            ratio(self.found_touching, self.found),
            ratio(self.expected_touched, self.expected),
        )
    }
}

/// How many of `spans` share a character with one of `others`.
fn touching(spans: &BTreeSet<CharSpan>, others: &BTreeSet<CharSpan>) -> usize {
    let mut reach = 0;
    let furthest: Vec<CharSpan> = others
        .iter()
        .map(|(start, end)| {
            reach = reach.max(*end);
            (*start, reach)
        })
        .collect();
    let touches = |span: &&CharSpan| {
        let before = furthest.partition_point(|(start, _)| *start < span.1);
        before > 0 && furthest[before - 1].1 > span.0
    };
    spans.iter().filter(touches).count()
}

/// A ratio of counts; 1 for nothing out of nothing.
pub(super) fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// Precision, recall and their harmonic mean, each 0..=1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// Share of the spans found that fit.
    pub precision: f64,
    /// Share of the annotated spans that were found.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
}

impl Agreement {
    pub(super) fn new(precision: f64, recall: f64) -> Self {
        let sum = precision + recall;
        Self { precision, recall, f1: if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 } }
    }
}

/// The scores of one role.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// `source`, `cue` or `content`.
    pub role: &'static str,
    /// Annotated spans.
    pub n_expected: usize,
    /// Spans found.
    pub n_found: usize,
    /// By equal spans.
    pub exact: Agreement,
    /// 95 % bootstrap interval of the exact F1, resampling texts.
    pub exact_f1_interval: (f64, f64),
    /// By touching spans.
    pub overlap: Agreement,
}

/// The scores of a set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Texts.
    pub n_documents: usize,
    /// One row for each role.
    pub rows: Vec<Row>,
    /// One row for `holder` and one for `actor`, as far as the texts give them.
    pub names: Vec<NameRow>,
}

/// Scores what `attributor` finds in the texts of `records`, cut into sentences by `segment`; `registry` tells who
/// a holder is.
pub fn evaluate(
    records: &[Record],
    attributor: &dyn Attributor,
    registry: &ActorRegistry,
    segment: impl Fn(&str, Option<&str>) -> Vec<Sentence>,
) -> Report {
    let found = |record: &Record| {
        let sentences = segment(&record.text, record.lang.as_deref());
        let offsets = CharOffsets::new(&record.text);
        let chars = |span: Span| (offsets.chars(span.start), offsets.chars(span.end));
        let attributions =
            attributor.attributions(&record.text, &sentences, &[], record.lang.as_deref());
        let marked = |a: &Attribution| Marked {
            source: a.source.map(chars),
            cue: a.cue.map(chars),
            content: a.content.iter().map(|piece| chars(*piece)).collect(),
            holders: a.holder.iter().cloned().collect(),
            actor_ids: attribute::holder_actor(a, None, registry)
                .into_iter()
                .map(|actor| actor.actor_id)
                .collect(),
        };
        attributions.iter().map(marked).collect::<Vec<Marked>>()
    };
    let found: Vec<Vec<Marked>> = records.iter().map(found).collect();
    let counts: Vec<[Counts; 3]> = records
        .iter()
        .zip(&found)
        .map(|(record, found)| {
            let (found, expected) = (spans_of(found), spans_of(&record.attributions));
            std::array::from_fn(|role| Counts::between(&found[role], &expected[role]))
        })
        .collect();
    let rows = ["source", "cue", "content"]
        .into_iter()
        .enumerate()
        .map(|(at, role)| row(role, at, &counts));
    let pairs: Vec<(&[Marked], &[Marked])> = found
        .iter()
        .zip(records)
        .map(|(found, record)| (found.as_slice(), record.attributions.as_slice()))
        .collect();
    Report { n_documents: records.len(), rows: rows.collect(), names: names::rows(&pairs) }
}

fn row(role: &'static str, at: usize, counts: &[[Counts; 3]]) -> Row {
    let total = counts.iter().fold(Counts::default(), |sum, count| sum.plus(count[at]));
    Row {
        role,
        n_expected: total.expected,
        n_found: total.found,
        exact: total.exact(),
        exact_f1_interval: interval(at, counts),
        overlap: total.overlap(),
    }
}

/// The 95 % percentile interval of the exact F1 over resampled texts.
fn interval(at: usize, counts: &[[Counts; 3]]) -> (f64, f64) {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut scores: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let drawn = (0..counts.len()).map(|_| counts[rng.random_range(0..counts.len())][at]);
            drawn.fold(Counts::default(), Counts::plus).exact().f1
        })
        .collect();
    scores.sort_by(f64::total_cmp);
    (scores[RESAMPLES / 40], scores[RESAMPLES - 1 - RESAMPLES / 40])
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| role | expected | found | exact P | exact R | exact F1 (95 %) | overlap P | overlap R | overlap F1 |"
        )?;
        writeln!(f, "|---|---:|---:|---:|---:|---:|---:|---:|---:|")?;
        for Row { role, n_expected, n_found, exact, exact_f1_interval: (low, high), overlap } in
            &self.rows
        {
            let percent = |value: f64| format!("{:.1}", 100.0 * value);
            writeln!(
                f,
                "| {role} | {n_expected} | {n_found} | {} | {} | {} ({}–{}) | {} | {} | {} |",
                percent(exact.precision),
                percent(exact.recall),
                percent(exact.f1),
                percent(*low),
                percent(*high),
                percent(overlap.precision),
                percent(overlap.recall),
                percent(overlap.f1),
            )?;
        }
        names::write(f, &self.names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::RuleAttributor;
    use crate::tagging::TaggingAttributor;

    fn spans(list: &[CharSpan]) -> BTreeSet<CharSpan> {
        list.iter().copied().collect()
    }

    #[test]
    fn exact_and_overlap_are_told_apart() {
        let counts = Counts::between(
            &spans(&[(0, 5), (10, 20), (30, 31)]),
            &spans(&[(0, 5), (12, 14), (15, 40)]),
        );
        assert_eq!((counts.exact, counts.found_touching, counts.expected_touched), (1, 3, 3));
        assert!((counts.exact().f1 - 1.0 / 3.0).abs() < 1e-9);
        assert!((counts.overlap().f1 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn spans_that_only_meet_do_not_touch() {
        let counts = Counts::between(&spans(&[(0, 5)]), &spans(&[(5, 9)]));
        assert_eq!((counts.found_touching, counts.expected_touched), (0, 0));
        assert!(counts.overlap().f1.abs() < 1e-9);
    }

    #[test]
    fn a_span_outside_its_text_is_reported() {
        let error = parse(
            r#"{"id": "a", "text": "abc", "attributions": [{"source": [0, 4], "cue": null}]}"#,
        )
        .unwrap_err();
        assert_eq!(error.to_string(), "span 0..4 leaves its text");
    }

    /// Holds what `attributor` finds in `PolNeAR` dev, where that is there, against floors of exact and overlap F1.
    fn check_polnear(attributor: &dyn Attributor, floors: [(&str, f64, f64); 3]) {
        let beside = || std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
        let shared =
            std::env::var_os("PLENARY_SHARED").map_or_else(beside, std::path::PathBuf::from);
        let path = shared.join("bench/attribution/polnear/dev.jsonl");
        if !path.exists() {
            return eprintln!("skipped: {} is not there", path.display());
        }
        let registry = ActorRegistry::built_in();
        let report =
            evaluate(&read(&path).unwrap(), attributor, &registry, crate::segment::segment);
        eprintln!("{report}");
        for (row, (role, exact, overlap)) in report.rows.iter().zip(floors) {
            assert_eq!(row.role, role);
            assert!(row.exact.f1 >= exact && row.overlap.f1 >= overlap, "{report}");
        }
    }

    #[test]
    fn the_rules_keep_their_level_on_polnear() {
        let floors = [("source", 0.61, 0.68), ("cue", 0.60, 0.66), ("content", 0.53, 0.75)];
        check_polnear(&RuleAttributor::new(), floors);
    }

    #[test]
    fn the_tagger_keeps_its_level_on_polnear() {
        let floors = [("source", 0.79, 0.84), ("cue", 0.71, 0.83), ("content", 0.65, 0.855)];
        let tagger = TaggingAttributor::built_in(RuleAttributor::new()).unwrap();
        check_polnear(&tagger, floors);
    }
}
