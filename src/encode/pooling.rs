//! From the tokens of a sentence to its vector: what `modules.json` lists after the transformer.

use serde::Deserialize;

use super::bert::Linear;
use super::files::Files;
use super::kernel::{Activation, Kernel, Left, Target};
use super::weights::Weights;
use crate::error::{Error, ErrorKind, Result};

/// One entry of `modules.json`.
#[derive(Debug, Deserialize)]
struct Module {
    path: String,
    #[serde(rename = "type")]
    kind: String,
}

/// `config.json` of a pooling module. What is absent is off.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "the file has one flag for each way of pooling")]
struct RawPooling {
    pooling_mode_cls_token: bool,
    pooling_mode_max_tokens: bool,
    pooling_mode_mean_tokens: bool,
    pooling_mode_mean_sqrt_len_tokens: bool,
    pooling_mode_weightedmean_tokens: bool,
    pooling_mode_lasttoken: bool,
}

/// `config.json` of a dense module.
#[derive(Debug, Deserialize)]
struct RawDense {
    in_features: usize,
    out_features: usize,
    #[serde(default)]
    bias: bool,
    #[serde(default)]
    activation_function: String,
}

/// How the vectors of the tokens become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pooling {
    First,
    Max,
    Mean,
    MeanSqrt,
}

/// A step after pooling.
#[derive(Debug)]
enum Step {
    Normalise,
    Dense(Linear, Activation),
}

/// Everything after the transformer.
#[derive(Debug)]
pub(super) struct Head {
    poolings: Vec<Pooling>,
    steps: Vec<Step>,
    dimension: usize,
}

impl Head {
    /// Reads `modules.json` and what it points to, for a model with `hidden` coordinates a token; `kernel` will
    /// run it.
    pub(super) fn read(kernel: Kernel, files: &mut Files<'_>, hidden: usize) -> Result<Self> {
        let modules: Vec<Module> = files.json("modules.json")?;
        let mut head = Self { poolings: Vec::new(), steps: Vec::new(), dimension: hidden };
        for module in &modules {
            let name = module.kind.rsplit('.').next().unwrap_or_default();
            match name {
                "Transformer" if module.path.is_empty() => {}
                "Pooling" if head.poolings.is_empty() => head.read_pooling(files, &module.path)?,
                "Normalize" => head.steps.push(Step::Normalise),
                "Dense" => head.read_dense(kernel, files, &module.path)?,
                _ => {
                    let message = format!("has the module {:?} at {:?}", module.kind, module.path);
                    return Err(Error::new(ErrorKind::Model, message)
                        .in_file(files.path("modules.json"))
                        .hint(
                            "Transformer (at \"\"), one Pooling, Normalize and Dense can be used",
                        ));
                }
            }
        }
        if head.poolings.is_empty() {
            return Err(Error::new(ErrorKind::Model, "lists no Pooling module")
                .in_file(files.path("modules.json"))
                .hint("without it nobody knows how tokens become a sentence; sentence-transformers writes one"));
        }
        Ok(head)
    }

    /// The length of a vector.
    pub(super) fn dimension(&self) -> usize {
        self.dimension
    }

    fn read_pooling(&mut self, files: &mut Files<'_>, path: &str) -> Result<()> {
        let file = format!("{path}/config.json");
        let raw: RawPooling = files.json(&file)?;
        let flags = [
            (raw.pooling_mode_cls_token, Pooling::First),
            (raw.pooling_mode_max_tokens, Pooling::Max),
            (raw.pooling_mode_mean_tokens, Pooling::Mean),
            (raw.pooling_mode_mean_sqrt_len_tokens, Pooling::MeanSqrt),
        ];
        self.poolings = flags.iter().filter(|(on, _)| *on).map(|(_, pooling)| *pooling).collect();
        if self.poolings.is_empty()
            || raw.pooling_mode_weightedmean_tokens
            || raw.pooling_mode_lasttoken
        {
            return Err(Error::new(
                ErrorKind::Model,
                "asks for no way of pooling that this engine has",
            )
            .in_file(files.path(&file))
            .hint("cls, max, mean and mean_sqrt_len can be used"));
        }
        self.dimension *= self.poolings.len();
        Ok(())
    }

