//! Specifications of models that pick an engine.

use std::path::PathBuf;

use super::support::{Outcome, Plenary, plenary};

fn fixture() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/encode")
}

fn encode(model: &str) -> Plenary {
    plenary("encode").arg(fixture().join("sentences.txt")).args(&["--json", "--model", model])
}

/// The specification of the tiny model that every engine can run.
fn tiny(engine: &str) -> String {
    format!("{engine}:{}", fixture().join("exported").display())
}

#[track_caller]
fn check_refusal(outcome: &Outcome, words: &[&str]) {
    for words in words {
        assert!(outcome.stderr.contains(words), "{words:?} not in {}", outcome.stderr);
    }
}

#[track_caller]
fn check_report(outcome: &Outcome, instructions: Option<&str>) {
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(report["dimension"], 16);
    if let Some(name) = instructions {
        assert_eq!(report["instructions"], name);
    }
}

#[test]
fn the_native_engine_can_be_asked_for_by_name() {
    check_report(&encode(&tiny("native")).exits(0), None);
    let outcome = encode(&tiny("f32")).exits(0);
    check_report(&outcome, None);
    assert!(outcome.stdout.contains("\"precision\":\"f32\""), "{}", outcome.stdout);
}

#[test]
#[cfg(not(feature = "onnx"))]
fn a_build_without_onnx_runtime_says_so() {
    let words = ["this build has no ONNX Runtime", "--features onnx"];
    check_refusal(&encode(&tiny("onnx")).exits(2), &words);
}

#[test]
#[cfg(not(feature = "libtorch"))]
fn a_build_without_libtorch_says_so() {
    let words = ["this build has no libtorch", "--features libtorch"];
    check_refusal(&encode(&tiny("libtorch")).exits(2), &words);
}

#[test]
#[cfg(feature = "onnx")]
fn onnx_runtime_encodes() {
    check_report(&encode(&tiny("onnx")).exits(0), Some("onnx"));
    check_refusal(&encode("onnx:default").exits(2), &["no ONNX graph"]);
}

#[test]
#[cfg(feature = "onnx")]
fn a_missing_or_foreign_library_says_how_to_get_the_right_one() {
    let words = ["cannot be loaded", "pip install onnxruntime==", "ORT_DYLIB_PATH"];
    // No file, and one that is no library.
    for path in [fixture().join("no such library.so"), fixture().join("sentences.txt")] {
        check_refusal(&encode(&tiny("onnx")).env("ORT_DYLIB_PATH", &path).exits(2), &words);
    }
}

#[test]
#[cfg(feature = "libtorch")]
fn libtorch_encodes() {
    check_report(&encode(&tiny("libtorch")).exits(0), Some("libtorch"));
}
