//! An encoder without weights: hashed words and character trigrams, for tests and dry runs.
//!
//! Feature hashing after Weinberger, Dasgupta, Langford, Smola & Attenberg, "Feature hashing for large scale
//! multitask learning", ICML 2009: each feature adds +1 or −1 to one coordinate.

use ndarray::{Array2, ArrayViewMut1};
use unicode_segmentation::UnicodeSegmentation;

use super::{Encoder, Input, Tokens};
use crate::digest;
use crate::error::{Error, ErrorKind, Result};

/// The most features one input may have.
const MAX_FEATURES: usize = 4096;

/// Counts hashed features of a text; texts with words in common come out close to each other.
#[derive(Clone, Debug)]
pub struct HashedEncoder {
    dimension: usize,
    fingerprint: String,
}

impl HashedEncoder {
    /// An encoder with `dimension` coordinates.
    ///
    /// # Panics
    /// If `dimension` is 0.
    pub fn new(dimension: usize) -> Self {
        assert!(dimension > 0, "a vector needs at least one coordinate");
        let identity = format!("plenary hashed encoder 1, {dimension} coordinates");
        Self { dimension, fingerprint: digest::sha256(identity) }
    }

    fn add_feature(&self, row: &mut ArrayViewMut1<'_, f32>, id: u32, type_id: u32) {
        let hash = fnv1a(id.to_le_bytes().into_iter().chain(type_id.to_le_bytes()));
        let sign = if hash >> 31 == 0 { 1.0 } else { -1.0 };
        row[(hash & 0x7fff_ffff) as usize % self.dimension] += sign;
    }
}

impl Default for HashedEncoder {
    /// 256 coordinates.
    fn default() -> Self {
        Self::new(256)
    }
}

impl Encoder for HashedEncoder {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn name(&self) -> &'static str {
        "hashed"
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn backend(&self) -> &'static str {
        "hashed"
    }

    fn tokenize(&self, input: Input<'_>) -> Result<Tokens> {
        let mut tokens = Tokens::default();
        for (type_id, text) in [Some(input.text), input.pair].into_iter().flatten().enumerate() {
            for id in features(text) {
                if tokens.len() == MAX_FEATURES {
                    tokens.truncated = true;
                    return Ok(tokens);
                }
                tokens.ids.push(id);
                tokens.type_ids.push(u32::from(type_id == 1));
            }
        }
        Ok(tokens)
    }

    fn encode(&self, batch: &[Tokens]) -> Result<Array2<f32>> {
        let mut vectors = Array2::zeros((batch.len(), self.dimension));
        for (mut row, tokens) in vectors.rows_mut().into_iter().zip(batch) {
            if tokens.ids.len() != tokens.type_ids.len() {
                let message = "an input has not as many segment numbers as tokens";
                return Err(Error::new(ErrorKind::Input, message));
            }
            for (&id, &type_id) in tokens.ids.iter().zip(&tokens.type_ids) {
                self.add_feature(&mut row, id, type_id);
            }
            // Sums of ±1 are exact in f32, so the norm, and with it the row, has one value only.
            let norm = row.iter().map(|x| x * x).sum::<f32>().sqrt();
            if norm > 0.0 {
                row.mapv_inplace(|x| x / norm);
            }
        }
        Ok(vectors)
    }
}

/// Words in lower case, and the character trigrams of each word with its borders.
fn features(text: &str) -> impl Iterator<Item = u32> {
    text.unicode_words().flat_map(|word| {
        let word = word.to_lowercase();
        let bordered: Vec<char> = ['<'].into_iter().chain(word.chars()).chain(['>']).collect();
        let grams: Vec<u32> = bordered.windows(3).map(|gram| fnv1a(gram_bytes(gram))).collect();
        [fnv1a(word.bytes())].into_iter().chain(grams)
    })
}

fn gram_bytes(gram: &[char]) -> impl Iterator<Item = u8> {
    gram.iter().flat_map(|&c| u32::from(c).to_le_bytes())
}

/// FNV-1a with 32 bits (Fowler, Noll & Vo).
fn fnv1a(bytes: impl Iterator<Item = u8>) -> u32 {
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(encoder: &HashedEncoder, texts: &[&str]) -> Array2<f32> {
        let batch: Vec<Tokens> =
            texts.iter().map(|text| encoder.tokenize(Input::single(text)).unwrap()).collect();
        encoder.encode(&batch).unwrap()
    }

    #[test]
    fn texts_with_words_in_common_are_close() {
        let encoder = HashedEncoder::default();
        let rows = encode(
            &encoder,
            &["States govern the internet.", "The internet, governed by states", "Fish and chips"],
        );
        let (near, far) = (rows.row(0).dot(&rows.row(1)), rows.row(0).dot(&rows.row(2)));
        assert!(near > 0.5 && far < 0.3, "near {near}, far {far}");
    }

    #[test]
    fn a_row_depends_on_its_input_only() {
        let encoder = HashedEncoder::new(64);
        let together = encode(&encoder, &["one text", "", "another text"]);
        assert_eq!(together.row(2), encode(&encoder, &["another text"]).row(0));
        assert!(together.row(1).iter().all(|x| *x == 0.0));
    }

    #[test]
    fn segments_of_a_pair_are_told_apart() {
        let encoder = HashedEncoder::default();
        let pair = |first, second| {
            let tokens = encoder.tokenize(Input::pair(first, second)).unwrap();
            encoder.encode(&[tokens]).unwrap()
        };
        assert_ne!(pair("Beijing", "Geneva"), pair("Geneva", "Beijing"));
    }

    #[test]
    fn endless_text_is_cut_and_says_so() {
        let tokens =
            HashedEncoder::default().tokenize(Input::single(&"word ".repeat(5000))).unwrap();
        assert!(tokens.truncated);
        assert_eq!(tokens.len(), MAX_FEATURES);
    }

    #[test]
    fn tokens_without_segments_are_refused() {
        let tokens = Tokens { ids: vec![1], ..Tokens::default() };
        assert!(HashedEncoder::default().encode(&[tokens]).is_err());
    }
}
