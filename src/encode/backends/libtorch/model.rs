//! The models of rust-bert behind one face, and weights that several of them share.

use std::collections::HashMap;
use std::fmt;

use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use rust_bert::distilbert::{DistilBertConfig, DistilBertModel};
use rust_bert::roberta::RobertaEmbeddings;
use rust_bert::{Activation as TorchActivation, RustBertError};
use tch::nn::VarStore;
use tch::{Device, Tensor};

use crate::encode::Tokens;
use crate::encode::backends::padded::Padded;
use crate::encode::config::{Config, Family};
use crate::encode::kernel::Activation;
use crate::encode::weights::Tensors;
use crate::error::{Error, ErrorKind, Result};

/// The tensor by which a prefix of all names in a file is known.
const WORDS: &str = "embeddings.word_embeddings.weight";

/// The fewest, in f16 and bf16.
const BYTES_OF_A_WEIGHT: usize = 2;

/// What rust-bert puts before the names of `DistilBERT`'s weights, whatever root it is given.
const DISTILBERT: &str = "distilbert.";

/// A transformer as rust-bert has it.
pub(super) enum Model {
    Bert(BertModel<BertEmbeddings>),
    Roberta(BertModel<RobertaEmbeddings>),
    DistilBert(DistilBertModel),
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bert(_) => "Bert",
            Self::Roberta(_) => "Roberta",
            Self::DistilBert(_) => "DistilBert",
        })
    }
}

/// Refuses models that rust-bert cannot run, and those that have more weights than are in `bytes` bytes of files:
/// rust-bert allocates what the configuration asks for before it sees a file.
pub(super) fn check(config: &Config, bytes: usize) -> Result<()> {
    if config.family == Family::Mpnet {
        return Err(Error::new(
            ErrorKind::Model,
            "is of the family mpnet, which rust-bert has not",
        )
        .hint("the native engine and ONNX Runtime run it"));
    }
    let hidden = config.hidden;
    let rows = [config.vocabulary, config.positions, config.types];
    let rows = rows.into_iter().fold(0, usize::saturating_add);
    let layer = config.inner.saturating_mul(2).saturating_add(hidden.saturating_mul(4));
    let columns = rows.saturating_add(layer.saturating_mul(config.layers));
    if columns.saturating_mul(hidden) > bytes / BYTES_OF_A_WEIGHT {
        return Err(Error::new(ErrorKind::Model, "asks for more weights than there are")
            .hint("config.json must be the one the weights were saved with"));
    }
    Ok(())
}

impl Model {
    /// A model with arbitrary weights, and the variables that hold them.
    pub(super) fn new(config: &Config, device: Device) -> (Self, VarStore) {
        let mut variables = VarStore::new(device);
        let root = variables.root();
        let model = match config.family {
            Family::Bert => {
                Self::Bert(BertModel::new_with_optional_pooler(root, &bert(config), false))
            }
            Family::Roberta => {
                Self::Roberta(BertModel::new_with_optional_pooler(root, &bert(config), false))
            }
            Family::DistilBert => Self::DistilBert(DistilBertModel::new(root, &distilbert(config))),
            Family::Mpnet => unreachable!("refused by check"),
        };
        variables.freeze();
        (model, variables)
    }

    /// The last layer's vectors of all places of the batch, padding included: rows × width × hidden.
    pub(super) fn forward(
        &self,
        config: &Config,
        device: Device,
        batch: &Padded<'_>,
    ) -> Result<Tensor, RustBertError> {
        let [rows, width] = batch.shape().map(|n| i64::try_from(n).expect("batches are small"));
        let tensor =
            |numbers: Vec<i64>| Tensor::from_slice(&numbers).view([rows, width]).to_device(device);
        let ids = tensor(batch.ids(config.padding.unwrap_or(0)));
        let mask = tensor(batch.mask());
        if let Self::DistilBert(model) = self {
            return Ok(model.forward_t(Some(&ids), Some(&mask), None, false)?.hidden_state);
        }
        let largest = u32::try_from(config.types.saturating_sub(1)).unwrap_or(u32::MAX);
        let types = tensor(batch.types(largest));
        let positions = tensor(batch.rows(0, |tokens| positions(config, tokens)));
        let (ids, mask, types) = (Some(&ids), Some(&mask), Some(&types));
        let positions = Some(&positions);
        let output = match self {
            Self::Bert(model) => {
                model.forward_t(ids, mask, types, positions, None, None, None, false)
            }
            Self::Roberta(model) => {
                model.forward_t(ids, mask, types, positions, None, None, None, false)
            }
            Self::DistilBert(_) => unreachable!("done above"),
        };
        Ok(output?.hidden_state)
    }
}

