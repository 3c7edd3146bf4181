//! Each broken model gives an error of kind Model that names the file and the remedy; none panics.

use std::collections::BTreeMap;

use proptest::prelude::*;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize};

use super::*;
use crate::error::{Error, ErrorKind, Result};

/// The files of a model in memory.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

pub(super) const WEIGHTS: &str = "model.safetensors";

pub(super) fn files(name: &str) -> Files {
    let folder = fixture(name);
    let inner = ["1_Pooling/config.json", "2_Dense/config.json", "2_Dense/model.safetensors"];
    let outer = fs_err::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
    let outer = outer.map(|file| file.into_string().unwrap());
    outer
        .chain(inner.map(str::to_owned))
        .filter(|file| folder.join(file).is_file())
        .map(|file| (file.clone(), fs_err::read(folder.join(file)).unwrap()))
        .collect()
}

fn load(files: &Files) -> Result<NativeEncoder> {
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    NativeEncoder::from_bytes("broken", &files, KernelChoice::default())
}

/// An error at `file` of the model `broken` that says `words`, and what to do.
pub(super) fn check_named(error: &Error, file: &str, words: &str) {
    assert_eq!(error.kind(), ErrorKind::Model, "{error}");
    let named = error.location().file.clone().unwrap_or_default();
    assert_eq!(named, PathBuf::from("broken").join(file), "{error}");
    assert!(error.cause().contains(words), "{:?} does not say {words:?}", error.cause());
    assert!(error.remedy().is_some(), "no remedy: {error}");
}

/// Breaks the BERT model with `damage` and expects an error at `file` that says `words`.
fn check(file: &str, words: &str, damage: impl FnOnce(&mut Files)) -> Error {
    let mut files = files("bert");
    damage(&mut files);
    let error = load(&files).unwrap_err();
    check_named(&error, file, words);
    error
}

/// Replaces one JSON value by another, in text.
pub(super) fn edit(files: &mut Files, file: &str, from: &str, to: &str) {
    let text = String::from_utf8(files[file].clone()).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    files.insert(file.to_owned(), text.replace(from, to).into_bytes());
}

/// Rewrites one tensor of the weights; `None` leaves it out.
pub(super) fn retensor(files: &mut Files, name: &str, with: Option<&TensorView<'_>>) {
    let old = files[WEIGHTS].clone();
    let old = SafeTensors::deserialize(&old).unwrap();
    assert!(old.names().contains(&name));
    let mut tensors: BTreeMap<String, TensorView<'_>> =
        old.tensors().into_iter().filter(|(other, _)| other != name).collect();
    if let Some(view) = with {
        tensors.insert(name.to_owned(), view.clone());
    }
    let bytes = serialize(tensors, None).unwrap();
    files.insert(WEIGHTS.to_owned(), bytes);
}

pub(super) fn tensor<'a>(dtype: Dtype, shape: &[usize], bytes: &'a [u8]) -> TensorView<'a> {
    TensorView::new(dtype, shape.to_vec(), bytes).unwrap()
}

#[test]
fn the_models_are_whole_before_they_are_broken() {
    for name in TINY {
        assert_eq!(load(&files(name)).unwrap().fingerprint(), model(name).fingerprint());
    }
}

#[test]
fn a_missing_file_is_named() {
    for file in ["config.json", "tokenizer.json", "modules.json", WEIGHTS, "1_Pooling/config.json"]
    {
        check(file, "is missing", |files| drop(files.remove(file)));
    }
    let error = NativeEncoder::load(&fixture("no such folder")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Model);
}

#[test]
fn damaged_files_are_named() {
    for file in
        ["config.json", "modules.json", "1_Pooling/config.json", "sentence_bert_config.json"]
    {
        check(file, "cannot be understood", |files| drop(files.insert(file.into(), b"{".to_vec())));
    }
    check("tokenizer.json", "not a tokenizer", |files| {
        files.get_mut("tokenizer.json").unwrap().truncate(5000);
    });
    for length in [0, 4, 100, 20_000] {
        check(WEIGHTS, "not a whole safetensors file", |files| {
            files.get_mut(WEIGHTS).unwrap().truncate(length);
        });
    }
}

#[test]
fn unknown_kinds_of_models_are_named() {
    check("config.json", "model_type \"gpt2\"", |files| {
        edit(files, "config.json", "\"model_type\": \"bert\"", "\"model_type\": \"gpt2\"");
    });
    check("config.json", "activation \"mish\"", |files| {
        edit(files, "config.json", "\"gelu_new\"", "\"mish\"");
    });
    check("config.json", "relative_key", |files| {
        edit(files, "config.json", "\"absolute\"", "\"relative_key\"");
    });
    check("modules.json", "models.LSTM", |files| {
        edit(files, "modules.json", "models.Dense", "models.LSTM");
    });
    check("2_Dense/config.json", "activation \"ReLU\"", |files| {
        edit(files, "2_Dense/config.json", "activation.Tanh", "activation.ReLU");
    });
}

