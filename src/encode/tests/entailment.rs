//! Classifiers of every family against transformers (`models/parity/make_entailment.py`), the law of encoders, and
//! models that cannot tell entailment.

use std::collections::BTreeMap;

use ndarray::Array2;
use proptest::prelude::*;
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;
use serde::Deserialize;

use super::bad_models::{Files, WEIGHTS, check_named, edit, retensor, tensor};
use super::*;
use crate::encode::Entailment;
use crate::error::{Error, Result};

/// Every premise is read with every hypothesis.
#[derive(Deserialize)]
struct Pairs {
    premises: Vec<String>,
    hypotheses: Vec<String>,
}

impl Pairs {
    fn read() -> Self {
        serde_json::from_slice(&fs_err::read(fixture("../entailment/pairs.json")).unwrap()).unwrap()
    }

    fn tokens(&self, model: &Entailment) -> Vec<Tokens> {
        let pairs = self.premises.iter().flat_map(|premise| {
            self.hypotheses.iter().map(move |hypothesis| (premise, hypothesis))
        });
        pairs.map(|(premise, hypothesis)| model.tokenize(premise, hypothesis).unwrap()).collect()
    }
}

fn folder(name: &str) -> PathBuf {
    fixture("../entailment").join(name)
}

fn entailment(name: &str, choice: KernelChoice) -> Entailment {
    Entailment::load(&folder(name), choice).unwrap()
}

/// What the reference says about the pairs.
struct Expected {
    tokens: Vec<Tokens>,
    logits: Vec<f32>,
    entailment: Vec<f32>,
}

impl Expected {
    fn read(name: &str) -> Self {
        let bytes = fs_err::read(folder(name).join("expected.safetensors")).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let words = |part| tensors.tensor(part).unwrap().data().as_chunks().0.to_vec();
        let integers = |part| words(part).into_iter().map(u32::from_le_bytes).collect::<Vec<_>>();
        let floats = |part| words(part).into_iter().map(f32::from_le_bytes).collect::<Vec<_>>();
        let (mut ids, mut types) = (integers("ids").into_iter(), integers("types").into_iter());
        let lengths = integers("lengths").into_iter().zip(integers("truncated"));
        let tokens = lengths.map(|(length, truncated)| Tokens {
            ids: ids.by_ref().take(length as usize).collect(),
            type_ids: types.by_ref().take(length as usize).collect(),
            truncated: truncated == 1,
        });
        let tokens = tokens.collect();
        Self { tokens, logits: floats("logits"), entailment: floats("entailment") }
    }
}

/// The largest differences of logits and of probabilities from the reference.
fn check(name: &str, choice: KernelChoice) -> (f32, f64) {
    let (model, expected) = (entailment(name, choice), Expected::read(name));
    let tokens = Pairs::read().tokens(&model);
    assert_eq!(tokens, expected.tokens, "{name}: tokens");
    let logits = model.logits(&tokens).unwrap();
    assert_eq!(logits.dim(), (tokens.len(), model.labels().len()));
    let differences = logits.iter().zip(&expected.logits).map(|(x, y)| (x - y).abs());
    let p = model.entail(&tokens).unwrap();
    assert!(p.iter().all(|p| (0.0..=1.0).contains(p)));
    let drift = p.iter().zip(&expected.entailment).map(|(p, q)| (p - f64::from(*q)).abs());
    (differences.fold(0.0, f32::max), drift.fold(0.0, f64::max))
}

#[test]
fn every_family_agrees_with_the_reference() {
    for name in TINY {
        for choice in choices(Precision::F32) {
            let (logits, probabilities) = check(name, choice);
            assert!(logits > 0.0, "{name}: nothing is that equal");
            assert!(logits <= 1e-4, "{name}: {logits}, {choice:?}");
            assert!(probabilities <= 1e-4, "{name}: {probabilities}, {choice:?}");
        }
        // The weights are far larger than a trained model's, so what is rounded counts for more.
        for (precision, bar) in [(Precision::Bf16, 0.1), (Precision::Int8, 0.3)] {
            for choice in choices(precision) {
                let (_, probabilities) = check(name, choice);
                assert!(probabilities <= bar, "{name}: {probabilities}, {choice:?}");
            }
        }
    }
}

#[test]
fn the_fixtures_tell_pairs_apart() {
    for name in TINY {
        let p = Expected::read(name).entailment;
        let (low, high) = p.iter().fold((1.0_f32, 0.0_f32), |(l, h), p| (l.min(*p), h.max(*p)));
        assert!(high - low > 0.1, "{name}: from {low} to {high}");
        assert!(Expected::read(name).tokens.iter().any(|tokens| tokens.truncated));
    }
}

