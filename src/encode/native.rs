//! The native engine: models of the BERT family from a folder in Hugging Face layout, on the processor.

use std::path::Path;
use std::time::Duration;

use ndarray::Array2;

use super::bert::{Transformer, Workspace};
use super::body::Body;
use super::config::Config;
use super::files::Files;
use super::kernel::{Instructions, KernelChoice, Precision};
use super::pooling::{Head, check_finite};
use super::tagger::{Reading, Tagger};
use super::tokenize::Tokenizer;
use super::weights::Weights;
use super::{Encoder, Input, Tokens};
use crate::document::{Claim, Span};
use crate::error::Result;

/// A sentence encoder of the BERT family.
#[derive(Debug)]
pub struct NativeEncoder {
    name: String,
    fingerprint: String,
    body: Body,
    head: Head,
    tagger: Option<Tagger>,
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
            body: Body::new(kernel, tokenizer, transformer),
            head,
            tagger,
        })
    }

    /// The most tokens the model reads of one input.
    pub fn max_tokens(&self) -> usize {
        self.body.tokenizer.max_tokens()
    }

    /// A sentence as a tagger reads it. `quotations` are spans in the sentence, in order and disjoint.
    ///
    /// # Errors
    /// Where the tokenizer cannot handle the text.
    pub fn read_words(&self, sentence: &str, quotations: &[Span]) -> Result<Reading> {
        self.body.tokenizer.read(sentence, quotations)
    }

    /// SHA-256, in hexadecimal, over the files of the tagger; `None` for a model without one.
    pub fn tagger_fingerprint(&self) -> Option<&str> {
        self.tagger.as_ref().map(Tagger::fingerprint)
    }

    /// As [`Encoder::encode`], and for each member what its tagger finds in it, bytes counted from the start of the
    /// sentence; a model without a tagger finds nothing. `read` is given the number of a member and its vector, and
    /// gives the words of those that are to be tagged. The claims of a member, too, depend on it alone.
    ///
    /// # Errors
    /// As [`Encoder::encode`], and the first error of `read`.
    ///
    /// # Panics
    /// Never: what is tagged has been read.
    pub fn encode_tagged(
        &self,
        batch: &[&Tokens],
        read: impl Fn(usize, &[f32]) -> Result<Option<Reading>>,
    ) -> Result<(Array2<f32>, Vec<Vec<Claim>>)> {
        let Body { kernel, transformer, .. } = &self.body;
        let mut claims = vec![Vec::new(); batch.len()];
        let (mut first, dimension) = (0, self.dimension());
        let vectors = self.encode_chunks(batch, |chunk, workspace, vectors| {
            let Some(tagger) = &self.tagger else {
                return self.pool(chunk, transformer.forward(*kernel, chunk, workspace), vectors);
            };
            let (branch, start) = (tagger.branch(), vectors.len());
            let rows = transformer.forward_keeping(*kernel, chunk, branch, workspace);
            self.pool(chunk, rows, vectors)?;
            let own = vectors[start..].chunks(dimension).enumerate();
            let readings = own.map(|(member, vector)| read(first + member, vector));
            let readings = readings.collect::<Result<Vec<_>>>()?;
            let claims = &mut claims[first..first + chunk.len()];
            first += chunk.len();
            transformer.follow(
                *kernel,
                branch,
                |member, states| {
                    readings[member].as_ref().is_some_and(|one| tagger.admit(one, states))
                },
                |member, states| {
                    let reading = readings[member].as_ref().expect("it was let in");
                    claims[member] = tagger.claims(*kernel, reading, states);
                },
                workspace,
            );
            Ok(())
        })?;
        Ok((vectors, claims))
    }

    /// One row for each member of the batch; `step` adds those of a chunk of it to the vectors.
    fn encode_chunks<T: AsRef<Tokens>>(
        &self,
        batch: &[T],
        mut step: impl FnMut(&[T], &mut Workspace, &mut Vec<f32>) -> Result<()>,
    ) -> Result<Array2<f32>> {
        let mut vectors = Vec::with_capacity(batch.len() * self.dimension());
        self.body.run(batch, |chunk, workspace| step(chunk, workspace, &mut vectors))?;
        Ok(Array2::from_shape_vec((batch.len(), self.dimension()), vectors)
            .expect("each input has given one vector"))
    }

    /// Adds the vectors of the members of a chunk, whose tokens have the vectors `rows`, to `out`.
    fn pool(&self, chunk: &[impl AsRef<Tokens>], rows: &[f32], out: &mut Vec<f32>) -> Result<()> {
        for member in self.body.members(chunk, rows) {
            let vector = self.head.apply(self.body.kernel, member, self.body.hidden());
            check_finite(&self.name, &vector)?;
            out.extend(vector);
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
        self.body.kernel.instructions()
    }

    fn precision(&self) -> Precision {
        self.body.kernel.precision()
    }

    fn operations(&self, tokens: usize) -> f64 {
        self.body.transformer.config().operations(tokens)
    }

    fn peak(&self, time: Duration) -> Option<f64> {
        Some(self.body.kernel.peak(time))
    }

    fn tokenize(&self, input: Input<'_>) -> Result<Tokens> {
        self.body.tokenizer.tokenize(input)
    }

    fn encode(&self, batch: &[Tokens]) -> Result<Array2<f32>> {
        let Body { kernel, transformer, .. } = &self.body;
        self.encode_chunks(batch, |chunk, workspace, vectors| {
            self.pool(chunk, transformer.forward(*kernel, chunk, workspace), vectors)
        })
    }
}
