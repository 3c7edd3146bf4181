use std::collections::BTreeSet;
use std::path::PathBuf;

use plenary::classify::{Heads, Lean, StatementFeatures};
use plenary::document::Manner;
use plenary::encode::{Encoder, Instructions, KernelChoice, Precision};
use plenary::engine::{self, Session};
use plenary::observe::Silent;
use plenary::schedule::{Stop, Workers};
use serde_json::Value;

use crate::support::root;

/// Sentences to compare on.
const COUNT: usize = 10_000;

/// The coded sentences beside the project and their neighbours, without repetitions; the first file that is not
/// at hand, where there is one.
fn sentences() -> Result<Vec<String>, PathBuf> {
    let beside = || root().join("../shared");
    let shared = std::env::var_os("PLENARY_SHARED").map_or_else(beside, PathBuf::from);
    let mut sentences = BTreeSet::new();
    for name in ["speeches_train", "articles_train", "speeches_dev", "synthetic"] {
        let path = shared.join(format!("labels/{name}.jsonl"));
        let Ok(text) = fs_err::read_to_string(&path) else {
            return Err(path);
        };
        for line in text.lines() {
            let record: Value = serde_json::from_str(line).unwrap();
            let parts = ["sentence", "prev", "next"].map(|part| record[part].as_str());
            sentences.extend(parts.into_iter().flatten().map(str::to_owned));
        }
    }
    let step = (sentences.len() / COUNT).max(1);
    Ok(sentences.into_iter().step_by(step).take(COUNT).collect())
}

/// What a kernel makes of each sentence, as a statement in its own voice and as a whole.
fn leans(heads: &Heads, choice: KernelChoice, sentences: &[String]) -> Vec<Vec<Lean>> {
    let encoder = engine::load_encoder_with("default", choice).unwrap();
    let encoder: &dyn Encoder = encoder.as_ref();
    let tokens: Vec<_> =
        sentences.iter().map(|text| encoder.tokenize(heads.input(None, text)).unwrap()).collect();
    let (workers, stop) = (Workers::start(0).unwrap(), Stop::default());
    let session = Session { workers: &workers, observer: &Silent, stop: &stop };
    let embeddings = engine::encode_all(encoder, &tokens, 512, session).unwrap();
    let features = StatementFeatures { manner: Manner::Own, own_words: true, reported_share: 0.0 };
    let predict = |(text, row): (&String, usize)| {
        let embedding = embeddings.row(row);
        let embedding = embedding.as_slice().unwrap();
        let mut leans = heads.predict(text, embedding, &features);
        leans.extend(heads.predict_sentence(text, embedding, &features));
        leans
    };
    sentences.iter().zip(0..).map(predict).collect()
}

/// Every kernel of this machine against f32: the largest difference of a probability, and the share of leans
/// that are others. Takes minutes: `cargo test --release --test it kernels -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes, and sentences that are not in the repository"]
fn kernels_agree_on_ten_thousand_sentences() {
    let sentences = match sentences() {
        Ok(sentences) => sentences,
        Err(missing) => {
            println!("skipped: {} is not there", missing.display());
            return;
        }
    };
    assert!(sentences.len() > 9_000, "only {} sentences", sentences.len());
    let (_, heads) = engine::load_model("default").unwrap();
    let choice =
        |instructions, precision| KernelChoice { instructions, precision: Some(precision) };
    let expected = leans(&heads, choice(None, Precision::F32), &sentences);
    for instructions in Instructions::ALL.into_iter().skip(1).filter(|known| known.available()) {
        for precision in [Precision::F32, Precision::Bf16, Precision::Int8] {
            let choice = choice(Some(instructions), precision);
            if engine::load_encoder_with("default", choice).is_err() {
                continue;
            }
            let found = leans(&heads, choice, &sentences);
            let pairs = || found.iter().flatten().zip(expected.iter().flatten());
            let differences: Vec<f64> = pairs()
                .flat_map(|(x, y)| [0, 1].map(|pole| (x.p[pole] - y.p[pole]).abs()))
                .collect();
            let largest = differences.iter().copied().fold(0.0, f64::max);
            let beyond = differences.iter().filter(|difference| **difference > 1e-2).count();
            let others = pairs().filter(|(x, y)| x.lean != y.lean).count();
            let share = others as f64 / pairs().count() as f64;
            println!(
                "{} in {}: {} sentences, probabilities within {largest:.1e}, {beyond} of {} beyond 1e-2, \
                 {others} of {} leans are others ({:.3} %)",
                instructions.name(),
                precision.name(),
                sentences.len(),
                differences.len(),
                pairs().count(),
                100.0 * share
            );
            // Rounding to 8 bits leaves a few of 80,000 probabilities a little beyond 1e-2.
            let (bound, few) = match precision {
                Precision::F32 => (1e-5, 0),
                Precision::Bf16 => (2e-2, differences.len() / 10_000),
                Precision::Int8 => continue,
            };
            assert!(largest <= bound && beyond <= few && share <= 1e-3, "{choice:?}: {largest}");
        }
    }
}