#[test]
fn labels_and_lengths_are_read_from_the_folder() {
    let roberta = entailment("roberta", KernelChoice::default());
    assert_eq!(roberta.labels(), ["CONTRADICTION", "NEUTRAL", "ENTAILMENT"]);
    assert_eq!((roberta.name(), roberta.max_tokens()), ("roberta", 96));
    // Its tokenizer knows no limit, its model does.
    assert_eq!(entailment("bert", KernelChoice::default()).max_tokens(), 96);
    let distilbert = entailment("distilbert", KernelChoice::default());
    assert_eq!(distilbert.labels(), ["entailment", "not_entailment"]);
    assert_ne!(roberta.fingerprint(), distilbert.fingerprint());
}

fn bits(logits: &Array2<f32>) -> Vec<Vec<u32>> {
    logits.rows().into_iter().map(|row| row.iter().map(|x| x.to_bits()).collect()).collect()
}

#[test]
fn a_row_does_not_depend_on_its_batch() {
    for name in TINY {
        for precision in [Precision::F32, Precision::Bf16, Precision::Int8] {
            for choice in choices(precision) {
                check_law(name, choice);
            }
        }
    }
}

/// Reads each pair alone, then some of them in any composition and order.
fn check_law(name: &str, choice: KernelChoice) {
    let model = entailment(name, choice);
    let tokens = Pairs::read().tokens(&model);
    let one =
        |tokens: &Tokens| bits(&model.logits(std::slice::from_ref(tokens)).unwrap()).remove(0);
    let alone: Vec<Vec<u32>> = tokens.iter().map(one).collect();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(12)
    });
    let result = runner.run(&prop::collection::vec(0..tokens.len(), 0..40), |batch| {
        let chosen: Vec<Tokens> = batch.iter().map(|&index| tokens[index].clone()).collect();
        let together = bits(&model.logits(&chosen).unwrap());
        prop_assert_eq!(together.len(), batch.len());
        for (row, index) in together.iter().zip(&batch) {
            prop_assert!(row == &alone[*index], "pair {} in {:?}", index, &batch);
        }
        Ok(())
    });
    assert!(result.is_ok(), "{name}, {choice:?}: {result:?}");
}

#[test]
fn a_long_pair_loses_the_end_of_its_longer_text() {
    let model = entailment("bert", KernelChoice::default());
    let hypothesis = "Ruvania wants one open internet.";
    let short = model.tokenize("Yes.", hypothesis).unwrap();
    assert!(!short.truncated);
    let long = model.tokenize(&"rules ".repeat(10_000), hypothesis).unwrap();
    assert_eq!((long.len(), long.truncated), (model.max_tokens(), true));
    let hypothesis_of = |tokens: &Tokens| -> Vec<u32> {
        let pairs = tokens.ids.iter().zip(&tokens.type_ids);
        pairs.filter(|(_, kind)| **kind == 1).map(|(id, _)| *id).collect()
    };
    assert_eq!(hypothesis_of(&long), hypothesis_of(&short), "the hypothesis stays whole");
    assert_eq!(model.entail(&[long, short]).unwrap().len(), 2);
}

#[test]
fn tokens_of_another_model_are_refused() {
    let model = entailment("mpnet", KernelChoice::default());
    for ids in [vec![], vec![100_000], vec![2; 1000]] {
        let tokens = Tokens { type_ids: vec![0; ids.len()], ids, truncated: false };
        let error = model.logits(&[tokens]).unwrap_err();
        assert!(error.to_string().starts_with("an input has "), "{error}");
    }
}

fn files(name: &str) -> Files {
    let names = fs_err::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().file_name());
    let read = |name: std::ffi::OsString, folder: &PathBuf| {
        (name.to_string_lossy().into_owned(), fs_err::read(folder.join(&name)).unwrap())
    };
    names.map(|file| read(file, &folder(name))).collect()
}

fn load(files: &Files) -> Result<Entailment> {
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    Entailment::from_bytes("broken", &files, KernelChoice::default())
}

/// Breaks model `name` with `damage` and expects an error at `file` that says `words`.
fn check_broken(name: &str, file: &str, words: &str, damage: impl FnOnce(&mut Files)) -> Error {
    let mut files = files(name);
    damage(&mut files);
    let error = load(&files).unwrap_err();
    check_named(&error, file, words);
    error
}

