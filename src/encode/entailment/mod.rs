//! Textual entailment: how sure a model is that one text follows from another.
//!
//! An NLI cross-encoder reads a premise and a hypothesis as one pair and scores labels such as `entailment`,
//! `neutral` and `contradiction` (Bowman et al., arXiv:1508.05326; Williams et al., arXiv:1704.05426). Asked whether
//! a sentence entails what a class means, it classifies without training (Yin, Hay & Roth, arXiv:1909.00161).

mod head;
mod labels;

use std::path::Path;
use std::time::Duration;

use ndarray::{Array2, ArrayView1};
use serde::Deserialize;

use super::bert::Transformer;
use super::body::Body;
use super::config::Config;
use super::files::Files;
use super::kernel::{Instructions, KernelChoice, Precision};
use super::pooling::check_finite;
use super::tokenize::Tokenizer;
use super::weights::Weights;
use super::{Input, Tokens};
use crate::error::{Error, ErrorKind, Result};
use head::Head;
use labels::Labels;

const TOKENIZER_CONFIG: &str = "tokenizer_config.json";

/// Room for the special tokens of a pair, of which there are four at most, and a little of both texts.
const LEAST_TOKENS: usize = 8;

/// `tokenizer_config.json`.
#[derive(Debug, Default, Deserialize)]
struct TokenizerConfig {
    /// 10³⁰ in many files, which stands for no limit.
    model_max_length: Option<f64>,
}

impl TokenizerConfig {
    /// The most tokens of a pair, for a model with so many positions.
    fn max_tokens(&self, positions: usize) -> Result<usize> {
        match self.model_max_length {
            Some(length) if length.is_nan() || length < LEAST_TOKENS as f64 => {
                Err(Error::new(ErrorKind::Model, format!("has model_max_length {length}")).hint(
                    format!("a premise and a hypothesis need at least {LEAST_TOKENS} tokens"),
                ))
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "at least LEAST_TOKENS and less than the number of positions"
            )]
            Some(length) if length < positions as f64 => Ok(length as usize),
            _ => Ok(positions),
        }
    }
}

/// An NLI cross-encoder of the BERT family: a transformer with a sequence-classification head, one label of which
/// is `entailment`.
///
/// It holds the law of every [`Encoder`](super::Encoder): row `i` of a result is a function of `batch[i]` alone,
/// bit for bit.
#[derive(Debug)]
pub struct Entailment {
    name: String,
    fingerprint: String,
    body: Body,
    head: Head,
    labels: Labels,
}

impl Entailment {
    /// Reads a model from a folder in Hugging Face layout: `config.json` with the labels' names in `id2label` (or
    /// `label2id`), `tokenizer.json`, `model.safetensors` (or its shards) with the head as transformers saves
    /// `…ForSequenceClassification`, and, if it likes, `tokenizer_config.json` with `model_max_length`. The families
    /// bert, roberta, xlm-roberta, distilbert and mpnet can be used.
    ///
    /// # Errors
    /// Where a file is missing or damaged, weights are not finite or of the wrong shape, there is no
    /// classification head, it has another number of outputs than there are labels, none or several of the labels
    /// are `entailment`, or this machine has no such kernel. The error names the file.
    pub fn load(folder: &Path, choice: KernelChoice) -> Result<Self> {
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy();
        Self::read(Files::in_folder(folder)?, &name, choice)
    }

    /// Takes a model from memory: its files with their names inside the model's folder.
    ///
    /// # Errors
    /// As [`Entailment::load`].
    pub fn from_bytes(name: &str, files: &[(&str, &[u8])], choice: KernelChoice) -> Result<Self> {
        Self::read(Files::in_memory(name, files), name, choice)
    }

    fn read(mut files: Files<'_>, name: &str, choice: KernelChoice) -> Result<Self> {
        let kernel = choice.kernel()?;
        let path = files.path("config.json");
        let bytes = files.read("config.json")?;
        let config = Config::parse(&bytes, &path)?;
        let labels = Labels::parse(&bytes, &path)?;
        let limit: TokenizerConfig = files.json_optional(TOKENIZER_CONFIG)?.unwrap_or_default();
        let max_tokens = limit
            .max_tokens(config.max_tokens())
            .map_err(|error| error.in_file(files.path(TOKENIZER_CONFIG)))?;
        let tokenizer = Tokenizer::of_model(&mut files, config.vocabulary, max_tokens, false)?;
        let weights = Weights::read(&mut files)?;
        let fingerprint = files.fingerprint();
        let head = Head::read(kernel, &weights.tensors()?, &config, labels.names().len())?;
        let transformer = Transformer::read(kernel, config, weights.tensors()?)?;
        let body = Body::new(kernel, tokenizer, transformer);
        Ok(Self { name: name.to_owned(), fingerprint, body, head, labels })
    }

    /// The name to show: that of the folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256, in hexadecimal, over all that determines the results: weights, configuration, tokenizer.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The labels' names as `config.json` writes them, in the order of the columns of [`Entailment::logits`].
    pub fn labels(&self) -> &[String] {
        self.labels.names()
    }

