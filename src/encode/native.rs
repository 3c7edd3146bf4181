//! The native engine: models of the BERT family from a folder in Hugging Face layout, on the processor.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ndarray::Array2;

use super::bert::{Transformer, Workspace};
use super::config::Config;
use super::files::Files;
use super::kernel::{Instructions, Kernel, KernelChoice, Precision};
use super::pooling::{Head, check_finite};
use super::tagger::{Reading, Tagger};
use super::tokenize::Tokenizer;
use super::weights::Weights;
use super::{Encoder, Input, Tokens};
use crate::document::{Claim, Span};
use crate::error::Result;

/// Tokens worked on at once, so that a call with a large batch needs no more memory than one with a small one.
/// Weights pass through the caches once for each such chunk, activations fill them in proportion: half as many
/// is as fast within the noise, twice as many 3 % slower (bf16, 1 MiB of L2).
const CHUNK: usize = 256;

/// A sentence encoder of the BERT family.
#[derive(Debug)]
pub struct NativeEncoder {
    name: String,
    fingerprint: String,
    kernel: Kernel,
    tokenizer: Tokenizer,
    transformer: Transformer,
    head: Head,
    tagger: Option<Tagger>,
    /// Memory of calls that have ended, for those to come: as many as ever ran at once.
    workspaces: Mutex<Vec<Workspace>>,
}

impl NativeEncoder {
    /// Reads a model from a folder that holds `config.json`, `tokenizer.json`, `modules.json` with what it
    /// points to, `model.safetensors` (or its shards) and, if it likes, `sentence_bert_config.json`.
    ///
    /// # Errors
    /// Where a file is missing or damaged, weights are not finite or of the wrong shape, the tokenizer does not
    /// fit the weights, or the model is of a kind the engine cannot run. The error names the file.
    pub fn load(folder: &Path) -> Result<Self> {
        Self::load_with(folder, KernelChoice::default())
    }

    /// The same, to be run by the kernel that was chosen.
    ///
    /// # Errors
    /// As [`NativeEncoder::load`], and where this machine has no such kernel.
    pub fn load_with(folder: &Path, choice: KernelChoice) -> Result<Self> {
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy();
        Self::read(Files::in_folder(folder)?, &name, choice)
    }

    /// Takes a model from memory: its files with their paths inside the model's folder, such as
    /// `1_Pooling/config.json`.
    ///
    /// # Errors
    /// As [`NativeEncoder::load_with`].
    pub fn from_bytes(name: &str, files: &[(&str, &[u8])], choice: KernelChoice) -> Result<Self> {
        Self::read(Files::in_memory(name, files), name, choice)
    }

    fn read(mut files: Files<'_>, name: &str, choice: KernelChoice) -> Result<Self> {
        let kernel = choice.kernel()?;
        let path = files.path("config.json");
        let config = Config::parse(&files.read("config.json")?, &path)?;
        let tokenizer =
            Tokenizer::of_sentence_model(&mut files, config.max_tokens(), config.vocabulary)?;
        let head = Head::read(kernel, &mut files, config.hidden)?;
        let weights = Weights::read(&mut files)?;
        let fingerprint = files.fingerprint();
        let tagger = Tagger::read(kernel, &mut files.apart(), &config, &weights.tensors()?)?;
        let transformer = Transformer::read(kernel, config, weights.tensors()?)?;
        Ok(Self {
            name: name.to_owned(),
            fingerprint,
            kernel,
            tokenizer,
            transformer,
            head,
            tagger,
            workspaces: Mutex::new(Vec::new()),
        })
    }

    /// The most tokens the model reads of one input.
    pub fn max_tokens(&self) -> usize {
        self.tokenizer.max_tokens()
    }

    /// A sentence as a tagger reads it. `quotations` are spans in the sentence, in order and disjoint.
    ///
    /// # Errors
    /// Where the tokenizer cannot handle the text.
    pub fn read_words(&self, sentence: &str, quotations: &[Span]) -> Result<Reading> {
        self.tokenizer.read(sentence, quotations)
    }