    fn read_dense(&mut self, kernel: Kernel, files: &mut Files<'_>, path: &str) -> Result<()> {
        let file = format!("{path}/config.json");
        let raw: RawDense = files.json(&file)?;
        let activation = match raw.activation_function.rsplit('.').next().unwrap_or_default() {
            "Identity" => Activation::Identity,
            "Tanh" => Activation::Tanh,
            other => {
                let message = format!("has the activation {other:?}");
                return Err(Error::new(ErrorKind::Model, message)
                    .in_file(files.path(&file))
                    .hint("Identity and Tanh can be used"));
            }
        };
        if raw.in_features != self.dimension || raw.out_features == 0 {
            let message = format!(
                "maps {} to {} coordinates, but is given {}",
                raw.in_features, raw.out_features, self.dimension
            );
            return Err(Error::new(ErrorKind::Model, message)
                .in_file(files.path(&file))
                .hint("the modules must be those of one model"));
        }
        let weights = Weights::read_file(files, &format!("{path}/model.safetensors"))?;
        let tensors = weights.tensors()?;
        let sizes = [raw.out_features, raw.in_features];
        let linear =
            Linear::read(kernel, &tensors, &[("linear".to_owned(), 1.0)], sizes, raw.bias)?;
        self.steps.push(Step::Dense(linear, activation));
        self.dimension = raw.out_features;
        Ok(())
    }

    /// The vector of a sentence whose tokens are the rows of `tokens`, each `hidden` long.
    pub(super) fn apply(&self, kernel: Kernel, tokens: &[f32], hidden: usize) -> Vec<f32> {
        let mut vector: Vec<f32> =
            self.poolings.iter().flat_map(|pooling| pooling.apply(tokens, hidden)).collect();
        for step in &self.steps {
            match step {
                Step::Normalise => normalise(&mut vector),
                Step::Dense(linear, activation) => {
                    let mut result = vec![0.0; linear.columns()];
                    let mut left = Left::default();
                    kernel.convert(&vector, vector.len(), &mut left);
                    linear.apply(kernel, &left, *activation, Target::Rows(&mut result));
                    vector = result;
                }
            }
        }
        vector
    }
}

impl Pooling {
    fn apply(self, tokens: &[f32], hidden: usize) -> Vec<f32> {
        let mut vector = tokens[..hidden].to_vec();
        let merge: fn(f32, f32) -> f32 = match self {
            Self::First => return vector,
            Self::Max => f32::max,
            Self::Mean | Self::MeanSqrt => |x, y| x + y,
        };
        for token in tokens[hidden..].chunks_exact(hidden) {
            for (x, y) in vector.iter_mut().zip(token) {
                *x = merge(*x, *y);
            }
        }
        let count = (tokens.len() / hidden) as f32;
        let divisor = match self {
            Self::First | Self::Max => 1.0,
            Self::Mean => count,
            Self::MeanSqrt => count.sqrt(),
        };
        for x in &mut vector {
            *x /= divisor;
        }
        vector
    }
}

/// Length 1, as the reference does it.
fn normalise(vector: &mut [f32]) {
    let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(1e-12);
    for x in vector.iter_mut() {
        *x /= norm;
    }
}

/// Refuses a vector of the model `name` that holds something that is no number.
pub(super) fn check_finite(name: &str, vector: &[f32]) -> Result<()> {
    if vector.iter().all(|x| x.is_finite()) {
        return Ok(());
    }
    let message = format!("model {name} computed something that is no number");
    Err(Error::new(ErrorKind::Model, message)
        .hint("its weights are finite but far too large; they must be damaged"))
}
