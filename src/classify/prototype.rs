//! Zero-shot prototypes: each pole is the mean embedding of its definition and examples.
//!
//! The margin of a statement is its cosine with the prototype, so a prototype is a linear model whose
//! weights come from the codebook alone (after Snell, J., Swersky, K. & Zemel, R. (2017): Prototypical
//! networks for few-shot learning). Only the threshold and the calibration need labelled sentences.

use super::Codebook;
use crate::encode::{Encoder, Input};
use crate::error::Result;

/// Unit-length weights for each pole, in the order of [`Codebook::poles`].
///
/// # Errors
/// Where the encoder fails on a text of the codebook.
pub fn weights(codebook: &Codebook, encoder: &dyn Encoder) -> Result<Vec<Vec<f64>>> {
    let prototype = |texts: Vec<&str>| {
        let tokens = texts.iter().map(|text| encoder.tokenize(Input::single(text)));
        let vectors = encoder.encode(&tokens.collect::<Result<Vec<_>>>()?)?;
        let mut sum = vec![0.0; encoder.dimension()];
        for vector in vectors.rows() {
            add_unit(&mut sum, vector.iter().copied());
        }
        Ok(unit(sum))
    };
    codebook
        .poles()
        .map(|(_, pole)| {
            let examples = pole.examples.iter().map(String::as_str);
            prototype([pole.definition.as_str()].into_iter().chain(examples).collect())
        })
        .collect()
}

fn add_unit(sum: &mut [f64], vector: impl Iterator<Item = f32>) {
    let vector = unit(vector.map(f64::from).collect());
    for (total, value) in sum.iter_mut().zip(vector) {
        *total += value;
    }
}

/// The vector at length one; the zero vector stays as it is.
fn unit(mut vector: Vec<f64>) -> Vec<f64> {
    let length = vector.iter().map(|value| value * value).sum::<f64>().sqrt();
    if length > 0.0 {
        for value in &mut vector {
            *value /= length;
        }
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::HashedEncoder;

    #[test]
    fn prototypes_are_unit_vectors_near_their_examples() {
        let (codebook, encoder) = (Codebook::built_in(), HashedEncoder::default());
        let weights = weights(&codebook, &encoder).unwrap();
        assert_eq!(weights.len(), 4);
        for ((_, pole), own) in codebook.poles().zip(&weights) {
            assert!((own.iter().map(|w| w * w).sum::<f64>() - 1.0).abs() < 1e-9);
            let tokens = encoder.tokenize(Input::single(&pole.examples[0])).unwrap();
            let example = encoder.encode(&[tokens]).unwrap();
            let cosine = |w: &[f64]| -> f64 {
                example.row(0).iter().zip(w).map(|(x, w)| f64::from(*x) * w).sum()
            };
            assert!(weights.iter().all(|other| cosine(own) >= cosine(other)), "{}", pole.id);
        }
    }
}
