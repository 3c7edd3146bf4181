//! What `config.json` says about the shape of a model.

use std::path::Path;

use serde::Deserialize;

use super::kernel::Activation;
use crate::error::{Error, ErrorKind, Result};

/// The families of models the engine runs. They differ in the names of their tensors and in positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// BERT and `MiniLM` (Devlin et al., arXiv:1810.04805; Wang et al., arXiv:2002.10957).
    Bert,
    /// `RoBERTa` and XLM-R (Liu et al., arXiv:1907.11692; Conneau et al., arXiv:1911.02116).
    Roberta,
    /// `DistilBERT` (Sanh et al., arXiv:1910.01108).
    DistilBert,
    /// `MPNet` (Song et al., arXiv:2004.09297).
    Mpnet,
}

/// `config.json` as written; the aliases are `DistilBERT`'s.
#[derive(Debug, Deserialize)]
struct RawConfig {
    model_type: Option<String>,
    #[serde(alias = "dim")]
    hidden_size: Option<usize>,
    #[serde(alias = "n_layers")]
    num_hidden_layers: Option<usize>,
    #[serde(alias = "n_heads")]
    num_attention_heads: Option<usize>,
    #[serde(alias = "hidden_dim")]
    intermediate_size: Option<usize>,
    #[serde(alias = "activation")]
    hidden_act: Option<String>,
    vocab_size: Option<usize>,
    max_position_embeddings: Option<usize>,
    type_vocab_size: Option<usize>,
    layer_norm_eps: Option<f64>,
    pad_token_id: Option<usize>,
    position_embedding_type: Option<String>,
    relative_attention_num_buckets: Option<usize>,
}

/// The shape of a model.
#[derive(Clone, Debug)]
pub(super) struct Config {
    pub(super) family: Family,
    /// Coordinates of a token.
    pub(super) hidden: usize,
    pub(super) layers: usize,
    pub(super) heads: usize,
    /// Coordinates between the two products of the feed-forward part.
    pub(super) inner: usize,
    pub(super) activation: Activation,
    /// Rows of the embedding table.
    pub(super) vocabulary: usize,
    /// Rows of the position table.
    pub(super) positions: usize,
    /// The position of a text's first token.
    pub(super) first_position: usize,
    /// The token that has no position of its own, in models that count positions by it.
    pub(super) padding: Option<u32>,
    /// Rows of the segment table; 0 where a model has none.
    pub(super) types: usize,
    pub(super) epsilon: f32,
    /// Buckets of relative distances (`MPNet`).
    pub(super) buckets: usize,
}

impl Config {
    /// Reads the bytes of `config.json`; `path` is named in errors.
    pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Self> {
        let raw: RawConfig = super::files::parse(bytes, path)?;
        raw.resolve().map_err(|error| error.in_file(path))
    }

    /// The most tokens one input may have.
    pub(super) fn max_tokens(&self) -> usize {
        self.positions - self.first_position
    }

    /// Multiplications and additions that an input of so many tokens takes.
    pub(super) fn operations(&self, tokens: usize) -> f64 {
        let Self { hidden, inner, layers, .. } = *self;
        let products = 4 * hidden * hidden + 2 * hidden * inner;
        // Scores, and what they weigh, against every token of the sentence.
        let attention = 2 * tokens * hidden;
        (2 * layers * tokens * (products + attention)) as f64
    }
}

