//! Tokenisation and encoding with the default model, on one thread. Throughput is sentences for both; the
//! group `peak` measures what the processor could do at best, in FLOP.

use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use plenary::encode::{Encoder, Input, Tokens, default_model};
use pulp::{Arch, Simd, WithSimd};

/// Tokens of one call: what a batch of a run has.
const BUDGET: usize = 512;

/// Sentences written for this project, 32 tokens on average.
fn sentences() -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/training/synthetic.jsonl");
    let text = fs_err::read_to_string(file).expect("the labelled sentences are in the repository");
    let sentence = |line: &str| {
        let record: serde_json::Value = serde_json::from_str(line).expect("each line is JSON");
        record["sentence"].as_str().expect("each record has a sentence").to_owned()
    };
    text.lines().map(sentence).collect()
}

fn tokenize(encoder: &dyn Encoder, text: &str) -> Tokens {
    encoder.tokenize(Input::single(text)).expect("any text can be tokenised")
}

fn tokenisation(criterion: &mut Criterion) {
    let (encoder, sentences) = (default_model().expect("the model is whole"), sentences());
    let count = |texts: &[String]| -> usize {
        texts.iter().map(|text| tokenize(&encoder, black_box(text)).len()).sum()
    };
    let expected = count(&sentences);
    let mut group = criterion.benchmark_group("tokenize");
    group.throughput(Throughput::Elements(sentences.len() as u64));
    group.bench_function("own sentences", |bencher| {
        bencher.iter(|| assert_eq!(count(&sentences), expected));
    });
    group.finish();
}

/// As many inputs of `length` tokens as the budget holds, cut from running text.
fn inputs(encoder: &dyn Encoder, sentences: &[String], length: usize) -> Vec<Tokens> {
    let ids: Vec<u32> = sentences.iter().flat_map(|text| tokenize(encoder, text).ids).collect();
    let input =
        |ids: &[u32]| Tokens { ids: ids.to_vec(), type_ids: vec![0; length], truncated: false };
    ids.chunks_exact(length).take(BUDGET / length).map(input).collect()
}

/// The variable that names the folder of a model with `model.onnx`; without it that engine is left out.
#[cfg(feature = "onnx")]
const ONNX_MODEL: &str = "PLENARY_BENCH_ONNX";

fn encoding(criterion: &mut Criterion) {
    let encoder = default_model().expect("the model is whole");
    encoding_with(criterion, "encode", &encoder);
    #[cfg(feature = "libtorch")]
    {
        let encoder = plenary::encode::default_model_on_libtorch().expect("libtorch runs BERT");
        encoding_with(criterion, "encode libtorch", &encoder);
    }
    #[cfg(feature = "onnx")]
    if let Some(folder) = std::env::var_os(ONNX_MODEL) {
        let encoder = plenary::encode::OnnxEncoder::load(Path::new(&folder));
        encoding_with(criterion, "encode onnx", &encoder.expect("the model is whole"));
    }
}

fn encoding_with(criterion: &mut Criterion, name: &str, encoder: &dyn Encoder) {
    let sentences = sentences();
    let mut group = criterion.benchmark_group(name);
    group.sample_size(20);
    for length in [10, 31, 200] {
        let batch = inputs(encoder, &sentences, length);
        group.throughput(Throughput::Elements(batch.len() as u64));
        group.bench_function(format!("{length} tokens"), |bencher| {
            bencher.iter(|| {
                let vectors = encoder.encode(black_box(&batch)).expect("the tokens are its own");
                assert!((vectors.row(0).dot(&vectors.row(0)) - 1.0).abs() < 1e-4);
            });
        });
    }
    group.finish();
}

fn start(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("start");
    group.sample_size(10);
    group.bench_function("default model", |bencher| {
        bencher.iter_batched(
            || (),
            |()| assert_eq!(default_model().expect("the model is whole").dimension(), 768),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// Multiplications and additions in registers, as many at once as hide their latency.
struct Peak;

impl Peak {
    const STEPS: usize = 100_000;
    const CHAINS: usize = 12;
}

impl WithSimd for Peak {
    type Output = usize;

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "only what is inlined is compiled for the instructions"
    )]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        let (factor, term) = (simd.splat_f32s(black_box(0.999)), simd.splat_f32s(black_box(0.5)));
        let mut sums = [simd.splat_f32s(0.0); Self::CHAINS];
        for _ in 0..Self::STEPS {
            for sum in &mut sums {
                *sum = simd.mul_add_e_f32s(*sum, factor, term);
            }
        }
        let total = sums.into_iter().fold(simd.splat_f32s(0.0), |x, y| simd.add_f32s(x, y));
        assert!(simd.reduce_sum_f32s(total) > 0.0);
        2 * Self::STEPS * Self::CHAINS * S::F32_LANES
    }
}

fn peak(criterion: &mut Criterion) {
    let arch = Arch::new();
    let mut group = criterion.benchmark_group("peak");
    group.throughput(Throughput::Elements(arch.dispatch(Peak) as u64));
    group.bench_function("f32 FLOP", |bencher| bencher.iter(|| arch.dispatch(Peak)));
    group.finish();
}

criterion_group!(benches, tokenisation, encoding, start, peak);
criterion_main!(benches);
