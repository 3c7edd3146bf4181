//! What all models of the native engine have in common: a tokenizer, a transformer, and memory to run it in.

use super::Tokens;
use super::bert::{Transformer, Workspace};
use super::kernel::Kernel;
use super::pool::Pool;
use super::tokenize::Tokenizer;
use crate::error::Result;

/// Tokens worked on at once, so that a call with a large batch needs no more memory than one with a small one.
/// Weights pass through the caches once for each such chunk, activations fill them in proportion: half as many
/// is as fast within the noise, twice as many 3 % slower (bf16, 1 MiB of L2).
const CHUNK: usize = 256;

/// A model without what makes something of the vectors of its tokens.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) kernel: Kernel,
    pub(super) tokenizer: Tokenizer,
    pub(super) transformer: Transformer,
    /// Memory of calls that have ended, for those to come.
    workspaces: Pool<Workspace>,
}

impl Body {
    /// Joins parts that were read for one kernel and from one model.
    pub(super) fn new(kernel: Kernel, tokenizer: Tokenizer, transformer: Transformer) -> Self {
        Self { kernel, tokenizer, transformer, workspaces: Pool::default() }
    }

    /// Coordinates of a token.
    pub(super) fn hidden(&self) -> usize {
        self.transformer.config().hidden
    }

    /// Takes a batch in chunks of consecutive members, each of them to `step`.
    ///
    /// # Errors
    /// Where tokens do not fit the model, before anything is computed, and the first error of `step`.
    pub(super) fn run<T: AsRef<Tokens>>(
        &self,
        batch: &[T],
        mut step: impl FnMut(&[T], &mut Workspace) -> Result<()>,
    ) -> Result<()> {
        let config = self.transformer.config();
        let (max_tokens, vocabulary) = (config.max_tokens(), config.vocabulary);
        batch.iter().try_for_each(|tokens| tokens.as_ref().check(max_tokens, vocabulary))?;
        let run = |memory: &mut _| chunks(batch, CHUNK).try_for_each(|chunk| step(chunk, memory));
        self.workspaces.with(|| Ok(Workspace::default()), run)
    }

    /// For each member of a chunk the vectors of its tokens, of those of all of them.
    pub(super) fn members<'a, T: AsRef<Tokens>>(
        &self,
        chunk: &'a [T],
        mut rows: &'a [f32],
    ) -> impl Iterator<Item = &'a [f32]> {
        let hidden = self.hidden();
        chunk.iter().map(move |tokens| {
            let (member, rest) = rows.split_at(tokens.as_ref().len() * hidden);
            rows = rest;
            member
        })
    }
}

/// Divides a batch into stretches of at most `budget` tokens; an input beyond it has a stretch of its own.
fn chunks<T: AsRef<Tokens>>(mut batch: &[T], budget: usize) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let mut total = 0;
        let fitting = batch.iter().take_while(|tokens| {
            total += tokens.as_ref().len();
            total <= budget
        });
        let count = fitting.count().max(1).min(batch.len());
        let (chunk, rest) = batch.split_at(count);
        batch = rest;
        (!chunk.is_empty()).then_some(chunk)
    })
}
