//! The law of every encoder, on the native engine.

use ndarray::Array2;
use proptest::prelude::*;

use super::*;

fn bits(vectors: &Array2<f32>) -> Vec<Vec<u32>> {
    vectors.rows().into_iter().map(|row| row.iter().map(|x| x.to_bits()).collect()).collect()
}

/// Encodes each sentence alone, then `batches` of them in any composition and order.
fn check(name: &str, choice: KernelChoice, count: usize, cases: u32) {
    let encoder = model_with(name, choice);
    let tokens = tokens(&encoder, &sentences()[200 - count..]);
    let alone: Vec<Vec<u32>> = tokens
        .iter()
        .map(|tokens| bits(&encoder.encode(std::slice::from_ref(tokens)).unwrap()).remove(0))
        .collect();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases)
    });
    let batches = prop::collection::vec(0..count, 0..40);
    let result = runner.run(&batches, |batch| {
        let chosen: Vec<Tokens> = batch.iter().map(|&index| tokens[index].clone()).collect();
        let together = bits(&encoder.encode(&chosen).unwrap());
        prop_assert_eq!(together.len(), batch.len());
        for (row, index) in together.iter().zip(&batch) {
            prop_assert!(row == &alone[*index], "sentence {} in {:?}", index, &batch);
        }
        Ok(())
    });
    assert!(result.is_ok(), "{name}, {choice:?}: {result:?}");
}

#[test]
fn a_row_does_not_depend_on_its_batch_in_the_default_model() {
    for precision in [Precision::F32, Precision::Bf16, Precision::Int8] {
        // Plain Rust takes minutes at this size; the tiny models show it.
        for choice in choices(precision).into_iter().skip(1) {
            check("default", choice, 40, 8);
        }
    }
}

#[test]
fn a_row_does_not_depend_on_its_batch_in_any_family() {
    for name in TINY {
        for precision in [Precision::F32, Precision::Bf16, Precision::Int8] {
            for choice in choices(precision) {
                check(name, choice, 200, 16);
            }
        }
    }
}

#[test]
fn threads_do_not_show() {
    let encoder = model("mpnet");
    let tokens = tokens(&encoder, &sentences());
    let alone = bits(&encoder.encode(&tokens).unwrap());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
    let (left, right) = pool.install(|| {
        rayon::join(
            || bits(&encoder.encode(&tokens[..90]).unwrap()),
            || bits(&encoder.encode(&tokens[90..]).unwrap()),
        )
    });
    assert_eq!([left, right].concat(), alone);
}

#[test]
fn long_text_is_cut_and_says_so() {
    let encoder = model("default");
    let tokenize = |text: &str| encoder.tokenize(Input::single(text)).unwrap();
    let fits = tokenize(&"a ".repeat(254));
    assert_eq!((fits.len(), fits.truncated), (256, false));
    let cut = tokenize(&"a ".repeat(255));
    assert_eq!((cut.len(), cut.truncated), (256, true));
    // A line of 20 MB costs no more than what is read of it.
    let endless = tokenize(&"a ".repeat(10_000_000));
    assert_eq!(endless, cut);
    let one_word = tokenize(&"é".repeat(10_000_000));
    assert!(one_word.truncated && one_word.len() < 10);
}

#[test]
fn tokens_of_another_model_are_refused() {
    let encoder = model("bert");
    let token = |ids: Vec<u32>| Tokens { type_ids: vec![0; ids.len()], ids, truncated: false };
    for tokens in [token(vec![]), token(vec![100_000]), token(vec![1; 1000])] {
        let error = encoder.encode(&[token(vec![1, 2]), tokens]).unwrap_err();
        assert!(error.to_string().starts_with("an input has "), "{error}");
    }
    let uneven = Tokens { ids: vec![1, 2], type_ids: vec![0], truncated: false };
    assert!(encoder.encode(&[uneven]).is_err());
    assert_eq!(encoder.encode(&[]).unwrap().dim(), (0, 40));
}
