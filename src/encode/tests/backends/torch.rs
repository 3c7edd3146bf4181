use std::collections::BTreeMap;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize};

use super::super::bad_models::{Files, WEIGHTS, check_named, edit, files, retensor, tensor};
use super::*;
use crate::encode::LibtorchEncoder;
use crate::error::{ErrorKind, Result};

/// The families that rust-bert has.
const FAMILIES: [&str; 5] = ["bert", "roberta", "xlm-roberta", "distilbert", EXPORTED];

fn load(files: &Files) -> Result<LibtorchEncoder> {
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    LibtorchEncoder::from_bytes("broken", &files)
}

#[test]
fn every_family_agrees_with_the_native_engine() {
    for name in FAMILIES {
        check_agreement(&model_with(name, F32), &LibtorchEncoder::load(&fixture(name)).unwrap());
    }
}

#[test]
fn real_models_agree_with_the_native_engine() {
    let default = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("models/default");
    for folder in [default].into_iter().chain(real_model()) {
        let native = NativeEncoder::load_with(&folder, F32).unwrap();
        let other = LibtorchEncoder::load(&folder).unwrap();
        check_agreement(&native, &other);
        assert_eq!(native.operations(31).to_bits(), other.operations(31).to_bits());
    }
}

#[test]
fn threads_do_not_show() {
    check_threads(&LibtorchEncoder::load(&fixture(EXPORTED)).unwrap());
}

#[test]
fn tokens_of_another_model_are_refused() {
    check_foreign_tokens(&LibtorchEncoder::load(&fixture("bert")).unwrap());
}

#[test]
fn names_from_other_programs_are_understood() {
    let mut files = files("bert");
    let plain = load(&files).unwrap();
    let bytes = files[WEIGHTS].clone();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let other_name = |name: String| {
        let name = name.replace("LayerNorm.weight", "LayerNorm.gamma");
        format!("bert.{}", name.replace("LayerNorm.bias", "LayerNorm.beta"))
    };
    let mut renamed: BTreeMap<String, TensorView<'_>> =
        tensors.tensors().into_iter().map(|(name, view)| (other_name(name), view)).collect();
    renamed.insert("cls.predictions.bias".to_owned(), tensor(Dtype::F32, &[1], &[0; 4]));
    files.insert(WEIGHTS.to_owned(), serialize(renamed, None).unwrap());
    let renamed = load(&files).unwrap();
    let tokens = inputs(&plain);
    assert_eq!(plain.encode(&tokens).unwrap(), renamed.encode(&tokens).unwrap());
    assert_ne!(plain.fingerprint(), renamed.fingerprint());
}

/// Breaks the BERT model with `damage` and expects an error at `file` that says `words`.
fn check(file: &str, words: &str, damage: impl FnOnce(&mut Files)) {
    let mut files = files("bert");
    damage(&mut files);
    let error = load(&files).unwrap_err();
    check_named(&error, file, words);
}

#[test]
fn what_is_broken_is_named() {
    for file in ["config.json", "tokenizer.json", "modules.json", WEIGHTS] {
        check(file, "is missing", |files| drop(files.remove(file)));
    }
    for length in [0, 4, 100, 20_000] {
        check(WEIGHTS, "not a whole safetensors file", |files| {
            files.get_mut(WEIGHTS).unwrap().truncate(length);
        });
    }
    let name = "encoder.layer.1.output.dense.bias";
    check(WEIGHTS, &format!("no tensor {name}"), |files| retensor(files, name, None));
    check(WEIGHTS, &format!("tensor {name} holds NaN at element 0"), |files| {
        let numbers = f32::NAN.to_le_bytes().repeat(48);
        retensor(files, name, Some(&tensor(Dtype::F32, &[48], &numbers)));
    });
    check(WEIGHTS, "has shape [130, 48], not [120, 48]", |files| {
        edit(files, "config.json", "embeddings\": 130", "embeddings\": 120");
    });
}

#[test]
fn models_that_rust_bert_cannot_run_are_refused() {
    let error = LibtorchEncoder::load(&fixture("mpnet")).unwrap_err();
    assert!(error.to_string().contains("mpnet"), "{error}");
    // Sizes that would have all memory allocated before anybody looks at the weights.
    for key in
        ["num_hidden_layers\": 2", "intermediate_size\": 80", "max_position_embeddings\": 130"]
    {
        check("config.json", "more weights than there are", |files| {
            edit(files, "config.json", key, &format!("{key}000000000000"));
        });
    }
}

#[test]
fn weights_that_overflow_are_noticed_when_they_do() {
    let mut files = files("bert");
    let huge = f32::MAX.to_le_bytes().repeat(48);
    retensor(&mut files, "embeddings.LayerNorm.weight", Some(&tensor(Dtype::F32, &[48], &huge)));
    let encoder = load(&files).unwrap();
    let tokens = encoder.tokenize(Input::single("States decide.")).unwrap();
    let error = encoder.encode(&[tokens]).unwrap_err();
    assert!(error.to_string().contains("no number"), "{error}");
}
