use std::path::Path;

use memchr::memmem;
use proptest::prelude::*;
use safetensors::SafeTensors;

use super::*;
use crate::encode::OnnxEncoder;
use crate::error::ErrorKind;

/// A copy of the exported model, to be damaged.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs_err::create_dir(folder.path().join("1_Pooling")).unwrap();
    for file in
        ["config.json", "modules.json", "tokenizer.json", "1_Pooling/config.json", "model.onnx"]
    {
        fs_err::copy(fixture(EXPORTED).join(file), folder.path().join(file)).unwrap();
    }
    folder
}

/// Replaces the bytes `from`, wherever they are in the graph, by as many others.
fn replace(folder: &Path, from: &[u8], to: &[u8]) {
    assert_eq!(from.len(), to.len());
    let path = folder.join("model.onnx");
    let mut bytes = fs_err::read(&path).unwrap();
    let places: Vec<usize> = memmem::find_iter(&bytes, from).collect();
    assert!(!places.is_empty());
    for place in places {
        bytes[place..][..to.len()].copy_from_slice(to);
    }
    fs_err::write(path, bytes).unwrap();
}

fn native() -> NativeEncoder {
    model_with(EXPORTED, F32)
}

#[test]
fn a_graph_agrees_with_the_native_engine() {
    let folder = fixture(EXPORTED);
    check_agreement(&native(), &OnnxEncoder::load(&folder).unwrap());
    let pooled = OnnxEncoder::load(&folder.join("pooled.onnx")).unwrap();
    assert_eq!(pooled.name(), "exported/pooled.onnx");
    check_agreement(&native(), &pooled);
    if let Some(folder) = real_model() {
        let native = NativeEncoder::load_with(&folder, F32).unwrap();
        check_agreement(&native, &OnnxEncoder::load(&folder).unwrap());
    }
}

#[test]
fn a_graph_of_integers_points_the_same_way_and_keeps_rows_apart() {
    let encoder = OnnxEncoder::load(&fixture(EXPORTED).join("int8.onnx")).unwrap();
    assert_eq!(encoder.precision(), Precision::Int8);
    let tokens = inputs(&encoder);
    let (exact, vectors) = (native().encode(&tokens).unwrap(), encoder.encode(&tokens).unwrap());
    for (x, y) in exact.rows().into_iter().zip(vectors.rows()) {
        assert!(x.dot(&y) > 0.95, "{}", x.dot(&y));
    }
    assert_ne!(exact, vectors);
    let last = encoder.encode(&tokens[tokens.len() - 1..]).unwrap();
    assert_eq!(last.row(0), vectors.row(tokens.len() - 1), "bit for bit");
}

#[test]
fn threads_do_not_show() {
    check_threads(&OnnxEncoder::load(&fixture(EXPORTED)).unwrap());
}

#[test]
fn tokens_of_another_model_are_refused() {
    check_foreign_tokens(&OnnxEncoder::load(&fixture(EXPORTED)).unwrap());
}

/// Breaks the exported model with `damage` and expects an error at `file` that says `words`.
fn check(file: &str, words: &[&str], damage: impl FnOnce(&Path)) {
    let folder = copy();
    damage(folder.path());
    let error = OnnxEncoder::load(folder.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Model, "{error}");
    assert_eq!(error.location().file, Some(folder.path().join(file)), "{error}");
    for words in words {
        assert!(error.cause().contains(words), "{:?} does not say {words:?}", error.cause());
    }
    assert!(error.remedy().is_some(), "no remedy: {error}");
}

#[test]
fn missing_files_are_named() {
    for file in ["config.json", "modules.json", "tokenizer.json"] {
        check(file, &["is missing"], |folder| fs_err::remove_file(folder.join(file)).unwrap());
    }
    check("", &["holds no model.onnx"], |folder| {
        fs_err::remove_file(folder.join("model.onnx")).unwrap();
    });
}

#[test]
fn graphs_cut_short_are_refused() {
    let whole = fs_err::read(fixture(EXPORTED).join("model.onnx")).unwrap();
    for length in [0, 1, 100, whole.len() / 2, whole.len() - 1] {
        check("model.onnx", &["ONNX Runtime can run"], |folder| {
            fs_err::write(folder.join("model.onnx"), &whole[..length]).unwrap();
        });
    }
}

#[test]
fn graphs_with_another_face_name_it_and_what_is_wanted() {
    check("model.onnx", &["input_idx", "input_ids, attention_mask"], |folder| {
        replace(folder, b"input_ids", b"input_idx");
    });
    check("config.json", &["hidden_size"], |folder| {
        fs_err::write(folder.join("config.json"), "{}").unwrap();
    });
    check("model.onnx", &["last_hidden_state", "batch × tokens × 20"], |folder| {
        let path = folder.join("config.json");
        let config = fs_err::read_to_string(&path).unwrap();
        fs_err::write(path, config.replace("\"hidden_size\": 16", "\"hidden_size\": 20")).unwrap();
    });
}

#[test]
fn numbers_that_are_none_are_refused() {
    let folder = copy();
    let weights = fs_err::read(fixture(EXPORTED).join("model.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&weights).unwrap();
    let name = "encoder.layer.0.output.LayerNorm.weight";
    let numbers = tensors.tensor(name).unwrap();
    replace(folder.path(), numbers.data(), &f32::NAN.to_le_bytes().repeat(16));
    let encoder = OnnxEncoder::load(folder.path()).unwrap();
    let tokens = encoder.tokenize(Input::single("States decide.")).unwrap();
    let error = encoder.encode(&[tokens]).unwrap_err();
    assert!(error.to_string().contains("no number"), "{error}");
}

#[test]
fn the_fingerprint_tells_graphs_apart() {
    let folder = fixture(EXPORTED);
    let names = ["model.onnx", "pooled.onnx", "int8.onnx"];
    let prints =
        names.map(|name| OnnxEncoder::load(&folder.join(name)).unwrap().fingerprint().to_owned());
    assert!(prints[0] != prints[1] && prints[1] != prints[2] && prints[0] != prints[2]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn damaged_graphs_never_crash(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        near_start in any::<bool>(),
    ) {
        let folder = copy();
        let path = folder.path().join("model.onnx");
        let mut bytes = fs_err::read(&path).unwrap();
        let range = if near_start { 2000 } else { bytes.len() };
        for (place, byte) in edits {
            bytes[place.index(range)] = byte;
        }
        fs_err::write(path, bytes).unwrap();
        if let Ok(encoder) = OnnxEncoder::load(folder.path()) {
            let tokens = encoder.tokenize(Input::single("Who decides?")).unwrap();
            drop(encoder.encode(&[tokens]));
        }
    }
}