impl RawConfig {
    fn resolve(self) -> Result<Config> {
        let family = self.family()?;
        if let Some(kind) =
            self.position_embedding_type.as_deref().filter(|kind| *kind != "absolute")
        {
            return Err(unsupported(&format!("has positions of the kind {kind:?}")));
        }
        let padding = self.padding(family)?;
        let config = Config {
            family,
            hidden: size("hidden_size", self.hidden_size)?,
            layers: size("num_hidden_layers", self.num_hidden_layers)?,
            heads: size("num_attention_heads", self.num_attention_heads)?,
            inner: size("intermediate_size", self.intermediate_size)?,
            activation: activation(self.hidden_act.as_deref().unwrap_or("gelu"))?,
            vocabulary: size("vocab_size", self.vocab_size)?,
            positions: size("max_position_embeddings", self.max_position_embeddings)?,
            first_position: padding.map_or(0, |id| id as usize + 1),
            padding,
            types: match family {
                Family::Bert | Family::Roberta => self.type_vocab_size.unwrap_or(2),
                Family::DistilBert | Family::Mpnet => 0,
            },
            epsilon: epsilon(self.layer_norm_eps.unwrap_or(1e-12))?,
            buckets: match family {
                Family::Mpnet => self.relative_attention_num_buckets.unwrap_or(32),
                Family::Bert | Family::Roberta | Family::DistilBert => 0,
            },
        };
        check(&config)?;
        Ok(config)
    }

    fn family(&self) -> Result<Family> {
        match self.model_type.as_deref() {
            Some("bert") => Ok(Family::Bert),
            Some("roberta" | "xlm-roberta" | "camembert") => Ok(Family::Roberta),
            Some("distilbert") => Ok(Family::DistilBert),
            Some("mpnet") => Ok(Family::Mpnet),
            Some(other) => Err(unsupported(&format!("has the model_type {other:?}"))),
            None => Err(unsupported("names no model_type")),
        }
    }

    /// The padding token of families that count positions from it.
    fn padding(&self, family: Family) -> Result<Option<u32>> {
        match family {
            Family::Bert | Family::DistilBert => Ok(None),
            // The reference has this number in its code, whatever config.json says.
            Family::Mpnet => Ok(Some(1)),
            Family::Roberta => {
                let id = self.pad_token_id.unwrap_or(1);
                u32::try_from(id).map(Some).map_err(|_| invalid("pad_token_id", id))
            }
        }
    }
}

fn size(key: &str, value: Option<usize>) -> Result<usize> {
    match value {
        Some(0) => Err(invalid(key, 0)),
        Some(value) => Ok(value),
        None => Err(Error::new(ErrorKind::Model, format!("has no {key}"))
            .hint("config.json must be the one the weights were saved with")),
    }
}

fn activation(name: &str) -> Result<Activation> {
    match name {
        "gelu" | "gelu_python" => Ok(Activation::Gelu),
        "gelu_new" | "gelu_pytorch_tanh" | "gelu_fast" => Ok(Activation::GeluTanh),
        "relu" => Ok(Activation::Relu),
        "silu" | "swish" => Ok(Activation::Silu),
        other => Err(unsupported(&format!("has the activation {other:?}"))),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the reference computes in f32 too")]
fn epsilon(value: f64) -> Result<f32> {
    if (0.0..1.0).contains(&value) {
        return Ok(value as f32);
    }
    Err(invalid("layer_norm_eps", value))
}

/// What the sizes must be to each other.
fn check(config: &Config) -> Result<()> {
    if !config.hidden.is_multiple_of(config.heads) {
        let message = format!("divides {} coordinates among {} heads", config.hidden, config.heads);
        return Err(Error::new(ErrorKind::Model, message)
            .hint("hidden_size must be a multiple of num_attention_heads"));
    }
    if config.positions <= config.first_position + 1 {
        return Err(invalid("max_position_embeddings", config.positions));
    }
    if config.family == Family::Mpnet && config.buckets < 4 {
        return Err(invalid("relative_attention_num_buckets", config.buckets));
    }
    Ok(())
}

fn invalid(key: &str, value: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Model, format!("has {key} {value}, which makes no sense"))
        .hint("config.json must be the one the weights were saved with")
}

fn unsupported(what: &str) -> Error {
    Error::new(ErrorKind::Model, format!("{what}, which this engine cannot run"))
        .hint("models of the families bert, roberta, xlm-roberta, distilbert and mpnet can be used")
}