#[test]
fn missing_pooling_is_named() {
    check("modules.json", "no Pooling", |files| {
        drop(files.insert("modules.json".into(), b"[]".into()));
    });
    check("1_Pooling/config.json", "no way of pooling", |files| {
        edit(files, "1_Pooling/config.json", "true", "false");
    });
}

#[test]
fn sizes_that_make_no_sense_are_named() {
    for (from, to, words) in [
        ("\"hidden_size\": 48", "\"hidden_size\": 0", "hidden_size 0"),
        ("\"hidden_size\": 48", "\"hidden_size\": 49", "49 coordinates among 3 heads"),
        ("\"layer_norm_eps\": 1e-12", "\"layer_norm_eps\": -1.0", "layer_norm_eps -1"),
        ("\"max_position_embeddings\": 130", "\"max_position_embeddings\": 1", "embeddings 1"),
        ("\"num_hidden_layers\": 2,", "", "no num_hidden_layers"),
    ] {
        check("config.json", words, |files| edit(files, "config.json", from, to));
    }
    check(WEIGHTS, "has shape [130, 48], not [140, 48]", |files| {
        edit(files, "config.json", "embeddings\": 130", "embeddings\": 140");
    });
    check(WEIGHTS, "has no tensor encoder.layer.2", |files| {
        edit(files, "config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3");
    });
    check("2_Dense/config.json", "but is given 48", |files| {
        edit(files, "2_Dense/config.json", "\"in_features\": 48", "\"in_features\": 47");
    });
    check("sentence_bert_config.json", "max_seq_length 1", |files| {
        edit(files, "sentence_bert_config.json", "120", "1");
    });
}

#[test]
fn weights_that_are_wrong_are_named() {
    let name = "encoder.layer.1.output.dense.bias";
    check(WEIGHTS, &format!("no tensor {name}"), |files| retensor(files, name, None));
    check(WEIGHTS, &format!("tensor {name} has shape [24, 2], not [48]"), |files| {
        retensor(files, name, Some(&tensor(Dtype::F32, &[24, 2], &[0; 192])));
    });
    check(WEIGHTS, &format!("tensor {name} holds numbers of type I32"), |files| {
        retensor(files, name, Some(&tensor(Dtype::I32, &[48], &[0; 192])));
    });
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        check(WEIGHTS, &format!("tensor {name} holds {bad} at element 47"), |files| {
            let mut bytes = vec![0; 192];
            bytes[188..].copy_from_slice(&bad.to_le_bytes());
            retensor(files, name, Some(&tensor(Dtype::F32, &[48], &bytes)));
        });
    }
}

#[test]
fn weights_that_overflow_are_noticed_when_they_do() {
    let mut files = files("bert");
    let huge = [f32::MAX; 48].iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
    retensor(&mut files, "embeddings.LayerNorm.weight", Some(&tensor(Dtype::F32, &[48], &huge)));
    let encoder = load(&files).unwrap();
    let tokens = encoder.tokenize(Input::single("States decide.")).unwrap();
    let error = encoder.encode(&[tokens]).unwrap_err();
    assert!(error.to_string().contains("no number"), "{error}");
}

#[test]
fn a_tokenizer_of_another_model_is_named() {
    check("tokenizer.json", "gives ids up to", |files| {
        *files = self::files("bert");
        files.insert("tokenizer.json".into(), self::files("xlm-roberta")["tokenizer.json"].clone());
    });
}

#[test]
fn a_missing_or_foreign_shard_is_named() {
    let shard = "model-00002-of-00003.safetensors";
    let mut files = files("xlm-roberta");
    let bytes = files.remove(shard).unwrap();
    let error = load(&files).unwrap_err();
    assert_eq!(error.location().file, Some(PathBuf::from("broken").join(shard)));
    files.insert(shard.to_owned(), bytes);
    edit(&mut files, "model.safetensors.index.json", shard, "../elsewhere.safetensors");
    let error = load(&files).unwrap_err();
    assert!(error.cause().contains("outside the model's folder"), "{error}");
}

/// Loads a model of which one file is `bytes`, and uses it if that works. It must not panic.
fn survive(name: &str, file: &str, bytes: Vec<u8>) {
    let mut files = files(name);
    files.insert(file.to_owned(), bytes);
    if let Ok(encoder) = load(&files) {
        let text = "Who decides? 各国 решают. 🎉";
        if let Ok(tokens) = encoder.tokenize(Input::pair(text, text)) {
            drop(encoder.encode(&[tokens]));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for file in ["config.json", "tokenizer.json", "modules.json", WEIGHTS] {
            survive("bert", file, bytes.clone());
        }
    }

    #[test]
    fn damaged_bytes_never_panic(
        model in prop::sample::select(TINY.to_vec()),
        file in prop::sample::select(vec![
            "config.json", "tokenizer.json", "modules.json", "1_Pooling/config.json", WEIGHTS,
        ]),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        // Most of a file is numbers and words; its structure stands near the start.
        near_start in any::<bool>(),
    ) {
        if let Some(mut bytes) = files(model).remove(file) {
            let range = if near_start { bytes.len().min(800) } else { bytes.len() };
            for (place, byte) in edits {
                bytes[place.index(range)] = byte;
            }
            survive(model, file, bytes);
        }
    }
}
