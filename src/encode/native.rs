//! The native engine: models of the BERT family from a folder in Hugging Face layout, on the processor.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ndarray::Array2;
use serde::Deserialize;

use super::bert::{Transformer, Workspace};
use super::config::Config;
use super::files::Files;
use super::kernel::{Instructions, Kernel, KernelChoice, Precision};
use super::pooling::Head;
use super::tagger::{Reading, Tagger};
use super::tokenize::Tokenizer;
use super::weights::Weights;
use super::{Encoder, Input, Tokens};
use crate::document::{Claim, Span};
use crate::error::{Error, ErrorKind, Result};

/// Tokens worked on at once, so that a call with a large batch needs no more memory than one with a small one.
/// Weights pass through the caches once for each such chunk, activations fill them in proportion: half as many
/// is as fast within the noise, twice as many 3 % slower (bf16, 1 MiB of L2).
const CHUNK: usize = 256;

/// `sentence_bert_config.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SentenceConfig {
    max_seq_length: Option<usize>,
    do_lower_case: bool,
}

impl SentenceConfig {
    /// The most tokens of an input, for a model with so many positions.
    fn max_tokens(&self, positions: usize) -> Result<usize> {
        match self.max_seq_length {
            // Room for the special tokens of a pair and a word.
            Some(length) if length < 4 => {
                Err(Error::new(ErrorKind::Model, format!("has max_seq_length {length}"))
                    .hint("a sentence needs at least 4 tokens"))
            }
            length => Ok(length.unwrap_or(positions).min(positions)),
        }
    }
}

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
        Self::load_named(folder, &name, choice)
    }

    /// The same, called `name` whatever the folder is called.
    ///
    /// # Errors
    /// As [`NativeEncoder::load_with`].
    pub fn load_named(folder: &Path, name: &str, choice: KernelChoice) -> Result<Self> {
        Self::read(Files::in_folder(folder)?, name, choice)
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
        let sentence: SentenceConfig =
            files.json_optional("sentence_bert_config.json")?.unwrap_or_default();
        let max_tokens = sentence
            .max_tokens(config.max_tokens())
            .map_err(|error| error.in_file(files.path("sentence_bert_config.json")))?;
        let path = files.path("tokenizer.json");
        let rules = files.read("tokenizer.json")?;
        let tokenizer = Tokenizer::parse(&rules, &path, max_tokens, sentence.do_lower_case)?;
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
    /// sentence; a model without a tagger finds nothing. It reads the members whose vector is `relevant` only. The
    /// claims of a member, too, depend on it alone.
    ///
    /// # Errors
    /// As [`Encoder::encode`].
    pub fn encode_tagged(
        &self,
        batch: &[&Reading],
        relevant: impl Fn(&[f32]) -> bool,
    ) -> Result<(Array2<f32>, Vec<Vec<Claim>>)> {
        let mut claims = vec![Vec::new(); batch.len()];
        let (mut first, dimension) = (0, self.dimension());
        let vectors = self.encode_chunks(batch, |chunk, workspace, vectors| {
            let claims = &mut claims[first..first + chunk.len()];
            first += chunk.len();
            let Some(tagger) = &self.tagger else {
                let hidden = self.transformer.forward(self.kernel, chunk, workspace);
                return self.pool(chunk, hidden, vectors);
            };
            let (kernel, branch, start) = (self.kernel, tagger.branch(), vectors.len());
            let hidden = self.transformer.forward_keeping(kernel, chunk, branch, workspace);
            self.pool(chunk, hidden, vectors)?;
            let own = |sentence: usize| &vectors[start + sentence * dimension..][..dimension];
            self.transformer.follow(
                kernel,
                branch,
                |sentence, states| relevant(own(sentence)) && tagger.admit(chunk[sentence], states),
                |sentence, states| {
                    claims[sentence] = tagger.claims(kernel, chunk[sentence], states);
                },
                workspace,
            );
            Ok(())
        })?;
        Ok((vectors, claims))
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

    /// One row for each member of the batch; `step` adds those of a chunk of it to the vectors.
    fn encode_chunks<T: AsRef<Tokens>>(
        &self,
        batch: &[T],
        mut step: impl FnMut(&[T], &mut Workspace, &mut Vec<f32>) -> Result<()>,
    ) -> Result<Array2<f32>> {
        batch.iter().try_for_each(|tokens| self.check(tokens.as_ref()))?;
        let mut pool = self.workspaces.lock().unwrap_or_else(PoisonError::into_inner);
        let mut workspace = pool.pop().unwrap_or_default();
        drop(pool);
        let mut vectors = Vec::with_capacity(batch.len() * self.dimension());
        for chunk in chunks(batch, CHUNK) {
            step(chunk, &mut workspace, &mut vectors)?;
        }
        self.workspaces.lock().unwrap_or_else(PoisonError::into_inner).push(workspace);
        Ok(Array2::from_shape_vec((batch.len(), self.dimension()), vectors)
            .expect("each input has given one vector"))
    }

    /// Adds the vectors of the sentences of a chunk, whose tokens are `rows`, to `out`.
    fn pool(
        &self,
        chunk: &[impl AsRef<Tokens>],
        mut rows: &[f32],
        out: &mut Vec<f32>,
    ) -> Result<()> {
        let hidden = self.transformer.config().hidden;
        for length in chunk.iter().map(|tokens| tokens.as_ref().len()) {
            let (sentence, rest) = rows.split_at(length * hidden);
            let vector = self.head.apply(self.kernel, sentence, hidden);
            if vector.iter().any(|x| !x.is_finite()) {
                let message = format!("model {} computed something that is no number", self.name);
                return Err(Error::new(ErrorKind::Model, message)
                    .hint("its weights are finite but far too large; they must be damaged"));
            }
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
        let Config { hidden, inner, layers, .. } = *self.transformer.config();
        let products = 4 * hidden * hidden + 2 * hidden * inner;
        // Scores, and what they weigh, against every token of the sentence.
        let attention = 2 * tokens * hidden;
        (2 * layers * tokens * (products + attention)) as f64
    }

    fn peak(&self, time: Duration) -> Option<f64> {
        Some(self.kernel.peak(time))
    }

    fn tokenize(&self, input: Input<'_>) -> Result<Tokens> {
        self.tokenizer.tokenize(input)
    }

    fn encode(&self, batch: &[Tokens]) -> Result<Array2<f32>> {
        self.encode_chunks(batch, |chunk, workspace, vectors| {
            self.pool(chunk, self.transformer.forward(self.kernel, chunk, workspace), vectors)
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
