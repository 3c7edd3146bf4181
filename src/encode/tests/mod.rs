//! Tests of the engine as a whole, on the models under `tests/fixtures/encode`.

/// The optional engines agree with the native one.
#[cfg(any(feature = "libtorch", feature = "onnx"))]
mod backends;
/// Models that are broken in every way we could think of.
mod bad_models;
/// Whether one text follows from another.
mod entailment;
/// Row `i` depends on `batch[i]` only.
mod laws;
/// The same numbers as the reference implementation.
mod parity;
/// Who says what, word by word.
mod tagger;

use std::path::PathBuf;

use super::{
    Encoder, Input, Instructions, KernelChoice, NativeEncoder, Precision, Tokens,
    default_model_with,
};

/// The tiny models, one of each family.
const TINY: [&str; 5] = ["bert", "roberta", "xlm-roberta", "distilbert", "mpnet"];

fn fixture(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/encode").join(path)
}

fn model(name: &str) -> NativeEncoder {
    model_with(name, KernelChoice::default())
}

fn model_with(name: &str, choice: KernelChoice) -> NativeEncoder {
    match name {
        "default" => default_model_with(choice).unwrap(),
        name => NativeEncoder::load_with(&fixture(name), choice).unwrap(),
    }
}

/// Every kernel this machine has in the given precision, plain Rust first.
fn choices(precision: Precision) -> Vec<KernelChoice> {
    let choices = Instructions::ALL.map(|instructions| KernelChoice {
        instructions: Some(instructions),
        precision: Some(precision),
    });
    choices.into_iter().filter(|choice| choice.kernel().is_ok()).collect()
}

fn sentences() -> Vec<String> {
    let text = fs_err::read_to_string(fixture("sentences.txt")).unwrap();
    // Not lines(): some sentences hold unusual line breaks.
    text.strip_suffix('\n').unwrap().split('\n').map(str::to_owned).collect()
}

fn tokens(encoder: &NativeEncoder, sentences: &[String]) -> Vec<Tokens> {
    sentences.iter().map(|text| encoder.tokenize(Input::single(text)).unwrap()).collect()
}