/// Rows of the position table, as the native engine counts them: rust-bert would take 1 for the padding token of every
/// `RoBERTa`.
fn positions<'a>(config: &Config, tokens: &'a Tokens) -> impl Iterator<Item = i64> + use<'a> {
    let padding = config.padding;
    let mut next = i64::try_from(config.first_position).expect("a row of a table");
    tokens.ids.iter().map(move |&id| {
        if padding == Some(id) {
            return i64::from(id);
        }
        next += 1;
        next - 1
    })
}

/// The weights of a model by the names that rust-bert gives, lent to every copy of it.
#[derive(Debug)]
pub(super) struct Shared(HashMap<String, Tensor>);

impl Shared {
    /// Takes from `tensors` what the variables ask for.
    pub(super) fn read(
        variables: &VarStore,
        mut tensors: Tensors<'_>,
        device: Device,
    ) -> Result<Self> {
        tensors.strip_prefix(WORDS);
        let read = |(name, variable): (String, Tensor)| {
            let shape = variable.size();
            let sizes: Vec<usize> =
                shape.iter().map(|&n| usize::try_from(n).expect("sizes are positive")).collect();
            let numbers = tensors.get(&name_in_file(&name, &tensors), &sizes)?;
            Ok((name, Tensor::from_slice(&numbers).view(shape.as_slice()).to_device(device)))
        };
        // By name, so that of two faults the same one is reported each time.
        let mut variables: Vec<(String, Tensor)> = variables.variables().into_iter().collect();
        variables.sort_unstable_by(|(name, _), (other, _)| name.cmp(other));
        variables.into_iter().map(read).collect::<Result<_>>().map(Self)
    }

    /// Puts these weights in the place of those that the variables of another model of the same kind hold.
    pub(super) fn lend(&self, variables: &VarStore) {
        for (name, mut variable) in variables.variables() {
            variable.set_data(&self.0[&name]);
        }
    }
}

/// What a file calls a weight.
fn name_in_file(name: &str, tensors: &Tensors<'_>) -> String {
    let name = name.strip_prefix(DISTILBERT).unwrap_or(name);
    // Checkpoints from TensorFlow's days call them gamma and beta.
    let (part, kind) = name.rsplit_once('.').unwrap_or(("", name));
    let old = format!("{part}.{}", if kind == "weight" { "gamma" } else { "beta" });
    if part.ends_with("LayerNorm") && tensors.contains(&old) { old } else { name.to_owned() }
}

fn bert(config: &Config) -> BertConfig {
    BertConfig {
        hidden_act: activation(config.activation),
        hidden_size: size(config.hidden),
        intermediate_size: size(config.inner),
        max_position_embeddings: size(config.positions),
        num_attention_heads: size(config.heads),
        num_hidden_layers: size(config.layers),
        type_vocab_size: size(config.types),
        vocab_size: size(config.vocabulary),
        ..BertConfig::default()
    }
}

fn distilbert(config: &Config) -> DistilBertConfig {
    DistilBertConfig {
        activation: activation(config.activation),
        dim: size(config.hidden),
        hidden_dim: size(config.inner),
        max_position_embeddings: size(config.positions),
        n_heads: size(config.heads),
        n_layers: size(config.layers),
        vocab_size: size(config.vocabulary),
        ..DistilBertConfig::default()
    }
}

/// A size that no weights have is caught by libtorch, which cannot allocate it.
fn size(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn activation(activation: Activation) -> TorchActivation {
    match activation {
        Activation::Identity => TorchActivation::identity,
        Activation::Gelu | Activation::CoarseGelu => TorchActivation::gelu,
        Activation::GeluTanh => TorchActivation::gelu_new,
        Activation::Relu => TorchActivation::relu,
        Activation::Silu => TorchActivation::swish,
        Activation::Tanh => TorchActivation::tanh,
    }
}
