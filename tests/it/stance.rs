use std::collections::BTreeMap;

use plenary::classify::StatementFeatures;
use plenary::document::{Manner, SPEAKER};
use plenary::encode::{Encoder, KernelChoice, Precision};
use plenary::engine;
use serde::Deserialize;

use crate::support::root;

/// What the training script's own network said, with the weights as they were written.
#[derive(Deserialize)]
struct Expected {
    sentence: String,
    holder: String,
    manner: Manner,
    features: BTreeMap<String, f32>,
    p: Vec<f64>,
    sentence_p: Option<Vec<f64>>,
}

/// The probabilities of `models/training`, in Python, and those of the engine are the same: to 1e-3 in f32, to
/// 1e-2 in whatever this machine computes fastest with.
#[test]
fn the_built_in_model_says_what_its_training_script_says() {
    for (precision, bar) in [(Some(Precision::F32), 1e-3), (None, 1e-2)] {
        let encoder =
            engine::load_encoder_with("default", KernelChoice { instructions: None, precision })
                .unwrap();
        let (largest, n) = largest_difference(encoder.as_ref());
        assert!(n > 1000, "only {n} probabilities were compared");
        assert!(largest <= bar, "a probability differs by {largest}");
        println!("{n} probabilities, largest difference {largest:.1e} ({precision:?})");
    }
}

/// The largest difference to the training script, and how many probabilities were compared.
fn largest_difference(encoder: &dyn Encoder) -> (f64, usize) {
    let fixture = root().join("tests/fixtures/stance/default.jsonl");
    let lines = fs_err::read_to_string(fixture).unwrap();
    let (_, heads) = engine::load_model("default").unwrap();
    let (mut largest, mut n) = (0.0f64, 0);
    for line in lines.lines() {
        let expected: Expected = serde_json::from_str(line).unwrap();
        let holder = Some(&*expected.holder).filter(|holder| *holder != SPEAKER);
        let features = StatementFeatures {
            manner: expected.manner,
            own_words: true,
            reported_share: expected.features["own_reported_share"],
        };
        let tokens = encoder.tokenize(heads.input(holder, &expected.sentence)).unwrap();
        let embedding = encoder.encode(&[tokens]).unwrap();
        let embedding = embedding.as_slice().unwrap();
        let mut compare = |leans: Vec<plenary::classify::Lean>, expected: &[f64]| {
            let found = leans.iter().flat_map(|lean| lean.p);
            assert_eq!(found.clone().count(), expected.len());
            for (found, expected) in found.zip(expected) {
                largest = largest.max((found - expected).abs());
                n += 1;
            }
        };
        compare(heads.predict(&expected.sentence, embedding, &features), &expected.p);
        if let Some(expected_p) = &expected.sentence_p {
            let leans = heads.predict_sentence(&expected.sentence, embedding, &features);
            compare(leans, expected_p);
        }
    }
    (largest, n)
}