    /// SHA-256, in hexadecimal, over the files of the tagger; `None` for a model without one.
    pub fn tagger_fingerprint(&self) -> Option<&str> {
        self.tagger.as_ref().map(Tagger::fingerprint)
    }

    /// As [`Encoder::encode`], and for each member what its tagger finds in it, bytes counted from the start of the
    /// sentence; a model without a tagger finds nothing. The claims of a member, too, depend on it alone.
    ///
    /// # Errors
    /// As [`Encoder::encode`].
    pub fn encode_tagged(&self, batch: &[&Reading]) -> Result<(Array2<f32>, Vec<Vec<Claim>>)> {
        let mut claims = vec![Vec::new(); batch.len()];
        let mut first = 0;
        let vectors = self.encode_chunks(batch, |chunk, workspace| {
            let claims = &mut claims[first..first + chunk.len()];
            first += chunk.len();
            let Some(tagger) = &self.tagger else {
                return self.transformer.forward(self.kernel, chunk, workspace);
            };
            self.transformer.forward_with_branch(
                self.kernel,
                chunk,
                tagger.branch(),
                |sentence, states| tagger.admit(chunk[sentence], states),
                |sentence, states| {
                    claims[sentence] = tagger.claims(self.kernel, chunk[sentence], states);
                },
                workspace,
            )
        })?;
        Ok((vectors, claims))
    }

    /// One row for each member of the batch; `forward` gives the vectors of the tokens of a chunk of it.
    fn encode_chunks<T: AsRef<Tokens>>(
        &self,
        batch: &[T],
        mut forward: impl for<'w> FnMut(&[T], &'w mut Workspace) -> &'w [f32],
    ) -> Result<Array2<f32>> {
        let Config { vocabulary, .. } = *self.transformer.config();
        let max_tokens = self.transformer.config().max_tokens();
        batch.iter().try_for_each(|tokens| tokens.as_ref().check(max_tokens, vocabulary))?;
        let mut pool = self.workspaces.lock().unwrap_or_else(PoisonError::into_inner);
        let mut workspace = pool.pop().unwrap_or_default();
        drop(pool);
        let mut vectors = Vec::with_capacity(batch.len() * self.dimension());
        for chunk in chunks(batch, CHUNK) {
            let lengths = chunk.iter().map(|tokens| tokens.as_ref().len());
            self.pool(lengths, forward(chunk, &mut workspace), &mut vectors)?;
        }
        self.workspaces.lock().unwrap_or_else(PoisonError::into_inner).push(workspace);
        Ok(Array2::from_shape_vec((batch.len(), self.dimension()), vectors)
            .expect("each input has given one vector"))
    }

    /// Adds the vectors of sentences of such lengths, whose tokens are `rows`, to `out`.
    fn pool(
        &self,
        lengths: impl Iterator<Item = usize>,
        mut rows: &[f32],
        out: &mut Vec<f32>,
    ) -> Result<()> {
        let hidden = self.transformer.config().hidden;
        for length in lengths {
            let (sentence, rest) = rows.split_at(length * hidden);
            let vector = self.head.apply(self.kernel, sentence, hidden);
            check_finite(&self.name, &vector)?;
            out.extend(vector);
            rows = rest;
        }
        Ok(())
    }
}

impl Encoder for NativeEncoder {
    fn dimension(&self) -> usize {
        self.head.dimension()
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn backend(&self) -> &'static str {
        "native"
    }

    fn native(&self) -> Option<&NativeEncoder> {
        Some(self)
    }

    fn instructions(&self) -> Instructions {
        self.kernel.instructions()
    }

    fn precision(&self) -> Precision {
        self.kernel.precision()
    }

    fn operations(&self, tokens: usize) -> f64 {
        self.transformer.config().operations(tokens)
    }

    fn peak(&self, time: Duration) -> Option<f64> {
        Some(self.kernel.peak(time))
    }

    fn tokenize(&self, input: Input<'_>) -> Result<Tokens> {
        self.tokenizer.tokenize(input)
    }

    fn encode(&self, batch: &[Tokens]) -> Result<Array2<f32>> {
        self.encode_chunks(batch, |chunk, workspace| {
            self.transformer.forward(self.kernel, chunk, workspace)
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
