//! What surrounds the transformer of a model, the same for every engine.

use super::padded::Padded;
use crate::digest;
use crate::encode::files::Files;
use crate::encode::kernel::{Kernel, KernelChoice, Precision};
use crate::encode::pooling::{Head, check_finite};
use crate::encode::tokenize::Tokenizer;
use crate::encode::{Input, Tokens};
use crate::error::Result;

/// The sizes that the parts of a model share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// Coordinates of a token.
    pub(super) hidden: usize,
    /// The most tokens that have positions.
    pub(super) positions: usize,
    /// Rows of the embedding table.
    pub(super) vocabulary: usize,
}

/// A model without its transformer.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) name: String,
    pub(super) sizes: Sizes,
    tokenizer: Tokenizer,
    kernel: Kernel,
    head: Head,
}

impl Frame {
    /// Reads tokenizer and modules.
    pub(super) fn read(files: &mut Files<'_>, name: &str, sizes: Sizes) -> Result<Self> {
        // Modules after pooling are computed as the reference does it, whatever the native engine would take.
        let exact = KernelChoice { instructions: None, precision: Some(Precision::F32) };
        let kernel = exact.kernel()?;
        let tokenizer = Tokenizer::of_sentence_model(files, sizes.positions, sizes.vocabulary)?;
        let head = Head::read(kernel, files, sizes.hidden)?;
        Ok(Self { name: name.to_owned(), sizes, tokenizer, kernel, head })
    }

    pub(super) fn dimension(&self) -> usize {
        self.head.dimension()
    }

    pub(super) fn tokenize(&self, input: Input<'_>) -> Result<Tokens> {
        self.tokenizer.tokenize(input)
    }

    /// Refuses tokens that do not fit the model.
    pub(super) fn check(&self, batch: &[Tokens]) -> Result<()> {
        let Sizes { positions, vocabulary, .. } = self.sizes;
        batch.iter().try_for_each(|tokens| tokens.check(positions, vocabulary))
    }

    /// The vectors of inputs, one after the other; `states` has a row for each place of the batch, padding included.
    pub(super) fn pool(&self, batch: &Padded<'_>, states: &[f32]) -> Result<Vec<f32>> {
        let hidden = self.sizes.hidden;
        let [count, width] = batch.shape();
        let mut vectors = Vec::with_capacity(count * self.dimension());
        for (tokens, rows) in batch.inputs().iter().zip(states.chunks_exact(width * hidden)) {
            let vector = self.head.apply(self.kernel, &rows[..tokens.len() * hidden], hidden);
            check_finite(&self.name, &vector)?;
            vectors.extend(vector);
        }
        Ok(vectors)
    }
}

/// The fingerprint of a model whose files were read, run by `backend`.
pub(super) fn fingerprint(backend: &str, files: &Files<'_>) -> String {
    digest::sha256(format!("{backend}\n{}", files.fingerprint()))
}