#[test]
fn a_model_without_a_head_is_named() {
    for (name, missing) in [
        ("bert", "bert.pooler.dense.weight"),
        ("bert", "classifier.weight"),
        ("roberta", "classifier.dense.weight"),
        ("xlm-roberta", "classifier.out_proj.weight"),
        ("distilbert", "pre_classifier.weight"),
        ("mpnet", "classifier.out_proj.weight"),
    ] {
        check_broken(
            name,
            WEIGHTS,
            &format!("no classification head: there is no tensor {missing}"),
            |files| {
                retensor(files, missing, None);
            },
        );
    }
    // A sentence encoder has neither labels nor head.
    let error = Entailment::load(&fixture("bert"), KernelChoice::default()).unwrap_err();
    assert!(error.cause().contains("names no labels"), "{error}");
    assert_eq!(error.location().file, Some(fixture("bert/config.json")));
}

#[test]
fn a_head_with_other_rows_than_labels_is_named() {
    for (rows, words) in
        [(1, "with 1 output, but config.json names 3 labels"), (2, "with 2 outputs")]
    {
        check_broken("bert", WEIGHTS, words, |files| {
            let bytes = vec![0; rows * 64];
            retensor(files, "classifier.weight", Some(&tensor(Dtype::F32, &[rows, 16], &bytes)));
        });
    }
    check_broken("bert", WEIGHTS, "classifier.bias has shape [4], not [3]", |files| {
        retensor(files, "classifier.bias", Some(&tensor(Dtype::F32, &[4], &[0; 16])));
    });
    let three = "\"0\": \"contradiction\",\n    \"1\": \"entailment\",\n    \"2\": \"neutral\"";
    check_broken("bert", "config.json", "has one label only", |files| {
        edit(files, "config.json", three, "\"0\": \"LABEL_0\"");
    });
    check_broken("bert", "config.json", "no label \"entailment\"", |files| {
        edit(files, "config.json", "\"1\": \"entailment\"", "\"1\": \"LABEL_1\"");
    });
}

#[test]
fn damaged_files_are_named() {
    for file in ["config.json", "tokenizer.json", WEIGHTS] {
        check_broken("roberta", file, "is missing", |files| drop(files.remove(file)));
    }
    check_broken("roberta", "config.json", "model_type \"deberta-v2\"", |files| {
        edit(files, "config.json", "\"model_type\": \"roberta\"", "\"model_type\": \"deberta-v2\"");
    });
    check_broken("roberta", "tokenizer_config.json", "model_max_length 4", |files| {
        edit(files, "tokenizer_config.json", "\"model_max_length\": 96", "\"model_max_length\": 4");
    });
    check_broken("roberta", "tokenizer_config.json", "cannot be understood", |files| {
        files.insert("tokenizer_config.json".into(), b"[".to_vec());
    });
    for length in [0, 100, 20_000] {
        check_broken("roberta", WEIGHTS, "not a whole safetensors file", |files| {
            files.get_mut(WEIGHTS).unwrap().truncate(length);
        });
    }
    check_broken("bert", WEIGHTS, "tensor classifier.bias holds NaN at element 2", |files| {
        let bytes: Vec<u8> = [0.0, 1.0, f32::NAN].iter().flat_map(|x| x.to_le_bytes()).collect();
        retensor(files, "classifier.bias", Some(&tensor(Dtype::F32, &[3], &bytes)));
    });
}

#[test]
fn scores_that_overflow_are_noticed() {
    let mut files: BTreeMap<_, _> = files("distilbert");
    let huge: Vec<u8> = [f32::MAX; 32].iter().flat_map(|x| x.to_le_bytes()).collect();
    retensor(&mut files, "classifier.weight", Some(&tensor(Dtype::F32, &[2, 16], &huge)));
    let large: Vec<u8> = [1e3_f32; 16].iter().flat_map(|x| x.to_le_bytes()).collect();
    retensor(&mut files, "pre_classifier.bias", Some(&tensor(Dtype::F32, &[16], &large)));
    let model = load(&files).unwrap();
    let tokens = model.tokenize("States decide.", "The speaker agrees.").unwrap();
    let error = model.entail(&[tokens]).unwrap_err();
    assert!(error.to_string().contains("no number"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn damaged_bytes_never_panic(
        model in prop::sample::select(TINY.to_vec()),
        file in prop::sample::select(vec!["config.json", "tokenizer_config.json", WEIGHTS]),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut files = files(model);
        let bytes = files.get_mut(file).unwrap();
        let range = bytes.len().min(1200);
        for (place, byte) in edits {
            bytes[place.index(range)] = byte;
        }
        let texts = ("Who decides? 各国 решают. 🎉", "The speaker does.");
        let Ok(model) = load(&files) else { return Ok(()) };
        if let Ok(tokens) = model.tokenize(texts.0, texts.1) {
            drop(model.entail(&[tokens]));
        }
    }
}
