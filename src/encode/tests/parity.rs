//! Vectors and token ids against those of sentence-transformers, made by `models/parity/make_fixtures.py`.

use safetensors::SafeTensors;

use super::*;

/// What the reference says about a list of inputs.
struct Expected {
    tokens: Vec<Tokens>,
    vectors: Vec<Vec<f32>>,
}

fn expected(name: &str, kind: &str) -> Expected {
    let bytes = fs_err::read(fixture(name).join("expected.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let words = |part: &str| -> Vec<[u8; 4]> {
        tensors.tensor(&format!("{kind}.{part}")).unwrap().data().as_chunks().0.to_vec()
    };
    let numbers = |part: &str| words(part).into_iter().map(u32::from_le_bytes).collect::<Vec<_>>();
    let (mut ids, mut types) = (numbers("ids"), numbers("types"));
    let mut tokens = Vec::new();
    for (length, truncated) in numbers("lengths").into_iter().zip(numbers("truncated")) {
        let (later_ids, later_types) =
            (ids.split_off(length as usize), types.split_off(length as usize));
        tokens.push(Tokens { ids, type_ids: types, truncated: truncated == 1 });
        (ids, types) = (later_ids, later_types);
    }
    let floats: Vec<f32> = words("vectors").into_iter().map(f32::from_le_bytes).collect();
    let vectors = floats.chunks(floats.len() / tokens.len()).map(<[f32]>::to_vec).collect();
    Expected { tokens, vectors }
}

/// Compares one model with the reference on all sentences and pairs; gives the largest difference and the lowest
/// cosine.
fn check(name: &str, choice: KernelChoice) -> (f32, f32) {
    let encoder = model_with(name, choice);
    let sentences = sentences();
    let pairs: Vec<(String, String)> =
        serde_json::from_slice(&fs_err::read(fixture("pairs.json")).unwrap()).unwrap();
    let singles = sentences.iter().map(|text| Input::single(text)).collect::<Vec<_>>();
    let pairs = pairs.iter().map(|(first, second)| Input::pair(first, second)).collect::<Vec<_>>();
    let (mut largest, mut lowest) = (0.0_f32, 1.0_f32);
    for (kind, inputs) in [("single", singles), ("pair", pairs)] {
        let expected = expected(name, kind);
        assert_eq!(inputs.len(), expected.tokens.len());
        for (input, tokens) in inputs.iter().zip(&expected.tokens) {
            assert_eq!(&encoder.tokenize(*input).unwrap(), tokens, "{name}: tokens of {input:?}");
        }
        let vectors = encoder.encode(&expected.tokens).unwrap();
        assert_eq!(vectors.dim(), (inputs.len(), encoder.dimension()));
        for (row, reference) in vectors.rows().into_iter().zip(&expected.vectors) {
            assert_eq!(row.len(), reference.len());
            let differences = row.iter().zip(reference).map(|(x, y)| (x - y).abs());
            largest = differences.fold(largest, f32::max);
            lowest = lowest.min(cosine(row.to_slice().unwrap(), reference));
        }
    }
    (largest, lowest)
}

fn cosine(x: &[f32], y: &[f32]) -> f32 {
    let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f32>();
    dot(x, y) / (dot(x, x) * dot(y, y)).sqrt()
}

#[test]
fn the_default_model_agrees_with_the_reference() {
    for choice in choices(Precision::F32).into_iter().skip(1) {
        let (largest, _) = check("default", choice);
        assert!(largest < 1e-5, "a tenth of the bar of 1e-4: {largest}, {choice:?}");
    }
}

#[test]
fn the_default_model_points_the_same_way_in_lower_precision() {
    for (precision, bar) in [(Precision::Bf16, 0.9995), (Precision::Int8, 0.98)] {
        for choice in choices(precision).into_iter().skip(1) {
            let (_, lowest) = check("default", choice);
            assert!(lowest >= bar, "{lowest}, {choice:?}");
        }
    }
}

#[test]
fn every_family_agrees_with_the_reference() {
    for name in TINY {
        for choice in choices(Precision::F32) {
            let (largest, _) = check(name, choice);
            assert!(largest > 0.0, "{name}: nothing is that equal");
            assert!(largest <= 1e-4, "{name}: {largest}, {choice:?}");
        }
        for (precision, bar) in [(Precision::Bf16, 0.9995), (Precision::Int8, 0.95)] {
            for choice in choices(precision) {
                let (_, lowest) = check(name, choice);
                assert!(lowest >= bar, "{name}: {lowest}, {choice:?}");
            }
        }
    }
}
