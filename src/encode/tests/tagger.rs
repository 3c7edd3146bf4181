//! The tagger of the built-in model: the same as its reference, and its laws.

use std::path::Path;

use serde::Deserialize;

use ndarray::Array2;

use super::*;
use crate::document::{Claim, Span};
use crate::encode::tagger::Reading;
use crate::error::ErrorKind;

/// What `models/training/train_tagger.py` found in one of our own sentences; offsets are code points.
#[derive(Deserialize)]
struct Known {
    text: String,
    quoted: Vec<(usize, usize)>,
    admitted: bool,
    claims: Vec<KnownClaim>,
}

#[derive(Deserialize)]
struct KnownClaim {
    cue: (usize, usize),
    source: Option<(usize, usize)>,
    content: Vec<(usize, usize)>,
    confidence: f32,
}

impl Known {
    fn all() -> Vec<Self> {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/attribute/tagger.jsonl");
        let text = fs_err::read_to_string(path).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn bytes(&self, (start, end): (usize, usize)) -> Span {
        let byte = |place| crate::document::byte_offset(&self.text, place).unwrap();
        Span::new(byte(start), byte(end))
    }

    fn reading(&self, encoder: &NativeEncoder) -> Reading {
        let quoted: Vec<Span> = self.quoted.iter().map(|span| self.bytes(*span)).collect();
        encoder.read_words(&self.text, &quoted).unwrap()
    }

    /// The claims expected; a sentence that the gate keeps out has none.
    fn claims(&self) -> Vec<Claim> {
        let claim = |known: &KnownClaim| Claim {
            cue: self.bytes(known.cue),
            source: known.source.map(|span| self.bytes(span)),
            content: known.content.iter().map(|span| self.bytes(*span)).collect(),
            confidence: known.confidence,
        };
        self.claims.iter().filter(|_| self.admitted).map(claim).collect()
    }
}

fn tag(encoder: &NativeEncoder, readings: &[Reading]) -> Vec<Vec<Claim>> {
    tag_where(encoder, readings, |_| true).1
}

/// Vectors of all, claims of those whose vector is `relevant`.
fn tag_where(
    encoder: &NativeEncoder,
    readings: &[Reading],
    relevant: impl Fn(&[f32]) -> bool,
) -> (Array2<f32>, Vec<Vec<Claim>>) {
    let tokens: Vec<&Tokens> = readings.iter().map(|reading| &reading.tokens).collect();
    let read =
        |member: usize, vector: &[f32]| Ok(relevant(vector).then(|| readings[member].clone()));
    encoder.encode_tagged(&tokens, read).unwrap()
}

/// A claim without its confidence.
fn spans(claim: &Claim) -> (Span, Option<Span>, &[Span]) {
    (claim.cue, claim.source, &claim.content)
}

#[test]
fn the_built_in_tagger_agrees_with_its_reference() {
    let known = Known::all();
    assert!(known.len() > 50 && known.iter().any(|known| !known.claims.is_empty()));
    let exact = KernelChoice { precision: Some(Precision::F32), ..KernelChoice::default() };
    let encoder = model_with("default", exact);
    let readings: Vec<Reading> = known.iter().map(|known| known.reading(&encoder)).collect();
    for (known, found) in known.iter().zip(tag(&encoder, &readings)) {
        let expected = known.claims();
        let (found_spans, expected_spans): (Vec<_>, Vec<_>) =
            (found.iter().map(spans).collect(), expected.iter().map(spans).collect());
        assert_eq!(found_spans, expected_spans, "{}", known.text);
        for (found, expected) in found.iter().zip(&expected) {
            let difference = (found.confidence - expected.confidence).abs();
            assert!(difference < 1e-3, "{}: {difference}", known.text);
        }
    }
}

/// bf16 moves a score that stands on the edge, and no more.
#[test]
fn every_kernel_finds_nearly_the_same_claims() {
    let known = Known::all();
    let reference: Vec<Vec<Claim>> = known.iter().map(Known::claims).collect();
    let total: usize = reference.iter().map(Vec::len).sum();
    for choice in [choices(Precision::F32), choices(Precision::Bf16)].concat() {
        let encoder = model_with("default", choice);
        let readings: Vec<Reading> = known.iter().map(|known| known.reading(&encoder)).collect();
        let found = tag(&encoder, &readings);
        let same = |(expected, found): (&Vec<Claim>, &Vec<Claim>)| {
            let found: Vec<_> = found.iter().map(spans).collect();
            expected.iter().filter(|claim| found.contains(&spans(claim))).count()
        };
        let same: usize = reference.iter().zip(&found).map(same).sum();
        assert!(100 * same >= 95 * total, "{choice:?}: {same} of {total}");
    }
}

#[test]
fn tagging_changes_neither_embeddings_nor_each_other() {
    let encoder = model("default");
    let readings: Vec<Reading> = Known::all().iter().map(|known| known.reading(&encoder)).collect();
    let (vectors, claims) = tag_where(&encoder, &readings, |_| true);
    let tokens: Vec<Tokens> = readings.iter().map(|reading| reading.tokens.clone()).collect();
    assert_eq!(vectors, encoder.encode(&tokens).unwrap());
    for (index, member) in readings.chunks(1).enumerate().step_by(7) {
        let (alone, claim) = tag_where(&encoder, member, |_| true);
        assert_eq!(alone.row(0), vectors.row(index));
        assert_eq!(claim[0], claims[index]);
    }
}

#[test]
fn only_what_is_relevant_is_tagged() {
    let encoder = model("default");
    let readings: Vec<Reading> = Known::all().iter().map(|known| known.reading(&encoder)).collect();
    let (all, claims) = tag_where(&encoder, &readings, |_| true);
    let middle = all.column(0).mean().unwrap();
    let relevant = |vector: &[f32]| vector[0] > middle;
    let (vectors, found) = tag_where(&encoder, &readings, relevant);
    assert_eq!(vectors, all);
    for ((row, claims), found) in all.rows().into_iter().zip(&claims).zip(&found) {
        let expected = if relevant(row.as_slice().unwrap()) { claims.as_slice() } else { &[] };
        assert_eq!(found, expected);
    }
    let none = found.iter().zip(&claims).filter(|(found, claims)| found.len() < claims.len());
    assert!(none.count() > 0 && found.iter().any(|found| !found.is_empty()), "both kinds occur");
}

#[test]
fn words_have_the_tokens_of_the_sentence() {
    let encoder = model("default");
    for sentence in sentences() {
        let reading = encoder.read_words(&sentence, &[]).unwrap();
        assert_eq!(reading.tokens, encoder.tokenize(Input::single(&sentence)).unwrap());
        let tokens: Vec<usize> = reading.words.iter().map(|word| word.token).collect();
        assert!(tokens.is_sorted_by(|one, next| one < next), "{sentence}");
        assert!(reading.words.iter().all(|word| !word.span.of(&sentence).is_empty()));
    }
}

#[test]
fn a_model_without_a_tagger_finds_nothing() {
    let encoder = model("bert");
    assert_eq!(encoder.tagger_fingerprint(), None);
    let reading = encoder.read_words("He said no.", &[]).unwrap();
    assert_eq!(tag(&encoder, &[reading]), [Vec::new()]);
}

/// The built-in model with one file changed by `damage`; `None` leaves the file out.
fn damaged(file: &str, damage: impl FnOnce(Vec<u8>) -> Option<Vec<u8>>) -> crate::error::Error {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default");
    let names = [
        "config.json",
        "modules.json",
        "1_Pooling/config.json",
        "sentence_bert_config.json",
        "tokenizer.json",
        "model.safetensors",
        "tagger.json",
        "tagger.safetensors",
    ];
    let mut files: Vec<(&str, Vec<u8>)> =
        names.iter().map(|name| (*name, fs_err::read(folder.join(name)).unwrap())).collect();
    let place = files.iter().position(|(name, _)| *name == file).unwrap();
    let (name, bytes) = files.remove(place);
    files.extend(damage(bytes).map(|bytes| (name, bytes)));
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    let error = NativeEncoder::from_bytes("m", &files, KernelChoice::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Model, "{error}");
    assert!(error.remedy().is_some(), "no remedy: {error}");
    error
}

#[test]
fn a_damaged_tagger_is_named() {
    let edit = |from: &'static str, to: &'static str| {
        move |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains(from), "no {from}");
            Some(text.replace(from, to).into_bytes())
        }
    };
    let says = |error: crate::error::Error, words: &str| {
        assert!(error.cause().contains(words), "{error} does not say {words:?}");
    };
    says(damaged("tagger.json", edit("\"format\": 1", "\"format\": 7")), "has format 7");
    says(
        damaged("tagger.json", edit("\"trunk_layers\": 2", "\"trunk_layers\": 9")),
        "shares 9 layers",
    );
    says(
        damaged("tagger.json", edit("\"trunk_layers\": 2", "\"trunk_layers\": 3")),
        "other weights",
    );
    says(damaged("tagger.json", edit("\"width\": 64", "\"width\": 0")), "the width 0");
    says(damaged("tagger.json", edit("\"layers\": 4", "\"layers\": 5")), "has no tensor");
    says(damaged("tagger.json", |_| Some(b"{".to_vec())), "cannot be understood");
    says(damaged("tagger.safetensors", |_| None), "is missing");
    says(damaged("tagger.safetensors", |bytes| Some(bytes[..9000].to_vec())), "safetensors");
    // The last number of the last tensor becomes a NaN.
    let nan = |mut bytes: Vec<u8>| {
        let end = bytes.len();
        bytes[end - 2..].copy_from_slice(&[0x00, 0x7e]);
        Some(bytes)
    };
    says(damaged("tagger.safetensors", nan), "holds NaN");
}