    /// The most tokens the model reads of one pair, special ones included.
    pub fn max_tokens(&self) -> usize {
        self.body.tokenizer.max_tokens()
    }

    /// The instructions it computes with.
    pub fn instructions(&self) -> Instructions {
        self.body.kernel.instructions()
    }

    /// What it rounds numbers to before it multiplies them.
    pub fn precision(&self) -> Precision {
        self.body.kernel.precision()
    }

    /// Multiplications and additions that a pair of so many tokens takes.
    pub fn operations(&self, tokens: usize) -> f64 {
        self.body.transformer.config().operations(tokens)
    }

    /// Multiplications and additions a second that the instructions in use do at best, measured for as long as
    /// `time` on the calling thread.
    pub fn peak(&self, time: Duration) -> f64 {
        self.body.kernel.peak(time)
    }

    /// The tokens of a pair. Where it is longer than the model reads, tokens are dropped from the end of the longer
    /// of the two texts, and from both in turn once they are equally long; [`Tokens::truncated`] says so.
    ///
    /// # Errors
    /// Where the tokenizer cannot handle the texts.
    pub fn tokenize(&self, premise: &str, hypothesis: &str) -> Result<Tokens> {
        self.body.tokenizer.tokenize(Input::pair(premise, hypothesis))
    }

    /// The scores of all labels before any normalisation: one row for each member of the batch, one column for each
    /// of [`Entailment::labels`], computed on the calling thread.
    ///
    /// # Errors
    /// Where tokens do not fit the model (an id beyond its vocabulary, more tokens than it has positions), or
    /// damaged weights give something that is no number.
    ///
    /// # Panics
    /// Never: the head gives one score for each label.
    pub fn logits(&self, batch: &[Tokens]) -> Result<Array2<f32>> {
        let Body { kernel, transformer, .. } = &self.body;
        let hidden = self.body.hidden();
        let mut firsts = Vec::with_capacity(batch.len() * hidden);
        self.body.run(batch, |chunk, workspace| {
            let rows = transformer.forward(*kernel, chunk, workspace);
            let first_tokens = self.body.members(chunk, rows).map(|member| &member[..hidden]);
            firsts.extend(first_tokens.flatten());
            Ok(())
        })?;
        let logits = self.head.apply(*kernel, &firsts);
        check_finite(&self.name, &logits)?;
        Ok(Array2::from_shape_vec((batch.len(), self.labels().len()), logits)
            .expect("each pair has one score for each label"))
    }

    /// For each member of the batch the log-odds of `entailment` against all other labels together,
    /// `z_entailment − ln Σ exp(z_other)`; what [`Entailment::entail`] is the logistic function of.
    ///
    /// # Errors
    /// As [`Entailment::logits`].
    pub fn margins(&self, batch: &[Tokens]) -> Result<Vec<f64>> {
        let logits = self.logits(batch)?;
        Ok(logits.rows().into_iter().map(|row| log_odds(&row, self.labels.entailment())).collect())
    }

    /// For each member of the batch the probability of `entailment`, in 0..=1: the softmax over all labels.
    ///
    /// # Errors
    /// As [`Entailment::logits`].
    pub fn entail(&self, batch: &[Tokens]) -> Result<Vec<f64>> {
        let margins = self.margins(batch)?;
        Ok(margins.into_iter().map(|margin| 1.0 / (1.0 + (-margin).exp())).collect())
    }
}

/// The log-odds of label `index` under the softmax of `logits`, without overflow.
fn log_odds(logits: &ArrayView1<'_, f32>, index: usize) -> f64 {
    let others = || logits.iter().enumerate().filter(|(label, _)| *label != index);
    let highest = others().map(|(_, z)| f64::from(*z)).fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = others().map(|(_, z)| (f64::from(*z) - highest).exp()).sum();
    f64::from(logits[index]) - highest - sum.ln()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn log_odds_are_those_of_the_softmax() {
        let logits = array![0.5_f32, 2.0, -1.0];
        let exponentials = logits.mapv(|z| f64::from(z).exp());
        for index in 0..3 {
            let p = exponentials[index] / exponentials.sum();
            assert!((log_odds(&logits.view(), index) - (p / (1.0 - p)).ln()).abs() < 1e-12);
        }
        let extreme = array![3e38_f32, -3e38];
        assert!(log_odds(&extreme.view(), 0) > 1e38 && log_odds(&extreme.view(), 1) < -1e38);
    }

    #[test]
    fn the_length_is_the_tokenizers_or_the_models() {
        let max_tokens = |length| TokenizerConfig { model_max_length: length }.max_tokens(512);
        assert_eq!(max_tokens(None).unwrap(), 512);
        assert_eq!(max_tokens(Some(1e30)).unwrap(), 512);
        assert_eq!(max_tokens(Some(128.0)).unwrap(), 128);
        for senseless in [7.0, -1.0, f64::NAN] {
            assert!(max_tokens(Some(senseless)).is_err());
        }
    }
}
