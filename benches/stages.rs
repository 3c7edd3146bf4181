//! Text stages and whole runs. Throughput is bytes of text; see `benches/README.md`.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use plenary::attribute::{self, Attributor, RuleAttributor};
use plenary::config::Config;
use plenary::document::Document;
use plenary::engine::{Engine, Session};
use plenary::observe::Silent;
use plenary::schedule::{Stop, Workers};
use plenary::segment::Segmenters;
use plenary::source::{SourceOptions, Sources};

/// The sample's English documents as they are read.
fn sample() -> Vec<Document> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample");
    let sources =
        Sources::resolve(&[folder], &SourceOptions::default()).expect("the sample is there");
    let documents: Vec<Document> = sources.documents().filter_map(Result::ok).collect();
    let english =
        documents.into_iter().filter(|document| document.meta.lang.as_deref() == Some("en"));
    english.collect()
}

/// Half a megabyte of prose: the sample, again and again.
fn prose() -> String {
    let texts: Vec<String> = sample().into_iter().map(|document| document.text).collect();
    let once = texts.join("\n\n");
    once.repeat(500_000 / once.len() + 1)
}

fn segmentation(criterion: &mut Criterion) {
    let text = prose();
    let segmenter = Segmenters::new().get(Some("en"));
    let expected = segmenter.segment(&text).len();
    let mut group = criterion.benchmark_group("segment");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("english", |bencher| {
        bencher.iter(|| assert_eq!(segmenter.segment(black_box(&text)).len(), expected));
    });
    group.finish();
}

fn attribution(criterion: &mut Criterion) {
    let document = Document { text: prose(), ..Document::default() };
    let sentences = Segmenters::new().get(Some("en")).segment(&document.text);
    let turns = attribute::turns(&document);
    let mut group = criterion.benchmark_group("attribute");
    group.throughput(Throughput::Bytes(document.text.len() as u64));
    group.bench_function("turns", |bencher| {
        bencher.iter(|| assert_eq!(attribute::turns(black_box(&document)).len(), turns.len()));
    });
    let rules = RuleAttributor::new();
    let attributions = || rules.attributions(&document.text, &sentences, &turns, Some("en")).len();
    let expected = attributions();
    group.bench_function("attributions", |bencher| {
        bencher.iter(|| assert_eq!(attributions(), expected));
    });
    group.finish();
}

fn pipeline(criterion: &mut Criterion) {
    let documents = sample();
    let bytes: usize = documents.iter().map(|document| document.text.len()).sum();
    let engine = Engine::load(&Config::default()).expect("the built-in model loads");
    let workers = Workers::start(0).expect("threads start");
    let session = Session { workers: &workers, observer: &Silent, stop: &Stop::default() };
    let mut group = criterion.benchmark_group("pipeline");
    group.sample_size(10).throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("analyse the sample", |bencher| {
        bencher.iter(|| {
            let analyses = engine.analyse(documents.clone(), session);
            assert_eq!(analyses.expect("the sample is sound").len(), documents.len());
        });
    });
    group.finish();
}

criterion_group!(benches, segmentation, attribution, pipeline);
criterion_main!(benches);
