//! Sentences in, vectors out.
//!
//! An [`Encoder`] turns text into tokens and tokens into one row of numbers each. The native engine runs
//! BERT-family models with the instructions it finds, see [`KernelChoice`]; [`HashedEncoder`] needs no weights and
//! stands in for it in tests. [`Entailment`] is no encoder: it turns two texts into one probability. Builds with
//! the feature `libtorch` or `onnx` have an engine more each, to compare with.
//!
//! The law of these two encoders: **row `i` of a result is a function of `batch[i]` alone**, bit for bit. Neither
//! the other rows, nor their order, nor the number of threads may show in it. The optional engines fill up the shorter
//! inputs of a batch, and their libraries add up in an order that depends on its shape: there a row keeps to what it
//! is alone within 1e-5 in each coordinate, where vectors have length 1.

#[cfg(any(feature = "libtorch", feature = "onnx"))]
mod backends;
mod batch;
mod bert;
mod body;
mod config;
mod embedded;
mod entailment;
mod files;
mod hashed;
mod kernel;
mod native;
mod pool;
mod pooling;
mod prompted;
mod relative;
pub mod tagger;
mod tokenize;
mod weights;
mod wordpiece;

#[cfg(feature = "libtorch")]
pub use backends::LibtorchEncoder;
#[cfg(feature = "onnx")]
pub use backends::OnnxEncoder;
pub use batch::{batches, distinct};
#[cfg(feature = "libtorch")]
pub use embedded::default_model_on_libtorch;
pub use embedded::{default_model, default_model_size, default_model_with};
pub use entailment::Entailment;
pub use hashed::HashedEncoder;
pub use kernel::{Instructions, KernelChoice, Precision};
pub use native::NativeEncoder;
pub use prompted::Prompted;

use std::time::Duration;

use ndarray::Array2;

use crate::error::{Error, ErrorKind, Result};

/// One text to encode, or two that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Input<'a> {
    /// The text, or the first segment of a pair.
    pub text: &'a str,
    /// The second segment of a pair.
    pub pair: Option<&'a str>,
}

impl<'a> Input<'a> {
    /// A text on its own.
    pub fn single(text: &'a str) -> Self {
        Self { text, pair: None }
    }

    /// Two segments, for a model that tells them apart.
    pub fn pair(first: &'a str, second: &'a str) -> Self {
        Self { text: first, pair: Some(second) }
    }
}

/// What a model reads: token ids with the special tokens in place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tokens {
    /// Rows of the model's embedding table.
    pub ids: Vec<u32>,
    /// The segment of each token, 0 or 1; as many as there are ids.
    pub type_ids: Vec<u32>,
    /// Whether the text was longer than the model reads, so that its end is missing.
    pub truncated: bool,
}

impl Tokens {
    /// The number of tokens, special ones included.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no token at all.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Refuses tokens that a model which reads at most `max_tokens`, out of `vocabulary`, cannot have given itself.
    fn check(&self, max_tokens: usize, vocabulary: usize) -> Result<()> {
        let problem = if self.is_empty() {
            "an input has no tokens".to_owned()
        } else if self.ids.len() != self.type_ids.len() {
            "an input has not as many segment numbers as tokens".to_owned()
        } else if self.len() > max_tokens {
            format!("an input has {} tokens, the model reads {max_tokens}", self.len())
        } else if let Some(id) = self.ids.iter().find(|id| **id as usize >= vocabulary) {
            format!("an input has the token {id}, the model knows {vocabulary}")
        } else {
            return Ok(());
        };
        Err(Error::new(ErrorKind::Input, problem).hint("use the tokens this encoder gives itself"))
    }
}

impl AsRef<Tokens> for Tokens {
    fn as_ref(&self) -> &Tokens {
        self
    }
}

/// Turns sentences into vectors. Row `i` of [`Encoder::encode`] depends on `batch[i]` only: bit for bit where
/// [`Encoder::backend`] is `native` or `hashed`, within 1e-5 where it is another.
pub trait Encoder: Send + Sync {
    /// The length of a vector.
    fn dimension(&self) -> usize;

    /// The name to show, such as `all-MiniLM-L6-v2`.
    fn name(&self) -> &str;

    /// SHA-256, in hexadecimal, over all that determines the vectors: weights, configuration, tokenizer, and the
    /// engine where it is not the native one.
    fn fingerprint(&self) -> &str;

    /// The engine that computes: `native`, `hashed`, `libtorch` or `onnx`.
    fn backend(&self) -> &'static str;

    /// Threads that a library behind this encoder runs for one call of [`Encoder::encode`], as the library itself
    /// says; 1 means the calling thread alone.
    fn library_threads(&self) -> usize {
        1
    }

    /// The native engine, where this is it: some of its models can tag what they encode.
    fn native(&self) -> Option<&NativeEncoder> {
        None
    }

    /// The instructions it computes with.
    fn instructions(&self) -> Instructions {
        Instructions::Portable
    }

    /// What it rounds numbers to before it multiplies them: vectors of two precisions differ.
    fn precision(&self) -> Precision {
        Precision::F32
    }

    /// Multiplications and additions that a sentence of so many tokens takes.
    fn operations(&self, tokens: usize) -> f64 {
        tokens as f64
    }

    /// Multiplications and additions a second that the instructions in use do at best, measured for as long as
    /// `time` on the calling thread; `None` where there is nothing to measure.
    fn peak(&self, time: Duration) -> Option<f64> {
        let _ = time;
        None
    }

    /// The tokens of one input, cut to what the model can read.
    ///
    /// # Errors
    /// Where the tokenizer cannot handle the text or the pair.
    fn tokenize(&self, input: Input<'_>) -> Result<Tokens>;

    /// One row of [`Encoder::dimension`] numbers for each member of the batch, computed on the calling thread.
    ///
    /// # Errors
    /// Where tokens do not fit the model: an id beyond its vocabulary, more tokens than it has positions.
    fn encode(&self, batch: &[Tokens]) -> Result<Array2<f32>>;
}

#[cfg(test)]
mod tests;
