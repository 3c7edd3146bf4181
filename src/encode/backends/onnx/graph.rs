//! What a graph takes and gives, and whether that is what an encoder takes and gives.

use ort::session::Session;
use ort::value::{Outlet, TensorElementType, ValueType};
use serde::Deserialize;

use crate::encode::backends::frame::Sizes;
use crate::encode::files::Files;
use crate::error::{Error, ErrorKind, Result};

/// Families that count positions from behind the padding token.
const COUNT_FROM_PADDING: [&str; 4] = ["roberta", "xlm-roberta", "camembert", "mpnet"];

/// What an input of a graph is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Ids,
    Mask,
    Types,
}

impl Role {
    const ALL: [Self; 3] = [Self::Ids, Self::Mask, Self::Types];

    /// The name of the input.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ids => "input_ids",
            Self::Mask => "attention_mask",
            Self::Types => "token_type_ids",
        }
    }
}

/// What a graph gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// Batch × tokens × hidden.
    Tokens,
    /// Batch × so many: pooled already.
    Vectors(usize),
}

/// The face of a graph.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) inputs: Vec<Role>,
    pub(super) output: Output,
    pub(super) output_name: String,
}

impl Graph {
    /// Reads it off a session, for a model with `hidden` coordinates a token.
    pub(super) fn of(session: &Session, hidden: usize) -> Result<Self> {
        let inputs = inputs(session.inputs())?;
        let (output_name, output) = output(session.outputs(), hidden)?;
        Ok(Self { inputs, output, output_name })
    }
}

fn inputs(outlets: &[Outlet]) -> Result<Vec<Role>> {
    let role = |outlet: &Outlet| {
        let role = Role::ALL.into_iter().find(|role| role.name() == outlet.name())?;
        (outlet.dtype().tensor_type() == Some(TensorElementType::Int64)).then_some(role)
    };
    let roles: Option<Vec<Role>> = outlets.iter().map(role).collect();
    let whole = |roles: &Vec<Role>| roles.contains(&Role::Ids) && roles.contains(&Role::Mask);
    roles.filter(whole).ok_or_else(|| {
        let message = format!(
            "takes {}, not input_ids, attention_mask and perhaps token_type_ids, each int64",
            list(outlets)
        );
        Error::new(ErrorKind::Model, message)
            .hint("export the model with these names, as optimum and torch.onnx.export can")
    })
}

/// The first output that has a vector for each token, else the first that has one for each input.
fn output(outlets: &[Outlet], hidden: usize) -> Result<(String, Output)> {
    let vectors = |outlet: &Outlet| {
        let ValueType::Tensor { ty: TensorElementType::Float32, shape, .. } = outlet.dtype() else {
            return None;
        };
        match shape[..] {
            // -1 is a size that is known only when the graph runs.
            [_, _, size] if size == -1 || usize::try_from(size) == Ok(hidden) => {
                Some(Output::Tokens)
            }
            [_, -1] => Some(Output::Vectors(hidden)),
            [_, size] => usize::try_from(size).ok().filter(|size| *size > 0).map(Output::Vectors),
            _ => None,
        }
    };
    let usable = || outlets.iter().filter_map(|outlet| Some((outlet.name(), vectors(outlet)?)));
    let found = usable().find(|(_, output)| *output == Output::Tokens).or_else(|| usable().next());
    found.map(|(name, output)| (name.to_owned(), output)).ok_or_else(|| {
        let message = format!(
            "gives {}, not float32 of batch × tokens × {hidden} or batch × coordinates",
            list(outlets)
        );
        Error::new(ErrorKind::Model, message)
            .hint("export the encoder without a head on top, beside the config.json it belongs to")
    })
}

/// Names and types, for a message.
fn list(outlets: &[Outlet]) -> String {
    if outlets.is_empty() {
        return "nothing".to_owned();
    }
    let outlets = outlets.iter().map(|outlet| format!("{} ({})", outlet.name(), outlet.dtype()));
    outlets.collect::<Vec<_>>().join(", ")
}

/// What of `config.json` matters to a graph.
#[derive(Debug, Deserialize)]
struct Described {
    #[serde(alias = "dim")]
    hidden_size: Option<usize>,
    vocab_size: Option<usize>,
    max_position_embeddings: Option<usize>,
    pad_token_id: Option<u32>,
    model_type: Option<String>,
}

/// The sizes of the model in the folder, and the token that fills up a row.
pub(super) fn sizes(files: &mut Files<'_>) -> Result<(Sizes, u32)> {
    let described: Described = files.json("config.json")?;
    let known = |key: &str, value: Option<usize>| {
        value.filter(|size| *size > 0).ok_or_else(|| {
            Error::new(ErrorKind::Model, format!("has no {key}"))
                .in_file(files.path("config.json"))
                .hint("config.json must be the one of the model that was exported")
        })
    };
    let hidden = known("hidden_size", described.hidden_size)?;
    let vocabulary = known("vocab_size", described.vocab_size)?;
    let rows = known("max_position_embeddings", described.max_position_embeddings)?;
    let family = described.model_type.as_deref().unwrap_or_default();
    let counts_from_padding = COUNT_FROM_PADDING.contains(&family);
    let padding = described.pad_token_id.unwrap_or(u32::from(counts_from_padding));
    let first = if counts_from_padding { padding as usize + 1 } else { 0 };
    let positions = known("max_position_embeddings", rows.checked_sub(first))?;
    Ok((Sizes { hidden, positions, vocabulary }, padding))
}
