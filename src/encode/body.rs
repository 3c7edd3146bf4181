//! What all models of the native engine have in common: a tokenizer, a transformer, and memory to run it in.

use std::sync::{Mutex, PoisonError};

use super::Tokens;
use super::bert::{Transformer, Workspace};
use super::config::Config;
use super::files::Files;
use super::kernel::Kernel;
use super::tokenize::Tokenizer;
use crate::error::{Error, ErrorKind, Result};

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
    /// Memory of calls that have ended, for those to come: as many as ever ran at once.
    workspaces: Mutex<Vec<Workspace>>,
}

impl Body {
    /// Joins parts that were read for one kernel and from one model.
    pub(super) fn new(kernel: Kernel, tokenizer: Tokenizer, transformer: Transformer) -> Self {
        Self { kernel, tokenizer, transformer, workspaces: Mutex::new(Vec::new()) }
    }

    /// Coordinates of a token.
    pub(super) fn hidden(&self) -> usize {
        self.transformer.config().hidden
    }

    /// Multiplications and additions that an input of so many tokens takes.
    pub(super) fn operations(&self, tokens: usize) -> f64 {
        let Config { hidden, inner, layers, .. } = *self.transformer.config();
        let products = 4 * hidden * hidden + 2 * hidden * inner;
        // Scores, and what they weigh, against every token of the sentence.
        let attention = 2 * tokens * hidden;
        (2 * layers * tokens * (products + attention)) as f64
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
        batch.iter().try_for_each(|tokens| self.check(tokens.as_ref()))?;
        let mut pool = self.workspaces.lock().unwrap_or_else(PoisonError::into_inner);
        let mut workspace = pool.pop().unwrap_or_default();
        drop(pool);
        chunks(batch, CHUNK).try_for_each(|chunk| step(chunk, &mut workspace))?;
        self.workspaces.lock().unwrap_or_else(PoisonError::into_inner).push(workspace);
        Ok(())
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

    fn check(&self, tokens: &Tokens) -> Result<()> {
        let config = self.transformer.config();
        let problem = if tokens.is_empty() {
            "an input has no tokens".to_owned()
        } else if tokens.ids.len() != tokens.type_ids.len() {
            "an input has not as many segment numbers as tokens".to_owned()
        } else if tokens.len() > config.max_tokens() {
            format!("an input has {} tokens, the model reads {}", tokens.len(), config.max_tokens())
        } else if let Some(id) = tokens.ids.iter().find(|id| **id as usize >= config.vocabulary) {
            format!("an input has the token {id}, the model knows {}", config.vocabulary)
        } else {
            return Ok(());
        };
        Err(Error::new(ErrorKind::Input, problem).hint("use the tokens this encoder gives itself"))
    }
}

/// An error where one of the numbers that model `name` has computed is none.
pub(super) fn check_finite(name: &str, numbers: &[f32]) -> Result<()> {
    if numbers.iter().all(|x| x.is_finite()) {
        return Ok(());
    }
    let message = format!("model {name} computed something that is no number");
    Err(Error::new(ErrorKind::Model, message)
        .hint("its weights are finite but far too large; they must be damaged"))
}

/// Reads `tokenizer.json`, which must fit the model that `config` describes; inputs are cut to `max_tokens`.
pub(super) fn read_tokenizer(
    files: &mut Files<'_>,
    config: &Config,
    max_tokens: usize,
    lowercase: bool,
) -> Result<Tokenizer> {
    let path = files.path("tokenizer.json");
    let rules = files.read("tokenizer.json")?;
    let tokenizer = Tokenizer::parse(&rules, &path, max_tokens, lowercase)?;
    let largest = tokenizer.largest_id();
    if largest as usize >= config.vocabulary {
        let message = format!(
            "gives ids up to {largest}, but the model has embeddings for {} tokens only",
            config.vocabulary
        );
        return Err(Error::new(ErrorKind::Model, message)
            .in_file(path)
            .hint("tokenizer.json and config.json must come from the same model"));
    }
    Ok(tokenizer)
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
