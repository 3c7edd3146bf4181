//! The optional engines against the native one: the same models, the same tokens, the same vectors.

/// Graphs and folders that are broken or of another kind, and graphs with vectors of their own.
#[cfg(feature = "onnx")]
mod onnx;
/// Weights by other names, and models that rust-bert cannot run.
#[cfg(feature = "libtorch")]
mod torch;

use ndarray::Array2;

use super::*;

/// The model that there is as safetensors and as ONNX.
const EXPORTED: &str = "exported";

/// Names a folder with a real model, such as all-MiniLM-L6-v2 with its `model.onnx`, to be compared as well.
const REAL_MODEL: &str = "PLENARY_TEST_MODEL";

const F32: KernelChoice = KernelChoice { instructions: None, precision: Some(Precision::F32) };

fn real_model() -> Option<PathBuf> {
    std::env::var_os(REAL_MODEL).map(PathBuf::from)
}

/// All sentences, and some pairs.
fn inputs(encoder: &dyn Encoder) -> Vec<Tokens> {
    let sentences = sentences();
    let pairs: Vec<(String, String)> =
        serde_json::from_slice(&fs_err::read(fixture("pairs.json")).unwrap()).unwrap();
    let singles = sentences.iter().map(|text| Input::single(text));
    let pairs = pairs.iter().map(|(first, second)| Input::pair(first, second));
    singles.chain(pairs).map(|input| encoder.tokenize(input).unwrap()).collect()
}

/// The largest difference between coordinates, for vectors of length 1; for longer ones in proportion.
fn largest_difference(left: &Array2<f32>, right: &Array2<f32>) -> f32 {
    assert_eq!(left.dim(), right.dim());
    let rows = left.rows().into_iter().zip(right.rows());
    let differences = rows.map(|(x, y)| {
        let largest = x.iter().zip(y).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max);
        largest / x.dot(&x).sqrt().max(1.0)
    });
    differences.fold(0.0, f32::max)
}

/// The bar of 1e-4 between engines, and that of 1e-5 between a batch and its members alone.
fn check_agreement(native: &NativeEncoder, other: &dyn Encoder) {
    let tokens = inputs(native);
    assert_eq!(tokens, inputs(other), "{}", other.name());
    assert_ne!(native.fingerprint(), other.fingerprint());
    assert_eq!((native.backend(), other.precision()), ("native", Precision::F32));
    let vectors = other.encode(&tokens).unwrap();
    let difference = largest_difference(&native.encode(&tokens).unwrap(), &vectors);
    assert!(difference > 0.0, "{}: no two engines are that equal", other.name());
    assert!(difference <= 1e-4, "{}, {}: {difference}", other.name(), other.backend());
    let mut alone = vectors.clone();
    for index in (0..tokens.len()).step_by(5) {
        alone.row_mut(index).assign(&other.encode(&tokens[index..=index]).unwrap().row(0));
    }
    let difference = largest_difference(&alone, &vectors);
    assert!(difference <= 1e-5, "{}, {}, alone: {difference}", other.name(), other.backend());
}

/// Threads that call at once get what one thread gets, and the library adds none of its own.
fn check_threads(encoder: &dyn Encoder) {
    let tokens = inputs(encoder);
    let expected = encoder.encode(&tokens).unwrap();
    let threads = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
    let results =
        threads.broadcast(|_| (encoder.encode(&tokens).unwrap(), encoder.library_threads()));
    for (vectors, library_threads) in results {
        assert!(largest_difference(&expected, &vectors) <= 1e-5);
        assert_eq!(library_threads, 1);
    }
}

/// What every encoder refuses.
fn check_foreign_tokens(encoder: &dyn Encoder) {
    let token = |ids: Vec<u32>| Tokens { type_ids: vec![0; ids.len()], ids, truncated: false };
    for tokens in [token(vec![]), token(vec![100_000]), token(vec![1; 1000])] {
        let error = encoder.encode(&[token(vec![1, 2]), tokens]).unwrap_err();
        assert!(error.to_string().starts_with("an input has "), "{error}");
    }
    assert_eq!(encoder.encode(&[]).unwrap().dim(), (0, encoder.dimension()));
}
